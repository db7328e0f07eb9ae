//! The consolidated list of financial sanctions of the European Union as CSV, versions 1.0 and 1.1.
//!
//! Source: European Commission, "Financial Sanctions Files: CSV" (webgate.ec.europa.eu/fsd/fsf). Semicolons
//! separate; a party stands on many rows, one for each name, address, birth date, number and citizenship, that
//! repeat its logical id. Version 1.1 names columns `Entity_LogicalId`, `NameAlias_WholeName`, …; version 1.0
//! `Entity_logical_id`, `Naal_wholename`, …, of which the first counts where a column stands several times.

use std::io::Read;

use screening::NameStrength;

use super::gather::{Draft, Gather, Rows};
use super::table::{Columns, Row, rows, uneven};
use super::words::{kind, scheme};

pub(super) const ID: [&str; 2] = ["entity_logicalid", "entity_logical_id"];
pub(super) const NAME: [&str; 2] = ["namealias_wholename", "naal_wholename"];

pub(super) fn read(source: impl Read, gather: &mut Gather) {
    let mut columns: Option<Columns> = None;
    // The first name of an id is its primary one; the rows of an id stand together.
    let mut named = String::new();
    rows(source, b';', gather, |gather, row| {
        let Some(header) = &columns else {
            columns = Some(Columns::new(row.fields()));
            return;
        };
        if uneven(gather, row, header.len()) {
            return;
        }
        let id = row.cell(header.find(&ID));
        let known = named == id || gather.known(id).is_some_and(|party| !party.names.is_empty());
        let mut draft = Draft::new(
            id,
            kind(row.cell(header.find(&[
                "entity_subjecttype_classificationcode",
                "entity_subjecttype",
                "subject_type",
            ]))),
        );
        name(&mut draft, row, header, known);
        if !draft.party.names.is_empty() {
            id.clone_into(&mut named);
        }
        rest(&mut draft, row, header);
        gather.take(row.place, draft, Rows::Part);
    });
}

fn name(draft: &mut Draft, row: &Row<'_>, header: &Columns, known: bool) {
    let weak =
        row.cell(header.find(&["namealias_strong", "naal_strong"])).eq_ignore_ascii_case("false");
    let strength = match (weak, known) {
        (true, _) => NameStrength::Weak,
        (false, true) => NameStrength::Alias,
        (false, false) => NameStrength::Primary,
    };
    let whole = row.cell(header.find(&NAME));
    if whole.is_empty() {
        let parts = [
            ["namealias_firstname", "naal_firstname"],
            ["namealias_middlename", "naal_middlename"],
            ["namealias_lastname", "naal_lastname"],
        ];
        draft.name(&parts.map(|names| row.cell(header.find(&names))).join(" "), strength);
    } else {
        draft.name(whole, strength);
    }
}

fn rest(draft: &mut Draft, row: &Row<'_>, header: &Columns) {
    for (code, words) in [
        (["citizenship_countryiso2code", "citi_country"], "citizenship_countrydescription"),
        (["address_countryiso2code", "addr_country"], "address_countrydescription"),
    ] {
        let code = row.cell(header.find(&code));
        let words = row.cell(header.find(&[words]));
        let country = if code.is_empty() || code == "00" { words } else { code };
        if !country.eq_ignore_ascii_case("unknown") {
            draft.country(country);
        }
    }
    let date = row.cell(header.find(&["birthdate_birthdate", "birt_date"]));
    let year = row.cell(header.find(&["birthdate_year"]));
    draft.date("birthdate", if date.is_empty() { year } else { date });
    let words = row.cell(header.find(&[
        "identification_typedescription",
        "identification_typecode",
        "iden_type",
    ]));
    draft.number(scheme(words), row.cell(header.find(&["identification_number", "iden_number"])));
    draft.programme(row.cell(header.find(&["entity_regulation_programme", "programme"])));
}
