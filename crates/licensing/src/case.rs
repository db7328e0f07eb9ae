//! A case: what happened to an application, event after event, and what that adds up to.
//!
//! INVARIANTS:
//! - a case is the fold of its events in order and of nothing else; working it out anew gives the same;
//! - an event says what happened, not what follows from it: due dates, urgency, required signatures and
//!   whether a licence is in force are functions asked when they are needed;
//! - signatures that an edit voided stay on record; the first outcome and its instant never change.

use std::collections::BTreeMap;

use base::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::application::{Application, CellKey, Key};
use crate::clock_events::{ClockEvent, clock_events_of};
use crate::quantity::Quantity;

/// Key of a case: a UUID of version 7.
pub type CaseId = [u8; 16];

/// An event as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Its place in the case, from 1.
    pub seq: u32,
    /// When it was recorded, µs.
    pub at_us: i64,
    /// Key of the account; empty where time did it.
    pub account: String,
    /// Key of the account for which it acted; empty where for itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub acting_for: String,
    /// What happened.
    pub event: Event,
}

/// What can happen to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// Handed in.
    Submitted {
        /// What is applied for.
        application: Box<Application>,
        /// The case that it appeals, or builds on; empty where none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        follows: Option<Follows>,
    },
    /// Its goods were classified by the list in force: what the authority found, beside what is claimed.
    Classified {
        /// Control codes by the key of the good.
        codes: BTreeMap<Key, Vec<String>>,
        /// The day of the list, ISO 8601.
        as_of: base::Date,
        /// Why, where a person says otherwise than the list; empty where the list was asked.
        reason: String,
    },
    /// An officer takes it, or is given it.
    Assigned {
        /// Key of the account; empty gives it back to the queue.
        officer: String,
    },
    /// Found complete and accepted.
    Accepted,
    /// A party of the watch list was found in it.
    WatchListed {
        /// Which.
        party: String,
    },
    /// The applicant is asked.
    Asked {
        /// Number of the question, from 1.
        question: u32,
        /// The question.
        text: String,
        /// Cells that it is about; none: the case.
        cells: Vec<CellKey>,
        /// Whether it asks for what was missing, before acceptance.
        completeness: bool,
    },
    /// The applicant answers.
    Answered {
        /// Number of the question.
        question: u32,
        /// The answer.
        text: String,
        /// SHA-256 of documents handed in with it.
        documents: Vec<String>,
    },
    /// A step that takes time of its own begins.
    StepBegan {
        /// Which.
        step: StepKind,
        /// Length that the applicant was told in writing, in days of the pack's rule; nothing where it
        /// was not told.
        notice_days: Option<u32>,
        /// What is to be found out.
        text: String,
    },
    /// It ends.
    StepEnded {
        /// Which.
        step: StepKind,
        /// What was found.
        text: String,
    },
    /// It is referred upwards, where no limit runs.
    ReferredUp {
        /// Why.
        reason: String,
    },
    /// An agency is asked for advice.
    AgencyAsked {
        /// Which.
        agency: String,
        /// What.
        text: String,
    },
    /// An agency advises on a cell; a later advice of the same agency takes the place of the earlier.
    Advised {
        /// Which agency.
        agency: String,
        /// On which cell.
        cell: CellKey,
        /// What.
        advice: Advice,
    },
    /// An agency has said what it has to say.
    AgencyReplied {
        /// Which.
        agency: String,
        /// Whether its time ran out in silence.
        silent: bool,
    },
    /// A condition of an agency is dropped or worded anew against its will.
    ConditionOverridden {
        /// Whose.
        agency: String,
        /// On which cell.
        cell: CellKey,
        /// Its id.
        condition: String,
        /// The words instead; nothing where it is dropped.
        text: Option<String>,
        /// Why.
        reason: String,
    },
    /// Somebody writes something down.
    Noted {
        /// The note.
        text: String,
        /// Who reads it.
        readers: Readers,
    },
    /// A decision is drafted, or drafted anew.
    Drafted {
        /// The draft.
        draft: Draft,
    },
    /// The conflict between agencies on a cell goes to a person.
    ConflictReferred {
        /// Key of that account.
        to: String,
    },
    /// A signature.
    Signed {
        /// Its place in the order of signatures.
        order: u32,
        /// Role of the signer.
        grade: String,
        /// What was signed: [`Case::content_hash`], hexadecimal.
        content: String,
    },
    /// A countersigner sends the draft back.
    SignatureRefused {
        /// Its place.
        order: u32,
        /// Why.
        reason: String,
    },
    /// Decided.
    Decided {
        /// Numbers of the licences that were issued.
        licences: Vec<String>,
    },
    /// Returned without a decision on the merits.
    Returned {
        /// Codes of reasons.
        reasons: Vec<String>,
        /// In words.
        text: String,
    },
    /// The applicant takes it back.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// It ended by time.
    Lapsed {
        /// Of what.
        reason: String,
    },
    /// Opened again.
    Reopened {
        /// On what ground.
        ground: String,
    },
    /// The applicant wants something changed.
    AmendmentAsked {
        /// The application as it would be.
        application: Box<Application>,
        /// What differs: elements of [`crate::rules::ChangeRule`] with what they concern.
        differences: Vec<Difference>,
    },
    /// The amendment is accepted for decision.
    AmendmentAccepted,
    /// It is decided.
    AmendmentDecided {
        /// Whether it was taken.
        verdict: Verdict,
        /// Why.
        reason: String,
    },
    /// The case that appeals this one was opened.
    Appealed {
        /// Its number.
        number: String,
    },
}

