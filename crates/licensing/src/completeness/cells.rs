//! Cells: each names parts that are there, says how much in the units of the pack, and its figures agree.

use std::collections::BTreeSet;

use base::iso::country_known;

use super::{Search, goods, parties};
use crate::application::{Cell, PartyPart};
use crate::quantity::Unit;
use crate::rules::{CaseFacts, TypeRule};

/// A stated mass may differ from pieces times unit mass by so many percent before somebody asks.
const UNIT_MASS_PERCENT: i128 = 10;

impl Search<'_> {
    pub(super) fn cells(&mut self) {
        let application = self.application;
        if application.cells.is_empty() {
            self.note("cells_missing", "cells", "", "");
        }
        let mut seen = BTreeSet::new();
        for cell in &application.cells {
            let what = self.cell_name(cell);
            self.cell_parts(cell, &what);
            self.destination(cell, &what);
            self.quantities(cell, &what);
            self.figures(cell, &what);
            let parts =
                (&cell.good, &cell.consignee, &cell.end_user, &cell.end_use, &cell.destination);
            if !seen.insert(parts) {
                self.note("cell_repeated", &at(cell, ""), &what, "");
            }
        }
        if let Some(rule) = self.known.rules.licence_type(&application.licence_type) {
            self.limits(rule);
        }
    }

    /// A cell in words: the good and the end user.
    fn cell_name(&self, cell: &Cell) -> String {
        let good = self.application.good(&cell.good).map_or("?", goods::name);
        let end_user = self.application.party(&cell.end_user).map_or("?", parties::name);
        format!("{good} → {end_user}")
    }

    fn cell_parts(&mut self, cell: &Cell, what: &str) {
        let application = self.application;
        if application.good(&cell.good).is_none() {
            self.note("cell_good_unknown", &at(cell, "good"), what, &cell.good);
        }
        if application.end_use(&cell.end_use).is_none() {
            self.note("cell_end_use_unknown", &at(cell, "end_use"), what, &cell.end_use);
        }
        let sides = [
            ("cell_consignee_unknown", "consignee", &cell.consignee, PartyPart::Consignee),
            ("cell_end_user_unknown", "end_user", &cell.end_user, PartyPart::EndUser),
        ];
        for (code, field, key, part) in sides {
            match application.party(key) {
                None => self.note(code, &at(cell, field), what, key),
                Some(party) if !party.parts.contains(&part) => {
                    let name = parties::name(party);
                    self.note("cell_party_part", &at(cell, field), what, name);
                }
                Some(_) => {}
            }
        }
    }

    fn destination(&mut self, cell: &Cell, what: &str) {
        let (path, destination) = (at(cell, "destination"), cell.destination.as_str());
        if destination.is_empty() {
            self.note("destination_missing", &path, what, "");
            return;
        }
        if !country_known(destination) {
            self.note("destination_unknown", &path, what, destination);
            return;
        }
        let country = |key: &str| self.application.party(key).map_or("", |party| &party.country);
        let (consignee, end_user) = (country(&cell.consignee), country(&cell.end_user));
        let said = [consignee, end_user].into_iter().filter(|country| !country.is_empty());
        let said: Vec<&str> = said.collect();
        if !said.is_empty() && !said.contains(&destination) {
            let found = format!("{destination}, {}", said.join(", "));
            self.note("destination_differs", &path, what, &found);
        }
    }

    fn quantities(&mut self, cell: &Cell, what: &str) {
        let path = at(cell, "quantities");
        if cell.quantities.is_empty() {
            self.note("quantity_missing", &path, what, "");
            return;
        }
        let mut seen = BTreeSet::new();
        for quantity in &cell.quantities {
            let unit = quantity.unit.to_string();
            if quantity.amount <= 0 || quantity.amount > crate::quantity::AMOUNT_MAX {
                self.note("quantity_invalid", &path, what, &quantity.to_string());
            }
            if !seen.insert(unit.clone()) {
                self.note("quantity_repeated", &path, what, &unit);
            }
        }
        let good = self.application.good(&cell.good);
        let facts = CaseFacts {
            licence_type: &self.application.licence_type,
            destinations: vec![&cell.destination],
            control_codes: good
                .map_or(Vec::new(), |good| good.control_codes.iter().map(String::as_str).collect()),
            uses: self
                .application
                .end_use(&cell.end_use)
                .map_or(Vec::new(), |end_use| vec![end_use.code.as_str()]),
            net_mass_mg: amount(cell, &Unit::NetMass).unwrap_or(0),
            ..CaseFacts::default()
        };
        for rule in self.known.rules.units.iter().filter(|rule| rule.when.fits(&facts)) {
            let has = |unit: &Unit| {
                let code = unit.to_string();
                code == rule.unit || code.split(':').next() == Some(rule.unit.as_str())
            };
            if !cell.quantities.iter().any(|quantity| has(&quantity.unit)) {
                self.note_ruled("quantity_unit_missing", &path, what, &rule.unit, &rule.citation);
            }
        }
    }

    /// Whether pieces, masses and contents of a cell agree with each other.
    fn figures(&mut self, cell: &Cell, what: &str) {
        let path = at(cell, "quantities");
        let Some(net) = amount(cell, &Unit::NetMass).map(i128::from).filter(|net| *net > 0) else {
            return;
        };
        let unit_mass = self.application.good(&cell.good).and_then(|good| good.unit_mass_mg);
        if let (Some(pieces), Some(unit_mass)) = (amount(cell, &Unit::Pieces), unit_mass) {
            let worked_out = i128::from(pieces) * i128::from(unit_mass);
            if (worked_out - net).abs() * 100 > net * UNIT_MASS_PERCENT {
                let found = format!("{} kg, {} kg", kilograms(worked_out), kilograms(net));
                self.note("unit_mass_differs", &path, what, &found);
            }
        }
        let contents = cell.quantities.iter().filter(|q| matches!(q.unit, Unit::Content(_)));
        let content: i128 = contents.map(|quantity| i128::from(quantity.amount)).sum();
        if content > net {
            let found = format!("{} kg, {} kg", kilograms(content), kilograms(net));
            self.note("content_exceeds_mass", &path, what, &found);
        }
    }

    /// What a kind of licence allows.
    fn limits(&mut self, rule: &TypeRule) {
        let cells = &self.application.cells;
        let end_users: BTreeSet<&str> = cells.iter().map(|cell| cell.end_user.as_str()).collect();
        if rule.max_end_users.is_some_and(|most| end_users.len() > most as usize) {
            let found = format!(
                "{}, {}",
                end_users.len(),
                rule.max_end_users.map_or(String::new(), |most| most.to_string())
            );
            self.note("end_users_too_many", "cells", "", &found);
        }
        // One export goes to one consignee in one country; its goods may be several.
        let ways: BTreeSet<(&str, &str)> =
            cells.iter().map(|cell| (cell.consignee.as_str(), cell.destination.as_str())).collect();
        if rule.max_exports == Some(1) && ways.len() > 1 {
            self.note("cells_one_export", "cells", "", &ways.len().to_string());
        }
    }
}

fn at(cell: &Cell, field: &str) -> String {
    super::path("cells", &cell.key, field)
}

fn amount(cell: &Cell, unit: &Unit) -> Option<i64> {
    cell.quantity(unit).map(|quantity| quantity.amount)
}

fn kilograms(mass_mg: i128) -> String {
    let value = i64::try_from(mass_mg).unwrap_or(i64::MAX);
    base::decimal::Scaled { value, scale: 6 }.to_string()
}
