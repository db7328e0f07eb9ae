//! Passkeys, and who people are at identity providers.

use rusqlite::{OptionalExtension, Row, params};

use crate::database::StoreError;
use crate::people::{PeopleChange, PeopleRead, one_row};

/// A row of `passkey`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRecord {
    /// By which its authenticator names it.
    pub credential_id: Vec<u8>,
    /// What it is called where it may be removed.
    pub id: [u8; 16],
    /// Whose it is.
    pub account: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key and what belongs to it, as JSON.
    pub credential: String,
    /// The last signature counter; 0 where the authenticator does not count.
    pub counter: u32,
    /// When it was registered, µs.
    pub created_at_us: i64,
    /// When it last signed in, µs.
    pub used_at_us: Option<i64>,
}

/// A row of `identity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRecord {
    /// The provider's issuer.
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
    /// What it is called where it may be taken away.
    pub id: [u8; 16],
    /// Who it is here.
    pub account: String,
    /// Key of the account that linked it; empty for the command line.
    pub linked_by: String,
    /// When it was linked, µs.
    pub linked_at_us: i64,
    /// When it last signed in, µs.
    pub used_at_us: Option<i64>,
}

const PASSKEY_COLUMNS: &str =
    "credential_id, id, account, name, credential, counter, created_at_us, used_at_us";
const IDENTITY_COLUMNS: &str = "issuer, subject, id, account, linked_by, linked_at_us, used_at_us";

fn passkey_of(row: &Row<'_>) -> rusqlite::Result<PasskeyRecord> {
    Ok(PasskeyRecord {
        credential_id: row.get(0)?,
        id: row.get(1)?,
        account: row.get(2)?,
        name: row.get(3)?,
        credential: row.get(4)?,
        counter: row.get(5)?,
        created_at_us: row.get(6)?,
        used_at_us: row.get(7)?,
    })
}

fn identity_of(row: &Row<'_>) -> rusqlite::Result<IdentityRecord> {
    Ok(IdentityRecord {
        issuer: row.get(0)?,
        subject: row.get(1)?,
        id: row.get(2)?,
        account: row.get(3)?,
        linked_by: row.get(4)?,
        linked_at_us: row.get(5)?,
        used_at_us: row.get(6)?,
    })
}

impl PeopleRead<'_> {
    /// A passkey by the name that its authenticator gives it.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn passkey(&self, credential_id: &[u8]) -> Result<Option<PasskeyRecord>, StoreError> {
        let sql = format!("SELECT {PASSKEY_COLUMNS} FROM passkey WHERE credential_id = ?1"); // primary key
        Ok(self.0.prepare_cached(&sql)?.query_row([credential_id], passkey_of).optional()?)
    }

    /// The passkeys of a person, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn passkeys_of(&self, account: &str) -> Result<Vec<PasskeyRecord>, StoreError> {
        let sql = format!(
            "SELECT {PASSKEY_COLUMNS} FROM passkey WHERE account = ?1 ORDER BY created_at_us, id"
        ); // passkey_account
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([account], passkey_of)?.collect::<Result<_, _>>()?)
    }

    /// By what authenticators know a person; nothing before its first passkey.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn passkey_handle(&self, account: &str) -> Result<Option<[u8; 16]>, StoreError> {
        const SQL: &str = "SELECT handle FROM passkey_handle WHERE account = ?1"; // primary key
        Ok(self.0.prepare_cached(SQL)?.query_row([account], |row| row.get(0)).optional()?)
    }

    /// Who somebody at a provider is here.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<IdentityRecord>, StoreError> {
        let sql =
            format!("SELECT {IDENTITY_COLUMNS} FROM identity WHERE issuer = ?1 AND subject = ?2"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row([issuer, subject], identity_of).optional()?)
    }

    /// Who a person is at providers, oldest link first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn identities_of(&self, account: &str) -> Result<Vec<IdentityRecord>, StoreError> {
        let sql = format!(
            "SELECT {IDENTITY_COLUMNS} FROM identity WHERE account = ?1 ORDER BY linked_at_us, id"
        ); // identity_account
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([account], identity_of)?.collect::<Result<_, _>>()?)
    }
}

