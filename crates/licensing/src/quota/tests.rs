//! Pots against a ledger that is summed anew for each question, positions against one milligram at a time.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn line(stage: &str) -> Line {
    Line { stage: stage.to_owned(), ore: "rock".to_owned() }
}

fn rules() -> QuotaRules {
    QuotaRules {
        lines: vec![line("mining"), line("separation")],
        counts_imported: false,
        counts_secondary: false,
        carry_ppm: 100_000,
        cut_ppm: Some(1_000_000),
        reserve_ppm: 100_000,
        slices_max: Some(2),
        alarms_percent: vec![80, 100],
    }
}

fn step(from: &str, to: &str, amount_mg: i64) -> Step {
    Step {
        year: 2025,
        line: line("mining"),
        from: Node::parse(from),
        to: Node::parse(to).unwrap(),
        amount_mg,
        slice: u32::from(from.is_empty()),
        day: date(2025, 2, 1),
    }
}

fn usage(company: &str, day: Date, amount_mg: i64) -> QuotaUse {
    QuotaUse {
        company: company.to_owned(),
        line: line("mining"),
        day,
        filing: format!("{company}/{day}"),
        amount_mg,
        imported: false,
        secondary: false,
    }
}

/// Takes steps in turn; the code of the last.
fn last(steps: &[Step]) -> String {
    let mut pots = Pots::default();
    let mut found = String::new();
    for step in steps {
        found = match pots.take(&rules(), step, None) {
            Ok(kind) => format!("{kind:?}"),
            Err(refusal) => refusal.code().to_owned(),
        };
    }
    found
}

#[test]
fn amounts_go_down_the_tree_and_back_and_no_other_way() {
    let issued = step("", "authority", 1000);
    let group = step("authority", "group:North", 500);
    let company = step("group:North", "gad:a", 300);
    let check = |then: &[Step], expected: &str| {
        let steps: Vec<Step> =
            [&issued, &group, &company].into_iter().chain(then).cloned().collect();
        assert_eq!(last(&steps), expected, "{then:?}");
    };
    check(&[step("group:North", "gad:a", 200)], "Grant");
    check(&[step("group:North", "gad:a", 201)], "quota_beyond_parent");
    check(&[step("gad:a", "group:North", 300)], "TakeBack");
    check(&[step("gad:a", "authority", 300)], "quota_way");
    check(&[step("group:North", "gad:b", 1), step("gad:a", "gad:b", 10)], "Reallocate");
    check(&[step("authority", "gad:c", 1), step("gad:a", "gad:c", 10)], "quota_way");
    check(&[step("authority", "gad:a", 10)], "quota_other_parent");
    check(&[step("reserve", "authority", 100)], "Release");
    check(&[step("reserve", "authority", 101)], "quota_beyond_parent");
    check(&[step("reserve", "gad:a", 1)], "quota_way");
    // 900 lie with the authority after the reserve of a tenth; 500 have gone.
    check(&[step("authority", "gad:d", 401)], "quota_beyond_parent");
    check(&[step("authority", "gad:d", 400)], "Grant");
    check(&[step("authority", "gad:d", 0)], "Grant");
    check(&[step("gad:a", "group:North", 0)], "quota_amount");
    check(&[step("authority", "gad:d", -1)], "quota_amount");
    check(&[step("", "authority", 1)], "quota_slice");
    check(&[Step { slice: 2, ..step("", "authority", 1) }], "Issue");
    check(&[Step { slice: 3, ..step("", "authority", 1) }], "quota_slice");
    check(&[Step { slice: 1, ..step("authority", "gad:d", 1) }], "quota_slice");
    check(&[Step { day: date(2025, 1, 31), ..step("authority", "gad:d", 1) }], "quota_day");
    check(&[Step { line: line("magnets"), ..step("authority", "gad:d", 1) }], "quota_line");
}

#[test]
fn what_a_company_has_used_is_not_taken_back() {
    let mut pots = Pots::default();
    for granted in [step("", "authority", 1000), step("authority", "gad:a", 500)] {
        pots.take(&rules(), &granted, None).unwrap();
    }
    let back = |amount| step("gad:a", "authority", amount);
    let refused = pots.take(&rules(), &back(101), Some(100)).unwrap_err();
    assert_eq!(refused.code(), "quota_used");
    assert_eq!(pots.own(&Node::Company("gad:a".to_owned())), 500);
    assert_eq!(pots.take(&rules(), &back(100), Some(100)), Ok(StepKind::TakeBack));
}

