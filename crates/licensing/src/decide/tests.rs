//! Every rule of a case: what is refused, by whom, and with which code.

use std::collections::BTreeMap;

use super::refusal::CODES;
use super::sample::{
    BEGIN_US, DAY_US, Stage, World, advise, application, ask_agency, by, kilograms, refuse,
};
use super::{Activity, Command, decide, signatures_needed};
use crate::application::{Application, CertificateEntry, Inventory};
use crate::case::{
    Case, CaseState, CellDecision, Condition, Event, FollowKind, Follows, Position, Readers,
    StepKind, Verdict,
};
use crate::quantity::{Quantity, Unit};

fn text(text: &str) -> String {
    text.to_owned()
}

/// Brings a case to a stage, changes the world, and expects a command to end so.
fn check(
    stage: Stage,
    change: impl FnOnce(&mut World),
    who: &'static str,
    command: impl FnOnce(&World) -> Command,
    expected: &[&str],
) -> World {
    let mut world = World::at(stage);
    change(&mut world);
    let command = command(&world);
    let before = world.case.clone();
    let found = world.run(who, &command).err().unwrap_or_default();
    assert_eq!(found, expected, "{stage:?}: {who} {command:?}");
    if !expected.is_empty() {
        assert_eq!(world.case, before, "a refused command changes nothing");
    }
    world
}

fn nothing(_: &mut World) {}

fn ask(words: &str) -> Command {
    Command::Ask { text: text(words), cells: Vec::new() }
}

fn answer(question: u32) -> Command {
    Command::Answer { question, text: text("here it is"), documents: Vec::new() }
}

fn sign(world: &World) -> Command {
    Command::Sign { content: world.content() }
}

fn approved(draft: &mut crate::case::Draft, cell: &str) -> (Vec<Quantity>, Vec<Condition>) {
    match draft.cells.remove(cell) {
        Some(CellDecision::Approve { quantities, conditions }) => (quantities, conditions),
        other => panic!("{other:?}"),
    }
}

/// A draft of cell c1 with other quantities or conditions.
fn redraft(world: &World, change: impl FnOnce(&mut Vec<Quantity>, &mut Vec<Condition>)) -> Command {
    let mut draft = world.draft();
    let (mut quantities, mut conditions) = approved(&mut draft, "c1");
    change(&mut quantities, &mut conditions);
    draft.cells.insert(text("c1"), CellDecision::Approve { quantities, conditions });
    Command::Draft { draft }
}

fn refused_draft(world: &World, decision: CellDecision) -> Command {
    let mut draft = world.draft();
    draft.cells.insert(text("c2"), decision);
    Command::Draft { draft }
}

/// Every command, for those who may give none of them.
fn commands(world: &World) -> Vec<Command> {
    let application = Box::new(application());
    vec![
        Command::Assign { officer: text("olga") },
        Command::Classify { codes: BTreeMap::new(), as_of: day("2026-01-05"), reason: text("x") },
        Command::Accept,
        Command::WatchList { party: text("p2") },
        ask("what?"),
        answer(1),
        begin_step(),
        Command::EndStep { step: StepKind::Expert, text: text("x") },
        Command::ReferUp { reason: text("x") },
        ask_agency("defence"),
        advise(Position::Approve, &[]),
        Command::Reply,
        Command::MarkSilent { agency: text("defence") },
        override_of("defence-1", None),
        Command::Note { text: text("x"), readers: Readers::Authority },
        Command::Draft { draft: world.draft() },
        Command::ReferConflict { to: text("oskar") },
        sign(world),
        Command::RefuseSignature { content: world.content(), reason: text("x") },
        world.finalise(),
        Command::Register { findings: Vec::new(), licences: vec![text("L")] },
        Command::Return { reasons: vec![text("record")], text: text("x") },
        Command::Withdraw { reason: String::new() },
        Command::Lapse { reason: text("x") },
        Command::Reopen { ground: text("x") },
        Command::AskAmendment { application },
        Command::AcceptAmendment,
        Command::DecideAmendment { verdict: Verdict::Taken, reason: text("x") },
        Command::Appeal { number: text("YT-2026-2") },
    ]
}

