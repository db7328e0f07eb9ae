//! Applications for programs of the applicant: drafts, what they lack, and handing in.
//!
//! The same use cases as the pages: a draft is changed by who saw its last revision, handing in twice is one
//! case, and every fault of an application is told at once.

use app::cases::{CaseError, Known};
use app::drafts::{Beginning, DraftError, DraftView, HandedIn, Stale};
use app::law::Law;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use licensing::Application;
use licensing::application_read::{ReadFault, application_read};
use licensing::case::Follows;
use licensing::completeness::{Completeness, Finding};
use licensing::decide::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::law::body;
use super::{PROBLEM_TYPE, Problem, cursor_fault, cursor_make, cursor_read, json};
use crate::config::Hall;
use crate::law::law;
use crate::ledger::off_thread;
use crate::pages::apply::{Opened, checked, opened, stepped, stop_of, stop_of_case};
use crate::stop::{FieldFault, Stop, fault};
use crate::visit::Visit;

/// Something that an application lacks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingAnswer {
    /// Stable code.
    code: &'static str,
    /// `blocks` (it cannot be handed in), `gap`, `doubt` or `advice`.
    weight: &'static str,
    /// Where: a path in the application such as `goods/g1/hs`.
    path: String,
    /// The entry that it is about, as the applicant named it.
    subject: String,
    /// What stands there, or what is wanted.
    found: String,
    /// Days that such a gap usually costs; null where the rules do not say.
    days: Option<u32>,
    /// The rule that asks for it.
    citation: String,
}

/// All that an application lacks, at once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompletenessAnswer {
    /// Whether nothing is missing or doubtful.
    complete: bool,
    /// Whether it can be handed in.
    can_be_handed_in: bool,
    /// Days that it usually costs: those of the worst gap.
    days: u32,
    /// In the order of the parts of an application.
    findings: Vec<FindingAnswer>,
}

impl CompletenessAnswer {
    fn new(found: &Completeness) -> CompletenessAnswer {
        let finding = |finding: &Finding| FindingAnswer {
            code: finding.code,
            weight: crate::pages::apply::weight_code(finding.weight),
            path: finding.path.clone(),
            subject: finding.subject.clone(),
            found: finding.found.clone(),
            days: finding.days,
            citation: finding.citation.clone(),
        };
        CompletenessAnswer {
            complete: found.complete(),
            can_be_handed_in: found.can_be_handed_in(),
            days: found.days,
            findings: found.findings.iter().map(finding).collect(),
        }
    }
}

/// A draft of an application.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DraftAnswer {
    /// Its id.
    id: String,
    /// Counts its changes, from 1: a change names the last that its sender saw.
    revision: u32,
    /// Key of the account that changed it last.
    changed_by: String,
    /// When (RFC 3339).
    changed_at: String,
    /// Number of the case that it would amend; null where it is an application of its own.
    amends: Option<String>,
    /// Number of its case, once it is handed in.
    handed_in: Option<String>,
    /// The application.
    #[schema(value_type = Object)]
    application: Application,
    /// What it lacks.
    completeness: CompletenessAnswer,
}

/// A draft in the list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DraftRow {
    /// Its id.
    id: String,
    /// Counts its changes.
    revision: u32,
    /// Kind of licence.
    licence_type: String,
    /// The applicant's own reference.
    reference: String,
    /// Number of the case that it would amend; null where none.
    amends: Option<String>,
    /// Key of the account that changed it last.
    changed_by: String,
    /// When (RFC 3339).
    changed_at: String,
}

/// A case in the list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnCaseLine {
    /// Its number.
    number: String,
    /// `received`, `review`, `decided`, `returned`, `withdrawn` or `lapsed`.
    state: String,
    /// `applicant`, `step`, `authority` or `nobody`.
    waits_for: &'static str,
    /// Kind of licence.
    licence_type: String,
    /// Its goods, in words.
    goods: String,
    /// Its destinations.
    destinations: Vec<String>,
    /// When it was received (RFC 3339).
    received_at: String,
    /// The last day on which it is in time; null where no limit runs.
    due: Option<String>,
}

/// Drafts and cases of the own party.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApplicationsAnswer {
    /// The drafts, the last changed first.
    drafts: Vec<DraftRow>,
    /// A page of the cases, the most urgent first.
    cases: Vec<OwnCaseLine>,
    /// The cursor of the next page; null at the end.
    next: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAsked {
    /// The `next` of the page before.
    #[serde(default)]
    cursor: String,
}

