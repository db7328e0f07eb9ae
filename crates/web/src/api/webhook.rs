//! Webhooks: made, listed with what was sent, tried, given a new secret, removed.
//!
//! A secret is told once, in the answer to the request that made it. A program whose line broke before it had
//! the answer repeats the request with the same `Idempotency-Key` within 24 hours; what was made is in memory
//! only for as long. On a page a proof of lately is asked for; a program has none to give, and a token that
//! changes something was made with one.

use app::people::{DeliveryRecord, WebhookView};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::file::{done_once, key_read};
use super::law::body;
use super::{Problem, json};
use crate::config::Hall;
use crate::ledger::off_thread;
use crate::pages::webhooks::whose;
use crate::refused::stop;
use crate::secret::moment;
use crate::stop::{Stop, fault};
use crate::visit::Visit;
use crate::webhooks::{address_fault, secret_text};

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookAnswer {
    /// What it is called.
    id: String,
    /// The address.
    url: String,
    /// `active`, or `off` after the receiver answered 410.
    state: String,
    /// Key of the account that made it.
    made_by: String,
    /// When it was made.
    made: String,
    /// Until when messages are signed with the secret before as well; null where they are not.
    before_until: Option<String>,
}

/// The webhooks of a party, or of the authority.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhooksAnswer {
    /// In the order in which they were made.
    webhooks: Vec<WebhookAnswer>,
}

/// A message that was or is to be sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryAnswer {
    /// The `webhook-id` of the message.
    id: String,
    /// What happened, such as `case.decided`.
    event: String,
    /// The number of the case or enquiry; empty for a try.
    number: String,
    /// `waiting`, `delivered` or `failed`.
    state: String,
    /// How often it was tried.
    tries: u32,
    /// The status of the last answer; 0 where there was none.
    status: u32,
    /// Why the last try failed; empty where it did not.
    error: String,
    /// When it was written.
    made: String,
    /// When it was last tried.
    changed: String,
}

/// A webhook with the messages of late.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDeliveriesAnswer {
    /// The webhook.
    webhook: WebhookAnswer,
    /// At most 50, the last first.
    deliveries: Vec<DeliveryAnswer>,
}

impl From<WebhookView> for WebhookAnswer {
    fn from(view: WebhookView) -> WebhookAnswer {
        WebhookAnswer {
            id: view.id,
            url: view.url,
            state: view.state,
            made_by: view.made_by,
            made: view.made_at.to_string(),
            before_until: view.before_until.map(|until| until.to_string()),
        }
    }
}

impl From<DeliveryRecord> for DeliveryAnswer {
    fn from(record: DeliveryRecord) -> DeliveryAnswer {
        DeliveryAnswer {
            id: format!("msg_{}", app::jobs::job_id_text(&record.delivery_id)),
            event: record.event,
            number: record.subject,
            state: record.state,
            tries: record.tries,
            status: record.status,
            error: record.error,
            made: Timestamp::from_us(record.made_at_us).to_string(),
            changed: Timestamp::from_us(record.changed_at_us).to_string(),
        }
    }
}

/// A webhook to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebhookNew {
    /// The address: `https://`, a name of the internet, and a path.
    url: String,
}

/// A secret, told this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookSecret {
    /// What the webhook is called.
    id: String,
    /// `whsec_` and the secret in base64, as Standard Webhooks writes it.
    secret: String,
}

fn secret_told(id: String, secret: &[u8], status: StatusCode) -> Result<(u16, String), Stop> {
    let told = WebhookSecret { id, secret: secret_text(secret) };
    let body = serde_json::to_string(&told).map_err(|error| fault(&error))?;
    Ok((status.as_u16(), body))
}

