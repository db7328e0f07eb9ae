//! What is read of a good, once, before any item is looked at: kinds of material, elements named and
//! assayed, magnet families, parameters, and which words said so.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use base::composition::{AssayValue, WHOLE_PPB};
use serde::Serialize;

use crate::figures::{percent, share_after, value_within};
use crate::formula::formula_parse;
use crate::good::{Comparison, Good, Stated};
use crate::presence::{IMPURITY_PPB, PARTNER_PPB};
use crate::text::plain;
use crate::vocabulary::{Elements, Meaning, Vocabulary};

/// A word of the good and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// `element`, `kind`, `family`, `grade`, `term`, `wording`, `assay`, `partner`.
    pub fact: &'static str,
    /// What it stands for: a symbol, a kind, a family.
    pub means: String,
    /// The words themselves.
    pub words: String,
    /// The field they stand in.
    pub field: &'static str,
}

/// A value stated in a name or as a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) stated: Stated,
    pub(crate) field: &'static str,
}

/// A hit of the reader: position, meaning.
#[derive(Debug, Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    pattern: usize,
}

/// Which field a word was read in.
const FIELDS: [&str; 3] = ["name", "form", "grade"];

/// What was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    /// The kinds that rank highest, and shapes.
    pub(crate) kinds: u64,
    /// All kinds whose words stand in the good.
    pub(crate) kinds_all: u64,
    pub(crate) named: Elements,
    /// Named by themselves, not as part of a family.
    pub(crate) spelled: Elements,
    pub(crate) denied: Elements,
    pub(crate) families: u64,
    pub(crate) rare_earths: bool,
    pub(crate) diffused: bool,
    /// ppb of each assayed element that is there.
    pub(crate) assay: Vec<(u8, u32)>,
    pub(crate) assayed: Elements,
    pub(crate) below: Elements,
    pub(crate) coarse: Elements,
    pub(crate) assay_sum: u64,
    /// ppb as stated of the species whose purity it is: the oxide of an oxide, the element of a metal.
    pub(crate) species: Vec<(u8, u32)>,
    pub(crate) terms: Vec<u32>,
    pub(crate) values: Vec<(u8, Value)>,
    pub(crate) shares: Vec<(u8, Value)>,
    pub(crate) percent: Option<Value>,
    words: Vec<(&'static str, Raw, (u8, u32, u32))>,
    texts: [String; 3],
}

/// What a word means, before it is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raw {
    Element(u8),
    Kind(u8),
    Family(u8),
    Term(u32),
}

/// What a magnet family was read from: only words spell out its elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Words,
    Grade,
}

/// Finds the words of the vocabulary and of a list.
#[derive(Debug)]
pub(crate) struct Reader {
    automaton: Option<AhoCorasick>,
    meanings: Vec<Vec<Meaning>>,
    /// The term that a pattern is, with its spelling where capitals count.
    terms: Vec<Option<(u32, Option<String>)>>,
    pub(crate) vocabulary: &'static Vocabulary,
    pub(crate) rare_earths: Elements,
    pub(crate) hiding_families: u64,
}

impl Reader {
    /// A reader of the vocabulary and of the terms of a list; terms are numbered by position.
    pub(crate) fn new(terms: &[String]) -> Reader {
        let vocabulary = Vocabulary::common();
        let mut patterns: Vec<String> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut meanings: Vec<Vec<Meaning>> = Vec::new();
        let mut term_of: Vec<Option<(u32, Option<String>)>> = Vec::new();
        for (word, meaning) in vocabulary.words() {
            let place = *places.entry(word.to_lowercase()).or_insert_with(|| {
                patterns.push(word.to_lowercase());
                meanings.push(Vec::new());
                term_of.push(None);
                patterns.len() - 1
            });
            meanings[place].push(*meaning);
        }
        for (number, term) in terms.iter().enumerate() {
            let lower = term.to_lowercase();
            let spelled = (lower != *term).then(|| term.clone());
            // A pattern of its own, so that a term may overlap a word.
            patterns.push(lower);
            meanings.push(Vec::new());
            term_of.push(Some((number as u32, spelled)));
        }
        let automaton =
            AhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(&patterns).ok();
        let symbols = ["Sc", "Y"].map(str::to_owned);
        let mut rare_earths = vocabulary.elements_of(&symbols);
        for z in 57..=71 {
            rare_earths = rare_earths.with(Elements::one(z));
        }
        let mut hiding_families = 0;
        for (number, family) in vocabulary.families.iter().enumerate() {
            if !family.contains.both(rare_earths).is_empty() {
                hiding_families |= 1 << number;
            }
        }
        Reader { automaton, meanings, terms: term_of, vocabulary, rare_earths, hiding_families }
    }

