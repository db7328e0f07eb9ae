//! The reasons of an answer: what to state or ask where nothing decides, and why nothing applies.

use base::composition::{WHOLE_PPB, percent_text};
use num_rational::BigRational;

use crate::answer::Answer;
use crate::classify::{Classifier, Outcome, measure_text, rule_check};
use crate::content::{CarveOut, ContentRule, percent_text as percent_of};
use crate::good::Good;
use crate::list::{Measure, Scope};
use crate::matching::{Lack, Why, kind_bits, threshold_value};
use crate::reading::Reading;
use crate::status::Status;
use crate::vocabulary::{Elements, Form, Vocabulary};
use crate::{Confidence, Language, Statement};

impl Classifier<'_> {
    /// What to state or ask, where nothing decides.
    pub(crate) fn refer(
        &self,
        good: &Good,
        reading: &Reading,
        outcome: &Outcome,
        carved: Option<(&CarveOut, bool)>,
        answer: &mut Answer,
    ) {
        if let Some((_, true)) = carved {
            return;
        }
        if let Some((carve_out, false)) = carved {
            let magnets = reading.kinds_all & self.magnet != 0 || reading.families != 0;
            if magnets || !reading.named.both(self.listed).is_empty() {
                let ask = Statement::new("ask_carve_out")
                    .word("ask", &carve_out.ask[0])
                    .word("ask_zh", &carve_out.ask[1]);
                answer.refer.push(ask);
                return;
            }
        }
        if reading.is_blank() && good.bill.is_empty() {
            answer.refer.push(Statement::new("ask_nothing_read"));
            return;
        }
        self.lacks(reading, outcome, answer);
        self.unworded(reading, outcome, answer);
        let diffused = reading.diffused && reading.kinds & self.magnet != 0;
        if diffused
            && good.text_of("sampling_plan").is_none_or(str::is_empty)
            && !self.listed.is_empty()
        {
            answer.refer.push(Statement::new("ask_sampling"));
        }
        let rank_only = reading.named.is_empty()
            && reading.assayed.is_empty()
            && !reading.rare_earths
            && reading.families == 0;
        let material = kind_bits(&[
            "metal", "alloy", "oxide", "compound", "target", "powder", "crystal", "ore",
        ]);
        if answer.refer.is_empty()
            && rank_only
            && reading.kinds & material != 0
            && outcome.idle.is_empty()
            && outcome.misses.iter().all(|(w, _)| matches!(w, Why::Element))
        {
            answer.refer.push(Statement::new("ask_elements"));
        }
    }

    /// What the items that nearly fit need to be told.
    fn lacks(&self, reading: &Reading, outcome: &Outcome, answer: &mut Answer) {
        let vocabulary = Vocabulary::common();
        let whole = |lack: Lack| {
            let of = outcome.lacks.iter().filter(|(l, _, _)| *l == lack);
            of.fold(Elements::default(), |set, (_, e, _)| set.with(*e))
        };
        let symbols = |elements| vocabulary.symbols_text(elements);
        let sum = percent_text(u32::try_from(reading.assay_sum).unwrap_or(WHOLE_PPB)).to_string();
        let impurity = percent_text(crate::presence::IMPURITY_PPB).to_string();
        let mut lacks: Vec<Lack> = outcome.lacks.iter().map(|(l, _, _)| *l).collect();
        lacks.sort_unstable();
        lacks.dedup();
        for lack in lacks {
            let elements = whole(lack);
            let statement = match lack {
                Lack::Kind => Statement::new("ask_kind"),
                Lack::Family => Statement::new("ask_family"),
                Lack::Assay => Statement::new("ask_assay").word("elements", symbols(elements)),
                Lack::AssayRest => {
                    let example = elements.iter().next().map_or("", |z| vocabulary.symbol_of(z));
                    Statement::new("ask_assay_rest")
                        .word("percent", &sum)
                        .word("elements", symbols(elements))
                        .word("example", example)
                }
                Lack::Limit => Statement::new("ask_limit")
                    .word("elements", symbols(elements))
                    .word("percent", &impurity),
                Lack::Contradiction => {
                    Statement::new("ask_contradiction").word("elements", symbols(elements))
                }
                Lack::Impurity => Statement::new("ask_impurity")
                    .word("elements", symbols(elements))
                    .word("percent", &impurity),
                Lack::Value(number) => {
                    for (_, _, at) in outcome.lacks.iter().filter(|(l, _, _)| *l == lack) {
                        answer.refer.extend(self.ask_value(*at, number));
                    }
                    continue;
                }
            };
            answer.refer.push(statement);
        }
    }

    /// Elements that the list names, in a form that no item names.
    fn unworded(&self, reading: &Reading, outcome: &Outcome, answer: &mut Answer) {
        let lacking = outcome.lacks.iter().fold(Elements::default(), |set, (_, e, _)| set.with(*e));
        let present = reading.assay.iter().filter(|(_, ppb)| *ppb > crate::presence::IMPURITY_PPB);
        let present = present.fold(reading.spelled, |set, (z, _)| set.with(Elements::one(*z)));
        let present = present.with(reading.named.both(self.listed));
        let unworded = present
            .both(self.listed)
            .without(outcome.decided)
            .without(lacking)
            .without(reading.below);
        if !unworded.is_empty() {
            answer.refer.push(
                Statement::new("ask_wording")
                    .word("elements", Vocabulary::common().symbols_text(unworded)),
            );
        }
    }

    fn ask_value(&self, at: usize, number: u8) -> Option<Statement> {
        let item = &self.pack.list.items[at];
        let threshold = item.thresholds.get(usize::from(number))?;
        let (unit, zh) = match threshold.measure {
            Measure::Parameter(p) => Vocabulary::common()
                .parameters
                .get(usize::from(p))
                .map(|p| (p.unit.clone(), p.name_zh.clone()))?,
            Measure::Share(z) => {
                ("% by mass".to_owned(), Vocabulary::common().symbol_of(z).to_owned())
            }
        };
        let parameter = measure_text(threshold.measure);
        Some(
            Statement::new("ask_value")
                .word("parameter", parameter)
                .word("parameter_name", zh)
                .word("unit", unit)
                .word("item", item.label())
                .word("limit", threshold.limit_text()),
        )
    }

    /// Why nothing applies: the reason that comes nearest to an item.
    pub(crate) fn because(
        &self,
        reading: &Reading,
        outcome: &Outcome,
        carved: Option<(&CarveOut, bool)>,
        good: &Good,
        check: &mut Vec<Statement>,
    ) -> Option<Statement> {
        if let Some((number, share)) = &outcome.trace {
            return Some(self.within_trace(self.traces[*number], share, good, check));
        }
        if let Some((carve_out, true)) = carved {
            if !carve_out.official || carve_out.fact.confidence != Confidence::High {
                check.push(rule_check(&carve_out.text, &carve_out.fact));
            }
            let statement = Statement::new("carve_out").word("text", &carve_out.text[0]);
            let statement = statement.word("text_zh", &carve_out.text[1]);
            return Some(statement.word("citation", &carve_out.fact.citation));
        }
        if let Some(statement) = self.idle(outcome) {
            return Some(statement);
        }
        let threshold = outcome.misses.iter().find_map(|(why, at)| match why {
            Why::Threshold(number) => self.threshold_failed(*at, *number, reading),
            _ => None,
        });
        let statement = threshold
            .or_else(|| self.without_by_assay(reading, outcome, check))
            .or_else(|| self.other_family(reading, outcome))
            .or_else(|| self.other_kind(reading, outcome));
        Some(statement.unwrap_or_else(|| {
            let date = self.as_of().date.to_string();
            let assayed = reading.assay.iter().map(|(z, _)| Elements::one(*z));
            let named = assayed.fold(reading.named, Elements::with);
            if named.is_empty() {
                return Statement::new("no_item").word("date", date);
            }
            let symbols = Vocabulary::common().symbols_text(named);
            Statement::new("no_element").word("date", date).word("elements", symbols)
        }))
    }

    fn within_trace(
        &self,
        rule: &ContentRule,
        share: &BigRational,
        good: &Good,
        check: &mut Vec<Statement>,
    ) -> Statement {
        if !rule.official || rule.fact.confidence != Confidence::High {
            check.push(rule_check(&rule.text, &rule.fact));
        }
        if !rule.asks.is_empty() && !good.says_yes(&rule.asks) {
            check.push(Statement::new("practice_test"));
        }
        Statement::new("trace_practice")
            .word("elements", Vocabulary::common().symbols_text(rule.elements))
            .word("percent", percent_of(share))
            .word("limit", percent_of(&rule.threshold))
            .word("text", &rule.text[0])
            .word("text_zh", &rule.text[1])
    }

    /// An item that fits and does not hold on this day.
    fn idle(&self, outcome: &Outcome) -> Option<Statement> {
        let items = &self.pack.list.items;
        let from_here = |at: &&usize| items[**at].scope == Scope::FromHere;
        let &at = outcome.idle.iter().find(from_here).or(outcome.idle.first())?;
        let why = self.statuses()[at].statement();
        Some(
            Statement::new("not_in_force")
                .word("item", items[at].label())
                .word("why", why.render(Language::En))
                .word("why_zh", why.render(Language::Zh)),
        )
    }

    fn labels(&self, of: &[usize]) -> String {
        let labels = of.iter().take(6).map(|&at| self.pack.list.items[at].label());
        labels.collect::<Vec<_>>().join(", ")
    }

    fn missed(outcome: &Outcome, wanted: impl Fn(Why) -> bool) -> Vec<usize> {
        outcome.misses.iter().filter(|(why, _)| wanted(*why)).map(|(_, at)| *at).collect()
    }

    fn without_by_assay(
        &self,
        reading: &Reading,
        outcome: &Outcome,
        check: &mut Vec<Statement>,
    ) -> Option<Statement> {
        let vocabulary = Vocabulary::common();
        let missed = Self::missed(outcome, |why| why == Why::ElementByAssay);
        if missed.is_empty() {
            return None;
        }
        let of = missed.iter().map(|&at| self.pack.list.items[at].elements);
        let elements = of.fold(Elements::default(), Elements::with);
        let silent = elements.without(reading.assayed);
        if !silent.is_empty() {
            let sum = u32::try_from(reading.assay_sum).unwrap_or(WHOLE_PPB);
            let statement =
                Statement::new("assay_silent").word("percent", percent_text(sum).to_string());
            check.push(statement.word("elements", vocabulary.symbols_text(silent)));
        }
        let statement = Statement::new("assay_without").word("items", self.labels(&missed));
        Some(statement.word("elements", vocabulary.symbols_text(elements)))
    }

    fn other_family(&self, reading: &Reading, outcome: &Outcome) -> Option<Statement> {
        let vocabulary = Vocabulary::common();
        let items = &self.pack.list.items;
        let mut of = Self::missed(outcome, |why| why == Why::Family);
        if of.is_empty() && reading.kinds & self.magnet != 0 && reading.families != 0 {
            let holds = |at: &usize| matches!(self.statuses()[*at], Status::InForce { .. });
            let named =
                |at: &usize| items[*at].families != 0 && items[*at].scope == Scope::FromHere;
            of = (0..items.len()).filter(|at| named(at) && holds(at)).collect();
        }
        if of.is_empty() {
            return None;
        }
        let set = of.iter().fold(0, |set, &at| set | items[at].families);
        let name = |set: u64| {
            let named = vocabulary.families.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1);
            named.map(|(_, f)| f.family.as_str()).collect::<Vec<_>>().join(", ")
        };
        let statement = Statement::new("family_other").word("items", self.labels(&of));
        Some(statement.word("families", name(set)).word("family", name(reading.families)))
    }

    fn other_kind(&self, reading: &Reading, outcome: &Outcome) -> Option<Statement> {
        let vocabulary = Vocabulary::common();
        let missed =
            Self::missed(outcome, |why| matches!(why, Why::Kind | Why::Term | Why::Partner));
        let of = missed.iter().map(|&at| self.pack.list.items[at].elements);
        let elements = of.fold(Elements::default(), Elements::with).both(reading.named);
        let forms: Vec<&Form> = vocabulary.forms_of(reading.kinds).collect();
        if elements.is_empty() || forms.is_empty() || !outcome.decided.is_empty() {
            return None;
        }
        let names =
            |name: fn(&Form) -> &str| forms.iter().map(|f| name(f)).collect::<Vec<_>>().join(", ");
        let statement = Statement::new("kind_other").word("kind", names(|f| &f.name_en));
        let statement = statement.word("kind_zh", names(|f| &f.name_zh));
        Some(statement.word("elements", vocabulary.symbols_text(elements)))
    }

    fn threshold_failed(&self, at: usize, number: u8, reading: &Reading) -> Option<Statement> {
        let item = &self.pack.list.items[at];
        let threshold = item.thresholds.get(usize::from(number))?;
        let value = threshold_value(item, threshold, reading)?;
        let shown =
            base::decimal::Scaled { value: value.stated.value, scale: crate::good::VALUE_SCALE };
        let parameter = measure_text(threshold.measure);
        let name = match threshold.measure {
            Measure::Parameter(p) => Vocabulary::common()
                .parameters
                .get(usize::from(p))
                .map_or(String::new(), |p| p.name_zh.clone()),
            Measure::Share(_) => parameter.clone(),
        };
        Some(
            Statement::new("threshold_failed")
                .word("item", item.label())
                .word("parameter", parameter)
                .word("parameter_name", name)
                .word("limit", threshold.limit_text())
                .word("stated", format!("{} {shown}", value.stated.comparison.sign())),
        )
    }
}
