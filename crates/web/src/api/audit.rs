//! The audit over the API: all of it for the authority; for a company, who looked at its data.

use app::audit::AuditRecord;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::Timestamp;
use base::authorisation::Resource;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Problem, json, limit_asked};
use crate::config::Hall;
use crate::pages::activity::{Look, looks};
use crate::pages::audit::{Asked, found};
use crate::secret::hex;
use crate::stop::Stop;
use crate::visit::Visit;

/// An entry of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Its number; the first is 1.
    seq: u64,
    /// When (RFC 3339).
    at: String,
    /// Key of the account; null for the public and for the platform itself.
    account: Option<String>,
    /// Stable code of what was done.
    action: String,
    /// The party whose data it is; null where it is nobody's.
    party: Option<String>,
    /// On what: of a read the pattern of the route and what stood in its places.
    resource: String,
    /// More, by action.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// The chain value after it, in hexadecimal.
    chain: String,
}

impl AuditEntry {
    fn new(record: AuditRecord) -> AuditEntry {
        AuditEntry {
            seq: record.seq,
            at: Timestamp::from_us(record.at_us).to_string(),
            account: (!record.account.is_empty()).then_some(record.account),
            action: record.action,
            party: (!record.subject.is_empty()).then_some(record.subject),
            resource: record.resource,
            detail: serde_json::from_str(&record.detail).unwrap_or_default(),
            chain: hex(&record.chain),
        }
    }
}

/// The end of the audit: whoever keeps it can tell later whether what it covers was changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditHeadAnswer {
    /// Number of the last entry, 0 where there is none.
    seq: u64,
    /// The chain value after it, in hexadecimal.
    chain: String,
}

/// Whether the chain holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditVerified {
    /// The first entry verified.
    first: u64,
    /// The last entry verified.
    last: u64,
    /// What is wrong, one sentence each; empty where the chain holds.
    wrong: Vec<String>,
}

/// A page of the audit, the newest entries first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditAnswer {
    /// The entries.
    rows: Vec<AuditEntry>,
    /// The cursor of the next page; null on the last.
    next: Option<String>,
    /// The end of the audit.
    head: AuditHeadAnswer,
    /// Over the entries given and those between them; null unless asked for.
    verified: Option<AuditVerified>,
}

/// How many.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Limit {
    /// How many at most, 1 to 1000; absent: 100.
    #[serde(default)]
    #[param(required = false, value_type = u32)]
    limit: String,
}

impl Limit {
    fn number(&self) -> Result<usize, Stop> {
        limit_asked(&self.limit, 100, 1000).map_err(|fault| Stop::Fields(vec![fault]))
    }
}

/// Who did what, and who looked at whose data. For the operator what concerns accounts and the
/// installation. To ask is itself recorded.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "audit",
    tag = "audit",
    params(Asked, Limit),
    responses(
        (status = 200, description = "A page of entries", body = AuditAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are not understood", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn audit(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
    Query(limit): Query<Limit>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let found = found(&hall, &visit, &asked, limit.number()?).await?;
    let answer = AuditAnswer {
        rows: found.rows.into_iter().map(AuditEntry::new).collect(),
        next: found.next,
        head: AuditHeadAnswer { seq: found.head.seq, chain: hex(&found.head.chain) },
        verified: found.verified.map(|(first, last, wrong)| AuditVerified { first, last, wrong }),
    };
    json(&headers, &answer)
}

/// Who looked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reader {
    /// Name in English; null where the authority does not name its people, or the account is gone.
    name_en: Option<String>,
    /// Name in Chinese; null likewise.
    name_zh: Option<String>,
    /// The role at that time; null where the authority does not name its people.
    role: Option<String>,
}

/// A read of the company's data by somebody else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActivityEntry {
    /// When (RFC 3339).
    at: String,
    /// By whom.
    by: Reader,
    /// Stable code of what was done.
    action: String,
    /// What was looked at: `book`, `lot`, `trace`, `filing`, `findings`, `search`, `balance`, `audit`
    /// or `other`.
    what: &'static str,
    /// The party, lot or filing, where the company may see it itself.
    id: Option<String>,
    /// Rows of the company's data in that answer.
    count: u64,
}

impl ActivityEntry {
    fn new(look: Look) -> ActivityEntry {
        let (name_en, name_zh) = look.who.map(|who| (who.name, who.local_name)).unzip();
        ActivityEntry {
            at: look.at.to_string(),
            by: Reader { name_en, name_zh, role: look.role },
            action: look.action,
            what: look.what,
            id: look.id,
            count: look.count,
        }
    }
}

/// A page of reads, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActivityAnswer {
    /// The reads.
    rows: Vec<ActivityEntry>,
    /// The cursor of the next page; null on the last.
    next: Option<String>,
}

/// Where a page goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActivityAsked {
    /// `next` of the page before.
    #[serde(default)]
    #[param(required = false)]
    cursor: String,
}

/// Who has looked at the data of one's own company.
#[utoipa::path(
    get,
    path = "/api/v1/activity",
    operation_id = "activity",
    tag = "audit",
    params(ActivityAsked, Limit),
    responses(
        (status = 200, description = "A page of reads", body = ActivityAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are not understood", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn activity(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<ActivityAsked>,
    Query(limit): Query<Limit>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let looks = looks(&hall, &visit, &asked.cursor, limit.number()?).await?;
    let rows = looks.rows.into_iter().map(ActivityEntry::new).collect();
    json(&headers, &ActivityAnswer { rows, next: looks.next })
}
