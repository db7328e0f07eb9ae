//! The periodic return of uses: when each is due, and how it compares with what customs recorded.
//!
//! Periods are counted from January, so that all users of a general licence return the same ones; the first
//! begins on the day of the registration, the last ends with it. A later return of a period replaces the one
//! before, which stays on record; the day of the first decides whether it was in time.

use std::collections::BTreeMap;

use base::Date;
use serde::{Deserialize, Serialize};

use super::{DeclaredUse, GeneralLicence, days_after};
use crate::message::Reason;
use crate::quantity::Quantity;

/// Lines of a return at most.
pub const LINES_MAX: usize = 5_000;
/// Periods that are looked back: fifty years of months.
const PERIODS_MAX: usize = 600;

/// A time of which the uses are returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day, inclusive.
    pub to: Date,
}

/// A use as the user's records have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnLine {
    /// Which use.
    pub of: DeclaredUse,
    /// The day of the export.
    pub day: Date,
    /// The destination.
    pub destination: String,
    /// How much, each unit once.
    pub quantities: Vec<Quantity>,
}

/// Whether there was anything to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnKind {
    /// The uses are listed.
    Listed,
    /// There was none, and the user says so.
    NoUse,
}

/// A return as the user files it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// First day of its period.
    pub from: Date,
    /// Whether there was anything.
    pub kind: ReturnKind,
    /// The uses.
    pub lines: Vec<ReturnLine>,
}

/// Where a return stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnState {
    /// Its period has not ended.
    Running,
    /// To be filed.
    Due,
    /// Its last day is over.
    Overdue,
    /// Filed in time.
    Filed,
    /// Filed after its last day.
    FiledLate,
}

impl ReturnState {
    /// All of them.
    pub const ALL: [ReturnState; 5] = [
        ReturnState::Running,
        ReturnState::Due,
        ReturnState::Overdue,
        ReturnState::Filed,
        ReturnState::FiledLate,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ReturnState::Running => "running",
            ReturnState::Due => "due",
            ReturnState::Overdue => "overdue",
            ReturnState::Filed => "filed",
            ReturnState::FiledLate => "filed_late",
        }
    }
}

/// A period with its last day and where its return stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReturnDue {
    /// The period.
    pub period: Period,
    /// Last day for its return.
    pub last: Date,
    /// Where it stands.
    pub state: ReturnState,
}

/// The periods from a registration to a day, or to its end where that is before. Nothing where the general
/// licence asks for no returns.
#[must_use]
pub fn periods(
    general: &GeneralLicence,
    registered: Date,
    ended: Option<Date>,
    as_of: Date,
) -> Vec<Period> {
    let Some(months) = general.report_every_months.filter(|m| matches!(m, 1 | 3 | 6 | 12)) else {
        return Vec::new();
    };
    let last = ended.map_or(as_of, |ended| ended.min(as_of));
    let mut found = Vec::new();
    let mut from = registered;
    while from <= last && found.len() < PERIODS_MAX {
        let Some(to) = period_end(from, months) else { break };
        let to_own = ended.map_or(to, |ended| ended.min(to));
        found.push(Period { from, to: to_own });
        let Ok(next) = to.tomorrow() else { break };
        from = next;
    }
    found
}

/// The last day of the period of a calendar year in which a day lies.
fn period_end(day: Date, months: u32) -> Option<Date> {
    let months = i8::try_from(months).ok()?;
    let month = (day.month() - 1) / months * months + months;
    Some(Date::new(day.year(), month, 1).ok()?.last_of_month())
}

/// Where the return of each period stands as of a day, the latest first. `filed` gives for the first day of a
/// period when its first return was filed.
#[must_use]
pub fn returns_due(
    general: &GeneralLicence,
    (registered, ended): (Date, Option<Date>),
    filed: &BTreeMap<Date, Date>,
    as_of: Date,
) -> Vec<ReturnDue> {
    let within = general.report_within_days.unwrap_or(0);
    let of = |period: Period| {
        let last = days_after(period.to, within);
        let state = match filed.get(&period.from) {
            Some(on) if *on > last => ReturnState::FiledLate,
            Some(_) => ReturnState::Filed,
            None if as_of <= period.to && ended != Some(period.to) => ReturnState::Running,
            None if as_of <= last => ReturnState::Due,
            None => ReturnState::Overdue,
        };
        ReturnDue { period, last, state }
    };
    periods(general, registered, ended, as_of).into_iter().rev().map(of).collect()
}

impl Return {
    /// Checks a return; gives its period.
    ///
    /// # Errors
    /// Every reason why it is not taken.
    pub fn check(&self, periods: &[Period], today: Date) -> Result<Period, Vec<Reason>> {
        let mut reasons = Vec::new();
        let period = periods.iter().find(|period| period.from == self.from).copied();
        match period {
            None => {
                let message = format!("no period begins on `{}`", self.from);
                let known: Vec<String> = periods.iter().map(|p| p.from.to_string()).collect();
                reasons.push(Reason::new("return_period", "from", message, known.join(", ")));
            }
            // Until its end a use may still come.
            Some(period) if period.to >= today => {
                let message = format!("the period ends on `{}`", period.to);
                reasons.push(Reason::new(
                    "return_early",
                    "from",
                    message,
                    "the day after, or later",
                ));
            }
            Some(_) => {}
        }
        match (self.kind, self.lines.is_empty()) {
            (ReturnKind::Listed, true) => {
                let message = "no use is listed, and it is not said that there was none".to_owned();
                reasons.push(Reason::new(
                    "return_empty",
                    "lines",
                    message,
                    "`no_use`, or the uses",
                ));
            }
            (ReturnKind::NoUse, false) => {
                let message = format!(
                    "{} uses are listed, and it is said that there was none",
                    self.lines.len()
                );
                reasons.push(Reason::new("return_uses", "lines", message, "`listed`, or no uses"));
            }
            _ => {}
        }
        if self.lines.len() > LINES_MAX {
            let message = format!("there are {} lines", self.lines.len());
            reasons.push(Reason::new(
                "return_lines",
                "lines",
                message,
                format!("at most {LINES_MAX}"),
            ));
        }
        self.lines_check(period, &mut reasons);
        match period {
            Some(period) if reasons.is_empty() => Ok(period),
            _ => Err(reasons),
        }
    }

