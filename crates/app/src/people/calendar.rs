//! The private link to the calendar of an account: unguessable, shown once, revocable, kept as a hash.
//!
//! A calendar program asks without a session; the link is all that it has. So the calendar says little (see
//! the pages), and a link opens nothing once its account is deactivated.

use base::Timestamp;
use store::{PersonRecord, PersonState};

use super::{By, Moment, People, PeopleError, Refusal, audit, person_there, secret_hash};

impl People {
    /// When the link of an account was made; nothing where it has none.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn calendar_link(&self, account: &str) -> Result<Option<Timestamp>, PeopleError> {
        self.read(|read| Ok(read.calendar_link(account)?.map(Timestamp::from_us)))
    }

    /// Makes the link of an account, whose text is given this once; one that it had is revoked.
    ///
    /// # Errors
    /// [`PeopleError`] where there is no such account.
    pub fn calendar_link_make(&self, by: By<'_>, moment: &Moment) -> Result<String, PeopleError> {
        let text = moment.text("calendar");
        self.change(|change| {
            let person = person_there(&change.read(), by.account)?;
            if change.read().calendar_link(by.account)?.is_some() {
                change.calendar_link_revoke(by.account, moment.now.us())?;
            }
            change.calendar_link_add(&secret_hash(&text), by.account, moment.now.us())?;
            audit(change, moment.now, by, "calendar_link_made", &person, &[])
        })?;
        Ok(text)
    }

    /// Revokes the link of an account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where it has none.
    pub fn calendar_link_revoke(&self, by: By<'_>, now: Timestamp) -> Result<(), PeopleError> {
        self.change(|change| {
            let person = person_there(&change.read(), by.account)?;
            if change.read().calendar_link(by.account)?.is_none() {
                return Err(Refusal::NotFound { what: "calendar".to_owned() }.into());
            }
            change.calendar_link_revoke(by.account, now.us())?;
            audit(change, now, by, "calendar_link_revoked", &person, &[])
        })
    }

    /// Whose calendar a link opens; nothing where it opens none.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn calendar_person(&self, text: &str) -> Result<Option<PersonRecord>, PeopleError> {
        self.read(|read| {
            let Some(account) = read.calendar_account(&secret_hash(text))? else { return Ok(None) };
            Ok(read.person(&account)?.filter(|person| person.state == PersonState::Active))
        })
    }
}
