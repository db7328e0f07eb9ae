use super::*;
use crate::licence::{Change, PartyNamed, RegisteredUser, Scope};
use crate::message::{MessageWritten, QuantityWritten};
use crate::sample::{allowance, at, book, event, licence, line, message, party, written};

const NOW: &str = "2026-06-01T12:00:00Z";
const SENT: &str = "2026-06-01T11:00:00Z";

fn codes(answer: &Answer) -> Vec<&'static str> {
    answer.reasons.iter().map(|reason| reason.code).collect()
}

/// Decides at `NOW`; gives the codes, none where it was accepted.
fn tell(book: &mut Book, message: &Message) -> Vec<&'static str> {
    let (answer, _) = book.decide(message, at(NOW));
    assert_eq!(answer.outcome == Outcome::Accepted, answer.reasons.is_empty());
    codes(&answer)
}

fn sums(book: &Book) -> (i64, i64, i64) {
    let head = &book.heads[&1];
    (head.drawn[0] / 1_000_000, head.held[0] / 1_000_000, head.allotted[0] / 1_000_000)
}

#[test]
fn refuses_draw_down_beyond_the_licence() {
    let mut book = book(licence(), vec![]);
    assert_eq!(tell(&mut book, &message("1", "commit", "D1", "60", SENT)), [""; 0]);
    let (answer, changed) = book.decide(&message("2", "commit", "D2", "40.000001", SENT), at(NOW));
    assert_eq!((codes(&answer), changed), (vec!["beyond_quantity"], None));
    assert_eq!(answer.reasons[0].accepted, "at most 40 kg");
    assert_eq!(answer.left[0].left, "40");
    assert_eq!(tell(&mut book, &message("3", "commit", "D3", "40", SENT)), [""; 0]);
    assert_eq!(book.standing(at(NOW)), Standing::Exhausted);
    assert_eq!(
        tell(&mut book, &message("4", "reserve", "D4", "0.000001", SENT)),
        ["beyond_quantity"]
    );
}

#[test]
fn what_lies_within_the_tolerance_is_taken_and_marked() {
    let mut tolerant = licence();
    tolerant.lines[0].allowances = vec![allowance("net_mass", "100", 50_000)];
    let mut book = book(tolerant, vec![]);
    let (answer, _) = book.decide(&message("1", "commit", "D1", "105", SENT), at(NOW));
    assert_eq!(answer.marks, BTreeSet::from([Mark::WithinTolerance]));
    assert_eq!(
        tell(&mut book, &message("2", "commit", "D2", "0.000001", SENT)),
        ["beyond_quantity"]
    );
}

#[test]
fn each_difference_of_the_five_parts_is_a_reason_of_its_own() {
    let check = |change: &dyn Fn(&mut MessageWritten), expected: &[&str]| {
        let mut asked = written("1", "reserve", "D1", "1", SENT);
        change(&mut asked);
        let mut book = book(licence(), vec![]);
        assert_eq!(tell(&mut book, &asked.read().unwrap()), expected);
        assert!(expected.is_empty() || book.uses.is_empty(), "a refusal changes nothing");
    };
    check(&|_| {}, &[]);
    check(&|m| m.good = "G2".into(), &["good_differs"]);
    check(&|m| m.hs = "8505.19".into(), &["hs_differs"]);
    check(&|m| m.hs = "8505".into(), &["hs_differs"]);
    check(&|m| m.consignee = party("Somebody"), &["consignee_differs"]);
    check(&|m| m.end_user = party("Somebody"), &["end_user_differs"]);
    check(&|m| m.end_use = "missile".into(), &["end_use_differs"]);
    check(&|m| m.destination = "DE".into(), &["destination_differs"]);
    check(
        &|m| {
            m.good = String::new();
            m.consignee = PartyNamed::default();
            m.end_user = PartyNamed::default();
            m.end_use = String::new();
            m.destination = String::new();
        },
        &[
            "good_differs",
            "consignee_differs",
            "end_user_differs",
            "end_use_differs",
            "destination_differs",
        ],
    );
    check(&|m| m.line = 2, &["line_unknown"]);
}

