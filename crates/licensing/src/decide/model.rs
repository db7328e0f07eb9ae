//! A case under random commands by random actors, against a naive model that is written independently: it
//! knows people by name, and of each rule only what one would tell a new officer on the first day.

use std::collections::{BTreeMap, BTreeSet};

use super::Command;
use super::sample::{Stage, World, advise, application, ask_agency, kilograms, refuse};
use crate::case::{Case, CaseState, CellDecision, Event, Position, Readers, StepKind, Verdict};

/// How many cases are played, and how many commands each gets.
const CASES: u64 = 1_000;
const COMMANDS: usize = 70;

const PEOPLE: [&str; 14] = [
    "ann",
    "bob",
    "olga",
    "oskar",
    "sven",
    "sara",
    "sam",
    "sleepy",
    "dina",
    "ida",
    "rin",
    "time",
    "oskar>olga",
    "olga>sven",
];

/// `SplitMix64`: the same stream for a seed anywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// What somebody does, in the few ways that the model knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Take,
    Accept,
    Ask,
    Answer(u32),
    Begin,
    EndStep,
    Consult(&'static str),
    Advise(Position, Want),
    Reply,
    Drop(&'static str),
    Note,
    Draft(Plan),
    Refer(&'static str),
    Sign(Sight),
    SendBack,
    Finalise(Sight),
    Return,
    Withdraw,
    Reopen,
    Amend,
    AcceptAmendment,
    DecideAmendment(Verdict),
    Appeal,
}

/// What an agency wants beside its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Nothing,
    Condition,
}

/// Whether somebody looks at the case as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    Fresh,
    Stale,
}

/// How a decision is drafted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    Approve,
    ApproveWithoutConditions,
    ApproveTooMuch,
    ApproveOneRefuseOther,
    ForgetOne,
    Refuse,
}

/// The naive model.
#[derive(Debug, Default, Clone)]
struct Model {
    accepted: bool,
    ended: Option<&'static str>,
    ends: u32,
    officer: &'static str,
    asked_before: bool,
    questions: Vec<bool>,
    step: bool,
    /// By agency: whether it replied, its position, and whether its condition stands.
    agencies: BTreeMap<&'static str, (bool, Option<Position>, Wanted)>,
    /// Conditions set so far.
    conditions: u32,
    /// Conditions that the draft holds.
    plan_holds: BTreeSet<u32>,
    overrode: BTreeSet<&'static str>,
    named: &'static str,
    plan: Option<Plan>,
    plan_by: Vec<&'static str>,
    ever_drafted: BTreeSet<&'static str>,
    signed: Vec<[&'static str; 2]>,
    amendment: u32,
    appealed: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    #[default]
    Nothing,
    Condition(u32),
    Overridden(u32),
}

/// The two people behind a name: who acts, and for whom.
fn people(who: &'static str) -> [&'static str; 2] {
    who.split_once('>').map_or([who, ""], |(account, own)| [account, own])
}

fn own(who: &'static str) -> &'static str {
    let [account, covered] = people(who);
    if covered.is_empty() { account } else { covered }
}

fn supervisor(who: &'static str) -> bool {
    ["sven", "sara", "sam", "sleepy"].contains(&own(who))
}

fn office(who: &'static str) -> bool {
    supervisor(who) || ["olga", "oskar"].contains(&own(who))
}

fn agency(who: &str) -> Option<&'static str> {
    match who {
        "dina" => Some("defence"),
        "ida" => Some("industry"),
        _ => None,
    }
}

impl Model {
    fn works(&self, who: &'static str) -> bool {
        supervisor(who)
            || (office(who) && people(who).contains(&self.officer)) && !self.officer.is_empty()
    }

    fn refuses(&self) -> bool {
        self.agencies.values().any(|(_, position, _)| *position == Some(Position::Refuse))
    }

    fn conflict(&self, plan: Option<Plan>) -> bool {
        let mut positions: Vec<Position> =
            self.agencies.values().filter_map(|(_, position, _)| *position).collect();
        positions.retain(|position| *position != Position::NotApplicable);
        positions.sort();
        positions.dedup();
        let lets_out = plan.is_some_and(|plan| plan != Plan::Refuse);
        positions.len() > 1 || (lets_out && self.refuses())
    }

