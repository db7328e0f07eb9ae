//! Drafts of applications: written by the people of an applicant, seen by nobody else, handed in once.
//!
//! INVARIANTS:
//! - a draft is changed only by who saw its last revision; who did not is told what stands there and since
//!   when, and nothing of it is lost;
//! - handing in writes the case and marks the draft in one transaction: sent twice, it is one case, and both
//!   callers get its number;
//! - an amendment is what differs from its case, worked out when it is handed in: without a key element it
//!   is asked for in that case, with one it becomes an application that follows it;
//! - a draft is a working paper: that it was made and removed is audited, its text is not.

mod check;
mod goods_csv;

use base::Timestamp;
use licensing::Application;
use licensing::case::{Case, Difference, FollowKind, Follows};
use licensing::decide::Command;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{DraftRecord, LicensingChange, LicensingRead, NewAudit, StoreError};

use crate::cases::{
    CaseBatch, CaseCursor, CaseError, CaseFilter, Known, NewCase, Queue, QueuePage, Step,
    goods_classified,
};
use crate::certificates::{CertificateError, Terms, certificates_asked, certificates_bind};
use crate::documents::CASE_DOCUMENTS_MAX;
use crate::import::hex;
use crate::jobs::{job_id, job_id_parse, job_id_text};
use crate::law::Law;
use crate::people::By;
use crate::platform::{Platform, PlatformError};

pub use check::{Checked, GoodAnswer, Papers, application_check, good_answer};
pub use goods_csv::{
    COLUMNS as GOODS_COLUMNS, CsvFault, composition_read, composition_text, goods_read,
};

/// Drafts that an applicant may have at once.
pub const DRAFTS_MAX: usize = 200;
/// Bytes of a draft as JSON.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Goods of an application.
pub const GOODS_MAX: usize = 200;
/// Parties of an application.
pub const PARTIES_MAX: usize = 100;
/// Uses of an application.
pub const USES_MAX: usize = 50;
/// Cells of an application.
pub const CELLS_MAX: usize = 500;
/// Certificates of an application.
pub const CERTIFICATES_MAX: usize = 100;
/// Stocks of an application.
pub const STOCKS_MAX: usize = 100;
/// How long the receipt of a draft that was handed in is kept; the case itself stays.
const RECEIPT_US: i64 = 90 * 86_400 * 1_000_000;

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftView {
    /// Its key.
    pub id: String,
    /// Counts its changes, from 1.
    pub revision: u32,
    /// What is written so far.
    pub application: Application,
    /// The case that it builds on.
    pub follows: Option<Follows>,
    /// Number of the open case that it would amend; empty where it is an application of its own.
    pub amends: String,
    /// Account that changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
    /// What became of it.
    pub handed_in: Option<HandedIn>,
}

/// What became of a draft that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedIn {
    /// Number of its case.
    pub number: String,
    /// SHA-256 of the application as JSON, hexadecimal.
    pub digest: String,
    /// Account that handed it in.
    pub account: String,
    /// When, µs.
    pub at_us: i64,
}

/// A draft as it is stored.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Stored {
    application: Application,
    #[serde(skip_serializing_if = "Option::is_none")]
    follows: Option<Follows>,
    #[serde(skip_serializing_if = "String::is_empty")]
    amends: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_in: Option<HandedIn>,
}

/// What a new draft begins with.
#[derive(Debug, Clone)]
pub enum Beginning {
    /// With this; nothing of it need be filled in.
    Written(Box<Application>),
    /// With what another draft says.
    Draft(String),
    /// With what was asked for in an earlier case of the applicant.
    Case(String),
    /// With what was asked for in a case whose decision it appeals.
    Appeal(String),
    /// With what an open case asks for, to amend it.
    Amendment(String),
}

/// Two versions of a draft that were written side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The revision on which the change was based.
    pub based_on: u32,
    /// Who wanted to change it.
    pub account: String,
    /// When.
    pub at: Timestamp,
    /// What stands there, with who wrote it and when.
    pub current: DraftView,
}

