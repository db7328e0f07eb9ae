//! A draft of a pack: its files as one body, and changes of single rows of its tables.

use std::collections::BTreeMap;

use controls::PackFiles;
use sha2::{Digest, Sha256};

/// The most bytes of all files of a pack; more is a mistake.
pub const BYTES_MAX: usize = 16 << 20;
/// The most rows of a table that a draft may hold.
pub const ROWS_MAX: usize = 20_000;

/// Why a draft is not changed as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The body of a version that cannot be read back.
    #[error("the files of the version cannot be read: {0}")]
    Body(String),
    /// No such file.
    #[error("the pack has no file `{name}`; it has {names}")]
    NoFile {
        /// What was asked for.
        name: String,
        /// What there is.
        names: String,
    },
    /// A table that is no CSV.
    #[error("`{name}` line {line}: {what}")]
    NoTable {
        /// The file.
        name: String,
        /// Its line.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// No such row.
    #[error("`{name}` has {rows} rows; there is no row {row}")]
    NoRow {
        /// The file.
        name: String,
        /// The row asked for, from 1.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// Too large.
    #[error("a pack may have {} MiB and a table {ROWS_MAX} rows", BYTES_MAX >> 20)]
    TooLarge,
}

/// The files of a pack as the body of a version: JSON of name to text, names in order.
#[must_use]
pub fn files_body(files: &PackFiles) -> Vec<u8> {
    let map: BTreeMap<&str, &str> =
        files.names().filter_map(|name| Some((name, files.text(name)?))).collect();
    serde_json::to_vec(&map).unwrap_or_default()
}

/// The files of a body.
///
/// # Errors
/// [`DraftError::Body`] where it is none of ours.
pub fn body_files(body: &[u8]) -> Result<PackFiles, DraftError> {
    let map: BTreeMap<String, String> =
        serde_json::from_slice(body).map_err(|error| DraftError::Body(error.to_string()))?;
    let mut files = PackFiles::new();
    for (name, text) in map {
        files.insert(name, text);
    }
    Ok(files)
}

/// SHA-256 of a body.
#[must_use]
pub fn body_digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// A table of a pack, to be read and changed row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The file.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a table of a pack.
    ///
    /// # Errors
    /// [`DraftError`] where there is no such file or it is no table.
    pub fn read(files: &PackFiles, name: &str) -> Result<Table, DraftError> {
        let text = files.text(name).filter(|_| name.ends_with(".csv")).ok_or_else(|| {
            let tables: Vec<&str> = files.names().filter(|name| name.ends_with(".csv")).collect();
            DraftError::NoFile { name: name.to_owned(), names: tables.join(", ") }
        })?;
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let fault = |error: csv::Error| DraftError::NoTable {
            name: name.to_owned(),
            line: error.position().map_or(1, csv::Position::line),
            what: error.to_string(),
        };
        let columns = reader.headers().map_err(fault)?.iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            rows.push(record.map_err(fault)?.iter().map(str::to_owned).collect());
            if rows.len() > ROWS_MAX {
                return Err(DraftError::TooLarge);
            }
        }
        Ok(Table { name: name.to_owned(), columns, rows })
    }

    /// A row by its number from 1.
    ///
    /// # Errors
    /// [`DraftError::NoRow`] where there is none.
    pub fn row(&self, number: usize) -> Result<&[String], DraftError> {
        let row = number.checked_sub(1).and_then(|at| self.rows.get(at));
        row.map(Vec::as_slice).ok_or_else(|| self.no_row(number))
    }

    /// Replaces a row, or adds one behind the last where `number` is 0; gives its number.
    ///
    /// # Errors
    /// [`DraftError`] where there is no such row or the table is full.
    pub fn row_set(&mut self, number: usize, mut cells: Vec<String>) -> Result<usize, DraftError> {
        cells.resize(self.columns.len(), String::new());
        let count = self.rows.len();
        match number.checked_sub(1) {
            None if count >= ROWS_MAX => Err(DraftError::TooLarge),
            None => {
                self.rows.push(cells);
                Ok(count + 1)
            }
            Some(at) => match self.rows.get_mut(at) {
                Some(row) => {
                    *row = cells;
                    Ok(number)
                }
                None => Err(self.no_row(number)),
            },
        }
    }

    /// Takes a row out.
    ///
    /// # Errors
    /// [`DraftError::NoRow`] where there is none.
    pub fn row_remove(&mut self, number: usize) -> Result<(), DraftError> {
        match number.checked_sub(1).filter(|at| *at < self.rows.len()) {
            Some(at) => {
                self.rows.remove(at);
                Ok(())
            }
            None => Err(self.no_row(number)),
        }
    }

    /// Writes the table back into the files of its pack.
    ///
    /// # Errors
    /// [`DraftError::TooLarge`] where the pack would become too large.
    pub fn write(&self, files: &mut PackFiles) -> Result<(), DraftError> {
        let mut writer = csv::WriterBuilder::new().flexible(false).from_writer(Vec::new());
        let fault = |error: csv::Error| DraftError::NoTable {
            name: self.name.clone(),
            line: 0,
            what: error.to_string(),
        };
        writer.write_record(&self.columns).map_err(fault)?;
        for row in &self.rows {
            writer.write_record(row).map_err(fault)?;
        }
        let bytes = writer.into_inner().map_err(|error| DraftError::Body(error.to_string()))?;
        file_set(files, &self.name, &String::from_utf8_lossy(&bytes))
    }

    fn no_row(&self, row: usize) -> DraftError {
        DraftError::NoRow { name: self.name.clone(), row, rows: self.rows.len() }
    }
}

