//! The audit: who did what, and who looked at whose data.
//!
//! An entry of a change is written in the transaction of that change ([`audit_append`]); entries of reads
//! come in batches of their own. Each entry's chain value covers the one before and all its own columns, so
//! that a changed, missing or inserted entry is found ([`crate::Database::check`]).
//!
//! INVARIANT: the audit has one head row, moved by an update that names the head it saw. No statement of
//! this program updates or deletes an entry.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};

use crate::database::{Database, StoreError};

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

/// An entry as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number; the first is 1.
    pub seq: u64,
    /// When, µs.
    pub at_us: i64,
    /// Key of the account that acted; empty for the public and for the platform itself.
    pub account: String,
    /// Stable code of what was done.
    pub action: String,
    /// The party whose data it is; empty where it is nobody's.
    pub subject: String,
    /// On what.
    pub resource: String,
    /// More, as canonical JSON.
    pub detail: String,
    /// The chain value after it.
    pub chain: [u8; 32],
}

/// The end of the audit: whoever holds it can tell later whether what it covers was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last entry, 0 where there is none.
    pub seq: u64,
    /// The chain value after it.
    pub chain: [u8; 32],
}

/// Which entries: an empty text leaves that column open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditFilter<'a> {
    /// The account that acted.
    pub account: &'a str,
    /// The party whose data it is.
    pub subject: &'a str,
    /// Stable code of what was done.
    pub action: &'a str,
    /// From this instant on, µs.
    pub from_us: Option<i64>,
    /// Before this instant, µs.
    pub until_us: Option<i64>,
    /// Whose entries.
    pub kinds: AuditKinds,
}

/// Which kinds of entries a reader of the audit gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AuditKinds {
    /// All.
    #[default]
    All,
    /// Those that tell nothing of trade: about nobody's data, or on an account (`account:…`).
    WithoutTrade,
}

/// The columns of an entry, and the filters that no index serves.
const COLUMNS: &str =
    "SELECT seq, at_us, account, action, subject, resource, detail, chain FROM audit";
const REST: &str = "(?1 = '' OR account = ?1) AND (?2 = '' OR subject = ?2)
    AND (?3 = '' OR action = ?3) AND at_us >= ?4 AND at_us < ?5
    AND (?6 = 0 OR subject = '' OR resource GLOB 'account:*')";

impl Database {
    /// Records entries in a transaction of their own: reads, in batches.
    ///
    /// # Errors
    /// [`StoreError`]; then none of them is recorded.
    pub fn audit_record(&mut self, entries: &[NewAudit<'_>]) -> Result<u64, StoreError> {
        self.transact(|transaction| audit_append(transaction, entries))
    }

    /// The end of the audit.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn audit_head(&self) -> Result<AuditHead, StoreError> {
        const SQL: &str = "SELECT seq, chain FROM audit_head WHERE one = 1"; // primary key
        let read =
            |row: &Row<'_>| Ok(AuditHead { seq: row.get::<_, i64>(0)? as u64, chain: row.get(1)? });
        Ok(self.connection.query_row(SQL, [], read)?)
    }

