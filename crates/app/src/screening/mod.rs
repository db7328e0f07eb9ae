//! Screening at work: lists in force, parties that are screened when they come in and whenever a list
//! changes, hits and what is decided on them.
//!
//! What comes in is noted in the transaction that takes it (`parties`), and screened by a job after it
//! (`run`): goods go on, hits become work items. A party is known by the hash of what is screened of it,
//! a record of a list by the hash of its content; what was decided on a pair holds until either changes.
//!
//! INVARIANT: a party that was committed before a list is screened by the job of the list; one that was
//! committed after it waits until it was screened against lists that hold it.

mod case;
mod hits;
mod lists;
mod parties;
mod read;
mod run;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base::Timestamp;
use screening::delta::record_hash;
use screening::hit::{HitRefusal, Strength};
use screening::{Generation, List, Match, Ownership, Query, Settings};
use store::{ListVersionRecord, StoreError, ThresholdRecord};

use crate::cases::CaseError;
use crate::platform::{Platform, PlatformError};

pub(crate) use case::known_in;
pub use case::{CaseScreening, PartyScreening, PartyState, known_of};
pub use hits::{Decided, HitPage, HitView, PAGE_ROWS, UseView, hit_id_read};
pub use lists::{Lost, Put, ThresholdSet};
pub(crate) use parties::{Company, case_note, company_note};
pub use parties::{licence_note, query_of_entry};
pub use read::{ListReadError, list_read};
pub use run::{JOB_KIND, Ran, Task};
pub use store::{
    HitCursor, HitFilter, HitRecord, HitStepRecord, ListEntryHead,
    ListVersionRecord as ListVersion, ThresholdRecord as Threshold, UseHit,
};

