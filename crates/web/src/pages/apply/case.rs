//! A case as its applicant sees it: what happened, whom it waits for, until when; its questions, amending it
//! and taking it back.
//!
//! What goes on inside the authority is not shown ([`licensing::sight`]).

use std::collections::HashMap;

use app::cases::{CaseError, Known, case_reckoning, date_in, zone};
use app::drafts::Beginning;
use app::law::Law;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::{Action, Resource, authorise};
use base::{Date, Timestamp};
use controls::clock::{Per, State as ClockState};
use licensing::case::{Case, CellDecision, Event, FollowKind, Follows, Recorded, Verdict};
use licensing::decide::Command;
use licensing::sight::{Viewer, case_seen, event_seen};
use serde::Deserialize;

use super::super::case::words::{condition_words, quantity_words};
use super::super::changed::{Changed, Versions};
use super::super::clock::worded;
use super::check::refused;
use super::part::{Part, Said, kind_said, said};
use super::start::{day_said, state_tag, type_name, waits_code};
use super::upload::limit_said;
use super::{case_href, draft_href, lead, stepped, stop_of, stop_of_case};
use crate::config::Hall;
use crate::documents::documents_named;
use crate::forecast::forecast_lines;
use crate::form::{Form, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html, name_of};
use crate::pages::licence::paper::{LetterRow, letter_rows, letters_of, licence_links};
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

struct QuestionView {
    number: u64,
    text: String,
    asked: String,
    completeness: bool,
    answer: String,
    answered: String,
    /// What came with the answer: name and address.
    documents: Vec<(String, String)>,
    /// Whether it can be answered now.
    open: bool,
    /// What was typed and not taken.
    typed: String,
    fault: String,
}

struct ClockLine {
    name: String,
    due: String,
    /// When it would be due if what it waits for came today; empty where it runs.
    resumed: String,
    state: &'static str,
}

struct Happened {
    what: String,
    detail: String,
    when: String,
}

struct Decided {
    cell: String,
    outcome: String,
    tag: &'static str,
    quantities: String,
    conditions: Vec<String>,
    reasons: Vec<String>,
    text: String,
}

struct AmendmentView {
    asked: String,
    state: String,
    tag: &'static str,
    reason: String,
    changes: Vec<String>,
}

struct PartSaid {
    name: String,
    entries: Vec<Said>,
}

#[derive(Template)]
#[template(path = "application_case.html")]
struct CasePage {
    page: Page,
    href: String,
    number: String,
    kind: String,
    state: String,
    tag: &'static str,
    waits: String,
    yours: bool,
    /// Whether a licence was issued.
    granted: bool,
    open: bool,
    received: String,
    stock: String,
    clocks: Vec<ClockLine>,
    forecast: Vec<String>,
    questions: Vec<QuestionView>,
    happened: Vec<Happened>,
    /// Number, and where it is read.
    licences: Vec<(String, String)>,
    letters: Vec<LetterRow>,
    outcome: Vec<Decided>,
    outcome_text: String,
    amendments: Vec<AmendmentView>,
    notes: Vec<(String, String)>,
    parts: Vec<PartSaid>,
    follows: String,
    follows_href: String,
    /// Cases that appeal it: number and address.
    appeals: Vec<(String, String)>,
    /// Whether the visitor may answer, amend and withdraw.
    may: bool,
    may_amend: bool,
    /// The last day of an appeal; empty where there is none.
    appeal_until: String,
    reason: String,
    done: String,
    /// The most bytes of a document, for people.
    file_limit: String,
    faults: Vec<FieldFault>,
}

/// A case that the visitor may do the route's action on; any other does not exist for it.
pub(crate) async fn found(
    hall: &Hall,
    visit: &Visit,
    number: &str,
) -> Result<(Case, Vec<Recorded>), Stop> {
    let (shared, of) = (hall.clone(), number.to_owned());
    let found = off_thread(move || shared.platform.case_history(&of)).await?;
    match found {
        Ok((case, events)) => {
            let agencies: Vec<String> = case.agencies.keys().cloned().collect();
            visit.allow(Resource::Case { applicant: &case.applicant, agencies: &agencies })?;
            visit.look(&case.applicant);
            Ok((case, events))
        }
        Err(CaseError::Unknown) => {
            visit.allow(Resource::Case { applicant: "", agencies: &[] })?;
            Err(Stop::NotFound)
        }
        Err(error) => {
            visit.allow(Resource::Case { applicant: "", agencies: &[] })?;
            Err(stop_of_case(error))
        }
    }
}

