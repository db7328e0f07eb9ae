//! The audit: who did what, and who looked at whose data; filtered, page by page, as a file, verified.
//!
//! An officer reads all of it; the operator what concerns accounts and the installation, and nothing of
//! trade. To read it is itself recorded.

use std::collections::HashMap;

use app::Platform;
use app::audit::{AuditFilter, AuditHead, AuditKinds, AuditRecord};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, authorise};
use base::time::date_parse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{cursor_fault, cursor_make, cursor_read};
use crate::config::Hall;
use crate::form::encoded;
use crate::ledger::off_thread;
use crate::page::{Page, html, name_of};
use crate::secret::hex;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::{ANYONE, Visit};

/// What the filter offers; other codes are taken as well.
const ACTIONS: [&str; 124] = [
    "account_deactivated",
    "account_made",
    "account_reactivated",
    "account_reset",
    "account_sessions_ended",
    "acting_begun",
    "acting_ended",
    "audit_read",
    "book_read",
    "calendar_link_made",
    "calendar_link_revoked",
    "case_read",
    "case_step",
    "case_submitted",
    "certificate_asked",
    "certificate_bound",
    "certificate_corrected",
    "certificate_correction_agreed",
    "certificate_correction_refused",
    "certificate_declined",
    "certificate_government_certified",
    "certificate_link_withdrawn",
    "certificate_linked",
    "certificate_opened",
    "certificate_original_received",
    "certificate_paper_checked",
    "certificate_restated",
    "certificate_revoked",
    "certificate_signed",
    "certificate_translated",
    "cover_ended",
    "cover_made",
    "data_read",
    "document_clean",
    "document_infected",
    "document_scan_failed",
    "document_stored",
    "documents_key_changed",
    "draft_made",
    "draft_removed",
    "enquiry_answered",
    "enquiry_asked",
    "enquiry_asked_on",
    "enquiry_read",
    "general_audit_answered",
    "general_audit_begun",
    "general_audit_closed",
    "general_audit_corrected",
    "general_audit_found",
    "general_first_use_noticed",
    "general_given_up",
    "general_registered",
    "general_reinstated",
    "general_return_filed",
    "general_suspended",
    "general_used",
    "general_withdrawn",
    "filings_taken",
    "findings_read",
    "first_factor_given",
    "hit_decided",
    "hits_found",
    "holder_reported",
    "identity_linked",
    "identity_unlinked",
    "invitation_accepted",
    "job_retried",
    "licence_activated",
    "licence_allotted",
    "licence_closed",
    "licence_drawn_down",
    "licence_issued",
    "licence_read",
    "licence_reinstated",
    "licence_revoked",
    "licence_superseded",
    "licence_surrendered",
    "licence_suspended",
    "licence_user_registered",
    "mail_template_changed",
    "pack_changed",
    "pack_drafted",
    "pack_proposed",
    "pack_published",
    "pack_sent_back",
    "pack_withdrawn",
    "party_read",
    "passkey_added",
    "passkey_refused",
    "passkey_removed",
    "password_changed",
    "password_reset",
    "profile_changed",
    "proved_again",
    "list_put",
    "quota_moved",
    "screening_read",
    "threshold_set",
    "quota_read",
    "recovery_codes_made",
    "registration_asked",
    "registration_assigned",
    "registration_refused",
    "registration_verified",
    "replay_read",
    "search_read",
    "session_ended",
    "sessions_ended",
    "sign_in_failed",
    "signed_in",
    "signed_out",
    "site_written",
    "token_made",
    "token_revoked",
    "totp_begun",
    "totp_removed",
    "totp_set_up",
    "trace_read",
    "webhook_gone",
    "webhook_made",
    "webhook_removed",
    "webhook_resumed",
    "webhook_rotated",
    "webhook_tried",
];
/// Entries on a page.
const PAGE_ROWS: usize = 50;
/// Entries in a file: what a table program still opens. Narrower days give the rest.
const FILE_ROWS: usize = 100_000;
/// Entries read at once for a file, so that others get their turn.
const FILE_PART: usize = 5_000;

/// Which entries.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// The account that acted, by key.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) account: String,
    /// The party whose data it is, `scheme:value`.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) party: String,
    /// Code of what was done, such as `book_read` or `filings_taken`.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) action: String,
    /// From this instant (RFC 3339) or the beginning of this day (UTC).
    #[serde(default)]
    #[param(required = false)]
    pub(crate) from: String,
    /// Up to this instant (RFC 3339) or the end of this day (UTC).
    #[serde(default)]
    #[param(required = false)]
    pub(crate) to: String,
    /// `next` of the page before.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) cursor: String,
    /// `true`: also whether the chain holds over the entries given.
    #[serde(default)]
    #[param(required = false, value_type = bool)]
    pub(crate) verify: String,
}

