//! Jobs as the runner and the operator's page use them.

pub use store::{JobCount, JobRecord, JobState, NewJob};

use base::Timestamp;
use store::NewAudit;

use crate::platform::{Platform, PlatformError};

/// How often a job is tried.
pub const TRIES_MAX: u32 = 8;
/// How long a runner has a job: several times what its longest step may take.
pub const LEASE_US: i64 = 180 * 1_000_000;
/// The wait after the first failed try; it grows fourfold with each.
const WAIT_US: i64 = 15 * 1_000_000;
/// The longest wait between two tries: six hours.
const WAIT_US_MAX: i64 = 6 * 3600 * 1_000_000;

/// When a job is tried again after its try number `tries` failed at `now`; nothing after the last.
#[must_use]
pub fn again_us(tries: u32, now: Timestamp) -> Option<i64> {
    let wait = WAIT_US.saturating_mul(4_i64.saturating_pow(tries.saturating_sub(1)));
    (tries < TRIES_MAX).then(|| now.us().saturating_add(wait.min(WAIT_US_MAX)))
}

/// The key of a job written at `at`: a UUID of version 7, so that keys rise with time.
#[must_use]
pub fn job_id(at: Timestamp, random: &[u8; 10]) -> [u8; 16] {
    let millis = u64::try_from(at.us() / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid().into_bytes()
}

/// The key of a job as text.
#[must_use]
pub fn job_id_text(job_id: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*job_id).to_string()
}

/// The key that a text stands for.
#[must_use]
pub fn job_id_parse(text: &str) -> Option<[u8; 16]> {
    uuid::Uuid::try_parse(text).ok().map(uuid::Uuid::into_bytes)
}

impl Platform {
    /// Writes entries of the audit and the jobs that follow from them in one transaction.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses, or was opened to read.
    pub fn jobs_record(
        &self,
        entries: &[NewAudit<'_>],
        jobs: &[NewJob<'_>],
    ) -> Result<(), PlatformError> {
        Ok(self.aside()?.jobs_record(entries, jobs)?)
    }

    /// Takes the job that has been due longest.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses, or was opened to read.
    pub fn job_take(&self, now: Timestamp) -> Result<Option<JobRecord>, PlatformError> {
        Ok(self.aside()?.job_take(now.us(), now.us() + LEASE_US, TRIES_MAX)?)
    }

    /// Ends a try well; the body is replaced, so that a secret in it goes.
    ///
    /// # Errors
    /// [`PlatformError`] where this try holds the job no longer, or the database refuses.
    pub fn job_done(
        &self,
        job: &JobRecord,
        body_left: &str,
        now: Timestamp,
    ) -> Result<(), PlatformError> {
        Ok(self.aside()?.job_done(job, body_left, now.us())?)
    }

    /// Ends a try badly: again at that instant, or failed where there is none.
    ///
    /// # Errors
    /// [`PlatformError`] where this try holds the job no longer, or the database refuses.
    pub fn job_failed(
        &self,
        job: &JobRecord,
        error: &str,
        again_us: Option<i64>,
        now: Timestamp,
    ) -> Result<(), PlatformError> {
        Ok(self.aside()?.job_failed(job, error, again_us, now.us())?)
    }

    /// Lets a failed job be tried anew, for an account, with an entry in the audit. Whether there was such
    /// a job.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses, or was opened to read.
    pub fn job_retry(
        &self,
        job_id: &[u8; 16],
        account: &str,
        now: Timestamp,
    ) -> Result<bool, PlatformError> {
        let resource = format!("job:{}", job_id_text(job_id));
        let entry = NewAudit {
            at_us: now.us(),
            account,
            action: "job_retried",
            subject: "",
            resource: &resource,
            detail: "{}",
        };
        Ok(self.aside()?.job_retry(job_id, &entry)?)
    }

    /// Jobs of a state, and at most so many.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn jobs(&self, state: JobState, limit: usize) -> Result<Vec<JobRecord>, PlatformError> {
        Ok(self.reader().jobs(state, limit)?)
    }

    /// How many jobs are open, and how many have failed.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn job_count(&self) -> Result<JobCount, PlatformError> {
        Ok(self.reader().job_count()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_fourfold_to_six_hours_and_end_with_the_last_try() {
        let waits: Vec<Option<i64>> = (1..=TRIES_MAX)
            .map(|tries| again_us(tries, Timestamp::from_us(0)).map(|us| us / 1_000_000))
            .collect();
        let expected = [15, 60, 240, 960, 3840, 15_360, 21_600].map(Some);
        assert_eq!(waits[..7], expected);
        assert_eq!(waits[7], None);
    }

    #[test]
    fn keys_rise_with_time_and_come_back_from_their_text() {
        let early = job_id(Timestamp::from_us(1_764_000_000_000_000), &[255; 10]);
        let late = job_id(Timestamp::from_us(1_764_000_000_001_000), &[0; 10]);
        assert!(early < late);
        assert_eq!(job_id_parse(&job_id_text(&early)), Some(early));
        assert_eq!(job_id_parse("../../etc"), None);
    }
}
