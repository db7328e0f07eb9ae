//! Who looked at whose data: noted while a request is answered, kept in memory, written in batches.
//!
//! A handler that shows data of a party notes it ([`crate::visit::Visit::look`]); the frame gives what was
//! noted to the [`Recorder`] before the answer leaves. The recorder writes it within a quarter of a second, so that a
//! page does not wait for the disk, and one transaction takes the reads of many.
//!
//! INVARIANTS: an answer leaves only when there is a place for its entries: where none is free the request
//! waits, and is given up with the time limit of its route. What cannot be written stays and is tried again;
//! meanwhile the server says that it is not ready. When the server stops, it writes what is left.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::Platform;
use app::audit::NewAudit;
use base::authorisation::{Action, Role};
use tokio::sync::{Notify, Semaphore, watch};

use crate::stop::{Stop, fault};

/// Entries that wait to be written at most: a few megabytes.
const PLACES: usize = 16_384;
/// How long entries are gathered.
const GATHER: Duration = Duration::from_millis(250);
/// How long it waits before it tries again what could not be written.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest resource of an entry, in characters.
const RESOURCE_CHARS_MAX: usize = 300;

/// The parties whose data an answer shows, each with how many rows are its own. An empty party stands for
/// data that is no party's, such as the audit itself.
#[derive(Debug, Default)]
pub(crate) struct Looked(Mutex<BTreeMap<String, u64>>);

impl Looked {
    pub(crate) fn note(&self, party: &str) {
        let mut parties = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match parties.get_mut(party) {
            Some(count) => *count += 1,
            None => {
                parties.insert(party.to_owned(), 1);
            }
        }
    }

    pub(crate) fn take(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The stable code of a read by a route with this action. All end in `_read`.
pub(crate) fn read_code(action: Action) -> &'static str {
    match action {
        Action::ReadBook => "book_read",
        Action::TraceAcross => "trace_read",
        Action::Search => "search_read",
        Action::ReadFindings | Action::ReadHome => "findings_read",
        Action::ReadAudit => "audit_read",
        Action::ReadParty | Action::ManageParty => "party_read",
        Action::ReadQuota => "quota_read",
        Action::DraftLaw => "replay_read",
        Action::ReadCase | Action::Review | Action::Advise | Action::Countersign => "case_read",
        Action::ReadScreening | Action::DecideHit | Action::ManageLists => "screening_read",
        Action::ReadEnquiry | Action::AnswerEnquiry => "enquiry_read",
        Action::ReadLicence | Action::ManageLicence | Action::DrawDown => "licence_read",
        _ => "data_read",
    }
}

/// The pattern of a route with what stands in its places, as in `/lots/{id} MAG-1`. What stands for a
/// secret is left out, and so is the query.
pub(crate) fn resource(pattern: &str, path: &str) -> String {
    let mut text = pattern.to_owned();
    for (place, value) in pattern.split('/').zip(path.split('/')) {
        if place.starts_with('{') && !matches!(place, "{token}" | "{upload}" | "{secret}") {
            text.push(' ');
            text.push_str(value);
        }
    }
    text.chars().take(RESOURCE_CHARS_MAX).collect()
}

/// The reads of one request.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) at_us: i64,
    pub(crate) account: String,
    pub(crate) role: Role,
    pub(crate) action: Action,
    pub(crate) resource: String,
    pub(crate) parties: BTreeMap<String, u64>,
}

/// Reads that wait, and whether somebody is writing.
#[derive(Debug, Default)]
struct Waiting {
    reads: Vec<Read>,
    busy: bool,
    /// Entries given so far.
    given: u64,
}

#[derive(Debug)]
struct Desk {
    platform: Platform,
    waiting: Mutex<Waiting>,
    places: Semaphore,
    hurry: Notify,
    written: watch::Sender<u64>,
    failing: AtomicBool,
}

/// Takes reads and writes them; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Recorder(Arc<Desk>);

