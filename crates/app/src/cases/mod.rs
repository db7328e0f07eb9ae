//! Cases: handing in, every step after it, and the queues.
//!
//! A step loads the case within the transaction, asks [`mod@licensing::decide`], adds the events, and writes
//! case file, event, audit entry and jobs together. Two who act on the same state get one effect: the
//! second sees what the first did, and is told so.
//!
//! INVARIANT: what stands in a case file is what the events of its stream add up to; `check` adds them up
//! anew.

mod desk;
mod file;
mod forecast;
mod grant;
mod letters;
mod queue;

use std::collections::BTreeMap;

use base::Timestamp;
use base::authorisation::Actor;
use controls::classify::Classifier;
use controls::status::AsOf;
use jiff::tz::TimeZone;
use licensing::application::{Application, Key};
use licensing::case::{Case, Event, FoldError, FollowKind, Follows, Recorded};
use licensing::decide::{
    Activity, By, Command, Context, Refusal, SignatureNeeded, Signer, decide, facts,
    signatures_needed, submit,
};
use licensing::sight::event_seen;
use store::{CaseRecord, LicensingChange, LicensingRead, NewAudit, StoreError};

use crate::import::hex;
use crate::law::Law;
use crate::people::{Moment, People, PeopleError, PersonState};
use crate::platform::{Platform, PlatformError};

pub use desk::{
    VIEW_NAME_CHARS_MAX, VIEW_QUERY_CHARS_MAX, VIEWS_MAX, Weighed, case_clock, cell_codes,
    end_user_key, viewer_of,
};
pub use file::{
    advice_days, case_days, case_reckoning, date_in, date_of_day, epoch_day, good_object,
    goods_classified, goods_classified_by, waits_for, zone,
};
pub use forecast::CaseForecast;
pub use queue::{PAGE_ROWS, Queue, QueuePage};
pub use store::{CaseCursor, CaseFilter, CaseRow, CaseView, Precedent};

/// The most events of one case: beyond this something is wrong, and a page would not show it.
pub const EVENTS_MAX: u32 = 10_000;

/// Who takes a step, and when.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// The authenticated caller.
    pub actor: &'a Actor,
    /// The instant, and chance for it.
    pub moment: Moment,
}

/// What is known of people and goods when a step is decided on.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Accounts of the authority.
    pub signers: Vec<Signer>,
    /// Parties that the screening found on the watch list.
    pub watch_listed: Vec<String>,
    /// Parties to which exports are forbidden, as the screening found.
    pub prohibited: Vec<String>,
    /// Conditions of the pack that are known to hold of the applicant.
    pub conditions: Vec<String>,
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is no such case.
    #[error("there is no such case")]
    Unknown,
    /// The applicant is no registered party.
    #[error("`{0}` is not registered as a party")]
    Applicant(String),
    /// The rules do not let it.
    #[error("{}", refusals_text(.0))]
    Refused(Vec<Refusal>),
    /// Something happened to the case since the caller saw it: what of it the caller sees, in order.
    #[error("{} things happened to the case since it was seen", .0.len())]
    Stale(Vec<Recorded>),
    /// A stored case does not add up.
    #[error("case {number} is damaged: {what}")]
    Damaged {
        /// Its number.
        number: String,
        /// What is wrong.
        what: String,
    },
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

impl From<StoreError> for CaseError {
    fn from(error: StoreError) -> CaseError {
        CaseError::Platform(error.into())
    }
}

fn refusals_text(refusals: &[Refusal]) -> String {
    let messages: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
    messages.join("; ")
}

/// The stream of the events of a case.
fn stream(case_id: &[u8; 16]) -> String {
    format!("case/{}", hex(case_id))
}

fn by_of<'a>(actor: &'a Actor) -> By<'a> {
    By {
        account: &actor.account,
        acting_for: &actor.acting_for,
        role: actor.role,
        agency: &actor.desk,
        party: &actor.party,
    }
}

