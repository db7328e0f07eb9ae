//! `cargo xtask compare`: Gadolin beside its peers, both sides in the same run on the same data.
//!
//! Every figure is processor time first, for it hardly depends on who else uses the machine, and wall time
//! beside it; the load of the machine stands with every table.

pub(crate) mod border;
mod ingest;
mod peer;
mod screen;
mod storage;
mod trace;

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use clap::Subcommand;

use crate::shell::output;

/// What is compared.
#[derive(Debug, Subcommand)]
pub(crate) enum Compare {
    /// Filing rows to a durable, indexed, answering ledger
    Ingest(ingest::Ingest),
    /// Where the content of a lot comes from
    Trace(trace::Trace),
    /// One licence drawn down by many clients at once, and the public check
    Border(border::Border),
    /// Names against denied-party lists, beside open matchers
    Screen(screen::Screen),
    /// The same batches as indexed rows and as compressed segments, on SQLite and PostgreSQL
    Storage(storage::Storage),
}

impl Compare {
    /// Runs a comparison.
    ///
    /// # Errors
    /// Where a side cannot be run, or answers differ.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Compare::Ingest(ingest) => ingest.run(),
            Compare::Trace(trace) => trace.run(),
            Compare::Border(border) => border.run(),
            Compare::Screen(screen) => screen.run(),
            Compare::Storage(storage) => storage.run(),
        }
    }
}

/// What one side used.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    cpu_s: f64,
    wall_s: f64,
}

impl Used {
    fn us_per(self, rows: u64) -> f64 {
        self.cpu_s * 1e6 / rows.max(1) as f64
    }
}

/// A line of `gadolin bench` by its name.
fn bench_line(lines: &[serde_json::Value], name: &str) -> anyhow::Result<serde_json::Value> {
    let line = lines.iter().find(|l| l.get("bench").and_then(|b| b.as_str()) == Some(name));
    line.cloned().with_context(|| format!("`gadolin bench` gives no line `{name}`"))
}

fn number(line: &serde_json::Value, field: &str) -> anyhow::Result<f64> {
    line.get(field)
        .and_then(serde_json::Value::as_f64)
        .with_context(|| format!("no number `{field}`"))
}

/// Runs `gadolin` and reads its JSON lines.
fn json_lines(command: &mut Command) -> anyhow::Result<Vec<serde_json::Value>> {
    let said = output(command)?;
    said.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}

/// Bytes of all files below a directory.
fn directory_bytes(dir: &Path) -> u64 {
    let mut sum = 0;
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => sum += directory_bytes(&entry.path()),
            Ok(meta) => sum += meta.len(),
            Err(_) => {}
        }
    }
    sum
}
