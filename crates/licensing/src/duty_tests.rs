//! Duties by day and state, and the loop from a draw-down to the end user.

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn rule(report: ReportKind, after: DutyStart, days: u32) -> DutyRule {
    let within = (days > 0).then_some((days, DayUnit::CalendarDay));
    DutyRule { duty: "actual_export".to_owned(), report, after, within }
}

fn kg(amount: i64) -> Vec<Quantity> {
    vec![Quantity { unit: Unit::NetMass, amount: amount * 1_000_000 }]
}

fn drawn() -> Drawn {
    Drawn {
        licence: "L".to_owned(),
        line: "1".to_owned(),
        declaration: "D".to_owned(),
        day: date(2025, 3, 1),
        quantities: kg(10),
    }
}

fn report(kind: ReportKind, day: Date, quantities: Vec<Quantity>) -> Report {
    Report {
        reference: format!("{}-{day}", kind.code()),
        kind,
        licence: "L".to_owned(),
        line: "1".to_owned(),
        declaration: "D".to_owned(),
        day,
        received: day,
        quantities,
    }
}

/// Calendar days; working days are told apart by a week that is all holidays.
fn last_day(day: Date, days: u32, unit: DayUnit) -> Option<Date> {
    let more = if unit == DayUnit::WorkingDay { 7 } else { 0 };
    day.checked_add((i64::from(days) + more).days()).ok()
}

fn answer(rules: &[DutyRule], reports: &[Report], as_of: Date) -> DutyAnswer {
    duties(rules, &[drawn()], reports, as_of, 1_000, last_day)
}

#[test]
fn a_duty_is_due_through_its_last_day_and_overdue_after() {
    let rules = [rule(ReportKind::Arrival, DutyStart::DrawDown, 30)];
    let check = |reports: &[Report], as_of, expected| {
        let found = &answer(&rules, reports, as_of).duties[0];
        assert_eq!((found.state, found.last_day), (expected, Some(date(2025, 3, 31))), "{as_of}");
    };
    check(&[], date(2025, 3, 1), DutyState::Due);
    check(&[], date(2025, 3, 31), DutyState::Due);
    check(&[], date(2025, 4, 1), DutyState::Overdue);
    let came = |day| [report(ReportKind::Arrival, day, kg(10))];
    check(&came(date(2025, 3, 31)), date(2025, 5, 1), DutyState::Done);
    check(&came(date(2025, 4, 1)), date(2025, 5, 1), DutyState::DoneLate);
    // What comes later is not known yet.
    check(&came(date(2025, 3, 31)), date(2025, 3, 30), DutyState::Due);
    check(
        &[report(ReportKind::Transport, date(2025, 3, 2), kg(10))],
        date(2025, 4, 1),
        DutyState::Overdue,
    );
}

#[test]
fn a_time_runs_in_the_days_of_the_pack_from_what_starts_it() {
    let working = DutyRule {
        within: Some((10, DayUnit::WorkingDay)),
        ..rule(ReportKind::Arrival, DutyStart::DrawDown, 1)
    };
    assert_eq!(
        answer(&[working], &[], date(2025, 3, 1)).duties[0].last_day,
        Some(date(2025, 3, 18))
    );
    let after = [rule(ReportKind::Installation, DutyStart::Report(ReportKind::Arrival), 10)];
    let found = |reports: &[Report]| {
        let found = answer(&after, reports, date(2025, 6, 1)).duties.remove(0);
        (found.state, found.last_day)
    };
    assert_eq!(found(&[]), (DutyState::Owed, None));
    let came = report(ReportKind::Arrival, date(2025, 4, 1), kg(10));
    assert_eq!(found(&[came]), (DutyState::Overdue, Some(date(2025, 4, 11))));
}

#[test]
fn without_a_time_a_duty_is_owed_and_never_overdue() {
    let rules = [rule(ReportKind::Use, DutyStart::DrawDown, 0)];
    let found = answer(&rules, &[], date(2035, 1, 1)).duties.remove(0);
    assert_eq!((found.state, found.last_day), (DutyState::Owed, None));
}

