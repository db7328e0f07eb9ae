//! Forms of companies: phrases that say how a body is constituted, in classes that mean the same.
//!
//! They are evidence of little weight: `Ltd` for `OOO` is no contradiction, and a form that is left out is
//! none either. Words are found also with a typing error or in another romanisation. The table is common
//! knowledge (compare ISO 20275, Entity Legal Forms); it is short on purpose.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::distance::{self, Vowels};
use crate::sound::phonemes;

/// A class of forms that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Form {
    Limited,
    Stock,
    Partnership,
    Company,
    Foundation,
    State,
    FreeZone,
}

impl Form {
    /// How alike two forms are.
    pub(crate) fn likeness(self, other: Form) -> f32 {
        match (self, other) {
            (a, b) if a == b => 1.0,
            (Form::Company, _) | (_, Form::Company) => 0.9,
            _ => 0.5,
        }
    }
}

/// Phrases in romanised words; a phrase of Chinese or Korean is one word, see [`characters`].
const PHRASES: &[(Form, &str)] = &[
    (
        Form::Limited,
        "ltd|limited|llc|l l c|ooo|gmbh|g m b h|ges m b h|sarl|s a r l|srl|s r l|bv|b v|pte ltd|pty ltd|pvt ltd|pty|pte|pvt",
    ),
    (
        Form::Limited,
        "private limited|private ltd|pty limited|pte limited|limited liability company|limited liability|limited company|ltd company",
    ),
    (
        Form::Limited,
        "co ltd|company limited|company ltd|co limited|co llc|company llc|corp ltd|corporation limited|co pte ltd|co pvt ltd|tov|toviedkz",
    ),
    (
        Form::Limited,
        "obshchestvo s ogranichennoi otvetstvennostyu|obshchestvo s ogranichennoy otvetstvennostyu|obshchestvo s ogranichennoj otvetstvennostju|obschestvo s ogranichennoi otvetstvennostyu",
    ),
    (
        Form::Limited,
        "tovarystvo z obmezhenoiu vidpovidalnistiu|tovaristvo z obmezhenoyu vidpovidalnistyu|doo|d o o|dooel|sp z o o|spolka z ograniczona odpowiedzialnoscia|sp zoo|sro|s r o|kft|uab|sia|ood|eood|oou|zoo",
    ),
    (
        Form::Limited,
        "ltda|lda|limitada|sociedad de responsabilidad limitada|s de rl de cv|s de r l de c v|s de rl|cia ltda|sociedade limitada|eirl|sdn bhd|ltd sti|limited sirketi|limited sti|ltd co|company limited liability|sarlu|wll|w l l|spc|youxian gongsi|youxian zeren gongsi|unipessoal lda|gesellschaft mit beschrankter haftung|besloten vennootschap|societe a responsabilite limitee|societa a responsabilita limitata|limitedliability company|spol s r o|korlatolt felelossegu tarsasag|uzdaroji akcine bendrove|sabiedriba ar ierobezotu atbildibu|drustvo s ogranicenom odgovornoscu|osauhing|sherkat mahdud",
    ),
    (
        Form::Stock,
        "jsc|ojsc|pjsc|cjsc|ao|oao|pao|zao|odo|aoz|jsco|psc|p s c|pjs|ag|a g|sa|s a|spa|s p a|plc|p l c|inc|incorporated|corp|corporation|nv|n v|ab|oyj|oy|asa|bhd|tbk|kk|sae|s a e|sal|s a l|saog|saoc|ksc|kscc|bsc|sab|ad|dd|d d|rt|nyrt|zrt|prat|at",
    ),
    (
        Form::Stock,
        "joint stock company|open joint stock company|public joint stock company|closed joint stock company|private joint stock company|joint stock co|stock company|joint stock|public stock company|joint stock corporation|private joint stock corporation",
    ),
    (
        Form::Stock,
        "aktsionernoe obshchestvo|aktsionernoye obshchestvo|aktsionernoe obschestvo|otkrytoe aktsionernoe obshchestvo|publichnoe aktsionernoe obshchestvo|zakrytoe aktsionernoe obshchestvo|nepublichnoe aktsionernoe obshchestvo|aktsionerne tovarystvo|aktiengesellschaft",
    ),
    (
        Form::Stock,
        "anonim sirketi|anonim sti|sociedad anonima|sociedad por acciones simplificada|sociedade anonima|societe anonyme|societa per azioni|s a de c v|sa de cv|s a de cv|sociedad anonima de capital variable|sas|s a s|sau|s a u|c a|ca|jointstock company|naamloze vennootschap|spolka akcyjna|akciova spolecnost|akcine bendrove|aktsiaselts|akciju sabiedriba|osakeyhtio|public limited company|public company limited|aktiebolag|aksjeselskap|aktieselskab|a s|as",
    ),
    (
        Form::Partnership,
        "kg|k g|lp|l p|llp|l l p|ohg|gbr|gmbh and co kg|gmbh co kg|gmbh und co kg|snc|s n c|cv|kgaa|se and co kg|limited partnership|limited liability partnership|general partnership",
    ),
    (
        Form::Company,
        "company|co|cie|compagnie|compania|companhia|cia|kompaniya|gongsi|sherkat|sharikat|sharika|sirketi",
    ),
    (
        Form::Foundation,
        "stichting|stg|foundation|stiftung|fondation|fundacion|association|verein|ev|e v|ngo|charity",
    ),
    (
        Form::State,
        "fgup|gup|fgbu|fsue|federal state unitary enterprise|state unitary enterprise|federalnoe gosudarstvennoe unitarnoe predpriyatie|unitary enterprise|fku|state enterprise|gosudarstvennoe predpriyatie",
    ),
    (
        Form::FreeZone,
        "fze|fzco|fzc|fz llc|fzllc|fze llc|fz co|fz lle|dmcc|dwc llc|l l c fz|llc fz|free zone establishment|free zone company|fz",
    ),
];

