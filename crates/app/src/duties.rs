//! What holders owe after a grant, held against what they and the other side report.
//!
//! Reports are facts: each is recorded with an audit entry and an event in the holder's book, and what does
//! not fit is a finding ([`licensing::duty`]). Which reports a draw-down owes, and within how many days, says
//! the pack ([`controls::regime::Duty::reports`]). What the other side received is told by the authority
//! that hears it, never by the holder, because it outweighs what the holder says of the arrival.

use std::collections::{BTreeMap, BTreeSet};

use base::{Date, Severity, Timestamp};
use controls::clock::Unit as DayCount;
use controls::day::Day;
use controls::regime::{Duty, HolderReport};
use jiff::ToSpan;
use licensing::duty::{
    DayUnit, DutyAnswer, DutyOf, DutyRule, DutyStart, DutyState, LoopFinding, LoopRule, Report,
    ReportKind, duties,
};
use licensing::quantity::Quantity;
use store::{HolderReportRecord, NewAudit, StoreError};

use crate::cases::authority_day;
use crate::findings::{LedgerFinding, Score};
use crate::law::Law;
use crate::licence::LicenceError;
use crate::licensed::{Licensed, Whose};
use crate::platform::{Platform, PlatformError};

/// The longest note of a report, in characters.
pub const NOTE_MAX: usize = 1_000;
/// The longest reference, licence number or declaration, in bytes.
pub const REFERENCE_MAX: usize = 64;
/// So much may what arrived differ from what was drawn, in millionths.
const TOLERANCE_PPM: u32 = 5_000;
/// The stream of reports in the log.
const STREAM: &str = "holder_report";

/// Who tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    /// The holder itself.
    Holder,
    /// The authority, of what it hears from the other side.
    Authority,
}

/// A report that somebody makes.
#[derive(Debug, Clone)]
pub struct NewReport<'a> {
    /// The holder, `scheme:value`.
    pub holder: &'a str,
    /// Who tells.
    pub teller: Teller,
    /// What.
    pub report: Report,
    /// What else is said.
    pub note: &'a str,
    /// Reference of the report that it replaces; empty where none.
    pub replaces: &'a str,
    /// Key of the account.
    pub account: &'a str,
    /// When.
    pub at: Timestamp,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportTaken {
    /// It was recorded.
    Recorded,
    /// The same was recorded before; nothing changed.
    Already,
}

/// Why a report is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A reference, licence, line or declaration that cannot be one.
    #[error("`{0}` is missing or too long; give 1 to 64 visible characters")]
    Field(&'static str),
    /// Nobody of that name.
    #[error("`{0}` is no registered company")]
    Holder(String),
    /// A day that is still to come.
    #[error("{0} is still to come")]
    Day(Date),
    /// The holder tells what the other side received, or the authority what the holder must tell.
    #[error("a report of `{0}` is not told by this side")]
    Teller(&'static str),
    /// The note is too long.
    #[error("a note has at most {NOTE_MAX} characters")]
    Note,
    /// A unit twice, or a quantity that is none.
    #[error("each unit is told once, with more than 0")]
    Quantities,
    /// The reference stands on another report.
    #[error("there is another report `{0}`")]
    Taken(String),
    /// What is to be replaced is not there, is another's, or was replaced before.
    #[error("`{0}` is no report that can be replaced")]
    Replaces(String),
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

impl From<StoreError> for ReportError {
    fn from(error: StoreError) -> ReportError {
        ReportError::Platform(error.into())
    }
}

impl ReportError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ReportError::Field(_) => "report_field",
            ReportError::Holder(_) => "report_holder",
            ReportError::Day(_) => "report_day",
            ReportError::Teller(_) => "report_teller",
            ReportError::Note => "report_note",
            ReportError::Quantities => "report_quantities",
            ReportError::Taken(_) => "report_taken",
            ReportError::Replaces(_) => "report_replaces",
            ReportError::Platform(_) => "fault",
        }
    }

    /// The field that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            ReportError::Field(field) => field,
            ReportError::Holder(_) => "holder",
            ReportError::Day(_) => "day",
            ReportError::Teller(_) => "kind",
            ReportError::Note => "note",
            ReportError::Quantities => "quantity",
            ReportError::Taken(_) => "reference",
            ReportError::Replaces(_) => "replaces",
            ReportError::Platform(_) => "",
        }
    }
}

/// A report on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// What was told.
    pub report: Report,
    /// What else.
    pub note: String,
    /// Reference of the one that replaces it; nothing where it counts.
    pub replaced_by: Option<String>,
}

