//! Screening: versions of lists, parties that are screened, hits and what was done with them.
//!
//! A list is stored as records with the versions that hold them, so that any version can be read again.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::case::{LicensingChange, LicensingRead};
use crate::database::StoreError;
use crate::organisation::ProfileRecord;
use crate::people::{PeopleChange, one_row};

/// Stands for a record's being on its list still.
const STILL: i64 = i64::MAX;

/// A version of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListVersionRecord {
    /// Code of the list.
    pub list: String,
    /// Its number, from 1.
    pub version: u32,
    /// SHA-256 of its content in hexadecimal.
    pub hash: String,
    /// The stand that it made.
    pub stand: i64,
    /// Its records.
    pub entries: u32,
    /// Records that were not there before.
    pub added: u32,
    /// Records that are other than before.
    pub changed: u32,
    /// Records that are there no more.
    pub removed: u32,
    /// Who owns whom, as JSON.
    pub ownerships: String,
    /// Name of the file.
    pub file: String,
    /// Account that put it in force.
    pub taken_by: String,
    /// When, µs.
    pub taken_at_us: i64,
}

/// A record of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntryRecord {
    /// Its id on the list.
    pub entity: String,
    /// SHA-256 of its content.
    pub hash: [u8; 32],
    /// Its primary name.
    pub name: String,
    /// The record as JSON.
    pub body: String,
}

/// A record without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntryHead {
    /// Its id on the list.
    pub entity: String,
    /// SHA-256 of its content.
    pub hash: [u8; 32],
    /// Its primary name.
    pub name: String,
}

/// A threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThresholdRecord {
    /// Its number, from 1.
    pub version: u32,
    /// Code of the list; empty for any.
    pub list: String,
    /// Kind of listed party; empty for any.
    pub kind: String,
    /// From which score a match is a hit, in millionths.
    pub hit_ppm: u32,
    /// From which score a hit is a strong one, in millionths.
    pub strong_ppm: u32,
    /// Why.
    pub reason: String,
    /// Account that set it.
    pub set_by: String,
    /// When, µs.
    pub set_at_us: i64,
}

/// A party that is screened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenedRecord {
    /// SHA-256 of what is screened of it.
    pub hash: [u8; 32],
    /// Its name.
    pub name: String,
    /// What is screened of it, as JSON.
    pub query: String,
    /// The stand at which it was first screened; 0 where it waits.
    pub stand: i64,
    /// When it came in, µs.
    pub came_at_us: i64,
}

/// Where a screened party stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScreenedUse {
    /// `party`, `registration`, `case` or `licence`.
    pub kind: String,
    /// `scheme:value`, an id, or a number.
    pub subject: String,
    /// Which party of it; empty where it is one.
    pub key: String,
    /// SHA-256 of what is screened of it.
    pub hash: [u8; 32],
}

/// A hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitRecord {
    /// Its key.
    pub hit_id: [u8; 16],
    /// The party.
    pub party_hash: [u8; 32],
    /// Code of the list.
    pub list: String,
    /// Id of the listed party.
    pub entity: String,
    /// The record.
    pub record_hash: [u8; 32],
    /// The version of the list in which it was found.
    pub list_version: u32,
    /// Kind of the listed party.
    pub kind: String,
    /// Name of the party.
    pub party_name: String,
    /// Primary name of the listed party.
    pub listed_name: String,
    /// The score in millionths.
    pub score_ppm: u32,
    /// Code of where it stands.
    pub state: String,
    /// Where it stood before it ended, or where the pair stood before the record changed; else empty.
    pub before: String,
    /// When it was found, µs.
    pub found_at_us: i64,
    /// When something last happened to it, µs.
    pub changed_at_us: i64,
    /// Who decided first; empty where nobody has.
    pub decided_by: String,
    /// For whom that was, during a leave.
    pub decided_for: String,
    /// Who agreed.
    pub second_by: String,
    /// Counts its changes, from 1.
    pub version: u32,
    /// The match, as JSON.
    pub body: String,
}

/// Something that was done with a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitStepRecord {
    /// Its number, from 1.
    pub seq: u32,
    /// When, µs.
    pub at_us: i64,
    /// Who; empty for the platform itself.
    pub account: String,
    /// For whom, during a leave.
    pub acting_for: String,
    /// Code of the deed.
    pub deed: String,
    /// Code of where the hit stood after it.
    pub state: String,
    /// Why.
    pub reason: String,
}

