//! Enquiries: what was asked and answered, as its events add up.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params};

use crate::case::{LicensingChange, LicensingRead};
use crate::database::StoreError;
use crate::people::one_row;

/// An enquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnquiryRecord {
    /// Who asks.
    pub owner_id: [u8; 16],
    /// Its key.
    pub enquiry_id: [u8; 16],
    /// What the list shows of it.
    pub row: EnquiryRow,
    /// Entries that it adds up.
    pub version: u32,
    /// What they add up to, as JSON.
    pub body: String,
}

/// What a list shows of an enquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnquiryRow {
    /// Its number.
    pub number: String,
    /// Who asks, `scheme:value`.
    pub asker: String,
    /// `classification` or `case`.
    pub about: String,
    /// What it is about, in a line.
    pub subject: String,
    /// `open` or `answered`.
    pub state: String,
    /// When it was asked, µs.
    pub asked_at_us: i64,
    /// When something last happened to it, µs.
    pub changed_at_us: i64,
}

/// Where a page of a list ends: the next begins after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnquiryCursor {
    /// When something last happened, µs.
    pub changed_at_us: i64,
    /// Number.
    pub number: String,
}

const ROW: &str = "number, asker, about, subject, state, asked_at_us, changed_at_us";

fn enquiry_row(row: &Row<'_>) -> Result<EnquiryRow, rusqlite::Error> {
    Ok(EnquiryRow {
        number: row.get(0)?,
        asker: row.get(1)?,
        about: row.get(2)?,
        subject: row.get(3)?,
        state: row.get(4)?,
        asked_at_us: row.get(5)?,
        changed_at_us: row.get(6)?,
    })
}

impl LicensingRead<'_> {
    /// An enquiry by its number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn enquiry(&self, number: &str) -> Result<Option<EnquiryRecord>, StoreError> {
        let sql = "SELECT owner_id, enquiry_id FROM enquiry_number WHERE number = ?1"; // primary key
        let mut statement = self.0.prepare_cached(sql)?;
        let key: Option<([u8; 16], [u8; 16])> =
            statement.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((owner_id, enquiry_id)) = key else { return Ok(None) };
        let sql = format!(
            "SELECT {ROW}, version, body FROM enquiry WHERE owner_id = ?1 AND enquiry_id = ?2"
        ); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let found = statement.query_row(params![owner_id, enquiry_id], |row| {
            Ok(EnquiryRecord {
                owner_id,
                enquiry_id,
                row: enquiry_row(row)?,
                version: row.get(7)?,
                body: row.get(8)?,
            })
        });
        Ok(found.optional()?)
    }

    /// A page of the enquiries in a state, of a party or of all: those that changed first at the head.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn enquiries(
        &self,
        owner_id: Option<[u8; 16]>,
        state: &str,
        after: Option<&EnquiryCursor>,
        limit: u32,
    ) -> Result<Vec<EnquiryRow>, StoreError> {
        let (at, number) =
            after.map_or((i64::MIN, ""), |cursor| (cursor.changed_at_us, cursor.number.as_str()));
        let mut values: Vec<Value> = vec![
            state.to_owned().into(),
            at.into(),
            number.to_owned().into(),
            i64::from(limit).into(),
        ];
        let owned = if let Some(owner_id) = owner_id {
            values.push(owner_id.to_vec().into());
            "owner_id = ?5 AND"
        } else {
            ""
        };
        let sql = format!(
            "SELECT {ROW} FROM enquiry
            WHERE {owned} state = ?1 AND (changed_at_us, number) > (?2, ?3)
            ORDER BY changed_at_us, number LIMIT ?4"
        ); // enquiry_asker or enquiry_state
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), enquiry_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many enquiries of a party wait for an answer, counted up to `most`.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn enquiries_open(&self, owner_id: [u8; 16], most: u32) -> Result<u32, StoreError> {
        const SQL: &str = "SELECT count(*) FROM (SELECT 1 FROM enquiry
            WHERE owner_id = ?1 AND state = 'open' LIMIT ?2)"; // enquiry_asker
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row(params![owner_id, most], |row| row.get(0))?)
    }

    /// The numbers of all enquiries, for a check of the whole.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn enquiry_numbers(&self) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT number FROM enquiry_number ORDER BY number"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl LicensingChange<'_> {
    /// Adds an enquiry and its number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses, also a number that is taken.
    pub fn enquiry_add(&self, enquiry: &EnquiryRecord) -> Result<(), StoreError> {
        const NUMBER: &str =
            "INSERT INTO enquiry_number (number, owner_id, enquiry_id) VALUES (?1, ?2, ?3)";
        const SQL: &str =
            "INSERT INTO enquiry (owner_id, enquiry_id, number, asker, about, subject,
                state, asked_at_us, changed_at_us, version, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let row = &enquiry.row;
        let mut number = self.0.prepare_cached(NUMBER)?;
        number.execute(params![row.number, enquiry.owner_id, enquiry.enquiry_id])?;
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            enquiry.owner_id,
            enquiry.enquiry_id,
            row.number,
            row.asker,
            row.about,
            row.subject,
            row.state,
            row.asked_at_us,
            row.changed_at_us,
            enquiry.version,
            enquiry.body
        ])?;
        one_row(changed, "enquiry")
    }

    /// Writes an enquiry in the place of the version `before`.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where somebody changed it meanwhile.
    pub fn enquiry_put(&self, enquiry: &EnquiryRecord, before: u32) -> Result<(), StoreError> {
        const SQL: &str =
            "UPDATE enquiry SET state = ?3, changed_at_us = ?4, version = ?5, body = ?6
            WHERE owner_id = ?1 AND enquiry_id = ?2 AND version = ?7"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            enquiry.owner_id,
            enquiry.enquiry_id,
            enquiry.row.state,
            enquiry.row.changed_at_us,
            enquiry.version,
            enquiry.body,
            before
        ])?;
        one_row(changed, "enquiry")
    }
}