#[test]
fn before_an_allocation_use_awaits_it_and_a_permission_is_refused() {
    let used = [usage("gad:a", date(2025, 1, 10), 70)];
    let steps = [step("", "authority", 1000), step("authority", "gad:a", 100)];
    let on = |day| positions(&rules(), &steps, &used, day).unwrap().remove(0);
    let before = on(date(2025, 1, 31));
    assert_eq!(
        (before.standing, before.awaiting_mg, before.excess_mg),
        (Standing::Awaiting, 70, 0)
    );
    assert_eq!(permit(&before, 1).unwrap_err().code(), "quota_awaited");
    let after = on(date(2025, 2, 1));
    assert_eq!((after.standing, after.awaiting_mg, after.left_mg), (Standing::Within, 0, 30));
    assert_eq!(permit(&after, 30), Ok(()));
    assert_eq!(permit(&after, 31).unwrap_err().code(), "quota_exceeded");
}

#[test]
fn an_allocation_of_nothing_says_that_there_is_none() {
    let used = [usage("gad:a", date(2025, 3, 1), 70)];
    let steps = [step("", "authority", 1000), step("authority", "gad:a", 0)];
    let found = positions(&rules(), &steps, &used, date(2025, 12, 31)).unwrap().remove(0);
    assert_eq!((found.standing, found.excess_mg), (Standing::Over, 70));
    assert_eq!(found.proofs[0].beyond_mg, 70);
}

#[test]
fn alarms_are_reached_at_their_percentage_and_the_excess_is_proven_by_filings() {
    let steps = [step("", "authority", 1000), step("authority", "gad:a", 100)];
    let check = |amounts: &[i64], standing, alarm, beyond: &[i64]| {
        let uses: Vec<QuotaUse> = amounts
            .iter()
            .enumerate()
            .map(|(at, amount)| usage("gad:a", date(2025, 3, 1 + at as i8), *amount))
            .collect();
        let found = positions(&rules(), &steps, &uses, date(2025, 12, 31)).unwrap().remove(0);
        assert_eq!((found.standing, found.alarm_percent), (standing, alarm), "{amounts:?}");
        let proven: Vec<i64> = found.proofs.iter().map(|proof| proof.beyond_mg).collect();
        assert_eq!(proven, beyond, "{amounts:?}");
    };
    check(&[79], Standing::Within, None, &[0]);
    check(&[79, 1], Standing::Alarmed, Some(80), &[0, 0]);
    check(&[100], Standing::Alarmed, Some(100), &[0]);
    check(&[90, 30, 5], Standing::Over, Some(100), &[0, 20, 5]);
}

#[test]
fn imported_and_secondary_feed_count_as_the_pack_says() {
    let of = |imported, secondary| QuotaUse {
        imported,
        secondary,
        ..usage("gad:a", date(2025, 3, 1), 10)
    };
    let uses = [of(false, false), of(true, false), of(false, true), of(true, true)];
    for (counts_imported, counts_secondary, used) in
        [(false, false, 10), (true, false, 20), (false, true, 20), (true, true, 40)]
    {
        let rules = QuotaRules { counts_imported, counts_secondary, ..rules() };
        let found = positions(&rules, &[], &uses, date(2025, 12, 31)).unwrap().remove(0);
        assert_eq!((found.used_mg, found.uncounted_mg), (used, 40 - used));
    }
}

