//! Tables of text: rows of fields, by the `csv` crate, one row in memory at a time.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};

use super::bounded::{Allowance, Bounded};
use super::fault::{Outcome, Place};
use super::gather::Gather;

/// The columns of a header line, by name.
#[derive(Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
}

impl Columns {
    pub(super) fn new<'h>(header: impl IntoIterator<Item = &'h str>) -> Columns {
        Columns { names: header.into_iter().map(column_name).collect() }
    }

    /// The first column with one of these names.
    pub(super) fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.names.iter().position(|column| column == name))
    }

    /// Every column that a test takes.
    pub(super) fn all(&self, take: impl Fn(&str) -> bool) -> Vec<usize> {
        let columns = self.names.iter().enumerate();
        columns.filter(|(_, name)| take(name)).map(|(at, _)| at).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}

/// The name of a column without case, byte-order mark and blanks.
fn column_name(text: &str) -> String {
    text.trim_start_matches('\u{feff}').trim().to_lowercase()
}

/// A row and where it stands.
pub(super) struct Row<'r> {
    record: &'r ByteRecord,
    pub(super) place: Place,
}

impl Row<'_> {
    pub(super) fn len(&self) -> usize {
        self.record.len()
    }

    /// The text of a field, without blanks around it; empty where there is none.
    pub(super) fn field(&self, column: usize) -> &str {
        let bytes = self.record.get(column).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default().trim()
    }

    /// The same of a column that the header may lack.
    pub(super) fn cell(&self, column: Option<usize>) -> &str {
        column.map_or("", |column| self.field(column))
    }

    /// The fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.record.len()).map(|column| self.field(column))
    }
}

/// Reads the rows of a table; those that are no text are left out and told. `each` also gets the header.
pub(super) fn rows(
    source: impl Read,
    separator: u8,
    gather: &mut Gather,
    mut each: impl FnMut(&mut Gather, &Row<'_>),
) {
    let allowance = Allowance::new(gather.limits.record_bytes);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(Bounded::new(source, &allowance));
    let mut record = ByteRecord::new();
    loop {
        allowance.renew();
        let line = reader.position().line();
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let line = Place::Line(line);
                let (code, message, accepted) = if allowance.spent() {
                    let message = format!(
                        "a row is longer than {} bytes: is a quote missing?",
                        gather.limits.record_bytes
                    );
                    ("record_too_long", message, "rows of at most 1 MiB")
                } else {
                    ("read_failed", error.to_string(), "a file that can be read")
                };
                gather.tell(line, Outcome::Stopped, ("", code, message, accepted));
                return;
            }
        }
        let place = Place::Line(record.position().map_or(line, csv::Position::line));
        // OFAC's files end with the end-of-file mark of old systems.
        if record.len() == 1 && record.get(0).is_some_and(|field| field.trim_ascii() == b"\x1a") {
            continue;
        }
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        if record.len() > gather.limits.fields {
            let message = format!("the row has {} fields", record.len());
            gather.leave(place, "too_many_fields", message, "rows of at most 512 fields");
            continue;
        }
        if let Some(column) = record.iter().position(|field| std::str::from_utf8(field).is_err()) {
            let message = format!("field {} is not UTF-8", column + 1);
            gather.leave(place, "not_utf8", message, "text in UTF-8");
            continue;
        }
        each(gather, &Row { record: &record, place });
        if gather.stopped {
            return;
        }
    }
}

/// Leaves a row out that has not as many fields as the header; true where it was.
pub(super) fn uneven(gather: &mut Gather, row: &Row<'_>, columns: usize) -> bool {
    if row.len() == columns {
        return false;
    }
    let message = format!("the row has {} fields, the header {columns}", row.len());
    let code = if row.len() < columns { "too_few_fields" } else { "too_many_fields" };
    gather.leave(
        row.place,
        code,
        message,
        "as many fields as the header has; one with a separator in quotes",
    );
    true
}
