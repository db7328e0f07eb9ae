//! Screening as programs use it: parties against lists, the lists themselves, hits and what they are.

use app::screening::{
    BATCH_MAX, Found, HitRecord, HitView, InForce, ListVersion, Lost, Put, ScreeningError,
};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;
use screening::{Part, PartyKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::law::body;
use super::{Problem, json};
use crate::config::Hall;
use crate::ledger::off_thread;
use crate::pages::screening::hit::{DecisionTyped, decided, found};
use crate::pages::screening::list::{Asked as VersionAsked, change_rows};
use crate::pages::screening::lists::{list_fault, list_taken};
use crate::pages::screening::queue::{Asked, cursor_of};
use crate::secret::hex;
use crate::stop::{FieldFault, Stop, fault};
use crate::visit::Visit;

/// A party to be screened.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PartyAsked {
    /// Comes back with the answer.
    id: String,
    /// Its name.
    name: String,
    /// Its other names.
    aliases: Vec<String>,
    /// ISO 3166-1 alpha-2.
    country: String,
    /// Year of birth, or of founding.
    birth_year: Option<u16>,
    /// Numbers of registers, by scheme.
    identifiers: std::collections::BTreeMap<String, String>,
    /// `person`, `organization`, `vessel`, `aircraft` or `unknown`.
    #[serde(rename = "type")]
    kind: String,
}

/// When, and from which score on.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ScreenAsked {
    /// The lists and thresholds as of this instant (RFC 3339): would it have hit? Those in force where it
    /// is left out.
    as_of: String,
}

/// A match.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchAnswer {
    /// Code of the list.
    list: String,
    /// Digest of its version.
    list_version: String,
    /// Id of the listed party.
    entity: String,
    /// Its primary name.
    name: String,
    /// The listed name that was hit.
    matched_alias: String,
    /// 0 to 1.
    score: f64,
    /// `strong` (two people must clear it) or `plain`.
    strength: &'static str,
    /// Why: the contributions sum to the score.
    #[schema(value_type = Vec<Object>)]
    explanation: Vec<Part>,
}

/// What was found of one party.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartyAnswer {
    /// As asked.
    id: String,
    /// The best first.
    matches: Vec<MatchAnswer>,
}

/// What was found, in the order of the parties.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScreenAnswer {
    /// One for each party.
    results: Vec<PartyAnswer>,
    /// The lists that were asked.
    lists: Vec<ListAnswer>,
}

/// A version of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListAnswer {
    /// Code of the list.
    list: String,
    /// Number of the version.
    version: u32,
    /// SHA-256 of its content.
    sha256: String,
    /// Its entries.
    entries: u32,
    /// Entries that were not there before.
    added: u32,
    /// Entries that are other than before.
    changed: u32,
    /// Entries that are there no more.
    removed: u32,
    /// Since when it is in force.
    taken: String,
}

impl From<&ListVersion> for ListAnswer {
    fn from(version: &ListVersion) -> ListAnswer {
        ListAnswer {
            list: version.list.clone(),
            version: version.version,
            sha256: version.hash.clone(),
            entries: version.entries,
            added: version.added,
            changed: version.changed,
            removed: version.removed,
            taken: Timestamp::from_us(version.taken_at_us).to_string(),
        }
    }
}

impl From<Found> for MatchAnswer {
    fn from(found: Found) -> MatchAnswer {
        MatchAnswer {
            list: found.of.list,
            list_version: found.of.list_version,
            entity: found.of.entity,
            name: found.of.name,
            matched_alias: found.of.matched_name,
            score: found.of.score,
            strength: found.strength.code(),
            explanation: found.of.parts,
        }
    }
}

/// The kind of a code; unknown where it is none.
pub(crate) fn kind_read(code: &str) -> PartyKind {
    match code {
        "person" => PartyKind::Person,
        "organization" => PartyKind::Organization,
        "vessel" => PartyKind::Vessel,
        "aircraft" => PartyKind::Aircraft,
        _ => PartyKind::Unknown,
    }
}

impl PartyAsked {
    fn query(self) -> (String, screening::Query) {
        let names = std::iter::once(self.name).chain(self.aliases);
        let identifier = |(scheme, value)| screening::Identifier { scheme, value };
        let country = self.country.trim().to_ascii_uppercase();
        let query = screening::Query {
            names: names.filter(|name| !name.trim().is_empty()).collect(),
            kind: kind_read(&self.kind),
            countries: Some(country).filter(|country| !country.is_empty()).into_iter().collect(),
            birth_year: self.birth_year,
            identifiers: self.identifiers.into_iter().map(identifier).collect(),
        };
        (self.id, query)
    }
}

