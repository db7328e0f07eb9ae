//! One registration with a general licence: where it stands, its uses, returns and audits; what its user and
//! the authority do with it.

use std::collections::BTreeMap;

use app::cases::Step;
use app::general::{GeneralError, GeneralView, ReturnView};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, Role, authorise};
use licensing::general::returns::{LINES_MAX, Return, ReturnKind, ReturnLine};
use licensing::general::uses::UseRecorded;
use licensing::general::{
    Audit, AuditAsked, AuditOutcome, Command, DeclaredUse, GeneralEntry, GeneralEvent,
    NoticeStanding, RegistrationState, Side,
};
use licensing::quantity::{Quantity, Unit};

use super::{Fact, day, day_wrong, faults, found, list, open, stepped, tag, terms, whole};
use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Choice, Page, html};
use crate::pages::case::words::quantity_words;
use crate::pages::licence::country;
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::Text;
use crate::visit::Visit;

/// Uses shown, the latest first; more are counted.
const USES_SHOWN: usize = 200;

pub(super) type Typed = BTreeMap<String, String>;

struct UseRow {
    declaration: String,
    day: String,
    codes: String,
    destination: String,
    quantities: String,
    marks: Vec<String>,
}

struct FindingRow {
    declaration: String,
    words: String,
    recorded: String,
    returned: String,
}

struct ReturnRow {
    period: String,
    last: String,
    state: String,
    state_class: &'static str,
    /// Uses listed; empty where none was filed.
    filed: String,
    findings: Vec<FindingRow>,
}

struct Said {
    at: String,
    text: String,
    /// What it is about, or the documents with it.
    beside: String,
}

struct AuditView {
    number: u32,
    state: String,
    state_class: &'static str,
    facts: Vec<Fact>,
    text: String,
    sample: Vec<String>,
    answers: Vec<Said>,
    findings: Vec<Said>,
    end: String,
    /// Whether the user is to say that it is corrected.
    corrects: bool,
}

struct EntryRow {
    words: String,
    at: String,
    who: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "general_one.html")]
struct OnePage {
    page: Page,
    href: String,
    number: String,
    user: String,
    general: String,
    state: String,
    state_class: &'static str,
    facts: Vec<Fact>,
    terms: Vec<Fact>,
    uses: Vec<UseRow>,
    uses_more: u64,
    /// Whether returns, audits and what happened are shown: to user and authority.
    whole: bool,
    returns: Vec<ReturnRow>,
    audits: Vec<AuditView>,
    entries: Vec<EntryRow>,
    /// Periods whose return the visitor may file now, by first day.
    periods: Vec<(String, String)>,
    notices: bool,
    gives_up: bool,
    answers: bool,
    /// What the authority may do now.
    deeds: Vec<&'static str>,
    begins: bool,
    finds: bool,
    sample: Vec<String>,
    outcomes: Vec<Choice>,
    typed: Typed,
    faults: Vec<FieldFault>,
}

