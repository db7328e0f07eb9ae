//! What of a case each side sees: nobody more than its part needs.
//!
//! The office sees all. An agency sees the application, what it was asked and advised itself, and the notes
//! that are shared with agencies: not the draft, not who asked what, not what another agency says, not how
//! the case ended. The applicant sees its application, its questions and answers, steps that it was told
//! of, notes to it, its amendments, and the decision once there is one; conditions without whose they are.
//!
//! INVARIANT: what a side does not see leaves no trace for it, neither in the case nor in the number of its
//! last event ([`version_seen`]).

use crate::case::{Case, CellDecision, Event, Note, Outcome, Readers, Recorded};

/// A side of a case, as it looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer<'a> {
    /// The authority's officers and supervisors.
    Office,
    /// A person of this agency.
    Agency(&'a str),
    /// The applicant's people.
    Applicant,
}

/// An event as a side sees it; nothing where it does not.
#[must_use]
pub fn event_seen(recorded: &Recorded, viewer: Viewer<'_>) -> Option<Recorded> {
    let seen = match viewer {
        Viewer::Office => return Some(recorded.clone()),
        Viewer::Agency(agency) => of_agency(&recorded.event, agency),
        Viewer::Applicant => of_applicant(&recorded.event),
    };
    let mut event = recorded.clone();
    if !seen {
        return None;
    }
    match &mut event.event {
        Event::Classified { reason, .. } => reason.clear(),
        Event::StepBegan { text, .. } | Event::StepEnded { text, .. } => text.clear(),
        _ => {}
    }
    Some(event)
}

fn of_agency(event: &Event, own: &str) -> bool {
    match event {
        Event::Submitted { .. } | Event::Classified { .. } => true,
        Event::AgencyAsked { agency, .. }
        | Event::Advised { agency, .. }
        | Event::AgencyReplied { agency, .. } => agency == own,
        Event::Noted { readers, .. } => *readers != Readers::Authority,
        _ => false,
    }
}

fn of_applicant(event: &Event) -> bool {
    match event {
        Event::Submitted { .. }
        | Event::Classified { .. }
        | Event::Accepted
        | Event::Asked { .. }
        | Event::Answered { .. }
        | Event::Decided { .. }
        | Event::Returned { .. }
        | Event::Withdrawn { .. }
        | Event::Lapsed { .. }
        | Event::Reopened { .. }
        | Event::AmendmentAsked { .. }
        | Event::AmendmentAccepted
        | Event::AmendmentDecided { .. }
        | Event::Appealed { .. } => true,
        // A step stops the clock: whose clock it is, is told.
        Event::StepBegan { .. } | Event::StepEnded { .. } => true,
        Event::Noted { readers, .. } => *readers == Readers::Applicant,
        _ => false,
    }
}

/// The number of the last event that a side sees: what it names when it acts on what it saw.
#[must_use]
pub fn version_seen(events: &[Recorded], viewer: Viewer<'_>) -> u32 {
    let mut seen = events.iter().rev().filter(|event| event_seen(event, viewer).is_some());
    seen.next().map_or(0, |event| event.seq)
}

/// A case as a side sees it.
#[must_use]
pub fn case_seen(case: &Case, viewer: Viewer<'_>) -> Case {
    let mut seen = case.clone();
    match viewer {
        Viewer::Office => return seen,
        Viewer::Agency(agency) => {
            seen.agencies.retain(|id, _| id == agency);
            seen.questions.clear();
            seen.amendments.clear();
            seen.outcome = None;
            seen.first_outcome = None;
            seen.follows = None;
            seen.steps.clear();
            seen.clock.clear();
            seen.appeals.clear();
            seen.notes.retain(|note: &Note| note.readers != Readers::Authority);
        }
        Viewer::Applicant => {
            seen.agencies.clear();
            seen.clock.retain(|happened| happened.agency.is_empty());
            for step in &mut seen.steps {
                step.text.clear();
                if let Some((_, text)) = &mut step.ended {
                    text.clear();
                }
            }
            for question in &mut seen.questions {
                question.asked_by.clear();
            }
            seen.notes.retain(|note| note.readers == Readers::Applicant);
            for note in &mut seen.notes {
                note.by.clear();
            }
        }
    }
    seen.officer.clear();
    seen.watch_listed.clear();
    seen.referred_up_at_us = None;
    seen.overrides.clear();
    seen.conflict_to.clear();
    seen.draft = None;
    seen.draft_authors.clear();
    seen.drafters.clear();
    seen.signatures.clear();
    for outcome in [&mut seen.outcome, &mut seen.first_outcome].into_iter().flatten() {
        outcome_plain(outcome);
    }
    seen
}

/// A decision without whose each condition was.
fn outcome_plain(outcome: &mut Outcome) {
    for decision in outcome.cells.values_mut() {
        if let CellDecision::Approve { conditions, .. } = decision {
            for condition in conditions {
                condition.agency.clear();
                condition.id.clear();
            }
        }
    }
}
