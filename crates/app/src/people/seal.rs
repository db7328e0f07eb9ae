//! Secrets that the platform must be able to read again, sealed in the database.
//!
//! XChaCha20-Poly1305 with a random nonce, bound to the account: a sealed secret moved to another account
//! does not open. The key is a file of the data directory that only its owner reads; it is in no copy of the
//! database, so that a lost backup gives no code away.

use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::PeopleError;
use crate::key_file::key_open;

const NONCE: usize = 24;

/// The key of a data directory.
pub(super) struct Key(XChaCha20Poly1305);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// Reads the key file, or makes it of `random`.
    pub(super) fn open(path: &Path, random: [u8; 32]) -> Result<Key, PeopleError> {
        let key = key_open(path, random)
            .map_err(|error| PeopleError::File { path: path.to_owned(), error })?;
        Ok(Key(XChaCha20Poly1305::new(&key.into())))
    }

    /// Seals a secret of an account.
    pub(super) fn seal(
        &self,
        account: &str,
        secret: &[u8],
        nonce: [u8; NONCE],
    ) -> Result<Vec<u8>, PeopleError> {
        let payload = Payload { msg: secret, aad: account.as_bytes() };
        let sealed = self
            .0
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| PeopleError::Secret("the secret could not be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens a sealed secret of an account.
    pub(super) fn open_sealed(&self, account: &str, sealed: &[u8]) -> Result<Vec<u8>, PeopleError> {
        let failed = PeopleError::Secret(
            "a secret was sealed with another `people.key`; put that file back, or reset the account",
        );
        let Some((nonce, sealed)) = sealed.split_at_checked(NONCE) else { return Err(failed) };
        let payload = Payload { msg: sealed, aad: account.as_bytes() };
        self.0.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| failed)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_and_account_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("people.key");
        let key = Key::open(&path, [1; 32]).unwrap();
        let sealed = key.seal("mira", b"secret", [2; 24]).unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        let again = Key::open(&path, [9; 32]).unwrap();
        assert_eq!(again.open_sealed("mira", &sealed).unwrap(), b"secret");
        assert!(again.open_sealed("nord", &sealed).is_err());
        assert!(again.open_sealed("mira", &sealed[..20]).is_err());
        let other = Key::open(&dir.path().join("other.key"), [3; 32]).unwrap();
        assert!(other.open_sealed("mira", &sealed).is_err());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Key::open(&path, [1; 32]).unwrap_err().to_string().contains("chmod 600"));
    }
}
