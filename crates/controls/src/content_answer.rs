//! Content rules applied to a good with a bill of material: what counts, what share it makes, and what
//! follows for goods made elsewhere.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::answer::{Answer, ContentAnswer};
use crate::bill::BillPart;
use crate::classify::{Classifier, Outcome};
use crate::content::{ContentRule, RuleKind, ShareOf, percent_text, share_of_bill};
use crate::good::Good;
use crate::matching::{Verdict, judge};
use crate::statement::Statement;

impl Classifier<'_> {
    /// Works out the content rules of a good, moves items about goods made elsewhere to those that fit
    /// where a rule holds, and gives what to ask.
    pub(crate) fn content(
        &self,
        good: &Good,
        outcome: &mut Outcome,
        answer: &mut Answer,
    ) -> Vec<Statement> {
        let foreign = !good.origin.is_empty() && good.origin != self.pack.settings.country;
        let mut asks = Vec::new();
        if good.bill.is_empty() && !foreign {
            return asks;
        }
        for rule in self.pack.content.rules.iter().filter(|r| r.kind == RuleKind::Share) {
            let status = self.rule_status(rule);
            let about: Vec<usize> = if rule.products.is_empty() {
                Vec::new()
            } else {
                let of = |&at: &usize| self.pack.list.items[at].control_code == rule.products;
                outcome.elsewhere.iter().copied().filter(of).collect()
            };
            let applies =
                foreign && status == "in_force" && (rule.products.is_empty() || !about.is_empty());
            if good.bill.is_empty() {
                if applies {
                    asks.push(Statement::new("ask_bill").word("rule", &rule.id));
                }
                continue;
            }
            let counted = |at: usize| self.counted(rule, &good.bill, at);
            let share = share_of_bill(&good.bill, rule.share_of, &counted);
            let holds = share.as_ref().is_ok_and(|s| rule.holds(&s.share));
            let threshold =
                format!("{} {} %", rule.comparison.sign(), percent_text(&rule.threshold));
            match &share {
                Ok(_) if applies && holds => {
                    outcome.elsewhere.retain(|at| !about.contains(at));
                    outcome.fits.extend(about);
                }
                Ok(share) if applies => {
                    let statement = Statement::new("content_below").word("rule", &rule.id);
                    answer.check.push(
                        statement.word("percent", &share.percent).word("threshold", &threshold),
                    );
                }
                Err(_) if applies => asks.push(Statement::new("ask_bill").word("rule", &rule.id)),
                _ => {}
            }
            if rule.inputs.is_empty() && applies {
                answer.check.push(Statement::new("content_all").word("rule", &rule.id));
            }
            answer.content.push(ContentAnswer {
                rule: rule.id.clone(),
                text: rule.text[0].clone(),
                error: share.as_ref().err().map(ToString::to_string),
                share: share.ok(),
                threshold,
                holds,
                status,
                applies,
                citation: rule.fact.citation.clone(),
                confidence: rule.fact.confidence,
            });
        }
        asks
    }

    /// The status of a rule: that of the items of its instrument, within its own dates.
    fn rule_status(&self, rule: &ContentRule) -> &'static str {
        let as_of = self.as_of();
        if as_of.known_at.is_some_and(|known| rule.validity.published > known) {
            return "not_published";
        }
        let of = |(item, _): &(&crate::ControlItem, &crate::Status)| {
            item.instrument == rule.instrument
                && (rule.inputs.is_empty() || item.control_code == rule.inputs)
        };
        let instrument = self.pack.list.items.iter().zip(self.statuses()).find(of);
        match instrument.map(|(_, status)| status.code()) {
            Some(code) if code != "in_force" => code,
            _ if as_of.date < rule.validity.from => "not_yet",
            _ if rule.validity.to.is_some_and(|to| to < as_of.date) => "ended",
            _ => "in_force",
        }
    }

    /// What of one piece of a part counts, as a share of it; nothing: its own parts decide.
    fn counted(&self, rule: &ContentRule, bill: &[BillPart], at: usize) -> Option<BigRational> {
        let part = bill.get(at)?;
        let whole = || BigRational::from(BigInt::from(1));
        if rule.share_of == ShareOf::Mass && !rule.elements.is_empty() {
            if part.assay.is_empty() {
                return None;
            }
            let of = part.assay.iter().filter(|a| rule.elements.has(a.z));
            let ppb: u64 = of.map(|a| u64::from(a.element_ppb)).sum();
            return Some(BigRational::new(
                BigInt::from(ppb),
                BigInt::from(base::composition::WHOLE_PPB),
            ));
        }
        if !rule.origin.is_empty() && !rule.origin.contains(&part.origin) {
            return None;
        }
        if rule.inputs.is_empty() {
            return Some(whole());
        }
        let good = Good {
            name: part.name.clone(),
            form: part.form.clone(),
            grade: part.grade.clone(),
            assay: part.assay.clone(),
            ..Good::default()
        };
        let (reading, exact) = self.reading(&good);
        let fits = self.pack.list.items.iter().enumerate().any(|(at, item)| {
            let exact = exact.contains(&(at as u32));
            item.control_code == rule.inputs
                && judge(item, &self.prepared[at], &self.reader, &reading, exact) == Verdict::Fits
        });
        fits.then(whole)
    }
}
