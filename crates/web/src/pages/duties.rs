//! What holders owe after a grant: where each report stands, what does not come out even, and the form by
//! which a holder reports; for the authority, what the other side says it received.

use app::duties::{HolderDuties, NewReport, ReportError, ReportRow, Teller};
use app::licensed::Whose;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::authorisation::{Action, Resource, authorise};
use licensing::duty::{DutyOf, DutyState, LoopFinding, Report, ReportKind};
use licensing::quantity::{Quantity, QuantityError, Unit};
use serde::Deserialize;

use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::shipments::quantity_words;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::{Sight, Visit};

/// Reports shown, the latest of each holder first; more are counted.
const REPORTS_SHOWN: usize = 50;
/// Duties shown, what is overdue first; more are counted. Gaps likewise.
const DUTIES_SHOWN: usize = 200;

struct DutyRow {
    holder: String,
    licence: String,
    declaration: String,
    what: String,
    last_day: String,
    state: &'static str,
    state_words: String,
    done_by: String,
    /// Where it is reported; empty where it is done, or not for the visitor to report.
    href: String,
}

struct GapRow {
    holder: String,
    licence: String,
    declaration: String,
    words: String,
    expected: String,
    observed: String,
}

struct ToldRow {
    holder: String,
    reference: String,
    what: String,
    licence: String,
    declaration: String,
    day: String,
    quantities: String,
    note: String,
    replaced_by: String,
}

struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "duties.html")]
struct DutiesPage {
    page: Page,
    authority: bool,
    duties: Vec<DutyRow>,
    /// What is done already.
    done: Vec<DutyRow>,
    duties_more: u64,
    gaps: Vec<GapRow>,
    told: Vec<ToldRow>,
    told_more: u64,
    /// Where the form goes; empty where this visitor reports nothing.
    address: &'static str,
    kinds: Vec<Choice>,
    entry: Entry,
    faults: Vec<FieldFault>,
}

/// What somebody typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    holder: String,
    reference: String,
    kind: String,
    licence: String,
    line: String,
    declaration: String,
    day: String,
    mass: String,
    pieces: String,
    note: String,
    replaces: String,
}

/// Whose licences the visitor may do the route's action on: all, or its own.
pub(crate) fn licence_sight(visit: &Visit) -> Result<Sight, Stop> {
    if visit.actor.role.of_party() {
        visit.allow(Resource::Licence(&visit.actor.party))?;
        return Ok(Sight::Own(visit.actor.party.clone()));
    }
    visit.allow(Resource::Platform)?;
    Ok(Sight::All)
}

/// What the visitor's holders owe.
pub(crate) async fn duties_known(hall: &Hall, sight: &Sight) -> Result<Vec<HolderDuties>, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let (shared, own) = (hall.clone(), sight.own().map(str::to_owned));
    let found = off_thread(move || {
        let whose = own.as_deref().map_or(Whose::All, Whose::Of);
        shared.platform.holder_duties(&law, whose, shared.now())
    });
    found.await?.map_err(|error| fault(&error))
}

/// The stable code of where a duty stands.
pub(crate) fn state_code(state: DutyState) -> &'static str {
    match state {
        DutyState::Done => "done",
        DutyState::DoneLate => "done_late",
        DutyState::Due => "due",
        DutyState::Owed => "owed",
        DutyState::Overdue => "overdue",
    }
}

/// What is to be done first: overdue, due, owed, done.
fn rank(state: DutyState) -> u8 {
    match state {
        DutyState::Overdue => 0,
        DutyState::Due => 1,
        DutyState::Owed => 2,
        DutyState::DoneLate => 3,
        DutyState::Done => 4,
    }
}

/// Whether a duty is done.
fn done(state: DutyState) -> bool {
    matches!(state, DutyState::Done | DutyState::DoneLate)
}

