//! Drawing a licence down: check, reserve, commit or release, correct.
//!
//! A **use** is what one line of one declaration takes from one line of a licence. Of reports about the
//! same use the one sent last counts, whatever arrives first: an absolute report replaces, an increment
//! adds to the absolute one before it. What is held (a reservation) ends by itself at its instant.
//!
//! What a border post may draw while it is cut off is **allotted** to it beforehand and counts as taken.
//! What it reports afterwards is a fact, since the goods have left: it is never refused for what it says
//! about the licence, and marked where it should not have been.
//!
//! INVARIANTS: drawn + held + allotted of a line never exceeds its ceiling (quantity and tolerance), but by
//! the `excess` of marked facts; a message that is refused changes nothing; no answer depends on anything
//! but the book, the message and the instant.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::judge::{Judged, judge};
use crate::licence::{Licence, LicenceEvent, Line, Standing, Uses, validity_us, zone_find};
use crate::message::{Deed, Measure, Message, Reason};
use crate::quantity::Quantity;

/// How far ahead of ours the clock of a sender may be, µs.
pub const CLOCK_AHEAD_US: i64 = 15 * 60 * 1_000_000;

/// Which use: a line of the licence, and a line of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UseKey {
    /// Line of the licence.
    pub line: u32,
    /// Reference of the declaration.
    pub declaration: String,
    /// Its line.
    pub declaration_line: u32,
}

/// Amounts, in the order of the line's units, as of the instant when the report was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// When it was sent, µs.
    pub at: i64,
    /// The amounts.
    pub amounts: Vec<i64>,
}

/// What is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// When it was asked for, µs.
    pub at: i64,
    /// The amounts.
    pub amounts: Vec<i64>,
    /// Until when, µs: at this instant it is over.
    pub until: i64,
}

/// Where a use stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The last reservation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// When a reservation was last given up, µs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<i64>,
    /// The last absolute report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Report>,
    /// Increments sent after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Report>,
    /// What was noted about the reports that were accepted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub marks: BTreeSet<Mark>,
}

impl Use {
    /// What was drawn in a unit.
    #[must_use]
    pub fn drawn(&self, unit: usize) -> i64 {
        let at = |report: &Report| report.amounts.get(unit).copied().unwrap_or(0);
        self.base.as_ref().map_or(0, at) + self.parts.iter().map(at).sum::<i64>()
    }

    /// What is held in a unit at an instant: nothing once it is over, given up, or an absolute report
    /// says what was used instead; increments count against it.
    #[must_use]
    pub fn held(&self, unit: usize, now_us: i64) -> i64 {
        let Some(hold) = self.hold.as_ref().filter(|hold| now_us < hold.until) else { return 0 };
        let over = |at: i64| at >= hold.at;
        if self.released.is_some_and(over) || self.base.as_ref().is_some_and(|base| over(base.at)) {
            return 0;
        }
        let amount = hold.amounts.get(unit).copied().unwrap_or(0);
        (amount - self.drawn(unit)).max(0)
    }

    /// Until when something is held, µs; nothing where nothing is.
    #[must_use]
    pub fn held_until(&self, now_us: i64) -> Option<i64> {
        let hold = self.hold.as_ref()?;
        let units = 0..hold.amounts.len();
        units.into_iter().any(|unit| self.held(unit, now_us) > 0).then_some(hold.until)
    }

    /// Whether something was drawn.
    #[must_use]
    pub fn used(&self) -> bool {
        self.base.iter().chain(&self.parts).any(|report| report.amounts.iter().any(|a| *a > 0))
    }

