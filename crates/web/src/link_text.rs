//! The words around the certificate of an end user, in the languages in which certificates are worded: more
//! than the other pages speak, so that an end user reads its own.
//!
//! A test holds all languages to the same keys.

use std::sync::LazyLock;

use crate::text::{Language, Text};

/// The words of a language and its code.
type Words = (&'static str, LazyLock<Text>);

macro_rules! words {
    ($code:literal, $tag:literal, $beside:expr) => {
        (
            $code,
            LazyLock::new(|| {
                let source = include_str!(concat!("../locales/", $code, "/link.ftl"));
                Text::of($beside, $tag, std::iter::once(source))
            }),
        )
    };
}

static WORDS: [Words; 7] = [
    words!("en", "en", Language::English),
    words!("zh", "zh-Hans", Language::Chinese),
    words!("de", "de", Language::English),
    words!("es", "es", Language::English),
    words!("fr", "fr", Language::English),
    words!("ja", "ja", Language::English),
    words!("ko", "ko", Language::English),
];

/// The words of a language; English where there are none.
pub(crate) fn words(code: &str) -> &'static Text {
    let found = WORDS.iter().find(|words| words.0 == code);
    match found {
        Some(words) => &words.1,
        None => &WORDS[0].1,
    }
}

/// The first of these languages that an `Accept-Language` header names; English where it names none.
pub(crate) fn accepted(header: &str) -> &'static str {
    let asked = header.split(',').map(|part| part.split([';', '-']).next().unwrap_or("").trim());
    let found = asked.take(20).find_map(|code| WORDS.iter().find(|words| words.0 == code));
    found.map_or("en", |words| words.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_and_what_stands_around_them_speak_the_same_languages() {
        let mut codes: Vec<&str> = WORDS.iter().map(|words| words.0).collect();
        codes.sort_unstable();
        let certified: Vec<&String> = app::certificates::words().keys().collect();
        assert_eq!(codes, certified);
        for (code, words) in app::certificates::words() {
            assert_ne!(super::words(code).get("link-sign"), "link-sign", "{}", words.language);
        }
    }

    #[test]
    fn a_browser_is_answered_in_the_first_language_that_is_there() {
        assert_eq!(accepted("fi, de-AT;q=0.8, en;q=0.7"), "de");
        assert_eq!(accepted("pl"), "en");
        assert_eq!(accepted(""), "en");
    }
}
