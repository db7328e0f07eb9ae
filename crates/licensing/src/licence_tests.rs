use super::*;
use crate::sample::{allowance, at, event, issued, licence, line, party};

fn standing(events: &[LicenceEvent], as_of: &str) -> String {
    let licence = licence();
    let zone = zone_find(&licence.terms.zone).unwrap();
    licence.standing(events, at(as_of), i64::MAX, &zone).code().to_owned()
}

#[test]
fn a_licence_is_valid_through_its_last_day_in_the_authoritys_zone() {
    let check = |as_of: &str, expected: &str| {
        assert_eq!(standing(&[issued()], as_of), expected, "{as_of}");
    };
    check("2025-12-19T23:59:59Z", "not_issued");
    check("2025-12-31T15:59:59Z", "not_yet_valid");
    check("2025-12-31T16:00:00Z", "in_force");
    check("2026-12-31T15:59:59.999999Z", "in_force");
    check("2026-12-31T16:00:00Z", "expired");
}

#[test]
fn a_month_after_the_31st_is_the_last_day_of_the_month() {
    let check = |from: &str, span: Span, expected: &str| {
        let from = base::time::date_parse(from).unwrap();
        assert_eq!(valid_to(from, span).unwrap().to_string(), expected, "{from} {span}");
    };
    check("2025-01-31", Span::new().months(1), "2025-02-28");
    check("2024-01-31", Span::new().months(1), "2024-02-29");
    check("2025-01-30", Span::new().months(1), "2025-02-28");
    check("2024-02-29", Span::new().years(1), "2025-02-28");
    check("2025-08-31", Span::new().months(6), "2026-02-28");
    check("2025-03-15", Span::new().months(1), "2025-04-15");
}

#[test]
fn the_standing_is_asked_as_of_an_instant() {
    let reason = || "r".to_owned();
    let events = [
        issued(),
        event(
            "2026-03-01T00:00:00Z",
            "2026-03-01T00:00:00Z",
            Change::Suspended { reason: reason() },
        ),
        event(
            "2026-04-01T00:00:00Z",
            "2026-04-01T00:00:00Z",
            Change::Reinstated { reason: reason() },
        ),
        event("2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", Change::Revoked { reason: reason() }),
        event(
            "2026-06-01T00:00:00Z",
            "2026-06-01T00:00:00Z",
            Change::Reinstated { reason: reason() },
        ),
    ];
    for (as_of, expected) in [
        ("2026-02-28T23:59:59Z", "in_force"),
        ("2026-03-01T00:00:00Z", "suspended"),
        ("2026-04-01T00:00:00Z", "in_force"),
        ("2026-05-01T00:00:00Z", "revoked"),
        ("2026-07-01T00:00:00Z", "revoked"),
        ("2027-07-01T00:00:00Z", "revoked"),
    ] {
        assert_eq!(standing(&events, as_of), expected, "{as_of}");
        let mut shuffled = events.clone();
        shuffled.reverse();
        assert_eq!(standing(&shuffled, as_of), expected, "{as_of}, in another order");
    }
    let known = |until: &str| {
        let licence = licence();
        let zone = zone_find(&licence.terms.zone).unwrap();
        licence.standing(&events, at("2026-03-15T00:00:00Z"), at(until), &zone)
    };
    assert_eq!(known("2026-02-01T00:00:00Z"), Standing::InForce, "not known yet");
    assert_eq!(known("2026-03-02T00:00:00Z"), Standing::Suspended);
}

#[test]
fn a_final_standing_is_followed_by_none() {
    let reason = || "r".to_owned();
    let changes = || {
        vec![
            Change::Suspended { reason: reason() },
            Change::Reinstated { reason: reason() },
            Change::Revoked { reason: reason() },
            Change::Surrendered { reason: reason() },
            Change::Superseded { by: "N".into() },
            Change::Closed { reason: reason() },
            Change::Activated,
        ]
    };
    let allowed = |events: &[LicenceEvent]| -> Vec<&'static str> {
        let at = "2026-08-01T00:00:00Z";
        let fits = |change: &Change| {
            licence().change_check(events, &event(at, at, change.clone())).is_ok()
        };
        changes().iter().filter(|change| fits(change)).map(Change::code).collect()
    };
    let after = |change: Change| {
        let at = "2026-07-01T00:00:00Z";
        allowed(&[issued(), event(at, at, change)])
    };
    assert_eq!(
        allowed(&[issued()]),
        ["suspended", "revoked", "surrendered", "superseded", "closed", "activated"]
    );
    assert_eq!(
        after(Change::Suspended { reason: reason() }),
        ["reinstated", "revoked", "surrendered", "superseded", "closed", "activated"]
    );
    for last in [
        Change::Revoked { reason: reason() },
        Change::Surrendered { reason: reason() },
        Change::Superseded { by: "N".into() },
        Change::Closed { reason: reason() },
    ] {
        assert_eq!(after(last.clone()), Vec::<&str>::new(), "after {}", last.code());
    }
    assert_eq!(allowed(&[]), Vec::<&str>::new(), "before it is issued");
    let early =
        event("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", Change::Revoked { reason: reason() });
    assert_eq!(
        licence().change_check(&[issued()], &early).unwrap_err().code(),
        "licence_before_issue"
    );
}