/// Why a draft is not changed or handed in.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is none, or it is another's.
    #[error("there is no such draft")]
    Unknown,
    /// Somebody changed it since it was read.
    #[error("it was changed meanwhile by `{}`, in revision {}", .0.current.changed_by, .0.current.revision)]
    Stale(Box<Stale>),
    /// It was handed in.
    #[error("it was handed in as case {}", .0.number)]
    HandedIn(HandedIn),
    /// Too much of something.
    #[error("{what}: at most {most}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many.
        most: usize,
    },
    /// The applicant is no registered party.
    #[error("`{0}` is not registered as a party")]
    Applicant(String),
    /// What came of the certificates that were asked for it.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// What came of handing it in.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// What stands in the database is no draft.
    #[error("draft {id} is damaged: {what}")]
    Damaged {
        /// Its key.
        id: String,
        /// What is wrong.
        what: String,
    },
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

impl From<StoreError> for DraftError {
    fn from(error: StoreError) -> DraftError {
        DraftError::Platform(error.into())
    }
}

impl DraftError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DraftError::Unknown => "unknown",
            DraftError::Stale(_) => "changed_meanwhile",
            DraftError::HandedIn(_) => "handed_in",
            DraftError::Limit { .. } => "limit",
            DraftError::Applicant(_) => "applicant",
            DraftError::Case(_) => "case",
            DraftError::Certificate(_) | DraftError::Damaged { .. } | DraftError::Platform(_) => {
                "fault"
            }
        }
    }
}

/// SHA-256 of an application as JSON, hexadecimal: fields in the order of the type, nothing left out.
#[must_use]
pub fn application_digest(application: &Application) -> String {
    let body = serde_json::to_vec(application).unwrap_or_default();
    hex(&Sha256::digest(body))
}

fn view(record: &DraftRecord) -> Result<DraftView, DraftError> {
    let id = job_id_text(&record.draft_id);
    let stored: Stored = serde_json::from_str(&record.body)
        .map_err(|error| DraftError::Damaged { id: id.clone(), what: error.to_string() })?;
    Ok(DraftView {
        id,
        revision: record.revision,
        application: stored.application,
        follows: stored.follows,
        amends: stored.amends,
        changed_by: record.changed_by.clone(),
        changed_at: Timestamp::from_us(record.changed_at_us),
        handed_in: stored.handed_in,
    })
}

/// The stored text of a draft, within the limits.
fn body_of(stored: &Stored) -> Result<String, DraftError> {
    let a = &stored.application;
    for (what, found, most) in [
        ("goods", a.goods.len(), GOODS_MAX),
        ("parties", a.parties.len(), PARTIES_MAX),
        ("uses", a.uses.len(), USES_MAX),
        ("cells", a.cells.len(), CELLS_MAX),
        ("documents", a.documents.len(), CASE_DOCUMENTS_MAX),
        ("certificates", a.certificates.len(), CERTIFICATES_MAX),
        ("inventory", a.inventory.len(), STOCKS_MAX),
    ] {
        if found > most {
            return Err(DraftError::Limit { what, most });
        }
    }
    let body = serde_json::to_string(stored)
        .map_err(|error| DraftError::Damaged { id: String::new(), what: error.to_string() })?;
    if body.len() > BODY_BYTES_MAX {
        return Err(DraftError::Limit { what: "bytes", most: BODY_BYTES_MAX });
    }
    Ok(body)
}

fn owner(change: &LicensingChange<'_>, party: &str) -> Result<[u8; 16], DraftError> {
    change.read().owner(party)?.ok_or_else(|| DraftError::Applicant(party.to_owned()))
}

fn key(id: &str) -> Result<[u8; 16], DraftError> {
    job_id_parse(id).ok_or(DraftError::Unknown)
}

