//! What a document of an authority says, as data: the one source of its pages and of what is attached.
//!
//! The canonical JSON of it (keys sorted, no white space, whole numbers only: RFC 8785 for such data) is
//! attached to the PDF, and its SHA-256 is in the code of a licence.

use base::time::Date;
use licensing::quantity::Quantity;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::PaperError;
use super::payload::{Payload, PayloadLine, lines_fit};

/// The form of the JSON.
pub const FORM: &str = "gadolin/document/1";
/// The most lines of a licence in one document.
pub const LINES_MAX: usize = 1_000;
/// The most paragraphs, conditions, facts or signatories.
pub const PARTS_MAX: usize = 200;
/// The longest text of one language in one part, in characters: two pages.
pub const TEXT_CHARS_MAX: usize = 6_000;
/// The longest text in a cell of a table or the value of a fact, in characters.
pub const CELL_CHARS_MAX: usize = 300;
/// The longest canonical JSON.
pub(super) const JSON_BYTES_MAX: usize = 8 << 20;

/// A text in both languages; one may be empty, for an authority that writes in the other only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese, in simplified characters.
    pub zh: String,
}

impl Words {
    /// A text in both languages.
    #[must_use]
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Words {
        Words { en: en.into(), zh: zh.into() }
    }

    /// A name or number that is the same in both languages.
    #[must_use]
    pub fn same(text: impl Into<String>) -> Words {
        Words { en: text.into(), zh: String::new() }
    }

    /// Both languages on one line, for titles of files.
    #[must_use]
    pub fn both(&self) -> String {
        let parts = [self.en.as_str(), self.zh.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn is_empty(&self) -> bool {
        self.en.trim().is_empty() && self.zh.trim().is_empty()
    }
}

/// Paragraphs of a letter whose text is worded in each language on its own: split at blank lines, and
/// paired in their order.
#[must_use]
pub fn paragraphs_pair(en: &str, zh: &str) -> Vec<Words> {
    let split = |text: &str| -> Vec<String> {
        let text = text.replace("\r\n", "\n");
        let parts = text.split("\n\n").map(|part| part.trim().to_owned());
        parts.filter(|part| !part.is_empty()).collect()
    };
    let (en, zh) = (split(en), split(zh));
    let at = |parts: &[String], n: usize| parts.get(n).cloned().unwrap_or_default();
    (0..en.len().max(zh.len())).map(|n| Words::new(at(&en, n), at(&zh, n))).collect()
}

/// Which document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A licence.
    Licence,
    /// A refusal with its reasons.
    Refusal,
    /// An application returned to be completed.
    Return,
    /// No licence is required.
    NoLicenceRequired,
    /// A question to the applicant.
    Question,
}

impl DocumentKind {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            DocumentKind::Licence => "licence",
            DocumentKind::Refusal => "refusal",
            DocumentKind::Return => "return",
            DocumentKind::NoLicenceRequired => "no_licence_required",
            DocumentKind::Question => "question",
        }
    }
}

/// A document of an authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// [`FORM`].
    #[serde(rename = "$form")]
    pub form: String,
    /// Which document.
    pub kind: DocumentKind,
    /// The authority: id of its pack.
    pub authority: String,
    /// Its name.
    pub authority_name: Words,
    /// Number of the licence or of the letter.
    pub reference: String,
    /// The day of issue.
    pub issued_on: Date,
    /// The heading.
    pub title: Words,
    /// What stands beside labels at the top: to whom, case, days.
    pub facts: Vec<Fact>,
    /// The text above the table.
    pub paragraphs: Vec<Words>,
    /// From when to when a licence holds; nothing for a letter.
    pub validity: Option<Validity>,
    /// What is licensed, or what a letter is about.
    pub lines: Vec<Line>,
    /// Conditions, or reasons.
    pub conditions: Vec<Condition>,
    /// The text below: how to appeal, whom to ask.
    pub closing: Vec<Words>,
    /// Who signed.
    pub signatories: Vec<Signatory>,
    /// The notice of the pack, at the foot of each page.
    pub notice: Words,
}

