//! Cyrillic by the systems of lists: BGN/PCGN and passports (`zh kh ts ya`), the scholarly one of ISO 9 and
//! the European Union (`ž h c ja`), and the Ukrainian and Belarusian readings (`h` for г, `y` for и).

use super::spell;

/// BGN/PCGN, as United States and British lists write.
fn common(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'ё' => "yo",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' => "i",
        'й' => "y",
        'к' | 'қ' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ү' | 'ұ' => "u",
        'ў' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' | '’' | '\'' => "",
        'ы' => "y",
        'ю' => "yu",
        'я' => "ya",
        'ї' => "yi",
        'є' => "ye",
        'ј' => "j",
        'љ' => "lj",
        'њ' => "nj",
        'ћ' => "c",
        'ђ' => "dj",
        'џ' => "dz",
        'ѓ' => "gj",
        'ќ' => "kj",
        'ә' => "a",
        'ғ' => "gh",
        'ң' => "n",
        'ө' => "o",
        'һ' | 'ҳ' => "h",
        'ҷ' => "j",
        'ӣ' => "i",
        'ӯ' => "u",
        _ => return None,
    })
}

/// ISO 9 without accents, as lists of the European Union write.
fn scholarly(c: char) -> Option<&'static str> {
    Some(match c {
        'ё' => "e",
        'й' => "j",
        'х' => "h",
        'ц' => "c",
        'щ' => "sch",
        'ъ' => "a",
        'ю' => "ju",
        'я' => "ja",
        'ї' => "ji",
        'є' => "je",
        'ў' => "v",
        _ => return common(c),
    })
}

/// Ukrainian and Belarusian.
fn western(c: char) -> Option<&'static str> {
    Some(match c {
        'г' => "h",
        'и' => "y",
        'ё' => "io",
        'й' | 'ї' => "i",
        'ю' => "iu",
        'я' => "ia",
        'ў' => "u",
        _ => return common(c),
    })
}

pub(super) fn forms(word: &str) -> Vec<String> {
    vec![spell(word, common), spell(word, scholarly), spell(word, western)]
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_has_the_spellings_of_the_systems() {
        let check = |word: &str, expected: &[&str]| {
            let forms = super::super::romanise(word, super::super::Script::Cyrillic);
            for form in expected {
                assert!(forms.iter().any(|f| f == form), "{word}: {forms:?} lacks {form}");
            }
        };
        check("хрущёв", &["khrushchyov", "hruschev"]);
        check("юрий", &["yuriy", "jurij"]);
        check("григорій", &["grigoriy", "hryhorii"]);
    }
}
