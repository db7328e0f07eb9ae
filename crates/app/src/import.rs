//! Importing a file: records to filings, each taken or rejected whole.
//!
//! Workers parse chunks side by side; the filings are applied in the order of the file. What is taken
//! gathers in a batch, which the platform makes durable; a batch is at most [`BATCH_ROWS`] rows, so
//! that memory stays bounded and an interrupted import has lost little.

use std::io::Write;

use base::{Finding, Timestamp};
use formats::{FormatError, Reader, RejectWriter};
use insight::graph::NONE;
use sha2::{Digest, Sha256};
use tracking::filing::ROWS_MAX;
use tracking::{Rejection, Row};

use crate::audience::Audience;
use crate::books::{Books, Outcome};
use crate::findings::unverified_finding;
use crate::law::exported::exported_tried;
use crate::parse::{Group, Parsed, Place, chunk_parse};
use crate::report::{ImportReport, Unread};

/// The most rows that wait to be made durable.
pub const BATCH_ROWS: u64 = 100_000;
/// The bytes of encoded rows after which a block is closed: what must be unpacked to read one filing.
const BLOCK_BYTES: usize = 256 * 1024;
/// The most text of one filing: what is held of it until its last row has been read.
const FILING_BYTES: usize = 32 << 20;

/// The most exported goods of a trial that its report carries: more than anybody reads through.
const EXPORTED_MAX: usize = 200;

/// Whether more files of the same import follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Series {
    /// This file alone.
    #[default]
    Alone,
    /// More may follow: what the ledger says of all of them together, and the snapshot, wait for
    /// [`crate::Platform::import_end`].
    Continues,
}

/// How to import.
#[derive(Default)]
pub struct ImportOptions {
    /// Only filings of this party are taken.
    pub filer: Option<String>,
    /// Report everything, record nothing.
    pub dry_run: bool,
    /// Who submits, in whose book the batches stand; the installation itself where nobody is named.
    pub submitter: Option<String>,
    /// Key of the account that submits, for the audit; empty on the command line.
    pub account: String,
    /// The recording instant of what is taken.
    pub recorded_at: Timestamp,
    /// The decimal mark of the file, where it is known; else its numbers must prove it.
    pub decimal: Option<formats::Decimal>,
    /// Where the rejected rows go.
    pub rejects: Option<Box<dyn Write + Send>>,
    /// Whether more files follow.
    pub series: Series,
    /// The party that reads the report, which is told no figure of others; the authority where none is
    /// named.
    pub reader: Option<String>,
}

impl std::fmt::Debug for ImportOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportOptions")
            .field("filer", &self.filer)
            .field("dry_run", &self.dry_run)
            .field("submitter", &self.submitter)
            .field("recorded_at", &self.recorded_at)
            .finish_non_exhaustive()
    }
}

/// A run of filings in their stored form, to be compressed as one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Block {
    /// Filings in it.
    pub(crate) filings: u32,
    /// Rows in it.
    pub(crate) rows: u32,
    /// Filing after filing: number of rows, digest, rows.
    pub(crate) bytes: Vec<u8>,
}

/// What has been taken and is not yet durable.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) blocks: Vec<Block>,
    pub(crate) filings: u64,
    pub(crate) rows: u64,
    /// Parties that its filings name for the first time.
    pub(crate) parties: Vec<String>,
    digest: Sha256,
}

impl Batch {
    fn push(&mut self, parsed: &Parsed, group: &Group) {
        let full = self.blocks.last().is_none_or(|b| b.bytes.len() >= BLOCK_BYTES);
        if full {
            self.blocks.push(Block::default());
        }
        let last = self.blocks.len() - 1;
        let block = &mut self.blocks[last];
        block.filings += 1;
        block.rows += group.rows.len() as u32;
        block.bytes.extend_from_slice(&(group.rows.len() as u32).to_le_bytes());
        block.bytes.extend_from_slice(&group.digest);
        for row in &group.rows {
            block.bytes.extend_from_slice(parsed.row_bytes(row));
        }
        self.filings += 1;
        self.rows += group.rows.len() as u64;
        self.digest.update(group.digest);
    }

    /// SHA-256 over the digests of the filings in order.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }
}

/// Applies parsed chunks to the books, in order.
pub(crate) struct Importer {
    options: ImportOptions,
    report: ImportReport,
    rejects: Option<RejectWriter<Box<dyn Write + Send>>>,
    rejects_error: Option<std::io::Error>,
    /// The last group of the last chunk, which may go on in the next.
    pending: Option<(Parsed, Group)>,
    /// The name of a filing that has too many rows and is being rejected as it comes.
    overflow: Option<(String, String)>,
    pub(crate) batch: Batch,
    first_filing: u32,
}

