//! The seam through which files become lists.
//!
//! Readers of the formats that lists come in belong behind [`list_read`]; here is the plain form alone: a
//! listed party as a JSON object on each line, with the fields of [`screening::ListedParty`].

use screening::{List, ListedParty};

/// The longest line, in bytes.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Why a file is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ListReadError {
    /// Where, from 1.
    pub line: usize,
    /// What is wrong, and what would be accepted.
    pub what: String,
}

/// Reads a list. Code and version are the caller's to give.
///
/// # Errors
/// [`ListReadError`] with the first line that is no listed party.
pub fn list_read(bytes: &[u8]) -> Result<List, ListReadError> {
    let mut list = List::default();
    for (place, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let wrong = |what: String| ListReadError { line: place + 1, what };
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if line.len() > LINE_BYTES_MAX {
            return Err(wrong(format!("it is longer than {LINE_BYTES_MAX} bytes")));
        }
        let mut party: ListedParty = serde_json::from_slice(line)
            .map_err(|error| wrong(format!("{error}; give a listed party as a JSON object")))?;
        party.names.retain(|name| !name.text.trim().is_empty());
        if party.id.trim().is_empty() || party.names.is_empty() {
            return Err(wrong("it has no id or no name; give both".to_owned()));
        }
        list.parties.push(party);
    }
    Ok(list)
}
