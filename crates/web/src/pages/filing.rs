//! One filing, its legs and its chain of corrections.

use app::views::FilingView;
use app::{Audience, Books};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::Resource;

use crate::config::Hall;
use crate::form::encoded;
use crate::page::{Page, html};
use crate::pages::shipments::{ShipmentBox, shipments, shown};
use crate::show;
use crate::stop::Stop;
use crate::text::Text;
use crate::visibility::filing_seen;
use crate::visit::Visit;

/// The most steps of a chain of corrections followed each way.
const CHAIN_MAX: usize = 200;

struct LegRow {
    role: String,
    lot: String,
    stage: String,
    mass: String,
}

struct Step {
    href: String,
    reference: String,
    live: bool,
    current: bool,
    words: String,
}

#[derive(Template)]
#[template(path = "filing.html")]
struct FilingPage {
    page: Page,
    reference: String,
    kind: String,
    live: bool,
    filer: String,
    site: String,
    counterparty: String,
    date: String,
    recorded_at: String,
    recorded: String,
    digest: String,
    legs: Vec<LegRow>,
    sums: Vec<(String, String)>,
    chain: Vec<Step>,
    shipments: Vec<ShipmentBox>,
}

/// The filings reached by following one end of the chain of corrections.
fn steps(
    books: &Books,
    filing: &FilingView,
    reader: Audience<'_>,
    next: impl Fn(&FilingView) -> Option<String>,
) -> Vec<FilingView> {
    let follow = |at: &FilingView| books.filing(&at.filer, &next(at)?, reader);
    std::iter::successors(follow(filing), follow).take(CHAIN_MAX).collect()
}

/// The chain of corrections of a filing, the first filed first.
pub(crate) fn chain(books: &Books, filing: &FilingView, reader: Audience<'_>) -> Vec<FilingView> {
    let mut chain = steps(books, filing, reader, |at| at.corrects.clone());
    chain.reverse();
    chain.push(filing.clone());
    chain.extend(steps(books, filing, reader, |at| at.corrected_by.clone()));
    chain
}

fn sums(t: &Text, filing: &FilingView) -> Vec<(String, String)> {
    let total = |role: &str| -> i128 {
        filing.legs.iter().filter(|leg| leg.role == role).map(|leg| i128::from(leg.mass_mg)).sum()
    };
    if filing.kind != "transform" {
        return Vec::new();
    }
    [("in", "filing-sum-in"), ("out", "filing-sum-out"), ("loss", "filing-sum-loss")]
        .into_iter()
        .map(|(role, key)| (t.get(key), show::mass(total(role))))
        .collect()
}

/// `GET /filings/{filer}/{reference}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path((filer, reference)): Path<(String, String)>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&filer))?;
    let t = visit.text();
    let sight = visit.sight()?;
    let (filing, chain) = {
        let books = hall.platform.books();
        let found = books.filing(&filer, &reference, sight.reader()).ok_or(Stop::NotFound)?;
        let filing = filing_seen(&sight, found).ok_or(Stop::NotFound)?;
        let chain = chain(&books, &filing, sight.reader());
        (filing, chain)
    };
    let exported = if filing.kind == "export" && filing.live {
        shipments(&hall, &filer, &reference).await?
    } else {
        Vec::new()
    };
    let template = FilingPage {
        shipments: exported.iter().map(|(of, ties)| shown(t, &sight, of, ties)).collect(),
        page: Page::new(&hall, &visit, t.one("filing-title", &filing.reference)),
        kind: t.code("kind", filing.kind, filing.kind),
        live: filing.live,
        site: filing.site.clone(),
        counterparty: filing.counterparty.clone(),
        date: show::date_text(t, &filing.date),
        recorded: show::instant_text(t, &filing.recorded_at),
        recorded_at: filing.recorded_at.clone(),
        digest: filing.digest.clone(),
        legs: filing
            .legs
            .iter()
            .map(|leg| LegRow {
                role: t.code("leg", leg.role, leg.role),
                lot: leg.lot.clone(),
                stage: show::stage_short(t, &leg.stage),
                mass: show::mass(leg.mass_mg),
            })
            .collect(),
        sums: sums(t, &filing),
        chain: chain
            .iter()
            .map(|step| Step {
                href: format!("/filings/{}/{}", encoded(&step.filer), encoded(&step.reference)),
                reference: step.reference.clone(),
                live: step.live,
                current: step.reference == filing.reference,
                words: t.two(
                    "filing-step",
                    t.code("kind", step.kind, step.kind),
                    show::instant_text(t, &step.recorded_at),
                ),
            })
            .collect(),
        reference: filing.reference,
        filer: filing.filer,
    };
    html(StatusCode::OK, &template)
}
