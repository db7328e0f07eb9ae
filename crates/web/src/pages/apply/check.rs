//! The page on which everything is checked before it is handed in: what it says, all that it lacks at once,
//! what an amendment would change; and handing in.

use app::cases::{CaseError, Known};
use app::drafts::{DraftError, DraftView, Key, differences};
use app::law::Law;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use licensing::case::Case;
use licensing::completeness::{Finding, Weight};
use licensing::decide::Refusal;

use super::super::changed::{Changed, Versions};
use super::draft::looked;
use super::part::{Gap, Part, Said, gap, kind_said, said};
use super::{Opened, case_href, draft_href, lead, opened, stepped, stop_of, stop_of_case};
use crate::config::Hall;
use crate::form::Form;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

/// The gaps of one weight.
struct GapGroup {
    weight: &'static str,
    title: String,
    gaps: Vec<Gap>,
}

struct PartSaid {
    name: String,
    href: String,
    entries: Vec<Said>,
}

/// A change of a case.
pub(super) struct Change {
    pub(super) what: Changed,
    pub(super) key: bool,
    pub(super) citation: String,
}

#[derive(Template)]
#[template(path = "application_check.html")]
struct CheckPage {
    page: Page,
    back: String,
    href: String,
    revision: u32,
    groups: Vec<GapGroup>,
    days: u64,
    may: bool,
    complete: bool,
    parts: Vec<PartSaid>,
    amends: String,
    changes: Vec<Change>,
    key: bool,
    stale: String,
    faults: Vec<FieldFault>,
}

/// What is shown besides the draft itself.
#[derive(Default)]
struct Beside {
    faults: Vec<FieldFault>,
    /// Who changed it since it was looked at, and when.
    stale: String,
}

/// What an amendment would change.
pub(super) fn changes(t: &Text, law: &Law, case: &Case, draft: &DraftView) -> Vec<Change> {
    let found = differences(law, case, &draft.application).into_iter();
    let versions = Versions { t, law, before: &case.application, after: &draft.application };
    let change = |(difference, key): (licensing::case::Difference, Key)| Change {
        what: versions.one(&difference),
        key: key != Key::Plain,
        citation: match key {
            Key::Plain => String::new(),
            Key::Key { citation, .. } => citation,
        },
    };
    found.map(change).collect()
}

/// The case that a draft would amend.
async fn amended(hall: &Hall, draft: &DraftView) -> Result<Option<Case>, Stop> {
    if draft.amends.is_empty() {
        return Ok(None);
    }
    let (shared, number) = (hall.clone(), draft.amends.clone());
    let case = off_thread(move || shared.platform.case(&number)).await?;
    Ok(Some(case.map_err(stop_of_case)?))
}

async fn page(
    hall: &Hall,
    visit: &Visit,
    opened: &Opened,
    beside: Beside,
) -> Result<Response, Stop> {
    let Opened { law, draft } = opened;
    let (t, a) = (visit.text(), &draft.application);
    let checked = looked(hall, visit, law, draft).await?;
    let case = amended(hall, draft).await?;
    let completeness = &checked.completeness;
    let group = |weight: Weight| {
        let code = super::part::weight_code(weight);
        let own = completeness.findings.iter().filter(|finding| finding.weight == weight);
        let gaps: Vec<Gap> = own.map(|finding: &Finding| gap(t, law, &draft.id, finding)).collect();
        let title = t.num(&format!("gap-group-{code}"), &(gaps.len() as u64));
        GapGroup { weight: code, title, gaps }
    };
    let weights = [Weight::Blocks, Weight::Gap, Weight::Doubt, Weight::Advice];
    let groups = weights.map(group).into_iter().filter(|group| !group.gaps.is_empty()).collect();
    let parts = Part::ALL.into_iter().filter(|part| part.asked(law)).map(|part| PartSaid {
        name: t.get(&format!("apply-part-{}", part.code())),
        href: format!("{}/{}", draft_href(&draft.id), part.code()),
        entries: if part.is_list() { said(t, law, part, a) } else { vec![kind_said(t, law, a)] },
    });
    let parts = parts.collect();
    let changes = case.as_ref().map_or(Vec::new(), |case| changes(t, law, case, draft));
    let mut page = Page::new(hall, visit, t.get("apply-check-title"));
    page.faulty = !beside.faults.is_empty() || !beside.stale.is_empty();
    let status = match (beside.stale.is_empty(), beside.faults.is_empty()) {
        (false, _) => StatusCode::CONFLICT,
        (true, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, true) => StatusCode::OK,
    };
    let template = CheckPage {
        page,
        back: draft_href(&draft.id),
        href: format!("{}/check", draft_href(&draft.id)),
        revision: draft.revision,
        groups,
        days: u64::from(completeness.days),
        may: completeness.can_be_handed_in(),
        complete: completeness.complete(),
        parts,
        amends: draft.amends.clone(),
        key: changes.iter().any(|change| change.key),
        changes,
        stale: beside.stale,
        faults: beside.faults,
    };
    html(status, &template)
}