    /// Takes a report in; gives whether it had an effect, which one that is older than what counts has
    /// not.
    fn report(&mut self, measure: Measure, report: Report) -> bool {
        let before = self.clone();
        match measure {
            Measure::Absolute => {
                let newer = self.base.as_ref().is_none_or(|base| {
                    // Two of the same instant: the greater, so that the order of arrival is no matter.
                    (report.at, &report.amounts) > (base.at, &base.amounts)
                });
                if newer {
                    self.parts.retain(|part| part.at > report.at);
                    self.base = Some(report);
                }
            }
            Measure::Increment => {
                if self.base.as_ref().is_none_or(|base| report.at > base.at) {
                    let place = self
                        .parts
                        .partition_point(|p| (p.at, &p.amounts) < (report.at, &report.amounts));
                    self.parts.insert(place, report);
                }
            }
        }
        *self != before
    }

    fn hold(&mut self, hold: Hold) -> bool {
        let newer =
            self.hold.as_ref().is_none_or(|old| (hold.at, &hold.amounts) > (old.at, &old.amounts));
        if newer {
            self.hold = Some(hold);
        }
        newer
    }

    fn release(&mut self, at: i64) -> bool {
        let newer = self.released.is_none_or(|before| at > before);
        if newer {
            self.released = Some(at);
        }
        newer
    }
}

/// What is noted about a use that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Dated before the licence ceased to be in force, and arrived after.
    LateUse,
    /// Dated while the licence that this one supersedes was in force.
    OfPredecessor,
    /// More than the quantity, within the tolerance.
    WithinTolerance,
    /// Pieces × unit mass does not fit the net mass.
    UnitMass,
    /// Older than what is known already: without effect.
    Stale,
    /// Nothing was held that could have been given up.
    NothingHeld,
    /// Drawn offline, more than was allotted.
    BeyondAllotment,
    /// Drawn offline, more than the licence allows.
    BeyondQuantity,
    /// Drawn offline while the licence was not in force.
    NotInForce,
    /// Drawn offline for something else than the cell of the line.
    CellDiffers,
    /// Drawn offline, more exports than the licence allows.
    BeyondExports,
}

/// What was given to a border post to draw while it is cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allotment {
    /// Its id.
    pub id: String,
    /// The post.
    pub post: String,
    /// The line.
    pub line: u32,
    /// How much, in the order of the line's units.
    pub amounts: Vec<i64>,
    /// What the post has reported.
    pub drawn: Vec<i64>,
    /// Whether the post may still draw; what is left of a closed one is free again.
    pub state: AllotmentState,
}

/// Whether an allotment is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllotmentState {
    /// The post may draw.
    Open,
    /// The post has reported everything.
    Reconciled,
}

impl Allotment {
    /// What counts as taken in a unit.
    #[must_use]
    pub fn left(&self, unit: usize) -> i64 {
        let get = |amounts: &[i64]| amounts.get(unit).copied().unwrap_or(0);
        match self.state {
            AllotmentState::Open => (get(&self.amounts) - get(&self.drawn)).max(0),
            AllotmentState::Reconciled => 0,
        }
    }
}

/// Sums of a line, in the order of its units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineHead {
    /// Drawn.
    pub drawn: Vec<i64>,
    /// Held as of `as_of_us`: holds over by then are not in it.
    pub held: Vec<i64>,
    /// Allotted and not yet drawn.
    pub allotted: Vec<i64>,
    /// By how much marked facts have gone beyond the ceiling.
    pub excess: Vec<i64>,
    /// The instant of `held`, µs.
    pub as_of_us: i64,
}

impl LineHead {
    /// Of a line that nobody has used.
    #[must_use]
    pub fn unused(line: &Line, as_of_us: i64) -> LineHead {
        let none = vec![0; line.allowances.len()];
        LineHead {
            drawn: none.clone(),
            held: none.clone(),
            allotted: none.clone(),
            excess: none,
            as_of_us,
        }
    }

    /// Drawn, held and allotted in a unit.
    #[must_use]
    pub fn taken(&self, unit: usize) -> i64 {
        let get = |amounts: &[i64]| amounts.get(unit).copied().unwrap_or(0);
        get(&self.drawn) + get(&self.held) + get(&self.allotted)
    }

