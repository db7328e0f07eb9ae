//! The draft of a decision, cell by cell: outcome, how much, under which conditions, for which reasons.
//!
//! What agencies set stands in it of itself; it falls by an override on the page of the case, never here.

use app::cases::viewer_of;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use base::authorisation::Actor;
use licensing::advice::{Consolidated, consolidate};
use licensing::case::{CellDecision, Condition, Position};
use licensing::decide::conditions_due;

use super::entry::{Typed, field_id};
use super::forms::{Field, Forms, Pick, pick};
use super::view::{AdviceRow, Happened, Sections};
use super::words::{told, unit_words};
use super::{Acted, Head, Opened, Retry, act, back, opened};
use crate::config::Hall;
use crate::form::Fields;
use crate::page::{Page, html};
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

/// What is asked of one cell.
pub(crate) struct CellForm {
    pub(crate) id: String,
    pub(crate) legend: String,
    /// What is asked for, in words.
    pub(crate) asked: String,
    pub(crate) advice: Vec<AdviceRow>,
    pub(crate) faults: Vec<String>,
    pub(crate) first: Field,
    /// Of an approval: quantities.
    pub(crate) quantities: Vec<Field>,
    /// Conditions that stand in it of themselves, each with whose it is.
    pub(crate) due: Vec<(String, String)>,
    /// Conditions and words, reasons and words.
    pub(crate) fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "case_draft.html")]
struct DraftPage {
    page: Page,
    head: Head,
    version: u32,
    faults: Vec<FieldFault>,
    since: Vec<Happened>,
    /// Why this visitor may not draft now.
    barred: Vec<String>,
    /// Strong hits that wait: address and words.
    strong: Vec<(String, String)>,
    /// Whether signatures stand that a new draft would void.
    voids: bool,
    cells: Vec<CellForm>,
    whole: Vec<Field>,
}

/// `GET /cases/{number}/draft`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &number).await?;
    page(&hall, &visit, &opened, &Retry::default())
}

/// `POST /cases/{number}/draft`.
pub(crate) async fn draft(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Fields(fields): Fields,
) -> Result<Response, Stop> {
    let found = opened(&hall, &visit, &number).await?;
    match act(&hall, &visit, &found, Typed::read(fields)).await? {
        Acted::Done => Ok(back(&number, "draft")),
        Acted::Not(retry) => {
            let found = opened(&hall, &visit, &number).await?;
            page(&hall, &visit, &found, &retry)
        }
    }
}

/// The faults of a cell: those whose field is it, or stands in it.
pub(crate) fn faults_of(faults: &[FieldFault], id: &str) -> Vec<String> {
    let inside = |field: &str| {
        field == id || field.strip_prefix(id).is_some_and(|rest| rest.starts_with('-'))
    };
    faults.iter().filter(|f| inside(&f.field)).map(|f| f.message.clone()).collect()
}

/// What a draft says now of a cell: as drafted, or as the agencies agree.
struct Before {
    outcome: &'static str,
    quantities: Vec<String>,
    own: Vec<Condition>,
    reasons: Vec<String>,
    text: String,
}

fn before(opened: &Opened, place: usize) -> Before {
    let case = &opened.seen;
    let mut before = Before {
        outcome: "",
        quantities: Vec::new(),
        own: Vec::new(),
        reasons: Vec::new(),
        text: String::new(),
    };
    let Some(cell) = case.application.cells.get(place) else { return before };
    before.quantities =
        cell.quantities.iter().map(|quantity| quantity.decimal().to_string()).collect();
    let drafted = case.draft.as_ref().and_then(|(draft, _, _)| draft.cells.get(&cell.key));
    match drafted {
        Some(CellDecision::Approve { quantities, conditions }) => {
            before.outcome = "approve";
            for (at, asked) in cell.quantities.iter().enumerate() {
                let found = quantities.iter().find(|quantity| quantity.unit == asked.unit);
                if let (Some(found), Some(text)) = (found, before.quantities.get_mut(at)) {
                    *text = found.decimal().to_string();
                }
            }
            let own = conditions.iter().filter(|condition| condition.agency.is_empty());
            before.own = own.cloned().collect();
        }
        Some(CellDecision::Refuse { reasons, text }) => {
            (before.outcome, before.reasons, before.text) =
                ("refuse", reasons.clone(), text.clone());
        }
        Some(CellDecision::NoLicence { text }) => {
            (before.outcome, before.text) = ("no_licence", text.clone());
        }
        None => {
            if let Consolidated::Agreed { position, .. } = consolidate(case, &cell.key) {
                before.outcome = match position {
                    Position::Approve => "approve",
                    Position::Refuse => "refuse",
                    Position::NoLicence => "no_licence",
                    Position::NotApplicable => "",
                };
            }
        }
    }
    before
}

/// Conditions of the pack to pick, and free words beside them.
pub(crate) fn condition_fields(
    forms: &Forms<'_>,
    form: &str,
    place: usize,
    own: &[Condition],
) -> Vec<Field> {
    let t = forms.words.t;
    let picks: Vec<Pick> = forms
        .weighed
        .law
        .rules
        .conditions
        .iter()
        .map(|phrase| {
            let stands = own.iter().any(|condition| condition.phrase == phrase.id);
            let words = crate::pages::clock::worded(t, &phrase.text_en, &phrase.text_zh);
            Pick { chosen: stands, ..pick(&phrase.id, words) }
        })
        .collect();
    let name = format!("phrases-{place}");
    let phrases = forms.field(form, "checks", &name, t.get("case-field-conditions"), picks);
    let name = format!("words-{place}");
    let mut words = forms.field(form, "area", &name, t.get("case-field-own-words"), Vec::new());
    words.hint = t.get("case-field-own-words-hint");
    if forms.typed.form != form {
        let free = own.iter().filter(|condition| condition.phrase.is_empty());
        words.value = free.map(|condition| condition.text.as_str()).collect::<Vec<_>>().join("\n");
    }
    vec![phrases, words]
}

