//! The simulated authority at work: cases of a seed go from hand to hand, each move when its time comes.
//!
//! Used by the demo, whose cases then stand wherever they got to today, and by `gadolin bench authority`.
//! Every move goes through the same door as a person's; a refused one ends the run with its reasons.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use anyhow::bail;
use app::Platform;
use app::cases::{CaseError, Known, NewCase, Step, case_needs, classifier_on, goods_classified_by};
use app::law::Law;
use app::people::Moment;
use base::Timestamp;
use base::authorisation::{Actor, Role};
use sim::authority::{CasePlan, Hand};

const MINUTE_US: i64 = 60_000_000;

/// What is to be simulated.
pub(crate) struct Office<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) law: &'a Law,
    pub(crate) known: &'a Known,
    /// Who applies, each an account and its party.
    pub(crate) applicants: &'a [(String, String)],
    pub(crate) seed: u64,
    pub(crate) cases: u64,
    /// Applications come in between these; no move is made after the end.
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Moves in one transaction.
    pub(crate) batch: usize,
}

/// What was done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Done {
    pub(crate) submitted: u64,
    pub(crate) moves: u64,
    pub(crate) transactions: u64,
    /// Cases by the code of the state in which they stand.
    pub(crate) states: BTreeMap<&'static str, u64>,
}

/// A case on its way: when somebody acts next, and who that is.
struct Going {
    plan: CasePlan,
    applicant: usize,
    number: String,
    next: Option<sim::authority::Move>,
}

impl Office<'_> {
    /// Runs until every case is at an end, or its next move lies after the end.
    pub(crate) fn run(&self) -> anyhow::Result<Done> {
        let mut done = Done::default();
        let mut going: Vec<Going> = Vec::new();
        let mut queue = BinaryHeap::new();
        let span = (self.until.us() - self.from.us()).max(1) as u64;
        for number in 0..self.cases {
            let at = self.from.us()
                + (crate::bench::splitmix(&mut (self.seed ^ (number << 20))) % span) as i64;
            queue.push(Reverse((at, number as usize)));
            going.push(Going {
                plan: CasePlan::new(self.seed, number),
                applicant: number as usize % self.applicants.len().max(1),
                number: String::new(),
                next: None,
            });
        }
        let classifier = classifier_on(self.law, self.until);
        while !queue.is_empty() {
            done.transactions += 1;
            self.platform
                .case_batch(self.law, |batch| {
                    for _ in 0..self.batch {
                        let Some(Reverse((at, place))) = queue.pop() else { break };
                        let case = &mut going[place];
                        let (account, party) = &self.applicants[case.applicant];
                        let moment = Moment {
                            now: Timestamp::from_us(at),
                            seed: seed(self.seed, at, place),
                        };
                        let stands = if let Some(step) = case.next.take() {
                            let actor = actor(&step.hand, account, party);
                            let step_by = Step { actor: &actor, moment };
                            done.moves += 1;
                            batch.step(&case.number, &step.command, self.known, &step_by)?
                        } else {
                            let application = case.plan.application();
                            let codes = goods_classified_by(&classifier, &application);
                            let actor = Actor::new(account, Role::Filer, party);
                            let new = NewCase {
                                applicant: party,
                                application: &application,
                                follows: None,
                            };
                            let step_by = Step { actor: &actor, moment };
                            case.number = batch.submit(&new, &codes, self.known, &step_by)?;
                            done.submitted += 1;
                            batch.case(&case.number)?
                        };
                        let needs = case_needs(self.law, &stands, self.known, moment.now);
                        case.next = case.plan.next(&stands, &needs.agencies, &needs.signatures);
                        let later = case
                            .next
                            .as_ref()
                            .map(|next| at + i64::from(next.after_minutes) * MINUTE_US);
                        match later {
                            Some(later) if later <= self.until.us() => {
                                queue.push(Reverse((later, place)))
                            }
                            _ => *done.states.entry(stands.state.code()).or_default() += 1,
                        }
                    }
                    Ok(())
                })
                .map_err(|error| told(&error))?;
        }
        if done.submitted != self.cases {
            bail!("{} of {} cases were handed in", done.submitted, self.cases);
        }
        Ok(done)
    }
}

fn told(error: &CaseError) -> anyhow::Error {
    anyhow::anyhow!("the simulated authority was refused: {error}")
}

fn actor(hand: &Hand, account: &str, party: &str) -> Actor {
    match hand {
        Hand::Applicant => Actor::new(account, Role::Filer, party),
        Hand::Officer => Actor::new("officer", Role::Officer, ""),
        Hand::Agency(desk) => {
            let mut actor = Actor::new(&format!("{desk}-agency"), Role::Agency, "");
            actor.desk.clone_from(desk);
            actor
        }
        Hand::Supervisor(1) => Actor::new("supervisor", Role::Supervisor, ""),
        Hand::Supervisor(_) => Actor::new("second-supervisor", Role::Supervisor, ""),
    }
}

/// Chance of a move: it only makes keys, and the same run makes the same.
fn seed(seed: u64, at: i64, place: usize) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&at.to_le_bytes());
    bytes[16..24].copy_from_slice(&(place as u64).to_le_bytes());
    bytes
}
