//! Who is owned by listed parties, and therefore treated as listed.
//!
//! Rule: a party that listed parties own together, directly or through others so owned, to at least a threshold
//! of one half is treated as listed itself (OFAC, revised guidance of 13 August 2014 on entities owned by
//! blocked persons, and its questions 398 to 402; the packs carry the threshold and citation of each list).
//! Shares of several owners add up. A party that is reached counts as an owner with its whole share, it is not
//! multiplied; one that is not reached counts as none, however much listed parties own of it.
//!
//! A share that the list does not say proves nothing; parties that only such shares lead to are told apart.
//!
//! Invariants: cycles end; a derived party names owners that are listed or were derived before it, so that its
//! path leads to a listed party; the result does not depend on the order of the ownerships.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::party::{List, Ownership};

/// A party that listed parties own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedParty {
    /// Its id on the list.
    pub id: String,
    /// What listed and so owned parties own of it together, in parts per million.
    pub share_ppm: u32,
    /// Steps from a listed party: 1 where listed parties alone reach the threshold.
    pub steps: u32,
    /// Each share that counts, the largest first.
    pub owners: Vec<Ownership>,
    /// A chain that explains it: from a listed party to this one, by the largest share of each step.
    pub path: Vec<Ownership>,
}

/// What the ownerships of a list lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owned {
    /// Those that reach the threshold, by steps and id; parties that are listed anyway are not among them.
    pub parties: Vec<OwnedParty>,
    /// Shares that the list does not say, of listed or so owned parties in others that are neither.
    pub unproved: Vec<Ownership>,
}

/// What listed and so owned parties own of a party together, and each of them.
type Sum<'l> = (u64, Vec<(&'l str, u32)>);

/// The whole in parts per million.
const WHOLE_PPM: u32 = 1_000_000;

/// Who is owned by the listed parties to at least a threshold.
#[must_use]
pub fn owned(list: &List, threshold_ppm: u32) -> Owned {
    let shares = shares(list);
    let mut held: BTreeMap<&str, Vec<(&str, Option<u32>)>> = BTreeMap::new();
    for (&(owner, owned), &share) in &shares {
        held.entry(owner).or_default().push((owned, share));
    }
    let listed: BTreeSet<&str> = list.parties.iter().map(|party| party.id.as_str()).collect();
    let mut sums: BTreeMap<&str, Sum<'_>> = BTreeMap::new();
    let mut found: BTreeMap<&str, OwnedParty> = BTreeMap::new();
    let mut round: VecDeque<&str> = listed.iter().copied().collect();
    let mut steps = 0;
    // Round by round, so that steps are least and nobody explains whoever explains them.
    while !round.is_empty() {
        steps += 1;
        let mut touched = BTreeSet::new();
        for owner in round.drain(..) {
            for &(owned, share) in held.get(owner).map_or(&[][..], Vec::as_slice) {
                if listed.contains(owned) || found.contains_key(owned) {
                    continue;
                }
                if let Some(share) = share {
                    let sum = sums.entry(owned).or_default();
                    sum.0 += u64::from(share);
                    sum.1.push((owner, share));
                    touched.insert(owned);
                }
            }
        }
        for id in touched {
            let Some((sum, owners)) = sums.get(id) else { continue };
            if *sum > 0 && *sum >= u64::from(threshold_ppm) {
                let party = party(id, *sum, owners, steps, &found);
                found.insert(id, party);
                round.push_back(id);
            }
        }
    }
    let reached = |id: &str| listed.contains(id) || found.contains_key(id);
    let unproved = shares
        .iter()
        .filter(|((owner, owned), share)| share.is_none() && reached(owner) && !reached(owned));
    let unproved = unproved.map(|(&(owner, owned), _)| Ownership {
        owner: owner.to_owned(),
        owned: owned.to_owned(),
        share_ppm: None,
    });
    let unproved = unproved.collect();
    let mut parties: Vec<OwnedParty> = found.into_values().collect();
    parties.sort_by(|a, b| (a.steps, &a.id).cmp(&(b.steps, &b.id)));
    Owned { parties, unproved }
}

