//! What the holder of a licence owes after the grant: reports of transport, arrival, installation and use,
//! re-imports, and the receipts of the other side.
//!
//! Each draw-down starts the duties that the pack lists; a report does one of them. The loop is closed by
//! quantities: what was drawn must have arrived with the end user or come back, and what the end user
//! confirms must have been drawn (as import certificates and their endorsements do for narcotics, CITES
//! and rough diamonds). A gap is a finding.
//!
//! INVARIANT: a duty of a draw-down is in exactly one state, whatever the order of the reports.

use std::collections::{BTreeMap, BTreeSet};

use base::Date;
use serde::{Deserialize, Serialize};

use crate::quantity::{Quantity, Unit};

/// What is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// On its way.
    Transport,
    /// With the end user.
    Arrival,
    /// Installed.
    Installation,
    /// In use as was declared.
    Use,
    /// The end user or the importing side says what it received.
    Receipt,
    /// Came back.
    Reimport,
}

impl ReportKind {
    /// All of them.
    pub const ALL: [ReportKind; 6] = [
        ReportKind::Transport,
        ReportKind::Arrival,
        ReportKind::Installation,
        ReportKind::Use,
        ReportKind::Receipt,
        ReportKind::Reimport,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ReportKind::Transport => "transport",
            ReportKind::Arrival => "arrival",
            ReportKind::Installation => "installation",
            ReportKind::Use => "use",
            ReportKind::Receipt => "receipt",
            ReportKind::Reimport => "reimport",
        }
    }

    /// The report of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<ReportKind> {
        ReportKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The days in which a time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayUnit {
    /// Working days of the authority's calendar.
    WorkingDay,
    /// All days.
    CalendarDay,
}

/// What starts the time of a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutyStart {
    /// The draw-down.
    DrawDown,
    /// The day of an earlier report; until it has come, the duty is owed without a day.
    Report(ReportKind),
}

/// One report that the pack asks of a holder for each draw-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyRule {
    /// The duty of the pack.
    pub duty: String,
    /// What is to be reported.
    pub report: ReportKind,
    /// What starts the time.
    pub after: DutyStart,
    /// How long; nothing where the pack names no time: then it is owed, and never overdue.
    pub within: Option<(u32, DayUnit)>,
}

/// A draw-down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// Licence number.
    pub licence: String,
    /// Line of the licence.
    pub line: String,
    /// Customs declaration.
    pub declaration: String,
    /// The day.
    pub day: Date,
    /// What was drawn, each unit once.
    pub quantities: Vec<Quantity>,
}

/// A report that was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its reference.
    pub reference: String,
    /// What is reported.
    pub kind: ReportKind,
    /// Licence number.
    pub licence: String,
    /// Line of the licence.
    pub line: String,
    /// Customs declaration.
    pub declaration: String,
    /// When it happened.
    pub day: Date,
    /// When the report was received.
    pub received: Date,
    /// How much; empty where it tells none.
    pub quantities: Vec<Quantity>,
}

/// Where a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DutyState {
    /// Reported in time, or without a time.
    Done,
    /// Reported after its last day.
    DoneLate,
    /// To be reported, its last day not being over.
    Due,
    /// To be reported; no day is named, or what starts the time has not been reported.
    Owed,
    /// Its last day is over.
    Overdue,
}

/// A duty of a draw-down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyOf {
    /// The duty of the pack.
    pub duty: String,
    /// What is to be reported.
    pub report: ReportKind,
    /// Licence number.
    pub licence: String,
    /// Line of the licence.
    pub line: String,
    /// Customs declaration.
    pub declaration: String,
    /// Its last day, where there is one.
    pub last_day: Option<Date>,
    /// Where it stands.
    pub state: DutyState,
    /// The report that does it: the first that was received.
    pub done_by: Option<String>,
}

/// What does not fit between draw-downs and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopRule {
    /// A report of something that was never drawn down.
    ReportUnknown,
    /// Dated before the draw-down.
    ReportBefore,
    /// Less was received and came back than was drawn.
    ReceiptShort,
    /// More was received and came back than was drawn.
    ReceiptBeyond,
    /// More came back than was drawn.
    ReimportBeyond,
    /// More was installed than arrived.
    InstalledBeyond,
    /// The report counts in a unit in which nothing was drawn.
    UnitOther,
}

