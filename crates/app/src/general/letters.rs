//! Letters to the contact of a registered user: a number and a link, nothing of the matter itself. What the
//! user did itself it need not be told.

use licensing::general::{GeneralEntry, GeneralEvent, Registration};
use store::{LicensingChange, NewJob};

use super::{GeneralError, json};
use crate::cases::Step;
use crate::jobs::job_id;
use crate::mail::{JOB_KIND, Letter, Mail};

/// Writes the letters that follow from entries, in the transaction of the step.
pub(super) fn letters(
    change: &LicensingChange<'_>,
    registration: &Registration,
    entries: &[GeneralEntry],
    step: &Step<'_>,
) -> Result<(), GeneralError> {
    let mut told = entries.iter().filter_map(|entry| match entry.event {
        GeneralEvent::AuditBegun { .. } => Some(false),
        // An audit that ends in suspension is told once.
        GeneralEvent::Registered { .. }
        | GeneralEvent::Suspended { .. }
        | GeneralEvent::Reinstated { .. }
        | GeneralEvent::Withdrawn { .. }
        | GeneralEvent::AuditClosed { .. } => Some(true),
        GeneralEvent::GivenUp { .. }
        | GeneralEvent::FirstUseNoticed { .. }
        | GeneralEvent::ReturnFiled { .. }
        | GeneralEvent::AuditAnswered { .. }
        | GeneralEvent::AuditFound { .. }
        | GeneralEvent::AuditCorrected { .. } => None,
    });

    let Some(changed) = told.next_back() else { return Ok(()) };
    let first = registration.entries.first().map_or("", |entry| entry.account.as_str());
    let person = change.read().people().person(first)?;
    let language = person.map(|person| person.language).filter(|text| !text.is_empty());
    let (person, number) = (registration.keeper.name.clone(), registration.number.clone());
    let link = format!("/general/{number}");
    let letter = if changed {
        Letter::GeneralChanged { person, number, link }
    } else {
        Letter::GeneralAudit { person, number, link }
    };
    let to = registration.keeper.email.clone();
    let mail = Mail { to, language: language.unwrap_or_else(|| "en".to_owned()), letter };
    let body = json(&registration.number, &mail)?;
    let now = step.moment.now;
    let purpose = format!("general letter {}", registration.entries.len());
    let job_id = job_id(now, &step.moment.random(&purpose));
    let (due_us, at_us) = (now.us(), now.us());
    Ok(change.job(&NewJob { job_id, kind: JOB_KIND, body: &body, due_us, at_us })?)
}
