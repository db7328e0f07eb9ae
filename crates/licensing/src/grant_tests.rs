use super::*;
use crate::case::Draft;
use crate::decide::sample::{Stage, World, kilograms, refuse};
use crate::rules::Tolerance;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A decided case of the sample, with its draft changed before it was signed.
fn decided(change: impl FnOnce(&mut Draft)) -> World {
    let mut world = World::at(Stage::Advised);
    let mut draft = world.draft();
    change(&mut draft);
    world.done("olga", &crate::decide::Command::Draft { draft });
    let content = world.content();
    world.done("sven", &crate::decide::Command::Sign { content });
    let finalise = world.finalise();
    world.done("olga", &finalise);
    world
}

fn granted(
    world: &World,
    today: &str,
    before: Option<&Licence>,
) -> Result<Licence, Vec<&'static str>> {
    let grant = Grant {
        case: &world.case,
        rules: &world.rules,
        pack: "test/3",
        zone: "Asia/Shanghai",
        today: day(today),
        number: "YT-L-1",
        id: LicenceId([9; 16]),
        before,
    };
    grant.licence().map_err(|refusals| refusals.iter().map(|refusal| refusal.code).collect())
}

#[test]
fn a_licence_has_a_line_for_each_approved_cell_and_for_no_other() {
    let cells = |licence: &Licence| -> Vec<(u32, String)> {
        licence.lines.iter().map(|line| (line.number, line.cell.clone())).collect()
    };
    let both = granted(&World::at(Stage::Decided), "2026-01-06", None).unwrap();
    assert_eq!(cells(&both), [(1, "c1".to_owned()), (2, "c2".to_owned())]);
    let world = decided(|draft| {
        draft.cells.insert("c1".to_owned(), refuse(&["security"], "no"));
    });
    let one = granted(&world, "2026-01-06", None).unwrap();
    assert_eq!(cells(&one), [(1, "c2".to_owned())]);
    assert_eq!((one.holder.as_str(), one.case.as_str()), ("gad:acme", "YT-2026-1"));
}

#[test]
fn what_was_signed_stands_on_the_line() {
    let world = decided(|draft| {
        if let Some(CellDecision::Approve { quantities, .. }) = draft.cells.get_mut("c1") {
            *quantities = vec![kilograms(120)];
        }
    });
    let licence = granted(&world, "2026-01-06", None).unwrap();
    let line = &licence.lines[0];
    assert_eq!(line.allowances[0].quantity, kilograms(120));
    let conditions: Vec<(&str, &str)> =
        line.conditions.iter().map(|c| (c.agency.as_str(), c.text.as_str())).collect();
    assert_eq!(conditions, [("defence", "kept at one site")]);
    let parties = (line.consignee.name.as_str(), line.end_user.name.as_str());
    assert_eq!(parties, ("p1 Ltd", "p2 Ltd"));
    assert_eq!((line.end_use.as_str(), line.destination.as_str()), ("elevator", "XB"));
    assert!(licence.lines[1].conditions.is_empty());
}

#[test]
fn the_days_are_those_of_the_draft_and_else_of_the_kind() {
    let single = |from: Option<&str>, months: Option<u32>| {
        let from = from.map(day);
        decided(|draft| (draft.valid_from, draft.valid_months) = (from, months))
    };
    for (from, months, today, expected) in [
        // As long as the kind of licence allows, from the day of the issue.
        (None, None, "2026-01-06", ("2026-01-06", "2027-01-06")),
        (None, Some(1), "2026-01-31", ("2026-01-31", "2026-02-28")),
        (Some("2026-03-01"), Some(6), "2026-01-06", ("2026-03-01", "2026-09-01")),
        // Signed after the first day that was drafted.
        (Some("2026-01-01"), Some(6), "2026-01-20", ("2026-01-20", "2026-07-20")),
    ] {
        let licence = granted(&single(from, months), today, None).unwrap();
        let days = (licence.valid_from, licence.valid_to);
        assert_eq!(days, (day(expected.0), day(expected.1)), "{from:?} {months:?} {today}");
    }
    // A kind without a term: the draft must have named one, but a registration is good whenever it is used.
    for (kind, expected) in [
        (TypeKind::Licence, Err(vec!["draft_term_missing"])),
        (TypeKind::Registration, Ok(day_without_end())),
    ] {
        let mut world = single(None, None);
        world.rules.licence_types[0].max_validity = None;
        world.rules.licence_types[0].kind = kind;
        let last = granted(&world, "2026-01-06", None).map(|licence| licence.valid_to);
        assert_eq!(last, expected, "{kind:?}");
    }
}

