//! Registrations with general licences: what their events add up to, what customs recorded against them,
//! and the returns that their users file.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params};

use crate::case::{LicensingChange, LicensingRead};
use crate::database::StoreError;
use crate::people::one_row;

/// A registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneralRecord {
    /// The user.
    pub owner_id: [u8; 16],
    /// Its number.
    pub number: String,
    /// The user, `scheme:value`.
    pub party: String,
    /// Code of the general licence.
    pub general: String,
    /// `active`, `suspended`, `withdrawn` or `given_up`.
    pub state: String,
    /// When it began, µs.
    pub registered_at_us: i64,
    /// Entries that it adds up.
    pub version: u32,
    /// What they add up to, as JSON.
    pub body: String,
}

/// Where a page of registrations ends: the next begins after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneralCursor {
    /// When it began, µs.
    pub registered_at_us: i64,
    /// Number.
    pub number: String,
}

/// A use as customs told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneralUseRecord {
    /// Its place in the registration, from 1.
    pub seq: u64,
    /// The post.
    pub post: String,
    /// Id of the message.
    pub message_id: String,
    /// SHA-256 of what was read of it.
    pub digest: [u8; 32],
    /// The instant against which it was tested, µs.
    pub used_at_us: i64,
    /// When it was recorded, µs.
    pub recorded_at_us: i64,
    /// Account that told it.
    pub account: String,
    /// What was recorded, as JSON.
    pub body: String,
}

/// A return as filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneralReturnRecord {
    /// Its place in the registration, from 1.
    pub seq: u64,
    /// First day of its period, ISO 8601.
    pub from_day: String,
    /// When it was filed, µs.
    pub filed_at_us: i64,
    /// Account that filed it.
    pub account: String,
    /// As filed, as JSON.
    pub body: String,
}

const REGISTRATION: &str =
    "SELECT owner_id, number, party, general, state, registered_at_us, version,
    body FROM general_registration";
const USE: &str = "SELECT seq, post, message_id, digest, used_at_us, recorded_at_us, account, body
    FROM general_use";

fn registration_row(row: &Row<'_>) -> Result<GeneralRecord, rusqlite::Error> {
    Ok(GeneralRecord {
        owner_id: row.get(0)?,
        number: row.get(1)?,
        party: row.get(2)?,
        general: row.get(3)?,
        state: row.get(4)?,
        registered_at_us: row.get(5)?,
        version: row.get(6)?,
        body: row.get(7)?,
    })
}

fn use_row(row: &Row<'_>) -> Result<GeneralUseRecord, rusqlite::Error> {
    Ok(GeneralUseRecord {
        seq: row.get::<_, i64>(0)? as u64,
        post: row.get(1)?,
        message_id: row.get(2)?,
        digest: row.get(3)?,
        used_at_us: row.get(4)?,
        recorded_at_us: row.get(5)?,
        account: row.get(6)?,
        body: row.get(7)?,
    })
}

