//! `gadolin classify` and `gadolin pack`: law as data, without network, database or data directory.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use app::law::Law;
use base::Date;
use base::time::date_parse;
use clap::{Args, Subcommand};
use controls::answer::{Answer, AnswerError, LineError};
use controls::good::{GoodFault, LINE_BYTES_MAX};
use controls::{AsOf, Classifier, Good, Language, Pack, PackFault, PackFiles};
use serde::Serialize;

use super::{End, Shared};
use crate::output::{Format, Table, json};

const CLASSIFY_EXAMPLES: &str = "\
Examples:
  echo '{\"id\":\"1\",\"name\":\"NdFeB magnet\",\"grade\":\"42SH\",\"composition\":{\"Nd\":\"29\",\"Dy\":\"2.5\",\"Fe\":\"67.5\",\"B\":\"1\"}}' \\
    | gadolin classify --pack cn --as-of 2025-06-01
  gadolin classify --pack cn --as-of 2025-11-08 --known-at 2025-11-01 < goods.jsonl
  gadolin classify --pack ./my-pack --as-of 2026-01-01 --format table < goods.jsonl";

const PACK_EXAMPLES: &str = "\
Examples:
  gadolin pack list
  gadolin pack check cn
  gadolin pack check ./my-pack --format json";

fn date(text: &str) -> Result<Date, String> {
    date_parse(text).ok_or_else(|| "give a day as YYYY-MM-DD".to_owned())
}

/// Which control items apply to goods (JSON lines on standard input), or why none does
#[derive(Debug, Args)]
#[command(before_help = CLASSIFY_EXAMPLES)]
pub(crate) struct Classify {
    /// A pack that is carried (`gadolin pack list`), or the directory of one
    #[arg(long, value_name = "ID|DIR")]
    pack: String,
    /// The day of the law; needed, for the law of one day is not that of another
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Only what was published up to this day
    #[arg(long, value_name = "DATE", value_parser = date)]
    known_at: Option<Date>,
}

/// The files of a pack: a carried one by its id, else those of a directory.
pub(crate) fn pack_files(name: &str) -> anyhow::Result<PackFiles> {
    if let Some(files) = app::packs::pack_carried(name) {
        return Ok(files);
    }
    let dir = Path::new(name);
    if !dir.is_dir() {
        bail!(
            "no pack `{name}`: give one of {}, or a directory with a pack.toml",
            app::packs::pack_ids().join(", ")
        );
    }
    let files = app::packs::pack_read(dir).with_context(|| format!("cannot read `{name}`"))?;
    if files.text("pack.toml").is_none() {
        bail!("`{name}` holds no pack.toml, so it is no pack");
    }
    Ok(files)
}

/// A pack without faults.
pub(crate) fn pack_faultless(name: &str) -> anyhow::Result<Pack> {
    let (pack, faults) = Pack::read(&pack_files(name)?);
    match faults.first() {
        None => Ok(pack),
        Some(first) => bail!(
            "the pack `{name}` has {} faults, the first is {first}: see `gadolin pack check {name}`",
            faults.len()
        ),
    }
}

impl Classify {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let Some(date) = self.as_of else {
            eprintln!(
                "gadolin: the law of one day is not that of another: say for which day with `--as-of YYYY-MM-DD`"
            );
            return Ok(End::Usage);
        };
        let pack = pack_faultless(&self.pack)?;
        let classifier = Classifier::new(&pack, AsOf { date, known_at: self.known_at });
        match shared.format {
            None | Some(Format::Json) => lines(&classifier),
            Some(format) => table(&classifier, format),
        }
    }
}

/// Reads a line up to the limit of a good; what is longer is skipped and told by its length.
fn line_read(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let read = input.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > LINE_BYTES_MAX {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

/// A good of a line, or its id and what is wrong with it.
type Read1 = Result<Good, (String, Vec<GoodFault>)>;

/// Hands each line to `each`; true where one was faulty.
fn each_line(mut each: impl FnMut(u64, Read1, bool) -> anyhow::Result<()>) -> anyhow::Result<bool> {
    let mut input = BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let mut line = Vec::new();
    let (mut number, mut faulty) = (0, false);
    while line_read(&mut input, &mut line)? {
        number += 1;
        let text =
            if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line };
        if text.trim_ascii().is_empty() {
            continue;
        }
        let good = Good::parse(text);
        faulty |= good.is_err();
        each(number, good, input.buffer().is_empty())?;
    }
    Ok(faulty)
}

/// JSON lines in the order asked; whoever waits for an answer gets it at once.
fn lines(classifier: &Classifier<'_>) -> anyhow::Result<End> {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let faulty = each_line(|line, good, waits| {
        match &good {
            Ok(good) => serde_json::to_writer(&mut out, &classifier.classify(good))?,
            Err((id, faults)) => {
                if let Some((first, also)) = faults.split_first() {
                    serde_json::to_writer(
                        &mut out,
                        &AnswerError { id, error: LineError { line, first, also } },
                    )?;
                }
            }
        }
        out.write_all(b"\n")?;
        if waits {
            out.flush()?;
        }
        Ok(())
    })?;
    out.flush()?;
    Ok(if faulty { End::Rejected } else { End::Done })
}

