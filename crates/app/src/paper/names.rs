//! Names of countries or areas and of end uses in both languages, from `packs/common/names.csv`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use formats::paper::Words;

static NAMES: LazyLock<BTreeMap<(String, String), Words>> = LazyLock::new(|| {
    let text = crate::packs::file_carried("common", "names.csv").unwrap_or_default();
    let mut names = BTreeMap::new();
    for row in csv::Reader::from_reader(text.as_bytes()).records().flatten() {
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        names.insert((cell(0), cell(1)), Words::new(cell(2), cell(3)));
    }
    names
});

fn name(kind: &str, code: &str) -> Words {
    NAMES.get(&(kind.to_owned(), code.to_owned())).cloned().unwrap_or_default()
}

/// The name of a country or area by its code (ISO 3166-1 alpha-2); empty where it has none.
pub(super) fn country(code: &str) -> Words {
    name("country", code)
}

/// An end use: its name by its code, and the applicant's words.
pub(super) fn end_use(code: &str, text: &str) -> Words {
    let named = name("use", code);
    let own = super::parts::in_its_language(text.trim());
    let join = |named: String, own: String| match (named.is_empty(), own.is_empty()) {
        (true, _) => own,
        (_, true) => named,
        _ => format!("{named}: {own}"),
    };
    let words = Words::new(join(named.en, own.en), join(named.zh, own.zh));
    if words == Words::default() { Words::same(code) } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_and_use_that_an_application_can_name_has_a_name_in_both_languages() {
        let check = |kind: &str, table: &str, exempt: &str| {
            let text = crate::packs::file_carried("common", table).unwrap();
            for row in csv::Reader::from_reader(text.as_bytes()).records() {
                let row = row.unwrap();
                if row[1] != *exempt {
                    let found = name(kind, &row[0]);
                    assert!(!found.en.is_empty() && !found.zh.is_empty(), "{kind} {}", &row[0]);
                }
            }
        };
        // A code that the standard leaves to its users names no place.
        check("country", "countries.csv", "user_assigned");
        check("use", "uses.csv", "");
        assert_eq!(country("NO"), Words::new("Norway", "挪威"));
        assert_eq!(country("XA"), Words::default());
    }

    #[test]
    fn an_end_use_is_told_by_its_name_and_by_the_words_of_the_applicant() {
        let check = |code: &str, text: &str, en: &str, zh: &str| {
            assert_eq!(end_use(code, text), Words::new(en, zh));
        };
        check("elevator", "", "lift machine", "电梯曳引机");
        check("elevator", "for lifts", "lift machine: for lifts", "电梯曳引机");
        check("elevator", "用于电梯", "lift machine", "电梯曳引机: 用于电梯");
        check("new_use", "for boats", "for boats", "");
        check("new_use", " ", "new_use", "");
    }
}
