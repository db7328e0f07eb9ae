//! `party_lists.toml` and `duties.toml`: lists of parties, reporting duties, records.

use std::collections::BTreeSet;

use base::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use super::Regime;
use super::licence_types::{once, refers, span};
use super::quotas::{QuotaEntry, quota};
use crate::clock::{ClockRules, Unit};
use crate::fact::{Confidence, Fact};
use crate::fault::PackFault;
use crate::files::PackFiles;
use crate::settings::Settings;
use crate::table::{Lined, fault};

const LISTS: &str = "party_lists.toml";
pub(super) const DUTIES: &str = "duties.toml";

/// What follows from a party's being listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyEffect {
    /// Exports to it are forbidden.
    Prohibit,
    /// Exports to it are restricted.
    Restrict,
    /// Exports under way are suspended.
    SuspendExport,
    /// A licence is needed where none was.
    LicenceRequired,
    /// Applications are refused in principle.
    RefusalInPrinciple,
    /// No limit of time holds for the decision.
    NoClock,
    /// A report on the risk, or a promise, is needed.
    RiskReport,
}

/// A list of parties.
#[derive(Debug, Clone)]
pub struct PartyList {
    /// Its code.
    pub id: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// What follows.
    pub effects: Vec<PartyEffect>,
    /// Kinds of licences that are barred.
    pub bars: Vec<String>,
    /// The event of a case by which the clocks know it.
    pub event: Option<String>,
    /// How one gets on it.
    pub entry: String,
    /// How one gets off it.
    pub exit: String,
    /// What is possible nevertheless.
    pub exception: String,
    /// A party owned by listed ones to at least this share, in percent, is as listed.
    pub ownership_at_least_percent: Option<u32>,
    /// The rule of ownership.
    pub ownership_citation: String,
    /// The rule.
    pub fact: Fact,
}

/// How often a duty comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportPeriod {
    /// For each month.
    Month,
    /// For each year.
    Year,
    /// For each event.
    Event,
}

/// What must be reported.
#[derive(Debug, Clone)]
pub struct Duty {
    /// Its code.
    pub id: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Whose duty it is.
    pub who: Vec<String>,
    /// What is reported.
    pub what: String,
    /// How often.
    pub period: ReportPeriod,
    /// The day of the month after the period on which it is due.
    pub due_day: Option<i8>,
    /// Within how many days of the event.
    pub within: Option<(u32, Unit)>,
    /// What a breach costs, as the id of a penalty.
    pub penalty: Option<String>,
    /// What is reported of each draw-down of a licence; empty where the duty is not about licences.
    pub reports: Vec<HolderReport>,
    /// The report whose day starts the time; nothing where the event itself does.
    pub after: Option<HolderReport>,
    /// The rule.
    pub fact: Fact,
}

/// What the holder of a licence reports after the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderReport {
    /// On its way.
    Transport,
    /// With the end user.
    Arrival,
    /// Installed.
    Installation,
    /// In use.
    Use,
    /// What the other side received.
    Receipt,
    /// Came back.
    Reimport,
}

impl Duty {
    /// The last day for the report of the month or year that a date lies in; nothing where the duty knows no
    /// such day.
    #[must_use]
    pub fn due(&self, within_period: Date) -> Option<Date> {
        let day = self.due_day?;
        let last = match self.period {
            ReportPeriod::Month => within_period.last_of_month(),
            ReportPeriod::Year => within_period.last_of_year(),
            ReportPeriod::Event => return None,
        };
        let next = last.tomorrow().ok()?;
        next.checked_add((day - 1).days()).ok()
    }
}