#[test]
fn a_tolerance_is_rounded_down_to_whole_parts() {
    for (unit, amount, ppm, expected) in [
        ("pieces", "19", 50_000, 19),
        ("pieces", "20", 50_000, 21),
        ("net_mass", "100", 50_000, 105_000_000),
        ("net_mass", "0.000001", 999_999, 1),
        ("net_mass", "9000000000", 1_000_000, 18_000_000_000_000_000),
    ] {
        assert_eq!(allowance(unit, amount, ppm).ceiling(), expected, "{amount} {unit} {ppm}");
    }
}

#[test]
fn what_cannot_be_a_licence_is_refused_with_its_place() {
    let check = |change: &dyn Fn(&mut Licence), place: &str| {
        let mut faulty = licence();
        change(&mut faulty);
        let found = faulty.check().unwrap_err();
        assert!(matches!(found, LicenceRefusal::Faulty { .. }));
        assert!(found.to_string().starts_with(&format!("`{place}` of the licence")), "{found}");
    };
    assert_eq!(licence().check(), Ok(()));
    check(&|l| l.number = "a b".into(), "number");
    check(&|l| l.number = String::new(), "number");
    check(&|l| l.valid_to = l.valid_from.yesterday().unwrap(), "valid_to");
    check(&|l| l.terms.zone = "Mars/Base".into(), "terms.zone");
    check(&|l| l.lines.clear(), "lines");
    check(&|l| l.lines.push(l.lines[0].clone()), "lines.1");
    check(&|l| l.lines[0].allowances.clear(), "lines.1");
    check(&|l| l.lines[0].allowances[0].quantity.amount = 0, "lines.1");
    check(
        &|l| {
            let twice = l.lines[0].allowances[0].clone();
            l.lines[0].allowances.push(twice);
        },
        "lines.1",
    );
    check(&|l| l.lines[0].good.hs = "85.05".into(), "lines.1");
    check(&|l| l.lines[0].destination = "NLD".into(), "lines.1");
    check(&|l| l.lines[0].unit_mass_mg = Some(0), "lines.1");
}

#[test]
fn a_superseding_licence_carries_on_every_used_line_in_the_same_units() {
    let old = licence();
    let mut new = licence();
    let used = [(1, vec![60_000_000])];
    let code = |new: &Licence| new.carries(&old, &used).map_err(|e| e.code());
    assert_eq!(code(&new), Err("licence_line_dropped"), "no line carries it on");
    new.lines[0].continues = Some(1);
    assert_eq!(code(&new), Ok(()));
    new.lines[0].allowances = vec![allowance("net_mass", "59.999999", 0)];
    assert_eq!(code(&new), Err("licence_below_used"));
    new.lines[0].allowances = vec![allowance("pieces", "100", 0)];
    assert_eq!(code(&new), Err("licence_line_dropped"), "another unit");
    new.lines[0].allowances = vec![allowance("net_mass", "60", 0)];
    new.lines.push(Line { continues: Some(1), ..line(2, vec![allowance("net_mass", "60", 0)]) });
    assert_eq!(code(&new), Err("licence_line_dropped"), "two lines carry it on");
    assert_eq!(licence().carries(&old, &[(1, vec![0])]), Ok(()), "nothing was used");
}

#[test]
fn parties_are_the_same_by_identifier_or_by_the_letters_of_their_names() {
    let id = |id: &str, name: &str| PartyNamed {
        id: id.into(),
        name: name.into(),
        ..PartyNamed::default()
    };
    for (left, right, same) in [
        (party("Acme Co., Ltd."), party("ACME CO LTD"), true),
        (party("株式会社 磁石"), party("株式会社磁石"), true),
        (party("Acme"), party("Acme Two"), false),
        (id("lei:A", "Acme"), id("lei:A", "Other name"), true),
        (id("lei:A", "Acme"), id("lei:B", "Acme"), false),
        (id("lei:A", "Acme"), party("acme"), true),
        (id("lei:A", ""), party("acme"), false),
        (party(""), party(""), false),
    ] {
        assert_eq!(left.same(&right), same, "{left:?} {right:?}");
        assert_eq!(right.same(&left), same, "{right:?} {left:?}");
    }
}

#[test]
fn users_are_registered_with_a_general_licence_within_its_destinations() {
    let user = |country: &str| {
        let at = "2026-02-01T00:00:00Z";
        let user = RegisteredUser {
            party: party("New User"),
            country: country.into(),
            from_us: crate::sample::at(at),
        };
        event(at, at, Change::UserRegistered(user))
    };
    let mut general = licence();
    assert_eq!(
        general.change_check(&[issued()], &user("NL")).unwrap_err().code(),
        "licence_not_general"
    );
    general.scope = Scope::Registered;
    assert_eq!(general.change_check(&[issued()], &user("NL")), Ok(()));
    assert_eq!(
        general.change_check(&[issued()], &user("FR")).unwrap_err().code(),
        "licence_country_outside"
    );
}

#[test]
fn a_key_is_read_back() {
    let id = LicenceId([0xab; 16]);
    assert_eq!(LicenceId::try_from(id.to_string()), Ok(id));
    for bad in ["", "ab", &"x".repeat(32), &format!("+{}", "1".repeat(32))] {
        assert!(LicenceId::try_from(bad.to_owned()).is_err(), "`{bad}`");
    }
    let text = serde_json::to_string(&licence()).unwrap();
    assert_eq!(serde_json::from_str::<Licence>(&text).unwrap(), licence());
}
