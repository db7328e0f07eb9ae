//! The test cases of a pack: events, and what the clocks must say of them.
//!
//! A pack carries them in `clock_cases.jsonl`, so that whoever changes a rule sees which cases change.

use base::Date;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::answer::{Answer, ClockAnswer, Proofs, answer};
use super::{ClockRules, Event, events_read, reckon};
use crate::calendar::Calendar;
use crate::fault::PackFault;
use crate::files::PackFiles;
use crate::table::fault;

/// The table of cases.
pub(super) const TABLE: &str = "clock_cases.jsonl";

/// What a clock must say; what is not named may be anything.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Which clock.
    pub clock: String,
    /// Which run; the first where it is not named.
    pub number: Option<u32>,
    /// Of which agency.
    pub agency: Option<String>,
    /// Day zero.
    pub starts: Option<Date>,
    /// The due date.
    pub due_date: Option<Date>,
    /// The earliest due date.
    pub earliest: Option<Date>,
    /// The latest due date.
    pub latest: Option<Date>,
    /// The due date by the notice.
    pub by_notice: Option<Date>,
    /// The state, as its code.
    pub state: Option<String>,
    /// Days used.
    pub used: Option<u32>,
    /// Days left.
    pub left: Option<u32>,
    /// What follows from a breach, as its code.
    pub on_breach: Option<String>,
    /// The first day after the limit passed.
    pub breached_on: Option<Date>,
    /// The day that ended it.
    pub ended: Option<Date>,
    /// Whether it binds, as its code.
    pub binding: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    events: Vec<Value>,
    now: Option<Timestamp>,
    expect: Vec<Expected>,
    clocks: Option<usize>,
    #[serde(default)]
    findings: Vec<String>,
}

/// A case of the pack.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its line.
    pub line: u32,
    /// Its name.
    pub id: String,
    /// Its events.
    pub events: Vec<Event>,
    /// As of when; the last event where it is not named.
    pub now: Option<Timestamp>,
    /// What must come out.
    pub expect: Vec<Expected>,
    /// How many clocks there must be in all.
    pub clocks: Option<usize>,
    /// The codes of all findings, sorted.
    pub findings: Vec<String>,
}

/// Reads the cases of a pack, with every fault.
#[must_use]
pub fn cases_read(files: &PackFiles, rules: &ClockRules, faults: &mut Vec<PackFault>) -> Vec<Case> {
    let mut cases = Vec::new();
    let text = files.text(TABLE).unwrap_or_default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = number as u32 + 1;
        let entry: Entry = match serde_json::from_str(line) {
            Ok(entry) => entry,
            Err(error) => {
                let message = error.to_string();
                faults.push(fault(TABLE, number, "", "case_wrong", message, "a case as JSON"));
                continue;
            }
        };
        let lines: Vec<String> = entry.events.iter().map(Value::to_string).collect();
        for expected in entry.expect.iter().filter(|e| rules.clock(&e.clock).is_none()) {
            let message = format!("no clock is called `{}`", expected.clock);
            let known: Vec<&str> = rules.clocks.iter().map(|rule| rule.id.as_str()).collect();
            let accepted = format!("one of {}", known.join(", "));
            faults.push(fault(TABLE, number, "expect", "clock_unknown", message, &accepted));
        }
        match events_read(rules, &lines.join("\n")) {
            Ok(events) => {
                let Entry { id, now, expect, clocks, mut findings, .. } = entry;
                findings.sort();
                cases.push(Case { line: number, id, events, now, expect, clocks, findings });
            }
            Err(wrong) => faults.extend(wrong.into_iter().map(|wrong| PackFault {
                file: TABLE.to_owned(),
                line: number,
                message: format!("event {}: {}", wrong.line, wrong.message),
                ..wrong
            })),
        }
    }
    cases
}

/// Works out every case and gives what differs from what it expects, one sentence each.
#[must_use]
pub fn cases_check(rules: &ClockRules, calendar: &Calendar, cases: &[Case]) -> Vec<String> {
    let mut wrong = Vec::new();
    for case in cases {
        let mut say =
            |text: String| wrong.push(format!("{} (line {}): {text}", case.id, case.line));
        let reckoning = match reckon(rules, calendar, &case.events, case.now) {
            Ok(reckoning) => reckoning,
            Err(faults) => {
                faults.iter().for_each(|fault| say(fault.to_string()));
                continue;
            }
        };
        let answer = answer("", rules, calendar, &case.events, &reckoning, Proofs::None);
        for expected in &case.expect {
            expected_check(expected, &answer, &mut say);
        }
        let count = answer.clocks.len();
        if case.clocks.is_some_and(|expected| expected != count) {
            say(format!("{count} clocks, expected {}", case.clocks.unwrap_or_default()));
        }
        let mut codes: Vec<&str> = answer.findings.iter().map(|finding| finding.code).collect();
        codes.sort_unstable();
        if codes != case.findings {
            say(format!("findings {codes:?}, expected {:?}", case.findings));
        }
    }
    wrong
}

fn expected_check(expected: &Expected, answer: &Answer, say: &mut impl FnMut(String)) {
    let number = expected.number.unwrap_or(1);
    let found = answer.clocks.iter().find(|clock| {
        clock.clock == expected.clock && clock.number == number && clock.agency == expected.agency
    });
    let id = &expected.clock;
    let Some(clock) = found else {
        say(format!("`{id}` {number} is not there"));
        return;
    };
    for (field, expected, found) in differences(expected, clock) {
        say(format!("`{id}` {number}: {field} is {found}, expected {expected}"));
    }
}

/// The fields that differ: name, expected, found.
fn differences(expected: &Expected, clock: &ClockAnswer) -> Vec<(&'static str, String, String)> {
    let date = |date: Option<Date>| date.map(|date| date.to_string());
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    let code = |value: serde_json::Result<Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned))
    };
    [
        ("starts", date(expected.starts), date(Some(clock.starts))),
        ("due_date", date(expected.due_date), date(clock.due_date)),
        ("earliest", date(expected.earliest), date(clock.due_date_earliest)),
        ("latest", date(expected.latest), date(clock.due_date_latest)),
        ("by_notice", date(expected.by_notice), date(clock.due_date_by_notice)),
        ("state", expected.state.clone(), code(serde_json::to_value(clock.state))),
        ("used", number(expected.used), Some(clock.days_used.to_string())),
        ("left", number(expected.left), number(clock.days_left)),
        ("on_breach", expected.on_breach.clone(), code(serde_json::to_value(clock.on_breach))),
        ("breached_on", date(expected.breached_on), date(clock.breached_on)),
        ("ended", date(expected.ended), date(clock.ended)),
        ("binding", expected.binding.clone(), code(serde_json::to_value(clock.binding))),
    ]
    .into_iter()
    .filter(|(_, expected, found)| expected.is_some() && expected != found)
    .map(|(field, expected, found)| {
        let word = |text: Option<String>| text.unwrap_or_else(|| "nothing".to_owned());
        (field, word(expected), word(found))
    })
    .collect()
}
