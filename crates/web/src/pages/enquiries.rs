//! Enquiries: what a party asks, where that stands, and what officers answer. Everything stays on record.

use app::cases::{CaseForecast, Step};
use app::enquiries::{EnquiryCursor, EnquiryError, EnquiryRow};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, authorise};
use licensing::enquiry::{
    About, Answer, Enquiry, EnquiryEntry, EnquiryEvent, EnquiryRefusal, EnquiryState, Finding,
    Found, Standing,
};
use serde::Deserialize;

use crate::api::{cursor_fault, cursor_make, cursor_read};
use crate::config::Hall;
use crate::forecast::forecast_lines;
use crate::form::{Form, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Choice, Page, html, name_of};
use crate::pages::clock::worded;
use crate::secret::moment;
use crate::show;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// Which enquiries are listed.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// `open` (those that wait; the default) or `answered`.
    #[serde(default)]
    pub(crate) state: String,
    /// The `next` of the page before.
    #[serde(default)]
    pub(crate) cursor: String,
}

impl Asked {
    /// The state that is asked for.
    pub(crate) fn state(&self) -> EnquiryState {
        EnquiryState::parse(&self.state).unwrap_or(EnquiryState::Open)
    }

    /// Where the page begins.
    pub(crate) fn after(&self) -> Result<Option<EnquiryCursor>, Stop> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let wrong = |fault| Stop::Fields(vec![fault]);
        let text = cursor_read(&self.cursor).map_err(wrong)?;
        let parts = text.split_once(' ').and_then(|(at, number)| {
            Some(EnquiryCursor { changed_at_us: at.parse().ok()?, number: number.to_owned() })
        });
        parts.map(Some).ok_or_else(|| wrong(cursor_fault(&self.cursor)))
    }
}

/// A place as its cursor.
pub(crate) fn cursor_of(place: &EnquiryCursor) -> String {
    cursor_make(&format!("{} {}", place.changed_at_us, place.number))
}

/// What was refused, as faults of fields; or why the request stops.
pub(crate) fn faults(t: &Text, error: EnquiryError) -> Result<Vec<FieldFault>, Stop> {
    let one = |field: &str, code: &'static str, accepted: &str| FieldFault {
        field: field.to_owned(),
        code,
        message: t.get(&format!("refusal-{code}")),
        accepted: accepted.to_owned(),
    };
    let of = |refusal: EnquiryRefusal| {
        let accepted = match &refusal {
            EnquiryRefusal::Text { accepted, .. } => *accepted,
            _ => "",
        };
        let mut fault = one(refusal.field(), refusal.code(), accepted);
        let label = t.code("field", refusal.field(), "");
        if matches!(refusal, EnquiryRefusal::Text { .. }) && !label.is_empty() {
            fault.message = t.two("refusal-of", label, fault.message);
        }
        fault
    };
    match error {
        EnquiryError::Refused(refusals) => Ok(refusals.into_iter().map(of).collect()),
        EnquiryError::CaseUnknown(_) => {
            Ok(vec![one("number", "enquiry_case", "the number of a case of yours")])
        }
        EnquiryError::Many => Ok(vec![one("text", "enquiry_many", "")]),
        EnquiryError::Asker(_) => Ok(vec![one("text", "enquiry_asker", "")]),
        EnquiryError::Unknown => Err(Stop::NotFound),
        other => Err(fault(&other)),
    }
}

struct Row {
    href: String,
    number: String,
    asker: String,
    about: String,
    subject: String,
    asked: String,
    changed: String,
}

impl Row {
    fn new(t: &Text, row: &EnquiryRow) -> Row {
        let instant = |us| show::instant(t, Timestamp::from_us(us));
        Row {
            href: format!("/enquiries/{}", encoded(&row.number)),
            number: row.number.clone(),
            asker: row.asker.clone(),
            about: t.code("enquiry-about", &row.about, &row.about),
            subject: row.subject.clone(),
            asked: instant(row.asked_at_us),
            changed: instant(row.changed_at_us),
        }
    }
}

#[derive(Template)]
#[template(path = "enquiries.html")]
struct ListPage {
    page: Page,
    states: Vec<Choice>,
    rows: Vec<Row>,
    next: String,
    /// Whether the visitor asks, and does not answer.
    asks: bool,
}

/// Whose enquiries the visitor lists: its party's, or all.
pub(crate) fn whose(visit: &Visit) -> Result<Option<String>, Stop> {
    if visit.actor.role.of_party() {
        visit.allow(Resource::Party(&visit.actor.party))?;
        return Ok(Some(visit.actor.party.clone()));
    }
    visit.allow(Resource::Platform)?;
    Ok(None)
}

