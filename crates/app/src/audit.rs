//! The audit as the doors use it: recording reads in batches, searching, verifying.
//!
//! An entry of a change is written by the store in the transaction of that change. What is recorded here
//! is what changed nothing: that somebody looked at another's data.

pub use store::{AuditFilter, AuditHead, AuditKinds, AuditRecord, NewAudit};

use crate::platform::{Platform, PlatformError};

/// Entries verified with the database held: others wait for no longer than these take.
const VERIFIED_AT_ONCE: u64 = 20_000;

impl Platform {
    /// Records entries durably, all or none; gives the number of the last.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses, or was opened to read.
    pub fn audit_record(&self, entries: &[NewAudit<'_>]) -> Result<u64, PlatformError> {
        Ok(self.aside()?.audit_record(entries)?)
    }

    /// The end of the audit.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn audit_head(&self) -> Result<AuditHead, PlatformError> {
        Ok(self.reader().audit_head()?)
    }

    /// The chain value after an entry, nothing where there is no such entry.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn audit_chain(&self, seq: u64) -> Result<Option<[u8; 32]>, PlatformError> {
        Ok(self.reader().audit_chain(seq)?)
    }

    /// Entries that come after the entry `before` in a list with the newest first.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn audit_before(
        &self,
        filter: &AuditFilter<'_>,
        before: u64,
        limit: usize,
    ) -> Result<Vec<AuditRecord>, PlatformError> {
        Ok(self.reader().audit_before(filter, before, limit)?)
    }

    /// Entries with numbers above `after`, the oldest first.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn audit_after(
        &self,
        filter: &AuditFilter<'_>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditRecord>, PlatformError> {
        Ok(self.reader().audit_after(filter, after, limit)?)
    }

    /// Reads of the data of a party up to an instant, the newest first, without the first `skip` of that
    /// very instant.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn audit_reads_of(
        &self,
        party: &str,
        up_to_us: i64,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<AuditRecord>, PlatformError> {
        Ok(self.reader().audit_reads_of(party, up_to_us, skip, limit)?)
    }

    /// Whether the chain holds over the entries `first..=last`, and, where that is to the end, whether the
    /// head is the last entry; one sentence for each fault.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn audit_verify(&self, first: u64, last: u64) -> Result<Vec<String>, PlatformError> {
        let head = self.audit_head()?.seq;
        let (mut wrong, mut start) = (Vec::new(), first);
        if last >= head && !self.reader().audit_head_holds()? {
            wrong.push("the head of the audit is not its last entry".to_owned());
        }
        let last = last.min(head.max(first));
        if head == 0 {
            return Ok(wrong);
        }
        loop {
            let end = start.saturating_add(VERIFIED_AT_ONCE - 1).min(last);
            wrong.extend(self.reader().audit_verify(start, end)?);
            if end >= last {
                return Ok(wrong);
            }
            start = end + 1;
        }
    }
}
