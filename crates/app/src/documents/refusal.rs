//! Why a document is not taken, or not given out.

use std::path::PathBuf;

use store::{ScanState, StoreError};

use super::kind::Kind;
use super::name::NAME_CHARS_MAX;
use super::{CASE_BYTES_MAX, CASE_DOCUMENTS_MAX, DAY_BYTES_MAX, DOCUMENT_BYTES_MAX};
use crate::platform::PlatformError;

/// Why it may not be. Each has a stable code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is none, or it is not for who asks.
    #[error("there is no such document here")]
    NotFound,
    /// A name of which nothing is left, or without an ending.
    #[error("the name is none of a file")]
    Name,
    /// A name that ends as no kind that is taken.
    #[error("the name ends in `.{extension}`, which is of no kind that is taken")]
    Extension {
        /// Its ending.
        extension: String,
    },
    /// Nothing in it.
    #[error("the document is empty")]
    Empty,
    /// More than [`DOCUMENT_BYTES_MAX`].
    #[error("the document is too large")]
    TooLarge,
    /// The content is not what the name says.
    #[error("the name ends in `.{extension}`, and the content is {found}")]
    Kind {
        /// What its name ends in.
        extension: String,
        /// What its content is.
        found: String,
    },
    /// More than [`DAY_BYTES_MAX`] in a day.
    #[error("too much was stored in the last 24 hours")]
    DayFull,
    /// More documents than a case may have.
    #[error("the case has {found} documents")]
    CaseDocuments {
        /// How many.
        found: usize,
    },
    /// More bytes than a case may have.
    #[error("the documents of the case have {found} bytes together")]
    CaseBytes {
        /// How many.
        found: u64,
    },
    /// It was not found clean.
    #[error("the document is not given out: its scan is `{}`", state.code())]
    NotClean {
        /// How its scan stands.
        state: ScanState,
    },
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotFound => "not_found",
            Refusal::Name => "document_name",
            Refusal::Extension { .. } => "document_extension",
            Refusal::Empty => "document_empty",
            Refusal::TooLarge => "document_too_large",
            Refusal::Kind { .. } => "document_kind",
            Refusal::DayFull => "document_day_full",
            Refusal::CaseDocuments { .. } => "case_documents",
            Refusal::CaseBytes { .. } => "case_bytes",
            Refusal::NotClean { state } => match state {
                ScanState::Infected => "document_infected",
                ScanState::Failed => "document_scan_failed",
                ScanState::Waiting | ScanState::Clean => "document_waiting",
            },
        }
    }

    /// What would be accepted; empty where nothing would.
    #[must_use]
    pub fn accepted(&self) -> String {
        match self {
            Refusal::NotFound | Refusal::NotClean { .. } => String::new(),
            Refusal::Name => {
                format!(
                    "a name with an ending, such as report.pdf; {NAME_CHARS_MAX} characters are kept"
                )
            }
            Refusal::Extension { .. } => format!("a name that ends in {}", endings()),
            Refusal::Empty => format!("1 to {DOCUMENT_BYTES_MAX} bytes"),
            Refusal::TooLarge => format!("at most {DOCUMENT_BYTES_MAX} bytes"),
            Refusal::Kind { extension, .. } => match Kind::of_extension(extension) {
                Ok(kind @ (Kind::Text | Kind::Csv | Kind::Xml)) => {
                    format!("{} in UTF-8; or another of {}", kind_name(kind), endings())
                }
                Ok(kind) => format!(
                    "{}; or, under a name that says so, another of {}",
                    kind_name(kind),
                    endings()
                ),
                Err(_) => endings(),
            },
            Refusal::DayFull => format!("at most {DAY_BYTES_MAX} bytes in 24 hours"),
            Refusal::CaseDocuments { .. } => format!("at most {CASE_DOCUMENTS_MAX} documents"),
            Refusal::CaseBytes { .. } => format!("at most {CASE_BYTES_MAX} bytes together"),
        }
    }
}

/// The endings of what is taken.
fn endings() -> String {
    let all: Vec<&str> = Kind::endings().collect();
    all.join(", ")
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Pdf => "a PDF",
        Kind::Png => "a PNG picture",
        Kind::Jpeg => "a JPEG picture",
        Kind::Tiff => "a TIFF picture",
        Kind::Docx => "a Word document (docx)",
        Kind::Xlsx => "an Excel sheet (xlsx)",
        Kind::Odt => "an OpenDocument text",
        Kind::Ods => "an OpenDocument sheet",
        Kind::Text => "plain text",
        Kind::Csv => "a table of text",
        Kind::Xml => "XML",
    }
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It may not be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform was opened to read.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// A file of the data directory.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// What the document was to be read from.
    #[error("the document could not be read: {0}")]
    Source(std::io::Error),
    /// There are documents, and their key is not there.
    #[error(
        "{path} is not there, and only it opens the documents of this database; put it back from where you keep it. If it is lost for good, write 32 random bytes there: new documents are then taken, the old ones stay closed"
    )]
    KeyMissing {
        /// The key file.
        path: PathBuf,
    },
    /// A document that does not open.
    #[error("document {sha256} does not open: {what}")]
    Damaged {
        /// Its hash.
        sha256: String,
        /// What is wrong.
        what: String,
    },
    /// The library refuses to seal.
    #[error("a document could not be sealed")]
    Seal,
}