impl LoopRule {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            LoopRule::ReportUnknown => "report_unknown",
            LoopRule::ReportBefore => "report_before_draw_down",
            LoopRule::ReceiptShort => "receipt_short",
            LoopRule::ReceiptBeyond => "receipt_beyond",
            LoopRule::ReimportBeyond => "reimport_beyond",
            LoopRule::InstalledBeyond => "installed_beyond",
            LoopRule::UnitOther => "report_unit",
        }
    }
}

/// A gap in the loop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LoopFinding {
    /// What it is.
    pub rule: LoopRule,
    /// Licence number.
    pub licence: String,
    /// Line of the licence.
    pub line: String,
    /// Customs declaration.
    pub declaration: String,
    /// What was drawn, or arrived.
    pub expected: String,
    /// What is reported.
    pub observed: String,
    /// The reports that it rests on, in order.
    pub reports: Vec<String>,
}

/// What is owed and what does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyAnswer {
    /// The duties, by licence, line, declaration, and as the pack lists them.
    pub duties: Vec<DutyOf>,
    /// The gaps, in order.
    pub findings: Vec<LoopFinding>,
}

type Key<'a> = (&'a str, &'a str, &'a str);

/// The duties of draw-downs and the gaps in the loop as of a day.
///
/// `last_day` gives the last day of so many days after a day, by the calendar of the authority; nothing
/// where that calendar does not reach. `tolerance_ppm` is by how much quantities may differ. Reports that
/// were received after the day are not looked at.
pub fn duties(
    rules: &[DutyRule],
    drawn: &[Drawn],
    reports: &[Report],
    as_of: Date,
    tolerance_ppm: u32,
    last_day: impl Fn(Date, u32, DayUnit) -> Option<Date>,
) -> DutyAnswer {
    let mut by: BTreeMap<Key<'_>, (Vec<&Drawn>, Vec<&Report>)> = BTreeMap::new();
    for of in drawn.iter().filter(|of| of.day <= as_of) {
        by.entry((&of.licence, &of.line, &of.declaration)).or_default().0.push(of);
    }
    for of in reports.iter().filter(|of| of.received <= as_of) {
        by.entry((&of.licence, &of.line, &of.declaration)).or_default().1.push(of);
    }
    let mut answer = DutyAnswer { duties: Vec::new(), findings: Vec::new() };
    for (key, (drawn, mut told)) in by {
        told.sort_by_key(|of| (of.received, of.day, of.reference.as_str()));
        let Some(first) = drawn.iter().map(|of| of.day).min() else {
            answer.findings.push(about(LoopRule::ReportUnknown, key, ("", ""), &told));
            continue;
        };
        for rule in rules {
            answer.duties.push(duty_of(rule, key, first, &told, as_of, &last_day));
        }
        loop_findings(key, (&drawn, first), &told, tolerance_ppm, &mut answer.findings);
    }
    answer.findings.sort();
    answer
}

fn duty_of(
    rule: &DutyRule,
    key: Key<'_>,
    first: Date,
    told: &[&Report],
    as_of: Date,
    last_day: &impl Fn(Date, u32, DayUnit) -> Option<Date>,
) -> DutyOf {
    let start = match rule.after {
        DutyStart::DrawDown => Some(first),
        DutyStart::Report(kind) => told.iter().filter(|of| of.kind == kind).map(|of| of.day).min(),
    };
    let last = start.zip(rule.within).and_then(|(day, (days, unit))| last_day(day, days, unit));
    let done = told.iter().find(|of| of.kind == rule.report);
    let state = match (done, last) {
        (Some(report), Some(last)) if report.received > last => DutyState::DoneLate,
        (Some(_), _) => DutyState::Done,
        (None, Some(last)) if as_of > last => DutyState::Overdue,
        (None, Some(_)) => DutyState::Due,
        (None, None) => DutyState::Owed,
    };
    DutyOf {
        duty: rule.duty.clone(),
        report: rule.report,
        licence: key.0.to_owned(),
        line: key.1.to_owned(),
        declaration: key.2.to_owned(),
        last_day: last,
        state,
        done_by: done.map(|of| of.reference.clone()),
    }
}

fn about(
    rule: LoopRule,
    key: Key<'_>,
    (expected, observed): (&str, &str),
    told: &[&Report],
) -> LoopFinding {
    let mut reports: Vec<String> = told.iter().map(|of| of.reference.clone()).collect();
    reports.sort_unstable();
    LoopFinding {
        rule,
        licence: key.0.to_owned(),
        line: key.1.to_owned(),
        declaration: key.2.to_owned(),
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        reports,
    }
}

