//! `gadolin serve` and `gadolin demo`.

use std::fs;
use std::future::Future;
use std::io::{IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use app::cases::{Known, signers};
use app::documents::{self, Documents};
use app::people::{By, KEY_FILE, People, Scope, SeedParty, SeedPerson, seed_read};
use app::platform::PlatformError;
use app::signing::{FORMER_KEYS_FILE, SIGNING_KEY_FILE, Signing};
use app::{ImportOptions, Mode, Platform};
use base::authorisation::Role;
use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use web::{Config, Limits, Post, Provider, PublicUrl, Readers, Scanner, SignIn, WebhookReach};

use super::make::economy;
use super::parties::parties_read;
use super::user::{moment, people};
use super::{End, Shared, open};
use crate::authority::Office;
use crate::resources::{Watch, now, random};

/// Tells a data directory of the demo, which may be made anew, from one with real filings.
const DEMO_MARKER: &str = "this-is-a-demo";
/// The files of a data directory of the demo; nothing else in it is ever removed.
const DEMO_FILES: [&str; 9] = [
    "gadolin.sqlite",
    "gadolin.sqlite-wal",
    "gadolin.sqlite-shm",
    "graph.snapshot",
    KEY_FILE,
    SIGNING_KEY_FILE,
    FORMER_KEYS_FILE,
    documents::KEY_FILE,
    DEMO_MARKER,
];
/// The accounts of the demo.
const DEMO_ACCOUNTS: &str = include_str!("../../../../packs/demo/accounts.toml");
/// The pack of the demo.
const DEMO_PACK: &str = "demo";
/// Where the demo's letters go, in its data directory, and from whom they are.
const DEMO_MAIL: &str = "mail";
const DEMO_SENDER: &str = "Ytteria Strategic Minerals Authority <no-reply@authority.example>";
/// The variable with the password of the mail server.
const MAIL_PASSWORD: &str = "GADOLIN_MAIL_PASSWORD";
/// The seed of the demo's economy.
const DEMO_SEED: u64 = 1;
/// How many cases the demo has, and how many days ago the first came in.
const DEMO_CASES: u64 = 90;
const DEMO_CASE_DAYS: i64 = 100;

/// Serve the pages and the API
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// The pages are reached over HTTPS, through a proxy in front: cookies go over it only
    #[arg(long)]
    https: bool,
    /// The address under which people reach the pages: passkeys are bound to it, and identity providers
    /// send people back to it [default: http://localhost:PORT when listening on loopback]
    #[arg(long, value_name = "https://HOST", value_parser = PublicUrl::parse)]
    public_url: Option<PublicUrl>,
    /// The pack whose law holds here
    #[arg(long, value_name = "PACK", default_value = DEMO_PACK)]
    pack: String,
    #[command(flatten)]
    letters: Letters,
    /// As whom a company that asks who looked at its data sees the authority's people
    #[arg(long, value_enum, default_value = "named")]
    activity_names: ActivityNames,
    /// Webhooks may have any address, also over HTTP: for a network that is closed anyway. Otherwise they
    /// reach the internet only, over HTTPS
    #[arg(long)]
    webhooks_anywhere: bool,
    /// What scans documents before anybody downloads them: `clamd:HOST:PORT` or `clamd:/PATH/OF/SOCKET`,
    /// `command:/PATH/OF/PROGRAM` (the document on its standard input; ends with 0 clean, 1 infected),
    /// `signature` (only the EICAR test file; no virus scanner), or `none`: documents wait
    #[arg(long, value_name = "SCANNER", default_value = "none", value_parser = Scanner::parse)]
    scanner: Scanner,
}

/// How letters leave.
#[derive(Debug, clap::Args)]
struct Letters {
    /// How letters leave: `smtps://USER@HOST`, `smtp://USER@HOST` (with STARTTLS), `folder:DIR`, or `none`.
    /// The password of the user is read from GADOLIN_MAIL_PASSWORD or a file, never from here
    #[arg(long, value_name = "WAY", default_value = "none")]
    mail: String,
    /// From whom letters are
    #[arg(long, value_name = "NAME <ADDRESS>", default_value = "Gadolin <gadolin@localhost>")]
    mail_from: String,
    /// A file with the password of the mail server, and nothing else
    #[arg(long, value_name = "FILE")]
    mail_password_file: Option<PathBuf>,
}

