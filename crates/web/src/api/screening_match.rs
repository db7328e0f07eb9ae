//! `/match/{dataset}` in the shape that clients of yente send and read: entities of FollowTheMoney in,
//! scored ones out. A dataset is the code of a list, or `default` for all.

use std::collections::BTreeMap;

use app::screening::{BATCH_MAX, Found, ScreeningError};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use screening::{Identifier, PartyKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::law::body;
use crate::config::Hall;
use crate::ledger::off_thread;
use crate::pages::screening::marks::code_of;
use crate::stop::{Stop, fault};
use crate::visit::Visit;

/// Results of one query where the caller names no limit.
const LIMIT: usize = 5;
/// The dataset that is all lists.
const ALL: &str = "default";

/// An entity as clients of yente send it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct EntityAsked {
    /// Schema of FollowTheMoney: `Person`, `Company`, `Organization`, `LegalEntity`, `Vessel`, `Airplane`.
    schema: String,
    /// Its properties, each with its values.
    #[schema(value_type = Object)]
    properties: BTreeMap<String, Values>,
}

/// One value or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    fn all(&self) -> Vec<String> {
        match self {
            Values::One(value) => vec![value.clone()],
            Values::Many(values) => values.clone(),
        }
    }
}

/// Queries by keys of the caller.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct MatchesAsked {
    /// By the caller's keys.
    queries: BTreeMap<String, EntityAsked>,
}

/// How strictly, and how many.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct MatchesLimits {
    /// From which score a result is a match; the threshold of the list where it is left out.
    threshold: Option<f64>,
    /// Results of a query; 5 where it is left out.
    limit: Option<usize>,
}

/// A scored entity.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntityAnswer {
    /// Id on its list.
    id: String,
    /// Its primary name.
    caption: String,
    /// Schema of FollowTheMoney.
    schema: &'static str,
    /// Its properties.
    #[schema(value_type = Object)]
    properties: BTreeMap<&'static str, Vec<String>>,
    /// Its list.
    datasets: Vec<String>,
    /// 0 to 1.
    score: f64,
    /// Whether it is a match.
    #[serde(rename = "match")]
    is_match: bool,
    /// What adds to the score, and takes from it.
    features: BTreeMap<&'static str, f64>,
}

/// How many results there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotalAnswer {
    /// How many.
    value: usize,
    /// `eq`.
    relation: &'static str,
}

/// The results of a query.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchesOf {
    /// 200.
    status: u16,
    /// The best first.
    results: Vec<EntityAnswer>,
    /// How many there are.
    total: TotalAnswer,
}

/// Results by the caller's keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchesAnswer {
    /// By the caller's keys.
    responses: BTreeMap<String, MatchesOf>,
    /// The most results of a query.
    limit: usize,
}

fn kind_of(schema: &str) -> PartyKind {
    match schema {
        "Person" => PartyKind::Person,
        "Company" | "Organization" | "PublicBody" => PartyKind::Organization,
        "Vessel" => PartyKind::Vessel,
        "Airplane" => PartyKind::Aircraft,
        _ => PartyKind::Unknown,
    }
}

fn schema_of(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Person => "Person",
        PartyKind::Organization => "Organization",
        PartyKind::Vessel => "Vessel",
        PartyKind::Aircraft => "Airplane",
        PartyKind::Unknown => "LegalEntity",
    }
}

/// Properties that are numbers of a register, each with its scheme.
const NUMBERS: [(&str, &str); 8] = [
    ("leiCode", "lei"),
    ("imoNumber", "imo"),
    ("mmsi", "mmsi"),
    ("passportNumber", "passport"),
    ("taxNumber", "tax"),
    ("registrationNumber", "registration"),
    ("idNumber", "id"),
    ("uscCode", "uscc"),
];

impl EntityAsked {
    fn query(&self) -> screening::Query {
        let of = |keys: &[&str]| -> Vec<String> {
            let found = keys.iter().filter_map(|key| self.properties.get(*key));
            found.flat_map(Values::all).filter(|value| !value.trim().is_empty()).collect()
        };
        let countries = of(&["country", "nationality", "jurisdiction", "citizenship", "flag"]);
        let year = of(&["birthDate", "incorporationDate", "buildDate"]);
        let numbers = NUMBERS.iter().flat_map(|(property, scheme)| {
            of(&[property])
                .into_iter()
                .map(|value| Identifier { scheme: (*scheme).to_owned(), value })
        });
        screening::Query {
            names: of(&["name", "alias", "weakAlias", "previousName"]),
            kind: kind_of(&self.schema),
            countries: countries.iter().map(|code| code.trim().to_ascii_uppercase()).collect(),
            birth_year: year.first().and_then(|date| date.get(..4)?.parse().ok()),
            identifiers: numbers.collect(),
        }
    }
}

