//! Passkeys of a person, and who it is at identity providers: adding, removing, signing in.
//!
//! What comes here has been proved at the door, by the authenticator's signature or the provider's token.
//! An identity is issuer and subject; it is linked to an account by its owner or by an operator, never by an
//! e-mail (OpenID Connect Core 1.0, 5.7: only the two together never change hands).

use base::Timestamp;
use store::{IdentityRecord, PasskeyRecord, PeopleChange};

use super::account::{Held, proofs_held, session_renew, session_replace};
use super::session::{Proof, hex, id_read, session_open};
use super::sign_in::{failed, may_sign_in, opened};
use super::{
    Attempt, By, Moment, People, PeopleError, Refusal, SessionOpened, audit, name, person_there,
    secret_hash,
};

/// Characters of the name of a passkey.
const PASSKEY_NAME_MAX: usize = 100;
/// Passkeys of a person: more than anybody has devices.
const PASSKEYS_MAX: usize = 20;
/// Identities of a person: more than anybody has employers.
const IDENTITIES_MAX: usize = 20;

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyView {
    /// What it is called, in hexadecimal.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created: Timestamp,
    /// When it last signed in.
    pub used: Option<Timestamp>,
}

/// What a registration begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyBegun {
    /// By which authenticators know the person: random, the same for all its passkeys.
    pub handle: [u8; 16],
    /// Name of the person.
    pub name: String,
    /// The passkeys that it has already, as their authenticators name them.
    pub known: Vec<Vec<u8>>,
}

/// A passkey that was proved to be there.
#[derive(Debug, Clone, Copy)]
pub struct NewPasskey<'a> {
    /// By which its authenticator names it.
    pub credential_id: &'a [u8],
    /// The public key and what belongs to it, as JSON.
    pub credential: &'a str,
    /// The signature counter.
    pub counter: u32,
    /// What its owner calls it.
    pub name: &'a str,
}

/// A passkey that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyFound {
    record: PasskeyRecord,
    /// By which authenticators know its person.
    pub handle: [u8; 16],
}

impl PasskeyFound {
    /// The public key and what belongs to it, as JSON.
    #[must_use]
    pub fn credential(&self) -> &str {
        &self.record.credential
    }

    /// The last signature counter.
    #[must_use]
    pub fn counter(&self) -> u32 {
        self.record.counter
    }
}

/// An identity as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// What it is called, in hexadecimal.
    pub id: String,
    /// The issuer.
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
    /// When it was linked.
    pub linked: Timestamp,
    /// When it last signed in.
    pub used: Option<Timestamp>,
}

/// Who somebody is at a provider, as its token says.
#[derive(Debug, Clone, Copy)]
pub struct IdentityProved<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// Who it is there.
    pub subject: &'a str,
    /// Whether the provider asked for two factors.
    pub two_factors: bool,
    /// Whether people of the authority must have given two factors there.
    pub two_wanted: bool,
}

