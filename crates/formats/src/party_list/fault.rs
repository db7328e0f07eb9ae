//! What is wrong with a party list, and where.

use std::fmt;

use crate::error::FormatError;

/// Where in its file a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line, from 1.
    Line(u64),
    /// A record, from 1.
    Record(u64),
    /// The file as a whole.
    File,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Record(record) => write!(f, "record {record}"),
            Place::File => write!(f, "the file"),
        }
    }
}

/// What becomes of the record that is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is on the list, without what is at fault.
    Taken,
    /// It is not on the list.
    Left,
    /// It was put together with an earlier one.
    Merged,
    /// Reading stopped: what comes behind it is not on the list.
    Stopped,
}

/// A fault of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFault {
    /// The file: `alt.csv` and `add.csv` beside the list, empty for the list itself.
    pub file: &'static str,
    /// Where.
    pub place: Place,
    /// The field, or nothing for the record as a whole.
    pub field: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// What was found.
    pub message: String,
    /// What would be accepted.
    pub accepted: &'static str,
    /// What became of the record.
    pub outcome: Outcome,
}

impl fmt::Display for ListFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}, ", self.file)?;
        }
        write!(f, "{}", self.place)?;
        if !self.field.is_empty() {
            write!(f, ", `{}`", self.field)?;
        }
        write!(f, ": {}; accepted: {}", self.message, self.accepted)
    }
}

/// Why a file gave no list at all. [`ListError::code`] is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The file could not be read or expanded.
    #[error("{0}")]
    File(#[from] FormatError),
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Text of another encoding.
    #[error("the file is encoded in {0}")]
    Encoding(String),
    /// A document type declaration, in which entities could be declared.
    #[error("the file has a document type declaration (`<!DOCTYPE`)")]
    DocumentType,
    /// A file that belongs to another one.
    #[error("the file holds the {0} of a list, not the list")]
    Beside(&'static str),
    /// None of the formats.
    #[error("the format is not recognised: the file begins with `{0}`")]
    Unknown(String),
}

impl ListError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ListError::File(error) => error.code(),
            ListError::Empty => "empty_file",
            ListError::Encoding(_) => "encoding",
            ListError::DocumentType => "xml_doctype",
            ListError::Beside(_) => "beside_file",
            ListError::Unknown(_) => "unknown_format",
        }
    }

    /// What would be accepted.
    #[must_use]
    pub fn accepted(&self) -> String {
        match self {
            ListError::File(FormatError::Read(_)) => "a file that can be read".to_owned(),
            ListError::File(error) => error.accepted().to_owned(),
            ListError::Encoding(_) => "the same list in UTF-8".to_owned(),
            ListError::DocumentType => "the list as it is published, without one".to_owned(),
            ListError::Beside(_) => "`sdn.csv`, with this file beside it".to_owned(),
            ListError::Empty | ListError::Unknown(_) => {
                let titles: Vec<&str> =
                    super::ListFormat::ALL.iter().map(|format| format.title()).collect();
                titles.join("; ")
            }
        }
    }
}

/// A beginning of a text that can be shown: one line, without control characters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown: String = text
        .chars()
        .take(MOST)
        .map(|c| if crate::fault::forbidden(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
