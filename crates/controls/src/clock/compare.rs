//! The same application in each regime: when its answer is due, and how it can end.

use base::Date;
use serde::Serialize;

use super::answer::{Proofs, answer};
use super::rules::{Binding, Unit};
use super::{ClockRules, State, events_read, reckon};
use crate::calendar::Calendar;
use crate::fault::PackFault;

/// The clock of the answer to an application, in every pack.
const DECISION: &str = "decision";

/// One regime's answer.
#[derive(Debug, Clone, Serialize)]
pub struct RegimeRow {
    /// The pack.
    pub pack: String,
    /// Day zero of the last clock of the decision; nothing where it has not started.
    pub starts: Option<Date>,
    /// The last day in time.
    pub due_date: Option<Date>,
    /// The earliest possible, where it is not certain.
    pub due_date_earliest: Option<Date>,
    /// The latest possible, where it is not certain.
    pub due_date_latest: Option<Date>,
    /// How it stands.
    pub state: Option<State>,
    /// Days of the limit; nothing where there is none.
    pub limit: Option<u32>,
    /// What is counted.
    pub unit: Option<Unit>,
    /// Whether the limit binds.
    pub binding: Option<Binding>,
    /// The rule.
    pub rule: String,
    /// How the application can end, as the codes of outcomes.
    pub outcomes: Vec<String>,
}

/// Asks every pack about the same events (one JSON object a line).
///
/// # Errors
/// Every fault of the events, with the pack that finds it in front of the message.
pub fn regimes_compare(
    packs: &[(&str, &ClockRules, &Calendar)],
    events: &str,
    now: Option<jiff::Timestamp>,
) -> Result<Vec<RegimeRow>, Vec<PackFault>> {
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for (pack, rules, calendar) in packs {
        let answered = events_read(rules, events).and_then(|events| {
            let reckoning = reckon(rules, calendar, &events, now)?;
            Ok(answer(pack, rules, calendar, &events, &reckoning, Proofs::None))
        });
        let answer = match answered {
            Ok(answer) => answer,
            Err(wrong) => {
                let named = |fault: PackFault| {
                    let message = format!("pack `{pack}`: {}", fault.message);
                    PackFault { message, ..fault }
                };
                faults.extend(wrong.into_iter().map(named));
                continue;
            }
        };
        let clock = answer.clocks.iter().rfind(|clock| clock.clock == DECISION);
        rows.push(RegimeRow {
            pack: (*pack).to_owned(),
            starts: clock.map(|clock| clock.starts),
            due_date: clock.and_then(|clock| clock.due_date),
            due_date_earliest: clock.and_then(|clock| clock.due_date_earliest),
            due_date_latest: clock.and_then(|clock| clock.due_date_latest),
            state: clock.map(|clock| clock.state),
            limit: clock.and_then(|clock| clock.limit),
            unit: clock.map(|clock| clock.unit),
            binding: clock.map(|clock| clock.binding),
            rule: clock.map(|clock| clock.rule.clone()).unwrap_or_default(),
            outcomes: rules.outcomes.iter().map(|outcome| outcome.id.clone()).collect(),
        });
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}
