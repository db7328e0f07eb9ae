//! Rules about goods made elsewhere with technology of a listed origin.
//!
//! Where the technology is from is stated for the good, and for parts of its bill; a part counts with the good
//! that it is in. What follows is what the status of the rule on the day says: controlled, not known, or not
//! controlled by it. Where the rule is in force, the good is one of its products and nothing is stated, the
//! answer asks for it.

use crate::answer::{Answer, ContentAnswer};
use crate::classify::{Classifier, Outcome};
use crate::content::{ContentRule, RuleKind};
use crate::content_answer::part_good;
use crate::good::Good;
use crate::matching::{Lack, Verdict, judge};
use crate::reading::Reading;
use crate::statement::{Language, Statement};
use crate::status::Status;
use crate::vocabulary::Elements;

/// The items about the products of a rule, as far as a good may be one of them.
#[derive(Debug, Default)]
struct Products {
    fits: Vec<usize>,
    lacks: Vec<(Lack, Elements, usize)>,
}

impl Classifier<'_> {
    /// Judges the rules about technology of a good made elsewhere.
    pub(crate) fn technology(
        &self,
        good: &Good,
        reading: &Reading,
        outcome: &mut Outcome,
        answer: &mut Answer,
        asks: &mut Vec<Statement>,
    ) {
        let foreign = self.foreign(good);
        let origins = stated(good);
        let rules = self.pack.content.rules.iter().filter(|r| r.kind == RuleKind::Technology);
        for rule in rules.filter(|_| foreign) {
            let products = self.products(rule, good, reading);
            let is_product = !products.fits.is_empty() || !products.lacks.is_empty();
            let status = self.rule_status(rule);
            let Some(origins) = &origins else {
                if is_product && matches!(status, Status::InForce { .. }) {
                    let ask = Statement::new("ask_technology").word("rule", &rule.id);
                    asks.push(ask.word("citation", &rule.fact.citation));
                }
                continue;
            };
            let counts: Vec<&str> =
                origins.iter().filter(|o| rule.origin.contains(o)).map(String::as_str).collect();
            let holds = !counts.is_empty();
            if holds && is_product {
                answer.check.push(technology_check(rule, &counts, &status));
                apply(&status, products, outcome);
            }
            answer.content.push(ContentAnswer {
                rule: rule.id.clone(),
                text: rule.text[0].clone(),
                part: None,
                technology_origin: Some(origins.clone()),
                share: None,
                error: None,
                threshold: rule.origin.join(";"),
                holds,
                status: status.code(),
                applies: is_product && matches!(status, Status::InForce { .. }),
                citation: rule.fact.citation.clone(),
                confidence: rule.fact.confidence,
            });
        }
    }

    /// The items of a rule's products that a good fits, or may fit once more is stated. Of an assembly
    /// its parts are looked at too: the items name what contains the materials.
    fn products(&self, rule: &ContentRule, good: &Good, reading: &Reading) -> Products {
        let mut products = Products::default();
        let items = self.pack.list.items.iter().enumerate();
        let items = items.filter(|(_, i)| i.control_code == rule.products && !i.reserved);
        let mut parts: Option<Vec<(Reading, &[u32])>> = None;
        let exact = self.exact(good);
        for (at, item) in items {
            let verdict = |reading: &Reading, exact: &[u32]| {
                let exact = exact.contains(&(at as u32));
                judge(item, &self.prepared[at], &self.reader, reading, exact)
            };
            let own = verdict(reading, exact);
            if own == Verdict::Fits {
                products.fits.push(at);
                continue;
            }
            if reading.kinds & item.kinds == 0 {
                continue;
            }
            let parts = parts.get_or_insert_with(|| {
                good.bill.iter().map(|part| self.reading(&part_good(part))).collect()
            });
            let in_part = parts.iter().any(|(r, exact)| verdict(r, exact) == Verdict::Fits);
            match own {
                _ if in_part => products.fits.push(at),
                Verdict::Lacks { lack, elements } => products.lacks.push((lack, elements, at)),
                _ => {}
            }
        }
        products
    }
}

/// What is stated for the good and the parts of its bill; nothing where nothing is stated.
fn stated(good: &Good) -> Option<Vec<String>> {
    let of_parts = good.bill.iter().filter_map(|part| part.technology_origin.as_ref());
    let mut all = good.technology_origin.iter().chain(of_parts).peekable();
    all.peek()?;
    let mut origins: Vec<String> = all.flatten().cloned().collect();
    origins.sort_unstable();
    origins.dedup();
    Some(origins)
}

/// Moves the items of the products to where the status of the rule puts them.
fn apply(status: &Status, products: Products, outcome: &mut Outcome) {
    let Products { fits, lacks } = products;
    let list = match status {
        Status::InForce { .. } => {
            outcome.elsewhere.retain(|at| !fits.contains(at));
            outcome.lacks.extend(lacks);
            &mut outcome.fits
        }
        Status::Unknown { .. } => {
            outcome.lacks.extend(lacks);
            &mut outcome.unknown
        }
        _ => return,
    };
    for at in fits {
        if !list.contains(&at) {
            list.push(at);
        }
    }
}

fn technology_check(rule: &ContentRule, origins: &[&str], status: &Status) -> Statement {
    let code = match status {
        Status::InForce { .. } => "technology_controls",
        Status::Unknown { .. } => "technology_unknown",
        _ => "technology_idle",
    };
    let why = status.statement();
    Statement::new(code)
        .word("rule", &rule.id)
        .word("origin", origins.join(", "))
        .word("citation", &rule.fact.citation)
        .word("why", why.render(Language::En))
        .word("why_zh", why.render(Language::Zh))
}
