//! Files become lists through the readers of [`formats::party_list`], which know the format by its content.

use std::io::Cursor;

use formats::party_list::{self, Beside, Duplicates, ListError, ListSettings, Outcome};
use screening::List;

use super::Lost;

/// Faults that are told of one file.
const TOLD_MAX: usize = 10;

/// Why a file is not taken as a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListReadError {
    /// It is no list at all.
    #[error("{wrong}; accepted: {accepted}", accepted = wrong.accepted())]
    File {
        /// What is wrong with it.
        wrong: ListError,
    },
    /// It breaks off: a part of a list clears whom the rest names.
    #[error("the file breaks off: {0}; give the whole list")]
    Broken(String),
    /// Some of its records cannot be read; the rest can be put in force once that is confirmed.
    #[error("{left} of {records} records cannot be read: {}", told.join("; "))]
    Records {
        /// Records that would be left out.
        left: u64,
        /// Records of the file.
        records: u64,
        /// Where and what, the first ten.
        told: Vec<String>,
    },
    /// It holds several lists, each with its own code.
    #[error("the file holds {0} lists; give one at a time")]
    Several(usize),
}

/// Reads a list of any format that the readers know; code and version are the caller's to give. Records of one
/// id are put together. Without `Lost::Confirmed` no record may be left out.
///
/// # Errors
/// [`ListReadError`].
pub fn list_read(bytes: Vec<u8>, lost: Lost) -> Result<List, ListReadError> {
    let settings = ListSettings { duplicates: Duplicates::Merge, ..ListSettings::default() };
    let read = party_list::list_read(Box::new(Cursor::new(bytes)), Beside::default(), &settings);
    let read = read.map_err(|wrong| ListReadError::File { wrong })?;
    if !read.whole {
        let stopped = read.faults.iter().find(|fault| fault.outcome == Outcome::Stopped);
        return Err(ListReadError::Broken(stopped.map_or(String::new(), ToString::to_string)));
    }
    let left: Vec<_> = read.faults.iter().filter(|fault| fault.outcome == Outcome::Left).collect();
    if lost == Lost::Refuse && !left.is_empty() {
        let told = left.iter().take(TOLD_MAX).map(ToString::to_string).collect();
        return Err(ListReadError::Records { left: read.left, records: read.records, told });
    }
    let mut lists = read.lists;
    match (lists.pop(), lists.len()) {
        (Some(read), 0) => Ok(read.list),
        (None, _) => Ok(List::default()),
        (Some(_), others) => Err(ListReadError::Several(others + 1)),
    }
}