fn case_of(record: &CaseRecord) -> Result<Case, CaseError> {
    serde_json::from_str(&record.body).map_err(|error| CaseError::Damaged {
        number: record.row.number.clone(),
        what: error.to_string(),
    })
}

fn case_read(read: &LicensingRead<'_>, number: &str) -> Result<(CaseRecord, Case), CaseError> {
    let record = read.case(number)?.ok_or(CaseError::Unknown)?;
    let case = case_of(&record)?;
    Ok((record, case))
}

/// The events of a case as its stream holds them.
fn events_read(read: &LicensingRead<'_>, record: &CaseRecord) -> Result<Vec<Recorded>, CaseError> {
    let damaged = |error: serde_json::Error| CaseError::Damaged {
        number: record.row.number.clone(),
        what: error.to_string(),
    };
    let mut events = Vec::new();
    for body in read.events(record.owner_id, &stream(&record.case_id))? {
        let entry: file::Entry = serde_json::from_str(&body).map_err(damaged)?;
        events.extend(entry.events);
    }
    Ok(events)
}

/// What happened to a case since somebody saw it, as far as it is seen from where `actor` stands.
fn events_since(events: &[Recorded], seen: u32, actor: &Actor) -> Vec<Recorded> {
    let viewer = viewer_of(actor);
    let since = events.iter().filter(|event| event.seq > seen);
    since.filter_map(|event| event_seen(event, viewer)).collect()
}

/// Whether the caller did what it asks for now on the case as it saw it: a form that was sent twice.
fn done_before(
    events: &[Recorded],
    seen: u32,
    (case, commands): (&Case, &[Command]),
    by: &By<'_>,
    context: &Context<'_>,
) -> bool {
    let (before, since) = events.split_at(events.partition_point(|event| event.seq <= seen));
    let then = Case::fold(case.id, &case.number, &case.applicant, before);
    let Ok(mut then) = then else { return false };
    let own = |event: &&Recorded| event.account == by.account && event.acting_for == by.acting_for;
    let mut done = since.iter().filter(own);
    let mut version = seen;
    for command in commands {
        // The numbers of its licences were given when it was done.
        let numbered = match command {
            Command::Finalise { content, .. } => {
                let licences = case.outcome.iter().flat_map(|end| end.licences.clone()).collect();
                Some(Command::Finalise { content: content.clone(), licences })
            }
            _ => None,
        };
        let Ok(made) = decide(&then, by, numbered.as_ref().unwrap_or(command), context) else {
            return false;
        };
        for event in made {
            let Some(found) = done.next().filter(|found| found.event == event) else {
                return false;
            };
            version += 1;
            if then.apply(&Recorded { seq: version, ..found.clone() }).is_err() {
                return false;
            }
        }
    }
    true
}

/// Accounts of the authority that may sign or be given a case.
///
/// # Errors
/// [`PeopleError`] where the database refuses.
pub fn signers(people: &People) -> Result<Vec<Signer>, PeopleError> {
    Ok(people
        .persons_of_authority()?
        .into_iter()
        .map(|person| Signer {
            account: person.account,
            role: person.role,
            activity: match person.state {
                PersonState::Active => Activity::Active,
                PersonState::Invited | PersonState::Deactivated => Activity::Inactive,
            },
        })
        .collect())
}

impl Platform {
    /// A case by its number.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] where there is none.
    pub fn case(&self, number: &str) -> Result<Case, CaseError> {
        Ok(case_read(&self.reader().licensing(), number)?.1)
    }

    /// A case and everything that happened to it, in order.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] where there is none.
    pub fn case_history(&self, number: &str) -> Result<(Case, Vec<Recorded>), CaseError> {
        let reader = self.reader();
        let (record, case) = case_read(&reader.licensing(), number)?;
        let events = events_read(&reader.licensing(), &record)?;
        Ok((case, events))
    }

    /// Hands an application in; gives the number of its case.
    ///
    /// # Errors
    /// [`CaseError::Refused`] with everything that makes it no case.
    pub fn case_submit(
        &self,
        law: &Law,
        new: &NewCase<'_>,
        known: &Known,
        step: &Step<'_>,
    ) -> Result<String, CaseError> {
        let codes = goods_classified(law, new.application, step.moment.now);
        self.case_batch(law, |batch| batch.submit(new, &codes, known, step))
    }

