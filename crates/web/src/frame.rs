//! The frame around every route: who is visiting, the gate of the route, and how the answer leaves.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::people::{Assurance, PeopleError, Scope, Visitor};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, Entry, HeaderName, HeaderValue, LOCATION,
    RETRY_AFTER, SET_COOKIE, USER_AGENT, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::authorisation::{Action, Actor, Role};

use crate::config::{Hall, Shared};
use crate::form::{encoded, fields};
use crate::recorder::{Looked, Read, resource};
use crate::routes::{Door, Route};
use crate::secret::{hex, random_text};
use crate::stop::{Stop, fault};
use crate::text::Language;
use crate::visit::{Caller, Density, Source, Theme, Visit, cookie};
use crate::{api, pages};

/// Name of the session cookie.
pub(crate) const SESSION: &str = "gd_session";
/// Name of the visitor cookie, to which forms are bound.
const VISITOR: &str = "gd_visitor";
/// How long to wait when as many imports are under way as there may be.
const IMPORT_WAIT_SECONDS: u32 = 5;
/// A year: how long a preference is kept.
const YEAR_SECONDS: u32 = 31_536_000;

/// No inline script or style, nothing from elsewhere, no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// On whatever a browser shows. An answer of the API that is no page needs the first four only, and a
/// policy under which it may load nothing (OWASP REST Security Cheat Sheet, "Security Headers").
const SECURITY_HEADERS: [(HeaderName, &str); 8] = [
    (HeaderName::from_static("content-security-policy"), CONTENT_SECURITY_POLICY),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("x-frame-options"), "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("referrer-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
];

const SECURITY_HEADERS_API: usize = 4;
const CONTENT_SECURITY_POLICY_API: &str = "default-src 'none'; frame-ancestors 'none'";

