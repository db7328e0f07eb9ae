//! Audits of a registered user: what is looked at, what was found, how it ended.
//!
//! The sample is drawn from the uses of the period with a number that stays on record, so that who doubts it
//! can draw it again. What an audit finds is corrected within a time, as a warning letter names one; only then,
//! or where it cannot be corrected, is the registration suspended.

use base::Date;
use serde::{Deserialize, Serialize};

use super::{DeclaredUse, GeneralEvent};

/// Uses of a sample at most: what one looks through in a visit.
pub const SAMPLE_MAX: u32 = 50;
/// Findings of an audit at most.
pub const FINDINGS_MAX: usize = 100;
/// Answers of an audit at most.
pub const ANSWERS_MAX: usize = 50;

/// How an audit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// Nothing to be mended.
    InOrder,
    /// What was found is to be corrected by a day.
    ToCorrect,
    /// The registration was suspended.
    Suspended,
}

impl AuditOutcome {
    /// All of them.
    pub const ALL: [AuditOutcome; 3] =
        [AuditOutcome::InOrder, AuditOutcome::ToCorrect, AuditOutcome::Suspended];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            AuditOutcome::InOrder => "in_order",
            AuditOutcome::ToCorrect => "to_correct",
            AuditOutcome::Suspended => "suspended",
        }
    }

    /// The outcome of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<AuditOutcome> {
        AuditOutcome::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// What a user said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditAnswer {
    /// In words.
    pub text: String,
    /// SHA-256 of documents.
    pub documents: Vec<String>,
    /// When, µs.
    pub at_us: i64,
}

/// What the authority found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditFinding {
    /// The use that it is about; nothing where it is about the whole.
    pub about: Option<DeclaredUse>,
    /// What.
    pub text: String,
    /// When, µs.
    pub at_us: i64,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditEnd {
    /// How.
    pub outcome: AuditOutcome,
    /// Last day to correct.
    pub correct_by: Option<Date>,
    /// In words.
    pub text: String,
    /// When, µs.
    pub at_us: i64,
}

/// An audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Its number in the registration, from 1.
    pub number: u32,
    /// First day of what is looked at.
    pub from: Date,
    /// Last day of it.
    pub to: Date,
    /// What the sample was drawn with.
    pub seed: u64,
    /// The uses whose records are asked for.
    pub sample: Vec<DeclaredUse>,
    /// Last day for the answer.
    pub answer_by: Date,
    /// What is asked.
    pub text: String,
    /// When it began, µs.
    pub begun_at_us: i64,
    /// What the user said.
    pub answers: Vec<AuditAnswer>,
    /// What was found.
    pub findings: Vec<AuditFinding>,
    /// How it ended.
    pub outcome: Option<AuditEnd>,
    /// What the user corrected.
    pub corrected: Option<AuditAnswer>,
}

/// Where an audit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditState {
    /// The user is asked.
    Asked,
    /// The user is asked, and its time to answer is over.
    AnswerOverdue,
    /// The user has answered.
    Answered,
    /// It ended in order.
    InOrder,
    /// What was found is to be corrected.
    ToCorrect,
    /// The time to correct is over.
    CorrectionOverdue,
    /// The user says that it is corrected.
    Corrected,
    /// The registration was suspended.
    Suspended,
}

impl AuditState {
    /// All of them.
    pub const ALL: [AuditState; 8] = [
        AuditState::Asked,
        AuditState::AnswerOverdue,
        AuditState::Answered,
        AuditState::InOrder,
        AuditState::ToCorrect,
        AuditState::CorrectionOverdue,
        AuditState::Corrected,
        AuditState::Suspended,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            AuditState::Asked => "asked",
            AuditState::AnswerOverdue => "answer_overdue",
            AuditState::Answered => "answered",
            AuditState::InOrder => "in_order",
            AuditState::ToCorrect => "to_correct",
            AuditState::CorrectionOverdue => "correction_overdue",
            AuditState::Corrected => "corrected",
            AuditState::Suspended => "suspended",
        }
    }
}

