//! One list: its versions, and what changed with one of them.

use std::collections::BTreeMap;

use app::screening::{ListEntryHead, ScreeningError};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::Timestamp;
use base::authorisation::Resource;
use serde::Deserialize;

use super::list_name;
use super::lists::changed;
use crate::config::Hall;
use crate::form::encoded;
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{Stop, fault};
use crate::visit::Visit;

/// Changes on a page.
const CHANGES_SHOWN: usize = 200;

/// A record that came, changed or went.
pub(crate) struct ChangeRow {
    pub(crate) code: &'static str,
    words: String,
    pub(crate) entity: String,
    pub(crate) name: String,
    /// Its name before, where it is another now.
    pub(crate) before: String,
}

struct VersionRow {
    href: String,
    number: u32,
    current: bool,
    taken: String,
    entries: String,
    changed: String,
    digest: String,
}

#[derive(Template)]
#[template(path = "screening_list.html")]
struct ListPage {
    page: Page,
    name: String,
    code: String,
    version: u32,
    changes: Vec<ChangeRow>,
    more: u64,
    versions: Vec<VersionRow>,
}

/// Which version.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Number of a version; the one in force where it is left out.
    #[serde(default)]
    pub(crate) version: Option<u32>,
}

/// What came, changed and went, by the ids.
pub(crate) fn change_rows(came: Vec<ListEntryHead>, went: Vec<ListEntryHead>) -> Vec<ChangeRow> {
    let mut before: BTreeMap<String, String> =
        went.into_iter().map(|head| (head.entity, head.name)).collect();
    let mut rows: BTreeMap<String, ChangeRow> = BTreeMap::new();
    for head in came {
        let old = before.remove(&head.entity);
        let code = if old.is_some() { "changed" } else { "added" };
        let before = old.filter(|old| *old != head.name).unwrap_or_default();
        let row = ChangeRow {
            code,
            words: String::new(),
            entity: head.entity.clone(),
            name: head.name,
            before,
        };
        rows.insert(head.entity, row);
    }
    for (entity, name) in before {
        let row = ChangeRow {
            code: "removed",
            words: String::new(),
            entity: entity.clone(),
            name,
            before: String::new(),
        };
        rows.insert(entity, row);
    }
    rows.into_values().collect()
}

/// `GET /screening/lists/{list}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let law = law(&hall, &hall.config.pack).await?;
    let (shared, of) = (hall.clone(), code.clone());
    let found = off_thread(move || {
        let versions = shared.platform.list_versions(&of)?;
        let newest = versions.first().map_or(1, |newest| newest.version);
        let version = asked.version.unwrap_or(newest);
        if !versions.iter().any(|one| one.version == version) {
            return Err(ScreeningError::Unknown);
        }
        let (came, went) = shared.platform.list_changes(&of, version)?;
        Ok((versions, version, came, went))
    });
    let (versions, version, came, went) = match found.await? {
        Ok(found) => found,
        Err(ScreeningError::Unknown) => return Err(Stop::NotFound),
        Err(error) => return Err(fault(&error)),
    };
    let t = visit.text();
    let mut changes = change_rows(came, went);
    let more = changes.len().saturating_sub(CHANGES_SHOWN) as u64;
    changes.truncate(CHANGES_SHOWN);
    for row in &mut changes {
        row.words = t.code("screening-change", row.code, row.code);
    }
    let row = |one: &app::screening::ListVersion| VersionRow {
        href: format!("/screening/lists/{}?version={}", encoded(&one.list), one.version),
        number: one.version,
        current: one.version == version,
        taken: format!(
            "{} · {}",
            show::instant(t, Timestamp::from_us(one.taken_at_us)),
            one.taken_by
        ),
        entries: show::count(u64::from(one.entries)),
        changed: changed(t, one),
        digest: one.hash.chars().take(12).collect(),
    };
    let name = list_name(t, &law, &code);
    let template = ListPage {
        page: Page::new(&hall, &visit, name.clone()),
        name,
        code: encoded(&code),
        version,
        changes,
        more,
        versions: versions.iter().map(row).collect(),
    };
    html(StatusCode::OK, &template)
}
