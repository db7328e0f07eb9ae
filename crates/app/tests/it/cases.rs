//! Cases on disk: random people do random things at once; what was acknowledged is there, what was refused
//! left no trace, and every case is what its events add up to.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use app::cases::{CaseError, CaseFilter, Known, NewCase, Queue, Step, case_needs};
use app::law::Law;
use app::people::Moment;
use app::platform::OpenOptions;
use app::{ImportOptions, Mode, Platform};
use base::Timestamp;
use base::authorisation::{Actor, Role};
use licensing::application::Application;
use licensing::case::{Case, CaseState, CellDecision, FollowKind, Follows, Readers};
use licensing::decide::{Activity, Command, Signer};
use licensing::forecast::{Forecast, Likeness};
use sim::authority::{CasePlan, Hand};

use crate::economy::{Grain, PARTIES, Rng, chaotic, csv};

const PARTY: &str = "gad:ash";

/// Chance drawn so far: no two moments share theirs.
static DRAWN: AtomicU64 = AtomicU64::new(0);

fn law() -> Law {
    Law::read("demo", 0, &app::packs::pack_carried("demo").unwrap())
}

fn known() -> Known {
    let signer = |account: &str, role| Signer {
        account: account.to_owned(),
        role,
        activity: Activity::Active,
    };
    let signers = vec![
        signer("officer", Role::Officer),
        signer("colleague", Role::Officer),
        signer("supervisor", Role::Supervisor),
        signer("second-supervisor", Role::Supervisor),
    ];
    Known { signers, ..Known::default() }
}

fn actor(hand: &Hand) -> Actor {
    match hand {
        Hand::Applicant => Actor::new("exporter", Role::Filer, PARTY),
        Hand::Officer => Actor::new("officer", Role::Officer, ""),
        Hand::Agency(desk) => {
            let mut actor = Actor::new(desk, Role::Agency, "");
            actor.desk.clone_from(desk);
            actor
        }
        Hand::Supervisor(1) => Actor::new("supervisor", Role::Supervisor, ""),
        Hand::Supervisor(_) => Actor::new("second-supervisor", Role::Supervisor, ""),
    }
}

/// Somebody who may or may not be the right one.
fn anybody(rng: &mut Rng) -> Actor {
    match rng.below(9) {
        0 => Actor::new("exporter", Role::Filer, PARTY),
        1 => Actor::new("rival", Role::Filer, "gad:birch"),
        2 => Actor::new("officer", Role::Officer, ""),
        3 => Actor::new("colleague", Role::Officer, ""),
        4 => actor(&Hand::Supervisor(1)),
        5 => actor(&Hand::Supervisor(2)),
        6 => actor(&Hand::Agency("defence".to_owned())),
        7 => Actor::new("customs", Role::Customs, ""),
        _ => Actor::new("analyst", Role::Analyst, ""),
    }
}

/// Something that somebody could want of a case, sensible or not.
fn anything(rng: &mut Rng, case: &Case) -> Command {
    let words = || "as agreed on the telephone".to_owned();
    match rng.below(12) {
        0 => Command::Assign { officer: "colleague".to_owned() },
        1 => Command::Accept,
        2 => Command::Ask { text: words(), cells: Vec::new() },
        3 => Command::Answer { question: 1, text: words(), documents: Vec::new() },
        4 => Command::Note { text: words(), readers: Readers::Authority },
        5 => Command::Reply,
        6 => Command::Sign { content: case.content_hash().unwrap_or_default() },
        7 => Command::Sign { content: "seen yesterday".to_owned() },
        8 => Command::Finalise {
            content: case.content_hash().unwrap_or_default(),
            licences: vec!["YT-L-2026-999999".to_owned()],
        },
        9 => Command::AskAgency { agency: "defence".to_owned(), text: words() },
        10 => Command::Withdraw { reason: String::new() },
        _ => Command::Reopen { ground: words() },
    }
}

