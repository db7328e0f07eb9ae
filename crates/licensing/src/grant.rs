//! The licence that a decision grants: a line for each approved cell, on the terms of the pack.
//!
//! A pure function of the decided case, the rules and the day; who records the decision issues the licence in
//! the same transaction. What stands on the licence is what was decided and signed: a later version of the
//! pack does not change it.
//!
//! INVARIANTS: a line for each cell that was approved and for no other; the quantities, conditions and days are
//! those of the signed draft; a line carries on that line of the earlier licence which stands for the same cell.

use base::Date;
use jiff::{Span, ToSpan};

use crate::application::{Application, Cell, PartyEntry};
use crate::case::{Case, CellDecision, Condition};
use crate::decide::Refusal;
use crate::licence::{
    Allowance, LINES_MAX, Licence, LicenceId, LicenceRefusal, LicensedGood, Line, PartyNamed,
    Scope, Terms, TestedEvent, Uses, valid_to,
};
use crate::quantity::{Quantity, Unit};
use crate::rules::{Rules, TypeKind, TypeRule, ValidityEvent};

/// How long a reservation holds where the pack does not say: no law does, and three days are the time between
/// a declaration and the departure of a ship.
const RESERVATION_HOURS: u32 = 72;
/// By how many parts of a million pieces × unit mass may differ from the net mass before that is marked, where
/// the pack does not say: a tenth.
const UNIT_MASS_TOLERANCE_PPM: u32 = 100_000;
const HOUR_SECONDS: u32 = 3_600;

/// A decided case, and what its licence is made of beside.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// The case, with its outcome.
    pub case: &'a Case,
    /// The rules of the pack in force.
    pub rules: &'a Rules,
    /// The pack with its version, as in `demo/3`.
    pub pack: &'a str,
    /// Name of the authority's zone (IANA).
    pub zone: &'a str,
    /// The day in that zone.
    pub today: Date,
    /// Number of the licence.
    pub number: &'a str,
    /// Its key.
    pub id: LicenceId,
    /// The licence of an earlier decision on the case, whose place it takes.
    pub before: Option<&'a Licence>,
}

/// The last day of a licence to which the pack sets no term, as of a registration that is good for one export
/// whenever that is.
#[must_use]
pub fn day_without_end() -> Date {
    Date::constant(9999, 12, 30)
}

