//! Keys of the authority's signatures: Ed25519 (RFC 8032), public keys as PEM (RFC 7468, RFC 8410), so that
//! common tools read them too.
//!
//! A signature is over a **purpose** and a message: what was signed as one thing can never be shown as
//! another.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256};

use super::PaperError;

/// Length of a signature in bytes.
pub const SIGNATURE_BYTES: usize = 64;
/// How many keys a verifier takes: the present one and those before it.
const KEYS_MAX: usize = 64;
/// The longest key file.
const KEY_FILE_BYTES_MAX: usize = 64 << 10;
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410 section 4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Which key: the first 8 bytes of the SHA-256 of the 32 bytes of the public key, shown in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A code of a licence.
    Payload,
    /// A seal over all bytes of a document.
    Seal,
}

impl Purpose {
    /// The text before the message; a message of one purpose is never one of another.
    fn message(self, message: &[u8]) -> Vec<u8> {
        let purpose: &[u8] = match self {
            Purpose::Payload => b"gadolin licence code 1\n",
            Purpose::Seal => b"gadolin document seal 1\n",
        };
        [purpose, message].concat()
    }
}

/// The secret key of an authority.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public().id())
    }
}

impl SigningKey {
    /// The key of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> SigningKey {
        SigningKey(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// The key with which others verify.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, purpose: Purpose, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(&purpose.message(message)).to_bytes()
    }
}

/// A key with which anybody verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Which key it is.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let digest = Sha256::digest(self.0.as_bytes());
        let mut id = [0; 8];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        KeyId(id)
    }

    /// The key as a text file: its id as a comment, then PEM.
    #[must_use]
    pub fn to_text(&self) -> String {
        let der = [SPKI.as_slice(), self.0.as_bytes()].concat();
        format!("key {}\n{BEGIN}\n{}\n{END}\n", self.id(), BASE64.encode(&der))
    }
}

/// The keys that a verifier trusts: the present one of an authority and those before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// Keys that are at hand.
    #[must_use]
    pub fn of(keys: Vec<PublicKey>) -> PublicKeys {
        PublicKeys(keys)
    }

    /// Reads a key file: one or more keys in PEM; lines outside of them are comments.
    ///
    /// # Errors
    /// [`PaperError::KeyForm`], also where there is no key in it.
    pub fn read(text: &str) -> Result<PublicKeys, PaperError> {
        let form = |message: &str| PaperError::KeyForm(message.to_owned());
        if text.len() > KEY_FILE_BYTES_MAX {
            return Err(form("the file is too long"));
        }
        let mut keys: Vec<PublicKey> = Vec::new();
        let mut block: Option<String> = None;
        for line in text.lines().map(str::trim) {
            match (&mut block, line) {
                (None, BEGIN) => block = Some(String::new()),
                (Some(_), BEGIN) => return Err(form("a key does not end")),
                (Some(body), END) => {
                    keys.push(key_read(body)?);
                    block = None;
                }
                (Some(body), line) => body.push_str(line),
                (None, _) => {}
            }
        }
        if block.is_some() {
            return Err(form("a key does not end"));
        }
        if keys.is_empty() || keys.len() > KEYS_MAX {
            return Err(PaperError::KeyForm(format!("the file has {} keys", keys.len())));
        }
        Ok(PublicKeys(keys))
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: PublicKeys) -> PublicKeys {
        for key in others.0 {
            if !self.0.contains(&key) {
                self.0.push(key);
            }
        }
        self
    }

    /// The keys as a text file, which [`PublicKeys::read`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.iter().map(PublicKey::to_text).collect()
    }

    /// Which keys these are.
    #[must_use]
    pub fn ids(&self) -> Vec<KeyId> {
        self.0.iter().map(PublicKey::id).collect()
    }

    /// Verifies strictly (no small-order keys or points, canonical encodings only), so that each message
    /// has one signature of a signer and no byte of it can be changed.
    pub(super) fn verify(
        &self,
        id: KeyId,
        purpose: Purpose,
        message: &[u8],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<(), PaperError> {
        let key = self.0.iter().find(|key| key.id() == id);
        let key = key.ok_or_else(|| PaperError::KeyUnknown { found: id, given: self.ids() })?;
        key.0
            .verify_strict(&purpose.message(message), &Signature::from_bytes(signature))
            .map_err(|_| PaperError::SignatureWrong(id))
    }
}

fn key_read(body: &str) -> Result<PublicKey, PaperError> {
    let form = |message: &str| PaperError::KeyForm(message.to_owned());
    let der = BASE64.decode(body.as_bytes()).map_err(|_| form("a key is not in base64"))?;
    let bytes = der.strip_prefix(SPKI.as_slice()).and_then(|rest| <[u8; 32]>::try_from(rest).ok());
    let bytes = bytes.ok_or_else(|| form("a key is no Ed25519 key"))?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| form("a key is no point of Ed25519"))?;
    if key.is_weak() {
        return Err(form("a key is of small order, so that anything would verify"));
    }
    Ok(PublicKey(key))
}