/// With what a draft begins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftAsked {
    /// The application; nothing of it need be filled in.
    #[serde(default)]
    #[schema(value_type = Object)]
    application: Option<Value>,
    /// Instead: number of an earlier case whose application is taken over.
    #[serde(default)]
    again: Option<String>,
}

/// A change of a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeAsked {
    /// The revision that was seen.
    revision: u32,
    /// The whole application as it shall be.
    #[schema(value_type = Object)]
    application: Value,
}

/// Which revision is meant.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevisionAsked {
    /// The revision that was seen.
    revision: u32,
}

/// A draft that was handed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandedInAnswer {
    /// Number of the case.
    number: String,
    /// SHA-256 of the application as it was handed in, hexadecimal.
    digest: String,
    /// Key of the account.
    account: String,
    /// When (RFC 3339).
    at: String,
}

/// An application that was asked about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplicationAsked {
    /// The application.
    #[schema(value_type = Object)]
    pub(super) application: Value,
}

/// A problem with what stands there instead.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaleAnswer {
    #[serde(flatten)]
    problem: Problem,
    /// The revision that stands there.
    revision: u32,
    /// Key of the account that changed it.
    changed_by: String,
    /// When (RFC 3339).
    changed_at: String,
    /// The application that stands there.
    #[schema(value_type = Object)]
    application: Application,
}

/// An application as JSON, or every fault of it.
pub(super) fn read(value: &Value) -> Result<Application, Stop> {
    let told = |fault: ReadFault| FieldFault {
        field: fault.path,
        code: fault.code,
        message: fault.message,
        accepted: fault.accepted,
    };
    application_read(value).map_err(|faults| Stop::Fields(faults.into_iter().map(told).collect()))
}

/// Refusals of the rules, all at once.
fn refused(refusals: &[Refusal]) -> Stop {
    let told = |refusal: &Refusal| FieldFault {
        field: refusal.field.clone(),
        code: refusal.code,
        message: refusal.message.clone(),
        accepted: refusal.accepted.clone(),
    };
    Stop::Fields(refusals.iter().map(told).collect())
}

/// Why a step on a case stops.
pub(super) fn case_stop(error: CaseError) -> Stop {
    match error {
        CaseError::Refused(refusals) if refusals.iter().any(|r| r.code == "not_found") => {
            Stop::NotFound
        }
        CaseError::Refused(refusals) => refused(&refusals),
        other => stop_of_case(other),
    }
}

/// Why a draft is not changed, as an answer: with what stands there where somebody else was first.
fn draft_refused(error: DraftError, path: &str) -> Result<Response, Stop> {
    match error {
        DraftError::Stale(stale) => stale_answer(*stale, path),
        DraftError::HandedIn(handed_in) => Err(Stop::field(
            "draft",
            "handed_in",
            format!("it was handed in as case {}", handed_in.number),
            "an amendment of the case",
        )),
        DraftError::Case(error) => Err(case_stop(error)),
        other => Err(stop_of(other)),
    }
}

fn stale_answer(stale: Stale, path: &str) -> Result<Response, Stop> {
    let current = stale.current;
    let answer = StaleAnswer {
        problem: Problem::coded(StatusCode::CONFLICT, "changed_meanwhile", path),
        revision: current.revision,
        changed_by: current.changed_by,
        changed_at: current.changed_at.to_string(),
        application: current.application,
    };
    let body = serde_json::to_vec(&answer).map_err(|error| fault(&error))?;
    Ok((StatusCode::CONFLICT, [(CONTENT_TYPE, PROBLEM_TYPE)], body).into_response())
}

async fn completeness_of(
    hall: &Hall,
    visit: &Visit,
    law: &std::sync::Arc<Law>,
    application: &Application,
    follows: Option<Follows>,
) -> Result<CompletenessAnswer, Stop> {
    let (shared, law, party) = (hall.clone(), law.clone(), visit.actor.party.clone());
    let application = application.clone();
    let found = off_thread(move || checked(&shared, &law, &party, &application, follows.as_ref()))
        .await??;
    Ok(CompletenessAnswer::new(&found.completeness))
}

async fn draft_answer(
    hall: &Hall,
    visit: &Visit,
    law: &std::sync::Arc<Law>,
    draft: DraftView,
) -> Result<DraftAnswer, Stop> {
    let completeness =
        completeness_of(hall, visit, law, &draft.application, draft.follows.clone()).await?;
    Ok(DraftAnswer {
        id: draft.id,
        revision: draft.revision,
        changed_by: draft.changed_by,
        changed_at: draft.changed_at.to_string(),
        amends: Some(draft.amends).filter(|number| !number.is_empty()),
        handed_in: draft.handed_in.map(|handed_in| handed_in.number),
        application: draft.application,
        completeness,
    })
}