impl Event {
    /// Its stable code, as it is recorded.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Event::Submitted { .. } => "submitted",
            Event::Classified { .. } => "classified",
            Event::Assigned { .. } => "assigned",
            Event::Accepted => "accepted",
            Event::WatchListed { .. } => "watch_listed",
            Event::Asked { .. } => "asked",
            Event::Answered { .. } => "answered",
            Event::StepBegan { .. } => "step_began",
            Event::StepEnded { .. } => "step_ended",
            Event::ReferredUp { .. } => "referred_up",
            Event::AgencyAsked { .. } => "agency_asked",
            Event::Advised { .. } => "advised",
            Event::AgencyReplied { .. } => "agency_replied",
            Event::ConditionOverridden { .. } => "condition_overridden",
            Event::Noted { .. } => "noted",
            Event::Drafted { .. } => "drafted",
            Event::ConflictReferred { .. } => "conflict_referred",
            Event::Signed { .. } => "signed",
            Event::SignatureRefused { .. } => "signature_refused",
            Event::Decided { .. } => "decided",
            Event::Returned { .. } => "returned",
            Event::Withdrawn { .. } => "withdrawn",
            Event::Lapsed { .. } => "lapsed",
            Event::Reopened { .. } => "reopened",
            Event::AmendmentAsked { .. } => "amendment_asked",
            Event::AmendmentAccepted => "amendment_accepted",
            Event::AmendmentDecided { .. } => "amendment_decided",
            Event::Appealed { .. } => "appealed",
        }
    }
}

/// What a case follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follows {
    /// How.
    pub how: FollowKind,
    /// Number of the case that it follows.
    pub number: String,
}

/// How a case follows another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowKind {
    /// It appeals the decision.
    Appeal,
    /// It changes a licence in a key element.
    KeyChange,
    /// It asks for the same as last time.
    Again,
}

/// A step that takes time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Identification of the goods.
    Identification,
    /// Opinion of experts.
    Expert,
    /// Verification on site.
    Verification,
}

/// Who reads a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readers {
    /// The authority's own people.
    Authority,
    /// The agencies that are asked as well.
    Agencies,
    /// The applicant as well.
    Applicant,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Taken.
    Taken,
    /// Refused.
    Refused,
}

/// What an agency thinks of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// Its position.
    pub position: Position,
    /// Why.
    pub reason: String,
    /// Conditions that it wants.
    pub conditions: Vec<Condition>,
}

