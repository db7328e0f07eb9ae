//! Goods pasted as CSV: from a datasheet or an order list, whole or not at all.
//!
//! The first line names the columns, in any order. Commas, semicolons and tabs separate, whichever the first
//! line has; a decimal comma is not guessed at.

use std::collections::{BTreeMap, BTreeSet};

use licensing::application::Good;
use licensing::quantity::{Quantity, Unit};

use super::GOODS_MAX;

/// The columns; `name` must be there. A column `p:<parameter>` is a parameter of `classify`.
pub const COLUMNS: [&str; 8] =
    ["name", "hs", "grade", "form", "composition", "control_codes", "unit_mass_g", "origin"];
/// The longest text that is read, in bytes.
const BYTES_MAX: usize = 256 << 10;
/// Faults told at once; a text with more is another table.
const FAULTS_MAX: usize = 50;

/// What is wrong in a pasted table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFault {
    /// Its line, from 1.
    pub line: u64,
    /// Its column; empty where the line as a whole is meant.
    pub column: String,
    /// Stable code.
    pub code: &'static str,
    /// What stands there.
    pub found: String,
}

/// The goods of a pasted table, without keys.
///
/// # Errors
/// Every fault of it, up to fifty.
pub fn goods_read(text: &str) -> Result<Vec<Good>, Vec<CsvFault>> {
    let fault = |line, column: &str, code, found: &str| CsvFault {
        line,
        column: column.to_owned(),
        code,
        found: found.chars().take(60).collect(),
    };
    let first = text.lines().next().unwrap_or_default();
    if text.len() > BYTES_MAX {
        return Err(vec![fault(1, "", "csv_too_long", &text.len().to_string())]);
    }
    let delimiter = [b'\t', b';', b','].into_iter().find(|d| first.as_bytes().contains(d));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(vec![fault(1, "", "csv_unreadable", &error.to_string())]),
    };
    let header: Vec<String> = header.iter().map(str::to_ascii_lowercase).collect();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for column in &header {
        let known = COLUMNS.contains(&column.as_str()) || column.starts_with("p:");
        if !known {
            faults.push(fault(1, column, "csv_column_unknown", column));
        } else if !seen.insert(column) {
            faults.push(fault(1, column, "csv_column_twice", column));
        }
    }
    if !header.iter().any(|column| column == "name") {
        faults.push(fault(1, "name", "csv_column_missing", "name"));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut goods = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(fault(line, "", "csv_unreadable", &error.to_string()));
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let found = format!("{}, {}", record.len(), header.len());
            faults.push(fault(line, "", "csv_cells", &found));
        } else if record.iter().any(|cell| !cell.is_empty()) {
            let mut good = Good::default();
            for (column, cell) in header.iter().zip(record.iter()) {
                if let Err(code) = cell_read(&mut good, column, cell) {
                    faults.push(fault(line, column, code, cell));
                }
            }
            if good.name.is_empty() {
                faults.push(fault(line, "name", "csv_name_missing", ""));
            }
            goods.push(good);
        }
        if goods.len() > GOODS_MAX {
            faults.push(fault(line, "", "csv_too_long", &goods.len().to_string()));
        }
        if faults.len() >= FAULTS_MAX || goods.len() > GOODS_MAX {
            break;
        }
    }
    if goods.is_empty() && faults.is_empty() {
        faults.push(fault(2, "", "csv_empty", ""));
    }
    if faults.is_empty() { Ok(goods) } else { Err(faults) }
}

/// Reads a cell into a good.
fn cell_read(good: &mut Good, column: &str, cell: &str) -> Result<(), &'static str> {
    let text = cell.to_owned();
    match column {
        "name" => good.name = text,
        "hs" => good.hs = text,
        "grade" => good.grade = text,
        "form" => good.form = text,
        "origin" => good.origin = text.to_ascii_uppercase(),
        "composition" => good.composition = composition_read(cell),
        "control_codes" => {
            let codes = cell.split([';', ' ']).map(str::trim).filter(|code| !code.is_empty());
            good.control_codes = codes.map(str::to_owned).collect();
        }
        "unit_mass_g" if cell.is_empty() => {}
        "unit_mass_g" => {
            let read = Quantity::read(&Unit::NetMass, cell, "g").map_err(|error| error.code())?;
            good.unit_mass_mg = Some(read.amount);
        }
        parameter => {
            let name = parameter.strip_prefix("p:").unwrap_or(parameter);
            if !cell.is_empty() {
                good.parameters.insert(name.to_owned(), text);
            }
        }
    }
    Ok(())
}

/// `Nd=28.5; Dy<0.01` by species; what is no pair is left for the faults of `classify`.
#[must_use]
pub fn composition_read(text: &str) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    for part in text.split([';', '\n', '，', '；']).map(str::trim).filter(|p| !p.is_empty()) {
        let (name, value) = match part.split_once('<') {
            Some((name, limit)) => (name, format!("<{}", limit.trim())),
            None => match part.split_once(['=', ':', ' ']) {
                Some((name, value)) => (name, value.trim().trim_end_matches('%').trim().to_owned()),
                None => (part, String::new()),
            },
        };
        parts.insert(name.trim().to_owned(), value);
    }
    parts
}

/// A composition as it is typed.
#[must_use]
pub fn composition_text(composition: &BTreeMap<String, String>) -> String {
    let pair = |(name, value): (&String, &String)| match value.strip_prefix('<') {
        Some(limit) => format!("{name}<{limit}"),
        None if value.is_empty() => name.clone(),
        None => format!("{name}={value}"),
    };
    composition.iter().map(pair).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let told = |f: &CsvFault| format!("{} {} {} `{}`", f.line, f.column, f.code, f.found);
        goods_read(text).unwrap_err().iter().map(told).collect()
    }

    #[test]
    fn goods_are_read_with_whatever_separates_them() {
        for separator in [",", ";", "\t"] {
            let text = "Name|grade|composition|unit_mass_g|p:purity|origin\n\
                magnet|N42UH|\"Nd=28.5; Dy<0.01\"|50.5|99.9|xa\n\n\
                |||||\nalloy|||||\n"
                .replace('|', separator);
            let goods = goods_read(&text).unwrap();
            assert_eq!(goods.len(), 2, "{separator}");
            let first = &goods[0];
            assert_eq!((first.name.as_str(), first.unit_mass_mg), ("magnet", Some(50_500)));
            assert_eq!((first.origin.as_str(), &*first.parameters["purity"]), ("XA", "99.9"));
            assert_eq!(composition_text(&first.composition), "Dy<0.01; Nd=28.5");
            assert_eq!(composition_read(&composition_text(&first.composition)), first.composition);
        }
    }

    #[test]
    fn a_table_with_faults_is_not_read_at_all_and_every_fault_has_its_place() {
        assert_eq!(told(""), ["1 name csv_column_missing `name`"]);
        assert_eq!(told("name\n"), ["2  csv_empty ``"]);
        assert_eq!(
            told("name,colour,hs,hs\na,b,c,d"),
            ["1 colour csv_column_unknown `colour`", "1 hs csv_column_twice `hs`"]
        );
        assert_eq!(
            told("name;unit_mass_g\na;1,5\n;2\nb;1;2\n"),
            [
                "2 unit_mass_g quantity_ambiguous `1,5`",
                "3 name csv_name_missing ``",
                "4  csv_cells `3, 2`",
            ]
        );
    }
}
