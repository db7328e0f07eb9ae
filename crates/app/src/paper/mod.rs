//! Documents of the authority about a case: their words, which it edits like its mail ([`crate::mail`]).
//!
//! [`formats::paper`] sets and seals them; what stands in them comes from the case and from the pack.

mod letter;
mod licence;
mod names;
mod parts;
mod words;

pub use letter::{CaseLetter, LetterError, case_letters};
pub(crate) use words::names;
pub use words::{DocumentError, DocumentLetter, DocumentWords};

#[cfg(test)]
mod tests;
