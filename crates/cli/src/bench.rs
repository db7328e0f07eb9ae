//! `gadolin bench`: import and trace, measured as whole processes and as walks alone.
//!
//! Answers JSON lines. Import, balance and first trace run as processes of their own, whose processor
//! time and peak memory they report themselves (`--usage`); walks run here, over lots drawn at random
//! with a fixed seed among those with about the asked number of ancestors. Last, single filings are
//! handed over and traced at once.

mod authority;
mod bare;
mod classify;
mod clocks;
mod licences;
mod pages;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use app::{Books, ImportOptions, Mode};
use base::Element;
use base::flow::Role;
use insight::back::{Stop, Walker};
use insight::lens::{Current, Lens};
use insight::{Direction, TraceQuery, Until, View};
use serde::Serialize;

use crate::commands::{End, Shared, open};
use crate::resources::{Watch, cpu_seconds, now, peak_mib};

/// Measure import and trace
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    /// Filing files to import; without any, an economy of `--lots` lots is generated
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Lots of the generated economy
    #[arg(long, default_value_t = 250_000)]
    lots: u64,
    /// Seed of the generated economy and of the lots drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many lots are traced
    #[arg(long, default_value_t = 1_000)]
    traces: usize,
    /// About how many ancestors they have
    #[arg(long, default_value_t = 2_000)]
    ancestors: usize,
    /// Element traced
    #[arg(long, default_value = "Dy")]
    element: String,
    /// Only measure traces, on the data directory as it is
    #[arg(long)]
    no_import: bool,
    /// Only write the edges of the element from the data directory: made lot, drawn lot, ratio
    #[arg(long, value_name = "FILE")]
    dump_edges: Option<PathBuf>,
    /// Only write the lots that would be traced, one a line: number and id
    #[arg(long, value_name = "FILE")]
    dump_lots: Option<PathBuf>,
    /// Only write all lots, one a line: number and id
    #[arg(long, value_name = "FILE")]
    dump_names: Option<PathBuf>,
}

/// What else is measured.
#[derive(Debug, clap::Subcommand)]
enum Part {
    /// Take applications to their decision in the simulated authority
    Authority(authority::BenchAuthority),
    /// Work out the clocks of many cases anew
    Clocks(clocks::Clocks),
    /// Measure classifying a mixed stream of goods
    Classify(classify::BenchClassify),
    /// Issue licences to be drawn down, and make customs a token
    Licences(licences::Licences),
    /// Serve one JSON answer and nothing else: what the web server itself costs
    Bare(bare::Bare),
}

/// What a process used, as it says at its end.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, Serialize)]
pub(crate) struct Usage {
    pub(crate) cpu_s: f64,
    pub(crate) wall_s: f64,
    pub(crate) peak_mib: f64,
}

#[derive(Debug, Serialize)]
struct Step {
    bench: &'static str,
    rows: u64,
    edges: u64,
    lots: u64,
    cpu_us_per_row: f64,
    #[serde(flatten)]
    usage: Usage,
}

#[derive(Debug, Serialize)]
struct Traces {
    bench: &'static str,
    rows: u64,
    edges: u64,
    traced: usize,
    ancestors_mean: f64,
    walk_cpu_ms: f64,
    answer_cpu_ms: f64,
    bytes_an_edge: f64,
    filings_mib: f64,
    compositions_mib: f64,
    names_mib: f64,
    peak_mib: f64,
}

#[derive(Debug, Serialize)]
struct Visible {
    bench: &'static str,
    rows: u64,
    filings: u32,
    wall_ms_median: f64,
    wall_ms_p99: f64,
    wall_ms_most: f64,
}

