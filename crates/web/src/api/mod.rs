//! The API under `/api/v1`, and its OpenAPI 3.1 document, made from the handlers themselves.
//!
//! An error is `application/problem+json` (RFC 9457) with a stable `code`; of a request that is not
//! as it should be all fields are named at once. What the caller may not see is not found. Answers
//! carry a weak `ETag`; long lists go page by page with a cursor.

pub(crate) mod account;
pub(crate) mod applications;
pub(crate) mod audit;
pub(crate) mod border;
pub(crate) mod case;
pub(crate) mod certificates;
pub(crate) mod documents;
pub(crate) mod enquiry;
pub(crate) mod file;
pub(crate) mod general;
pub(crate) mod law;
pub(crate) mod licensed;
pub(crate) mod organisation;
pub(crate) mod own_case;
pub(crate) mod quota;
pub(crate) mod read;
mod schema;
pub(crate) mod screening;
pub(crate) mod screening_match;
pub(crate) mod trace;
pub(crate) mod webhook;
mod wire;

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use serde::Serialize;
use utoipa::openapi::OpenApi as OpenApiDocument;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

use crate::secret::{hash_bytes, hex};
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Language;
use crate::visit::Visit;

/// The media type of RFC 9457.
pub(crate) const PROBLEM_TYPE: &str = "application/problem+json";

/// Why a request is not answered as asked (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where the code is explained: a fragment of the reference page.
    #[serde(rename = "type")]
    kind: String,
    /// The code in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Stable code.
    code: &'static str,
    /// What to do about it.
    detail: String,
    /// The path asked for.
    instance: String,
    /// The fields that are not as they should be, all at once; empty otherwise.
    errors: Vec<FieldFault>,
}

impl Problem {
    pub(crate) fn new(stop: &Stop, path: &str) -> Problem {
        let code = stop.code();
        let fields = match stop {
            Stop::Fields(fields) => fields.clone(),
            _ => Vec::new(),
        };
        Problem { errors: fields, ..Problem::coded(stop.status(), code, path) }
    }

    pub(crate) fn coded(status: StatusCode, code: &'static str, path: &str) -> Problem {
        let words = Language::English.text();
        Problem {
            kind: format!("/api#problem-{code}"),
            title: words.get(&format!("problem-{code}-title")),
            status: status.as_u16(),
            code,
            detail: words.get(&format!("problem-{code}-text")),
            instance: path.to_owned(),
            errors: Vec::new(),
        }
    }
}

/// The answer to a request that stopped.
pub(crate) fn problem(stop: &Stop, path: &str) -> Response {
    let body = serde_json::to_vec(&Problem::new(stop, path)).unwrap_or_default();
    (stop.status(), [(CONTENT_TYPE, PROBLEM_TYPE)], body).into_response()
}

/// An answer with its weak `ETag`, or 304 where the caller has it.
pub(crate) fn json(headers: &HeaderMap, answer: &impl Serialize) -> Result<Response, Stop> {
    let body = serde_json::to_vec(answer).map_err(|error| fault(&error))?;
    Ok(tagged(headers, &hash_bytes(&body), body))
}

/// An answer whose tag is not that of its bytes: some of them tell how long it took.
pub(crate) fn tagged(headers: &HeaderMap, digest: &[u8], body: Vec<u8>) -> Response {
    let tag = format!("W/\"{}\"", hex(digest.get(..12).unwrap_or(digest)));
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim() == tag || one.trim() == "*");
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, "application/json")], body).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(VARY, HeaderValue::from_static("authorization, cookie"));
    response
}

/// A cursor: a text that only we read, so that nobody counts on its form.
pub(crate) fn cursor_make(text: &str) -> String {
    hex(text.as_bytes())
}

/// The text of a cursor of ours.
pub(crate) fn cursor_read(cursor: &str) -> Result<String, FieldFault> {
    let byte = |pair: &[u8]| {
        std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    let bytes: Option<Vec<u8>> = cursor.as_bytes().chunks(2).map(byte).collect();
    let even = cursor.len().is_multiple_of(2);
    bytes
        .filter(|_| even)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| cursor_fault(cursor))
}

pub(crate) fn cursor_fault(cursor: &str) -> FieldFault {
    FieldFault {
        field: "cursor".to_owned(),
        code: "cursor",
        message: format!("`{cursor}` in `cursor` is not one that was given"),
        accepted: "the `next` of the page before, unchanged".to_owned(),
    }
}

/// Parses `limit`.
pub(crate) fn limit_asked(
    text: &str,
    otherwise: usize,
    greatest: usize,
) -> Result<usize, FieldFault> {
    match text.trim() {
        "" => Ok(otherwise),
        text => {
            text.parse::<usize>().ok().filter(|limit| (1..=greatest).contains(limit)).ok_or_else(
                || FieldFault {
                    field: "limit".to_owned(),
                    code: "limit",
                    message: format!("`{text}` in `limit` is not understood"),
                    accepted: format!("a whole number from 1 to {greatest}"),
                },
            )
        }
    }
}

/// What holds for every operation: how to come in, and what the frame answers before a handler.
struct Frame;

