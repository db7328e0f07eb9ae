//! Documents: what applicants hand in, by the SHA-256 of its bytes, sealed in the database.
//!
//! Rules: OWASP ASVS 5.0, chapter 5 (file handling): limits before reading, kind told by content and in
//! agreement with the name, nothing given out that was not scanned. Sealing is in `seal`, kinds in
//! `kind`, names in `name`.
//!
//! INVARIANTS:
//! - plain bytes are on no disk: what is uploaded waits sealed in a nameless file of the data directory,
//!   which is gone with its upload however that ends, and is stored in one transaction at its end;
//! - a document is its owner's: the same bytes of another owner are stored apart, and whether another has
//!   them is told to nobody;
//! - [`Documents::content`] gives out what was found clean, and nothing else. [`Documents::sealed`], for
//!   scanners, gives out everything;
//! - at most one chunk of a document is in memory for each reader, and one for each upload.

mod check;
mod content;
mod kind;
mod name;
mod refusal;
mod rekey;
mod scan;
mod seal;

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use base::Timestamp;
use sha2::{Digest, Sha256};
pub use store::{DocumentCount, DocumentKey, ScanState};
use store::{
    DocumentDeeds, DocumentHead, DocumentRecord, DocumentStored, NewAudit, NewJob, StoreError,
};

use crate::import::hex;
use crate::jobs::job_id;
use crate::key_file::key_open;
use crate::people::{By, Moment};
use crate::platform::Platform;

pub(crate) use check::check;
pub use check::{Checked, checked};
pub use content::Content;
use content::{Opened, SealedChunks};
pub use kind::Kind;
use kind::{SniffError, TextWatch, kind_check};
pub use name::NAME_CHARS_MAX;
pub use refusal::{DocumentError, Refusal};
pub use rekey::{KeyChanged, NEXT_KEY_FILE, former_key_file, key_change};
pub use scan::{SCAN_JOB, ScanTask, Verdict};
use seal::{CHUNK, Key, Keys, NONCE, Place, Sealer, TAG};

/// The key with which documents are sealed, beside the database and never in a copy of it.
pub const KEY_FILE: &str = "documents.key";

/// The most bytes of a document: a hundred scanned pages.
pub const DOCUMENT_BYTES_MAX: u64 = 25 << 20;
/// The most documents of a case: beyond it an officer finds nothing again.
pub const CASE_DOCUMENTS_MAX: usize = 200;
/// The most bytes of a case's documents: what an officer downloads in minutes.
pub const CASE_BYTES_MAX: u64 = 500 << 20;
/// The most bytes that an owner stores in a day: four full cases, and no owner fills the disk for others.
pub const DAY_BYTES_MAX: u64 = 2 << 30;
/// The length of that day.
const DAY_US: i64 = 24 * 3600 * 1_000_000;

/// A document as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentView {
    /// Which it is.
    pub key: DocumentKey,
    /// Its hash as text: 64 hexadecimal digits.
    pub sha256: String,
    /// File name, cleaned.
    pub name: String,
    /// What it is, by its content.
    pub kind: Kind,
    /// Plain bytes.
    pub bytes: u64,
    /// How its scan stands.
    pub scan: ScanState,
    /// What the scanner found, or why it failed; empty otherwise.
    pub scan_detail: String,
    /// By which scanner; empty while it waits.
    pub scanner: String,
    /// When its scan ended.
    pub scanned_at: Option<Timestamp>,
    /// Key of the account that gave it; empty at the command line.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: Timestamp,
}

impl DocumentView {
    fn new(record: DocumentRecord) -> Result<DocumentView, DocumentError> {
        let head = record.head;
        let sha256 = hex(&head.key.sha256);
        let damaged = || DocumentError::Damaged {
            sha256: sha256.clone(),
            what: format!("it is of a kind `{}` that this version does not know", head.kind),
        };
        let kind = Kind::parse(&head.kind).ok_or_else(damaged)?;
        Ok(DocumentView {
            key: head.key,
            sha256,
            name: head.name,
            kind,
            bytes: head.plain_bytes,
            scan: record.scan,
            scan_detail: record.scan_detail,
            scanner: record.scanner,
            scanned_at: record.scanned_at_us.map(Timestamp::from_us),
            uploaded_by: head.uploaded_by,
            uploaded_at: Timestamp::from_us(head.uploaded_at_us),
        })
    }
}

/// Whether storing made something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It is stored now.
    New(DocumentView),
    /// The owner had it already: as it stands, under the name that it was first given.
    There(DocumentView),
}

impl Stored {
    /// The document.
    #[must_use]
    pub fn document(&self) -> &DocumentView {
        match self {
            Stored::New(document) | Stored::There(document) => document,
        }
    }
}

