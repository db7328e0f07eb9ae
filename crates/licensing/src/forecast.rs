//! How long a case will take, said honestly: as similar cases went.
//!
//! Days are those of the calendar, from receipt to the first outcome. A case that is still open counts as
//! well, for as long as it has been open: leaving it out would make a growing backlog look fast. One that
//! was returned, withdrawn or lapsed counts until that day and leaves then. So the days are those of the
//! product-limit estimate (Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958) 457), which is the plain
//! quantile of the decided cases where none is open and none left.
//!
//! INVARIANTS:
//! - below [`DECIDED_MIN`] decided cases, or where they are of fewer than [`APPLICANTS_MIN`] applicants,
//!   no number is given: neither a guess nor how fast a competitor's cases went;
//! - similar is the most alike of [`Likeness::ALL`] that has enough; which it was is said.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Decided cases below which nothing is forecast: with 20, nine of ten leaves two beyond.
pub const DECIDED_MIN: usize = 20;
/// Applicants below which nothing is forecast.
pub const APPLICANTS_MIN: usize = 3;

/// How a case that went before stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was decided.
    Decided,
    /// It was returned, withdrawn or lapsed.
    Otherwise,
    /// It is open.
    NotYet,
}

/// A case of the same kind of licence that was received before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Key of the applicant.
    pub applicant: [u8; 16],
    /// Its destinations, sorted.
    pub destinations: String,
    /// Its end uses, sorted.
    pub end_uses: String,
    /// Calendar days from receipt to the first outcome, or until today.
    pub days: u32,
    /// How it stands.
    pub ended: Ended,
}

/// In what cases are similar, beside the kind of licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The same destinations and end uses.
    DestinationAndUse,
    /// The same destinations.
    Destination,
    /// The same end uses.
    Use,
    /// The kind of licence alone.
    Type,
}

impl Likeness {
    /// All of them, the most alike first.
    pub const ALL: [Likeness; 4] =
        [Likeness::DestinationAndUse, Likeness::Destination, Likeness::Use, Likeness::Type];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Likeness::DestinationAndUse => "destination_and_use",
            Likeness::Destination => "destination",
            Likeness::Use => "use",
            Likeness::Type => "type",
        }
    }

    fn holds(self, past: &Past, asked: Asked<'_>) -> bool {
        let destination = past.destinations == asked.destinations;
        let end_use = past.end_uses == asked.end_uses;
        match self {
            Likeness::DestinationAndUse => destination && end_use,
            Likeness::Destination => destination,
            Likeness::Use => end_use,
            Likeness::Type => true,
        }
    }
}

/// The case that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Its destinations, sorted as those of [`Past`].
    pub destinations: &'a str,
    /// Its end uses, sorted likewise.
    pub end_uses: &'a str,
}

/// What can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forecast {
    /// Too few cases for a number.
    Few {
        /// Decided cases of the kind of licence, as many as there are.
        decided: usize,
    },
    /// As similar cases went.
    Known(Known),
}

/// How similar cases went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// In what they are similar.
    pub likeness: Likeness,
    /// How many of them were decided.
    pub decided: usize,
    /// How many are open, counted with the days that they have been so.
    pub open: usize,
    /// Days within which half are decided; nothing where that is not known yet.
    pub half_days: Option<u32>,
    /// Days within which nine of ten are decided; nothing where that is not known yet.
    pub nine_of_ten_days: Option<u32>,
}

/// The forecast of a case from those of the same kind of licence that were received before.
#[must_use]
pub fn forecast(past: &[Past], asked: Asked<'_>) -> Forecast {
    for likeness in Likeness::ALL {
        let similar: Vec<&Past> = past.iter().filter(|past| likeness.holds(past, asked)).collect();
        if enough(&similar) {
            return Forecast::Known(known(likeness, &similar));
        }
    }
    Forecast::Few { decided: past.iter().filter(|past| past.ended == Ended::Decided).count() }
}

fn enough(similar: &[&Past]) -> bool {
    let decided = similar.iter().filter(|past| past.ended == Ended::Decided);
    let applicants: BTreeSet<_> = decided.clone().map(|past| past.applicant).collect();
    decided.count() >= DECIDED_MIN && applicants.len() >= APPLICANTS_MIN
}

fn known(likeness: Likeness, similar: &[&Past]) -> Known {
    let count = |ended| similar.iter().filter(|past| past.ended == ended).count();
    let spans: Vec<(u32, Ended)> = similar.iter().map(|past| (past.days, past.ended)).collect();
    Known {
        likeness,
        decided: count(Ended::Decided),
        open: count(Ended::NotYet),
        half_days: days_until(&spans, 2),
        nine_of_ten_days: days_until(&spans, 10),
    }
}

