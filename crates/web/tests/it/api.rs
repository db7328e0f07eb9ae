//! The API: answers, problems, pages of a list, tags, filing, keys.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use web::Limits;

use crate::world::World;

const ROW: &str = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n";

fn csv(rows: &[&str]) -> String {
    rows.iter().fold(ROW.to_owned(), |text, row| format!("{text}{row}\n"))
}

fn good() -> String {
    csv(&["X1,opening,2025-01-01,gad:mag-d,FAB,X-1,scrap_magnet,1,Nd=25.0"])
}

/// Shares of a trace by lot, in millionths.
fn shares(answer: &Value) -> Vec<(String, i64)> {
    let parts = answer["parts"].as_array().unwrap().iter();
    parts
        .map(|part| {
            let share = part["share"].as_f64().unwrap();
            (part["lot"].as_str().unwrap().to_owned(), (share * 1e6).round() as i64)
        })
        .collect()
}

#[tokio::test]
async fn a_trace_answers_as_the_command_line_does() {
    let world = World::new();
    let path = "/api/v1/lots/MAG-1/trace?element=Dy&bounds=true";
    let answer = world.get("analyst", path).await.json();
    let expected =
        [("ORE-B", 464_523), ("ORE-A", 247_746), ("ORE-X", 154_841), ("SCRAP-7", 132_890)];
    let expected: Vec<_> = expected.map(|(lot, share)| (lot.to_owned(), share)).into();
    assert_eq!(shares(&answer), expected);
    assert_eq!(answer["content_ug"], 5_280_000_000_i64);
    let forward =
        world.get("analyst", "/api/v1/lots/MAG-1a/trace?element=Dy&direction=forward").await;
    let states: Vec<(String, i64)> = forward.json()["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["state"].as_str().unwrap().to_owned(), p["content_ug"].as_i64().unwrap()))
        .collect();
    let used = ("used".to_owned(), 2_400_000_000);
    assert_eq!(states, [used, ("transit".to_owned(), 800_000_000)]);
    let early = world.get("analyst", &format!("{path}&as_of=2025-01-31")).await;
    assert_eq!(early.status, 404, "the lot was not yet made");
    let party = world.get("analyst", "/api/v1/lots/MAG-1/trace?element=Dy&to=party").await.json();
    assert_eq!(party["to"], "party");
}

#[tokio::test]
async fn all_fields_at_fault_are_named_at_once() {
    let world = World::new();
    let path = "/api/v1/lots/MAG-1/trace?element=Xx&direction=up&to=x&bounds=2&as_of=y&known_at=z";
    let answer = world.get("officer", path).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    let fields: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["as_of", "known_at", "direction", "to", "bounds", "element"]);
    assert_eq!((&problem["code"], &problem["status"]), (&json!("fields"), &json!(422)));
    for path in [
        "/api/v1/findings?limit=0&severity=loud&cursor=zz",
        "/api/v1/balance?limit=x&from=1&to=2&element=Xx&cursor=00",
        "/api/v1/lots/MAG-1/lineage?element=Xx&depth=99&width=0",
        "/api/v1/search?q=&limit=1000",
    ] {
        let asked = path.matches(['?', '&']).count();
        let problem = world.get("officer", path).await.json();
        assert_eq!(problem["errors"].as_array().unwrap().len(), asked, "{problem}");
    }
}

#[tokio::test]
async fn lists_go_page_by_page_and_miss_nothing() {
    let world = World::new();
    for (path, all) in [("/api/v1/findings?", "limit=500"), ("/api/v1/balance?", "limit=10000")] {
        let whole = world.get("officer", &format!("{path}{all}")).await.json();
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("{path}limit=2{cursor}");
            let mut page = world.get("officer", &page).await.json();
            rows.append(page["rows"].as_array_mut().unwrap());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert!(rows.len() > 4, "{path}");
        assert_eq!(Value::Array(rows), whole["rows"], "{path}");
        assert_eq!(whole["next"], Value::Null);
    }
}

