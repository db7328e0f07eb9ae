//! Sessions and tokens: who comes with what, what that proves, and until when.
//!
//! The text of a session is 256 random bits in a cookie, new at every sign-in and whenever its assurance
//! changes; of it only the SHA-256 is kept. A session ends by itself: idle, or at its latest.
//! How long is chosen by role (NIST SP 800-63B-4, 2.2.3): who reads everybody's books an hour idle and 12
//! hours in all; who works in its own book 12 hours idle and 7 days in all.

use std::collections::HashMap;
use std::sync::PoisonError;

use base::Timestamp;
use base::authorisation::{Actor, Role};
use store::{PeopleChange, PersonState, SessionRecord, TokenRecord};

use super::{
    By, Moment, People, PeopleError, PersonRecord, Refusal, Why, audit, letter, name, person_there,
    secret_hash,
};

const HOUR_US: i64 = 3600 * 1_000_000;
/// How exact the time of the last use is: a use within it is not written.
const TOUCH_US: i64 = 60 * 1_000_000;
/// How long a proof counts for a change that needs a fresh one.
const FRESH_US: i64 = 15 * 60 * 1_000_000;
/// How long a second factor is awaited.
const AWAITED_US: i64 = 10 * 60 * 1_000_000;
/// Sessions of a person at once; the one idle longest gives way.
const SESSIONS_MAX: usize = 20;
/// Good tokens of a person at once.
const TOKENS_MAX: usize = 50;
/// The longest that a token lives, in days.
const TOKEN_DAYS_MAX: u32 = 400;
/// Characters kept of what a browser says it is.
const AGENT_MAX: usize = 200;

/// What a person gave to prove who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Chose the account of a demo: proves nothing, and opens fictional data only.
    Chosen,
    /// Its password.
    Password,
    /// A one-time code of its app.
    Totp,
    /// One of its recovery codes.
    RecoveryCode,
    /// A passkey: a device, and the PIN or finger that opens it.
    Passkey,
    /// An account at an identity provider.
    Identity,
    /// An account at an identity provider, which asked for two factors.
    IdentityTwo,
}

impl Proof {
    const ALL: [Proof; 7] = [
        Proof::Chosen,
        Proof::Password,
        Proof::Totp,
        Proof::RecoveryCode,
        Proof::Passkey,
        Proof::Identity,
        Proof::IdentityTwo,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Proof::Chosen => "chosen",
            Proof::Password => "password",
            Proof::Totp => "totp",
            Proof::RecoveryCode => "recovery_code",
            Proof::Passkey => "passkey",
            Proof::Identity => "identity",
            Proof::IdentityTwo => "identity_two",
        }
    }

    /// The proofs of a session.
    pub(super) fn list(codes: &str) -> Vec<Proof> {
        let parse = |code| Proof::ALL.into_iter().find(|proof| proof.code() == code);
        codes.split(' ').filter_map(parse).collect()
    }

    /// What it is worth: 2 stands for both factors.
    pub(super) fn factors(self) -> u8 {
        match self {
            Proof::Chosen | Proof::Passkey | Proof::IdentityTwo => 2,
            Proof::Password | Proof::Totp | Proof::RecoveryCode | Proof::Identity => 1,
        }
    }
}

/// How sure it is who holds a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// One factor was given and a second is awaited: nobody is signed in yet.
    Awaiting,
    /// Signed in by the only factor there is; a second must be set up before anything else.
    One,
    /// Signed in by two factors.
    Two,
}

impl Assurance {
    /// Of the proofs given, for a person with or without a second factor.
    fn of(proofs: &[Proof], second_factor: bool) -> Assurance {
        match proofs.iter().map(|proof| proof.factors()).sum::<u8>() {
            2.. => Assurance::Two,
            _ if second_factor => Assurance::Awaiting,
            _ => Assurance::One,
        }
    }

    fn number(self) -> u8 {
        match self {
            Assurance::Awaiting => 0,
            Assurance::One => 1,
            Assurance::Two => 2,
        }
    }

    fn parse(number: u8) -> Assurance {
        match number {
            0 => Assurance::Awaiting,
            1 => Assurance::One,
            _ => Assurance::Two,
        }
    }
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read what its account may read.
    Read,
    /// Read, and file.
    ReadAndFile,
}

impl Scope {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::ReadAndFile => "read_and_file",
        }
    }

    /// The scope of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Scope> {
        [Scope::Read, Scope::ReadAndFile].into_iter().find(|scope| scope.code() == code)
    }
}