/// Drafts and cases of the own party.
#[utoipa::path(
    get,
    path = "/api/v1/applications",
    operation_id = "applications",
    tag = "application",
    params(ListAsked),
    responses(
        (status = 200, description = "The drafts, and a page of the cases", body = ApplicationsAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such cursor", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let after = match asked.cursor.as_str() {
        "" => None,
        cursor => {
            let stop = || Stop::Fields(vec![cursor_fault(cursor)]);
            let text = cursor_read(cursor).map_err(|fault| Stop::Fields(vec![fault]))?;
            let (urgency, number) = text.split_once(' ').ok_or_else(stop)?;
            let urgency = urgency.parse().map_err(|_| stop())?;
            Some(app::cases::CaseCursor { urgency, number: number.to_owned() })
        }
    };
    let (shared, party) = (hall.clone(), visit.actor.party.clone());
    let (drafts, cases) = off_thread(move || {
        let drafts = shared.platform.drafts(&party).map_err(stop_of)?;
        let cases = shared.platform.cases_of(&party, after.as_ref()).map_err(stop_of_case)?;
        Ok::<_, Stop>((drafts, cases))
    })
    .await??;
    let draft = |draft: DraftView| DraftRow {
        id: draft.id,
        revision: draft.revision,
        licence_type: draft.application.licence_type,
        reference: draft.application.reference,
        amends: Some(draft.amends).filter(|number| !number.is_empty()),
        changed_by: draft.changed_by,
        changed_at: draft.changed_at.to_string(),
    };
    let case = |row: app::cases::CaseRow| OwnCaseLine {
        number: row.number,
        waits_for: crate::pages::apply::waits_code(&row.waits_for),
        state: row.state,
        licence_type: row.licence_type,
        goods: row.goods,
        destinations: row.destinations.split_whitespace().map(str::to_owned).collect(),
        received_at: Timestamp::from_us(row.received_at_us).to_string(),
        due: row.due_day.map(day_plain),
    };
    let next = cases.next.map(|next| cursor_make(&format!("{} {}", next.urgency, next.number)));
    let answer = ApplicationsAnswer {
        drafts: drafts.into_iter().map(draft).collect(),
        cases: cases.rows.into_iter().map(case).collect(),
        next,
    };
    json(&headers, &answer)
}

/// A day counted from 1970-01-01, ISO 8601.
pub(super) fn day_plain(day: i64) -> String {
    crate::show::day_of(Timestamp::from_us(day.saturating_mul(86_400_000_000))).to_string()
}

