//! Korean: each syllable by the Revised Romanization (2000) and by McCune and Reischauer without its marks,
//! as North Korean names stand on lists; family names also as their bearers write them.

/// Initials, vowels and finals in the order of Unicode's syllables, by the Revised Romanization.
const INITIAL: [&str; 19] = [
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
];
const VOWEL: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
];
const FINAL: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
];
/// The same by McCune and Reischauer, apostrophes and breves left out.
const INITIAL_MR: [&str; 19] = [
    "k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "ch", "tch", "ch", "k", "t",
    "p", "h",
];
const VOWEL_MR: [&str; 21] = [
    "a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "u", "ui", "i",
];

/// Family names as they are commonly written.
const FAMILY: &[(char, &[&str])] = &[
    ('김', &["kim", "gim"]),
    ('이', &["lee", "yi", "ri"]),
    ('리', &["ri", "li", "lee"]),
    ('박', &["pak", "park", "bak"]),
    ('최', &["choe", "choi", "chae"]),
    ('정', &["jong", "chong", "jung"]),
    ('조', &["jo", "cho"]),
    ('강', &["kang", "gang"]),
    ('윤', &["yun", "yoon"]),
    ('장', &["jang", "chang"]),
    ('임', &["im", "lim", "rim"]),
    ('림', &["rim", "lim"]),
    ('오', &["o", "oh"]),
    ('한', &["han"]),
    ('신', &["sin", "shin"]),
    ('서', &["so", "seo", "suh"]),
    ('권', &["kwon", "gwon"]),
    ('황', &["hwang"]),
    ('안', &["an", "ahn"]),
    ('류', &["ryu", "yu"]),
    ('유', &["yu", "yoo"]),
    ('노', &["no", "roh", "noh"]),
    ('로', &["ro", "no"]),
    ('양', &["yang", "ryang"]),
    ('량', &["ryang", "yang"]),
    ('문', &["mun", "moon"]),
    ('백', &["paek", "baek"]),
    ('전', &["jon", "chon", "jeon"]),
    ('현', &["hyon", "hyun"]),
    ('여', &["yo", "yeo"]),
    ('려', &["ryo", "yo"]),
];

/// Number of initial, vowel and final of a syllable.
fn parts(c: char) -> Option<(usize, usize, usize)> {
    let n = (c as u32).checked_sub(0xac00).filter(|n| *n < 11_172)? as usize;
    Some((n / 588, n % 588 / 28, n % 28))
}

fn spell(word: &str, initial: &[&str; 19], vowel: &[&str; 21]) -> String {
    let mut out = String::new();
    for c in word.chars() {
        if let Some((i, v, f)) = parts(c) {
            out.push_str(initial[i]);
            out.push_str(vowel[v]);
            out.push_str(FINAL[f]);
        }
    }
    out
}

pub(super) fn forms(word: &str) -> Vec<String> {
    let mut chars = word.chars();
    let family = match (chars.next(), chars.next()) {
        (Some(one), None) => FAMILY.iter().find(|(known, _)| *known == one),
        _ => None,
    };
    let north = spell(word, &INITIAL, &VOWEL_MR);
    let mut forms = vec![north, spell(word, &INITIAL_MR, &VOWEL_MR), spell(word, &INITIAL, &VOWEL)];
    if let Some((_, written)) = family {
        let mut first: Vec<String> = written.iter().map(|&form| form.to_owned()).collect();
        first.append(&mut forms);
        return first;
    }
    forms
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_syllable_has_both_romanisations() {
        let check = |syllable: &str, expected: &[&str]| {
            let forms = super::super::romanise(syllable, super::super::Script::Hangul);
            for form in expected {
                assert!(forms.iter().any(|f| f == form), "{syllable}: {forms:?} lacks {form}");
            }
        };
        check("철", &["chol", "cheol"]);
        check("영", &["yong", "yeong"]);
        check("김", &["kim"]);
        check("박", &["pak", "park"]);
    }
}
