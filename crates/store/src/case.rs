//! Cases: drafts of applications, case files, their numbers, and the events that add them up.
//!
//! A case file is what its events add up to, kept so that it need not be added up at each question. It is
//! written in the transaction of its event, by an update that names the version it saw; `fsck` adds the
//! events up anew and compares.

use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{
    Connection, OptionalExtension, Row, ToSql, Transaction, TransactionBehavior, params,
};

use crate::append::{NewEvent, event_append};
use crate::audit::{NewAudit, audit_append};
use crate::database::{BatchRecord, Database, StoreError, TRIES, busy};
use crate::job::{NewJob, job_append};
use crate::people::one_row;

/// Reads about cases and licences.
#[derive(Debug, Clone, Copy)]
pub struct LicensingRead<'c>(pub(crate) &'c Connection);

/// Changes cases and licences, in one transaction.
#[derive(Debug)]
pub struct LicensingChange<'t>(pub(crate) &'t Transaction<'t>);

/// The owner of a row, and the key of the row among those of its owner.
pub type OwnedKey = ([u8; 16], [u8; 16]);

/// A draft of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRecord {
    /// The applicant.
    pub owner_id: [u8; 16],
    /// Its key.
    pub draft_id: [u8; 16],
    /// Counts its changes, from 1.
    pub revision: u32,
    /// The application, as JSON.
    pub body: String,
    /// Account that changed it last.
    pub changed_by: String,
    /// When, µs.
    pub changed_at_us: i64,
}

/// A case file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRecord {
    /// The applicant.
    pub owner_id: [u8; 16],
    /// Its key.
    pub case_id: [u8; 16],
    /// What the queue shows of it.
    pub row: CaseRow,
    /// Events that it adds up.
    pub version: u32,
    /// What they add up to, as JSON.
    pub body: String,
}

/// What a queue shows of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// Its number.
    pub number: String,
    /// The applicant, `scheme:value`.
    pub applicant: String,
    /// Code of its state.
    pub state: String,
    /// Whether the authority still has to do something: 1 or 0.
    pub open: i64,
    /// Kind of licence.
    pub licence_type: String,
    /// The officer who has it; empty where nobody has.
    pub officer: String,
    /// Code of who must act next.
    pub waits_for: String,
    /// When it was received, µs.
    pub received_at_us: i64,
    /// The last day on which its decision is in time, counted from 1970-01-01.
    pub due_day: Option<i64>,
    /// The day on which a stock runs out.
    pub stock_out_day: Option<i64>,
    /// How urgent it is: those with a smaller number first.
    pub urgency: i64,
    /// Its goods, in words.
    pub goods: String,
    /// Its destinations: codes with a blank before, between and after.
    pub destinations: String,
}

/// Which cases a queue holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Open ones, ended ones, or both.
    pub open: Option<bool>,
    /// Of this officer; empty: those that nobody has.
    pub officer: Option<String>,
    /// That wait for this.
    pub waits_for: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Of this kind of licence.
    pub licence_type: Option<String>,
    /// To this destination.
    pub destination: Option<String>,
    /// Whose number, applicant or goods hold this.
    pub text: Option<String>,
    /// Of this applicant.
    pub owner_id: Option<[u8; 16]>,
}

/// Where a page of a queue ends: the next begins after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseCursor {
    /// How urgent it is.
    pub urgency: i64,
    /// Number.
    pub number: String,
}

pub(crate) const ROW: &str =
    "c.number, c.applicant, c.state, c.open, c.licence_type, c.officer, c.waits_for,
    c.received_at_us, c.due_day, c.stock_out_day, c.urgency, c.goods, c.destinations";

pub(crate) fn case_row(row: &Row<'_>) -> Result<CaseRow, rusqlite::Error> {
    Ok(CaseRow {
        number: row.get(0)?,
        applicant: row.get(1)?,
        state: row.get(2)?,
        open: row.get(3)?,
        licence_type: row.get(4)?,
        officer: row.get(5)?,
        waits_for: row.get(6)?,
        received_at_us: row.get(7)?,
        due_day: row.get(8)?,
        stock_out_day: row.get(9)?,
        urgency: row.get(10)?,
        goods: row.get(11)?,
        destinations: row.get(12)?,
    })
}

fn draft_row(row: &Row<'_>) -> Result<DraftRecord, rusqlite::Error> {
    Ok(DraftRecord {
        owner_id: row.get(0)?,
        draft_id: row.get(1)?,
        revision: row.get(2)?,
        body: row.get(3)?,
        changed_by: row.get(4)?,
        changed_at_us: row.get(5)?,
    })
}

