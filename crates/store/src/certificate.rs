//! Certificates of end users: what their events add up to, and the links by which end users reach them.
//!
//! A link stands as the SHA-256 of its text and nothing else, so that a copy of the database opens none. It
//! works until it is over, is withdrawn, or gives way to another; a wrong code of the second channel is
//! counted, and after a few tries the link is over.

use rusqlite::{OptionalExtension, Row, params};

use crate::case::{LicensingChange, LicensingRead, OwnedKey};
use crate::database::StoreError;
use crate::people::one_row;

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// The applicant.
    pub owner_id: [u8; 16],
    /// Its key.
    pub certificate_id: [u8; 16],
    /// The applicant, `scheme:value`.
    pub applicant: String,
    /// For what it is used: `draft/<key>`, `case/<number>`, or `open`.
    pub purpose: String,
    /// When it was asked for, µs.
    pub asked_at_us: i64,
    /// Events that it adds up.
    pub version: u32,
    /// What they add up to, as JSON.
    pub body: String,
}

/// A link to a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateLinkRecord {
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// The applicant.
    pub owner_id: [u8; 16],
    /// Which certificate.
    pub certificate_id: [u8; 16],
    /// Until when it works, µs.
    pub expires_at_us: i64,
    /// SHA-256 of the code of the second channel; nothing where there is none.
    pub code: Option<[u8; 32]>,
    /// Wrong codes so far.
    pub tries: u32,
    /// When it was withdrawn or gave way, µs.
    pub ended_at_us: Option<i64>,
}

const COLUMNS: &str = "owner_id, certificate_id, applicant, purpose, asked_at_us, version, body";

fn certificate_row(row: &Row<'_>) -> Result<CertificateRecord, rusqlite::Error> {
    Ok(CertificateRecord {
        owner_id: row.get(0)?,
        certificate_id: row.get(1)?,
        applicant: row.get(2)?,
        purpose: row.get(3)?,
        asked_at_us: row.get(4)?,
        version: row.get(5)?,
        body: row.get(6)?,
    })
}

impl LicensingRead<'_> {
    /// A certificate of an applicant.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn certificate(
        &self,
        owner_id: [u8; 16],
        certificate_id: [u8; 16],
    ) -> Result<Option<CertificateRecord>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM certificate WHERE owner_id = ?1 AND certificate_id = ?2"
        ); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row(params![owner_id, certificate_id], certificate_row).optional()?)
    }

    /// Whose a certificate is.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn certificate_owner(
        &self,
        certificate_id: [u8; 16],
    ) -> Result<Option<[u8; 16]>, StoreError> {
        const SQL: &str = "SELECT owner_id FROM certificate_key WHERE certificate_id = ?1"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row([certificate_id], |row| row.get(0)).optional()?)
    }

    /// The certificates of an applicant, the newest first: those asked for before `before_us`, at most
    /// `limit`.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn certificates(
        &self,
        owner_id: [u8; 16],
        before_us: i64,
        limit: u32,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM certificate WHERE owner_id = ?1 AND asked_at_us < ?2
                ORDER BY asked_at_us DESC, certificate_id LIMIT ?3"
        ); // certificate_asked
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![owner_id, before_us, limit], certificate_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The certificates of an applicant that are used for one thing, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn certificates_for(
        &self,
        owner_id: [u8; 16],
        purpose: &str,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM certificate WHERE owner_id = ?1 AND purpose = ?2
                ORDER BY asked_at_us, certificate_id"
        ); // certificate_purpose
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![owner_id, purpose], certificate_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whose each certificate is, for a check of the whole.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn certificate_keys(&self) -> Result<Vec<OwnedKey>, StoreError> {
        const SQL: &str =
            "SELECT owner_id, certificate_id FROM certificate_key ORDER BY certificate_id"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A link by the SHA-256 of its text.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn certificate_link(
        &self,
        hash: &[u8; 32],
    ) -> Result<Option<CertificateLinkRecord>, StoreError> {
        const SQL: &str = "SELECT hash, owner_id, certificate_id, expires_at_us, code, tries,
            ended_at_us FROM certificate_link WHERE hash = ?1"; // primary key
        let read = |row: &Row<'_>| {
            Ok(CertificateLinkRecord {
                hash: row.get(0)?,
                owner_id: row.get(1)?,
                certificate_id: row.get(2)?,
                expires_at_us: row.get(3)?,
                code: row.get(4)?,
                tries: row.get(5)?,
                ended_at_us: row.get(6)?,
            })
        };
        Ok(self.0.prepare_cached(SQL)?.query_row([hash], read).optional()?)
    }
}