/// Forms in characters that are not parted into words, folded; longer ones first.
const CHARACTERS: &[(Form, &str)] = &[
    (Form::Limited, "有限责任公司"),
    (Form::Stock, "股份有限公司"),
    (Form::Limited, "有限公司"),
    (Form::Stock, "株式会社"),
    (Form::Limited, "有限会社"),
    (Form::Company, "总公司"),
    (Form::Company, "公司"),
    (Form::Stock, "주식회사"),
    (Form::Limited, "유한회사"),
    (Form::Company, "회사"),
];

/// A form in characters at the beginning, and how many characters it takes.
pub(crate) fn characters(rest: &[char]) -> Option<(Form, usize)> {
    CHARACTERS.iter().find_map(|(form, known)| {
        let length = known.chars().count();
        let begins = length <= rest.len() && known.chars().zip(rest).all(|(a, b)| a == *b);
        begins.then_some((*form, length))
    })
}

/// Words of the table by number; 0 is no word of it.
pub(crate) type LegalWord = u16;

/// A word long enough to be known with an error, its sounds and its number.
type Long = (&'static str, Vec<u8>, LegalWord);

#[derive(Debug)]
struct Table {
    words: FxHashMap<&'static str, LegalWord>,
    long: Vec<Long>,
    phrases: FxHashMap<Vec<LegalWord>, Form>,
    longest: usize,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut words = FxHashMap::default();
        let mut long = Vec::new();
        let mut phrases = FxHashMap::default();
        let mut longest = 0;
        for (form, text) in PHRASES {
            for phrase in text.split('|') {
                let mut numbers = Vec::new();
                for word in phrase.split(' ') {
                    let number = words.get(word).copied().unwrap_or_else(|| {
                        // Spellings of one word are one word.
                        let next = words.len() as LegalWord + 1;
                        let number = nearest(word, &long).unwrap_or(next);
                        words.insert(word, number);
                        if word.len() >= 5 {
                            let mut sounds = Vec::new();
                            phonemes(word.as_bytes(), &mut sounds);
                            long.push((word, sounds, number));
                        }
                        number
                    });
                    numbers.push(number);
                }
                longest = longest.max(numbers.len());
                phrases.insert(numbers, *form);
            }
        }
        Table { words, long, phrases, longest }
    })
}

/// The number of a romanised word, also where it is mistyped or romanised otherwise; 0 where it is none.
pub(crate) fn word(text: &str, sounds: &[u8]) -> LegalWord {
    let table = table();
    match table.words.get(text) {
        Some(number) => *number,
        None => nearest_heard(text, sounds, &table.long).unwrap_or(0),
    }
}

fn nearest(text: &str, long: &[Long]) -> Option<LegalWord> {
    if text.len() < 9 {
        return None;
    }
    let mut sounds = Vec::new();
    phonemes(text.as_bytes(), &mut sounds);
    nearest_heard(text, &sounds, long)
}

