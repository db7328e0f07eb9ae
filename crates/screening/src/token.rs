//! The parts of a name: words, numbers, initials, particles and forms of companies, each with its place.
//!
//! Words are parted at spaces and punctuation; apostrophes belong to a word. Chinese is parted into known
//! words and single characters and Korean into syllables, as their romanisations join and part them freely.
//! A word of letters from two scripts that look alike is written in the script that has most of it, and the
//! part says so.

use crate::fold::{Letter, fold, lookalike_cyrillic, lookalike_latin};
use crate::legal::{self, Form};
use crate::lexicon;
use crate::script::{self, Script};

/// Parts of a name at most; what lies beyond is passed over.
pub(crate) const TOKENS_MAX: usize = 40;

/// What a part of a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    /// A single letter.
    Initial,
    /// A number and its value.
    Number(u32),
    /// An article, a preposition or the like.
    Particle,
    /// A form of a company in characters; those in words are found later, over several parts.
    Legal(Form),
}

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// As it is compared within its own script.
    pub(crate) key: String,
    pub(crate) script: Script,
    pub(crate) kind: Kind,
    /// Where it stands, in bytes.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Whether letters that look like those of another script were replaced.
    pub(crate) lookalikes: bool,
}

/// How the letters of a name are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Single letters are initials.
    Person,
    /// Single letters with points make a word; forms of companies are looked for.
    Body,
}

/// Buffers that are used again for each name.
#[derive(Debug, Default)]
pub(crate) struct Tokenizer {
    letters: Vec<Letter>,
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '`' | '´' | 'ʹ' | 'ʾ' | 'ʿ' | '"' | '״' | '׳')
}

impl Tokenizer {
    /// Parts a name; `tokens` is emptied first.
    pub(crate) fn tokens(&mut self, text: &str, naming: Naming, tokens: &mut Vec<Token>) {
        tokens.clear();
        fold(text, &mut self.letters);
        let letters = std::mem::take(&mut self.letters);
        let mut at = 0;
        while at < letters.len() && tokens.len() < TOKENS_MAX {
            let Some(script) = script::of(letters[at].char) else {
                if letters[at].char == '&' {
                    let letter = letters[at];
                    let key = "and".to_owned();
                    tokens.push(token(key, Script::Latin, Kind::Particle, &[letter]));
                }
                at += 1;
                continue;
            };
            let end = run_end(&letters, at);
            match script {
                Script::Han => han(&letters[at..end], tokens),
                Script::Hangul => hangul(&letters[at..end], tokens),
                _ => word(&letters[at..end], naming, tokens),
            }
            at = end;
        }
        tokens.truncate(TOKENS_MAX);
        self.letters = letters;
        if naming == Naming::Body {
            join_points(&self.letters, tokens);
        }
        whole_lookalikes(tokens);
    }
}

/// Where the run of letters that begins at `at` ends: Han and Hangul do not mix with others in a word.
fn run_end(letters: &[Letter], at: usize) -> usize {
    let class = |n: usize| {
        let letter = letters.get(n)?;
        let script = script::of(letter.char);
        match script {
            Some(Script::Han) => Some(1),
            Some(Script::Hangul) => Some(2),
            Some(_) => Some(3),
            None => None,
        }
    };
    let first = class(at);
    let mut end = at + 1;
    while end < letters.len() {
        let this = class(end);
        let apostrophe = first == Some(3)
            && is_apostrophe(letters[end].char)
            && letters[end].char != '"'
            && class(end + 1) == Some(3);
        if this != first && !apostrophe {
            break;
        }
        end += 1;
    }
    end
}

fn token(key: String, script: Script, kind: Kind, letters: &[Letter]) -> Token {
    let start = letters.first().map_or(0, |l| l.start);
    let end = letters.last().map_or(start, |l| l.end);
    Token { key, script, kind, start, end, lookalikes: false }
}

