//! Failed sign-ins: how long to wait before the next try.
//!
//! NIST SP 800-63B-4, 3.2.2 and ASVS 5.0, 6.3.1. A try counts before it is made and is forgotten when it
//! succeeds, so that tries at once cannot go round the count. Waits grow and end: nobody is locked out by
//! somebody else for long. Whoever comes from the address where the failures came from waits up to an hour;
//! the owner of the account, from elsewhere, a minute at most.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use store::{FailureKind, FailureRecord, PeopleChange};

use super::{PeopleError, Refusal};

const SECOND_US: i64 = 1_000_000;
/// After a day without a failure, it is as if there had been none.
const FORGOTTEN_US: i64 = 24 * 3600 * SECOND_US;

/// Failures that cost no wait, and the longest wait in seconds after them.
fn allowance(kind: FailureKind) -> (u32, i64) {
    match kind {
        // One person at one place: typing errors.
        FailureKind::Pair => (5, 3600),
        // Whatever the address: slows guessing from many of them to 1,440 tries a day.
        FailureKind::Account => (20, 60),
        // Many persons behind one address.
        FailureKind::Address => (60, 900),
        // Who gets here knows the password: nobody else is kept out by this wait.
        FailureKind::Second => (5, 3600),
    }
}

/// What tries are counted by.
pub(super) struct Subjects(Vec<(FailureKind, [u8; 32])>);

fn subject(kind: &str, parts: &[&str]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(kind);
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    sha.finalize().into()
}

/// The network of an address: a household or office has one of these (IPv4 /24, IPv6 /56).
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Ok(IpAddr::V6(v6)) => {
            let bits = v6.to_bits() >> 72;
            format!("{bits:x}/56")
        }
        Err(_) => "unknown".to_owned(),
    }
}

impl Subjects {
    /// Of a first factor.
    pub(super) fn first(account: &str, address: &str) -> Subjects {
        let network = network(address);
        Subjects(vec![
            (FailureKind::Pair, subject("pair", &[account, &network])),
            (FailureKind::Account, subject("account", &[account])),
            (FailureKind::Address, subject("address", &[&network])),
        ])
    }

    /// Of a second factor, and of a proof asked for again.
    pub(super) fn second(account: &str) -> Subjects {
        Subjects(vec![(FailureKind::Second, subject("second", &[account]))])
    }

    /// Counts a try, or says how long to wait.
    pub(super) fn try_note(
        &self,
        change: &PeopleChange<'_>,
        now_us: i64,
    ) -> Result<(), PeopleError> {
        let mut wait_us = 0;
        let mut counted = Vec::new();
        for (kind, subject) in &self.0 {
            let found = change.read().failures(*kind, subject)?;
            let failed = found.filter(|f| now_us - f.last_at_us < FORGOTTEN_US);
            if let Some(failed) = failed {
                wait_us = wait_us.max(failed.last_at_us + wait(*kind, failed.failures) - now_us);
            }
            counted.push((*kind, subject, failed.map_or(0, |f| f.failures)));
        }
        if wait_us > 0 {
            let seconds = u32::try_from((wait_us - 1) / SECOND_US + 1).unwrap_or(3600);
            return Err(Refusal::Wait { seconds }.into());
        }
        for (kind, subject, failures) in counted {
            let failures = failures.saturating_add(1);
            change.failures_put(kind, subject, FailureRecord { failures, last_at_us: now_us })?;
        }
        change.failures_forget(now_us - FORGOTTEN_US)?;
        Ok(())
    }

    /// Forgets the try that succeeded, and what failed before it. Of an address only the try itself: its
    /// other failures are somebody else's.
    pub(super) fn succeeded(&self, change: &PeopleChange<'_>) -> Result<(), PeopleError> {
        for (kind, subject) in &self.0 {
            let found = change.read().failures(*kind, subject)?;
            match found {
                Some(failed) if *kind == FailureKind::Address && failed.failures > 1 => {
                    let failures = failed.failures - 1;
                    change.failures_put(*kind, subject, FailureRecord { failures, ..failed })?;
                }
                _ => change.failures_clear(*kind, subject)?,
            }
        }
        Ok(())
    }
}

/// The wait after a number of failures, µs: it doubles from one second on.
fn wait(kind: FailureKind, failures: u32) -> i64 {
    let (free, longest) = allowance(kind);
    match failures.checked_sub(free) {
        None => 0,
        Some(more) => (1_i64 << more.min(20)).min(longest) * SECOND_US,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_never_exceed_their_longest() {
        assert_eq!(wait(FailureKind::Pair, 4), 0);
        assert_eq!(wait(FailureKind::Pair, 5), SECOND_US);
        assert_eq!(wait(FailureKind::Pair, 8), 8 * SECOND_US);
        assert_eq!(wait(FailureKind::Pair, 1000), 3600 * SECOND_US);
        assert_eq!(wait(FailureKind::Account, 1_000_000), 60 * SECOND_US);
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.200"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.9"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:2::9"));
        assert_ne!(network("2001:db8:0:100::1"), network("2001:db8:0:200::1"));
        assert_eq!(network("x"), network(""));
    }
}
