//! Filing a batch over the API.
//!
//! A filing is taken or rejected whole, and named by its filer and reference: sent again unchanged
//! it is a duplicate without effect. So a request may always be repeated; with an `Idempotency-Key`
//! the repetition also gets the first answer, for 24 hours.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::authorisation::{Actor, Resource};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{PROBLEM_TYPE, Problem};
use crate::config::{Hall, Shared};
use crate::ledger::{Import, import, off_thread};
use crate::secret::{hash, hash_bytes, hex};
use crate::stop::{FieldFault, Stop, fault};
use crate::upload::KeyState;
use crate::visit::Visit;

const PATH: &str = "/api/v1/filings";
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest `Idempotency-Key`.
const KEY_MAX: usize = 128;

/// Media types that are read; what a body is, plain or compressed, is recognised by its content.
const MEDIA_TYPES: [&str; 7] = [
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/gzip",
    "application/x-gzip",
    "application/zstd",
    "application/octet-stream",
];

/// How to file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileAsked {
    /// `true`: report everything, record nothing.
    #[serde(default)]
    #[param(required = false, value_type = bool)]
    dry_run: String,
}

/// A problem about a batch of which nothing was taken, with the report.
#[derive(Serialize, ToSchema)]
struct Rejection {
    #[serde(flatten)]
    problem: Problem,
    /// What is wrong, row by row and grouped by repair.
    report: Import,
}

