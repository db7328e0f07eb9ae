//! What stands in a case, in words: events, refusals, quantities, decisions.

use std::collections::HashMap;

use app::cases::{date_in, zone};
use app::law::Law;
use app::people::PersonRecord;
use base::Timestamp;
use licensing::application::{Application, Cell};
use licensing::case::{Case, CellDecision, Condition, Draft, Event, Recorded};
use licensing::decide::Refusal;
use licensing::quantity::{Quantity, Unit};
use licensing::sight::Viewer;

use crate::page::name_of;
use crate::pages::clock::{coded, worded};
use crate::show;
use crate::text::{Language, Text};

/// A refusal as a line of a page.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Id of the field.
    pub(crate) field: String,
    /// What is wrong.
    pub(crate) message: String,
    /// What would be accepted; in English alone.
    pub(crate) accepted: String,
    /// The rule.
    pub(crate) rule: String,
}

impl Told {
    /// In one text: what is wrong, what would be accepted, the rule.
    pub(crate) fn in_full(&self, t: &Text) -> String {
        let mut text = self.message.clone();
        if !self.accepted.is_empty() {
            text = t.two("case-refusal-accepted", text, &self.accepted);
        }
        if self.rule.is_empty() { text } else { t.two("case-refusal-rule", text, &self.rule) }
    }
}

/// What stands in backticks.
fn quoted(message: &str) -> String {
    let parts: Vec<&str> =
        message.split('`').skip(1).step_by(2).filter(|p| !p.is_empty()).collect();
    parts.join(", ")
}

/// A refusal in the language of the page, and whether it is English all the same.
pub(crate) fn refused(t: &Text, code: &str, message: &str) -> (String, bool) {
    if t.language == Language::English {
        return (show::sentence(message), false);
    }
    let key = format!("case-refused-{code}");
    if !t.has(&key) {
        return (message.to_owned(), true);
    }
    let what = quoted(message);
    let text = t.get(&key);
    (if what.is_empty() { text } else { t.two("case-refused-of", text, what) }, false)
}

/// A refusal as a line, for a field.
pub(crate) fn told(t: &Text, refusal: &Refusal, field: String) -> Told {
    let (message, _) = refused(t, refusal.code, &refusal.message);
    let accepted = match t.language {
        Language::English => refusal.accepted.clone(),
        Language::Chinese => String::new(),
    };
    Told { field, message, accepted, rule: refusal.rule.clone() }
}

/// Words of a case in one language, with the names of its people.
pub(crate) struct Words<'a> {
    pub(crate) t: &'static Text,
    pub(crate) law: &'a Law,
    pub(crate) names: &'a HashMap<String, PersonRecord>,
    pub(crate) viewer: Viewer<'a>,
}

