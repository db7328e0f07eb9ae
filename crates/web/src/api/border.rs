//! The border's machine interface: customs tells what is used, looks licences up, and is told of changes.
//!
//! A message is idempotent by its post and id: sent again it has no effect and gets the same answer, so a
//! program that got none sends it again. Of several in one request each has its answer; one that cannot be
//! read, or is refused, never blocks the rest. Messages take their effect in the order of the request.

use app::border::{BorderError, Reply, Told};
use app::licence::{BorderChange, LicenceError, Load, acknowledge};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use licensing::draw_down::{Allotment, AllotmentState, Answer};
use licensing::licence::Licence;
use licensing::message::{Message, MessageWritten, QuantityWritten, Reason};
use licensing::quantity::Quantity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problem, json, limit_asked};
use crate::config::Hall;
use crate::ledger::off_thread;
use crate::stop::{FieldFault, Stop, fault};
use crate::visit::Visit;

/// Messages of a request at most.
const MESSAGES_MAX: usize = 500;
/// Changes of a page.
const CHANGES: usize = 100;
/// Changes of a page at most.
const CHANGES_MAX: usize = 1000;
/// Seconds until a full queue has room again.
const BUSY_SECONDS: u32 = 1;

/// A party as declared: by identifier, by name, or both.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes `licensing::licence::PartyNamed` in the document")]
pub(crate) struct BorderParty {
    /// `scheme:value`.
    id: Option<String>,
    /// Its name.
    name: Option<String>,
    /// Its address; not compared.
    address: Option<String>,
}

/// A quantity as written.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes `licensing::message::QuantityWritten` in the document")]
pub(crate) struct BorderQuantity {
    /// `net_mass`, `content:Dy`, `oxide:Dy`, `pieces` or `value:XTS`.
    unit: String,
    /// Digits and at most one decimal point.
    amount: String,
    /// `t`, `kg`, `g` or `mg` of a mass.
    written: Option<String>,
}

/// A message about one use of one line of a licence.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes `licensing::message::MessageWritten` in the document")]
pub(crate) struct BorderMessage {
    /// The border post: that of the account, or `<that>/<a post of its own>`.
    post: String,
    /// Its id, unique for the post; sent again it has no effect.
    id: String,
    /// When it was made (RFC 3339). Of reports about the same use the one sent last counts.
    sent_at: String,
    /// `check`, `reserve`, `commit`, `release` or `correct`.
    deed: String,
    /// `absolute` (default): all that was used so far; `increment`: what came on top.
    measure: Option<String>,
    /// Number of the licence.
    licence: String,
    /// Number of its line.
    line: u32,
    /// Reference of the declaration.
    declaration: String,
    /// Line of the declaration.
    declaration_line: u32,
    /// Key of the good, as on the licence.
    good: String,
    /// Tariff code declared.
    hs: String,
    /// Consignee.
    consignee: BorderParty,
    /// End user.
    end_user: BorderParty,
    /// Code of the end use.
    end_use: String,
    /// Country or area of destination (ISO 3166-1 alpha-2).
    destination: String,
    /// Each unit of the line once.
    quantities: Vec<BorderQuantity>,
    /// When the declaration was accepted (RFC 3339).
    declared_at: Option<String>,
    /// When the goods were released (RFC 3339).
    released_at: Option<String>,
    /// When they left (RFC 3339).
    departed_at: Option<String>,
    /// Until when a reservation is to hold (RFC 3339).
    reserve_until: Option<String>,
    /// Id of the offline allotment from which this was drawn.
    allotment: Option<String>,
}

/// What is left of a line in a unit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BorderLeft {
    /// Code of the unit.
    unit: String,
    /// The amount in kg, pieces or the currency.
    left: String,
}

/// Why a message was not taken.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes `licensing::message::Reason` in the document")]
pub(crate) struct BorderReason {
    /// Stable code, such as `beyond_quantity`, `suspended`, `end_user_differs`.
    code: String,
    /// The part of the message.
    part: String,
    /// What is wrong.
    message: String,
    /// What would be accepted.
    accepted: String,
}

