//! Whether a message may have its effect: the cell, the units, the instants, the standing, the exports.
//!
//! All reasons are told at once. Of what a border post did while it was cut off they become marks: the
//! goods have left.

use std::collections::BTreeSet;

use crate::draw_down::{Book, CLOCK_AHEAD_US, Mark};
use crate::licence::{Licence, Line, PartyNamed, Scope, Standing, TestedEvent, Uses};
use crate::message::{Deed, Measure, Message, Reason};
use crate::quantity::Unit;

const MILLION: i128 = 1_000_000;

/// A message as judged.
pub(crate) struct Judged {
    pub(crate) line: Line,
    /// Amounts in the order of the line's units.
    pub(crate) amounts: Vec<i64>,
    pub(crate) marks: BTreeSet<Mark>,
    /// Why not; empty where it may.
    pub(crate) reasons: Vec<Reason>,
}

/// Judges all but the quantity. Reasons for which there is nothing to judge come as the error.
pub(crate) fn judge(book: &Book, message: &Message, now_us: i64) -> Result<Judged, Vec<Reason>> {
    let Some(line) = book.licence.line(message.line).cloned() else {
        return Err(vec![line_unknown(message.line)]);
    };
    let fact = !message.allotment.is_empty();
    let mut hard = Vec::new();
    if fact {
        let allotment = book.allotments.get(&message.allotment);
        if allotment.is_none_or(|a| a.post != message.post || a.line != message.line) {
            hard.push(allotment_unknown(&message.allotment));
        }
        if !matches!(message.deed, Deed::Commit | Deed::Correct) {
            let text = "from an allotment one commits and corrects only";
            hard.push(Reason::new("allotment_deed", "deed", text, "commit or correct"));
        }
    }
    let amounts = amounts_of(&line, message, &mut hard);
    if message.sent_us > now_us.saturating_add(CLOCK_AHEAD_US) {
        let text = "`sent_at` lies in the future";
        hard.push(Reason::new("instant_future", "sent_at", text, "an instant that is over"));
    }
    let used_us = instant_tested(book.licence.terms.tested, message, now_us, &mut hard);
    let mut soft: Vec<(Mark, Reason)> = Vec::new();
    let mut marks = BTreeSet::new();
    if message.deed != Deed::Release {
        cell_compare(book, &line, message, used_us, &mut soft);
    }
    standing_judge(book, message, used_us, now_us, &mut soft, &mut marks);
    exports_judge(book, message, now_us, &amounts, &mut soft);
    if message.measure == Measure::Increment && message.deed != Deed::Commit {
        let text = format!("`{}` states all there is", message.deed.code());
        hard.push(Reason::new("measure_deed", "measure", text, "increment with commit only"));
    }
    if matches!(message.deed, Deed::Check | Deed::Reserve | Deed::Commit | Deed::Correct)
        && !unit_mass_fits(book, &line, &amounts)
    {
        marks.insert(Mark::UnitMass);
    }
    let mut reasons = hard;
    for (mark, reason) in soft {
        if fact {
            marks.insert(mark);
        } else {
            reasons.push(reason);
        }
    }
    Ok(Judged { line, amounts, marks, reasons })
}

pub(crate) fn line_unknown(number: u32) -> Reason {
    let text = format!("the licence has no line `{number}`");
    Reason::new("line_unknown", "line", text, "the number of a line as printed")
}

pub(crate) fn allotment_unknown(id: &str) -> Reason {
    let text = format!("there is no allotment `{id}` of this post and line");
    Reason::new("allotment_unknown", "allotment", text, "the id that was given to this post")
}

pub(crate) fn not_in_force(standing: &Standing, part: &str) -> Reason {
    let text = match standing {
        Standing::NotIssued => "the licence was not issued at that time".to_owned(),
        Standing::NotYetValid => "the licence was not yet valid at that time".to_owned(),
        Standing::Suspended => "the licence is suspended".to_owned(),
        Standing::Revoked => "the licence is revoked".to_owned(),
        Standing::Surrendered => "the licence was handed back".to_owned(),
        Standing::Superseded { by } => format!("the licence is superseded by `{by}`"),
        Standing::Closed => "the licence is closed".to_owned(),
        Standing::Expired => "the licence has expired".to_owned(),
        Standing::InForce | Standing::Exhausted => "nothing is left of the licence".to_owned(),
    };
    let accepted = match standing {
        Standing::Superseded { by } => format!("the number `{by}`"),
        _ => String::new(),
    };
    Reason::new(standing.code(), part, text, accepted)
}

