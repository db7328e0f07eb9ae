//! Accounts, sessions and API tokens.
//!
//! A session or token is a random text of 256 bits that only its holder has; here stands its
//! SHA-256 (so a copy of this table signs nobody in), with the final keys of what it may do: the
//! account, its party and its role.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::Timestamp;
use base::authorisation::{Actor, Role};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::text::Language;

/// The longest a session lives without being used: 12 hours.
const SESSION_IDLE_US: i64 = 12 * 3600 * 1_000_000;
/// Sessions kept at once; the one idle longest gives way.
const SESSIONS_MAX: usize = 20_000;
/// Failed sign-ins of one account before it must wait, and for how long.
const FAILURES_MAX: u32 = 10;
const FAILURE_WAIT_US: i64 = 60 * 1_000_000;

/// SHA-256 of a text that only its holder has.
pub type Hash = [u8; 32];

/// SHA-256 of `text`.
#[must_use]
pub fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

/// SHA-256 of bytes.
#[must_use]
pub(crate) fn hash_bytes(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// A fresh random text of 256 bits in hexadecimal, or nothing when the system gives no randomness.
#[must_use]
pub fn random_text() -> Option<String> {
    let mut bytes = [0_u8; 32];
    #[expect(clippy::disallowed_methods, reason = "a secret is drawn where it is given out")]
    getrandom::fill(&mut bytes).ok()?;
    Some(hex(&bytes))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        text
    })
}

/// Whether two texts are equal, in a time that does not tell where they differ.
#[must_use]
pub(crate) fn equal_constant_time(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0_u8, |difference, (x, y)| difference | (x ^ y)) == 0
}

/// An account, as `accounts.toml` states it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Stable key.
    pub key: String,
    /// `filer`, `officer`, `analyst` or `operator`.
    #[serde(deserialize_with = "role_read")]
    pub role: Role,
    /// The party whose book it works in; empty for the authority's people.
    #[serde(default)]
    pub party: String,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// What it is for, in English.
    #[serde(default)]
    pub about_en: String,
    /// What it is for, in Chinese.
    #[serde(default)]
    pub about_zh: String,
    /// SHA-256 of the account's generated secret, in hexadecimal in the file. Such a secret has 128
    /// bits or more; for words that people choose a slow hash would be needed.
    #[serde(default, rename = "secret_sha256", deserialize_with = "hash_read_some")]
    pub secret: Option<Hash>,
}

impl Account {
    /// Its name in a language.
    #[must_use]
    pub(crate) fn name(&self, language: Language) -> String {
        match language {
            Language::English => self.name_en.clone(),
            Language::Chinese => self.name_zh.clone(),
        }
    }

    /// Who acts when this account is signed in.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { account: self.key.clone(), role: self.role, party: self.party.clone() }
    }
}

fn role_read<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Role, D::Error> {
    let code = String::deserialize(source)?;
    role_parse(&code).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "no role `{code}`: give filer, officer, analyst or operator"
        ))
    })
}

/// The role of a code; nobody has an account of the public.
#[must_use]
pub(crate) fn role_parse(code: &str) -> Option<Role> {
    [Role::Filer, Role::Officer, Role::Analyst, Role::Operator]
        .into_iter()
        .find(|role| role_code(*role) == code)
}

/// The code of a role.
#[must_use]
pub fn role_code(role: Role) -> &'static str {
    match role {
        Role::Public => "public",
        Role::Filer => "filer",
        Role::Officer => "officer",
        Role::Analyst => "analyst",
        Role::Operator => "operator",
    }
}

fn hash_read<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Hash, D::Error> {
    let text = String::deserialize(source)?;
    hash_parse(&text).ok_or_else(|| {
        serde::de::Error::custom(format!("`{text}` is no SHA-256: give 64 hexadecimal digits"))
    })
}

fn hash_read_some<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Hash>, D::Error> {
    hash_read(source).map(Some)
}

fn hash_parse(text: &str) -> Option<Hash> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(pair).collect();
    bytes.filter(|_| text.len() == 64)?.try_into().ok()
}

/// The accounts and tokens of an installation, as `accounts.toml` states them: `[[account]]` and
/// `[[token]]` tables.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Who may sign in.
    #[serde(default, rename = "account")]
    pub accounts: Vec<Account>,
    /// API tokens.
    #[serde(default, rename = "token")]
    pub tokens: Vec<Token>,
}

impl Accounts {
    /// Reads the text of an `accounts.toml`.
    ///
    /// # Errors
    /// What is wrong with the text, with its line.
    pub fn parse(toml: &str) -> Result<Accounts, String> {
        let file: Accounts = toml::from_str(toml).map_err(|error| error.to_string())?;
        for (i, account) in file.accounts.iter().enumerate() {
            let key = &account.key;
            if file.accounts.iter().take(i).any(|earlier| earlier.key == *key) {
                return Err(format!("account `{key}` stands twice"));
            }
            if (account.role == Role::Filer) == account.party.is_empty() {
                return Err(format!("account `{key}`: a filer, and only a filer, has a party"));
            }
        }
        let known = |key: &str| file.accounts.iter().any(|account| account.key == key);
        match file.tokens.iter().find(|token| !known(&token.account)) {
            Some(token) => {
                Err(format!("a token is of account `{}`, which is not there", token.account))
            }
            None => Ok(file),
        }
    }
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read what its account may read.
    Read,
    /// Read, and file.
    ReadAndFile,
}

/// An API token: whose it is and what it may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// SHA-256 of the text that the holder sends as `Authorization: Bearer …`, in hexadecimal in
    /// the file.
    #[serde(rename = "sha256", deserialize_with = "hash_read")]
    pub hash: Hash,
    /// Key of the account.
    pub account: String,
    /// What it may do: `read` or `read_and_file`.
    pub scope: Scope,
}