/// The draft of a party, at the revision that its editor saw, not yet handed in.
fn open(
    change: &LicensingChange<'_>,
    party: &str,
    (id, revision): (&str, u32),
    step: &Step<'_>,
) -> Result<([u8; 16], DraftView), DraftError> {
    let owner_id = owner(change, party)?;
    let record = change.read().draft(owner_id, key(id)?)?.ok_or(DraftError::Unknown)?;
    let mut current = view(&record)?;
    if let Some(handed_in) = current.handed_in {
        return Err(DraftError::HandedIn(handed_in));
    }
    if current.revision != revision {
        let account = step.actor.account.clone();
        let at = step.moment.now;
        return Err(DraftError::Stale(Box::new(Stale {
            based_on: revision,
            account,
            at,
            current,
        })));
    }
    certificates_name(&change.read(), owner_id, &mut current)?;
    Ok((owner_id, current))
}

/// Names the certificates that were asked for a draft in its application: nobody types their ids.
fn certificates_name(
    read: &LicensingRead<'_>,
    owner_id: [u8; 16],
    draft: &mut DraftView,
) -> Result<(), DraftError> {
    let Some(draft_id) = job_id_parse(&draft.id) else { return Ok(()) };
    for entry in certificates_asked(read, owner_id, &draft_id)? {
        let certificates = &mut draft.application.certificates;
        if !certificates.iter().any(|named| named.id == entry.id) {
            certificates.push(entry);
        }
    }
    Ok(())
}

/// Writes an entry of the audit about a draft.
fn audit(
    change: &LicensingChange<'_>,
    action: &str,
    party: &str,
    id: &str,
    step: &Step<'_>,
) -> Result<(), DraftError> {
    let detail = if step.actor.acting_for.is_empty() {
        "{}".to_owned()
    } else {
        serde_json::json!({ "acting_for": step.actor.acting_for }).to_string()
    };
    let resource = format!("draft:{id}");
    Ok(change.audit(&NewAudit {
        at_us: step.moment.now.us(),
        account: &step.actor.account,
        action,
        subject: party,
        resource: &resource,
        detail: &detail,
    })?)
}

impl Platform {
    /// The drafts of a party that are not handed in, the last changed first.
    ///
    /// # Errors
    /// [`DraftError`] where the database refuses.
    pub fn drafts(&self, party: &str) -> Result<Vec<DraftView>, DraftError> {
        let reader = self.reader();
        let read = reader.licensing();
        let Some(owner_id) = read.owner(party)? else { return Ok(Vec::new()) };
        let mut views = Vec::new();
        for record in read.drafts(owner_id)? {
            let draft = view(&record)?;
            if draft.handed_in.is_none() {
                views.push(draft);
            }
        }
        Ok(views)
    }

    /// A page of the cases of a party, the most urgent first.
    ///
    /// # Errors
    /// [`CaseError`] where the database refuses.
    pub fn cases_of(
        &self,
        party: &str,
        after: Option<&CaseCursor>,
    ) -> Result<QueuePage, CaseError> {
        let owner_id = self.reader().licensing().owner(party)?;
        let Some(owner_id) = owner_id else {
            return Ok(QueuePage { rows: Vec::new(), next: None, total: Some(0), more: false });
        };
        let filter = CaseFilter { owner_id: Some(owner_id), ..CaseFilter::default() };
        self.case_queue(&Queue::Cases(filter), after)
    }

    /// A draft of a party, also one that was handed in lately.
    ///
    /// # Errors
    /// [`DraftError::Unknown`] where there is none, or it is another's.
    pub fn draft(&self, party: &str, id: &str) -> Result<DraftView, DraftError> {
        let reader = self.reader();
        let read = reader.licensing();
        let owner_id = read.owner(party)?.ok_or(DraftError::Unknown)?;
        let mut draft = view(&read.draft(owner_id, key(id)?)?.ok_or(DraftError::Unknown)?)?;
        certificates_name(&read, owner_id, &mut draft)?;
        Ok(draft)
    }

