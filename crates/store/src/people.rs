//! People: who may act, their factors and their invitations.
//!
//! What is read comes through [`PeopleRead`], what changes through [`PeopleChange`] inside one transaction,
//! which also writes the audit entry of the change. Secrets stand here as hashes or sealed, never plain.

use base::authorisation::Role;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::audit::{NewAudit, audit_append};
use crate::database::{Database, StoreError, TRIES, busy};
use crate::job::{NewJob, job_append};

/// A person at a keyboard, or a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonKind {
    /// Signs in.
    Person,
    /// Comes with a token only.
    Machine,
}

impl PersonKind {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PersonKind::Person => "person",
            PersonKind::Machine => "machine",
        }
    }
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// Invited, and has not set a password yet.
    Invited,
    /// May act.
    Active,
    /// May not act; its name stays in the history.
    Deactivated,
}

impl PersonState {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PersonState::Invited => "invited",
            PersonState::Active => "active",
            PersonState::Deactivated => "deactivated",
        }
    }
}

/// A row of `person`.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// Stable key.
    pub account: String,
    /// A person or a program.
    pub kind: PersonKind,
    /// Name in Latin letters.
    pub name: String,
    /// Name as the person writes it; empty where it is the same.
    pub local_name: String,
    /// E-mail; empty where none is known.
    pub email: String,
    /// What it is allowed in general.
    pub role: Role,
    /// The party (`scheme:value`) whose book it works in.
    pub party: Option<String>,
    /// The agency for which it advises, or the border post at which it works; else empty.
    pub desk: String,
    /// Where the account stands.
    pub state: PersonState,
    /// Code of the preferred language; empty where none was chosen.
    pub language: String,
    /// Password as a PHC string.
    pub password: Option<String>,
    /// Secret of the one-time codes, sealed.
    pub totp: Option<Vec<u8>>,
    /// A secret that is being set up, sealed.
    pub totp_new: Option<Vec<u8>>,
    /// Last step whose code was taken: a code is good once.
    pub totp_step: i64,
    /// When it was made, µs.
    pub created_at_us: i64,
    /// When it was last changed, µs.
    pub changed_at_us: i64,
}

