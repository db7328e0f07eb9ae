//! Random messages, reordered, replayed, missing and poisoned, against a naive model: a list of what was
//! accepted, added up anew for every question.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::licence::Allowance;
use crate::sample::{allowance, at, book, licence, message, written};

#[derive(Debug, Clone)]
struct Step {
    deed: u8,
    increment: bool,
    declaration: u8,
    kg: u8,
    sent_min: u8,
    until_min: u8,
    poison: u8,
    offline: bool,
    wait_min: u8,
}

fn step() -> impl Strategy<Value = Step> {
    (0..6_u8, any::<bool>(), 0..4_u8, 0..60_u8, 0..120_u8, 0..240_u8, 0..12_u8, 0..6_u8, 0..20_u8)
        .prop_map(
            |(deed, increment, declaration, kg, sent_min, until_min, poison, offline, wait_min)| {
                Step {
                    deed,
                    increment,
                    declaration,
                    kg,
                    sent_min,
                    until_min,
                    poison,
                    offline: offline == 0,
                    wait_min,
                }
            },
        )
}

const MINUTE: i64 = 60_000_000;

fn start() -> i64 {
    at("2026-06-01T08:00:00Z")
}

fn build(number: usize, step: &Step) -> Message {
    let deed = ["check", "reserve", "commit", "release", "correct", "commit"][step.deed as usize];
    let kg = if deed == "release" { String::new() } else { (step.kg + 1).to_string() };
    let declaration = format!("D{}", step.declaration);
    let mut built = message(&number.to_string(), deed, &declaration, &kg, "2026-06-01T08:00:00Z");
    built.sent_us = start() + i64::from(step.sent_min) * MINUTE;
    built.reserve_until_us = Some(start() + i64::from(step.until_min) * MINUTE);
    built.instants.departed_us = Some(start());
    if step.increment && built.deed == Deed::Commit {
        built.measure = Measure::Increment;
    }
    if deed == "correct" && step.kg.is_multiple_of(4) {
        built.quantities[0].amount = 0;
    }
    if step.offline && matches!(built.deed, Deed::Commit | Deed::Correct) {
        built.allotment = "A1".into();
    }
    match step.poison {
        0 => built.claim.end_use = "other".into(),
        1 => built.line = 9,
        _ => {}
    }
    built
}

/// What a use has drawn and holds, from all messages that were accepted.
fn naive_use(accepted: &[(Message, i64)], declaration: &str, now: i64) -> (i64, i64) {
    let of: Vec<&(Message, i64)> =
        accepted.iter().filter(|(m, _)| m.declaration == declaration).collect();
    let amount = |m: &Message| m.quantities[0].amount;
    let absolute = of
        .iter()
        .filter(|(m, _)| {
            m.deed == Deed::Correct || m.deed == Deed::Commit && m.measure == Measure::Absolute
        })
        .map(|(m, _)| (m.sent_us, amount(m)))
        .max();
    let after = absolute.map_or(i64::MIN, |a| a.0);
    let parts: i64 = of
        .iter()
        .filter(|(m, _)| {
            m.deed == Deed::Commit && m.measure == Measure::Increment && m.sent_us > after
        })
        .map(|(m, _)| amount(m))
        .sum();
    let drawn = absolute.map_or(0, |a| a.1) + parts;
    let hold = of
        .iter()
        .filter(|(m, _)| m.deed == Deed::Reserve)
        .max_by_key(|(m, _)| (m.sent_us, amount(m)));
    let released = of.iter().filter(|(m, _)| m.deed == Deed::Release).map(|(m, _)| m.sent_us).max();
    let held = hold.map_or(0, |(m, until)| {
        let over = now >= *until
            || released.is_some_and(|r| r >= m.sent_us)
            || after >= m.sent_us && absolute.is_some();
        if over { 0 } else { (amount(m) - drawn).max(0) }
    });
    (drawn, held)
}

fn naive_sums(accepted: &[(Message, i64)], now: i64) -> (i64, i64) {
    let mut declarations: Vec<&str> =
        accepted.iter().map(|(m, _)| m.declaration.as_str()).collect();
    declarations.sort_unstable();
    declarations.dedup();
    declarations
        .iter()
        .map(|d| naive_use(accepted, d, now))
        .fold((0, 0), |s, u| (s.0 + u.0, s.1 + u.1))
}

