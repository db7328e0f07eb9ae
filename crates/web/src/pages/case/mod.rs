//! The page of a case, and the steps that are taken there.
//!
//! Everybody sees the case as far as its side does ([`licensing::sight`]), and is offered what the rules
//! would take of it now ([`forms`]). A form carries the number of the last event that its writer saw; what
//! happened since is told instead of being overwritten, and a form that is sent twice is one step.

pub(crate) mod advice;
pub(crate) mod draft;
pub(crate) mod entry;
pub(crate) mod forms;
pub(crate) mod queue;
pub(crate) mod sign;
pub(crate) mod view;
pub(crate) mod words;

use std::collections::HashMap;
use std::sync::Arc;

use app::cases::{
    CaseError, Known, Precedent, Step, Weighed, date_in, signers, viewer_of, waits_for, zone,
};
use app::law::Law;
use app::people::PersonRecord;
use app::screening::{CaseScreening, known_of};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use base::authorisation::{Action, Resource, Role};
use licensing::case::{Case, Recorded};
use licensing::sight::{Viewer, case_seen, event_seen, version_seen};
use serde::Deserialize;

use self::entry::{Reading, Typed, field_id, part_of};
use self::forms::{FormView, Forms};
use self::view::{
    AgencyRow, AmendmentRow, CellRow, ConditionRow, DocumentRow, GoodRow, Happened, Line, Linked,
    PartyRow, PrecedentRow, QuestionRow, Sections, SignatureRow,
};
use self::words::{Words, told};
use crate::config::Hall;
use crate::documents::documents_named;
use crate::form::{Fields, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::clock::ClockView;
use crate::pages::licence::paper::{LetterRow, letter_rows, letters_of, licence_links};
use crate::pages::{Stat, apply};
use crate::secret::moment;
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// A case with everything that its page needs.
pub(crate) struct Opened {
    pub(crate) law: Arc<Law>,
    /// The whole case, for the rules.
    pub(crate) case: Case,
    /// What its visitor sees of it.
    pub(crate) seen: Case,
    /// What its visitor sees of what happened.
    pub(crate) events: Vec<Recorded>,
    /// The last event that the visitor sees.
    pub(crate) version: u32,
    pub(crate) followed: Option<Case>,
    pub(crate) known: Known,
    /// What screening says, for the authority's own people; of others nothing.
    pub(crate) screening: CaseScreening,
    pub(crate) names: HashMap<String, PersonRecord>,
    pub(crate) precedents: Vec<Precedent>,
    /// The letters that the visitor may have.
    pub(crate) letters: Vec<app::paper::CaseLetter>,
    /// Names of the documents that came with answers, by their SHA-256.
    pub(crate) answered_with: HashMap<String, String>,
}

impl Opened {
    pub(crate) fn weighed(&self, now: Timestamp) -> Weighed<'_> {
        Weighed::new(&self.law, &self.case, self.followed.as_ref(), &self.known, now)
    }

    pub(crate) fn words<'a>(&'a self, t: &'static Text, viewer: Viewer<'a>) -> Words<'a> {
        Words { t, law: &self.law, names: &self.names, viewer }
    }

    pub(crate) fn today(&self, now: Timestamp) -> String {
        date_in(&zone(&self.law), now).to_string()
    }
}

/// What is known of people, with their names.
pub(crate) fn people_known(
    hall: &Hall,
    accounts: &[String],
) -> Result<(Known, HashMap<String, PersonRecord>), Stop> {
    let signers = signers(&hall.people).map_err(|error| fault(&error))?;
    let persons = hall.people.persons_of_authority().map_err(|error| fault(&error))?;
    let mut names: HashMap<String, PersonRecord> =
        persons.into_iter().map(|person| (person.account.clone(), person)).collect();
    for account in accounts {
        if !account.is_empty()
            && !names.contains_key(account)
            && let Some(person) = hall.people.person(account).map_err(|error| fault(&error))?
        {
            names.insert(account.clone(), person);
        }
    }
    Ok((Known { signers, ..Known::default() }, names))
}