#[test]
fn the_rest_is_carried_and_the_excess_cuts_once_the_year_is_over() {
    let next = |from: &str, to: &str, amount| Step {
        year: 2026,
        day: date(2025, 12, 1),
        ..step(from, to, amount)
    };
    let steps = [
        step("", "authority", 1000),
        step("authority", "gad:a", 100),
        step("authority", "gad:b", 100),
        next("", "authority", 1000),
        next("authority", "gad:a", 50),
        next("authority", "gad:b", 50),
    ];
    let uses = [usage("gad:a", date(2025, 3, 1), 60), usage("gad:b", date(2025, 3, 1), 160)];
    let on = |day| {
        let found = positions(&rules(), &steps, &uses, day).unwrap();
        let of = found.iter().filter(|p| p.year == 2026);
        let of: Vec<_> = of
            .map(|p| (p.company.clone(), p.carried_mg, p.cut_mg, p.cut_unmet_mg, p.left_mg))
            .collect();
        of
    };
    let rows = |a: (i64, i64, i64, i64), b: (i64, i64, i64, i64)| {
        vec![("gad:a".to_owned(), a.0, a.1, a.2, a.3), ("gad:b".to_owned(), b.0, b.1, b.2, b.3)]
    };
    assert_eq!(on(date(2025, 12, 31)), rows((0, 0, 0, 50), (0, 0, 0, 50)));
    assert_eq!(on(date(2026, 1, 1)), rows((4, 0, 0, 54), (0, 50, 10, 0)));
}

#[test]
fn holders_are_known_by_their_codes() {
    for code in ["authority", "reserve", "group:North", "gad:a"] {
        assert_eq!(Node::parse(code).unwrap().to_string(), code);
    }
    for code in ["", "group:", "a", ":a", "gad:"] {
        assert_eq!(Node::parse(code), None, "{code}");
    }
}

const NODES: [&str; 7] =
    ["authority", "reserve", "group:North", "group:South", "gad:a", "gad:b", "gad:c"];

/// The naive ledger: all movements, summed anew for each question.
#[derive(Default)]
struct Naive {
    moved: Vec<(String, String, i64)>,
    slices: Vec<u32>,
}

impl Naive {
    fn own(&self, node: &str) -> i64 {
        let into: i64 = self.moved.iter().filter(|m| m.1 == node).map(|m| m.2).sum();
        into - self.moved.iter().filter(|m| m.0 == node).map(|m| m.2).sum::<i64>()
    }

    /// From whom a holder first had something; of one that had it from a sibling, the sibling's.
    fn parent(&self, node: &str) -> Option<String> {
        let first = self.moved.iter().find(|m| m.1 == node && m.0 != node)?;
        let grant =
            first.0 == "authority" || (first.0.starts_with("group:") && node.starts_with("gad:"));
        if grant { Some(first.0.clone()) } else { self.parent(&first.0) }
    }

    fn may(&self, from: &str, to: &str, amount: i64, slice: u32) -> bool {
        if from.is_empty() {
            return to == "authority"
                && amount > 0
                && (1..=2).contains(&slice)
                && !self.slices.contains(&slice);
        }
        if slice != 0 || amount < 0 || amount > self.own(from) || from == to || to == "reserve" {
            return false;
        }
        if from == "reserve" {
            return to == "authority" && amount > 0;
        }
        let (up, of) = (self.parent(from), self.parent(to));
        let level = |node: &str| match node {
            "authority" => 0,
            node if node.starts_with("group:") => 1,
            _ => 2,
        };
        let back = up.as_deref() == Some(to) && amount > 0;
        let down = level(from) < level(to) && of.as_deref().is_none_or(|parent| parent == from);
        let aside = up.is_some() && up == of && amount > 0;
        back || down || aside
    }
}

