//! The pages' view of the ledger: the one module that asks the platform, so that what a page or an
//! API answer shows of it is said in one place.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::law::Law;
use app::law::exported::Exported;
use app::{FindingGroup, ImportOptions, ImportReport, LedgerFinding};
use base::authorisation::Actor;
use base::{Severity, Timestamp};
use insight::View;
use licensing::tie::Tie;
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::{Hall, Shared};
use crate::law::law;
use crate::quota::{LawFound, law_findings};
use crate::secret::{hash_bytes, hex};
use crate::show::day_of;
use crate::stop::{Stop, fault};

/// Rejected rows that a page shows and an API answer carries; the rejects file has all.
pub(crate) const REJECTED_ROWS_SHOWN: usize = 50;
/// Lines named for a group.
const LINES_SHOWN: usize = 5;
/// Filings named on a receipt.
const TAKEN_SHOWN: usize = 20;

/// How many filings.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct Filings {
    /// Taken.
    pub filed: u64,
    /// In already, unchanged.
    pub duplicate: u64,
    /// Rejected whole; the references stay free.
    pub rejected: u64,
}

/// All rows that one and the same repair would mend.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct Group {
    /// `rejected`: these rows are not taken; `noticed`: they are, and this is noted; `file`: about
    /// the file as a whole.
    pub effect: &'static str,
    /// Stable code.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// Column, empty when it concerns whole rows.
    pub column: String,
    /// How many rows.
    pub rows: u64,
    /// The first lines of the file that are concerned; the header is line 1.
    pub lines: Vec<u64>,
    /// What is wrong with the first of them.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

/// A row that was not taken.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct Rejected {
    /// Line in the file; the header is line 1.
    pub line: u64,
    /// Reference of the filing.
    pub filing: String,
    /// Stable code.
    pub code: String,
    /// Column, empty when it concerns the whole row.
    pub column: String,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

/// What an import did, or a trial found that it would do.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct Import {
    /// Whether it was only a trial.
    pub dry_run: bool,
    /// Rows read.
    pub rows: u64,
    /// Rows taken.
    pub filed: u64,
    /// Rows of filings that were in already, unchanged.
    pub duplicate: u64,
    /// Rows rejected, with the faultless ones of rejected filings.
    pub rejected: u64,
    /// The same in filings.
    pub filings: Filings,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Recording instant (RFC 3339).
    pub recorded_at: String,
    /// What was found, one entry for each repair, errors first.
    pub findings: Vec<Group>,
    /// The first rejected rows.
    pub rejected_rows: Vec<Rejected>,
    /// The first filings taken, as `filer/filing`.
    pub taken: Vec<String>,
    /// The rejects file.
    #[serde(skip)]
    #[schema(ignore)]
    pub rejects_csv: Arc<Vec<u8>>,
    /// Of a trial: the goods of the export filings that it took, by number of the filing.
    #[serde(skip)]
    #[schema(ignore)]
    pub exported: Arc<BTreeMap<u32, Vec<Exported>>>,
    /// Of a trial: export filings beyond these.
    #[serde(skip)]
    #[schema(ignore)]
    pub exported_more: u64,
}

/// The code of a severity, as in `severity-<code>` and on the API.
pub(crate) fn severity_code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A group as far as a filer may read it: a contradiction with another party's telling carries no
/// figures.
fn group_read(effect: &'static str, group: &FindingGroup) -> Group {
    // What a row says has a line; what the ledger says of it has none.
    let own = effect != "noticed"
        || !group.lines.is_empty()
        || crate::visibility::own_figures(group.code);
    Group {
        effect,
        code: group.code.to_owned(),
        severity: severity_code(group.severity),
        column: group.column.clone(),
        rows: if effect == "file" { 0 } else { group.rows },
        lines: group.lines.iter().copied().filter(|line| *line > 0).take(LINES_SHOWN).collect(),
        message: if own { group.message.clone() } else { String::new() },
        accepted: group.accepted.clone(),
    }
}

