//! The header line: which column of a file is which column of a filing row.

use base::{Finding, Severity};
use tracking::Column;
use tracking::column::{COLUMN_COUNT, REJECT_COLUMNS};

use crate::dialect::{Compression, Decimal, Dialect, Separator};
use crate::error::FormatError;
use crate::limits::Limits;
use crate::scan;

/// Columns without which no row can be read.
const REQUIRED: [Column; 4] = [Column::Filing, Column::Kind, Column::Date, Column::Filer];

/// The columns of a file.
#[derive(Debug, Clone)]
pub struct Layout {
    dialect: Dialect,
    header: Vec<u8>,
    line: u64,
    names: Vec<String>,
    columns: Vec<Option<Column>>,
    mapped: Vec<(usize, Column)>,
    decimals: Vec<(usize, Column)>,
    positions: [Option<usize>; COLUMN_COUNT],
    reject_positions: Vec<usize>,
}

impl Layout {
    /// How the file is written.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The header line as filed, without byte-order mark and line end.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The physical line of the header; 1 unless blank lines precede it.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The names in the header line, in order, surrounding spaces removed.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The column at a position, nothing where it is ignored.
    #[must_use]
    pub fn column(&self, position: usize) -> Option<Column> {
        self.columns.get(position).copied().flatten()
    }

    /// The position of a column, nothing where the file lacks it.
    #[must_use]
    pub fn position(&self, column: Column) -> Option<usize> {
        self.positions[column as usize]
    }

    /// Position and column of what is read, in the order of the file.
    pub(crate) fn mapped(&self) -> &[(usize, Column)] {
        &self.mapped
    }

    /// Those of them that hold decimal numbers.
    pub(crate) fn decimals(&self) -> &[(usize, Column)] {
        &self.decimals
    }

    /// Positions of the columns that a rejects file added.
    pub(crate) fn reject_positions(&self) -> &[usize] {
        &self.reject_positions
    }

    pub(crate) fn decimal_set(&mut self, decimal: Decimal) {
        self.dialect.decimal = decimal;
    }

    pub(crate) fn dialect_set(&mut self, bom: bool, compression: Compression) {
        self.dialect.bom = bom;
        self.dialect.compression = compression;
    }

    /// Reads the header line, which stands on `line`, and tells what it ignores.
    pub(crate) fn read(
        header: &[u8],
        line: u64,
        separator: Separator,
        limits: &Limits,
        findings: &mut Vec<Finding>,
    ) -> Result<Layout, FormatError> {
        let text = std::str::from_utf8(header)
            .map_err(|e| FormatError::HeaderNotUtf8(e.valid_up_to() + 1))?;
        let names = names(text, separator);
        if names.len() > limits.columns {
            return Err(FormatError::TooManyColumns { found: names.len(), most: limits.columns });
        }
        let mut layout = Layout {
            dialect: Dialect {
                separator,
                decimal: Decimal::Point,
                bom: false,
                compression: Compression::None,
            },
            header: header.to_vec(),
            line,
            columns: vec![None; names.len()],
            names,
            mapped: Vec::new(),
            decimals: Vec::new(),
            positions: [None; COLUMN_COUNT],
            reject_positions: Vec::new(),
        };
        layout.map(findings)?;
        Ok(layout)
    }

    fn map(&mut self, findings: &mut Vec<Finding>) -> Result<(), FormatError> {
        let mut twice: Vec<String> = Vec::new();
        let mut unknown: Vec<String> = Vec::new();
        let mut unnamed = 0_u64;
        for (position, name) in self.names.iter().enumerate() {
            if let Some(column) = Column::parse(name) {
                if self.positions[column as usize].is_some() && !twice.contains(name) {
                    twice.push(name.clone());
                }
                self.positions[column as usize] = Some(position);
                self.columns[position] = Some(column);
                self.mapped.push((position, column));
                if column.decimal() {
                    self.decimals.push((position, column));
                }
            } else if REJECT_COLUMNS.contains(&name.as_str()) {
                self.reject_positions.push(position);
            } else if name.is_empty() {
                unnamed += 1;
            } else {
                unknown.push(name.clone());
            }
        }
        if !twice.is_empty() {
            return Err(FormatError::DuplicateColumn(twice));
        }
        let missing: Vec<Column> =
            REQUIRED.into_iter().filter(|&column| self.position(column).is_none()).collect();
        if !missing.is_empty() {
            let meant = |name: &&String| nearest(name).is_some_and(|near| missing.contains(&near));
            return Err(FormatError::MissingColumn {
                hints: unknown.iter().filter(meant).map(|name| shown(name)).collect(),
                columns: missing.iter().map(|column| column.name().to_owned()).collect(),
            });
        }
        for name in &unknown {
            findings.push(self.unknown_finding(name));
        }
        if unnamed > 0 {
            findings.push(Finding {
                line: self.line,
                column: String::new(),
                code: "empty_column_name",
                severity: Severity::Note,
                message: format!("{unnamed} columns have no name; what they hold is ignored"),
                accepted: String::new(),
            });
        }
        Ok(())
    }

