//! `gadolin clock`: the shape of its answer, its refusals, and the table for people.

use serde_json::{Value, json};

use crate::place::{Place, Run};

const ACCEPTED: &str = "\
{\"at\":\"2025-04-07T09:12:00+08:00\",\"event\":\"received\"}
{\"at\":\"2025-04-08T10:00:00+08:00\",\"event\":\"accepted\"}
";

fn ask(args: &[&str], events: &str) -> Run {
    let mut all = vec!["clock"];
    all.extend(args);
    Place::new().feed(&all, events.as_bytes())
}

fn decision(answer: &Value) -> &Value {
    answer["clocks"].as_array().unwrap().iter().find(|c| c["clock"] == "decision").unwrap()
}

#[test]
fn the_answer_has_the_shape_of_the_interface() {
    let run = ask(&["--pack", "cn"], ACCEPTED);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let answer = run.json();
    assert_eq!(answer["pack"], "cn");
    let decision = decision(&answer);
    for (field, expected) in [
        ("starts", json!("2025-04-08")),
        ("due_date", json!("2025-06-13")),
        ("working_days_used", json!(0)),
        ("working_days_left", json!(45)),
        ("state", json!("running")),
        ("provisional", json!(false)),
    ] {
        assert_eq!(decision[field], expected, "{field}");
    }
    assert!(decision["rule"].as_str().unwrap().contains("Art 17"));
    let proof = decision["proof"].as_array().unwrap();
    assert_eq!(proof[0]["date"], "2025-04-08");
    assert_eq!(proof.iter().filter(|day| day["counts"] == true).count(), 45);
    assert!(proof.iter().all(|day| !day["why"].as_str().unwrap().is_empty()));
}

#[test]
fn beyond_the_calendar_there_are_bounds_and_no_date() {
    let events = ACCEPTED.replace("2025-04", "2026-12");
    let answer = ask(&["--pack", "cn"], &events).json();
    let decision = decision(&answer);
    assert_eq!((&decision["due_date"], &decision["provisional"]), (&Value::Null, &json!(true)));
    assert!(decision["due_date_earliest"].as_str() < decision["due_date_latest"].as_str());
    assert_eq!(answer["calendar_known_to"], "2026-12-31");
}

#[test]
fn every_fault_is_told_and_nothing_answered() {
    let run = ask(&["--pack", "demo"], "{\"at\":\"x\",\"event\":\"recieved\"}\n7\n");
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert_eq!(run.err.lines().count(), 3, "{}", run.err);
    assert!(run.err.contains("`recieved`") && run.err.contains("one of received"), "{}", run.err);
    let early = ask(&["--pack", "demo"], &ACCEPTED.replace("2025", "2019"));
    assert_eq!(early.code, 1);
    assert!(early.err.contains("2024-01-01"), "{}", early.err);
    let unknown = ask(&["--pack", "atlantis"], ACCEPTED);
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("demo"), "{}", unknown.err);
    assert_eq!(ask(&["--pack", "demo", "--now", "soon"], ACCEPTED).code, 2);
    assert_eq!(ask(&[], ACCEPTED).code, 2);
}

#[test]
fn a_directory_is_a_pack_too() {
    let place = Place::new();
    std::fs::create_dir(place.path("mine")).unwrap();
    for name in ["pack.toml", "clocks.toml", "calendar.csv"] {
        let source = format!("{}/../../packs/demo/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(source).unwrap().replace("limit = 30", "limit = 31");
        place.write(&format!("mine/{name}"), text);
    }
    let theirs = place.feed(&["clock", "--pack", "mine"], ACCEPTED.as_bytes()).json();
    let ours = ask(&["--pack", "demo"], ACCEPTED).json();
    assert_eq!(theirs["pack"], "mine");
    assert!(decision(&theirs)["due_date"].as_str() > decision(&ours)["due_date"].as_str());
    place.write("mine/clocks.toml", "[calender]\n");
    let run = place.feed(&["clock", "--pack", "mine"], ACCEPTED.as_bytes());
    assert_eq!(run.code, 1);
    assert!(run.err.contains("`calender`"), "{}", run.err);
}

#[test]
fn people_read_a_table_and_compare_regimes() {
    let run = ask(&["--pack", "cn", "--format", "table", "--now", "2025-05-01"], ACCEPTED);
    assert_eq!(run.code, 0, "{}", run.err);
    for words in ["due 2025-06-13", "public holiday: Labour Day", "make-up working day", "Art 17"] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    let rows = ask(&["--pack", "all", "--format", "json"], ACCEPTED).json();
    let due = |pack: &str| {
        let row = rows.as_array().unwrap().iter().find(|row| row["pack"] == pack).unwrap();
        (row["due_date"].clone(), row["outcomes"].as_array().unwrap().len())
    };
    assert_eq!(due("cn"), (json!("2025-06-13"), 5));
    assert_eq!(due("us"), (json!("2025-07-06"), 5));
    assert_eq!(due("eu"), (Value::Null, 4));
    assert!(
        ask(&["--pack", "all", "--format", "table"], ACCEPTED).out.contains("90 calendar days")
    );
}

#[test]
fn a_hundred_thousand_clocks_are_measured() {
    let run = Place::new().run(&["bench", "clocks", "--clocks", "2000"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let line = run.json();
    assert_eq!(line["bench"], "clocks");
    assert!(line["clocks"].as_u64().unwrap() >= 2_000);
}