impl Words<'_> {
    /// Who an account is, as far as the side sees that.
    pub(crate) fn who(&self, account: &str) -> String {
        if account.is_empty() {
            return self.t.get("case-by-rule");
        }
        let Some(person) = self.names.get(account) else { return account.to_owned() };
        let of_company = person.role.of_party();
        match self.viewer {
            Viewer::Applicant if !of_company => self.t.get("case-the-authority"),
            Viewer::Agency(own) if person.desk != own && !of_company => {
                self.t.get("case-the-authority")
            }
            _ => name_of(self.t.language, &person.name, &person.local_name).to_owned(),
        }
    }

    pub(crate) fn agency(&self, id: &str) -> String {
        let known = self.law.rules.agencies.iter().find(|agency| agency.id == id);
        known.map_or_else(|| id.to_owned(), |a| worded(self.t, &a.name_en, &a.name_zh))
    }

    pub(crate) fn licence_type(&self, id: &str) -> String {
        let known = self.law.rules.licence_type(id);
        known.map_or_else(|| id.to_owned(), |a| worded(self.t, &a.name_en, &a.name_zh))
    }

    /// An instant, to the minute, in the authority's zone.
    pub(crate) fn at(&self, at_us: i64) -> String {
        let zone = zone(self.law);
        let at = Timestamp::from_us(at_us);
        let day = show::date(self.t, date_in(&zone, at));
        let Ok(instant) = jiff::Timestamp::from_microsecond(at_us) else { return day };
        let time = zone.to_datetime(instant).time();
        format!("{day} {:02}:{:02}", time.hour(), time.minute())
    }

    /// "900 kg net".
    pub(crate) fn quantity(&self, quantity: &Quantity) -> String {
        quantity_words(self.t, quantity)
    }

    pub(crate) fn good_name(&self, application: &Application, key: &str) -> String {
        application.good(key).map_or_else(|| key.to_owned(), |good| good.name.clone())
    }

    pub(crate) fn party_name(&self, application: &Application, key: &str) -> String {
        let party = application.party(key);
        party.map_or_else(
            || key.to_owned(),
            |party| name_of(self.t.language, &party.name, &party.local_name).to_owned(),
        )
    }

    pub(crate) fn use_name(&self, application: &Application, key: &str) -> String {
        let end_use = application.end_use(key);
        end_use.map_or_else(
            || key.to_owned(),
            |end_use| match end_use.code.as_str() {
                "" => end_use.text.clone(),
                code => self.t.code("use", code, code),
            },
        )
    }

    /// A cell in a few words: "N42UH magnet → Motoren AG (DE)".
    pub(crate) fn cell(&self, application: &Application, cell: &Cell) -> String {
        let good = self.good_name(application, &cell.good);
        let end_user = self.party_name(application, &cell.end_user);
        format!("{good} → {end_user} ({})", cell.destination)
    }

    pub(crate) fn cell_of(&self, application: &Application, key: &str) -> String {
        let cell = application.cell(key);
        cell.map_or_else(|| key.to_owned(), |cell| self.cell(application, cell))
    }

    /// A condition in the language of the page, and whether it is in another.
    pub(crate) fn condition(&self, condition: &Condition) -> String {
        condition_words(self.t, self.law, condition)
    }

    pub(crate) fn reason(&self, id: &str) -> String {
        let known = self.law.rules.reasons.iter().find(|reason| reason.id == id);
        known.map_or_else(|| id.to_owned(), |r| worded(self.t, &r.text_en, &r.text_zh))
    }

    /// What a decision comes to: its stable code.
    pub(crate) fn outcome_code(decision: &CellDecision) -> &'static str {
        match decision {
            CellDecision::Approve { .. } => "approve",
            CellDecision::Refuse { .. } => "refuse",
            CellDecision::NoLicence { .. } => "no_licence",
        }
    }

    /// An event: its words, and what was said with it.
    pub(crate) fn event(&self, case: &Case, recorded: &Recorded) -> (String, String) {
        let t = self.t;
        let code = recorded.event.code();
        let nothing = String::new();
        let (code, x, text) = match &recorded.event {
            Event::Classified { codes, reason, .. } => {
                let all: Vec<&str> = codes.values().flatten().map(String::as_str).collect();
                let none = t.get("case-codes-none");
                let all = if all.is_empty() { none } else { all.join(", ") };
                (code, all, reason.clone())
            }
            Event::Assigned { officer } if officer.is_empty() => {
                ("assigned_nobody", nothing, String::new())
            }
            Event::Assigned { officer } => (code, self.who(officer), String::new()),
            Event::WatchListed { party } => {
                (code, self.party_name(&case.application, party), String::new())
            }
            Event::Asked { question, text, .. } | Event::Answered { question, text, .. } => {
                (code, question.to_string(), text.clone())
            }
            Event::StepBegan { step, text, .. } | Event::StepEnded { step, text } => {
                (code, t.code("case-step", &coded(step), ""), text.clone())
            }
            Event::ReferredUp { reason } => (code, nothing, reason.clone()),
            Event::AgencyAsked { agency, text } => (code, self.agency(agency), text.clone()),
            Event::Advised { agency, cell, advice } => {
                let position = t.code("case-position", &coded(&advice.position), "");
                let cell = self.cell_of(&case.application, cell);
                (code, self.agency(agency), format!("{position} – {cell}"))
            }
            Event::AgencyReplied { agency, silent } => {
                let code = if *silent { "agency_silent" } else { code };
                (code, self.agency(agency), String::new())
            }
            Event::ConditionOverridden { agency, reason, .. } => {
                (code, self.agency(agency), reason.clone())
            }
            Event::Noted { text, readers } => {
                (code, t.code("case-readers", &coded(readers), ""), text.clone())
            }
            Event::Drafted { draft } => (code, self.summary(draft.cells.values()), String::new()),
            Event::ConflictReferred { to } => (code, self.who(to), String::new()),
            Event::Signed { order, .. } => (code, order.to_string(), String::new()),
            Event::SignatureRefused { reason, .. } => (code, nothing, reason.clone()),
            Event::Decided { licences } if licences.is_empty() => {
                ("decided_nothing", nothing, String::new())
            }
            Event::Decided { licences } => (code, licences.join(", "), String::new()),
            Event::Returned { text, .. } => (code, nothing, text.clone()),
            Event::Withdrawn { reason } | Event::Lapsed { reason } => {
                (code, nothing, reason.clone())
            }
            Event::Reopened { ground } => (code, nothing, ground.clone()),
            Event::AmendmentAsked { differences, .. } => {
                (code, differences.len().to_string(), String::new())
            }
            Event::AmendmentDecided { verdict, reason } => {
                (code, t.code("case-verdict", &coded(verdict), ""), reason.clone())
            }
            Event::Appealed { number } => (code, number.clone(), String::new()),
            Event::Submitted { .. } | Event::Accepted | Event::AmendmentAccepted => {
                (code, nothing, String::new())
            }
        };
        (t.one(&format!("case-event-{code}"), x), text)
    }

    /// From when and for how long a licence would be valid.
    pub(crate) fn validity(&self, draft: &Draft) -> String {
        let from = draft
            .valid_from
            .map_or_else(|| self.t.get("case-validity-issue"), |day| show::date(self.t, day));
        let months = draft.valid_months.map_or_else(
            || self.t.get("case-validity-most"),
            |months| self.t.num("case-validity-months", &u64::from(months)),
        );
        self.t.two("case-validity", from, months)
    }

    /// "2 × approve, 1 × refuse".
    pub(crate) fn summary<'d>(
        &self,
        decisions: impl Iterator<Item = &'d CellDecision> + Clone,
    ) -> String {
        let mut parts = Vec::new();
        for code in ["approve", "refuse", "no_licence"] {
            let count = decisions.clone().filter(|d| Self::outcome_code(d) == code).count();
            if count > 0 {
                parts.push(format!("{count} × {}", self.t.code("case-outcome", code, code)));
            }
        }
        parts.join(", ")
    }
}

