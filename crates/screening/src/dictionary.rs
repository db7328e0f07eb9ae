//! The words of all listed names, each once, and the ways to find those that are like another word.
//!
//! Three maps lead from a word to the listed words near it: its own letters; its letters with one or two of
//! them left out (two words one or two errors apart have such a remainder in common: a deletion
//! neighbourhood); and the keys of its sounds. What they find is compared letter by letter and sound by
//! sound before it counts.
//!
//! Indexing: `words`, `forms` and `bytes` are filled together; a range that one holds lies in the next.

use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;

use crate::distance::Vowels;
use crate::legal::LegalWord;
use crate::script::Script;
use crate::sound;
use crate::token::Token;
use crate::word::{Analysed, LIKE_LEAST, Spelling, letters, likeness};

/// Number of a word.
pub(crate) type WordId = u32;

/// Listed words that a word of the query is compared with, at most.
const LIKE_MOST: usize = 60;

/// Letters at the beginning of a word within which some are left out.
const REMAINDER_LETTERS: usize = 12;

#[derive(Debug, Clone, Copy)]
struct Word {
    form: u32,
    forms: u8,
    unvocalised: bool,
    legal: LegalWord,
    script: Script,
}

#[derive(Debug, Clone, Copy)]
struct FormPlace {
    at: u32,
    letters: u32,
    text: u8,
    sounds: u8,
}

/// The words of all listed names.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    ids: FxHashMap<String, WordId>,
    words: Vec<Word>,
    forms: Vec<FormPlace>,
    bytes: Vec<u8>,
    remainders: Buckets,
    sounds: Buckets,
}

/// Pairs of a hash and a word, sorted, found by the first bits.
#[derive(Debug, Default)]
struct Buckets {
    pairs: Vec<(u32, WordId)>,
    begins: Vec<u32>,
    shift: u32,
}

impl Buckets {
    fn build(mut pairs: Vec<(u32, WordId)>) -> Buckets {
        pairs.sort_unstable();
        pairs.dedup();
        pairs.shrink_to_fit();
        let bits = (usize::BITS - pairs.len().leading_zeros()).clamp(4, 24);
        let shift = 32 - bits;
        let mut begins = vec![0u32; (1 << bits) + 1];
        for (hash, _) in &pairs {
            begins[(hash >> shift) as usize + 1] += 1;
        }
        for n in 1..begins.len() {
            begins[n] += begins[n - 1];
        }
        Buckets { pairs, begins, shift }
    }

    fn get(&self, hash: u32) -> impl Iterator<Item = WordId> + '_ {
        let bucket = (hash >> self.shift) as usize;
        let range = match (self.begins.get(bucket), self.begins.get(bucket + 1)) {
            (Some(from), Some(to)) => *from as usize..*to as usize,
            _ => 0..0,
        };
        let pairs = self.pairs.get(range).unwrap_or_default();
        pairs.iter().filter(move |(known, _)| *known == hash).map(|(_, word)| *word)
    }
}

fn hash(bytes: &[u8], skip: &[usize]) -> u32 {
    let mut hasher = FxHasher::default();
    for (n, byte) in bytes.iter().enumerate() {
        if !skip.contains(&n) {
            hasher.write_u8(*byte);
        }
    }
    mixed(hasher.finish())
}

fn mixed(value: u64) -> u32 {
    (value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// Calls `each` with the hash of a word and of what remains of it without one or two letters.
fn remainders(text: &[u8], mut each: impl FnMut(u32)) {
    let text = &text[..text.len().min(REMAINDER_LETTERS)];
    let most = match text.len() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    };
    each(hash(text, &[]));
    if most >= 1 {
        for one in 0..text.len() {
            each(hash(text, &[one]));
            if most >= 2 {
                for two in one + 1..text.len() {
                    each(hash(text, &[one, two]));
                }
            }
        }
    }
}

/// Buffers of a search, used again.
#[derive(Debug, Default)]
pub(crate) struct Search {
    stamps: Vec<u32>,
    stamp: u32,
}

impl Search {
    fn begin(&mut self, words: usize) {
        if self.stamps.len() < words {
            self.stamps.resize(words, 0);
        }
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.stamps.fill(0);
            self.stamp = 1;
        }
    }

    fn is_new(&mut self, word: WordId) -> bool {
        match self.stamps.get_mut(word as usize) {
            Some(stamp) if *stamp != self.stamp => {
                *stamp = self.stamp;
                true
            }
            _ => false,
        }
    }
}