fn duty_row(t: &Text, kinds: &[ReportKind], holder: &str, duty: &DutyOf) -> DutyRow {
    let (kind, state) = (duty.report.code(), state_code(duty.state));
    let reports = kinds.contains(&duty.report) && !done(duty.state);
    let pairs = [
        ("kind", kind),
        ("holder", holder),
        ("licence", duty.licence.as_str()),
        ("line", duty.line.as_str()),
        ("declaration", duty.declaration.as_str()),
    ];
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    DutyRow {
        href: if reports { format!("/duties?{}#report", query.join("&")) } else { String::new() },
        holder: holder.to_owned(),
        licence: format!("{}/{}", duty.licence, duty.line),
        declaration: duty.declaration.clone(),
        what: t.code("report-kind", kind, kind),
        last_day: duty.last_day.map(|day| show::date(t, day)).unwrap_or_default(),
        state,
        state_words: t.code("duty-state", state, state),
        done_by: duty.done_by.clone().unwrap_or_default(),
    }
}

fn gap_row(t: &Text, holder: &str, gap: &LoopFinding) -> GapRow {
    let code = gap.rule.code();
    GapRow {
        holder: holder.to_owned(),
        licence: format!("{}/{}", gap.licence, gap.line),
        declaration: gap.declaration.clone(),
        words: t.code("rule", code, code),
        expected: gap.expected.clone(),
        observed: gap.observed.clone(),
    }
}

fn told_row(t: &Text, holder: &str, row: &ReportRow) -> ToldRow {
    let (report, kind) = (&row.report, row.report.kind.code());
    let quantities: Vec<String> = report.quantities.iter().map(|q| quantity_words(t, q)).collect();
    ToldRow {
        holder: holder.to_owned(),
        reference: report.reference.clone(),
        what: t.code("report-kind", kind, kind),
        licence: format!("{}/{}", report.licence, report.line),
        declaration: report.declaration.clone(),
        day: show::date(t, report.day),
        quantities: quantities.join(", "),
        note: row.note.clone(),
        replaced_by: row.replaced_by.clone().unwrap_or_default(),
    }
}

/// Where the visitor reports, and what it may report.
fn reports(visit: &Visit) -> (&'static str, Vec<ReportKind>) {
    let party = Resource::Licence(&visit.actor.party);
    if visit.actor.role.of_party() && authorise(&visit.actor, Action::Apply, party) {
        let own = ReportKind::ALL.into_iter().filter(|kind| *kind != ReportKind::Receipt);
        return ("/duties", own.collect());
    }
    if authorise(&visit.actor, Action::ManageLicence, Resource::Platform) {
        return ("/duties/receipts", vec![ReportKind::Receipt]);
    }
    ("", Vec::new())
}

async fn shown(
    hall: &Hall,
    visit: &Visit,
    sight: &Sight,
    entry: Entry,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let all = duties_known(hall, sight).await?;
    all.iter().for_each(|of| visit.look(&of.holder));
    let mut duties: Vec<(&str, &DutyOf)> = all
        .iter()
        .flat_map(|of| of.answer.duties.iter().map(|duty| (of.holder.as_str(), duty)))
        .collect();
    duties.sort_by_key(|(_, duty)| (rank(duty.state), duty.last_day));
    let (address, kinds) = reports(visit);
    let duties_more = duties.len().saturating_sub(DUTIES_SHOWN) as u64;
    let shown = duties.into_iter().take(DUTIES_SHOWN);
    let (closed, open): (Vec<_>, Vec<_>) = shown.partition(|(_, duty)| done(duty.state));
    let rows = |of: Vec<(&str, &DutyOf)>| {
        of.into_iter().map(|(holder, duty)| duty_row(t, &kinds, holder, duty)).collect()
    };
    let gaps = all.iter().flat_map(|of| of.answer.findings.iter().map(|gap| (&of.holder, gap)));
    let told: Vec<(&String, &ReportRow)> =
        all.iter().flat_map(|of| of.reports.iter().map(|row| (&of.holder, row))).collect();
    let choice = |kind: ReportKind| Choice {
        value: kind.code().to_owned(),
        words: t.code("report-kind", kind.code(), kind.code()),
        chosen: entry.kind == kind.code(),
    };
    let mut page = Page::new(hall, visit, t.get("duties-title"));
    page.parties_name(hall, all.iter().map(|of| of.holder.as_str()))?;
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = DutiesPage {
        page,
        authority: *sight == Sight::All,
        duties_more,
        duties: rows(open),
        done: rows(closed),
        gaps: gaps.take(DUTIES_SHOWN).map(|(holder, gap)| gap_row(t, holder, gap)).collect(),
        told_more: told.len().saturating_sub(REPORTS_SHOWN) as u64,
        told: told
            .into_iter()
            .take(REPORTS_SHOWN)
            .map(|(holder, row)| told_row(t, holder, row))
            .collect(),
        address,
        kinds: kinds.iter().copied().map(choice).collect(),
        entry,
        faults,
    };
    html(status, &template)
}

