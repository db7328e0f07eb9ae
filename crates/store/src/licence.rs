//! Licences, what is drawn from them, and what customs sends and is told.
//!
//! INVARIANT: the sums of a line are moved by an update that names those it saw, so that two writers never
//! move them from the same state; the table's own check holds them below the ceiling. A message of customs
//! is recorded in the transaction of its effect.

use rusqlite::{OptionalExtension, Row, params};

use crate::append::party_register;
use crate::case::{LicensingChange, LicensingRead, OwnedKey};
use crate::database::{Database, NewParty, StoreError};
use crate::people::one_row;

/// A licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceRecord {
    /// The holder.
    pub owner_id: [u8; 16],
    /// Its key.
    pub licence_id: [u8; 16],
    /// Its number.
    pub number: String,
    /// The holder, `scheme:value`.
    pub holder: String,
    /// Key of its case.
    pub case_key: String,
    /// When it was issued, µs.
    pub issued_at_us: i64,
    /// Events that happened to it.
    pub version: u32,
    /// As it was issued, as JSON.
    pub body: String,
    /// Its events, as a JSON array.
    pub events: String,
}

/// Sums of a line in one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRecord {
    /// Number of the line.
    pub line: u32,
    /// Position of the unit in the line.
    pub place: u32,
    /// Code of the unit.
    pub unit: String,
    /// Granted.
    pub quantity: i64,
    /// The most that may be taken.
    pub ceiling: i64,
    /// Drawn.
    pub drawn: i64,
    /// Held as of `as_of_us`.
    pub held: i64,
    /// Allotted and not drawn.
    pub allotted: i64,
    /// Taken by facts beyond the ceiling.
    pub excess: i64,
    /// The instant of `held`, µs.
    pub as_of_us: i64,
}

/// A use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawDownRecord {
    /// Line of the licence.
    pub line: u32,
    /// Reference of the declaration.
    pub declaration: String,
    /// Its line.
    pub declaration_line: u32,
    /// Until when something is held, µs; 0 where nothing is.
    pub held_until_us: i64,
    /// When it was last changed, µs.
    pub changed_at_us: i64,
    /// Where it stands, as JSON.
    pub state: String,
}

/// An allotment to a border post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllotmentRecord {
    /// Its id.
    pub allotment_id: String,
    /// As JSON.
    pub body: String,
}

/// A message of customs as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    /// The post.
    pub post: String,
    /// Its id.
    pub message_id: String,
    /// SHA-256 of what was read of it.
    pub digest: [u8; 32],
    /// When it came, µs.
    pub received_at_us: i64,
    /// The event whose digest covers it; 0 where it is about no licence of ours.
    pub log_index: u64,
    /// Its number: those of an event follow each other.
    pub seq: u64,
    /// The message, as JSON.
    pub message: String,
    /// The answer, as JSON.
    pub answer: String,
}

/// Something that customs is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BorderChange {
    /// Its number.
    pub seq: u64,
    /// The holder.
    pub owner_id: [u8; 16],
    /// The licence.
    pub licence_id: [u8; 16],
    /// Its number.
    pub number: String,
    /// Code of what happened.
    pub change: String,
    /// What customs is told, as JSON.
    pub body: String,
    /// When it happened, µs.
    pub at_us: i64,
    /// When customs acknowledged it, µs.
    pub acknowledged_at_us: Option<i64>,
    /// Who did.
    pub acknowledged_by: String,
}

const LICENCE: &str =
    "SELECT owner_id, licence_id, number, holder, case_key, issued_at_us, version,
    body, events FROM licence";
const USE: &str = "SELECT line, declaration, declaration_line, held_until_us, changed_at_us, state
    FROM draw_down";
const CHANGE: &str = "SELECT seq, owner_id, licence_id, number, change, body, at_us,
    acknowledged_at_us, acknowledged_by FROM border_change";

fn licence_row(row: &Row<'_>) -> Result<LicenceRecord, rusqlite::Error> {
    Ok(LicenceRecord {
        owner_id: row.get(0)?,
        licence_id: row.get(1)?,
        number: row.get(2)?,
        holder: row.get(3)?,
        case_key: row.get(4)?,
        issued_at_us: row.get(5)?,
        version: row.get(6)?,
        body: row.get(7)?,
        events: row.get(8)?,
    })
}

