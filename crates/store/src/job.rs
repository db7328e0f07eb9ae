//! Jobs: what is to be done after a change and outside its transaction, such as sending a letter.
//!
//! A job is written in the transaction of the change that asks for it ([`job_append`]), so that there is
//! never one without the other. It is done at least once: a runner takes it for a while (its lease) and
//! says how it ended; whoever dies with it leaves it to be taken again when the lease is over. So what a
//! job does must be harmless when done twice under the same id.
//!
//! INVARIANT: a job is taken, and ended, by an update that names the state and the try it saw, and whose
//! row count is checked; two runners never hold the same try.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::audit::{NewAudit, audit_append};
use crate::database::{Database, StoreError};

/// The longest text of an error that is kept.
const ERROR_CHARS_MAX: usize = 500;

/// A job to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob<'a> {
    /// Its key, a UUID of version 7.
    pub job_id: [u8; 16],
    /// What is to be done: a key of the runner's table.
    pub kind: &'a str,
    /// With what, as JSON.
    pub body: &'a str,
    /// Not before, µs.
    pub due_us: i64,
    /// When it is written, µs.
    pub at_us: i64,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobState {
    /// It waits until it is due.
    Waiting,
    /// A runner has it until its lease ends.
    Running,
    /// It is done.
    Done,
    /// It was tried for the last time; a person decides.
    Failed,
}

impl JobState {
    /// All of them.
    pub const ALL: [JobState; 4] =
        [JobState::Waiting, JobState::Running, JobState::Done, JobState::Failed];

    /// As it stands in the table.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            JobState::Waiting => "waiting",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
        }
    }
}

/// A job as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Its key.
    pub job_id: [u8; 16],
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub body: String,
    /// How it stands.
    pub state: JobState,
    /// When it is due, or, of a running one, until when its runner has it; µs.
    pub due_us: i64,
    /// How often it was taken.
    pub tries: u32,
    /// Why the last try failed; empty where none did.
    pub last_error: String,
    /// When it was written, µs.
    pub created_at_us: i64,
    /// When it last changed its state, µs.
    pub changed_at_us: i64,
}

/// How many jobs are in a state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobCount {
    /// Waiting or running.
    pub open: u64,
    /// Failed.
    pub failed: u64,
}

/// Writes a job in the transaction of the change that asks for it.
///
/// # Errors
/// [`StoreError`]; then the transaction must end.
pub(crate) fn job_append(
    transaction: &Transaction<'_>,
    job: &NewJob<'_>,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO job
        (job_id, kind, body, state, due_us, tries, last_error, created_at_us, changed_at_us)
        VALUES (?1, ?2, ?3, 'waiting', ?4, 0, '', ?5, ?5)";
    let mut insert = transaction.prepare_cached(SQL)?;
    insert.execute(params![job.job_id, job.kind, job.body, job.due_us, job.at_us])?;
    Ok(())
}

fn job_row(row: &Row<'_>) -> Result<JobRecord, rusqlite::Error> {
    let code: String = row.get(3)?;
    let state = JobState::ALL.into_iter().find(|state| state.code() == code);
    Ok(JobRecord {
        job_id: row.get(0)?,
        kind: row.get(1)?,
        body: row.get(2)?,
        state: state.ok_or(rusqlite::Error::InvalidQuery)?,
        due_us: row.get(4)?,
        tries: row.get(5)?,
        last_error: row.get(6)?,
        created_at_us: row.get(7)?,
        changed_at_us: row.get(8)?,
    })
}

