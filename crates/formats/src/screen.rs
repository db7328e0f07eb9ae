//! Lines of JSON that ask whom a list may name, and the lines that answer.
//!
//! A query is `{"id", "name", "aliases", "country", "birth_year", "identifiers", "type"}`; `type` is
//! `organization`, `person`, `vessel`, `aircraft` or `unknown`, and a `schema` of FollowTheMoney is understood in
//! its place. An answer is `{"id", "matches"}`; of a match the weights of `explanation` and the values of
//! `features` sum to its score.
//!
//! Invariants: a broken line answers with `error` for its place; every fault of a line is told at once.

use std::collections::BTreeMap;

use screening::{Identifier, Match, Part, PartyKind, Query, Relation};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::party_list::{country_code, years};

/// Bytes of a line at most; a name of 10,000 characters has its place in it.
pub const QUERY_BYTES_MAX: usize = 1 << 20;
/// Names, countries and numbers of a query at most, each.
pub const QUERY_VALUES_MAX: usize = 1_000;

/// What is wrong with a field of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueryFault {
    /// The field, or empty for the line as a whole.
    pub field: String,
    /// The stable code.
    pub code: &'static str,
    /// What was found.
    pub message: String,
    /// What would be accepted.
    pub accepted: &'static str,
}

/// A query with the id under which it is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryLine {
    /// As it was given; null where it was not.
    pub id: Value,
    /// Whom to screen.
    pub query: Query,
}

/// A line that is no query.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokenLine {
    /// As it was given, where that could be read; else null.
    pub id: Value,
    /// What is wrong, at least one.
    pub faults: Vec<QueryFault>,
}

#[derive(Default)]
struct Faults(Vec<QueryFault>);

impl Faults {
    fn add(&mut self, field: &str, code: &'static str, message: String, accepted: &'static str) {
        self.0.push(QueryFault { field: field.to_owned(), code, message, accepted });
    }

    fn wrong_type(&mut self, field: &str, value: &Value, accepted: &'static str) {
        let message = format!("`{}`", crate::party_list::shown(&value.to_string()));
        self.add(field, "field_type", message, accepted);
    }
}

/// Reads a line.
///
/// # Errors
/// What is wrong with it, all at once.
pub fn query_read(line: &[u8]) -> Result<QueryLine, BrokenLine> {
    let mut faults = Faults::default();
    if line.len() > QUERY_BYTES_MAX {
        let message = format!("the line is longer than {QUERY_BYTES_MAX} bytes");
        faults.add("", "line_too_long", message, "lines of at most 1 MiB");
        return Err(BrokenLine { id: Value::Null, faults: faults.0 });
    }
    let object = match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(object)) => object,
        read => {
            let message = read.map_or_else(
                |error| crate::party_list::shown(&error.to_string()),
                |_| "the line is no JSON object".to_owned(),
            );
            let accepted = "a JSON object, such as {\"id\":\"1\",\"name\":\"…\"}";
            faults.add("", "json_broken", message, accepted);
            return Err(BrokenLine { id: Value::Null, faults: faults.0 });
        }
    };
    object_read(&object)
}

/// Reads a query that is JSON already.
///
/// # Errors
/// What is wrong with it, all at once.
pub fn object_read(object: &Map<String, Value>) -> Result<QueryLine, BrokenLine> {
    let mut faults = Faults::default();
    let id = match object.get("id") {
        None => Value::Null,
        Some(id @ (Value::String(_) | Value::Number(_) | Value::Null)) => id.clone(),
        Some(other) => {
            faults.wrong_type("id", other, "text or a number");
            Value::Null
        }
    };
    let mut query = Query {
        names: texts(object, "name", &mut faults),
        kind: kind(object, &mut faults),
        countries: texts(object, "country", &mut faults),
        birth_year: birth_year(object, &mut faults),
        identifiers: identifiers(object, &mut faults),
    };
    if query.names.is_empty() && !faults.0.iter().any(|fault| fault.field == "name") {
        faults.add("name", "name_missing", "no `name`".to_owned(), "the name of the party as text");
    }
    query.names.extend(texts(object, "aliases", &mut faults));
    query.countries.extend(texts(object, "countries", &mut faults));
    for country in &mut query.countries {
        *country = country_code(country);
    }
    if faults.0.is_empty() {
        Ok(QueryLine { id, query })
    } else {
        Err(BrokenLine { id, faults: faults.0 })
    }
}

