//! The queue: whose turn it is, the most urgent first, with filters, kept views, and what is done with
//! several cases at once.
//!
//! Urgency comes of the clock and of the stock that runs out ([`mod@licensing::urgency`]). Whatever the order,
//! the case that waits the longest is named at the head. The number of questions to the database does not
//! depend on what the queue holds: the rows, their count, the oldest, the kept views, and the people.

use std::collections::HashMap;

use app::cases::{
    CaseCursor, CaseError, CaseFilter, CaseRow, CaseView, Known, PAGE_ROWS, Queue, Step,
    VIEW_NAME_CHARS_MAX, VIEW_QUERY_CHARS_MAX, VIEWS_MAX, date_in, zone,
};
use app::people::PersonRecord;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Resource, Role};
use licensing::decide::Command;
use licensing::sight::Viewer;
use licensing::urgency::urgency;
use serde::Deserialize;

use super::forms::{Pick, pick};
use super::people_known;
use super::view::days;
use super::words::{Words, told};
use crate::api::{cursor_make, cursor_read};
use crate::config::Hall;
use crate::form::{Fields, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::secret::moment;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Cases that are given at once at most: those of a page.
const GIVEN_MAX: usize = PAGE_ROWS as usize;
/// The longest text that is looked for.
const TEXT_CHARS_MAX: usize = 100;

/// What a queue is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Number, applicant or good.
    q: String,
    /// `me`, `none`, `any` or an account; empty as the role has it.
    officer: String,
    /// Code of who must act next.
    waits: String,
    /// `open`, `ended`, `all`, or the code of a state; empty is `open`.
    state: String,
    /// Kind of licence.
    kind: String,
    /// Destination.
    to: String,
    /// Where the page begins.
    after: String,
}

impl Asked {
    /// The filter without the page, as a query string.
    fn query(&self) -> String {
        let pairs = [
            ("q", &self.q),
            ("officer", &self.officer),
            ("waits", &self.waits),
            ("state", &self.state),
            ("kind", &self.kind),
            ("to", &self.to),
        ];
        let set = pairs.iter().filter(|pair| !pair.1.is_empty());
        let pairs: Vec<String> =
            set.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        pairs.join("&")
    }

    /// Of an agency: whether it is asked for what is still open.
    pub(crate) fn open(&self) -> bool {
        self.state != "ended"
    }

    /// As whose queue it is read: an officer's own by default, a supervisor's is everybody's.
    fn whose<'a>(&'a self, visit: &'a Visit) -> &'a str {
        match (self.officer.as_str(), visit.actor.role) {
            ("", Role::Officer) => "me",
            ("", _) => "any",
            (officer, _) => officer,
        }
    }

    pub(crate) fn filter(&self, visit: &Visit) -> CaseFilter {
        let code = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (open, state) = match self.state.as_str() {
            "" | "open" => (Some(true), None),
            "ended" => (Some(false), None),
            "all" => (None, None),
            state => (None, Some(state.to_owned())),
        };
        CaseFilter {
            open,
            state,
            officer: match self.whose(visit) {
                "any" => None,
                // Who covers a leave has the cases of the person covered before it.
                "me" if !visit.actor.acting_for.is_empty() => Some(visit.actor.acting_for.clone()),
                "me" => Some(visit.actor.account.clone()),
                "none" => Some(String::new()),
                account => Some(account.to_owned()),
            },
            waits_for: code(&self.waits),
            licence_type: code(&self.kind),
            destination: code(&self.to).map(|text| text.to_uppercase()),
            text: code(&self.q.chars().take(TEXT_CHARS_MAX).collect::<String>()),
            owner_id: None,
        }
    }

    pub(crate) fn after(&self) -> Result<Option<CaseCursor>, FieldFault> {
        if self.after.is_empty() {
            return Ok(None);
        }
        let text = cursor_read(&self.after)?;
        let parts = text.split_once(' ').and_then(|(urgency, number)| {
            Some(CaseCursor { urgency: urgency.parse().ok()?, number: number.to_owned() })
        });
        parts.map(Some).ok_or_else(|| crate::api::cursor_fault(&self.after))
    }
}

/// A cursor as a text.
pub(crate) fn cursor_text(cursor: &CaseCursor) -> String {
    cursor_make(&format!("{} {}", cursor.urgency, cursor.number))
}

