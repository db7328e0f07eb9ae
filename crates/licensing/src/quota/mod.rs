//! Quotas: how much of a stage and a type of ore may be mined or separated in a year, and by whom.
//!
//! A year's quota of a line (stage and type of ore) is an amount in oxide mass that the authority issues,
//! in slices where the pack says so, and hands down: authority → group → company. The amounts lie in
//! **pots** (`pots`) and move between them; nothing is made or lost but by issuing. What companies use
//! comes from their filings and is held against what they were given (`position`).
//!
//! What differs between jurisdictions is a value of [`QuotaRules`]: whether imported ore and secondary feed
//! count, what is carried into the next year, by how much an excess cuts it, what is held in reserve. A
//! rule that a pack does not state is not applied.
//!
//! INVARIANT: the pots of a line and year add up to what was issued, and none is below zero; so what the
//! children of a pot were given never exceeds what it was given itself.

mod position;
mod pots;
#[cfg(test)]
mod tests;

use std::fmt;

use base::Date;
use serde::{Deserialize, Serialize};

pub use position::{Position, Proof, Standing, permit, positions};
pub use pots::{Pots, QuotaRefusal, Step, StepKind};

/// The most that one step moves or one use takes: 9,000,000 t.
pub const AMOUNT_MAX_MG: i64 = 9_000_000_000_000_000;

/// What a quota limits: a stage and a type of ore, by codes of the pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Line {
    /// Stage, such as `mining`.
    pub stage: String,
    /// Type of ore, such as `ion_clay`; empty where the quota tells none apart, or none is told.
    pub ore: String,
}

/// Where an amount lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Node {
    /// With the authority, to be handed out.
    Authority,
    /// With the authority, held back.
    Reserve,
    /// With a group of companies.
    Group(String),
    /// With a company, by its identifier.
    Company(String),
}

impl Node {
    /// The node of a code: `authority`, `reserve`, `group:<name>`, or a company's `scheme:value`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Node> {
        match (code, code.split_once(':')) {
            ("authority", _) => Some(Node::Authority),
            ("reserve", _) => Some(Node::Reserve),
            (_, Some(("group", name))) if !name.is_empty() => Some(Node::Group(name.to_owned())),
            (_, Some((scheme, value))) if !scheme.is_empty() && !value.is_empty() => {
                Some(Node::Company(code.to_owned()))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Authority => f.write_str("authority"),
            Node::Reserve => f.write_str("reserve"),
            Node::Group(name) => write!(f, "group:{name}"),
            Node::Company(id) => f.write_str(id),
        }
    }
}

impl From<Node> for String {
    fn from(node: Node) -> String {
        node.to_string()
    }
}

impl TryFrom<String> for Node {
    type Error = String;

    fn try_from(code: String) -> Result<Node, String> {
        Node::parse(&code).ok_or_else(|| {
            format!(
                "`{code}` is no holder of a quota: authority, reserve, group:<name> or a company"
            )
        })
    }
}

/// What the pack says of a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaRules {
    /// The lines that it limits.
    pub lines: Vec<Line>,
    /// Whether what is made of imported feed counts.
    pub counts_imported: bool,
    /// Whether what is made of secondary feed counts.
    pub counts_secondary: bool,
    /// Part of what is left of a company's own allocation that it may use in the next year, in millionths.
    pub carry_ppm: u32,
    /// By how much of an excess the next year's allocation is cut, in millionths; 1,000,000 is all of it.
    /// Nothing where the pack names no factor: then nothing is cut here.
    pub cut_ppm: Option<u32>,
    /// Part of each slice that is held back, in millionths.
    pub reserve_ppm: u32,
    /// The most slices in which a year's quota is issued; nothing where the pack names none.
    pub slices_max: Option<u32>,
    /// Percentages of the entitlement at which use is alarmed, rising.
    pub alarms_percent: Vec<u32>,
}

/// What a filing uses of a quota.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct QuotaUse {
    /// Who is responsible.
    pub company: String,
    /// Stage and type of ore.
    pub line: Line,
    /// Business date.
    pub day: Date,
    /// The filing, as `filer/reference`.
    pub filing: String,
    /// Oxide mass, mg, in the convention of the pack.
    pub amount_mg: i64,
    /// Whether it is of imported feed.
    pub imported: bool,
    /// Whether it is of secondary feed.
    pub secondary: bool,
}

impl QuotaRules {
    /// Whether a use is held against the quota.
    #[must_use]
    pub fn counts(&self, of: &QuotaUse) -> bool {
        (self.counts_imported || !of.imported) && (self.counts_secondary || !of.secondary)
    }
}

/// `floor(amount × ppm / 1,000,000)`.
fn part(amount: i64, ppm: u32) -> i64 {
    i64::try_from(i128::from(amount) * i128::from(ppm) / 1_000_000).unwrap_or(i64::MAX)
}
