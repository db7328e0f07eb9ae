//! Documents, certificates of end users, and what is in stock.

use std::collections::BTreeSet;

use super::{DocumentState, Search, blank, parties};
use crate::application::Key;
use crate::rules::DocumentRule;

impl Search<'_> {
    pub(super) fn documents(&mut self) {
        let (application, known) = (self.application, self.known);
        let rule = known.rules.licence_type(&application.licence_type);
        let wanted = rule.map_or(&[][..], |rule| &rule.documents);
        let watch_listed = !known.watch_listed.is_empty();
        for document in wanted {
            let given = application.documents.iter().any(|d| d.number == document.number);
            // What the end user certifies has a part of its own where the pack asks for it.
            let certified = certificate_is(document) && !known.rules.certificate.asks.is_empty();
            let needless = certified || form_is(document);
            if given || needless || document.only_watch_listed && !watch_listed {
                continue;
            }
            let code = if document.only_practice { "document_advised" } else { "document_missing" };
            let (name, number) = (&document.name, &document.number);
            self.note_ruled(code, "documents", name, number, &document.citation);
        }
        for (place, document) in application.documents.iter().enumerate() {
            let path = format!("documents/{place}");
            let name = document.name.as_str();
            let listed = wanted.iter().any(|rule| rule.number == document.number);
            if rule.is_some() && !document.number.is_empty() && !listed {
                self.note("document_number_unknown", &path, name, &document.number);
            }
            match known.documents.get(&document.sha256) {
                None => self.note("document_absent", &path, name, &document.sha256),
                Some(DocumentState::Unscanned) => {
                    self.note("document_unscanned", &path, name, "");
                }
                Some(DocumentState::Infected) => {
                    self.note("document_infected", &path, name, "");
                }
                Some(DocumentState::Clean) => {}
            }
        }
    }

    pub(super) fn certificates(&mut self) {
        let (application, known) = (self.application, self.known);
        if known.rules.certificate.asks.is_empty() {
            return;
        }
        let citation = known.rules.certificate.citation.as_str();
        let end_users: BTreeSet<&Key> =
            application.cells.iter().map(|cell| &cell.end_user).collect();
        let named = end_users.into_iter().filter_map(|key| application.party(key));
        for end_user in named.collect::<Vec<_>>() {
            let who = parties::name(end_user);
            let path = format!("certificates/{}", end_user.key);
            let mut entries =
                application.certificates.iter().filter(|entry| entry.end_user == end_user.key);
            let Some(entry) = entries.next_back() else {
                self.note_ruled("certificate_missing", &path, who, "", citation);
                continue;
            };
            let Some(certificate) = known.certificates.get(&entry.id) else {
                self.note_ruled("certificate_unusable", &path, who, "unknown", citation);
                continue;
            };
            if !certificate.unusable.is_empty() {
                let why = certificate.unusable.as_str();
                self.note_ruled("certificate_unusable", &path, who, why, citation);
            }
            if certificate.valid_until.is_some_and(|last| last < known.today) {
                self.note_ruled("certificate_unusable", &path, who, "expired", citation);
            }
            for covered in &certificate.covers {
                let cells = application.cells.iter().filter(|c| c.end_user == end_user.key);
                let asked = cells.filter_map(|cell| cell.quantity(&covered.unit));
                let asked: i128 = asked.map(|quantity| i128::from(quantity.amount)).sum();
                if asked > i128::from(covered.amount) {
                    let found = covered.to_string();
                    self.note_ruled("certificate_quantity", &path, who, &found, citation);
                }
            }
        }
    }

    pub(super) fn stock(&mut self) {
        let application = self.application;
        if application.inventory.is_empty() {
            self.note("stock_missing", "inventory", "", "");
        }
        for (place, stock) in application.inventory.iter().enumerate() {
            let at = |field: &str| format!("inventory/{place}/{field}");
            match application.party(&stock.end_user) {
                None => {
                    self.note("stock_end_user_unknown", &at("end_user"), "", &stock.end_user);
                }
                Some(party) if blank(&stock.stops) => {
                    self.note("stock_stops_missing", &at("stops"), parties::name(party), "");
                }
                Some(_) => {}
            }
        }
    }
}

/// Whether a document of the pack is the certificate of an end user, which is a part of its own.
#[must_use]
pub fn certificate_is(document: &DocumentRule) -> bool {
    document.provided_by == "end user" && document.name.starts_with("end-use")
}

/// Whether a document of the pack is the form that the application itself is.
#[must_use]
pub fn form_is(document: &DocumentRule) -> bool {
    document.name.contains("application form")
}
