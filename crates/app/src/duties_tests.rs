//! Reports of holders and of the other side: who may tell what, what is kept, and what does not fit.

use jiff::civil::date;
use licensing::quantity::Unit;
use licensing::tie::DrawnDown;

use super::*;
use crate::import::ImportOptions;
use crate::platform::{Mode, OpenOptions};

const FILINGS: &str = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
    X1,opening,2025-01-01,gad:a,FAB,X-1,scrap_magnet,1,Nd=25.0\n";

fn law() -> Law {
    Law::read("demo", 0, &crate::packs::pack_carried("demo").unwrap())
}

fn platform(dir: &std::path::Path) -> Platform {
    let options = OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir, Mode::Write, &options).unwrap();
    platform.import(Box::new(FILINGS.as_bytes()), ImportOptions::default(), &mut |_| {}).unwrap();
    platform
}

fn kilograms(kg: i64) -> Vec<Quantity> {
    vec![Quantity { unit: Unit::NetMass, amount: kg * 1_000_000 }]
}

fn report(reference: &str, kind: ReportKind, kg: i64) -> Report {
    Report {
        reference: reference.to_owned(),
        kind,
        licence: "L1".to_owned(),
        line: "1".to_owned(),
        declaration: "D1".to_owned(),
        day: date(2025, 3, 20),
        received: date(2025, 3, 20),
        quantities: kilograms(kg),
    }
}

fn told(report: Report) -> NewReport<'static> {
    let teller =
        if report.kind == ReportKind::Receipt { Teller::Authority } else { Teller::Holder };
    NewReport {
        holder: "gad:a",
        teller,
        report,
        note: "",
        replaces: "",
        account: "maker",
        at: Timestamp::parse("2025-03-25T08:00:00Z").unwrap(),
    }
}

