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

mod draft;
mod end;
mod review;
mod sign;
mod who;

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
        _ => (Vec::new(), Vec::new()),
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

fn objected(world: &mut World) {
    world.done("ida", &advise(Position::Refuse, &[]));
}

fn named(world: &mut World) {
    objected(world);
    world.done("olga", &Command::ReferConflict { to: text("oskar") });
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
