//! `gadolin import`.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use app::platform::DATABASE_FILE;
use app::{FindingGroup, ImportOptions, ImportReport, Mode, Platform, Progress, Series};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::rejects::Rejects;
use super::{End, Shared, open};
use crate::output::{Format, Table, json};
use crate::resources::{Watch, now};

const EXAMPLES: &str = "\
Examples:
  gadolin import filings.csv
  gadolin import january.csv.gz february.csv.zst --rejects rejects.csv
  gadolin import --dry-run filings.csv
  zcat old.csv.gz | gadolin import - --filer gad:mine-a";

/// Take filings from files
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Import {
    /// Files to import, `-` for standard input; recognised by content, not by name
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only filings of this party are taken
    #[arg(long, value_name = "PARTY", value_parser = party)]
    filer: Option<String>,
    /// Report everything, record nothing
    #[arg(long)]
    dry_run: bool,
    /// Where the rejected rows go, with the reasons; correct it and import it again
    #[arg(long, value_name = "FILE.csv")]
    rejects: Option<PathBuf>,
    /// The decimal mark of the files, where their numbers do not prove it
    #[arg(long, value_enum)]
    decimal: Option<Mark>,
}

/// A decimal mark.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mark {
    /// 28.5
    Point,
    /// 28,5
    Comma,
}

fn party(text: &str) -> Result<String, String> {
    match base::party::party_id_check(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(error) => Err(format!("it {error}; give {}", error.accepted())),
    }
}

/// A file to import: open, so that a wrong name is told before anything is filed.
struct Opened {
    source: Box<dyn Read + Send>,
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct FileReport<'r> {
    file: String,
    #[serde(flatten)]
    report: &'r ImportReport,
}

#[derive(Debug, Default, Serialize)]
struct Report<'r> {
    rows: u64,
    filed: u64,
    duplicate: u64,
    rejected: u64,
    findings: u64,
    seconds: f64,
    rows_per_s: f64,
    /// What the ledger says of several files together.
    finding_groups: &'r [FindingGroup],
    files: Vec<FileReport<'r>>,
}

