//! What holders and the other side report after a grant: transport, arrival, installation, use, re-imports,
//! receipts.

use rusqlite::{OptionalExtension, Row, params};

use crate::case::{LicensingChange, LicensingRead};
use crate::database::StoreError;
use crate::people::one_row;

/// A row of `holder_report`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderReportRecord {
    /// The holder.
    pub owner_id: [u8; 16],
    /// Its place among the reports of its holder, from 1.
    pub seq: u64,
    /// The holder, `scheme:value`.
    pub holder: String,
    /// Its reference, unique among those of its holder.
    pub reference: String,
    /// Code of what is reported.
    pub kind: String,
    /// Licence number.
    pub licence: String,
    /// Line of the licence.
    pub line: String,
    /// Customs declaration.
    pub declaration: String,
    /// When it happened, ISO 8601.
    pub day: String,
    /// How much, as a JSON array.
    pub quantities: String,
    /// What else is said.
    pub note: String,
    /// Reference of the report that it replaces; empty where none.
    pub replaces: String,
    /// Account that made it.
    pub account: String,
    /// When it was recorded, µs.
    pub at_us: i64,
}

const REPORT: &str =
    "SELECT owner_id, seq, holder, reference, kind, licence, line, declaration, day,
    quantities, note, replaces, account, at_us FROM holder_report";

fn report_row(row: &Row<'_>) -> Result<HolderReportRecord, rusqlite::Error> {
    Ok(HolderReportRecord {
        owner_id: row.get(0)?,
        seq: row.get::<_, i64>(1)? as u64,
        holder: row.get(2)?,
        reference: row.get(3)?,
        kind: row.get(4)?,
        licence: row.get(5)?,
        line: row.get(6)?,
        declaration: row.get(7)?,
        day: row.get(8)?,
        quantities: row.get(9)?,
        note: row.get(10)?,
        replaces: row.get(11)?,
        account: row.get(12)?,
        at_us: row.get(13)?,
    })
}

impl LicensingRead<'_> {
    /// The reports of a holder, in their order.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn holder_reports(
        &self,
        owner_id: [u8; 16],
    ) -> Result<Vec<HolderReportRecord>, StoreError> {
        let sql = format!("{REPORT} WHERE owner_id = ?1 ORDER BY seq"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([owner_id], report_row)?.collect::<Result<_, _>>()?)
    }

    /// The reports of all holders, each in its order.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn holder_reports_all(&self) -> Result<Vec<HolderReportRecord>, StoreError> {
        let sql = format!("{REPORT} ORDER BY owner_id, seq"); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_map([], report_row)?.collect::<Result<_, _>>()?)
    }

    /// A report of a holder by its reference.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn holder_report(
        &self,
        owner_id: [u8; 16],
        reference: &str,
    ) -> Result<Option<HolderReportRecord>, StoreError> {
        let sql = format!("{REPORT} WHERE owner_id = ?1 AND reference = ?2"); // holder_report_reference
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row(params![owner_id, reference], report_row).optional()?)
    }

    /// Whether a report of a holder has been replaced, by whose reference.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn holder_report_replaced(
        &self,
        owner_id: [u8; 16],
        reference: &str,
    ) -> Result<Option<String>, StoreError> {
        const SQL: &str = "SELECT reference FROM holder_report
            WHERE owner_id = ?1 AND replaces = ?2 AND replaces <> ''"; // holder_report_replaces
        let mut statement = self.0.prepare_cached(SQL)?;
        Ok(statement.query_row(params![owner_id, reference], |row| row.get(0)).optional()?)
    }

    /// How many reports there are.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn holder_reports_count(&self) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM holder_report"; // the smallest index
        let count: i64 = self.0.prepare_cached(SQL)?.query_row([], |row| row.get(0))?;
        Ok(count as u64)
    }
}

impl LicensingChange<'_> {
    /// Adds a report after the last of its holder.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where it was not written; else the engine refuses, such as where its
    /// reference stands on another.
    pub fn holder_report_add(&self, report: &HolderReportRecord) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO holder_report (owner_id, seq, holder, reference, kind, licence,
            line, declaration, day, quantities, note, replaces, account, at_us)
            SELECT ?1, COALESCE(MAX(seq), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
            FROM holder_report WHERE owner_id = ?1"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            report.owner_id,
            report.holder,
            report.reference,
            report.kind,
            report.licence,
            report.line,
            report.declaration,
            report.day,
            report.quantities,
            report.note,
            report.replaces,
            report.account,
            report.at_us
        ])?;
        one_row(changed, "holder_report")
    }
}
