//! On what terms a certificate is asked for and signed: the rule of the pack, the day of the authority, its
//! name; and the words in all languages.

use std::sync::LazyLock;

use base::{Date, Timestamp};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use licensing::certificate::{Certificate, CertificateText, Statement, WordsOfAll, text};
use licensing::rules::CertificateRule;

use crate::law::Law;

/// What the certificate of an end user must hold where a pack says nothing of it.
#[must_use]
pub fn rule_common() -> CertificateRule {
    let text = crate::packs::file_carried("common", "certificate_rule.toml").unwrap_or_default();
    // A test holds the file to its form.
    toml::from_str(&text).unwrap_or_default()
}

static WORDS: LazyLock<WordsOfAll> = LazyLock::new(|| {
    let text = crate::packs::file_carried("common", "certificate_texts.toml").unwrap_or_default();
    // A test holds the file to its form.
    toml::from_str(&text).unwrap_or_default()
});

/// The words of certificates, by language.
#[must_use]
pub fn words() -> &'static WordsOfAll {
    &WORDS
}

/// The language in which an end user of a country is written to; English where it is none of ours.
#[must_use]
pub fn language_of_country(country: &str) -> &'static str {
    let of = |(code, words): (&'static String, &'static licensing::certificate::Words)| {
        words.countries.iter().any(|known| known == country).then_some(code.as_str())
    };
    WORDS.iter().find_map(of).unwrap_or("en")
}

/// On what terms a certificate is asked for and signed.
#[derive(Debug, Clone)]
pub struct Terms {
    /// What it must hold.
    pub rule: CertificateRule,
    /// Name of the authority that decides, in English.
    pub authority: String,
    /// Its name in Chinese.
    pub authority_zh: String,
    zone: TimeZone,
}

impl Terms {
    /// The terms of a law.
    #[must_use]
    pub fn of(law: &Law) -> Terms {
        let settings = &law.pack.settings;
        let decides = settings.authorities.iter().find(|authority| authority.role == "decides");
        let name = |pick: fn(&controls::pack::Authority) -> &String| {
            decides.map(pick).filter(|name| !name.is_empty()).cloned()
        };
        let authority = name(|a| &a.name_en).unwrap_or_else(|| settings.title_en.clone());
        Terms {
            rule: law.rules.certificate.clone(),
            authority_zh: name(|a| &a.name_zh).unwrap_or_else(|| authority.clone()),
            authority,
            zone: TimeZoneDatabase::bundled().get(&settings.time_zone).unwrap_or(TimeZone::UTC),
        }
    }

    /// The day at the authority.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        let instant = jiff::Timestamp::from_microsecond(at.us()).unwrap_or(jiff::Timestamp::MAX);
        self.zone.to_datetime(instant).date()
    }

    /// The first instant of a day at the authority.
    #[must_use]
    pub fn begins(&self, day: Date) -> Option<Timestamp> {
        let midnight =
            self.zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).ok()?;
        Some(Timestamp::from_us(midnight.as_microsecond()))
    }

    /// A certificate in a language: what is shown, printed and signed.
    #[must_use]
    pub fn text(
        &self,
        certificate: &Certificate,
        statement: &Statement,
        language: &str,
    ) -> CertificateText {
        let name = if language == "zh" { &self.authority_zh } else { &self.authority };
        text(certificate, statement, (language, words()), &self.rule, name)
    }
}
