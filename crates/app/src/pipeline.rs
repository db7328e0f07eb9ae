//! The import of a file into the platform: parsed side by side, applied in order, made durable.
//!
//! One thread cuts the file into chunks, workers parse them, this thread applies them to the books,
//! and another commits full batches. Chunks go round the workers in turn, each with room for one, so
//! memory stays bounded whichever of them is slow.
//!
//! Invariants: what a report calls filed is durable; a batch that cannot be committed is taken back
//! out of the books with all that followed it; a dry run is seen by nobody.

use std::io::Read;
use std::sync::{PoisonError, RwLockWriteGuard};

use base::Timestamp;
use crossbeam_channel::{Receiver, Sender, bounded};
use formats::{Chunk, FormatError, Layout};
use insight::graph::Mark;
use sha2::{Digest, Sha256};
use store::{Database, NewBatch, NewBlock, NewParty, StoreError};

use crate::audience::Audience;
use crate::books::Books;
use crate::import::{BATCH_ROWS, Batch, ImportOptions, Importer, Series};
use crate::parse::{Parsed, chunk_parse};
use crate::platform::{Platform, PlatformError, Writer};
use crate::report::ImportReport;

/// Progress of an import.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// Rows read so far.
    pub rows: u64,
    /// Bytes of the source read so far.
    pub bytes: u64,
}

/// A parsed chunk with the bytes of the source taken so far.
type ParsedChunk = Result<(u64, Parsed), FormatError>;

/// The committing thread is gone; its error tells why.
struct Gone;

/// The books that an import changes.
enum Access<'p> {
    /// Those that everybody reads, chunk by chunk.
    Shared(&'p Platform),
    /// The same, kept from everybody for the whole of a dry run.
    Held(RwLockWriteGuard<'p, Books>),
}

impl Access<'_> {
    fn change<T>(&mut self, change: impl FnOnce(&mut Books) -> T) -> T {
        match self {
            Access::Shared(platform) => platform.change(change),
            Access::Held(books) => change(books),
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Books) -> T) -> T {
        match self {
            Access::Shared(platform) => read(&platform.books()),
            Access::Held(books) => read(books),
        }
    }
}

