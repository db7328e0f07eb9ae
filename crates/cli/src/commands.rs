//! The commands: what is read from the command line, and what is answered.

mod ask;
mod audit;
pub(crate) mod clock;
mod customs;
mod documents_key;
mod import;
mod keep;
pub(crate) mod law;
pub(crate) mod make;
mod parties;
mod rejects;
mod screen;
pub(crate) mod serve;
pub(crate) mod user;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use app::platform::OpenOptions;
use app::{Mode, Platform};
use clap::{Parser, Subcommand};

use crate::output::Format;

const EXAMPLES: &str = "\
Examples:
  gadolin import filings.csv --rejects rejects.csv
  gadolin trace MAG-1 --element Dy
  gadolin balance --site PLANT --element Dy
  gadolin insight anomalies
  gadolin classify --pack cn --as-of 2025-06-01 < goods.jsonl";

/// Export licensing and supply-chain tracking for strategic minerals.
#[derive(Debug, Parser)]
#[command(name = "gadolin", version, propagate_version = true, max_term_width = 100)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Shared {
    /// The data directory, with the embedded database inside
    #[arg(long, global = true, value_name = "DIR", default_value = "gadolin-data")]
    pub(crate) data: PathBuf,
    /// A PostgreSQL database instead (not yet: this version keeps its data in the directory)
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// How to answer; a table on a terminal, JSON otherwise
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    /// No progress and no notes
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Say at the end, on standard error, what processor time and memory were used
    #[arg(long, global = true)]
    pub(crate) usage: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a synthetic economy as filing files
    Generate(make::Generate),
    /// Take filings from files
    Import(import::Import),
    /// Where the content of a lot comes from, or where it went
    Trace(ask::Trace),
    /// Opening, in, made, consumed, out, loss, closing; and what is missing against counts
    Balance(ask::Balance),
    /// What the filings show together
    #[command(subcommand)]
    Insight(ask::Insight),
    /// The statutory clocks of a case, with a proof for every day
    #[command(before_help = clock::EXAMPLES)]
    Clock(clock::Clock),
    /// Who did what, and who looked at whose data
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Which control items apply to goods on a day, or why none does
    Classify(law::Classify),
    /// Whom the denied-party and watch lists may name
    Screen(screen::Screen),
    /// Check and list packs, the law of a jurisdiction as data
    #[command(subcommand)]
    Pack(law::PackCommand),
    /// Check the data directory against itself
    #[command(before_help = keep::FSCK_EXAMPLES)]
    Fsck,
    /// Copy the database into a directory, while others use it
    Backup(keep::Backup),
    /// Put a backup into a new data directory
    Restore(keep::Restore),
    /// Serve the pages and the API
    Serve(serve::Serve),
    /// Make a fictional economy, take its filings, and serve it
    Demo(serve::Demo),
    /// Who may sign in, and with which token a program comes
    #[command(subcommand)]
    User(user::User),
    /// Act as a customs system towards a server, over a bad line
    #[command(before_help = customs::EXAMPLES)]
    Customs(customs::ActCustoms),
    /// Whether a licence, letter or scanned code is what the authority issued; offline, with its public key
    Verify(verify::Verify),
    /// The public keys with which others verify what this installation issues
    LicenceKey(verify::LicenceKey),
    /// Change the key that seals the documents: each is sealed anew
    DocumentsKey(documents_key::DocumentsKey),
    /// Measure import and trace, and classifying
    Bench(crate::bench::Bench),
    /// Write the completions of a shell
    Completions(keep::Completions),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Done.
    Done,
    /// Failed, and already said why.
    Failed,
    /// Done, but some rows were rejected.
    Rejected,
    /// Asked for what cannot be, and already said why.
    Usage,
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if cli.shared.database.is_some() {
        eprintln!(
            "gadolin: `--database` is not there yet: this version keeps its data in a directory (`--data DIR`)"
        );
        return ExitCode::from(2);
    }
    let watch = crate::resources::Watch::start();
    let end = command(&cli.shared, cli.command);
    if cli.shared.usage {
        crate::bench::usage_say(watch);
    }
    match end {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::Failed) => ExitCode::from(1),
        Ok(End::Rejected) => ExitCode::from(3),
        Ok(End::Usage) => ExitCode::from(2),
        Err(error) if broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gadolin: {error:#}");
            ExitCode::from(1)
        }
    }
}

/// Whether the reader of our answer has gone, which is its right.
fn broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}

fn command(shared: &Shared, command: Command) -> anyhow::Result<End> {
    match command {
        Command::Generate(generate) => generate.run(shared),
        Command::Import(import) => import.run(shared),
        Command::Trace(trace) => trace.run(shared),
        Command::Balance(balance) => balance.run(shared),
        Command::Insight(insight) => insight.run(shared),
        Command::Clock(clock) => clock.run(shared),
        Command::Audit(audit) => audit.run(shared),
        Command::Classify(classify) => classify.run(shared),
        Command::Screen(screen) => screen.run(shared),
        Command::Pack(pack) => pack.run(shared),
        Command::Fsck => keep::fsck(shared),
        Command::Backup(backup) => backup.run(shared),
        Command::Restore(restore) => restore.run(shared),
        Command::Serve(serve) => serve.run(shared),
        Command::Demo(demo) => demo.run(shared),
        Command::User(user) => user.run(shared),
        Command::Customs(customs) => customs.run(),
        Command::Verify(verify) => verify.run(shared),
        Command::LicenceKey(key) => key.run(shared),
        Command::DocumentsKey(key) => key.run(shared),
        Command::Bench(bench) => bench.run(shared),
        Command::Completions(completions) => completions.run(),
    }
}

/// Opens a data directory.
pub(crate) fn open(data: &Path, mode: Mode) -> anyhow::Result<Platform> {
    let options = OpenOptions { random: crate::resources::random()? };
    Ok(Platform::open(data, mode, &options)?)
}
