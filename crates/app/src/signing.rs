//! The key with which the authority signs its licences and seals its documents, and the public keys with
//! which anybody verifies them.
//!
//! The secret key is a file of the data directory beside `people.key`, made of chance that is given, readable
//! by its owner only, and in no backup. Changing it keeps the former public key, so that what was issued
//! before goes on verifying: whoever verifies takes several keys.
//!
//! INVARIANT: a former public key is on the disk before the key it belonged to is gone.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use formats::paper::{KeyId, PaperError, Payload, PublicKeys, SigningKey};

use crate::key_file::key_open;

/// The file of the secret key in a data directory.
pub const SIGNING_KEY_FILE: &str = "licence.key";
/// The file of the former public keys.
pub const FORMER_KEYS_FILE: &str = "licence-former.pub";
/// Where a new key is written before it takes the place of the old one.
const NEW_KEY_FILE: &str = "licence.key.new";

/// Why the keys of an installation cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// A file cannot be read or written, or others may read it.
    #[error("`{}`: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The former public keys cannot be read.
    #[error("`{}`: {error}", path.display())]
    Former {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        error: PaperError,
    },
}

/// The keys of an installation.
#[derive(Debug)]
pub struct Signing {
    key: SigningKey,
    former: Option<PublicKeys>,
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> SigningError {
    let path = path.to_owned();
    move |error| SigningError::File { path, error }
}

impl Signing {
    /// The keys of a data directory; `random` becomes its key where it has none.
    ///
    /// # Errors
    /// [`SigningError`] where a file cannot be read or made, or others may read the key.
    pub fn open(dir: &Path, random: [u8; 32]) -> Result<Signing, SigningError> {
        std::fs::create_dir_all(dir).map_err(file(dir))?;
        let path = dir.join(SIGNING_KEY_FILE);
        let seed = key_open(&path, random).map_err(file(&path))?;
        Ok(Signing { key: SigningKey::from_seed(seed), former: former_read(dir)? })
    }

    /// Gives the data directory a new key of `random`; the public key of the one before is kept.
    ///
    /// # Errors
    /// [`SigningError`]; the key before stays in use then.
    pub fn change(self, dir: &Path, random: [u8; 32]) -> Result<Signing, SigningError> {
        let path = dir.join(FORMER_KEYS_FILE);
        let mut former = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o644)
            .open(&path)
            .map_err(file(&path))?;
        let text = self.key.public().to_text();
        former.write_all(text.as_bytes()).and_then(|()| former.sync_all()).map_err(file(&path))?;
        let new = dir.join(NEW_KEY_FILE);
        match std::fs::remove_file(&new) {
            // Of a change that was broken off.
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(file(&new)(error)),
        }
        key_open(&new, random).map_err(file(&new))?;
        let path = dir.join(SIGNING_KEY_FILE);
        std::fs::rename(&new, &path).map_err(file(&path))?;
        let directory = std::fs::File::open(dir).map_err(file(dir))?;
        directory.sync_all().map_err(file(dir))?;
        Signing::open(dir, random)
    }

    /// The key that signs.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Which key signs.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.key.public().id()
    }

    /// The keys that verify: the present one first.
    #[must_use]
    pub fn public_keys(&self) -> PublicKeys {
        let keys = PublicKeys::of(vec![self.key.public()]);
        keys.and(self.former.clone().unwrap_or_default())
    }

    /// The number of the licence whose scanned code a text is.
    ///
    /// # Errors
    /// [`PaperError`] where it is no code that one of the keys signed.
    pub fn code_number(&self, text: &str) -> Result<String, PaperError> {
        let text = text.trim();
        Payload::verify(text, &self.public_keys()).map(|(payload, _)| payload.number)
    }

    /// The keys that verify, as a text file to be given to anybody: PEM, the present one first.
    #[must_use]
    pub fn public_text(&self) -> String {
        self.public_keys().to_text()
    }
}

fn former_read(dir: &Path) -> Result<Option<PublicKeys>, SigningError> {
    let path = dir.join(FORMER_KEYS_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file(&path)(error)),
    };
    let former = PublicKeys::read(&text);
    former.map(Some).map_err(|error| SigningError::Former { path, error })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_is_its_owners_and_its_change_keeps_the_former_public_key() {
        let dir = tempfile::tempdir().unwrap();
        let first = Signing::open(dir.path(), [1; 32]).unwrap();
        let id = first.id();
        assert_eq!(Signing::open(dir.path(), [2; 32]).unwrap().id(), id, "made once");
        let path = dir.path().join(SIGNING_KEY_FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(first.public_keys().ids(), [id]);
        // What a broken-off change left behind does no harm.
        std::fs::write(dir.path().join(NEW_KEY_FILE), b"half").unwrap();
        let second = first.change(dir.path(), [3; 32]).unwrap();
        assert_ne!(second.id(), id);
        assert_eq!(second.public_keys().ids(), [second.id(), id]);
        let third = second.change(dir.path(), [4; 32]).unwrap();
        let ids = third.public_keys().ids();
        assert_eq!((ids.len(), ids[0], ids[1]), (3, third.id(), id));
        assert_eq!(PublicKeys::read(&third.public_text()).unwrap().ids(), ids);
        assert!(!third.public_text().contains("PRIVATE"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = Signing::open(dir.path(), [5; 32]).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}