fn day(day: &str) -> base::Date {
    day.parse().unwrap()
}

fn begin_step() -> Command {
    Command::BeginStep { step: StepKind::Expert, notice_days: Some(20), text: text("x") }
}

fn override_of(condition: &str, words: Option<&str>) -> Command {
    Command::Override {
        agency: text("defence"),
        cell: text("c1"),
        condition: text(condition),
        text: words.map(text),
        reason: text("met by law"),
    }
}

#[test]
fn a_case_does_not_exist_for_who_may_not_see_it() {
    let world = World::at(Stage::Decided);
    for stage in [Stage::Received, Stage::Accepted, Stage::Decided] {
        for command in commands(&world) {
            for stranger in ["", "bob", "rin", "jonas", "nadia"] {
                check(stage, nothing, stranger, |_| command.clone(), &["not_found"]);
            }
            if stage != Stage::Decided {
                check(stage, nothing, "dina", |_| command.clone(), &["not_found"]);
            }
        }
    }
}

#[test]
fn what_is_not_ones_part_is_refused_before_anything_of_the_case_is_told() {
    let world = World::at(Stage::Drafted);
    let own = |command: &Command, who: &str| match who {
        "ann" => matches!(
            command,
            Command::Answer { .. }
                | Command::Withdraw { .. }
                | Command::AskAmendment { .. }
                | Command::Appeal { .. }
        ),
        "dina" => {
            matches!(command, Command::Advise { .. } | Command::Reply | Command::Note { .. })
        }
        "time" => matches!(
            command,
            Command::Accept
                | Command::Classify { .. }
                | Command::WatchList { .. }
                | Command::MarkSilent { .. }
                | Command::Lapse { .. }
                | Command::Register { .. }
        ),
        _ => !matches!(
            command,
            Command::Answer { .. }
                | Command::Withdraw { .. }
                | Command::AskAmendment { .. }
                | Command::Appeal { .. }
                | Command::Advise { .. }
                | Command::Reply
                | Command::Register { .. }
        ),
    };
    for stage in [Stage::Drafted, Stage::Decided] {
        for who in ["ann", "dina", "time", "sven"] {
            for command in commands(&world) {
                let mut world = World::at(stage);
                let found = world.run(who, &command).err().unwrap_or_default();
                let refused = found == ["not_allowed"];
                assert_eq!(refused, !own(&command, who), "{who} {command:?}: {found:?}");
            }
        }
    }
}

#[test]
fn only_who_has_a_case_works_it() {
    let rows: [(&str, &[&str]); 5] = [
        ("olga", &[]),
        ("oskar>olga", &[]),
        ("sven", &[]),
        ("oskar", &["not_assigned"]),
        ("oskar>oskar", &["not_assigned"]),
    ];
    for (who, expected) in rows {
        check(Stage::Accepted, nothing, who, |_| ask("what?"), expected);
        check(Stage::Advised, nothing, who, |w| Command::Draft { draft: w.draft() }, expected);
        check(Stage::Drafted, nothing, who, |_| begin_step(), expected);
    }
    check(Stage::Received, nothing, "oskar", |_| Command::Accept, &["not_assigned"]);
}

#[test]
fn a_case_is_taken_given_and_given_back() {
    let assign = |officer: &str| {
        let officer = text(officer);
        move |_: &World| Command::Assign { officer }
    };
    check(Stage::Received, nothing, "olga", assign("olga"), &[]);
    check(Stage::Received, nothing, "olga", assign("oskar"), &["assigned_to_other"]);
    check(Stage::Accepted, nothing, "oskar", assign("oskar"), &["assigned_to_other"]);
    check(Stage::Accepted, nothing, "oskar", assign(""), &["assigned_to_other"]);
    check(Stage::Accepted, nothing, "olga", assign(""), &[]);
    check(Stage::Accepted, nothing, "sven", assign("oskar"), &[]);
    check(Stage::Accepted, nothing, "sven", assign("sleepy"), &["officer_unknown"]);
    check(Stage::Accepted, nothing, "sven", assign("ann"), &["officer_unknown"]);
}