/// Makes a webhook; tells its secret this once.
#[utoipa::path(
    post,
    path = "/api/v1/webhooks",
    operation_id = "webhook_make",
    tag = "webhook",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; \
            the same request with the same key gets the first answer for 24 hours, another request \
            with it is refused"),
    ),
    request_body = WebhookNew,
    responses(
        (status = 201, description = "It is made", body = WebhookSecret),
        (status = 404, description = "Not for this account or the scope of its token", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key is being worked on right now (`key_busy`)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The address is not taken, or there are as many as may be: `errors` says \
            why (`fields`), or the key was used for another request (`key_reused`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn make(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    asked: Result<Json<WebhookNew>, JsonRejection>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let key = key_read(&headers).map_err(|fault| Stop::Fields(vec![fault]))?;
    let url = body(asked)?.url.trim().to_owned();
    if let Some(code) = address_fault(&url, hall.config.webhooks) {
        let message = visit.text().get(&format!("refusal-{code}"));
        return Err(Stop::field("url", code, message, "https://, a name and a path"));
    }
    let moment = moment(hall.now())?;
    let (shared, here, digest) = (hall.clone(), visit.clone(), format!("webhook {url}"));
    let work = move || {
        let made = shared.people.webhook_make(here.by(), &party, &url, &moment);
        let (id, secret) = made.map_err(|error| stop(here.text(), error))?;
        secret_told(id, &secret, StatusCode::CREATED)
    };
    done_once(&hall, &visit, (key, digest), work).await
}

/// Gives a webhook a new secret, told this once; the one before signs as well for a day.
#[utoipa::path(
    post,
    path = "/api/v1/webhooks/{id}/rotate",
    operation_id = "webhook_rotate",
    tag = "webhook",
    params(
        ("id" = String, Path, description = "What it is called"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; \
            the same request with the same key gets the first answer for 24 hours, another request \
            with it is refused"),
    ),
    responses(
        (status = 200, description = "The new secret", body = WebhookSecret),
        (status = 404, description = "No such webhook, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key is being worked on right now (`key_busy`)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another request (`key_reused`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn rotate(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let key = key_read(&headers).map_err(|fault| Stop::Fields(vec![fault]))?;
    let moment = moment(hall.now())?;
    let (shared, here, digest) = (hall.clone(), visit.clone(), format!("webhook rotate {id}"));
    let work = move || {
        let secret = shared.people.webhook_rotate(here.by(), (&party, &id), &moment);
        let secret = secret.map_err(|error| stop(here.text(), error))?;
        secret_told(id, &secret, StatusCode::OK)
    };
    done_once(&hall, &visit, (key, digest), work).await
}

/// Lets a webhook that is off take messages again.
#[utoipa::path(
    post,
    path = "/api/v1/webhooks/{id}/resume",
    operation_id = "webhook_resume",
    tag = "webhook",
    params(("id" = String, Path, description = "What it is called")),
    responses(
        (status = 204, description = "It is active"),
        (status = 404, description = "No such webhook, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn resume(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    off_thread(move || shared.people.webhook_resume(here.by(), (&party, &id), now))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    hall.jobs_wake.notify_one();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The webhooks of the party, or, for a supervisor, of the authority.
#[utoipa::path(
    get,
    path = "/api/v1/webhooks",
    operation_id = "webhooks",
    tag = "webhook",
    responses(
        (status = 200, description = "The webhooks", body = WebhooksAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn webhooks(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let found = hall.people.webhooks(&party, hall.now());
    let found = found.map_err(|error| stop(visit.text(), error))?;
    let webhooks = found.into_iter().map(WebhookAnswer::from).collect();
    json(&headers, &WebhooksAnswer { webhooks })
}

/// A webhook with the messages of late.
#[utoipa::path(
    get,
    path = "/api/v1/webhooks/{id}",
    operation_id = "webhook",
    tag = "webhook",
    params(("id" = String, Path, description = "What it is called")),
    responses(
        (status = 200, description = "The webhook", body = WebhookDeliveriesAnswer),
        (status = 404, description = "No such webhook, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn webhook(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let found = hall.people.webhook(&party, &id, hall.now());
    let (view, deliveries) = found.map_err(|error| stop(visit.text(), error))?;
    let deliveries = deliveries.into_iter().map(DeliveryAnswer::from).collect();
    json(&headers, &WebhookDeliveriesAnswer { webhook: view.into(), deliveries })
}

/// Removes a webhook with the list of what was sent to it.
#[utoipa::path(
    delete,
    path = "/api/v1/webhooks/{id}",
    operation_id = "webhook_remove",
    tag = "webhook",
    params(("id" = String, Path, description = "What it is called")),
    responses(
        (status = 204, description = "It is removed"),
        (status = 404, description = "No such webhook, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    off_thread(move || shared.people.webhook_remove(here.by(), (&party, &id), now))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Sends a message of the type `webhook.try` that tells of nothing.
#[utoipa::path(
    post,
    path = "/api/v1/webhooks/{id}/try",
    operation_id = "webhook_try",
    tag = "webhook",
    params(("id" = String, Path, description = "What it is called")),
    responses(
        (status = 202, description = "It will be sent"),
        (status = 404, description = "No such webhook, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn attempt(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    off_thread(move || shared.people.webhook_try(here.by(), (&party, &id), &moment))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    hall.jobs_wake.notify_one();
    Ok(StatusCode::ACCEPTED.into_response())
}
