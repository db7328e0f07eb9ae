//! JSON lines in the shape of the development data: several lists in one file, told apart by `source`.
//!
//! `{"id", "schema", "names": […], "weak_names": […], "countries": […], "birth_years": […], "source",
//! "programme"}`; also `identifiers` (`{"scheme": "value"}` or lists of values). Countries are English names
//! in any case, or codes; years are numbers or text; the first name is the primary one.

use std::collections::BTreeMap;
use std::io::BufRead;

use screening::NameStrength;
use serde::Deserialize;

use super::gather::{Draft, Duplicates, Gather, Gathered, Rows};
use super::lines::records;
use super::words::kind;
use super::{ListFault, ListLimits, Outcome};

#[derive(Deserialize)]
struct Record {
    id: Text,
    #[serde(default)]
    schema: String,
    names: Vec<String>,
    #[serde(default)]
    weak_names: Vec<String>,
    #[serde(default)]
    countries: Vec<String>,
    #[serde(default)]
    birth_years: Vec<Text>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    programme: String,
    #[serde(default)]
    identifiers: BTreeMap<String, Texts>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Number(u64),
}

impl Text {
    fn text(&self) -> String {
        match self {
            Text::Text(text) => text.clone(),
            Text::Number(number) => number.to_string(),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    Many(Vec<String>),
    One(String),
}

/// Reads the lists of a file, by source, in the order of their codes.
pub(super) fn read(
    source: impl BufRead,
    limits: ListLimits,
    duplicates: Duplicates,
    whole: &mut Gather,
) -> Vec<(String, Gathered)> {
    let mut lists: BTreeMap<String, Gather> = BTreeMap::new();
    records(source, whole, |whole, place, record: Record| {
        let mut draft = Draft::new(&record.id.text(), kind(&record.schema));
        for (at, name) in record.names.iter().enumerate() {
            draft.name(name, if at == 0 { NameStrength::Primary } else { NameStrength::Alias });
        }
        for name in &record.weak_names {
            draft.name(name, NameStrength::Weak);
        }
        for country in &record.countries {
            draft.country(country);
        }
        for year in &record.birth_years {
            draft.date("birth_years", &year.text());
        }
        draft.programme(&record.programme);
        for (scheme, values) in &record.identifiers {
            let values = match values {
                Texts::Many(many) => many,
                Texts::One(one) => std::slice::from_ref(one),
            };
            for value in values {
                draft.number(Some(scheme.to_lowercase()), value);
            }
        }
        if record.source.len() > limits.name_bytes {
            whole.leave(
                place,
                "name_too_long",
                "a `source` that is too long".to_owned(),
                "the code of a list",
            );
            return;
        }
        let list = lists.entry(record.source).or_insert_with(|| Gather::new(limits, duplicates));
        list.take(place, draft, Rows::Whole);
        if list.stopped {
            whole.stopped = true;
        }
    });
    let mut told: Vec<ListFault> = Vec::new();
    let mut read = Vec::new();
    for (code, mut list) in lists {
        let gathered = list.finish();
        whole.records += list.records;
        whole.left += list.left;
        whole.merged += list.merged;
        whole.faults_all += list.faults_all;
        told.append(&mut list.faults);
        read.push((code, gathered));
    }
    whole.faults.append(&mut told);
    // What ended the reading is told in any case.
    whole.faults.sort_by_key(|fault| (fault.outcome != Outcome::Stopped, fault.place));
    whole.faults.truncate(limits.faults_told);
    whole.faults.sort_by_key(|fault| fault.place);
    read
}