#[test]
fn what_is_missing_is_asked_once_before_acceptance_and_more_after_it() {
    let taken = |world: &mut World| world.done("sven", &Command::Assign { officer: text("olga") });
    let asked = |world: &mut World| {
        taken(world);
        world.done("olga", &ask("everything that is missing"));
    };
    let world = check(Stage::Received, taken, "olga", |_| ask("everything"), &[]);
    assert!(world.case.questions[0].completeness);
    check(Stage::Received, asked, "olga", |_| ask("one thing more"), &["asked_already"]);
    check(Stage::Received, asked, "olga", |_| Command::Accept, &["questions_open"]);
    check(Stage::Received, asked, "time", |_| Command::Accept, &[]);
    check(Stage::Received, asked, "ann", |_| answer(1), &[]);
    let world = check(Stage::Accepted, nothing, "olga", |_| ask("of what grade?"), &[]);
    assert!(!world.case.questions[0].completeness);
    let later = |world: &mut World| world.done("olga", &ask("of what grade?"));
    check(Stage::Accepted, later, "olga", |_| ask("and of what form?"), &[]);
    check(Stage::Accepted, nothing, "olga", |_| ask("  "), &["text_missing"]);
    let cells = vec![text("c9")];
    let command = Command::Ask { text: text("x"), cells };
    check(Stage::Accepted, nothing, "olga", |_| command, &["cell_unknown"]);
    check(Stage::Accepted, nothing, "olga", |_| Command::Accept, &["already_accepted"]);
}

#[test]
fn a_question_is_answered_once() {
    let asked = |world: &mut World| world.done("olga", &ask("of what grade?"));
    let answered = |world: &mut World| {
        asked(world);
        world.done("ann", &answer(1));
    };
    check(Stage::Accepted, asked, "ann", |_| answer(2), &["question_unknown"]);
    check(Stage::Accepted, answered, "ann", |_| answer(1), &["already_answered"]);
    check(Stage::Accepted, asked, "bob", |_| answer(1), &["not_found"]);
    let empty = Command::Answer { question: 1, text: text(" "), documents: Vec::new() };
    check(Stage::Accepted, asked, "ann", |_| empty, &["text_missing"]);
}

#[test]
fn an_agency_advises_if_asked_for_itself_and_on_cells_that_exist() {
    check(Stage::Accepted, nothing, "olga", |_| ask_agency("trade"), &["agency_unknown"]);
    check(Stage::Asked, nothing, "olga", |_| ask_agency("defence"), &["agency_asked_already"]);
    check(Stage::Received, nothing, "sven", |_| ask_agency("defence"), &["not_accepted"]);
    let only_defence = |world: &mut World| world.done("olga", &ask_agency("defence"));
    check(Stage::Accepted, only_defence, "ida", |_| Command::Reply, &["not_found"]);
    let world = check(Stage::Asked, nothing, "dina", |_| advise(Position::Approve, &["x"]), &[]);
    assert!(world.case.agencies["defence"].advice.contains_key("c1"));
    assert!(world.case.agencies["industry"].advice.is_empty());
    let elsewhere = |_: &World| match advise(Position::Approve, &[]) {
        Command::Advise { mut advice } => {
            let first = advice.remove("c1").unwrap();
            Command::Advise { advice: BTreeMap::from([(text("c9"), first)]) }
        }
        other => other,
    };
    check(Stage::Asked, nothing, "dina", elsewhere, &["cell_unknown"]);
    check(Stage::Asked, nothing, "dina", |_| Command::Reply, &["advice_missing", "advice_missing"]);
    check(Stage::Advised, nothing, "dina", |_| Command::Reply, &["agency_replied_already"]);
    let neutral = |_: &World| advise(Position::NotApplicable, &["x"]);
    check(Stage::Asked, nothing, "dina", neutral, &["condition_neutral"]);
}

