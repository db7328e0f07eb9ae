//! The jobs of screening: those who came in, and everybody against what is new on a list.
//!
//! Against a delta the roles are swapped: of the new and changed records a small generation is made, and
//! all stored parties go through it. Its scores are not those of the whole list, whose weights are learnt
//! from all its names; so it only chooses, with a margin, who is screened against the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::Timestamp;
use screening::hit::HitState;
use screening::{Generation, List, Query, Settings};
use serde::{Deserialize, Serialize};
use store::{HitRecord, HitStepRecord, LicensingChange, ScreenedRecord, StoreError};

use super::lists::digest;
use super::{Found, ScreeningError, damaged, score_ppm};
use crate::platform::Platform;

/// The kind of these jobs.
pub const JOB_KIND: &str = "screening";
/// Parties in memory at once.
const BATCH_ROWS: u32 = 4_096;
/// By how much a score against a delta alone may lie below that against the whole list.
const MARGIN: f64 = 0.3;
/// The least score that chooses: below it everything is alike.
const CHOICE_MIN: f64 = 0.2;
/// Hits of a listed party that a change of its record ends.
const ENDED_MAX: u32 = 100_000;

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Task {
    /// Screen those who came in.
    Waiting,
    /// Screen everybody against what is new with a version of a list.
    Delta {
        /// Code of the list.
        list: String,
        /// Number of the version.
        version: u32,
    },
    /// Screen everybody against everything.
    Full,
}

/// What a job did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    /// Parties that were screened.
    pub parties: u64,
    /// Hits that are new.
    pub hits: u64,
    /// Hits that ended.
    pub ended: u64,
}

fn query_read(party: &ScreenedRecord) -> Result<Query, ScreeningError> {
    serde_json::from_str(&party.query).map_err(|error| damaged(&party.name, error))
}

/// Works on parties on all cores; answers come in their order.
fn spread<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(share)
            .map(|part| scope.spawn(|| part.iter().map(&work).collect::<Vec<R>>()))
            .collect();
        let joined = parts.into_iter().map(|part| match part.join() {
            Ok(answers) => answers,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    })
}

/// The hit of a party and a match.
fn hit_of(
    party: &ScreenedRecord,
    found: &Found,
    now: Timestamp,
) -> Result<HitRecord, ScreeningError> {
    let body = serde_json::to_string(&found.of).map_err(|error| damaged(&party.name, error))?;
    let (list, entity) = (found.of.list.clone(), found.of.entity.clone());
    let pair = format!(
        "{}/{list}/{entity}/{}",
        crate::import::hex(&party.hash),
        crate::import::hex(&found.record_hash)
    );
    let mut hit_id = [0; 16];
    hit_id.iter_mut().zip(digest(&pair)).for_each(|(byte, of)| *byte = of);
    Ok(HitRecord {
        hit_id,
        party_hash: party.hash,
        list,
        entity,
        record_hash: found.record_hash,
        list_version: found.version,
        kind: found.kind.to_owned(),
        party_name: party.name.clone(),
        listed_name: found.of.name.clone(),
        score_ppm: score_ppm(found.of.score),
        state: HitState::Open.code().to_owned(),
        before: String::new(),
        found_at_us: now.us(),
        changed_at_us: now.us(),
        decided_by: String::new(),
        decided_for: String::new(),
        second_by: String::new(),
        version: 1,
        body,
    })
}

/// Ends a hit: its record changed or went, or nothing names its party any more.
fn end(
    change: &LicensingChange<'_>,
    hit: &HitRecord,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = HitRecord {
        before: hit.state.clone(),
        state: HitState::Ended.code().to_owned(),
        changed_at_us: now.us(),
        version: hit.version + 1,
        ..hit.clone()
    };
    change.hit_put(&ended, hit.version)?;
    let seq = change.read().hit_steps(&hit.hit_id)?.len() as u32 + 1;
    change.hit_step_add(
        &hit.hit_id,
        &HitStepRecord {
            seq,
            at_us: now.us(),
            account: String::new(),
            acting_for: String::new(),
            deed: "end".to_owned(),
            state: ended.state.clone(),
            reason: reason.to_owned(),
        },
    )
}

/// Ends the hits that wait of parties that stand nowhere any more.
pub(super) fn end_orphans(
    change: &LicensingChange<'_>,
    parties: &BTreeSet<[u8; 32]>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for hash in parties {
        if !change.read().screened_uses(hash, 1)?.is_empty() {
            continue;
        }
        for hit in change.read().hits_of_party(hash)? {
            if HitState::parse(&hit.state).is_some_and(HitState::waits) {
                end(change, &hit, "party_gone", now)?;
            }
        }
    }
    Ok(())
}