/// Everything that an application lacks, with what each gap usually costs. Nothing is stored.
#[utoipa::path(
    post,
    path = "/api/v1/applications/check",
    operation_id = "application_check",
    tag = "application",
    request_body = ApplicationAsked,
    responses(
        (status = 200, description = "What it lacks", body = CompletenessAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What cannot be read of it, all at once", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn check(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    asked: Result<Json<ApplicationAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let application = read(&body(asked)?.application)?;
    let law = law(&hall, &hall.config.pack).await?;
    json(&headers, &completeness_of(&hall, &visit, &law, &application, None).await?)
}

/// Begins a draft, with an application or with what an earlier case asked for.
#[utoipa::path(
    post,
    path = "/api/v1/applications",
    operation_id = "application_begin",
    tag = "application",
    request_body = DraftAsked,
    responses(
        (status = 201, description = "The draft", body = DraftAnswer),
        (status = 404, description = "Not for this account, or no such case", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What cannot be read of it, all at once", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn begin(
    State(hall): State<Hall>,
    visit: Visit,
    asked: Result<Json<DraftAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let asked = body(asked)?;
    let beginning = match (asked.again, asked.application) {
        (Some(number), _) => Beginning::Case(number),
        (None, Some(value)) => Beginning::Written(Box::new(read(&value)?)),
        (None, None) => Beginning::Written(Box::default()),
    };
    let law = law(&hall, &hall.config.pack).await?;
    let party = visit.actor.party.clone();
    let made = stepped(&hall, &visit, move |shared, step| {
        shared.platform.draft_make(&party, &beginning, step)
    })
    .await?;
    match made {
        Ok(draft) => {
            let answer = draft_answer(&hall, &visit, &law, draft).await?;
            Ok((StatusCode::CREATED, Json(answer)).into_response())
        }
        Err(error) => draft_refused(error, "/api/v1/applications"),
    }
}

/// A draft with all that it lacks.
#[utoipa::path(
    get,
    path = "/api/v1/applications/{draft}",
    operation_id = "application",
    tag = "application",
    params(("draft" = String, Path, description = "Id of the draft")),
    responses(
        (status = 200, description = "The draft", body = DraftAnswer),
        (status = 404, description = "No such draft, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(draft): Path<String>,
) -> Result<Response, Stop> {
    let Opened { law, draft } = opened(&hall, &visit, &draft).await?;
    json(&headers, &draft_answer(&hall, &visit, &law, draft).await?)
}

/// Puts an application in the place of the draft's, of which the revision was seen.
#[utoipa::path(
    post,
    path = "/api/v1/applications/{draft}",
    operation_id = "application_change",
    tag = "application",
    params(("draft" = String, Path, description = "Id of the draft")),
    request_body = ChangeAsked,
    responses(
        (status = 200, description = "The draft as it is now", body = DraftAnswer),
        (status = 404, description = "No such draft, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody changed it since (`changed_meanwhile`), with what stands there", body = StaleAnswer, content_type = "application/problem+json"),
        (status = 422, description = "What cannot be read of it, all at once; or it was handed in (`handed_in`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    asked: Result<Json<ChangeAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    let Opened { law, .. } = opened(&hall, &visit, &id).await?;
    let asked = body(asked)?;
    let application = read(&asked.application)?;
    let (party, of) = (visit.actor.party.clone(), id.clone());
    let changed = stepped(&hall, &visit, move |shared, step| {
        let edit = |a: &mut Application| a.clone_from(&application);
        shared.platform.draft_change(&party, (&of, asked.revision), step, edit)
    })
    .await?;
    match changed {
        Ok(draft) => json(&headers, &draft_answer(&hall, &visit, &law, draft).await?),
        Err(error) => draft_refused(error, &format!("/api/v1/applications/{id}")),
    }
}

/// Removes a draft of which the revision was seen.
#[utoipa::path(
    delete,
    path = "/api/v1/applications/{draft}",
    operation_id = "application_remove",
    tag = "application",
    params(("draft" = String, Path, description = "Id of the draft"), RevisionAsked),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "No such draft, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody changed it since (`changed_meanwhile`), with what stands there", body = StaleAnswer, content_type = "application/problem+json"),
        (status = 422, description = "It is not said which revision, or it was handed in (`handed_in`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    asked: Result<Query<RevisionAsked>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Stop> {
    opened(&hall, &visit, &id).await?;
    let Query(asked) = asked.map_err(|wrong| {
        Stop::field("revision", "revision", wrong.body_text(), "the revision that was seen")
    })?;
    let (party, of) = (visit.actor.party.clone(), id.clone());
    let removed = stepped(&hall, &visit, move |shared, step| {
        shared.platform.draft_remove(&party, (&of, asked.revision), step)
    })
    .await?;
    match removed {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => draft_refused(error, &format!("/api/v1/applications/{id}")),
    }
}

/// Hands a draft in as its revision stands. Sent twice it is one case, and both get its number.
#[utoipa::path(
    post,
    path = "/api/v1/applications/{draft}/hand-in",
    operation_id = "application_hand_in",
    tag = "application",
    params(("draft" = String, Path, description = "Id of the draft")),
    request_body = RevisionAsked,
    responses(
        (status = 200, description = "Its case", body = HandedInAnswer),
        (status = 404, description = "No such draft, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody changed it since (`changed_meanwhile`), with what stands there", body = StaleAnswer, content_type = "application/problem+json"),
        (status = 422, description = "Everything that makes it no case", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn hand_in(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    asked: Result<Json<RevisionAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    let Opened { law, draft } = opened(&hall, &visit, &id).await?;
    let revision = body(asked)?.revision;
    if let Some(handed_in) = draft.handed_in {
        return json(&headers, &handed_in_answer(handed_in));
    }
    let (party, of) = (visit.actor.party.clone(), id.clone());
    let done = stepped(&hall, &visit, move |shared, step| {
        let known = Known::default();
        shared.platform.draft_hand_in(&law, &party, (&of, revision), &known, step)
    })
    .await?;
    match done {
        Ok(handed_in) | Err(DraftError::HandedIn(handed_in)) => {
            json(&headers, &handed_in_answer(handed_in))
        }
        Err(error) => draft_refused(error, &format!("/api/v1/applications/{id}/hand-in")),
    }
}

fn handed_in_answer(handed_in: HandedIn) -> HandedInAnswer {
    HandedInAnswer {
        number: handed_in.number,
        digest: handed_in.digest,
        account: handed_in.account,
        at: Timestamp::from_us(handed_in.at_us).to_string(),
    }
}