fn instant_fault(name: &str, text: &str) -> FieldFault {
    FieldFault {
        field: name.to_owned(),
        code: "instant_form",
        message: format!("`{text}` in `{name}` is not understood"),
        accepted: "an instant as 2025-05-03T14:00:00Z, or a day as 2025-05-03".to_owned(),
    }
}

/// A question that has been understood.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    asked: Asked,
    from_us: Option<i64>,
    until_us: Option<i64>,
    before: u64,
    kinds: AuditKinds,
}

impl Asked {
    /// The question, with what the visitor may be told, or all that is wrong with it.
    pub(crate) fn question(&self, visit: &Visit) -> Result<Question, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut instant = |name: &str, text: &str, day: &dyn Fn(&str) -> Option<Timestamp>| {
            let text = text.trim();
            let found = day(text).or_else(|| Timestamp::parse(text));
            if !text.is_empty() && found.is_none() {
                faults.push(instant_fault(name, text));
            }
            found.map(Timestamp::us)
        };
        let begins = |text: &str| {
            date_parse(text).and_then(|day| Timestamp::parse(&format!("{day}T00:00:00Z")))
        };
        let from_us = instant("from", &self.from, &begins);
        let to_us = instant("to", &self.to, &|_| None);
        let before = match self.cursor.as_str() {
            "" => Some(u64::MAX),
            cursor => cursor_read(cursor).ok().and_then(|text| text.parse().ok()),
        };
        if before.is_none() {
            faults.push(cursor_fault(&self.cursor));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let all = authorise(&visit.actor, Action::ReadAudit, Resource::Book(ANYONE));
        Ok(Question {
            asked: self.clone(),
            from_us,
            until_us: to_us.map(|us| us.saturating_add(1)),
            before: before.unwrap_or(u64::MAX),
            kinds: if all { AuditKinds::All } else { AuditKinds::WithoutTrade },
        })
    }

    fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let own = [
            ("account", &*self.account),
            ("party", &*self.party),
            ("action", &*self.action),
            ("from", &*self.from),
            ("to", &*self.to),
        ];
        let pairs = own.iter().chain(more).filter(|pair| !pair.1.trim().is_empty());
        let query: Vec<String> =
            pairs.map(|pair| format!("{}={}", pair.0, encoded(pair.1.trim()))).collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }
}

/// A page of entries.
pub(crate) struct Found {
    pub(crate) rows: Vec<AuditRecord>,
    pub(crate) next: Option<String>,
    pub(crate) head: AuditHead,
    /// Where it was asked for: the first and last entry verified, and what is wrong with them.
    pub(crate) verified: Option<(u64, u64, Vec<String>)>,
}

impl Question {
    pub(crate) fn filter(&self) -> AuditFilter<'_> {
        AuditFilter {
            account: self.asked.account.trim(),
            subject: self.asked.party.trim(),
            action: self.asked.action.trim(),
            from_us: self.from_us,
            until_us: self.until_us,
            kinds: self.kinds,
        }
    }

    fn find(&self, platform: &Platform, limit: usize) -> Result<Found, app::PlatformError> {
        let mut rows = platform.audit_before(&self.filter(), self.before, limit + 1)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| cursor_make(&row.seq.to_string()));
        let seqs = || rows.iter().map(|row| row.seq);
        let verified = match seqs().min().zip(seqs().max()) {
            Some((first, last)) if matches!(&*self.asked.verify, "true" | "1") => {
                Some((first, last, platform.audit_verify(first, last)?))
            }
            _ => None,
        };
        Ok(Found { rows, next, head: platform.audit_head()?, verified })
    }
}

/// Entries of the audit as a visitor asked, and that it asked.
pub(crate) async fn found(
    hall: &Hall,
    visit: &Visit,
    asked: &Asked,
    limit: usize,
) -> Result<Found, Stop> {
    let question = asked.question(visit).map_err(Stop::Fields)?;
    visit.look_at_record(asked.party.trim());
    // What was read until now is in it.
    hall.recorder.flush().await;
    let shared = hall.clone();
    let found = off_thread(move || question.find(&shared.platform, limit)).await?;
    found.map_err(|error| fault(&error))
}

/// An entry as a row.
struct Row {
    seq: String,
    at: String,
    at_rfc: String,
    who: String,
    account: String,
    action: String,
    party: String,
    resource: String,
    chain: String,
}