impl Grant<'_> {
    /// The licence.
    ///
    /// # Errors
    /// What keeps the decision from being one.
    pub fn licence(&self) -> Result<Licence, Vec<Refusal>> {
        let application = &self.case.application;
        let kind = self.rules.licence_type(&application.licence_type);
        let mut lines = Vec::new();
        let mut refusals = Vec::new();
        for (cell, quantities, conditions) in approved(self.case) {
            match self.line(lines.len(), cell, quantities, conditions) {
                Ok(line) => lines.push(line),
                Err(refusal) => refusals.push(refusal),
            }
        }
        if lines.len() > LINES_MAX {
            let message = format!("{} cells are approved", lines.len());
            let accepted = "at most 200, which one can still check at a border";
            refusals.push(Refusal::new("licence_lines_many", "cells", message, accepted));
        }
        let days = self.days(kind);
        if let Err(refusal) = &days {
            refusals.push(refusal.clone());
        }
        let Ok((valid_from, valid_to)) = days else { return Err(refusals) };
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let registered = self.rules.registered_users.contains(&application.licence_type);
        let licence = Licence {
            id: self.id,
            number: self.number.to_owned(),
            pack: self.pack.to_owned(),
            holder: self.case.applicant.clone(),
            case: self.case.number.clone(),
            kind: application.licence_type.clone(),
            scope: if registered { Scope::Registered } else { Scope::Lines },
            terms: self.terms(kind),
            lines,
            valid_from,
            valid_to,
            supersedes: self.before.map(|before| before.number.clone()),
            taken_over: Vec::new(),
        };
        licence.check().map_err(|refusal| vec![refusal.into()])?;
        Ok(licence)
    }

    fn line(
        &self,
        place: usize,
        cell: &Cell,
        quantities: &[Quantity],
        conditions: &[Condition],
    ) -> Result<Line, Refusal> {
        let application: &Application = &self.case.application;
        let part = |name: &str, key: &str| {
            let message =
                format!("cell `{}` names the {name} `{key}`, which is not there", cell.key);
            let accepted = "a part of the application";
            Refusal::new("licence_faulty", format!("cells/{}", cell.key), message, accepted)
        };
        let good = application.good(&cell.good).ok_or_else(|| part("good", &cell.good))?;
        let party = |name: &str, key: &str| {
            application.party(key).map(named).ok_or_else(|| part(name, key))
        };
        let end_use = application.end_use(&cell.end_use);
        let end_use = end_use.ok_or_else(|| part("end use", &cell.end_use))?;
        // What the authority found; what the applicant says where it found nothing.
        let found = self.case.control_codes.get(&cell.good).filter(|codes| !codes.is_empty());
        let before = self.before.and_then(|before| {
            let same =
                before.lines.iter().find(|line| !line.cell.is_empty() && line.cell == cell.key);
            same.map(|line| line.number)
        });
        Ok(Line {
            number: u32::try_from(place + 1).unwrap_or(u32::MAX),
            cell: cell.key.clone(),
            good: LicensedGood {
                key: good.key.clone(),
                name: good.name.clone(),
                control_codes: found.unwrap_or(&good.control_codes).clone(),
                hs: good.hs.chars().filter(char::is_ascii_digit).collect(),
            },
            consignee: party("consignee", &cell.consignee)?,
            end_user: party("end user", &cell.end_user)?,
            end_use: end_use.code.clone(),
            destination: cell.destination.clone(),
            allowances: quantities.iter().map(|quantity| self.allowance(quantity)).collect(),
            conditions: conditions.to_vec(),
            unit_mass_mg: good.unit_mass_mg,
            continues: before,
        })
    }

    fn allowance(&self, quantity: &Quantity) -> Allowance {
        let kind = match &quantity.unit {
            Unit::NetMass => "net_mass",
            Unit::Content(_) => "content",
            Unit::Oxide(_) => "oxide",
            Unit::Pieces => "pieces",
            Unit::Value(_) => "value",
        };
        let rule = self.rules.tolerances.iter().find(|rule| rule.unit == kind);
        Allowance { quantity: quantity.clone(), tolerance_ppm: rule.map_or(0, |rule| rule.ppm) }
    }

    fn terms(&self, kind: Option<&TypeRule>) -> Terms {
        let single = kind.is_some_and(|kind| kind.lapses_when_completed);
        let hours = self.rules.reservation_hours.unwrap_or(RESERVATION_HOURS);
        Terms {
            uses: if single { Uses::Single } else { Uses::Many },
            tested: self.rules.validity_event.into(),
            max_exports: kind.and_then(|kind| kind.max_exports),
            reservation_seconds: hours.saturating_mul(HOUR_SECONDS),
            unit_mass_tolerance_ppm: self
                .rules
                .unit_mass_tolerance_ppm
                .unwrap_or(UNIT_MASS_TOLERANCE_PPM),
            zone: self.zone.to_owned(),
        }
    }

    /// First and last day. A day before that of the issue, which a late signature makes of the draft's, is
    /// none on which it could have been used.
    fn days(&self, kind: Option<&TypeRule>) -> Result<(Date, Date), Refusal> {
        let draft = self.case.draft.as_ref().map(|(draft, _, _)| draft);
        let from = draft.and_then(|draft| draft.valid_from).unwrap_or(self.today).max(self.today);
        let months = draft.and_then(|draft| draft.valid_months);
        let span = match (months, kind.and_then(|kind| kind.max_validity)) {
            (Some(months), _) => Some(months_span(months)),
            (None, Some(longest)) => Some(longest),
            (None, None) if kind.is_some_and(|kind| kind.kind == TypeKind::Registration) => None,
            (None, None) => {
                let message = "the rules set no term, and the draft names none";
                let accepted = "the months of validity";
                return Err(Refusal::new("draft_term_missing", "valid_months", message, accepted));
            }
        };
        let last = match span {
            Some(span) => valid_to(from, span),
            None => Some(day_without_end()),
        };
        let last = last.ok_or_else(|| {
            let message = format!("no calendar has the last day of a term from {from}");
            Refusal::new("draft_validity", "valid_months", message, "fewer months")
        })?;
        Ok((from, last))
    }
}

impl From<ValidityEvent> for TestedEvent {
    fn from(event: ValidityEvent) -> TestedEvent {
        match event {
            ValidityEvent::Declaration => TestedEvent::Declaration,
            ValidityEvent::Release => TestedEvent::Release,
            ValidityEvent::Departure => TestedEvent::Departure,
        }
    }
}

fn months_span(months: u32) -> Span {
    // More months than a calendar holds are refused by the calendar.
    i64::from(months.min(100_000)).months()
}

/// What is approved, in the order of the application.
fn approved(case: &Case) -> impl Iterator<Item = (&Cell, &[Quantity], &[Condition])> {
    let decisions = case.outcome.as_ref().map(|outcome| &outcome.cells);
    case.application.cells.iter().filter_map(move |cell| match decisions?.get(&cell.key)? {
        CellDecision::Approve { quantities, conditions } => {
            Some((cell, quantities.as_slice(), conditions.as_slice()))
        }
        CellDecision::Refuse { .. } | CellDecision::NoLicence { .. } => None,
    })
}

fn named(party: &PartyEntry) -> PartyNamed {
    PartyNamed {
        id: party.identifiers.first().cloned().unwrap_or_default(),
        name: party.name.clone(),
        address: party.address.clone(),
    }
}

impl From<LicenceRefusal> for Refusal {
    fn from(refusal: LicenceRefusal) -> Refusal {
        let (field, accepted) = match &refusal {
            LicenceRefusal::Faulty { field, accepted, .. } => (field.clone(), *accepted),
            LicenceRefusal::Standing { accepted, .. } => (String::new(), *accepted),
            LicenceRefusal::BelowUsed { used, .. } => {
                return Refusal::new(
                    refusal.code(),
                    "cells",
                    refusal.to_string(),
                    format!("at least {used}, or to revoke the earlier licence first"),
                );
            }
            LicenceRefusal::LineDropped { .. } => {
                ("cells".to_owned(), "to approve it again, or to revoke the earlier licence first")
            }
            _ => (String::new(), ""),
        };
        Refusal::new(refusal.code(), field, refusal.to_string(), accepted)
    }
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