fn cell_form(
    forms: &Forms<'_>,
    opened: &Opened,
    sections: &Sections<'_>,
    faults: &[FieldFault],
    place: usize,
) -> Option<CellForm> {
    let (t, case) = (forms.words.t, &opened.seen);
    let cell = case.application.cells.get(place)?;
    let known = before(opened, place);
    let fresh = forms.typed.form != "draft";
    let outcomes = ["approve", "refuse", "no_licence"].map(|code| {
        let words = t.code("case-outcome", code, code);
        Pick { chosen: code == known.outcome, ..pick(code, words) }
    });
    let name = format!("outcome-{place}");
    let first =
        forms.field("draft", "radios", &name, t.get("case-field-outcome"), outcomes.to_vec());
    let quantities = cell.quantities.iter().enumerate().map(|(number, asked)| {
        let label = t.two("case-field-quantity", asked.unit.written(), unit_words(t, &asked.unit));
        let name = format!("quantity-{place}-{number}");
        let mut field = forms.field("draft", "number", &name, label, Vec::new());
        field.hint = t.one("case-field-quantity-hint", forms.words.quantity(asked));
        if fresh {
            field.value = known.quantities.get(number).cloned().unwrap_or_default();
        }
        field
    });
    let reasons = opened.law.rules.reasons.iter().map(|reason| Pick {
        chosen: known.reasons.contains(&reason.id),
        ..pick(&reason.id, forms.words.reason(&reason.id))
    });
    let mut fields = condition_fields(forms, "draft", place, &known.own);
    let name = format!("reasons-{place}");
    fields.push(forms.field(
        "draft",
        "checks",
        &name,
        t.get("case-field-reasons"),
        reasons.collect(),
    ));
    let name = format!("text-{place}");
    let mut text = forms.field("draft", "area", &name, t.get("case-field-letter"), Vec::new());
    text.hint = t.get("case-field-letter-hint");
    if fresh {
        text.value.clone_from(&known.text);
    }
    fields.push(text);
    let id = field_id(case, "draft", &format!("cells/{}", cell.key));
    Some(CellForm {
        legend: t.two("case-cell", place + 1, forms.words.cell(&case.application, cell)),
        asked: cell
            .quantities
            .iter()
            .map(|q| forms.words.quantity(q))
            .collect::<Vec<_>>()
            .join(", "),
        advice: sections.advice(&cell.key),
        faults: faults_of(faults, &id),
        id,
        first,
        quantities: quantities.collect(),
        due: conditions_due(case, &cell.key)
            .into_iter()
            .map(|(condition, agency)| {
                (forms.words.condition(&condition), forms.words.agency(agency))
            })
            .collect(),
        fields,
    })
}

/// What is asked of the draft as a whole.
fn whole(forms: &Forms<'_>, opened: &Opened) -> Vec<Field> {
    let t = forms.words.t;
    let draft = opened.seen.draft.as_ref().map(|(draft, _, _)| draft);
    let field =
        |kind, name: &str, label: &str| forms.field("draft", kind, name, t.get(label), Vec::new());
    let mut from = field("date", "valid_from", "case-field-valid-from");
    from.hint = t.get("case-field-valid-from-hint");
    let mut months = field("number", "valid_months", "case-field-valid-months");
    months.hint = t.get("case-field-valid-months-hint");
    let mut reasoning = field("area", "reasoning", "case-field-reasoning");
    reasoning.hint = t.get("case-field-reasoning-hint");
    if let Some(draft) = draft.filter(|_| forms.typed.form != "draft") {
        from.value = draft.valid_from.map_or(String::new(), |day| day.to_string());
        months.value = draft.valid_months.map_or(String::new(), |months| months.to_string());
        reasoning.value.clone_from(&draft.reasoning);
    }
    vec![reasoning, from, months]
}

/// Why somebody may not draft, whatever the draft.
fn barred(forms: &Forms<'_>, opened: &Opened, actor: &Actor) -> Vec<String> {
    if forms.may_draft() {
        return Vec::new();
    }
    let refusals = forms.weighed.refusals(
        actor,
        &licensing::decide::Command::Draft {
            draft: opened.case.draft.as_ref().map_or_else(
                || licensing::case::Draft {
                    cells: std::collections::BTreeMap::new(),
                    valid_from: None,
                    valid_months: None,
                    reasoning: String::new(),
                },
                |(draft, _, _)| draft.clone(),
            ),
        },
    );
    let told = refusals
        .iter()
        .filter(|refusal| !refusal.code.starts_with("draft_"))
        .map(|refusal| told(forms.words.t, refusal, String::new()).in_full(forms.words.t));
    told.collect()
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
        today: opened.today(now),
    };
    let places = 0..opened.seen.application.cells.len();
    let cells =
        places.filter_map(|place| cell_form(&forms, opened, &sections, &retry.faults, place));
    let head = Head::new(t, opened, viewer, &sections);
    let mut frame = Page::new(hall, visit, t.one("case-draft-title", &head.number));
    frame.parties_name(hall, [head.applicant.as_str()])?;
    frame.faulty = !retry.faults.is_empty();
    let template = DraftPage {
        version: opened.version,
        since: sections.happened(&retry.since),
        barred: barred(&forms, opened, &visit.actor),
        strong: super::strong_hits(t, opened),
        voids: opened.case.signatures_held().next().is_some(),
        cells: cells.collect(),
        whole: whole(&forms, opened),
        head,
        faults: retry.faults.clone(),
        page: frame,
    };
    html(retry.status(), &template)
}
