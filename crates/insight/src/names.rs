//! Interned names: lot ids, parties, sites, references.
//!
//! The index hashes with a secret key (SipHash-1-3), since filers choose the names: nobody can
//! craft ones that collide.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::column::Column;

/// Secret key of the hash.
pub type HashKey = [u64; 2];

/// SipHash-1-3 of bytes under the key.
#[must_use]
#[inline]
pub fn hash_bytes(key: HashKey, bytes: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(key[0], key[1]);
    hasher.write(bytes);
    hasher.finish()
}

/// Texts by number, one after the other.
#[derive(Debug, Default)]
pub struct Texts {
    /// UTF-8 of all texts.
    pub bytes: Column<u8>,
    /// Where each text ends.
    pub ends: Column<u64>,
}

impl Texts {
    /// Appends a text and gives its number.
    pub fn push(&mut self, text: &str) -> u32 {
        let id = self.ends.len() as u32;
        self.bytes.extend(text.as_bytes());
        self.ends.push(self.bytes.len() as u64);
        id
    }

    /// The text of a number.
    #[must_use]
    pub fn get(&self, id: u32) -> &str {
        std::str::from_utf8(self.raw(id)).unwrap_or_default()
    }

    /// The bytes of a text.
    #[must_use]
    #[inline]
    pub fn raw(&self, id: u32) -> &[u8] {
        let start = if id == 0 { 0 } else { *self.ends.at(id - 1) as usize };
        self.bytes.range(start, *self.ends.at(id) as usize)
    }

    /// The first byte of a text, 0 where it is empty.
    #[inline]
    pub(crate) fn first_byte(&self, id: u32) -> u8 {
        self.raw(id).first().copied().unwrap_or(0)
    }

    /// Forgets the texts from a number on.
    pub fn truncate(&mut self, len: usize) {
        let bytes = if len == 0 { 0 } else { *self.ends.at(len as u32 - 1) as usize };
        self.bytes.truncate(bytes);
        self.ends.truncate(len);
    }

    /// Number of texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// An index from hash to number: open addressing, linear probing, at most 5/8 full. A slot holds
/// the upper half of the hash and the number plus one, so it grows without reading the texts.
#[derive(Debug, Default)]
pub struct Slots {
    /// The slots; their number is a power of two.
    pub slots: Column<u64>,
    /// How many are taken.
    pub taken: usize,
}

impl Slots {
    /// The number whose record is equal, of those with this hash.
    #[must_use]
    #[inline]
    pub fn find(&self, hash: u64, equal: impl Fn(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = slot_of(hash, mask);
        loop {
            let slot = *self.slots.at(at as u32);
            if slot == 0 {
                return None;
            }
            let id = (slot & 0xffff_ffff) as u32 - 1;
            if slot >> 32 == hash >> 32 && id != REMOVED && equal(id) {
                return Some(id);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a number under a hash; the caller knows that it is not there.
    pub fn insert(&mut self, hash: u64, id: u32) {
        if (self.taken + 1) * 8 > self.slots.len() * 5 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let slot = (hash >> 32) << 32 | u64::from(id + 1);
        let mut at = slot_of(hash, mask);
        while *self.slots.at(at as u32) != 0 {
            at = (at + 1) & mask;
        }
        *self.slots.at_mut(at as u32) = slot;
        self.taken += 1;
    }

    /// Takes a number out again; its slot stays taken, so that those behind it are still found.
    pub fn remove(&mut self, hash: u64, id: u32) {
        if self.slots.is_empty() {
            return;
        }
        let mask = self.slots.len() - 1;
        let wanted = (hash >> 32) << 32 | u64::from(id + 1);
        let mut at = slot_of(hash, mask);
        while *self.slots.at(at as u32) != 0 {
            if *self.slots.at(at as u32) == wanted {
                *self.slots.at_mut(at as u32) = wanted | 0xffff_ffff;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(1024);
        let mut slots = vec![0_u64; size];
        let kept = |slot: &&u64| **slot != 0 && (**slot & 0xffff_ffff) as u32 - 1 != REMOVED;
        for &slot in self.slots.iter().filter(kept) {
            let mut at = slot_of(slot, size - 1);
            while slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            slots[at] = slot;
        }
        self.slots.replace(slots);
    }
}

/// The number in a slot that was taken out again.
const REMOVED: u32 = u32::MAX - 1;

/// The home slot, from the upper half of the hash (all that a slot keeps of it).
#[inline]
fn slot_of(hash: u64, mask: usize) -> usize {
    let upper = hash >> 32;
    // Fibonacci hashing spreads the 32 bits over tables of any size.
    (upper.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize & mask
}

/// Texts with an index: each distinct text has one number.
#[derive(Debug, Default)]
pub struct Names {
    /// The texts.
    pub texts: Texts,
    /// The index over them.
    pub slots: Slots,
}

impl Names {
    /// The number of a name.
    #[must_use]
    pub fn find(&self, key: HashKey, name: &str) -> Option<u32> {
        let equal = |id| self.texts.raw(id) == name.as_bytes();
        self.slots.find(hash_bytes(key, name.as_bytes()), equal)
    }

    /// The number of a name, given one where it has none.
    pub fn intern(&mut self, key: HashKey, name: &str) -> u32 {
        let hash = hash_bytes(key, name.as_bytes());
        let equal = |id| self.texts.raw(id) == name.as_bytes();
        if let Some(id) = self.slots.find(hash, equal) {
            return id;
        }
        let id = self.texts.push(name);
        self.slots.insert(hash, id);
        id
    }

    /// Forgets the names from a number on.
    pub fn truncate(&mut self, key: HashKey, len: usize) {
        for id in (len..self.len()).rev() {
            let hash = hash_bytes(key, self.texts.raw(id as u32));
            self.slots.remove(hash, id as u32);
        }
        self.texts.truncate(len);
    }

    /// The name of a number.
    #[must_use]
    pub fn get(&self, id: u32) -> &str {
        self.texts.get(id)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_numbers_while_the_index_grows() {
        let mut names = Names::default();
        for i in 0..5_000_u32 {
            assert_eq!(names.intern([1, 2], &format!("LOT-{i}")), i);
        }
        for i in 0..5_000_u32 {
            assert_eq!(names.find([1, 2], &format!("LOT-{i}")), Some(i));
            assert_eq!(names.get(i), format!("LOT-{i}"));
        }
        assert_eq!(names.find([1, 2], "LOT-5000"), None);
        assert_eq!(names.len(), 5_000);
    }
}
