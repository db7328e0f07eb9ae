//! Parties as organisations: who they are, their sites, companies that ask to be registered, leave cover.

use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use crate::database::StoreError;
use crate::people::{PeopleChange, PeopleRead, one_row};

/// A row of `registration`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationRecord {
    /// What it is called.
    pub id: [u8; 16],
    /// Name in Latin letters.
    pub name: String,
    /// Name as the company writes it; may be empty.
    pub local_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Address; may be empty.
    pub address: String,
    /// `scheme:value`, one a line.
    pub identifiers: String,
    /// Who is to manage its people.
    pub contact_name: String,
    /// That person's e-mail.
    pub contact_email: String,
    /// `pending`, `verified` or `refused`.
    pub state: String,
    /// Key of the account that asked; empty for the company itself.
    pub asked_by: String,
    /// When it asked, µs.
    pub asked_at_us: i64,
    /// Key of the account to which it is assigned; empty where nobody's.
    pub assigned_to: String,
    /// Key of the account that decided; empty while pending.
    pub decided_by: String,
    /// When it was decided, µs.
    pub decided_at_us: Option<i64>,
    /// Why it was refused.
    pub reason: String,
}

/// A row of `party_profile`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileRecord {
    /// Name in Latin letters.
    pub name: String,
    /// Name as the company writes it; may be empty.
    pub local_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Address; may be empty.
    pub address: String,
}

/// A row of `site`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRecord {
    /// Code, unique per party.
    pub code: String,
    /// Name.
    pub name: String,
    /// `domestic`, `bonded` or `free_zone`.
    pub kind: String,
    /// Address; may be empty.
    pub address: String,
}

/// A row of `delegation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationRecord {
    /// What it is called.
    pub id: [u8; 16],
    /// Who is away.
    pub account: String,
    /// Who covers.
    pub delegate: String,
    /// From when, µs.
    pub starts_at_us: i64,
    /// Until when, µs.
    pub ends_at_us: i64,
    /// Why.
    pub reason: String,
    /// Key of the account that made it.
    pub created_by: String,
    /// When it was made, µs.
    pub created_at_us: i64,
    /// When it was revoked, µs.
    pub revoked_at_us: Option<i64>,
}

const REGISTRATION_COLUMNS: &str = "id, name, local_name, country, address, identifiers,
    contact_name, contact_email, state, asked_by, asked_at_us, assigned_to, decided_by,
    decided_at_us, reason";
const DELEGATION_COLUMNS: &str = "id, account, delegate, starts_at_us, ends_at_us, reason,
    created_by, created_at_us, revoked_at_us";

fn registration_of(row: &Row<'_>) -> rusqlite::Result<RegistrationRecord> {
    Ok(RegistrationRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        local_name: row.get(2)?,
        country: row.get(3)?,
        address: row.get(4)?,
        identifiers: row.get(5)?,
        contact_name: row.get(6)?,
        contact_email: row.get(7)?,
        state: row.get(8)?,
        asked_by: row.get(9)?,
        asked_at_us: row.get(10)?,
        assigned_to: row.get(11)?,
        decided_by: row.get(12)?,
        decided_at_us: row.get(13)?,
        reason: row.get(14)?,
    })
}

fn delegation_of(row: &Row<'_>) -> rusqlite::Result<DelegationRecord> {
    Ok(DelegationRecord {
        id: row.get(0)?,
        account: row.get(1)?,
        delegate: row.get(2)?,
        starts_at_us: row.get(3)?,
        ends_at_us: row.get(4)?,
        reason: row.get(5)?,
        created_by: row.get(6)?,
        created_at_us: row.get(7)?,
        revoked_at_us: row.get(8)?,
    })
}

/// Parties whose names are asked for in one query: those of a page.
const NAMES_AT_ONCE: usize = 32;

