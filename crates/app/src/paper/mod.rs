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

/// The name of a country or area by its code (ISO 3166-1 alpha-2), in English and Chinese; empty where it has
/// none.
#[must_use]
pub fn country_names(code: &str) -> (String, String) {
    let words = names::country(code);
    (words.en, words.zh)
}

#[cfg(test)]
mod tests;