/// The hash that a text stands for: 64 small hexadecimal digits.
#[must_use]
pub fn hash_parse(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| (byte as char).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let mut hash = [0; 32];
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    for (to, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *to = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    }
    Some(hash)
}

/// Whether a case may have these documents.
///
/// # Errors
/// [`Refusal::CaseDocuments`] or [`Refusal::CaseBytes`].
pub fn case_fits(documents: &[DocumentView]) -> Result<(), Refusal> {
    if documents.len() > CASE_DOCUMENTS_MAX {
        return Err(Refusal::CaseDocuments { found: documents.len() });
    }
    let bytes = documents.iter().map(|document| document.bytes).sum();
    if bytes > CASE_BYTES_MAX { Err(Refusal::CaseBytes { found: bytes }) } else { Ok(()) }
}

/// A handle on the documents of a platform; clones share it.
#[derive(Debug, Clone)]
pub struct Documents {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    platform: Platform,
    keys: Keys,
}

impl Documents {
    /// Opens the documents of a platform; `random` becomes their key where there is neither key nor
    /// document.
    ///
    /// # Errors
    /// [`DocumentError::KeyMissing`] where there are documents and no key: a new one would open none.
    pub fn open(platform: &Platform, random: [u8; 32]) -> Result<Documents, DocumentError> {
        let path = platform.dir().join(KEY_FILE);
        if !path.exists() && platform.reader().document_count()?.all() > 0 {
            return Err(DocumentError::KeyMissing { path });
        }
        let key = key_open(&path, random).map_err(|error| DocumentError::File { path, error })?;
        let next = rekey::next_read(platform.dir())
            .map_err(|(path, error)| DocumentError::File { path, error })?;
        let keys = Keys { present: Key::new(key), next };
        let inner = Inner { platform: platform.clone(), keys };
        Ok(Documents { inner: Arc::new(inner) })
    }

    /// Whether there are documents that the keys of this data directory do not open.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses.
    pub fn key_of_others(&self) -> Result<bool, DocumentError> {
        let ids = self.inner.keys.ids();
        Ok(self.inner.platform.reader().document_key_other(&ids)?.is_some())
    }

    fn owner_id(&self, owner: &str) -> Result<[u8; 16], DocumentError> {
        let found = self.inner.platform.reader().party_id(owner)?;
        found.ok_or_else(|| Refusal::NotFound.into())
    }

    /// Begins to take a document of `owner` (`scheme:value`) with the name that its giver calls it by.
    ///
    /// # Errors
    /// [`Refusal`] of a name that is none, or ends as no kind that is taken; [`DocumentError`] where no
    /// file can be made.
    pub fn begin(&self, owner: &str, name: &str, moment: &Moment) -> Result<Upload, DocumentError> {
        let (name, extension) = name::name_clean(name)?;
        let named = Kind::of_extension(&extension)?;
        let owner_id = self.owner_id(owner)?;
        let nonce: [u8; NONCE] = moment.random("document nonce");
        let dir = self.inner.platform.dir();
        let file = tempfile::tempfile_in(dir)
            .map_err(|error| DocumentError::File { path: dir.to_owned(), error })?;
        Ok(Upload {
            sealer: self.inner.keys.present.sealer(&owner_id, &nonce),
            documents: self.clone(),
            owner: owner.to_owned(),
            owner_id,
            name,
            extension,
            named,
            nonce,
            file,
            held: Vec::new(),
            chunks: 0,
            bytes: 0,
            sha: Sha256::new(),
            text: TextWatch::default(),
        })
    }

    /// Takes a document from a reader: [`Documents::begin`], [`Upload::write`], [`Upload::finish`].
    ///
    /// # Errors
    /// As these; also what the reader says.
    pub fn store(
        &self,
        owner: &str,
        name: &str,
        mut reader: impl std::io::Read,
        by: By<'_>,
        moment: &Moment,
    ) -> Result<Stored, DocumentError> {
        let mut upload = self.begin(owner, name, moment)?;
        let mut part = vec![0; CHUNK];
        loop {
            let read = match reader.read(&mut part) {
                Ok(0) => return upload.finish(by, moment),
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(DocumentError::Source(error)),
            };
            upload.write(part.get(..read).unwrap_or_default())?;
        }
    }

    /// A document of an owner (`scheme:value`), by its hash.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where the owner has none such.
    pub fn document(&self, owner: &str, sha256: &[u8; 32]) -> Result<DocumentView, DocumentError> {
        let key = DocumentKey { owner_id: self.owner_id(owner)?, sha256: *sha256 };
        DocumentView::new(self.record(&key)?)
    }

