//! Quotas over the API: what was issued, and where companies stand.

use app::quota::QuotaAnswer;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use licensing::quota::{Node, Position};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Problem, json};
use crate::config::Hall;
use crate::pages::quotas::standing_code;
use crate::quota::quotas as quotas_known;
use crate::show::mass_plain;
use crate::stop::{FieldFault, Stop};
use crate::visit::{Sight, Visit};

/// Which quotas.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuotasAsked {
    /// The year, in four digits; absent: all years.
    #[serde(default)]
    #[param(required = false, value_type = i16)]
    year: String,
}

/// A group of companies within a line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotaGroup {
    /// Its name.
    name: String,
    /// What it was given, kilograms of oxide.
    given_kg: String,
    /// What of that it has not handed down.
    undivided_kg: String,
}

/// What was issued of a stage and type of ore in a year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotaIssued {
    /// The year.
    year: i16,
    /// Stage.
    stage: String,
    /// Type of ore; null where the quota tells none apart.
    ore: Option<String>,
    /// What was issued, kilograms of oxide.
    issued_kg: String,
    /// The slices that were issued.
    slices: Vec<u32>,
    /// What is held in reserve.
    reserve_kg: String,
    /// What the authority has not handed out.
    undivided_kg: String,
    /// Groups.
    groups: Vec<QuotaGroup>,
}

/// A filing that uses a quota.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotaProof {
    /// The filing as `filer/reference`; null where another party filed it.
    filing: Option<String>,
    /// Business date.
    date: String,
    /// What it uses, kilograms of oxide.
    amount_kg: String,
    /// What of that lies beyond the entitlement.
    beyond_kg: String,
}

/// Where a company stands in a line and year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotaPosition {
    /// The company.
    company: String,
    /// The group from which it has its quota.
    group: Option<String>,
    /// The year.
    year: i16,
    /// Stage.
    stage: String,
    /// Type of ore; null where the quota tells none apart, or none is told.
    ore: Option<String>,
    /// `awaiting`, `within`, `alarmed` or `over`.
    standing: &'static str,
    /// What it was given, kilograms of oxide.
    allocated_kg: String,
    /// What it may use of the year before.
    carried_kg: String,
    /// By how much the excess of the year before cuts it.
    cut_kg: String,
    /// What of that cut is more than it was given.
    cut_unmet_kg: String,
    /// What it used that counts.
    used_kg: String,
    /// What of that awaits an allocation.
    awaiting_kg: String,
    /// What it may still use.
    left_kg: String,
    /// What it used beyond its entitlement.
    excess_kg: String,
    /// What it made of feed that does not count.
    uncounted_kg: String,
    /// The highest alarm reached, in percent of the entitlement.
    alarm_percent: Option<u32>,
    /// The filings that use it, by day.
    proofs: Vec<QuotaProof>,
}

/// A quota of the pack.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotaOf {
    /// Its code in the pack.
    quota: String,
    /// Name.
    name_en: String,
    /// Name in Chinese.
    name_zh: String,
    /// The rule.
    citation: String,
    /// What was issued; empty for a company.
    issued: Vec<QuotaIssued>,
    /// Where companies stand; a company sees itself.
    positions: Vec<QuotaPosition>,
}

/// The quotas of the pack in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotasAnswer {
    /// The pack.
    pack: String,
    /// Its quotas.
    quotas: Vec<QuotaOf>,
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn position(sight: &Sight, of: &Position) -> QuotaPosition {
    let proof = |proof: &licensing::quota::Proof| QuotaProof {
        filing: proof
            .filing
            .split_once('/')
            .is_some_and(|(filer, _)| sight.sees(filer))
            .then(|| proof.filing.clone()),
        date: proof.day.to_string(),
        amount_kg: mass_plain(proof.amount_mg),
        beyond_kg: mass_plain(proof.beyond_mg),
    };
    QuotaPosition {
        company: of.company.clone(),
        group: of.group.clone(),
        year: of.year,
        stage: of.line.stage.clone(),
        ore: some(&of.line.ore),
        standing: standing_code(of.standing),
        allocated_kg: mass_plain(of.allocated_mg),
        carried_kg: mass_plain(of.carried_mg),
        cut_kg: mass_plain(of.cut_mg),
        cut_unmet_kg: mass_plain(of.cut_unmet_mg),
        used_kg: mass_plain(of.used_mg),
        awaiting_kg: mass_plain(of.awaiting_mg),
        left_kg: mass_plain(of.left_mg),
        excess_kg: mass_plain(of.excess_mg),
        uncounted_kg: mass_plain(of.uncounted_mg),
        alarm_percent: of.alarm_percent,
        proofs: of.proofs.iter().map(proof).collect(),
    }
}

fn quota(sight: &Sight, answer: &QuotaAnswer, year: Option<i16>) -> QuotaOf {
    let within = |of: i16| year.is_none_or(|year| year == of);
    let lines = answer.lines.iter().filter(|line| *sight == Sight::All && within(line.year));
    let issued = lines.map(|line| QuotaIssued {
        year: line.year,
        stage: line.line.stage.clone(),
        ore: some(&line.line.ore),
        issued_kg: mass_plain(line.pots.issued()),
        slices: line.pots.slices().iter().copied().collect(),
        reserve_kg: mass_plain(line.pots.own(&Node::Reserve)),
        undivided_kg: mass_plain(line.pots.own(&Node::Authority)),
        groups: line
            .pots
            .holders()
            .filter_map(|(node, own)| match node {
                Node::Group(name) => Some(QuotaGroup {
                    name: name.clone(),
                    given_kg: mass_plain(line.pots.given(node)),
                    undivided_kg: mass_plain(own),
                }),
                _ => None,
            })
            .collect(),
    });
    let of = answer.positions.iter().filter(|p| within(p.year) && sight.sees(&p.company));
    QuotaOf {
        quota: answer.quota.id.clone(),
        name_en: answer.quota.name_en.clone(),
        name_zh: answer.quota.name_zh.clone(),
        citation: answer.quota.fact.citation.clone(),
        issued: issued.collect(),
        positions: of.map(|of| position(sight, of)).collect(),
    }
}

/// Quotas of mining and separation in oxide mass: what the authority issued, and where companies stand, with
/// the filings that prove it. A company sees itself.
#[utoipa::path(
    get,
    path = "/api/v1/quotas",
    operation_id = "quotas",
    tag = "quota",
    params(QuotasAsked),
    responses(
        (status = 200, description = "The quotas of the pack in force", body = QuotasAnswer),
        (status = 422, description = "Fields that are not understood", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn quotas(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Query(asked): Query<QuotasAsked>,
) -> Result<Response, Stop> {
    let sight = visit.sight()?;
    let year = match asked.year.trim() {
        "" => None,
        text => Some(text.parse::<i16>().map_err(|_| {
            Stop::Fields(vec![FieldFault {
                field: "year".to_owned(),
                code: "year",
                message: format!("`{text}` in `year` is not understood"),
                accepted: "a year in four digits".to_owned(),
            }])
        })?),
    };
    let (law, answers) = quotas_known(&hall, &sight).await?;
    let answer = QuotasAnswer {
        pack: law.id.clone(),
        quotas: answers.iter().map(|answer| quota(&sight, answer, year)).collect(),
    };
    let companies = answer.quotas.iter().flat_map(|quota| &quota.positions);
    companies.for_each(|position| visit.look(&position.company));
    json(&headers, &answer)
}
