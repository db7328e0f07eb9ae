//! The statutory clock: how many days an authority has, how many are used, and when the answer is due.
//!
//! A pure function of the rules of a pack ([`ClockRules`]), its calendar, the events of a case and an instant:
//! [`reckon`]. Nothing is stored, so working it out again on any later day gives the same for the days that
//! have passed. Each day can be accounted for ([`proof()`]): why it counts or does not.
//!
//! Invariants: only the events that the pack names stop a clock; a stop that needs a written notice of its
//! length and has none stops nothing; overlapping stops exclude a day once; what contradicts itself among the
//! events is a [`Finding`], never dropped in silence.

mod answer;
mod cases;
mod compare;
mod due;
mod events;
mod instances;
mod proof;
mod rules;
mod rules_read;
mod stops;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::calendar::Calendar;
use crate::day::Day;
use crate::fault::PackFault;
use crate::table::fault;

pub use answer::{AgencyAnswer, Answer, ClockAnswer, FindingAnswer, Proofs, StopAnswer, answer};
pub use cases::{Case, Expected, cases_check, cases_read};
pub use compare::{RegimeRow, regimes_compare};
pub use due::Due;
pub use events::{Event, events_read};
pub use proof::{ProofDay, proof};
pub use rules::{
    Binding, Breach, ClockRule, ClockRules, DayRule, EventKind, LastDay, Notice, Outcome, Per,
    StopRule, Unit,
};
pub use stops::{Period, StopPeriod};

/// The settings of the clocks.
pub const SETTINGS: &str = "clocks.toml";
/// The sections of the settings.
pub(crate) const SECTIONS: &[&str] = &["calendar", "event", "stop", "clock", "outcome"];
/// The name by which faults call the events of a case.
pub const EVENTS: &str = "events";

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Days are being used.
    Running,
    /// A stop is in effect and has not ended.
    Stopped,
    /// There is no limit, by rule or because the case was taken out of it.
    Unlimited,
    /// Ended in time.
    Met,
    /// The due date passed before it ended.
    Overdue,
}

/// One run of one clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Which rule, as its place among the rules.
    pub rule: usize,
    /// The how-manieth run of this rule (and agency), from 1.
    pub number: u32,
    /// The agency whose days are counted, where the rule counts by agency.
    pub agency: Option<String>,
    /// Day zero.
    pub starts: Day,
    /// The event that started it, as its place among the events.
    pub started_by: usize,
    /// Whether it was started by a deemed event: nobody acted, the law did.
    pub deemed: bool,
    /// The day and the event that ended it.
    pub ended: Option<(Day, usize)>,
    /// The day and the event that took it out of its limit.
    pub removed: Option<(Day, usize)>,
    /// When it is due.
    pub due: Due,
    /// When it would be due if the open stop ended today.
    pub due_if_resumed: Option<Due>,
    /// When it would be due if the open stop took as long as its notice said.
    pub due_by_notice: Option<Due>,
    /// Days used at least and at most; they differ only beyond the published calendar.
    pub used: (u32, u32),
    /// How it stands.
    pub state: State,
    /// The first day after a due date that passed.
    pub breached_on: Option<Day>,
    /// Days excluded by stops, merged.
    pub excluded: Vec<Period>,
}

/// A contradiction among the events, or a step that the rules call noteworthy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// Its event, as its place among the events.
    pub event: usize,
    /// What is the matter, with the words of the pack in backticks.
    pub message: String,
}

/// All clocks of a case as of an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoning {
    /// As of when; nothing where there is no event and nobody asked.
    pub now: Option<Timestamp>,
    /// Its day in the authority's zone.
    pub today: Day,
    /// The clocks, in the order of the rules and then of their starts.
    pub clocks: Vec<Clock>,
    /// The stops, with or without effect.
    pub stops: Vec<StopPeriod>,
    /// What is noteworthy about the events.
    pub findings: Vec<Finding>,
    /// The kind of each event, as its place among the kinds.
    pub kinds: Vec<usize>,
}

/// An event placed on its day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    /// Its place among the events.
    pub(crate) event: usize,
    /// Its kind, as its place among the kinds.
    pub(crate) kind: usize,
    /// The day that it counts for, after the cut-off hour.
    pub(crate) day: Day,
    /// Whether it must not start a clock (a repetition, or the case is closed).
    pub(crate) void: bool,
}

/// Works out all clocks of a case.
///
/// `now` defaults to the last event; events after it are left out, each with a finding.
///
/// # Errors
/// Events before the calendar begins, all of them.
pub fn reckon(
    rules: &ClockRules,
    calendar: &Calendar,
    events: &[Event],
    now: Option<Timestamp>,
) -> Result<Reckoning, Vec<PackFault>> {
    let last = events.iter().map(|event| event.at).max();
    let asked = now.or(last);
    let now = asked.unwrap_or(Timestamp::UNIX_EPOCH);
    let mut findings = Vec::new();
    let mut placed = placed(rules, calendar, events, now, &mut findings)?;
    instances::contradictions(rules, events, &mut placed, &mut findings);
    let today = Day::of(calendar.zone().to_datetime(now).date());
    let stops = stops::pair(rules, calendar, events, &placed, &mut findings);
    let case = instances::Case { rules, calendar, events, placed: &placed, stops: &stops, today };
    let clocks = instances::clocks(&case, &mut findings);
    findings.sort_by_key(|finding| (events[finding.event].at, events[finding.event].line));
    let kinds = events.iter().map(|event| event.kind).collect();
    Ok(Reckoning { now: asked, today, clocks, stops, findings, kinds })
}

/// Sorts the events by instant and gives each its day.
fn placed(
    rules: &ClockRules,
    calendar: &Calendar,
    events: &[Event],
    now: Timestamp,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Placed>, Vec<PackFault>> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|&event| (events[event].at, events[event].line));
    let mut placed = Vec::with_capacity(order.len());
    let mut faults = Vec::new();
    for index in order {
        let event = &events[index];
        let kind = &rules.events[event.kind];
        let local = calendar.zone().to_datetime(event.at);
        let late = kind.cut_off.is_some_and(|cut_off| local.time() > cut_off);
        let day = Day::of(local.date()).plus(i32::from(late));
        if day < calendar.first() {
            let message = format!("`{}` lies before the calendar begins", local.date());
            let accepted = format!("days from {} on", calendar.first().date());
            faults.push(fault(EVENTS, event.line, "at", "before_calendar", message, &accepted));
            continue;
        }
        if event.at > now {
            let message = format!("`{}` happens after the instant asked for", kind.id);
            findings.push(Finding { code: "event_after_now", event: index, message });
            continue;
        }
        placed.push(Placed { event: index, kind: event.kind, day, void: false });
    }
    if faults.is_empty() { Ok(placed) } else { Err(faults) }
}
