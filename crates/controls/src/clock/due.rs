//! Counting days between stops: when a limit is reached, and how many days are used.
//!
//! The published part is counted by differences of the calendar's prefix counts, one step for each stop; only
//! days beyond it are walked.

use super::rules::{LastDay, Unit};
use super::stops::Period;
use crate::calendar::{Calendar, Placing, Walk};
use crate::day::Day;

/// When a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// On this day, the last that is in time.
    On(Day),
    /// Within these days, as unpublished holidays fall; no latest day where a stop may come first.
    Between {
        /// The earliest possible last day.
        earliest: Day,
        /// The latest possible last day.
        latest: Option<Day>,
    },
    /// Never, as long as the stop in effect has no end; or there is no limit.
    Open,
}

impl Due {
    /// The earliest day that can be the last in time.
    #[must_use]
    pub fn earliest(self) -> Option<Day> {
        match self {
            Due::On(day) | Due::Between { earliest: day, .. } => Some(day),
            Due::Open => None,
        }
    }

    /// The latest day that can be the last in time.
    #[must_use]
    pub fn latest(self) -> Option<Day> {
        match self {
            Due::On(day) => Some(day),
            Due::Between { latest, .. } => latest,
            Due::Open => None,
        }
    }

    /// Whether a day is certainly too late.
    #[must_use]
    pub fn passed(self, day: Day) -> bool {
        self.latest().is_some_and(|latest| day > latest)
    }
}

/// What is counted, and what is left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count<'a> {
    pub(crate) calendar: &'a Calendar,
    pub(crate) unit: Unit,
    pub(crate) last_day: LastDay,
    /// Merged, in order.
    pub(crate) excluded: &'a [Period],
}

impl Count<'_> {
    /// The last day that the unit can be counted on without guessing.
    fn known_to(&self) -> Day {
        match self.unit {
            Unit::WorkingDay => self.calendar.known_to(),
            Unit::CalendarDay => Day::LAST,
        }
    }

    fn through(&self, day: Day) -> i64 {
        match self.unit {
            Unit::WorkingDay => i64::from(self.calendar.count_through(day)),
            Unit::CalendarDay => i64::from(day.min(Day::LAST).0),
        }
    }

    fn nth(&self, number: i64) -> Option<Day> {
        match self.unit {
            Unit::WorkingDay => self.calendar.nth(u32::try_from(number).ok()?),
            Unit::CalendarDay => {
                i32::try_from(number).ok().map(Day).filter(|&day| day <= Day::LAST)
            }
        }
    }

    /// Days of the unit within a period, as far as they are known.
    fn within(&self, period: Period) -> i64 {
        self.through(period.last) - self.through(period.first.plus(-1))
    }

    /// When `limit` days after `after` are reached.
    pub(crate) fn due(&self, after: Day, limit: u32) -> Due {
        let mut target = self.through(after) + i64::from(limit);
        for period in self.excluded.iter().filter(|period| period.last > after) {
            if self.nth(target).is_some_and(|day| day < period.first) {
                break;
            }
            if period.first > self.known_to() {
                break;
            }
            if period.last == Day::NEVER {
                return Due::Open;
            }
            target += self.within(Period { first: period.first.max(after.plus(1)), ..*period });
        }
        match self.nth(target) {
            Some(day) => self.settled(day),
            None => self.beyond(after, target),
        }
    }

    /// The last day, moved to a working day where the rule says so.
    fn settled(&self, day: Day) -> Due {
        let calendar = self.calendar;
        if self.last_day == LastDay::AsItFalls || self.unit == Unit::WorkingDay {
            return Due::On(day);
        }
        if day <= calendar.known_to() {
            if calendar.works(day) {
                return Due::On(day);
            }
            if let Some(next) = calendar.nth(calendar.count_through(day) + 1) {
                return Due::On(next);
            }
        }
        let from = day.max(calendar.known_to().plus(1));
        let walk = |placing| self.walk(from, 1, placing, &[]);
        spread(walk(Placing::Earliest), walk(Placing::Latest))
    }

    /// Walks over the unpublished days that are still needed.
    fn beyond(&self, after: Day, target: i64) -> Due {
        let from = after.max(self.known_to()).plus(1);
        let needed = target - self.through(self.known_to());
        let walk = |placing| self.walk(from, needed, placing, self.excluded);
        spread(walk(Placing::Earliest), walk(Placing::Latest))
    }

    fn walk(&self, from: Day, needed: i64, placing: Placing, excluded: &[Period]) -> Option<Day> {
        let mut walk = Walk::new(self.calendar, placing);
        let mut needed = needed;
        let mut day = from;
        while day <= Day::LAST {
            if let Some(period) = excluded.iter().find(|period| period.holds(day)) {
                day = period.last.plus(1);
                if period.last == Day::NEVER {
                    return None;
                }
                continue;
            }
            needed -= i64::from(walk.counts(day));
            if needed <= 0 {
                return Some(day);
            }
            day = day.plus(1);
        }
        None
    }

    /// Days used after `after`, through `to`: at least and at most.
    pub(crate) fn used(&self, after: Day, to: Day) -> (u32, u32) {
        if to <= after {
            return (0, 0);
        }
        let mut known = self.through(to) - self.through(after);
        for period in self.excluded {
            let first = period.first.max(after.plus(1));
            let last = period.last.min(to);
            if first <= last {
                known -= self.within(Period { first, last });
            }
        }
        let known = u32::try_from(known).unwrap_or(0);
        let from = after.max(self.known_to()).plus(1);
        if to < from {
            return (known, known);
        }
        let count = |placing| {
            let mut walk = Walk::new(self.calendar, placing);
            let days = (from.0..=to.min(Day::LAST).0).map(Day);
            let open = days.filter(|day| !self.excluded.iter().any(|period| period.holds(*day)));
            open.filter(|day| walk.counts(*day)).count() as u32
        };
        (known + count(Placing::Latest), known + count(Placing::Earliest))
    }
}

fn spread(earliest: Option<Day>, latest: Option<Day>) -> Due {
    match (earliest, latest) {
        (None, _) => Due::Open,
        (Some(earliest), latest) if latest == Some(earliest) => Due::On(earliest),
        (Some(earliest), latest) => Due::Between { earliest, latest },
    }
}
