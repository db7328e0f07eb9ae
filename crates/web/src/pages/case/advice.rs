//! An agency's advice, cell by cell: its position, why, and the conditions that it wants.

use app::cases::viewer_of;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use licensing::case::Condition;

use super::draft::{CellForm, condition_fields, faults_of};
use super::entry::{Typed, field_id};
use super::forms::{Forms, Pick, pick};
use super::view::{Happened, Sections};
use super::words::told;
use super::{Acted, Head, Opened, Retry, act, back, opened};
use crate::config::Hall;
use crate::form::Fields;
use crate::page::{Page, html};
use crate::pages::clock::coded;
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "case_advice.html")]
struct AdvicePage {
    page: Page,
    head: Head,
    version: u32,
    faults: Vec<FieldFault>,
    since: Vec<Happened>,
    /// What the agency was asked.
    asked: String,
    /// Why no advice is taken now.
    barred: Vec<String>,
    /// Whether the agency has said that it is done.
    replied: bool,
    cells: Vec<CellForm>,
}

/// `GET /cases/{number}/advice`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &number).await?;
    page(&hall, &visit, &opened, &Retry::default())
}

/// `POST /cases/{number}/advice`.
pub(crate) async fn advise(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Fields(fields): Fields,
) -> Result<Response, Stop> {
    let found = opened(&hall, &visit, &number).await?;
    let typed = Typed::read(fields);
    let form = if typed.get("then") == "reply" { "reply" } else { "advise" };
    match act(&hall, &visit, &found, typed).await? {
        Acted::Done => Ok(back(&number, form)),
        Acted::Not(retry) => {
            let found = opened(&hall, &visit, &number).await?;
            page(&hall, &visit, &found, &retry)
        }
    }
}

fn cell_form(
    forms: &Forms<'_>,
    opened: &Opened,
    faults: &[FieldFault],
    place: usize,
) -> Option<CellForm> {
    let (t, case) = (forms.words.t, &opened.seen);
    let cell = case.application.cells.get(place)?;
    let given = case.agencies.values().find_map(|part| part.advice.get(&cell.key));
    let advice = given.map(|given| &given.advice);
    let mut positions = forms.positions();
    let known = advice.map_or(String::new(), |advice| coded(&advice.position));
    for pick in &mut positions {
        pick.chosen = pick.value == known;
    }
    let name = format!("position-{place}");
    let first = forms.field("advise", "radios", &name, t.get("case-field-position"), positions);
    let name = format!("reason-{place}");
    let mut reason = forms.field("advise", "area", &name, t.get("case-field-reason"), Vec::new());
    if let Some(advice) = advice.filter(|_| forms.typed.form != "advise") {
        reason.value.clone_from(&advice.reason);
    }
    let mut fields = vec![reason];
    let own: &[Condition] = advice.map_or(&[], |advice| &advice.conditions);
    if !own.is_empty() {
        let kept = own.iter().map(|condition| Pick {
            chosen: true,
            ..pick(&condition.id, forms.words.condition(condition))
        });
        let name = format!("kept-{place}");
        let label = t.get("case-field-kept");
        fields.push(forms.field("advise", "checks", &name, label, kept.collect()));
    }
    fields.extend(condition_fields(forms, "advise", place, &[]));
    let id = field_id(case, "advise", &format!("advice/{}", cell.key));
    Some(CellForm {
        legend: t.two("case-cell", place + 1, forms.words.cell(&case.application, cell)),
        asked: cell
            .quantities
            .iter()
            .map(|q| forms.words.quantity(q))
            .collect::<Vec<_>>()
            .join(", "),
        advice: Vec::new(),
        faults: faults_of(faults, &id),
        id,
        first,
        quantities: Vec::new(),
        due: Vec::new(),
        fields,
    })
}

fn page(hall: &Hall, visit: &Visit, opened: &Opened, retry: &Retry) -> Result<Response, Stop> {
    let (t, now) = (visit.text(), hall.now());
    let viewer = viewer_of(&visit.actor);
    let w = opened.words(t, viewer);
    let weighed = opened.weighed(now);
    let sections = Sections { w: &w, case: &opened.seen, now };
    let forms = Forms {
        words: &w,
        case: &opened.seen,
        weighed: &weighed,
        actor: &visit.actor,
        typed: &retry.typed,
        faults: &retry.faults,
        today: String::new(),
    };
    let places = 0..opened.seen.application.cells.len();
    let cells = places.filter_map(|place| cell_form(&forms, opened, &retry.faults, place));
    let part = opened.seen.agencies.values().next();
    let head = Head::new(t, opened, viewer, &sections);
    let mut frame = Page::new(hall, visit, t.one("case-advice-title", &head.number));
    frame.parties_name(hall, [head.applicant.as_str()])?;
    frame.faulty = !retry.faults.is_empty();
    let empty = licensing::decide::Command::Advise { advice: std::collections::BTreeMap::new() };
    let barred = weighed.refusals(&visit.actor, &empty);
    let barred = barred.iter().filter(|refusal| refusal.code != "advice_missing");
    let template = AdvicePage {
        version: opened.version,
        since: sections.happened(&retry.since),
        asked: part.map_or(String::new(), |part| part.text.clone()),
        barred: barred.map(|refusal| told(t, refusal, String::new()).in_full(t)).collect(),
        replied: part.is_some_and(|part| part.replied.is_some()),
        cells: cells.collect(),
        head,
        faults: retry.faults.clone(),
        page: frame,
    };
    html(retry.status(), &template)
}
