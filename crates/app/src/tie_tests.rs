//! Exports as they are filed, held against licences and draw-downs that are given.

use jiff::civil::date;
use licensing::quantity::{Quantity, Unit};
use licensing::tie::{DrawnDown, LineKnown, LineStanding};

use super::*;
use crate::import::ImportOptions;
use crate::platform::{Mode, OpenOptions};

/// 10 kg of dysprosium oxide in two rows of one shipment, and a filing that a correction replaced.
const FILINGS: &str = "\
filing,kind,date,filer,site,lot,stage,product,net_mass_kg,composition,customer_name,customer_country,declaration,licence,corrects
O1,opening,2025-01-01,gad:a,FAB,DYO,separated_compound,dysprosium oxide,100,Dy=87.0,,,,,
E0,export,2025-03-01,gad:a,FAB,DYO,separated_compound,dysprosium oxide,50,,Works,XB,D0,,
E1,export,2025-03-02,gad:a,FAB,DYO,separated_compound,dysprosium oxide,6,,Works,XB,D1,L1/1,E0
E1,export,2025-03-02,gad:a,FAB,DYO,separated_compound,dysprosium oxide,4,,Works,XB,D1,L1/1,E0
E1,export,2025-03-02,gad:a,FAB,DYO,separated_compound,dysprosium oxide,1,,Works,XB,D1,,E0
";

fn law() -> Law {
    Law::read("demo", 0, &crate::packs::pack_carried("demo").unwrap())
}

fn platform(dir: &std::path::Path) -> Platform {
    let options = OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir, Mode::Write, &options).unwrap();
    let filings = Box::new(FILINGS.as_bytes());
    let report = platform.import(filings, ImportOptions::default(), &mut |_| {}).unwrap();
    assert_eq!(report.rejected, 0, "{report:?}");
    platform
}

fn quantity(unit: Unit, kg: i64) -> Quantity {
    Quantity { unit, amount: kg * 1_000_000 }
}

/// A line with 10 kg left, of which `drawn` kg were drawn for the declaration.
fn licensed(left: i64, drawn: i64) -> Licensed {
    let line = LineKnown {
        licence: "L1/1".to_owned(),
        holder: "gad:a".to_owned(),
        valid: (date(2025, 1, 1), date(2025, 12, 31)),
        destinations: ["XB".to_owned()].into(),
        standing: LineStanding::InForce,
        left: vec![quantity(Unit::NetMass, left), quantity(Unit::Content("Dy".to_owned()), 100)],
    };
    let drawn = DrawnDown {
        declaration: "D1".to_owned(),
        licence: "L1".to_owned(),
        line: "1".to_owned(),
        holder: "gad:a".to_owned(),
        day: date(2025, 3, 2),
        quantities: vec![quantity(Unit::NetMass, drawn)],
        destination: "XB".to_owned(),
    };
    let drawn = if drawn.quantities[0].amount > 0 { vec![drawn] } else { Vec::new() };
    Licensed { lines: Some(vec![line]), drawn: Some(drawn), since: Some(date(2025, 3, 1)) }
}

#[test]
fn an_export_and_the_draw_down_of_its_declaration_find_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let (platform, law) = (platform(dir.path()), law());
    let found = |licensed: &Licensed| {
        let ties = platform.ties(&law, licensed, date(2025, 12, 31)).unwrap();
        let codes = tie_findings(&ties).into_iter().map(|of| (of.rule, of.filings));
        codes.collect::<Vec<_>>()
    };
    let of = |rule| (rule, vec!["gad:a/E1".to_owned()]);
    // The third row names no licence, and is not what was drawn down for.
    assert_eq!(found(&licensed(0, 10)), [of("export_without_licence")]);
    let differs = [of("draw_down_differs"), of("export_without_licence")];
    assert_eq!(found(&licensed(0, 9)), differs);
    let missing = [of("export_not_drawn_down"), of("export_without_licence")];
    assert_eq!(found(&licensed(10, 0)), missing);
    // Nor does it of what left before the first licence on record.
    let before = Licensed { since: Some(date(2025, 3, 3)), ..licensed(10, 0) };
    assert_eq!(found(&before), [of("export_without_licence")]);
    // Where customs does not tell, its silence says nothing.
    let untold = Licensed { drawn: None, ..licensed(10, 0) };
    assert_eq!(found(&untold), [of("export_without_licence")]);
}

#[test]
fn a_shipment_says_whether_it_needs_a_licence_and_fits_it() {
    let dir = tempfile::tempdir().unwrap();
    let (platform, law) = (platform(dir.path()), law());
    let exports = platform.exported_in("gad:a", "E1").unwrap();
    let check = |licensed: &Licensed, expected: [Option<bool>; 2]| {
        let found = shipments(&law, &exports, licensed);
        let rows: Vec<(&str, usize)> =
            found.iter().map(|of| (of.licence.as_str(), of.rows.len())).collect();
        assert_eq!(rows, [("", 1), ("L1/1", 2)]);
        assert!(
            found
                .iter()
                .flat_map(|of| &of.rows)
                .all(|row| { row.need.answer == Kind::Controlled && !row.need.codes.is_empty() })
        );
        let fits: Vec<Option<bool>> =
            found.iter().map(|of| of.fit.as_ref().map(Fit::fits)).collect();
        assert_eq!(fits, expected);
    };
    check(&licensed(10, 0), [None, Some(true)]);
    check(&licensed(9, 0), [None, Some(false)]);
    check(&licensed(0, 10), [None, Some(true)]);
    check(&Licensed::default(), [None, None]);
    check(&Licensed { since: Some(date(2025, 3, 3)), ..licensed(10, 0) }, [None, None]);
    // What was replaced, and what is no export, ships nothing.
    for other in ["E0", "O1", "nothing"] {
        let found = platform.shipments(&law, ("gad:a", other), Timestamp::from_us(1)).unwrap();
        assert!(found.is_empty(), "{other}");
    }
}
