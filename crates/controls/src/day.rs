//! A day as a number, so that days are counted by subtraction.
//!
//! Days are those of the proleptic Gregorian calendar, counted from 1970-01-01 (Hinnant, "chrono-compatible
//! low-level date algorithms"). Years 1900 to 9999 are all that a pack or an event can name.

use base::Date;

/// A day; 0 is 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// Later than every day: the end of what has not ended.
    pub const NEVER: Day = Day(i32::MAX);
    /// 9999-12-31, the last day that can be written.
    pub const LAST: Day = Day(2_932_896);

    /// The number of a date.
    #[must_use]
    pub fn of(date: Date) -> Day {
        let (month, day) = (i32::from(date.month()), i32::from(date.day()));
        let year = i32::from(date.year()) - i32::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }

    /// The date of the number; the last day that can be written where it is later.
    #[must_use]
    pub fn date(self) -> Date {
        let shifted = self.0.min(Day::LAST.0) + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        // INVARIANT: the arithmetic above gives a date of the calendar for every day number.
        Date::new(year as i16, month as i8, day as i8).unwrap_or(Date::MAX)
    }

    /// The weekday, 0 is Monday.
    #[must_use]
    pub fn weekday(self) -> usize {
        (self.0 + 3).rem_euclid(7) as usize
    }

    /// So many days later; never past [`Day::NEVER`].
    #[must_use]
    pub fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }

    /// The year that the day lies in.
    #[must_use]
    pub fn year(self) -> i16 {
        self.date().year()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_is_its_number() {
        let mut date = Date::new(1899, 12, 31).unwrap();
        let mut day = Day::of(date);
        while date.year() < 2300 {
            assert_eq!(day.date(), date);
            assert_eq!(day.weekday(), date.weekday().to_monday_zero_offset() as usize);
            date = date.tomorrow().unwrap();
            day = day.plus(1);
            assert_eq!(Day::of(date), day);
        }
    }

    #[test]
    fn the_last_day_is_the_last_day() {
        assert_eq!(Day::of(Date::new(9999, 12, 31).unwrap()), Day::LAST);
        assert_eq!(Day::NEVER.date(), Date::new(9999, 12, 31).unwrap());
        assert_eq!(Day::of(Date::new(1970, 1, 1).unwrap()), Day(0));
    }
}
