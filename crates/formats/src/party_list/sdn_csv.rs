//! `sdn.csv` of OFAC, with `alt.csv` and `add.csv` beside it.
//!
//! Source: OFAC, "Specially designated nationals and blocked persons: data specification" (dat_spec.txt) and
//! its questions 122 and 123 on weak aliases. No file has a header line. `sdn.csv`: `ent_num, SDN_Name,
//! SDN_Type, Program, Title, Call_Sign, Vess_type, Tonnage, GRT, Vess_flag, Vess_owner, Remarks`; `alt.csv`:
//! `ent_num, alt_num, alt_type, alt_name, alt_remarks`; `add.csv`: `ent_num, Add_num, Address,
//! City/State/Province/Postal Code, Country, Add_remarks`. `-0-` is null. Several programmes stand as
//! `A] [B`. Remarks are separated by semicolons: dates of birth, nationalities, numbers with their kinds, and
//! weak aliases as `a.k.a. 'NAME'`, which stand only there. A body has no type.

use std::io::Read;

use screening::{NameStrength, PartyKind};

use super::fault::Outcome;
use super::gather::{Draft, Gather, Rows};
use super::table::{Row, rows};
use super::words::{kind, scheme};

/// Fields of a row of each file.
pub(super) const FIELDS: usize = 12;
pub(super) const ALT_FIELDS: usize = 5;
pub(super) const ADD_FIELDS: usize = 6;

/// The text of a field, empty where it is null.
fn text<'r>(row: &'r Row<'_>, column: usize) -> &'r str {
    let text = row.field(column);
    if text == "-0-" { "" } else { text }
}

fn wrong_length(gather: &mut Gather, row: &Row<'_>, fields: usize) -> bool {
    if row.len() == fields {
        return false;
    }
    let message = format!("the row has {} fields", row.len());
    gather.leave(
        row.place,
        "field_count",
        message,
        "12 fields in sdn.csv, 5 in alt.csv, 6 in add.csv",
    );
    true
}

pub(super) fn read(source: impl Read, gather: &mut Gather) {
    rows(source, b',', gather, |gather, row| {
        if wrong_length(gather, row, FIELDS) {
            return;
        }
        let listed = match text(row, 2) {
            "" => PartyKind::Organization,
            word => kind(word),
        };
        let mut draft = Draft::new(text(row, 0), listed);
        draft.name(text(row, 1), NameStrength::Primary);
        for programme in text(row, 3).split(['[', ']', ';']) {
            draft.programme(programme);
        }
        draft.country(text(row, 9));
        remarks(&mut draft, text(row, 11));
        gather.take(row.place, draft, Rows::Whole);
    });
}

/// What the remarks say in words.
pub(super) fn remarks(draft: &mut Draft, text: &str) {
    for part in text.split(';') {
        let part = part.trim().trim_end_matches('.').trim();
        let part = part.strip_prefix("alt. ").unwrap_or(part);
        if let Some(date) = part.strip_prefix("DOB ") {
            draft.date("remarks", date);
        } else if let Some(country) =
            part.strip_prefix("nationality ").or_else(|| part.strip_prefix("citizen "))
        {
            draft.country(country);
        } else if let Some(name) =
            ["a.k.a. ", "f.k.a. "].iter().find_map(|mark| part.strip_prefix(mark))
        {
            draft.name(name.trim_matches(['\'', '"']), NameStrength::Weak);
        } else if let Some((scheme, value)) = number(part) {
            draft.number(Some(scheme), value);
        }
    }
}

/// A number with its kind in front, as `Passport A1234567 (Country) issued …` or `Tax ID No. 12 34`.
fn number(part: &str) -> Option<(String, &str)> {
    // The number begins with the word that holds the first digit and ends before its country or dates.
    let digit = part.find(|c: char| c.is_ascii_digit())?;
    let start = part[..digit].rfind(' ')? + 1;
    let value = &part[start..];
    let end = [" (", " issued", " expires"].iter().filter_map(|mark| value.find(mark)).min();
    let value = value[..end.unwrap_or(value.len())].trim();
    let scheme = scheme(&part[..start])?;
    const KINDS: [&str; 10] = [
        "lei",
        "imo",
        "mmsi",
        "uscc",
        "passport",
        "bic",
        "tax",
        "registration",
        "national",
        "tail",
    ];
    KINDS.contains(&scheme.as_str()).then_some((scheme, value))
}

/// Other names, from `alt.csv`.
pub(super) fn read_names(source: impl Read, gather: &mut Gather) {
    gather.beside("alt.csv");
    beside(source, gather, ALT_FIELDS, |draft, row| {
        draft.name(text(row, 3), NameStrength::Alias);
    });
}

/// Countries of addresses, from `add.csv`.
pub(super) fn read_addresses(source: impl Read, gather: &mut Gather) {
    gather.beside("add.csv");
    beside(source, gather, ADD_FIELDS, |draft, row| draft.country(text(row, 4)));
}

fn beside(
    source: impl Read,
    gather: &mut Gather,
    fields: usize,
    each: impl Fn(&mut Draft, &Row<'_>),
) {
    rows(source, b',', gather, |gather, row| {
        if wrong_length(gather, row, fields) {
            return;
        }
        let id = text(row, 0);
        if gather.known(id).is_none() {
            let message = format!("no party `{}` in sdn.csv", super::fault::shown(id));
            let accepted = "files of the same day, with the number of a party of sdn.csv";
            gather.tell(row.place, Outcome::Left, ("ent_num", "party_unknown", message, accepted));
            return;
        }
        let mut draft = Draft::new(id, PartyKind::Unknown);
        each(&mut draft, row);
        gather.take(row.place, draft, Rows::Part);
    });
}
