//! The doors for people and programs: server-rendered pages that work without JavaScript, and the
//! API under `/api/v1` with its OpenAPI document.
//!
//! INVARIANTS, each held by a test:
//! - every route stands in one table (`routes.rs`) and asks `authorise` before it answers; an
//!   answer whose handler never asked is failed by the frame;
//! - what an actor may not see is not found; a filer sees its own book, and of material that passed
//!   through other books one line, "another party" (`visibility.rs`);
//! - whatever changes something carries a token of ours (pages) or a bearer token (API), never a
//!   session cookie alone;
//! - everything has a limit ([`Limits`]), and a request that stops says why with a stable code;
//! - every word a person reads stands in both languages (`locales/`);
//! - the clock, the people and the secret come from the shell ([`Config`]).
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on fails"))]

mod address;
mod api;
mod assets;
#[cfg(test)]
#[path = "../tests/it/authenticator.rs"]
mod authenticator;
mod bare;
mod calendar;
mod certificates;
mod config;
mod documents;
mod forecast;
mod form;
mod frame;
mod jobs;
mod law;
mod ledger;
mod link_text;
mod oidc;
#[cfg(test)]
mod oidc_tests;
mod once;
mod ops;
mod pace;
mod page;
mod pages;
mod passkey;
#[cfg(test)]
mod passkey_tests;
mod post;
mod quota;
mod recorder;
mod refused;
mod routes;
mod scanner;
mod secret;
mod show;
mod stop;
mod svg;
mod text;
mod upload;
mod visibility;
mod visit;
mod webhooks;
mod workers;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

pub use address::PublicUrl;
pub use bare::bare_serve;
pub use config::{Config, Limits, Readers, SignIn, WebhookReach};
use config::{Hall, Shared};
pub use oidc::{Provider, Secret, providers_read};
pub use post::Post;
pub use routes::routes;
pub use scanner::Scanner;
use stop::Stop;
pub use text::{Language, Text};

/// How long requests under way may take when the server stops; what is durable is so before that.
const GRACE: Duration = Duration::from_secs(30);

/// All pages and the API over one platform.
pub fn router(platform: app::Platform, config: Config) -> Router {
    framed(&Shared::new(platform, config))
}

/// Serves until `stop` is done, then lets the requests under way end.
///
/// # Errors
/// What the system says of the socket.
pub async fn serve(
    listener: tokio::net::TcpListener,
    platform: app::Platform,
    config: Config,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let hall = Shared::new(platform, config);
    // Worked out before anybody asks: in a large ledger the first visitor would wait for them.
    let early = hall.clone();
    tokio::spawn(async move { ledger::findings(&early).await.map(|_| ()) });
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let runner = tokio::spawn(jobs::run(hall.clone(), stopped.clone()));
    let recorder = hall.recorder.clone();
    let closing = hall.clone();
    let service = framed(&hall).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        closing.ready.store(false, Ordering::Relaxed);
        stopping.send_replace(true);
    });
    let ended = tokio::select! {
        ended = server.into_future() => ended,
        () = async {
            let _ = stopped.wait_for(|stopped| *stopped).await;
            tokio::time::sleep(GRACE).await;
        } => {
            tracing::warn!("requests were still under way when the time to end was over");
            Ok(())
        }
    };
    // A job under way is taken again after its lease, should it not end in time.
    if tokio::time::timeout(GRACE, runner).await.is_err() {
        tracing::warn!("a job was still under way when the time to end was over");
    }
    if tokio::time::timeout(GRACE, recorder.flush()).await.is_err() {
        let entries = recorder.waiting();
        tracing::error!(entries, "reads could not be recorded before the server stopped");
    }
    ended
}

fn framed(hall: &Hall) -> Router {
    routes::table(hall)
        .fallback(|| async { Stop::NotFound })
        .method_not_allowed_fallback(|| async { Stop::Method })
        // As one layer: each of a router's own boxes every request once more. The first is the outermost.
        .layer(
            ServiceBuilder::new()
                .layer(CompressionLayer::new().gzip(true))
                .layer(from_fn_with_state(hall.clone(), frame::attend))
                .layer(CatchPanicLayer::custom(panicked)),
        )
        .with_state(hall.clone())
}

/// The answer when a handler panics; the panic's own words are in the log.
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let words = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("without words");
    stop::fault(&format_args!("a handler panicked: {words}")).into_response()
}
