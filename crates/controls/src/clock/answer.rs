//! The answer of the clocks, in the shape of the interface: one document for a case.

use base::Date;
use serde::Serialize;

use super::due::Due;
use super::proof::{ProofDay, proof};
use super::rules::{Binding, Breach, ClockRules, Unit};
use super::{Clock, Event, Reckoning, State};
use crate::calendar::Calendar;
use crate::fact::Confidence;

/// All clocks of a case.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// The pack.
    pub pack: String,
    /// As of when, RFC 3339 in UTC; nothing where there is no event.
    pub now: Option<String>,
    /// The zone whose days are counted.
    pub zone: String,
    /// The last day of the published calendar.
    pub calendar_known_to: Date,
    /// The clocks.
    pub clocks: Vec<ClockAnswer>,
    /// Elapsed days of each agency that was asked.
    pub agencies: Vec<AgencyAnswer>,
    /// The stops, with or without effect.
    pub stops: Vec<StopAnswer>,
    /// Contradictions and other things to note.
    pub findings: Vec<FindingAnswer>,
}

/// One run of a clock.
#[derive(Debug, Clone, Serialize)]
pub struct ClockAnswer {
    /// Which clock.
    pub clock: String,
    /// The how-manieth run.
    pub number: u32,
    /// The agency whose days are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// What it is called.
    pub name_en: String,
    /// What it is called, in Chinese.
    pub name_zh: String,
    /// Day zero.
    pub starts: Date,
    /// The event that started it.
    pub started_by: String,
    /// Whether the law deemed the start to have happened.
    pub deemed: bool,
    /// The last day in time; nothing where there is none or it is not certain.
    pub due_date: Option<Date>,
    /// The earliest possible due date, where it is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_earliest: Option<Date>,
    /// The latest possible due date, where it is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_latest: Option<Date>,
    /// The due date if the open stop takes as long as its notice says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_by_notice: Option<Date>,
    /// Whether a date rests on an unpublished calendar.
    pub provisional: bool,
    /// Days of the limit.
    pub limit: Option<u32>,
    /// What is counted.
    pub unit: Unit,
    /// Working days used; nothing where calendar days are counted or the calendar is not published.
    pub working_days_used: Option<u32>,
    /// Working days left; nothing without a limit too.
    pub working_days_left: Option<u32>,
    /// Days of the unit used, at least.
    pub days_used: u32,
    /// Days of the unit used, at most; they differ only beyond the published calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_used_at_most: Option<u32>,
    /// Days of the unit left, by the days used at least.
    pub days_left: Option<u32>,
    /// How it stands.
    pub state: State,
    /// The day that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Date>,
    /// The event that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// The event that took it out of its limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_by: Option<String>,
    /// What follows when the limit passes.
    pub on_breach: Breach,
    /// The first day after the limit passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breached_on: Option<Date>,
    /// Whether the limit binds.
    pub binding: Binding,
    /// The rule, as one cites it.
    pub rule: String,
    /// What else to know about the rule.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Where the rule was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Every day; empty where no proof was asked for.
    pub proof: Vec<ProofDay>,
}

/// Days that an agency has had.
#[derive(Debug, Clone, Serialize)]
pub struct AgencyAnswer {
    /// Its name.
    pub agency: String,
    /// The clock that counts its days.
    pub clock: String,
    /// When it was asked.
    pub starts: Date,
    /// Days elapsed, in the unit of the clock.
    pub days_elapsed: u32,
    /// What is counted.
    pub unit: Unit,
    /// How its clock stands.
    pub state: State,
    /// What its silence means.
    pub silence: Breach,
}

/// A stop.
#[derive(Debug, Clone, Serialize)]
pub struct StopAnswer {
    /// Which stop.
    pub stop: String,
    /// The day on which it began.
    pub begins: Date,
    /// The day on which it ended; nothing while it is open.
    pub ends: Option<Date>,
    /// The length that its notice gave.
    pub notice_days: Option<u32>,
    /// The day on which the notice runs out.
    pub notice_ends: Option<Date>,
    /// Whether it stops the clocks that know it.
    pub effective: bool,
    /// The rule.
    pub rule: String,
}

/// Something to note about an event.
#[derive(Debug, Clone, Serialize)]
pub struct FindingAnswer {
    /// Stable code.
    pub code: &'static str,
    /// The line of the event.
    pub line: u32,
    /// Its instant, as RFC 3339 in UTC.
    pub at: String,
    /// Its kind.
    pub event: String,
    /// What is the matter.
    pub message: String,
}

/// Whether the days are accounted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proofs {
    /// Every day of every clock.
    Every,
    /// None: dates and states alone.
    None,
}