fn use_row(row: &Row<'_>) -> Result<DrawDownRecord, rusqlite::Error> {
    Ok(DrawDownRecord {
        line: row.get(0)?,
        declaration: row.get(1)?,
        declaration_line: row.get(2)?,
        held_until_us: row.get(3)?,
        changed_at_us: row.get(4)?,
        state: row.get(5)?,
    })
}

fn change_row(row: &Row<'_>) -> Result<BorderChange, rusqlite::Error> {
    Ok(BorderChange {
        seq: row.get::<_, i64>(0)? as u64,
        owner_id: row.get(1)?,
        licence_id: row.get(2)?,
        number: row.get(3)?,
        change: row.get(4)?,
        body: row.get(5)?,
        at_us: row.get(6)?,
        acknowledged_at_us: row.get(7)?,
        acknowledged_by: row.get(8)?,
    })
}

impl Database {
    /// A number that differs from an earlier one of this connection when another connection has committed
    /// since: whoever keeps what it read learns from it that it may be out of date.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        const SQL: &str = "PRAGMA data_version";
        Ok(self.connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
    }
}

impl LicensingRead<'_> {
    /// Holder and key of a licence by its number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licence_key(&self, number: &str) -> Result<Option<OwnedKey>, StoreError> {
        const SQL: &str = "SELECT owner_id, licence_id FROM licence_number WHERE number = ?1"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// A licence.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licence(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
    ) -> Result<Option<LicenceRecord>, StoreError> {
        let sql = format!("{LICENCE} WHERE owner_id = ?1 AND licence_id = ?2"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row(params![owner_id, licence_id], licence_row).optional()?)
    }

    /// The licences of a holder, by number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licences_of(&self, owner_id: [u8; 16]) -> Result<Vec<LicenceRecord>, StoreError> {
        let sql = format!("{LICENCE} WHERE owner_id = ?1 ORDER BY number"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([owner_id], licence_row)?.collect::<Result<_, _>>()?)
    }

    /// The owners of licences about whose licences something came to the log after an index; all owners of
    /// licences where that is 0.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licence_owners(&self, after: u64) -> Result<Vec<[u8; 16]>, StoreError> {
        const ALL: &str = "SELECT DISTINCT owner_id FROM licence ORDER BY owner_id"; // licence_case, the smallest
        // The places first: asked in one, SQLite reads the whole log.
        const AFTER: &str = "SELECT DISTINCT e.owner_id FROM
            (SELECT owner_id, seq FROM event WHERE log_index > ?1) k
            JOIN event e ON e.owner_id = k.owner_id AND e.seq = k.seq
            WHERE e.stream IN ('border', 'allotment') OR e.stream LIKE 'licence/%'
            ORDER BY e.owner_id"; // event_log; then the primary key
        let read = |row: &Row<'_>| row.get(0);
        if after == 0 {
            let mut statement = self.0.prepare_cached(ALL)?;
            return Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?);
        }
        let mut statement = self.0.prepare_cached(AFTER)?;
        Ok(statement.query_map([after as i64], read)?.collect::<Result<_, _>>()?)
    }

    /// The licences that come from a case, by number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licences_of_case(
        &self,
        owner_id: [u8; 16],
        case_key: &str,
    ) -> Result<Vec<LicenceRecord>, StoreError> {
        let sql = format!("{LICENCE} WHERE owner_id = ?1 AND case_key = ?2 ORDER BY number"); // licence_case
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![owner_id, case_key], licence_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The licences that come after a place in the list of all, the newest first: those of an earlier instant,
    /// and of the same instant those of a lower number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licences_before(
        &self,
        (before_us, number): (i64, &str),
        limit: u32,
    ) -> Result<Vec<LicenceRecord>, StoreError> {
        let sql = format!(
            "{LICENCE} WHERE issued_at_us <= ?1 AND (issued_at_us < ?1 OR number < ?2)
                ORDER BY issued_at_us DESC, number DESC LIMIT ?3"
        ); // licence_issued
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![before_us, number, limit], licence_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the first licence was issued, µs; nothing where none was.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licence_first_us(&self) -> Result<Option<i64>, StoreError> {
        const SQL: &str = "SELECT MIN(issued_at_us) FROM licence"; // licence_issued
        Ok(self.0.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
    }

    /// Calls `each` for every licence, for a check of the whole.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses; and what `each` returns.
    pub fn licences_all<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(LicenceRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |error| E::from(StoreError::Sqlite(error));
        let sql = format!("{LICENCE} ORDER BY owner_id, licence_id"); // primary key
        let mut statement = self.0.prepare(&sql).map_err(sqlite)?;
        let mut rows = statement.query([]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            each(licence_row(row).map_err(sqlite)?)?;
        }
        Ok(())
    }

    /// How many events have happened to a licence; nothing where it is not there.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licence_version(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
    ) -> Result<Option<u32>, StoreError> {
        const SQL: &str = "SELECT version FROM licence WHERE owner_id = ?1 AND licence_id = ?2"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row(params![owner_id, licence_id], |row| row.get(0)).optional()?)
    }

    /// The sums of a licence, by line and unit.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn licence_lines(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
    ) -> Result<Vec<LineRecord>, StoreError> {
        const SQL: &str =
            "SELECT line, place, unit, quantity, ceiling, drawn, held, allotted, excess,
            as_of_us FROM licence_line WHERE owner_id = ?1 AND licence_id = ?2
            ORDER BY line, place"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let read = |row: &Row<'_>| {
            Ok(LineRecord {
                line: row.get(0)?,
                place: row.get(1)?,
                unit: row.get(2)?,
                quantity: row.get(3)?,
                ceiling: row.get(4)?,
                drawn: row.get(5)?,
                held: row.get(6)?,
                allotted: row.get(7)?,
                excess: row.get(8)?,
                as_of_us: row.get(9)?,
            })
        };
        Ok(statement.query_map(params![owner_id, licence_id], read)?.collect::<Result<_, _>>()?)
    }

    /// A use.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn draw_down(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
        (line, declaration, declaration_line): (u32, &str, u32),
    ) -> Result<Option<DrawDownRecord>, StoreError> {
        let sql = format!(
            "{USE} WHERE owner_id = ?1 AND licence_id = ?2 AND line = ?3 AND declaration = ?4
                AND declaration_line = ?5"
        ); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let key = params![owner_id, licence_id, line, declaration, declaration_line];
        Ok(statement.query_row(key, use_row).optional()?)
    }

    /// The uses of a licence, all of them.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn draw_downs(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
    ) -> Result<Vec<DrawDownRecord>, StoreError> {
        let sql = format!(
            "{USE} WHERE owner_id = ?1 AND licence_id = ?2
            ORDER BY line, declaration, declaration_line"
        ); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement
            .query_map(params![owner_id, licence_id], use_row)?
            .collect::<Result<_, _>>()?)
    }

    /// The uses of a licence that hold something after an instant.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn draw_downs_held(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
        after_us: i64,
    ) -> Result<Vec<DrawDownRecord>, StoreError> {
        let sql = format!(
            "{USE} WHERE owner_id = ?1 AND licence_id = ?2 AND held_until_us > 0
                AND held_until_us > ?3"
        ); // draw_down_held
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![owner_id, licence_id, after_us], use_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The allotments of a licence.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn allotments(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
    ) -> Result<Vec<AllotmentRecord>, StoreError> {
        const SQL: &str = "SELECT allotment_id, body FROM allotment
            WHERE owner_id = ?1 AND licence_id = ?2 ORDER BY allotment_id"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let read =
            |row: &Row<'_>| Ok(AllotmentRecord { allotment_id: row.get(0)?, body: row.get(1)? });
        Ok(statement.query_map(params![owner_id, licence_id], read)?.collect::<Result<_, _>>()?)
    }

    /// How a message was answered: the digest of what was read of it, and the answer.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_message(
        &self,
        post: &str,
        message_id: &str,
    ) -> Result<Option<([u8; 32], String)>, StoreError> {
        const SQL: &str =
            "SELECT digest, answer FROM border_message WHERE post = ?1 AND message_id = ?2"; // border_message_id
        let mut statement = self.0.prepare_cached(SQL)?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        Ok(statement.query_row(params![post, message_id], read).optional()?)
    }

    /// The events of the border: index in the log, and body.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_events(&self, after: u64, limit: u32) -> Result<Vec<(u64, String)>, StoreError> {
        const SQL: &str =
            "SELECT log_index, body FROM event WHERE log_index > ?1 AND stream = 'border'
            ORDER BY log_index LIMIT ?2"; // event_log
        let mut statement = self.0.prepare_cached(SQL)?;
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?));
        Ok(statement.query_map(params![after as i64, limit], read)?.collect::<Result<_, _>>()?)
    }

    /// The digests of the messages of an event from its first on, at most so many, in their order.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_digests(
        &self,
        log_index: u64,
        first: u64,
        count: u64,
    ) -> Result<Vec<[u8; 32]>, StoreError> {
        const SQL: &str = "SELECT digest FROM border_message
            WHERE message_seq >= ?2 AND message_seq < ?2 + ?3 AND log_index = ?1
            ORDER BY message_seq"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let key = params![log_index as i64, first as i64, count as i64];
        Ok(statement.query_map(key, |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// How many messages say that an event covers them.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_messages_covered(&self) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT count(*) FROM border_message WHERE log_index > 0"; // all of them
        let count: i64 = self.0.prepare_cached(SQL)?.query_row([], |row| row.get(0))?;
        Ok(count as u64)
    }

    /// The number of the last message; 0 where there is none.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_message_last(&self) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT coalesce(max(message_seq), 0) FROM border_message"; // primary key
        let last: i64 = self.0.prepare_cached(SQL)?.query_row([], |row| row.get(0))?;
        Ok(last as u64)
    }

    /// What customs is to be told, after a number, in order.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_changes(&self, after: u64, limit: u32) -> Result<Vec<BorderChange>, StoreError> {
        let sql = format!("{CHANGE} WHERE seq > ?1 ORDER BY seq LIMIT ?2"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![after as i64, limit], change_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One change.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_change(&self, seq: u64) -> Result<Option<BorderChange>, StoreError> {
        let sql = format!("{CHANGE} WHERE seq = ?1"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row([seq as i64], change_row).optional()?)
    }

    /// The changes of a licence that customs has not acknowledged: how many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_changes_open(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
    ) -> Result<u32, StoreError> {
        const SQL: &str = "SELECT count(*) FROM border_change
            WHERE owner_id = ?1 AND licence_id = ?2 AND acknowledged_at_us IS NULL"; // border_change_open
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row(params![owner_id, licence_id], |row| row.get(0))?)
    }
}

