//! The text of a certificate, as it is shown, printed and signed: one function for all three.
//!
//! INVARIANT: everything that is stated stands in the text, so that its SHA-256 covers it. The words come
//! as a value, by language; what a language lacks is read in English.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Certificate, PartyStated, Statement, hex_of};
use crate::rules::CertificateRule;

/// The words of a certificate in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Name of the language in itself.
    pub language: String,
    /// Its tag (BCP 47), for the `lang` attribute.
    pub tag: String,
    /// Countries and areas whose end users are written to in it, ISO 3166-1 alpha-2.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Title of the certificate.
    pub title: String,
    /// The sentence that states it: `{end_user}` and `{exporter}` stand for the names.
    pub statement: String,
    /// Labels by code.
    pub labels: BTreeMap<String, String>,
    /// What stands before the promises.
    pub promises_intro: String,
    /// Promises by code.
    pub promises: BTreeMap<String, String>,
    /// For what it is used, and who sees it: `{exporter}` and `{authority}` stand for the names.
    pub used_for: String,
    /// That it is true, and what may follow where it is not.
    pub truth: String,
}

/// The words in all languages, by code.
pub type WordsOfAll = BTreeMap<String, Words>;

/// A part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A paragraph.
    Paragraph(String),
    /// A label and what stands under it.
    Row(String, String),
    /// A promise.
    Promise(String),
}

/// A certificate in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateText {
    /// Code of its language.
    pub language: String,
    /// Tag of its language (BCP 47).
    pub tag: String,
    /// Title.
    pub title: String,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

impl CertificateText {
    /// The text as it is signed: a line for each part.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for part in &self.parts {
            match part {
                Part::Paragraph(words) => text.push_str(&format!("\n{words}\n\n")),
                Part::Row(label, value) => text.push_str(&format!("{label}: {value}\n")),
                Part::Promise(words) => text.push_str(&format!("- {words}\n")),
            }
        }
        text
    }

    /// SHA-256 of the text as it is signed, hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex_of(self.plain().as_bytes())
    }
}

/// Words of a language with English behind them.
struct Reader<'a> {
    own: &'a Words,
    english: &'a Words,
}

impl Reader<'_> {
    fn label(&self, code: &str) -> String {
        let found = self.own.labels.get(code).or_else(|| self.english.labels.get(code));
        found.cloned().unwrap_or_else(|| code.to_owned())
    }

    /// What a unit counts, in words: of contained mass also the element.
    fn unit(&self, unit: &str) -> String {
        match unit.split_once(':') {
            Some((kind @ ("content" | "oxide"), element)) => {
                format!("{}: {element}", self.label(kind))
            }
            Some((kind, _)) => self.label(kind),
            None => self.label(unit),
        }
    }

    /// A promise: in the words of the pack where it has them in this language, else in the common words.
    fn promise(&self, code: &str, language: &str, rule: &CertificateRule) -> String {
        let phrase = rule.promises.iter().find(|promise| promise.id == code);
        let of_pack = phrase.and_then(|phrase| match language {
            "en" => Some(&phrase.text_en),
            "zh" => Some(&phrase.text_zh),
            _ => None,
        });
        let found = of_pack
            .filter(|words| !words.is_empty())
            .or_else(|| self.own.promises.get(code))
            .or_else(|| phrase.map(|phrase| &phrase.text_en))
            .or_else(|| self.english.promises.get(code));
        found.cloned().unwrap_or_else(|| code.to_owned())
    }
}

fn party(stated: &PartyStated) -> String {
    let name = match (stated.name.as_str(), stated.local_name.as_str()) {
        (name, "") => name.to_owned(),
        ("", local) => local.to_owned(),
        (name, local) if name == local => name.to_owned(),
        (name, local) => format!("{name} ({local})"),
    };
    [name, stated.address.clone(), stated.country.clone()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// A certificate in a language: what is shown, printed and signed. `statement` is that of the certificate
/// or a correction of it; `authority` is who will read it.
#[must_use]
pub fn text(
    certificate: &Certificate,
    statement: &Statement,
    (language, words): (&str, &WordsOfAll),
    rule: &CertificateRule,
    authority: &str,
) -> CertificateText {
    let empty = Words::default();
    let english = words.get("en").unwrap_or(&empty);
    let (language, own) = words.get(language).map_or(("en", english), |found| (language, found));
    let reader = Reader { own, english };
    let filled = |template: &str| {
        template
            .replace("{end_user}", &statement.end_user.name)
            .replace("{exporter}", &statement.exporter.name)
            .replace("{authority}", authority)
    };
    let mut parts = vec![Part::Paragraph(filled(&own.statement))];
    let mut row = |code: &str, value: String| {
        if !value.is_empty() {
            parts.push(Part::Row(reader.label(code), value));
        }
    };
    row("end_user", party(&statement.end_user));
    row("exporter", party(&statement.exporter));
    row("consignee", party(&statement.consignee));
    row("destination", statement.destination.clone());
    for good in &statement.goods {
        let amounts: Vec<String> = good
            .quantities
            .iter()
            .map(|quantity| format!("{quantity} ({})", reader.unit(&quantity.unit.to_string())))
            .collect();
        let hs = if good.hs.is_empty() { String::new() } else { format!(", HS {}", good.hs) };
        row("good", format!("{}{hs}: {}", good.name, amounts.join("; ")));
    }
    row("end_use", statement.end_use.clone());
    row("use_place", statement.use_place.clone());
    row("end_product", statement.end_product.clone());
    if !statement.promises.is_empty() {
        parts.push(Part::Paragraph(filled(&own.promises_intro)));
        let promises = statement.promises.iter();
        parts.extend(promises.map(|code| Part::Promise(reader.promise(code, language, rule))));
    }
    parts.push(Part::Paragraph(filled(&own.truth)));
    parts.push(Part::Paragraph(filled(&own.used_for)));
    parts.push(Part::Row(reader.label("reference"), reference(certificate)));
    CertificateText {
        language: language.to_owned(),
        tag: own.tag.clone(),
        title: own.title.clone(),
        parts,
    }
}

/// The reference of a certificate: its key, hexadecimal.
fn reference(certificate: &Certificate) -> String {
    certificate.id.iter().map(|byte| format!("{byte:02x}")).collect()
}