#[test]
fn a_condition_keeps_its_id_and_its_agency() {
    let worded = |id: &'static str, agency: &'static str| {
        move |_: &World| match advise(Position::Approve, &["worded anew"]) {
            Command::Advise { mut advice } => {
                let condition = &mut advice.get_mut("c1").unwrap().conditions[0];
                (condition.id, condition.agency) = (text(id), text(agency));
                Command::Advise { advice }
            }
            other => other,
        }
    };
    let world = check(Stage::Advised, nothing, "dina", worded("defence-1", "industry"), &[]);
    let condition = &world.case.agencies["defence"].advice["c1"].advice.conditions[0];
    assert_eq!((condition.id.as_str(), condition.agency.as_str()), ("defence-1", "defence"));
    let world = check(Stage::Advised, nothing, "dina", worded("", ""), &[]);
    let condition = &world.case.agencies["defence"].advice["c1"].advice.conditions[0];
    assert_eq!(condition.id, "defence-2");
    check(Stage::Advised, nothing, "ida", worded("defence-1", ""), &["condition_unknown"]);
}

#[test]
fn a_draft_covers_every_cell_once_within_what_is_asked_for() {
    let row = |change: fn(&mut Vec<Quantity>, &mut Vec<Condition>), expected: &[&str]| {
        check(Stage::Advised, nothing, "olga", |w| redraft(w, change), expected);
    };
    row(|_, _| {}, &[]);
    row(|q, _| q[0] = kilograms(499), &[]);
    row(|q, _| q[0].amount += 1, &["draft_quantity"]);
    row(|q, _| q[0].amount = 0, &["draft_quantity"]);
    row(|q, _| q[0].unit = Unit::Pieces, &["draft_unit", "draft_unit"]);
    row(|q, _| q.push(kilograms(1)), &["quantity_unit_duplicate"]);
    row(|q, _| q.clear(), &["draft_unit"]);
    let left_out = |w: &World| {
        let mut draft = w.draft();
        draft.cells.remove("c2");
        Command::Draft { draft }
    };
    check(Stage::Advised, nothing, "olga", left_out, &["draft_cell_missing"]);
    let added = |w: &World| {
        let mut draft = w.draft();
        draft.cells.insert(text("c9"), refuse(&["security"], "no"));
        Command::Draft { draft }
    };
    check(Stage::Advised, nothing, "olga", added, &["draft_cell_unknown"]);
    for (months, expected) in
        [(12, None), (13, Some("draft_validity")), (0, Some("draft_validity"))]
    {
        let longer = |w: &World| {
            let mut draft = w.draft();
            draft.valid_months = Some(months);
            Command::Draft { draft }
        };
        let expected: Vec<&str> = expected.into_iter().collect();
        check(Stage::Advised, nothing, "olga", longer, &expected);
    }
    let early = |w: &World| Command::Draft { draft: w.draft() };
    check(Stage::Received, nothing, "sven", early, &["not_accepted"]);
}

#[test]
fn a_refusal_has_reasons_of_the_pack_and_words() {
    let row = |reasons: &[&str], words: &str, expected: &[&str]| {
        let decision = refuse(reasons, words);
        let command = |w: &World| refused_draft(w, decision);
        check(Stage::Advised, nothing, "olga", command, expected);
    };
    row(&["security"], "it would endanger", &[]);
    row(&[], "it would endanger", &["reason_missing"]);
    row(&["whim"], "it would endanger", &["reason_unknown"]);
    row(&["security"], " ", &["text_missing"]);
    let mute = CellDecision::NoLicence { text: String::new() };
    let command = |w: &World| refused_draft(w, mute);
    check(Stage::Advised, nothing, "olga", command, &["text_missing"]);
}

