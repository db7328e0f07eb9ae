//! Leave cover: who acts for me while I am away, and for whom I act.

use app::people::CoverView;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::Hall;
use crate::form::Form;
use crate::frame::{SESSION, cookie_set};
use crate::ledger::off_thread;
use crate::page::{Page, html, name_of};
use crate::pages::sign_in::leading;
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

const DAY_US: i64 = 24 * 3600 * 1_000_000;

struct Row {
    id: String,
    account: String,
    who: String,
    from: String,
    to: String,
    reason: String,
    holds: bool,
}

#[derive(Template)]
#[template(path = "cover.html")]
struct CoverPage {
    page: Page,
    mine: Vec<Row>,
    others: Vec<Row>,
    colleagues: Vec<(String, String)>,
    entry: Entry,
    faults: Vec<FieldFault>,
}

/// A leave cover, as typed: days, both included, UTC.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    delegate: String,
    cover_from: String,
    cover_to: String,
    cover_reason: String,
}

fn page(
    hall: &Hall,
    visit: &Visit,
    entry: Entry,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let key = &visit.actor.account;
    let covers = hall.people.covers(key, hall.now()).map_err(|error| stop(t, error))?;
    let colleagues = hall.people.colleagues(key).map_err(|error| stop(t, error))?;
    let row = |cover: &CoverView| Row {
        id: cover.id.clone(),
        account: cover.account.clone(),
        who: if cover.account == *key { &cover.delegate_name } else { &cover.name }.clone(),
        from: show::instant(t, cover.starts),
        to: show::instant(t, cover.ends),
        reason: cover.reason.clone(),
        holds: cover.holds,
    };
    let mut page = Page::new(hall, visit, t.get("cover-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = CoverPage {
        page,
        mine: covers.iter().filter(|cover| cover.account == *key).map(row).collect(),
        others: covers.iter().filter(|cover| cover.delegate == *key).map(row).collect(),
        colleagues: colleagues
            .iter()
            .map(|one| {
                let name = name_of(t.language, &one.name, &one.local_name);
                (one.account.clone(), name.to_owned())
            })
            .collect(),
        entry,
        faults,
    };
    html(status, &template)
}

/// `GET /account/cover`.
pub(crate) async fn show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    page(&hall, &visit, Entry::default(), Vec::new())
}

/// The start of a day, UTC; nothing where it is none.
fn day(text: &str) -> Option<Timestamp> {
    base::time::date_parse(text.trim())?;
    Timestamp::parse(&format!("{}T00:00:00Z", text.trim()))
}

/// `POST /account/cover`.
pub(crate) async fn make(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    let starts = day(&entry.cover_from).unwrap_or(moment.now);
    // What is no day ends before it starts, and is refused in its field.
    let ends = day(&entry.cover_to)
        .map_or(Timestamp::from_us(0), |day| Timestamp::from_us(day.us() + DAY_US));
    let (shared, here) = (hall.clone(), visit.clone());
    let (entry, done) = off_thread(move || {
        let (delegate, reason) = (&entry.delegate, &entry.cover_reason);
        let done = shared.people.cover_make(here.by(), delegate, (starts, ends), reason, &moment);
        (entry, done)
    })
    .await?;
    match done {
        Ok(()) => Ok(to_cover()),
        Err(error) => page(&hall, &visit, entry, faults(visit.text(), error)?),
    }
}

fn to_cover() -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, "/account/cover")]).into_response()
}

/// `POST /account/cover/{id}/end`.
pub(crate) async fn end(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    off_thread(move || shared.people.cover_end(here.by(), &id, now))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    Ok(to_cover())
}

/// For whom to act.
#[derive(Deserialize)]
pub(crate) struct For {
    #[serde(default)]
    account: String,
}

/// `POST /account/act`: begins to act for another, or for oneself again.
pub(crate) async fn act(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<For>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let opened =
        off_thread(move || shared.people.act_for(here.by(), &entry.account, &here.held(), &moment))
            .await?
            .map_err(|error| stop(visit.text(), error))?;
    Ok(leading("/".to_owned(), &cookie_set(&hall, SESSION, &opened.text, None)))
}