/// Files a batch into the own book: rows of the filing table as CSV, plain or compressed (gzip,
/// zstd). A filing is taken or rejected whole; the faultless filings of a batch are taken, what was
/// rejected is told with line, column and what would be accepted, and its references stay free.
#[utoipa::path(
    post,
    path = "/api/v1/filings",
    operation_id = "file_filings",
    tag = "filing",
    params(
        FileAsked,
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; \
            the same request with the same key gets the first answer for 24 hours, another request \
            with it is refused"),
    ),
    request_body(content(
        (String = "text/csv"),
        (String = "application/gzip"),
        (String = "application/zstd"),
    ), description = "The rows, with a header line; at most 64 MiB"),
    responses(
        (status = 201, description = "Filings were taken, perhaps some rejected", body = Import),
        (status = 200, description = "Nothing new: a trial, or all filings were in already", body = Import),
        (status = 404, description = "Not for this account or the scope of its token", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key is being worked on right now (`key_busy`)", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than the limit (`too_large`)", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not a media type that is read (`media_type`)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nothing was taken (`all_rejected`, with the report), or a field is \
            not understood (`fields`), or the key was used for another request (`key_reused`)",
            body = Rejection, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn file(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<FileAsked>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let Wanted { dry_run, key } = wanted(&asked, &headers, &body)?;
    let digest = format!("{dry_run} {}", hex(&hash_bytes(&body)));
    let (shared, actor) = (hall.clone(), visit.actor.clone());
    let work = move || file_into(&shared, &Arc::new(body.into()), &actor, dry_run);
    done_once(&hall, &visit, (key, digest), work).await
}

/// Does a request once: one that comes again with its `Idempotency-Key` gets the first answer, for 24 hours.
/// The digest is of all that it asks for; without a key it is done each time. What fails frees its key.
pub(super) async fn done_once(
    hall: &Hall,
    visit: &Visit,
    (key, digest): (String, String),
    work: impl FnOnce() -> Result<(u16, String), Stop> + Send + 'static,
) -> Result<Response, Stop> {
    let account = visit.actor.account.clone();
    if !key.is_empty() {
        match hall.idempotency.take(&account, &key, &hex(&hash(&digest)), hall.now()) {
            KeyState::Fresh => {}
            KeyState::Answered(status, body) => return Ok(answer(status, body, Replayed::Yes)),
            KeyState::Reused => return Err(Stop::KeyReused),
            KeyState::Busy => return Err(Stop::KeyBusy),
        }
    }
    // The thread itself keeps the answer, so that a caller who went away finds it when it asks again.
    let (shared, account_held, key_held) = (hall.clone(), account.clone(), key.clone());
    let worked = off_thread(move || {
        let outcome = work();
        if !key_held.is_empty() {
            shared.idempotency.answer(&account_held, &key_held, outcome.as_ref().ok().cloned());
        }
        outcome
    });
    let (status, body) = match worked.await {
        Ok(outcome) => outcome?,
        Err(stop) => {
            hall.idempotency.answer(&account, &key, None);
            return Err(stop);
        }
    };
    Ok(answer(status, body, Replayed::No))
}

/// What a request wants, understood.
struct Wanted {
    dry_run: bool,
    key: String,
}

/// Understands a request, or names all that is wrong with it.
fn wanted(asked: &FileAsked, headers: &HeaderMap, body: &Bytes) -> Result<Wanted, Stop> {
    let media = header(headers, &CONTENT_TYPE).split(';').next().unwrap_or("").trim();
    if !MEDIA_TYPES.contains(&media.to_ascii_lowercase().as_str()) {
        return Err(Stop::MediaType);
    }
    let mut faults = Vec::new();
    let dry_run = match asked.dry_run.as_str() {
        "" | "false" | "0" => false,
        "true" | "1" => true,
        other => {
            faults.push(FieldFault {
                field: "dry_run".to_owned(),
                code: "dry_run",
                message: format!("`{other}` in `dry_run` is not understood"),
                accepted: "true or false".to_owned(),
            });
            false
        }
    };
    let key = key_read(headers).unwrap_or_else(|fault| {
        faults.push(fault);
        String::new()
    });
    if body.is_empty() {
        faults.push(FieldFault {
            field: "body".to_owned(),
            code: "file_missing",
            message: "the body is empty".to_owned(),
            accepted: "filing rows as CSV, with a header line".to_owned(),
        });
    }
    if faults.is_empty() { Ok(Wanted { dry_run, key }) } else { Err(Stop::Fields(faults)) }
}

/// The `Idempotency-Key` of a request; empty where it has none.
pub(super) fn key_read(headers: &HeaderMap) -> Result<String, FieldFault> {
    let key = header(headers, &KEY).to_owned();
    let visible = key.len() <= KEY_MAX && key.bytes().all(|byte| byte.is_ascii_graphic());
    if headers.contains_key(&KEY) && (key.is_empty() || !visible) {
        return Err(FieldFault {
            field: "Idempotency-Key".to_owned(),
            code: "key_form",
            message: "`Idempotency-Key` is not of the form".to_owned(),
            accepted: format!("1 to {KEY_MAX} visible ASCII characters"),
        });
    }
    Ok(key)
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// Files, and words the answer.
fn file_into(
    shared: &Shared,
    bytes: &Arc<Vec<u8>>,
    actor: &Actor,
    dry_run: bool,
) -> Result<(u16, String), Stop> {
    let report = import(shared, bytes, actor, dry_run)?;
    let taken = report.filings.filed + report.filings.duplicate;
    let unread = report.findings.iter().any(|g| g.effect == "file" && g.severity == "error");
    let status = if taken == 0 && (report.filings.rejected > 0 || report.rows == 0 || unread) {
        StatusCode::UNPROCESSABLE_ENTITY
    } else if report.filings.filed > 0 && !dry_run {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    if !dry_run {
        tracing::info!(
            filings = report.filings.filed,
            rejected = report.filings.rejected,
            "a batch was filed over the API"
        );
    }
    let body = if status == StatusCode::UNPROCESSABLE_ENTITY {
        let problem = Problem::coded(status, "all_rejected", PATH);
        serde_json::to_string(&Rejection { problem, report })
    } else {
        serde_json::to_string(&report)
    };
    Ok((status.as_u16(), body.map_err(|error| fault(&error))?))
}

/// Whether an answer is one given before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Replayed {
    Yes,
    No,
}

fn answer(status: u16, body: String, replayed: Replayed) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kind = if status.is_success() { "application/json" } else { PROBLEM_TYPE };
    let mut response = (status, [(CONTENT_TYPE, kind)], body).into_response();
    if replayed == Replayed::Yes {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
