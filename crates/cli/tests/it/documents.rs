//! Documents on disk: what is damaged is found and named, and a backup without the key shows nothing.

use app::documents::Documents;
use app::people::{By, Moment};
use app::{Mode, Platform};
use base::Timestamp;
use rusqlite::{Connection, params};

use crate::answers::SMALL;
use crate::place::Place;

/// The key of the documents of these tests.
const KEY: [u8; 32] = [5; 32];
/// A document of three chunks and another of as many.
const BYTES: usize = 150_000;

/// A place with two documents of one party and one of another; gives the hashes.
fn filled() -> (Place, Vec<String>) {
    let place = Place::new();
    place.filed(SMALL);
    let options = app::platform::OpenOptions { random: [7; 32] };
    let platform = Platform::open(&place.path("gadolin-data"), Mode::Write, &options).unwrap();
    let documents = Documents::open(&platform, KEY).unwrap();
    let mut hashes = Vec::new();
    for (number, owner, byte) in
        [(1, "gad:mine-a", b'a'), (2, "gad:mine-a", b'b'), (3, "gad:mine-b", b'a')]
    {
        let text = vec![byte; BYTES];
        let moment = Moment { now: Timestamp::from_us(1), seed: [number; 32] };
        let stored =
            documents.store(owner, "a.txt", text.as_slice(), By::COMMAND_LINE, &moment).unwrap();
        hashes.push(stored.document().sha256.clone());
    }
    assert_eq!(hashes[0], hashes[2], "the same bytes, twice");
    (place, hashes)
}

/// What is done to the first document.
enum Damage {
    /// A bit of a byte of a chunk is turned.
    Flip { chunk: u32, byte: usize },
    /// Statements, in which `?1` is its hash.
    Sql(String),
}

/// The first of the two documents of the same bytes.
const FIRST: &str = "sha256 = ?1 AND owner_id = (SELECT min(party_id) FROM party_identifier WHERE identifier LIKE 'gad:mine-%')";

/// Damages a document of a fresh place. What fsck then says, and the hash.
fn damaged(damage: &Damage) -> (Vec<String>, String) {
    let (place, hashes) = filled();
    let connection = Connection::open(place.path("gadolin-data/gadolin.sqlite")).unwrap();
    connection.pragma_update(None, "foreign_keys", "OFF").unwrap();
    let hash = app::documents::hash_parse(&hashes[0]).unwrap();
    match damage {
        Damage::Flip { chunk, byte } => {
            let place = format!("{FIRST} AND chunk_no = {chunk}");
            let select = format!("SELECT bytes FROM document_chunk WHERE {place}");
            let mut bytes: Vec<u8> =
                connection.query_row(&select, [hash], |row| row.get(0)).unwrap();
            bytes[*byte] ^= 4;
            let update = format!("UPDATE document_chunk SET bytes = ?2 WHERE {place}");
            assert_eq!(connection.execute(&update, params![hash, bytes]).unwrap(), 1);
        }
        Damage::Sql(sql) => {
            for statement in sql.split(';') {
                let changed = connection.execute(statement, params![hash]).unwrap();
                assert!(changed > 0, "{statement}");
            }
        }
    }
    drop(connection);
    let run = place.run(&["fsck"]);
    assert_eq!(run.code, 1, "{}", run.out);
    let wrong = run.json()["wrong"].as_array().unwrap().clone();
    (wrong.iter().map(|line| line.as_str().unwrap().to_owned()).collect(), hashes[0].clone())
}

