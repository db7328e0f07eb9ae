//! Parties as they are screened: of a registration, a registered company, a case, a licence.

use std::collections::{BTreeMap, BTreeSet};

use base::Timestamp;
use licensing::application::PartyEntry;
use licensing::case::Case;
use licensing::licence::{Change, Licence, LicenceEvent, PartyNamed};
use screening::{Identifier, Query};
use store::{LicensingChange, PeopleChange, ScreenedRecord, StoreError};

use super::ScreeningError;
use super::lists::{digest, job_key};
use super::run::{JOB_KIND, Task, end_orphans};
use crate::platform::Platform;

/// Parties in one transaction of [`Platform::screening_gather`].
const GATHER_ROWS: usize = 500;

/// What is screened of a party: names without those that are blank or stand twice.
fn query(names: &[&str], country: &str, identifiers: &[String]) -> Query {
    let mut kept: Vec<String> = Vec::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        if !kept.iter().any(|known| known == name) {
            kept.push(name.to_owned());
        }
    }
    let country = country.trim().to_ascii_uppercase();
    let mut numbers: Vec<Identifier> = identifiers
        .iter()
        .filter_map(|identifier| identifier.split_once(':'))
        .map(|(scheme, value)| Identifier { scheme: scheme.to_owned(), value: value.to_owned() })
        .collect();
    numbers.sort();
    numbers.dedup();
    Query {
        names: kept,
        countries: Some(country).filter(|country| !country.is_empty()).into_iter().collect(),
        identifiers: numbers,
        ..Query::default()
    }
}

/// What is screened of a party of an application.
#[must_use]
pub fn query_of_entry(entry: &PartyEntry) -> Query {
    query(&[&entry.name, &entry.local_name], &entry.country, &entry.identifiers)
}

/// A party as it is kept; nothing where it has no name.
fn screened(query: &Query, now: Timestamp) -> Option<ScreenedRecord> {
    let name = query.names.first()?.clone();
    let text = serde_json::to_string(query).unwrap_or_default();
    let hash = digest(&text);
    Some(ScreenedRecord { hash, name, query: text, stand: 0, came_at_us: now.us() })
}

/// The parties of a case, by their keys.
fn of_case(case: &Case, now: Timestamp) -> Vec<(String, ScreenedRecord)> {
    let parties = case.application.parties.iter();
    parties
        .filter_map(|party| Some((party.key.clone(), screened(&query_of_entry(party), now)?)))
        .collect()
}

/// The parties of a licence: consignees and end users of its lines, and users that were registered since.
fn of_licence(
    licence: &Licence,
    events: &[LicenceEvent],
    now: Timestamp,
) -> Vec<(String, ScreenedRecord)> {
    let mut found: BTreeMap<String, ScreenedRecord> = BTreeMap::new();
    let mut add = |key: String, party: &PartyNamed, country: &str| {
        let identifiers: Vec<String> =
            Some(party.id.clone()).filter(|id| !id.is_empty()).into_iter().collect();
        if let Some(record) = screened(&query(&[&party.name], country, &identifiers), now) {
            found.insert(key, record);
        }
    };
    for line in &licence.lines {
        add(format!("{}/consignee", line.number), &line.consignee, &line.destination);
        add(format!("{}/end_user", line.number), &line.end_user, &line.destination);
    }
    for (place, event) in events.iter().enumerate() {
        if let Change::UserRegistered(user) = &event.change {
            add(format!("user/{place}"), &user.party, &user.country);
        }
    }
    // Of the same party on many lines once is enough.
    let mut seen = BTreeSet::new();
    found.into_iter().filter(|(_, record)| seen.insert(record.hash)).collect()
}

