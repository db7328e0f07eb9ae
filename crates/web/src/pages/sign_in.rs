//! Signing in and out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use serde::Deserialize;

use crate::account::{Account, equal_constant_time, hash, role_code};
use crate::config::{Hall, SignIn};
use crate::form::Form;
use crate::frame::{SESSION, cookie_set};
use crate::page::{Page, address_own, html};
use crate::stop::{FieldFault, Stop};
use crate::text::{Language, Text};
use crate::visit::Visit;

struct Card {
    key: String,
    name: String,
    role: String,
    about: String,
}

impl Card {
    fn new(t: &Text, account: &Account) -> Card {
        let (name, about) = match t.language {
            Language::English => (&account.name_en, &account.about_en),
            Language::Chinese => (&account.name_zh, &account.about_zh),
        };
        Card {
            key: account.key.clone(),
            name: name.clone(),
            role: t.code("role", role_code(account.role), ""),
            about: about.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    choose: bool,
    accounts: Vec<Card>,
    account: String,
    to: String,
    faults: Vec<FieldFault>,
}

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    to: String,
}

fn page(
    hall: &Hall,
    visit: &Visit,
    wish: &str,
    account: &str,
    faults: Vec<FieldFault>,
) -> SignInPage {
    let t = visit.text();
    let mut page = Page::new(hall, visit, t.get("sign-in-title"));
    page.faulty = !faults.is_empty();
    SignInPage {
        page,
        choose: hall.config.sign_in == SignIn::Choose,
        accounts: hall.config.accounts.iter().map(|account| Card::new(t, account)).collect(),
        account: account.to_owned(),
        to: address_own(wish).to_owned(),
        faults,
    }
}

/// `GET /sign-in`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wish): Query<Wish>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    html(StatusCode::OK, &page(&hall, &visit, &wish.to, "", Vec::new()))
}

/// The form of the sign-in.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    account: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    to: String,
}

/// `POST /sign-in`: opens a session. A wrong key and a wrong secret look the same.
pub(crate) async fn enter(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let now = hall.now();
    if hall.sessions.must_wait(&entry.account, now) {
        return Err(Stop::TooMany(60));
    }
    let account = hall.account(&entry.account).filter(|account| match hall.config.sign_in {
        SignIn::Choose => true,
        SignIn::Secret => {
            account.secret.is_some_and(|secret| equal_constant_time(&secret, &hash(&entry.secret)))
        }
    });
    let Some(account) = account else {
        if hall.account(&entry.account).is_some() {
            hall.sessions.failed(&entry.account, now);
        }
        let fault = FieldFault {
            field: "account".to_owned(),
            code: "sign_in_wrong",
            message: visit.text().get("sign-in-wrong"),
            accepted: String::new(),
        };
        let page = page(&hall, &visit, &entry.to, &entry.account, vec![fault]);
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    // A session from before is another's or of another role: it ends, and its text is never reused.
    hall.sessions.close(&visit.session);
    let text = hall.sessions.open(account.actor(), now).ok_or(Stop::Fault)?;
    tracing::info!(account = %account.key, "an account signed in");
    let to = address_own(&entry.to).to_owned();
    Ok(leading(to, &cookie_set(&hall, SESSION, &text, None)))
}

/// `POST /sign-out`: ends the session.
pub(crate) async fn leave(
    State(hall): State<Hall>,
    visit: Visit,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    hall.sessions.close(&visit.session);
    Ok(leading("/sign-in".to_owned(), &cookie_set(&hall, SESSION, "", Some(0))))
}

fn leading(to: String, cookie: &str) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}
