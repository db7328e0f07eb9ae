//! Handing in: refused is only what makes no case. What is missing beyond that is told by the check of
//! completeness, and asked by an officer.

use std::collections::BTreeSet;

use super::end::appealable;
use super::refusal::{Refusal, Refusals};
use super::{By, Context};
use crate::application::{Application, Cell, PartyPart};
use crate::case::{Event, FollowKind, Follows};
use crate::rules::{Rules, TypeKind, TypeRule};

/// Condition of packs that bars a kind of licence where a party is on the watch list.
const WATCH_LISTED: &str = "watch_listed_party";

/// The event that begins a case, or every reason why the application makes none.
///
/// `context.followed` is the case that it follows, where it follows one; it must be the caller's own.
///
/// # Errors
/// [`Refusal`]s in the order of [`super::refusal::CODES`]; never none.
pub fn submit(
    application: &Application,
    follows: Option<&Follows>,
    by: &By<'_>,
    context: &Context<'_>,
) -> Result<Event, Vec<Refusal>> {
    if !by.role.of_party() || by.party.is_empty() {
        let message = "an application is handed in for a party";
        let accepted = "a person of the applicant";
        return Err(vec![Refusal::new("not_allowed", "", message, accepted)]);
    }
    let mut refusals = Refusals::default();
    application_check(application, context.rules, &mut refusals);
    if let Some(kind) = context.rules.licence_type(&application.licence_type)
        && kind.kind == TypeKind::Registration
    {
        barred(kind, !context.watch_listed.is_empty(), context, &mut refusals);
    }
    if let Some(follows) = follows {
        follows_check(application, follows, by, context, &mut refusals);
    }
    let follows = follows.cloned();
    refusals.or(Event::Submitted { application: Box::new(application.clone()), follows })
}

fn follows_check(
    application: &Application,
    follows: &Follows,
    by: &By<'_>,
    context: &Context<'_>,
    refusals: &mut Refusals,
) {
    let followed = context.followed;
    let own =
        |case: &&crate::case::Case| case.applicant == by.party && case.number == follows.number;
    let Some(followed) = followed.filter(own) else {
        // Somebody else's case and none at all are told apart by nobody.
        let message = format!("there is no case `{}` to follow", follows.number);
        let accepted = "the number of a case of yours";
        refusals.add(Refusal::new("follows_wrong", "follows", message, accepted));
        return;
    };
    if follows.how == FollowKind::Appeal {
        if application.appeal_grounds.trim().is_empty() {
            let message = "it is not said what is wrong with the decision";
            let field = "appeal_grounds";
            refusals.add(Refusal::new(
                "appeal_grounds_missing",
                field,
                message,
                "why it is appealed",
            ));
        }
        appealable(followed, context, refusals);
    }
}

/// Refuses a kind of licence that is barred, and names the kind to apply for instead.
pub(super) fn barred(
    kind: &TypeRule,
    watch_listed: bool,
    context: &Context<'_>,
    refusals: &mut Refusals,
) {
    for condition in &kind.barred_if {
        let holds =
            context.conditions.contains(condition) || (watch_listed && condition == WATCH_LISTED);
        if holds {
            let message = format!("`{}` is barred: `{condition}`", kind.id);
            let accepted = match &kind.falls_back_to {
                Some(other) => format!("to apply for `{other}` instead"),
                None => "another kind of licence".to_owned(),
            };
            let field = "licence_type";
            refusals.add(Refusal::new("registration_barred", field, message, accepted));
        }
    }
}

/// What makes no case, of a first application as of an amended one.
pub(super) fn application_check(application: &Application, rules: &Rules, refusals: &mut Refusals) {
    type_check(application, rules, refusals);
    keys_check(application, refusals);
    if application.cells.is_empty() {
        let message = "the application asks for nothing";
        refusals.add(Refusal::new("cells_missing", "cells", message, "at least one cell"));
    }
    let mut parts = BTreeSet::new();
    for cell in &application.cells {
        cell_check(application, cell, refusals);
        let five = (&cell.good, &cell.consignee, &cell.end_user, &cell.end_use, &cell.destination);
        if !parts.insert(five) {
            let message = format!("cell `{}` has the same five parts as another", cell.key);
            let accepted = "one cell with the sum of both";
            let field = format!("cells/{}", cell.key);
            refusals.add(Refusal::new("cell_duplicate", field, message, accepted));
        }
    }
    for certificate in &application.certificates {
        if application.party(&certificate.end_user).is_none() {
            let message = format!("`{}` is no party of the application", certificate.end_user);
            let field = format!("certificates/{}", certificate.id);
            let accepted = "the key of a party";
            refusals.add(Refusal::new("certificate_dangling", field, message, accepted));
        }
    }
    for stock in &application.inventory {
        if application.party(&stock.end_user).is_none() {
            let message = format!("`{}` is no party of the application", stock.end_user);
            let accepted = "the key of a party";
            refusals.add(Refusal::new("inventory_dangling", "inventory", message, accepted));
        }
    }
}

