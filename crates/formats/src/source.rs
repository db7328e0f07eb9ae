//! What a file is, by its first bytes, and its text without compression.
//!
//! gzip (RFC 1952, several members one after another) and zstd (RFC 8878, several frames) are
//! expanded as they are read. [`Guard`] watches the expansion, because 1 MB of compressed zeros
//! may otherwise become a terabyte of text.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::dialect::Compression;
use crate::error::FormatError;
use crate::limits::Limits;

/// The largest window of a zstd frame, as a power of two: 128 MiB, what the zstd tool takes unasked.
const ZSTD_WINDOW_LOG: u32 = 27;
/// Bytes that are enough to know a compression.
const MAGIC_BYTES: usize = 8;

/// The text of a file.
pub(crate) struct Source {
    text: Box<dyn Read + Send>,
    consumed: Arc<AtomicU64>,
    pub(crate) compression: Compression,
}

impl Source {
    /// Recognises the compression of `source`.
    pub(crate) fn open(
        source: Box<dyn Read + Send>,
        limits: &Limits,
    ) -> Result<Source, FormatError> {
        let consumed = Arc::new(AtomicU64::new(0));
        let mut counted = Counted { inner: source, consumed: Arc::clone(&consumed) };
        let mut first = Vec::with_capacity(MAGIC_BYTES);
        (&mut counted)
            .take(MAGIC_BYTES as u64)
            .read_to_end(&mut first)
            .map_err(|e| FormatError::Read(e.to_string()))?;
        let compression = compression_of(&first);
        let whole = Cursor::new(first).chain(counted);
        let guarded = |inner: Box<dyn Read + Send>| -> Box<dyn Read + Send> {
            Box::new(Guard { inner, consumed: Arc::clone(&consumed), expanded: 0, limits: *limits })
        };
        let text: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(whole),
            Compression::Gzip => {
                let buffered = BufReader::with_capacity(64 << 10, whole);
                guarded(Box::new(flate2::bufread::MultiGzDecoder::new(buffered)))
            }
            Compression::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(whole)
                    .map_err(|e| FormatError::Corrupt(e.to_string()))?;
                decoder
                    .window_log_max(ZSTD_WINDOW_LOG)
                    .map_err(|e| FormatError::Corrupt(e.to_string()))?;
                guarded(Box::new(decoder))
            }
        };
        Ok(Source { text, consumed, compression })
    }

    /// Bytes of the file taken so far.
    pub(crate) fn consumed_bytes(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Reads some text into `memory`; nothing only at the end of the file.
    pub(crate) fn read(&mut self, memory: &mut [u8]) -> Result<usize, FormatError> {
        loop {
            match self.text.read(memory) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map_err(|error| self.fault(error)),
            }
        }
    }

    fn fault(&self, error: io::Error) -> FormatError {
        let text = error.to_string();
        let kind = error.kind();
        if let Some(inner) = error.into_inner()
            && let Ok(fault) = inner.downcast::<FormatError>()
        {
            return *fault;
        }
        match (self.compression, kind) {
            (_, io::ErrorKind::UnexpectedEof) => FormatError::Truncated,
            (Compression::None, _) => FormatError::Read(text),
            _ => FormatError::Corrupt(text),
        }
    }
}

fn compression_of(first: &[u8]) -> Compression {
    match first {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        // The second is a skippable frame, with which parallel compressors begin.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Refuses text that begins as something else than a table in UTF-8.
pub(crate) fn text_check(text: &[u8]) -> Result<(), FormatError> {
    match text {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(FormatError::Utf16),
        [b'P', b'K', 3 | 5 | 7, ..] => {
            return Err(FormatError::Unsupported("a spreadsheet (XLSX) or another ZIP archive"));
        }
        [b'P', b'A', b'R', b'1', ..] => return Err(FormatError::Unsupported("Parquet")),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            return Err(FormatError::Unsupported("a spreadsheet in the old Excel format"));
        }
        [b'%', b'P', b'D', b'F', ..] => return Err(FormatError::Unsupported("a PDF document")),
        [0xfd, b'7', b'z', b'X', ..] => return Err(FormatError::Unsupported("compressed with xz")),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => {
            return Err(FormatError::Unsupported("compressed with bzip2"));
        }
        [b'7', b'z', 0xbc, 0xaf, ..] => return Err(FormatError::Unsupported("a 7z archive")),
        _ => {}
    }
    if compression_of(text) != Compression::None {
        return Err(FormatError::Unsupported("compressed twice"));
    }
    let start = text.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(text.len());
    match text.get(start) {
        Some(b'<') => return Err(FormatError::Unsupported("XML or HTML")),
        Some(b'{' | b'[') => return Err(FormatError::Unsupported("JSON")),
        _ => {}
    }
    let head = &text[..text.len().min(4096)];
    if let Some(nul) = memchr::memchr(0, head) {
        // ASCII in UTF-16 has a NUL in every second byte.
        let nuls = memchr::memchr_iter(0, head).count();
        if nuls * 5 > head.len() * 2 && nuls * 2 <= head.len() + 1 {
            return Err(FormatError::Utf16);
        }
        // Behind the header line it is a fault of its record.
        if memchr::memchr(b'\n', head).is_none_or(|newline| nul < newline) {
            return Err(FormatError::Binary(nul));
        }
    }
    Ok(())
}

/// Counts the bytes of the file itself.
struct Counted<R> {
    inner: R,
    consumed: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.consumed.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Stops a file that expands beyond the limits.
struct Guard {
    inner: Box<dyn Read + Send>,
    consumed: Arc<AtomicU64>,
    expanded: u64,
    limits: Limits,
}

impl Read for Guard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.expanded += count as u64;
        let consumed = self.consumed.load(Ordering::Relaxed).max(1);
        let limits = &self.limits;
        let beyond = if self.expanded > limits.expanded_bytes {
            Some(format!("{} bytes", limits.expanded_bytes))
        } else if self.expanded > limits.expansion_free_bytes
            && self.expanded / consumed >= limits.expansion_ratio
        {
            Some(format!("{} times its size", limits.expansion_ratio))
        } else {
            None
        };
        match beyond {
            Some(what) => Err(io::Error::other(FormatError::Expansion(what))),
            None => Ok(count),
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Source::read(self, buffer).map_err(io::Error::other)
    }
}
