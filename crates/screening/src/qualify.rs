//! What is known of two parties beside their names: countries, years of birth, identifiers.
//!
//! Each moves the sum before the logistic function by a fixed amount, up where it agrees and down where it
//! contradicts; what one side does not say moves nothing. An identifier that a register gave, the same on
//! both sides, settles the matter.

use crate::answer::Relation;
use crate::identifiers::{self, Agreement};
use crate::party::ListedParty;
use crate::query::Query;

/// What a qualifier says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) relation: Relation,
    /// How alike, 0 to 1.
    pub(crate) similarity: f64,
    /// What it moves.
    pub(crate) move_by: f32,
    pub(crate) detail: String,
}

const COUNTRY_SAME: f32 = 0.5;
const COUNTRY_DIFFERS: f32 = -0.8;
const BIRTH_SAME: f32 = 1.2;
const BIRTH_NEAR: f32 = 0.2;
const BIRTH_DIFFERS: f32 = -2.5;
const IDENTIFIER_UNNAMED: f32 = 5.0;
const IDENTIFIER_DIFFERS: f32 = -1.5;

/// Whether the identifiers settle that two parties are one.
pub(crate) fn settled(query: &Query, party: &ListedParty) -> Option<String> {
    match identifiers::compare(&query.identifiers, &party.identifiers) {
        Agreement::Same(detail) => Some(detail),
        _ => None,
    }
}

/// What the qualifiers say that do not settle it.
pub(crate) fn said(query: &Query, party: &ListedParty) -> impl Iterator<Item = Said> {
    [country(query, party), birth(query, party), identifier(query, party)].into_iter().flatten()
}

fn country(query: &Query, party: &ListedParty) -> Option<Said> {
    let asked: Vec<&str> =
        query.countries.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
    let listed: Vec<&str> =
        party.countries.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
    // A code and a name in words cannot be told to differ.
    let comparable = |a: &str, b: &str| (a.len() == 2) == (b.len() == 2);
    let same = |a: &&str| listed.iter().find(|b| a.eq_ignore_ascii_case(b)).copied();
    if let Some(country) = asked.iter().find_map(same) {
        return Some(Said {
            relation: Relation::Country,
            similarity: 1.0,
            move_by: COUNTRY_SAME,
            detail: format!("{country} / {country}"),
        });
    }
    let differ = !asked.is_empty() && asked.iter().all(|a| listed.iter().all(|b| comparable(a, b)));
    (differ && !listed.is_empty()).then(|| Said {
        relation: Relation::Country,
        similarity: 0.0,
        move_by: COUNTRY_DIFFERS,
        detail: format!("{} / {}", asked.join(", "), listed.join(", ")),
    })
}

fn birth(query: &Query, party: &ListedParty) -> Option<Said> {
    let asked = query.birth_year?;
    let nearest = party.birth_years.iter().copied().min_by_key(|year| year.abs_diff(asked))?;
    let (similarity, move_by) = match nearest.abs_diff(asked) {
        0 => (1.0, BIRTH_SAME),
        1 => (0.5, BIRTH_NEAR),
        _ => (0.0, BIRTH_DIFFERS),
    };
    let detail = format!("{asked} / {nearest}");
    Some(Said { relation: Relation::BirthYear, similarity, move_by, detail })
}

fn identifier(query: &Query, party: &ListedParty) -> Option<Said> {
    match identifiers::compare(&query.identifiers, &party.identifiers) {
        Agreement::SameUnnamed(detail) => Some(Said {
            relation: Relation::Identifier,
            similarity: 1.0,
            move_by: IDENTIFIER_UNNAMED,
            detail,
        }),
        Agreement::Different(detail) => Some(Said {
            relation: Relation::Identifier,
            similarity: 0.0,
            move_by: IDENTIFIER_DIFFERS,
            detail,
        }),
        Agreement::Silent | Agreement::Same(_) => None,
    }
}