#[test]
fn each_unit_is_drawn_for_itself_and_exactly() {
    let units = vec![
        allowance("net_mass", "10", 0),
        allowance("pieces", "100", 0),
        allowance("oxide:Dy", "0.5", 0),
    ];
    let mut several = licence();
    several.lines = vec![line(1, units)];
    let mut book = book(several, vec![]);
    let with = |id: &str, amounts: &[(&str, &str, &str)]| {
        let one = |(unit, amount, written): &(&str, &str, &str)| QuantityWritten {
            unit: (*unit).into(),
            amount: (*amount).into(),
            written: (*written).into(),
        };
        let quantities = amounts.iter().map(one).collect();
        MessageWritten { quantities, ..written(id, "commit", id, "", SENT) }.read()
    };
    let all =
        with("1", &[("net_mass", "2000", "g"), ("pieces", "50", "pcs"), ("oxide:Dy", "0.1", "kg")]);
    assert_eq!(tell(&mut book, &all.unwrap()), [""; 0]);
    assert_eq!(book.heads[&1].drawn, [2_000_000, 50, 100_000]);
    let pieces =
        with("2", &[("net_mass", "1", "kg"), ("pieces", "51", ""), ("oxide:Dy", "0.1", "kg")]);
    let (answer, _) = book.decide(&pieces.unwrap(), at(NOW));
    assert_eq!(
        (codes(&answer), answer.reasons[0].part.as_str()),
        (vec!["beyond_quantity"], "quantities.pieces")
    );
    let fraction = with("3", &[("pieces", "1.5", "")]).unwrap_err();
    assert_eq!(fraction[0].code, "quantity_fraction");
    let missing = with("4", &[("net_mass", "1", "kg"), ("content:Tb", "1", "kg")]).unwrap();
    assert_eq!(tell(&mut book, &missing), ["unit_not_of_line", "unit_missing", "unit_missing"]);
}

#[test]
fn the_validity_is_tested_against_the_event_that_the_terms_name() {
    let check = |tested: TestedEvent, left: &str, declared: &str, expected: &[&str]| {
        let mut licence = licence();
        licence.terms.tested = tested;
        let mut book = book(licence, vec![]);
        let mut asked = written("1", "commit", "D1", "1", left);
        asked.declared_at = declared.into();
        asked.released_at = declared.into();
        let (answer, _) = book.decide(&asked.read().unwrap(), at("2027-02-01T00:00:00Z"));
        assert_eq!(codes(&answer), expected, "{tested:?} {left} {declared}");
    };
    use crate::licence::TestedEvent;
    let (last, after) = ("2026-12-31T15:00:00Z", "2027-01-02T00:00:00Z");
    check(TestedEvent::Departure, after, last, &["expired"]);
    check(TestedEvent::Declaration, after, last, &[]);
    check(TestedEvent::Release, after, last, &[]);
    check(TestedEvent::Departure, last, after, &[]);
    check(TestedEvent::Declaration, last, after, &["expired"]);
    check(TestedEvent::Declaration, last, "", &["instant_missing", "expired"]);
}

#[test]
fn use_dated_before_a_suspension_that_arrives_after_it_is_accepted_and_marked() {
    let reason = || "r".to_owned();
    let suspended = event(
        "2026-06-01T08:00:00Z",
        "2026-06-01T08:00:00Z",
        Change::Suspended { reason: reason() },
    );
    let mut book = book(licence(), vec![suspended]);
    let early = message("1", "commit", "D1", "1", "2026-06-01T07:59:59Z");
    let (answer, _) = book.decide(&early, at(NOW));
    assert_eq!(
        (answer.outcome, answer.marks),
        (Outcome::Accepted, BTreeSet::from([Mark::LateUse]))
    );
    assert_eq!(tell(&mut book, &message("2", "commit", "D2", "1", SENT)), ["suspended"]);
    assert_eq!(
        tell(&mut book, &message("3", "reserve", "D3", "1", "2026-06-01T07:00:00Z")),
        ["suspended"]
    );
    // Also on the fast way, where the standing around now is known.
    book.prepare(at(NOW));
    assert_eq!(tell(&mut book, &message("4", "commit", "D4", "1", SENT)), ["suspended"]);
    assert_eq!(
        tell(&mut book, &message("5", "commit", "D5", "1", "2026-06-01T07:59:59Z")),
        [""; 0]
    );
}

#[test]
fn not_in_force_is_refused_with_what_it_is() {
    let reason = || "r".to_owned();
    for (change, expected) in [
        (Change::Revoked { reason: reason() }, "revoked"),
        (Change::Surrendered { reason: reason() }, "surrendered"),
        (Change::Superseded { by: "N-2".into() }, "superseded"),
        (Change::Closed { reason: reason() }, "closed"),
    ] {
        let at = "2026-05-01T00:00:00Z";
        let mut book = book(licence(), vec![event(at, at, change)]);
        assert_eq!(tell(&mut book, &message("1", "commit", "D1", "1", SENT)), [expected]);
    }
}

