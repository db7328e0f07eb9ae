//! People: accounts, how they prove who they are, their sessions and tokens.
//!
//! Rules: NIST SP 800-63B-4 (passwords, lock-out, sessions) and OWASP ASVS 5.0 level 2, chapters 6 and 7.
//! Everything stands in the database, read at each request on a connection of its own: who is deactivated
//! has lost access when that change is committed, in whichever process it was made.
//!
//! INVARIANTS:
//! - time and chance come as values ([`Moment`]);
//! - a secret stands in the database as a hash, or sealed with the key of the data directory;
//! - whoever changes something writes an audit entry in the same transaction;
//! - what is refused for a wrong account, password or code does not tell which of them was wrong.

mod account;
mod calendar;
mod cover;
mod keys;
pub(crate) mod letter;
mod lockout;
pub(crate) mod name;
mod organisation;
mod password;
mod person;
mod seal;
mod seed;
mod session;
mod sign_in;
mod totp;
mod webhook;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::Timestamp;
use sha2::{Digest, Sha256};
use store::{Database, NewAudit, PeopleChange, PeopleRead, StoreError};

pub use account::{AccountView, Held, SecretView, TotpSetUp};
pub use cover::CoverView;
pub use keys::{IdentityProved, IdentityView, NewPasskey, PasskeyBegun, PasskeyFound, PasskeyView};
pub use letter::agent_parts;
pub(crate) use name::hidden;
pub use name::{ACCOUNT_MAX, NAME_MAX};
pub use organisation::{NewRegistration, OrganisationView, RegistrationError, Verdict};
pub use password::{PASSWORD_MAX, PASSWORD_MIN};
pub use person::{Invited, NewPerson};
pub use seed::{SeedParty, SeedPerson, seed_read};
pub use session::{Assurance, Proof, Scope, SessionView, TokenFound, TokenView, Visitor};
pub use sign_in::{Attempt, SessionOpened};
pub use store::DeliveryRecord;
pub use store::{PersonKind, PersonRecord, PersonState};
pub use store::{ProfileRecord, RegistrationRecord, SiteRecord};
pub use webhook::{TryEnded, WebhookOpen, WebhookView};

use crate::platform::DATABASE_FILE;

/// The key with which secrets are sealed, beside the database and never in a copy of it.
pub const KEY_FILE: &str = "people.key";

/// When something happens, and chance for it.
#[derive(Clone, Copy)]
pub struct Moment {
    /// The instant.
    pub now: Timestamp,
    /// Fresh random bytes, for this one use case.
    pub seed: [u8; 32],
}

impl Moment {
    /// Random bytes drawn from the seed for one purpose: SHA-256 over seed, purpose and a counter.
    pub(crate) fn random<const N: usize>(&self, purpose: &str) -> [u8; N] {
        let mut bytes = [0; N];
        for (counter, chunk) in bytes.chunks_mut(32).enumerate() {
            let mut sha = Sha256::new();
            sha.update(self.seed);
            sha.update((counter as u64).to_be_bytes());
            sha.update(purpose.as_bytes());
            let block = sha.finalize();
            chunk.iter_mut().zip(block).for_each(|(byte, random)| *byte = random);
        }
        bytes
    }

    /// A random text of 256 bits in hexadecimal.
    pub(crate) fn text(&self, purpose: &str) -> String {
        crate::import::hex(&self.random::<32>(purpose))
    }
}

/// SHA-256 of a text that only its holder has.
#[must_use]
pub fn secret_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing stands there.
    Empty,
    /// More than is kept.
    Long,
    /// It holds characters that are not seen, or that turn the direction of writing.
    Hidden,
    /// It is not of the form that it must have.
    Form,
    /// It is not what it must be to go on.
    Wrong,
    /// It is no identifier of a party, or its check digit is wrong.
    Identifier,
    /// There are as many as there may be.
    Many,
}

impl Why {
    fn code(self) -> &'static str {
        match self {
            Why::Empty => "text_empty",
            Why::Long => "text_long",
            Why::Hidden => "text_hidden",
            Why::Form => "text_form",
            Why::Wrong => "text_wrong",
            Why::Identifier => "text_identifier",
            Why::Many => "text_many",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Why::Empty => "is empty",
            Why::Long => "is too long",
            Why::Hidden => "holds a control character or one that turns the direction of writing",
            Why::Form => "is not of the form that is needed",
            Why::Wrong => "is wrong",
            Why::Identifier => "is no party identifier, or has a wrong check digit",
            Why::Many => "is one more than there may be",
        }
    }
}

