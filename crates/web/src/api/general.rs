//! General licences for programs: what is published, registering, returns, audits; and their uses, as customs
//! tells them.

use app::cases::Step;
use app::general::{GeneralError, GeneralRow, GeneralView, UseAnswer, UseOutcome};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use base::{Date, Timestamp};
use licensing::general::returns::{Return, ReturnFinding, ReturnKind, ReturnLine};
use licensing::general::uses::{GeneralUse, UseRecorded, UseWritten};
use licensing::general::{
    Audit, AuditAsked, AuditOutcome, Command, DeclaredUse, GeneralEntry, GeneralLicence, Keeper,
    NoticeStanding, Registering, Side,
};
use licensing::message::Reason;
use licensing::quantity::{Quantity, Unit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::law::body;
use super::licensed::QuantityTold;
use super::{Problem, json};
use crate::config::Hall;
use crate::law::law;
use crate::ledger::off_thread;
use crate::pages::general::list::{Asked, listed, registered};
use crate::pages::general::one::{returned, whole_seen};
use crate::pages::general::{found, stepped};
use crate::secret::moment;
use crate::stop::{FieldFault, Stop, fault};
use crate::visit::Visit;

/// Messages of a request at most.
const MESSAGES_MAX: usize = 500;

/// The general licences that are published.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralLicencesAnswer {
    /// As the pack in force has them: codes of goods and destinations, notice, returns, records, citation.
    #[schema(value_type = Vec<Object>)]
    general_licences: Vec<GeneralLicence>,
}

/// A registration in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralRowAnswer {
    /// Its number.
    number: String,
    /// The user, `scheme:value`.
    user: String,
    /// Code of the general licence.
    general: String,
    /// `active`, `suspended`, `withdrawn` or `given_up`.
    state: &'static str,
    /// When it began.
    registered: String,
    /// Returns whose last day is over.
    returns_overdue: u32,
}

/// A page of registrations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralsAnswer {
    /// The oldest first.
    registrations: Vec<GeneralRowAnswer>,
    /// The `cursor` of the next page; null where this is the last.
    next: Option<String>,
}

/// A return with what differs from the border.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralReturnAnswer {
    /// First day of the period.
    from: String,
    /// Its last day.
    to: String,
    /// Last day for the return.
    last_day: String,
    /// `running`, `due`, `overdue`, `filed` or `filed_late`.
    state: &'static str,
    /// Returns of the period on record; the last counts.
    times: u32,
    /// The uses listed; null where none was filed.
    #[schema(value_type = Option<Vec<Object>>)]
    lines: Option<Vec<ReturnLine>>,
    /// What differs: `rule` is `not_returned`, `not_recorded`, `quantity_differs` or `destination_differs`.
    #[schema(value_type = Vec<Object>)]
    differences: Vec<ReturnFinding>,
}

/// A registration with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralAnswer {
    /// Its number.
    number: String,
    /// The user, `scheme:value`.
    user: String,
    /// Code of the general licence.
    general: String,
    /// `active`, `suspended`, `withdrawn` or `given_up`.
    state: &'static str,
    /// The uses that count, as customs told them, with the marks.
    #[schema(value_type = Vec<Object>)]
    uses: Vec<UseRecorded>,
    /// Contact and place of the records; null to customs.
    #[schema(value_type = Option<Object>)]
    keeper: Option<Keeper>,
    /// Where the notice of the first use stands; null to customs.
    #[schema(value_type = Option<Object>)]
    notice: Option<NoticeStanding>,
    /// The returns, the latest first; none to customs.
    returns: Vec<GeneralReturnAnswer>,
    /// The audits; none to customs.
    #[schema(value_type = Vec<Object>)]
    audits: Vec<Audit>,
    /// What happened; none to customs. The account is told to the authority only.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<GeneralEntry>,
}

/// What a company states when it registers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GeneralAsked {
    /// Code of the general licence.
    general: String,
    /// Codes of conditions that hold: each that the kind of licence requires.
    #[serde(default)]
    confirmed: Vec<String>,
    /// Codes of conditions that do not hold: each that bars from it.
    #[serde(default)]
    denied: Vec<String>,
    /// Whom the authority writes to.
    name: String,
    /// The e-mail address.
    email: String,
    /// Where the records are kept and may be inspected.
    records_at: String,
}

/// The number of a registration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralNumber {
    /// Its number.
    number: String,
}

