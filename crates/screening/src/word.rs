//! A word, analysed once: its spellings, their sounds, and how alike it is to another.

use crate::distance::{self, Vowels};
use crate::glossary;
use crate::legal::{self, LegalWord};
use crate::lexicon;
use crate::script::{self, Script};
use crate::sound::{keys, phonemes};
use crate::token::{Kind, Token};

/// Likeness below which words are different ones.
pub(crate) const LIKE_LEAST: f32 = 0.64;

/// One spelling of a word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) sounds: &'a [u8],
    /// Which letters it has, a bit for each.
    pub(crate) letters: u32,
}

/// A word that was analysed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Analysed {
    /// Spellings, the commonest first.
    pub(crate) forms: Vec<Form>,
    /// Whether the script leaves out short vowels.
    pub(crate) unvocalised: bool,
    /// Whether it is a syllable of Chinese or Korean.
    pub(crate) syllabic: bool,
    pub(crate) legal: LegalWord,
    /// Whether it is a Slavic patronymic.
    pub(crate) patronymic: bool,
}

/// A spelling of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    pub(crate) text: String,
    pub(crate) sounds: Vec<u8>,
}

impl Form {
    pub(crate) fn new(text: String) -> Form {
        let mut sounds = Vec::new();
        phonemes(text.as_bytes(), &mut sounds);
        Form { text, sounds }
    }

    pub(crate) fn view(&self) -> Spelling<'_> {
        let text = self.text.as_bytes();
        Spelling { text, sounds: &self.sounds, letters: letters(text) }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = u64> + use<> {
        keys(self.text.as_bytes(), &self.sounds)
    }
}

impl Analysed {
    /// Analyses a part of a name.
    pub(crate) fn new(token: &Token) -> Analysed {
        Analysed::with_legal(token, None)
    }

    /// The same where it is known already which word of a form of a company it is.
    pub(crate) fn with_legal(token: &Token, known: Option<LegalWord>) -> Analysed {
        let mut texts = match token.kind {
            Kind::Number(_) if token.script == Script::Digits => vec![token.key.clone()],
            _ => script::romanise(&token.key, token.script),
        };
        let cognate = texts.iter().find_map(|text| lexicon::cognate(text));
        if let Some(cognate) = cognate
            && !texts.contains(&cognate)
        {
            texts.push(cognate);
        }
        let english = texts.iter().find_map(|text| glossary::english(text));
        if let Some(english) = english
            && !texts.iter().any(|text| text == english)
        {
            texts.push(english.to_owned());
        }
        let forms: Vec<Form> = texts.into_iter().map(Form::new).collect();
        let legal = match token.kind {
            _ if let Some(legal) = known => legal,
            Kind::Number(_) => 0,
            _ => {
                forms.iter().map(|f| legal::word(&f.text, &f.sounds)).find(|w| *w != 0).unwrap_or(0)
            }
        };
        let patronymic = forms.iter().any(|f| lexicon::is_patronymic(f.text.as_bytes()));
        let syllabic = matches!(token.script, Script::Han | Script::Hangul);
        Analysed {
            forms,
            unvocalised: script::omits_vowels(token.script),
            syllabic,
            legal,
            patronymic,
        }
    }
}

/// Which letters a word has, a bit for each; all digits have one.
pub(crate) fn letters(text: &[u8]) -> u32 {
    text.iter().fold(0, |set, letter| match letter {
        b'a'..=b'z' => set | 1 << (letter - b'a'),
        _ => set | 1 << 31,
    })
}

/// How alike two spellings are, 0 where they are different words.
///
/// A typing error costs its share of the letters, so that short words hardly bear one; a difference of
/// romanisation costs its share of the sounds.
pub(crate) fn likeness(a: Spelling<'_>, b: Spelling<'_>, vowels: Vowels) -> f32 {
    if a.text == b.text {
        return 1.0;
    }
    let longest = a.text.len().max(b.text.len());
    let shortest = a.text.len().min(b.text.len());
    if shortest == 0 || (longest > 3 && longest > 2 * shortest + 1 && vowels == Vowels::Written) {
        return 0.0;
    }
    let mut best = 0.0f32;
    if longest >= 4 && vowels == Vowels::Written {
        let limit = if longest >= 11 {
            3
        } else if longest >= 5 {
            2
        } else {
            1
        };
        // An edit adds a letter and takes one, at most.
        let possible = (a.letters ^ b.letters).count_ones() <= 2 * limit;
        let edits = if possible { distance::typed(a.text, b.text, limit) } else { limit + 1 };
        if edits <= limit {
            best = 1.0 - 0.9 * edits as f32 / longest as f32;
            if edits == 1 && longest >= 4 && a.text[0] != b.text[0] && shortest < 5 {
                best -= 0.08;
            }
        }
    }
    let sounds = a.sounds.len().max(b.sounds.len());
    if sounds > 0 && best < 0.94 {
        let limit = 37 * sounds as u32;
        let apart = distance::heard(a.sounds, b.sounds, vowels, limit);
        if apart <= limit {
            let mut heard = 0.97 - 0.9 * apart as f32 / (100.0 * sounds as f32);
            if vowels == Vowels::Omitted {
                heard -= 0.03;
            }
            if sounds <= 3 && apart > 0 {
                heard -= 0.1;
            }
            best = best.max(heard);
        }
    }
    if best >= LIKE_LEAST { best } else { 0.0 }
}