/// A position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// To be licensed.
    Approve,
    /// To be refused.
    Refuse,
    /// No licence is required.
    NoLicence,
    /// None of its business: neutral.
    NotApplicable,
}

/// A condition, with who wants it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Its id within the case: given when it is first set, kept when it is worded anew.
    pub id: String,
    /// The phrase of the pack that it is; empty where it is in free words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phrase: String,
    /// Its words.
    pub text: String,
    /// The agency that set it; empty where the authority did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agency: String,
}

/// A decision in draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What becomes of each cell.
    pub cells: BTreeMap<CellKey, CellDecision>,
    /// First day of validity, ISO 8601; nothing: the day of issue.
    pub valid_from: Option<base::Date>,
    /// Months of validity; nothing: as long as the kind of licence allows.
    pub valid_months: Option<u32>,
    /// Reasoning, for those who sign.
    pub reasoning: String,
}

impl Draft {
    /// Whether it approves any cell.
    #[must_use]
    pub fn approves(&self) -> bool {
        let approves = |decision: &CellDecision| matches!(decision, CellDecision::Approve { .. });
        self.cells.values().any(approves)
    }
}

/// What becomes of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum CellDecision {
    /// Licensed.
    Approve {
        /// How much: at most what is asked for.
        quantities: Vec<Quantity>,
        /// Under which conditions.
        conditions: Vec<Condition>,
    },
    /// Refused.
    Refuse {
        /// Codes of reasons.
        reasons: Vec<String>,
        /// In words, for the letter.
        text: String,
    },
    /// No licence is required.
    NoLicence {
        /// Why.
        text: String,
    },
}

/// What differs between two applications.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Element, as [`crate::rules::ChangeRule`] names it.
    pub element: String,
    /// Where: a path such as `cells/c1/destination`.
    pub path: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Received, not accepted yet.
    Received,
    /// Accepted, and under review.
    Review,
    /// Decided.
    Decided,
    /// Returned.
    Returned,
    /// Withdrawn.
    Withdrawn,
    /// Lapsed.
    Lapsed,
}

impl CaseState {
    /// All of them.
    pub const ALL: [CaseState; 6] = [
        CaseState::Received,
        CaseState::Review,
        CaseState::Decided,
        CaseState::Returned,
        CaseState::Withdrawn,
        CaseState::Lapsed,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            CaseState::Received => "received",
            CaseState::Review => "review",
            CaseState::Decided => "decided",
            CaseState::Returned => "returned",
            CaseState::Withdrawn => "withdrawn",
            CaseState::Lapsed => "lapsed",
        }
    }

    /// Whether the authority still has to do something.
    #[must_use]
    pub fn open(self) -> bool {
        matches!(self, CaseState::Received | CaseState::Review)
    }
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its number.
    pub number: u32,
    /// The question.
    pub text: String,
    /// Cells that it is about.
    pub cells: Vec<CellKey>,
    /// Whether it asks for what was missing.
    pub completeness: bool,
    /// Who asked.
    pub asked_by: String,
    /// When, µs.
    pub asked_at_us: i64,
    /// The answer.
    pub answer: Option<AnswerGiven>,
}

/// An answer of the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerGiven {
    /// The answer.
    pub text: String,
    /// SHA-256 of documents handed in with it.
    pub documents: Vec<String>,
    /// Who answered.
    pub by: String,
    /// When, µs.
    pub at_us: i64,
}

/// A step that takes time of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub kind: StepKind,
    /// Length that the applicant was told, in days.
    pub notice_days: Option<u32>,
    /// What is to be found out.
    pub text: String,
    /// When it began, µs.
    pub began_at_us: i64,
    /// When it ended, µs, and what was found.
    pub ended: Option<(i64, String)>,
}

/// An agency's part in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyPart {
    /// What it was asked.
    pub text: String,
    /// When, µs.
    pub asked_at_us: i64,
    /// Its advice by cell, with who gave it and when, µs.
    pub advice: BTreeMap<CellKey, Given>,
    /// When it was done, µs, and whether in silence.
    pub replied: Option<(i64, bool)>,
}