/// `GET /enquiries`.
pub(crate) async fn list(
    State(hall): State<Hall>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    let whose = whose(&visit)?;
    let (after, state, t) = (asked.after()?, asked.state(), visit.text());
    let (shared, asker) = (hall.clone(), whose.clone());
    let found = off_thread(move || {
        shared.platform.enquiries(asker.as_deref(), state.code(), after.as_ref())
    });
    let found = found.await?.map_err(|error| fault(&error))?;
    for row in &found.rows {
        visit.look(&row.asker);
    }
    let choice = |of: EnquiryState| Choice {
        value: of.code(),
        text: t.code("enquiry-state", of.code(), of.code()),
        current: of == state,
    };
    let mut page = Page::new(&hall, &visit, t.get("enquiries-title"));
    page.parties_name(&hall, found.rows.iter().map(|row| row.asker.as_str()))?;
    let template = ListPage {
        page,
        states: EnquiryState::ALL.into_iter().map(choice).collect(),
        rows: found.rows.iter().map(|row| Row::new(t, row)).collect(),
        next: found.next.map_or(String::new(), |next| {
            format!("/enquiries?state={}&cursor={}", state.code(), cursor_of(&next))
        }),
        asks: whose.is_some(),
    };
    html(StatusCode::OK, &template)
}

/// What a party asks, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Question {
    about: String,
    good: String,
    hs: String,
    composition: String,
    number: String,
    text: String,
}

#[derive(Template)]
#[template(path = "enquiry_new.html")]
struct NewPage {
    page: Page,
    entry: Question,
    faults: Vec<FieldFault>,
}

fn form(
    hall: &Hall,
    visit: &Visit,
    entry: Question,
    faults: Vec<FieldFault>,
) -> Result<Response, Stop> {
    let mut page = Page::new(hall, visit, visit.text().get("enquiries-new"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, &NewPage { page, entry, faults })
}

/// What a link fills in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Prefilled {
    case: String,
    good: String,
}

/// `GET /enquiries/new`, also with `?case=` or `?good=`.
pub(crate) async fn new_show(
    State(hall): State<Hall>,
    visit: Visit,
    Query(filled): Query<Prefilled>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Party(&visit.actor.party))?;
    let entry = Question { number: filled.case, good: filled.good, ..Question::default() };
    form(&hall, &visit, entry, Vec::new())
}

/// `POST /enquiries`.
pub(crate) async fn ask(
    State(hall): State<Hall>,
    visit: Visit,
    Form(entry): Form<Question>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Party(&visit.actor.party))?;
    let about = if entry.about == "case" {
        About::Case { number: entry.number.clone() }
    } else {
        About::Classification {
            good: entry.good.clone(),
            hs: entry.hs.clone(),
            composition: entry.composition.clone(),
        }
    };
    match asked(&hall, &visit, about, entry.text.clone()).await? {
        Ok(number) => {
            let to = format!("/enquiries/{}", encoded(&number));
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(error) => form(&hall, &visit, entry, faults(visit.text(), error)?),
    }
}

/// Asks for the visitor's party; gives the number of the enquiry.
pub(crate) async fn asked(
    hall: &Hall,
    visit: &Visit,
    about: About,
    text: String,
) -> Result<Result<String, EnquiryError>, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let moment = moment(hall.now())?;
    let (shared, actor) = (hall.clone(), visit.actor.clone());
    let done = off_thread(move || {
        let step = Step { actor: &actor, moment };
        shared.platform.enquiry_ask(&law, (&about, &text), &step)
    })
    .await?;
    hall.jobs_wake.notify_one();
    Ok(done)
}

/// An enquiry that the visitor may do the route's action on; any other does not exist.
pub(crate) async fn found(hall: &Hall, visit: &Visit, number: &str) -> Result<Enquiry, Stop> {
    let (shared, of) = (hall.clone(), number.to_owned());
    match off_thread(move || shared.platform.enquiry(&of)).await? {
        Ok(enquiry) => {
            visit.allow(Resource::Party(&enquiry.asker))?;
            Ok(enquiry)
        }
        Err(EnquiryError::Unknown) => {
            visit.allow_one_of([Resource::Platform, Resource::Party(&visit.actor.party)])?;
            Err(Stop::NotFound)
        }
        Err(error) => Err(fault(&error)),
    }
}

/// One line of what is known, with its value.
struct Fact {
    label: String,
    value: String,
}

/// What happened, as it is shown.
struct EntryView {
    what: String,
    at: String,
    /// Who; empty where the platform did it by itself.
    who: String,
    lines: Vec<String>,
    facts: Vec<Fact>,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "enquiry.html")]