/// Who holds a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// What the session is called.
    pub session_id: [u8; 16],
    /// Who acts.
    pub actor: Actor,
    /// Name in Latin letters.
    pub name: String,
    /// Name as the person writes it.
    pub local_name: String,
    /// Name of the person that it covers; empty where it acts for itself.
    pub acting_for_name: String,
    /// How sure it is.
    pub assurance: Assurance,
    /// Whether a proof was given lately, so that sensitive things may be changed.
    pub fresh: bool,
    /// Whether its use should be noted with [`People::session_touch`].
    pub touch: bool,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// What it is called, in hexadecimal.
    pub id: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub used: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// What the browser says it is.
    pub agent: String,
    /// Codes of the proofs given, by blanks.
    pub proofs: String,
}

/// A token as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    /// What it is called, in hexadecimal.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was last used, to the minute.
    pub used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// Who comes with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFound {
    /// Who acts.
    pub actor: Actor,
    /// What the token may do.
    pub scope: Scope,
    /// Whether its use should be noted with [`People::token_touch`].
    pub touch: bool,
}

/// Good tokens that are kept at most.
const TOKENS_KEPT_MAX: usize = 10_000;

/// Good tokens as the database had them at a version of its data.
#[derive(Debug, Default)]
pub(super) struct TokensKept {
    data_version: i64,
    found: HashMap<[u8; 32], TokenKept>,
}

/// A good token.
#[derive(Debug)]
struct TokenKept {
    actor: Actor,
    scope: Scope,
    expires_at_us: i64,
    used_at_us: Option<i64>,
}

impl TokenKept {
    /// What it is good for at an instant; nothing once it is over.
    fn at(&self, now: Timestamp) -> Option<TokenFound> {
        (now.us() < self.expires_at_us).then(|| TokenFound {
            actor: self.actor.clone(),
            scope: self.scope,
            touch: self.used_at_us.is_none_or(|used| now.us() - used >= TOUCH_US),
        })
    }
}

/// The longest idle and the longest whole life of a session, µs.
fn lifetime(role: Role) -> (i64, i64) {
    if role.of_authority() { (HOUR_US, 12 * HOUR_US) } else { (12 * HOUR_US, 7 * 24 * HOUR_US) }
}

/// Whether a session is over.
fn over(session: &SessionRecord, person: &PersonRecord, now_us: i64) -> bool {
    let (idle, _) = lifetime(person.role);
    now_us >= session.expires_at_us
        || now_us - session.used_at_us >= idle
        || person.state != PersonState::Active
}

pub(super) fn actor_of(person: &PersonRecord) -> Actor {
    let party = person.party.as_deref().unwrap_or_default();
    let mut actor = Actor::new(&person.account, person.role, party);
    actor.desk.clone_from(&person.desk);
    actor
}

/// Opens a session in the place of another; gives the text for the cookie.
pub(super) fn session_open(
    change: &PeopleChange<'_>,
    person: &PersonRecord,
    proofs: &[Proof],
    before: &str,
    agent: &str,
    moment: &Moment,
) -> Result<(String, Assurance), PeopleError> {
    session_open_for(change, person, proofs, (before, agent), None, moment)
}

/// The same, for whom it acts.
pub(super) fn session_open_for(
    change: &PeopleChange<'_>,
    person: &PersonRecord,
    proofs: &[Proof],
    (before, agent): (&str, &str),
    acting_for: Option<&str>,
    moment: &Moment,
) -> Result<(String, Assurance), PeopleError> {
    let now = moment.now.us();
    // What was there before is another's, or proved less: it ends, and its text is never used again.
    change.session_remove(&secret_hash(before))?;
    change.sessions_forget(now)?;
    let mut open = change.read().sessions_of(&person.account)?;
    open.sort_by_key(|session| session.used_at_us);
    for session in open.iter().take((open.len() + 1).saturating_sub(SESSIONS_MAX)) {
        change.session_remove(&session.hash)?;
    }
    let text = moment.text("session");
    // A passkey is a second factor too: beside it a password alone signs nobody in.
    let passkey = !change.read().passkeys_of(&person.account)?.is_empty();
    let assurance = Assurance::of(proofs, person.totp.is_some() || passkey);
    let life = match assurance {
        Assurance::Awaiting => AWAITED_US,
        _ => lifetime(person.role).1,
    };
    let codes: Vec<&str> = proofs.iter().map(|proof| proof.code()).collect();
    let visible = |c: &char| !c.is_control();
    change.session_add(&SessionRecord {
        hash: secret_hash(&text),
        id: moment.random("session id"),
        account: person.account.clone(),
        proofs: codes.join(" "),
        assurance: assurance.number(),
        created_at_us: now,
        used_at_us: now,
        proved_at_us: now,
        expires_at_us: now + life,
        agent: agent.chars().filter(visible).take(AGENT_MAX).collect(),
        acting_for: acting_for.map(str::to_owned),
    })?;
    if assurance != Assurance::Awaiting && !proofs.contains(&Proof::Chosen) {
        letter::signed_in(change, person, agent, moment)?;
    }
    Ok((text, assurance))
}

