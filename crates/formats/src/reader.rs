//! Opens a file and cuts it into chunks of whole records.

use std::io::Read;
use std::sync::Arc;

use base::{Finding, Severity};
use memchr::{memchr, memchr_iter, memchr2};
use tracking::Column;

use crate::cut::{Cut, cut};
use crate::dialect::{Compression, Decimal, DecimalEvidence, Dialect, Separator};
use crate::error::FormatError;
use crate::layout::{self, Layout};
use crate::limits::Limits;
use crate::scan::{self, RecordEnd};
use crate::source::{Source, text_check};

/// Text in which the numbers must show their decimal mark.
const SNIFF_BYTES: usize = 256 << 10;
/// The part of a line beyond the limit that is searched for its reference and filer.
const PREFIX_BYTES: usize = 64 << 10;
/// The longest reference or filer taken from a line beyond the limit.
const STUB_FIELD_BYTES: usize = 512;

/// A file of filings that is being read.
pub struct Reader {
    source: Source,
    limits: Limits,
    layout: Arc<Layout>,
    findings: Vec<Finding>,
    buffer: Buffer,
    /// Physical line with which `buffer` begins.
    line: u64,
    ended: bool,
    failure: Option<FormatError>,
    /// Whether `buffer` begins inside a line that was given up.
    skipping: bool,
}

/// Text that no chunk holds yet; it begins with a record. The memory beyond the text is kept
/// initialised, so that reading need not clear it again and again.
#[derive(Default)]
struct Buffer {
    memory: Vec<u8>,
    filled: usize,
}

impl Buffer {
    fn text(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    /// Reads until `target` bytes are there, or the file ends: then `false`.
    fn fill(&mut self, target: usize, source: &mut Source) -> Result<bool, FormatError> {
        if self.memory.len() < target {
            self.memory.resize(target, 0);
        }
        while self.filled < target {
            match source.read(&mut self.memory[self.filled..target])? {
                0 => return Ok(false),
                count => self.filled += count,
            }
        }
        Ok(true)
    }

    /// Takes the first `length` bytes out; the rest moves to `other`.
    fn split(&mut self, length: usize, mut other: Vec<u8>) -> Vec<u8> {
        let rest = &self.memory[length..self.filled];
        if other.len() < rest.len() {
            other.resize(rest.len(), 0);
        }
        other[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
        let mut taken = std::mem::replace(&mut self.memory, other);
        taken.truncate(length);
        taken
    }

    /// Drops the first `length` bytes.
    fn drop_first(&mut self, length: usize) {
        self.memory.copy_within(length..self.filled, 0);
        self.filled -= length;
    }
}

/// Whole records of a file, as text.
#[derive(Debug, Clone)]
pub struct Chunk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) first_line: u64,
    pub(crate) consumed_source_bytes: u64,
    pub(crate) broken: Option<Broken>,
    pub(crate) line_bytes: usize,
}

/// Why the only record of a chunk cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Longer than [`Limits::line_bytes`]. The chunk holds a record with nothing but the reference
    /// and the filer, where those could be read.
    TooLong,
    /// A quoted field does not end. The chunk holds the line on which the record begins; reading
    /// goes on with the next line.
    Unclosed,
}

impl Chunk {
    /// The text: records with their line ends.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The physical line with which the text begins.
    #[must_use]
    pub fn first_line(&self) -> u64 {
        self.first_line
    }

    /// Bytes of the file itself, compressed or not, taken when this chunk was cut; for progress.
    #[must_use]
    pub fn consumed_source_bytes(&self) -> u64 {
        self.consumed_source_bytes
    }

    /// Set where the chunk is a single record that cannot be read.
    #[must_use]
    pub fn broken(&self) -> Option<Broken> {
        self.broken
    }

