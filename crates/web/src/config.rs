//! What the shell gives the pages: accounts, a secret, the clock, limits; and the state that all
//! requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use app::border::Border;
use app::documents::Documents;
use app::people::{People, SeedPerson};
use base::Timestamp;
use tokio::sync::{Notify, Semaphore};

use crate::PublicUrl;
use crate::documents::Places;
use crate::law::LawKept;
use crate::ledger::FindingsKept;
use crate::oidc::{Oidc, Provider};
use crate::ops::Metrics;
use crate::pace::Pace;
use crate::passkey::Passkeys;
use crate::post::Post;
use crate::quota::QuotaKept;
use crate::recorder::Recorder;
use crate::scanner::Scanner;
use crate::upload::{Idempotency, Uploads};
use crate::webhooks::Courier;
use crate::workers::Workers;

/// How people sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// By choosing one of these, without a secret: only for a demo with fictional data.
    Choose(Vec<SeedPerson>),
    /// With a password and a second factor.
    Password,
}

/// Limits, each with its reason.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a form without a file: no field of ours is long.
    pub form_bytes: usize,
    /// Bytes of a request of customs: five hundred messages of two kilobytes.
    pub border_bytes: usize,
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
    /// Documents taken at once: each waits in a file of the data directory, and holds a chunk in memory.
    pub documents: usize,
    /// Documents that an account hands in at once: as many as a browser sends.
    pub documents_each: usize,
    /// Passwords hashed at once: each takes 19 MiB, and a core for tens of milliseconds.
    pub hashes: usize,
    /// Passwords that wait to be hashed: two seconds' worth.
    pub hashes_waiting: usize,
    /// Registrations that an address may ask for in a minute: everybody may ask.
    pub registrations_per_minute: u32,
    /// Requests by links to certificates that an address may make in a minute: an end user reads and
    /// corrects, and has no account by which it could be counted.
    pub certificate_links_per_minute: u32,
    /// Requests that an account may make in a minute, and at once after a pause: more than a person
    /// clicks and enough for a program that waits for its answers.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            form_bytes: 64 << 10,
            border_bytes: 1 << 20,
            file_bytes: 64 << 20,
            waiting_bytes: 512 << 20,
            request_seconds: 30,
            import_seconds: 300,
            imports: 8,
            documents: 32,
            documents_each: 6,
            registrations_per_minute: 6,
            certificate_links_per_minute: 120,
            hashes: 2,
            hashes_waiting: 64,
            requests_per_minute: 1200,
        }
    }
}

/// What the shell gives.
#[derive(Clone)]
pub struct Config {
    /// Who may sign in, and how.
    pub people: People,
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
    /// Under which address people reach the pages; without one there are neither passkeys nor identity
    /// providers.
    pub public_url: Option<PublicUrl>,
    /// At which people may sign in.
    pub providers: Vec<Provider>,
    /// Limits.
    pub limits: Limits,
    /// How letters leave, and from whom they are.
    pub post: Post,
    /// As whom a company that asks who looked at its data sees the authority's people.
    pub readers: Readers,
    /// Which addresses webhooks may have.
    pub webhooks: WebhookReach,
    /// What applicants hand in.
    pub documents: Documents,
    /// What scans it before anybody downloads it.
    pub scanner: Scanner,
}

/// Which addresses webhooks may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookReach {
    /// Over HTTPS, and at addresses of the internet only: nobody reaches the inner network through us.
    Internet,
    /// Also over HTTP, and at any address: for tests, a demo, or a network that is closed anyway.
    Anywhere,
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
    pub(crate) people: People,
    pub(crate) hashing: Workers,
    /// How many registrations an address may ask for.
    pub(crate) registering: Pace,
    /// How often an address may come by links to certificates.
    pub(crate) linking: Pace,
    pub(crate) uploads: Uploads,
    pub(crate) idempotency: Idempotency,
    pub(crate) metrics: Metrics,
    pub(crate) pace: Pace,
    pub(crate) imports: Semaphore,
    pub(crate) document_places: Places,
    pub(crate) ready: AtomicBool,
    pub(crate) started: Timestamp,
    pub(crate) faults: AtomicU64,
    pub(crate) findings: FindingsKept,
    pub(crate) law: LawKept,
    pub(crate) quotas: QuotaKept,
    pub(crate) recorder: Recorder,
    /// Draws licences down.
    pub(crate) border: Border,
    /// Woken when a job was written, so that it need not wait for the next look.
    pub(crate) jobs_wake: Notify,
    pub(crate) passkeys: Option<Passkeys>,
    pub(crate) oidc: Option<Oidc>,
    /// The line to webhooks.
    pub(crate) courier: Courier,
}

/// The shared state as handlers get it.
pub(crate) type Hall = Arc<Shared>;

impl Shared {
    pub(crate) fn new(platform: app::Platform, config: Config) -> Hall {
        Arc::new(Shared {
            people: config.people.clone(),
            registering: Pace::new(config.limits.registrations_per_minute),
            linking: Pace::new(config.limits.certificate_links_per_minute),
            hashing: Workers::new(config.limits.hashes, config.limits.hashes_waiting),
            uploads: Uploads::new(config.limits.waiting_bytes),
            idempotency: Idempotency::default(),
            metrics: Metrics::default(),
            pace: Pace::new(config.limits.requests_per_minute),
            imports: Semaphore::new(config.limits.imports),
            document_places: Places::new(config.limits.documents, config.limits.documents_each),
            ready: AtomicBool::new(true),
            started: (config.now)(),
            faults: AtomicU64::new(0),
            findings: FindingsKept::default(),
            law: LawKept::default(),
            quotas: QuotaKept::default(),
            recorder: Recorder::new(platform.clone()),
            border: Border::new(&platform, config.now),
            jobs_wake: Notify::new(),
            passkeys: config.public_url.as_ref().and_then(|url| Passkeys::new(url.origin())),
            oidc: config
                .public_url
                .as_ref()
                .filter(|_| !config.providers.is_empty())
                .map(|url| Oidc::new(config.providers.clone(), url.origin())),
            courier: Courier::new(config.webhooks),
            platform,
            config,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.config.now)()
    }
}
