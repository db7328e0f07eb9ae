//! Filing a batch: upload, preview, confirm, receipt.

use std::sync::Arc;

use askama::Template;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::Resource;

use crate::config::{Hall, Shared};
use crate::form::{Form, TOKEN_FIELD, encoded, token_good};
use crate::ledger::{Group, Import, Rejected, import, off_thread};
use crate::page::{Page, html};
use crate::pages::Stat;
use crate::pages::shipments::{ShipmentBox, shipments_tried, shown};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::{Language, Text};
use crate::upload::Upload;
use crate::visit::{Sight, Visit};

/// The longest file name kept, in characters.
const NAME_MAX: usize = 120;

#[derive(Template)]
#[template(path = "file.html")]
struct FilePage {
    page: Page,
    limit: String,
    faults: Vec<FieldFault>,
}

/// A group of the report as a box.
struct GroupBox {
    severity: &'static str,
    title: String,
    rows: u64,
    /// What is wrong, in the language of the page.
    message: String,
    /// What is wrong with the first row, in English, where the page is not.
    found: String,
    lines: String,
    /// What to do, in the language of the page.
    repair: String,
    /// What would be accepted, in English, where it is not in `repair`.
    accepted: String,
}

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    page: Page,
    heading: String,
    name: String,
    size: String,
    address: String,
    stats: Vec<Stat>,
    can_file: bool,
    confirm: String,
    consequence: String,
    rejected: bool,
    errors: Vec<GroupBox>,
    errors_count: u64,
    notes: Vec<GroupBox>,
    rows: Vec<Rejected>,
    rows_count: u64,
    /// Of exports, whether each needs a licence and fits what is left of the one that it names.
    shipments: Vec<ShipmentBox>,
    shipments_more: u64,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    page: Page,
    heading: String,
    party: String,
    name: String,
    size: String,
    sha256: String,
    recorded_at: String,
    recorded: String,
    stats: Vec<Stat>,
    rejected: bool,
    rejects: String,
    taken: Vec<(String, String)>,
    more: u64,
    errors: Vec<GroupBox>,
    errors_count: u64,
    notes: Vec<GroupBox>,
    rows: Vec<Rejected>,
    rows_count: u64,
}

/// A size, rounded up.
pub(super) fn bytes_shown(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} kB", show::count(bytes.div_ceil(1024))),
        _ => format!("{} MB", show::count(bytes.div_ceil(1_048_576))),
    }
}

fn file_page(hall: &Shared, visit: &Visit, faults: Vec<FieldFault>) -> FilePage {
    let mut page = Page::new(hall, visit, visit.text().get("file-title"));
    page.faulty = !faults.is_empty();
    let limit = bytes_shown(hall.config.limits.file_bytes as u64);
    FilePage { page, limit, faults }
}

/// `GET /file`.
pub(crate) async fn show(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    html(StatusCode::OK, &file_page(&hall, &visit, Vec::new()))
}

/// The columns of a filing row, in the order of the documentation.
const TEMPLATE: &str = "filing,kind,date,period_from,period_to,filer,from_party,to_party,owner,move,\
    site,to_site,leg,process,lot,source_lot,stage,net_mass_kg,composition,basis,moisture_pct,loi_pct,\
    treo_pct,assay_status,assay_date,laboratory,hs,product,grade,pieces,customer_name,\
    customer_country,invoice,contract,declaration,licence,end_user_name,end_user_country,end_use,\
    value,currency,corrects,note\n";

/// `GET /file/template.csv`.
pub(crate) async fn template(visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    Ok(csv_attached("filings-template.csv", TEMPLATE.to_owned().into_bytes()))
}

fn csv_attached(name: &str, body: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    (
        [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)],
        body,
    )
        .into_response()
}

/// Why a form that comes in parts stops.
pub(super) fn multipart_stop(error: &MultipartError) -> Stop {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Stop::TooLarge } else { Stop::FormExpired }
}

