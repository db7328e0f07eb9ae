//! The store: the only crate that knows the database.
//!
//! Filings lie in immutable compressed blocks inside the database, so that one transaction and one
//! backup cover all; a batch of blocks is one event, with the digest of its filings, linked to the event
//! before it. What the graph and the indices need is rebuilt from the blocks.
//!
//! Tables are declared in [`schema`]: partitioned by `owner_id` (the submitter), or local.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

mod append;
mod audit;
mod calendar;
mod case;
mod case_desk;
mod case_span;
mod certificate;
mod check;
mod database;
mod document;
mod enquiry;
mod general;
mod holder_report;
mod job;
mod keys;
mod licence;
mod mail;
mod organisation;
mod pack;
mod people;
mod quota;
pub mod schema;
mod screening;
mod session;
mod webhook;

pub use audit::{AuditFilter, AuditHead, AuditKinds, AuditRecord, NewAudit};
pub use case::{
    CaseCursor, CaseFilter, CaseRecord, CaseRow, DraftRecord, LicensingChange, LicensingRead,
    OwnedKey, licensing_changes,
};
pub use case_desk::{CaseView, Precedent};
pub use case_span::CaseSpan;
pub use certificate::{CertificateLinkRecord, CertificateRecord};
pub use check::Check;
pub use database::{
    BatchRecord, BlockRecord, Database, Head, NewBatch, NewBlock, NewParty, StoreError, chain_step,
};
pub use document::{
    DocumentCount, DocumentDeeds, DocumentHead, DocumentKey, DocumentRecord, DocumentStored,
    ScanEnd, ScanState,
};
pub use enquiry::{EnquiryCursor, EnquiryRecord, EnquiryRow};
pub use general::{GeneralCursor, GeneralRecord, GeneralReturnRecord, GeneralUseRecord};
pub use holder_report::HolderReportRecord;
pub use job::{JobCount, JobRecord, JobState, NewJob};
pub use keys::{IdentityRecord, PasskeyRecord};
pub use licence::{
    AllotmentRecord, BorderChange, DrawDownRecord, LicenceRecord, LineRecord, MessageRecord,
};
pub use mail::{NewTemplate, TemplateRecord};
pub use organisation::{DelegationRecord, ProfileRecord, RegistrationRecord, SiteRecord};
pub use pack::{PackState, PackVersion, PackVersionHead};
pub use people::{
    InvitationRecord, PeopleChange, PeopleRead, PersonKind, PersonRecord, PersonState,
};
pub use quota::QuotaStepRecord;
pub use screening::{
    HitCursor, HitFilter, HitRecord, HitStepRecord, ListEntryHead, ListEntryRecord,
    ListVersionRecord, ScreenedRecord, ScreenedUse, ThresholdRecord, UseHit, UseHitRecord,
};
pub use session::{AgentsBefore, FailureKind, FailureRecord, SessionRecord, TokenRecord};
pub use webhook::{AUTHORITY as WEBHOOK_AUTHORITY, DeliveryRecord, WebhookRecord};
