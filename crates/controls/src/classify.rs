//! Which items of a control list apply to a good on a day, or why none does.
//!
//! A [`Classifier`] is a list prepared for one day of law and one day of knowledge; it answers good after
//! good, each by itself. Precedence: an item in force that fits makes a good controlled; else one whose
//! status nobody knows makes the answer unknown; else what is not stated makes it refer; else it is not
//! controlled, with the reason.

use std::collections::HashMap;

use base::composition::WHOLE_PPB;
use num_bigint::BigInt;
use num_rational::BigRational;

use crate::answer::{Answer, AnswerItem, AnswerThreshold, Kind, UnknownItem};
use crate::content::{CarveOut, ContentRule, RuleKind, Validity};
use crate::good::Good;
use crate::list::{ControlItem, Measure, Scope};
use crate::matching::{Lack, Met, Prepared, Verdict, Why, judge, kind_bits, met, threshold_value};
use crate::pack::Pack;
use crate::reading::{Reader, Reading, Wanted};
use crate::statement::Statement;
use crate::status::{AsOf, Status};
use crate::text::wording;
use crate::vocabulary::{Elements, Vocabulary};

/// A pack's list prepared for a day.
#[derive(Debug)]
pub struct Classifier<'p> {
    pub(crate) pack: &'p Pack,
    as_of: AsOf,
    statuses: Vec<Status>,
    pub(crate) prepared: Vec<Prepared>,
    term_names: Vec<String>,
    pub(crate) reader: Reader,
    wordings: HashMap<String, Vec<u32>>,
    carve_outs: Vec<(&'p CarveOut, Vec<Vec<u32>>)>,
    pub(crate) traces: Vec<&'p ContentRule>,
    /// Elements of items that hold or may hold, and whose presence is a reason to ask.
    pub(crate) listed: Elements,
    pub(crate) magnet: u64,
}

/// What the items came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) fits: Vec<usize>,
    pub(crate) unknown: Vec<usize>,
    pub(crate) idle: Vec<usize>,
    pub(crate) elsewhere: Vec<usize>,
    pub(crate) lacks: Vec<(Lack, Elements, usize)>,
    /// The reasons of the items that came nearest.
    pub(crate) misses: Vec<(Why, usize)>,
    depth: u8,
    /// Elements of which an item decided, one way or the other.
    pub(crate) decided: Elements,
    pub(crate) trace: Option<(usize, BigRational)>,
}

/// What a trace rule is judged on, where that is the whole of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Average {
    /// Each magnet by itself.
    Each,
    /// The share in the whole.
    Share(BigRational),
    /// The share in the whole could not be worked out: nothing is within the rule.
    NotKnown,
}

