//! What a person changes of its own account: name, language, password, second factor.

use store::{PeopleChange, PersonRecord};

use super::session::{Assurance, Proof, session_open_for};
use super::sign_in::failed;
use super::{
    By, Moment, People, PeopleError, Refusal, SessionOpened, Why, audit, name, password,
    person_there, secret_hash, totp,
};
use base::Timestamp;

/// An account as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// The person.
    pub person: PersonRecord,
    /// Whether one-time codes are set up.
    pub totp: bool,
    /// Whether there is a password.
    pub password: bool,
    /// Unused recovery codes.
    pub recovery_codes: u32,
}

/// An app that is being set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpSetUp {
    /// The picture, SVG.
    pub qr_svg: String,
    /// The secret, to be typed instead.
    pub secret: String,
}

/// What is shown once.
pub type SecretView = Vec<String>;

impl People {
    /// An account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none.
    pub fn account(&self, account: &str) -> Result<AccountView, PeopleError> {
        self.read(|read| {
            let person = person_there(read, account)?;
            Ok(AccountView {
                totp: person.totp.is_some(),
                password: person.password.is_some(),
                recovery_codes: read.recovery_codes_left(account)?,
                person,
            })
        })
    }

    /// Changes the names and the language of an account.
    ///
    /// # Errors
    /// [`Refusal::Field`] where one of them cannot be taken.
    pub fn profile_change(
        &self,
        by: By<'_>,
        name: &str,
        local_name: &str,
        language: &str,
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        let name = name::text_check("name", name, 1, name::NAME_MAX)?;
        let local_name = name::text_check("local_name", local_name, 0, name::NAME_MAX)?;
        let language = name::text_check("language", language, 0, 16)?;
        self.change(|change| {
            let mut person = person_there(&change.read(), by.account)?;
            person.name.clone_from(&name);
            person.local_name.clone_from(&local_name);
            person.language.clone_from(&language);
            person.changed_at_us = now.us();
            change.person_put(&person)?;
            audit(change, now, by, "profile_changed", &person, &[("name", &name)])
        })
    }

    /// Changes the password; all other sessions end, and this one gets a new text. Hashes twice.
    ///
    /// # Errors
    /// [`Refusal`] where the present password is wrong or the new one cannot be taken.
    pub fn password_change(
        &self,
        by: By<'_>,
        present: &str,
        new: &str,
        session: &Held<'_>,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let person = self.read(|read| person_there(read, by.account))?;
        password::check(new, &known(&person))?;
        let again = super::Attempt {
            account: by.account,
            agent: session.agent,
            address: "",
            before: session.text,
        };
        // The present password counts as a try like any other.
        self.present_check(&again, present, moment)?;
        let phc = self.password_hash(new, moment.random("salt"))?;
        self.change(|change| {
            let mut person = person_there(&change.read(), by.account)?;
            person.password = Some(phc.clone());
            person.changed_at_us = moment.now.us();
            change.person_put(&person)?;
            audit(change, moment.now, by, "password_changed", &person, &[])?;
            session_renew(change, person, session, moment)
        })
    }

    fn present_check(
        &self,
        attempt: &super::Attempt<'_>,
        present: &str,
        moment: &Moment,
    ) -> Result<(), PeopleError> {
        let subjects = super::lockout::Subjects::second(attempt.account);
        self.change(|change| subjects.try_note(change, moment.now.us()))?;
        let person = self.read(|read| person_there(read, attempt.account))?;
        let kept = person.password.as_deref().unwrap_or(password::NOBODY);
        if !self.password_good(present, kept) {
            self.change(|change| failed(change, attempt.account, "password", moment.now))?;
            return Err(Refusal::Field {
                field: "present",
                why: Why::Wrong,
                accepted: "the password with which you sign in".to_owned(),
            }
            .into());
        }
        self.change(|change| subjects.succeeded(change))
    }