    /// Takes a step on a case; gives the case as it is then.
    ///
    /// # Errors
    /// [`CaseError::Refused`] with every reason why not.
    pub fn case_step(
        &self,
        law: &Law,
        number: &str,
        command: &Command,
        known: &Known,
        step: &Step<'_>,
    ) -> Result<Case, CaseError> {
        self.case_batch(law, |batch| batch.step(number, command, known, step))
    }

    /// Takes several steps on a case, all of them or none; gives the case as it is then. `seen` is the
    /// number of the last event that the caller saw.
    ///
    /// # Errors
    /// [`CaseError::Stale`] where something that the caller sees happened since;
    /// [`CaseError::Refused`] with every reason why the first that is refused is.
    pub fn case_steps(
        &self,
        law: &Law,
        number: &str,
        commands: &[Command],
        seen: Option<u32>,
        known: &Known,
        step: &Step<'_>,
    ) -> Result<Case, CaseError> {
        self.case_batch(law, |batch| batch.steps(number, commands, seen, known, step))
    }

    /// What a command would be refused for, were it given now; nothing is changed.
    ///
    /// # Errors
    /// [`CaseError`]; with [`CaseError::Refused`] what would be refused.
    pub fn case_try(
        &self,
        law: &Law,
        number: &str,
        command: &Command,
        known: &Known,
        step: &Step<'_>,
    ) -> Result<(), CaseError> {
        let reader = self.reader();
        let read = reader.licensing();
        let (_, case) = case_read(&read, number)?;
        let command = numbered(&case, command, || Ok(TRIED.to_owned()))?;
        decided(&read, law, &case, &command, known, step).map(|_| ())
    }

    /// Takes several steps in one transaction: all of them, or none where `run` fails.
    ///
    /// # Errors
    /// What `run` returns, and [`CaseError`] where the database refuses.
    pub fn case_batch<T>(
        &self,
        law: &Law,
        mut run: impl FnMut(&CaseBatch<'_>) -> Result<T, CaseError>,
    ) -> Result<T, CaseError> {
        self.aside()?.licensing_change(|change| run(&CaseBatch { change, law }))
    }
}

/// An application to be handed in.
#[derive(Debug, Clone, Copy)]
pub struct NewCase<'a> {
    /// The applicant, `scheme:value`.
    pub applicant: &'a str,
    /// What is applied for.
    pub application: &'a Application,
    /// The case that it follows.
    pub follows: Option<&'a Follows>,
}

/// Steps on cases within one transaction.
#[derive(Debug)]
pub struct CaseBatch<'c> {
    change: &'c LicensingChange<'c>,
    law: &'c Law,
}

/// What the rules want of a case as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// Agencies that must be asked.
    pub agencies: Vec<String>,
    /// Signatures that its draft needs, in their order.
    pub signatures: Vec<SignatureNeeded>,
}

/// What the rules want of a case as it stands.
#[must_use]
pub fn case_needs(law: &Law, case: &Case, known: &Known, now: Timestamp) -> Needs {
    let zone = file::zone(law);
    let context = context(law, known, now, &zone, &[], None);
    let asked = law.rules.agencies_of(&facts(case, &context));
    Needs {
        agencies: asked.iter().map(|agency| agency.id.clone()).collect(),
        signatures: signatures_needed(case, &context),
    }
}

fn context<'a>(
    law: &'a Law,
    known: &'a Known,
    now: Timestamp,
    zone: &'a TimeZone,
    silent_agencies: &'a [String],
    followed: Option<&'a Case>,
) -> Context<'a> {
    Context {
        rules: &law.rules,
        now,
        zone,
        watch_listed: &known.watch_listed,
        prohibited: &known.prohibited,
        conditions: &known.conditions,
        silent_agencies,
        signers: &known.signers,
        followed,
    }
}

