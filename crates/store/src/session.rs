//! Sessions, tokens and failed sign-ins: who comes, by the hash of what it brings.

use rusqlite::{OptionalExtension, Row, params};

use crate::database::StoreError;
use crate::people::{PeopleChange, PeopleRead, one_row};

/// A row of `session`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// SHA-256 of the cookie's text.
    pub hash: [u8; 32],
    /// What it is called where it may be ended.
    pub id: [u8; 16],
    /// Whose it is.
    pub account: String,
    /// Codes of the proofs given, by blanks.
    pub proofs: String,
    /// 0 a second factor is awaited, 1 one factor, 2 two.
    pub assurance: u8,
    /// When it began, µs.
    pub created_at_us: i64,
    /// When it was last used, µs, to the minute.
    pub used_at_us: i64,
    /// When a proof was last given, µs.
    pub proved_at_us: i64,
    /// When it ends at the latest, µs.
    pub expires_at_us: i64,
    /// What the browser says it is.
    pub agent: String,
    /// Key of the account that it covers.
    pub acting_for: Option<String>,
}

/// A row of `token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// What it is called where it may be revoked.
    pub id: [u8; 16],
    /// Whose it is.
    pub account: String,
    /// What its owner calls it.
    pub name: String,
    /// `read` or `read_and_file`.
    pub scope: String,
    /// When it was made, µs.
    pub created_at_us: i64,
    /// When it ends, µs.
    pub expires_at_us: i64,
    /// When it was last used, µs, to the minute.
    pub used_at_us: Option<i64>,
    /// When it was revoked, µs.
    pub revoked_at_us: Option<i64>,
}

/// What failed sign-ins are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// One account from one address.
    Pair,
    /// One account from anywhere.
    Account,
    /// Any account from one address.
    Address,
    /// The second factor of an account.
    Second,
}

impl FailureKind {
    fn code(self) -> &'static str {
        match self {
            FailureKind::Pair => "pair",
            FailureKind::Account => "account",
            FailureKind::Address => "address",
            FailureKind::Second => "second",
        }
    }
}

/// A row of `sign_in_failure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureRecord {
    /// How many since the last success, or since they were forgotten.
    pub failures: u32,
    /// When the last was, µs.
    pub last_at_us: i64,
}

const SESSION_COLUMNS: &str = "hash, id, account, proofs, assurance, created_at_us, used_at_us,
    proved_at_us, expires_at_us, agent, acting_for";
const TOKEN_COLUMNS: &str = "hash, id, account, name, scope, created_at_us, expires_at_us,
    used_at_us, revoked_at_us";

fn session_of(row: &Row<'_>) -> rusqlite::Result<SessionRecord> {
    Ok(SessionRecord {
        hash: row.get(0)?,
        id: row.get(1)?,
        account: row.get(2)?,
        proofs: row.get(3)?,
        assurance: row.get(4)?,
        created_at_us: row.get(5)?,
        used_at_us: row.get(6)?,
        proved_at_us: row.get(7)?,
        expires_at_us: row.get(8)?,
        agent: row.get(9)?,
        acting_for: row.get(10)?,
    })
}

fn token_of(row: &Row<'_>) -> rusqlite::Result<TokenRecord> {
    Ok(TokenRecord {
        hash: row.get(0)?,
        id: row.get(1)?,
        account: row.get(2)?,
        name: row.get(3)?,
        scope: row.get(4)?,
        created_at_us: row.get(5)?,
        expires_at_us: row.get(6)?,
        used_at_us: row.get(7)?,
        revoked_at_us: row.get(8)?,
    })
}

