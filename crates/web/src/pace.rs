//! How many requests an account may make.
//!
//! A bucket for each account fills at a steady rate up to a minute's worth; a request takes one
//! drop. Who finds it empty is told how long to wait. The public is not counted: what it may read
//! is small and the same for all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::Timestamp;

const MINUTE_US: i64 = 60_000_000;
/// Accounts counted at once; beyond it full buckets, which say nothing, are forgotten.
const ACCOUNTS_MAX: usize = 10_000;

/// The buckets.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Microseconds that one request costs.
    cost_us: i64,
    /// By account: when its bucket will be full again.
    full_at: Mutex<HashMap<String, i64>>,
}

impl Pace {
    pub(crate) fn new(requests_per_minute: u32) -> Pace {
        let cost_us = MINUTE_US / i64::from(requests_per_minute.max(1));
        Pace { cost_us, full_at: Mutex::default() }
    }

    /// Takes a drop; else the seconds until there is one.
    pub(crate) fn take(&self, account: &str, now: Timestamp) -> Result<(), u32> {
        let now = now.us();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= ACCOUNTS_MAX {
            full_at.retain(|_, at| *at > now);
        }
        let at = full_at.entry(account.to_owned()).or_insert(now);
        let next = (*at).max(now) + self.cost_us;
        let over = next - now - MINUTE_US;
        if over > 0 {
            return Err(u32::try_from(over.div_euclid(1_000_000) + 1).unwrap_or(60));
        }
        *at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_bucket_says_how_long_to_wait_and_fills_again() {
        let pace = Pace::new(3);
        let at = |seconds: i64| Timestamp::from_us(1 + seconds * 1_000_000);
        for _ in 0..3 {
            assert_eq!(pace.take("a", at(0)), Ok(()));
        }
        assert_eq!(pace.take("a", at(0)), Err(21));
        assert_eq!(pace.take("b", at(0)), Ok(()));
        assert_eq!(pace.take("a", at(19)), Err(2));
        assert_eq!(pace.take("a", at(20)), Ok(()));
        assert_eq!(pace.take("a", at(20)), Err(21));
    }
}