/// A row of the queue.
struct Row {
    href: String,
    number: String,
    /// What is sent when it is chosen: its number, and who has it as the page shows it.
    value: String,
    clock: String,
    stock: String,
    /// `error`, `warning` or `plain`.
    tag: &'static str,
    why: String,
    goods: String,
    to: String,
    applicant: String,
    officer: String,
    waits: String,
    state: String,
}

struct Kept {
    name: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct QueuePage {
    page: Page,
    faults: Vec<FieldFault>,
    office: bool,
    supervisor: bool,
    asked: Asked,
    query: String,
    chips: Vec<Kept>,
    kept: Vec<Kept>,
    officers: Vec<Pick>,
    waits: Vec<Pick>,
    states: Vec<Pick>,
    kinds: Vec<Pick>,
    count: String,
    oldest: Option<Row>,
    oldest_received: String,
    rows: Vec<Row>,
    give: Vec<Pick>,
    first: String,
    next: String,
}

/// What the database says for a page.
struct Found {
    rows: Vec<CaseRow>,
    next: Option<CaseCursor>,
    total: Option<u32>,
    more: bool,
    oldest: Option<CaseRow>,
    views: Vec<CaseView>,
    known: Known,
    names: HashMap<String, PersonRecord>,
}

async fn found(hall: &Hall, visit: &Visit, asked: &Asked) -> Result<Found, Stop> {
    let after = asked.after().map_err(|fault| Stop::Fields(vec![fault]))?;
    let agency = visit.actor.role == Role::Agency;
    let queue = if agency {
        Queue::Agency { agency: visit.actor.desk.clone(), open: asked.open() }
    } else {
        Queue::Cases(asked.filter(visit))
    };
    let (shared, account) = (hall.clone(), visit.actor.account.clone());
    off_thread(move || {
        let platform = &shared.platform;
        let failed = |error: CaseError| fault(&error);
        let page = platform.case_queue(&queue, after.as_ref()).map_err(failed)?;
        let (oldest, views) = if agency {
            (None, Vec::new())
        } else {
            let oldest = platform.case_oldest().map_err(failed)?;
            (oldest, platform.case_views(&account).map_err(failed)?)
        };
        let (known, names) = people_known(&shared, &[])?;
        Ok(Found {
            rows: page.rows,
            next: page.next,
            total: page.total,
            more: page.more,
            oldest,
            views,
            known,
            names,
        })
    })
    .await?
}

/// How urgent a row is, and why.
struct Turn<'a> {
    w: &'a Words<'a>,
    today: base::Date,
    office: bool,
}

impl Turn<'_> {
    fn row(&self, row: &CaseRow) -> Row {
        let (t, zone) = (self.w.t, zone(self.w.law));
        let day = |number: i64| {
            let span = jiff::Span::new().try_days(number).ok()?;
            base::Date::constant(1970, 1, 1).checked_add(span).ok()
        };
        let received = date_in(&zone, Timestamp::from_us(row.received_at_us));
        let received_day = app::cases::epoch_day(received);
        let stock = row.stock_out_day.and_then(|out| u32::try_from(out - received_day).ok());
        let turn = urgency(row.due_day.and_then(day), stock, received, self.today);
        let left = |days_left: Option<i64>| days_left.map_or_else(|| "–".to_owned(), days);
        let code = turn.why.code();
        let why = match code {
            "stock_before_clock" => {
                t.two("case-why-stock_before_clock", left(turn.stock_days), left(turn.due_days))
            }
            "waited" => t.one("case-why-waited", days(turn.waited_days)),
            code => t.code("case-why", code, ""),
        };
        let open = row.open == 1;
        Row {
            href: format!("/cases/{}", encoded(&row.number)),
            number: row.number.clone(),
            value: format!("{} {}", row.number, row.officer),
            clock: if open { left(turn.due_days) } else { String::new() },
            stock: if open { left(turn.stock_days) } else { String::new() },
            tag: match code {
                "overdue" | "stock_out" => "error",
                "stock_before_clock" | "waited" => "warning",
                _ => "plain",
            },
            why: if open { why } else { String::new() },
            goods: row.goods.clone(),
            to: row.destinations.trim().replace(' ', ", "),
            applicant: row.applicant.clone(),
            officer: match row.officer.as_str() {
                _ if !self.office => String::new(),
                "" => t.get("case-nobody"),
                officer => self.w.who(officer),
            },
            waits: if open && self.office {
                t.code("case-waits", &row.waits_for, &row.waits_for)
            } else {
                String::new()
            },
            // How a case ended is not for an agency.
            state: if open || self.office {
                t.code("case-state", &row.state, &row.state)
            } else {
                String::new()
            },
        }
    }
}

