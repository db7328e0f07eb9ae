//! Counting days beyond what is published: the earliest and the latest that any calendar within the pack's
//! bounds can give.
//!
//! Holidays and make-up days that come as early as possible change the count of every later day at least as
//! much as any other placing does, so placing them greedily gives the bounds. Days that do not count anyway
//! use up none of them.

use super::Calendar;
use crate::day::Day;

/// How the unpublished holidays and make-up days lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placing {
    /// No holiday, and make-up days on the first rest days: days count as early as they can.
    Earliest,
    /// No make-up day, and holidays on the first working days: days count as late as they can.
    Latest,
}

/// What is left of the bounds of one year.
struct Left {
    year_ends: Day,
    days: u32,
}

/// A walk over unpublished days.
pub(crate) struct Walk<'a> {
    calendar: &'a Calendar,
    placing: Placing,
    left: Left,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(calendar: &'a Calendar, placing: Placing) -> Walk<'a> {
        Walk { calendar, placing, left: Left { year_ends: Day(i32::MIN), days: 0 } }
    }

    /// Whether the day counts. Days are asked in rising order, and only those that nothing else excludes.
    pub(crate) fn counts(&mut self, day: Day) -> bool {
        if day > self.left.year_ends {
            let unpublished = self.calendar.unpublished();
            let year_ends = base::Date::new(day.year(), 12, 31).map_or(Day::LAST, Day::of);
            let days = match self.placing {
                Placing::Earliest => unpublished.make_up_days_at_most,
                Placing::Latest => unpublished.weekday_holidays_at_most,
            };
            self.left = Left { year_ends, days };
        }
        let weekly = self.calendar.weekly(day);
        let changes = match self.placing {
            Placing::Earliest => !weekly,
            Placing::Latest => weekly,
        };
        if changes && self.left.days > 0 {
            self.left.days -= 1;
            return !weekly;
        }
        weekly
    }
}