/// A word in letters of an alphabet, or a number.
fn word(letters: &[Letter], naming: Naming, tokens: &mut Vec<Token>) {
    let mut key: String = letters.iter().map(|l| l.char).filter(|c| !is_apostrophe(*c)).collect();
    let lookalikes = unify(&mut key);
    let script = majority(&key);
    let digits = key.chars().all(|c| c.is_numeric());
    if digits {
        let ascii: String = key
            .chars()
            .filter_map(|c| c.to_digit(10))
            .map(|d| char::from(b'0' + d as u8))
            .collect();
        let plain = if ascii.is_empty() { any_ascii::any_ascii(&key) } else { ascii };
        let trimmed = plain.trim_start_matches('0');
        let value = trimmed.parse().unwrap_or(u32::MAX);
        tokens.push(token(plain, Script::Digits, Kind::Number(value), letters));
        return;
    }
    let mut kind = Kind::Word;
    if key.chars().count() == 1 {
        kind = Kind::Initial;
    } else if script == Script::Latin && lexicon::is_particle(&key) {
        kind = Kind::Particle;
    } else if naming == Naming::Body
        && let Some(value) = lexicon::roman(&key)
    {
        kind = Kind::Number(value);
    }
    let mut made = token(key, script, kind, letters);
    made.lookalikes = lookalikes;
    match script {
        Script::Latin if kind == Kind::Word => split_latin(made, letters, tokens),
        Script::Arabic if kind == Kind::Word => split_arabic(made, letters, tokens),
        _ => tokens.push(made),
    }
}

/// Letters that have no apostrophe among them: one for each character of the key.
fn counted(letters: &[Letter]) -> Vec<Letter> {
    letters.iter().copied().filter(|l| !is_apostrophe(l.char)).collect()
}

/// `Abdulrahman` is `Abd` and `Rahman`; `Salahuddin` is `Salah` and `Din`.
fn split_latin(made: Token, letters: &[Letter], tokens: &mut Vec<Token>) {
    let split = |taken: usize, first: &str, second: String, tokens: &mut Vec<Token>| {
        let counted = counted(letters);
        let (before, after) = counted.split_at(taken.min(counted.len()));
        tokens.push(token(first.to_owned(), Script::Latin, Kind::Word, before));
        tokens.push(token(second, Script::Latin, Kind::Word, after));
    };
    if let Some(taken) = lexicon::servant(&made.key) {
        let rest = made.key.get(taken..).unwrap_or_default().to_owned();
        return split(taken, "abd", rest, tokens);
    }
    if matches!(made.key.as_str(), "abdul" | "abdel" | "abdal" | "abdol" | "abdur" | "abdoul") {
        tokens.push(Token { key: "abd".to_owned(), ..made });
        return;
    }
    if let Some(taken) = lexicon::assimilated(&made.key) {
        let counted = counted(letters);
        let (before, after) = counted.split_at(taken.min(counted.len()));
        let (article, rest) = made.key.split_at(taken);
        tokens.push(token(article.to_owned(), Script::Latin, Kind::Particle, before));
        tokens.push(token(rest.to_owned(), Script::Latin, Kind::Word, after));
        return;
    }
    if made.key.is_ascii()
        && made.key.len() >= 8
        && let Some(taken) = lexicon::of_the_faith(&made.key)
    {
        let first = made.key.get(..taken).unwrap_or_default().to_owned();
        return split(taken, &first, "din".to_owned(), tokens);
    }
    tokens.push(made);
}

/// The article is a part of its own; `عبدال…` is `عبد` and the rest.
fn split_arabic(made: Token, letters: &[Letter], tokens: &mut Vec<Token>) {
    let counted = counted(letters);
    let part = |from: usize, to: usize, kind: Kind| {
        let key: String = made.key.chars().skip(from).take(to - from).collect();
        token(key, Script::Arabic, kind, counted.get(from..to).unwrap_or_default())
    };
    let length = made.key.chars().count();
    let is_allah = made.key.starts_with("الله") || made.key == "اللہ";
    if made.key == "بن" || made.key == "ابن" || made.key == "بنت" {
        tokens.push(Token { kind: Kind::Particle, ..made });
    } else if made.key.starts_with("عبدال")
        && length >= 7
        && !made.key.starts_with("عبدالل")
        && counted.len() == length
    {
        tokens.push(part(0, 3, Kind::Word));
        tokens.push(part(3, 5, Kind::Particle));
        tokens.push(part(5, length, Kind::Word));
    } else if made.key.starts_with("ال") && length >= 4 && !is_allah && counted.len() == length {
        tokens.push(part(0, 2, Kind::Particle));
        tokens.push(part(2, length, Kind::Word));
    } else {
        tokens.push(made);
    }
}

