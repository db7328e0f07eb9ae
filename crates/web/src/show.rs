//! How numbers, masses, shares, dates and instants look on a page.
//!
//! Masses are exact decimals with thin grouping (ISO 80000-1: groups of three on both sides of the
//! point, a narrow no-break space between them); dates cannot be misread ("3 May 2025",
//! "2025年5月3日"); an instant names its zone.

use base::{Common, Date, Timestamp};

use crate::text::{Language, Text};

/// U+202F, between groups of digits and between a number and its unit.
const THIN: char = '\u{202f}';
/// Micrograms of a kilogram.
const UG_PER_KG: i128 = 1_000_000_000;
/// Milligrams of a kilogram.
const MG_PER_KG: i128 = 1_000_000;

/// A whole number with its digits grouped.
#[must_use]
pub(crate) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

fn grouped(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.to_owned();
    }
    let mut text = String::with_capacity(digits.len() * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// `value / unit` as an exact decimal, grouped on both sides of the point.
fn decimal(value: i128, unit: i128) -> String {
    let magnitude = value.unsigned_abs();
    let unit = unit.unsigned_abs();
    let mut text = String::new();
    if value < 0 {
        text.push('\u{2212}');
    }
    text.push_str(&grouped(&(magnitude / unit).to_string()));
    let rest = magnitude % unit;
    if rest > 0 {
        let width = unit.ilog10() as usize;
        let digits = format!("{rest:0width$}");
        let digits = digits.trim_end_matches('0');
        text.push('.');
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && i % 3 == 0 && digits.len() > 4 {
                text.push(THIN);
            }
            text.push(digit);
        }
    }
    text
}

/// A net mass, exact: kilograms, from ten tonnes on tonnes.
#[must_use]
pub(crate) fn mass(mg: impl Into<i128>) -> String {
    let mg: i128 = mg.into();
    if mg.unsigned_abs() >= 10_000 * MG_PER_KG.unsigned_abs() {
        format!("{}{THIN}t", decimal(mg, 1000 * MG_PER_KG))
    } else {
        format!("{}{THIN}kg", decimal(mg, MG_PER_KG))
    }
}

/// A content of an element, exact: kilograms, from ten tonnes on tonnes.
#[must_use]
pub(crate) fn content(ug: impl Into<i128>) -> String {
    let ug: i128 = ug.into();
    if ug.unsigned_abs() >= 10_000 * UG_PER_KG.unsigned_abs() {
        format!("{}{THIN}t", decimal(ug, 1000 * UG_PER_KG))
    } else {
        format!("{}{THIN}kg", decimal(ug, UG_PER_KG))
    }
}

/// A content rounded to the gram, for wide tables: half a gram and more counts as one.
#[must_use]
pub(crate) fn content_gram(ug: i128) -> String {
    let gram = UG_PER_KG / 1000;
    let rounded = (ug.abs() + gram / 2) / gram * gram;
    content(if ug < 0 { -rounded } else { rounded })
}

/// A content in three figures, for labels in pictures, where the table beside it is exact.
#[must_use]
pub(crate) fn content_short(ug: impl Into<i128>) -> String {
    let ug: i128 = ug.into();
    let (unit, name) = match ug.unsigned_abs() {
        0..1_000_000 => (1_000, "mg"),
        1_000_000..1_000_000_000 => (1_000_000, "g"),
        1_000_000_000..10_000_000_000_000 => (UG_PER_KG, "kg"),
        _ => (1000 * UG_PER_KG, "t"),
    };
    let whole = ug / unit;
    let thousandths = (ug % unit).unsigned_abs() * 1000 / unit.unsigned_abs();
    let text = match whole.unsigned_abs() {
        0..10 => trimmed(whole, thousandths / 10, 2),
        10..100 => trimmed(whole, thousandths / 100, 1),
        _ => grouped(&whole.to_string()),
    };
    format!("{text}{THIN}{name}")
}

