//! Stops of the clock: pairs of events, with or without the written notice that gives them effect.

use super::due::Count;
use super::rules::{ClockRules, DayRule, LastDay, Notice, StopRule, Unit};
use super::{Event, Finding, Placed};
use crate::calendar::Calendar;
use crate::day::Day;

/// Days from the first to the last, both within.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The first day.
    pub first: Day,
    /// The last day; [`Day::NEVER`] while it has no end.
    pub last: Day,
}

impl Period {
    /// Whether the day lies within.
    #[must_use]
    pub fn holds(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }
}

/// One stop of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopPeriod {
    /// Which rule, as its place among the stops.
    pub rule: usize,
    /// The event that began it.
    pub begun_by: usize,
    /// Its day.
    pub begins: Day,
    /// The event that ended it, or closed the case meanwhile.
    pub ended_by: Option<usize>,
    /// Its day; nothing while it is open.
    pub ends: Option<Day>,
    /// The length that the notice gave.
    pub notice_days: Option<u32>,
    /// The day on which the notice runs out.
    pub notice_ends: Option<Day>,
    /// Whether it stops a clock.
    pub effective: bool,
}

impl StopPeriod {
    /// The days that it excludes if it ends on the day given (never, where there is none).
    #[must_use]
    pub fn excludes(&self, rule: &StopRule, ends: Option<Day>) -> Option<Period> {
        let first = self.begins.plus(i32::from(rule.begin_day == DayRule::Counted));
        let last = match ends {
            None => Day::NEVER,
            Some(ends) => ends.plus(-i32::from(rule.end_day == DayRule::Counted)),
        };
        (first <= last).then_some(Period { first, last })
    }
}

/// Pairs the events of every stop.
pub(crate) fn pair(
    rules: &ClockRules,
    calendar: &Calendar,
    events: &[Event],
    placed: &[Placed],
    findings: &mut Vec<Finding>,
) -> Vec<StopPeriod> {
    let mut stops = Vec::new();
    for (index, rule) in rules.stops.iter().enumerate() {
        let mut open: Option<StopPeriod> = None;
        for step in placed.iter().filter(|step| !step.void) {
            if step.kind == rule.begin {
                let next = begun(index, rule, calendar, &events[step.event], step);
                if !next.effective {
                    let message = format!(
                        "`{}` came without a written notice of its length and stops nothing ({})",
                        rule.id, rule.fact.citation
                    );
                    findings.push(Finding {
                        code: "stop_without_notice",
                        event: step.event,
                        message,
                    });
                }
                let Some(earlier) = open.take() else {
                    open = Some(next);
                    continue;
                };
                let message = format!("`{}` began again before it ended", rule.id);
                findings.push(Finding { code: "stop_begun_twice", event: step.event, message });
                // A notice that comes later gives the stop effect from then on.
                let cured = next.effective && !earlier.effective;
                open = Some(if cured {
                    stops.push(StopPeriod { ends: Some(step.day), ended_by: None, ..earlier });
                    next
                } else {
                    earlier
                });
            } else if step.kind == rule.end {
                match open.take() {
                    Some(stop) => stops.push(ended(stop, rule, step, findings)),
                    None => {
                        let message = format!("`{}` ends without having begun", rule.id);
                        let code = "stop_end_without_begin";
                        findings.push(Finding { code, event: step.event, message });
                    }
                }
            } else if rules.events[step.kind].closes
                && let Some(stop) = open.take()
            {
                let message = format!("`{}` had not ended when the case was closed", rule.id);
                findings.push(Finding { code: "stop_never_ended", event: step.event, message });
                let closed =
                    StopPeriod { ends: Some(step.day), ended_by: Some(step.event), ..stop };
                stops.push(closed);
            }
        }
        stops.extend(open);
    }
    stops
}

fn begun(
    index: usize,
    rule: &StopRule,
    calendar: &Calendar,
    event: &Event,
    step: &Placed,
) -> StopPeriod {
    let count =
        Count { calendar, unit: rule.notice_unit, last_day: LastDay::AsItFalls, excluded: &[] };
    let notice_ends = event.notice_days.and_then(|days| {
        let due = count.due(step.day, days);
        due.latest().or(due.earliest())
    });
    StopPeriod {
        rule: index,
        begun_by: step.event,
        begins: step.day,
        ended_by: None,
        ends: None,
        notice_days: event.notice_days,
        notice_ends,
        effective: rule.notice == Notice::NotRequired || event.notice_days.is_some(),
    }
}

fn ended(
    stop: StopPeriod,
    rule: &StopRule,
    step: &Placed,
    findings: &mut Vec<Finding>,
) -> StopPeriod {
    if let Some(notice_ends) = stop.notice_ends.filter(|day| step.day > *day) {
        let message = format!(
            "`{}` took longer than its notice, which ran to {}",
            rule.id,
            notice_ends.date()
        );
        findings.push(Finding { code: "stop_longer_than_notice", event: step.event, message });
    }
    StopPeriod { ends: Some(step.day), ended_by: Some(step.event), ..stop }
}

/// The days excluded after `after`, merged and in order, where open stops end as `open_ends` says.
pub(crate) fn excluded(
    rules: &ClockRules,
    stops: &[StopPeriod],
    known: &[usize],
    after: Day,
    open_ends: impl Fn(&StopPeriod) -> Option<Day>,
) -> Vec<Period> {
    let mut periods: Vec<Period> = stops
        .iter()
        .filter(|stop| stop.effective && known.contains(&stop.rule))
        .filter_map(|stop| {
            let ends = stop.ends.or_else(|| open_ends(stop));
            stop.excludes(&rules.stops[stop.rule], ends)
        })
        .filter(|period| period.last > after)
        .map(|period| Period { first: period.first.max(after.plus(1)), ..period })
        .collect();
    periods.sort_unstable();
    periods.dedup_by(|next, merged| {
        let touches = merged.last == Day::NEVER || next.first <= merged.last.plus(1);
        if touches {
            merged.last = merged.last.max(next.last);
        }
        touches
    });
    periods
}

/// The unit's name in a sentence.
pub(crate) fn unit_words(unit: Unit) -> &'static str {
    match unit {
        Unit::WorkingDay => "working days",
        Unit::CalendarDay => "calendar days",
    }
}
