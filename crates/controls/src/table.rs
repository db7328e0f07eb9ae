//! Reading the tables of a pack: every row that can be read, and every fault of the others.

use serde::de::DeserializeOwned;

use crate::fault::PackFault;
use crate::files::PackFiles;

/// A row with the line that it begins on.
pub(crate) type Lined<T> = (u32, T);

/// Reads a table whose header holds at least the columns named.
///
/// A file that is not there gives no row and no fault: whoever needs it says so.
pub(crate) fn rows<T: DeserializeOwned>(
    files: &PackFiles,
    name: &str,
    columns: &[&str],
    faults: &mut Vec<PackFault>,
) -> Vec<Lined<T>> {
    let Some(text) = files.text(name) else { return Vec::new() };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_owned).collect(),
        Err(error) => {
            faults.push(fault(name, 1, "", "table_wrong", error.to_string(), ""));
            return Vec::new();
        }
    };
    let accepted = format!("the columns {}", columns.join(", "));
    let missing = columns.iter().filter(|c| !header.iter().any(|h| h == *c));
    let unknown = header.iter().filter(|h| !columns.contains(&h.as_str()));
    let wrong: Vec<PackFault> = missing
        .map(|c| fault(name, 1, c, "column_missing", "the column is missing".to_owned(), &accepted))
        .chain(unknown.map(|h| {
            fault(name, 1, h, "column_unknown", format!("no column is called `{h}`"), &accepted)
        }))
        .collect();
    if !wrong.is_empty() {
        faults.extend(wrong);
        return Vec::new();
    }
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return rows,
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line) as u32;
                faults.push(fault(name, line, "", "row_wrong", error.to_string(), &accepted));
                if error.is_io_error() {
                    return rows;
                }
                continue;
            }
        }
        let line = record.position().map_or(0, csv::Position::line) as u32;
        match record.deserialize(Some(&csv::StringRecord::from(header.clone()))) {
            Ok(row) => rows.push((line, row)),
            Err(error) => faults.push(cell_wrong(name, line, &header, &record, &error)),
        }
    }
}

fn cell_wrong(
    name: &str,
    line: u32,
    header: &[String],
    record: &csv::StringRecord,
    error: &csv::Error,
) -> PackFault {
    let csv::ErrorKind::Deserialize { err, .. } = error.kind() else {
        return fault(name, line, "", "row_wrong", error.to_string(), "");
    };
    let message = err.kind().to_string();
    // An unknown word is told without its column: it is the one cell that holds the word.
    let word = message.split('`').nth(1);
    let column = err.field().map(|field| field as usize);
    let column = column.or_else(|| record.iter().position(|cell| Some(cell) == word));
    let field = column.and_then(|column| header.get(column)).map_or("", String::as_str);
    fault(name, line, field, "cell_wrong", message, "")
}

/// A fault of a file of the pack.
pub(crate) fn fault(
    file: &str,
    line: u32,
    field: &str,
    code: &'static str,
    message: String,
    accepted: &str,
) -> PackFault {
    PackFault {
        file: file.to_owned(),
        line,
        field: field.to_owned(),
        code,
        message,
        accepted: accepted.to_owned(),
    }
}
