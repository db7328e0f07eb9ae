//! The parts of an application, and its entries as a form shows them: texts by name of the field.

use std::collections::BTreeMap;

use app::drafts::{Checked, composition_text};
use licensing::Application;
use licensing::application::{Cell, Good, PartyEntry, PartyPart};
use licensing::completeness::{Finding, Weight};
use licensing::quantity::Unit;

use super::super::case::words::quantity_words;
use super::super::clock::worded;
use super::super::licence::country;
use crate::text::Text;
use app::law::Law;

/// Rows of contained and oxide mass on the page of a cell, beyond those that are filled in.
const ELEMENT_ROWS_SPARE: usize = 2;

/// The longest key that a form gives an entry, in bytes.
const KEY_BYTES_MAX: usize = 24;

/// A part of an application, with a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Kind,
    Goods,
    Parties,
    Uses,
    Cells,
    Documents,
    Certificates,
    Stock,
}

impl Part {
    pub(super) const ALL: [Part; 8] = [
        Part::Kind,
        Part::Goods,
        Part::Parties,
        Part::Uses,
        Part::Cells,
        Part::Documents,
        Part::Certificates,
        Part::Stock,
    ];

    pub(super) fn code(self) -> &'static str {
        match self {
            Part::Kind => "type",
            Part::Goods => "goods",
            Part::Parties => "parties",
            Part::Uses => "uses",
            Part::Cells => "cells",
            Part::Documents => "documents",
            Part::Certificates => "certificates",
            Part::Stock => "stock",
        }
    }

    pub(super) fn parse(code: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.code() == code)
    }

    /// The part, the entry and the field of the page to which a path of the application belongs.
    pub(super) fn of_path(path: &str) -> (Part, &str, &str) {
        let mut steps = path.splitn(3, '/');
        let (list, entry, field) =
            (steps.next().unwrap_or(""), steps.next().unwrap_or(""), steps.next().unwrap_or(""));
        match list {
            "goods" => (Part::Goods, entry, field),
            "parties" => (Part::Parties, entry, field),
            "uses" => (Part::Uses, entry, field),
            "cells" => (Part::Cells, entry, if field == "quantities" { "net" } else { field }),
            "documents" => (Part::Documents, entry, field),
            "certificates" => (Part::Certificates, entry, "id"),
            "inventory" => (Part::Stock, entry, field),
            "contact" => {
                (Part::Kind, "", if entry == "name" { "contact_name" } else { "contact_email" })
            }
            "meets" => (Part::Kind, "", "meets"),
            other => (Part::Kind, "", other),
        }
    }

    /// Whether the pack asks for it.
    pub(super) fn asked(self, law: &Law) -> bool {
        self != Part::Certificates || !law.rules.certificate.asks.is_empty()
    }

    /// Name and key of the end users of cells that have no certificate here.
    pub(super) fn without(self, a: &Application) -> Vec<(String, String)> {
        let end_users = a.parties.iter().filter(|party| {
            let asked = a.cells.iter().any(|cell| cell.end_user == party.key);
            asked && !a.certificates.iter().any(|entry| entry.end_user == party.key)
        });
        end_users.map(|party| (party_name(a, &party.key), party.key.clone())).collect()
    }

    /// Whether it is a list of entries.
    pub(super) fn is_list(self) -> bool {
        self != Part::Kind
    }

    /// Whether a form may add an entry under this id.
    pub(super) fn id_fits(self, id: &str) -> bool {
        match self {
            Part::Goods | Part::Parties | Part::Uses | Part::Cells => {
                let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
                plain && (1..=KEY_BYTES_MAX).contains(&id.len()) && id != super::NEW
            }
            _ => true,
        }
    }

    /// The ids of its entries.
    pub(super) fn entries(self, a: &Application) -> Vec<String> {
        let places = |count: usize| (0..count).map(|place| place.to_string()).collect();
        match self {
            Part::Kind => Vec::new(),
            Part::Goods => a.goods.iter().map(|good| good.key.clone()).collect(),
            Part::Parties => a.parties.iter().map(|party| party.key.clone()).collect(),
            Part::Uses => a.uses.iter().map(|end_use| end_use.key.clone()).collect(),
            Part::Cells => a.cells.iter().map(|cell| cell.key.clone()).collect(),
            Part::Documents => places(a.documents.len()),
            Part::Certificates => a.certificates.iter().map(|c| c.end_user.clone()).collect(),
            Part::Stock => places(a.inventory.len()),
        }
    }
}

/// What stands in the fields of a form.
pub(super) type Typed = BTreeMap<String, String>;

