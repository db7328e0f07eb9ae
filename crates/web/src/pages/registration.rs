//! Registering a company: the form, for the company itself and for officers; and what officers decide.

use app::people::{
    By, NewRegistration, PeopleError, RegistrationError, RegistrationRecord, Verdict,
};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, authorise};
use serde::Deserialize;

use crate::config::Hall;
use crate::form::Form;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::account::once;
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

/// The form, as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    name: String,
    local_name: String,
    country: String,
    address: String,
    identifiers: String,
    contact_name: String,
    contact_email: String,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    page: Page,
    entry: Entry,
    /// What a registration that was asked for is called.
    asked: String,
    faults: Vec<FieldFault>,
}

struct Row {
    href: String,
    name: String,
    identifiers: String,
    asked: String,
    assigned: String,
    /// Whether the visitor may decide it: not what it asked for itself.
    may: bool,
}

#[derive(Template)]
#[template(path = "registrations.html")]
struct RegistrationsPage {
    page: Page,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "registration.html")]
struct RegistrationPage {
    page: Page,
    id: String,
    record: RegistrationRecord,
    asked: String,
    pending: bool,
    mine: bool,
    faults: Vec<FieldFault>,
}

fn form(
    hall: &Hall,
    visit: &Visit,
    entry: Entry,
    asked: String,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let mut page = Page::new(hall, visit, visit.text().get("register-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, &RegisterPage { page, entry, asked, faults })
}

/// `GET /register`.
pub(crate) async fn ask_show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    form(&hall, &visit, Entry::default(), String::new(), Vec::new())
}

/// `POST /register`: asks to be registered. By itself a company says nothing else; an officer who asks
/// for one is named, and does not decide it.
pub(crate) async fn ask(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    // Everybody may ask, so that it is counted by address.
    hall.registering.take(visit.address(), hall.now()).map_err(Stop::TooMany)?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let (entry, done) = off_thread(move || {
        let new = NewRegistration {
            name: &entry.name,
            local_name: &entry.local_name,
            country: &entry.country,
            address: &entry.address,
            identifiers: &entry.identifiers,
            contact_name: &entry.contact_name,
            contact_email: &entry.contact_email,
        };
        let by: By<'_> = here.by();
        let done = shared.people.registration_ask(by, &new, &moment);
        (entry, done)
    })
    .await?;
    let t = visit.text();
    match done {
        Ok(id) => form(&hall, &visit, Entry::default(), id, Vec::new()),
        Err(RegistrationError::Other(error)) => Err(stop(t, error)),
        Err(RegistrationError::Refused(refusals)) => {
            let mut wrong = Vec::new();
            for refusal in refusals {
                wrong.extend(faults(t, refusal.into())?);
            }
            form(&hall, &visit, entry, String::new(), wrong)
        }
    }
}

fn review(record: &RegistrationRecord) -> Resource<'_> {
    Resource::Review { asked_by: &record.asked_by, assigned_to: &record.assigned_to }
}

fn when(visit: &Visit, us: i64) -> String {
    show::instant(visit.text(), Timestamp::from_us(us))
}

/// `GET /registrations`: the companies that wait.
pub(crate) async fn list(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let found = hall.people.registrations_pending().map_err(|error| stop(t, error))?;
    let rows = found.iter().map(|(id, record)| Row {
        href: format!("/registrations/{id}"),
        name: record.name.clone(),
        identifiers: record.identifiers.replace('\n', ", "),
        asked: when(&visit, record.asked_at_us),
        assigned: record.assigned_to.clone(),
        may: authorise(&visit.actor, Action::VerifyParty, review(record)),
    });
    let rows = rows.collect();
    let page = Page::new(&hall, &visit, t.get("registrations-title"));
    html(StatusCode::OK, &RegistrationsPage { page, rows })
}

/// A registration that the visitor may decide; any other does not exist for it.
fn found(hall: &Hall, visit: &Visit, id: &str) -> Result<RegistrationRecord, Stop> {
    let record = hall.people.registration(id).map_err(|error| stop(visit.text(), error));
    match record {
        Ok(record) => {
            visit.allow(review(&record))?;
            Ok(record)
        }
        Err(stop) => {
            visit.allow(Resource::Platform)?;
            Err(stop)
        }
    }
}

fn page(
    hall: &Hall,
    visit: &Visit,
    id: &str,
    record: RegistrationRecord,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let mut page = Page::new(hall, visit, record.name.clone());
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = RegistrationPage {
        page,
        id: id.to_owned(),
        asked: when(visit, record.asked_at_us),
        pending: record.state == "pending",
        mine: visit.actor.is(&record.assigned_to),
        record,
        faults,
    };
    html(status, &template)
}

/// `GET /registrations/{id}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let record = found(&hall, &visit, &id)?;
    page(&hall, &visit, &id, record, Vec::new())
}

/// `POST /registrations/{id}/take`: assigns it to the visitor.
pub(crate) async fn take(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &id)?;
    let (shared, here, now, of) = (hall.clone(), visit.clone(), hall.now(), id.clone());
    off_thread(move || shared.people.registration_assign(here.by(), &of, &here.actor.account, now))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, format!("/registrations/{id}"))]).into_response())
}

/// What is decided.
#[derive(Deserialize)]
pub(crate) struct Decision {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    reason: String,
}

/// `POST /registrations/{id}/decide`: verifies, and shows the manager's invitation this once; or refuses.
pub(crate) async fn decide(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(entry): Form<Decision>,
) -> Result<Response, Stop> {
    let record = found(&hall, &visit, &id)?;
    let moment = moment(hall.now())?;
    let (shared, here, of) = (hall.clone(), visit.clone(), id.clone());
    let done = off_thread(move || {
        let verdict = match entry.verdict.as_str() {
            "verified" => Verdict::Verified { account: &entry.account },
            _ => Verdict::Refused { reason: &entry.reason },
        };
        shared.people.registration_decide(here.by(), &of, verdict, &moment)
    })
    .await?;
    decided(&hall, &visit, (&id, record), done)
}

fn decided(
    hall: &Hall,
    visit: &Visit,
    (id, record): (&str, RegistrationRecord),
    done: Result<Option<String>, PeopleError>,
) -> Result<Response, Stop> {
    match done {
        Ok(Some(code)) => {
            let texts = vec![format!("/invitation/{code}")];
            let to = "/registrations".to_owned();
            once(hall, visit, ("invited-title", "invited-text"), texts, to)
        }
        Ok(None) => Ok((StatusCode::SEE_OTHER, [(LOCATION, "/registrations")]).into_response()),
        Err(error) => page(hall, visit, id, record, faults(visit.text(), error)?),
    }
}
