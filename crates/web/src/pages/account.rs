//! My account: names and language, password, second factor, sessions, tokens.
//!
//! What would let somebody else in later (a password, a factor, a token) asks for a proof given lately;
//! the page for that is `/account/confirm`.

use app::people::{
    AccountView, Held, NAME_MAX, PASSWORD_MIN, PeopleError, Refusal, Scope, SessionView, TokenView,
    agent_parts,
};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use serde::Deserialize;

use crate::config::{Hall, Shared};
use crate::form::Form;
use crate::frame::{SESSION, cookie_set, preference_set};
use crate::ledger::off_thread;
use crate::page::{Page, address_own, html};
use crate::pages::sign_in::{Wish, entered, leading};
use crate::pages::ways::{Keys, Ways, fault_of};
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::{Language, Text};
use crate::visit::Visit;

/// How long a token lives that is made without saying so.
const TOKEN_DAYS: u32 = 365;

struct SessionRow {
    id: String,
    what: String,
    began: String,
    used: String,
    proofs: String,
    here: bool,
}

struct TokenRow {
    id: String,
    name: String,
    scope: String,
    expires: String,
    used: String,
    good: bool,
    revoked: bool,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    account: AccountView,
    role: String,
    party: String,
    fresh: bool,
    sessions: Vec<SessionRow>,
    tokens: Vec<TokenRow>,
    token_days: u32,
    password_min: u64,
    recovery_codes: u64,
    name_max: usize,
    keys: Keys,
    done: String,
    faults: Vec<FieldFault>,
}

/// A text that is shown this once.
#[derive(Template)]
#[template(path = "once.html")]
pub(crate) struct OncePage {
    pub(crate) page: Page,
    pub(crate) about: String,
    pub(crate) texts: Vec<String>,
    pub(crate) back: String,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    page: Page,
    to: String,
    totp: bool,
    password: bool,
    ways: Ways,
    faults: Vec<FieldFault>,
}

/// A browser and its system out of what it says it is; what is not known is not shown.
fn agent_words(t: &Text, agent: &str) -> String {
    match agent_parts(agent) {
        (Some(browser), Some(system)) => t.two("session-agent", browser, system),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => t.get("session-agent-unknown"),
    }
}

fn session_row(t: &Text, visit: &Visit, session: &SessionView) -> SessionRow {
    let proofs: Vec<String> =
        session.proofs.split(' ').map(|code| t.code("proof", code, code)).collect();
    SessionRow {
        here: session.id == visit.session_id,
        id: session.id.clone(),
        what: agent_words(t, &session.agent),
        began: show::instant(t, session.created),
        used: show::instant(t, session.used),
        proofs: proofs.join(" + "),
    }
}

fn token_row(t: &Text, hall: &Shared, token: &TokenView) -> TokenRow {
    TokenRow {
        id: token.id.clone(),
        name: token.name.clone(),
        scope: t.code("scope", token.scope.code(), ""),
        expires: show::instant(t, token.expires),
        used: token.used.map_or_else(|| t.get("token-unused"), |used| show::instant(t, used)),
        good: token.revoked.is_none() && token.expires > hall.now(),
        revoked: token.revoked.is_some(),
    }
}