/// Advice as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The advice.
    pub advice: Advice,
    /// Who gave it.
    pub by: String,
    /// When, µs.
    pub at_us: i64,
}

/// A condition that was overridden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Whose condition it was.
    pub agency: String,
    /// On which cell.
    pub cell: CellKey,
    /// Its id.
    pub condition: String,
    /// The words instead.
    pub text: Option<String>,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub by: String,
    /// When, µs.
    pub at_us: i64,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The note.
    pub text: String,
    /// Who reads it.
    pub readers: Readers,
    /// Who wrote it.
    pub by: String,
    /// When, µs.
    pub at_us: i64,
}

/// A signature on a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Its place.
    pub order: u32,
    /// Role of the signer.
    pub grade: String,
    /// What was signed.
    pub content: String,
    /// Who signed.
    pub by: String,
    /// For whom; empty where for itself.
    pub acting_for: String,
    /// When, µs.
    pub at_us: i64,
    /// When an edit voided it, µs.
    pub voided_at_us: Option<i64>,
}

/// An amendment on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// The application as it would be.
    pub application: Box<Application>,
    /// What differs.
    pub differences: Vec<Difference>,
    /// When it was asked, µs.
    pub asked_at_us: i64,
    /// When it was accepted, µs.
    pub accepted_at_us: Option<i64>,
    /// How it ended: when, µs, whether it was taken, why.
    pub decided: Option<(i64, Verdict, String)>,
}

/// How a case ended, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// State that it ended in.
    pub state: CaseState,
    /// When, µs.
    pub at_us: i64,
    /// What became of each cell.
    pub cells: BTreeMap<CellKey, CellDecision>,
    /// Numbers of licences issued.
    pub licences: Vec<String>,
    /// Reasons, in words.
    pub text: String,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its key.
    pub id: CaseId,
    /// Its number, for people.
    pub number: String,
    /// The applicant, `scheme:value`.
    pub applicant: String,
    /// Events that it adds up.
    pub version: u32,
    /// How far it has come.
    pub state: CaseState,
    /// What is applied for, as it stands.
    pub application: Application,
    /// Control codes of its goods as the authority found them, by the key of the good.
    pub control_codes: BTreeMap<Key, Vec<String>>,
    /// Who handed it in.
    pub submitted_by: String,
    /// When it was received, µs.
    pub received_at_us: i64,
    /// When it was accepted, µs.
    pub accepted_at_us: Option<i64>,
    /// What it follows.
    pub follows: Option<Follows>,
    /// The officer who has it; empty while nobody has.
    pub officer: String,
    /// Parties of it that are on the watch list.
    pub watch_listed: Vec<String>,
    /// When it was referred upwards, µs.
    pub referred_up_at_us: Option<i64>,
    /// Questions.
    pub questions: Vec<Question>,
    /// Steps.
    pub steps: Vec<Step>,
    /// Agencies asked.
    pub agencies: BTreeMap<String, AgencyPart>,
    /// Conditions overridden.
    pub overrides: Vec<Override>,
    /// Notes.
    pub notes: Vec<Note>,
    /// Who decides where agencies differ; empty where nobody was named.
    pub conflict_to: String,
    /// The draft of the decision, who drafted it, and when, µs.
    pub draft: Option<(Draft, String, i64)>,
    /// Who wrote the draft as it stands: the account, and the one that it covered.
    #[serde(default)]
    pub draft_authors: Vec<String>,
    /// Everybody who has ever drafted a decision in it, and whom they covered.
    pub drafters: Vec<String>,
    /// Signatures, voided ones among them.
    pub signatures: Vec<Signature>,
    /// Amendments.
    pub amendments: Vec<Amendment>,
    /// How it first ended.
    pub first_outcome: Option<Outcome>,
    /// How it last ended, if it is at an end.
    pub outcome: Option<Outcome>,
    /// Times it was opened again, µs.
    pub reopened_at_us: Vec<i64>,
    /// Numbers of cases that appeal it.
    pub appeals: Vec<String>,
    /// What happened, in the words of the clocks.
    #[serde(default)]
    pub clock: Vec<ClockEvent>,
}

