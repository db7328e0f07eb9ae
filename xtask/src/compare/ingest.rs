//! Ingest: filing files to a ledger that is durable and has answered a balance and a trace, against the bare
//! loading of the same rows, ready parsed, into an indexed table.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use anyhow::ensure;

use super::peer::{Engine, Keys, columns, names_sql, rows, tables};
use super::{Used, bench_line, json_lines, number};
use crate::economy::{Economy, Source};
use crate::postgres::Server;
use crate::shell::Watch;
use crate::usage::{load, own_seconds};

/// Filing rows to a durable, indexed, answering ledger
#[derive(Debug, clap::Args)]
pub(crate) struct Ingest {
    /// About how many rows; several for a curve
    #[arg(long, value_delimiter = ',', default_values_t = [1_000_000])]
    rows: Vec<u64>,
    #[command(flatten)]
    source: Source,
}

struct Line {
    rows: u64,
    gadolin: Used,
    peak_mib: f64,
    postgres: Used,
    sqlite: Used,
}

impl Ingest {
    /// Measures all sizes and prints both sides and the ratio.
    ///
    /// # Errors
    /// Where a side cannot be run.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let binary = self.source.gadolin()?;
        let mut lines = Vec::new();
        for &asked in &self.rows {
            let economy = self.source.rows(&binary, asked)?;
            println!("before: {}", load());
            let (rows, used, peak_mib) = ours(&binary, &economy)?;
            let (postgres, sqlite) = (postgres(&economy)?, sqlite(&economy)?);
            println!("after: {}", load());
            lines.push(Line { rows, gadolin: used, peak_mib, postgres, sqlite });
        }
        println!("\ningest, µs of processor time per row (s of wall time)");
        println!(
            "{:>10}  {:>18} {:>9}  {:>18} {:>7}  {:>18} {:>7}",
            "rows", "gadolin", "peak MiB", "PostgreSQL COPY", "ratio", "SQLite INSERT", "ratio"
        );
        for line in lines {
            let per = |used: Used| format!("{:.2} ({:.2})", used.us_per(line.rows), used.wall_s);
            let ratio = |used: Used| format!("{:.1}", used.cpu_s / line.gadolin.cpu_s);
            println!(
                "{:>10}  {:>18} {:>9.0}  {:>18} {:>7}  {:>18} {:>7}",
                line.rows,
                per(line.gadolin),
                line.peak_mib,
                per(line.postgres),
                ratio(line.postgres),
                per(line.sqlite),
                ratio(line.sqlite)
            );
        }
        println!(
            "gadolin: parse, validate, de-duplicate, ledger, commit, then the first balance and the first \
             trace, as processes of their own; peers: only the loading, of rows parsed before"
        );
        Ok(())
    }
}

/// Import, first balance and first trace.
fn ours(binary: &Path, economy: &Economy) -> anyhow::Result<(u64, Used, f64)> {
    let mut bench = Command::new(binary);
    // Walks are measured by `compare trace`.
    bench.arg("bench").args(["--traces", "1"]).args(&economy.files);
    let lines = json_lines(&mut bench)?;
    for step in ["import", "first_balance", "first_trace_cold"] {
        let line = bench_line(&lines, step)?;
        println!(
            "gadolin {step}: {:.2} s of processor time, {:.2} s, peak {:.0} MiB",
            number(&line, "cpu_s")?,
            number(&line, "wall_s")?,
            number(&line, "peak_mib")?
        );
    }
    let sum = bench_line(&lines, "import_balance_trace")?;
    let used = Used { cpu_s: number(&sum, "cpu_s")?, wall_s: number(&sum, "wall_s")? };
    Ok((number(&sum, "rows")? as u64, used, number(&sum, "peak_mib")?))
}

/// COPY into an indexed table; processor time of all server processes.
fn postgres(economy: &Economy) -> anyhow::Result<Used> {
    let server = Server::start()?;
    println!("peer: {}", server.describe()?);
    let (path, file) = server.file("rows.copy")?;
    let mut out = BufWriter::with_capacity(1 << 18, file);
    let mut keys = Keys::default();
    let count = rows(economy, &mut keys, |row| Ok(row.copy_text(&mut out)?))?;
    out.flush()?;
    server.query(&(tables(Engine::Postgres) + &names_sql(&keys) + "CHECKPOINT;"))?;
    let (watch, before) = (Watch::start(), server.cpu_seconds());
    server.query(&format!("COPY filing_row ({}) FROM '{}'", columns(), path.display()))?;
    let used = Used { cpu_s: server.cpu_seconds() - before, wall_s: watch.seconds() };
    let loaded: u64 = server.query("SELECT count(*) FROM filing_row")?.trim().parse()?;
    ensure!(loaded == count, "PostgreSQL holds {loaded} of {count} rows");
    Ok(used)
}

/// Prepared INSERTs in transactions of 10,000 rows, WAL, synchronous=FULL; processor time of this process
/// less that of reading the rows.
fn sqlite(economy: &Economy) -> anyhow::Result<Used> {
    let dir = tempfile::tempdir()?;
    let mut connection = rusqlite::Connection::open(dir.path().join("peer.sqlite"))?;
    super::storage::pragmas(&connection)?;
    let mut keys = Keys::default();
    rows(economy, &mut keys, |_| Ok(()))?;
    connection.execute_batch(&(tables(Engine::Sqlite) + &names_sql(&keys)))?;
    let mut used = Used::default();
    let mut waiting = Vec::new();
    let mut insert = |waiting: &mut Vec<_>| {
        let (watch, before) = (Watch::start(), own_seconds());
        super::storage::insert_rows(&mut connection, waiting)?;
        used.cpu_s += own_seconds() - before;
        used.wall_s += watch.seconds();
        waiting.clear();
        anyhow::Ok(())
    };
    let count = rows(economy, &mut keys, |row| {
        waiting.push(row);
        if waiting.len() == 10_000 { insert(&mut waiting) } else { Ok(()) }
    })?;
    insert(&mut waiting)?;
    let loaded: i64 = connection.query_row("SELECT count(*) FROM filing_row", [], |r| r.get(0))?;
    ensure!(loaded as u64 == count, "SQLite holds {loaded} of {count} rows");
    Ok(used)
}
