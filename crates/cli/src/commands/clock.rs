//! `gadolin clock`: the statutory clocks of a case, with a proof for every day.
//!
//! The events come in on standard input, one JSON object a line; the rules and the calendar are those of a
//! pack, carried in the program or in a directory. The answer is one JSON document, or a table to read.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use controls::clock::{Answer, ClockAnswer, Proofs, answer, events_read, reckon, regimes_compare};
use controls::{Calendar, ClockRules, PackFault, PackFiles};
use jiff::Timestamp;

use super::law::pack_files;
use super::{End, Shared};
use crate::output::{Format, Table, json};

pub(super) const EXAMPLES: &str = "\
Examples:
  gadolin clock --pack demo < events.jsonl
  gadolin clock --pack all --format table < events.jsonl
  gadolin clock --pack ./my-pack --now 2025-05-06T09:00:00Z --format table < events.jsonl

A line of events.jsonl:
  {\"at\":\"2025-04-07T09:12:00+08:00\",\"event\":\"received\"}";

/// Events beyond this are not those of one case.
const INPUT_BYTES_MAX: u64 = 16 << 20;

/// The word that asks every carried pack about the same events.
const ALL: &str = "all";

/// The statutory clocks of a case, day by day
#[derive(Debug, clap::Args)]
pub(crate) struct Clock {
    /// A pack carried in the program, or the directory of one; `all` compares the decision in each
    #[arg(long, value_name = "PACK|DIR")]
    pack: String,
    /// As of when (RFC 3339, or a date: its end in the authority's zone); else the last event
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,
}

impl Clock {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let format = Format::or_default(shared.format);
        let mut laws = Vec::new();
        let all = self.pack == ALL;
        let packs = if all { app::packs::pack_ids() } else { vec![self.pack.clone()] };
        for pack in packs {
            match law(&pack_files(&pack)?) {
                Ok((rules, calendar)) => laws.push((name(&pack), rules, calendar)),
                Err(faults) => return Ok(refuse(&faults)),
            }
        }
        let Some((pack, rules, calendar)) = laws.first() else {
            bail!("no pack is carried in this program");
        };
        let Ok(now) = self.now.as_deref().map(|text| instant(text, calendar)).transpose() else {
            let given = self.now.as_deref().unwrap_or_default();
            eprintln!(
                "gadolin: `{given}` is no instant; one is 2025-04-07T09:12:00+08:00, or a date"
            );
            return Ok(End::Usage);
        };
        let text = events_text()?;
        if all {
            return compare(&laws, &text, now, format);
        }
        let answered = events_read(rules, &text)
            .and_then(|events| Ok((reckon(rules, calendar, &events, now)?, events)));
        let (reckoning, events) = match answered {
            Ok(answered) => answered,
            Err(faults) => return Ok(refuse(&faults)),
        };
        let answer = answer(pack, rules, calendar, &events, &reckoning, Proofs::Every);
        match format {
            Format::Json => json(&answer)?,
            format => tell(&answer, format)?,
        }
        Ok(End::Done)
    }
}

/// An instant, or the last second of a date in the authority's zone.
fn instant(text: &str, calendar: &Calendar) -> Result<Timestamp, ()> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let date = base::time::date_parse(text).ok_or(())?;
    calendar.zone().to_timestamp(date.at(23, 59, 59, 0)).map_err(|_| ())
}

fn events_text() -> anyhow::Result<String> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_BYTES_MAX + 1).read_to_string(&mut text);
    read.context("the events on standard input")?;
    if text.len() as u64 > INPUT_BYTES_MAX {
        bail!("the events are more than {} MiB", INPUT_BYTES_MAX >> 20);
    }
    Ok(text)
}

