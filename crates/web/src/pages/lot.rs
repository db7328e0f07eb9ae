//! One lot: what it is, where it comes from, where it went.

use app::Audience;
use app::views::{FilingView, LotView, PlaceView};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base::Common;
use base::authorisation::Resource;
use insight::{TraceAnswer, TraceError};

use crate::config::{Hall, Shared};
use crate::form::encoded;
use crate::page::{Page, html};
use crate::pages::FilingRow;
use crate::pages::trace::{Asked, TraceView, csv as trace_csv, view};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visibility::{lineage_seen, lot_seen, trace_seen, traceable};
use crate::visit::{ANYONE, Sight, Visit};

/// Steps of the picture from the lot asked about.
const LINEAGE_DEPTH: usize = 4;
/// The stage at which licences and prices look: what a separator sells.
const SEPARATED: &str = "separated_compound";
/// Lots in a column of the picture.
const LINEAGE_WIDTH: usize = 7;

struct Link {
    href: String,
    text: String,
    current: bool,
}

struct PlaceRow {
    mass: String,
    state: String,
    party: String,
    to_party: String,
    site: String,
}

impl PlaceRow {
    fn new(t: &Text, place: &PlaceView) -> PlaceRow {
        PlaceRow {
            mass: show::mass(place.mass_mg),
            state: t.code("state", place.state, place.state),
            party: place.party.clone(),
            to_party: place.to_party.clone(),
            site: place.site.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "lot.html")]
struct LotPage {
    page: Page,
    faults: Vec<FieldFault>,
    id: String,
    stage: String,
    state: String,
    party: String,
    site: String,
    mass: String,
    composition: Vec<(String, String)>,
    places: Vec<PlaceRow>,
    directions: Vec<Link>,
    elements: Vec<Link>,
    /// Where a trace back may stop; empty where that is no question.
    stops: Vec<Link>,
    trace: Option<TraceView>,
    traceable: bool,
    element: String,
    to: String,
    direction: String,
    as_of: String,
    as_of_fault: Option<String>,
    known_at: String,
    known_at_fault: Option<String>,
    times_open: bool,
    makers: Vec<FilingRow>,
    draws: Vec<FilingRow>,
    draws_more: u64,
}

/// A lot that a visitor may see something of.
pub(crate) struct Found {
    /// As the visitor sees it.
    pub(crate) lot: LotView,
    /// Whose books the visitor sees.
    pub(crate) sight: Sight,
    /// Whether the visitor may follow its content.
    pub(crate) traceable: bool,
}

impl Found {
    /// Goes on only where the content may be followed; otherwise there is nothing to find.
    pub(crate) fn if_traceable(self) -> Result<Found, Stop> {
        if self.traceable { Ok(self) } else { Err(Stop::NotFound) }
    }
}

/// The lot of an id as the visitor sees it, if it sees it.
pub(crate) fn lot_find(shared: &Shared, visit: &Visit, id: &str) -> Result<Found, Stop> {
    let sight = visit.sight();
    let reader = sight.as_ref().map_or(Audience::Authority, Sight::reader);
    let found = shared.platform.books().lot(id, reader);
    let Some(lot) = found else {
        // Asked all the same, so that what is not there and what may not be seen look the same.
        visit.allow(Resource::Book(ANYONE))?;
        return Err(Stop::NotFound);
    };
    visit.allow_one_of(lot.books.iter().map(|party| Resource::Book(party)))?;
    let sight = sight?;
    let traceable = traceable(&sight, &lot);
    Ok(Found { lot: lot_seen(&sight, lot), sight, traceable })
}

/// The answer of a trace as the visitor sees it.
pub(crate) fn trace_find(
    shared: &Shared,
    visit: &Visit,
    sight: &Sight,
    asked: &Asked,
    lot: &str,
) -> Result<TraceAnswer, Stop> {
    let query = asked.query(lot).map_err(Stop::Fields)?;
    let answer = shared.platform.books().trace(&query).map_err(|error| match error {
        TraceError::UnknownLot(_) => Stop::NotFound,
        TraceError::UnknownElement(_) => {
            Stop::field("element", "element", error.to_string(), "a symbol such as Dy")
        }
        TraceError::UnknownStage(_) => {
            Stop::field("to", "stage", error.to_string(), "a stage code of the pack")
        }
    })?;
    let seen = trace_seen(sight, answer);
    visit.look_along(&seen);
    Ok(seen)
}

/// The element first asked about: the one of most interest that the lot holds.
fn element_default(lot: &LotView) -> String {
    let holds = |symbol: &&str| lot.composition.iter().any(|c| c.0 == **symbol && c.1 > 0);
    let preferred = ["Dy", "Tb", "Nd", "Pr", "Sm", "Gd"].iter().find(|symbol| holds(symbol));
    let first = lot.composition.iter().find(|c| c.1 > 0).map(|c| c.0.clone());
    preferred.map(|symbol| (*symbol).to_owned()).or(first).unwrap_or_else(|| "Dy".to_owned())
}

/// `GET /lots/{id}?element=&direction=`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Query(mut asked): Query<Asked>,
) -> Result<Response, Stop> {
    let found = lot_find(&hall, &visit, &id)?;
    if asked.element.is_empty() {
        asked.element = element_default(&found.lot);
    }
    asked.bounds = "true".to_owned();
    let path = format!("/lots/{}", encoded(&id));
    let (trace, faults) = if found.traceable {
        match trace_shown(&hall, &visit, &found, &asked, &path) {
            Ok(trace) => (Some(trace), Vec::new()),
            Err(Stop::Fields(faults)) => (None, faults),
            Err(stop) => return Err(stop),
        }
    } else {
        (None, Vec::new())
    };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = Page::new(&hall, &visit, id.clone());
    page.faulty = !faults.is_empty();
    html(status, &lot_page(page, &found, &asked, &path, trace, faults))
}

