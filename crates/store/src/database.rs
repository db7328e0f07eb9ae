//! SQLite: WAL, synchronous=FULL, one writer.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use crate::append::append;
use crate::schema::MIGRATIONS;

/// zstd level of blocks: the fastest that still halves what fast levels leave.
const ZSTD_LEVEL: i32 = 1;
/// The most that a block may unpack to; more is damage.
const BLOCK_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Statements that a connection keeps prepared: more than a step of a case and a page ask.
const STATEMENTS_KEPT: usize = 256;
/// Memory for pages of a connection, in mebibytes; taken only as pages are read.
const PAGES_MIB: u32 = 16;
/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a transaction is tried.
pub(crate) const TRIES: u32 = 5;
/// How long a backup waits before it tries again to read.
const BUSY_WAIT: Duration = Duration::from_millis(200);

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database engine.
    #[error("{}", engine_text(.0))]
    Sqlite(rusqlite::Error),
    /// A file.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A block that does not unpack.
    #[error("block {block} of batch {batch} is damaged: {what}")]
    Damaged {
        /// The batch.
        batch: u64,
        /// The block.
        block: u32,
        /// What is wrong.
        what: String,
    },
    /// Made by a newer version of the program.
    #[error("the database has format {found}; this program knows formats up to {known}")]
    Newer {
        /// Format found.
        found: usize,
        /// Formats known.
        known: usize,
    },
    /// Another process holds the file.
    #[error("another process holds the database file; try again")]
    Busy,
    /// An update that had to change one row changed another number.
    #[error("the head of the log was moved by another writer")]
    HeadMoved,
    /// A row that had to be there, once, was not.
    #[error("a row of `{0}` that had to change was not there")]
    RowMissing(&'static str),
    /// A stored text that is not one of those that may stand there.
    #[error("`{value}` in `{column}` of the database is not understood")]
    Value {
        /// Table and column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
}

/// By hand: as a source, the engine's words would be said a second time.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Sqlite(error)
    }
}

/// The end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Index of the last event, 0 where there is none.
    pub log_index: u64,
    /// Filings recorded.
    pub filings: u64,
    /// Rows recorded.
    pub rows: u64,
}

/// A run of filings to be compressed as one.
#[derive(Debug)]
pub struct NewBlock<'b> {
    /// Filings in it.
    pub filings: u32,
    /// Rows in it.
    pub rows: u32,
    /// Their stored form.
    pub bytes: &'b [u8],
}

/// A party to be registered, unless its identifier is.
#[derive(Debug)]
pub struct NewParty<'b> {
    /// Its key, should it be new.
    pub party_id: [u8; 16],
    /// `scheme:value`.
    pub identifier: &'b str,
}

/// A batch to be recorded.
#[derive(Debug)]
pub struct NewBatch<'b> {
    /// The submitter.
    pub owner_id: [u8; 16],
    /// The submitter as named, `scheme:value`.
    pub submitter: &'b str,
    /// Key of the account that files; empty on the command line.
    pub account: &'b str,
    /// When it is recorded, µs.
    pub recorded_at_us: i64,
    /// Digest over the digests of its filings.
    pub digest: [u8; 32],
    /// Parties that it names for the first time.
    pub parties: &'b [NewParty<'b>],
    /// Its blocks.
    pub blocks: &'b [NewBlock<'b>],
}

/// A batch as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    /// The submitter.
    pub owner_id: [u8; 16],
    /// Step of the submitter's chain.
    pub seq: u64,
    /// Index in the log.
    pub log_index: u64,
    /// When it was recorded, µs.
    pub recorded_at_us: i64,
    /// Canonical body.
    pub body: String,
    /// Digest of the body.
    pub digest: [u8; 32],
    /// Chain value after it.
    pub chain: [u8; 32],
}