/// Text, or a list of texts.
fn texts(object: &Map<String, Value>, field: &'static str, faults: &mut Faults) -> Vec<String> {
    let accepted = "text, or a list of at most 1,000 texts";
    match object.get(field) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(values)) if values.len() <= QUERY_VALUES_MAX => {
            let mut found = Vec::with_capacity(values.len());
            for value in values {
                match value {
                    Value::String(text) => found.push(text.clone()),
                    other => faults.wrong_type(field, other, accepted),
                }
            }
            found
        }
        Some(Value::Array(values)) => {
            let message = format!("a list of {} values", values.len());
            faults.add(field, "too_many_values", message, accepted);
            Vec::new()
        }
        Some(other) => {
            faults.wrong_type(field, other, accepted);
            Vec::new()
        }
    }
}

const KINDS: &str = "`type`: organization, person, vessel, aircraft or unknown; or `schema`: Organization, \
                     Company, PublicBody, Person, Vessel, Airplane, LegalEntity or Thing";

fn kind(object: &Map<String, Value>, faults: &mut Faults) -> PartyKind {
    for field in ["type", "schema"] {
        match object.get(field) {
            None | Some(Value::Null) => {}
            Some(Value::String(word)) => match word.to_ascii_lowercase().as_str() {
                "organization" | "organisation" | "company" | "publicbody" => {
                    return PartyKind::Organization;
                }
                "person" => return PartyKind::Person,
                "vessel" => return PartyKind::Vessel,
                "aircraft" | "airplane" => return PartyKind::Aircraft,
                "" | "unknown" | "legalentity" | "thing" => return PartyKind::Unknown,
                _ => {
                    let message = format!("`{}`", crate::party_list::shown(word));
                    faults.add(field, "kind_unknown", message, KINDS);
                    return PartyKind::Unknown;
                }
            },
            Some(other) => faults.wrong_type(field, other, KINDS),
        }
    }
    PartyKind::Unknown
}

fn birth_year(object: &Map<String, Value>, faults: &mut Faults) -> Option<u16> {
    let accepted = "a year such as 1961, or a date that begins with one";
    let value = object.get("birth_year").filter(|value| !value.is_null())?;
    let year = match value {
        Value::Number(number) => years(&number.to_string()).first().copied(),
        Value::String(text) if text.trim().is_empty() => return None,
        Value::String(text) => years(text).first().copied(),
        _ => None,
    };
    if year.is_none() {
        faults.wrong_type("birth_year", value, accepted);
    }
    year
}

fn identifiers(object: &Map<String, Value>, faults: &mut Faults) -> Vec<Identifier> {
    let accepted = "an object of schemes, each with a number as text or a list of them";
    let values = match object.get("identifiers") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Object(values)) if values.len() <= QUERY_VALUES_MAX => values,
        Some(other) => {
            faults.wrong_type("identifiers", other, accepted);
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (scheme, value) in values {
        let scheme = scheme.trim().to_lowercase();
        let mut add = |value: &Value, faults: &mut Faults| match value {
            Value::String(text) => {
                found.push(Identifier { scheme: scheme.clone(), value: text.trim().to_owned() });
            }
            Value::Number(number) => {
                found.push(Identifier { scheme: scheme.clone(), value: number.to_string() });
            }
            other => faults.wrong_type("identifiers", other, accepted),
        };
        match value {
            Value::Array(values) if values.len() <= QUERY_VALUES_MAX => {
                for value in values {
                    add(value, faults);
                }
            }
            value => add(value, faults),
        }
    }
    found
}

/// How a part of a name in the query and one on the list belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The same letters.
    Equal,
    /// Another spelling.
    Spelling,
    /// Another script or romanisation.
    Transliteration,
    /// An initial or acronym.
    Initial,
    /// Another place.
    Order,
    /// A form of company.
    LegalForm,
    /// The same sound.
    Phonetic,
    /// On one side only.
    Missing,
}

