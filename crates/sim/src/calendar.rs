//! The days of an economy: fixed by its size, never by a clock.

use base::Date;

/// The last day of every economy.
const LAST: (i16, i8, i8) = (2026, 6, 30);
/// Economies below this number of lots run a year and a half, others two years.
const SHORT_LOTS: u64 = 100_000;

/// A day of the economy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    /// As written.
    pub(crate) text: [u8; 10],
    /// Month since the first.
    pub(crate) month: u8,
    /// `yymm` as written in references.
    pub(crate) yymm: u16,
    /// Whether it is the last of its month.
    pub(crate) month_end: bool,
    /// How much is done that day, relative.
    pub(crate) weight: u32,
}

/// All days of an economy.
#[derive(Debug)]
pub(crate) struct Calendar {
    pub(crate) days: Vec<Day>,
    /// Months as `yyyymm`.
    pub(crate) months: Vec<u32>,
}

impl Calendar {
    /// The days of an economy of about this many lots.
    pub(crate) fn new(lots: u64) -> Calendar {
        let first = if lots < SHORT_LOTS { (2025, 1, 1) } else { (2024, 7, 1) };
        let mut days = Vec::new();
        let mut months: Vec<u32> = Vec::new();
        let start = Date::new(first.0, first.1, first.2);
        let end = Date::new(LAST.0, LAST.1, LAST.2);
        let (Ok(start), Ok(end)) = (start, end) else { return Calendar { days, months } };
        let mut date = start;
        while date <= end {
            let month = date.year() as u32 * 100 + date.month() as u32;
            if months.last() != Some(&month) {
                months.push(month);
            }
            let mut text = [0_u8; 10];
            text.copy_from_slice(format!("{date}").as_bytes().get(..10).unwrap_or(b"          "));
            // Works run on; offices are thin at the weekend.
            let weekend = date.weekday().to_monday_zero_offset() >= 5;
            days.push(Day {
                text,
                month: (months.len() - 1) as u8,
                yymm: (date.year() % 100) as u16 * 100 + date.month() as u16,
                month_end: date.day() == date.days_in_month(),
                weight: if weekend { 25 } else { 100 },
            });
            match date.tomorrow() {
                Ok(next) => date = next,
                Err(_) => break,
            }
        }
        // The economy grows by half over its time.
        let count = days.len() as u32;
        for (place, day) in days.iter_mut().enumerate() {
            day.weight = day.weight * (1_000 + 500 * place as u32 / count.max(1)) / 100;
        }
        Calendar { days, months }
    }
}
