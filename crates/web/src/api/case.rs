//! Cases for programs: the queue, a case as the caller sees it, and steps on it.
//!
//! A step names the version of the case that its caller saw. What happened since is told instead of being
//! overwritten (409 `case_changed`), and the same request sent twice is one step. Signatures are given on
//! the page alone: there a person sees what is signed.

use app::cases::{CaseError, CaseRow, Queue, Step, case_days, signers, viewer_of, waits_for};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, Role, authorise};
use licensing::case::{Case, Recorded};
use licensing::decide::{Command, Refusal};
use licensing::sight::{Viewer, version_seen};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PROBLEM_TYPE, Problem, json};
use crate::config::Hall;
use crate::law::law;
use crate::ledger::off_thread;
use crate::pages::case::entry::part_of;
use crate::pages::case::queue::{Asked, cursor_text};
use crate::pages::case::{Opened, opened};
use crate::secret::moment;
use crate::stop::{FieldFault, Stop, fault};
use crate::visit::Visit;

/// Steps in one request at most.
const COMMANDS_MAX: usize = 20;

/// A case of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseLine {
    /// Its number.
    number: String,
    /// The applicant, `scheme:value`.
    applicant: String,
    /// `received`, `review`, `decided`, `returned`, `withdrawn` or `lapsed`; null where the caller is not
    /// told how it ended.
    state: Option<String>,
    /// Kind of licence.
    licence_type: String,
    /// Key of the officer; null where nobody has it, or the caller is of an agency.
    officer: Option<String>,
    /// Who must act next: `officer`, `applicant`, `agency`, `signature`, `step` or `nobody`; null for
    /// agencies.
    waits_for: Option<String>,
    /// When it was received.
    received: String,
    /// The last day on which its decision is in time.
    due_date: Option<String>,
    /// The day on which a stock runs out.
    stock_out_date: Option<String>,
    /// How urgent it is: a smaller number is sooner.
    urgency: i64,
    /// Its goods, in words.
    goods: String,
    /// Destinations, ISO 3166-1 alpha-2.
    destinations: Vec<String>,
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CasesAnswer {
    /// The most urgent first.
    cases: Vec<CaseLine>,
    /// How many there are, counted up to a limit; null for agencies.
    total: Option<u32>,
    /// Whether there are more than were counted.
    total_is_least: bool,
    /// The open case that waits the longest; null for agencies.
    oldest: Option<String>,
    /// `after` of the next page; null at the end.
    next: Option<String>,
}

/// Something that still lacks, or why a step was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusalAnswer {
    /// Stable code.
    code: &'static str,
    /// What it is about.
    field: String,
    /// What is wrong.
    message: String,
    /// What would be accepted.
    accepted: String,
    /// The rule.
    rule: String,
}

impl RefusalAnswer {
    fn new(refusal: Refusal) -> RefusalAnswer {
        RefusalAnswer {
            code: refusal.code,
            field: refusal.field,
            message: refusal.message,
            accepted: refusal.accepted,
            rule: refusal.rule,
        }
    }
}

/// A signature that the decision needs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignatureAnswer {
    /// Its place in the order.
    order: u32,
    /// Role of who signs.
    grade: String,
    /// Key of the account that signed what the case holds now; null while it is missing.
    signed_by: Option<String>,
    /// The rule.
    rule: String,
}

/// A case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseAnswer {
    /// Its number.
    number: String,
    /// The number of the last event that the caller sees: a step names it.
    version: u32,
    /// The last day on which its decision is in time.
    due_date: Option<String>,
    /// The day on which a stock runs out.
    stock_out_date: Option<String>,
    /// Who must act next; null for agencies and applicants.
    waits_for: Option<&'static str>,
    /// What a signature would bind itself to; null where the caller sees no draft.
    content: Option<String>,
    /// What lacks for a decision as drafted; for the office.
    lacking: Vec<RefusalAnswer>,
    /// The signatures that the decision needs; for the office.
    signatures: Vec<SignatureAnswer>,
    /// The case as far as the caller sees it.
    #[schema(value_type = Object)]
    case: Case,
    /// What happened, in order, as far as the caller sees it.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Recorded>,
}

