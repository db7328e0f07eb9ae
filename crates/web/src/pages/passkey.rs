//! Passkeys at the doors: signing in with one, adding and removing one's own.
//!
//! The browser needs a script for the ceremony (`assets/passkey.js`): it fetches the options, asks the
//! authenticator, and sends the answer with a form as any other.

use app::people::NewPasskey;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::frame::{SESSION, cookie_set};
use crate::ledger::off_thread;
use crate::page::address_own;
use crate::pages::ways::passkey_fault;
use crate::pages::{account, sign_in};
use crate::passkey::{Kept, PasskeyRefusal, Passkeys, Registrant};
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::stop::{Stop, fault};
use crate::visit::Visit;

fn passkeys(hall: &Hall) -> Result<&Passkeys, Stop> {
    hall.passkeys.as_ref().ok_or(Stop::NotFound)
}

/// `POST /sign-in/passkey/options`: what the authenticator is asked for.
pub(crate) async fn sign_in_options(
    State(hall): State<Hall>,
    visit: Visit,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let options = passkeys(&hall)?.sign_in_begin(&visit.visitor, hall.now());
    Ok(Json(options.ok_or(Stop::Fault)?).into_response())
}

/// The authenticator's answer.
#[derive(Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    to: String,
}

/// `POST /sign-in/passkey`: opens a session of two factors. An unknown passkey and a wrong signature are
/// told alike.
pub(crate) async fn sign_in_enter(
    State(hall): State<Hall>,
    visit: Visit,
    Form(Answer { answer, to }): Form<Answer>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    passkeys(&hall)?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let done = off_thread(move || {
        let proved = proved(&shared, &here, &answer, moment.now)?;
        let Some((found, kept)) = proved else { return Ok(Err(PasskeyRefusal::Wrong)) };
        let attempt = here.attempt("");
        shared
            .people
            .passkey_sign_in(&attempt, &found, &kept.credential, kept.counter, &moment)
            .map(Ok)
            .map_err(Failed::People)
    });
    let why = match done.await? {
        Ok(Ok(opened)) => return Ok(sign_in::entered(&hall, &opened, &to)),
        Ok(Err(why)) | Err(Failed::Refused(why)) => why,
        // Whose person may not sign in is told no more than who brought a wrong passkey.
        Err(Failed::People(app::people::PeopleError::Refused(_))) => PasskeyRefusal::Wrong,
        Err(Failed::People(error)) => return Err(fault(&error)),
    };
    let to = format!("/sign-in?fault={}&to={}", why.code(), encoded(address_own(&to)));
    Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
}

/// Why an answer came to nothing.
enum Failed {
    Refused(PasskeyRefusal),
    People(app::people::PeopleError),
}

/// Looks up the passkey that an answer is of, and checks the answer against it; nothing where there is no
/// such passkey.
fn proved(
    hall: &Hall,
    visit: &Visit,
    answer: &str,
    now: Timestamp,
) -> Result<Option<(app::people::PasskeyFound, Kept)>, Failed> {
    let Some(passkeys) = &hall.passkeys else { return Ok(None) };
    let claim = passkeys.sign_in_claim(&visit.visitor, answer, now).map_err(Failed::Refused)?;
    let found = hall.people.passkey_find(claim.credential_id()).map_err(Failed::People)?;
    let Some(found) = found else { return Ok(None) };
    let before = Kept {
        credential_id: claim.credential_id().to_vec(),
        credential: found.credential().to_owned(),
        counter: found.counter(),
    };
    match passkeys.sign_in_end(claim, &before, &found.handle) {
        Ok(kept) => Ok(Some((found, kept))),
        Err(why) => {
            // Only what its key has signed is written down: anybody may send a wrong signature.
            if why == PasskeyRefusal::Copied {
                hall.people.passkey_refused(&found, why.code(), now).map_err(Failed::People)?;
            }
            Err(Failed::Refused(why))
        }
    }
}

/// `POST /account/passkeys/options`: what a new passkey must be.
pub(crate) async fn add_options(
    State(hall): State<Hall>,
    visit: Visit,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    passkeys(&hall)?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let begun = off_thread(move || shared.people.passkey_begin(&here.actor.account, &moment))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    let registrant =
        Registrant { account: &visit.actor.account, name: &begun.name, handle: begun.handle };
    let options =
        passkeys(&hall)?.registration_begin(&visit.visitor, registrant, &begun.known, hall.now());
    Ok(Json(options.ok_or(Stop::Fault)?).into_response())
}

/// A new passkey.
#[derive(Deserialize)]
pub(crate) struct New {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    name: String,
}

/// `POST /account/passkeys`: adds one.
pub(crate) async fn add(
    State(hall): State<Hall>,
    visit: Visit,
    Form(New { answer, name }): Form<New>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let account = &visit.actor.account;
    let ended = passkeys(&hall)?.registration_end(&visit.visitor, account, &answer, hall.now());
    let kept = match ended {
        Ok(kept) => kept,
        Err(why) => {
            let faults = passkey_fault(visit.text(), why, "passkey_name");
            return account::page(&hall, &visit, "", faults);
        }
    };
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let done = off_thread(move || {
        let new = NewPasskey {
            credential_id: &kept.credential_id,
            credential: &kept.credential,
            counter: kept.counter,
            name: &name,
        };
        shared.people.passkey_add(here.by(), &new, &here.held(), &moment)
    });
    match done.await? {
        Ok(opened) => {
            let cookie = cookie_set(&hall, SESSION, &opened.text, None);
            Ok(sign_in::leading("/account?done=passkey".to_owned(), &cookie))
        }
        Err(error) => account::page(&hall, &visit, "", faults(visit.text(), error)?),
    }
}

/// `POST /account/passkeys/{id}/remove`.
pub(crate) async fn remove(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let opened =
        off_thread(move || shared.people.passkey_remove(here.by(), &id, &here.held(), &moment))
            .await?
            .map_err(|error| stop(visit.text(), error))?;
    let cookie = cookie_set(&hall, SESSION, &opened.text, None);
    Ok(sign_in::leading("/account?done=passkey_removed".to_owned(), &cookie))
}