/// `GET /duties`; a duty leads to the form with what is known of it filled in.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(entry): Query<Entry>,
) -> Result<Response, Stop> {
    let sight = licence_sight(&visit)?;
    shown(&hall, &visit, &sight, entry, Vec::new()).await
}

/// `POST /duties`: a holder reports.
pub(crate) async fn report(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Stop> {
    let party = visit.actor.party.clone();
    visit.allow(Resource::Licence(&party))?;
    let sight = Sight::Own(party.clone());
    take(hall, visit, sight, Entry { holder: party, ..entry }, Teller::Holder).await
}

/// `POST /duties/receipts`: the authority records what the other side received.
pub(crate) async fn receipt(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Licence(entry.holder.trim()))?;
    let kind = ReportKind::Receipt.code().to_owned();
    take(hall, visit, Sight::All, Entry { kind, ..entry }, Teller::Authority).await
}

async fn take(
    hall: Hall,
    visit: Visit,
    sight: Sight,
    entry: Entry,
    teller: Teller,
) -> Result<Response, Stop> {
    let t = visit.text();
    let report = match read(t, &entry) {
        Ok(report) => report,
        Err(faults) => return shown(&hall, &visit, &sight, entry, faults).await,
    };
    let law = law(&hall, &hall.config.pack).await?;
    let (shared, account, typed) = (hall.clone(), visit.actor.account.clone(), entry.clone());
    let done = off_thread(move || {
        let new = NewReport {
            holder: typed.holder.trim(),
            teller,
            report,
            note: &typed.note,
            replaces: typed.replaces.trim(),
            account: &account,
            at: shared.now(),
        };
        shared.platform.holder_report_take(&law, &new)
    });
    match done.await? {
        Ok(_) => Ok((StatusCode::SEE_OTHER, [(LOCATION, "/duties")]).into_response()),
        Err(ReportError::Platform(error)) => Err(fault(&error)),
        Err(error) => {
            let name = if error.field() == "quantity" { "mass" } else { error.field() };
            let faults = vec![field(t, name, error.code())];
            shown(&hall, &visit, &sight, entry, faults).await
        }
    }
}

fn field(t: &Text, field: &str, code: &'static str) -> FieldFault {
    FieldFault {
        field: field.to_owned(),
        code,
        message: t.get(&format!("report-refused-{code}")),
        accepted: String::new(),
    }
}

/// A quantity as typed; nothing where nothing is.
fn quantity(unit: &Unit, typed: &str) -> Result<Option<Quantity>, QuantityError> {
    match typed.trim() {
        "" => Ok(None),
        text => Quantity::read(unit, text, "").map(Some),
    }
}

/// What is typed as a report, or all that is not understood.
fn read(t: &Text, entry: &Entry) -> Result<Report, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let kind = ReportKind::parse(entry.kind.trim());
    if kind.is_none() {
        faults.push(field(t, "kind", "report_kind"));
    }
    let day = base::time::date_parse(entry.day.trim());
    if day.is_none() {
        faults.push(field(t, "day", "report_day"));
    }
    let mut quantities = Vec::new();
    for (name, unit, typed) in
        [("mass", Unit::NetMass, &entry.mass), ("pieces", Unit::Pieces, &entry.pieces)]
    {
        match quantity(&unit, typed) {
            Ok(quantity) => quantities.extend(quantity),
            Err(_) => faults.push(field(t, name, "report_quantities")),
        }
    }
    match (kind, day) {
        (Some(kind), Some(day)) if faults.is_empty() => Ok(Report {
            reference: entry.reference.trim().to_owned(),
            kind,
            licence: entry.licence.trim().to_owned(),
            line: entry.line.trim().to_owned(),
            declaration: entry.declaration.trim().to_owned(),
            day,
            received: day,
            quantities,
        }),
        _ => Err(faults),
    }
}