/// A step of the user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum OwnStepAsked {
    /// Ends the registration.
    GiveUp {
        /// Why.
        reason: String,
    },
    /// Tells of the first use.
    NoticeFirstUse {
        /// The day (ISO 8601).
        day: String,
        /// What else is said.
        #[serde(default)]
        text: String,
    },
    /// Answers the audit that is open.
    AuditAnswer {
        /// The answer.
        text: String,
        /// SHA-256 of documents handed in with it, hexadecimal.
        #[serde(default)]
        documents: Vec<String>,
    },
    /// Says that what an audit found is corrected.
    AuditCorrect {
        /// Its number.
        audit: u32,
        /// How.
        text: String,
    },
}

/// A step of the authority.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum AuthorityStepAsked {
    /// Stops the use for the time being.
    Suspend {
        /// Why.
        reason: String,
    },
    /// Lets it be used again.
    Reinstate {
        /// Why.
        reason: String,
    },
    /// Ends it.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Begins an audit.
    AuditBegin {
        /// First day of what is looked at (ISO 8601).
        from: String,
        /// Its last day.
        to: String,
        /// How many uses to draw, 0 to 50.
        size: u32,
        /// Last day for the answer.
        answer_by: String,
        /// What is asked.
        text: String,
    },
    /// Notes what was found.
    AuditFind {
        /// Declaration of the use of the sample that it is about; empty where it is about the whole.
        #[serde(default)]
        declaration: String,
        /// Its line.
        #[serde(default)]
        declaration_line: u32,
        /// What.
        text: String,
    },
    /// Ends the audit.
    AuditClose {
        /// `in_order`, `to_correct` or `suspended`.
        outcome: String,
        /// Last day to correct, with `to_correct`.
        #[serde(default)]
        correct_by: String,
        /// In words.
        text: String,
    },
}

/// A use as the user's records have it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReturnLineAsked {
    /// Reference of the declaration.
    declaration: String,
    /// Its line.
    declaration_line: u32,
    /// The day of the export (ISO 8601).
    day: String,
    /// Country or area of destination (ISO 3166-1 alpha-2).
    destination: String,
    /// How much, each unit once.
    quantities: Vec<QuantityTold>,
}

/// A return.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReturnAsked {
    /// First day of its period (ISO 8601).
    from: String,
    /// `listed`, or `no_use` where there was none.
    kind: String,
    /// The uses.
    #[serde(default)]
    lines: Vec<ReturnLineAsked>,
}

fn stop(error: GeneralError) -> Stop {
    match error {
        GeneralError::Refused(reasons) => {
            let of = |reason: Reason| FieldFault {
                field: reason.part,
                code: reason.code,
                message: reason.message,
                accepted: reason.accepted,
            };
            Stop::Fields(reasons.into_iter().map(of).collect())
        }
        GeneralError::Unknown => Stop::NotFound,
        GeneralError::LicenceUnknown(_) => {
            let accepted = "the code of a general licence that is published";
            Stop::field("general", "general_unknown", error.to_string(), accepted)
        }
        GeneralError::User(_) => {
            Stop::field("general", "general_user", error.to_string(), "a registered company")
        }
        other => fault(&other),
    }
}

fn day(field: &str, text: &str) -> Result<Date, Stop> {
    base::time::date_parse(text).ok_or_else(|| {
        let message = format!("`{text}` is no day");
        Stop::field(field, "general_day", message, "a day such as 2026-03-31")
    })
}

/// The general licences that the pack in force publishes; open to everybody.
#[utoipa::path(
    get,
    path = "/api/v1/general-licences",
    operation_id = "general_licences",
    tag = "general",
    security(()),
    responses((status = 200, description = "The general licences", body = GeneralLicencesAnswer)),
)]
pub(crate) async fn licences(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let law = law(&hall, &hall.config.pack).await?;
    let general_licences = law.rules.general_licences.clone();
    json(&headers, &GeneralLicencesAnswer { general_licences })
}

fn row(of: GeneralRow) -> GeneralRowAnswer {
    GeneralRowAnswer {
        registered: Timestamp::from_us(of.registration.registered_at_us).to_string(),
        number: of.registration.number,
        user: of.registration.user,
        general: of.registration.general,
        state: of.registration.state.code(),
        returns_overdue: of.returns_overdue,
    }
}