impl<'p> Classifier<'p> {
    /// Prepares a pack's list for a day.
    #[must_use]
    pub fn new(pack: &'p Pack, as_of: AsOf) -> Classifier<'p> {
        let mut term_names: Vec<String> = Vec::new();
        let mut places: HashMap<String, u32> = HashMap::new();
        let mut number = |term: &String| {
            *places.entry(term.clone()).or_insert_with(|| {
                term_names.push(term.clone());
                term_names.len() as u32 - 1
            })
        };
        let mut groups = |groups: &[Vec<String>]| -> Vec<Vec<u32>> {
            groups.iter().map(|g| g.iter().map(&mut number).collect()).collect()
        };
        let items = &pack.list.items;
        let prepared = items.iter().map(|i| Prepared { terms: groups(&i.terms) }).collect();
        let holds = |v: &Validity| {
            as_of.known_at.is_none_or(|known| v.published <= known)
                && v.from <= as_of.date
                && v.to.is_none_or(|to| as_of.date <= to)
        };
        let carve_outs = pack.content.carve_outs.iter().filter(|c| holds(&c.validity));
        let carve_outs = carve_outs.map(|c| (c, groups(&c.terms))).collect();
        let traces = pack.content.rules.iter();
        let traces = traces.filter(|r| r.kind == RuleKind::Trace && holds(&r.validity)).collect();
        let mut wordings: HashMap<String, Vec<u32>> = HashMap::new();
        let statuses = pack.list.statuses(as_of);
        let mut listed = Elements::default();
        for (at, item) in items.iter().enumerate() {
            for text in [&item.item_en, &item.item_zh] {
                let places = wordings.entry(wording(text)).or_default();
                if !places.contains(&(at as u32)) {
                    places.push(at as u32);
                }
            }
            let bears = matches!(statuses[at], Status::InForce { .. } | Status::Unknown { .. });
            if bears && item.presence_asks && item.scope == Scope::FromHere {
                listed = listed.with(item.elements);
            }
        }
        let reader = Reader::new(&term_names);
        let magnet = kind_bits(&["magnet"]);
        Classifier {
            pack,
            as_of,
            statuses,
            prepared,
            term_names,
            reader,
            wordings,
            carve_outs,
            traces,
            listed,
            magnet,
        }
    }

    /// The day it is prepared for.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// The status of each item of the list on that day, in the order of the list.
    #[must_use]
    pub fn statuses(&self) -> &[Status] {
        &self.statuses
    }

    /// What is read of a good, and the items whose very wording its name is.
    pub(crate) fn reading(&self, good: &Good) -> (Reading, &[u32]) {
        (self.reader.read(good), self.exact(good))
    }

    /// The items whose very wording the name of a good is.
    pub(crate) fn exact(&self, good: &Good) -> &[u32] {
        self.wordings.get(&wording(&good.name)).map_or(&[][..], Vec::as_slice)
    }

    /// Answers for one good.
    #[must_use]
    pub fn classify(&self, good: &Good) -> Answer {
        self.classify_within(good, &[])
    }

    /// Answers for one good, with what was worked out of the whole that it is a part of.
    fn classify_within(&self, good: &Good, averages: &[Average]) -> Answer {
        let (reading, exact) = self.reading(good);
        let mut answer = Answer::new(good, self.as_of);
        let averages = self.averages(good, averages, &mut answer);
        let mut outcome = self.outcome(&reading, exact, &averages);
        let carved = self.carved(good, &reading);
        let asks_bill = self.content(good, &reading, &mut outcome, &mut answer);
        self.elsewhere(&outcome, &mut answer);
        let parts = self.parts(good, &reading, &averages);
        for &at in &outcome.fits {
            answer.items.push(self.item(at, &reading, exact, &mut answer.check));
        }
        for &at in &outcome.unknown {
            answer.unknown.push(self.unknown(at, &reading, exact));
        }
        for part in &parts {
            answer.items.extend(part.items.iter().cloned());
            answer.unknown.extend(part.unknown.iter().cloned());
            answer.check.extend(part.check.iter().cloned());
        }
        if !answer.items.is_empty() {
            answer.answer = Kind::Controlled;
        } else if !answer.unknown.is_empty() {
            answer.answer = Kind::Unknown;
        } else {
            self.refer(good, &reading, &outcome, carved, &mut answer);
            for part in parts {
                answer.refer.extend(part.refer);
            }
            answer.refer.extend(asks_bill);
            if answer.refer.is_empty() {
                answer.answer = Kind::NotControlled;
                answer.because = self.because(&reading, &outcome, carved, good, &mut answer.check);
            } else {
                answer.answer = Kind::Refer;
            }
        }
        self.checks(good, &reading, &outcome, &mut answer);
        answer
    }

    fn outcome(&self, reading: &Reading, exact: &[u32], averages: &[Average]) -> Outcome {
        let mut outcome = Outcome::default();
        for (at, item) in self.pack.list.items.iter().enumerate() {
            if item.reserved {
                continue;
            }
            let exact = exact.contains(&(at as u32));
            let verdict = judge(item, &self.prepared[at], &self.reader, reading, exact);
            if let Verdict::Differs { why: Why::Element, depth: 0 } = verdict {
                continue;
            }
            let status = &self.statuses[at];
            let bears = matches!(status, Status::InForce { .. } | Status::Unknown { .. });
            match verdict {
                Verdict::Fits => match status {
                    Status::InForce { .. } if item.scope == Scope::MadeElsewhere => {
                        outcome.elsewhere.push(at)
                    }
                    Status::InForce { .. } => outcome.fits.push(at),
                    Status::Unknown { .. } => outcome.unknown.push(at),
                    _ => outcome.idle.push(at),
                },
                Verdict::Lacks { lack, elements } if bears && item.scope == Scope::FromHere => {
                    outcome.lacks.push((lack, elements, at));
                }
                Verdict::Differs { why, depth } if bears && item.scope == Scope::FromHere => {
                    if matches!(why, Why::Threshold(_)) {
                        outcome.decided = outcome.decided.with(item.elements);
                    }
                    if depth > outcome.depth {
                        outcome.misses.clear();
                        outcome.depth = depth;
                    }
                    if depth == outcome.depth {
                        outcome.misses.push((why, at));
                    }
                }
                _ => {}
            }
        }
        self.traces_out(&mut outcome, reading, averages);
        self.narrow(&mut outcome);
        outcome
    }

    /// Where two items of a code fit and one names more partners, the other is not meant.
    fn narrow(&self, outcome: &mut Outcome) {
        let items = &self.pack.list.items;
        let less = |a: usize, b: usize| {
            let (a, b) = (&items[a], &items[b]);
            let (Some(x), Some(y)) = (a.partners.first(), b.partners.first()) else { return false };
            a.control_code == b.control_code
                && a.kinds == b.kinds
                && x != y
                && x.without(*y).is_empty()
        };
        for list in [&mut outcome.fits, &mut outcome.unknown] {
            let all = list.clone();
            list.retain(|&a| !all.iter().any(|&b| less(a, b)));
        }
        for &at in outcome.fits.iter().chain(&outcome.unknown) {
            outcome.decided = outcome.decided.with(items[at].elements);
        }
        // One that fits and does not hold on this day decides too: the list has that very good in mind.
        for &at in outcome.idle.iter().filter(|&&at| items[at].scope == Scope::FromHere) {
            outcome.decided = outcome.decided.with(items[at].elements);
        }
        // An item that fits leaves nothing to ask about its element.
        let decided = outcome.decided;
        if !outcome.fits.is_empty() {
            outcome.lacks.retain(|(_, elements, _)| elements.both(decided).is_empty());
        }
    }

    fn carved(&self, good: &Good, reading: &Reading) -> Option<(&'p CarveOut, bool)> {
        self.carve_outs.iter().find_map(|(carve_out, groups)| {
            if reading.kinds & carve_out.kinds == 0 {
                return None;
            }
            let has = |group: &Vec<u32>| group.iter().any(|t| reading.terms.contains(t));
            let said =
                !carve_out.words_parameter.is_empty() && good.says_yes(&carve_out.words_parameter);
            let last = groups.len().saturating_sub(1);
            let first = groups.iter().take(last).all(has);
            let worded = groups.iter().all(has) || said && first;
            (worded || first).then_some((*carve_out, worded))
        })
    }

    /// Takes magnets out in which the elements of a trace rule together stay within its limit.
    fn trace_fit(
        &self,
        at: usize,
        reading: &Reading,
        averages: &[Average],
    ) -> Option<(usize, BigRational)> {
        let item = &self.pack.list.items[at];
        if item.kinds & self.magnet == 0 {
            return None;
        }
        self.traces.iter().enumerate().find_map(|(number, rule)| {
            let about = item.elements.without(rule.elements).is_empty()
                && (rule.families == 0 || reading.families & rule.families != 0);
            match averages.get(number) {
                Some(Average::Share(share)) if about => {
                    let some = share != &BigRational::default();
                    return (some && rule.holds(share) && !rule.controls)
                        .then(|| (number, share.clone()));
                }
                Some(Average::NotKnown) => return None,
                _ => {}
            }
            let stated = rule.elements.iter().all(|z| !reading.coarse.has(z));
            if !about || !stated || reading.assay.is_empty() {
                return None;
            }
            let ppb: u64 = rule.elements.iter().map(|z| u64::from(reading.ppb(z))).sum();
            let share = BigRational::new(BigInt::from(ppb), BigInt::from(WHOLE_PPB));
            (ppb > 0 && rule.holds(&share) && !rule.controls).then_some((number, share))
        })
    }

    /// Moves magnets within a trace rule out of what fits.
    fn traces_out(&self, outcome: &mut Outcome, reading: &Reading, averages: &[Average]) {
        for list in [&mut outcome.fits, &mut outcome.unknown] {
            for at in std::mem::take(list) {
                match self.trace_fit(at, reading, averages) {
                    Some(found) => {
                        outcome.trace = Some(found);
                        outcome.decided = outcome.decided.with(self.pack.list.items[at].elements);
                    }
                    None => list.push(at),
                }
            }
        }
    }

    /// The parts of a good of several goods, each judged by itself: nothing is averaged over a parcel unless
    /// a rule is judged on the assembly.
    fn parts(&self, good: &Good, reading: &Reading, averages: &[Average]) -> Vec<Answer> {
        let set = kind_bits(&["set"]);
        let blank = reading.kinds == 0 && reading.named.is_empty();
        if good.bill.is_empty() || reading.kinds & set == 0 && !blank {
            return Vec::new();
        }
        let parts = good.bill.iter().filter(|p| !p.name.is_empty() || !p.assay.is_empty());
        parts
            .map(|part| {
                let part = Good {
                    id: part.part.clone(),
                    name: part.name.clone(),
                    form: part.form.clone(),
                    grade: part.grade.clone(),
                    origin: if part.origin.is_empty() { &good.origin } else { &part.origin }
                        .clone(),
                    technology_origin: part
                        .technology_origin
                        .clone()
                        .or_else(|| good.technology_origin.clone()),
                    assay: part.assay.clone(),
                    values: good.values.clone(),
                    texts: good.texts.clone(),
                    ..Good::default()
                };
                self.classify_within(&part, averages)
            })
            .collect()
    }

    fn item(
        &self,
        at: usize,
        reading: &Reading,
        exact: &[u32],
        check: &mut Vec<Statement>,
    ) -> AnswerItem {
        let item = &self.pack.list.items[at];
        let exact = exact.contains(&(at as u32));
        let matched = self.matched(item, at, reading, exact);
        let thresholds = item.thresholds.iter().map(|threshold| {
            let value = threshold_value(item, threshold, reading);
            let stated = match &value {
                Some(v) => {
                    let shown = base::decimal::Scaled {
                        value: v.stated.value,
                        scale: crate::good::VALUE_SCALE,
                    };
                    let sign = v.stated.comparison.sign().trim_start_matches('=');
                    if sign.is_empty() { shown.to_string() } else { format!("{sign} {shown}") }
                }
                None => "by its wording".to_owned(),
            };
            let met = value
                .is_none_or(|v| exact && v.field == "name" || met(v.stated, threshold) == Met::Yes);
            AnswerThreshold {
                parameter: measure_text(threshold.measure),
                stated,
                limit: threshold.limit_text(),
                met,
            }
        });
        let thresholds = thresholds.collect();
        if exact && !item.thresholds.is_empty() {
            check.push(Statement::new("text_threshold").word("item", item.label()));
        }
        AnswerItem {
            control_code: item.control_code.clone(),
            item_no: item.item_no.clone(),
            instrument: item.instrument.clone(),
            element: item.element.clone(),
            item_en: item.item_en.clone(),
            item_zh: item.item_zh.clone(),
            matched,
            thresholds,
            citation: item.fact.citation.clone(),
            confidence: item.fact.confidence,
        }
    }

    fn matched(
        &self,
        item: &ControlItem,
        at: usize,
        reading: &Reading,
        exact: bool,
    ) -> Vec<crate::reading::Word> {
        let partners = item.partners.iter().fold(item.elements, |set, p| set.with(*p));
        let terms = &self.prepared[at].terms;
        let mut words = self.reader.words(reading, &self.term_names, |wanted| match wanted {
            Wanted::Element(z) => partners.has(z),
            Wanted::Kind(kind) => item.kinds >> kind & 1 == 1,
            Wanted::Family(family) => item.families >> family & 1 == 1,
            Wanted::Term(term) => terms.iter().any(|g| g.contains(&term)),
        });
        if exact {
            let words_of = crate::reading::Word {
                fact: "wording",
                means: item.label(),
                words: item.item_en.clone(),
                field: "name",
            };
            words.push(words_of);
        }
        words
    }

    fn unknown(&self, at: usize, reading: &Reading, exact: &[u32]) -> UnknownItem {
        let item = &self.pack.list.items[at];
        UnknownItem {
            control_code: item.control_code.clone(),
            item_no: item.item_no.clone(),
            instrument: item.instrument.clone(),
            element: item.element.clone(),
            why: self.statuses[at].statement(),
            made_elsewhere: item.scope == Scope::MadeElsewhere,
            matched: self.matched(item, at, reading, exact.contains(&(at as u32))),
            citation: item.fact.citation.clone(),
            confidence: item.fact.confidence,
        }
    }

    fn elsewhere(&self, outcome: &Outcome, answer: &mut Answer) {
        for &at in &outcome.elsewhere {
            let item = &self.pack.list.items[at];
            let limbs: Vec<&str> = item
                .limbs
                .iter()
                .filter(|(day, _)| *day <= self.as_of.date)
                .map(|(_, w)| w.as_str())
                .collect();
            let code = if limbs.is_empty() { "elsewhere" } else { "elsewhere_limbs" };
            answer.check.push(
                Statement::new(code).word("item", item.label()).word("limbs", limbs.join(", ")),
            );
        }
    }
}

pub(crate) fn rule_check(text: &[String; 2], fact: &crate::Fact) -> Statement {
    let statement = Statement::new("practice").word("text", &text[0]).word("text_zh", &text[1]);
    statement.word(
        "citation",
        format!("{} ({}, confidence {})", fact.citation, fact.source, fact.confidence.code()),
    )
}

pub(crate) fn measure_text(measure: Measure) -> String {
    let vocabulary = Vocabulary::common();
    match measure {
        Measure::Parameter(p) => {
            vocabulary.parameters.get(usize::from(p)).map_or(String::new(), |p| p.parameter.clone())
        }
        Measure::Share(z) => format!("share_pct:{}", vocabulary.symbol_of(z)),
    }
}