/// A writer whose bytes can be had afterwards.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Imports a file into one party's book, or tries it without effect. Blocking: call it on a
/// thread that may wait.
pub(crate) fn import(
    shared: &Shared,
    bytes: &Arc<Vec<u8>>,
    actor: &Actor,
    dry_run: bool,
) -> Result<Import, Stop> {
    let sink = Sink::default();
    let recorded_at = shared.now();
    let filer = actor.party.as_str();
    let options = ImportOptions {
        filer: Some(filer.to_owned()),
        submitter: Some(filer.to_owned()),
        account: actor.account.clone(),
        reader: Some(filer.to_owned()),
        dry_run,
        recorded_at,
        rejects: Some(Box::new(sink.clone())),
        ..ImportOptions::default()
    };
    let source = Box::new(Cursor::new(Shares(bytes.clone())));
    let turn = shared.findings.turn.lock().unwrap_or_else(PoisonError::into_inner);
    let report =
        shared.platform.import(source, options, &mut |_| {}).map_err(|error| fault(&error))?;
    drop(turn);
    let rejects_csv = sink.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Import {
        dry_run,
        rows: report.rows,
        filed: report.filed,
        duplicate: report.duplicate,
        rejected: report.rejected,
        filings: Filings {
            filed: report.filings.filed,
            duplicate: report.filings.duplicate,
            rejected: report.filings.rejected,
        },
        bytes: bytes.len() as u64,
        sha256: hex(&hash_bytes(bytes)),
        recorded_at: recorded_at.to_string(),
        findings: groups(&report),
        rejected_rows: report
            .rejected_rows
            .iter()
            .filter(|row| row.line > 0)
            .take(REJECTED_ROWS_SHOWN)
            .map(|row| Rejected {
                line: row.line,
                filing: row.filing.clone(),
                code: row.code.to_owned(),
                column: row.column.clone(),
                message: row.message.clone(),
                accepted: row.accepted.clone(),
            })
            .collect(),
        taken: report.taken.iter().take(TAKEN_SHOWN).map(|(f, r)| format!("{f}/{r}")).collect(),
        rejects_csv: Arc::new(rejects_csv),
        exported: Arc::new(report.exported),
        exported_more: report.exported_more,
    })
}

/// What is to be repaired or known, one entry for each repair: what hinders first, then the most
/// serious and the most frequent.
fn groups(report: &ImportReport) -> Vec<Group> {
    let mut findings: Vec<(Severity, Group)> = Vec::new();
    for group in &report.rejections {
        // What has no line is about the file: it could not be read, or not to its end.
        let lines = group.lines.iter().any(|line| *line > 0);
        let effect = if lines { "rejected" } else { "file" };
        findings.push((Severity::Error, group_read(effect, group)));
    }
    for group in &report.finding_groups {
        findings.push((group.severity, group_read("noticed", group)));
    }
    for note in &report.notes {
        let group = Group {
            effect: "file",
            code: note.code.to_owned(),
            severity: severity_code(note.severity),
            column: note.column.clone(),
            rows: 0,
            lines: Vec::new(),
            message: note.message.clone(),
            accepted: note.accepted.clone(),
        };
        findings.push((note.severity, group));
    }
    findings.sort_by(|a, b| {
        (a.1.effect == "noticed", b.0, b.1.rows)
            .cmp(&(b.1.effect == "noticed", a.0, a.1.rows))
            .then_with(|| (&a.1.code, &a.1.column).cmp(&(&b.1.code, &b.1.column)))
    });
    findings.into_iter().map(|pair| pair.1).collect()
}

/// Shared bytes as a slice, so that a file is not copied to be read.
struct Shares(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shares {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The findings of the whole ledger as of one generation of the books, the most serious first.
pub(crate) struct Findings {
    generation: u64,
    /// Steps of quotas, version of the law and day on which those that rest on the law rest.
    law: LawStamp,
    rows: Arc<Vec<LedgerFinding>>,
    /// Positions in `rows` by party.
    by_party: HashMap<String, Vec<usize>>,
    /// How exports and draw-downs found each other, and positions in it by filing.
    ties: Vec<Tie>,
    tie_of: HashMap<String, Vec<usize>>,
    /// When they were worked out, and how long that took, in microseconds.
    worked_at_us: i64,
    worked_us: i64,
}

impl Findings {
    fn new(
        shared: &Shared,
        books: &app::Books,
        law: LawStamp,
        of_law: LawFound,
        (generation, start_us): (u64, i64),
    ) -> Findings {
        let mut rows = books.findings(&View::default());
        rows.extend(of_law.findings);
        rows.sort_by_key(|row| std::cmp::Reverse(row.severity));
        let mut by_party: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            match by_party.get_mut(&row.party) {
                Some(all) => all.push(at),
                None => {
                    by_party.insert(row.party.clone(), vec![at]);
                }
            }
        }
        let mut tie_of: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, tie) in of_law.ties.iter().enumerate() {
            for filed in &tie.filed {
                let all = tie_of.entry(filed.filing.clone()).or_default();
                if all.last() != Some(&at) {
                    all.push(at);
                }
            }
        }
        let worked_at_us = shared.now().us();
        Findings {
            ties: of_law.ties,
            tie_of,
            // The older of the two: what rests on the law may be of before the last filing.
            generation,
            law,
            rows: Arc::new(rows),
            by_party,
            worked_at_us,
            worked_us: worked_at_us - start_us,
        }
    }

    /// Whether it is too early to work them out anew: while they are being worked out a filing has
    /// to wait, in a large ledger at most a tenth of the time.
    fn rest(&self, now: Timestamp) -> bool {
        self.worked_us > FINDINGS_WAIT_US && now.us() < self.worked_at_us + 10 * self.worked_us
    }

    /// All of them.
    pub(crate) fn all(&self) -> Arc<Vec<LedgerFinding>> {
        self.rows.clone()
    }

    /// How the exports of a filing (`filer/reference`) and draw-downs found each other.
    pub(crate) fn ties_of<'f>(&'f self, filing: &str) -> impl Iterator<Item = &'f Tie> {
        let all = self.tie_of.get(filing).map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(|&at| self.ties.get(at))
    }

    /// Those that concern a party.
    pub(crate) fn of<'f>(&'f self, party: &str) -> impl Iterator<Item = &'f LedgerFinding> {
        let all = self.by_party.get(party).map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(|&at| self.rows.get(at))
    }
}

