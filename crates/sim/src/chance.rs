//! Randomness of the economy: ChaCha with eight rounds, whose stream is fixed by specification.
//!
//! INVARIANT: everything drawn is an integer, so that the bytes written are the same anywhere.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A whole in parts per million.
pub(crate) const MILLION: u32 = 1_000_000;

/// The one source of randomness of an economy.
#[derive(Debug)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// From a seed and what the stream is for; the key is written out, so that no helper of a library
    /// decides it.
    pub(crate) fn new(seed: u64, stream: u64) -> Chance {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&stream.to_le_bytes());
        key[16..].copy_from_slice(b"gadolin economy\0");
        Chance(ChaCha8Rng::from_seed(key))
    }

    /// A number below `count`; 0 where there is nothing to choose from.
    #[inline]
    pub(crate) fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(count)) >> 32) as u32
    }

    /// A position in a list of this length.
    #[inline]
    pub(crate) fn place(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize
    }

    /// A number from `low` to `high`, both included.
    #[inline]
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// True in this many cases of a million.
    #[inline]
    pub(crate) fn happens(&mut self, ppm: u32) -> bool {
        self.below(MILLION) < ppm
    }

    /// `amount` times a factor between two numbers of parts per million.
    #[inline]
    pub(crate) fn about(&mut self, amount: i64, low_ppm: u32, high_ppm: u32) -> i64 {
        scaled(amount, i64::from(self.between(low_ppm, high_ppm)))
    }

    /// A size with a Pareto tail of exponent 1: at least 1, more than `n` in one case of `n`.
    pub(crate) fn pareto(&mut self, most: u32) -> u32 {
        let rank = self.between(1, 4096);
        (4096 / rank).clamp(1, most)
    }

    /// The position drawn by integer weights.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let sum: u32 = weights.clone().sum();
        let mut left = self.below(sum.max(1));
        for (place, weight) in weights.enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
        }
        0
    }

    /// Sixty-four random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// `amount × ppm / 10⁶` without overflow, towards zero.
#[inline]
pub(crate) fn scaled(amount: i64, ppm: i64) -> i64 {
    ratio(amount, ppm, 1_000_000)
}

/// `amount × part / whole` without overflow, towards zero; 0 where `whole` is 0.
#[inline]
pub(crate) fn ratio(amount: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    match amount.checked_mul(part) {
        Some(product) => product / whole,
        None => {
            let wide = i128::from(amount) * i128::from(part) / i128::from(whole);
            i64::try_from(wide).unwrap_or(i64::MAX)
        }
    }
}
