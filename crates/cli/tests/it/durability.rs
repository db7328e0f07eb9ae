//! What must not be lost: beside another writer, on a full disk, killed, damaged, copied.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::answers::SMALL;
use crate::place::{Place, Run, extracts};

/// Enough for a snapshot of the graph.
const SNAPSHOT_ROWS: usize = 21_000;
/// Rows that are made durable together.
const BATCH_ROWS: usize = 100_000;

/// Waits until something holds, as another process makes it.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    #[expect(clippy::disallowed_methods, reason = "another process is waited for")]
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::yield_now();
    }
}

fn filings(place: &Place) -> u64 {
    let path = place.path("gadolin-data/gadolin.sqlite");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(path, flags);
    let count = |c: rusqlite::Connection| {
        c.query_row("SELECT filings FROM log_head", [], |row| row.get::<_, i64>(0))
    };
    connection.and_then(count).unwrap_or(0) as u64
}

/// An import that waits for more on standard input, and holds the lock.
fn waiting(place: &Place, text: &str) -> Child {
    let mut child = place.start(&["import", "-"]);
    child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    until("the lock", || {
        std::fs::read_to_string(place.path("gadolin-data/writer.lock"))
            .is_ok_and(|holder| holder == format!("process {}", child.id()))
    });
    child
}

fn finish(mut child: Child, rest: &str) -> Run {
    child.stdin.take().unwrap().write_all(rest.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn beside_a_writer_an_import_refuses_and_names_the_lock() {
    let place = Place::new();
    place.filed(SMALL);
    let text = extracts("A", 50);
    let (first, rest) = text.split_at(text.len() / 2);
    let child = waiting(&place, first);
    place.write("b.csv", extracts("B", 5));
    let run = place.run(&["import", "b.csv"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{}", run.err);
    assert!(run.err.contains("writer.lock"), "{}", run.err);
    assert!(run.err.contains(&format!("process {}", child.id())), "{}", run.err);
    // Readers and dry runs go on.
    assert_eq!(place.run(&["trace", "MAG-1", "--element", "Dy"]).code, 0);
    assert_eq!(place.run(&["import", "--dry-run", "b.csv"]).json()["filed"], 5);
    place.clean();
    let run = finish(child, rest);
    assert_eq!((run.code, run.json()["filed"].as_u64()), (0, Some(50)), "{}", run.err);
    // The lock went with its holder.
    assert_eq!(place.run(&["import", "b.csv"]).code, 0);
    assert_eq!(filings(&place), 8 + 50 + 5);
    place.clean();
}

#[test]
fn killed_at_any_moment_and_resumed_is_as_if_undisturbed() {
    let text = extracts("K", 2 * BATCH_ROWS + 20_000);
    let place = Place::new();
    place.write("k.csv", &text);
    // Killed while it waits for more: after one batch, after two, and in the last.
    let newline = |rows: usize| {
        let mut lines = text.match_indices('\n');
        lines.nth(rows).unwrap().0 + 1
    };
    for (rows, expected) in [(50_000, 0), (BATCH_ROWS + 60_000, 1), (2 * BATCH_ROWS + 10_000, 2)] {
        let mut child = waiting(&place, &text[..newline(rows)]);
        until("the batches", || filings(&place) >= expected * BATCH_ROWS as u64);
        child.kill().unwrap();
        child.wait().unwrap();
        place.clean();
    }
    // Killed at a moment that nobody chose.
    #[expect(clippy::disallowed_methods, reason = "another process is waited for")]
    let start = Instant::now();
    let mut child = place.command(&["import", "k.csv"]).stdout(Stdio::null()).spawn().unwrap();
    until("a moment", || start.elapsed() > Duration::from_millis(70));
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = filings(&place);
    assert!(kept >= BATCH_ROWS as u64, "{kept} filings");

    let run = place.run(&["import", "k.csv"]);
    let report = run.json();
    assert_eq!(run.code, 0, "{}", run.err);
    let counts = ["filed", "duplicate"].map(|k| report[k].as_u64().unwrap());
    assert_eq!(counts, [text.lines().count() as u64 - 1 - kept, kept]);
    place.clean();
    let again = place.run(&["import", "k.csv"]).json();
    assert_eq!(again["duplicate"], again["rows"]);

    let undisturbed = Place::new();
    undisturbed.filed(&text);
    assert_eq!(place.run(&["balance"]).out, undisturbed.run(&["balance"]).out);
}

/// Runs the binary where no file may grow beyond so many blocks of 512 bytes.
fn limited(place: &Place, blocks: u32, args: &str) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$GADOLIN\" {args}");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &script]).env("GADOLIN", env!("CARGO_BIN_EXE_gadolin"));
    command.current_dir(place.path(".")).output().unwrap().into()
}

