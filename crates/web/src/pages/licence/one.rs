//! One licence: its lines, each use of it, what happened to it; suspending, reinstating and revoking it, and
//! handing it back.

use std::collections::{BTreeMap, HashMap};

use app::licence::{LicenceChange, LicenceError, LicenceView, Load};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, authorise};
use licensing::draw_down::{Use, UseKey};
use licensing::licence::{Change, Scope, Standing};
use licensing::quantity::Quantity;

use super::list::href;
use super::{LineRow, Stands, at, kind, line_rows, reason, validity, zone};
use crate::api::border::refused;
use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html, name_of};
use crate::pages::case::words::quantity_words;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Characters of a reason at most.
const REASON_MAX: usize = 2_000;
/// Uses shown, the latest first; more are counted.
const USES_SHOWN: usize = 500;

pub(super) type Typed = BTreeMap<String, String>;

/// What one line of a declaration took.
struct UseRow {
    declaration: String,
    declaration_line: u32,
    line: u32,
    day: String,
    drawn: String,
    held: String,
    held_until: String,
    marks: Vec<String>,
}

/// Something that happened.
struct EventRow {
    words: String,
    at: String,
    /// When it was recorded, where that is another minute.
    recorded: String,
    reason: String,
    /// Who did it, to the authority.
    who: String,
}

/// A user registered with a general licence.
struct UserRow {
    name: String,
    country: String,
    since: String,
}

fn user_rows(t: &Text, view: &LicenceView, now: Timestamp) -> Vec<UserRow> {
    let zone = zone(view);
    let row = |user: &licensing::licence::RegisteredUser| UserRow {
        name: user.party.to_string(),
        country: user.country.clone(),
        since: at(t, &zone, user.from_us),
    };
    licensing::licence::Licence::users(&view.held.events, now.us()).map(row).collect()
}

#[derive(Template)]
#[template(path = "licence.html")]
struct OnePage {
    page: Page,
    href: String,
    holder: String,
    kind: String,
    validity: String,
    stands: Stands,
    superseded_href: String,
    active: bool,
    case: String,
    case_href: String,
    check_href: String,
    check_code: String,
    lines: Vec<LineRow>,
    uses: Vec<UseRow>,
    uses_more: u64,
    events: Vec<EventRow>,
    /// What the visitor may do to it now.
    deeds: Vec<&'static str>,
    deed: String,
    surrenders: bool,
    /// Whether users are registered with it after its issue.
    general: bool,
    users: Vec<UserRow>,
    /// Whether the visitor registers users now.
    registers: bool,
    typed: Typed,
    reason: String,
    faults: Vec<FieldFault>,
}

impl OnePage {
    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

/// A licence that the visitor may do the route's action on; any other does not exist for it.
pub(super) async fn found(hall: &Hall, visit: &Visit, number: &str) -> Result<LicenceView, Stop> {
    let (border, now, number) = (hall.border.clone(), hall.now(), number.to_owned());
    let found =
        off_thread(move || border.read(|read| app::licence::view(read, &number, now, Load::All)));
    let view = found.await?.map_err(|error| match error {
        // Whoever may see none is not told that there is none.
        LicenceError::Unknown { .. } => {
            visit.allow(Resource::Licence("")).err().unwrap_or(Stop::NotFound)
        }
        other => refused(other),
    })?;
    visit.allow(Resource::Licence(&view.held.licence.holder))?;
    visit.look(&view.held.licence.holder);
    Ok(view)
}

/// `GET /licences/{number}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let view = found(&hall, &visit, &number).await?;
    page(&hall, &visit, &view, (Typed::new(), Vec::new())).await
}

