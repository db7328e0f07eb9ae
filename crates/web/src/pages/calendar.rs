//! The calendar of an account: its private link, and the file that a calendar program fetches with it.

use app::cases::{CaseFilter, CaseRow, Queue, date_of_day};
use app::people::PersonRecord;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use base::authorisation::{Resource, Role};

use crate::address::PublicUrl;
use crate::calendar::{DueDay, calendar};
use crate::config::{Hall, Shared};
use crate::form::Form;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::account::once;
use crate::refused::stop;
use crate::secret::moment;
use crate::show;
use crate::stop::{Stop, fault};
use crate::text::{Language, Text};
use crate::visit::Visit;

/// Cases of one calendar: more due days nobody keeps in a calendar.
const CASES_MAX: usize = 500;

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarPage {
    page: Page,
    /// When the link was made; empty where there is none.
    made: String,
}

/// `GET /account/calendar`.
pub(crate) async fn show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let t = visit.text();
    let made = hall.people.calendar_link(&visit.actor.account).map_err(|error| stop(t, error))?;
    let made = made.map_or(String::new(), |made| show::instant(t, made));
    let page = Page::new(&hall, &visit, t.get("calendar-title"));
    html(StatusCode::OK, &CalendarPage { page, made })
}

/// `POST /account/calendar`: makes the link, and shows it this once.
pub(crate) async fn make(
    State(hall): State<Hall>,
    visit: Visit,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let text = off_thread(move || shared.people.calendar_link_make(here.by(), &moment)).await?;
    let text = text.map_err(|error| stop(visit.text(), error))?;
    let origin = hall.config.public_url.as_ref().map_or("", PublicUrl::origin);
    let texts = vec![format!("{origin}/calendar/{text}.ics")];
    let words = ("calendar-once-title", "calendar-once-text");
    once(&hall, &visit, words, texts, "/account/calendar".to_owned())
}

/// `POST /account/calendar/revoke`.
pub(crate) async fn revoke(
    State(hall): State<Hall>,
    visit: Visit,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    off_thread(move || shared.people.calendar_link_revoke(here.by(), now))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, "/account/calendar")]).into_response())
}

/// `GET /calendar/{token}`: whoever has the link has the calendar.
pub(crate) async fn feed(
    State(hall): State<Hall>,
    visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let shared = hall.clone();
    let text = off_thread(move || {
        let token = token.strip_suffix(".ics").unwrap_or(&token);
        let person = shared.people.calendar_person(token).map_err(|error| fault(&error))?;
        written(&shared, &person.ok_or(Stop::NotFound)?)
    })
    .await??;
    let headers =
        [(CONTENT_TYPE, "text/calendar; charset=utf-8"), (CACHE_CONTROL, "private, no-store")];
    Ok((headers, text).into_response())
}

/// The calendar of a person as a file.
fn written(shared: &Shared, person: &PersonRecord) -> Result<String, Stop> {
    let t = Language::parse(&person.language).unwrap_or(Language::English).text();
    let origin = shared.config.public_url.as_ref().map_or("", PublicUrl::origin);
    let mut days: Vec<DueDay> = cases(shared, person)?
        .iter()
        .flat_map(|row| due_days(t, person.role, origin, row))
        .collect();
    if let Some(party) = &person.party {
        let ends = shared.platform.licence_ends(party, shared.now());
        days.extend(ends.map_err(|error| fault(&error))?.into_iter().map(|(number, day)| DueDay {
            key: format!("{number}-end@gadolin"),
            day,
            summary: t.one("calendar-licence", &number),
            link: link_to(origin, &format!("/licences/{number}")),
        }));
    }
    Ok(calendar(&t.get("calendar-name"), &days, shared.now()))
}

/// The open cases of a person: those that an officer has, those of a party. Nobody else has any.
fn cases(shared: &Shared, person: &PersonRecord) -> Result<Vec<CaseRow>, Stop> {
    let mut filter = CaseFilter { open: Some(true), ..CaseFilter::default() };
    match (person.role, &person.party) {
        (Role::Officer | Role::Supervisor, _) => filter.officer = Some(person.account.clone()),
        (Role::Filer | Role::PartyManager, Some(party)) => {
            let owner = shared.platform.case_owner(party).map_err(|error| fault(&error))?;
            let Some(owner) = owner else { return Ok(Vec::new()) };
            filter.owner_id = Some(owner);
        }
        _ => return Ok(Vec::new()),
    }
    let (queue, mut cursor, mut rows) = (Queue::Cases(filter), None, Vec::new());
    loop {
        let page = shared.platform.case_queue(&queue, cursor.as_ref());
        let page = page.map_err(|error| fault(&error))?;
        rows.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() || rows.len() >= CASES_MAX {
            rows.truncate(CASES_MAX);
            return Ok(rows);
        }
    }
}

/// The address of a page; empty where nobody has said where the pages are.
fn link_to(origin: &str, path: &str) -> String {
    if origin.is_empty() { String::new() } else { format!("{origin}{path}") }
}

/// What is due in a case: its decision, and, before a stock runs out, that too.
fn due_days(t: &Text, role: Role, origin: &str, row: &CaseRow) -> Vec<DueDay> {
    let link = link_to(origin, &format!("/cases/{}", row.number));
    let due = match (role.of_party(), row.waits_for.as_str()) {
        (true, "applicant") => "calendar-answer",
        (true, _) => "calendar-decision",
        (false, _) => "calendar-due",
    };
    let day = |what: &str, day: Option<i64>, key: &str| {
        Some(DueDay {
            key: format!("{}-{what}@gadolin", row.number),
            day: day.and_then(date_of_day)?,
            summary: t.one(key, &row.number),
            link: link.clone(),
        })
    };
    let stock = day("stock", row.stock_out_day, "calendar-stock");
    day("due", row.due_day, due).into_iter().chain(stock).collect()
}
