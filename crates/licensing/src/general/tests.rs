use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::audit::sample;
use super::returns::{
    Period, Return, ReturnKind, ReturnLine, ReturnRule, ReturnState, periods, return_compare,
    returns_due,
};
use super::uses::{GeneralUse, UseContext, UseDeed, UseMark, UseRecorded, UseWritten, use_judge};
use super::*;
use crate::licence::{TestedEvent, zone_find};
use crate::message::{QuantityWritten, Reason};
use crate::quantity::{Quantity, Unit};
use crate::rules::{TypeKind, TypeRule};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn us(text: &str) -> i64 {
    base::Timestamp::parse(text).unwrap().us()
}

fn general() -> GeneralLicence {
    GeneralLicence {
        id: "G-1".to_owned(),
        licence_type: "open".to_owned(),
        name_en: "magnets".to_owned(),
        name_zh: "磁体".to_owned(),
        control_codes: vec!["YS-3".to_owned()],
        destinations: vec!["SE".to_owned(), "JP".to_owned()],
        barred_uses: vec!["submarine".to_owned()],
        valid_from: Some(day("2026-01-01")),
        valid_to: None,
        notice: None,
        notice_days: None,
        report_every_months: Some(12),
        report_within_days: Some(31),
        records_years: Some(4),
        records: Vec::new(),
        citation: "Act s.1".to_owned(),
        source: "read".to_owned(),
        confidence: "high".to_owned(),
    }
}

fn kind() -> TypeRule {
    TypeRule {
        id: "open".to_owned(),
        kind: TypeKind::Registration,
        requires: vec!["programme".to_owned()],
        barred_if: vec!["penalty".to_owned()],
        falls_back_to: Some("single".to_owned()),
        ..TypeRule::default()
    }
}

fn asked() -> Registering {
    Registering {
        confirmed: vec!["programme".to_owned(), "colour".to_owned()],
        denied: vec!["penalty".to_owned()],
        keeper: Keeper {
            name: " Ada ".to_owned(),
            email: "ada@magnets.example".to_owned(),
            records_at: "1 Quay".to_owned(),
        },
    }
}

/// A registration of 1 March 2026, with what happened since: instant and event.
fn registration(since: Vec<(&str, GeneralEvent)>) -> Registration {
    let first = register(&general(), &kind(), &asked(), (&[], &[]), ("t/1", day("2026-03-01")));
    let mut entries = vec![GeneralEntry {
        seq: 1,
        at_us: us("2026-03-01T08:00:00Z"),
        account: "ada".to_owned(),
        event: first.unwrap(),
    }];
    for (at, event) in since {
        let (seq, account) = (entries.len() as u32 + 1, "officer".to_owned());
        entries.push(GeneralEntry { seq, at_us: us(at), account, event });
    }
    Registration::fold("T-G-1", "gad:own", entries).unwrap()
}

fn reason(text: &str) -> String {
    text.to_owned()
}

fn codes<T: std::fmt::Debug>(of: Result<T, Vec<Reason>>) -> Vec<&'static str> {
    of.err().unwrap_or_default().iter().map(|reason| reason.code).collect()
}

