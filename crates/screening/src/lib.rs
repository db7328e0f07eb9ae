//! Screening: parties against denied-party and watch lists.
//!
//! A [`party::List`] is one version of one list. [`generation::Generation`] is what is made of all lists in
//! force, once, and never changes; [`generation::Generation::screen`] compares a [`query::Query`] with it
//! and gives [`answer::Match`]es that explain themselves: the contributions of their parts sum to the score.
//!
//! Start reading at [`generation`].
//!
//! Invariants: no input or output; an answer is a function of lists, query and settings; a score is between
//! 0 and 1; each span of an explanation lies in the name that it names.
#![cfg_attr(test, expect(clippy::unwrap_used, clippy::panic, reason = "tests"))]

pub mod answer;
pub mod generation;
pub mod hit;
pub mod party;
pub mod query;

pub use answer::{Match, Part, Relation};
pub use generation::Generation;
pub use party::{Identifier, List, ListedName, ListedParty, NameStrength, Ownership, PartyKind};
pub use query::{Query, Settings};
