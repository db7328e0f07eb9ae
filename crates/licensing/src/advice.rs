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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn condition(number: u8) -> Condition {
        Condition {
            id: format!("defence-{number}"),
            phrase: String::new(),
            text: format!("condition {number}"),
            agency: "defence".to_owned(),
        }
    }

    fn advice(position: Position, conditions: &[u8]) -> Advice {
        let conditions = conditions.iter().map(|number| condition(*number)).collect();
        Advice { position, reason: String::new(), conditions }
    }

    #[test]
    fn what_several_say_comes_to_this() {
        use Position::{Approve, NoLicence, NotApplicable, Refuse};
        let agreed = |position, conditions: &[u8]| Consolidated::Agreed {
            position,
            conditions: conditions.iter().map(|number| condition(*number)).collect(),
        };
        let conflict = |positions: &[Position], conditions: &[u8]| Consolidated::Conflict {
            positions: positions.to_vec(),
            conditions: conditions.iter().map(|number| condition(*number)).collect(),
        };
        let rows = [
            (vec![], Consolidated::Open),
            (vec![advice(NotApplicable, &[])], Consolidated::Open),
            (vec![advice(Approve, &[]), advice(NotApplicable, &[])], agreed(Approve, &[])),
            (vec![advice(Refuse, &[]), advice(NotApplicable, &[])], agreed(Refuse, &[])),
            (vec![advice(Approve, &[2]), advice(Approve, &[1, 2])], agreed(Approve, &[1, 2])),
            (
                // The published system compares with the first alone, and keeps three of these.
                vec![advice(Approve, &[1]), advice(Approve, &[2]), advice(Approve, &[2])],
                agreed(Approve, &[1, 2]),
            ),
            (vec![advice(Refuse, &[]), advice(Approve, &[1])], conflict(&[Approve, Refuse], &[1])),
            (
                vec![advice(Approve, &[]), advice(NoLicence, &[])],
                conflict(&[Approve, NoLicence], &[]),
            ),
        ];
        for (given, expected) in rows {
            assert_eq!(consolidated(&given), expected, "{given:?}");
        }
    }

    fn any_advice() -> impl Strategy<Value = Advice> {
        let position = prop_oneof![
            Just(Position::Approve),
            Just(Position::Refuse),
            Just(Position::NoLicence),
            Just(Position::NotApplicable),
        ];
        let conditions = proptest::collection::vec(0_u8..4, 0..4);
        (position, conditions).prop_map(|(position, conditions)| advice(position, &conditions))
    }

    proptest! {
        #[test]
        fn order_and_repetition_change_nothing(
            (given, shuffled) in proptest::collection::vec(any_advice(), 0..6)
                .prop_flat_map(|given| {
                    let repeated = proptest::collection::vec(0..given.len().max(1), 0..6);
                    (Just(given), repeated)
                })
                .prop_flat_map(|(given, again)| {
                    let mut more = given.clone();
                    more.extend(again.iter().filter_map(|place| given.get(*place).cloned()));
                    (Just(given), Just(more).prop_shuffle())
                })
        ) {
            prop_assert_eq!(consolidated(&given), consolidated(&shuffled));
        }

        #[test]
        fn no_condition_is_lost(given in proptest::collection::vec(any_advice(), 0..6)) {
            let wanted: BTreeSet<Condition> = given
                .iter()
                .filter(|advice| advice.position != Position::NotApplicable)
                .flat_map(|advice| advice.conditions.clone())
                .collect();
            let kept = match consolidated(&given) {
                Consolidated::Open => Vec::new(),
                Consolidated::Agreed { conditions, .. }
                | Consolidated::Conflict { conditions, .. } => conditions,
            };
            prop_assert_eq!(kept, wanted.into_iter().collect::<Vec<_>>());
        }
    }
}