#[tokio::test]
async fn what_the_caller_has_already_is_not_sent_again() {
    let world = World::new();
    for path in ["/api/v1/lots/MAG-1", "/api/v1/lots/MAG-1/trace?element=Dy", "/api/openapi.json"] {
        let first = world.get("officer", path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}");
        let again = Request::get(path)
            .header("authorization", format!("Bearer {}", world.token("officer")))
            .header("if-none-match", &tag);
        let again = world.send(again.body(Body::empty()).unwrap()).await;
        assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""), "{path}");
        assert_eq!(again.header("etag"), tag);
    }
    let path = "/api/v1/parties/gad:mag-d";
    let before = world.get("magnet-maker", path).await.header("etag").to_owned();
    world.file("magnet-maker", "", "", &good()).await;
    let after = world.get("magnet-maker", path).await;
    assert_ne!(before, after.header("etag"));
}

#[tokio::test]
async fn masses_are_exact_texts_and_a_filing_shows_its_rows_as_filed() {
    let world = World::new();
    let lot = world.get("magnet-maker", "/api/v1/lots/MAG-1").await.json();
    assert_eq!(lot["made_mass_kg"], "330");
    assert_eq!(
        lot["composition"],
        json!([{"element": "Nd", "percent": "28.5"}, {"element": "Dy", "percent": "1.6"}])
    );
    let filing = world.get("magnet-maker", "/api/v1/filings/gad:mag-d/O1").await.json();
    assert_eq!((&filing["corrects"], &filing["live"]), (&json!("O0"), &json!(true)));
    assert_eq!(filing["chain"], json!(["O0", "O1"]));
    assert_eq!(filing["as_filed"][0]["net_mass_kg"], "60");
    assert_eq!(filing["as_filed"][0]["composition"], "Nd=25.0;Dy=2.0");
    let replaced = world.get("officer", "/api/v1/filings/gad:mag-d/O0").await.json();
    assert_eq!((&replaced["corrected_by"], &replaced["live"]), (&json!("O1"), &json!(false)));
}

#[tokio::test]
async fn filing_answers_created_then_unchanged_then_what_is_wrong() {
    let world = World::new();
    let trial = world.file("magnet-maker", "?dry_run=true", "", &good()).await;
    assert_eq!((trial.status.as_u16(), &trial.json()["filings"]["filed"]), (200, &json!(1)));
    assert_eq!(world.get("magnet-maker", "/api/v1/lots/X-1").await.status, 404, "only a trial");
    let filed = world.file("magnet-maker", "", "", &good()).await;
    assert_eq!((filed.status.as_u16(), &filed.json()["taken"]), (201, &json!(["gad:mag-d/X1"])));
    let lot = world.get("magnet-maker", "/api/v1/lots/X-1").await;
    assert_eq!((lot.status.as_u16(), &lot.json()["made_mass_kg"]), (200, &json!("1")));
    let again = world.file("magnet-maker", "", "", &good()).await;
    assert_eq!((again.status.as_u16(), &again.json()["filings"]["duplicate"]), (200, &json!(1)));
    let changed = world.file("magnet-maker", "", "", &good().replace(",1,Nd", ",2,Nd")).await;
    let problem = changed.json();
    assert_eq!((changed.status.as_u16(), &problem["code"]), (422, &json!("all_rejected")));
    assert_eq!(changed.header("content-type"), "application/problem+json");
    assert_eq!(problem["report"]["rejected_rows"][0]["code"], "filing_changed");
    let some = csv(&[
        "X2,opening,2025-01-01,gad:mag-d,FAB,X-2,scrap_magnet,1,Nd=25.0",
        "X3,opening,2025-01-01,gad:mag-d,FAB,X-3,scrap_magnet,minus,Nd=25.0",
    ]);
    let answer = world.file("magnet-maker", "", "", &some).await;
    assert_eq!(answer.status, 201);
    let report = answer.json();
    assert_eq!(report["filings"], json!({"filed": 1, "duplicate": 0, "rejected": 1}));
    let row = &report["rejected_rows"][0];
    assert_eq!((&row["line"], &row["column"]), (&json!(3), &json!("net_mass_kg")));
}

#[tokio::test]
async fn nobody_files_into_another_book() {
    let world = World::new();
    let answer = world.file("separator", "", "", &good()).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(world.get("officer", "/api/v1/lots/X-1").await.status, 404);
    assert_eq!(world.file("officer", "", "", &good()).await.status, 404);
    assert_eq!(world.file("operator", "", "", &good()).await.status, 404);
}