/// The answer to one message.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes `licensing::draw_down::Answer` in the document")]
pub(crate) struct BorderAnswer {
    /// The post of the message.
    post: String,
    /// Its id.
    id: String,
    /// `accepted`; `refused`: nothing changed, and the same message gets the same answer; `rejected`: it
    /// could not be read, nothing is remembered.
    outcome: String,
    /// All reasons.
    reasons: Vec<BorderReason>,
    /// What is noted, such as `late_use` or `within_tolerance`.
    marks: Vec<String>,
    /// What is left of the line.
    left: Vec<BorderLeft>,
    /// Until when what was reserved is held.
    reserved_until: Option<String>,
}

/// The answers, in the order of the messages.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what is put together by hand")]
pub(crate) struct BorderAnswers {
    /// One for each message.
    answers: Vec<BorderAnswer>,
}

/// Tells one message, or several as an array. 200 where all were accepted, 207 where one was not.
#[utoipa::path(
    post,
    path = "/api/v1/border/messages",
    operation_id = "border_messages",
    tag = "border",
    request_body(content = Vec<BorderMessage>, description = "A message, or an array of at most 500"),
    responses(
        (status = 200, description = "All were accepted", body = BorderAnswers),
        (status = 207, description = "At least one was not accepted", body = BorderAnswers),
        (status = 422, description = "No message and no array of messages", body = Problem),
    ),
)]
pub(crate) async fn messages(
    State(hall): State<Hall>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let mut items = items_read(&body)?;
    let mut sound = Vec::with_capacity(items.len());
    for item in &mut items {
        if let Some(message) = item.message.take() {
            match post_check(&visit, &message.post) {
                None => sound.push(message),
                Some(reason) => item.answer = rejected(vec![reason]),
            }
        }
    }
    let mut told = if sound.is_empty() {
        Vec::new()
    } else {
        let (reply, answer) = reply();
        let sent = hall.border.tell(sound, &visit.actor.account, reply);
        waited(sent, answer).await?
    }
    .into_iter();
    for item in items.iter_mut().filter(|item| item.answer.is_empty()) {
        item.answer = told.next().ok_or_else(|| fault(&"a message has no answer"))?;
    }
    let all = items.iter().all(|item| item.answer.starts_with(ACCEPTED));
    let status = if all { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    Ok((status, [(CONTENT_TYPE, "application/json")], answers_text(&items)).into_response())
}

/// How the answer to a message that was accepted begins.
const ACCEPTED: &str = "{\"outcome\":\"accepted\"";

/// A message of a request on its way.
struct Item {
    post: String,
    id: String,
    message: Option<Message>,
    /// The answer as JSON; empty while there is none.
    answer: String,
}

fn rejected(reasons: Vec<Reason>) -> String {
    serde_json::to_string(&Answer::rejected(reasons)).unwrap_or_default()
}

fn items_read(body: &[u8]) -> Result<Vec<Item>, Stop> {
    let accepted = "a JSON object with a message, or an array of them";
    let array = body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[');
    let read = if array {
        serde_json::from_slice::<Vec<MessageWritten>>(body)
    } else {
        serde_json::from_slice::<MessageWritten>(body).map(|one| vec![one])
    };
    let items: Vec<Item> = match read {
        Ok(written) => written.into_iter().map(item).collect(),
        // One of them is not of the form: each is read for itself.
        Err(_) => {
            let value: serde_json::Value = serde_json::from_slice(body).map_err(|error| {
                Stop::field("body", "json", format!("this is no JSON: {error}"), accepted)
            })?;
            match value {
                serde_json::Value::Array(values) => values.into_iter().map(item_of_value).collect(),
                value @ serde_json::Value::Object(_) => vec![item_of_value(value)],
                _ => {
                    let message = "this is neither an object nor an array".to_owned();
                    return Err(Stop::field("body", "json", message, accepted));
                }
            }
        }
    };
    if items.is_empty() || items.len() > MESSAGES_MAX {
        let message = format!("there are {} messages", items.len());
        return Err(Stop::field("body", "messages_many", message, "1 to 500 messages"));
    }
    Ok(items)
}

fn item(written: MessageWritten) -> Item {
    let (post, id) = (written.post.clone(), written.id.clone());
    match written.read() {
        Ok(message) => Item { post, id, message: Some(message), answer: String::new() },
        Err(reasons) => Item { post, id, message: None, answer: rejected(reasons) },
    }
}

fn item_of_value(value: serde_json::Value) -> Item {
    let text = |name: &str| {
        let text = value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        text.chars().take(64).collect::<String>()
    };
    let (post, id) = (text("post"), text("id"));
    match serde_json::from_value::<MessageWritten>(value) {
        Ok(written) => item(written),
        Err(error) => {
            let message = format!("this is no message: {error}");
            let accepted = "an object with the fields of a message";
            let reason = Reason::new("message_form", "", message, accepted);
            Item { post, id, message: None, answer: rejected(vec![reason]) }
        }
    }
}

/// A post speaks for itself and for posts below it, never for another.
pub(super) fn post_check(visit: &Visit, post: &str) -> Option<Reason> {
    let desk = &visit.actor.desk;
    let below = post.strip_prefix(desk.as_str());
    if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return None;
    }
    let text = format!("`{post}` is not the post of this account");
    Some(Reason::new(
        "post_other",
        "post",
        text,
        format!("{desk}, or {desk}/ and a post of its own"),
    ))
}

fn answers_text(items: &[Item]) -> String {
    let bytes: usize = items.iter().map(|item| item.answer.len() + 64).sum();
    let mut text = String::with_capacity(bytes + 32);
    text.push_str("{\"answers\":[");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        let quoted = |value: &str| serde_json::to_string(value).unwrap_or_default();
        text.push_str("{\"post\":");
        text.push_str(&quoted(&item.post));
        text.push_str(",\"id\":");
        text.push_str(&quoted(&item.id));
        text.push(',');
        // An answer is an object: it goes on behind its brace.
        text.push_str(item.answer.get(1..).unwrap_or("}"));
    }
    text.push_str("]}");
    text
}