/// What was sent and not done.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) done: String,
    pub(super) faults: Vec<FieldFault>,
    /// The question that was answered, with the text.
    pub(super) answer: Option<(u32, String)>,
    /// Why it was to be taken back.
    pub(super) reason: String,
}

/// `GET /cases/{number}`, for its applicant; `done` is the code of what was done last.
pub(crate) async fn show(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    done: &str,
) -> Result<Response, Stop> {
    let (case, events) = found(hall, visit, number).await?;
    let done = visit.text().code("apply-done", done, "");
    page(hall, visit, &case, &events, Beside { done, ..Beside::default() }).await
}

pub(super) async fn page(
    hall: &Hall,
    visit: &Visit,
    case: &Case,
    events: &[Recorded],
    beside: Beside,
) -> Result<Response, Stop> {
    let t = visit.text();
    let law = law(hall, &hall.config.pack).await?;
    let agencies: Vec<String> = case.agencies.keys().cloned().collect();
    let resource = Resource::Case { applicant: &case.applicant, agencies: &agencies };
    let may = visit.actor.role.of_party() && authorise(&visit.actor, Action::Apply, resource);
    let waits = waits_code(app::cases::waits_for(case));
    let clocks = clock_lines(t, &law, case, hall.now());
    let seen = case_seen(case, Viewer::Applicant);
    let happened = events.iter().filter_map(|event| event_seen(event, Viewer::Applicant));
    let names = people_of(hall, t, events, &case.applicant)?;
    let happened = happened.map(|event| happened_said((t, &names), &law, &seen, &event)).collect();
    let (_, stock_day) = app::cases::case_days(&law, case, hall.now());
    let (shared, asked, by) = (hall.clone(), case.clone(), law.clone());
    let forecast =
        off_thread(move || shared.platform.case_forecast(&by, &asked, shared.now())).await?;
    let forecast = forecast.map_err(|error| fault(&error))?;
    let may_appeal = may && !case.state.open() && {
        let (by, number) = (law.clone(), case.number.clone());
        let appeal = Command::Appeal { number: number.clone() };
        let tried = stepped(hall, visit, move |shared, step| {
            shared.platform.case_try(&by, &number, &appeal, &Known::default(), step)
        });
        tried.await?.is_ok()
    };
    let appeal_until = appeal_day(&law, case).filter(|_| may_appeal);
    let appeal_until = appeal_until.map_or(String::new(), |day| show::date(t, day));
    let hashes = seen.questions.iter().flat_map(|q| q.answer.iter().flat_map(|a| &a.documents));
    let named = documents_named(hall, &case.applicant, hashes)?;
    let questions = seen.questions.iter().map(|question| {
        let documents = question.answer.iter().flat_map(|answer| &answer.documents);
        let typed = beside.answer.as_ref().filter(|(number, _)| *number == question.number);
        let field = format!("answer-{}", question.number);
        QuestionView {
            number: u64::from(question.number),
            text: question.text.clone(),
            asked: instant(t, question.asked_at_us),
            completeness: question.completeness,
            answer: question.answer.as_ref().map_or(String::new(), |a| a.text.clone()),
            answered: question.answer.as_ref().map_or(String::new(), |a| instant(t, a.at_us)),
            documents: documents
                .map(|hash| {
                    let name = named.get(hash).unwrap_or(hash).clone();
                    (name, format!("/documents/{}", encoded(hash)))
                })
                .collect(),
            open: may && question.answer.is_none() && case.state.open(),
            typed: typed.map_or(String::new(), |(_, text)| text.clone()),
            fault: beside
                .faults
                .iter()
                .find(|fault| fault.field == field)
                .map_or(String::new(), |fault| fault.message.clone()),
        }
    });
    let questions = questions.collect();
    let parts = Part::ALL.into_iter().filter(|part| part.asked(&law)).map(|part| PartSaid {
        name: t.get(&format!("apply-part-{}", part.code())),
        entries: if part.is_list() {
            said(t, &law, part, &seen.application)
        } else {
            vec![kind_said(t, &law, &seen.application)]
        },
    });
    let parts = parts.collect();
    let mut page = Page::new(hall, visit, t.one("apply-case-title", &case.number));
    page.faulty = !beside.faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (licences, outcome, outcome_text) = outcome(t, &law, &seen);
    let template = CasePage {
        page,
        href: case_href(&case.number),
        number: case.number.clone(),
        kind: type_name(t, &law, &case.application.licence_type),
        state: t.code("apply-state", case.state.code(), case.state.code()),
        tag: state_tag(case.state.code()),
        waits: match ended_code(&seen) {
            None => t.code("apply-waits-long", waits, waits),
            Some(ended) => t.code("apply-ended", ended, ""),
        },
        granted: !licences.is_empty(),
        yours: waits == "applicant",
        open: case.state.open(),
        received: instant(t, case.received_at_us),
        stock: stock_day.map_or(String::new(), |day| day_said(t, day)),
        clocks,
        forecast: forecast.map_or_else(Vec::new, |found| forecast_lines(t, &found)),
        questions,
        happened,
        licences: licence_links(visit, &licences),
        letters: letter_rows(t, &case.number, &letters_of(visit, case, events)?),
        outcome,
        outcome_text,
        amendments: seen.amendments.iter().map(|a| amendment_view(t, &law, &seen, a)).collect(),
        notes: seen.notes.iter().map(|note| (note.text.clone(), instant(t, note.at_us))).collect(),
        parts,
        follows: seen.follows.as_ref().map_or(String::new(), |f| follows_said(t, f)),
        follows_href: seen.follows.as_ref().map_or(String::new(), |f| case_href(&f.number)),
        appeals: seen.appeals.iter().map(|n| (n.clone(), case_href(n))).collect(),
        may,
        appeal_until,
        may_amend: may && case.state.open() && case.amendment_open().is_none(),
        reason: beside.reason,
        done: beside.done,
        file_limit: limit_said(),
        faults: beside.faults,
    };
    html(status, &template)
}

