//! The lists in force, a list put in, and the thresholds.

use std::collections::BTreeSet;

use app::cases::Step;
use app::law::Law;
use app::screening::{
    ListReadError, ListVersion, Lost, Put, ScreeningError, Threshold, ThresholdSet, Thresholds,
    list_read,
};
use askama::Template;
use axum::extract::{Multipart, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, authorise};
use serde::Deserialize;

use super::{list_name, list_of, percent};
use crate::config::Hall;
use crate::form::{Form, TOKEN_FIELD, encoded, token_good};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::clock::coded;
use crate::pages::file::multipart_stop;
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// The longest name of a file that is kept.
const NAME_MAX: usize = 200;
/// The longest code that is read.
const CODE_MAX: usize = 200;

struct ListRow {
    href: String,
    code: String,
    name: String,
    entries: String,
    changed: String,
    taken: String,
    effects: String,
}

struct ThresholdRow {
    list: String,
    kind: String,
    hit: String,
    strong: String,
    why: String,
    in_force: bool,
}

#[derive(Template)]
#[template(path = "screening_lists.html")]
struct ListsPage {
    page: Page,
    lists: Vec<ListRow>,
    thresholds: Vec<ThresholdRow>,
    kinds: Vec<(&'static str, String)>,
    may: bool,
    code: String,
    codes: String,
    lost: bool,
    typed_hit: String,
    typed_strong: String,
    typed_reason: String,
    did: String,
    faults: Vec<FieldFault>,
}

/// What changed with a version, in words.
pub(crate) fn changed(t: &Text, version: &ListVersion) -> String {
    t.three("screening-changed-of", version.added, version.changed, version.removed)
}

fn list_row(t: &Text, law: &Law, version: &ListVersion) -> ListRow {
    let effects = list_of(law, &version.list).map_or(&[][..], |list| list.effects.as_slice());
    let words = effects.iter().map(coded).map(|code| t.code("hit-effect", &code, &code));
    let taken = show::instant(t, Timestamp::from_us(version.taken_at_us));
    ListRow {
        href: format!("/screening/lists/{}", encoded(&version.list)),
        code: version.list.clone(),
        name: list_name(t, law, &version.list),
        entries: t.num("screening-entries-of", &u64::from(version.entries)),
        changed: changed(t, version),
        taken: t.two("screening-taken-of", version.version, taken),
        effects: words.collect::<Vec<_>>().join("; "),
    }
}

fn threshold_rows(t: &Text, law: &Law, set: &[Threshold]) -> Vec<ThresholdRow> {
    let mut seen = BTreeSet::new();
    let list = |code: &str| match code {
        "" => t.get("hit-list-all"),
        code => list_name(t, law, code),
    };
    let kind = |code: &str| t.code("hit-kind", if code.is_empty() { "all" } else { code }, code);
    let mut rows: Vec<ThresholdRow> = set
        .iter()
        .map(|one| ThresholdRow {
            list: list(&one.list),
            kind: kind(&one.kind),
            hit: percent(one.hit_ppm),
            strong: percent(one.strong_ppm),
            why: format!(
                "{} ({})",
                one.reason,
                show::instant(t, Timestamp::from_us(one.set_at_us))
            ),
            in_force: seen.insert((one.list.clone(), one.kind.clone())),
        })
        .collect();
    let (hit, strong) = Thresholds::default().of("", "");
    rows.push(ThresholdRow {
        list: list(""),
        kind: kind(""),
        hit: percent(hit),
        strong: percent(strong),
        why: t.get("screening-threshold-otherwise"),
        in_force: !seen.contains(&(String::new(), String::new())),
    });
    rows
}

/// What a person typed that was refused.
#[derive(Default)]
struct Typed {
    code: String,
    lost: bool,
    hit: String,
    strong: String,
    reason: String,
    faults: Vec<FieldFault>,
}

async fn page(hall: &Hall, visit: &Visit, typed: Typed, did: &str) -> Result<Response, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let shared = hall.clone();
    let found = off_thread(move || {
        Ok::<_, ScreeningError>((shared.platform.lists()?, shared.platform.thresholds()?))
    });
    let (lists, set) = found.await?.map_err(|error| fault(&error))?;
    let t = visit.text();
    let mut frame = Page::new(hall, visit, t.get("screening-lists-title"));
    frame.faulty = !typed.faults.is_empty();
    let status = if frame.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let kinds = ["", "person", "organization", "vessel", "aircraft", "unknown"];
    let codes: Vec<&str> = law.regime.party_lists.iter().map(|list| list.id.as_str()).collect();
    let template = ListsPage {
        lists: lists.iter().map(|version| list_row(t, &law, version)).collect(),
        thresholds: threshold_rows(t, &law, &set),
        kinds: kinds
            .map(|code| {
                (code, t.code("hit-kind", if code.is_empty() { "all" } else { code }, code))
            })
            .to_vec(),
        may: authorise(&visit.actor, Action::ManageLists, Resource::Platform),
        code: typed.code,
        codes: codes.join(", "),
        lost: typed.lost,
        typed_hit: typed.hit,
        typed_strong: typed.strong,
        typed_reason: typed.reason,
        did: t.code("screening-done", did, ""),
        faults: typed.faults,
        page: frame,
    };
    html(status, &template)
}

/// What the page was led to by.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    did: String,
}

/// `GET /screening/lists`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    page(&hall, &visit, Typed::default(), &asked.did).await
}

