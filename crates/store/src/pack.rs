//! Versions of packs: drafts, their changes, their publication.
//!
//! INVARIANT: a version is changed only while it is a draft, by an update that names the revision it saw;
//! a published version is never changed, and its publisher is not its author.

use rusqlite::{OptionalExtension, Row, params};

use crate::audit::{NewAudit, audit_append};
use crate::database::{Database, StoreError};

/// How far a version has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackState {
    /// Its author works on it.
    Draft,
    /// It waits for somebody else to publish it or send it back.
    Proposed,
    /// It is the law here, until a later version is published.
    Published,
    /// It was given up.
    Withdrawn,
}

impl PackState {
    const ALL: [PackState; 4] =
        [PackState::Draft, PackState::Proposed, PackState::Published, PackState::Withdrawn];

    /// The code in the table and in answers.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PackState::Draft => "draft",
            PackState::Proposed => "proposed",
            PackState::Published => "published",
            PackState::Withdrawn => "withdrawn",
        }
    }

    fn parse(code: &str) -> PackState {
        PackState::ALL.into_iter().find(|s| s.code() == code).unwrap_or(PackState::Withdrawn)
    }
}

/// A version without its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackVersionHead {
    /// The pack.
    pub pack_id: String,
    /// Number of the version, from 1.
    pub version: u32,
    /// How far it has come.
    pub state: PackState,
    /// Counts its changes, from 1.
    pub revision: u32,
    /// What it is about.
    pub title: String,
    /// SHA-256 of its files.
    pub digest: [u8; 32],
    /// Account that made it.
    pub author: String,
    /// When it was made, µs.
    pub made_at_us: i64,
    /// Account that published or withdrew it; empty before.
    pub decided_by: String,
    /// When, µs.
    pub decided_at_us: Option<i64>,
}

/// A version with its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackVersion {
    /// What it is.
    pub head: PackVersionHead,
    /// Its files, in the form that the caller gave.
    pub files: Vec<u8>,
}

const HEAD_COLUMNS: &str = "pack_id, version, state, revision, title, digest, author, made_at_us,
    decided_by, decided_at_us";

fn head_read(row: &Row<'_>) -> Result<PackVersionHead, rusqlite::Error> {
    Ok(PackVersionHead {
        pack_id: row.get(0)?,
        version: row.get(1)?,
        state: PackState::parse(&row.get::<_, String>(2)?),
        revision: row.get(3)?,
        title: row.get(4)?,
        digest: row.get(5)?,
        author: row.get(6)?,
        made_at_us: row.get(7)?,
        decided_by: row.get(8)?,
        decided_at_us: row.get(9)?,
    })
}

