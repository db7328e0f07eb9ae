//! Shares as whole numbers of 2⁻⁶², and largest remainder.
//!
//! Sums of integers do not depend on the order of adding, so an answer does not depend on the
//! order in which filings arrived.

/// One, as a share.
pub(crate) const ONE: u64 = 1 << 62;

/// A share times a ratio of 0 to 1.
#[inline]
pub(crate) fn times(share: u64, ratio: f64) -> u64 {
    (share as f64 * ratio) as u64
}

/// A share as a fraction.
#[inline]
pub(crate) fn fraction(share: u64) -> f64 {
    (share as f64 / ONE as f64).min(1.0)
}

/// Significant bits of a share that is shown: what the rounding of a long walk cannot reach, and far
/// more exact than the 1e-9 that is promised.
const SHOWN_BITS: u32 = 46;

/// A share without the last bits, in which rounding lives: shares that are equal in exact
/// arithmetic are equal here.
#[inline]
pub(crate) fn shown(share: u64) -> u64 {
    let drop = (u64::BITS - share.leading_zeros()).saturating_sub(SHOWN_BITS);
    let half = (1_u64 << drop) >> 1;
    (share + half) >> drop << drop
}

/// Divides `total` in proportion to `shares` so that the parts add up exactly: floors, and the
/// rest one by one to the largest remainders; ties go to the earlier part. Remainders
/// that are nearer than the rounding of a share in so great a total are ties, which it must not break.
pub(crate) fn largest_remainder(total: i64, shares: &[u64]) -> Vec<i64> {
    let sum: u128 = shares.iter().map(|&s| u128::from(s)).sum();
    if sum == 0 || total <= 0 {
        return vec![0; shares.len()];
    }
    let total_wide = total as u128;
    let mut parts = Vec::with_capacity(shares.len());
    let mut remainders = Vec::with_capacity(shares.len());
    let mut given = 0_i64;
    let grain = f64::from(1_u32 << (total.leading_zeros().saturating_sub(14)).min(20));
    for (i, &share) in shares.iter().enumerate() {
        let product = total_wide * u128::from(share);
        let part = (product / sum) as i64;
        parts.push(part);
        remainders.push((((product % sum) as f64 / sum as f64 * grain).round() as u32, i));
        given += part;
    }
    let rest = (total - given) as usize;
    if rest > 0 && rest < remainders.len() {
        remainders.select_nth_unstable_by(rest, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    }
    for &(_, i) in remainders.iter().take(rest) {
        parts[i] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_ties_go_to_the_earlier() {
        assert_eq!(largest_remainder(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(largest_remainder(2, &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(largest_remainder(7, &[ONE / 2, ONE / 4, ONE / 4]), [3, 2, 2]);
        assert_eq!(largest_remainder(0, &[1, 2]), [0, 0]);
        let parts = largest_remainder(i64::MAX, &[ONE / 3, ONE / 3, ONE / 3]);
        assert_eq!(parts.iter().map(|&p| i128::from(p)).sum::<i128>(), i128::from(i64::MAX));
    }
}
