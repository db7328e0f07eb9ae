//! Companies: who they are, their sites and people; and those that wait to be verified. They are changed on
//! the pages, where a proof of lately is asked for.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::Timestamp;
use base::authorisation::Resource;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Problem, json};
use crate::config::Hall;
use crate::refused::stop;
use crate::stop::Stop;
use crate::visit::Visit;

/// A site of a company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteAnswer {
    /// Code, unique per company, as filings name it.
    code: String,
    /// Name.
    name: String,
    /// `domestic`, `bonded` or `free_zone`.
    kind: String,
    /// Address; empty where none is stated.
    address: String,
}

/// Somebody of a company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberAnswer {
    /// Key of the account.
    account: String,
    /// Name in Latin letters.
    name: String,
    /// Name as the person writes it.
    local_name: String,
    /// `filer` or `party_manager`.
    role: &'static str,
    /// `invited`, `active` or `deactivated`.
    state: &'static str,
}

/// A company as an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationAnswer {
    /// As asked for.
    party: String,
    /// Whether an officer verified it.
    verified: bool,
    /// Name in Latin letters; null where it is not verified.
    name: Option<String>,
    /// Country or area; null where it is not verified.
    country: Option<String>,
    /// All its identifiers.
    identifiers: Vec<String>,
    /// Its sites, by code.
    sites: Vec<SiteAnswer>,
    /// Its people, by key.
    people: Vec<MemberAnswer>,
}

/// A company that asks to be registered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationAnswer {
    /// What the registration is called.
    id: String,
    /// Name in Latin letters.
    name: String,
    /// Country or area.
    country: String,
    /// Identifiers that it states.
    identifiers: Vec<String>,
    /// When it was asked for.
    asked: String,
    /// Key of the account that asked; null where the company itself did.
    asked_by: Option<String>,
    /// Key of the account to which it is assigned; null where it is nobody's yet.
    assigned_to: Option<String>,
}

/// The companies that wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationsAnswer {
    /// Oldest first.
    registrations: Vec<RegistrationAnswer>,
}

/// A company: its identifiers, sites and people.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{id}",
    operation_id = "organisation",
    tag = "organisation",
    params(("id" = String, Path, description = "The party, `scheme:value`")),
    responses(
        (status = 200, description = "The company", body = OrganisationAnswer),
        (status = 404, description = "No such company, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn organisation(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Party(&id))?;
    let view = hall.people.organisation(&id).map_err(|error| stop(visit.text(), error))?;
    let site = |site: app::people::SiteRecord| SiteAnswer {
        code: site.code,
        name: site.name,
        kind: site.kind,
        address: site.address,
    };
    let member = |person: app::people::PersonRecord| MemberAnswer {
        account: person.account,
        name: person.name,
        local_name: person.local_name,
        role: person.role.code(),
        state: person.state.code(),
    };
    let answer = OrganisationAnswer {
        party: view.party,
        verified: view.verified,
        name: view.profile.as_ref().map(|profile| profile.name.clone()),
        country: view.profile.map(|profile| profile.country),
        identifiers: view.identifiers,
        sites: view.sites.into_iter().map(site).collect(),
        people: view.people.into_iter().map(member).collect(),
    };
    json(&headers, &answer)
}

/// The companies that wait to be verified; for officers.
#[utoipa::path(
    get,
    path = "/api/v1/registrations",
    operation_id = "registrations",
    tag = "organisation",
    responses(
        (status = 200, description = "The registrations", body = RegistrationsAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn registrations(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let found = hall.people.registrations_pending();
    let found = found.map_err(|error| stop(visit.text(), error))?;
    let some = |text: String| (!text.is_empty()).then_some(text);
    let registrations = found.into_iter().map(|(id, record)| RegistrationAnswer {
        id,
        name: record.name,
        country: record.country,
        identifiers: record.identifiers.lines().map(str::to_owned).collect(),
        asked: Timestamp::from_us(record.asked_at_us).to_string(),
        asked_by: some(record.asked_by),
        assigned_to: some(record.assigned_to),
    });
    json(&headers, &RegistrationsAnswer { registrations: registrations.collect() })
}
