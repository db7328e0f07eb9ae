//! Why a row or filing was not taken: stable code, where, what, and what would be accepted.

use crate::column::Column;

/// A reason against a filing. A filing with one is rejected whole; its reference stays free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Line in the file, the header being 1.
    pub line: u64,
    /// The column, where it is one.
    pub column: Option<Column>,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, with what was found in backticks.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}
