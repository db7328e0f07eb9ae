//! The worked example of the ledger: every figure as it was worked out by hand.

use app::Books;
use base::Timestamp;
use insight::{Direction, TraceAnswer, TraceQuery, Until, View};

/// Two mines, an import, a separator, a magnet maker, a motor maker.
const FILINGS: &str = "\
filing,kind,date,filer,to_party,site,to_site,leg,lot,source_lot,stage,net_mass_kg,composition,invoice,customer_name,customer_country,end_use,note
M1,extract,2025-01-03,gad:mine-a,,PIT,,,ORE-A,,concentrate,1000,Nd=12.0;Dy=0.30,,,,,clay leach
M2,extract,2025-01-04,gad:mine-b,,PIT,,,ORE-B,,concentrate,500,Nd=8.0;Dy=0.90,,,,,
M3,import,2025-01-06,gad:sep-c,,DOCK,,,ORE-X,,concentrate,250,Nd=10.0;Dy=0.60,,Foreign Mining Ltd,MM,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-A,,concentrate,800,,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-B,,concentrate,500,,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-X,,concentrate,250,,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,out,NDO-1,,separated_compound,150,Nd=85.7,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,out,DYO-1,,separated_compound,9,Dy=87.0,,,,,
S1,transform,2025-01-20,gad:sep-c,,PLANT,,loss,,,swarf,1391,,,,,,tailings
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,NDO-1,,separated_compound,120,,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,DYO-1,,separated_compound,6,,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,in,SCRAP-7,,scrap_magnet,40,,,,,,
G1,transform,2025-02-10,gad:mag-d,,FAB,,out,MAG-1,,finished_magnet,330,Nd=28.5;Dy=1.6,,,,,
O1,opening,2025-01-01,gad:mag-d,,FAB,,,SCRAP-7,,scrap_magnet,60,Nd=25.0;Dy=2.0,,,,,
T1,transfer,2025-03-01,gad:mag-d,gad:motor-e,FAB,ASSY,,MAG-1a,MAG-1,finished_magnet,200,,INV-1,Motor E,DE,ev_traction_motor,
U1,use,2025-03-09,gad:motor-e,,ASSY,,,MAG-1b,MAG-1a,finished_magnet,150,,,,,ev_traction_motor,
";

fn books() -> Books {
    let mut books = Books::new([1, 2]);
    let report = books.import_csv(FILINGS.as_bytes(), Timestamp::from_us(0));
    assert_eq!((report.rows, report.filed, report.rejected), (16, 16, 0));
    books
}

fn trace(lot: &str, element: &str, direction: Direction) -> TraceAnswer {
    let query = TraceQuery {
        lot: lot.to_owned(),
        element: element.to_owned(),
        direction,
        until: Until::Root,
        bounds: false,
        view: View::default(),
    };
    books().trace(&query).unwrap()
}

/// The roots of a lot with their shares, given as fractions.
fn check(lot: &str, element: &str, content_ug: i64, roots: &[(&str, f64, f64)]) {
    let answer = trace(lot, element, Direction::Back);
    assert_eq!(answer.content_ug, content_ug, "{lot} {element}");
    let found: Vec<&str> = answer.parts.iter().map(|p| p.lot.as_str()).collect();
    let expected: Vec<&str> = roots.iter().map(|r| r.0).collect();
    assert_eq!(found, expected, "{lot} {element}");
    for (part, (root, over, under)) in answer.parts.iter().zip(roots) {
        assert!((part.share - over / under).abs() < 1e-12, "{lot} {element} {root}: {part:?}");
    }
    assert_eq!(answer.parts.iter().map(|p| p.content_ug).sum::<i64>(), content_ug);
}

#[test]
fn the_dysprosium_of_the_oxide_comes_from_three_ores() {
    check(
        "DYO-1",
        "Dy",
        7_830_000_000,
        &[("ORE-B", 4.5, 8.4), ("ORE-A", 2.4, 8.4), ("ORE-X", 1.5, 8.4)],
    );
}

#[test]
fn the_dysprosium_of_the_magnet_comes_from_the_oxide_and_from_scrap() {
    let oxide = 5.22 / 6.02;
    let roots = [
        ("ORE-B", oxide * 4.5, 8.4),
        ("ORE-A", oxide * 2.4, 8.4),
        ("ORE-X", oxide * 1.5, 8.4),
        ("SCRAP-7", 0.80, 6.02),
    ];
    check("MAG-1", "Dy", 5_280_000_000, &roots);
    check("MAG-1b", "Dy", 2_400_000_000, &roots);
    let shares: Vec<String> = trace("MAG-1", "Dy", Direction::Back)
        .parts
        .iter()
        .map(|p| format!("{:.9}", p.share)[..8].to_owned())
        .collect();
    assert_eq!(shares, ["0.464523", "0.247745", "0.154841", "0.132890"]);
}