#[test]
fn the_terms_are_those_of_the_pack() {
    let mut world = World::at(Stage::Decided);
    let tolerance = |unit: &str, ppm| Tolerance {
        unit: unit.to_owned(),
        ppm,
        citation: String::new(),
        source: String::new(),
        confidence: String::new(),
    };
    world.rules.tolerances = vec![tolerance("net_mass", 20_000), tolerance("value", 5)];
    world.rules.validity_event = ValidityEvent::Departure;
    let licence = granted(&world, "2026-01-06", None).unwrap();
    assert_eq!(licence.terms.uses, Uses::Many);
    assert_eq!(licence.terms.tested, TestedEvent::Departure);
    assert_eq!(licence.terms.reservation_seconds, 72 * 3_600);
    assert_eq!(licence.terms.zone, "Asia/Shanghai");
    assert_eq!(licence.scope, Scope::Lines);
    let ppm: Vec<u32> = licence.lines[1].allowances.iter().map(|a| a.tolerance_ppm).collect();
    assert_eq!(ppm, [20_000, 0], "mass and pieces");

    let kind = &mut world.rules.licence_types[0];
    (kind.lapses_when_completed, kind.max_exports) = (true, Some(1));
    world.rules.reservation_hours = Some(5);
    world.rules.unit_mass_tolerance_ppm = Some(7);
    world.rules.registered_users = vec!["single".to_owned()];
    let licence = granted(&world, "2026-01-06", None).unwrap();
    assert_eq!((licence.terms.uses, licence.terms.max_exports), (Uses::Single, Some(1)));
    assert_eq!(licence.terms.reservation_seconds, 5 * 3_600);
    assert_eq!(licence.terms.unit_mass_tolerance_ppm, 7);
    assert_eq!(licence.scope, Scope::Registered);
}

#[test]
fn the_codes_are_those_that_the_authority_found() {
    for (found, expected) in
        [(vec!["1C001".to_owned()], ["1C001".to_owned()]), (vec![], ["claimed".to_owned()])]
    {
        let mut world = World::at(Stage::Decided);
        world.case.application.goods[0].control_codes = vec!["claimed".to_owned()];
        world.case.application.goods[0].hs = "8505.11 90".to_owned();
        world.case.control_codes.insert("g1".to_owned(), found);
        let good = granted(&world, "2026-01-06", None).unwrap().lines[0].good.clone();
        assert_eq!((good.control_codes.as_slice(), good.hs.as_str()), (&expected[..], "85051190"));
    }
}

#[test]
fn a_later_decision_carries_the_lines_of_the_same_cells_on() {
    let mut before = granted(&World::at(Stage::Decided), "2026-01-06", None).unwrap();
    before.number = "YT-L-0".to_owned();
    let world = decided(|draft| {
        draft.cells.insert("c1".to_owned(), refuse(&["security"], "no"));
    });
    let after = granted(&world, "2026-02-06", Some(&before)).unwrap();
    assert_eq!(after.supersedes.as_deref(), Some("YT-L-0"));
    let continues: Vec<Option<u32>> = after.lines.iter().map(|line| line.continues).collect();
    assert_eq!(continues, [Some(2)]);
}

#[test]
fn what_cannot_be_a_licence_is_refused_with_its_reasons() {
    for (break_it, expected) in [
        (
            (|world: &mut World| world.case.application.goods.clear()) as fn(&mut World),
            vec!["licence_faulty", "licence_faulty"],
        ),
        (|world| world.case.application.goods[0].unit_mass_mg = Some(0), vec!["licence_faulty"]),
        (
            |world| {
                let cell = world.case.application.cells[0].clone();
                let outcome = world.case.outcome.as_mut().unwrap();
                for number in 0..LINES_MAX {
                    let key = format!("x{number}");
                    outcome.cells.insert(key.clone(), outcome.cells["c1"].clone());
                    world.case.application.cells.push(Cell { key, ..cell.clone() });
                }
            },
            vec!["licence_lines_many"],
        ),
    ] {
        let mut world = World::at(Stage::Decided);
        break_it(&mut world);
        assert_eq!(granted(&world, "2026-01-06", None).err(), Some(expected));
    }
}