impl OnePage {
    fn of(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

fn declared(of: &DeclaredUse) -> String {
    format!("{}/{}", of.declaration, of.line)
}

fn use_row(t: &Text, view: &GeneralView, one: &UseRecorded) -> UseRow {
    let quantities: Vec<String> =
        one.told.quantities.iter().map(|quantity| quantity_words(t, quantity)).collect();
    UseRow {
        declaration: declared(&one.told.of),
        day: show::date(t, licensing::general::day_in(&view.zone, one.used_us)),
        codes: one.told.control_codes.join(", "),
        destination: country(t, &one.told.destination),
        quantities: quantities.join(", "),
        marks: one.marks.iter().map(|m| t.code("general-mark", m.code(), m.code())).collect(),
    }
}

fn return_row(t: &Text, of: &ReturnView) -> ReturnRow {
    let (due, code) = (&of.due, of.due.state.code());
    let filed = of.filed.as_ref().map_or(String::new(), |filed| match filed.kind {
        ReturnKind::NoUse => t.get("general-no-use"),
        ReturnKind::Listed => t.num("general-uses-listed", &(filed.lines.len() as u64)),
    });
    let finding = |of: &licensing::general::returns::ReturnFinding| FindingRow {
        declaration: declared(&of.of),
        words: t.code("general-differs", of.rule.code(), of.rule.code()),
        recorded: of.recorded.clone(),
        returned: of.returned.clone(),
    };
    ReturnRow {
        period: format!("{} – {}", show::date(t, due.period.from), show::date(t, due.period.to)),
        last: show::date(t, due.last),
        state: t.code("general-return", code, code),
        state_class: tag(code),
        filed,
        findings: of.findings.iter().map(finding).collect(),
    }
}

fn audit_view(t: &Text, view: &GeneralView, audit: &Audit) -> AuditView {
    let state = audit.state(view.today).code();
    let at = |us| show::instant(t, Timestamp::from_us(us));
    let fact = |label: &str, value| Fact { label: t.get(label), value };
    let mut facts = vec![
        fact(
            "general-audit-period",
            format!("{} – {}", show::date(t, audit.from), show::date(t, audit.to)),
        ),
        fact("general-answer-by", show::date(t, audit.answer_by)),
        fact("general-seed", audit.seed.to_string()),
    ];
    if let Some(by) = audit.outcome.as_ref().and_then(|end| end.correct_by) {
        facts.push(fact("general-correct-by", show::date(t, by)));
    }
    let mut answers: Vec<Said> = audit
        .answers
        .iter()
        .map(|of| Said { at: at(of.at_us), text: of.text.clone(), beside: of.documents.join(", ") })
        .collect();
    answers.extend(audit.corrected.as_ref().map(|of| Said {
        at: at(of.at_us),
        text: of.text.clone(),
        beside: t.code("general-audit", "corrected", "corrected"),
    }));
    let finding = |of: &licensing::general::audit::AuditFinding| Said {
        at: at(of.at_us),
        text: of.text.clone(),
        beside: of.about.as_ref().map(declared).unwrap_or_default(),
    };
    AuditView {
        number: audit.number,
        state: t.code("general-audit", state, state),
        state_class: tag(state),
        facts,
        text: audit.text.clone(),
        sample: audit.sample.iter().map(declared).collect(),
        answers,
        findings: audit.findings.iter().map(finding).collect(),
        end: audit.outcome.as_ref().map_or(String::new(), |end| end.text.clone()),
        corrects: matches!(state, "to_correct" | "correction_overdue"),
    }
}

fn entry_row(t: &Text, visit: &Visit, entry: &GeneralEntry) -> EntryRow {
    let code = entry.event.code();
    let reason = match &entry.event {
        GeneralEvent::Suspended { reason }
        | GeneralEvent::Reinstated { reason }
        | GeneralEvent::Withdrawn { reason }
        | GeneralEvent::GivenUp { reason } => reason.clone(),
        GeneralEvent::FirstUseNoticed { day, text } => format!("{} {text}", show::date(t, *day)),
        GeneralEvent::ReturnFiled { from, .. } => show::date(t, *from),
        _ => String::new(),
    };
    // Whose hand at the authority it was is the authority's business.
    let who = if visit.actor.role.of_party() { String::new() } else { entry.account.clone() };
    EntryRow {
        words: t.code("general-event", code, code),
        at: show::instant(t, Timestamp::from_us(entry.at_us)),
        who,
        reason,
    }
}

fn notice_words(t: &Text, notice: &NoticeStanding) -> String {
    let words = t.code("general-notice-state", notice.code(), notice.code());
    let day = match notice {
        NoticeStanding::Due { last } | NoticeStanding::Overdue { last } => Some(*last),
        NoticeStanding::Given { on } | NoticeStanding::GivenLate { on } => Some(*on),
        NoticeStanding::NotAsked | NoticeStanding::Waiting => None,
    };
    day.map_or(words.clone(), |day| format!("{words}: {}", show::date(t, day)))
}

fn facts(t: &Text, visit: &Visit, view: &GeneralView) -> Vec<Fact> {
    let registration = &view.registration;
    let fact = |label: &str, value| Fact { label: t.get(label), value };
    let begun = Timestamp::from_us(registration.registered_at_us);
    let mut facts = vec![fact("general-registered", show::instant(t, begun))];
    if whole(visit).is_ok() {
        let keeper = &registration.keeper;
        facts.push(fact("general-contact", format!("{} <{}>", keeper.name, keeper.email)));
        facts.push(fact("general-records-at", keeper.records_at.clone()));
        facts.push(fact("general-notice", notice_words(t, &view.notice)));
    }
    facts
}

/// What the authority may do to a registration that stands so.
fn deeds(state: RegistrationState) -> Vec<&'static str> {
    match state {
        RegistrationState::Active => vec!["suspend", "withdraw"],
        RegistrationState::Suspended => vec!["reinstate", "withdraw"],
        RegistrationState::Withdrawn | RegistrationState::GivenUp => Vec::new(),
    }
}

async fn page(
    hall: &Hall,
    visit: &Visit,
    view: &GeneralView,
    (typed, faults): (Typed, Vec<FieldFault>),
) -> Result<Response, Stop> {
    let t = visit.text();
    let law = law(hall, &hall.config.pack).await?;
    let registration = &view.registration;
    let own = authorise(&visit.actor, Action::Apply, Resource::Licence(&registration.user));
    let manages = authorise(&visit.actor, Action::ManageLicence, Resource::Platform);
    let (live, audit) = (registration.state.live(), registration.audit_open());
    let whole = whole(visit).is_ok();
    let mut page = Page::new(hall, visit, t.one("general-one-title", &registration.number));
    page.parties_name(hall, [registration.user.as_str()])?;
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut uses: Vec<&UseRecorded> = view.uses.iter().collect();
    uses.sort_by_key(|one| (std::cmp::Reverse(one.used_us), one.told.of.clone()));
    let periods = view.returns.iter().filter(|of| own && open(of.due.state)).map(|of| {
        let period = of.due.period;
        let words = format!("{} – {}", show::date(t, period.from), show::date(t, period.to));
        (period.from.to_string(), words)
    });
    let chosen = typed.get("outcome").cloned().unwrap_or_default();
    let state = registration.state.code();
    let template = OnePage {
        href: format!("/general/{}", encoded(&registration.number)),
        number: registration.number.clone(),
        user: registration.user.clone(),
        general: list::named(t, &law, &registration.general),
        state: t.code("general-state", state, state),
        state_class: tag(state),
        facts: facts(t, visit, view),
        terms: view.general.as_ref().map_or_else(Vec::new, |general| terms(t, general)),
        uses_more: uses.len().saturating_sub(USES_SHOWN) as u64,
        uses: uses.into_iter().take(USES_SHOWN).map(|one| use_row(t, view, one)).collect(),
        whole,
        returns: view.returns.iter().map(|of| return_row(t, of)).collect(),
        audits: registration.audits.iter().rev().map(|of| audit_view(t, view, of)).collect(),
        entries: registration.entries.iter().rev().map(|of| entry_row(t, visit, of)).collect(),
        periods: periods.collect(),
        notices: own
            && live
            && registration.notice.is_none()
            && view.notice != NoticeStanding::NotAsked,
        gives_up: own && live,
        answers: own && audit.is_some(),
        deeds: if manages { deeds(registration.state) } else { Vec::new() },
        begins: manages && audit.is_none(),
        finds: manages && audit.is_some(),
        sample: audit.map_or_else(Vec::new, |audit| audit.sample.iter().map(declared).collect()),
        outcomes: AuditOutcome::ALL
            .into_iter()
            .map(|of| Choice {
                value: of.code(),
                text: t.code("general-outcome", of.code(), of.code()),
                current: of.code() == chosen,
            })
            .collect(),
        typed,
        faults,
        page,
    };
    html(status, &template)
}

/// `GET /general/{number}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let view = found(&hall, &visit, &number).await?;
    page(&hall, &visit, &view, (Typed::new(), Vec::new())).await
}