/// A fault of a list that was not taken; or why the request stops.
pub(crate) fn list_fault(t: &Text, error: ScreeningError) -> Result<FieldFault, Stop> {
    let one = |field: &str, code: &'static str, message: String| FieldFault {
        field: field.to_owned(),
        code,
        message,
        accepted: String::new(),
    };
    Ok(match error {
        ScreeningError::Code(_) => one("code", "list_code", t.get("list-refused-code")),
        ScreeningError::Empty => one("file", "list_empty", t.get("list-refused-empty")),
        ScreeningError::Twice(id) => one("file", "list_twice", t.one("list-refused-twice", id)),
        ScreeningError::Lost { before, lost } => {
            one("file", "list_lost", t.two("list-refused-lost", before, lost))
        }
        ScreeningError::Read(wrong) => {
            one("file", "list_unreadable", t.one("list-refused-read", wrong))
        }
        ScreeningError::Threshold => one("hit", "threshold", t.get("list-refused-threshold")),
        ScreeningError::Refused(_) => one("reason", "hit_reason", t.get("hit-refused-hit_reason")),
        other => return Err(fault(&other)),
    })
}

/// Puts a list in force.
pub(crate) async fn list_taken(
    hall: &Hall,
    visit: &Visit,
    (code, file): (&str, &str),
    bytes: Vec<u8>,
    lost: Lost,
) -> Result<Result<Put, ScreeningError>, Stop> {
    let moment = moment(hall.now())?;
    let (shared, actor) = (hall.clone(), visit.actor.clone());
    let (code, file) = (code.to_owned(), file.to_owned());
    let done = off_thread(move || {
        let list = list_read(bytes, lost)?;
        let step = Step { actor: &actor, moment };
        shared.platform.list_put(&code, &list, (&file, lost), &step)
    });
    let done = done.await?;
    hall.jobs_wake.notify_one();
    Ok(done)
}

/// `POST /screening/lists`.
pub(crate) async fn put(
    State(hall): State<Hall>,
    visit: Visit,
    mut form: Multipart,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let (mut trusted, mut lost, mut code) = (false, Lost::Refuse, String::new());
    let mut file: Option<(String, Vec<u8>)> = None;
    while let Some(field) = form.next_field().await.map_err(|error| multipart_stop(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let stop = |error: &axum::extract::multipart::MultipartError| multipart_stop(error);
        match name.as_str() {
            TOKEN_FIELD => {
                let token = field.text().await.map_err(|error| stop(&error))?;
                trusted = token_good(&hall.config.key, &visit.visitor, &token);
            }
            "code" if trusted => {
                let text = field.text().await.map_err(|error| stop(&error))?;
                code = text.trim().chars().take(CODE_MAX).collect();
            }
            "lost" if trusted => {
                let text = field.text().await.map_err(|error| stop(&error))?;
                lost = if text == "confirmed" { Lost::Confirmed } else { Lost::Refuse };
            }
            "file" if trusted => {
                let name: String = field.file_name().unwrap_or("").chars().take(NAME_MAX).collect();
                let bytes = field.bytes().await.map_err(|error| stop(&error))?;
                file = Some((name, bytes.to_vec()));
            }
            _ => {}
        }
    }
    if !trusted {
        return Err(Stop::FormExpired);
    }
    let (name, bytes) = file.unwrap_or_default();
    match list_taken(&hall, &visit, (&code, &name), bytes, lost).await? {
        Ok(done) => {
            let did = if matches!(done, Put::Unchanged(_)) { "unchanged" } else { "put" };
            let to = format!("/screening/lists?did={did}");
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(error) => {
            let lost = matches!(
                error,
                ScreeningError::Lost { .. } | ScreeningError::Read(ListReadError::Records { .. })
            );
            let faults = vec![list_fault(visit.text(), error)?];
            page(&hall, &visit, Typed { code, lost, faults, ..Typed::default() }, "").await
        }
    }
}

/// A threshold, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ThresholdTyped {
    list: String,
    kind: String,
    hit: String,
    strong: String,
    reason: String,
}

/// A percentage with up to four decimal places in millionths; nothing where it is none.
fn ppm_read(text: &str) -> Option<u32> {
    let text = text.trim().trim_end_matches('%').trim();
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 4 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 100)?;
    let rest: u32 = format!("{rest:0<4}").parse().ok()?;
    Some(whole * 10_000 + rest)
}

/// `POST /screening/thresholds`.
pub(crate) async fn threshold(
    State(hall): State<Hall>,
    visit: Visit,
    Form(typed): Form<ThresholdTyped>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let moment = moment(hall.now())?;
    let (shared, actor) = (hall.clone(), visit.actor.clone());
    let done = off_thread(move || {
        let set = ThresholdSet {
            list: &typed.list,
            kind: &typed.kind,
            hit_ppm: ppm_read(&typed.hit).unwrap_or(0),
            strong_ppm: ppm_read(&typed.strong).unwrap_or(0),
            reason: &typed.reason,
        };
        let done = shared.platform.threshold_set(&set, &Step { actor: &actor, moment });
        (done, typed)
    });
    match done.await? {
        (Ok(_), _) => {
            hall.jobs_wake.notify_one();
            let to = "/screening/lists?did=threshold";
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        (Err(error), typed) => {
            let faults = vec![list_fault(visit.text(), error)?];
            let ThresholdTyped { hit, strong, reason, .. } = typed;
            page(&hall, &visit, Typed { hit, strong, reason, faults, ..Typed::default() }, "").await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_as_they_are_written() {
        for (text, expected) in [
            ("70", Some(700_000)),
            (" 87.5 % ", Some(875_000)),
            ("100", Some(1_000_000)),
            ("0.0001", Some(1)),
        ] {
            assert_eq!(ppm_read(text), expected, "{text}");
        }
        for bad in ["", "101", "-1", "70.12345", "7o", "7.x"] {
            assert_eq!(ppm_read(bad), None, "{bad}");
        }
    }
}
