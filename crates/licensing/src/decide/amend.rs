//! Amendments of what was handed in: one at a time, and only of what the rules do not call key.

use super::refusal::{Refusal, Refusals};
use super::submit::application_check;
use super::{Answer, Asked};
use crate::application::Application;
use crate::case::{Event, Verdict};
use crate::difference::difference;

impl Asked<'_> {
    pub(super) fn amendment_ask(&self, application: &Application) -> Answer {
        let mut refusals = Refusals::default();
        let before = &self.case.application;
        if self.case.amendment_open().is_some() {
            let message = "an amendment is on its way";
            let accepted = "to wait for the decision on it";
            refusals.add(Refusal::new("amendment_open", "", message, accepted));
        }
        if application.licence_type != before.licence_type {
            let message = format!("`{}` is another kind of licence", application.licence_type);
            let accepted = format!("`{}`, or a new application", before.licence_type);
            let field = "licence_type";
            refusals.add(Refusal::new("amendment_licence_type", field, message, accepted));
        }
        let differences = difference(before, application);
        if differences.is_empty() {
            let message = "nothing differs";
            refusals.add(Refusal::new("amendment_nothing", "", message, "a change"));
        }
        for difference in &differences {
            let rule = self.context.rules.change(&difference.element);
            let Some(rule) = rule.filter(|rule| rule.key) else { continue };
            let message = format!(
                "`{}` is a key element: `{}` became `{}`",
                difference.element, difference.before, difference.after
            );
            let accepted = if rule.effect.is_empty() { "a new application" } else { &rule.effect };
            let refusal = Refusal::new("amendment_key", &difference.path, message, accepted);
            refusals.add(refusal.citing(&rule.citation));
        }
        application_check(application, self.context.rules, &mut refusals);
        let application = Box::new(application.clone());
        refusals.or(vec![Event::AmendmentAsked { application, differences }])
    }

    pub(super) fn amendment_accept(&self) -> Answer {
        let mut refusals = Refusals::default();
        match self.case.amendment_open() {
            None => refusals.add(none()),
            Some(amendment) if amendment.accepted_at_us.is_some() => {
                let message = "the amendment is accepted already";
                let accepted = "to decide on it";
                refusals.add(Refusal::new("amendment_accepted_already", "", message, accepted));
            }
            Some(_) => {}
        }
        refusals.or(vec![Event::AmendmentAccepted])
    }

    pub(super) fn amendment_decide(&self, verdict: Verdict, reason: &str) -> Answer {
        let mut refusals = Refusals::default();
        if verdict == Verdict::Refused {
            refusals.reason("reason", reason);
        }
        match self.case.amendment_open() {
            None => refusals.add(none()),
            Some(amendment) if amendment.accepted_at_us.is_none() => {
                let message = "the amendment is not accepted yet";
                let accepted = "to accept it first";
                refusals.add(Refusal::new("amendment_not_accepted", "", message, accepted));
            }
            Some(_) => {}
        }
        let reason = reason.to_owned();
        refusals.or(vec![Event::AmendmentDecided { verdict, reason }])
    }
}

fn none() -> Refusal {
    Refusal::new("amendment_none", "", "no amendment is on its way", "an amendment asked for")
}