fn entity(found: &Found, listed: &screening::ListedParty, threshold: f64) -> EntityAnswer {
    let mut properties = BTreeMap::new();
    properties.insert("name", listed.names.iter().map(|name| name.text.clone()).collect());
    let lower = |code: &String| code.to_ascii_lowercase();
    if !listed.countries.is_empty() {
        properties.insert("country", listed.countries.iter().map(lower).collect());
    }
    if !listed.birth_years.is_empty() {
        let key = if listed.kind == PartyKind::Person { "birthDate" } else { "incorporationDate" };
        properties.insert(key, listed.birth_years.iter().map(u16::to_string).collect());
    }
    if !listed.programmes.is_empty() {
        properties.insert("program", listed.programmes.clone());
    }
    let mut features: BTreeMap<&'static str, f64> = BTreeMap::new();
    for part in &found.of.parts {
        *features.entry(code_of(part.relation)).or_default() += part.contribution;
    }
    EntityAnswer {
        id: listed.id.clone(),
        caption: found.of.name.clone(),
        schema: schema_of(listed.kind),
        properties,
        datasets: vec![found.of.list.clone()],
        score: found.of.score,
        is_match: found.of.score >= threshold,
        features,
    }
}

/// Matches entities of FollowTheMoney against the lists in force, as clients of yente ask it. The base
/// address of such a client is `/api/v1`.
#[utoipa::path(
    post,
    path = "/api/v1/match/{dataset}",
    operation_id = "match",
    tag = "screening",
    params(("dataset" = String, Path, description = "Code of a list, or `default` for all"), MatchesLimits),
    request_body = MatchesAsked,
    responses(
        (status = 200, description = "Scored entities", body = MatchesAnswer),
        (status = 404, description = "No such list, or not for this account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "What is not as it should be", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn matches(
    State(hall): State<Hall>,
    visit: Visit,
    Path(dataset): Path<String>,
    Query(limits): Query<MatchesLimits>,
    asked: Result<Json<MatchesAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    visit.look_at_record("");
    let queries = body(asked)?.queries;
    if queries.is_empty() || queries.len() > BATCH_MAX {
        let message = format!("{} queries are asked", queries.len());
        let accepted = format!("1 to {BATCH_MAX} queries");
        return Err(Stop::field("queries", "batch", message, accepted));
    }
    let limit = limits.limit.unwrap_or(LIMIT).clamp(1, BATCH_MAX);
    let shared = hall.clone();
    let answer = off_thread(move || {
        let lists = shared.platform.lists_in_force()?;
        let known = lists.versions.iter().any(|version| version.list == dataset);
        if dataset != ALL && !known {
            return Err(ScreeningError::Unknown);
        }
        let of = |query: &EntityAsked| {
            let found = match limits.threshold {
                Some(threshold) => {
                    lists.screen_at(&query.query(), app::screening::score_ppm(threshold))
                }
                None => lists.screen(&query.query()),
            };
            let results: Vec<EntityAnswer> = found
                .iter()
                .filter(|found| dataset == ALL || found.of.list == dataset)
                .filter_map(|found| {
                    let list = lists.generation.lists().iter().find(|l| l.code == found.of.list)?;
                    let listed = list.parties.iter().find(|p| p.id == found.of.entity)?;
                    Some(entity(found, listed, limits.threshold.unwrap_or(0.0)))
                })
                .collect();
            let total = TotalAnswer { value: results.len(), relation: "eq" };
            MatchesOf { status: 200, results: results.into_iter().take(limit).collect(), total }
        };
        let responses = queries.iter().map(|(key, query)| (key.clone(), of(query))).collect();
        Ok(MatchesAnswer { responses, limit })
    });
    match answer.await? {
        Ok(answer) => Ok(Json(answer).into_response()),
        Err(ScreeningError::Unknown) => Err(Stop::NotFound),
        Err(error) => Err(fault(&error)),
    }
}