fn wrong(field: &str, code: &'static str, message: String, accepted: &str) -> Stop {
    Stop::field(field, code, message, accepted)
}

/// One party, an array of them, or one on each line.
fn parties_read(bytes: &[u8]) -> Result<Vec<PartyAsked>, Stop> {
    let accepted = "a party as a JSON object, an array of them, or one on each line";
    let told = |error: serde_json::Error| wrong("body", "body", error.to_string(), accepted);
    let parties: Vec<PartyAsked> = if bytes.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice(bytes).map_err(told)?
    } else {
        let read = serde_json::Deserializer::from_slice(bytes).into_iter();
        read.take(BATCH_MAX + 1).collect::<Result<_, _>>().map_err(told)?
    };
    if parties.is_empty() || parties.len() > BATCH_MAX {
        let message = format!("{} parties or more are asked about", parties.len());
        return Err(wrong("body", "batch", message, &format!("1 to {BATCH_MAX} parties")));
    }
    Ok(parties)
}

/// Screens one party, an array of up to 1,000, or one on each line (NDJSON). Nothing is kept of them.
#[utoipa::path(
    post,
    path = "/api/v1/screen",
    operation_id = "screen",
    tag = "screening",
    params(ScreenAsked),
    request_body(content = PartyAsked, description = "A party, an array of them, or one on each line"),
    responses(
        (status = 200, description = "What was found", body = ScreenAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What is not as it should be", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn screen(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<ScreenAsked>,
    bytes: Bytes,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    visit.look_at_record("");
    let parties = parties_read(&bytes)?;
    let as_of = match asked.as_of.as_str() {
        "" => None,
        text => Some(Timestamp::parse(text).ok_or_else(|| {
            let message = format!("`{text}` in `as_of` is no instant");
            wrong("as_of", "instant", message, "an instant as RFC 3339 writes it")
        })?),
    };
    let shared = hall.clone();
    let answer = off_thread(move || {
        let answer = |lists: &InForce| ScreenAnswer {
            results: parties
                .into_iter()
                .map(PartyAsked::query)
                .map(|(id, query)| PartyAnswer {
                    id,
                    matches: lists.screen(&query).into_iter().map(MatchAnswer::from).collect(),
                })
                .collect(),
            lists: lists.versions.iter().map(ListAnswer::from).collect(),
        };
        Ok::<_, ScreeningError>(match as_of {
            None => answer(&*shared.platform.lists_in_force()?),
            Some(at) => answer(&shared.platform.lists_as_of(at)?),
        })
    });
    let answer = answer.await?.map_err(|error| fault(&error))?;
    Ok(Json(answer).into_response())
}

/// The lists in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListsAnswer {
    /// By their codes.
    lists: Vec<ListAnswer>,
}

/// The lists in force.
#[utoipa::path(
    get,
    path = "/api/v1/screening/lists",
    operation_id = "screening_lists",
    tag = "screening",
    responses(
        (status = 200, description = "The lists", body = ListsAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn lists(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let shared = hall.clone();
    let lists =
        off_thread(move || shared.platform.lists()).await?.map_err(|error| fault(&error))?;
    json(&headers, &ListsAnswer { lists: lists.iter().map(ListAnswer::from).collect() })
}

/// A change of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListChangeAnswer {
    /// `added`, `changed` or `removed`.
    change: &'static str,
    /// Id of the listed party.
    entity: String,
    /// Its name.
    name: String,
    /// Its name before, where it was another.
    name_before: Option<String>,
}

/// A list: its versions, and what changed with one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListVersionsAnswer {
    /// The newest first.
    versions: Vec<ListAnswer>,
    /// The version whose changes are told.
    version: u32,
    /// By ids.
    changes: Vec<ListChangeAnswer>,
}

