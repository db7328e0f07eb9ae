//! Handing in, registrations, amendments, appeals, reopening.

use super::*;

#[test]
fn the_first_outcome_never_changes() {
    let mut world = World::at(Stage::Decided);
    let first = world.case.first_outcome.clone().unwrap();
    world.done("sven", &Command::Reopen { ground: text("new facts") });
    assert_eq!((world.case.state, world.case.outcome.as_ref()), (CaseState::Review, None));
    let command = sign(&world);
    assert!(world.run("sven", &command).is_err_and(|codes| codes.contains(&"draft_missing")));
    world.done("olga", &Command::Return { reasons: vec![text("record")], text: text("no") });
    assert_eq!(world.case.first_outcome, Some(first));
    assert_eq!(world.case.outcome.as_ref().map(|o| o.state), Some(CaseState::Returned));
}

#[test]
fn an_amendment_is_of_what_is_not_key_and_one_at_a_time() {
    let row = |change: fn(&mut Application), expected: &[&str]| {
        let mut application = application();
        change(&mut application);
        let command = Command::AskAmendment { application: Box::new(application) };
        check(Stage::Drafted, nothing, "ann", |_| command, expected)
    };
    row(|a| a.route = text("by sea"), &[]);
    row(|a| a.cells[0].quantities[0] = kilograms(600), &[]);
    row(|_| {}, &["amendment_nothing"]);
    row(|a| a.cells.reverse(), &["amendment_nothing"]);
    row(|a| a.cells[0].destination = text("XD"), &["amendment_key"]);
    row(|a| a.parties[1].name = text("Somebody Else"), &["amendment_key"]);
    row(|a| a.goods[0].form = text("powder"), &["amendment_key"]);
    row(|a| a.uses[0].code = text("submarine"), &["amendment_key"]);
    row(|a| a.licence_type = text("registration"), &["amendment_licence_type"]);
    row(|a| drop(a.cells.pop()), &[]);
    row(|a| a.cells.clear(), &["cells_missing"]);
    let open = |world: &mut World| {
        let mut application = application();
        application.route = text("by sea");
        let application = Box::new(application);
        world.done("ann", &Command::AskAmendment { application });
    };
    let mut other = application();
    other.route = text("by air");
    let second = Command::AskAmendment { application: Box::new(other) };
    check(Stage::Drafted, open, "ann", |_| second.clone(), &["amendment_open"]);
    let take = || Command::DecideAmendment { verdict: Verdict::Taken, reason: String::new() };
    check(Stage::Drafted, open, "olga", |_| take(), &["amendment_not_accepted"]);
    check(Stage::Drafted, nothing, "olga", |_| take(), &["amendment_none"]);
    check(Stage::Drafted, nothing, "olga", |_| Command::AcceptAmendment, &["amendment_none"]);
    let accepted = |world: &mut World| {
        open(world);
        world.done("olga", &Command::AcceptAmendment);
    };
    let again = &["amendment_accepted_already"];
    check(Stage::Drafted, accepted, "olga", |_| Command::AcceptAmendment, again);
    let refuse = Command::DecideAmendment { verdict: Verdict::Refused, reason: String::new() };
    check(Stage::Drafted, accepted, "olga", |_| refuse, &["reason_missing"]);
    let world = check(Stage::Signed, accepted, "olga", |_| take(), &[]);
    assert_eq!(world.case.application.route, "by sea");
    assert_eq!(world.case.signatures_held().count(), 0, "a taken amendment voids signatures");
}

#[test]
fn an_agency_is_asked_again_when_what_it_advised_on_changed() {
    let amended = |change: fn(&mut Application)| {
        move |world: &mut World| {
            let mut application = application();
            change(&mut application);
            let application = Box::new(application);
            world.done("ann", &Command::AskAmendment { application });
            world.done("olga", &Command::AcceptAmendment);
            let taken = Command::DecideAmendment { verdict: Verdict::Taken, reason: text("x") };
            world.done("olga", &taken);
        }
    };
    let more = amended(|a| a.cells[0].quantities[0] = kilograms(600));
    check(Stage::Drafted, more, "sven", sign, &["agency_outdated", "agency_outdated"]);
    let route = amended(|a| a.route = text("by sea"));
    check(Stage::Drafted, route, "sven", sign, &[]);
    let less = amended(|a| a.cells[0].quantities[0] = kilograms(400));
    let both = ["draft_quantity", "agency_outdated", "agency_outdated"];
    check(Stage::Drafted, less, "sven", sign, &both);
}