/// What must be kept.
#[derive(Debug, Clone)]
pub struct RecordDuty {
    /// Its code.
    pub id: String,
    /// What.
    pub name_en: String,
    /// What, in Chinese.
    pub name_zh: String,
    /// How long at least.
    pub keep_at_least: Option<Span>,
    /// The rule.
    pub fact: Fact,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListEntry {
    id: String,
    name_en: String,
    name_zh: String,
    effects: Vec<PartyEffect>,
    #[serde(default)]
    bars: Vec<String>,
    event: Option<String>,
    entry: String,
    exit: String,
    #[serde(default)]
    exception: String,
    ownership_at_least_percent: Option<u32>,
    #[serde(default)]
    ownership_citation: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DutyEntry {
    id: String,
    name_en: String,
    name_zh: String,
    who: Vec<String>,
    what: String,
    period: ReportPeriod,
    due_day: Option<i8>,
    within_days: Option<u32>,
    within_unit: Option<Unit>,
    penalty: Option<String>,
    #[serde(default)]
    reports: Vec<HolderReport>,
    after: Option<HolderReport>,
    citation: String,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordEntry {
    id: String,
    name_en: String,
    name_zh: String,
    keep_at_least: String,
    citation: String,
    source: String,
    confidence: Confidence,
}

/// Reads both files into the regime, whose kinds of licences and penalties are there.
pub(super) fn read(
    files: &PackFiles,
    regime: &mut Regime,
    clocks: Option<&ClockRules>,
    faults: &mut Vec<PackFault>,
) {
    if let Some(settings) = Settings::read(files, LISTS, &["party_list"], faults) {
        let entries: Vec<Lined<ListEntry>> = settings.many("party_list", faults);
        once(LISTS, entries.iter().map(|(line, e)| (*line, e.id.as_str())), faults);
        regime.party_lists = entries
            .into_iter()
            .map(|(line, e)| party_list(line, e, regime, clocks, faults))
            .collect();
    }
    let Some(settings) = Settings::read(files, DUTIES, &["duty", "record", "quota"], faults) else {
        return;
    };
    let duties: Vec<Lined<DutyEntry>> = settings.many("duty", faults);
    let records: Vec<Lined<RecordEntry>> = settings.many("record", faults);
    let quotas: Vec<Lined<QuotaEntry>> = settings.many("quota", faults);
    once(DUTIES, duties.iter().map(|(line, e)| (*line, e.id.as_str())), faults);
    once(DUTIES, records.iter().map(|(line, e)| (*line, e.id.as_str())), faults);
    once(DUTIES, quotas.iter().map(|(line, e)| (*line, e.id.as_str())), faults);
    let penalties: BTreeSet<String> = regime.penalties.iter().map(|p| p.id.clone()).collect();
    let named = duties.iter().map(|(line, e)| (line, &e.penalty));
    for (line, penalty) in named.chain(quotas.iter().map(|(line, e)| (line, &e.penalty))) {
        penalty.iter().for_each(|id| refers(DUTIES, *line, "penalty", id, &penalties, faults));
    }
    regime.duties = duties.into_iter().map(|(line, entry)| duty(line, entry, faults)).collect();
    let record = |(line, e): Lined<RecordEntry>| RecordDuty {
        keep_at_least: span(DUTIES, line, "keep_at_least", Some(e.keep_at_least), faults),
        id: e.id,
        name_en: e.name_en,
        name_zh: e.name_zh,
        fact: Fact { citation: e.citation, source: e.source, confidence: e.confidence },
    };
    regime.records = records.into_iter().map(record).collect();
    regime.quotas = quotas.into_iter().map(|entry| quota(entry, faults)).collect();
}

fn party_list(
    line: u32,
    entry: ListEntry,
    regime: &Regime,
    clocks: Option<&ClockRules>,
    faults: &mut Vec<PackFault>,
) -> PartyList {
    let types: BTreeSet<String> = regime.licence_types.iter().map(|l| l.id.clone()).collect();
    entry.bars.iter().for_each(|id| refers(LISTS, line, "bars", id, &types, faults));
    if let (Some(event), Some(clocks)) = (&entry.event, clocks) {
        let kinds: BTreeSet<String> = clocks.events.iter().map(|kind| kind.id.clone()).collect();
        refers(LISTS, line, "event", event, &kinds, faults);
    }
    if entry.ownership_at_least_percent.is_some_and(|percent| percent == 0 || percent > 100) {
        let message = "the share of ownership is none".to_owned();
        let field = "ownership_at_least_percent";
        faults.push(fault(LISTS, line, field, "out_of_range", message, "1 to 100"));
    }
    if entry.effects.contains(&PartyEffect::NoClock) && entry.event.is_none() {
        let message = format!("`{}` takes away the clock, and no event says so", entry.id);
        let accepted = "the event by which the clocks know it";
        faults.push(fault(LISTS, line, "event", "event_missing", message, accepted));
    }
    PartyList {
        id: entry.id,
        name_en: entry.name_en,
        name_zh: entry.name_zh,
        effects: entry.effects,
        bars: entry.bars,
        event: entry.event,
        entry: entry.entry,
        exit: entry.exit,
        exception: entry.exception,
        ownership_at_least_percent: entry.ownership_at_least_percent,
        ownership_citation: entry.ownership_citation,
        fact: Fact { citation: entry.citation, source: entry.source, confidence: entry.confidence },
    }
}

fn duty(line: u32, entry: DutyEntry, faults: &mut Vec<PackFault>) -> Duty {
    if entry.due_day.is_some_and(|day| !(1..=28).contains(&day)) {
        let message = format!("`{}` is due on a day that not every month has", entry.id);
        faults.push(fault(DUTIES, line, "due_day", "out_of_range", message, "1 to 28"));
    }
    if entry.due_day.is_some() != (entry.period != ReportPeriod::Event) {
        let message = format!("`{}` must say when it is due", entry.id);
        let accepted = "due_day exactly where the period is a month or a year";
        faults.push(fault(DUTIES, line, "due_day", "due_wrong", message, accepted));
    }
    if entry.within_days.is_some() != entry.within_unit.is_some() {
        let message = format!("`{}` must say in what it counts", entry.id);
        let accepted = "within_days together with within_unit";
        faults.push(fault(DUTIES, line, "within_unit", "due_wrong", message, accepted));
    }
    let of_event = entry.period == ReportPeriod::Event;
    if entry.after.is_some_and(|after| entry.reports.is_empty() || entry.reports.contains(&after))
        || !(entry.reports.is_empty() || of_event)
    {
        let message = format!("`{}` waits for a report that does not come before it", entry.id);
        let accepted = "reports of an event, and after that names another report";
        faults.push(fault(DUTIES, line, "after", "due_wrong", message, accepted));
    }
    Duty {
        id: entry.id,
        name_en: entry.name_en,
        name_zh: entry.name_zh,
        who: entry.who,
        what: entry.what,
        period: entry.period,
        due_day: entry.due_day,
        within: entry.within_days.zip(entry.within_unit),
        penalty: entry.penalty,
        reports: entry.reports,
        after: entry.after,
        fact: Fact { citation: entry.citation, source: entry.source, confidence: entry.confidence },
    }
}