impl Token {
    /// A token by its text, of which only the hash is kept.
    #[must_use]
    pub fn new(text: &str, account: &str, scope: Scope) -> Token {
        Token { hash: hash(text), account: account.to_owned(), scope }
    }
}

#[derive(Debug, Clone)]
struct Session {
    actor: Actor,
    used: Timestamp,
}

/// The table of sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    rows: Mutex<HashMap<Hash, Session>>,
    failures: Mutex<HashMap<String, (u32, Timestamp)>>,
}

impl Sessions {
    /// Opens a session; gives the text for the cookie.
    pub(crate) fn open(&self, actor: Actor, now: Timestamp) -> Option<String> {
        let text = random_text()?;
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|_, session| now.us() - session.used.us() < SESSION_IDLE_US);
        if rows.len() >= SESSIONS_MAX
            && let Some(oldest) = rows.iter().min_by_key(|row| row.1.used).map(|row| *row.0)
        {
            rows.remove(&oldest);
        }
        rows.insert(hash(&text), Session { actor, used: now });
        Some(text)
    }

    /// Who holds the session of a cookie.
    pub(crate) fn actor(&self, text: &str, now: Timestamp) -> Option<Actor> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let session = rows.get_mut(&hash(text))?;
        if now.us() - session.used.us() >= SESSION_IDLE_US {
            return None;
        }
        session.used = now;
        Some(session.actor.clone())
    }

    /// Ends a session.
    pub(crate) fn close(&self, text: &str) {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(text));
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Notes a failed sign-in of an account that exists.
    pub(crate) fn failed(&self, account: &str, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = failures.entry(account.to_owned()).or_insert((0, now));
        if now.us() - entry.1.us() >= FAILURE_WAIT_US {
            *entry = (0, now);
        }
        entry.0 += 1;
        entry.1 = now;
    }

    /// Whether an account must wait before it may try again.
    pub(crate) fn must_wait(&self, account: &str, now: Timestamp) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(account).is_some_and(|(count, last)| {
            *count >= FAILURES_MAX && now.us() - last.us() < FAILURE_WAIT_US
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor() -> Actor {
        Actor { account: "a".into(), role: Role::Officer, party: String::new() }
    }

    #[test]
    fn a_session_ends_when_idle_or_closed_and_its_text_is_not_kept() {
        let sessions = Sessions::default();
        let start = Timestamp::from_us(0);
        let text = sessions.open(actor(), start).unwrap();
        assert_eq!(text.len(), 64);
        assert!(!format!("{sessions:?}").contains(&text));
        assert_eq!(sessions.actor(&text, start), Some(actor()));
        assert_eq!(sessions.actor("x", start), None);
        assert_eq!(sessions.actor(&text, Timestamp::from_us(SESSION_IDLE_US)), None);
        let text = sessions.open(actor(), start).unwrap();
        sessions.close(&text);
        assert_eq!(sessions.actor(&text, start), None);
    }

    #[test]
    fn ten_failures_make_an_account_wait_a_minute() {
        let sessions = Sessions::default();
        let start = Timestamp::from_us(1);
        for _ in 0..FAILURES_MAX {
            assert!(!sessions.must_wait("a", start));
            sessions.failed("a", start);
        }
        assert!(sessions.must_wait("a", start));
        assert!(!sessions.must_wait("b", start));
        assert!(!sessions.must_wait("a", Timestamp::from_us(1 + FAILURE_WAIT_US)));
    }

    fn refused(toml: &str, why: &str) {
        let error = Accounts::parse(toml).unwrap_err();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn the_demo_accounts_are_read() {
        let file = Accounts::parse(include_str!("../../../packs/demo/accounts.toml")).unwrap();
        let filers: Vec<_> = file.accounts.iter().filter(|a| a.role == Role::Filer).collect();
        assert!(filers.len() >= 2 && filers[0].party != filers[1].party);
        for role in [Role::Officer, Role::Analyst, Role::Operator] {
            assert!(file.accounts.iter().any(|a| a.role == role), "{role:?}");
        }
    }

    #[test]
    fn faults_of_the_accounts_file_are_named() {
        let of = |more: &str| format!("[[account]]\nkey='a'\nname_en='A'\nname_zh='A'\n{more}");
        refused(&of("role='king'"), "no role `king`");
        refused(&of("role='filer'"), "has a party");
        refused(&of("role='officer'\nparty='gad:a'"), "has a party");
        refused(&of("role='officer'\nsecret_sha256='00'"), "give 64 hexadecimal digits");
        refused(&format!("{}\n{}", of("role='officer'"), of("role='officer'")), "stands twice");
        let token = format!("[[token]]\nsha256='{}'\naccount='b'\nscope='read'", "0".repeat(64));
        refused(&token, "account `b`, which is not there");
        refused("[[accounts]]", "unknown field");
    }

    #[test]
    fn secrets_and_tokens_are_kept_as_their_hashes() {
        let digest = hex(&hash("s3cret"));
        let file = Accounts::parse(&format!(
            "[[account]]\nkey='a'\nrole='officer'\nname_en='A'\nname_zh='A'\nsecret_sha256='{digest}'\n\
             [[token]]\nsha256='{digest}'\naccount='a'\nscope='read_and_file'\n"
        ));
        let file = file.unwrap();
        assert_eq!(file.accounts[0].secret, Some(hash("s3cret")));
        assert_eq!(
            (file.tokens[0].hash, file.tokens[0].scope),
            (hash("s3cret"), Scope::ReadAndFile)
        );
    }
}