#[test]
fn a_refusal_is_appealed_once_within_the_days_of_the_pack() {
    let appeal = Command::Appeal { number: text("YT-2026-2") };
    let row = |days: i64, change: fn(&mut World), expected: &[&str]| {
        let mut world = refusing_decided();
        change(&mut world);
        world.now_us += days * DAY_US;
        assert_eq!(world.run("ann", &appeal).err().unwrap_or_default(), expected, "{days}");
    };
    row(0, nothing, &[]);
    row(29, nothing, &[]);
    row(32, nothing, &["appeal_late"]);
    row(0, |w| w.rules.appeal = None, &["appeal_none"]);
    row(
        0,
        |w| w.done("ann", &Command::Appeal { number: text("YT-2026-9") }),
        &["appealed_already"],
    );
    check(Stage::Decided, nothing, "ann", |_| appeal.clone(), &["appeal_nothing_refused"]);
    check(Stage::Signed, nothing, "ann", |_| appeal.clone(), &["not_ended"]);
}

#[test]
fn the_last_day_of_an_appeal_ends_in_the_authoritys_zone() {
    let hour = DAY_US / 24;
    // Decided on a Monday at 20:00 UTC: on Tuesday where the authority is eight hours ahead.
    let monday = BEGIN_US - 9 * hour;
    for (ahead, last) in [(0_i8, 31 * DAY_US), (8, 32 * DAY_US - 8 * hour)] {
        for (now_us, late) in [(monday + last - 1, false), (monday + last, true)] {
            let mut world = refusing_decided();
            assert_eq!((world.now_us - monday) / hour, 20);
            world.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(ahead));
            world.now_us = now_us - hour;
            let command = Command::Appeal { number: text("YT-2026-2") };
            assert_eq!(world.run("ann", &command).is_err(), late, "{ahead} {now_us}");
        }
    }
}

#[test]
fn an_appeal_is_decided_by_who_took_no_part_in_the_first_decision() {
    let first = refusing_decided();
    let follows = Follows { how: FollowKind::Appeal, number: first.case.number.clone() };
    let mut world = first.clone();
    world.followed = Some(first.case.clone());
    let application = || Application { appeal_grounds: text("It is known."), ..application() };
    assert!(world.submit("ann", &application(), Some(&follows)).is_ok());
    let blank = Application { appeal_grounds: text(" "), ..application() };
    let found = world.submit("ann", &blank, Some(&follows));
    assert_eq!(found, Err(vec!["appeal_grounds_missing"]));
    world.followed = None;
    let found = world.submit("ann", &application(), Some(&follows));
    assert_eq!(found, Err(vec!["follows_wrong"]));
    let mut elsewhere = first.clone();
    elsewhere.followed = Some(first.case.clone());
    let found = elsewhere.submit("bob", &application(), Some(&follows));
    assert_eq!(found, Err(vec!["follows_wrong"]), "another's case is no case");

    let followed = Some(first.case.clone());
    let mut world = World::submitted(&application(), Some(&follows), followed);
    let assign = |officer: &str| Command::Assign { officer: text(officer) };
    assert_eq!(world.run("sara", &assign("olga")), Err(vec!["appeal_same_person"]));
    assert_eq!(world.run("sara", &assign("sven")), Err(vec!["appeal_same_person"]));
    world.done("sara", &assign("oskar"));
    world.done("oskar", &Command::Accept);
    for (who, command) in [
        ("oskar", ask_agency("defence")),
        ("oskar", ask_agency("industry")),
        ("dina", advise(Position::Approve, &[])),
        ("dina", Command::Reply),
        ("ida", advise(Position::Approve, &[])),
        ("ida", Command::Reply),
    ] {
        world.done(who, &command);
    }
    let draft = Command::Draft { draft: world.draft() };
    assert_eq!(world.run("sven", &draft), Err(vec!["appeal_same_person"]));
    world.done("oskar", &draft);
    let command = sign(&world);
    assert_eq!(world.run("sven", &command), Err(vec!["appeal_same_person"]));
    let mut unknown = world.clone();
    unknown.followed = None;
    assert_eq!(unknown.run("sara", &command), Err(vec!["followed_unknown"]));
    world.done("sara", &command);
    let command = world.finalise();
    assert_eq!(world.run("sven", &command), Err(vec!["appeal_same_person"]));
    world.done("oskar", &command);
}

