//! How long cases took until their first outcome.

use rusqlite::{OptionalExtension, Row, params};

use crate::case::{LicensingChange, LicensingRead};
use crate::database::StoreError;
use crate::people::one_row;

/// How long a case took, and what it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSpan {
    /// The applicant.
    pub owner_id: [u8; 16],
    /// Its key.
    pub case_id: [u8; 16],
    /// Kind of licence.
    pub licence_type: String,
    /// Whether it appeals another: 1 or 0.
    pub appeal: i64,
    /// Its destinations: codes, sorted, with a blank before, between and after.
    pub destinations: String,
    /// Its end uses, likewise.
    pub end_uses: String,
    /// When it was received, µs.
    pub received_at_us: i64,
    /// When it had its first outcome, µs.
    pub ended_at_us: Option<i64>,
    /// `open`, or the state in which it first ended.
    pub outcome: String,
}

const COLUMNS: &str = "owner_id, case_id, licence_type, appeal, destinations, end_uses,
    received_at_us, ended_at_us, outcome";

fn span_row(row: &Row<'_>) -> Result<CaseSpan, rusqlite::Error> {
    Ok(CaseSpan {
        owner_id: row.get(0)?,
        case_id: row.get(1)?,
        licence_type: row.get(2)?,
        appeal: row.get(3)?,
        destinations: row.get(4)?,
        end_uses: row.get(5)?,
        received_at_us: row.get(6)?,
        ended_at_us: row.get(7)?,
        outcome: row.get(8)?,
    })
}

impl LicensingRead<'_> {
    /// Cases of a kind of licence received since an instant, the last first, and at most so many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_spans(
        &self,
        licence_type: &str,
        appeal: i64,
        since_us: i64,
        limit: u32,
    ) -> Result<Vec<CaseSpan>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM case_span
            WHERE licence_type = ?1 AND appeal = ?2 AND received_at_us >= ?3
            ORDER BY received_at_us DESC LIMIT ?4"
        ); // case_span_type
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![licence_type, appeal, since_us, limit], span_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How long a case took.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_span(
        &self,
        owner_id: [u8; 16],
        case_id: [u8; 16],
    ) -> Result<Option<CaseSpan>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM case_span WHERE owner_id = ?1 AND case_id = ?2"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row(params![owner_id, case_id], span_row).optional()?)
    }
}

impl LicensingChange<'_> {
    /// Sets how long a case took.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_span_put(&self, span: &CaseSpan) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO case_span (owner_id, case_id, licence_type, appeal, destinations,
                end_uses, received_at_us, ended_at_us, outcome)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (owner_id, case_id) DO UPDATE SET licence_type = excluded.licence_type,
                destinations = excluded.destinations, end_uses = excluded.end_uses,
                ended_at_us = excluded.ended_at_us, outcome = excluded.outcome"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            span.owner_id,
            span.case_id,
            span.licence_type,
            span.appeal,
            span.destinations,
            span.end_uses,
            span.received_at_us,
            span.ended_at_us,
            span.outcome
        ])?;
        one_row(changed, "case_span")
    }
}