struct EnquiryPage {
    page: Page,
    number: String,
    asker: String,
    about: String,
    subject: String,
    facts: Vec<Fact>,
    open: bool,
    state: String,
    entries: Vec<EntryView>,
    /// The case that it is about.
    case: String,
    may_answer: bool,
    may_ask_on: bool,
    findings: Vec<Choice>,
    text: String,
    codes: String,
    faults: Vec<FieldFault>,
}

/// Where a case stands, line by line.
fn standing_facts(t: &Text, standing: &Standing) -> (Vec<Fact>, Vec<String>) {
    let fact = |label: &str, value| Fact { label: t.get(label), value };
    let (state, acts) = (standing.state.code(), standing.acts.code());
    let mut facts = vec![
        fact("enquiry-stands", t.code("enquiry-stands", state, state)),
        fact("enquiry-acts", t.code("enquiry-acts", acts, acts)),
    ];
    if standing.state.open() {
        let due = standing.due.map_or_else(|| t.get("enquiry-due-none"), |due| show::date(t, due));
        facts.push(fact("enquiry-due", due));
    }
    let found = standing.forecast.zip(standing.waited_days);
    let lines = found.map_or_else(Vec::new, |(forecast, waited_days)| {
        forecast_lines(t, &CaseForecast { forecast, waited_days })
    });
    (facts, lines)
}

fn answer_facts(t: &Text, answer: &Answer) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |label: &str, value| facts.push(Fact { label: t.get(label), value });
    if let Some(finding) = answer.finding {
        add("enquiry-finding", t.code("enquiry-found", finding.code(), finding.code()));
    }
    if !answer.codes.is_empty() {
        add("enquiry-codes", answer.codes.join(", "));
    }
    if let Some(binding) = &answer.binding {
        let text = worded(t, &binding.text_en, &binding.text_zh);
        add("enquiry-binding", format!("{text} ({})", binding.citation));
    }
    facts
}

impl EntryView {
    fn new(t: &Text, visit: &Visit, entry: &EnquiryEntry) -> EntryView {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (lines, facts, class) = match &entry.event {
            EnquiryEvent::Asked { text, .. } | EnquiryEvent::AskedOn { text } => {
                (lines(text), Vec::new(), "")
            }
            EnquiryEvent::Stated { found: Found::Stands(standing) } => {
                let (facts, lines) = standing_facts(t, standing);
                (lines, facts, "")
            }
            EnquiryEvent::Stated { found: Found::Listed { outcome, codes, as_of } } => {
                let mut found = t.code("enquiry-found", outcome, outcome);
                if !codes.is_empty() {
                    found = format!("{found} ({})", codes.join(", "));
                }
                let said = t.two("enquiry-listed", show::date(t, *as_of), found);
                (vec![said], Vec::new(), "")
            }
            EnquiryEvent::Answered { answer } => {
                (lines(&answer.text), answer_facts(t, answer), "gd-answer")
            }
        };
        let answered = matches!(entry.event, EnquiryEvent::Answered { .. });
        // Whose hand at the authority it was is the authority's business.
        let who = if answered && visit.actor.role.of_party() {
            String::new()
        } else {
            entry.account.clone()
        };
        let code = entry.event.code();
        EntryView {
            what: t.code("enquiry-entry", code, code),
            at: show::instant(t, entry.at()),
            who,
            lines,
            facts,
            class,
        }
    }
}

/// What a person typed that was refused.
#[derive(Default)]
struct Typed {
    text: String,
    codes: String,
    finding: String,
    faults: Vec<FieldFault>,
}

