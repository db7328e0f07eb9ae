//! A name of a query, analysed against the index: for each of its words the listed words like it.

use rustc_hash::FxHashMap;

use crate::dictionary::{Search, WordId};
use crate::index::{Index, NO_WORD, short_most};
use crate::legal::{self, Glued};
use crate::name::{NamePart, parts};
use crate::script;
use crate::token::{Kind, Naming, Token, Tokenizer};
use crate::word::Analysed;

/// A part of the query's name.
#[derive(Debug, Clone)]
pub(crate) struct AskedPart {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) script: script::Script,
    pub(crate) lookalikes: bool,
    pub(crate) word: Analysed,
    /// Number of the word where it is listed as it stands.
    pub(crate) known: WordId,
    pub(crate) weight: f32,
    /// Listed words like it by rising number, each with its likeness.
    pub(crate) like: Vec<(WordId, f32)>,
}

/// A name of the query.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) parts: Vec<AskedPart>,
    pub(crate) weight: f32,
}

/// Buffers, used again for each query.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    tokenizer: Tokenizer,
    tokens: Vec<Token>,
    grouped: Vec<NamePart>,
    pub(crate) search: Search,
    found: Vec<(WordId, f32)>,
    /// What was found for words of earlier queries: names repeat.
    known: FxHashMap<String, Vec<(WordId, f32)>>,
    /// Of which index that was.
    known_of: u64,
}

/// Words that are remembered.
const KNOWN_MOST: usize = 30_000;

impl AskedPart {
    /// How alike a listed word is, by what was found.
    pub(crate) fn likeness(&self, word: WordId) -> f32 {
        let place = self.like.binary_search_by_key(&word, |(id, _)| *id);
        place.ok().and_then(|n| self.like.get(n)).map_or(0.0, |(_, like)| *like)
    }

    /// A spelling by number, or the commonest where there are not so many.
    pub(crate) fn reading(&self, number: usize) -> &[u8] {
        self.word.forms.get(number).map_or_else(|| self.text(), |form| form.text.as_bytes())
    }

    /// Its commonest spelling.
    pub(crate) fn text(&self) -> &[u8] {
        self.word.forms.first().map_or(&[], |form| form.text.as_bytes())
    }
}

impl Reader {
    /// Analyses a name.
    pub(crate) fn read(&mut self, text: &str, naming: Naming, index: &Index) -> Asked {
        if self.known_of != index.number || self.known.len() >= KNOWN_MOST {
            self.known.clear();
            self.known_of = index.number;
        }
        self.tokenizer.tokens(text, naming, &mut self.tokens);
        if naming == Naming::Body {
            unglue(&mut self.tokens, index);
        }
        let words: Vec<Analysed> = {
            let legal = |t: &Token| match naming {
                Naming::Person => Some(0),
                Naming::Body => index.dictionary.id(&t.key).map(|id| index.dictionary.legal(id)),
            };
            self.tokens.iter().map(|t| Analysed::with_legal(t, legal(t))).collect()
        };
        let legal: Vec<u16> = words.iter().map(|w| w.legal).collect();
        parts(&self.tokens, &legal, naming, &mut self.grouped);
        let mut asked = Asked::default();
        for part in &self.grouped {
            let at = usize::from(part.token);
            let (Some(token), Some(word)) = (self.tokens.get(at), words.get(at)) else { continue };
            let mut made = AskedPart {
                kind: part.kind,
                start: part.start,
                end: part.end,
                script: token.script,
                lookalikes: part.lookalikes,
                word: word.clone(),
                known: NO_WORD,
                weight: 0.0,
                like: Vec::new(),
            };
            if !matches!(part.kind, Kind::Legal(_)) {
                made.known = index.dictionary.id(&token.key).unwrap_or(NO_WORD);
            }
            if naming == Naming::Body && made.known == NO_WORD && made.kind == Kind::Word {
                let outside = at == 0 || at + 1 == self.tokens.len();
                let mistyped = || legal::mistyped(&token.key).filter(|_| self.tokens.len() > 1);
                if let Some(form) = mistyped().filter(|_| outside && token.key.len() <= 5) {
                    made.kind = Kind::Legal(form);
                }
            }
            if matches!(made.kind, Kind::Word | Kind::Particle) {
                if let Some(known) = self.known.get(&token.key) {
                    made.like.extend_from_slice(known);
                } else {
                    index.dictionary.like(&token.key, word, &mut self.search, &mut self.found);
                    made.like.extend_from_slice(&self.found);
                    if self.known.len() < KNOWN_MOST {
                        self.known.insert(token.key.clone(), self.found.clone());
                    }
                }
            }
            made.weight = weight(&made, naming, index);
            made.like.sort_unstable_by_key(|(id, _)| *id);
            asked.weight += made.weight;
            asked.parts.push(made);
        }
        asked
    }
}

/// Parts a form of a company from the word that it is written together with, where the list has not the
/// word but the rest of it.
fn unglue(tokens: &mut Vec<Token>, index: &Index) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let found = match token.kind {
            Kind::Word if token.key.is_ascii() && index.dictionary.id(&token.key).is_none() => {
                legal::glued(&token.key)
            }
            _ => None,
        };
        let width = (token.end - token.start) as usize;
        if let Some((form, place)) = found.filter(|_| width == token.key.len()) {
            let cut = match place {
                Glued::After(letters) | Glued::Before(letters) => letters,
            };
            let (first, second) = token.key.split_at(cut);
            let rest = if matches!(place, Glued::After(_)) { first } else { second };
            let number = rest.parse::<u32>().ok();
            let word = rest.len() >= 3 && index.dictionary.id(rest).is_some();
            if number.is_some() || word {
                let word = number.map_or(Kind::Word, Kind::Number);
                let kinds = match place {
                    Glued::After(_) => (word, Kind::Legal(form)),
                    Glued::Before(_) => (Kind::Legal(form), word),
                };
                let middle = token.start + cut as u32;
                let one =
                    Token { key: first.to_owned(), kind: kinds.0, end: middle, ..token.clone() };
                let two =
                    Token { key: second.to_owned(), kind: kinds.1, start: middle, ..token.clone() };
                tokens.splice(at..=at, [one, two]);
                at += 1;
            }
        }
        at += 1;
    }
}

/// What a part of the query weighs: as the listed word that it is or is likest to; a word that is like none
/// is rare.
fn weight(part: &AskedPart, naming: Naming, index: &Index) -> f32 {
    if let Some(weight) = Index::weight_of_kind(part.kind) {
        return weight;
    }
    if part.known != NO_WORD {
        return index.weight(part.known, naming);
    }
    match part.like.first() {
        Some((word, like)) if *like > 0.8 => index.weight(*word, naming),
        _ => short_most(part.text().len()),
    }
}
