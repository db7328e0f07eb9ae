//! Letters that follow from what happens in a case: a number and a link, nothing of the case itself.
//!
//! A letter is a job in the transaction of the step, so that there is never one without the other. Who has
//! no e-mail gets none.

use base::authorisation::Role;
use licensing::case::{Case, Event, Recorded};
use store::{LicensingChange, NewJob, PersonRecord, PersonState};

use super::{CaseError, Step};
use crate::jobs::job_id;
use crate::mail::{JOB_KIND, Letter, LetterKind, Mail};

/// Who is written to.
struct Reader {
    name: String,
    email: String,
    language: String,
}

impl Reader {
    fn of(person: &PersonRecord) -> Reader {
        Reader {
            name: person.name.clone(),
            email: person.email.clone(),
            language: person.language.clone(),
        }
    }
}

/// Writes the letters that follow from events. `signature` is the grade of a signature that waits since
/// then.
pub(super) fn letters(
    change: &LicensingChange<'_>,
    case: &Case,
    events: &[Recorded],
    signature: Option<&str>,
    step: &Step<'_>,
) -> Result<(), CaseError> {
    let read = change.read();
    let mut wanted: Vec<(LetterKind, Reader)> = Vec::new();
    for recorded in events {
        let kind = match &recorded.event {
            Event::Asked { .. } => LetterKind::CaseQuestion,
            Event::Decided { .. } => LetterKind::CaseDecided,
            Event::Returned { .. } => LetterKind::CaseReturned,
            Event::AgencyAsked { agency, .. } => {
                let people = read.people().persons_of_authority()?;
                let asked = people.iter().filter(|p| p.role == Role::Agency && p.desk == *agency);
                let asked = asked.filter(|person| person.state == PersonState::Active);
                wanted.extend(asked.map(|person| (LetterKind::AgencyAsked, Reader::of(person))));
                continue;
            }
            _ => continue,
        };
        let submitter = read.people().person(&case.submitted_by)?;
        let contact = &case.application.contact;
        let language = submitter.as_ref().map_or("", |person| &person.language).to_owned();
        if !contact.email.trim().is_empty() {
            let (name, email) = (contact.name.clone(), contact.email.trim().to_owned());
            wanted.push((kind, Reader { name, email, language }));
        } else if let Some(person) = submitter {
            wanted.push((kind, Reader::of(&person)));
        }
    }
    if let Some(grade) = signature {
        let people = read.people().persons_of_authority()?;
        let may = people.iter().filter(|person| {
            person.state == PersonState::Active
                && person.role.code() == grade
                && !case.drafters.contains(&person.account)
                && !case.signatures_held().any(|signature| signature.by == person.account)
        });
        wanted.extend(may.map(|person| (LetterKind::SignatureWaits, Reader::of(person))));
    }
    for (place, (kind, reader)) in wanted.into_iter().enumerate() {
        send(change, case, kind, reader, (place, step))?;
    }
    Ok(())
}

fn send(
    change: &LicensingChange<'_>,
    case: &Case,
    kind: LetterKind,
    reader: Reader,
    (place, step): (usize, &Step<'_>),
) -> Result<(), CaseError> {
    if reader.email.is_empty() {
        return Ok(());
    }
    let (person, number) = (reader.name, case.number.clone());
    let link = format!("/cases/{number}");
    let letter = match kind {
        LetterKind::CaseQuestion => Letter::CaseQuestion { person, number, link },
        LetterKind::CaseDecided => Letter::CaseDecided { person, number, link },
        LetterKind::CaseReturned => Letter::CaseReturned { person, number, link },
        LetterKind::AgencyAsked => Letter::AgencyAsked { person, number, link },
        _ => Letter::SignatureWaits { person, number, link: format!("{link}/sign") },
    };
    let language = if reader.language.is_empty() { "en".to_owned() } else { reader.language };
    let mail = Mail { to: reader.email, language, letter };
    let body = mail.job_body().map_err(|error| CaseError::Damaged {
        number: case.number.clone(),
        what: error.to_string(),
    })?;
    let now = step.moment.now;
    let job_id = job_id(now, &step.moment.random(&format!("case letter {place}")));
    let (due_us, at_us) = (now.us(), now.us());
    Ok(change.job(&NewJob { job_id, kind: JOB_KIND, body: &body, due_us, at_us })?)
}