/// Why events do not make a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The first event is not the handing in.
    #[error("a case begins with its application")]
    NotSubmitted,
    /// An event is missing, or stands twice.
    #[error("event {found} stands where {expected} was expected")]
    Order {
        /// What was expected.
        expected: u32,
        /// What stands there.
        found: u32,
    },
    /// An event speaks of what is not there.
    #[error("event {0} speaks of what the case does not have")]
    Dangling(u32),
}

impl Case {
    /// Works a case out of its events.
    ///
    /// # Errors
    /// [`FoldError`] where they are not the events of a case, in order.
    pub fn fold(
        id: CaseId,
        number: &str,
        applicant: &str,
        events: &[Recorded],
    ) -> Result<Case, FoldError> {
        let (first, rest) = events.split_first().ok_or(FoldError::NotSubmitted)?;
        let mut case = Case::begin(id, number, applicant, first)?;
        for event in rest {
            case.apply(event)?;
        }
        Ok(case)
    }

    /// A case as its first event makes it.
    ///
    /// # Errors
    /// [`FoldError`] where that is not the handing in.
    pub fn begin(
        id: CaseId,
        number: &str,
        applicant: &str,
        first: &Recorded,
    ) -> Result<Case, FoldError> {
        let Event::Submitted { application, follows } = &first.event else {
            return Err(FoldError::NotSubmitted);
        };
        if first.seq != 1 {
            return Err(FoldError::Order { expected: 1, found: first.seq });
        }
        Ok(Case {
            id,
            number: number.to_owned(),
            applicant: applicant.to_owned(),
            version: 1,
            state: CaseState::Received,
            application: (**application).clone(),
            control_codes: BTreeMap::new(),
            submitted_by: first.account.clone(),
            received_at_us: first.at_us,
            accepted_at_us: None,
            follows: follows.clone(),
            officer: String::new(),
            watch_listed: Vec::new(),
            referred_up_at_us: None,
            questions: Vec::new(),
            steps: Vec::new(),
            agencies: BTreeMap::new(),
            overrides: Vec::new(),
            notes: Vec::new(),
            conflict_to: String::new(),
            draft: None,
            draft_authors: Vec::new(),
            drafters: Vec::new(),
            signatures: Vec::new(),
            amendments: Vec::new(),
            first_outcome: None,
            outcome: None,
            reopened_at_us: Vec::new(),
            appeals: Vec::new(),
            clock: vec![ClockEvent::new(first.at_us, "received")],
        })
    }