fn instant(t: &Text, at_us: i64) -> String {
    show::instant(t, Timestamp::from_us(at_us))
}

/// The clocks of the case as a whole that still run or stand still, with the day on which each is due.
fn clock_lines(t: &Text, law: &Law, case: &Case, now: Timestamp) -> Vec<ClockLine> {
    let (Some(reckoning), Some((rules, _))) = (case_reckoning(law, case, now), &law.clocks) else {
        return Vec::new();
    };
    let open = reckoning.clocks.iter().filter(|clock| clock.ended.is_none() && case.state.open());
    let lines = open.filter_map(|clock| {
        let rule = rules.clocks.get(clock.rule).filter(|rule| rule.per == Per::Case)?;
        let day = |day: Option<controls::day::Day>| day.map(|day| day_said(t, i64::from(day.0)));
        let due = match (day(clock.due.earliest()), day(clock.due.latest())) {
            (Some(first), Some(last)) if first != last => t.two("clock-due-between", first, last),
            (Some(first), _) => first,
            (None, _) => t.get("clock-due-none"),
        };
        let state = match clock.state {
            ClockState::Running => "running",
            ClockState::Stopped => "stopped",
            ClockState::Unlimited => "unlimited",
            ClockState::Met => "met",
            ClockState::Overdue => "overdue",
        };
        let resumed = day(clock.due_if_resumed.and_then(controls::clock::Due::earliest));
        let name = show::sentence(&worded(t, &rule.name_en, &rule.name_zh));
        Some(ClockLine { name, due, resumed: resumed.unwrap_or_default(), state })
    });
    lines.collect()
}

/// The names of the applicant's own people who did something, by their accounts.
fn people_of(
    hall: &Hall,
    t: &Text,
    events: &[Recorded],
    applicant: &str,
) -> Result<HashMap<String, String>, Stop> {
    let mut names = HashMap::new();
    for recorded in events {
        if names.contains_key(&recorded.account) {
            continue;
        }
        let person = hall.people.person(&recorded.account).map_err(|error| fault(&error))?;
        if let Some(person) = person.filter(|person| person.party.as_deref() == Some(applicant)) {
            let name = name_of(t.language, &person.name, &person.local_name).to_owned();
            names.insert(recorded.account.clone(), name);
        }
    }
    Ok(names)
}

