//! The platform on disk: a data directory with the database, and the books in memory over it.
//!
//! One process writes a data directory (a lock file tells which); others read. What is acknowledged
//! is durable: a batch is committed with `synchronous=FULL` before an import reports it. The books
//! follow the log: the snapshot, and what was recorded after it.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use base::Timestamp;
use store::{Database, StoreError};
use tracking::{Column, Row};

use crate::books::{Books, Outcome};
use crate::parse::row_read;
use crate::snapshot::{self, Stand};

/// The database in a data directory.
pub const DATABASE_FILE: &str = "gadolin.sqlite";
const LOCK_FILE: &str = "writer.lock";
/// A snapshot is made when more rows than this, and a thirty-second of what is in it, came after it. To
/// replay a row at the next start costs two microseconds, to write one a tenth: so a start with ten
/// million rows stays below a second, and many small imports write each row thirty times, not thousands.
const SNAPSHOT_ROWS: u64 = 20_000;

/// To write or only to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The one writer of the data directory.
    Write,
    /// A reader beside it.
    Read,
}

/// Why the platform could not do it.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the data directory.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Another process writes this data directory.
    #[error(
        "{path} is held by {holder}, which writes this data; wait until it ends, or file through it"
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// What the holder says of itself.
        holder: String,
    },
    /// There is no data directory yet.
    #[error("{path} holds no data yet; import a file, or run `gadolin demo`")]
    NoData {
        /// The data directory.
        path: PathBuf,
    },
    /// A stored filing that cannot be read back.
    #[error("filing {filing} in the database cannot be read back: {what}")]
    Damaged {
        /// Its number.
        filing: u64,
        /// What is wrong.
        what: String,
    },
    /// The database does not open, or its filings cannot be taken into the books.
    #[error("{path} is damaged: {error}")]
    Unreadable {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        error: Box<PlatformError>,
    },
    /// It was opened to read.
    #[error("the data directory was opened to read only")]
    ReadOnly,
}

/// Chance and time, given by the shell.
#[derive(Debug, Clone, Copy)]
pub struct OpenOptions {
    /// Random bytes, used when the data directory is made: the installation's id and its hash key.
    pub random: [u8; 32],
}

/// A handle on the platform; clones share it.
#[derive(Debug, Clone)]
pub struct Platform {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    dir: PathBuf,
    pub(crate) installation: [u8; 16],
    /// Secret key under which names are hashed and ids of parties derived.
    pub(crate) hash_key: [u8; 16],
    pub(crate) books: RwLock<Books>,
    // Closed before the writer: the connection closed last writes the write-ahead log back, and one
    // that only reads cannot.
    pub(crate) reader: Mutex<Database>,
    /// Everybody's licences as they were last read; locked before the reader.
    pub(crate) licensed: Mutex<crate::licensed::Kept>,
    /// The lists in force, made ready.
    pub(crate) screening: crate::screening::Kept,
    /// Writes what is no filing (audit, jobs, letters) while an import holds the writer for minutes;
    /// nothing where it was opened to read.
    aside: Option<Mutex<Database>>,
    /// Nothing where it was opened to read.
    writer: Option<Mutex<Writer>>,
}

/// What only the writing process has.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) database: Database,
    /// Where the snapshot stands, and how many rows are in it.
    snapshot: (u64, u64),
    /// Held as long as the process writes.
    _lock: File,
}

