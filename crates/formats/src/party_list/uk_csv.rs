//! The consolidated list of financial sanctions targets and the sanctions list of the United Kingdom as CSV.
//!
//! Source: Office of Financial Sanctions Implementation, "Consolidated list: format guide" (2022 format,
//! `ConList.csv`), and Foreign, Commonwealth and Development Office, "UK sanctions list: format guide"
//! (`UK-Sanctions-List.csv`). The first line is a date, the second the header. A party stands on many rows with
//! one `Group ID` (in the newer list `Unique ID`). The family or body's name is `Name 6`, the others are
//! `Name 1` to `Name 5`. `Alias Type` (`Name type`) tells the primary name, `Alias Quality` (`Alias strength`)
//! the weak ones. Several values in a cell stand as `(1) one (2) two`; days that are not known are zeros.

use std::io::Read;

use screening::NameStrength;

use super::gather::{Draft, Gather, Rows};
use super::table::{Columns, Row, rows, uneven};
use super::words::{kind, numbered, scheme};

pub(super) const NAME: &str = "name 6";
pub(super) const OLD_ID: &str = "group id";
pub(super) const NEW_ID: &str = "unique id";

pub(super) fn read(source: impl Read, gather: &mut Gather) {
    let mut columns: Option<Columns> = None;
    rows(source, b',', gather, |gather, row| {
        let Some(header) = &columns else {
            let header = Columns::new(row.fields());
            // The line with the date comes first.
            columns = header.find(&[NAME]).is_some().then_some(header);
            return;
        };
        if uneven(gather, row, header.len()) {
            return;
        }
        let cell = |names: &[&str]| row.cell(header.find(names));
        let mut draft = Draft::new(
            cell(&[NEW_ID, OLD_ID]),
            kind(cell(&["group type", "individual, entity, ship", "designation type"])),
        );
        name(&mut draft, row, header);
        for (field, column) in
            [("DOB", ["dob", "d.o.b"]), ("Year Built", ["year built", "year built"])]
        {
            for date in numbered(cell(&column)) {
                draft.date(field, &date);
            }
        }
        for column in [
            "nationality",
            "nationality(/ies)",
            "country",
            "address country",
            "current believed flag of ship",
        ] {
            for country in numbered(cell(&[column])) {
                draft.country(&country);
            }
        }
        for column in header.all(is_number) {
            let scheme = header_scheme(header, column);
            for number in numbered(row.field(column)) {
                draft.number(scheme.clone(), &number);
            }
        }
        draft.programme(cell(&["regime name", "regime"]));
        gather.take(row.place, draft, Rows::Part);
    });
}

/// Columns with numbers of registers.
const NUMBERS: [&str; 6] = [
    "passport number",
    "national identification number",
    "national identifier number",
    "business registration number (s)",
    "imo number",
    "hull identification number (hin)",
];

fn is_number(column: &str) -> bool {
    NUMBERS.contains(&column)
}

fn header_scheme(header: &Columns, column: usize) -> Option<String> {
    let name = NUMBERS.iter().find(|name| header.find(&[name]) == Some(column))?;
    scheme(name)
}

fn name(draft: &mut Draft, row: &Row<'_>, header: &Columns) {
    let cell = |names: &[&str]| row.cell(header.find(names));
    let kind = cell(&["alias type", "name type"]).to_lowercase();
    let quality = cell(&["alias quality", "alias strength"]).to_lowercase();
    let strength = if quality.contains("low") || quality.contains("weak") {
        NameStrength::Weak
    } else if kind == "primary name" || kind.is_empty() {
        NameStrength::Primary
    } else {
        NameStrength::Alias
    };
    let parts = ["name 1", "name 2", "name 3", "name 4", "name 5", NAME];
    draft.name(&parts.map(|part| cell(&[part])).join(" "), strength);
    draft.name(cell(&["name non-latin script"]), NameStrength::Alias);
}
