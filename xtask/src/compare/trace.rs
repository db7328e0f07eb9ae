//! Trace: the walk back through the graph against PostgreSQL's recursive query with covering indexes, over the
//! same edges of one element and the same lots, and the answers of both compared.
//!
//! PostgreSQL is asked twice. `reach` only finds the ancestors, which is the least that it can do; `shares`
//! gives what a trace gives: it merges the paths that meet at each step by a window, for a query that followed
//! every path by itself would not end on lots that mix and split for years.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use super::{bench_line, json_lines, number};
use crate::economy::Source;
use crate::postgres::Server;
use crate::shell::{Watch, output};
use crate::usage::load;

/// Lots that the generator makes for so many edges, about; the real number of edges is counted.
const LOTS_PER_EDGES: (u64, u64) = (5, 12);
/// How far two answers may be apart (ledger.md: shares agree with exact arithmetic to 1e-9).
const TOLERANCE: f64 = 1e-9;
/// Lots whose answers are compared part by part.
const COMPARED: usize = 100;

const TABLES: &str = "
    CREATE TABLE edge (made INT NOT NULL, drawn INT NOT NULL, ratio FLOAT8 NOT NULL);
    COPY edge FROM '{edges}' WITH (FORMAT csv);
    CREATE INDEX edge_back ON edge (made) INCLUDE (drawn, ratio);
    CREATE INDEX edge_forward ON edge (drawn) INCLUDE (made, ratio);
    CREATE TABLE own AS SELECT made AS lot, 1 - sum(ratio) AS own FROM edge GROUP BY made;
    ALTER TABLE own ADD PRIMARY KEY (lot);
    VACUUM ANALYZE edge;
    VACUUM ANALYZE own;";

const REACH: &str = "PREPARE reach (int) AS
    WITH RECURSIVE up (lot) AS (
        SELECT $1 UNION SELECT e.drawn FROM up JOIN edge e ON e.made = up.lot
    ) SELECT count(*) FROM up;\n";

const SHARES: &str = "PREPARE shares (int) AS
    WITH RECURSIVE up (lot, share) AS (
        SELECT $1, 1::float8
        UNION ALL
        SELECT lot, share FROM (
            SELECT e.drawn AS lot,
                   sum(up.share * e.ratio) OVER (PARTITION BY e.drawn) AS share,
                   row_number() OVER (PARTITION BY e.drawn) AS nth
            FROM up JOIN edge e ON e.made = up.lot
        ) step WHERE nth = 1
    ), origin AS (
        SELECT up.lot, sum(up.share * coalesce(own.own, 1)) AS share
        FROM up LEFT JOIN own ON own.lot = up.lot GROUP BY up.lot
    ) ";

/// Where the content of a lot comes from
#[derive(Debug, clap::Args)]
pub(crate) struct Trace {
    /// About how many edges of the element; several for a curve
    #[arg(long, value_delimiter = ',', default_values_t = [1_000_000])]
    edges: Vec<u64>,
    /// Element traced
    #[arg(long, default_value = "Dy")]
    element: String,
    /// How many lots are traced
    #[arg(long, default_value_t = 1_000)]
    traces: usize,
    /// About how many ancestors they have
    #[arg(long, default_value_t = 2_000)]
    ancestors: u64,
    #[command(flatten)]
    source: Source,
}

struct Line {
    edges: u64,
    ancestors: f64,
    walk_ms: f64,
    answer_ms: f64,
    bytes_an_edge: f64,
    reach_ms: f64,
    shares_ms: f64,
    compared: usize,
    apart: f64,
}

/// A lot that is traced: its number in the graph and its id.
type Lot = (u32, String);

