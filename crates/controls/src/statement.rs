//! What an answer says, as a code with its words: rendered in English or Chinese from
//! `packs/common/statements.csv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Serialize, Serializer};

use crate::csv_table::CsvTable;
use crate::{PackFault, PackFiles};

/// A sentence of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Statement {
    /// Stable code.
    pub code: &'static str,
    /// What fills the placeholders of the sentence.
    pub words: Vec<(&'static str, String)>,
}

/// A language of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

static SENTENCES: LazyLock<HashMap<String, [String; 2]>> = LazyLock::new(|| {
    let mut files = PackFiles::new();
    files.insert("statements.csv", include_str!("../../../packs/common/statements.csv"));
    let mut faults: Vec<PackFault> = Vec::new();
    let table = CsvTable::read(&files, "statements.csv", &["code", "en", "zh"], &mut faults);
    let rows = table.rows();
    rows.map(|r| (r.cell("code").to_owned(), [r.cell("en").to_owned(), r.cell("zh").to_owned()]))
        .collect()
});

impl Statement {
    /// A sentence without placeholders.
    #[must_use]
    pub fn new(code: &'static str) -> Statement {
        Statement { code, words: Vec::new() }
    }

    /// Fills a placeholder.
    #[must_use]
    pub fn word(mut self, name: &'static str, word: impl Into<String>) -> Statement {
        self.words.push((name, word.into()));
        self
    }

    /// The sentence in a language; a code without sentence shows itself and its words.
    #[must_use]
    pub fn render(&self, language: Language) -> String {
        let Some(sentences) = SENTENCES.get(self.code) else {
            let words: Vec<&str> = self.words.iter().map(|(_, w)| w.as_str()).collect();
            return format!("{}: {}", self.code, words.join(", "));
        };
        let sentence = match language {
            Language::En => &sentences[0],
            Language::Zh => &sentences[1],
        };
        let mut out = String::with_capacity(sentence.len() + 32);
        let mut rest = sentence.as_str();
        while let Some(open) = rest.find('{') {
            out.push_str(&rest[..open]);
            let Some(close) = rest[open..].find('}') else { break };
            let name = &rest[open + 1..open + close];
            // A word with a Chinese twin is named `x`, its twin `x_zh`.
            let twin = |name: &str| self.words.iter().find(|(n, _)| *n == name);
            let found = match language {
                Language::Zh => self
                    .words
                    .iter()
                    .find(|(n, _)| n.strip_suffix("_zh") == Some(name))
                    .or_else(|| twin(name)),
                Language::En => twin(name),
            };
            out.push_str(found.map_or("", |(_, w)| w));
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        out
    }

    /// Whether the table has a sentence of this code in both languages.
    #[must_use]
    pub fn known(&self) -> bool {
        SENTENCES.get(self.code).is_some_and(|s| s.iter().all(|t| !t.is_empty()))
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.render(Language::En))
    }
}