/// `GET /applications/{draft}/check`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &id).await?;
    if let Some(handed_in) = &opened.draft.handed_in {
        return Ok(lead(case_href(&handed_in.number)));
    }
    page(&hall, &visit, &opened, Beside::default()).await
}

/// What is sent with the page.
#[derive(serde::Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    revision: String,
}

/// `POST /applications/{draft}/check`: hands it in as it was looked at. Sent twice it is one case, and both
/// are led to it.
pub(crate) async fn hand_in(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &id).await?;
    if let Some(handed_in) = &opened.draft.handed_in {
        return Ok(lead(case_href(&handed_in.number)));
    }
    let t = visit.text();
    let checked = looked(&hall, &visit, &opened.law, &opened.draft).await?;
    if !checked.completeness.can_be_handed_in() {
        let blocks = checked.completeness.findings.iter();
        let blocks = blocks.filter(|finding| finding.weight == Weight::Blocks).count();
        let fault = FieldFault {
            field: "gaps-blocks".to_owned(),
            code: "incomplete",
            message: t.num("apply-blocked", &(blocks as u64)),
            accepted: String::new(),
        };
        let beside = Beside { faults: vec![fault], ..Beside::default() };
        return page(&hall, &visit, &opened, beside).await;
    }
    let revision = sent.revision.trim().parse::<u32>().unwrap_or(0);
    let (law, party, draft) = (opened.law.clone(), visit.actor.party.clone(), id.clone());
    let done = stepped(&hall, &visit, move |shared, step| {
        let known = Known::default();
        shared.platform.draft_hand_in(&law, &party, (&draft, revision), &known, step)
    })
    .await?;
    match done {
        Ok(handed_in) => Ok(lead(format!("{}?did=handed_in", case_href(&handed_in.number)))),
        Err(DraftError::HandedIn(handed_in)) => Ok(lead(case_href(&handed_in.number))),
        Err(DraftError::Stale(stale)) => {
            let current = stale.current;
            let when = show::instant(t, current.changed_at);
            let stale = t.two("apply-check-stale", &current.changed_by, when);
            let opened = Opened { law: opened.law, draft: current };
            page(&hall, &visit, &opened, Beside { stale, ..Beside::default() }).await
        }
        Err(DraftError::Case(CaseError::Refused(refusals))) => {
            let faults = refusals.iter().map(|refusal| refused(t, refusal)).collect();
            page(&hall, &visit, &opened, Beside { faults, ..Beside::default() }).await
        }
        Err(error) => Err(stop_of(error)),
    }
}

/// A refusal of the rules as a fault of a page.
pub(super) fn refused(t: &Text, refusal: &Refusal) -> FieldFault {
    let mut message = t.code("apply-refused", refusal.code, "");
    if message.is_empty() {
        message = show::sentence(&refusal.message);
    }
    FieldFault {
        field: "main".to_owned(),
        code: refusal.code,
        message,
        accepted: refusal.accepted.clone(),
    }
}

/// `POST /applications/{draft}/remove`.
pub(crate) async fn remove(
    State(hall): State<Hall>,
    visit: Visit,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Stop> {
    let opened = opened(&hall, &visit, &id).await?;
    let revision = sent.revision.trim().parse::<u32>().unwrap_or(0);
    let (party, draft) = (visit.actor.party.clone(), id.clone());
    let done = stepped(&hall, &visit, move |shared, step| {
        shared.platform.draft_remove(&party, (&draft, revision), step)
    })
    .await?;
    match done {
        Ok(()) => Ok(lead("/applications?done=removed".to_owned())),
        Err(DraftError::HandedIn(handed_in)) => Ok(lead(case_href(&handed_in.number))),
        Err(DraftError::Stale(stale)) => {
            let t = visit.text();
            let current = stale.current;
            let when = show::instant(t, current.changed_at);
            let stale = t.two("apply-check-stale", &current.changed_by, when);
            let opened = Opened { law: opened.law, draft: current };
            page(&hall, &visit, &opened, Beside { stale, ..Beside::default() }).await
        }
        Err(error) => Err(stop_of(error)),
    }
}
