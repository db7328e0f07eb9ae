//! Reads a table of a pack row by row, and notes each fault of it with its line and column.

use std::collections::HashMap;

use base::Date;
use base::time::date_parse;

use crate::{Confidence, Fact, PackFault, PackFiles};

/// A table with a header line; a missing file is an empty table.
#[derive(Debug)]
pub(crate) struct CsvTable {
    file: &'static str,
    columns: HashMap<String, usize>,
    records: Vec<(u32, csv::StringRecord)>,
}

impl CsvTable {
    /// Reads a file of a pack; columns of `needed` that are not there are faults.
    pub(crate) fn read(
        files: &PackFiles,
        file: &'static str,
        needed: &[&str],
        faults: &mut Vec<PackFault>,
    ) -> CsvTable {
        let Some(text) = files.text(file) else {
            return CsvTable { file, columns: HashMap::new(), records: Vec::new() };
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let columns: HashMap<String, usize> = match reader.headers() {
            Ok(header) => {
                header.iter().enumerate().map(|(i, c)| (c.trim().to_owned(), i)).collect()
            }
            Err(_) => HashMap::new(),
        };
        let mut table = CsvTable { file, columns, records: Vec::new() };
        for name in needed.iter().filter(|n| !table.columns.contains_key(**n)) {
            faults.push(PackFault {
                file: file.to_owned(),
                line: 1,
                field: (*name).to_owned(),
                code: "column_missing",
                message: format!("the table has no column `{name}`"),
                accepted: format!("a header line with the columns {}", needed.join(", ")),
            });
        }
        let width = table.columns.len();
        for record in reader.records() {
            match record {
                Ok(record) if record.len() == width => {
                    let line = record.position().map_or(0, |p| p.line() as u32);
                    table.records.push((line, record));
                }
                Ok(record) => faults.push(PackFault {
                    file: file.to_owned(),
                    line: record.position().map_or(0, |p| p.line() as u32),
                    field: String::new(),
                    code: "row_width",
                    message: format!("the row has {} cells, the header {width}", record.len()),
                    accepted:
                        "as many cells as the header has columns; cells with commas in quotes"
                            .to_owned(),
                }),
                Err(error) => faults.push(PackFault {
                    file: file.to_owned(),
                    line: error.position().map_or(0, |p| p.line() as u32),
                    field: String::new(),
                    code: "row_unreadable",
                    message: "the row cannot be read".to_owned(),
                    accepted: "comma-separated values in UTF-8, quotes in pairs".to_owned(),
                }),
            }
        }
        table
    }

    /// The rows, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|(line, record)| Row { table: self, line: *line, record })
    }
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'t> {
    table: &'t CsvTable,
    /// Line of the file, from 1.
    pub(crate) line: u32,
    record: &'t csv::StringRecord,
}

impl Row<'_> {
    /// A cell without surrounding blanks; empty where the column is not there.
    pub(crate) fn cell(&self, name: &str) -> &str {
        let cell = self.table.columns.get(name).and_then(|&i| self.record.get(i));
        cell.unwrap_or_default().trim()
    }

    /// The parts of a cell that are separated by `;`.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        list(self.cell(name))
    }

    /// A fault of a cell of this row.
    pub(crate) fn fault(
        &self,
        field: &str,
        code: &'static str,
        message: String,
        accepted: &str,
    ) -> PackFault {
        PackFault {
            file: self.table.file.to_owned(),
            line: self.line,
            field: field.to_owned(),
            code,
            message,
            accepted: accepted.to_owned(),
        }
    }

    /// A day; an empty cell is no day, which is a fault where it is `needed`.
    pub(crate) fn date(
        &self,
        name: &str,
        needed: bool,
        faults: &mut Vec<PackFault>,
    ) -> Option<Date> {
        let text = self.cell(name);
        if text.is_empty() && !needed {
            return None;
        }
        let date = date_parse(text);
        if date.is_none() {
            faults.push(self.fault(
                name,
                "date",
                format!("`{text}` is no day"),
                "a day as YYYY-MM-DD, such as 2025-04-04",
            ));
        }
        date
    }

    /// Citation, source and confidence; each is needed.
    pub(crate) fn fact(&self, citation: &str, faults: &mut Vec<PackFault>) -> Fact {
        for name in [citation, "source"] {
            if self.cell(name).is_empty() {
                faults.push(self.fault(
                    name,
                    "source_missing",
                    format!("`{name}` is empty"),
                    "the rule as one cites it, and where it was read (`from memory` if so)",
                ));
            }
        }
        let confidence = Confidence::parse(self.cell("confidence"));
        if confidence.is_none() {
            faults.push(self.fault(
                "confidence",
                "confidence",
                format!("`{}` is no confidence", self.cell("confidence")),
                "`high` (read in the text), `medium` (second hand) or `low` (from memory)",
            ));
        }
        Fact {
            citation: self.cell(citation).to_owned(),
            source: self.cell("source").to_owned(),
            confidence: confidence.unwrap_or(Confidence::Low),
        }
    }
}

/// The parts of a text that are separated by `;`, without blanks and empty ones.
pub(crate) fn list(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}