    fn record(&self, key: &DocumentKey) -> Result<DocumentRecord, DocumentError> {
        let found = self.inner.platform.reader().document(key)?;
        found.ok_or_else(|| Refusal::NotFound.into())
    }

    /// The documents of these hashes that an owner has, in the order of the hashes.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses; an owner that is not known has none.
    pub fn documents(
        &self,
        owner: &str,
        hashes: &[[u8; 32]],
    ) -> Result<Vec<DocumentView>, DocumentError> {
        let reader = self.inner.platform.reader();
        let Some(owner_id) = reader.party_id(owner)? else { return Ok(Vec::new()) };
        let mut found = Vec::with_capacity(hashes.len());
        for sha256 in hashes {
            if let Some(record) = reader.document(&DocumentKey { owner_id, sha256: *sha256 })? {
                found.push(DocumentView::new(record)?);
            }
        }
        Ok(found)
    }

    /// The documents that an owner handed in last, the latest first, at most so many.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses; an owner that is not known has none.
    pub fn latest(&self, owner: &str, limit: u32) -> Result<Vec<DocumentView>, DocumentError> {
        let reader = self.inner.platform.reader();
        let Some(owner_id) = reader.party_id(owner)? else { return Ok(Vec::new()) };
        let found = reader.documents_latest(&owner_id, limit)?;
        found.into_iter().map(DocumentView::new).collect()
    }

    /// Whether an owner has a document of each of these hashes, and each was found clean.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses.
    pub fn all_clean(&self, owner: &str, hashes: &[[u8; 32]]) -> Result<bool, DocumentError> {
        let found = self.documents(owner, hashes)?;
        Ok(found.len() == hashes.len() && found.iter().all(|one| one.scan == ScanState::Clean))
    }

    /// The content of a document that was found clean.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::NotClean`] of one that was not found clean.
    pub fn content(&self, owner: &str, sha256: &[u8; 32]) -> Result<Content, DocumentError> {
        let key = DocumentKey { owner_id: self.owner_id(owner)?, sha256: *sha256 };
        let record = self.record(&key)?;
        if record.scan != ScanState::Clean {
            return Err(Refusal::NotClean { state: record.scan }.into());
        }
        self.opened(record)
    }

    /// The content of a document whatever its scan says: for scanners, and for nobody else.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`DocumentError::Damaged`] where it does not open.
    pub fn sealed(&self, key: &DocumentKey) -> Result<Content, DocumentError> {
        self.opened(self.record(key)?)
    }

    fn opened(&self, record: DocumentRecord) -> Result<Content, DocumentError> {
        let chunks = SealedChunks { platform: self.inner.platform.clone(), key: record.head.key };
        let opened = Opened::new(&self.inner.keys, &record.head, chunks)?;
        Ok(Content::new(DocumentView::new(record)?, opened))
    }

    /// How many documents are in each state.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses.
    pub fn count(&self) -> Result<DocumentCount, DocumentError> {
        Ok(self.inner.platform.reader().document_count()?)
    }
}

