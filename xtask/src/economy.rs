//! Filing files for the measurements: generated, or given.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::shell::{Profile, gadolin, output};

/// Lots that the generator makes for so many rows, about; the real number of rows is counted.
const LOTS_PER_ROWS: (u64, u64) = (2, 7);

/// Where the filings come from.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Source {
    /// Filing files instead of a generated economy
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Seed of the generated economy
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// A `gadolin` to measure, for instance an older one; without, the release build of this checkout
    #[arg(long, value_name = "FILE")]
    pub(crate) binary: Option<PathBuf>,
}

/// Filing files that are there for as long as this is.
#[derive(Debug)]
pub(crate) struct Economy {
    pub(crate) files: Vec<PathBuf>,
    _dir: Option<tempfile::TempDir>,
}

impl Source {
    /// The binary to measure, built first where none is given.
    ///
    /// # Errors
    /// Where it does not build.
    pub(crate) fn gadolin(&self) -> anyhow::Result<PathBuf> {
        match &self.binary {
            Some(binary) => Ok(std::path::absolute(binary)?),
            None => gadolin(Profile::Release),
        }
    }

    /// An economy of about that many rows, or the files given.
    ///
    /// # Errors
    /// Where it cannot be generated.
    pub(crate) fn rows(&self, gadolin: &Path, rows: u64) -> anyhow::Result<Economy> {
        self.lots(gadolin, (rows * LOTS_PER_ROWS.0 / LOTS_PER_ROWS.1).max(1))
    }

    /// An economy of about that many lots, or the files given.
    ///
    /// # Errors
    /// Where it cannot be generated.
    pub(crate) fn lots(&self, gadolin: &Path, lots: u64) -> anyhow::Result<Economy> {
        if !self.files.is_empty() {
            return Ok(Economy { files: self.files.clone(), _dir: None });
        }
        let dir = tempfile::Builder::new().prefix("gadolin-economy-").tempdir()?;
        let mut generate = Command::new(gadolin);
        generate.args(["generate", "--seed", &self.seed.to_string()]);
        generate.args(["--lots", &lots.to_string(), "--format", "json", "--out"]).arg(dir.path());
        output(&mut generate)?;
        let entries = std::fs::read_dir(dir.path())?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|path| {
                path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("filings-"))
            })
            .collect();
        files.sort();
        if files.is_empty() {
            bail!("`gadolin generate` wrote no file `filings-…`");
        }
        Ok(Economy { files, _dir: Some(dir) })
    }
}

/// One row of a filing file, by the names of its columns.
#[derive(Debug)]
pub(crate) struct Columns {
    positions: std::collections::HashMap<String, usize>,
}

impl Columns {
    fn new(header: &csv::StringRecord) -> Columns {
        let names = header.iter().map(|n| n.trim_start_matches('\u{feff}').trim().to_owned());
        Columns { positions: names.enumerate().map(|(at, name)| (name, at)).collect() }
    }

    /// A cell; empty where the file has no such column.
    pub(crate) fn get<'r>(&self, record: &'r csv::StringRecord, name: &str) -> &'r str {
        self.positions.get(name).and_then(|at| record.get(*at)).unwrap_or_default()
    }
}

impl Economy {
    /// Calls `each` for every row of every file.
    ///
    /// # Errors
    /// Where a file cannot be read, and what `each` returns.
    pub(crate) fn each(
        &self,
        mut each: impl FnMut(&Columns, &csv::StringRecord) -> anyhow::Result<()>,
    ) -> anyhow::Result<u64> {
        let mut rows = 0;
        for path in &self.files {
            let mut reader = csv::ReaderBuilder::new()
                .flexible(true)
                .from_path(path)
                .with_context(|| path.display().to_string())?;
            let columns = Columns::new(reader.headers()?);
            let mut record = csv::StringRecord::new();
            while reader.read_record(&mut record)? {
                each(&columns, &record)?;
                rows += 1;
            }
        }
        Ok(rows)
    }
}