/// A label and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What it is.
    pub label: Words,
    /// What it is in this case.
    pub value: Words,
}

/// From when to when a licence holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// The first day.
    pub from: Date,
    /// The last day, inclusive.
    pub to: Date,
}

/// A line of a licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its number.
    pub number: u16,
    /// The goods.
    pub goods: Words,
    /// Codes of the control list; none where a good is licensed that is on no list.
    pub control_codes: Vec<String>,
    /// How much, in one or several units, each of which is drawn for itself.
    pub quantities: Vec<Quantity>,
    /// Country of destination, ISO 3166-1 alpha-2.
    pub destination: String,
    /// Its name.
    pub destination_name: Words,
    /// The consignee.
    pub consignee: String,
    /// The end user.
    pub end_user: String,
    /// The end use.
    pub end_use: Words,
}

/// A condition of a licence, or a reason of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What is to be done, or why.
    pub text: Words,
    /// Which agency asks for it, and by what rule; may be empty.
    pub source: Words,
}

/// Somebody who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatory {
    /// Who.
    pub name: String,
    /// As what.
    pub role: Words,
    /// On which day.
    pub signed_on: Date,
}

impl Document {
    /// The canonical JSON.
    ///
    /// # Errors
    /// [`PaperError::Content`] where it is too long.
    pub fn canonical_json(&self) -> Result<Vec<u8>, PaperError> {
        let value = serde_json::to_value(self).map_err(|e| PaperError::Writing(e.to_string()))?;
        let mut text = String::new();
        canonical_write(&value, &mut text);
        if text.len() > JSON_BYTES_MAX {
            return Err(PaperError::content("document", "longer than 8 MiB"));
        }
        Ok(text.into_bytes())
    }

    /// Reads a canonical JSON; every other writing of the same is refused.
    ///
    /// # Errors
    /// [`PaperError::Contradiction`].
    pub fn from_canonical_json(json: &[u8]) -> Result<Document, PaperError> {
        let wrong = PaperError::Contradiction("the attached data is not in its canonical form");
        let document: Document = serde_json::from_slice(json).map_err(|_| wrong.clone())?;
        if document.form != FORM || document.canonical_json()? != json {
            return Err(wrong);
        }
        Ok(document)
    }

    /// What the code of the licence says; nothing for a letter.
    ///
    /// # Errors
    /// [`PaperError`] where the JSON cannot be written.
    pub fn payload(&self) -> Result<Option<Payload>, PaperError> {
        let Some(validity) = self.validity else { return Ok(None) };
        let line = |line: &Line| PayloadLine {
            number: line.number,
            control_codes: line.control_codes.clone(),
            quantities: line.quantities.clone(),
            destination: line.destination.clone(),
        };
        let total = u16::try_from(self.lines.len());
        let lines: Vec<PayloadLine> = self.lines.iter().map(line).collect();
        let fit = lines_fit(&lines);
        Ok(Some(Payload {
            authority: self.authority.clone(),
            number: self.reference.clone(),
            issued_on: self.issued_on,
            valid_from: validity.from,
            valid_to: validity.to,
            lines_total: total.map_err(|_| PaperError::content("lines", "too many"))?,
            lines: lines.into_iter().take(fit).collect(),
            digest: Sha256::digest(self.canonical_json()?).into(),
        }))
    }

