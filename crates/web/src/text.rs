//! The words of the pages, in English and Chinese.
//!
//! Every word a person reads comes from `locales/<language>/*.ftl` (Project Fluent); templates and
//! handlers name a message by its key. A key that is missing shows itself, so that a page never
//! fails for want of a word; a test holds both languages to the same keys and every key used to
//! one that exists.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::show;

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Chinese in simplified characters.
    Chinese,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// The value of `?lang=` and of the cookie.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }

    /// The value of the `lang` attribute (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-Hans",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Chinese => "中文",
        }
    }

    /// The language of a code, if it is spoken here.
    #[must_use]
    pub fn parse(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The first spoken language of an `Accept-Language` header, by its weights (RFC 9110, 12.5.4).
    #[must_use]
    pub fn accepted(header: &str) -> Option<Language> {
        let mut best: Option<(u16, Language)> = None;
        for item in header.split(',').take(20) {
            let mut parts = item.split(';');
            let tag = parts.next().unwrap_or("").trim();
            let primary = tag.split('-').next().unwrap_or("").to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1000, |text| show::permille(text.trim()).unwrap_or(0));
            if let Some(language) = Language::parse(&primary)
                && weight > best.map_or(0, |found| found.0)
            {
                best = Some((weight, language));
            }
        }
        best.map(|found| found.1)
    }

    /// The words of this language.
    #[must_use]
    pub fn text(self) -> &'static Text {
        match self {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }
}

/// The files of a language.
pub(crate) const SOURCES: [(Language, &[(&str, &str)]); 2] = [
    (
        Language::English,
        &[
            ("frame.ftl", include_str!("../locales/en/frame.ftl")),
            ("pages.ftl", include_str!("../locales/en/pages.ftl")),
            ("codes.ftl", include_str!("../locales/en/codes.ftl")),
            ("law.ftl", include_str!("../locales/en/law.ftl")),
            ("audit.ftl", include_str!("../locales/en/audit.ftl")),
            ("keys.ftl", include_str!("../locales/en/keys.ftl")),
            ("people.ftl", include_str!("../locales/en/people.ftl")),
            ("notices.ftl", include_str!("../locales/en/notices.ftl")),
            ("border.ftl", include_str!("../locales/en/border.ftl")),
            ("certificate.ftl", include_str!("../locales/en/certificate.ftl")),
            ("link.ftl", include_str!("../locales/en/link.ftl")),
            ("cases.ftl", include_str!("../locales/en/cases.ftl")),
            ("apply.ftl", include_str!("../locales/en/apply.ftl")),
            ("gaps.ftl", include_str!("../locales/en/gaps.ftl")),
            ("documents.ftl", include_str!("../locales/en/documents.ftl")),
            ("quota.ftl", include_str!("../locales/en/quota.ftl")),
            ("general.ftl", include_str!("../locales/en/general.ftl")),
            ("screening.ftl", include_str!("../locales/en/screening.ftl")),
        ],
    ),
    (
        Language::Chinese,
        &[
            ("frame.ftl", include_str!("../locales/zh/frame.ftl")),
            ("pages.ftl", include_str!("../locales/zh/pages.ftl")),
            ("codes.ftl", include_str!("../locales/zh/codes.ftl")),
            ("law.ftl", include_str!("../locales/zh/law.ftl")),
            ("audit.ftl", include_str!("../locales/zh/audit.ftl")),
            ("keys.ftl", include_str!("../locales/zh/keys.ftl")),
            ("people.ftl", include_str!("../locales/zh/people.ftl")),
            ("notices.ftl", include_str!("../locales/zh/notices.ftl")),
            ("border.ftl", include_str!("../locales/zh/border.ftl")),
            ("certificate.ftl", include_str!("../locales/zh/certificate.ftl")),
            ("link.ftl", include_str!("../locales/zh/link.ftl")),
            ("cases.ftl", include_str!("../locales/zh/cases.ftl")),
            ("apply.ftl", include_str!("../locales/zh/apply.ftl")),
            ("gaps.ftl", include_str!("../locales/zh/gaps.ftl")),
            ("documents.ftl", include_str!("../locales/zh/documents.ftl")),
            ("quota.ftl", include_str!("../locales/zh/quota.ftl")),
            ("general.ftl", include_str!("../locales/zh/general.ftl")),
            ("screening.ftl", include_str!("../locales/zh/screening.ftl")),
        ],
    ),
];