fn table(classifier: &Classifier<'_>, format: Format) -> anyhow::Result<End> {
    let mut table = Table::new(&["id", "answer", "items", "why", "check before relying"]);
    let text = |statements: &[controls::Statement]| {
        statements.iter().map(|s| s.render(Language::En)).collect::<Vec<_>>().join("; ")
    };
    let faulty = each_line(|line, good, _| {
        match good {
            Ok(good) => {
                let answer: Answer = classifier.classify(&good);
                let word = serde_json::to_value(answer.answer)?;
                let label = |code: &str, no: &str| format!("{code} {no}").trim().to_owned();
                let items = answer.items.iter().map(|i| label(&i.control_code, &i.item_no));
                let unknown = answer.unknown.iter().map(|i| label(&i.control_code, &i.item_no));
                let items = items.chain(unknown).collect::<Vec<_>>().join(", ");
                let why: Vec<controls::Statement> =
                    answer.because.into_iter().chain(answer.refer).collect();
                table.row(vec![
                    answer.id,
                    word.as_str().unwrap_or_default().to_owned(),
                    items,
                    text(&why),
                    text(&answer.check),
                ]);
            }
            Err((id, faults)) => {
                let why = faults
                    .iter()
                    .map(|f| format!("{}: {}", f.field, f.message))
                    .collect::<Vec<_>>()
                    .join("; ");
                table.row(vec![
                    id,
                    format!("error in line {line}"),
                    String::new(),
                    why,
                    String::new(),
                ]);
            }
        }
        Ok(())
    })?;
    table.write(format)?;
    Ok(if faulty { End::Rejected } else { End::Done })
}

/// Packs: the law of a jurisdiction as data
#[derive(Debug, Subcommand)]
#[command(before_help = PACK_EXAMPLES)]
pub(crate) enum PackCommand {
    /// Check a pack: cells, references, intervals, and its own cases
    Check(PackCheck),
    /// The packs that are carried in the program
    List,
}

#[derive(Debug, Args)]
pub(crate) struct PackCheck {
    /// A pack that is carried, or the directory of one
    #[arg(value_name = "ID|DIR")]
    pack: PathBuf,
}

#[derive(Debug, Serialize)]
struct Checked<'p> {
    pack: &'p str,
    items: usize,
    suspensions: usize,
    cases: usize,
    faults: &'p [PackFault],
}

impl PackCommand {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        match self {
            PackCommand::Check(check) => check.run(shared),
            PackCommand::List => list(shared),
        }
    }
}

impl PackCheck {
    fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let name = self.pack.to_string_lossy();
        let files = pack_files(&name)?;
        let Law { pack, cases, faults, .. } = Law::read(&name, 0, &files);
        let format = Format::or_default(shared.format);
        let end = if faults.is_empty() { End::Done } else { End::Failed };
        if format == Format::Json {
            let items = pack.list.items.len();
            let suspensions = pack.list.suspensions.len();
            json(&Checked { pack: &name, items, suspensions, cases, faults: &faults })?;
            return Ok(end);
        }
        let mut table = Table::new(&[
            "file",
            "line",
            "field",
            "code",
            "what is wrong",
            "what would be accepted",
        ]);
        for fault in &faults {
            table.row(vec![
                fault.file.clone(),
                fault.line.to_string(),
                fault.field.clone(),
                fault.code.to_owned(),
                fault.message.clone(),
                fault.accepted.clone(),
            ]);
        }
        if format == Format::Csv || !faults.is_empty() {
            table.write(format)?;
        }
        if format == Format::Table {
            println!(
                "{name}: {} items, {} suspensions, {cases} cases asked, {} faults",
                pack.list.items.len(),
                pack.list.suspensions.len(),
                faults.len()
            );
        }
        Ok(end)
    }
}

#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    title_en: String,
    title_zh: String,
    country: String,
    as_of: String,
    items: usize,
    notice: String,
}

fn list(shared: &Shared) -> anyhow::Result<End> {
    let mut rows = Vec::new();
    for id in app::packs::pack_ids() {
        let (pack, _) = Pack::read(&pack_files(&id)?);
        let settings = pack.settings;
        rows.push(Listed {
            id,
            title_en: settings.title_en,
            title_zh: settings.title_zh,
            country: settings.country,
            as_of: settings.as_of,
            items: pack.list.items.len(),
            notice: settings.notice_en,
        });
    }
    let format = Format::or_default(shared.format);
    if format == Format::Json {
        json(&rows)?;
        return Ok(End::Done);
    }
    let mut table = Table::new(&["pack", "title", "as of", "items"]);
    for row in &rows {
        table.row(vec![
            row.id.clone(),
            row.title_en.clone(),
            row.as_of.clone(),
            row.items.to_string(),
        ]);
    }
    table.write(format)?;
    if let (Format::Table, Some(row)) = (format, rows.first()) {
        println!("{}", row.notice);
    }
    Ok(End::Done)
}