/// Of neodymium: S1 takes in 96 + 40 + 25 = 161 kg; G1 takes in 120 × 0.857 = 102.84 kg of NDO-1 and 10 kg
/// of SCRAP-7, and DYO-1 was not analysed for it.
#[test]
fn the_neodymium_of_the_magnet_has_another_provenance() {
    check(
        "NDO-1",
        "Nd",
        128_550_000_000,
        &[("ORE-A", 96.0, 161.0), ("ORE-B", 40.0, 161.0), ("ORE-X", 25.0, 161.0)],
    );
    let oxide = 102.84 / 112.84;
    let roots = [
        ("ORE-A", oxide * 96.0, 161.0),
        ("ORE-B", oxide * 40.0, 161.0),
        ("ORE-X", oxide * 25.0, 161.0),
        ("SCRAP-7", 10.0, 112.84),
    ];
    check("MAG-1", "Nd", 94_050_000_000, &roots);
    assert_eq!(trace("MAG-1", "Nd", Direction::Back).not_analysed, ["DYO-1"]);
    assert_eq!(trace("MAG-1", "Dy", Direction::Back).not_analysed, ["NDO-1"]);
}

#[test]
fn what_the_motor_maker_used_is_netted_against_what_is_in_transit() {
    let answer = trace("MAG-1a", "Dy", Direction::Forward);
    assert_eq!(answer.content_ug, 3_200_000_000);
    let found: Vec<(&str, &str, &str, i64, f64)> = answer
        .parts
        .iter()
        .map(|p| (p.lot.as_str(), p.state, p.party.as_str(), p.content_ug, p.share))
        .collect();
    assert_eq!(
        found,
        [
            ("MAG-1b", "used", "gad:motor-e", 2_400_000_000, 0.75),
            ("MAG-1a", "transit", "gad:mag-d", 800_000_000, 0.25),
        ]
    );
    assert_eq!(answer.parts[0].end_use, "ev_traction_motor");
    assert_eq!(answer.parts[1].to_party, "gad:motor-e");
}

#[test]
fn the_findings_are_those_of_the_worked_example() {
    let findings = books().findings(&View::default());
    let of = |rule: &str| -> Vec<(String, String, Vec<String>)> {
        let all = findings.iter().filter(|f| f.rule == rule);
        all.map(|f| (f.party.clone(), f.lots.join(" "), f.filings.clone())).collect()
    };
    let row = |party: &str, lot: &str, filings: &[&str]| {
        let filings = filings.iter().map(|f| (*f).to_owned()).collect();
        (party.to_owned(), lot.to_owned(), filings)
    };
    assert_eq!(
        of("drawn_without_custody"),
        [
            row("gad:mag-d", "DYO-1", &["gad:mag-d/G1"]),
            row("gad:mag-d", "NDO-1", &["gad:mag-d/G1"]),
            row("gad:motor-e", "MAG-1a", &["gad:motor-e/U1"]),
            row("gad:sep-c", "ORE-A", &["gad:sep-c/S1"]),
            row("gad:sep-c", "ORE-B", &["gad:sep-c/S1"]),
            row("gad:sep-c", "ORE-X", &["gad:sep-c/S1"]),
        ]
    );
    assert_eq!(of("missing_receipt"), [row("gad:mag-d", "MAG-1a", &["gad:mag-d/T1"])]);
    let yields: Vec<(&str, &str, &str, &str)> = findings
        .iter()
        .filter(|f| f.rule == "yield_out_of_band" && f.element == "Dy")
        .map(|f| (&*f.filings[0], &*f.element, &*f.expected, &*f.observed))
        .collect();
    assert_eq!(yields, [("gad:mag-d/G1", "Dy", "45.3 % to 80.4 %", "87.7 %")]);
    let unverified: Vec<String> = of("party_unverified").into_iter().map(|u| u.0).collect();
    assert_eq!(unverified, ["gad:mag-d", "gad:mine-a", "gad:mine-b", "gad:motor-e", "gad:sep-c"]);
}
