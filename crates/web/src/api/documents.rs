//! Documents over the API: handing one in, what became of it, downloading it.
//!
//! A document is named by the SHA-256 of its bytes: sent again it is the same one. So a request may always
//! be repeated; with an `Idempotency-Key` the repetition also gets the first answer, for 24 hours.

use app::documents::{DocumentView, ScanState, Stored};
use axum::extract::{FromRequest, Multipart, Path, Query, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::authorisation::Resource;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::file::{done_once, key_read};
use super::{Problem, json};
use crate::config::Hall;
use crate::documents::{Received, cut, download, find, part_stop, receive};
use crate::form::decoded;
use crate::secret::hex;
use crate::stop::{Stop, fault};
use crate::visit::Visit;

const NAME: HeaderName = HeaderName::from_static("document-name");
/// The field of a form that carries the document.
const FIELD: &str = "file";

/// Whose document.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DocumentAsked {
    /// Whose it is, `scheme:value`; absent: the own party's. The authority's people must name it.
    #[serde(default)]
    #[param(required = false)]
    party: String,
}

/// A document and how its scan stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Document {
    /// SHA-256 of its bytes, in hexadecimal: its name on this API.
    sha256: String,
    /// File name, cleaned, as it was first given.
    name: String,
    /// What it is, by its content: `pdf`, `png`, `jpeg`, `tiff`, `docx`, `xlsx`, `odt`, `ods`, `text`, `csv`
    /// or `xml`.
    kind: &'static str,
    /// Its media type, by its content.
    media_type: &'static str,
    /// Bytes.
    bytes: u64,
    /// `waiting` to be scanned, `clean`, `infected`, or `failed`: only what is clean is given out.
    scan: &'static str,
    /// What the scanner found, or why it failed; empty otherwise.
    found: String,
    /// When it was handed in (RFC 3339).
    uploaded_at: String,
    /// When its scan ended (RFC 3339); absent while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    scanned_at: Option<String>,
}

impl From<&DocumentView> for Document {
    fn from(view: &DocumentView) -> Document {
        // Why a scanner of ours fails is the operator's; what was found is the owner's.
        let told = view.scan == ScanState::Infected;
        Document {
            sha256: view.sha256.clone(),
            name: view.name.clone(),
            kind: view.kind.code(),
            media_type: view.kind.media_type(),
            bytes: view.bytes,
            scan: view.scan.code(),
            found: if told { view.scan_detail.clone() } else { String::new() },
            uploaded_at: view.uploaded_at.to_string(),
            scanned_at: view.scanned_at.map(|at| at.to_string()),
        }
    }
}

/// Hands a document in, for the own party: its bytes as the body, or as the part `file` of a form. What it
/// is is told by its content, and its name must agree. It is scanned afterwards; until it is found clean
/// nobody downloads it.
#[utoipa::path(
    post,
    path = "/api/v1/documents",
    operation_id = "document_store",
    tag = "documents",
    params(
        ("Document-Name" = Option<String>, Header, description = "The file name, percent-encoded UTF-8, as in \
            `report%20of%20June.pdf`; not with a form, which has it"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; \
            the same request with the same key gets the first answer for 24 hours, another request \
            with it is refused"),
    ),
    request_body(content(
        (String = "application/octet-stream"),
        (String = "multipart/form-data"),
    ), description = "The document: PDF, PNG, JPEG, TIFF, DOCX, XLSX, ODT, ODS, or text, CSV or XML in UTF-8; \
        at most 25 MiB"),
    responses(
        (status = 201, description = "It is stored, and waits to be scanned", body = Document),
        (status = 200, description = "The party had it already: as it stands", body = Document),
        (status = 404, description = "Not for this account or the scope of its token", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key is being worked on right now (`key_busy`)", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than the limit (`document_too_large`)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is not taken: `errors` says why and what would be (`fields`), or the \
            key was used for another request (`key_reused`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn store(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let key = key_read(&headers).map_err(|fault| Stop::Fields(vec![fault]))?;
    let (name, received) = received(&hall, &visit, &headers, request).await?;
    let digest = format!("document {name} {}", hex(&received.sha256()));
    let (shared, here) = (hall.clone(), visit.clone());
    let work = move || received.store(&shared, &here).and_then(|stored| worded(&stored));
    done_once(&hall, &visit, (key, digest), work).await
}

fn worded(stored: &Stored) -> Result<(u16, String), Stop> {
    let status = match stored {
        Stored::New(_) => StatusCode::CREATED,
        Stored::There(_) => StatusCode::OK,
    };
    let body = serde_json::to_string(&Document::from(stored.document()));
    Ok((status.as_u16(), body.map_err(|error| fault(&error))?))
}

/// Takes the document of a request, with the name that it was given.
async fn received(
    hall: &Hall,
    visit: &Visit,
    headers: &HeaderMap,
    request: Request,
) -> Result<(String, Received), Stop> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !media.to_ascii_lowercase().starts_with("multipart/form-data") {
        let name = headers.get(NAME).and_then(|value| value.to_str().ok()).unwrap_or("");
        let name = decoded(name.replace('+', "%2B").as_bytes());
        let body = request.into_body().into_data_stream();
        let body = body.map(|part| part.map_err(|_| cut()));
        let received = receive(hall, visit, &name, body).await?;
        return Ok((name, received));
    }
    let mut form = Multipart::from_request(request, hall).await.map_err(|_| cut())?;
    while let Some(field) = form.next_field().await.map_err(|_| cut())? {
        if field.name() == Some(FIELD) {
            let name = field.file_name().unwrap_or("").to_owned();
            let body = field.map(|part| part.map_err(|error| part_stop(&error)));
            let received = receive(hall, visit, &name, body).await?;
            return Ok((name, received));
        }
    }
    let message = format!("the form has no part `{FIELD}`");
    Err(Stop::field(FIELD, "file_missing", message, "the document as the part `file`"))
}

/// What a document is, and how its scan stands.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{sha256}",
    operation_id = "document",
    tag = "documents",
    params(("sha256" = String, Path, description = "SHA-256 of its bytes, 64 small hexadecimal digits"), DocumentAsked),
    responses(
        (status = 200, description = "The document", body = Document),
        (status = 404, description = "No such document, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is not said whose it is (`fields`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(sha256): Path<String>,
    Query(asked): Query<DocumentAsked>,
) -> Result<Response, Stop> {
    let view = find(&hall, &visit, &sha256, &asked.party).await?;
    json(&headers, &Document::from(&view))
}

/// The bytes of a document that was found clean, to be saved: what was not scanned, or is infected, is
/// given to nobody.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{sha256}/content",
    operation_id = "document_content",
    tag = "documents",
    params(("sha256" = String, Path, description = "SHA-256 of its bytes, 64 small hexadecimal digits"), DocumentAsked),
    responses(
        (status = 200, description = "Its bytes, with the media type of its content", body = String, content_type = "application/octet-stream"),
        (status = 404, description = "No such document, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was not scanned yet (`document_waiting`), could not be (`document_scan_failed`), \
            or is infected (`document_infected`)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is not said whose it is (`fields`)", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn content(
    State(hall): State<Hall>,
    visit: Visit,
    Path(sha256): Path<String>,
    Query(asked): Query<DocumentAsked>,
) -> Result<Response, Stop> {
    download(&hall, &visit, &sha256, &asked.party).await
}
