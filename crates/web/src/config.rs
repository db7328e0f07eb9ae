//! What the shell gives the pages: accounts, a secret, the clock, limits; and the state that all
//! requests share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use base::Timestamp;
use base::authorisation::Actor;
use tokio::sync::{Notify, Semaphore};

use crate::account::{Account, Hash, Sessions, Token, hash};
use crate::law::LawKept;
use crate::ledger::FindingsKept;
use crate::ops::Metrics;
use crate::pace::Pace;
use crate::post::Post;
use crate::recorder::Recorder;
use crate::upload::{Idempotency, Uploads};

/// How people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// By choosing an account, without a secret: only for a demo with fictional data.
    Choose,
    /// With the account's key and generated secret.
    Secret,
}

/// Limits, each with its reason.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a form without a file: no field of ours is long.
    pub form_bytes: usize,
    /// Bytes of an uploaded or posted file: it is held in memory between preview and confirmation.
    /// A larger one is imported with the command line.
    pub file_bytes: usize,
    /// Bytes of all files that wait for confirmation; the oldest gives way.
    pub waiting_bytes: usize,
    /// Seconds until a request is given up.
    pub request_seconds: u64,
    /// Seconds until an import is given up.
    pub import_seconds: u64,
    /// Imports at once, those that wait for the writer included: each holds its file in memory.
    pub imports: usize,
    /// Requests that an account may make in a minute, and at once after a pause: more than a person
    /// clicks and enough for a program that waits for its answers.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            form_bytes: 64 << 10,
            file_bytes: 64 << 20,
            waiting_bytes: 512 << 20,
            request_seconds: 30,
            import_seconds: 300,
            imports: 8,
            requests_per_minute: 1200,
        }
    }
}

/// What the shell gives.
#[derive(Clone)]
pub struct Config {
    /// Who may sign in.
    pub accounts: Vec<Account>,
    /// API tokens, hashed.
    pub tokens: Vec<Token>,
    /// How people sign in.
    pub sign_in: SignIn,
    /// The pack whose law holds here: a carried one, or one published here.
    pub pack: String,
    /// Whether all data is fictional, which every page then says.
    pub demo: bool,
    /// Key of the tokens in forms: random, for the life of the process.
    pub key: [u8; 32],
    /// The wall clock.
    pub now: fn() -> Timestamp,
    /// Version of the program.
    pub version: String,
    /// Whether the pages are served over HTTPS, also behind a proxy: cookies are then `Secure`.
    pub https: bool,
    /// Limits.
    pub limits: Limits,
    /// How letters leave, and from whom they are.
    pub post: Post,
    /// As whom a company that asks who looked at its data sees the authority's people.
    pub readers: Readers,
}

/// As whom a company sees who looked at its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// By name and role.
    Named,
    /// As "the authority"; the audit itself has the account all the same.
    Authority,
}

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) platform: app::Platform,
    pub(crate) config: Config,
    pub(crate) sessions: Sessions,
    pub(crate) tokens: HashMap<Hash, Token>,
    pub(crate) uploads: Uploads,
    pub(crate) idempotency: Idempotency,
    pub(crate) metrics: Metrics,
    pub(crate) pace: Pace,
    pub(crate) imports: Semaphore,
    pub(crate) ready: AtomicBool,
    pub(crate) started: Timestamp,
    pub(crate) faults: AtomicU64,
    pub(crate) findings: FindingsKept,
    pub(crate) law: LawKept,
    pub(crate) recorder: Recorder,
    /// Woken when a job was written, so that it need not wait for the next look.
    pub(crate) jobs_wake: Notify,
}

/// The shared state as handlers get it.
pub(crate) type Hall = Arc<Shared>;

impl Shared {
    pub(crate) fn new(platform: app::Platform, config: Config) -> Hall {
        Arc::new(Shared {
            tokens: config.tokens.iter().map(|token| (token.hash, token.clone())).collect(),
            uploads: Uploads::new(config.limits.waiting_bytes),
            idempotency: Idempotency::default(),
            sessions: Sessions::default(),
            metrics: Metrics::default(),
            pace: Pace::new(config.limits.requests_per_minute),
            imports: Semaphore::new(config.limits.imports),
            ready: AtomicBool::new(true),
            started: (config.now)(),
            faults: AtomicU64::new(0),
            findings: FindingsKept::default(),
            law: LawKept::default(),
            recorder: Recorder::new(platform.clone()),
            jobs_wake: Notify::new(),
            platform,
            config,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.config.now)()
    }

    pub(crate) fn account(&self, key: &str) -> Option<&Account> {
        self.config.accounts.iter().find(|account| account.key == key)
    }

    /// The actor and token of a bearer text.
    pub(crate) fn bearer(&self, text: &str) -> Option<(Actor, &Token)> {
        let token = self.tokens.get(&hash(text))?;
        Some((self.account(&token.account)?.actor(), token))
    }
}