/// The decision on the same case by each pack.
fn compare(
    laws: &[(String, ClockRules, Calendar)],
    text: &str,
    now: Option<Timestamp>,
    format: Format,
) -> anyhow::Result<End> {
    let packs: Vec<(&str, &ClockRules, &Calendar)> =
        laws.iter().map(|(pack, rules, calendar)| (pack.as_str(), rules, calendar)).collect();
    let rows = match regimes_compare(&packs, text, now) {
        Ok(rows) => rows,
        Err(faults) => return Ok(refuse(&faults)),
    };
    if format == Format::Json {
        json(&rows)?;
        return Ok(End::Done);
    }
    let header =
        ["pack", "starts", "due", "earliest", "latest", "state", "limit", "outcomes", "rule"];
    let mut table = Table::new(&header);
    let date = |date: Option<base::Date>| date.map_or("-".to_owned(), |date| date.to_string());
    for row in &rows {
        let state = row.state.and_then(|state| serde_json::to_value(state).ok());
        let limit = row.limit.zip(row.unit).map_or("none".to_owned(), |(limit, unit)| {
            format!("{limit} {}s", unit.code().replace('_', " "))
        });
        table.row(vec![
            row.pack.clone(),
            date(row.starts),
            date(row.due_date),
            date(row.due_date_earliest),
            date(row.due_date_latest),
            state.as_ref().and_then(|state| state.as_str()).unwrap_or("not started").to_owned(),
            limit,
            row.outcomes.join(", "),
            row.rule.clone(),
        ]);
    }
    table.write(format)?;
    Ok(End::Done)
}

/// Says every fault, one a line.
fn refuse(faults: &[PackFault]) -> End {
    for fault in faults {
        eprintln!("gadolin: {fault}");
    }
    End::Failed
}

/// The rules and the calendar of a pack, or all its faults.
pub(crate) fn law(files: &PackFiles) -> Result<(ClockRules, Calendar), Vec<PackFault>> {
    let mut faults = Vec::new();
    let rules = ClockRules::read(files, &mut faults);
    let calendar = Calendar::read(files, &mut faults);
    match (rules, calendar) {
        (Some(rules), Some(calendar)) if faults.is_empty() => Ok((rules, calendar)),
        _ => Err(faults),
    }
}

/// The last part of a directory's name, or the id.
fn name(pack: &str) -> String {
    let path = Path::new(pack);
    path.file_name().and_then(|name| name.to_str()).unwrap_or(pack).to_owned()
}

/// The clocks as tables: how each stands, then its days.
fn tell(answer: &Answer, format: Format) -> anyhow::Result<()> {
    let mut days = Table::new(&["clock", "run", "date", "weekday", "counts", "number", "why"]);
    for clock in &answer.clocks {
        if format == Format::Table {
            println!("{}\n", headline(clock));
        }
        for day in &clock.proof {
            let weekday = format!("{:?}", day.date.weekday());
            days.row(vec![
                clock.clock.clone(),
                clock.number.to_string(),
                day.date.to_string(),
                weekday.chars().take(3).collect(),
                if day.counts { "yes" } else { "no" }.to_owned(),
                day.number.to_string(),
                day.why.clone(),
            ]);
        }
    }
    for finding in &answer.findings {
        if format == Format::Table {
            println!("line {}: {} ({})", finding.line, finding.message, finding.code);
        }
    }
    if format == Format::Table {
        println!(
            "\nAs of {}, days in {}; the calendar is known to {}.\n",
            answer.now.as_deref().unwrap_or("no event"),
            answer.zone,
            answer.calendar_known_to
        );
    }
    days.write(format)
}

/// A clock in a few sentences.
fn headline(clock: &ClockAnswer) -> String {
    let state = serde_json::to_value(clock.state).unwrap_or_default();
    let of = clock.agency.as_ref().map_or(String::new(), |agency| format!(" by {agency}"));
    let mut text = format!(
        "{} {}{of} ({}): {}",
        clock.clock,
        clock.number,
        clock.name_en,
        state.as_str().unwrap_or_default(),
    );
    let dates = [
        ("due", clock.due_date),
        ("due at the earliest", clock.due_date_earliest),
        ("due at the latest", clock.due_date_latest),
        ("due by the notice", clock.due_date_by_notice),
        ("ended", clock.ended),
    ];
    text.push_str(&format!("; day zero {}", clock.starts));
    for (what, date) in dates {
        if let Some(date) = date {
            text.push_str(&format!("; {what} {date}"));
        }
    }
    let left = clock.days_left.map_or(String::new(), |left| format!(", {left} left"));
    let unit = clock.unit.code().replace('_', " ");
    text.push_str(&format!("; {} {unit}s used{left}", clock.days_used));
    if clock.provisional {
        text.push_str("; provisional, as the calendar is not published that far");
    }
    text.push_str(&format!("\n  {}", clock.rule));
    if !clock.note.is_empty() {
        text.push_str(&format!("\n  {}", clock.note));
    }
    text
}
