//! `gadolin trace`, `balance` and `insight`: questions.

use std::io::{BufRead, BufReader, BufWriter, Write};

use anyhow::bail;
use app::{BalanceQuery, Books, Mode};
use base::Date;
use base::Timestamp;
use base::mass::content_kg;
use base::time::date_parse;
use clap::{Args, Subcommand, ValueEnum};
use insight::{Direction, TraceAnswer, TraceError, TraceQuery, Until, View};
use serde::Serialize;

use super::{End, Shared, open};
use crate::output::{Format, Table, json};
use crate::resources::Watch;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Way {
    /// Where it comes from
    Back,
    /// Where it went
    Forward,
}

const TRACE_EXAMPLES: &str = "\
Examples:
  gadolin trace MAG-1 --element Dy
  gadolin trace MAG-1 --element Dy --direction forward
  gadolin trace MAG-1 --element Nd --to stage=concentrate --bounds
  gadolin trace - --element Dy < lots.txt";

const BALANCE_EXAMPLES: &str = "\
Examples:
  gadolin balance --element Dy
  gadolin balance --party gad:mine-a --from 2025-01-01 --to 2025-03-31";

const ANOMALIES_EXAMPLES: &str = "\
Examples:
  gadolin insight anomalies
  gadolin insight anomalies --as-of 2025-06-30 --format csv";

/// Where the content of a lot comes from, or where it went
#[derive(Debug, Args)]
#[command(before_help = TRACE_EXAMPLES)]
pub(crate) struct Trace {
    /// Lots, or `-` to read lot ids from standard input, one a line
    #[arg(required = true, value_name = "LOT")]
    lots: Vec<String>,
    /// Symbol of the element
    #[arg(long, value_name = "Dy")]
    element: String,
    /// Which way
    #[arg(long, value_enum, default_value = "back")]
    direction: Way,
    /// Where a trace back stops: `root`, `stage=NAME` or `party`
    #[arg(long, value_name = "WHERE", default_value = "root", value_parser = until)]
    to: Until,
    /// Also the least and greatest share that the filings allow
    #[arg(long)]
    bounds: bool,
    #[command(flatten)]
    view: ViewArgs,
}

#[derive(Debug, Clone, Args)]
struct ViewArgs {
    /// Only filings dated up to this day
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Only what was recorded up to this instant (RFC 3339, or a day)
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    known_at: Option<Timestamp>,
}

impl ViewArgs {
    fn view(&self) -> View {
        View { as_of: self.as_of, known_at: self.known_at }
    }
}

fn date(text: &str) -> Result<Date, String> {
    date_parse(text).ok_or_else(|| "give a day as YYYY-MM-DD".to_owned())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
        .ok_or_else(|| "give an instant such as 2025-04-07T09:12:00Z, or a day".to_owned())
}

fn until(text: &str) -> Result<Until, String> {
    match text.split_once('=') {
        None if text == "root" => Ok(Until::Root),
        None if text == "party" => Ok(Until::Party),
        Some(("stage", stage)) if !stage.is_empty() => Ok(Until::Stage(stage.to_owned())),
        _ => Err("give `root`, `stage=NAME` or `party`".to_owned()),
    }
}

#[derive(Debug, Serialize)]
struct LotError<'e> {
    lot: &'e str,
    error: String,
}

impl Trace {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let platform = open(&shared.data, Mode::Read)?;
        let books = platform.books();
        let format = Format::or_default(shared.format);
        let mut query = TraceQuery {
            lot: String::new(),
            element: self.element.clone(),
            direction: match self.direction {
                Way::Back => Direction::Back,
                Way::Forward => Direction::Forward,
            },
            until: self.to.clone(),
            bounds: self.bounds,
            view: self.view.view(),
        };
        if self.lots == ["-"] {
            return lines(&books, &mut query);
        }
        let mut end = End::Done;
        let mut out = BufWriter::new(std::io::stdout().lock());
        for lot in &self.lots {
            query.lot.clone_from(lot);
            let known = answer(
                &books,
                &query,
                &mut |answer| match format {
                    Format::Json => Ok(serde_json::to_writer(&mut out, answer)?),
                    _ => Ok(()),
                },
                format,
            )?;
            match known {
                Ok(()) if format == Format::Json => out.write_all(b"\n")?,
                Ok(()) => {}
                Err(error) => {
                    end = End::Failed;
                    if format == Format::Json {
                        serde_json::to_writer(
                            &mut out,
                            &LotError { lot, error: error.to_string() },
                        )?;
                        out.write_all(b"\n")?;
                    } else {
                        eprintln!("gadolin: {error}");
                    }
                }
            }
        }
        out.flush()?;
        Ok(end)
    }
}