/// Counts what [`Database::licensing_change`] commits.
static LICENSING_CHANGES: AtomicU64 = AtomicU64::new(0);

/// How often cases and licences were changed since this process started, whatever its connections: who keeps
/// what it read compares it with what it was before the reading. No other process changes them, for one
/// process at a time writes a data directory.
#[must_use]
pub fn licensing_changes() -> u64 {
    LICENSING_CHANGES.load(Ordering::Acquire)
}

impl Database {
    /// To read about cases and licences.
    #[must_use]
    pub fn licensing(&self) -> LicensingRead<'_> {
        LicensingRead(&self.connection)
    }

    /// Changes cases and licences in one transaction: what `run` refuses leaves nothing behind.
    ///
    /// # Errors
    /// What `run` returns, and [`StoreError`] where the engine refuses.
    pub fn licensing_change<T, E: From<StoreError>>(
        &mut self,
        mut run: impl FnMut(&LicensingChange<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tries = 0;
        let transaction = loop {
            tries += 1;
            match Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate) {
                Err(error) if busy(&error) && tries < TRIES => {}
                started => break started.map_err(StoreError::from)?,
            }
        };
        let value = run(&LicensingChange(&transaction))?;
        let committed = transaction.commit();
        // Also where it is not known whether it was: whoever keeps an answer asks once too often.
        LICENSING_CHANGES.fetch_add(1, Ordering::Release);
        committed.map_err(StoreError::from)?;
        Ok(value)
    }
}

