//! Where a fact of a pack comes from, and how sure it is.

use serde::{Deserialize, Serialize};

/// How sure a fact is. What is not `High` is shown with "check before relying on this".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// From memory or by analogy.
    Low,
    /// Second hand, or partly inferred.
    Medium,
    /// Read in the text itself, or in a faithful copy.
    High,
}

impl Confidence {
    /// All, the surest first.
    pub const ALL: [Confidence; 3] = [Confidence::High, Confidence::Medium, Confidence::Low];

    /// The code in tables and answers.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }

    /// The confidence of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Confidence> {
        Confidence::ALL.into_iter().find(|confidence| confidence.code() == code)
    }
}

/// What a statement of a pack rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The rule, as one cites it: instrument, article, paragraph.
    pub citation: String,
    /// Where it was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}