struct Desk {
    dir: tempfile::TempDir,
    platform: Platform,
    law: Law,
    known: Known,
}

impl Desk {
    /// A platform whose register knows the applicant.
    fn new() -> Desk {
        Desk::of(1)
    }

    /// A platform whose register knows whom the economy of a seed names.
    fn of(seed: u64) -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let platform = open(&dir);
        let economy = chaotic(&mut Rng(seed), Grain::Any);
        let text = csv(economy.filings.iter());
        let source = Box::new(std::io::Cursor::new(text.into_bytes()));
        let report = platform.import(source, ImportOptions::default(), &mut |_| {}).unwrap();
        assert_eq!(report.rejected, 0, "{report:?}");
        Desk { dir, platform, law: law(), known: known() }
    }

    fn submit(&self, plan: &mut CasePlan, at: i64) -> Result<String, CaseError> {
        let application = plan.application();
        let new = NewCase { applicant: PARTY, application: &application, follows: None };
        self.hand_in(&new, at)
    }

    fn hand_in(&self, new: &NewCase<'_>, at: i64) -> Result<String, CaseError> {
        let actor = actor(&Hand::Applicant);
        let step = Step { actor: &actor, moment: moment(at) };
        self.platform.case_submit(&self.law, new, &self.known, &step)
    }

    fn step(
        &self,
        who: &Actor,
        number: &str,
        command: &Command,
        at: i64,
    ) -> Result<Case, CaseError> {
        let step = Step { actor: who, moment: moment(at) };
        self.platform.case_step(&self.law, number, command, &self.known, &step)
    }

    /// Takes a case as far as its plan goes.
    fn play(&self, plan: &mut CasePlan, number: &str, mut at: i64) -> Case {
        let mut case = self.platform.case(number).unwrap();
        loop {
            let needs = case_needs(&self.law, &case, &self.known, moment(at).now);
            let Some(next) = plan.next(&case, &needs.agencies, &needs.signatures) else {
                return case;
            };
            at += i64::from(next.after_minutes);
            case = self.step(&actor(&next.hand), number, &next.command, at).unwrap();
        }
    }

    /// The same of another applicant's, until an instant.
    fn play_as(
        &self,
        party: &str,
        plan: &mut CasePlan,
        number: &str,
        mut at: i64,
        end: i64,
    ) -> Case {
        let mut case = self.platform.case(number).unwrap();
        loop {
            let needs = case_needs(&self.law, &case, &self.known, moment(at).now);
            let next = plan.next(&case, &needs.agencies, &needs.signatures);
            let Some(next) = next else { return case };
            at += i64::from(next.after_minutes);
            if at > end {
                return case;
            }
            let mut who = actor(&next.hand);
            if next.hand == Hand::Applicant {
                party.clone_into(&mut who.party);
            }
            case = self.step(&who, number, &next.command, at).unwrap();
        }
    }

    fn clean(&self) {
        assert_eq!(app::platform::fsck(self.dir.path()).unwrap(), Vec::<String>::new());
    }
}

fn open(dir: &tempfile::TempDir) -> Platform {
    Platform::open(dir.path(), Mode::Write, &OpenOptions { random: [7; 32] }).unwrap()
}

/// A minute after the beginning, with chance of its own.
fn moment(minute: i64) -> Moment {
    let begin = Timestamp::parse("2026-02-02T08:00:00Z").unwrap();
    let mut seed = [3; 32];
    seed[..8].copy_from_slice(&DRAWN.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    Moment { now: Timestamp::from_us(begin.us() + minute * 60_000_000), seed }
}

fn codes(error: &CaseError) -> Vec<&'static str> {
    match error {
        CaseError::Refused(refusals) => refusals.iter().map(|refusal| refusal.code).collect(),
        other => panic!("{other}"),
    }
}

