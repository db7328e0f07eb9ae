//! A decision and its licence are one: what is approved is issued in the transaction that records it.
//!
//! Where a case that was opened again is decided anew, the licence takes the place of the earlier one, with
//! what was used of it; where nothing is approved any more, the earlier one is revoked.
//!
//! INVARIANTS: no case is decided with an approved cell without its licence, and no licence names a case whose
//! decision does not name it ([`check`]); of the licences of a case at most one may be used.

use std::collections::BTreeSet;

use licensing::case::{Case, Event, Recorded};
use licensing::decide::Refusal;
use licensing::grant::Grant;
use licensing::licence::{Change, LicenceId, Standing, zone_find};
use store::{LicensingChange, LicensingRead};

use super::{CaseError, Step, file, key_new};
use crate::law::Law;
use crate::licence::{self, Held, LicenceChange, LicenceError};
use crate::platform::Platform;

impl Platform {
    /// The licences that come from a case, as they were issued, with what happened to them; of the oldest
    /// decision first.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] where there is no such case.
    pub fn case_licences(&self, number: &str) -> Result<Vec<Held>, CaseError> {
        let reader = self.reader();
        let read = reader.licensing();
        let (record, _) = super::case_read(&read, number)?;
        licence::of_case(&read, record.owner_id, number).map_err(|error| told(number, error))
    }
}

/// Issues the licence that the outcome of a case names; where it names none, nothing of an earlier decision
/// stays in force.
pub(super) fn licences_issue(
    change: &LicensingChange<'_>,
    law: &Law,
    owner_id: [u8; 16],
    case: &Case,
    step: &Step<'_>,
) -> Result<(), CaseError> {
    let Some(outcome) = &case.outcome else { return Ok(()) };
    let (now, account) = (step.moment.now, step.actor.account.as_str());
    let read = change.read();
    let earlier =
        licence::of_case(&read, owner_id, &case.number).map_err(|e| told(&case.number, e))?;
    // The standing without the days: one that has expired is still the one to be carried on.
    let mut usable = earlier.into_iter().filter(|held| {
        let zone = zone_find(&held.licence.terms.zone);
        let standing =
            zone.map(|zone| held.licence.standing(&held.events, now.us(), i64::MAX, &zone));
        matches!(
            standing,
            Some(
                Standing::InForce | Standing::Suspended | Standing::NotYetValid | Standing::Expired
            )
        )
    });
    let Some(number) = outcome.licences.first() else {
        return usable.try_for_each(|held| {
            let reason = format!("case {} was decided anew", case.number);
            let revoke = LicenceChange {
                number: &held.licence.number,
                change: Change::Revoked { reason },
                effective: now,
                account,
            };
            let revoked = licence::change(change, &revoke, now);
            revoked.map(|_| ()).map_err(|error| told(&case.number, error))
        });
    };
    let before = usable.next();
    let zone = file::zone(law);
    let grant = Grant {
        case,
        rules: &law.rules,
        pack: &format!("{}/{}", law.id, law.version),
        zone: zone.iana_name().unwrap_or("UTC"),
        today: file::date_in(&zone, now),
        number,
        id: LicenceId(key_new(step, "licence")),
        before: before.as_ref().map(|held| &held.licence),
    };
    let granted = grant.licence().map_err(CaseError::Refused)?;
    let issued = match &before {
        None => licence::issue(change, &granted, now, account),
        Some(held) => licence::supersede(change, &held.licence.number, &granted, now, account),
    };
    issued.map_err(|error| told(&case.number, error))
}

fn told(number: &str, error: LicenceError) -> CaseError {
    match error {
        LicenceError::Refused(refusal) => CaseError::Refused(vec![Refusal::from(refusal)]),
        LicenceError::Store(error) => error.into(),
        LicenceError::Platform(error) => error.into(),
        other => CaseError::Damaged { number: number.to_owned(), what: other.to_string() },
    }
}

/// Compares the licences that a case's decisions name with those that name the case.
pub(super) fn check(
    read: &LicensingRead<'_>,
    owner_id: [u8; 16],
    number: &str,
    events: &[Recorded],
    wrong: &mut Vec<String>,
) -> Result<(), CaseError> {
    let mut named = BTreeSet::new();
    for event in events {
        if let Event::Decided { licences } = &event.event {
            named.extend(licences.iter().map(String::as_str));
        }
    }
    let issued = licence::of_case(read, owner_id, number).map_err(|error| told(number, error))?;
    let issued: BTreeSet<&str> = issued.iter().map(|held| held.licence.number.as_str()).collect();
    for missing in named.difference(&issued) {
        wrong.push(format!("case {number} was decided with licence {missing}, which is not there"));
    }
    for beyond in issued.difference(&named) {
        wrong.push(format!("licence {beyond} names case {number}, whose decisions do not name it"));
    }
    Ok(())
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