impl LicensingRead<'_> {
    /// The key of a party by one of its identifiers.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn owner(&self, identifier: &str) -> Result<Option<[u8; 16]>, StoreError> {
        const SQL: &str = "SELECT party_id FROM party_identifier WHERE identifier = ?1"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row([identifier], |row| row.get(0)).optional()?)
    }

    /// The drafts of an applicant, the last changed first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn drafts(&self, owner_id: [u8; 16]) -> Result<Vec<DraftRecord>, StoreError> {
        const SQL: &str = "SELECT owner_id, draft_id, revision, body, changed_by, changed_at_us
            FROM application_draft WHERE owner_id = ?1 ORDER BY changed_at_us DESC, draft_id"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map([owner_id], draft_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A draft.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn draft(
        &self,
        owner_id: [u8; 16],
        draft_id: [u8; 16],
    ) -> Result<Option<DraftRecord>, StoreError> {
        const SQL: &str = "SELECT owner_id, draft_id, revision, body, changed_by, changed_at_us
            FROM application_draft WHERE owner_id = ?1 AND draft_id = ?2"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row(params![owner_id, draft_id], draft_row).optional()?)
    }

    /// A case file by its number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case(&self, number: &str) -> Result<Option<CaseRecord>, StoreError> {
        const KEY: &str = "SELECT owner_id, case_id FROM case_number WHERE number = ?1"; // primary key
        let mut statement = self.0.prepare_cached(KEY)?;
        let key: Option<([u8; 16], [u8; 16])> =
            statement.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((owner_id, case_id)) = key else { return Ok(None) };
        let sql = format!(
            "SELECT {ROW}, c.version, c.body FROM case_file c WHERE c.owner_id = ?1 AND c.case_id = ?2"
        ); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement
            .query_row(params![owner_id, case_id], |row| {
                Ok(CaseRecord {
                    owner_id,
                    case_id,
                    row: case_row(row)?,
                    version: row.get(13)?,
                    body: row.get(14)?,
                })
            })
            .optional()?)
    }

    /// The bodies of the events of a stream, in order.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn events(&self, owner_id: [u8; 16], stream: &str) -> Result<Vec<String>, StoreError> {
        // The places first: asked in one, SQLite walks the whole chain of the owner.
        const SQL: &str = "SELECT e.body FROM
            (SELECT owner_id, seq FROM event WHERE owner_id = ?1 AND stream = ?2) k
            JOIN event e ON e.owner_id = k.owner_id AND e.seq = k.seq ORDER BY k.seq"; // event_stream; then the primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map(params![owner_id, stream], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A page of a queue: `limit` cases, those to act on first at the head. The filter is asked of the
    /// index alone; only the cases of the page are looked up.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn queue(
        &self,
        filter: &CaseFilter,
        after: Option<&CaseCursor>,
        limit: u32,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let mut values = Vec::<rusqlite::types::Value>::new();
        let mut parts = Vec::new();
        for open in opens(filter) {
            let mut conditions = conditions_of(filter, open, &mut values);
            if let Some(cursor) = after {
                values.push(cursor.urgency.into());
                values.push(cursor.number.clone().into());
                let (urgency, number) = (values.len() - 1, values.len());
                conditions.push(format!("(c.urgency, c.number) > (?{urgency}, ?{number})"));
            }
            values.push(i64::from(limit).into());
            parts.push(format!(
                "SELECT * FROM (SELECT c.owner_id, c.case_id, c.urgency, c.number
                    FROM case_file c WHERE {} ORDER BY c.urgency, c.number LIMIT ?{})",
                conditions.join(" AND "),
                values.len()
            ));
        }
        values.push(i64::from(limit).into());
        let sql = format!(
            "SELECT {ROW} FROM ({} ORDER BY urgency, number LIMIT ?{}) k
            JOIN case_file c ON c.owner_id = k.owner_id AND c.case_id = k.case_id
            ORDER BY c.urgency, c.number",
            parts.join(" UNION ALL "),
            values.len()
        ); // case_file_list, case_file_officer or case_file_waits; then the primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), case_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many cases a queue holds, counted up to `most`.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn queue_count(&self, filter: &CaseFilter, most: u32) -> Result<u32, StoreError> {
        let mut values = Vec::<rusqlite::types::Value>::new();
        let mut parts = Vec::new();
        for open in opens(filter) {
            let conditions = conditions_of(filter, open, &mut values);
            parts.push(format!("SELECT 1 FROM case_file c WHERE {}", conditions.join(" AND ")));
        }
        values.push(i64::from(most).into());
        let sql =
            format!("SELECT count(*) FROM ({} LIMIT ?{})", parts.join(" UNION ALL "), values.len()); // as `queue`
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row(rusqlite::params_from_iter(values), |row| row.get(0))?)
    }

    /// A page of what an agency is asked about.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn queue_agency(
        &self,
        agency: &str,
        open: bool,
        after: Option<&CaseCursor>,
        limit: u32,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let sql = format!(
            "SELECT {ROW} FROM case_agency a JOIN case_file c
                ON c.owner_id = a.owner_id AND c.case_id = a.case_id
            WHERE a.agency = ?1 AND a.open = ?2 AND (a.urgency, a.number) > (?3, ?4)
            ORDER BY a.urgency, a.number LIMIT ?5"
        ); // case_agency_queue
        let (day, number) =
            after.map_or((i64::MIN, ""), |cursor| (cursor.urgency, cursor.number.as_str()));
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement
            .query_map(params![agency, i64::from(open), day, number, i64::from(limit)], case_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The numbers of all cases, for a check of the whole.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_numbers(&self) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT number FROM case_number ORDER BY number"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The halves of the table that a filter asks: open cases, ended ones, or both.
fn opens(filter: &CaseFilter) -> Vec<i64> {
    let of_state = filter.state.as_deref().map(|state| matches!(state, "received" | "review"));
    match (filter.open, of_state) {
        (Some(open), _) | (None, Some(open)) => vec![i64::from(open)],
        (None, None) => vec![1, 0],
    }
}

fn conditions_of(
    filter: &CaseFilter,
    open: i64,
    values: &mut Vec<rusqlite::types::Value>,
) -> Vec<String> {
    let mut conditions = Vec::new();
    let mut equal = |column: &str, value: rusqlite::types::Value| {
        values.push(value);
        conditions.push(format!("c.{column} = ?{}", values.len()));
    };
    equal("open", open.into());
    if let Some(owner_id) = filter.owner_id {
        equal("owner_id", owner_id.to_vec().into());
    }
    let texts = [
        ("officer", &filter.officer),
        ("waits_for", &filter.waits_for),
        ("state", &filter.state),
        ("licence_type", &filter.licence_type),
    ];
    for (column, value) in texts {
        if let Some(value) = value {
            equal(column, value.clone().into());
        }
    }
    // What somebody typed is looked for as it stands: `instr` knows no wildcards.
    let mut holds = |column: &str, value: String| {
        values.push(value.into());
        conditions.push(format!("instr(c.{column}, ?{}) > 0", values.len()));
    };
    if let Some(destination) = &filter.destination {
        holds("destinations", format!(" {destination} "));
    }
    if let Some(text) = &filter.text {
        holds("words", text.to_lowercase());
    }
    conditions
}

impl<'t> LicensingChange<'t> {
    /// To read within the transaction.
    #[must_use]
    pub fn read(&self) -> LicensingRead<'_> {
        LicensingRead(self.0)
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

    /// Records an event of a stream, in the book of its owner.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn event(
        &self,
        owner_id: [u8; 16],
        stream: &str,
        recorded_at_us: i64,
        body: String,
    ) -> Result<BatchRecord, StoreError> {
        let event = NewEvent { owner_id, stream, recorded_at_us, body, filings: 0, rows: 0 };
        event_append(self.0, event)
    }

    /// The next number of a series, from 1. Numbers are given in order, without gaps.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn number_next(&self, series: &str) -> Result<u64, StoreError> {
        const SQL: &str = "INSERT INTO number_head (series, last) VALUES (?1, 1)
            ON CONFLICT (series) DO UPDATE SET last = last + 1 RETURNING last"; // primary key
        let last: i64 = self.0.prepare_cached(SQL)?.query_row([series], |row| row.get(0))?;
        Ok(last as u64)
    }

    /// Writes a draft that is new, or whose revision is one more than that which stands there.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where somebody changed it meanwhile.
    pub fn draft_put(&self, draft: &DraftRecord) -> Result<(), StoreError> {
        const ADD: &str = "INSERT INTO application_draft
            (owner_id, draft_id, revision, body, changed_by, changed_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        const PUT: &str = "UPDATE application_draft
            SET revision = ?3, body = ?4, changed_by = ?5, changed_at_us = ?6
            WHERE owner_id = ?1 AND draft_id = ?2 AND revision = ?3 - 1"; // primary key
        let sql = if draft.revision == 1 { ADD } else { PUT };
        let changed = self.0.prepare_cached(sql)?.execute(params![
            draft.owner_id,
            draft.draft_id,
            draft.revision,
            draft.body,
            draft.changed_by,
            draft.changed_at_us
        ])?;
        one_row(changed, "application_draft")
    }

    /// Removes a draft.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it is not there in this revision.
    pub fn draft_remove(
        &self,
        owner_id: [u8; 16],
        draft_id: [u8; 16],
        revision: u32,
    ) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM application_draft
            WHERE owner_id = ?1 AND draft_id = ?2 AND revision = ?3"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![owner_id, draft_id, revision])?;
        one_row(changed, "application_draft")
    }

    /// Adds a case file and its number.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses, also a number that is taken.
    pub fn case_add(&self, case: &CaseRecord) -> Result<(), StoreError> {
        const NUMBER: &str =
            "INSERT INTO case_number (number, owner_id, case_id) VALUES (?1, ?2, ?3)";
        const SQL: &str = "INSERT INTO case_file (owner_id, case_id, number, applicant, state, open,
            licence_type, officer, waits_for, received_at_us, due_day, stock_out_day, urgency, goods,
            destinations, version, body, words)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
        let mut number = self.0.prepare_cached(NUMBER)?;
        number.execute(params![case.row.number, case.owner_id, case.case_id])?;
        self.case_write(SQL, case, None)
    }

    /// Writes a case file in the place of the version `before`.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where somebody changed it meanwhile.
    pub fn case_put(&self, case: &CaseRecord, before: u32) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE case_file SET number = ?3, applicant = ?4, state = ?5, open = ?6,
            licence_type = ?7, officer = ?8, waits_for = ?9, received_at_us = ?10, due_day = ?11,
            stock_out_day = ?12, urgency = ?13, goods = ?14, destinations = ?15, version = ?16,
            body = ?17, words = ?18 WHERE owner_id = ?1 AND case_id = ?2 AND version = ?19"; // primary key
        self.case_write(SQL, case, Some(before))
    }

    fn case_write(
        &self,
        sql: &str,
        case: &CaseRecord,
        before: Option<u32>,
    ) -> Result<(), StoreError> {
        let row = &case.row;
        let words = format!("{} {} {}", row.number, row.applicant, row.goods).to_lowercase();
        let mut values: Vec<&dyn ToSql> = vec![
            &case.owner_id,
            &case.case_id,
            &row.number,
            &row.applicant,
            &row.state,
            &row.open,
            &row.licence_type,
            &row.officer,
            &row.waits_for,
            &row.received_at_us,
            &row.due_day,
            &row.stock_out_day,
            &row.urgency,
            &row.goods,
            &row.destinations,
            &case.version,
            &case.body,
            &words,
        ];
        if let Some(before) = &before {
            values.push(before);
        }
        let changed = self.0.prepare_cached(sql)?.execute(values.as_slice())?;
        one_row(changed, "case_file")
    }

    /// Sets how an agency's part in a case stands.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_agency_put(
        &self,
        case: &CaseRecord,
        agency: &str,
        open: bool,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO case_agency
            (owner_id, case_id, agency, open, urgency, number) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (owner_id, case_id, agency)
            DO UPDATE SET open = excluded.open, urgency = excluded.urgency"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            case.owner_id,
            case.case_id,
            agency,
            i64::from(open),
            case.row.urgency,
            case.row.number
        ])?;
        one_row(changed, "case_agency")
    }
}
