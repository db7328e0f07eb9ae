//! What a person sees when a request stops.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::config::Shared;
use crate::page::{Page, html};
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Page,
    status: u16,
    text: String,
    fields: Vec<FieldFault>,
}

/// The page of a stop.
pub(crate) fn show(shared: &Shared, visit: &Visit, stop: &Stop) -> Response {
    let t = visit.text();
    let code = stop.code();
    let mut page = Page::new(shared, visit, t.get(&format!("stop-{code}-title")));
    page.faulty = true;
    let status = stop.status();
    let fields = match stop {
        Stop::Fields(faults) => faults.clone(),
        _ => Vec::new(),
    };
    let text = t.get(&format!("stop-{code}-text"));
    let template = ErrorPage { page, status: status.as_u16(), text, fields };
    html(status, &template).unwrap_or_else(|_| {
        (StatusCode::INTERNAL_SERVER_ERROR, "a fault of ours\n").into_response()
    })
}
