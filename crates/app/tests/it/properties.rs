//! The invariants of the ledger on random economies; each test is named after the fact.

use insight::Direction;

use crate::attribution::Until;
use crate::check::*;
use crate::economy::{
    Economy, Filing, Grain, Rng, Row, Value, batch_instant, chaotic, csv, orderly,
};
use crate::model::{Model, View};

fn any(rng: &mut Rng) -> Economy {
    chaotic(rng, Grain::Any)
}

/// A view within the economy's dates and batches, or all there is.
fn view(economy: &Economy, rng: &mut Rng) -> View {
    match rng.below(4) {
        0 | 1 => View::default(),
        2 => View { as_of: Some(rng.below(56) as i32), known: None },
        _ => View {
            as_of: rng.percent(50).then(|| rng.below(56) as i32),
            known: Some(rng.below(economy.batches() as u64) as usize),
        },
    }
}

fn some_lots(economy: &Economy, rng: &mut Rng, count: usize) -> Vec<String> {
    let lots = economy.lots();
    if lots.is_empty() { lots } else { (0..count).map(|_| rng.pick(&lots).clone()).collect() }
}

#[test]
fn answers_agree_with_the_exact_model() {
    holds("answers agree with the exact model", 500, any, |economy, rng| {
        let books = filed(economy)?;
        let view = view(economy, rng);
        let model = Model::new(economy, view);
        for lot in some_lots(economy, rng, 3) {
            let element = *rng.pick(&["Dy", "Dy", "Nd", "Tb"]);
            let to = match rng.below(5) {
                0..=2 => Until::Root,
                3 => Until::Party,
                _ => Until::Stage(rng.word(&crate::economy::STAGES)),
            };
            back_agrees(&books, &model, (&lot, element), &to, view)?;
            forward_agrees(&books, &model, (&lot, element), view)?;
        }
        Ok(())
    });
}

#[test]
fn the_balance_agrees_with_the_exact_model() {
    holds("the balance agrees with the exact model", 100, any, |economy, rng| {
        let books = filed(economy)?;
        let view = view(economy, rng);
        let from = rng.percent(40).then(|| rng.below(56) as i32);
        balance_agrees(&books, &Model::new(economy, view), view, from)
    });
}

#[test]
fn all_accounts_add_up_to_nothing_after_any_prefix() {
    holds("all accounts add up to nothing after any prefix", 60, any, |economy, rng| {
        let mut prefix = economy.clone();
        prefix.filings.truncate(1 + rng.below(economy.filings.len() as u64) as usize);
        let books = filed(&prefix)?;
        let view = view(&prefix, rng);
        let accounts = books.accounts(&insight_view(view));
        let model = Model::new(&prefix, view);
        for element in ["Dy", "Nd", "Tb"] {
            let of: Vec<&app::AccountBalance> =
                accounts.iter().filter(|a| a.element == element).collect();
            let sum: i128 = of.iter().map(|a| a.balance_ug).sum();
            ensure(sum == 0, || format!("{element} adds up to {sum}: {of:?}"))?;
            let named: std::collections::BTreeMap<String, i128> = of
                .iter()
                .map(|a| {
                    let words = [a.account, &a.party, &a.site, &a.other];
                    let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
                    (words.join(" "), a.balance_ug)
                })
                .collect();
            let exact = model.ledger(element);
            ensure(named == exact, || format!("{element}: {named:?}\nexactly {exact:?}"))?;
        }
        let wrong = books.accounts_check();
        ensure(wrong.is_empty(), || wrong.join("; "))
    });
}

/// A random order in which each correction still comes after what it corrects.
fn shuffled(economy: &Economy, rng: &mut Rng) -> Economy {
    let mut left: Vec<Filing> = economy.filings.clone();
    let mut filings: Vec<Filing> = Vec::new();
    while !left.is_empty() {
        let ready: Vec<usize> = (0..left.len())
            .filter(|&i| {
                let (filer, corrects) = (left[i].filer, &left[i].corrects);
                corrects.is_empty()
                    || !left.iter().any(|f| f.filer == filer && f.reference == *corrects)
            })
            .collect();
        filings.push(left.remove(*rng.pick(&ready)));
    }
    Economy { filings }
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    holds("the order of arrival changes nothing", 60, any, |economy, rng| {
        let at = batch_instant(0);
        let (mut one, mut other) = (books(), books());
        import(&mut one, &economy.csv(), at)?;
        let shuffled = shuffled(economy, rng);
        import(&mut other, &shuffled.csv(), at)?;
        let view = View { as_of: rng.percent(30).then(|| rng.below(56) as i32), known: None };
        same(&answers(&one, economy, view), &answers(&other, economy, view))
    });
}