/// A session that awaits its second factor, with its person.
pub(super) fn awaiting(
    change: &PeopleChange<'_>,
    text: &str,
    now_us: i64,
) -> Result<(SessionRecord, PersonRecord), PeopleError> {
    let session = change.read().session(&secret_hash(text))?;
    let session = session.ok_or(Refusal::SignInWrong)?;
    let person = person_there(&change.read(), &session.account)?;
    let waits = Assurance::parse(session.assurance) == Assurance::Awaiting;
    if !waits || over(&session, &person, now_us) {
        return Err(Refusal::SignInWrong.into());
    }
    Ok((session, person))
}

pub(super) fn hex(id: &[u8]) -> String {
    crate::import::hex(id)
}

/// An id of ours in hexadecimal.
pub(super) fn id_read(text: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(pair).collect();
    bytes.filter(|bytes| bytes.len() == 16 && text.len() == 32)
}

impl People {
    /// Who holds the session of a cookie; nobody where it is over, or the person deactivated.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn session(&self, text: &str, now: Timestamp) -> Result<Option<Visitor>, PeopleError> {
        self.read(|read| {
            let Some(session) = read.session(&secret_hash(text))? else { return Ok(None) };
            let Some(person) = read.person(&session.account)? else { return Ok(None) };
            if over(&session, &person, now.us()) {
                return Ok(None);
            }
            let mut actor = actor_of(&person);
            let mut acting_for_name = String::new();
            if let Some(account) = &session.acting_for
                && let Some(away) = super::cover::covered(read, account, &person, now.us())?
            {
                actor.role = away.role;
                actor.desk = away.desk;
                actor.acting_for = away.account;
                acting_for_name = away.name;
            }
            Ok(Some(Visitor {
                session_id: session.id,
                actor,
                acting_for_name,
                assurance: Assurance::parse(session.assurance),
                // Nothing but the choice is proved in a demo, and nothing can be proved again.
                fresh: now.us() - session.proved_at_us < FRESH_US
                    || session.proofs.split(' ').any(|code| code == Proof::Chosen.code()),
                touch: now.us() - session.used_at_us >= TOUCH_US,
                name: person.name,
                local_name: person.local_name,
            }))
        })
    }

    /// Notes that a session was used, so that it does not end as idle.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn session_touch(&self, text: &str, now: Timestamp) -> Result<(), PeopleError> {
        self.change(|change| {
            change.session_touch(&secret_hash(text), now.us())?;
            Ok(())
        })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn sign_out(&self, text: &str, now: Timestamp) -> Result<(), PeopleError> {
        let hash = secret_hash(text);
        if text.is_empty() || self.read(|read| Ok(read.session(&hash)?))?.is_none() {
            return Ok(());
        }
        self.change(|change| {
            let Some(session) = change.read().session(&hash)? else { return Ok(()) };
            let person = person_there(&change.read(), &session.account)?;
            change.session_remove(&hash)?;
            audit(change, now, By::account(&person.account), "signed_out", &person, &[])
        })
    }

    /// How many sessions are open.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn sessions_count(&self, now: Timestamp) -> Result<u64, PeopleError> {
        self.read(|read| Ok(read.sessions_count(now.us())?))
    }

    /// The open sessions of an account, oldest first.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn sessions(&self, account: &str, now: Timestamp) -> Result<Vec<SessionView>, PeopleError> {
        self.read(|read| {
            let person = person_there(read, account)?;
            let open = read.sessions_of(account)?.into_iter();
            let open = open.filter(|session| !over(session, &person, now.us()));
            Ok(open
                .map(|session| SessionView {
                    id: hex(&session.id),
                    created: Timestamp::from_us(session.created_at_us),
                    used: Timestamp::from_us(session.used_at_us),
                    expires: Timestamp::from_us(session.expires_at_us),
                    agent: session.agent,
                    proofs: session.proofs,
                })
                .collect())
        })
    }

    /// Ends one session of an account by what it is called.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where it has none of that name.
    pub fn session_end(&self, by: By<'_>, id: &str, now: Timestamp) -> Result<(), PeopleError> {
        let missing = || Refusal::NotFound { what: id.to_owned() };
        let bytes = id_read(id).ok_or_else(missing)?;
        self.change(|change| {
            let person = person_there(&change.read(), by.account)?;
            if !change.session_remove_id(by.account, &bytes)? {
                return Err(missing().into());
            }
            audit(change, now, by, "session_ended", &person, &[("session", id)])
        })
    }

    /// Ends all sessions of an account but the one of this text; how many.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn sessions_end_others(
        &self,
        by: By<'_>,
        text: &str,
        now: Timestamp,
    ) -> Result<usize, PeopleError> {
        self.change(|change| {
            let person = person_there(&change.read(), by.account)?;
            let ended = change.sessions_remove(by.account, &secret_hash(text))?;
            audit(change, now, by, "sessions_ended", &person, &[("ended", &ended.to_string())])?;
            Ok(ended)
        })
    }

    /// Who comes with a token; nobody where it is over or revoked, or its account not active.
    ///
    /// What was found is kept until somebody, here or in another process, has committed anything: who is
    /// deactivated has lost access when that is committed.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn token(&self, text: &str, now: Timestamp) -> Result<Option<TokenFound>, PeopleError> {
        let hash = secret_hash(text);
        let database = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let version = database.data_version()?;
        let mut kept = self.inner.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.data_version != version || kept.found.len() >= TOKENS_KEPT_MAX {
            kept.found.clear();
            kept.data_version = version;
        }
        if let Some(known) = kept.found.get(&hash) {
            return Ok(known.at(now));
        }
        let read = database.people();
        let Some(token) = read.token(&hash)? else { return Ok(None) };
        let Some(person) = read.person(&token.account)? else { return Ok(None) };
        let good = token.revoked_at_us.is_none() && person.state == PersonState::Active;
        let Some(scope) = Scope::parse(&token.scope).filter(|_| good) else { return Ok(None) };
        let known = TokenKept {
            actor: actor_of(&person),
            scope,
            expires_at_us: token.expires_at_us,
            used_at_us: token.used_at_us,
        };
        let found = known.at(now);
        kept.found.insert(hash, known);
        Ok(found)
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn token_touch(&self, text: &str, now: Timestamp) -> Result<(), PeopleError> {
        self.change(|change| {
            change.token_touch(&secret_hash(text), now.us())?;
            Ok(())
        })
    }

    /// The tokens of an account, oldest first.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn tokens(&self, account: &str) -> Result<Vec<TokenView>, PeopleError> {
        self.read(|read| {
            let view = |token: TokenRecord| {
                Some(TokenView {
                    id: hex(&token.id),
                    name: token.name,
                    scope: Scope::parse(&token.scope)?,
                    created: Timestamp::from_us(token.created_at_us),
                    expires: Timestamp::from_us(token.expires_at_us),
                    used: token.used_at_us.map(Timestamp::from_us),
                    revoked: token.revoked_at_us.map(Timestamp::from_us),
                })
            };
            Ok(read.tokens_of(account)?.into_iter().filter_map(view).collect())
        })
    }

    /// Makes a token of an account; gives its text, which is shown this once.
    ///
    /// # Errors
    /// [`Refusal`] where the name or the days cannot be taken, there are too many, or the account is not
    /// active.
    pub fn token_make(
        &self,
        by: By<'_>,
        account: &str,
        name: &str,
        scope: Scope,
        days: u32,
        moment: &Moment,
    ) -> Result<String, PeopleError> {
        let name = name::text_check("token_name", name, 1, 100)?;
        if !(1..=TOKEN_DAYS_MAX).contains(&days) {
            return Err(Refusal::Field {
                field: "days",
                why: Why::Form,
                accepted: format!("1 to {TOKEN_DAYS_MAX}"),
            }
            .into());
        }
        let now = moment.now.us();
        let text = format!("gad_{}", moment.text("token"));
        let id = moment.random("token id");
        self.change(|change| {
            let person = person_there(&change.read(), account)?;
            super::person::active(&person)?;
            let tokens = change.read().tokens_of(account)?;
            let good = tokens.iter().filter(|t| t.revoked_at_us.is_none() && t.expires_at_us > now);
            if good.count() >= TOKENS_MAX {
                return Err(Refusal::TooMany { most: TOKENS_MAX }.into());
            }
            change.token_add(&TokenRecord {
                hash: secret_hash(&text),
                id,
                account: account.to_owned(),
                name: name.clone(),
                scope: scope.code().to_owned(),
                created_at_us: now,
                expires_at_us: now + i64::from(days) * 24 * HOUR_US,
                used_at_us: None,
                revoked_at_us: None,
            })?;
            let detail = [("scope", scope.code()), ("token", &hex(&id))];
            audit(change, moment.now, by, "token_made", &person, &detail)
        })?;
        Ok(text)
    }

    /// Revokes a token of an account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where it has no good one of that name.
    pub fn token_revoke(
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
            if !change.token_revoke(account, &bytes, now.us())? {
                return Err(missing().into());
            }
            audit(change, now, by, "token_revoked", &person, &[("token", id)])
        })
    }
}