impl Platform {
    /// Opens a data directory; to write, it is made where there is none.
    ///
    /// # Errors
    /// [`PlatformError::Locked`] names the process that writes it already.
    pub fn open(dir: &Path, mode: Mode, options: &OpenOptions) -> Result<Platform, PlatformError> {
        let path = dir.join(DATABASE_FILE);
        let file = |error| PlatformError::File { path: dir.to_owned(), error };
        let damaged = |error: PlatformError| error.of(&path);
        let (mut writer, mut aside) = (None, None);
        if mode == Mode::Write {
            std::fs::create_dir_all(dir).map_err(file)?;
            let lock = lock(dir)?;
            let database = Database::open(&path).map_err(|e| damaged(e.into()))?;
            database.meta_init("installation", &options.random[..16])?;
            database.meta_init("hash_key", &options.random[16..])?;
            writer = Some(Writer { database, snapshot: (0, 0), _lock: lock });
            let beside = Database::open(&path).map_err(|e| damaged(e.into()))?;
            beside.forget()?;
            aside = Some(beside);
        } else if !path.exists() {
            return Err(PlatformError::NoData { path: dir.to_owned() });
        }
        let reader = Database::open_read(&path).map_err(|e| damaged(e.into()))?;
        if !reader.made("hash_key").map_err(|e| damaged(e.into()))? {
            return Err(PlatformError::NoData { path: dir.to_owned() });
        }
        let Loaded { installation, books, snapshot } = load(&reader, dir).map_err(damaged)?;
        if let Some(writer) = &mut writer {
            writer.snapshot = snapshot;
        }
        Ok(Platform {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                installation,
                hash_key: meta(&reader, "hash_key")?,
                books: RwLock::new(books),
                writer: writer.map(Mutex::new),
                reader: Mutex::new(reader),
                licensed: Mutex::default(),
                screening: crate::screening::Kept::default(),
                aside: aside.map(Mutex::new),
            }),
        })
    }

    /// The books, to read.
    pub fn books(&self) -> RwLockReadGuard<'_, Books> {
        self.inner.books.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    pub(crate) fn writer(&self) -> Result<MutexGuard<'_, Writer>, PlatformError> {
        let writer = self.inner.writer.as_ref().ok_or(PlatformError::ReadOnly)?;
        Ok(writer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The connection for what is written beside filings.
    pub(crate) fn aside(&self) -> Result<MutexGuard<'_, Database>, PlatformError> {
        let aside = self.inner.aside.as_ref().ok_or(PlatformError::ReadOnly)?;
        Ok(aside.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts what is asked of the database for reading from now on.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn statements_count(&self) -> Result<Arc<AtomicU64>, PlatformError> {
        Ok(self.reader().statements_count()?)
    }

    pub(crate) fn reader(&self) -> MutexGuard<'_, Database> {
        self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Books) -> T) -> T {
        let mut books = self.inner.books.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut books)
    }

    pub(crate) fn snapshot_if_due(&self, writer: &mut Writer) -> Result<(), PlatformError> {
        let head = writer.database.head()?;
        let rows = self.books().graph().legs.len() as u64;
        let (_, covered) = writer.snapshot;
        if rows > covered + covered / 32 + SNAPSHOT_ROWS {
            self.snapshot_write(writer, head.log_index, rows)?;
        }
        Ok(())
    }

    fn snapshot_write(
        &self,
        writer: &mut Writer,
        log_index: u64,
        rows: u64,
    ) -> Result<(), PlatformError> {
        let chain = writer.database.event_chain(log_index)?.unwrap_or_default();
        let stand = Stand { installation: self.inner.installation, log_index, chain };
        let file = |error| PlatformError::File { path: self.inner.dir.join(snapshot::FILE), error };
        snapshot::write(&self.inner.dir, self.books().graph(), &stand).map_err(file)?;
        writer.snapshot = (log_index, rows);
        Ok(())
    }

    /// Makes a snapshot of the present state, so that the next start has nothing to replay.
    ///
    /// # Errors
    /// [`PlatformError`] where it cannot be written.
    pub fn snapshot(&self) -> Result<(), PlatformError> {
        let mut writer = self.writer()?;
        let head = writer.database.head()?;
        let rows = self.books().graph().legs.len() as u64;
        if head.log_index > writer.snapshot.0 {
            self.snapshot_write(&mut writer, head.log_index, rows)?;
        }
        Ok(())
    }

    /// The rows of a filing as filed: (column, text) of each row.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses or the block is damaged.
    pub fn filing_rows(&self, filing: u32) -> Result<Vec<Vec<(Column, String)>>, PlatformError> {
        let database = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(block) = database.block_of(u64::from(filing))? else { return Ok(Vec::new()) };
        let mut at = block.first_filing;
        let mut rows = Vec::new();
        let read = block_read(&block.bytes, |_, fields| {
            if at == u64::from(filing) {
                let texts = |f: &tracking::Fields<'_>| {
                    let all = Column::ALL.iter().map(|&c| (c, f.get(c).to_owned()));
                    all.filter(|(_, text)| !text.is_empty()).collect()
                };
                rows = fields.iter().map(texts).collect();
            }
            at += 1;
            Ok(())
        });
        read.map_err(|what| PlatformError::Damaged { filing: u64::from(filing), what })?;
        Ok(rows)
    }
}

