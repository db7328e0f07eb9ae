//! `gadolin bench bare`: one JSON answer from the web server that Gadolin uses, and nothing else. Beside it a
//! measurement says what an answer of Gadolin costs more than HTTP itself.

use std::net::SocketAddr;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use serde::Serialize;

use crate::commands::End;

#[derive(Debug, clap::Args)]
pub(crate) struct Bare {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8788")]
    listen: SocketAddr,
}

/// Of the size of what the public check answers.
#[derive(Serialize)]
struct Answer {
    number: &'static str,
    in_force: bool,
    kind: &'static str,
    valid_to: &'static str,
}

async fn answer() -> ([(axum::http::HeaderName, &'static str); 1], Vec<u8>) {
    let answer =
        Answer { number: "BENCH-000001", in_force: true, kind: "general", valid_to: "2099-12-31" };
    let body = serde_json::to_vec(&answer).unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], body)
}

impl Bare {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(self.listen).await?;
            axum::serve(listener, Router::new().route("/answer", get(answer))).await
        })?;
        Ok(End::Done)
    }
}
