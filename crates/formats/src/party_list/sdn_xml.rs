//! `sdn.xml` of OFAC (and `consolidated.xml`, which has the same schema).
//!
//! Source: OFAC, data specification and schema `sdn.xsd`: `sdnList` holds `sdnEntry`, each with `uid`,
//! `firstName`, `lastName`, `sdnType`, `programList/program`, `idList/id` (`idType`, `idNumber`),
//! `akaList/aka` (`category` `strong` or `weak`), `addressList/address/country`, nationalities, citizenships,
//! `dateOfBirthList/dateOfBirthItem/dateOfBirth` and `vesselInfo`. `publshInformation/Record_Count` (its
//! spelling) says how many entries there are, so that a list that lost some is noticed.

use std::io::BufRead;

use screening::{NameStrength, PartyKind};

use super::fault::{Outcome, Place};
use super::gather::{Draft, Gather, Rows};
use super::words::{kind, scheme};
use super::xml::{Element, records};

pub(super) fn read(source: impl BufRead, gather: &mut Gather) {
    let mut said: Option<u64> = None;
    let mut found = 0;
    records(source, &["sdnEntry"], &["Record_Count"], gather, |gather, number, element| {
        if element.name == "Record_Count" {
            said = element.text.trim().parse().ok();
            return;
        }
        found = number;
        gather.take(Place::Record(number), entry(element), Rows::Whole);
    });
    if let Some(said) = said.filter(|said| *said != found && !gather.stopped) {
        let message = format!("the file says that it has {said} entries and has {found}");
        let accepted = "the whole file";
        gather.tell(
            Place::File,
            Outcome::Stopped,
            ("Record_Count", "record_count", message, accepted),
        );
    }
}

fn full_name(element: &Element) -> String {
    format!("{} {}", element.child("firstName"), element.child("lastName"))
}

fn entry(element: &Element) -> Draft {
    let listed = match kind(element.child("sdnType")) {
        PartyKind::Unknown => PartyKind::Organization,
        known => known,
    };
    let mut draft = Draft::new(element.child("uid"), listed);
    draft.name(&full_name(element), NameStrength::Primary);
    for aka in element.each("akaList", "aka") {
        let weak = aka.child("category").eq_ignore_ascii_case("weak");
        draft.name(&full_name(aka), if weak { NameStrength::Weak } else { NameStrength::Alias });
    }
    for programme in element.each("programList", "program") {
        draft.programme(&programme.text);
    }
    for address in element.each("addressList", "address") {
        draft.country(address.child("country"));
    }
    for (list, item) in [("nationalityList", "nationality"), ("citizenshipList", "citizenship")] {
        for entry in element.each(list, item) {
            draft.country(entry.child("country"));
        }
    }
    for item in element.each("dateOfBirthList", "dateOfBirthItem") {
        draft.date("dateOfBirth", item.child("dateOfBirth"));
    }
    for vessel in element.all("vesselInfo") {
        draft.country(vessel.child("vesselFlag"));
    }
    for id in element.each("idList", "id") {
        draft.number(scheme(id.child("idType")), id.child("idNumber"));
    }
    draft
}