/// An entry as texts, or nothing where there is none; a new one is empty.
pub(super) fn typed(part: Part, a: &Application, id: &str) -> Option<Typed> {
    let mut typed = Typed::new();
    let mut put = |name: &str, value: &str| {
        typed.insert(name.to_owned(), value.to_owned());
    };
    if id == super::NEW {
        return part.is_list().then_some(typed);
    }
    match part {
        Part::Kind => {
            put("licence_type", &a.licence_type);
            put("ground", &a.ground);
            put("appeal_grounds", &a.appeal_grounds);
            put("reference", &a.reference);
            put("route", &a.route);
            put("contact_name", &a.contact.name);
            put("contact_email", &a.contact.email);
            for condition in &a.meets {
                put(&format!("meets-{condition}"), "yes");
            }
        }
        Part::Goods => good_typed(a.good(id)?, &mut put),
        Part::Parties => party_typed(a.party(id)?, &mut put),
        Part::Uses => {
            let end_use = a.end_use(id)?;
            put("code", &end_use.code);
            put("text", &end_use.text);
        }
        Part::Cells => cell_typed(a.cell(id)?, &mut put),
        Part::Documents => {
            let document = a.documents.get(id.parse::<usize>().ok()?)?;
            put("number", &document.number);
            put("name", &document.name);
            put("date", &document.date.map_or(String::new(), |date| date.to_string()));
        }
        Part::Certificates => {
            let entry = a.certificates.iter().find(|entry| entry.end_user == id)?;
            put("end_user", &entry.end_user);
            put("id", &entry.id);
        }
        Part::Stock => {
            let stock = a.inventory.get(id.parse::<usize>().ok()?)?;
            put("end_user", &stock.end_user);
            put("days", &stock.days.to_string());
            put("stops", &stock.stops);
        }
    }
    Some(typed)
}

fn good_typed(good: &Good, put: &mut impl FnMut(&str, &str)) {
    put("name", &good.name);
    put("hs", &good.hs);
    put("grade", &good.grade);
    put("form", &good.form);
    put("origin", &good.origin);
    put("composition", &composition_text(&good.composition));
    put("control_codes", &good.control_codes.join(", "));
    if let Some(mass) = good.unit_mass_mg {
        // mg as exact decimal of g.
        put("unit_mass_mg", &base::decimal::Scaled { value: mass, scale: 3 }.to_string());
    }
    for (name, value) in &good.parameters {
        put(&format!("p-{name}"), value);
    }
}

fn party_typed(party: &PartyEntry, put: &mut impl FnMut(&str, &str)) {
    for part in &party.parts {
        put(&format!("parts-{}", part.code()), "yes");
    }
    put("name", &party.name);
    put("local_name", &party.local_name);
    put("country", &party.country);
    put("address", &party.address);
    put("identifiers", &party.identifiers.join("\n"));
    put("website", &party.website);
}

fn cell_typed(cell: &Cell, put: &mut impl FnMut(&str, &str)) {
    put("good", &cell.good);
    put("consignee", &cell.consignee);
    put("end_user", &cell.end_user);
    put("end_use", &cell.end_use);
    put("destination", &cell.destination);
    let mut row = 0;
    for quantity in &cell.quantities {
        let amount = quantity.decimal().to_string();
        match &quantity.unit {
            Unit::NetMass => put("net", &amount),
            Unit::Pieces => put("pieces", &amount),
            Unit::Value(currency) => {
                put("value", &amount);
                put("currency", currency);
            }
            Unit::Content(element) | Unit::Oxide(element) => {
                let kind =
                    if matches!(quantity.unit, Unit::Oxide(_)) { "oxide" } else { "content" };
                put(&format!("e{row}-kind"), kind);
                put(&format!("e{row}-element"), element);
                put(&format!("e{row}-amount"), &amount);
                row += 1;
            }
        }
    }
}

/// How many rows of contained mass a form has.
pub(super) fn element_rows(typed: &Typed) -> usize {
    let filled = (0..)
        .take_while(|row| {
            ["element", "amount"].iter().any(|field| {
                typed.get(&format!("e{row}-{field}")).is_some_and(|text| !text.is_empty())
            })
        })
        .count();
    filled + ELEMENT_ROWS_SPARE
}

/// An entry in words, for lists and for the page on which everything is checked.
pub(super) struct Said {
    pub(super) id: String,
    pub(super) title: String,
    /// Of a list of the pack in English.
    pub(super) title_english: bool,
    pub(super) lines: Vec<(String, String)>,
}

