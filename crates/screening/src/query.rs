//! Whom to screen, and how strictly.

use serde::{Deserialize, Serialize};

use crate::party::{Identifier, PartyKind};

/// A party that is screened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Its names, any of which may hit; blank ones are passed over.
    pub names: Vec<String>,
    /// What it is.
    pub kind: PartyKind,
    /// Countries or areas, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// Year of birth, or of founding.
    pub birth_year: Option<u16>,
    /// Numbers of registers.
    pub identifiers: Vec<Identifier>,
}

/// What is told of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The least score, 0 to 1.
    pub threshold: f64,
    /// Matches of a query at most, the best first.
    pub limit: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { threshold: 0.7, limit: 10 }
    }
}
