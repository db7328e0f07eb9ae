//! Enquiries: asking the authority, and answering, as programs do it.

use app::enquiries::{EnquiryError, EnquiryRow};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use licensing::enquiry::{About, Enquiry, EnquiryEntry, EnquiryEvent, Finding};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::law::body;
use super::{Problem, json};
use crate::config::Hall;
use crate::pages::enquiries::{
    Asked, Given, answered, asked, asked_on, cursor_of, faults, found, whose,
};
use crate::stop::{Stop, fault};
use crate::visit::Visit;

/// An enquiry in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnquiryRowAnswer {
    /// Its number.
    number: String,
    /// Who asks, `scheme:value`.
    asker: String,
    /// `classification` or `case`.
    about: String,
    /// The good, or the number of the case.
    subject: String,
    /// `open` (a question waits) or `answered`.
    state: String,
    /// When it was asked.
    asked: String,
    /// When something last happened to it.
    changed: String,
}

/// A page of enquiries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnquiriesAnswer {
    /// Those that changed first at the head.
    enquiries: Vec<EnquiryRowAnswer>,
    /// The `cursor` of the next page; null where this is the last.
    next: Option<String>,
}

/// What happened to an enquiry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnquiryEntryAnswer {
    /// When.
    at: String,
    /// `party`, `authority`, or `platform` where it was stated by itself.
    by: &'static str,
    /// What: `event` is `asked`, `stated`, `answered` or `asked_on`.
    #[schema(value_type = Object)]
    entry: EnquiryEvent,
}

/// An enquiry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnquiryAnswer {
    /// Its number.
    number: String,
    /// Who asks, `scheme:value`.
    asker: String,
    /// `open` (a question waits) or `answered`.
    state: &'static str,
    /// What happened, in order.
    entries: Vec<EnquiryEntryAnswer>,
}

/// What is asked: about a good, or about a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(crate) struct EnquiryAsked {
    /// Name of the good; empty where a case is asked about.
    good: String,
    /// HS code of the good.
    hs: String,
    /// Composition of the good in % by mass, such as `Nd=28.5;Dy=1.6`.
    composition: String,
    /// Number of the case; empty where a good is asked about.
    case: String,
    /// The question; may be empty where a case is asked about.
    text: String,
}

/// The number of an enquiry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnquiryNumber {
    /// Its number.
    number: String,
}

/// What an officer answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnquiryAnswered {
    /// In words.
    text: String,
    /// About a good: `controlled`, `not_controlled` or `refer`.
    #[serde(default)]
    finding: String,
    /// Control codes of a good that is controlled.
    #[serde(default)]
    codes: Vec<String>,
}

/// A further question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnquiryQuestion {
    /// The question.
    text: String,
}

impl From<EnquiryRow> for EnquiryRowAnswer {
    fn from(row: EnquiryRow) -> EnquiryRowAnswer {
        let instant = |us| Timestamp::from_us(us).to_string();
        EnquiryRowAnswer {
            number: row.number,
            asker: row.asker,
            about: row.about,
            subject: row.subject,
            state: row.state,
            asked: instant(row.asked_at_us),
            changed: instant(row.changed_at_us),
        }
    }
}

impl From<Enquiry> for EnquiryAnswer {
    fn from(enquiry: Enquiry) -> EnquiryAnswer {
        let entry = |entry: EnquiryEntry| EnquiryEntryAnswer {
            at: entry.at().to_string(),
            by: match entry.event {
                EnquiryEvent::Stated { .. } => "platform",
                EnquiryEvent::Answered { .. } => "authority",
                EnquiryEvent::Asked { .. } | EnquiryEvent::AskedOn { .. } => "party",
            },
            entry: entry.event,
        };
        EnquiryAnswer {
            number: enquiry.number,
            asker: enquiry.asker,
            state: enquiry.state.code(),
            entries: enquiry.entries.into_iter().map(entry).collect(),
        }
    }
}