    /// Adds the next event.
    ///
    /// # Errors
    /// [`FoldError`] where it is not the next one, or speaks of what is not there; the case is then as it
    /// was, but for nothing.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), FoldError> {
        let expected = self.version + 1;
        if recorded.seq != expected {
            return Err(FoldError::Order { expected, found: recorded.seq });
        }
        let clock = clock_events_of(self, recorded);
        self.apply_event(recorded).ok_or(FoldError::Dangling(recorded.seq))?;
        self.clock.extend(clock);
        self.version = expected;
        Ok(())
    }

    fn apply_event(&mut self, recorded: &Recorded) -> Option<()> {
        let (at_us, by) = (recorded.at_us, &recorded.account);
        match &recorded.event {
            Event::Submitted { .. } => return None,
            Event::Classified { codes, .. } => {
                self.control_codes.clone_from(codes);
                self.signatures_void(at_us);
            }
            Event::Assigned { officer } => self.officer.clone_from(officer),
            Event::Accepted => {
                self.state = CaseState::Review;
                self.accepted_at_us = Some(at_us);
            }
            Event::WatchListed { party } => self.watch_listed.push(party.clone()),
            Event::Asked { question, text, cells, completeness } => self.questions.push(Question {
                number: *question,
                text: text.clone(),
                cells: cells.clone(),
                completeness: *completeness,
                asked_by: by.clone(),
                asked_at_us: at_us,
                answer: None,
            }),
            Event::Answered { question, text, documents } => {
                let (text, documents) = (text.clone(), documents.clone());
                let found = self.questions.iter_mut().find(|q| q.number == *question)?;
                found.answer = Some(AnswerGiven { text, documents, by: by.clone(), at_us });
            }
            Event::StepBegan { step, notice_days, text } => self.steps.push(Step {
                kind: *step,
                notice_days: *notice_days,
                text: text.clone(),
                began_at_us: at_us,
                ended: None,
            }),
            Event::StepEnded { step, text } => {
                let mut open = self.steps.iter_mut().filter(|s| s.ended.is_none());
                open.find(|s| s.kind == *step)?.ended = Some((at_us, text.clone()));
            }
            Event::ReferredUp { .. } => self.referred_up_at_us = Some(at_us),
            Event::Noted { text, readers } => self.notes.push(Note {
                text: text.clone(),
                readers: *readers,
                by: by.clone(),
                at_us,
            }),
            Event::AmendmentAsked { .. }
            | Event::AmendmentAccepted
            | Event::AmendmentDecided { .. } => return self.apply_amendment(recorded),
            Event::Appealed { number } => self.appeals.push(number.clone()),
            Event::AgencyAsked { .. }
            | Event::Advised { .. }
            | Event::AgencyReplied { .. }
            | Event::ConditionOverridden { .. }
            | Event::ConflictReferred { .. } => return self.apply_advice(recorded),
            Event::Drafted { .. }
            | Event::Signed { .. }
            | Event::SignatureRefused { .. }
            | Event::Decided { .. }
            | Event::Returned { .. }
            | Event::Withdrawn { .. }
            | Event::Lapsed { .. }
            | Event::Reopened { .. } => return self.apply_decision(recorded),
        }
        Some(())
    }

    fn apply_advice(&mut self, recorded: &Recorded) -> Option<()> {
        let (at_us, by) = (recorded.at_us, &recorded.account);
        match &recorded.event {
            Event::AgencyAsked { agency, text } => {
                let part = self.agencies.entry(agency.clone()).or_default();
                (part.text, part.asked_at_us, part.replied) = (text.clone(), at_us, None);
            }
            Event::Advised { agency, cell, advice } => {
                let given = Given { advice: advice.clone(), by: by.clone(), at_us };
                self.agencies.get_mut(agency)?.advice.insert(cell.clone(), given);
            }
            Event::AgencyReplied { agency, silent } => {
                self.agencies.get_mut(agency)?.replied = Some((at_us, *silent));
            }
            Event::ConditionOverridden { agency, cell, condition, text, reason } => {
                self.overrides.push(Override {
                    agency: agency.clone(),
                    cell: cell.clone(),
                    condition: condition.clone(),
                    text: text.clone(),
                    reason: reason.clone(),
                    by: by.clone(),
                    at_us,
                });
            }
            Event::ConflictReferred { to } => self.conflict_to.clone_from(to),
            _ => return None,
        }
        // What agencies were asked and say is part of what is signed.
        if !matches!(recorded.event, Event::ConflictReferred { .. }) {
            self.signatures_void(at_us);
        }
        Some(())
    }

    fn apply_amendment(&mut self, recorded: &Recorded) -> Option<()> {
        let at_us = recorded.at_us;
        match &recorded.event {
            Event::AmendmentAsked { application, differences } => self.amendments.push(Amendment {
                application: application.clone(),
                differences: differences.clone(),
                asked_at_us: at_us,
                accepted_at_us: None,
                decided: None,
            }),
            Event::AmendmentAccepted => {
                self.amendment_open_mut()?.accepted_at_us = Some(at_us);
            }
            Event::AmendmentDecided { verdict, reason } => {
                let amendment = self.amendment_open_mut()?;
                amendment.decided = Some((at_us, *verdict, reason.clone()));
                let application = (*amendment.application).clone();
                if *verdict == Verdict::Taken {
                    self.application = application;
                    self.signatures_void(at_us);
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn apply_decision(&mut self, recorded: &Recorded) -> Option<()> {
        let (at_us, by) = (recorded.at_us, &recorded.account);
        match &recorded.event {
            Event::Drafted { draft } => {
                self.draft = Some((draft.clone(), by.clone(), at_us));
                let authors = [by, &recorded.acting_for].into_iter().filter(|a| !a.is_empty());
                self.draft_authors = authors.cloned().collect();
                for author in &self.draft_authors {
                    if !self.drafters.contains(author) {
                        self.drafters.push(author.clone());
                    }
                }
                self.signatures_void(at_us);
            }
            Event::Signed { order, grade, content } => self.signatures.push(Signature {
                order: *order,
                grade: grade.clone(),
                content: content.clone(),
                by: by.clone(),
                acting_for: recorded.acting_for.clone(),
                at_us,
                voided_at_us: None,
            }),
            Event::SignatureRefused { .. } => self.signatures_void(at_us),
            Event::Decided { licences } => {
                let cells = self.draft.as_ref()?.0.cells.clone();
                self.end(CaseState::Decided, at_us, cells, licences.clone(), "");
            }
            Event::Returned { text, .. } => {
                self.end(CaseState::Returned, at_us, BTreeMap::new(), Vec::new(), text);
            }
            Event::Withdrawn { reason } => {
                self.end(CaseState::Withdrawn, at_us, BTreeMap::new(), Vec::new(), reason);
            }
            Event::Lapsed { reason } => {
                self.end(CaseState::Lapsed, at_us, BTreeMap::new(), Vec::new(), reason);
            }
            Event::Reopened { .. } => {
                self.state = CaseState::Review;
                self.outcome = None;
                self.draft = None;
                self.draft_authors.clear();
                self.reopened_at_us.push(at_us);
                self.signatures_void(at_us);
            }
            _ => return None,
        }
        Some(())
    }

    fn end(
        &mut self,
        state: CaseState,
        at_us: i64,
        cells: BTreeMap<CellKey, CellDecision>,
        licences: Vec<String>,
        text: &str,
    ) {
        let outcome = Outcome { state, at_us, cells, licences, text: text.to_owned() };
        self.state = state;
        self.first_outcome.get_or_insert_with(|| outcome.clone());
        self.outcome = Some(outcome);
    }

    fn signatures_void(&mut self, at_us: i64) {
        for signature in &mut self.signatures {
            signature.voided_at_us.get_or_insert(at_us);
        }
    }

    fn amendment_open_mut(&mut self) -> Option<&mut Amendment> {
        self.amendments.iter_mut().find(|amendment| amendment.decided.is_none())
    }

    /// The amendment on its way, of which there is one at a time.
    #[must_use]
    pub fn amendment_open(&self) -> Option<&Amendment> {
        self.amendments.iter().find(|amendment| amendment.decided.is_none())
    }

    /// Questions without an answer.
    pub fn questions_open(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(|question| question.answer.is_none())
    }

    /// Signatures that hold.
    pub fn signatures_held(&self) -> impl Iterator<Item = &Signature> {
        self.signatures.iter().filter(|signature| signature.voided_at_us.is_none())
    }

    /// When it was received.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        Timestamp::from_us(self.received_at_us)
    }

    /// Whether the draft approves any cell, so that a licence would be issued.
    #[must_use]
    pub fn draft_approves(&self) -> bool {
        self.draft.as_ref().is_some_and(|(draft, _, _)| draft.approves())
    }

    /// SHA-256, hexadecimal, of what a signature binds itself to: the application, the draft, the advice
    /// and what was overridden. Nothing where there is no draft.
    #[must_use]
    pub fn content_hash(&self) -> Option<String> {
        use std::fmt::Write as _;
        let (draft, _, _) = self.draft.as_ref()?;
        let signed = (&self.number, &self.application, draft, &self.agencies, &self.overrides);
        let text = serde_json::to_vec(&signed).ok()?;
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(&text) {
            let _ = write!(hex, "{byte:02x}");
        }
        Some(hex)
    }
}
