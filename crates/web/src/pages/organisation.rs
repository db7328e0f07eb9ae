//! Organisations: a party's identifiers, sites and people, kept by its manager; and the authority's own
//! people, kept by the operator.

use app::people::{
    By, NewPerson, OrganisationView, PeopleError, PersonKind, PersonRecord, PersonState, SiteRecord,
};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::authorisation::{Action, Resource, Role, authorise};
use serde::Deserialize;

use crate::config::{Hall, Shared};
use crate::form::{Form, encoded};
use crate::ledger::off_thread;
use crate::page::{Page, html, name_of};
use crate::pages::account::once;
use crate::refused::{faults, stop};
use crate::secret::moment;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

struct PersonRow {
    account: String,
    name: String,
    role: String,
    state: String,
    tag: &'static str,
    /// Whether the visitor may take its access away or reset it: never its own.
    manage: bool,
    deactivated: bool,
    /// Whether it has signed in, so that there are sessions to end and a password to lose.
    active: bool,
}

struct SiteRow {
    code: String,
    name: String,
    kind: String,
    address: String,
}

#[derive(Template)]
#[template(path = "organisation.html")]
struct OrganisationPage {
    page: Page,
    /// Nothing for the authority itself.
    organisation: Option<OrganisationView>,
    sites: Vec<SiteRow>,
    people: Vec<PersonRow>,
    roles: Vec<(&'static str, String)>,
    manage: bool,
    /// Address below which people and sites are changed.
    base: String,
    faults: Vec<FieldFault>,
}

fn person_row(t: &Text, visit: &Visit, manage: bool, person: &PersonRecord) -> PersonRow {
    PersonRow {
        account: person.account.clone(),
        name: name_of(t.language, &person.name, &person.local_name).to_owned(),
        role: t.code("role", person.role.code(), ""),
        state: t.code("person-state", person.state.code(), ""),
        tag: match person.state {
            PersonState::Active => "gd-tag-good",
            PersonState::Invited => "gd-tag-note",
            PersonState::Deactivated => "gd-tag-plain",
        },
        manage: manage && !visit.actor.is(&person.account),
        deactivated: person.state == PersonState::Deactivated,
        active: person.state == PersonState::Active,
    }
}

/// Of whom the people are.
#[derive(Debug, Clone)]
enum House {
    Party(String),
    Authority,
}

impl House {
    fn base(&self) -> String {
        match self {
            House::Party(id) => format!("/organisations/{}", encoded(id)),
            House::Authority => "/authority".to_owned(),
        }
    }

    fn roles(&self) -> impl Iterator<Item = Role> + '_ {
        let party = matches!(self, House::Party(_));
        Role::ALL.into_iter().filter(move |role| role.of_party() == party)
    }

    fn people(&self, hall: &Shared) -> Result<Vec<PersonRecord>, PeopleError> {
        match self {
            House::Party(id) => Ok(hall.people.organisation(id)?.people),
            House::Authority => {
                let mut all = hall.people.persons()?;
                all.retain(|person| person.role.of_authority());
                Ok(all)
            }
        }
    }
}

fn page(
    hall: &Hall,
    visit: &Visit,
    house: &House,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let people = house.people(hall).map_err(|error| stop(t, error))?;
    let (organisation, manage, title) = match house {
        House::Authority => (None, true, t.get("authority-title")),
        House::Party(id) => {
            let view = hall.people.organisation(id).map_err(|error| stop(t, error))?;
            let manage = authorise(&visit.actor, Action::ManageParty, Resource::Party(id));
            let title = view.profile.as_ref().map_or_else(
                || t.get("organisation-title"),
                |profile| name_of(t.language, &profile.name, &profile.local_name).to_owned(),
            );
            (Some(view), manage, title)
        }
    };
    let mut page = Page::new(hall, visit, title);
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let sites = organisation.as_ref().map_or(&[][..], |view| &view.sites);
    let template = OrganisationPage {
        page,
        sites: sites
            .iter()
            .map(|site| SiteRow {
                code: site.code.clone(),
                name: site.name.clone(),
                kind: t.code("site-kind", &site.kind, &site.kind),
                address: site.address.clone(),
            })
            .collect(),
        people: people.iter().map(|person| person_row(t, visit, manage, person)).collect(),
        roles: house.roles().map(|role| (role.code(), t.code("role", role.code(), ""))).collect(),
        base: house.base(),
        organisation,
        manage,
        faults,
    };
    html(status, &template)
}

fn back(house: &House) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, house.base())]).into_response()
}

/// `GET /organisations/{id}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Party(&id))?;
    page(&hall, &visit, &House::Party(id), Vec::new())
}

/// `GET /authority`: its people.
pub(crate) async fn authority(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    page(&hall, &visit, &House::Authority, Vec::new())
}

/// A person to be invited.
#[derive(Deserialize)]
pub(crate) struct NewEntry {
    #[serde(default)]
    account: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    local_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    desk: String,
}