#[test]
fn whatever_people_do_at_once_nothing_acknowledged_is_lost_and_nothing_refused_leaves_a_trace() {
    const CASES: usize = 24;
    const CLERKS: u64 = 4;
    const TURNS: usize = 260;
    let desk = Desk::new();
    let plans: Vec<Mutex<CasePlan>> =
        (0..CASES).map(|number| Mutex::new(CasePlan::new(11, number as u64))).collect();
    let numbers: Vec<String> =
        plans.iter().map(|plan| desk.submit(&mut plan.lock().unwrap(), 0).unwrap()).collect();
    // By case: events acknowledged, by their place, with the code of what was done.
    let acknowledged: Mutex<BTreeMap<usize, BTreeMap<u32, String>>> = Mutex::default();
    let refused = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for clerk in 0..CLERKS {
            let (desk, plans, numbers) = (&desk, &plans, &numbers);
            let (acknowledged, refused) = (&acknowledged, &refused);
            scope.spawn(move || {
                let mut rng = Rng(clerk + 1);
                for turn in 0..TURNS {
                    let place = rng.below(CASES as u64) as usize;
                    let (number, at) = (&numbers[place], (turn * 7 + clerk as usize) as i64);
                    let case = desk.platform.case(number).unwrap();
                    let needs = case_needs(&desk.law, &case, &desk.known, moment(at).now);
                    let next = plans[place].lock().unwrap().next(
                        &case,
                        &needs.agencies,
                        &needs.signatures,
                    );
                    let (who, command) = match next {
                        Some(next) if rng.below(4) > 0 => (actor(&next.hand), next.command),
                        _ => (anybody(&mut rng), anything(&mut rng, &case)),
                    };
                    match desk.step(&who, number, &command, at) {
                        Ok(after) => {
                            let by = who.account.clone();
                            let mut all = acknowledged.lock().unwrap();
                            let twice = all.entry(place).or_default().insert(after.version, by);
                            assert_eq!(twice, None, "two effects took one place in {number}");
                        }
                        Err(error) => {
                            assert!(!codes(&error).is_empty());
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    let done: usize = acknowledged.values().map(BTreeMap::len).sum();
    let refused = refused.into_inner();
    println!("{done} steps taken, {refused} refused");
    assert!(done > 300 && refused > 100, "{done} {refused}");
    let before: Vec<Case> =
        numbers.iter().map(|number| desk.platform.case(number).unwrap()).collect();
    desk.clean();
    let Desk { dir, platform, law, known } = desk;
    drop(platform);
    let desk = Desk { platform: open(&dir), dir, law, known };
    for (place, number) in numbers.iter().enumerate() {
        let (case, events) = desk.platform.case_history(number).unwrap();
        assert_eq!(case, before[place], "opened again");
        for (version, by) in acknowledged.get(&place).into_iter().flatten() {
            let event = events.iter().find(|event| event.seq == *version);
            assert_eq!(
                event.map(|event| event.account.as_str()),
                Some(by.as_str()),
                "{number} {version}"
            );
        }
        // All that stands there was acknowledged: the last event of each step, and the handing in.
        let last = acknowledged.get(&place).and_then(|all| all.keys().next_back().copied());
        assert_eq!(case.version, last.unwrap_or(1).max(1), "{number}");
    }
    desk.clean();
}

#[test]
fn of_two_who_finalise_at_once_one_decides_and_the_other_is_told_when() {
    let desk = Desk::new();
    let mut decided = 0;
    for seed in 0..12 {
        let mut plan = CasePlan::new(seed, 1);
        let number = desk.submit(&mut plan, 0).unwrap();
        let mut at = 0;
        loop {
            let case = desk.platform.case(&number).unwrap();
            let needs = case_needs(&desk.law, &case, &desk.known, moment(at).now);
            let Some(next) = plan.next(&case, &needs.agencies, &needs.signatures) else { break };
            at += i64::from(next.after_minutes);
            if !matches!(next.command, Command::Finalise { .. }) {
                desk.step(&actor(&next.hand), &number, &next.command, at).unwrap();
                continue;
            }
            let officer = actor(&Hand::Officer);
            let (first, second) = std::thread::scope(|scope| {
                let press = || desk.step(&officer, &number, &next.command, at);
                let (one, two) = (scope.spawn(press), scope.spawn(press));
                (one.join().unwrap(), two.join().unwrap())
            });
            let refusal = match (first, second) {
                (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
                other => panic!("one effect: {other:?}"),
            };
            assert_eq!(codes(&refusal), ["already_decided"], "{refusal}");
            let (_, events) = desk.platform.case_history(&number).unwrap();
            let decisions = events.iter().filter(|event| event.event.code() == "decided");
            assert_eq!(decisions.count(), 1);
            decided += 1;
        }
    }
    assert!(decided > 6, "{decided}");
    desk.clean();
}

#[test]
fn a_decided_case_has_one_licence_with_the_next_number_whatever_its_sender_wrote() {
    let desk = Desk::new();
    let mut licences = Vec::new();
    for seed in 0..30 {
        let mut plan = CasePlan::new(seed, 5);
        let number = desk.submit(&mut plan, seed as i64).unwrap();
        let case = desk.play(&mut plan, &number, seed as i64);
        if let Some(outcome) = case.outcome.filter(|outcome| outcome.state == CaseState::Decided) {
            licences.extend(outcome.licences);
        }
    }
    let expected: Vec<String> =
        (1..=licences.len()).map(|number| format!("YT-L-2026-{number:06}")).collect();
    assert_eq!(licences, expected);
    assert!(licences.len() > 15);
}

#[test]
fn the_queue_holds_each_case_once_whoever_asks_page_by_page() {
    let desk = Desk::new();
    let mut numbers = Vec::new();
    for seed in 0..60 {
        let mut plan = CasePlan::new(seed, 9);
        numbers.push(desk.submit(&mut plan, seed as i64).unwrap());
        if seed % 3 == 0 {
            desk.play(&mut plan, &numbers[seed as usize], seed as i64);
        }
    }
    let open = CaseFilter { open: Some(true), ..CaseFilter::default() };
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = desk.platform.case_queue(&Queue::Cases(open.clone()), cursor.as_ref()).unwrap();
        let keys: Vec<i64> = page.rows.iter().map(|row| row.urgency).collect();
        assert!(keys.is_sorted(), "the most urgent first: {keys:?}");
        seen.extend(page.rows.into_iter().map(|row| row.number));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    seen.sort();
    let mut expected: Vec<String> = numbers
        .into_iter()
        .filter(|number| desk.platform.case(number).unwrap().state.open())
        .collect();
    expected.sort();
    assert!(expected.len() > 25);
    assert_eq!(seen, expected);
}

#[test]
fn an_appeal_is_a_case_of_its_own_and_is_written_into_the_one_that_it_appeals() {
    let desk = Desk::new();
    let refused = (0..200).find_map(|seed| {
        let mut plan = CasePlan::new(seed, 3);
        let number = desk.submit(&mut plan, 0).unwrap();
        let case = desk.play(&mut plan, &number, 0);
        let refuse = |decision: &CellDecision| matches!(decision, CellDecision::Refuse { .. });
        case.outcome.as_ref()?.cells.values().any(refuse).then_some(case)
    });
    let first = refused.unwrap();
    let minutes = (first.outcome.as_ref().unwrap().at_us - moment(0).now.us()) / 60_000_000;
    let follows = Follows { how: FollowKind::Appeal, number: first.number.clone() };
    let application = Application {
        appeal_grounds: "The end user is known to the authority.".to_owned(),
        ..first.application.clone()
    };
    let new = NewCase { applicant: PARTY, application: &application, follows: Some(&follows) };
    let number = desk.hand_in(&new, minutes + 60).unwrap();
    let after = desk.platform.case(&first.number).unwrap();
    assert_eq!(after.appeals, std::slice::from_ref(&number));
    assert_eq!(after.first_outcome, first.first_outcome, "its first outcome's time never changes");
    let appeal = desk.platform.case(&number).unwrap();
    assert_eq!(appeal.follows, Some(follows.clone()));
    // A second one is refused, and nothing of it stays.
    let again = desk.hand_in(&new, minutes + 120).unwrap_err();
    assert!(codes(&again).contains(&"appealed_already"), "{again}");
    desk.clean();
}

#[test]
fn a_case_is_forecast_as_those_of_several_applicants_went_and_open_ones_count() {
    const DAY: i64 = 24 * 60;
    let known = |desk: &Desk, party: &&str| desk.platform.case_owner(party).unwrap().is_some();
    let all_known = |desk: &Desk| PARTIES.iter().all(|party| known(desk, party));
    let desk = (1..200).map(Desk::of).find(all_known).unwrap();
    let parties = PARTIES;
    let hand_in = |party: &str, application: &Application, at: i64| {
        let actor = Actor::new("exporter", Role::Filer, party);
        let step = Step { actor: &actor, moment: moment(at) };
        let new = NewCase { applicant: party, application, follows: None };
        desk.platform.case_submit(&desk.law, &new, &desk.known, &step).unwrap()
    };
    let ask = |number: &str, at: i64| {
        let case = desk.platform.case(number).unwrap();
        desk.platform.case_forecast(&desk.law, &case, moment(at).now).unwrap()
    };
    // Of each kind of licence: days of each decided case, with how long ago each open one came.
    let mut went: BTreeMap<String, Vec<(u32, bool)>> = BTreeMap::new();
    for seed in 0..120_u64 {
        let mut plan = CasePlan::new(seed, 7);
        let (party, begin) = (parties[seed as usize % parties.len()], (seed as i64 % 9) * DAY);
        let number = hand_in(party, &plan.application(), begin);
        let case = desk.play_as(party, &mut plan, &number, begin, 100 * DAY);
        let day = |us: i64| us.div_euclid(86_400_000_000);
        let until = case.first_outcome.as_ref().map_or(moment(101 * DAY).now.us(), |out| out.at_us);
        let decided =
            case.first_outcome.as_ref().is_some_and(|out| out.state == CaseState::Decided);
        let days = u32::try_from(day(until) - day(case.received_at_us)).unwrap();
        went.entry(case.application.licence_type.clone()).or_default().push((days, decided));
        if !case.state.open() {
            assert_eq!(ask(&number, 101 * DAY), None, "it has ended");
        }
    }
    let (kind, spans) = went.iter().max_by_key(|(_, spans)| spans.len()).unwrap();
    let mut application = CasePlan::new(1, 7).application();
    for seed in 0.. {
        if application.licence_type == *kind {
            break;
        }
        application = CasePlan::new(seed, 8).application();
    }
    for cell in &mut application.cells {
        // Nobody has asked for this, so that only the kind of licence is alike.
        cell.destination = "IS".to_owned();
    }
    for party in &mut application.parties {
        party.country = "IS".to_owned();
    }
    for end_use in &mut application.uses {
        end_use.code = "elevator".to_owned();
    }
    let asked = hand_in(PARTY, &application, 98 * DAY);
    let found = ask(&asked, 101 * DAY).unwrap();
    assert_eq!(found.waited_days, 3);
    let Forecast::Known(known) = found.forecast else { panic!("{found:?} of {spans:?}") };
    assert_eq!(known.likeness, Likeness::Type);
    let decided = spans.iter().filter(|span| span.1).count();
    assert_eq!(known.decided, decided);
    assert!(known.half_days.is_some() && known.half_days <= known.nine_of_ten_days, "{known:?}");
    let before = desk.platform.application_forecast(&desk.law, &application, moment(98 * DAY).now);
    assert!(matches!(before.unwrap(), Forecast::Known(_)));
    desk.clean();
}