/// The versions of a list, and what changed with one of them.
#[utoipa::path(
    get,
    path = "/api/v1/screening/lists/{list}",
    operation_id = "screening_list",
    tag = "screening",
    params(("list" = String, Path, description = "Its code"), VersionAsked),
    responses(
        (status = 200, description = "The list", body = ListVersionsAnswer),
        (status = 404, description = "No such list or version, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(asked): Query<VersionAsked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let shared = hall.clone();
    let read = off_thread(move || {
        let versions = shared.platform.list_versions(&code)?;
        let newest = versions.first().map_or(1, |newest| newest.version);
        let version = asked.version.unwrap_or(newest);
        if !versions.iter().any(|one| one.version == version) {
            return Err(ScreeningError::Unknown);
        }
        let (came, went) = shared.platform.list_changes(&code, version)?;
        Ok((versions, version, came, went))
    });
    let (versions, version, came, went) = match read.await? {
        Ok(read) => read,
        Err(ScreeningError::Unknown) => return Err(Stop::NotFound),
        Err(error) => return Err(fault(&error)),
    };
    let changes = change_rows(came, went).into_iter().map(|row| ListChangeAnswer {
        change: row.code,
        entity: row.entity,
        name: row.name,
        name_before: Some(row.before).filter(|before| !before.is_empty()),
    });
    let versions = versions.iter().map(ListAnswer::from).collect();
    json(&headers, &ListVersionsAnswer { versions, version, changes: changes.collect() })
}

/// How a list is put in.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct PutAsked {
    /// `lost`: it really lost more than half of its entries.
    confirm: String,
    /// Name of the file, for the record.
    file: String,
}

/// A list that was put in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PutAnswer {
    /// Number of the version that is in force now.
    version: u32,
    /// Whether it was in force already.
    unchanged: bool,
}

/// Puts a list in force; its content is the body. Everybody is then screened against what is new in it.
#[utoipa::path(
    post,
    path = "/api/v1/screening/lists/{list}",
    operation_id = "screening_list_put",
    tag = "screening",
    params(("list" = String, Path, description = "Its code"), PutAsked),
    request_body(content = String, description = "A listed party as a JSON object on each line"),
    responses(
        (status = 200, description = "It is in force", body = PutAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What is not as it should be; `list_lost` wants to be confirmed", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list_put(
    State(hall): State<Hall>,
    visit: Visit,
    Path(code): Path<String>,
    Query(asked): Query<PutAsked>,
    bytes: Bytes,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let lost = if asked.confirm == "lost" { Lost::Confirmed } else { Lost::Refuse };
    let done = list_taken(&hall, &visit, (&code, &asked.file), bytes.to_vec(), lost).await?;
    let answer = match done {
        Ok(Put::Unchanged(version)) => PutAnswer { version, unchanged: true },
        Ok(Put::InForce(made)) => PutAnswer { version: made.version, unchanged: false },
        Err(error) => return Err(Stop::Fields(vec![list_fault(visit.text(), error)?])),
    };
    Ok(Json(answer).into_response())
}

/// A hit in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitRowAnswer {
    /// Its key.
    id: String,
    /// Name of the party.
    party: String,
    /// Code of the list.
    list: String,
    /// Number of the version in which it was found.
    list_version: u32,
    /// Id of the listed party.
    entity: String,
    /// Its primary name.
    name: String,
    /// Its kind.
    kind: String,
    /// 0 to 1.
    score: f64,
    /// `open`, `asked`, `proposed`, `cleared`, `confirmed` or `ended`.
    state: String,
    /// What the pair was before its record changed; empty where it was nothing.
    before: String,
    /// When it was found.
    found: String,
    /// When something last happened to it.
    changed: String,
    /// Counts its changes: send it with a decision.
    version: u32,
}

impl From<&HitRecord> for HitRowAnswer {
    fn from(hit: &HitRecord) -> HitRowAnswer {
        HitRowAnswer {
            id: hex(&hit.hit_id),
            party: hit.party_name.clone(),
            list: hit.list.clone(),
            list_version: hit.list_version,
            entity: hit.entity.clone(),
            name: hit.listed_name.clone(),
            kind: hit.kind.clone(),
            score: f64::from(hit.score_ppm) / 1_000_000.0,
            state: hit.state.clone(),
            before: hit.before.clone(),
            found: Timestamp::from_us(hit.found_at_us).to_string(),
            changed: Timestamp::from_us(hit.changed_at_us).to_string(),
            version: hit.version,
        }
    }
}

/// A page of hits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitsAnswer {
    /// The strongest first.
    hits: Vec<HitRowAnswer>,
    /// The `cursor` of the next page; null where this is the last.
    next: Option<String>,
}