#[test]
fn whoever_registers_states_what_the_kind_of_licence_asks_and_hears_of_all_gaps_at_once() {
    let today = day("2026-03-01");
    type Row<'a> =
        (&'a str, fn(&mut GeneralLicence, &mut Registering), &'a [&'a str], &'a [&'a str]);
    let rows: [Row<'_>; 8] = [
        ("all stated", |_, _| {}, &[], &[]),
        ("nothing confirmed", |_, of| of.confirmed.clear(), &[], &["general_unconfirmed"]),
        ("nothing denied", |_, of| of.denied.clear(), &[], &["general_undenied"]),
        ("denied and known to hold", |_, _| {}, &["penalty"], &["general_barred"]),
        ("another bar is known", |_, _| {}, &["other"], &[]),
        ("over", |of, _| of.valid_to = Some(day("2026-02-28")), &[], &["general_over"]),
        ("its last day", |of, _| of.valid_to = Some(day("2026-03-01")), &[], &[]),
        (
            "nothing at all",
            |_, of| *of = Registering::default(),
            &[],
            &[
                "general_unconfirmed",
                "general_undenied",
                "general_text",
                "general_text",
                "general_email",
            ],
        ),
    ];
    for (name, change, known, expected) in rows {
        let (mut general, mut asked) = (general(), asked());
        change(&mut general, &mut asked);
        let known: Vec<String> = known.iter().map(|id| (*id).to_owned()).collect();
        let found = register(&general, &kind(), &asked, (&[], &known), ("t/1", today));
        assert_eq!(codes(found), expected, "{name}");
    }
}

#[test]
fn one_registers_once_and_anew_after_the_end() {
    let end = |event| vec![("2026-04-01T00:00:00Z", event)];
    let rows = [
        (vec![], vec!["general_registered"]),
        (end(GeneralEvent::Suspended { reason: reason("x") }), vec!["general_registered"]),
        (end(GeneralEvent::Withdrawn { reason: reason("x") }), vec![]),
        (end(GeneralEvent::GivenUp { reason: reason("x") }), vec![]),
    ];
    for (since, expected) in rows {
        let other = registration(since);
        let state = other.state;
        let found =
            register(&general(), &kind(), &asked(), (&[other], &[]), ("t/1", day("2026-05-01")));
        assert_eq!(codes(found), expected, "{state:?}");
    }
}

fn began(answer_by: &str) -> GeneralEvent {
    GeneralEvent::AuditBegun {
        audit: 1,
        from: day("2026-03-01"),
        to: day("2026-03-31"),
        seed: 1,
        sample: vec![DeclaredUse { declaration: "D-1".to_owned(), line: 1 }],
        answer_by: day(answer_by),
        text: reason("show them"),
    }
}

fn found() -> GeneralEvent {
    GeneralEvent::AuditFound { audit: 1, about: None, text: reason("an invoice is missing") }
}

fn answered() -> GeneralEvent {
    GeneralEvent::AuditAnswered { audit: 1, text: reason("here"), documents: Vec::new() }
}

fn closed(outcome: AuditOutcome) -> GeneralEvent {
    let correct_by = (outcome == AuditOutcome::ToCorrect).then(|| day("2026-06-30"));
    GeneralEvent::AuditClosed { audit: 1, outcome, correct_by, text: reason("done") }
}

fn at(events: Vec<GeneralEvent>) -> Vec<(&'static str, GeneralEvent)> {
    events.into_iter().map(|event| ("2026-04-01T00:00:00Z", event)).collect()
}

#[test]
fn a_command_is_taken_only_from_its_side_and_where_the_registration_stands_so() {
    use Command as C;
    let text = || reason("because");
    let suspended = || at(vec![GeneralEvent::Suspended { reason: reason("x") }]);
    let withdrawn = || at(vec![GeneralEvent::Withdrawn { reason: reason("x") }]);
    let begin = |from: &str, to: &str, size, answer_by: &str| {
        let (from, to, answer_by) = (day(from), day(to), day(answer_by));
        C::AuditBegin(AuditAsked { from, to, size, answer_by, text: reason("show") })
    };
    let close = |outcome, correct_by: Option<&str>| C::AuditClose {
        outcome,
        correct_by: correct_by.map(day),
        text: reason("done"),
    };
    let find = |declaration: &str| C::AuditFind {
        about: Some(DeclaredUse { declaration: declaration.to_owned(), line: 1 }),
        text: reason("missing"),
    };
    let answer = |documents: &[&str]| C::AuditAnswer {
        text: reason("here"),
        documents: documents.iter().map(|hash| (*hash).to_owned()).collect(),
    };
    let correct = || C::AuditCorrect { audit: 1, text: reason("mended") };
    let notice = |of: &str| C::NoticeFirstUse { day: day(of), text: String::new() };
    let (late, early) = ("2026-04-30", "2026-05-31");
    let ok: &[&str] = &[];
    type Row<'a> = (Vec<(&'a str, GeneralEvent)>, Side, Command, &'a [&'a str]);
    let rows: Vec<Row<'_>> = vec![
        (vec![], Side::Authority, C::Suspend { reason: text() }, ok),
        (vec![], Side::User, C::Suspend { reason: text() }, &["general_side"]),
        (vec![], Side::Authority, C::Suspend { reason: reason(" ") }, &["general_text"]),
        (
            suspended(),
            Side::Authority,
            C::Suspend { reason: reason("") },
            &["general_state", "general_text"],
        ),
        (suspended(), Side::Authority, C::Reinstate { reason: text() }, ok),
        (vec![], Side::Authority, C::Reinstate { reason: text() }, &["general_state"]),
        (suspended(), Side::Authority, C::Withdraw { reason: text() }, ok),
        (withdrawn(), Side::Authority, C::Withdraw { reason: text() }, &["general_state"]),
        (withdrawn(), Side::Authority, C::Reinstate { reason: text() }, &["general_state"]),
        (vec![], Side::User, C::GiveUp { reason: text() }, ok),
        (withdrawn(), Side::User, C::GiveUp { reason: text() }, &["general_state"]),
        (vec![], Side::Authority, C::GiveUp { reason: text() }, &["general_side"]),
        (vec![], Side::User, notice("2026-05-02"), ok),
        (vec![], Side::User, notice("2028-05-02"), &["general_day"]),
        (withdrawn(), Side::User, notice("2026-05-02"), &["general_state"]),
        (vec![], Side::Authority, begin("2026-03-01", "2026-05-01", 5, "2026-05-31"), ok),
        (withdrawn(), Side::Authority, begin("2026-03-01", "2026-05-01", 5, "2026-05-31"), ok),
        (
            vec![],
            Side::Authority,
            begin("2026-03-01", "2026-05-02", 5, "2026-05-31"),
            &["general_period"],
        ),
        (
            vec![],
            Side::Authority,
            begin("2026-03-02", "2026-03-01", 5, "2026-05-31"),
            &["general_period"],
        ),
        (
            vec![],
            Side::Authority,
            begin("2026-03-01", "2026-05-01", 51, "2026-05-01"),
            &["general_sample", "general_day"],
        ),
        (
            at(vec![began(early)]),
            Side::Authority,
            begin("2026-03-01", "2026-05-01", 5, "2026-05-31"),
            &["general_audit_open"],
        ),
        (vec![], Side::User, answer(&[]), &["general_audit_unknown"]),
        (at(vec![began(early)]), Side::User, answer(&[]), ok),
        (at(vec![began(early)]), Side::User, answer(&["00"]), &["general_documents"]),
        (at(vec![began(early)]), Side::Authority, find("D-1"), ok),
        (at(vec![began(early)]), Side::Authority, find("D-2"), &["general_about"]),
        (at(vec![began(early)]), Side::Authority, close(AuditOutcome::InOrder, None), ok),
        (
            at(vec![began(early), found()]),
            Side::Authority,
            close(AuditOutcome::InOrder, None),
            &["general_finding_stands"],
        ),
        (
            at(vec![began(early), answered()]),
            Side::Authority,
            close(AuditOutcome::ToCorrect, Some(early)),
            &["general_finding_missing"],
        ),
        // Nobody is judged unheard: an answer, or a time to answer that is over.
        (
            at(vec![began(early), found()]),
            Side::Authority,
            close(AuditOutcome::ToCorrect, Some(early)),
            &["general_unheard"],
        ),
        (
            at(vec![began(late), found()]),
            Side::Authority,
            close(AuditOutcome::ToCorrect, Some(early)),
            ok,
        ),
        (
            at(vec![began(early), answered(), found()]),
            Side::Authority,
            close(AuditOutcome::ToCorrect, Some(early)),
            ok,
        ),
        (
            at(vec![began(early), answered(), found()]),
            Side::Authority,
            close(AuditOutcome::ToCorrect, None),
            &["general_day"],
        ),
        (
            at(vec![began(early), answered(), found()]),
            Side::Authority,
            close(AuditOutcome::ToCorrect, Some("2026-05-01")),
            &["general_day"],
        ),
        (
            at(vec![began(early), answered(), found()]),
            Side::Authority,
            close(AuditOutcome::Suspended, None),
            ok,
        ),
        (
            at(vec![began(early), answered(), found()]),
            Side::Authority,
            close(AuditOutcome::Suspended, Some(early)),
            &["general_day"],
        ),
        (
            at(vec![
                began(early),
                answered(),
                found(),
                GeneralEvent::Suspended { reason: reason("x") },
            ]),
            Side::Authority,
            close(AuditOutcome::Suspended, None),
            &["general_state"],
        ),
        (at(vec![began(early), closed(AuditOutcome::ToCorrect)]), Side::User, correct(), ok),
        (
            at(vec![began(early), closed(AuditOutcome::InOrder)]),
            Side::User,
            correct(),
            &["general_audit_unknown"],
        ),
        (at(vec![began(early)]), Side::User, correct(), &["general_audit_unknown"]),
    ];
    for (since, side, command, expected) in rows {
        let registration = registration(since);
        let context = Context { today: day("2026-05-01"), uses: &[], seed: 7 };
        let found = registration.decide(side, &command, &context);
        let what = (&registration.entries, &command);
        if let Ok(events) = &found {
            let mut after = registration.clone();
            for event in events {
                let (seq, at_us) = (after.entries.len() as u32 + 1, us("2026-05-01T00:00:00Z"));
                let account = String::new();
                let event = event.clone();
                after.apply(GeneralEntry { seq, at_us, account, event }).unwrap();
            }
            let again = Registration::fold(&after.number, &after.user, after.entries.clone());
            assert_eq!(again.as_ref(), Some(&after), "{what:?}");
        }
        assert_eq!(codes(found), expected, "{what:?}");
    }
}