/// A case that the visitor may do the route's action on; any other does not exist for it.
pub(crate) async fn opened(hall: &Hall, visit: &Visit, number: &str) -> Result<Opened, Stop> {
    let law = law(hall, &hall.config.pack).await?;
    let (shared, here, number) = (hall.clone(), visit.clone(), number.to_owned());
    off_thread(move || {
        let (case, events) = match shared.platform.case_history(&number) {
            Ok(found) => found,
            Err(CaseError::Unknown) => {
                here.allow(Resource::Platform)?;
                return Err(Stop::NotFound);
            }
            Err(error) => return Err(fault(&error)),
        };
        let agencies: Vec<String> = case.agencies.keys().cloned().collect();
        here.allow(match here.action {
            // Who may not sign is told why.
            Some(Action::Countersign) => Resource::Platform,
            _ => Resource::Case { applicant: &case.applicant, agencies: &agencies },
        })?;
        here.look(&case.applicant);
        let viewer = viewer_of(&here.actor);
        let version = version_seen(&events, viewer);
        let letters = letters_of(&here, &case, &events)?;
        let events: Vec<Recorded> =
            events.iter().filter_map(|event| event_seen(event, viewer)).collect();
        let accounts: Vec<String> = events.iter().map(|event| event.account.clone()).collect();
        let (known, names) = people_known(&shared, &accounts)?;
        let screening = match viewer {
            Viewer::Office => {
                shared.platform.case_screening(&law, &case).map_err(|error| fault(&error))?
            }
            _ => CaseScreening::default(),
        };
        let known = known_of(&known, &screening);
        let followed = shared.platform.case_followed(&case).map_err(|error| fault(&error))?;
        let precedents = match viewer {
            Viewer::Office => {
                shared.platform.case_precedents(&case).map_err(|error| fault(&error))?
            }
            _ => Vec::new(),
        };
        let seen = case_seen(&case, viewer);
        let answers = seen.questions.iter().filter_map(|question| question.answer.as_ref());
        let hashes = answers.flat_map(|answer| &answer.documents);
        let answered_with = documents_named(&shared, &case.applicant, hashes)?;
        Ok(Opened {
            law,
            case,
            seen,
            events,
            version,
            followed,
            known,
            screening,
            names,
            precedents,
            letters,
            answered_with,
        })
    })
    .await?
}

/// What came of a form.
pub(crate) enum Acted {
    /// It was done.
    Done,
    /// It was not.
    Not(Retry),
}

/// What was typed and why it was not done.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    pub(crate) typed: Typed,
    pub(crate) faults: Vec<FieldFault>,
    /// What happened since the form was shown.
    pub(crate) since: Vec<Recorded>,
}

impl Retry {
    pub(crate) fn status(&self) -> StatusCode {
        if !self.since.is_empty() {
            StatusCode::CONFLICT
        } else if self.faults.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }
}