/// What a holder owes, and what it and the other side told.
#[derive(Debug, Clone)]
pub struct HolderDuties {
    /// The holder.
    pub holder: String,
    /// Its duties, and what does not fit.
    pub answer: DutyAnswer,
    /// The reports, the latest first.
    pub reports: Vec<ReportRow>,
}

/// What the pack asks of a holder for each draw-down.
#[must_use]
pub fn duty_rules(law: &Law) -> Vec<DutyRule> {
    let of = |duty: &Duty| {
        let after = duty.after.map_or(DutyStart::DrawDown, |kind| DutyStart::Report(kind_of(kind)));
        let within = duty.within.map(|(days, unit)| match unit {
            DayCount::WorkingDay => (days, DayUnit::WorkingDay),
            DayCount::CalendarDay => (days, DayUnit::CalendarDay),
        });
        let rule = |kind: &HolderReport| DutyRule {
            duty: duty.id.clone(),
            report: kind_of(*kind),
            after,
            within,
        };
        duty.reports.iter().map(rule).collect::<Vec<_>>()
    };
    law.regime.duties.iter().flat_map(of).collect()
}

fn kind_of(report: HolderReport) -> ReportKind {
    match report {
        HolderReport::Transport => ReportKind::Transport,
        HolderReport::Arrival => ReportKind::Arrival,
        HolderReport::Installation => ReportKind::Installation,
        HolderReport::Use => ReportKind::Use,
        HolderReport::Receipt => ReportKind::Receipt,
        HolderReport::Reimport => ReportKind::Reimport,
    }
}

/// The last day of so many days after a day, by the calendar of the pack; nothing where that ends before.
fn last_day(law: &Law, from: Date, days: u32, unit: DayUnit) -> Option<Date> {
    match unit {
        DayUnit::CalendarDay => from.checked_add(i64::from(days).days()).ok(),
        DayUnit::WorkingDay => {
            let (_, calendar) = law.clocks.as_ref()?;
            let from = Day::of(from);
            let within = calendar.first() <= from && from <= calendar.known_to();
            let number = within.then(|| calendar.count_through(from).checked_add(days))??;
            calendar.nth(number).map(Day::date)
        }
    }
}

fn text_good(text: &str) -> bool {
    (1..=REFERENCE_MAX).contains(&text.len())
        && !text.chars().any(char::is_control)
        && text.trim() == text
}

/// Whether a report can be one, whatever else is on record.
fn report_check(new: &NewReport<'_>, today: Date) -> Result<(), ReportError> {
    let report = &new.report;
    let texts = [
        ("reference", &report.reference),
        ("licence", &report.licence),
        ("line", &report.line),
        ("declaration", &report.declaration),
    ];
    if let Some((field, _)) = texts.into_iter().find(|(_, text)| !text_good(text)) {
        return Err(ReportError::Field(field));
    }
    if report.line.len() > 16 {
        return Err(ReportError::Field("line"));
    }
    // A day may be a day ahead of the authority's elsewhere on the globe.
    if report.day > today.tomorrow().unwrap_or(today) {
        return Err(ReportError::Day(report.day));
    }
    let of_authority = report.kind == ReportKind::Receipt;
    if of_authority != (new.teller == Teller::Authority) {
        return Err(ReportError::Teller(report.kind.code()));
    }
    if new.note.chars().count() > NOTE_MAX {
        return Err(ReportError::Note);
    }
    let units: BTreeSet<_> = report.quantities.iter().map(|of| &of.unit).collect();
    let each_once = units.len() == report.quantities.len();
    if !each_once || report.quantities.iter().any(|of| of.amount <= 0) {
        return Err(ReportError::Quantities);
    }
    Ok(())
}

fn record_of(new: &NewReport<'_>, owner_id: [u8; 16], day: Date) -> Option<HolderReportRecord> {
    let report = &new.report;
    Some(HolderReportRecord {
        owner_id,
        seq: 0,
        holder: new.holder.to_owned(),
        reference: report.reference.clone(),
        kind: report.kind.code().to_owned(),
        licence: report.licence.clone(),
        line: report.line.clone(),
        declaration: report.declaration.clone(),
        day: day.to_string(),
        quantities: serde_json::to_string(&report.quantities).ok()?,
        note: new.note.trim().to_owned(),
        replaces: new.replaces.to_owned(),
        account: new.account.to_owned(),
        at_us: new.at.us(),
    })
}

