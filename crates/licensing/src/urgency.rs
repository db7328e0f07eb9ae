//! How urgent a case is: days until it is due, days until a stock runs out, and how long it has waited.
//!
//! The formula, in thousandths of a day counted from 1970-01-01, smaller is sooner:
//!
//! ```text
//! key = 750 × the nearer of both days + 250 × the farther of both + 1000 × the day of receipt
//! ```
//!
//! What is not known counts as [`FAR`] days after the receipt. The key holds no "today", so it is written
//! once and sorts for ever: as days pass all cases move on alike. A day waited weighs as much as a day less
//! to both, so whoever was received long enough before comes first, whatever the other says of its stock:
//! no case is overtaken by one received later than half its own longest term after it. Nothing starves.

use base::Date;

/// Days beyond which a date or a stock is simply far away.
pub const FAR: i64 = 90;

/// How urgent a case is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgency {
    /// Sorts cases: smaller is sooner.
    pub key: i64,
    /// Why, in a word.
    pub why: UrgencyReason,
    /// Days until it is due; below 0 when it is overdue.
    pub due_days: Option<i64>,
    /// Days until the stock runs out; below 0 when it has.
    pub stock_days: Option<i64>,
    /// Days since it was received.
    pub waited_days: i64,
}

/// What makes a case as urgent as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrgencyReason {
    /// It is overdue.
    Overdue,
    /// The stock has run out.
    StockOut,
    /// The stock runs out before it is due: "stock 6 d < clock 14 d".
    StockBeforeClock,
    /// It is due before the stock runs out, or no stock is stated.
    Clock,
    /// The stock, where no clock runs.
    Stock,
    /// It has waited longer than [`FAR`] days.
    Waited,
    /// Nothing presses.
    Nothing,
}

impl UrgencyReason {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            UrgencyReason::Overdue => "overdue",
            UrgencyReason::StockOut => "stock_out",
            UrgencyReason::StockBeforeClock => "stock_before_clock",
            UrgencyReason::Clock => "clock",
            UrgencyReason::Stock => "stock",
            UrgencyReason::Waited => "waited",
            UrgencyReason::Nothing => "nothing",
        }
    }
}

/// How urgent a case is today.
///
/// `due` is the last day to decide, `inventory_days` what a stock lasts from the day of receipt; all days
/// are the authority's own.
#[must_use]
pub fn urgency(
    due: Option<Date>,
    inventory_days: Option<u32>,
    received: Date,
    today: Date,
) -> Urgency {
    let waited_days = days(received, today);
    let due_days = due.map(|due| days(today, due));
    let stock_days = inventory_days.map(|stock| i64::from(stock) - waited_days);
    let day = |date: Date| days(jiff::civil::date(1970, 1, 1), date);
    let stock_out = inventory_days.map(|stock| day(received) + i64::from(stock));
    let key = urgency_key(due.map(day), stock_out, day(received));
    let why = match (due_days, stock_days) {
        (Some(due), _) if due < 0 => UrgencyReason::Overdue,
        (_, Some(stock)) if stock < 0 => UrgencyReason::StockOut,
        _ if waited_days > FAR => UrgencyReason::Waited,
        (Some(due), Some(stock)) if stock < due => UrgencyReason::StockBeforeClock,
        (Some(_), _) => UrgencyReason::Clock,
        (None, Some(_)) => UrgencyReason::Stock,
        (None, None) => UrgencyReason::Nothing,
    };
    Urgency { key, why, due_days, stock_days, waited_days }
}

/// The key by which cases are sorted, of days counted from 1970-01-01.
#[must_use]
pub fn urgency_key(due: Option<i64>, stock_out: Option<i64>, received: i64) -> i64 {
    let far = received + FAR;
    let (due, stock_out) = (due.unwrap_or(far), stock_out.unwrap_or(far));
    750 * due.min(stock_out) + 250 * due.max(stock_out) + 1000 * received
}

/// Days from one day to another; below 0 where the other is earlier.
fn days(from: Date, to: Date) -> i64 {
    let ordinal = |day: Date| -> i64 {
        let civil = jiff::civil::date(1970, 1, 1);
        civil.until(day).map_or(0, |span| i64::from(span.get_days()))
    };
    ordinal(to) - ordinal(from)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use proptest::prelude::*;

    use super::*;

    fn day(number: i64) -> Date {
        jiff::civil::date(2026, 1, 1).checked_add(number.days()).unwrap()
    }

    #[test]
    fn what_presses_is_said_in_a_word() {
        let row = |due: Option<i64>, stock: Option<u32>, waited: i64, expected: &str| {
            let found = urgency(due.map(|due| day(waited + due)), stock, day(0), day(waited));
            assert_eq!(found.why.code(), expected, "{due:?} {stock:?} {waited}");
            found
        };
        let found = row(Some(14), Some(16), 10, "stock_before_clock");
        assert_eq!((found.stock_days, found.due_days, found.waited_days), (Some(6), Some(14), 10));
        row(Some(6), Some(24), 10, "clock");
        row(Some(6), None, 10, "clock");
        row(None, Some(24), 10, "stock");
        row(None, None, 10, "nothing");
        row(Some(-1), Some(0), 10, "overdue");
        row(Some(3), Some(5), 10, "stock_out");
        row(None, None, 91, "waited");
    }

    fn some(days: std::ops::Range<i64>) -> impl Strategy<Value = Option<i64>> {
        proptest::option::of(days)
    }

    /// The key of a case: days until it is due, counted from its receipt, and days that a stock lasts.
    fn key(due: Option<i64>, stock: Option<i64>, received: i64, today: i64) -> i64 {
        let due = due.map(|due| day(received + due));
        urgency(due, stock.map(|days| days as u32), day(received), day(today)).key
    }

    proptest! {
        #[test]
        fn each_argument_moves_the_key_one_way(
            due in some(0..400), stock in some(0..400), received in 0_i64..300, more in 1_i64..200,
        ) {
            let before = key(due, stock, received, 600);
            prop_assert!(key(due.map(|due| due + more), stock, received, 600) >= before);
            prop_assert!(key(due, stock.map(|days| days + more), received, 600) >= before);
            prop_assert!(key(due, stock, received + more, 600) > before);
            let at_far = |days: Option<i64>| Some(days.unwrap_or(FAR));
            prop_assert_eq!(key(at_far(due), at_far(stock), received, 600), before);
        }

        #[test]
        fn days_pass_for_all_cases_alike(
            due in some(0..400), stock in some(0..400), received in 0_i64..300, later in 0_i64..900,
        ) {
            prop_assert_eq!(key(due, stock, received, 300 + later), key(due, stock, received, 300));
        }

        #[test]
        fn nothing_starves(
            due in some(0..400), stock in some(0..400), received in 0_i64..300,
            other_due in some(0..400), other_stock in some(0..400),
        ) {
            // Half of its own longest term is all that a case may be overtaken by.
            let longest = due.unwrap_or(FAR).max(stock.unwrap_or(FAR));
            let old = key(due, stock, received, 600);
            let young = key(other_due, other_stock, received + longest / 2 + 1, 600);
            prop_assert!(old < young);
        }
    }
}
