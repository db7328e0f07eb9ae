//! What a draft would change: the exports of the last twelve months, judged by the list in force and by the
//! draft.

use app::law::replay::{Replay, day_asked, replay, twelve_months};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::Date;
use base::authorisation::Resource;
use serde::Deserialize;

use super::clock::coded;
use super::law::{address, open};
use super::list::day;
use crate::config::Hall;
use crate::form::encoded;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Products shown; more are counted.
const PRODUCTS_SHOWN: usize = 200;

struct ProductRow {
    change: String,
    product: String,
    before: String,
    after: String,
    exports: u64,
    mass: String,
    parties: Vec<String>,
    companies: u64,
    licensed: u64,
    destinations: String,
    licences: String,
    without: u64,
    lots: Vec<String>,
}

#[derive(Template)]
#[template(path = "law_replay.html")]
struct ReplayPage {
    page: Page,
    back: String,
    href: String,
    on: String,
    window: String,
    sentence: String,
    stats: Vec<(String, u64)>,
    rows: Vec<ProductRow>,
    faults: Vec<FieldFault>,
}

/// What is asked.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    /// The day as of which both lists are asked.
    #[serde(default)]
    on: String,
    /// The last day of the exports.
    #[serde(default)]
    to: String,
}

fn answers(t: &Text, told: &[String]) -> String {
    let words: Vec<String> = told.iter().map(|code| t.code("verdict", code, code)).collect();
    words.join(", ")
}

fn rows(t: &Text, found: &Replay) -> Vec<ProductRow> {
    let row = |product: &app::law::replay::ProductChange| {
        let named = [product.product.as_str(), product.grade.as_str()];
        let named: Vec<&str> = named.into_iter().filter(|text| !text.is_empty()).collect();
        ProductRow {
            change: coded(&product.change),
            product: format!("{} ({})", named.join(" "), show::stage_short(t, &product.stage)),
            before: answers(t, &product.before),
            after: answers(t, &product.after),
            exports: product.exports,
            mass: show::mass(product.mass_mg),
            companies: product.parties.len() as u64,
            licensed: product.licences.len() as u64,
            parties: product.parties.iter().cloned().collect(),
            destinations: product.destinations.iter().cloned().collect::<Vec<_>>().join(", "),
            licences: product.licences.iter().cloned().collect::<Vec<_>>().join(", "),
            without: product.without_licence,
            lots: product.lots.clone(),
        }
    };
    found.products.iter().take(PRODUCTS_SHOWN).map(row).collect()
}

/// `GET /law/{pack}/{version}/replay?on=&to=`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path((pack, version)): Path<(String, u32)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let opened = open(&hall, &pack, version).await?;
    let mut faults = Vec::new();
    let today = show::day_of(hall.now());
    let default = day_asked(&opened.in_force.pack, &opened.law.pack, today);
    let on = day(t, "on", &wanted.on, Some(default), &mut faults).unwrap_or(default);
    // A ledger may end before today: its last twelve months are then those that there are.
    let last = last_export_day(&hall).unwrap_or(today).min(today);
    let to = day(t, "to", &wanted.to, Some(last), &mut faults).unwrap_or(last);
    let window = twelve_months(to);
    let shared = hall.clone();
    let found = off_thread(move || {
        let exports = shared.platform.exported(window.0, window.1)?;
        let (old, new) = (&opened.in_force.pack, &opened.law.pack);
        Ok::<_, app::PlatformError>(replay(old, new, on, window, &exports))
    });
    let found = found.await?.map_err(|error| fault(&error))?;
    for party in &found.parties {
        visit.look(party);
    }
    let mut page = Page::new(&hall, &visit, t.get("replay-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = ReplayPage {
        back: address(&pack, version),
        href: format!("/law/{}/{version}/replay", encoded(&pack)),
        on: on.to_string(),
        window: t.two("replay-window", show::date(t, found.from), show::date(t, found.to)),
        sentence: t.three(
            "replay-sentence",
            show::count(found.exports_changed),
            show::count(found.exports),
            show::date(t, found.on),
        ),
        stats: vec![
            (t.get("replay-products"), found.products.len() as u64),
            (t.get("replay-parties"), found.parties.len() as u64),
            (t.get("replay-licences"), found.licences.len() as u64),
            (t.get("replay-would-need"), found.would_need_licence),
        ],
        rows: rows(t, &found),
        faults,
        page,
    };
    html(status, &template)
}

/// The last business date in the books.
fn last_export_day(hall: &Hall) -> Option<Date> {
    let last = hall.platform.books().totals().last_date?;
    base::time::date_parse(&last)
}