    fn add(amounts: &mut [i64], unit: usize, delta: i64) {
        if let Some(amount) = amounts.get_mut(unit) {
            *amount += delta;
        }
    }
}

/// All that is to be known of a licence to decide about a message.
///
/// INVARIANT: `uses` holds each use that holds something, the use that a message is about, and, where the
/// number of exports is limited, all of them. Others may be left out.
#[derive(Debug, Clone)]
pub struct Book {
    /// The licence.
    pub licence: Licence,
    /// What happened to it.
    pub events: Vec<LicenceEvent>,
    /// Sums by line.
    pub heads: BTreeMap<u32, LineHead>,
    /// Uses.
    pub uses: HashMap<UseKey, Use>,
    /// Allotments by id.
    pub allotments: BTreeMap<String, Allotment>,
    zone: TimeZone,
    /// From when and before when it is valid, µs.
    validity: (i64, i64),
    /// When which hold is over.
    ending: BTreeSet<(i64, UseKey)>,
    /// What it is good for between two instants at which its events change nothing.
    known: Option<(i64, i64, Standing)>,
}

/// What is said to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Whether it was taken.
    pub outcome: Outcome,
    /// Why not, all reasons.
    pub reasons: Vec<Reason>,
    /// What is noted about it.
    pub marks: BTreeSet<Mark>,
    /// What is left of the line, by unit, in decimals (kg, pieces, currency); tolerance not counted.
    pub left: Vec<Left>,
    /// Until when what was reserved is held (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_until: Option<String>,
}

/// Whether a message was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was.
    Accepted,
    /// It was not; nothing changed.
    Refused,
    /// It could not be read, or not now; nothing is remembered, and it may be sent again.
    Rejected,
}

/// What is left in a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Code of the unit.
    pub unit: String,
    /// The amount.
    pub left: String,
}

impl Answer {
    /// A refusal.
    #[must_use]
    pub fn refused(reasons: Vec<Reason>) -> Answer {
        Answer {
            outcome: Outcome::Refused,
            reasons,
            marks: BTreeSet::new(),
            left: Vec::new(),
            reserved_until: None,
        }
    }

    /// What was taken, without more to say.
    #[must_use]
    pub fn accepted() -> Answer {
        Answer { outcome: Outcome::Accepted, ..Answer::refused(Vec::new()) }
    }

    /// What cannot be read, or not now.
    #[must_use]
    pub fn rejected(reasons: Vec<Reason>) -> Answer {
        Answer { outcome: Outcome::Rejected, ..Answer::refused(reasons) }
    }

    /// The licence is not known.
    #[must_use]
    pub fn unknown(number: &str) -> Answer {
        let message = format!("there is no licence `{number}`");
        Answer::refused(vec![Reason::new(
            "licence_unknown",
            "licence",
            message,
            "the number as printed on the licence",
        )])
    }

    /// The id was used before for another message.
    #[must_use]
    pub fn changed(id: &str) -> Answer {
        let message = format!("the id `{id}` was used for another message");
        Answer::rejected(vec![Reason::new(
            "message_changed",
            "id",
            message,
            "a new id for a new message",
        )])
    }
}

impl Book {
    /// A book of what is stored. Nothing where the terms name no time zone of ours, which
    /// [`Licence::check`] refuses at issue.
    #[must_use]
    pub fn new(
        licence: Licence,
        events: Vec<LicenceEvent>,
        heads: BTreeMap<u32, LineHead>,
    ) -> Option<Book> {
        let zone = zone_find(&licence.terms.zone)?;
        let validity = validity_us(licence.valid_from, licence.valid_to, &zone)?;
        Some(Book {
            licence,
            events,
            heads,
            uses: HashMap::new(),
            allotments: BTreeMap::new(),
            zone,
            validity,
            ending: BTreeSet::new(),
            known: None,
        })
    }