    /// Whether everything is there and nothing too long.
    pub(super) fn check(&self) -> Result<(), PaperError> {
        let wrong = PaperError::content;
        if self.form != FORM {
            return Err(wrong("form", &format!("write `{FORM}`")));
        }
        if (self.kind == DocumentKind::Licence) != self.validity.is_some() {
            return Err(wrong("validity", "a licence has one, a letter none"));
        }
        if self.kind == DocumentKind::Licence && self.lines.is_empty() {
            return Err(wrong("lines", "a licence has at least one"));
        }
        if self.lines.len() > LINES_MAX {
            return Err(wrong("lines", &format!("at most {LINES_MAX}")));
        }
        if self.lines.iter().any(|line| line.quantities.is_empty()) {
            return Err(wrong("quantity", "a line has at least one"));
        }
        let parts = [self.facts.len(), self.paragraphs.len(), self.conditions.len()];
        let parts = parts.into_iter().chain([self.closing.len(), self.signatories.len()]);
        if parts.max() > Some(PARTS_MAX) {
            return Err(wrong("document", &format!("at most {PARTS_MAX} parts of a kind")));
        }
        for (field, words) in self.words() {
            if words.is_empty() {
                return Err(wrong(field, "is empty in both languages"));
            }
        }
        if self.texts().iter().any(|text| text.contains(super::seal::MARK)) {
            return Err(wrong("document", "holds what only a seal may hold"));
        }
        let cells = self.cells();
        if cells.iter().any(|cell| cell.chars().count() > CELL_CHARS_MAX) {
            return Err(wrong("cell", &format!("at most {CELL_CHARS_MAX} characters")));
        }
        let texts = self.words().into_iter().flat_map(|(_, words)| [&words.en, &words.zh]);
        if texts.into_iter().any(|text| text.chars().count() > TEXT_CHARS_MAX) {
            return Err(wrong("text", &format!("at most {TEXT_CHARS_MAX} characters in a part")));
        }
        Ok(())
    }

    /// Each text that is drawn.
    pub(super) fn texts(&self) -> Vec<&str> {
        let mut all = self.cells();
        all.extend(self.words().into_iter().flat_map(|(_, words)| [words.en.as_str(), &words.zh]));
        for condition in &self.conditions {
            all.extend([condition.source.en.as_str(), &condition.source.zh]);
        }
        all
    }

    /// Each text that must be there.
    fn words(&self) -> Vec<(&'static str, &Words)> {
        let mut all = vec![
            ("title", &self.title),
            ("authority_name", &self.authority_name),
            ("notice", &self.notice),
        ];
        for fact in &self.facts {
            all.extend([("label", &fact.label), ("value", &fact.value)]);
        }
        all.extend(self.paragraphs.iter().map(|words| ("paragraph", words)));
        all.extend(self.lines.iter().map(|line| ("goods", &line.goods)));
        all.extend(self.lines.iter().map(|line| ("end_use", &line.end_use)));
        all.extend(self.conditions.iter().map(|condition| ("condition", &condition.text)));
        all.extend(self.closing.iter().map(|words| ("closing", words)));
        all.extend(self.signatories.iter().map(|signatory| ("role", &signatory.role)));
        all
    }

    /// Each text that must be short.
    fn cells(&self) -> Vec<&str> {
        let mut all: Vec<&str> = vec![&self.reference, &self.authority];
        for words in [&self.title, &self.authority_name] {
            all.extend([words.en.as_str(), &words.zh]);
        }
        for fact in &self.facts {
            all.extend([fact.label.en.as_str(), &fact.label.zh, &fact.value.en, &fact.value.zh]);
        }
        for line in &self.lines {
            all.extend([line.goods.en.as_str(), &line.goods.zh]);
            all.extend(line.control_codes.iter().map(String::as_str));
            all.extend([line.destination_name.en.as_str(), &line.destination_name.zh]);
            all.extend([line.consignee.as_str(), &line.end_user]);
            all.extend([line.end_use.en.as_str(), &line.end_use.zh]);
        }
        for signatory in &self.signatories {
            all.extend([signatory.name.as_str(), &signatory.role.en, &signatory.role.zh]);
        }
        all
    }
}

fn canonical_write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                canonical_write(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (n, (name, field)) in fields.into_iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                canonical_write(field, text);
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}
