//! Who has looked at my data: for a company, the reads of its data by others.
//!
//! It is told by whom, when and what; the lot, party or filing only where the company may see that
//! itself: a trace of another's lot that passed through its book is "a trace". What is shown, and where a
//! page ends, does not depend on reads of others' data.

use app::Audience;
use app::audit::AuditRecord;
use app::people::PersonRecord;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::Timestamp;
use base::authorisation::Resource;
use serde::Deserialize;

use crate::api::{cursor_fault, cursor_make, cursor_read};
use crate::config::{Hall, Readers, Shared};
use crate::form::{encoded, fields};
use crate::ledger::off_thread;
use crate::page::{Page, html, name_of};
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Reads on a page.
const PAGE_ROWS: usize = 50;

/// A read as its subject is told of it.
pub(crate) struct Look {
    pub(crate) at: Timestamp,
    /// Who, where the authority tells; nothing where it does not, or where the account is gone.
    pub(crate) who: Option<PersonRecord>,
    /// The role that it had.
    pub(crate) role: Option<String>,
    /// Stable code of what was done.
    pub(crate) action: String,
    /// What was looked at: `book`, `lot`, `trace`, `filing`, `findings`, `search`, `balance`, `audit`,
    /// `case`, `other`.
    pub(crate) what: &'static str,
    /// The lot, party or filing, where the company may see it.
    pub(crate) id: Option<String>,
    /// The address of it.
    pub(crate) href: Option<String>,
    /// Rows of the company's data in the answer.
    pub(crate) count: u64,
}

/// A page of them.
pub(crate) struct Looks {
    pub(crate) rows: Vec<Look>,
    pub(crate) next: Option<String>,
}

/// A place in the list: an instant, and how many of that very instant came before.
fn place_read(cursor: &str) -> Result<(i64, usize), FieldFault> {
    if cursor.is_empty() {
        return Ok((i64::MAX, 0));
    }
    let text = cursor_read(cursor)?;
    let parts = text.split_once('-').and_then(|(at, skip)| {
        Some((at.parse::<i64>().ok()?, skip.parse::<usize>().ok().filter(|skip| *skip < 1 << 20)?))
    });
    parts.ok_or_else(|| cursor_fault(cursor))
}

/// What a resource is, and what of it the company may be told.
fn told(shared: &Shared, own: &str, resource: &str) -> (&'static str, Option<(String, String)>) {
    let (pattern, values) = resource.split_once(' ').unwrap_or((resource, ""));
    let pattern = pattern.strip_prefix("/api/v1").unwrap_or(pattern);
    // As they stood in the path: percent-encoded.
    let decoded = |text: &str| {
        let text = format!("v={}", text.replace('+', "%2B"));
        fields(text.as_bytes()).pop().map_or(String::new(), |field| field.1)
    };
    let values: Vec<String> = values.split(' ').map(decoded).collect();
    let first = values.first().map_or("", String::as_str);
    match pattern {
        "/parties/{id}" => ("book", (first == own).then(|| (own.to_owned(), String::new()))),
        "/filings/{filer}/{reference}" => {
            let reference = values.get(1).map_or("", String::as_str);
            let href = format!("/filings/{}/{}", encoded(own), encoded(reference));
            ("filing", (first == own).then(|| (reference.to_owned(), href)))
        }
        _ if pattern.starts_with("/cases/{number}") => {
            ("case", Some((first.to_owned(), format!("/cases/{}", encoded(first)))))
        }
        "/cases" => ("case", None),
        "/findings" | "/" => ("findings", None),
        "/search" => ("search", None),
        "/audit" | "/audit.csv" => ("audit", None),
        "/balance" => ("balance", None),
        "/enquiries" => ("enquiry", None),
        _ if pattern.starts_with("/enquiries/{number}") => {
            let place = (first.to_owned(), format!("/enquiries/{}", encoded(first)));
            ("enquiry", Some(place))
        }
        "/general" | "/general-registrations" => ("general", None),
        _ if pattern.starts_with("/general/{number}")
            || pattern.starts_with("/general-registrations/{number}") =>
        {
            let place = (first.to_owned(), format!("/general/{}", encoded(first)));
            ("general", Some(place))
        }
        _ if pattern.starts_with("/lots/{id}") => {
            let what = if pattern == "/lots/{id}" { "lot" } else { "trace" };
            let seen = shared.platform.books().lot(first, Audience::Party(own));
            let seen = seen.filter(|lot| lot.books.iter().any(|book| book == own));
            (what, seen.map(|lot| (lot.id.clone(), format!("/lots/{}", encoded(&lot.id)))))
        }
        _ if pattern.starts_with("/documents/{sha256}") => {
            // Of its own book: it is its own document. A hash is recognised by how it begins.
            let href = format!("/documents/{}", encoded(first));
            ("document", Some((first.chars().take(12).collect(), href)))
        }
        _ => ("other", None),
    }
}

