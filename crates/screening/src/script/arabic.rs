//! Arabic and Persian: consonants and long vowels, as they are written.
//!
//! Short vowels are not written and cannot be restored; comparison leaves vowels out for such words. The
//! forms of alif and ain come together, ta marbuta is a final *a*, a hamza alone is silent. The second
//! spelling is the Persian reading (`v` for waw, `s` and `z` for the Arabic interdentals).

use super::spell;

fn arabic(c: char) -> Option<&'static str> {
    Some(match c {
        'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' | 'ى' | 'ة' | 'ع' => "a",
        'ء' | 'ئ' | 'ؤ' => "",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' => "t",
        'ث' => "th",
        'ج' => "j",
        'چ' => "ch",
        'ح' | 'ه' | 'ھ' | 'ہ' | 'ە' => "h",
        'خ' => "kh",
        'د' | 'ض' | 'ڈ' => "d",
        'ذ' => "dh",
        'ر' | 'ڑ' => "r",
        'ز' => "z",
        'ژ' => "zh",
        'س' | 'ص' => "s",
        'ش' => "sh",
        'ظ' => "z",
        'غ' => "gh",
        'ف' => "f",
        'ڤ' => "v",
        'ق' => "q",
        'ك' | 'ک' => "k",
        'گ' | 'ڭ' => "g",
        'ل' => "l",
        'م' => "m",
        'ن' | 'ں' => "n",
        'و' | 'ۆ' => "u",
        'ي' | 'ی' | 'ې' | 'ے' => "i",
        _ => return None,
    })
}

fn persian(c: char) -> Option<&'static str> {
    Some(match c {
        'و' => "v",
        'ث' => "s",
        'ذ' | 'ض' => "z",
        'ئ' => "i",
        'ؤ' => "u",
        'ة' => "t",
        _ => return arabic(c),
    })
}

pub(super) fn forms(word: &str) -> Vec<String> {
    let plain = |c: char| match c {
        'ئ' => Some("i"),
        'ؤ' => Some("u"),
        _ => arabic(c),
    };
    vec![apart(word, plain), apart(word, persian)]
}

/// Spells letter by letter; where an `h` would make another sound of the letter before it, a vowel parts them.
fn apart(word: &str, table: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::new();
    for c in word.chars() {
        let mut bytes = [0; 4];
        let letters = spell(c.encode_utf8(&mut bytes), &table);
        let joins = |last: char| "zstdkgcbpr".contains(last) || last == 'h';
        if letters == "h" && out.ends_with(joins) {
            out.push('a');
        }
        out.push_str(&letters);
    }
    out
}