impl LicensingRead<'_> {
    /// A registration by its number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn general_registration(&self, number: &str) -> Result<Option<GeneralRecord>, StoreError> {
        const KEY: &str = "SELECT owner_id FROM general_number WHERE number = ?1"; // primary key
        let mut statement = self.0.prepare_cached(KEY)?;
        let owner_id: Option<[u8; 16]> =
            statement.query_row([number], |row| row.get(0)).optional()?;
        let Some(owner_id) = owner_id else { return Ok(None) };
        let sql = format!("{REGISTRATION} WHERE owner_id = ?1 AND number = ?2"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row(params![owner_id, number], registration_row).optional()?)
    }

    /// The registrations of a user, by number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn general_registrations_of(
        &self,
        owner_id: [u8; 16],
    ) -> Result<Vec<GeneralRecord>, StoreError> {
        let sql = format!("{REGISTRATION} WHERE owner_id = ?1 ORDER BY number"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([owner_id], registration_row)?.collect::<Result<_, _>>()?)
    }

    /// A page of the registrations with a general licence that stand so, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn general_registrations(
        &self,
        general: &str,
        state: &str,
        after: Option<&GeneralCursor>,
        limit: u32,
    ) -> Result<Vec<GeneralRecord>, StoreError> {
        let (at, number) = after
            .map_or((i64::MIN, ""), |cursor| (cursor.registered_at_us, cursor.number.as_str()));
        let values: Vec<Value> = vec![
            general.to_owned().into(),
            state.to_owned().into(),
            at.into(),
            number.to_owned().into(),
            i64::from(limit).into(),
        ];
        let sql = format!(
            "{REGISTRATION} WHERE general = ?1 AND state = ?2
            AND (registered_at_us, number) > (?3, ?4) ORDER BY registered_at_us, number LIMIT ?5"
        ); // general_registration_state
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), registration_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The numbers of all registrations, for a check of the whole.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn general_numbers(&self) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT number FROM general_number ORDER BY number"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What customs recorded against a registration, in the order of arrival.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn general_uses(
        &self,
        owner_id: [u8; 16],
        number: &str,
    ) -> Result<Vec<GeneralUseRecord>, StoreError> {
        let sql = format!("{USE} WHERE owner_id = ?1 AND number = ?2 ORDER BY seq"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map(params![owner_id, number], use_row)?.collect::<Result<_, _>>()?)
    }

    /// The digest and the record of a message that was recorded.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn general_use_message(
        &self,
        post: &str,
        message_id: &str,
    ) -> Result<Option<([u8; 32], String)>, StoreError> {
        const SQL: &str =
            "SELECT digest, body FROM general_use WHERE post = ?1 AND message_id = ?2"; // general_use_message
        let mut statement = self.0.prepare_cached(SQL)?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        Ok(statement.query_row(params![post, message_id], read).optional()?)
    }

    /// The returns of a registration, in their order.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn general_returns(
        &self,
        owner_id: [u8; 16],
        number: &str,
    ) -> Result<Vec<GeneralReturnRecord>, StoreError> {
        const SQL: &str = "SELECT seq, from_day, filed_at_us, account, body FROM general_return
            WHERE owner_id = ?1 AND number = ?2 ORDER BY seq"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let read = |row: &Row<'_>| {
            Ok(GeneralReturnRecord {
                seq: row.get::<_, i64>(0)? as u64,
                from_day: row.get(1)?,
                filed_at_us: row.get(2)?,
                account: row.get(3)?,
                body: row.get(4)?,
            })
        };
        Ok(statement.query_map(params![owner_id, number], read)?.collect::<Result<_, _>>()?)
    }
}

impl LicensingChange<'_> {
    /// Adds a registration and its number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses, also a number that is taken, or a second registration with the
    /// same general licence.
    pub fn general_add(&self, of: &GeneralRecord) -> Result<(), StoreError> {
        const NUMBER: &str = "INSERT INTO general_number (number, owner_id) VALUES (?1, ?2)";
        const SQL: &str =
            "INSERT INTO general_registration (owner_id, number, party, general, state,
            registered_at_us, version, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut number = self.0.prepare_cached(NUMBER)?;
        number.execute(params![of.number, of.owner_id])?;
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            of.owner_id,
            of.number,
            of.party,
            of.general,
            of.state,
            of.registered_at_us,
            of.version,
            of.body
        ])?;
        one_row(changed, "general_registration")
    }

    /// Writes a registration in the place of the version `before`.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where somebody changed it meanwhile.
    pub fn general_put(&self, of: &GeneralRecord, before: u32) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE general_registration SET state = ?3, version = ?4, body = ?5
            WHERE owner_id = ?1 AND number = ?2 AND version = ?6"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            of.owner_id,
            of.number,
            of.state,
            of.version,
            of.body,
            before
        ])?;
        one_row(changed, "general_registration")
    }

    /// Adds a use after the last of its registration.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it was not written; else the engine refuses, such as where the message
    /// is recorded.
    pub fn general_use_add(
        &self,
        owner_id: [u8; 16],
        number: &str,
        of: &GeneralUseRecord,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO general_use (owner_id, number, seq, post, message_id, digest,
            used_at_us, recorded_at_us, account, body)
            SELECT ?1, ?2, COALESCE(MAX(seq), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9
            FROM general_use WHERE owner_id = ?1 AND number = ?2"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            owner_id,
            number,
            of.post,
            of.message_id,
            of.digest,
            of.used_at_us,
            of.recorded_at_us,
            of.account,
            of.body
        ])?;
        one_row(changed, "general_use")
    }

    /// Adds a return after the last of its registration.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it was not written; else the engine refuses.
    pub fn general_return_add(
        &self,
        owner_id: [u8; 16],
        number: &str,
        of: &GeneralReturnRecord,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO general_return (owner_id, number, seq, from_day, filed_at_us,
            account, body)
            SELECT ?1, ?2, COALESCE(MAX(seq), 0) + 1, ?3, ?4, ?5, ?6
            FROM general_return WHERE owner_id = ?1 AND number = ?2"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            owner_id,
            number,
            of.from_day,
            of.filed_at_us,
            of.account,
            of.body
        ])?;
        one_row(changed, "general_return")
    }
}