fn happened_said(
    (t, names): (&Text, &HashMap<String, String>),
    law: &Law,
    case: &Case,
    recorded: &Recorded,
) -> Happened {
    let event = &recorded.event;
    let detail = match event {
        Event::Classified { codes, .. } => {
            let mut all: Vec<&str> = codes.values().flatten().map(String::as_str).collect();
            all.sort_unstable();
            all.dedup();
            all.join(", ")
        }
        Event::Submitted { follows: Some(follows), .. } => follows_said(t, follows),
        Event::Asked { text, .. } | Event::Answered { text, .. } | Event::Noted { text, .. } => {
            text.clone()
        }
        Event::StepBegan { step, .. } | Event::StepEnded { step, .. } => {
            t.code("apply-step", &super::super::clock::coded(step), "")
        }
        Event::Decided { licences } => licences.join(", "),
        Event::Returned { reasons, text } => {
            let mut all: Vec<String> =
                reasons.iter().map(|code| reason_said(t, law, code)).collect();
            all.push(text.clone());
            all.join(" ")
        }
        Event::Withdrawn { reason } | Event::Lapsed { reason } => reason.clone(),
        Event::Reopened { ground } => ground.clone(),
        Event::AmendmentAsked { differences, .. } => {
            t.num("apply-amended-differences", &(differences.len() as u64))
        }
        Event::AmendmentDecided { verdict, reason } => {
            format!("{} {reason}", verdict_said(t, *verdict))
        }
        Event::Appealed { number } => number.clone(),
        _ => String::new(),
    };
    let applicant = recorded.account == case.submitted_by;
    let who = t.get(if applicant { "apply-by-you" } else { "apply-by-authority" });
    let when = match event {
        Event::Submitted { .. } | Event::Answered { .. } | Event::Withdrawn { .. } => {
            let who = names.get(&recorded.account).unwrap_or(&recorded.account);
            format!("{} · {who}", instant(t, recorded.at_us))
        }
        Event::Asked { .. } | Event::Decided { .. } | Event::Accepted => {
            format!("{} · {who}", instant(t, recorded.at_us))
        }
        _ => instant(t, recorded.at_us),
    };
    Happened { what: t.code("apply-event", event.code(), event.code()), detail, when }
}

fn verdict_said(t: &Text, verdict: Verdict) -> String {
    t.get(match verdict {
        Verdict::Taken => "apply-amendment-taken",
        Verdict::Refused => "apply-amendment-refused",
    })
}

fn reason_said(t: &Text, law: &Law, code: &str) -> String {
    let phrase = law.rules.reasons.iter().find(|phrase| phrase.id == code);
    phrase.map_or_else(|| code.to_owned(), |p| worded(t, &p.text_en, &p.text_zh))
}

fn amendment_view(
    t: &Text,
    law: &Law,
    case: &Case,
    amendment: &licensing::case::Amendment,
) -> AmendmentView {
    let (state, tag, reason) = match &amendment.decided {
        Some((_, verdict, reason)) => {
            let tag = if *verdict == Verdict::Taken { "gd-tag-good" } else { "gd-tag-error" };
            (verdict_said(t, *verdict), tag, reason.clone())
        }
        None => (t.get("apply-amendment-open"), "gd-tag-note", String::new()),
    };
    let versions = Versions { t, law, before: &case.application, after: &amendment.application };
    let change = |d: Changed| t.three("apply-changed-value", d.what, d.before, d.after);
    let changes = versions.changed(&amendment.differences).into_iter().map(change).collect();
    AmendmentView { asked: instant(t, amendment.asked_at_us), state, tag, reason, changes }
}

/// The licences and what became of each cell.
/// What a case follows, and how.
pub(super) fn follows_said(t: &Text, follows: &Follows) -> String {
    let how = match follows.how {
        FollowKind::Appeal => "appeal",
        FollowKind::KeyChange => "key_change",
        FollowKind::Again => "again",
    };
    t.one(&format!("apply-follows-{how}"), &follows.number)
}

/// How a case ended, as its applicant reads it first; nothing while it is open.
fn ended_code(case: &Case) -> Option<&'static str> {
    if case.state.open() {
        return None;
    }
    let Some(outcome) = case.outcome.as_ref().filter(|outcome| !outcome.cells.is_empty()) else {
        return Some(case.state.code());
    };
    let all = |like: fn(&CellDecision) -> bool| outcome.cells.values().all(like);
    Some(if all(|cell| matches!(cell, CellDecision::Approve { .. })) {
        "licensed"
    } else if all(|cell| matches!(cell, CellDecision::Refuse { .. })) {
        "refused"
    } else if all(|cell| matches!(cell, CellDecision::NoLicence { .. })) {
        "no_licence"
    } else {
        "decided"
    })
}

/// The last day on which the decision can be appealed, by the rules.
fn appeal_day(law: &Law, case: &Case) -> Option<Date> {
    let (rule, outcome) = (law.rules.appeal.as_ref()?, case.outcome.as_ref()?);
    rule.last_day(date_in(&zone(law), Timestamp::from_us(outcome.at_us)))
}