    /// Adds a use of what is stored.
    pub fn take_in(&mut self, key: UseKey, one: Use) {
        let as_of = self.heads.get(&key.line).map_or(0, |head| head.as_of_us);
        if let Some(until) = one.held_until(as_of) {
            self.ending.insert((until, key.clone()));
        }
        self.uses.insert(key, one);
    }

    /// Forgets uses that hold nothing, where the number of exports is not limited.
    pub fn shed(&mut self) {
        if self.licence.terms.exports_max().is_none() {
            let ending: BTreeSet<UseKey> = self.ending.iter().map(|(_, key)| key.clone()).collect();
            self.uses.retain(|key, _| ending.contains(key));
        }
    }

    /// What the licence is good for at an instant, by its events, its days and what was drawn.
    #[must_use]
    pub fn standing(&self, as_of_us: i64) -> Standing {
        let standing = self.standing_by_events(as_of_us);
        if standing != Standing::InForce {
            return standing;
        }
        if self.licence.terms.uses == Uses::Single && self.uses.values().any(Use::used) {
            return Standing::Closed;
        }
        let spent = |line: &Line| {
            self.heads.get(&line.number).is_some_and(|head| {
                let mut units = line.allowances.iter().zip(&head.drawn);
                units.any(|(allowance, drawn)| *drawn >= allowance.quantity.amount)
            })
        };
        if self.licence.lines.iter().all(spent) { Standing::Exhausted } else { standing }
    }

    /// The same by events and days alone.
    #[must_use]
    pub fn standing_by_events(&self, as_of_us: i64) -> Standing {
        if let Some((from, end, standing)) = &self.known
            && (*from..*end).contains(&as_of_us)
        {
            return standing.clone();
        }
        self.licence.standing(&self.events, as_of_us, i64::MAX, &self.zone)
    }

    /// Works out between which instants around `now_us` the standing is the same, so that it need not be
    /// worked out for each message.
    pub fn prepare(&mut self, now_us: i64) {
        let turns = self.events.iter().map(|event| event.effective_at_us);
        let turns: Vec<i64> = turns.chain([self.validity.0, self.validity.1]).collect();
        let from = turns.iter().copied().filter(|t| *t <= now_us).max().unwrap_or(i64::MIN);
        let end = turns.iter().copied().filter(|t| *t > now_us).min().unwrap_or(i64::MAX);
        let standing = self.licence.standing(&self.events, now_us, i64::MAX, &self.zone);
        self.known = Some((from, end, standing));
    }

    /// The next instant at which something changes by itself: a hold that ends, a first or last day, an event
    /// with a later effect; `i64::MAX` where nothing does.
    #[must_use]
    pub fn turns_after(&self, now_us: i64) -> i64 {
        let turns = self.events.iter().map(|event| event.effective_at_us);
        let holds = self.ending.iter().map(|(until, _)| *until);
        let all = turns.chain(holds).chain([self.validity.0, self.validity.1]);
        all.filter(|turn| *turn > now_us).min().unwrap_or(i64::MAX)
    }

    /// Lets what is over be over: sums of holds are those of `now_us` from here on. Time does not go back.
    pub fn advance(&mut self, now_us: i64) {
        while let Some((until, key)) = self.ending.first().cloned() {
            if until > now_us {
                break;
            }
            self.ending.remove(&(until, key.clone()));
            let (Some(one), Some(head)) = (self.uses.get(&key), self.heads.get_mut(&key.line))
            else {
                continue;
            };
            for unit in 0..head.held.len() {
                LineHead::add(&mut head.held, unit, -one.held(unit, until - 1));
            }
        }
        for head in self.heads.values_mut() {
            head.as_of_us = head.as_of_us.max(now_us);
        }
    }