impl People {
    /// The passkeys of an account, oldest first.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn passkeys(&self, account: &str) -> Result<Vec<PasskeyView>, PeopleError> {
        self.read(|read| {
            let kept = read.passkeys_of(account)?.into_iter();
            Ok(kept
                .map(|key| PasskeyView {
                    id: hex(&key.id),
                    name: key.name,
                    created: Timestamp::from_us(key.created_at_us),
                    used: key.used_at_us.map(Timestamp::from_us),
                })
                .collect())
        })
    }

    /// Begins the registration of a passkey.
    ///
    /// # Errors
    /// [`Refusal::KeysMany`] where it has as many as there may be.
    pub fn passkey_begin(
        &self,
        account: &str,
        moment: &Moment,
    ) -> Result<PasskeyBegun, PeopleError> {
        let fresh = moment.random("passkey handle");
        self.change(|change| {
            let person = person_there(&change.read(), account)?;
            let known = change.read().passkeys_of(account)?;
            if known.len() >= PASSKEYS_MAX {
                return Err(Refusal::KeysMany { most: PASSKEYS_MAX }.into());
            }
            Ok(PasskeyBegun {
                handle: change.passkey_handle_make(account, &fresh)?,
                name: person.name,
                known: known.into_iter().map(|key| key.credential_id).collect(),
            })
        })
    }

    /// Adds a passkey; all other sessions end, and this one gets a new text.
    ///
    /// # Errors
    /// [`Refusal::PasskeyKnown`], [`Refusal::KeysMany`], or what is wrong with its name.
    pub fn passkey_add(
        &self,
        by: By<'_>,
        passkey: &NewPasskey<'_>,
        session: &Held<'_>,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let name = name::text_check("passkey_name", passkey.name, 1, PASSKEY_NAME_MAX)?;
        self.change(|change| {
            let person = person_there(&change.read(), by.account)?;
            if change.read().passkeys_of(by.account)?.len() >= PASSKEYS_MAX {
                return Err(Refusal::KeysMany { most: PASSKEYS_MAX }.into());
            }
            let added = change.passkey_add(&PasskeyRecord {
                credential_id: passkey.credential_id.to_vec(),
                id: moment.random("passkey id"),
                account: by.account.to_owned(),
                name: name.clone(),
                credential: passkey.credential.to_owned(),
                counter: passkey.counter,
                created_at_us: moment.now.us(),
                used_at_us: None,
            })?;
            if !added {
                return Err(Refusal::PasskeyKnown.into());
            }
            audit(change, moment.now, by, "passkey_added", &person, &[("name", &name)])?;
            let mut proofs = proofs_held(change, session)?;
            if !proofs.contains(&Proof::Passkey) {
                proofs.push(Proof::Passkey);
            }
            change.sessions_remove(&person.account, &secret_hash(session.text))?;
            session_replace(change, person, &proofs, session, None, moment)
        })
    }

    /// Removes a passkey of an account; all other sessions end, and this one gets a new text.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where it has none of that name.
    pub fn passkey_remove(
        &self,
        by: By<'_>,
        id: &str,
        session: &Held<'_>,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let missing = || Refusal::NotFound { what: id.to_owned() };
        let bytes = id_read(id).ok_or_else(missing)?;
        self.change(|change| {
            let person = person_there(&change.read(), by.account)?;
            let kept = change.read().passkeys_of(by.account)?;
            let kept =
                kept.into_iter().find(|key| key.id.as_slice() == bytes).ok_or_else(missing)?;
            if !change.passkey_remove(by.account, &bytes)? {
                return Err(missing().into());
            }
            audit(change, moment.now, by, "passkey_removed", &person, &[("name", &kept.name)])?;
            session_renew(change, person, session, moment)
        })
    }

    /// The passkey that an authenticator names.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn passkey_find(&self, credential_id: &[u8]) -> Result<Option<PasskeyFound>, PeopleError> {
        self.read(|read| {
            let Some(record) = read.passkey(credential_id)? else { return Ok(None) };
            let handle = read.passkey_handle(&record.account)?;
            Ok(handle.map(|handle| PasskeyFound { record, handle }))
        })
    }

    /// Writes down that a passkey was refused, and why.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn passkey_refused(
        &self,
        found: &PasskeyFound,
        why: &str,
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        self.change(|change| {
            let person = person_there(&change.read(), &found.record.account)?;
            let detail = [("name", found.record.name.as_str()), ("why", why)];
            audit(change, now, By::COMMAND_LINE, "passkey_refused", &person, &detail)
        })
    }

    /// Signs in with a passkey that was proved, which now stands as `credential` and `counter` say.
    ///
    /// # Errors
    /// [`Refusal::SignInWrong`] where its person may not sign in, or the passkey was removed or used
    /// between.
    pub fn passkey_sign_in(
        &self,
        attempt: &Attempt<'_>,
        found: &PasskeyFound,
        credential: &str,
        counter: u32,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let done = self.change(|change| {
            let person = person_there(&change.read(), &found.record.account)?;
            if !may_sign_in(&person) {
                failed(change, &person.account, "passkey", moment.now)?;
                return Ok(None);
            }
            // INVARIANT: of two that come at once with one counter, one is refused.
            if !change.passkey_use(&found.record, credential, counter, moment.now.us())? {
                return Ok(None);
            }
            signed_in(change, person, Proof::Passkey, attempt, moment).map(Some)
        })?;
        done.ok_or_else(|| Refusal::SignInWrong.into())
    }

    /// Who an account is at providers, oldest link first.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn identities(&self, account: &str) -> Result<Vec<IdentityView>, PeopleError> {
        self.read(|read| {
            let kept = read.identities_of(account)?.into_iter();
            Ok(kept
                .map(|one| IdentityView {
                    id: hex(&one.id),
                    issuer: one.issuer,
                    subject: one.subject,
                    linked: Timestamp::from_us(one.linked_at_us),
                    used: one.used_at_us.map(Timestamp::from_us),
                })
                .collect())
        })
    }

    /// Links who somebody is at a provider to an account.
    ///
    /// # Errors
    /// [`Refusal::IdentityTaken`] where it is linked already, [`Refusal::KeysMany`], [`Refusal::NotFound`].
    pub fn identity_link(
        &self,
        by: By<'_>,
        account: &str,
        issuer: &str,
        subject: &str,
        moment: &Moment,
    ) -> Result<(), PeopleError> {
        let subject = name::text_check("subject", subject, 1, 255)?;
        self.change(|change| {
            let person = person_there(&change.read(), account)?;
            if change.read().identities_of(account)?.len() >= IDENTITIES_MAX {
                return Err(Refusal::KeysMany { most: IDENTITIES_MAX }.into());
            }
            let added = change.identity_add(&IdentityRecord {
                issuer: issuer.to_owned(),
                subject: subject.clone(),
                id: moment.random("identity id"),
                account: account.to_owned(),
                linked_by: by.account.to_owned(),
                linked_at_us: moment.now.us(),
                used_at_us: None,
            })?;
            if !added {
                return Err(Refusal::IdentityTaken.into());
            }
            let detail = [("issuer", issuer), ("subject", subject.as_str())];
            audit(change, moment.now, by, "identity_linked", &person, &detail)
        })
    }

    /// Takes an identity away from an account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where it has none of that name.
    pub fn identity_unlink(
        &self,
        by: By<'_>,
        account: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        let missing = || Refusal::NotFound { what: id.to_owned() };
        let bytes = id_read(id).ok_or_else(missing)?;
        self.change(|change| {
            let person = person_there(&change.read(), account)?;
            let kept = change.read().identities_of(account)?;
            let kept =
                kept.into_iter().find(|one| one.id.as_slice() == bytes).ok_or_else(missing)?;
            if !change.identity_remove(account, &bytes)? {
                return Err(missing().into());
            }
            let detail = [("issuer", kept.issuer.as_str()), ("subject", &kept.subject)];
            audit(change, now, by, "identity_unlinked", &person, &detail)
        })
    }

    /// Signs in as whom a provider's token proves.
    ///
    /// # Errors
    /// [`Refusal::IdentityUnlinked`] where it is linked to nobody who may sign in: the two are not told
    /// apart; [`Refusal::IdentityWeak`] where two factors are wanted there.
    pub fn identity_sign_in(
        &self,
        attempt: &Attempt<'_>,
        proved: &IdentityProved<'_>,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let done = self.change(|change| {
            let found = change.read().identity(proved.issuer, proved.subject)?;
            let Some(found) = found else { return Ok(Err(Refusal::IdentityUnlinked)) };
            let person = person_there(&change.read(), &found.account)?;
            if !may_sign_in(&person) {
                failed(change, &person.account, "identity", moment.now)?;
                return Ok(Err(Refusal::IdentityUnlinked));
            }
            if proved.two_wanted && !proved.two_factors && person.role.of_authority() {
                failed(change, &person.account, "identity_factors", moment.now)?;
                return Ok(Err(Refusal::IdentityWeak));
            }
            change.identity_use(proved.issuer, proved.subject, moment.now.us())?;
            let proof = match proved.two_factors {
                true => Proof::IdentityTwo,
                false => Proof::Identity,
            };
            signed_in(change, person, proof, attempt, moment).map(Ok)
        })?;
        Ok(done?)
    }
}

/// Opens the session of a single proof, and writes it down.
fn signed_in(
    change: &PeopleChange<'_>,
    person: store::PersonRecord,
    proof: Proof,
    attempt: &Attempt<'_>,
    moment: &Moment,
) -> Result<SessionOpened, PeopleError> {
    let session = session_open(change, &person, &[proof], attempt.before, attempt.agent, moment)?;
    let action = match session.1 {
        super::Assurance::Awaiting => "first_factor_given",
        _ => "signed_in",
    };
    let detail = [("proof", proof.code())];
    audit(change, moment.now, By::account(&person.account), action, &person, &detail)?;
    Ok(opened(person, session))
}
