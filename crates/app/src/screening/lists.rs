//! Lists coming in force, version by version, and the thresholds.

use std::collections::BTreeMap;

use base::Timestamp;
use screening::delta::{LossGuard, list_version, record_hash};
use screening::{List, PartyKind};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{
    LicensingChange, ListEntryHead, ListEntryRecord, ListVersionRecord, NewAudit, NewJob,
    ThresholdRecord,
};

use super::run::{JOB_KIND, Task};
use super::{ScreeningError, THRESHOLD_PPM_MIN, damaged};
use crate::cases::Step;
use crate::platform::Platform;

/// The longest code of a list.
const CODE_BYTES_MAX: usize = 64;
/// The longest name of a file that is kept.
const FILE_CHARS_MAX: usize = 200;
/// The longest id of a listed party, in bytes.
const ENTITY_BYTES_MAX: usize = 500;

/// What is done about a list that lost half of its entries or more, or of which some cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It is refused.
    Refuse,
    /// Somebody looked, and it is so.
    Confirmed,
}

/// What became of a list that was put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is what is in force already.
    Unchanged(u32),
    /// It is in force.
    InForce(ListVersionRecord),
}

/// A threshold that somebody sets.
#[derive(Debug, Clone, Copy)]
pub struct ThresholdSet<'a> {
    /// Code of the list; empty for any.
    pub list: &'a str,
    /// Kind of listed party; empty for any.
    pub kind: &'a str,
    /// From which score a match is a hit, in millionths.
    pub hit_ppm: u32,
    /// From which score a hit is a strong one, in millionths.
    pub strong_ppm: u32,
    /// Why.
    pub reason: &'a str,
}

/// The stable code of a kind of party.
#[must_use]
pub(crate) fn kind_code(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Person => "person",
        PartyKind::Organization => "organization",
        PartyKind::Vessel => "vessel",
        PartyKind::Aircraft => "aircraft",
        PartyKind::Unknown => "unknown",
    }
}

/// A record as it is hashed and kept. Plain structures of texts always become JSON.
fn canonical(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// SHA-256 of a text.
pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn code_check(code: &str) -> Result<(), ScreeningError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if (1..=CODE_BYTES_MAX).contains(&code.len()) && code.bytes().all(plain) {
        return Ok(());
    }
    Err(ScreeningError::Code(code.to_owned()))
}

/// The records of a list by their ids, each with its hash and content.
fn records(list: &List) -> Result<BTreeMap<&str, ListEntryRecord>, ScreeningError> {
    let mut records = BTreeMap::new();
    for party in &list.parties {
        if party.id.is_empty() || party.id.len() > ENTITY_BYTES_MAX {
            return Err(damaged(&party.id, "an id has 1 to 500 bytes"));
        }
        let body = canonical(party);
        let entry = ListEntryRecord {
            entity: party.id.clone(),
            hash: record_hash(party).0,
            name: party.names.first().map_or(String::new(), |name| name.text.clone()),
            body,
        };
        if records.insert(party.id.as_str(), entry).is_some() {
            return Err(ScreeningError::Twice(party.id.clone()));
        }
    }
    if records.is_empty() {
        return Err(ScreeningError::Empty);
    }
    Ok(records)
}

/// The key of a job about something at an instant.
pub(super) fn job_key(what: &str, now: Timestamp) -> [u8; 16] {
    let digest = digest(&format!("screening/{what}/{}", now.us()));
    let mut random = [0; 10];
    random.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
    crate::jobs::job_id(now, &random)
}

/// Writes the job that follows.
pub(super) fn job_write(
    change: &LicensingChange<'_>,
    task: &Task,
    what: &str,
    now: Timestamp,
) -> Result<(), ScreeningError> {
    let body = canonical(task);
    let job_id = job_key(what, now);
    Ok(change.job(&NewJob {
        job_id,
        kind: JOB_KIND,
        body: &body,
        due_us: now.us(),
        at_us: now.us(),
    })?)
}

