//! Why a document could not be made, or is not what it says it is.

use super::KeyId;

/// Why a document could not be made, or is not what it says it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// Neither a document nor a code of ours.
    #[error(
        "this is neither a PDF of an authority nor the text of a code that begins with `GADOLIN:`"
    )]
    NotRecognised,
    /// More bytes than such a file has.
    #[error("{bytes} bytes are more than a document has; at most {bytes_max} are read")]
    TooLarge {
        /// How many there are.
        bytes: u64,
        /// How many there may be.
        bytes_max: u64,
    },
    /// A key file that is none.
    #[error("{0}; a key file holds one or more public keys as `gadolin licence-key` writes them")]
    KeyForm(String),
    /// Signed with a key that was not given.
    #[error("signed with key {found}, which is not among the keys given: {}", list(.given))]
    KeyUnknown {
        /// With which.
        found: KeyId,
        /// Which were given.
        given: Vec<KeyId>,
    },
    /// The signature does not fit what is signed.
    #[error("not as signed: something was changed, or the signature is not of key {0}")]
    SignatureWrong(KeyId),
    /// A code whose form is not the one that is written.
    #[error("not a code of a licence: {0}")]
    PayloadForm(&'static str),
    /// A document without a seal.
    #[error("the PDF has no seal of an authority")]
    SealMissing,
    /// A seal that is not written as it is made.
    #[error("the seal of the PDF is not in its form: {0}")]
    SealForm(&'static str),
    /// What a document carries and what it says do not fit.
    #[error("the parts of the document contradict each other: {0}")]
    Contradiction(&'static str),
    /// Characters that no font has: never drawn as a box, never left out.
    #[error("no font has {}; write it in other characters", characters(.0))]
    CharactersMissing(Vec<char>),
    /// What is to be written is not complete, too long, or cannot be signed.
    #[error("`{field}`: {message}")]
    Content {
        /// Which part of the document.
        field: &'static str,
        /// What is wrong, and what would be accepted.
        message: String,
    },
    /// The document could not be written: ours to repair.
    #[error("the document could not be written: {0}")]
    Writing(String),
}

impl PaperError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            PaperError::NotRecognised => "paper_not_recognised",
            PaperError::TooLarge { .. } => "paper_too_large",
            PaperError::KeyForm(_) => "paper_key_form",
            PaperError::KeyUnknown { .. } => "paper_key_unknown",
            PaperError::SignatureWrong(_) => "paper_signature_wrong",
            PaperError::PayloadForm(_) => "paper_payload_form",
            PaperError::SealMissing => "paper_seal_missing",
            PaperError::SealForm(_) => "paper_seal_form",
            PaperError::Contradiction(_) => "paper_contradiction",
            PaperError::CharactersMissing(_) => "paper_characters_missing",
            PaperError::Content { .. } => "paper_content",
            PaperError::Writing(_) => "paper_writing",
        }
    }

    pub(super) fn content(field: &'static str, message: &str) -> PaperError {
        PaperError::Content { field, message: message.to_owned() }
    }
}

fn list(keys: &[KeyId]) -> String {
    if keys.is_empty() {
        return "none".to_owned();
    }
    keys.iter().map(KeyId::to_string).collect::<Vec<_>>().join(", ")
}

fn characters(missing: &[char]) -> String {
    let named = |c: &char| format!("`{c}` (U+{:04X})", u32::from(*c));
    missing.iter().map(named).collect::<Vec<_>>().join(", ")
}