/// The trace of a lot with its picture.
fn trace_shown(
    hall: &Shared,
    visit: &Visit,
    found: &Found,
    asked: &Asked,
    path: &str,
) -> Result<TraceView, Stop> {
    let id = &found.lot.id;
    let answer = trace_find(hall, visit, &found.sight, asked, id)?;
    let now = asked.as_of.trim().is_empty() && asked.known_at.trim().is_empty();
    let lineage = hall
        .platform
        .books()
        .lineage(id, &asked.element, LINEAGE_DEPTH, LINEAGE_WIDTH)
        .filter(|_| now)
        .map(|lineage| lineage_seen(&found.sight, lineage));
    lineage.iter().flat_map(|lineage| &lineage.nodes).for_each(|node| visit.look(&node.party));
    let direction = asked.toward();
    let csv = asked.address(&format!("{path}/trace.csv"), &asked.element, direction);
    Ok(view(visit.text(), &answer, lineage, csv))
}

fn lot_page(
    page: Page,
    found: &Found,
    asked: &Asked,
    path: &str,
    trace: Option<TraceView>,
    faults: Vec<FieldFault>,
) -> LotPage {
    let t = page.t;
    let lot = &found.lot;
    let direction = asked.toward();
    let link = |element: &str, toward: &str, text: String, current: bool| Link {
        href: format!("{}#trace", asked.address(path, element, toward)),
        text,
        current,
    };
    let faults = asked.faults_worded(t, faults);
    let fault = |name: &str| {
        let found = faults.iter().find(|fault| fault.field == name);
        found.map(|fault| fault.message.clone())
    };
    let rows = |filings: &[FilingView]| filings.iter().map(|f| FilingRow::new(t, f)).collect();
    let analysed = lot.composition.iter().filter(|part| part.1 > 0);
    LotPage {
        stage: show::sentence(&show::stage_short(t, &lot.stage)),
        state: t.code("lot-state", lot.state, ""),
        party: lot.party.clone(),
        site: lot.site.clone(),
        mass: if lot.made_mass_mg > 0 { show::mass(lot.made_mass_mg) } else { String::new() },
        composition: lot
            .composition
            .iter()
            .map(|(symbol, ppb)| (symbol.clone(), show::percent_ppb(*ppb)))
            .collect(),
        places: lot.places.iter().map(|place| PlaceRow::new(t, place)).collect(),
        directions: [("back", "direction-back"), ("forward", "direction-forward")]
            .map(|(code, key)| link(&asked.element, code, t.get(key), code == direction))
            .into(),
        elements: analysed
            .map(|(symbol, _)| link(symbol, direction, symbol.clone(), *symbol == asked.element))
            .collect(),
        stops: if found.sight == Sight::All && direction == "back" {
            stops(t, lot, asked, path)
        } else {
            Vec::new()
        },
        trace,
        traceable: found.traceable,
        element: asked.element.clone(),
        to: asked.to.clone(),
        direction: direction.to_owned(),
        as_of_fault: fault("as_of"),
        known_at_fault: fault("known_at"),
        as_of: asked.as_of.clone(),
        known_at: asked.known_at.clone(),
        times_open: !asked.as_of.is_empty() || !asked.known_at.is_empty(),
        makers: rows(&lot.makers),
        draws: rows(&lot.draws),
        draws_more: lot.draws_count.saturating_sub(lot.draws.len() as u64),
        id: lot.id.clone(),
        faults,
        page,
    }
}

/// Where a trace back of a lot may stop: at the origins, at the suppliers, at the separator.
fn stops(t: &Text, lot: &LotView, asked: &Asked, path: &str) -> Vec<Link> {
    let order = |code: &str| {
        Common::embedded().stages.iter().find(|row| row.code == code).map_or(0, |row| row.order)
    };
    let mut stops = vec![
        ("root".to_owned(), t.get("lot-to-root")),
        ("party".to_owned(), t.get("lot-to-party")),
    ];
    if order(&lot.stage) > order(SEPARATED) {
        let name = show::sentence(&show::stage_short(t, SEPARATED));
        stops.push((format!("stage={SEPARATED}"), name));
    }
    stops
        .into_iter()
        .map(|(to, text)| {
            let current = to == asked.to || (to == "root" && asked.to.is_empty());
            let there = Asked { to, ..asked.clone() };
            let href = format!("{}#trace", there.address(path, &asked.element, "back"));
            Link { href, text, current }
        })
        .collect()
}

/// `GET /lots/{id}/trace.csv`.
pub(crate) async fn csv(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Query(mut asked): Query<Asked>,
) -> Result<Response, Stop> {
    let found = lot_find(&hall, &visit, &id)?.if_traceable()?;
    if asked.element.is_empty() {
        asked.element = element_default(&found.lot);
    }
    asked.bounds = "true".to_owned();
    let answer = trace_find(&hall, &visit, &found.sight, &asked, &id)?;
    Ok((
        [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (CONTENT_DISPOSITION, "attachment; filename=\"trace.csv\""),
        ],
        trace_csv(&answer),
    )
        .into_response())
}
