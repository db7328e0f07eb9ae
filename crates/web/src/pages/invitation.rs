//! Accepting an invitation: the person sets its own password.

use app::people::{Invited, PASSWORD_MIN, Refusal};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::page::{Page, html};
use crate::pages::sign_in::entered;
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    page: Page,
    code: String,
    invited: Invited,
    password_min: u64,
    faults: Vec<FieldFault>,
}

fn page(
    hall: &Hall,
    visit: &Visit,
    code: &str,
    faults: Vec<FieldFault>,
) -> Result<InvitationPage, Stop> {
    let t = visit.text();
    let invited = hall.people.invitation(code, hall.now()).map_err(|error| stop(t, error))?;
    let mut page = Page::new(hall, visit, t.get("invitation-title"));
    page.faulty = !faults.is_empty();
    Ok(InvitationPage {
        page,
        code: encoded(code),
        invited,
        password_min: PASSWORD_MIN as u64,
        faults,
    })
}

/// `GET /invitation/{code}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(code): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    html(StatusCode::OK, &page(&hall, &visit, &code, Vec::new())?)
}

/// A new password, twice.
#[derive(Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    password: String,
    #[serde(default)]
    repeated: String,
}

/// `POST /invitation/{code}`: sets the password and signs in.
pub(crate) async fn accept(
    State(hall): State<Hall>,
    visit: Visit,
    Path(code): Path<String>,
    Form(entry): Form<Entry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let moment = moment(hall.now())?;
    let (shared, here, given) = (hall.clone(), visit.clone(), code.clone());
    let work = move || {
        if entry.password != entry.repeated {
            return Err(Refusal::PasswordsDiffer.into());
        }
        shared.people.invitation_accept(&here.attempt(""), &given, &entry.password, &moment)
    };
    match hall.hashing.run(work).await? {
        Ok(opened) => Ok(entered(&hall, &opened, "/")),
        Err(error) => {
            let faults = faults(visit.text(), error)?;
            html(StatusCode::UNPROCESSABLE_ENTITY, &page(&hall, &visit, &code, faults)?)
        }
    }
}
