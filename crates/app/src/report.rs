//! The report of an import: counts, and everything to repair, grouped by repair.

use std::collections::BTreeMap;

use base::{Finding, Severity, Timestamp};
use insight::lens::Current;
use serde::Serialize;
use tracking::Rejection;

use crate::audience::{Audience, Reading};
use crate::books::Books;
use crate::law::exported::Exported;

/// The most lines named of one group.
const LINES_MAX: usize = 5;
/// The most rejected rows and taken filings that a report carries.
const SHOWN_MAX: usize = 50;

/// Findings or rejections of the same kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingGroup {
    /// Stable code.
    pub code: &'static str,
    /// How much it matters; what was rejected is an error.
    pub severity: Severity,
    /// Column, empty where it concerns the whole row.
    pub column: String,
    /// How often.
    pub rows: u64,
    /// The first lines.
    pub lines: Vec<u64>,
    /// What was found, of the first.
    pub message: String,
    /// What would be accepted, of the first.
    pub accepted: String,
}

/// A rejected row as filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// Line in the file.
    pub line: u64,
    /// The filer's reference.
    pub filing: String,
    /// Stable code.
    pub code: &'static str,
    /// Column, empty where it concerns the whole row.
    pub column: String,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
    /// The row as filed.
    pub text: String,
}

/// Why a file could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: &'static str,
}

/// How many filings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FilingCounts {
    /// Taken.
    pub filed: u64,
    /// In already, unchanged.
    pub duplicate: u64,
    /// Rejected.
    pub rejected: u64,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct ImportReport {
    /// Rows read.
    pub rows: u64,
    /// Rows taken.
    pub filed: u64,
    /// Rows of filings that were in already.
    pub duplicate: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// The same in filings.
    pub filings: FilingCounts,
    /// How many findings, all groups together.
    pub findings: u64,
    /// Rejections, grouped by code and column, most rows first.
    pub rejections: Vec<FindingGroup>,
    /// Findings, grouped by code and column, most rows first.
    pub finding_groups: Vec<FindingGroup>,
    /// Why the file could not be read, or not to its end.
    pub unread: Option<Unread>,
    /// What was recognised of the file: separator, decimal comma, byte order mark, compression.
    pub notes: Vec<Finding>,
    /// The first rejected rows.
    pub rejected_rows: Vec<RejectedRow>,
    /// The first filings taken, as (filer, reference).
    pub taken: Vec<(String, String)>,
    /// Of a trial: the goods of the export filings that it took, by number of the filing, without those that
    /// it took others in the place of.
    #[serde(skip)]
    pub exported: BTreeMap<u32, Vec<Exported>>,
    /// Of a trial: export filings beyond these.
    #[serde(skip)]
    pub exported_more: u64,
    /// Bytes read, as they lie in the file.
    pub bytes: u64,
    /// Whether nothing was recorded.
    pub dry_run: bool,
    /// When it was recorded.
    pub recorded_at: Option<String>,
    /// Digest of the last batch recorded, hex.
    pub digest: String,
    /// Seconds it took; given by the shell.
    pub seconds: f64,
    /// Rows per second; given by the shell.
    pub rows_per_s: f64,
}

impl ImportReport {
    /// A report of what is recorded at an instant.
    #[must_use]
    pub fn at(recorded_at: Timestamp, dry_run: bool) -> ImportReport {
        ImportReport {
            dry_run,
            recorded_at: (!dry_run).then(|| recorded_at.to_string()),
            ..ImportReport::default()
        }
    }

    pub(crate) fn reject(&mut self, reference: &str, rejection: &Rejection, text: &[u8]) {
        let column = rejection.column.map_or("", tracking::Column::name);
        if rejection.code != "with_filing" {
            let group = FindingGroup {
                code: rejection.code,
                severity: Severity::Error,
                column: column.to_owned(),
                rows: 1,
                lines: vec![rejection.line],
                message: rejection.message.clone(),
                accepted: rejection.accepted.clone(),
            };
            add(&mut self.rejections, group);
        }
        if self.rejected_rows.len() < SHOWN_MAX {
            self.rejected_rows.push(RejectedRow {
                line: rejection.line,
                filing: reference.to_owned(),
                code: rejection.code,
                column: column.to_owned(),
                message: rejection.message.clone(),
                accepted: rejection.accepted.clone(),
                text: String::from_utf8_lossy(text).into_owned(),
            });
        }
    }

    pub(crate) fn taken(&mut self, filer: &str, reference: &str) {
        if self.taken.len() < SHOWN_MAX {
            self.taken.push((filer.to_owned(), reference.to_owned()));
        }
    }

    pub(crate) fn find(&mut self, finding: &Finding) {
        self.findings += 1;
        let group = FindingGroup {
            code: finding.code,
            severity: finding.severity,
            column: finding.column.clone(),
            rows: 1,
            lines: if finding.line > 0 { vec![finding.line] } else { Vec::new() },
            message: finding.message.clone(),
            accepted: finding.accepted.clone(),
        };
        add(&mut self.finding_groups, group);
    }

    /// Adds what the ledger says of the filings from a number on, as far as a reader may be told.
    pub(crate) fn ledger(&mut self, books: &Books, first_filing: u32, reader: Audience<'_>) {
        let reading = Reading::new(Current(books.graph()), reader);
        books.findings_since(first_filing, |finding| {
            if !reading.may_be_told(&finding) {
                return;
            }
            self.find(&Finding {
                line: 0,
                column: String::new(),
                code: finding.rule,
                severity: finding.severity,
                message: finding.explanation,
                accepted: String::new(),
            });
        });
    }

    pub(crate) fn finish(&mut self) {
        for groups in [&mut self.rejections, &mut self.finding_groups] {
            groups.sort_by(|a, b| {
                b.rows.cmp(&a.rows).then_with(|| (a.code, &a.column).cmp(&(b.code, &b.column)))
            });
        }
    }
}

fn add(groups: &mut Vec<FindingGroup>, new: FindingGroup) {
    match groups.iter_mut().find(|g| g.code == new.code && g.column == new.column) {
        Some(group) => {
            group.rows += 1;
            if group.lines.len() < LINES_MAX
                && let Some(&line) = new.lines.first()
                && !group.lines.contains(&line)
            {
                group.lines.push(line);
            }
        }
        None => groups.push(new),
    }
}