fn row(names: &HashMap<String, String>, t: &Text, record: &AuditRecord) -> Row {
    let at = Timestamp::from_us(record.at_us);
    Row {
        seq: show::count(record.seq),
        at: show::instant(t, at),
        at_rfc: at.to_string(),
        who: names.get(&record.account).cloned().unwrap_or_default(),
        account: record.account.clone(),
        action: t.code("audit-action", &record.action, &record.action),
        party: record.subject.clone(),
        resource: record.resource.clone(),
        chain: hex(&record.chain),
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    asked: Asked,
    faults: Vec<FieldFault>,
    /// Whether the reader may follow the links to parties.
    books: bool,
    rows: Vec<Row>,
    /// Code, words, whether chosen.
    actions: Vec<(String, String, bool)>,
    next: String,
    csv: String,
    verify: String,
    verified: Option<(String, Vec<String>)>,
    head: String,
    head_seq: u64,
}

/// `GET /audit`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let mut page = Page::new(&hall, &visit, t.get("audit-title"));
    let (found, faults) = match found(&hall, &visit, &asked, PAGE_ROWS).await {
        Ok(found) => (found, Vec::new()),
        Err(Stop::Fields(faults)) => {
            let head = AuditHead { seq: 0, chain: [0; 32] };
            let worded = faults
                .into_iter()
                .map(|fault| FieldFault { message: t.one("audit-fault", &fault.field), ..fault });
            (Found { rows: Vec::new(), next: None, head, verified: None }, worded.collect())
        }
        Err(stop) => return Err(stop),
    };
    page.faulty = !faults.is_empty();
    let names = names(&hall, t, &found.rows).await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let cursor = [("cursor", asked.cursor.as_str()), ("verify", "true")];
    let next = found.next.unwrap_or_default();
    let books = authorise(&visit.actor, Action::ReadBook, Resource::Book(ANYONE));
    let template = AuditPage {
        books,
        rows: found.rows.iter().map(|record| row(&names, t, record)).collect(),
        actions: actions(t, asked.action.trim(), books),
        next: if next.is_empty() {
            String::new()
        } else {
            asked.address("/audit", &[("cursor", &next)])
        },
        csv: asked.address("/audit.csv", &[]),
        verify: format!("{}#verified", asked.address("/audit", &cursor)),
        verified: found.verified.map(|(first, last, wrong)| {
            let key = if wrong.is_empty() { "audit-holds" } else { "audit-broken" };
            (t.two(key, show::count(first), show::count(last)), wrong)
        }),
        head: hex(&found.head.chain),
        head_seq: found.head.seq,
        page,
        asked,
        faults,
    };
    html(status, &template)
}

/// The names of those who acted; history keeps them.
async fn names(
    hall: &Hall,
    t: &Text,
    rows: &[AuditRecord],
) -> Result<HashMap<String, String>, Stop> {
    let mut accounts: Vec<String> = rows.iter().map(|record| record.account.clone()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let (shared, language) = (hall.clone(), t.language);
    off_thread(move || {
        let mut names = HashMap::new();
        for account in accounts {
            if let Some(person) = shared.people.person(&account).map_err(|error| fault(&error))? {
                let name = name_of(language, &person.name, &person.local_name).to_owned();
                names.insert(account, name);
            }
        }
        Ok(names)
    })
    .await?
}

/// The actions to choose from, with the one that was asked for.
fn actions(t: &Text, asked: &str, books: bool) -> Vec<(String, String, bool)> {
    let other = (!asked.is_empty() && !ACTIONS.contains(&asked)).then_some(asked);
    // What tells of trade is not offered to who is not told of it.
    let trade = |code: &str| {
        let read = code.ends_with("_read") && code != "audit_read";
        read || code == "filings_taken" || code.starts_with("document_")
    };
    let all = ACTIONS.into_iter().filter(|code| books || !trade(code)).chain(other);
    all.map(|code| (code.to_owned(), t.code("audit-action", code, code), code == asked)).collect()
}

/// The line of a file; texts are quoted, so that none of them makes a cell of its own.
pub(crate) fn csv_line(record: &AuditRecord) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let texts = [
        &Timestamp::from_us(record.at_us).to_string(),
        &record.account,
        &record.action,
        &record.subject,
        &record.resource,
        &record.detail,
    ];
    let cells: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("{},{},{}\r\n", record.seq, cells.join(","), hex(&record.chain))
}

/// `GET /audit.csv`: the oldest first.
pub(crate) async fn csv(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let question = asked.question(&visit).map_err(Stop::Fields)?;
    visit.look_at_record(asked.party.trim());
    hall.recorder.flush().await;
    let text = off_thread(move || {
        let mut text = String::from("seq,at,account,action,party,resource,detail,chain\r\n");
        let (mut after, mut rows) = (0, 0);
        while rows < FILE_ROWS {
            let part = hall.platform.audit_after(&question.filter(), after, FILE_PART)?;
            let Some(last) = part.last() else { break };
            after = last.seq;
            rows += part.len();
            part.iter().for_each(|record| text.push_str(&csv_line(record)));
        }
        Ok::<String, app::PlatformError>(text)
    });
    let text = text.await?.map_err(|error| fault(&error))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, text).into_response())
}