impl PeopleChange<'_> {
    /// By what authenticators know a person: `fresh` with its first passkey, then the same for ever.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn passkey_handle_make(
        &self,
        account: &str,
        fresh: &[u8; 16],
    ) -> Result<[u8; 16], StoreError> {
        const ADD: &str = "INSERT INTO passkey_handle (account, handle) VALUES (?1, ?2)
            ON CONFLICT (account) DO NOTHING";
        const READ: &str = "SELECT handle FROM passkey_handle WHERE account = ?1"; // primary key
        // None changed where it has one.
        self.0.prepare_cached(ADD)?.execute(params![account, fresh])?;
        Ok(self.0.prepare_cached(READ)?.query_row([account], |row| row.get(0))?)
    }

    /// Adds a passkey; whether it was not known yet, to anybody.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn passkey_add(&self, passkey: &PasskeyRecord) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO passkey
            (credential_id, id, account, name, credential, counter, created_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (credential_id) DO NOTHING";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            passkey.credential_id,
            passkey.id,
            passkey.account,
            passkey.name,
            passkey.credential,
            passkey.counter,
            passkey.created_at_us
        ])?;
        Ok(changed == 1)
    }

    /// Notes that a passkey signed in, with its new counter; whether it still stood as `before` has it: of
    /// two that come at once with one counter, one is refused.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn passkey_use(
        &self,
        before: &PasskeyRecord,
        credential: &str,
        counter: u32,
        at_us: i64,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE passkey SET credential = ?3, counter = ?4, used_at_us = ?5
            WHERE credential_id = ?1 AND counter = ?2"; // primary key
        let values = params![before.credential_id, before.counter, credential, counter, at_us];
        Ok(self.0.prepare_cached(SQL)?.execute(values)? == 1)
    }

    /// Removes one passkey of a person; whether it was there.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn passkey_remove(&self, account: &str, id: &[u8]) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM passkey WHERE account = ?1 AND id = ?2"; // passkey_account
        Ok(self.0.prepare_cached(SQL)?.execute(params![account, id])? == 1)
    }

    /// Removes all passkeys of a person and takes all its identities away.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn keys_forget(&self, account: &str) -> Result<(), StoreError> {
        const PASSKEYS: &str = "DELETE FROM passkey WHERE account = ?1"; // passkey_account
        const IDENTITIES: &str = "DELETE FROM identity WHERE account = ?1"; // identity_account
        // Any number of rows: there may be none.
        self.0.prepare_cached(PASSKEYS)?.execute([account])?;
        self.0.prepare_cached(IDENTITIES)?.execute([account])?;
        Ok(())
    }

    /// Links an identity; whether it was nobody's yet.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn identity_add(&self, identity: &IdentityRecord) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO identity
            (issuer, subject, id, account, linked_by, linked_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (issuer, subject) DO NOTHING";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            identity.issuer,
            identity.subject,
            identity.id,
            identity.account,
            identity.linked_by,
            identity.linked_at_us
        ])?;
        Ok(changed == 1)
    }

    /// Notes that an identity signed in.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses, or it is not there any more.
    pub fn identity_use(&self, issuer: &str, subject: &str, at_us: i64) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE identity SET used_at_us = ?3 WHERE issuer = ?1 AND subject = ?2"; // primary key
        one_row(self.0.prepare_cached(SQL)?.execute(params![issuer, subject, at_us])?, "identity")
    }

    /// Takes one identity of a person away; whether it was there.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn identity_remove(&self, account: &str, id: &[u8]) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM identity WHERE account = ?1 AND id = ?2"; // identity_account
        Ok(self.0.prepare_cached(SQL)?.execute(params![account, id])? == 1)
    }
}