impl Import {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let format = Format::or_default(shared.format);
        if let Some(path) = &self.rejects
            && let Some(file) = self.files.iter().find(|file| same_file(file, path))
        {
            eprintln!(
                "gadolin: `--rejects` names `{}`, which is to be imported; give another name",
                file.display()
            );
            return Ok(End::Usage);
        }
        let mut opened = Vec::new();
        for path in &self.files {
            opened.push(Opened::open(path)?);
        }
        let mut rejects = self.rejects.as_deref().map(Rejects::new).transpose()?;
        let (platform, _room) = self.platform(shared)?;
        let total = Watch::start();
        let first_filing = platform.books().graph().filings.len() as u32;
        let mut reports = Vec::new();
        for (path, file) in self.files.iter().zip(opened) {
            let report = self.file(&platform, path, file, rejects.as_mut(), shared)?;
            if let Some(rejects) = &mut rejects
                && report.notes.iter().any(|note| note.code == "decimal_comma")
            {
                rejects.decimal_comma();
            }
            if let Some(unread) = &report.unread {
                let path = path.display();
                eprintln!("gadolin: {path}: {}; accepted: {}", unread.message, unread.accepted);
            }
            reports.push(report);
        }
        let kept = rejects.map_or(Ok(Vec::new()), Rejects::finish)?;
        if !shared.quiet && std::io::stderr().is_terminal() {
            for path in &kept {
                eprintln!("rejected rows: {}; correct it and import it again", path.display());
            }
        }
        let together = match self.series() {
            Series::Alone => ImportReport::default(),
            Series::Continues => platform.import_end(first_filing)?,
        };
        self.answer(&reports, &together, total, format)
    }

    /// Where the filings go. A dry run needs no writer, and makes no data directory.
    fn platform(&self, shared: &Shared) -> anyhow::Result<(Platform, Option<tempfile::TempDir>)> {
        if !self.dry_run {
            return Ok((open(&shared.data, Mode::Write)?, None));
        }
        if shared.data.join(DATABASE_FILE).exists() {
            return Ok((open(&shared.data, Mode::Read)?, None));
        }
        let room = tempfile::tempdir().context("no room for a dry run")?;
        Ok((open(room.path(), Mode::Write)?, Some(room)))
    }

    /// Files that are tried one by one, or a single one, stand for themselves.
    fn series(&self) -> Series {
        if self.files.len() > 1 && !self.dry_run { Series::Continues } else { Series::Alone }
    }

    fn answer(
        &self,
        reports: &[ImportReport],
        together: &ImportReport,
        total: Watch,
        format: Format,
    ) -> anyhow::Result<End> {
        let mut all = Report {
            seconds: total.seconds(),
            findings: together.findings,
            finding_groups: &together.finding_groups,
            ..Report::default()
        };
        for (file, report) in self.files.iter().zip(reports) {
            all.rows += report.rows;
            all.filed += report.filed;
            all.duplicate += report.duplicate;
            all.rejected += report.rejected;
            all.findings += report.findings;
            all.files.push(FileReport { file: file.display().to_string(), report });
        }
        all.rows_per_s = (all.rows as f64 / all.seconds).round();
        match format {
            Format::Json => json(&all)?,
            Format::Table | Format::Csv => all.people(format)?,
        }
        // What the report says is told; the rejects file that was asked for is not there.
        let lost = |r: &ImportReport| {
            r.unread.is_some() || r.finding_groups.iter().any(|g| g.code == "rejects_not_written")
        };
        Ok(match all.rejected {
            _ if reports.iter().any(lost) => End::Failed,
            0 => End::Done,
            _ => End::Rejected,
        })
    }

    fn file(
        &self,
        platform: &Platform,
        path: &Path,
        file: Opened,
        rejects: Option<&mut Rejects>,
        shared: &Shared,
    ) -> anyhow::Result<ImportReport> {
        let options = ImportOptions {
            filer: self.filer.clone(),
            dry_run: self.dry_run,
            submitter: self.filer.clone(),
            account: String::new(),
            recorded_at: now(),
            decimal: self.decimal.map(|mark| match mark {
                Mark::Point => formats::Decimal::Point,
                Mark::Comma => formats::Decimal::Comma,
            }),
            rejects: rejects.map(Rejects::next).transpose()?,
            series: self.series(),
            reader: None,
        };
        let watch = Watch::start();
        let bar = (!shared.quiet && std::io::stderr().is_terminal()).then(|| bar(file.bytes));
        let mut show = |progress: Progress| {
            if let Some(bar) = &bar {
                bar.set_position(progress.bytes);
                let rate = progress.rows as f64 / watch.seconds().max(0.001);
                bar.set_message(format!("{} rows, {rate:.0} rows/s", progress.rows));
            }
        };
        let report = platform.import(file.source, options, &mut show);
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let mut report = report.with_context(|| {
            let path = path.display();
            format!("{path}: stopped; what was filed is kept, the same command continues")
        })?;
        report.seconds = watch.seconds();
        report.rows_per_s = (report.rows as f64 / report.seconds).round();
        Ok(report)
    }
}

impl Opened {
    fn open(path: &Path) -> anyhow::Result<Opened> {
        if path.as_os_str() == "-" {
            return Ok(Opened { source: Box::new(std::io::stdin()), bytes: 0 });
        }
        let file = File::open(path).with_context(|| path.display().to_string())?;
        let bytes = file.metadata().map_or(0, |m| m.len());
        Ok(Opened { source: Box::new(file), bytes })
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn bar(size: u64) -> ProgressBar {
    let style =
        if size > 0 { "{bar:30} {percent:>3} %  {msg}  {eta} left" } else { "{spinner} {msg}" };
    let bar = if size > 0 { ProgressBar::new(size) } else { ProgressBar::new_spinner() };
    bar.with_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

impl Report<'_> {
    fn people(&self, format: Format) -> anyhow::Result<()> {
        if format == Format::Table {
            println!(
                "{} rows read: {} filed, {} duplicate, {} rejected; {} findings; {:.1} s, {:.0} rows/s",
                self.rows,
                self.filed,
                self.duplicate,
                self.rejected,
                self.findings,
                self.seconds,
                self.rows_per_s
            );
        }
        let mut table =
            Table::new(&["what", "code", "column", "rows", "lines", "found", "accepted"]);
        let mut groups = |what: &str, groups: &[FindingGroup]| {
            for group in groups {
                let lines: Vec<String> = group.lines.iter().map(u64::to_string).collect();
                table.row(vec![
                    what.to_owned(),
                    group.code.to_owned(),
                    group.column.clone(),
                    group.rows.to_string(),
                    lines.join(" "),
                    group.message.clone(),
                    group.accepted.clone(),
                ]);
            }
        };
        for file in &self.files {
            groups("rejected", &file.report.rejections);
            groups("finding", &file.report.finding_groups);
        }
        groups("finding", self.finding_groups);
        table.write(format)
    }
}
