//! How far two words are apart: as typed, and as they sound.
//!
//! [`typed`] counts insertions, deletions, substitutions and swaps of neighbours (restricted Damerau and
//! Levenshtein). [`heard`] weighs them: vowels and consonants that the systems of romanisation mix up cost
//! less than a whole letter, in hundredths. Words are short (names), so both are plain dynamic programs in
//! arrays on the stack.

use std::sync::OnceLock;

use crate::sound::is_vowel;

/// Letters of a word that are compared.
pub(crate) const WORD_MAX: usize = 32;

/// Edits between two words, or `limit + 1` where there are more than `limit`.
pub(crate) fn typed(a: &[u8], b: &[u8], limit: u32) -> u32 {
    let a = &a[..a.len().min(WORD_MAX)];
    let b = &b[..b.len().min(WORD_MAX)];
    if a.len().abs_diff(b.len()) as u32 > limit {
        return limit + 1;
    }
    if a == b {
        return 0;
    }
    let mut rows = [[0u32; WORD_MAX + 1]; 3];
    for (n, cell) in rows[0].iter_mut().enumerate() {
        *cell = n as u32;
    }
    let (mut two, mut one, mut this) = (2, 0, 1);
    for i in 1..=a.len() {
        let letter = a[i - 1];
        rows[this][0] = i as u32;
        let mut left = i as u32;
        let mut least = left;
        for j in 1..=b.len() {
            let other = b[j - 1];
            let mut cost =
                (rows[one][j].min(left) + 1).min(rows[one][j - 1] + u32::from(letter != other));
            if i > 1 && j > 1 && letter == b[j - 2] && a[i - 2] == other {
                cost = cost.min(rows[two][j - 2] + 1);
            }
            rows[this][j] = cost;
            left = cost;
            least = least.min(cost);
        }
        if least > limit {
            return limit + 1;
        }
        (two, one, this) = (one, this, two);
    }
    rows[one][b.len()]
}

/// Whether a word comes from a script that does not write short vowels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vowels {
    /// All are written.
    Written,
    /// Short ones are not: a vowel that is missing says nothing.
    Omitted,
}

/// Hundredths of a letter between the sounds of two words, or something above `limit`.
pub(crate) fn heard(a: &[u8], b: &[u8], vowels: Vowels, limit: u32) -> u32 {
    let a = &a[..a.len().min(WORD_MAX)];
    let b = &b[..b.len().min(WORD_MAX)];
    if a == b {
        return 0;
    }
    let swaps = swaps(vowels);
    let mut gaps = [0u32; WORD_MAX];
    for (n, cell) in gaps.iter_mut().enumerate().take(b.len()) {
        *cell = gap(b, n, vowels);
    }
    let mut rows = [[0u32; WORD_MAX + 1]; 3];
    for j in 1..=b.len() {
        rows[0][j] = rows[0][j - 1] + gaps[j - 1];
    }
    let (mut two, mut one, mut this) = (2, 0, 1);
    for i in 1..=a.len() {
        let sound = a[i - 1];
        let row = &swaps[usize::from(sound & 0x7f)];
        let gap_a = gap(a, i - 1, vowels);
        rows[this][0] = rows[one][0] + gap_a;
        let mut left = rows[this][0];
        let mut least = left;
        for j in 1..=b.len() {
            let other = b[j - 1];
            let mut cost = (rows[one][j] + gap_a)
                .min(left + gaps[j - 1])
                .min(rows[one][j - 1] + u32::from(row[usize::from(other & 0x7f)]));
            if i > 1 && j > 1 && sound == b[j - 2] && a[i - 2] == other {
                cost = cost.min(rows[two][j - 2] + 80);
            }
            rows[this][j] = cost;
            left = cost;
            least = least.min(cost);
        }
        if least > limit {
            return limit + 1;
        }
        (two, one, this) = (one, this, two);
    }
    rows[one][b.len()]
}

/// Costs of one sound for another, by their letters.
type Swaps = [[u8; 128]; 128];

