//! Changing the key of the documents: each is opened with the present key and sealed with the next one.
//!
//! It may be broken off at any instant, by a fault or by a power cut, and is gone on with by asking for it
//! again. The next key lies beside the present one meanwhile, and either opens what it sealed.
//!
//! INVARIANTS:
//! - a document is sealed with the one key or with the other, never with neither: head and chunks change in
//!   one durable transaction, after its bytes were found to have its hash;
//! - at every instant the data directory holds the key of every document that it could open before;
//! - the former key is kept under its id, for what was copied before: it takes the operator to remove it.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use store::{DocumentKey, DocumentRecord, NewAudit};

use super::content::{Opened, SealedChunks};
use super::seal::{Key, Keys, NONCE, Place};
use super::{DocumentError, KEY_FILE};
use crate::import::hex;
use crate::key_file::{key_open, key_read};
use crate::people::{By, Moment};
use crate::platform::Platform;

/// The next key, while a change is under way.
pub const NEXT_KEY_FILE: &str = "documents.key.new";
/// Documents that are looked up at a time.
const PAGE: u32 = 100;

/// What a change of the key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChanged {
    /// Documents that were sealed anew by this run.
    pub resealed: u64,
    /// The file with the former key.
    pub former: PathBuf,
}

/// The name of the file with a former key, by its id.
#[must_use]
pub fn former_key_file(id: &[u8; 8]) -> String {
    format!("documents-former-{}.key", hex(id))
}

/// The next key; nothing where no change is under way.
pub(super) fn next_read(dir: &Path) -> Result<Option<Key>, (PathBuf, std::io::Error)> {
    let path = dir.join(NEXT_KEY_FILE);
    match key_read(&path) {
        Ok(key) => Ok(Some(Key::new(key))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err((path, error)),
    }
}

/// The keys of a data directory; nothing where the present one is not there.
pub(super) fn keys_read(dir: &Path) -> Result<Option<Keys>, (PathBuf, std::io::Error)> {
    let path = dir.join(KEY_FILE);
    match key_read(&path) {
        Ok(key) => Ok(Some(Keys { present: Key::new(key), next: next_read(dir)? })),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err((path, error)),
    }
}

/// Seals every document with a new key of `random`, or goes on with a change that was broken off, whose key
/// is there already. `each` is told after each document how many of this run are durable. The platform is to
/// be the one that writes: nobody may store a document meanwhile.
///
/// # Errors
/// [`DocumentError::KeyMissing`] without a present key; [`DocumentError::Damaged`] of a document that does
/// not open, which is to be put back from a copy first: without it its key would be given up for nothing.
/// Then the change is under way still.
pub fn key_change(
    platform: &Platform,
    random: [u8; 32],
    (by, moment): (By<'_>, &Moment),
    each: &mut dyn FnMut(u64),
) -> Result<KeyChanged, DocumentError> {
    let dir = platform.dir();
    let (path, next_path) = (dir.join(KEY_FILE), dir.join(NEXT_KEY_FILE));
    let file = |path: &Path| {
        let path = path.to_owned();
        move |error| DocumentError::File { path, error }
    };
    let present = match key_read(&path) {
        Ok(key) => Key::new(key),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(DocumentError::KeyMissing { path });
        }
        Err(error) => return Err(file(&path)(error)),
    };
    let next = Key::new(key_open(&next_path, random).map_err(file(&next_path))?);
    let keys = Keys { present, next: Some(next) };
    let resealed = reseal_all(platform, &keys, moment, each)?;
    let former = dir.join(former_key_file(&keys.present.id()));
    match std::fs::hard_link(&path, &former) {
        Ok(()) => {}
        // Of a change that was broken off right here.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(file(&former)(error)),
    }
    let sync = || File::open(dir).and_then(|dir| dir.sync_all()).map_err(file(dir));
    sync()?;
    let detail = serde_json::json!({
        "former": hex(&keys.present.id()),
        "key": hex(&keys.ids()[1]),
    });
    platform.aside()?.audit_record(&[NewAudit {
        at_us: moment.now.us(),
        account: by.account,
        action: "documents_key_changed",
        subject: "",
        resource: KEY_FILE,
        detail: &detail.to_string(),
    }])?;
    std::fs::rename(&next_path, &path).map_err(file(&path))?;
    sync()?;
    Ok(KeyChanged { resealed, former })
}

/// Seals with the next key what is sealed with the present one. How many.
fn reseal_all(
    platform: &Platform,
    keys: &Keys,
    moment: &Moment,
    each: &mut dyn FnMut(u64),
) -> Result<u64, DocumentError> {
    let mut resealed = 0;
    let mut after = DocumentKey { owner_id: [0; 16], sha256: [0; 32] };
    loop {
        let page = platform.reader().documents_sealed_with(&keys.present.id(), &after, PAGE)?;
        for record in &page {
            reseal(platform, keys, record, moment)?;
            after = record.head.key;
            resealed += 1;
            each(resealed);
        }
        if page.len() < PAGE as usize {
            return Ok(resealed);
        }
    }
}

/// Seals one document anew. As many bytes as it has are in memory meanwhile.
fn reseal(
    platform: &Platform,
    keys: &Keys,
    record: &DocumentRecord,
    moment: &Moment,
) -> Result<(), DocumentError> {
    let Some(next) = &keys.next else { return Err(DocumentError::Seal) };
    let (mut head, sha256) = (record.head.clone(), hex(&record.head.key.sha256));
    let chunks = SealedChunks { platform: platform.clone(), key: head.key };
    let opened = Opened::new(keys, &head, chunks)?;
    // Another nonce for each document and run: what was sealed in a run that was broken off is not known.
    let nonce: [u8; NONCE] = moment.random(&format!("reseal {} {sha256}", hex(&head.key.owner_id)));
    let sealer = next.sealer(&head.key.owner_id, &nonce);
    let (mut sha, mut sealed) = (Sha256::new(), Vec::new());
    for chunk_no in 0..opened.count() {
        let plain = opened.chunk(chunk_no)?;
        sha.update(&plain);
        let place = Place::of(chunk_no, opened.count());
        sealed.push(sealer.seal(place, &plain).map_err(|_| DocumentError::Seal)?);
    }
    let digest: [u8; 32] = sha.finalize().into();
    if digest != head.key.sha256 {
        let what = "its bytes do not have its hash".to_owned();
        return Err(DocumentError::Damaged { sha256, what });
    }
    (head.nonce, head.key_id) = (nonce, next.id());
    head.tag = next.head_tag(&head).map_err(|_| DocumentError::Seal)?;
    Ok(platform.aside()?.document_reseal(&head, &keys.present.id(), &sealed)?)
}