/// `POST /file`: keeps the file, tries it, leads to the preview.
pub(crate) async fn upload(
    State(hall): State<Hall>,
    visit: Visit,
    mut form: Multipart,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let mut trusted = false;
    let mut file: Option<(String, Vec<u8>)> = None;
    while let Some(field) = form.next_field().await.map_err(|error| multipart_stop(&error))? {
        match field.name() {
            Some(TOKEN_FIELD) => {
                let token = field.text().await.map_err(|error| multipart_stop(&error))?;
                trusted = token_good(&hall.config.key, &visit.visitor, &token);
            }
            // The token stands before the file in our form: nothing is read for a stranger.
            Some("file") if trusted => {
                let name: String = field.file_name().unwrap_or("").chars().take(NAME_MAX).collect();
                let bytes = field.bytes().await.map_err(|error| multipart_stop(&error))?;
                file = Some((name, bytes.to_vec()));
            }
            _ => {}
        }
    }
    if !trusted {
        return Err(Stop::FormExpired);
    }
    let Some((name, bytes)) = file.filter(|file| !file.1.is_empty()) else {
        let fault = FieldFault {
            field: "file".to_owned(),
            code: "file_missing",
            message: visit.text().get("file-missing"),
            accepted: String::new(),
        };
        return html(StatusCode::UNPROCESSABLE_ENTITY, &file_page(&hall, &visit, vec![fault]));
    };
    let (shared, actor, bytes) = (hall.clone(), visit.actor.clone(), Arc::new(bytes));
    let held = bytes.clone();
    let report = off_thread(move || import(&shared, &held, &actor, true)).await??;
    let account = visit.actor.account.clone();
    let upload = Upload { account, name, bytes, report: Arc::new(report), filed_at: None };
    let key = hall.uploads.keep(upload).ok_or(Stop::TooLarge)?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, format!("/file/preview/{key}"))]).into_response())
}

fn upload_find(hall: &Shared, visit: &Visit, key: &str) -> Result<Upload, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    hall.uploads.find(key, &visit.actor.account).ok_or(Stop::NotFound)
}

/// Whether a group keeps rows, or the whole file, from being taken.
fn hinders(group: &Group) -> bool {
    group.effect == "rejected" || (group.effect == "file" && group.severity == "error")
}

fn boxes(t: &Text, groups: &[Group], hindering: bool) -> Vec<GroupBox> {
    groups
        .iter()
        .filter(|group| hinders(group) == hindering)
        .map(|group| group_box(t, group))
        .collect()
}

/// A group in the language of the page; the figures of the first row, which the ledger tells in
/// English, stand beside it.
fn group_box(t: &Text, group: &Group) -> GroupBox {
    let title = t.code("rule", &group.code, &group.code.replace('_', " "));
    let lines: Vec<String> = group.lines.iter().map(|line| show::count(*line)).collect();
    let about = t.code("about", &group.code, "");
    let repair = t.code("repair", &group.code, "");
    let english = t.language == Language::English;
    let (message, found) = match (english, group.message.is_empty()) {
        (_, true) => (about, String::new()),
        (true, false) => (group.message.clone(), String::new()),
        (false, false) => (about, group.message.clone()),
    };
    let (repair, accepted) = match (english, group.accepted.is_empty()) {
        (_, true) => (repair, String::new()),
        (true, false) => (group.accepted.clone(), String::new()),
        (false, false) => (repair, group.accepted.clone()),
    };
    GroupBox {
        severity: group.severity,
        title: if group.column.is_empty() {
            title
        } else {
            t.two("group-in-column", title, &group.column)
        },
        rows: group.rows,
        message,
        found,
        lines: if lines.is_empty() {
            String::new()
        } else {
            t.one("group-lines", lines.join(", "))
        },
        repair,
        accepted,
    }
}

fn stats(t: &Text, report: &Import) -> Vec<Stat> {
    let mut stats: Vec<Stat> = [
        (report.rows, "import-rows"),
        (report.filings.filed, if report.dry_run { "import-would" } else { "import-filed" }),
        (report.filings.duplicate, "import-duplicate"),
        (report.filings.rejected, "import-rejected"),
        (report.rejected, "import-rejected-rows"),
    ]
    .into_iter()
    .map(|(number, key)| Stat::new(show::count(number), t.get(key)))
    .collect();
    if report.filings.filed > 0 {
        stats[1].class = "gd-stat--good";
    }
    if report.filings.rejected > 0 {
        stats[3].class = "gd-stat--error";
    }
    stats
}

fn preview_page(
    hall: &Shared,
    visit: &Visit,
    (key, upload): (&str, &Upload),
    shipments: Vec<ShipmentBox>,
) -> PreviewPage {
    let t = visit.text();
    let report = &upload.report;
    let errors = boxes(t, &report.findings, true);
    let (filed, rejected) = (report.filings.filed, report.filings.rejected);
    let unread = filed + rejected + report.filings.duplicate == 0 && !errors.is_empty();
    let heading = if unread {
        t.get("preview-unread")
    } else if filed == 0 && rejected == 0 && report.filings.duplicate > 0 {
        t.get("preview-all-duplicate")
    } else if filed == 0 {
        t.get("preview-nothing")
    } else if rejected == 0 {
        t.num("preview-all-good", &filed)
    } else {
        t.num_with("preview-some", &filed, show::count(rejected))
    };
    let consequence = match (filed, rejected) {
        (0, 0) if unread => t.get("preview-consequence-unread"),
        (0, 0) => t.get("preview-consequence-none"),
        (0, _) => t.get("preview-consequence-repair"),
        (_, 0) => t.num("preview-consequence-all", &filed),
        _ => t.num("preview-consequence-some", &filed),
    };
    PreviewPage {
        page: Page::new(hall, visit, heading.clone()),
        heading,
        name: upload.name.clone(),
        size: bytes_shown(report.bytes),
        address: format!("/file/preview/{key}"),
        stats: stats(t, report),
        can_file: filed > 0 && !upload.bytes.is_empty(),
        confirm: t.num("preview-confirm", &filed),
        consequence,
        rejected: report.rejected > 0,
        errors_count: errors.len() as u64,
        errors,
        notes: boxes(t, &report.findings, false),
        rows: report.rejected_rows.clone(),
        rows_count: report.rejected_rows.len() as u64,
        shipments,
        shipments_more: report.exported_more,
    }
}