/// The entries of a part in words.
pub(super) fn said(t: &Text, law: &Law, part: Part, a: &Application) -> Vec<Said> {
    let line = |field: &str, value: String| (t.code("apply-field", field, field), value);
    let filled = |lines: Vec<(String, String)>| {
        lines.into_iter().filter(|line| !line.1.trim().is_empty()).collect::<Vec<_>>()
    };
    let entries = part.entries(a);
    let texts = entries.iter().filter_map(|id| Some((id.clone(), typed(part, a, id)?)));
    let of = |typed: &Typed, field: &str| typed.get(field).cloned().unwrap_or_default();
    let list = texts.map(|(id, typed)| {
        let mut english = false;
        let (title, lines) = match part {
            Part::Kind => (String::new(), Vec::new()),
            Part::Goods => {
                let fields = [
                    "hs",
                    "grade",
                    "form",
                    "origin",
                    "composition",
                    "control_codes",
                    "unit_mass_mg",
                ];
                let value = |field: &str| match field {
                    "origin" => country_said(t, &of(&typed, field)),
                    _ => of(&typed, field),
                };
                let lines = fields.map(|field| line(field, value(field)));
                (of(&typed, "name"), lines.to_vec())
            }
            Part::Parties => {
                let parts = PartyPart::ALL
                    .into_iter()
                    .filter(|part| typed.contains_key(&format!("parts-{}", part.code())));
                let parts: Vec<String> =
                    parts.map(|part| t.code("apply-party", part.code(), "")).collect();
                let mut lines = vec![line("parts", parts.join(", "))];
                let fields = ["local_name", "country", "address", "identifiers", "website"];
                let value = |field: &str| match field {
                    "country" => country_said(t, &of(&typed, field)),
                    _ => of(&typed, field).replace('\n', ", "),
                };
                lines.extend(fields.map(|field| line(field, value(field))));
                (of(&typed, "name"), lines)
            }
            Part::Uses => {
                let code = of(&typed, "code");
                (t.code("use", &code, &code), vec![line("text", of(&typed, "text"))])
            }
            Part::Cells => cell_said(t, a, &typed, a.cell(&id)),
            Part::Documents => {
                let number = of(&typed, "number");
                let rule = law
                    .rules
                    .licence_type(&a.licence_type)
                    .and_then(|rule| rule.documents.iter().find(|d| d.number == number));
                english = rule.is_some();
                let title = rule.map_or_else(|| number.clone(), |rule| rule.name.clone());
                (title, vec![line("name", of(&typed, "name")), line("date", of(&typed, "date"))])
            }
            Part::Certificates => {
                let who = party_name(a, &of(&typed, "end_user"));
                (who, vec![line("id", of(&typed, "id"))])
            }
            Part::Stock => {
                let days = of(&typed, "days").parse::<u64>().unwrap_or_default();
                let lines = vec![
                    line("days", t.num("apply-days", &days)),
                    line("stops", of(&typed, "stops")),
                ];
                (party_name(a, &of(&typed, "end_user")), lines)
            }
        };
        let title = if title.trim().is_empty() { t.get("apply-unnamed") } else { title };
        Said { id, title, title_english: english, lines: filled(lines) }
    });
    list.collect()
}

fn cell_said(
    t: &Text,
    a: &Application,
    typed: &Typed,
    cell: Option<&Cell>,
) -> (String, Vec<(String, String)>) {
    let line = |field: &str, value: String| (t.code("apply-field", field, field), value);
    let of = |field: &str| typed.get(field).map_or("", String::as_str);
    let good = good_name(a, of("good"));
    let quantities = cell.map_or(String::new(), |cell| {
        cell.quantities.iter().map(|q| quantity_words(t, q)).collect::<Vec<_>>().join("; ")
    });
    let end_use = a.end_use(of("end_use")).map_or(of("end_use"), |end_use| &end_use.code);
    let lines = vec![
        line("consignee", party_name(a, of("consignee"))),
        line("end_user", party_name(a, of("end_user"))),
        line("end_use", t.code("use", end_use, end_use)),
        line("destination", country_said(t, of("destination"))),
        line("quantities", quantities),
    ];
    (good, lines)
}

/// A country or area with its name; nothing where none is given yet.
fn country_said(t: &Text, code: &str) -> String {
    if code.trim().is_empty() { String::new() } else { country(t, code) }
}

pub(super) fn good_name(a: &Application, key: &str) -> String {
    let good = a.good(key).filter(|good| !good.name.trim().is_empty());
    good.map_or(key, |good| &good.name).to_owned()
}

pub(super) fn party_name(a: &Application, key: &str) -> String {
    let party = a.party(key);
    let names = party.map(|party| [&party.name, &party.local_name]);
    let named = names.and_then(|names| names.into_iter().find(|name| !name.trim().is_empty()));
    named.map_or(key, |name| name).to_owned()
}

/// A finding of the completeness check, in words and with where to mend it.
pub(super) struct Gap {
    pub(super) text: String,
    pub(super) accepted: String,
    pub(super) href: String,
    pub(super) days: String,
    pub(super) citation: String,
}

