//! Documents through the whole house: handed in, scanned, downloaded; and all that is refused.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use base::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use web::{Config, Limits, Scanner};

use crate::world::{Answer, PDF, World};

const PATIENCE: Duration = Duration::from_secs(30);
/// In two parts, so that no scanner takes these tests for it.
const EICAR: [&str; 2] =
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

/// After everything that happens in the tests.
fn late() -> Timestamp {
    Timestamp::from_us(1_764_000_900_000_000)
}

/// Runs the jobs of a house with a scanner until the document of this hash, of the magnet maker, waits no
/// more; gives its metadata.
async fn scanned(world: &World, scanner: Scanner, hash: &str) -> serde_json::Value {
    let config = Config { scanner, now: late, ..world.config() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(web::serve(listener, world.platform().clone(), config, async {
        let _ = stopped.await;
    }));
    let look = async {
        loop {
            let found =
                world.get("magnet-maker", &format!("/api/v1/documents/{hash}")).await.json();
            if found["scan"] != "waiting" {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, look).await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    found
}

fn hash_of(answer: &Answer) -> String {
    answer.json()["sha256"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

fn code(answer: &Answer) -> String {
    let problem = answer.json();
    match &problem["errors"][0]["code"] {
        serde_json::Value::String(code) => code.clone(),
        _ => problem["code"].as_str().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn a_document_is_handed_in_scanned_and_comes_out_as_it_was() {
    let world = World::new();
    let handed = world.hand_in("magnet-maker", "C%3A%5C%E5%B1%80%20of%20June.pdf", PDF).await;
    assert_eq!(handed.status, 201, "{}", handed.body);
    let told = handed.json();
    assert_eq!(
        (&told["name"], &told["kind"], &told["scan"]),
        (&"局 of June.pdf".into(), &"pdf".into(), &"waiting".into())
    );
    let hash = hash_of(&handed);
    let content = format!("/api/v1/documents/{hash}/content");
    let page = format!("/documents/{hash}");
    let person = world.person("manager").await;
    // Not before it was scanned, for nobody.
    for (who, path) in
        [("magnet-maker", content.clone()), ("officer", format!("{content}?party=gad:mag-d"))]
    {
        let answer = world.get(who, &path).await;
        assert_eq!((answer.status.as_u16(), code(&answer)), (409, "document_waiting".into()));
    }
    let early = person.get(&page).await;
    assert!(
        early.status == 409 && early.body.contains("has not been scanned yet"),
        "{}",
        early.body
    );
    let found = scanned(&world, Scanner::signature(), &hash).await;
    assert_eq!((&found["scan"], &found["found"]), (&"clean".into(), &"".into()));
    for answer in [world.get("magnet-maker", &content).await, person.get(&page).await] {
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, PDF));
        assert_eq!(answer.header("content-type"), "application/pdf");
        assert_eq!(answer.header("content-length"), PDF.len().to_string());
        assert_eq!(
            answer.header("content-disposition"),
            "attachment; filename=\"_ of June.pdf\"; filename*=UTF-8''%E5%B1%80%20of%20June.pdf"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("default-src 'none'; sandbox;"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let again = world.hand_in("manager", "other.pdf", PDF).await;
    assert_eq!((again.status.as_u16(), &again.json()["name"]), (200, &"局 of June.pdf".into()));
    assert_eq!(again.json()["scan"], "clean");
}

#[tokio::test]
async fn who_may_see_a_document_sees_it_and_that_the_authority_looked_is_on_record() {
    let world = World::new();
    let hash = world.document();
    let before = world.platform().audit_head().unwrap().seq;
    for (who, query, status) in [
        ("magnet-maker", "", 200),
        ("manager", "", 200),
        ("manager", "?party=gad:mag-d", 200),
        ("separator", "", 404),
        ("separator", "?party=gad:mag-d", 404),
        ("officer", "?party=gad:mag-d", 200),
        ("supervisor", "?party=gad:mag-d", 200),
        ("officer", "?party=gad:sep-c", 404),
        ("officer", "?party=gad:nobody", 404),
        ("officer", "", 422),
        ("analyst", "?party=gad:mag-d", 404),
        ("operator", "?party=gad:mag-d", 404),
        ("operator", "", 404),
    ] {
        for path in ["", "/content"] {
            let path = format!("/api/v1/documents/{hash}{path}{query}");
            assert_eq!(world.get(who, &path).await.status, status, "{who} {path}");
        }
        let page = world.person(who).await.get(&format!("/documents/{hash}{query}")).await;
        assert_eq!(page.status, status, "{who} {query}");
    }
    let entries = world.recorded(before).await;
    let looked: Vec<&str> =
        entries.iter().filter(|e| e.action == "book_read").map(|e| e.account.as_str()).collect();
    assert_eq!(looked, ["officer", "officer", "officer", "supervisor", "supervisor", "supervisor"]);
    assert!(entries.iter().all(|e| e.action != "book_read" || e.subject == "gad:mag-d"));
    // The company sees it, and which document it was.
    let activity = world.person("manager").await.get("/activity").await.body;
    assert!(activity.contains("A document") && activity.contains(&hash[..12]), "{activity}");
    for bad in ["x", &hash[1..], &hash.to_uppercase(), "..%2F..%2Fetc"] {
        let answer = world.get("manager", &format!("/api/v1/documents/{bad}")).await;
        assert_eq!(answer.status, 404, "{bad}");
    }
}

#[tokio::test]
async fn an_infected_document_is_told_to_its_owner_and_the_officer_and_given_to_nobody() {
    let world = World::new();
    let handed = world.hand_in("magnet-maker", "a.txt", EICAR.concat()).await;
    assert_eq!(handed.status, 201, "{}", handed.body);
    let hash = hash_of(&handed);
    let found = scanned(&world, Scanner::signature(), &hash).await;
    assert_eq!((&found["scan"], &found["found"]), (&"infected".into(), &"EICAR test file".into()));
    for (who, query) in
        [("magnet-maker", ""), ("officer", "?party=gad:mag-d"), ("supervisor", "?party=gad:mag-d")]
    {
        let told = world.get(who, &format!("/api/v1/documents/{hash}{query}")).await.json();
        assert_eq!(told["scan"], "infected", "{who}");
        let answer = world.get(who, &format!("/api/v1/documents/{hash}/content{query}")).await;
        assert_eq!((answer.status.as_u16(), code(&answer)), (409, "document_infected".into()));
        assert!(!answer.body.contains("EICAR"), "{who}");
        let page = world.person(who).await.get(&format!("/documents/{hash}{query}")).await;
        assert!(page.status == 409 && page.body.contains("This document is infected"), "{who}");
    }
    let audit = world.person("officer").await.get("/audit").await.body;
    assert!(audit.contains("A document was found infected"), "{audit}");
    // No second look makes it clean.
    let again = scanned(&world, Scanner::parse("command:/bin/true").unwrap(), &hash).await;
    assert_eq!(again["scan"], "infected");
}

#[tokio::test]
async fn without_a_scanner_documents_wait_and_the_operator_is_told() {
    let world = World::new();
    let config = Config { scanner: Scanner::none(), now: late, ..world.config() };
    let hash = hash_of(&world.hand_in("magnet-maker", "a.pdf", PDF).await);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving =
        tokio::spawn(web::serve(listener, world.platform().clone(), config.clone(), async {
            let _ = stopped.await;
        }));
    let failed = async {
        while world.platform().job_count().unwrap().failed == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, failed).await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    let told = world.get("magnet-maker", &format!("/api/v1/documents/{hash}")).await.json();
    assert_eq!(told["scan"], "waiting");
    let answer = world.get("magnet-maker", &format!("/api/v1/documents/{hash}/content")).await;
    assert_eq!(code(&answer), "document_waiting");
    let bare = World::scanned_by(Scanner::none());
    let ready = bare.visitor().await.get("/readyz").await;
    assert!(ready.status == 200 && ready.body.contains("no scanner is set"), "{}", ready.body);
    let page = bare.person("operator").await.get("/operations/jobs").await.body;
    assert!(page.contains("Documents wait, and nobody downloads them"), "{page}");
    let page = world.person("operator").await.get("/operations/jobs").await.body;
    assert!(page.contains("This is no virus scanner") && page.contains("Not scanned yet: 1"));
    assert!(
        world
            .visitor()
            .await
            .get("/metrics")
            .await
            .body
            .contains("gadolin_documents{scan=\"waiting\"} 1")
    );
    // As soon as there is one, it is scanned.
    assert_eq!(scanned(&world, Scanner::signature(), &hash).await["scan"], "clean");
}

#[tokio::test]
async fn a_scanner_that_fails_for_good_leaves_a_document_that_nobody_downloads_until_it_is_tried_anew()
 {
    let world = World::new();
    let hash = hash_of(&world.hand_in("magnet-maker", "a.pdf", PDF).await);
    // Says that it is too long for it: no use in asking again.
    let clamd = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("clamd:{}", clamd.local_addr().unwrap());
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = clamd.accept().await.unwrap();
        let mut sent = vec![0; 10 + 4 + PDF.len() + 4];
        stream.read_exact(&mut sent).await.unwrap();
        stream.write_all(b"INSTREAM size limit exceeded. ERROR\0").await.unwrap();
    });
    let found = scanned(&world, Scanner::parse(&place).unwrap(), &hash).await;
    assert_eq!((&found["scan"], &found["found"]), (&"failed".into(), &"".into()));
    let answer = world.get("magnet-maker", &format!("/api/v1/documents/{hash}/content")).await;
    assert_eq!((answer.status.as_u16(), code(&answer)), (409, "document_scan_failed".into()));
    let page = world.person("operator").await.get("/operations/jobs").await.body;
    assert!(page.contains("StreamMaxLength"), "{page}");
    // At the next start it is tried anew.
    let config = Config { scanner: Scanner::signature(), now: late, ..world.config() };
    let again = config.documents.scans_again(late()).unwrap();
    assert_eq!(again, 1);
}

#[tokio::test]
async fn what_is_no_document_is_refused_with_what_would_be_taken() {
    let world = World::new();
    let exe = [b"MZ\x90\0".as_slice(), &[0; 60]].concat();
    let large = vec![b'a'; (25 << 20) + 1];
    for (name, bytes, status, refused) in [
        ("report.pdf", exe, 422, "document_kind"),
        ("report.pdf", b"<!DOCTYPE html><script>".to_vec(), 422, "document_kind"),
        ("run.exe", PDF.into(), 422, "document_extension"),
        ("", PDF.into(), 422, "document_name"),
        ("%2E%2E/%E2%80%AE.pdf", PDF.into(), 422, "document_name"),
        ("a.pdf", Vec::new(), 422, "document_empty"),
        ("a.txt", large, 413, "document_too_large"),
    ] {
        let answer = world.hand_in("magnet-maker", name, bytes).await;
        assert_eq!((answer.status.as_u16(), code(&answer)), (status, refused.into()), "{name}");
        if status == 422 {
            let accepted = answer.json()["errors"][0]["accepted"].as_str().unwrap().to_owned();
            assert!(!accepted.is_empty(), "{name}");
        }
    }
    nothing_stored(&world);
}

fn nothing_stored(world: &World) {
    assert_eq!(world.config().documents.count().unwrap().all(), 0);
    assert_eq!(world.platform().job_count().unwrap().open, 0);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing_and_frees_its_place() {
    let limits = Limits { documents_each: 1, ..Limits::default() };
    let world = World::with(World::choose(), limits);
    for _ in 0..3 {
        let parts: [Result<&'static str, std::io::Error>; 2] =
            [Ok(PDF), Err(std::io::ErrorKind::ConnectionReset.into())];
        let body = Body::from_stream(futures_util::stream::iter(parts));
        let answer = world.hand_in("magnet-maker", "a.pdf", body).await;
        assert_eq!((answer.status.as_u16(), code(&answer)), (422, "document_cut".into()));
    }
    let form = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n{PDF}"
    );
    let request = |form: String| {
        Request::post("/api/v1/documents")
            .header("authorization", format!("Bearer {}", world.token("magnet-maker")))
            .header("content-type", "multipart/form-data; boundary=edge")
            .body(Body::from(form))
            .unwrap()
    };
    let answer = world.send(request(form.clone())).await;
    assert_eq!((answer.status.as_u16(), code(&answer)), (422, "document_cut".into()));
    nothing_stored(&world);
    let answer = world.send(request(format!("{form}\r\n--edge--\r\n"))).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["name"]), (201, &"a.pdf".into()));
    let answer =
        world.send(request(form.replace("\"file\"", "\"other\"") + "\r\n--edge--\r\n")).await;
    assert_eq!(code(&answer), "file_missing", "{}", answer.body);
    let full = World::with(World::choose(), Limits { documents: 0, ..Limits::default() });
    let answer = full.hand_in("magnet-maker", "a.pdf", PDF).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, "5"));
}

#[tokio::test]
async fn a_key_gives_the_first_answer_again_and_no_other_document() {
    let world = World::new();
    let send = |name: &str, body: &str| {
        let request = Request::post("/api/v1/documents")
            .header("authorization", format!("Bearer {}", world.token("magnet-maker")))
            .header("document-name", name)
            .header("idempotency-key", "key-1")
            .body(Body::from(body.to_owned()));
        world.send(request.unwrap())
    };
    // What was refused leaves the key free.
    assert_eq!(send("a.pdf", "hello").await.status, 422);
    let first = send("a.pdf", PDF).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (201, ""));
    let again = send("a.pdf", PDF).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(first.body, again.body);
    for (name, body) in [("b.pdf", PDF), ("a.pdf", "%PDF-1.4\nother")] {
        assert_eq!(code(&send(name, body).await), "key_reused", "{name}");
    }
    assert_eq!(world.config().documents.count().unwrap().all(), 1);
    let session = world.person("magnet-maker").await;
    let request = Request::post("/api/v1/documents")
        .header("cookie", &session.cookies)
        .header("document-name", "a.pdf")
        .body(Body::from(PDF));
    assert_eq!(world.send(request.unwrap()).await.status, 401, "a session hands nothing in here");
}

#[tokio::test]
async fn on_the_page_a_document_is_handed_in_seen_waiting_and_downloaded_once_it_is_clean() {
    let world = World::new();
    let person = world.person("manager").await;
    let handed = person.upload_to("/documents", "contract.pdf", PDF.as_bytes()).await;
    assert_eq!((handed.status.as_u16(), handed.header("location")), (303, "/documents?stored=new"));
    let hash = world.config().documents.latest("gad:mag-d", 9).unwrap()[0].sha256.clone();
    let link = format!("href=\"/documents/{hash}\"");
    let page = person.get("/documents?stored=new").await.body;
    assert!(page.contains("contract.pdf") && page.contains("Being scanned"), "{page}");
    assert!(!page.contains(&link), "no link to what is not given out");
    scanned(&world, Scanner::signature(), &hash).await;
    let page = world.person("magnet-maker").await.get("/documents").await.body;
    assert!(page.contains(&link) && page.contains("Clean"), "{page}");
    assert!(!world.person("separator").await.get("/documents").await.body.contains("contract.pdf"));
    let again = person.upload_to("/documents", "other.pdf", PDF.as_bytes()).await;
    assert_eq!(again.header("location"), "/documents?stored=there");
    let infected = person.upload_to("/documents", "a.txt", EICAR.concat().as_bytes()).await;
    assert_eq!(infected.status, 303);
    let bad = world.config().documents.latest("gad:mag-d", 9).unwrap();
    let bad = bad.iter().find(|one| one.name == "a.txt").unwrap().sha256.clone();
    scanned(&world, Scanner::signature(), &bad).await;
    let page = person.get("/documents").await.body;
    assert!(page.contains("Infected, locked away") && page.contains("EICAR test file"), "{page}");
    assert!(!page.contains(&bad), "no link to what is infected");
}

#[tokio::test]
async fn the_page_says_in_each_language_what_was_wrong_what_is_taken_and_how_large() {
    let world = World::new();
    let person = world.person("magnet-maker").await;
    for (name, bytes, status, english, chinese) in [
        ("", b"a".to_vec(), 422, "Choose a document", "请选择文件"),
        ("run.exe", b"MZ".to_vec(), 422, "of no kind that is taken", "不接受该后缀的文件"),
        (
            "a.pdf",
            b"<html>".to_vec(),
            422,
            "not what the ending of the name says",
            "文件内容与文件名后缀不符",
        ),
        ("a.pdf", Vec::new(), 422, "The document is empty", "文件为空"),
        ("report", PDF.into(), 422, "must have an ending", "文件名须有后缀"),
        ("a.txt", vec![b'a'; (25 << 20) + 1], 413, "larger than 25 MB", "文件超过 25 MB"),
    ] {
        for (language, told) in [("en", english), ("zh", chinese)] {
            let path = format!("/documents?lang={language}");
            let answer = person.upload_to(&path, name, &bytes).await;
            assert_eq!(answer.status, status, "{name} {language}");
            let page = scraper::Html::parse_document(&answer.body);
            let summary = ".govuk-error-summary__list a[href='#file']";
            let summary = scraper::Selector::parse(summary).unwrap();
            let summary: String = page.select(&summary).next().unwrap().text().collect();
            assert!(summary.contains(told), "{name} {language}: {summary}");
            assert!(answer.body.contains("pdf, png, jpg") && answer.body.contains("25 MB"));
        }
    }
    nothing_stored(&world);
}

#[tokio::test]
async fn who_sends_too_much_over_the_wire_hears_why_and_who_never_ends_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving =
        tokio::spawn(web::serve(listener, world.platform().clone(), world.config(), async {
            let _ = stopped.await;
        }));
    let part = vec![b'a'; 1 << 20];
    for (mebibytes, heard) in [(60_usize, true), (200, false)] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /api/v1/documents HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\ndocument-name: a.txt\r\ncontent-length: {}\r\n\r\n",
            world.token("magnet-maker"),
            mebibytes << 20,
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // As browsers do: all of it before a word of the answer is read.
        let mut sent = 0;
        while sent < mebibytes && stream.write_all(&part).await.is_ok() {
            sent += 1;
        }
        assert_eq!(sent == mebibytes, heard, "{sent} of {mebibytes} MiB");
        if heard {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("document_too_large"));
        }
    }
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    nothing_stored(&world);
}
