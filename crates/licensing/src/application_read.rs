//! Reading an application that a program sends as JSON: every fault of it at once, each with its path.
//!
//! A field that is not known is a fault: a program that misspells `quantities` must not apply for nothing.
//! What is left out is empty; whether that will do is for [`crate::completeness()`] to say. A quantity is
//! exact: `{"unit":"net_mass","amount":900000000}` counts the smallest parts of the unit, and
//! `{"unit":"net_mass","text":"900","written":"kg"}` is read by the rules of [`Quantity::read`].

use std::collections::BTreeMap;

use base::Date;
use serde_json::{Map, Value};

use crate::application::{
    Application, Cell, CertificateEntry, Contact, DocumentEntry, EndUse, Good, Inventory,
    PartyEntry, PartyPart,
};
use crate::quantity::{AMOUNT_MAX, Quantity, Unit};

/// The longest text, in characters.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// The most entries of a list.
pub const ENTRIES_MAX: usize = 1_000;

/// What is wrong at one place of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFault {
    /// Where: `goods[0].hs`.
    pub path: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

/// Reads an application.
///
/// # Errors
/// Every fault of it.
pub fn application_read(value: &Value) -> Result<Application, Vec<ReadFault>> {
    let mut reader = Reader::default();
    let application = reader.application(value);
    if reader.faults.is_empty() { Ok(application) } else { Err(reader.faults) }
}

#[derive(Default)]
struct Reader {
    faults: Vec<ReadFault>,
}

/// An object at a place.
struct Place<'v> {
    path: String,
    object: &'v Map<String, Value>,
}

impl<'v> Place<'v> {
    fn at(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    fn get(&self, field: &str) -> Option<&'v Value> {
        self.object.get(field).filter(|value| !value.is_null())
    }
}

impl Reader {
    fn fault(&mut self, path: String, code: &'static str, message: String, accepted: &str) {
        self.faults.push(ReadFault { path, code, message, accepted: accepted.to_owned() });
    }

