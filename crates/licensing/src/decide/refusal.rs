//! Why a command is not done, and in which order the reasons stand.
//!
//! Precedence: what a caller may not see does not exist for it (`not_found`, alone); what its part in a
//! case does not allow is refused before anything of the case is told (`not_allowed`, alone); a case at an
//! end says so (`already_decided`, `case_ended`, alone); who does not work a case hears that (`not_assigned`,
//! alone). What is left is told all at once, in the order of [`CODES`].

use serde::Serialize;

/// The codes, in the order in which refusals stand.
pub const CODES: &[&str] = &[
    "not_found",
    "not_allowed",
    "already_decided",
    "case_ended",
    "not_ended",
    "not_assigned",
    "not_supervisor",
    "conflict_not_yours",
    "conflict_unreferred",
    "appeal_same_person",
    "followed_unknown",
    "signer_inactive",
    "signer_grade",
    "signer_is_author",
    "signer_signed_before",
    "signatures_complete",
    "draft_missing",
    "draft_changed",
    "already_accepted",
    "not_accepted",
    "registration_no_merits",
    "not_registration",
    "registration_barred",
    "officer_unknown",
    "assigned_to_other",
    "licence_type_unknown",
    "licence_type_none",
    "party_missing",
    "cells_missing",
    "key_duplicate",
    "key_empty",
    "cell_dangling",
    "cell_part_wrong",
    "cell_duplicate",
    "destination_missing",
    "quantity_missing",
    "quantity_zero",
    "quantity_unit_duplicate",
    "certificate_dangling",
    "inventory_dangling",
    "follows_wrong",
    "text_missing",
    "reason_missing",
    "reason_unknown",
    "cell_unknown",
    "good_unknown",
    "asked_already",
    "question_unknown",
    "already_answered",
    "step_open",
    "step_unknown",
    "party_unknown",
    "watch_listed_already",
    "agency_unknown",
    "agency_asked_already",
    "agency_replied_already",
    "agency_not_silent",
    "advice_missing",
    "condition_unknown",
    "condition_duplicate",
    "condition_neutral",
    "phrase_unknown",
    "override_nothing",
    "draft_cell_missing",
    "draft_cell_unknown",
    "party_prohibited",
    "draft_unit",
    "draft_quantity",
    "draft_condition_missing",
    "draft_condition_forged",
    "draft_validity",
    "agency_not_asked",
    "agency_pending",
    "agency_outdated",
    "questions_open",
    "steps_open",
    "amendment_open",
    "amendment_nothing",
    "amendment_key",
    "amendment_licence_type",
    "amendment_none",
    "amendment_accepted_already",
    "amendment_not_accepted",
    "signatures_missing",
    "licences_wrong",
    "draft_term_missing",
    "licence_lines_many",
    "licence_line_dropped",
    "licence_below_used",
    "licence_faulty",
    "licence_standing",
    "licence_before_issue",
    "licence_not_general",
    "licence_country_outside",
    "appeal_grounds_missing",
    "appeal_none",
    "appeal_nothing_refused",
    "appeal_late",
    "appealed_already",
];

/// Why a command is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Stable code: one of [`CODES`].
    pub code: &'static str,
    /// What of the command it is about, such as `cells/c1/quantities`; empty where the whole.
    pub field: String,
    /// What was found, the caller's words in backticks.
    pub message: String,
    /// Citation of the rule; empty where it is no rule of law.
    pub rule: String,
    /// What would be accepted.
    pub accepted: String,
}

impl Refusal {
    /// A refusal that cites no rule.
    pub(crate) fn new(
        code: &'static str,
        field: impl Into<String>,
        message: impl Into<String>,
        accepted: impl Into<String>,
    ) -> Refusal {
        debug_assert!(CODES.contains(&code), "`{code}` has no place in the order of refusals");
        Refusal {
            code,
            field: field.into(),
            message: message.into(),
            rule: String::new(),
            accepted: accepted.into(),
        }
    }

    /// The same, with the rule that says so.
    pub(crate) fn citing(mut self, rule: &str) -> Refusal {
        rule.clone_into(&mut self.rule);
        self
    }

    /// The answer to whoever may not know that there is such a case.
    pub(crate) fn not_found() -> Refusal {
        Refusal::new("not_found", "", "there is no such case", "the number of a case of yours")
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        if !self.accepted.is_empty() {
            write!(f, "; {}", self.accepted)?;
        }
        if self.rule.is_empty() { Ok(()) } else { write!(f, " ({})", self.rule) }
    }
}

/// Refusals as they are found.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Vec<Refusal>);

impl Refusals {
    pub(crate) fn add(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    /// A text that must say something.
    pub(crate) fn text(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() {
            let message = format!("`{field}` says nothing");
            self.add(Refusal::new("text_missing", field, message, "a text"));
        }
    }

    /// Reasons that must say something.
    pub(crate) fn reason(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() {
            let message = "the reason is missing";
            self.add(Refusal::new("reason_missing", field, message, "the reason, in words"));
        }
    }

    /// What is to be done where nothing was refused, else all refusals in their order, each once.
    pub(crate) fn or<T>(mut self, done: T) -> Result<T, Vec<Refusal>> {
        if self.0.is_empty() {
            return Ok(done);
        }
        let place = |code: &str| CODES.iter().position(|known| *known == code);
        self.0.sort_by(|a, b| {
            (place(a.code), &a.field, &a.message).cmp(&(place(b.code), &b.field, &b.message))
        });
        self.0.dedup();
        Err(self.0)
    }
}