/// The first day by which at most one in `part` is undecided.
fn days_until(spans: &[(u32, Ended)], part: u128) -> Option<u32> {
    /// One, in the fixed point of the share that is undecided.
    const ONE: u128 = 1 << 63;
    let mut sorted = spans.to_vec();
    sorted.sort_by_key(|span| span.0);
    let mut undecided = ONE;
    let mut left = sorted.len() as u128;
    for day in sorted.chunk_by(|one, next| one.0 == next.0) {
        let decided = day.iter().filter(|span| span.1 == Ended::Decided).count() as u128;
        // Rounded down: what is exactly one in `part` stays at most that.
        undecided = undecided * (left - decided) / left;
        if decided > 0 && undecided * part <= ONE {
            return day.first().map(|span| span.0);
        }
        left -= day.len() as u128;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn past(applicant: u8, place: &str, days: u32, ended: Ended) -> Past {
        let (destinations, end_uses) = place.split_once('/').unwrap_or((place, ""));
        Past {
            applicant: [applicant; 16],
            destinations: destinations.to_owned(),
            end_uses: end_uses.to_owned(),
            days,
            ended,
        }
    }

    /// So many decided cases of four applicants, that took 1, 2, 3, … days.
    fn decided(place: &str, count: u8) -> Vec<Past> {
        (1..=count).map(|n| past(n % 4, place, u32::from(n), Ended::Decided)).collect()
    }

    const ASKED: Asked<'static> = Asked { destinations: "DE", end_uses: "motor" };

    #[test]
    fn similar_is_the_most_alike_that_has_enough() {
        let check = |groups: &[(&str, u8)], expected: Option<(Likeness, usize)>| {
            let all: Vec<Past> = groups.iter().flat_map(|(at, n)| decided(at, *n)).collect();
            let found = match forecast(&all, ASKED) {
                Forecast::Known(known) => Some((known.likeness, known.decided)),
                Forecast::Few { decided } => {
                    assert_eq!(decided, all.len());
                    None
                }
            };
            assert_eq!(found, expected, "{groups:?}");
        };
        check(&[], None);
        check(&[("DE/motor", 19)], None);
        check(&[("DE/motor", 20), ("DE/pump", 40)], Some((Likeness::DestinationAndUse, 20)));
        check(&[("DE/motor", 19), ("DE/pump", 1)], Some((Likeness::Destination, 20)));
        check(&[("DE/motor", 19), ("FR/motor", 21)], Some((Likeness::Use, 40)));
        check(&[("FR/pump", 30)], Some((Likeness::Type, 30)));
        check(&[("DE/motor", 10), ("FR/pump", 9)], None);
    }

    #[test]
    fn how_one_or_two_competitors_fared_is_not_told() {
        let mut all = decided("DE/motor", 40);
        for past in &mut all {
            past.applicant[0] %= 2;
            past.applicant = [past.applicant[0]; 16];
        }
        assert_eq!(forecast(&all, ASKED), Forecast::Few { decided: 40 });
        all.push(past(9, "DE/motor", 5, Ended::NotYet));
        assert_eq!(forecast(&all, ASKED), Forecast::Few { decided: 40 }, "its case is not decided");
        all.push(past(9, "DE/motor", 5, Ended::Decided));
        assert!(matches!(forecast(&all, ASKED), Forecast::Known(_)));
    }

    #[test]
    fn open_cases_count_and_those_that_left_do_so_until_then() {
        let check = |more: &[(u32, Ended, usize)], half: Option<u32>, nine: Option<u32>| {
            let mut all = decided("DE/motor", 20);
            for (days, ended, count) in more {
                all.extend(std::iter::repeat_n(past(7, "DE/motor", *days, *ended), *count));
            }
            let Forecast::Known(known) = forecast(&all, ASKED) else { unreachable!() };
            assert_eq!((known.half_days, known.nine_of_ten_days), (half, nine), "{more:?}");
        };
        check(&[], Some(10), Some(18));
        // As many wait already longer than any was ever waited for.
        check(&[(90, Ended::NotYet, 20)], Some(20), None);
        check(&[(90, Ended::NotYet, 21)], None, None);
        // Who came yesterday or took it back the same day says nothing of how long it takes.
        check(&[(0, Ended::NotYet, 50), (0, Ended::Otherwise, 50)], Some(10), Some(18));
    }

    fn spans() -> impl Strategy<Value = Vec<(u32, Ended)>> {
        let ended = prop_oneof![Just(Ended::Decided), Just(Ended::Otherwise), Just(Ended::NotYet)];
        proptest::collection::vec((0u32..12, ended), 1..14)
    }

    /// The definition, in exact fractions, day by day.
    fn days_until_exactly(spans: &[(u32, Ended)], part: u128) -> Option<u32> {
        let (mut above, mut below) = (1u128, 1u128);
        for day in 0..12 {
            let at_risk = spans.iter().filter(|span| span.0 >= day).count() as u128;
            let decided = spans.iter().filter(|span| **span == (day, Ended::Decided)).count();
            if decided > 0 {
                above *= at_risk - decided as u128;
                below *= at_risk;
                if above * part <= below {
                    return Some(day);
                }
            }
        }
        None
    }

    proptest! {
        #[test]
        fn days_are_those_of_the_product_limit(spans in spans()) {
            for part in [2, 4, 10] {
                prop_assert_eq!(days_until(&spans, part), days_until_exactly(&spans, part));
            }
        }

        #[test]
        fn with_all_decided_days_are_plain_quantiles(days in proptest::collection::vec(0u32..500, 1..60)) {
            let spans: Vec<_> = days.iter().map(|days| (*days, Ended::Decided)).collect();
            let mut sorted = days.clone();
            sorted.sort_unstable();
            let half = sorted[days.len().div_ceil(2) - 1];
            let nine = sorted[(days.len() * 9).div_ceil(10) - 1];
            prop_assert_eq!(days_until(&spans, 2), Some(half));
            prop_assert_eq!(days_until(&spans, 10), Some(nine));
        }

        #[test]
        fn a_case_that_waits_longer_never_makes_it_look_faster(spans in spans(), at in 0usize..14) {
            let mut longer = spans.clone();
            let at = at % spans.len();
            longer[at] = (spans[at].0 + 5, Ended::NotYet);
            for part in [2, 10] {
                let (before, after) = (days_until(&spans, part), days_until(&longer, part));
                prop_assert!(after.unwrap_or(u32::MAX) >= before.unwrap_or(u32::MAX));
            }
        }
    }
}
