//! What differs between two versions of an application, in words: of which line, good, party or use, which
//! field, and both values as the pages write them. The paths and keys of
//! [`mod@licensing::difference`] are for programs.

use app::law::Law;
use licensing::application::{Application, PartyPart};
use licensing::case::Difference;

use super::case::words::quantity_words;
use super::clock::worded;
use super::licence::country;
use crate::page::name_of;
use crate::text::Text;

/// One change.
pub(crate) struct Changed {
    /// What changed: "Line 1: destination".
    pub(crate) what: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// Both versions, and the words for them.
pub(crate) struct Versions<'a> {
    pub(crate) t: &'a Text,
    pub(crate) law: &'a Law,
    pub(crate) before: &'a Application,
    pub(crate) after: &'a Application,
}

impl Versions<'_> {
    /// The changes, each once, though it may belong to several elements.
    pub(crate) fn changed(&self, differences: &[Difference]) -> Vec<Changed> {
        let mut paths: Vec<&str> = Vec::new();
        let mut rows = Vec::new();
        for difference in differences {
            if paths.contains(&difference.path.as_str()) {
                continue;
            }
            paths.push(&difference.path);
            let of = differences.iter().filter(|other| other.path == difference.path);
            let elements: Vec<&str> = of.map(|one| one.element.as_str()).collect();
            rows.push(self.row(difference, &elements));
        }
        rows
    }

    /// One change alone, as its element has it.
    pub(crate) fn one(&self, difference: &Difference) -> Changed {
        self.row(difference, &[difference.element.as_str()])
    }

    fn row(&self, difference: &Difference, elements: &[&str]) -> Changed {
        let parts: Vec<&str> = difference.path.splitn(3, '/').collect();
        let (thing, field) = match parts.as_slice() {
            ["cells", key, field] => (self.line(key), field.split('/').next().unwrap_or(field)),
            ["goods", key, field] => (self.good(key), *field),
            ["parties", key, field] => (self.party(key), *field),
            ["uses", key, field] => (self.end_use(key), *field),
            ["documents", number, _] => (self.document(number), ""),
            ["certificates", ..] => (self.t.get("apply-part-certificates"), ""),
            ["inventory"] => (self.t.get("apply-part-stock"), ""),
            ["contact", field] => {
                let key = if *field == "name" { "contact_name" } else { "contact_email" };
                (String::new(), key)
            }
            _ => (String::new(), difference.path.as_str()),
        };
        let t = self.t;
        let named = match field {
            "item_kind" => "good",
            "unit_mass" => "unit_mass_mg",
            other => other,
        };
        let field_words = t.code("apply-field", named, named);
        let mut what = match (thing.is_empty(), field.is_empty()) {
            (true, _) => field_words,
            (_, true) => thing,
            _ => t.two("difference-of", thing, field_words),
        };
        // What a party or a good is stands for a part of the lines: that makes it a key change.
        if parts.first() != Some(&"cells") {
            let of = elements.iter().filter(|element| **element != "other");
            let of: Vec<String> = of.map(|e| t.code("case-element", e, e)).collect();
            if !of.is_empty() {
                what = t.two("difference-as", what, of.join(", "));
            }
        }
        let value = |text: &str| self.value(&parts, field, text);
        Changed { what, before: value(&difference.before), after: value(&difference.after) }
    }

    /// A value as the pages write it.
    fn value(&self, parts: &[&str], field: &str, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let t = self.t;
        match (parts.first().copied().unwrap_or_default(), field) {
            ("cells", "item_kind") => self.good(text),
            ("cells", "consignee" | "end_user") | ("certificates", _) => self.party(text),
            ("cells", "end_use") => self.end_use(text),
            ("cells", "quantities") => self.quantity(parts.get(1).copied().unwrap_or(""), text),
            ("cells", "destination") | ("goods", "origin") | ("parties", "country") => {
                country(t, text)
            }
            ("uses", "code") => t.code("use", text, text),
            ("licence_type", _) => {
                let kind = self.law.rules.licence_type(text);
                kind.map_or_else(|| text.to_owned(), |k| worded(t, &k.name_en, &k.name_zh))
            }
            ("parties", "parts") => {
                let part = |code: &str| {
                    let known = PartyPart::ALL
                        .into_iter()
                        .find(|part| part.code().replace('_', "") == code.trim().replace('_', ""));
                    known.map_or_else(
                        || code.to_owned(),
                        |part| t.code("case-part", part.code(), part.code()),
                    )
                };
                text.split(',').map(part).collect::<Vec<_>>().join(", ")
            }
            ("inventory", _) => self.stocks(text),
            _ => text.to_owned(),
        }
    }

    /// The versions, the later first: what was left out is named by the earlier.
    fn both(&self) -> [&Application; 2] {
        [self.after, self.before]
    }

    fn line(&self, key: &str) -> String {
        let place = |a: &Application| a.cells.iter().position(|cell| cell.key == key);
        let place = self.both().into_iter().find_map(place);
        place.map_or_else(|| key.to_owned(), |at| self.t.one("licence-line", at + 1))
    }

    fn good(&self, key: &str) -> String {
        let good = self.both().into_iter().find_map(|a| a.good(key));
        good.map_or_else(|| key.to_owned(), |good| good.name.clone())
    }

    fn party(&self, key: &str) -> String {
        let party = self.both().into_iter().find_map(|a| a.party(key));
        party.map_or_else(
            || key.to_owned(),
            |p| name_of(self.t.language, &p.name, &p.local_name).to_owned(),
        )
    }

    fn end_use(&self, key: &str) -> String {
        let end_use = self.both().into_iter().find_map(|a| a.end_use(key));
        end_use.map_or_else(
            || key.to_owned(),
            |u| {
                if u.code.is_empty() {
                    u.text.clone()
                } else {
                    self.t.code("use", &u.code, &u.code)
                }
            },
        )
    }

    fn document(&self, number: &str) -> String {
        document_name(self.t, self.law, &self.after.licence_type, number)
    }

    fn quantity(&self, cell: &str, text: &str) -> String {
        let mut all = self.both().into_iter().filter_map(|a| a.cell(cell));
        let found = all.find_map(|cell| cell.quantities.iter().find(|q| q.to_string() == text));
        found.map_or_else(|| text.to_owned(), |quantity| quantity_words(self.t, quantity))
    }

    /// Stocks as they are written, with the names of those whose they are.
    fn stocks(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for application in self.both() {
            for stock in &application.inventory {
                let written = format!("{} {} {}", stock.end_user, stock.days, stock.stops);
                let days = self.t.num("apply-days", &u64::from(stock.days));
                let name = self.party(&stock.end_user);
                text = text.replace(&written, &format!("{name}, {days}: {}", stock.stops));
            }
        }
        text
    }
}

/// What a document is: its name in the pack, or that it is another.
pub(crate) fn document_name(t: &Text, law: &Law, licence_type: &str, number: &str) -> String {
    let kind = law.rules.licence_type(licence_type);
    let rule = kind.and_then(|kind| kind.documents.iter().find(|one| one.number == number));
    rule.map_or_else(|| t.get("apply-document-other"), |rule| rule.name.clone())
}
