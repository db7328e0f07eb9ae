//! Sign-in at an identity provider, at the doors: there and back, linking one's own, and leaving.
//!
//! The way there is a link: a form that led to another host would be stopped by our own content security
//! policy. Linking begins with a form that carries our token, so that nobody is made to link what is
//! somebody else's, and then shows that link.

use app::people::{IdentityProved, PeopleError};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::authorisation::{Resource, Role};
use serde::Deserialize;

use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::frame::cookie_set;
use crate::ledger::off_thread;
use crate::oidc::{Callback, Identity, Oidc, Purpose};
use crate::page::{Page, address_own, html};
use crate::pages::sign_in::{Wish, entered};
use crate::pages::ways::Way;
use crate::secret::moment;
use crate::stop::{Stop, fault};
use crate::visit::{Visit, cookie};

/// Names the provider by which the visitor signed in, so that leaving can lead there.
const PROVIDER: &str = "gd_provider";

#[derive(Template)]
#[template(path = "oidc_go.html")]
struct GoPage {
    page: Page,
    name: String,
    address: String,
}

fn oidc(hall: &Hall) -> Result<&Oidc, Stop> {
    hall.oidc.as_ref().ok_or(Stop::NotFound)
}

fn leading(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

/// Back to where it began, with what went wrong.
fn failed(page: &str, code: &str, provider: &str) -> Response {
    leading(format!("{page}?fault={code}&provider={}", encoded(provider)))
}

/// Whether another site sent the visitor here (Fetch Metadata, `Sec-Fetch-Site`). At a provider where one
/// is still signed in, that alone would open a session that nobody asked for (ASVS 5.0, 7.6.2).
fn from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get(HeaderName::from_static("sec-fetch-site"));
    let site = site.and_then(|value| value.to_str().ok());
    matches!(site, Some("cross-site" | "same-site"))
}

/// `GET /sign-in/oidc/{provider}`: leads to the provider; to our own sign-in whoever did not choose it there.
pub(crate) async fn begin(
    State(hall): State<Hall>,
    visit: Visit,
    Path(provider): Path<String>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    if from_elsewhere(&headers) {
        return Ok(leading(format!("/sign-in?to={}", encoded(address_own(&wish.to)))));
    }
    let to = Purpose::SignIn { to: address_own(&wish.to).to_owned() };
    let begun = oidc(&hall)?.begin(&provider, &visit.visitor, to, hall.now()).await;
    match begun.ok_or(Stop::NotFound)? {
        Ok(url) => Ok(leading(url.to_string())),
        Err(why) => Ok(failed("/sign-in", why.code(), &provider)),
    }
}

/// `GET /sign-in/oidc/{provider}/callback`: signs in, or links, whom the provider sends back.
pub(crate) async fn callback(
    State(hall): State<Hall>,
    visit: Visit,
    Path(provider): Path<String>,
    Query(callback): Query<Callback>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let oidc = oidc(&hall)?;
    oidc.provider(&provider).ok_or(Stop::NotFound)?;
    match oidc.end(&provider, &visit.visitor, callback, hall.now()).await {
        Ok((identity, Purpose::SignIn { to })) => {
            sign_in(&hall, &visit, &provider, identity, &to).await
        }
        Ok((identity, Purpose::Link { account })) => {
            link_end(&hall, &visit, &provider, identity, &account).await
        }
        Err(why) => {
            let signed_in = visit.actor.role != Role::Public;
            let page = if signed_in { "/account" } else { "/sign-in" };
            Ok(failed(page, why.code(), &provider))
        }
    }
}

async fn sign_in(
    hall: &Hall,
    visit: &Visit,
    provider: &str,
    identity: Identity,
    to: &str,
) -> Result<Response, Stop> {
    let two_wanted = oidc(hall)?.provider(provider).is_some_and(|p| p.tells_two_factors());
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let done = off_thread(move || {
        let proved = IdentityProved {
            issuer: &identity.issuer,
            subject: &identity.subject,
            two_factors: identity.two_factors,
            two_wanted,
        };
        shared.people.identity_sign_in(&here.attempt(""), &proved, &moment)
    });
    match done.await? {
        Ok(opened) => {
            let mut response = entered(hall, &opened, to);
            let cookie = cookie_set(hall, PROVIDER, provider, None);
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(SET_COOKIE, value);
            }
            Ok(response)
        }
        Err(PeopleError::Refused(refusal)) => Ok(failed("/sign-in", refusal.code(), provider)),
        Err(error) => Err(fault(&error)),
    }
}

async fn link_end(
    hall: &Hall,
    visit: &Visit,
    provider: &str,
    identity: Identity,
    account: &str,
) -> Result<Response, Stop> {
    // Whoever began must still be signed in.
    if visit.actor.role == Role::Public || visit.actor.account != account {
        return Ok(failed("/sign-in", "over", provider));
    }
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let done = off_thread(move || {
        let Identity { issuer, subject, .. } = identity;
        shared.people.identity_link(here.by(), &here.actor.account, &issuer, &subject, &moment)
    });
    match done.await? {
        Ok(()) => Ok(leading("/account?done=identity".to_owned())),
        Err(PeopleError::Refused(refusal)) => Ok(failed("/account", refusal.code(), provider)),
        Err(error) => Err(fault(&error)),
    }
}

/// Which provider.
#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    provider: String,
}

/// `POST /account/identities`: begins to link one's account at a provider, and shows the way there.
pub(crate) async fn link(
    State(hall): State<Hall>,
    visit: Visit,
    Form(Which { provider }): Form<Which>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let t = visit.text();
    let way = Way::find(&hall, t, &provider).ok_or(Stop::NotFound)?;
    let purpose = Purpose::Link { account: visit.actor.account.clone() };
    let begun = oidc(&hall)?.begin(&provider, &visit.visitor, purpose, hall.now()).await;
    match begun.ok_or(Stop::NotFound)? {
        Ok(url) => {
            let page = Page::new(&hall, &visit, t.one("oidc-go-title", &way.name));
            html(StatusCode::OK, &GoPage { page, name: way.name, address: url.to_string() })
        }
        Err(why) => Ok(failed("/account", why.code(), &provider)),
    }
}

/// `GET /account/identities`: the page of a form that was sent, asked for again.
pub(crate) async fn link_again(visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    Ok(leading("/account".to_owned()))
}

/// `POST /account/identities/{id}/remove`.
pub(crate) async fn unlink(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    let done =
        off_thread(move || shared.people.identity_unlink(here.by(), &here.actor.account, &id, now));
    done.await?.map_err(|error| crate::refused::stop(visit.text(), error))?;
    Ok(leading("/account?done=identity_removed".to_owned()))
}

/// `GET /sign-out/oidc/{provider}`: leads to where the session at the provider is ended too.
pub(crate) async fn leave(
    State(hall): State<Hall>,
    visit: Visit,
    Path(provider): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let oidc = oidc(&hall)?;
    oidc.provider(&provider).ok_or(Stop::NotFound)?;
    match oidc.logout(&provider, hall.now()).await {
        Some(url) => Ok(leading(url.to_string())),
        None => Ok(failed("/sign-in", "unreachable", &provider)),
    }
}

/// The provider by which the visitor signed in, and the cookie that forgets it.
pub(crate) fn provider_left(hall: &Hall, headers: &HeaderMap) -> Option<(String, String)> {
    let jar = headers.get(axum::http::header::COOKIE)?.to_str().ok()?;
    let id = cookie(jar, PROVIDER)?;
    let known = hall.oidc.as_ref()?.provider(id)?;
    Some((known.id.clone(), cookie_set(hall, PROVIDER, "", Some(0))))
}