/// Without its secrets, sealed or not.
impl std::fmt::Debug for PersonRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonRecord")
            .field("account", &self.account)
            .field("role", &self.role)
            .field("party", &self.party)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A row of `invitation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRecord {
    /// SHA-256 of its code.
    pub hash: [u8; 32],
    /// For whom.
    pub account: String,
    /// The e-mail to which it is bound.
    pub email: String,
    /// Key of the account that invites; empty for the command line.
    pub created_by: String,
    /// When it was made, µs.
    pub created_at_us: i64,
    /// When it ends, µs.
    pub expires_at_us: i64,
    /// When it was used, µs.
    pub used_at_us: Option<i64>,
}

/// Reads about people.
#[derive(Debug, Clone, Copy)]
pub struct PeopleRead<'c>(pub(crate) &'c Connection);

/// Changes people, in one transaction.
#[derive(Debug)]
pub struct PeopleChange<'t>(pub(crate) &'t Transaction<'t>);

const PERSON_COLUMNS: &str = "account, kind, name, local_name, email, role, party, state, language,
    password, totp, totp_new, totp_step, created_at_us, changed_at_us, desk";

impl Database {
    /// To read about people.
    #[must_use]
    pub fn people(&self) -> PeopleRead<'_> {
        PeopleRead(&self.connection)
    }

    /// Changes people in one transaction: what `run` refuses leaves nothing behind.
    ///
    /// # Errors
    /// What `run` returns, and [`StoreError`] where the engine refuses.
    pub fn people_change<T, E: From<StoreError>>(
        &mut self,
        mut run: impl FnMut(&PeopleChange<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tries = 0;
        // The write lock is taken at the start: nothing after it finds another writer in the way.
        let transaction = loop {
            tries += 1;
            match Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate) {
                Err(error) if busy(&error) && tries < TRIES => {}
                started => break started.map_err(StoreError::from)?,
            }
        };
        let value = run(&PeopleChange(&transaction))?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(value)
    }
}

/// Exactly one row was changed.
pub(crate) fn one_row(changed: usize, table: &'static str) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::RowMissing(table)) }
}

fn person_of(row: &Row<'_>) -> Result<PersonRecord, StoreError> {
    let text = |column: &'static str, value: String| StoreError::Value { column, value };
    let kind: String = row.get(1)?;
    let role: String = row.get(5)?;
    let state: String = row.get(7)?;
    Ok(PersonRecord {
        account: row.get(0)?,
        kind: [PersonKind::Person, PersonKind::Machine]
            .into_iter()
            .find(|k| k.code() == kind)
            .ok_or_else(|| text("person.kind", kind))?,
        name: row.get(2)?,
        local_name: row.get(3)?,
        email: row.get(4)?,
        role: Role::parse(&role).ok_or_else(|| text("person.role", role))?,
        party: row.get(6)?,
        state: [PersonState::Invited, PersonState::Active, PersonState::Deactivated]
            .into_iter()
            .find(|s| s.code() == state)
            .ok_or_else(|| text("person.state", state))?,
        language: row.get(8)?,
        password: row.get(9)?,
        totp: row.get(10)?,
        totp_new: row.get(11)?,
        totp_step: row.get(12)?,
        created_at_us: row.get(13)?,
        changed_at_us: row.get(14)?,
        desk: row.get(15)?,
    })
}

impl PeopleRead<'_> {
    /// A person by its key.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn person(&self, account: &str) -> Result<Option<PersonRecord>, StoreError> {
        let sql = person_query("WHERE account = ?1"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query([account])?;
        rows.next()?.map(person_of).transpose()
    }

    /// Everybody, by key.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn persons(&self) -> Result<Vec<PersonRecord>, StoreError> {
        let sql = person_query("ORDER BY account"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut persons = Vec::new();
        while let Some(row) = rows.next()? {
            persons.push(person_of(row)?);
        }
        Ok(persons)
    }

    /// The people who work for no party, by key: those of the authority, and of whom it works with.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn persons_of_authority(&self) -> Result<Vec<PersonRecord>, StoreError> {
        let sql = person_query("WHERE party IS NULL ORDER BY account"); // person_party
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut persons = Vec::new();
        while let Some(row) = rows.next()? {
            persons.push(person_of(row)?);
        }
        Ok(persons)
    }

    /// The people of a party, by key.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn persons_of(&self, party: &str) -> Result<Vec<PersonRecord>, StoreError> {
        let sql = person_query("WHERE party = ?1 ORDER BY account"); // person_party
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query([party])?;
        let mut persons = Vec::new();
        while let Some(row) = rows.next()? {
            persons.push(person_of(row)?);
        }
        Ok(persons)
    }

    /// How many recovery codes of a person are unused.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn recovery_codes_left(&self, account: &str) -> Result<u32, StoreError> {
        const SQL: &str =
            "SELECT count(*) FROM recovery_code WHERE account = ?1 AND used_at_us IS NULL"; // primary key
        Ok(self.0.prepare_cached(SQL)?.query_row([account], |row| row.get(0))?)
    }

    /// An invitation by the SHA-256 of its code.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn invitation(&self, hash: &[u8; 32]) -> Result<Option<InvitationRecord>, StoreError> {
        const SQL: &str = "SELECT hash, account, email, created_by, created_at_us, expires_at_us,
            used_at_us FROM invitation WHERE hash = ?1"; // primary key
        let read = |row: &Row<'_>| {
            Ok(InvitationRecord {
                hash: row.get(0)?,
                account: row.get(1)?,
                email: row.get(2)?,
                created_by: row.get(3)?,
                created_at_us: row.get(4)?,
                expires_at_us: row.get(5)?,
                used_at_us: row.get(6)?,
            })
        };
        Ok(self.0.prepare_cached(SQL)?.query_row([hash], read).optional()?)
    }
}

/// The columns of a person with the rest of the query.
fn person_query(rest: &str) -> String {
    format!("SELECT {PERSON_COLUMNS} FROM person {rest}")
}

impl<'t> PeopleChange<'t> {
    /// To read within the transaction.
    #[must_use]
    pub fn read(&self) -> PeopleRead<'_> {
        PeopleRead(self.0)
    }

    /// Writes the audit entry of the change.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn audit(&self, entry: &NewAudit<'_>) -> Result<(), StoreError> {
        audit_append(self.0, std::slice::from_ref(entry)).map(|_| ())
    }

    /// Writes a job that follows from the change.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn job(&self, job: &NewJob<'_>) -> Result<(), StoreError> {
        job_append(self.0, job)
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn person_add(&self, person: &PersonRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO person (account, kind, name, local_name, email, role, party,
            state, language, password, totp, totp_new, totp_step, created_at_us, changed_at_us, desk)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
        self.person_write(SQL, person)
    }

    /// Writes a person that was read in this transaction; key and time of making stay.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn person_put(&self, person: &PersonRecord) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE person SET kind = ?2, name = ?3, local_name = ?4, email = ?5,
            role = ?6, party = ?7, state = ?8, language = ?9, password = ?10, totp = ?11,
            totp_new = ?12, totp_step = ?13, changed_at_us = ?15, desk = ?16
            WHERE account = ?1 AND created_at_us = ?14"; // primary key
        self.person_write(SQL, person)
    }

    fn person_write(&self, sql: &str, person: &PersonRecord) -> Result<(), StoreError> {
        let changed = self.0.prepare_cached(sql)?.execute(params![
            person.account,
            person.kind.code(),
            person.name,
            person.local_name,
            person.email,
            person.role.code(),
            person.party,
            person.state.code(),
            person.language,
            person.password,
            person.totp,
            person.totp_new,
            person.totp_step,
            person.created_at_us,
            person.changed_at_us,
            person.desk
        ])?;
        one_row(changed, "person")
    }

    /// Registers a party by an identifier that nobody has yet; one that is known stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_register(
        &self,
        party_id: [u8; 16],
        identifier: &str,
        at_us: i64,
    ) -> Result<(), StoreError> {
        let party = crate::database::NewParty { party_id, identifier };
        crate::append::party_register(self.0, &party, at_us)
    }

    /// Replaces the recovery codes of a person.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn recovery_codes_put(&self, account: &str, hashes: &[[u8; 32]]) -> Result<(), StoreError> {
        const CLEAR: &str = "DELETE FROM recovery_code WHERE account = ?1"; // primary key
        const ADD: &str = "INSERT INTO recovery_code (account, hash) VALUES (?1, ?2)";
        // Any number of rows: there may have been none.
        self.0.prepare_cached(CLEAR)?.execute([account])?;
        let mut add = self.0.prepare_cached(ADD)?;
        for hash in hashes {
            one_row(add.execute(params![account, hash])?, "recovery_code")?;
        }
        Ok(())
    }

    /// Uses a recovery code; whether it was there and unused.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn recovery_code_use(
        &self,
        account: &str,
        hash: &[u8; 32],
        at_us: i64,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE recovery_code SET used_at_us = ?3
            WHERE account = ?1 AND hash = ?2 AND used_at_us IS NULL"; // primary key
        Ok(self.0.prepare_cached(SQL)?.execute(params![account, hash, at_us])? == 1)
    }

    /// Adds an invitation.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn invitation_add(&self, invitation: &InvitationRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO invitation
            (hash, account, email, created_by, created_at_us, expires_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            invitation.hash,
            invitation.account,
            invitation.email,
            invitation.created_by,
            invitation.created_at_us,
            invitation.expires_at_us
        ])?;
        one_row(changed, "invitation")
    }

    /// Uses an invitation; whether it was still good.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn invitation_use(&self, hash: &[u8; 32], at_us: i64) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE invitation SET used_at_us = ?2
            WHERE hash = ?1 AND used_at_us IS NULL AND expires_at_us > ?2"; // primary key
        Ok(self.0.prepare_cached(SQL)?.execute(params![hash, at_us])? == 1)
    }

    /// Withdraws the unused invitations of a person: a newer one, or its end, takes their place.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn invitations_withdraw(&self, account: &str) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM invitation WHERE account = ?1 AND used_at_us IS NULL"; // invitation_account
        // Any number of rows: there may be none.
        self.0.prepare_cached(SQL)?.execute([account])?;
        Ok(())
    }
}