#[test]
fn filing_the_same_batch_twice_changes_nothing() {
    holds("filing the same batch twice changes nothing", 30, any, |economy, rng| {
        let mut books = filed(economy)?;
        let before = answers(&books, economy, View::default());
        let again = shuffled(economy, rng);
        let filed = import(&mut books, &again.csv(), batch_instant(99))?;
        ensure(filed == 0, || format!("{filed} rows were filed again"))?;
        same(&before, &answers(&books, economy, View::default()))
    });
}

#[test]
fn corrected_and_filed_again_is_as_before() {
    holds("corrected and filed again is as before", 40, any, |economy, rng| {
        let live: Vec<&Filing> = economy
            .filings
            .iter()
            .filter(|f| {
                !economy.filings.iter().any(|g| g.filer == f.filer && g.corrects == f.reference)
            })
            .collect();
        if live.is_empty() {
            return Ok(());
        }
        let named = (*rng.pick(&live)).clone();
        let mut changed = named.clone();
        changed.corrects.clone_from(&named.reference);
        changed.reference = format!("{}A", named.reference);
        if rng.percent(50) {
            (changed.kind, changed.rows) = (base::Kind::Void, vec![Row::default()]);
        } else {
            for row in &mut changed.rows {
                row.mass_mg = row.mass_mg.map(|mg| mg / 2);
                row.lot = if row.lot.is_empty() { String::new() } else { format!("{}X", row.lot) };
            }
        }
        let mut again = named.clone();
        again.corrects.clone_from(&changed.reference);
        again.reference = format!("{}B", named.reference);
        let at = batch_instant(0);
        let mut books = books();
        import(&mut books, &economy.csv(), at)?;
        let before = answers(&books, economy, View::default());
        import(&mut books, &csv([&changed].into_iter()), at)?;
        import(&mut books, &csv([&again].into_iter()), at)?;
        let after = answers(&books, economy, View::default());
        same(&before, &after.replace(&again.reference, &named.reference))
    });
}

#[test]
fn batch_sizes_and_questions_in_between_change_nothing() {
    holds("batch sizes and questions in between change nothing", 40, any, |economy, rng| {
        let at = batch_instant(0);
        let (mut bulk, mut single) = (books(), books());
        import(&mut bulk, &economy.csv(), at)?;
        let mut rest: &[Filing] = &economy.filings;
        while !rest.is_empty() {
            let size = 1 + rng.below(3.min(rest.len() as u64)) as usize;
            import(&mut single, &csv(rest[..size].iter()), at)?;
            rest = &rest[size..];
            if rng.percent(20) {
                answers(&single, economy, View::default());
            }
        }
        same(&answers(&bulk, economy, View::default()), &answers(&single, economy, View::default()))
    });
}

#[test]
fn what_was_known_at_an_instant_does_not_change() {
    holds("what was known at an instant does not change", 40, any, |economy, _| {
        let mut books = books();
        let mut then = Vec::new();
        for batch in 0..economy.batches() {
            file_batch(&mut books, economy, batch)?;
            then.push(answers(&books, economy, View::default()));
        }
        for (batch, answered) in then.iter().enumerate() {
            let known = View { known: Some(batch), as_of: None };
            same(answered, &answers(&books, economy, known))
                .map_err(|fault| format!("known at batch {batch}: {fault}"))?;
        }
        Ok(())
    });
}

