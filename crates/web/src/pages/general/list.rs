//! The general licences of the pack, and who is registered with them; registering.

use app::cases::Step;
use app::general::{GeneralCursor, GeneralError, GeneralRow};
use app::law::Law;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, Role, authorise};
use licensing::general::{GeneralLicence, Keeper, Registering, RegistrationState};
use serde::Deserialize;

use super::{Fact, faults, tag, terms};
use crate::api::{cursor_fault, cursor_make, cursor_read};
use crate::config::Hall;
use crate::form::{Fields, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Choice, Page, html};
use crate::pages::clock::worded;
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Which registrations are listed.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Asked {
    /// For the authority: code of the general licence; the first of the pack where none is given.
    pub(crate) general: String,
    /// For the authority: `active` (the default), `suspended`, `withdrawn` or `given_up`.
    pub(crate) state: String,
    /// The `next` of the page before.
    pub(crate) cursor: String,
}

/// Registrations as a list shows them.
pub(crate) struct Listed {
    pub(crate) rows: Vec<GeneralRow>,
    /// The cursor of the next page; empty where this is the last.
    pub(crate) next: String,
    pub(crate) general: String,
    pub(crate) state: RegistrationState,
}

/// The registrations of the visitor's party, or a page of all; customs lists none.
pub(crate) async fn listed(hall: &Hall, visit: &Visit, asked: &Asked) -> Result<Listed, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let state = RegistrationState::parse(&asked.state).unwrap_or(RegistrationState::Active);
    let first = law.rules.general_licences.first().map(|general| general.id.clone());
    let general =
        if asked.general.is_empty() { first.unwrap_or_default() } else { asked.general.clone() };
    let (shared, now, of) = (hall.clone(), hall.now(), general.clone());
    if visit.actor.role.of_party() {
        visit.allow(Resource::Licence(&visit.actor.party))?;
        let party = visit.actor.party.clone();
        let rows = off_thread(move || shared.platform.generals_of(&law, &party, now)).await?;
        let rows = rows.map_err(|error| fault(&error))?;
        return Ok(Listed { rows, next: String::new(), general, state });
    }
    visit.allow(Resource::Platform)?;
    if visit.actor.role == Role::Customs {
        return Ok(Listed { rows: Vec::new(), next: String::new(), general, state });
    }
    let after = after(&asked.cursor)?;
    let page = off_thread(move || {
        shared.platform.generals(&law, (&of, state.code()), after.as_ref(), now)
    });
    let page = page.await?.map_err(|error| fault(&error))?;
    page.rows.iter().for_each(|row| visit.look(&row.registration.user));
    let next = page.next.map_or(String::new(), |next| {
        cursor_make(&format!("{} {}", next.registered_at_us, next.number))
    });
    Ok(Listed { rows: page.rows, next, general, state })
}

fn after(cursor: &str) -> Result<Option<GeneralCursor>, Stop> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let wrong = |fault| Stop::Fields(vec![fault]);
    let text = cursor_read(cursor).map_err(wrong)?;
    let place = text.split_once(' ').and_then(|(at, number)| {
        Some(GeneralCursor { registered_at_us: at.parse().ok()?, number: number.to_owned() })
    });
    place.map(Some).ok_or_else(|| wrong(cursor_fault(cursor)))
}

struct Row {
    href: String,
    number: String,
    user: String,
    general: String,
    registered: String,
    state: String,
    state_class: &'static str,
    overdue: u64,
    audit: String,
}

fn row(t: &Text, law: &Law, of: &GeneralRow, now: Timestamp) -> Row {
    let registration = &of.registration;
    let today = app::cases::authority_day(law, now);
    let audit = registration.audits.last().map(|audit| audit.state(today).code());
    let state = registration.state.code();
    Row {
        href: format!("/general/{}", encoded(&registration.number)),
        number: registration.number.clone(),
        user: registration.user.clone(),
        general: named(t, law, &registration.general),
        registered: show::instant(t, Timestamp::from_us(registration.registered_at_us)),
        state: t.code("general-state", state, state),
        state_class: tag(state),
        overdue: u64::from(of.returns_overdue),
        audit: audit.map_or(String::new(), |code| t.code("general-audit", code, code)),
    }
}

/// A general licence by code and name.
pub(super) fn named(t: &Text, law: &Law, id: &str) -> String {
    match law.rules.general_licence(id) {
        Some(general) => format!("{id}: {}", worded(t, &general.name_en, &general.name_zh)),
        None => id.to_owned(),
    }
}

/// A statement that is asked of whoever registers.
struct Statement {
    /// `confirmed` or `denied`.
    field: &'static str,
    id: String,
    words: String,
    checked: bool,
}

/// A published general licence.
struct Published {
    id: String,
    name: String,
    facts: Vec<Fact>,
    /// What whoever registers states; none where the visitor cannot register now.
    statements: Vec<Statement>,
    registers: bool,
}

#[derive(Template)]
#[template(path = "general.html")]
struct ListPage {
    page: Page,
    published: Vec<Published>,
    rows: Vec<Row>,
    /// Whose list it is.
    party: bool,
    authority: bool,
    generals: Vec<(String, String, bool)>,
    states: Vec<Choice>,
    general: String,
    next: String,
    entry: Entry,
    faults: Vec<FieldFault>,
}

/// What somebody typed. What is confirmed and denied comes as many fields of one name.
#[derive(Debug, Default, Clone)]
pub(crate) struct Entry {
    general: String,
    confirmed: Vec<String>,
    denied: Vec<String>,
    name: String,
    email: String,
    records_at: String,
}

