//! Filing again, filing changed, correcting and voiding.

use serde_json::Value;

use crate::place::Place;

const HEAD: &str =
    "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition,basis,to_party,move,corrects\n";

fn extract(filing: &str, lot: &str, mass: &str, corrects: &str) -> String {
    format!("{filing},extract,2025-01-03,gad:a,PIT,{lot},ore,{mass},Dy=1;Nd=2,,,,{corrects}\n")
}

fn file(rows: &[String]) -> String {
    HEAD.to_owned() + &rows.concat()
}

fn content(place: &Place, lot: &str) -> Value {
    place.run(&["trace", lot, "--element", "Dy"]).json()["content_ug"].clone()
}

/// Imports what is rejected with one code; the message and what would be accepted.
fn rejected(place: &Place, rows: &[String], code: &str) -> (String, String) {
    let (exit, report) = place.import(file(rows));
    assert_eq!((exit, report["filed"].as_u64()), (3, Some(0)), "{report}");
    let rejection = &report["files"][0]["rejections"][0];
    assert_eq!(rejection["code"], code, "{report}");
    let text = |key: &str| rejection[key].as_str().unwrap().to_owned();
    (text("message"), text("accepted"))
}

#[test]
fn the_same_again_is_a_duplicate_and_no_reject() {
    let place = Place::new();
    let (a, b) = (extract("F1", "L1", "10", ""), extract("F1", "L2", "5", ""));
    let sold = "F2,transfer,2025-01-04,gad:a,PIT,L1,,,,,gad:b,,\n".to_owned();
    place.filed(file(&[a.clone(), b.clone(), sold.clone()]));
    let before = place.ledger();
    let again = [
        // In another order, with the same numbers, names of defaults and compositions in other words.
        vec![a.clone(), b.clone(), sold.clone()],
        vec![b.clone(), a.clone()],
        vec![a.replace(",10,", ",10.000,"), b.clone()],
        vec![a.replace("Dy=1;Nd=2", "\"Nd=2.0; Dy=01\""), b.clone()],
        vec![a.replace("Nd=2,,", "Nd=2,as_received,"), b],
        vec![sold.replace("gad:b,,", "gad:b,sale,")],
    ];
    for rows in again {
        let (exit, report) = place.import(file(&rows));
        assert_eq!((exit, report["duplicate"].as_u64()), (0, Some(rows.len() as u64)), "{report}");
        assert!(!place.path("rejects.csv").exists());
    }
    assert_eq!(place.ledger(), before);
}

#[test]
fn a_changed_filing_is_refused_with_the_way_to_correct_it() {
    let place = Place::new();
    place.filed(file(&[extract("F1", "L1", "10", ""), extract("F1", "L2", "10", "")]));
    let rows = [extract("F1", "L1", "11", ""), extract("F1", "L2", "10", "")];
    let (message, accepted) = rejected(&place, &rows, "filing_changed");
    assert!(message.contains("`F1`"), "{message}");
    assert!(accepted.contains("`corrects` = `F1`"), "{accepted}");
    assert_eq!(place.rejects()[1][1], "with_filing");
    // One row fewer, one row twice: other multisets.
    rejected(&place, &rows[1..], "filing_changed");
    let twice = [&rows[..0], &[extract("F1", "L1", "10", "")], &rows[1..], &rows[1..]].concat();
    rejected(&place, &twice, "filing_changed");
    assert_eq!(content(&place, "L1"), 100_000_000);
    // The same reference of another filer is another filing.
    place.filed(file(&[extract("F1", "L3", "10", "").replace("gad:a", "gad:b")]));
}

#[test]
fn a_later_group_of_a_reference_is_the_same_filing_again() {
    let place = Place::new();
    let (a, b) = (extract("F1", "L1", "10", ""), extract("F2", "L2", "5", ""));
    let (exit, report) =
        place.import(file(&[a.clone(), b.clone(), a.clone(), extract("F1", "L9", "1", "")]));
    assert_eq!(exit, 3, "{report}");
    assert_eq!((report["filed"].as_u64(), report["rejected"].as_u64()), (Some(2), Some(2)));
    assert!(place.rejects().iter().any(|r| r[1] == "filing_changed" && r[0] == "4"));
    let (exit, report) = place.import(file(&[a.clone(), b, a]));
    assert_eq!((exit, report["duplicate"].as_u64()), (0, Some(3)), "{report}");
}

#[test]
fn only_the_live_filing_is_corrected() {
    let place = Place::new();
    place.filed(file(&[extract("F1", "L1", "10", "")]));
    place.filed(file(&[extract("F2", "L1", "12", "F1")]));
    assert_eq!(content(&place, "L1"), 120_000_000);

    let (message, accepted) =
        rejected(&place, &[extract("F3", "L1", "13", "F1")], "already_corrected");
    assert!(message.contains("`F2` is live") && accepted.contains("`F2`"), "{message} {accepted}");
    // The reference stayed free; the correction of the correction is taken.
    place.filed(file(&[extract("F3", "L1", "13", "F2")]));
    assert_eq!(content(&place, "L1"), 130_000_000);
    // Each of them again is a duplicate, although no longer live.
    let (exit, report) =
        place.import(file(&[extract("F1", "L1", "10", ""), extract("F2", "L1", "12", "F1")]));
    assert_eq!((exit, report["duplicate"].as_u64()), (0, Some(2)), "{report}");
    // A changed one is told which filing to correct.
    let (_, accepted) = rejected(&place, &[extract("F1", "L1", "99", "")], "filing_changed");
    assert!(accepted.contains("`corrects` = `F3`"), "{accepted}");

    let (message, accepted) =
        rejected(&place, &[extract("F4", "L1", "1", "F9")], "corrects_unknown");
    assert!(message.contains("`F9`") && accepted.contains("same filer"), "{message} {accepted}");
    // A filing corrects neither itself nor one of another filer.
    rejected(&place, &[extract("F5", "L1", "1", "F5")], "corrects_unknown");
    rejected(
        &place,
        &[extract("F5", "L1", "1", "F3").replace("gad:a", "gad:b")],
        "corrects_unknown",
    );
    place.clean();
}

#[test]
fn a_void_leaves_nothing_and_filing_again_restores() {
    let place = Place::new();
    place.filed(file(&[extract("F1", "L1", "10", "")]));
    let before = place.ledger();
    let void = |filing: &str, of: &str| format!("{filing},void,2025-01-05,gad:a,,,,,,,,,{of}\n");
    let (message, _) = rejected(&place, &[void("V0", "")], "missing_field");
    assert!(message.contains("`corrects`"), "{message}");
    place.filed(file(&[extract("F2", "L1", "20", "F1")]));
    place.filed(file(&[void("V1", "F2")]));
    assert!(place.run(&["balance"]).json()["rows"].as_array().unwrap().is_empty());
    rejected(&place, &[void("V2", "F2")], "already_corrected");
    place.filed(file(&[extract("F6", "L1", "10", "")]));
    assert_eq!(place.ledger(), before.replace("gad:a/F1", "gad:a/F6"));
}