impl Dictionary {
    /// The number of a part of a name, which is analysed where it is new.
    pub(crate) fn add(&mut self, token: &Token) -> WordId {
        if let Some(known) = self.ids.get(&token.key) {
            return *known;
        }
        let id = self.words.len() as WordId;
        let analysed = Analysed::new(token);
        let form = self.forms.len() as u32;
        for one in &analysed.forms {
            let text = &one.text.as_bytes()[..one.text.len().min(200)];
            self.forms.push(FormPlace {
                at: self.bytes.len() as u32,
                letters: letters(text),
                text: text.len() as u8,
                sounds: one.sounds.len() as u8,
            });
            self.bytes.extend_from_slice(text);
            self.bytes.extend_from_slice(&one.sounds);
        }
        self.words.push(Word {
            form,
            forms: analysed.forms.len() as u8,
            unvocalised: analysed.unvocalised,
            legal: analysed.legal,
            script: token.script,
        });
        self.ids.insert(token.key.clone(), id);
        id
    }

    /// Makes the maps; to be called when all words are in.
    pub(crate) fn finish(&mut self) {
        let mut left = Vec::new();
        let mut heard = Vec::new();
        for id in 0..self.words.len() as WordId {
            for form in self.forms_of(id) {
                remainders(form.text, |hash| left.push((hash, id)));
                heard.extend(sound::keys(form.text, form.sounds).map(|key| (mixed(key), id)));
            }
        }
        self.remainders = Buckets::build(left);
        self.sounds = Buckets::build(heard);
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// The number of a word that is listed as it stands.
    pub(crate) fn id(&self, key: &str) -> Option<WordId> {
        self.ids.get(key).copied()
    }

    /// The number of the word of a table of legal forms; 0 where it is none.
    pub(crate) fn legal(&self, word: WordId) -> LegalWord {
        self.words[word as usize].legal
    }

    /// The script in which a word is listed.
    pub(crate) fn script(&self, word: WordId) -> Script {
        self.words.get(word as usize).map_or(Script::Other, |w| w.script)
    }

    fn syllabic(&self, word: WordId) -> bool {
        matches!(self.script(word), Script::Han | Script::Hangul)
    }

    /// Whether its script leaves out short vowels.
    pub(crate) fn unvocalised(&self, word: WordId) -> bool {
        self.words[word as usize].unvocalised
    }

    /// The spellings of a word.
    pub(crate) fn forms_of(&self, word: WordId) -> impl Iterator<Item = Spelling<'_>> + '_ {
        let word = self.words[word as usize];
        let from = word.form as usize;
        self.forms[from..from + usize::from(word.forms)].iter().map(|place| {
            let at = place.at as usize;
            let middle = at + usize::from(place.text);
            let text = &self.bytes[at..middle];
            let sounds = &self.bytes[middle..middle + usize::from(place.sounds)];
            Spelling { text, sounds, letters: place.letters }
        })
    }

    /// The same where there may be no word.
    pub(crate) fn forms_of_any(&self, word: WordId) -> impl Iterator<Item = Spelling<'_>> + '_ {
        let known = ((word as usize) < self.words.len()).then_some(word);
        known.into_iter().flat_map(|word| self.forms_of(word))
    }

    /// How alike a word is to a listed one.
    pub(crate) fn likeness(&self, word: &Analysed, listed: WordId) -> f32 {
        let omitted = word.unvocalised != self.unvocalised(listed);
        let vowels = if omitted { Vowels::Omitted } else { Vowels::Written };
        let mut best = 0.0f32;
        for (n, form) in word.forms.iter().enumerate() {
            for (m, other) in self.forms_of(listed).enumerate() {
                let mut like = likeness(form.view(), other, vowels);
                // A syllable of Chinese or Korean is one or another, seldom one that is like it.
                if like < 1.0 && (word.syllabic || self.syllabic(listed)) {
                    like -= 0.12;
                }
                // A reading that is not the commonest is a little less.
                if n + m > 0 {
                    like -= 0.02;
                }
                best = best.max(like);
                if best >= 1.0 {
                    return best;
                }
            }
        }
        best
    }

    /// The listed words that are like a word, each with its likeness, the likest first.
    pub(crate) fn like(
        &self,
        key: &str,
        word: &Analysed,
        search: &mut Search,
        found: &mut Vec<(WordId, f32)>,
    ) {
        found.clear();
        search.begin(self.words.len());
        let exact = self.id(key);
        if let Some(id) = exact {
            search.is_new(id);
            found.push((id, 1.0));
        }
        let mut consider = |id: WordId, search: &mut Search| {
            if search.is_new(id) {
                let like = self.likeness(word, id);
                if like >= LIKE_LEAST {
                    found.push((id, like));
                }
            }
        };
        for form in &word.forms {
            remainders(form.text.as_bytes(), |hash| {
                for id in self.remainders.get(hash) {
                    consider(id, search);
                }
            });
            for key in form.keys() {
                for id in self.sounds.get(mixed(key)) {
                    consider(id, search);
                }
            }
        }
        found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(LIKE_MOST);
    }
}