#[test]
fn a_reservation_holds_until_its_instant_and_then_nobody_does_anything() {
    let mut book = book(licence(), vec![]);
    let mut asked = written("1", "reserve", "D1", "80", SENT);
    asked.reserve_until = "2026-06-02T00:00:00Z".into();
    let (answer, _) = book.decide(&asked.read().unwrap(), at(NOW));
    assert_eq!(answer.reserved_until.as_deref(), Some("2026-06-02T00:00:00Z"));
    let other = |id: &str| message(id, "check", "D2", "50", SENT);
    let codes_at =
        |book: &mut Book, id: &str, now: &str| codes(&book.decide(&other(id), at(now)).0);
    assert_eq!(codes_at(&mut book, "2", "2026-06-01T23:59:59.999999Z"), ["beyond_quantity"]);
    assert_eq!(codes_at(&mut book, "3", "2026-06-02T00:00:00Z"), [""; 0]);
    assert_eq!(sums(&book), (0, 0, 0));
    // The terms allow ten days at most.
    let mut long = written("4", "reserve", "D4", "80", SENT);
    long.reserve_until = "2027-01-01T00:00:00Z".into();
    let (answer, _) = book.decide(&long.read().unwrap(), at("2026-06-02T00:00:00Z"));
    assert_eq!(answer.reserved_until.as_deref(), Some("2026-06-12T00:00:00Z"));
}

#[test]
fn a_commit_takes_the_place_of_what_was_held_and_a_release_frees_it() {
    let mut book = book(licence(), vec![]);
    tell(&mut book, &message("1", "reserve", "D1", "80", "2026-06-01T10:00:00Z"));
    assert_eq!(sums(&book), (0, 80, 0));
    tell(&mut book, &message("2", "commit", "D1", "75", "2026-06-01T10:30:00Z"));
    assert_eq!(sums(&book), (75, 0, 0));
    tell(&mut book, &message("3", "reserve", "D2", "25", "2026-06-01T10:40:00Z"));
    tell(&mut book, &message("4", "release", "D2", "", "2026-06-01T10:41:00Z"));
    assert_eq!(sums(&book), (75, 0, 0));
    let (again, _) =
        book.decide(&message("5", "release", "D2", "", "2026-06-01T10:42:00Z"), at(NOW));
    assert_eq!(again.marks, BTreeSet::from([Mark::NothingHeld]));
    tell(&mut book, &message("6", "release", "D1", "", "2026-06-01T10:45:00Z"));
    assert_eq!(sums(&book), (75, 0, 0), "what was used is not given up by a release");
}

#[test]
fn increments_add_up_and_count_against_what_is_held() {
    let mut book = book(licence(), vec![]);
    let part = |id: &str, kg: &str, sent: &str| {
        let mut part = written(id, "commit", "D1", kg, sent);
        part.measure = "increment".into();
        part.read().unwrap()
    };
    tell(&mut book, &message("1", "reserve", "D1", "80", "2026-06-01T09:00:00Z"));
    tell(&mut book, &part("2", "30", "2026-06-01T09:10:00Z"));
    assert_eq!(sums(&book), (30, 50, 0));
    tell(&mut book, &part("3", "30", "2026-06-01T09:20:00Z"));
    assert_eq!(sums(&book), (60, 20, 0));
    tell(&mut book, &message("4", "commit", "D1", "50", "2026-06-01T09:15:00Z"));
    assert_eq!(sums(&book), (80, 0, 0), "all until 9:15, and one part after it");
    let mut wrong = written("5", "reserve", "D1", "1", SENT);
    wrong.measure = "increment".into();
    assert_eq!(tell(&mut book, &wrong.read().unwrap()), ["measure_deed"]);
}

#[test]
fn a_correction_goes_down_freely_and_up_as_far_as_there_is_room() {
    let mut book = book(licence(), vec![]);
    tell(&mut book, &message("1", "commit", "D1", "60", "2026-06-01T09:00:00Z"));
    tell(&mut book, &message("2", "commit", "D2", "30", "2026-06-01T09:00:00Z"));
    assert_eq!(
        tell(&mut book, &message("3", "correct", "D1", "70.000001", "2026-06-01T09:30:00Z")),
        ["beyond_quantity"]
    );
    assert_eq!(
        tell(&mut book, &message("4", "correct", "D1", "70", "2026-06-01T09:30:00Z")),
        [""; 0]
    );
    assert_eq!(
        tell(&mut book, &message("5", "correct", "D1", "0", "2026-06-01T09:40:00Z")),
        [""; 0]
    );
    assert_eq!(sums(&book), (30, 0, 0));
    let (stale, changed) =
        book.decide(&message("6", "commit", "D1", "60", "2026-06-01T09:00:00Z"), at(NOW));
    assert_eq!((stale.marks, changed), (BTreeSet::from([Mark::Stale]), None));
}

