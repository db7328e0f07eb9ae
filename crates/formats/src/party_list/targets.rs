//! `targets.simple.csv` of OpenSanctions: one row for each listed party.
//!
//! Source: OpenSanctions, "Simplified tabular format" (opensanctions.org/docs/bulk/csv): columns `id, schema,
//! name, aliases, birth_date, countries, addresses, identifiers, sanctions, phones, emails, program_ids,
//! dataset, first_seen, last_seen, last_change`; several values in one cell are separated by semicolons, one
//! that holds a semicolon stands in quotes; countries are two-letter codes; identifiers come without their kind.

use std::io::Read;

use screening::NameStrength;

use super::gather::{Draft, Gather, Rows};
use super::table::{Columns, rows, uneven};
use super::words::{kind, parts};

pub(super) const HEADER: [&str; 4] = ["id", "schema", "name", "aliases"];

pub(super) fn read(source: impl Read, gather: &mut Gather) {
    let mut columns: Option<Columns> = None;
    rows(source, b',', gather, |gather, row| {
        let Some(header) = &columns else {
            columns = Some(Columns::new(row.fields()));
            return;
        };
        if uneven(gather, row, header.len()) {
            return;
        }
        let cell = |name: &str| row.cell(header.find(&[name]));
        let mut draft = Draft::new(cell("id"), kind(cell("schema")));
        draft.name(cell("name"), NameStrength::Primary);
        for alias in parts(cell("aliases"), ';') {
            draft.name(&alias, NameStrength::Alias);
        }
        for date in parts(cell("birth_date"), ';') {
            draft.date("birth_date", &date);
        }
        for country in parts(cell("countries"), ';') {
            draft.country(&country);
        }
        for number in parts(cell("identifiers"), ';') {
            draft.number(Some(String::new()), &number);
        }
        let programmes = [cell("program_ids"), cell("sanctions")];
        let programmes = programmes.into_iter().find(|cell| !cell.is_empty()).unwrap_or_default();
        for programme in parts(programmes, ';') {
            draft.programme(&programme);
        }
        gather.take(row.place, draft, Rows::Whole);
    });
}
