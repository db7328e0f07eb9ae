//! What the advice of several agencies on a cell comes to.
//!
//! INVARIANTS:
//! - the result depends on the set of the agencies' latest advice alone: not on its order, nor on how
//!   often somebody said the same;
//! - "not applicable" is neutral; conditions unite and none is lost, those of an agency that would refuse
//!   included; where positions differ that stays visible as a conflict and is settled by a person.

use std::collections::BTreeSet;

use crate::case::{Advice, Case, Condition, Position};

/// What the advice on a cell comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consolidated {
    /// Nobody said anything of weight.
    Open,
    /// All who have a position have this one.
    Agreed {
        /// The position.
        position: Position,
        /// Conditions wanted, sorted, each once.
        conditions: Vec<Condition>,
    },
    /// Positions differ.
    Conflict {
        /// The positions, sorted, each once.
        positions: Vec<Position>,
        /// Conditions wanted, sorted, each once.
        conditions: Vec<Condition>,
    },
}

/// What pieces of advice on one cell come to.
#[must_use]
pub fn consolidated<'a>(advice: impl IntoIterator<Item = &'a Advice>) -> Consolidated {
    let mut positions = BTreeSet::new();
    let mut conditions = BTreeSet::new();
    for advice in advice.into_iter().filter(|a| a.position != Position::NotApplicable) {
        positions.insert(advice.position);
        conditions.extend(advice.conditions.iter().cloned());
    }
    let positions: Vec<Position> = positions.into_iter().collect();
    let conditions: Vec<Condition> = conditions.into_iter().collect();
    match positions.as_slice() {
        [] => Consolidated::Open,
        [position] => Consolidated::Agreed { position: *position, conditions },
        _ => Consolidated::Conflict { positions, conditions },
    }
}

/// What the agencies' latest advice on a cell of a case comes to.
#[must_use]
pub fn consolidate(case: &Case, cell: &str) -> Consolidated {
    let given = case.agencies.values().filter_map(|part| part.advice.get(cell));
    consolidated(given.map(|given| &given.advice))
}
