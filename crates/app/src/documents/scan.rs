//! What becomes of a document by its scan: `waiting → clean | infected | failed`, `failed` may be tried
//! anew. Who scans, and how, is the shell's; here stands what follows.

use base::Timestamp;
use serde::{Deserialize, Serialize};
use store::{DocumentKey, NewAudit, ScanEnd, ScanState};

use super::{DocumentError, Documents, hash_parse};
use crate::import::hex;
use crate::mail::line_plain;

/// The kind of a job that has a document scanned.
pub const SCAN_JOB: &str = "document_scan";
/// The longest text of a scanner that is kept, in characters.
const DETAIL_CHARS_MAX: usize = 200;

/// What a job of the kind [`SCAN_JOB`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanTask {
    /// Which document.
    pub key: DocumentKey,
    /// Whose it is, `scheme:value`.
    pub owner: String,
}

#[derive(Serialize, Deserialize)]
struct Body {
    owner: String,
    owner_id: String,
    sha256: String,
}

impl ScanTask {
    pub(super) fn body(&self) -> String {
        let owner_id = uuid::Uuid::from_bytes(self.key.owner_id).to_string();
        let body = Body { owner: self.owner.clone(), owner_id, sha256: hex(&self.key.sha256) };
        // A map of three texts always has its JSON.
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// Reads the body of a job.
    #[must_use]
    pub fn parse(body: &str) -> Option<ScanTask> {
        let body: Body = serde_json::from_str(body).ok()?;
        let owner_id = uuid::Uuid::try_parse(&body.owner_id).ok()?.into_bytes();
        let key = DocumentKey { owner_id, sha256: hash_parse(&body.sha256)? };
        Some(ScanTask { key, owner: body.owner })
    }
}

/// What a scanner says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was found: what the scanner calls it.
    Infected(String),
    /// It could not be done, and is not tried again by itself: why.
    Failed(String),
}

impl Verdict {
    fn parts(&self) -> (ScanState, &str, &'static str) {
        match self {
            Verdict::Clean => (ScanState::Clean, "", "document_clean"),
            Verdict::Infected(found) => (ScanState::Infected, found, "document_infected"),
            Verdict::Failed(why) => (ScanState::Failed, why, "document_scan_failed"),
        }
    }
}

impl Documents {
    /// Notes what a scanner said of a document, with an entry in the audit. Whether its scan was still
    /// open: a second verdict on what was found clean or infected changes nothing.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses, or was opened to read.
    pub fn scanned(
        &self,
        task: &ScanTask,
        verdict: &Verdict,
        scanner: &str,
        now: Timestamp,
    ) -> Result<bool, DocumentError> {
        let (state, told, action) = verdict.parts();
        let told = match line_plain(told, DETAIL_CHARS_MAX) {
            text if text.is_empty() && state != ScanState::Clean => "not told".to_owned(),
            text => text,
        };
        let scanner = line_plain(scanner, DETAIL_CHARS_MAX);
        let detail = serde_json::json!({ "found": told, "scanner": scanner }).to_string();
        let end = ScanEnd { state, detail: &told, scanner: &scanner, at_us: now.us() };
        let entry = NewAudit {
            at_us: now.us(),
            account: "",
            action,
            subject: &task.owner,
            resource: &format!("document:{}", hex(&task.key.sha256)),
            detail: &detail,
        };
        let mut database = self.inner.platform.aside()?;
        Ok(database.document_scanned(&task.key, &end, &entry)?)
    }

    /// Has the scans that failed, for want of a scanner or by its fault, tried anew. How many.
    ///
    /// # Errors
    /// [`DocumentError`] where the database refuses, or was opened to read.
    pub fn scans_again(&self, now: Timestamp) -> Result<u64, DocumentError> {
        Ok(self.inner.platform.aside()?.jobs_again(SCAN_JOB, now.us())?)
    }
}
