//! The lists in force, made ready for comparing.

use std::sync::Arc;

use crate::answer::{Match, Part, Relation};
use crate::party::List;
use crate::query::{Query, Settings};

/// All lists in force; immutable, shared, swapped as a whole.
#[derive(Debug)]
pub struct Generation {
    lists: Vec<Arc<List>>,
}

impl Generation {
    /// Makes lists ready.
    #[must_use]
    pub fn build(lists: Vec<Arc<List>>) -> Generation {
        Generation { lists }
    }

    /// The lists.
    #[must_use]
    pub fn lists(&self) -> &[Arc<List>] {
        &self.lists
    }

    /// The parties that a query may be, the best first; ties break by the amount of evidence, then by list
    /// and id.
    #[must_use]
    pub fn screen(&self, query: &Query, settings: &Settings) -> Vec<Match> {
        let mut found = Vec::new();
        for list in &self.lists {
            for party in &list.parties {
                for (query_name, name) in query.names.iter().enumerate() {
                    let hit = party.names.iter().find(|listed| {
                        !name.trim().is_empty() && listed.text.eq_ignore_ascii_case(name)
                    });
                    let (Some(hit), Some(first)) = (hit, party.names.first()) else { continue };
                    found.push(Match {
                        list: list.code.clone(),
                        list_version: list.version.clone(),
                        entity: party.id.clone(),
                        name: first.text.clone(),
                        query_name,
                        matched_name: hit.text.clone(),
                        strength: hit.strength,
                        score: 1.0,
                        parts: vec![Part {
                            query: Some(0..name.len()),
                            listed: Some(0..hit.text.len()),
                            relation: Relation::Equal,
                            similarity: 1.0,
                            contribution: 1.0,
                            detail: String::new(),
                        }],
                    });
                    break;
                }
            }
        }
        found.truncate(settings.limit);
        found
    }
}
