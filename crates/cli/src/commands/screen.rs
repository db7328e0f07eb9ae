//! `gadolin screen`: parties (JSON lines on standard input) against lists, without network or data directory.
//!
//! Answers come in the order of the queries. Lines that wait together are shared out among the cores; whoever
//! sends one line and waits has its answer at once.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use formats::party_list::{
    self, Beside, Duplicates, ListFormat, ListRead, ListSettings, list_read,
};
use formats::screen::{ErrorAnswer, LineError, QUERY_BYTES_MAX, answer, query_read};
use screening::{Generation, Settings};

use super::{End, Shared};

pub(crate) const EXAMPLES: &str = "\
Examples:
  echo '{\"id\":\"1\",\"name\":\"Acme Magnets Ltd\",\"country\":\"NL\"}' | gadolin screen --list own-list.csv
  gadolin screen --list sdn.xml --list entities.ftm.json --threshold 0.8 < parties.jsonl > matches.jsonl";

/// Lines that are answered together at most: enough to keep the cores busy, few enough to be held.
const LINES_TOGETHER: usize = 2_048;
/// Bytes of lines that are answered together at most.
const BYTES_TOGETHER: usize = 8 << 20;
/// Lines below which sharing out costs more than it gains.
const LINES_SHARED: usize = 8;

fn threshold(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "give a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err("give a number from 0 to 1".to_owned())
    }
}

/// Whom the denied-party and watch lists may name (JSON lines on standard input)
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Screen {
    /// A list; its format is recognised by content, and `alt.csv` and `add.csv` beside `sdn.csv` are read
    #[arg(long = "list", value_name = "FILE", required = true, num_args = 1..)]
    lists: Vec<PathBuf>,
    /// The least score that is told, 0 to 1
    #[arg(long, default_value = "0.7", value_parser = threshold)]
    threshold: f64,
    /// Matches of a query at most, the best first
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Take a list that could not be read to its end: whom its rest names is not found
    #[arg(long)]
    partial: bool,
    /// How many cores; all unless said
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Screen {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let mut lists = Vec::new();
        let mut faulty = false;
        for path in &self.lists {
            let Some(read) = list_open(path)? else { return Ok(End::Failed) };
            faulty |= read.left > 0 || !read.whole;
            tell(path, &read, shared);
            if !read.whole && !self.partial {
                eprintln!(
                    "gadolin: `{}` was not read to its end; accepted: the whole list, or `--partial`",
                    path.display()
                );
                return Ok(End::Failed);
            }
            lists.extend(read.lists.into_iter().map(|read| Arc::new(read.list)));
        }
        let generation = Generation::build(lists);
        let settings = Settings { threshold: self.threshold, limit: self.limit };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or(cores).max(1);
        faulty |= answers(&generation, &settings, threads)?;
        Ok(if faulty { End::Rejected } else { End::Done })
    }
}

/// Reads a list; nothing where it cannot be read at all, which is said.
fn list_open(path: &Path) -> anyhow::Result<Option<ListRead>> {
    let open = |path: &Path| -> anyhow::Result<party_list::File> {
        let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
        Ok(Box::new(file))
    };
    let beside = |name: &str| -> anyhow::Result<Option<party_list::File>> {
        let found = [name.to_owned(), name.to_ascii_uppercase()]
            .map(|name| path.with_file_name(name))
            .into_iter()
            .find(|beside| beside.is_file() && beside != path);
        found.map(|path| open(&path)).transpose()
    };
    let stem = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let code = stem.split('.').next().unwrap_or_default().to_owned();
    let settings = ListSettings { code, duplicates: Duplicates::Merge, ..ListSettings::default() };
    let beside = Beside { names: beside("alt.csv")?, addresses: beside("add.csv")? };
    match list_read(open(path)?, beside, &settings) {
        Ok(read) => Ok(Some(read)),
        Err(error) => {
            let accepted = error.accepted();
            eprintln!("gadolin: cannot read `{}`: {error}; accepted: {accepted}", path.display());
            Ok(None)
        }
    }
}