#[test]
fn an_agencys_condition_stands_word_for_word_or_is_overridden_on_record() {
    let row = |setup: fn(&mut World), change: fn(&mut Vec<Condition>), expected: &[&str]| {
        check(Stage::Advised, setup, "olga", |w| redraft(w, |_, c| change(c)), expected)
    };
    let missing: &[&str] = &["draft_condition_missing"];
    let reworded: &[&str] = &["draft_condition_missing", "draft_condition_forged"];
    row(nothing, |_| {}, &[]);
    row(nothing, Vec::clear, missing);
    row(nothing, |c| c[0].text = text("kept at one site or two"), reworded);
    row(nothing, |c| c[0].agency = String::new(), missing);
    row(
        nothing,
        |c| c.push(Condition { id: text("x"), ..c[0].clone() }),
        &["draft_condition_forged"],
    );
    row(nothing, |c| c.push(c[0].clone()), &["condition_duplicate"]);
    row(
        nothing,
        |c| c[0].phrase = text("unknown"),
        &["phrase_unknown", "draft_condition_missing", "draft_condition_forged"],
    );
    let dropped = |world: &mut World| world.done("olga", &override_of("defence-1", None));
    let world = row(dropped, Vec::clear, &[]);
    let orders: Vec<u32> =
        world.with(|c| signatures_needed(&world.case, c)).iter().map(|s| s.order).collect();
    assert_eq!(orders, [1, 2], "an override needs the signature of those who may overrule");
    let anew = |world: &mut World| world.done("olga", &override_of("defence-1", Some("two sites")));
    row(anew, |c| c[0].text = text("two sites"), &[]);
    row(anew, Vec::clear, missing);
    let said_again = |world: &mut World| {
        world.done("olga", &override_of("defence-1", None));
        let advice = world.case.agencies["defence"].advice["c1"].advice.clone();
        world.done("dina", &Command::Advise { advice: BTreeMap::from([(text("c1"), advice)]) });
    };
    row(said_again, Vec::clear, missing);
    let dropped_by_agency = |world: &mut World| world.done("dina", &advise(Position::Approve, &[]));
    row(dropped_by_agency, |_| {}, &[]);
}

#[test]
fn an_override_names_a_condition_and_says_why() {
    let row = |command: Command, expected: &[&str]| {
        check(Stage::Advised, nothing, "olga", |_| command, expected);
    };
    row(override_of("defence-9", None), &["condition_unknown"]);
    row(override_of("defence-1", Some("kept at one site")), &["override_nothing"]);
    let mute = match override_of("defence-1", None) {
        Command::Override { agency, cell, condition, text, .. } => {
            Command::Override { agency, cell, condition, text, reason: String::new() }
        }
        other => other,
    };
    row(mute, &["reason_missing"]);
    check(Stage::Advised, nothing, "ann", |_| override_of("defence-1", None), &["not_allowed"]);
}

fn objected(world: &mut World) {
    world.done("ida", &advise(Position::Refuse, &[]));
}

fn named(world: &mut World) {
    objected(world);
    world.done("olga", &Command::ReferConflict { to: text("oskar") });
}