#[test]
fn where_the_disk_is_full_nothing_is_half_done_and_it_resumes() {
    let place = Place::new();
    place.filed(SMALL);
    let before = place.ledger();
    place.write("f.csv", extracts("F", 20_000));
    let run = limited(&place, 200, "import f.csv");
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{}", run.err);
    for part in ["f.csv", "the same command continues", "the disk refuses"] {
        assert!(run.err.contains(part), "{}", run.err);
    }
    assert_eq!(place.ledger(), before);
    place.clean();
    let run = place.run(&["import", "f.csv"]);
    assert_eq!((run.code, run.json()["filed"].as_u64()), (0, Some(20_000)));
    place.clean();

    // A snapshot that finds no room costs time, not filings.
    place.write("g.csv", extracts("G", 2_000));
    std::fs::remove_file(place.path("gadolin-data/graph.snapshot")).ok();
    let run = limited(&place, 5_000, "import g.csv");
    assert_eq!((run.code, run.json()["filed"].as_u64()), (0, Some(2_000)), "{}", run.err);
    assert!(run.out.contains("snapshot_not_written"), "{}", run.out);
    assert!(!place.path("gadolin-data/graph.snapshot.new").exists());
    place.clean();

    // A backup that finds no room leaves nothing that looks like one.
    let run = limited(&place, 100, "backup b");
    assert_eq!(run.code, 1, "{}", run.out);
    assert_eq!(std::fs::read_dir(place.path("b")).unwrap().count(), 0);
    assert_eq!(place.run(&["backup", "b"]).code, 0);
}

fn blocks(place: &Place) -> rusqlite::Connection {
    rusqlite::Connection::open(place.path("gadolin-data/gadolin.sqlite")).unwrap()
}

#[test]
fn damage_is_named_by_fsck_and_told_on_opening() {
    let place = Place::new();
    place.filed(extracts("A", 3_000));
    place.filed(extracts("B", 3_000));
    let database = place.path("gadolin-data/gadolin.sqlite");
    let log = place.path("gadolin-data/gadolin.sqlite-wal");
    assert!(!log.exists(), "all of it is in the one file when the last writer has gone");
    let whole = std::fs::read(&database).unwrap();
    let restore = || {
        for log in [&log, &place.path("gadolin-data/gadolin.sqlite-shm")] {
            std::fs::remove_file(log).ok();
        }
        std::fs::write(&database, &whole).unwrap();
    };
    let told = |what: &str| {
        let fsck = place.run(&["fsck"]);
        assert_eq!(fsck.code, 1, "{}", fsck.out);
        let wrong = fsck.json()["wrong"].to_string();
        assert!(wrong.contains(what), "{wrong}");
        place.run(&["trace", "A-1", "--element", "Dy"])
    };

    // A bit in a block.
    let sql = "UPDATE block
        SET bytes = CAST(substr(bytes, 1, 400) || x'ffffff' || substr(bytes, 404) AS BLOB)
        WHERE log_index = 2 AND block_no = 0";
    assert_eq!(blocks(&place).execute(sql, []).unwrap(), 1);
    let run = told("block 0 of batch 2 is damaged");
    assert_eq!(run.code, 1);
    assert!(run.err.contains("gadolin.sqlite") && run.err.contains("damaged"), "{}", run.err);
    restore();
    // A block that is gone.
    blocks(&place).execute("DELETE FROM block WHERE log_index = 1 AND block_no = 0", []).unwrap();
    told("there is no block with filing 0");
    restore();
    // An event that was changed.
    blocks(&place).execute("UPDATE event SET body = replace(body, '3000', '2999')", []).unwrap();
    told("event 1: its body was changed");
    restore();
    // The last event is gone.
    blocks(&place).execute("DELETE FROM event WHERE log_index = 2", []).unwrap();
    told("the head of the log is not its last event");
    restore();
    // The file is cut.
    std::fs::write(&database, &whole[..whole.len() / 2]).unwrap();
    let run = told("malformed");
    assert_eq!(run.code, 1);
    assert!(run.err.contains("gadolin.sqlite"), "{}", run.err);
    restore();
    // The file is something else.
    std::fs::write(&database, b"not a database, whatever its name says").unwrap();
    let run = told("not a database");
    assert!(run.err.contains("gadolin.sqlite"), "{}", run.err);
    let run = place.run(&["import", "-"]);
    assert!(run.code == 1 && run.err.contains("gadolin.sqlite"), "{}", run.err);
    restore();
    place.clean();
}

