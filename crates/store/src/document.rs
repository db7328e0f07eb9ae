//! Documents of an owner, as sealed chunks inside the database: one transaction and one backup cover
//! them as they cover all else. What the chunks hold only `app` can open.
//!
//! INVARIANTS: a document is there whole or not at all: its head, all its chunks, the job that has it
//! scanned and the entry in the audit are one transaction. What was stored never changes, but for how the
//! scan ended, and but for the seal where the key is changed ([`Database::document_reseal`]); a document
//! found clean or infected stays so.

use rusqlite::{OptionalExtension, Row, params};

use crate::audit::{NewAudit, audit_append};
use crate::database::{Database, StoreError};
use crate::job::{NewJob, job_append};
use crate::people::one_row;

/// How the scan of a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScanState {
    /// Not scanned yet.
    Waiting,
    /// Scanned, nothing found.
    Clean,
    /// Scanned, and something found: kept sealed, as evidence.
    Infected,
    /// The scanner could not do it; it may be tried anew.
    Failed,
}

impl ScanState {
    /// All of them.
    pub const ALL: [ScanState; 4] =
        [ScanState::Waiting, ScanState::Clean, ScanState::Infected, ScanState::Failed];

    /// As it stands in the table.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ScanState::Waiting => "waiting",
            ScanState::Clean => "clean",
            ScanState::Infected => "infected",
            ScanState::Failed => "failed",
        }
    }
}

/// Which document: of whom, and the SHA-256 of its plain bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentKey {
    /// Key of the party whose document it is.
    pub owner_id: [u8; 16],
    /// SHA-256 of its plain bytes.
    pub sha256: [u8; 32],
}

/// What never changes of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentHead {
    /// Which it is.
    pub key: DocumentKey,
    /// Plain bytes.
    pub plain_bytes: u64,
    /// What its content is: a code of `app`.
    pub kind: String,
    /// File name, cleaned, as it was first given.
    pub name: String,
    /// Number of chunks.
    pub chunks: u32,
    /// What its chunks were sealed with beside the key: random.
    pub nonce: [u8; 19],
    /// Tells the key.
    pub key_id: [u8; 8],
    /// Binds all of the above to the key.
    pub tag: [u8; 16],
    /// Key of the account that gave it; empty at the command line.
    pub uploaded_by: String,
    /// When, µs.
    pub uploaded_at_us: i64,
}

/// A document as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// What never changes of it.
    pub head: DocumentHead,
    /// How its scan stands.
    pub scan: ScanState,
    /// What the scanner found, or why it failed; empty otherwise.
    pub scan_detail: String,
    /// By which scanner; empty while it waits.
    pub scanner: String,
    /// When its scan ended, µs.
    pub scanned_at_us: Option<i64>,
}

/// How a scan ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanEnd<'a> {
    /// How: not [`ScanState::Waiting`].
    pub state: ScanState,
    /// What was found, or why it failed.
    pub detail: &'a str,
    /// By which scanner.
    pub scanner: &'a str,
    /// When, µs.
    pub at_us: i64,
}

/// What goes with a document into its transaction.
#[derive(Debug)]
pub struct DocumentDeeds<'a> {
    /// Has it scanned.
    pub job: NewJob<'a>,
    /// That it was stored.
    pub entry: NewAudit<'a>,
    /// From when on the bytes of the owner count for `bytes_max`, µs.
    pub since_us: i64,
    /// The most bytes that an owner may store since then.
    pub bytes_max: u64,
}

/// What became of a document that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStored {
    /// It is stored.
    New,
    /// This owner has it already.
    There,
    /// The owner stored as many bytes as it may in that time.
    Full,
}

/// How many documents are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentCount {
    /// Not scanned yet.
    pub waiting: u64,
    /// Nothing found.
    pub clean: u64,
    /// Something found.
    pub infected: u64,
    /// The scanner could not do it.
    pub failed: u64,
}

impl DocumentCount {
    /// All together.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.waiting + self.clean + self.infected + self.failed
    }
}

fn record(row: &Row<'_>) -> Result<DocumentRecord, rusqlite::Error> {
    let code: String = row.get(11)?;
    let scan = ScanState::ALL.into_iter().find(|state| state.code() == code);
    Ok(DocumentRecord {
        head: DocumentHead {
            key: DocumentKey { owner_id: row.get(0)?, sha256: row.get(1)? },
            plain_bytes: row.get::<_, i64>(2)? as u64,
            kind: row.get(3)?,
            name: row.get(4)?,
            chunks: row.get(5)?,
            nonce: row.get(6)?,
            key_id: row.get(7)?,
            tag: row.get(8)?,
            uploaded_by: row.get(9)?,
            uploaded_at_us: row.get(10)?,
        },
        scan: scan.ok_or(rusqlite::Error::InvalidQuery)?,
        scan_detail: row.get(12)?,
        scanner: row.get(13)?,
        scanned_at_us: row.get(14)?,
    })
}

