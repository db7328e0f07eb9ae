//! The law as data, for everybody: clocks, regimes.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::authorisation::Resource;
use controls::PackFault;
use controls::clock::{Proofs, RegimeRow, answer, events_read, reckon, regimes_compare};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{Problem, json};
use crate::config::Hall;
use crate::law::{law, laws};
use crate::pages::regimes::application;
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

/// A case whose clocks are asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockAsked {
    /// The pack; that of this installation where it is left out.
    #[serde(default)]
    pack: String,
    /// As of when (RFC 3339); the last event where it is left out.
    #[serde(default)]
    now: Option<String>,
    /// What has happened: `{"at","event"}`, and `agency` or `notice_days` where the event has them.
    events: Vec<Value>,
}

/// A body as JSON, or what is wrong with it.
pub(super) fn body<T>(read: Result<Json<T>, JsonRejection>) -> Result<T, Stop> {
    read.map(|Json(body)| body).map_err(|wrong| {
        Stop::field(
            "body",
            "body",
            wrong.body_text(),
            "a JSON object with the fields told in the reference",
        )
    })
}

/// Faults of a question as faults of fields; events are counted from 1.
pub(super) fn refused(faults: Vec<PackFault>) -> Stop {
    let told = |fault: PackFault| FieldFault {
        field: match fault.line {
            0 => fault.field,
            line => format!("events[{}].{}", line - 1, fault.field),
        },
        code: fault.code,
        message: fault.message,
        accepted: fault.accepted,
    };
    Stop::Fields(faults.into_iter().map(told).collect())
}

/// The pack asked for, or that of the installation.
pub(super) fn pack_asked<'a>(hall: &'a Hall, pack: &'a str) -> &'a str {
    if pack.is_empty() { &hall.config.pack } else { pack }
}

/// The statutory clocks of a case, with a proof for every day. Nothing is stored.
#[utoipa::path(
    post,
    path = "/api/v1/clock",
    operation_id = "clock",
    tag = "law",
    security(()),
    request_body = ClockAsked,
    responses(
        (status = 200, description = "The clocks, as `gadolin clock` answers", body = Value),
        (status = 404, description = "No such pack", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Events that are not as they should be, all of them", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn clock(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    asked: Result<Json<ClockAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let asked = body(asked)?;
    let law = law(&hall, pack_asked(&hall, &asked.pack)).await?;
    let (rules, calendar) = law.clocks.as_ref().ok_or(Stop::NotFound)?;
    let now = match asked.now.as_deref().map(str::parse::<jiff::Timestamp>) {
        Some(Err(_)) => {
            let given = asked.now.unwrap_or_default();
            let message = format!("`{given}` is no instant");
            return Err(Stop::field(
                "now",
                "now",
                message,
                "an instant such as 2025-04-07T09:12:00+08:00",
            ));
        }
        Some(Ok(now)) => Some(now),
        None => None,
    };
    let lines: Vec<String> = asked.events.iter().map(Value::to_string).collect();
    let events = events_read(rules, &lines.join("\n")).map_err(refused)?;
    let reckoning = reckon(rules, calendar, &events, now).map_err(refused)?;
    json(&headers, &answer(&law.id, rules, calendar, &events, &reckoning, Proofs::Every))
}

/// The day asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RegimesAsked {
    /// The day on which the application is received and accepted (ISO 8601).
    #[serde(default)]
    received: String,
}

/// Every regime's answer.
#[derive(Debug, Serialize)]
struct Regimes {
    received: String,
    regimes: Vec<RegimeRow>,
}

/// The same application, received and accepted on one day, in every regime: when its answer is due, and
/// how it can end.
#[utoipa::path(
    get,
    path = "/api/v1/regimes",
    operation_id = "regimes",
    tag = "law",
    security(()),
    params(RegimesAsked),
    responses(
        (status = 200, description = "One row for each pack", body = Value),
        (status = 422, description = "No day, or one before a calendar begins", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn regimes(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<RegimesAsked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let Some(day) = base::time::date_parse(asked.received.trim()) else {
        let message = format!("`{}` is no day", asked.received);
        return Err(Stop::field("received", "received", message, "a day such as 2025-04-07"));
    };
    let laws = laws(&hall).await?;
    let packs: Vec<_> = laws
        .iter()
        .filter_map(|law| {
            law.clocks.as_ref().map(|(rules, calendar)| (law.id.as_str(), rules, calendar))
        })
        .collect();
    let regimes = regimes_compare(&packs, &application(day), None).map_err(|faults| {
        let told = |fault: PackFault| FieldFault {
            field: "received".to_owned(),
            code: fault.code,
            message: fault.message,
            accepted: fault.accepted,
        };
        Stop::Fields(faults.into_iter().map(told).collect())
    })?;
    json(&headers, &Regimes { received: day.to_string(), regimes })
}