/// A unit behind an amount: "net", "pieces".
pub(crate) fn unit_words(t: &Text, unit: &Unit) -> String {
    match unit {
        Unit::NetMass => t.get("case-unit-net"),
        Unit::Content(element) => t.one("case-unit-content", element),
        Unit::Oxide(element) => t.one("case-unit-oxide", element),
        Unit::Pieces => t.get("case-unit-pieces"),
        Unit::Value(_) => t.get("case-unit-value"),
    }
}

/// "900 kg net".
pub(crate) fn quantity_words(t: &Text, quantity: &Quantity) -> String {
    let number = grouped(&quantity.decimal().to_string());
    let unit = unit_words(t, &quantity.unit);
    match quantity.unit {
        Unit::Pieces => format!("{number} {unit}"),
        _ => format!("{number} {} {unit}", quantity.unit.written()),
    }
}

/// Digits before the point in groups of three.
pub(crate) fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// A condition in the language of the page where it is a phrase of the pack, else as it was written.
pub(crate) fn condition_words(t: &Text, law: &Law, condition: &Condition) -> String {
    let of = |phrase: &&licensing::rules::Phrase| {
        phrase.id == condition.phrase && phrase.text_en == condition.text
    };
    law.rules.conditions.iter().find(of).map_or_else(
        || condition.text.clone(),
        |phrase| worded(t, &phrase.text_en, &phrase.text_zh),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_refusal_quotes_is_told_in_every_language() {
        let chinese = Language::Chinese.text();
        let (text, english) = refused(chinese, "agency_pending", "`defence` has not replied");
        assert!(text.contains("defence") && !english, "{text}");
        let (text, english) = refused(chinese, "no_such_code", "odd");
        assert_eq!((text.as_str(), english), ("odd", true));
        let (text, _) = refused(Language::English.text(), "agency_pending", "`a` has not replied");
        assert_eq!(text, "`a` has not replied");
    }

    #[test]
    fn every_refusal_has_words_in_both_languages() {
        for language in Language::ALL {
            for code in licensing::decide::refusal::CODES {
                let key = format!("case-refused-{code}");
                assert!(language.text().has(&key), "{key} in {}", language.code());
            }
        }
    }

    #[test]
    fn digits_are_grouped_before_the_point_only() {
        assert_eq!(grouped("1234567.8901"), "1\u{202f}234\u{202f}567.8901");
        assert_eq!(grouped("12"), "12");
    }
}
