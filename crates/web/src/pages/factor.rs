//! The second factor: setting an authenticator app up, taking it away, recovery codes.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, SET_COOKIE};
use axum::response::Response;
use base::authorisation::Resource;
use serde::Deserialize;

use app::people::Assurance;

use crate::config::Hall;
use crate::form::Form;
use crate::frame::{SESSION, cookie_set};
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::account::once;
use crate::pages::sign_in::leading;
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "factor.html")]
struct FactorPage {
    page: Page,
    /// Whether nothing else may be done before.
    owed: bool,
    qr_svg: String,
    secret: String,
    faults: Vec<FieldFault>,
}

async fn page(hall: &Hall, visit: &Visit, faults: Vec<FieldFault>) -> Result<Response, Stop> {
    let t = visit.text();
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let set_up = off_thread(move || shared.people.totp_begin(here.by(), &moment))
        .await?
        .map_err(|error| stop(t, error))?;
    let mut page = Page::new(hall, visit, t.get("factor-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = FactorPage {
        page,
        owed: visit.assurance == Some(Assurance::One),
        qr_svg: set_up.qr_svg,
        secret: set_up.secret,
        faults,
    };
    html(status, &template)
}

/// `GET /account/second-factor`: the picture and the secret for an app.
pub(crate) async fn show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    page(&hall, &visit, Vec::new()).await
}

/// The first code of the app.
#[derive(Deserialize)]
pub(crate) struct Code {
    #[serde(default)]
    code: String,
}

/// `POST /account/second-factor`: from now on a code is asked for; shows the recovery codes this once.
pub(crate) async fn confirm(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Code>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let done = off_thread(move || {
        shared.people.totp_confirm(here.by(), &entry.code, &here.held(), &moment)
    })
    .await?;
    match done {
        Ok((codes, opened)) => {
            let mut response = once(
                &hall,
                &visit,
                ("recovery-title", "recovery-text"),
                codes,
                "/account".to_owned(),
            )?;
            let cookie = cookie_set(&hall, SESSION, &opened.text, None);
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(SET_COOKIE, value);
            }
            Ok(response)
        }
        Err(error) => {
            let faults = faults(visit.text(), error)?;
            page(&hall, &visit, faults).await
        }
    }
}

/// `POST /account/second-factor/remove`: a new one must be set up at once.
pub(crate) async fn remove(
    State(hall): State<Hall>,
    visit: Visit,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let opened = off_thread(move || shared.people.totp_remove(here.by(), &here.held(), &moment))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    let cookie = cookie_set(&hall, SESSION, &opened.text, None);
    Ok(leading("/account?done=factor".to_owned(), &cookie))
}

/// `POST /account/recovery-codes`: new ones, shown this once.
pub(crate) async fn recovery_codes(
    State(hall): State<Hall>,
    visit: Visit,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let codes = off_thread(move || shared.people.recovery_codes_renew(here.by(), &moment))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    once(&hall, &visit, ("recovery-title", "recovery-text"), codes, "/account".to_owned())
}