#[tokio::test]
async fn a_key_answers_the_same_request_again_and_refuses_another() {
    let world = World::new();
    let first = world.file("magnet-maker", "", "key-1", &good()).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (201, ""));
    let again = world.file("magnet-maker", "", "key-1", &good()).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(first.body, again.body);
    let other = world.file("magnet-maker", "", "key-1", &csv(&[])).await;
    assert_eq!((other.status.as_u16(), &other.json()["code"]), (422, &json!("key_reused")));
    let trial = world.file("magnet-maker", "?dry_run=true", "key-1", &good()).await;
    assert_eq!(trial.json()["code"], "key_reused", "a trial is another request");
    let neighbour = world.file("separator", "", "key-1", &csv(&[])).await;
    assert_ne!(neighbour.json()["code"], "key_reused", "keys are an account's own");
    let long = "k".repeat(129);
    for bad in ["a b", long.as_str()] {
        let answer = world.file("magnet-maker", "?dry_run=perhaps", bad, "").await;
        assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 3, "{}", answer.body);
    }
}

#[tokio::test]
async fn other_media_and_unreadable_bytes_are_refused_with_their_reason() {
    let world = World::new();
    let request = |kind: &str, body: &[u8]| {
        Request::post("/api/v1/filings")
            .header("authorization", format!("Bearer {}", world.token("magnet-maker")))
            .header("content-type", kind)
            .body(Body::from(body.to_vec()))
            .unwrap()
    };
    let answer = world.send(request("application/json", b"{}")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (415, &json!("media_type")));
    for bytes in [&b"\x7fELF\x00\x01\x02\x03\xff\xfe"[..], b"\x1f\x8b\x08broken", b"\n\n\n"] {
        let answer = world.send(request("application/octet-stream", bytes)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (422, &json!("all_rejected")));
    }
}

#[tokio::test]
async fn more_imports_than_may_be_at_once_are_asked_to_wait() {
    let limits = Limits { imports: 0, ..Limits::default() };
    let world = World::with(World::choose(), limits);
    let answer = world.file("magnet-maker", "", "", &good()).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, "5"));
}

/// The members of a schema.
fn members(document: &Value, schema: &str) -> Vec<String> {
    let properties = &document["components"]["schemas"][schema]["properties"];
    let mut names: Vec<String> = properties.as_object().unwrap().keys().cloned().collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_schemas_of_foreign_types_have_the_members_that_are_sent() {
    let world = World::new();
    let document = world.get("officer", "/api/openapi.json").await.json();
    let keys = |value: &Value| {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    let lineage = world.get("officer", "/api/v1/lots/MAG-1/lineage?element=Dy").await.json();
    assert_eq!(keys(&lineage), members(&document, "Lineage"));
    assert_eq!(keys(&lineage["nodes"][0]), members(&document, "LineageNode"));
    assert_eq!(keys(&lineage["edges"][0]), members(&document, "LineageEdge"));
    let balance = world.get("officer", "/api/v1/balance").await.json();
    assert_eq!(keys(&balance), members(&document, "BalanceAnswer"));
    assert_eq!(keys(&balance["rows"][0]), members(&document, "BalanceRow"));
    // Parts leave out what says nothing: all that is sent is told, and all that is told can be sent.
    let mut sent = keys(
        &serde_json::to_value(insight::Part {
            lot: "x".into(),
            stage: "x".into(),
            state: "x",
            cause: "x",
            end_use: "x".into(),
            customer_country: "x".into(),
            party: "x".into(),
            site: "x".into(),
            to_party: "x".into(),
            content_ug: 1,
            share: 1.0,
            share_min: Some(1.0),
            share_max: Some(1.0),
            unexplained: false,
        })
        .unwrap(),
    );
    sent.sort();
    assert_eq!(sent, members(&document, "TracePart"));
    let path = "/api/v1/lots/MAG-1/trace?element=Dy&known_at=2025-12-31";
    let mut sent = keys(&world.get("officer", path).await.json());
    sent.push("cycles".to_owned());
    sent.sort();
    assert_eq!(sent, members(&document, "TraceAnswer"));
}