fn look(shared: &Shared, own: &str, record: &AuditRecord) -> Look {
    let detail: serde_json::Value = serde_json::from_str(&record.detail).unwrap_or_default();
    // Which agencies are asked about a case is not for the applicant to know.
    let agency = detail.get("role").and_then(|role| role.as_str()) == Some("agency");
    let named = shared.config.readers == Readers::Named && !agency;
    let found = if named { shared.people.person(&record.account) } else { Ok(None) };
    let who = found.unwrap_or_else(|error| {
        fault(&error);
        None
    });
    let role = detail.get("role").and_then(|role| role.as_str()).map(str::to_owned);
    let (what, place) = told(shared, own, &record.resource);
    let (id, href) = place.unzip();
    Look {
        at: Timestamp::from_us(record.at_us),
        role: role.or(who.as_ref().map(|who| who.role.code().to_owned())).filter(|_| named),
        who,
        action: record.action.clone(),
        what,
        id,
        href: href.filter(|href| !href.is_empty()),
        count: detail.get("count").and_then(serde_json::Value::as_u64).unwrap_or(1),
    }
}

/// The reads of a company's data by others, the newest first.
pub(crate) async fn looks(
    hall: &Hall,
    visit: &Visit,
    cursor: &str,
    limit: usize,
) -> Result<Looks, Stop> {
    let (up_to_us, skip) = place_read(cursor).map_err(|fault| Stop::Fields(vec![fault]))?;
    hall.recorder.flush().await;
    let (shared, own) = (hall.clone(), visit.actor.party.clone());
    let found = off_thread(move || {
        let mut records = shared.platform.audit_reads_of(&own, up_to_us, skip, limit + 1)?;
        let more = records.len() > limit;
        records.truncate(limit);
        let next = records.last().filter(|_| more).map(|last| {
            let same = records.iter().filter(|record| record.at_us == last.at_us).count();
            let before = if last.at_us == up_to_us { skip } else { 0 };
            cursor_make(&format!("{}-{}", last.at_us, before + same))
        });
        let rows = records.iter().map(|record| look(&shared, &own, record)).collect();
        Ok::<Looks, app::PlatformError>(Looks { rows, next })
    });
    found.await?.map_err(|error| fault(&error))
}

/// A read as a row.
struct Row {
    at: String,
    at_rfc: String,
    who: String,
    role: String,
    what: String,
    id: String,
    href: String,
    count: u64,
}

fn row(t: &Text, look: Look) -> Row {
    Row {
        at: show::instant(t, look.at),
        at_rfc: look.at.to_string(),
        who: match &look.who {
            Some(who) => name_of(t.language, &who.name, &who.local_name).to_owned(),
            None => t.get("activity-authority"),
        },
        role: look.role.map_or(String::new(), |role| t.code("role", &role, "")),
        what: t.code("activity-what", look.what, look.what),
        id: look.id.unwrap_or_default(),
        href: look.href.unwrap_or_default(),
        count: look.count,
    }
}

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    page: Page,
    rows: Vec<Row>,
    next: String,
    named: bool,
}

/// Where a page goes on.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    cursor: String,
}

/// `GET /activity`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let t = visit.text();
    let looks = looks(&hall, &visit, &asked.cursor, PAGE_ROWS).await?;
    let template = ActivityPage {
        page: Page::new(&hall, &visit, t.get("activity-title")),
        rows: looks.rows.into_iter().map(|look| row(t, look)).collect(),
        next: looks.next.map_or(String::new(), |next| format!("/activity?cursor={next}")),
        named: hall.config.readers == Readers::Named,
    };
    html(StatusCode::OK, &template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_cursor() {
        assert_eq!(place_read(""), Ok((i64::MAX, 0)));
        assert_eq!(place_read(&cursor_make("17-3")), Ok((17, 3)));
        for bad in ["zz", &cursor_make("17"), &cursor_make("x-3"), &cursor_make("1-99999999")] {
            assert_eq!(place_read(bad).unwrap_err().code, "cursor", "{bad}");
        }
    }
}