impl Recorder {
    pub(crate) fn new(platform: Platform) -> Recorder {
        Recorder(Arc::new(Desk {
            platform,
            waiting: Mutex::default(),
            places: Semaphore::new(PLACES),
            hurry: Notify::new(),
            written: watch::Sender::new(0),
            failing: AtomicBool::new(false),
        }))
    }

    /// Takes the reads of a request; waits where as many wait as may.
    pub(crate) async fn record(&self, mut read: Read) -> Result<(), Stop> {
        while !read.parties.is_empty() {
            // An answer may show thousands of parties: it takes its places part by part.
            let rest = match read.parties.keys().nth(PLACES / 4).cloned() {
                Some(key) => read.parties.split_off(&key),
                None => BTreeMap::new(),
            };
            let part = Read {
                account: read.account.clone(),
                resource: read.resource.clone(),
                parties: std::mem::replace(&mut read.parties, rest),
                ..read
            };
            let count = u32::try_from(part.parties.len()).unwrap_or(u32::MAX);
            let places = self.0.places.acquire_many(count).await.map_err(|error| fault(&error))?;
            places.forget();
            self.push(part);
        }
        Ok(())
    }

    fn push(&self, read: Read) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.given += read.parties.len() as u64;
        waiting.reads.push(read);
        if !std::mem::replace(&mut waiting.busy, true) {
            tokio::spawn(write(self.0.clone()));
        }
    }

    /// Whether what was read cannot be written at present.
    pub(crate) fn failing(&self) -> bool {
        self.0.failing.load(Ordering::Relaxed)
    }

    /// Entries that wait to be written.
    pub(crate) fn waiting(&self) -> u64 {
        let given = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).given;
        given.saturating_sub(*self.0.written.borrow())
    }

    /// Entries written since the start.
    pub(crate) fn written(&self) -> u64 {
        *self.0.written.borrow()
    }

    /// Waits until everything given so far is written.
    pub(crate) async fn flush(&self) {
        let given = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).given;
        let mut written = self.0.written.subscribe();
        if *written.borrow() < given {
            self.0.hurry.notify_one();
            // It ends in an error only where nobody writes any more, and this handle holds the desk.
            let _ = written.wait_for(|written| *written >= given).await;
        }
    }
}

/// Writes what waits, again and again, until nothing does.
async fn write(desk: Arc<Desk>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(GATHER) => {}
            () = desk.hurry.notified() => {}
        }
        let reads = {
            let mut waiting = desk.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.reads.is_empty() {
                waiting.busy = false;
                return;
            }
            std::mem::take(&mut waiting.reads)
        };
        let reads = Arc::new(reads);
        let count: usize = reads.iter().map(|read| read.parties.len()).sum();
        let mut tries: u64 = 0;
        loop {
            let (at, batch) = (desk.clone(), reads.clone());
            let done = tokio::task::spawn_blocking(move || at.put(&batch)).await;
            let why = match done {
                Ok(Ok(_)) => break,
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            // Said at first and then once a minute; the counters tell the rest.
            if tries.is_multiple_of(60) {
                tracing::error!(why, entries = count, "reads could not be recorded; trying again");
            }
            tries += 1;
            desk.failing.store(true, Ordering::Relaxed);
            tokio::time::sleep(AGAIN).await;
        }
        if desk.failing.swap(false, Ordering::Relaxed) {
            tracing::info!(entries = count, "reads are recorded again");
        }
        desk.places.add_permits(count);
        desk.written.send_modify(|written| *written += count as u64);
    }
}

impl Desk {
    fn put(&self, reads: &[Read]) -> Result<u64, app::PlatformError> {
        let rows = reads.iter().flat_map(|read| read.parties.iter().map(move |row| (read, row)));
        let details: Vec<String> = rows
            .clone()
            .map(|(read, row)| format!("{{\"count\":{},\"role\":\"{}\"}}", row.1, read.role.code()))
            .collect();
        let entries: Vec<NewAudit<'_>> = rows
            .zip(&details)
            .map(|((read, row), detail)| NewAudit {
                at_us: read.at_us,
                account: &read.account,
                action: read_code(read.action),
                subject: row.0,
                resource: &read.resource,
                detail,
            })
            .collect();
        self.platform.audit_record(&entries)
    }
}