/// Puts a reckoning into the shape of the interface, with proofs where asked.
#[must_use]
pub fn answer(
    pack: &str,
    rules: &ClockRules,
    calendar: &Calendar,
    events: &[Event],
    reckoning: &Reckoning,
    proofs: Proofs,
) -> Answer {
    let writer = Writer { rules, calendar, events, reckoning, proofs };
    let stops = reckoning.stops.iter().map(|stop| {
        let rule = &rules.stops[stop.rule];
        StopAnswer {
            stop: rule.id.clone(),
            begins: stop.begins.date(),
            ends: stop.ends.map(|day| day.date()),
            notice_days: stop.notice_days,
            notice_ends: stop.notice_ends.map(|day| day.date()),
            effective: stop.effective,
            rule: rule.fact.citation.clone(),
        }
    });
    let findings = reckoning.findings.iter().map(|finding| FindingAnswer {
        code: finding.code,
        line: events[finding.event].line,
        at: events[finding.event].at.to_string(),
        event: writer.kind(finding.event),
        message: finding.message.clone(),
    });
    Answer {
        pack: pack.to_owned(),
        now: reckoning.now.map(|now| now.to_string()),
        zone: calendar.zone_name().to_owned(),
        calendar_known_to: calendar.known_to().date(),
        clocks: reckoning.clocks.iter().map(|clock| writer.clock(clock)).collect(),
        agencies: reckoning.clocks.iter().filter_map(|clock| writer.agency(clock)).collect(),
        stops: stops.collect(),
        findings: findings.collect(),
    }
}

struct Writer<'a> {
    rules: &'a ClockRules,
    calendar: &'a Calendar,
    events: &'a [Event],
    reckoning: &'a Reckoning,
    proofs: Proofs,
}

impl Writer<'_> {
    fn kind(&self, event: usize) -> String {
        self.rules.events[self.events[event].kind].id.clone()
    }

    fn agency(&self, clock: &Clock) -> Option<AgencyAnswer> {
        let rule = &self.rules.clocks[clock.rule];
        clock.agency.as_ref().map(|agency| AgencyAnswer {
            agency: agency.clone(),
            clock: rule.id.clone(),
            starts: clock.starts.date(),
            days_elapsed: clock.used.0,
            unit: rule.unit,
            state: clock.state,
            silence: rule.on_breach,
        })
    }

    fn clock(&self, clock: &Clock) -> ClockAnswer {
        let rule = &self.rules.clocks[clock.rule];
        let (least, most) = clock.used;
        let limited = rule.limit.filter(|_| clock.state != State::Unlimited);
        let days_left = limited.map(|limit| limit.saturating_sub(least));
        let working =
            |days: Option<u32>| days.filter(|_| rule.unit == Unit::WorkingDay && least == most);
        // While stopped, the earliest is what an end today would give.
        let shown = clock.due_if_resumed.unwrap_or(clock.due);
        let uncertain = !matches!(clock.due, Due::On(_));
        let bound = |day: Option<crate::Day>| day.filter(|_| uncertain).map(|day| day.date());
        let latest = if clock.due_if_resumed.is_some() { None } else { clock.due.latest() };
        let by_notice = clock.due_by_notice.and_then(Due::latest);
        let between = |due: Due| matches!(due, Due::Between { .. });
        ClockAnswer {
            clock: rule.id.clone(),
            number: clock.number,
            agency: clock.agency.clone(),
            name_en: rule.name_en.clone(),
            name_zh: rule.name_zh.clone(),
            starts: clock.starts.date(),
            started_by: self.kind(clock.started_by),
            deemed: clock.deemed,
            due_date: match clock.due {
                Due::On(day) => Some(day.date()),
                _ => None,
            },
            due_date_earliest: bound(shown.earliest()),
            due_date_latest: bound(latest),
            due_date_by_notice: by_notice.map(|day| day.date()),
            provisional: between(shown)
                || clock.due_by_notice.is_some_and(between)
                || least != most,
            limit: rule.limit,
            unit: rule.unit,
            working_days_used: working(Some(least)),
            working_days_left: working(days_left),
            days_used: least,
            days_used_at_most: (most != least).then_some(most),
            days_left,
            state: clock.state,
            ended: clock.ended.map(|(day, _)| day.date()),
            ended_by: clock.ended.map(|(_, event)| self.kind(event)),
            removed_by: clock.removed.map(|(_, event)| self.kind(event)),
            on_breach: rule.on_breach,
            breached_on: clock.breached_on.map(|day| day.date()),
            binding: rule.binding,
            rule: rule.fact.citation.clone(),
            note: rule.note.clone(),
            source: rule.fact.source.clone(),
            confidence: rule.fact.confidence,
            proof: match self.proofs {
                Proofs::Every => proof(self.rules, self.calendar, self.reckoning, clock),
                Proofs::None => Vec::new(),
            },
        }
    }
}
