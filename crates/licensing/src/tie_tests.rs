//! Declarations as they come: alike, half told, told wrongly.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const RULES: TieRules =
    TieRules { as_of: Date::constant(2025, 12, 31), grace_days: 40, tolerance_ppm: 1_000 };

pub(crate) fn filed(declaration: &str, licence: &str, kg: i64) -> ExportFiled {
    ExportFiled {
        filer: "gad:a".to_owned(),
        filing: format!("gad:a/{declaration}-{licence}"),
        lot: "L".to_owned(),
        declaration: declaration.to_owned(),
        licence: licence.to_owned(),
        day: date(2025, 3, 1),
        net_mass_mg: kg * 1_000_000,
        content_mg: BTreeMap::from([("Dy".to_owned(), kg * 10_000)]),
        oxide_mg: BTreeMap::new(),
        pieces: None,
        product: "magnet".to_owned(),
        destination: "XB".to_owned(),
        customer: "C".to_owned(),
        controlled: Controlled::Yes,
    }
}

pub(crate) fn drawn(declaration: &str, licence: &str, kg: i64) -> DrawnDown {
    let (number, line) = licence.split_once('/').unwrap();
    DrawnDown {
        declaration: declaration.to_owned(),
        licence: number.to_owned(),
        line: line.to_owned(),
        holder: "gad:a".to_owned(),
        day: date(2025, 3, 2),
        quantities: vec![Quantity { unit: Unit::NetMass, amount: kg * 1_000_000 }],
        destination: "XB".to_owned(),
    }
}

pub(crate) fn line(licence: &str, holder: &str) -> LineKnown {
    LineKnown {
        licence: licence.to_owned(),
        holder: holder.to_owned(),
        valid: (date(2025, 1, 1), date(2025, 6, 30)),
        destinations: BTreeSet::from(["XB".to_owned()]),
        standing: LineStanding::InForce,
        left: vec![Quantity { unit: Unit::NetMass, amount: 10_000_000 }],
    }
}

/// Each row as `state: codes`.
fn told(filed: &[ExportFiled], drawn: &[DrawnDown], known: Option<&[LineKnown]>) -> Vec<String> {
    let codes = |tie: &Tie| {
        let codes: Vec<&str> = tie.findings.iter().map(|f| f.rule.code()).collect();
        format!("{:?} {}", tie.state, codes.join(" ")).trim_end().to_owned()
    };
    ties(&RULES, filed, drawn, known).iter().map(codes).collect()
}

#[test]
fn the_two_tellings_of_a_declaration_are_held_against_each_other() {
    let check = |of: &[ExportFiled], by: &[DrawnDown], expected: &[&str]| {
        assert_eq!(told(of, by, None), expected);
    };
    check(&[filed("D", "L/1", 10)], &[drawn("D", "L/1", 10)], &["Matched"]);
    // Two rows and two bookings of one line are added up.
    let parts = [filed("D", "L/1", 4), filed("D", "L/1", 6)];
    check(&parts, &[drawn("D", "L/1", 7), drawn("D", "L/1", 3)], &["Matched"]);
    let gap = ["Differs draw_down_differs"];
    check(&[filed("D", "L/1", 10)], &[drawn("D", "L/1", 11)], &gap);
    check(&[filed("D", "L/1", 10_000)], &[drawn("D", "L/1", 10_010)], &["Matched"]);
    check(&[filed("D", "L/1", 10_000)], &[drawn("D", "L/1", 10_011)], &gap);
    check(&[filed("D", "L/1", 10)], &[], &["Differs export_not_drawn_down"]);
    check(&[], &[drawn("D", "L/1", 10)], &["Differs draw_down_not_filed"]);
    check(&[filed("D", "L/2", 10)], &[drawn("D", "L/1", 10)], &["Differs licence_wrong_line"]);
    check(&[filed("D", "M/1", 10)], &[drawn("D", "L/1", 10)], &["Differs licence_wrong"]);
    check(&[filed("D", "", 10)], &[drawn("D", "L/1", 10)], &["Differs licence_wrong"]);
    check(&[filed("D", "", 10)], &[], &["Differs export_without_licence"]);
    check(&[filed("", "L/1", 10)], &[], &["Differs export_declaration_missing"]);
    let elsewhere = DrawnDown { destination: "XC".to_owned(), ..drawn("D", "L/1", 10) };
    check(&[filed("D", "L/1", 10)], &[elsewhere], &["Differs licence_wrong_destination"]);
    let two = ["Differs export_not_drawn_down", "Differs draw_down_not_filed"];
    check(&[filed("D", "L/1", 10)], &[drawn("E", "L/1", 10)], &two);
}