/// The amounts in the order of the line's units. A release states none.
fn amounts_of(line: &Line, message: &Message, hard: &mut Vec<Reason>) -> Vec<i64> {
    if message.deed == Deed::Release {
        return Vec::new();
    }
    for quantity in &message.quantities {
        if line.unit(&quantity.unit).is_none() {
            let text = format!("line {} is not drawn in `{}`", line.number, quantity.unit);
            let units: Vec<String> =
                line.allowances.iter().map(|a| a.quantity.unit.to_string()).collect();
            hard.push(Reason::new("unit_not_of_line", "quantities", text, units.join(", ")));
        }
    }
    let amount =
        |unit: &Unit| message.quantities.iter().find(|q| q.unit == *unit).map(|q| q.amount);
    let mut amounts = Vec::with_capacity(line.allowances.len());
    for allowance in &line.allowances {
        let unit = &allowance.quantity.unit;
        match amount(unit) {
            Some(amount) => amounts.push(amount),
            None => {
                let text = format!("`{unit}` is not stated");
                let accepted = "a quantity in each unit of the line";
                hard.push(Reason::new("unit_missing", "quantities", text, accepted));
                amounts.push(0);
            }
        }
    }
    amounts
}

/// The instant against which the validity is tested. What has not happened yet (a check, a reservation) is
/// tested against now.
fn instant_tested(
    tested: TestedEvent,
    message: &Message,
    now_us: i64,
    hard: &mut Vec<Reason>,
) -> i64 {
    let stated = match tested {
        TestedEvent::Declaration => message.instants.declared_us,
        TestedEvent::Release => message.instants.released_us,
        TestedEvent::Departure => message.instants.departed_us,
    };
    let field = tested.field();
    let done = matches!(message.deed, Deed::Commit | Deed::Correct);
    match stated {
        Some(us) if done && us > now_us.saturating_add(CLOCK_AHEAD_US) => {
            let text = format!("`{field}` lies in the future");
            hard.push(Reason::new("instant_future", field, text, "an instant that is over"));
            us
        }
        Some(us) => us,
        None if done => {
            let text = format!("`{field}` is missing: the validity is tested against it");
            let accepted = "an instant such as 2026-03-01T08:00:00Z";
            hard.push(Reason::new("instant_missing", field, text, accepted));
            now_us
        }
        None => now_us,
    }
}

/// Compares the five parts of the cell; each difference is a reason of its own.
fn cell_compare(
    book: &Book,
    line: &Line,
    message: &Message,
    used_us: i64,
    soft: &mut Vec<(Mark, Reason)>,
) {
    let claim = &message.claim;
    let mut differs = |code, part, found: &str, accepted: &str| {
        let text = if found.is_empty() {
            format!("`{part}` is not stated")
        } else {
            format!("`{found}` is not the {} of line {}", part_words(part), line.number)
        };
        soft.push((Mark::CellDiffers, Reason::new(code, part, text, accepted)));
    };
    if claim.good != line.good.key {
        differs("good_differs", "good", &claim.good, &line.good.key);
    }
    // A declaration may be finer than the licence, never coarser.
    if !line.good.hs.is_empty() && !claim.hs.starts_with(&line.good.hs) {
        differs("hs_differs", "hs", &claim.hs, &line.good.hs);
    }
    if !party_fits(book, &line.consignee, &claim.consignee, &claim.destination, used_us) {
        let found = claim.consignee.to_string();
        differs("consignee_differs", "consignee", &found, &line.consignee.to_string());
    }
    if !party_fits(book, &line.end_user, &claim.end_user, &claim.destination, used_us) {
        let found = claim.end_user.to_string();
        differs("end_user_differs", "end_user", &found, &line.end_user.to_string());
    }
    if claim.end_use != line.end_use {
        differs("end_use_differs", "end_use", &claim.end_use, &line.end_use);
    }
    if claim.destination != line.destination {
        differs("destination_differs", "destination", &claim.destination, &line.destination);
    }
}