/// Checks a data directory: the database file, the chains, every filing against its digest, and the
/// books as they open against books rebuilt from the filings, whose accounts must add up to nothing; and
/// that each document opens and has its hash, where its key is there.
/// One sentence each; empty is clean.
/// Works beside a writer, and on a database that does not open.
///
/// # Errors
/// [`PlatformError::NoData`] where there is nothing to check.
pub fn fsck(dir: &Path) -> Result<Vec<String>, PlatformError> {
    let path = dir.join(DATABASE_FILE);
    if !path.exists() {
        return Err(PlatformError::NoData { path: dir.to_owned() });
    }
    let opened = Database::open_read(&path).and_then(|database| {
        // One state of the database for all that follows, whatever is written meanwhile.
        database.hold()?;
        Ok(database)
    });
    let database = match opened {
        Ok(database) => database,
        Err(error) => return Ok(vec![PlatformError::from(error).of(&path).to_string()]),
    };
    let mut wrong = database.check();
    if !wrong.is_empty() {
        return Ok(wrong);
    }
    match crate::licence::fsck(&database.licensing()) {
        Ok(faults) => wrong.extend(faults),
        Err(error) => wrong.push(error.to_string()),
    }
    wrong.extend(check_filings(&database)?);
    match crate::cases::check(&database.licensing()) {
        Ok(found) => wrong.extend(found),
        Err(error) => wrong.push(error.to_string()),
    }
    match crate::certificates::check(&database.licensing()) {
        Ok(found) => wrong.extend(found),
        Err(error) => wrong.push(error.to_string()),
    }
    match crate::enquiries::check(&database.licensing()) {
        Ok(found) => wrong.extend(found),
        Err(error) => wrong.push(error.to_string()),
    }
    match crate::general::check(&database.licensing()) {
        Ok(found) => wrong.extend(found),
        Err(error) => wrong.push(error.to_string()),
    }
    wrong.extend(crate::documents::check(&database, dir)?);
    let (opened, fresh) = (load(&database, dir), rebuild(&database));
    match (opened, fresh) {
        (Ok(used), Ok(fresh)) => {
            wrong.extend(differences(&used.books, &fresh));
            let parties = &fresh.graph().parties;
            for party in (0..parties.len() as u32).map(|p| parties.get(p)) {
                if database.party_id(party)?.is_none() {
                    wrong.push(format!("party {party} is named and not registered"));
                }
            }
            wrong.extend(fresh.accounts_check());
        }
        (_, Err(error)) | (Err(error), _) if wrong.is_empty() => wrong.push(error.to_string()),
        _ => {}
    }
    Ok(wrong)
}

/// Copies the database of a data directory into the directory `to`, while others use it.
///
/// # Errors
/// [`PlatformError`] where `to` holds a database already or cannot be written.
pub fn backup(dir: &Path, to: &Path) -> Result<PathBuf, PlatformError> {
    let path = dir.join(DATABASE_FILE);
    if !path.exists() {
        return Err(PlatformError::NoData { path: dir.to_owned() });
    }
    copy(&path, to)
}

/// Restores a backup into a data directory that holds no database yet.
///
/// # Errors
/// [`PlatformError`] where there is one already, or the backup cannot be read.
pub fn restore(backup: &Path, dir: &Path) -> Result<(), PlatformError> {
    let path = backup.join(DATABASE_FILE);
    if !path.exists() {
        return Err(PlatformError::NoData { path: backup.to_owned() });
    }
    copy(&path, dir).map(|_| ())
}