/// The word of the table that a long word is one or two errors from, or that sounds like it.
fn nearest_heard(text: &str, sounds: &[u8], long: &[Long]) -> Option<LegalWord> {
    if text.len() < 5 {
        return None;
    }
    let near = |(known, heard, number): &Long| {
        if known.len().abs_diff(text.len()) > 3 {
            return None;
        }
        let edits = if known.len() >= 9 { 2 } else { 1 };
        let typed = distance::typed(text.as_bytes(), known.as_bytes(), edits);
        if typed <= edits {
            return Some((typed * 100, *number));
        }
        if known.len() < 9 || heard.first() != sounds.first() {
            return None;
        }
        let limit = 10 * known.len() as u32;
        let apart = distance::heard(sounds, heard, Vowels::Written, limit);
        (apart <= limit).then_some((apart, *number))
    };
    long.iter().filter_map(near).min().map(|(_, number)| number)
}

/// The form that a short word stands for with one typing error.
pub(crate) fn mistyped(text: &str) -> Option<Form> {
    const SHORT: &[(&str, Form)] = &[
        ("ltd", Form::Limited),
        ("llc", Form::Limited),
        ("ooo", Form::Limited),
        ("gmbh", Form::Limited),
        ("ltda", Form::Limited),
        ("sarl", Form::Limited),
        ("corp", Form::Stock),
        ("inc", Form::Stock),
        ("jsc", Form::Stock),
        ("ojsc", Form::Stock),
        ("pjsc", Form::Stock),
        ("oao", Form::Stock),
        ("pao", Form::Stock),
        ("zao", Form::Stock),
        ("plc", Form::Stock),
        ("fze", Form::FreeZone),
        ("fzco", Form::FreeZone),
    ];
    let near = |known: &&(&str, Form)| distance::typed(text.as_bytes(), known.0.as_bytes(), 1) <= 1;
    SHORT.iter().find(near).map(|(_, form)| *form)
}

/// A form at the end or beginning of a word that it is written together with, and how many letters the rest
/// has, from the beginning or the end.
pub(crate) fn glued(text: &str) -> Option<(Form, Glued)> {
    let forms = [
        "limited",
        "gmbh",
        "corporation",
        "company",
        "corp",
        "ltd",
        "llc",
        "ooo",
        "jsc",
        "inc",
        "oao",
        "pao",
        "fze",
    ];
    forms.iter().find_map(|form| {
        let number = table().words.get(form)?;
        let (class, _) = phrase(&[*number])?;
        if let Some(rest) = text.strip_suffix(form) {
            return (!rest.is_empty()).then_some((class, Glued::After(rest.len())));
        }
        let rest = text.strip_prefix(form)?;
        (rest.len() >= 3).then_some((class, Glued::Before(form.len())))
    })
}

/// Where a form stands in a word that it is written together with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glued {
    /// After so many letters.
    After(usize),
    /// Before the rest, so many letters long.
    Before(usize),
}

/// The longest form at the beginning of a row of words, and how many of them it takes.
pub(crate) fn phrase(words: &[LegalWord]) -> Option<(Form, usize)> {
    let table = table();
    if words.first().is_none_or(|first| *first == 0) {
        return None;
    }
    let most = words.iter().take(table.longest).take_while(|w| **w != 0).count();
    (1..=most).rev().find_map(|n| table.phrases.get(words.get(..n)?).map(|form| (*form, n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(Form, usize)> {
        let numbers: Vec<LegalWord> = text
            .split(' ')
            .map(|w| {
                let mut sounds = Vec::new();
                phonemes(w.as_bytes(), &mut sounds);
                word(w, &sounds)
            })
            .collect();
        phrase(&numbers)
    }

    #[test]
    fn forms_are_found_in_other_spellings_and_with_errors() {
        let check =
            |text: &str, expected: Option<(Form, usize)>| assert_eq!(of(text), expected, "{text}");
        check("limited liability company", Some((Form::Limited, 3)));
        check("limited liaboilit company", Some((Form::Limited, 3)));
        check("axktsinernoye obshchestvo", Some((Form::Stock, 2)));
        check("obschestvo s ogranichennoj otvetstvennostyu", Some((Form::Limited, 4)));
        check("trading company", None);
        check("co ltd", Some((Form::Limited, 2)));
    }
}