    /// The memory, to be handed to [`Reader::next_chunk`] again.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Opens a file of filings, recognised by its content.
///
/// # Errors
/// [`FormatError`] where the file is no table of text, or its header line is not that of filings.
pub fn open(source: Box<dyn Read + Send>, limits: &Limits) -> Result<Reader, FormatError> {
    open_as(source, limits, None)
}

/// Opens a file whose decimal mark is known, as [`open`] does. A rejects file may hold too few
/// numbers to prove the mark of the file that it comes from.
///
/// # Errors
/// As [`open`].
pub fn open_as(
    source: Box<dyn Read + Send>,
    limits: &Limits,
    decimal: Option<Decimal>,
) -> Result<Reader, FormatError> {
    let limits = limits.usable();
    let mut source = Source::open(source, &limits)?;
    let mut buffer = Buffer::default();
    let wanted = SNIFF_BYTES.max(limits.header_bytes + 4);
    let (ended, failure) = match buffer.fill(wanted, &mut source) {
        Ok(more) => (!more, None),
        Err(error) => (true, Some(error)),
    };
    let bom = buffer.text().starts_with(b"\xef\xbb\xbf");
    let text = &buffer.text()[if bom { 3 } else { 0 }..];
    if text.is_empty()
        && let Some(error) = failure
    {
        return Err(error);
    }
    text_check(text)?;
    let mut findings = Vec::new();
    let header = match (header_find(text, &limits, ended), &failure) {
        (Ok(header), _) => header,
        // The fault of the source is why there is no header.
        (Err(_), Some(error)) if memchr(b'\n', text).is_none() => return Err(error.clone()),
        (Err(error), _) => return Err(error),
    };
    let line = &text[header.start..header.end];
    let mut layout = Layout::read(line, header.line, header.separator, &limits, &mut findings)?;
    layout.dialect_set(bom, source.compression);
    let evidence = DecimalEvidence::gather(&text[header.next..], &layout);
    layout.decimal_set(decimal.unwrap_or_else(|| evidence.decimal()));
    findings.extend(dialect_findings(layout.dialect(), evidence, decimal));
    let before = if bom { 3 } else { 0 } + header.next;
    buffer.drop_first(before);
    Ok(Reader {
        source,
        limits,
        layout: Arc::new(layout),
        findings,
        buffer,
        line: header.next_line,
        ended,
        failure,
        skipping: false,
    })
}

/// Where the header line stands in the text.
struct Header {
    separator: Separator,
    start: usize,
    end: usize,
    next: usize,
    line: u64,
    next_line: u64,
}

fn header_find(text: &[u8], limits: &Limits, ended: bool) -> Result<Header, FormatError> {
    let (mut start, mut line) = (0, 1);
    let mut stated = None;
    loop {
        let rest = &text[start..];
        let Some(newline) = memchr(b'\n', rest) else { break };
        let first = rest[..newline].trim_ascii();
        // A spreadsheet's own way to state the separator.
        let states = match first {
            b"sep=," => Some(Separator::Comma),
            b"sep=;" => Some(Separator::Semicolon),
            b"sep=" => rest[..newline].starts_with(b"sep=\t").then_some(Separator::Tab),
            _ => None,
        };
        if !first.is_empty() && (states.is_none() || stated.is_some()) {
            break;
        }
        stated = stated.or(states);
        start += newline + 1;
        line += 1;
    }
    let rest = &text[start..];
    if rest.trim_ascii().is_empty() {
        return Err(FormatError::Empty);
    }
    if carriage_returns(&rest[..rest.len().min(limits.header_bytes)]) {
        return Err(FormatError::CarriageReturn);
    }
    let separator = match stated {
        Some(separator) => separator,
        None => separator_recognise(rest, limits)?,
    };
    let (length, next) = match scan::record_end(rest, 0, separator.byte()) {
        RecordEnd::At { newline, .. } => (newline, newline + 1),
        RecordEnd::Open { quoted: false, .. } if ended => (rest.len(), rest.len()),
        RecordEnd::Open { quoted: true, .. } if ended => return Err(FormatError::HeaderUnclosed),
        RecordEnd::Open { .. } => return Err(FormatError::HeaderTooLong(limits.header_bytes)),
    };
    if length > limits.header_bytes {
        return Err(FormatError::HeaderTooLong(limits.header_bytes));
    }
    let header = scan::line_end_trimmed(&rest[..length]);
    let lines = memchr_iter(b'\n', &rest[..next]).count() as u64;
    Ok(Header {
        separator,
        start,
        end: start + header.len(),
        next: start + next,
        line,
        next_line: line + lines,
    })
}

/// Whether the first line holds a carriage return that neither a line feed follows nor, in quotes,
/// a quote precedes.
fn carriage_returns(text: &[u8]) -> bool {
    let line = &text[..memchr2(b'\n', b'"', text).unwrap_or(text.len())];
    memchr(b'\r', scan::line_end_trimmed(line)).is_some()
}

/// The separator with which the first line names the most columns of a filing row.
fn separator_recognise(text: &[u8], limits: &Limits) -> Result<Separator, FormatError> {
    let most = text.len().min(limits.header_bytes + 1);
    let end = memchr(b'\n', &text[..most]).unwrap_or(most);
    let line = &text[..end];
    let first = match std::str::from_utf8(line) {
        Ok(first) => first,
        // A line cut off at the limit may end inside a character.
        Err(error) if error.error_len().is_some() || end < most => {
            return Err(FormatError::HeaderNotUtf8(error.valid_up_to() + 1));
        }
        Err(_) => return Err(FormatError::HeaderTooLong(limits.header_bytes)),
    };
    let counted =
        Separator::ALL.map(|separator| (layout::known_columns(first, separator), separator));
    let best = counted.into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best });
    match best {
        Some((known, separator)) if known > 0 => Ok(separator),
        _ if end > limits.header_bytes => Err(FormatError::HeaderTooLong(limits.header_bytes)),
        _ => Err(FormatError::NoSeparator(layout::shown(first.trim()))),
    }
}

