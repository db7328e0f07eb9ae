//! Runs a property over random economies, and compares answers with the model's.
//!
//! Economies come from seeds counted up from one that is printed; an economy that fails is made as
//! small as it gets while it still fails. `GADOLIN_ECONOMIES` is how many are tried altogether,
//! `GADOLIN_SEED` where the seeds begin.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use app::{BalanceAnswer, BalanceQuery, Books};
use base::Timestamp;
use base::time::date_parse;
use insight::{Direction, Part, TraceAnswer, TraceQuery};
use num_bigint::BigInt;

use crate::attribution::{Back, Forward, Origin, Place, Share, Until};
use crate::economy::{Economy, Rng, batch_instant, csv, day_text};
use crate::model::{Model, View};

/// Economies that all properties together try at least where nothing else is asked.
const ECONOMIES: u64 = 10_000;

/// What was set when the tests were built, for a longer hunt: `GADOLIN_ECONOMIES`, `GADOLIN_SEED`.
fn setting(text: Option<&str>) -> Option<u64> {
    text?.parse().ok()
}

/// Tries a property on `share` per mille of the economies.
pub(crate) fn holds(
    name: &str,
    share: u64,
    make: impl Fn(&mut Rng) -> Economy,
    property: impl Fn(&Economy, &mut Rng) -> Result<(), String>,
) {
    let count =
        (setting(option_env!("GADOLIN_ECONOMIES")).unwrap_or(ECONOMIES) * share).div_ceil(1000);
    let first = setting(option_env!("GADOLIN_SEED")).unwrap_or(1);
    println!("{name}: {count} economies from seed {first}");
    let run = |economy: &Economy, seed: u64| -> Result<(), String> {
        // The choices of the property are those of the seed, also for a smaller economy.
        let mut rng = Rng(seed ^ 0x5eed);
        let tried = catch_unwind(AssertUnwindSafe(|| property(economy, &mut rng)));
        tried.unwrap_or_else(|_| Err("it panics".to_owned()))
    };
    for seed in first..first + count {
        let mut economy = make(&mut Rng(seed));
        let Err(mut fault) = run(&economy, seed) else { continue };
        println!("{name}: seed {seed} fails; looking for the smallest economy that does");
        let mut index = 0;
        while index < economy.filings.len() {
            let smaller = economy.without(index);
            // A smaller economy may need other choices to fail.
            match (0..8).find_map(|other| run(&smaller, seed ^ (other << 40)).err()) {
                Some(smaller_fault) => (economy, fault, index) = (smaller, smaller_fault, 0),
                None => index += 1,
            }
        }
        let batches: Vec<usize> = economy.filings.iter().map(|f| f.batch).collect();
        panic!("{name}, seed {seed}: {fault}\nbatches {batches:?}\n{}", economy.csv());
    }
}

pub(crate) fn ensure(holds: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault()) }
}

/// Books with nothing in them.
pub(crate) fn books() -> Books {
    Books::new([7, 11])
}

pub(crate) fn import(books: &mut Books, text: &str, at: Timestamp) -> Result<u64, String> {
    let report = books.import_csv(text.as_bytes(), at);
    ensure(report.rejected == 0, || format!("rejected: {:?}", report.rejected_rows))?;
    Ok(report.filed)
}

/// Files an economy, each batch at its instant.
pub(crate) fn filed(economy: &Economy) -> Result<Books, String> {
    let mut books = books();
    for batch in 0..economy.batches() {
        file_batch(&mut books, economy, batch)?;
    }
    Ok(books)
}

pub(crate) fn file_batch(books: &mut Books, economy: &Economy, batch: usize) -> Result<(), String> {
    let text = csv(economy.filings.iter().filter(|f| f.batch == batch));
    import(books, &text, batch_instant(batch)).map(|_| ())
}

pub(crate) fn insight_view(view: View) -> insight::View {
    insight::View {
        as_of: view.as_of.map(|day| date_parse(&day_text(day)).unwrap()),
        known_at: view.known.map(batch_instant),
    }
}

pub(crate) fn query(lot: &str, element: &str, direction: Direction, view: View) -> TraceQuery {
    TraceQuery {
        lot: lot.to_owned(),
        element: element.to_owned(),
        direction,
        until: insight::Until::Root,
        bounds: false,
        view: insight_view(view),
    }
}

