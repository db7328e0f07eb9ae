//! Private links to calendars.

use rusqlite::{OptionalExtension, params};

use crate::database::StoreError;
use crate::people::{PeopleChange, PeopleRead, one_row};

impl PeopleRead<'_> {
    /// When the good link of an account was made, µs; nothing where it has none.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn calendar_link(&self, account: &str) -> Result<Option<i64>, StoreError> {
        const SQL: &str = "SELECT made_at_us FROM calendar_link
            WHERE account = ?1 AND revoked_at_us IS NULL"; // calendar_link_good
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row([account], |row| row.get(0)).optional()?)
    }

    /// Whose a good link is, by the hash of its text.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn calendar_account(&self, hash: &[u8; 32]) -> Result<Option<String>, StoreError> {
        const SQL: &str =
            "SELECT account FROM calendar_link WHERE hash = ?1 AND revoked_at_us IS NULL"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row([hash], |row| row.get(0)).optional()?)
    }
}

impl PeopleChange<'_> {
    /// Adds a link to the calendar of an account that has no good one.
    ///
    /// # Errors
    /// [`StoreError`] where it has one.
    pub fn calendar_link_add(
        &self,
        hash: &[u8; 32],
        account: &str,
        made_at_us: i64,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO calendar_link (hash, account, made_at_us) VALUES (?1, ?2, ?3)";
        let mut statement = self.0.prepare_cached(SQL)?;
        one_row(statement.execute(params![hash, account, made_at_us])?, "calendar_link")
    }

    /// Revokes the good link of an account.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it has none.
    pub fn calendar_link_revoke(&self, account: &str, at_us: i64) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE calendar_link SET revoked_at_us = ?2
            WHERE account = ?1 AND revoked_at_us IS NULL"; // calendar_link_good
        let mut statement = self.0.prepare_cached(SQL)?;
        one_row(statement.execute(params![account, at_us])?, "calendar_link")
    }
}
