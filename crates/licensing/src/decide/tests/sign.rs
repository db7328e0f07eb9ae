//! Signatures and the decision.

use super::*;

#[test]
fn all_agencies_have_replied_or_are_silent_by_the_rule_before_a_signature() {
    let drafted = |asked: &'static [&'static str]| {
        move |world: &mut World| {
            for agency in asked {
                world.done("olga", &ask_agency(agency));
            }
            let draft = Command::Draft { draft: world.draft() };
            world.done("olga", &draft);
        }
    };
    let row = |asked: &'static [&'static str], silent: &[&str], expected: &[&str]| {
        let setup = |world: &mut World| {
            drafted(asked)(world);
            world.silent = silent.iter().map(|agency| text(agency)).collect();
        };
        check(Stage::Accepted, setup, "sven", sign, expected);
    };
    row(&[], &[], &["agency_not_asked", "agency_not_asked"]);
    row(&["defence"], &["defence"], &["agency_not_asked"]);
    row(&["defence", "industry"], &["defence"], &["agency_pending"]);
    row(&["defence", "industry"], &["defence", "industry"], &[]);
    let silent = |world: &mut World| world.silent = vec![text("defence")];
    let mark = |agency: &str| Command::MarkSilent { agency: text(agency) };
    let world = check(Stage::Asked, silent, "time", |_| mark("defence"), &[]);
    assert_eq!(world.case.agencies["defence"].replied.map(|(_, silent)| silent), Some(true));
    check(Stage::Asked, silent, "olga", |_| mark("industry"), &["agency_not_silent"]);
    check(Stage::Asked, nothing, "time", |_| mark("defence"), &["agency_not_silent"]);
}

#[test]
fn the_signer_is_the_caller_active_of_the_grade_and_took_no_part() {
    check(Stage::Drafted, nothing, "sven", sign, &[]);
    check(Stage::Drafted, nothing, "oskar", sign, &["signer_grade"]);
    check(Stage::Drafted, nothing, "oskar>sven", sign, &[]);
    check(Stage::Drafted, nothing, "sleepy", sign, &["signer_inactive"]);
    check(Stage::Drafted, nothing, "stranger", sign, &["signer_inactive", "signer_grade"]);
    let demoted = |world: &mut World| {
        let sven = world.signers.iter_mut().find(|s| s.account == "sven").unwrap();
        sven.role = base::authorisation::Role::Officer;
    };
    check(Stage::Drafted, demoted, "sven", sign, &["signer_grade"]);
    let left = |world: &mut World| {
        let sven = world.signers.iter_mut().find(|s| s.account == "sven").unwrap();
        sven.activity = Activity::Inactive;
    };
    check(Stage::Drafted, left, "sven", sign, &["signer_inactive"]);
    let drafted_by = |who: &'static str| {
        move |world: &mut World| {
            let draft = Command::Draft { draft: world.draft() };
            world.done(who, &draft);
        }
    };
    let author: &[&str] = &["signer_is_author"];
    check(Stage::Advised, drafted_by("sven"), "sven", sign, author);
    check(Stage::Advised, drafted_by("sven"), "oskar>sven", sign, author);
    check(Stage::Advised, drafted_by("oskar>sven"), "sven", sign, author);
    check(Stage::Advised, drafted_by("sven>olga"), "sven", sign, author);
    check(Stage::Advised, drafted_by("sven"), "sara>sven", sign, author);
    let overridden = |world: &mut World| {
        world.done("sven", &override_of("defence-1", Some("two sites")));
        let draft = redraft(world, |_, c| c[0].text = text("two sites"));
        world.done("olga", &draft);
    };
    check(Stage::Advised, overridden, "sven", sign, author);
    check(Stage::Advised, overridden, "sara", sign, &[]);
    let both = |world: &mut World| {
        drafted_by("sven")(world);
        let draft = Command::Draft { draft: world.draft() };
        world.done("olga", &draft);
    };
    check(Stage::Advised, both, "sven", sign, author);
}

