//! Webhooks of a company, by its manager; those of the authority, by a supervisor. A secret is shown once.

use app::people::{DeliveryRecord, WebhookView};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::{Hall, WebhookReach};
use crate::form::Form;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::account::once;
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;
use crate::webhooks::{address_fault, secret_text};

/// Whose webhooks the visitor manages: of its party, or, where that is empty, of the authority.
pub(crate) fn whose(visit: &Visit) -> Result<String, Stop> {
    if visit.actor.role.of_party() {
        visit.allow(Resource::Party(&visit.actor.party))?;
    } else {
        visit.allow(Resource::Platform)?;
    }
    Ok(visit.actor.party.clone())
}

struct Row {
    href: String,
    url: String,
    state: String,
    made: String,
    made_by: String,
}

fn row(t: &Text, view: &WebhookView) -> Row {
    Row {
        href: format!("/webhooks/{}", view.id),
        url: view.url.clone(),
        state: t.code("webhook-state", &view.state, &view.state),
        made: show::instant(t, view.made_at),
        made_by: view.made_by.clone(),
    }
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    url: String,
    inner: bool,
    faults: Vec<FieldFault>,
}

fn list_page(
    hall: &Hall,
    visit: &Visit,
    party: &str,
    (url, faults): (String, Vec<FieldFault>),
) -> Result<Response, Stop> {
    let t = visit.text();
    let found = hall.people.webhooks(party, hall.now()).map_err(|error| stop(t, error))?;
    let mut page = Page::new(hall, visit, t.get("webhooks-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let rows = found.iter().map(|view| row(t, view)).collect();
    let inner = hall.config.webhooks == WebhookReach::Anywhere;
    html(status, &ListPage { page, rows, url, inner, faults })
}

/// `GET /webhooks`.
pub(crate) async fn list(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    list_page(&hall, &visit, &party, (String::new(), Vec::new()))
}

/// A webhook, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct New {
    url: String,
}

/// `POST /webhooks`: makes one, and shows its secret this once.
pub(crate) async fn make(
    State(hall): State<Hall>,
    visit: Visit,
    Form(new): Form<New>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    visit.proved_lately()?;
    let t = visit.text();
    let url = new.url.trim().to_owned();
    if let Some(code) = address_fault(&url, hall.config.webhooks) {
        let message = t.get(&format!("refusal-{code}"));
        let accepted = "https://, a name and a path".to_owned();
        let fault = FieldFault { field: "url".to_owned(), code, message, accepted };
        return list_page(&hall, &visit, &party, (url, vec![fault]));
    }
    let moment = moment(hall.now())?;
    let (shared, here, of, to) = (hall.clone(), visit.clone(), party.clone(), url.clone());
    let made = off_thread(move || shared.people.webhook_make(here.by(), &of, &to, &moment));
    match made.await? {
        Ok((id, secret)) => secret_page(&hall, &visit, &id, &secret),
        Err(error) => list_page(&hall, &visit, &party, (url, faults(t, error)?)),
    }
}

fn secret_page(hall: &Hall, visit: &Visit, id: &str, secret: &[u8]) -> Result<Response, Stop> {
    let words = ("webhook-once-title", "webhook-once-text");
    once(hall, visit, words, vec![secret_text(secret)], format!("/webhooks/{id}"))
}

struct DeliveryRow {
    id: String,
    event: String,
    subject: String,
    made: String,
    state: String,
    state_code: String,
    tries: String,
    answer: String,
}

fn delivery(t: &Text, record: &DeliveryRecord) -> DeliveryRow {
    let answer = match (record.error.is_empty(), record.status) {
        (false, _) => record.error.clone(),
        (true, 0) => String::new(),
        (true, status) => status.to_string(),
    };
    DeliveryRow {
        id: format!("msg_{}", app::jobs::job_id_text(&record.delivery_id)),
        event: record.event.clone(),
        subject: record.subject.clone(),
        made: show::instant(t, Timestamp::from_us(record.made_at_us)),
        state: t.code("delivery-state", &record.state, &record.state),
        state_code: record.state.clone(),
        tries: show::count(u64::from(record.tries)),
        answer,
    }
}

#[derive(Template)]
#[template(path = "webhook.html")]
struct WebhookPage {
    page: Page,
    id: String,
    url: String,
    state: String,
    off: bool,
    made: String,
    made_by: String,
    /// Until when the secret before signs as well.
    before_until: String,
    deliveries: Vec<DeliveryRow>,
}

/// `GET /webhooks/{id}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let t = visit.text();
    let found = hall.people.webhook(&party, &id, hall.now()).map_err(|error| stop(t, error))?;
    let (view, deliveries) = found;
    let template = WebhookPage {
        page: Page::new(&hall, &visit, t.get("webhook-title")),
        state: t.code("webhook-state", &view.state, &view.state),
        off: view.state == "off",
        made: show::instant(t, view.made_at),
        made_by: view.made_by,
        before_until: view.before_until.map_or(String::new(), |until| show::instant(t, until)),
        deliveries: deliveries.iter().map(|record| delivery(t, record)).collect(),
        id,
        url: view.url,
    };
    html(StatusCode::OK, &template)
}

/// `POST /webhooks/{id}/{deed}`: `try`, `rotate`, `resume` or `remove`.
pub(crate) async fn change(
    State(hall): State<Hall>,
    visit: Visit,
    Path((id, deed)): Path<(String, String)>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    let party = whose(&visit)?;
    let moment = moment(hall.now())?;
    if deed == "rotate" {
        visit.proved_lately()?;
    }
    let (shared, here, of, to) = (hall.clone(), visit.clone(), id.clone(), deed.clone());
    let done = off_thread(move || {
        let (by, key) = (here.by(), (party.as_str(), of.as_str()));
        match to.as_str() {
            "try" => shared.people.webhook_try(by, key, &moment).map(|()| None),
            "rotate" => shared.people.webhook_rotate(by, key, &moment).map(Some),
            "resume" => shared.people.webhook_resume(by, key, moment.now).map(|()| None),
            "remove" => shared.people.webhook_remove(by, key, moment.now).map(|()| None),
            _ => Err(app::people::Refusal::NotFound { what: to.clone() }.into()),
        }
    });
    let secret = done.await?.map_err(|error| stop(visit.text(), error))?;
    hall.jobs_wake.notify_one();
    if let Some(secret) = secret {
        return secret_page(&hall, &visit, &id, &secret);
    }
    let to = if deed == "remove" { "/webhooks".to_owned() } else { format!("/webhooks/{id}") };
    Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
}
