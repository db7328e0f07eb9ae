//! `gadolin generate`: a synthetic economy as files.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use sim::{GenerateOptions, Sink, Summary};

use super::{End, Shared};
use crate::output::{Format, json};

/// Make a synthetic economy as filing files
#[derive(Debug, clap::Args)]
pub(crate) struct Generate {
    /// The economy is a function of the seed and the number of lots alone
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// About how many lots
    #[arg(long, default_value_t = 100_000)]
    lots: u64,
    /// Where to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many frauds and errors to plant; `truth.csv` lists them
    #[arg(long, default_value_t = 0)]
    anomalies: u32,
}

#[derive(Debug, Serialize)]
struct Made {
    lots: u64,
    rows: u64,
    filings: u64,
    parties: u64,
    sites: u64,
    anomalies: u64,
    months: u16,
}

impl Generate {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let made = economy(&self.out, self.seed, self.lots, self.anomalies)?;
        let made = Made {
            lots: made.lots,
            rows: made.rows,
            filings: made.filings,
            parties: made.parties,
            sites: made.sites,
            anomalies: made.anomalies,
            months: made.months,
        };
        if Format::or_default(shared.format) == Format::Json {
            json(&made)?;
        } else {
            println!(
                "{} lots, {} rows in {} filings of {} parties at {} sites over {} months, {} anomalies planted",
                made.lots,
                made.rows,
                made.filings,
                made.parties,
                made.sites,
                made.months,
                made.anomalies
            );
        }
        Ok(End::Done)
    }
}

struct Directory<'d>(&'d Path);

impl Sink for Directory<'_> {
    fn create(&mut self, name: &str) -> std::io::Result<Box<dyn Write>> {
        Ok(Box::new(BufWriter::with_capacity(1 << 18, File::create(self.0.join(name))?)))
    }
}

/// Writes an economy into a directory.
pub(crate) fn economy(dir: &Path, seed: u64, lots: u64, anomalies: u32) -> anyhow::Result<Summary> {
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let options = GenerateOptions { anomalies, ..GenerateOptions::new(seed, lots) };
    Ok(sim::generate(&options, &mut Directory(dir))?)
}
