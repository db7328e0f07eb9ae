//! A calendar of due days as a file (RFC 5545). Lines are escaped and folded by the library.
//!
//! What stands in it leaves the house without a session, so an entry has a number and what is due, and
//! nothing of what a case is about.

use base::{Date, Timestamp};
use icalendar::{Calendar, Component, Event, EventLike, Property};

/// One due day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DueDay {
    /// What it is called: stays the same when its day changes, so that a calendar moves it.
    pub(crate) key: String,
    /// The day.
    pub(crate) day: Date,
    /// What is due.
    pub(crate) summary: String,
    /// The address of the page.
    pub(crate) link: String,
}

/// The calendar with these days, as of an instant.
pub(crate) fn calendar(name: &str, days: &[DueDay], now: Timestamp) -> String {
    let mut calendar = Calendar::new();
    calendar.append_property(Property::new("PRODID", "-//Gadolin//Due days//EN"));
    calendar.append_property(Property::new("METHOD", "PUBLISH"));
    calendar.name(name);
    calendar.append_property(
        Property::new("REFRESH-INTERVAL", "PT1H").add_parameter("VALUE", "DURATION").done(),
    );
    for due in days {
        let (Some(day), Some(stamp)) = (
            chrono::NaiveDate::from_ymd_opt(
                i32::from(due.day.year()),
                u32::from(due.day.month().unsigned_abs()),
                u32::from(due.day.day().unsigned_abs()),
            ),
            chrono::DateTime::from_timestamp_micros(now.us()),
        ) else {
            continue;
        };
        let mut event = Event::new();
        event.uid(&due.key).timestamp(stamp).all_day(day).summary(&due.summary);
        // A day on which something is due takes no time of anybody's.
        event.add_property("TRANSP", "TRANSPARENT");
        if !due.link.is_empty() {
            event.url(&due.link);
        }
        calendar.push(event.done());
    }
    calendar.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_parser_reads_what_was_meant_however_long_and_whatever_stands_in_it() {
        let hostile = format!("a,b;c\\d\ne: “{}” BEGIN:VEVENT", "期限".repeat(60));
        let days = [
            DueDay {
                key: "case-1".to_owned(),
                day: Date::constant(2026, 12, 31),
                summary: hostile.clone(),
                link: "https://licences.example/cases/YT-2026-000001".to_owned(),
            },
            DueDay {
                key: "case-2".to_owned(),
                day: Date::constant(2027, 2, 28),
                summary: "plain".to_owned(),
                link: String::new(),
            },
        ];
        let text = calendar("Due days, all", &days, Timestamp::from_us(1_764_000_000_000_000));
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
        assert!(text.lines().all(|line| line.len() <= 75), "folded at 75 octets");
        assert!(!text.replace("\r\n", "").contains('\n'), "each line ends in CR LF");
        let read = calcard::icalendar::ICalendar::parse(&text).unwrap();
        use calcard::icalendar::{ICalendarComponentType, ICalendarProperty, ICalendarValue};
        let events: Vec<_> = read
            .components
            .iter()
            .filter(|part| part.component_type == ICalendarComponentType::VEvent)
            .collect();
        assert_eq!(events.len(), 2);
        let value = |at: usize, name: ICalendarProperty| {
            events[at].entries.iter().find(|entry| entry.name == name).map(|entry| &entry.values[0])
        };
        let text_of = |value: Option<&ICalendarValue>| match value {
            Some(ICalendarValue::Text(text)) => text.clone(),
            other => format!("{other:?}"),
        };
        assert_eq!(text_of(value(0, ICalendarProperty::Summary)), hostile);
        assert_eq!(text_of(value(0, ICalendarProperty::Uid)), "case-1");
        assert_eq!(text_of(value(1, ICalendarProperty::Summary)), "plain");
        let Some(ICalendarValue::PartialDateTime(day)) = value(0, ICalendarProperty::Dtstart)
        else {
            unreachable!()
        };
        assert_eq!(
            (day.year, day.month, day.day, day.hour),
            (Some(2026), Some(12), Some(31), None)
        );
    }
}
