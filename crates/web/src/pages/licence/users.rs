//! Registering a consignee or end user with a general licence after its issue, where the pack lets it.

use app::licence::{LicenceChange, LicenceError};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use licensing::licence::{Change, LicenceRefusal, PartyNamed, RegisteredUser};

use super::list::href;
use super::one::{Typed, found, page};
use crate::api::border::refused;
use crate::config::Hall;
use crate::form::Form;
use crate::ledger::off_thread;
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

/// Characters of a name or identifier at most.
const NAME_MAX: usize = 200;

fn fault_of(field: &str, code: &'static str, message: String, accepted: &str) -> FieldFault {
    FieldFault { field: field.to_owned(), code, message, accepted: accepted.to_owned() }
}

/// `POST /licences/{number}/users`: the authority registers a user with a general licence.
pub(crate) async fn register(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let view = found(&hall, &visit, &number).await?;
    let t = visit.text();
    let of = |name: &str| typed.get(name).map_or("", |text| text.trim()).to_owned();
    let (name, id, country) = (of("user_name"), of("user_id"), of("user_country").to_uppercase());
    let mut faults = Vec::new();
    if (name.is_empty() && id.is_empty())
        || [&name, &id].iter().any(|of| of.chars().count() > NAME_MAX)
    {
        let message = t.get("licence-user-missing");
        faults.push(fault_of("user_name", "licence_user", message, "a name or an identifier"));
    }
    if country.is_empty() {
        let message = t.get("licence-user-country");
        faults.push(fault_of("user_country", "licence_user_country", message, "two letters"));
    }
    if !faults.is_empty() {
        return page(&hall, &visit, &view, (typed, faults)).await;
    }
    let (shared, account, now) = (hall.clone(), visit.actor.account.clone(), hall.now());
    let party = PartyNamed { id, name, address: String::new() };
    let user = RegisteredUser { party, country, from_us: now.us() };
    let licence = number.clone();
    let done = off_thread(move || {
        shared.platform.licences_change(|to| {
            let change = Change::UserRegistered(user.clone());
            let asked =
                LicenceChange { number: &licence, change, effective: now, account: &account };
            app::licence::change(to, &asked, now).map(|_| ())
        })
    });
    match done.await? {
        Ok(()) => {
            hall.jobs_wake.notify_one();
            Ok((StatusCode::SEE_OTHER, [(LOCATION, href(&number))]).into_response())
        }
        Err(LicenceError::Refused(refusal)) => {
            let (field, words) = match refusal {
                LicenceRefusal::CountryOutside { .. } => ("user_country", "licence-user-country"),
                LicenceRefusal::NotGeneral => ("user_name", "licence-user-general"),
                _ => ("user_name", "licence-stands-otherwise"),
            };
            let faults = vec![fault_of(field, refusal.code(), t.get(words), "")];
            let view = found(&hall, &visit, &number).await?;
            page(&hall, &visit, &view, (typed, faults)).await
        }
        Err(error) => Err(refused(error)),
    }
}