/// Does what a form asks for, if it is of the route's action.
pub(crate) async fn act(
    hall: &Hall,
    visit: &Visit,
    opened: &Opened,
    typed: Typed,
) -> Result<Acted, Stop> {
    let mut reading = Reading {
        t: visit.text(),
        law: &opened.law,
        case: &opened.seen,
        typed: &typed,
        account: &visit.actor.account,
        faults: Vec::new(),
    };
    let commands = reading.commands();
    let faults = reading.faults;
    if !faults.is_empty() {
        return Ok(Acted::Not(Retry { typed, faults, since: Vec::new() }));
    }
    if commands.iter().any(|command| Some(part_of(command)) != visit.action) {
        return Err(Stop::NotFound);
    }
    // A form without it is of nobody who saw anything.
    let seen = typed.version().unwrap_or(0);
    let moment = moment(hall.now())?;
    let (shared, law, known) = (hall.clone(), opened.law.clone(), opened.known.clone());
    let (actor, number) = (visit.actor.clone(), opened.case.number.clone());
    let done = off_thread(move || {
        let step = Step { actor: &actor, moment };
        shared.platform.case_steps(&law, &number, &commands, Some(seen), &known, &step)
    });
    match done.await? {
        Ok(_) => {
            hall.jobs_wake.notify_one();
            Ok(Acted::Done)
        }
        Err(CaseError::Refused(refusals)) => {
            if refusals.iter().any(|refusal| refusal.code == "not_found") {
                return Err(Stop::NotFound);
            }
            let faults = refusals.iter().map(|refusal| {
                let field = field_id(&opened.seen, &typed.form, &refusal.field);
                let told = told(visit.text(), refusal, field);
                FieldFault {
                    message: told.in_full(visit.text()),
                    field: told.field,
                    code: refusal.code,
                    accepted: told.accepted,
                }
            });
            let faults = faults.collect();
            Ok(Acted::Not(Retry { typed, faults, since: Vec::new() }))
        }
        Err(CaseError::Stale(since)) => Ok(Acted::Not(Retry { typed, faults: Vec::new(), since })),
        Err(CaseError::Unknown) => Err(Stop::NotFound),
        Err(error) => Err(fault(&error)),
    }
}

/// To the page of a case, which says what was done.
pub(crate) fn back(number: &str, form: &str) -> Response {
    let to = format!("/cases/{}?did={}", encoded(number), encoded(form));
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

/// What the page of a case is asked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The form that was sent before.
    #[serde(default)]
    did: String,
}

/// The head that all pages of a case have.
pub(crate) struct Head {
    pub(crate) number: String,
    pub(crate) href: String,
    pub(crate) lede: String,
    pub(crate) applicant: String,
    /// Whether the visitor reads the applicant's book.
    pub(crate) book: bool,
    pub(crate) state: (&'static str, String),
    pub(crate) waits: String,
}

impl Head {
    pub(crate) fn new(
        t: &Text,
        opened: &Opened,
        viewer: Viewer<'_>,
        sections: &Sections<'_>,
    ) -> Head {
        let case = &opened.seen;
        let code = case.state.code();
        // To whom it falls is the office's own affair; the applicant knows of its own questions.
        let waits = match viewer {
            Viewer::Office => waits_for(&opened.case),
            Viewer::Applicant if case.questions_open().next().is_some() => "applicant",
            _ => "nobody",
        };
        Head {
            number: case.number.clone(),
            href: format!("/cases/{}", encoded(&case.number)),
            lede: sections.goods_in_short(),
            applicant: case.applicant.clone(),
            book: !matches!(viewer, Viewer::Agency(_)),
            state: (code, t.code("case-state", code, code)),
            waits: match waits {
                "nobody" => String::new(),
                code => t.code("case-waits", code, code),
            },
        }
    }
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    page: Page,
    head: Head,
    version: u32,
    did: String,
    faults: Vec<FieldFault>,
    since: Vec<Happened>,
    office: bool,
    stats: Vec<Stat>,
    clocks: Vec<ClockView>,
    known_to: String,
    /// In words, and the rule.
    lacking: Vec<(String, String)>,
    may_draft: bool,
    may_sign: bool,
    may_advise: bool,
    decide: Option<FormView>,
    forms: Vec<FormView>,
    assigned: String,
    facts: Vec<(String, String)>,
    cells: Vec<CellRow>,
    agencies: Vec<AgencyRow>,
    conditions: Vec<ConditionRow>,
    drafted: String,
    reasoning: String,
    content: String,
    signatures: Vec<SignatureRow>,
    /// Number, and where it is read.
    licences: Vec<(String, String)>,
    letters: Vec<LetterRow>,
    outcome: String,
    goods: Vec<GoodRow>,
    parties: Vec<PartyRow>,
    /// Strong hits that wait: address, party, list.
    strong: Vec<(String, String)>,
    questions: Vec<QuestionRow>,
    steps: Vec<Line>,
    notes: Vec<Line>,
    precedents: Vec<PrecedentRow>,
    amendments: Vec<AmendmentRow>,
    documents: Vec<DocumentRow>,
    linked: Vec<Linked>,
    appeal_grounds: String,
    happened: Vec<Happened>,
}

/// `GET /cases/{number}`: its applicant sees its own page of it.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    if visit.actor.role.of_party() {
        return apply::case::show(&hall, &visit, &number, &asked.did).await;
    }
    let opened = opened(&hall, &visit, &number).await?;
    page(&hall, &visit, &opened, Retry::default(), &asked.did)
}

