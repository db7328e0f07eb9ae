//! Working days: the weekly pattern, public holidays and make-up working days, as far as they are published.
//!
//! `calendar.csv` lists what differs from the weekly pattern; the section `calendar` of `clocks.toml` names the
//! pattern, the authority's zone and what an unpublished year may hold at most. A calendar is known from
//! 1 January of the first year it lists to 31 December of the last. Beyond it nothing is guessed: there are a
//! smallest and a largest number of working days, with make-up days and holidays placed as badly as the bounds
//! of the pack allow.
//!
//! INVARIANT: `through[i]` is the number of working days from the first day of the calendar to its day `i`,
//! both counted, and `working[n - 1]` is its `n`-th working day.

mod bounds;
mod read;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::day::Day;
use crate::fact::Fact;

pub use bounds::Placing;
pub(crate) use bounds::Walk;

/// The table of days that differ from the weekly pattern.
pub const TABLE: &str = "calendar.csv";

/// What a day of the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exception {
    /// A day of the weekly pattern on which nobody works.
    PublicHoliday,
    /// A rest day of the weekly pattern that is worked.
    MakeUpWorkday,
}

/// A day of the table.
#[derive(Debug, Clone)]
pub struct CalendarDay {
    /// What it is.
    pub kind: Exception,
    /// Name of the holiday that it belongs to.
    pub name: String,
}

/// What a year that is not published may hold at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpublished {
    /// Holidays on days of the weekly pattern, a year.
    pub weekday_holidays_at_most: u32,
    /// Rest days of the weekly pattern that are worked, a year.
    pub make_up_days_at_most: u32,
    /// Why not more.
    pub reason: String,
    /// Where that was taken from.
    pub fact: Fact,
}

/// The working days of an authority.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    zone_name: String,
    working_week: [bool; 7],
    days: BTreeMap<Day, CalendarDay>,
    first: Day,
    known_to: Day,
    working: Vec<Day>,
    through: Vec<u32>,
    unpublished: Unpublished,
    fact: Fact,
}

impl Calendar {
    /// The zone whose days are counted.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The IANA name of the zone.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The first day that it knows.
    #[must_use]
    pub fn first(&self) -> Day {
        self.first
    }

    /// The last day that it knows.
    #[must_use]
    pub fn known_to(&self) -> Day {
        self.known_to
    }

    /// What an unpublished year may hold at most.
    #[must_use]
    pub fn unpublished(&self) -> &Unpublished {
        &self.unpublished
    }

    /// The rule by which working days are counted.
    #[must_use]
    pub fn fact(&self) -> &Fact {
        &self.fact
    }

    /// The entry of the table for a day.
    #[must_use]
    pub fn exception(&self, day: Day) -> Option<&CalendarDay> {
        self.days.get(&day)
    }

    /// Whether the weekly pattern works on the day.
    #[must_use]
    pub fn weekly(&self, day: Day) -> bool {
        self.working_week[day.weekday()]
    }

    /// Whether a day is a working day by pattern and table (beyond the table, by the pattern alone).
    #[must_use]
    pub fn works(&self, day: Day) -> bool {
        match self.days.get(&day) {
            Some(entry) => entry.kind == Exception::MakeUpWorkday,
            None => self.weekly(day),
        }
    }

    /// Working days from the first day known to this one; beyond what is known, to the last known.
    #[must_use]
    pub fn count_through(&self, day: Day) -> u32 {
        if day < self.first {
            return 0;
        }
        let index = day.min(self.known_to).0 - self.first.0;
        self.through.get(index as usize).copied().unwrap_or(0)
    }

    /// The `number`-th working day of the calendar, counted from 1; nothing beyond what is known.
    #[must_use]
    pub fn nth(&self, number: u32) -> Option<Day> {
        self.working.get((number as usize).checked_sub(1)?).copied()
    }

    /// The same calendar as it was known when only the years up to this one were published.
    ///
    /// Nothing where that leaves no year.
    #[must_use]
    pub fn cut(&self, last_year: i16) -> Option<Calendar> {
        let first_year = self.first.year();
        (last_year >= first_year).then(|| {
            let mut cut = self.clone();
            cut.days.retain(|day, _| day.year() <= last_year);
            cut.index(first_year, last_year.min(self.known_to.year()));
            cut
        })
    }

    /// Works out the prefix counts for the years given.
    fn index(&mut self, first_year: i16, last_year: i16) {
        let day = |year, month, day| base::Date::new(year, month, day).map_or(Day(0), Day::of);
        self.first = day(first_year, 1, 1);
        self.known_to = day(last_year, 12, 31);
        self.working.clear();
        self.through.clear();
        for number in self.first.0..=self.known_to.0 {
            if self.works(Day(number)) {
                self.working.push(Day(number));
            }
            self.through.push(self.working.len() as u32);
        }
    }
}