#[test]
fn what_was_drawn_must_have_arrived_or_come_back() {
    let day = date(2025, 3, 10);
    let check = |told: &[(ReportKind, i64)], expected: &[&str]| {
        let reports: Vec<Report> =
            told.iter().map(|(kind, amount)| report(*kind, day, kg(*amount))).collect();
        let found = answer(&[], &reports, date(2025, 12, 31)).findings;
        let codes: Vec<&str> = found.iter().map(|of| of.rule.code()).collect();
        assert_eq!(codes, expected, "{told:?}");
    };
    use ReportKind::{Arrival, Installation, Receipt, Reimport};
    check(&[], &[]);
    check(&[(Arrival, 10)], &[]);
    check(&[(Arrival, 4), (Arrival, 6)], &[]);
    check(&[(Arrival, 9)], &["receipt_short"]);
    check(&[(Arrival, 11)], &["receipt_beyond"]);
    check(&[(Arrival, 9), (Reimport, 1)], &[]);
    // What arrived whole and was sent back in part is no gap.
    check(&[(Arrival, 10), (Reimport, 3)], &[]);
    check(&[(Reimport, 11)], &["reimport_beyond"]);
    // The other side is believed before the holder.
    check(&[(Arrival, 10), (Receipt, 7)], &["receipt_short"]);
    check(&[(Arrival, 7), (Receipt, 10)], &[]);
    check(&[(Receipt, 10), (Installation, 10)], &[]);
    check(&[(Receipt, 10), (Installation, 11)], &["installed_beyond"]);
}

#[test]
fn reports_that_fit_no_draw_down_are_findings() {
    let day = date(2025, 3, 10);
    let codes = |reports: &[Report]| -> Vec<&'static str> {
        let found = answer(&[], reports, date(2025, 12, 31)).findings;
        found.iter().map(|of| of.rule.code()).collect()
    };
    let other = Report { declaration: "E".to_owned(), ..report(ReportKind::Arrival, day, kg(10)) };
    assert_eq!(codes(&[other]), ["report_unknown"]);
    let early = report(ReportKind::Transport, date(2025, 2, 28), kg(10));
    assert_eq!(codes(&[early]), ["report_before_draw_down"]);
    let pieces = vec![Quantity { unit: Unit::Pieces, amount: 5 }];
    assert_eq!(codes(&[report(ReportKind::Receipt, day, pieces)]), ["report_unit"]);
}

#[test]
fn reports_are_known_by_their_codes() {
    for kind in ReportKind::ALL {
        assert_eq!(ReportKind::parse(kind.code()), Some(kind));
    }
    assert_eq!(ReportKind::parse("theft"), None);
}

proptest! {
    #[test]
    fn states_follow_from_the_first_report_and_the_last_day_in_any_order(
        told in prop::collection::vec((0..6_usize, 0..60_i64, 0..30_i64, 1..12_i64), 0..8),
        (days, as_of) in (0..40_u32, 0..120_i64),
    ) {
        let rules: Vec<DutyRule> = ReportKind::ALL
            .iter()
            .map(|kind| rule(*kind, DutyStart::DrawDown, days))
            .collect();
        let on = |days: i64| date(2025, 3, 1).checked_add(days.days()).unwrap();
        let mut reports: Vec<Report> = told.iter().enumerate().map(|(at, of)| Report {
            reference: at.to_string(),
            received: on(of.1 + of.2),
            ..report(ReportKind::ALL[of.0], on(of.1), kg(of.3))
        }).collect();
        let found = answer(&rules, &reports, on(as_of));
        for (kind, duty) in ReportKind::ALL.iter().zip(&found.duties) {
            // The naive way: day by day, what was known at its end.
            let first = (0..=as_of).find(|&day| {
                reports.iter().any(|of| of.kind == *kind && of.received == on(day))
            });
            let expected = match (first, days) {
                (Some(_), 0) => DutyState::Done,
                (Some(day), days) if day <= i64::from(days) => DutyState::Done,
                (Some(_), _) => DutyState::DoneLate,
                (None, 0) => DutyState::Owed,
                (None, days) if as_of <= i64::from(days) => DutyState::Due,
                (None, _) => DutyState::Overdue,
            };
            prop_assert_eq!(duty.state, expected, "{:?}", kind);
        }
        reports.reverse();
        prop_assert_eq!(found, answer(&rules, &reports, on(as_of)));
    }
}
