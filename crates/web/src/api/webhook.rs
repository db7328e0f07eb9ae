//! Webhooks: listing them and what was sent, trying and removing. They are made, and given a new secret, on
//! the pages, where a proof of lately is asked for.

use app::people::{DeliveryRecord, WebhookView};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Problem, json};
use crate::config::Hall;
use crate::ledger::off_thread;
use crate::pages::webhooks::whose;
use crate::refused::stop;
use crate::secret::moment;
use crate::stop::Stop;
use crate::visit::Visit;

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