/// A block as recorded, unpacked.
#[derive(Debug)]
pub struct BlockRecord {
    /// Index of its batch in the log.
    pub log_index: u64,
    /// Number of its first filing.
    pub first_filing: u64,
    /// Filings in it.
    pub filings: u32,
    /// Their stored form.
    pub bytes: Vec<u8>,
}

/// One step of a chain: `SHA-256(previous ‖ digest)`; the first step starts from zeros.
#[must_use]
pub fn chain_step(previous: &[u8; 32], digest: &[u8; 32]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(previous);
    sha.update(digest);
    sha.finalize().into()
}

/// A connection to the database of a data directory.
#[derive(Debug)]
pub struct Database {
    pub(crate) connection: Connection,
}

impl Database {
    /// Opens a database to write, making or migrating it first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses or the format is newer.
    pub fn open(path: &Path) -> Result<Database, StoreError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // Takes effect on a new file only: blocks are tens of kilobytes.
        connection.pragma_update(None, "page_size", 16_384)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        migrate(&mut connection)?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        let database = Database { connection };
        database.pages_keep(PAGES_MIB)?;
        Ok(database)
    }

    /// Gives this connection more memory for pages, in mebibytes, so that it need not read again what it writes
    /// all the time.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn pages_keep(&self, mebibytes: u32) -> Result<(), StoreError> {
        // Negative: kibibytes, not pages.
        let kibibytes = -i64::from(mebibytes) * 1024;
        Ok(self.connection.pragma_update(None, "cache_size", kibibytes)?)
    }

    /// Counts the statements that this connection runs from now on: a page is to ask as many whatever it shows.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn statements_count(&mut self) -> Result<Arc<AtomicU64>, StoreError> {
        let count = Arc::new(AtomicU64::new(0));
        let counted = count.clone();
        let count_one = move |_: TraceEvent<'_>| {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        self.connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count_one))?;
        Ok(count)
    }

    /// From now on overwrites with zeros what this connection removes or replaces, so that a one-time link is not
    /// found in what is left of a page.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn forget(&self) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "secure_delete", "ON")?)
    }

    /// Opens a database to read.
    ///
    /// # Errors
    /// [`StoreError`] where it is not there, or of another format.
    pub fn open_read(path: &Path) -> Result<Database, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let found = user_version(&connection)?;
        if found > MIGRATIONS.len() {
            return Err(StoreError::Newer { found, known: MIGRATIONS.len() });
        }
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        let database = Database { connection };
        database.pages_keep(PAGES_MIB)?;
        Ok(database)
    }

    /// Holds the present state: what others write from now on is not seen on this connection.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hold(&self) -> Result<(), StoreError> {
        // The state is that of the first read, so that one is made.
        self.connection.execute_batch("BEGIN")?;
        head(&self.connection).map(|_| ())
    }

    /// Whether the database was made to its end, which is when it has this value of the
    /// installation. Without it but with filings, it is damaged.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn made(&self, name: &str) -> Result<bool, StoreError> {
        if user_version(&self.connection)? == 0 {
            return Ok(false);
        }
        Ok(self.meta(name)?.is_some() || self.head()?.log_index > 0)
    }

    /// A value of this installation.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        const SQL: &str = "SELECT value FROM meta WHERE name = ?1"; // primary key
        Ok(self.connection.query_row(SQL, [name], |row| row.get(0)).optional()?)
    }

    /// Sets a value of this installation that has none yet.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn meta_init(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.connection.execute(SQL, params![name, value])?;
        Ok(())
    }

    /// The key of a party by one of its identifiers.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_id(&self, identifier: &str) -> Result<Option<[u8; 16]>, StoreError> {
        const SQL: &str = "SELECT party_id FROM party_identifier WHERE identifier = ?1"; // primary key
        let mut statement = self.connection.prepare_cached(SQL)?;
        Ok(statement.query_row([identifier], |row| row.get(0)).optional()?)
    }

    /// The end of the log.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn head(&self) -> Result<Head, StoreError> {
        head(&self.connection)
    }

    /// The chain value of an event, nothing where there is no such event.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn event_chain(&self, log_index: u64) -> Result<Option<[u8; 32]>, StoreError> {
        const SQL: &str = "SELECT chain FROM event WHERE log_index = ?1"; // event_log
        Ok(self.connection.query_row(SQL, [log_index as i64], |row| row.get(0)).optional()?)
    }

    /// Records a batch: blocks, event, chain and log head in one durable transaction.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it is recorded.
    pub fn append(&mut self, batch: &NewBatch<'_>) -> Result<BatchRecord, StoreError> {
        let damaged = |error: std::io::Error| StoreError::Damaged {
            batch: 0,
            block: 0,
            what: error.to_string(),
        };
        // With a checksum in each frame, a changed byte is found whenever a block is read.
        let mut compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(damaged)?;
        compressor.include_checksum(true).map_err(damaged)?;
        let mut packed = Vec::with_capacity(batch.blocks.len());
        for block in batch.blocks {
            packed.push(compressor.compress(block.bytes).map_err(damaged)?);
        }
        self.transact(|transaction| append(transaction, batch, &packed))
    }

    /// Runs a transaction, again from its start where another process held the lock.
    pub(crate) fn transact<T>(
        &mut self,
        mut run: impl FnMut(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let result = self.try_transact(&mut run);
            match result {
                Err(StoreError::Sqlite(error)) if busy(&error) && tries < TRIES => {}
                other => return other,
            }
        }
    }

    fn try_transact<T>(
        &mut self,
        run: &mut impl FnMut(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let value = run(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Calls `each` for every batch after a log index, with its blocks unpacked, in order.
    ///
    /// # Errors
    /// [`StoreError`], also where a block is damaged; and what `each` returns.
    pub fn batches_after<E: From<StoreError>>(
        &self,
        log_index: u64,
        mut each: impl FnMut(&BatchRecord, Vec<BlockRecord>) -> Result<(), E>,
    ) -> Result<(), E> {
        const EVENTS: &str = "SELECT owner_id, seq, log_index, recorded_at_us, body, digest, chain
            FROM event WHERE log_index > ?1 AND stream = 'filings' ORDER BY log_index"; // event_log
        const BLOCKS: &str = "SELECT log_index, block_no, first_filing, filings, plain_bytes, bytes
            FROM block WHERE owner_id = ?1 AND log_index = ?2 ORDER BY block_no"; // primary key
        let sqlite = |error| E::from(StoreError::Sqlite(error));
        let mut events = self.connection.prepare(EVENTS).map_err(sqlite)?;
        let mut blocks = self.connection.prepare(BLOCKS).map_err(sqlite)?;
        let mut rows = events.query([log_index as i64]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let record = batch_record(row).map_err(sqlite)?;
            let mut unpacked = Vec::new();
            let mut found =
                blocks.query(params![record.owner_id, record.log_index as i64]).map_err(sqlite)?;
            while let Some(row) = found.next().map_err(sqlite)? {
                unpacked.push(block_record(row)?);
            }
            each(&record, unpacked)?;
        }
        Ok(())
    }

    /// The block that holds a filing.
    ///
    /// # Errors
    /// [`StoreError`], also where the block is damaged.
    pub fn block_of(&self, filing: u64) -> Result<Option<BlockRecord>, StoreError> {
        const SQL: &str = "SELECT log_index, block_no, first_filing, filings, plain_bytes, bytes
            FROM block WHERE first_filing <= ?1 ORDER BY first_filing DESC LIMIT 1"; // block_filing
        let mut statement = self.connection.prepare_cached(SQL)?;
        let mut rows = statement.query([filing as i64])?;
        match rows.next()? {
            Some(row) => block_record(row).map(Some),
            None => Ok(None),
        }
    }

    /// Copies the database into a new file while others read and write it.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses or the file cannot be written.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let mut target = Connection::open(to)?;
        {
            // In one go: what is written meanwhile does not disturb it, and between steps it would
            // begin again.
            let backup = Backup::new(&self.connection, &mut target)?;
            let mut waits = 0;
            while backup.step(-1)? != StepResult::Done {
                waits += 1;
                if waits > TRIES {
                    return Err(StoreError::Busy);
                }
                std::thread::sleep(BUSY_WAIT);
            }
        }
        target.pragma_update(None, "journal_mode", "DELETE")?;
        target.close().map_err(|(_, error)| StoreError::Sqlite(error))?;
        std::fs::File::open(to)
            .and_then(|file| file.sync_all())
            .map_err(|error| StoreError::File { path: to.to_owned(), error })
    }
}

fn user_version(connection: &Connection) -> Result<usize, StoreError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(found as usize)
}

