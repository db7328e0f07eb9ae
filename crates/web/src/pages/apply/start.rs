//! "My applications", and where one begins: with a kind of licence, or with what was asked for last time.

use app::cases::{CaseCursor, QueuePage};
use app::drafts::{Beginning, DraftError, DraftView};
use app::law::Law;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::Timestamp;
use base::authorisation::Resource;
use licensing::Application;
use licensing::application::Contact;
use licensing::rules::{TypeKind, TypeRule};
use serde::Deserialize;

use super::super::clock::worded;
use super::part::goods_said;
use super::{case_href, draft_href, lead, stepped, stop_of, stop_of_case};
use crate::api::{cursor_make, cursor_read};
use crate::config::Hall;
use crate::form::Form;
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

struct DraftRow {
    href: String,
    title: String,
    goods: String,
    changed: String,
    by: String,
    amends: String,
}

struct CaseLine {
    href: String,
    number: String,
    kind: String,
    goods: String,
    destinations: String,
    received: String,
    state: String,
    tag: &'static str,
    waits: String,
    yours: bool,
    due: String,
}

#[derive(Template)]
#[template(path = "applications.html")]
struct ListPage {
    page: Page,
    drafts: Vec<DraftRow>,
    cases: Vec<CaseLine>,
    total: u64,
    next: String,
    done: String,
}

/// What is asked of the list.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// Whom an applicant hears that its case waits for: what goes on inside the authority is not told.
pub(crate) fn waits_code(waits_for: &str) -> &'static str {
    match waits_for {
        "applicant" => "applicant",
        "step" => "step",
        "nobody" => "nobody",
        _ => "authority",
    }
}

/// The name of a kind of licence.
pub(super) fn type_name(t: &Text, law: &Law, id: &str) -> String {
    law.rules
        .licence_type(id)
        .map_or_else(|| id.to_owned(), |rule| worded(t, &rule.name_en, &rule.name_zh))
}

/// What a draft is called.
pub(super) fn title(t: &Text, law: &Law, a: &Application) -> String {
    if a.licence_type.is_empty() {
        t.get("apply-untyped")
    } else {
        type_name(t, law, &a.licence_type)
    }
}

/// The class of the tag of a state.
pub(super) fn state_tag(state: &str) -> &'static str {
    match state {
        "decided" => "gd-tag-good",
        "received" | "review" => "gd-tag-note",
        _ => "gd-tag-plain",
    }
}

fn cursor(after: &str) -> Option<CaseCursor> {
    let text = cursor_read(after).ok()?;
    let (urgency, number) = text.split_once(' ')?;
    Some(CaseCursor { urgency: urgency.parse().ok()?, number: number.to_owned() })
}

/// `GET /applications`.
pub(crate) async fn list(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let t = visit.text();
    let law = law(&hall, &hall.config.pack).await?;
    let (shared, party, after) = (hall.clone(), visit.actor.party.clone(), cursor(&asked.after));
    let (drafts, cases) = off_thread(move || {
        let drafts = shared.platform.drafts(&party).map_err(stop_of)?;
        let cases = shared.platform.cases_of(&party, after.as_ref()).map_err(stop_of_case)?;
        Ok::<_, Stop>((drafts, cases))
    })
    .await??;
    let drafts = drafts.iter().map(|draft| draft_row(t, &law, draft)).collect();
    let next = cases.next.as_ref().map_or(String::new(), |next| {
        format!("/applications?after={}", cursor_make(&format!("{} {}", next.urgency, next.number)))
    });
    let total = u64::from(cases.total.unwrap_or(0));
    let done = t.code("apply-done", &asked.done, "");
    let page = Page::new(&hall, &visit, t.get("applications-title"));
    let cases = case_lines(t, &law, &cases);
    html(StatusCode::OK, &ListPage { page, drafts, cases, total, next, done })
}

fn draft_row(t: &Text, law: &Law, draft: &DraftView) -> DraftRow {
    let a = &draft.application;
    let mut title = title(t, law, a);
    if !a.reference.is_empty() {
        title = format!("{title} · {}", a.reference);
    }
    DraftRow {
        href: draft_href(&draft.id),
        title,
        goods: goods_said(a),
        changed: show::instant(t, draft.changed_at),
        by: draft.changed_by.clone(),
        amends: draft.amends.clone(),
    }
}

fn case_lines(t: &Text, law: &Law, cases: &QueuePage) -> Vec<CaseLine> {
    let line = |row: &app::cases::CaseRow| {
        let waits = waits_code(&row.waits_for);
        CaseLine {
            href: case_href(&row.number),
            number: row.number.clone(),
            kind: type_name(t, law, &row.licence_type),
            goods: row.goods.clone(),
            destinations: row.destinations.trim().replace(' ', ", "),
            received: show::date(t, show::day_of(Timestamp::from_us(row.received_at_us))),
            state: t.code("apply-state", &row.state, &row.state),
            tag: state_tag(&row.state),
            waits: t.code("apply-waits", waits, waits),
            yours: waits == "applicant",
            due: row
                .due_day
                .filter(|_| row.open == 1)
                .map_or(String::new(), |day| day_said(t, day)),
        }
    };
    cases.rows.iter().map(line).collect()
}

