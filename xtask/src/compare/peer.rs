//! The peers' side of a filing row: a typed table with a primary key, three indexes and two foreign keys, as
//! a careful team would lay it out in a relational database.
//!
//! Parties and stages are numbered and masses are whole milligrams before the measurement begins, so the
//! peers are spared the parsing and checking that Gadolin's figure includes.

use std::collections::HashMap;
use std::io::Write;

use anyhow::Context;

use crate::economy::{Columns, Economy};

/// Text columns that are stored as they are filed.
const TEXTS: &[&str] = &[
    "to_party",
    "owner",
    "site",
    "to_site",
    "composition",
    "basis",
    "assay_status",
    "hs",
    "product",
    "grade",
    "customer_name",
    "customer_country",
    "invoice",
    "contract",
    "licence",
    "end_use",
    "note",
];

/// A row with keys numbered; nothing is absent.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) row_id: i64,
    pub(super) filer_id: i64,
    pub(super) filing: String,
    pub(super) kind: String,
    pub(super) date: String,
    pub(super) leg: Option<String>,
    pub(super) lot: Option<String>,
    pub(super) source_lot: Option<String>,
    pub(super) stage_id: Option<i64>,
    pub(super) mass_mg: Option<i64>,
    /// In the order of [`TEXTS`].
    pub(super) texts: Vec<Option<String>>,
}

/// Names that rows refer to by number.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<String, i64>,
    pub(super) list: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> i64 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.list.len() as i64 + 1;
        self.numbers.insert(name.to_owned(), number);
        self.list.push(name.to_owned());
        number
    }
}

/// Parties and stages.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) parties: Names,
    pub(super) stages: Names,
}

/// Calls `each` for every row of an economy with its keys numbered.
pub(super) fn rows(
    economy: &Economy,
    keys: &mut Keys,
    mut each: impl FnMut(Row) -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let mut row_id = 0;
    economy.each(|columns, record| {
        row_id += 1;
        each(row(columns, record, row_id, keys)?)
    })
}

fn row(
    columns: &Columns,
    record: &csv::StringRecord,
    row_id: i64,
    keys: &mut Keys,
) -> anyhow::Result<Row> {
    let some = |name: &str| Some(columns.get(record, name).to_owned()).filter(|v| !v.is_empty());
    let mass = some("net_mass_kg");
    let mass_mg = mass.as_deref().map(milligrams).transpose()?;
    Ok(Row {
        row_id,
        filer_id: keys.parties.number(columns.get(record, "filer")),
        filing: columns.get(record, "filing").to_owned(),
        kind: columns.get(record, "kind").to_owned(),
        date: columns.get(record, "date").to_owned(),
        leg: some("leg"),
        lot: some("lot"),
        source_lot: some("source_lot"),
        stage_id: some("stage").map(|stage| keys.stages.number(&stage)),
        mass_mg,
        texts: TEXTS.iter().map(|name| some(name)).collect(),
    })
}

fn milligrams(kg: &str) -> anyhow::Result<i64> {
    let (whole, part) = kg.split_once('.').unwrap_or((kg, ""));
    format!("{whole}{part:0<6}").parse().with_context(|| format!("no mass in kg: `{kg}`"))
}

/// Statements that make the tables, without what only one engine knows.
pub(super) fn tables(engine: Engine) -> String {
    let (integer, strict) = match engine {
        Engine::Postgres => ("BIGINT", ""),
        Engine::Sqlite => ("INTEGER", " STRICT"),
    };
    let date = if engine == Engine::Postgres { "DATE" } else { "TEXT" };
    let texts: String = TEXTS.iter().map(|name| format!("{name} TEXT, ")).collect();
    format!(
        "CREATE TABLE party (party_id {integer} PRIMARY KEY, code TEXT NOT NULL UNIQUE){strict};
         CREATE TABLE stage (stage_id {integer} PRIMARY KEY, code TEXT NOT NULL UNIQUE){strict};
         CREATE TABLE filing_row (
             row_id {integer} PRIMARY KEY,
             filer_id {integer} NOT NULL REFERENCES party,
             filing TEXT NOT NULL, kind TEXT NOT NULL, date {date} NOT NULL, leg TEXT,
             lot TEXT, source_lot TEXT, stage_id {integer} REFERENCES stage, {texts}
             mass_mg {integer} CHECK (mass_mg >= 0)){strict};
         CREATE INDEX filing_row_filing ON filing_row (filer_id, filing);
         CREATE INDEX filing_row_lot ON filing_row (lot);
         CREATE INDEX filing_row_source ON filing_row (source_lot);\n"
    )
}

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Postgres,
    Sqlite,
}