/// The registrations of the company; for officers, a page of those with a general licence; none for customs,
/// which reads one by its number.
#[utoipa::path(
    get,
    path = "/api/v1/general-registrations",
    operation_id = "general_registrations",
    tag = "general",
    params(Asked),
    responses(
        (status = 200, description = "The registrations", body = GeneralsAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A cursor that was not given", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn registrations(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let listed = listed(&hall, &visit, &asked).await?;
    let next = (!listed.next.is_empty()).then_some(listed.next);
    json(
        &headers,
        &GeneralsAnswer { registrations: listed.rows.into_iter().map(row).collect(), next },
    )
}

/// Registers the company with a general licence.
#[utoipa::path(
    post,
    path = "/api/v1/general-registrations",
    operation_id = "general_register",
    tag = "general",
    request_body = GeneralAsked,
    responses(
        (status = 201, description = "It is registered", body = GeneralNumber),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Every reason why not", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn register(
    State(hall): State<Hall>,
    visit: Visit,
    asked: Result<Json<GeneralAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Licence(&visit.actor.party))?;
    let GeneralAsked { general, confirmed, denied, name, email, records_at } = body(asked)?;
    let asked = Registering { confirmed, denied, keeper: Keeper { name, email, records_at } };
    let number = registered(&hall, &visit, general, asked).await?.map_err(stop)?;
    Ok((StatusCode::CREATED, Json(GeneralNumber { number })).into_response())
}

fn told(visit: &Visit, view: GeneralView) -> GeneralAnswer {
    let whole = whole_seen(visit);
    let mut registration = view.registration;
    if visit.actor.role.of_party() {
        registration.entries.iter_mut().for_each(|entry| entry.account.clear());
    }
    let of_return = |of: app::general::ReturnView| GeneralReturnAnswer {
        from: of.due.period.from.to_string(),
        to: of.due.period.to.to_string(),
        last_day: of.due.last.to_string(),
        state: of.due.state.code(),
        times: of.times,
        lines: of.filed.map(|filed| filed.lines),
        differences: of.findings,
    };
    let returns: Vec<_> = view.returns.into_iter().filter(|_| whole).map(of_return).collect();
    GeneralAnswer {
        number: registration.number,
        user: registration.user,
        general: registration.general,
        state: registration.state.code(),
        uses: view.uses,
        keeper: whole.then_some(registration.keeper),
        notice: whole.then_some(view.notice),
        returns,
        audits: if whole { registration.audits } else { Vec::new() },
        entries: if whole { registration.entries } else { Vec::new() },
    }
}

