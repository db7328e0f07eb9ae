//! Everything that is known of the listed names before a query comes.
//!
//! Made once, then only read. Indexing: each range that a record holds was made from the length of the
//! vector it points into.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::dictionary::{Dictionary, WordId};
use crate::identifiers;
use crate::lexicon;
use crate::name::{NamePart, parts};
use crate::party::{List, NameStrength, PartyKind};
use crate::sound::{self, phonemes};
use crate::token::{Kind, Naming, Token, Tokenizer};

/// Number of a listed name.
pub(crate) type NameId = u32;

/// No word: a form of a company.
pub(crate) const NO_WORD: WordId = WordId::MAX;

/// A part of a listed name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedPart {
    pub(crate) word: WordId,
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) weight: f32,
    pub(crate) patronymic: bool,
}

/// A listed name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    pub(crate) list: u16,
    pub(crate) party: u32,
    pub(crate) number: u32,
    first: u32,
    length: u8,
    pub(crate) strength: NameStrength,
    pub(crate) kind: PartyKind,
    /// What its parts weigh together.
    pub(crate) weight: f32,
}

/// The listed names, ready to be compared.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Tells indexes apart within the process, so that what a thread remembers is of this one.
    pub(crate) number: u64,
    pub(crate) dictionary: Dictionary,
    pub(crate) names: Vec<Name>,
    parts: Vec<ListedPart>,
    /// Names by word.
    postings: Postings,
    /// Names by two neighbouring words written together, and by all words written together.
    joined: FxHashMap<u64, Few>,
    /// Names by their initials.
    acronyms: FxHashMap<u64, Few>,
    /// Weight of each word in names of persons and of bodies.
    weights: Vec<[f32; 2]>,
    /// Parties by identifier.
    pub(crate) identifiers: FxHashMap<String, Vec<(u16, u32)>>,
}

/// A few names; joined words are rare.
type Few = Vec<NameId>;

#[derive(Debug, Default)]
struct Postings {
    begins: Vec<u32>,
    names: Vec<NameId>,
}

/// Which weights a kind of party has.
pub(crate) fn naming(kind: PartyKind) -> Naming {
    match kind {
        PartyKind::Person => Naming::Person,
        _ => Naming::Body,
    }
}

fn side(naming: Naming) -> usize {
    match naming {
        Naming::Person => 0,
        Naming::Body => 1,
    }
}

/// Parties that a weight is reckoned with at least: what is rare on a short list may be common elsewhere.
const PARTIES_LEAST: f32 = 10_000.0;
/// The most that a word weighs.
pub(crate) const WEIGHT_MOST: f32 = 8.5;
/// The least.
const WEIGHT_LEAST: f32 = 1.0;

/// The most that a word of few letters weighs.
pub(crate) fn short_most(letters: usize) -> f32 {
    match letters {
        0..=2 => 3.5,
        3 => 6.0,
        _ => WEIGHT_MOST,
    }
}

/// What a part weighs that is no word.
fn fixed_weight(kind: Kind) -> Option<f32> {
    match kind {
        Kind::Initial => Some(1.0),
        Kind::Particle => Some(0.4),
        Kind::Legal(_) => Some(0.5),
        Kind::Number(value) if value > 999 => Some(7.0),
        Kind::Number(_) => Some(4.0),
        Kind::Word => None,
    }
}

/// The key under which words written together are kept: their consonants.
pub(crate) fn joined_key(text: &[u8], buffer: &mut Vec<u8>) -> u64 {
    buffer.clear();
    phonemes(text, buffer);
    sound::plain_key(buffer)
}

