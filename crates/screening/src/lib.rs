//! Screening: parties against denied-party and watch lists.
//!
//! A [`party::List`] is one version of one list. [`generation::Generation`] is what is made of all lists in
//! force, once, and never changes; [`generation::Generation::screen`] compares a [`query::Query`] with it
//! and gives [`answer::Match`]es that explain themselves: the contributions of their parts sum to the score.
//!
//! A name goes this way: `fold` (letters), `token` (parts), `script` (romanisation), `word` (spellings and
//! sounds), `name` (forms of companies); then `dictionary` (listed words like it), `candidates` (names worth
//! a look), `align` (which part belongs to which), `score`, `qualify` (countries, years, identifiers),
//! `explain`.
//!
//! Start reading at [`generation`].
//!
//! Invariants: no input or output; an answer is a function of lists, query and settings; a score is between
//! 0 and 1; each span of an explanation lies in the name that it names.

mod align;
pub mod answer;
mod asked;
mod candidates;
pub mod delta;
mod dictionary;
mod distance;
mod explain;
pub mod fitting;
mod fold;
pub mod generation;
mod glossary;
pub mod hit;
mod identifiers;
mod index;
mod legal;
mod lexicon;
mod name;
pub mod ownership;
pub mod party;
mod qualify;
pub mod query;
mod score;
mod script;
mod sound;
mod token;
mod word;

pub use answer::{Match, Part, Relation};
pub use generation::Generation;
pub use party::{Identifier, List, ListedName, ListedParty, NameStrength, Ownership, PartyKind};
pub use query::{Query, Settings};