pub(crate) type Waiting = tokio::sync::oneshot::Receiver<Told>;

pub(crate) fn reply() -> (Reply, Waiting) {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // Nobody waits any more where the request was given up.
    (Box::new(move |told| drop(sender.send(told))), receiver)
}

pub(crate) async fn waited(
    sent: Result<(), BorderError>,
    answer: Waiting,
) -> Result<Vec<String>, Stop> {
    let told = match sent {
        Ok(()) => answer.await.map_err(|error| fault(&error))?,
        Err(error) => Err(error),
    };
    told.map_err(|error| match error {
        BorderError::Busy => Stop::TooMany(BUSY_SECONDS),
        BorderError::Fault(_) => fault(&error),
    })
}

pub(crate) fn refused(error: LicenceError) -> Stop {
    match error {
        LicenceError::Unknown { .. } => Stop::NotFound,
        LicenceError::Store(_) | LicenceError::Platform(_) | LicenceError::Damaged { .. } => {
            fault(&error)
        }
        other => Stop::field("body", other.code(), other.to_string(), ""),
    }
}

/// A line of a licence as customs sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BorderLine {
    /// Number of the line.
    line: u32,
    /// Key of the good.
    good: String,
    /// Its name.
    good_name: String,
    /// Tariff code.
    hs: String,
    /// Codes of the control list.
    control_codes: Vec<String>,
    /// Consignee.
    consignee: String,
    /// End user.
    end_user: String,
    /// Code of the end use.
    end_use: String,
    /// Country or area of destination.
    destination: String,
    /// Each unit.
    units: Vec<BorderUnit>,
}

/// A unit of a line, in kg, pieces or the currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BorderUnit {
    /// Code of the unit.
    unit: String,
    /// Granted.
    granted: String,
    /// The most that may leave, with the tolerance.
    ceiling: String,
    /// Drawn.
    drawn: String,
    /// Held by reservations.
    held: String,
    /// Allotted to posts and not drawn.
    allotted: String,
    /// Left of what was granted.
    left: String,
}

/// A licence as customs sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BorderLicence {
    /// Its number.
    number: String,
    /// Whether it may be used now.
    valid: bool,
    /// `in_force`, or why it may not be used.
    standing: String,
    /// Whether customs has acknowledged it; until then it is not active at the border.
    active_at_border: bool,
    /// Changes that customs has not acknowledged.
    changes_open: u32,
    /// The holder.
    holder: String,
    /// Its kind.
    kind: String,
    /// First day.
    valid_from: String,
    /// Last day.
    valid_to: String,
    /// The event against which the validity is tested: `declared_at`, `released_at`, `departed_at`.
    tested: String,
    /// Its lines.
    lines: Vec<BorderLine>,
}

