//! Saving a form of a draft: by its button, by the script while somebody writes, and taking an entry out.

use app::drafts::{DraftError, DraftView};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::draft::{Shown, entry_page};
use super::part::{Part, Typed, seen_of, typed};
use super::read::{Way, remove, write};
use super::{NEW, Opened, case_href, draft_href, lead, opened, stepped, stop_of};
use crate::config::{Hall, Shared};
use crate::form::{Form, encoded};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

/// How often saving is tried anew where somebody else saves another entry at the same time.
const TRIES: usize = 8;

/// `POST /applications/{draft}/{part}`.
pub(crate) async fn part(
    State(hall): State<Hall>,
    visit: Visit,
    Path((draft, part)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &draft).await?;
    let part = Part::parse(&part).filter(|part| !part.is_list()).ok_or(Stop::NotFound)?;
    save(&hall, &visit, opened, (part, String::new()), typed).await
}

/// `POST /applications/{draft}/{part}/{entry}`.
pub(crate) async fn entry(
    State(hall): State<Hall>,
    visit: Visit,
    Path((draft, part, id)): Path<(String, String, String)>,
    Form(as_typed): Form<Typed>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &draft).await?;
    let part = Part::parse(&part).filter(|part| part.is_list()).ok_or(Stop::NotFound)?;
    let a = &opened.draft.application;
    if !part.id_fits(&id) && self::typed(part, a, &id).is_none() {
        return Err(Stop::NotFound);
    }
    save(&hall, &visit, opened, (part, id), as_typed).await
}

/// What became of a form.
enum Saved {
    /// It stands there, under this id, but for what could not be read.
    Done(DraftView, String, Vec<FieldFault>),
    /// Somebody else changed the entry meanwhile.
    Stale(DraftView),
    /// The draft was handed in meanwhile.
    HandedIn(String),
}

/// A form, and what it is about.
struct Sent<'a> {
    party: &'a str,
    draft: &'a str,
    part: Part,
    id: &'a str,
    typed: &'a Typed,
    way: Way,
}

/// Saves what was typed; waits for the disk.
fn save_in(
    shared: &Shared,
    t: &Text,
    sent: &Sent<'_>,
    step: &app::cases::Step<'_>,
) -> Result<Saved, Stop> {
    let Sent { party, draft, part, id, typed, way } = *sent;
    let seen = typed.get("seen").map_or("", String::as_str);
    let taken_out = typed.get("do").is_some_and(|deed| deed == "remove");
    let mut error = None;
    for _ in 0..TRIES {
        let current = shared.platform.draft(party, draft).map_err(stop_of)?;
        if let Some(handed_in) = &current.handed_in {
            return Ok(Saved::HandedIn(handed_in.number.clone()));
        }
        let mut wanted = current.application.clone();
        let (now, faults) = if taken_out {
            remove(part, id, &mut wanted);
            (id.to_owned(), Vec::new())
        } else {
            write(t, (part, id), typed, way, &mut wanted)
        };
        if wanted == current.application {
            return Ok(Saved::Done(current, now, faults));
        }
        if seen_of(part, &current.application, id) != seen {
            return Ok(Saved::Stale(current));
        }
        let edit = |application: &mut licensing::Application| application.clone_from(&wanted);
        match shared.platform.draft_change(party, (draft, current.revision), step, edit) {
            Ok(draft) => return Ok(Saved::Done(draft, now, faults)),
            Err(DraftError::HandedIn(handed_in)) => {
                return Ok(Saved::HandedIn(handed_in.number));
            }
            Err(stale @ DraftError::Stale(_)) => error = Some(stale),
            Err(other) => return Err(stop_of(other)),
        }
    }
    Err(error.map_or(Stop::Fault, stop_of))
}

async fn save(
    hall: &Hall,
    visit: &Visit,
    opened: Opened,
    (part, id): (Part, String),
    as_typed: Typed,
) -> Result<Response, Stop> {
    let t = visit.text();
    let way = if as_typed.contains_key("autosave") { Way::Script } else { Way::Button };
    let (party, draft) = (visit.actor.party.clone(), opened.draft.id.clone());
    let (form, of) = (as_typed.clone(), id.clone());
    let saved = stepped(hall, visit, move |shared, step| {
        let sent = Sent { party: &party, draft: &draft, part, id: &of, typed: &form, way };
        save_in(shared, t, &sent, step)
    })
    .await??;
    let law = opened.law;
    match saved {
        Saved::HandedIn(number) if way == Way::Script => {
            let told = t.one("apply-handed-in-meanwhile", &number);
            Ok((StatusCode::CONFLICT, Json(json!({ "told": told }))).into_response())
        }
        Saved::HandedIn(number) => Ok(lead(case_href(&number))),
        Saved::Stale(_) if way == Way::Script => {
            let told = t.get("apply-autosave-stale");
            Ok((StatusCode::CONFLICT, Json(json!({ "told": told }))).into_response())
        }
        Saved::Stale(draft) => {
            let now = typed(part, &draft.application, &id).unwrap_or_default();
            let by = t.two("apply-stale-by", &draft.changed_by, show::instant(t, draft.changed_at));
            let opened = Opened { law, draft };
            let shown =
                Shown { part, id: &id, typed: as_typed, faults: Vec::new(), now: Some(now), by };
            entry_page(hall, visit, &opened, shown)
        }
        Saved::Done(draft, now, faults) if way == Way::Script => {
            let answer = json!({
                "told": t.one("apply-autosaved", show::instant(t, draft.changed_at)),
                "seen": seen_of(part, &draft.application, &now),
                "action": entry_href(&draft.id, part, &now),
                "faults": faults.iter().map(|fault| &fault.field).collect::<Vec<_>>(),
            });
            Ok(Json(answer).into_response())
        }
        Saved::Done(draft, now, faults) if !faults.is_empty() => {
            let opened = Opened { law, draft };
            let shown =
                Shown { part, id: &now, typed: as_typed, faults, now: None, by: String::new() };
            entry_page(hall, visit, &opened, shown)
        }
        Saved::Done(draft, _, _) => Ok(lead(after(&draft.id, part, &as_typed))),
    }
}

fn entry_href(draft: &str, part: Part, id: &str) -> String {
    let of_part = format!("{}/{}", draft_href(draft), part.code());
    if part.is_list() { format!("{of_part}/{}", encoded(id)) } else { of_part }
}

/// Where it goes on after a form was saved.
fn after(draft: &str, part: Part, typed: &Typed) -> String {
    let deed = typed.get("do").map_or("", String::as_str);
    match deed {
        "another" => entry_href(draft, part, NEW),
        "remove" => format!("{}/{}", draft_href(draft), part.code()),
        _ if part.is_list() => format!("{}/{}", draft_href(draft), part.code()),
        _ => draft_href(draft),
    }
}
