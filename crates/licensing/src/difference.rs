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
        ("appeal_grounds", application.appeal_grounds.clone()),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::application::{Cell, DocumentEntry, EndUse};
    use crate::decide::sample::{application, kilograms};

    fn check(change: impl FnOnce(&mut Application), expected: &[(&str, &str, &str, &str)]) {
        let before = application();
        let mut after = before.clone();
        change(&mut after);
        let found = difference(&before, &after);
        let found: Vec<(&str, &str, &str, &str)> = found
            .iter()
            .map(|d| (d.element.as_str(), d.path.as_str(), d.before.as_str(), d.after.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_change_is_of_the_element_that_it_stands_for() {
        check(|_| {}, &[]);
        check(
            |a| a.cells[0].destination = "XD".to_owned(),
            &[("destination", "cells/c1/destination", "XB", "XD")],
        );
        check(
            |a| a.cells[0].quantities[0] = kilograms(600),
            &[("quantity", "cells/c1/quantities/net_mass", "500 kg", "600 kg")],
        );
        check(
            |a| a.parties[1].name = "Other".to_owned(),
            &[("end_user", "parties/p2/name", "p2 Ltd", "Other")],
        );
        check(
            |a| a.parties[2].name = "Other".to_owned(),
            &[("other", "parties/p3/name", "p3 Ltd", "Other")],
        );
        check(
            |a| a.parties[1].address = "A street".to_owned(),
            &[("other", "parties/p2/address", "", "A street")],
        );
        check(|a| a.goods[0].hs = "8505".to_owned(), &[("item_kind", "goods/g1/hs", "", "8505")]);
        check(
            |a| a.uses[0].code = "submarine".to_owned(),
            &[("end_use", "uses/u1/code", "elevator", "submarine")],
        );
        check(|a| a.route = "by sea".to_owned(), &[("other", "route", "", "by sea")]);
    }

    #[test]
    fn a_cell_added_differs_in_all_its_parts_and_one_left_out_in_its_quantities() {
        let added = |a: &mut Application| {
            let mut cell = a.cells[0].clone();
            (cell.key, cell.destination) = ("c3".to_owned(), "XD".to_owned());
            a.cells.push(cell);
        };
        let before = application();
        let mut after = before.clone();
        added(&mut after);
        let elements: BTreeSet<String> =
            difference(&before, &after).into_iter().map(|d| d.element).collect();
        let all = ["consignee", "destination", "end_use", "end_user", "item_kind", "quantity"];
        assert_eq!(elements.into_iter().collect::<Vec<_>>(), all);
        check(
            |a| drop(a.cells.pop()),
            &[
                ("quantity", "cells/c2/quantities/net_mass", "200 kg", ""),
                ("quantity", "cells/c2/quantities/pieces", "10 pcs", ""),
            ],
        );
    }

    #[test]
    fn a_party_swapped_behind_a_key_that_a_cell_begins_to_use_is_seen() {
        check(
            |a| a.cells[0].end_user = "p3".to_owned(),
            &[("end_user", "cells/c1/end_user", "p2", "p3")],
        );
    }

    proptest! {
        #[test]
        fn the_order_in_which_things_stand_is_no_difference(seed in any::<u64>()) {
            let mut before = application();
            before.cells.push(Cell {
                key: "c3".to_owned(),
                destination: "XD".to_owned(),
                ..before.cells[0].clone()
            });
            before.uses.push(EndUse { key: "u2".to_owned(), ..EndUse::default() });
            before.meets = vec!["a".to_owned(), "b".to_owned()];
            for name in ["x", "y"] {
                let sha256 = name.repeat(64);
                before.documents.push(DocumentEntry { sha256, ..DocumentEntry::default() });
            }
            let mut after = before.clone();
            let turn = |length: usize, place: u32| (seed >> place) as usize % length;
            after.cells.rotate_left(turn(3, 0));
            after.parties.rotate_left(turn(3, 8));
            after.uses.rotate_left(turn(2, 16));
            after.meets.rotate_left(turn(2, 24));
            after.documents.rotate_left(turn(2, 32));
            for cell in &mut after.cells {
                cell.quantities.reverse();
            }
            prop_assert_eq!(difference(&before, &after), Vec::new());
        }
    }
}
