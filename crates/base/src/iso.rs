//! Codes of countries or areas (ISO 3166-1 alpha-2) and of currencies (ISO 4217), from
//! `packs/common`.
//!
//! Codes that the standard leaves to its users are taken too, for places that have no other; and
//! currencies that were withdrawn, since a filing may be about a day on which they were in use.

use std::sync::LazyLock;

/// A set of codes of so many capital letters each, one bit for every possible code.
struct Codes {
    letters: usize,
    bits: Vec<u64>,
}

impl Codes {
    /// Reads the first column of a table.
    fn read(letters: usize, table: &str) -> Codes {
        let mut codes = Codes { letters, bits: vec![0; 26_usize.pow(letters as u32).div_ceil(64)] };
        for line in table.lines().skip(1) {
            let code = line.split(',').next().unwrap_or_default();
            if let Some(number) = codes.number(code) {
                codes.bits[number / 64] |= 1 << (number % 64);
            }
        }
        codes
    }

    fn number(&self, code: &str) -> Option<usize> {
        let capitals = code.len() == self.letters && code.bytes().all(|b| b.is_ascii_uppercase());
        capitals.then(|| code.bytes().fold(0, |number, b| number * 26 + usize::from(b - b'A')))
    }

    fn has(&self, code: &str) -> bool {
        self.number(code).is_some_and(|number| self.bits[number / 64] >> (number % 64) & 1 == 1)
    }
}

static COUNTRIES: LazyLock<Codes> =
    LazyLock::new(|| Codes::read(2, include_str!("../../../packs/common/countries.csv")));
static CURRENCIES: LazyLock<Codes> =
    LazyLock::new(|| Codes::read(3, include_str!("../../../packs/common/currencies.csv")));

/// Whether it is the code of a country or area.
#[must_use]
pub fn country_known(code: &str) -> bool {
    COUNTRIES.has(code)
}

/// Code and members of each union, from `packs/common/unions.csv`.
static UNIONS: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| {
    let lines = include_str!("../../../packs/common/unions.csv").lines().skip(1);
    lines
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some((cells.next()?, cells.next()?.split(';').collect()))
        })
        .collect()
});

/// Whether it is the code of a union of countries whose members share one law of exports.
#[must_use]
pub fn union_known(code: &str) -> bool {
    UNIONS.iter().any(|(union, _)| *union == code)
}

/// Whether a country is the area of this code, or a member of the union of this code.
#[must_use]
pub fn country_within(country: &str, area: &str) -> bool {
    country == area
        || UNIONS.iter().any(|(union, members)| *union == area && members.contains(&country))
}

/// Whether it is the code of a currency.
#[must_use]
pub fn currency_known(code: &str) -> bool {
    CURRENCIES.has(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_is_no_country_and_has_countries_as_members() {
        assert!(union_known("EU") && !union_known("DE") && !union_known(""));
        assert!(country_within("DE", "EU") && country_within("EU", "EU"));
        assert!(country_within("CN", "CN"));
        assert!(!country_within("GB", "EU") && !country_within("", "EU"));
        assert!(!country_within("EU", "DE"));
        for (union, members) in UNIONS.iter() {
            assert!(!country_known(union) && members.iter().all(|m| country_known(m)), "{union}");
        }
    }

    #[test]
    fn codes_are_known_by_the_list() {
        let count = |codes: &Codes| codes.bits.iter().map(|b| b.count_ones()).sum::<u32>();
        // 249 assigned, 42 left to users; 178 current, 14 withdrawn.
        assert_eq!((count(&COUNTRIES), count(&CURRENCIES)), (291, 192));
        for code in ["AD", "ZW", "AA", "QM", "XK", "ZZ"] {
            assert!(country_known(code), "{code}");
        }
        for code in ["UK", "EU", "QL", "dE", "D", "DEU", "", "É"] {
            assert!(!country_known(code), "{code}");
        }
        assert!(currency_known("CNY") && currency_known("BGN") && currency_known("XTS"));
        assert!(!currency_known("RMB") && !currency_known("cny") && !currency_known(""));
    }
}