    fn lines_check(&self, period: Option<Period>, reasons: &mut Vec<Reason>) {
        let mut seen: BTreeMap<&DeclaredUse, usize> = BTreeMap::new();
        for (place, line) in self.lines.iter().enumerate().take(LINES_MAX) {
            let at = |part: &str| format!("lines[{place}].{part}");
            let named = line.of.declaration.trim();
            if named.is_empty() || named.len() > 64 || line.of.line == 0 {
                let message = "a declaration or its line is missing".to_owned();
                let accepted = "1 to 64 characters, and a line from 1";
                reasons.push(Reason::new("return_use", &at("declaration"), message, accepted));
            }
            if let Some(before) = seen.insert(&line.of, place) {
                let message =
                    format!("`{named}` line {} stands on line {} too", line.of.line, before + 1);
                reasons.push(Reason::new(
                    "return_twice",
                    &at("declaration"),
                    message,
                    "each use once",
                ));
            }
            if period.is_some_and(|of| line.day < of.from || line.day > of.to) {
                let message = format!("`{}` is not in the period", line.day);
                reasons.push(Reason::new("return_day", &at("day"), message, "a day of the period"));
            }
            let area = &line.destination;
            if area.len() != 2 || !area.bytes().all(|b| b.is_ascii_uppercase()) {
                let message = "the destination is no country or area".to_owned();
                let accepted = "ISO 3166-1 alpha-2, two capital letters";
                reasons.push(Reason::new(
                    "return_destination",
                    &at("destination"),
                    message,
                    accepted,
                ));
            }
            let amounts = line.quantities.iter().all(|of| of.amount > 0);
            if line.quantities.is_empty() || !amounts {
                let message = "how much is missing".to_owned();
                reasons.push(Reason::new(
                    "return_quantity",
                    &at("quantities"),
                    message,
                    "more than 0",
                ));
            }
        }
    }
}

/// How a return and the border differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnRule {
    /// Customs recorded a use that the return does not list.
    NotReturned,
    /// The return lists a use that customs did not record.
    NotRecorded,
    /// Both have it, with other quantities.
    QuantityDiffers,
    /// Both have it, with another destination.
    DestinationDiffers,
}

impl ReturnRule {
    /// All of them.
    pub const ALL: [ReturnRule; 4] = [
        ReturnRule::NotReturned,
        ReturnRule::NotRecorded,
        ReturnRule::QuantityDiffers,
        ReturnRule::DestinationDiffers,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ReturnRule::NotReturned => "not_returned",
            ReturnRule::NotRecorded => "not_recorded",
            ReturnRule::QuantityDiffers => "quantity_differs",
            ReturnRule::DestinationDiffers => "destination_differs",
        }
    }
}

/// A difference between a return and the border.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReturnFinding {
    /// Which use.
    pub of: DeclaredUse,
    /// What differs.
    pub rule: ReturnRule,
    /// What customs recorded.
    pub recorded: String,
    /// What was returned.
    pub returned: String,
}

fn words(quantities: &[Quantity]) -> String {
    let mut words: Vec<String> = quantities.iter().map(ToString::to_string).collect();
    words.sort_unstable();
    words.join(", ")
}

/// What differs between the uses that customs recorded in a period and those that a return lists, by use.
/// Quantities are compared in the units that both state; units of one side alone are no difference.
#[must_use]
pub fn return_compare(recorded: &[ReturnLine], returned: &[ReturnLine]) -> Vec<ReturnFinding> {
    let by = |lines: &'_ [ReturnLine]| -> BTreeMap<DeclaredUse, ReturnLine> {
        lines.iter().map(|line| (line.of.clone(), line.clone())).collect()
    };
    let (recorded, returned) = (by(recorded), by(returned));
    let mut found = Vec::new();
    let mut say = |of: &DeclaredUse, rule, recorded: String, returned: String| {
        found.push(ReturnFinding { of: of.clone(), rule, recorded, returned });
    };
    for (of, border) in &recorded {
        let Some(own) = returned.get(of) else {
            say(of, ReturnRule::NotReturned, words(&border.quantities), String::new());
            continue;
        };
        let differs = border.quantities.iter().any(|quantity| {
            own.quantities.iter().any(|o| o.unit == quantity.unit && o.amount != quantity.amount)
        });
        let common = border
            .quantities
            .iter()
            .any(|quantity| own.quantities.iter().any(|o| o.unit == quantity.unit));
        if differs || !common {
            let rule = ReturnRule::QuantityDiffers;
            say(of, rule, words(&border.quantities), words(&own.quantities));
        }
        if border.destination != own.destination {
            let rule = ReturnRule::DestinationDiffers;
            say(of, rule, border.destination.clone(), own.destination.clone());
        }
    }
    for (of, own) in returned.iter().filter(|(of, _)| !recorded.contains_key(*of)) {
        say(of, ReturnRule::NotRecorded, String::new(), words(&own.quantities));
    }
    found.sort();
    found
}