impl LicensingChange<'_> {
    /// Adds a certificate, and whose it is.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses, also a key that is taken.
    pub fn certificate_add(&self, certificate: &CertificateRecord) -> Result<(), StoreError> {
        const KEY: &str = "INSERT INTO certificate_key (certificate_id, owner_id) VALUES (?1, ?2)";
        const SQL: &str = "INSERT INTO certificate
            (owner_id, certificate_id, applicant, purpose, asked_at_us, version, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut key = self.0.prepare_cached(KEY)?;
        key.execute(params![certificate.certificate_id, certificate.owner_id])?;
        let added = self.0.prepare_cached(SQL)?.execute(params![
            certificate.owner_id,
            certificate.certificate_id,
            certificate.applicant,
            certificate.purpose,
            certificate.asked_at_us,
            certificate.version,
            certificate.body
        ])?;
        one_row(added, "certificate")
    }

    /// Writes a certificate in the place of the version `before`.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where somebody changed it meanwhile.
    pub fn certificate_put(
        &self,
        certificate: &CertificateRecord,
        before: u32,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE certificate SET purpose = ?3, version = ?4, body = ?5
            WHERE owner_id = ?1 AND certificate_id = ?2 AND version = ?6"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            certificate.owner_id,
            certificate.certificate_id,
            certificate.purpose,
            certificate.version,
            certificate.body,
            before
        ])?;
        one_row(changed, "certificate")
    }

    /// Adds a link to a certificate.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn certificate_link_add(&self, link: &CertificateLinkRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO certificate_link
            (hash, owner_id, certificate_id, expires_at_us, code, tries, ended_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let added = self.0.prepare_cached(SQL)?.execute(params![
            link.hash,
            link.owner_id,
            link.certificate_id,
            link.expires_at_us,
            link.code,
            link.tries,
            link.ended_at_us
        ])?;
        one_row(added, "certificate_link")
    }

    /// Ends all links to a certificate that still work; how many there were.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn certificate_links_end(
        &self,
        owner_id: [u8; 16],
        certificate_id: [u8; 16],
        at_us: i64,
    ) -> Result<usize, StoreError> {
        // Any number of rows: a certificate may have none.
        const SQL: &str = "UPDATE certificate_link SET ended_at_us = ?3
            WHERE owner_id = ?1 AND certificate_id = ?2 AND ended_at_us IS NULL"; // certificate_link_of
        Ok(self.0.prepare_cached(SQL)?.execute(params![owner_id, certificate_id, at_us])?)
    }

    /// Sets until when a link works: after the signature it is kept for the certificate's own time.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where there is no such link.
    pub fn certificate_link_keep(
        &self,
        hash: &[u8; 32],
        expires_at_us: i64,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE certificate_link SET expires_at_us = ?2 WHERE hash = ?1"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![hash, expires_at_us])?;
        one_row(changed, "certificate_link")
    }

    /// Counts a wrong code of the second channel.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where there is no such link.
    pub fn certificate_link_missed(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE certificate_link SET tries = tries + 1 WHERE hash = ?1"; // primary key
        one_row(self.0.prepare_cached(SQL)?.execute([hash])?, "certificate_link")
    }
}
