//! From events to clocks: what starts a clock, what ends it, what takes it out of its limit, and what follows
//! when the limit passes.

use super::due::{Count, Due};
use super::rules::{Breach, ClockRule, ClockRules, DayRule, Per};
use super::stops::{self, StopPeriod};
use super::{Clock, Event, Finding, Placed, State};
use crate::calendar::Calendar;
use crate::day::Day;

/// A case whose events lie on their days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) rules: &'a ClockRules,
    pub(crate) calendar: &'a Calendar,
    pub(crate) events: &'a [Event],
    pub(crate) placed: &'a [Placed],
    pub(crate) stops: &'a [StopPeriod],
    pub(crate) today: Day,
}

/// An event as the clocks see it; a deemed one stands directly behind the event from whose day it counts.
#[derive(Debug, Clone, Copy)]
struct Step {
    event: usize,
    kind: usize,
    day: Day,
    void: bool,
    deemed: bool,
}

/// Finds what cannot be: events before those they follow, repetitions, and events of a closed case.
pub(crate) fn contradictions(
    rules: &ClockRules,
    events: &[Event],
    placed: &mut [Placed],
    findings: &mut Vec<Finding>,
) {
    let mut seen = vec![false; rules.events.len()];
    let mut once = vec![false; rules.events.len()];
    let mut closed: Option<usize> = None;
    for step in placed {
        let kind = &rules.events[step.kind];
        let mut say = |code, message| findings.push(Finding { code, event: step.event, message });
        if !kind.after.is_empty() && !kind.after.iter().any(|&before| seen[before]) {
            let before: Vec<&str> =
                kind.after.iter().map(|&k| rules.events[k].id.as_str()).collect();
            say("out_of_order", format!("`{}` came before `{}`", kind.id, before.join("` or `")));
        }
        if kind.reopens {
            if closed.take().is_none() {
                step.void = true;
                say("reopened_while_open", format!("`{}`, but the case was not closed", kind.id));
            } else {
                once.fill(false);
            }
        } else if let Some(by) = closed.filter(|_| !kind.after_close) {
            step.void = true;
            let by = &rules.events[by].id;
            say("after_close", format!("`{}` came after `{by}` had closed the case", kind.id));
        } else if kind.once && once[step.kind] {
            step.void = true;
            say("repeated", format!("`{}` happens once and came again", kind.id));
        }
        if !step.void {
            seen[step.kind] = true;
            once[step.kind] = true;
            if kind.closes {
                closed = Some(step.kind);
            }
        }
    }
    debug_assert!(findings.iter().all(|finding| finding.event < events.len()));
}

/// All clocks of a case.
pub(crate) fn clocks(case: &Case<'_>, findings: &mut Vec<Finding>) -> Vec<Clock> {
    let mut steps: Vec<Step> = Vec::with_capacity(case.placed.len() + 1);
    steps.extend(case.placed.iter().map(|placed| Step {
        event: placed.event,
        kind: placed.kind,
        day: placed.day,
        void: placed.void,
        deemed: false,
    }));
    let mut clocks = Vec::new();
    for rule in 0..case.rules.clocks.len() {
        let runs = runs(case, rule, &steps, findings);
        for run in &runs {
            deem(case, run, &mut steps, findings);
        }
        clocks.extend(runs);
    }
    clocks
}

/// Inserts the event that the law deems to have happened because a limit passed.
fn deem(case: &Case<'_>, run: &Clock, steps: &mut Vec<Step>, findings: &mut Vec<Finding>) {
    let rule = &case.rules.clocks[run.rule];
    let (Some(kind), Some(breached)) = (rule.deems, run.breached_on) else { return };
    let Some(place) = steps.iter().position(|step| step.event == run.started_by) else { return };
    if steps.iter().any(|step| step.kind == kind && step.deemed) {
        return;
    }
    let deemed = &case.rules.events[kind].id;
    let message = format!(
        "`{}` passed unused on {}: `{deemed}` is deemed to have happened on {} ({})",
        rule.id,
        breached.plus(-1).date(),
        run.starts.date(),
        rule.fact.citation
    );
    findings.push(Finding { code: "deemed", event: run.started_by, message });
    for step in steps.iter_mut().skip(place).filter(|step| step.kind == kind && !step.void) {
        step.void = true;
        let message = format!(
            "`{deemed}` came after it was deemed to have happened on {}",
            run.starts.date()
        );
        findings.push(Finding { code: "after_deemed", event: step.event, message });
    }
    let step = Step { event: run.started_by, kind, day: run.starts, void: false, deemed: true };
    steps.insert(place + 1, step);
}