/// A registration: where it stands, its uses, returns and audits.
#[utoipa::path(
    get,
    path = "/api/v1/general-registrations/{number}",
    operation_id = "general_registration",
    tag = "general",
    params(("number" = String, Path, description = "Its number")),
    responses(
        (status = 200, description = "The registration", body = GeneralAnswer),
        (status = 404, description = "No such registration, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn registration(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let view = found(&hall, &visit, &number).await?;
    json(&headers, &told(&visit, view))
}

/// Gives up the registration, tells of the first use, or answers an audit.
#[utoipa::path(
    post,
    path = "/api/v1/general-registrations/{number}/own-steps",
    operation_id = "general_own_step",
    tag = "general",
    params(("number" = String, Path, description = "Its number")),
    request_body = OwnStepAsked,
    responses(
        (status = 204, description = "It is done"),
        (status = 404, description = "No such registration, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Every reason why not", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn own_step(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    asked: Result<Json<OwnStepAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let command = match body(asked)? {
        OwnStepAsked::GiveUp { reason } => Command::GiveUp { reason },
        OwnStepAsked::NoticeFirstUse { day: of, text } => {
            Command::NoticeFirstUse { day: day("day", &of)?, text }
        }
        OwnStepAsked::AuditAnswer { text, documents } => Command::AuditAnswer { text, documents },
        OwnStepAsked::AuditCorrect { audit, text } => Command::AuditCorrect { audit, text },
    };
    stepped(&hall, &visit, &number, (Side::User, command)).await?.map_err(stop)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Suspends, reinstates or withdraws a registration, or audits its user; for officers.
#[utoipa::path(
    post,
    path = "/api/v1/general-registrations/{number}/authority-steps",
    operation_id = "general_authority_step",
    tag = "general",
    params(("number" = String, Path, description = "Its number")),
    request_body = AuthorityStepAsked,
    responses(
        (status = 204, description = "It is done"),
        (status = 404, description = "No such registration, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Every reason why not", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn authority_step(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    asked: Result<Json<AuthorityStepAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let command = match body(asked)? {
        AuthorityStepAsked::Suspend { reason } => Command::Suspend { reason },
        AuthorityStepAsked::Reinstate { reason } => Command::Reinstate { reason },
        AuthorityStepAsked::Withdraw { reason } => Command::Withdraw { reason },
        AuthorityStepAsked::AuditBegin { from, to, size, answer_by, text } => {
            let (from, to) = (day("from", &from)?, day("to", &to)?);
            let answer_by = day("answer_by", &answer_by)?;
            Command::AuditBegin(AuditAsked { from, to, size, answer_by, text })
        }
        AuthorityStepAsked::AuditFind { declaration, declaration_line: line, text } => {
            let about = (!declaration.is_empty()).then_some(DeclaredUse { declaration, line });
            Command::AuditFind { about, text }
        }
        AuthorityStepAsked::AuditClose { outcome, correct_by, text } => {
            let unknown = || {
                let message = format!("`{outcome}` is no outcome");
                let accepted = "in_order, to_correct or suspended";
                Stop::field("outcome", "general_deed", message, accepted)
            };
            let outcome = AuditOutcome::parse(&outcome).ok_or_else(unknown)?;
            let by =
                (!correct_by.is_empty()).then(|| day("correct_by", &correct_by)).transpose()?;
            Command::AuditClose { outcome, correct_by: by, text }
        }
    };
    stepped(&hall, &visit, &number, (Side::Authority, command)).await?.map_err(stop)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn return_read(asked: ReturnAsked) -> Result<Return, Stop> {
    let mut faults = Vec::new();
    let mut wrong = |field: String, code, found: &str, accepted: String| {
        let message = format!("`{found}` is not understood");
        faults.push(FieldFault { field, code, message, accepted });
    };
    let a_day = || "a day such as 2026-03-31".to_owned();
    let from = base::time::date_parse(&asked.from);
    if from.is_none() {
        wrong("from".to_owned(), "general_day", &asked.from, a_day());
    }
    let kind = match asked.kind.as_str() {
        "no_use" => ReturnKind::NoUse,
        "listed" => ReturnKind::Listed,
        other => {
            wrong("kind".to_owned(), "return_kind", other, "listed or no_use".to_owned());
            ReturnKind::Listed
        }
    };
    let mut lines = Vec::new();
    for (place, line) in asked.lines.into_iter().enumerate() {
        let day = base::time::date_parse(&line.day);
        if day.is_none() {
            wrong(format!("lines[{place}].day"), "general_day", &line.day, a_day());
        }
        let mut quantities = Vec::new();
        for told in &line.quantities {
            let read = Unit::parse(&told.unit).map(|unit| Quantity::read(&unit, &told.amount, ""));
            match read {
                Some(Ok(quantity)) => quantities.push(quantity),
                Some(Err(error)) => {
                    let field = format!("lines[{place}].quantities");
                    wrong(field, error.code(), &told.amount, error.accepted());
                }
                None => {
                    let accepted = "net_mass, pieces, content:Dy, oxide:Dy or value:EUR".to_owned();
                    let field = format!("lines[{place}].quantities");
                    wrong(field, "quantity_unit", &told.unit, accepted);
                }
            }
        }
        let of = DeclaredUse { declaration: line.declaration, line: line.declaration_line };
        let (day, destination) = (day.unwrap_or_default(), line.destination);
        lines.push(ReturnLine { of, day, destination, quantities });
    }
    match from {
        Some(from) if faults.is_empty() => Ok(Return { from, kind, lines }),
        _ => Err(Stop::Fields(faults)),
    }
}

/// Files the return of a period; a later one replaces it. The same again has no effect.
#[utoipa::path(
    post,
    path = "/api/v1/general-registrations/{number}/returns",
    operation_id = "general_return",
    tag = "general",
    params(("number" = String, Path, description = "Its number")),
    request_body = ReturnAsked,
    responses(
        (status = 204, description = "It is on record"),
        (status = 404, description = "No such registration, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Every reason why not, each line named", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn file_return(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    asked: Result<Json<ReturnAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let filed = return_read(body(asked)?)?;
    returned(&hall, &visit, &number, filed).await?.map_err(stop)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A message about one use of a general licence.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes `licensing::general::uses::UseWritten` in the document")]
pub(crate) struct GeneralUseMessage {
    /// The border post: that of the account, or `<that>/<a post of its own>`.
    post: String,
    /// Its id, unique for the post; what was recorded under it has no effect again.
    id: String,
    /// When it was made (RFC 3339). Of reports about the same use the one sent last counts.
    sent_at: String,
    /// `check`; `use`: recorded or refused; `left`: the goods have left, recorded and marked.
    deed: String,
    /// Number of the registration.
    registration: String,
    /// The exporter declared, `scheme:value`.
    exporter: String,
    /// Reference of the declaration.
    declaration: String,
    /// Line of the declaration.
    declaration_line: u32,
    /// Control codes declared.
    control_codes: Vec<String>,
    /// Tariff code declared.
    hs: Option<String>,
    /// Consignee: `id`, `name`, `address`.
    #[schema(value_type = Option<Object>)]
    consignee: Option<()>,
    /// Code of the end use.
    end_use: Option<String>,
    /// Country or area of destination (ISO 3166-1 alpha-2).
    destination: String,
    /// How much, each with `unit`, `amount`, and `written` for a mass; 0 takes the use back.
    #[schema(value_type = Vec<Object>)]
    quantities: Vec<()>,
    /// When the declaration was accepted (RFC 3339).
    declared_at: Option<String>,
    /// When the goods were released (RFC 3339).
    released_at: Option<String>,
    /// When they left (RFC 3339).
    departed_at: Option<String>,
}

/// The answer to one message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralUseAnswer {
    /// The post of the message.
    post: String,
    /// Its id.
    id: String,
    /// `outcome` (`accepted`, `refused`, `rejected`), `reasons` and `marks`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    answer: UseAnswer,
}

/// The answers, in the order of the messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralUsesAnswer {
    /// One for each message.
    answers: Vec<GeneralUseAnswer>,
}

/// A message as it was read, or what is wrong with it; with its post and id as they were written.
fn use_read(
    visit: &Visit,
    value: serde_json::Value,
) -> (String, String, Result<GeneralUse, Vec<Reason>>) {
    let text = |name: &str| {
        let text = value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        text.chars().take(64).collect::<String>()
    };
    let (post, id) = (text("post"), text("id"));
    let read = match serde_json::from_value::<UseWritten>(value) {
        Ok(written) => written.read(),
        Err(error) => {
            let message = format!("this is no message: {error}");
            let accepted = "an object with the fields of a message";
            Err(vec![Reason::new("message_form", "", message, accepted)])
        }
    };
    let read = read.and_then(|told| match super::border::post_check(visit, &told.post) {
        Some(reason) => Err(vec![reason]),
        None => Ok(told),
    });
    (post, id, read)
}

/// Tells one use of a general licence, or several as an array. 200 where all were accepted, 207 where one was
/// not; one that is refused never blocks the rest.
#[utoipa::path(
    post,
    path = "/api/v1/border/general-uses",
    operation_id = "border_general_uses",
    tag = "border",
    request_body(content = Vec<GeneralUseMessage>, description = "A message, or an array of at most 500"),
    responses(
        (status = 200, description = "All were accepted", body = GeneralUsesAnswer),
        (status = 207, description = "At least one was not accepted", body = GeneralUsesAnswer),
        (status = 422, description = "No message and no array of messages", body = Problem),
    ),
)]
pub(crate) async fn uses(
    State(hall): State<Hall>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let accepted = "a JSON object with a message, or an array of them";
    let value: serde_json::Value = serde_json::from_slice(&body).map_err(|error| {
        Stop::field("body", "json", format!("this is no JSON: {error}"), accepted)
    })?;
    let values = match value {
        serde_json::Value::Array(values) => values,
        value => vec![value],
    };
    if values.is_empty() || values.len() > MESSAGES_MAX {
        let message = format!("there are {} messages", values.len());
        return Err(Stop::field("body", "messages_many", message, "1 to 500 messages"));
    }
    let law = law(&hall, &hall.config.pack).await?;
    let moment = moment(hall.now())?;
    let read: Vec<_> = values.into_iter().map(|value| use_read(&visit, value)).collect();
    let (shared, actor) = (hall.clone(), visit.actor.clone());
    let told = off_thread(move || {
        let step = Step { actor: &actor, moment };
        let answer = |(post, id, read)| {
            let answer = match read {
                Ok(told) => shared.platform.general_use(&law, &told, &step)?,
                Err(reasons) => UseAnswer::refused(UseOutcome::Rejected, reasons),
            };
            Ok(GeneralUseAnswer { post, id, answer })
        };
        read.into_iter().map(answer).collect::<Result<Vec<_>, GeneralError>>()
    });
    let answers = told.await?.map_err(|error| fault(&error))?;
    let all = answers.iter().all(|one| one.answer.outcome == UseOutcome::Accepted);
    let status = if all { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    Ok((status, Json(GeneralUsesAnswer { answers })).into_response())
}