#[test]
fn an_audit_that_ends_in_suspension_suspends() {
    let registration = registration(at(vec![began("2026-04-30"), found()]));
    let command = Command::AuditClose {
        outcome: AuditOutcome::Suspended,
        correct_by: None,
        text: reason("no"),
    };
    let context = Context { today: day("2026-05-01"), uses: &[], seed: 7 };
    let events = registration.decide(Side::Authority, &command, &context).unwrap();
    let codes: Vec<&str> = events.iter().map(GeneralEvent::code).collect();
    assert_eq!(codes, ["audit_closed", "suspended"]);
}

#[test]
fn an_audit_stands_where_its_events_and_the_day_put_it() {
    let rows = [
        (vec![began("2026-05-10")], "2026-05-10", AuditState::Asked),
        (vec![began("2026-05-10")], "2026-05-11", AuditState::AnswerOverdue),
        (vec![began("2026-05-10"), answered()], "2026-05-11", AuditState::Answered),
        (
            vec![began("2026-05-10"), closed(AuditOutcome::InOrder)],
            "2026-05-11",
            AuditState::InOrder,
        ),
        (
            vec![began("2026-05-10"), closed(AuditOutcome::ToCorrect)],
            "2026-06-30",
            AuditState::ToCorrect,
        ),
        (
            vec![began("2026-05-10"), closed(AuditOutcome::ToCorrect)],
            "2026-07-01",
            AuditState::CorrectionOverdue,
        ),
        (
            vec![
                began("2026-05-10"),
                closed(AuditOutcome::ToCorrect),
                GeneralEvent::AuditCorrected { audit: 1, text: reason("mended") },
            ],
            "2026-07-01",
            AuditState::Corrected,
        ),
        (
            vec![began("2026-05-10"), closed(AuditOutcome::Suspended)],
            "2026-07-01",
            AuditState::Suspended,
        ),
    ];
    for (events, as_of, expected) in rows {
        let registration = registration(at(events));
        assert_eq!(registration.audits[0].state(day(as_of)), expected, "{as_of} {registration:?}");
    }
}