/// A day counted from 1970-01-01.
pub(crate) fn day_said(t: &Text, day: i64) -> String {
    show::date(t, show::day_of(Timestamp::from_us(day.saturating_mul(86_400_000_000))))
}

struct TypeChoice {
    id: String,
    name: String,
    lines: Vec<String>,
    chosen: bool,
}

struct Earlier {
    value: String,
    words: String,
}

#[derive(Template)]
#[template(path = "application_new.html")]
struct NewPage {
    page: Page,
    types: Vec<TypeChoice>,
    earlier: Vec<Earlier>,
    faults: Vec<FieldFault>,
}

fn type_lines(t: &Text, rule: &TypeRule) -> Vec<String> {
    let mut lines = Vec::new();
    if rule.kind == TypeKind::Registration {
        lines.push(t.get("apply-type-registration"));
    }
    if let Some(span) = &rule.max_validity {
        let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
        let days = i64::from(span.get_days()) + i64::from(span.get_weeks()) * 7;
        if let Some(months) = u64::try_from(months).ok().filter(|months| *months > 0) {
            lines.push(t.num("apply-type-months", &months));
        } else if let Some(days) = u64::try_from(days).ok().filter(|days| *days > 0) {
            lines.push(t.num("apply-type-days", &days));
        }
    }
    if let Some(exports) = rule.max_exports {
        lines.push(t.num("apply-type-exports", &u64::from(exports)));
    }
    if let Some(end_users) = rule.max_end_users {
        lines.push(t.num("apply-type-end-users", &u64::from(end_users)));
    }
    lines
}

async fn new_page(hall: &Hall, visit: &Visit, faults: Vec<FieldFault>) -> Result<Response, Stop> {
    let t = visit.text();
    let law = law(hall, &hall.config.pack).await?;
    let (shared, party) = (hall.clone(), visit.actor.party.clone());
    let (drafts, cases) = off_thread(move || {
        let drafts = shared.platform.drafts(&party).map_err(stop_of)?;
        let cases = shared.platform.cases_of(&party, None).map_err(stop_of_case)?;
        Ok::<_, Stop>((drafts, cases))
    })
    .await??;
    let rules = law.rules.licence_types.iter().filter(|rule| law.rules.applied_for(rule));
    let types = rules.map(|rule| TypeChoice {
        id: rule.id.clone(),
        name: worded(t, &rule.name_en, &rule.name_zh),
        lines: type_lines(t, rule),
        chosen: false,
    });
    let types = types.collect();
    let cases = cases.rows.iter().map(|row| Earlier {
        value: format!("case:{}", row.number),
        words: format!("{} · {} · {}", row.number, row.goods, row.destinations.trim()),
    });
    let drafts = drafts.iter().filter(|draft| draft.amends.is_empty()).map(|draft| Earlier {
        value: format!("draft:{}", draft.id),
        words: t.two(
            "apply-earlier-draft",
            title(t, &law, &draft.application),
            goods_said(&draft.application),
        ),
    });
    let earlier = cases.chain(drafts).collect();
    let mut page = Page::new(hall, visit, t.get("apply-new-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, &NewPage { page, types, earlier, faults })
}

/// `GET /applications/new`.
pub(crate) async fn new(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    new_page(&hall, &visit, Vec::new()).await
}

/// How one begins.
#[derive(Deserialize)]
pub(crate) struct Begun {
    #[serde(default)]
    licence_type: String,
    #[serde(default)]
    from: String,
}

/// `POST /applications`: begins a draft.
pub(crate) async fn begin(
    State(hall): State<Hall>,
    visit: Visit,
    Form(begun): Form<Begun>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Book(&visit.actor.party))?;
    let t = visit.text();
    let law = law(&hall, &hall.config.pack).await?;
    let known = law.rules.licence_type(&begun.licence_type);
    let beginning = match begun.from.split_once(':') {
        Some(("case", number)) => Beginning::Case(number.to_owned()),
        Some(("appeal", number)) => Beginning::Appeal(number.to_owned()),
        Some(("draft", id)) => Beginning::Draft(id.to_owned()),
        _ if known.is_some_and(|rule| law.rules.applied_for(rule)) => {
            let contact = Contact { name: visit.name.clone(), email: String::new() };
            let licence_type = begun.licence_type.clone();
            let application = Application { licence_type, contact, ..Application::default() };
            Beginning::Written(Box::new(application))
        }
        _ => {
            let fault = FieldFault {
                field: "licence_type".to_owned(),
                code: "licence_type_missing",
                message: t.get("apply-choose-type"),
                accepted: String::new(),
            };
            return new_page(&hall, &visit, vec![fault]).await;
        }
    };
    let party = visit.actor.party.clone();
    let made = stepped(&hall, &visit, move |shared, step| {
        shared.platform.draft_make(&party, &beginning, step)
    })
    .await?;
    match made {
        Ok(draft) => Ok(lead(draft_href(&draft.id))),
        Err(DraftError::Limit { most, .. }) => {
            let message = t.num("apply-limit-drafts", &(most as u64));
            let fault = FieldFault {
                field: "licence_type".to_owned(),
                code: "limit",
                message,
                accepted: String::new(),
            };
            new_page(&hall, &visit, vec![fault]).await
        }
        Err(error) => Err(stop_of(error)),
    }
}