pub(crate) fn page(
    hall: &Hall,
    visit: &Visit,
    done: &str,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let key = &visit.actor.account;
    let read = || {
        let account = hall.people.account(key)?;
        let sessions = hall.people.sessions(key, hall.now())?;
        Ok::<_, PeopleError>((account, sessions, hall.people.tokens(key)?))
    };
    let (account, mut sessions, mut tokens) = read().map_err(|error| stop(t, error))?;
    sessions.reverse();
    tokens.reverse();
    let mut page = Page::new(hall, visit, t.get("account-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let done = match done {
        "profile" => t.get("account-done-profile"),
        "password" => t.get("account-done-password"),
        "sessions" => t.get("account-done-sessions"),
        "token" => t.get("account-done-token"),
        "factor" => t.get("account-done-factor"),
        "passkey" => t.get("account-done-passkey"),
        "passkey_removed" => t.get("account-done-passkey-removed"),
        "identity" => t.get("account-done-identity"),
        "identity_removed" => t.get("account-done-identity-removed"),
        _ => String::new(),
    };
    let template = AccountPage {
        page,
        role: t.code("role", account.person.role.code(), ""),
        party: account.person.party.clone().unwrap_or_default(),
        fresh: visit.fresh,
        sessions: sessions.iter().map(|row| session_row(t, visit, row)).collect(),
        tokens: tokens.iter().map(|row| token_row(t, hall, row)).collect(),
        token_days: TOKEN_DAYS,
        password_min: PASSWORD_MIN as u64,
        recovery_codes: u64::from(account.recovery_codes),
        name_max: NAME_MAX,
        keys: Keys::read(hall, visit).map_err(|error| stop(t, error))?,
        account,
        done,
        faults,
    };
    html(status, &template)
}

/// What was just done.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
    /// What went wrong at an identity provider.
    #[serde(default)]
    fault: String,
    /// At which.
    #[serde(default)]
    provider: String,
}

/// `GET /account`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(done): Query<Done>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let faults = fault_of(&hall, &visit, &done.fault, &done.provider);
    page(&hall, &visit, &done.done, faults)
}

fn to_account(done: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, format!("/account?done={done}"))]).into_response()
}

/// What happened: back to the account, or the account with the faults.
fn answered(
    hall: &Hall,
    visit: &Visit,
    result: Result<(), PeopleError>,
    done: &str,
) -> Result<Response, Stop> {
    match result {
        Ok(()) => Ok(to_account(done)),
        Err(error) => page(hall, visit, "", faults(visit.text(), error)?),
    }
}

/// Names and language.
#[derive(Deserialize)]
pub(crate) struct Profile {
    #[serde(default)]
    name: String,
    #[serde(default)]
    local_name: String,
    #[serde(default)]
    language: String,
}

/// `POST /account`: changes names and language.
pub(crate) async fn profile(
    State(hall): State<Hall>,
    visit: Visit,
    Form(profile): Form<Profile>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let language = Language::parse(&profile.language);
    let code = language.map_or("", Language::code);
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    let done = off_thread(move || {
        shared.people.profile_change(here.by(), &profile.name, &profile.local_name, code, now)
    })
    .await?;
    match (done, language) {
        (Ok(()), Some(language)) => {
            let to = "/account?done=profile".to_owned();
            Ok(leading(to, &preference_set(&hall, "gd_lang", language.code())))
        }
        (done, _) => answered(&hall, &visit, done, "profile"),
    }
}

/// The present password and the new one, twice.
#[derive(Deserialize)]
pub(crate) struct Passwords {
    #[serde(default)]
    present: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    repeated: String,
}

/// `POST /account/password`: changes the password; all other sessions end.
pub(crate) async fn password(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Passwords>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let work = move || {
        if entry.password != entry.repeated {
            return Err(Refusal::PasswordsDiffer.into());
        }
        let held = here.held();
        shared.people.password_change(here.by(), &entry.present, &entry.password, &held, &moment)
    };
    match hall.hashing.run(work).await? {
        Ok(opened) => {
            let to = "/account?done=password".to_owned();
            Ok(leading(to, &cookie_set(&hall, SESSION, &opened.text, None)))
        }
        Err(error) => page(&hall, &visit, "", faults(visit.text(), error)?),
    }
}

fn confirm_page(
    hall: &Hall,
    visit: &Visit,
    wish: &str,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let account = hall.people.account(&visit.actor.account).map_err(|error| stop(t, error))?;
    let mut page = Page::new(hall, visit, t.get("confirm-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let to = address_own(if wish.is_empty() { "/account" } else { wish }).to_owned();
    let ways = Ways::new(hall, visit, &to, "");
    let (totp, password) = (account.totp, account.password);
    html(status, &ConfirmPage { page, to, totp, password, ways, faults })
}

/// `GET /account/confirm`: asks again who it is.
pub(crate) async fn confirm_show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wish): Query<Wish>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    confirm_page(&hall, &visit, &wish.to, Vec::new())
}