#[test]
fn what_needs_no_licence_and_names_none_is_no_finding() {
    let plain = ExportFiled { controlled: Controlled::No, ..filed("D", "", 10) };
    assert_eq!(told(std::slice::from_ref(&plain), &[], None), ["NoLicence"]);
    // Nor is it what somebody drew down for.
    let found = told(&[plain], &[drawn("D", "L/1", 10)], None);
    assert_eq!(found, ["NoLicence", "Differs draw_down_not_filed"]);
}

#[test]
fn the_other_telling_may_be_on_its_way() {
    let on = |as_of: Date| {
        let rules = TieRules { as_of, ..RULES };
        let of =
            |filed: &[ExportFiled], drawn: &[DrawnDown]| ties(&rules, filed, drawn, None)[0].state;
        (of(&[filed("D", "L/1", 10)], &[]), of(&[], &[drawn("D", "L/1", 10)]))
    };
    assert_eq!(on(date(2025, 4, 10)), (TieState::Waiting, TieState::Waiting));
    assert_eq!(on(date(2025, 4, 11)), (TieState::Differs, TieState::Waiting));
    assert_eq!(on(date(2025, 4, 12)), (TieState::Differs, TieState::Differs));
}

#[test]
fn a_filing_is_held_against_the_licence_that_it_names() {
    let known = [line("L/1", "gad:a"), line("M/1", "gad:b")];
    let check = |of: ExportFiled, expected: &str| {
        let by = drawn("D", if of.licence.is_empty() { "L/1" } else { &of.licence }, 10);
        let by = DrawnDown { destination: of.destination.clone(), ..by };
        assert_eq!(told(&[of], &[by], Some(&known)), [expected]);
    };
    check(filed("D", "L/1", 10), "Matched");
    check(filed("D", "M/1", 10), "Differs licence_of_another");
    check(filed("D", "N/1", 10), "Differs licence_unknown");
    let day = |day| ExportFiled { day, ..filed("D", "L/1", 10) };
    check(day(date(2025, 6, 30)), "Matched");
    check(day(date(2025, 7, 1)), "Differs licence_not_in_force");
    check(day(date(2024, 12, 31)), "Differs licence_not_in_force");
    let elsewhere = ExportFiled { destination: "XC".to_owned(), ..filed("D", "L/1", 10) };
    check(elsewhere, "Differs licence_wrong_destination");
}

/// Neither what it may do nor what was drawn on it is told to whoever names another's licence.
#[test]
fn of_a_licence_of_another_nothing_is_told_but_that_it_is_one() {
    let known = [line("M/1", "gad:b")];
    let of = ExportFiled {
        day: date(2025, 9, 1),
        destination: "XC".to_owned(),
        ..filed("D", "M/1", 10)
    };
    let by = DrawnDown { holder: "gad:b".to_owned(), ..drawn("D", "M/1", 99) };
    for known in [None, Some(&known[..])] {
        let found = ties(&RULES, std::slice::from_ref(&of), std::slice::from_ref(&by), known);
        let alone = finding(TieRule::LicenceOfAnother, String::new(), "gad:a".to_owned());
        assert_eq!(found[0].findings, [alone]);
    }
}