impl Letters {
    fn post(&self) -> anyhow::Result<Post> {
        #[expect(clippy::disallowed_methods, reason = "the shell reads the environment")]
        let given = std::env::var(MAIL_PASSWORD).ok();
        let password = match &self.mail_password_file {
            Some(path) => {
                let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            None => given.filter(|_| self.mail.starts_with("smtp")),
        };
        Post::parse(&self.mail, &self.mail_from, password.as_deref()).map_err(anyhow::Error::msg)
    }
}

/// As whom a company sees who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ActivityNames {
    /// By name and role
    Named,
    /// As "the authority"; the audit itself has the account all the same
    Authority,
}

impl Serve {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        log_start();
        let packs = app::packs::pack_ids();
        if !packs.contains(&self.pack) {
            bail!("no pack is called `{}`; there are {}", self.pack, packs.join(", "));
        }
        let post = self.letters.post()?;
        let platform = open(&shared.data, Mode::Write)?;
        let people = people(shared)?;
        if people.persons()?.is_empty() {
            bail!(
                "{} has no account: add one with `gadolin user add KEY --role ROLE`",
                shared.data.display()
            );
        }
        let public_url = self.public_url.or_else(|| address_of(self.listen));
        let https = self.https || public_url.as_ref().is_some_and(PublicUrl::https);
        let providers = providers_find(&shared.data)?;
        if public_url.is_none() && !providers.is_empty() {
            bail!(
                "{} names identity providers, which must know where to send people back: give `--public-url https://HOST`",
                providers_file(&shared.data).display()
            );
        }
        let kept = (documents_open(&platform)?, Signing::open(&shared.data, random()?)?);
        let config = Config {
            public_url,
            providers,
            post,
            readers: match self.activity_names {
                ActivityNames::Named => Readers::Named,
                ActivityNames::Authority => Readers::Authority,
            },
            webhooks: if self.webhooks_anywhere {
                WebhookReach::Anywhere
            } else {
                WebhookReach::Internet
            },
            scanner: self.scanner,
            ..config(people, kept, SignIn::Password, https, self.pack)?
        };
        let shown = config.public_url.clone();
        serve(self.listen, platform, config, |address| {
            if !shared.quiet {
                let at = shown.map_or(format!("http://{address}"), |url| url.origin().to_owned());
                eprintln!("gadolin serves {at}");
            }
        })
    }
}

/// How large the economy of the demo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scale {
    /// About 20 thousand lots: up in seconds
    Small,
    /// About 200 thousand lots
    Medium,
    /// About a million lots
    Large,
}

impl Scale {
    fn lots(self) -> u64 {
        match self {
            Scale::Small => 20_000,
            Scale::Medium => 200_000,
            Scale::Large => 1_000_000,
        }
    }

    /// Frauds and errors planted.
    fn anomalies(self) -> u32 {
        match self {
            Scale::Small => 48,
            Scale::Medium => 200,
            Scale::Large => 500,
        }
    }
}

/// Make a fictional economy, take its filings, and serve it
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// The port on this machine
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// How large the economy is
    #[arg(long, value_enum, default_value = "small")]
    scale: Scale,
    /// Only make the data directory
    #[arg(long)]
    no_serve: bool,
}