#[test]
fn a_conflict_is_drafted_and_decided_by_the_named_person_alone() {
    let approve = |w: &World| Command::Draft { draft: w.draft() };
    check(Stage::Advised, objected, "olga", approve, &["conflict_unreferred"]);
    check(Stage::Advised, named, "olga", approve, &["conflict_not_yours"]);
    check(Stage::Advised, named, "sven", approve, &["conflict_not_yours"]);
    check(Stage::Advised, named, "oskar", approve, &[]);
    check(Stage::Advised, named, "olga>oskar", approve, &[]);
    let to = |account: &str| Command::ReferConflict { to: text(account) };
    check(Stage::Advised, objected, "olga", |_| to("sleepy"), &["officer_unknown"]);
    let all_object = |world: &mut World| {
        world.done("ida", &advise(Position::Refuse, &[]));
        world.done("dina", &advise(Position::Refuse, &[]));
    };
    check(Stage::Advised, all_object, "olga", approve, &["conflict_unreferred"]);
    let refuse_all = |w: &World| {
        let mut draft = w.draft();
        for decision in draft.cells.values_mut() {
            *decision = refuse(&["security"], "no");
        }
        Command::Draft { draft }
    };
    check(Stage::Advised, all_object, "olga", refuse_all, &[]);
    let signed = |world: &mut World| {
        named(world);
        let draft = Command::Draft { draft: world.draft() };
        world.done("oskar", &draft);
        for who in ["sven", "sara"] {
            let command = sign(world);
            world.done(who, &command);
        }
    };
    check(Stage::Advised, signed, "olga", World::finalise, &["conflict_not_yours"]);
    check(Stage::Advised, signed, "oskar", World::finalise, &[]);
}

#[test]
fn a_draft_that_a_later_objection_hits_is_neither_signed_nor_decided() {
    check(Stage::Drafted, objected, "sven", sign, &["conflict_unreferred"]);
    check(Stage::Drafted, named, "sven", sign, &["conflict_not_yours"]);
    check(
        Stage::Signed,
        named,
        "oskar",
        World::finalise,
        &["conflict_not_yours", "signatures_missing", "signatures_missing"],
    );
}

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
fn who_decides_second_hears_how_it_was_decided() {
    let mut world = World::at(Stage::Signed);
    let command = world.finalise();
    world.done("olga", &command);
    let refusals = world.with(|context| decide(&world.case, &by("sven"), &command, context));
    let refusals = refusals.unwrap_err();
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].code, "already_decided");
    assert!(refusals[0].message.contains("YT-L-1"), "{}", refusals[0].message);
    let agency = world
        .with(|c| decide(&world.case, &by("dina"), &advise(Position::Refuse, &[]), c).unwrap_err());
    assert_eq!(agency[0].code, "case_ended");
    assert!(!agency[0].message.contains("YT-L-1"));
}

#[test]
fn after_the_end_there_are_notes_appeals_and_reopening() {
    let world = World::at(Stage::Decided);
    for command in commands(&world) {
        for who in ["sven", "ann", "dina", "time"] {
            let mut world = world.clone();
            let Err(codes) = world.run(who, &command) else {
                let allowed = matches!(command, Command::Note { .. } | Command::Reopen { .. });
                assert!(allowed, "{who} {command:?}");
                continue;
            };
            let ended = ["already_decided", "case_ended", "not_allowed", "appeal_nothing_refused"];
            assert!(ended.contains(&codes[0]), "{who} {command:?}: {codes:?}");
        }
    }
    let reopen = || Command::Reopen { ground: text("new facts") };
    check(Stage::Decided, nothing, "olga", |_| reopen(), &["not_supervisor"]);
    check(Stage::Signed, nothing, "sven", |_| reopen(), &["not_ended"]);
    let mute = Command::Reopen { ground: String::new() };
    check(Stage::Decided, nothing, "sven", |_| mute, &["reason_missing"]);
}

