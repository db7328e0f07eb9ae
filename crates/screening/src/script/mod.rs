//! Romanisation: a word of any script to one, two or three spellings in lower-case ASCII letters.
//!
//! Each script has its own module with its own tables, so that they can be read and tested; what has none
//! is spelt by `any_ascii`, letter by letter. The spellings are those of the systems that lists use, the
//! commonest first; what the systems disagree on beyond them is evened out by [`crate::sound`].

mod arabic;
mod cyrillic;
mod greek;
mod han;
mod hangul;
mod hebrew;
mod latin;
mod thai;

use unicode_script::{Script as Unicode, UnicodeScript};

pub(crate) use han::{fold as han_fold, word as han_word};

/// Spellings of a word at most.
pub(crate) const FORMS_MAX: usize = 4;

/// Scripts that are read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Han,
    Hangul,
    Kana,
    Thai,
    Digits,
    Other,
}

/// The script of a letter or digit; nothing for what separates words.
pub(crate) fn of(c: char) -> Option<Script> {
    if c.is_ascii_alphabetic() {
        return Some(Script::Latin);
    }
    if c.is_numeric() {
        return Some(Script::Digits);
    }
    if c.is_ascii() || !c.is_alphabetic() {
        // Vowel signs of Indic scripts and Thai are no letters of their own but belong to the word.
        let sign = !c.is_ascii()
            && matches!(
                c.script(),
                Unicode::Thai | Unicode::Devanagari | Unicode::Bengali | Unicode::Tamil
            );
        return if !sign {
            None
        } else if c.script() == Unicode::Thai {
            Some(Script::Thai)
        } else {
            Some(Script::Other)
        };
    }
    Some(match c.script() {
        Unicode::Latin => Script::Latin,
        Unicode::Cyrillic => Script::Cyrillic,
        Unicode::Greek => Script::Greek,
        Unicode::Arabic => Script::Arabic,
        Unicode::Hebrew => Script::Hebrew,
        Unicode::Han => Script::Han,
        Unicode::Hangul => Script::Hangul,
        Unicode::Hiragana | Unicode::Katakana => Script::Kana,
        Unicode::Thai => Script::Thai,
        _ => Script::Other,
    })
}

/// Whether the script leaves out short vowels.
pub(crate) fn omits_vowels(script: Script) -> bool {
    matches!(script, Script::Arabic | Script::Hebrew)
}

/// The spellings of a folded word, the commonest first, none empty, each once.
pub(crate) fn romanise(word: &str, script: Script) -> Vec<String> {
    let mut forms = match script {
        Script::Latin => latin::forms(word),
        Script::Cyrillic => cyrillic::forms(word),
        Script::Greek => greek::forms(word),
        Script::Arabic => arabic::forms(word),
        Script::Hebrew => hebrew::forms(word),
        Script::Han => han::forms(word),
        Script::Hangul => hangul::forms(word),
        Script::Thai => thai::forms(word),
        Script::Kana | Script::Digits | Script::Other => vec![ascii(word)],
    };
    for form in &mut forms {
        form.retain(|c| c.is_ascii_alphanumeric());
        form.make_ascii_lowercase();
    }
    let mut kept: Vec<String> = Vec::with_capacity(forms.len());
    for form in forms {
        if !form.is_empty() && !kept.contains(&form) && kept.len() < FORMS_MAX {
            kept.push(form);
        }
    }
    kept
}

/// Letter by letter, without a table of ours.
fn ascii(word: &str) -> String {
    any_ascii::any_ascii(word)
}

/// Spells each letter by a table; what the table does not know is spelt by `any_ascii`.
fn spell(word: &str, table: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(word.len() * 2);
    for c in word.chars() {
        out.push_str(table(c).unwrap_or_else(|| any_ascii::any_ascii_char(c)));
    }
    out
}