pub(crate) fn until(until: &Until) -> insight::Until {
    match until {
        Until::Root => insight::Until::Root,
        Until::Stage(stage) => insight::Until::Stage((*stage).to_owned()),
        Until::Party => insight::Until::Party,
    }
}

/// Every answer that can be had of the books, as text: for the same answers must be the same text.
pub(crate) fn answers(books: &Books, economy: &Economy, view: View) -> String {
    let mut all = String::new();
    for lot in economy.lots() {
        for element in ["Dy", "Nd"] {
            for (direction, bounds, to) in [
                (Direction::Back, true, insight::Until::Root),
                (Direction::Back, false, insight::Until::Party),
                (Direction::Back, false, insight::Until::Stage("metal".to_owned())),
                (Direction::Forward, false, insight::Until::Root),
            ] {
                let asked =
                    TraceQuery { until: to, bounds, ..query(&lot, element, direction, view) };
                match books.trace(&asked) {
                    Ok(mut answer) => {
                        answer.known_at = None;
                        all += &serde_json::to_string(&answer).unwrap();
                    }
                    Err(error) => all += &error.to_string(),
                }
                all.push('\n');
            }
        }
    }
    all += &serde_json::to_string(&balance(books, view, None)).unwrap();
    for finding in books.findings(&insight_view(view)) {
        all.push('\n');
        all += &serde_json::to_string(&finding).unwrap();
    }
    all
}

/// Compares two texts of answers by line.
pub(crate) fn same(one: &str, other: &str) -> Result<(), String> {
    for (a, b) in one.lines().zip(other.lines()) {
        ensure(a == b, || format!("differs:\n  {a}\n  {b}"))?;
    }
    ensure(one.lines().count() == other.lines().count(), || {
        let longer = if one.len() > other.len() { one } else { other };
        format!("one has more: {}", longer.lines().last().unwrap_or_default())
    })
}

pub(crate) fn balance(books: &Books, view: View, from: Option<i32>) -> BalanceAnswer {
    let seen = insight_view(view);
    books.balance(&BalanceQuery {
        from: from.map(|day| date_parse(&day_text(day)).unwrap()),
        to: seen.as_of,
        known_at: seen.known_at,
        ..BalanceQuery::default()
    })
}

/// A fraction as a number, far more exactly than is asked for.
pub(crate) fn number(share: &Share) -> f64 {
    let scale = BigInt::from(1_u64 << 62);
    let whole = (share.numer() * scale / share.denom()).to_string();
    whole.parse::<f64>().unwrap() / (1_u64 << 62) as f64
}

/// Largest remainder in exact fractions: the content of each part, in the order given, and whether its
/// remainder is within rounding of the one that decides.
fn contents(total: i128, shares: &[&Share]) -> Vec<(i128, bool)> {
    let exact: Vec<Share> = shares.iter().map(|s| Share::from(BigInt::from(total)) * *s).collect();
    let mut parts: Vec<i128> =
        exact.iter().map(|e| i128::try_from(e.floor().to_integer()).unwrap()).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let remainder = |i: usize| exact[i].clone() - exact[i].floor();
    order.sort_by(|a, b| remainder(*b).cmp(&remainder(*a)).then(a.cmp(b)));
    let left = total - parts.iter().sum::<i128>();
    let left = usize::try_from(left).unwrap();
    for &at in order.iter().take(left) {
        parts[at] += 1;
    }
    let near = |i: usize, j: usize| number(&(remainder(i) - remainder(j))).abs() < 1e-3;
    let nearly = |i: usize| left > 0 && order.get(left).is_some_and(|&j| near(i, j));
    let nearly = |i: usize| nearly(i) || left > 0 && near(i, order[left - 1]);
    let exact_tie = |i: usize| {
        let decides = left.checked_sub(1).map(|at| order[at]);
        decides.is_some_and(|j| remainder(i) == remainder(j))
            && order.get(left).is_some_and(|&j| remainder(i) == remainder(j))
    };
    (0..parts.len()).map(|i| (parts[i], nearly(i) && !exact_tie(i))).collect()
}

/// Content up to which parts must be exact to the microgram: one tonne. Above it the 1e-9 of a share
/// is what is promised.
const EXACT_UG: i128 = 1_000_000_000_000;

