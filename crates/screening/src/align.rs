//! Which part of the query's name belongs to which part of a listed name.
//!
//! Each part has one partner at most; the likest and weightiest pairs are taken first, then pairs are
//! exchanged as long as that gains. Order is free. What is left on either side is tried written together
//! with its neighbours. Buffers are used again: a comparison allocates nothing once they have grown.
//!
//! Indexing: places in `taken_*` are those of the parts that they were made for.

use crate::asked::{Asked, AskedPart};
use crate::dictionary::Dictionary;
use crate::distance::{self, Vowels};
use crate::index::{Index, ListedPart, NO_WORD};
use crate::sound::phonemes;
use crate::token::Kind;
use crate::word::{LIKE_LEAST, Spelling, letters, likeness};

/// How a pair came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Word,
    Initial,
    Number,
    Legal,
    Joined,
    /// A word of initials for a whole name.
    Acronym,
}

/// Parts that belong together; more than one on a side where they are written together on the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    pub(crate) asked: (u8, u8),
    pub(crate) listed: (u8, u8),
    pub(crate) likeness: f32,
    pub(crate) weight: f32,
    pub(crate) how: How,
    /// Whether a word of it is so short that a difference may make it another.
    pub(crate) short: bool,
}

/// Likeness of words that are taken for each other before it is tried to write them together with others.
const CLEAR: f32 = 0.82;

/// A comparison of two names.
#[derive(Debug, Default)]
pub(crate) struct Alignment {
    pub(crate) pairs: Vec<Pair>,
    /// Whether each part has a partner.
    pub(crate) taken_asked: Vec<bool>,
    pub(crate) taken_listed: Vec<bool>,
    possible: Vec<(f32, u8, u8, f32, How)>,
    text: Vec<u8>,
    other: Vec<u8>,
    sounds: Vec<u8>,
    more_sounds: Vec<u8>,
}

impl Alignment {
    /// Compares two names.
    pub(crate) fn align(&mut self, asked: &Asked, listed: &[ListedPart], index: &Index) {
        self.pairs.clear();
        self.taken_asked.clear();
        self.taken_asked.resize(asked.parts.len(), false);
        self.taken_listed.clear();
        self.taken_listed.resize(listed.len(), false);
        self.possible.clear();
        for (q, part) in asked.parts.iter().enumerate() {
            for (l, other) in listed.iter().enumerate() {
                if let Some((like, how)) = pair(part, other, &index.dictionary) {
                    let weight = weight(part, other, how);
                    // Of equals the one at the same place: given names repeat.
                    let place = 1e-4 * q.abs_diff(l) as f32;
                    self.possible.push((like * weight - place, q as u8, l as u8, like, how));
                }
            }
        }
        self.possible
            .sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        self.choose(asked, listed, index, CLEAR);
        self.exchange(asked, listed);
        self.join(asked, listed, index);
        self.choose(asked, listed, index, LIKE_LEAST);
        self.acronym(asked, listed, &index.dictionary);
    }

    /// Takes the best pairs of parts that are still open and at least so alike.
    fn choose(&mut self, asked: &Asked, listed: &[ListedPart], index: &Index, least: f32) {
        for n in 0..self.possible.len() {
            let (_, q, l, like, how) = self.possible[n];
            let (at_q, at_l) = (usize::from(q), usize::from(l));
            let enough = like >= least || how == How::Legal;
            if enough && !self.taken_asked[at_q] && !self.taken_listed[at_l] {
                self.taken_asked[at_q] = true;
                self.taken_listed[at_l] = true;
                let weight = weight(&asked.parts[at_q], &listed[at_l], how);
                let short = is_short(&asked.parts[at_q], &listed[at_l], index);
                let (asked, listed) = ((q, q + 1), (l, l + 1));
                self.pairs.push(Pair { asked, listed, likeness: like, weight, how, short });
            }
        }
    }