#[test]
fn a_check_names_each_document_that_is_not_as_it_was_stored() {
    let of_first = FIRST;
    for (what, damage, told) in [
        ("a byte", Damage::Flip { chunk: 1, byte: 70 }, "chunk 1 was changed or moved"),
        ("the first byte", Damage::Flip { chunk: 0, byte: 0 }, "chunk 0 was changed or moved"),
        ("the last byte", Damage::Flip { chunk: 2, byte: 18_943 }, "chunk 2 was changed or moved"),
        (
            "two chunks swapped",
            Damage::Sql(format!(
                "UPDATE document_chunk SET chunk_no = 9 WHERE {of_first} AND chunk_no = 0;
                 UPDATE document_chunk SET chunk_no = 0 WHERE {of_first} AND chunk_no = 1;
                 UPDATE document_chunk SET chunk_no = 1 WHERE {of_first} AND chunk_no = 9"
            )),
            "chunk 0 was changed or moved",
        ),
        (
            "the last chunk gone",
            Damage::Sql(format!("DELETE FROM document_chunk WHERE {of_first} AND chunk_no = 2")),
            "chunk 2 is missing",
        ),
        (
            "cut off, and the head told so",
            Damage::Sql(format!(
                "DELETE FROM document_chunk WHERE {of_first} AND chunk_no = 2;
                 UPDATE document SET chunks = 2, plain_bytes = 131072 WHERE {of_first}"
            )),
            "its head was changed",
        ),
        (
            "a chunk of another owner's document of the same bytes",
            Damage::Sql(format!(
                "UPDATE document_chunk SET bytes = (SELECT other.bytes FROM document_chunk AS other
                 WHERE other.sha256 = ?1 AND other.owner_id <> document_chunk.owner_id AND other.chunk_no = 1)
                 WHERE {of_first} AND chunk_no = 1"
            )),
            "chunk 1 was changed or moved",
        ),
        (
            "a name",
            Damage::Sql(format!("UPDATE document SET name = 'b.txt' WHERE {of_first}")),
            "its head was changed",
        ),
    ] {
        let (wrong, hash) = damaged(&damage);
        assert_eq!(wrong.len(), 1, "{what}: {wrong:?}");
        assert!(wrong[0].contains(told) && wrong[0].contains(&hash), "{what}: {wrong:?}");
    }
    let (wrong, _) = damaged(&Damage::Sql(format!("DELETE FROM document WHERE {of_first}")));
    assert!(wrong.iter().any(|line| line.contains("that no document counts")), "{wrong:?}");
}