/// Compares the parts of an answer with the model's shares.
fn parts_agree<K: Ord + Clone + std::fmt::Debug>(
    answer: &TraceAnswer,
    exact: &BTreeMap<K, Share>,
    key: impl Fn(&Part) -> K,
) -> Result<(), String> {
    let mut sorted: Vec<(&K, &Share)> = exact.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let found: Vec<(K, f64, i64)> =
        answer.parts.iter().map(|p| (key(p), p.share, p.content_ug)).collect();
    let shown = || {
        let exact: Vec<(&K, f64)> = sorted.iter().map(|e| (e.0, number(e.1))).collect();
        format!("{} {}: exactly {exact:?}\n  answered {found:?}", answer.lot, answer.element)
    };
    let shares: Vec<&Share> = sorted.iter().map(|s| s.1).collect();
    let contents = contents(i128::from(answer.content_ug), &shares);
    for ((part, share), (content, nearly)) in sorted.iter().zip(contents) {
        let share = number(share);
        let Some(own) = found.iter().find(|f| f.0 == **part) else {
            ensure(share < 1e-15, || format!("{part:?} is missing; {}", shown()))?;
            continue;
        };
        let close = (own.1 - share).abs() <= 1e-9;
        ensure(close, || format!("share of {part:?} is not {share}; {}", shown()))?;
        let off = (i128::from(own.2) - content).abs();
        let allowed = i128::from(answer.content_ug) / EXACT_UG + i128::from(nearly);
        ensure(off <= allowed, || format!("content of {part:?} is not {content}; {}", shown()))?;
    }
    for own in &found {
        ensure(exact.contains_key(&own.0), || format!("{:?} is too much; {}", own.0, shown()))?;
    }
    // Equal shares stand in the order of their names, all others falling.
    if answer.parts.len() == sorted.len() {
        for (at, own) in sorted.iter().zip(&found) {
            let near = sorted.iter().any(|s| {
                s.0 == &own.0 && (number(s.1) - number(at.1)).abs() < 1e-12 && s.1 != at.1
            });
            ensure(*at.0 == own.0 || near, || format!("order; {}", shown()))?;
        }
    }
    Ok(())
}

/// What holds of every answer: shares in 0 to 1 that add up to 1, contents that add up exactly.
pub(crate) fn adds_up(answer: &TraceAnswer) -> Result<(), String> {
    let shown = || serde_json::to_string(answer).unwrap();
    if answer.content_ug == 0 {
        return ensure(answer.parts.is_empty(), || format!("parts of nothing: {}", shown()));
    }
    let sum: f64 = answer.parts.iter().map(|p| p.share).sum();
    ensure((sum - 1.0).abs() <= 1e-9, || format!("shares add up to {sum}: {}", shown()))?;
    let inside = answer.parts.iter().all(|p| (0.0..=1.0).contains(&p.share));
    ensure(inside, || format!("a share outside 0 to 1: {}", shown()))?;
    let content: i128 = answer.parts.iter().map(|p| i128::from(p.content_ug)).sum();
    ensure(content == i128::from(answer.content_ug), || format!("contents: {}", shown()))?;
    let unexplained: i64 = answer
        .parts
        .iter()
        .filter(|p| p.lot.starts_with("unexplained:"))
        .map(|p| p.content_ug)
        .sum();
    ensure(unexplained == answer.unexplained_ug, || format!("unexplained: {}", shown()))?;
    let falling = answer.parts.windows(2).all(|w| w[0].share >= w[1].share);
    ensure(falling, || format!("parts do not fall: {}", shown()))?;
    for part in &answer.parts {
        if let (Some(low), Some(high)) = (part.share_min, part.share_max) {
            let holds = 0.0 <= low && low <= part.share && part.share <= high && high <= 1.0;
            ensure(holds, || format!("bounds do not hold the share: {}", shown()))?;
        }
    }
    Ok(())
}

/// Whether a lot answers at all, and with the model's content.
fn content_agrees(
    books: &Books,
    model: &Model<'_>,
    asked: &TraceQuery,
) -> Result<Option<TraceAnswer>, String> {
    let answer = books.trace(asked);
    if !model.known(&asked.lot) {
        return ensure(answer.is_err(), || format!("{} is no lot", asked.lot)).map(|()| None);
    }
    let answer = answer.map_err(|error| error.to_string())?;
    let content = model.lot_content(&asked.lot, &asked.element).min(i128::from(i64::MAX));
    ensure(i128::from(answer.content_ug) == content, || {
        format!(
            "content of {} in {} is {content}, not {}",
            asked.lot, asked.element, answer.content_ug
        )
    })?;
    adds_up(&answer)?;
    Ok(Some(answer).filter(|a| a.content_ug > 0))
}

