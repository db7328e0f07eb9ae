//! Parties and uses: who they are, where, and what for.

use base::Common;
use base::iso::country_known;

use super::{Search, blank};
use crate::application::{EndUse, PartyEntry, PartyPart};

impl Search<'_> {
    pub(super) fn parties(&mut self) {
        let application = self.application;
        let part =
            |part: PartyPart| application.parties.iter().any(|party| party.parts.contains(&part));
        if !part(PartyPart::Consignee) {
            self.note("consignee_missing", "parties", "", "");
        }
        if !part(PartyPart::EndUser) {
            self.note("end_user_missing", "parties", "", "");
        }
        for party in &application.parties {
            self.party(party);
        }
    }

    fn party(&mut self, party: &PartyEntry) {
        let who = name(party);
        if blank(&party.name) {
            self.note("party_name_missing", &at(party, "name"), who, "");
        }
        if party.parts.is_empty() {
            self.note("party_part_missing", &at(party, "parts"), who, "");
        }
        if party.country.is_empty() {
            self.note("party_country_missing", &at(party, "country"), who, "");
        } else if !country_known(&party.country) {
            self.note("party_country_unknown", &at(party, "country"), who, &party.country);
        }
        if blank(&party.address) {
            self.note("party_address_missing", &at(party, "address"), who, "");
        }
        if party.identifiers.is_empty() {
            self.note("party_identifier_missing", &at(party, "identifiers"), who, "");
        }
        let formed = |identifier: &String| {
            identifier.split_once(':').is_some_and(|(scheme, value)| {
                !scheme.is_empty()
                    && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                    && !blank(value)
            })
        };
        for identifier in party.identifiers.iter().filter(|identifier| !formed(identifier)) {
            self.note("party_identifier_form", &at(party, "identifiers"), who, identifier);
        }
        if self.known.watch_listed.contains(&party.key) {
            self.note("party_watch_listed", &at(party, "name"), who, "");
        }
        let cells = &self.application.cells;
        let used =
            cells.iter().any(|cell| cell.consignee == party.key || cell.end_user == party.key);
        let decided = party.parts.iter().any(|part| *part != PartyPart::Intermediate);
        if decided && !used && !cells.is_empty() {
            self.note("party_unused", &at(party, ""), who, "");
        }
    }

    pub(super) fn uses(&mut self) {
        let application = self.application;
        if application.uses.is_empty() {
            self.note("uses_missing", "uses", "", "");
        }
        for end_use in &application.uses {
            let what = use_name(end_use);
            let at = |field: &str| super::path("uses", &end_use.key, field);
            if end_use.code.is_empty() {
                self.note("use_missing", &at("code"), what, "");
            } else if Common::embedded().end_use(&end_use.code).is_none() {
                self.note("use_unknown", &at("code"), what, &end_use.code);
            }
            if blank(&end_use.text) {
                self.note("use_text_missing", &at("text"), what, "");
            }
            let used = application.cells.iter().any(|cell| cell.end_use == end_use.key);
            if !used && !application.cells.is_empty() {
                self.note("use_unused", &at(""), what, "");
            }
        }
    }
}

fn at(party: &PartyEntry, field: &str) -> String {
    super::path("parties", &party.key, field)
}

/// A party as the applicant names it.
pub(super) fn name(party: &PartyEntry) -> &str {
    match (blank(&party.name), blank(&party.local_name)) {
        (false, _) => &party.name,
        (true, false) => &party.local_name,
        (true, true) => &party.key,
    }
}

fn use_name(end_use: &EndUse) -> &str {
    if end_use.code.is_empty() { &end_use.key } else { &end_use.code }
}
