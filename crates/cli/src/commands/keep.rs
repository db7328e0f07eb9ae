//! `gadolin fsck`, `backup`, `restore` and `completions`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use app::Mode;
use clap::CommandFactory;
use serde::Serialize;

use super::{Cli, End, Shared, open};
use crate::output::{Format, json};

pub(crate) const FSCK_EXAMPLES: &str = "\
Examples:
  gadolin fsck
  gadolin fsck --data /srv/gadolin --format json";

const BACKUP_EXAMPLES: &str = "\
Examples:
  gadolin backup backups/2025-06-30
  gadolin restore backups/2025-06-30 --data restored";

const RESTORE_EXAMPLES: &str = "\
Examples:
  gadolin restore backups/2025-06-30 --data restored";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  gadolin completions bash > ~/.local/share/bash-completion/completions/gadolin
  gadolin completions fish > ~/.config/fish/completions/gadolin.fish";

#[derive(Debug, Serialize)]
struct FsckReport {
    clean: bool,
    wrong: Vec<String>,
    /// Documents, and how many of them opened; nothing where something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents_opened: Option<u64>,
}

/// Checks the data directory against itself.
pub(crate) fn fsck(shared: &Shared) -> anyhow::Result<End> {
    let wrong = app::platform::fsck(&shared.data)?;
    let end = if wrong.is_empty() { End::Done } else { End::Failed };
    let clean = wrong.is_empty().then(|| open(&shared.data, Mode::Read)).transpose()?;
    let documents = clean.as_ref().map(app::documents::checked).transpose()?;
    if Format::or_default(shared.format) == Format::Json {
        json(&FsckReport {
            clean: wrong.is_empty(),
            wrong,
            documents: documents.map(|found| found.documents),
            documents_opened: documents.map(|found| found.opened),
        })?;
        return Ok(end);
    }
    for sentence in wrong {
        println!("{sentence}");
    }
    if let Some(platform) = clean {
        let totals = platform.books().totals();
        println!("clean: {} filings, {} rows, {} lots", totals.filings, totals.rows, totals.lots);
    }
    if let Some(found) = documents.filter(|found| found.documents > 0) {
        let (all, key) = (found.documents, app::documents::KEY_FILE);
        if found.opened == all {
            println!("{all} documents, each opened");
        } else {
            println!("{all} documents, none opened: {key} is not in this directory; put it back");
        }
    }
    Ok(end)
}

/// Copy the database into a directory, while others use it
#[derive(Debug, clap::Args)]
#[command(before_help = BACKUP_EXAMPLES)]
pub(crate) struct Backup {
    /// Where to
    #[arg(value_name = "DIR")]
    to: PathBuf,
}

impl Backup {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let file = app::platform::backup(&shared.data, &self.to)?;
        if !shared.quiet && std::io::stderr().is_terminal() {
            eprintln!("backed up to {}", file.display());
        }
        Ok(End::Done)
    }
}

/// Put a backup into a new data directory
#[derive(Debug, clap::Args)]
#[command(before_help = RESTORE_EXAMPLES)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "DIR")]
    from: PathBuf,
}

impl Restore {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        app::platform::restore(&self.from, &shared.data)?;
        fsck(shared)
    }
}

/// Write the completions of a shell
#[derive(Debug, clap::Args)]
#[command(before_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: clap_complete::Shell,
}

impl Completions {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "gadolin", &mut text);
        std::io::stdout().lock().write_all(&text)?;
        Ok(End::Done)
    }
}
