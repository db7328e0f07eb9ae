//! `gadolin import`.

use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use app::{FindingGroup, ImportOptions, ImportReport, Mode, Platform, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{End, Shared, open};
use crate::output::{Format, Table, json};
use crate::resources::{Watch, now};

/// Take filings from files
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// Files to import, `-` for standard input; recognised by content, not by name
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only filings of this party are taken
    #[arg(long, value_name = "PARTY")]
    filer: Option<String>,
    /// Report everything, record nothing
    #[arg(long)]
    dry_run: bool,
    /// Where the rejected rows go, with the reasons; correct it and import it again
    #[arg(long, value_name = "FILE.csv")]
    rejects: Option<PathBuf>,
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
    files: Vec<FileReport<'r>>,
}

impl Import {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let format = Format::or_default(shared.format);
        if self.rejects.is_some() && self.files.len() > 1 {
            eprintln!(
                "gadolin: `--rejects` goes with one file at a time: each has its own columns"
            );
            return Ok(End::Failed);
        }
        let platform = open(&shared.data, Mode::Write)?;
        let total = Watch::start();
        let mut reports = Vec::new();
        for file in &self.files {
            let report = self.file(&platform, file, shared)?;
            reports.push(report);
        }
        let mut all = Report { seconds: total.seconds(), ..Report::default() };
        for (file, report) in self.files.iter().zip(&reports) {
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
        let unread =
            |r: &ImportReport| r.rejections.iter().any(|g| g.lines == [0] || g.lines.is_empty());
        Ok(match all.rejected {
            0 if reports.iter().any(unread) => End::Failed,
            0 => End::Done,
            _ => End::Rejected,
        })
    }

    fn file(
        &self,
        platform: &Platform,
        path: &Path,
        shared: &Shared,
    ) -> anyhow::Result<ImportReport> {
        let (source, size): (Box<dyn Read + Send>, u64) = if path.as_os_str() == "-" {
            (Box::new(std::io::stdin()), 0)
        } else {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            let size = file.metadata().map_or(0, |m| m.len());
            (Box::new(file), size)
        };
        let rejects = match &self.rejects {
            None => None,
            Some(path) => {
                let file = File::create(path).with_context(|| path.display().to_string())?;
                Some(Box::new(std::io::BufWriter::new(file)) as Box<dyn Write + Send>)
            }
        };
        let options = ImportOptions {
            filer: self.filer.clone(),
            dry_run: self.dry_run,
            submitter: self.filer.clone(),
            recorded_at: now(),
            rejects,
        };
        let watch = Watch::start();
        let bar = (!shared.quiet && std::io::stderr().is_terminal()).then(|| bar(size));
        let mut show = |progress: Progress| {
            if let Some(bar) = &bar {
                bar.set_position(progress.bytes);
                let rate = progress.rows as f64 / watch.seconds().max(0.001);
                bar.set_message(format!("{} rows, {rate:.0} rows/s", progress.rows));
            }
        };
        let report = platform.import(source, options, &mut show);
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let mut report = report?;
        report.seconds = watch.seconds();
        report.rows_per_s = (report.rows as f64 / report.seconds).round();
        if let Some(path) = self.rejects.as_ref().filter(|_| report.rejected == 0) {
            // Nothing was rejected: no file to correct.
            std::fs::remove_file(path).with_context(|| path.display().to_string())?;
        }
        Ok(report)
    }
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
        table.write(format)
    }
}
