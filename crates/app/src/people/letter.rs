//! Letters that follow from what happens to an account: invited, reset, signed in from a new browser.
//!
//! A letter is a job in the transaction of the change, so that there is never one without the other. What
//! only the server that sends it knows (the address of its pages, as whom it writes) is filled in there
//! ([`crate::mail::Letter::sent_by`]); a link is kept as its path. Who has no e-mail gets none.

use base::Timestamp;
use store::{NewJob, PeopleChange, PersonRecord};

use super::{By, Moment, PeopleError};
use crate::jobs::job_id;
use crate::mail::{JOB_KIND, Letter, Mail};

/// Browsers remembered of a person; the one not used for longest gives way.
const AGENTS_MAX: u32 = 20;

/// Browser and system out of what a browser says it is; nothing for what is not known.
#[must_use]
pub fn agent_parts(agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    // In this order: most name each other.
    let browsers = ["Edg", "OPR", "Firefox", "Chrome", "Safari", "curl"];
    let systems = ["Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"];
    let find = |names: &[&'static str]| names.iter().copied().find(|name| agent.contains(name));
    let browser = find(&browsers).map(|name| match name {
        "Edg" => "Edge",
        "OPR" => "Opera",
        name => name,
    });
    (browser, find(&systems))
}

/// A browser as a letter names it. Its version is no part of it: an update is no new browser.
fn agent_name(agent: &str) -> String {
    match agent_parts(agent) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "—".to_owned(),
    }
}

/// An instant as it is read in a letter: to the minute, in UTC.
pub(crate) fn readable(at: Timestamp) -> String {
    let text = at.to_string();
    let minute: String = text.chars().take("2026-01-31T12:00".len()).collect();
    format!("{} UTC", minute.replace('T', " "))
}

fn send(
    change: &PeopleChange<'_>,
    person: &PersonRecord,
    letter: Letter,
    moment: &Moment,
) -> Result<(), PeopleError> {
    if person.email.is_empty() {
        return Ok(());
    }
    let purpose = letter.kind().code();
    let language = if person.language.is_empty() { "en" } else { &person.language };
    let mail = Mail { to: person.email.clone(), language: language.to_owned(), letter };
    let unwritten = |_| PeopleError::Secret("a letter that cannot be written as JSON");
    let body = mail.job_body().map_err(unwritten)?;
    let at_us = moment.now.us();
    let job_id = job_id(moment.now, &moment.random(purpose));
    Ok(change.job(&NewJob { job_id, kind: JOB_KIND, body: &body, due_us: at_us, at_us })?)
}

fn link(code: &str) -> String {
    format!("/invitation/{code}")
}

/// Invites: for whom the person is to work, by whom, with which code.
pub(super) fn invite(
    change: &PeopleChange<'_>,
    by: By<'_>,
    person: &PersonRecord,
    (code, until): (&str, Timestamp),
    moment: &Moment,
) -> Result<(), PeopleError> {
    let read = change.read();
    let organisation = match &person.party {
        None => String::new(),
        Some(party) => {
            let profile = match read.party_of(party)? {
                Some(id) => read.party_profile(&id)?,
                None => None,
            };
            profile.map_or_else(|| party.clone(), |profile| profile.name)
        }
    };
    let inviter = read.person(by.account)?.map(|inviter| inviter.name);
    let letter = Letter::Invitation {
        person: person.name.clone(),
        organisation,
        inviter: inviter.unwrap_or_default(),
        link: link(code),
        valid_until: readable(until),
    };
    send(change, person, letter, moment)
}

/// Tells that password, app and sessions were taken away, with the code to choose new ones.
pub(super) fn reset(
    change: &PeopleChange<'_>,
    person: &PersonRecord,
    (code, until): (&str, Timestamp),
    moment: &Moment,
) -> Result<(), PeopleError> {
    let (link, valid_until) = (link(code), readable(until));
    let letter = Letter::PasswordReset { person: person.name.clone(), link, valid_until };
    send(change, person, letter, moment)
}

/// Notes with which browser somebody signed in, and tells the person where it is a further one.
pub(super) fn signed_in(
    change: &PeopleChange<'_>,
    person: &PersonRecord,
    agent: &str,
    moment: &Moment,
) -> Result<(), PeopleError> {
    let browser = agent_name(agent);
    let before = change.agent_note(&person.account, &browser, moment.now.us(), AGENTS_MAX)?;
    // The first of all is the one with which the invitation was accepted.
    if before.known || before.agents == 0 {
        return Ok(());
    }
    let at = readable(moment.now);
    send(change, person, Letter::NewSignIn { person: person.name.clone(), at, browser }, moment)
}

/// Tells the contact of a company that it was verified.
pub(super) fn verified(
    change: &PeopleChange<'_>,
    person: &PersonRecord,
    (organisation, party): (&str, &str),
    moment: &Moment,
) -> Result<(), PeopleError> {
    let letter = Letter::CompanyVerified {
        person: person.name.clone(),
        organisation: organisation.to_owned(),
        party: party.to_owned(),
    };
    send(change, person, letter, moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_of_a_browser_is_no_new_browser_and_instants_are_read_to_the_minute() {
        let firefox = |version| format!("Mozilla/5.0 (X11; Linux x86_64) Firefox/{version}");
        assert_eq!(agent_name(&firefox("140.0")), "Firefox, Linux");
        assert_eq!(agent_name(&firefox("140.0")), agent_name(&firefox("141.0")));
        assert_eq!(agent_name(""), "—");
        assert_eq!(readable(Timestamp::from_us(1_764_000_000_123_456)), "2025-11-24 16:00 UTC");
    }
}