/// The page again with what was wrong, or on to the page as it is now.
async fn done(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    typed: Typed,
    done: Result<(), Vec<FieldFault>>,
) -> Result<Response, Stop> {
    match done {
        Ok(()) => {
            let to = format!("/general/{}", encoded(number));
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(faults) => {
            let view = found(hall, visit, number).await?;
            page(hall, visit, &view, (typed, faults)).await
        }
    }
}

fn deed_missing(t: &Text) -> FieldFault {
    FieldFault {
        field: "deed".to_owned(),
        code: "general_deed",
        message: t.code("general-refused", "general_deed", "general_deed"),
        accepted: String::new(),
    }
}

async fn command(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    (side, typed): (Side, Typed),
    read: impl Fn(&Text, &Typed) -> Result<Command, Vec<FieldFault>>,
) -> Result<Response, Stop> {
    found(hall, visit, number).await?;
    let t = visit.text();
    let outcome = match read(t, &typed) {
        Ok(command) => match stepped(hall, visit, number, (side, command)).await? {
            Ok(()) => Ok(()),
            Err(error) => Err(faults(t, error)?),
        },
        Err(faults) => Err(faults),
    };
    done(hall, visit, number, typed, outcome).await
}

/// A day of a form; a fault where it is none.
fn day_read(t: &Text, typed: &Typed, field: &str, wrong: &mut Vec<FieldFault>) -> base::Date {
    let found = typed.get(field).and_then(|text| day(text));
    if found.is_none() {
        wrong.push(day_wrong(t, field));
    }
    found.unwrap_or_default()
}

fn own_read(t: &Text, typed: &Typed) -> Result<Command, Vec<FieldFault>> {
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    let command = match of("deed").as_str() {
        "give_up" => Command::GiveUp { reason: of("reason") },
        "notice" => Command::NoticeFirstUse {
            day: day_read(t, typed, "day", &mut wrong),
            text: String::new(),
        },
        "answer" => {
            let documents = of("documents").split_whitespace().map(str::to_owned).collect();
            Command::AuditAnswer { text: of("text"), documents }
        }
        "correct" => Command::AuditCorrect {
            audit: of("audit").parse().unwrap_or_default(),
            text: of("text"),
        },
        _ => return Err(vec![deed_missing(t)]),
    };
    if wrong.is_empty() { Ok(command) } else { Err(wrong) }
}

/// `POST /general/{number}/own`: what its user does.
pub(crate) async fn own(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    command(&hall, &visit, &number, (Side::User, typed), own_read).await
}

fn manage_read(t: &Text, typed: &Typed) -> Result<Command, Vec<FieldFault>> {
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    let command = match of("deed").as_str() {
        "suspend" => Command::Suspend { reason: of("reason") },
        "reinstate" => Command::Reinstate { reason: of("reason") },
        "withdraw" => Command::Withdraw { reason: of("reason") },
        "begin" => Command::AuditBegin(AuditAsked {
            from: day_read(t, typed, "from", &mut wrong),
            to: day_read(t, typed, "to", &mut wrong),
            // What is no number is more than any sample has.
            size: of("size").trim().parse().unwrap_or(u32::MAX),
            answer_by: day_read(t, typed, "answer_by", &mut wrong),
            text: of("text"),
        }),
        "find" => {
            let about = of("about");
            let about = about.rsplit_once('/').and_then(|(declaration, line)| {
                let declaration = declaration.to_owned();
                Some(DeclaredUse { declaration, line: line.parse().ok()? })
            });
            Command::AuditFind { about, text: of("text") }
        }
        "close" => {
            let by = of("correct_by");
            let correct_by =
                (!by.trim().is_empty()).then(|| day_read(t, typed, "correct_by", &mut wrong));
            let Some(outcome) = AuditOutcome::parse(&of("outcome")) else {
                return Err(vec![deed_missing(t)]);
            };
            Command::AuditClose { outcome, correct_by, text: of("text") }
        }
        _ => return Err(vec![deed_missing(t)]),
    };
    if wrong.is_empty() { Ok(command) } else { Err(wrong) }
}

/// `POST /general/{number}/manage`: what the authority does.
pub(crate) async fn manage(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    command(&hall, &visit, &number, (Side::Authority, typed), manage_read).await
}

/// Files a return of a registration that was found.
pub(crate) async fn returned(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    filed: Return,
) -> Result<Result<(), GeneralError>, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let moment = moment(hall.now())?;
    let (shared, actor, of) = (hall.clone(), visit.actor.clone(), number.to_owned());
    off_thread(move || {
        let step = Step { actor: &actor, moment };
        shared.platform.general_return(&law, &of, &filed, &step)
    })
    .await
}