/// Drawn from the allotment: the steps of uses that named it. Its own sum, by the order of arrival.
fn ceiling(allowance: &Allowance) -> i64 {
    allowance.quantity.amount
        + allowance.quantity.amount * i64::from(allowance.tolerance_ppm) / 1_000_000
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_more_is_taken_than_licensed_but_by_marked_facts(
        steps in proptest::collection::vec(step(), 1..60),
        tolerance in prop_oneof![Just(0_u32), Just(50_000)],
        allotted in 0..2_i64,
    ) {
        let mut granted = licence();
        granted.lines[0].allowances = vec![allowance("net_mass", "100", tolerance)];
        let most = ceiling(&granted.lines[0].allowances[0]);
        let mut book = book(granted, vec![]);
        let mut now = start() + 120 * MINUTE;
        let open = Allotment {
            id: "A1".into(), post: "PORT".into(), line: 1, amounts: vec![allotted * 30_000_000],
            drawn: vec![], state: AllotmentState::Open,
        };
        book.allot(open, now).unwrap();
        let (mut accepted, mut offline, mut excess): (Vec<(Message, i64)>, i64, i64) = (Vec::new(), 0, 0);
        for (number, step) in steps.iter().enumerate() {
            now += i64::from(step.wait_min) * MINUTE;
            let asked = build(number, step);
            let until = asked.reserve_until_us.unwrap();
            let before = naive_sums(&accepted, now);
            let mut with = accepted.clone();
            with.push((asked.clone(), until));
            let after = naive_sums(&with, now);
            let left = |drawn: i64| (allotted * 30_000_000 - drawn).max(0);
            let step_drawn = if asked.allotment.is_empty() { 0 } else { after.0 - before.0 };
            let taken = |s: (i64, i64), drawn: i64| s.0 + s.1 + left(drawn);
            let (old, new) = (taken(before, offline), taken(after, offline + step_drawn));
            let fact = !asked.allotment.is_empty();
            let sound = asked.line == 1 && (fact || asked.claim.end_use != "other" || asked.deed == Deed::Release);
            // A check is asked as a reservation would be.
            let fits = if asked.deed == Deed::Check {
                let mut probe = asked.clone();
                probe.deed = Deed::Reserve;
                let mut with = accepted.clone();
                with.push((probe, until));
                let new = taken(naive_sums(&with, now), offline);
                new <= old || new <= most
            } else {
                fact || new <= old || new <= most
            };
            let (answer, _) = book.decide(&asked, now);
            let expected = if sound && fits { Outcome::Accepted } else { Outcome::Refused };
            prop_assert_eq!(answer.outcome, expected, "step {}: {:?} {:?}", number, asked, answer);
            if expected == Outcome::Accepted && asked.deed != Deed::Check {
                accepted = with;
                offline += step_drawn;
                excess = excess.max(new - most);
                prop_assert!(new <= most || new <= old || answer.marks.contains(&Mark::BeyondQuantity)
                    || answer.marks.contains(&Mark::Stale));
            }
            let sums = naive_sums(&accepted, now);
            let head = &book.heads[&1];
            prop_assert_eq!((head.drawn[0], head.held[0]), sums, "step {}: {:?}", number, asked);
            prop_assert_eq!(head.allotted[0], left(offline));
            prop_assert!(head.taken(0) <= most + head.excess[0]);
            prop_assert_eq!(head.excess[0], excess.max(0));
        }
    }

    /// With room for all, what counts in the end is the same in whatever order messages arrive.
    #[test]
    fn the_order_of_arrival_is_no_matter(
        steps in proptest::collection::vec(step(), 1..12),
        order in proptest::collection::vec(any::<u32>(), 12),
    ) {
        let now = start() + 150 * MINUTE;
        let run = |messages: &[Message]| {
            let mut granted = licence();
            granted.lines[0].allowances = vec![allowance("net_mass", "100000", 0)];
            let mut book = book(granted, vec![]);
            for message in messages {
                book.decide(message, now);
            }
            let uses: BTreeMap<UseKey, (i64, i64)> =
                book.uses.iter().map(|(k, u)| (k.clone(), (u.drawn(0), u.held(0, now)))).collect();
            (book.heads[&1].clone(), uses)
        };
        let mut messages: Vec<Message> = steps
            .iter()
            .enumerate()
            .map(|(number, step)| build(number, &Step { offline: false, ..step.clone() }))
            .collect();
        let (head, uses) = run(&messages);
        let mut keyed: Vec<(u32, Message)> = order.iter().copied().zip(messages).collect();
        keyed.sort_by_key(|(key, _)| *key);
        messages = keyed.into_iter().map(|(_, message)| message).collect();
        prop_assert_eq!(run(&messages), (head, uses));
    }

    /// What is written by whoever wants to break it is answered with reasons, never with a panic.
    #[test]
    fn whatever_is_written_is_read_or_told(
        deed in ".{0,8}", id in ".{0,80}", amount in ".{0,12}", unit in ".{0,12}", sent in ".{0,24}",
    ) {
        let mut asked = written(&id, &deed, "D1", "1", &sent);
        asked.quantities[0].amount = amount;
        asked.quantities[0].unit = unit;
        if let Err(reasons) = asked.read() {
            prop_assert!(reasons.iter().all(|r| !r.code.is_empty() && !r.message.contains('\n')));
        }
    }
}
