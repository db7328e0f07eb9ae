//! Downloading a document from a page. One that is not given out says why.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::config::Hall;
use crate::documents::download;
use crate::stop::Stop;
use crate::visit::Visit;

/// Whose document.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    party: String,
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
