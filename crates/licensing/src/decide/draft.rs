//! The draft of a decision: every cell once, at most what is asked for, every agency's condition word for
//! word, reasons for what is refused; and the conflict that goes to one named person.

use std::collections::BTreeSet;

use super::refusal::{Refusal, Refusals};
use super::{Answer, Asked};
use crate::advice::{Consolidated, consolidate};
use crate::application::Cell;
use crate::case::{Case, CellDecision, Condition, Draft, Event, Given, Override, Position};
use crate::quantity::Quantity;
use crate::rules::TypeKind;

impl Asked<'_> {
    pub(super) fn draft(&self, draft: &Draft) -> Answer {
        let mut refusals = Refusals::default();
        self.under_review(&mut refusals);
        let author = [self.by.account, self.by.acting_for];
        self.not_of_first_decision(&author, &mut refusals);
        self.draft_check(draft, &author, &mut refusals);
        refusals.or(vec![Event::Drafted { draft: draft.clone() }])
    }

    /// Everything that a draft must hold, whoever wrote it and whenever it is looked at.
    pub(super) fn draft_check(&self, draft: &Draft, authors: &[&str], refusals: &mut Refusals) {
        self.conflict_check(draft, authors, refusals);
        self.validity_check(draft, refusals);
        let application = &self.case.application;
        for key in draft.cells.keys().filter(|key| application.cell(key).is_none()) {
            let message = format!("the case has no cell `{key}`");
            let field = format!("cells/{key}");
            refusals.add(Refusal::new("draft_cell_unknown", field, message, "the case's cells"));
        }
        for cell in &application.cells {
            match draft.cells.get(&cell.key) {
                None => {
                    let message = format!("the draft says nothing of cell `{}`", cell.key);
                    let field = format!("cells/{}", cell.key);
                    let accepted = "an outcome for each cell";
                    refusals.add(Refusal::new("draft_cell_missing", field, message, accepted));
                }
                Some(decision) => self.decision_check(cell, decision, refusals),
            }
        }
    }

    fn decision_check(&self, cell: &Cell, decision: &CellDecision, refusals: &mut Refusals) {
        let field = format!("cells/{}", cell.key);
        match decision {
            CellDecision::Approve { quantities, conditions } => {
                self.prohibited_check(cell, refusals);
                quantities_check(cell, quantities, refusals);
                self.conditions_check(cell, conditions, refusals);
            }
            CellDecision::Refuse { reasons, text } => {
                refusals.text(&format!("{field}/text"), text);
                self.reasons_check(&format!("{field}/reasons"), reasons, refusals);
            }
            CellDecision::NoLicence { text } => refusals.text(&format!("{field}/text"), text),
        }
    }

    /// Nothing is approved to a party to which exports are forbidden, nor for one.
    fn prohibited_check(&self, cell: &Cell, refusals: &mut Refusals) {
        let parties = [&cell.consignee, &cell.end_user, &self.case.applicant];
        if let Some(party) = parties.into_iter().find(|key| self.context.prohibited.contains(key)) {
            let message = format!("`{party}` is on a list to whose parties exports are forbidden");
            let accepted = "a refusal of the cell, or the hit decided anew";
            let field = format!("cells/{}", cell.key);
            refusals.add(Refusal::new("party_prohibited", field, message, accepted));
        }
    }

    /// Reasons are those of the pack; a pack that lists none leaves them to the words.
    pub(super) fn reasons_check(&self, field: &str, reasons: &[String], refusals: &mut Refusals) {
        let known: Vec<&str> = self.context.rules.reasons.iter().map(|r| r.id.as_str()).collect();
        let accepted = format!("one or more of {}", known.join(", "));
        if reasons.is_empty() && !known.is_empty() {
            let message = "the reason is missing";
            refusals.add(Refusal::new("reason_missing", field, message, accepted.clone()));
        }
        for reason in reasons.iter().filter(|reason| !known.contains(&reason.as_str())) {
            let message = format!("`{reason}` is no reason of these rules");
            refusals.add(Refusal::new("reason_unknown", field, message, accepted.clone()));
        }
    }

    fn validity_check(&self, draft: &Draft, refusals: &mut Refusals) {
        let licence_type = self.context.rules.licence_type(&self.case.application.licence_type);
        let most = licence_type.and_then(|kind| kind.max_validity).map(|span| {
            u32::from(span.get_years().unsigned_abs()) * 12 + span.get_months().unsigned_abs()
        });
        let Some(months) = draft.valid_months else {
            let registration = licence_type.is_some_and(|t| t.kind == TypeKind::Registration);
            if most.is_none() && !registration && draft.approves() {
                let message = "the rules set no term, and the draft names none";
                let accepted = "the months of validity";
                refusals.add(Refusal::new("draft_term_missing", "valid_months", message, accepted));
            }
            return;
        };
        if months == 0 || most.is_some_and(|most| most > 0 && months > most) {
            let message = format!("`{months}` months of validity are not what this kind allows");
            let accepted = most.map_or("at least 1".to_owned(), |most| format!("1 to {most}"));
            refusals.add(Refusal::new("draft_validity", "valid_months", message, accepted));
        }
    }

    fn conditions_check(&self, cell: &Cell, conditions: &[Condition], refusals: &mut Refusals) {
        let field = format!("cells/{}/conditions", cell.key);
        let mut seen = BTreeSet::new();
        for condition in conditions {
            refusals.text(&field, &condition.text);
            self.phrase_known(&field, condition, refusals);
            if condition.id.is_empty() || !seen.insert(&condition.id) {
                let message = format!("the id `{}` stands twice, or is none", condition.id);
                refusals.add(Refusal::new("condition_duplicate", &field, message, "each once"));
            }
            if !condition.agency.is_empty() && !self.is_set(cell, condition) {
                let message = format!(
                    "`{}` did not set condition `{}` in these words",
                    condition.agency, condition.id
                );
                let accepted = "its own words, or the authority's condition without its name";
                refusals.add(Refusal::new("draft_condition_forged", &field, message, accepted));
            }
        }
        for (wanted, agency) in self.conditions_due(cell) {
            if !conditions.contains(&wanted) {
                let message =
                    format!("condition `{}` of `{agency}` is missing or reworded", wanted.id);
                let accepted = format!("`{}`, or a recorded override", wanted.text);
                refusals.add(Refusal::new("draft_condition_missing", &field, message, accepted));
            }
        }
    }

    /// Whether an agency's condition stands in its latest advice, or an override worded it so.
    fn is_set(&self, cell: &Cell, condition: &Condition) -> bool {
        let part = self.case.agencies.get(&condition.agency);
        let given = part.and_then(|part| part.advice.get(&cell.key));
        let original = given.is_some_and(|given| given.advice.conditions.contains(condition));
        original || self.conditions_due(cell).iter().any(|(due, _)| due == condition)
    }

    pub(super) fn conditions_due(&self, cell: &Cell) -> Vec<(Condition, &str)> {
        conditions_due(self.case, &cell.key)
    }

    pub(super) fn condition_override(
        &self,
        (agency, cell, id): (&str, &str, &str),
        text: Option<&str>,
        reason: &str,
    ) -> Answer {
        let mut refusals = Refusals::default();
        refusals.reason("reason", reason);
        self.under_review(&mut refusals);
        self.not_of_first_decision(&[self.by.account, self.by.acting_for], &mut refusals);
        let part = self.case.agencies.get(agency);
        let given = part.and_then(|part| part.advice.get(cell));
        let found = given.and_then(|given| given.advice.conditions.iter().find(|c| c.id == id));
        match (found, text) {
            (None, _) => {
                let message = format!("`{agency}` set no condition `{id}` on cell `{cell}`");
                let accepted = "a condition of an agency's latest advice on the cell";
                refusals.add(Refusal::new("condition_unknown", "condition", message, accepted));
            }
            (Some(condition), Some(text)) if condition.text == text => {
                let message = "these are the agency's own words";
                refusals.add(Refusal::new("override_nothing", "text", message, "other words"));
            }
            (Some(_), Some(text)) => refusals.text("text", text),
            (Some(_), None) => {}
        }
        refusals.or(vec![Event::ConditionOverridden {
            agency: agency.to_owned(),
            cell: cell.to_owned(),
            condition: id.to_owned(),
            text: text.map(str::to_owned),
            reason: reason.to_owned(),
        }])
    }

    pub(super) fn conflict_refer(&self, to: &str) -> Answer {
        let mut refusals = Refusals::default();
        self.under_review(&mut refusals);
        if !self.officers().any(|account| account == to) {
            let message = format!("`{to}` is no officer in service");
            let accepted = "the key of an active officer or supervisor";
            refusals.add(Refusal::new("officer_unknown", "to", message, accepted));
        }
        self.not_of_first_decision(&[to], &mut refusals);
        refusals.or(vec![Event::ConflictReferred { to: to.to_owned() }])
    }

    /// Where agencies differ, or the draft goes against one, the named person alone drafts and decides.
    pub(super) fn conflict_check(&self, draft: &Draft, authors: &[&str], refusals: &mut Refusals) {
        let cells = conflicts(self.case, Some(draft));
        if cells.is_empty() {
            return;
        }
        let named = &self.case.conflict_to;
        let list = cells.join(", ");
        if named.is_empty() {
            let message = format!("agencies are not of one mind, or are overruled, on cell {list}");
            let accepted = "to refer the conflict to a named person first";
            refusals.add(Refusal::new("conflict_unreferred", "cells", message, accepted));
        } else if !authors.contains(&named.as_str()) {
            let message = format!("the conflict on cell {list} is another person's to decide");
            let accepted = "the person to whom it was referred";
            refusals.add(Refusal::new("conflict_not_yours", "cells", message, accepted));
        }
    }
}

