//! A case for programs of its applicant: what happened, whom it waits for; answering, amending, taking back.

use app::cases::Known;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::authorisation::Role;
use licensing::decide::Command;
use licensing::sight::{Viewer, case_seen, event_seen};
use licensing::{Case, Recorded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::applications::{ApplicationAsked, case_stop, day_plain, read};
use super::law::body;
use super::{Problem, json};
use crate::config::Hall;
use crate::law::law;
use crate::pages::apply::case::found;
use crate::pages::apply::stepped;
use crate::stop::Stop;
use crate::visit::Visit;

/// An answer to a question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerAsked {
    /// Number of the question.
    question: u32,
    /// The answer.
    text: String,
    /// SHA-256 of documents handed in with it, hexadecimal.
    #[serde(default)]
    documents: Vec<String>,
}

/// Why a case is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawalAsked {
    /// In words; may be empty.
    #[serde(default)]
    reason: String,
}

/// A case as the caller's side sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnCaseAnswer {
    /// Its number.
    number: String,
    /// `received`, `review`, `decided`, `returned`, `withdrawn` or `lapsed`.
    state: &'static str,
    /// `applicant`, `step`, `authority` or `nobody`.
    waits_for: &'static str,
    /// The day on which the first clock that runs is due; null where none is.
    due: Option<String>,
    /// The case: application, questions, amendments, outcome.
    #[schema(value_type = Object)]
    case: Case,
    /// What happened, in order.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Recorded>,
}

async fn case_answer(
    hall: &Hall,
    visit: &Visit,
    case: &Case,
    events: &[Recorded],
) -> Result<OwnCaseAnswer, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let viewer = match visit.actor.role {
        Role::Officer | Role::Supervisor => Viewer::Office,
        Role::Agency => Viewer::Agency(&visit.actor.desk),
        _ => Viewer::Applicant,
    };
    let (due, _) = app::cases::case_days(&law, case, hall.now());
    Ok(OwnCaseAnswer {
        number: case.number.clone(),
        state: case.state.code(),
        waits_for: crate::pages::apply::waits_code(app::cases::waits_for(case)),
        due: due.map(day_plain),
        case: case_seen(case, viewer),
        events: events.iter().filter_map(|event| event_seen(event, viewer)).collect(),
    })
}

/// Gives a command of the applicant and answers with the case as it is then.
async fn commanded(
    hall: &Hall,
    visit: &Visit,
    headers: &HeaderMap,
    number: String,
    command: Command,
) -> Result<Response, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let of = number.clone();
    stepped(hall, visit, move |shared, step| {
        shared.platform.case_step(&law, &of, &command, &Known::default(), step)
    })
    .await?
    .map_err(case_stop)?;
    let (case, events) = found(hall, visit, &number).await?;
    json(headers, &case_answer(hall, visit, &case, &events).await?)
}

/// Answers a question of the authority.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{number}/answer",
    operation_id = "case_answer",
    tag = "application",
    params(("number" = String, Path, description = "Number of the case")),
    request_body = AnswerAsked,
    responses(
        (status = 200, description = "The case as it is now", body = OwnCaseAnswer),
        (status = 404, description = "No such case, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Every reason why not, such as `already_answered`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn answer(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
    asked: Result<Json<AnswerAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let AnswerAsked { question, text, documents } = body(asked)?;
    commanded(&hall, &visit, &headers, number, Command::Answer { question, text, documents }).await
}

/// Takes an application back.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{number}/withdraw",
    operation_id = "case_withdraw",
    tag = "application",
    params(("number" = String, Path, description = "Number of the case")),
    request_body = WithdrawalAsked,
    responses(
        (status = 200, description = "The case as it is now", body = OwnCaseAnswer),
        (status = 404, description = "No such case, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Every reason why not, such as `case_ended`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn withdraw(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
    asked: Result<Json<WithdrawalAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let WithdrawalAsked { reason } = body(asked)?;
    commanded(&hall, &visit, &headers, number, Command::Withdraw { reason }).await
}

/// Asks for an amendment: the whole application as it would be. What differs is worked out; a key element
/// needs a new application.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{number}/amend",
    operation_id = "case_amend",
    tag = "application",
    params(("number" = String, Path, description = "Number of the case")),
    request_body = ApplicationAsked,
    responses(
        (status = 200, description = "The case as it is now", body = OwnCaseAnswer),
        (status = 404, description = "No such case, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Every reason why not, such as `amendment_key` or `amendment_open`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn amend(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
    asked: Result<Json<ApplicationAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let application = Box::new(read(&body(asked)?.application)?);
    commanded(&hall, &visit, &headers, number, Command::AskAmendment { application }).await
}
