//! The answer to one good, with the fields of the door `classify` and what was added to it.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::Confidence;
use crate::content::Share;
use crate::good::{Good, GoodFault};
use crate::reading::Word;
use crate::statement::Statement;
use crate::status::AsOf;

/// What the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// At least one item in force applies.
    Controlled,
    /// None applies, with the reason.
    NotControlled,
    /// An item fits whose status nobody knows.
    Unknown,
    /// Something must be stated or asked first.
    #[default]
    Refer,
}

/// A threshold of an item that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerThreshold {
    /// Parameter.
    pub parameter: String,
    /// As stated.
    pub stated: String,
    /// The limit of the item.
    pub limit: String,
    /// Whether it is met.
    pub met: bool,
}

/// An item that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerItem {
    /// Control code; empty where the instrument gives none.
    pub control_code: String,
    /// Number within the code.
    pub item_no: String,
    /// Instrument.
    pub instrument: String,
    /// Symbols separated by `;`.
    pub element: String,
    /// Wording in English.
    pub item_en: String,
    /// Wording in Chinese.
    pub item_zh: String,
    /// The words of the good that fitted.
    pub matched: Vec<Word>,
    /// Its thresholds.
    pub thresholds: Vec<AnswerThreshold>,
    /// Citation.
    pub citation: String,
    /// Confidence.
    pub confidence: Confidence,
}

/// An item that fits and whose status is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownItem {
    /// Control code.
    pub control_code: String,
    /// Number within the code.
    pub item_no: String,
    /// Instrument.
    pub instrument: String,
    /// Symbols separated by `;`.
    pub element: String,
    /// Why it is not known.
    pub why: Statement,
    /// Whether it is about goods made elsewhere.
    pub made_elsewhere: bool,
    /// The words of the good that fitted.
    pub matched: Vec<Word>,
    /// Citation.
    pub citation: String,
    /// Confidence.
    pub confidence: Confidence,
}

/// What a content rule comes to for a good with a bill of material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContentAnswer {
    /// Id of the rule.
    pub rule: String,
    /// The rule in words.
    pub text: String,
    /// The share, exact; nothing where it could not be worked out.
    pub share: Option<Share>,
    /// Why it could not.
    pub error: Option<String>,
    /// The part that the share is of, where each magnet is judged by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Where the technology is from, as stated for the good and its parts; only of rules about technology.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technology_origin: Option<Vec<String>>,
    /// The threshold in percent, with its sign; of a rule about technology the origins that count.
    pub threshold: String,
    /// Whether the share is one of which the effect of the rule follows.
    pub holds: bool,
    /// Status of the rule on the day.
    pub status: &'static str,
    /// Whether the rule is about this good: made elsewhere, and of the products it names.
    pub applies: bool,
    /// Citation.
    pub citation: String,
    /// Confidence.
    pub confidence: Confidence,
}

/// The answer to one good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The asker's own reference.
    pub id: String,
    /// The day.
    pub as_of: AsOf,
    /// The answer in a word.
    pub answer: Kind,
    /// Items that apply.
    pub items: Vec<AnswerItem>,
    /// Items that fit and whose status is not known.
    pub unknown: Vec<UnknownItem>,
    /// What to state or ask.
    pub refer: Vec<Statement>,
    /// Why none applies; there exactly where the answer is not controlled.
    pub because: Option<Statement>,
    /// Content rules, where the good states a bill of material.
    pub content: Vec<ContentAnswer>,
    /// What to check before relying on the answer.
    pub check: Vec<Statement>,
}

impl Answer {
    pub(crate) fn new(good: &Good, as_of: AsOf) -> Answer {
        Answer {
            id: good.id.clone(),
            as_of,
            answer: Kind::Refer,
            items: Vec::new(),
            unknown: Vec::new(),
            refer: Vec::new(),
            because: None,
            content: Vec::new(),
            check: Vec::new(),
        }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("as_of", &self.as_of.date)?;
        if let Some(known) = self.as_of.known_at {
            map.serialize_entry("known_at", &known)?;
        }
        map.serialize_entry("answer", &self.answer)?;
        map.serialize_entry("items", &self.items)?;
        if !self.unknown.is_empty() {
            map.serialize_entry("unknown", &self.unknown)?;
        }
        if !self.refer.is_empty() {
            map.serialize_entry("refer", &self.refer)?;
        }
        if !self.content.is_empty() {
            map.serialize_entry("content", &self.content)?;
        }
        map.serialize_entry("not_controlled_because", &self.because)?;
        map.serialize_entry("check_before_relying", &self.check)?;
        map.end()
    }
}

/// A line that is no good.
#[derive(Debug, Serialize)]
pub struct AnswerError<'e> {
    /// Its id, as far as it could be read.
    pub id: &'e str,
    /// What is wrong.
    pub error: LineError<'e>,
}

/// What is wrong with a line.
#[derive(Debug, Serialize)]
pub struct LineError<'e> {
    /// Its number, from 1.
    pub line: u64,
    /// The first fault.
    #[serde(flatten)]
    pub first: &'e GoodFault,
    /// The others.
    pub also: &'e [GoodFault],
}