impl Bench {
    pub(crate) fn run(mut self, shared: &Shared) -> anyhow::Result<End> {
        match self.part.take() {
            Some(Part::Authority(authority)) => return authority.run(shared),
            Some(Part::Clocks(clocks)) => return clocks.run(),
            Some(Part::Classify(classify)) => return classify.run(),
            Some(Part::Licences(licences)) => return licences.run(shared),
            Some(Part::Bare(bare)) => return bare.run(),
            None => {}
        }
        let dumps = [&self.dump_edges, &self.dump_lots, &self.dump_names];
        if dumps.into_iter().any(Option::is_some) {
            return self.dump(shared);
        }
        if self.no_import {
            self.traces(&shared.data)?;
            return Ok(End::Done);
        }
        let scratch = tempfile::tempdir()?;
        let files = if self.files.is_empty() {
            self.generated(scratch.path())?
        } else {
            self.files.clone()
        };
        let data = scratch.path().join("data");
        let mut import: Vec<String> = vec!["import".into(), "--quiet".into()];
        import.extend(files.iter().map(|f| f.display().to_string()));
        let imported = self.child(&data, &import)?;
        let balance = self.child(&data, &["balance".into(), "--format=json".into()])?;
        let (rows, edges, lots, lot) = {
            let platform = open(&data, Mode::Read)?;
            let books = platform.books();
            let totals = books.totals();
            (totals.rows, edges(&books), totals.lots, self.sample(&books)?.pop())
        };
        let lot = lot.context("no lot to trace")?.1;
        let trace: Vec<String> =
            ["trace", &lot, "--element", &self.element, "--format=json"].map(str::to_owned).into();
        let first = self.child(&data, &trace)?;
        let sum = Usage {
            cpu_s: imported.cpu_s + balance.cpu_s + first.cpu_s,
            wall_s: imported.wall_s + balance.wall_s + first.wall_s,
            peak_mib: imported.peak_mib.max(balance.peak_mib).max(first.peak_mib),
        };
        let steps = [
            ("import", imported),
            ("first_balance", balance),
            ("first_trace_cold", first),
            ("import_balance_trace", sum),
        ];
        for (bench, usage) in steps {
            let cpu_us_per_row = usage.cpu_s * 1e6 / rows as f64;
            say(&Step { bench, rows, edges, lots, cpu_us_per_row, usage })?;
        }
        self.traces(&data)?;
        Bench::visible(&data)?;
        Ok(End::Done)
    }

    /// From handing a filing over to seeing it in a trace, on the imported data, again and again.
    fn visible(data: &Path) -> anyhow::Result<()> {
        const FILINGS: u32 = 200;
        let platform = open(data, Mode::Write)?;
        let rows = platform.books().totals().rows;
        let mut millis = Vec::new();
        for number in 0..FILINGS {
            let text = format!(
                "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
                 BENCH-{number},extract,2026-06-30,gad:bench,PIT,BENCH-LOT-{number},concentrate,1000,Dy=0.3\n"
            );
            let query = TraceQuery {
                lot: format!("BENCH-LOT-{number}"),
                element: "Dy".to_owned(),
                direction: Direction::Back,
                until: Until::Root,
                bounds: false,
                view: View::default(),
            };
            let watch = Watch::start();
            let options = ImportOptions { recorded_at: now(), ..ImportOptions::default() };
            let source = Box::new(std::io::Cursor::new(text.into_bytes()));
            platform.import(source, options, &mut |_| {})?;
            platform.books().trace(&query)?;
            millis.push(watch.seconds() * 1e3);
        }
        millis.sort_by(f64::total_cmp);
        let at = |percent: usize| millis[(millis.len() - 1) * percent / 100];
        say(&Visible {
            bench: "filing_to_trace",
            rows,
            filings: FILINGS,
            wall_ms_median: at(50),
            wall_ms_p99: at(99),
            wall_ms_most: at(100),
        })
    }

