//! The seal of a document: a signature over **every byte** of the file.
//!
//! In the metadata of a PDF stands `GADOLIN-SEAL/1:<key id>:<128 hexadecimal digits>`, in all places the
//! same. What is signed is `sha256:<digest in hexadecimal>` of the file with these digits set to `0`, so the
//! length and every offset of the file are those that were signed. Anybody can do that with a text tool, a
//! digest and an Ed25519 verifier; nothing of the PDF needs to be understood for it.
//!
//! INVARIANT: there is one file for a seal: each byte outside the digits is under the digest, the digits are
//! one canonical signature in lower case.

use data_encoding::HEXLOWER;
use memchr::memmem;
use sha2::{Digest, Sha256};

use super::key::{Purpose, SIGNATURE_BYTES};
use super::{KeyId, PaperError, PublicKeys, SigningKey};

/// What a seal begins with; no text of a document may hold it.
pub(super) const MARK: &str = "GADOLIN-SEAL/1:";
const KEY_DIGITS: usize = 16;
const DIGITS: usize = SIGNATURE_BYTES * 2;
/// In how many places it may stand: the document information and the XMP metadata.
const PLACES_MAX: usize = 4;

/// The text that is to stand in a file before it is sealed.
pub(super) fn place(key: KeyId) -> String {
    format!("{MARK}{key}:{}", "0".repeat(DIGITS))
}

/// Where the digits of the seal stand, and under which key.
struct Places {
    key: KeyId,
    /// Offsets of the digits.
    at: Vec<usize>,
}

impl Places {
    fn find(bytes: &[u8]) -> Result<Places, PaperError> {
        let form = PaperError::SealForm;
        let mut found: Option<(&[u8], Vec<usize>)> = None;
        for mark in memmem::find_iter(bytes, MARK.as_bytes()) {
            let start = mark + MARK.len();
            let whole = bytes.get(start..start + KEY_DIGITS + 1 + DIGITS);
            let whole = whole.ok_or(form("it is cut off"))?;
            let at = start + KEY_DIGITS + 1;
            match &mut found {
                None => found = Some((whole, vec![at])),
                Some((first, places)) if *first == whole => places.push(at),
                Some(_) => return Err(form("it stands there twice, and differs")),
            }
        }
        let (text, at) = found.ok_or(PaperError::SealMissing)?;
        if at.len() > PLACES_MAX {
            return Err(form("it stands in too many places"));
        }
        let key = text.get(..KEY_DIGITS).and_then(|digits| HEXLOWER.decode(digits).ok());
        let key: [u8; 8] = key.and_then(|key| key.try_into().ok()).ok_or(form("no key id"))?;
        if text.get(KEY_DIGITS) != Some(&b':') {
            return Err(form("no colon after the key id"));
        }
        Ok(Places { key: KeyId(key), at })
    }

    fn write(&self, bytes: &mut [u8], digits: &[u8]) {
        for at in &self.at {
            if let Some(place) = bytes.get_mut(*at..*at + DIGITS) {
                place.copy_from_slice(digits);
            }
        }
    }
}

fn message(bytes: &[u8]) -> Vec<u8> {
    format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(bytes))).into_bytes()
}

/// Seals a file in which [`place`] stands.
pub(super) fn seal(mut bytes: Vec<u8>, key: &SigningKey) -> Result<Vec<u8>, PaperError> {
    let places = Places::find(&bytes)?;
    let zeros = vec![b'0'; DIGITS];
    let empty = places.at.iter().all(|at| bytes.get(*at..*at + DIGITS) == Some(zeros.as_slice()));
    if places.key != key.public().id() || !empty {
        return Err(PaperError::SealForm("the file is sealed already, or for another key"));
    }
    let signature = key.sign(Purpose::Seal, &message(&bytes));
    places.write(&mut bytes, HEXLOWER.encode(&signature).as_bytes());
    Ok(bytes)
}

/// Verifies the seal of a file; the key that sealed it.
pub(super) fn verify(bytes: &[u8], keys: &PublicKeys) -> Result<KeyId, PaperError> {
    let places = Places::find(bytes)?;
    let digits = places.at.first().and_then(|at| bytes.get(*at..*at + DIGITS));
    let signature = digits.and_then(|digits| HEXLOWER.decode(digits).ok());
    let signature: [u8; SIGNATURE_BYTES] = signature
        .and_then(|signature| signature.try_into().ok())
        .ok_or(PaperError::SealForm("not 128 hexadecimal digits in lower case"))?;
    let mut unsealed = bytes.to_vec();
    places.write(&mut unsealed, &[b'0'; DIGITS]);
    keys.verify(places.key, Purpose::Seal, &message(&unsealed), &signature)?;
    Ok(places.key)
}
