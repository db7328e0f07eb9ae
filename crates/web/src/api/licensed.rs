//! What is held against licences over the API: the shipments of an export filing, and what holders owe.

use app::duties::{HolderDuties, NewReport, ReportError, ReportTaken, Teller};
use app::tie::Shipment;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use licensing::duty::{Report, ReportKind};
use licensing::quantity::{Quantity, Unit};
use licensing::tie::{DrawnDown, Tie, TieFinding};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::law::body;
use super::{Problem, json};
use crate::config::Hall;
use crate::law::law;
use crate::ledger::off_thread;
use crate::pages::duties::{duties_known, licence_sight, state_code};
use crate::pages::shipments::{need_code, shipments as shipments_known, tie_code};
use crate::show::mass_plain;
use crate::stop::{FieldFault, Stop, fault};
use crate::visit::{Sight, Visit};

/// A quantity.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuantityTold {
    /// What is counted: `net_mass`, `pieces`, `content:Dy`, `oxide:Dy`, `value:EUR`.
    pub(crate) unit: String,
    /// How much, a plain decimal in kilograms, pieces or the currency.
    pub(crate) amount: String,
}

impl QuantityTold {
    fn of(quantity: &Quantity) -> QuantityTold {
        QuantityTold { unit: quantity.unit.to_string(), amount: quantity.decimal().to_string() }
    }
}

/// A lot of a shipment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentGood {
    /// Lot.
    lot: String,
    /// Net mass, kilograms.
    net_mass_kg: String,
    /// Whether it needs a licence: `needed`, `not_needed`, `unknown` or `refer`.
    licence: &'static str,
    /// Control codes that name it.
    control_codes: Vec<String>,
}

/// Something that speaks against a shipment, or does not fit between filing and draw-down.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentFinding {
    /// Stable code.
    code: &'static str,
    /// What licence or draw-down say.
    expected: String,
    /// What the filing says.
    observed: String,
}

/// One unit of the licence line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentUnit {
    /// What is left, with what this declaration has drawn already.
    left: QuantityTold,
    /// What was filed; null where the filing does not tell all of it.
    filed: Option<String>,
    /// Whether more was filed than is left.
    beyond: bool,
}

/// A draw-down for the declaration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentDrawn {
    /// Licence and line; null where another party holds it.
    licence: Option<String>,
    /// The day.
    date: Option<String>,
    /// What was drawn; empty where another party holds the licence.
    quantities: Vec<QuantityTold>,
}

/// The rows of a filing that name one declaration and licence line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentOf {
    /// Customs declaration; null where none is named.
    declaration: Option<String>,
    /// Licence and line as `number/line`; null where none is named.
    licence: Option<String>,
    /// The lots.
    goods: Vec<ShipmentGood>,
    /// Whether it fits its licence line; null where no licence is named, or none are kept here.
    fits: Option<bool>,
    /// What speaks against it.
    against: Vec<ShipmentFinding>,
    /// Each unit of the line.
    units: Vec<ShipmentUnit>,
    /// How filing and draw-downs found each other: `matched`, `waiting`, `differs`, `no_licence`.
    ties: Vec<&'static str>,
    /// What customs drew down for the declaration.
    drawn: Vec<ShipmentDrawn>,
    /// What does not fit between filing and draw-down.
    gaps: Vec<ShipmentFinding>,
}

/// The shipments of an export filing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentsAnswer {
    /// One for each declaration and licence line; none where the filing is no export or was replaced.
    shipments: Vec<ShipmentOf>,
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn finding(of: &TieFinding) -> ShipmentFinding {
    ShipmentFinding {
        code: of.rule.code(),
        expected: of.expected.clone(),
        observed: of.observed.clone(),
    }
}

fn drawn(sight: &Sight, of: &DrawnDown) -> ShipmentDrawn {
    let seen = sight.sees(&of.holder);
    let quantities = of.quantities.iter().filter(|_| seen).map(QuantityTold::of);
    ShipmentDrawn {
        licence: seen.then(|| format!("{}/{}", of.licence, of.line)),
        date: seen.then(|| of.day.to_string()),
        quantities: quantities.collect(),
    }
}

fn shipment(sight: &Sight, of: &Shipment, ties: &[Tie]) -> ShipmentOf {
    let good = |row: &app::tie::ExportRow| ShipmentGood {
        lot: row.filed.lot.clone(),
        net_mass_kg: mass_plain(row.filed.net_mass_mg),
        licence: need_code(row.need.answer),
        control_codes: row.need.codes.clone(),
    };
    let units = of.fit.iter().flat_map(|fit| &fit.units).map(|unit| {
        let filed = |amount| Quantity { unit: unit.left.unit.clone(), amount };
        ShipmentUnit {
            left: QuantityTold::of(&unit.left),
            filed: unit.filed.map(|amount| filed(amount).decimal().to_string()),
            beyond: unit.beyond(),
        }
    });
    ShipmentOf {
        declaration: some(&of.declaration),
        licence: some(&of.licence),
        goods: of.rows.iter().map(good).collect(),
        fits: of.fit.as_ref().map(licensing::fit::Fit::fits),
        against: of.fit.iter().flat_map(|fit| &fit.findings).map(finding).collect(),
        units: units.collect(),
        ties: ties.iter().map(|tie| tie_code(tie.state)).collect(),
        drawn: ties.iter().flat_map(|tie| &tie.drawn).map(|of| drawn(sight, of)).collect(),
        gaps: ties.iter().flat_map(|tie| &tie.findings).map(finding).collect(),
    }
}