impl Database {
    /// Writes entries of the audit and the jobs that follow from them in one transaction: a change that
    /// is nothing but these.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it is written.
    pub fn jobs_record(
        &mut self,
        entries: &[NewAudit<'_>],
        jobs: &[NewJob<'_>],
    ) -> Result<(), StoreError> {
        self.transact(|transaction| {
            audit_append(transaction, entries)?;
            jobs.iter().try_for_each(|job| job_append(transaction, job))
        })
    }

    /// Takes the job that has been due longest and holds it until `lease_until_us`. One whose lease is
    /// over is due again; one that was tried `tries_max` times already has failed.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn job_take(
        &mut self,
        now_us: i64,
        lease_until_us: i64,
        tries_max: u32,
    ) -> Result<Option<JobRecord>, StoreError> {
        const DUE: &str = "SELECT job_id, kind, body, state, due_us, tries, last_error,
            created_at_us, changed_at_us FROM job
            WHERE state IN ('waiting', 'running') AND due_us <= ?1 ORDER BY due_us LIMIT 1"; // job_due
        const TAKE: &str = "UPDATE job
            SET state = 'running', due_us = ?2, tries = tries + 1, changed_at_us = ?3
            WHERE job_id = ?1 AND state = ?4 AND tries = ?5"; // primary key
        const GIVE_UP: &str = "UPDATE job SET state = 'failed', last_error = ?2, changed_at_us = ?3
            WHERE job_id = ?1 AND state = ?4 AND tries = ?5"; // primary key
        // Nothing is due most of the time: then no writer is held up for the answer.
        if self.connection.prepare_cached(DUE)?.query_row([now_us], job_row).optional()?.is_none() {
            return Ok(None);
        }
        self.transact(|transaction| {
            loop {
                let due =
                    transaction.prepare_cached(DUE)?.query_row([now_us], job_row).optional()?;
                let Some(mut job) = due else { return Ok(None) };
                let state = job.state.code();
                if job.tries >= tries_max {
                    let why = if job.last_error.is_empty() {
                        "it was taken and nothing was heard of it again"
                    } else {
                        &job.last_error
                    };
                    let bound = params![job.job_id, why, now_us, state, job.tries];
                    one(transaction.prepare_cached(GIVE_UP)?.execute(bound)?)?;
                    continue;
                }
                let bound = params![job.job_id, lease_until_us, now_us, state, job.tries];
                one(transaction.prepare_cached(TAKE)?.execute(bound)?)?;
                job.state = JobState::Running;
                job.tries += 1;
                (job.due_us, job.changed_at_us) = (lease_until_us, now_us);
                return Ok(Some(job));
            }
        })
    }

    /// Ends a try well; the body is replaced, so that a secret in it goes.
    ///
    /// # Errors
    /// [`StoreError::HeadMoved`] where this try holds the job no longer.
    pub fn job_done(
        &mut self,
        job: &JobRecord,
        body_left: &str,
        now_us: i64,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE job SET state = 'done', body = ?2, last_error = '',
            changed_at_us = ?3 WHERE job_id = ?1 AND state = 'running' AND tries = ?4"; // primary key
        self.transact(|transaction| {
            let bound = params![job.job_id, body_left, now_us, job.tries];
            one(transaction.prepare_cached(SQL)?.execute(bound)?)
        })
    }

    /// Ends a try badly: the job waits until `again_us`, or has failed where there is no such instant.
    ///
    /// # Errors
    /// [`StoreError::HeadMoved`] where this try holds the job no longer.
    pub fn job_failed(
        &mut self,
        job: &JobRecord,
        error: &str,
        again_us: Option<i64>,
        now_us: i64,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE job SET state = ?2, due_us = ?3, last_error = ?4,
            changed_at_us = ?5 WHERE job_id = ?1 AND state = 'running' AND tries = ?6"; // primary key
        let error: String = error.chars().take(ERROR_CHARS_MAX).collect();
        let state = if again_us.is_some() { JobState::Waiting } else { JobState::Failed };
        let due_us = again_us.unwrap_or(now_us);
        self.transact(|transaction| {
            let bound = params![job.job_id, state.code(), due_us, error, now_us, job.tries];
            one(transaction.prepare_cached(SQL)?.execute(bound)?)
        })
    }

    /// Lets a failed job be tried anew, with an entry in the audit. Whether there was such a job.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is changed.
    pub fn job_retry(
        &mut self,
        job_id: &[u8; 16],
        entry: &NewAudit<'_>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE job SET state = 'waiting', due_us = ?2, tries = 0,
            changed_at_us = ?2 WHERE job_id = ?1 AND state = 'failed'"; // primary key
        self.transact(|transaction| {
            let changed = transaction.prepare_cached(SQL)?.execute(params![job_id, entry.at_us])?;
            if changed == 1 {
                audit_append(transaction, std::slice::from_ref(entry))?;
            }
            Ok(changed == 1)
        })
    }

    /// Jobs of a state, those that changed last first, and at most so many.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn jobs(&self, state: JobState, limit: usize) -> Result<Vec<JobRecord>, StoreError> {
        const SQL: &str = "SELECT job_id, kind, body, state, due_us, tries, last_error,
            created_at_us, changed_at_us FROM job WHERE state = ?1 ORDER BY due_us DESC LIMIT ?2"; // job_due
        let mut statement = self.connection.prepare_cached(SQL)?;
        let rows = statement.query_map(params![state.code(), limit as i64], job_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many jobs are open, and how many have failed.
    ///
    /// # Errors
    /// [`StoreError`] where the engine refuses.
    pub fn job_count(&self) -> Result<JobCount, StoreError> {
        const SQL: &str = "SELECT count(*) FROM job WHERE state = ?1"; // job_due
        let mut statement = self.connection.prepare_cached(SQL)?;
        let mut count = |state: JobState| -> Result<u64, StoreError> {
            Ok(statement.query_row([state.code()], |row| row.get::<_, i64>(0))? as u64)
        };
        let open = count(JobState::Waiting)? + count(JobState::Running)?;
        Ok(JobCount { open, failed: count(JobState::Failed)? })
    }
}

/// An update that had to change one row.
fn one(rows: usize) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::HeadMoved) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE_US: i64 = 100;
    const TRIES_MAX: u32 = 3;

