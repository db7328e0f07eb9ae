//! What was noticed: done, and noted. A regulator records what was filed and flags it.

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; nothing to do.
    Note,
    /// Look at it when there is time.
    Warning,
    /// A contradiction or a fault that somebody must repair.
    Error,
}

/// One thing noticed in a file or row. The stable `code` is the same on pages, in reports, over
/// the API and on the command line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Line in the file, the header being 1; 0 when it concerns the whole file.
    pub line: u64,
    /// Column name, empty when it concerns the whole row.
    pub column: String,
    /// Stable code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What was found, for people.
    pub message: String,
    /// What would be accepted, empty when nothing needs to change.
    pub accepted: String,
}