/// Compares a trace back with the model.
pub(crate) fn back_agrees(
    books: &Books,
    model: &Model<'_>,
    (lot, element): (&str, &str),
    to: &Until,
    view: View,
) -> Result<(), String> {
    let asked =
        TraceQuery { until: until(to), bounds: true, ..query(lot, element, Direction::Back, view) };
    let Some(answer) = content_agrees(books, model, &asked)? else { return Ok(()) };
    let back = Back::new(model, lot, element, to);
    let label = |origin: &Origin| match origin {
        Origin::Unexplained(filing) => format!("unexplained:{filing}"),
        Origin::Lot(lot) if *to != Until::Party => lot.clone(),
        Origin::Lot(lot) => model.maker(lot).map_or(lot.clone(), |m| m.0.to_owned()),
    };
    let mut exact: BTreeMap<String, Share> = BTreeMap::new();
    for (origin, share) in back.origins(lot) {
        *exact.entry(label(&origin)).or_insert_with(|| Share::from(BigInt::from(0))) += share;
    }
    let name = |part: &Part| {
        if part.lot.is_empty() { part.party.to_string() } else { part.lot.to_string() }
    };
    parts_agree(&answer, &exact, name).map_err(|fault| format!("back {to:?} {view:?}: {fault}"))?;
    for part in &answer.parts {
        let (low, high) = back.bounds(lot, &|origin| label(origin) == name(part));
        let close = (part.share_min.unwrap() - number(&low)).abs() <= 1e-9
            && (part.share_max.unwrap() - number(&high)).abs() <= 1e-9;
        ensure(close, || format!("bounds of {part:?} are {} and {}", number(&low), number(&high)))?;
    }
    ensure(answer.cycles.is_empty() == back.cuts.is_empty(), || {
        format!("cycles {:?}, cuts {:?}", answer.cycles, back.cuts)
    })
}

/// Compares a trace forward with the model.
pub(crate) fn forward_agrees(
    books: &Books,
    model: &Model<'_>,
    (lot, element): (&str, &str),
    view: View,
) -> Result<(), String> {
    let asked = query(lot, element, Direction::Forward, view);
    let Some(answer) = content_agrees(books, model, &asked)? else { return Ok(()) };
    let forward = Forward::new(model, lot, element);
    let name = |part: &Part| Place {
        lot: part.lot.to_string(),
        state: part.state.to_owned(),
        cause: part.cause.to_owned(),
        party: part.party.to_string(),
        site: part.site.to_string(),
        to_party: part.to_party.to_string(),
        end_use: part.end_use.to_string(),
        country: part.customer_country.to_string(),
    };
    parts_agree(&answer, &forward.places(lot), name)
        .map_err(|fault| format!("forward {view:?}: {fault}"))
}

/// Compares the balance of all sites with the model.
pub(crate) fn balance_agrees(
    books: &Books,
    model: &Model<'_>,
    view: View,
    from: Option<i32>,
) -> Result<(), String> {
    let exact = model.balance(from);
    let answer = balance(books, view, from);
    for row in &answer.rows {
        let key = (row.party.clone(), row.site.clone(), row.element.clone());
        let site = exact.get(&key).cloned();
        let columns =
            [row.opening_ug, row.in_ug, row.made_ug, row.consumed_ug, row.out_ug, row.loss_ug];
        let closing = columns[..3].iter().sum::<i128>() - columns[3..].iter().sum::<i128>();
        ensure(closing == row.closing_ug, || format!("closing: {row:?}"))?;
        let same = site
            .as_ref()
            .is_some_and(|s| (s.columns, s.unaccounted) == (columns, row.unaccounted_ug));
        ensure(same, || format!("balance {view:?} from {from:?}: {row:?}, exactly {site:?}"))?;
        ensure(row.tolerance_ug.is_some() == row.unaccounted_ug.is_some(), || format!("{row:?}"))?;
    }
    ensure(answer.rows.len() == exact.len(), || {
        format!("balance {view:?}: {} rows, exactly {:?}", answer.rows.len(), exact.keys())
    })
}
