//! The calendar of an account: what is due to it, its private link, and the file that a calendar program
//! fetches with that.

use app::cases::{CaseFilter, CaseRow, Queue, advice_days, date_of_day};
use app::law::Law;
use app::licensed::Whose;
use app::people::PersonRecord;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use base::authorisation::{Resource, Role};
use base::{Date, Timestamp};
use licensing::duty::{DutyOf, DutyState, ReportKind};

use crate::address::PublicUrl;
use crate::calendar::{DueDay, calendar};
use crate::config::{Hall, Shared};
use crate::form::Form;
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::account::once;
use crate::pages::clock::worded;
use crate::refused::stop;
use crate::secret::{hash, hex, moment};
use crate::show;
use crate::stop::{Stop, fault};
use crate::text::{Language, Text};
use crate::visit::Visit;

/// Cases of one calendar: more due days nobody keeps in a calendar.
const CASES_MAX: usize = 500;
/// Reports owed of one calendar.
const DUTIES_MAX: usize = 500;
/// Days that the page shows; more are counted.
const ROWS_SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarPage {
    page: Page,
    /// When the link was made; empty where there is none.
    made: String,
    rows: Vec<DueRow>,
    /// How many more there are.
    more: u64,
}

struct DueRow {
    day: String,
    summary: String,
    path: String,
}

/// `GET /account/calendar`.
pub(crate) async fn show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let t = visit.text();
    let made = hall.people.calendar_link(&visit.actor.account).map_err(|error| stop(t, error))?;
    let made = made.map_or(String::new(), |made| show::instant(t, made));
    let law = law(&hall, &hall.config.pack).await?;
    let (shared, account, now) = (hall.clone(), visit.actor.account.clone(), hall.now());
    let found = off_thread(move || {
        let person = shared.people.person(&account).map_err(|error| stop(t, error))?;
        person.map_or_else(|| Ok(Vec::new()), |person| due(&shared, (t, &law, now), &person))
    });
    let mut found = found.await??;
    let more = found.len().saturating_sub(ROWS_SHOWN) as u64;
    found.truncate(ROWS_SHOWN);
    found.iter().for_each(|due| visit.look(&due.party));
    let rows = found.into_iter().map(|due| DueRow {
        day: show::date(t, due.day),
        summary: due.summary,
        path: due.path,
    });
    let rows = rows.collect();
    let page = Page::new(&hall, &visit, t.get("calendar-title"));
    html(StatusCode::OK, &CalendarPage { page, made, rows, more })
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
    let law = law(&hall, &hall.config.pack).await?;
    let (shared, now) = (hall.clone(), hall.now());
    let text = off_thread(move || {
        let token = token.strip_suffix(".ics").unwrap_or(&token);
        let person = shared.people.calendar_person(token).map_err(|error| fault(&error))?;
        written(&shared, (&law, now), &person.ok_or(Stop::NotFound)?)
    })
    .await??;
    let headers =
        [(CONTENT_TYPE, "text/calendar; charset=utf-8"), (CACHE_CONTROL, "private, no-store")];
    Ok((headers, text).into_response())
}

/// Something that is due, to one person.
struct Due {
    /// What it is called: stays the same when its day changes.
    key: String,
    day: Date,
    summary: String,
    path: String,
    /// Whose data it tells of.
    party: String,
}

/// The calendar of a person as a file.
fn written(
    shared: &Shared,
    (law, now): (&Law, Timestamp),
    person: &PersonRecord,
) -> Result<String, Stop> {
    let t = Language::parse(&person.language).unwrap_or(Language::English).text();
    let origin = shared.config.public_url.as_ref().map_or("", PublicUrl::origin);
    let days: Vec<DueDay> = due(shared, (t, law, now), person)?
        .into_iter()
        .map(|due| DueDay {
            key: due.key,
            day: due.day,
            summary: due.summary,
            link: if origin.is_empty() { String::new() } else { format!("{origin}{}", due.path) },
        })
        .collect();
    Ok(calendar(&t.get("calendar-name"), &days, now))
}

/// All that is due to a person, the first day first: only what it may see, and of that what is its to do or
/// to wait for.
fn due(
    shared: &Shared,
    (t, law, now): (&Text, &Law, Timestamp),
    person: &PersonRecord,
) -> Result<Vec<Due>, Stop> {
    let mut days = Vec::new();
    for row in cases(shared, person)? {
        if person.role == Role::Agency {
            days.extend(advice_due(shared, (t, law, now), (&row, Some(&person.desk)))?);
            continue;
        }
        days.extend(due_days(t, person.role, &row));
        // Which agency advises is nothing that an applicant is told.
        if !person.role.of_party() && ADVICE_OPEN.contains(&row.waits_for.as_str()) {
            days.extend(advice_due(shared, (t, law, now), (&row, None))?);
        }
    }
    if let Some(party) = &person.party {
        let ends = shared.platform.licence_ends(party, now);
        let ends = ends.map_err(|error| fault(&error))?;
        days.extend(ends.into_iter().map(|(number, day)| Due {
            key: format!("{number}-end@gadolin"),
            day,
            summary: t.one("calendar-licence", &number),
            path: format!("/licences/{number}"),
            party: party.clone(),
        }));
        if person.role.of_party() {
            days.extend(duties_due(shared, (t, law, now), party)?);
        }
    }
    days.sort_by(|a, b| (a.day, &a.key).cmp(&(b.day, &b.key)));
    Ok(days)
}