fn part_words(part: &str) -> &str {
    match part {
        "hs" => "tariff code",
        "end_user" => "end user",
        "end_use" => "end use",
        other => other,
    }
}

/// Whether a party declared is that of the line or, of a general licence, one registered by then.
fn party_fits(
    book: &Book,
    granted: &PartyNamed,
    declared: &PartyNamed,
    destination: &str,
    used_us: i64,
) -> bool {
    granted.same(declared)
        || book.licence.scope == Scope::Registered
            && Licence::users(&book.events, used_us)
                .any(|user| user.country == destination && user.party.same(declared))
}

fn standing_judge(
    book: &Book,
    message: &Message,
    used_us: i64,
    now_us: i64,
    soft: &mut Vec<(Mark, Reason)>,
    marks: &mut BTreeSet<Mark>,
) {
    if message.deed == Deed::Release {
        return;
    }
    let now = book.standing_by_events(now_us);
    // What a superseded licence had is on its successor, with all its uses.
    if let Standing::Superseded { .. } = now {
        soft.push((Mark::NotInForce, not_in_force(&now, "licence")));
        return;
    }
    let then = book.standing_by_events(used_us);
    match message.deed {
        // What is still to leave needs a licence now and then.
        Deed::Check | Deed::Reserve if now != Standing::InForce => {
            soft.push((Mark::NotInForce, not_in_force(&now, "licence")));
        }
        Deed::Commit | Deed::Correct if taken_over(book, used_us) => {
            marks.insert(Mark::OfPredecessor);
        }
        _ if then != Standing::InForce => {
            let part = book.licence.terms.tested.field();
            soft.push((Mark::NotInForce, not_in_force(&then, part)));
        }
        _ if now != Standing::InForce => {
            marks.insert(Mark::LateUse);
        }
        _ => {}
    }
}

/// Whether the licence that this one supersedes was in force at an instant.
fn taken_over(book: &Book, used_us: i64) -> bool {
    let times = &book.licence.taken_over;
    times.iter().any(|time| (time.from_us..time.until_us).contains(&used_us))
}

/// A single-use licence is closed for other declarations by its first completed export; another may be
/// used in as many exports as its terms say.
fn exports_judge(
    book: &Book,
    message: &Message,
    now_us: i64,
    amounts: &[i64],
    soft: &mut Vec<(Mark, Reason)>,
) {
    let Some(most) = book.licence.terms.exports_max() else { return };
    if message.deed == Deed::Release || amounts.iter().all(|amount| *amount == 0) {
        return;
    }
    let (others, completed) = book.exports_beside(&message.declaration, now_us);
    if others < most as usize {
        return;
    }
    let reason = if book.licence.terms.uses == Uses::Single && completed {
        let text = "the licence closed with its first completed export";
        Reason::new("closed", "declaration", text, "")
    } else {
        let text = format!("the licence is for `{most}` exports, which are taken");
        Reason::new("exports_exhausted", "declaration", text, "a declaration that uses it already")
    };
    soft.push((Mark::BeyondExports, reason));
}

/// Pieces × unit mass beside the net mass: plausible, within the tolerance of the terms.
fn unit_mass_fits(book: &Book, line: &Line, amounts: &[i64]) -> bool {
    let amount = |unit: &Unit| line.unit(unit).and_then(|at| amounts.get(at)).copied();
    let (Some(mass_mg), Some(pieces), Some(net_mg)) =
        (line.unit_mass_mg, amount(&Unit::Pieces), amount(&Unit::NetMass))
    else {
        return true;
    };
    let expected = i128::from(mass_mg) * i128::from(pieces);
    let tolerance = i128::from(book.licence.terms.unit_mass_tolerance_ppm);
    (expected - i128::from(net_mg)).abs() * MILLION <= expected * tolerance
}
