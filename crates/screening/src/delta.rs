//! What changed between two versions of a list.
//!
//! A record's hash covers what screening compares and shows: kind, names with their strength, countries, years,
//! numbers and programmes. The primary name counts by its place; the order of everything else does not, so
//! that a publisher who sorts anew changes nothing. Dispositions hold until a hash changes.
//!
//! Invariants: the version of a list depends on its content alone, not on the order of its records; of two
//! versions each id is added, changed, removed or the same, exactly one of these.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::party::{List, ListedName, ListedParty, Ownership};

/// SHA-256 of the content of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordHash(pub [u8; 32]);

impl RecordHash {
    /// In hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Hashes fields so that no two different sequences of fields give the same bytes.
struct Fields(Sha256);

impl Fields {
    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    /// Values whose order says nothing.
    fn set<'t>(&mut self, values: impl Iterator<Item = &'t str>) {
        let mut values: Vec<&str> = values.collect();
        values.sort_unstable();
        values.dedup();
        self.count(values.len());
        for value in values {
            self.text(value);
        }
    }
}

/// The hash of a record; its id is part of it.
#[must_use]
pub fn record_hash(party: &ListedParty) -> RecordHash {
    let mut fields = Fields(Sha256::new());
    fields.text(&party.id);
    fields.count(party.kind as usize);
    let (first, others) = match party.names.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, &[][..]),
    };
    fields.text(first.map_or("", |name| &name.text));
    fields.count(first.map_or(0, |name| name.strength as usize));
    let mut others: Vec<&ListedName> = others.iter().collect();
    others.sort_unstable();
    others.dedup();
    fields.count(others.len());
    for name in others {
        fields.text(&name.text);
        fields.count(name.strength as usize);
    }
    fields.set(party.countries.iter().map(String::as_str));
    let mut years = party.birth_years.clone();
    years.sort_unstable();
    years.dedup();
    fields.count(years.len());
    for year in years {
        fields.count(usize::from(year));
    }
    let mut identifiers: Vec<_> = party.identifiers.iter().collect();
    identifiers.sort_unstable();
    identifiers.dedup();
    fields.count(identifiers.len());
    for identifier in identifiers {
        fields.text(&identifier.scheme);
        fields.text(&identifier.value);
    }
    fields.set(party.programmes.iter().map(String::as_str));
    RecordHash(fields.0.finalize().into())
}

/// The version of a list: SHA-256 over the hashes of its records and its ownerships, in hexadecimal.
#[must_use]
pub fn list_version(list: &List) -> String {
    let mut hashes: Vec<RecordHash> = list.parties.iter().map(record_hash).collect();
    hashes.sort_unstable();
    let mut fields = Fields(Sha256::new());
    fields.text(&list.code);
    fields.count(hashes.len());
    for hash in hashes {
        fields.0.update(hash.0);
    }
    let mut ownerships: Vec<&Ownership> = list.ownerships.iter().collect();
    ownerships.sort_unstable();
    ownerships.dedup();
    fields.count(ownerships.len());
    for ownership in ownerships {
        fields.text(&ownership.owner);
        fields.text(&ownership.owned);
        fields.count(ownership.share_ppm.map_or(usize::MAX, |share| share as usize));
    }
    hex(&fields.0.finalize())
}

/// A record that is on both versions and not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed<'l> {
    /// As it was.
    pub old: &'l ListedParty,
    /// As it is.
    pub new: &'l ListedParty,
}

/// What changed, each part in the order of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta<'l> {
    /// On the new version only.
    pub added: Vec<&'l ListedParty>,
    /// On both, with another content.
    pub changed: Vec<Changed<'l>>,
    /// On the old version only.
    pub removed: Vec<&'l ListedParty>,
    /// On both, the same.
    pub same: usize,
    /// Ownerships of the new version only.
    pub ownerships_added: Vec<&'l Ownership>,
    /// Ownerships of the old version only.
    pub ownerships_removed: Vec<&'l Ownership>,
}