impl PeopleRead<'_> {
    /// The key of the party of an identifier.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_of(&self, identifier: &str) -> Result<Option<[u8; 16]>, StoreError> {
        const SQL: &str = "SELECT party_id FROM party_identifier WHERE identifier = ?1"; // primary key
        Ok(self.0.prepare_cached(SQL)?.query_row([identifier], |row| row.get(0)).optional()?)
    }

    /// Whether a party is verified.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_verified(&self, party_id: &[u8; 16]) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT verified = 1 FROM party WHERE party_id = ?1"; // primary key
        let found =
            self.0.prepare_cached(SQL)?.query_row([party_id], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or(false))
    }

    /// The identifiers of a party.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_identifiers(&self, party_id: &[u8; 16]) -> Result<Vec<String>, StoreError> {
        const SQL: &str =
            "SELECT identifier FROM party_identifier WHERE party_id = ?1 ORDER BY identifier"; // party_identifier_party
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_map([party_id], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Who a party is, where it was verified.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_profile(&self, party_id: &[u8; 16]) -> Result<Option<ProfileRecord>, StoreError> {
        const SQL: &str = "SELECT name, local_name, country, address FROM party_profile
            WHERE party_id = ?1"; // primary key
        let read = |row: &Row<'_>| {
            Ok(ProfileRecord {
                name: row.get(0)?,
                local_name: row.get(1)?,
                country: row.get(2)?,
                address: row.get(3)?,
            })
        };
        Ok(self.0.prepare_cached(SQL)?.query_row([party_id], read).optional()?)
    }

    /// The names of verified parties by their identifiers, in Latin letters and as each writes itself: one
    /// query for thirty-two of them.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_names(
        &self,
        identifiers: &[&str],
    ) -> Result<Vec<(String, String, String)>, StoreError> {
        let places: Vec<String> = (1..=NAMES_AT_ONCE).map(|place| format!("?{place}")).collect();
        let sql = format!(
            "SELECT i.identifier, p.name, p.local_name FROM party_identifier i
            JOIN party_profile p ON p.party_id = i.party_id WHERE i.identifier IN ({})",
            places.join(", ")
        ); // primary keys
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut names = Vec::new();
        for part in identifiers.chunks(NAMES_AT_ONCE) {
            // No identifier is empty.
            let padded = part.iter().copied().chain(std::iter::repeat("")).take(NAMES_AT_ONCE);
            let rows = statement.query_map(params_from_iter(padded), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            for row in rows {
                names.push(row?);
            }
        }
        Ok(names)
    }

    /// The sites of a party, by code.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn sites(&self, party_id: &[u8; 16]) -> Result<Vec<SiteRecord>, StoreError> {
        const SQL: &str =
            "SELECT code, name, kind, address FROM site WHERE party_id = ?1 ORDER BY code"; // primary key
        let read = |row: &Row<'_>| {
            Ok(SiteRecord {
                code: row.get(0)?,
                name: row.get(1)?,
                kind: row.get(2)?,
                address: row.get(3)?,
            })
        };
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_map([party_id], read)?.collect::<Result<_, _>>()?)
    }

    /// A registration by what it is called.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn registration(&self, id: &[u8]) -> Result<Option<RegistrationRecord>, StoreError> {
        let sql = format!("SELECT {REGISTRATION_COLUMNS} FROM registration WHERE id = ?1"); // primary key
        Ok(self.0.prepare_cached(&sql)?.query_row([id], registration_of).optional()?)
    }

    /// The first registrations in a state, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn registrations(
        &self,
        state: &str,
        limit: u32,
    ) -> Result<Vec<RegistrationRecord>, StoreError> {
        let sql = format!(
            "SELECT {REGISTRATION_COLUMNS} FROM registration WHERE state = ?1
                ORDER BY asked_at_us LIMIT ?2"
        ); // registration_state
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![state, limit], registration_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The leave covers by a person, latest first, those that are over included.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn delegations_to(&self, delegate: &str) -> Result<Vec<DelegationRecord>, StoreError> {
        let sql = format!(
            "SELECT {DELEGATION_COLUMNS} FROM delegation WHERE delegate = ?1
                ORDER BY starts_at_us DESC"
        ); // delegation_delegate
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([delegate], delegation_of)?.collect::<Result<_, _>>()?)
    }

    /// The leave covers of a person, latest first, those that are over included.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn delegations_of(&self, account: &str) -> Result<Vec<DelegationRecord>, StoreError> {
        let sql = format!(
            "SELECT {DELEGATION_COLUMNS} FROM delegation WHERE account = ?1
                ORDER BY starts_at_us DESC"
        ); // delegation_account
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([account], delegation_of)?.collect::<Result<_, _>>()?)
    }
}

