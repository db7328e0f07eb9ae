//! Hebrew: consonants, with the two readings of bet, kaf, pe and vav. Vowels are not written.

use super::spell;

fn letter(c: char) -> Option<&'static str> {
    Some(match c {
        'א' | 'ע' => "a",
        'ב' => "b",
        'ג' => "g",
        'ד' => "d",
        'ה' => "h",
        'ו' => "v",
        'ז' => "z",
        'ח' => "h",
        'ט' | 'ת' => "t",
        'י' => "i",
        'כ' | 'ך' | 'ק' => "k",
        'ל' => "l",
        'מ' | 'ם' => "m",
        'נ' | 'ן' => "n",
        'ס' => "s",
        'פ' | 'ף' => "p",
        'צ' | 'ץ' => "ts",
        'ר' => "r",
        'ש' => "sh",
        _ => return None,
    })
}

fn soft(c: char) -> Option<&'static str> {
    Some(match c {
        'ב' => "v",
        'ו' => "u",
        'כ' | 'ך' => "h",
        'פ' | 'ף' => "f",
        _ => return letter(c),
    })
}

pub(super) fn forms(word: &str) -> Vec<String> {
    vec![spell(word, letter), spell(word, soft)]
}
