//! The law as data, for everybody: clocks, regimes.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::authorisation::Resource;
use controls::clock::{Proofs, RegimeRow, answer, events_read, reckon, regimes_compare};
use controls::good::GoodFault;
use controls::status::AsOf;
use controls::{Classifier, Good, PackFault};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{Problem, json};
use crate::config::Hall;
use crate::law::{law, laws};
use crate::ledger::off_thread;
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

/// The most goods of one request; more go through `gadolin classify`, which streams.
const GOODS_MAX: usize = 1_000;

/// Goods to be classified.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClassifyAsked {
    /// The pack; that of this installation where it is left out.
    #[serde(default)]
    pack: String,
    /// The day of the law (ISO 8601).
    as_of: String,
    /// Only what was published up to this day.
    #[serde(default)]
    known_at: Option<String>,
    /// The goods: `{"id","name","hs","grade","form","composition","parameters","bill"}`, at most 1,000.
    goods: Vec<Value>,
}

fn day(field: &str, text: &str) -> Result<base::Date, FieldFault> {
    base::time::date_parse(text.trim()).ok_or_else(|| FieldFault {
        field: field.to_owned(),
        code: "date",
        message: format!("`{text}` is no day"),
        accepted: "a day such as 2025-04-07".to_owned(),
    })
}

/// The day asked about and, where one is given, the day of knowledge; all faults at once.
fn as_of(date: &str, known_at: Option<&str>) -> Result<AsOf, Stop> {
    let date = day("as_of", date);
    let known_at = known_at.filter(|text| !text.trim().is_empty()).map(|t| day("known_at", t));
    match (date, known_at.transpose()) {
        (Ok(date), Ok(known_at)) => Ok(AsOf { date, known_at }),
        (date, known_at) => {
            Err(Stop::Fields(date.err().into_iter().chain(known_at.err()).collect()))
        }
    }
}

/// Which control items goods fall under on a day, with the words that matched, the limits and the rule, or
/// why none does. Nothing is stored.
#[utoipa::path(
    post,
    path = "/api/v1/classify",
    operation_id = "classify",
    tag = "law",
    security(()),
    request_body = ClassifyAsked,
    responses(
        (status = 200, description = "The answers, in the order of the goods, each as `gadolin classify` answers", body = Value),
        (status = 404, description = "No such pack", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Goods that are not as they should be, all faults at once", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn classify(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    asked: Result<Json<ClassifyAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let asked = body(asked)?;
    let at = as_of(&asked.as_of, asked.known_at.as_deref())?;
    let law = law(&hall, pack_asked(&hall, &asked.pack)).await?;
    if asked.goods.len() > GOODS_MAX {
        let message = format!("{} goods", asked.goods.len());
        return Err(Stop::field("goods", "too_many", message, "at most 1,000 in one request"));
    }
    let mut goods = Vec::with_capacity(asked.goods.len());
    let mut faults = Vec::new();
    for (number, value) in asked.goods.iter().enumerate() {
        let told = |wrong: GoodFault| FieldFault {
            field: format!("goods[{number}].{}", wrong.field).trim_end_matches('.').to_owned(),
            code: "good",
            message: wrong.message,
            accepted: wrong.accepted,
        };
        match Good::parse(value.to_string().as_bytes()) {
            Ok(good) => goods.push(good),
            Err((_, wrong)) => faults.extend(wrong.into_iter().map(told)),
        }
    }
    if !faults.is_empty() {
        return Err(Stop::Fields(faults));
    }
    let answers = off_thread(move || {
        let classifier = Classifier::new(&law.pack, at);
        goods.iter().map(|good| classifier.classify(good)).collect::<Vec<_>>()
    });
    json(&headers, &Answers { answers: answers.await? })
}

/// The answers in the order of the goods.
#[derive(Debug, Serialize)]
struct Answers {
    answers: Vec<controls::Answer>,
}

/// Which list is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAsked {
    /// The pack; that of this installation where it is left out.
    #[serde(default)]
    #[param(required = false)]
    pack: String,
    /// The day asked about (ISO 8601).
    #[serde(default)]
    as_of: String,
    /// Only what was published up to this day.
    #[serde(default)]
    #[param(required = false)]
    known_at: String,
}

/// An item with its status.
#[derive(Debug, Serialize)]
struct ListItem {
    instrument: String,
    control_code: String,
    item_no: String,
    element: String,
    wording_en: String,
    wording_zh: String,
    hs: Vec<String>,
    #[serde(flatten)]
    status: controls::Status,
    citation: String,
    source: String,
    confidence: controls::Confidence,
}

/// The control list as of a day.
#[derive(Debug, Serialize)]
struct ListAnswer {
    pack: String,
    version: u32,
    notice: String,
    as_of: base::Date,
    known_at: Option<base::Date>,
    change_dates: Vec<base::Date>,
    items: Vec<ListItem>,
}

/// The control list as of a day, as known on another: every item with its status.
#[utoipa::path(
    get,
    path = "/api/v1/control-list",
    operation_id = "control_list",
    tag = "law",
    security(()),
    params(ListAsked),
    responses(
        (status = 200, description = "The items in the order of the list", body = Value),
        (status = 404, description = "No such pack", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No day", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn control_list(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let at = as_of(&asked.as_of, Some(&asked.known_at))?;
    let law = law(&hall, pack_asked(&hall, &asked.pack)).await?;
    let list = &law.pack.list;
    let items = list.items.iter().map(|item| ListItem {
        instrument: item.instrument.clone(),
        control_code: item.control_code.clone(),
        item_no: item.item_no.clone(),
        element: item.element.clone(),
        wording_en: item.item_en.clone(),
        wording_zh: item.item_zh.clone(),
        hs: item.hs.clone(),
        status: list.status(item, at),
        citation: item.fact.citation.clone(),
        source: item.fact.source.clone(),
        confidence: item.fact.confidence,
    });
    let answer = ListAnswer {
        pack: law.id.clone(),
        version: law.version,
        notice: law.pack.settings.notice_en.clone(),
        as_of: at.date,
        known_at: at.known_at,
        change_dates: list.change_dates(),
        items: items.collect(),
    };
    json(&headers, &answer)
}