impl Audit {
    /// Where it stands as of a day.
    #[must_use]
    pub fn state(&self, as_of: Date) -> AuditState {
        let Some(end) = &self.outcome else {
            return match (self.answers.is_empty(), as_of > self.answer_by) {
                (false, _) => AuditState::Answered,
                (true, false) => AuditState::Asked,
                (true, true) => AuditState::AnswerOverdue,
            };
        };
        match (end.outcome, &self.corrected) {
            (AuditOutcome::InOrder, _) => AuditState::InOrder,
            (AuditOutcome::Suspended, _) => AuditState::Suspended,
            (AuditOutcome::ToCorrect, Some(_)) => AuditState::Corrected,
            (AuditOutcome::ToCorrect, None) => {
                if end.correct_by.is_some_and(|last| as_of > last) {
                    AuditState::CorrectionOverdue
                } else {
                    AuditState::ToCorrect
                }
            }
        }
    }

    /// Whether the user was heard: it has answered, or its time to answer is over.
    #[must_use]
    pub fn heard(&self, as_of: Date) -> bool {
        !self.answers.is_empty() || as_of > self.answer_by
    }
}

/// Draws `size` of the uses, each as likely as any other; in order. Depends on the set of uses, the size and
/// the seed alone, not on the order in which the uses are given.
#[must_use]
pub fn sample(uses: &[DeclaredUse], size: u32, seed: u64) -> Vec<DeclaredUse> {
    let mut left: Vec<DeclaredUse> = uses.to_vec();
    left.sort();
    left.dedup();
    let mut state = seed;
    let mut drawn = Vec::new();
    for _ in 0..size {
        let Ok(count) = u64::try_from(left.len()) else { break };
        if count == 0 {
            break;
        }
        // The upper half of a product with a uniform number of 64 bits: its bias is below count / 2⁶⁴.
        let at = (u128::from(next(&mut state)) * u128::from(count)) >> 64;
        let Ok(at) = usize::try_from(at) else { break };
        drawn.push(left.swap_remove(at));
        left.sort();
    }
    drawn.sort();
    drawn
}

/// SplitMix64 (Steele, Lea, Flood 2014): public, so that a sample can be drawn again by anybody.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Adds an event to the audits; nothing where it speaks of one that is not there.
pub(super) fn apply(audits: &mut Vec<Audit>, event: &GeneralEvent, at_us: i64) -> Option<()> {
    if let GeneralEvent::AuditBegun { audit, from, to, seed, sample, answer_by, text } = event {
        if *audit as usize != audits.len() + 1 {
            return None;
        }
        audits.push(Audit {
            number: *audit,
            from: *from,
            to: *to,
            seed: *seed,
            sample: sample.clone(),
            answer_by: *answer_by,
            text: text.clone(),
            begun_at_us: at_us,
            answers: Vec::new(),
            findings: Vec::new(),
            outcome: None,
            corrected: None,
        });
        return Some(());
    }
    let number = match event {
        GeneralEvent::AuditAnswered { audit, .. }
        | GeneralEvent::AuditFound { audit, .. }
        | GeneralEvent::AuditClosed { audit, .. }
        | GeneralEvent::AuditCorrected { audit, .. } => *audit,
        _ => return None,
    };
    let of = audits.iter_mut().find(|audit| audit.number == number)?;
    match event {
        GeneralEvent::AuditAnswered { text, documents, .. } => {
            of.answers.push(AuditAnswer { text: text.clone(), documents: documents.clone(), at_us })
        }
        GeneralEvent::AuditFound { about, text, .. } => {
            of.findings.push(AuditFinding { about: about.clone(), text: text.clone(), at_us });
        }
        GeneralEvent::AuditClosed { outcome, correct_by, text, .. } => {
            let (outcome, correct_by, text) = (*outcome, *correct_by, text.clone());
            of.outcome = Some(AuditEnd { outcome, correct_by, text, at_us });
        }
        GeneralEvent::AuditCorrected { text, .. } => {
            let documents = Vec::new();
            of.corrected = Some(AuditAnswer { text: text.clone(), documents, at_us });
        }
        _ => return None,
    }
    Some(())
}