/// From which score a match is a hit where the authority has set nothing, in millionths.
const HIT_PPM: u32 = 700_000;
/// From which score a hit is a strong one where the authority has set nothing, in millionths.
const STRONG_PPM: u32 = 900_000;
/// The least threshold that can be set: below it everybody hits.
pub const THRESHOLD_PPM_MIN: u32 = 300_000;
/// Matches of one party that are kept, the best first: more say that the name is no name.
const MATCHES_MAX: usize = 200;
/// Parties of one question of a program.
pub const BATCH_MAX: usize = 1_000;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum ScreeningError {
    /// There is no such hit, list or version.
    #[error("there is no such hit or list")]
    Unknown,
    /// The file is no list.
    #[error(transparent)]
    Read(#[from] ListReadError),
    /// The code of a list is none.
    #[error("`{0}` is no code of a list; give 1 to 64 of a to z, 0 to 9 and _")]
    Code(String),
    /// The list has no entries.
    #[error("the list has no entries; give one that has")]
    Empty,
    /// The list names an id twice.
    #[error("the id `{0}` stands twice on the list; give each once")]
    Twice(String),
    /// The list lost half of its entries or more.
    #[error("the list lost {lost} of its {before} entries; confirm that it did")]
    Lost {
        /// Entries of the version in force.
        before: u32,
        /// Those of them that are gone.
        lost: u32,
    },
    /// A threshold is none.
    #[error(
        "a threshold is a score from 0.3 to 1, and that of strong hits is not below that of hits"
    )]
    Threshold,
    /// The rules of hits do not let it.
    #[error(transparent)]
    Refused(#[from] HitRefusal),
    /// Somebody did something with the hit since it was seen.
    #[error("somebody did something with the hit since it was seen; look at it again")]
    Stale,
    /// Something stored cannot be read back.
    #[error("`{what}` of the screening is damaged: {why}")]
    Damaged {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// A case could not be read or changed.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

impl From<StoreError> for ScreeningError {
    fn from(error: StoreError) -> ScreeningError {
        ScreeningError::Platform(error.into())
    }
}

fn damaged(what: &str, why: impl ToString) -> ScreeningError {
    ScreeningError::Damaged { what: what.to_owned(), why: why.to_string() }
}

/// From which scores a match is a hit, and a hit a strong one, by list and kind of the listed party.
#[derive(Debug, Clone, Default)]
pub struct Thresholds(BTreeMap<(String, String), (u32, u32)>);

impl Thresholds {
    /// Those in force, of all that were ever set, the newest first.
    #[must_use]
    pub fn new(set: &[ThresholdRecord]) -> Thresholds {
        let mut found = BTreeMap::new();
        for one in set {
            let key = (one.list.clone(), one.kind.clone());
            found.entry(key).or_insert((one.hit_ppm, one.strong_ppm));
        }
        Thresholds(found)
    }

    /// The two of a list and a kind, in millionths: the closest that was set.
    #[must_use]
    pub fn of(&self, list: &str, kind: &str) -> (u32, u32) {
        let at = |list: &str, kind: &str| self.0.get(&(list.to_owned(), kind.to_owned())).copied();
        at(list, kind)
            .or_else(|| at(list, ""))
            .or_else(|| at("", kind))
            .or_else(|| at("", ""))
            .unwrap_or((HIT_PPM, STRONG_PPM))
    }

    /// How strong a hit is.
    #[must_use]
    pub fn strength(&self, list: &str, kind: &str, score_ppm: u32) -> Strength {
        if score_ppm >= self.of(list, kind).1 { Strength::Strong } else { Strength::Plain }
    }

    /// The least score that is a hit anywhere.
    fn least(&self) -> u32 {
        self.0.values().map(|(hit, _)| *hit).min().unwrap_or(HIT_PPM).min(HIT_PPM)
    }
}

/// A score in millionths.
#[must_use]
pub fn score_ppm(score: f64) -> u32 {
    (score.clamp(0.0, 1.0) * 1_000_000.0).round() as u32
}

/// All lists in force, made ready; immutable.
#[derive(Debug)]
pub struct InForce {
    /// How often lists or thresholds had changed.
    pub stand: i64,
    /// The lists, made ready for comparing.
    pub generation: Generation,
    /// Their versions.
    pub versions: Vec<ListVersionRecord>,
    /// The thresholds.
    pub thresholds: Thresholds,
    /// Hash and kind of each record, by list and id.
    records: HashMap<String, HashMap<String, ([u8; 32], &'static str)>>,
}

/// A match that is a hit.
#[derive(Debug, Clone)]
pub struct Found {
    /// The match.
    pub of: Match,
    /// Kind of the listed party.
    pub kind: &'static str,
    /// How strong it is.
    pub strength: Strength,
    /// Hash of the record.
    pub record_hash: [u8; 32],
    /// Number of the version of the list.
    pub version: u32,
}

impl InForce {
    /// The hits of a party, the best first.
    #[must_use]
    pub fn screen(&self, query: &Query) -> Vec<Found> {
        self.screen_from(query, |found| self.thresholds.of(&found.of.list, found.kind).0)
    }

    /// The matches of a party from a score on that the caller says, the best first.
    #[must_use]
    pub fn screen_at(&self, query: &Query, threshold_ppm: u32) -> Vec<Found> {
        self.screen_from(query, |_| threshold_ppm)
    }

    fn screen_from(&self, query: &Query, least: impl Fn(&Found) -> u32) -> Vec<Found> {
        let threshold = f64::from(self.thresholds.least().min(HIT_PPM)) / 1_000_000.0;
        let settings = Settings { threshold, limit: MATCHES_MAX };
        let matches = self.generation.screen(query, &settings);
        let found = matches.into_iter().filter_map(|of| self.found(of));
        found.filter(|found| score_ppm(found.of.score) >= least(found)).collect()
    }

    fn found(&self, of: Match) -> Option<Found> {
        let (record_hash, kind) = *self.records.get(&of.list)?.get(&of.entity)?;
        let version = self.versions.iter().find(|version| version.list == of.list)?.version;
        let strength = self.thresholds.strength(&of.list, kind, score_ppm(of.score));
        Some(Found { of, kind, strength, record_hash, version })
    }
}

/// What is kept of the lists in force: swapped as a whole.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    now: RwLock<Option<Arc<InForce>>>,
    building: Mutex<()>,
}

impl Kept {
    fn get(&self) -> Option<Arc<InForce>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Platform {
    /// The lists in force. While another thread makes new ones ready, those before them.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn lists_in_force(&self) -> Result<Arc<InForce>, ScreeningError> {
        let kept = self.inner.screening.get();
        let stand = self.reader().licensing().list_stand()?;
        if let Some(kept) = kept {
            if kept.stand == stand {
                return Ok(kept);
            }
            let Ok(building) = self.inner.screening.building.try_lock() else { return Ok(kept) };
            return self.lists_build(building);
        }
        self.lists_now()
    }

    /// The lists in force; waits until they are ready.
    pub(crate) fn lists_now(&self) -> Result<Arc<InForce>, ScreeningError> {
        let lock = &self.inner.screening.building;
        self.lists_build(lock.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn lists_build(
        &self,
        _building: std::sync::MutexGuard<'_, ()>,
    ) -> Result<Arc<InForce>, ScreeningError> {
        let before = self.inner.screening.get();
        let (stand, versions, set) = {
            let reader = self.reader();
            let read = reader.licensing();
            // The stand first: what changes after it is read again.
            (read.list_stand()?, read.lists_in_force()?, read.thresholds()?)
        };
        if let Some(kept) = before.as_ref().filter(|kept| kept.stand == stand) {
            return Ok(kept.clone());
        }
        let mut lists: Vec<Arc<List>> = Vec::new();
        let mut records = HashMap::new();
        for version in &versions {
            let known = before.as_ref().and_then(|before| {
                let lists = before.generation.lists();
                lists.iter().find(|l| l.code == version.list && l.version == version.hash)
            });
            let list = match known {
                Some(list) => list.clone(),
                None => Arc::new(self.list_at(version)?),
            };
            let of_list: HashMap<String, ([u8; 32], &'static str)> = list
                .parties
                .iter()
                .map(|party| {
                    (party.id.clone(), (record_hash(party).0, lists::kind_code(party.kind)))
                })
                .collect();
            records.insert(version.list.clone(), of_list);
            lists.push(list);
        }
        let generation = Generation::build(lists);
        let thresholds = Thresholds::new(&set);
        let made = Arc::new(InForce { stand, generation, versions, thresholds, records });
        *self.inner.screening.now.write().unwrap_or_else(PoisonError::into_inner) =
            Some(made.clone());
        Ok(made)
    }

    /// A version of a list as it was.
    fn list_at(&self, version: &ListVersionRecord) -> Result<List, ScreeningError> {
        let entries = self.reader().licensing().list_entries(&version.list, version.version)?;
        let mut parties = Vec::with_capacity(entries.len());
        for entry in &entries {
            let party = serde_json::from_str(&entry.body);
            parties.push(party.map_err(|error| damaged(&entry.entity, error))?);
        }
        let ownerships: Vec<Ownership> = serde_json::from_str(&version.ownerships)
            .map_err(|error| damaged(&version.list, error))?;
        Ok(List { code: version.list.clone(), version: version.hash.clone(), parties, ownerships })
    }

    /// The lists as they were in force at an instant, with the thresholds of then: would this have hit?
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn lists_as_of(&self, at: Timestamp) -> Result<InForce, ScreeningError> {
        let (versions, set) = {
            let reader = self.reader();
            let read = reader.licensing();
            let mut versions = Vec::new();
            for newest in read.lists_in_force()? {
                let of_list = read.list_versions(&newest.list)?;
                versions.extend(of_list.into_iter().find(|v| v.taken_at_us <= at.us()));
            }
            let mut set = read.thresholds()?;
            set.retain(|one| one.set_at_us <= at.us());
            (versions, set)
        };
        let mut lists = Vec::new();
        let mut records = HashMap::new();
        for version in &versions {
            let list = self.list_at(version)?;
            let heads = list.parties.iter().map(|party| {
                (party.id.clone(), (record_hash(party).0, lists::kind_code(party.kind)))
            });
            records.insert(version.list.clone(), heads.collect());
            lists.push(Arc::new(list));
        }
        Ok(InForce {
            stand: versions.iter().map(|version| version.stand).max().unwrap_or(1),
            generation: Generation::build(lists),
            versions,
            thresholds: Thresholds::new(&set),
            records,
        })
    }
}
