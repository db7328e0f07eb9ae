//! Registrations with general licences: registering, what happens since, returns and audits; see
//! [`licensing::general`]. What customs records is in `uses`.
//!
//! INVARIANT: what stands in a registration is what the events of its stream add up to; `check` adds them up
//! anew. Event, row, audit entry and letter are one transaction.

mod letters;
mod seed;
mod uses;

use base::authorisation::Actor;
use base::{Date, Timestamp};
use jiff::tz::TimeZone;
use licensing::general::returns::{Return, ReturnDue, ReturnFinding, ReturnState, periods};
use licensing::general::uses::UseRecorded;
use licensing::general::{
    Command, Context, DeclaredUse, GeneralEntry, GeneralEvent, GeneralLicence, NoticeStanding,
    Registering, Registration, Side, day_in, notice_standing, register,
};
use licensing::message::Reason;
use serde::{Deserialize, Serialize};
use store::{
    GeneralRecord, GeneralReturnRecord, LicensingChange, LicensingRead, NewAudit, StoreError,
};

use crate::cases::{CaseError, Step, authority_day, registration_number_next, zone};
use crate::law::Law;
use crate::platform::{Platform, PlatformError};

pub use seed::general_seed;
pub use store::GeneralCursor;
pub use uses::{UseAnswer, UseOutcome};

/// Registrations on a page.
pub const PAGE_ROWS: u32 = 25;

/// Why something was not done with a registration.
#[derive(Debug, thiserror::Error)]
pub enum GeneralError {
    /// There is none of that number.
    #[error("there is no such registration")]
    Unknown,
    /// The pack has no such general licence.
    #[error("there is no general licence `{0}`; give the code of one that is published")]
    LicenceUnknown(String),
    /// Whoever registers is no registered party.
    #[error("`{0}` is not registered as a party")]
    User(String),
    /// The rules do not let it.
    #[error("{}", reasons_text(.0))]
    Refused(Vec<Reason>),
    /// A stored registration does not add up.
    #[error("registration {number} is damaged: {what}")]
    Damaged {
        /// Its number.
        number: String,
        /// What is wrong.
        what: String,
    },
    /// A number could not be drawn.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

impl From<StoreError> for GeneralError {
    fn from(error: StoreError) -> GeneralError {
        GeneralError::Platform(error.into())
    }
}

fn reasons_text(reasons: &[Reason]) -> String {
    let texts: Vec<&str> = reasons.iter().map(|reason| reason.message.as_str()).collect();
    texts.join("; ")
}

/// What one event of the log says about a registration.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Logged {
    number: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    entries: Vec<GeneralEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<UseRecorded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    returned: Option<Return>,
}

/// A registration in a list.
#[derive(Debug, Clone)]
pub struct GeneralRow {
    /// The registration.
    pub registration: Registration,
    /// Returns whose last day is over.
    pub returns_overdue: u32,
}

/// A page of registrations.
#[derive(Debug, Clone)]
pub struct GeneralPage {
    /// Its rows.
    pub rows: Vec<GeneralRow>,
    /// Where the next begins; nothing where this is the last.
    pub next: Option<GeneralCursor>,
}

/// A return that counts, with what differs from the border.
#[derive(Debug, Clone)]
pub struct ReturnView {
    /// Its period and where it stands.
    pub due: ReturnDue,
    /// The return that counts; nothing where none was filed.
    pub filed: Option<Return>,
    /// Returns of the period on record.
    pub times: u32,
    /// What differs; empty where none was filed.
    pub findings: Vec<ReturnFinding>,
}

/// A registration with all that belongs to it.
#[derive(Debug, Clone)]
pub struct GeneralView {
    /// The registration.
    pub registration: Registration,
    /// The general licence as the pack in force has it; nothing where it has it no more.
    pub general: Option<GeneralLicence>,
    /// The uses that count, by declaration.
    pub uses: Vec<UseRecorded>,
    /// Where the notice of the first use stands.
    pub notice: NoticeStanding,
    /// The returns, the latest first.
    pub returns: Vec<ReturnView>,
    /// The day in the authority's zone.
    pub today: Date,
    /// That zone.
    pub zone: TimeZone,
}

fn stream(number: &str) -> String {
    format!("general/{number}")
}

fn damaged(number: &str, what: impl ToString) -> GeneralError {
    GeneralError::Damaged { number: number.to_owned(), what: what.to_string() }
}

fn read_back(record: &GeneralRecord) -> Result<Registration, GeneralError> {
    serde_json::from_str(&record.body).map_err(|error| damaged(&record.number, error))
}

