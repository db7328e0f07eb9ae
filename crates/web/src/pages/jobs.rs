//! Jobs for the operator: what waits, what failed and why; a failed one can be tried anew. What a job is
//! about is not shown.

use app::documents::DocumentError;
use app::jobs::{JobRecord, JobState, job_id_parse, job_id_text};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;

use crate::config::Hall;
use crate::form::Form;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Jobs of a state on the page.
const ROWS: usize = 100;

struct Row {
    id: String,
    kind: String,
    created: String,
    due: String,
    tries: String,
    error: String,
}

impl Row {
    fn new(t: &Text, job: &JobRecord) -> Row {
        let instant = |us| show::instant(t, Timestamp::from_us(us));
        Row {
            id: job_id_text(&job.job_id),
            kind: t.code("job-kind", &job.kind, &job.kind),
            created: instant(job.created_at_us),
            due: instant(job.due_us),
            tries: show::count(u64::from(job.tries)),
            error: job.last_error.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPage {
    page: Page,
    failed: Vec<Row>,
    waiting: Vec<Row>,
    running: Vec<Row>,
    /// What scans documents, and how many are in which state.
    scanner: String,
    documents: Vec<String>,
}

/// `GET /operations/jobs`.
pub(crate) async fn show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let shared = hall.clone();
    let lists = off_thread(move || {
        let of = |state| shared.platform.jobs(state, ROWS);
        let lists = [of(JobState::Failed)?, of(JobState::Waiting)?, of(JobState::Running)?];
        Ok::<_, DocumentError>((lists, shared.config.documents.count()?))
    });
    let (lists, count) = lists.await?.map_err(|error| fault(&error))?;
    let [failed, waiting, running] =
        lists.map(|jobs| jobs.iter().map(|job| Row::new(t, job)).collect());
    let page = Page::new(&hall, &visit, t.get("jobs-title"));
    let scanner = t.code("scanner", hall.config.scanner.name(), hall.config.scanner.name());
    let documents = vec![
        t.num("documents-waiting", &count.waiting),
        t.num("documents-clean", &count.clean),
        t.num("documents-infected", &count.infected),
        t.num("documents-failed", &count.failed),
    ];
    html(StatusCode::OK, &JobsPage { page, failed, waiting, running, scanner, documents })
}

/// `POST /operations/jobs/{job}/retry`.
pub(crate) async fn retry(
    State(hall): State<Hall>,
    visit: Visit,
    Path(job): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let job_id = job_id_parse(&job).ok_or(Stop::NotFound)?;
    let (shared, account) = (hall.clone(), visit.actor.account.clone());
    let retried = off_thread(move || shared.platform.job_retry(&job_id, &account, shared.now()));
    if !retried.await?.map_err(|error| fault(&error))? {
        return Err(Stop::NotFound);
    }
    hall.jobs_wake.notify_one();
    Ok((StatusCode::SEE_OTHER, [(LOCATION, "/operations/jobs")]).into_response())
}
