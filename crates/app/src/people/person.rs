//! Accounts and their lives: invited, active, deactivated.
//!
//! Nobody sets another's password: an account is made with an invitation, a code of 256 bits that is good
//! once and for three days, with which the person sets its own (ASVS 5.0, 6.4.1).

use base::Timestamp;
use base::authorisation::Role;
use store::{InvitationRecord, PeopleChange, PersonKind, PersonRecord, PersonState};

use super::session::{Proof, session_open};
use super::{
    Attempt, By, Moment, People, PeopleError, Refusal, SessionOpened, Why, audit, letter, name,
    password, person_there, secret_hash,
};

const DAY_US: i64 = 24 * 3600 * 1_000_000;
/// How long an invitation is good.
const INVITATION_US: i64 = 3 * DAY_US;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewPerson<'a> {
    /// Stable key.
    pub account: &'a str,
    /// A person or a program.
    pub kind: PersonKind,
    /// Name in Latin letters.
    pub name: &'a str,
    /// Name as the person writes it; may be empty.
    pub local_name: &'a str,
    /// E-mail; may be empty.
    pub email: &'a str,
    /// What it is allowed in general.
    pub role: Role,
    /// The party (`scheme:value`) of a filer or party manager; else empty.
    pub party: &'a str,
    /// The agency or border post of somebody who works at a desk; else empty.
    pub desk: &'a str,
}

/// Somebody who holds an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// Key of the account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// The e-mail to which the invitation is bound; empty where it was given by hand.
    pub email: String,
}

/// An account that acts.
pub(super) fn active(person: &PersonRecord) -> Result<(), Refusal> {
    state_needed(person, PersonState::Active)
}

fn state_needed(person: &PersonRecord, needed: PersonState) -> Result<(), Refusal> {
    if person.state == needed {
        return Ok(());
    }
    Err(Refusal::State {
        account: person.account.clone(),
        state: person.state.code(),
        accepted: needed.code(),
    })
}

/// Checks and adds a person within a transaction. A party that nobody has named yet is registered,
/// unverified, as when a filing first names it.
pub(super) fn person_add(
    change: &PeopleChange<'_>,
    new: &NewPerson<'_>,
    state: PersonState,
    moment: &Moment,
) -> Result<PersonRecord, PeopleError> {
    name::account_check(new.account)?;
    let now = moment.now.us();
    let party = (!new.party.is_empty()).then(|| new.party.to_owned());
    if new.role.of_party() != party.is_some() {
        return Err(Refusal::PartyOfRole.into());
    }
    name::desk_check(new.role, new.desk)?;
    let person = PersonRecord {
        account: new.account.to_owned(),
        kind: new.kind,
        name: name::text_check("name", new.name, 1, name::NAME_MAX)?,
        local_name: name::text_check("local_name", new.local_name, 0, name::NAME_MAX)?,
        email: name::email_check(new.email)?,
        role: new.role,
        party,
        desk: new.desk.to_owned(),
        state,
        language: String::new(),
        password: None,
        totp: None,
        totp_new: None,
        totp_step: 0,
        created_at_us: now,
        changed_at_us: now,
    };
    if let Some(party) = &person.party {
        base::party::party_id_check(party).map_err(|error| Refusal::Field {
            field: "party",
            why: Why::Form,
            accepted: error.accepted().to_owned(),
        })?;
        change.party_register(party_key(moment), party, now)?;
    }
    if change.read().person(new.account)?.is_some() {
        return Err(Refusal::AccountTaken { account: new.account.to_owned() }.into());
    }
    change.person_add(&person)?;
    Ok(person)
}

/// The key of a party that is registered now: a UUID of version 7.
pub(super) fn party_key(moment: &Moment) -> [u8; 16] {
    let millis = u64::try_from(moment.now.us() / 1_000).unwrap_or(0);
    let random = moment.random("party");
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().into_bytes()
}

/// Invites a person, in the place of any invitation before, and by letter where it has an e-mail; gives the
/// code.
pub(super) fn invitation_make(
    change: &PeopleChange<'_>,
    by: By<'_>,
    person: &PersonRecord,
    moment: &Moment,
) -> Result<String, PeopleError> {
    let (code, until) = code_make(change, by, person, moment)?;
    letter::invite(change, by, person, (&code, until), moment)?;
    Ok(code)
}

/// The code of an invitation, and until when it is good.
fn code_make(
    change: &PeopleChange<'_>,
    by: By<'_>,
    person: &PersonRecord,
    moment: &Moment,
) -> Result<(String, Timestamp), PeopleError> {
    let code = moment.text("invitation");
    let until = Timestamp::from_us(moment.now.us() + INVITATION_US);
    change.invitations_withdraw(&person.account)?;
    change.invitation_add(&InvitationRecord {
        hash: secret_hash(&code),
        account: person.account.clone(),
        email: person.email.clone(),
        created_by: by.account.to_owned(),
        created_at_us: moment.now.us(),
        expires_at_us: until.us(),
        used_at_us: None,
    })?;
    Ok((code, until))
}