fn type_check(application: &Application, rules: &Rules, refusals: &mut Refusals) {
    let known = rules.licence_types.iter().filter(|kind| rules.applied_for(kind));
    let known: Vec<&str> = known.map(|kind| kind.id.as_str()).collect();
    let accepted = format!("one of {}", known.join(", "));
    let asked = &application.licence_type;
    match rules.licence_type(asked) {
        None => {
            let message = format!("`{asked}` is no kind of licence");
            let refusal = Refusal::new("licence_type_unknown", "licence_type", message, accepted);
            refusals.add(refusal);
        }
        Some(kind) if !rules.applied_for(kind) => {
            let message = format!("nothing is applied for with `{asked}`");
            refusals.add(Refusal::new("licence_type_none", "licence_type", message, accepted));
        }
        Some(_) => {}
    }
}

fn keys_check(application: &Application, refusals: &mut Refusals) {
    let goods: Vec<&String> = application.goods.iter().map(|good| &good.key).collect();
    let parties: Vec<&String> = application.parties.iter().map(|party| &party.key).collect();
    let uses: Vec<&String> = application.uses.iter().map(|end_use| &end_use.key).collect();
    let cells: Vec<&String> = application.cells.iter().map(|cell| &cell.key).collect();
    for (field, keys) in [("goods", goods), ("parties", parties), ("uses", uses), ("cells", cells)]
    {
        let mut seen = BTreeSet::new();
        for key in keys {
            if key.trim().is_empty() {
                let message = format!("an entry of `{field}` has no key");
                refusals.add(Refusal::new("key_empty", field, message, "a short text"));
            } else if !seen.insert(key) {
                let message = format!("the key `{key}` stands twice in `{field}`");
                refusals.add(Refusal::new("key_duplicate", field, message, "each key once"));
            }
        }
    }
}

fn cell_check(application: &Application, cell: &Cell, refusals: &mut Refusals) {
    let field = format!("cells/{}", cell.key);
    let dangling = |part: &str, key: &str, list: &str| {
        let message = format!("`{key}` is none of the {list} of the application");
        let accepted = format!("the key of one of its {list}");
        Refusal::new("cell_dangling", format!("{field}/{part}"), message, accepted)
    };
    if application.good(&cell.good).is_none() {
        refusals.add(dangling("good", &cell.good, "goods"));
    }
    if application.end_use(&cell.end_use).is_none() {
        refusals.add(dangling("end_use", &cell.end_use, "uses"));
    }
    let parties = [
        ("consignee", &cell.consignee, PartyPart::Consignee),
        ("end_user", &cell.end_user, PartyPart::EndUser),
    ];
    for (part, key, wanted) in parties {
        match application.party(key) {
            None => refusals.add(dangling(part, key, "parties")),
            Some(party) if !party.parts.contains(&wanted) => {
                let message = format!("party `{key}` is not listed as {part}");
                let accepted = format!("a party with the part `{part}`");
                let field = format!("{field}/{part}");
                refusals.add(Refusal::new("cell_part_wrong", field, message, accepted));
            }
            Some(_) => {}
        }
    }
    if cell.destination.trim().is_empty() {
        let accepted = "a country or area, ISO 3166-1 alpha-2";
        let message = "the destination is missing";
        let field = format!("{field}/destination");
        refusals.add(Refusal::new("destination_missing", field, message, accepted));
    }
    quantities_check(cell, &format!("{field}/quantities"), refusals);
}

fn quantities_check(cell: &Cell, field: &str, refusals: &mut Refusals) {
    if cell.quantities.is_empty() {
        let message = "the quantity is missing";
        refusals.add(Refusal::new("quantity_missing", field, message, "a number above 0"));
    }
    let mut seen = BTreeSet::new();
    for quantity in &cell.quantities {
        if quantity.amount <= 0 {
            let message = format!("`{quantity}` is not above 0");
            refusals.add(Refusal::new("quantity_zero", field, message, "a number above 0"));
        }
        if !seen.insert(&quantity.unit) {
            let message = format!("`{}` stands twice", quantity.unit);
            let accepted = "one quantity of each unit";
            refusals.add(Refusal::new("quantity_unit_duplicate", field, message, accepted));
        }
    }
}