impl PeopleRead<'_> {
    /// A session by the SHA-256 of its cookie's text.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn session(&self, hash: &[u8; 32]) -> Result<Option<SessionRecord>, StoreError> {
        let sql = format!("SELECT {SESSION_COLUMNS} FROM session WHERE hash = ?1"); // primary key
        Ok(self.0.prepare_cached(&sql)?.query_row([hash], session_of).optional()?)
    }

    /// The sessions of a person, oldest first, those that are over included.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn sessions_of(&self, account: &str) -> Result<Vec<SessionRecord>, StoreError> {
        let sql = format!(
            "SELECT {SESSION_COLUMNS} FROM session WHERE account = ?1 ORDER BY created_at_us"
        ); // session_account
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([account], session_of)?.collect::<Result<_, _>>()?)
    }

    /// How many sessions are not over.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn sessions_count(&self, now_us: i64) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT count(*) FROM session WHERE expires_at_us > ?1"; // session_expires
        let count: i64 = self.0.prepare_cached(SQL)?.query_row([now_us], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// A token by the SHA-256 of its text.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn token(&self, hash: &[u8; 32]) -> Result<Option<TokenRecord>, StoreError> {
        let sql = format!("SELECT {TOKEN_COLUMNS} FROM token WHERE hash = ?1"); // primary key
        Ok(self.0.prepare_cached(&sql)?.query_row([hash], token_of).optional()?)
    }

    /// The tokens of a person, oldest first, revoked ones included.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn tokens_of(&self, account: &str) -> Result<Vec<TokenRecord>, StoreError> {
        let sql = format!(
            "SELECT {TOKEN_COLUMNS} FROM token WHERE account = ?1 ORDER BY created_at_us, id"
        ); // token_account
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([account], token_of)?.collect::<Result<_, _>>()?)
    }

    /// Failed sign-ins of a subject.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn failures(
        &self,
        kind: FailureKind,
        subject: &[u8; 32],
    ) -> Result<Option<FailureRecord>, StoreError> {
        const SQL: &str = "SELECT failures, last_at_us FROM sign_in_failure
            WHERE kind = ?1 AND subject = ?2"; // primary key
        let read =
            |row: &Row<'_>| Ok(FailureRecord { failures: row.get(0)?, last_at_us: row.get(1)? });
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row(params![kind.code(), subject], read).optional()?)
    }
}

/// With which browsers a person had signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentsBefore {
    /// How many are remembered.
    pub agents: u32,
    /// Whether this one is among them.
    pub known: bool,
}