/// A stored report as the rules know it; nothing where it cannot be read.
fn report_of(law: &Law, record: &HolderReportRecord) -> Option<Report> {
    Some(Report {
        reference: record.reference.clone(),
        kind: ReportKind::parse(&record.kind)?,
        licence: record.licence.clone(),
        line: record.line.clone(),
        declaration: record.declaration.clone(),
        day: record.day.parse().ok()?,
        received: authority_day(law, Timestamp::from_us(record.at_us)),
        quantities: serde_json::from_str::<Vec<Quantity>>(&record.quantities).ok()?,
    })
}

impl Platform {
    /// Takes a report. The same report again has no effect.
    ///
    /// # Errors
    /// [`ReportError`]; then nothing is changed.
    pub fn holder_report_take(
        &self,
        law: &Law,
        new: &NewReport<'_>,
    ) -> Result<ReportTaken, ReportError> {
        report_check(new, authority_day(law, new.at))?;
        let holder = || ReportError::Holder(new.holder.to_owned());
        let mut aside = self.aside()?;
        aside.licensing_change(|change| {
            let read = change.read();
            let owner_id = read.owner(new.holder)?.ok_or_else(holder)?;
            let record = record_of(new, owner_id, new.report.day).ok_or(ReportError::Quantities)?;
            if let Some(there) = read.holder_report(owner_id, &record.reference)? {
                let same = HolderReportRecord {
                    seq: there.seq,
                    account: there.account.clone(),
                    at_us: there.at_us,
                    ..record.clone()
                };
                let taken = || ReportError::Taken(record.reference.clone());
                return if same == there { Ok(ReportTaken::Already) } else { Err(taken()) };
            }
            if !record.replaces.is_empty() {
                let wrong = || ReportError::Replaces(record.replaces.clone());
                let old = read.holder_report(owner_id, &record.replaces)?.ok_or_else(wrong)?;
                let receipt = |kind: &str| kind == ReportKind::Receipt.code();
                // Neither side replaces what the other told.
                let other = receipt(&old.kind) != receipt(&record.kind);
                if other || read.holder_report_replaced(owner_id, &old.reference)?.is_some() {
                    return Err(wrong());
                }
            }
            change.holder_report_add(&record)?;
            let body = event_body(&record);
            change.event(owner_id, STREAM, record.at_us, body.clone())?;
            change.audit(&NewAudit {
                at_us: record.at_us,
                account: new.account,
                action: "holder_reported",
                subject: new.holder,
                resource: &format!("licence:{}", record.licence),
                detail: &body,
            })?;
            Ok(ReportTaken::Recorded)
        })
    }

    /// What holders owe at an instant, by holder.
    ///
    /// # Errors
    /// [`LicenceError`] where the database refuses or what it holds cannot be read back.
    pub fn holder_duties(
        &self,
        law: &Law,
        whose: Whose<'_>,
        at: Timestamp,
    ) -> Result<Vec<HolderDuties>, LicenceError> {
        let licensed = self.licensed(whose, at)?;
        let records = {
            let reader = self.reader();
            let read = reader.licensing();
            match whose {
                Whose::All => read.holder_reports_all()?,
                Whose::Of(holder) => match read.owner(holder)? {
                    Some(owner_id) => read.holder_reports(owner_id)?,
                    None => Vec::new(),
                },
            }
        };
        Ok(duties_of(law, &licensed, &records, authority_day(law, at)))
    }

    /// How many reports there are: what is worked out of them is good as long as it stays.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn holder_reports_count(&self) -> Result<u64, PlatformError> {
        Ok(self.reader().licensing().holder_reports_count()?)
    }
}

fn event_body(record: &HolderReportRecord) -> String {
    serde_json::json!({
        "holder": record.holder,
        "reference": record.reference,
        "kind": record.kind,
        "licence": record.licence,
        "line": record.line,
        "declaration": record.declaration,
        "day": record.day,
        "quantities": serde_json::from_str::<serde_json::Value>(&record.quantities)
            .unwrap_or_default(),
        "note": record.note,
        "replaces": record.replaces,
    })
    .to_string()
}