/// Replaces a file that the pack has. Line ends become those of the other files.
///
/// # Errors
/// [`DraftError`] where there is no such file or the pack would become too large.
pub fn file_set(files: &mut PackFiles, name: &str, text: &str) -> Result<(), DraftError> {
    if files.text(name).is_none() {
        let names: Vec<&str> = files.names().collect();
        return Err(DraftError::NoFile { name: name.to_owned(), names: names.join(", ") });
    }
    let others: usize =
        files.names().filter(|n| *n != name).filter_map(|n| files.text(n)).map(str::len).sum();
    if others + text.len() > BYTES_MAX {
        return Err(DraftError::TooLarge);
    }
    files.insert(name, text.replace("\r\n", "\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> PackFiles {
        let mut files = PackFiles::new();
        files.insert("pack.toml", "id = \"a\"\n");
        files.insert("items.csv", "code,wording\n1,\"a, b\"\n2,镝\n");
        files
    }

    #[test]
    fn a_body_gives_back_its_files() {
        let files = pack();
        assert_eq!(body_files(&files_body(&files)), Ok(files));
        assert!(matches!(body_files(b"[1]"), Err(DraftError::Body(_))));
    }

    #[test]
    fn rows_are_changed_added_and_taken_out_and_the_rest_stays() {
        let mut files = pack();
        let mut table = Table::read(&files, "items.csv").unwrap();
        assert_eq!(table.row(1).unwrap(), ["1", "a, b"]);
        assert_eq!(table.row_set(2, vec!["2".into(), "\"new\"".into()]), Ok(2));
        assert_eq!(table.row_set(0, vec!["3".into()]), Ok(3));
        table.row_remove(1).unwrap();
        table.write(&mut files).unwrap();
        assert_eq!(files.text("items.csv"), Some("code,wording\n2,\"\"\"new\"\"\"\n3,\n"));
        assert_eq!(Table::read(&files, "items.csv").unwrap().rows, table.rows);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let mut files = pack();
        let refused = |error: DraftError| error.to_string();
        let error = refused(Table::read(&files, "pack.toml").unwrap_err());
        assert_eq!(error, "the pack has no file `pack.toml`; it has items.csv");
        let mut table = Table::read(&files, "items.csv").unwrap();
        assert_eq!(
            refused(table.row_remove(3).unwrap_err()),
            "`items.csv` has 2 rows; there is no row 3"
        );
        assert!(file_set(&mut files, "x.csv", "").is_err());
        let long = "x".repeat(BYTES_MAX);
        assert_eq!(file_set(&mut files, "pack.toml", &long), Err(DraftError::TooLarge));
    }
}
