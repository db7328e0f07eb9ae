//! The audit: who did what, and who looked at whose data.
//!
//! An entry of a change is written in the transaction of that change ([`audit_append`]); entries of reads
//! come in batches of their own. Each entry's chain value covers the one before and all its own columns, so
//! that a changed, missing or inserted entry is found ([`crate::Database::check`]).
//!
//! INVARIANT: the audit has one head row, moved by an update that names the head it saw. No statement of
//! this program updates or deletes an entry.

use rusqlite::{Transaction, params};
use sha2::{Digest, Sha256};

use crate::database::StoreError;

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAudit<'a> {
    /// When, µs.
    pub at_us: i64,
    /// Key of the account that acted; empty for the public and for the platform itself.
    pub account: &'a str,
    /// Stable code of what was done, such as `filings_taken` or `book_read`.
    pub action: &'a str,
    /// The party (`scheme:value`) whose data it is; empty where it is nobody's.
    pub subject: &'a str,
    /// On what, such as `lot:MAG-1`.
    pub resource: &'a str,
    /// More, as canonical JSON; never a secret.
    pub detail: &'a str,
}

/// Writes entries in the transaction of what they tell of; gives the number of the last.
///
/// # Errors
/// [`StoreError::HeadMoved`] where another writer was between; then the transaction must end.
pub(crate) fn audit_append(
    transaction: &Transaction<'_>,
    entries: &[NewAudit<'_>],
) -> Result<u64, StoreError> {
    const HEAD: &str = "SELECT seq, chain FROM audit_head WHERE one = 1";
    const ENTRY: &str = "INSERT INTO audit
        (seq, at_us, account, action, subject, resource, detail, chain)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    const MOVE: &str = "UPDATE audit_head SET seq = ?1, chain = ?2 WHERE one = 1 AND seq = ?3";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?));
    let (start, mut chain) = transaction.prepare_cached(HEAD)?.query_row([], read)?;
    let mut seq = start;
    let mut insert = transaction.prepare_cached(ENTRY)?;
    for entry in entries {
        seq += 1;
        chain = entry_chain(&chain, seq, entry);
        insert.execute(params![
            seq,
            entry.at_us,
            entry.account,
            entry.action,
            entry.subject,
            entry.resource,
            entry.detail,
            chain
        ])?;
    }
    let moved = transaction.prepare_cached(MOVE)?.execute(params![seq, chain, start])?;
    if moved == 1 { Ok(seq as u64) } else { Err(StoreError::HeadMoved) }
}

/// The chain value after an entry: SHA-256 over the one before and the entry's columns, each text led by
/// its length in bytes, so that no two entries give the same bytes.
pub(crate) fn entry_chain(previous: &[u8; 32], seq: i64, entry: &NewAudit<'_>) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(previous);
    digest.update(seq.to_be_bytes());
    digest.update(entry.at_us.to_be_bytes());
    for text in [entry.account, entry.action, entry.subject, entry.resource, entry.detail] {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize().into()
}