fn trimmed(whole: i128, part: u128, width: usize) -> String {
    let text = format!("{whole}.{part:0width$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A net mass in kilograms as a plain exact decimal, for the API.
#[must_use]
pub(crate) fn mass_plain(mg: impl Into<i128>) -> String {
    plain_decimal(mg.into(), MG_PER_KG)
}

/// A part by mass of a composition in per cent as a plain exact decimal, for the API.
#[must_use]
pub(crate) fn percent_plain(ppb: u32) -> String {
    plain_decimal(i128::from(ppb), 10_000_000)
}

/// `value / unit` as an exact decimal without grouping.
fn plain_decimal(value: i128, unit: i128) -> String {
    decimal(value, unit)
        .chars()
        .filter(|c| *c != THIN)
        .map(|c| if c == '\u{2212}' { '-' } else { c })
        .collect()
}

/// A share as a percentage with one decimal; what would round to nothing says so.
#[must_use]
pub(crate) fn share(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.05 {
        format!("<{THIN}0.1{THIN}%")
    } else if percent > 99.95 && percent < 99.999_999 {
        format!(">{THIN}99.9{THIN}%")
    } else {
        let text = format!("{percent:.1}");
        format!("{}{THIN}%", text.strip_suffix(".0").unwrap_or(&text))
    }
}

/// A part by mass of a composition: parts per billion as an exact percentage.
#[must_use]
pub(crate) fn percent_ppb(ppb: u32) -> String {
    format!("{}{THIN}%", decimal(i128::from(ppb), 10_000_000))
}

/// A number from 0 to 1 with up to three decimals, in thousandths (weights of HTTP headers).
#[must_use]
pub(crate) fn permille(text: &str) -> Option<u16> {
    let thousandths = base::decimal::parse_scaled(text, 3, 1000).ok()?;
    u16::try_from(thousandths).ok()
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "3 May 2025", "2025年5月3日".
#[must_use]
pub(crate) fn date(text: &Text, date: Date) -> String {
    match text.language {
        Language::English => {
            format!("{} {} {}", date.day(), month_name(date.month()), date.year())
        }
        Language::Chinese => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
    }
}

/// A date written as ISO 8601, as people read it; a dash where there is none.
#[must_use]
pub(crate) fn date_text(text: &Text, iso: &str) -> String {
    base::time::date_parse(iso).map_or_else(|| "–".to_owned(), |day| date(text, day))
}

/// An instant written as RFC 3339, as people read it.
#[must_use]
pub(crate) fn instant_text(text: &Text, rfc: &str) -> String {
    Timestamp::parse(rfc).map_or_else(|| rfc.to_owned(), |at| instant(text, at))
}

/// "May 2025", "2025年5月".
#[must_use]
pub(crate) fn month(text: &Text, year: i16, month: i8) -> String {
    match text.language {
        Language::English => format!("{} {year}", month_name(month)),
        Language::Chinese => format!("{year}年{month}月"),
    }
}

/// "May", "5月": for the axis of a chart.
#[must_use]
pub(crate) fn month_short(text: &Text, month: i8) -> String {
    match text.language {
        Language::English => month_name(month).chars().take(3).collect(),
        Language::Chinese => format!("{month}月"),
    }
}

fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|i| MONTHS.get(i)).copied().unwrap_or("?")
}

/// The day of an instant in UTC.
#[must_use]
pub(crate) fn day_of(instant: Timestamp) -> Date {
    let text = instant.to_string();
    text.get(..10).and_then(base::time::date_parse).unwrap_or_default()
}

/// "3 May 2025, 14:05:09 UTC", "2025年5月3日 14:05:09 UTC".
#[must_use]
pub(crate) fn instant(text: &Text, instant: Timestamp) -> String {
    let rfc = instant.to_string();
    let (Some(day), Some(time)) = (rfc.get(..10).and_then(base::time::date_parse), rfc.get(11..19))
    else {
        return rfc;
    };
    match text.language {
        Language::English => format!("{}, {time} UTC", date(text, day)),
        Language::Chinese => format!("{} {time} UTC", date(text, day)),
    }
}

/// The name of a stage in the language of the page; its code where the pack has none.
#[must_use]
pub(crate) fn stage(text: &Text, code: &str) -> String {
    let found = Common::embedded().stages.iter().find(|stage| stage.code == code);
    match (found, text.language) {
        (Some(row), Language::English) => row.name_en.clone(),
        (Some(row), Language::Chinese) => row.name_zh.clone(),
        (None, _) => code.to_owned(),
    }
}

/// A text with its first letter as at the beginning of a sentence.
#[must_use]
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// The short name of a stage, for pictures and tables.
#[must_use]
pub(crate) fn stage_short(text: &Text, code: &str) -> String {
    text.code("stage", code, &stage(text, code))
}

/// The name of an element: "dysprosium (Dy)".
#[must_use]
pub(crate) fn element(text: &Text, symbol: &str) -> String {
    let found = Common::embedded().elements.iter().find(|element| element.symbol == symbol);
    match (found, text.language) {
        (Some(row), Language::English) => format!("{} ({symbol})", row.name_en.to_lowercase()),
        (Some(row), Language::Chinese) => format!("{}（{symbol}）", row.name_zh),
        (None, _) => symbol.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: String) -> String {
        text.replace(THIN, "_").replace('\u{2212}', "-")
    }

    #[test]
    fn masses_are_exact_and_grouped() {
        assert_eq!(plain(mass(1_391_000_000_i64)), "1391_kg");
        assert_eq!(plain(mass(9_999_999_999_999_i64)), "9999.999_999_999_t");
        assert_eq!(plain(mass(12_345_678_900_000_i64)), "12_345.6789_t");
        assert_eq!(plain(mass(1_i64)), "0.000_001_kg");
        assert_eq!(plain(mass(-150_000_000_i64)), "-150_kg");
        assert_eq!(plain(content(2_452_783_451_i64)), "2.452_783_451_kg");
        assert_eq!(plain(content_gram(2_452_783_451)), "2.453_kg");
        assert_eq!(plain(content_gram(-500_000)), "-0.001_kg");
        assert_eq!(plain(content_gram(499_999)), "0_kg");
        assert_eq!(mass_plain(-12_345_150_500_000_i64), "-12345150.5");
        assert_eq!(percent_plain(300_000_001), "30.0000001");
    }

    #[test]
    fn short_contents_keep_three_figures() {
        assert_eq!(plain(content_short(5_280_000_000_i64)), "5.28_kg");
        assert_eq!(plain(content_short(94_050_000_000_i64)), "94_kg");
        assert_eq!(plain(content_short(800_i64)), "0.8_mg");
        assert_eq!(plain(content_short(12_345_678_000_000_000_i64)), "12_345_t");
    }

    #[test]
    fn a_share_never_rounds_to_nothing_or_all() {
        assert_eq!(plain(share(0.464_523)), "46.5_%");
        assert_eq!(plain(share(0.5)), "50_%");
        assert_eq!(plain(share(0.000_2)), "<_0.1_%");
        assert_eq!(plain(share(0.999_9)), ">_99.9_%");
        assert_eq!(plain(share(1.0)), "100_%");
        assert_eq!(plain(share(0.0)), "0_%");
        assert_eq!(plain(percent_ppb(16_000_000)), "1.6_%");
    }

    #[test]
    fn dates_cannot_be_misread() {
        let day = base::time::date_parse("2025-05-03").unwrap();
        assert_eq!(date(Language::English.text(), day), "3 May 2025");
        assert_eq!(date(Language::Chinese.text(), day), "2025年5月3日");
        let at = Timestamp::parse("2025-05-03T14:05:09Z").unwrap();
        assert_eq!(instant(Language::English.text(), at), "3 May 2025, 14:05:09 UTC");
    }
}