/// `GET /file/preview/{upload}`.
pub(crate) async fn preview(
    State(hall): State<Hall>,
    visit: Visit,
    Path(key): Path<String>,
) -> Result<Response, Stop> {
    let upload = upload_find(&hall, &visit, &key)?;
    if upload.filed_at.is_some() {
        let to = format!("/file/receipt/{key}");
        return Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response());
    }
    let tried = shipments_tried(&hall, &visit.actor.party, &upload.report).await?;
    let (t, sight) = (visit.text(), Sight::Own(visit.actor.party.clone()));
    let shipments = tried.iter().map(|of| shown(t, &sight, of, &[])).collect();
    html(StatusCode::OK, &preview_page(&hall, &visit, (&key, &upload), shipments))
}

/// `POST /file/preview/{upload}`: files it. Sent twice it files once: filings already in are
/// duplicates, and after the first time the bytes are gone.
pub(crate) async fn confirm(
    State(hall): State<Hall>,
    visit: Visit,
    Path(key): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    let upload = upload_find(&hall, &visit, &key)?;
    let receipt = format!("/file/receipt/{key}");
    if upload.filed_at.is_none() {
        let (shared, actor) = (hall.clone(), visit.actor.clone());
        let bytes = upload.bytes.clone();
        let report = off_thread(move || import(&shared, &bytes, &actor, false)).await??;
        let at = Timestamp::parse(&report.recorded_at).unwrap_or_else(|| hall.now());
        tracing::info!(
            account = %visit.actor.account,
            filings = report.filings.filed,
            rejected = report.filings.rejected,
            "a batch was filed"
        );
        hall.uploads.filed(&key, Arc::new(report), at);
    }
    Ok((StatusCode::SEE_OTHER, [(LOCATION, receipt)]).into_response())
}

/// `GET /file/preview/{upload}/rejects.csv`.
pub(crate) async fn rejects(
    State(hall): State<Hall>,
    visit: Visit,
    Path(key): Path<String>,
) -> Result<Response, Stop> {
    let upload = upload_find(&hall, &visit, &key)?;
    Ok(csv_attached("rejects.csv", upload.report.rejects_csv.to_vec()))
}

/// `GET /file/receipt/{upload}`.
pub(crate) async fn receipt(
    State(hall): State<Hall>,
    visit: Visit,
    Path(key): Path<String>,
) -> Result<Response, Stop> {
    let upload = upload_find(&hall, &visit, &key)?;
    let at = upload.filed_at.ok_or(Stop::NotFound)?;
    let t = visit.text();
    let report = &upload.report;
    let heading = t.num("receipt-title", &report.filings.filed);
    let errors = boxes(t, &report.findings, true);
    let taken: Vec<(String, String)> = report
        .taken
        .iter()
        .filter_map(|filing| filing.split_once('/'))
        .map(|(filer, reference)| {
            let href = format!("/filings/{}/{}", encoded(filer), encoded(reference));
            (href, reference.to_owned())
        })
        .collect();
    let template = ReceiptPage {
        page: Page::new(&hall, &visit, heading.clone()),
        heading,
        party: visit.actor.party.clone(),
        name: upload.name.clone(),
        size: bytes_shown(report.bytes),
        sha256: report.sha256.clone(),
        recorded_at: report.recorded_at.clone(),
        recorded: show::instant(t, at),
        stats: stats(t, report),
        rejected: report.rejected > 0,
        rejects: format!("/file/preview/{key}/rejects.csv"),
        more: report.filings.filed.saturating_sub(taken.len() as u64),
        taken,
        errors_count: errors.len() as u64,
        errors,
        notes: boxes(t, &report.findings, false),
        rows: report.rejected_rows.clone(),
        rows_count: report.rejected_rows.len() as u64,
    };
    html(StatusCode::OK, &template)
}