    /// Begins a draft; one with what a draft or case says leaves out what was of that time alone: the
    /// certificates of end users, and what was in stock.
    ///
    /// # Errors
    /// [`DraftError::Unknown`] where it is to begin with something that is not the applicant's.
    pub fn draft_make(
        &self,
        party: &str,
        beginning: &Beginning,
        step: &Step<'_>,
    ) -> Result<DraftView, DraftError> {
        let random = step.moment.random("draft");
        let now = step.moment.now;
        self.aside()?.licensing_change(|change| {
            let owner_id = owner(change, party)?;
            let read = change.read();
            let mut kept = 0;
            for record in read.drafts(owner_id)? {
                match view(&record)?.handed_in {
                    Some(receipt) if now.us() - receipt.at_us > RECEIPT_US => {
                        change.draft_remove(owner_id, record.draft_id, record.revision)?;
                    }
                    Some(_) => {}
                    None => kept += 1,
                }
            }
            if kept >= DRAFTS_MAX {
                return Err(DraftError::Limit { what: "drafts", most: DRAFTS_MAX });
            }
            let mut stored = Stored::default();
            match beginning {
                Beginning::Written(application) => stored.application = (**application).clone(),
                Beginning::Draft(id) => {
                    let record = read.draft(owner_id, key(id)?)?.ok_or(DraftError::Unknown)?;
                    let other = view(&record)?;
                    stored.follows = other.follows;
                    stored.application = again(other.application);
                }
                Beginning::Case(number) | Beginning::Appeal(number) => {
                    let how = match beginning {
                        Beginning::Appeal(_) => FollowKind::Appeal,
                        _ => FollowKind::Again,
                    };
                    let case = case_own(change, owner_id, number)?;
                    stored.follows = Some(Follows { how, number: number.clone() });
                    stored.application = again(case.application);
                }
                Beginning::Amendment(number) => {
                    let case = case_own(change, owner_id, number)?;
                    stored.amends.clone_from(&case.number);
                    stored.application = case.application;
                }
            }
            let record = DraftRecord {
                owner_id,
                draft_id: job_id(now, &random),
                revision: 1,
                body: body_of(&stored)?,
                changed_by: step.actor.account.clone(),
                changed_at_us: now.us(),
            };
            change.draft_put(&record)?;
            audit(change, "draft_made", party, &job_id_text(&record.draft_id), step)?;
            view(&record)
        })
    }

    /// Changes a draft of which its editor saw `revision`.
    ///
    /// # Errors
    /// [`DraftError::Stale`] with what stands there where somebody changed it meanwhile.
    pub fn draft_change(
        &self,
        party: &str,
        (id, revision): (&str, u32),
        step: &Step<'_>,
        edit: impl Fn(&mut Application),
    ) -> Result<DraftView, DraftError> {
        self.aside()?.licensing_change(|change| {
            let (owner_id, mut draft) = open(change, party, (id, revision), step)?;
            let before = draft.application.clone();
            edit(&mut draft.application);
            if draft.application == before {
                // Saved again as it stands: nobody else's copy becomes stale of that.
                return Ok(draft);
            }
            let stored = Stored {
                application: draft.application,
                follows: draft.follows,
                amends: draft.amends,
                handed_in: None,
            };
            let record = DraftRecord {
                owner_id,
                draft_id: key(id)?,
                revision: revision + 1,
                body: body_of(&stored)?,
                changed_by: step.actor.account.clone(),
                changed_at_us: step.moment.now.us(),
            };
            change.draft_put(&record)?;
            view(&record)
        })
    }

    /// Removes a draft of which its editor saw `revision`.
    ///
    /// # Errors
    /// As [`Platform::draft_change`].
    pub fn draft_remove(
        &self,
        party: &str,
        (id, revision): (&str, u32),
        step: &Step<'_>,
    ) -> Result<(), DraftError> {
        self.aside()?.licensing_change(|change| {
            let (owner_id, _) = open(change, party, (id, revision), step)?;
            change.draft_remove(owner_id, key(id)?, revision)?;
            audit(change, "draft_removed", party, id, step)
        })
    }

