//! What is waited for from one visitor, once: the other half of a ceremony that a browser goes through
//! elsewhere, with its authenticator or at an identity provider.
//!
//! INVARIANT: what was put down is given out to the same visitor, at most once, and not after it is over.
//! So an answer that is sent again, or by somebody else, finds nothing to be checked against.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::Timestamp;

use crate::secret::hash;

/// How long a visitor may take: a phone must be found and a password typed at the provider.
const WAIT_US: i64 = 5 * 60 * 1_000_000;
/// How many are waited for at once; the oldest gives way. Each takes a few hundred bytes.
const WAITING_MAX: usize = 10_000;

/// What is waited for, by the hash of the visitor's cookie.
#[derive(Debug)]
pub(crate) struct Once<T> {
    rows: Mutex<HashMap<[u8; 32], (Timestamp, T)>>,
}

impl<T> Default for Once<T> {
    fn default() -> Once<T> {
        Once { rows: Mutex::default() }
    }
}

impl<T> Once<T> {
    /// Puts down what this visitor is to bring back; what it was waited for before is forgotten.
    pub(crate) fn put(&self, visitor: &str, now: Timestamp, what: T) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= WAITING_MAX {
            rows.retain(|_, row| now.us() - row.0.us() < WAIT_US);
        }
        if rows.len() >= WAITING_MAX
            && let Some(oldest) = rows.iter().min_by_key(|row| row.1.0).map(|row| *row.0)
        {
            rows.remove(&oldest);
        }
        rows.insert(hash(visitor), (now, what));
    }

    /// Takes it away: nothing where nothing was put down, it was taken before, or it is over.
    pub(crate) fn take(&self, visitor: &str, now: Timestamp) -> Option<T> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, what) = rows.remove(&hash(visitor))?;
        (now.us() - since.us() < WAIT_US).then_some(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_to_its_visitor_once_and_not_too_late() {
        let once = Once::default();
        let start = Timestamp::from_us(1);
        once.put("a", start, 7);
        assert_eq!(once.take("b", start), None);
        assert_eq!(once.take("a", start), Some(7));
        assert_eq!(once.take("a", start), None);
        once.put("a", start, 8);
        assert_eq!(once.take("a", Timestamp::from_us(1 + WAIT_US)), None);
        once.put("a", start, 8);
        once.put("a", start, 9);
        assert_eq!(once.take("a", start), Some(9));
    }

    #[test]
    fn many_that_never_come_back_do_not_fill_the_memory() {
        let once = Once::default();
        for i in 0..=WAITING_MAX as i64 {
            once.put(&i.to_string(), Timestamp::from_us(i), i);
        }
        assert_eq!(once.rows.lock().unwrap().len(), WAITING_MAX);
        assert_eq!(once.take("0", Timestamp::from_us(9)), None, "the oldest gave way");
        assert_eq!(once.take("1", Timestamp::from_us(9)), Some(1));
    }
}