/// The runs of one rule, in the order of their starts.
fn runs(case: &Case<'_>, index: usize, steps: &[Step], findings: &mut Vec<Finding>) -> Vec<Clock> {
    let rule = &case.rules.clocks[index];
    let mut done: Vec<Clock> = Vec::new();
    let mut open: Vec<(Option<&str>, Step)> = Vec::new();
    let mut over = false;
    for step in steps {
        let agency = match rule.per {
            Per::Case => None,
            Per::Agency => case.events[step.event].agency.as_deref(),
        };
        let running = open.iter().position(|(of, _)| *of == agency);
        let ends = rule.ends.contains(&step.kind) && !step.void;
        if rule.starts.contains(&step.kind) && !step.void {
            match running {
                Some(_) => {
                    let kind = &case.rules.events[step.kind].id;
                    let message = format!("`{kind}` came while `{}` was running", rule.id);
                    findings.push(Finding { code: "started_twice", event: step.event, message });
                }
                None if over => {}
                None => open.push((agency, *step)),
            }
        } else if ends && case.rules.events[step.kind].closes {
            // The end of the case ends the clocks of all agencies.
            for (agency, start) in open.drain(..) {
                let run = clock(case, index, agency, start, Some(*step), findings);
                over |= deems_end(rule, &run);
                done.push(run);
            }
        } else if let Some(place) = running.filter(|_| ends) {
            let (agency, start) = open.remove(place);
            let run = clock(case, index, agency, start, Some(*step), findings);
            over |= deems_end(rule, &run);
            done.push(run);
        }
        over |= rule.not_after.contains(&step.kind) && !step.void;
    }
    for (agency, start) in open {
        done.push(clock(case, index, agency, start, None, findings));
    }
    done.sort_by_key(|run| (run.starts, run.started_by));
    for at in 0..done.len() {
        let earlier = done[..at].iter().filter(|other| other.agency == done[at].agency).count();
        done[at].number = earlier as u32 + 1;
    }
    done
}

/// Whether the law has put an end to further runs by deeming what nothing may follow.
fn deems_end(rule: &ClockRule, run: &Clock) -> bool {
    run.breached_on.is_some() && rule.deems.is_some_and(|kind| rule.not_after.contains(&kind))
}

/// One run, from its start to its end or today.
fn clock(
    case: &Case<'_>,
    index: usize,
    agency: Option<&str>,
    start: Step,
    end: Option<Step>,
    findings: &mut Vec<Finding>,
) -> Clock {
    let rule = &case.rules.clocks[index];
    let after = day_before_first(rule, start.day);
    let ended = end.map(|step| step.day);
    let due = |open_ends: &dyn Fn(&StopPeriod) -> Option<Day>| {
        let excluded = stops::excluded(case.rules, case.stops, &rule.stops, after, open_ends);
        let count = count(case, rule, &excluded);
        let due = rule.limit.map_or(Due::Open, |limit| count.due(after, limit));
        (due, excluded)
    };
    // What ended the clock ended its stops.
    let (reached, excluded) = due(&|_| ended);
    let removed = removal(case, rule, start.day, ended, reached, findings);
    let reference = ended.unwrap_or(case.today);
    let passed = rule.limit.is_some() && removed.is_none() && reached.passed(reference);
    let stopped = reached.latest().is_none();
    let state = if rule.limit.is_none() || removed.is_some() {
        State::Unlimited
    } else if passed {
        State::Overdue
    } else if ended.is_some() {
        State::Met
    } else if stopped {
        State::Stopped
    } else {
        State::Running
    };
    let waits = state == State::Stopped;
    let due_if_resumed = waits.then(|| due(&|_| Some(case.today)).0);
    let due_by_notice = waits.then(|| due(&|stop| stop.notice_ends).0);
    let breached_on = reached.latest().filter(|_| passed).map(|latest| latest.plus(1));
    let to = match (removed, breached_on) {
        (Some((day, _)), _) => day.plus(-1).min(reference),
        // Once the law has deemed what the clock waited for, there is nothing left to count.
        (None, Some(breached)) if rule.on_breach == Breach::DeemedAccepted => breached.plus(-1),
        _ => reference,
    };
    let used = count(case, rule, &excluded).used(after, to);
    Clock {
        rule: index,
        number: 1,
        agency: agency.map(str::to_owned),
        starts: start.day,
        started_by: start.event,
        deemed: start.deemed,
        ended: end.map(|step| (step.day, step.event)),
        due: if state == State::Unlimited { Due::Open } else { reached },
        removed,
        due_if_resumed,
        due_by_notice: due_by_notice.filter(|due| due.latest().is_some()),
        used,
        state,
        breached_on,
        excluded,
    }
}

fn count<'a>(case: &Case<'a>, rule: &ClockRule, excluded: &'a [stops::Period]) -> Count<'a> {
    Count { calendar: case.calendar, unit: rule.unit, last_day: rule.last_day, excluded }
}

/// The day after which days are counted.
pub(crate) fn day_before_first(rule: &ClockRule, starts: Day) -> Day {
    starts.plus(-i32::from(rule.day_zero == DayRule::Counted))
}

/// The event that took the clock out of its limit; one that came after the limit had passed does not.
fn removal(
    case: &Case<'_>,
    rule: &ClockRule,
    starts: Day,
    ended: Option<Day>,
    due: Due,
    findings: &mut Vec<Finding>,
) -> Option<(Day, usize)> {
    rule.limit?;
    let step = case.placed.iter().find(|step| {
        rule.removed_by.contains(&step.kind)
            && !step.void
            && ended.is_none_or(|ended| step.day <= ended)
    })?;
    let day = step.day.max(starts);
    if !due.passed(day) {
        return Some((day, step.event));
    }
    let kind = &case.rules.events[step.kind].id;
    let message = format!("`{kind}` came after `{}` had passed its limit", rule.id);
    findings.push(Finding { code: "removed_after_due", event: step.event, message });
    None
}
