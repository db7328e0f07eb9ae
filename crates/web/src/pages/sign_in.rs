//! Signing in and out: a password, then a second factor on a page of its own; or, in a demo, a choice.

use app::people::{Assurance, Attempt, PersonRecord, SeedPerson, SessionOpened};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::{HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::{Hall, SignIn};
use crate::form::{Form, encoded};
use crate::frame::{SESSION, cookie_set, preference_set};
use crate::ledger::off_thread;
use crate::page::{Page, address_own, html, name_of};
use crate::pages::oidc::provider_left;
use crate::pages::ways::{Ways, fault_of};
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::{Language, Text};
use crate::visit::Visit;

struct Card {
    key: String,
    name: String,
    role: String,
    about: String,
}

impl Card {
    fn new(t: &Text, person: &PersonRecord, seed: &SeedPerson) -> Card {
        let about = match t.language {
            Language::English => &seed.about_en,
            Language::Chinese => &seed.about_zh,
        };
        Card {
            key: person.account.clone(),
            name: name_of(t.language, &person.name, &person.local_name).to_owned(),
            role: t.code("role", person.role.code(), ""),
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
    ways: Ways,
    faults: Vec<FieldFault>,
}

#[derive(Template)]
#[template(path = "second.html")]
struct SecondPage {
    page: Page,
    to: String,
    ways: Ways,
    faults: Vec<FieldFault>,
}

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    pub(crate) to: String,
    /// What went wrong at an identity provider.
    #[serde(default)]
    fault: String,
    /// At which.
    #[serde(default)]
    provider: String,
    /// The identity provider where the visitor may still be signed in.
    #[serde(default)]
    left: String,
}

fn page(
    hall: &Hall,
    visit: &Visit,
    wish: &str,
    account: &str,
    faults: Vec<FieldFault>,
) -> Result<SignInPage, Stop> {
    let t = visit.text();
    let mut page = Page::new(hall, visit, t.get("sign-in-title"));
    page.faulty = !faults.is_empty();
    let mut accounts = Vec::new();
    let choose = match &hall.config.sign_in {
        SignIn::Password => false,
        SignIn::Choose(seeds) => {
            let persons = hall.people.persons().map_err(|error| fault(&error))?;
            accounts.extend(seeds.iter().filter_map(|seed| {
                let person = persons.iter().find(|person| person.account == seed.key)?;
                Some(Card::new(t, person, seed))
            }));
            true
        }
    };
    Ok(SignInPage {
        page,
        choose,
        accounts,
        account: account.to_owned(),
        to: address_own(wish).to_owned(),
        ways: Ways::new(hall, visit, wish, ""),
        faults,
    })
}

/// `GET /sign-in`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wish): Query<Wish>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let faults = fault_of(&hall, &visit, &wish.fault, &wish.provider);
    let mut page = page(&hall, &visit, &wish.to, "", faults)?;
    page.ways = Ways::new(&hall, &visit, &wish.to, &wish.left);
    html(StatusCode::OK, &page)
}

/// The form of the sign-in.
#[derive(Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    account: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    to: String,
}

/// `POST /sign-in`: opens a session. A wrong account and a wrong password look the same and take the
/// same work.
pub(crate) async fn enter(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let Entry { account, password, to } = entry;
    let typed = account.clone();
    let chosen = match &hall.config.sign_in {
        SignIn::Choose(seeds) => Some(seeds.iter().any(|seed| seed.key == account)),
        SignIn::Password => None,
    };
    let work = move || {
        let attempt = here.attempt(&account);
        match chosen {
            Some(true) => shared.people.sign_in_chosen(&attempt, &moment),
            Some(false) => Err(app::people::Refusal::SignInWrong.into()),
            None => shared.people.sign_in(&attempt, &password, &moment),
        }
    };
    match hall.hashing.run(work).await? {
        Ok(opened) => Ok(entered(&hall, &opened, &to)),
        Err(error) => {
            let faults = faults(visit.text(), error)?;
            let page = page(&hall, &visit, &to, &typed, faults)?;
            html(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// To where a session that was opened leads: to the page asked for, or to what is still owed.
pub(crate) fn entered(hall: &Hall, opened: &SessionOpened, to: &str) -> Response {
    // Whoever signed in from a new browser is written to.
    hall.jobs_wake.notify_one();
    let to = address_own(to);
    let to = match opened.assurance {
        Assurance::Awaiting => format!("/sign-in/second?to={}", encoded(to)),
        Assurance::One => "/account/second-factor".to_owned(),
        Assurance::Two => to.to_owned(),
    };
    let mut response = leading(to, &cookie_set(hall, SESSION, &opened.text, None));
    if let Some(language) = Language::parse(&opened.language) {
        let cookie = preference_set(hall, "gd_lang", language.code());
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}

fn second_page(hall: &Hall, visit: &Visit, wish: &str, faults: Vec<FieldFault>) -> SecondPage {
    let mut page = Page::new(hall, visit, visit.text().get("second-title"));
    page.faulty = !faults.is_empty();
    let ways = Ways::new(hall, visit, wish, "");
    SecondPage { page, to: address_own(wish).to_owned(), ways, faults }
}

/// `GET /sign-in/second`: asks for the second factor that the session awaits.
pub(crate) async fn second_show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wish): Query<Wish>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    if visit.assurance != Some(Assurance::Awaiting) {
        return Err(Stop::SignIn);
    }
    html(StatusCode::OK, &second_page(&hall, &visit, &wish.to, Vec::new()))
}

/// The form of the second factor.
#[derive(Deserialize)]
pub(crate) struct SecondEntry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    to: String,
}

/// `POST /sign-in/second`: signs in.
pub(crate) async fn second_enter(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<SecondEntry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    if visit.assurance != Some(Assurance::Awaiting) {
        return Err(Stop::SignIn);
    }
    let moment = moment(hall.now())?;
    let (shared, here, code) = (hall.clone(), visit.clone(), entry.code);
    let done =
        off_thread(move || shared.people.second_factor(&here.attempt(""), &code, &moment)).await?;
    match done {
        Ok(opened) => Ok(entered(&hall, &opened, &entry.to)),
        Err(error) => {
            let faults = faults(visit.text(), error)?;
            let page = second_page(&hall, &visit, &entry.to, faults);
            html(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// `POST /sign-out`: ends the session.
pub(crate) async fn leave(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let (shared, now, text) = (hall.clone(), hall.now(), visit.session.clone());
    off_thread(move || shared.people.sign_out(&text, now))
        .await?
        .map_err(|error| stop(visit.text(), error))?;
    let gone = cookie_set(&hall, SESSION, "", Some(0));
    let Some((provider, forget)) = provider_left(&hall, &headers) else {
        return Ok(leading("/sign-in".to_owned(), &gone));
    };
    let mut response = leading(format!("/sign-in?left={provider}"), &gone);
    if let Ok(value) = HeaderValue::from_str(&forget) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    Ok(response)
}

/// An answer that leads on and sets a cookie.
pub(crate) fn leading(to: String, cookie: &str) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

impl Visit {
    /// A try to sign in from this visit.
    pub(crate) fn attempt<'a>(&'a self, account: &'a str) -> Attempt<'a> {
        Attempt { account, agent: &self.agent, address: self.address(), before: &self.session }
    }
}
