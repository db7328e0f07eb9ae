//! What differs between two applications, by the keys of their parts: never by the order in which they
//! stand.
//!
//! An element is what the rules of a pack name ([`crate::rules::ChangeRule`]): `item_kind`, `destination`,
//! `end_user`, `end_use`, `consignee`, `quantity`, or `other`. What a party, a good or a use *is* counts as
//! the element that it stands for, so that nothing key changes behind a key that stays. A cell that is
//! added differs in all its parts; one that is left out only in its quantities: asking for less is no new
//! request.

use std::collections::{BTreeMap, BTreeSet};

use crate::application::{Application, Good, PartyEntry, PartyPart};
use crate::case::Difference;

/// Values of an application by path, with the elements that they belong to.
type Flat = BTreeMap<String, (BTreeSet<&'static str>, String)>;

/// The parts of a cell that say what it is.
const PARTS: [&str; 5] = ["item_kind", "consignee", "end_user", "end_use", "destination"];

/// What differs between two applications, sorted by element and path.
#[must_use]
pub fn difference(before: &Application, after: &Application) -> Vec<Difference> {
    let (old, new) = (flat(before), flat(after));
    let left_out: Vec<String> = before
        .cells
        .iter()
        .filter(|cell| after.cell(&cell.key).is_none())
        .flat_map(|cell| PARTS.map(|part| format!("cells/{}/{part}", cell.key)))
        .collect();
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut differences = Vec::new();
    for path in paths.into_iter().filter(|path| !left_out.contains(path)) {
        let value = |flat: &Flat| flat.get(path).map(|(_, value)| value.clone());
        let (from, to) = (value(&old).unwrap_or_default(), value(&new).unwrap_or_default());
        if from == to {
            continue;
        }
        let elements = |flat: &Flat| flat.get(path).map(|(elements, _)| elements.clone());
        let mut all = elements(&old).unwrap_or_default();
        all.extend(elements(&new).unwrap_or_default());
        // What is key in one of both is key; `other` says nothing beside it.
        if all.len() > 1 {
            all.remove("other");
        }
        differences.extend(all.into_iter().map(|element| Difference {
            element: element.to_owned(),
            path: path.clone(),
            before: from.clone(),
            after: to.clone(),
        }));
    }
    differences.sort();
    differences
}

fn flat(application: &Application) -> Flat {
    let mut flat = Flat::new();
    let mut put = |path: String, elements: &[&'static str], value: String| {
        flat.insert(path, (elements.iter().copied().collect(), value));
    };
    for cell in &application.cells {
        let values =
            [&cell.good, &cell.consignee, &cell.end_user, &cell.end_use, &cell.destination];
        for (part, value) in PARTS.into_iter().zip(values) {
            put(format!("cells/{}/{part}", cell.key), &[part], value.clone());
        }
        for quantity in &cell.quantities {
            let path = format!("cells/{}/quantities/{}", cell.key, quantity.unit);
            put(path, &["quantity"], quantity.to_string());
        }
    }
    for good in &application.goods {
        good_put(application, good, &mut put);
    }
    for party in &application.parties {
        party_put(application, party, &mut put);
    }
    for end_use in &application.uses {
        let used = application.cells.iter().any(|cell| cell.end_use == end_use.key);
        let element = [if used { "end_use" } else { "other" }];
        put(format!("uses/{}/code", end_use.key), &element, end_use.code.clone());
        put(format!("uses/{}/text", end_use.key), &element, end_use.text.clone());
    }
    let whole = [
        ("licence_type", application.licence_type.clone()),
        ("ground", application.ground.clone()),
        ("reference", application.reference.clone()),
        ("route", application.route.clone()),
        ("contact/name", application.contact.name.clone()),
        ("contact/email", application.contact.email.clone()),
        ("meets", sorted(&application.meets)),
    ];
    for (path, value) in whole {
        put(path.to_owned(), &["other"], value);
    }
    for document in &application.documents {
        let path = format!("documents/{}/{}", document.number, document.sha256);
        let date = document.date.map(|date| date.to_string()).unwrap_or_default();
        put(path, &["other"], format!("{} {date}", document.name).trim().to_owned());
    }
    for certificate in &application.certificates {
        let path = format!("certificates/{}", certificate.id);
        put(path, &["other"], certificate.end_user.clone());
    }
    let stocks: Vec<String> = application
        .inventory
        .iter()
        .map(|stock| format!("{} {} {}", stock.end_user, stock.days, stock.stops))
        .collect();
    put("inventory".to_owned(), &["other"], sorted(&stocks));
    flat
}

fn good_put(
    application: &Application,
    good: &Good,
    put: &mut impl FnMut(String, &[&'static str], String),
) {
    let used = application.cells.iter().any(|cell| cell.good == good.key);
    let element = [if used { "item_kind" } else { "other" }];
    let pairs = |map: &BTreeMap<String, String>| {
        let pairs: Vec<String> = map.iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join(", ")
    };
    let values = [
        ("name", good.name.clone()),
        ("hs", good.hs.clone()),
        ("grade", good.grade.clone()),
        ("form", good.form.clone()),
        ("composition", pairs(&good.composition)),
        ("parameters", pairs(&good.parameters)),
        ("control_codes", sorted(&good.control_codes)),
    ];
    for (part, value) in values {
        put(format!("goods/{}/{part}", good.key), &element, value);
    }
    let mass = good.unit_mass_mg.map(|mass| format!("{mass} mg")).unwrap_or_default();
    put(format!("goods/{}/unit_mass", good.key), &["other"], mass);
    put(format!("goods/{}/origin", good.key), &["other"], good.origin.clone());
}

fn party_put(
    application: &Application,
    party: &PartyEntry,
    put: &mut impl FnMut(String, &[&'static str], String),
) {
    let mut elements = Vec::new();
    if application.cells.iter().any(|cell| cell.consignee == party.key) {
        elements.push("consignee");
    }
    if application.cells.iter().any(|cell| cell.end_user == party.key) {
        elements.push("end_user");
    }
    if elements.is_empty() {
        elements.push("other");
    }
    let identity = [
        ("name", party.name.clone()),
        ("local_name", party.local_name.clone()),
        ("country", party.country.clone()),
        ("identifiers", sorted(&party.identifiers)),
    ];
    for (part, value) in identity {
        put(format!("parties/{}/{part}", party.key), &elements, value);
    }
    let mut parts: Vec<PartyPart> = party.parts.clone();
    parts.sort();
    parts.dedup();
    let parts: Vec<String> = parts.iter().map(|part| format!("{part:?}").to_lowercase()).collect();
    let rest = [
        ("address", party.address.clone()),
        ("website", party.website.clone()),
        ("parts", parts.join(", ")),
    ];
    for (part, value) in rest {
        put(format!("parties/{}/{part}", party.key), &["other"], value);
    }
}

fn sorted(texts: &[String]) -> String {
    let texts: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
    texts.into_iter().collect::<Vec<_>>().join(", ")
}