impl Demo {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        log_start();
        let watch = Watch::start();
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port);
        if !self.no_serve {
            // Before anything is made: a port that is taken is told at once.
            drop(std::net::TcpListener::bind(listen).with_context(|| address_taken(listen))?);
        }
        directory_fresh(&shared.data)?;
        let seeds = seed_read(DEMO_ACCOUNTS).map_err(anyhow::Error::msg).context("accounts")?;
        let (platform, parties) = self.fill(shared, &seeds)?;
        let missing: Vec<&str> = {
            let books = platform.books();
            let filers = seeds.iter().filter(|account| !account.party.is_empty());
            filers
                .map(|account| account.party.as_str())
                .filter(|party| books.party(party, app::Audience::Authority).is_none())
                .collect()
        };
        for party in missing {
            tracing::warn!(party, "an account of the demo works for a party that files nothing");
        }
        let people = people(shared)?;
        people.seed(&seeds, &moment()?)?;
        people.parties_seed(&parties, now())?;
        quotas_make(&platform)?;
        app::licensed_seed(&platform, &demo_law(), now)?;
        let users: Vec<(&str, &str)> = seeds
            .iter()
            .filter(|account| account.role == base::authorisation::Role::Filer)
            .map(|account| (account.key.as_str(), account.party.as_str()))
            .collect();
        app::general::general_seed(&platform, &demo_law(), &users, now())?;
        cases_make(&platform, &people, &seeds)?;
        if self.no_serve {
            if !shared.quiet {
                let data = shared.data.display();
                eprintln!("{data} holds the demo after {:.1} s", watch.seconds());
            }
            return Ok(End::Done);
        }
        let way = format!("folder:{}", shared.data.join(DEMO_MAIL).display());
        let post = Post::parse(&way, DEMO_SENDER, None).map_err(anyhow::Error::msg)?;
        let tokens = tokens_make(&people, &seeds)?;
        let logins = logins(&seeds, &tokens);
        let public_url = address_of(listen);
        let at =
            public_url.as_ref().map_or(format!("http://{listen}"), |url| url.origin().to_owned());
        let kept = (documents_open(&platform)?, Signing::open(&shared.data, random()?)?);
        let config = config(people, kept, SignIn::Choose(seeds), false, DEMO_PACK.to_owned())?;
        let scanner = Scanner::signature();
        let config = Config { demo: true, public_url, post, scanner, ..config };
        serve(listen, platform, config, |_| {
            let mut out = std::io::stdout().lock();
            let _ = write!(
                out,
                "Gadolin's demo is up after {:.1} s: {at}\n\n{logins}\nStop it with Ctrl-C.\n",
                watch.seconds()
            );
            let _ = out.flush();
        })
    }

    /// Generates the economy and takes its filings; gives who its companies are, too.
    fn fill(
        &self,
        shared: &Shared,
        seeds: &[SeedPerson],
    ) -> anyhow::Result<(Platform, Vec<SeedParty>)> {
        let files = tempfile::tempdir()?;
        let made = economy(files.path(), DEMO_SEED, self.scale.lots(), self.scale.anomalies())?;
        fs::create_dir_all(&shared.data).with_context(|| shared.data.display().to_string())?;
        fs::write(shared.data.join(DEMO_MARKER), "`gadolin demo` makes this directory anew.\n")?;
        let platform = open(&shared.data, Mode::Write)?;
        let mut names: Vec<_> = fs::read_dir(files.path())?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<_>>()?;
        names.sort();
        let filings = names.iter().filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("filings"))
        });
        for path in filings {
            let file = fs::File::open(path).with_context(|| path.display().to_string())?;
            let options = ImportOptions { recorded_at: now(), ..ImportOptions::default() };
            let report = platform.import(Box::new(file), options, &mut |_| {})?;
            if report.rejected > 0 {
                let name = path.file_name().unwrap_or_default().display();
                tracing::warn!(file = %name, rows = report.rejected, "rows of the demo were rejected");
            }
        }
        platform.snapshot()?;
        if !shared.quiet {
            let totals = platform.books().totals();
            eprintln!(
                "{} filings in {} rows about {} lots of {} parties; {} anomalies planted",
                totals.filings, totals.rows, totals.lots, totals.parties, made.anomalies
            );
        }
        Ok((platform, parties_read(files.path(), seeds)?))
    }
}

fn address_taken(listen: SocketAddr) -> String {
    format!("cannot listen on {listen}; choose another port with `--port`")
}

