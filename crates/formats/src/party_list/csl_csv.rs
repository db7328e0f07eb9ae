//! The Consolidated Screening List of the United States as CSV.
//!
//! Source: International Trade Administration, "Consolidated Screening List" (developer.trade.gov), file
//! `consolidated.csv`: columns `_id, source, entity_number, type, programs, name, title, addresses, …,
//! vessel_flag, …, remarks, …, alt_names, citizenships, dates_of_birth, nationalities, places_of_birth, …, ids`.
//! Several values in a cell are separated by semicolons; an address ends with its country code; a number stands
//! with its kind and country, separated by commas. `entity_number` is not unique across sources, `_id` is.

use std::io::Read;

use screening::{NameStrength, PartyKind};

use super::gather::{Draft, Gather, Rows};
use super::table::{Columns, rows, uneven};
use super::words::{kind, parts, scheme};

pub(super) const HEADER: [&str; 4] = ["source", "name", "alt_names", "programs"];

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
        let id = row.cell(header.find(&["_id", "id", "entity_number"]));
        let mut draft = Draft::new(id, listed_kind(cell("type")));
        draft.name(cell("name"), NameStrength::Primary);
        for name in parts(cell("alt_names"), ';') {
            draft.name(&name, NameStrength::Alias);
        }
        for address in parts(cell("addresses"), ';') {
            let country = address.rsplit(',').next().unwrap_or_default().trim();
            if country.len() == 2 {
                draft.country(country);
            }
        }
        for column in ["nationalities", "citizenships", "vessel_flag"] {
            for country in parts(cell(column), ';') {
                draft.country(&country);
            }
        }
        for date in parts(cell("dates_of_birth"), ';') {
            draft.date("dates_of_birth", &date);
        }
        for number in parts(cell("ids"), ';') {
            numbers(&mut draft, &number);
        }
        for programme in parts(cell("programs"), ';') {
            draft.programme(&programme);
        }
        draft.programme(cell("source"));
        gather.take(row.place, draft, Rows::Whole);
    });
}

/// A party of the lists of bodies has no type.
pub(super) fn listed_kind(word: &str) -> PartyKind {
    kind(word)
}

/// A number whose kind, value and country stand in either order.
fn numbers(draft: &mut Draft, text: &str) {
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let has_digit = |field: &&&str| field.chars().any(|c| c.is_ascii_digit());
    let Some(value) = fields.iter().find(has_digit) else { return };
    let words = fields.iter().filter(|field| *field != value && field.len() > 2);
    let words: Vec<&str> = words.copied().collect();
    draft.number(scheme(&words.join(" ")), value);
}
