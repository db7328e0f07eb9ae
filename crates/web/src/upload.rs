//! Files between upload and receipt, and the keys of requests that must not happen twice.
//!
//! An uploaded file is held in memory until its account confirms or leaves it; all of them together
//! within a limit, the oldest giving way. After confirmation only the report stays.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use base::Timestamp;

use crate::ledger::Import;
use crate::secret::random_text;

/// Reports kept, of all accounts together.
const REPORTS_MAX: usize = 5_000;
/// How long an `Idempotency-Key` is remembered: 24 hours.
const KEY_US: i64 = 24 * 3600 * 1_000_000;
/// Keys remembered at once.
const KEYS_MAX: usize = 50_000;

/// An uploaded file and what an import says, or said, about it.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// Account that uploaded it; nobody else sees it.
    pub(crate) account: String,
    /// Name of the file as the browser told it.
    pub(crate) name: String,
    /// The bytes; empty once it is filed.
    pub(crate) bytes: Arc<Vec<u8>>,
    /// The report: of the trial before, of the filing after.
    pub(crate) report: Arc<Import>,
    /// When it was filed.
    pub(crate) filed_at: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Rows {
    /// By order of arrival, so that the oldest is first.
    by_number: BTreeMap<u64, (String, Upload)>,
    numbers: HashMap<String, u64>,
    next: u64,
}

/// The table of uploads, by random key.
#[derive(Debug)]
pub(crate) struct Uploads {
    rows: Mutex<Rows>,
    bytes_max: usize,
}

impl Uploads {
    pub(crate) fn new(bytes_max: usize) -> Uploads {
        Uploads { rows: Mutex::default(), bytes_max }
    }

    /// Keeps an upload; gives its key.
    pub(crate) fn keep(&self, upload: Upload) -> Option<String> {
        let key: String = random_text()?.chars().take(32).collect();
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let number = rows.next;
        rows.next += 1;
        rows.by_number.insert(number, (key.clone(), upload));
        rows.numbers.insert(key.clone(), number);
        let mut waiting: usize = rows.by_number.values().map(|row| row.1.bytes.len()).sum();
        while waiting > self.bytes_max || rows.by_number.len() > REPORTS_MAX {
            let Some((_, (oldest, gone))) = rows.by_number.pop_first() else { break };
            waiting -= gone.bytes.len();
            rows.numbers.remove(&oldest);
        }
        rows.numbers.contains_key(&key).then_some(key)
    }

    /// The upload of a key, for its own account only.
    pub(crate) fn find(&self, key: &str, account: &str) -> Option<Upload> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, upload) = rows.by_number.get(rows.numbers.get(key)?)?;
        (upload.account == account).then(|| upload.clone())
    }

    /// Puts the report of the filing in the place of the trial's, and lets the bytes go.
    pub(crate) fn filed(&self, key: &str, report: Arc<Import>, at: Timestamp) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(number) = rows.numbers.get(key).copied() else { return };
        if let Some((_, upload)) = rows.by_number.get_mut(&number) {
            upload.bytes = Arc::default();
            upload.report = report;
            upload.filed_at = Some(at);
        }
    }
}

/// What is known of a key.
#[derive(Debug, Clone)]
pub(crate) enum KeyState {
    /// Nobody has used it; it is now taken.
    Fresh,
    /// Used with this very request: the answer that was given.
    Answered(u16, String),
    /// Used with another request.
    Reused,
    /// In use right now.
    Busy,
}

#[derive(Debug)]
struct KeyRow {
    digest: String,
    answer: Option<(u16, String)>,
    at: Timestamp,
}

/// The answers given to requests that carried an `Idempotency-Key`, by account and key.
#[derive(Debug, Default)]
pub(crate) struct Idempotency {
    rows: Mutex<HashMap<(String, String), KeyRow>>,
}

impl Idempotency {
    /// Takes a key for a request of this digest.
    pub(crate) fn take(&self, account: &str, key: &str, digest: &str, at: Timestamp) -> KeyState {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|_, row| at.us() - row.at.us() < KEY_US);
        let id = (account.to_owned(), key.to_owned());
        if let Some(row) = rows.get(&id) {
            return match &row.answer {
                _ if row.digest != digest => KeyState::Reused,
                Some((status, body)) => KeyState::Answered(*status, body.clone()),
                None => KeyState::Busy,
            };
        }
        if rows.len() >= KEYS_MAX
            && let Some(oldest) = rows.iter().min_by_key(|row| row.1.at).map(|row| row.0.clone())
        {
            rows.remove(&oldest);
        }
        rows.insert(id, KeyRow { digest: digest.to_owned(), answer: None, at });
        KeyState::Fresh
    }

    /// Remembers the answer; without one the key is free again.
    pub(crate) fn answer(&self, account: &str, key: &str, answer: Option<(u16, String)>) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let id = (account.to_owned(), key.to_owned());
        match answer {
            None => {
                rows.remove(&id);
            }
            Some(answer) => {
                if let Some(row) = rows.get_mut(&id) {
                    row.answer = Some(answer);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(account: &str, bytes: usize) -> Upload {
        Upload {
            account: account.into(),
            name: "a.csv".into(),
            bytes: Arc::new(vec![0; bytes]),
            report: Arc::default(),
            filed_at: None,
        }
    }

    #[test]
    fn an_upload_is_its_accounts_own_and_the_oldest_gives_way() {
        let uploads = Uploads::new(100);
        let first = uploads.keep(upload("a", 60)).unwrap();
        assert!(uploads.find(&first, "a").is_some());
        assert!(uploads.find(&first, "b").is_none());
        let second = uploads.keep(upload("b", 60)).unwrap();
        assert!(uploads.find(&first, "a").is_none());
        uploads.filed(&second, Arc::default(), Timestamp::from_us(5));
        assert_eq!(uploads.find(&second, "b").unwrap().filed_at, Some(Timestamp::from_us(5)));
        assert!(uploads.keep(upload("a", 101)).is_none());
    }

    #[test]
    fn a_key_answers_once_and_only_for_the_same_request() {
        let keys = Idempotency::default();
        let at = Timestamp::from_us(0);
        assert!(matches!(keys.take("a", "k", "d1", at), KeyState::Fresh));
        assert!(matches!(keys.take("a", "k", "d1", at), KeyState::Busy));
        keys.answer("a", "k", Some((201, "body".into())));
        assert!(
            matches!(keys.take("a", "k", "d1", at), KeyState::Answered(201, body) if body == "body")
        );
        assert!(matches!(keys.take("a", "k", "d2", at), KeyState::Reused));
        assert!(matches!(keys.take("b", "k", "d2", at), KeyState::Fresh));
        assert!(matches!(keys.take("a", "k", "d2", Timestamp::from_us(KEY_US)), KeyState::Fresh));
        keys.answer("a", "k", None);
        assert!(matches!(keys.take("a", "k", "d3", at), KeyState::Fresh));
    }
}