impl Importer {
    pub(crate) fn new(books: &Books, mut options: ImportOptions) -> Importer {
        let latest = books.graph().batches.iter().last().copied().unwrap_or(i64::MIN);
        // Recording instants never go back, whatever the clock does.
        options.recorded_at = Timestamp::from_us(options.recorded_at.us().max(latest));
        let report = ImportReport::at(options.recorded_at, options.dry_run);
        let first_filing = books.graph().filings.len() as u32;
        Importer {
            options,
            report,
            rejects: None,
            rejects_error: None,
            pending: None,
            overflow: None,
            batch: Batch::default(),
            first_filing,
        }
    }

    pub(crate) fn recorded_at(&self) -> Timestamp {
        self.options.recorded_at
    }

    pub(crate) fn submitter(&self) -> Option<String> {
        self.options.submitter.clone()
    }

    pub(crate) fn account(&self) -> String {
        self.options.account.clone()
    }

    pub(crate) fn decimal(&self) -> Option<formats::Decimal> {
        self.options.decimal
    }

    pub(crate) fn rows(&self) -> u64 {
        self.report.rows
    }

    pub(crate) fn bytes(&mut self, bytes: u64) {
        self.report.bytes = bytes;
    }

    /// Begins a file: what was recognised of it, and where its rejects go.
    pub(crate) fn begin(&mut self, reader: &Reader) {
        for finding in reader.findings() {
            self.report.notes.push(finding.clone());
            self.report.find(finding);
        }
        if let Some(out) = self.options.rejects.take() {
            self.rejects = Some(RejectWriter::new(out, reader.layout().clone()));
        }
    }

    /// Reads a whole file on this thread, without making anything durable.
    pub(crate) fn run(&mut self, mut reader: Reader, books: &mut Books) {
        self.begin(&reader);
        books.graph_mut().batch(self.options.recorded_at);
        let layout = reader.layout().clone();
        loop {
            match reader.next_chunk(None) {
                Ok(Some(chunk)) => {
                    let parsed = chunk_parse(chunk, &layout, books.common());
                    self.apply(parsed, books);
                }
                Ok(None) => break,
                Err(error) => {
                    self.break_off(&error);
                    break;
                }
            }
        }
        self.flush(books);
    }

    /// Notes what is wrong with the file as a whole.
    pub(crate) fn file_error(&mut self, error: &FormatError) {
        self.report.unread = Some(Unread {
            code: error.code(),
            message: error.to_string(),
            accepted: error.accepted(),
        });
        let rejection = Rejection {
            line: 0,
            column: None,
            code: error.code(),
            message: error.to_string(),
            accepted: error.accepted().to_owned(),
        };
        self.report.reject("", &rejection, b"");
    }

    /// Applies the filings of a chunk; the last one waits for the next chunk.
    pub(crate) fn apply(&mut self, mut parsed: Parsed, books: &mut Books) {
        self.report.rows += parsed.rows;
        if let Some(line) = parsed.open_line {
            self.report.find(&open_line_finding(line));
        }
        let mut groups = std::mem::take(&mut parsed.groups).into_iter().peekable();
        if groups.peek().is_none() {
            // Nothing but blank lines, behind which the filing may go on.
            return;
        }
        // The worker has finished all but the groups at the edges.
        let mut open = true;
        if let Some((before, group)) = self.pending.take() {
            let place = groups.peek().map_or(Place::New, |g| group.place(&g.filer, &g.reference));
            if place == Place::New {
                self.close_all(&before, group, books);
            } else {
                let mut joined = vec![parsed.adopt(&before, group)];
                // Once a second one stands behind it, it is finished.
                while joined.len() == 1
                    && let Some(next) = groups.next()
                {
                    Group::push(&mut joined, next);
                }
                let last =
                    if joined.len() == 1 || groups.peek().is_none() { joined.pop() } else { None };
                for group in joined {
                    self.close(&parsed, group, true, books);
                }
                if let Some(last) = last {
                    return self.wait(parsed, last, books);
                }
                open = false;
            }
        }
        while let Some(group) = groups.next() {
            if groups.peek().is_none() {
                return self.wait(parsed, group, books);
            }
            self.close(&parsed, group, open, books);
            open = false;
        }
    }