/// The form that proves again.
#[derive(Deserialize)]
pub(crate) struct Proofs {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    to: String,
}

/// `POST /account/confirm`: proves again, and the session gets a new text.
pub(crate) async fn confirm(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Proofs>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let Proofs { password, code, to } = entry;
    let work = move || {
        let attempt = here.attempt(&here.actor.account);
        shared.people.prove_again(&attempt, &password, &code, &moment)
    };
    match hall.hashing.run(work).await? {
        Ok(opened) => Ok(entered(&hall, &opened, &to)),
        Err(error) => {
            let mut faults = faults(visit.text(), error)?;
            // The form has no field for the account: it is known.
            faults.iter_mut().for_each(|fault| "password".clone_into(&mut fault.field));
            confirm_page(&hall, &visit, &to, faults)
        }
    }
}

/// `POST /account/sessions/{id}/end`.
pub(crate) async fn session_end(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    // Whoever holds a stolen session must not shut its owner out.
    visit.proved_lately()?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    let done = off_thread(move || shared.people.session_end(here.by(), &id, now)).await?;
    answered(&hall, &visit, done, "sessions")
}

/// `POST /account/sessions/end-others`.
pub(crate) async fn sessions_end(
    State(hall): State<Hall>,
    visit: Visit,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    let done = off_thread(move || shared.people.sessions_end_others(here.by(), &here.session, now))
        .await?;
    answered(&hall, &visit, done.map(|_| ()), "sessions")
}

/// A token to be made.
#[derive(Deserialize)]
pub(crate) struct NewToken {
    #[serde(default)]
    token_name: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    days: String,
}

/// `POST /account/tokens`: makes a token and shows it this once.
pub(crate) async fn token_make(
    State(hall): State<Hall>,
    visit: Visit,
    Form(new): Form<NewToken>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    let (shared, here) = (hall.clone(), visit.clone());
    let made = off_thread(move || {
        let scope = Scope::parse(&new.scope).unwrap_or(Scope::Read);
        // What is no number is refused like a number that may not be.
        let days = if new.days.is_empty() { TOKEN_DAYS } else { new.days.parse().unwrap_or(0) };
        let account = &here.actor.account;
        shared.people.token_make(here.by(), account, &new.token_name, scope, days, &moment)
    })
    .await?;
    match made {
        Ok(text) => {
            let words = ("token-once-title", "token-once-text");
            once(&hall, &visit, words, vec![text], "/account".to_owned())
        }
        Err(error) => page(&hall, &visit, "", faults(visit.text(), error)?),
    }
}

/// A page that shows texts this once.
pub(crate) fn once(
    hall: &Hall,
    visit: &Visit,
    (title, about): (&str, &str),
    texts: Vec<String>,
    back: String,
) -> Result<Response, Stop> {
    let t = visit.text();
    let page = Page::new(hall, visit, t.get(title));
    html(StatusCode::OK, &OncePage { page, about: t.get(about), texts, back })
}

/// `POST /account/tokens/{id}/revoke`.
pub(crate) async fn token_revoke(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Account(&visit.actor.account))?;
    let (shared, here, now) = (hall.clone(), visit.clone(), hall.now());
    let done =
        off_thread(move || shared.people.token_revoke(here.by(), &here.actor.account, &id, now))
            .await?;
    answered(&hall, &visit, done, "token")
}

impl Visit {
    /// The session in which something is done.
    pub(crate) fn held(&self) -> Held<'_> {
        Held { text: &self.session, agent: &self.agent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_in_words() {
        let t = Language::English.text();
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(agent_words(t, firefox), "Firefox on Linux");
        let edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(agent_words(t, edge), "Edge on Windows");
        assert_eq!(agent_words(t, "curl/8"), "curl");
        assert_eq!(agent_words(t, ""), "An unknown browser");
    }
}