impl Entry {
    /// The fields of a form, of which some stand several times.
    fn read(fields: Vec<(String, String)>) -> Entry {
        let mut entry = Entry::default();
        for (name, value) in fields {
            match name.as_str() {
                "general" => entry.general = value,
                "confirmed" => entry.confirmed.push(value),
                "denied" => entry.denied.push(value),
                "name" => entry.name = value,
                "email" => entry.email = value,
                "records_at" => entry.records_at = value,
                _ => {}
            }
        }
        entry
    }
}

fn published(
    t: &Text,
    law: &Law,
    general: &GeneralLicence,
    (registers, entry): (bool, &Entry),
) -> Published {
    let condition = |id: &String| {
        let known = law.regime.conditions.iter().find(|condition| condition.id == *id);
        known.map_or(id.clone(), |of| worded(t, &of.name_en, &of.name_zh))
    };
    let kind = law.rules.licence_type(&general.licence_type).filter(|_| registers);
    let of = |field: &'static str, ids: Option<&Vec<String>>, checked: &[String]| {
        let here = entry.general == general.id;
        let statement = |id: &String| Statement {
            field,
            id: id.clone(),
            words: condition(id),
            checked: here && checked.contains(id),
        };
        ids.into_iter().flatten().map(statement).collect::<Vec<_>>()
    };
    let mut statements = of("confirmed", kind.map(|kind| &kind.requires), &entry.confirmed);
    statements.extend(of("denied", kind.map(|kind| &kind.barred_if), &entry.denied));
    Published {
        id: general.id.clone(),
        name: worded(t, &general.name_en, &general.name_zh),
        facts: terms(t, general),
        statements,
        registers,
    }
}

async fn page(
    hall: &Hall,
    visit: &Visit,
    asked: &Asked,
    (entry, faults): (Entry, Vec<FieldFault>),
) -> Result<Response, Stop> {
    let (t, now) = (visit.text(), hall.now());
    let listed = listed(hall, visit, asked).await?;
    let law = law(hall, &hall.config.pack).await?;
    let party = visit.actor.role.of_party();
    let applies =
        party && authorise(&visit.actor, Action::Apply, Resource::Licence(&visit.actor.party));
    let live = |id: &str| {
        let mut rows = listed.rows.iter().map(|row| &row.registration);
        rows.any(|of| of.general == id && of.state.live())
    };
    let all = law
        .rules
        .general_licences
        .iter()
        .map(|general| published(t, &law, general, (applies && !live(&general.id), &entry)));
    let choice = |state: RegistrationState| Choice {
        value: state.code(),
        text: t.code("general-state", state.code(), state.code()),
        current: state == listed.state,
    };
    let mut page = Page::new(hall, visit, t.get("general-title"));
    page.parties_name(hall, listed.rows.iter().map(|of| of.registration.user.as_str()))?;
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let next = (!listed.next.is_empty()).then(|| {
        let (general, state) = (encoded(&listed.general), listed.state.code());
        format!("/general?general={general}&state={state}&cursor={}", listed.next)
    });
    let template = ListPage {
        page,
        published: all.collect(),
        rows: listed.rows.iter().map(|of| row(t, &law, of, now)).collect(),
        party,
        authority: !party && visit.actor.role != Role::Customs,
        generals: law
            .rules
            .general_licences
            .iter()
            .map(|of| (of.id.clone(), named(t, &law, &of.id), of.id == listed.general))
            .collect(),
        states: RegistrationState::ALL.into_iter().map(choice).collect(),
        general: encoded(&listed.general),
        next: next.unwrap_or_default(),
        entry,
        faults,
    };
    html(status, &template)
}

/// `GET /general`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    page(&hall, &visit, &asked, (Entry::default(), Vec::new())).await
}

/// Registers the visitor's party; gives the number.
pub(crate) async fn registered(
    hall: &Hall,
    visit: &Visit,
    general: String,
    asked: Registering,
) -> Result<Result<String, GeneralError>, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let moment = moment(hall.now())?;
    let (shared, actor) = (hall.clone(), visit.actor.clone());
    let done = off_thread(move || {
        let step = Step { actor: &actor, moment };
        shared.platform.general_register(&law, &general, (&asked, &[]), &step)
    })
    .await?;
    hall.jobs_wake.notify_one();
    Ok(done)
}

/// `POST /general`: the visitor's party registers.
pub(crate) async fn register(
    State(hall): State<Hall>,
    visit: Visit,
    Fields(typed): Fields,
) -> Result<Response, Stop> {
    visit.allow(Resource::Licence(&visit.actor.party))?;
    let entry = Entry::read(typed);
    let asked = Registering {
        confirmed: entry.confirmed.clone(),
        denied: entry.denied.clone(),
        keeper: Keeper {
            name: entry.name.clone(),
            email: entry.email.clone(),
            records_at: entry.records_at.clone(),
        },
    };
    match registered(&hall, &visit, entry.general.clone(), asked).await? {
        Ok(number) => {
            let to = format!("/general/{}", encoded(&number));
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(error) => {
            let mut faults = faults(visit.text(), error)?;
            // All statements stand in one group.
            for fault in
                faults.iter_mut().filter(|f| matches!(f.field.as_str(), "denied" | "general"))
            {
                "confirmed".clone_into(&mut fault.field);
            }
            page(&hall, &visit, &Asked::default(), (entry, faults)).await
        }
    }
}
