//! The events of a case, one JSON object a line.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{ClockRules, EVENTS};
use crate::fault::PackFault;
use crate::table::fault;

/// Beyond this, a notice says nothing.
const NOTICE_AT_MOST: u64 = 3_660;
/// No case has more events; the limit keeps memory bounded.
const EVENTS_AT_MOST: usize = 100_000;

/// An event of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its line, from 1.
    pub line: u32,
    /// When.
    pub at: Timestamp,
    /// What, as its place among the kinds of the rules.
    pub kind: usize,
    /// The agency that it concerns.
    pub agency: Option<String>,
    /// The length that a written notice gave, in the unit of the stop.
    pub notice_days: Option<u32>,
}

/// Reads the events of a case. Empty lines are passed over.
///
/// # Errors
/// Every fault of every line: text that is no JSON object, an unknown event or field, a missing or wrong
/// value.
pub fn events_read(rules: &ClockRules, text: &str) -> Result<Vec<Event>, Vec<PackFault>> {
    let mut events = Vec::new();
    let mut faults = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = number as u32 + 1;
        if events.len() == EVENTS_AT_MOST {
            let message = format!("there are more than {EVENTS_AT_MOST} events");
            faults.push(fault(EVENTS, number, "", "too_many", message, "the events of one case"));
            break;
        }
        match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(object)) => {
                let reader = Line { rules, number, object: &object, faults: &mut faults };
                events.extend(reader.event());
            }
            Ok(_) => {
                let message = "the line is no JSON object".to_owned();
                faults.push(fault(EVENTS, number, "", "not_object", message, SHAPE));
            }
            Err(error) => {
                let message = format!("the line is no JSON: {error}");
                faults.push(fault(EVENTS, number, "", "not_json", message, SHAPE));
            }
        }
    }
    if faults.is_empty() { Ok(events) } else { Err(faults) }
}

const SHAPE: &str = r#"{"at":"2025-04-07T09:12:00+08:00","event":"received"}"#;
const FIELDS: [&str; 5] = ["at", "event", "agency", "notice_days", "note"];

struct Line<'a> {
    rules: &'a ClockRules,
    number: u32,
    object: &'a Map<String, Value>,
    faults: &'a mut Vec<PackFault>,
}

impl Line<'_> {
    fn wrong(&mut self, field: &str, code: &'static str, message: String, accepted: &str) {
        self.faults.push(fault(EVENTS, self.number, field, code, message, accepted));
    }

    fn event(mut self) -> Option<Event> {
        for field in self.object.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
            let accepted = format!("one of {}", FIELDS.join(", "));
            self.wrong(field, "field_unknown", format!("no field is called `{field}`"), &accepted);
        }
        let at = self.at();
        let kind = self.kind();
        let agency = self.agency(kind);
        let notice_days = self.notice_days();
        if !matches!(self.object.get("note"), None | Some(Value::Null | Value::String(_))) {
            self.wrong("note", "field_wrong", "the note is no text".to_owned(), "a text");
        }
        Some(Event { line: self.number, at: at?, kind: kind?, agency, notice_days })
    }

    fn at(&mut self) -> Option<Timestamp> {
        let value = self.object.get("at");
        let at = value.and_then(Value::as_str).and_then(|text| text.parse().ok());
        if at.is_none() {
            let message = match value {
                None => "the instant is missing".to_owned(),
                Some(value) => format!("`{}` is no instant", bare(value)),
            };
            let accepted = "an RFC 3339 instant with offset, such as `2025-04-07T09:12:00+08:00`";
            self.wrong("at", "at_wrong", message, accepted);
        }
        at
    }

    fn kind(&mut self) -> Option<usize> {
        let value = self.object.get("event");
        let kind = value.and_then(Value::as_str).and_then(|code| self.rules.event(code));
        if kind.is_none() {
            let message = match value {
                None => "the event is missing".to_owned(),
                Some(value) => format!("no event is called `{}`", bare(value)),
            };
            let codes =
                self.rules.events.iter().flat_map(|k| std::iter::once(&k.id).chain(&k.also));
            let codes: Vec<&str> = codes.map(String::as_str).collect();
            let accepted = format!("one of {}", codes.join(", "));
            self.wrong("event", "event_unknown", message, &accepted);
        }
        kind
    }

    fn agency(&mut self, kind: Option<usize>) -> Option<String> {
        let value = self.object.get("agency").filter(|value| !value.is_null());
        let agency = value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let needed = kind.is_some_and(|kind| self.rules.events[kind].agency);
        if value.is_some() && agency.is_none() {
            self.wrong("agency", "agency_wrong", "the agency is no text".to_owned(), "its name");
        } else if needed && agency.is_none() {
            let message = "the event must name the agency".to_owned();
            self.wrong("agency", "agency_missing", message, r#""agency":"its name""#);
        }
        agency.map(str::to_owned)
    }

    fn notice_days(&mut self) -> Option<u32> {
        let value = self.object.get("notice_days").filter(|value| !value.is_null())?;
        let days = value.as_u64().filter(|days| (1..=NOTICE_AT_MOST).contains(days));
        if days.is_none() {
            let message = format!("`{}` is no length of a notice", bare(value));
            self.wrong("notice_days", "notice_wrong", message, "a whole number of days, 1 to 3660");
        }
        days.map(|days| days as u32)
    }
}

/// A value as a reader would write it, cut to what a line can hold.
fn bare(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
