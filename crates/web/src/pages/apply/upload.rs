//! The documents of a draft: what the pack asks for, what was handed in of it and how its scan stands, and
//! handing one in.

use std::sync::Arc;

use app::documents::{DOCUMENT_BYTES_MAX, DocumentError, DocumentView, case_fits, hash_parse};
use app::law::Law;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::StreamExt;
use licensing::Application;
use licensing::application::DocumentEntry;
use licensing::completeness::{certificate_is, form_is};

use super::draft::part_page;
use super::part::Part;
use super::{Opened, draft_href, lead, opened, stepped, stop_of};
use crate::config::Hall;
use crate::documents::{receive, stop_of as document_stop};
use crate::form::{TOKEN_FIELD, encoded, token_good};
use crate::ledger::off_thread;
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

/// The longest number of a document of a pack, in characters.
const NUMBER_CHARS_MAX: usize = 40;

/// A document that was handed in.
pub(super) struct Handed {
    /// The page of its entry.
    pub(super) href: String,
    pub(super) name: String,
    pub(super) scan: String,
    pub(super) tag: &'static str,
    /// Where it is downloaded; empty before it was found clean.
    pub(super) content: String,
}

/// A place for documents: one that the pack asks for, or that for all others.
pub(super) struct DocumentSlot {
    pub(super) number: String,
    pub(super) anchor: String,
    pub(super) name: String,
    /// Whether its name is English on a page in another language.
    pub(super) english: bool,
    pub(super) citation: String,
    /// `asked`, `advised` or `extra`.
    pub(super) need: &'static str,
    pub(super) handed: Vec<Handed>,
}

/// The most bytes of a document, for people.
pub(super) fn limit_said() -> String {
    format!("{} MB", DOCUMENT_BYTES_MAX >> 20)
}

/// The places for documents of an application.
pub(super) async fn slots(
    hall: &Hall,
    visit: &Visit,
    law: &Arc<Law>,
    a: &Application,
) -> Result<Vec<DocumentSlot>, Stop> {
    let hashes: Vec<[u8; 32]> =
        a.documents.iter().filter_map(|entry| hash_parse(&entry.sha256)).collect();
    let (shared, party) = (hall.clone(), visit.actor.party.clone());
    let views = off_thread(move || shared.config.documents.documents(&party, &hashes));
    let views = views.await?.map_err(document_stop)?;
    let t = visit.text();
    let rule = law.rules.licence_type(&a.licence_type);
    let certified = !law.rules.certificate.asks.is_empty();
    let wanted = rule.map_or(&[][..], |rule| &rule.documents).iter();
    let wanted = wanted.filter(|rule| !(form_is(rule) || certified && certificate_is(rule)));
    let mut slots: Vec<DocumentSlot> = wanted
        .map(|rule| DocumentSlot {
            number: rule.number.clone(),
            anchor: format!("document-{}", encoded(&rule.number)),
            name: rule.name.clone(),
            english: true,
            citation: rule.citation.clone(),
            need: if rule.only_practice || rule.only_watch_listed { "advised" } else { "asked" },
            handed: Vec::new(),
        })
        .collect();
    slots.push(DocumentSlot {
        number: String::new(),
        anchor: "document-other".to_owned(),
        name: t.get("apply-document-other"),
        english: false,
        citation: String::new(),
        need: "extra",
        handed: Vec::new(),
    });
    let last = slots.len() - 1;
    for (place, entry) in a.documents.iter().enumerate() {
        let slot = slots.iter().position(|slot| slot.number == entry.number).unwrap_or(last);
        let view = views.iter().find(|view| view.sha256 == entry.sha256);
        if let Some(slot) = slots.get_mut(slot) {
            slot.handed.push(handed(t, place, entry, view));
        }
    }
    Ok(slots)
}

fn handed(t: &Text, place: usize, entry: &DocumentEntry, view: Option<&DocumentView>) -> Handed {
    let scan = view.map_or("absent", |view| view.scan.code());
    let mut name = entry.name.clone();
    if let Some(date) = entry.date {
        name = format!("{name} ({})", show::date(t, date));
    }
    Handed {
        href: format!("documents/{place}"),
        name,
        scan: t.code("apply-scan", scan, scan),
        tag: match scan {
            "clean" => "gd-tag-good",
            "infected" | "absent" => "gd-tag-error",
            _ => "gd-tag-note",
        },
        content: if scan == "clean" {
            format!("/documents/{}", entry.sha256)
        } else {
            String::new()
        },
    }
}

