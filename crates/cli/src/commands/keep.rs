//! `gadolin fsck`, `backup` and `restore`.

use std::path::PathBuf;

use app::Mode;
use serde::Serialize;

use super::{End, Shared, open};
use crate::output::{Format, json};

#[derive(Debug, Serialize)]
struct FsckReport {
    clean: bool,
    wrong: Vec<String>,
}

/// Checks the data directory against itself.
pub(crate) fn fsck(shared: &Shared) -> anyhow::Result<End> {
    let platform = open(&shared.data, Mode::Read)?;
    let wrong = platform.fsck()?;
    let end = if wrong.is_empty() { End::Done } else { End::Failed };
    if Format::or_default(shared.format) == Format::Json {
        json(&FsckReport { clean: wrong.is_empty(), wrong })?;
    } else if wrong.is_empty() {
        let totals = platform.books().totals();
        println!("clean: {} filings, {} rows, {} lots", totals.filings, totals.rows, totals.lots);
    } else {
        for sentence in wrong {
            println!("{sentence}");
        }
    }
    Ok(end)
}

/// Copy the database into a directory, while others use it
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// Where to
    #[arg(value_name = "DIR")]
    to: PathBuf,
}

impl Backup {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let file = open(&shared.data, Mode::Read)?.backup(&self.to)?;
        if !shared.quiet {
            eprintln!("backed up to {}", file.display());
        }
        Ok(End::Done)
    }
}

/// Put a backup into a new data directory
#[derive(Debug, clap::Args)]
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
