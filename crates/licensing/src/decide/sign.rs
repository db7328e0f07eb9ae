//! Countersigning and deciding.
//!
//! The signatures needed are worked out from the facts each time they are asked for; one that was given
//! counts while it stands on record unvoided, for what the case holds now.

use super::refusal::{Refusal, Refusals};
use super::{Activity, Answer, Asked, Context, facts};
use crate::case::{Case, Event, Signature, Verdict};

/// Where the rule of four eyes stands.
const FOUR_EYES: &str = "NIST SP 800-53 AC-5, separation of duties";

/// A signature that the decision of a case needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureNeeded {
    /// Its place in the order.
    pub order: u32,
    /// Role of who signs.
    pub grade: String,
    /// The rule.
    pub citation: String,
    /// Who signed, where somebody did for what the case holds now.
    pub signed_by: Option<String>,
}

/// The signatures that the decision of a case needs as it stands, in their order.
#[must_use]
pub fn signatures_needed(case: &Case, context: &Context<'_>) -> Vec<SignatureNeeded> {
    let content = case.content_hash().unwrap_or_default();
    let facts = facts(case, context);
    let needed = context.rules.signatures_of(&facts).into_iter().map(|rule| {
        let found = held(case, &content).find(|s| s.order == rule.order && s.grade == rule.grade);
        SignatureNeeded {
            order: rule.order,
            grade: rule.grade.clone(),
            citation: rule.citation.clone(),
            signed_by: found.map(|signature| signature.by.clone()),
        }
    });
    needed.collect()
}

/// Signatures that hold for what the case holds now.
fn held<'a>(case: &'a Case, content: &'a str) -> impl Iterator<Item = &'a Signature> {
    case.signatures_held().filter(move |signature| signature.content == content)
}