/// A finding in words. The place in a path is said in words too: what stands between backticks is as typed.
pub(super) fn gap(t: &Text, law: &Law, draft: &str, finding: &Finding) -> Gap {
    let (part, entry, field) = Part::of_path(&finding.path);
    let found = found_said(t, law, finding);
    let subject = match part {
        Part::Uses => t.code("use", &finding.subject, &finding.subject),
        _ => finding.subject.clone(),
    };
    let mut href = format!("/applications/{draft}/{}", part.code());
    if !entry.is_empty() && part.is_list() {
        href = format!("{href}/{}", crate::form::encoded(entry));
    }
    if matches!(finding.code, "document_missing" | "document_advised") {
        href = format!("{href}#document-{}", crate::form::encoded(&finding.found));
    } else if !field.is_empty() && (part == Part::Kind || !entry.is_empty()) {
        href = format!("{href}#{field}");
    }
    Gap {
        text: t.two(&format!("gap-{}", finding.code), subject, found),
        accepted: t.code("gap-accepted", finding.code, ""),
        href,
        days: finding.days.map_or(String::new(), |days| t.num("apply-days", &u64::from(days))),
        citation: finding.citation.clone(),
    }
}

/// What was found, in words where it is a code of the pack or of a unit.
fn found_said(t: &Text, law: &Law, finding: &Finding) -> String {
    let condition = |code: &str| {
        let named = law.regime.conditions.iter().find(|condition| condition.id == code);
        named.map_or_else(|| code.to_owned(), |c| worded(t, &c.name_en, &c.name_zh))
    };
    let found = finding.found.as_str();
    match finding.code {
        "condition_missing" | "condition_barred" | "ground_missing" => {
            found.split(", ").map(condition).collect::<Vec<_>>().join(", ")
        }
        "quantity_unit_missing" => t.code("apply-unit", found, found),
        "certificate_unusable" => t.code("apply-certificate", found, found),
        _ => found.to_owned(),
    }
}

/// The code of a weight.
pub(crate) fn weight_code(weight: Weight) -> &'static str {
    match weight {
        Weight::Blocks => "blocks",
        Weight::Gap => "gap",
        Weight::Doubt => "doubt",
        Weight::Advice => "advice",
    }
}

/// How far a part is: the code of its state, how many findings there are, and the class of its tag.
pub(super) fn state(
    part: Part,
    a: &Application,
    checked: &Checked,
) -> (&'static str, u64, &'static str) {
    let findings = checked.completeness.findings.iter();
    let own = findings.filter(|f| Part::of_path(&f.path).0 == part && f.weight != Weight::Advice);
    let count = own.count() as u64;
    let empty = match part {
        Part::Kind => a.licence_type.is_empty() && a.contact.email.is_empty(),
        other => other.entries(a).is_empty(),
    };
    match (empty, count) {
        (true, 0) => ("optional", 0, "gd-tag-plain"),
        (true, _) => ("todo", count, "gd-tag-note"),
        (false, 0) => ("done", 0, "gd-tag-good"),
        (false, count) => ("gaps", count, "gd-tag-warning"),
    }
}

/// The goods of an application in one line.
pub(super) fn goods_said(a: &Application) -> String {
    let names: Vec<String> = a.goods.iter().map(|good| good_name(a, &good.key)).collect();
    names.join(", ")
}

/// What stands in an entry, as a short text that its form carries.
pub(super) fn seen_of(part: Part, a: &Application, id: &str) -> String {
    let typed = typed(part, a, id).unwrap_or_default();
    let text = typed
        .iter()
        .fold(String::new(), |text, (name, value)| format!("{text}{name}\u{1f}{value}\u{1e}"));
    crate::secret::hex(&crate::secret::hash(&text)).chars().take(16).collect()
}

/// The kind of licence, conditions and contact in words.
pub(super) fn kind_said(t: &Text, law: &Law, a: &Application) -> Said {
    let line = |field: &str, value: String| (t.code("apply-field", field, field), value);
    let condition = |code: &String| {
        let named = law.regime.conditions.iter().find(|condition| condition.id == *code);
        named.map_or_else(|| code.clone(), |c| worded(t, &c.name_en, &c.name_zh))
    };
    let met: Vec<String> = a.meets.iter().map(condition).collect();
    let ground = if a.ground.is_empty() { String::new() } else { condition(&a.ground) };
    let mut lines = vec![
        line("appeal_grounds", a.appeal_grounds.clone()),
        line("ground", ground),
        line("meets", met.join("; ")),
        line("reference", a.reference.clone()),
        line("route", a.route.clone()),
        line("contact_name", a.contact.name.clone()),
        line("contact_email", a.contact.email.clone()),
    ];
    lines.retain(|line| !line.1.trim().is_empty());
    Said { id: String::new(), title: super::start::title(t, law, a), title_english: false, lines }
}
