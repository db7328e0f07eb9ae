//! The licences of a holder, or the latest of all: how each stands and what is left of it.

use app::licence::{LicenceError, LicenceView, Load};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{LineRow, Stands, kind, line_rows};
use crate::api::border::refused;
use crate::config::Hall;
use crate::form::encoded;
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::duties::licence_sight;
use crate::show;
use crate::stop::Stop;
use crate::visit::Visit;

/// Licences of one page.
const ROWS: usize = 50;
/// Lines shown of each; the licence has all.
const LINES_SHOWN: usize = 3;

struct LicenceRow {
    href: String,
    number: String,
    holder: String,
    kind: String,
    stands: Stands,
    valid_to: String,
    lines: Vec<LineRow>,
    lines_more: u64,
}

#[derive(Template)]
#[template(path = "licences.html")]
struct LicencesPage {
    page: Page,
    /// Whether the holders are named: not to one, whose own they all are.
    authority: bool,
    rows: Vec<LicenceRow>,
    next: String,
}

/// Which licences.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The place of the last licence of the page before: when it was issued, µs, and its number.
    before: String,
}

impl Asked {
    /// After which place the page begins: the first begins before all.
    fn place(&self) -> (i64, String) {
        let place = self.before.split_once('~');
        let known = place.and_then(|(at_us, number)| Some((at_us.parse().ok()?, number)));
        known.map_or((i64::MAX, String::new()), |(at_us, number)| (at_us, number.to_owned()))
    }
}

/// `GET /licences`: the latest first.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let sight = licence_sight(&visit)?;
    let t = visit.text();
    let law = law(&hall, &hall.config.pack).await?;
    let (before_us, before) = asked.place();
    let (shared, now, own) = (hall.clone(), hall.now(), sight.own().map(str::to_owned));
    let found = off_thread(move || {
        let reader = |read: &app::licence::LicensingRead<'_>| {
            let numbers: Vec<String> = match &own {
                Some(holder) => {
                    let mut of = app::licence::of_holder(read, holder)?;
                    // As the list of all stands: many may be issued at one instant.
                    of.sort_by(|a, b| {
                        let place = |one: &app::licence::Held| one.record.issued_at_us;
                        (place(b), &b.record.number).cmp(&(place(a), &a.record.number))
                    });
                    let later = |one: &app::licence::Held| {
                        let at_us = one.record.issued_at_us;
                        at_us < before_us || (at_us == before_us && one.record.number < before)
                    };
                    let rest = of.into_iter().filter(later).take(ROWS + 1);
                    rest.map(|one| one.record.number).collect()
                }
                None => {
                    let latest = read.licences_before((before_us, &before), ROWS as u32 + 1)?;
                    latest.into_iter().map(|record| record.number).collect()
                }
            };
            let view = |number: &String| app::licence::view(read, number, now, Load::Needed);
            numbers.iter().map(view).collect::<Result<Vec<LicenceView>, LicenceError>>()
        };
        shared.border.read(reader)
    });
    let mut views = found.await?.map_err(refused)?;
    let more = views.len() > ROWS;
    views.truncate(ROWS);
    let next = match views.last() {
        Some(LicenceView { held, .. }) if more => {
            let at_us = held.record.issued_at_us;
            format!("/licences?before={at_us}~{}", encoded(&held.record.number))
        }
        _ => String::new(),
    };
    views.iter().for_each(|view| visit.look(&view.held.licence.holder));
    let row = |view: &LicenceView| {
        let licence = &view.held.licence;
        let mut lines = line_rows(t, &law, view);
        let lines_more = lines.len().saturating_sub(LINES_SHOWN) as u64;
        lines.truncate(LINES_SHOWN);
        LicenceRow {
            href: href(&licence.number),
            number: licence.number.clone(),
            holder: licence.holder.clone(),
            kind: kind(t, &law, &licence.kind),
            stands: Stands::new(t, view),
            valid_to: if licence.valid_to == licensing::grant::day_without_end() {
                t.get("licence-without-end")
            } else {
                show::date(t, licence.valid_to)
            },
            lines,
            lines_more,
        }
    };
    let mut page = Page::new(&hall, &visit, t.get("licences-title"));
    page.parties_name(&hall, views.iter().map(|view| view.held.licence.holder.as_str()))?;
    let template = LicencesPage {
        page,
        authority: sight.own().is_none(),
        rows: views.iter().map(row).collect(),
        next,
    };
    html(StatusCode::OK, &template)
}

/// The address of a licence.
pub(crate) fn href(number: &str) -> String {
    format!("/licences/{}", encoded(number))
}