impl Trace {
    /// Measures all sizes and prints both sides and the ratio.
    ///
    /// # Errors
    /// Where a side cannot be run, or the answers differ.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let binary = self.source.gadolin()?;
        let mut lines = Vec::new();
        for &edges in &self.edges {
            lines.push(self.measure(&binary, edges)?);
        }
        println!("\ntrace back of {}, ms of processor time per lot", self.element);
        println!(
            "{:>10} {:>9} {:>8} {:>8} {:>7}  {:>13} {:>7}  {:>14} {:>7}  answers",
            "edges",
            "ancestors",
            "walk",
            "answer",
            "B/edge",
            "PG ancestors",
            "ratio",
            "PG with shares",
            "ratio"
        );
        for l in lines {
            println!(
                "{:>10} {:>9.0} {:>8.4} {:>8.4} {:>7.1}  {:>13.3} {:>7.1}  {:>14.3} {:>7.1}  {} compared, at most {:.1e} apart",
                l.edges,
                l.ancestors,
                l.walk_ms,
                l.answer_ms,
                l.bytes_an_edge,
                l.reach_ms,
                l.reach_ms / l.walk_ms,
                l.shares_ms,
                l.shares_ms / l.walk_ms,
                l.compared,
                l.apart
            );
        }
        println!(
            "walk: shares of all ancestors in memory; answer: the walk, its parts named and sorted, as JSON; ratio: to the walk"
        );
        Ok(())
    }

    fn measure(&self, binary: &Path, edges: u64) -> anyhow::Result<Line> {
        let economy =
            self.source.lots(binary, (edges * LOTS_PER_EDGES.0 / LOTS_PER_EDGES.1).max(1))?;
        let scratch = tempfile::Builder::new().prefix("gadolin-trace-").tempdir()?;
        let data = scratch.path().join("data");
        let mut import = Command::new(binary);
        import
            .args(["import", "--quiet", "--format", "csv", "--data"])
            .arg(&data)
            .args(&economy.files);
        let done = crate::shell::outcome(&mut import)?;
        ensure!(
            matches!(done.status.code(), Some(0 | 3)),
            "the import failed: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        println!("before: {}", load());
        let lines = json_lines(self.bench(binary, &data).arg("--no-import"))?;
        let ours = bench_line(&lines, "trace")?;

        let server = Server::start()?;
        println!("peer: {}", server.describe()?);
        let (edges_path, _) = server.file("edges.csv")?;
        let [lots_path, names_path] =
            ["lots.csv", "names.csv"].map(|name| scratch.path().join(name));
        let mut dump = self.bench(binary, &data);
        dump.arg("--dump-edges").arg(&edges_path).arg("--dump-lots").arg(&lots_path);
        output(dump.arg("--dump-names").arg(&names_path))?;
        server.query(&TABLES.replace("{edges}", &edges_path.display().to_string()))?;
        let count = server
            .query("SELECT count(*) FROM edge")?
            .trim()
            .parse()
            .context("no count of edges")?;
        let lots = read_lots(&lots_path)?;
        let reach_ms = timed(&server, &lots, REACH, "reach")?;
        let summed = format!("{SHARES} SELECT count(*), sum(share) FROM origin;\n");
        let shares_ms = timed(&server, &lots, &summed, "shares")?;
        println!("after: {}", load());

        let sample = &lots[..lots.len().min(COMPARED)];
        let names: HashMap<String, u32> =
            read_lots(&names_path)?.into_iter().map(|(n, id)| (id, n)).collect();
        let (apart, compared) = self.differences(binary, &data, &server, sample, &names)?;
        ensure!(apart <= TOLERANCE, "shares are {apart:e} apart, more than {TOLERANCE:e}");
        Ok(Line {
            edges: count,
            ancestors: number(&ours, "ancestors_mean")?,
            walk_ms: number(&ours, "walk_cpu_ms")?,
            answer_ms: number(&ours, "answer_cpu_ms")?,
            bytes_an_edge: number(&ours, "bytes_an_edge")?,
            reach_ms,
            shares_ms,
            compared,
            apart,
        })
    }

    fn bench(&self, binary: &Path, data: &Path) -> Command {
        let mut bench = Command::new(binary);
        bench.args(["bench", "--element", &self.element, "--traces", &self.traces.to_string()]);
        bench.args(["--ancestors", &self.ancestors.to_string(), "--data"]).arg(data);
        bench
    }

    /// The greatest difference between the shares of both sides, and over how many lots.
    fn differences(
        &self,
        binary: &Path,
        data: &Path,
        server: &Server,
        lots: &[Lot],
        names: &HashMap<String, u32>,
    ) -> anyhow::Result<(f64, usize)> {
        let mut sql = format!(
            "SET extra_float_digits = 3;\n{SHARES} SELECT $1, lot, share FROM origin WHERE abs(share) > 1e-15;\n"
        );
        for (number, _) in lots {
            writeln!(sql, "EXECUTE shares ({number});")?;
        }
        let mut theirs: HashMap<u32, HashMap<u32, f64>> = HashMap::new();
        for line in server.query(&sql)?.lines() {
            let cells: Vec<&str> = line.split(',').collect();
            let [lot, origin, share] = cells[..] else { anyhow::bail!("no shares in `{line}`") };
            theirs.entry(lot.parse()?).or_default().insert(origin.parse()?, share.parse()?);
        }
        let mut trace = Command::new(binary);
        trace.args(["trace", "--element", &self.element, "--format", "json", "--data"]).arg(data);
        trace.args(lots.iter().map(|(_, id)| id));
        let answers = json_lines(&mut trace)?;
        ensure!(
            answers.len() == lots.len(),
            "{} of {} traces were answered",
            answers.len(),
            lots.len()
        );
        let (mut most, mut compared): (f64, usize) = (0.0, 0);
        for (answer, (number, id)) in answers.iter().zip(lots) {
            if answer.get("content_ug").and_then(serde_json::Value::as_i64) == Some(0) {
                // Holds none of the element: there is nothing to share.
                continue;
            }
            compared += 1;
            let theirs = theirs.get(number).with_context(|| format!("no shares of `{id}`"))?;
            most = most.max(
                difference(answer, theirs.clone(), names).with_context(|| format!("lot `{id}`"))?,
            );
        }
        ensure!(compared > 0, "none of the lots holds any {}", self.element);
        Ok((most, compared))
    }
}

