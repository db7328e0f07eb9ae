//! Who looked at whose data: what is recorded, who reads it, and that nothing takes it back.

use std::fs;
use std::path::Path;

use app::audit::AuditFilter;
use axum::body::Body;
use axum::http::Request;

use web::{Limits, Readers};

use crate::world::World;

/// The subjects of what was recorded after `after`, with the count of each.
async fn subjects(world: &World, after: u64) -> Vec<String> {
    let entries = world.recorded(after).await;
    let count = |detail: &str| {
        let detail: serde_json::Value = serde_json::from_str(detail).unwrap();
        detail["count"].as_u64().unwrap()
    };
    entries.iter().map(|e| format!("{} {}", e.subject, count(&e.detail))).collect()
}

async fn check(path: &str, expected: &[&str]) {
    let world = World::new();
    let before = world.platform().audit_head().unwrap().seq;
    assert_eq!(world.get("officer", path).await.status, 200, "{path}");
    assert_eq!(subjects(&world, before).await, expected, "{path}");
}

#[tokio::test]
async fn a_read_across_books_counts_for_each_party_once_a_request() {
    check("/api/v1/parties/gad:mag-d", &["gad:mag-d 1"]).await;
    check("/api/v1/filings/gad:sep-c/S1", &["gad:sep-c 1"]).await;
    check(
        "/api/v1/search?q=gad:m",
        &["gad:mag-d 1", "gad:mine-a 1", "gad:mine-b 1", "gad:motor-e 1"],
    )
    .await;
    check("/api/v1/search?q=gad:nobody", &[]).await;
    // The lot's books, and the mines, the separator and the magnet maker at the ends of the trace.
    check(
        "/api/v1/lots/MAG-1/trace?element=Dy",
        &["gad:mag-d 2", "gad:mine-a 1", "gad:mine-b 1", "gad:motor-e 1", "gad:sep-c 1"],
    )
    .await;
}

