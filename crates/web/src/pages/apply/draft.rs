//! A draft: the list of its parts, a part with its entries, and the form of an entry.

use app::drafts::{Checked, DraftView};
use app::law::Law;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use licensing::completeness::Weight;

use super::case::follows_said;
use super::fields::{Row, rows};
use super::part::{Gap, Part, Said, Typed, gap, said, seen_of, state, typed};
use super::start::title;
use super::upload::{self, DocumentSlot};
use super::{NEW, Opened, case_href, checked, draft_href, lead, opened};
use crate::config::Hall;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::secret::random_text;
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

struct Task {
    href: String,
    name: String,
    hint: String,
    state: String,
    tag: &'static str,
}

#[derive(Template)]
#[template(path = "application.html")]
struct TaskPage {
    page: Page,
    id: String,
    title: String,
    reference: String,
    amends: String,
    follows: String,
    tasks: Vec<Task>,
    check: String,
    days: u64,
    changed: String,
    seen: u32,
}

#[derive(Template)]
#[template(path = "application_part.html")]
struct PartPage {
    page: Page,
    back: String,
    href: String,
    code: &'static str,
    next: Option<(String, String)>,
    entries: Vec<Said>,
    gaps: Vec<Gap>,
    documents: Vec<DocumentSlot>,
    faults: Vec<FieldFault>,
    /// Of certificates: for whom one is still to be asked.
    without: Vec<(String, String)>,
    limit: String,
}

impl PartPage {
    /// The id of the field with the file of a slot.
    fn file_id(&self, slot: &DocumentSlot) -> String {
        format!("file-{}", slot.anchor.trim_start_matches("document-"))
    }

    /// The key of the words that add an entry.
    fn add(&self) -> String {
        format!("apply-add-{}", self.code)
    }
}

/// The form of an entry as it is shown.
pub(super) struct Shown<'a> {
    pub(super) part: Part,
    pub(super) id: &'a str,
    pub(super) typed: Typed,
    pub(super) faults: Vec<FieldFault>,
    /// What stood in the entry, where it is not what stands there now.
    pub(super) now: Option<Typed>,
    /// Who changed it meanwhile, and when.
    pub(super) by: String,
}

#[derive(Template)]
#[template(path = "application_entry.html")]
struct EntryPage {
    page: Page,
    back: String,
    href: String,
    code: &'static str,
    is_list: bool,
    is_new: bool,
    seen: String,
    rows: Vec<Row>,
    faults: Vec<FieldFault>,
    stale: String,
    gone: bool,
}

/// `GET /applications/{draft}`: the list of its parts.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let Opened { law, draft } = opened(&hall, &visit, &id).await?;
    if let Some(handed_in) = &draft.handed_in {
        return Ok(lead(case_href(&handed_in.number)));
    }
    let t = visit.text();
    let a = &draft.application;
    let checked = looked(&hall, &visit, &law, &draft).await?;
    let task = |part: Part| {
        let (code, count, tag) = state(part, a, &checked);
        Task {
            href: format!("{}/{}", draft_href(&id), part.code()),
            name: t.get(&format!("apply-part-{}", part.code())),
            hint: t.get(&format!("apply-part-hint-{}", part.code())),
            state: t.num(&format!("apply-part-state-{code}"), &count),
            tag,
        }
    };
    let tasks = Part::ALL.into_iter().filter(|part| part.asked(&law)).map(task).collect();
    let heavy = |weight| checked.completeness.findings.iter().filter(move |f| f.weight == weight);
    let open = heavy(Weight::Blocks).count() + heavy(Weight::Gap).count();
    let check = if checked.completeness.complete() {
        t.get("apply-check-complete")
    } else {
        t.num("apply-check-open", &(open as u64))
    };
    let page = Page::new(&hall, &visit, title(t, &law, a));
    let follows = draft.follows.as_ref().map_or(String::new(), |f| follows_said(t, f));
    let template = TaskPage {
        title: page.title.clone(),
        page,
        reference: a.reference.clone(),
        amends: draft.amends.clone(),
        follows,
        tasks,
        check,
        days: u64::from(checked.completeness.days),
        changed: t.two("apply-changed", show::instant(t, draft.changed_at), &draft.changed_by),
        seen: draft.revision,
        id,
    };
    html(StatusCode::OK, &template)
}

/// What an application lacks.
pub(super) async fn looked(
    hall: &Hall,
    visit: &Visit,
    law: &std::sync::Arc<Law>,
    draft: &DraftView,
) -> Result<Checked, Stop> {
    let (shared, law, party) = (hall.clone(), law.clone(), visit.actor.party.clone());
    let (a, follows) = (draft.application.clone(), draft.follows.clone());
    off_thread(move || checked(&shared, &law, &party, &a, follows.as_ref())).await?
}

/// `GET /applications/{draft}/{part}`.
pub(crate) async fn part(
    State(hall): State<Hall>,
    visit: Visit,
    Path((id, part)): Path<(String, String)>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &id).await?;
    if let Some(handed_in) = &opened.draft.handed_in {
        return Ok(lead(case_href(&handed_in.number)));
    }
    let part = Part::parse(&part).filter(|part| part.asked(&opened.law)).ok_or(Stop::NotFound)?;
    if part.is_list() {
        return part_page(&hall, &visit, &opened, part, Vec::new()).await;
    }
    let typed = typed(part, &opened.draft.application, "").unwrap_or_default();
    let shown = Shown { part, id: "", typed, faults: Vec::new(), now: None, by: String::new() };
    entry_page(&hall, &visit, &opened, shown)
}