/// What holders owe, given the licences and the reports.
fn duties_of(
    law: &Law,
    licensed: &Licensed,
    records: &[HolderReportRecord],
    as_of: Date,
) -> Vec<HolderDuties> {
    let rules = duty_rules(law);
    let mut by: BTreeMap<&str, Vec<&HolderReportRecord>> = BTreeMap::new();
    for of in licensed.drawn.iter().flatten() {
        by.entry(&of.holder).or_default();
    }
    for record in records {
        by.entry(&record.holder).or_default().push(record);
    }
    let of_holder = |(holder, records): (&str, Vec<&HolderReportRecord>)| {
        let replaced: BTreeMap<&str, &str> = records
            .iter()
            .filter(|record| !record.replaces.is_empty())
            .map(|record| (record.replaces.as_str(), record.reference.as_str()))
            .collect();
        let row = |record: &&HolderReportRecord| {
            Some(ReportRow {
                report: report_of(law, record)?,
                note: record.note.clone(),
                replaced_by: replaced.get(record.reference.as_str()).map(|by| (*by).to_owned()),
            })
        };
        let mut reports: Vec<ReportRow> = records.iter().filter_map(row).collect();
        let counting = reports.iter().filter(|row| row.replaced_by.is_none());
        let counting: Vec<Report> = counting.map(|row| row.report.clone()).collect();
        let drawn = licensed.drawn_by(holder);
        let day = |from, days, unit| last_day(law, from, days, unit);
        let mut answer = duties(&rules, &drawn, &counting, as_of, TOLERANCE_PPM, day);
        // Where customs does not tell what was drawn, a report cannot be without a draw-down.
        if licensed.drawn.is_none() {
            answer.findings.retain(|of| of.rule != LoopRule::ReportUnknown);
        }
        reports.reverse();
        HolderDuties { holder: holder.to_owned(), answer, reports }
    };
    by.into_iter().map(of_holder).collect()
}

/// Duties that are overdue, and what does not fit between draw-downs and reports, as findings of the
/// ledger, sorted as those are.
#[must_use]
pub fn duty_findings(all: &[HolderDuties]) -> Vec<LedgerFinding> {
    let mut found = Vec::new();
    for of in all {
        let overdue = of.answer.duties.iter().filter(|duty| duty.state == DutyState::Overdue);
        found.extend(overdue.map(|duty| overdue_finding(&of.holder, duty)));
        found.extend(of.answer.findings.iter().map(|gap| loop_finding(&of.holder, gap)));
    }
    found.sort_unstable();
    found
}

fn about(holder: &str, rule: &'static str, severity: Severity) -> LedgerFinding {
    LedgerFinding {
        rule,
        severity,
        party: holder.to_owned(),
        site: String::new(),
        lots: Vec::new(),
        filings: Vec::new(),
        element: String::new(),
        size: 0,
        expected: String::new(),
        observed: String::new(),
        explanation: String::new(),
        score: Score::of(severity, 1, 1),
    }
}

fn overdue_finding(holder: &str, duty: &DutyOf) -> LedgerFinding {
    let last = duty.last_day.map(|day| day.to_string()).unwrap_or_default();
    let what = duty.report.code();
    LedgerFinding {
        expected: last.clone(),
        explanation: format!(
            "the report of {what} of declaration {} on {}/{} was due by {last}; what clears it: the report",
            duty.declaration, duty.licence, duty.line
        ),
        ..about(holder, "duty_overdue", Severity::Warning)
    }
}

fn loop_finding(holder: &str, gap: &LoopFinding) -> LedgerFinding {
    let severity = match gap.rule {
        LoopRule::ReceiptShort | LoopRule::ReceiptBeyond | LoopRule::ReimportBeyond => {
            Severity::Error
        }
        LoopRule::ReportUnknown
        | LoopRule::ReportBefore
        | LoopRule::InstalledBeyond
        | LoopRule::UnitOther => Severity::Warning,
    };
    let what = match gap.rule {
        LoopRule::ReportUnknown => "was reported, and nothing was drawn down",
        LoopRule::ReportBefore => "was reported with a day before its draw-down",
        LoopRule::ReceiptShort => "was drawn down, and less arrived or came back",
        LoopRule::ReceiptBeyond => "was drawn down, and more arrived",
        LoopRule::ReimportBeyond => "came back with more than was drawn down",
        LoopRule::InstalledBeyond => "was installed with more than arrived",
        LoopRule::UnitOther => "was reported in a unit in which nothing was drawn down",
    };
    LedgerFinding {
        expected: gap.expected.clone(),
        observed: gap.observed.clone(),
        explanation: format!(
            "declaration {} on {}/{} {what} (reports: {}); what clears it: a report that replaces a wrong \
             one, or a draw-down corrected by customs",
            gap.declaration,
            gap.licence,
            gap.line,
            gap.reports.join(", ")
        ),
        ..about(holder, gap.rule.code(), severity)
    }
}

#[cfg(test)]
#[path = "duties_tests.rs"]
mod tests;