/// A licence: valid or why not, and what is left of its lines.
#[utoipa::path(
    get,
    path = "/api/v1/border/licences/{number}",
    operation_id = "border_licence",
    tag = "border",
    params(("number" = String, Path, description = "Number of the licence")),
    responses(
        (status = 200, description = "The licence", body = BorderLicence),
        (status = 404, description = "There is none, or not for this account", body = Problem),
    ),
)]
pub(crate) async fn licence(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let (border, now) = (hall.border.clone(), hall.now());
    let found = off_thread(move || {
        border.read(|read| app::licence::view(read, &number, now, Load::Needed))
    });
    let view = found.await?.map_err(|error| match error {
        // Whoever may see none is not told that there is none.
        LicenceError::Unknown { .. } => {
            visit.allow(Resource::Licence("")).err().unwrap_or(Stop::NotFound)
        }
        other => refused(other),
    })?;
    visit.allow(Resource::Licence(&view.held.licence.holder))?;
    visit.look(&view.held.licence.holder);
    json(&headers, &border_licence(&view))
}

fn border_licence(view: &app::licence::LicenceView) -> BorderLicence {
    let licence: &Licence = &view.held.licence;
    let line = |line: &licensing::licence::Line| BorderLine {
        line: line.number,
        good: line.good.key.clone(),
        good_name: line.good.name.clone(),
        hs: line.good.hs.clone(),
        control_codes: line.good.control_codes.clone(),
        consignee: line.consignee.to_string(),
        end_user: line.end_user.to_string(),
        end_use: line.end_use.clone(),
        destination: line.destination.clone(),
        units: units_of(view, line),
    };
    BorderLicence {
        number: licence.number.clone(),
        valid: view.standing == licensing::licence::Standing::InForce,
        standing: view.standing.code().to_owned(),
        active_at_border: view.active_at_border,
        changes_open: view.changes_open,
        holder: licence.holder.clone(),
        kind: licence.kind.clone(),
        valid_from: licence.valid_from.to_string(),
        valid_to: licence.valid_to.to_string(),
        tested: licence.terms.tested.field().to_owned(),
        lines: licence.lines.iter().map(line).collect(),
    }
}

fn units_of(view: &app::licence::LicenceView, line: &licensing::licence::Line) -> Vec<BorderUnit> {
    let Some(head) = view.book.heads.get(&line.number) else { return Vec::new() };
    let units = line.allowances.iter().zip(view.book.left(line)).enumerate();
    units
        .map(|(place, (allowance, left))| {
            let text = |amount: i64| {
                let unit = allowance.quantity.unit.clone();
                Quantity { unit, amount }.decimal().to_string()
            };
            let at = |amounts: &[i64]| text(amounts.get(place).copied().unwrap_or(0));
            BorderUnit {
                unit: left.unit,
                granted: text(allowance.quantity.amount),
                ceiling: text(allowance.ceiling()),
                drawn: at(&head.drawn),
                held: at(&head.held),
                allotted: at(&head.allotted),
                left: left.left,
            }
        })
        .collect()
}

/// What changed about a licence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BorderChangeAnswer {
    /// Its number: acknowledge it by this.
    seq: u64,
    /// Number of the licence.
    licence: String,
    /// `issued`, `suspended`, `reinstated`, `revoked`, `surrendered`, `superseded`, `closed`,
    /// `user_registered`.
    change: String,
    /// When it was recorded.
    at: String,
    /// The event; of an issue the whole licence too.
    body: serde_json::Value,
    /// When customs acknowledged it; null while it has not.
    acknowledged_at: Option<String>,
}

/// What changed, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BorderChanges {
    /// The changes.
    changes: Vec<BorderChangeAnswer>,
    /// Give this as `after` for those that follow.
    after: u64,
}

/// From where.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct ChangesAsked {
    after: u64,
    limit: String,
}