    fn generated(&self, dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let dir = dir.join("economy");
        super::commands::make::economy(&dir, self.seed, self.lots, 0)?;
        let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("filings-")))
            .collect();
        files.sort();
        Ok(files)
    }

    /// Runs a command of this program on a data directory and gives what it used.
    fn child(&self, data: &Path, arguments: &[String]) -> anyhow::Result<Usage> {
        let output = Command::new(std::env::current_exe()?)
            .args(arguments)
            .args(["--usage", "--data"])
            .arg(data)
            .stdout(Stdio::null())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // Rejected rows (3) are part of what is measured.
        if !matches!(output.status.code(), Some(0 | 3)) {
            bail!("{} failed: {said}", arguments.join(" "));
        }
        let line = said.lines().last().unwrap_or_default();
        serde_json::from_str(line).with_context(|| format!("no usage in `{line}`"))
    }

    fn traces(&self, data: &Path) -> anyhow::Result<()> {
        let platform = open(data, Mode::Read)?;
        let books = platform.books();
        let element = self.element(&books)?;
        let lots = self.sample(&books)?;
        let lens = Current(books.graph());
        let mut walker = Walker::default();
        let mut visited = 0;
        let start = cpu_seconds();
        for &(lot, _) in &lots {
            visited += walker.back(&lens, lot, element, Stop::Root, &[]).lots;
        }
        let walk = cpu_seconds() - start;
        let mut line = Vec::new();
        let start = cpu_seconds();
        for (_, id) in &lots {
            let answer = books.trace(&self.query(id))?;
            line.clear();
            serde_json::to_writer(&mut line, &answer)?;
            std::hint::black_box(&line);
        }
        let answers = cpu_seconds() - start;
        let bytes = books.graph().bytes();
        let edges = edges(&books);
        let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
        let count = lots.len() as f64;
        say(&Traces {
            bench: "trace",
            rows: books.totals().rows,
            edges,
            traced: lots.len(),
            ancestors_mean: visited as f64 / count,
            walk_cpu_ms: walk * 1e3 / count,
            answer_cpu_ms: answers * 1e3 / count,
            bytes_an_edge: bytes.edges as f64 / edges as f64,
            filings_mib: mib(bytes.filings),
            compositions_mib: mib(bytes.compositions),
            names_mib: mib(bytes.names),
            peak_mib: peak_mib(),
        })
    }

    fn element(&self, books: &Books) -> anyhow::Result<Element> {
        books
            .common()
            .element(&self.element)
            .with_context(|| format!("no element `{}`", self.element))
    }

    fn query(&self, lot: &str) -> TraceQuery {
        TraceQuery {
            lot: lot.to_owned(),
            element: self.element.clone(),
            direction: Direction::Back,
            until: Until::Root,
            bounds: false,
            view: View::default(),
        }
    }

    /// Lots drawn at random whose ancestors are between two thirds and four thirds of the number asked;
    /// where there are too few, those with the most below.
    fn sample(&self, books: &Books) -> anyhow::Result<Vec<(u32, String)>> {
        let element = self.element(books)?;
        let graph = books.graph();
        let lens = Current(graph);
        let mut walker = Walker::default();
        let count = graph.lots.len() as u64;
        let (low, high) = (self.ancestors * 2 / 3, self.ancestors * 4 / 3);
        let mut state = self.seed;
        let mut fitting = Vec::new();
        let mut others = Vec::new();
        for _ in 0..(self.traces as u64 * 200).min(count * 4) {
            let lot = (splitmix(&mut state) % count.max(1)) as u32;
            match walker.ancestors_within(&lens, lot, element, high) {
                None => {}
                Some(ancestors) if ancestors < low => others.push((ancestors, lot)),
                Some(_) if walker.back(&lens, lot, element, Stop::Root, &[]).cyclic => {}
                Some(_) => {
                    fitting.push(lot);
                    if fitting.len() == self.traces {
                        break;
                    }
                }
            }
        }
        others.sort_unstable_by(|a, b| b.cmp(a));
        let missing = self.traces.saturating_sub(fitting.len());
        fitting.extend(others.into_iter().take(missing).map(|o| o.1));
        Ok(fitting.into_iter().map(|l| (l, graph.lot_names.get(l).to_owned())).collect())
    }

    /// Writes what a peer needs to answer the same questions.
    fn dump(&self, shared: &Shared) -> anyhow::Result<End> {
        let platform = open(&shared.data, Mode::Read)?;
        let books = platform.books();
        if let Some(path) = &self.dump_edges {
            let element = self.element(&books)?;
            let lens = Current(books.graph());
            let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
            for lot in 0..books.graph().lots.len() as u32 {
                for (drawn, ratio) in insight::lineage::made_of(&lens, lot, element) {
                    writeln!(out, "{lot},{drawn},{ratio}")?;
                }
            }
            out.flush()?;
        }
        if let Some(path) = &self.dump_lots {
            let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
            for (lot, id) in self.sample(&books)? {
                writeln!(out, "{lot},{id}")?;
            }
            out.flush()?;
        }
        if let Some(path) = &self.dump_names {
            let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
            let graph = books.graph();
            for lot in 0..graph.lots.len() as u32 {
                writeln!(out, "{lot},{}", graph.lot_names.get(lot))?;
            }
            out.flush()?;
        }
        Ok(End::Done)
    }
}

/// Edges of the graph: for every live flow, each lot drawn to each lot made.
fn edges(books: &Books) -> u64 {
    let graph = books.graph();
    let lens = Current(graph);
    let count = |flow: u32| {
        let legs = graph.flow_legs(flow);
        if !legs.first().is_some_and(|l| lens.live(l)) {
            return 0;
        }
        let drawn = legs.iter().filter(|l| l.role().draws()).count();
        let made = legs.iter().filter(|l| l.role() == Role::Made).count();
        (drawn * made) as u64
    };
    (0..graph.flows.len() as u32).map(count).sum()
}

/// SplitMix64 (Steele, Lea, Flood 2014): enough to draw lots evenly.
pub(crate) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn say(line: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Says on standard error what this process used.
pub(crate) fn usage_say(watch: Watch) {
    let usage = Usage { cpu_s: cpu_seconds(), wall_s: watch.seconds(), peak_mib: peak_mib() };
    eprintln!("{}", serde_json::to_string(&usage).unwrap_or_default());
}