    /// The chain value after an entry, nothing where there is no such entry.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn audit_chain(&self, seq: u64) -> Result<Option<[u8; 32]>, StoreError> {
        const SQL: &str = "SELECT chain FROM audit WHERE seq = ?1"; // primary key
        let mut statement = self.connection.prepare_cached(SQL)?;
        Ok(statement.query_row([seq as i64], |row| row.get(0)).optional()?)
    }

    /// Entries that come after the entry `before` in a list with the newest first: by number, those of one party by
    /// instant and number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn audit_before(
        &self,
        filter: &AuditFilter<'_>,
        before: u64,
        limit: usize,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        // audit_subject, audit_account or the primary key, whichever the filter names, in its own order
        let (path, order) = if !filter.subject.is_empty() {
            (
                "subject = ?2 AND (at_us, seq) < (COALESCE(
                    (SELECT at_us FROM audit WHERE seq = ?7), 9223372036854775807), ?7)",
                "at_us DESC, seq DESC",
            )
        } else if !filter.account.is_empty() {
            ("account = ?1 AND seq < ?7", "seq DESC")
        } else {
            ("seq < ?7", "seq DESC")
        };
        let sql = format!("{COLUMNS} WHERE {path} AND {REST} ORDER BY {order} LIMIT ?8");
        let before = i64::try_from(before).unwrap_or(i64::MAX);
        self.audit_query(&sql, filter, before, limit)
    }

    /// Entries with numbers above `after`, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn audit_after(
        &self,
        filter: &AuditFilter<'_>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let sql = format!("{COLUMNS} WHERE seq > ?7 AND {REST} ORDER BY seq LIMIT ?8"); // primary key
        self.audit_query(&sql, filter, i64::try_from(after).unwrap_or(i64::MAX), limit)
    }

    /// Reads of the data of a party up to an instant, the newest first, without the first `skip` of that
    /// very instant: a place in the list that tells nothing of entries about others.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn audit_reads_of(
        &self,
        party: &str,
        up_to_us: i64,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        const SQL: &str = "SELECT seq, at_us, account, action, subject, resource, detail, chain
            FROM audit WHERE subject = ?1 AND at_us <= ?2 AND action LIKE '%!_read' ESCAPE '!'
            ORDER BY at_us DESC, seq DESC LIMIT ?3 OFFSET ?4"; // audit_subject
        let mut statement = self.connection.prepare_cached(SQL)?;
        let bound = params![party, up_to_us, limit as i64, skip as i64];
        let rows = statement.query_map(bound, audit_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn audit_query(
        &self,
        sql: &str,
        filter: &AuditFilter<'_>,
        bound: i64,
        limit: usize,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let kinds = match filter.kinds {
            AuditKinds::All => 0,
            AuditKinds::WithoutTrade => 1,
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let bound = params![
            filter.account,
            filter.subject,
            filter.action,
            filter.from_us.unwrap_or(i64::MIN),
            filter.until_us.unwrap_or(i64::MAX),
            kinds,
            bound,
            limit as i64
        ];
        let rows = statement.query_map(bound, audit_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether the chain holds over the entries `first..=last`: each has the number after the one before
    /// it and the chain value that its columns and the one before give. One sentence for each fault.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn audit_verify(&self, first: u64, last: u64) -> Result<Vec<String>, StoreError> {
        let first = first.max(1);
        let mut wrong = Vec::new();
        let before = if first == 1 { Some([0; 32]) } else { self.audit_chain(first - 1)? };
        let Some(before) = before else {
            return Ok(vec![format!("the audit has no entry {}", first - 1)]);
        };
        let mut walk = Walk { seq: first as i64 - 1, chain: before };
        self.audit_walk(first, last, &mut walk, &mut wrong)?;
        let end = i64::try_from(last).unwrap_or(i64::MAX).min(self.audit_head()?.seq as i64);
        if walk.seq < end {
            wrong.push(format!("the audit has no entry {}", walk.seq + 1));
        }
        Ok(wrong)
    }

    /// Whether the head of the audit is its last entry.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn audit_head_holds(&self) -> Result<bool, StoreError> {
        // One statement, so that what is appended meanwhile is in both or in neither.
        const SQL: &str = "SELECT h.seq, h.chain,
            COALESCE((SELECT seq FROM audit ORDER BY seq DESC LIMIT 1), 0),
            COALESCE((SELECT chain FROM audit ORDER BY seq DESC LIMIT 1), zeroblob(32))
            FROM audit_head h WHERE h.one = 1"; // primary key
        let read = |row: &Row<'_>| {
            let head: (i64, [u8; 32]) = (row.get(0)?, row.get(1)?);
            Ok(head == (row.get(2)?, row.get(3)?))
        };
        Ok(self.connection.query_row(SQL, [], read)?)
    }

    /// Follows the chain over `first..=last` and notes each entry that does not follow the one before.
    pub(crate) fn audit_walk(
        &self,
        first: u64,
        last: u64,
        walk: &mut Walk,
        wrong: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        const ENTRIES: &str = "SELECT seq, at_us, account, action, subject, resource, detail, chain
            FROM audit WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq"; // primary key
        let mut statement = self.connection.prepare(ENTRIES)?;
        let ends = [first, last].map(|end| i64::try_from(end).unwrap_or(i64::MAX));
        let mut rows = statement.query(ends)?;
        while let Some(row) = rows.next()? {
            let found = audit_row(row)?;
            let seq = found.seq as i64;
            if seq != walk.seq + 1 {
                wrong.push(format!("the audit has no entry {}", walk.seq + 1));
            }
            if entry_chain(&walk.chain, seq, &found.as_new()) != found.chain {
                wrong.push(format!("audit entry {seq}: it does not follow the one before"));
            }
            *walk = Walk { seq, chain: found.chain };
        }
        Ok(())
    }
}