/// What customs is to know of licences, after a number, in order: poll it with the `after` of the page
/// before, and acknowledge what was taken over.
#[utoipa::path(
    get,
    path = "/api/v1/border/changes",
    operation_id = "border_changes",
    tag = "border",
    params(
        ("after" = Option<u64>, Query, description = "Number of the last change that one has"),
        ("limit" = Option<String>, Query, description = "1 to 1000; 100 where it is not given"),
    ),
    responses((status = 200, description = "The changes", body = BorderChanges)),
)]
pub(crate) async fn changes(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<ChangesAsked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let limit = limit_asked(&asked.limit, CHANGES, CHANGES_MAX)
        .map_err(|fault: FieldFault| Stop::Fields(vec![fault]))?;
    let border = hall.border.clone();
    let found = off_thread(move || {
        border.read(|read| {
            let changes = read.border_changes(asked.after, limit as u32)?;
            let mut holders = Vec::with_capacity(changes.len());
            for change in &changes {
                let licence = read.licence(change.owner_id, change.licence_id)?;
                holders.push(licence.map_or_else(String::new, |licence| licence.holder));
            }
            Ok((changes, holders))
        })
    });
    let (changes, holders) = found.await?.map_err(refused)?;
    holders.iter().for_each(|holder| visit.look(holder));
    let after = changes.last().map_or(asked.after, |change| change.seq);
    let told = |change: BorderChange| BorderChangeAnswer {
        seq: change.seq,
        licence: change.number,
        change: change.change,
        at: Timestamp::from_us(change.at_us).to_string(),
        body: serde_json::from_str(&change.body).unwrap_or_default(),
        acknowledged_at: change.acknowledged_at_us.map(|us| Timestamp::from_us(us).to_string()),
    };
    json(&headers, &BorderChanges { changes: changes.into_iter().map(told).collect(), after })
}

/// Changes that customs has taken over.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Acknowledgements {
    /// Their numbers, at most 1000.
    seq: Vec<u64>,
}

/// Says that customs knows of changes. With the first of a licence it becomes active at the border.
/// Acknowledging again has no effect.
#[utoipa::path(
    post,
    path = "/api/v1/border/acknowledgements",
    operation_id = "border_acknowledge",
    tag = "border",
    request_body = Acknowledgements,
    responses(
        (status = 204, description = "It is noted"),
        (status = 422, description = "There is no such change (`change_unknown`)", body = Problem),
    ),
)]
pub(crate) async fn acknowledgements(
    State(hall): State<Hall>,
    visit: Visit,
    body: Bytes,
) -> Result<StatusCode, Stop> {
    visit.allow(Resource::Platform)?;
    let asked: Acknowledgements = body_read(&body)?;
    if asked.seq.is_empty() || asked.seq.len() > CHANGES_MAX {
        let message = format!("there are {} numbers", asked.seq.len());
        return Err(Stop::field("seq", "seq_many", message, "1 to 1000 numbers"));
    }
    let (platform, now, account) = (hall.platform.clone(), hall.now(), visit.actor.account.clone());
    let done = off_thread(move || {
        platform.licences_change(|change| {
            asked.seq.iter().try_for_each(|seq| acknowledge(change, *seq, &account, now))
        })
    });
    done.await?.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

fn body_read<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, Stop> {
    serde_json::from_slice(body).map_err(|error| {
        Stop::field(
            "body",
            "json",
            format!("this is not understood: {error}"),
            "JSON as documented",
        )
    })
}

/// A quantity given to a post to draw while it is cut off.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AllotmentAsked {
    /// Number of the licence.
    licence: String,
    /// Its line.
    line: u32,
    /// A new id.
    id: String,
    /// The post.
    post: String,
    /// `open` gives it; `reconciled` says that the post has reported everything.
    state: String,
    /// Each unit of the line once; not needed to reconcile.
    #[serde(default)]
    #[schema(value_type = Vec<BorderQuantity>)]
    quantities: Vec<QuantityWritten>,
}