/// What the engine says, in words of an operator where it is one of the troubles of a disk.
fn engine_text(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "the disk is full: the database could not be written".to_owned()
        }
        Some(ErrorCode::SystemIoFailure) => {
            format!(
                "the disk refuses: the database could not be read or written ({})",
                error.sqlite_error().map_or(0, |e| e.extended_code)
            )
        }
        Some(ErrorCode::DatabaseCorrupt) => "the database file is malformed".to_owned(),
        Some(ErrorCode::NotADatabase) => "the file is not a database".to_owned(),
        _ => format!("the database says: {error}"),
    }
}

pub(crate) fn busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Brings a database to the format of this program. Keys of other tables are looked at after each step,
/// not in it, so that a table can be made anew under its name.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found = user_version(connection)?;
    if found > MIGRATIONS.len() {
        return Err(StoreError::Newer { found, known: MIGRATIONS.len() });
    }
    connection.pragma_update(None, "foreign_keys", "OFF")?;
    for (position, sql) in MIGRATIONS.iter().enumerate().skip(found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        if transaction.prepare("PRAGMA foreign_key_check")?.exists([])? {
            return Err(StoreError::RowMissing("what another table refers to"));
        }
        transaction.pragma_update(None, "user_version", position as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

pub(crate) fn head(connection: &Connection) -> Result<Head, StoreError> {
    const SQL: &str = "SELECT log_index, filings, row_count FROM log_head WHERE one = 1";
    Ok(connection.query_row(SQL, [], |row| {
        Ok(Head {
            log_index: row.get::<_, i64>(0)? as u64,
            filings: row.get::<_, i64>(1)? as u64,
            rows: row.get::<_, i64>(2)? as u64,
        })
    })?)
}

pub(crate) fn batch_record(row: &rusqlite::Row<'_>) -> Result<BatchRecord, rusqlite::Error> {
    Ok(BatchRecord {
        owner_id: row.get(0)?,
        seq: row.get::<_, i64>(1)? as u64,
        log_index: row.get::<_, i64>(2)? as u64,
        recorded_at_us: row.get(3)?,
        body: row.get(4)?,
        digest: row.get(5)?,
        chain: row.get(6)?,
    })
}

pub(crate) fn block_record(row: &rusqlite::Row<'_>) -> Result<BlockRecord, StoreError> {
    let (batch, block) = (row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u32);
    let plain = row.get::<_, i64>(4)? as usize;
    let damaged = |what: String| StoreError::Damaged { batch, block, what };
    if plain > BLOCK_BYTES_MAX {
        return Err(damaged(format!("it claims {plain} bytes")));
    }
    let packed = row.get_ref(5)?.as_blob().map_err(|e| damaged(e.to_string()))?;
    let bytes =
        zstd::bulk::decompress(packed, plain).map_err(|error| damaged(error.to_string()))?;
    if bytes.len() != plain {
        return Err(damaged(format!("it unpacks to {} bytes, not {plain}", bytes.len())));
    }
    Ok(BlockRecord {
        log_index: batch,
        first_filing: row.get::<_, i64>(2)? as u64,
        filings: row.get(3)?,
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(owner: u8, text: &[u8]) -> ([u8; 16], Vec<u8>) {
        ([owner; 16], text.to_vec())
    }

    fn append_one(database: &mut Database, (owner_id, bytes): ([u8; 16], Vec<u8>)) -> BatchRecord {
        let blocks = [NewBlock { filings: 2, rows: 3, bytes: &bytes }];
        let new = NewBatch {
            owner_id,
            submitter: "gad:a",
            account: "",
            recorded_at_us: 7,
            digest: [9; 32],
            parties: &[],
            blocks: &blocks,
        };
        database.append(&new).unwrap()
    }

    #[test]
    fn what_is_appended_is_read_back_and_checks() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("g.sqlite");
        let mut database = Database::open(&path).unwrap();
        append_one(&mut database, batch(1, b"first"));
        append_one(&mut database, batch(2, b"second"));
        let last = append_one(&mut database, batch(1, b"third"));
        assert_eq!((last.seq, last.log_index), (2, 3));
        assert_eq!(database.head().unwrap(), Head { log_index: 3, filings: 6, rows: 9 });
        let mut texts = Vec::new();
        let each = |_: &BatchRecord, blocks: Vec<BlockRecord>| {
            texts.extend(blocks.into_iter().map(|b| b.bytes));
            Ok::<(), StoreError>(())
        };
        database.batches_after(1, each).unwrap();
        assert_eq!(texts, [b"second".to_vec(), b"third".to_vec()]);
        assert_eq!(database.block_of(3).unwrap().unwrap().bytes, b"second");
        assert_eq!(database.check(), Vec::<String>::new());
    }

    #[test]
    fn people_of_an_earlier_format_keep_their_sessions() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.sqlite");
        let old = Connection::open(&path).unwrap();
        let before = MIGRATIONS.iter().position(|sql| sql.contains("person_with_desk")).unwrap();
        for sql in &MIGRATIONS[..before] {
            old.execute_batch(sql).unwrap();
        }
        old.pragma_update(None, "user_version", before as i64).unwrap();
        old.execute_batch(
            "INSERT INTO person VALUES ('a', 'person', 'A', '', '', 'officer', NULL, 'active', '',
                NULL, NULL, NULL, 0, 1, 1);
            INSERT INTO session VALUES (zeroblob(32), zeroblob(16), 'a', 'password', 1, 1, 1, 1, 2, '',
                NULL);",
        )
        .unwrap();
        drop(old);
        let database = Database::open(&path).unwrap();
        let count = |sql: &str| database.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let joined =
            "SELECT count(*) FROM session s JOIN person p ON p.account = s.account AND p.desk = ''";
        assert_eq!(count(joined).unwrap(), 1);
        let orphan = database.connection.execute("DELETE FROM person WHERE account = 'a'", []);
        assert!(orphan.is_err(), "a session without its person");
    }

    #[test]
    fn a_changed_event_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("g.sqlite");
        let mut database = Database::open(&path).unwrap();
        append_one(&mut database, batch(1, b"first"));
        append_one(&mut database, batch(1, b"second"));
        let raw = Connection::open(&path).unwrap();
        raw.execute("UPDATE event SET body = '{}' WHERE log_index = 1", []).unwrap();
        let wrong = database.check();
        assert_eq!(wrong, ["event 1: its body was changed"]);
    }

    #[test]
    fn a_backup_is_the_same_database() {
        let dir = tempfile::tempdir().unwrap();
        let mut database = Database::open(&dir.path().join("g.sqlite")).unwrap();
        append_one(&mut database, batch(1, b"first"));
        let copy = dir.path().join("copy.sqlite");
        database.backup(&copy).unwrap();
        let copy = Database::open_read(&copy).unwrap();
        assert_eq!(copy.head().unwrap(), database.head().unwrap());
        assert!(copy.check().is_empty());
    }
}