/// Adds the headers that an answer does not bring itself.
fn headers_add(headers: &mut HeaderMap, program: bool) {
    let (count, policy) = if program {
        (SECURITY_HEADERS_API, CONTENT_SECURITY_POLICY_API)
    } else {
        (SECURITY_HEADERS.len(), CONTENT_SECURITY_POLICY)
    };
    headers.reserve(SECURITY_HEADERS.len() + 2);
    for (name, value) in SECURITY_HEADERS.iter().take(count) {
        let value = if *value == CONTENT_SECURITY_POLICY { policy } else { value };
        // A download brings a policy of its own, which is stricter.
        if let Entry::Vacant(place) = headers.entry(name) {
            place.insert(HeaderValue::from_static(value));
        }
    }
    if let Entry::Vacant(place) = headers.entry(CACHE_CONTROL) {
        place.insert(HeaderValue::from_static("no-store"));
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// A `Set-Cookie` value; `seconds` of 0 removes it, nothing keeps it while the browser runs.
pub(crate) fn cookie_set(shared: &Shared, name: &str, value: &str, seconds: Option<u32>) -> String {
    let age = seconds.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
    let secure = if shared.config.https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}")
}

/// A `Set-Cookie` value that keeps a preference for a year.
pub(crate) fn preference_set(shared: &Shared, name: &str, value: &str) -> String {
    cookie_set(shared, name, value, Some(YEAR_SECONDS))
}

/// Who acts, and what shows it.
struct Found {
    actor: Actor,
    scope: Option<Scope>,
    visitor: Option<Visitor>,
}

/// Who acts: by bearer token, or by session. The API takes a session for reading only.
fn actor_find(hall: &Hall, request: &Request, session: &str) -> Result<Found, Stop> {
    let api = request.uri().path().starts_with("/api/");
    let bearer = header(request.headers(), &AUTHORIZATION);
    if api && let Some(text) = bearer.strip_prefix("Bearer ") {
        let text = text.trim().to_owned();
        let found = hall.people.token(&text, hall.now()).map_err(|error| fault(&error))?;
        let Some(found) = found else { return Ok(nobody()) };
        if found.touch {
            let (people, now) = (hall.people.clone(), hall.now());
            note(move || people.token_touch(&text, now));
        }
        return Ok(Found { actor: found.actor, scope: Some(found.scope), visitor: None });
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if session.is_empty() || (api && !reads) {
        return Ok(nobody());
    }
    let found = hall.people.session(session, hall.now()).map_err(|error| fault(&error))?;
    let Some(visitor) = found else { return Ok(nobody()) };
    if visitor.touch {
        let (people, now, text) = (hall.people.clone(), hall.now(), session.to_owned());
        note(move || people.session_touch(&text, now));
    }
    // Who owes a second factor is nobody yet.
    let actor = match visitor.assurance {
        Assurance::Awaiting => Actor::public(),
        Assurance::One | Assurance::Two => visitor.actor.clone(),
    };
    Ok(Found { actor, scope: None, visitor: Some(visitor) })
}

fn nobody() -> Found {
    Found { actor: Actor::public(), scope: None, visitor: None }
}

/// Notes a use beside the request: it waits for the disk, the visitor need not.
fn note(touch: impl FnOnce() -> Result<(), PeopleError> + Send + 'static) {
    tokio::task::spawn_blocking(move || {
        if let Err(error) = touch() {
            tracing::warn!(%error, "the time of a use could not be noted");
        }
    });
}

/// The address that a request comes from. Behind a proxy it is the last that the proxy names: what stands
/// before it is what the visitor claims.
fn source_of(hall: &Hall, request: &Request) -> Source {
    if hall.config.https {
        let name = HeaderName::from_static("x-forwarded-for");
        let last = header(request.headers(), &name).rsplit(',').next().unwrap_or("").trim();
        return Source::Forwarded(last.to_owned());
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(Source::Unknown, |peer| Source::Peer(peer.0.ip()))
}

fn visit_read(hall: &Hall, request: &Request) -> Result<(Visit, Vec<String>), Stop> {
    let mut cookies = Vec::new();
    let jar = header(request.headers(), &COOKIE);
    let session = cookie(jar, SESSION).unwrap_or("").to_owned();
    let Found { actor, scope, visitor: holder } = actor_find(hall, request, &session)?;
    // A program gets no cookies, and fills in no forms that would be bound to one.
    let program = request.uri().path().starts_with("/api/");
    let query = request.uri().query().filter(|query| query.contains("lang=")).unwrap_or("");
    let query = fields(query.as_bytes());
    let asked = query.iter().find(|f| f.0 == "lang").and_then(|f| Language::parse(&f.1));
    if let Some(language) = asked {
        cookies.push(preference_set(hall, "gd_lang", language.code()));
    }
    let language = asked
        .or_else(|| cookie(jar, "gd_lang").and_then(Language::parse))
        .or_else(|| {
            Language::accepted(header(
                request.headers(),
                &HeaderName::from_static("accept-language"),
            ))
        })
        .unwrap_or(Language::English);
    let visitor = match cookie(jar, VISITOR).filter(|text| text.len() == 64) {
        Some(text) => text.to_owned(),
        None if program => String::new(),
        None => {
            let text = random_text().unwrap_or_default();
            cookies.push(cookie_set(hall, VISITOR, &text, None));
            text
        }
    };
    let here = request.uri().path_and_query().map_or("/", |part| part.as_str()).to_owned();
    let visit = Visit::new(Caller {
        actor,
        name: holder.as_ref().map_or(String::new(), |holder| holder.name.clone()),
        local_name: holder.as_ref().map_or(String::new(), |holder| holder.local_name.clone()),
        acting_for_name: holder
            .as_ref()
            .map_or(String::new(), |holder| holder.acting_for_name.clone()),
        assurance: holder.as_ref().map(|holder| holder.assurance),
        fresh: holder.as_ref().is_some_and(|holder| holder.fresh),
        session_id: holder.as_ref().map_or(String::new(), |holder| hex(&holder.session_id)),
        agent: header(request.headers(), &USER_AGENT).to_owned(),
        source: source_of(hall, request),
        address: OnceLock::new(),
        token_scope: scope,
        session,
        visitor,
        language,
        theme: cookie(jar, "gd_theme").and_then(Theme::parse).unwrap_or(Theme::System),
        density: cookie(jar, "gd_density").and_then(Density::parse).unwrap_or(Density::Comfortable),
        here,
        asked: AtomicBool::new(false),
        looked: Looked::default(),
    });
    Ok((visit, cookies))
}

/// Around everything: reads the visit, dresses what was stopped, adds the headers, counts.
pub(crate) async fn attend(State(hall): State<Hall>, mut request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let path = uri.path();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (visit, cookies) = match visit_read(&hall, &request) {
        Ok(read) => read,
        Err(stop) => return stop.into_response(),
    };
    request.extensions_mut().insert(visit.clone());
    let start = hall.now();
    let mut response = next.run(request).await;
    let plain = header(response.headers(), &CONTENT_TYPE).starts_with("text/plain");
    let bare = plain || response.headers().get(CONTENT_TYPE).is_none();
    let stop = response
        .extensions_mut()
        .remove::<Stop>()
        .or_else(|| if bare { Stop::of_status(response.status()) } else { None });
    let ops = matches!(path, "/healthz" | "/readyz" | "/metrics");
    if let Some(stop) = stop.filter(|_| !ops) {
        response = dressed(&hall, &visit, &method, path, &stop);
    }
    let html = header(response.headers(), &CONTENT_TYPE).starts_with("text/html");
    let response_leads = response.status().is_redirection();
    let headers = response.headers_mut();
    headers_add(headers, path.starts_with("/api/") && !html);
    if hall.config.https {
        let name = HeaderName::from_static("strict-transport-security");
        headers.insert(name, HeaderValue::from_static("max-age=63072000"));
    }
    // Also where a visit begins with a way to an identity provider: what it brings back is bound to them.
    if html || response_leads {
        let values = cookies.iter().filter_map(|text| HeaderValue::from_str(text).ok());
        values.for_each(|value| {
            headers.append(SET_COOKIE, value);
        });
    }
    let micros = hall.now().us() - start.us();
    let route = route.as_ref().map_or("none", |route| route.as_str());
    let status = response.status();
    tracing::debug!(%method, route, status = status.as_u16(), micros, "a request was answered");
    hall.metrics.count(route, &method, status, micros);
    response
}

/// How a stop leaves: to the sign-in, as a page, or as a problem.
fn dressed(hall: &Hall, visit: &Visit, method: &Method, path: &str, stop: &Stop) -> Response {
    if matches!(stop, Stop::Fault) {
        hall.faults.fetch_add(1, Ordering::Relaxed);
    }
    let mut response = if path.starts_with("/api/") {
        api::problem(stop, path)
    } else if let Some(door) = stop.door() {
        // Back to where it stopped; a form is sent again from its page.
        let here = match (stop, method) {
            (Stop::ProveAgain, &Method::POST) => "/account",
            _ => &visit.here,
        };
        let to = format!("{door}?to={}", encoded(here));
        (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
    } else {
        pages::error::show(hall, visit, stop)
    };
    if let Stop::TooMany(seconds) = stop {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
    }
    if matches!(stop, Stop::SignIn) && path.starts_with("/api/") {
        let value = HeaderValue::from_static("Bearer realm=\"gadolin\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}

/// In front of one route: tells the visit the route's action, turns away who is not signed in,
/// limits the time, and fails an answer whose handler never asked whether it was allowed.
pub(crate) async fn gate(
    State((hall, row)): State<(Hall, &'static Route)>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(visit) = request.extensions_mut().get_mut::<Visit>() else {
        return Stop::Fault.into_response();
    };
    visit.action = Some(row.action);
    if visit.actor.role == Role::Public && !row.action.open() {
        return Stop::SignIn.into_response();
    }
    if visit.assurance == Some(Assurance::One)
        && !matches!(row.action, Action::ReadOwnAccount | Action::ChangeOwnAccount)
        && !row.action.open()
    {
        return Stop::SecondFactor.into_response();
    }
    let changes = row.method != "GET" && row.action != Action::ReadPublic;
    if visit.token_scope == Some(Scope::Read)
        && (changes || matches!(row.action, Action::File | Action::ChangeOwnAccount))
    {
        return Stop::NotFound.into_response();
    }
    if visit.actor.role != Role::Public
        && !row.action.open()
        && row.door != Door::Border
        && let Err(seconds) = hall.pace.take(&visit.actor.account, hall.now())
    {
        return Stop::TooMany(seconds).into_response();
    }
    let visit = visit.clone();
    let (at_us, uri) = (hall.now().us(), request.uri().clone());
    let _place = match (row.door, row.method) {
        (Door::Import | Door::ApiImport, "POST") => match hall.imports.try_acquire() {
            Ok(place) => Some(place),
            Err(_) => return Stop::TooMany(IMPORT_WAIT_SECONDS).into_response(),
        },
        _ => None,
    };
    let limits = hall.config.limits;
    let seconds = match row.door {
        Door::Import | Door::Document | Door::ApiImport | Door::ApiDocument => {
            limits.import_seconds
        }
        Door::Page | Door::Api | Door::Border | Door::Ops => limits.request_seconds,
    };
    let answer = async {
        let response = next.run(request).await;
        // What stopped shows nothing. An answer leaves only when its reads are in the recorder's hands.
        if response.extensions().get::<Stop>().is_none() {
            let parties = visit.looked.take();
            if !parties.is_empty() {
                let read = Read {
                    at_us,
                    account: visit.actor.account.clone(),
                    role: visit.actor.role,
                    action: row.action,
                    resource: resource(row.path, uri.path()),
                    parties,
                };
                if let Err(stop) = hall.recorder.record(read).await {
                    return stop.into_response();
                }
            }
        }
        response
    };
    match tokio::time::timeout(Duration::from_secs(seconds), answer).await {
        Err(_) => Stop::TooSlow.into_response(),
        Ok(response) if response.status().is_success() && !visit.asked.load(Ordering::Relaxed) => {
            fault(&format_args!("{} {} never asked", row.method, row.path)).into_response()
        }
        Ok(response) => response,
    }
}