impl People {
    /// Everybody, by key.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn persons(&self) -> Result<Vec<PersonRecord>, PeopleError> {
        self.read(|read| Ok(read.persons()?))
    }

    /// The people who work for no party, by key.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn persons_of_authority(&self) -> Result<Vec<PersonRecord>, PeopleError> {
        self.read(|read| Ok(read.persons_of_authority()?))
    }

    /// A person, also one who is deactivated: history keeps the name.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn person(&self, account: &str) -> Result<Option<PersonRecord>, PeopleError> {
        self.read(|read| Ok(read.person(account)?))
    }

    /// Makes an account with an invitation; gives the invitation's code, shown this once. Of a program it
    /// is nothing: a program comes with tokens.
    ///
    /// # Errors
    /// [`Refusal`] where something of it cannot be taken.
    pub fn person_invite(
        &self,
        by: By<'_>,
        new: &NewPerson<'_>,
        moment: &Moment,
    ) -> Result<Option<String>, PeopleError> {
        self.change(|change| {
            let state = match new.kind {
                PersonKind::Person => PersonState::Invited,
                PersonKind::Machine => PersonState::Active,
            };
            let person = person_add(change, new, state, moment)?;
            let detail = [("kind", new.kind.code()), ("role", new.role.code())];
            audit(change, moment.now, by, "account_made", &person, &detail)?;
            match new.kind {
                PersonKind::Machine => Ok(None),
                PersonKind::Person => invitation_make(change, by, &person, moment).map(Some),
            }
        })
    }

    /// Who is invited by a code.
    ///
    /// # Errors
    /// [`Refusal::InvitationOver`] where it is unknown, used, withdrawn or over.
    pub fn invitation(&self, code: &str, now: Timestamp) -> Result<Invited, PeopleError> {
        self.read(|read| {
            let found = read.invitation(&secret_hash(code))?;
            let good = found.filter(|i| i.used_at_us.is_none() && now.us() < i.expires_at_us);
            let invitation = good.ok_or(Refusal::InvitationOver)?;
            let person = person_there(read, &invitation.account)?;
            // Bound to its address: of a person whose address changed it is over.
            if person.state != PersonState::Invited || person.email != invitation.email {
                return Err(Refusal::InvitationOver.into());
            }
            Ok(Invited { account: person.account, name: person.name, email: person.email })
        })
    }

    /// Accepts an invitation: sets the password and signs in. Hashes once.
    ///
    /// # Errors
    /// [`Refusal::InvitationOver`], or what is wrong with the password.
    pub fn invitation_accept(
        &self,
        attempt: &Attempt<'_>,
        code: &str,
        new: &str,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        let invited = self.invitation(code, moment.now)?;
        let person = self.read(|read| person_there(read, &invited.account))?;
        password::check(new, &super::account::known(&person))?;
        let phc = self.password_hash(new, moment.random("salt"))?;
        self.change(|change| {
            if !change.invitation_use(&secret_hash(code), moment.now.us())? {
                return Err(Refusal::InvitationOver.into());
            }
            let mut person = person_there(&change.read(), &invited.account)?;
            if person.state != PersonState::Invited {
                return Err(Refusal::InvitationOver.into());
            }
            person.state = PersonState::Active;
            person.password = Some(phc.clone());
            person.changed_at_us = moment.now.us();
            change.person_put(&person)?;
            let by = By::account(&person.account);
            audit(change, moment.now, by, "invitation_accepted", &person, &[])?;
            let proofs = [Proof::Password];
            let (text, assurance) =
                session_open(change, &person, &proofs, attempt.before, attempt.agent, moment)?;
            Ok(SessionOpened {
                text,
                assurance,
                account: person.account,
                language: person.language,
            })
        })
    }

    /// Deactivates an account: its sessions end at once, its tokens are revoked, its invitations are
    /// withdrawn. Its name stays.
    ///
    /// # Errors
    /// [`Refusal`] where there is none, or it is deactivated.
    pub fn person_deactivate(
        &self,
        by: By<'_>,
        account: &str,
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        self.change(|change| {
            let mut person = person_there(&change.read(), account)?;
            if person.state == PersonState::Deactivated {
                return Err(Refusal::State {
                    account: account.to_owned(),
                    state: person.state.code(),
                    accepted: "invited or active",
                }
                .into());
            }
            person.state = PersonState::Deactivated;
            access_end(change, &mut person, now)?;
            audit(change, now, by, "account_deactivated", &person, &[])
        })
    }

    /// Takes a deactivated account back: a person is invited anew, and the code given; a program needs new
    /// tokens.
    ///
    /// # Errors
    /// [`Refusal`] where there is none, or it is not deactivated.
    pub fn person_reactivate(
        &self,
        by: By<'_>,
        account: &str,
        moment: &Moment,
    ) -> Result<Option<String>, PeopleError> {
        self.change(|change| {
            let person = person_there(&change.read(), account)?;
            state_needed(&person, PersonState::Deactivated)?;
            again(change, by, person, "account_reactivated", moment)
        })
    }

    /// Takes the password of a person away, ends its sessions and invites it to set another; apps, passkeys
    /// and identities stay and are asked for as before (ASVS 5.0, 6.4.3). Tokens stay: they rest on no
    /// password. Gives the code.
    ///
    /// # Errors
    /// [`Refusal`] where there is none, or it is not active, or it has no second factor to be asked for.
    pub fn password_reset(
        &self,
        by: By<'_>,
        account: &str,
        moment: &Moment,
    ) -> Result<Option<String>, PeopleError> {
        self.change(|change| {
            let mut person = person_there(&change.read(), account)?;
            active(&person)?;
            let passkeys = !change.read().passkeys_of(account)?.is_empty();
            if person.kind != PersonKind::Person || (person.totp.is_none() && !passkeys) {
                return Err(Refusal::State {
                    account: account.to_owned(),
                    state: "without a second factor",
                    accepted: "set up with an app or a passkey; reset the account instead",
                }
                .into());
            }
            person.password = None;
            change.sessions_remove(account, &[0; 32])?;
            again(change, by, person, "password_reset", moment)
        })
    }

    /// Ends all sessions of a person, who may sign in anew; how many.
    ///
    /// # Errors
    /// [`Refusal`] where there is no such account.
    pub fn person_sessions_end(
        &self,
        by: By<'_>,
        account: &str,
        now: Timestamp,
    ) -> Result<usize, PeopleError> {
        self.change(|change| {
            let person = person_there(&change.read(), account)?;
            let ended = change.sessions_remove(account, &[0; 32])?;
            audit(
                change,
                now,
                by,
                "account_sessions_ended",
                &person,
                &[("ended", &ended.to_string())],
            )?;
            Ok(ended)
        })
    }

    /// Takes all factors of a person away, ends its sessions, revokes its tokens, and invites it anew: for
    /// who lost its password or app. Gives the code.
    ///
    /// # Errors
    /// [`Refusal`] where there is none, or it is deactivated.
    pub fn person_reset(
        &self,
        by: By<'_>,
        account: &str,
        moment: &Moment,
    ) -> Result<Option<String>, PeopleError> {
        self.change(|change| {
            let mut person = person_there(&change.read(), account)?;
            if person.state == PersonState::Deactivated {
                return Err(Refusal::State {
                    account: account.to_owned(),
                    state: person.state.code(),
                    accepted: "invited or active",
                }
                .into());
            }
            access_end(change, &mut person, moment.now)?;
            again(change, by, person, "account_reset", moment)
        })
    }
}

