//! Enquiries: asking, answering, and what the platform states by itself; see [`licensing::enquiry`].
//!
//! INVARIANT: what stands in an enquiry is what the events of its stream add up to; `check` adds them up
//! anew. Event, row, audit entry and what follows are one transaction.

use base::Timestamp;
use base::authorisation::Actor;
use controls::good::Good;
use licensing::case::Case;
use licensing::enquiry::{
    About, ActsNext, Binding, Enquiry, EnquiryEntry, EnquiryEvent, EnquiryRefusal, Finding, Found,
    Standing, ask,
};
use serde::{Deserialize, Serialize};
use store::{EnquiryRecord, LicensingChange, LicensingRead, NewAudit, StoreError};

use crate::cases::{
    CaseError, Step, case_days, classifier_on, date_in, date_of_day, number_next_of, waits_for,
    zone,
};
use crate::import::hex;
use crate::law::Law;
use crate::platform::{Platform, PlatformError};

pub use store::{EnquiryCursor, EnquiryRow};

/// Enquiries on a page.
pub const PAGE_ROWS: u32 = 25;
/// Enquiries of one party that may wait at once.
pub const OPEN_MAX: u32 = 20;

/// Why an enquiry was not made or answered.
#[derive(Debug, thiserror::Error)]
pub enum EnquiryError {
    /// There is none of that number.
    #[error("there is no such enquiry")]
    Unknown,
    /// There is no such case, or it is another's.
    #[error("there is no case `{0}` of yours; give the number of one")]
    CaseUnknown(String),
    /// Whoever asks is no registered party.
    #[error("`{0}` is not registered as a party")]
    Asker(String),
    /// As many as may wait do so.
    #[error("{OPEN_MAX} of your enquiries wait for an answer; ask again when one is answered")]
    Many,
    /// The rules do not let it.
    #[error("{}", refusals_text(.0))]
    Refused(Vec<EnquiryRefusal>),
    /// A stored enquiry does not add up.
    #[error("enquiry {number} is damaged: {what}")]
    Damaged {
        /// Its number.
        number: String,
        /// What is wrong.
        what: String,
    },
    /// A case could not be read.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

impl From<StoreError> for EnquiryError {
    fn from(error: StoreError) -> EnquiryError {
        EnquiryError::Platform(error.into())
    }
}

fn refusals_text(refusals: &[EnquiryRefusal]) -> String {
    let texts: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

/// A page of enquiries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnquiryPage {
    /// Its rows.
    pub rows: Vec<EnquiryRow>,
    /// Where the next begins; nothing where this is the last.
    pub next: Option<EnquiryCursor>,
}

/// What one event of the log says about an enquiry.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Logged {
    number: String,
    entries: Vec<EnquiryEntry>,
}

fn stream(enquiry_id: &[u8; 16]) -> String {
    format!("enquiry/{}", hex(enquiry_id))
}

fn damaged(number: &str, what: impl ToString) -> EnquiryError {
    EnquiryError::Damaged { number: number.to_owned(), what: what.to_string() }
}

fn enquiry_read(
    read: &LicensingRead<'_>,
    number: &str,
) -> Result<(EnquiryRecord, Enquiry), EnquiryError> {
    let record = read.enquiry(number)?.ok_or(EnquiryError::Unknown)?;
    let enquiry =
        serde_json::from_str(&record.body).map_err(|error| damaged(&record.row.number, error))?;
    Ok((record, enquiry))
}

/// What the list in force finds in what is stated of a good; nothing where that is no good at all.
fn listed(law: &Law, about: &About, now: Timestamp) -> Option<Found> {
    let About::Classification { good, hs, composition } = about else { return None };
    let mut object = serde_json::Map::new();
    for (field, text) in [("name", good), ("hs", hs), ("composition", composition)] {
        if !text.is_empty() {
            object.insert(field.to_owned(), text.as_str().into());
        }
    }
    let answer = classifier_on(law, now).classify(&Good::from_object(&object).ok()?);
    let mut codes: Vec<String> =
        answer.items.iter().map(|item| item.control_code.clone()).collect();
    codes.sort();
    codes.dedup();
    let outcome = serde_json::to_value(answer.answer).ok()?.as_str()?.to_owned();
    Some(Found::Listed { outcome, codes, as_of: date_in(&zone(law), now) })
}

/// Whom a case waits for, as its applicant may know it.
#[must_use]
pub fn acts_next(case: &Case) -> ActsNext {
    match waits_for(case) {
        "applicant" => ActsNext::Applicant,
        "step" => ActsNext::Step,
        "nobody" => ActsNext::Nobody,
        _ => ActsNext::Authority,
    }
}

