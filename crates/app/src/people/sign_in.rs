//! Signing in: a first factor, then a second where one is set up.
//!
//! A further way in (a passkey, another provider) ends in [`super::session::session_open`] with its own
//! [`Proof`]; what that is worth is the proof's `factors`.
//!
//! INVARIANT: an unknown account, one that may not sign in and a wrong password cost one hash each, are
//! counted alike and answered alike.

use super::lockout::Subjects;
use super::password::{NOBODY, outdated};
use super::session::{Assurance, Proof, awaiting, session_open};
use super::{
    By, Moment, People, PeopleError, PersonRecord, PersonState, Refusal, audit, person_there,
    secret_hash, totp,
};
use base::Timestamp;
use store::{PeopleChange, PersonKind};

/// A try to sign in.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// Key of the account, as typed.
    pub account: &'a str,
    /// What the browser says it is.
    pub agent: &'a str,
    /// The address that it comes from; empty where unknown.
    pub address: &'a str,
    /// Text of the session that it has, which ends; empty where none.
    pub before: &'a str,
}

/// A session that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOpened {
    /// The text for the cookie.
    pub text: String,
    /// How sure it is.
    pub assurance: Assurance,
    /// Whose.
    pub account: String,
    /// Code of the person's language; empty where none was chosen.
    pub language: String,
}

fn may_sign_in(person: &PersonRecord) -> bool {
    person.state == PersonState::Active && person.kind == PersonKind::Person
}

fn opened(person: PersonRecord, (text, assurance): (String, Assurance)) -> SessionOpened {
    SessionOpened { text, assurance, account: person.account, language: person.language }
}

impl People {
    /// Signs in with a password. Hashes once: to be called where that blocks nobody.
    ///
    /// # Errors
    /// [`Refusal::SignInWrong`] or [`Refusal::Wait`].
    pub fn sign_in(
        &self,
        attempt: &Attempt<'_>,
        password: &str,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let now = moment.now.us();
        let subjects = Subjects::first(attempt.account, attempt.address);
        self.change(|change| subjects.try_note(change, now))?;
        let person = self.read(|read| Ok(read.person(attempt.account)?))?;
        let kept = person.filter(may_sign_in).and_then(|person| person.password);
        let good = self.password_good(password, kept.as_deref().unwrap_or(NOBODY));
        let kept = kept.filter(|_| good);
        let Some(kept) = kept else {
            self.change(|change| failed(change, attempt.account, "password", moment.now))?;
            return Err(Refusal::SignInWrong.into());
        };
        let renewed = match outdated(&kept) {
            true => Some(self.password_hash(password, moment.random("salt"))?),
            false => None,
        };
        self.change(|change| {
            let mut person = person_there(&change.read(), attempt.account)?;
            // Between the hash and now it may have been deactivated, or the password changed.
            if !may_sign_in(&person) || person.password.as_deref() != Some(kept.as_str()) {
                return Err(Refusal::SignInWrong.into());
            }
            subjects.succeeded(change)?;
            if let Some(renewed) = &renewed {
                person.password = Some(renewed.clone());
                change.person_put(&person)?;
            }
            let proofs = [Proof::Password];
            let session =
                session_open(change, &person, &proofs, attempt.before, attempt.agent, moment)?;
            let action = match session.1 {
                Assurance::Awaiting => "first_factor_given",
                _ => "signed_in",
            };
            let detail = [("proof", Proof::Password.code())];
            audit(change, moment.now, By::account(&person.account), action, &person, &detail)?;
            Ok(opened(person, session))
        })
    }

    /// Gives the second factor that a session awaits: a code of the app, or a recovery code.
    ///
    /// # Errors
    /// [`Refusal::SignInWrong`] where the session awaits none, [`Refusal::CodeWrong`], [`Refusal::Wait`].
    pub fn second_factor(
        &self,
        attempt: &Attempt<'_>,
        code: &str,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let now = moment.now.us();
        let account = self.change(|change| Ok(awaiting(change, attempt.before, now)?.1.account))?;
        let subjects = Subjects::second(&account);
        self.change(|change| subjects.try_note(change, now))?;
        let done = self.change(|change| {
            let (_, mut person) = awaiting(change, attempt.before, now)?;
            let Some(proof) = self.second_proof(change, &mut person, code, moment.now)? else {
                failed(change, &account, "second_factor", moment.now)?;
                return Ok(None);
            };
            subjects.succeeded(change)?;
            let proofs = [Proof::Password, proof];
            let session =
                session_open(change, &person, &proofs, attempt.before, attempt.agent, moment)?;
            let detail = [("proof", proof.code())];
            audit(change, moment.now, By::account(&account), "signed_in", &person, &detail)?;
            Ok(Some(opened(person, session)))
        })?;
        done.ok_or_else(|| Refusal::CodeWrong.into())
    }