#[test]
fn returns_are_due_for_whole_periods_and_late_ones_stay_late() {
    let (registered, none) = (day("2026-03-15"), None);
    type Row<'a> = (
        u32,
        Option<&'a str>,
        &'a [(&'a str, &'a str)],
        &'a str,
        &'a [(&'a str, &'a str, &'a str, ReturnState)],
    );
    let rows: [Row<'_>; 8] = [
        (
            12,
            none,
            &[],
            "2026-12-31",
            &[("2026-03-15", "2026-12-31", "2027-01-31", ReturnState::Running)],
        ),
        (
            12,
            none,
            &[],
            "2027-01-31",
            &[
                ("2027-01-01", "2027-12-31", "2028-01-31", ReturnState::Running),
                ("2026-03-15", "2026-12-31", "2027-01-31", ReturnState::Due),
            ],
        ),
        (
            12,
            none,
            &[("2026-03-15", "2027-01-31")],
            "2027-02-01",
            &[
                ("2027-01-01", "2027-12-31", "2028-01-31", ReturnState::Running),
                ("2026-03-15", "2026-12-31", "2027-01-31", ReturnState::Filed),
            ],
        ),
        (
            12,
            none,
            &[("2026-03-15", "2027-02-01")],
            "2027-02-01",
            &[
                ("2027-01-01", "2027-12-31", "2028-01-31", ReturnState::Running),
                ("2026-03-15", "2026-12-31", "2027-01-31", ReturnState::FiledLate),
            ],
        ),
        (
            3,
            none,
            &[],
            "2026-08-01",
            &[
                ("2026-07-01", "2026-09-30", "2026-10-31", ReturnState::Running),
                ("2026-04-01", "2026-06-30", "2026-07-31", ReturnState::Overdue),
                ("2026-03-15", "2026-03-31", "2026-05-01", ReturnState::Overdue),
            ],
        ),
        (
            12,
            Some("2026-05-01"),
            &[],
            "2026-05-01",
            &[("2026-03-15", "2026-05-01", "2026-06-01", ReturnState::Due)],
        ),
        (
            12,
            Some("2026-05-01"),
            &[],
            "2027-05-01",
            &[("2026-03-15", "2026-05-01", "2026-06-01", ReturnState::Overdue)],
        ),
        (5, none, &[], "2027-05-01", &[]),
    ];
    for (months, ended, filed, as_of, expected) in rows {
        let general = GeneralLicence { report_every_months: Some(months), ..general() };
        let filed: BTreeMap<Date, Date> =
            filed.iter().map(|(from, on)| (day(from), day(on))).collect();
        let found = returns_due(&general, (registered, ended.map(day)), &filed, day(as_of));
        let found: Vec<(String, String, String, ReturnState)> = found
            .into_iter()
            .map(|of| {
                (
                    of.period.from.to_string(),
                    of.period.to.to_string(),
                    of.last.to_string(),
                    of.state,
                )
            })
            .collect();
        let expected: Vec<(String, String, String, ReturnState)> = expected
            .iter()
            .map(|(from, to, last, state)| {
                ((*from).to_owned(), (*to).to_owned(), (*last).to_owned(), *state)
            })
            .collect();
        assert_eq!(found, expected, "{months} months as of {as_of}");
    }
    let silent = GeneralLicence { report_every_months: None, ..general() };
    assert!(periods(&silent, registered, None, day("2030-01-01")).is_empty());
}

