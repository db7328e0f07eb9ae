//! The calendar out of the files of a pack.

use std::collections::BTreeMap;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::Deserialize;

use super::{Calendar, CalendarDay, Exception, TABLE, Unpublished};
use crate::clock::SETTINGS;
use crate::day::Day;
use crate::fact::{Confidence, Fact};
use crate::fault::PackFault;
use crate::files::PackFiles;
use crate::settings::Settings;
use crate::table::{Lined, fault, rows};

const COLUMNS: &[&str] = &["date", "kind", "name", "source", "confidence"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// A year has fewer days than this.
const DAYS_AT_MOST: u32 = 366;

#[derive(Debug, Deserialize)]
struct Row {
    date: String,
    kind: Exception,
    name: String,
    source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    zone: String,
    working_week: Vec<String>,
    citation: String,
    source: String,
    confidence: Confidence,
    unpublished: Bounds,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    weekday_holidays_at_most: u32,
    make_up_days_at_most: u32,
    reason: String,
    source: String,
    confidence: Confidence,
}

impl Calendar {
    /// Reads `calendar.csv` and the section `calendar` of `clocks.toml`.
    ///
    /// Nothing where either is missing or the pattern cannot be read; every fault is told.
    #[must_use]
    pub fn read(files: &PackFiles, faults: &mut Vec<PackFault>) -> Option<Calendar> {
        // What is wrong with the file as a whole is told by the rules of the clocks.
        let settings = Settings::read(files, SETTINGS, crate::clock::SECTIONS, &mut Vec::new());
        let before = faults.len();
        let section = settings.and_then(|s| s.one::<Section>("calendar", faults));
        let Some((line, section)) = section else {
            if faults.len() == before {
                let message = "no calendar can be read".to_owned();
                let accepted = "a section [calendar] with zone, working_week and unpublished";
                faults.push(fault(SETTINGS, 0, "calendar", "calendar_missing", message, accepted));
            }
            return None;
        };
        let zone = zone(&section.zone, line, faults);
        let working_week = working_week(&section.working_week, line, faults);
        let table: Vec<Lined<Row>> = rows(files, TABLE, COLUMNS, faults);
        let days = days(table, &working_week, faults);
        let (first, last) = years(&days, faults)?;
        let mut calendar = Calendar {
            zone: zone?,
            zone_name: section.zone,
            working_week,
            days,
            first: Day(0),
            known_to: Day(0),
            working: Vec::new(),
            through: Vec::new(),
            unpublished: unpublished(section.unpublished, line, faults),
            fact: Fact {
                citation: section.citation,
                source: section.source,
                confidence: section.confidence,
            },
        };
        calendar.index(first, last);
        Some(calendar)
    }
}

/// From the database inside the program, never the system's: a date must not depend on the machine.
fn zone(name: &str, line: u32, faults: &mut Vec<PackFault>) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok();
    if zone.is_none() {
        let message = format!("no time zone is called `{name}`");
        let accepted = "a name of the IANA database, such as `UTC`";
        faults.push(fault(SETTINGS, line, "zone", "zone_unknown", message, accepted));
    }
    zone
}

fn working_week(names: &[String], line: u32, faults: &mut Vec<PackFault>) -> [bool; 7] {
    let mut week = [false; 7];
    for name in names {
        if let Some(day) = WEEKDAYS.iter().position(|w| w == name) {
            week[day] = true;
        } else {
            let message = format!("no weekday is called `{name}`");
            let accepted = format!("one of {}", WEEKDAYS.join(", "));
            faults.push(fault(
                SETTINGS,
                line,
                "working_week",
                "weekday_unknown",
                message,
                &accepted,
            ));
        }
    }
    if names.is_empty() {
        let message = "nobody ever works".to_owned();
        faults.push(fault(
            SETTINGS,
            line,
            "working_week",
            "working_week_empty",
            message,
            "a weekday",
        ));
    }
    week
}

fn unpublished(bounds: Bounds, line: u32, faults: &mut Vec<PackFault>) -> Unpublished {
    let given = [
        ("weekday_holidays_at_most", bounds.weekday_holidays_at_most),
        ("make_up_days_at_most", bounds.make_up_days_at_most),
    ];
    for (field, days) in given.into_iter().filter(|(_, days)| *days > DAYS_AT_MOST) {
        let message = format!("a year does not have `{days}` days");
        faults.push(fault(SETTINGS, line, field, "out_of_range", message, "0 to 366"));
    }
    Unpublished {
        weekday_holidays_at_most: bounds.weekday_holidays_at_most,
        make_up_days_at_most: bounds.make_up_days_at_most,
        reason: bounds.reason,
        fact: Fact {
            citation: String::new(),
            source: bounds.source,
            confidence: bounds.confidence,
        },
    }
}

fn days(
    table: Vec<Lined<Row>>,
    working_week: &[bool; 7],
    faults: &mut Vec<PackFault>,
) -> BTreeMap<Day, CalendarDay> {
    let mut days = BTreeMap::new();
    for (line, row) in table {
        let Some(date) = base::time::date_parse(&row.date) else {
            let message = format!("`{}` is no date", row.date);
            faults.push(fault(TABLE, line, "date", "date_wrong", message, "YYYY-MM-DD"));
            continue;
        };
        let day = Day::of(date);
        if row.kind == Exception::MakeUpWorkday && working_week[day.weekday()] {
            let message = format!("`{date}` is worked anyway by the weekly pattern");
            let accepted = "a make-up working day on a rest day";
            faults.push(fault(TABLE, line, "kind", "make_up_on_working_day", message, accepted));
        }
        if row.source.is_empty() {
            let message = "the source is empty".to_owned();
            faults.push(fault(
                TABLE,
                line,
                "source",
                "source_missing",
                message,
                "where it was read",
            ));
        }
        let entry = CalendarDay { kind: row.kind, name: row.name };
        if days.insert(day, entry).is_some() {
            let message = format!("`{date}` stands twice");
            faults.push(fault(TABLE, line, "date", "date_twice", message, "each day once"));
        }
    }
    days
}

/// The first and last year; a year between them without a single day was forgotten.
fn years(days: &BTreeMap<Day, CalendarDay>, faults: &mut Vec<PackFault>) -> Option<(i16, i16)> {
    let listed: std::collections::BTreeSet<i16> = days.keys().map(|day| day.year()).collect();
    let (Some(&first), Some(&last)) = (listed.first(), listed.last()) else {
        let message = "the calendar lists no day".to_owned();
        faults.push(fault(
            TABLE,
            0,
            "",
            "calendar_empty",
            message,
            "the holidays of a year or more",
        ));
        return None;
    };
    for year in (first..last).filter(|year| !listed.contains(year)) {
        let message = format!("`{year}` lies between listed years and has no day");
        faults.push(fault(
            TABLE,
            0,
            "date",
            "year_missing",
            message,
            "every year from first to last",
        ));
    }
    Some((first, last))
}