/// The gaps of one draw-down. What the other side confirms outweighs what the holder says of arrival.
fn loop_findings(
    key: Key<'_>,
    (drawn, first): (&[&Drawn], Date),
    told: &[&Report],
    tolerance_ppm: u32,
    to: &mut Vec<LoopFinding>,
) {
    let of_kind = |kind: ReportKind| -> Vec<&Report> {
        told.iter().filter(|of| of.kind == kind).copied().collect()
    };
    let early: Vec<&Report> = told.iter().filter(|of| of.day < first).copied().collect();
    if let Some(earliest) = early.iter().map(|of| of.day).min() {
        let days = (first.to_string(), earliest.to_string());
        to.push(about(LoopRule::ReportBefore, key, (&days.0, &days.1), &early));
    }
    let sums = sums(drawn.iter().flat_map(|of| &of.quantities));
    let strange: Vec<&Report> = told
        .iter()
        .filter(|of| of.quantities.iter().any(|q| !sums.contains_key(&q.unit)))
        .copied()
        .collect();
    if !strange.is_empty() {
        let other = strange.iter().flat_map(|of| &of.quantities).map(|q| &q.unit);
        let other: BTreeSet<String> =
            other.filter(|unit| !sums.contains_key(unit)).map(Unit::to_string).collect();
        let of_drawn: Vec<String> = sums.keys().map(|unit| unit.to_string()).collect();
        let other: Vec<String> = other.into_iter().collect();
        let words = (of_drawn.join(", "), other.join(", "));
        to.push(about(LoopRule::UnitOther, key, (&words.0, &words.1), &strange));
    }
    let (receipts, arrivals) = (of_kind(ReportKind::Receipt), of_kind(ReportKind::Arrival));
    let arrived = if receipts.is_empty() { arrivals } else { receipts };
    let (back, set) = (of_kind(ReportKind::Reimport), of_kind(ReportKind::Installation));
    for (unit, drawn) in sums {
        let amount = |of: &[&Report]| amount_of(unit, of);
        let words = |amount: i128| {
            let amount = i64::try_from(amount).unwrap_or(i64::MAX);
            Quantity { unit: unit.clone(), amount }.to_string()
        };
        let beyond = |a: i128, b: i128| (a - b) * 1_000_000 > a.max(b) * i128::from(tolerance_ppm);
        let (came, returned) = (amount(&arrived), amount(&back));
        let mut say = |rule, expected: i128, observed: i128, of: &[&Report]| {
            to.push(about(rule, key, (&words(expected), &words(observed)), of));
        };
        let together: Vec<&Report> = arrived.iter().chain(&back).copied().collect();
        match (came, returned) {
            (_, Some(returned)) if beyond(returned, drawn) => {
                say(LoopRule::ReimportBeyond, drawn, returned, &back);
            }
            (Some(came), returned) => {
                let all = came + returned.unwrap_or(0);
                // What arrived and came back later was there: only a part of it need be left.
                if beyond(came, drawn) {
                    say(LoopRule::ReceiptBeyond, drawn, came, &together);
                } else if beyond(drawn, all) {
                    say(LoopRule::ReceiptShort, drawn, all, &together);
                }
            }
            (None, _) => {}
        }
        if let (Some(came), Some(set_up)) = (came, amount(&set))
            && beyond(set_up, came)
        {
            say(LoopRule::InstalledBeyond, came, set_up, &set);
        }
    }
}

fn sums<'q>(quantities: impl Iterator<Item = &'q Quantity>) -> BTreeMap<&'q Unit, i128> {
    let mut sums: BTreeMap<&Unit, i128> = BTreeMap::new();
    for quantity in quantities {
        *sums.entry(&quantity.unit).or_default() += i128::from(quantity.amount);
    }
    sums
}

/// How much of a unit reports tell together; nothing where none of them tells any.
fn amount_of(unit: &Unit, reports: &[&Report]) -> Option<i128> {
    let told = reports.iter().flat_map(|of| &of.quantities).filter(|q| q.unit == *unit);
    told.map(|q| i128::from(q.amount)).reduce(|a, b| a + b)
}

#[cfg(test)]
#[path = "duty_tests.rs"]
mod tests;