fn found(
    read: &LicensingRead<'_>,
    number: &str,
) -> Result<(GeneralRecord, Registration), GeneralError> {
    let record = read.general_registration(number)?.ok_or(GeneralError::Unknown)?;
    let registration = read_back(&record)?;
    Ok((record, registration))
}

fn json<T: Serialize>(number: &str, value: &T) -> Result<String, GeneralError> {
    serde_json::to_string(value).map_err(|error| damaged(number, error))
}

fn row(law: &Law, registration: Registration, now: Timestamp) -> GeneralRow {
    let general = law.rules.general_licence(&registration.general);
    let overdue = general.map_or(0, |general| {
        let due = registration.returns_due(general, &zone(law), authority_day(law, now));
        due.iter().filter(|due| due.state == ReturnState::Overdue).count()
    });
    GeneralRow { registration, returns_overdue: u32::try_from(overdue).unwrap_or(u32::MAX) }
}

impl Platform {
    /// A registration by its number.
    ///
    /// # Errors
    /// [`GeneralError::Unknown`] where there is none.
    pub fn general(&self, number: &str) -> Result<Registration, GeneralError> {
        Ok(found(&self.reader().licensing(), number)?.1)
    }

    /// The registrations of a user, by number. One query.
    ///
    /// # Errors
    /// [`GeneralError`] where the database refuses.
    pub fn generals_of(
        &self,
        law: &Law,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<GeneralRow>, GeneralError> {
        let reader = self.reader();
        let read = reader.licensing();
        let Some(owner_id) = read.owner(user)? else { return Ok(Vec::new()) };
        let records = read.general_registrations_of(owner_id)?;
        records.iter().map(|record| Ok(row(law, read_back(record)?, now))).collect()
    }

    /// A page of the registrations with a general licence that stand so, the oldest first. One query.
    ///
    /// # Errors
    /// [`GeneralError`] where the database refuses.
    pub fn generals(
        &self,
        law: &Law,
        (general, state): (&str, &str),
        after: Option<&GeneralCursor>,
        now: Timestamp,
    ) -> Result<GeneralPage, GeneralError> {
        let reader = self.reader();
        let read = reader.licensing();
        let mut records = read.general_registrations(general, state, after, PAGE_ROWS + 1)?;
        let more = records.len() > PAGE_ROWS as usize;
        records.truncate(PAGE_ROWS as usize);
        let next = records.last().filter(|_| more).map(|record| GeneralCursor {
            registered_at_us: record.registered_at_us,
            number: record.number.clone(),
        });
        let rows = records.iter().map(|record| Ok(row(law, read_back(record)?, now)));
        Ok(GeneralPage { rows: rows.collect::<Result<_, GeneralError>>()?, next })
    }

    /// A registration with its uses and returns. Four queries.
    ///
    /// # Errors
    /// [`GeneralError::Unknown`] where there is none.
    pub fn general_view(
        &self,
        law: &Law,
        number: &str,
        now: Timestamp,
    ) -> Result<GeneralView, GeneralError> {
        let reader = self.reader();
        let read = reader.licensing();
        let (record, registration) = found(&read, number)?;
        let uses = uses::counting(&read, &record)?;
        let (zone, today) = (zone(law), authority_day(law, now));
        let general = law.rules.general_licence(&registration.general).cloned();
        let first = uses.iter().map(|one| day_in(&zone, one.used_us)).min();
        let notice = general.as_ref().map_or(NoticeStanding::NotAsked, |general| {
            notice_standing(general, &registration, first, &zone, today)
        });
        let filed = read.general_returns(record.owner_id, number)?;
        let returns = match &general {
            Some(general) => {
                let due = registration.returns_due(general, &zone, today);
                let view = |due| return_view(number, due, &filed, &uses, &zone);
                due.into_iter().map(view).collect::<Result<_, _>>()?
            }
            None => Vec::new(),
        };
        Ok(GeneralView { registration, general, uses, notice, returns, today, zone })
    }

    /// Registers the caller's party with a general licence; gives the number. `known` are conditions of the
    /// pack that are known to hold of it.
    ///
    /// # Errors
    /// [`GeneralError`] with everything that is wrong.
    pub fn general_register(
        &self,
        law: &Law,
        general: &str,
        (asked, known): (&Registering, &[String]),
        step: &Step<'_>,
    ) -> Result<String, GeneralError> {
        let unknown = || GeneralError::LicenceUnknown(general.to_owned());
        let rule = law.rules.general_licence(general).ok_or_else(unknown)?;
        let kind = law.rules.licence_type(&rule.licence_type).ok_or_else(unknown)?;
        let (user, now) = (step.actor.party.as_str(), step.moment.now);
        let pack = format!("{}/{}", law.id, law.version);
        self.aside()?.licensing_change(|change| {
            let read = change.read();
            let owner = read.owner(user)?;
            let owner_id = owner.ok_or_else(|| GeneralError::User(user.to_owned()))?;
            let others = read.general_registrations_of(owner_id)?;
            let others: Vec<Registration> =
                others.iter().map(read_back).collect::<Result<_, _>>()?;
            let today = authority_day(law, now);
            let event = register(rule, kind, asked, (&others, known), (&pack, today))
                .map_err(GeneralError::Refused)?;
            let number = registration_number_next(change, law, now)?;
            let entries = vec![entry(1, step.actor, now, event)];
            let registration = Registration::fold(&number, user, entries)
                .ok_or_else(|| damaged(&number, "its first event does not begin it"))?;
            record(change, owner_id, &registration, (0, None), step)?;
            Ok(number)
        })
    }

    /// Does something with a registration.
    ///
    /// # Errors
    /// [`GeneralError`] with everything that is wrong; then nothing is changed.
    pub fn general_step(
        &self,
        law: &Law,
        number: &str,
        (side, command): (Side, &Command),
        step: &Step<'_>,
    ) -> Result<(), GeneralError> {
        let (zone, now) = (zone(law), step.moment.now);
        let seed = u64::from_be_bytes(step.moment.random("sample"));
        self.aside()?.licensing_change(|change| {
            let read = change.read();
            let (stored, mut registration) = found(&read, number)?;
            let uses: Vec<(DeclaredUse, Date)> = uses::counting(&read, &stored)?
                .into_iter()
                .map(|one| (one.told.of, day_in(&zone, one.used_us)))
                .collect();
            let context = Context { today: authority_day(law, now), uses: &uses, seed };
            let events =
                registration.decide(side, command, &context).map_err(GeneralError::Refused)?;
            add(&mut registration, events, step)?;
            record(change, stored.owner_id, &registration, (stored.version, None), step)
        })
    }

    /// Files a return. The same again has no effect.
    ///
    /// # Errors
    /// [`GeneralError`] with everything that is wrong; then nothing is changed.
    pub fn general_return(
        &self,
        law: &Law,
        number: &str,
        filed: &Return,
        step: &Step<'_>,
    ) -> Result<(), GeneralError> {
        let (zone, now) = (zone(law), step.moment.now);
        let today = authority_day(law, now);
        self.aside()?.licensing_change(|change| {
            let read = change.read();
            let (stored, mut registration) = found(&read, number)?;
            let unknown = || GeneralError::LicenceUnknown(registration.general.clone());
            let general = law.rules.general_licence(&registration.general).ok_or_else(unknown)?;
            let (registered, ended) = registration.days(&zone);
            let all = periods(general, registered, ended, today);
            // A registration that has ended has its last period behind it on the day of its end.
            let asked =
                if ended == Some(today) { today.tomorrow().unwrap_or(today) } else { today };
            let period = filed.check(&all, asked).map_err(GeneralError::Refused)?;
            let body = json(number, filed)?;
            let before = read.general_returns(stored.owner_id, number)?;
            let last = before.iter().rev().find(|one| one.from_day == filed.from.to_string());
            if last.is_some_and(|last| last.body == body) {
                return Ok(());
            }
            let lines = u32::try_from(filed.lines.len()).unwrap_or(u32::MAX);
            let event = GeneralEvent::ReturnFiled { from: period.from, to: period.to, lines };
            add(&mut registration, vec![event], step)?;
            change.general_return_add(
                stored.owner_id,
                number,
                &GeneralReturnRecord {
                    seq: 0,
                    from_day: filed.from.to_string(),
                    filed_at_us: now.us(),
                    account: step.actor.account.clone(),
                    body,
                },
            )?;
            let before = (stored.version, Some(filed.clone()));
            record(change, stored.owner_id, &registration, before, step)
        })
    }
}

fn return_view(
    number: &str,
    due: ReturnDue,
    filed: &[GeneralReturnRecord],
    uses: &[UseRecorded],
    zone: &TimeZone,
) -> Result<ReturnView, GeneralError> {
    let from = due.period.from.to_string();
    let of_period = || filed.iter().filter(|one| one.from_day == from);
    let times = u32::try_from(of_period().count()).unwrap_or(u32::MAX);
    let last = of_period().next_back();
    let counts: Option<Return> = last
        .map(|last| serde_json::from_str(&last.body).map_err(|error| damaged(number, error)))
        .transpose()?;
    let findings = counts.as_ref().map_or_else(Vec::new, |counts| {
        let recorded = uses::lines(uses, due.period, zone);
        licensing::general::returns::return_compare(&recorded, &counts.lines)
    });
    Ok(ReturnView { due, filed: counts, times, findings })
}

fn entry(seq: u32, actor: &Actor, now: Timestamp, event: GeneralEvent) -> GeneralEntry {
    GeneralEntry { seq, at_us: now.us(), account: actor.account.clone(), event }
}

fn add(
    registration: &mut Registration,
    events: Vec<GeneralEvent>,
    step: &Step<'_>,
) -> Result<(), GeneralError> {
    for event in events {
        let seq = u32::try_from(registration.entries.len() + 1).unwrap_or(u32::MAX);
        let added = registration.apply(entry(seq, step.actor, step.moment.now, event));
        added.ok_or_else(|| damaged(&registration.number, "an event does not fit it"))?;
    }
    Ok(())
}

/// Writes a registration with the entries behind `before`, the event of its stream, audit entries and letters.
fn record(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    registration: &Registration,
    (before, returned): (u32, Option<Return>),
    step: &Step<'_>,
) -> Result<(), GeneralError> {
    let number = &registration.number;
    let stored = GeneralRecord {
        owner_id,
        number: number.clone(),
        party: registration.user.clone(),
        general: registration.general.clone(),
        state: registration.state.code().to_owned(),
        registered_at_us: registration.registered_at_us,
        version: u32::try_from(registration.entries.len()).unwrap_or(u32::MAX),
        body: json(number, registration)?,
    };
    match before {
        0 => change.general_add(&stored)?,
        version => change.general_put(&stored, version)?,
    }
    let entries: Vec<GeneralEntry> =
        registration.entries.iter().skip(before as usize).cloned().collect();
    for entry in &entries {
        audit(change, registration, &format!("general_{}", entry.event.code()), step)?;
    }
    letters::letters(change, registration, &entries, step)?;
    let logged = Logged { number: number.clone(), entries, used: None, returned };
    change.event(owner_id, &stream(number), step.moment.now.us(), json(number, &logged)?)?;
    Ok(())
}

fn audit(
    change: &LicensingChange<'_>,
    registration: &Registration,
    action: &str,
    step: &Step<'_>,
) -> Result<(), GeneralError> {
    let mut detail = serde_json::Map::new();
    if !step.actor.acting_for.is_empty() {
        detail.insert("acting_for".to_owned(), step.actor.acting_for.as_str().into());
    }
    change.audit(&NewAudit {
        at_us: step.moment.now.us(),
        account: &step.actor.account,
        action,
        subject: &registration.user,
        resource: &format!("general:{}", registration.number),
        detail: &serde_json::Value::Object(detail).to_string(),
    })?;
    Ok(())
}

/// What is wrong with stored registrations: one sentence each; empty is clean.
///
/// # Errors
/// [`GeneralError`] where the database refuses.
pub(crate) fn check(read: &LicensingRead<'_>) -> Result<Vec<String>, GeneralError> {
    let mut wrong = Vec::new();
    for number in read.general_numbers()? {
        let Some(stored) = read.general_registration(&number)? else {
            wrong.push(format!("registration {number} has a number and nothing else"));
            continue;
        };
        let (mut entries, mut used, mut returned) = (Vec::new(), Vec::new(), Vec::new());
        for body in read.events(stored.owner_id, &stream(&number))? {
            match serde_json::from_str::<Logged>(&body) {
                Ok(logged) => {
                    entries.extend(logged.entries);
                    used.extend(logged.used);
                    returned.extend(logged.returned);
                }
                Err(error) => wrong.push(format!("registration {number}: {error}")),
            }
        }
        let same = Registration::fold(&number, &stored.party, entries).is_some_and(|folded| {
            serde_json::to_string(&folded).is_ok_and(|body| body == stored.body)
                && folded.state.code() == stored.state
                && folded.general == stored.general
                && folded.entries.len() == stored.version as usize
        });
        if !same {
            wrong.push(format!("registration {number} is not what its events add up to"));
        }
        let kept = read.general_uses(stored.owner_id, &number)?;
        let bodies = |values: Vec<Option<String>>| values;
        if bodies(used.iter().map(|one| serde_json::to_string(one).ok()).collect())
            != bodies(kept.into_iter().map(|one| Some(one.body)).collect())
        {
            wrong.push(format!("registration {number}: its uses differ from those of the log"));
        }
        let kept = read.general_returns(stored.owner_id, &number)?;
        if bodies(returned.iter().map(|one| serde_json::to_string(one).ok()).collect())
            != bodies(kept.into_iter().map(|one| Some(one.body)).collect())
        {
            wrong.push(format!("registration {number}: its returns differ from those of the log"));
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests;