/// `POST /cases/{number}/step`: what officers and supervisors do.
pub(crate) async fn step(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Fields(fields): Fields,
) -> Result<Response, Stop> {
    taken(&hall, &visit, &number, Typed::read(fields)).await
}

/// `POST /cases/{number}/note`: a note, by officers and by agencies that are asked.
pub(crate) async fn note(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Fields(fields): Fields,
) -> Result<Response, Stop> {
    taken(&hall, &visit, &number, Typed::read(fields)).await
}

async fn taken(hall: &Hall, visit: &Visit, number: &str, typed: Typed) -> Result<Response, Stop> {
    let found = opened(hall, visit, number).await?;
    if visit.actor.role.of_party() {
        return Err(Stop::NotFound);
    }
    let form = typed.form.clone();
    match act(hall, visit, &found, typed).await? {
        Acted::Done => Ok(back(number, &form)),
        Acted::Not(retry) => {
            // As it stands now: somebody else may have changed it.
            let found = opened(hall, visit, number).await?;
            page(hall, visit, &found, retry, "")
        }
    }
}

/// The conditions of the case in a few lines: who has it, since when.
fn facts(w: &Words<'_>, opened: &Opened, office: bool) -> Vec<(String, String)> {
    let (t, case) = (w.t, &opened.seen);
    let mut facts = vec![
        (t.get("case-fact-type"), w.licence_type(&case.application.licence_type)),
        (t.get("case-fact-received"), w.at(case.received_at_us)),
    ];
    if let Some(at_us) = case.accepted_at_us {
        facts.push((t.get("case-fact-accepted"), w.at(at_us)));
    }
    if !case.application.reference.is_empty() {
        facts.push((t.get("case-fact-reference"), case.application.reference.clone()));
    }
    if !case.application.route.is_empty() {
        facts.push((t.get("case-fact-route"), case.application.route.clone()));
    }
    let contact = &case.application.contact;
    if office && !contact.name.is_empty() {
        facts.push((t.get("case-fact-contact"), format!("{} {}", contact.name, contact.email)));
    }
    if office && !case.conflict_to.is_empty() {
        facts.push((t.get("case-fact-conflict"), w.who(&case.conflict_to)));
    }
    if let Some(at_us) = case.referred_up_at_us {
        facts.push((t.get("case-fact-referred"), w.at(at_us)));
    }
    if let Some(first) = case.first_outcome.as_ref().filter(|_| !case.reopened_at_us.is_empty()) {
        let code = first.state.code();
        let words = format!("{}, {}", t.code("case-state", code, code), w.at(first.at_us));
        facts.push((t.get("case-fact-first"), words));
    }
    facts
}

