//! The countersigner's page: what is to be signed, by which content, and why one may not.

use app::cases::viewer_of;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::entry::Typed;
use super::forms::{FormView, Forms};
use super::view::{CellRow, Happened, Sections, SignatureRow};
use super::words::told;
use super::{Acted, Head, Opened, Retry, act, back, opened};
use crate::config::Hall;
use crate::form::Fields;
use crate::page::{Page, html};
use crate::stop::{FieldFault, Stop};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "case_sign.html")]
struct SignPage {
    page: Page,
    head: Head,
    version: u32,
    faults: Vec<FieldFault>,
    since: Vec<Happened>,
    content: String,
    drafted: String,
    reasoning: String,
    validity: String,
    cells: Vec<CellRow>,
    signatures: Vec<SignatureRow>,
    /// Why this visitor may not sign now.
    barred: Vec<String>,
    forms: Vec<FormView>,
}

/// `GET /cases/{number}/sign`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &number).await?;
    page(&hall, &visit, &opened, &Retry::default())
}

/// `POST /cases/{number}/sign`: signs what was shown, or sends it back.
pub(crate) async fn sign(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Fields(fields): Fields,
) -> Result<Response, Stop> {
    let found = opened(&hall, &visit, &number).await?;
    let typed = Typed::read(fields);
    let form = typed.form.clone();
    match act(&hall, &visit, &found, typed).await? {
        Acted::Done => Ok(back(&number, &form)),
        Acted::Not(retry) => {
            let found = opened(&hall, &visit, &number).await?;
            page(&hall, &visit, &found, &retry)
        }
    }
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
    let (forms, barred) = match forms.signing() {
        Ok(forms) => (forms, Vec::new()),
        Err(refusals) => {
            let told = refusals.iter().map(|r| told(t, r, String::new()).in_full(t)).collect();
            (forms.sending_back(), told)
        }
    };
    let draft = opened.seen.draft.as_ref();
    let head = Head::new(t, opened, viewer, &sections);
    let mut frame = Page::new(hall, visit, t.one("case-sign-title", &head.number));
    frame.parties_name(hall, [head.applicant.as_str()])?;
    frame.faulty = !retry.faults.is_empty();
    let template = SignPage {
        version: opened.version,
        since: sections.happened(&retry.since),
        content: opened.seen.content_hash().unwrap_or_default(),
        drafted: draft
            .map_or(String::new(), |(_, by, at_us)| t.two("case-by-at", w.who(by), w.at(*at_us))),
        reasoning: draft.map_or(String::new(), |(draft, _, _)| draft.reasoning.clone()),
        validity: draft.map_or(String::new(), |(draft, _, _)| w.validity(draft)),
        cells: sections.cells(),
        signatures: sections.signatures(&weighed.signatures()),
        barred,
        forms,
        head,
        faults: retry.faults.clone(),
        page: frame,
    };
    html(retry.status(), &template)
}
