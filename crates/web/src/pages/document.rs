//! Documents of a company: handing one in, how its scan stands, downloading it. What is not taken is said
//! on the page where one tries again; what is not given out says why.

use app::documents::{DOCUMENT_BYTES_MAX, DocumentView, Kind, Refusal, ScanState, Stored};
use askama::Template;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use futures_util::StreamExt;
use serde::Deserialize;

use super::file::{bytes_shown, multipart_stop};
use crate::config::Hall;
use crate::documents::{download, part_stop, receive, stop_of};
use crate::form::{TOKEN_FIELD, encoded, token_good};
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::{Language, Text};
use crate::visit::Visit;

/// The field of the form that carries the document; the faults lead to it.
const FIELD: &str = "file";
/// Documents shown: those of a full case.
const SHOWN: u32 = 200;

/// Whose document.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    party: String,
}

/// What became of the document that was handed in just before.
#[derive(Deserialize)]
pub(crate) struct Handed {
    #[serde(default)]
    stored: String,
}

/// A document as a line.
struct Row {
    name: String,
    kind: String,
    size: String,
    at: String,
    /// Where to download it; empty where it is not given out.
    href: String,
    state: String,
    class: &'static str,
    found: String,
}

#[derive(Template)]
#[template(path = "documents.html")]
struct DocumentsPage {
    page: Page,
    limit: String,
    accept: String,
    endings: String,
    faults: Vec<FieldFault>,
    /// The fault in its details, in English.
    detail: String,
    notice: String,
    rows: Vec<Row>,
    /// Whether there may be more than these.
    full: bool,
}

fn row(t: &Text, view: &DocumentView) -> Row {
    let code = view.scan.code();
    let class = match view.scan {
        ScanState::Clean => "gd-tag-good",
        ScanState::Infected => "gd-tag-error",
        ScanState::Waiting | ScanState::Failed => "gd-tag-plain",
    };
    let clean = view.scan == ScanState::Clean;
    Row {
        name: view.name.clone(),
        kind: t.code("documents-kind", view.kind.code(), view.kind.code()),
        size: bytes_shown(view.bytes),
        at: show::instant(t, view.uploaded_at),
        href: if clean { format!("/documents/{}", encoded(&view.sha256)) } else { String::new() },
        state: t.code("documents-scan", code, code),
        class,
        // Why a scanner of ours fails is the operator's; what was found is the owner's.
        found: match view.scan {
            ScanState::Infected => view.scan_detail.clone(),
            _ => String::new(),
        },
    }
}

async fn page(hall: &Hall, visit: &Visit, title: String) -> Result<DocumentsPage, Stop> {
    let t = visit.text();
    let (shared, owner) = (hall.clone(), visit.actor.party.clone());
    let found = off_thread(move || shared.config.documents.latest(&owner, SHOWN)).await?;
    let found = found.map_err(stop_of)?;
    let endings: Vec<&str> = Kind::endings().collect();
    Ok(DocumentsPage {
        page: Page::new(hall, visit, title),
        limit: bytes_shown(DOCUMENT_BYTES_MAX),
        accept: endings.iter().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(","),
        endings: endings.join(", "),
        faults: Vec::new(),
        detail: String::new(),
        notice: String::new(),
        full: found.len() == SHOWN as usize,
        rows: found.iter().map(|view| row(t, view)).collect(),
    })
}

/// `GET /documents`.
pub(crate) async fn list(
    State(hall): State<Hall>,
    visit: Visit,
    Query(handed): Query<Handed>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let t = visit.text();
    let mut template = page(&hall, &visit, t.get("documents-title")).await?;
    template.notice = match handed.stored.as_str() {
        "new" => t.get("documents-stored"),
        "there" => t.get("documents-there"),
        _ => String::new(),
    };
    html(StatusCode::OK, &template)
}

/// `POST /documents`: takes one, and leads back to the list.
pub(crate) async fn hand_in(
    State(hall): State<Hall>,
    visit: Visit,
    mut form: Multipart,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let mut trusted = false;
    while let Some(field) = form.next_field().await.map_err(|error| multipart_stop(&error))? {
        match field.name() {
            Some(TOKEN_FIELD) => {
                let token = field.text().await.map_err(|error| multipart_stop(&error))?;
                trusted = token_good(&hall.config.key, &visit.visitor, &token);
            }
            // The token stands before the file in our form: nothing is read for a stranger.
            Some(FIELD) if trusted => {
                let name = field.file_name().unwrap_or("").to_owned();
                if name.is_empty() {
                    break;
                }
                let body = field.map(|part| part.map_err(|error| part_stop(&error)));
                let outcome = match receive(&hall, &visit, &name, body).await {
                    Ok(received) => {
                        let (shared, visit) = (hall.clone(), visit.clone());
                        off_thread(move || received.store(&shared, &visit)).await?
                    }
                    Err(stop) => Err(stop),
                };
                return match outcome {
                    Ok(Stored::New(_)) => Ok(back("new")),
                    Ok(Stored::There(_)) => Ok(back("there")),
                    Err(stop) => refused(&hall, &visit, stop).await,
                };
            }
            _ => {}
        }
    }
    if !trusted {
        return Err(Stop::FormExpired);
    }
    let missing = Stop::field(FIELD, "file_missing", String::new(), "");
    refused(&hall, &visit, missing).await
}

fn back(stored: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, format!("/documents?stored={stored}"))]).into_response()
}

/// The page again, with why it was not taken; or the stop itself where that is no fault of the document.
async fn refused(hall: &Hall, visit: &Visit, stop: Stop) -> Result<Response, Stop> {
    let status = stop.status();
    let (code, message, accepted) = match stop {
        Stop::DocumentTooLarge => {
            let refusal = Refusal::TooLarge;
            (refusal.code(), refusal.to_string(), refusal.accepted())
        }
        Stop::Fields(faults) => match faults.into_iter().next() {
            Some(fault) => (fault.code, fault.message, fault.accepted),
            None => return Err(Stop::Fields(Vec::new())),
        },
        other => return Err(other),
    };
    let t = visit.text();
    let mut template = page(hall, visit, t.get("documents-title")).await?;
    template.page.faulty = true;
    let told = t.code("documents-refused", code, &message);
    if t.language == Language::English && !message.is_empty() {
        template.detail = format!("{} – {accepted}", show::sentence(&message));
    }
    template.faults = vec![FieldFault { field: FIELD.to_owned(), code, message: told, accepted }];
    html(status, &template)
}

/// `GET /documents/{sha256}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(sha256): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    download(&hall, &visit, &sha256, &asked.party).await
}