    /// What is left of a line, tolerance not counted.
    #[must_use]
    pub fn left(&self, line: &Line) -> Vec<Left> {
        let head = self.heads.get(&line.number);
        let one = |(unit, allowance): (usize, &crate::licence::Allowance)| {
            let quantity = &allowance.quantity;
            let taken = head.map_or(0, |head| head.taken(unit));
            let left =
                Quantity { unit: quantity.unit.clone(), amount: (quantity.amount - taken).max(0) };
            Left { unit: left.unit.to_string(), left: left.decimal().to_string() }
        };
        line.allowances.iter().enumerate().map(one).collect()
    }

    /// Declarations other than one that count as exports at an instant.
    pub(crate) fn exports_beside(&self, declaration: &str, now_us: i64) -> (usize, bool) {
        let mut declarations = BTreeSet::new();
        let mut completed = false;
        for (key, one) in &self.uses {
            let used = one.used();
            if key.declaration != declaration && (used || one.held_until(now_us).is_some()) {
                completed |= used;
                declarations.insert(key.declaration.as_str());
            }
        }
        (declarations.len(), completed)
    }

    /// Decides about a message, and takes it in where it is accepted. Gives the answer and, where something
    /// changed, the key of the use.
    ///
    /// `now_us` may not be before that of an earlier call; [`Book::advance`] is part of it.
    pub fn decide(&mut self, message: &Message, now_us: i64) -> (Answer, Option<UseKey>) {
        self.advance(now_us);
        let Judged { line, amounts, mut marks, reasons } = match judge(self, message, now_us) {
            Ok(judged) => judged,
            Err(reasons) => return (Answer::refused(reasons), None),
        };
        let fact = !message.allotment.is_empty();
        if !reasons.is_empty() {
            return (Answer { left: self.left_of(message.line), ..Answer::refused(reasons) }, None);
        }
        let key = UseKey {
            line: message.line,
            declaration: message.declaration.clone(),
            declaration_line: message.declaration_line,
        };
        let before = self.uses.get(&key).cloned().unwrap_or_default();
        let mut after = before.clone();
        let until = self.hold_until(message, now_us);
        let changed = match (message.deed, message.measure) {
            (Deed::Check | Deed::Reserve, _) => {
                after.hold(Hold { at: message.sent_us, amounts: amounts.clone(), until })
            }
            (Deed::Release, _) => {
                if before.held_until(now_us).is_none() {
                    marks.insert(Mark::NothingHeld);
                }
                after.release(message.sent_us)
            }
            (Deed::Correct, _) | (Deed::Commit, Measure::Absolute) => after.report(
                Measure::Absolute,
                Report { at: message.sent_us, amounts: amounts.clone() },
            ),
            (Deed::Commit, Measure::Increment) => after.report(
                Measure::Increment,
                Report { at: message.sent_us, amounts: amounts.clone() },
            ),
        };
        if !changed {
            marks.insert(Mark::Stale);
            let left = self.left_of(message.line);
            let answer =
                Answer { outcome: Outcome::Accepted, reasons, marks, left, reserved_until: None };
            return (answer, None);
        }
        let mut steps = self.steps(&line, &before, &after, message, now_us);
        let beyond = self.beyond(&line, &steps, &mut marks);
        if !beyond.is_empty() && !fact {
            let left = self.left_of(message.line);
            return (Answer { left, ..Answer::refused(beyond) }, None);
        }
        if fact && !beyond.is_empty() {
            marks.insert(Mark::BeyondQuantity);
        }
        let reserved_until = match message.deed {
            Deed::Reserve | Deed::Check => {
                after.held_until(now_us).map(|us| base::Timestamp::from_us(us).to_string())
            }
            _ => None,
        };
        if message.deed == Deed::Check {
            let left = self.left_of(message.line);
            return (
                Answer { outcome: Outcome::Accepted, reasons, marks, left, reserved_until },
                None,
            );
        }
        if steps.beyond_allotment {
            marks.insert(Mark::BeyondAllotment);
        }
        after.marks.extend(marks.iter().copied());
        self.take(&line, &key, before, after, &mut steps, message, now_us);
        let left = self.left_of(message.line);
        (Answer { outcome: Outcome::Accepted, reasons, marks, left, reserved_until }, Some(key))
    }