/// Why a person was refused. Each has a stable code; the pages have its words in each language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A wrong account, password or code; or one that may not sign in. It does not tell which.
    #[error("the account, the password or the code is wrong")]
    SignInWrong,
    /// Too many tries; wait.
    #[error("there were too many tries; wait {seconds} s")]
    Wait {
        /// How long.
        seconds: u32,
    },
    /// What this needs was proved too long ago.
    #[error("prove again who you are, then repeat this")]
    ProveAgain,
    /// There is no such thing, or it is not for this account.
    #[error("there is no `{what}` here")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// An invitation that is unknown, used, withdrawn or over.
    #[error("this invitation is used, withdrawn or over; ask for a new one")]
    InvitationOver,
    /// A password that is too short.
    #[error("the password has {length} characters; give {PASSWORD_MIN} to {PASSWORD_MAX}")]
    PasswordLength {
        /// How many it has.
        length: usize,
    },
    /// A password that is on lists of common ones, or easily guessed from what is known of the person.
    #[error("the password is easy to guess; give several words that do not belong together")]
    PasswordCommon,
    /// The two passwords differ.
    #[error("the two passwords differ; give the same twice")]
    PasswordsDiffer,
    /// A passkey that is registered already, for this account or another.
    #[error("this passkey is registered already; give another")]
    PasskeyKnown,
    /// As many passkeys, or identities, as a person may have.
    #[error("there are {most} already; remove one first")]
    KeysMany {
        /// How many there may be.
        most: usize,
    },
    /// An identity at a provider that is linked to an account already.
    #[error("that account is linked to an account here already; unlink it there first")]
    IdentityTaken,
    /// An identity at a provider that is linked to no account, or to one that may not sign in.
    #[error("that account is linked to no account here; sign in another way and link it")]
    IdentityUnlinked,
    /// An identity that was proved by one factor where two are wanted.
    #[error("sign in there with a second factor")]
    IdentityWeak,
    /// The code of the authenticator app is wrong, or was used.
    #[error("the code is wrong or was used; give the next one that the app shows")]
    CodeWrong,
    /// A field of text that cannot be taken.
    #[error("`{field}` {}; give {accepted}", why.text())]
    Field {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        why: Why,
        /// What would be taken.
        accepted: String,
    },
    /// The key is another account's.
    #[error("there is an account `{account}` already; give another key")]
    AccountTaken {
        /// The key.
        account: String,
    },
    /// A filer or party manager, and only these, has a party.
    #[error("a filer or party manager, and nobody else, works for a party; give `--party`")]
    PartyOfRole,
    /// The state of the account does not allow it.
    #[error("the account `{account}` is {state}; this needs one that is {accepted}")]
    State {
        /// Whose.
        account: String,
        /// Where it stands.
        state: &'static str,
        /// Where it would have to stand.
        accepted: &'static str,
    },
    /// A registration that was decided before.
    #[error("this registration was decided before")]
    Decided,
    /// Who asked does not decide.
    #[error("who asked for a registration does not decide it; a colleague does")]
    OwnReview,
    /// An identifier that is another verified party's, or of two parties at once.
    #[error("`{identifier}` is another party's already")]
    IdentifierTaken {
        /// Which.
        identifier: String,
    },
    /// More of a thing than there may be.
    #[error("there are {most} already; revoke one first")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
}

impl Refusal {
    /// The stable code; its words are the message `refusal-<code>`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::SignInWrong => "sign_in_wrong",
            Refusal::Wait { .. } => "wait",
            Refusal::ProveAgain => "prove_again",
            Refusal::NotFound { .. } => "not_found",
            Refusal::InvitationOver => "invitation_over",
            Refusal::PasswordLength { .. } => "password_length",
            Refusal::PasswordCommon => "password_common",
            Refusal::PasswordsDiffer => "passwords_differ",
            Refusal::PasskeyKnown => "passkey_known",
            Refusal::KeysMany { .. } => "too_many_keys",
            Refusal::IdentityTaken => "identity_taken",
            Refusal::IdentityUnlinked => "identity_unlinked",
            Refusal::IdentityWeak => "identity_weak",
            Refusal::CodeWrong => "code_wrong",
            Refusal::Field { why, .. } => why.code(),
            Refusal::AccountTaken { .. } => "account_taken",
            Refusal::PartyOfRole => "party_of_role",
            Refusal::State { .. } => "state",
            Refusal::Decided => "decided",
            Refusal::OwnReview => "own_review",
            Refusal::IdentifierTaken { .. } => "identifier_taken",
            Refusal::TooMany { .. } => "too_many_kept",
        }
    }

    /// The field of the form that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Refusal::SignInWrong | Refusal::AccountTaken { .. } => "account",
            Refusal::PasswordLength { .. } | Refusal::PasswordCommon => "password",
            Refusal::PasswordsDiffer => "repeated",
            Refusal::PasskeyKnown | Refusal::KeysMany { .. } => "passkey_name",
            Refusal::IdentityTaken => "identities-title",
            Refusal::IdentityUnlinked | Refusal::IdentityWeak => "ways-title",
            Refusal::CodeWrong => "code",
            Refusal::Field { field, .. } => field,
            Refusal::PartyOfRole => "party",
            Refusal::TooMany { .. } => "token_name",
            Refusal::Wait { .. }
            | Refusal::ProveAgain
            | Refusal::NotFound { .. }
            | Refusal::InvitationOver
            | Refusal::State { .. }
            | Refusal::Decided
            | Refusal::OwnReview
            | Refusal::IdentifierTaken { .. } => "form",
        }
    }
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// It may not be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key file.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A secret or hash of the database that cannot be used.
    #[error("{0}")]
    Secret(&'static str),
}