impl Index {
    /// Analyses all names of all lists.
    pub(crate) fn build(lists: &[Arc<List>]) -> Index {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed) + 1;
        let mut index = Index { number, ..Index::default() };
        let mut tokenizer = Tokenizer::default();
        let mut tokens: Vec<Token> = Vec::new();
        let mut legal = Vec::new();
        let mut grouped: Vec<NamePart> = Vec::new();
        for (list_number, list) in lists.iter().enumerate() {
            for (party_number, party) in list.parties.iter().enumerate() {
                for identifier in &party.identifiers {
                    if let Some(value) = identifiers::normal(&identifier.value) {
                        let place = (list_number as u16, party_number as u32);
                        index.identifiers.entry(value).or_default().push(place);
                    }
                }
                for (number, name) in party.names.iter().enumerate() {
                    let naming = naming(party.kind);
                    tokenizer.tokens(&name.text, naming, &mut tokens);
                    let words: Vec<WordId> =
                        tokens.iter().map(|t| index.dictionary.add(t)).collect();
                    legal.clear();
                    legal.extend(words.iter().map(|w| index.dictionary.legal(*w)));
                    parts(&tokens, &legal, naming, &mut grouped);
                    let first = index.parts.len() as u32;
                    index.parts.extend(grouped.iter().map(|part| ListedPart {
                        word: match part.kind {
                            Kind::Legal(_) => NO_WORD,
                            _ => words.get(usize::from(part.token)).copied().unwrap_or(NO_WORD),
                        },
                        kind: part.kind,
                        start: part.start,
                        end: part.end,
                        weight: 0.0,
                        patronymic: false,
                    }));
                    index.names.push(Name {
                        list: list_number as u16,
                        party: party_number as u32,
                        number: number as u32,
                        first,
                        length: grouped.len() as u8,
                        strength: name.strength,
                        kind: party.kind,
                        weight: 0.0,
                    });
                }
            }
        }
        index.dictionary.finish();
        index.weigh();
        index.post();
        index.join();
        index
    }

    /// Weights by how many parties have a word, or one that sounds like it.
    fn weigh(&mut self) {
        let words = self.dictionary.len();
        let mut having = vec![[0u32; 2]; words];
        let mut parties = [0f32; 2];
        let mut seen: FxHashSet<WordId> = FxHashSet::default();
        let mut last = None;
        for name in &self.names {
            let side = side(naming(name.kind));
            if last != Some((name.list, name.party)) {
                last = Some((name.list, name.party));
                seen.clear();
                parties[side] += 1.0;
            }
            for part in
                &self.parts[name.first as usize..name.first as usize + usize::from(name.length)]
            {
                if part.word != NO_WORD && seen.insert(part.word) {
                    having[part.word as usize][side] += 1;
                }
            }
        }
        let mut alike: FxHashMap<&[u8], [u32; 2]> = FxHashMap::default();
        for id in 0..words as WordId {
            if let Some(form) = self.dictionary.forms_of(id).next() {
                let sum = alike.entry(form.sounds).or_default();
                sum[0] += having[id as usize][0];
                sum[1] += having[id as usize][1];
            }
        }
        self.weights = (0..words as WordId)
            .map(|id| {
                let form = self.dictionary.forms_of(id).next();
                let sum = form.and_then(|f| alike.get(f.sounds)).copied().unwrap_or_default();
                let common = form.is_some_and(|f| lexicon::is_common(f.text));
                [0, 1].map(|side| {
                    let all = parties[side].max(PARTIES_LEAST);
                    let weight = (all / (sum[side] as f32 + 1.0)).ln();
                    let most = if common { lexicon::COMMON_WEIGHT } else { WEIGHT_MOST };
                    let most = most.min(short_most(form.map_or(0, |f| f.text.len())));
                    weight.clamp(WEIGHT_LEAST, most)
                })
            })
            .collect();
        let Index { names, parts, weights, dictionary, .. } = self;
        for name in names {
            let side = side(naming(name.kind));
            let range = name.first as usize..name.first as usize + usize::from(name.length);
            for part in &mut parts[range] {
                let mut forms = dictionary.forms_of_any(part.word);
                part.patronymic = forms.any(|f| lexicon::is_patronymic(f.text));
                part.weight = fixed_weight(part.kind)
                    .unwrap_or_else(|| weights.get(part.word as usize).map_or(1.0, |w| w[side]));
                name.weight += part.weight;
            }
        }
    }

    fn post(&mut self) {
        let mut pairs: Vec<(WordId, NameId)> = Vec::with_capacity(self.parts.len());
        for id in 0..self.names.len() as NameId {
            let weighty = |part: &ListedPart| matches!(part.kind, Kind::Word | Kind::Number(_));
            let all = !self.parts_of(id).iter().any(weighty);
            let searched = self
                .parts_of(id)
                .iter()
                .filter(|part| part.word != NO_WORD && (all || weighty(part)));
            pairs.extend(searched.map(|part| (part.word, id)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut begins = vec![0u32; self.dictionary.len() + 1];
        for (word, _) in &pairs {
            begins[*word as usize + 1] += 1;
        }
        for n in 1..begins.len() {
            begins[n] += begins[n - 1];
        }
        self.postings =
            Postings { begins, names: pairs.into_iter().map(|(_, name)| name).collect() };
    }

    fn join(&mut self) {
        let mut buffer = Vec::new();
        let mut text: Vec<u8> = Vec::new();
        let mut joined: FxHashMap<u64, Few> = FxHashMap::default();
        let mut acronyms: FxHashMap<u64, Few> = FxHashMap::default();
        for id in 0..self.names.len() as NameId {
            let name = self.names[id as usize];
            let parts: Vec<&ListedPart> =
                self.parts_of(id).iter().filter(|p| p.word != NO_WORD).collect();
            let put = |map: &mut FxHashMap<u64, Few>, key: u64| {
                let few = map.entry(key).or_default();
                if few.last() != Some(&id) {
                    few.push(id);
                }
            };
            for length in [2, 3] {
                for run in parts.windows(length) {
                    text.clear();
                    run.iter().for_each(|part| text.extend_from_slice(self.first_form(part.word)));
                    put(&mut joined, joined_key(&text, &mut buffer));
                }
            }
            if parts.len() > 3 {
                text.clear();
                parts.iter().for_each(|part| text.extend_from_slice(self.first_form(part.word)));
                put(&mut joined, joined_key(&text, &mut buffer));
            }
            let initials: Vec<u8> = parts
                .iter()
                .filter(|p| p.kind == Kind::Word)
                .filter_map(|p| self.first_form(p.word).first().copied())
                .collect();
            if naming(name.kind) == Naming::Body && (3..=8).contains(&initials.len()) {
                put(&mut acronyms, joined_key(&initials, &mut buffer));
            }
        }
        self.joined = joined;
        self.acronyms = acronyms;
    }

    fn first_form(&self, word: WordId) -> &[u8] {
        self.dictionary.forms_of(word).next().map_or(&[], |form| form.text)
    }

    /// The parts of a name.
    pub(crate) fn parts_of(&self, name: NameId) -> &[ListedPart] {
        let name = &self.names[name as usize];
        &self.parts[name.first as usize..name.first as usize + usize::from(name.length)]
    }

    /// The names of a party.
    pub(crate) fn names_of(&self, list: u16, party: u32) -> impl Iterator<Item = NameId> + '_ {
        let from = self.names.partition_point(|name| (name.list, name.party) < (list, party));
        let own = self.names.get(from..).unwrap_or_default();
        let count = own.iter().take_while(|name| (name.list, name.party) == (list, party)).count();
        (from..from + count).map(|n| n as NameId)
    }

    /// The names that have a word.
    pub(crate) fn having(&self, word: WordId) -> &[NameId] {
        let at = word as usize;
        &self.postings.names
            [self.postings.begins[at] as usize..self.postings.begins[at + 1] as usize]
    }

    /// The names in which neighbouring words written together have a key.
    pub(crate) fn joined(&self, key: u64) -> &[NameId] {
        self.joined.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The names whose initials have a key.
    pub(crate) fn initials(&self, key: u64) -> &[NameId] {
        self.acronyms.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What a word weighs.
    pub(crate) fn weight(&self, word: WordId, naming: Naming) -> f32 {
        self.weights.get(word as usize).map_or(WEIGHT_MOST, |w| w[side(naming)])
    }

    /// What a part of a kind weighs; that of a word is found by its number.
    pub(crate) fn weight_of_kind(kind: Kind) -> Option<f32> {
        fixed_weight(kind)
    }
}
