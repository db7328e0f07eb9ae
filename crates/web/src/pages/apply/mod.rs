//! Applications as their applicant writes them, hands them in and follows them.
//!
//! A draft is written part by part, each on a page of its own; everything missing is told at once before it
//! is handed in, with what it usually costs. Pages work without scripts; the script only saves what is
//! typed as the Save button would.
//!
//! INVARIANT: a form names what stood in its entry when it was shown (`seen`). Where that is no more so and
//! what was typed is not there already, nothing is changed and both are shown; so a form sent twice is one
//! effect, and two who write on different entries never hinder each other.

pub(crate) mod answer;
pub(crate) mod case;
pub(crate) mod check;
pub(crate) mod draft;
mod fields;
mod part;
mod read;
pub(crate) mod save;
pub(crate) mod start;
pub(crate) mod upload;

pub(crate) use part::weight_code;
pub(crate) use start::waits_code;

use std::sync::Arc;

use app::cases::{CaseError, Step};
use app::certificates::Terms;
use app::drafts::{Checked, DraftError, DraftView, Papers, application_check};
use app::law::Law;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use licensing::Application;
use licensing::case::{FollowKind, Follows};

use crate::config::{Hall, Shared};
use crate::form::encoded;
use crate::law::law;
use crate::ledger::off_thread;
use crate::secret::moment;
use crate::stop::{Stop, fault};
use crate::visit::Visit;

/// In the place of an entry's id: one that is not there yet.
pub(super) const NEW: &str = "new";

/// A draft of the visitor's party, with the law of the installation.
pub(crate) struct Opened {
    pub(crate) law: Arc<Law>,
    pub(crate) draft: DraftView,
}

/// Opens a draft; another's does not exist.
pub(crate) async fn opened(hall: &Hall, visit: &Visit, id: &str) -> Result<Opened, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let law = law(hall, &hall.config.pack).await?;
    let (shared, party, id) = (hall.clone(), visit.actor.party.clone(), id.to_owned());
    let draft = off_thread(move || shared.platform.draft(&party, &id)).await?.map_err(stop_of)?;
    Ok(Opened { law, draft })
}

/// Why a request about a draft stops, where there is no form to say it in.
pub(crate) fn stop_of(error: DraftError) -> Stop {
    match error {
        DraftError::Unknown | DraftError::Applicant(_) => Stop::NotFound,
        DraftError::Case(error) => stop_of_case(error),
        DraftError::Limit { what, most } => {
            let message = format!("too many of `{what}`");
            Stop::field(what, "limit", message, format!("at most {most}"))
        }
        other => fault(&other),
    }
}

/// Why a request about a case stops.
pub(crate) fn stop_of_case(error: CaseError) -> Stop {
    match error {
        CaseError::Unknown | CaseError::Applicant(_) => Stop::NotFound,
        other => fault(&other),
    }
}

/// Everything that is missing or doubtful in an application. Waits for the disk.
pub(crate) fn checked(
    shared: &Shared,
    law: &Law,
    party: &str,
    application: &Application,
    follows: Option<&Follows>,
) -> Result<Checked, Stop> {
    let papers = Papers::of(&shared.config.documents, party, application);
    let mut papers = papers.map_err(crate::documents::stop_of)?;
    papers.appeals = follows.is_some_and(|follows| follows.how == FollowKind::Appeal);
    let today = Terms::of(law).day(shared.now());
    let certificates = shared.platform.certificates_known(party, application, today);
    papers.certificates = certificates.map_err(|error| fault(&error))?;
    Ok(application_check(law, application, &papers, shared.now()))
}

/// Does something on a thread that may wait, as a step of the visitor.
pub(crate) async fn stepped<T: Send + 'static>(
    hall: &Hall,
    visit: &Visit,
    work: impl FnOnce(&Shared, &Step<'_>) -> T + Send + 'static,
) -> Result<T, Stop> {
    let moment = moment(hall.now())?;
    let (shared, actor) = (hall.clone(), visit.actor.clone());
    off_thread(move || work(&shared, &Step { actor: &actor, moment })).await
}

/// Leads on to another page.
pub(super) fn lead(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

/// The address of a case.
pub(super) fn case_href(number: &str) -> String {
    format!("/cases/{}", encoded(number))
}

/// The address of a draft.
pub(super) fn draft_href(id: &str) -> String {
    format!("/applications/{id}")
}