impl Database {
    /// Stores a document with its chunks, the job that has it scanned and the entry in the audit, in one
    /// durable transaction. `chunk` gives the sealed chunk of a number, and may be asked again.
    ///
    /// # Errors
    /// [`StoreError`], also what `chunk` returns; then nothing of it is stored.
    pub fn document_store(
        &mut self,
        head: &DocumentHead,
        chunk: &dyn Fn(u32) -> Result<Vec<u8>, StoreError>,
        deeds: &DocumentDeeds<'_>,
    ) -> Result<DocumentStored, StoreError> {
        const THERE: &str = "SELECT count(*) FROM document WHERE owner_id = ?1 AND sha256 = ?2"; // primary key
        const SINCE: &str = "SELECT coalesce(sum(plain_bytes), 0) FROM document
            WHERE owner_id = ?1 AND uploaded_at_us >= ?2"; // document_uploaded
        const HEAD: &str = "INSERT INTO document (owner_id, sha256, plain_bytes, kind, name, chunks,
            nonce, key_id, tag, uploaded_by, uploaded_at_us, scan, scan_detail, scanner, scanned_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'waiting', '', '', NULL)";
        const CHUNK: &str = "INSERT INTO document_chunk (owner_id, sha256, chunk_no, bytes)
            VALUES (?1, ?2, ?3, ?4)";
        let DocumentKey { owner_id, sha256 } = head.key;
        self.transact(|transaction| {
            let there: i64 = transaction
                .prepare_cached(THERE)?
                .query_row(params![owner_id, sha256], |row| row.get(0))?;
            if there > 0 {
                return Ok(DocumentStored::There);
            }
            let since: i64 = transaction
                .prepare_cached(SINCE)?
                .query_row(params![owner_id, deeds.since_us], |row| row.get(0))?;
            if (since as u64).saturating_add(head.plain_bytes) > deeds.bytes_max {
                return Ok(DocumentStored::Full);
            }
            transaction.prepare_cached(HEAD)?.execute(params![
                owner_id,
                sha256,
                head.plain_bytes as i64,
                head.kind,
                head.name,
                head.chunks,
                head.nonce,
                head.key_id,
                head.tag,
                head.uploaded_by,
                head.uploaded_at_us,
            ])?;
            let mut insert = transaction.prepare_cached(CHUNK)?;
            for chunk_no in 0..head.chunks {
                insert.execute(params![owner_id, sha256, chunk_no, chunk(chunk_no)?])?;
            }
            job_append(transaction, &deeds.job)?;
            audit_append(transaction, std::slice::from_ref(&deeds.entry))?;
            Ok(DocumentStored::New)
        })
    }

    /// A document, nothing where the owner has none of that hash.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn document(&self, key: &DocumentKey) -> Result<Option<DocumentRecord>, StoreError> {
        const SQL: &str =
            "SELECT owner_id, sha256, plain_bytes, kind, name, chunks, nonce, key_id, tag,
            uploaded_by, uploaded_at_us, scan, scan_detail, scanner, scanned_at_us
            FROM document WHERE owner_id = ?1 AND sha256 = ?2"; // primary key
        let mut statement = self.connection.prepare_cached(SQL)?;
        Ok(statement.query_row(params![key.owner_id, key.sha256], record).optional()?)
    }

    /// The documents of an owner, the latest first, at most so many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn documents_latest(
        &self,
        owner_id: &[u8; 16],
        limit: u32,
    ) -> Result<Vec<DocumentRecord>, StoreError> {
        const SQL: &str =
            "SELECT owner_id, sha256, plain_bytes, kind, name, chunks, nonce, key_id, tag,
            uploaded_by, uploaded_at_us, scan, scan_detail, scanner, scanned_at_us
            FROM document WHERE owner_id = ?1
            ORDER BY uploaded_at_us DESC, sha256 LIMIT ?2"; // document_uploaded
        let mut statement = self.connection.prepare_cached(SQL)?;
        let rows = statement.query_map(params![owner_id, limit], record)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The sealed chunk of a number, nothing where there is none.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn document_chunk(
        &self,
        key: &DocumentKey,
        chunk_no: u32,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        const SQL: &str = "SELECT bytes FROM document_chunk
            WHERE owner_id = ?1 AND sha256 = ?2 AND chunk_no = ?3"; // primary key
        let mut statement = self.connection.prepare_cached(SQL)?;
        let bound = params![key.owner_id, key.sha256, chunk_no];
        Ok(statement.query_row(bound, |row| row.get(0)).optional()?)
    }

    /// Notes how the scan of a document ended, with an entry in the audit. Whether it was still open:
    /// what was found clean or infected stays so.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is changed.
    pub fn document_scanned(
        &mut self,
        key: &DocumentKey,
        end: &ScanEnd<'_>,
        entry: &NewAudit<'_>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE document SET scan = ?3, scan_detail = ?4, scanner = ?5,
            scanned_at_us = ?6
            WHERE owner_id = ?1 AND sha256 = ?2 AND scan IN ('waiting', 'failed')"; // primary key
        self.transact(|transaction| {
            let bound = params![
                key.owner_id,
                key.sha256,
                end.state.code(),
                end.detail,
                end.scanner,
                end.at_us
            ];
            let changed = transaction.prepare_cached(SQL)?.execute(bound)?;
            if changed == 1 {
                audit_append(transaction, std::slice::from_ref(entry))?;
            }
            Ok(changed == 1)
        })
    }

    /// Lets the failed jobs of a kind be tried anew, as when what they lacked has been set up. How many.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is changed.
    pub fn jobs_again(&mut self, kind: &str, now_us: i64) -> Result<u64, StoreError> {
        const SQL: &str =
            "UPDATE job SET state = 'waiting', due_us = ?2, tries = 0, changed_at_us = ?2
            WHERE state = 'failed' AND kind = ?1"; // job_due
        self.transact(|transaction| {
            Ok(transaction.prepare_cached(SQL)?.execute(params![kind, now_us])? as u64)
        })
    }

    /// How many documents are in each state.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn document_count(&self) -> Result<DocumentCount, StoreError> {
        const SQL: &str = "SELECT count(*) FROM document WHERE scan = ?1"; // document_scan
        let mut statement = self.connection.prepare_cached(SQL)?;
        let mut count = |state: ScanState| -> Result<u64, StoreError> {
            Ok(statement.query_row([state.code()], |row| row.get::<_, i64>(0))? as u64)
        };
        Ok(DocumentCount {
            waiting: count(ScanState::Waiting)?,
            clean: count(ScanState::Clean)?,
            infected: count(ScanState::Infected)?,
            failed: count(ScanState::Failed)?,
        })
    }

    /// Whether there is a document that was sealed with another key than this; one such key, then.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn document_key_other(
        &self,
        [one, two]: &[[u8; 8]; 2],
    ) -> Result<Option<[u8; 8]>, StoreError> {
        const SQL: &str = "SELECT key_id FROM document WHERE key_id NOT IN (?1, ?2) LIMIT 1"; // all heads, once at the start of a process
        Ok(self.connection.query_row(SQL, params![one, two], |row| row.get(0)).optional()?)
    }

    /// Documents after one, by owner and hash, that are sealed with a key; at most so many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn documents_sealed_with(
        &self,
        key_id: &[u8; 8],
        after: &DocumentKey,
        limit: u32,
    ) -> Result<Vec<DocumentRecord>, StoreError> {
        const SQL: &str =
            "SELECT owner_id, sha256, plain_bytes, kind, name, chunks, nonce, key_id, tag,
            uploaded_by, uploaded_at_us, scan, scan_detail, scanner, scanned_at_us
            FROM document WHERE (owner_id, sha256) > (?2, ?3) AND key_id = ?1
            ORDER BY owner_id, sha256 LIMIT ?4"; // primary key
        let mut statement = self.connection.prepare_cached(SQL)?;
        let bound = params![key_id, after.owner_id, after.sha256, limit];
        Ok(statement.query_map(bound, record)?.collect::<Result<_, _>>()?)
    }

    /// Puts a document that was sealed anew in the place of itself, in one durable transaction: nonce, key
    /// and tag of its head, and every chunk. What it says stays as it was.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it is not there as it was, sealed with the key before; then nothing
    /// is changed.
    pub fn document_reseal(
        &mut self,
        head: &DocumentHead,
        before: &[u8; 8],
        chunks: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        const HEAD: &str = "UPDATE document SET nonce = ?4, key_id = ?5, tag = ?6
            WHERE owner_id = ?1 AND sha256 = ?2 AND key_id = ?3 AND chunks = ?7"; // primary key
        const CHUNK: &str = "UPDATE document_chunk SET bytes = ?4
            WHERE owner_id = ?1 AND sha256 = ?2 AND chunk_no = ?3"; // primary key
        let DocumentKey { owner_id, sha256 } = head.key;
        self.transact(|transaction| {
            let changed = transaction.prepare_cached(HEAD)?.execute(params![
                owner_id,
                sha256,
                before,
                head.nonce,
                head.key_id,
                head.tag,
                chunks.len() as i64
            ])?;
            one_row(changed, "document")?;
            let mut update = transaction.prepare_cached(CHUNK)?;
            for (chunk, chunk_no) in chunks.iter().zip(0_u32..) {
                let changed = update.execute(params![owner_id, sha256, chunk_no, chunk])?;
                one_row(changed, "document_chunk")?;
            }
            Ok(())
        })
    }

    /// Calls `each` for every document, by owner and hash.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses; and what `each` returns.
    pub fn documents_each(
        &self,
        mut each: impl FnMut(&DocumentRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "SELECT owner_id, sha256, plain_bytes, kind, name, chunks, nonce, key_id, tag,
            uploaded_by, uploaded_at_us, scan, scan_detail, scanner, scanned_at_us
            FROM document ORDER BY owner_id, sha256"; // primary key
        let mut statement = self.connection.prepare(SQL)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(&record(row)?)?;
        }
        Ok(())
    }

    /// Chunks that no document counts: as many as stand there beyond those that heads tell.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn document_chunks_beyond(&self) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT (SELECT count(*) FROM document_chunk)
            - (SELECT coalesce(sum(chunks), 0) FROM document)";
        Ok(self.connection.query_row(SQL, [], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: [u8; 16] = [1; 16];

    fn database() -> (tempfile::TempDir, Database) {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(&dir.path().join("g.sqlite")).unwrap();
        database
            .connection
            .execute(
                "INSERT INTO party (party_id, verified, registered_at_us) VALUES (?1, 1, 0), (?2, 1, 0)",
                params![OWNER, [2_u8; 16]],
            )
            .unwrap();
        (dir, database)
    }

    fn head(owner: u8, sha: u8, chunks: u32, at_us: i64) -> DocumentHead {
        DocumentHead {
            key: DocumentKey { owner_id: [owner; 16], sha256: [sha; 32] },
            plain_bytes: 10,
            kind: "pdf".into(),
            name: "a.pdf".into(),
            chunks,
            nonce: [3; 19],
            key_id: [4; 8],
            tag: [5; 16],
            uploaded_by: "mira".into(),
            uploaded_at_us: at_us,
        }
    }

    fn entry(action: &str) -> NewAudit<'_> {
        NewAudit { at_us: 1, account: "", action, subject: "", resource: "", detail: "{}" }
    }

    fn deeds(job: u8) -> DocumentDeeds<'static> {
        let job = NewJob { job_id: [job; 16], kind: "scan", body: "{}", due_us: 1, at_us: 1 };
        DocumentDeeds { job, entry: entry("document_stored"), since_us: 100, bytes_max: 25 }
    }

    fn bytes(chunk_no: u32) -> Result<Vec<u8>, StoreError> {
        Ok(vec![chunk_no as u8; 20])
    }

    #[test]
    fn a_document_its_job_and_its_entry_are_stored_together_once_an_owner() {
        let (_dir, mut database) = database();
        let one = head(1, 9, 2, 1);
        let store = |database: &mut Database, head: &DocumentHead, job| {
            database.document_store(head, &bytes, &deeds(job)).unwrap()
        };
        assert_eq!(store(&mut database, &one, 1), DocumentStored::New);
        assert_eq!(store(&mut database, &one, 2), DocumentStored::There);
        assert_eq!(store(&mut database, &head(2, 9, 2, 1), 3), DocumentStored::New);
        assert_eq!(database.audit_head().unwrap().seq, 2);
        assert_eq!(database.job_count().unwrap().open, 2);
        let found = database.document(&one.key).unwrap().unwrap();
        assert_eq!((found.head, found.scan), (one.clone(), ScanState::Waiting));
        assert_eq!(database.document_chunk(&one.key, 1).unwrap(), Some(vec![1; 20]));
        assert_eq!(database.document_chunk(&one.key, 2).unwrap(), None);
        assert_eq!(database.document_chunks_beyond().unwrap(), 0);
    }

    #[test]
    fn of_a_document_that_cannot_be_read_to_its_end_nothing_is_stored() {
        let (_dir, mut database) = database();
        let cut = |chunk_no| if chunk_no == 1 { Err(StoreError::Busy) } else { bytes(chunk_no) };
        assert!(database.document_store(&head(1, 9, 2, 1), &cut, &deeds(1)).is_err());
        assert_eq!(database.document_count().unwrap(), DocumentCount::default());
        assert_eq!(database.document_chunks_beyond().unwrap(), 0);
        assert_eq!(
            (database.job_count().unwrap().open, database.audit_head().unwrap().seq),
            (0, 0)
        );
    }

    #[test]
    fn an_owner_stores_so_many_bytes_in_a_time_and_another_is_not_held_up() {
        let (_dir, mut database) = database();
        let mut store = |owner, sha, at_us, job| {
            database.document_store(&head(owner, sha, 1, at_us), &bytes, &deeds(job)).unwrap()
        };
        // Before that time, then twice within it.
        assert_eq!(store(1, 1, 99, 1), DocumentStored::New);
        assert_eq!(store(1, 2, 100, 2), DocumentStored::New);
        assert_eq!(store(1, 3, 101, 3), DocumentStored::New);
        assert_eq!(store(1, 4, 102, 4), DocumentStored::Full);
        assert_eq!(store(2, 4, 102, 5), DocumentStored::New);
        // What is there is there, however much was stored.
        assert_eq!(store(1, 2, 103, 6), DocumentStored::There);
    }

    #[test]
    fn a_scan_that_found_clean_or_infected_stands_and_one_that_failed_is_tried_anew() {
        let (_dir, mut database) = database();
        let one = head(1, 9, 1, 1);
        database.document_store(&one, &bytes, &deeds(1)).unwrap();
        let mut scanned = |state, detail: &'static str| {
            let end = ScanEnd { state, detail, scanner: "s", at_us: 7 };
            database.document_scanned(&one.key, &end, &entry("document_scanned")).unwrap()
        };
        assert!(scanned(ScanState::Failed, "away"));
        assert!(scanned(ScanState::Infected, "Eicar"));
        assert!(!scanned(ScanState::Clean, ""));
        assert!(!scanned(ScanState::Failed, "late"));
        let found = database.document(&one.key).unwrap().unwrap();
        assert_eq!((found.scan, found.scan_detail.as_str()), (ScanState::Infected, "Eicar"));
        assert_eq!(database.audit_head().unwrap().seq, 3);
        let count = DocumentCount { infected: 1, ..DocumentCount::default() };
        assert_eq!(database.document_count().unwrap(), count);
    }

    #[test]
    fn failed_jobs_of_a_kind_are_tried_anew_and_no_others() {
        let (_dir, mut database) = database();
        database.document_store(&head(1, 9, 1, 1), &bytes, &deeds(1)).unwrap();
        let other = NewJob { job_id: [2; 16], kind: "mail", body: "{}", due_us: 1, at_us: 1 };
        database.jobs_record(&[], &[other]).unwrap();
        while let Some(job) = database.job_take(5, 50, 3).unwrap() {
            database.job_failed(&job, "no scanner", None, 5).unwrap();
        }
        assert_eq!(database.jobs_again("scan", 6).unwrap(), 1);
        assert_eq!(database.jobs_again("scan", 6).unwrap(), 0);
        assert_eq!(database.job_take(6, 50, 3).unwrap().unwrap().kind, "scan");
        assert_eq!(database.job_count().unwrap().failed, 1);
    }

    #[test]
    fn illegal_rows_are_impossible() {
        let (_dir, mut database) = database();
        for (what, head) in [
            (
                "nobody's",
                DocumentHead {
                    key: DocumentKey { owner_id: [7; 16], sha256: [9; 32] },
                    ..head(1, 9, 1, 1)
                },
            ),
            ("without chunks", head(1, 9, 0, 1)),
            ("of nothing", DocumentHead { plain_bytes: 0, ..head(1, 9, 1, 1) }),
            ("without a name", DocumentHead { name: String::new(), ..head(1, 9, 1, 1) }),
            ("with a long name", DocumentHead { name: "x".repeat(201), ..head(1, 9, 1, 1) }),
        ] {
            assert!(database.document_store(&head, &bytes, &deeds(1)).is_err(), "{what}");
        }
    }
}