pub(super) async fn page(
    hall: &Hall,
    visit: &Visit,
    view: &LicenceView,
    (typed, faults): (Typed, Vec<FieldFault>),
) -> Result<Response, Stop> {
    let t = visit.text();
    let law = law(hall, &hall.config.pack).await?;
    let licence = &view.held.licence;
    let authority = authorise(&visit.actor, Action::Review, Resource::Platform);
    let holds = authorise(&visit.actor, Action::Apply, Resource::Licence(&licence.holder));
    let mut page = Page::new(hall, visit, t.one("border-licence-title", &licence.number));
    page.parties_name(hall, [licence.holder.as_str()])?;
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let by_events = view.book.standing_by_events(hall.now().us());
    let manages = authorise(&visit.actor, Action::ManageLicence, Resource::Platform);
    let code = hall.border.check_code(&licence.number);
    let stands = Stands::new(t, view);
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let uses = use_rows(t, view);
    let template = OnePage {
        href: href(&licence.number),
        holder: licence.holder.clone(),
        kind: kind(t, &law, &licence.kind),
        validity: validity(t, view),
        superseded_href: href(&stands.by),
        stands,
        active: view.active_at_border,
        case: if authority || holds { licence.case.clone() } else { String::new() },
        case_href: format!("/cases/{}", encoded(&licence.case)),
        check_href: format!("/check?number={}&code={code}", encoded(&licence.number)),
        check_code: code,
        lines: line_rows(t, &law, view),
        uses_more: uses.len().saturating_sub(USES_SHOWN) as u64,
        uses: uses.into_iter().take(USES_SHOWN).collect(),
        events: event_rows(hall, t, view, authority)?,
        deeds: if manages { deeds(&by_events) } else { Vec::new() },
        deed: of("deed"),
        surrenders: holds && matches!(by_events, Standing::InForce | Standing::Suspended),
        general: licence.scope == Scope::Registered,
        users: user_rows(t, view, hall.now()),
        registers: manages
            && licence.scope == Scope::Registered
            && matches!(by_events, Standing::InForce | Standing::Suspended),
        reason: of("reason"),
        typed,
        faults,
        page,
    };
    html(status, &template)
}

/// What the authority may do to a licence that stands so.
fn deeds(standing: &Standing) -> Vec<&'static str> {
    match standing {
        Standing::InForce => vec!["suspend", "revoke"],
        Standing::Suspended => vec!["reinstate", "revoke"],
        _ => Vec::new(),
    }
}

/// The uses, the latest first.
fn use_rows(t: &Text, view: &LicenceView) -> Vec<UseRow> {
    let last = |one: &Use| {
        let reports = one.base.iter().chain(&one.parts).map(|report| report.at);
        reports.chain(one.hold.iter().map(|hold| hold.at)).max().unwrap_or(0)
    };
    let mut uses: Vec<(&UseKey, &Use)> = view.book.uses.iter().collect();
    uses.sort_by_key(|(key, one)| (std::cmp::Reverse(last(one)), (*key).clone()));
    uses.into_iter().map(|(key, one)| use_row(t, view, (key, one), last(one))).collect()
}

fn use_row(t: &Text, view: &LicenceView, (key, one): (&UseKey, &Use), last_us: i64) -> UseRow {
    let line = view.held.licence.line(key.line);
    let as_of = view.book.heads.get(&key.line).map_or(0, |head| head.as_of_us);
    let words = |amount: &dyn Fn(usize) -> i64| {
        let units = line.map_or(&[][..], |line| line.allowances.as_slice());
        let some = units.iter().enumerate().filter_map(|(place, allowance)| {
            let (unit, amount) = (allowance.quantity.unit.clone(), amount(place));
            (amount > 0).then(|| quantity_words(t, &Quantity { unit, amount }))
        });
        some.collect::<Vec<_>>().join(", ")
    };
    let zone = zone(view);
    let mark = |mark: &licensing::draw_down::Mark| {
        let code = serde_json::to_value(mark).ok();
        let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        t.code("licence-mark", &code, &code)
    };
    UseRow {
        declaration: key.declaration.clone(),
        declaration_line: key.declaration_line,
        line: key.line,
        day: at(t, &zone, last_us),
        drawn: words(&|place| one.drawn(place)),
        held: words(&|place| one.held(place, as_of)),
        held_until: one.held_until(as_of).map_or(String::new(), |until| at(t, &zone, until)),
        marks: one.marks.iter().map(mark).collect(),
    }
}