fn swaps(vowels: Vowels) -> &'static Swaps {
    static WRITTEN: OnceLock<Box<Swaps>> = OnceLock::new();
    static OMITTED: OnceLock<Box<Swaps>> = OnceLock::new();
    let table = match vowels {
        Vowels::Written => &WRITTEN,
        Vowels::Omitted => &OMITTED,
    };
    table.get_or_init(|| {
        let mut costs = Box::new([[0u8; 128]; 128]);
        for (a, row) in costs.iter_mut().enumerate() {
            for (b, cost) in row.iter_mut().enumerate() {
                *cost = swap(a as u8, b as u8, vowels) as u8;
            }
        }
        costs
    })
}

/// What a sound costs that the other word has not.
fn gap(word: &[u8], at: usize, vowels: Vowels) -> u32 {
    let sound = word[at];
    if is_vowel(sound) {
        if vowels == Vowels::Omitted {
            return 4;
        }
        let beside = at.checked_sub(1).is_some_and(|n| is_vowel(word[n]))
            || word.get(at + 1).is_some_and(|next| is_vowel(*next));
        return match (sound, beside) {
            (b'i', true) => 20,
            (_, true) => 35,
            _ => 50,
        };
    }
    match sound {
        b'h' => 45,
        b'j' => 40,
        b'0'..=b'9' => 200,
        _ => 100,
    }
}

/// What it costs where one word has one sound and the other another.
fn swap(a: u8, b: u8, vowels: Vowels) -> u32 {
    if a == b {
        return 0;
    }
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    if is_vowel(a) && is_vowel(b) {
        return match (a, b) {
            _ if vowels == Vowels::Omitted => 6,
            (b'e', b'i') | (b'o', b'u') | (b'a', b'e') | (b'a', b'o') => 30,
            _ => 45,
        };
    }
    match (a, b) {
        (b'i', b'j') => 15,
        (b'u' | b'o', b'v') | (b'v', b'u') => {
            if vowels == Vowels::Omitted {
                15
            } else {
                30
            }
        }
        (b'Z', b'j') => 15,
        (b'C', b'S') | (b'C', b'j') | (b'C', b'Z') | (b'S', b'Z') | (b'S', b's') | (b'Z', b'z') => {
            35
        }
        (b'C', b'h') | (b'C', b'k') | (b'C', b'c') | (b'C', b't') => 40,
        (b'S', b'c') | (b'S', b'j') | (b'Z', b'g') | (b'h', b'j') | (b'j', b'z') => 50,
        (b'g', b'h') | (b'g', b'k') | (b'h', b'k') | (b'g', b'j') => 40,
        (b'c', b's') | (b's', b'z') | (b'c', b'z') | (b'c', b'k') => 35,
        (b'f', b'v') => 20,
        (b'd', b't') | (b'b', b'p') | (b'b', b'v') => 50,
        (b'd', b'z') | (b's', b't') | (b'm', b'n') | (b'l', b'r') | (b'f', b'p') => 65,
        (b'0'..=b'9', _) | (_, b'0'..=b'9') => 200,
        _ => 100,
    }
}

/// Letters of a whole name that are compared.
const NAME_MAX: usize = 96;

/// Edits between two whole names written together, or `limit + 1` where there are more than `limit`; names
/// that are too long have more.
pub(crate) fn typed_long(a: &[u8], b: &[u8], limit: u32) -> u32 {
    if a == b {
        return 0;
    }
    if a.len() > NAME_MAX || b.len() > NAME_MAX || a.len().abs_diff(b.len()) as u32 > limit {
        return limit + 1;
    }
    // Cells farther from the diagonal than the limit cannot be on a path within it.
    let band = limit as usize;
    let far = limit + 1;
    let mut rows = [[far; NAME_MAX + 1]; 3];
    for (n, cell) in rows[0].iter_mut().enumerate().take(band + 1) {
        *cell = n as u32;
    }
    for i in 1..=a.len() {
        let (this, one, two) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        let (from, to) = (i.saturating_sub(band).max(1), (i + band).min(b.len()));
        rows[this][from - 1] = if from == 1 && i <= band { i as u32 } else { far };
        let mut least = rows[this][from - 1];
        for j in from..=to {
            let above = if j < i + band { rows[one][j] } else { far };
            let mut cost = (above + 1)
                .min(rows[this][j - 1] + 1)
                .min(rows[one][j - 1] + u32::from(a[i - 1] != b[j - 1]));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[two][j - 2] + 1);
            }
            rows[this][j] = cost.min(far);
            least = least.min(cost);
        }
        if least > limit {
            return far;
        }
    }
    rows[a.len() % 3][b.len()]
}