/// What changed from one version of a list to another.
#[must_use]
pub fn delta<'l>(old: &'l List, new: &'l List) -> Delta<'l> {
    let by_id = |list: &'l List| -> BTreeMap<&'l str, &'l ListedParty> {
        list.parties.iter().map(|party| (party.id.as_str(), party)).collect()
    };
    let (before, after) = (by_id(old), by_id(new));
    let mut delta = Delta::default();
    for (id, new) in &after {
        match before.get(id) {
            None => delta.added.push(new),
            Some(old) if record_hash(old) == record_hash(new) => delta.same += 1,
            Some(old) => delta.changed.push(Changed { old, new }),
        }
    }
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id));
    delta.removed = gone.map(|(_, party)| *party).collect();
    delta.ownerships_added = ownerships_without(new, old);
    delta.ownerships_removed = ownerships_without(old, new);
    delta
}

fn ownerships_without<'l>(list: &'l List, other: &'l List) -> Vec<&'l Ownership> {
    let others: std::collections::BTreeSet<&Ownership> = other.ownerships.iter().collect();
    let mut mine: Vec<&Ownership> =
        list.ownerships.iter().filter(|ownership| !others.contains(ownership)).collect();
    mine.sort_unstable();
    mine.dedup();
    mine
}

/// How much of a list may be gone at once before somebody has to confirm it: a publisher rarely takes many
/// off in one day, and a file that was cut off clears whom its rest named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LossGuard {
    /// The share of the entries, in parts per million, that may be gone; as many or more are refused.
    pub lost_ppm: u32,
    /// Entries of the old version below which nothing is refused.
    pub entries_least: usize,
}

impl Default for LossGuard {
    fn default() -> LossGuard {
        LossGuard { lost_ppm: 500_000, entries_least: 2 }
    }
}

/// A list lost too many entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the list lost {lost} of its {had} entries since the last version; accepted: the whole list, or a \
     confirmation that they were taken off"
)]
pub struct ListShrunk {
    /// Entries of the old version.
    pub had: usize,
    /// Entries of it that the new version does not have.
    pub lost: usize,
}

impl ListShrunk {
    /// The stable code.
    pub const CODE: &'static str = "list_shrunk";
}

impl LossGuard {
    /// Whether a new version may come into force unconfirmed.
    ///
    /// # Errors
    /// Where at least the guarded share of the old entries is gone.
    pub fn check(&self, delta: &Delta<'_>) -> Result<(), ListShrunk> {
        let lost = delta.removed.len();
        self.counted(lost + delta.changed.len() + delta.same, lost)
    }