    fn conditions(&self, which: fn(Wanted) -> Option<u32>) -> BTreeSet<u32> {
        self.agencies.values().filter_map(|(_, _, wanted)| which(*wanted)).collect()
    }

    fn conditions_standing(&self) -> BTreeSet<u32> {
        self.conditions(|wanted| match wanted {
            Wanted::Condition(number) => Some(number),
            _ => None,
        })
    }

    /// The conditions that a draft written now holds.
    fn holds(&self, plan: Plan) -> BTreeSet<u32> {
        match plan {
            Plan::ApproveWithoutConditions | Plan::Refuse => BTreeSet::new(),
            _ => self.conditions_standing(),
        }
    }

    /// Whether a plan is one that could be decided now.
    fn plan_good(&self, plan: Plan, holds: &BTreeSet<u32>, authors: &[&'static str]) -> bool {
        let known = self.conditions(|wanted| match wanted {
            Wanted::Condition(number) | Wanted::Overridden(number) => Some(number),
            Wanted::Nothing => None,
        });
        let complete = match plan {
            Plan::Refuse => true,
            Plan::ApproveTooMuch | Plan::ForgetOne => false,
            _ => self.conditions_standing().is_subset(holds) && holds.is_subset(&known),
        };
        let named = !self.named.is_empty() && authors.contains(&self.named);
        complete && (!self.conflict(Some(plan)) || named)
    }

    fn agencies_done(&self) -> bool {
        self.agencies.len() == 2 && self.agencies.values().all(|(replied, _, _)| *replied)
    }

    fn signatures_needed(&self) -> usize {
        let lets_out = self.plan.is_some_and(|plan| plan != Plan::Refuse);
        let overruled = !self.overrode.is_empty() || (lets_out && self.refuses());
        if overruled { 2 } else { 1 }
    }

    fn may_sign(&self, who: &'static str) -> bool {
        let fresh = |person: &&str| {
            let drafted = self.ever_drafted.contains(*person);
            let overrode = self.overrode.contains(*person);
            let signed = self.signed.iter().any(|pair| pair.contains(person));
            person.is_empty() || (!drafted && !overrode && !signed)
        };
        supervisor(who)
            && own(who) != "sleepy"
            && people(who).iter().all(fresh)
            && self.signed.len() < self.signatures_needed()
    }

    /// Whether somebody may do something now.
    fn may(&self, who: &'static str, deed: Deed) -> bool {
        let open = self.ended.is_none();
        let review = open && self.accepted;
        let named = !self.named.is_empty() && office(who) && people(who).contains(&self.named);
        let asked = agency(who).and_then(|agency| self.agencies.get(agency));
        match deed {
            Deed::Take => {
                let free = self.officer.is_empty() || people(who).contains(&self.officer);
                let can_have = own(who) != "sleepy" && people(who)[0] != "sleepy";
                open && office(who) && can_have && (free || supervisor(who))
            }
            Deed::Accept => {
                let answered = self.questions.iter().all(|answered| *answered);
                open && !self.accepted && (who == "time" || (self.works(who) && answered))
            }
            Deed::Ask => open && self.works(who) && (self.accepted || !self.asked_before),
            Deed::Answer(number) => {
                let waiting = self.questions.get(number as usize - 1) == Some(&false);
                open && who == "ann" && waiting
            }
            Deed::Begin => open && self.works(who) && !self.step,
            Deed::EndStep => open && self.works(who) && self.step,
            Deed::Consult(agency) => {
                let waiting = self.agencies.get(agency).is_some_and(|(replied, _, _)| !replied);
                review && self.works(who) && !waiting
            }
            Deed::Advise(..) => open && asked.is_some(),
            Deed::Reply => {
                open && asked.is_some_and(|(replied, position, _)| !replied && position.is_some())
            }
            Deed::Drop(agency) => {
                let wanted = self.agencies.get(agency).map(|(_, _, wanted)| *wanted);
                let there = wanted.is_some_and(|wanted| wanted != Wanted::Nothing);
                review && there && (self.works(who) || named)
            }
            Deed::Note => office(who) || asked.is_some(),
            Deed::Draft(plan) => {
                let good = self.plan_good(plan, &self.holds(plan), &people(who));
                review && (self.works(who) || named) && good
            }
            Deed::Refer(to) => review && self.works(who) && to != "sleepy",
            Deed::Sign(sight) => {
                let plan = self
                    .plan
                    .is_some_and(|plan| self.plan_good(plan, &self.plan_holds, &self.plan_by));
                let ready = plan && self.agencies_done() && sight == Sight::Fresh;
                review && ready && self.may_sign(who)
            }
            Deed::SendBack => review && self.plan.is_some() && self.may_sign(who),
            Deed::Finalise(sight) => {
                let plan = self.plan.is_some_and(|plan| {
                    self.plan_good(plan, &self.plan_holds, &self.plan_by)
                        && self.plan_good(plan, &self.plan_holds, &people(who))
                });
                let nothing_open = self.questions.iter().all(|answered| *answered)
                    && !self.step
                    && self.amendment == 0;
                let signed = self.signed.len() >= self.signatures_needed();
                let ready = plan && nothing_open && signed && self.agencies_done();
                review && ready && sight == Sight::Fresh && (self.works(who) || named)
            }
            Deed::Return => open && self.works(who),
            Deed::Withdraw => open && who == "ann",
            Deed::Reopen => !open && supervisor(who),
            Deed::Amend => open && who == "ann" && self.amendment == 0,
            Deed::AcceptAmendment => open && self.works(who) && self.amendment == 1,
            Deed::DecideAmendment(_) => open && self.works(who) && self.amendment == 2,
            Deed::Appeal => {
                let refused = self.ended == Some("decided")
                    && matches!(self.plan, Some(Plan::Refuse | Plan::ApproveOneRefuseOther));
                who == "ann" && refused && !self.appealed
            }
        }
    }

    fn end(&mut self, how: &'static str) {
        self.ended = Some(how);
        self.ends += 1;
    }

    fn does(&mut self, who: &'static str, deed: Deed) {
        match deed {
            Deed::Take => self.officer = own(who),
            Deed::Accept => self.accepted = true,
            Deed::Ask => {
                self.asked_before |= !self.accepted;
                self.questions.push(false);
            }
            Deed::Answer(number) => self.questions[number as usize - 1] = true,
            Deed::Begin => self.step = true,
            Deed::EndStep => self.step = false,
            Deed::Consult(agency) => {
                self.agencies.entry(agency).or_default().0 = false;
                self.signed.clear();
            }
            Deed::Advise(position, want) => {
                let part = self.agencies.get_mut(agency(who).unwrap()).unwrap();
                let wanted = if want == Want::Condition {
                    self.conditions += 1;
                    Wanted::Condition(self.conditions)
                } else {
                    Wanted::Nothing
                };
                (part.1, part.2) = (Some(position), wanted);
                self.signed.clear();
            }
            Deed::Reply => {
                self.agencies.get_mut(agency(who).unwrap()).unwrap().0 = true;
                self.signed.clear();
            }
            Deed::Drop(agency) => {
                let part = self.agencies.get_mut(agency).unwrap();
                if let Wanted::Condition(number) = part.2 {
                    part.2 = Wanted::Overridden(number);
                }
                self.overrode.insert(people(who)[0]);
                self.signed.clear();
            }
            Deed::Draft(plan) => {
                (self.plan, self.plan_holds) = (Some(plan), self.holds(plan));
                self.plan_by = people(who).into_iter().filter(|name| !name.is_empty()).collect();
                self.ever_drafted.extend(&self.plan_by);
                self.signed.clear();
            }
            Deed::Refer(to) => self.named = to,
            Deed::Sign(_) => self.signed.push(people(who)),
            Deed::SendBack => self.signed.clear(),
            Deed::Finalise(_) => self.end("decided"),
            Deed::Return => self.end("returned"),
            Deed::Withdraw => self.end("withdrawn"),
            Deed::Reopen => {
                (self.ended, self.plan, self.accepted) = (None, None, true);
                self.plan_by.clear();
                self.signed.clear();
            }
            Deed::Amend => self.amendment = 1,
            Deed::AcceptAmendment => self.amendment = 2,
            Deed::DecideAmendment(verdict) => {
                self.amendment = 0;
                if verdict == Verdict::Taken {
                    self.signed.clear();
                }
            }
            Deed::Appeal => self.appealed = true,
            Deed::Note => {}
        }
    }
}

/// A deed, more often one that brings the case on.
fn deed(chance: &mut Chance, model: &Model) -> (&'static str, Deed) {
    use Position::{Approve, NoLicence, NotApplicable, Refuse};
    let agencies = ["defence", "industry"];
    let sights = [Sight::Fresh, Sight::Fresh, Sight::Fresh, Sight::Stale];
    let position = chance.of(&[Approve, Approve, Approve, Refuse, NoLicence, NotApplicable]);
    let want =
        if position == Approve && chance.below(2) == 0 { Want::Condition } else { Want::Nothing };
    let plan = chance.of(&[
        Plan::Approve,
        Plan::Approve,
        Plan::ApproveWithoutConditions,
        Plan::ApproveTooMuch,
        Plan::ApproveOneRefuseOther,
        Plan::ForgetOne,
        Plan::Refuse,
    ]);
    let question = 1 + chance.below(3) as u32;
    let verdict = chance.of(&[Verdict::Taken, Verdict::Refused]);
    let all = [
        Deed::Take,
        Deed::Accept,
        Deed::Ask,
        Deed::Answer(question),
        Deed::Begin,
        Deed::EndStep,
        Deed::Consult(chance.of(&agencies)),
        Deed::Advise(position, want),
        Deed::Reply,
        Deed::Drop(chance.of(&agencies)),
        Deed::Note,
        Deed::Draft(plan),
        Deed::Refer(chance.of(&["oskar", "sven", "sleepy"])),
        Deed::Sign(chance.of(&sights)),
        Deed::SendBack,
        Deed::Finalise(chance.of(&sights)),
        Deed::Return,
        Deed::Withdraw,
        Deed::Reopen,
        Deed::Amend,
        Deed::AcceptAmendment,
        Deed::DecideAmendment(verdict),
        Deed::Appeal,
    ];
    let any = (chance.of(&PEOPLE), chance.of(&all));
    // Ends come seldom, so that most cases are played through.
    let rare = matches!(any.1, Deed::Return | Deed::Withdraw | Deed::SendBack | Deed::Reopen);
    if rare && chance.below(6) > 0 {
        return onward(chance, model, plan, position, want);
    }
    if chance.below(2) == 0 { any } else { onward(chance, model, plan, position, want) }
}

/// What brings the case on, by somebody who could be the right one.
fn onward(
    chance: &mut Chance,
    model: &Model,
    plan: Plan,
    position: Position,
    want: Want,
) -> (&'static str, Deed) {
    let officer = if model.officer.is_empty() { "olga" } else { model.officer };
    let open_question = model.questions.iter().position(|answered| !answered);
    if model.ended.is_some() {
        let late = [Deed::Note, Deed::Note, Deed::Note, Deed::Note, Deed::Note, Deed::Appeal];
        let late = if chance.below(12) == 0 { Deed::Reopen } else { chance.of(&late) };
        return (chance.of(&["sven", "ann", "dina"]), late);
    }
    if model.officer.is_empty() {
        return (chance.of(&["olga", "oskar", "sven"]), Deed::Take);
    }
    if let Some(place) = open_question {
        return ("ann", Deed::Answer(place as u32 + 1));
    }
    if !model.accepted {
        return (officer, Deed::Accept);
    }
    if model.step {
        return (officer, Deed::EndStep);
    }
    match model.amendment {
        1 => return (officer, Deed::AcceptAmendment),
        2 => return (officer, Deed::DecideAmendment(Verdict::Taken)),
        _ => {}
    }
    for (agency, person) in [("defence", "dina"), ("industry", "ida")] {
        match model.agencies.get(agency) {
            None => return (officer, Deed::Consult(agency)),
            Some((false, None, _)) => return (person, Deed::Advise(position, want)),
            Some((false, Some(_), _)) => return (person, Deed::Reply),
            _ => {}
        }
    }
    let good =
        model.plan.is_some_and(|plan| model.plan_good(plan, &model.plan_holds, &model.plan_by));
    if model.conflict(model.plan.or(Some(plan))) && model.named.is_empty() {
        return (officer, Deed::Refer("oskar"));
    }
    if !good {
        let author = if model.conflict(Some(plan)) { model.named } else { officer };
        return (author, Deed::Draft(plan));
    }
    if model.signed.len() < model.signatures_needed() {
        return (chance.of(&["sven", "sara", "sam"]), Deed::Sign(Sight::Fresh));
    }
    let author = if model.conflict(model.plan) { model.named } else { officer };
    (author, Deed::Finalise(Sight::Fresh))
}

/// A deed as a command.
fn command(world: &World, who: &'static str, deed: Deed) -> Command {
    let words = || "by what we know".to_owned();
    let seen = |sight: Sight| match sight {
        Sight::Fresh => world.content(),
        Sight::Stale => "seen yesterday".to_owned(),
    };
    match deed {
        Deed::Take => Command::Assign { officer: own(who).to_owned() },
        Deed::Accept => Command::Accept,
        Deed::Ask => Command::Ask { text: words(), cells: vec!["c1".to_owned()] },
        Deed::Answer(question) => {
            Command::Answer { question, text: words(), documents: Vec::new() }
        }
        Deed::Begin => {
            let step = StepKind::Verification;
            Command::BeginStep { step, notice_days: None, text: words() }
        }
        Deed::EndStep => Command::EndStep { step: StepKind::Verification, text: words() },
        Deed::Consult(agency) => ask_agency(agency),
        Deed::Advise(position, Want::Condition) => advise(position, &["kept at one site"]),
        Deed::Advise(position, Want::Nothing) => advise(position, &[]),
        Deed::Reply => Command::Reply,
        Deed::Drop(agency) => {
            let advice = world.case.agencies.get(agency).and_then(|part| part.advice.get("c1"));
            let condition = advice.and_then(|given| given.advice.conditions.first());
            let condition = condition.map(|c| c.id.clone()).unwrap_or_default();
            let (agency, cell, reason) = (agency.to_owned(), "c1".to_owned(), words());
            Command::Override { agency, cell, condition, text: None, reason }
        }
        Deed::Note => Command::Note { text: words(), readers: Readers::Agencies },
        Deed::Draft(plan) => draft(world, plan),
        Deed::Refer(to) => Command::ReferConflict { to: to.to_owned() },
        Deed::Sign(sight) => Command::Sign { content: seen(sight) },
        Deed::SendBack => Command::RefuseSignature { content: world.content(), reason: words() },
        Deed::Finalise(sight) => match world.finalise() {
            Command::Finalise { licences, .. } => {
                Command::Finalise { content: seen(sight), licences }
            }
            other => other,
        },
        Deed::Return => Command::Return { reasons: vec!["record".to_owned()], text: words() },
        Deed::Withdraw => Command::Withdraw { reason: words() },
        Deed::Reopen => Command::Reopen { ground: words() },
        Deed::Amend => {
            let mut application = application();
            application.route = format!("route {}", world.case.version);
            Command::AskAmendment { application: Box::new(application) }
        }
        Deed::AcceptAmendment => Command::AcceptAmendment,
        Deed::DecideAmendment(verdict) => Command::DecideAmendment { verdict, reason: words() },
        Deed::Appeal => Command::Appeal { number: "YT-2026-2".to_owned() },
    }
}

fn draft(world: &World, plan: Plan) -> Command {
    let mut draft = world.draft();
    for decision in draft.cells.values_mut() {
        let CellDecision::Approve { quantities, conditions } = decision else { continue };
        // What an override that is no older than the advice dropped is left out.
        conditions.retain(|condition| {
            let given = world.case.agencies[&condition.agency].advice["c1"].at_us;
            let of = |o: &&crate::case::Override| o.condition == condition.id && o.at_us > given;
            !world.case.overrides.iter().any(|entry| of(&entry))
        });
        match plan {
            Plan::ApproveWithoutConditions => conditions.clear(),
            Plan::ApproveTooMuch => quantities[0] = kilograms(5_000),
            Plan::Refuse => *decision = refuse(&["security"], "no"),
            _ => {}
        }
    }
    match plan {
        Plan::ApproveOneRefuseOther => {
            draft.cells.insert("c2".to_owned(), refuse(&["security"], "no"));
        }
        Plan::ForgetOne => drop(draft.cells.remove("c2")),
        _ => {}
    }
    Command::Draft { draft }
}

/// What must hold of a case at any time, told from the case alone.
fn legal(world: &World, model: &Model, at: &str) {
    let case = &world.case;
    let state = match model.ended {
        Some("decided") => CaseState::Decided,
        Some("returned") => CaseState::Returned,
        Some("withdrawn") => CaseState::Withdrawn,
        _ if model.accepted => CaseState::Review,
        _ => CaseState::Received,
    };
    assert_eq!(case.state, state, "{at}");
    assert_eq!(case.officer, model.officer, "{at}");
    assert_eq!(case.first_outcome.is_some(), model.ends > 0, "{at}");
    let open = case.amendments.iter().filter(|amendment| amendment.decided.is_none());
    assert_eq!(open.count(), usize::from(model.amendment > 0), "{at}");
    let held: Vec<&str> = case.signatures_held().map(|s| s.by.as_str()).collect();
    assert_eq!(held.len(), model.signed.len(), "{at}");
    let signers: BTreeSet<&str> = held.iter().copied().collect();
    assert_eq!(signers.len(), held.len(), "one person signs once: {at}");
    assert!(case.drafters.iter().all(|d| !signers.contains(d.as_str())), "four eyes: {at}");
    if let Some(outcome) = case.outcome.as_ref().filter(|o| o.state == CaseState::Decided) {
        let cells: Vec<&str> = outcome.cells.keys().map(String::as_str).collect();
        assert_eq!(cells, ["c1", "c2"], "all cells, each once: {at}");
        assert!(!held.is_empty(), "signed: {at}");
    }
}

#[test]
fn random_commands_lead_to_no_state_that_the_naive_model_does_not_know() {
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut done, mut refused) = (0_u32, 0_u32);
    println!("seeds 0 to {}", CASES - 1);
    for seed in 0..CASES {
        let mut chance = Chance(seed);
        let mut world = World::at(Stage::Received);
        let mut model = Model::default();
        let mut first = None;
        for turn in 0..COMMANDS {
            let (who, deed) = deed(&mut chance, &model);
            let command = command(&world, who, deed);
            let at = format!("seed {seed}, turn {turn}: {who} {deed:?}");
            let before = world.case.version;
            let answer = world.run(who, &command);
            assert_eq!(answer.is_ok(), model.may(who, deed), "{at}\n{model:#?}\n{answer:?}");
            if answer.is_ok() {
                model.does(who, deed);
                done += 1;
                if matches!(deed, Deed::Finalise(_) | Deed::Return | Deed::Withdraw) {
                    *ends.entry(model.ended.unwrap_or_default()).or_default() += 1;
                }
                assert!(world.case.version > before, "{at}: it left a trace");
            } else {
                refused += 1;
                assert_eq!(world.case.version, before, "{at}");
            }
            legal(&world, &model, &at);
            if first.is_none() {
                first.clone_from(&world.case.first_outcome);
            }
            assert_eq!(world.case.first_outcome, first, "the first outcome stays: {at}");
        }
        let case = &world.case;
        let again = Case::fold(case.id, &case.number, &case.applicant, &world.events);
        assert_eq!(again.as_ref(), Ok(case), "seed {seed}: worked out anew");
        for recorded in &world.events {
            let text = serde_json::to_string(&recorded.event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), recorded.event);
        }
        *ends.entry(if model.ended.is_none() { "open" } else { "closed" }).or_default() += 1;
        if model.ends > 1 {
            *ends.entry("ended twice").or_default() += 1;
        }
    }
    println!("{done} done, {refused} refused; {ends:?}");
    for end in ["decided", "returned", "withdrawn", "open", "closed", "ended twice"] {
        assert!(ends.get(end).is_some_and(|count| *count > 4), "{ends:?}");
    }
}
