//! Hits as somebody reads and decides them.

use licensing::decide::Command;
use screening::hit::{Deed, HitState, Standing, Strength, decide};
use screening::{ListedParty, Match, Query};
use store::{
    HitCursor, HitFilter, HitRecord, HitStepRecord, LicensingChange, LicensingRead, ScreenedUse,
    StoreError,
};

use super::case::list_of;
use super::lists::audit;
use super::{ScreeningError, Thresholds, damaged};
use crate::cases::{CaseBatch, CaseError, Known, Step};
use crate::import::hex;
use crate::law::Law;
use crate::platform::Platform;
use base::authorisation::{Actor, Role};

/// Hits on a page.
pub const PAGE_ROWS: u32 = 25;
/// Places in which a party stands that are shown.
const USES_MAX: u32 = 20;
/// Places that are told of a decision.
const USES_TOLD_MAX: u32 = 10_000;
/// Earlier hits of the same listed party that are shown.
const EARLIER_MAX: u32 = 10;
/// The event by which the clocks of a pack know its watch list.
const WATCH_LISTED: &str = "watch_listed";

/// A page of hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitPage {
    /// Its rows, each with how strong it is.
    pub rows: Vec<(HitRecord, Strength)>,
    /// Where the next begins; nothing where this is the last.
    pub next: Option<HitCursor>,
}

/// A place in which a party stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseView {
    /// Where.
    pub place: ScreenedUse,
    /// Whose case or licence it is, `scheme:value`; else empty.
    pub of: String,
    /// Code of the state of a case; else empty.
    pub state: String,
}

/// A hit with all that is decided on.
#[derive(Debug, Clone)]
pub struct HitView {
    /// The hit.
    pub hit: HitRecord,
    /// How strong it is.
    pub strength: Strength,
    /// Why it was found.
    pub found: Match,
    /// What was screened.
    pub query: Query,
    /// The record of the list.
    pub listed: ListedParty,
    /// What was done with it.
    pub steps: Vec<HitStepRecord>,
    /// Where the party stands; at most twenty places.
    pub uses: Vec<UseView>,
    /// Other hits of the same listed party, the last changed first: of the same pair first.
    pub earlier: Vec<HitRecord>,
}

/// What came of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Where the hit stands.
    pub state: HitState,
    /// Numbers of the cases in which the party is now recorded as watch-listed.
    pub recorded: Vec<String>,
}