#[test]
fn a_backup_holds_the_documents_and_not_their_key() {
    let (place, _) = filled();
    let run = place.run(&["fsck"]);
    assert!(run.code == 0 && run.json()["documents_opened"] == 3, "{}", run.out);
    assert_eq!(place.run(&["backup", "copy"]).code, 0);
    let names: Vec<_> = std::fs::read_dir(place.path("copy"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["gadolin.sqlite"]);
    let copy = std::fs::read(place.path("copy/gadolin.sqlite")).unwrap();
    assert!(!copy.windows(100).any(|part| part.iter().all(|byte| *byte == b'a')));
    let run = place.run(&["restore", "copy", "--data", "restored"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.json()["documents"] == 3 && run.json()["documents_opened"] == 0, "{}", run.out);
    let run = place.run(&["fsck", "--data", "restored", "--format", "table"]);
    assert!(run.out.contains("none opened: documents.key is not in this directory"), "{}", run.out);
    // Nobody starts to write with a new key over it.
    place.run(&["--data", "restored", "user", "add", "mira", "--role", "officer"]);
    let run = place.run(&["--data", "restored", "serve", "--listen", "127.0.0.1:0"]);
    assert!(run.code == 1 && run.err.contains("documents.key is not there"), "{}", run.err);
    assert!(!place.path("restored/documents.key").exists());
    std::fs::copy(place.path("gadolin-data/documents.key"), place.path("restored/documents.key"))
        .unwrap();
    let run = place.run(&["fsck", "--data", "restored"]);
    assert!(run.code == 0 && run.json()["documents_opened"] == 3, "{}", run.out);
}

/// Documents in a database by the id of their key.
fn sealed_with(place: &Place) -> std::collections::BTreeMap<[u8; 8], u64> {
    let connection = Connection::open(place.path("gadolin-data/gadolin.sqlite")).unwrap();
    let mut statement =
        connection.prepare("SELECT key_id, count(*) FROM document GROUP BY key_id").unwrap();
    let rows =
        statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Every document of `gad:mine-a`, opened.
fn contents(place: &Place) -> Vec<Vec<u8>> {
    let options = app::platform::OpenOptions { random: [7; 32] };
    let platform = Platform::open(&place.path("gadolin-data"), Mode::Read, &options).unwrap();
    let documents = Documents::open(&platform, [99; 32]).unwrap();
    assert!(!documents.key_of_others().unwrap());
    let latest = documents.latest("gad:mine-a", 1_000).unwrap();
    let content = |document: &app::documents::DocumentView| {
        let mut bytes = Vec::new();
        let mut content = documents.sealed(&document.key).unwrap();
        std::io::Read::read_to_end(&mut content, &mut bytes).unwrap();
        bytes
    };
    let mut all: Vec<Vec<u8>> = latest.iter().map(content).collect();
    all.sort();
    all
}

#[test]
fn a_change_of_the_key_that_is_killed_loses_nothing_and_is_gone_on_with() {
    const MANY: u64 = 120;
    let (place, _) = filled();
    {
        let options = app::platform::OpenOptions { random: [7; 32] };
        let platform = Platform::open(&place.path("gadolin-data"), Mode::Write, &options).unwrap();
        let documents = Documents::open(&platform, KEY).unwrap();
        for number in 0..MANY {
            let mut seed = [9; 32];
            seed[..8].copy_from_slice(&number.to_be_bytes());
            let moment = Moment { now: Timestamp::from_us(2), seed };
            let text = format!("document {number}");
            let by = By::COMMAND_LINE;
            documents.store("gad:mine-a", "b.txt", text.as_bytes(), by, &moment).unwrap();
        }
    }
    let key = |name: &str| std::fs::read(place.path(&format!("gadolin-data/{name}"))).ok();
    let (before, first) = (contents(&place), key("documents.key").unwrap());
    assert_eq!(before.len() as u64, MANY + 2);
    let of_first = *sealed_with(&place).keys().next().unwrap();

    // Killed after the first that is told: some are sealed with the one key, some with the other.
    let mut child = place
        .command(&["documents-key", "--change"])
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let told = child.stderr.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(told), &mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let halves = sealed_with(&place);
    assert_eq!(halves.len(), 2, "killed in between: {halves:?}");
    assert_eq!(key("documents.key").unwrap(), first, "the present key is in use still");
    let second = key("documents.key.new").unwrap();
    // Whatever was done, everything opens, and what comes meanwhile too.
    assert_eq!(contents(&place), before);
    let run = place.run(&["fsck"]);
    assert!(run.code == 0 && run.json()["documents_opened"] == MANY + 3, "{}", run.out);

    let run = place.run(&["documents-key", "--change", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.json()["resealed"].as_u64().unwrap(), halves[&of_first], "only what was left");
    assert_eq!((key("documents.key").unwrap(), key("documents.key.new")), (second, None));
    let after = sealed_with(&place);
    assert!(after.len() == 1 && !after.contains_key(&of_first), "{after:?}");
    assert_eq!(contents(&place), before);
    let run = place.run(&["fsck"]);
    assert!(run.code == 0 && run.json()["documents_opened"] == MANY + 3, "{}", run.out);
    // The former key is there under its id, for copies of before.
    let former = place.path("gadolin-data").join(app::documents::former_key_file(&of_first));
    assert_eq!(std::fs::read(&former).unwrap(), first);
    // The key of before opens none of it any more.
    std::fs::copy(&former, place.path("gadolin-data/documents.key")).unwrap();
    assert_eq!(place.run(&["fsck"]).code, 1);
}

#[test]
fn a_key_is_not_given_up_for_a_document_that_does_not_open() {
    let (place, hashes) = filled();
    let connection = Connection::open(place.path("gadolin-data/gadolin.sqlite")).unwrap();
    let hash = app::documents::hash_parse(&hashes[1]).unwrap();
    let sql =
        "UPDATE document_chunk SET bytes = zeroblob(65552) WHERE sha256 = ?1 AND chunk_no = 1";
    assert_eq!(connection.execute(sql, [hash]).unwrap(), 1);
    drop(connection);
    let first = std::fs::read(place.path("gadolin-data/documents.key")).unwrap();
    let run = place.run(&["documents-key", "--change"]);
    assert!(run.code == 1 && run.err.contains(&hashes[1]), "{}", run.err);
    assert_eq!(std::fs::read(place.path("gadolin-data/documents.key")).unwrap(), first);
}

#[test]
fn a_scanner_that_is_none_is_told_what_would_be_one() {
    let place = Place::new();
    let run = place.run(&["serve", "--scanner", "sophos"]);
    assert!(run.code == 2 && run.err.contains("clamd:HOST:PORT"), "{}", run.err);
}