/// A step: an object whose `do` names it, with what it needs.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is the schema of what `licensing::decide::Command` reads")]
pub(crate) struct CommandAsked {
    /// `assign`, `classify`, `accept`, `watch_list`, `ask`, `begin_step`, `end_step`, `refer_up`,
    /// `ask_agency`, `mark_silent`, `advise`, `reply`, `override`, `note`, `draft`, `refer_conflict`,
    /// `finalise`, `return`, `lapse`, `reopen`, `accept_amendment` or `decide_amendment`.
    r#do: String,
    /// Of `assign`: key of the account; empty gives the case back.
    officer: Option<String>,
    /// Of `ask`, `ask_agency`, `begin_step`, `end_step`, `note`, `return`: words. Of `override`: the words
    /// instead; null drops the condition.
    text: Option<String>,
    /// Of `ask`: keys of the cells that it is about. Of `draft` see `draft`.
    cells: Option<Vec<String>>,
    /// Of `ask_agency`, `mark_silent`, `override`: which.
    agency: Option<String>,
    /// Of `begin_step` and `end_step`: `identification`, `expert` or `verification`.
    step: Option<String>,
    /// Of `begin_step`: days that the applicant was told.
    notice_days: Option<u32>,
    /// Of `override`, `refer_up`, `lapse`, `classify`, `decide_amendment`: why.
    reason: Option<String>,
    /// Of `reopen`: on what ground.
    ground: Option<String>,
    /// Of `override`: key of the cell.
    cell: Option<String>,
    /// Of `override`: id of the condition.
    condition: Option<String>,
    /// Of `note`: `authority`, `agencies` or `applicant`.
    readers: Option<String>,
    /// Of `refer_conflict`: key of the account.
    to: Option<String>,
    /// Of `watch_list`: key of the party in the application.
    party: Option<String>,
    /// Of `finalise`: `content` of the case as it was seen.
    content: Option<String>,
    /// Of `return`: codes of reasons of the pack.
    reasons: Option<Vec<String>>,
    /// Of `decide_amendment`: `taken` or `refused`.
    verdict: Option<String>,
    /// Of `classify`: control codes by the key of the good.
    #[schema(value_type = Option<Object>)]
    codes: Option<serde_json::Value>,
    /// Of `classify`: day of the list.
    as_of: Option<String>,
    /// Of `advise`: by the key of the cell an object with `position` (`approve`, `refuse`, `no_licence`,
    /// `not_applicable`), `reason` and `conditions`, each with `id` (empty for a new one), `phrase`, `text`.
    #[schema(value_type = Option<Object>)]
    advice: Option<serde_json::Value>,
    /// Of `draft`: `cells`, by key an object with `outcome` (`approve` with `quantities` and `conditions`,
    /// `refuse` with `reasons` and `text`, `no_licence` with `text`), `valid_from`, `valid_months`,
    /// `reasoning`.
    #[schema(value_type = Option<Object>)]
    draft: Option<serde_json::Value>,
}

/// Steps on a case, all of them or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepsAsked {
    /// `version` of the case as it was seen.
    version: u32,
    /// In order; 1 to 20.
    #[schema(value_type = Vec<CommandAsked>)]
    commands: Vec<serde_json::Value>,
}

/// The case after a step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepsAnswer {
    /// Its number.
    number: String,
    /// The number of the last event that the caller sees.
    version: u32,
    /// Numbers of the licences that the decision issued, where the caller decided.
    licences: Vec<String>,
}

fn day_text(day: Option<i64>) -> Option<String> {
    let span = jiff::Span::new().try_days(day?).ok()?;
    let date = base::Date::constant(1970, 1, 1).checked_add(span).ok()?;
    Some(date.to_string())
}

fn line(row: CaseRow, office: bool) -> CaseLine {
    CaseLine {
        // How a case ended, who has it and whom it waits for is the office's own affair.
        state: (office || row.open == 1).then_some(row.state),
        officer: Some(row.officer).filter(|officer| office && !officer.is_empty()),
        waits_for: office.then_some(row.waits_for),
        number: row.number,
        applicant: row.applicant,
        licence_type: row.licence_type,
        received: Timestamp::from_us(row.received_at_us).to_string(),
        due_date: day_text(row.due_day),
        stock_out_date: day_text(row.stock_out_day),
        urgency: row.urgency,
        goods: row.goods,
        destinations: row.destinations.split_whitespace().map(str::to_owned).collect(),
    }
}