/// The columns of the table in the order in which rows are written.
pub(super) fn columns() -> String {
    format!(
        "row_id, filer_id, filing, kind, date, leg, lot, source_lot, stage_id, mass_mg, {}",
        TEXTS.join(", ")
    )
}

/// Fills the tables that rows refer to.
pub(super) fn names_sql(keys: &Keys) -> String {
    let mut sql = String::from("BEGIN;\n");
    for (table, names) in [("party", &keys.parties), ("stage", &keys.stages)] {
        for (at, name) in names.list.iter().enumerate() {
            let quoted = name.replace('\'', "''");
            sql.push_str(&format!("INSERT INTO {table} VALUES ({}, '{quoted}');\n", at + 1));
        }
    }
    sql.push_str("COMMIT;\n");
    sql
}

impl Row {
    /// Writes the row in PostgreSQL's text format for COPY.
    pub(super) fn copy_text(&self, out: &mut impl Write) -> std::io::Result<()> {
        write!(
            out,
            "{}\t{}\t{}\t{}\t{}",
            self.row_id,
            self.filer_id,
            plain(&self.filing),
            self.kind,
            self.date
        )?;
        for text in [&self.leg, &self.lot, &self.source_lot] {
            cell(out, text.as_deref())?;
        }
        for number in [self.stage_id, self.mass_mg] {
            match number {
                Some(number) => write!(out, "\t{number}")?,
                None => out.write_all(b"\t\\N")?,
            }
        }
        for text in &self.texts {
            cell(out, text.as_deref())?;
        }
        out.write_all(b"\n")
    }

    /// The row as parameters of an INSERT.
    pub(super) fn parameters(&self) -> Vec<&dyn rusqlite::ToSql> {
        let mut all: Vec<&dyn rusqlite::ToSql> = vec![
            &self.row_id,
            &self.filer_id,
            &self.filing,
            &self.kind,
            &self.date,
            &self.leg,
            &self.lot,
            &self.source_lot,
            &self.stage_id,
            &self.mass_mg,
        ];
        all.extend(self.texts.iter().map(|text| text as &dyn rusqlite::ToSql));
        all
    }

    /// All cells as text, for segments.
    pub(super) fn cells(&self) -> Vec<String> {
        let number = |n: Option<i64>| n.map_or(String::new(), |n| n.to_string());
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        let mut cells = vec![
            self.row_id.to_string(),
            self.filer_id.to_string(),
            self.filing.clone(),
            self.kind.clone(),
            self.date.clone(),
            text(&self.leg),
            text(&self.lot),
            text(&self.source_lot),
            number(self.stage_id),
            number(self.mass_mg),
        ];
        cells.extend(self.texts.iter().map(text));
        cells
    }
}

fn cell(out: &mut impl Write, text: Option<&str>) -> std::io::Result<()> {
    match text {
        Some(text) => write!(out, "\t{}", plain(text)),
        None => out.write_all(b"\t\\N"),
    }
}

/// Text as COPY reads it.
fn plain(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains(['\\', '\t', '\n', '\r']) {
        return text.into();
    }
    let doubled = text.replace('\\', "\\\\").replace('\t', "\\t");
    doubled.replace('\n', "\\n").replace('\r', "\\r").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_are_whole_milligrams() {
        assert_eq!(milligrams("12.5").unwrap(), 12_500_000);
        assert_eq!(milligrams("0.000001").unwrap(), 1);
        assert_eq!(milligrams("1000").unwrap(), 1_000_000_000);
        assert!(milligrams("a lot").is_err());
    }

    #[test]
    fn copy_text_escapes_what_it_must() {
        assert_eq!(plain("a\tb\\c\nd"), "a\\tb\\\\c\\nd");
        assert_eq!(plain("plain"), "plain");
    }
}