fn line(declaration: &str, on: &str, destination: &str, mg: i64) -> ReturnLine {
    ReturnLine {
        of: DeclaredUse { declaration: declaration.to_owned(), line: 1 },
        day: day(on),
        destination: destination.to_owned(),
        quantities: vec![Quantity { unit: Unit::NetMass, amount: mg }],
    }
}

#[test]
fn a_return_is_checked_whole_with_each_line_named() {
    let all = [Period { from: day("2026-03-15"), to: day("2026-03-31") }];
    let of = |from: &str, kind, lines| Return { from: day(from), kind, lines };
    let (listed, none) = (ReturnKind::Listed, ReturnKind::NoUse);
    type Row<'a> = (Return, &'a str, Vec<(&'a str, &'a str)>);
    let rows: Vec<Row<'_>> = vec![
        (of("2026-03-15", none, vec![]), "2026-04-01", vec![]),
        (of("2026-03-15", none, vec![]), "2026-03-31", vec![("return_early", "from")]),
        (of("2026-04-01", none, vec![]), "2026-04-01", vec![("return_period", "from")]),
        (of("2026-03-15", listed, vec![]), "2026-04-01", vec![("return_empty", "lines")]),
        (of("2026-03-15", listed, vec![line("D", "2026-03-20", "SE", 1)]), "2026-04-01", vec![]),
        (
            of("2026-03-15", none, vec![line("D", "2026-03-20", "SE", 1)]),
            "2026-04-01",
            vec![("return_uses", "lines")],
        ),
        (
            of(
                "2026-03-15",
                listed,
                vec![
                    line(" ", "2026-04-01", "se", 0),
                    line("D", "2026-03-20", "SE", 1),
                    line("D", "2026-03-20", "SE", 1),
                ],
            ),
            "2026-04-01",
            vec![
                ("return_use", "lines[0].declaration"),
                ("return_day", "lines[0].day"),
                ("return_destination", "lines[0].destination"),
                ("return_quantity", "lines[0].quantities"),
                ("return_twice", "lines[2].declaration"),
            ],
        ),
    ];
    for (one, today, expected) in rows {
        let found = one.check(&all, day(today)).err().unwrap_or_default();
        let found: Vec<(&str, &str)> = found.iter().map(|r| (r.code, r.part.as_str())).collect();
        assert_eq!(found, expected, "{one:?}");
    }
}

#[test]
fn a_return_and_the_border_are_compared_use_by_use() {
    let one = |mg| line("D", "2026-03-20", "SE", mg);
    let pieces =
        || ReturnLine { quantities: vec![Quantity { unit: Unit::Pieces, amount: 5 }], ..one(1) };
    let both = || {
        let mut both = one(1);
        both.quantities.push(Quantity { unit: Unit::Pieces, amount: 5 });
        both
    };
    let abroad = line("D", "2026-03-20", "JP", 1);
    let rows: Vec<(Vec<ReturnLine>, Vec<ReturnLine>, Vec<ReturnRule>)> = vec![
        (vec![], vec![], vec![]),
        (vec![one(1)], vec![one(1)], vec![]),
        (vec![one(1)], vec![], vec![ReturnRule::NotReturned]),
        (vec![], vec![one(1)], vec![ReturnRule::NotRecorded]),
        (vec![one(1)], vec![one(2)], vec![ReturnRule::QuantityDiffers]),
        (vec![one(1)], vec![abroad], vec![ReturnRule::DestinationDiffers]),
        // Units of one side alone are no difference, none in common is.
        (vec![both()], vec![one(1)], vec![]),
        (vec![one(1)], vec![pieces()], vec![ReturnRule::QuantityDiffers]),
    ];
    for (recorded, returned, expected) in rows {
        let found = return_compare(&recorded, &returned);
        let found: Vec<ReturnRule> = found.into_iter().map(|of| of.rule).collect();
        assert_eq!(found, expected, "{recorded:?} {returned:?}");
    }
}