/// Who changes something.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Key of the account; empty for the command line and the public.
    pub account: &'a str,
    /// Key of the account that it covers; empty where it acts for itself.
    pub acting_for: &'a str,
}

impl<'a> By<'a> {
    /// The operator at the command line.
    pub const COMMAND_LINE: By<'static> = By { account: "", acting_for: "" };

    /// An account that acts for itself.
    #[must_use]
    pub fn account(account: &'a str) -> By<'a> {
        By { account, acting_for: "" }
    }
}

/// A handle on people; clones share it.
#[derive(Debug, Clone)]
pub struct People {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    // Closed before the writer, so that the last connection to close can write the log back.
    reader: Mutex<Database>,
    writer: Mutex<Database>,
    key: seal::Key,
    hashes: AtomicU64,
    tokens: Mutex<session::TokensKept>,
}

impl People {
    /// Opens the people of a data directory, beside whoever writes its books; `random` becomes its key
    /// where it has none.
    ///
    /// # Errors
    /// [`PeopleError`] where the database or the key file cannot be opened or made.
    pub fn open(dir: &Path, random: [u8; 32]) -> Result<People, PeopleError> {
        std::fs::create_dir_all(dir)
            .map_err(|error| PeopleError::File { path: dir.to_owned(), error })?;
        let writer = Database::open(&dir.join(DATABASE_FILE))?;
        let reader = Database::open_read(&dir.join(DATABASE_FILE))?;
        let key = seal::Key::open(&dir.join(KEY_FILE), random)?;
        let hashes = AtomicU64::new(0);
        let inner = Inner {
            reader: Mutex::new(reader),
            writer: Mutex::new(writer),
            key,
            hashes,
            tokens: Mutex::default(),
        };
        Ok(People { inner: Arc::new(inner) })
    }

    /// How many passwords were hashed so far. A test holds that a wrong account costs as many as a
    /// wrong password.
    #[must_use]
    pub fn passwords_hashed(&self) -> u64 {
        self.inner.hashes.load(Ordering::Relaxed)
    }

    /// Counts what is asked of the database about people from now on.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn statements_count(&self) -> Result<Arc<AtomicU64>, PeopleError> {
        let mut database = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(database.statements_count()?)
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&PeopleRead<'_>) -> Result<T, PeopleError>,
    ) -> Result<T, PeopleError> {
        let database = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
        read(&database.people())
    }

    fn change<T>(
        &self,
        change: impl FnMut(&PeopleChange<'_>) -> Result<T, PeopleError>,
    ) -> Result<T, PeopleError> {
        let mut database = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        database.people_change(change)
    }

    fn password_hash(&self, password: &str, salt: [u8; 16]) -> Result<String, PeopleError> {
        self.inner.hashes.fetch_add(1, Ordering::Relaxed);
        password::hash(password, salt)
    }

    fn password_good(&self, password: &str, phc: &str) -> bool {
        self.inner.hashes.fetch_add(1, Ordering::Relaxed);
        password::good(password, phc)
    }
}

/// Writes the audit entry of a change of an account.
fn audit(
    change: &PeopleChange<'_>,
    now: Timestamp,
    by: By<'_>,
    action: &str,
    person: &PersonRecord,
    detail: &[(&str, &str)],
) -> Result<(), PeopleError> {
    let mut map = serde_json::Map::new();
    for (name, value) in detail {
        map.insert((*name).to_owned(), (*value).into());
    }
    if !by.acting_for.is_empty() {
        map.insert("acting_for".to_owned(), by.acting_for.into());
    }
    // Keys in order, as a map of serde_json keeps them.
    let detail = serde_json::Value::Object(map).to_string();
    Ok(change.audit(&NewAudit {
        at_us: now.us(),
        account: by.account,
        action,
        subject: person.party.as_deref().unwrap_or_default(),
        resource: &format!("account:{}", person.account),
        detail: &detail,
    })?)
}

/// A person that must be there.
fn person_there(read: &PeopleRead<'_>, account: &str) -> Result<PersonRecord, PeopleError> {
    let person = read.person(account)?;
    person.ok_or_else(|| Refusal::NotFound { what: account.to_owned() }.into())
}

#[cfg(test)]
mod keys_tests;
#[cfg(test)]
mod tests;