/// The word of the answer for a relation; nothing for one that is told among the features.
fn how(relation: Relation) -> Result<How, &'static str> {
    match relation {
        Relation::Equal => Ok(How::Equal),
        Relation::Spelling => Ok(How::Spelling),
        Relation::Transliteration => Ok(How::Transliteration),
        Relation::Initial => Ok(How::Initial),
        Relation::Order => Ok(How::Order),
        Relation::LegalForm => Ok(How::LegalForm),
        Relation::Phonetic => Ok(How::Phonetic),
        Relation::Missing => Ok(How::Missing),
        Relation::Joined => Err("joined"),
        Relation::Contradiction => Err("contradiction"),
        Relation::Identifier => Err("identifier"),
        Relation::Country => Err("country"),
        Relation::BirthYear => Err("birth_year"),
        Relation::WeakName => Err("weak_name"),
        Relation::Calibration => Err("calibration"),
    }
}

/// A part of an explanation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained<'m> {
    /// The part of the query's name; empty where there is none.
    pub query_part: &'m str,
    /// The part of the listed name; empty where there is none.
    pub list_part: &'m str,
    /// How they belong together.
    pub how: How,
    /// What it adds to the score.
    pub weight: f64,
}

/// What was compared beside the names' parts, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence<'m> {
    /// The feature that it is part of.
    pub feature: &'static str,
    /// The part of the query's name; empty where there is none.
    pub query_part: &'m str,
    /// The part of the listed name; empty where there is none.
    pub list_part: &'m str,
    /// What was compared.
    pub detail: &'m str,
    /// What it adds to the feature.
    pub weight: f64,
}

/// A match as it is answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerMatch<'m> {
    /// Code of the list.
    pub list: &'m str,
    /// Version of the list.
    pub list_version: &'m str,
    /// Id of the party on it.
    pub entity: &'m str,
    /// The party's primary name.
    pub name: &'m str,
    /// The listed name that hit.
    pub matched_alias: &'m str,
    /// The name of the query that hit.
    pub query_name: &'m str,
    /// 0 to 1.
    pub score: f64,
    /// What else than parts of the names adds to the score, summed by kind.
    pub features: BTreeMap<&'static str, f64>,
    /// The parts of the names; their weights and the features sum to the score.
    pub explanation: Vec<Explained<'m>>,
    /// What the features are made of.
    pub evidence: Vec<Evidence<'m>>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer<'m> {
    /// The query's.
    pub id: &'m Value,
    /// The best first.
    pub matches: Vec<AnswerMatch<'m>>,
}

/// An answer to what was no query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorAnswer<'m> {
    /// As it was given.
    pub id: &'m Value,
    /// What is wrong.
    pub error: LineError<'m>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineError<'m> {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong, all of it.
    pub faults: &'m [QueryFault],
}

/// The answer to a query.
#[must_use]
pub fn answer<'m>(line: &'m QueryLine, matches: &'m [Match]) -> Answer<'m> {
    Answer { id: &line.id, matches: matches.iter().map(|found| told(&line.query, found)).collect() }
}

fn told<'m>(query: &'m Query, found: &'m Match) -> AnswerMatch<'m> {
    let query_name = query.names.get(found.query_name).map_or("", String::as_str);
    let mut features = BTreeMap::new();
    let (mut explanation, mut evidence) = (Vec::new(), Vec::new());
    for part in &found.parts {
        let query_part = slice(query_name, part.query.as_ref());
        let list_part = slice(&found.matched_name, part.listed.as_ref());
        let Part { contribution: weight, detail, .. } = part;
        match how(part.relation) {
            Ok(how) => explanation.push(Explained { query_part, list_part, how, weight: *weight }),
            Err(feature) => {
                *features.entry(feature).or_insert(0.0) += weight;
                evidence.push(Evidence { feature, query_part, list_part, detail, weight: *weight });
            }
        }
    }
    AnswerMatch {
        list: &found.list,
        list_version: &found.list_version,
        entity: &found.entity,
        name: &found.name,
        matched_alias: &found.matched_name,
        query_name,
        score: found.score,
        features,
        explanation,
        evidence,
    }
}

fn slice<'t>(text: &'t str, span: Option<&std::ops::Range<usize>>) -> &'t str {
    span.and_then(|span| text.get(span.clone())).unwrap_or_default()
}