fn dialect_findings(
    dialect: &Dialect,
    evidence: DecimalEvidence,
    stated: Option<Decimal>,
) -> Vec<Finding> {
    let note = |code, severity, message: &str, accepted: &str| Finding {
        line: 0,
        column: String::new(),
        code,
        severity,
        message: message.to_owned(),
        accepted: accepted.to_owned(),
    };
    let mut findings = Vec::new();
    if dialect.bom {
        let message = "the file begins with a UTF-8 byte-order mark; it was passed over";
        findings.push(note("bom", Severity::Note, message, ""));
    }
    match dialect.separator {
        Separator::Comma => {}
        Separator::Semicolon => {
            let message = "fields are separated by semicolons";
            findings.push(note("separator_semicolon", Severity::Note, message, ""));
        }
        Separator::Tab => {
            let message = "fields are separated by tabs";
            findings.push(note("separator_tab", Severity::Note, message, ""));
        }
    }
    let accepted = "one decimal mark in the whole file, and no separators of thousands";
    if dialect.decimal == Decimal::Comma {
        let message = "numbers are read with decimal commas";
        findings.push(note("decimal_comma", Severity::Note, message, ""));
    } else if stated.is_none() && evidence.commas > 0 {
        let message = "numbers have points and commas; those with commas are rejected";
        findings.push(note("decimal_mixed", Severity::Warning, message, accepted));
    } else if stated.is_none() && evidence.ambiguous > 0 {
        let message = "numbers have commas that may be decimal marks or separators of thousands; \
                       they are rejected";
        findings.push(note("decimal_unclear", Severity::Warning, message, accepted));
    }
    match dialect.compression {
        Compression::None => {}
        Compression::Gzip => {
            findings.push(note("gzip", Severity::Note, "the file is compressed with gzip", ""));
        }
        Compression::Zstd => {
            findings.push(note("zstd", Severity::Note, "the file is compressed with zstd", ""));
        }
    }
    findings
}