impl Platform {
    /// Does a job of screening. It may be done again at any time: a pair hits once.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn screening_run(&self, task: &Task, now: Timestamp) -> Result<Ran, ScreeningError> {
        match task {
            Task::Waiting => self.screen_waiting(now),
            Task::Delta { list, version } => {
                let mut ran = self.screen_delta((list, *version), now)?;
                ran.add(self.screen_waiting(now)?);
                Ok(ran)
            }
            Task::Full => {
                let lists = self.lists_now()?;
                let mut ran =
                    self.screen_all(now, |party| Ok(lists.screen(&query_read(party)?)))?;
                ran.add(self.screen_waiting(now)?);
                Ok(ran)
            }
        }
    }

    /// Screens those who wait.
    fn screen_waiting(&self, now: Timestamp) -> Result<Ran, ScreeningError> {
        let mut ran = Ran::default();
        loop {
            let lists = self.lists_now()?;
            let waiting = self.reader().licensing().screened_waiting(BATCH_ROWS)?;
            if waiting.is_empty() {
                return Ok(ran);
            }
            let found = spread(&waiting, |party| Ok(lists.screen(&query_read(party)?)));
            let hits = self.aside()?.licensing_change(|change| {
                // A list that came meanwhile is not in what was found.
                if change.read().list_stand()? != lists.stand {
                    return Ok(None);
                }
                let hits = hits_write(change, waiting.iter().zip(&found), now)?;
                for party in &waiting {
                    change.screened_done(&party.hash, lists.stand)?;
                }
                Ok::<_, ScreeningError>(Some(hits))
            })?;
            if let Some(hits) = hits {
                ran.add(Ran { parties: waiting.len() as u64, hits, ended: 0 });
            }
        }
    }

    /// Screens everybody against what is new with a version of a list; hits on records that went end.
    fn screen_delta(
        &self,
        (list, version): (&str, u32),
        now: Timestamp,
    ) -> Result<Ran, ScreeningError> {
        let (came, went) = self.list_changes(list, version)?;
        let came: BTreeSet<String> = came.into_iter().map(|head| head.entity).collect();
        let mut ended = 0;
        for gone in &went {
            let reason = if came.contains(&gone.entity) { "record_changed" } else { "record_gone" };
            ended += self.aside()?.licensing_change(|change| {
                let hits = change.read().hits_of_entity((list, &gone.entity), ENDED_MAX)?;
                let of = |hit: &&HitRecord| {
                    hit.record_hash == gone.hash && hit.state != HitState::Ended.code()
                };
                let mut ended = 0;
                for hit in hits.iter().filter(of) {
                    end(change, hit, reason, now)?;
                    ended += 1;
                }
                Ok::<u64, ScreeningError>(ended)
            })?;
        }
        let lists = self.lists_now()?;
        let of_list = lists.generation.lists().iter().find(|of| of.code == list);
        let Some(of_list) = of_list.filter(|_| !came.is_empty()) else {
            return Ok(Ran { ended, ..Ran::default() });
        };
        let parties = of_list.parties.iter().filter(|party| came.contains(&party.id));
        let delta = Generation::build(vec![Arc::new(List {
            code: of_list.code.clone(),
            version: of_list.version.clone(),
            parties: parties.cloned().collect(),
            ownerships: Vec::new(),
        })]);
        let least = f64::from(lists.thresholds.least()) / 1_000_000.0;
        let choice = Settings { threshold: (least - MARGIN).max(CHOICE_MIN), limit: 1 };
        let mut ran = self.screen_all(now, |party| {
            let query = query_read(party)?;
            if delta.screen(&query, &choice).is_empty() {
                return Ok(Vec::new());
            }
            let mut found = lists.screen(&query);
            found.retain(|found| found.of.list == list && came.contains(&found.of.entity));
            Ok(found)
        })?;
        ran.ended = ended;
        Ok(ran)
    }

    /// Screens everybody as `work` says, batch by batch.
    fn screen_all(
        &self,
        now: Timestamp,
        work: impl Fn(&ScreenedRecord) -> Result<Vec<Found>, ScreeningError> + Sync,
    ) -> Result<Ran, ScreeningError> {
        let mut ran = Ran::default();
        let mut after: Vec<u8> = Vec::new();
        loop {
            let parties = self.reader().licensing().screened_after(&after, BATCH_ROWS)?;
            let Some(last) = parties.last() else { return Ok(ran) };
            after = last.hash.to_vec();
            let found = spread(&parties, &work);
            let any = found.iter().any(|found| !found.as_ref().is_ok_and(Vec::is_empty));
            let hits = if any {
                self.aside()?.licensing_change(|change| {
                    hits_write(change, parties.iter().zip(&found), now)
                })?
            } else {
                0
            };
            ran.add(Ran { parties: parties.len() as u64, hits, ended: 0 });
        }
    }
}

/// Writes hits; gives how many are new.
fn hits_write<'p>(
    change: &LicensingChange<'_>,
    parties: impl Iterator<Item = (&'p ScreenedRecord, &'p Result<Vec<Found>, ScreeningError>)>,
    now: Timestamp,
) -> Result<u64, ScreeningError> {
    let mut new: BTreeMap<String, u64> = BTreeMap::new();
    for (party, found) in parties {
        let found = found.as_ref().map_err(|error| damaged(&party.name, error))?;
        for one in found {
            if change.hit_add(&hit_of(party, one, now)?)? {
                *new.entry(one.of.list.clone()).or_default() += 1;
            }
        }
    }
    for (list, hits) in &new {
        change.audit(&store::NewAudit {
            at_us: now.us(),
            account: "",
            action: "hits_found",
            subject: "",
            resource: &format!("list:{list}"),
            detail: &serde_json::json!({ "hits": hits }).to_string(),
        })?;
    }
    Ok(new.values().sum())
}

impl Ran {
    fn add(&mut self, other: Ran) {
        self.parties += other.parties;
        self.hits += other.hits;
        self.ended += other.ended;
    }
}