/// Answers one question, with the time that the walk took.
fn answer(
    books: &Books,
    query: &TraceQuery,
    write: &mut dyn FnMut(&TraceAnswer) -> anyhow::Result<()>,
    format: Format,
) -> anyhow::Result<Result<(), TraceError>> {
    let watch = Watch::start();
    match books.trace(query) {
        Ok(mut answer) => {
            answer.micros = watch.micros();
            if format == Format::Json {
                write(&answer)?
            } else {
                people(&answer, format)?
            }
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// `trace -`: lot ids on standard input, JSON lines on standard output, in order. Whoever waits for an
/// answer gets it at once.
fn lines(books: &Books, query: &mut TraceQuery) -> anyhow::Result<End> {
    let mut input = BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        // What is no text is no lot, and answered so; it does not end the others.
        let text = String::from_utf8_lossy(&line);
        let lot = text.trim();
        if lot.is_empty() {
            continue;
        }
        lot.clone_into(&mut query.lot);
        let mut write = |a: &TraceAnswer| Ok(serde_json::to_writer(&mut out, a)?);
        if let Err(error) = answer(books, query, &mut write, Format::Json)? {
            serde_json::to_writer(&mut out, &LotError { lot, error: error.to_string() })?;
        }
        out.write_all(b"\n")?;
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
    out.flush()?;
    Ok(End::Done)
}

fn people(answer: &TraceAnswer, format: Format) -> anyhow::Result<()> {
    let back = answer.direction == Direction::Back;
    if format == Format::Table {
        println!(
            "{}: {} kg {}, {}",
            answer.lot,
            content_kg(answer.content_ug),
            answer.element,
            if back { "and where it comes from" } else { "and where it went" }
        );
    }
    let bounds = answer.parts.iter().any(|p| p.share_min.is_some());
    let mut header = vec!["share %", "kg", "lot", "stage", "party", "site"];
    if !back {
        header = vec!["share %", "kg", "lot", "state", "party", "site", "to", "end use", "country"];
    }
    if bounds {
        header.extend(["at least %", "at most %"]);
    }
    let mut table = Table::new(&header);
    let percent = |share: f64| format!("{:.4}", share * 100.0);
    for part in &answer.parts {
        let mut cells = vec![
            percent(part.share),
            content_kg(part.content_ug).to_string(),
            part.lot.to_string(),
        ];
        if back {
            cells.extend([part.stage.to_string(), part.party.to_string(), part.site.to_string()]);
        } else {
            let state = [part.state, part.cause].join(" ").trim_end().to_owned();
            cells.extend([
                state,
                part.party.to_string(),
                part.site.to_string(),
                part.to_party.to_string(),
            ]);
            cells.extend([part.end_use.to_string(), part.customer_country.to_string()]);
        }
        if let (Some(low), Some(high)) = (part.share_min, part.share_max) {
            cells.extend([percent(low), percent(high)]);
        }
        table.row(cells);
    }
    table.write(format)?;
    if format == Format::Table && !answer.not_analysed.is_empty() {
        println!("not analysed for {}: {}", answer.element, answer.not_analysed.join(", "));
    }
    if format == Format::Table && !answer.cycles.is_empty() {
        println!("cycles cut at: {}", answer.cycles.join(", "));
    }
    Ok(())
}

/// Opening, in, made, consumed, out, loss, closing; and what is missing against counts
#[derive(Debug, Args)]
#[command(before_help = BALANCE_EXAMPLES)]
pub(crate) struct Balance {
    /// One party
    #[arg(long)]
    party: Option<String>,
    /// One site code
    #[arg(long)]
    site: Option<String>,
    /// One element
    #[arg(long, value_name = "Dy")]
    element: Option<String>,
    /// First day of the period
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<Date>,
    /// Last day of the period
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Option<Date>,
    /// Only what was recorded up to this instant (RFC 3339, or a day)
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    known_at: Option<Timestamp>,
}

impl Balance {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let platform = open(&shared.data, Mode::Read)?;
        let books = platform.books();
        if let Some(symbol) = &self.element
            && books.common().element(symbol).is_none()
        {
            bail!("no element `{symbol}`: give a symbol such as `Dy`");
        }
        let answer = books.balance(&BalanceQuery {
            party: self.party,
            site: self.site,
            element: self.element,
            from: self.from,
            to: self.to,
            known_at: self.known_at,
        });
        let format = Format::or_default(shared.format);
        if format == Format::Json {
            json(&answer)?;
            return Ok(End::Done);
        }
        let mut table = Table::new(&[
            "party",
            "site",
            "element",
            "opening kg",
            "in",
            "made",
            "consumed",
            "out",
            "loss",
            "closing",
            "unaccounted",
            "tolerance",
        ]);
        let kg = |ug: i128| content_kg(i64::try_from(ug).unwrap_or(i64::MAX)).to_string();
        for row in answer.rows {
            let mut cells = vec![row.party, row.site, row.element];
            let columns = [
                row.opening_ug,
                row.in_ug,
                row.made_ug,
                row.consumed_ug,
                row.out_ug,
                row.loss_ug,
                row.closing_ug,
            ];
            cells.extend(columns.map(kg));
            cells.extend(
                [row.unaccounted_ug, row.tolerance_ug].map(|ug| ug.map_or(String::new(), kg)),
            );
            table.row(cells);
        }
        table.write(format)?;
        Ok(End::Done)
    }
}

/// What the filings show together
#[derive(Debug, Subcommand)]
pub(crate) enum Insight {
    /// Contradictions and anomalies of the ledger
    Anomalies(Anomalies),
}

#[derive(Debug, Args)]
#[command(before_help = ANOMALIES_EXAMPLES)]
pub(crate) struct Anomalies {
    #[command(flatten)]
    view: ViewArgs,
}

impl Insight {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let Insight::Anomalies(asked) = self;
        let platform = open(&shared.data, Mode::Read)?;
        let findings = platform.books().findings(&asked.view.view());
        let format = Format::or_default(shared.format);
        if format == Format::Json {
            let mut out = BufWriter::new(std::io::stdout().lock());
            for finding in &findings {
                serde_json::to_writer(&mut out, finding)?;
                out.write_all(b"\n")?;
            }
            out.flush()?;
            return Ok(End::Done);
        }
        let mut table = Table::new(&["rule", "party", "site", "element", "explanation"]);
        for finding in findings {
            let cells = [finding.party, finding.site, finding.element, finding.explanation];
            table.row(std::iter::once(finding.rule.to_owned()).chain(cells).collect());
        }
        table.write(format)?;
        Ok(End::Done)
    }
}