#[test]
fn each_unit_is_compared_where_it_was_told() {
    let by = |unit: Unit, amount| {
        let quantities = vec![Quantity { unit, amount }];
        [DrawnDown { quantities, ..drawn("D", "L/1", 10) }]
    };
    let check = |unit: Unit, amount: i64, expected: &str| {
        assert_eq!(told(&[filed("D", "L/1", 10)], &by(unit, amount), None), [expected]);
    };
    check(Unit::Content("Dy".to_owned()), 100_000, "Matched");
    check(Unit::Content("Dy".to_owned()), 110_000, "Differs draw_down_differs");
    // What was not filed cannot differ.
    check(Unit::Oxide("Dy".to_owned()), 1, "Matched");
    check(Unit::Pieces, 1, "Matched");
    check(Unit::Value("XTS".to_owned()), 1, "Matched");
}

#[test]
fn each_rule_has_a_code_of_its_own_and_says_what_clears_it() {
    let codes: BTreeSet<&str> = TieRule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes.len(), TieRule::ALL.len());
    assert!(TieRule::ALL.iter().all(|rule| !rule.clears().is_empty()));
}

proptest! {
    #[test]
    fn the_order_does_not_matter_and_nothing_is_lost_or_told_twice(
        of in prop::collection::vec((0..3_usize, 0..4_usize, 1..4_i64, any::<bool>(), 0..2_u8), 0..12),
        by in prop::collection::vec((0..2_usize, 0..3_usize, 1..4_i64, 0..2_u8), 0..12),
        seed in any::<u64>(),
    ) {
        let declarations = ["D", "E", ""];
        let licences = ["L/1", "L/2", "M/1", ""];
        let holders = ["gad:a", "gad:b"];
        let mut filed: Vec<ExportFiled> = of.iter().enumerate().map(|(at, row)| {
            let mut of = filed(declarations[row.0], licences[row.1], row.2);
            of.filer = holders[usize::from(row.4)].to_owned();
            of.filing = format!("{}/{at}", of.filer);
            of.controlled = if row.3 { Controlled::Yes } else { Controlled::No };
            of
        }).collect();
        let mut drawn: Vec<DrawnDown> = by.iter().map(|row| {
            let holder = holders[usize::from(row.3)].to_owned();
            DrawnDown { holder, ..drawn(declarations[row.0], licences[row.1], row.2) }
        }).collect();
        let found = ties(&RULES, &filed, &drawn, None);
        let rows: usize = found.iter().map(|tie| tie.filed.len()).sum();
        prop_assert_eq!(rows, filed.len());
        prop_assert_eq!(found.iter().map(|tie| tie.drawn.len()).sum::<usize>(), drawn.len());
        // A tie is of one declaration, and matched only where both say the same mass.
        for tie in &found {
            prop_assert!(tie.filed.iter().all(|of| of.declaration == tie.declaration));
            prop_assert!(tie.drawn.iter().all(|of| of.declaration == tie.declaration));
            let mass: i64 = tie.filed.iter().map(|of| of.net_mass_mg).sum();
            let booked: i64 = tie.drawn.iter().map(|of| of.quantities[0].amount).sum();
            if tie.state == TieState::Matched {
                prop_assert_eq!(mass, booked);
            }
            prop_assert_eq!(tie.state == TieState::Differs, !tie.findings.is_empty());
        }
        // What is drawn on a line that was filed is never counted as not filed.
        for tie in found.iter().filter(|tie| tie.filed.is_empty()) {
            let same = |of: &&ExportFiled| of.declaration == tie.declaration && of.licence == tie.licence;
            prop_assert!(!filed.iter().any(|of| same(&of)));
        }
        if !filed.is_empty() {
            let by = (seed % filed.len() as u64) as usize;
            filed.rotate_left(by);
        }
        drawn.reverse();
        filed.reverse();
        prop_assert_eq!(found, ties(&RULES, &filed, &drawn, None));
    }
}
