//! The accessibility statement, and the visitor's preferences.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::Hall;
use crate::form::Form;
use crate::frame::preference_set;
use crate::page::{Page, address_own, html};
use crate::stop::Stop;
use crate::visit::{Density, Theme, Visit};

#[derive(Template)]
#[template(path = "accessibility.html")]
struct AccessibilityPage {
    page: Page,
    can: [&'static str; 6],
    limits: [&'static str; 3],
}

/// `GET /accessibility`.
pub(crate) async fn accessibility(
    State(hall): State<Hall>,
    visit: Visit,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let page = Page::new(&hall, &visit, visit.text().get("accessibility-title"));
    let template = AccessibilityPage {
        page,
        can: [
            "accessibility-can-1",
            "accessibility-can-2",
            "accessibility-can-3",
            "accessibility-can-4",
            "accessibility-can-5",
            "accessibility-can-6",
        ],
        limits: ["accessibility-limit-1", "accessibility-limit-2", "accessibility-limit-3"],
    };
    html(StatusCode::OK, &template)
}

/// What the buttons of the footer send: one of the two.
#[derive(Debug, Deserialize)]
pub(crate) struct Preferences {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    density: String,
    #[serde(default)]
    to: String,
}

/// `POST /preferences`: keeps the choice in a cookie and leads back.
pub(crate) async fn prefer(
    State(hall): State<Hall>,
    visit: Visit,
    Form(wanted): Form<Preferences>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let to = address_own(&wanted.to).to_owned();
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    let theme = Theme::parse(&wanted.theme).map(|theme| ("gd_theme", theme.code()));
    let density = Density::parse(&wanted.density).map(|density| ("gd_density", density.code()));
    for (name, value) in theme.into_iter().chain(density) {
        if let Ok(value) = HeaderValue::from_str(&preference_set(&hall, name, value)) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    Ok(response)
}