fn choices(t: &Text, family: &str, codes: &[&str], chosen: &str) -> Vec<Pick> {
    let picks = codes
        .iter()
        .map(|code| Pick { chosen: *code == chosen, ..pick(code, t.code(family, code, code)) });
    picks.collect()
}

/// Queues that everybody has.
fn chips(t: &Text, asked: &Asked, visit: &Visit) -> Vec<Kept> {
    let chip = |key: &str, query: &str, current: bool| Kept {
        name: t.get(key),
        href: format!("/cases?{query}"),
        current,
    };
    if visit.actor.role == Role::Agency {
        let ended = asked.state == "ended";
        return vec![
            chip("cases-chip-asked", "state=open", !ended),
            chip("cases-chip-answered", "state=ended", ended),
        ];
    }
    let query = asked.query();
    let current =
        |of: &str, by_role: Role| query == of || (query.is_empty() && visit.actor.role == by_role);
    vec![
        chip("cases-chip-mine", "officer=me", current("officer=me", Role::Officer)),
        chip("cases-chip-nobodys", "officer=none", query == "officer=none"),
        chip(
            "cases-chip-sign",
            "officer=any&waits=signature",
            query == "officer=any&waits=signature",
        ),
        chip("cases-chip-all", "officer=any", current("officer=any", Role::Supervisor)),
    ]
}

/// `GET /cases`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    if visit.actor.role != Role::Agency
        && let Some(number) = numbered(&hall, &asked).await?
    {
        let to = format!("/cases/{}", encoded(&number));
        return Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response());
    }
    page(&hall, &visit, asked, Vec::new()).await
}

/// The number of the case that is looked for by its whole number.
async fn numbered(hall: &Hall, asked: &Asked) -> Result<Option<String>, Stop> {
    let number = asked.q.trim().to_uppercase();
    if !number.contains('-') {
        return Ok(None);
    }
    let shared = hall.clone();
    off_thread(move || match shared.platform.case(&number) {
        Ok(_) => Ok(Some(number)),
        Err(CaseError::Unknown) => Ok(None),
        Err(error) => Err(fault(&error)),
    })
    .await?
}

fn officers(t: &Text, w: &Words<'_>, known: &Known, chosen: &str) -> Vec<Pick> {
    let office = |role: Role| matches!(role, Role::Officer | Role::Supervisor);
    let mut picks = choices(t, "case-officer", &["any", "me", "none"], chosen);
    let signers = known.signers.iter().filter(|signer| office(signer.role));
    let mut people: Vec<Pick> = signers
        .map(|signer| Pick {
            chosen: signer.account == chosen,
            ..pick(&signer.account, w.who(&signer.account))
        })
        .collect();
    people.sort_by(|a, b| a.words.cmp(&b.words));
    picks.extend(people);
    picks
}