/// Where a walk along the chain stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk {
    pub(crate) seq: i64,
    pub(crate) chain: [u8; 32],
}

impl AuditRecord {
    fn as_new(&self) -> NewAudit<'_> {
        NewAudit {
            at_us: self.at_us,
            account: &self.account,
            action: &self.action,
            subject: &self.subject,
            resource: &self.resource,
            detail: &self.detail,
        }
    }
}

fn audit_row(row: &Row<'_>) -> Result<AuditRecord, rusqlite::Error> {
    Ok(AuditRecord {
        seq: row.get::<_, i64>(0)? as u64,
        at_us: row.get(1)?,
        account: row.get(2)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        resource: row.get(5)?,
        detail: row.get(6)?,
        chain: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn entry<'a>(account: &'a str, action: &'a str, subject: &'a str, at_us: i64) -> NewAudit<'a> {
        NewAudit { at_us, account, action, subject, resource: "/r", detail: "{}" }
    }

    /// Six entries about two parties and about nobody.
    fn filled() -> (tempfile::TempDir, Database, Connection) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("g.sqlite");
        let mut database = Database::open(&path).unwrap();
        let batch = [
            entry("officer", "book_read", "gad:a", 10),
            entry("officer", "book_read", "gad:b", 10),
            entry("officer", "findings_read", "gad:a", 10),
            entry("", "filings_taken", "gad:a", 20),
        ];
        assert_eq!(database.audit_record(&batch).unwrap(), 4);
        let signed_in = NewAudit { resource: "account:a", ..entry("a", "signed_in", "gad:a", 15) };
        let later = [signed_in, entry("officer", "audit_read", "", 30)];
        assert_eq!(database.audit_record(&later).unwrap(), 6);
        let raw = Connection::open(&path).unwrap();
        (dir, database, raw)
    }

    fn check(filter: AuditFilter<'_>, expected: &[u64]) {
        let (_dir, database, _) = filled();
        let seqs =
            |records: &[AuditRecord]| -> Vec<u64> { records.iter().map(|r| r.seq).collect() };
        // The newest first, one at a time.
        let (mut newest, mut before) = (Vec::new(), u64::MAX);
        while let Some(record) = database.audit_before(&filter, before, 1).unwrap().pop() {
            before = record.seq;
            newest.push(record);
        }
        assert_eq!(newest, database.audit_before(&filter, u64::MAX, 10).unwrap(), "{filter:?}");
        let by_time = newest.is_sorted_by_key(|record| std::cmp::Reverse(record.at_us));
        assert!(filter.subject.is_empty() || by_time, "{filter:?}");
        newest.sort_by_key(|record| record.seq);
        assert_eq!(seqs(&newest), expected, "{filter:?}");
        assert_eq!(newest, database.audit_after(&filter, 0, 10).unwrap(), "{filter:?}");
    }

    #[test]
    fn entries_are_found_by_account_party_action_time_and_kind() {
        let all = AuditFilter::default();
        check(all, &[1, 2, 3, 4, 5, 6]);
        check(AuditFilter { subject: "gad:a", ..all }, &[1, 3, 4, 5]);
        check(AuditFilter { subject: "gad:a", account: "officer", ..all }, &[1, 3]);
        check(AuditFilter { account: "officer", ..all }, &[1, 2, 3, 6]);
        check(AuditFilter { action: "book_read", ..all }, &[1, 2]);
        check(AuditFilter { from_us: Some(15), until_us: Some(30), ..all }, &[4, 5]);
        check(AuditFilter { kinds: AuditKinds::WithoutTrade, ..all }, &[5, 6]);
        check(AuditFilter { subject: "gad:' OR 1=1", ..all }, &[]);
    }

    #[test]
    fn a_list_goes_on_where_it_stopped() {
        let (_dir, database, _) = filled();
        let all = AuditFilter::default();
        let first = database.audit_before(&all, u64::MAX, 4).unwrap();
        let rest = database.audit_before(&all, first[3].seq, 4).unwrap();
        let seqs = |records: &[AuditRecord]| records.iter().map(|r| r.seq).collect::<Vec<_>>();
        assert_eq!((seqs(&first), seqs(&rest)), (vec![6, 5, 4, 3], vec![2, 1]));
        let reads = database.audit_reads_of("gad:a", i64::MAX, 0, 1).unwrap();
        let more = database.audit_reads_of("gad:a", reads[0].at_us, 1, 9).unwrap();
        assert_eq!((seqs(&reads), seqs(&more)), (vec![3], vec![1]));
    }

    #[test]
    fn the_searches_use_their_indices() {
        let (_dir, _, raw) = filled();
        let plan = |sql: &str| -> String {
            let mut statement = raw.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
            rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
        };
        let reads = plan(
            "SELECT seq FROM audit WHERE subject = 'a' AND at_us <= 9 ORDER BY at_us DESC, seq DESC",
        );
        assert!(reads.contains("audit_subject") && !reads.contains("TEMP B-TREE"), "{reads}");
        let party = plan(
            "SELECT seq FROM audit WHERE subject = 'a' AND (at_us, seq) < (9, 9)
                ORDER BY at_us DESC, seq DESC",
        );
        assert!(party.contains("audit_subject") && !party.contains("TEMP B-TREE"), "{party}");
        let account = plan("SELECT seq FROM audit WHERE account = 'a' ORDER BY seq DESC");
        assert!(account.contains("audit_account") && !account.contains("TEMP B-TREE"), "{account}");
    }

    /// What the check and the verification of a range say after somebody wrote into the file.
    fn tampered(sql: &str, expected: &[&str]) {
        let (_dir, database, raw) = filled();
        assert_eq!(database.check(), Vec::<String>::new());
        assert_eq!(database.audit_verify(2, 5).unwrap(), Vec::<String>::new());
        raw.execute_batch(sql).unwrap();
        assert_eq!(database.check(), expected, "{sql}");
    }

    #[test]
    fn a_changed_a_missing_and_an_inserted_entry_are_found() {
        for (column, value) in [
            ("at_us", "11"),
            ("account", "'analyst'"),
            ("action", "'search_read'"),
            ("subject", "'gad:c'"),
            ("resource", "'/other'"),
            ("detail", "'{\"count\":2}'"),
        ] {
            let sql = format!("UPDATE audit SET {column} = {value} WHERE seq = 2");
            tampered(&sql, &["audit entry 2: it does not follow the one before"]);
        }
        tampered(
            "UPDATE audit SET chain = zeroblob(32) WHERE seq = 2",
            &[
                "audit entry 2: it does not follow the one before",
                "audit entry 3: it does not follow the one before",
            ],
        );
        tampered(
            "DELETE FROM audit WHERE seq = 3",
            &["the audit has no entry 3", "audit entry 4: it does not follow the one before"],
        );
        tampered(
            "DELETE FROM audit WHERE seq = 6",
            &["the head of the audit is not its last entry"],
        );
        tampered("DELETE FROM audit", &["the head of the audit is not its last entry"]);
        tampered(
            "INSERT INTO audit SELECT 7, at_us, account, action, subject, resource, detail, chain
                FROM audit WHERE seq = 6",
            &[
                "audit entry 7: it does not follow the one before",
                "the head of the audit is not its last entry",
            ],
        );
        tampered(
            "UPDATE audit SET seq = 7 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 5;
                UPDATE audit SET seq = 5 WHERE seq = 7",
            &[
                "audit entry 5: it does not follow the one before",
                "audit entry 6: it does not follow the one before",
                "the head of the audit is not its last entry",
            ],
        );
    }

    #[test]
    fn a_range_is_verified_by_itself() {
        let (_dir, database, raw) = filled();
        raw.execute("UPDATE audit SET account = 'x' WHERE seq = 2", []).unwrap();
        assert_eq!(database.audit_verify(3, 6).unwrap(), Vec::<String>::new());
        assert_eq!(
            database.audit_verify(1, 3).unwrap(),
            ["audit entry 2: it does not follow the one before"]
        );
        assert!(database.audit_head_holds().unwrap());
        raw.execute("DELETE FROM audit WHERE seq = 6", []).unwrap();
        assert!(!database.audit_head_holds().unwrap());
        assert_eq!(database.audit_verify(5, 6).unwrap(), ["the audit has no entry 6"]);
        raw.execute("DELETE FROM audit WHERE seq = 4", []).unwrap();
        assert_eq!(database.audit_verify(5, 5).unwrap(), ["the audit has no entry 4"]);
    }
}
