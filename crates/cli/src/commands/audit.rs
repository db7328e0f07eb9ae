//! `gadolin audit`: the record of who did what and who looked at whose data, for the operator on the
//! machine and for a witness outside it.

use std::io::{BufWriter, Write};

use anyhow::{Context, bail};
use app::audit::{AuditFilter, AuditRecord};
use app::{Mode, Platform};
use base::Timestamp;
use base::time::date_parse;
use serde::Serialize;

use super::{End, Shared, open};
use crate::output::{Format, Table, csv_cell, json};

/// Entries read at once.
const PART: usize = 5_000;

/// Who did what, and who looked at whose data
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Audit {
    /// The last entry and its chain value: whoever keeps them can tell later whether anything was changed
    Head,
    /// Entries, the oldest first; JSON lines for machines
    List(List),
    /// Whether the chain holds from the first entry to the last, and through a head that was kept
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
#[command(before_help = LIST_EXAMPLES)]
pub(crate) struct List {
    /// Only those about the data of this party, such as `gad:nordlicht-magnets`
    #[arg(long, value_name = "PARTY", default_value = "")]
    party: String,
    /// Only those of this account, by key
    #[arg(long, value_name = "KEY", default_value = "")]
    account: String,
    /// Only those of this action, such as `book_read`
    #[arg(long, value_name = "CODE", default_value = "")]
    action: String,
    /// From this day (UTC) or instant on
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Up to this day (UTC) or instant
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(before_help = VERIFY_EXAMPLES)]
pub(crate) struct Verify {
    /// A head that was kept, as `gadolin audit head` gave it: number, colon, chain value
    #[arg(long, value_name = "SEQ:CHAIN")]
    head: Option<String>,
}

const LIST_EXAMPLES: &str = "\
Examples:
  gadolin audit list --party gad:nordlicht-magnets --from 2025-06-01
  gadolin audit list --account officer --format csv > officer.csv";

const VERIFY_EXAMPLES: &str = "\
Examples:
  gadolin audit head > head.json
  gadolin audit verify --head 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[derive(Serialize)]
struct Head {
    seq: u64,
    chain: String,
}

#[derive(Serialize)]
struct Verified {
    holds: bool,
    entries: u64,
    wrong: Vec<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    seq: u64,
    at: String,
    account: &'a str,
    action: &'a str,
    party: &'a str,
    resource: &'a str,
    detail: &'a str,
    chain: String,
}

impl Entry<'_> {
    fn of(record: &AuditRecord) -> Entry<'_> {
        Entry {
            seq: record.seq,
            at: Timestamp::from_us(record.at_us).to_string(),
            account: &record.account,
            action: &record.action,
            party: &record.subject,
            resource: &record.resource,
            detail: &record.detail,
            chain: app::hex(&record.chain),
        }
    }

    fn cells(&self) -> Vec<String> {
        let texts = [self.account, self.action, self.party, self.resource, self.detail];
        let mut cells = vec![self.seq.to_string(), self.at.clone()];
        cells.extend(texts.map(str::to_owned));
        cells.push(self.chain.clone());
        cells
    }
}

impl Audit {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let platform = open(&shared.data, Mode::Read)?;
        match self {
            Audit::Head => head(&platform, shared),
            Audit::List(list) => list.run(&platform, shared),
            Audit::Verify(verify) => verify.run(&platform, shared),
        }
    }
}

fn head(platform: &Platform, shared: &Shared) -> anyhow::Result<End> {
    let head = platform.audit_head()?;
    let chain = app::hex(&head.chain);
    match Format::or_default(shared.format) {
        Format::Json => json(&Head { seq: head.seq, chain })?,
        Format::Table => println!("{}:{chain}", head.seq),
        Format::Csv => println!("seq,chain\n{},{chain}", head.seq),
    }
    Ok(End::Done)
}