/// Gives a post a quantity to draw while it is cut off, or closes what was given.
#[utoipa::path(
    post,
    path = "/api/v1/border/allotments",
    operation_id = "border_allotment",
    tag = "border",
    request_body = AllotmentAsked,
    responses(
        (status = 200, description = "It was accepted", body = BorderAnswers),
        (status = 207, description = "It was refused, with reasons", body = BorderAnswers),
        (status = 422, description = "It cannot be read", body = Problem),
    ),
)]
pub(crate) async fn allotments(
    State(hall): State<Hall>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let asked: AllotmentAsked = body_read(&body)?;
    for (field, text) in [("id", &asked.id), ("post", &asked.post)] {
        if text.is_empty() || text.len() > 64 || !text.chars().all(|c| c.is_ascii_graphic()) {
            let message = format!("`{field}` is not understood");
            return Err(Stop::field(
                field,
                "key_form",
                message,
                "1 to 64 signs of ASCII, no spaces",
            ));
        }
    }
    let account = visit.actor.account.clone();
    let (reply, answer) = reply();
    let sent = match asked.state.as_str() {
        "open" => {
            let allotment = allotment_read(&hall, &asked).await?;
            hall.border.allot(&asked.licence, allotment, &account, reply)
        }
        "reconciled" => {
            hall.border.reconcile(&asked.licence, (&asked.id, &asked.post), &account, reply)
        }
        other => {
            let message = format!("`{other}` in `state` is not understood");
            return Err(Stop::field("state", "state", message, "open or reconciled"));
        }
    };
    let told = waited(sent, answer).await?;
    let answer = told.into_iter().next().unwrap_or_default();
    let all = answer.starts_with(ACCEPTED);
    let status = if all { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    let items = [Item { post: asked.post, id: asked.id, message: None, answer }];
    Ok((status, [(CONTENT_TYPE, "application/json")], answers_text(&items)).into_response())
}

/// The amounts in the order of the line's units.
async fn allotment_read(hall: &Hall, asked: &AllotmentAsked) -> Result<Allotment, Stop> {
    let (border, number) = (hall.border.clone(), asked.licence.clone());
    let found = off_thread(move || border.read(|read| app::licence::find(read, &number)));
    let held = found.await?.map_err(refused)?;
    let line = held.licence.line(asked.line).ok_or(Stop::NotFound)?;
    let mut amounts = Vec::with_capacity(line.allowances.len());
    for allowance in &line.allowances {
        let unit = &allowance.quantity.unit;
        let code = unit.to_string();
        let written = asked.quantities.iter().find(|q| q.unit == code).ok_or_else(|| {
            let message = format!("`{code}` is not stated");
            Stop::field("quantities", "unit_missing", message, "each unit of the line")
        })?;
        let quantity =
            Quantity::read(unit, &written.amount, &written.written).map_err(|error| {
                Stop::field("quantities", error.code(), error.to_string(), error.accepted())
            })?;
        amounts.push(quantity.amount);
    }
    Ok(Allotment {
        id: asked.id.clone(),
        post: asked.post.clone(),
        line: asked.line,
        drawn: vec![0; amounts.len()],
        amounts,
        state: AllotmentState::Open,
    })
}

/// The code beside the number.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CheckAsked {
    code: String,
}

/// What everybody may know who has a licence before him.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what `app::border` puts together")]
pub(crate) struct LicenceCheck {
    /// Its number.
    number: String,
    /// Whether it may be used now.
    in_force: bool,
    /// Its kind.
    kind: String,
    /// Its last day.
    valid_to: String,
}

/// Checks a licence by its number and the code printed beside it: in force or not, and until when.
#[utoipa::path(
    get,
    path = "/api/v1/licences/{number}/check",
    operation_id = "licence_check",
    tag = "border",
    security(()),
    params(
        ("number" = String, Path, description = "Number of the licence"),
        ("code" = String, Query, description = "The code printed beside it"),
    ),
    responses(
        (status = 200, description = "What everybody may know of it", body = LicenceCheck),
        (status = 404, description = "There is none with this number and code", body = Problem),
    ),
)]
pub(crate) async fn check(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Query(asked): Query<CheckAsked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let found = hall.border.check(&number, &asked.code).map_err(refused)?;
    let answer = found.ok_or(Stop::NotFound)?;
    Ok(([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_beside_the_ids_of_their_messages() {
        let accepted = serde_json::to_string(&Answer::accepted()).unwrap();
        assert!(accepted.starts_with(ACCEPTED), "{accepted}");
        let item = |id: &str, answer: &str| Item {
            post: "p".into(),
            id: id.into(),
            message: None,
            answer: answer.into(),
        };
        let text = answers_text(&[item("1", &accepted), item("\"", &rejected(vec![]))]);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["answers"][0]["outcome"], "accepted");
        assert_eq!(read["answers"][1]["id"], "\"");
        assert_eq!(read["answers"][1]["outcome"], "rejected");
    }

    #[test]
    fn a_message_that_is_none_does_not_spoil_the_others() {
        let items = items_read(br#"[{"post":"p","id":"1","line":"x"}, 7, {"post":"p"}]"#).unwrap();
        let codes: Vec<bool> = items.iter().map(|i| i.answer.contains("message_form")).collect();
        assert_eq!(codes, [true, true, false]);
        assert_eq!(items[0].id, "1");
        for body in ["", "7", "[]", "{"] {
            assert!(items_read(body.as_bytes()).is_err(), "`{body}`");
        }
    }
}