    /// Reads a good.
    pub(crate) fn read(&self, good: &Good) -> Reading {
        let mut reading = Reading::default();
        let texts = [plain(&good.name), plain(&good.form), plain(&good.grade)];
        self.text(&texts[0], 0, &mut reading);
        self.form(&texts[1], &mut reading);
        self.grade(&texts, &mut reading);
        reading.texts = texts;
        self.assay(good, &mut reading);
        for (parameter, stated) in &good.values {
            let value = Value { stated: *stated, field: "parameters" };
            reading.values.retain(|(p, _)| p != parameter);
            reading.values.push((*parameter, value));
        }
        reading.diffused |= good.says_yes("diffused");
        self.kinds(&mut reading);
        reading
    }

    fn form(&self, text: &str, reading: &mut Reading) {
        if text.is_empty() {
            return;
        }
        match self.vocabulary.kind_of_stage(text.trim()) {
            Some(kind) => {
                let end = text.len() as u32;
                reading.kinds_all |= 1 << kind;
                reading.words.push(("kind", Raw::Kind(kind), (1, 0, end)));
            }
            None => self.text(text, 1, reading),
        }
    }

    fn grade(&self, texts: &[String; 3], reading: &mut Reading) {
        let grade = texts[2].trim();
        if grade.is_empty() {
            // A grade may stand in the name, where it is a magnet.
            let magnet =
                self.vocabulary.kind("magnet").is_some_and(|k| reading.kinds_all >> k & 1 == 1);
            if !magnet || reading.families != 0 {
                return;
            }
            let name = &texts[0];
            for token in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|t| t.len() > 2) {
                if let Some(family) = self.vocabulary.family_of_grade(token) {
                    let start = name.find(token).unwrap_or(0) as u32;
                    self.family(family, reading, (0, start, start + token.len() as u32), By::Grade);
                    return;
                }
            }
            return;
        }
        if let Some(family) = self.vocabulary.family_of_grade(grade) {
            if reading.families == 0 {
                self.family(family, reading, (2, 0, texts[2].len() as u32), By::Grade);
            }
        } else {
            self.text(&texts[2], 2, reading);
        }
    }

    fn family(&self, family: u8, reading: &mut Reading, place: (u8, u32, u32), by: By) {
        reading.families |= 1 << family;
        reading.words.push(("family", Raw::Family(family), place));
        if let Some(family) = self.vocabulary.families.get(usize::from(family)) {
            reading.named = reading.named.with(family.contains);
            if by == By::Words {
                reading.spelled = reading.spelled.with(family.contains);
            }
        }
    }

    /// Reads the words of a text, the longest first from the left, and its terms wherever they stand.
    fn text(&self, text: &str, field: u8, reading: &mut Reading) {
        let Some(automaton) = &self.automaton else { return };
        let lower = text.to_ascii_lowercase();
        let bytes = lower.as_bytes();
        let boundary = |at: usize| {
            at == 0
                || at >= bytes.len()
                || !bytes[at - 1].is_ascii_alphanumeric()
                || !bytes[at].is_ascii_alphanumeric()
        };
        let mut hits: Vec<Hit> = Vec::with_capacity(16);
        for found in automaton.find_overlapping_iter(&lower) {
            let hit =
                Hit { start: found.start(), end: found.end(), pattern: found.pattern().as_usize() };
            if !boundary(hit.start) || !boundary(hit.end) {
                continue;
            }
            match &self.terms[hit.pattern] {
                Some((term, spelled)) => {
                    let right =
                        spelled.as_ref().is_none_or(|s| text.get(hit.start..hit.end) == Some(s));
                    if right && !reading.terms.contains(term) {
                        reading.terms.push(*term);
                        reading.words.push((
                            "term",
                            Raw::Term(*term),
                            (field, hit.start as u32, hit.end as u32),
                        ));
                    }
                }
                None => hits.push(hit),
            }
        }
        hits.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
        let mut taken: Vec<Hit> = Vec::with_capacity(hits.len());
        for hit in hits {
            if taken.last().is_none_or(|t| t.end <= hit.start) {
                taken.push(hit);
            }
        }
        self.formulas(text, &taken, field, reading);
        self.meanings(text, &taken, field, reading);
    }

    fn meanings(&self, text: &str, taken: &[Hit], field: u8, reading: &mut Reading) {
        for (number, hit) in taken.iter().enumerate() {
            let place = (field, hit.start as u32, hit.end as u32);
            for meaning in &self.meanings[hit.pattern] {
                match *meaning {
                    Meaning::Element(z) if self.denied(text, taken, number) => {
                        reading.denied = reading.denied.with(Elements::one(z));
                    }
                    Meaning::Element(z) => {
                        self.element(z, reading, place);
                        if let Some(value) = share_after(text, hit.end) {
                            reading.shares.push((z, value));
                        }
                    }
                    Meaning::Kind(kind) => {
                        reading.kinds_all |= 1 << kind;
                        reading.words.push(("kind", Raw::Kind(kind), place));
                    }
                    Meaning::Family(family) => self.family(family, reading, place, By::Words),
                    Meaning::Substance(elements) => {
                        for z in elements.iter() {
                            self.element(z, reading, place);
                        }
                    }
                    Meaning::Parameter(parameter) => {
                        let until = taken.iter().skip(number + 1).find(|h| {
                            self.meanings[h.pattern]
                                .iter()
                                .any(|m| matches!(m, Meaning::Parameter(_)))
                        });
                        let until = until.map_or(text.len(), |h| h.start);
                        if let Some(value) = value_within(text, hit.end, until) {
                            reading.values.push((parameter, value));
                        }
                    }
                    Meaning::RareEarths if self.denied(text, taken, number) => {}
                    Meaning::RareEarths => reading.rare_earths = true,
                    Meaning::Diffused => reading.diffused = true,
                    Meaning::FreeOf | Meaning::Without => {}
                }
            }
        }
        if field == 0 {
            reading.percent = percent(text);
        }
    }

    fn element(&self, z: u8, reading: &mut Reading, place: (u8, u32, u32)) {
        reading.named = reading.named.with(Elements::one(z));
        reading.spelled = reading.spelled.with(Elements::one(z));
        reading.words.push(("element", Raw::Element(z), place));
    }

    /// Whether the word is denied: `dysprosium-free`, `Tb/Dy-free`, `without dysprosium`, `无镝`.
    fn denied(&self, text: &str, taken: &[Hit], number: usize) -> bool {
        let is = |hit: &Hit, wanted: Meaning| self.meanings[hit.pattern].contains(&wanted);
        let gap = |from: usize, to: usize| {
            let between =
                text.get(from..to).unwrap_or_default().trim_matches([' ', '-', '/', ',', '、']);
            between.is_empty() || matches!(between, "and" | "or" | "和" | "或" | "及")
        };
        let mut end = taken[number].end;
        for hit in &taken[number + 1..] {
            if !gap(end, hit.start) {
                break;
            }
            if is(hit, Meaning::FreeOf) {
                return true;
            }
            if !self.meanings[hit.pattern].iter().any(|m| matches!(m, Meaning::Element(_))) {
                break;
            }
            end = hit.end;
        }
        let mut start = taken[number].start;
        for hit in taken[..number].iter().rev() {
            if !gap(hit.end, start) {
                break;
            }
            if is(hit, Meaning::Without) {
                return true;
            }
            if !self.meanings[hit.pattern].iter().any(|m| matches!(m, Meaning::Element(_))) {
                break;
            }
            start = hit.start;
        }
        false
    }

    /// Formulas that stand between the words taken.
    fn formulas(&self, text: &str, taken: &[Hit], field: u8, reading: &mut Reading) {
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut before: Option<(usize, bool)> = None;
        while at < bytes.len() {
            if !bytes[at].is_ascii_alphanumeric() {
                at += 1;
                continue;
            }
            let start = at;
            while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                at += 1;
            }
            let covered = taken.iter().any(|t| t.start < at && start < t.end);
            let formula = formula_parse(&text[start..at], self.vocabulary).filter(|_| !covered);
            let Some(formula) = formula else {
                before = None;
                continue;
            };
            let joined =
                before.is_some_and(|(end, meant)| meant && end + 1 == start && bytes[end] == b'-');
            let next = text
                .get(at + 1..)
                .and_then(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next());
            let leads = bytes.get(at) == Some(&b'-')
                && next
                    .and_then(|n| formula_parse(n, self.vocabulary))
                    .is_some_and(|f| f.meant(self.vocabulary));
            // `Y metal`, `W powder`: a lone letter before a kind of material.
            let kind_next = bytes.get(at) == Some(&b' ')
                && taken.iter().any(|t| {
                    t.start == at + 1
                        && self.meanings[t.pattern].iter().any(|m| matches!(m, Meaning::Kind(_)))
                });
            // `Mo≥97%`, `W 97 %`.
            let share = share_after(text, at).filter(|_| formula.symbols == 1 && !formula.digits);
            let meant = formula.meant(self.vocabulary)
                || formula.symbols == 1 && !formula.digits && (joined || leads || kind_next);
            before = Some((at, meant));
            if !meant {
                continue;
            }
            let place = (field, start as u32, at as u32);
            let free = text[at..].to_ascii_lowercase();
            if free.trim_start_matches(['-', ' ']).starts_with("free") {
                reading.denied = reading.denied.with(formula.elements);
                continue;
            }
            for z in formula.elements.iter() {
                self.element(z, reading, place);
                if let Some(value) = share {
                    reading.shares.push((z, value));
                }
            }
            self.formula_kind(formula.elements, place, reading);
        }
    }

    /// A formula of metals and oxygen is an oxide, of a metal and other nonmetals a compound.
    fn formula_kind(&self, elements: Elements, place: (u8, u32, u32), reading: &mut Reading) {
        let vocabulary = self.vocabulary;
        for (number, family) in vocabulary.families.iter().enumerate() {
            if family.contains.both(elements) == family.contains
                && !family.contains.both(self.rare_earths).is_empty()
            {
                self.family(number as u8, reading, place, By::Words);
                return;
            }
        }
        let metals = elements.both(vocabulary.metals);
        let rest = elements.without(metals);
        if metals.is_empty() && rest.iter().count() < 2 || rest.is_empty() {
            return;
        }
        let oxygen = vocabulary.elements_of(&["O".to_owned()]);
        let kind = if rest == oxygen { "oxide" } else { "compound" };
        if let Some(kind) = vocabulary.kind(kind) {
            reading.kinds_all |= 1 << kind;
            reading.words.push(("kind", Raw::Kind(kind), place));
        }
    }

    fn assay(&self, good: &Good, reading: &mut Reading) {
        for assayed in &good.assay {
            let one = Elements::one(assayed.z);
            reading.assayed = reading.assayed.with(one);
            match assayed.value {
                AssayValue::Ppb(stated) => {
                    reading.assay_sum += u64::from(stated);
                    let oxide = self
                        .vocabulary
                        .kind("oxide")
                        .is_some_and(|k| reading.kinds_all >> k & 1 == 1);
                    if assayed.oxide == oxide && stated > WHOLE_PPB / 2 {
                        reading.species.push((assayed.z, stated));
                    }
                    if assayed.element_ppb > 0 {
                        reading.assay.push((assayed.z, assayed.element_ppb));
                    } else {
                        reading.below = reading.below.with(one);
                    }
                }
                AssayValue::Below(limit) if limit <= IMPURITY_PPB => {
                    reading.below = reading.below.with(one);
                }
                AssayValue::Below(_) | AssayValue::NotAnalysed => {
                    reading.coarse = reading.coarse.with(one);
                }
            }
        }
        if reading.families != 0 {
            return;
        }
        for (number, family) in self.vocabulary.families.iter().enumerate() {
            let least = &family.assay_least;
            if !least.is_empty() && least.iter().all(|(z, ppb)| reading.ppb(*z) >= *ppb) {
                let magnet =
                    self.vocabulary.kind("magnet").is_some_and(|k| reading.kinds_all >> k & 1 == 1);
                if magnet {
                    reading.families |= 1 << number;
                    reading.named = reading.named.with(family.contains);
                }
            }
        }
    }

    /// Keeps the kinds of the highest rank, and shapes; corrects what several words say together.
    fn kinds(&self, reading: &mut Reading) {
        let vocabulary = self.vocabulary;
        let kind = |code: &str| vocabulary.kind(code).map_or(0, |k| 1_u64 << k);
        let forms =
            || vocabulary.forms.iter().enumerate().filter(|(i, _)| reading.kinds_all >> i & 1 == 1);
        let highest = forms().map(|(_, f)| f.rank).max().unwrap_or(0);
        let mut kinds = 0;
        for (number, form) in forms() {
            if form.rank == highest || form.rank == 0 {
                kinds |= 1 << number;
            }
        }
        let others = reading.spelled.both(vocabulary.metals).iter().count();
        let shapes = highest == 0;
        // Magnet powder and magnets of a family named without the word.
        if shapes && reading.families != 0 && kinds & kind("powder") != 0 {
            kinds |= kind("magnet");
        } else {
            // Metals named together, without a word for what they are, are an alloy; so is a metal that
            // names or shows a second one.
            let metal = kinds & kind("metal") != 0;
            let nameless = kinds == 0 && reading.families == 0;
            if others > 1 && (metal || nameless) || metal && self.alloyed(reading) {
                kinds = kinds & !kind("metal") | kind("alloy");
            }
        }
        reading.kinds = kinds;
    }

    /// Whether the assay of a metal shows a second metal in earnest.
    fn alloyed(&self, reading: &Reading) -> bool {
        let metals = reading
            .assay
            .iter()
            .filter(|(z, ppb)| self.vocabulary.metals.has(*z) && *ppb >= PARTNER_PPB * 5);
        metals.count() > 1
    }

    /// The words of a reading, written out.
    pub(crate) fn words(
        &self,
        reading: &Reading,
        term_names: &[String],
        wanted: impl Fn(Wanted) -> bool,
    ) -> Vec<Word> {
        let mut words = Vec::new();
        for (fact, raw, (field, start, end)) in &reading.words {
            let (means, take) = match raw {
                Raw::Element(z) => {
                    (self.vocabulary.symbol_of(*z).to_owned(), wanted(Wanted::Element(*z)))
                }
                Raw::Kind(k) => (
                    self.vocabulary
                        .forms
                        .get(usize::from(*k))
                        .map_or(String::new(), |f| f.kind.clone()),
                    wanted(Wanted::Kind(*k)),
                ),
                Raw::Family(f) => (
                    self.vocabulary
                        .families
                        .get(usize::from(*f))
                        .map_or(String::new(), |f| f.family.clone()),
                    wanted(Wanted::Family(*f)),
                ),
                Raw::Term(t) => (
                    term_names.get(*t as usize).cloned().unwrap_or_default(),
                    wanted(Wanted::Term(*t)),
                ),
            };
            if !take {
                continue;
            }
            let text = &reading.texts[usize::from(*field)];
            let shown = text.get(*start as usize..*end as usize).unwrap_or_default().to_owned();
            let word = Word { fact, means, words: shown, field: FIELDS[usize::from(*field)] };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        for (z, ppb) in &reading.assay {
            if wanted(Wanted::Element(*z)) {
                let shown = format!("{} %", base::composition::percent_text(*ppb));
                words.push(Word {
                    fact: "assay",
                    means: self.vocabulary.symbol_of(*z).to_owned(),
                    words: shown,
                    field: "composition",
                });
            }
        }
        words
    }
}

/// A word that an item may have matched.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    Element(u8),
    Kind(u8),
    Family(u8),
    Term(u32),
}

impl Reading {
    /// ppb of an element by assay.
    pub(crate) fn ppb(&self, z: u8) -> u32 {
        self.assay.iter().find(|(e, _)| *e == z).map_or(0, |(_, ppb)| *ppb)
    }

    /// Whether anything was read at all.
    pub(crate) fn is_blank(&self) -> bool {
        self.kinds_all == 0 && self.named.is_empty() && self.assayed.is_empty() && !self.rare_earths
    }
}

impl Reading {
    /// Purity that is stated without the word: a percentage in the name, or the assay of the species.
    pub(crate) fn purity(&self, elements: Elements) -> Option<Value> {
        if let Some((_, ppb)) = self.species.iter().find(|(z, _)| elements.has(*z)) {
            let stated = Stated { comparison: Comparison::Equal, value: i64::from(*ppb) * 100 };
            return Some(Value { stated, field: "composition" });
        }
        self.percent
    }
}