#[test]
fn the_first_outcome_never_changes() {
    let mut world = World::at(Stage::Decided);
    let first = world.case.first_outcome.clone().unwrap();
    world.done("sven", &Command::Reopen { ground: text("new facts") });
    assert_eq!((world.case.state, world.case.outcome.as_ref()), (CaseState::Review, None));
    let command = sign(&world);
    let missing = vec!["signer_signed_before", "draft_missing"];
    assert!(world.run("sven", &command).is_err_and(|codes| codes.contains(&missing[1])));
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

fn refusing_decided() -> World {
    let mut world = World::at(Stage::Advised);
    let mut draft = world.draft();
    draft.cells.insert(text("c2"), refuse(&["security"], "no"));
    world.done("olga", &Command::Draft { draft });
    let command = sign(&world);
    world.done("sven", &command);
    let command = world.finalise();
    world.done("olga", &command);
    world
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
    // Decided on the 5th at about 23:00; the last day is the thirtieth after it.
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
    let world = refusing_decided();
    let decided = world.case.outcome.as_ref().unwrap().at_us;
    let midnight = BEGIN_US - 9 * DAY_US / 24 + ((decided - BEGIN_US) / DAY_US) * DAY_US;
    for (now_us, late) in [(midnight + 31 * DAY_US - 1, false), (midnight + 31 * DAY_US, true)] {
        let mut world = world.clone();
        world.now_us = now_us - DAY_US / 24;
        let command = Command::Appeal { number: text("YT-2026-2") };
        assert_eq!(world.run("ann", &command).is_err(), late, "{now_us}");
    }
}

#[test]
fn an_appeal_is_decided_by_who_took_no_part_in_the_first_decision() {
    let first = refusing_decided();
    let follows = Follows { how: FollowKind::Appeal, number: first.case.number.clone() };
    let mut world = first.clone();
    world.followed = Some(first.case.clone());
    assert!(world.submit("ann", &application(), Some(&follows)).is_ok());
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
    let refusals = world.with(|c| super::submit(&registration, None, &by("ann"), c)).unwrap_err();
    assert_eq!(refusals[0].code, "registration_barred");
    assert!(refusals[0].accepted.contains("`single`"), "{}", refusals[0].accepted);
    let mut world = fresh();
    world.done("sven", &Command::Accept);
    let draft = Command::Draft { draft: world.draft() };
    assert_eq!(world.run("sven", &draft), Err(vec!["registration_no_merits"]));
}

#[test]
fn refusals_stand_in_the_documented_order() {
    let place = |code: &str| CODES.iter().position(|known| *known == code);
    let mut sorted = CODES.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), CODES.len(), "a code stands once");
    let setup = |world: &mut World| {
        world.done("olga", &ask("x"));
        world.done("olga", &begin_step());
        world.watch_listed = vec![text("p2")];
    };
    let mut world = World::at(Stage::Drafted);
    setup(&mut world);
    let command = Command::Finalise { content: text("old"), licences: Vec::new() };
    let codes = world.run("olga", &command).unwrap_err();
    assert!(codes.len() >= 5, "{codes:?}");
    assert!(codes.is_sorted_by_key(|code| place(code)), "{codes:?}");
}

#[test]
fn the_clock_hears_of_a_case_in_its_own_words() {
    let mut world = World::at(Stage::Signed);
    world.done("olga", &ask("one"));
    world.done("olga", &ask("two"));
    world.done("ann", &answer(1));
    world.done("ann", &answer(2));
    world.done("olga", &begin_step());
    world.done("olga", &Command::EndStep { step: StepKind::Expert, text: text("x") });
    let command = world.finalise();
    world.done("olga", &command);
    world.done("sven", &Command::Reopen { ground: text("x") });
    world.done("ann", &Command::Withdraw { reason: String::new() });
    let codes: Vec<&str> =
        crate::clock_events(&world.case).iter().map(|event| event.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "received",
            "accepted",
            "agency_referred",
            "agency_referred",
            "agency_replied",
            "agency_replied",
            "question",
            "question",
            "answer",
            "expert_start",
            "expert_end",
            "granted",
            "issued",
            "reopened",
            "withdrawn",
        ]
    );
    let began = world.case.clock.iter().find(|event| event.code == "expert_start");
    assert_eq!(began.and_then(|event| event.notice_days), Some(20));
    let refused = |world: &World| {
        world.case.clock.iter().any(|event| event.code == "refused" || event.code == "granted")
    };
    assert!(refused(&refusing_decided()));
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
