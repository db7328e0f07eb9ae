//! The proof of a clock: every day from day zero on, whether it counts, and why.

use super::instances::day_before_first;
use super::rules::{ClockRule, ClockRules, DayRule, Unit};
use super::stops::StopPeriod;
use super::{Clock, Reckoning};
use crate::calendar::{Calendar, Exception};
use crate::day::Day;

/// A proof longer than eleven years is cut here; whoever reads further has lost the case.
const DAYS_AT_MOST: i32 = 4_018;

/// One day of a proof.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ProofDay {
    /// The day.
    pub date: base::Date,
    /// Whether it counts.
    pub counts: bool,
    /// How many days have been counted through it.
    pub number: u32,
    /// Why, as a stable code.
    pub code: &'static str,
    /// Why, in words.
    pub why: String,
}

/// Accounts for the days of a clock, from day zero to its due date, its end or today, whichever is last.
///
/// Beyond the published calendar the days follow the weekly pattern, and say so.
#[must_use]
pub fn proof(
    rules: &ClockRules,
    calendar: &Calendar,
    reckoning: &Reckoning,
    clock: &Clock,
) -> Vec<ProofDay> {
    let rule = &rules.clocks[clock.rule];
    let over = clock.ended.map_or(reckoning.today, |(day, _)| day);
    let last = clock.due.latest().or(clock.due.earliest()).unwrap_or(over).max(over);
    let last = last.min(clock.starts.plus(DAYS_AT_MOST));
    let writer = Writer { rules, calendar, reckoning, clock, rule };
    let mut number = 0;
    (clock.starts.0..=last.0.min(Day::LAST.0))
        .map(Day)
        .map(|day| {
            let (counts, code, why) = writer.day(day);
            number += u32::from(counts);
            ProofDay { date: day.date(), counts, number, code, why }
        })
        .collect()
}

struct Writer<'a> {
    rules: &'a ClockRules,
    calendar: &'a Calendar,
    reckoning: &'a Reckoning,
    clock: &'a Clock,
    rule: &'a ClockRule,
}

impl Writer<'_> {
    fn day(&self, day: Day) -> (bool, &'static str, String) {
        if day == self.clock.starts && self.rule.day_zero == DayRule::NotCounted {
            let started = self.started();
            return (
                false,
                "day_zero",
                format!("day zero ({started}): counting begins the day after"),
            );
        }
        if let Some((removed, event)) = self.clock.removed.filter(|(removed, _)| day >= *removed) {
            let kind = self.kind(event);
            return (false, "no_limit", format!("no limit since {}: {kind}", removed.date()));
        }
        let after = day_before_first(self.rule, self.clock.starts);
        if day > after && self.clock.excluded.iter().any(|period| period.holds(day)) {
            return (false, "stopped", self.stopped(day));
        }
        let (counts, code, why) = self.calendar_day(day);
        match self.without_effect(day) {
            Some(said) if counts => (counts, "stop_without_notice", format!("{why}; {said}")),
            _ => (counts, code, why),
        }
    }

    fn started(&self) -> String {
        let kind = self.kind(self.clock.started_by);
        if self.clock.deemed { format!("{kind}, deemed accepted") } else { kind.to_owned() }
    }

    fn kind(&self, event: usize) -> &str {
        let kind = self.reckoning.kinds.get(event).copied().unwrap_or(0);
        &self.rules.events[kind].name_en
    }

    fn stopped(&self, day: Day) -> String {
        let holding = self.stops().filter(|(stop, period)| stop.effective && period.holds(day));
        let names: Vec<String> = holding
            .map(|(stop, _)| {
                let rule = &self.rules.stops[stop.rule];
                let notice = stop.notice_days.map_or(String::new(), |days| {
                    let unit = super::stops::unit_words(rule.notice_unit);
                    format!(", written notice of {days} {unit}")
                });
                format!(
                    "{} since {}{notice} ({})",
                    rule.name_en,
                    stop.begins.date(),
                    rule.fact.citation
                )
            })
            .collect();
        format!("stopped: {}", names.join("; "))
    }

    fn stops(&self) -> impl Iterator<Item = (&StopPeriod, super::Period)> {
        let ended = self.clock.ended.map(|(day, _)| day);
        let known = self.reckoning.stops.iter().filter(|s| self.rule.stops.contains(&s.rule));
        known.filter_map(move |stop| {
            let rule = &self.rules.stops[stop.rule];
            stop.excludes(rule, stop.ends.or(ended)).map(|period| (stop, period))
        })
    }

    /// What a stop without notice would have done on the day.
    fn without_effect(&self, day: Day) -> Option<String> {
        let (stop, _) = self.stops().find(|(stop, period)| !stop.effective && period.holds(day))?;
        let rule = &self.rules.stops[stop.rule];
        Some(format!(
            "{} of {} does not stop the clock: no written notice of its length ({})",
            rule.name_en,
            stop.begins.date(),
            rule.fact.citation
        ))
    }

    fn calendar_day(&self, day: Day) -> (bool, &'static str, String) {
        if self.rule.unit == Unit::CalendarDay {
            return (true, "calendar_day", "calendar day".to_owned());
        }
        if day > self.calendar.known_to() {
            let year = day.year();
            let words = if self.calendar.weekly(day) { "a weekday" } else { "a rest day" };
            let why = format!("{words}; the calendar of {year} is not published: provisional");
            return (self.calendar.weekly(day), "unpublished", why);
        }
        match self.calendar.exception(day) {
            Some(entry) if entry.kind == Exception::MakeUpWorkday => {
                (true, "make_up_workday", format!("make-up working day for {}", entry.name))
            }
            Some(entry) => (false, "public_holiday", format!("public holiday: {}", entry.name)),
            None if self.calendar.weekly(day) => (true, "working_day", "working day".to_owned()),
            None => (false, "rest_day", "weekly rest day".to_owned()),
        }
    }
}