    fn job(id: u8, due_us: i64) -> NewJob<'static> {
        NewJob { job_id: [id; 16], kind: "mail", body: r#"{"link":"secret"}"#, due_us, at_us: 1 }
    }

    fn entry(at_us: i64) -> NewAudit<'static> {
        NewAudit {
            at_us,
            account: "operator",
            action: "job_retried",
            subject: "",
            resource: "job",
            detail: "{}",
        }
    }

    fn filled(jobs: &[NewJob<'_>]) -> (tempfile::TempDir, Database) {
        let dir = tempfile::tempdir().unwrap();
        let mut database = Database::open(&dir.path().join("g.sqlite")).unwrap();
        database.jobs_record(&[entry(1)], jobs).unwrap();
        (dir, database)
    }

    fn take(database: &mut Database, now_us: i64) -> Option<JobRecord> {
        database.job_take(now_us, now_us + LEASE_US, TRIES_MAX).unwrap()
    }

    #[test]
    fn a_job_is_taken_when_due_the_longest_waiting_first_and_once() {
        let (_dir, mut database) = filled(&[job(1, 20), job(2, 10)]);
        assert_eq!(take(&mut database, 5), None);
        assert_eq!(take(&mut database, 30).unwrap().job_id, [2; 16]);
        assert_eq!(take(&mut database, 30).unwrap().job_id, [1; 16]);
        assert_eq!(take(&mut database, 30), None);
        assert_eq!(database.job_count().unwrap(), JobCount { open: 2, failed: 0 });
    }

    #[test]
    fn a_job_and_its_change_are_written_together_or_not_at_all() {
        let (_dir, mut database) = filled(&[job(1, 0)]);
        let head = database.audit_head().unwrap();
        assert!(database.jobs_record(&[entry(2)], &[job(2, 0), job(1, 0)]).is_err(), "same id");
        assert_eq!(database.audit_head().unwrap(), head);
        assert_eq!(database.job_count().unwrap().open, 1);
    }

    #[test]
    fn a_job_whose_runner_died_is_taken_again_after_its_lease() {
        let (_dir, mut database) = filled(&[job(1, 0)]);
        let lost = take(&mut database, 0).unwrap();
        assert_eq!(take(&mut database, LEASE_US - 1), None);
        let again = take(&mut database, LEASE_US).unwrap();
        assert_eq!((again.job_id, again.tries), ([1; 16], 2));
        // The first runner comes back late: its try is over.
        let late = database.job_done(&lost, "{}", LEASE_US + 1);
        assert!(matches!(late, Err(StoreError::HeadMoved)), "{late:?}");
        let late = database.job_failed(&lost, "late", None, LEASE_US + 1);
        assert!(matches!(late, Err(StoreError::HeadMoved)), "{late:?}");
        database.job_done(&again, "{}", LEASE_US + 2).unwrap();
        assert_eq!(take(&mut database, i64::MAX / 2), None);
        let done = database.jobs(JobState::Done, 9).unwrap();
        assert_eq!((done.len(), done[0].body.as_str()), (1, "{}"), "the secret is gone");
    }

    #[test]
    fn after_the_last_try_a_job_has_failed_until_somebody_lets_it_be_tried_anew() {
        let (_dir, mut database) = filled(&[job(1, 0)]);
        for try_no in 1..=TRIES_MAX {
            let taken = take(&mut database, i64::from(try_no) * 1000).unwrap();
            assert_eq!(taken.tries, try_no);
            // Each dies with it.
        }
        assert_eq!(take(&mut database, 9000), None);
        let failed = database.jobs(JobState::Failed, 9).unwrap();
        assert_eq!(failed[0].last_error, "it was taken and nothing was heard of it again");
        assert!(!database.job_retry(&[9; 16], &entry(9001)).unwrap());
        let head = database.audit_head().unwrap().seq;
        assert!(database.job_retry(&[1; 16], &entry(9001)).unwrap());
        assert_eq!(database.audit_head().unwrap().seq, head + 1);
        let taken = take(&mut database, 9001).unwrap();
        assert_eq!(taken.tries, 1);
        database.job_failed(&taken, &"x".repeat(9999), Some(9500), 9002).unwrap();
        assert_eq!(take(&mut database, 9499), None);
        let taken = take(&mut database, 9500).unwrap();
        assert_eq!(taken.last_error.len(), ERROR_CHARS_MAX);
        database.job_failed(&taken, "never", None, 9501).unwrap();
        assert_eq!(database.job_count().unwrap(), JobCount { open: 0, failed: 1 });
        assert_eq!(database.check(), Vec::<String>::new());
    }
}