#[test]
fn nobody_signs_twice_and_each_signature_is_of_what_was_seen() {
    let two = |world: &mut World| world.watch_listed = vec![text("p2")];
    let once = |world: &mut World| {
        two(world);
        let command = sign(world);
        world.done("sven", &command);
    };
    check(Stage::Drafted, once, "sven", sign, &["signer_signed_before"]);
    check(Stage::Drafted, once, "oskar>sven", sign, &["signer_signed_before"]);
    check(Stage::Drafted, once, "sven>sara", sign, &["signer_signed_before"]);
    let world = check(Stage::Drafted, once, "sara", sign, &[]);
    let orders: Vec<u32> = world.case.signatures_held().map(|s| s.order).collect();
    assert_eq!(orders, [1, 2]);
    check(Stage::Signed, nothing, "sara", sign, &["signatures_complete"]);
    let stale = Command::Sign { content: text("seen yesterday") };
    check(Stage::Drafted, nothing, "sven", |_| stale, &["draft_changed"]);
    check(Stage::Advised, nothing, "sven", sign, &["draft_missing"]);
    let stale = Command::Finalise { content: text("old"), licences: vec![text("L")] };
    check(Stage::Signed, nothing, "olga", |_| stale, &["draft_changed"]);
}

#[test]
fn an_edit_voids_signatures_and_keeps_them_on_record() {
    let mut world = World::at(Stage::Signed);
    let mut draft = world.draft();
    draft.reasoning = text("thought over");
    world.done("olga", &Command::Draft { draft });
    assert_eq!(world.case.signatures_held().count(), 0);
    assert_eq!(world.case.signatures.len(), 1);
    let finalise = world.finalise();
    assert_eq!(world.run("olga", &finalise), Err(vec!["signatures_missing"]));
    let command = sign(&world);
    world.done("sven", &command);
    let mut sent_back = world.clone();
    let command = Command::RefuseSignature { content: world.content(), reason: text("unclear") };
    assert_eq!(sent_back.run("sara", &command), Err(vec!["signatures_complete"]));
    sent_back.watch_listed = vec![text("p2")];
    sent_back.done("sara", &command);
    assert_eq!(sent_back.case.signatures_held().count(), 0);
}

#[test]
fn the_signatures_needed_follow_the_facts() {
    let watched = |world: &mut World| world.watch_listed = vec![text("p2")];
    check(Stage::Signed, nothing, "olga", World::finalise, &[]);
    check(Stage::Signed, watched, "olga", World::finalise, &["signatures_missing"]);
    let recorded =
        |world: &mut World| world.done("olga", &Command::WatchList { party: text("p2") });
    check(Stage::Signed, recorded, "olga", World::finalise, &["signatures_missing"]);
}

#[test]
fn what_is_open_blocks_the_decision_and_is_named() {
    let all_open = |world: &mut World| {
        world.done("olga", &ask("of what grade?"));
        world.done("olga", &begin_step());
        let mut application = application();
        application.route = text("by sea");
        let application = Box::new(application);
        world.done("ann", &Command::AskAmendment { application });
    };
    check(
        Stage::Signed,
        all_open,
        "olga",
        World::finalise,
        &["questions_open", "steps_open", "amendment_open"],
    );
    check(Stage::Drafted, nothing, "olga", World::finalise, &["signatures_missing"]);
    let none = |w: &World| Command::Finalise { content: w.content(), licences: Vec::new() };
    check(Stage::Signed, nothing, "olga", none, &["licences_wrong"]);
    check(
        Stage::Accepted,
        nothing,
        "olga",
        World::finalise,
        &["draft_missing", "agency_not_asked", "agency_not_asked", "signatures_missing"],
    );
    check(Stage::Accepted, nothing, "olga", |_| begin_step(), &[]);
    let began = |world: &mut World| world.done("olga", &begin_step());
    check(Stage::Accepted, began, "olga", |_| begin_step(), &["step_open"]);
    let end = || Command::EndStep { step: StepKind::Verification, text: text("x") };
    check(Stage::Accepted, began, "olga", |_| end(), &["step_unknown"]);
}

#[test]
fn refuses_to_approve_what_goes_to_a_party_of_a_prohibiting_list() {
    let listed = |who: &'static str| move |world: &mut World| world.prohibited = vec![text(who)];
    let draft = |world: &World| Command::Draft { draft: world.draft() };
    check(Stage::Advised, listed("p9"), "sven", draft, &[]);
    for party in ["p1", "p2"] {
        let each = ["party_prohibited", "party_prohibited"];
        let found = check(Stage::Advised, listed(party), "sven", draft, &each);
        assert!(found.case.draft.is_none(), "{party}");
    }
    // One that was listed after the draft is not decided on as it was drafted.
    let finalise = |world: &World| Command::Finalise {
        content: world.case.content_hash().unwrap(),
        licences: vec![text("L")],
    };
    let each = ["party_prohibited", "party_prohibited"];
    check(Stage::Signed, listed("p2"), "olga", finalise, &each);
}
