//! The worked example of the ledger, asked on the command line.

use serde_json::Value;

use crate::place::Place;

/// A tiny economy: two mines, an import, a separator, a magnet maker and a motor maker.
pub(crate) const SMALL: &str = "\
filing,kind,date,filer,to_party,site,to_site,leg,lot,source_lot,stage,net_mass_kg,composition,hs,product,grade,invoice,licence,customer_name,customer_country,end_use,corrects,note
M1,extract,2025-01-03,gad:mine-a,,PIT,,,ORE-A,,concentrate,1000,Nd=12.0;Dy=0.30,,,,,,,,,,clay leach
M2,extract,2025-01-04,gad:mine-b,,PIT,,,ORE-B,,concentrate,500,Nd=8.0;Dy=0.90,,,,,,,,,,
M3,import,2025-01-06,gad:sep-c,,DOCK,,,ORE-X,,concentrate,250,Nd=10.0;Dy=0.60,,,,,,Foreign Mining Ltd,MM,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-A,,concentrate,800,,,,,,,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-B,,concentrate,500,,,,,,,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-X,,concentrate,250,,,,,,,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,out,NDO-1,,separated_compound,150,Nd=85.7,,,,,,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,out,DYO-1,,separated_compound,9,Dy=87.0,,,,,,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,loss,,,swarf,1391,,,,,,,,,,,tailings
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,NDO-1,,separated_compound,120,,,,,,,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,DYO-1,,separated_compound,6,,,,,,,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,SCRAP-7,,scrap_magnet,40,,,,,,,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,out,MAG-1,,finished_magnet,330,Nd=28.5;Dy=1.6,,,,,,,,,,
O1,opening,2025-01-01,gad:mag-d,,FAB,,,SCRAP-7,,scrap_magnet,60,Nd=25.0;Dy=2.0,,,,,,,,,,
T1,transfer,2025-03-01,gad:mag-d,gad:motor-e,FAB,ASSY,,MAG-1a,MAG-1,finished_magnet,200,,,,,INV-1,,Motor E,DE,ev_traction_motor,,
U1,use,2025-03-09,gad:motor-e,,ASSY,,,MAG-1b,MAG-1a,finished_magnet,150,,,,,,,,,ev_traction_motor,,
";

fn close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

fn shares(answer: &Value) -> Vec<(&str, f64)> {
    let part = |p: &'_ Value| p["share"].as_f64().unwrap();
    let parts = answer["parts"].as_array().unwrap();
    parts.iter().map(|p| (p["lot"].as_str().unwrap(), part(p))).collect()
}

fn check(answer: &Value, content_ug: i64, expected: &[(&str, f64)]) {
    assert_eq!(answer["content_ug"], content_ug, "{answer}");
    let found = shares(answer);
    let lots: Vec<&str> = found.iter().map(|s| s.0).collect();
    assert_eq!(lots, expected.iter().map(|s| s.0).collect::<Vec<_>>(), "{answer}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found.1 - expected.1).abs() < 1e-9, "{found:?} is not {expected:?}");
    }
    let parts = answer["parts"].as_array().unwrap();
    let sum: i64 = parts.iter().map(|p| p["content_ug"].as_i64().unwrap()).sum();
    assert_eq!(sum, content_ug);
}

fn traced(place: &Place, args: &[&str]) -> Value {
    let run = place.run(&[&["trace"], args].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    run.json()
}

#[test]
fn the_worked_example_has_the_figures_worked_out_by_hand() {
    let place = Place::new();
    let report = place.filed(SMALL);
    assert_eq!((report["rows"].as_u64(), report["filed"].as_u64()), (Some(16), Some(16)));

    let oxide = [("ORE-B", 4.5 / 8.4), ("ORE-A", 2.4 / 8.4), ("ORE-X", 1.5 / 8.4)];
    check(&traced(&place, &["DYO-1", "--element", "Dy"]), 7_830_000_000, &oxide);

    let fed = 5.22 / 6.02;
    let magnet = [
        ("ORE-B", fed * 4.5 / 8.4),
        ("ORE-A", fed * 2.4 / 8.4),
        ("ORE-X", fed * 1.5 / 8.4),
        ("SCRAP-7", 0.80 / 6.02),
    ];
    let answer = traced(&place, &["MAG-1", "--element", "Dy"]);
    check(&answer, 5_280_000_000, &magnet);
    close(&answer["parts"][0]["share"], 0.464_523_019_458_946_4);
    // A part of a part has the shares of the whole.
    check(&traced(&place, &["MAG-1b", "--element", "Dy"]), 2_400_000_000, &magnet);

    // Nd of the same magnet has another provenance: 96, 40 and 25 kg fed the separator, of whose
    // oxide 102.84 kg went into the magnet beside 10 kg of the scrap.
    let fed = 102.84 / 112.84;
    let nd = [
        ("ORE-A", fed * 96.0 / 161.0),
        ("ORE-B", fed * 40.0 / 161.0),
        ("ORE-X", fed * 25.0 / 161.0),
        ("SCRAP-7", 10.0 / 112.84),
    ];
    check(&traced(&place, &["MAG-1", "--element", "Nd"]), 94_050_000_000, &nd);

    let answer = traced(&place, &["MAG-1a", "--element", "Dy", "--direction", "forward"]);
    assert_eq!(answer["content_ug"], 3_200_000_000_i64);
    let states: Vec<(&str, i64)> = answer["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["state"].as_str().unwrap(), p["content_ug"].as_i64().unwrap()))
        .collect();
    assert_eq!(states, [("used", 2_400_000_000), ("transit", 800_000_000)]);
}

#[test]
fn the_worked_example_has_its_findings() {
    let place = Place::new();
    place.filed(SMALL);
    let findings = place.run(&["insight", "anomalies"]).lines();
    let of =
        |rule: &str| -> Vec<&Value> { findings.iter().filter(|f| f["rule"] == rule).collect() };
    let receipts = of("missing_receipt");
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0]["filings"][0], "gad:mag-d/T1");
    let custody: Vec<(&str, &str)> = of("drawn_without_custody")
        .iter()
        .map(|f| (f["lots"][0].as_str().unwrap(), f["party"].as_str().unwrap()))
        .collect();
    let expected = [
        ("DYO-1", "gad:mag-d"),
        ("NDO-1", "gad:mag-d"),
        ("MAG-1a", "gad:motor-e"),
        ("ORE-A", "gad:sep-c"),
        ("ORE-B", "gad:sep-c"),
        ("ORE-X", "gad:sep-c"),
    ];
    for pair in expected {
        assert!(custody.contains(&pair), "{pair:?} in {custody:?}");
    }
    assert_eq!(custody.len(), expected.len());
    let yields: Vec<&Value> =
        of("yield_out_of_band").into_iter().filter(|f| f["element"] == "Dy").collect();
    assert_eq!(yields.len(), 1, "{yields:?}");
    assert_eq!(yields[0]["filings"][0], "gad:mag-d/G1");
    assert_eq!(yields[0]["observed"], "87.7 %");
    assert_eq!(yields[0]["expected"], "45.3 % to 80.4 %");
    assert_eq!(of("party_unverified").len(), 5);
}