    /// Applies an unfinished filing, and the rows behind it that turned out not to be of it.
    fn close_all(&mut self, parsed: &Parsed, group: Group, books: &mut Books) {
        for group in group.flat() {
            self.close(parsed, group, true, books);
        }
    }

    /// Keeps the last group of a chunk, unless it is too long to be kept.
    fn wait(&mut self, parsed: Parsed, mut group: Group, books: &mut Books) {
        let overflowing = self.overflowing(&group);
        if !overflowing && group.lines.len() <= ROWS_MAX && group.raw_bytes() <= FILING_BYTES {
            self.pending = Some((parsed, group));
            return;
        }
        let after = std::mem::take(&mut group.after);
        self.reject(&parsed, &group, vec![too_many_rows(&group)]);
        self.overflow = Some((group.filer, group.reference));
        for group in after {
            self.close_all(&parsed, group, books);
        }
    }

    /// Whether a filing that is too long goes on with this group.
    fn overflowing(&self, group: &Group) -> bool {
        self.overflow.as_ref().is_some_and(|(filer, reference)| {
            *filer == group.filer && *reference == group.reference
        })
    }

    /// Applies what still waits.
    pub(crate) fn flush(&mut self, books: &mut Books) {
        if let Some((parsed, group)) = self.pending.take() {
            self.close_all(&parsed, group, books);
        }
        self.overflow = None;
    }

    /// Ends a file that breaks off: the filing at the break may lack rows, so that it is rejected.
    pub(crate) fn break_off(&mut self, error: &FormatError) {
        if let Some((parsed, group)) = self.pending.take() {
            for group in group.flat() {
                let mut rejections = vec![Rejection {
                    line: group.lines.first().map_or(0, |l| l.0),
                    column: None,
                    code: error.code(),
                    message: format!(
                        "the file breaks off behind filing `{}`, which may lack rows",
                        group.reference
                    ),
                    accepted: error.accepted().to_owned(),
                }];
                rejections.extend_from_slice(&group.rejections);
                self.reject(&parsed, &group, rejections);
            }
        }
        self.overflow = None;
        self.file_error(error);
    }

    /// Takes or rejects a filing. `open`: it stood at the edge of a chunk and is not finished.
    fn close(&mut self, parsed: &Parsed, mut group: Group, open: bool, books: &mut Books) {
        if self.overflow.is_some() {
            if self.overflowing(&group) {
                self.reject(parsed, &group, vec![too_many_rows(&group)]);
                return;
            }
            self.overflow = None;
        }
        if open {
            parsed.finish(&mut group);
        }
        let mut rejections = std::mem::take(&mut group.rejections);
        if rejections.is_empty() {
            rejections.extend(self.foreign(&group));
        }
        if !rejections.is_empty() {
            self.reject(parsed, &group, rejections);
            return;
        }
        let rows: Vec<Row<'_>> = parsed.group_rows(&group).collect();
        match books.file(&rows, &group.digest) {
            Outcome::Duplicate => {
                self.report.duplicate += rows.len() as u64;
                self.report.filings.duplicate += 1;
            }
            Outcome::Rejected(rejection) => self.reject(parsed, &group, vec![rejection]),
            Outcome::Taken { new_parties } => {
                self.report.filed += rows.len() as u64;
                self.report.filings.filed += 1;
                self.report.taken(&group.filer, &group.reference);
                if self.options.dry_run {
                    self.tried(&rows, books);
                }
                for party in new_parties {
                    let finding = unverified_finding(books.graph().parties.get(party));
                    self.batch.parties.push(finding.party.clone());
                    self.report.find(&Finding {
                        line: rows.first().map_or(0, |r| r.line),
                        column: String::new(),
                        code: finding.rule,
                        severity: finding.severity,
                        message: finding.explanation,
                        accepted: String::new(),
                    });
                }
                self.batch.push(parsed, &group);
            }
        }
    }