#[test]
fn a_single_use_licence_closes_with_its_first_completed_export() {
    let mut single = licence();
    single.terms.uses = Uses::Single;
    single.lines.push(line(2, vec![allowance("net_mass", "5", 0)]));
    let mut book = book(single, vec![]);
    tell(&mut book, &message("1", "reserve", "D1", "10", "2026-06-01T09:00:00Z"));
    assert_eq!(tell(&mut book, &message("2", "reserve", "D2", "10", SENT)), ["exports_exhausted"]);
    tell(&mut book, &message("3", "commit", "D1", "10", "2026-06-01T09:10:00Z"));
    assert_eq!(book.standing(at(NOW)), Standing::Closed);
    assert_eq!(tell(&mut book, &message("4", "commit", "D2", "1", SENT)), ["closed"]);
    let mut second = message("5", "commit", "D1", "5", SENT);
    second.line = 2;
    assert_eq!(tell(&mut book, &second), [""; 0], "the other line of the same declaration");
    tell(&mut book, &message("6", "correct", "D1", "0", SENT));
    second.id = "7".into();
    second.deed = Deed::Correct;
    second.quantities[0].amount = 0;
    second.sent_us += 1;
    tell(&mut book, &second);
    assert_eq!(book.standing(at(NOW)), Standing::InForce, "no export has been completed after all");
}

#[test]
fn exports_are_counted_by_declaration() {
    let mut two = licence();
    two.terms.max_exports = Some(2);
    let mut book = book(two, vec![]);
    for (id, declaration) in [("1", "D1"), ("2", "D1"), ("3", "D2")] {
        assert_eq!(
            tell(&mut book, &message(id, "commit", declaration, "1", SENT)),
            [""; 0],
            "{id}"
        );
    }
    assert_eq!(tell(&mut book, &message("4", "commit", "D3", "1", SENT)), ["exports_exhausted"]);
}

#[test]
fn what_is_allotted_counts_as_taken_and_what_is_reported_from_it_is_a_fact() {
    let mut book = book(licence(), vec![]);
    let allotment = |id: &str, kg: i64| Allotment {
        id: id.into(),
        post: "PORT".into(),
        line: 1,
        amounts: vec![kg * 1_000_000],
        drawn: vec![],
        state: AllotmentState::Open,
    };
    let offline = |id: &str, declaration: &str, kg: &str| {
        let mut offline = written(id, "commit", declaration, kg, SENT);
        offline.allotment = "A1".into();
        offline
    };
    assert_eq!(book.allot(allotment("A1", 60), at(NOW)), Ok(()));
    assert_eq!(book.allot(allotment("A2", 41), at(NOW)).unwrap_err()[0].code, "beyond_quantity");
    assert_eq!(book.allot(allotment("A1", 1), at(NOW)).unwrap_err()[0].code, "allotment_known");
    assert_eq!(tell(&mut book, &message("1", "commit", "D1", "41", SENT)), ["beyond_quantity"]);
    assert_eq!(tell(&mut book, &offline("2", "O1", "50").read().unwrap()), [""; 0]);
    assert_eq!(sums(&book), (50, 0, 10));
    let (over, _) = book.decide(&offline("3", "O2", "20").read().unwrap(), at(NOW));
    assert_eq!(over.marks, BTreeSet::from([Mark::BeyondAllotment]));
    assert_eq!(sums(&book), (70, 0, 0));
    let (far, _) = book.decide(&offline("4", "O3", "50").read().unwrap(), at(NOW));
    assert_eq!(far.marks, BTreeSet::from([Mark::BeyondAllotment, Mark::BeyondQuantity]));
    assert_eq!((sums(&book), book.heads[&1].excess[0]), ((120, 0, 0), 20_000_000));
    assert_eq!(tell(&mut book, &message("5", "commit", "D5", "1", SENT)), ["beyond_quantity"]);
    let mut elsewhere = offline("6", "O6", "1");
    elsewhere.destination = "DE".into();
    let (other, _) = book.decide(&elsewhere.read().unwrap(), at(NOW));
    assert!(other.marks.contains(&Mark::CellDiffers), "{other:?}");
    let mut strange = offline("7", "O7", "1");
    strange.post = "ELSEWHERE".into();
    assert_eq!(tell(&mut book, &strange.read().unwrap()), ["allotment_unknown"]);
}