/// Makes sure that the demo starts from nothing: an earlier demo is removed, other data never.
fn directory_fresh(data: &Path) -> anyhow::Result<()> {
    let shown = data.display();
    let filled = match fs::read_dir(data) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        read => read.with_context(|| shown.to_string())?.next().is_some(),
    };
    if !filled {
        return Ok(());
    }
    if !data.join(DEMO_MARKER).exists() {
        bail!(
            "{shown} holds data that is not of a demo, and stays as it is; choose another directory with `--data DIR`"
        );
    }
    // An older demo that cannot be opened is about to go; one that is being served is not.
    let opened = open(data, Mode::Write).map_err(|error| error.downcast::<PlatformError>());
    if let Err(Ok(error @ PlatformError::Locked { .. })) = opened {
        return Err(error.into());
    }
    for name in DEMO_FILES {
        let path = data.join(name);
        removed(fs::remove_file(&path), &path)?;
    }
    letters_remove(&data.join(DEMO_MAIL))
}

/// Removes the letters of an earlier demo, and nothing else that may lie beside them.
fn letters_remove(dir: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        read => read.with_context(|| dir.display().to_string())?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "eml") {
            removed(fs::remove_file(&path), &path)?;
        }
    }
    Ok(())
}

/// What is not there need not be removed.
fn removed(done: std::io::Result<()>, path: &Path) -> anyhow::Result<()> {
    match done {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| path.display().to_string())
        }
        _ => Ok(()),
    }
}

/// A token for each account of the demo, new at each start.
fn tokens_make(people: &People, seeds: &[SeedPerson]) -> anyhow::Result<Vec<String>> {
    let make = |seed: &SeedPerson| {
        let (by, scope) = (By::COMMAND_LINE, Scope::ReadAndFile);
        Ok(people.token_make(by, &seed.key, "demo", scope, 365, &moment()?)?)
    };
    seeds.iter().map(make).collect()
}

/// The accounts of the demo as a table: whom one may be, and the token of each.
fn logins(seeds: &[SeedPerson], tokens: &[String]) -> String {
    let mut text = String::from("Sign in as (no password):\n");
    for (account, token) in seeds.iter().zip(tokens) {
        let role = account.role.code();
        let party =
            if account.party.is_empty() { String::new() } else { format!(" of {}", account.party) };
        let whom = format!("{role}{party}");
        text.push_str(&format!("  {:<16} {whom:<28} API token {token}\n", account.key));
    }
    text
}

/// The documents of a platform that is to be served.
pub(crate) fn documents_open(platform: &Platform) -> anyhow::Result<Documents> {
    let documents = Documents::open(platform, random()?)?;
    if documents.key_of_others()? {
        tracing::warn!(
            "some documents were sealed with another documents.key and do not open; `gadolin fsck` names them"
        );
    }
    Ok(documents)
}

pub(crate) fn config(
    people: People,
    (documents, signing): (Documents, Signing),
    sign_in: SignIn,
    https: bool,
    pack: String,
) -> anyhow::Result<Config> {
    Ok(Config {
        people,
        documents,
        signing: Arc::new(signing),
        scanner: Scanner::none(),
        sign_in,
        pack,
        demo: false,
        key: random()?,
        now,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        https,
        public_url: None,
        providers: Vec::new(),
        limits: Limits::default(),
        post: Post::none(),
        readers: Readers::Named,
        webhooks: WebhookReach::Internet,
    })
}

/// The address of pages that only this machine reaches. By name: browsers bind no passkey to an IP address.
fn address_of(listen: SocketAddr) -> Option<PublicUrl> {
    let known = listen.ip().is_loopback() && listen.port() != 0;
    PublicUrl::parse(&format!("http://localhost:{}", listen.port())).ok().filter(|_| known)
}

/// The identity providers of a data directory.
fn providers_file(data: &Path) -> PathBuf {
    data.join("oidc.toml")
}

/// Reads the identity providers; there are none where there is no file.
pub(super) fn providers_find(data: &Path) -> anyhow::Result<Vec<Provider>> {
    let path = providers_file(data);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.with_context(|| path.display().to_string())?,
    };
    let secret =
        |name: &Path| fs::read_to_string(data.join(name)).map_err(|error| error.to_string());
    web::providers_read(&text, secret)
        .map_err(|faults| anyhow::anyhow!("{}: {}", path.display(), faults.join("; ")))
}

/// Structured logs on standard error; `RUST_LOG` chooses what is logged.
fn log_start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start in one process keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}

