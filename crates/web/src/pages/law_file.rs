//! A file of a version: a table row by row, or settings as text.

use app::law::desk::{DeskRefusal, PackState, Step};
use app::law::draft::{DraftError, Table, file_set};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use serde::Deserialize;

use super::law::{Opened, address, file_address, open, refused};
use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

/// Rows of a table on a page.
const ROWS_SHOWN: usize = 100;
/// Columns shown in the list of rows; all of them are in the form.
const COLUMNS_SHOWN: usize = 7;
/// A cell of more characters gets a text area.
const LINE_CHARS: usize = 60;

struct TableRow {
    number: usize,
    href: String,
    cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "law_file.html")]
struct FilePage {
    page: Page,
    back: String,
    name: String,
    href: String,
    revision: u32,
    editable: bool,
    /// Of a table: its columns, its rows, the address of a new row.
    columns: Vec<String>,
    rows: Vec<TableRow>,
    add: String,
    found: u64,
    query: String,
    next: String,
    /// Of settings: their text.
    text: Option<String>,
    faults: Vec<FieldFault>,
}

/// What is asked of a table.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    from: usize,
}

/// Whether this visitor may change the version.
fn editable(visit: &Visit, opened: &Opened) -> bool {
    opened.head.state == PackState::Draft && opened.head.author == visit.actor.account
}

fn not_found(error: &DraftError) -> Stop {
    match error {
        DraftError::NoFile { .. } | DraftError::NoRow { .. } => Stop::NotFound,
        other => crate::stop::fault(other),
    }
}

async fn file_page(
    hall: &Hall,
    visit: &Visit,
    (pack, version, file): (&str, u32, &str),
    wanted: &Wanted,
    (text, faults): (Option<String>, Vec<FieldFault>),
) -> Result<Response, Stop> {
    let opened = open(hall, pack, version).await?;
    let t = visit.text();
    let mut page = Page::new(hall, visit, file.to_owned());
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let rows_at = format!("{}/tables/{}", address(pack, version), encoded(file));
    let mut template = FilePage {
        back: address(pack, version),
        name: file.to_owned(),
        href: file_address(pack, version, file),
        revision: opened.head.revision,
        editable: editable(visit, &opened),
        columns: Vec::new(),
        rows: Vec::new(),
        add: format!("{rows_at}/0"),
        found: 0,
        query: wanted.q.trim().to_owned(),
        next: String::new(),
        text: None,
        faults,
        page,
    };
    if file.ends_with(".csv") {
        let table = Table::read(&opened.files, file).map_err(|error| not_found(&error))?;
        let query = template.query.to_lowercase();
        let has = |row: &(usize, &Vec<String>)| {
            query.is_empty() || row.1.iter().any(|cell| cell.to_lowercase().contains(&query))
        };
        let found: Vec<(usize, &Vec<String>)> = table.rows.iter().enumerate().filter(has).collect();
        template.found = found.len() as u64;
        let shown = found.iter().skip(wanted.from).take(ROWS_SHOWN);
        template.rows = shown
            .map(|(at, cells)| TableRow {
                number: at + 1,
                href: format!("{rows_at}/{}", at + 1),
                cells: cells.iter().take(COLUMNS_SHOWN).cloned().collect(),
            })
            .collect();
        let after = wanted.from + ROWS_SHOWN;
        if after < found.len() {
            let query = encoded(&template.query);
            template.next = format!("{}?q={query}&from={after}", template.href);
        }
        template.columns = table.columns.iter().take(COLUMNS_SHOWN).cloned().collect();
    } else {
        let stored = opened.files.text(file).ok_or(Stop::NotFound)?;
        template.text = Some(text.unwrap_or_else(|| stored.to_owned()));
    }
    template.page.title = t.two("law-file-title", file, version);
    html(status, &template)
}

/// `GET /law/{pack}/{version}/files/{file}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path((pack, version, file)): Path<(String, u32, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    file_page(&hall, &visit, (&pack, version, &file), &wanted, (None, Vec::new())).await
}

/// The form of settings.
#[derive(Debug, Deserialize)]
pub(crate) struct Saved {
    #[serde(default)]
    text: String,
    #[serde(default)]
    revision: String,
}

/// Changes a version; what is refused comes back as a fault of the page.
async fn change(
    hall: &Hall,
    visit: &Visit,
    (pack, version): (&str, u32),
    revision: &str,
    edit: impl FnOnce(&mut controls::PackFiles) -> Result<(), DraftError> + Send + 'static,
) -> Result<Option<FieldFault>, Stop> {
    let Ok(revision) = revision.parse::<u32>() else {
        return refused(visit.text(), DeskRefusal::Changed).map(Some);
    };
    let (shared, account, id) = (hall.clone(), visit.actor.account.clone(), pack.to_owned());
    let done = off_thread(move || {
        let step = Step { account: &account, at: shared.now() };
        shared.platform.pack_change((&id, version, revision), step, edit)
    });
    match done.await? {
        Ok(()) => Ok(None),
        Err(refusal) => refused(visit.text(), refusal).map(Some),
    }
}

