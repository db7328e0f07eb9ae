//! The account's own sessions and tokens. Both are made on the pages, where a second factor is asked for;
//! a program that holds a token ends them.

use app::people::{Scope, SessionView, TokenView};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Problem, json};
use crate::config::Hall;
use crate::ledger::off_thread;
use crate::refused::stop;
use crate::stop::Stop;
use crate::visit::Visit;

/// A session of the pages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionAnswer {
    /// What it is called.
    id: String,
    /// When it began.
    created: String,
    /// When it was last used, to the minute.
    used: String,
    /// When it ends at the latest.
    expires: String,
    /// What the browser says it is.
    agent: String,
    /// What was proved: `password`, `totp`, `recovery_code`; `chosen` in a demo.
    proofs: Vec<String>,
}

/// The open sessions of the account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionsAnswer {
    /// Oldest first.
    sessions: Vec<SessionAnswer>,
}

/// A token of the account; its text is shown only when it is made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenAnswer {
    /// What it is called.
    id: String,
    /// What its owner calls it.
    name: String,
    /// `read` or `read_and_file`.
    scope: &'static str,
    /// When it was made.
    created: String,
    /// When it ends.
    expires: String,
    /// When it was last used, to the minute; null where never.
    used: Option<String>,
    /// When it was revoked; null where it was not.
    revoked: Option<String>,
}

/// The tokens of the account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokensAnswer {
    /// Oldest first, those that are over included.
    tokens: Vec<TokenAnswer>,
}

impl From<SessionView> for SessionAnswer {
    fn from(view: SessionView) -> SessionAnswer {
        SessionAnswer {
            id: view.id,
            created: view.created.to_string(),
            used: view.used.to_string(),
            expires: view.expires.to_string(),
            agent: view.agent,
            proofs: view.proofs.split(' ').map(str::to_owned).collect(),
        }
    }
}

impl From<TokenView> for TokenAnswer {
    fn from(view: TokenView) -> TokenAnswer {
        TokenAnswer {
            id: view.id,
            name: view.name,
            scope: Scope::code(view.scope),
            created: view.created.to_string(),
            expires: view.expires.to_string(),
            used: view.used.map(|used| used.to_string()),
            revoked: view.revoked.map(|revoked| revoked.to_string()),
        }
    }
}

/// The open sessions of the account.
#[utoipa::path(
    get,
    path = "/api/v1/me/sessions",
    operation_id = "sessions",
    tag = "account",
    responses((status = 200, description = "The sessions", body = SessionsAnswer)),
)]
pub(crate) async fn sessions(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    let account = &visit.actor.account;
    visit.allow(Resource::Account(account))?;
    let found = hall.people.sessions(account, hall.now());
    let found = found.map_err(|error| stop(visit.text(), error))?;
    json(&headers, &SessionsAnswer { sessions: found.into_iter().map(Into::into).collect() })
}

/// Ends a session of the account; with a token of scope `read_and_file`.
#[utoipa::path(
    delete,
    path = "/api/v1/me/sessions/{id}",
    operation_id = "session_end",
    tag = "account",
    params(("id" = String, Path, description = "What the session is called")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 404, description = "No such session of this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn session_end(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    off_thread(move || shared.people.session_end(here.by(), &id, now))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The tokens of the account.
#[utoipa::path(
    get,
    path = "/api/v1/me/tokens",
    operation_id = "tokens",
    tag = "account",
    responses((status = 200, description = "The tokens", body = TokensAnswer)),
)]
pub(crate) async fn tokens(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    let account = &visit.actor.account;
    visit.allow(Resource::Account(account))?;
    let found = hall.people.tokens(account).map_err(|error| stop(visit.text(), error))?;
    json(&headers, &TokensAnswer { tokens: found.into_iter().map(Into::into).collect() })
}

/// Revokes a token of the account; with a token of scope `read_and_file`, which may be the same.
#[utoipa::path(
    delete,
    path = "/api/v1/me/tokens/{id}",
    operation_id = "token_revoke",
    tag = "account",
    params(("id" = String, Path, description = "What the token is called")),
    responses(
        (status = 204, description = "It is revoked"),
        (status = 404, description = "No such token of this account that is good", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn token_revoke(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    off_thread(move || shared.people.token_revoke(here.by(), &here.actor.account, &id, now))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