/// A page of 25 cases, the most urgent first: for officers of all, for an agency of those on which it is
/// asked.
#[utoipa::path(
    get,
    path = "/api/v1/cases",
    operation_id = "cases",
    tag = "case",
    params(
        ("q" = Option<String>, Query, description = "Number, applicant or good"),
        ("officer" = Option<String>, Query, description = "`me`, `none`, `any` or a key; an officer's own by default"),
        ("waits" = Option<String>, Query, description = "`officer`, `applicant`, `agency`, `signature` or `step`"),
        ("state" = Option<String>, Query, description = "`open` (the default), `ended`, `all` or a state"),
        ("kind" = Option<String>, Query, description = "Kind of licence"),
        ("to" = Option<String>, Query, description = "Destination"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, description = "The page", body = CasesAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field is not understood (`fields`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn cases(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let after = asked.after().map_err(|fault| Stop::Fields(vec![fault]))?;
    let agency = visit.actor.role == Role::Agency;
    let queue = if agency {
        Queue::Agency { agency: visit.actor.desk.clone(), open: asked.open() }
    } else {
        Queue::Cases(asked.filter(&visit))
    };
    let shared = hall.clone();
    let (page, oldest) = off_thread(move || {
        let page = shared.platform.case_queue(&queue, after.as_ref())?;
        let oldest = if agency { None } else { shared.platform.case_oldest()? };
        Ok::<_, CaseError>((page, oldest))
    })
    .await?
    .map_err(|error| fault(&error))?;
    for row in page.rows.iter().chain(&oldest) {
        visit.look(&row.applicant);
    }
    let answer = CasesAnswer {
        cases: page.rows.into_iter().map(|row| line(row, !agency)).collect(),
        total: page.total,
        total_is_least: page.more,
        oldest: oldest.map(|row| row.number),
        next: page.next.as_ref().map(cursor_text),
    };
    json(&headers, &answer)
}

/// A case, as far as the caller sees it.
#[utoipa::path(
    get,
    path = "/api/v1/cases/{number}",
    operation_id = "case",
    tag = "case",
    params(("number" = String, Path, description = "Number of the case")),
    responses(
        (status = 200, description = "The case", body = CaseAnswer),
        (status = 404, description = "No such case, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn case(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let found = opened(&hall, &visit, &number).await?;
    json(&headers, &answer(&visit, found, hall.now()))
}

/// An event with the account that did it, where the caller is told: the office of everybody, others of
/// themselves alone.
fn named(visit: &Visit, mut event: Recorded) -> Recorded {
    if viewer_of(&visit.actor) != Viewer::Office && event.account != visit.actor.account {
        event.account.clear();
        event.acting_for.clear();
    }
    event
}

fn answer(visit: &Visit, found: Opened, now: Timestamp) -> CaseAnswer {
    let office = viewer_of(&visit.actor) == Viewer::Office;
    let drafted = office && found.case.draft.is_some();
    let (due, stock) = case_days(&found.law, &found.case, now);
    let weighed = found.weighed(now);
    let lacking = if drafted && found.case.state.open() {
        weighed.lacking(&visit.actor).into_iter().map(RefusalAnswer::new).collect()
    } else {
        Vec::new()
    };
    let signatures = if drafted { weighed.signatures() } else { Vec::new() };
    CaseAnswer {
        number: found.case.number.clone(),
        version: found.version,
        due_date: day_text(due),
        stock_out_date: day_text(stock),
        waits_for: office.then(|| waits_for(&found.case)),
        content: found.seen.content_hash(),
        lacking,
        signatures: signatures
            .into_iter()
            .map(|needed| SignatureAnswer {
                order: needed.order,
                grade: needed.grade,
                signed_by: needed.signed_by,
                rule: needed.citation,
            })
            .collect(),
        case: found.seen,
        events: found.events.into_iter().map(|event| named(visit, event)).collect(),
    }
}

fn wrong(field: String, code: &'static str, message: String, accepted: &str) -> FieldFault {
    FieldFault { field, code, message, accepted: accepted.to_owned() }
}

/// The commands of a request, or every fault of them.
fn commands(asked: &StepsAsked) -> Result<Vec<Command>, Stop> {
    let (mut commands, mut faults) = (Vec::new(), Vec::new());
    if asked.commands.is_empty() || asked.commands.len() > COMMANDS_MAX {
        let message = format!("`{}` commands", asked.commands.len());
        faults.push(wrong("commands".to_owned(), "commands", message, "1 to 20"));
    }
    for (place, value) in asked.commands.iter().enumerate() {
        let field = format!("commands/{place}");
        match serde_json::from_value::<Command>(value.clone()) {
            Err(error) => {
                let accepted = "an object as the document of this interface describes it";
                faults.push(wrong(field, "command", error.to_string(), accepted));
            }
            Ok(Command::Sign { .. } | Command::RefuseSignature { .. }) => {
                let message = "a signature is given on the page".to_owned();
                faults.push(wrong(field, "by_hand", message, "/cases/{number}/sign"));
            }
            Ok(command) => commands.push(command),
        }
    }
    if faults.is_empty() { Ok(commands) } else { Err(Stop::Fields(faults)) }
}

/// Takes steps on a case, all of them or none. Sent again with the same `version` it is done once, and
/// answered alike. Signatures are given on the page.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{number}/steps",
    operation_id = "case_steps",
    tag = "case",
    params(("number" = String, Path, description = "Number of the case")),
    request_body(content = StepsAsked),
    responses(
        (status = 200, description = "Done", body = StepsAnswer),
        (status = 404, description = "No such case, or not for this account or the scope of its token", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Something happened since `version` (`case_changed`): what, in `errors`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field is not understood, or the rules refuse it (`fields`): every reason in `errors`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn steps(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    body: Result<Json<StepsAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    let found = opened(&hall, &visit, &number).await?;
    let Json(asked) = body.map_err(|rejection| {
        Stop::field(
            "body",
            "json",
            rejection.body_text(),
            "a JSON object with version and commands",
        )
    })?;
    let commands = commands(&asked)?;
    let agencies: Vec<String> = found.case.agencies.keys().cloned().collect();
    let resource = Resource::Case { applicant: &found.case.applicant, agencies: &agencies };
    let may = |command: &Command| {
        let part = part_of(command);
        part != Action::Apply && authorise(&visit.actor, part, resource)
    };
    // A note is read with the case; an applicant writes none.
    if visit.actor.role.of_party() || !commands.iter().all(may) {
        return Err(Stop::NotFound);
    }
    let (law, moment) = (law(&hall, &hall.config.pack).await?, moment(hall.now())?);
    let (shared, actor, of) = (hall.clone(), visit.actor.clone(), number.clone());
    let done = off_thread(move || {
        let known = app::cases::Known {
            signers: signers(&shared.people).map_err(|error| fault(&error))?,
            ..app::cases::Known::default()
        };
        let step = Step { actor: &actor, moment };
        let (platform, seen) = (&shared.platform, Some(asked.version));
        let done = platform.case_steps(&law, &of, &commands, seen, &known, &step);
        let version = done.as_ref().ok().and_then(|_| {
            let (_, events) = platform.case_history(&of).ok()?;
            Some(version_seen(&events, viewer_of(&actor)))
        });
        let decides = commands.iter().any(|command| matches!(command, Command::Finalise { .. }));
        Ok::<_, Stop>((done, version.unwrap_or_default(), decides))
    });
    let (done, version, decides) = done.await??;
    match done {
        Ok(case) => {
            hall.jobs_wake.notify_one();
            let licences = case.outcome.filter(|_| decides).map(|end| end.licences);
            let licences = licences.unwrap_or_default();
            let answer = StepsAnswer { number, version, licences };
            Ok(Json(answer).into_response())
        }
        Err(CaseError::Stale(since)) => {
            let since = since.into_iter().map(|event| named(&visit, event));
            changed(&number, &since.collect::<Vec<_>>())
        }
        Err(CaseError::Refused(refusals)) => {
            if refusals.iter().any(|refusal| refusal.code == "not_found") {
                return Err(Stop::NotFound);
            }
            let faults = refusals.into_iter().map(|refusal| FieldFault {
                field: refusal.field,
                code: refusal.code,
                message: refusal.message,
                accepted: refusal.accepted,
            });
            Err(Stop::Fields(faults.collect()))
        }
        Err(CaseError::Unknown) => Err(Stop::NotFound),
        Err(error) => Err(fault(&error)),
    }
}

/// What happened since the caller saw the case.
fn changed(number: &str, since: &[Recorded]) -> Result<Response, Stop> {
    let path = format!("/api/v1/cases/{number}/steps");
    let mut problem = Problem::coded(StatusCode::CONFLICT, "case_changed", &path);
    problem.errors = since
        .iter()
        .map(|event| {
            let at = Timestamp::from_us(event.at_us);
            let message = format!("event {} at {at} by `{}`", event.seq, event.account);
            wrong("version".to_owned(), event.event.code(), message, "the version of now")
        })
        .collect();
    let body = serde_json::to_vec(&problem).map_err(|error| fault(&error))?;
    Ok((StatusCode::CONFLICT, [(CONTENT_TYPE, PROBLEM_TYPE)], body).into_response())
}
