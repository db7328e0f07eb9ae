//! Content rules applied to a good with a bill of material: what counts, what share it makes, and what
//! follows for goods made elsewhere.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::answer::{Answer, ContentAnswer};
use crate::bill::BillPart;
use crate::classify::{Average, Classifier, Outcome};
use crate::content::{
    ContentError, ContentRule, RuleKind, Share, ShareOf, percent_text, share_of_bill,
    share_of_magnets,
};
use crate::good::Good;
use crate::matching::{Verdict, judge};
use crate::reading::Reading;
use crate::statement::Statement;
use crate::status::Status;

impl Classifier<'_> {
    /// Works out the content rules of a good, moves items about goods made elsewhere to those that fit
    /// where a rule holds, and gives what to ask.
    pub(crate) fn content(
        &self,
        good: &Good,
        reading: &Reading,
        outcome: &mut Outcome,
        answer: &mut Answer,
    ) -> Vec<Statement> {
        let foreign = self.foreign(good);
        let mut asks = Vec::new();
        if good.bill.is_empty() && !foreign {
            return asks;
        }
        for rule in self.pack.content.rules.iter().filter(|r| r.kind == RuleKind::Share) {
            let status = self.rule_status(rule).code();
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
            let (part, share) = self.share(rule, &good.bill);
            let holds = share.as_ref().is_ok_and(|s| rule.holds(&s.share));
            let threshold =
                format!("{} {} %", rule.comparison.sign(), percent_text(&rule.threshold));
            if let (Some(part), Ok(share)) = (&part, &share) {
                let said = Statement::new("content_part").word("rule", &rule.id);
                answer.check.push(said.word("part", part).word("percent", &share.percent));
            }
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
                part,
                technology_origin: None,
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
        self.technology(good, reading, outcome, answer, &mut asks);
        asks
    }

    /// Whether a good is stated to be made elsewhere than in the pack's area.
    pub(crate) fn foreign(&self, good: &Good) -> bool {
        let country = &self.pack.settings.country;
        !good.origin.is_empty() && !base::iso::country_within(&good.origin, country)
    }

    /// The share that a rule is judged on, with the magnet that decides where each is judged by itself.
    fn share(
        &self,
        rule: &ContentRule,
        bill: &[BillPart],
    ) -> (Option<String>, Result<Share, ContentError>) {
        let counted = |at: usize| self.counted(rule, bill, at);
        if rule.share_of == ShareOf::Value || rule.elements.is_empty() || !rule.each_magnet {
            return (None, share_of_bill(bill, rule.share_of, &counted));
        }
        let magnet = |at: usize| bill.get(at).is_some_and(|part| self.rule_magnet(rule, part));
        match share_of_magnets(bill, &magnet, &counted) {
            Ok(Some((at, share))) => (bill.get(at).map(|p| p.part.clone()), Ok(share)),
            Ok(None) => (None, Err(ContentError::NoMagnet)),
            Err(error) => (None, Err(error)),
        }
    }

    /// Whether a part is a magnet of a rule's families; what has an assay and no words is taken for one.
    fn rule_magnet(&self, rule: &ContentRule, part: &BillPart) -> bool {
        let blank = [&part.name, &part.form, &part.grade].iter().all(|t| t.trim().is_empty());
        if blank {
            return !part.assay.is_empty();
        }
        let (reading, _) = self.reading(&part_good(part));
        let family =
            rule.families == 0 || reading.families == 0 || reading.families & rule.families != 0;
        reading.kinds & self.magnet != 0 && family
    }

    /// What the trace rules are judged on for a good with a bill, in their order: each magnet, or the whole.
    /// `above` is what holds of the whole that the good is a part of.
    pub(crate) fn averages(
        &self,
        good: &Good,
        above: &[Average],
        answer: &mut Answer,
    ) -> Vec<Average> {
        if good.bill.is_empty() || !above.is_empty() || self.traces.iter().all(|r| r.each_magnet) {
            return above.to_vec();
        }
        let average = |rule: &&ContentRule| {
            if rule.each_magnet || !good.assay.is_empty() {
                return Average::Each;
            }
            let counted = |at: usize| self.counted(rule, &good.bill, at);
            match share_of_bill(&good.bill, ShareOf::Mass, &counted) {
                Ok(share) => Average::Share(share.share),
                Err(error) => {
                    let said = Statement::new("content_unworked").word("rule", &rule.id);
                    answer.check.push(said.word("error", error.to_string()));
                    Average::NotKnown
                }
            }
        };
        self.traces.iter().map(average).collect()
    }

    /// The status of a rule: that of the items of its instrument, within its own dates.
    pub(crate) fn rule_status(&self, rule: &ContentRule) -> Status {
        let as_of = self.as_of();
        let validity = rule.validity;
        if let Some(known) = as_of.known_at.filter(|known| validity.published > *known) {
            return Status::NotPublished { published: known };
        }
        let code = match rule.kind {
            RuleKind::Technology => &rule.products,
            _ => &rule.inputs,
        };
        let of = |(item, _): &(&crate::ControlItem, &crate::Status)| {
            item.instrument == rule.instrument && (code.is_empty() || item.control_code == *code)
        };
        let instrument = self.pack.list.items.iter().zip(self.statuses()).find(of);
        match (instrument, validity.to) {
            (Some((_, status)), _) if status.code() != "in_force" => status.clone(),
            _ if as_of.date < validity.from => Status::NotYet { from: validity.from },
            (_, Some(to)) if to < as_of.date => Status::Ended { to },
            _ => Status::InForce { from: validity.from },
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
        let (reading, exact) = self.reading(&part_good(part));
        let fits = self.pack.list.items.iter().enumerate().any(|(at, item)| {
            let exact = exact.contains(&(at as u32));
            item.control_code == rule.inputs
                && judge(item, &self.prepared[at], &self.reader, &reading, exact) == Verdict::Fits
        });
        fits.then(whole)
    }
}

/// A part of a bill as a good of its own.
pub(crate) fn part_good(part: &BillPart) -> Good {
    Good {
        name: part.name.clone(),
        form: part.form.clone(),
        grade: part.grade.clone(),
        assay: part.assay.clone(),
        ..Good::default()
    }
}
