//! The control list of a pack as of a date, as known on another, and what changes between two dates.

use std::fmt::Write as _;

use app::law::Law;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base::Date;
use base::authorisation::Resource;
use controls::list::ControlItem;
use controls::status::{AsOf, Status};
use serde::Deserialize;

use super::clock::{PackChoice, confidence_doubt, law_title, pack_choices, worded};
use crate::config::Hall;
use crate::form::encoded;
use crate::law::{law, laws};
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::{Language, Text};
use crate::visit::Visit;

/// The longest text searched for, in characters.
const TEXT_MAX: usize = 128;

/// What is asked.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    pack: String,
    #[serde(default)]
    as_of: String,
    #[serde(default)]
    known_at: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

struct Row {
    label: String,
    wording: String,
    other_wording: String,
    other_language: &'static str,
    element: String,
    status: &'static str,
    status_words: String,
    hs: String,
    citation: String,
    source: String,
    note: String,
    doubt: &'static str,
}

struct Chip {
    href: String,
    text: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    page: Page,
    packs: Vec<PackChoice>,
    title: String,
    notice: String,
    as_of: String,
    known_at: String,
    query: String,
    dates: Vec<Chip>,
    counts: Vec<(&'static str, u64)>,
    rows: Vec<Row>,
    csv: String,
    changes: String,
    faults: Vec<FieldFault>,
}

/// The day of a field, or of today where it is empty.
pub(crate) fn day(
    t: &Text,
    field: &str,
    text: &str,
    otherwise: Option<Date>,
    faults: &mut Vec<FieldFault>,
) -> Option<Date> {
    let text = text.trim();
    if text.is_empty() {
        return otherwise;
    }
    let found = base::time::date_parse(text);
    if found.is_none() {
        faults.push(FieldFault {
            field: field.to_owned(),
            code: "date",
            message: t.one("law-fault-date", text),
            accepted: "2025-04-04".to_owned(),
        });
    }
    found
}

/// The language of the statements of the controls.
pub(crate) fn spoken(t: &Text) -> controls::statement::Language {
    match t.language {
        Language::English => controls::statement::Language::En,
        Language::Chinese => controls::statement::Language::Zh,
    }
}

/// Whether an item has a text in its code, wording, elements or citation.
fn found(item: &ControlItem, text: &str) -> bool {
    let text = text.to_lowercase();
    [
        &item.control_code,
        &item.item_no,
        &item.element,
        &item.item_en,
        &item.item_zh,
        &item.instrument,
    ]
    .iter()
    .any(|field| field.to_lowercase().contains(&text))
}

fn row(t: &Text, item: &ControlItem, status: &Status) -> Row {
    let (own, other, other_language) = match t.language {
        Language::English => (&item.item_en, &item.item_zh, Language::Chinese.tag()),
        Language::Chinese => (&item.item_zh, &item.item_en, Language::English.tag()),
    };
    Row {
        label: item.label(),
        wording: own.clone(),
        other_wording: other.clone(),
        other_language,
        element: item.element.replace(';', ", "),
        status: status.code(),
        status_words: status.statement().render(spoken(t)),
        hs: item.hs.join(", "),
        citation: item.fact.citation.clone(),
        source: item.fact.source.clone(),
        note: item.form_note.clone(),
        doubt: confidence_doubt(item.fact.confidence),
    }
}

/// The items asked for, with their status.
fn listed<'l>(law: &'l Law, at: AsOf, query: &str) -> Vec<(&'l ControlItem, Status)> {
    let list = &law.pack.list;
    let items = list.items.iter().filter(|item| query.is_empty() || found(item, query));
    items.map(|item| (item, list.status(item, at))).collect()
}

const STATUSES: [&str; 6] =
    ["in_force", "suspended", "unknown", "not_yet", "not_published", "ended"];