/// Copies a database into a directory that has none. It is there whole or not at all.
fn copy(from: &Path, dir: &Path) -> Result<PathBuf, PlatformError> {
    let (to, fresh) = (dir.join(DATABASE_FILE), dir.join("gadolin.sqlite.new"));
    let file = |path: &Path, error| PlatformError::File { path: path.to_owned(), error };
    std::fs::create_dir_all(dir).map_err(|e| file(dir, e))?;
    if to.exists() {
        return Err(file(&to, std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
    }
    // What an interrupted copy left.
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(file(&fresh, error));
        }
        _ => {}
    }
    let source = Database::open_read(from).map_err(|e| PlatformError::from(e).of(from))?;
    let copied = source.backup(&fresh).map_err(PlatformError::from).and_then(|()| {
        std::fs::rename(&fresh, &to)
            .and_then(|()| File::open(dir)?.sync_all())
            .map_err(|e| file(&to, e))
    });
    if let Err(error) = copied {
        // The copy is of no use; that it cannot be removed is not what went wrong.
        let _ = std::fs::remove_file(&fresh);
        return Err(error);
    }
    Ok(to)
}

impl PlatformError {
    /// The same, told of a database.
    fn of(self, path: &Path) -> PlatformError {
        match self {
            PlatformError::Store(_) | PlatformError::Damaged { .. } => {
                PlatformError::Unreadable { path: path.to_owned(), error: Box::new(self) }
            }
            other => other,
        }
    }
}

fn lock(dir: &Path) -> Result<File, PlatformError> {
    let path = dir.join(LOCK_FILE);
    let file = |error| PlatformError::File { path: path.clone(), error };
    let mut lock = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(file)?;
    match lock.try_lock() {
        Ok(()) => {
            lock.set_len(0).map_err(file)?;
            write!(lock, "process {}", std::process::id()).map_err(file)?;
            Ok(lock)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = lock.read_to_string(&mut holder);
            if holder.is_empty() {
                "another process".clone_into(&mut holder);
            }
            Err(PlatformError::Locked { path, holder })
        }
        Err(TryLockError::Error(error)) => Err(file(error)),
    }
}

fn meta<const N: usize>(database: &Database, name: &str) -> Result<[u8; N], PlatformError> {
    let value = database.meta(name)?.and_then(|v| v.try_into().ok());
    value.ok_or_else(|| PlatformError::Damaged {
        filing: 0,
        what: format!("the database has no `{name}`"),
    })
}

fn hash_key(database: &Database) -> Result<[u64; 2], PlatformError> {
    let bytes: [u8; 16] = meta(database, "hash_key")?;
    let word = |half: &[u8]| half.iter().rev().fold(0, |word, b| word << 8 | u64::from(*b));
    Ok([word(&bytes[..8]), word(&bytes[8..])])
}

/// What a data directory opens to.
struct Loaded {
    installation: [u8; 16],
    /// As the snapshot and the filings after it make them.
    books: Books,
    /// Where the snapshot stands: the event and the rows in it.
    snapshot: (u64, u64),
}

fn load(database: &Database, dir: &Path) -> Result<Loaded, PlatformError> {
    let installation: [u8; 16] = meta(database, "installation")?;
    if let Some((graph, stand)) = snapshot::load(dir, &installation)
        && stands(database, &stand)?
    {
        let snapshot = (stand.log_index, graph.legs.len() as u64);
        let mut books = Books::over(graph);
        replay(database, &mut books, stand.log_index)?;
        return Ok(Loaded { installation, books, snapshot });
    }
    Ok(Loaded { installation, books: rebuild(database)?, snapshot: (0, 0) })
}

/// Whether the database still has the event at which a snapshot stands.
fn stands(database: &Database, stand: &Stand) -> Result<bool, PlatformError> {
    Ok(stand.log_index > 0 && database.event_chain(stand.log_index)? == Some(stand.chain))
}

fn rebuild(database: &Database) -> Result<Books, PlatformError> {
    let mut books = Books::new(hash_key(database)?);
    replay(database, &mut books, 0)?;
    Ok(books)
}

