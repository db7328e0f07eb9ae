//! The two axes of time: business dates and recording instants.

use std::fmt;

/// A business date (ISO 8601), the first axis.
pub type Date = jiff::civil::Date;

/// A recording instant in microseconds of UTC, the second axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last instant there is; "as known at" it means everything recorded.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// From microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_us(us: i64) -> Timestamp {
        Timestamp(us)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn us(self) -> i64 {
        self.0
    }

    /// Parses an RFC 3339 instant, or a date (its last microsecond in UTC).
    #[must_use]
    pub fn parse(text: &str) -> Option<Timestamp> {
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Timestamp(instant.as_microsecond()));
        }
        let day = date_parse(text)?;
        let midnight = format!("{}T00:00:00Z", day.tomorrow().ok()?).parse::<jiff::Timestamp>();
        Some(Timestamp(midnight.ok()?.as_microsecond() - 1))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant}"),
            Err(_) => f.write_str("the end of time"),
        }
    }
}

/// Parses exactly `YYYY-MM-DD`, years 1900 to 2199.
#[must_use]
pub fn date_parse(text: &str) -> Option<Date> {
    let b: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let digit = |i: usize| b[i].is_ascii_digit().then(|| i16::from(b[i] - b'0'));
    if b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let year = digit(0)? * 1000 + digit(1)? * 100 + digit(2)? * 10 + digit(3)?;
    let month = digit(5)? * 10 + digit(6)?;
    let day = digit(8)? * 10 + digit(9)?;
    if !(1900..2200).contains(&year) {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A date as an ordered integer `year × 512 + month × 32 + day`, for columns.
#[must_use]
pub fn date_pack(date: Date) -> i32 {
    i32::from(date.year()) * 512 + i32::from(date.month()) * 32 + i32::from(date.day())
}

/// The inverse of [`date_pack`]; what is no date gives nothing.
#[must_use]
pub fn date_unpack(packed: i32) -> Option<Date> {
    let year = i16::try_from(packed >> 9).ok()?;
    let month = i8::try_from((packed >> 5) & 15).ok()?;
    let day = i8::try_from(packed & 31).ok()?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_parse_strictly_and_pack_in_order() {
        let day = date_parse("2025-02-28").unwrap();
        assert_eq!(day.to_string(), "2025-02-28");
        assert_eq!(date_unpack(date_pack(day)), Some(day));
        assert!(date_pack(day) < date_pack(date_parse("2025-03-01").unwrap()));
        for text in
            ["2025-02-29", "2025-13-01", "25-01-01", "2025-1-1", "2025/01/01", "1899-12-31", ""]
        {
            assert_eq!(date_parse(text), None, "`{text}`");
        }
    }

    #[test]
    fn an_instant_may_be_a_whole_day() {
        let day = Timestamp::parse("2025-01-01").unwrap();
        assert_eq!(day.to_string(), "2025-01-01T23:59:59.999999Z");
        assert_eq!(
            Timestamp::parse("2025-01-01T08:00:00+08:00").unwrap().us(),
            1_735_689_600_000_000
        );
    }
}
