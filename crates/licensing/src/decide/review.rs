//! The review: who has a case, questions and answers, steps, agencies and their advice, notes.

use std::collections::{BTreeMap, BTreeSet};

use base::authorisation::Role;

use super::refusal::{Refusal, Refusals};
use super::{Activity, Answer, Asked, who};
use crate::application::{CellKey, Key};
use crate::case::{Advice, CaseState, Condition, Event, FollowKind, Position, Readers, StepKind};
use crate::rules::TypeKind;

impl Asked<'_> {
    pub(super) fn assign(&self, officer: &str) -> Answer {
        let mut refusals = Refusals::default();
        let (case, by) = (self.case, self.by);
        let mine = case.officer.is_empty() || by.is(&case.officer);
        let self_or_nobody = officer.is_empty() || by.is(officer);
        if by.role != Role::Supervisor && !(mine && self_or_nobody) {
            let message = "only a supervisor gives a case to somebody else";
            let accepted = "to take a case that nobody has, or to give back one's own";
            refusals.add(Refusal::new("assigned_to_other", "officer", message, accepted));
        }
        if !officer.is_empty() {
            if !self.officers().any(|account| account == officer) {
                let message = format!("`{officer}` is no officer in service");
                let accepted = "the key of an active officer or supervisor";
                refusals.add(Refusal::new("officer_unknown", "officer", message, accepted));
            }
            self.not_of_first_decision(&[officer], &mut refusals);
        }
        refusals.or(vec![Event::Assigned { officer: officer.to_owned() }])
    }

    /// Accounts in service that can have a case.
    pub(super) fn officers(&self) -> impl Iterator<Item = &str> {
        let office = |role: Role| matches!(role, Role::Officer | Role::Supervisor);
        let signers = self.context.signers.iter();
        signers
            .filter(move |s| s.activity == Activity::Active && office(s.role))
            .map(|s| s.account.as_str())
    }

    /// An appeal is decided by somebody who neither drafted nor signed the first decision.
    pub(super) fn not_of_first_decision(&self, accounts: &[&str], refusals: &mut Refusals) {
        let appeal = self.case.follows.as_ref().filter(|f| f.how == FollowKind::Appeal);
        let Some(follows) = appeal else { return };
        let rule = self.context.rules.appeal.as_ref().map_or("", |appeal| &appeal.citation);
        let Some(first) = self.context.followed.filter(|case| case.number == follows.number) else {
            let message = format!("the decision of case `{}` is not at hand", follows.number);
            let refusal = Refusal::new("followed_unknown", "", message, "the case appealed");
            refusals.add(refusal.citing(rule));
            return;
        };
        let signers = first.signatures.iter().flat_map(|s| [&s.by, &s.acting_for]);
        let took_part = first.drafters.iter().chain(signers).collect::<BTreeSet<_>>();
        let same = |account: &&&str| {
            !account.is_empty() && took_part.iter().any(|taken| taken.as_str() == **account)
        };
        if accounts.iter().any(|account| same(&account)) {
            let message = "the decision appealed was drafted or signed by the same person";
            let accepted = "somebody who took no part in it";
            refusals.add(Refusal::new("appeal_same_person", "", message, accepted).citing(rule));
        }
    }

    pub(super) fn accept(&self) -> Answer {
        let mut refusals = Refusals::default();
        if self.case.state != CaseState::Received {
            let message = "the application is accepted already";
            refusals.add(Refusal::new("already_accepted", "", message, "nothing more"));
        }
        // Time accepts where the authority let its limit pass, whatever it had asked.
        if who::side(self.case, self.by) == Some(who::Side::Office) {
            self.questions_open(&mut refusals);
        }
        refusals.or(vec![Event::Accepted])
    }

    pub(super) fn classify(
        &self,
        codes: &BTreeMap<Key, Vec<String>>,
        as_of: base::Date,
        reason: &str,
    ) -> Answer {
        let mut refusals = Refusals::default();
        if who::side(self.case, self.by) == Some(who::Side::Office) {
            refusals.reason("reason", reason);
        }
        for good in codes.keys().filter(|key| self.case.application.good(key).is_none()) {
            let message = format!("the case has no good `{good}`");
            let accepted = "keys of goods of the application";
            refusals.add(Refusal::new("good_unknown", "codes", message, accepted));
        }
        let (codes, reason) = (codes.clone(), reason.to_owned());
        refusals.or(vec![Event::Classified { codes, as_of, reason }])
    }

    pub(super) fn watch_list(&self, party: &str) -> Answer {
        let mut refusals = Refusals::default();
        if self.case.application.party(party).is_none() && party != self.case.applicant {
            let message = format!("`{party}` is no party of the case");
            let accepted = "the key of a party of the application, or the applicant";
            refusals.add(Refusal::new("party_unknown", "party", message, accepted));
        }
        if self.case.watch_listed.iter().any(|known| known == party) {
            let message = format!("`{party}` is recorded as watch-listed already");
            refusals.add(Refusal::new("watch_listed_already", "party", message, "another party"));
        }
        refusals.or(vec![Event::WatchListed { party: party.to_owned() }])
    }

    pub(super) fn ask(&self, text: &str, cells: &[CellKey]) -> Answer {
        let mut refusals = Refusals::default();
        refusals.text("text", text);
        self.cells_known(cells.iter().map(String::as_str), "cells", &mut refusals);
        let completeness = self.case.state == CaseState::Received;
        if completeness && self.case.questions.iter().any(|question| question.completeness) {
            let message = "what is missing was asked already, and is asked once";
            let accepted = "to accept or return the application";
            refusals.add(Refusal::new("asked_already", "", message, accepted));
        }
        let question = self.case.questions.len() as u32 + 1;
        let (text, cells) = (text.to_owned(), cells.to_vec());
        refusals.or(vec![Event::Asked { question, text, cells, completeness }])
    }

    pub(super) fn cells_known<'c>(
        &self,
        cells: impl Iterator<Item = &'c str>,
        field: &str,
        refusals: &mut Refusals,
    ) {
        for cell in cells.filter(|cell| self.case.application.cell(cell).is_none()) {
            let message = format!("the case has no cell `{cell}`");
            let known = self.case.application.cells.iter().map(|c| c.key.as_str());
            let accepted = format!("one of {}", known.collect::<Vec<_>>().join(", "));
            refusals.add(Refusal::new("cell_unknown", field, message, accepted));
        }
    }

    pub(super) fn answer(&self, question: u32, text: &str, documents: &[String]) -> Answer {
        let mut refusals = Refusals::default();
        if documents.is_empty() {
            refusals.text("text", text);
        }
        match self.case.questions.iter().find(|asked| asked.number == question) {
            None => {
                let message = format!("there is no question {question}");
                let accepted = "the number of a question of the case";
                refusals.add(Refusal::new("question_unknown", "question", message, accepted));
            }
            Some(asked) if asked.answer.is_some() => {
                let message = format!("question {question} is answered already");
                let accepted = "a question that is open";
                refusals.add(Refusal::new("already_answered", "question", message, accepted));
            }
            Some(_) => {}
        }
        let (text, documents) = (text.to_owned(), documents.to_vec());
        refusals.or(vec![Event::Answered { question, text, documents }])
    }

    pub(super) fn step_begin(
        &self,
        step: StepKind,
        notice_days: Option<u32>,
        text: &str,
    ) -> Answer {
        let mut refusals = Refusals::default();
        refusals.text("text", text);
        if self.steps_open().any(|open| open == step) {
            let message = "this step is under way";
            refusals.add(Refusal::new("step_open", "step", message, "to end it first"));
        }
        refusals.or(vec![Event::StepBegan { step, notice_days, text: text.to_owned() }])
    }

    pub(super) fn step_end(&self, step: StepKind, text: &str) -> Answer {
        let mut refusals = Refusals::default();
        refusals.text("text", text);
        if !self.steps_open().any(|open| open == step) {
            let message = "this step is not under way";
            refusals.add(Refusal::new("step_unknown", "step", message, "a step that began"));
        }
        refusals.or(vec![Event::StepEnded { step, text: text.to_owned() }])
    }

    pub(super) fn steps_open(&self) -> impl Iterator<Item = StepKind> {
        self.case.steps.iter().filter(|step| step.ended.is_none()).map(|step| step.kind)
    }

    pub(super) fn refer_up(&self, reason: &str) -> Answer {
        let mut refusals = Refusals::default();
        refusals.reason("reason", reason);
        self.under_review(&mut refusals);
        refusals.or(vec![Event::ReferredUp { reason: reason.to_owned() }])
    }

    /// What is done on the merits needs an accepted application of a kind that is decided on the merits.
    pub(super) fn under_review(&self, refusals: &mut Refusals) {
        let licence_type = self.context.rules.licence_type(&self.case.application.licence_type);
        if licence_type.is_some_and(|kind| kind.kind != TypeKind::Licence) {
            let message = "this kind of licence is not decided on the merits";
            let accepted = "to return it, naming the kind to apply for instead";
            refusals.add(Refusal::new("registration_no_merits", "", message, accepted));
        }
        if self.case.state == CaseState::Received {
            let message = "the application is not accepted yet";
            refusals.add(Refusal::new("not_accepted", "", message, "to accept it first"));
        }
    }

    pub(super) fn agency_ask(&self, agency: &str, text: &str) -> Answer {
        let mut refusals = Refusals::default();
        refusals.text("text", text);
        self.under_review(&mut refusals);
        let agencies = &self.context.rules.agencies;
        if !agencies.iter().any(|known| known.id == agency) {
            let message = format!("`{agency}` is no agency of these rules");
            let known: Vec<&str> = agencies.iter().map(|agency| agency.id.as_str()).collect();
            let accepted = format!("one of {}", known.join(", "));
            refusals.add(Refusal::new("agency_unknown", "agency", message, accepted));
        }
        if self.case.agencies.get(agency).is_some_and(|part| part.replied.is_none()) {
            let message = format!("`{agency}` was asked and has not replied");
            let accepted = "to wait for its reply";
            refusals.add(Refusal::new("agency_asked_already", "agency", message, accepted));
        }
        let (agency, text) = (agency.to_owned(), text.to_owned());
        refusals.or(vec![Event::AgencyAsked { agency, text }])
    }

    pub(super) fn advise(&self, advice: &BTreeMap<CellKey, Advice>) -> Answer {
        let mut refusals = Refusals::default();
        if advice.is_empty() {
            let message = "there is no advice in it";
            refusals.add(Refusal::new("advice_missing", "advice", message, "advice on a cell"));
        }
        self.cells_known(advice.keys().map(String::as_str), "advice", &mut refusals);
        let mut events = Vec::new();
        let mut next = self.condition_next();
        for (cell, advice) in advice {
            if advice.position == Position::Refuse {
                refusals.reason(&format!("advice/{cell}/reason"), &advice.reason);
            }
            if advice.position == Position::NotApplicable && !advice.conditions.is_empty() {
                let message = "who has no part in a cell sets no condition on it";
                let field = format!("advice/{cell}/conditions");
                let accepted = "another position, or no condition";
                refusals.add(Refusal::new("condition_neutral", field, message, accepted));
            }
            let mut advice = advice.clone();
            self.conditions_own(cell, &mut advice.conditions, &mut next, &mut refusals);
            let agency = self.by.agency.to_owned();
            events.push(Event::Advised { agency, cell: cell.clone(), advice });
        }
        refusals.or(events)
    }

    /// The number that a new condition of the caller's agency gets.
    fn condition_next(&self) -> u32 {
        let prefix = format!("{}-", self.by.agency);
        let part = self.case.agencies.get(self.by.agency);
        let overrides = self.case.overrides.iter().map(|entry| &entry.condition);
        let given = part.into_iter().flat_map(|part| part.advice.values());
        let ids = given.flat_map(|given| &given.advice.conditions).map(|condition| &condition.id);
        let drafted = self.case.draft.iter().flat_map(|(draft, _, _)| draft.cells.values());
        let drafted = drafted.flat_map(|decision| match decision {
            crate::case::CellDecision::Approve { conditions, .. } => conditions.as_slice(),
            _ => &[],
        });
        let ids = ids.chain(overrides).chain(drafted.map(|condition| &condition.id));
        let numbers = ids.filter_map(|id| id.strip_prefix(&prefix)?.parse::<u32>().ok());
        numbers.max().unwrap_or(0) + 1
    }

    /// Conditions of the caller's agency on a cell: new ones get an id, known ones keep theirs.
    fn conditions_own(
        &self,
        cell: &str,
        conditions: &mut [Condition],
        next: &mut u32,
        refusals: &mut Refusals,
    ) {
        let field = format!("advice/{cell}/conditions");
        let part = self.case.agencies.get(self.by.agency);
        let before = part.and_then(|part| part.advice.get(cell));
        let known: BTreeSet<&str> = before
            .into_iter()
            .flat_map(|given| &given.advice.conditions)
            .map(|condition| condition.id.as_str())
            .collect();
        let mut seen = BTreeSet::new();
        for condition in conditions {
            self.by.agency.clone_into(&mut condition.agency);
            refusals.text(&field, &condition.text);
            self.phrase_known(&field, condition, refusals);
            if condition.id.is_empty() {
                condition.id = format!("{}-{next}", self.by.agency);
                *next += 1;
            } else if !known.contains(condition.id.as_str()) {
                let message = format!("your advice has no condition `{}`", condition.id);
                let accepted =
                    "a condition of your earlier advice on the cell, or none for a new one";
                refusals.add(Refusal::new("condition_unknown", &field, message, accepted));
            }
            if !seen.insert(condition.id.clone()) {
                let message = format!("condition `{}` stands twice", condition.id);
                refusals.add(Refusal::new("condition_duplicate", &field, message, "each once"));
            }
        }
    }

    pub(super) fn phrase_known(&self, field: &str, condition: &Condition, refusals: &mut Refusals) {
        let phrases = &self.context.rules.conditions;
        let known = phrases.iter().any(|phrase| phrase.id == condition.phrase);
        if !condition.phrase.is_empty() && !known {
            let message = format!("`{}` is no condition of these rules", condition.phrase);
            let known: Vec<&str> = phrases.iter().map(|phrase| phrase.id.as_str()).collect();
            let accepted = format!("one of {}, or free words", known.join(", "));
            refusals.add(Refusal::new("phrase_unknown", field, message, accepted));
        }
    }

    pub(super) fn reply(&self) -> Answer {
        let mut refusals = Refusals::default();
        let part = self.case.agencies.get(self.by.agency);
        if part.is_some_and(|part| part.replied.is_some()) {
            let message = "your agency has replied already";
            let accepted = "new advice, which takes the place of the earlier";
            refusals.add(Refusal::new("agency_replied_already", "", message, accepted));
        }
        for cell in &self.case.application.cells {
            if !part.is_some_and(|part| part.advice.contains_key(&cell.key)) {
                let message = format!("there is no advice on cell `{}`", cell.key);
                let accepted = "advice on every cell; `not_applicable` is one";
                refusals.add(Refusal::new("advice_missing", &cell.key, message, accepted));
            }
        }
        let agency = self.by.agency.to_owned();
        refusals.or(vec![Event::AgencyReplied { agency, silent: false }])
    }

    pub(super) fn mark_silent(&self, agency: &str) -> Answer {
        let mut refusals = Refusals::default();
        let open = self.case.agencies.get(agency).is_some_and(|part| part.replied.is_none());
        if !open || !self.context.silent_agencies.iter().any(|silent| silent == agency) {
            let message = format!("the time of `{agency}` has not run out in silence");
            let accepted = "an agency that was asked, whose limit is over, and whose silence the \
                            rules take for no objection";
            refusals.add(Refusal::new("agency_not_silent", "agency", message, accepted));
        }
        let agency = agency.to_owned();
        refusals.or(vec![Event::AgencyReplied { agency, silent: true }])
    }

    pub(super) fn note(&self, text: &str, readers: Readers) -> Answer {
        let mut refusals = Refusals::default();
        refusals.text("text", text);
        let agency = who::side(self.case, self.by) == Some(who::Side::Agency);
        if agency && readers == Readers::Applicant {
            let message = "an agency writes to the authority, not to the applicant";
            let accepted = "`authority` or `agencies`";
            refusals.add(Refusal::new("not_allowed", "readers", message, accepted));
        }
        refusals.or(vec![Event::Noted { text: text.to_owned(), readers }])
    }

    pub(super) fn questions_open(&self, refusals: &mut Refusals) {
        let open: Vec<String> =
            self.case.questions_open().map(|question| question.number.to_string()).collect();
        if !open.is_empty() {
            let message = format!("question {} has no answer", open.join(", "));
            refusals.add(Refusal::new("questions_open", "", message, "the applicant's answer"));
        }
    }
}