fn page(
    hall: &Hall,
    visit: &Visit,
    opened: &Opened,
    retry: Retry,
    did: &str,
) -> Result<Response, Stop> {
    let (t, now) = (visit.text(), hall.now());
    let viewer = viewer_of(&visit.actor);
    let office = viewer == Viewer::Office;
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
    let (clocks, stats) = sections.clocks();
    let open = opened.case.state.open();
    let draft = opened.seen.draft.as_ref();
    let lacking = if office && open && draft.is_some() {
        let lacks = |refusal| {
            let mut told = told(t, refusal, String::new());
            let rule = std::mem::take(&mut told.rule);
            (told.in_full(t), rule)
        };
        weighed.lacking(&visit.actor).iter().map(lacks).collect()
    } else {
        Vec::new()
    };
    let needed = if office && draft.is_some() { weighed.signatures() } else { Vec::new() };
    let head = Head::new(t, opened, viewer, &sections);
    let mut frame = Page::new(hall, visit, t.one("case-title", &head.number));
    frame.parties_name(hall, [head.applicant.as_str()])?;
    frame.faulty = !retry.faults.is_empty();
    let template = CasePage {
        version: opened.version,
        did: if did.is_empty() { String::new() } else { t.code("case-did", did, "") },
        since: sections.happened(&retry.since),
        office,
        stats,
        clocks,
        known_to: known_to(t, &opened.law),
        lacking,
        may_draft: office && forms.may_draft(),
        may_sign: office
            && open
            && needed.iter().any(|need| need.signed_by.is_none())
            && forms.signs(),
        may_advise: visit.actor.role == Role::Agency && open,
        decide: if office { forms.decide() } else { None },
        forms: forms.all(),
        assigned: if office { assigned(&w, &opened.seen) } else { String::new() },
        facts: facts(&w, opened, office),
        cells: sections.cells(),
        agencies: sections.agencies(),
        conditions: sections.conditions(),
        drafted: draft
            .map_or(String::new(), |(_, by, at_us)| t.two("case-by-at", w.who(by), w.at(*at_us))),
        reasoning: draft.map_or(String::new(), |(draft, _, _)| draft.reasoning.clone()),
        content: opened.seen.content_hash().unwrap_or_default(),
        signatures: sections.signatures(&needed),
        licences: licence_links(
            visit,
            opened.seen.outcome.as_ref().map_or(&[][..], |end| end.licences.as_slice()),
        ),
        letters: letter_rows(t, &opened.case.number, &opened.letters),
        outcome: outcome(&w, &opened.seen),
        goods: sections.goods(),
        parties: sections.parties(&opened.screening),
        strong: strong_hits(t, opened),
        questions: sections.questions(&opened.answered_with),
        steps: sections.steps(),
        notes: sections.notes(),
        precedents: sections.precedents(&opened.precedents),
        amendments: sections.amendments(),
        documents: sections.documents(),
        linked: sections.linked(),
        appeal_grounds: opened.seen.application.appeal_grounds.clone(),
        happened: sections.happened(&opened.events),
        head,
        faults: retry.faults.clone(),
        page: frame,
    };
    html(retry.status(), &template)
}

/// The strong hits that wait for somebody: where each is read, and whom it is about.
pub(crate) fn strong_hits(t: &Text, opened: &Opened) -> Vec<(String, String)> {
    let name = |key: &str| {
        let party = opened.case.application.party(key);
        party.map_or_else(|| t.get("case-screening-applicant"), |party| party.name.clone())
    };
    let row = |(key, hit): (&str, &app::screening::UseHit)| {
        let list = crate::pages::screening::list_name(t, &opened.law, &hit.list);
        let score = crate::pages::screening::percent(hit.score_ppm);
        let words = format!("{} – {} ({list}, {score})", name(key), hit.listed_name);
        (format!("/screening/hits/{}", crate::secret::hex(&hit.hit_id)), words)
    };
    opened.screening.strong_open().into_iter().map(row).collect()
}

fn known_to(t: &Text, law: &Law) -> String {
    let calendar = law.clocks.as_ref().map(|(_, calendar)| calendar);
    calendar.map_or(String::new(), |calendar| crate::show::date(t, calendar.known_to().date()))
}

fn assigned(w: &Words<'_>, case: &Case) -> String {
    if case.officer.is_empty() { w.t.get("case-nobody") } else { w.who(&case.officer) }
}

/// How a case ended, in a sentence; nothing while it is open.
fn outcome(w: &Words<'_>, case: &Case) -> String {
    let Some(end) = &case.outcome else { return String::new() };
    let code = end.state.code();
    let state = w.t.code("case-state", code, code);
    let what = if end.cells.is_empty() { end.text.clone() } else { w.summary(end.cells.values()) };
    let head = w.t.two("case-ended", state, w.at(end.at_us));
    if what.is_empty() { head } else { format!("{head} {what}") }
}