/// The conditions that an approval of a cell must hold, in the words that they must have, with the agency
/// whose they are.
#[must_use]
pub fn conditions_due<'c>(case: &'c Case, cell: &str) -> Vec<(Condition, &'c str)> {
    let mut due = Vec::new();
    for (agency, part) in &case.agencies {
        let Some(given) = part.advice.get(cell) else { continue };
        for condition in &given.advice.conditions {
            let mut condition = condition.clone();
            match override_of(case, agency, cell, given, &condition.id) {
                Some(Override { text: None, .. }) => continue,
                Some(Override { text: Some(text), .. }) => condition.text.clone_from(text),
                None => {}
            }
            due.push((condition, agency.as_str()));
        }
    }
    due
}

fn quantities_check(cell: &Cell, quantities: &[Quantity], refusals: &mut Refusals) {
    let field = format!("cells/{}/quantities", cell.key);
    let mut seen = BTreeSet::new();
    for quantity in quantities {
        if !seen.insert(&quantity.unit) {
            let message = format!("`{}` stands twice", quantity.unit);
            let accepted = "one quantity of each unit";
            refusals.add(Refusal::new("quantity_unit_duplicate", &field, message, accepted));
        }
        match cell.quantity(&quantity.unit) {
            None => {
                let message = format!("`{}` is not asked for in this cell", quantity.unit);
                let accepted = "the units of the application";
                refusals.add(Refusal::new("draft_unit", &field, message, accepted));
            }
            Some(asked) if quantity.amount > asked.amount || quantity.amount <= 0 => {
                let message = format!("`{quantity}` is not within what is asked for");
                let accepted = format!("above 0, at most {asked}");
                refusals.add(Refusal::new("draft_quantity", &field, message, accepted));
            }
            Some(_) => {}
        }
    }
    for asked in cell.quantities.iter().filter(|asked| !seen.contains(&asked.unit)) {
        let message = format!("the draft says nothing of `{}`", asked.unit);
        let accepted = format!("at most {asked}");
        refusals.add(Refusal::new("draft_unit", &field, message, accepted));
    }
}

