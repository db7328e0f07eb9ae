//! Texts that only their holder has: how they are drawn, hashed and compared.

use app::people::Moment;
use base::Timestamp;
use sha2::{Digest, Sha256};

use crate::stop::{Stop, fault};

/// SHA-256 of a text.
#[must_use]
pub(crate) fn hash(text: &str) -> [u8; 32] {
    hash_bytes(text.as_bytes())
}

/// SHA-256 of bytes.
#[must_use]
pub(crate) fn hash_bytes(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn random() -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    #[expect(clippy::disallowed_methods, reason = "a secret is drawn where it is given out")]
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// A fresh random text of 256 bits in hexadecimal, or nothing when the system gives no randomness.
#[must_use]
pub(crate) fn random_text() -> Option<String> {
    random().map(|bytes| hex(&bytes))
}

/// Now, with chance for one use case.
pub(crate) fn moment(now: Timestamp) -> Result<Moment, Stop> {
    let seed = random().ok_or_else(|| fault(&"the system gives no randomness"))?;
    Ok(Moment { now, seed })
}

/// Lower-case hexadecimal.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        text
    })
}

/// Whether two texts are equal, in a time that does not tell where they differ.
#[must_use]
pub(crate) fn equal_constant_time(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0_u8, |difference, (x, y)| difference | (x ^ y)) == 0
}