/// `GET /applications/{draft}/documents`.
pub(crate) async fn documents(
    hall: State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    part(hall, visit, Path((id, Part::Documents.code().to_owned()))).await
}

/// The page of a part that is a list.
pub(super) async fn part_page(
    hall: &Hall,
    visit: &Visit,
    opened: &Opened,
    part: Part,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let Opened { law, draft } = opened;
    let (t, a) = (visit.text(), &draft.application);
    let checked = looked(hall, visit, law, draft).await?;
    let findings = checked.completeness.findings.iter();
    let own = findings.filter(|finding| Part::of_path(&finding.path).0 == part);
    let gaps = own.map(|finding| gap(t, law, &draft.id, finding)).collect();
    let documents = if part == Part::Documents {
        upload::slots(hall, visit, law, a).await?
    } else {
        Vec::new()
    };
    let ask = |(name, key): (String, String)| {
        let end_user = crate::form::encoded(&key);
        (name, format!("/certificates/new?for=draft/{}&end_user={end_user}", draft.id))
    };
    let without = if part == Part::Certificates { part.without(a) } else { Vec::new() };
    let without = without.into_iter().map(ask).collect();
    let after = Part::ALL.into_iter().filter(|part| part.asked(law));
    let next = after.skip_while(|other| *other != part).nth(1).map(|next| {
        let href = format!("{}/{}", draft_href(&draft.id), next.code());
        (href, t.get(&format!("apply-part-{}", next.code())))
    });
    let mut page = Page::new(hall, visit, t.get(&format!("apply-part-{}", part.code())));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let template = PartPage {
        page,
        back: draft_href(&draft.id),
        href: format!("{}/{}", draft_href(&draft.id), part.code()),
        code: part.code(),
        next,
        entries: said(t, law, part, a),
        gaps,
        documents,
        faults,
        without,
        limit: upload::limit_said(),
    };
    html(status, &template)
}

/// `GET /applications/{draft}/{part}/{entry}`.
pub(crate) async fn entry(
    State(hall): State<Hall>,
    visit: Visit,
    Path((draft, part, id)): Path<(String, String, String)>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &draft).await?;
    if let Some(handed_in) = &opened.draft.handed_in {
        return Ok(lead(case_href(&handed_in.number)));
    }
    let part = Part::parse(&part).filter(|part| part.asked(&opened.law)).ok_or(Stop::NotFound)?;
    let a = &opened.draft.application;
    // A certificate that is missing is linked to by its end user.
    let missing = part == Part::Certificates && a.party(&id).is_some();
    let typed = match typed(part, a, &id) {
        Some(typed) if part.is_list() => typed,
        None if missing => Typed::from([("end_user".to_owned(), id.clone())]),
        _ => return Err(Stop::NotFound),
    };
    let id = if id == NEW { new_id(part)? } else { id };
    let shown = Shown { part, id: &id, typed, faults: Vec::new(), now: None, by: String::new() };
    entry_page(&hall, &visit, &opened, shown)
}

/// The id under which a form adds an entry: of those that have a key, one that nobody else draws, so that a
/// form sent twice adds once.
fn new_id(part: Part) -> Result<String, Stop> {
    let letter = match part {
        Part::Goods => 'g',
        Part::Parties => 'p',
        Part::Uses => 'u',
        Part::Cells => 'c',
        _ => return Ok(NEW.to_owned()),
    };
    let random = random_text().ok_or(Stop::Fault)?;
    Ok(format!("{letter}{}", random.chars().take(8).collect::<String>()))
}

/// The page with the form of an entry.
pub(super) fn entry_page(
    hall: &Hall,
    visit: &Visit,
    opened: &Opened,
    shown: Shown<'_>,
) -> Result<Response, Stop> {
    let Opened { law, draft } = opened;
    let (t, a) = (visit.text(), &draft.application);
    let Shown { part, id, typed: as_typed, faults, now, by } = shown;
    let mut rows = rows(t, law, part, draft, &as_typed, &faults);
    let there = typed(part, a, id);
    if let Some(now) = &now {
        for field in rows.iter_mut().flat_map(|row| &mut row.fields) {
            field.now = now_said(t, field, now);
        }
    }
    let is_new = id == NEW || there.is_none();
    let name = t.get(&format!("apply-{}-{}", if is_new { "add" } else { "entry" }, part.code()));
    let mut page = Page::new(hall, visit, name);
    page.faulty = !faults.is_empty() || now.is_some();
    let status = match (&now, faults.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let home = draft_href(&draft.id);
    let of_part = format!("{home}/{}", part.code());
    let href = if part.is_list() {
        format!("{of_part}/{}", crate::form::encoded(id))
    } else {
        of_part.clone()
    };
    let template = EntryPage {
        page,
        back: if part.is_list() { of_part } else { home },
        href,
        code: part.code(),
        is_list: part.is_list(),
        is_new,
        seen: seen_of(part, a, id),
        rows,
        faults,
        gone: now.is_some() && there.is_none() && part.is_list(),
        stale: by,
    };
    html(status, &template)
}

/// What stands in a field now, where that is not what was typed.
fn now_said(t: &Text, field: &super::fields::Field, now: &Typed) -> String {
    if field.input == "checks" {
        return String::new();
    }
    let there = now.get(&field.name).map_or("", String::as_str);
    if there == field.value {
        return String::new();
    }
    if there.is_empty() {
        return t.get("apply-nothing");
    }
    let choice = field.choices.iter().find(|choice| choice.code == there);
    choice.map_or_else(|| there.to_owned(), |choice| choice.words.clone())
}