/// The findings kept, and the turn of those who hold the books long: one at a time works findings
/// out or takes filings. A filing that waited for the books themselves would make every page wait
/// behind it; so it waits for its turn.
#[derive(Default)]
pub(crate) struct FindingsKept {
    kept: Mutex<Option<Arc<Findings>>>,
    turn: Mutex<()>,
}

/// How long a visitor waits for findings that are not worked out yet, where older ones are there.
const FINDINGS_WAIT_US: i64 = 150_000;

/// The findings of the ledger; worked out once per generation. In a large ledger that takes longer
/// than a page may: then the findings before the last filings are given, and the new ones follow.
pub(crate) async fn findings(hall: &Hall) -> Result<Arc<Findings>, Stop> {
    let kept = || hall.findings.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let older = kept();
    let law = law(hall, &hall.config.pack).await?;
    let stamp = law_stamp(hall, &law);
    let generation = hall.platform.books().generation();
    let now = hall.now();
    let good = |found: &&Arc<Findings>| {
        (found.generation, found.law) == (generation, stamp) || found.rest(now)
    };
    if let Some(found) = older.as_ref().filter(good) {
        return Ok(found.clone());
    }
    let shared = hall.clone();
    let work = off_thread(move || findings_work(&shared, &law));
    let Some(older) = older else { return work.await };
    let wait = Duration::from_micros(FINDINGS_WAIT_US.unsigned_abs());
    tokio::time::timeout(wait, work).await.unwrap_or(Ok(older))
}

/// Steps of quotas, reports of holders, state of the licences, version of the law, day.
type LawStamp = (u64, u64, u64, u32, base::Date);

/// Where the database refuses, the numbers are those of nothing: what is kept is then not taken for good.
fn law_stamp(shared: &Shared, law: &Law) -> LawStamp {
    let platform = &shared.platform;
    let steps = platform.quota_records(law).map_or(u64::MAX, |steps| steps.len() as u64);
    let reports = platform.holder_reports_count().unwrap_or(u64::MAX);
    let licensed = platform.licensed_stamp().unwrap_or(u64::MAX);
    (steps, reports, licensed, law.version, day_of(shared.now()))
}

fn findings_work(shared: &Shared, law: &Law) -> Arc<Findings> {
    let _turn = shared.findings.turn.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = || shared.findings.kept.lock().unwrap_or_else(PoisonError::into_inner);
    let stamp = law_stamp(shared, law);
    let generation = shared.platform.books().generation();
    let good = |found: &&Arc<Findings>| (found.generation, found.law) == (generation, stamp);
    if let Some(found) = kept().as_ref().filter(good) {
        return found.clone();
    }
    let start_us = shared.now().us();
    // Before the books are held: it takes them itself. Nobody files meanwhile but an import, whose next
    // generation has the findings worked out again.
    let of_law = law_findings(shared, law);
    let books = shared.platform.books();
    let found = Arc::new(Findings::new(shared, &books, stamp, of_law, (generation, start_us)));
    drop(books);
    *kept() = Some(found.clone());
    found
}

/// Runs what waits or computes long on a thread that may.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stop> {
    tokio::task::spawn_blocking(work).await.map_err(|error| fault(&error))
}
