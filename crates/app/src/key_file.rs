//! Secret keys of a data directory: files of 32 random bytes that only their owner reads.
//!
//! INVARIANT: no key is in a copy of the database, and none is read that others could have read.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// How long a key is, in bytes.
const BYTES: usize = 32;

/// Reads a key, or makes it of `random` where there is none.
///
/// # Errors
/// Where the file cannot be made or read, where others may read it, and where it is no key.
pub(crate) fn read_or_make(path: &Path, random: [u8; BYTES]) -> Result<[u8; BYTES], Error> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut new) => {
            new.write_all(&random)?;
            new.sync_all()?;
            return Ok(random);
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    read(path)
}

/// Reads a key that is there.
///
/// # Errors
/// As [`read_or_make`].
pub(crate) fn read(path: &Path) -> Result<[u8; BYTES], Error> {
    let kept = std::fs::File::open(path)?;
    if kept.metadata()?.permissions().mode() & 0o077 != 0 {
        return Err(Error::other(
            "others may read this key; take their rights away with `chmod 600`",
        ));
    }
    let mut key = Vec::new();
    kept.take(BYTES as u64 + 1).read_to_end(&mut key)?;
    key.try_into().map_err(|_| Error::other("this key does not have 32 bytes"))
}
