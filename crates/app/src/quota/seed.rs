//! The quotas of the demo: handed down so that every standing can be seen. Invented, like its economy.

use std::collections::BTreeMap;

use base::{Common, Date, Timestamp};
use licensing::quota::{Line, Node, Step};

use super::{NewQuotaStep, QuotaCounting, QuotaStepError, quota_rules};
use crate::law::Law;
use crate::platform::Platform;

/// The group of the demo through which the first companies have their quota.
const GROUP: &str = "Fjordland Minerals";
/// Amounts are whole hundreds of kilograms.
const ROUND_MG: i64 = 100_000_000;
/// The part of what it will use that the authority gives a company in the last year, in percent: the first
/// is nearly through, the second goes beyond, the third has none yet, the others have room.
const GIVEN: [i64; 4] = [118, 90, 0, 170];
/// The same in years before.
const GIVEN_BEFORE: i64 = 130;
/// A year's quota comes in two slices: month, day, percent.
const SLICES: [(i8, i8, i64); 2] = [(1, 15, 60), (6, 16, 40)];

/// Issues quotas and hands them down, by what the books say is used.
///
/// # Errors
/// [`QuotaStepError`] where a step cannot be taken.
pub fn quota_seed(platform: &Platform, law: &Law, at: Timestamp) -> Result<(), QuotaStepError> {
    for quota in &law.regime.quotas {
        let rules = quota_rules(quota);
        let uses = platform.books().quota_uses(&QuotaCounting::new(quota, Common::embedded()));
        let mut by: BTreeMap<(i16, Line), BTreeMap<String, i64>> = BTreeMap::new();
        for of in uses.iter().filter(|of| rules.counts(of)) {
            let line = by.entry((of.day.year(), of.line.clone())).or_default();
            *line.entry(of.company.clone()).or_default() += of.amount_mg;
        }
        let last = by.keys().map(|key| key.0).max();
        for ((year, line), companies) in by {
            let given = given(companies, if Some(year) == last { IsLast::Yes } else { IsLast::No });
            for (number, (month, day, percent)) in (1..).zip(SLICES) {
                let Ok(day) = Date::new(year, month, day) else { continue };
                let part = |amount: i64| match number {
                    1 => amount / 100 * percent,
                    _ => amount - amount / 100 * (100 - percent),
                };
                let step = |from: Option<Node>, to: Node, amount_mg: i64, slice| Step {
                    year,
                    line: line.clone(),
                    from,
                    to,
                    amount_mg,
                    slice,
                    day,
                };
                let group = Node::Group(GROUP.to_owned());
                let total: i64 = given.iter().map(|of| part(of.1)).sum();
                let grouped: i64 = given.iter().take(2).map(|of| part(of.1)).sum();
                // A fifth more than is handed down, and what the pack holds back.
                let issued = total / 5 * 6 / (100 - i64::from(quota.reserve_percent).min(99)) * 100;
                let mut steps = vec![
                    step(None, Node::Authority, issued + ROUND_MG, number),
                    step(Some(Node::Authority), group.clone(), grouped, 0),
                ];
                for (at, (company, amount)) in given.iter().enumerate() {
                    let from = if at < 2 { group.clone() } else { Node::Authority };
                    steps.push(step(Some(from), Node::Company(company.clone()), part(*amount), 0));
                }
                for step in steps.into_iter().filter(|step| step.amount_mg > 0) {
                    let reason = "yearly allocation of the demo";
                    let new = NewQuotaStep { quota: &quota.id, step, reason, account: "", at };
                    platform.quota_step(law, &new)?;
                }
            }
        }
    }
    Ok(())
}

/// Whether a year is the last that the books know.
#[derive(Debug, Clone, Copy)]
enum IsLast {
    Yes,
    No,
}

/// What each company is given, those of the demo's accounts and then the largest first.
fn given(companies: BTreeMap<String, i64>, last_year: IsLast) -> Vec<(String, i64)> {
    let mut companies: Vec<(String, i64)> = companies.into_iter().collect();
    companies.sort_by_key(|(id, used)| (!id.starts_with("gad:"), std::cmp::Reverse(*used)));
    let percent = |at: usize| match last_year {
        IsLast::Yes => GIVEN.get(at).or(GIVEN.last()).copied().unwrap_or(GIVEN_BEFORE),
        IsLast::No => GIVEN_BEFORE,
    };
    let amounts = companies.into_iter().enumerate().map(|(at, (id, used))| {
        let of = used / 100 * percent(at);
        let rounded = if of > 0 { of / ROUND_MG * ROUND_MG + ROUND_MG } else { 0 };
        (id, rounded)
    });
    amounts.filter(|of| of.1 > 0).collect()
}