#[test]
fn a_snapshot_that_does_not_fit_is_made_anew() {
    let place = Place::new();
    place.filed(extracts("A", SNAPSHOT_ROWS));
    let path = place.path("gadolin-data/graph.snapshot");
    let whole = std::fs::read(&path).unwrap();
    let trace = || place.run(&["trace", "A-20000", "--element", "Dy"]).json()["parts"].clone();
    let expected = trace();
    let mut flipped = whole.clone();
    flipped[60] ^= 1;
    let mut lengths = whole.clone();
    lengths[160] ^= 1;
    let other = Place::new();
    other.filed(extracts("B", SNAPSHOT_ROWS));
    let foreign = std::fs::read(other.path("gadolin-data/graph.snapshot")).unwrap();
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("cut by a byte", whole[..whole.len() - 1].to_vec()),
        ("longer", [whole.clone(), vec![0]].concat()),
        ("a flipped bit of the header", flipped),
        ("a flipped bit of a length", lengths),
        ("garbage", vec![0x5a; whole.len()]),
        ("of another installation", foreign),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(trace(), expected, "{what}");
        place.clean();
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(trace(), expected);
    // What is recorded after a snapshot is taken in over it.
    std::fs::write(&path, &whole).unwrap();
    place.filed(SMALL);
    assert_eq!(place.run(&["trace", "DYO-1", "--element", "Dy"]).code, 0);
    // A snapshot of a later state than a restored database is not taken.
    assert_eq!(place.run(&["backup", "b"]).code, 0);
    place.filed(extracts("C", 2 * SNAPSHOT_ROWS));
    let later = std::fs::read(&path).unwrap();
    assert_ne!(later.len(), whole.len());
    assert_eq!(place.run(&["restore", "b", "--data", "old"]).code, 0);
    place.write("old/graph.snapshot", later);
    let run = place.run(&["trace", "C-1", "--element", "Dy", "--data", "old"]);
    assert_eq!(run.code, 1, "{}", run.out);
}

#[test]
fn a_snapshot_whose_body_was_changed_is_named_by_fsck() {
    let place = Place::new();
    place.filed(extracts("A", SNAPSHOT_ROWS));
    let path = place.path("gadolin-data/graph.snapshot");
    let mut bytes = std::fs::read(&path).unwrap();
    // The mass of a leg, in the second column.
    let place_of = 4096 + bytes.len() / 4;
    bytes[place_of] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let run = place.run(&["fsck"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("remove graph.snapshot"), "{}", run.out);
    std::fs::remove_file(&path).unwrap();
    place.clean();
}

#[test]
fn a_database_whose_making_was_interrupted_is_made() {
    let place = Place::new();
    std::fs::create_dir(place.path("gadolin-data")).unwrap();
    place.write("gadolin-data/gadolin.sqlite", "");
    let run = place.run(&["trace", "MAG-1", "--element", "Dy"]);
    assert!(run.code == 1 && run.err.contains("holds no data yet"), "{}", run.err);
    place.filed(SMALL);
    place.clean();
    // With filings in it, a database without its key is damaged.
    assert_eq!(blocks(&place).execute("DELETE FROM meta", []).unwrap(), 2);
    let run = place.run(&["balance"]);
    assert!(run.code == 1 && run.err.contains("damaged"), "{}", run.err);
}

fn database_of(dir: &Path) -> bool {
    dir.join("gadolin.sqlite").exists()
}

#[test]
fn a_backup_made_while_importing_is_whole() {
    let place = Place::new();
    let text = extracts("A", BATCH_ROWS + 30_000);
    let half = text.match_indices('\n').nth(BATCH_ROWS + 20_000).unwrap().0 + 1;
    let child = waiting(&place, &text[..half]);
    until("the first batch", || filings(&place) >= BATCH_ROWS as u64);
    let run = place.run(&["backup", "b"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = finish(child, &text[half..]);
    assert_eq!(run.code, 0, "{}", run.err);

    let run = place.run(&["restore", "b", "--data", "restored"]);
    assert_eq!((run.code, run.json()["clean"].as_bool()), (0, Some(true)), "{}", run.err);
    assert!(database_of(&place.path("restored")));
    // The restored data goes on where the backup stood.
    place.write("a.csv", &text);
    let report = place.run(&["import", "a.csv", "--data", "restored"]).json();
    let kept = report["duplicate"].as_u64().unwrap();
    assert!(kept >= BATCH_ROWS as u64, "{kept} rows in the backup");
    assert_eq!(place.run(&["balance", "--data", "restored"]).out, place.run(&["balance"]).out);
    // Neither overwrites what is there.
    for args in [&["backup", "b"][..], &["restore", "b"], &["restore", "b", "--data", "restored"]] {
        let run = place.run(args);
        assert_eq!(run.code, 1);
        assert!(run.err.contains("gadolin.sqlite"), "{}", run.err);
    }
    assert_eq!(place.run(&["restore", "nowhere", "--data", "x"]).code, 1);
    assert!(!place.path("x").exists());
}
