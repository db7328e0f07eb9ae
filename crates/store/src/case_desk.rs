//! What the desk of an authority keeps beside the cases: queues under a name, and what was decided before.

use rusqlite::{OptionalExtension, params};

use crate::case::{CaseRow, LicensingChange, LicensingRead, ROW, case_row};
use crate::database::StoreError;
use crate::people::{PeopleRead, one_row};

/// A queue that an account keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// Its name.
    pub name: String,
    /// The query string of its address.
    pub query: String,
}

/// A decided cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precedent {
    /// Control code of its good.
    pub control_code: String,
    /// Destination.
    pub destination: String,
    /// Its end user, as [`LicensingChange::precedent_put`] was told.
    pub end_user: String,
    /// Number of the case.
    pub number: String,
    /// Key of the cell.
    pub cell: String,
    /// `approve`, `refuse` or `no_licence`.
    pub outcome: String,
    /// How many conditions it was given.
    pub conditions: u32,
    /// When, µs.
    pub decided_at_us: i64,
}

impl LicensingRead<'_> {
    /// To read about people beside it.
    #[must_use]
    pub fn people(&self) -> PeopleRead<'_> {
        PeopleRead(self.0)
    }

    /// The queues that an account keeps, by name.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_views(&self, account: &str) -> Result<Vec<CaseView>, StoreError> {
        const SQL: &str = "SELECT name, query FROM case_view WHERE account = ?1 ORDER BY name"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        let view = |row: &rusqlite::Row<'_>| Ok(CaseView { name: row.get(0)?, query: row.get(1)? });
        let rows = statement.query_map([account], view)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The open case that was received first.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_oldest(&self) -> Result<Option<CaseRow>, StoreError> {
        let sql = format!(
            "SELECT {ROW} FROM case_file c WHERE c.open = 1 ORDER BY c.received_at_us, c.number LIMIT 1"
        ); // case_file_oldest
        let mut statement = self.0.prepare_cached(&sql)?;
        Ok(statement.query_row([], case_row).optional()?)
    }

    /// What was decided on cells of these control codes, destinations and end users, the last first; of
    /// `number` itself nothing.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn precedents(
        &self,
        about: &[(String, String, String)],
        number: &str,
        limit: u32,
    ) -> Result<Vec<Precedent>, StoreError> {
        if about.is_empty() {
            return Ok(Vec::new());
        }
        let mut values: Vec<rusqlite::types::Value> =
            vec![number.to_owned().into(), i64::from(limit).into()];
        let mut places = Vec::new();
        for (code, destination, end_user) in about {
            let at = values.len();
            places.push(format!("(?{}, ?{}, ?{})", at + 1, at + 2, at + 3));
            values.extend([code, destination, end_user].map(|text| text.clone().into()));
        }
        let sql = format!(
            "SELECT control_code, destination, end_user, number, cell, outcome, conditions,
                decided_at_us
            FROM case_precedent
            WHERE (control_code, destination, end_user) IN (VALUES {}) AND number <> ?1
            ORDER BY decided_at_us DESC, number, cell LIMIT ?2",
            places.join(", ")
        ); // primary key
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
            Ok(Precedent {
                control_code: row.get(0)?,
                destination: row.get(1)?,
                end_user: row.get(2)?,
                number: row.get(3)?,
                cell: row.get(4)?,
                outcome: row.get(5)?,
                conditions: row.get(6)?,
                decided_at_us: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl LicensingChange<'_> {
    /// Keeps a queue under a name, in the place of one of the same name.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn case_view_put(&self, account: &str, view: &CaseView) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO case_view (account, name, query) VALUES (?1, ?2, ?3)
            ON CONFLICT (account, name) DO UPDATE SET query = excluded.query"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        one_row(statement.execute(params![account, view.name, view.query])?, "case_view")
    }

    /// Forgets a queue.
    ///
    /// # Errors
    /// [`StoreError::RowMissing`] where there is none of that name.
    pub fn case_view_remove(&self, account: &str, name: &str) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM case_view WHERE account = ?1 AND name = ?2"; // primary key
        let mut statement = self.0.prepare_cached(SQL)?;
        one_row(statement.execute(params![account, name])?, "case_view")
    }

    /// Notes what was decided on a cell.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn precedent_put(&self, precedent: &Precedent) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO case_precedent (control_code, destination, end_user, number,
                cell, outcome, conditions, decided_at_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (control_code, destination, end_user, number, cell)
            DO UPDATE SET outcome = excluded.outcome, conditions = excluded.conditions,
                decided_at_us = excluded.decided_at_us"; // primary key
        let changed = self.0.prepare_cached(SQL)?.execute(params![
            precedent.control_code,
            precedent.destination,
            precedent.end_user,
            precedent.number,
            precedent.cell,
            precedent.outcome,
            precedent.conditions,
            precedent.decided_at_us
        ])?;
        one_row(changed, "case_precedent")
    }
}