impl Platform {
    /// Puts a list in force under a code, with a job that screens everybody against what is new in it. The
    /// same content again changes nothing.
    ///
    /// # Errors
    /// [`ScreeningError::Lost`] where it lost more than half of its entries and nobody confirmed it.
    pub fn list_put(
        &self,
        code: &str,
        list: &List,
        (file, lost): (&str, Lost),
        step: &Step<'_>,
    ) -> Result<Put, ScreeningError> {
        code_check(code)?;
        let records = records(list)?;
        let ownerships = canonical(&list.ownerships);
        let hash = list_version(list);
        let file: String = file.chars().take(FILE_CHARS_MAX).collect();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.aside()?.licensing_change(|change| {
            let read = change.read();
            let newest = read.list_versions(code)?.into_iter().next();
            if let Some(newest) = newest.as_ref().filter(|newest| newest.hash == hash) {
                return Ok(Put::Unchanged(newest.version));
            }
            let before: BTreeMap<String, ListEntryHead> = match &newest {
                None => BTreeMap::new(),
                Some(newest) => read
                    .list_heads(code, newest.version)?
                    .into_iter()
                    .map(|head| (head.entity.clone(), head))
                    .collect(),
            };
            let gone =
                before.keys().filter(|entity| !records.contains_key(entity.as_str())).count();
            if lost == Lost::Refuse
                && let Err(shrunk) = LossGuard::default().counted(before.len(), gone)
            {
                let (before, lost) = (count(shrunk.had), count(shrunk.lost));
                return Err(ScreeningError::Lost { before, lost });
            }
            let version = newest.map_or(1, |newest| newest.version + 1);
            let (mut added, mut changed, mut removed) = (0, 0, 0);
            for gone in before.keys().filter(|entity| !records.contains_key(entity.as_str())) {
                change.list_entry_end(code, gone, version)?;
                removed += 1;
            }
            for record in records.values() {
                match before.get(&record.entity) {
                    Some(known) if known.hash == record.hash => continue,
                    Some(_) => {
                        change.list_entry_end(code, &record.entity, version)?;
                        changed += 1;
                    }
                    None => added += 1,
                }
                change.list_entry_add(code, version, record)?;
            }
            let now = step.moment.now;
            let made = ListVersionRecord {
                list: code.to_owned(),
                version,
                hash: hash.clone(),
                stand: change.list_stand_next()?,
                entries: count(records.len()),
                added,
                changed,
                removed,
                ownerships: ownerships.clone(),
                file: file.clone(),
                taken_by: step.actor.account.clone(),
                taken_at_us: now.us(),
            };
            change.list_version_add(&made)?;
            let task = Task::Delta { list: code.to_owned(), version };
            job_write(change, &task, &format!("{code}/{version}"), now)?;
            let detail = serde_json::json!({
                "added": added, "changed": changed, "entries": made.entries, "removed": removed,
            });
            audit(change, step, "list_put", &format!("list:{code}/{version}"), &detail)?;
            Ok(Put::InForce(made))
        })
    }

    /// The version in force of each list.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn lists(&self) -> Result<Vec<ListVersionRecord>, ScreeningError> {
        Ok(self.reader().licensing().lists_in_force()?)
    }

    /// The versions of a list, the newest first.
    ///
    /// # Errors
    /// [`ScreeningError::Unknown`] where there is no such list.
    pub fn list_versions(&self, list: &str) -> Result<Vec<ListVersionRecord>, ScreeningError> {
        let found = self.reader().licensing().list_versions(list)?;
        if found.is_empty() { Err(ScreeningError::Unknown) } else { Ok(found) }
    }

    /// What came with a version of a list, and what went or was replaced.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn list_changes(
        &self,
        list: &str,
        version: u32,
    ) -> Result<(Vec<ListEntryHead>, Vec<ListEntryHead>), ScreeningError> {
        let reader = self.reader();
        let read = reader.licensing();
        Ok((read.list_came(list, version)?, read.list_went(list, version)?))
    }

    /// All thresholds that were ever set, the newest first.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn thresholds(&self) -> Result<Vec<ThresholdRecord>, ScreeningError> {
        Ok(self.reader().licensing().thresholds()?)
    }

    /// Sets a threshold, with a job that screens everybody anew.
    ///
    /// # Errors
    /// [`ScreeningError::Threshold`] where it is none.
    pub fn threshold_set(
        &self,
        set: &ThresholdSet<'_>,
        step: &Step<'_>,
    ) -> Result<ThresholdRecord, ScreeningError> {
        let kinds = ["", "person", "organization", "vessel", "aircraft", "unknown"];
        let ordered = (THRESHOLD_PPM_MIN..=1_000_000).contains(&set.hit_ppm)
            && (set.hit_ppm..=1_000_000).contains(&set.strong_ppm);
        if !ordered || !kinds.contains(&set.kind) {
            return Err(ScreeningError::Threshold);
        }
        if !set.list.is_empty() {
            code_check(set.list)?;
        }
        let reason = set.reason.trim();
        let length = reason.chars().count();
        if length == 0 || length > screening::hit::REASON_CHARS_MAX {
            return Err(screening::hit::HitRefusal::Reason.into());
        }
        let now = step.moment.now;
        self.aside()?.licensing_change(|change| {
            let newest = change.read().thresholds()?.first().map_or(0, |newest| newest.version);
            let made = ThresholdRecord {
                version: newest + 1,
                list: set.list.to_owned(),
                kind: set.kind.to_owned(),
                hit_ppm: set.hit_ppm,
                strong_ppm: set.strong_ppm,
                reason: reason.to_owned(),
                set_by: step.actor.account.clone(),
                set_at_us: now.us(),
            };
            change.threshold_add(&made)?;
            change.list_stand_next()?;
            job_write(change, &Task::Full, &format!("threshold/{}", made.version), now)?;
            let detail = serde_json::json!({
                "hit_ppm": set.hit_ppm, "kind": set.kind, "list": set.list,
                "strong_ppm": set.strong_ppm,
            });
            let resource = format!("threshold:{}", made.version);
            audit(change, step, "threshold_set", &resource, &detail)?;
            Ok(made)
        })
    }
}

/// Writes an entry of the audit; whom the actor covers is told with it.
pub(super) fn audit(
    change: &LicensingChange<'_>,
    step: &Step<'_>,
    action: &str,
    resource: &str,
    detail: &serde_json::Value,
) -> Result<(), ScreeningError> {
    let mut detail = detail.clone();
    if let Some(detail) = detail.as_object_mut().filter(|_| !step.actor.acting_for.is_empty()) {
        detail.insert("acting_for".to_owned(), step.actor.acting_for.as_str().into());
    }
    Ok(change.audit(&NewAudit {
        at_us: step.moment.now.us(),
        account: &step.actor.account,
        action,
        subject: "",
        resource,
        detail: &detail.to_string(),
    })?)
}