    /// An object whose fields are all known.
    fn object<'v>(&mut self, path: &str, value: &'v Value, fields: &[&str]) -> Option<Place<'v>> {
        let Value::Object(object) = value else {
            let message = format!("{} is no object", kind(value));
            self.fault(path.to_owned(), "not_object", message, "a JSON object");
            return None;
        };
        let place = Place { path: path.to_owned(), object };
        for name in object.keys().filter(|name| !fields.contains(&name.as_str())) {
            let message = format!("`{}` is no field of it", short(name));
            self.fault(place.at(&short(name)), "unknown_field", message, &fields.join(", "));
        }
        Some(place)
    }

    fn text(&mut self, place: &Place<'_>, field: &str) -> String {
        match place.get(field) {
            None => String::new(),
            Some(value) => self.text_of(place.at(field), value),
        }
    }

    fn text_of(&mut self, path: String, value: &Value) -> String {
        match value {
            Value::String(text) if text.chars().count() > TEXT_CHARS_MAX => {
                let message = format!("{} characters", text.chars().count());
                let accepted = format!("at most {TEXT_CHARS_MAX} characters");
                self.fault(path, "too_long", message, &accepted);
                String::new()
            }
            Value::String(text) => text.trim().to_owned(),
            other => {
                self.fault(path, "not_text", format!("{} is no text", kind(other)), "a text");
                String::new()
            }
        }
    }

    fn list<'v>(&mut self, place: &Place<'v>, field: &str) -> &'v [Value] {
        match place.get(field) {
            None => &[],
            Some(Value::Array(values)) if values.len() <= ENTRIES_MAX => values,
            Some(Value::Array(values)) => {
                let message = format!("{} entries", values.len());
                let accepted = format!("at most {ENTRIES_MAX} entries");
                self.fault(place.at(field), "too_many", message, &accepted);
                &[]
            }
            Some(other) => {
                let message = format!("{} is no list", kind(other));
                self.fault(place.at(field), "not_list", message, "a list");
                &[]
            }
        }
    }

    fn texts(&mut self, place: &Place<'_>, field: &str) -> Vec<String> {
        let values = self.list(place, field).iter().enumerate();
        let path = place.at(field);
        values.map(|(i, value)| self.text_of(format!("{path}[{i}]"), value)).collect()
    }

    fn entries<T>(
        &mut self,
        place: &Place<'_>,
        field: &str,
        mut read: impl FnMut(&mut Reader, &str, &Value) -> Option<T>,
    ) -> Vec<T> {
        let path = place.at(field);
        let values = self.list(place, field).iter().enumerate();
        values.filter_map(|(i, value)| read(self, &format!("{path}[{i}]"), value)).collect()
    }

    fn map(&mut self, place: &Place<'_>, field: &str) -> BTreeMap<String, String> {
        let Some(value) = place.get(field) else { return BTreeMap::new() };
        let path = place.at(field);
        let Value::Object(object) = value else {
            let message = format!("{} is no object", kind(value));
            self.fault(path, "not_object", message, "an object of texts");
            return BTreeMap::new();
        };
        let text = |(name, value): (&String, &Value)| {
            (name.clone(), self.text_of(format!("{path}.{}", short(name)), value))
        };
        object.iter().map(text).collect()
    }

    fn whole(&mut self, place: &Place<'_>, field: &str, most: i64) -> Option<i64> {
        let value = place.get(field)?;
        let number = value.as_i64().filter(|number| (0..=most).contains(number));
        if number.is_none() {
            let message = format!("`{}` is no such number", short(&value.to_string()));
            let accepted = format!("a whole number from 0 to {most}");
            self.fault(place.at(field), "not_whole", message, &accepted);
        }
        number
    }

    fn application(&mut self, value: &Value) -> Application {
        const FIELDS: [&str; 14] = [
            "licence_type",
            "ground",
            "appeal_grounds",
            "reference",
            "goods",
            "parties",
            "uses",
            "cells",
            "documents",
            "certificates",
            "inventory",
            "meets",
            "route",
            "contact",
        ];
        let Some(place) = self.object("", value, &FIELDS) else { return Application::default() };
        let contact = place.get("contact").and_then(|value| {
            let place = self.object(&place.at("contact"), value, &["name", "email"])?;
            Some(Contact { name: self.text(&place, "name"), email: self.text(&place, "email") })
        });
        Application {
            licence_type: self.text(&place, "licence_type"),
            ground: self.text(&place, "ground"),
            appeal_grounds: self.text(&place, "appeal_grounds"),
            reference: self.text(&place, "reference"),
            goods: self.entries(&place, "goods", Reader::good),
            parties: self.entries(&place, "parties", Reader::party),
            uses: self.entries(&place, "uses", |reader, path, value| {
                let place = reader.object(path, value, &["key", "code", "text"])?;
                let mut text = |field| reader.text(&place, field);
                Some(EndUse { key: text("key"), code: text("code"), text: text("text") })
            }),
            cells: self.entries(&place, "cells", Reader::cell),
            documents: self.entries(&place, "documents", Reader::document),
            certificates: self.entries(&place, "certificates", |reader, path, value| {
                let place = reader.object(path, value, &["id", "end_user"])?;
                let mut text = |field| reader.text(&place, field);
                Some(CertificateEntry { id: text("id"), end_user: text("end_user") })
            }),
            inventory: self.entries(&place, "inventory", |reader, path, value| {
                let place = reader.object(path, value, &["end_user", "days", "stops"])?;
                let days = reader.whole(&place, "days", i64::from(DAYS_MAX));
                Some(Inventory {
                    end_user: reader.text(&place, "end_user"),
                    days: days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default(),
                    stops: reader.text(&place, "stops"),
                })
            }),
            meets: self.texts(&place, "meets"),
            route: self.text(&place, "route"),
            contact: contact.unwrap_or_default(),
        }
    }

    fn good(&mut self, path: &str, value: &Value) -> Option<Good> {
        const FIELDS: [&str; 10] = [
            "key",
            "name",
            "hs",
            "grade",
            "form",
            "composition",
            "parameters",
            "control_codes",
            "unit_mass_mg",
            "origin",
        ];
        let place = self.object(path, value, &FIELDS)?;
        Some(Good {
            key: self.text(&place, "key"),
            name: self.text(&place, "name"),
            hs: self.text(&place, "hs"),
            grade: self.text(&place, "grade"),
            form: self.text(&place, "form"),
            composition: self.map(&place, "composition"),
            parameters: self.map(&place, "parameters"),
            control_codes: self.texts(&place, "control_codes"),
            unit_mass_mg: self.whole(&place, "unit_mass_mg", AMOUNT_MAX),
            origin: self.text(&place, "origin"),
        })
    }

    fn party(&mut self, path: &str, value: &Value) -> Option<PartyEntry> {
        const FIELDS: [&str; 8] =
            ["key", "parts", "name", "local_name", "country", "address", "identifiers", "website"];
        let place = self.object(path, value, &FIELDS)?;
        let mut parts = Vec::new();
        for (i, part) in self.texts(&place, "parts").iter().enumerate() {
            match part_parse(part) {
                Some(part) => parts.push(part),
                None => {
                    let message = format!("`{}` is no part of a party", short(part));
                    let path = format!("{}[{i}]", place.at("parts"));
                    let accepted = "consignee, end_user or intermediate";
                    self.fault(path, "part", message, accepted);
                }
            }
        }
        Some(PartyEntry {
            key: self.text(&place, "key"),
            parts,
            name: self.text(&place, "name"),
            local_name: self.text(&place, "local_name"),
            country: self.text(&place, "country"),
            address: self.text(&place, "address"),
            identifiers: self.texts(&place, "identifiers"),
            website: self.text(&place, "website"),
        })
    }

    fn cell(&mut self, path: &str, value: &Value) -> Option<Cell> {
        const FIELDS: [&str; 7] =
            ["key", "good", "consignee", "end_user", "end_use", "destination", "quantities"];
        let place = self.object(path, value, &FIELDS)?;
        Some(Cell {
            key: self.text(&place, "key"),
            good: self.text(&place, "good"),
            consignee: self.text(&place, "consignee"),
            end_user: self.text(&place, "end_user"),
            end_use: self.text(&place, "end_use"),
            destination: self.text(&place, "destination"),
            quantities: self.entries(&place, "quantities", Reader::quantity),
        })
    }

    fn quantity(&mut self, path: &str, value: &Value) -> Option<Quantity> {
        let place = self.object(path, value, &["unit", "amount", "text", "written"])?;
        let code = self.text(&place, "unit");
        let Some(unit) = Unit::parse(&code) else {
            let message = format!("`{}` is no unit", short(&code));
            let accepted =
                "net_mass, content:<element>, oxide:<element>, pieces or value:<currency>";
            self.fault(place.at("unit"), "quantity_unit", message, accepted);
            return None;
        };
        if place.get("text").is_none() {
            if place.get("amount").is_none() {
                let message = "neither `amount` nor `text` is there".to_owned();
                let accepted = "`amount` in the smallest parts, or `text` with `written`";
                self.fault(place.at("amount"), "missing", message, accepted);
                return None;
            }
            let amount = self.whole(&place, "amount", AMOUNT_MAX)?;
            return Some(Quantity { unit, amount });
        }
        let (text, written) = (self.text(&place, "text"), self.text(&place, "written"));
        match Quantity::read(&unit, &text, &written) {
            Ok(quantity) => Some(quantity),
            Err(error) => {
                let accepted = error.accepted();
                self.fault(place.at("text"), error.code(), error.to_string(), &accepted);
                None
            }
        }
    }

    fn document(&mut self, path: &str, value: &Value) -> Option<DocumentEntry> {
        let place = self.object(path, value, &["number", "sha256", "name", "date"])?;
        let date = self.text(&place, "date");
        let read: Option<Date> = base::time::date_parse(&date);
        if read.is_none() && !date.is_empty() {
            let message = format!("`{}` is no day", short(&date));
            self.fault(place.at("date"), "date", message, "a day such as 2025-04-07");
        }
        Some(DocumentEntry {
            number: self.text(&place, "number"),
            sha256: self.text(&place, "sha256").to_ascii_lowercase(),
            name: self.text(&place, "name"),
            date: read,
        })
    }
}