#[cfg(test)]
mod tests {
    use app::Mode;
    use app::audit::AuditFilter;
    use app::platform::OpenOptions;

    use super::*;

    fn read(parties: impl IntoIterator<Item = usize>) -> Read {
        Read {
            at_us: 5,
            account: "officer".into(),
            role: Role::Officer,
            action: Action::ReadBook,
            resource: "/r".into(),
            parties: parties.into_iter().map(|i| (format!("gad:p{i:06}"), 2)).collect(),
        }
    }

    fn opened(mode: Mode) -> (tempfile::TempDir, Platform) {
        let dir = tempfile::tempdir().unwrap();
        let options = OpenOptions { random: [7; 32] };
        let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
        let platform = if mode == Mode::Write {
            platform
        } else {
            drop(platform);
            Platform::open(dir.path(), Mode::Read, &options).unwrap()
        };
        (dir, platform)
    }

    #[test]
    fn a_resource_is_the_route_and_its_id_and_no_secret() {
        assert_eq!(resource("/lots/{id}", "/lots/MAG%20-1"), "/lots/{id} MAG%20-1");
        assert_eq!(resource("/f/{a}/{b}/x", "/f/gad:a/G1/x"), "/f/{a}/{b}/x gad:a G1");
        assert_eq!(resource("/join/{token}", "/join/s3cret"), "/join/{token}");
        assert_eq!(resource("/search", "/search"), "/search");
        assert_eq!(resource("/l/{id}", &format!("/l/{}", "x".repeat(999))).len(), 300);
    }

    #[tokio::test]
    async fn reads_are_written_in_batches_and_all_of_them() {
        let (_dir, platform) = opened(Mode::Write);
        let recorder = Recorder::new(platform.clone());
        for _ in 0..20 {
            recorder.record(read(0..3)).await.unwrap();
        }
        recorder.flush().await;
        assert_eq!((recorder.waiting(), recorder.written()), (0, 60));
        let first = &platform.audit_after(&AuditFilter::default(), 0, 1).unwrap()[0];
        assert_eq!(
            [&first.account, &first.action, &first.subject, &first.resource, &first.detail],
            ["officer", "book_read", "gad:p000000", "/r", r#"{"count":2,"role":"officer"}"#]
        );
        assert_eq!(platform.audit_head().unwrap().seq, 60);
    }

    #[tokio::test]
    async fn more_than_there_are_places_for_waits_and_nothing_is_lost() {
        let (_dir, platform) = opened(Mode::Write);
        let recorder = Recorder::new(platform.clone());
        let waves = 3;
        let together = (0..waves).map(|_| {
            let recorder = recorder.clone();
            tokio::spawn(async move { recorder.record(read(0..PLACES)).await })
        });
        for one in together.collect::<Vec<_>>() {
            one.await.unwrap().unwrap();
        }
        recorder.flush().await;
        let expected = (waves * PLACES) as u64;
        assert_eq!(platform.audit_head().unwrap().seq, expected);
        assert_eq!(platform.audit_verify(1, expected).unwrap(), Vec::<String>::new());
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_written_is_kept_and_told() {
        // Opened to read, the platform refuses to write.
        let (_dir, platform) = opened(Mode::Read);
        let recorder = Recorder::new(platform);
        recorder.record(read(0..2)).await.unwrap();
        let flushed = tokio::time::timeout(Duration::from_secs(5), recorder.flush()).await;
        assert!(flushed.is_err(), "nothing is written");
        assert_eq!((recorder.failing(), recorder.waiting()), (true, 2));
        for _ in 0..4 {
            let more = recorder.record(read(0..PLACES / 4));
            let _ = tokio::time::timeout(Duration::from_secs(1), more).await;
        }
        let full = recorder.record(read(0..PLACES / 4));
        assert!(tokio::time::timeout(Duration::from_secs(30), full).await.is_err(), "it waits");
    }
}