fn take(platform: &Platform, new: &NewReport<'_>) -> Result<ReportTaken, &'static str> {
    platform.holder_report_take(&law(), new).map_err(|error| error.code())
}

#[test]
fn what_cannot_be_a_report_is_refused_with_its_code() {
    let dir = tempfile::tempdir().unwrap();
    let platform = platform(dir.path());
    let head = platform.reader().head().unwrap().log_index;
    let good = || told(report("R1", ReportKind::Arrival, 5));
    let with = |change: &dyn Fn(&mut NewReport<'static>)| {
        let mut new = good();
        change(&mut new);
        new
    };
    let twice = [kilograms(1), kilograms(2)].concat();
    let long: &'static str = "x".repeat(NOTE_MAX + 1).leak();
    let rows: [(NewReport<'_>, &str); 12] = [
        (with(&|new| new.report.reference = String::new()), "report_field"),
        (with(&|new| new.report.reference = "r".repeat(65)), "report_field"),
        (with(&|new| new.report.licence = " L1".to_owned()), "report_field"),
        (with(&|new| new.report.line = "1".repeat(17)), "report_field"),
        (with(&|new| new.report.declaration = "D\n1".to_owned()), "report_field"),
        (with(&|new| new.report.day = date(2025, 3, 27)), "report_day"),
        (with(&|new| new.teller = Teller::Authority), "report_teller"),
        (with(&|new| new.report.kind = ReportKind::Receipt), "report_teller"),
        (with(&|new| new.note = long), "report_note"),
        (with(&|new| new.report.quantities = twice.clone()), "report_quantities"),
        (with(&|new| new.holder = "gad:nobody"), "report_holder"),
        (with(&|new| new.replaces = "R0"), "report_replaces"),
    ];
    for (at, (new, expected)) in rows.iter().enumerate() {
        assert_eq!(take(&platform, new), Err(*expected), "row {at}");
    }
    assert_eq!(platform.reader().head().unwrap().log_index, head, "nothing is recorded");
    assert_eq!(
        take(&platform, &with(&|new| new.report.day = date(2025, 3, 26))),
        Ok(ReportTaken::Recorded)
    );
}

#[test]
fn a_report_is_recorded_once_and_replaced_once_by_its_own_side() {
    let dir = tempfile::tempdir().unwrap();
    let platform = platform(dir.path());
    let head = || platform.reader().head().unwrap().log_index;
    let before = head();
    let first = told(report("R1", ReportKind::Arrival, 5));
    assert_eq!(take(&platform, &first), Ok(ReportTaken::Recorded));
    assert_eq!(take(&platform, &first), Ok(ReportTaken::Already));
    let other = told(report("R1", ReportKind::Arrival, 6));
    assert_eq!(take(&platform, &other), Err("report_taken"));
    let by =
        |reference, kind, kg| NewReport { replaces: "R1", ..told(report(reference, kind, kg)) };
    // What the other side received replaces nothing of the holder's.
    assert_eq!(take(&platform, &by("R2", ReportKind::Receipt, 6)), Err("report_replaces"));
    assert_eq!(take(&platform, &by("R2", ReportKind::Arrival, 6)), Ok(ReportTaken::Recorded));
    assert_eq!(take(&platform, &by("R3", ReportKind::Arrival, 7)), Err("report_replaces"));
    assert_eq!(head(), before + 2, "an event for each report that was recorded");
    let at = Timestamp::parse("2025-04-01T00:00:00Z").unwrap();
    let rows = |whose| {
        let all = platform.holder_duties(&law(), whose, at).unwrap();
        let rows = all.into_iter().flat_map(|of| of.reports);
        rows.map(|row| (row.report.reference, row.replaced_by)).collect::<Vec<_>>()
    };
    let expected = [("R2".to_owned(), None), ("R1".to_owned(), Some("R2".to_owned()))];
    assert_eq!(rows(Whose::All), expected);
    assert_eq!(rows(Whose::Of("gad:a")), expected);
    assert_eq!(rows(Whose::Of("gad:b")), []);
    drop(platform);
    assert_eq!(crate::platform::fsck(dir.path()).unwrap(), Vec::<String>::new());
}

fn record(report: Report, replaces: &str) -> HolderReportRecord {
    let day = report.day;
    let new = NewReport { report, ..told(self::report("", ReportKind::Arrival, 1)) };
    HolderReportRecord { replaces: replaces.to_owned(), ..record_of(&new, [1; 16], day).unwrap() }
}

fn drawn(kg: i64) -> Licensed {
    let drawn = DrawnDown {
        declaration: "D1".to_owned(),
        licence: "L1".to_owned(),
        line: "1".to_owned(),
        holder: "gad:a".to_owned(),
        day: date(2025, 3, 10),
        quantities: kilograms(kg),
        destination: "XB".to_owned(),
    };
    Licensed { drawn: Some(vec![drawn]), ..Licensed::default() }
}

/// Codes of the findings, and how many duties are open.
fn found(
    licensed: &Licensed,
    records: &[HolderReportRecord],
    as_of: Date,
) -> (Vec<&'static str>, usize) {
    let all = duties_of(&law(), licensed, records, as_of);
    let open = |duty: &&DutyOf| !matches!(duty.state, DutyState::Done | DutyState::DoneLate);
    let open = all.iter().flat_map(|of| &of.answer.duties).filter(open).count();
    (duty_findings(&all).into_iter().map(|of| of.rule).collect(), open)
}

#[test]
fn a_draw_down_owes_the_reports_of_the_pack_and_what_is_overdue_is_found() {
    let law = law();
    let owed: Vec<(&str, Option<(u32, DayUnit)>)> =
        duty_rules(&law).iter().map(|rule| (rule.report.code(), rule.within)).collect();
    let days = |days| Some((days, DayUnit::CalendarDay));
    assert_eq!(
        owed,
        [
            ("transport", days(60)),
            ("arrival", days(60)),
            ("receipt", days(60)),
            ("installation", days(90)),
            ("use", days(90)),
        ]
    );
    let none: &[HolderReportRecord] = &[];
    // 60 days after 10 March is 9 May.
    assert_eq!(found(&drawn(10), none, date(2025, 5, 9)), (vec![], 5));
    assert_eq!(found(&drawn(10), none, date(2025, 5, 10)), (vec!["duty_overdue"; 3], 5));
    let told = [
        record(report("T", ReportKind::Transport, 10), ""),
        record(report("A", ReportKind::Arrival, 10), ""),
        record(report("C", ReportKind::Receipt, 10), ""),
    ];
    assert_eq!(found(&drawn(10), &told, date(2025, 5, 10)), (vec![], 2));
    // 90 days after the arrival on 20 March is 18 June.
    assert_eq!(found(&drawn(10), &told, date(2025, 6, 19)).0, vec!["duty_overdue"; 2]);
}

#[test]
fn what_does_not_come_out_even_is_a_finding() {
    let day = date(2025, 4, 1);
    let arrived = |kg| record(report("A", ReportKind::Arrival, kg), "");
    let received = |kg| record(report("C", ReportKind::Receipt, kg), "");
    let check = |records: &[HolderReportRecord], expected: &[&str]| {
        assert_eq!(found(&drawn(1000), records, day).0, expected);
    };
    check(&[arrived(1000)], &[]);
    check(&[arrived(900)], &["receipt_short"]);
    check(&[arrived(1100)], &["receipt_beyond"]);
    // What the other side says outweighs what the holder says.
    check(&[arrived(1000), received(900)], &["receipt_short"]);
    check(&[arrived(900), received(1000)], &[]);
    let back = record(report("B", ReportKind::Reimport, 100), "");
    check(&[arrived(900), back], &[]);
    // A report that was replaced does not count.
    let again = record(report("A2", ReportKind::Arrival, 1000), "A");
    check(&[arrived(900), again], &[]);
}

#[test]
fn a_report_without_a_draw_down_is_found_only_where_customs_tells_them() {
    let day = date(2025, 4, 1);
    let arrived = [record(report("A", ReportKind::Arrival, 5), "")];
    let none = Licensed { drawn: Some(Vec::new()), ..Licensed::default() };
    assert_eq!(found(&none, &arrived, day).0, ["report_unknown"]);
    assert_eq!(found(&Licensed::default(), &arrived, day).0, Vec::<&str>::new());
}

#[test]
fn working_days_are_counted_by_the_calendar_and_not_beyond_it() {
    let law = law();
    // 14 March 2024 is a Thursday, the 15th Founders' Day.
    let of = |from, days| last_day(&law, from, days, DayUnit::WorkingDay);
    assert_eq!(of(date(2024, 3, 14), 1), Some(date(2024, 3, 18)));
    assert_eq!(of(date(2024, 3, 14), 5), Some(date(2024, 3, 22)));
    assert_eq!(of(date(1990, 1, 1), 5), None);
    assert_eq!(of(date(2024, 3, 14), 1_000_000), None);
    let all = last_day(&law, date(2024, 3, 14), 1, DayUnit::CalendarDay);
    assert_eq!(all, Some(date(2024, 3, 15)));
}