/// Known words and single characters.
fn han(letters: &[Letter], tokens: &mut Vec<Token>) {
    let folded: Vec<char> = letters.iter().map(|l| script::han_fold(l.char)).collect();
    let mut at = 0;
    while at < folded.len() {
        let rest = &folded[at..];
        let (length, kind) = match (legal::characters(rest), script::han_word(rest)) {
            (Some((form, length)), _) => (length, Kind::Legal(form)),
            (None, Some(length)) => (length, Kind::Word),
            (None, None) => (1, Kind::Word),
        };
        let key: String = rest.iter().take(length).collect();
        tokens.push(token(key, Script::Han, kind, &letters[at..at + length]));
        at += length;
    }
}

fn hangul(letters: &[Letter], tokens: &mut Vec<Token>) {
    let chars: Vec<char> = letters.iter().map(|l| l.char).collect();
    let mut at = 0;
    while at < chars.len() {
        let (length, kind) = match legal::characters(&chars[at..]) {
            Some((form, length)) => (length, Kind::Legal(form)),
            None => (1, Kind::Word),
        };
        let key: String = chars[at..at + length].iter().collect();
        tokens.push(token(key, Script::Hangul, kind, &letters[at..at + length]));
        at += length;
    }
}

/// The script that has most letters.
fn majority(key: &str) -> Script {
    let mut counts: [(Script, usize); 3] =
        [(Script::Latin, 0), (Script::Cyrillic, 0), (Script::Greek, 0)];
    let mut other = None;
    for script in key.chars().filter_map(script::of) {
        match counts.iter_mut().find(|(known, _)| *known == script) {
            Some((_, count)) => *count += 1,
            None if script != Script::Digits => other = other.or(Some(script)),
            None => {}
        }
    }
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    match (most, other) {
        (Some((script, count)), _) if *count > 0 => *script,
        (_, Some(script)) => script,
        _ => Script::Other,
    }
}

/// Writes a word of two scripts in one of them where the letters look alike; whether it did.
fn unify(key: &mut String) -> bool {
    if key.is_ascii() {
        return false;
    }
    let has = |script: Script| key.chars().any(|c| script::of(c) == Some(script));
    if !has(Script::Latin) || !(has(Script::Cyrillic) || has(Script::Greek)) {
        return false;
    }
    let to_latin: String = key.chars().map(|c| lookalike_latin(c).unwrap_or(c)).collect();
    let to_cyrillic: String = key.chars().map(|c| lookalike_cyrillic(c).unwrap_or(c)).collect();
    let pure = |text: &str, script: Script| {
        text.chars().filter_map(script::of).all(|s| s == script || s == Script::Digits)
    };
    let latin_first = majority(key) == Script::Latin || !pure(&to_cyrillic, Script::Cyrillic);
    *key = if latin_first { to_latin } else { to_cyrillic };
    true
}

/// A word all of whose Cyrillic letters look Latin, in a name that is Latin otherwise, is Latin.
fn whole_lookalikes(tokens: &mut [Token]) {
    let latin = tokens.iter().any(|t| t.script == Script::Latin && t.kind == Kind::Word);
    let cyrillic = |t: &Token| t.script == Script::Cyrillic;
    let plain = |t: &Token| t.key.chars().any(|c| lookalike_latin(c).is_none());
    if !latin || tokens.iter().any(|t| cyrillic(t) && plain(t)) {
        return;
    }
    for token in tokens.iter_mut().filter(|t| t.script == Script::Cyrillic) {
        token.key = token.key.chars().filter_map(lookalike_latin).collect();
        token.script = Script::Latin;
        token.lookalikes = true;
    }
}

/// Letters with points between them and no space make one word: `N.A.Z.` is `naz`.
fn join_points(letters: &[Letter], tokens: &mut Vec<Token>) {
    let pointed = |a: &Token, b: &Token| {
        let between = letters.iter().filter(|l| l.start >= a.end && l.end <= b.start);
        let mut points = 0;
        for letter in between {
            if letter.char != '.' && letter.char != '/' {
                return false;
            }
            points += 1;
        }
        points == 1 && b.start == a.end + 1
    };
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut single = false;
    for token in tokens.drain(..) {
        // A particle of one letter, as in `S.A.`, is a letter here.
        let letter = token.key.chars().count() == 1 && !matches!(token.kind, Kind::Number(_));
        match joined.last_mut() {
            Some(last) if letter && single && pointed(last, &token) => {
                last.key.push_str(&token.key);
                last.end = token.end;
                last.kind = Kind::Word;
            }
            _ => {
                single = letter;
                joined.push(token);
            }
        }
    }
    *tokens = joined;
}
