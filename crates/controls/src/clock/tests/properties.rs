//! Random cases: counting by prefixes against walking day by day, and what must not change with time.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::*;
use super::{PACKS, pack};
use crate::clock::rules::{LastDay, Unit};

#[test]
fn a_case_worked_out_before_publication_stays_within_its_bounds() {
    for id in ["cn", "uk", "demo", "eu"] {
        let (rules, calendar) = pack(id);
        let cut = calendar.cut(2025).unwrap();
        let settled = std::cell::Cell::new(0);
        check(300, &(12_000..17_000_u32, happenings()), |(begins, happenings)| {
            let events = events_of(&rules, begins, &happenings);
            let early = reckon(&rules, &cut, &events, None).unwrap();
            let late = reckon(&rules, &calendar, &events, None).unwrap();
            for clock in &early.clocks {
                let same = late.clocks.iter().find(|other| {
                    (other.rule, other.started_by, &other.agency, other.ended, &other.excluded)
                        == (
                            clock.rule,
                            clock.started_by,
                            &clock.agency,
                            clock.ended,
                            &clock.excluded,
                        )
                });
                let Some(same) = same.filter(|other| other.removed == clock.removed) else {
                    continue;
                };
                let (Due::Between { earliest, latest }, Due::On(published)) = (clock.due, same.due)
                else {
                    continue;
                };
                settled.set(settled.get() + 1);
                prop_assert!(earliest <= published, "{:?} {:?}", clock, same);
                prop_assert!(latest.is_none_or(|latest| published <= latest));
                prop_assert!(same.used.0 >= clock.used.0 && same.used.1 <= clock.used.1);
            }
            Ok(())
        });
        assert!(settled.get() > 5, "{id}: {} clocks were provisional", settled.get());
    }
}

/// Days counted one by one.
fn naive(
    calendar: &Calendar,
    unit: Unit,
    after: Day,
    limit: u32,
    excluded: &[Period],
) -> Option<Day> {
    let mut left = limit;
    let mut day = after;
    while left > 0 {
        day = day.plus(1);
        if day > calendar.known_to() {
            return None;
        }
        let counts = unit == Unit::CalendarDay || calendar.works(day);
        left -= u32::from(counts && !excluded.iter().any(|period| period.holds(day)));
    }
    Some(day)
}

/// Events of a random case: hours between them, and what happens.
fn happenings() -> impl Strategy<Value = Vec<(u32, usize, Option<u32>)>> {
    let notice = prop_oneof![Just(None), (1..40_u32).prop_map(Some)];
    prop::collection::vec((1..400_u32, 0..64_usize, notice), 1..14)
}

fn events_of(
    rules: &ClockRules,
    begins: u32,
    happenings: &[(u32, usize, Option<u32>)],
) -> Vec<Event> {
    let mut at: Timestamp = "2024-01-04T08:00:00Z".parse().unwrap();
    at += SignedDuration::from_hours(i64::from(begins));
    let event = |(number, (hours, kind, notice_days)): (usize, &(u32, usize, Option<u32>))| {
        at += SignedDuration::from_hours(i64::from(*hours));
        // Every third case begins as cases do.
        let kind = match (number, begins % 3) {
            (0, 0) => 0,
            (1, 0) => rules.event("accepted").unwrap(),
            _ => kind % rules.events.len(),
        };
        let agency =
            rules.events[kind].agency.then(|| if hours % 2 == 0 { "a" } else { "b" }.to_owned());
        Event { line: number as u32 + 1, at, kind, agency, notice_days: *notice_days }
    };
    happenings.iter().enumerate().map(event).collect()
}

fn check<S: Strategy>(
    cases: u32,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let rng = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng);
    runner.run(strategy, test).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn prefix_counts_agree_with_walking() {
    for id in PACKS {
        let (rules, calendar) = pack(id);
        check(400, &(0..20_000_u32, happenings()), |(begins, happenings)| {
            let events = events_of(&rules, begins, &happenings);
            let reckoning = reckon(&rules, &calendar, &events, None).unwrap();
            for clock in &reckoning.clocks {
                let rule = &rules.clocks[clock.rule];
                let (Some(limit), State::Running | State::Met | State::Overdue) =
                    (rule.limit, clock.state)
                else {
                    continue;
                };
                let after = instances::day_before_first(rule, clock.starts);
                let walked = naive(&calendar, rule.unit, after, limit, &clock.excluded);
                if let (Some(walked), LastDay::AsItFalls) = (walked, rule.last_day) {
                    prop_assert_eq!(clock.due, Due::On(walked));
                    let proof = proof(&rules, &calendar, &reckoning, clock);
                    let on_due = proof.iter().find(|day| day.date == walked.date()).unwrap();
                    prop_assert_eq!((on_due.number, on_due.counts), (limit, true));
                }
            }
            Ok(())
        });
    }
}

#[test]
fn working_it_out_later_changes_no_day_that_has_passed() {
    for id in PACKS {
        let (rules, calendar) = pack(id);
        check(
            300,
            &(0..20_000_u32, happenings(), 0..14_usize, 0..3_000_i64),
            |(begins, happenings, cut, later)| {
                let events = events_of(&rules, begins, &happenings);
                let at = |index: usize| events[index.min(events.len() - 1)].at;
                let now = at(cut);
                let then = at(events.len()) + SignedDuration::from_hours(later);
                let early = reckon(&rules, &calendar, &events, Some(now)).unwrap();
                let late = reckon(&rules, &calendar, &events, Some(then)).unwrap();
                prop_assert_eq!(&late, &reckon(&rules, &calendar, &events, Some(then)).unwrap());
                for clock in &early.clocks {
                    let same = late.clocks.iter().find(|other| {
                        (other.rule, other.started_by, &other.agency)
                            == (clock.rule, clock.started_by, &clock.agency)
                    });
                    let Some(same) = same else {
                        return Err(TestCaseError::fail(format!("a clock is gone: {clock:?}")));
                    };
                    let past = |reckoning, clock: &Clock| -> Vec<(base::Date, bool, u32)> {
                        let days = proof(&rules, &calendar, reckoning, clock);
                        let days = days.into_iter().filter(|day| Day::of(day.date) < early.today);
                        days.map(|day| (day.date, day.counts, day.number)).collect()
                    };
                    let (before, after) = (past(&early, clock), past(&late, same));
                    prop_assert_eq!(&before[..], &after[..before.len().min(after.len())]);
                    // What was met, overdue or deemed stays so.
                    if clock.ended.is_some() {
                        prop_assert_eq!((clock.state, clock.used), (same.state, same.used));
                    }
                    if clock.state == State::Overdue {
                        prop_assert_eq!(same.state, State::Overdue);
                    }
                }
                Ok(())
            },
        );
    }
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let (rules, calendar) = pack("cn");
    check(300, &(0..20_000_u32, happenings()), |(begins, happenings)| {
        let events = events_of(&rules, begins, &happenings);
        let mut turned = events.clone();
        turned.reverse();
        let text = |events: &[Event]| {
            let reckoning = reckon(&rules, &calendar, events, None).unwrap();
            let answer = answer("", &rules, &calendar, events, &reckoning, Proofs::Every);
            serde_json::to_string(&answer).unwrap()
        };
        prop_assert_eq!(text(&events), text(&turned));
        Ok(())
    });
}
