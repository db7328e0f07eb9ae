//! Thai by the Royal Institute's letters: initial values of consonants, vowels in the order of speech.

use super::ascii;

/// Royal Thai General System of Transcription for letters where `any_ascii` differs.
fn letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ก' => "k",
        'ข' | 'ค' | 'ฆ' => "kh",
        'ง' => "ng",
        'จ' => "ch",
        'ฉ' | 'ช' | 'ฌ' => "ch",
        'ซ' | 'ศ' | 'ษ' | 'ส' => "s",
        'ญ' | 'ย' => "y",
        'ฎ' | 'ด' => "d",
        'ฏ' | 'ต' => "t",
        'ฐ' | 'ฑ' | 'ฒ' | 'ถ' | 'ท' | 'ธ' => "th",
        'ณ' | 'น' => "n",
        'บ' => "b",
        'ป' => "p",
        'ผ' | 'พ' | 'ภ' => "ph",
        'ฝ' | 'ฟ' => "f",
        'ม' => "m",
        'ร' => "r",
        'ล' | 'ฬ' => "l",
        'ว' => "w",
        'ห' | 'ฮ' => "h",
        'อ' => "o",
        'ะ' | 'ั' | 'า' => "a",
        'ำ' => "am",
        'ิ' | 'ี' => "i",
        'ึ' | 'ื' => "ue",
        'ุ' | 'ู' => "u",
        'เ' => "e",
        'แ' => "ae",
        'โ' => "o",
        'ใ' | 'ไ' => "ai",
        '็' | '่' | '้' | '๊' | '๋' | '์' => "",
        _ => return None,
    })
}

pub(super) fn forms(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut spoken = String::new();
    let mut at = 0;
    while let Some(&c) = letters.get(at) {
        // A vowel that is written before its consonant is spoken after it.
        let before = matches!(c, 'เ' | 'แ' | 'โ' | 'ใ' | 'ไ');
        // A consonant with the mark of silence is not spoken.
        let silent = letters.get(at + 1) == Some(&'์');
        match letters.get(at + 1) {
            Some(&next) if before => {
                spoken.push_str(letter(next).unwrap_or_default());
                spoken.push_str(letter(c).unwrap_or_default());
                at += 2;
            }
            _ => {
                if !silent {
                    spoken.push_str(letter(c).unwrap_or_default());
                }
                at += 1;
            }
        }
    }
    vec![spoken, ascii(word)]
}
