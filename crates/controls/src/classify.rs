//! Which items of a control list apply to a good on a day, or why none does.
//!
//! A [`Classifier`] is a list prepared for one day of law and one day of knowledge; it answers good after
//! good, each by itself. Precedence: an item in force that fits makes a good controlled; else one whose
//! status nobody knows makes the answer unknown; else what is not stated makes it refer; else it is not
//! controlled, with the reason.

use std::collections::HashMap;

use base::composition::{WHOLE_PPB, percent_text};
use num_bigint::BigInt;
use num_rational::BigRational;

use crate::answer::{Answer, AnswerItem, AnswerThreshold, Kind, UnknownItem};
use crate::content::{CarveOut, ContentRule, RuleKind, Validity};
use crate::good::Good;
use crate::list::{ControlItem, Measure, Scope};
use crate::matching::{Lack, Met, Prepared, Verdict, Why, judge, kind_bits, met, threshold_value};
use crate::pack::Pack;
use crate::reading::{Presence, Reader, Reading, Wanted};
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
    traces: Vec<&'p ContentRule>,
    /// Elements of items that hold or may hold, and whose presence is a reason to ask.
    listed: Elements,
    magnet: u64,
}

/// What the items came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) fits: Vec<usize>,
    unknown: Vec<usize>,
    idle: Vec<usize>,
    pub(crate) elsewhere: Vec<usize>,
    lacks: Vec<(Lack, Elements, usize)>,
    /// The reasons of the items that came nearest.
    misses: Vec<(Why, usize)>,
    depth: u8,
    /// Elements of which an item decided, one way or the other.
    decided: Elements,
    trace: Option<(usize, BigRational)>,
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
        let exact = self.wordings.get(&wording(&good.name)).map_or(&[][..], Vec::as_slice);
        (self.reader.read(good), exact)
    }

    /// Answers for one good.
    #[must_use]
    pub fn classify(&self, good: &Good) -> Answer {
        let (reading, exact) = self.reading(good);
        let mut outcome = self.outcome(&reading, exact);
        let carved = self.carved(good, &reading);
        let mut answer = Answer::new(good, self.as_of);
        let asks_bill = self.content(good, &mut outcome, &mut answer);
        self.elsewhere(&outcome, &mut answer);
        let parts = self.parts(good, &reading);
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

    fn outcome(&self, reading: &Reading, exact: &[u32]) -> Outcome {
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
        self.traces_out(&mut outcome, reading);
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
    fn trace_fit(&self, at: usize, reading: &Reading) -> Option<(usize, BigRational)> {
        let item = &self.pack.list.items[at];
        if item.kinds & self.magnet == 0 {
            return None;
        }
        self.traces.iter().enumerate().find_map(|(number, rule)| {
            let about = item.elements.without(rule.elements).is_empty()
                && (rule.families == 0 || reading.families & rule.families != 0);
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
    fn traces_out(&self, outcome: &mut Outcome, reading: &Reading) {
        for list in [&mut outcome.fits, &mut outcome.unknown] {
            for at in std::mem::take(list) {
                match self.trace_fit(at, reading) {
                    Some(found) => {
                        outcome.trace = Some(found);
                        outcome.decided = outcome.decided.with(self.pack.list.items[at].elements);
                    }
                    None => list.push(at),
                }
            }
        }
    }

    /// The parts of a good of several goods, each judged by itself: nothing is averaged over a parcel.
    fn parts(&self, good: &Good, reading: &Reading) -> Vec<Answer> {
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
                    assay: part.assay.clone(),
                    values: good.values.clone(),
                    texts: good.texts.clone(),
                    ..Good::default()
                };
                self.classify(&part)
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

    /// What to state or ask, where nothing decides.
    fn refer(
        &self,
        good: &Good,
        reading: &Reading,
        outcome: &Outcome,
        carved: Option<(&CarveOut, bool)>,
        answer: &mut Answer,
    ) {
        let vocabulary = Vocabulary::common();
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
        let whole = |lack: Lack| {
            let of = outcome.lacks.iter().filter(|(l, _, _)| *l == lack);
            of.fold(Elements::default(), |set, (_, e, _)| set.with(*e))
        };
        let symbols = |elements| vocabulary.symbols_text(elements);
        let sum = percent_text(u32::try_from(reading.assay_sum).unwrap_or(WHOLE_PPB)).to_string();
        let impurity = percent_text(crate::reading::IMPURITY_PPB).to_string();
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
        let lacking = outcome.lacks.iter().fold(Elements::default(), |set, (_, e, _)| set.with(*e));
        let present = reading.assay.iter().filter(|(_, ppb)| *ppb > crate::reading::IMPURITY_PPB);
        let present = present.fold(reading.spelled, |set, (z, _)| set.with(Elements::one(*z)));
        let present = present.with(reading.named.both(self.listed));
        let unworded = present
            .both(self.listed)
            .without(outcome.decided)
            .without(lacking)
            .without(reading.below);
        if !unworded.is_empty() {
            answer.refer.push(Statement::new("ask_wording").word("elements", symbols(unworded)));
        }
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
    fn because(
        &self,
        reading: &Reading,
        outcome: &Outcome,
        carved: Option<(&CarveOut, bool)>,
        good: &Good,
        check: &mut Vec<Statement>,
    ) -> Option<Statement> {
        let vocabulary = Vocabulary::common();
        let items = &self.pack.list.items;
        let labels = |of: &[usize]| {
            of.iter().take(6).map(|&at| items[at].label()).collect::<Vec<_>>().join(", ")
        };
        if let Some((number, share)) = &outcome.trace {
            let rule = self.traces[*number];
            self.practice(rule, good, check);
            return Some(
                Statement::new("trace_practice")
                    .word("elements", vocabulary.symbols_text(rule.elements))
                    .word("percent", crate::content::percent_text(share))
                    .word("limit", crate::content::percent_text(&rule.threshold))
                    .word("text", &rule.text[0])
                    .word("text_zh", &rule.text[1]),
            );
        }
        if let Some((carve_out, true)) = carved {
            if !carve_out.official || carve_out.fact.confidence != crate::Confidence::High {
                check.push(rule_check(&carve_out.text, &carve_out.fact));
            }
            return Some(
                Statement::new("carve_out")
                    .word("text", &carve_out.text[0])
                    .word("text_zh", &carve_out.text[1])
                    .word("citation", &carve_out.fact.citation),
            );
        }
        if let Some(&at) = outcome
            .idle
            .iter()
            .find(|&&at| items[at].scope == Scope::FromHere)
            .or(outcome.idle.first())
        {
            let why = self.statuses[at].statement();
            return Some(
                Statement::new("not_in_force")
                    .word("item", items[at].label())
                    .word("why", why.render(crate::statement::Language::En))
                    .word("why_zh", why.render(crate::statement::Language::Zh)),
            );
        }
        let date = self.as_of.date.to_string();
        let of = |wanted: &dyn Fn(Why) -> bool| -> Vec<usize> {
            outcome.misses.iter().filter(|(why, _)| wanted(*why)).map(|(_, at)| *at).collect()
        };
        let thresholds = of(&|why| matches!(why, Why::Threshold(_)));
        if let Some((Why::Threshold(number), at)) =
            outcome.misses.iter().find(|(_, at)| thresholds.contains(at))
        {
            return self.threshold_failed(*at, *number, reading);
        }
        let by_assay = of(&|why| why == Why::ElementByAssay);
        if !by_assay.is_empty() {
            let elements =
                by_assay.iter().fold(Elements::default(), |set, &at| set.with(items[at].elements));
            let silent = elements.without(reading.assayed);
            if !silent.is_empty() {
                let sum =
                    percent_text(u32::try_from(reading.assay_sum).unwrap_or(WHOLE_PPB)).to_string();
                check.push(
                    Statement::new("assay_silent")
                        .word("elements", vocabulary.symbols_text(silent))
                        .word("percent", sum),
                );
            }
            return Some(
                Statement::new("assay_without")
                    .word("elements", vocabulary.symbols_text(elements))
                    .word("items", labels(&by_assay)),
            );
        }
        let family = of(&|why| why == Why::Family);
        let magnets: Vec<usize> = (0..items.len())
            .filter(|&at| {
                items[at].families != 0
                    && items[at].scope == Scope::FromHere
                    && matches!(self.statuses[at], Status::InForce { .. })
            })
            .collect();
        if !family.is_empty()
            || reading.kinds & self.magnet != 0 && reading.families != 0 && !magnets.is_empty()
        {
            let of = if family.is_empty() { &magnets } else { &family };
            let set = of.iter().fold(0, |set, &at| set | items[at].families);
            let name = |set: u64| {
                let named =
                    vocabulary.families.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1);
                named.map(|(_, f)| f.family.as_str()).collect::<Vec<_>>().join(", ")
            };
            return Some(
                Statement::new("family_other")
                    .word("items", labels(of))
                    .word("families", name(set))
                    .word("family", name(reading.families)),
            );
        }
        let kind = of(&|why| matches!(why, Why::Kind | Why::Term | Why::Partner));
        if !kind.is_empty() && outcome.decided.is_empty() {
            let elements = kind
                .iter()
                .fold(Elements::default(), |set, &at| set.with(items[at].elements))
                .both(reading.named);
            let forms: Vec<&crate::vocabulary::Form> = vocabulary.forms_of(reading.kinds).collect();
            let names = |zh: bool| {
                forms
                    .iter()
                    .map(|f| if zh { f.name_zh.as_str() } else { f.name_en.as_str() })
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            if !elements.is_empty() && !forms.is_empty() {
                return Some(
                    Statement::new("kind_other")
                        .word("elements", vocabulary.symbols_text(elements))
                        .word("kind", names(false))
                        .word("kind_zh", names(true)),
                );
            }
        }
        let named =
            reading.assay.iter().fold(reading.named, |set, (z, _)| set.with(Elements::one(*z)));
        if named.is_empty() {
            return Some(Statement::new("no_item").word("date", date));
        }
        Some(
            Statement::new("no_element")
                .word("date", date)
                .word("elements", vocabulary.symbols_text(named)),
        )
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

    fn practice(&self, rule: &ContentRule, good: &Good, check: &mut Vec<Statement>) {
        if !rule.official || rule.fact.confidence != crate::Confidence::High {
            check.push(rule_check(&rule.text, &rule.fact));
        }
        if !rule.asks.is_empty() && !good.says_yes(&rule.asks) {
            check.push(Statement::new("practice_test"));
        }
    }

    /// What to check before relying on the answer.
    fn checks(&self, good: &Good, reading: &Reading, outcome: &Outcome, answer: &mut Answer) {
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
        if let Some(as_of) = self.pack.as_of.filter(|day| self.as_of.date > *day) {
            check.push(Statement::new("pack_as_of").word("date", as_of.to_string()));
        }
        for (z, ppb) in &reading.assay {
            let trace = *ppb <= crate::reading::IMPURITY_PPB && self.listed.has(*z);
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
                .zip(&self.statuses)
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

fn rule_check(text: &[String; 2], fact: &crate::Fact) -> Statement {
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