/// The override that holds against a condition: the latest, if it is no older than the advice.
fn override_of<'a>(
    case: &'a Case,
    agency: &str,
    cell: &str,
    given: &Given,
    condition: &str,
) -> Option<&'a Override> {
    let against =
        case.overrides.iter().rev().find(|entry| {
            entry.agency == agency && entry.cell == cell && entry.condition == condition
        });
    against.filter(|entry| entry.at_us >= given.at_us)
}

/// The cells on which agencies differ, or that a draft decides against one of them.
#[must_use]
pub fn conflicts<'a>(case: &'a Case, draft: Option<&Draft>) -> Vec<&'a str> {
    let mut cells = Vec::new();
    for cell in &case.application.cells {
        let differ = matches!(consolidate(case, &cell.key), Consolidated::Conflict { .. });
        let decision = draft.and_then(|draft| draft.cells.get(&cell.key));
        if differ || decision.is_some_and(|decision| against(case, &cell.key, decision)) {
            cells.push(cell.key.as_str());
        }
    }
    cells
}

/// Whether a decision lets out what an agency wants refused.
fn against(case: &Case, cell: &str, decision: &CellDecision) -> bool {
    let refused = |given: &&Given| given.advice.position == Position::Refuse;
    let lets_out = !matches!(decision, CellDecision::Refuse { .. });
    let mut given = case.agencies.values().filter_map(|part| part.advice.get(cell));
    lets_out && given.any(|given| refused(&given))
}

/// Whether the draft decides against an agency.
pub(super) fn overrules(case: &Case) -> bool {
    let cells = case.draft.iter().flat_map(|(draft, _, _)| &draft.cells);
    cells.into_iter().any(|(key, decision)| against(case, key, decision))
}

/// Whether the draft refuses something.
pub(super) fn refuses(case: &Case) -> bool {
    let cells = case.draft.iter().flat_map(|(draft, _, _)| draft.cells.values());
    cells.into_iter().any(|decision| matches!(decision, CellDecision::Refuse { .. }))
}