    /// The same, of a version that had so many entries and lost so many of them.
    ///
    /// # Errors
    /// Where at least the guarded share of the old entries is gone.
    pub fn counted(&self, had: usize, lost: usize) -> Result<(), ListShrunk> {
        let beyond = lost as u128 * 1_000_000 >= had as u128 * u128::from(self.lost_ppm);
        if lost > 0 && had >= self.entries_least && beyond {
            return Err(ListShrunk { had, lost });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::party::{Identifier, NameStrength, PartyKind};

    fn party(id: u8, name: &str) -> ListedParty {
        let named = |text: &str, strength| ListedName { text: text.to_owned(), strength };
        ListedParty {
            id: format!("p{id}"),
            kind: PartyKind::Organization,
            names: vec![
                named(name, NameStrength::Primary),
                named("Other One", NameStrength::Alias),
                named("Other Two", NameStrength::Alias),
            ],
            countries: vec!["NL".to_owned(), "BE".to_owned()],
            birth_years: vec![1990, 1991],
            identifiers: vec![
                Identifier { scheme: "imo".to_owned(), value: "1".to_owned() },
                Identifier { scheme: "lei".to_owned(), value: "2".to_owned() },
            ],
            programmes: vec!["ONE".to_owned(), "TWO".to_owned()],
        }
    }

    fn list(parties: Vec<ListedParty>) -> List {
        List { code: "test".to_owned(), parties, ..List::default() }
    }

    #[test]
    fn a_hash_changes_with_everything_that_screening_compares() {
        let before = record_hash(&party(1, "Name"));
        let changes: [fn(&mut ListedParty); 9] = [
            |p| p.id.push('x'),
            |p| p.kind = PartyKind::Person,
            |p| p.names[0].text.push('x'),
            |p| p.names[1].text.push('x'),
            |p| p.names[1].strength = NameStrength::Weak,
            |p| p.names.swap(0, 1),
            |p| p.countries.clear(),
            |p| p.birth_years[0] = 1980,
            |p| p.identifiers[0].scheme.clear(),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut changed = party(1, "Name");
            change(&mut changed);
            assert_ne!(record_hash(&changed), before, "change {at}");
        }
    }

    #[test]
    fn a_hash_does_not_change_with_the_order_of_values() {
        let before = record_hash(&party(1, "Name"));
        let mut sorted = party(1, "Name");
        sorted.names[1..].reverse();
        sorted.countries.reverse();
        sorted.birth_years.reverse();
        sorted.identifiers.reverse();
        sorted.programmes.reverse();
        assert_eq!(record_hash(&sorted), before);
    }

    #[test]
    fn fields_cannot_be_shifted_into_one_another() {
        let (mut one, mut two) = (party(1, "Name"), party(1, "Name"));
        one.countries = vec!["AB".to_owned(), "C".to_owned()];
        two.countries = vec!["A".to_owned(), "BC".to_owned()];
        assert_ne!(record_hash(&one), record_hash(&two));
    }

    #[test]
    fn a_list_that_lost_half_is_refused_and_one_that_lost_less_is_not() {
        let whole = list((0..10).map(|id| party(id, "Name")).collect());
        for (left, refused) in [(10, false), (6, false), (5, true), (0, true)] {
            let new = list((0..left).map(|id| party(id, "Name")).collect());
            let checked = LossGuard::default().check(&delta(&whole, &new));
            assert_eq!(checked.is_err(), refused, "{left} of 10 left");
        }
        let new = list((5..20).map(|id| party(id, "Name")).collect());
        let checked = LossGuard::default().check(&delta(&whole, &new));
        assert_eq!(checked, Err(ListShrunk { had: 10, lost: 5 }), "new entries make up for none");
        let guard = LossGuard { lost_ppm: 600_000, ..LossGuard::default() };
        assert_eq!(guard.check(&delta(&whole, &new)), Ok(()));
    }

    #[test]
    fn the_first_version_of_a_list_is_not_refused() {
        let new = list(vec![party(1, "Name")]);
        assert_eq!(LossGuard::default().check(&delta(&list(Vec::new()), &new)), Ok(()));
    }

    proptest! {
        #[test]
        fn a_delta_turns_the_old_version_into_the_new_one(
            old in proptest::collection::btree_map(0_u8..30, 0_u8..3, 0..20),
            new in proptest::collection::btree_map(0_u8..30, 0_u8..3, 0..20),
        ) {
            let make = |records: &BTreeMap<u8, u8>| {
                list(records.iter().map(|(id, name)| party(*id, &format!("Name {name}"))).collect())
            };
            let (old_list, mut new_list) = (make(&old), make(&new));
            let before = list_version(&new_list);
            new_list.parties.reverse();
            prop_assert_eq!(list_version(&new_list), before, "the order says nothing");
            let delta = delta(&old_list, &new_list);
            let mut turned: BTreeMap<&str, &ListedParty> =
                old_list.parties.iter().map(|party| (party.id.as_str(), party)).collect();
            for party in &delta.removed {
                prop_assert!(turned.remove(party.id.as_str()).is_some());
            }
            for party in &delta.added {
                prop_assert!(turned.insert(&party.id, party).is_none());
            }
            for changed in &delta.changed {
                prop_assert_eq!(turned.insert(&changed.new.id, changed.new), Some(changed.old));
            }
            let same = old.iter().filter(|(id, name)| new.get(id) == Some(name)).count();
            prop_assert_eq!(delta.same, same);
            let turned = list(turned.into_values().cloned().collect());
            prop_assert_eq!(list_version(&turned), list_version(&new_list));
        }
    }
}
