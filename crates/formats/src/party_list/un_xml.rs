//! The consolidated list of the Security Council of the United Nations as XML.
//!
//! Source: United Nations, "Consolidated list: XML schema" (un.org/securitycouncil/content/un-sc-consolidated-list):
//! `CONSOLIDATED_LIST` holds `INDIVIDUAL` and `ENTITY`, each with `DATAID`, `FIRST_NAME` to `FOURTH_NAME`,
//! `NAME_ORIGINAL_SCRIPT`, `UN_LIST_TYPE`, aliases with `QUALITY` (`Good`, `Low`, `a.k.a.`, `f.k.a.`),
//! nationalities, addresses, dates of birth (a date, a year or a span of years) and documents.

use std::io::BufRead;

use screening::{NameStrength, PartyKind};

use super::fault::Place;
use super::gather::{Draft, Gather, Rows};
use super::words::scheme;
use super::xml::{Element, records};

pub(super) fn read(source: impl BufRead, gather: &mut Gather) {
    records(source, &["INDIVIDUAL", "ENTITY"], &[], gather, |gather, number, element| {
        gather.take(Place::Record(number), entry(element), Rows::Whole);
    });
}

fn entry(element: &Element) -> Draft {
    let (kind, alias, address) = if element.name == "INDIVIDUAL" {
        (PartyKind::Person, "INDIVIDUAL_ALIAS", "INDIVIDUAL_ADDRESS")
    } else {
        (PartyKind::Organization, "ENTITY_ALIAS", "ENTITY_ADDRESS")
    };
    let mut draft = Draft::new(element.child("DATAID"), kind);
    let parts = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];
    draft.name(&parts.map(|part| element.child(part)).join(" "), NameStrength::Primary);
    draft.name(element.child("NAME_ORIGINAL_SCRIPT"), NameStrength::Alias);
    for alias in element.all(alias) {
        let low = alias.child("QUALITY").eq_ignore_ascii_case("low");
        let strength = if low { NameStrength::Weak } else { NameStrength::Alias };
        for name in alias.child("ALIAS_NAME").split(';') {
            draft.name(name, strength);
        }
    }
    for nationality in element.each("NATIONALITY", "VALUE") {
        draft.country(&nationality.text);
    }
    for address in element.all(address) {
        draft.country(address.child("COUNTRY"));
    }
    for date in element.all("INDIVIDUAL_DATE_OF_BIRTH") {
        let (from, to) = (date.child("FROM_YEAR"), date.child("TO_YEAR"));
        if !from.is_empty() && !to.is_empty() {
            draft.date("FROM_YEAR", &format!("{from} to {to}"));
            continue;
        }
        let said = [date.child("YEAR"), date.child("DATE"), from, to];
        let said = said.into_iter().find(|text| !text.is_empty());
        draft.date("DATE", said.unwrap_or_default());
    }
    for document in element.all("INDIVIDUAL_DOCUMENT") {
        draft.number(scheme(document.child("TYPE_OF_DOCUMENT")), document.child("NUMBER"));
    }
    draft.programme(element.child("UN_LIST_TYPE"));
    draft
}