/// The share of each owner in each party: said several times, the largest counts once.
fn shares(list: &List) -> BTreeMap<(&str, &str), Option<u32>> {
    let mut shares = BTreeMap::new();
    for ownership in list.ownerships.iter().filter(|ownership| ownership.owner != ownership.owned) {
        let pair = (ownership.owner.as_str(), ownership.owned.as_str());
        let share = ownership.share_ppm.map(|share| share.min(WHOLE_PPM));
        let known: &mut Option<u32> = shares.entry(pair).or_insert(share);
        *known = (*known).max(share);
    }
    shares
}

fn party(
    id: &str,
    sum: u64,
    owners: &[(&str, u32)],
    steps: u32,
    found: &BTreeMap<&str, OwnedParty>,
) -> OwnedParty {
    let mut owners: Vec<Ownership> = owners
        .iter()
        .map(|&(owner, share)| Ownership {
            owner: owner.to_owned(),
            owned: id.to_owned(),
            share_ppm: Some(share),
        })
        .collect();
    owners.sort_by(|a, b| (b.share_ppm, &a.owner).cmp(&(a.share_ppm, &b.owner)));
    let mut path = Vec::new();
    if let Some(first) = owners.first() {
        if let Some(before) = found.get(first.owner.as_str()) {
            path.extend(before.path.iter().cloned());
        }
        path.push(first.clone());
    }
    let share_ppm = u32::try_from(sum).unwrap_or(WHOLE_PPM).min(WHOLE_PPM);
    OwnedParty { id: id.to_owned(), share_ppm, steps, owners, path }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::party::{ListedName, ListedParty, NameStrength};

    const HALF: u32 = 500_000;

    fn list(listed: &[&str], shares: &[(&str, &str, Option<u32>)]) -> List {
        let parties = listed.iter().map(|id| ListedParty {
            id: (*id).to_owned(),
            names: vec![ListedName { text: (*id).to_owned(), strength: NameStrength::Primary }],
            ..ListedParty::default()
        });
        let ownerships = shares.iter().map(|&(owner, owned, share_ppm)| Ownership {
            owner: owner.to_owned(),
            owned: owned.to_owned(),
            share_ppm,
        });
        List { parties: parties.collect(), ownerships: ownerships.collect(), ..List::default() }
    }

    fn check(
        listed: &[&str],
        shares: &[(&str, &str, Option<u32>)],
        expected: &[(&str, u32, &str)],
    ) {
        let found = owned(&list(listed, shares), HALF);
        let found: Vec<(String, u32, String)> = found
            .parties
            .into_iter()
            .map(|party| {
                let path: Vec<&str> = party.path.iter().map(|step| step.owner.as_str()).collect();
                (party.id, party.share_ppm, path.join(">"))
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(id, share, path)| ((*id).to_owned(), *share, (*path).to_owned()))
            .collect();
        assert_eq!(found, expected, "{shares:?}");
    }

    #[test]
    fn half_is_enough_and_less_is_not() {
        check(&["a"], &[("a", "x", Some(500_000))], &[("x", 500_000, "a")]);
        check(&["a"], &[("a", "x", Some(499_999))], &[]);
    }

    #[test]
    fn shares_of_several_listed_owners_add_up() {
        let two = [("a", "x", Some(250_000)), ("b", "x", Some(260_000))];
        check(&["a", "b"], &two, &[("x", 510_000, "b")]);
        check(&["a"], &two, &[]);
    }

    #[test]
    fn a_share_that_is_said_twice_counts_once() {
        check(&["a"], &[("a", "x", Some(300_000)), ("a", "x", Some(250_000))], &[]);
    }

    #[test]
    fn who_is_owned_counts_as_owner_with_the_whole_share() {
        let chain =
            [("a", "x", Some(500_000)), ("x", "y", Some(500_000)), ("y", "z", Some(400_000))];
        check(&["a"], &chain, &[("x", 500_000, "a"), ("y", 500_000, "a>x")]);
    }

    #[test]
    fn who_is_not_reached_counts_as_no_owner() {
        check(&["a"], &[("a", "x", Some(490_000)), ("x", "y", Some(1_000_000))], &[]);
    }

    #[test]
    fn circles_end() {
        let circle = [
            ("a", "x", Some(600_000)),
            ("x", "y", Some(600_000)),
            ("y", "x", Some(400_000)),
            ("y", "y", Some(900_000)),
            ("y", "a", Some(900_000)),
        ];
        check(&["a"], &circle, &[("x", 600_000, "a"), ("y", 600_000, "a>x")]);
        check(&["q"], &circle, &[]);
    }

    #[test]
    fn a_share_that_is_not_said_is_told_and_proves_nothing() {
        let unsaid = list(&["a"], &[("a", "x", None), ("x", "y", Some(900_000))]);
        let found = owned(&unsaid, HALF);
        assert!(found.parties.is_empty());
        assert_eq!(found.unproved, unsaid.ownerships[..1].to_vec());
    }

    /// Adds whoever reaches the threshold until nothing changes.
    fn naive(list: &List, threshold: u32) -> BTreeSet<String> {
        let mut held: BTreeSet<String> =
            list.parties.iter().map(|party| party.id.clone()).collect();
        loop {
            let mut next = held.clone();
            for ownership in &list.ownerships {
                let mut best: BTreeMap<&str, u32> = BTreeMap::new();
                for other in list.ownerships.iter().filter(|o| o.owned == ownership.owned) {
                    if held.contains(&other.owner) && other.owner != other.owned {
                        let share = best.entry(&other.owner).or_default();
                        *share = (*share).max(other.share_ppm.unwrap_or(0));
                    }
                }
                let sum: u32 = best.values().sum();
                if sum > 0 && sum >= threshold {
                    next.insert(ownership.owned.clone());
                }
            }
            if next == held {
                return held;
            }
            held = next;
        }
    }

    proptest! {
        #[test]
        fn finds_whom_a_naive_search_finds_and_explains_each(
            listed in proptest::collection::btree_set(0_u8..12, 0..4),
            edges in proptest::collection::vec((0_u8..12, 0_u8..12, proptest::option::weighted(0.9, 0_u32..=1_000_000)), 0..40),
            threshold in prop_oneof![Just(HALF), 0_u32..=1_000_000],
        ) {
            let names: Vec<String> = (0..12).map(|n| format!("p{n}")).collect();
            let listed: Vec<&str> = listed.iter().map(|n| names[usize::from(*n)].as_str()).collect();
            let edges: Vec<(&str, &str, Option<u32>)> = edges
                .iter()
                .map(|(a, b, share)| (names[usize::from(*a)].as_str(), names[usize::from(*b)].as_str(), *share))
                .collect();
            let list = list(&listed, &edges);
            let found = owned(&list, threshold);
            let mut all: BTreeSet<String> = list.parties.iter().map(|party| party.id.clone()).collect();
            for party in &found.parties {
                // The path begins at a listed party and ends here, each step an ownership of the list.
                prop_assert!(listed.contains(&party.path[0].owner.as_str()));
                prop_assert_eq!(&party.path[party.path.len() - 1].owned, &party.id);
                prop_assert!(party.path.windows(2).all(|pair| pair[0].owned == pair[1].owner));
                prop_assert!(party.path.iter().all(|step| list.ownerships.contains(step)));
                let sum: u64 = party.owners.iter().filter_map(|o| o.share_ppm).map(u64::from).sum();
                prop_assert_eq!(u64::from(party.share_ppm), sum.min(1_000_000));
                prop_assert!(sum >= u64::from(threshold));
                prop_assert!(party.owners.iter().all(|o| all.contains(&o.owner)), "owners come before");
                prop_assert!(all.insert(party.id.clone()));
            }
            prop_assert_eq!(all, naive(&list, threshold));
            let mut turned = list.clone();
            turned.ownerships.reverse();
            prop_assert_eq!(owned(&turned, threshold), found);
        }
    }
}