    fn left_of(&self, number: u32) -> Vec<Left> {
        self.licence.line(number).map_or_else(Vec::new, |line| self.left(line))
    }

    fn hold_until(&self, message: &Message, now_us: i64) -> i64 {
        let most =
            now_us.saturating_add(i64::from(self.licence.terms.reservation_seconds) * 1_000_000);
        message.reserve_until_us.map_or(most, |until| until.min(most))
    }

    /// What a change of a use does to the sums of its line.
    fn steps(
        &self,
        line: &Line,
        before: &Use,
        after: &Use,
        message: &Message,
        now_us: i64,
    ) -> Steps {
        let mut steps = Steps::default();
        let allotment = self.allotments.get(&message.allotment);
        for unit in 0..line.allowances.len() {
            let drawn = after.drawn(unit) - before.drawn(unit);
            let held = after.held(unit, now_us) - before.held(unit, now_us);
            let allotted = match allotment {
                Some(allotment) => {
                    let mut next = allotment.clone();
                    LineHead::add(&mut next.drawn, unit, drawn);
                    let over = next.drawn.get(unit) > next.amounts.get(unit);
                    let closed = allotment.state == AllotmentState::Reconciled;
                    steps.beyond_allotment |= drawn > 0 && (over || closed);
                    next.left(unit) - allotment.left(unit)
                }
                None => 0,
            };
            steps.drawn.push(drawn);
            steps.held.push(held);
            steps.allotted.push(allotted);
        }
        steps
    }

