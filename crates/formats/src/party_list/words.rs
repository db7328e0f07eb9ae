//! The words of the lists in one form: countries, years, kinds of numbers, kinds of parties.

use std::collections::HashMap;
use std::sync::LazyLock;

use screening::PartyKind;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Names of countries or areas in English and Chinese, from Unicode CLDR.
const NAMES: &str = include_str!("../../../../packs/common/names.csv");
/// Other names that lists and standards write.
const OTHER_NAMES: &str = include_str!("../../../../packs/common/country_names.csv");

static COUNTRIES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut countries = HashMap::new();
    let mut add = |name: &str, code: &str| {
        let key = plain(name);
        if !key.is_empty() {
            countries.entry(key).or_insert_with(|| code.to_owned());
        }
    };
    let mut names = csv::Reader::from_reader(NAMES.as_bytes());
    for record in names.records().flatten().filter(|record| record.get(0) == Some("country")) {
        if let (Some(code), Some(english), Some(chinese)) =
            (record.get(1), record.get(2), record.get(3))
        {
            add(english, code);
            add(chinese, code);
        }
    }
    let mut others = csv::Reader::from_reader(OTHER_NAMES.as_bytes());
    for record in others.records().flatten() {
        if let (Some(name), Some(code)) = (record.get(0), record.get(1)) {
            add(name, code);
        }
    }
    countries
});

/// Small letters and digits with single spaces, without accents and without `the` in front.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            plain.push(c);
        } else if c == '&' {
            plain.push_str(" and ");
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let words = if words.len() > 1 && words[0] == "the" { &words[1..] } else { &words[..] };
    words.join(" ")
}

/// A country or area as ISO 3166-1 alpha-2 in capitals where its name or code is understood, else as it
/// stands, without blanks around it.
#[must_use]
pub fn country_code(text: &str) -> String {
    const LONGEST: usize = 200;
    let text = text.trim();
    let code = text.to_ascii_uppercase();
    if base::iso::country_known(&code) {
        return code;
    }
    let found = (text.len() <= LONGEST).then(|| COUNTRIES.get(&plain(text))).flatten();
    found.map_or_else(|| text.to_owned(), Clone::clone)
}

/// The years of a date or a range of dates in any of the forms of the lists: every number of four digits
/// from 1000 to 2999 that stands alone; of a range of up to eleven years each year.
#[must_use]
pub fn years(text: &str) -> Vec<u16> {
    const RANGE_MOST: u16 = 10;
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let mut years: Vec<u16> = numbers
        .filter(|number| number.len() == 4)
        .filter_map(|number| number.parse().ok())
        .filter(|year| (1000..3000).contains(year))
        .collect();
    // `1960 to 1964`, `between 1960 and 1964`: the years between are as good.
    let lower = text.to_ascii_lowercase();
    let range = lower.contains(" to ") || lower.contains("between");
    if let (true, &[from, to]) = (range, years.as_slice())
        && from < to
        && to - from <= RANGE_MOST
    {
        years = (from..=to).collect();
    }
    years
}

/// What kind of party the word of a list says.
pub(super) fn kind(word: &str) -> PartyKind {
    match word.trim().to_ascii_lowercase().as_str() {
        "person" | "individual" | "p" | "natural person" => PartyKind::Person,
        "organization" | "organisation" | "company" | "entity" | "enterprise" | "e"
        | "publicbody" | "public body" | "group" => PartyKind::Organization,
        "vessel" | "ship" => PartyKind::Vessel,
        "aircraft" | "airplane" => PartyKind::Aircraft,
        _ => PartyKind::Unknown,
    }
}

/// Words of kinds of numbers, in the order in which they are looked for, and the scheme of each.
const SCHEMES: [(&str, &str); 35] = [
    ("legal entity identifier", "lei"),
    ("leicode", "lei"),
    ("lei", "lei"),
    ("imonumber", "imo"),
    ("imo", "imo"),
    ("vessel registration identification", "imo"),
    ("mmsi", "mmsi"),
    ("maritime mobile service", "mmsi"),
    ("unified social credit", "uscc"),
    ("usccode", "uscc"),
    ("uscc", "uscc"),
    ("passport", "passport"),
    ("swift", "bic"),
    ("bic", "bic"),
    ("taxpayer", "tax"),
    ("tax", "tax"),
    ("inncode", "tax"),
    ("inn", "tax"),
    ("vatcode", "tax"),
    ("fiscal code", "tax"),
    ("company number", "registration"),
    ("business number", "registration"),
    ("registration", "registration"),
    ("registry", "registration"),
    ("regnumber", "registration"),
    ("ogrn", "registration"),
    ("license", "licence"),
    ("national identification", "national"),
    ("national identifier", "national"),
    ("national id", "national"),
    ("identification number", "national"),
    ("idnumber", "national"),
    ("identity card", "national"),
    ("aircraft tail", "tail"),
    ("serial number", "serial"),
];

/// Words of what stands among the numbers of some lists and is none.
const NO_NUMBERS: [&str; 12] = [
    "gender",
    "sanctions risk",
    "website",
    "email",
    "phone",
    "directive",
    "executive order",
    "organization type",
    "organization established",
    "additional sanctions",
    "target type",
    "mode s",
];

/// The scheme of a number by the words of a list; its own words where no scheme is known, nothing where what
/// follows is no number of a register.
pub(super) fn scheme(words: &str) -> Option<String> {
    let words = words.trim().to_lowercase();
    if NO_NUMBERS.iter().any(|word| words.contains(word)) {
        return None;
    }
    let known = SCHEMES.iter().find(|(word, _)| match word.len() {
        // Short words stand alone: `inn` is no part of `winning`.
        ..=4 => words.split(|c: char| !c.is_alphanumeric()).any(|part| part == *word),
        _ => words.contains(word),
    });
    Some(match known {
        Some((_, scheme)) => (*scheme).to_owned(),
        None => words
            .split(|c: char| !c.is_alphanumeric())
            .filter(|p| !p.is_empty())
            .collect::<Vec<_>>()
            .join("_"),
    })
}

/// The parts of a cell that holds several; one in quotes may hold the separator.
pub(super) fn parts(cell: &str, separator: char) -> Vec<String> {
    if !cell.contains('"') {
        let parts = cell.split(separator).map(str::trim).filter(|part| !part.is_empty());
        return parts.map(str::to_owned).collect();
    }
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for c in cell.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c == separator && !quoted => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The parts of a cell of the United Kingdom's lists, where several stand as `(1) one (2) two`.
pub(super) fn numbered(cell: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = cell.trim();
    while !rest.is_empty() {
        let next = rest
            .char_indices()
            .skip(1)
            .filter(|&(_, c)| c == '(')
            .map(|(at, _)| at)
            .find(|&at| number_mark(&rest[at..]).is_some());
        let (part, behind) = rest.split_at(next.unwrap_or(rest.len()));
        let start = number_mark(part).unwrap_or(0);
        let text = part[start..].trim().trim_end_matches([',', ';']).trim();
        if !text.is_empty() {
            parts.push(text.to_owned());
        }
        rest = behind;
    }
    parts
}

/// How long the `(1)` is with which a text begins.
fn number_mark(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('(')?;
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    ((1..=3).contains(&digits) && inner[digits..].starts_with(')')).then_some(digits + 2)
}