/// A line as typed: declaration, its line, day, destination, kilograms, and pieces where they are counted;
/// between them a comma, a semicolon or a tab.
fn line_read(typed: &str) -> Option<ReturnLine> {
    let mut parts = typed.split([',', ';', '\t']).map(str::trim);
    let declaration = parts.next()?.to_owned();
    let line = parts.next()?.parse().ok()?;
    let (day, destination) = (day(parts.next()?)?, parts.next()?.to_owned());
    let mut quantities = Vec::new();
    for unit in [Unit::NetMass, Unit::Pieces] {
        match parts.next() {
            None | Some("") => {}
            Some(text) => quantities.push(Quantity::read(&unit, text, "").ok()?),
        }
    }
    let of = DeclaredUse { declaration, line };
    parts.next().is_none().then_some(ReturnLine { of, day, destination, quantities })
}

fn return_read(t: &Text, typed: &Typed) -> Result<Return, Vec<FieldFault>> {
    let of = |name: &str| typed.get(name).map_or("", String::as_str);
    let mut wrong = Vec::new();
    let from = day_read(t, typed, "from", &mut wrong);
    let kind = if of("kind") == "no_use" { ReturnKind::NoUse } else { ReturnKind::Listed };
    let mut lines = Vec::new();
    let written = of("lines").lines().filter(|line| !line.trim().is_empty());
    for (place, line) in (1_u64..).zip(written).take(LINES_MAX + 1) {
        match line_read(line) {
            Some(line) => lines.push(line),
            None => wrong.push(FieldFault {
                field: "lines".to_owned(),
                code: "return_form",
                message: t.two(
                    "refusal-of",
                    t.num("general-line", &place),
                    t.code("general-refused", "return_form", "return_form"),
                ),
                accepted: "D-1, 1, 2026-03-31, SE, 12.5, 100".to_owned(),
            }),
        }
    }
    if wrong.is_empty() { Ok(Return { from, kind, lines }) } else { Err(wrong) }
}

/// `POST /general/{number}/returns`: its user files the return of a period.
pub(crate) async fn file_return(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let t = visit.text();
    let outcome = match return_read(t, &typed) {
        Ok(filed) => match returned(&hall, &visit, &number, filed).await? {
            Ok(()) => Ok(()),
            Err(error) => Err(faults(t, error)?),
        },
        Err(faults) => Err(faults),
    };
    done(&hall, &visit, &number, typed, outcome).await
}

/// Whether the visitor reads what is between user and authority.
pub(crate) fn whole_seen(visit: &Visit) -> bool {
    visit.actor.role != Role::Customs
}