#[tokio::test]
async fn the_same_answer_again_is_a_read_and_a_refusal_is_none() {
    let world = World::new();
    let first = world.get("officer", "/api/v1/parties/gad:mag-d").await;
    let before = world.platform().audit_head().unwrap().seq;
    world.recorded(0).await;
    let request = Request::get("/api/v1/parties/gad:mag-d")
        .header("authorization", format!("Bearer {}", world.token("officer")))
        .header("if-none-match", first.header("etag"));
    let again = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, 304);
    assert_eq!(subjects(&world, before).await, ["gad:mag-d 1", "gad:mag-d 1"]);
    let before = world.platform().audit_head().unwrap().seq;
    assert_eq!(world.get("officer", "/api/v1/parties/gad:nobody").await.status, 404);
    assert_eq!(world.get("magnet-maker", "/api/v1/parties/gad:sep-c").await.status, 404);
    assert_eq!(world.get("officer", "/api/v1/lots/NOTHING").await.status, 404);
    assert_eq!(subjects(&world, before).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_company_sees_who_looked_at_its_data_and_no_lot_of_others() {
    let world = World::new();
    let mine = |answer: &serde_json::Value| -> Vec<String> {
        let rows = answer["rows"].as_array().unwrap().iter();
        rows.map(|row| {
            let by = &row["by"];
            format!(
                "{} {} {} {} {}",
                by["name_en"], by["role"], row["action"], row["what"], row["id"]
            )
        })
        .collect()
    };
    for path in [
        "/api/v1/parties/gad:sep-c",
        "/api/v1/lots/DYO-1",
        "/api/v1/lots/MAG-1/trace?element=Dy",
        "/api/v1/lots/MAG-1a",
        "/api/v1/filings/gad:sep-c/S1",
    ] {
        assert_eq!(world.get("officer", path).await.status, 200);
    }
    assert_eq!(world.get("separator", "/api/v1/parties/gad:sep-c").await.status, 200);
    let answer = world.get("separator", "/api/v1/activity").await;
    let who = "\"Case officer\" \"officer\" \"book_read\"";
    assert_eq!(
        mine(&answer.json()),
        [
            format!("{who} \"filing\" \"S1\""),
            // The magnets are another's: that they were traced to it is told, which they are is not.
            format!("{who} \"trace\" null"),
            format!("{who} \"lot\" \"DYO-1\""),
            format!("{who} \"book\" \"gad:sep-c\""),
        ]
    );
    assert!(!answer.body.contains("MAG"), "{}", answer.body);
    let page = world.person("separator").await.get("/activity").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Case officer") && page.body.contains("/lots/DYO-1"));
    assert!(!page.body.contains("MAG-1"), "no lot of another's");
    // Page by page it is the same list.
    let first = world.get("separator", "/api/v1/activity?limit=3").await.json();
    let next = first["next"].as_str().unwrap();
    let path = format!("/api/v1/activity?limit=3&cursor={next}");
    let rest = world.get("separator", &path).await.json();
    let both: Vec<String> = mine(&first).into_iter().chain(mine(&rest)).collect();
    assert_eq!(both, mine(&answer.json()));
    assert!(rest["next"].is_null());
    assert_eq!(world.get("separator", "/api/v1/activity?cursor=zz").await.status, 422);
    for other in ["officer", "operator"] {
        assert_eq!(world.get(other, "/api/v1/activity").await.status, 404, "{other}");
    }
}

#[tokio::test]
async fn an_authority_that_does_not_name_its_people_names_nobody() {
    let world = World::told(World::choose(), Limits::default(), Readers::Authority);
    world.get("officer", "/api/v1/parties/gad:sep-c").await;
    let answer = world.get("separator", "/api/v1/activity").await;
    let nobody = serde_json::json!({ "name_en": null, "name_zh": null, "role": null });
    assert_eq!(answer.json()["rows"][0]["by"], nobody);
    let page = world.person("separator").await.get("/activity").await;
    assert!(page.body.contains("The authority") && !page.body.contains("Case officer"));
    let all = world.get("officer", "/api/v1/audit?party=gad:sep-c&action=book_read").await.json();
    assert_eq!(all["rows"][0]["account"], "officer", "the audit itself has it");
}

#[tokio::test]
async fn what_a_company_is_told_does_not_depend_on_reads_of_others() {
    let quiet = World::new();
    let busy = World::new();
    for _ in 0..7 {
        busy.get("analyst", "/api/v1/parties/gad:mine-a").await;
    }
    let mut answers = Vec::new();
    for world in [&quiet, &busy] {
        for _ in 0..3 {
            world.get("officer", "/api/v1/parties/gad:sep-c").await;
        }
        let mut answer = world.get("separator", "/api/v1/activity?limit=2").await.json();
        // The clock of the tests goes on with every look: instants differ, and the cursor holds one.
        let next = answer["next"].take();
        let at = answer["rows"][1]["at"].as_str().unwrap().parse::<String>().unwrap();
        let at = base::Timestamp::parse(&at).unwrap().us();
        let expected: String = format!("{at}-1").bytes().map(|b| format!("{b:02x}")).collect();
        assert_eq!(next.as_str().unwrap(), expected, "an instant of its own, no number of entries");
        for row in answer["rows"].as_array_mut().unwrap() {
            row["at"].take();
        }
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn the_audit_is_filtered_verified_and_given_as_a_file_and_reading_it_is_in_it() {
    let world = World::new();
    for path in ["/api/v1/parties/gad:sep-c", "/api/v1/search?q=gad:mine"] {
        world.get("analyst", path).await;
    }
    let answer = world.get("officer", "/api/v1/audit?party=gad:sep-c&verify=true").await.json();
    let rows = answer["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["party"] == "gad:sep-c"), "{answer}");
    assert_eq!((&rows[0]["account"], &rows[0]["action"]), (&"analyst".into(), &"book_read".into()));
    assert_eq!(rows[0]["resource"], "/api/v1/parties/{id} gad:sep-c");
    assert_eq!(answer["verified"]["wrong"], serde_json::json!([]));
    assert_eq!(rows[0]["chain"].as_str().unwrap().len(), 64);
    let read = world.get("officer", "/api/v1/audit?account=officer").await.json();
    assert_eq!(read["rows"][0]["action"], "audit_read");
    assert_eq!(read["rows"][0]["party"], "gad:sep-c", "of whom it was asked");
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2025-13-01", "to"),
        ("cursor=zz", "cursor"),
        ("limit=0", "limit"),
    ] {
        let answer = world.get("officer", &format!("/api/v1/audit?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["errors"][0]["field"]),
            (422, &field.into())
        );
    }
    let none = world.get("officer", "/api/v1/audit?to=2020-01-01").await.json();
    assert_eq!(none["rows"], serde_json::json!([]));
    let officer = world.person("officer").await;
    let page = officer.get("/audit?account=analyst&verify=true").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("The chain holds over entries"), "{}", page.body);
    assert_eq!(officer.get("/audit?from=x").await.status, 422);
    let file = officer.get("/audit.csv?account=analyst").await;
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines[0], "seq,at,account,action,party,resource,detail,chain");
    assert_eq!(lines.len(), 5, "a token, a book and two mines: {}", file.body);
    assert!(lines[1].contains("\"analyst\",\"token_made\",\"\""), "{}", lines[1]);
    assert!(lines[2].contains("\"analyst\",\"book_read\",\"gad:sep-c\""), "{}", lines[2]);
}

#[tokio::test]
async fn the_operator_reads_of_the_audit_what_tells_nothing_of_trade() {
    let world = World::new();
    world.get("officer", "/api/v1/parties/gad:sep-c").await;
    world.get("officer", "/api/v1/audit?party=gad:mag-d").await;
    world.get("officer", "/api/v1/audit").await;
    let job = world.failed_job();
    let operator = world.person("operator").await;
    assert_eq!(operator.post(&format!("/operations/jobs/{job}/retry"), &[]).await.status, 303);
    for _ in 0..2 {
        let answer = world.get("operator", "/api/v1/audit").await;
        let rows = answer.json()["rows"].clone();
        for row in rows.as_array().unwrap() {
            let on_account = row["resource"].as_str().unwrap().starts_with("account:");
            assert!(on_account || !row.to_string().contains("gad:"), "{row}");
        }
        let actions: Vec<&str> =
            rows.as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
        for told in ["job_retried", "audit_read", "signed_in", "account_made"] {
            assert!(actions.contains(&told), "{told}: {actions:?}");
        }
        assert!(!actions.iter().any(|told| told.ends_with("book_read")), "{actions:?}");
    }
    for path in ["/audit", "/audit?party=gad:sep-c", "/audit.csv", "/audit.csv?party=gad:sep-c"] {
        let body = operator.get(path).await.body.replace("value=\"gad:sep-c\"", "");
        assert!(!body.contains("book_read") && !body.contains("/parties/"), "{path}: {body}");
    }
    for who in ["analyst", "magnet-maker"] {
        assert_eq!(world.get(who, "/api/v1/audit").await.status, 404, "{who}");
    }
}

#[tokio::test]
async fn a_filing_is_in_the_audit_with_its_account() {
    let world = World::new();
    let before = world.platform().audit_head().unwrap().seq;
    assert_eq!(world.file("magnet-maker", "", "", crate::matrix::CSV).await.status, 201);
    let entries = world.recorded(before).await;
    let told: Vec<_> = entries.iter().map(|e| [&*e.account, &*e.action, &*e.subject]).collect();
    assert_eq!(told, [["magnet-maker", "filings_taken", "gad:mag-d"]]);
}

#[tokio::test]
async fn names_in_the_audit_that_are_markup_are_shown_as_text() {
    let world = World::new();
    let lot = "/lots/%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let officer = world.person("officer").await;
    assert_eq!(officer.get(lot).await.status, 200);
    for path in
        ["/audit", "/audit?account=%3Cscript%3Ealert(1)", "/audit?from=%22%3E%3Cscript%3Ealert(1)"]
    {
        assert!(!officer.get(path).await.body.contains("<script>alert"), "{path}");
    }
    let company = world.person("magnet-maker").await.get("/activity").await;
    assert!(company.body.contains("alert(1)") && !company.body.contains("<script>alert"));
}

/// All program text of the house outside tests, on one line a file.
fn sources(dir: &Path, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            sources(&path, into);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).unwrap();
            let program = text.split("#[cfg(test)]").next().unwrap();
            into.push((name, program.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
}

/// Statements that would take an entry of the audit back.
fn taking_back(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let statements = [
        "update audit ",
        "update or replace audit ",
        "delete from audit",
        "replace into audit",
        "drop table audit",
        "drop table if exists audit",
        "alter table audit",
    ];
    statements.into_iter().filter(|statement| text.contains(statement)).collect()
}

#[test]
fn no_statement_of_the_program_updates_or_deletes_an_entry() {
    assert_eq!(taking_back("\"UPDATE audit SET x = 1\""), ["update audit "]);
    assert_eq!(taking_back("UPDATE audit_head SET seq = ?1"), Vec::<&str>::new());
    let mut files = Vec::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for entry in fs::read_dir(crates).unwrap() {
        sources(&entry.unwrap().path().join("src"), &mut files);
    }
    assert!(files.iter().any(|file| file.1.contains("INSERT INTO audit (seq")));
    for (name, text) in files {
        assert_eq!(taking_back(&text), Vec::<&str>::new(), "{name}");
    }
}

#[tokio::test]
async fn the_audit_grows_by_what_was_given_and_its_filter_takes_any_text() {
    let world = World::new();
    for text in ["'%20OR%20'1'='1", "%25", "_", "%00", "%F0%9F%98%80"] {
        let path = format!("/api/v1/audit?account={text}&party={text}&action={text}");
        let answer = world.get("officer", &path).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["rows"]), (200, &serde_json::json!([])));
    }
    let long = format!("/api/v1/audit?party=gad:{}", "x".repeat(5000));
    assert_eq!(world.get("officer", &long).await.status, 200);
    world.recorded(0).await;
    let all = world.platform().audit_after(&AuditFilter::default(), 0, 100).unwrap();
    let reads: Vec<&str> =
        all.iter().filter(|e| e.action == "audit_read").map(|e| e.subject.as_str()).collect();
    assert!(reads.len() > 5 && reads.iter().all(|subject| subject.is_empty()), "{reads:?}");
}
