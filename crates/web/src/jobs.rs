//! The runner: takes jobs that are due and does them, a few at a time.
//!
//! A job is done at least once (see `store::job`): what a kind does must be harmless when done twice under
//! the same id.

use std::sync::Arc;
use std::time::Duration;

use app::documents::SCAN_JOB;
use app::jobs::{JobRecord, again_us, job_id_text};
use app::mail::JOB_KIND;
use tokio::sync::{Semaphore, watch};

use crate::config::{Hall, Shared};
use crate::ledger::off_thread;
use crate::{post, scanner, webhooks};

/// Jobs under way at once: each may wait for another machine.
const AT_ONCE: u32 = 4;
/// How often the runner looks for what is due.
const LOOK: Duration = Duration::from_secs(1);

/// Why a try failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobFault {
    /// What went wrong, for the operator; no personal data.
    pub(crate) why: String,
    /// Whether trying again may help.
    pub(crate) again: bool,
}

/// Does a job; gives the body that is left of it.
type Work = fn(&Shared, &JobRecord) -> Result<String, JobFault>;

/// What is done for each kind. It may wait: it has a thread of its own.
const KINDS: [(&str, Work); 4] = [
    (JOB_KIND, post::send),
    (SCAN_JOB, scanner::scan),
    (app::webhooks::JOB_KIND, webhooks::send),
    (app::screening::JOB_KIND, screen),
];

/// Does a job of screening; its body stays, for it names nobody.
fn screen(shared: &Shared, job: &JobRecord) -> Result<String, JobFault> {
    let task = serde_json::from_str(&job.body).map_err(|_| JobFault {
        why: "the body of the job is no screening of this version".to_owned(),
        again: false,
    })?;
    let ran = shared.platform.screening_run(&task, shared.now());
    let ran = ran.map_err(|error| JobFault { why: error.to_string(), again: true })?;
    tracing::info!(parties = ran.parties, hits = ran.hits, ended = ran.ended, "screened");
    Ok(job.body.clone())
}

/// Takes and does jobs until the server stops; then waits for those under way.
pub(crate) async fn run(hall: Hall, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(AT_ONCE as usize));
    scans_again(&hall).await;
    while !*stop.borrow() {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let shared = hall.clone();
        let taken = off_thread(move || shared.platform.job_take(shared.now())).await;
        match taken {
            Ok(Ok(Some(job))) => {
                let shared = hall.clone();
                tokio::task::spawn_blocking(move || {
                    work(&shared, &job);
                    // Before its place: when all places are back, the runner holds no database.
                    drop(shared);
                    drop(place);
                });
                continue;
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::error!(%error, "jobs could not be looked for"),
            // Already in the log.
            Err(_) => {}
        }
        drop(place);
        tokio::select! {
            _ = stop.changed() => {}
            () = hall.jobs_wake.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    // Fails only where the semaphore is closed, which nobody does.
    let _ = places.acquire_many(AT_ONCE).await;
}

/// What could not be scanned before is tried anew where there is a scanner now.
async fn scans_again(hall: &Hall) {
    if !hall.config.scanner.is_set() {
        tracing::warn!("no scanner is set: documents wait, and nobody downloads them");
        return;
    }
    let shared = hall.clone();
    match off_thread(move || shared.config.documents.scans_again(shared.now())).await {
        Ok(Ok(0)) | Err(_) => {}
        Ok(Ok(scans)) => tracing::info!(scans, "scans that failed are tried anew"),
        Ok(Err(error)) => tracing::error!(%error, "scans could not be tried anew"),
    }
}

fn work(shared: &Shared, job: &JobRecord) {
    let id = job_id_text(&job.job_id);
    let found = KINDS.iter().find(|kind| kind.0 == job.kind);
    let done = match found {
        Some((_, work)) => work(shared, job),
        None => {
            let why =
                format!("this version of the program does not know jobs of kind `{}`", job.kind);
            Err(JobFault { why, again: false })
        }
    };
    let now = shared.now();
    let ended = match &done {
        Ok(left) => shared.platform.job_done(job, left, now),
        Err(fault) => {
            let again = again_us(job.tries, now).filter(|_| fault.again);
            let (kind, why, last) = (&job.kind, &fault.why, again.is_none());
            tracing::warn!(job = id, kind, why, tries = job.tries, last, "a job failed");
            shared.platform.job_failed(job, &fault.why, again, now)
        }
    };
    if let Err(error) = ended {
        // It stays taken, and is due again when its lease is over.
        tracing::error!(job = id, %error, "how a job ended could not be recorded");
    }
}