fn written() -> UseWritten {
    UseWritten {
        post: "port".to_owned(),
        id: "m-1".to_owned(),
        sent_at: "2026-05-01T10:00:00Z".to_owned(),
        deed: "use".to_owned(),
        registration: "T-G-1".to_owned(),
        exporter: "gad:own".to_owned(),
        declaration: "D-1".to_owned(),
        declaration_line: 1,
        control_codes: vec!["YS-301".to_owned()],
        hs: "8505.11".to_owned(),
        end_use: "elevator".to_owned(),
        destination: "SE".to_owned(),
        quantities: vec![QuantityWritten {
            unit: "net_mass".to_owned(),
            amount: "12.5".to_owned(),
            written: String::new(),
        }],
        released_at: "2026-05-01T09:00:00Z".to_owned(),
        ..UseWritten::default()
    }
}

#[test]
fn a_use_is_refused_with_every_reason_and_what_has_left_is_marked_instead() {
    let now_us = us("2026-05-01T12:00:00Z");
    let zone = zone_find("Europe/Oslo").unwrap();
    let suspended =
        || vec![("2026-05-01T08:00:00Z", GeneralEvent::Suspended { reason: reason("x") })];
    let after = || vec![("2026-05-01T09:30:00Z", GeneralEvent::Suspended { reason: reason("x") })];
    let given = |at| {
        vec![(at, GeneralEvent::FirstUseNoticed { day: day("2026-05-01"), text: String::new() })]
    };
    let before = |general: &mut GeneralLicence| {
        (general.notice, general.notice_days) = (Some(Notice::Before), Some(10));
    };
    type Row<'a> = (
        &'a str,
        Vec<(&'a str, GeneralEvent)>,
        Box<dyn Fn(&mut UseWritten, &mut GeneralLicence)>,
        &'a [&'a str],
        &'a [UseMark],
    );
    let outside: &[UseMark] = &[UseMark::OutsideTerms];
    let rows: Vec<Row<'_>> = vec![
        ("fits", vec![], Box::new(|_, _| {}), &[], &[]),
        (
            "good",
            vec![],
            Box::new(|m, _| m.control_codes.push("YS-201".to_owned())),
            &["good_outside"],
            outside,
        ),
        ("no code", vec![], Box::new(|m, _| m.control_codes.clear()), &["good_outside"], outside),
        (
            "destination",
            vec![],
            Box::new(|m, _| m.destination = "KP".to_owned()),
            &["destination_outside"],
            outside,
        ),
        (
            "end use",
            vec![],
            Box::new(|m, _| m.end_use = "submarine".to_owned()),
            &["end_use_barred"],
            outside,
        ),
        (
            "exporter",
            vec![],
            Box::new(|m, _| m.exporter = "gad:other".to_owned()),
            &["exporter_differs"],
            outside,
        ),
        (
            "all at once",
            suspended(),
            Box::new(|m, _| {
                m.destination = "KP".to_owned();
                m.exporter = String::new();
            }),
            &["registration_suspended", "exporter_differs", "destination_outside"],
            &[UseMark::NotInForce, UseMark::OutsideTerms],
        ),
        (
            "suspended",
            suspended(),
            Box::new(|_, _| {}),
            &["registration_suspended"],
            &[UseMark::NotInForce],
        ),
        // Dated before the suspension: accepted, and marked.
        ("suspended after", after(), Box::new(|_, _| {}), &[], &[UseMark::LateUse]),
        (
            "before the registration",
            vec![],
            Box::new(|m, _| m.released_at = "2026-03-01T07:59:59Z".to_owned()),
            &["registration_later"],
            &[UseMark::NotInForce],
        ),
        (
            "over",
            vec![],
            Box::new(|_, g| g.valid_to = Some(day("2026-04-30"))),
            &["general_not_in_force"],
            &[UseMark::NotInForce],
        ),
        // Its last day holds to its end in the authority's zone: 23:59 in Oslo is 21:59 UTC.
        (
            "last day",
            vec![],
            Box::new(|m, g| {
                g.valid_to = Some(day("2026-04-30"));
                m.released_at = "2026-04-30T21:59:00Z".to_owned();
            }),
            &[],
            &[],
        ),
        (
            "a minute later",
            vec![],
            Box::new(|m, g| {
                g.valid_to = Some(day("2026-04-30"));
                m.released_at = "2026-04-30T22:00:00Z".to_owned();
            }),
            &["general_not_in_force"],
            &[UseMark::NotInForce],
        ),
        (
            "no notice",
            vec![],
            Box::new(move |_, g| before(g)),
            &["notice_missing"],
            &[UseMark::NoticeMissing],
        ),
        ("notice", given("2026-04-21T08:00:00Z"), Box::new(move |_, g| before(g)), &[], &[]),
        (
            "notice a day late",
            given("2026-04-22T08:00:00Z"),
            Box::new(move |_, g| before(g)),
            &["notice_missing"],
            &[UseMark::NoticeMissing],
        ),
    ];
    for (name, since, change, reasons, marks) in rows {
        let registration = registration(since);
        for deed in ["use", "left"] {
            let (mut message, mut general) = (written(), general());
            deed.clone_into(&mut message.deed);
            change(&mut message, &mut general);
            let told = message.read().unwrap();
            let tested = TestedEvent::Release;
            let context = UseContext { general: Some(&general), tested, zone: &zone, now_us };
            let found = use_judge(&registration, &told, &context);
            if deed == "use" && !reasons.is_empty() {
                assert_eq!(codes(found), reasons, "{name}");
                continue;
            }
            let expected: BTreeSet<UseMark> = marks.iter().copied().collect();
            assert_eq!(found.unwrap().marks, expected, "{name} {deed}");
        }
    }
}