async fn page(
    hall: &Hall,
    visit: &Visit,
    asked: Asked,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let t = visit.text();
    let law = law(hall, &hall.config.pack).await?;
    let found = found(hall, visit, &asked).await?;
    let agency = visit.actor.role == Role::Agency;
    let viewer = if agency { Viewer::Agency(&visit.actor.desk) } else { Viewer::Office };
    let w = Words { t, law: &law, names: &found.names, viewer };
    let turn = Turn { w: &w, today: date_in(&zone(&law), hall.now()), office: !agency };
    for row in &found.rows {
        visit.look(&row.applicant);
    }
    let (query, first) = (asked.query(), asked.after.is_empty());
    let count = match found.total {
        _ if found.rows.is_empty() => t.get("cases-none"),
        Some(total) if found.more => t.num("cases-more-than", &u64::from(total)),
        Some(total) => t.num("cases-count", &u64::from(total)),
        None => String::new(),
    };
    let people = officers(t, &w, &found.known, asked.whose(visit));
    // Those who can have a case: not "anybody", "me", "nobody".
    let give: Vec<Pick> =
        people.iter().skip(3).map(|person| Pick { chosen: false, ..person.clone() }).collect();
    let kinds = law.rules.licence_types.iter().map(|kind| Pick {
        chosen: kind.id == asked.kind,
        ..pick(&kind.id, w.licence_type(&kind.id))
    });
    let state = if asked.state.is_empty() { "open" } else { asked.state.as_str() };
    let kept = found.views.iter().map(|view| Kept {
        name: view.name.clone(),
        href: format!("/cases?{}", view.query),
        current: view.query == query && !query.is_empty(),
    });
    let oldest = found.oldest.as_ref().filter(|_| first);
    if let Some(row) = oldest {
        visit.look(&row.applicant);
    }
    let mut frame = Page::new(hall, visit, t.get("cases-title"));
    frame.parties_name(hall, found.rows.iter().map(|row| row.applicant.as_str()))?;
    frame.faulty = !faults.is_empty();
    let template = QueuePage {
        office: !agency,
        supervisor: visit.actor.role == Role::Supervisor,
        chips: chips(t, &asked, visit),
        kept: kept.collect(),
        officers: people,
        waits: choices(
            t,
            "case-waits",
            &["officer", "applicant", "agency", "step", "signature"],
            &asked.waits,
        ),
        states: choices(
            t,
            "case-state",
            &[
                "open",
                "received",
                "review",
                "ended",
                "decided",
                "returned",
                "withdrawn",
                "lapsed",
                "all",
            ],
            state,
        ),
        kinds: kinds.collect(),
        count,
        oldest_received: oldest.map_or(String::new(), |row| w.at(row.received_at_us)),
        oldest: oldest.map(|row| turn.row(row)),
        rows: found.rows.iter().map(|row| turn.row(row)).collect(),
        give,
        first: if first { String::new() } else { format!("/cases?{query}") },
        next: found.next.as_ref().map_or(String::new(), |cursor| {
            let and = if query.is_empty() { "" } else { "&" };
            format!("/cases?{query}{and}after={}", cursor_text(cursor))
        }),
        query,
        asked,
        page: frame,
        faults,
    };
    let status =
        if template.page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, &template)
}

/// One case of several, and what came of it.
struct Given {
    href: String,
    number: String,
    done: bool,
    words: String,
}

#[derive(Template)]
#[template(path = "cases_given.html")]
struct GivenPage {
    page: Page,
    rows: Vec<Given>,
    back: String,
}

/// `POST /cases`: takes, gives or gives back several cases at once, each for itself: one that is refused
/// keeps none of the others.
pub(crate) async fn give(
    State(hall): State<Hall>,
    visit: Visit,
    Fields(fields): Fields,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let get = |name: &str| fields.iter().find(|field| field.0 == name).map_or("", |f| &*f.1);
    let officer = match get("do") {
        "take" => visit.actor.account.clone(),
        "release" => String::new(),
        _ => get("officer").to_owned(),
    };
    let asked = asked_of(get("query"));
    let chosen: Vec<(String, String)> = fields
        .iter()
        .filter(|field| field.0 == "case")
        .filter_map(|field| field.1.split_once(' '))
        .map(|(number, had)| (number.to_owned(), had.to_owned()))
        .take(GIVEN_MAX)
        .collect();
    let fault_at = |field: &str, key: &str| FieldFault {
        field: field.to_owned(),
        code: "choice",
        message: t.get(key),
        accepted: String::new(),
    };
    if chosen.is_empty() {
        return page(&hall, &visit, asked, vec![fault_at("queue", "cases-none-chosen")]).await;
    }
    if officer.is_empty() && get("do") == "give" {
        return page(&hall, &visit, asked, vec![fault_at("officer-given", "cases-no-officer")])
            .await;
    }
    let law = law(&hall, &hall.config.pack).await?;
    let moment = moment(hall.now())?;
    let (shared, actor, text) = (hall.clone(), visit.actor.clone(), t);
    let here = visit.clone();
    let rows = off_thread(move || {
        let (known, names) = people_known(&shared, &[])?;
        let w = Words { t: text, law: &law, names: &names, viewer: Viewer::Office };
        let step = Step { actor: &actor, moment };
        let mut rows = Vec::new();
        for (number, had) in &chosen {
            let done = given(&shared, &law, (number, had, &officer), &known, &step);
            if let Ok(Some(applicant)) = &done {
                here.look(applicant);
            }
            rows.push(told_of(&w, number, done)?);
        }
        Ok::<Vec<Given>, Stop>(rows)
    });
    let rows = rows.await??;
    let page = Page::new(&hall, &visit, t.get("cases-given-title"));
    html(StatusCode::OK, &GivenPage { page, rows, back: format!("/cases?{}", asked.query()) })
}