/// A document that is being taken. Dropped before [`Upload::finish`], it leaves nothing.
pub struct Upload {
    documents: Documents,
    owner: String,
    owner_id: [u8; 16],
    name: String,
    extension: String,
    named: Kind,
    nonce: [u8; NONCE],
    sealer: Sealer,
    /// The sealed chunks so far; it has no name, so that it is gone with its last holder.
    file: File,
    /// Plain bytes that no chunk holds yet, at most one chunk.
    held: Vec<u8>,
    chunks: u32,
    bytes: u64,
    sha: Sha256,
    text: TextWatch,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`]; [`DocumentError::File`] where the disk refuses. Then it is to be dropped.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), DocumentError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > DOCUMENT_BYTES_MAX {
            return Err(Refusal::TooLarge.into());
        }
        self.sha.update(bytes);
        self.text.see(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            // Sealed only when more follows: the last chunk is sealed as the last.
            if self.held.len() == CHUNK {
                self.seal(Place::Within(self.chunks))?;
            }
            let (part, more) = rest.split_at((CHUNK - self.held.len()).min(rest.len()));
            self.held.extend_from_slice(part);
            rest = more;
        }
        Ok(())
    }

    fn seal(&mut self, place: Place) -> Result<(), DocumentError> {
        let sealed = self.sealer.seal(place, &self.held).map_err(|_| DocumentError::Seal)?;
        self.file.write_all(&sealed).map_err(|error| self.file_error(error))?;
        self.chunks += 1;
        self.held.clear();
        Ok(())
    }

    fn file_error(&self, error: std::io::Error) -> DocumentError {
        DocumentError::File { path: self.documents.inner.platform.dir().to_owned(), error }
    }

    /// SHA-256 of the bytes so far.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha.clone().finalize().into()
    }

    /// Stores it: durable when this returns, with a job that has it scanned.
    ///
    /// # Errors
    /// [`Refusal`] of what is empty, is not what its name says, or is more than an owner may store in a
    /// day; then nothing is stored.
    pub fn finish(mut self, by: By<'_>, moment: &Moment) -> Result<Stored, DocumentError> {
        if self.bytes == 0 {
            return Err(Refusal::Empty.into());
        }
        self.seal(Place::Last(self.chunks))?;
        let sha256: [u8; 32] = std::mem::take(&mut self.sha).finalize().into();
        let key = DocumentKey { owner_id: self.owner_id, sha256 };
        let inner = self.documents.inner.clone();
        let mut head = DocumentHead {
            key,
            plain_bytes: self.bytes,
            kind: self.named.code().to_owned(),
            name: self.name.clone(),
            chunks: self.chunks,
            nonce: self.nonce,
            key_id: inner.keys.present.id(),
            tag: [0; TAG],
            uploaded_by: by.account.to_owned(),
            uploaded_at_us: moment.now.us(),
        };
        head.tag = inner.keys.present.head_tag(&head).map_err(|_| DocumentError::Seal)?;
        let path = inner.platform.dir().to_owned();
        let spooled = Spooled { file: &self.file, path, bytes: self.bytes, chunks: self.chunks };
        let opened = Opened::new(&inner.keys, &head, &spooled)?;
        match kind_check(opened, &self.text, self.named, &self.extension) {
            Ok(_) => {}
            Err(SniffError::Refused(refusal)) => return Err(refusal.into()),
            Err(SniffError::Read(error)) => return Err(self.file_error(error)),
        }
        let stored = self.record(&head, &|chunk_no| spooled.chunk(chunk_no), by, moment)?;
        if stored == DocumentStored::Full {
            return Err(Refusal::DayFull.into());
        }
        let document = DocumentView::new(self.documents.record(&key)?)?;
        Ok(match stored {
            DocumentStored::New => Stored::New(document),
            DocumentStored::There | DocumentStored::Full => Stored::There(document),
        })
    }

    /// Writes it with its job and its entry in the audit.
    fn record(
        &self,
        head: &DocumentHead,
        chunk: &dyn Fn(u32) -> Result<Vec<u8>, StoreError>,
        by: By<'_>,
        moment: &Moment,
    ) -> Result<DocumentStored, DocumentError> {
        let sha256 = hex(&head.key.sha256);
        let task = ScanTask { key: head.key, owner: self.owner.clone() };
        let (body, resource) = (task.body(), format!("document:{sha256}"));
        let mut detail = serde_json::json!({ "bytes": head.plain_bytes, "kind": head.kind });
        if !by.acting_for.is_empty() {
            detail["acting_for"] = by.acting_for.into();
        }
        let detail = detail.to_string();
        let at_us = moment.now.us();
        let deeds = DocumentDeeds {
            job: NewJob {
                job_id: job_id(moment.now, &moment.random("document job")),
                kind: SCAN_JOB,
                body: &body,
                due_us: at_us,
                at_us,
            },
            entry: NewAudit {
                at_us,
                account: by.account,
                action: "document_stored",
                subject: &self.owner,
                resource: &resource,
                detail: &detail,
            },
            since_us: at_us.saturating_sub(DAY_US),
            bytes_max: DAY_BYTES_MAX,
        };
        let mut database = self.documents.inner.platform.aside()?;
        Ok(database.document_store(head, chunk, &deeds)?)
    }
}

/// The sealed chunks of an upload in its file.
struct Spooled<'f> {
    file: &'f File,
    path: PathBuf,
    bytes: u64,
    chunks: u32,
}

impl Spooled<'_> {
    fn chunk(&self, chunk_no: u32) -> Result<Vec<u8>, StoreError> {
        let plain = content::chunk_bytes(self.bytes, self.chunks, chunk_no);
        let mut sealed = vec![0; plain + TAG];
        let at = u64::from(chunk_no) * (CHUNK + TAG) as u64;
        self.file
            .read_exact_at(&mut sealed, at)
            .map_err(|error| StoreError::File { path: self.path.clone(), error })?;
        Ok(sealed)
    }
}

impl content::Chunks for &Spooled<'_> {
    fn chunk(&self, chunk_no: u32) -> Result<Option<Vec<u8>>, DocumentError> {
        Ok(Some(Spooled::chunk(self, chunk_no)?))
    }
}