#[test]
fn what_cannot_be_recorded_is_refused_even_where_it_has_left() {
    let now_us = us("2026-05-01T12:00:00Z");
    let zone = zone_find("Europe/Oslo").unwrap();
    let general = general();
    type Row<'a> = (&'a str, fn(&mut UseWritten), &'a [&'a str]);
    let rows: [Row<'_>; 4] = [
        ("sent later", |m| m.sent_at = "2026-05-01T12:15:01Z".to_owned(), &["instant_future"]),
        (
            "released later",
            |m| m.released_at = "2026-05-02T12:00:00Z".to_owned(),
            &["instant_future"],
        ),
        ("no instant", |m| m.released_at = String::new(), &["instant_missing"]),
        ("no quantity", |m| m.quantities.clear(), &["unit_missing"]),
    ];
    for (name, change, expected) in rows {
        let mut message = UseWritten { deed: "left".to_owned(), ..written() };
        change(&mut message);
        let told = message.read().unwrap();
        let tested = TestedEvent::Release;
        let context = UseContext { general: Some(&general), tested, zone: &zone, now_us };
        assert_eq!(codes(use_judge(&registration(vec![]), &told, &context)), expected, "{name}");
    }
    let mut check = UseWritten { deed: "check".to_owned(), ..written() };
    (check.released_at, check.quantities) = (String::new(), Vec::new());
    let context =
        UseContext { general: Some(&general), tested: TestedEvent::Release, zone: &zone, now_us };
    assert!(use_judge(&registration(vec![]), &check.read().unwrap(), &context).is_ok());
}

#[test]
fn a_message_tells_everything_that_is_wrong_with_it() {
    let empty = UseWritten::default().read().unwrap_err();
    let parts: Vec<(&str, &str)> = empty.iter().map(|r| (r.code, r.part.as_str())).collect();
    assert_eq!(
        parts,
        [
            ("deed_unknown", "deed"),
            ("key_missing", "post"),
            ("key_missing", "id"),
            ("key_missing", "registration"),
            ("key_missing", "declaration"),
            ("number_missing", "declaration_line"),
            ("instant_missing", "sent_at"),
        ]
    );
}

#[test]
fn the_notice_of_the_first_use_is_due_by_its_day() {
    let zone = zone_find("UTC").unwrap();
    let told = |at| {
        vec![(at, GeneralEvent::FirstUseNoticed { day: day("2026-05-01"), text: String::new() })]
    };
    let first = Some(day("2026-05-01"));
    let (after, before) = (Some(Notice::After), Some(Notice::Before));
    use NoticeStanding as N;
    let rows = [
        (None, vec![], first, "2026-09-01", N::NotAsked),
        (after, vec![], None, "2026-09-01", N::Waiting),
        (after, vec![], first, "2026-05-31", N::Due { last: day("2026-05-31") }),
        (after, vec![], first, "2026-06-01", N::Overdue { last: day("2026-05-31") }),
        (
            after,
            told("2026-05-31T00:00:00Z"),
            first,
            "2026-09-01",
            N::Given { on: day("2026-05-31") },
        ),
        (
            after,
            told("2026-06-01T00:00:00Z"),
            first,
            "2026-09-01",
            N::GivenLate { on: day("2026-06-01") },
        ),
        (
            before,
            told("2026-04-01T00:00:00Z"),
            first,
            "2026-09-01",
            N::Given { on: day("2026-04-01") },
        ),
        (
            before,
            told("2026-04-02T00:00:00Z"),
            first,
            "2026-09-01",
            N::GivenLate { on: day("2026-04-02") },
        ),
    ];
    for (notice, since, first_use, as_of, expected) in rows {
        let notice_days = notice.map(|_| 30);
        let general = GeneralLicence { notice, notice_days, ..general() };
        let found = notice_standing(&general, &registration(since), first_use, &zone, day(as_of));
        assert_eq!(found, expected, "{notice:?} {as_of}");
    }
}

