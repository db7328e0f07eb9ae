//! Latin letters with accents and of their own: without them, and as they are written out (German `ue`,
//! Slavic `sh`, Nordic `oe`), which is what passports and English lists do.

use super::{ascii, spell};

/// How a letter is written out where it is more than a letter with an accent.
fn written_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'å' => "aa",
        'ß' => "ss",
        'š' | 'ş' | 'ș' => "sh",
        'č' | 'ç' | 'ć' => "ch",
        'ž' => "zh",
        'đ' => "dj",
        'ð' => "d",
        'þ' => "th",
        'ł' => "l",
        'ı' => "i",
        'ğ' => "gh",
        'ŭ' => "v",
        'ě' => "ye",
        'ĥ' => "kh",
        'x' | 'ẋ' => return None,
        _ => return None,
    })
}

pub(super) fn forms(word: &str) -> Vec<String> {
    if word.is_ascii() {
        return vec![word.to_owned()];
    }
    vec![ascii(word), spell(word, written_out)]
}