/// The events, the latest first.
fn event_rows(
    hall: &Hall,
    t: &Text,
    view: &LicenceView,
    authority: bool,
) -> Result<Vec<EventRow>, Stop> {
    let zone = zone(view);
    let mut names = HashMap::new();
    for account in view.held.events.iter().map(|event| &event.account).filter(|_| authority) {
        if let Some(person) = hall.people.person(account).map_err(|error| fault(&error))? {
            let name = name_of(t.language, &person.name, &person.local_name).to_owned();
            names.insert(account.clone(), name);
        }
    }
    let row = |event: &licensing::licence::LicenceEvent| {
        let code = event.change.code();
        let (effective, recorded) =
            (at(t, &zone, event.effective_at_us), at(t, &zone, event.recorded_at_us));
        EventRow {
            words: t.code("licence-event", code, code),
            recorded: if recorded == effective { String::new() } else { recorded },
            at: effective,
            reason: reason(&event.change).to_owned(),
            who: if authority {
                names.get(&event.account).unwrap_or(&event.account).clone()
            } else {
                String::new()
            },
        }
    };
    Ok(view.held.events.iter().rev().map(row).collect())
}

/// `POST /licences/{number}/manage`: suspends, reinstates or revokes it.
pub(crate) async fn manage(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    let deed = typed.get("deed").cloned().unwrap_or_default();
    changed(&hall, &visit, &number, typed, &|reason| {
        Some(match deed.as_str() {
            "suspend" => Change::Suspended { reason },
            "reinstate" => Change::Reinstated { reason },
            "revoke" => Change::Revoked { reason },
            _ => return None,
        })
    })
    .await
}

/// `POST /licences/{number}/surrender`: its holder hands it back.
pub(crate) async fn surrender(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    changed(&hall, &visit, &number, typed, &|reason| Some(Change::Surrendered { reason })).await
}

async fn changed(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    typed: Typed,
    change: &(dyn Fn(String) -> Option<Change> + Sync),
) -> Result<Response, Stop> {
    let view = found(hall, visit, number).await?;
    let t = visit.text();
    let reason = typed.get("reason").map_or("", |text| text.trim()).to_owned();
    let wrong = |field: &str, code: &'static str, message: String| {
        vec![FieldFault { field: field.to_owned(), code, message, accepted: String::new() }]
    };
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        let faults = wrong("reason", "reason_missing", t.get("licence-reason-missing"));
        return page(hall, visit, &view, (typed, faults)).await;
    }
    let Some(change) = change(reason) else {
        let faults = wrong("deed", "deed_unknown", t.get("licence-deed-missing"));
        return page(hall, visit, &view, (typed, faults)).await;
    };
    let (shared, account, now) = (hall.clone(), visit.actor.account.clone(), hall.now());
    let of = number.to_owned();
    let done = off_thread(move || {
        shared.platform.licences_change(|to| {
            let effective = Timestamp::from_us(now.us());
            let asked =
                LicenceChange { number: &of, change: change.clone(), effective, account: &account };
            app::licence::change(to, &asked, now).map(|_| ())
        })
    });
    match done.await? {
        Ok(()) => {
            hall.jobs_wake.notify_one();
            Ok((StatusCode::SEE_OTHER, [(LOCATION, href(number))]).into_response())
        }
        Err(LicenceError::Refused(_)) => {
            let view = found(hall, visit, number).await?;
            let faults = wrong("deed", "licence_standing", t.get("licence-stands-otherwise"));
            page(hall, visit, &view, (typed, faults)).await
        }
        Err(error) => Err(refused(error)),
    }
}