/// `POST /law/{pack}/{version}/files/{file}`: replaces the text of settings.
pub(crate) async fn save(
    State(hall): State<Hall>,
    visit: Visit,
    Path((pack, version, file)): Path<(String, u32, String)>,
    Form(saved): Form<Saved>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let (name, text) = (file.clone(), saved.text.clone());
    let refusal = change(&hall, &visit, (&pack, version), &saved.revision, move |files| {
        file_set(files, &name, &text)
    });
    match refusal.await? {
        None => Ok((StatusCode::SEE_OTHER, [(LOCATION, address(&pack, version))]).into_response()),
        Some(fault) => {
            let place = (pack.as_str(), version, file.as_str());
            let again = (Some(saved.text), vec![fault]);
            file_page(&hall, &visit, place, &Wanted::default(), again).await
        }
    }
}

struct Cell {
    number: usize,
    column: String,
    value: String,
    long: bool,
}

#[derive(Template)]
#[template(path = "law_row.html")]
struct RowPage {
    page: Page,
    back: String,
    name: String,
    href: String,
    revision: u32,
    editable: bool,
    row: usize,
    cells: Vec<Cell>,
    wrong: Vec<String>,
    faults: Vec<FieldFault>,
}

async fn row_page(
    hall: &Hall,
    visit: &Visit,
    (pack, version, file, row): (&str, u32, &str, usize),
    (given, faults): (Option<Vec<String>>, Vec<FieldFault>),
) -> Result<Response, Stop> {
    let opened = open(hall, pack, version).await?;
    let t = visit.text();
    let table = Table::read(&opened.files, file).map_err(|error| not_found(&error))?;
    let stored = match row {
        0 => vec![String::new(); table.columns.len()],
        row => table.row(row).map_err(|error| not_found(&error))?.to_vec(),
    };
    let cells = given.unwrap_or(stored);
    let mut page = Page::new(hall, visit, t.two("law-row-title", file, row));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let line = row as u32 + 1;
    let of_row = |wrong: &&controls::PackFault| wrong.file == file && wrong.line == line && row > 0;
    let wrong = opened.law.faults.iter().filter(of_row).map(|wrong| {
        let what =
            if wrong.field.is_empty() { String::new() } else { format!("{}: ", wrong.field) };
        let accepted =
            if wrong.accepted.is_empty() { String::new() } else { format!("; {}", wrong.accepted) };
        format!("{what}{}{accepted}", wrong.message)
    });
    let template = RowPage {
        back: file_address(pack, version, file),
        name: file.to_owned(),
        href: format!("{}/tables/{}/{row}", address(pack, version), encoded(file)),
        revision: opened.head.revision,
        editable: editable(visit, &opened),
        row,
        cells: table
            .columns
            .iter()
            .zip(cells)
            .enumerate()
            .map(|(number, (column, value))| Cell {
                number,
                column: column.clone(),
                long: value.chars().count() > LINE_CHARS,
                value,
            })
            .collect(),
        wrong: wrong.collect(),
        faults,
        page,
    };
    html(status, &template)
}

/// `GET /law/{pack}/{version}/tables/{file}/{row}`; row 0 is a new one.
pub(crate) async fn row(
    State(hall): State<Hall>,
    visit: Visit,
    Path((pack, version, file, row)): Path<(String, u32, String, usize)>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    row_page(&hall, &visit, (&pack, version, &file, row), (None, Vec::new())).await
}

/// `POST /law/{pack}/{version}/tables/{file}/{row}`: saves a row, or takes it out.
pub(crate) async fn row_save(
    State(hall): State<Hall>,
    visit: Visit,
    Path((pack, version, file, row)): Path<(String, u32, String, usize)>,
    Form(fields): Form<serde_json::Map<String, serde_json::Value>>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let text = |name: &str| fields.get(name).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    let columns = {
        let opened = open(&hall, &pack, version).await?;
        let table = Table::read(&opened.files, &file).map_err(|error| not_found(&error))?;
        if row > table.rows.len() {
            return Err(Stop::NotFound);
        }
        table.columns.len()
    };
    let cells: Vec<String> =
        (0..columns).map(|at| text(&format!("c{at}")).trim().to_owned()).collect();
    let (name, kept, remove) = (file.clone(), cells.clone(), text("do") == "remove");
    let revision = text("revision");
    let refusal = change(&hall, &visit, (&pack, version), &revision, move |files| {
        let mut table = Table::read(files, &name)?;
        if remove {
            table.row_remove(row)?;
        } else {
            table.row_set(row, kept)?;
        }
        table.write(files)
    });
    match refusal.await? {
        None => {
            let to = file_address(&pack, version, &file);
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Some(fault) => {
            let place = (pack.as_str(), version, file.as_str(), row);
            row_page(&hall, &visit, place, (Some(cells), vec![fault])).await
        }
    }
}