impl List {
    fn run(&self, platform: &Platform, shared: &Shared) -> anyhow::Result<End> {
        let filter = AuditFilter {
            account: &self.account,
            subject: &self.party,
            action: &self.action,
            from_us: self.from.as_deref().map(from_us).transpose()?,
            until_us: self.to.as_deref().map(until_us).transpose()?,
            ..AuditFilter::default()
        };
        let format = Format::or_default(shared.format);
        let columns =
            ["entry", "time", "account", "action", "party", "resource", "detail", "chain"];
        let mut table = Table::new(&columns);
        let mut out = BufWriter::new(std::io::stdout().lock());
        if format == Format::Csv {
            writeln!(out, "{}", columns.join(","))?;
        }
        let mut after = 0;
        loop {
            let part = platform.audit_after(&filter, after, PART)?;
            let Some(last) = part.last() else { break };
            after = last.seq;
            for record in &part {
                let entry = Entry::of(record);
                match format {
                    Format::Json => {
                        serde_json::to_writer(&mut out, &entry)?;
                        out.write_all(b"\n")?;
                    }
                    Format::Csv => {
                        let cells: Vec<String> =
                            entry.cells().iter().map(|c| csv_cell(c)).collect();
                        writeln!(out, "{}", cells.join(","))?;
                    }
                    Format::Table => table.row(entry.cells()),
                }
            }
        }
        out.flush()?;
        drop(out);
        if format == Format::Table {
            table.write(format)?;
        }
        Ok(End::Done)
    }
}

fn from_us(text: &str) -> anyhow::Result<i64> {
    let day = date_parse(text).map(|day| format!("{day}T00:00:00Z"));
    instant_us(day.as_deref().unwrap_or(text), text)
}

fn until_us(text: &str) -> anyhow::Result<i64> {
    Ok(instant_us(text, text)?.saturating_add(1))
}

fn instant_us(text: &str, given: &str) -> anyhow::Result<i64> {
    let accepted = "a day as 2025-06-30, or an instant as 2025-06-30T08:00:00Z";
    let found = Timestamp::parse(text);
    found.map(Timestamp::us).with_context(|| format!("`{given}` is no day: give {accepted}"))
}

/// The number and chain value of a head that was kept.
fn head_parse(text: &str) -> anyhow::Result<(u64, String)> {
    let parts = text.split_once(':').and_then(|(seq, chain)| {
        let plain = chain.len() == 64 && chain.bytes().all(|b| b.is_ascii_hexdigit());
        Some((seq.parse::<u64>().ok()?, chain.to_ascii_lowercase())).filter(|_| plain)
    });
    match parts {
        Some(parts) => Ok(parts),
        None => bail!("`{text}` is no head: give the number, a colon and 64 hexadecimal digits"),
    }
}

impl Verify {
    fn run(&self, platform: &Platform, shared: &Shared) -> anyhow::Result<End> {
        let kept = self.head.as_deref().map(head_parse).transpose()?;
        let head = platform.audit_head()?;
        let mut wrong = platform.audit_verify(1, u64::MAX)?;
        if let Some((seq, chain)) = kept {
            let there = match seq {
                0 => Some("0".repeat(64)),
                seq => platform.audit_chain(seq)?.map(|chain| app::hex(&chain)),
            };
            match there {
                None => wrong.push(format!("the audit has no entry {seq}, whose head was kept")),
                Some(there) if there != chain => {
                    wrong.push(format!("entry {seq} is not the one whose head was kept"));
                }
                Some(_) => {}
            }
        }
        let holds = wrong.is_empty();
        if Format::or_default(shared.format) == Format::Json {
            json(&Verified { holds, entries: head.seq, wrong })?;
        } else if holds {
            println!("the chain holds over {} entries", head.seq);
        } else {
            wrong.iter().for_each(|sentence| println!("{sentence}"));
        }
        Ok(if holds { End::Done } else { End::Failed })
    }
}