impl Asked<'_> {
    pub(super) fn sign(&self, content: &str) -> Answer {
        let mut refusals = Refusals::default();
        let next = self.signer_check(content, &mut refusals);
        self.agencies_done(&mut refusals);
        self.draft_stands(&mut refusals);
        let (order, grade) = next.unwrap_or_default();
        refusals.or(vec![Event::Signed { order, grade, content: content.to_owned() }])
    }

    pub(super) fn signature_refuse(&self, content: &str, reason: &str) -> Answer {
        let mut refusals = Refusals::default();
        refusals.reason("reason", reason);
        let next = self.signer_check(content, &mut refusals);
        let (order, _) = next.unwrap_or_default();
        refusals.or(vec![Event::SignatureRefused { order, reason: reason.to_owned() }])
    }

    /// Whether the caller may sign what it saw, and the place and grade of that signature.
    fn signer_check(&self, content: &str, refusals: &mut Refusals) -> Option<(u32, String)> {
        self.under_review(refusals);
        self.content_check(content, refusals);
        self.not_of_first_decision(&[self.by.account, self.by.acting_for], refusals);
        self.active_check(refusals);
        self.four_eyes(refusals);
        let needed = signatures_needed(self.case, self.context);
        let Some(next) = needed.into_iter().find(|needed| needed.signed_by.is_none()) else {
            let message = "every signature that is needed was given";
            let accepted = "to decide as signed";
            refusals.add(Refusal::new("signatures_complete", "", message, accepted));
            return None;
        };
        if self.by.role.code() != next.grade || !self.has_grade(&next.grade) {
            let message = format!("signature {} is not of your grade", next.order);
            let accepted = format!("a {}", next.grade);
            let refusal = Refusal::new("signer_grade", "", message, accepted);
            refusals.add(refusal.citing(&next.citation));
        }
        Some((next.order, next.grade))
    }

    /// Whether the account, or the one that it covers, has a role by the authority's own list.
    fn has_grade(&self, grade: &str) -> bool {
        let own = if self.by.acting_for.is_empty() { self.by.account } else { self.by.acting_for };
        self.context.signers.iter().any(|s| s.account == own && s.role.code() == grade)
    }

    fn active_check(&self, refusals: &mut Refusals) {
        let signers = &self.context.signers;
        let active = |account: &str| {
            signers.iter().any(|s| s.account == account && s.activity == Activity::Active)
        };
        if !active(self.by.account) {
            let message = "your account is not in service as one that signs";
            let accepted = "an active account of the authority";
            refusals.add(Refusal::new("signer_inactive", "", message, accepted));
        }
    }

    /// Not an author of the draft or of an override, not who signed before, nor who covers or is covered
    /// by one of them.
    fn four_eyes(&self, refusals: &mut Refusals) {
        let overriders = self.case.overrides.iter().map(|entry| &entry.by);
        if self.case.drafters.iter().chain(overriders).any(|author| self.by.is(author)) {
            let message = "you drafted what is to be signed, or cover or are covered by who did";
            let accepted = "somebody who took no part in the draft";
            let refusal = Refusal::new("signer_is_author", "", message, accepted);
            refusals.add(refusal.citing(FOUR_EYES));
        }
        let mut signed = self.case.signatures_held().flat_map(|s| [&s.by, &s.acting_for]);
        if signed.any(|account| self.by.is(account)) {
            let message = "you have signed this draft, or cover or are covered by who did";
            let accepted = "another person for each signature";
            let refusal = Refusal::new("signer_signed_before", "", message, accepted);
            refusals.add(refusal.citing(FOUR_EYES));
        }
    }

    fn content_check(&self, content: &str, refusals: &mut Refusals) {
        match self.case.content_hash() {
            None => {
                let message = "there is no draft to sign or to decide by";
                refusals.add(Refusal::new("draft_missing", "", message, "a draft first"));
            }
            Some(now) if now != content => {
                let message = "the draft, or what it rests on, has changed since you saw it";
                let accepted = "to look at it anew";
                refusals.add(Refusal::new("draft_changed", "content", message, accepted));
            }
            Some(_) => {}
        }
    }

    /// The draft still fits the application and the advice as they are now.
    fn draft_stands(&self, refusals: &mut Refusals) {
        if let Some((draft, _, _)) = &self.case.draft {
            let authors: Vec<&str> = self.case.draft_authors.iter().map(String::as_str).collect();
            self.draft_check(draft, &authors, refusals);
        }
    }

    /// Every agency that the rules name was asked, and every one asked has replied to the application as
    /// it stands, or is silent where the rules let silence count.
    fn agencies_done(&self, refusals: &mut Refusals) {
        let facts = facts(self.case, self.context);
        for agency in self.context.rules.agencies_of(&facts) {
            if !self.case.agencies.contains_key(&agency.id) {
                let message = format!("`{}` was not asked", agency.id);
                let accepted = "its advice";
                let refusal = Refusal::new("agency_not_asked", &agency.id, message, accepted);
                refusals.add(refusal.citing(&agency.citation));
            }
        }
        let amended = self.case.amendments.iter().filter(|amendment| {
            amendment.differences.iter().any(|difference| difference.element != "other")
        });
        let taken = amended.filter_map(|amendment| match amendment.decided {
            Some((at_us, Verdict::Taken, _)) => Some(at_us),
            _ => None,
        });
        let amended_at_us = taken.max();
        for (agency, part) in &self.case.agencies {
            match part.replied {
                None if !self.context.silent_agencies.contains(agency) => {
                    let message = format!("`{agency}` has not replied");
                    let accepted = "its reply, or that its time runs out where silence counts";
                    refusals.add(Refusal::new("agency_pending", agency, message, accepted));
                }
                Some((at_us, _)) if amended_at_us.is_some_and(|amended| at_us < amended) => {
                    let message = format!("`{agency}` replied before the application changed");
                    let accepted = "to ask it again";
                    refusals.add(Refusal::new("agency_outdated", agency, message, accepted));
                }
                _ => {}
            }
        }
    }

    pub(super) fn finalise(&self, content: &str, licences: &[String]) -> Answer {
        let mut refusals = Refusals::default();
        self.under_review(&mut refusals);
        self.content_check(content, &mut refusals);
        self.not_of_first_decision(&[self.by.account, self.by.acting_for], &mut refusals);
        self.agencies_done(&mut refusals);
        self.draft_stands(&mut refusals);
        if let Some((draft, _, _)) = &self.case.draft {
            // Who decides is bound by the conflict as who drafts is.
            self.conflict_check(draft, &[self.by.account, self.by.acting_for], &mut refusals);
        }
        self.questions_open(&mut refusals);
        for step in self.steps_open() {
            let message = format!("a step is under way: {step:?}").to_lowercase();
            refusals.add(Refusal::new("steps_open", "", message, "to end it first"));
        }
        if self.case.amendment_open().is_some() {
            let message = "an amendment is not decided on";
            refusals.add(Refusal::new("amendment_open", "", message, "to decide on it first"));
        }
        let needed = signatures_needed(self.case, self.context);
        for needed in needed.into_iter().filter(|needed| needed.signed_by.is_none()) {
            let message = format!("signature {} is missing", needed.order);
            let accepted = format!("the signature of a {}", needed.grade);
            let refusal = Refusal::new("signatures_missing", "", message, accepted);
            refusals.add(refusal.citing(&needed.citation));
        }
        self.licences_check(licences, &mut refusals);
        refusals.or(vec![Event::Decided { licences: licences.to_vec() }])
    }

    /// A licence is issued where something is approved, and nowhere else.
    fn licences_check(&self, licences: &[String], refusals: &mut Refusals) {
        if self.case.draft.is_some() {
            licences_fit(self.case.draft_approves(), licences, refusals);
        }
    }
}

pub(super) fn licences_fit(approved: bool, licences: &[String], refusals: &mut Refusals) {
    let blank = licences.iter().any(|number| number.trim().is_empty());
    if approved == licences.is_empty() || blank {
        let message = format!("{} numbers of licences do not fit the decision", licences.len());
        let accepted = "one or more where something is approved, else none";
        refusals.add(Refusal::new("licences_wrong", "licences", message, accepted));
    }
}