/// `POST /applications/{draft}/documents`: takes a document and lists it in the application. The same bytes
/// under the same number are listed once.
pub(crate) async fn store(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    mut form: Multipart,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &id).await?;
    let (mut trusted, mut number, mut taken) = (false, String::new(), None);
    let broken = |_| Stop::FormExpired;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some(TOKEN_FIELD) => {
                let token = field.text().await.map_err(broken)?;
                trusted = token_good(&hall.config.key, &visit.visitor, &token);
            }
            Some("number") => {
                let text = field.text().await.map_err(broken)?;
                number = text.chars().take(NUMBER_CHARS_MAX).collect();
            }
            // The token stands before the file in our form: nothing is read for a stranger.
            Some("file") if trusted && taken.is_none() => {
                let name = field.file_name().unwrap_or("").to_owned();
                if name.is_empty() {
                    continue;
                }
                let body = field.map(|part| {
                    part.map_err(|error| match error.status() {
                        StatusCode::PAYLOAD_TOO_LARGE => Stop::DocumentTooLarge,
                        _ => Stop::FormExpired,
                    })
                });
                taken = Some(receive(&hall, &visit, &name, body).await);
            }
            _ => {}
        }
    }
    if !trusted {
        return Err(Stop::FormExpired);
    }
    let received = match taken {
        Some(Ok(received)) => received,
        Some(Err(stop)) => return refused(&hall, &visit, &opened, &number, stop).await,
        None => {
            let fault =
                field_fault(&number, "file_missing", visit.text().get("apply-file-missing"));
            return part_page(&hall, &visit, &opened, Part::Documents, vec![fault]).await;
        }
    };
    let (shared, here) = (hall.clone(), visit.clone());
    let stored = match off_thread(move || received.store(&shared, &here)).await? {
        Ok(stored) => stored,
        Err(stop) => return refused(&hall, &visit, &opened, &number, stop).await,
    };
    let view = stored.document();
    if let Err(stop) = fits(&hall, &visit, &opened.draft.application, view).await {
        return refused(&hall, &visit, &opened, &number, stop).await;
    }
    let entry = DocumentEntry {
        number: number.clone(),
        sha256: view.sha256.clone(),
        name: view.name.clone(),
        date: None,
    };
    list(&hall, &visit, &id, entry).await?;
    let anchor = if number.is_empty() { "other".to_owned() } else { encoded(&number) };
    Ok(lead(format!("{}/documents#document-{anchor}", draft_href(&id))))
}

/// Whether an application may have one document more.
async fn fits(
    hall: &Hall,
    visit: &Visit,
    a: &Application,
    more: &DocumentView,
) -> Result<(), Stop> {
    let hashes: Vec<[u8; 32]> =
        a.documents.iter().filter_map(|entry| hash_parse(&entry.sha256)).collect();
    let (shared, party, more) = (hall.clone(), visit.actor.party.clone(), more.clone());
    let fits = off_thread(move || {
        let mut all = shared.config.documents.documents(&party, &hashes)?;
        if !all.iter().any(|one| one.sha256 == more.sha256) {
            all.push(more);
        }
        Ok::<(), DocumentError>(case_fits(&all)?)
    });
    fits.await?.map_err(document_stop)
}

/// Lists a document in a draft, at whatever revision that is.
async fn list(hall: &Hall, visit: &Visit, id: &str, entry: DocumentEntry) -> Result<(), Stop> {
    let (party, id) = (visit.actor.party.clone(), id.to_owned());
    stepped(hall, visit, move |shared, step| {
        loop {
            let draft = shared.platform.draft(&party, &id).map_err(stop_of)?;
            let there = |other: &DocumentEntry| {
                other.number == entry.number && other.sha256 == entry.sha256
            };
            if draft.application.documents.iter().any(there) {
                return Ok(());
            }
            let add = |a: &mut Application| a.documents.push(entry.clone());
            match shared.platform.draft_change(&party, (&id, draft.revision), step, add) {
                Err(app::drafts::DraftError::Stale(_)) => {}
                other => return other.map(|_| ()).map_err(stop_of),
            }
        }
    })
    .await?
}

fn field_fault(number: &str, code: &'static str, message: String) -> FieldFault {
    let anchor = if number.is_empty() { "other".to_owned() } else { encoded(number) };
    FieldFault { field: format!("file-{anchor}"), code, message, accepted: String::new() }
}

/// The page of the documents with why one was not taken.
async fn refused(
    hall: &Hall,
    visit: &Visit,
    opened: &Opened,
    number: &str,
    stop: Stop,
) -> Result<Response, Stop> {
    let t = visit.text();
    let faults = match stop {
        Stop::Fields(faults) => faults
            .into_iter()
            .map(|fault| {
                let words = t.code("apply-document-fault", fault.code, &fault.message);
                field_fault(number, fault.code, words)
            })
            .collect(),
        Stop::DocumentTooLarge => {
            vec![field_fault(
                number,
                "document_too_large",
                t.one("apply-document-too-large", limit_said()),
            )]
        }
        other => return Err(other),
    };
    part_page(hall, visit, opened, Part::Documents, faults).await
}
