//! The desk at which the authority changes its law: packs, their versions, a draft with its faults and its
//! redline, and the steps from draft to publication.

use std::sync::Arc;

use app::law::Law;
use app::law::desk::{DeskRefusal, PackState, PackVersionHead, Step};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, authorise};
use controls::compare::{ItemChange, Run};
use controls::{PackFault, redline};
use serde::Deserialize;

use super::clock::{law_title, worded};
use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::law::{law, laws};
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Faults shown of a draft; more are counted.
const FAULTS_SHOWN: usize = 200;

struct VersionRow {
    href: String,
    version: u32,
    title: String,
    state: &'static str,
    author: String,
    made: String,
    decided: String,
}

struct PackRow {
    id: String,
    title: String,
    in_force: String,
    items: u64,
    versions: Vec<VersionRow>,
}

#[derive(Template)]
#[template(path = "law.html")]
struct LawPage {
    page: Page,
    packs: Vec<PackRow>,
    faults: Vec<FieldFault>,
}

fn version_row(t: &Text, head: &PackVersionHead) -> VersionRow {
    let decided = head
        .decided_at_us
        .map(|at| t.two("law-decided", show::instant(t, Timestamp::from_us(at)), &head.decided_by));
    VersionRow {
        href: address(&head.pack_id, head.version),
        version: head.version,
        title: head.title.clone(),
        state: head.state.code(),
        author: head.author.clone(),
        made: show::instant(t, Timestamp::from_us(head.made_at_us)),
        decided: decided.unwrap_or_default(),
    }
}

/// The address of a version.
pub(crate) fn address(pack: &str, version: u32) -> String {
    format!("/law/{}/{version}", encoded(pack))
}

/// What the desk refuses, in the words of the page; what is not there is not found.
pub(crate) fn refused(t: &Text, refusal: DeskRefusal) -> Result<FieldFault, Stop> {
    let words = match &refusal {
        DeskRefusal::Unknown => return Err(Stop::NotFound),
        DeskRefusal::Platform(error) => return Err(fault(error)),
        DeskRefusal::Draft(error) => t.one("law-refused-draft", error),
        DeskRefusal::Faults(number) => t.one("law-refused-pack_faults", number),
        DeskRefusal::NotAuthor(author) => t.one("law-refused-not_author", author),
        other => t.get(&format!("law-refused-{}", other.code())),
    };
    let field = if matches!(refusal, DeskRefusal::Title) { "title" } else { "main" };
    Ok(FieldFault {
        field: field.to_owned(),
        code: refusal.code(),
        message: words,
        accepted: String::new(),
    })
}