fn page(hall: &Hall, visit: &Visit, enquiry: &Enquiry, typed: Typed) -> Result<Response, Stop> {
    let t = visit.text();
    let mut page =
        Page::new(hall, visit, format!("{} {}", t.get("enquiries-title"), enquiry.number));
    page.parties_name(hall, [enquiry.asker.as_str()])?;
    page.faulty = !typed.faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let open = enquiry.state == EnquiryState::Open;
    let may = |action| authorise(&visit.actor, action, Resource::Party(&enquiry.asker));
    let fact = |label: &str, value: &str| Fact { label: t.get(label), value: value.to_owned() };
    let mut facts = Vec::new();
    let mut case = String::new();
    match &enquiry.about {
        About::Classification { hs, composition, .. } => {
            let stated = [("enquiry-hs", hs), ("apply-field-composition", composition)];
            let stated = stated.into_iter().filter(|(_, text)| !text.is_empty());
            facts.extend(stated.map(|(label, text)| fact(label, text)));
        }
        About::Case { number } => case = encoded(number),
    }
    let entries = enquiry.entries.iter().map(|entry| {
        let mut view = EntryView::new(t, visit, entry);
        if let Some(person) = hall.people.person(&view.who).map_err(|error| fault(&error))? {
            view.who = name_of(t.language, &person.name, &person.local_name).to_owned();
        }
        Ok::<_, Stop>(view)
    });
    let entries = entries.collect::<Result<Vec<EntryView>, Stop>>()?;
    let findings = match &enquiry.about {
        About::Classification { .. } => Finding::ALL.as_slice(),
        About::Case { .. } => &[],
    };
    let choice = |finding: &Finding| Choice {
        value: finding.code(),
        text: t.code("enquiry-found", finding.code(), finding.code()),
        current: finding.code() == typed.finding,
    };
    let (about, state) = (enquiry.about.code(), enquiry.state.code());
    let template = EnquiryPage {
        page,
        number: enquiry.number.clone(),
        asker: enquiry.asker.clone(),
        about: t.code("enquiry-about", about, about),
        subject: enquiry.about.subject().to_owned(),
        facts,
        open,
        state: t.code("enquiry-state", state, state),
        entries,
        case,
        may_answer: open && may(Action::AnswerEnquiry),
        may_ask_on: !open && may(Action::Enquire),
        findings: findings.iter().map(choice).collect(),
        text: typed.text,
        codes: typed.codes,
        faults: typed.faults,
    };
    html(status, &template)
}

/// `GET /enquiries/{number}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, Stop> {
    let enquiry = found(&hall, &visit, &number).await?;
    page(&hall, &visit, &enquiry, Typed::default())
}

/// An officer's answer, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AnswerTyped {
    finding: String,
    codes: String,
    text: String,
}

/// `POST /enquiries/{number}/answer`.
pub(crate) async fn answer(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<AnswerTyped>,
) -> Result<Response, Stop> {
    let enquiry = found(&hall, &visit, &number).await?;
    let codes: Vec<String> = typed
        .codes
        .lines()
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(str::to_owned)
        .collect();
    let given = Given { text: typed.text.clone(), finding: Finding::parse(&typed.finding), codes };
    match answered(&hall, &visit, &number, given).await? {
        Ok(()) => Ok(back(&number)),
        Err(error) => {
            let faults = faults(visit.text(), error)?;
            let AnswerTyped { finding, codes, text } = typed;
            page(&hall, &visit, &enquiry, Typed { text, codes, finding, faults })
        }
    }
}

/// What an officer answers.
pub(crate) struct Given {
    pub(crate) text: String,
    pub(crate) finding: Option<Finding>,
    pub(crate) codes: Vec<String>,
}

/// Answers an enquiry.
pub(crate) async fn answered(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    given: Given,
) -> Result<Result<(), EnquiryError>, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let moment = moment(hall.now())?;
    let (shared, actor, of) = (hall.clone(), visit.actor.clone(), number.to_owned());
    let done = off_thread(move || {
        let step = Step { actor: &actor, moment };
        let answer = (given.text.as_str(), given.finding, given.codes.as_slice());
        shared.platform.enquiry_answer(&law, &of, answer, &step)
    })
    .await?;
    hall.jobs_wake.notify_one();
    Ok(done)
}

/// What a party asks on, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OnTyped {
    text: String,
}

/// `POST /enquiries/{number}/questions`.
pub(crate) async fn ask_on(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<OnTyped>,
) -> Result<Response, Stop> {
    let enquiry = found(&hall, &visit, &number).await?;
    match asked_on(&hall, &visit, &number, typed.text.clone()).await? {
        Ok(()) => Ok(back(&number)),
        Err(error) => {
            let faults = faults(visit.text(), error)?;
            page(&hall, &visit, &enquiry, Typed { text: typed.text, faults, ..Typed::default() })
        }
    }
}

/// Asks on.
pub(crate) async fn asked_on(
    hall: &Hall,
    visit: &Visit,
    number: &str,
    text: String,
) -> Result<Result<(), EnquiryError>, Stop> {
    let moment = moment(hall.now())?;
    let (shared, actor, of) = (hall.clone(), visit.actor.clone(), number.to_owned());
    let done = off_thread(move || {
        shared.platform.enquiry_ask_on(&of, &text, &Step { actor: &actor, moment })
    })
    .await?;
    hall.jobs_wake.notify_one();
    Ok(done)
}

fn back(number: &str) -> Response {
    let to = format!("/enquiries/{}", encoded(number));
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}
