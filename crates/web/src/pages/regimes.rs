//! The same application on the same day, in every regime: when its answer is due and how it can end.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::Date;
use base::authorisation::Resource;
use controls::clock::{ClockRules, RegimeRow, regimes_compare};
use serde::Deserialize;

use super::clock::{coded, due_text, law_title, worded};
use crate::config::Hall;
use crate::law::laws;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

struct Row {
    title: String,
    limit: String,
    due: String,
    binding: String,
    rule: String,
    outcomes: Vec<(String, String)>,
    notice: String,
}

#[derive(Template)]
#[template(path = "regimes.html")]
struct RegimesPage {
    page: Page,
    received: String,
    rows: Vec<Row>,
    faults: Vec<FieldFault>,
}

/// The day asked about.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    received: String,
}

/// What is asked of every regime: received at nine, accepted at ten of the day, in UTC.
pub(crate) fn application(day: Date) -> String {
    let event = |hour: u8, kind: &str| {
        format!("{{\"at\":\"{day}T{hour:02}:00:00Z\",\"event\":\"{kind}\"}}\n")
    };
    event(9, "received") + &event(10, "accepted")
}

fn row(t: &Text, law: &app::law::Law, rules: &ClockRules, regime: &RegimeRow) -> Row {
    let unit = regime.unit.map_or(String::new(), |unit| t.code("unit", &coded(&unit), ""));
    Row {
        title: law_title(t, law),
        limit: regime
            .limit
            .map_or_else(|| t.get("clock-due-none"), |limit| format!("{limit} {unit}")),
        due: due_text(t, regime.due_date, regime.due_date_earliest, regime.due_date_latest),
        binding: regime.binding.map_or(String::new(), |b| t.code("binding", &coded(&b), "")),
        rule: regime.rule.clone(),
        outcomes: rules
            .outcomes
            .iter()
            .map(|o| (worded(t, &o.name_en, &o.name_zh), o.effect.clone()))
            .collect(),
        notice: worded(t, &law.pack.settings.notice_en, &law.pack.settings.notice_zh),
    }
}

/// `GET /controls/regimes?received=`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let given = wanted.received.trim();
    let today = show::day_of(hall.now());
    let asked = if given.is_empty() { Some(today) } else { base::time::date_parse(given) };
    let laws = laws(&hall).await?;
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    let mut refuse = |message: String, accepted: String| {
        let field = "received".to_owned();
        faults.push(FieldFault { field, code: "received", message, accepted });
    };
    match asked {
        None => refuse(t.one("clock-fault-at", given), String::new()),
        Some(day) => {
            let events = application(day);
            for law in &laws {
                let Some((rules, calendar)) = &law.clocks else { continue };
                match regimes_compare(&[(law.id.as_str(), rules, calendar)], &events, None) {
                    Ok(found) => rows.extend(found.iter().map(|r| row(t, law, rules, r))),
                    Err(wrong) => wrong.into_iter().for_each(|w| refuse(w.message, w.accepted)),
                }
            }
        }
    }
    let mut page = Page::new(&hall, &visit, t.get("regimes-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let received = if given.is_empty() { today.to_string() } else { given.to_owned() };
    html(status, &RegimesPage { page, received, rows, faults })
}