/// Which hits a queue holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HitFilter {
    /// In these states; none is any.
    pub states: Vec<String>,
    /// On this list.
    pub list: Option<String>,
    /// Of this kind of listed party.
    pub kind: Option<String>,
    /// With at least this score, in millionths.
    pub from_ppm: u32,
    /// With a score below this, in millionths; nothing for any.
    pub below_ppm: Option<u32>,
}

/// Where a page of a queue ends: the next begins after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitCursor {
    /// Score in millionths.
    pub score_ppm: u32,
    /// Key.
    pub hit_id: [u8; 16],
}

/// What screening says of one party of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseHitRecord {
    /// `case` or `party`.
    pub kind: String,
    /// Key of the party in the case; empty for the applicant.
    pub key: String,
    /// The stand at which it was first screened; 0 where it waits.
    pub stand: i64,
    /// A hit: its key, list, kind, score and states now and before.
    pub hit: Option<UseHit>,
}

/// A hit as a case shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseHit {
    /// Its key.
    pub hit_id: [u8; 16],
    /// Code of the list.
    pub list: String,
    /// Kind of the listed party.
    pub kind: String,
    /// Primary name of the listed party.
    pub listed_name: String,
    /// The score in millionths.
    pub score_ppm: u32,
    /// Code of where it stands.
    pub state: String,
    /// Where the pair stood before the record changed.
    pub before: String,
}

const VERSION: &str =
    "list, version, hash, stand, entries, added, changed, removed, ownerships, file,
    taken_by, taken_at_us";

fn version_row(row: &Row<'_>) -> Result<ListVersionRecord, rusqlite::Error> {
    Ok(ListVersionRecord {
        list: row.get(0)?,
        version: row.get(1)?,
        hash: row.get(2)?,
        stand: row.get(3)?,
        entries: row.get(4)?,
        added: row.get(5)?,
        changed: row.get(6)?,
        removed: row.get(7)?,
        ownerships: row.get(8)?,
        file: row.get(9)?,
        taken_by: row.get(10)?,
        taken_at_us: row.get(11)?,
    })
}

fn threshold_row(row: &Row<'_>) -> Result<ThresholdRecord, rusqlite::Error> {
    Ok(ThresholdRecord {
        version: row.get(0)?,
        list: row.get(1)?,
        kind: row.get(2)?,
        hit_ppm: row.get(3)?,
        strong_ppm: row.get(4)?,
        reason: row.get(5)?,
        set_by: row.get(6)?,
        set_at_us: row.get(7)?,
    })
}

fn screened_row(row: &Row<'_>) -> Result<ScreenedRecord, rusqlite::Error> {
    Ok(ScreenedRecord {
        hash: row.get(0)?,
        name: row.get(1)?,
        query: row.get(2)?,
        stand: row.get(3)?,
        came_at_us: row.get(4)?,
    })
}

fn use_row(row: &Row<'_>) -> Result<ScreenedUse, rusqlite::Error> {
    Ok(ScreenedUse { kind: row.get(0)?, subject: row.get(1)?, key: row.get(2)?, hash: row.get(3)? })
}

fn entry_head(row: &Row<'_>) -> Result<ListEntryHead, rusqlite::Error> {
    Ok(ListEntryHead { entity: row.get(0)?, hash: row.get(1)?, name: row.get(2)? })
}

const HIT: &str = "hit_id, party_hash, list, entity, record_hash, list_version, kind, party_name,
    listed_name, score_ppm, state, before, found_at_us, changed_at_us, decided_by, decided_for,
    second_by, version, body";

fn hit_row(row: &Row<'_>) -> Result<HitRecord, rusqlite::Error> {
    Ok(HitRecord {
        hit_id: row.get(0)?,
        party_hash: row.get(1)?,
        list: row.get(2)?,
        entity: row.get(3)?,
        record_hash: row.get(4)?,
        list_version: row.get(5)?,
        kind: row.get(6)?,
        party_name: row.get(7)?,
        listed_name: row.get(8)?,
        score_ppm: row.get(9)?,
        state: row.get(10)?,
        before: row.get(11)?,
        found_at_us: row.get(12)?,
        changed_at_us: row.get(13)?,
        decided_by: row.get(14)?,
        decided_for: row.get(15)?,
        second_by: row.get(16)?,
        version: row.get(17)?,
        body: row.get(18)?,
    })
}