impl Database {
    /// The versions of a pack, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn pack_versions(&self, pack_id: &str) -> Result<Vec<PackVersionHead>, StoreError> {
        // primary key
        let sql = format!(
            "SELECT {HEAD_COLUMNS} FROM pack_version WHERE pack_id = ?1 ORDER BY version DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([pack_id], head_read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A version with its files.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn pack_version(
        &self,
        pack_id: &str,
        version: u32,
    ) -> Result<Option<PackVersion>, StoreError> {
        // primary key
        let sql = format!(
            "SELECT {HEAD_COLUMNS}, files FROM pack_version WHERE pack_id = ?1 AND version = ?2"
        );
        let read = |row: &Row<'_>| Ok(PackVersion { head: head_read(row)?, files: row.get(10)? });
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(params![pack_id, version], read).optional()?)
    }

    /// Makes a draft with the next number; gives the number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn pack_draft(
        &mut self,
        draft: &PackVersion,
        audit: &NewAudit<'_>,
    ) -> Result<u32, StoreError> {
        const NEXT: &str =
            "SELECT COALESCE(MAX(version), 0) + 1 FROM pack_version WHERE pack_id = ?1"; // primary key
        const MAKE: &str = "INSERT INTO pack_version
            (pack_id, version, state, revision, title, files, digest, author, made_at_us, decided_by)
            VALUES (?1, ?2, 'draft', 1, ?3, ?4, ?5, ?6, ?7, '')";
        let head = &draft.head;
        self.transact(|transaction| {
            let version: u32 = transaction.query_row(NEXT, [&head.pack_id], |row| row.get(0))?;
            transaction.execute(
                MAKE,
                params![
                    head.pack_id,
                    version,
                    head.title,
                    draft.files,
                    head.digest,
                    head.author,
                    head.made_at_us
                ],
            )?;
            let resource = format!("pack:{}/{version}", head.pack_id);
            audit_append(transaction, &[NewAudit { resource: &resource, ..audit.clone() }])?;
            Ok(version)
        })
    }

    /// Replaces title and files of a draft; false where it is no draft or no longer at that revision.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn pack_draft_change(
        &mut self,
        changed: &PackVersion,
        audit: &NewAudit<'_>,
    ) -> Result<bool, StoreError> {
        const CHANGE: &str = "UPDATE pack_version
            SET revision = revision + 1, title = ?4, files = ?5, digest = ?6
            WHERE pack_id = ?1 AND version = ?2 AND revision = ?3 AND state = 'draft'"; // primary key
        let head = &changed.head;
        self.transact(|transaction| {
            let moved = transaction.execute(
                CHANGE,
                params![
                    head.pack_id,
                    head.version,
                    head.revision,
                    head.title,
                    changed.files,
                    head.digest
                ],
            )?;
            if moved == 1 {
                audit_append(transaction, std::slice::from_ref(audit))?;
            }
            Ok(moved == 1)
        })
    }

    /// Moves a version on, where it is at that revision and in the state it is moved from; false
    /// where it is not. A proposed version that is sent back is a draft again.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses, also where a version is published by its author.
    pub fn pack_move(
        &mut self,
        head: &PackVersionHead,
        to: PackState,
        audit: &NewAudit<'_>,
    ) -> Result<bool, StoreError> {
        const MOVE: &str = "UPDATE pack_version
            SET state = ?4, revision = revision + 1, decided_by = ?5, decided_at_us = ?6
            WHERE pack_id = ?1 AND version = ?2 AND revision = ?3 AND state = ?7"; // primary key
        let decided = matches!(to, PackState::Published | PackState::Withdrawn);
        self.transact(|transaction| {
            let moved = transaction.execute(
                MOVE,
                params![
                    head.pack_id,
                    head.version,
                    head.revision,
                    to.code(),
                    if decided { audit.account } else { "" },
                    decided.then_some(audit.at_us),
                    head.state.code()
                ],
            )?;
            if moved == 1 {
                audit_append(transaction, std::slice::from_ref(audit))?;
            }
            Ok(moved == 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(author: &str) -> PackVersion {
        PackVersion {
            head: PackVersionHead {
                pack_id: "demo".into(),
                version: 0,
                state: PackState::Draft,
                revision: 0,
                title: "a change".into(),
                digest: [1; 32],
                author: author.into(),
                made_at_us: 1,
                decided_by: String::new(),
                decided_at_us: None,
            },
            files: b"files".to_vec(),
        }
    }

    fn audit(account: &str) -> NewAudit<'_> {
        let resource = "pack:demo/1";
        NewAudit { at_us: 5, account, action: "pack", subject: "", resource, detail: "{}" }
    }

    #[test]
    fn a_draft_is_changed_proposed_and_published_by_somebody_else_and_then_stands() {
        let dir = tempfile::tempdir().unwrap();
        let mut database = Database::open(&dir.path().join("g.sqlite")).unwrap();
        assert_eq!(database.pack_draft(&draft("a"), &audit("a")).unwrap(), 1);
        let mut version = database.pack_version("demo", 1).unwrap().unwrap();
        version.files = b"other".to_vec();
        assert!(database.pack_draft_change(&version, &audit("a")).unwrap());
        assert!(!database.pack_draft_change(&version, &audit("a")).unwrap(), "an old revision");
        let head = |database: &Database| database.pack_versions("demo").unwrap().remove(0);
        let now = head(&database);
        assert!(database.pack_move(&now, PackState::Proposed, &audit("a")).unwrap());
        let now = head(&database);
        assert!(database.pack_move(&now, PackState::Published, &audit("a")).is_err(), "own review");
        assert!(database.pack_move(&now, PackState::Published, &audit("b")).unwrap());
        let now = head(&database);
        assert_eq!((now.state, now.decided_by.as_str()), (PackState::Published, "b"));
        let mut published = database.pack_version("demo", 1).unwrap().unwrap();
        published.files.clear();
        assert!(!database.pack_draft_change(&published, &audit("a")).unwrap());
        assert_eq!(database.check(), Vec::<String>::new());
    }
}
