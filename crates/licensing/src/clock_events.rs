//! What happened in a case, in the words in which packs write their clocks (`clocks.toml`).
//!
//! Plain values: the caller hands those that its pack knows to the reckoning of the clocks. An agency's
//! silence is no event here, for it is what the clock itself finds.

use base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::{Case, CellDecision, Event, Recorded, StepKind, Verdict};

/// Something that happened, in the words of the clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockEvent {
    /// When, µs.
    pub at_us: i64,
    /// What: `received`, `accepted`, `question`, `granted` and so on.
    pub code: String,
    /// The agency that it concerns; empty where none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agency: String,
    /// The length that a written notice gave, in the unit of the pack's stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_days: Option<u32>,
}

impl ClockEvent {
    pub(crate) fn new(at_us: i64, code: &str) -> ClockEvent {
        ClockEvent { at_us, code: code.to_owned(), agency: String::new(), notice_days: None }
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::from_us(self.at_us)
    }
}

/// What happened in a case, in the words of the clocks, in order.
#[must_use]
pub fn clock_events(case: &Case) -> &[ClockEvent] {
    &case.clock
}

/// What an event is in the words of the clocks, on the case as it is before it.
pub(crate) fn clock_events_of(case: &Case, recorded: &Recorded) -> Vec<ClockEvent> {
    let mut event = ClockEvent::new(recorded.at_us, "");
    let code = match &recorded.event {
        Event::Accepted => "accepted",
        Event::WatchListed { .. } => "watch_listed",
        Event::Asked { .. } => "question",
        // A clock that a question stopped runs again with the last open answer.
        Event::Answered { question, .. } => {
            let others = case.questions_open().any(|open| open.number != *question);
            if others { "" } else { "answer" }
        }
        Event::StepBegan { step, notice_days, .. } => {
            event.notice_days = *notice_days;
            step_codes(*step).0
        }
        Event::StepEnded { step, .. } => step_codes(*step).1,
        Event::ReferredUp { .. } => "referred",
        Event::AgencyAsked { agency, .. } => {
            event.agency.clone_from(agency);
            "agency_referred"
        }
        Event::AgencyReplied { agency, silent: false } => {
            event.agency.clone_from(agency);
            "agency_replied"
        }
        Event::Decided { licences } => return decided(case, recorded.at_us, licences),
        Event::Returned { .. } => "returned",
        Event::Withdrawn { .. } => "withdrawn",
        Event::Lapsed { .. } => "lapsed",
        Event::Reopened { .. } => "reopened",
        Event::AmendmentAccepted => "amendment_accepted",
        Event::AmendmentDecided { verdict: Verdict::Taken | Verdict::Refused, .. } => {
            "amendment_decided"
        }
        _ => "",
    };
    if code.is_empty() {
        return Vec::new();
    }
    code.clone_into(&mut event.code);
    vec![event]
}

fn step_codes(step: StepKind) -> (&'static str, &'static str) {
    match step {
        StepKind::Identification => ("identification_start", "identification_end"),
        StepKind::Expert => ("expert_start", "expert_end"),
        StepKind::Verification => ("verification_start", "verification_end"),
    }
}

/// A decision that refuses everything is a refusal; any other grants, be it that no licence is needed.
fn decided(case: &Case, at_us: i64, licences: &[String]) -> Vec<ClockEvent> {
    let mut cells = case.draft.iter().flat_map(|(draft, _, _)| draft.cells.values());
    let refused = cells.all(|decision| matches!(decision, CellDecision::Refuse { .. }));
    let mut events = vec![ClockEvent::new(at_us, if refused { "refused" } else { "granted" })];
    if !licences.is_empty() {
        events.push(ClockEvent::new(at_us, "issued"));
    }
    events
}
