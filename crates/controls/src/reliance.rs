//! What to check before relying on an answer: confidence, customs codes, notes, the pack's own warnings.

use base::composition::percent_text;

use crate::Statement;
use crate::answer::{Answer, Kind};
use crate::classify::{Classifier, Outcome};
use crate::good::Good;
use crate::list::{ControlItem, Scope};
use crate::presence::{IMPURITY_PPB, Presence};
use crate::reading::Reading;
use crate::status::Status;
use crate::vocabulary::Vocabulary;

impl Classifier<'_> {
    /// What to check before relying on the answer.
    pub(crate) fn checks(
        &self,
        good: &Good,
        reading: &Reading,
        outcome: &Outcome,
        answer: &mut Answer,
    ) {
        let items = &self.pack.list.items;
        let from_here = |at: &&usize| items[**at].scope == Scope::FromHere;
        let bearing = || {
            let holds = outcome.fits.iter().chain(&outcome.unknown).chain(&outcome.elsewhere);
            holds.chain(outcome.idle.iter().filter(from_here))
        };
        let mut check = Vec::new();
        for &at in outcome.fits.iter().chain(&outcome.unknown) {
            let item = &items[at];
            if item.fact.confidence != crate::Confidence::High {
                let statement =
                    Statement::new("confidence").word("confidence", item.fact.confidence.code());
                check.push(statement.word("item", item.label()).word("source", &item.fact.source));
            }
            for code in &item.unless_controlled_by {
                check.push(Statement::new("unless").word("code", code).word("item", item.label()));
            }
            if !item.form_note.is_empty() {
                check.push(
                    Statement::new("form_note")
                        .word("item", item.label())
                        .word("note", &item.form_note),
                );
            }
        }
        self.hs(good, outcome, &mut check);
        for warning in &self.pack.settings.warnings {
            if bearing().any(|&at| warning.instruments.contains(&items[at].instrument)) {
                check.push(
                    Statement::new("pack_warning")
                        .word("text", &warning.text_en)
                        .word("text_zh", &warning.text_zh),
                );
            }
        }
        if let Some(as_of) = self.pack.as_of.filter(|day| self.as_of().date > *day) {
            check.push(Statement::new("pack_as_of").word("date", as_of.to_string()));
        }
        for (z, ppb) in &reading.assay {
            let trace = *ppb <= IMPURITY_PPB && self.listed.has(*z);
            if trace
                && answer.answer == Kind::NotControlled
                && self.reader.presence(reading, *z) == Presence::Trace
            {
                let symbol = Vocabulary::common().symbol_of(*z).to_owned();
                check.push(
                    Statement::new("trace_element")
                        .word("elements", symbol)
                        .word("percent", percent_text(*ppb).to_string()),
                );
            }
        }
        answer.check.extend(check);
        answer.check.extend(good.notes.iter().cloned());
        let mut seen: Vec<Statement> = Vec::with_capacity(answer.check.len());
        for statement in std::mem::take(&mut answer.check) {
            if !seen.contains(&statement) {
                seen.push(statement);
            }
        }
        answer.check = seen;
    }

    /// HS codes are hints: a match or a mismatch is mentioned and decides nothing.
    fn hs(&self, good: &Good, outcome: &Outcome, check: &mut Vec<Statement>) {
        let digits: String = good.hs.chars().filter(char::is_ascii_digit).take(10).collect();
        if good.hs.trim().is_empty() {
            return;
        }
        if digits.len() < 4 {
            check.push(Statement::new("hs_unreadable").word("hs", &good.hs));
            return;
        }
        let items = &self.pack.list.items;
        let fits = |item: &ControlItem| {
            item.hs
                .iter()
                .any(|code| code.starts_with(&digits) || digits.starts_with(code.as_str()))
        };
        for &at in outcome.fits.iter().chain(&outcome.unknown) {
            if !items[at].hs.is_empty() && !fits(&items[at]) {
                check.push(
                    Statement::new("hs_mismatch")
                        .word("hs", &digits)
                        .word("item", items[at].label()),
                );
            }
        }
        if outcome.fits.is_empty() && outcome.unknown.is_empty() {
            let hints = items
                .iter()
                .zip(self.statuses())
                .filter(|(i, s)| matches!(s, Status::InForce { .. }) && fits(i));
            let labels: Vec<String> = hints.map(|(i, _)| i.label()).take(4).collect();
            if !labels.is_empty() {
                check.push(
                    Statement::new("hs_match").word("hs", &digits).word("item", labels.join(", ")),
                );
            }
        }
    }
}