static ENGLISH: LazyLock<Text> = LazyLock::new(|| Text::read(Language::English));
static CHINESE: LazyLock<Text> = LazyLock::new(|| Text::read(Language::Chinese));

/// The messages of one language.
///
/// Placeables have fixed names, so that a template stays short: `$n` is a whole number that
/// chooses the plural and `$count` the same with its digits grouped; `$x`, `$y`, `$z` are texts.
pub struct Text {
    /// Which language it is.
    pub language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Text {
    fn read(language: Language) -> Text {
        let of = SOURCES.iter().filter(|source| source.0 == language);
        let files = of.flat_map(|source| source.1).map(|(_, source)| *source);
        Text::of(language, language.tag(), files)
    }

    /// The messages of some files, whose language may be one that the other pages do not speak; `language`
    /// is the one of theirs beside it.
    pub(crate) fn of<'s>(
        language: Language,
        tag: &str,
        files: impl Iterator<Item = &'s str>,
    ) -> Text {
        let tag: LanguageIdentifier = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        for source in files {
            let resource = match FluentResource::try_new(source.to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Text { language, bundle }
    }

    fn message(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut faults = Vec::new();
        Some(self.bundle.format_pattern(pattern, arguments, &mut faults).into_owned())
    }

    /// Whether there is a message of that key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The message of a key; the key itself where there is none.
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        self.message(key, None).unwrap_or_else(|| key.to_owned())
    }

    /// The message `<family>-<code>`, or `otherwise` where the code is not one we have words for.
    #[must_use]
    pub fn code(&self, family: &str, code: &str, otherwise: &str) -> String {
        let key = format!("{family}-{}", code.replace(' ', "_"));
        self.message(&key, None).unwrap_or_else(|| otherwise.to_owned())
    }

    /// A message about a whole number.
    #[must_use]
    pub fn num(&self, key: &str, number: &u64) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("n", FluentValue::from(*number));
        arguments.set("count", show::count(*number));
        self.message(key, Some(&arguments)).unwrap_or_else(|| key.to_owned())
    }

    /// A message about a whole number and a text.
    #[must_use]
    pub fn num_with(&self, key: &str, number: &u64, x: impl Display) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("n", FluentValue::from(*number));
        arguments.set("count", show::count(*number));
        arguments.set("x", x.to_string());
        self.message(key, Some(&arguments)).unwrap_or_else(|| key.to_owned())
    }

    /// A message with one text.
    #[must_use]
    pub fn one(&self, key: &str, x: impl Display) -> String {
        self.several(key, &[("x", x.to_string())])
    }

    /// A message with two texts.
    #[must_use]
    pub fn two(&self, key: &str, x: impl Display, y: impl Display) -> String {
        self.several(key, &[("x", x.to_string()), ("y", y.to_string())])
    }

    /// A message with three texts.
    #[must_use]
    pub fn three(&self, key: &str, x: impl Display, y: impl Display, z: impl Display) -> String {
        self.several(key, &[("x", x.to_string()), ("y", y.to_string()), ("z", z.to_string())])
    }

    fn several(&self, key: &str, texts: &[(&str, String)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, text) in texts {
            arguments.set(*name, text.clone());
        }
        self.message(key, Some(&arguments)).unwrap_or_else(|| key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Option<Language>) {
        assert_eq!(Language::accepted(header), expected, "`{header}`");
    }

    #[test]
    fn the_browsers_first_spoken_language_wins() {
        check("zh-CN,zh;q=0.9,en;q=0.8", Some(Language::Chinese));
        check("de;q=1, en;q=0.5, zh;q=0.7", Some(Language::Chinese));
        check("en-GB", Some(Language::English));
        check("fr, de;q=0.3", None);
        check("zh;q=0", None);
        check("", None);
        check(";;,,q=", None);
    }

    #[test]
    fn a_missing_key_shows_itself() {
        assert_eq!(Language::English.text().get("no-such-key"), "no-such-key");
    }
}