/// Whom a case with an open question to an agency may wait for.
const ADVICE_OPEN: [&str; 3] = ["agency", "applicant", "step"];

/// The days on which advice is due in a case: of one agency, or, for the case's officer, of all.
fn advice_due(
    shared: &Shared,
    (t, law, now): (&Text, &Law, Timestamp),
    (row, only): (&CaseRow, Option<&str>),
) -> Result<Vec<Due>, Stop> {
    let case = shared.platform.case(&row.number).map_err(|error| fault(&error))?;
    let days = advice_days(law, &case, now);
    let one = |(agency, day): (String, i64)| {
        let summary = if only.is_some() {
            t.one("calendar-advice", &row.number)
        } else {
            let known = law.rules.agencies.iter().find(|known| known.id == agency);
            let name = known.map(|known| worded(t, &known.name_en, &known.name_zh));
            t.two("calendar-advice-of", &row.number, name.as_ref().unwrap_or(&agency))
        };
        Some(Due {
            key: format!("{}-advice-{agency}@gadolin", row.number),
            day: date_of_day(day)?,
            summary,
            path: format!("/cases/{}", row.number),
            party: row.applicant.clone(),
        })
    };
    let mine = days.into_iter().filter(|(agency, _)| only.is_none_or(|only| only == agency));
    Ok(mine.filter_map(one).collect())
}

/// The last days of the reports that a holder still owes. What the other side received is the authority's to
/// tell.
fn duties_due(
    shared: &Shared,
    (t, law, now): (&Text, &Law, Timestamp),
    party: &str,
) -> Result<Vec<Due>, Stop> {
    let found = shared.platform.holder_duties(law, Whose::Of(party), now);
    let found = found.map_err(|error| fault(&error))?;
    let open = |duty: &&DutyOf| {
        matches!(duty.state, DutyState::Due | DutyState::Overdue)
            && duty.report != ReportKind::Receipt
    };
    let one = |duty: &DutyOf| {
        let kind = duty.report.code();
        let number = format!("{}/{}", duty.licence, duty.line);
        // A declaration stands in no calendar; its entry has a name of its own all the same.
        let of = hex(&hash(&format!("{number}\u{1f}{}\u{1f}{kind}", duty.declaration)));
        Some(Due {
            key: format!("duty-{}@gadolin", of.get(..24)?),
            day: duty.last_day?,
            summary: t.two("calendar-duty", t.code("report-kind", kind, kind), &number),
            path: "/duties".to_owned(),
            party: party.to_owned(),
        })
    };
    let mine = found.iter().filter(|of| of.holder == party);
    let duties = mine.flat_map(|of| of.answer.duties.iter().filter(open));
    Ok(duties.filter_map(one).take(DUTIES_MAX).collect())
}

/// The open cases of a person: those that an officer has, those of a party, those on which an agency is
/// asked. Nobody else has any.
fn cases(shared: &Shared, person: &PersonRecord) -> Result<Vec<CaseRow>, Stop> {
    let mut filter = CaseFilter { open: Some(true), ..CaseFilter::default() };
    match (person.role, &person.party) {
        (Role::Agency, _) if !person.desk.is_empty() => {
            return pages(shared, &Queue::Agency { agency: person.desk.clone(), open: true });
        }
        (Role::Officer | Role::Supervisor, _) => filter.officer = Some(person.account.clone()),
        (Role::Filer | Role::PartyManager, Some(party)) => {
            let owner = shared.platform.case_owner(party).map_err(|error| fault(&error))?;
            let Some(owner) = owner else { return Ok(Vec::new()) };
            filter.owner_id = Some(owner);
        }
        _ => return Ok(Vec::new()),
    }
    pages(shared, &Queue::Cases(filter))
}

fn pages(shared: &Shared, queue: &Queue) -> Result<Vec<CaseRow>, Stop> {
    let (mut cursor, mut rows) = (None, Vec::new());
    loop {
        let page = shared.platform.case_queue(queue, cursor.as_ref());
        let page = page.map_err(|error| fault(&error))?;
        rows.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() || rows.len() >= CASES_MAX {
            rows.truncate(CASES_MAX);
            return Ok(rows);
        }
    }
}

/// What is due in a case: its decision, and, before a stock runs out, that too.
fn due_days(t: &Text, role: Role, row: &CaseRow) -> Vec<Due> {
    let due = match (role.of_party(), row.waits_for.as_str()) {
        (true, "applicant") => "calendar-answer",
        (true, _) => "calendar-decision",
        (false, _) => "calendar-due",
    };
    let day = |what: &str, day: Option<i64>, key: &str| {
        Some(Due {
            key: format!("{}-{what}@gadolin", row.number),
            day: day.and_then(date_of_day)?,
            summary: t.one(key, &row.number),
            path: format!("/cases/{}", row.number),
            party: row.applicant.clone(),
        })
    };
    let stock = day("stock", row.stock_out_day, "calendar-stock");
    day("due", row.due_day, due).into_iter().chain(stock).collect()
}