/// The greatest difference between the parts of an answer and the peer's shares. What the peer leaves over
/// must be what our answer calls unexplained.
fn difference(
    answer: &serde_json::Value,
    mut theirs: HashMap<u32, f64>,
    names: &HashMap<String, u32>,
) -> anyhow::Result<f64> {
    let parts = answer.get("parts").and_then(|p| p.as_array()).context("no parts")?;
    let mut most: f64 = 0.0;
    let mut unexplained = 0.0;
    for part in parts {
        let share = number(part, "share")?;
        let lot = part.get("lot").and_then(|l| l.as_str()).context("a part without a lot")?;
        match names.get(lot) {
            Some(origin) => most = most.max((theirs.remove(origin).unwrap_or(0.0) - share).abs()),
            None => unexplained += share,
        }
    }
    Ok(most.max((theirs.values().sum::<f64>() - unexplained).abs()))
}

/// Reads `number,id` lines.
fn read_lots(path: &Path) -> anyhow::Result<Vec<Lot>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    text.lines()
        .map(|line| {
            let (number, id) =
                line.split_once(',').with_context(|| format!("no lot in `{line}`"))?;
            Ok((number.parse()?, id.to_owned()))
        })
        .collect()
}

/// Mean processor time of all server processes for one prepared query per lot, ms. Asked once before, so that
/// pages are in memory as our graph is.
fn timed(server: &Server, lots: &[Lot], prepare: &str, name: &str) -> anyhow::Result<f64> {
    let mut sql = prepare.to_owned();
    for (number, _) in lots {
        writeln!(sql, "EXECUTE {name} ({number});")?;
    }
    let warm: String = sql
        .lines()
        .take(prepare.lines().count() + lots.len().min(20))
        .map(|l| format!("{l}\n"))
        .collect();
    server.query(&warm)?;
    let (watch, before) = (Watch::start(), server.cpu_seconds());
    let said = server.query(&sql)?;
    let used = server.cpu_seconds() - before;
    ensure!(
        said.lines().count() == lots.len(),
        "PostgreSQL answered {} of {} lots",
        said.lines().count(),
        lots.len()
    );
    println!(
        "PostgreSQL {name}: {used:.2} s of processor time, {:.2} s for {} lots",
        watch.seconds(),
        lots.len()
    );
    Ok(used * 1e3 / lots.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_by_lot_and_the_rest_is_unexplained() {
        let names = HashMap::from([("A".to_owned(), 1), ("B".to_owned(), 2)]);
        let answer = serde_json::json!({ "parts": [
            { "lot": "A", "share": 0.5 },
            { "lot": "B", "share": 0.25 },
            { "lot": "unexplained:gad:x/1", "share": 0.25 },
        ]});
        let same = HashMap::from([(1, 0.5), (2, 0.25), (3, 0.25)]);
        assert!(difference(&answer, same, &names).unwrap() < 1e-15);
        let other = HashMap::from([(1, 0.5), (2, 0.2), (3, 0.3)]);
        assert!((difference(&answer, other, &names).unwrap() - 0.05).abs() < 1e-12);
    }
}