/// Serves until SIGINT or SIGTERM, then lets requests end and makes a snapshot, so that the next
/// start has nothing to replay.
fn serve(
    listen: SocketAddr,
    platform: Platform,
    config: Config,
    up: impl FnOnce(SocketAddr),
) -> anyhow::Result<End> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let kept = platform.clone();
    runtime.block_on(async move {
        let listener =
            tokio::net::TcpListener::bind(listen).await.with_context(|| address_taken(listen))?;
        let stop = stop_signal()?;
        up(listener.local_addr()?);
        tracing::info!(address = %listener.local_addr()?, "the server is up");
        web::serve(listener, platform, config, stop).await?;
        anyhow::Ok(())
    })?;
    kept.snapshot()?;
    tracing::info!("the server has stopped");
    Ok(End::Done)
}

/// Done when the process is asked to stop.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("the server was asked to stop");
    })
}

/// The pack of the demo.
fn demo_law() -> app::law::Law {
    let files = app::packs::pack_carried(DEMO_PACK).unwrap_or_default();
    app::law::Law::read(DEMO_PACK, 0, &files)
}

/// The quotas of the demo, handed down by what its filings use.
fn quotas_make(platform: &Platform) -> anyhow::Result<()> {
    app::quota::quota_seed(platform, &demo_law(), now()).context("quotas")
}

/// The cases of the demo: each stands where it has got to today.
fn cases_make(platform: &Platform, people: &People, seeds: &[SeedPerson]) -> anyhow::Result<()> {
    let law = demo_law();
    let known = Known { signers: signers(people)?, ..Known::default() };
    let exporters = seeds.iter().filter(|seed| seed.role == Role::Filer);
    let applicants: Vec<(String, String)> =
        exporters.map(|seed| (seed.key.clone(), seed.party.clone())).collect();
    let until = now();
    let office = Office {
        platform,
        law: &law,
        known: &known,
        applicants: &applicants,
        seed: DEMO_SEED,
        cases: DEMO_CASES,
        from: base::Timestamp::from_us(until.us() - DEMO_CASE_DAYS * 86_400_000_000),
        until,
        batch: 64,
    };
    office.run()?;
    crate::screening_demo::screening_make(platform, &law, &known, until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_replaces_a_demo_and_nothing_else() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let absent = dir.path().join("absent");
        directory_fresh(&absent)?;
        directory_fresh(dir.path())?;
        let note = dir.path().join("note.txt");
        fs::write(&note, "mine")?;
        let refusal = directory_fresh(dir.path()).map_err(|error| error.to_string());
        assert!(refusal.is_err_and(|why| why.contains("not of a demo") && why.contains("--data")));
        fs::write(dir.path().join(DEMO_MARKER), "")?;
        fs::write(dir.path().join("gadolin.sqlite"), "an older demo that does not open")?;
        directory_fresh(dir.path())?;
        assert!(!dir.path().join("gadolin.sqlite").exists());
        assert_eq!(fs::read_to_string(&note)?, "mine", "what is not of the demo stays");
        Ok(())
    }

    #[test]
    fn a_demo_that_is_being_served_is_left_alone() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let served = open(dir.path(), Mode::Write)?;
        fs::write(dir.path().join(DEMO_MARKER), "")?;
        assert!(directory_fresh(dir.path()).is_err());
        assert!(dir.path().join("gadolin.sqlite").exists());
        drop(served);
        directory_fresh(dir.path())?;
        assert!(!dir.path().join("gadolin.sqlite").exists());
        Ok(())
    }

    #[test]
    fn everybody_of_the_demo_gets_a_token_of_their_own() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let people = People::open(dir.path(), random()?)?;
        let seeds = seed_read(DEMO_ACCOUNTS).map_err(anyhow::Error::msg)?;
        people.seed(&seeds, &moment()?)?;
        let texts = tokens_make(&people, &seeds)?;
        let logins = logins(&seeds, &texts);
        for role in base::authorisation::Role::ALL {
            assert!(seeds.iter().any(|seed| seed.role == role), "{role:?}");
        }
        for (account, text) in seeds.iter().zip(&texts) {
            assert!(logins.contains(&account.key) && logins.contains(text), "{logins}");
        }
        let mut distinct = texts.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), seeds.len());
        Ok(())
    }
}