fn recorded(declaration: u8, sent_us: i64, amount: i64, id: u8) -> UseRecorded {
    let told: GeneralUse =
        UseWritten { id: format!("m-{id}"), declaration: format!("D-{declaration}"), ..written() }
            .read()
            .unwrap();
    let quantities = vec![Quantity { unit: Unit::NetMass, amount }];
    let told = GeneralUse { sent_us, quantities, deed: UseDeed::Use, ..told };
    UseRecorded { told, used_us: sent_us, marks: BTreeSet::new() }
}

proptest! {
    /// Of reports about a use the one sent last counts, in whatever order they arrive.
    #[test]
    fn the_report_sent_last_counts(
        told in proptest::collection::vec((0_u8..3, 0_i64..4, 0_i64..3), 0..12),
        swaps in proptest::collection::vec((0_usize..12, 0_usize..12), 0..12),
    ) {
        let all: Vec<UseRecorded> = (0..).zip(&told)
            .map(|(id, (of, sent, amount))| recorded(*of, *sent, *amount, id)).collect();
        let mut shuffled = all.clone();
        for (a, b) in swaps {
            if a < shuffled.len() && b < shuffled.len() {
                shuffled.swap(a, b);
            }
        }
        let found: Vec<&UseRecorded> = super::uses::uses_counting(&shuffled);
        // The naive model: of each declaration the greatest of (sent, amount); nothing counts as none.
        let mut model: BTreeMap<u8, (i64, i64)> = BTreeMap::new();
        for (of, sent, amount) in &told {
            let last = model.entry(*of).or_insert((*sent, *amount));
            *last = (*last).max((*sent, *amount));
        }
        let expected: Vec<(String, i64)> = model.into_iter()
            .filter(|(_, (_, amount))| *amount > 0)
            .map(|(of, (_, amount))| (format!("D-{of}"), amount)).collect();
        let found: Vec<(String, i64)> = found.iter()
            .map(|one| (one.told.of.declaration.clone(), one.told.quantities[0].amount)).collect();
        prop_assert_eq!(found, expected);
    }

    /// A sample is of the uses, has as many as there are or as are asked for, and can be drawn again.
    #[test]
    fn a_sample_can_be_drawn_again(count in 0_u32..40, size in 0_u32..50, seed: u64) {
        let uses: Vec<DeclaredUse> = (0..count)
            .map(|n| DeclaredUse { declaration: format!("D-{n}"), line: 1 }).collect();
        let mut reversed = uses.clone();
        reversed.reverse();
        let drawn = sample(&uses, size, seed);
        prop_assert_eq!(&drawn, &sample(&reversed, size, seed));
        prop_assert_eq!(drawn.len() as u32, size.min(count));
        let set: BTreeSet<&DeclaredUse> = drawn.iter().collect();
        prop_assert_eq!(set.len(), drawn.len());
        prop_assert!(drawn.iter().all(|of| uses.contains(of)));
    }

    /// Periods cover every day from the registration on, once, and none before.
    #[test]
    fn periods_follow_each_other_without_gap(
        months in prop_oneof![Just(1_u32), Just(3), Just(6), Just(12)],
        start in 0_i64..2000, length in 0_i64..1500,
    ) {
        let registered = day("2020-01-01").checked_add(jiff::Span::new().days(start)).unwrap();
        let as_of = registered.checked_add(jiff::Span::new().days(length)).unwrap();
        let general = GeneralLicence { report_every_months: Some(months), ..general() };
        let all = periods(&general, registered, None, as_of);
        prop_assert_eq!(all[0].from, registered);
        prop_assert!(all.last().unwrap().to >= as_of);
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].to.tomorrow().unwrap(), pair[1].from);
        }
        for of in &all {
            prop_assert_eq!(of.to.tomorrow().unwrap().day(), 1);
            prop_assert_eq!(i64::from(of.to.month()) % i64::from(months), 0);
        }
    }
}

#[test]
fn draws_each_use_about_as_often_as_any_other() {
    let uses: Vec<DeclaredUse> =
        (0..10).map(|n| DeclaredUse { declaration: format!("D-{n}"), line: 1 }).collect();
    let mut times: BTreeMap<DeclaredUse, u32> = BTreeMap::new();
    for seed in 0..2_000 {
        for of in sample(&uses, 3, seed) {
            *times.entry(of).or_default() += 1;
        }
    }
    // 600 are expected of each, with a deviation of 20.5: five of them on either side.
    assert!(times.len() == 10 && times.values().all(|n| (497..=703).contains(n)), "{times:?}");
}