/// Whether an export filing needs licences, whether its shipments fit what is left of those it names, and
/// what customs drew down for its declarations.
#[utoipa::path(
    get,
    path = "/api/v1/filings/{filer}/{reference}/shipments",
    operation_id = "filing_shipments",
    tag = "filing",
    params(
        ("filer" = String, Path, description = "Who filed, `scheme:value`"),
        ("reference" = String, Path, description = "The filer's reference"),
    ),
    responses(
        (status = 200, description = "The shipments", body = ShipmentsAnswer),
        (status = 404, description = "No such filing, or not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn shipments(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
    Path((filer, reference)): Path<(String, String)>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&filer))?;
    let sight = visit.sight()?;
    if hall.platform.books().filing_number(&filer, &reference).is_none() {
        return Err(Stop::NotFound);
    }
    let found = shipments_known(&hall, &filer, &reference).await?;
    let shipments = found.iter().map(|(of, ties)| shipment(&sight, of, ties)).collect();
    json(&headers, &ShipmentsAnswer { shipments })
}

/// A duty of a draw-down.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DutyTold {
    /// The duty of the pack.
    duty: String,
    /// What is to be reported: `transport`, `arrival`, `installation`, `use`, `receipt`.
    report: &'static str,
    /// Licence number.
    licence: String,
    /// Line of the licence.
    line: String,
    /// Customs declaration.
    declaration: String,
    /// Its last day; null where none is named or what starts the time is not reported yet.
    last_day: Option<String>,
    /// `done`, `done_late`, `due`, `owed` or `overdue`.
    state: &'static str,
    /// Reference of the report that does it.
    done_by: Option<String>,
}

/// What does not come out even between draw-downs and reports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DutyGap {
    /// Stable code.
    code: &'static str,
    /// Licence number.
    licence: String,
    /// Line of the licence.
    line: String,
    /// Customs declaration.
    declaration: String,
    /// What was drawn, or arrived.
    expected: String,
    /// What is reported.
    observed: String,
    /// References of the reports that it rests on.
    reports: Vec<String>,
}

/// A report on record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportTold {
    /// Its reference.
    reference: String,
    /// What is reported.
    kind: &'static str,
    /// Licence number.
    licence: String,
    /// Line of the licence.
    line: String,
    /// Customs declaration.
    declaration: String,
    /// When it happened.
    date: String,
    /// When it was received.
    received: String,
    /// How much.
    quantities: Vec<QuantityTold>,
    /// What else is said.
    note: String,
    /// Reference of the one that replaces it; null where it counts.
    replaced_by: Option<String>,
}

/// What a holder owes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HolderTold {
    /// The holder.
    holder: String,
    /// Its duties.
    duties: Vec<DutyTold>,
    /// What does not come out even.
    gaps: Vec<DutyGap>,
    /// The reports, the latest first.
    reports: Vec<ReportTold>,
}

/// What holders owe after a grant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DutiesAnswer {
    /// By holder; a company sees itself.
    holders: Vec<HolderTold>,
}

fn holder(of: &HolderDuties) -> HolderTold {
    let duties = of.answer.duties.iter().map(|duty| DutyTold {
        duty: duty.duty.clone(),
        report: duty.report.code(),
        licence: duty.licence.clone(),
        line: duty.line.clone(),
        declaration: duty.declaration.clone(),
        last_day: duty.last_day.map(|day| day.to_string()),
        state: state_code(duty.state),
        done_by: duty.done_by.clone(),
    });
    let gaps = of.answer.findings.iter().map(|gap| DutyGap {
        code: gap.rule.code(),
        licence: gap.licence.clone(),
        line: gap.line.clone(),
        declaration: gap.declaration.clone(),
        expected: gap.expected.clone(),
        observed: gap.observed.clone(),
        reports: gap.reports.clone(),
    });
    let reports = of.reports.iter().map(|row| ReportTold {
        reference: row.report.reference.clone(),
        kind: row.report.kind.code(),
        licence: row.report.licence.clone(),
        line: row.report.line.clone(),
        declaration: row.report.declaration.clone(),
        date: row.report.day.to_string(),
        received: row.report.received.to_string(),
        quantities: row.report.quantities.iter().map(QuantityTold::of).collect(),
        note: row.note.clone(),
        replaced_by: row.replaced_by.clone(),
    });
    HolderTold {
        holder: of.holder.clone(),
        duties: duties.collect(),
        gaps: gaps.collect(),
        reports: reports.collect(),
    }
}

