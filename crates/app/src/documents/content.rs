//! Reading what is sealed: chunk by chunk, or as a reader that can be moved.

use std::io::{Error, ErrorKind, Read, Result as IoResult, Seek, SeekFrom};

use store::{DocumentHead, DocumentKey};

use super::seal::{CHUNK, Keys, Place, Sealer};
use super::{DocumentError, DocumentView};
use crate::import::hex;
use crate::platform::Platform;

/// Where sealed chunks lie.
pub(super) trait Chunks {
    fn chunk(&self, chunk_no: u32) -> Result<Option<Vec<u8>>, DocumentError>;
}

/// The sealed chunks of a stored document.
#[derive(Debug)]
pub(super) struct SealedChunks {
    pub(super) platform: Platform,
    pub(super) key: DocumentKey,
}

impl Chunks for SealedChunks {
    fn chunk(&self, chunk_no: u32) -> Result<Option<Vec<u8>>, DocumentError> {
        Ok(self.platform.reader().document_chunk(&self.key, chunk_no)?)
    }
}

/// Plain bytes of a chunk of a document of so many bytes in so many chunks.
pub(super) fn chunk_bytes(bytes: u64, chunks: u32, chunk_no: u32) -> usize {
    if chunk_no + 1 < chunks {
        return CHUNK;
    }
    let before = u64::from(chunks.saturating_sub(1)) * CHUNK as u64;
    usize::try_from(bytes.saturating_sub(before)).unwrap_or(CHUNK).min(CHUNK)
}

/// A sealed document that opens as it is read.
pub(super) struct Opened<C> {
    chunks: C,
    sealer: Sealer,
    sha256: [u8; 32],
    bytes: u64,
    count: u32,
    /// Where reading stands.
    at: u64,
    /// The chunk in which it stands, opened.
    held: Option<(u32, Vec<u8>)>,
}

impl<C> std::fmt::Debug for Opened<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("at", &self.at).finish_non_exhaustive()
    }
}

impl<C: Chunks> Opened<C> {
    /// Opens the head; the chunks open as they are read.
    pub(super) fn new(
        keys: &Keys,
        head: &DocumentHead,
        chunks: C,
    ) -> Result<Opened<C>, DocumentError> {
        let damaged = |what: &str| DocumentError::Damaged {
            sha256: hex(&head.key.sha256),
            what: what.to_owned(),
        };
        let other = "it is sealed with another key than that of this data directory";
        let key = keys.of(head).ok_or_else(|| damaged(other))?;
        key.head_check(head).map_err(|_| damaged("its head was changed"))?;
        Ok(Opened {
            chunks,
            sealer: key.sealer(&head.key.owner_id, &head.nonce),
            sha256: head.key.sha256,
            bytes: head.plain_bytes,
            count: head.chunks,
            at: 0,
            held: None,
        })
    }

    /// Opens one chunk.
    pub(super) fn chunk(&self, chunk_no: u32) -> Result<Vec<u8>, DocumentError> {
        let damaged = |what: String| DocumentError::Damaged { sha256: hex(&self.sha256), what };
        let sealed = self
            .chunks
            .chunk(chunk_no)?
            .ok_or_else(|| damaged(format!("chunk {chunk_no} is missing")))?;
        let place = Place::of(chunk_no, self.count);
        let plain = self
            .sealer
            .open(place, &sealed)
            .map_err(|_| damaged(format!("chunk {chunk_no} was changed or moved")))?;
        if plain.len() != chunk_bytes(self.bytes, self.count, chunk_no) {
            return Err(damaged(format!("chunk {chunk_no} has another length than it had")));
        }
        Ok(plain)
    }

    /// How many chunks there are.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The rest of the chunk in which reading stands.
    fn rest(&mut self) -> Result<&[u8], DocumentError> {
        if self.at >= self.bytes {
            return Ok(&[]);
        }
        let chunk_no = u32::try_from(self.at / CHUNK as u64).unwrap_or(u32::MAX);
        if self.held.as_ref().is_none_or(|held| held.0 != chunk_no) {
            self.held = Some((chunk_no, self.chunk(chunk_no)?));
        }
        let within = (self.at % CHUNK as u64) as usize;
        let held = self.held.as_ref().and_then(|held| held.1.get(within..));
        Ok(held.unwrap_or_default())
    }
}

impl<C: Chunks> Read for Opened<C> {
    fn read(&mut self, to: &mut [u8]) -> IoResult<usize> {
        let rest = self.rest().map_err(Error::other)?;
        let read = rest.len().min(to.len());
        to.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.at += read as u64;
        Ok(read)
    }
}

impl<C> Seek for Opened<C> {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

/// The content of a document: chunk by chunk, or as a reader. At most one chunk is in memory.
#[derive(Debug)]
pub struct Content {
    document: DocumentView,
    opened: Opened<SealedChunks>,
    next: u32,
}

impl Content {
    pub(super) fn new(document: DocumentView, opened: Opened<SealedChunks>) -> Content {
        Content { document, opened, next: 0 }
    }

    /// Whose content it is.
    #[must_use]
    pub fn document(&self) -> &DocumentView {
        &self.document
    }

    /// The next part of it, 64 KiB but for the last; nothing after the last.
    ///
    /// # Errors
    /// [`DocumentError::Damaged`] where a chunk does not open: what was given out before is sound, and
    /// not whole.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, DocumentError> {
        if self.next >= self.opened.count() {
            return Ok(None);
        }
        let plain = self.opened.chunk(self.next)?;
        self.next += 1;
        Ok(Some(plain))
    }
}

impl Read for Content {
    fn read(&mut self, to: &mut [u8]) -> IoResult<usize> {
        self.opened.read(to)
    }
}

impl Seek for Content {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        self.opened.seek(to)
    }
}
