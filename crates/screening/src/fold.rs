//! The first step of the analysis: letters as they are compared, each with the place where it stood.
//!
//! Compatibility forms (Unicode Standard Annex 15, NFKC) and case are folded, combining marks are joined to
//! their letter, and what has no shape of its own (controls of writing direction, joiners, soft hyphens) is
//! dropped. Accents stay: the romaniser decides what they mean.
//!
//! Invariant: places are byte offsets on character boundaries of the text that was given, rising.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, is_combining_mark};

/// Letters that are looked at in a name; what lies beyond is passed over, so that work stays bounded.
pub(crate) const LETTERS_MAX: usize = 600;

/// A letter as it is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letter {
    pub(crate) char: char,
    /// Where its character begins in the text, in bytes.
    pub(crate) start: u32,
    /// Where it ends.
    pub(crate) end: u32,
}

/// Whether a character says only how others are laid out.
fn is_layout(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{640}')
}

/// Folds a text into `letters`, which is emptied first.
pub(crate) fn fold(text: &str, letters: &mut Vec<Letter>) {
    letters.clear();
    for (start, raw) in text.char_indices() {
        if letters.len() >= LETTERS_MAX {
            break;
        }
        if is_layout(raw) {
            continue;
        }
        let (start, end) = (start as u32, (start + raw.len_utf8()) as u32);
        if raw.is_ascii() {
            let char = raw.to_ascii_lowercase();
            letters.push(Letter { char, start, end });
        } else if is_combining_mark(raw) {
            join_mark(letters, raw, end);
        } else {
            for char in std::iter::once(raw).nfkc().flat_map(char::to_lowercase).take(4) {
                if is_combining_mark(char) {
                    join_mark(letters, char, end);
                } else {
                    letters.push(Letter { char, start, end });
                }
            }
        }
    }
}

/// Joins a mark to the letter before it; a mark that no composed letter has is dropped.
fn join_mark(letters: &mut [Letter], mark: char, end: u32) {
    if let Some(last) = letters.last_mut() {
        last.end = end;
        if let Some(composed) = compose(last.char, mark) {
            last.char = composed;
        }
    }
}

/// The Latin letter that a Cyrillic or Greek one cannot be told from by its shape.
pub(crate) fn lookalike_latin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' => 'c',
        'е' | 'ε' => 'e',
        'н' | 'η' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'ν' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'х' | 'χ' => 'x',
        'у' | 'υ' => 'y',
        'ԁ' => 'd',
        'ɡ' => 'g',
        'ԛ' => 'q',
        'ԝ' => 'w',
        'ζ' => 'z',
        _ => return None,
    })
}

/// The Cyrillic letter that a Latin one cannot be told from by its shape.
pub(crate) fn lookalike_cyrillic(c: char) -> Option<char> {
    Some(match c {
        'a' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'i' => 'і',
        'j' => 'ј',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        's' => 'ѕ',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        _ => return None,
    })
}