/// What holders must report after a grant, what they and the other side reported, and what does not come
/// out even. A company sees itself.
#[utoipa::path(
    get,
    path = "/api/v1/duties",
    operation_id = "duties",
    tag = "licensing",
    responses(
        (status = 200, description = "What is owed", body = DutiesAnswer),
        (status = 404, description = "Not for this account", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn duties(
    State(hall): State<Hall>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    let sight = licence_sight(&visit)?;
    let all = duties_known(&hall, &sight).await?;
    all.iter().for_each(|of| visit.look(&of.holder));
    json(&headers, &DutiesAnswer { holders: all.iter().map(holder).collect() })
}

/// A report of the own company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportAsked {
    /// Its reference, unique in the company: the same report again has no effect.
    reference: String,
    /// `transport`, `arrival`, `installation`, `use` or `reimport`.
    kind: String,
    /// Licence number.
    licence: String,
    /// Line of the licence.
    line: String,
    /// Customs declaration.
    declaration: String,
    /// When it happened (ISO 8601).
    date: String,
    /// How much; empty where it tells none.
    #[serde(default)]
    quantities: Vec<QuantityTold>,
    /// What else is said.
    #[serde(default)]
    note: String,
    /// Reference of the report that it replaces.
    #[serde(default)]
    replaces: String,
}

/// What became of a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportAnswer {
    /// `recorded`, or `already` where the same was recorded before.
    outcome: &'static str,
    /// Its reference.
    reference: String,
}

/// A report as the rules know it, or all fields that are not understood.
fn read(asked: &ReportAsked) -> Result<Report, Stop> {
    let mut faults = Vec::new();
    let mut wrong = |field: String, code, found: &str, accepted: String| {
        let message = format!("`{found}` is not understood");
        faults.push(FieldFault { field, code, message, accepted });
    };
    let kind = ReportKind::parse(&asked.kind);
    if kind.is_none() {
        let accepted = "transport, arrival, installation, use or reimport".to_owned();
        wrong("kind".to_owned(), "report_kind", &asked.kind, accepted);
    }
    let day = base::time::date_parse(&asked.date);
    if day.is_none() {
        wrong("date".to_owned(), "report_day", &asked.date, "a day such as 2025-03-03".to_owned());
    }
    let mut quantities = Vec::new();
    for (at, told) in asked.quantities.iter().enumerate() {
        let Some(unit) = Unit::parse(&told.unit) else {
            let accepted = "net_mass, pieces, content:Dy, oxide:Dy or value:EUR".to_owned();
            wrong(format!("quantities[{at}].unit"), "quantity_unit", &told.unit, accepted);
            continue;
        };
        match Quantity::read(&unit, &told.amount, "") {
            Ok(quantity) => quantities.push(quantity),
            Err(error) => {
                let field = format!("quantities[{at}].amount");
                wrong(field, error.code(), &told.amount, error.accepted());
            }
        }
    }
    match (kind, day) {
        (Some(kind), Some(day)) if faults.is_empty() => Ok(Report {
            reference: asked.reference.clone(),
            kind,
            licence: asked.licence.clone(),
            line: asked.line.clone(),
            declaration: asked.declaration.clone(),
            day,
            received: day,
            quantities,
        }),
        _ => Err(Stop::Fields(faults)),
    }
}

/// Reports what became of goods after their export: transport, arrival, installation, use, or that they came
/// back. What the other side received is told by the authority.
#[utoipa::path(
    post,
    path = "/api/v1/duties/reports",
    operation_id = "duty_report",
    tag = "licensing",
    request_body = ReportAsked,
    responses(
        (status = 201, description = "Recorded", body = ReportAnswer),
        (status = 200, description = "The same was recorded before", body = ReportAnswer),
        (status = 404, description = "Not for this account or the scope of its token", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are not as they should be", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn report(
    State(hall): State<Hall>,
    visit: Visit,
    asked: Result<Json<ReportAsked>, JsonRejection>,
) -> Result<Response, Stop> {
    let party = visit.actor.party.clone();
    visit.allow(Resource::Licence(&party))?;
    let asked = body(asked)?;
    let report = read(&asked)?;
    let law = law(&hall, &hall.config.pack).await?;
    let (shared, account) = (hall.clone(), visit.actor.account.clone());
    let reference = asked.reference.clone();
    let done = off_thread(move || {
        let new = NewReport {
            holder: &party,
            teller: Teller::Holder,
            report,
            note: &asked.note,
            replaces: &asked.replaces,
            account: &account,
            at: shared.now(),
        };
        shared.platform.holder_report_take(&law, &new)
    });
    let (status, outcome) = match done.await? {
        Ok(ReportTaken::Recorded) => (StatusCode::CREATED, "recorded"),
        Ok(ReportTaken::Already) => (StatusCode::OK, "already"),
        Err(ReportError::Platform(error)) => return Err(fault(&error)),
        Err(error) => {
            let accepted = "see the description of the field";
            let field = match error.field() {
                "day" => "date",
                "quantity" => "quantities",
                field => field,
            };
            return Err(Stop::field(field, error.code(), error.to_string(), accepted));
        }
    };
    Ok((status, Json(ReportAnswer { outcome, reference })).into_response())
}