/// `GET /controls/list`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let id = if wanted.pack.is_empty() { &hall.config.pack } else { &wanted.pack };
    let law = law(&hall, id).await?;
    let mut faults = Vec::new();
    let today = show::day_of(hall.now());
    let as_of = day(t, "as_of", &wanted.as_of, Some(today), &mut faults).unwrap_or(today);
    let known_at = day(t, "known_at", &wanted.known_at, None, &mut faults);
    let query: String = wanted.q.trim().chars().take(TEXT_MAX).collect();
    let at = AsOf { date: as_of, known_at };
    let items = listed(&law, at, &query);
    let address = |date: Date| format!("/controls/list?pack={}&as_of={date}", encoded(&law.id));
    let dates = law.pack.list.change_dates().into_iter().map(|date| Chip {
        href: address(date),
        text: show::date(t, date),
        current: date == as_of,
    });
    let count = |status: &&'static str| {
        let number = items.iter().filter(|(_, s)| s.code() == *status).count() as u64;
        (*status, number)
    };
    let mut page = Page::new(&hall, &visit, t.get("list-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let known_text = known_at.map(|d| d.to_string()).unwrap_or_default();
    let template = ListPage {
        packs: pack_choices(t, &laws(&hall).await?, &law.id),
        title: law_title(t, &law),
        notice: worded(t, &law.pack.settings.notice_en, &law.pack.settings.notice_zh),
        csv: format!(
            "/controls/list.csv?pack={}&as_of={as_of}&known_at={known_text}&q={}",
            encoded(&law.id),
            encoded(&query)
        ),
        changes: format!("/controls/list/changes?pack={}&to={as_of}", encoded(&law.id)),
        as_of: as_of.to_string(),
        known_at: known_text,
        query,
        dates: dates.collect(),
        counts: STATUSES.iter().map(count).filter(|(_, number)| *number > 0).collect(),
        rows: items.iter().map(|(item, status)| row(t, item, status)).collect(),
        faults,
        page,
    };
    html(status, &template)
}

/// A cell of a CSV file that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let safe =
        if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\n']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

/// `GET /controls/list.csv`: the same as a file.
pub(crate) async fn csv(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let id = if wanted.pack.is_empty() { &hall.config.pack } else { &wanted.pack };
    let law = law(&hall, id).await?;
    let mut faults = Vec::new();
    let today = show::day_of(hall.now());
    let as_of = day(t, "as_of", &wanted.as_of, Some(today), &mut faults);
    let known_at = day(t, "known_at", &wanted.known_at, None, &mut faults);
    let Some(date) = as_of.filter(|_| faults.is_empty()) else { return Err(Stop::Fields(faults)) };
    let mut text = String::from(
        "as_of,instrument,control_code,item_no,element,wording_en,wording_zh,status,status_words,hs,citation,source,confidence\n",
    );
    for (item, status) in listed(&law, AsOf { date, known_at }, wanted.q.trim()) {
        let words = status.statement().render(spoken(t));
        let cells = [
            date.to_string(),
            cell(&item.instrument),
            cell(&item.control_code),
            cell(&item.item_no),
            cell(&item.element),
            cell(&item.item_en),
            cell(&item.item_zh),
            status.code().to_owned(),
            cell(&words),
            cell(&item.hs.join(";")),
            cell(&item.fact.citation),
            cell(&item.fact.source),
            item.fact.confidence.code().to_owned(),
        ];
        let _ = writeln!(text, "{}", cells.join(","));
    }
    let name = format!("attachment; filename=\"control-list-{}-{date}.csv\"", law.id);
    Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], text)
        .into_response())
}

struct ChangeRow {
    label: String,
    wording: String,
    before: (&'static str, String),
    after: (&'static str, String),
}

#[derive(Template)]
#[template(path = "list_changes.html")]
struct ChangesPage {
    page: Page,
    packs: Vec<PackChoice>,
    from: String,
    to: String,
    rows: Vec<ChangeRow>,
    unchanged: u64,
    faults: Vec<FieldFault>,
}

/// `GET /controls/list/changes`: which items stand otherwise on the second day than on the first.
pub(crate) async fn changes(
    State(hall): State<Hall>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let id = if wanted.pack.is_empty() { &hall.config.pack } else { &wanted.pack };
    let law = law(&hall, id).await?;
    let list = &law.pack.list;
    let mut faults = Vec::new();
    let today = show::day_of(hall.now());
    let to = day(t, "to", &wanted.to, Some(today), &mut faults).unwrap_or(today);
    // Without a first day, the day before the last change up to the second.
    let before = list.change_dates().into_iter().rfind(|date| *date <= to);
    let before = before.and_then(|date| date.yesterday().ok()).unwrap_or(to);
    let from = day(t, "from", &wanted.from, Some(before), &mut faults).unwrap_or(before);
    let stands = |status: &Status| (status.code(), status.statement().render(spoken(t)));
    let mut unchanged = 0;
    let mut rows = Vec::new();
    for item in &list.items {
        let (first, second) = (list.status(item, AsOf::on(from)), list.status(item, AsOf::on(to)));
        if first.code() == second.code() {
            unchanged += 1;
            continue;
        }
        rows.push(ChangeRow {
            label: item.label(),
            wording: worded(t, &item.item_en, &item.item_zh),
            before: stands(&first),
            after: stands(&second),
        });
    }
    let mut page = Page::new(&hall, &visit, t.get("changes-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = ChangesPage {
        packs: pack_choices(t, &laws(&hall).await?, &law.id),
        from: from.to_string(),
        to: to.to_string(),
        rows,
        unchanged,
        faults,
        page,
    };
    html(status, &template)
}