/// Takes the filings recorded after a log index into the books.
fn replay(database: &Database, books: &mut Books, after: u64) -> Result<(), PlatformError> {
    let common = books.common();
    let mut canonical = tracking::row::Canonical::default();
    database.batches_after(after, |record, blocks| {
        books.graph_mut().batch(Timestamp::from_us(record.recorded_at_us));
        for block in blocks {
            let mut filing = block.first_filing;
            let read = block_read(&block.bytes, |digest, fields| {
                let mut rejections = Vec::new();
                canonical.clear();
                let typed = fields
                    .iter()
                    .map(|f| Row::parse(0, f, common, &mut canonical, &mut rejections));
                let rows: Option<Vec<Row<'_>>> = typed.collect();
                let rows = rows.ok_or_else(|| fault(&rejections))?;
                match books.file(&rows, digest) {
                    Outcome::Taken { .. } => {}
                    Outcome::Duplicate => return Err("it stands there twice".to_owned()),
                    Outcome::Rejected(rejection) => return Err(rejection.message),
                }
                filing += 1;
                Ok(())
            });
            read.map_err(|what| PlatformError::Damaged { filing, what })?;
        }
        Ok(())
    })
}

fn fault(rejections: &[tracking::Rejection]) -> String {
    rejections.first().map_or_else(|| "it does not parse".to_owned(), |r| r.message.clone())
}

/// Calls `each` for every filing of an unpacked block with its digest and rows.
pub(crate) fn block_read(
    bytes: &[u8],
    mut each: impl FnMut(&[u8; 32], &[tracking::Fields<'_>]) -> Result<(), String>,
) -> Result<(), String> {
    let cut = || "the block ends early".to_owned();
    let mut at = 0;
    while at < bytes.len() {
        let count = bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        let digest: Option<&[u8; 32]> = bytes.get(at + 4..at + 36).and_then(|b| b.try_into().ok());
        let (count, digest) = count.zip(digest).ok_or_else(cut)?;
        at += 36;
        let mut rows = Vec::with_capacity((count as usize).min(1024));
        for _ in 0..count {
            rows.push(row_read(bytes, &mut at).ok_or_else(cut)?);
        }
        each(digest, &rows)?;
    }
    Ok(())
}

/// Every filing against its digest, every batch against its own.
fn check_filings(database: &Database) -> Result<Vec<String>, PlatformError> {
    use sha2::{Digest, Sha256};
    let common = base::Common::embedded();
    let mut wrong = Vec::new();
    database.batches_after(0, |record, blocks| {
        let mut batch = Sha256::new();
        for block in blocks {
            let mut filing = block.first_filing;
            let read = block_read(&block.bytes, |digest, fields| {
                batch.update(digest);
                let mut all = Vec::new();
                let mut ends = Vec::new();
                let mut canonical = tracking::row::Canonical::default();
                for fields in fields {
                    canonical.clear();
                    let mut rejections = Vec::new();
                    Row::parse(0, fields, common, &mut canonical, &mut rejections);
                    all.extend_from_slice(canonical.bytes());
                    ends.push(all.len());
                }
                let mut start = 0;
                let mut rows: Vec<&[u8]> = Vec::new();
                for end in ends {
                    rows.push(&all[start..end]);
                    start = end;
                }
                if tracking::filing::filing_digest(&mut rows) != *digest {
                    wrong.push(format!("filing {filing}: its rows do not fit its digest"));
                }
                filing += 1;
                Ok(())
            });
            if let Err(what) = read {
                wrong.push(format!("batch {}: {what}", record.log_index));
            }
        }
        let digest: [u8; 32] = batch.finalize().into();
        if !record.body.contains(&crate::import::hex(&digest)) {
            wrong.push(format!("batch {}: its filings do not fit its digest", record.log_index));
        }
        Ok::<(), PlatformError>(())
    })?;
    Ok(wrong)
}

/// Where books in use differ from books rebuilt.
fn differences(used: &Books, fresh: &Books) -> Vec<String> {
    if used.graph().agrees(fresh.graph()) {
        Vec::new()
    } else {
        vec!["the graph in use is not the one that the filings make; remove graph.snapshot and start again".to_owned()]
    }
}
