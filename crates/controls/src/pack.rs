//! A pack as a whole: its settings and all its tables, each read by the module that knows it.

use std::collections::BTreeMap;

use base::Date;
use base::time::date_parse;
use serde::{Deserialize, Serialize};

use crate::content::ContentRules;
use crate::list::ControlList;
use crate::settings::key_line;
use crate::{PackFault, PackFiles};

const FILE: &str = "pack.toml";

/// An authority of a pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Authority {
    /// Id.
    pub id: String,
    /// What it does: `intake`, `decides`, `co_review`, `customs` …
    pub role: String,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
}

/// A warning of a pack about some of its instruments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Warning {
    /// The instruments it bears on.
    pub instruments: Vec<String>,
    /// In English.
    pub text_en: String,
    /// In Chinese.
    pub text_zh: String,
}

/// A code that the list refers to and that is not in the pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotTranscribed {
    /// The code.
    pub code: String,
    /// What it is, in English.
    pub name_en: String,
    /// What it is, in Chinese.
    pub name_zh: String,
}

/// `pack.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Id of the pack, the name of its directory.
    pub id: String,
    /// Title in English.
    pub title_en: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// Languages of its texts.
    pub languages: Vec<String>,
    /// The country or area whose exports it is about, alpha-2.
    pub country: String,
    /// Currency of its fees and fines.
    pub currency: String,
    /// Time zone of the authority.
    pub time_zone: String,
    /// The day up to which publications were looked at.
    pub as_of: String,
    /// What everybody is told, in English.
    pub notice_en: String,
    /// The same in Chinese.
    pub notice_zh: String,
    /// Authorities.
    pub authorities: Vec<Authority>,
    /// Warnings.
    pub warnings: Vec<Warning>,
    /// Codes that are referred to and not in the pack.
    pub not_transcribed: Vec<NotTranscribed>,
}

/// The pack of a jurisdiction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pack {
    /// Settings.
    pub settings: Settings,
    /// The day up to which publications were looked at.
    pub as_of: Option<Date>,
    /// Control list.
    pub list: ControlList,
    /// Content rules and carve-outs.
    pub content: ContentRules,
}

impl Pack {
    /// Reads all tables of a pack: what could be read, and every fault.
    #[must_use]
    pub fn read(files: &PackFiles) -> (Pack, Vec<PackFault>) {
        let mut faults = Vec::new();
        let settings = settings(files, &mut faults);
        let pack = Pack {
            as_of: date_parse(&settings.as_of),
            settings,
            list: ControlList::read(files, &mut faults),
            content: ContentRules::read(files, &mut faults),
        };
        crate::check::check(&pack, &mut faults);
        faults.sort();
        faults.dedup();
        (pack, faults)
    }
}

/// Says where a settings file cannot be read.
fn toml_fault(file: &str, text: &str, error: &toml::de::Error) -> PackFault {
    let line = error.span().map_or(0, |span| {
        text.get(..span.start).map_or(0, |head| head.matches('\n').count() as u32 + 1)
    });
    PackFault {
        file: file.to_owned(),
        line,
        field: String::new(),
        code: "settings_unreadable",
        message: error.message().to_owned(),
        accepted: "TOML with the keys that the other packs have".to_owned(),
    }
}

fn settings(files: &PackFiles, faults: &mut Vec<PackFault>) -> Settings {
    let text = files.text(FILE).unwrap_or_default();
    let settings = match toml::from_str::<Settings>(text) {
        Ok(settings) => settings,
        Err(error) => {
            faults.push(toml_fault(FILE, text, &error));
            return Settings::default();
        }
    };
    let mut fault = |field: &str, code: &'static str, message: String, accepted: &str| {
        faults.push(PackFault {
            file: FILE.to_owned(),
            line: key_line(text, field),
            field: field.to_owned(),
            code,
            message,
            accepted: accepted.to_owned(),
        });
    };
    let needed: BTreeMap<&str, &str> = [
        ("id", &settings.id),
        ("title_en", &settings.title_en),
        ("title_zh", &settings.title_zh),
        ("notice_en", &settings.notice_en),
        ("notice_zh", &settings.notice_zh),
        ("time_zone", &settings.time_zone),
        ("country", &settings.country),
    ]
    .map(|(k, v)| (k, v.as_str()))
    .into();
    for (key, _) in needed.iter().filter(|(_, v)| v.is_empty()) {
        fault(key, "setting_missing", format!("`{key}` is not set"), "a text");
    }
    if date_parse(&settings.as_of).is_none() {
        fault(
            "as_of",
            "date",
            format!("`{}` is no day", settings.as_of),
            "the day up to which publications were looked at, as YYYY-MM-DD",
        );
    }
    let country = &settings.country;
    if !country.is_empty() && !base::iso::country_known(country) && !base::iso::union_known(country)
    {
        fault(
            "country",
            "code_unknown",
            format!("`{country}` is no country or union"),
            "ISO 3166-1 alpha-2, or a code of packs/common/unions.csv",
        );
    }
    if !base::iso::currency_known(&settings.currency) {
        fault(
            "currency",
            "code_unknown",
            format!("`{}` is no currency", settings.currency),
            "a code of ISO 4217",
        );
    }
    settings
}
