//! What is wrong with a pack, in words that a lawyer can act on.

use std::fmt;

/// One thing wrong in a file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct PackFault {
    /// The file, relative to the pack's directory.
    pub file: String,
    /// Its line, counted from 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// The column of a table, or the key of a setting; empty where the whole line is meant.
    pub field: String,
    /// Stable code, such as `interval_overlap`.
    pub code: &'static str,
    /// What is wrong, with the words of the pack in backticks.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

impl fmt::Display for PackFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, " ({})", self.field)?;
        }
        write!(f, ": {}", self.message)?;
        if self.accepted.is_empty() { Ok(()) } else { write!(f, "; {}", self.accepted) }
    }
}
