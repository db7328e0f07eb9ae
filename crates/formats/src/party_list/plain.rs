//! A plain table of parties, as an authority or a company keeps its own list.
//!
//! A header line names the columns, in any order: `name` is needed; `aliases` and `countries` hold several
//! values separated by semicolons; `country`, `id`, `kind` (or `type`, `schema`), `weak_aliases`,
//! `birth_year`, `programme` and `identifiers` (`scheme:value`) may be left out. A row without an id has the
//! number of its line as `line-7`. Comma, semicolon or tab separate.

use std::io::Read;

use screening::NameStrength;

use super::fault::Place;
use super::gather::{Draft, Gather, Rows};
use super::table::{Columns, rows, uneven};
use super::words::{kind, parts};

/// Columns that make a table of names one of parties.
pub(super) const KNOWN: [&str; 6] = ["aliases", "alias", "country", "countries", "id", "kind"];

pub(super) fn read(source: impl Read, separator: u8, gather: &mut Gather) {
    // In a table with semicolons the values of a cell are separated by bars.
    let within = if separator == b';' { '|' } else { ';' };
    let mut columns: Option<Columns> = None;
    rows(source, separator, gather, |gather, row| {
        let Some(header) = &columns else {
            columns = Some(Columns::new(row.fields()));
            return;
        };
        if uneven(gather, row, header.len()) {
            return;
        }
        let cell = |names: &[&str]| row.cell(header.find(names));
        let several = |names: &[&str]| parts(cell(names), within);
        let given = cell(&["id"]);
        let line = match row.place {
            Place::Line(line) => format!("line-{line}"),
            Place::Record(_) | Place::File => String::new(),
        };
        let id = if given.is_empty() { &line } else { given };
        let mut draft = Draft::new(id, kind(cell(&["kind", "type", "schema"])));
        draft.name(cell(&["name"]), NameStrength::Primary);
        for alias in several(&["aliases", "alias"]) {
            draft.name(&alias, NameStrength::Alias);
        }
        for alias in several(&["weak_aliases", "weak_names"]) {
            draft.name(&alias, NameStrength::Weak);
        }
        for country in several(&["country", "countries"]) {
            draft.country(&country);
        }
        for date in several(&["birth_year", "birth_years", "birth_date"]) {
            draft.date("birth_year", &date);
        }
        for number in several(&["identifiers", "identifier"]) {
            let (scheme, value) = number.split_once(':').unwrap_or(("", &number));
            draft.number(Some(scheme.trim().to_lowercase()), value);
        }
        for programme in several(&["programme", "programmes", "program"]) {
            draft.programme(&programme);
        }
        gather.take(row.place, draft, Rows::Whole);
    });
}