fn stop(visit: &Visit, error: EnquiryError) -> Stop {
    match faults(visit.text(), error) {
        Ok(faults) => Stop::Fields(faults),
        Err(stop) => stop,
    }
}

/// The enquiries of the party, or, for officers, of all parties.
#[utoipa::path(
    get,
    path = "/api/v1/enquiries",
    operation_id = "enquiries",
    tag = "enquiry",
    params(Asked),
    responses(
        (status = 200, description = "The enquiries", body = EnquiriesAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A cursor that was not given", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn enquiries(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(query): Query<Asked>,
) -> Result<Response, Stop> {
    let whose = whose(&visit)?;
    let (after, state, shared) = (query.after()?, query.state(), hall.clone());
    let page = crate::ledger::off_thread(move || {
        shared.platform.enquiries(whose.as_deref(), state.code(), after.as_ref())
    });
    let page = page.await?.map_err(|error| fault(&error))?;
    for row in &page.rows {
        visit.look(&row.asker);
    }
    let next = page.next.as_ref().map(cursor_of);
    let enquiries = page.rows.into_iter().map(EnquiryRowAnswer::from).collect();
    json(&headers, &EnquiriesAnswer { enquiries, next })
}

/// An enquiry: what was asked, stated and answered.
#[utoipa::path(
    get,
    path = "/api/v1/enquiries/{number}",
    operation_id = "enquiry",
    tag = "enquiry",
    params(("number" = String, Path, description = "Its number")),
    responses(
        (status = 200, description = "The enquiry", body = EnquiryAnswer),
        (status = 404, description = "No such enquiry, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn enquiry(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let enquiry = found(&hall, &visit, &number).await?;
    json(&headers, &EnquiryAnswer::from(enquiry))
}

/// Asks whether a good is controlled, or where a case stands; the latter is answered at once.
#[utoipa::path(
    post,
    path = "/api/v1/enquiries",
    operation_id = "enquiry_ask",
    tag = "enquiry",
    request_body = EnquiryAsked,
    responses(
        (status = 201, description = "It is on record", body = EnquiryNumber),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What is not as it should be, all of it", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ask(
    State(hall): State<Hall>,
    visit: Visit,
    typed: Result<Json<EnquiryAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Party(&visit.actor.party))?;
    let EnquiryAsked { good, hs, composition, case, text } = body(typed)?;
    let about = if case.is_empty() {
        About::Classification { good, hs, composition }
    } else {
        About::Case { number: case }
    };
    let number = asked(&hall, &visit, about, text).await?.map_err(|error| stop(&visit, error))?;
    Ok((StatusCode::CREATED, Json(EnquiryNumber { number })).into_response())
}

/// Answers an enquiry; for officers.
#[utoipa::path(
    post,
    path = "/api/v1/enquiries/{number}/answer",
    operation_id = "enquiry_answer",
    tag = "enquiry",
    params(("number" = String, Path, description = "Its number")),
    request_body = EnquiryAnswered,
    responses(
        (status = 204, description = "It is on record"),
        (status = 404, description = "No such enquiry, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What is not as it should be, all of it", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn answer(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    typed: Result<Json<EnquiryAnswered>, JsonRejection>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let EnquiryAnswered { text, finding, codes } = body(typed)?;
    let given = Given { text, finding: Finding::parse(&finding), codes };
    let done = answered(&hall, &visit, &number, given).await?;
    done.map_err(|error| stop(&visit, error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Asks on where the answer was not enough.
#[utoipa::path(
    post,
    path = "/api/v1/enquiries/{number}/questions",
    operation_id = "enquiry_ask_on",
    tag = "enquiry",
    params(("number" = String, Path, description = "Its number")),
    request_body = EnquiryQuestion,
    responses(
        (status = 204, description = "It is on record"),
        (status = 404, description = "No such enquiry, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What is not as it should be", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ask_on(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    typed: Result<Json<EnquiryQuestion>, JsonRejection>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let done = asked_on(&hall, &visit, &number, body(typed)?.text).await?;
    done.map_err(|error| stop(&visit, error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
