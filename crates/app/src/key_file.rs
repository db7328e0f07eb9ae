//! Key files of a data directory: 32 random bytes that only their owner reads, in no copy of the database.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Reads a key file, or makes it of `random`.
pub(crate) fn key_open(path: &Path, random: [u8; 32]) -> Result<[u8; 32]> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut new) => {
            new.write_all(&random)?;
            new.sync_all()?;
            // So that its name is there too after a power cut.
            if let Some(dir) = path.parent() {
                std::fs::File::open(dir)?.sync_all()?;
            }
            Ok(random)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => key_read(path),
        Err(error) => Err(error),
    }
}

/// Reads a key file that is there.
pub(crate) fn key_read(path: &Path) -> Result<[u8; 32]> {
    let mut kept = std::fs::File::open(path)?;
    if kept.metadata()?.permissions().mode() & 0o077 != 0 {
        return Err(Error::other(
            "others may read this key; take their rights away with `chmod 600`",
        ));
    }
    let mut key = Vec::new();
    kept.read_to_end(&mut key)?;
    key.try_into().map_err(|_| Error::other("this key does not have 32 bytes"))
}
