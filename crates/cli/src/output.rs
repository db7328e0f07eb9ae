//! Answers for people (tables) and for machines (JSON, CSV).

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use serde::Serialize;

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON document, or JSON lines where said.
    Json,
    /// Comma-separated values.
    Csv,
}

impl Format {
    /// As asked; else a table on a terminal and JSON for whoever else reads.
    pub(crate) fn or_default(asked: Option<Format>) -> Format {
        asked.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Json })
    }
}

/// Writes one JSON document.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Columns of text, the first ones to the left and numbers to the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(header: &[&str]) -> Table {
        Table { header: header.iter().map(|h| (*h).to_owned()).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Writes the table for people, or as CSV.
    pub(crate) fn write(&self, format: Format) -> anyhow::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if format == Format::Csv {
            for cells in std::iter::once(&self.header).chain(&self.rows) {
                let quoted: Vec<String> = cells.iter().map(|c| csv_cell(c)).collect();
                writeln!(out, "{}", quoted.join(","))?;
            }
            return Ok(out.flush()?);
        }
        let all = || std::iter::once(&self.header).chain(&self.rows);
        let width = |column: usize| {
            all().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        for (number, cells) in all().enumerate() {
            let mut line = String::new();
            for (column, cell) in cells.iter().enumerate() {
                let pad = " ".repeat(widths[column].saturating_sub(cell.chars().count()));
                let numeric =
                    number > 0 && cell.starts_with(|c: char| c.is_ascii_digit() || c == '-');
                line.push_str(&if numeric { pad + cell } else { cell.clone() + &pad });
                line.push_str("  ");
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(out.flush()?)
    }
}

pub(crate) fn csv_cell(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