fn outcome(t: &Text, law: &Law, case: &Case) -> (Vec<String>, Vec<Decided>, String) {
    let Some(outcome) = &case.outcome else { return (Vec::new(), Vec::new(), String::new()) };
    let cells = said(t, law, Part::Cells, &case.application);
    let decided = outcome.cells.iter().map(|(key, decision)| {
        let cell = cells.iter().find(|cell| cell.id == *key);
        let about = |cell: &Said| {
            let lines = cell.lines.iter().filter(|line| line.0 != t.get("apply-field-quantities"));
            lines.fold(cell.title.clone(), |text, line| format!("{text} · {}", line.1))
        };
        let cell = cell.map_or_else(|| key.clone(), about);
        let mut view = Decided {
            cell,
            outcome: String::new(),
            tag: "gd-tag-good",
            quantities: String::new(),
            conditions: Vec::new(),
            reasons: Vec::new(),
            text: String::new(),
        };
        match decision {
            CellDecision::Approve { quantities, conditions } => {
                view.outcome = t.get("apply-decided-approve");
                let all = quantities.iter().map(|quantity| quantity_words(t, quantity));
                view.quantities = all.collect::<Vec<_>>().join("; ");
                let words = |condition| condition_words(t, law, condition);
                view.conditions = conditions.iter().map(words).collect();
            }
            CellDecision::Refuse { reasons, text } => {
                view.outcome = t.get("apply-decided-refuse");
                view.tag = "gd-tag-error";
                view.reasons = reasons.iter().map(|code| reason_said(t, law, code)).collect();
                view.text.clone_from(text);
            }
            CellDecision::NoLicence { text } => {
                view.outcome = t.get("apply-decided-no-licence");
                view.tag = "gd-tag-note";
                view.text.clone_from(text);
            }
        }
        view
    });
    (outcome.licences.clone(), decided.collect(), outcome.text.clone())
}

/// Gives a command of the applicant.
pub(super) async fn command_do(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    command: Command,
) -> Result<Result<Case, CaseError>, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let number = number.to_owned();
    stepped(hall, visit, move |shared, step| {
        shared.platform.case_step(&law, &number, &command, &Known::default(), step)
    })
    .await
}

/// Why it is taken back.
#[derive(Deserialize)]
pub(crate) struct Withdrawal {
    #[serde(default)]
    reason: String,
}

/// `POST /cases/{number}/withdraw`. Sent twice it is withdrawn once.
pub(crate) async fn withdraw(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(sent): Form<Withdrawal>,
) -> Result<Response, Stop> {
    found(&hall, &visit, &number).await?;
    let reason = sent.reason.trim().to_owned();
    let command = Command::Withdraw { reason: reason.clone() };
    let refusals = match command_do(&hall, &visit, &number, command).await? {
        Ok(_) => return Ok(lead(format!("{}?did=withdrawn", case_href(&number)))),
        Err(CaseError::Refused(refusals)) => refusals,
        Err(error) => return Err(stop_of_case(error)),
    };
    let (case, events) = found(&hall, &visit, &number).await?;
    if case.state == licensing::CaseState::Withdrawn {
        return Ok(lead(format!("{}?did=withdrawn", case_href(&number))));
    }
    let t = visit.text();
    let faults = refusals.iter().map(|refusal| refused(t, refusal)).collect();
    page(&hall, &visit, &case, &events, Beside { faults, reason, ..Beside::default() }).await
}

/// `POST /cases/{number}/amend`: leads to the draft of an amendment; one that is there already goes on.
pub(crate) async fn amend(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(_): Form<serde_json::Value>,
) -> Result<Response, Stop> {
    let (case, events) = found(&hall, &visit, &number).await?;
    if !case.state.open() || case.amendment_open().is_some() {
        let t = visit.text();
        let key = if case.state.open() { "amendment_open" } else { "case_ended" };
        let fault = FieldFault {
            field: "main".to_owned(),
            code: "amendment_open",
            message: t.get(&format!("apply-refused-{key}")),
            accepted: String::new(),
        };
        let beside = Beside { faults: vec![fault], ..Beside::default() };
        return page(&hall, &visit, &case, &events, beside).await;
    }
    let party = visit.actor.party.clone();
    let draft = stepped(&hall, &visit, move |shared, step| {
        let drafts = shared.platform.drafts(&party)?;
        match drafts.into_iter().find(|draft| draft.amends == number) {
            Some(draft) => Ok(draft),
            None => shared.platform.draft_make(&party, &Beginning::Amendment(number), step),
        }
    })
    .await?
    .map_err(stop_of)?;
    Ok(lead(draft_href(&draft.id)))
}