impl PeopleChange<'_> {
    /// Adds a registration.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn registration_add(&self, new: &RegistrationRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO registration (id, name, local_name, country, address,
            identifiers, contact_name, contact_email, state, asked_by, asked_at_us, assigned_to,
            decided_by, reason)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', ?9, ?10, '', '', '')";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            new.id,
            new.name,
            new.local_name,
            new.country,
            new.address,
            new.identifiers,
            new.contact_name,
            new.contact_email,
            new.asked_by,
            new.asked_at_us
        ])?;
        one_row(changed, "registration")
    }

    /// Assigns a pending registration.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses or it is no longer pending.
    pub fn registration_assign(&self, id: &[u8; 16], account: &str) -> Result<(), StoreError> {
        const SQL: &str =
            "UPDATE registration SET assigned_to = ?2 WHERE id = ?1 AND state = 'pending'"; // primary key
        one_row(self.0.prepare_cached(SQL)?.execute(params![id, account])?, "registration")
    }

    /// Decides a pending registration.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses or it is no longer pending.
    pub fn registration_decide(
        &self,
        id: &[u8; 16],
        state: &str,
        by: &str,
        reason: &str,
        at_us: i64,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE registration SET state = ?2, decided_by = ?3, reason = ?4,
            decided_at_us = ?5 WHERE id = ?1 AND state = 'pending'"; // primary key
        let values = params![id, state, by, reason, at_us];
        one_row(self.0.prepare_cached(SQL)?.execute(values)?, "registration")
    }

    /// Marks a party as verified and writes who it is.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses or there is no such party.
    pub fn party_verify(
        &self,
        party_id: &[u8; 16],
        profile: &ProfileRecord,
        at_us: i64,
    ) -> Result<(), StoreError> {
        const VERIFIED: &str = "UPDATE party SET verified = 1 WHERE party_id = ?1"; // primary key
        const PROFILE: &str = "INSERT INTO party_profile
            (party_id, name, local_name, country, address, changed_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (party_id) DO UPDATE SET
            name = excluded.name, local_name = excluded.local_name, country = excluded.country,
            address = excluded.address, changed_at_us = excluded.changed_at_us";
        one_row(self.0.prepare_cached(VERIFIED)?.execute([party_id])?, "party")?;
        let changed = self.0.prepare_cached(PROFILE)?.execute(params![
            party_id,
            profile.name,
            profile.local_name,
            profile.country,
            profile.address,
            at_us
        ])?;
        one_row(changed, "party_profile")
    }

    /// Gives a party one more identifier, which nobody has yet.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_identifier_add(
        &self,
        party_id: &[u8; 16],
        identifier: &str,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO party_identifier (identifier, party_id) VALUES (?1, ?2)";
        one_row(
            self.0.prepare_cached(SQL)?.execute(params![identifier, party_id])?,
            "party_identifier",
        )
    }

    /// Writes a site of a party, new or changed.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn site_put(
        &self,
        party_id: &[u8; 16],
        site: &SiteRecord,
        at_us: i64,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO site (party_id, code, name, kind, address, changed_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (party_id, code) DO UPDATE SET
            name = excluded.name, kind = excluded.kind, address = excluded.address,
            changed_at_us = excluded.changed_at_us";
        let values = params![party_id, site.code, site.name, site.kind, site.address, at_us];
        one_row(self.0.prepare_cached(SQL)?.execute(values)?, "site")
    }

    /// Adds a leave cover.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn delegation_add(&self, new: &DelegationRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO delegation (id, account, delegate, starts_at_us, ends_at_us,
            reason, created_by, created_at_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            new.id,
            new.account,
            new.delegate,
            new.starts_at_us,
            new.ends_at_us,
            new.reason,
            new.created_by,
            new.created_at_us
        ])?;
        one_row(changed, "delegation")
    }

    /// Ends a leave cover of a person before its time; whether it was there and not revoked.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn delegation_revoke(
        &self,
        account: &str,
        id: &[u8],
        at_us: i64,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE delegation SET revoked_at_us = ?3
            WHERE id = ?2 AND account = ?1 AND revoked_at_us IS NULL"; // primary key
        Ok(self.0.prepare_cached(SQL)?.execute(params![account, id, at_us])? == 1)
    }
}
