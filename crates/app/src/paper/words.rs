//! The words of the authority's documents (licences and letters of a case): templates that the authority
//! edits like its mail ([`crate::mail`]), filled in, in both languages beside each other.
//!
//! What follows the words (the table of lines, reasons, conditions, signatures) is not worded here: it is set
//! from the case by [`formats::paper`].

use formats::paper::{DocumentKind, Words, paragraphs_pair};
use serde::{Deserialize, Serialize};

use crate::mail::{Filled, Letter, LetterKind, TemplateFault, fill};
use crate::platform::{Platform, PlatformError};

/// What the words of a document name. Days are as they are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLetter {
    /// Which document.
    pub kind: DocumentKind,
    /// The holder of the licence, or the applicant.
    pub holder: String,
    /// Number of the licence or of the letter.
    pub reference: String,
    /// Number of the application.
    pub application: String,
    /// The day of the decision.
    pub day: String,
    /// The last day to answer, to complete or to ask for reconsideration; empty where there is none.
    pub until: String,
    /// The first day of a licence; empty for a letter.
    pub valid_from: String,
    /// The last day of a licence, inclusive; empty for a letter.
    pub valid_to: String,
}

/// The names that the template of a document may use, in their order.
pub(crate) fn names(kind: DocumentKind) -> &'static [&'static str] {
    match kind {
        DocumentKind::Licence => {
            &["application", "day", "holder", "reference", "sender", "valid_from", "valid_to"]
        }
        DocumentKind::Refusal | DocumentKind::Return | DocumentKind::Question => {
            &["application", "day", "holder", "reference", "sender", "until"]
        }
        DocumentKind::NoLicenceRequired => &["application", "day", "holder", "reference", "sender"],
    }
}

impl DocumentLetter {
    /// One with made-up contents, for a preview.
    pub(crate) fn sample(kind: DocumentKind) -> DocumentLetter {
        let text = str::to_owned;
        DocumentLetter {
            kind,
            holder: text("Nordlicht Magnets"),
            reference: text("L-2026-000417"),
            application: text("A-2026-001093"),
            day: text("2026-02-16"),
            until: text("2026-04-17"),
            valid_from: text("2026-02-16"),
            valid_to: text("2027-02-15"),
        }
    }

    pub(crate) fn values(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("holder", &self.holder),
            ("reference", &self.reference),
            ("application", &self.application),
            ("day", &self.day),
            ("until", &self.until),
            ("valid_from", &self.valid_from),
            ("valid_to", &self.valid_to),
        ];
        let has = |name: &str| names(self.kind).contains(&name);
        all.into_iter().filter(|(name, _)| has(name)).map(|(n, v)| (n, v.as_str())).collect()
    }
}

/// The words of a document, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentWords {
    /// The title.
    pub title: Words,
    /// The paragraphs, paired in their order.
    pub paragraphs: Vec<Words>,
}

/// Why the words of a document cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The database.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// A template cannot be filled in.
    #[error("the words of `{kind}` in `{language}` cannot be filled in: {}", first(.faults))]
    Template {
        /// Of which document.
        kind: &'static str,
        /// In which language.
        language: &'static str,
        /// What is wrong, all at once.
        faults: Vec<TemplateFault>,
    },
}

fn first(faults: &[TemplateFault]) -> &str {
    faults.first().map_or("", |fault| fault.message.as_str())
}

impl Platform {
    /// The words of a document in both languages: the authority's, or those that come with the program.
    /// `authority` is the name of the authority.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses or a template cannot be filled in.
    pub fn document_words(
        &self,
        letter: &DocumentLetter,
        authority: &Words,
    ) -> Result<DocumentWords, DocumentError> {
        let kind = LetterKind::Document(letter.kind);
        let in_language = |language, sender: &str| -> Result<Filled, DocumentError> {
            let (template, _) = self.letter_words(kind, language)?;
            fill(&template, &Letter::Document(letter.clone()), sender)
                .map_err(|faults| DocumentError::Template { kind: kind.code(), language, faults })
        };
        let either = |own: &str, other: &str| {
            if own.is_empty() { other.to_owned() } else { own.to_owned() }
        };
        let english = in_language("en", &either(&authority.en, &authority.zh))?;
        let chinese = in_language("zh", &either(&authority.zh, &authority.en))?;
        Ok(DocumentWords {
            title: Words::new(english.subject, chinese.subject),
            paragraphs: paragraphs_pair(&english.body, &chinese.body),
        })
    }
}

#[cfg(test)]
mod tests {
    use base::Timestamp;

    use super::*;
    use crate::mail::Template;
    use crate::platform::{Mode, OpenOptions};

    #[test]
    fn a_document_has_the_words_of_the_authority_in_both_languages() {
        let dir = tempfile::tempdir().unwrap();
        let options = OpenOptions { random: [1; 32] };
        let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
        let authority = Words::new("The Authority", "管理局");
        let letter = DocumentLetter::sample(DocumentKind::Licence);
        let words = platform.document_words(&letter, &authority).unwrap();
        assert_eq!(words.title, Words::new("Export licence", "出口许可证"));
        assert_eq!(words.paragraphs.len(), 2);
        assert!(words.paragraphs[0].en.starts_with("The Authority permits Nordlicht Magnets"));
        assert!(words.paragraphs[0].zh.starts_with("管理局 准许 Nordlicht Magnets"));
        let own = Template {
            subject: "Permit {{ reference }}".to_owned(),
            body: "One.\n\nTwo of {{ holder }}.\n\nThree.".to_owned(),
        };
        let kind = LetterKind::Document(DocumentKind::Licence);
        let now = Timestamp::from_us(1);
        assert!(platform.letter_word(kind, "en", &own, 0, "officer", now).unwrap());
        let words = platform.document_words(&letter, &authority).unwrap();
        assert_eq!(words.title.en, "Permit L-2026-000417");
        let third = words.paragraphs.last().unwrap();
        assert_eq!((third.en.as_str(), third.zh.as_str()), ("Three.", ""));
        assert_eq!(words.paragraphs[1].en, "Two of Nordlicht Magnets.");
    }
}
