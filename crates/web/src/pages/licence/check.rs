//! Checking a licence without an account: by its number and the code given with it, whether it is in force
//! today and until when. Nothing of who holds it or what it is for.

use app::cases::{date_in, zone};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::Resource;
use serde::Deserialize;

use super::kind;
use crate::api::border::refused;
use crate::config::Hall;
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::visit::Visit;

/// What was typed, or stands in the link.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    number: String,
    code: String,
}

/// What the public is told, as the border keeps it.
#[derive(Deserialize)]
struct Told {
    in_force: bool,
    kind: String,
    valid_to: String,
}

struct Answer {
    in_force: bool,
    number: String,
    kind: String,
    valid_to: String,
    today: String,
}

#[derive(Template)]
#[template(path = "licence_check.html")]
struct CheckPage {
    page: Page,
    number: String,
    code: String,
    answer: Option<Answer>,
    faults: Vec<FieldFault>,
}

/// `GET /check`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let (number, code) = (asked.number.trim().to_owned(), asked.code.trim().to_uppercase());
    let (mut answer, mut faults) = (None, Vec::new());
    if !number.is_empty() || !code.is_empty() {
        // Nobody has an account here, so that it is counted by address.
        hall.linking.take(visit.address(), hall.now()).map_err(Stop::TooMany)?;
        let (border, of) = (hall.border.clone(), (number.clone(), code.clone()));
        let found = off_thread(move || border.check(&of.0, &of.1)).await?;
        match found.map_err(refused)? {
            Some(found) => {
                let told: Told = serde_json::from_str(&found).map_err(|error| fault(&error))?;
                let law = law(&hall, &hall.config.pack).await?;
                let without_end = licensing::grant::day_without_end().to_string();
                answer = Some(Answer {
                    in_force: told.in_force,
                    number: number.clone(),
                    kind: kind(t, &law, &told.kind),
                    valid_to: match told.valid_to == without_end {
                        true => t.get("licence-without-end"),
                        false => show::date_text(t, &told.valid_to),
                    },
                    today: show::date(t, date_in(&zone(&law), hall.now())),
                });
            }
            None => faults.push(FieldFault {
                field: "number".to_owned(),
                code: "licence_unknown",
                message: t.get("check-unknown"),
                accepted: String::new(),
            }),
        }
    }
    let mut page = Page::new(&hall, &visit, t.get("check-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::NOT_FOUND } else { StatusCode::OK };
    html(status, &CheckPage { page, number, code, answer, faults })
}