/// The hits, the strongest first; those that wait where no state is asked for.
#[utoipa::path(
    get,
    path = "/api/v1/screening/hits",
    operation_id = "screening_hits",
    tag = "screening",
    params(Asked),
    responses(
        (status = 200, description = "The hits", body = HitsAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A cursor that was not given", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn hits(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    visit.look_at_record("");
    let (filter, after, shared) = (asked.filter(), asked.after()?, hall.clone());
    let page = off_thread(move || shared.platform.hits(&filter, after.as_ref()));
    let page = page.await?.map_err(|error| fault(&error))?;
    let hits = page.rows.iter().map(|(hit, _)| HitRowAnswer::from(hit)).collect();
    json(&headers, &HitsAnswer { hits, next: page.next.as_ref().map(cursor_of) })
}

/// Where a party stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UseAnswer {
    /// `party`, `registration`, `case` or `licence`.
    kind: String,
    /// `scheme:value`, an id, or a number.
    subject: String,
    /// Which party of it.
    key: String,
}

/// What was done with a hit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitStepAnswer {
    /// When.
    at: String,
    /// Account; empty for the platform itself.
    account: String,
    /// What.
    deed: String,
    /// Why.
    reason: String,
}

/// A hit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitAnswer {
    /// As in a list.
    hit: HitRowAnswer,
    /// `strong` (two people must clear it) or `plain`.
    strength: &'static str,
    /// What was screened.
    #[schema(value_type = Object)]
    party: screening::Query,
    /// The record of the list.
    #[schema(value_type = Object)]
    listed: screening::ListedParty,
    /// Why: the contributions sum to the score.
    #[schema(value_type = Vec<Object>)]
    explanation: Vec<Part>,
    /// What depends on it; at most twenty.
    uses: Vec<UseAnswer>,
    /// What was done, in order.
    steps: Vec<HitStepAnswer>,
}

impl From<HitView> for HitAnswer {
    fn from(view: HitView) -> HitAnswer {
        HitAnswer {
            hit: HitRowAnswer::from(&view.hit),
            strength: view.strength.code(),
            party: view.query,
            listed: view.listed,
            explanation: view.found.parts,
            uses: view
                .uses
                .into_iter()
                .map(|one| UseAnswer {
                    kind: one.place.kind,
                    subject: one.place.subject,
                    key: one.place.key,
                })
                .collect(),
            steps: view
                .steps
                .into_iter()
                .map(|step| HitStepAnswer {
                    at: Timestamp::from_us(step.at_us).to_string(),
                    account: step.account,
                    deed: step.deed,
                    reason: step.reason,
                })
                .collect(),
        }
    }
}

/// A hit with both sides, why it was found, what depends on it and what was done.
#[utoipa::path(
    get,
    path = "/api/v1/screening/hits/{hit}",
    operation_id = "screening_hit",
    tag = "screening",
    params(("hit" = String, Path, description = "Its key")),
    responses(
        (status = 200, description = "The hit", body = HitAnswer),
        (status = 404, description = "No such hit, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn hit(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let view = found(&hall, &id).await?;
    // On record, and not as a look at the company's data: a company that saw it would know of the hit.
    visit.look_at_record("");
    json(&headers, &HitAnswer::from(view))
}

/// A decision on a hit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionAsked {
    /// `clear`, `confirm`, `ask`, `agree`, `send_back` or `reopen`.
    deed: String,
    /// Why.
    reason: String,
    /// The version of the hit that was seen.
    version: u32,
}

/// What came of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionAnswer {
    /// Where the hit stands.
    state: &'static str,
    /// Cases in which the party is now recorded as watch-listed.
    recorded: Vec<String>,
}

/// Decides what a hit is. To clear a strong one takes a second person, a supervisor.
#[utoipa::path(
    post,
    path = "/api/v1/screening/hits/{hit}",
    operation_id = "screening_hit_decide",
    tag = "screening",
    params(("hit" = String, Path, description = "Its key")),
    request_body = DecisionAsked,
    responses(
        (status = 200, description = "It is on record", body = DecisionAnswer),
        (status = 404, description = "No such hit, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What is not as it should be", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn decide(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    typed: Result<Json<DecisionAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let DecisionAsked { deed, reason, version } = body(typed)?;
    let typed = DecisionTyped { deed, reason, version: version.to_string() };
    let done: Result<_, FieldFault> = decided(&hall, &visit, &id, &typed).await?;
    let done = done.map_err(|fault| Stop::Fields(vec![fault]))?;
    let answer = DecisionAnswer { state: done.state.code(), recorded: done.recorded };
    Ok((StatusCode::OK, Json(answer)).into_response())
}