/// Gives one case; its applicant, or nothing where it stands as asked already.
fn given(
    shared: &crate::config::Shared,
    law: &app::law::Law,
    (number, had, officer): (&str, &str, &str),
    known: &Known,
    step: &Step<'_>,
) -> Result<Option<String>, CaseError> {
    shared.platform.case_batch(law, |batch| {
        let case = batch.case(number)?;
        if case.officer == officer {
            return Ok(None);
        }
        if case.officer != had {
            return Err(CaseError::Stale(Vec::new()));
        }
        let command = Command::Assign { officer: officer.to_owned() };
        batch.step(number, &command, known, step).map(|case| Some(case.applicant))
    })
}

fn told_of(
    w: &Words<'_>,
    number: &str,
    done: Result<Option<String>, CaseError>,
) -> Result<Given, Stop> {
    let (done, words) = match done {
        Ok(_) => (true, w.t.get("cases-given-done")),
        Err(CaseError::Refused(refusals)) => {
            let told = refusals.iter().map(|r| told(w.t, r, String::new()).in_full(w.t));
            (false, told.collect::<Vec<_>>().join(" "))
        }
        Err(CaseError::Stale(_)) => (false, w.t.get("cases-given-meanwhile")),
        Err(CaseError::Unknown) => (false, w.t.get("cases-given-unknown")),
        Err(error) => return Err(fault(&error)),
    };
    let href = format!("/cases/{}", encoded(number));
    Ok(Given { href, number: number.to_owned(), done, words })
}

/// A filter out of its query string.
fn asked_of(query: &str) -> Asked {
    let mut asked = Asked::default();
    for (name, value) in crate::form::fields(query.as_bytes()) {
        match name.as_str() {
            "q" => asked.q = value,
            "officer" => asked.officer = value,
            "waits" => asked.waits = value,
            "state" => asked.state = value,
            "kind" => asked.kind = value,
            "to" => asked.to = value,
            _ => {}
        }
    }
    asked
}

/// `POST /cases/views`: keeps the queue under a name, or forgets one.
pub(crate) async fn views(
    State(hall): State<Hall>,
    visit: Visit,
    Fields(fields): Fields,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let get = |name: &str| fields.iter().find(|field| field.0 == name).map_or("", |f| &*f.1);
    let name = get("name").trim().to_owned();
    // As this program writes it, whatever was sent.
    let asked = asked_of(get("query"));
    let query = asked.query();
    let (shared, account) = (hall.clone(), visit.actor.account.clone());
    let chars = name.chars().count();
    let forget = get("do") == "forget";
    if !forget && (chars == 0 || chars > VIEW_NAME_CHARS_MAX || query.len() > VIEW_QUERY_CHARS_MAX)
    {
        let message = t.num("cases-view-name-fault", &(VIEW_NAME_CHARS_MAX as u64));
        let wrong = FieldFault {
            field: "view-name".to_owned(),
            code: "name",
            message,
            accepted: String::new(),
        };
        return page(&hall, &visit, asked, vec![wrong]).await;
    }
    let view = CaseView { name, query: query.clone() };
    let kept = off_thread(move || {
        if forget {
            return shared.platform.case_view_forget(&account, &view.name).map(|()| true);
        }
        shared.platform.case_view_keep(&account, &view)
    });
    if kept.await?.map_err(|error| fault(&error))? {
        let to = format!("/cases?{query}");
        return Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response());
    }
    let wrong = FieldFault {
        field: "view-name".to_owned(),
        code: "views",
        message: t.num("cases-view-many", &(VIEWS_MAX as u64)),
        accepted: String::new(),
    };
    page(&hall, &visit, asked, vec![wrong]).await
}
