//! The Consolidated Screening List of the United States as JSON.
//!
//! Source: International Trade Administration, "Consolidated Screening List API" (developer.trade.gov), file
//! `consolidated.json`: one document `{"sources_used": […], "results": […]}`; a result has `id`, `source`,
//! `type`, `programs`, `name`, `alt_names`, `addresses` (`country`), `nationalities`, `citizenships`,
//! `dates_of_birth`, `ids` (`type`, `number`), `vessel_flag`.
//!
//! The results are read one by one. What is no JSON ends the reading; a result of another shape costs itself.

use std::fmt;
use std::io::Read;

use screening::NameStrength;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::bounded::{Allowance, Bounded};
use super::csl_csv::listed_kind;
use super::fault::{Outcome, Place, shown};
use super::gather::{Draft, Gather, Rows};
use super::words::scheme;

pub(super) fn read(source: impl Read, gather: &mut Gather) {
    let allowance = Allowance::new(gather.limits.record_bytes);
    let mut json = serde_json::Deserializer::from_reader(Bounded::new(source, &allowance));
    let before = gather.records;
    let mut found = false;
    let document = Document { gather, allowance: &allowance, found: &mut found };
    let end = document.deserialize(&mut json).and_then(|()| json.end());
    let place = Place::Record(gather.records - before + 1);
    if let Err(error) = end {
        let (code, message, accepted) = if allowance.spent() {
            let message = format!("a record is longer than {} bytes", gather.limits.record_bytes);
            ("record_too_long", message, "records of at most 1 MiB")
        } else {
            ("json_broken", shown(&error.to_string()), "one JSON document with `results`")
        };
        gather.tell(place, Outcome::Stopped, ("", code, message, accepted));
    } else if !found {
        let message = "a document without `results`".to_owned();
        let fault = ("results", "json_broken", message, "one JSON document with `results`");
        gather.tell(Place::File, Outcome::Stopped, fault);
    }
}

struct Document<'g> {
    gather: &'g mut Gather,
    allowance: &'g Allowance,
    found: &'g mut bool,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document with `results`")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.allowance.renew();
            if key == "results" {
                *self.found = true;
                map.next_value_seed(Results { gather: self.gather, allowance: self.allowance })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            self.allowance.renew();
        }
        Ok(())
    }
}

struct Results<'g> {
    gather: &'g mut Gather,
    allowance: &'g Allowance,
}

impl<'de> DeserializeSeed<'de> for Results<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Results<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of results")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut results: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(value) = results.next_element::<Value>()? {
            self.allowance.renew();
            number += 1;
            let place = Place::Record(number);
            if value.is_object() {
                self.gather.take(place, result(&value), Rows::Whole);
            } else {
                let message = "a result that is no object".to_owned();
                self.gather.leave(place, "json_broken", message, "a JSON object for each party");
            }
        }
        Ok(())
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn texts<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    let one = value.get(key).and_then(Value::as_str);
    items(value, key).iter().filter_map(Value::as_str).chain(one)
}

fn result(value: &Value) -> Draft {
    let id = [text(value, "id"), text(value, "_id")];
    let id = id.into_iter().find(|id| !id.is_empty()).unwrap_or_default();
    let mut draft = Draft::new(id, listed_kind(text(value, "type")));
    draft.name(text(value, "name"), NameStrength::Primary);
    for name in texts(value, "alt_names") {
        draft.name(name, NameStrength::Alias);
    }
    for address in items(value, "addresses") {
        draft.country(text(address, "country"));
    }
    for key in ["nationalities", "citizenships", "vessel_flag"] {
        for country in texts(value, key) {
            draft.country(country);
        }
    }
    for date in texts(value, "dates_of_birth") {
        draft.date("dates_of_birth", date);
    }
    for id in items(value, "ids") {
        draft.number(scheme(text(id, "type")), text(id, "number"));
    }
    for programme in texts(value, "programs") {
        draft.programme(programme);
    }
    draft.programme(text(value, "source"));
    draft
}