async fn invite(hall: Hall, visit: Visit, house: House, new: NewEntry) -> Result<Response, Stop> {
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    // A role that this house does not have is not offered, and not given.
    let role = house.roles().find(|role| role.code() == new.role).ok_or(Stop::NotFound)?;
    let (shared, here, into) = (hall.clone(), visit.clone(), house.clone());
    let made = off_thread(move || {
        let party = match &into {
            House::Party(id) => id.as_str(),
            House::Authority => "",
        };
        let person = NewPerson {
            account: &new.account,
            kind: PersonKind::Person,
            name: &new.name,
            local_name: &new.local_name,
            email: &new.email,
            role,
            party,
            desk: new.desk.trim(),
        };
        shared.people.person_invite(here.by(), &person, &moment)
    })
    .await?;
    invited(&hall, &visit, &house, made)
}

/// Shows an invitation this once, or the page with what was refused.
fn invited(
    hall: &Hall,
    visit: &Visit,
    house: &House,
    made: Result<Option<String>, PeopleError>,
) -> Result<Response, Stop> {
    match made {
        Ok(None) => Ok(back(house)),
        Ok(Some(code)) => {
            hall.jobs_wake.notify_one();
            let texts = vec![format!("/invitation/{code}")];
            once(hall, visit, ("invited-title", "invited-text"), texts, house.base())
        }
        Err(error) => page(hall, visit, house, faults(visit.text(), error)?),
    }
}

/// `POST /organisations/{id}/people`.
pub(crate) async fn party_invite(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(new): Form<NewEntry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Party(&id))?;
    invite(hall, visit, House::Party(id), new).await
}

/// `POST /authority/people`.
pub(crate) async fn authority_invite(
    State(hall): State<Hall>,
    visit: Visit,
    Form(new): Form<NewEntry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    invite(hall, visit, House::Authority, new).await
}

/// What is done to an account.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Deactivate,
    Reactivate,
    Reset,
    ResetPassword,
    EndSessions,
}

async fn change(
    hall: Hall,
    visit: Visit,
    house: House,
    account: String,
    deed: Deed,
) -> Result<Response, Stop> {
    visit.proved_lately()?;
    let moment = moment(hall.now())?;
    let (shared, here, of) = (hall.clone(), visit.clone(), house.clone());
    let done = off_thread(move || {
        // Somebody of another house does not exist here; and nobody changes itself so.
        let there = of.people(&shared)?.into_iter().any(|person| person.account == account);
        if !there || here.actor.is(&account) {
            return Err(app::people::Refusal::NotFound { what: account }.into());
        }
        let by: By<'_> = here.by();
        match deed {
            Deed::Deactivate => {
                shared.people.person_deactivate(by, &account, moment.now).map(|()| None)
            }
            Deed::Reactivate => shared.people.person_reactivate(by, &account, &moment),
            Deed::Reset => shared.people.person_reset(by, &account, &moment),
            Deed::ResetPassword => shared.people.password_reset(by, &account, &moment),
            Deed::EndSessions => {
                shared.people.person_sessions_end(by, &account, moment.now).map(|_| None)
            }
        }
    })
    .await?;
    invited(&hall, &visit, &house, done)
}

fn deed(code: &str) -> Result<Deed, Stop> {
    match code {
        "deactivate" => Ok(Deed::Deactivate),
        "reactivate" => Ok(Deed::Reactivate),
        "reset" => Ok(Deed::Reset),
        "reset-password" => Ok(Deed::ResetPassword),
        "end-sessions" => Ok(Deed::EndSessions),
        _ => Err(Stop::NotFound),
    }
}

/// `POST /organisations/{id}/people/{account}/{deed}`.
pub(crate) async fn party_change(
    State(hall): State<Hall>,
    visit: Visit,
    Path((id, account, code)): Path<(String, String, String)>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Party(&id))?;
    change(hall, visit, House::Party(id), account, deed(&code)?).await
}

/// `POST /authority/people/{account}/{deed}`.
pub(crate) async fn authority_change(
    State(hall): State<Hall>,
    visit: Visit,
    Path((account, code)): Path<(String, String)>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    change(hall, visit, House::Authority, account, deed(&code)?).await
}

/// A site.
#[derive(Deserialize)]
pub(crate) struct SiteEntry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    site_name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    address: String,
}

/// `POST /organisations/{id}/sites`: writes a site, new or changed.
pub(crate) async fn site(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(entry): Form<SiteEntry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Party(&id))?;
    let (shared, here, party, now) = (hall.clone(), visit.clone(), id.clone(), hall.now());
    let done = off_thread(move || {
        let SiteEntry { code, site_name, kind, address } = entry;
        let site = SiteRecord { code, name: site_name, kind, address };
        shared.people.site_put(here.by(), &party, &site, now)
    })
    .await?;
    let house = House::Party(id);
    match done {
        Ok(()) => Ok(back(&house)),
        Err(error) => page(&hall, &visit, &house, faults(visit.text(), error)?),
    }
}