fn noted(
    change: &LicensingChange<'_>,
    (kind, subject): (&str, &str),
    parties: &[(String, ScreenedRecord)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let before = change.read().uses_of(kind, subject)?;
    let new = change.screened_put((kind, subject), parties)?;
    let gone: BTreeSet<[u8; 32]> = before.iter().map(|known| known.hash).collect();
    end_orphans(change, &gone, now)?;
    // Where no list is in force yet, the first one is screened against everybody.
    if new > 0 && change.read().list_stand()? > 1 {
        let body = serde_json::to_string(&Task::Waiting).unwrap_or_default();
        let job_id = job_key(&format!("{kind}/{subject}"), now);
        change.job(&store::NewJob {
            job_id,
            kind: JOB_KIND,
            body: &body,
            due_us: now.us(),
            at_us: now.us(),
        })?;
    }
    Ok(())
}

/// Notes the parties of a case.
pub(crate) fn case_note(
    change: &LicensingChange<'_>,
    case: &Case,
    now: Timestamp,
) -> Result<(), StoreError> {
    noted(change, ("case", &case.number), &of_case(case, now), now)
}

/// Notes the parties of a licence.
///
/// # Errors
/// [`StoreError`] where the database refuses.
pub fn licence_note(
    change: &LicensingChange<'_>,
    licence: &Licence,
    events: &[LicenceEvent],
    now: Timestamp,
) -> Result<(), StoreError> {
    noted(change, ("licence", &licence.number), &of_licence(licence, events, now), now)
}

/// A company as it registers, or is registered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Company<'a> {
    pub(crate) name: &'a str,
    pub(crate) local_name: &'a str,
    pub(crate) country: &'a str,
    pub(crate) identifiers: &'a [String],
}

impl Company<'_> {
    fn screened(&self, now: Timestamp) -> Vec<(String, ScreenedRecord)> {
        let query = query(&[self.name, self.local_name], self.country, self.identifiers);
        screened(&query, now).map(|record| (String::new(), record)).into_iter().collect()
    }
}

/// Notes a company that asks to be registered, or (with its identifiers as subjects) that is.
pub(crate) fn company_note(
    change: &PeopleChange<'_>,
    kind: &str,
    subjects: &[&str],
    company: &Company<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let parties = company.screened(now);
    let mut new = 0;
    for subject in subjects {
        new += change.screened_put((kind, subject), &parties)?;
    }
    if new > 0 && change.list_stand()? > 1 {
        let body = serde_json::to_string(&Task::Waiting).unwrap_or_default();
        let subject = subjects.first().copied().unwrap_or_default();
        change.job(&store::NewJob {
            job_id: job_key(&format!("{kind}/{subject}"), now),
            kind: JOB_KIND,
            body: &body,
            due_us: now.us(),
            at_us: now.us(),
        })?;
    }
    Ok(())
}

impl Platform {
    /// Notes everybody that was here before screening was: registered companies, parties of cases and of
    /// licences. What is noted already stays as it is. Gives how many parties are screened then.
    ///
    /// # Errors
    /// [`ScreeningError`] where the database refuses.
    pub fn screening_gather(&self, now: Timestamp) -> Result<u64, ScreeningError> {
        let numbers = self.reader().licensing().case_numbers()?;
        for part in numbers.chunks(GATHER_ROWS) {
            let mut cases = Vec::new();
            for number in part {
                cases.push(self.case(number)?);
            }
            self.aside()?.licensing_change(|change| {
                cases
                    .iter()
                    .try_for_each(|case| case_note(change, case, now))
                    .map_err(ScreeningError::from)
            })?;
        }
        let mut licences: Vec<(Licence, Vec<LicenceEvent>)> = Vec::new();
        self.reader().licensing().licences_all(|record| {
            let licence = serde_json::from_str(&record.body);
            let events = serde_json::from_str(&record.events);
            match (licence, events) {
                (Ok(licence), Ok(events)) => licences.push((licence, events)),
                (licence, _) => {
                    let why = licence.err().map_or("its events".to_owned(), |e| e.to_string());
                    return Err(super::damaged(&record.number, why));
                }
            }
            Ok::<(), ScreeningError>(())
        })?;
        for part in licences.chunks(GATHER_ROWS) {
            self.aside()?.licensing_change(|change| {
                let each = |(licence, events): &(Licence, Vec<LicenceEvent>)| {
                    licence_note(change, licence, events, now)
                };
                part.iter().try_for_each(each).map_err(ScreeningError::from)
            })?;
        }
        let companies = self.reader().licensing().profiles()?;
        for part in companies.chunks(GATHER_ROWS) {
            self.aside()?.licensing_change(|change| {
                for (profile, identifiers) in part {
                    let company = Company {
                        name: &profile.name,
                        local_name: &profile.local_name,
                        country: &profile.country,
                        identifiers,
                    };
                    for identifier in identifiers {
                        noted(change, ("party", identifier), &company.screened(now), now)?;
                    }
                }
                Ok::<(), ScreeningError>(())
            })?;
        }
        Ok(self.reader().licensing().screened_count()?.unsigned_abs())
    }
}