    /// Exchanges partners of two pairs where that gains.
    fn exchange(&mut self, asked: &Asked, listed: &[ListedPart]) {
        if self.possible.len() <= self.pairs.len() + 1 || self.pairs.len() < 2 {
            return;
        }
        let find = |possible: &[(f32, u8, u8, f32, How)], q: u8, l: u8| {
            possible.iter().find(|p| p.1 == q && p.2 == l).map(|p| (p.0, p.3, p.4))
        };
        for _ in 0..3 {
            let mut changed = false;
            for a in 0..self.pairs.len() {
                for b in a + 1..self.pairs.len() {
                    let (one, two) = (self.pairs[a], self.pairs[b]);
                    let crossed = (
                        find(&self.possible, one.asked.0, two.listed.0),
                        find(&self.possible, two.asked.0, one.listed.0),
                    );
                    let straight = one.likeness * one.weight + two.likeness * two.weight;
                    if let (Some(x), Some(y)) = crossed
                        && x.0 + y.0 > straight + 1e-3
                    {
                        for (at, partner, found) in [(a, two.listed, x), (b, one.listed, y)] {
                            let pair = &mut self.pairs[at];
                            pair.listed = partner;
                            pair.likeness = found.1;
                            pair.how = found.2;
                            let (q, l) = (usize::from(pair.asked.0), usize::from(partner.0));
                            pair.weight = weight(&asked.parts[q], &listed[l], found.2);
                        }
                        changed = true;
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Tries what is left written together with its neighbours, first of the listed name, then of the query.
    fn join(&mut self, asked: &Asked, listed: &[ListedPart], index: &Index) {
        let open_asked =
            self.taken_asked.iter().zip(&asked.parts).any(|(t, p)| !t && is_word(p.kind));
        let open_listed = self.taken_listed.iter().zip(listed).any(|(t, p)| !t && is_word(p.kind));
        if !open_asked || !open_listed {
            return;
        }
        for q in 0..asked.parts.len() {
            if self.taken_asked[q]
                || !is_word(asked.parts[q].kind)
                || asked.parts[q].text().len() < 4
            {
                continue;
            }
            let vowels = vowels(asked.parts[q].word.unvocalised);
            let mut found = None;
            for form in asked.parts[q].word.forms.iter().take(2) {
                self.text.clear();
                self.text.extend_from_slice(form.text.as_bytes());
                let run = self.best_run(listed.len(), Side::Listed, vowels, |n| {
                    let part = &listed[n];
                    (part.word != NO_WORD).then(|| first_form(&index.dictionary, part))
                });
                found = better(found, run);
            }
            if let Some((from, to, like)) = found {
                let weight = listed[from..to].iter().map(|p| p.weight).sum();
                self.taken_asked[q] = true;
                self.take(Side::Listed, from, to);
                let (asked, listed) = ((q as u8, q as u8 + 1), (from as u8, to as u8));
                self.pairs.push(Pair {
                    asked,
                    listed,
                    likeness: like,
                    weight,
                    how: How::Joined,
                    short: false,
                });
            }
        }
        for l in 0..listed.len() {
            let long = |word| first_form(&index.dictionary, word).len() >= 4;
            if self.taken_listed[l] || !is_word(listed[l].kind) || !long(&listed[l]) {
                continue;
            }
            self.text.clear();
            self.text.extend_from_slice(first_form(&index.dictionary, &listed[l]));
            let unvocalised = asked.parts.iter().any(|p| p.word.unvocalised);
            let mut found = None;
            for reading in 0..=usize::from(unvocalised) {
                let run = self.best_run(asked.parts.len(), Side::Asked, vowels(unvocalised), |n| {
                    let part = &asked.parts[n];
                    (!matches!(part.kind, Kind::Legal(_))).then(|| part.reading(reading))
                });
                found = better(found, run);
            }
            if let Some((from, to, like)) = found {
                self.taken_listed[l] = true;
                self.take(Side::Asked, from, to);
                let weight = listed[l].weight;
                let (asked, listed) = ((from as u8, to as u8), (l as u8, l as u8 + 1));
                self.pairs.push(Pair {
                    asked,
                    listed,
                    likeness: like,
                    weight,
                    how: How::Joined,
                    short: false,
                });
            }
        }
    }

    /// The run of two or three open neighbours that is likest to `self.text`.
    fn best_run<'a>(
        &mut self,
        length: usize,
        side: Side,
        vowels: Vowels,
        text_of: impl Fn(usize) -> Option<&'a [u8]>,
    ) -> Option<(usize, usize, f32)> {
        self.sounds.clear();
        phonemes(&self.text, &mut self.sounds);
        let mut best: Option<(usize, usize, f32)> = None;
        for from in 0..length {
            self.other.clear();
            let first = text_of(from).and_then(|text| text.first());
            if first != self.text.first() && vowels == Vowels::Written {
                continue;
            }
            for to in from..length.min(from + 4) {
                let open = match side {
                    Side::Asked => !self.taken_asked[to],
                    Side::Listed => !self.taken_listed[to],
                };
                let (true, Some(text)) = (open, text_of(to)) else { break };
                self.other.extend_from_slice(text);
                if to == from || self.other.len().abs_diff(self.text.len()) > 3 {
                    continue;
                }
                self.more_sounds.clear();
                phonemes(&self.other, &mut self.more_sounds);
                let one = Spelling {
                    text: &self.text,
                    sounds: &self.sounds,
                    letters: letters(&self.text),
                };
                let two = Spelling {
                    text: &self.other,
                    sounds: &self.more_sounds,
                    letters: letters(&self.other),
                };
                let like = likeness(one, two, vowels);
                if like >= 0.75 && best.is_none_or(|b| like > b.2) {
                    best = Some((from, to + 1, like));
                }
            }
        }
        best
    }

    fn take(&mut self, side: Side, from: usize, to: usize) {
        let taken = match side {
            Side::Asked => &mut self.taken_asked,
            Side::Listed => &mut self.taken_listed,
        };
        taken.iter_mut().take(to).skip(from).for_each(|t| *t = true);
    }

    /// A single word of the query that has the initials of the listed name, or the other way round.
    fn acronym(&mut self, asked: &Asked, listed: &[ListedPart], dictionary: &Dictionary) {
        if self.pairs.iter().any(|p| p.how != How::Legal) {
            return;
        }
        let words: Vec<usize> =
            (0..asked.parts.len()).filter(|n| is_word(asked.parts[*n].kind)).collect();
        let others: Vec<usize> = (0..listed.len()).filter(|n| is_word(listed[*n].kind)).collect();
        self.text.clear();
        if words.len() == 1 && others.len() >= 3 {
            self.text
                .extend(others.iter().filter_map(|n| first_form(dictionary, &listed[*n]).first()));
            if asked.parts[words[0]].text() == self.text {
                self.whole(asked, listed);
            }
        } else if others.len() == 1 && words.len() >= 3 {
            self.text.extend(words.iter().filter_map(|n| asked.parts[*n].text().first()));
            if first_form(dictionary, &listed[others[0]]) == self.text {
                self.whole(asked, listed);
            }
        }
    }

    fn whole(&mut self, asked: &Asked, listed: &[ListedPart]) {
        self.pairs.clear();
        self.taken_asked.fill(true);
        self.taken_listed.fill(true);
        self.pairs.push(Pair {
            asked: (0, asked.parts.len() as u8),
            listed: (0, listed.len() as u8),
            likeness: 0.75,
            weight: 6.0,
            how: How::Acronym,
            short: false,
        });
    }

    /// Edits between both names when all words are written together; nothing where they are too many or the
    /// names too long.
    pub(crate) fn compact_edits(
        &mut self,
        asked: &Asked,
        listed: &[ListedPart],
        index: &Index,
    ) -> Option<(u32, usize)> {
        self.text.clear();
        self.other.clear();
        let words = asked.parts.iter().filter(|p| !matches!(p.kind, Kind::Legal(_)));
        words.for_each(|p| self.text.extend_from_slice(p.text()));
        let words = listed.iter().filter(|p| p.word != NO_WORD);
        words.for_each(|p| self.other.extend_from_slice(first_form(&index.dictionary, p)));
        let longest = self.text.len().max(self.other.len());
        if longest < 6 {
            return None;
        }
        let limit = (longest as u32 / 6).min(3);
        let edits = distance::typed_long(&self.text, &self.other, limit);
        (edits <= limit).then_some((edits, longest))
    }
}

fn vowels(unvocalised: bool) -> Vowels {
    if unvocalised { Vowels::Omitted } else { Vowels::Written }
}

/// The likelier of two runs.
fn better(
    one: Option<(usize, usize, f32)>,
    two: Option<(usize, usize, f32)>,
) -> Option<(usize, usize, f32)> {
    match (one, two) {
        (Some(a), Some(b)) => Some(if b.2 > a.2 { b } else { a }),
        (a, b) => a.or(b),
    }
}

#[derive(Clone, Copy)]
enum Side {
    Asked,
    Listed,
}

fn is_word(kind: Kind) -> bool {
    matches!(kind, Kind::Word)
}

fn is_short(asked: &AskedPart, listed: &ListedPart, index: &Index) -> bool {
    let length = first_form(&index.dictionary, listed).len().min(asked.text().len());
    asked.word.syllabic || length <= 4
}

fn first_form<'a>(dictionary: &'a Dictionary, part: &ListedPart) -> &'a [u8] {
    if part.word == NO_WORD {
        return &[];
    }
    dictionary.forms_of(part.word).next().map_or(&[], |form| form.text)
}

/// Whether two parts can belong together, and how alike they are.
fn pair(asked: &AskedPart, listed: &ListedPart, dictionary: &Dictionary) -> Option<(f32, How)> {
    let same = asked.known == listed.word && listed.word != NO_WORD;
    match (asked.kind, listed.kind) {
        (Kind::Legal(a), Kind::Legal(b)) => Some((a.likeness(b), How::Legal)),
        (Kind::Legal(_), _) | (_, Kind::Legal(_)) => None,
        (Kind::Number(a), Kind::Number(b)) => (a == b).then_some((1.0, How::Number)),
        (Kind::Number(1), Kind::Initial) | (Kind::Initial, Kind::Number(1)) => {
            let letter = |text: Option<&u8>| text == Some(&b'i') || text == Some(&b'1');
            let first = first_form(dictionary, listed);
            (letter(asked.text().first()) && letter(first.first())).then_some((0.95, How::Number))
        }
        (Kind::Initial, Kind::Initial) => {
            (same || asked.text() == first_form(dictionary, listed)).then_some((1.0, How::Word))
        }
        (Kind::Initial, Kind::Word) => {
            let letter = asked.text().first()?;
            let begins = dictionary
                .forms_of(listed.word)
                .any(|f| f.text.first() == Some(letter) && f.text.len() > 2);
            begins.then_some((0.9, How::Initial))
        }
        (Kind::Word, Kind::Initial) => {
            let first = first_form(dictionary, listed);
            let begins = asked
                .word
                .forms
                .iter()
                .any(|f| f.text.as_bytes().first() == first.first() && f.text.len() > 2);
            begins.then_some((0.9, How::Initial))
        }
        _ if same => Some((1.0, How::Word)),
        (Kind::Word | Kind::Particle, Kind::Word | Kind::Particle) => {
            let like = asked.likeness(listed.word);
            (like >= LIKE_LEAST).then_some((like, How::Word))
        }
        _ => None,
    }
}

/// What a pair weighs.
fn weight(asked: &AskedPart, listed: &ListedPart, how: How) -> f32 {
    match how {
        How::Initial => (0.35 * asked.weight.max(listed.weight)).min(2.0),
        How::Legal => 0.5,
        _ => 0.5 * (asked.weight + listed.weight),
    }
}