    /// Hands a draft in: its case and what becomes of the draft in one transaction.
    ///
    /// # Errors
    /// [`DraftError::HandedIn`] with the number where that was done already; [`DraftError::Case`] with
    /// everything that makes it no case.
    pub fn draft_hand_in(
        &self,
        law: &Law,
        party: &str,
        (id, revision): (&str, u32),
        known: &Known,
        step: &Step<'_>,
    ) -> Result<HandedIn, DraftError> {
        let application = self.draft(party, id)?.application;
        let codes = goods_classified(law, &application, step.moment.now);
        self.aside()?.licensing_change(|change| {
            let (owner_id, draft) = open(change, party, (id, revision), step)?;
            // What is classified is what is handed in, also where it was changed in between.
            let codes = if draft.application == application {
                codes.clone()
            } else {
                goods_classified(law, &draft.application, step.moment.now)
            };
            let batch = CaseBatch::within(change, law);
            let amended = if draft.amends.is_empty() {
                None
            } else {
                Some(case_own(change, owner_id, &draft.amends)?)
            };
            let number = match &amended {
                Some(case) if !key_differs(law, case, &draft.application) => {
                    let application = Box::new(draft.application.clone());
                    let command = Command::AskAmendment { application };
                    batch.step(&case.number, &command, known, step)?.number
                }
                other => {
                    let key_change = |case: &Case| Follows {
                        how: FollowKind::KeyChange,
                        number: case.number.clone(),
                    };
                    let follows = other.as_ref().map(key_change).or(draft.follows);
                    let new = NewCase {
                        applicant: party,
                        application: &draft.application,
                        follows: follows.as_ref(),
                    };
                    batch.submit(&new, &codes, known, step)?
                }
            };
            let by = By { account: &step.actor.account, acting_for: &step.actor.acting_for };
            let terms = (&Terms::of(law), step.moment.now);
            certificates_bind(change, owner_id, (key(id)?, &number), by, terms)?;
            let handed_in = HandedIn {
                number,
                digest: application_digest(&draft.application),
                account: step.actor.account.clone(),
                at_us: step.moment.now.us(),
            };
            let stored = Stored { handed_in: Some(handed_in.clone()), ..Stored::default() };
            change.draft_put(&DraftRecord {
                owner_id,
                draft_id: key(id)?,
                revision: revision + 1,
                body: body_of(&stored)?,
                changed_by: step.actor.account.clone(),
                changed_at_us: step.moment.now.us(),
            })?;
            Ok(handed_in)
        })
    }
}

/// A case of the applicant; another's does not exist for it.
fn case_own(
    change: &LicensingChange<'_>,
    owner_id: [u8; 16],
    number: &str,
) -> Result<Case, DraftError> {
    let record = change.read().case(number)?.filter(|record| record.owner_id == owner_id);
    let record = record.ok_or(DraftError::Unknown)?;
    serde_json::from_str(&record.body)
        .map_err(|error| DraftError::Damaged { id: number.to_owned(), what: error.to_string() })
}

/// What an application would change in a case, each with whether the rules call it key.
#[must_use]
pub fn differences(law: &Law, case: &Case, application: &Application) -> Vec<(Difference, Key)> {
    let key = |element: &str| match law.rules.change(element) {
        Some(rule) if rule.key => {
            Key::Key { effect: rule.effect.clone(), citation: rule.citation.clone() }
        }
        _ => Key::Plain,
    };
    let found = licensing::difference(&case.application, application).into_iter();
    found.map(|difference| (key(&difference.element), difference)).map(|(k, d)| (d, k)).collect()
}

/// Whether a change needs a new application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// It does not.
    Plain,
    /// It does.
    Key {
        /// What the pack says follows.
        effect: String,
        /// The rule.
        citation: String,
    },
}

fn key_differs(law: &Law, case: &Case, application: &Application) -> bool {
    differences(law, case, application).iter().any(|(_, key)| *key != Key::Plain)
}

/// The same application for another time.
fn again(application: Application) -> Application {
    Application { certificates: Vec::new(), inventory: Vec::new(), ..application }
}
