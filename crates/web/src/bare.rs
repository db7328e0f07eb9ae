//! One JSON answer from the web server that Gadolin uses, and nothing else: beside it a measurement says
//! what an answer of Gadolin costs more than HTTP itself.

use axum::Router;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use serde::Serialize;
use tokio::net::TcpListener;

/// Of the size of what the public check answers.
#[derive(Serialize)]
struct Answer {
    number: &'static str,
    in_force: bool,
    kind: &'static str,
    valid_to: &'static str,
}

async fn answer() -> ([(HeaderName, &'static str); 1], Vec<u8>) {
    let answer =
        Answer { number: "BENCH-000001", in_force: true, kind: "general", valid_to: "2099-12-31" };
    let body = serde_json::to_vec(&answer).unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], body)
}

/// Answers `/answer` until the process ends.
///
/// # Errors
/// What the listener fails with.
pub async fn bare_serve(listener: TcpListener) -> std::io::Result<()> {
    axum::serve(listener, Router::new().route("/answer", get(answer))).await
}