    /// Units in which more would be taken than may be; marks what lies within the tolerance.
    fn beyond(&self, line: &Line, steps: &Steps, marks: &mut BTreeSet<Mark>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let Some(head) = self.heads.get(&line.number) else { return reasons };
        for (unit, allowance) in line.allowances.iter().enumerate() {
            let more = steps.taken(unit);
            let taken = head.taken(unit) + more;
            if more <= 0 {
                continue;
            }
            let of = |amount: i64| Quantity { unit: allowance.quantity.unit.clone(), amount };
            if taken > allowance.ceiling() {
                let left = of((allowance.ceiling() - head.taken(unit)).max(0));
                let part = format!("quantities.{}", allowance.quantity.unit);
                let message =
                    format!("`{}` more of line {} is beyond the licence", of(more), line.number);
                reasons.push(Reason::new(
                    "beyond_quantity",
                    &part,
                    message,
                    format!("at most {left}"),
                ));
            } else if taken > allowance.quantity.amount {
                marks.insert(Mark::WithinTolerance);
            }
        }
        reasons
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `decide`, split for its length")]
    fn take(
        &mut self,
        line: &Line,
        key: &UseKey,
        before: Use,
        after: Use,
        steps: &mut Steps,
        message: &Message,
        now_us: i64,
    ) {
        if let Some(until) = before.held_until(now_us) {
            self.ending.remove(&(until, key.clone()));
        }
        if let Some(until) = after.held_until(now_us) {
            self.ending.insert((until, key.clone()));
        }
        if let Some(allotment) = self.allotments.get_mut(&message.allotment) {
            for (unit, drawn) in steps.drawn.iter().enumerate() {
                LineHead::add(&mut allotment.drawn, unit, *drawn);
            }
        }
        if let Some(head) = self.heads.get_mut(&line.number) {
            for (unit, allowance) in line.allowances.iter().enumerate() {
                LineHead::add(&mut head.drawn, unit, steps.drawn.get(unit).copied().unwrap_or(0));
                LineHead::add(&mut head.held, unit, steps.held.get(unit).copied().unwrap_or(0));
                LineHead::add(
                    &mut head.allotted,
                    unit,
                    steps.allotted.get(unit).copied().unwrap_or(0),
                );
                let over = head.taken(unit) - allowance.ceiling();
                if let Some(excess) = head.excess.get_mut(unit) {
                    *excess = over.max(*excess);
                }
            }
        }
        self.uses.insert(key.clone(), after);
    }

    /// Gives a post a quantity of a line to draw while it is cut off; it counts as taken from here on.
    ///
    /// # Errors
    /// Reasons where the licence is not in force, the units are not the line's, or it is more than is left.
    pub fn allot(&mut self, mut allotment: Allotment, now_us: i64) -> Result<(), Vec<Reason>> {
        self.advance(now_us);
        let Some(line) = self.licence.line(allotment.line).cloned() else {
            return Err(vec![crate::judge::line_unknown(allotment.line)]);
        };
        let standing = self.standing(now_us);
        if standing != Standing::InForce {
            return Err(vec![crate::judge::not_in_force(&standing, "allotment")]);
        }
        let units = line.allowances.len();
        if allotment.amounts.len() != units || allotment.amounts.iter().any(|a| *a < 0) {
            let message = "an amount for each unit of the line is needed";
            return Err(vec![Reason::new(
                "unit_missing",
                "quantities",
                message,
                "each unit of the line",
            )]);
        }
        if self.allotments.contains_key(&allotment.id) {
            let message = format!("there is an allotment `{}` already", allotment.id);
            return Err(vec![Reason::new("allotment_known", "allotment", message, "a new id")]);
        }
        let none = vec![0; units];
        let steps = Steps {
            drawn: none.clone(),
            held: none.clone(),
            allotted: allotment.amounts.clone(),
            beyond_allotment: false,
        };
        let beyond = self.beyond(&line, &steps, &mut BTreeSet::new());
        if !beyond.is_empty() {
            return Err(beyond);
        }
        if let Some(head) = self.heads.get_mut(&line.number) {
            for (unit, amount) in allotment.amounts.iter().enumerate() {
                LineHead::add(&mut head.allotted, unit, *amount);
            }
        }
        allotment.drawn = none;
        allotment.state = AllotmentState::Open;
        self.allotments.insert(allotment.id.clone(), allotment);
        Ok(())
    }

    /// Closes an allotment: the post has reported everything, what is left is free again. Closing it twice
    /// is no matter.
    ///
    /// # Errors
    /// A reason where there is no such allotment of that post.
    pub fn reconcile(&mut self, id: &str, post: &str, now_us: i64) -> Result<(), Vec<Reason>> {
        self.advance(now_us);
        let Some(allotment) = self.allotments.get_mut(id).filter(|a| a.post == post) else {
            return Err(vec![crate::judge::allotment_unknown(id)]);
        };
        let units = allotment.amounts.len();
        let left: Vec<i64> = (0..units).map(|unit| allotment.left(unit)).collect();
        allotment.state = AllotmentState::Reconciled;
        let line = allotment.line;
        if let Some(head) = self.heads.get_mut(&line) {
            for (unit, amount) in left.iter().enumerate() {
                LineHead::add(&mut head.allotted, unit, -amount);
            }
        }
        Ok(())
    }
}

/// What changes in the sums of a line, by unit.
#[derive(Debug, Default)]
struct Steps {
    drawn: Vec<i64>,
    held: Vec<i64>,
    allotted: Vec<i64>,
    beyond_allotment: bool,
}

impl Steps {
    fn taken(&self, unit: usize) -> i64 {
        let get = |amounts: &[i64]| amounts.get(unit).copied().unwrap_or(0);
        get(&self.drawn) + get(&self.held) + get(&self.allotted)
    }
}

#[cfg(test)]
#[path = "draw_down_model.rs"]
mod model;
#[cfg(test)]
#[path = "draw_down_tests.rs"]
mod tests;