impl Modify for Frame {
    fn modify(&self, document: &mut OpenApiDocument) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token of an account, as `Authorization: Bearer …`."))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
        let paths = document.paths.paths.iter_mut().filter(|path| path.0.starts_with("/api/v1/"));
        for operation in
            paths.flat_map(|path| [&mut path.1.get, &mut path.1.post, &mut path.1.delete]).flatten()
        {
            for (status, about) in [
                ("401", "No valid token (`sign_in`)"),
                ("429", "Too many requests; wait as `Retry-After` says (`too_many`)"),
            ] {
                operation.responses.responses.insert(status.to_owned(), problem_told(about).into());
            }
        }
    }
}

fn problem_told(about: &str) -> utoipa::openapi::Response {
    let schema = utoipa::openapi::Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(about).content(PROBLEM_TYPE, content).build()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gadolin",
        description = "Filings in; balances, findings and traces out. Errors are problem+json \
            (RFC 9457) with a stable `code`. What an account may not see is not found (404). Too \
            many requests are answered with 429 and `Retry-After`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This installation")),
    modifiers(&Frame),
    security(("bearer" = [])),
    tags(
        (name = "account", description = "Who is asking."),
        (name = "organisation", description = "Companies: who they are, their sites and people; those to verify."),
        (name = "filing", description = "Filing batches, and reading filings."),
        (name = "case", description = "Cases: the queue, a case, steps on it."),
        (name = "documents", description = "What applicants hand in: sealed, scanned, given out when clean."),
        (name = "ledger", description = "Parties, lots, balances, findings."),
        (name = "trace", description = "Where content comes from, and where it is now."),
        (name = "application", description = "Applications: drafts, what they lack, handing in; and what their applicant does in their cases."),
        (name = "law", description = "Control lists, classification, clocks; open to everybody."),
        (name = "certificate", description = "Certificates of end users: asked for, and what is recorded of them."),
        (name = "enquiry", description = "Asking the authority about a good or a case, on record."),
        (name = "webhook", description = "Where to events are sent on (Standard Webhooks)."),
        (name = "border", description = "Licences at the border: looked up, drawn down, their changes; the public check."),
        (name = "quota", description = "Quotas of mining and separation: issued, handed down, used."),
        (name = "licensing", description = "What is owed after a grant, and what became of the goods."),
        (name = "general", description = "General licences: what is published, registering, returns, audits."),
        (name = "screening", description = "Parties against lists: screening, lists in force, hits."),
        (name = "audit", description = "Who did what, and who looked at whose data."),
        (name = "document", description = "This document."),
    ),
    paths(
        read::me,
        account::sessions,
        account::session_end,
        account::tokens,
        account::token_revoke,
        organisation::organisation,
        organisation::registrations,
        case::cases,
        case::case,
        case::steps,
        read::totals,
        read::party,
        read::lot,
        read::findings,
        read::search,
        read::filing,
        trace::trace,
        trace::lineage,
        trace::balance,
        file::file,
        documents::store,
        documents::show,
        documents::content,
        applications::list,
        applications::begin,
        applications::check,
        applications::show,
        applications::change,
        applications::remove,
        applications::hand_in,
        own_case::answer,
        own_case::withdraw,
        own_case::amend,
        law::clock,
        law::regimes,
        law::classify,
        law::control_list,
        certificates::list,
        certificates::show,
        certificates::ask,
        certificates::link,
        certificates::step,
        certificates::check,
        border::messages,
        border::licence,
        border::changes,
        border::acknowledgements,
        border::allotments,
        border::check,
        general::licences,
        general::registrations,
        general::register,
        general::registration,
        general::own_step,
        general::authority_step,
        general::file_return,
        general::uses,
        quota::quotas,
        licensed::shipments,
        licensed::duties,
        licensed::report,
        audit::audit,
        audit::activity,
        enquiry::enquiries,
        enquiry::enquiry,
        enquiry::ask,
        enquiry::answer,
        enquiry::ask_on,
        screening::screen,
        screening_match::matches,
        screening::lists,
        screening::list,
        screening::list_put,
        screening::hits,
        screening::hit,
        screening::decide,
        webhook::webhooks,
        webhook::webhook,
        webhook::make,
        webhook::remove,
        webhook::rotate,
        webhook::resume,
        webhook::attempt,
        document,
    ),
    components(schemas(Problem, FieldFault, case::CommandAsked)),
)]
struct Document;

/// The document.
pub(crate) fn openapi() -> &'static OpenApiDocument {
    static DOCUMENT: LazyLock<OpenApiDocument> = LazyLock::new(Document::openapi);
    &DOCUMENT
}

/// The OpenAPI 3.1 document of this API.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    tag = "document",
    security(()),
    responses((status = 200, description = "The document", body = serde_json::Value)),
)]
pub(crate) async fn document(visit: Visit, headers: HeaderMap) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    json(&headers, openapi())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_made() {
        let text = "gad:ö\u{1f}S1\u{1f}Dy";
        assert_eq!(cursor_read(&cursor_make(text)).unwrap(), text);
        for bad in ["g1", "1", "ff", "é"] {
            assert_eq!(cursor_read(bad).unwrap_err().code, "cursor", "`{bad}`");
        }
    }

    #[test]
    fn limits_are_whole_numbers_within_bounds() {
        assert_eq!(limit_asked("", 50, 100), Ok(50));
        assert_eq!(limit_asked("100", 50, 100), Ok(100));
        for bad in ["0", "101", "-1", "1.5", "x"] {
            let fault = limit_asked(bad, 50, 100).unwrap_err();
            assert_eq!(fault.accepted, "a whole number from 1 to 100", "`{bad}`");
        }
    }
}