impl LicensingChange<'_> {
    /// Registers a party whose identifier nobody has yet.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn party_register(&self, party: &NewParty<'_>, at_us: i64) -> Result<(), StoreError> {
        party_register(self.0, party, at_us)
    }

    /// Adds a licence, its number and its lines.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses, also a number that is taken.
    pub fn licence_add(
        &self,
        licence: &LicenceRecord,
        lines: &[LineRecord],
    ) -> Result<(), StoreError> {
        const NUMBER: &str =
            "INSERT INTO licence_number (number, owner_id, licence_id) VALUES (?1, ?2, ?3)";
        const LICENCE: &str = "INSERT INTO licence (owner_id, licence_id, number, holder, case_key,
            issued_at_us, version, body, events) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        const LINE: &str =
            "INSERT INTO licence_line (owner_id, licence_id, line, place, unit, quantity,
            ceiling, drawn, held, allotted, excess, as_of_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let (owner_id, licence_id) = (licence.owner_id, licence.licence_id);
        self.0.prepare_cached(NUMBER)?.execute(params![licence.number, owner_id, licence_id])?;
        self.0.prepare_cached(LICENCE)?.execute(params![
            owner_id,
            licence_id,
            licence.number,
            licence.holder,
            licence.case_key,
            licence.issued_at_us,
            licence.version,
            licence.body,
            licence.events
        ])?;
        let mut statement = self.0.prepare_cached(LINE)?;
        for line in lines {
            statement.execute(params![
                owner_id,
                licence_id,
                line.line,
                line.place,
                line.unit,
                line.quantity,
                line.ceiling,
                line.drawn,
                line.held,
                line.allotted,
                line.excess,
                line.as_of_us
            ])?;
        }
        Ok(())
    }

    /// Writes the events of a licence in the place of those of the version before.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where somebody changed it meanwhile.
    pub fn licence_put(&self, licence: &LicenceRecord) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE licence SET version = ?3, events = ?4
            WHERE owner_id = ?1 AND licence_id = ?2 AND version = ?3 - 1"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            licence.owner_id,
            licence.licence_id,
            licence.version,
            licence.events
        ])?;
        one_row(changed, "licence")
    }

    /// Moves the sums of a line in one unit from `before` to `after`.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where they are not those of `before`; [`StoreError`] also where more
    /// would be taken than may be.
    pub fn licence_line_put(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
        before: &LineRecord,
        after: &LineRecord,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE licence_line
            SET drawn = ?5, held = ?6, allotted = ?7, excess = ?8, as_of_us = ?9
            WHERE owner_id = ?1 AND licence_id = ?2 AND line = ?3 AND place = ?4
                AND drawn = ?10 AND held = ?11 AND allotted = ?12 AND excess = ?13
                AND as_of_us = ?14"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            owner_id,
            licence_id,
            after.line,
            after.place,
            after.drawn,
            after.held,
            after.allotted,
            after.excess,
            after.as_of_us,
            before.drawn,
            before.held,
            before.allotted,
            before.excess,
            before.as_of_us
        ])?;
        one_row(changed, "licence_line")
    }

    /// Writes a use, new or in the place of what stood there.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn draw_down_put(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
        one: &DrawDownRecord,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO draw_down (owner_id, licence_id, line, declaration,
            declaration_line, held_until_us, changed_at_us, state)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (owner_id, licence_id, line, declaration, declaration_line) DO UPDATE SET
            held_until_us = excluded.held_until_us, changed_at_us = excluded.changed_at_us,
            state = excluded.state"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            owner_id,
            licence_id,
            one.line,
            one.declaration,
            one.declaration_line,
            one.held_until_us,
            one.changed_at_us,
            one.state
        ])?;
        one_row(changed, "draw_down")
    }

    /// Moves the uses of a line to a line of the licence that supersedes it; gives how many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn draw_downs_move(
        &self,
        owner_id: [u8; 16],
        (from, from_line): ([u8; 16], u32),
        (to, to_line): ([u8; 16], u32),
    ) -> Result<usize, StoreError> {
        const SQL: &str = "UPDATE draw_down SET licence_id = ?4, line = ?5
            WHERE owner_id = ?1 AND licence_id = ?2 AND line = ?3"; // primary key
        let key = params![owner_id, from, from_line, to, to_line];
        Ok(self.0.prepare_cached(SQL)?.execute(key)?)
    }

    /// Removes an allotment that goes over to the licence that supersedes this one.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it is not there.
    pub fn allotment_remove(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
        allotment_id: &str,
    ) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM allotment
            WHERE owner_id = ?1 AND licence_id = ?2 AND allotment_id = ?3"; // primary key
        let key = params![owner_id, licence_id, allotment_id];
        one_row(self.0.prepare_cached(SQL)?.execute(key)?, "allotment")
    }

    /// Writes an allotment, new or in the place of what stood there.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn allotment_put(
        &self,
        owner_id: [u8; 16],
        licence_id: [u8; 16],
        allotment: &AllotmentRecord,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO allotment (owner_id, licence_id, allotment_id, body)
            VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (owner_id, licence_id, allotment_id) DO UPDATE SET body = excluded.body"; // primary key
        let key = params![owner_id, licence_id, allotment.allotment_id, allotment.body];
        one_row(self.0.prepare_cached(SQL)?.execute(key)?, "allotment")
    }

    /// Records a message and its answer.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses, also an id that was used.
    pub fn border_message_add(&self, message: &MessageRecord) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO border_message
            (post, message_id, digest, received_at_us, log_index, message_seq, message, answer)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            message.post,
            message.message_id,
            message.digest,
            message.received_at_us,
            message.log_index as i64,
            message.seq as i64,
            message.message,
            message.answer
        ])?;
        one_row(changed, "border_message")
    }

    /// Adds a change that customs is to be told; its number is given here.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_change_add(&self, change: &BorderChange) -> Result<u64, StoreError> {
        const SQL: &str =
            "INSERT INTO border_change (seq, owner_id, licence_id, number, change, body,
            at_us, acknowledged_at_us, acknowledged_by)
            SELECT coalesce(max(seq), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, NULL, '' FROM border_change
            RETURNING seq"; // primary key
        let row = params![
            change.owner_id,
            change.licence_id,
            change.number,
            change.change,
            change.body,
            change.at_us
        ];
        let seq: i64 = self.0.prepare_cached(SQL)?.query_row(row, |row| row.get(0))?;
        Ok(seq as u64)
    }

    /// Notes that customs knows of a change; whether that is new.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn border_change_acknowledge(
        &self,
        seq: u64,
        account: &str,
        at_us: i64,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE border_change SET acknowledged_at_us = ?3, acknowledged_by = ?2
            WHERE seq = ?1 AND acknowledged_at_us IS NULL"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![seq as i64, account, at_us])?;
        Ok(changed == 1)
    }
}