impl Platform {
    /// Where a case stands, as its applicant may know it. One query.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn case_standing(
        &self,
        law: &Law,
        case: &Case,
        now: Timestamp,
    ) -> Result<Standing, CaseError> {
        let forecast = self.case_forecast(law, case, now)?;
        let open = case.state.open();
        let due = case_days(law, case, now).0.filter(|_| open).and_then(date_of_day);
        Ok(Standing {
            state: case.state,
            acts: acts_next(case),
            due,
            waited_days: forecast.map(|forecast| forecast.waited_days),
            forecast: forecast.map(|forecast| forecast.forecast),
        })
    }

    /// An enquiry by its number.
    ///
    /// # Errors
    /// [`EnquiryError::Unknown`] where there is none.
    pub fn enquiry(&self, number: &str) -> Result<Enquiry, EnquiryError> {
        Ok(enquiry_read(&self.reader().licensing(), number)?.1)
    }

    /// A page of the enquiries in a state, of a party or of all.
    ///
    /// # Errors
    /// [`EnquiryError`] where the database refuses.
    pub fn enquiries(
        &self,
        asker: Option<&str>,
        state: &str,
        after: Option<&EnquiryCursor>,
    ) -> Result<EnquiryPage, EnquiryError> {
        let reader = self.reader();
        let read = reader.licensing();
        let owner_id = match asker {
            // Who is not registered has asked nothing.
            Some(asker) => match read.owner(asker)? {
                None => return Ok(EnquiryPage { rows: Vec::new(), next: None }),
                found => found,
            },
            None => None,
        };
        let mut rows = read.enquiries(owner_id, state, after, PAGE_ROWS + 1)?;
        let more = rows.len() > PAGE_ROWS as usize;
        rows.truncate(PAGE_ROWS as usize);
        let next = rows.last().filter(|_| more).map(|row| EnquiryCursor {
            changed_at_us: row.changed_at_us,
            number: row.number.clone(),
        });
        Ok(EnquiryPage { rows, next })
    }

    /// Asks; gives the number of the enquiry.
    ///
    /// # Errors
    /// [`EnquiryError`] with everything that is wrong.
    pub fn enquiry_ask(
        &self,
        law: &Law,
        (about, text): (&About, &str),
        step: &Step<'_>,
    ) -> Result<String, EnquiryError> {
        let now = step.moment.now;
        let asker = step.actor.party.as_str();
        let event = ask(about, text).map_err(EnquiryError::Refused)?;
        let EnquiryEvent::Asked { about, .. } = &event else { return Err(EnquiryError::Unknown) };
        let found = match about {
            About::Classification { .. } => listed(law, about, now),
            About::Case { number } => {
                let case = match self.case(number) {
                    Ok(case) if case.applicant == asker => case,
                    // Another's case and none look the same.
                    Ok(_) | Err(CaseError::Unknown) => {
                        return Err(EnquiryError::CaseUnknown(number.clone()));
                    }
                    Err(error) => return Err(error.into()),
                };
                Some(Found::Stands(self.case_standing(law, &case, now)?))
            }
        };
        self.aside()?.licensing_change(|change| {
            let read = change.read();
            let unknown = || EnquiryError::Asker(asker.to_owned());
            let owner_id = read.owner(asker)?.ok_or_else(unknown)?;
            if read.enquiries_open(owner_id, OPEN_MAX)? >= OPEN_MAX {
                return Err(EnquiryError::Many);
            }
            let number = number_next_of(change, law, now)?;
            let mut entries = vec![entry(1, step.actor, now, event.clone())];
            let stated = found.clone().map(|found| EnquiryEvent::Stated { found });
            entries.extend(stated.map(|event| by_itself(2, now, event)));
            let id = crate::jobs::job_id(now, &step.moment.random("enquiry"));
            let enquiry = Enquiry::new((id, &number, asker), about, entries.clone());
            record(change, owner_id, &enquiry, None, entries, step)?;
            Ok(number)
        })
    }

    /// Answers an enquiry.
    ///
    /// # Errors
    /// [`EnquiryError`] with everything that is wrong.
    pub fn enquiry_answer(
        &self,
        law: &Law,
        number: &str,
        (text, finding, codes): (&str, Option<Finding>, &[String]),
        step: &Step<'_>,
    ) -> Result<(), EnquiryError> {
        let binding = law.rules.enquiry.as_ref().map(|rule| Binding {
            text_en: rule.binding_en.clone(),
            text_zh: rule.binding_zh.clone(),
            citation: rule.citation.clone(),
        });
        self.enquiry_step(number, step, |enquiry| {
            enquiry.answer((text, finding, codes), binding.as_ref())
        })
    }

    /// Asks on.
    ///
    /// # Errors
    /// [`EnquiryError`] with everything that is wrong.
    pub fn enquiry_ask_on(
        &self,
        number: &str,
        text: &str,
        step: &Step<'_>,
    ) -> Result<(), EnquiryError> {
        self.enquiry_step(number, step, |enquiry| enquiry.ask_on(text))
    }

    fn enquiry_step(
        &self,
        number: &str,
        step: &Step<'_>,
        decide: impl Fn(&Enquiry) -> Result<EnquiryEvent, Vec<EnquiryRefusal>>,
    ) -> Result<(), EnquiryError> {
        self.aside()?.licensing_change(|change| {
            let (stored, mut enquiry) = enquiry_read(&change.read(), number)?;
            let event = decide(&enquiry).map_err(EnquiryError::Refused)?;
            let added = entry(stored.version + 1, step.actor, step.moment.now, event);
            enquiry.apply(added.clone());
            record(change, stored.owner_id, &enquiry, Some(stored.version), vec![added], step)
        })
    }
}

