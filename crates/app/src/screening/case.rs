//! What screening says of a case: how each of its parties stands, and what the rules are told of it.

use std::collections::BTreeMap;

use controls::regime::{PartyEffect, PartyList};
use licensing::case::Case;
use screening::hit::{HitState, Strength};
use store::{LicensingRead, StoreError, UseHit};

use super::{ScreeningError, Thresholds};
use crate::cases::Known;
use crate::law::Law;
use crate::platform::Platform;

/// The event by which the clocks of a pack know its watch list.
const WATCH_LISTED: &str = "watch_listed";

/// How a party stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartyState {
    /// It is about to be screened.
    Waiting,
    /// It is on no list, or on none after all.
    Clear,
    /// A hit waits for somebody.
    Open,
    /// It is a listed party.
    Confirmed,
}

impl PartyState {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PartyState::Waiting => "waiting",
            PartyState::Clear => "clear",
            PartyState::Open => "open",
            PartyState::Confirmed => "confirmed",
        }
    }
}

/// A party of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyScreening {
    /// How it stands.
    pub state: PartyState,
    /// Its hits, the strongest first, each with how strong it is.
    pub hits: Vec<(UseHit, Strength)>,
}

/// What screening says of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseScreening {
    /// Its parties by their keys, the applicant by `scheme:value`.
    pub parties: BTreeMap<String, PartyScreening>,
    /// Parties on a list that the pack calls the watch list.
    pub watch_listed: Vec<String>,
    /// Parties to which exports are forbidden.
    pub prohibited: Vec<String>,
}

impl CaseScreening {
    /// The strong hits that wait, each with the party's key.
    #[must_use]
    pub fn strong_open(&self) -> Vec<(&str, &UseHit)> {
        let mut found = Vec::new();
        for (key, party) in &self.parties {
            let open = party.hits.iter().filter(|(hit, strength)| {
                *strength == Strength::Strong
                    && HitState::parse(&hit.state).is_some_and(HitState::waits)
            });
            found.extend(open.map(|(hit, _)| (key.as_str(), hit)));
        }
        found
    }
}

/// The list of the pack with a code.
pub(super) fn list_of<'l>(law: &'l Law, list: &str) -> Option<&'l PartyList> {
    law.regime.party_lists.iter().find(|of| of.id == list)
}

/// Whether a hit counts as true: it was confirmed, or its pair was before the record changed and nobody has
/// looked since.
fn stands(hit: &UseHit) -> bool {
    let confirmed = HitState::Confirmed.code();
    let waits = HitState::parse(&hit.state).is_some_and(HitState::waits);
    hit.state == confirmed || (waits && hit.before == confirmed)
}

pub(super) fn case_read(
    read: &LicensingRead<'_>,
    law: &Law,
    case: &Case,
) -> Result<CaseScreening, StoreError> {
    let mut found = CaseScreening::default();
    let thresholds = Thresholds::new(&read.thresholds()?);
    for row in read.case_screening(&case.number, &case.applicant)? {
        let key = if row.kind == "party" { case.applicant.clone() } else { row.key };
        let party = found.parties.entry(key.clone()).or_insert_with(|| PartyScreening {
            state: if row.stand == 0 { PartyState::Waiting } else { PartyState::Clear },
            hits: Vec::new(),
        });
        let Some(hit) = row.hit else { continue };
        if stands(&hit) {
            party.state = PartyState::Confirmed;
            if let Some(list) = list_of(law, &hit.list) {
                if list.event.as_deref() == Some(WATCH_LISTED) {
                    found.watch_listed.push(key.clone());
                }
                if list.effects.contains(&PartyEffect::Prohibit) {
                    found.prohibited.push(key);
                }
            }
        } else if HitState::parse(&hit.state).is_some_and(HitState::waits)
            && party.state != PartyState::Confirmed
        {
            party.state = PartyState::Open;
        }
        let strength = thresholds.strength(&hit.list, &hit.kind, hit.score_ppm);
        party.hits.push((hit, strength));
    }
    found.watch_listed.dedup();
    found.prohibited.dedup();
    Ok(found)
}

/// What is known when a step on a case is decided on, with what screening confirmed.
pub(crate) fn known_in(
    read: &LicensingRead<'_>,
    law: &Law,
    case: &Case,
    known: &Known,
) -> Result<Known, StoreError> {
    Ok(known_of(known, &case_read(read, law, case)?))
}

/// What is known when a step on a case is decided on, with what screening confirmed.
#[must_use]
pub fn known_of(known: &Known, screening: &CaseScreening) -> Known {
    let mut known = known.clone();
    let add = |to: &mut Vec<String>, from: &[String]| {
        for party in from {
            if !to.contains(party) {
                to.push(party.clone());
            }
        }
    };
    add(&mut known.watch_listed, &screening.watch_listed);
    add(&mut known.prohibited, &screening.prohibited);
    known
}

impl Platform {
    /// What screening says of a case. Two statements.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn case_screening(&self, law: &Law, case: &Case) -> Result<CaseScreening, ScreeningError> {
        Ok(case_read(&self.reader().licensing(), law, case)?)
    }
}