/// What a command comes to on a case as it stands.
fn decided(
    read: &LicensingRead<'_>,
    law: &Law,
    case: &Case,
    command: &Command,
    known: &Known,
    step: &Step<'_>,
) -> Result<Vec<Event>, CaseError> {
    let now = step.moment.now;
    let followed = match &case.follows {
        Some(follows) => Some(case_read(read, &follows.number)?.1),
        None => None,
    };
    let (zone, silent) = (file::zone(law), file::agencies_silent(law, case, now));
    let known = &crate::screening::known_in(read, law, case, known)?;
    let context = context(law, known, now, &zone, &silent, followed.as_ref());
    decide(case, &by_of(step.actor), command, &context).map_err(CaseError::Refused)
}

impl<'c> CaseBatch<'c> {
    /// Steps within a transaction that does more than steps on cases.
    pub(crate) fn within(change: &'c LicensingChange<'c>, law: &'c Law) -> CaseBatch<'c> {
        CaseBatch { change, law }
    }
    /// Hands an application in, whose goods are classified; gives the number of its case.
    ///
    /// # Errors
    /// [`CaseError::Refused`] with everything that makes it no case.
    pub fn submit(
        &self,
        new: &NewCase<'_>,
        codes: &BTreeMap<Key, Vec<String>>,
        known: &Known,
        step: &Step<'_>,
    ) -> Result<String, CaseError> {
        let (now, read, zone) = (step.moment.now, self.change.read(), file::zone(self.law));
        let unknown = || CaseError::Applicant(new.applicant.to_owned());
        let owner_id = read.owner(new.applicant)?.ok_or_else(unknown)?;
        // Somebody else's case and none at all are refused alike, by the rules.
        let followed = match new.follows {
            Some(follows) => match case_read(&read, &follows.number) {
                Ok((_, case)) => Some(case),
                Err(CaseError::Unknown) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let context = context(self.law, known, now, &zone, &[], followed.as_ref());
        let by = by_of(step.actor);
        let first =
            submit(new.application, new.follows, &by, &context).map_err(CaseError::Refused)?;
        let found = Event::Classified {
            codes: codes.clone(),
            as_of: file::date_in(&zone, now),
            reason: String::new(),
        };
        let number = number_next(self.change, self.law, Series::Cases, &zone, now)?;
        let events = file::recorded(0, &by, now, vec![first, found]);
        let case = Case::fold(key_new(step, "case"), &number, new.applicant, &events)
            .map_err(|error| damaged(&number, error))?;
        self.record(owner_id, &case, None, events, step)?;
        if let Some(Follows { number: first, how: FollowKind::Appeal, .. }) = new.follows {
            let number = number.clone();
            self.step(first, &Command::Appeal { number }, known, step)?;
        }
        Ok(number)
    }

    /// A case as it stands in this transaction.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] where there is none.
    pub fn case(&self, number: &str) -> Result<Case, CaseError> {
        Ok(case_read(&self.change.read(), number)?.1)
    }

    /// Takes a step on a case; gives the case as it is then.
    ///
    /// # Errors
    /// [`CaseError::Refused`] with every reason why not.
    pub fn step(
        &self,
        number: &str,
        command: &Command,
        known: &Known,
        step: &Step<'_>,
    ) -> Result<Case, CaseError> {
        self.steps(number, std::slice::from_ref(command), None, known, step)
    }

    /// Takes several steps on a case; gives the case as it is then. `seen` is the number of the last event
    /// that the caller saw.
    ///
    /// # Errors
    /// As [`Platform::case_steps`].
    pub fn steps(
        &self,
        number: &str,
        commands: &[Command],
        seen: Option<u32>,
        known: &Known,
        step: &Step<'_>,
    ) -> Result<Case, CaseError> {
        let (now, read, zone) = (step.moment.now, self.change.read(), file::zone(self.law));
        let (record, mut case) = case_read(&read, number)?;
        let followed = match &case.follows {
            Some(follows) => Some(case_read(&read, &follows.number)?.1),
            None => None,
        };
        let silent = file::agencies_silent(self.law, &case, now);
        let known = &crate::screening::known_in(&read, self.law, &case, known)?;
        let context = context(self.law, known, now, &zone, &silent, followed.as_ref());
        let by = by_of(step.actor);
        if let Some(seen) = seen.filter(|seen| *seen < case.version) {
            let events = events_read(&read, &record)?;
            let since = events_since(&events, seen, step.actor);
            if !since.is_empty() {
                let same = done_before(&events, seen, (&case, commands), &by, &context);
                return if same { Ok(case) } else { Err(CaseError::Stale(since)) };
            }
        }
        let waited = desk::signature_waiting(&case, &context);
        let mut events: Vec<Recorded> = Vec::new();
        for command in commands {
            let next = || number_next(self.change, self.law, Series::Licences, &zone, now);
            let command = numbered(&case, command, next)?;
            let done = decide(&case, &by, &command, &context).map_err(CaseError::Refused)?;
            for event in file::recorded(case.version, &by, now, done) {
                case.apply(&event).map_err(|error| damaged(number, error))?;
                events.push(event);
            }
        }
        if events.is_empty() {
            return Ok(case);
        }
        if events.iter().any(|event| matches!(event.event, Event::Decided { .. })) {
            desk::precedents_write(self.change, &case, now.us())?;
            grant::licences_issue(self.change, self.law, record.owner_id, &case, step)?;
        }
        let waits =
            desk::signature_waiting(&case, &context).filter(|now| waited.as_ref() != Some(now));
        let grade = waits.as_ref().map(|(_, grade)| grade.as_str());
        letters::letters(self.change, &case, &events, grade, step)?;
        self.record(record.owner_id, &case, Some(record.version), events, step)?;
        Ok(case)
    }

    /// Writes a case file, the event of its stream, its place in the queues and the audit entry.
    fn record(
        &self,
        owner_id: [u8; 16],
        case: &Case,
        before: Option<u32>,
        events: Vec<Recorded>,
        step: &Step<'_>,
    ) -> Result<(), CaseError> {
        let (now, change) = (step.moment.now, self.change);
        let record = file::record(self.law, owner_id, case, now)?;
        match before {
            None => change.case_add(&record)?,
            Some(version) => change.case_put(&record, version)?,
        }
        change.case_span_put(&forecast::span(owner_id, case))?;
        let parties = |event: &Recorded| {
            matches!(event.event, Event::Submitted { .. } | Event::AmendmentDecided { .. })
        };
        if events.iter().any(parties) {
            crate::screening::case_note(change, case, now)?;
        }
        for (agency, part) in &case.agencies {
            let open = part.replied.is_none() && case.state.open();
            change.case_agency_put(&record, agency, open)?;
        }
        crate::webhooks::case_messages(change, owner_id, case, &events, &step.moment)?;
        let what: Vec<&'static str> = events.iter().map(|event| event.event.code()).collect();
        let detail = serde_json::json!({ "events": what }).to_string();
        let entry = file::Entry { number: case.number.clone(), events };
        let body = serde_json::to_string(&entry).map_err(|error| CaseError::Damaged {
            number: case.number.clone(),
            what: error.to_string(),
        })?;
        change.event(owner_id, &stream(&case.id), now.us(), body)?;
        change.audit(&NewAudit {
            at_us: now.us(),
            account: &step.actor.account,
            action: if before.is_none() { "case_submitted" } else { "case_step" },
            subject: &case.applicant,
            resource: &format!("case:{}", case.number),
            detail: &detail,
        })?;
        Ok(())
    }
}

fn damaged(number: &str, error: FoldError) -> CaseError {
    CaseError::Damaged { number: number.to_owned(), what: error.to_string() }
}

/// The key of a new case or licence: a UUID of version 7.
fn key_new(step: &Step<'_>, purpose: &str) -> [u8; 16] {
    let millis = u64::try_from(step.moment.now.us() / 1_000).unwrap_or(0);
    let random = step.moment.random(purpose);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().into_bytes()
}

/// What is numbered, year by year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Series {
    Cases,
    Licences,
    Enquiries,
    Registrations,
}

/// The number of a licence in a dry run, which issues none.
const TRIED: &str = "-";

/// The command with the number of the licence that it grants, whatever number its sender wrote.
fn numbered(
    case: &Case,
    command: &Command,
    next: impl FnOnce() -> Result<String, CaseError>,
) -> Result<Command, CaseError> {
    let mut command = command.clone();
    match &mut command {
        Command::Finalise { licences, .. } => {
            licences.clear();
            if case.draft_approves() {
                licences.push(next()?);
            }
        }
        Command::Register { licences, .. } => *licences = vec![next()?],
        _ => {}
    }
    Ok(command)
}

/// The next number of the year, such as `YT-2026-000412` for a case and `YT-L-2026-000077` for a licence.
fn number_next(
    change: &LicensingChange<'_>,
    law: &Law,
    series: Series,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<String, CaseError> {
    let (year, prefix) = (file::date_in(zone, now).year(), &law.rules.number_prefix);
    let (name, prefix) = match series {
        Series::Cases => ("case", prefix.clone()),
        Series::Licences => ("licence", format!("{prefix}-L")),
        Series::Enquiries => ("enquiry", format!("{prefix}-E")),
        Series::Registrations => ("registration", format!("{prefix}-G")),
    };
    let last = change.number_next(&format!("{name}/{prefix}/{year}"))?;
    Ok(format!("{prefix}-{year}-{last:06}"))
}

/// The next number of an enquiry in the year, such as `YT-E-2026-000003`.
pub(crate) fn number_next_of(
    change: &LicensingChange<'_>,
    law: &Law,
    now: Timestamp,
) -> Result<String, CaseError> {
    number_next(change, law, Series::Enquiries, &file::zone(law), now)
}

/// The next number of a registration with a general licence in the year, such as `YT-G-2026-000003`.
pub(crate) fn registration_number_next(
    change: &LicensingChange<'_>,
    law: &Law,
    now: Timestamp,
) -> Result<String, CaseError> {
    number_next(change, law, Series::Registrations, &file::zone(law), now)
}

/// What is wrong with stored cases: one sentence each; empty is clean.
///
/// # Errors
/// [`CaseError`] where the database refuses.
pub(crate) fn check(read: &LicensingRead<'_>) -> Result<Vec<String>, CaseError> {
    let mut wrong = Vec::new();
    for number in read.case_numbers()? {
        let Some(record) = read.case(&number)? else {
            wrong.push(format!("case {number} has a number and no file"));
            continue;
        };
        let events = match events_read(read, &record) {
            Ok(events) => events,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        grant::check(read, record.owner_id, &number, &events, &mut wrong)?;
        match Case::fold(record.case_id, &number, &record.row.applicant, &events) {
            Err(error) => wrong.push(format!("case {number}: {error}")),
            Ok(case) => {
                let same = serde_json::to_string(&case).is_ok_and(|body| body == record.body);
                if !same || case.version != record.version {
                    wrong.push(format!("case {number} is not what its events add up to"));
                } else if case.state.code() != record.row.state
                    || case.officer != record.row.officer
                {
                    wrong.push(format!("case {number} stands elsewhere in the queue"));
                }
                let span = read.case_span(record.owner_id, record.case_id)?;
                if span != Some(forecast::span(record.owner_id, &case)) {
                    wrong.push(format!("case {number} is counted otherwise in forecasts"));
                }
            }
        }
    }
    Ok(wrong)
}

/// The day of an instant in the zone of the authority; in UTC where the pack has no calendar.
#[must_use]
pub fn authority_day(law: &Law, at: Timestamp) -> base::Date {
    file::date_in(&file::zone(law), at)
}

/// A classifier for the day of an instant, for many applications.
#[must_use]
pub fn classifier_on<'l>(law: &'l Law, now: Timestamp) -> Classifier<'l> {
    Classifier::new(&law.pack, AsOf::on(authority_day(law, now)))
}
