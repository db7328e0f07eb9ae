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
}

/// Checks the data directory against itself.
pub(crate) fn fsck(shared: &Shared) -> anyhow::Result<End> {
    let wrong = app::platform::fsck(&shared.data)?;
    let end = if wrong.is_empty() { End::Done } else { End::Failed };
    if Format::or_default(shared.format) == Format::Json {
        json(&FsckReport { clean: wrong.is_empty(), wrong })?;
    } else if wrong.is_empty() {
        let platform = open(&shared.data, Mode::Read)?;
        let totals = platform.books().totals();
        println!("clean: {} filings, {} rows, {} lots", totals.filings, totals.rows, totals.lots);
        if let Some(told) = app::documents::checked(&platform)? {
            println!("{told}");
        }
    } else {
        for sentence in wrong {
            println!("{sentence}");
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