impl Platform {
    /// Imports one file. Filings are durable when this returns; after an error those of the batches
    /// before it are, and importing the same file again goes on from there.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses; what is wrong with the file is in the report.
    pub fn import(
        &self,
        source: Box<dyn Read + Send>,
        options: ImportOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportReport, PlatformError> {
        let (dry_run, series) = (options.dry_run, options.series);
        // A dry run needs no writer: it goes beside one, also of another process.
        let mut writer = if dry_run { None } else { Some(self.writer()?) };
        let mut access = if dry_run {
            Access::Held(self.inner.books.write().unwrap_or_else(PoisonError::into_inner))
        } else {
            Access::Shared(self)
        };
        let mark = access.read(|books| books.graph().mark());
        let mut importer = access.read(|books| Importer::new(books, options));
        let done = match formats::open_as(source, &formats::Limits::default(), importer.decimal()) {
            Ok(reader) => {
                let durable = writer.as_deref_mut();
                self.import_reader(reader, &mut importer, &mut access, durable, progress)
            }
            Err(error) => {
                importer.file_error(&error);
                Ok(())
            }
        };
        // Readers of shared books go on meanwhile: only this thread writes.
        let mut report = access.read(|books| importer.finish(books));
        if dry_run {
            access.change(|books| books.graph_mut().rollback(&mark));
        }
        drop(access);
        done?;
        if let Some(writer) = &mut writer
            && series == Series::Alone
        {
            self.snapshot_note(writer, &mut report);
        }
        Ok(report)
    }

    /// Ends an import of several files: what the ledger says of their filings together, of which
    /// `first_filing` is the number of the first, and the snapshot.
    ///
    /// # Errors
    /// [`PlatformError::ReadOnly`] where it was opened to read.
    pub fn import_end(&self, first_filing: u32) -> Result<ImportReport, PlatformError> {
        let mut writer = self.writer()?;
        let mut report = ImportReport::default();
        report.ledger(&self.books(), first_filing, Audience::Authority);
        self.snapshot_note(&mut writer, &mut report);
        report.finish();
        Ok(report)
    }

    /// Makes a snapshot if one is due. It is a cache: without it the next start is slower, and nothing
    /// is lost.
    fn snapshot_note(&self, writer: &mut Writer, report: &mut ImportReport) {
        if let Err(error) = self.snapshot_if_due(writer) {
            report.find(&base::Finding {
                line: 0,
                column: String::new(),
                code: "snapshot_not_written",
                severity: base::Severity::Warning,
                message: format!("the filings are recorded; the next start is slower: {error}"),
                accepted: "room on the disk of the data directory".to_owned(),
            });
        }
    }

    fn import_reader(
        &self,
        reader: formats::Reader,
        importer: &mut Importer,
        access: &mut Access<'_>,
        durable: Option<&mut Writer>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), PlatformError> {
        importer.begin(&reader);
        let layout = reader.layout().clone();
        let committer = Committer {
            platform: self,
            submitter: importer.submitter(),
            account: importer.account(),
            recorded_at: importer.recorded_at(),
        };
        std::thread::scope(|scope| {
            let parsed = workers(scope, reader, &layout);
            let (batch_out, batch_in) = bounded::<(Mark, Batch)>(1);
            let committing = durable.map(|writer| {
                scope.spawn(move || {
                    for (mark, batch) in batch_in {
                        if let Err(error) = committer.commit(&mut writer.database, &batch) {
                            return Some((mark, error));
                        }
                    }
                    None
                })
            });
            let batches = committing.is_some().then_some(batch_out);
            let mut applying = Applying { access, importer, batches, mark: None };
            let whole = applying.all(&parsed, progress).and_then(|()| applying.close());
            // Hanging up lets the other threads end.
            drop((applying.batches.take(), parsed));
            let failed = committing.and_then(|thread| thread.join().ok().flatten());
            match (failed, whole) {
                (Some((mark, error)), _) => {
                    access.change(|books| books.graph_mut().rollback(&mark));
                    Err(error.into())
                }
                (None, Ok(())) => Ok(()),
                (None, Err(Gone)) => Err(PlatformError::ReadOnly),
            }
        })
    }
}

/// Starts the thread that cuts the file and the workers that parse; gives where each worker's
/// chunks come out, which are to be taken in turn.
fn workers<'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    mut reader: formats::Reader,
    layout: &'scope Layout,
) -> Vec<Receiver<ParsedChunk>> {
    let common = base::Common::embedded();
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    let mut chunks: Vec<Sender<Result<Chunk, FormatError>>> = Vec::new();
    let mut parsed = Vec::new();
    for _ in 0..count {
        let (chunk_out, chunk_in) = bounded::<Result<Chunk, FormatError>>(1);
        let (parsed_out, parsed_in) = bounded(1);
        chunks.push(chunk_out);
        parsed.push(parsed_in);
        scope.spawn(move || {
            for chunk in chunk_in {
                let parsed = chunk.map(|chunk| {
                    (chunk.consumed_source_bytes(), chunk_parse(chunk, layout, common))
                });
                if parsed_out.send(parsed).is_err() {
                    return;
                }
            }
        });
    }
    scope.spawn(move || {
        for chunks in chunks.iter().cycle() {
            let Some(next) = reader.next_chunk(None).transpose() else { return };
            let ended = next.is_err();
            if chunks.send(next).is_err() || ended {
                return;
            }
        }
    });
    parsed
}