async fn list_page(hall: &Hall, visit: &Visit, faults: Vec<FieldFault>) -> Result<Response, Stop> {
    let t = visit.text();
    let mut packs = Vec::new();
    for law in laws(hall).await? {
        let (shared, id) = (hall.clone(), law.id.clone());
        let versions = off_thread(move || shared.platform.pack_versions(&id)).await?;
        let versions = versions.map_err(|error| fault(&error))?;
        packs.push(PackRow {
            id: law.id.clone(),
            title: law_title(t, &law),
            in_force: match law.version {
                0 => t.get("law-carried"),
                version => t.one("law-version", version),
            },
            items: law.pack.list.items.len() as u64,
            versions: versions.iter().map(|head| version_row(t, head)).collect(),
        });
    }
    let mut page = Page::new(hall, visit, t.get("law-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, &LawPage { page, packs, faults })
}

/// `GET /law`.
pub(crate) async fn list(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    list_page(&hall, &visit, Vec::new()).await
}

/// The form of a new draft.
#[derive(Debug, Deserialize)]
pub(crate) struct NewDraft {
    #[serde(default)]
    title: String,
}

/// `POST /law/{pack}/drafts`: a draft out of what is in force.
pub(crate) async fn draft(
    State(hall): State<Hall>,
    visit: Visit,
    Path(pack): Path<String>,
    Form(wanted): Form<NewDraft>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let (shared, account, id) = (hall.clone(), visit.actor.account.clone(), pack.clone());
    let made = off_thread(move || {
        let step = Step { account: &account, at: shared.now() };
        shared.platform.pack_draft(&id, &wanted.title, step)
    });
    match made.await? {
        Ok(version) => {
            Ok((StatusCode::SEE_OTHER, [(LOCATION, address(&pack, version))]).into_response())
        }
        Err(refusal) => {
            let fault = refused(visit.text(), refusal)?;
            list_page(&hall, &visit, vec![fault]).await
        }
    }
}

/// A version with its files, read as a pack.
pub(crate) struct Opened {
    pub(crate) head: PackVersionHead,
    pub(crate) files: controls::PackFiles,
    pub(crate) law: Law,
    pub(crate) in_force: Arc<Law>,
}

/// Opens a version, or does not find it.
pub(crate) async fn open(hall: &Hall, pack: &str, version: u32) -> Result<Opened, Stop> {
    let in_force = law(hall, pack).await?;
    let (shared, id) = (hall.clone(), pack.to_owned());
    let read = off_thread(move || {
        let (head, files) = shared.platform.pack_version(&id, version)?;
        let law = Law::read(&id, version, &files);
        Ok::<_, DeskRefusal>((head, files, law))
    });
    match read.await? {
        Ok((head, files, law)) => Ok(Opened { head, files, law, in_force }),
        Err(DeskRefusal::Unknown) => Err(Stop::NotFound),
        Err(error) => Err(fault(&error)),
    }
}

struct ChangeView {
    label: String,
    change: &'static str,
    wording: Vec<(&'static str, String)>,
    columns: Vec<(String, String, String)>,
}

struct FileRow {
    name: String,
    href: String,
    changed: bool,
}

struct FaultRow {
    place: String,
    href: String,
    message: String,
    accepted: String,
}

#[derive(Template)]
#[template(path = "law_version.html")]
struct VersionPage {
    page: Page,
    title: String,
    pack: String,
    row: VersionRow,
    revision: u32,
    /// Whether this visitor wrote it.
    author: bool,
    /// Whether this visitor may publish it or send it back.
    decides: bool,
    faults: Vec<FieldFault>,
    wrong: Vec<FaultRow>,
    wrong_count: u64,
    changes: Vec<ChangeView>,
    files: Vec<FileRow>,
}

fn run(t: &Run) -> (&'static str, String) {
    match t {
        Run::Kept(words) => ("kept", words.clone()),
        Run::Removed(words) => ("removed", words.clone()),
        Run::Added(words) => ("added", words.clone()),
    }
}

fn change_view(t: &Text, change: &ItemChange) -> ChangeView {
    let runs = match t.language {
        crate::text::Language::English => &change.wording_en,
        crate::text::Language::Chinese => &change.wording_zh,
    };
    ChangeView {
        label: change.label.clone(),
        change: change.change,
        wording: runs.iter().map(run).collect(),
        columns: change
            .columns
            .iter()
            .filter(|column| !column.0.starts_with("item_"))
            .map(|(name, old, new)| ((*name).to_owned(), old.clone(), new.clone()))
            .collect(),
    }
}

/// The address of a file of a version.
pub(crate) fn file_address(pack: &str, version: u32, file: &str) -> String {
    format!("{}/files/{}", address(pack, version), encoded(file))
}

fn fault_row(pack: &str, version: u32, wrong: &PackFault) -> FaultRow {
    let mut place = wrong.file.clone();
    if wrong.line > 0 {
        place = format!("{place}:{}", wrong.line);
    }
    if !wrong.field.is_empty() {
        place = format!("{place} ({})", wrong.field);
    }
    // The header is line 1; a row's number counts from the line after it.
    let table = wrong.file.ends_with(".csv") && wrong.line > 1;
    let href = if table {
        let file = encoded(&wrong.file);
        format!("{}/tables/{file}/{}", address(pack, version), wrong.line - 1)
    } else {
        file_address(pack, version, &wrong.file)
    };
    FaultRow { place, href, message: wrong.message.clone(), accepted: wrong.accepted.clone() }
}

async fn version_page(
    hall: &Hall,
    visit: &Visit,
    pack: &str,
    version: u32,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let opened = open(hall, pack, version).await?;
    let t = visit.text();
    let head = &opened.head;
    let review = Resource::Review { asked_by: &head.author, assigned_to: "" };
    let in_force = {
        let (shared, id) = (hall.clone(), pack.to_owned());
        off_thread(move || shared.platform.pack_in_force(&id)).await?
    };
    let in_force = in_force.map_err(|error| fault(&error))?.files;
    let files = opened.files.names().map(|name| FileRow {
        name: name.to_owned(),
        href: file_address(pack, version, name),
        changed: opened.files.text(name) != in_force.text(name),
    });
    let mut page = Page::new(hall, visit, t.two("law-version-title", pack, version));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let changes = redline(&opened.in_force.pack.list, &opened.law.pack.list);
    let template = VersionPage {
        title: head.title.clone(),
        pack: worded(t, &opened.law.pack.settings.title_en, &opened.law.pack.settings.title_zh),
        row: version_row(t, head),
        revision: head.revision,
        author: head.author == visit.actor.account,
        decides: head.state == PackState::Proposed
            && authorise(&visit.actor, Action::DecideLaw, review),
        wrong: opened
            .law
            .faults
            .iter()
            .take(FAULTS_SHOWN)
            .map(|wrong| fault_row(pack, version, wrong))
            .collect(),
        wrong_count: opened.law.faults.len() as u64,
        changes: changes.iter().map(|change| change_view(t, change)).collect(),
        files: files.collect(),
        faults,
        page,
    };
    html(status, &template)
}

/// `GET /law/{pack}/{version}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path((pack, version)): Path<(String, u32)>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    version_page(&hall, &visit, &pack, version, Vec::new()).await
}

/// The form of a step.
#[derive(Debug, Deserialize)]
pub(crate) struct Moved {
    #[serde(default)]
    to: String,
    #[serde(default)]
    revision: String,
}

async fn moved(
    hall: &Hall,
    visit: &Visit,
    (pack, version): (String, u32),
    to: Option<PackState>,
    revision: &str,
) -> Result<Response, Stop> {
    let (Some(to), Ok(revision)) = (to, revision.parse::<u32>()) else {
        let fault = refused(visit.text(), DeskRefusal::Changed)?;
        return version_page(hall, visit, &pack, version, vec![fault]).await;
    };
    let (shared, account, id) = (hall.clone(), visit.actor.account.clone(), pack.clone());
    let done = off_thread(move || {
        let step = Step { account: &account, at: shared.now() };
        shared.platform.pack_move((&id, version, revision), to, step)
    });
    match done.await? {
        Ok(()) => {
            Ok((StatusCode::SEE_OTHER, [(LOCATION, address(&pack, version))]).into_response())
        }
        Err(refusal) => {
            let fault = refused(visit.text(), refusal)?;
            version_page(hall, visit, &pack, version, vec![fault]).await
        }
    }
}

/// `POST /law/{pack}/{version}/step`: its author proposes, takes back or gives up a version.
pub(crate) async fn step(
    State(hall): State<Hall>,
    visit: Visit,
    Path(place): Path<(String, u32)>,
    Form(wanted): Form<Moved>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let to = match wanted.to.as_str() {
        "proposed" => Some(PackState::Proposed),
        "withdrawn" => Some(PackState::Withdrawn),
        _ => None,
    };
    moved(&hall, &visit, place, to, &wanted.revision).await
}

/// `POST /law/{pack}/{version}/decision`: somebody else publishes it or sends it back.
pub(crate) async fn decide(
    State(hall): State<Hall>,
    visit: Visit,
    Path(place): Path<(String, u32)>,
    Form(wanted): Form<Moved>,
) -> Result<Response, Stop> {
    let author = open(&hall, &place.0, place.1).await.map(|opened| opened.head.author);
    // Who may not decide is not told whether there is anything to decide.
    let asked_by = author.as_deref().unwrap_or_default();
    visit.allow(Resource::Review { asked_by, assigned_to: "" })?;
    author?;
    let to = match wanted.to.as_str() {
        "published" => Some(PackState::Published),
        "draft" => Some(PackState::Draft),
        _ => None,
    };
    moved(&hall, &visit, place, to, &wanted.revision).await
}