#[test]
fn what_is_left_of_a_reconciled_allotment_is_free_again() {
    let mut book = book(licence(), vec![]);
    let allotment = Allotment {
        id: "A1".into(),
        post: "PORT".into(),
        line: 1,
        amounts: vec![60_000_000],
        drawn: vec![],
        state: AllotmentState::Open,
    };
    book.allot(allotment, at(NOW)).unwrap();
    let mut offline = written("1", "commit", "O1", "50", SENT);
    offline.allotment = "A1".into();
    tell(&mut book, &offline.read().unwrap());
    assert_eq!(
        book.reconcile("A1", "ELSEWHERE", at(NOW)).unwrap_err()[0].code,
        "allotment_unknown"
    );
    assert_eq!(book.reconcile("A1", "PORT", at(NOW)), Ok(()));
    assert_eq!(book.reconcile("A1", "PORT", at(NOW)), Ok(()), "twice is no matter");
    assert_eq!(sums(&book), (50, 0, 0));
    assert_eq!(tell(&mut book, &message("2", "commit", "D2", "50", SENT)), [""; 0]);
}

#[test]
fn pieces_that_do_not_fit_the_net_mass_are_marked_and_never_converted() {
    let mut licence = licence();
    licence.lines =
        vec![line(1, vec![allowance("net_mass", "10", 0), allowance("pieces", "1000", 0)])];
    licence.lines[0].unit_mass_mg = Some(10_000);
    let mut book = book(licence, vec![]);
    let mut asked = |id: &str, kg: &str, pieces: &str| {
        let mut asked = written(id, "commit", id, kg, SENT);
        asked.quantities.push(QuantityWritten {
            unit: "pieces".into(),
            amount: pieces.into(),
            written: String::new(),
        });
        let (answer, _) = book.decide(&asked.read().unwrap(), at(NOW));
        assert_eq!(answer.outcome, Outcome::Accepted);
        answer.marks.contains(&Mark::UnitMass)
    };
    assert!(!asked("1", "1", "100"));
    assert!(!asked("2", "1.1", "100"));
    assert!(asked("3", "1.100001", "100"));
    assert!(asked("4", "0.5", "100"));
}

#[test]
fn users_registered_by_then_count_as_end_users_of_a_general_licence() {
    let mut general = licence();
    general.scope = Scope::Registered;
    let user = RegisteredUser {
        party: party("Second Works"),
        country: "NL".into(),
        from_us: at("2026-05-01T00:00:00Z"),
    };
    let registered =
        event("2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", Change::UserRegistered(user));
    let mut book = book(general, vec![registered]);
    let mut asked = written("1", "commit", "D1", "1", SENT);
    asked.end_user = party("Second Works");
    assert_eq!(tell(&mut book, &asked.clone().read().unwrap()), [""; 0]);
    asked.departed_at = "2026-04-30T00:00:00Z".into();
    asked.declaration = "D2".into();
    assert_eq!(tell(&mut book, &asked.read().unwrap()), ["end_user_differs"]);
}

#[test]
fn what_lies_in_the_future_is_refused() {
    let mut book = book(licence(), vec![]);
    let late = message("1", "commit", "D1", "1", "2026-06-01T12:15:01Z");
    assert_eq!(tell(&mut book, &late), ["instant_future", "instant_future"]);
    let soon = message("2", "commit", "D1", "1", "2026-06-01T12:14:59Z");
    assert_eq!(tell(&mut book, &soon), [""; 0]);
}

#[test]
fn poison_is_told_with_all_its_faults() {
    let mut poison = written("1", "grab", "D 1", "1,5", "yesterday");
    poison.measure = "sideways".into();
    poison.line = 0;
    poison.end_use = "x".repeat(201);
    poison.quantities.push(poison.quantities[0].clone());
    poison.quantities.push(QuantityWritten {
        unit: "barrels".into(),
        amount: "1".into(),
        written: String::new(),
    });
    let codes: Vec<&str> = poison.read().unwrap_err().iter().map(|r| r.code).collect();
    assert_eq!(
        codes,
        [
            "deed_unknown",
            "measure_unknown",
            "key_form",
            "number_missing",
            "text_long",
            "instant_form",
            "instant_form",
            "quantity_ambiguous",
            "quantity_ambiguous",
            "unit_unknown"
        ]
    );
    let day = written("1", "commit", "D1", "1", "2026-06-01").read().unwrap_err();
    assert_eq!(day[0].code, "instant_form", "a day is no instant");
}