/// The most days that a stock is said to last: ten years.
pub const DAYS_MAX: u32 = 3_660;

/// The part of a code.
#[must_use]
pub fn part_parse(code: &str) -> Option<PartyPart> {
    PartyPart::ALL.into_iter().find(|part| part.code() == code)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What a program sent, short enough to be told.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(value: &Value) -> Vec<String> {
        let faults = application_read(value).unwrap_err();
        faults.iter().map(|fault| format!("{} {}", fault.path, fault.code)).collect()
    }

    #[test]
    fn what_was_written_as_json_is_read_back() {
        let value = json!({
            "licence_type": "single", "reference": " r ", "meets": ["programme"],
            "goods": [{"key": "g", "composition": {"Dy": "4.1"}, "unit_mass_mg": 50_000}],
            "parties": [{"key": "p", "parts": ["consignee", "end_user"], "country": "DE"}],
            "uses": [{"key": "u", "code": "eps_motor"}],
            "cells": [{"key": "c", "good": "g", "consignee": "p", "end_user": "p", "end_use": "u",
                "quantities": [{"unit": "net_mass", "text": "900.5", "written": "kg"},
                    {"unit": "pieces", "amount": 12}]}],
            "documents": [{"number": "2", "sha256": "AB", "date": "2025-04-07"}],
            "certificates": [{"id": "z", "end_user": "p"}],
            "inventory": [{"end_user": "p", "days": 12, "stops": "line 3"}],
            "contact": {"name": "Ada", "email": null}
        });
        let application = application_read(&value).unwrap();
        assert_eq!(application.reference, "r");
        assert_eq!(application.cells[0].quantities[0].amount, 900_500_000);
        let again = serde_json::to_value(&application).unwrap();
        assert_eq!(application_read(&again), Ok(application.clone()));
        // What the reader takes is what the type takes, to the last field.
        assert_eq!(serde_json::from_value::<Application>(again).unwrap(), application);
        assert_eq!(application_read(&json!({})), Ok(Application::default()));
    }

    #[test]
    fn every_fault_is_told_with_its_path() {
        let value = json!({
            "licence": "single", "reference": 7, "goods": {},
            "parties": [{"parts": ["boss"], "identifers": []}, 3],
            "cells": [{"quantities": [
                {"unit": "net_mass", "text": "1,000.5", "written": "kg"},
                {"unit": "pieces", "text": "1.5"},
                {"unit": "kg", "amount": 1},
                {"unit": "pieces", "amount": -1},
                {"unit": "pieces"}]}],
            "inventory": [{"days": "12"}],
            "documents": [{"date": "7.4.2025"}],
            "uses": [{"text": "x".repeat(TEXT_CHARS_MAX + 1)}],
            "contact": {"mail": "a"}
        });
        let expected = [
            "licence unknown_field",
            "contact.mail unknown_field",
            "reference not_text",
            "goods not_list",
            "parties[0].identifers unknown_field",
            "parties[0].parts[0] part",
            "parties[1] not_object",
            "uses[0].text too_long",
            "cells[0].quantities[0].text quantity_ambiguous",
            "cells[0].quantities[1].text quantity_fraction",
            "cells[0].quantities[2].unit quantity_unit",
            "cells[0].quantities[3].amount not_whole",
            "cells[0].quantities[4].amount missing",
            "documents[0].date date",
            "inventory[0].days not_whole",
        ];
        assert_eq!(faults(&value), expected);
        assert_eq!(faults(&json!([])), [" not_object"]);
    }
}
