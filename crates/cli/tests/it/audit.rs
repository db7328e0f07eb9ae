//! The audit on the command line, and what somebody who writes into the file cannot hide.

use rusqlite::Connection;

use crate::answers::SMALL;
use crate::place::Place;

/// A data directory with a few filings of several accounts' makings.
fn filed() -> Place {
    let place = Place::new();
    place.write("f.csv", SMALL);
    assert_eq!(place.run(&["import", "f.csv"]).code, 0);
    for n in 0..3 {
        let more = format!(
            "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
             Z{n},opening,2025-01-01,gad:mag-z,FAB,Z-{n},scrap_magnet,1,Nd=25.0\n"
        );
        place.write("more.csv", more);
        assert_eq!(place.run(&["import", "more.csv"]).code, 0);
    }
    place
}

fn head(place: &Place) -> String {
    let run = place.run(&["audit", "head", "--format", "table"]);
    assert_eq!(run.code, 0, "{}", run.err);
    run.out.trim().to_owned()
}

#[test]
fn the_audit_is_listed_filtered_and_its_head_given_out() {
    let place = filed();
    let run = place.run(&["audit", "list", "--format", "json"]);
    let lines: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{}", run.out);
    let last = &lines[3];
    assert_eq!(last["action"], "filings_taken");
    let expected = format!("{}:{}", last["seq"], last["chain"].as_str().unwrap());
    assert_eq!(head(&place), expected);
    let day = &last["at"].as_str().unwrap()[..10];
    for (args, rows) in [
        (&["--party", "gad:nobody"][..], 0),
        (&["--account", "officer"], 0),
        (&["--action", "filings_taken"], 4),
        (&["--from", day, "--to", day], 4),
        (&["--to", "2020-01-01"], 0),
        (&["--from", "2200-01-01T00:00:00Z"], 0),
    ] {
        let run = place.run(&[&["audit", "list", "--format", "json"][..], args].concat());
        assert_eq!((run.code, run.out.lines().count()), (0, rows), "{args:?} {}", run.err);
    }
    let run = place.run(&["audit", "list", "--format", "csv"]);
    assert!(run.out.starts_with("entry,time,account,action,party,resource,detail,chain\n"));
    assert_eq!(run.out.lines().count(), 5);
    let run = place.run(&["audit", "list", "--from", "soon"]);
    assert!(run.code == 1 && run.err.contains("`soon`") && run.err.contains("2025-06-30"));
    let run = place.run(&["audit", "verify", "--head", "4:zz"]);
    assert!(run.code == 1 && run.err.contains("64 hexadecimal digits"), "{}", run.err);
}

/// Writes into the file behind the program's back.
fn tamper(sql: &str, fsck: &str) {
    let place = filed();
    let kept = head(&place);
    assert_eq!(place.run(&["fsck"]).code, 0);
    assert_eq!(place.run(&["audit", "verify", "--head", &kept]).code, 0);
    let file = place.path("gadolin-data/gadolin.sqlite");
    Connection::open(file).unwrap().execute_batch(sql).unwrap();
    let run = place.run(&["fsck", "--format", "table"]);
    assert_eq!(run.code, 1, "{sql}");
    assert!(run.out.contains(fsck), "{sql}: {}", run.out);
    assert_eq!(place.run(&["audit", "verify"]).code, 1, "{sql}");
}

#[test]
fn a_changed_a_missing_and_an_inserted_entry_are_found() {
    tamper("UPDATE audit SET account = 'nobody' WHERE seq = 2", "audit entry 2");
    tamper("DELETE FROM audit WHERE seq = 2", "the audit has no entry 2");
    tamper("DELETE FROM audit WHERE seq = 4", "the head of the audit");
    tamper(
        "INSERT INTO audit SELECT 5, at_us, account, action, subject, resource, detail, chain
            FROM audit WHERE seq = 4",
        "audit entry 5",
    );
}

#[test]
fn whoever_kept_a_head_finds_that_the_end_was_cut_off_and_the_head_moved_back() {
    let place = filed();
    let kept = head(&place);
    let file = place.path("gadolin-data/gadolin.sqlite");
    let sql = "DELETE FROM audit WHERE seq = 4;
        UPDATE audit_head SET seq = 3, chain = (SELECT chain FROM audit WHERE seq = 3)";
    Connection::open(file).unwrap().execute_batch(sql).unwrap();
    assert_eq!(place.run(&["fsck"]).code, 0, "by itself the file is in order");
    let run = place.run(&["audit", "verify", "--head", &kept, "--format", "table"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("the audit has no entry 4, whose head was kept"), "{}", run.out);
    let forged = format!("3:{}", "0".repeat(64));
    let run = place.run(&["audit", "verify", "--head", &forged, "--format", "table"]);
    assert!(run.out.contains("entry 3 is not the one whose head was kept"), "{}", run.out);
}
