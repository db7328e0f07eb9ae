//! What screening found, and why.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::party::NameStrength;

/// How a part of the query and a part of the listed name belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The same letters, whatever their case and accents.
    Equal,
    /// A typing error or another spelling.
    Spelling,
    /// The same name in another script or romanisation.
    Transliteration,
    /// An initial of a name, or an acronym.
    Initial,
    /// The same, in another place.
    Order,
    /// Forms of a company that mean the same, or one that is left out.
    LegalForm,
    /// It sounds the same.
    Phonetic,
    /// Written together here and apart there.
    Joined,
    /// On one side only.
    Missing,
    /// Another name, number or letter than the other side has.
    Contradiction,
    /// The same number of a register.
    Identifier,
    /// Country, equal or not.
    Country,
    /// Year of birth, equal or not.
    BirthYear,
    /// The list itself calls the name weak.
    WeakName,
    /// What calibration adds or takes.
    Calibration,
}

/// One contribution to a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Where in the query's name, in bytes; nothing where it is about no part of it.
    pub query: Option<Range<usize>>,
    /// Where in the listed name, in bytes.
    pub listed: Option<Range<usize>>,
    /// How they belong together.
    pub relation: Relation,
    /// How alike they are, 0 to 1.
    pub similarity: f64,
    /// What it adds to the score or takes from it; those of a match sum to its score.
    pub contribution: f64,
    /// What was compared, where it stands in no name: `CN / RU`, `1961 / 1962`, `lei:…`; else empty.
    pub detail: String,
}

/// A listed party that a query may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// Code of the list.
    pub list: String,
    /// Version of the list.
    pub list_version: String,
    /// Id of the party on it.
    pub entity: String,
    /// The party's primary name.
    pub name: String,
    /// Which of the query's names hit, from 0.
    pub query_name: usize,
    /// The listed name that it hit.
    pub matched_name: String,
    /// How far the list stands behind that.
    pub strength: NameStrength,
    /// 0 to 1, calibrated: among matches with this score about this part is true.
    pub score: f64,
    /// Why; the contributions sum to `score`.
    pub parts: Vec<Part>,
}