/// Ends whatever lets a person in, factors included.
fn access_end(
    change: &PeopleChange<'_>,
    person: &mut PersonRecord,
    now: Timestamp,
) -> Result<(), PeopleError> {
    person.password = None;
    person.totp = None;
    person.totp_new = None;
    person.changed_at_us = now.us();
    change.person_put(person)?;
    change.recovery_codes_put(&person.account, &[])?;
    change.keys_forget(&person.account)?;
    change.sessions_remove(&person.account, &[0; 32])?;
    change.tokens_revoke(&person.account, now.us())?;
    change.invitations_withdraw(&person.account)?;
    Ok(())
}

fn again(
    change: &PeopleChange<'_>,
    by: By<'_>,
    mut person: PersonRecord,
    action: &str,
    moment: &Moment,
) -> Result<Option<String>, PeopleError> {
    person.state = match person.kind {
        PersonKind::Person => PersonState::Invited,
        PersonKind::Machine => PersonState::Active,
    };
    person.changed_at_us = moment.now.us();
    change.person_put(&person)?;
    audit(change, moment.now, by, action, &person, &[])?;
    match person.kind {
        PersonKind::Machine => Ok(None),
        PersonKind::Person if action == "account_reset" => {
            let (code, until) = code_make(change, by, &person, moment)?;
            letter::reset(change, &person, (&code, until), moment)?;
            Ok(Some(code))
        }
        PersonKind::Person => invitation_make(change, by, &person, moment).map(Some),
    }
}