impl PeopleChange<'_> {
    /// Opens a session.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn session_add(&self, session: &SessionRecord) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO session (hash, id, account, proofs, assurance, created_at_us,
            used_at_us, proved_at_us, expires_at_us, agent, acting_for)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            session.hash,
            session.id,
            session.account,
            session.proofs,
            session.assurance,
            session.created_at_us,
            session.used_at_us,
            session.proved_at_us,
            session.expires_at_us,
            session.agent,
            session.acting_for
        ])?;
        one_row(changed, "session")
    }

    /// Notes that a person signed in with a browser, keeping the latest `most`; gives what was known
    /// before.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn agent_note(
        &self,
        account: &str,
        agent: &str,
        now_us: i64,
        most: u32,
    ) -> Result<AgentsBefore, StoreError> {
        const READ: &str = "SELECT count(*), coalesce(max(agent = ?2), 0) FROM agent_seen
            WHERE account = ?1"; // primary key
        const NOTE: &str = "INSERT INTO agent_seen (account, agent, last_at_us) VALUES (?1, ?2, ?3)
            ON CONFLICT (account, agent) DO UPDATE SET last_at_us = excluded.last_at_us";
        const FORGET: &str = "DELETE FROM agent_seen WHERE account = ?1 AND agent NOT IN
            (SELECT agent FROM agent_seen WHERE account = ?1
             ORDER BY last_at_us DESC, agent LIMIT ?2)"; // primary key, of one person
        let before = self.0.prepare_cached(READ)?.query_row(params![account, agent], |row| {
            Ok(AgentsBefore { agents: row.get(0)?, known: row.get(1)? })
        })?;
        self.0.prepare_cached(NOTE)?.execute(params![account, agent, now_us])?;
        self.0.prepare_cached(FORGET)?.execute(params![account, most])?;
        Ok(before)
    }

    /// Ends a session; whether it was there.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn session_remove(&self, hash: &[u8; 32]) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM session WHERE hash = ?1"; // primary key
        Ok(self.0.prepare_cached(SQL)?.execute([hash])? == 1)
    }

    /// Ends one session of a person by what it is called; whether it was there.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn session_remove_id(&self, account: &str, id: &[u8]) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM session WHERE account = ?1 AND id = ?2"; // session_account
        Ok(self.0.prepare_cached(SQL)?.execute(params![account, id])? == 1)
    }

    /// Ends all sessions of a person but one; how many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn sessions_remove(&self, account: &str, but: &[u8; 32]) -> Result<usize, StoreError> {
        const SQL: &str = "DELETE FROM session WHERE account = ?1 AND hash <> ?2"; // session_account
        Ok(self.0.prepare_cached(SQL)?.execute(params![account, but])?)
    }

    /// Removes sessions that are over.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn sessions_forget(&self, now_us: i64) -> Result<usize, StoreError> {
        const SQL: &str = "DELETE FROM session WHERE expires_at_us <= ?1"; // session_expires
        Ok(self.0.prepare_cached(SQL)?.execute([now_us])?)
    }

    /// Notes that a session was used; it may have ended meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn session_touch(&self, hash: &[u8; 32], now_us: i64) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE session SET used_at_us = ?2 WHERE hash = ?1 AND used_at_us < ?2"; // primary key
        Ok(self.0.prepare_cached(SQL)?.execute(params![hash, now_us])? == 1)
    }

    /// Adds a token.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn token_add(&self, token: &TokenRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO token
            (hash, id, account, name, scope, created_at_us, expires_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            token.hash,
            token.id,
            token.account,
            token.name,
            token.scope,
            token.created_at_us,
            token.expires_at_us
        ])?;
        one_row(changed, "token")
    }

    /// Revokes one token of a person; whether it was there and good.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn token_revoke(&self, account: &str, id: &[u8], at_us: i64) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE token SET revoked_at_us = ?3
            WHERE account = ?1 AND id = ?2 AND revoked_at_us IS NULL"; // token_account
        Ok(self.0.prepare_cached(SQL)?.execute(params![account, id, at_us])? == 1)
    }

    /// Revokes all tokens of a person; how many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn tokens_revoke(&self, account: &str, at_us: i64) -> Result<usize, StoreError> {
        const SQL: &str = "UPDATE token SET revoked_at_us = ?2
            WHERE account = ?1 AND revoked_at_us IS NULL"; // token_account
        Ok(self.0.prepare_cached(SQL)?.execute(params![account, at_us])?)
    }

    /// Notes that a token was used; it may have been revoked meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn token_touch(&self, hash: &[u8; 32], now_us: i64) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE token SET used_at_us = ?2 WHERE hash = ?1"; // primary key
        Ok(self.0.prepare_cached(SQL)?.execute(params![hash, now_us])? == 1)
    }

    /// Writes the failed sign-ins of a subject.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn failures_put(
        &self,
        kind: FailureKind,
        subject: &[u8; 32],
        record: FailureRecord,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO sign_in_failure (kind, subject, failures, last_at_us)
            VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, subject)
            DO UPDATE SET failures = excluded.failures, last_at_us = excluded.last_at_us";
        let values = params![kind.code(), subject, record.failures, record.last_at_us];
        one_row(self.0.prepare_cached(SQL)?.execute(values)?, "sign_in_failure")
    }

    /// Forgets the failed sign-ins of a subject: it succeeded.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn failures_clear(&self, kind: FailureKind, subject: &[u8; 32]) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM sign_in_failure WHERE kind = ?1 AND subject = ?2"; // primary key
        // None where nothing had failed.
        self.0.prepare_cached(SQL)?.execute(params![kind.code(), subject])?;
        Ok(())
    }

    /// Forgets failed sign-ins before an instant.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn failures_forget(&self, before_us: i64) -> Result<usize, StoreError> {
        const SQL: &str = "DELETE FROM sign_in_failure WHERE last_at_us < ?1"; // sign_in_failure_last
        Ok(self.0.prepare_cached(SQL)?.execute([before_us])?)
    }
}