proptest! {
    #[test]
    fn pots_are_those_of_a_ledger_summed_anew(
        moves in prop::collection::vec((0..8_usize, 0..7_usize, 0..60_i64, 0..4_u32), 1..60),
    ) {
        let mut pots = Pots::default();
        let mut naive = Naive::default();
        for (from, to, amount, slice) in moves {
            let from = NODES.get(from).copied().unwrap_or("");
            let slice = if from.is_empty() { slice } else { slice / 3 };
            let step = Step { slice, ..step(from, NODES[to], amount) };
            let before = pots.clone();
            let taken = pots.take(&rules(), &step, None);
            prop_assert_eq!(taken.is_ok(), naive.may(from, NODES[to], amount, slice), "{:?}", step);
            if taken.is_err() {
                prop_assert_eq!(&before, &pots);
                continue;
            }
            naive.moved.push((from.to_owned(), NODES[to].to_owned(), amount));
            if from.is_empty() {
                naive.slices.push(slice);
                naive.moved.push(("authority".to_owned(), "reserve".to_owned(), amount / 10));
            }
            for node in NODES {
                let own = pots.own(&Node::parse(node).unwrap());
                prop_assert_eq!(own, naive.own(node), "{}", node);
                prop_assert!(own >= 0);
            }
            prop_assert_eq!(pots.holders().map(|held| held.1).sum::<i64>(), pots.issued());
            let all = pots.given(&Node::Authority) + pots.own(&Node::Reserve);
            prop_assert_eq!(all, pots.issued());
        }
    }

    #[test]
    fn positions_are_those_of_one_milligram_at_a_time(
        granted in prop::collection::vec(prop::option::of(0..100_i64), 4),
        amounts in prop::collection::vec((0..4_i16, 1..28_i8, 1..40_i64, any::<bool>()), 0..24),
        (carry_ppm, cut) in (0..=1_000_000_u32, prop::option::of(0..2_000_000_u32)),
        seed in any::<u64>(),
    ) {
        let rules = QuotaRules { carry_ppm, cut_ppm: cut, reserve_ppm: 0, slices_max: None, ..rules() };
        let mut steps = Vec::new();
        for (at, granted) in granted.iter().enumerate() {
            let year = 2021 + at as i16;
            let of = |from: &str, to: &str, amount| Step {
                year, day: date(year, 1, 1), ..step(from, to, amount)
            };
            steps.push(of("", "authority", 1000));
            steps.extend(granted.map(|amount| of("authority", "gad:a", amount)));
        }
        let mut uses: Vec<QuotaUse> = amounts.iter().enumerate().map(|(at, &(year, day, amount, imported))| {
            let mut of = usage("gad:a", date(2021 + year, 5, day), amount);
            of.filing = format!("gad:a/{at}");
            of.imported = imported;
            of
        }).collect();
        let found = positions(&rules, &steps, &uses, date(2024, 12, 31)).unwrap();
        // The same, whatever the order of arrival.
        if !uses.is_empty() {
            let by = (seed % uses.len() as u64) as usize;
            uses.rotate_left(by);
            uses.reverse();
        }
        prop_assert_eq!(&found, &positions(&rules, &steps, &uses, date(2024, 12, 31)).unwrap());
        let (mut carried, mut cut_by) = (0_i64, 0_i64);
        for (at, granted) in granted.iter().enumerate() {
            let year = 2021 + at as i16;
            let counted = uses.iter().filter(|of| of.day.year() == year && !of.imported);
            let used: i64 = counted.map(|of| of.amount_mg).sum();
            let position = found.iter().find(|p| p.year == year);
            let any = uses.iter().any(|of| of.day.year() == year);
            prop_assert_eq!(position.is_some(), granted.is_some() || any);
            let Some(granted) = granted else {
                if let Some(position) = position {
                    prop_assert_eq!((position.awaiting_mg, position.excess_mg), (used, 0));
                }
                (carried, cut_by) = (0, 0);
                continue;
            };
            let position = position.unwrap();
            // One milligram after the other: cut first, then what is carried, then the year's own.
            let (mut old, mut own, mut unmet, mut excess) = (carried, *granted, 0, 0);
            for _ in 0..cut_by {
                if own > 0 { own -= 1 } else if old > 0 { old -= 1 } else { unmet += 1 }
            }
            for _ in 0..used {
                if old > 0 { old -= 1 } else if own > 0 { own -= 1 } else { excess += 1 }
            }
            prop_assert_eq!(position.left_mg, old + own);
            prop_assert_eq!(position.excess_mg, excess);
            prop_assert_eq!(position.cut_unmet_mg, unmet);
            prop_assert_eq!((position.carried_mg, position.cut_mg), (carried, cut_by - unmet));
            prop_assert_eq!(position.entitled_mg() + excess, used + position.left_mg);
            prop_assert_eq!(position.proofs.iter().map(|p| p.beyond_mg).sum::<i64>(), excess);
            carried = i64::try_from(i128::from(own) * i128::from(carry_ppm) / 1_000_000).unwrap();
            cut_by = cut.map_or(0, |cut| i64::try_from(i128::from(excess) * i128::from(cut) / 1_000_000).unwrap());
        }
    }
}