    /// Keeps the goods of an export that a trial took, the last of the books.
    fn tried(&mut self, rows: &[Row<'_>], books: &Books) {
        let kept: usize = self.report.exported.values().map(Vec::len).sum();
        let Some(number) = (books.graph().filings.len() as u32).checked_sub(1) else { return };
        let fields = rows.iter().map(|row| &row.fields);
        if let Some(goods) = exported_tried(books, number, fields) {
            if kept + goods.len() > EXPORTED_MAX {
                self.report.exported_more += 1;
            } else {
                self.report.exported.insert(number, goods);
            }
        }
    }

    /// A filing of somebody else, where only one party's filings are wanted.
    fn foreign(&self, group: &Group) -> Option<Rejection> {
        let wanted = self.options.filer.as_ref().filter(|f| **f != group.filer)?;
        Some(Rejection {
            line: group.lines.first().map_or(0, |l| l.0),
            column: Some(tracking::Column::Filer),
            code: "not_own_book",
            message: format!("`{}` in `filer` is not the party that files here", group.filer),
            accepted: format!("`{wanted}`"),
        })
    }

    fn reject(&mut self, parsed: &Parsed, group: &Group, rejections: Vec<Rejection>) {
        // The parts of a filing that is too long are one filing.
        self.report.filings.rejected += u64::from(!self.overflowing(group));
        self.report.rejected += group.lines.len() as u64;
        // Lines rise in a group; so the reasons of a line are found by halving, also where each of
        // ten thousand rows has ten.
        let mut rejections = rejections;
        rejections.sort_by_key(|r| r.line);
        let whole: Vec<&Rejection> = rejections
            .iter()
            .filter(|r| group.lines.binary_search_by_key(&r.line, |l| l.0).is_err())
            .collect();
        for &(line, raw) in &group.lines {
            let start = rejections.partition_point(|r| r.line < line);
            let own = rejections[start..].iter().take_while(|r| r.line == line);
            let mut own: Vec<&Rejection> = own.chain(whole.iter().copied()).collect();
            let with_filing = Rejection {
                line,
                column: None,
                code: "with_filing",
                message: format!("another row of filing `{}` is rejected", group.reference),
                accepted: "this row as it is, with the others of its filing".to_owned(),
            };
            if own.is_empty() {
                own.push(&with_filing);
            }
            let text = parsed.raw(raw);
            for rejection in &own {
                self.report.reject(&group.reference, rejection, text);
            }
            self.reject_row(line, text, &own);
        }
    }

    fn reject_row(&mut self, line: u64, text: &[u8], reasons: &[&Rejection]) {
        let Some(writer) = &mut self.rejects else { return };
        let join = |of: &dyn Fn(&Rejection) -> String| {
            let mut all: Vec<String> = Vec::new();
            for reason in reasons {
                let text = of(reason);
                if !text.is_empty() && !all.contains(&text) {
                    all.push(text);
                }
            }
            all.join("; ")
        };
        let code = join(&|r| r.code.to_owned());
        let message = join(&|r| r.message.clone());
        let accepted = join(&|r| r.accepted.clone());
        if let Err(error) = writer.write(text, line, &code, &message, &accepted) {
            self.rejects_error.get_or_insert(error);
        }
    }

    /// Ends the import: the findings of the ledger about what was taken, and the report.
    pub(crate) fn finish(mut self, books: &Books) -> ImportReport {
        if self.options.series == Series::Alone {
            let reader =
                self.options.reader.as_deref().map_or(Audience::Authority, Audience::Party);
            self.report.ledger(books, self.first_filing, reader);
        }
        if let Some(writer) = self.rejects.take()
            && let Err(error) = writer.finish()
        {
            self.rejects_error.get_or_insert(error);
        }
        if let Some(error) = &self.rejects_error {
            self.report.find(&Finding {
                line: 0,
                column: String::new(),
                code: "rejects_not_written",
                severity: base::Severity::Error,
                message: format!("the rejects file could not be written: {error}"),
                accepted: "a place with room that may be written to".to_owned(),
            });
        }
        let filings = &books.graph().filings;
        self.report.exported.retain(|number, _| filings.at(*number).replaced_by == NONE);
        self.report.finish();
        self.report
    }

    pub(crate) fn digest(&mut self, digest: &[u8; 32]) {
        self.report.digest = hex(digest);
    }
}

fn too_many_rows(group: &Group) -> Rejection {
    let mib = FILING_BYTES >> 20;
    Rejection {
        line: group.lines.first().map_or(0, |l| l.0),
        column: None,
        code: "too_many_rows",
        message: format!(
            "filing `{}` has more than {ROWS_MAX} rows or {mib} MiB of text",
            group.reference
        ),
        accepted: format!(
            "at most {ROWS_MAX} rows and {mib} MiB of text; split it into several filings"
        ),
    }
}

fn open_line_finding(line: u64) -> Finding {
    Finding {
        line,
        column: String::new(),
        code: "no_final_line_end",
        severity: base::Severity::Note,
        message: "the last line has no line end: if the file was cut off, its end is missing"
            .to_owned(),
        accepted: String::new(),
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