fn entry(seq: u32, actor: &Actor, now: Timestamp, event: EnquiryEvent) -> EnquiryEntry {
    EnquiryEntry { seq, at_us: now.us(), account: actor.account.clone(), event }
}

fn by_itself(seq: u32, now: Timestamp, event: EnquiryEvent) -> EnquiryEntry {
    EnquiryEntry { seq, at_us: now.us(), account: String::new(), event }
}

fn row_of(enquiry: &Enquiry) -> EnquiryRow {
    EnquiryRow {
        number: enquiry.number.clone(),
        asker: enquiry.asker.clone(),
        about: enquiry.about.code().to_owned(),
        subject: enquiry.about.subject().to_owned(),
        state: enquiry.state.code().to_owned(),
        asked_at_us: enquiry.entries.first().map_or(0, |entry| entry.at_us),
        changed_at_us: enquiry.entries.last().map_or(0, |entry| entry.at_us),
    }
}

/// Writes an enquiry, the event of its stream and the audit entry.
fn record(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    enquiry: &Enquiry,
    before: Option<u32>,
    entries: Vec<EnquiryEntry>,
    step: &Step<'_>,
) -> Result<(), EnquiryError> {
    let number = &enquiry.number;
    let body = serde_json::to_string(enquiry).map_err(|error| damaged(number, error))?;
    let stored = EnquiryRecord {
        owner_id,
        enquiry_id: enquiry.id,
        row: row_of(enquiry),
        version: u32::try_from(enquiry.entries.len()).unwrap_or(u32::MAX),
        body,
    };
    match before {
        None => change.enquiry_add(&stored)?,
        Some(version) => change.enquiry_put(&stored, version)?,
    }
    let action = match entries.first().map(|entry| &entry.event) {
        Some(EnquiryEvent::Answered { .. }) => "enquiry_answered",
        Some(EnquiryEvent::AskedOn { .. }) => "enquiry_asked_on",
        _ => "enquiry_asked",
    };
    for entry in &entries {
        let told = (entry.event.code(), entry.seq);
        crate::webhooks::enquiry_messages(change, owner_id, number, told, &step.moment)?;
    }
    let logged = Logged { number: number.clone(), entries };
    let body = serde_json::to_string(&logged).map_err(|error| damaged(number, error))?;
    change.event(owner_id, &stream(&enquiry.id), step.moment.now.us(), body)?;
    let mut detail = serde_json::Map::new();
    if !step.actor.acting_for.is_empty() {
        detail.insert("acting_for".to_owned(), step.actor.acting_for.as_str().into());
    }
    change.audit(&NewAudit {
        at_us: step.moment.now.us(),
        account: &step.actor.account,
        action,
        subject: &enquiry.asker,
        resource: &format!("enquiry:{number}"),
        detail: &serde_json::Value::Object(detail).to_string(),
    })?;
    Ok(())
}

/// What is wrong with stored enquiries: one sentence each; empty is clean.
///
/// # Errors
/// [`EnquiryError`] where the database refuses.
pub(crate) fn check(read: &LicensingRead<'_>) -> Result<Vec<String>, EnquiryError> {
    let mut wrong = Vec::new();
    for number in read.enquiry_numbers()? {
        let Some(stored) = read.enquiry(&number)? else {
            wrong.push(format!("enquiry {number} has a number and nothing else"));
            continue;
        };
        let mut entries: Vec<EnquiryEntry> = Vec::new();
        for body in read.events(stored.owner_id, &stream(&stored.enquiry_id))? {
            match serde_json::from_str::<Logged>(&body) {
                Ok(logged) => entries.extend(logged.entries),
                Err(error) => wrong.push(format!("enquiry {number}: {error}")),
            }
        }
        let about = entries.first().and_then(|entry| match &entry.event {
            EnquiryEvent::Asked { about, .. } => Some(about.clone()),
            _ => None,
        });
        let same = about.is_some_and(|about| {
            let key = (stored.enquiry_id, number.as_str(), stored.row.asker.as_str());
            let enquiry = Enquiry::new(key, &about, entries);
            serde_json::to_string(&enquiry).is_ok_and(|body| body == stored.body)
                && row_of(&enquiry) == stored.row
        });
        if !same {
            wrong.push(format!("enquiry {number} is not what its events add up to"));
        }
    }
    Ok(wrong)
}
