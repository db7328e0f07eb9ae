//! Other ends of a case, and what comes after the end: registration by rule, return, lapse, reopening,
//! appeal.

use base::Timestamp;
use base::authorisation::Role;
use jiff::civil::Date;

use super::refusal::{Refusal, Refusals};
use super::sign::licences_fit;
use super::{Answer, Asked};
use crate::case::{CaseState, CellDecision, Draft, Event, Outcome};
use crate::rules::TypeKind;

impl Asked<'_> {
    /// A complete registration is granted by the rule; nobody weighs it.
    pub(super) fn register(&self, findings: &[String], licences: &[String]) -> Answer {
        let mut refusals = Refusals::default();
        let application = &self.case.application;
        let licence_type = self.context.rules.licence_type(&application.licence_type);
        match licence_type.filter(|kind| kind.kind == TypeKind::Registration) {
            Some(kind) => self.registration_barred(kind, &mut refusals),
            None => {
                let message = format!("`{}` is no registration", application.licence_type);
                let accepted = "a decision by an officer";
                refusals.add(Refusal::new("not_registration", "", message, accepted));
            }
        }
        if self.case.state != CaseState::Received {
            let message = "the application is under review";
            refusals.add(Refusal::new("already_accepted", "", message, "an officer's decision"));
        }
        self.questions_open(&mut refusals);
        licences_fit(true, licences, &mut refusals);
        let approve = application.cells.iter().map(|cell| {
            let quantities = cell.quantities.clone();
            (cell.key.clone(), CellDecision::Approve { quantities, conditions: Vec::new() })
        });
        let draft = Draft {
            cells: approve.collect(),
            valid_from: None,
            valid_months: None,
            reasoning: findings.join("\n"),
        };
        let licences = licences.to_vec();
        refusals.or(vec![Event::Accepted, Event::Drafted { draft }, Event::Decided { licences }])
    }

    /// Refuses a registration that the rules bar, and names the kind to apply for instead.
    fn registration_barred(&self, kind: &crate::rules::TypeRule, refusals: &mut Refusals) {
        let watch_listed =
            !self.case.watch_listed.is_empty() || !self.context.watch_listed.is_empty();
        super::submit::barred(kind, watch_listed, self.context, refusals);
    }

    pub(super) fn return_case(&self, reasons: &[String], text: &str) -> Answer {
        let mut refusals = Refusals::default();
        refusals.text("text", text);
        self.reasons_check("reasons", reasons, &mut refusals);
        self.not_of_first_decision(&[self.by.account, self.by.acting_for], &mut refusals);
        refusals.or(vec![Event::Returned { reasons: reasons.to_vec(), text: text.to_owned() }])
    }

    pub(super) fn lapse(&self, reason: &str) -> Answer {
        let mut refusals = Refusals::default();
        refusals.reason("reason", reason);
        refusals.or(vec![Event::Lapsed { reason: reason.to_owned() }])
    }

    pub(super) fn reopen(&self, ground: &str) -> Answer {
        let mut refusals = Refusals::default();
        refusals.reason("ground", ground);
        if self.by.role != Role::Supervisor {
            let message = "only a supervisor opens a case again";
            refusals.add(Refusal::new("not_supervisor", "", message, "a supervisor"));
        }
        if self.case.state.open() {
            let message = "the case is not at an end";
            refusals.add(Refusal::new("not_ended", "", message, "a case at its end"));
        }
        let licence_type = self.context.rules.licence_type(&self.case.application.licence_type);
        if licence_type.is_some_and(|kind| kind.kind != TypeKind::Licence) {
            let message = "this kind of licence is not decided on the merits";
            let accepted = "a new application";
            refusals.add(Refusal::new("registration_no_merits", "", message, accepted));
        }
        refusals.or(vec![Event::Reopened { ground: ground.to_owned() }])
    }

    pub(super) fn appeal(&self, number: &str) -> Answer {
        let mut refusals = Refusals::default();
        refusals.text("number", number);
        appealable(self.case, self.context, &mut refusals);
        refusals.or(vec![Event::Appealed { number: number.to_owned() }])
    }
}

/// Whether a case's decision can be appealed now.
pub(super) fn appealable(
    case: &crate::case::Case,
    context: &super::Context<'_>,
    refusals: &mut Refusals,
) {
    let Some(outcome) = &case.outcome else {
        let message = "the case is not at an end";
        refusals.add(Refusal::new("not_ended", "", message, "a case at its end"));
        return;
    };
    let Some(rule) = &context.rules.appeal else {
        let message = "these rules know no appeal to the authority";
        refusals.add(Refusal::new("appeal_none", "", message, "what the courts offer"));
        return;
    };
    if !refused(outcome) {
        let message = "nothing was refused";
        let refusal = Refusal::new("appeal_nothing_refused", "", message, "a refusal");
        refusals.add(refusal.citing(&rule.citation));
    }
    let day = |at: Timestamp| local_day(at, context.zone);
    let decided = day(Timestamp::from_us(outcome.at_us));
    let last = decided.and_then(|day| rule.last_day(day));
    if let (Some(last), Some(today)) = (last, day(context.now))
        && today > last
    {
        let message = format!("the last day of an appeal was {last}");
        let accepted = format!("within {} days of the decision", rule.within_days);
        refusals.add(Refusal::new("appeal_late", "", message, accepted).citing(&rule.citation));
    }
    if !case.appeals.is_empty() {
        let message = format!("case `{}` appeals it already", case.appeals.join(", "));
        refusals.add(Refusal::new("appealed_already", "", message, "one appeal"));
    }
}

fn refused(outcome: &Outcome) -> bool {
    outcome.cells.values().any(|decision| matches!(decision, CellDecision::Refuse { .. }))
}

/// The authority's day of an instant.
fn local_day(at: Timestamp, zone: &jiff::tz::TimeZone) -> Option<Date> {
    let at = jiff::Timestamp::from_microsecond(at.us()).ok()?;
    Some(zone.to_datetime(at).date())
}
