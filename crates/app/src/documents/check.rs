//! The check of stored documents: each opens, and has its hash.

use std::path::Path;

use sha2::{Digest, Sha256};
use store::{Database, DocumentKey, DocumentRecord, StoreError};

use super::content::{Chunks, Opened};
use super::rekey::keys_read;
use super::seal::{Keys, TAG};
use super::{DocumentError, KEY_FILE};
use crate::import::hex;
use crate::platform::Platform;

/// The chunks of a document on a connection that holds one state.
struct Held<'d> {
    database: &'d Database,
    key: DocumentKey,
}

impl Chunks for Held<'_> {
    fn chunk(&self, chunk_no: u32) -> Result<Option<Vec<u8>>, DocumentError> {
        Ok(self.database.document_chunk(&self.key, chunk_no)?)
    }
}

/// How many documents a check that found nothing wrong has looked at, and how many of them it opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Documents.
    pub documents: u64,
    /// Opened: all, or none where their key is not in the data directory.
    pub opened: u64,
}

/// What a check that found nothing wrong can say of the documents.
///
/// # Errors
/// [`DocumentError`] where the database refuses.
pub fn checked(platform: &Platform) -> Result<Checked, DocumentError> {
    let documents = platform.reader().document_count()?.all();
    let there = platform.dir().join(KEY_FILE).exists();
    Ok(Checked { documents, opened: if there { documents } else { 0 } })
}

/// Checks every document: with the key of the data directory that it opens and has its hash, without one
/// that its chunks are there. One sentence each; empty is clean.
pub(crate) fn check(database: &Database, dir: &Path) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    let keys = match keys_read(dir) {
        Ok(keys) => keys,
        Err((path, error)) => {
            wrong.push(format!("{}: {error}", path.display()));
            None
        }
    };
    database.documents_each(|record| {
        let told = match &keys {
            Some(keys) => opens(database, keys, record),
            None => is_there(database, record)?,
        };
        if let Err(what) = told {
            let owner = uuid::Uuid::from_bytes(record.head.key.owner_id);
            wrong.push(format!("{what} (of party {owner})"));
        }
        Ok(())
    })?;
    if database.document_chunks_beyond()? > 0 {
        wrong.push("there are chunks of documents that no document counts".to_owned());
    }
    Ok(wrong)
}

fn opens(database: &Database, keys: &Keys, record: &DocumentRecord) -> Result<(), String> {
    let head = &record.head;
    let chunks = Held { database, key: head.key };
    let opened = Opened::new(keys, head, chunks).map_err(|error| error.to_string())?;
    let mut sha = Sha256::new();
    for chunk_no in 0..opened.count() {
        sha.update(opened.chunk(chunk_no).map_err(|error| error.to_string())?);
    }
    let digest: [u8; 32] = sha.finalize().into();
    if digest == head.key.sha256 {
        return Ok(());
    }
    Err(format!("document {}: its bytes do not have its hash", hex(&head.key.sha256)))
}

fn is_there(
    database: &Database,
    record: &DocumentRecord,
) -> Result<Result<(), String>, StoreError> {
    let head = &record.head;
    let sha256 = hex(&head.key.sha256);
    let mut sealed = 0;
    for chunk_no in 0..head.chunks {
        match database.document_chunk(&head.key, chunk_no)? {
            Some(chunk) => sealed += chunk.len() as u64,
            None => return Ok(Err(format!("document {sha256}: chunk {chunk_no} is missing"))),
        }
    }
    if sealed == head.plain_bytes + u64::from(head.chunks) * TAG as u64 {
        return Ok(Ok(()));
    }
    Ok(Err(format!("document {sha256}: its chunks have another length than they had")))
}