/// The key of a hit from its text in hexadecimal.
#[must_use]
pub fn hit_id_read(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 32 || !bytes.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut id = [0; 16];
    for (byte, pair) in id.iter_mut().zip(bytes.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(id)
}

/// How strong a hit is: one that was confirmed before is not cleared by one person.
fn strength_of(thresholds: &Thresholds, hit: &HitRecord) -> Strength {
    if hit.before == HitState::Confirmed.code() {
        return Strength::Strong;
    }
    thresholds.strength(&hit.list, &hit.kind, hit.score_ppm)
}

fn use_view(read: &LicensingRead<'_>, place: ScreenedUse) -> Result<UseView, StoreError> {
    let (mut of, mut state) = (String::new(), String::new());
    match place.kind.as_str() {
        "case" => {
            if let Some(record) = read.case(&place.subject)? {
                (of, state) = (record.row.applicant, record.row.state);
            }
        }
        "licence" => {
            if let Some((owner_id, licence_id)) = read.licence_key(&place.subject)? {
                let licence = read.licence(owner_id, licence_id)?;
                of = licence.map_or(String::new(), |licence| licence.holder);
            }
        }
        "party" => of.clone_from(&place.subject),
        _ => {}
    }
    Ok(UseView { place, of, state })
}

impl Platform {
    /// A page of the hits, the strongest first.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn hits(
        &self,
        filter: &HitFilter,
        after: Option<&HitCursor>,
    ) -> Result<HitPage, ScreeningError> {
        let reader = self.reader();
        let read = reader.licensing();
        let thresholds = Thresholds::new(&read.thresholds()?);
        let mut rows = read.hits(filter, after, PAGE_ROWS + 1)?;
        let more = rows.len() > PAGE_ROWS as usize;
        rows.truncate(PAGE_ROWS as usize);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|row| HitCursor { score_ppm: row.score_ppm, hit_id: row.hit_id });
        let rows = rows.into_iter().map(|hit| {
            let strength = strength_of(&thresholds, &hit);
            (hit, strength)
        });
        Ok(HitPage { rows: rows.collect(), next })
    }

    /// How many hits stand in each state on each list: state, list, number.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn hit_counts(&self) -> Result<Vec<(String, String, u32)>, ScreeningError> {
        Ok(self.reader().licensing().hit_counts()?)
    }

    /// A hit.
    ///
    /// # Errors
    /// [`ScreeningError::Unknown`] where there is none.
    pub fn hit(&self, hit_id: &[u8; 16]) -> Result<HitView, ScreeningError> {
        let reader = self.reader();
        let read = reader.licensing();
        let hit = read.hit(hit_id)?.ok_or(ScreeningError::Unknown)?;
        let wrong = |error: serde_json::Error| damaged(&hit.party_name, error);
        let party = read.screened(&hit.party_hash)?.ok_or(ScreeningError::Unknown)?;
        let record = read.list_entry((&hit.list, &hit.entity), &hit.record_hash)?;
        let places = read.screened_uses(&hit.party_hash, USES_MAX)?;
        let mut uses = Vec::new();
        for place in places {
            uses.push(use_view(&read, place)?);
        }
        let mut earlier = read.hits_of_entity((&hit.list, &hit.entity), EARLIER_MAX + 1)?;
        earlier.retain(|other| other.hit_id != hit.hit_id);
        earlier.sort_by_key(|other| {
            (other.party_hash != hit.party_hash, std::cmp::Reverse(other.changed_at_us))
        });
        Ok(HitView {
            strength: strength_of(&Thresholds::new(&read.thresholds()?), &hit),
            found: serde_json::from_str(&hit.body).map_err(wrong)?,
            query: serde_json::from_str(&party.query).map_err(wrong)?,
            listed: serde_json::from_str(&record.ok_or(ScreeningError::Unknown)?).map_err(wrong)?,
            steps: read.hit_steps(hit_id)?,
            uses,
            earlier,
            hit,
        })
    }

    /// Decides on a hit as it was seen; what follows for open cases is recorded in them.
    ///
    /// # Errors
    /// [`ScreeningError::Refused`] where the rules do not let it, [`ScreeningError::Stale`] where somebody
    /// was faster.
    pub fn hit_decide(
        &self,
        law: &Law,
        (hit_id, seen): (&[u8; 16], u32),
        (deed, reason): (Deed, &str),
        known: &Known,
        step: &Step<'_>,
    ) -> Result<Decided, ScreeningError> {
        self.aside()?.licensing_change(|change| {
            let read = change.read();
            let hit = read.hit(hit_id)?.ok_or(ScreeningError::Unknown)?;
            if hit.version != seen {
                return Err(ScreeningError::Stale);
            }
            let state = HitState::parse(&hit.state).ok_or_else(|| damaged("state", &hit.state))?;
            let standing = Standing {
                state,
                strength: strength_of(&Thresholds::new(&read.thresholds()?), &hit),
                proposed_by: [&hit.decided_by, &hit.decided_for],
            };
            let after = decide(&standing, step.actor, deed, reason)?;
            let decided = stepped(&hit, after, deed, step);
            change.hit_put(&decided, hit.version)?;
            let seq = read.hit_steps(hit_id)?.len() as u32 + 1;
            change.hit_step_add(
                hit_id,
                &HitStepRecord {
                    seq,
                    at_us: step.moment.now.us(),
                    account: step.actor.account.clone(),
                    acting_for: step.actor.acting_for.clone(),
                    deed: deed.code().to_owned(),
                    state: after.code().to_owned(),
                    reason: reason.trim().to_owned(),
                },
            )?;
            let detail = serde_json::json!({
                "deed": deed.code(), "entity": hit.entity, "list": hit.list, "state": after.code(),
            });
            audit(change, step, "hit_decided", &format!("hit:{}", hex(hit_id)), &detail)?;
            let recorded = if after == HitState::Confirmed {
                watch_list(change, law, &hit, known, step)?
            } else {
                Vec::new()
            };
            Ok(Decided { state: after, recorded })
        })
    }
}

/// A hit after a deed.
fn stepped(hit: &HitRecord, after: HitState, deed: Deed, step: &Step<'_>) -> HitRecord {
    let mut decided = HitRecord {
        state: after.code().to_owned(),
        changed_at_us: step.moment.now.us(),
        version: hit.version + 1,
        ..hit.clone()
    };
    match deed {
        Deed::Agree => decided.second_by.clone_from(&step.actor.account),
        Deed::Reopen | Deed::SendBack => {
            // What was confirmed once is not cleared by one person.
            if deed == Deed::Reopen && hit.before != HitState::Confirmed.code() {
                decided.before.clone_from(&hit.state);
            }
            (decided.decided_by, decided.decided_for, decided.second_by) =
                (String::new(), String::new(), String::new());
        }
        Deed::Confirm | Deed::Clear | Deed::Ask => {
            decided.decided_by.clone_from(&step.actor.account);
            decided.decided_for.clone_from(&step.actor.acting_for);
        }
    }
    decided
}

/// Records in the open cases of a party that it is on the watch list, where the pack calls the list so.
fn watch_list(
    change: &LicensingChange<'_>,
    law: &Law,
    hit: &HitRecord,
    known: &Known,
    step: &Step<'_>,
) -> Result<Vec<String>, ScreeningError> {
    let event = list_of(law, &hit.list).and_then(|list| list.event.as_deref());
    if event != Some(WATCH_LISTED) {
        return Ok(Vec::new());
    }
    // It is the screening that tells the case, whoever decided the hit.
    let screening = Actor::new("", Role::Operator, "");
    let by = Step { actor: &screening, moment: step.moment };
    let batch = CaseBatch::within(change, law);
    let mut recorded = Vec::new();
    for place in change.read().screened_uses(&hit.party_hash, USES_TOLD_MAX)? {
        if place.kind != "case" || !batch.case(&place.subject)?.state.open() {
            continue;
        }
        let command = Command::WatchList { party: place.key.clone() };
        match batch.step(&place.subject, &command, known, &by) {
            Ok(_) => recorded.push(place.subject),
            // Recorded before, or the case went on: the hit is confirmed all the same.
            Err(CaseError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(recorded)
}