    /// Checks a code of the app or a recovery code, and uses it up.
    fn second_proof(
        &self,
        change: &PeopleChange<'_>,
        person: &mut PersonRecord,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<Proof>, PeopleError> {
        if code.chars().filter(|c| !c.is_whitespace()).count() > 6 {
            let hash = totp::recovery_hash(code);
            let used = change.recovery_code_use(&person.account, &hash, now.us())?;
            return Ok(used.then_some(Proof::RecoveryCode));
        }
        let Some(sealed) = &person.totp else { return Ok(None) };
        let secret = self.inner.key.open_sealed(&person.account, sealed)?;
        let last = person.totp_step;
        let Some(step) = totp::step_of(&secret, &person.account, code, now.us(), last)? else {
            return Ok(None);
        };
        person.totp_step = step;
        change.person_put(person)?;
        Ok(Some(Proof::Totp))
    }

    /// Proves again who holds a session, by all factors that the person has: a sensitive change asks for
    /// it. Hashes once.
    ///
    /// # Errors
    /// [`Refusal::SignInWrong`] where the password or the code is wrong, [`Refusal::Wait`].
    pub fn prove_again(
        &self,
        attempt: &Attempt<'_>,
        password: &str,
        code: &str,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let now = moment.now.us();
        let subjects = Subjects::second(attempt.account);
        self.change(|change| subjects.try_note(change, now))?;
        let person = self.read(|read| Ok(read.person(attempt.account)?))?;
        let kept = person.filter(may_sign_in).and_then(|person| person.password);
        let good = self.password_good(password, kept.as_deref().unwrap_or(NOBODY));
        let done = self.change(|change| {
            let mut person = person_there(&change.read(), attempt.account)?;
            let held = change.read().session(&secret_hash(attempt.before))?;
            let held = held.filter(|session| session.account == person.account);
            let same = may_sign_in(&person) && person.password == kept && kept.is_some();
            let mut proofs = vec![Proof::Password];
            let mut right = good && same && held.is_some();
            if right && person.totp.is_some() {
                let second = self.second_proof(change, &mut person, code, moment.now)?;
                right = second.is_some();
                proofs.extend(second);
            }
            if !right {
                failed(change, attempt.account, "proof", moment.now)?;
                return Ok(None);
            }
            subjects.succeeded(change)?;
            let session =
                session_open(change, &person, &proofs, attempt.before, attempt.agent, moment)?;
            let by = By::account(attempt.account);
            audit(change, moment.now, by, "proved_again", &person, &[])?;
            Ok(Some(opened(person, session)))
        })?;
        done.ok_or_else(|| Refusal::SignInWrong.into())
    }

    /// Signs in as an account of a demo, without a secret.
    ///
    /// # Errors
    /// [`Refusal::SignInWrong`] where there is no such person.
    pub fn sign_in_chosen(
        &self,
        attempt: &Attempt<'_>,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        self.change(|change| {
            let person = change.read().person(attempt.account)?.filter(may_sign_in);
            let person = person.ok_or(Refusal::SignInWrong)?;
            let proofs = [Proof::Chosen];
            let session =
                session_open(change, &person, &proofs, attempt.before, attempt.agent, moment)?;
            let detail = [("proof", Proof::Chosen.code())];
            let by = By::account(&person.account);
            audit(change, moment.now, by, "signed_in", &person, &detail)?;
            Ok(opened(person, session))
        })
    }
}

/// Notes a failed try in the audit, where it is of an account that there is.
pub(super) fn failed(
    change: &PeopleChange<'_>,
    account: &str,
    what: &str,
    now: Timestamp,
) -> Result<(), PeopleError> {
    match change.read().person(account)? {
        Some(person) => {
            audit(change, now, By::COMMAND_LINE, "sign_in_failed", &person, &[("what", what)])
        }
        // The same transaction, and nothing to name: what was typed may be a password.
        None => Ok(()),
    }
}