/// Says what was recognised, and what is wrong: notes on a terminal, faults always.
fn tell(path: &Path, read: &ListRead, shared: &Shared) {
    let file = path.display();
    if !shared.quiet && std::io::stderr().is_terminal() {
        let parties: usize = read.lists.iter().map(|read| read.list.parties.len()).sum();
        let lists = read.lists.len();
        eprintln!("`{file}`: {}: {parties} parties on {lists} lists", read.format.title());
        let sdn = read.format == ListFormat::SdnCsv;
        if sdn && !path.with_file_name("alt.csv").is_file() {
            eprintln!("`{file}`: no `alt.csv` beside it: other names are not known");
        }
    }
    if read.faults_all == 0 || shared.quiet {
        return;
    }
    const TOLD: usize = 10;
    let stopped = read.faults.iter().filter(|fault| fault.outcome == party_list::Outcome::Stopped);
    let others = read.faults.iter().filter(|fault| fault.outcome != party_list::Outcome::Stopped);
    for fault in others.take(TOLD).chain(stopped) {
        eprintln!("`{file}`, {fault}");
    }
    eprintln!(
        "`{file}`: {} faults: {} of {} records left out, {} put together with an earlier one of the same id",
        read.faults_all, read.left, read.records, read.merged
    );
}

/// Lines that are answered together.
#[derive(Default)]
struct Together {
    text: Vec<u8>,
    /// The number of each line and where it ends.
    ends: Vec<(u64, usize)>,
}

impl Together {
    fn line(&self, at: usize) -> (u64, &[u8]) {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        let (number, end) = self.ends[at];
        (number, &self.text[start..end])
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn full(&self) -> bool {
        self.ends.len() >= LINES_TOGETHER || self.text.len() >= BYTES_TOGETHER
    }
}

/// Answers all lines; true where one was no query.
fn answers(generation: &Generation, settings: &Settings, threads: usize) -> anyhow::Result<bool> {
    let mut input = BufReader::with_capacity(1 << 18, std::io::stdin().lock());
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut together = Together::default();
    let (mut number, mut faulty) = (0, false);
    loop {
        let more = line_read(&mut input, &mut together, &mut number)?;
        let waits = input.buffer().is_empty();
        if !together.ends.is_empty() && (!more || waits || together.full()) {
            for (text, broken) in answered(generation, settings, threads, &together)? {
                out.write_all(&text)?;
                faulty |= broken;
            }
            together.clear();
            if waits || !more {
                out.flush()?;
            }
        }
        if !more {
            return Ok(faulty);
        }
    }
}

/// Reads a line up to the limit; what is longer is skipped and told by its length.
fn line_read(
    input: &mut impl BufRead,
    together: &mut Together,
    number: &mut u64,
) -> std::io::Result<bool> {
    let start = together.text.len();
    let most = QUERY_BYTES_MAX + 1;
    let read = input.by_ref().take(most as u64).read_until(b'\n', &mut together.text)?;
    if read == 0 {
        return Ok(false);
    }
    *number += 1;
    if read == most && together.text.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    let line = &together.text[start..];
    let text = if *number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
    if text.trim_ascii().is_empty() {
        together.text.truncate(start);
    } else {
        together.ends.push((*number, together.text.len()));
    }
    Ok(true)
}

/// The answers, shared out among the cores in one piece each; the pieces are in order.
fn answered(
    generation: &Generation,
    settings: &Settings,
    threads: usize,
    together: &Together,
) -> anyhow::Result<Vec<(Vec<u8>, bool)>> {
    let lines = together.ends.len();
    if threads == 1 || lines < LINES_SHARED {
        return Ok(vec![piece(generation, settings, together, 0..lines)?]);
    }
    let size = lines.div_ceil(threads);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..lines)
            .step_by(size)
            .map(|start| {
                let range = start..(start + size).min(lines);
                scope.spawn(move || piece(generation, settings, together, range))
            })
            .collect();
        let joined = workers.into_iter().map(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    })
}

fn piece(
    generation: &Generation,
    settings: &Settings,
    together: &Together,
    lines: std::ops::Range<usize>,
) -> anyhow::Result<(Vec<u8>, bool)> {
    let (mut out, mut broken) = (Vec::new(), false);
    for at in lines {
        let (line, text) = together.line(at);
        let text =
            if line == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
        match query_read(text) {
            Ok(line) => {
                let matches = generation.screen(&line.query, settings);
                serde_json::to_writer(&mut out, &answer(&line, &matches))?;
            }
            Err(wrong) => {
                broken = true;
                let error = LineError { line, faults: &wrong.faults };
                serde_json::to_writer(&mut out, &ErrorAnswer { id: &wrong.id, error })?;
            }
        }
        out.push(b'\n');
    }
    Ok((out, broken))
}