#[test]
fn lots_are_answered_in_the_order_asked() {
    let place = Place::new();
    place.filed(SMALL);
    let asked = "MAG-1\nNOPE\n\nORE-A\r\nDYO-1\nMAG-1\n";
    let run = place.feed(&["trace", "-", "--element", "Dy"], asked.as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    let lines = run.lines();
    let lots: Vec<&str> = lines.iter().map(|l| l["lot"].as_str().unwrap()).collect();
    assert_eq!(lots, ["MAG-1", "NOPE", "ORE-A", "DYO-1", "MAG-1"]);
    let error = lines[1].as_object().unwrap();
    assert_eq!(error.keys().collect::<Vec<_>>(), ["error", "lot"]);
    let run = place.feed(&["trace", "-", "--element", "Dy"], b"DYO-1\nMAG\xff\nMAG-1");
    assert_eq!((run.code, run.lines().len()), (0, 3), "{}", run.err);
    assert_eq!(run.lines()[1]["error"], "no lot `MAG\u{fffd}`");
    // Several on the command line: JSON lines too; an unknown one alone: its line, and failed.
    let run = place.run(&["trace", "DYO-1", "NOPE", "--element", "Dy"]);
    assert_eq!((run.code, run.lines().len()), (1, 2));
    let run = place.run(&["trace", "NOPE", "--element", "Dy"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.json()["lot"], "NOPE");
}

#[test]
fn contradictions_about_the_material_are_taken_with_a_finding() {
    let head = "filing,kind,date,filer,site,leg,lot,stage,net_mass_kg,composition\n";
    let extract = |filing: &str, date: &str, lot: &str| {
        format!("{filing},extract,{date},gad:a,PIT,,{lot},ore,10,Dy=1\n")
    };
    let draw = |filing: &str, date: &str, lot: &str, mass: u32, out: &str| {
        format!(
            "{filing},transform,{date},gad:a,PIT,in,{lot},,{mass},\n\
             {filing},transform,{date},gad:a,PIT,out,{out},concentrate,5,Dy=1\n"
        )
    };
    let check = |rows: &[String], rule: &str, lot: &str| {
        let place = Place::new();
        place.filed(head.to_owned() + &rows.concat());
        let findings = place.run(&["insight", "anomalies"]).lines();
        let found = findings.iter().any(|f| f["rule"] == rule && f["lots"][0] == lot);
        assert!(found, "{rule} {lot} in {findings:#?}");
    };
    let made = extract("E1", "2025-01-05", "L");
    let first = draw("T1", "2025-01-06", "L", 10, "P");
    check(&[made.clone(), first.clone(), draw("T2", "2025-01-07", "L", 10, "Q")], "overdrawn", "L");
    check(&[made.clone(), extract("E2", "2025-01-05", "L")], "lot_made_twice", "L");
    check(std::slice::from_ref(&first), "undeclared_lot", "L");
    check(&[made, draw("T0", "2025-01-04", "L", 10, "P")], "before_made", "L");
    let round = [draw("T1", "2025-01-06", "L", 5, "P"), draw("T2", "2025-01-07", "P", 5, "L")];
    let place = Place::new();
    place.filed(head.to_owned() + &round.concat());
    let findings = place.run(&["insight", "anomalies"]).lines();
    assert!(findings.iter().any(|f| f["rule"] == "cycle"), "{findings:#?}");
    assert_eq!(place.run(&["trace", "L", "--element", "Dy"]).code, 0);
}