#[test]
fn what_makes_no_case_is_refused_all_at_once() {
    let row = |change: fn(&mut Application), expected: &[&str]| {
        let world = World::at(Stage::Received);
        let mut application = application();
        change(&mut application);
        let found = world.submit("ann", &application, None).err().unwrap_or_default();
        assert_eq!(found, expected);
    };
    row(|_| {}, &[]);
    row(|a| a.cells.clear(), &["cells_missing"]);
    row(|a| a.cells[0].good = text("g9"), &["cell_dangling"]);
    row(|a| a.cells[0].end_use = text("u9"), &["cell_dangling"]);
    row(|a| a.cells[0].end_user = text("p9"), &["cell_dangling"]);
    row(|a| a.cells[0].consignee = text("p3"), &["cell_part_wrong"]);
    row(|a| a.cells[1].destination = text("XB"), &["cell_duplicate"]);
    row(|a| a.cells[1].key = text("c1"), &["key_duplicate"]);
    row(|a| a.cells[1].key = text(" "), &["key_empty"]);
    row(|a| a.parties[1].key = text("p1"), &["key_duplicate", "cell_dangling", "cell_dangling"]);
    row(|a| a.cells[0].destination = String::new(), &["destination_missing"]);
    row(|a| a.cells[0].quantities.clear(), &["quantity_missing"]);
    row(|a| a.cells[0].quantities[0].amount = 0, &["quantity_zero"]);
    row(|a| a.cells[0].quantities[0].amount = -1, &["quantity_zero"]);
    row(|a| a.cells[0].quantities.push(kilograms(1)), &["quantity_unit_duplicate"]);
    row(|a| a.licence_type = text("magic"), &["licence_type_unknown"]);
    row(|a| a.licence_type = text("exempt"), &["licence_type_none"]);
    let stock = || Inventory { end_user: text("p9"), days: 6, stops: text("a line") };
    let certificate = || CertificateEntry { id: text("e1"), end_user: text("p9") };
    let mut world = World::at(Stage::Received);
    world.rules.licence_types.clear();
    let mut application = application();
    application.inventory.push(stock());
    application.certificates.push(certificate());
    application.cells[0].good = text("g9");
    application.cells[0].quantities.clear();
    let all = [
        "licence_type_unknown",
        "cell_dangling",
        "quantity_missing",
        "certificate_dangling",
        "inventory_dangling",
    ];
    assert_eq!(world.submit("ann", &application, None), Err(all.to_vec()));
    assert_eq!(world.submit("olga", &application, None), Err(vec!["not_allowed"]));
}

#[test]
fn a_registration_is_granted_by_the_rule_or_falls_back() {
    let mut registration = application();
    registration.licence_type = text("registration");
    let fresh = || World::submitted(&registration, None, None);
    let register = Command::Register {
        findings: vec![text("certificate_missing")],
        licences: vec![text("YT-R-1")],
    };
    let mut world = fresh();
    let events = world.run("time", &register).unwrap();
    assert_eq!(events.len(), 3);
    assert_eq!(world.case.state, CaseState::Decided);
    assert_eq!(world.case.outcome.as_ref().map(|o| o.licences.len()), Some(1));
    assert_eq!(fresh().run("sven", &register), Err(vec!["not_allowed"]));
    check(Stage::Received, nothing, "time", |_| register.clone(), &["not_registration"]);
    let mut barred = fresh();
    barred.watch_listed = vec![text("p2")];
    assert_eq!(barred.run("time", &register), Err(vec!["registration_barred"]));
    let mut recorded = fresh();
    recorded.done("time", &Command::WatchList { party: text("p2") });
    assert_eq!(recorded.run("time", &register), Err(vec!["registration_barred"]));
    let mut world = World::at(Stage::Received);
    assert!(world.submit("ann", &registration, None).is_ok());
    world.conditions = vec![text("serious_penalty")];
    let refusals = world.with(|c| crate::submit(&registration, None, &by("ann"), c)).unwrap_err();
    assert_eq!(refusals[0].code, "registration_barred");
    assert!(refusals[0].accepted.contains("`single`"), "{}", refusals[0].accepted);
    let mut world = fresh();
    world.done("sven", &Command::Accept);
    let draft = Command::Draft { draft: world.draft() };
    assert_eq!(world.run("sven", &draft), Err(vec!["registration_no_merits"]));
}

#[test]
fn a_case_worked_out_anew_is_the_case() {
    for world in [World::at(Stage::Decided), refusing_decided()] {
        let case = &world.case;
        let again = Case::fold(case.id, &case.number, &case.applicant, &world.events);
        assert_eq!(again.as_ref(), Ok(case));
        let stored = serde_json::to_string(&world.events).unwrap();
        let read: Vec<crate::Recorded> = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, world.events);
        assert!(matches!(read[0].event, Event::Submitted { .. }));
    }
}