fn stand_read(connection: &Connection) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT stand FROM list_stand WHERE one = 1"; // primary key
    Ok(connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

fn uses_read(
    connection: &Connection,
    kind: &str,
    subject: &str,
) -> Result<Vec<ScreenedUse>, StoreError> {
    const SQL: &str = "SELECT kind, subject, key, hash FROM screened_use
        WHERE kind = ?1 AND subject = ?2 ORDER BY key"; // primary key
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![kind, subject], use_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes where parties stand: of `kind` and `subject` those given and no others. Gives how many of them
/// are new to the screening.
fn uses_put(
    transaction: &Transaction<'_>,
    (kind, subject): (&str, &str),
    parties: &[(String, ScreenedRecord)],
) -> Result<usize, StoreError> {
    const PARTY: &str = "INSERT INTO screened_party (hash, name, query, stand, came_at_us)
        VALUES (?1, ?2, ?3, 0, ?4) ON CONFLICT (hash) DO UPDATE SET stand = 0 WHERE NOT EXISTS
            (SELECT 1 FROM screened_use u WHERE u.hash = screened_party.hash)"; // one that stood nowhere was not screened
    const USE: &str = "INSERT INTO screened_use (kind, subject, key, hash) VALUES (?1, ?2, ?3, ?4)";
    const GONE: &str = "DELETE FROM screened_use WHERE kind = ?1 AND subject = ?2 AND key = ?3"; // primary key
    let before = uses_read(transaction, kind, subject)?;
    let stays = |known: &ScreenedUse| {
        parties.iter().any(|(key, party)| *key == known.key && party.hash == known.hash)
    };
    for gone in before.iter().filter(|known| !stays(known)) {
        let changed =
            transaction.prepare_cached(GONE)?.execute(params![kind, subject, gone.key])?;
        one_row(changed, "screened_use")?;
    }
    let mut new = 0;
    for (key, party) in parties {
        if before.iter().any(|known| known.key == *key && known.hash == party.hash) {
            continue;
        }
        let mut insert = transaction.prepare_cached(PARTY)?;
        new += insert.execute(params![party.hash, party.name, party.query, party.came_at_us])?;
        let changed =
            transaction.prepare_cached(USE)?.execute(params![kind, subject, key, party.hash])?;
        one_row(changed, "screened_use")?;
    }
    Ok(new)
}

impl LicensingRead<'_> {
    /// How often the lists in force or the thresholds changed, from 1.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_stand(&self) -> Result<i64, StoreError> {
        stand_read(self.0)
    }

    /// The version in force of each list, by its code.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn lists_in_force(&self) -> Result<Vec<ListVersionRecord>, StoreError> {
        let sql = format!(
            "SELECT {VERSION} FROM list_version v WHERE version =
                (SELECT max(version) FROM list_version n WHERE n.list = v.list) ORDER BY list"
        ); // a walk of the primary key: a list has few versions
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map([], version_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The versions of a list, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_versions(&self, list: &str) -> Result<Vec<ListVersionRecord>, StoreError> {
        let sql =
            format!("SELECT {VERSION} FROM list_version WHERE list = ?1 ORDER BY version DESC"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map([list], version_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The records of a version of a list, by their ids.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_entries(
        &self,
        list: &str,
        version: u32,
    ) -> Result<Vec<ListEntryRecord>, StoreError> {
        const SQL: &str = "SELECT entity, hash, name, body FROM list_entry
            WHERE list = ?1 AND until_version > ?2 AND +from_version <= ?2"; // list_entry_until
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![list, version], |row| {
            Ok(ListEntryRecord {
                entity: row.get(0)?,
                hash: row.get(1)?,
                name: row.get(2)?,
                body: row.get(3)?,
            })
        })?;
        let mut rows: Vec<ListEntryRecord> = rows.collect::<Result<_, _>>()?;
        rows.sort_by(|a, b| a.entity.cmp(&b.entity));
        Ok(rows)
    }

    /// Ids, hashes and names of the records of a version of a list.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_heads(&self, list: &str, version: u32) -> Result<Vec<ListEntryHead>, StoreError> {
        const SQL: &str = "SELECT entity, hash, name FROM list_entry
            WHERE list = ?1 AND until_version > ?2 AND +from_version <= ?2"; // list_entry_until
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![list, version], entry_head)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The records that came with a version of a list.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_came(&self, list: &str, version: u32) -> Result<Vec<ListEntryHead>, StoreError> {
        const SQL: &str = "SELECT entity, hash, name FROM list_entry
            WHERE list = ?1 AND from_version = ?2"; // list_entry_from
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![list, version], entry_head)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The records that went, or were replaced, with a version of a list.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_went(&self, list: &str, version: u32) -> Result<Vec<ListEntryHead>, StoreError> {
        const SQL: &str = "SELECT entity, hash, name FROM list_entry
            WHERE list = ?1 AND until_version = ?2"; // list_entry_until
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![list, version], entry_head)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The content of a record as JSON.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_entry(
        &self,
        (list, entity): (&str, &str),
        hash: &[u8; 32],
    ) -> Result<Option<String>, StoreError> {
        const SQL: &str = "SELECT body FROM list_entry
            WHERE list = ?1 AND entity = ?2 AND hash = ?3 ORDER BY from_version DESC LIMIT 1"; // sqlite_autoindex_list_entry_1, the primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row(params![list, entity, hash], |row| row.get(0)).optional()?)
    }

    /// All thresholds that were ever set, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn thresholds(&self) -> Result<Vec<ThresholdRecord>, StoreError> {
        const SQL: &str =
            "SELECT version, list, kind, hit_ppm, strong_ppm, reason, set_by, set_at_us
            FROM list_threshold ORDER BY version DESC"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map([], threshold_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A party that is screened.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn screened(&self, hash: &[u8; 32]) -> Result<Option<ScreenedRecord>, StoreError> {
        const SQL: &str = "SELECT hash, name, query, stand, came_at_us FROM screened_party
            WHERE hash = ?1"; // sqlite_autoindex_screened_party_1, the primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row(params![hash], screened_row).optional()?)
    }

    /// Parties that are screened and stand somewhere, after a hash.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn screened_after(
        &self,
        after: &[u8],
        limit: u32,
    ) -> Result<Vec<ScreenedRecord>, StoreError> {
        const SQL: &str = "SELECT hash, name, query, stand, came_at_us FROM screened_party p
            WHERE hash > ?1 AND EXISTS (SELECT 1 FROM screened_use u WHERE u.hash = p.hash)
            ORDER BY hash LIMIT ?2"; // sqlite_autoindex_screened_party_1 and screened_use_hash
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![after, limit], screened_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Parties that wait for their first screening.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn screened_waiting(&self, limit: u32) -> Result<Vec<ScreenedRecord>, StoreError> {
        const SQL: &str = "SELECT hash, name, query, stand, came_at_us FROM screened_party
            WHERE stand = 0 ORDER BY hash LIMIT ?1"; // screened_party_waiting
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map([limit], screened_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many parties are screened.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn screened_count(&self) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT count(*) FROM screened_party"; // a walk of the primary key
        Ok(self.0.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
    }

    /// Where a screened party stands, at most so many places.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn screened_uses(
        &self,
        hash: &[u8; 32],
        limit: u32,
    ) -> Result<Vec<ScreenedUse>, StoreError> {
        const SQL: &str = "SELECT kind, subject, key, hash FROM screened_use WHERE hash = ?1
            ORDER BY kind, subject, key LIMIT ?2"; // screened_use_hash
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![hash, limit], use_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Where parties stand under a kind and a subject.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn uses_of(&self, kind: &str, subject: &str) -> Result<Vec<ScreenedUse>, StoreError> {
        uses_read(self.0, kind, subject)
    }

    /// All verified companies, each with its identifiers.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn profiles(&self) -> Result<Vec<(ProfileRecord, Vec<String>)>, StoreError> {
        const SQL: &str =
            "SELECT p.party_id, p.name, p.local_name, p.country, p.address, i.identifier
            FROM party_profile p JOIN party_identifier i ON i.party_id = p.party_id
            ORDER BY p.party_id, i.identifier"; // a walk of the primary key, and party_identifier_party
        let mut statement = self.0.prepare_cached(SQL)?;
        let mut rows = statement.query([])?;
        let mut found: Vec<(ProfileRecord, Vec<String>)> = Vec::new();
        let mut last: Option<[u8; 16]> = None;
        while let Some(row) = rows.next()? {
            let party_id: [u8; 16] = row.get(0)?;
            if last != Some(party_id) {
                last = Some(party_id);
                let profile = ProfileRecord {
                    name: row.get(1)?,
                    local_name: row.get(2)?,
                    country: row.get(3)?,
                    address: row.get(4)?,
                };
                found.push((profile, Vec::new()));
            }
            if let Some((_, identifiers)) = found.last_mut() {
                identifiers.push(row.get(5)?);
            }
        }
        Ok(found)
    }

    /// What screening says of the parties of a case and of its applicant.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_screening(
        &self,
        number: &str,
        applicant: &str,
    ) -> Result<Vec<UseHitRecord>, StoreError> {
        const SQL: &str = "SELECT u.kind, u.key, p.stand, h.hit_id, h.list, h.kind, h.listed_name,
                h.score_ppm, h.state, h.before
            FROM (SELECT kind, key, hash FROM screened_use WHERE kind = 'case' AND subject = ?1
                UNION ALL
                SELECT kind, key, hash FROM screened_use WHERE kind = 'party' AND subject = ?2) u
            JOIN screened_party p ON p.hash = u.hash
            LEFT JOIN screening_hit h ON h.party_hash = u.hash AND h.state <> 'ended'
            ORDER BY u.kind, u.key, h.score_ppm DESC, h.hit_id"; // screening_hit_pair
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![number, applicant], |row| {
            let hit_id: Option<[u8; 16]> = row.get(3)?;
            let hit = match hit_id {
                None => None,
                Some(hit_id) => Some(UseHit {
                    hit_id,
                    list: row.get(4)?,
                    kind: row.get(5)?,
                    listed_name: row.get(6)?,
                    score_ppm: row.get(7)?,
                    state: row.get(8)?,
                    before: row.get(9)?,
                }),
            };
            Ok(UseHitRecord { kind: row.get(0)?, key: row.get(1)?, stand: row.get(2)?, hit })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A hit.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hit(&self, hit_id: &[u8; 16]) -> Result<Option<HitRecord>, StoreError> {
        let sql = format!("SELECT {HIT} FROM screening_hit WHERE hit_id = ?1"); // sqlite_autoindex_screening_hit_1, the primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row(params![hit_id], hit_row).optional()?)
    }

    /// The hits of a listed party, the last changed first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hits_of_entity(
        &self,
        (list, entity): (&str, &str),
        limit: u32,
    ) -> Result<Vec<HitRecord>, StoreError> {
        let sql = format!(
            "SELECT {HIT} FROM screening_hit WHERE list = ?1 AND entity = ?2
            ORDER BY changed_at_us DESC LIMIT ?3"
        ); // screening_hit_entity
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![list, entity, limit], hit_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The hits of a party, whatever their state.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hits_of_party(&self, hash: &[u8; 32]) -> Result<Vec<HitRecord>, StoreError> {
        let sql =
            format!("SELECT {HIT} FROM screening_hit WHERE party_hash = ?1 ORDER BY list, entity"); // screening_hit_pair
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![hash], hit_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A page of the hits, the strongest first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hits(
        &self,
        filter: &HitFilter,
        after: Option<&HitCursor>,
        limit: u32,
    ) -> Result<Vec<HitRecord>, StoreError> {
        let mut values: Vec<Value> = vec![i64::from(filter.from_ppm).into()];
        let mut conditions = vec!["score_ppm >= ?1".to_owned()];
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            conditions.push(condition.replace('$', &format!("?{}", values.len())));
        };
        if let Some(list) = &filter.list {
            add("list = $", list.clone().into());
        }
        if let Some(kind) = &filter.kind {
            add("kind = $", kind.clone().into());
        }
        if let Some(below) = filter.below_ppm {
            add("score_ppm < $", i64::from(below).into());
        }
        if let Some(cursor) = after {
            values.push(i64::from(cursor.score_ppm).into());
            values.push(cursor.hit_id.to_vec().into());
            let (score, key) = (values.len() - 1, values.len());
            conditions.push(format!("(score_ppm, hit_id) < (?{score}, ?{key})"));
        }
        if !filter.states.is_empty() {
            let mut places = Vec::new();
            for state in &filter.states {
                values.push(state.clone().into());
                places.push(format!("?{}", values.len()));
            }
            conditions.push(format!("state IN ({})", places.join(", ")));
        }
        values.push(i64::from(limit).into());
        let (wanted, last) = (conditions.join(" AND "), values.len());
        let sql = format!(
            "SELECT {HIT} FROM screening_hit WHERE {wanted}
            ORDER BY score_ppm DESC, hit_id DESC LIMIT ?{last}"
        ); // screening_hit_queue, where states are asked for
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), hit_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many hits stand in each state, on each list.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hit_counts(&self) -> Result<Vec<(String, String, u32)>, StoreError> {
        const SQL: &str = "SELECT state, list, count(*) FROM screening_hit GROUP BY state, list"; // a walk of screening_hit_queue
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What was done with a hit, in order.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hit_steps(&self, hit_id: &[u8; 16]) -> Result<Vec<HitStepRecord>, StoreError> {
        const SQL: &str = "SELECT seq, at_us, account, acting_for, deed, state, reason
            FROM screening_step WHERE hit_id = ?1 ORDER BY seq"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![hit_id], |row| {
            Ok(HitStepRecord {
                seq: row.get(0)?,
                at_us: row.get(1)?,
                account: row.get(2)?,
                acting_for: row.get(3)?,
                deed: row.get(4)?,
                state: row.get(5)?,
                reason: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl PeopleChange<'_> {
    /// Notes where parties stand, and no others of that kind and subject; gives how many are new to the
    /// screening.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn screened_put(
        &self,
        of: (&str, &str),
        parties: &[(String, ScreenedRecord)],
    ) -> Result<usize, StoreError> {
        uses_put(self.0, of, parties)
    }

    /// How often the lists in force or the thresholds changed, from 1.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_stand(&self) -> Result<i64, StoreError> {
        stand_read(self.0)
    }
}

impl LicensingChange<'_> {
    /// As [`PeopleChange::screened_put`].
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn screened_put(
        &self,
        of: (&str, &str),
        parties: &[(String, ScreenedRecord)],
    ) -> Result<usize, StoreError> {
        uses_put(self.0, of, parties)
    }

    /// Notes that a party was screened.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where there is no such party.
    pub fn screened_done(&self, hash: &[u8; 32], stand: i64) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE screened_party SET stand = ?2 WHERE hash = ?1"; // sqlite_autoindex_screened_party_1, the primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![hash, stand])?;
        one_row(changed, "screened_party")
    }

    /// Counts a change of the lists in force or of the thresholds; gives the stand after it.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_stand_next(&self) -> Result<i64, StoreError> {
        const SQL: &str = "UPDATE list_stand SET stand = stand + 1 WHERE one = 1"; // primary key
        one_row(self.0.prepare_cached(SQL)?.execute([])?, "list_stand")?;
        stand_read(self.0)
    }

    /// Adds a version of a list.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_version_add(&self, version: &ListVersionRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO list_version (list, version, hash, stand, entries, added,
            changed, removed, ownerships, file, taken_by, taken_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            version.list,
            version.version,
            version.hash,
            version.stand,
            version.entries,
            version.added,
            version.changed,
            version.removed,
            version.ownerships,
            version.file,
            version.taken_by,
            version.taken_at_us
        ])?;
        one_row(changed, "list_version")
    }

    /// Adds a record from a version of its list on.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn list_entry_add(
        &self,
        list: &str,
        from_version: u32,
        entry: &ListEntryRecord,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO list_entry
            (list, entity, from_version, until_version, hash, name, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            list,
            entry.entity,
            from_version,
            STILL,
            entry.hash,
            entry.name,
            entry.body
        ])?;
        one_row(changed, "list_entry")
    }

    /// Ends a record before a version of its list.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it was not there.
    pub fn list_entry_end(
        &self,
        list: &str,
        entity: &str,
        until_version: u32,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE list_entry SET until_version = ?3
            WHERE list = ?1 AND entity = ?2 AND until_version = ?4"; // sqlite_autoindex_list_entry_1, the primary key
        let changed =
            self.0.prepare_cached(SQL)?.execute(params![list, entity, until_version, STILL])?;
        one_row(changed, "list_entry")
    }

    /// Sets a threshold.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn threshold_add(&self, threshold: &ThresholdRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO list_threshold
            (version, list, kind, hit_ppm, strong_ppm, reason, set_by, set_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            threshold.version,
            threshold.list,
            threshold.kind,
            threshold.hit_ppm,
            threshold.strong_ppm,
            threshold.reason,
            threshold.set_by,
            threshold.set_at_us
        ])?;
        one_row(changed, "list_threshold")
    }

    /// Adds a hit; whether it is one that waits for somebody. What the pair came to before the record changed
    /// is noted with it. A pair that ended and is there again unchanged stands as it was decided, unless
    /// another record of the listed party was decided on since.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hit_add(&self, hit: &HitRecord) -> Result<bool, StoreError> {
        const BEFORE: &str = "SELECT hit_id, before FROM screening_hit
            WHERE party_hash = ?1 AND list = ?2 AND entity = ?3 AND state = 'ended'
            ORDER BY changed_at_us DESC LIMIT 1"; // screening_hit_entity
        const SQL: &str = "INSERT INTO screening_hit (hit_id, party_hash, list, entity, record_hash,
            list_version, kind, party_name, listed_name, score_ppm, state, before, found_at_us,
            changed_at_us, decided_by, decided_for, second_by, version, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'open', ?11, ?12, ?12, '', '', '', 1, ?13)
            ON CONFLICT (party_hash, list, entity, record_hash) DO NOTHING";
        const AGAIN: &str = "UPDATE screening_hit SET state = ?2, before = ?3, changed_at_us = ?4,
            version = version + 1 WHERE hit_id = ?1 AND state = 'ended'"; // sqlite_autoindex_screening_hit_1, the primary key
        let mut before = self.0.prepare_cached(BEFORE)?;
        let before: Option<([u8; 16], String)> = before
            .query_row(params![hit.party_hash, hit.list, hit.entity], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (newest, before) = before.unwrap_or_default();
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            hit.hit_id,
            hit.party_hash,
            hit.list,
            hit.entity,
            hit.record_hash,
            hit.list_version,
            hit.kind,
            hit.party_name,
            hit.listed_name,
            hit.score_ppm,
            before,
            hit.found_at_us,
            hit.body
        ])?;
        if changed == 1 {
            return Ok(true);
        }
        let holds = newest == hit.hit_id && matches!(before.as_str(), "cleared" | "confirmed");
        let state = if holds { before.as_str() } else { "open" };
        let mut again = self.0.prepare_cached(AGAIN)?;
        // None where it has not ended: it stands as it stands.
        let changed = again.execute(params![hit.hit_id, state, before, hit.changed_at_us])?;
        Ok(changed == 1 && !holds)
    }

    /// Writes where a hit stands in the place of the version `before`.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where somebody changed it meanwhile.
    pub fn hit_put(&self, hit: &HitRecord, before: u32) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE screening_hit SET state = ?2, before = ?3, changed_at_us = ?4,
            decided_by = ?5, decided_for = ?6, second_by = ?7, version = ?8
            WHERE hit_id = ?1 AND version = ?9"; // sqlite_autoindex_screening_hit_1, the primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            hit.hit_id,
            hit.state,
            hit.before,
            hit.changed_at_us,
            hit.decided_by,
            hit.decided_for,
            hit.second_by,
            hit.version,
            before
        ])?;
        one_row(changed, "screening_hit")
    }

    /// Adds what was done with a hit.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn hit_step_add(&self, hit_id: &[u8; 16], step: &HitStepRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO screening_step
            (hit_id, seq, at_us, account, acting_for, deed, state, reason)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            hit_id,
            step.seq,
            step.at_us,
            step.account,
            step.acting_for,
            step.deed,
            step.state,
            step.reason
        ])?;
        one_row(changed, "screening_step")
    }
}