/// Applies parsed chunks in the order of the file.
struct Applying<'a, 'p> {
    access: &'a mut Access<'p>,
    importer: &'a mut Importer,
    /// Where full batches go; nothing in a dry run.
    batches: Option<Sender<(Mark, Batch)>>,
    /// The state before the batch that is being filled.
    mark: Option<Mark>,
}

impl Applying<'_, '_> {
    fn all(
        &mut self,
        parsed: &[Receiver<ParsedChunk>],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Gone> {
        for from in parsed.iter().cycle() {
            match from.recv() {
                Ok(Ok((bytes, parsed))) => {
                    self.begin_batch();
                    let importer = &mut *self.importer;
                    self.access.change(|books| importer.apply(parsed, books));
                    self.importer.bytes(bytes);
                    progress(Progress { rows: self.importer.rows(), bytes });
                    if self.importer.batch.rows >= BATCH_ROWS {
                        self.end_batch()?;
                    }
                }
                Ok(Err(error)) => self.importer.break_off(&error),
                Err(_) => break,
            }
        }
        Ok(())
    }

    fn flush(&mut self) {
        self.begin_batch();
        let importer = &mut *self.importer;
        self.access.change(|books| importer.flush(books));
    }

    fn begin_batch(&mut self) {
        if self.mark.is_none() {
            let recorded_at = self.importer.recorded_at();
            self.mark = Some(self.access.change(|books| {
                let mark = books.graph().mark();
                books.graph_mut().batch(recorded_at);
                mark
            }));
        }
    }

    fn end_batch(&mut self) -> Result<(), Gone> {
        let batch = std::mem::take(&mut self.importer.batch);
        let Some(mark) = self.mark.take() else { return Ok(()) };
        let Some(batches) = &self.batches else { return Ok(()) };
        if batch.filings == 0 {
            self.access.change(|books| books.graph_mut().rollback(&mark));
            return Ok(());
        }
        self.importer.digest(&batch.digest());
        batches.send((mark, batch)).map_err(|_| Gone)
    }

    fn close(&mut self) -> Result<(), Gone> {
        self.flush();
        self.end_batch()
    }
}

/// Makes batches durable.
struct Committer<'p> {
    platform: &'p Platform,
    submitter: Option<String>,
    account: String,
    recorded_at: Timestamp,
}

impl Committer<'_> {
    fn commit(&self, database: &mut Database, batch: &Batch) -> Result<(), StoreError> {
        let blocks: Vec<NewBlock<'_>> = batch
            .blocks
            .iter()
            .map(|b| NewBlock { filings: b.filings, rows: b.rows, bytes: &b.bytes })
            .collect();
        let parties: Vec<NewParty<'_>> = batch
            .parties
            .iter()
            .chain(&self.submitter)
            .map(|identifier| NewParty { party_id: self.party_key(identifier), identifier })
            .collect();
        let owner_id = match &self.submitter {
            None => self.platform.inner.installation,
            Some(party) => database.party_id(party)?.unwrap_or_else(|| self.party_key(party)),
        };
        database.append(&NewBatch {
            owner_id,
            submitter: self.submitter.as_deref().unwrap_or_default(),
            account: &self.account,
            recorded_at_us: self.recorded_at.us(),
            digest: batch.digest(),
            parties: &parties,
            blocks: &blocks,
        })?;
        Ok(())
    }

    /// The key of a party seen for the first time: a UUIDv7 (RFC 9562) of the recording instant,
    /// whose random part is a keyed digest of the identifier, so that nobody outside can guess it and a
    /// repeated try gives the same.
    fn party_key(&self, identifier: &str) -> [u8; 16] {
        let mut sha = Sha256::new();
        sha.update(self.platform.inner.hash_key);
        sha.update(identifier.as_bytes());
        let digest: [u8; 32] = sha.finalize().into();
        let mut random = [0; 10];
        random.copy_from_slice(&digest[..10]);
        let millis = u64::try_from(self.recorded_at.us() / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().into_bytes()
    }
}