impl Reader {
    /// How the file is written.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        self.layout.dialect()
    }

    /// The columns of the file.
    #[must_use]
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// What was noticed about the file as a whole, each thing once.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The next whole records, about [`Limits::chunk_bytes`] of text; nothing at the end of the
    /// file. `recycle` is memory of an earlier chunk ([`Chunk::into_bytes`]).
    ///
    /// # Errors
    /// [`FormatError`] where the source fails, after every whole record before the fault was given;
    /// a record that the fault cuts off is not given.
    pub fn next_chunk(&mut self, recycle: Option<Vec<u8>>) -> Result<Option<Chunk>, FormatError> {
        if self.skipping {
            self.line_skip();
        }
        let mut window = self.limits.chunk_bytes;
        loop {
            self.fill(window);
            let end = window.min(self.buffer.filled);
            let last = self.ended && end == self.buffer.filled;
            let separator = self.layout.dialect().separator.byte();
            let text = &self.buffer.text()[..end];
            match cut(text, separator, self.limits.line_bytes, last && self.failure.is_none()) {
                Cut::Whole(0) => return Ok(None),
                Cut::Whole(length) => return Ok(Some(self.chunk(length, None, recycle))),
                Cut::Unclosed(length) => {
                    return Ok(Some(self.chunk(length, Some(Broken::Unclosed), recycle)));
                }
                Cut::TooLong => return Ok(Some(self.stub_chunk(recycle))),
                Cut::More if last => {
                    // Told once; what comes after the fault is the end.
                    self.buffer.filled = 0;
                    return self.failure.take().map_or(Ok(None), Err);
                }
                Cut::More => window += self.limits.chunk_bytes,
            }
        }
    }

    fn fill(&mut self, target: usize) {
        if self.ended {
            return;
        }
        match self.buffer.fill(target, &mut self.source) {
            Ok(more) => self.ended = !more,
            Err(error) => {
                self.failure = Some(error);
                self.ended = true;
            }
        }
    }

    /// Takes the first `length` bytes of the buffer as a chunk.
    fn chunk(&mut self, length: usize, broken: Option<Broken>, recycle: Option<Vec<u8>>) -> Chunk {
        let bytes = self.buffer.split(length, recycle.unwrap_or_default());
        let first_line = self.line;
        self.line += memchr_iter(b'\n', &bytes).count() as u64;
        Chunk {
            bytes,
            first_line,
            consumed_source_bytes: self.source.consumed_bytes(),
            broken,
            line_bytes: self.limits.line_bytes,
        }
    }

    /// Gives up the first line of the buffer, but for the reference and the filer.
    fn stub_chunk(&mut self, recycle: Option<Vec<u8>>) -> Chunk {
        let mut bytes = recycle.unwrap_or_default();
        bytes.clear();
        let text = self.buffer.text();
        let prefix = &text[..text.len().min(PREFIX_BYTES)];
        let separator = self.layout.dialect().separator.byte();
        let (mut start, mut position) = (0, 0);
        while position < self.layout.names().len() && start < prefix.len() {
            let field = scan::field_at(prefix, start, separator);
            let kept = field.end < prefix.len()
                && field.end - field.start <= STUB_FIELD_BYTES
                && matches!(self.layout.column(position), Some(Column::Filing | Column::Filer));
            if kept {
                bytes.extend_from_slice(&prefix[field.start..field.end]);
            }
            position += 1;
            if position < self.layout.names().len() {
                bytes.push(separator);
            }
            start = field.end + 1;
        }
        bytes.extend((position + 1..self.layout.names().len()).map(|_| separator));
        bytes.push(b'\n');
        self.skipping = true;
        Chunk {
            bytes,
            first_line: self.line,
            consumed_source_bytes: self.source.consumed_bytes(),
            broken: Some(Broken::TooLong),
            line_bytes: self.limits.line_bytes,
        }
    }

    /// Drops the rest of the line with which the buffer begins.
    fn line_skip(&mut self) {
        self.skipping = false;
        loop {
            if let Some(newline) = memchr(b'\n', self.buffer.text()) {
                self.buffer.drop_first(newline + 1);
                self.line += 1;
                return;
            }
            self.buffer.filled = 0;
            if self.ended {
                return;
            }
            self.fill(self.limits.chunk_bytes);
        }
    }

    /// Memory held for text, in bytes.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        self.buffer.memory.capacity()
    }
}