#[test]
fn a_lot_split_and_merged_is_the_same_lot() {
    holds("a lot split and merged is the same lot", 60, any, |economy, rng| {
        let model = Model::new(economy, View::default());
        let lots: Vec<String> =
            economy.lots().into_iter().filter(|l| !model.makings(l).is_empty()).collect();
        if lots.is_empty() {
            return Ok(());
        }
        let lot = rng.pick(&lots).clone();
        let worth = model.lot(&lot);
        let mass = worth.mass.min(1_000_000_000_000) as i64;
        let Some(assay) = worth.assay.filter(|a| mass > 0 && !a.is_empty()) else { return Ok(()) };
        let composition: Vec<(&'static str, Value)> =
            assay.iter().map(|(e, ppb)| (*e, Value::Ppb(*ppb))).collect();
        let first = rng.below(mass as u64 + 1) as i64;
        let leg = |leg, lot: &str, mass_mg| Row {
            leg,
            lot: lot.to_owned(),
            mass_mg: Some(mass_mg),
            stage: "metal",
            site: "NORTH",
            composition: if leg == "out" { composition.clone() } else { Vec::new() },
            ..Row::default()
        };
        let transform = |reference: &str, rows| Filing {
            filer: "gad:ash",
            reference: reference.to_owned(),
            kind: base::Kind::Transform,
            day: 55,
            corrects: String::new(),
            rows,
            batch: economy.batches(),
        };
        let parts = [("SPLIT-1", first), ("SPLIT-2", mass - first)];
        let mut split = vec![leg("in", &lot, mass)];
        split.extend(parts.iter().map(|(part, mass)| leg("out", part, *mass)));
        let mut merge: Vec<Row> = parts.iter().map(|(part, mass)| leg("in", part, *mass)).collect();
        merge.push(leg("out", "MERGED", mass));
        let mut economy = economy.clone();
        economy.filings.extend([transform("SPLIT", split), transform("MERGE", merge)]);
        let books = filed(&economy)?;
        for element in ["Dy", "Nd"] {
            let trace = |lot: &str| {
                books.trace(&query(lot, element, Direction::Back, View::default())).unwrap()
            };
            let (before, after) = (trace(&lot), trace("MERGED"));
            if after.content_ug == 0 || before.content_ug == 0 {
                continue;
            }
            for part in &before.parts {
                let same = after.parts.iter().find(|p| p.lot == part.lot);
                let close = same.map_or(part.share, |p| (p.share - part.share).abs()) < 1e-9;
                ensure(close, || format!("{element} of {lot}: {before:?}\nmerged: {after:?}"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn scaling_all_masses_leaves_the_shares() {
    let coarse = |rng: &mut Rng| chaotic(rng, Grain::Coarse);
    holds("scaling all masses leaves the shares", 40, coarse, |economy, rng| {
        let factor = *rng.pick(&[2, 3, 7, 10]);
        let mut scaled = economy.clone();
        for row in scaled.filings.iter_mut().flat_map(|f| &mut f.rows) {
            row.mass_mg = row.mass_mg.map(|mg| mg * factor);
        }
        let (one, other) = (filed(economy)?, filed(&scaled)?);
        for lot in economy.lots() {
            for direction in [Direction::Back, Direction::Forward] {
                let asked = query(&lot, "Dy", direction, View::default());
                let (Ok(before), Ok(after)) = (one.trace(&asked), other.trace(&asked)) else {
                    continue;
                };
                let name = |p: &insight::Part| {
                    (
                        p.lot.clone(),
                        p.state,
                        p.cause,
                        p.party.clone(),
                        p.site.clone(),
                        p.to_party.clone(),
                        p.end_use.clone(),
                    )
                };
                for part in &before.parts {
                    let same = after.parts.iter().find(|p| name(p) == name(part));
                    // Contents that are inherited from a mean composition are rounded.
                    let close = same.map_or(part.share, |p| (p.share - part.share).abs()) < 1e-6;
                    ensure(close, || format!("{before:?}\nscaled by {factor}: {after:?}"))?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn shares_and_contents_add_up_and_bounds_hold_them() {
    holds("shares and contents add up and bounds hold them", 60, any, |economy, rng| {
        let books = filed(economy)?;
        let view = view(economy, rng);
        for lot in economy.lots() {
            let mut asked = query(&lot, "Dy", Direction::Back, view);
            asked.bounds = true;
            for asked in [asked, query(&lot, "Nd", Direction::Forward, view)] {
                if let Ok(answer) = books.trace(&asked) {
                    adds_up(&answer)?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn back_and_forward_are_dual_without_gain_and_overdraft() {
    holds("back and forward are dual", 60, orderly, |economy, _| {
        let books = filed(economy)?;
        let model = Model::new(economy, View::default());
        for root in economy.lots() {
            if model.makings(&root).iter().any(|(f, _)| f.transform() || f.part()) {
                continue;
            }
            let forward = books.trace(&query(&root, "Dy", Direction::Forward, View::default()));
            let Ok(forward) = forward else { continue };
            for leaf in economy.lots().iter().filter(|l| model.draws(l).is_empty()) {
                let back =
                    books.trace(&query(leaf, "Dy", Direction::Back, View::default())).unwrap();
                let there: f64 = forward
                    .parts
                    .iter()
                    .filter(|p| p.lot == *leaf && p.cause.is_empty())
                    .map(|p| p.share)
                    .sum();
                let from: f64 = back.parts.iter().filter(|p| p.lot == root).map(|p| p.share).sum();
                let sent = forward.content_ug as f64 * there;
                let got = back.content_ug as f64 * from;
                let close =
                    (sent - got).abs() <= 1e-9 * (forward.content_ug + back.content_ug) as f64;
                ensure(close, || format!("{root} sends {sent} to {leaf}, which has {got} of it"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn nothing_traces_to_a_later_filing_without_a_finding() {
    holds("nothing traces to a later filing without a finding", 40, any, |economy, rng| {
        let books = filed(economy)?;
        let view = view(economy, rng);
        let model = Model::new(economy, view);
        let findings = books.findings(&insight_view(view));
        for flow in model.flows.iter().filter(|f| model.continues(f)) {
            for draw in &flow.draws {
                let later =
                    model.makings(draw.lot).iter().any(|(f, _)| f.filing.day > flow.filing.day);
                let named = findings.iter().any(|finding| {
                    finding.rule == "before_made"
                        && finding.lots == [draw.lot]
                        && finding.filings.first() == Some(&flow.filing_name())
                });
                ensure(later == named, || {
                    format!(
                        "{} draws {} before it is made: {later}, finding: {named}",
                        flow.filing_name(),
                        draw.lot
                    )
                })?;
            }
        }
        Ok(())
    });
}