    /// Begins to set up one-time codes: a secret that is good once a code of it was given.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn totp_begin(&self, by: By<'_>, moment: &Moment) -> Result<TotpSetUp, PeopleError> {
        let fresh: [u8; totp::SECRET_BYTES] = moment.random("totp");
        let nonce = moment.random("totp nonce");
        let sealed = self.inner.key.seal(by.account, &fresh, nonce)?;
        let secret = self.change(|change| {
            let mut person = person_there(&change.read(), by.account)?;
            // The page may be opened again: what was shown stays good until it is confirmed.
            if let Some(begun) = &person.totp_new {
                return self.inner.key.open_sealed(by.account, begun);
            }
            person.totp_new = Some(sealed.clone());
            change.person_put(&person)?;
            audit(change, moment.now, by, "totp_begun", &person, &[])?;
            Ok(fresh.to_vec())
        })?;
        let (address, secret) = totp::set_up(&secret, by.account)?;
        Ok(TotpSetUp { qr_svg: totp::qr_svg(&address)?, secret })
    }

    /// Ends setting up with a code of the app: from now on it is asked for. Gives the recovery codes,
    /// shown this once, and the session's new text; all other sessions end.
    ///
    /// # Errors
    /// [`Refusal::CodeWrong`], [`Refusal::Wait`]; [`Refusal::NotFound`] where nothing was begun.
    pub fn totp_confirm(
        &self,
        by: By<'_>,
        code: &str,
        session: &Held<'_>,
        moment: &Moment,
    ) -> Result<(SecretView, SessionOpened), PeopleError> {
        let subjects = super::lockout::Subjects::second(by.account);
        self.change(|change| subjects.try_note(change, moment.now.us()))?;
        self.change(|change| {
            let mut person = person_there(&change.read(), by.account)?;
            let begun = person.totp_new.take();
            let begun = begun.ok_or_else(|| Refusal::NotFound { what: "set-up".to_owned() })?;
            let secret = self.inner.key.open_sealed(by.account, &begun)?;
            let step = totp::step_of(&secret, by.account, code, moment.now.us(), 0)?;
            person.totp_step = step.ok_or(Refusal::CodeWrong)?;
            person.totp = Some(begun);
            person.changed_at_us = moment.now.us();
            change.person_put(&person)?;
            subjects.succeeded(change)?;
            let codes = recovery_make(change, &person, moment)?;
            audit(change, moment.now, by, "totp_set_up", &person, &[])?;
            let mut proofs = proofs_held(change, session)?;
            if !proofs.contains(&Proof::Totp) {
                proofs.push(Proof::Totp);
            }
            change.sessions_remove(&person.account, &secret_hash(session.text))?;
            let renewed = session_replace(change, person, &proofs, session, None, moment)?;
            Ok((codes, renewed))
        })
    }

    /// Takes the one-time codes and recovery codes away; the account must set up a second factor anew.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn totp_remove(
        &self,
        by: By<'_>,
        session: &Held<'_>,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        self.change(|change| {
            let mut person = person_there(&change.read(), by.account)?;
            person.totp = None;
            person.totp_new = None;
            person.changed_at_us = moment.now.us();
            change.person_put(&person)?;
            change.recovery_codes_put(by.account, &[])?;
            audit(change, moment.now, by, "totp_removed", &person, &[])?;
            session_renew(change, person, session, moment)
        })
    }

    /// Makes new recovery codes, shown this once; those before are no longer good.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn recovery_codes_renew(
        &self,
        by: By<'_>,
        moment: &Moment,
    ) -> Result<SecretView, PeopleError> {
        self.change(|change| {
            let person = person_there(&change.read(), by.account)?;
            let codes = recovery_make(change, &person, moment)?;
            audit(change, moment.now, by, "recovery_codes_made", &person, &[])?;
            Ok(codes)
        })
    }
}

/// The session in which something is done.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    /// Its text.
    pub text: &'a str,
    /// What the browser says it is.
    pub agent: &'a str,
}

/// What others know of a person, and therefore is no part of a good password.
pub(super) fn known(person: &PersonRecord) -> Vec<&str> {
    let mut known = vec![person.account.as_str(), &person.name, &person.local_name, &person.email];
    known.extend(person.party.as_deref());
    known.push("gadolin");
    known
}

fn recovery_make(
    change: &PeopleChange<'_>,
    person: &PersonRecord,
    moment: &Moment,
) -> Result<SecretView, PeopleError> {
    let random: [u8; totp::RECOVERY_CODES * totp::RECOVERY_BYTES] = moment.random("recovery");
    let codes: Vec<String> = random.chunks(totp::RECOVERY_BYTES).map(totp::recovery_text).collect();
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| totp::recovery_hash(code)).collect();
    change.recovery_codes_put(&person.account, &hashes)?;
    Ok(codes)
}

/// A session after a change of its person's factors: a new text, the same proofs, all others ended.
pub(super) fn session_renew(
    change: &PeopleChange<'_>,
    person: PersonRecord,
    session: &Held<'_>,
    moment: &Moment,
) -> Result<SessionOpened, PeopleError> {
    // A proof by a factor that is no longer there no longer counts.
    let mut proofs = proofs_held(change, session)?;
    proofs.retain(|proof| {
        !matches!(proof, Proof::Totp | Proof::RecoveryCode) || person.totp.is_some()
    });
    change.sessions_remove(&person.account, &secret_hash(session.text))?;
    session_replace(change, person, &proofs, session, None, moment)
}

/// The proofs given in a session.
pub(super) fn proofs_held(
    change: &PeopleChange<'_>,
    session: &Held<'_>,
) -> Result<Vec<Proof>, PeopleError> {
    let held = change.read().session(&secret_hash(session.text))?;
    Ok(Proof::list(&held.map(|held| held.proofs).unwrap_or_default()))
}

pub(super) fn session_replace(
    change: &PeopleChange<'_>,
    person: PersonRecord,
    proofs: &[Proof],
    session: &Held<'_>,
    acting_for: Option<&str>,
    moment: &Moment,
) -> Result<SessionOpened, PeopleError> {
    let (text, assurance): (String, Assurance) = session_open_for(
        change,
        &person,
        proofs,
        (session.text, session.agent),
        acting_for,
        moment,
    )?;
    Ok(SessionOpened { text, assurance, account: person.account, language: person.language })
}