    fn unknown_finding(&self, name: &str) -> Finding {
        let meant = nearest(name).filter(|&column| self.position(column).is_none());
        Finding {
            line: self.line,
            column: shown(name),
            code: "unknown_column",
            severity: if meant.is_some() { Severity::Warning } else { Severity::Note },
            message: format!("column `{}` is unknown; what it holds is ignored", shown(name)),
            accepted: meant.map_or_else(String::new, |c| format!("did you mean `{}`?", c.name())),
        }
    }
}

/// The names of a header line.
pub(crate) fn names(header: &str, separator: Separator) -> Vec<String> {
    let mut names = Vec::new();
    scan::fields(header.as_bytes(), separator.byte(), |_, field| {
        let (start, end) = field.inner();
        let mut name = String::new();
        match field.form {
            scan::Form::Escaped => scan::unescape(&header[start..end], &mut name),
            scan::Form::Plain | scan::Form::Quoted => name.push_str(&header[start..end]),
        }
        names.push(name.trim().to_owned());
    });
    names
}

/// How many columns of a filing row a header line names, were it written with `separator`.
pub(crate) fn known_columns(header: &str, separator: Separator) -> usize {
    names(header, separator).iter().filter(|name| Column::parse(name).is_some()).count()
}

/// The column that a name probably means: the nearest by edits, at most a third of its length.
fn nearest(name: &str) -> Option<Column> {
    let plain: String = name
        .chars()
        .take(64)
        .map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    Column::ALL
        .iter()
        .map(|&column| (edits(&plain, column.name()), column))
        .filter(|(edits, column)| *edits <= column.name().len() / 3)
        .min()
        .map(|(_, column)| column)
}

/// Number of characters to insert, delete or replace (Levenshtein's distance).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// What was found, cut to a length that a message can carry and without control characters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut cut: String = text
        .chars()
        .take(MOST)
        .map(|c| if crate::fault::forbidden(c) { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if text.chars().nth(MOST).is_some() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<(Layout, Vec<Finding>), FormatError> {
        let mut findings = Vec::new();
        let limits = Limits::default();
        let layout = Layout::read(header.as_bytes(), 1, Separator::Comma, &limits, &mut findings)?;
        Ok((layout, findings))
    }

    #[test]
    fn columns_stand_in_any_order_and_may_be_left_out() {
        let (layout, findings) = read("note, \"lot\" ,date,filer,kind,filing").unwrap();
        assert_eq!(layout.position(Column::Note), Some(0));
        assert_eq!(layout.position(Column::Filing), Some(5));
        assert_eq!(layout.position(Column::Hs), None);
        // A space before the quote makes it part of the name.
        assert_eq!(layout.column(1), None);
        assert_eq!(findings.len(), 1);
    }

    #[test]
    fn unknown_columns_are_named_with_what_was_meant() {
        let (_, findings) =
            read("filing,kind,date,filer,Net Mass KG,colour,lotID,sourcelot,,line,code").unwrap();
        let told: Vec<(&str, &str)> =
            findings.iter().map(|f| (f.column.as_str(), f.accepted.as_str())).collect();
        let expected = [
            ("Net Mass KG", "did you mean `net_mass_kg`?"),
            ("colour", ""),
            ("lotID", ""),
            ("sourcelot", "did you mean `source_lot`?"),
            ("", ""),
        ];
        assert_eq!(told, expected);
        assert_eq!(findings[0].code, "unknown_column");
        assert_eq!(findings[4].code, "empty_column_name");
    }

    #[test]
    fn every_missing_and_every_double_column_is_named_at_once() {
        let error = read("filing,lot,Kind,note").unwrap_err();
        assert_eq!(error.code(), "missing_column");
        assert_eq!(
            error.to_string(),
            "the header line lacks `kind`, `date`, `filer` (it has `Kind`)"
        );
        let error = read("filing,kind,date,filer,lot,note,lot,note,lot").unwrap_err();
        assert_eq!(error, FormatError::DuplicateColumn(vec!["lot".into(), "note".into()]));
        assert_eq!(error.code(), "duplicate_column");
    }

    #[test]
    fn the_number_of_columns_is_bounded() {
        let header = format!("filing,kind,date,filer{}", ",x".repeat(509));
        assert_eq!(
            read(&header).unwrap_err(),
            FormatError::TooManyColumns { found: 513, most: 512 }
        );
    }
}
