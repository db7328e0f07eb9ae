//! The border on a phone: find a licence by its number or scanned code, read what matters, book a use.
//!
//! A form carries the id of its message and the instant at which it was shown. Sent twice it is the same
//! message, which takes effect once and gets the same answer; a new form has a new id.
//!
//! A correction begins with what is booked under the declaration, which the form then states; where nothing
//! is, there is nothing to correct, and a mistyped number books nothing.

use std::collections::{BTreeMap, BTreeSet};

use app::licence::{LicenceError, LicenceView, Load};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use base::authorisation::Resource;
use jiff::civil::DateTime;
use licensing::draw_down::{Use, UseKey};
use licensing::licence::{Line, PartyNamed, Scope, TestedEvent};
use licensing::message::{Deed, Message, MessageWritten, QuantityWritten, Reason};
use licensing::quantity::Quantity;
use serde::Deserialize;

use super::allotment::{Allotting, open_of};
use super::{LineRow, Stands, at, kind, line_rows, unit_rows, validity, zone};
use crate::api::border::{refused, reply, waited};
use crate::config::Hall;
use crate::form::{Form, encoded};
use crate::law::law;
use crate::ledger::off_thread;
use crate::page::{Page, html};
use crate::pages::case::words::unit_words;
use crate::secret::{hex, moment};
use crate::stop::{FieldFault, Stop, fault};
use crate::text::Text;
use crate::visit::Visit;

/// How a scanned code begins.
const CODE_PREFIX: &str = "GADOLIN:";
/// What customs may do with the form of a line.
const DEEDS: [&str; 5] = ["check", "reserve", "commit", "release", "correct"];

pub(super) type Typed = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "border.html")]
struct FindPage {
    page: Page,
    q: String,
    faults: Vec<FieldFault>,
}

/// `GET /border`.
pub(crate) async fn find(State(hall): State<Hall>, visit: Visit) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    find_page(&hall, &visit, (String::new(), Vec::new()))
}

fn find_page(
    hall: &Hall,
    visit: &Visit,
    (q, faults): (String, Vec<FieldFault>),
) -> Result<Response, Stop> {
    let mut page = Page::new(hall, visit, visit.text().get("border-title"));
    page.faulty = !faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, &FindPage { page, q, faults })
}

/// What was typed or scanned.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Scanned {
    q: String,
}

/// `POST /border`: a number leads to its licence; a code is proved with the authority's key first.
pub(crate) async fn scan(
    State(hall): State<Hall>,
    visit: Visit,
    Form(scanned): Form<Scanned>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let q = scanned.q.trim().to_owned();
    let wrong = |code: &'static str, message: String| {
        let accepted = t.get("border-find-hint");
        vec![FieldFault { field: "q".to_owned(), code, message, accepted }]
    };
    if q.is_empty() {
        let faults = wrong("key_missing", t.get("border-find-blank"));
        return find_page(&hall, &visit, (q, faults));
    }
    let scanned = q.starts_with(CODE_PREFIX);
    let number = if scanned {
        match hall.config.signing.code_number(&q) {
            Ok(number) => number,
            Err(_) => {
                let faults = wrong("code_false", t.get("border-code-false"));
                return find_page(&hall, &visit, (q, faults));
            }
        }
    } else {
        q.clone()
    };
    match seen(&hall, &visit, &number).await {
        Ok(view) if scanned => {
            let shown = Shown { proved: true, ..Shown::default() };
            licence_page(&hall, &visit, (&view, shown)).await
        }
        Ok(_) => {
            let to = format!("/border/licences/{}", encoded(&number));
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(Stop::NotFound) => {
            let faults = wrong("licence_unknown", t.one("border-unknown", &number));
            find_page(&hall, &visit, (q, faults))
        }
        Err(stop) => Err(stop),
    }
}

/// A licence as it stands now.
pub(super) async fn seen(hall: &Hall, visit: &Visit, number: &str) -> Result<LicenceView, Stop> {
    let (border, now, number) = (hall.border.clone(), hall.now(), number.to_owned());
    let found = off_thread(move || {
        border.read(|read| app::licence::view(read, &number, now, Load::Needed))
    });
    let view = found.await?.map_err(|error: LicenceError| refused(error))?;
    visit.look(&view.held.licence.holder);
    Ok(view)
}

/// What a booking came to.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) accepted: bool,
    pub(super) title: String,
    /// What was noted, in words.
    pub(super) marks: Vec<String>,
    pub(super) left: Vec<String>,
    pub(super) held_until: String,
    /// Stable codes of the reasons, to be told to whoever is asked for help.
    pub(super) codes: String,
    /// What follows, in words; empty where nothing does.
    pub(super) next: String,
    /// Where what was booked is corrected; empty where nothing was.
    pub(super) correct_href: String,
}

/// The form for one line.
struct Booking {
    line: u32,
    message: String,
    shown: String,
    deeds: Vec<(&'static str, bool)>,
    declaration: String,
    declaration_line: String,
    /// Name of the field, words of the unit, what was typed, what is left.
    amounts: Vec<(String, String, String, String)>,
    /// Consignee and end user, where the licence leaves them to the declaration.
    parties: Option<(String, String)>,
    /// Open allotments of this post, and whether it is the one drawn from.
    allotments: Vec<(String, bool)>,
    when: String,
    when_label: String,
}

#[derive(Template)]
#[template(path = "border_licence.html")]
struct LicencePage {
    page: Page,
    href: String,
    superseded_href: String,
    holder: String,
    kind: String,
    validity: String,
    stands: Stands,
    proved: bool,
    active: bool,
    changes_open: u64,
    lines: Vec<LineRow>,
    booking: Option<Booking>,
    allotting: Option<Allotting>,
    /// The declaration and its line whose use was asked for.
    correct: (String, String),
    outcome: Option<Outcome>,
    faults: Vec<FieldFault>,
}

/// What is shown beside the licence itself.
#[derive(Default)]
pub(super) struct Shown {
    /// Whether its code was scanned and proved.
    pub(super) proved: bool,
    /// The line that is to be booked; the first where it is the only one.
    pub(super) line: Option<u32>,
    pub(super) typed: Typed,
    /// What was typed to give a post a quantity.
    pub(super) allotting: Typed,
    /// The declaration and its line whose use is asked for, to correct it.
    pub(super) correct: (String, String),
    pub(super) outcome: Option<Outcome>,
    pub(super) faults: Vec<FieldFault>,
}

/// Which line is to be booked, and of which declaration a use is to be corrected.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    line: String,
    declaration: String,
    declaration_line: String,
}

/// `GET /border/licences/{number}`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let view = seen(&hall, &visit, &number).await?;
    let mut shown = Shown { line: asked.line.parse().ok(), ..Shown::default() };
    let line = shown.line.and_then(|line| view.held.licence.line(line));
    if let (Some(line), false) = (line, asked.declaration.trim().is_empty()) {
        let key = UseKey {
            line: line.number,
            declaration: asked.declaration.trim().to_owned(),
            declaration_line: asked.declaration_line.trim().parse().unwrap_or(0),
        };
        match booked(&hall, &view, &key).await? {
            Some(one) => shown.typed = correction(&view, line, &key, &one),
            None => shown.faults.push(nothing_booked(visit.text(), "correct-declaration")),
        }
        shown.correct = (key.declaration, asked.declaration_line);
    }
    licence_page(&hall, &visit, (&view, shown)).await
}

/// What is booked as used under a line of a declaration; nothing where nothing is.
async fn booked(hall: &Hall, view: &LicenceView, key: &UseKey) -> Result<Option<Use>, Stop> {
    let (border, held, key) = (hall.border.clone(), view.held.clone(), key.clone());
    let found = off_thread(move || border.read(|read| app::licence::use_find(read, &held, &key)));
    Ok(found.await?.map_err(refused)?.filter(|one| one.base.is_some() || !one.parts.is_empty()))
}

fn nothing_booked(t: &Text, field: &str) -> FieldFault {
    let message = t.get("border-why-nothing_booked");
    let accepted = t.get("border-correct-hint");
    FieldFault { field: field.to_owned(), code: "border", message, accepted }
}

/// The form that states what is booked: what is wrong with it is typed over.
fn correction(view: &LicenceView, line: &Line, key: &UseKey, one: &Use) -> Typed {
    let mut typed = Typed::from([
        ("deed".to_owned(), "correct".to_owned()),
        ("declaration".to_owned(), key.declaration.clone()),
        ("declaration_line".to_owned(), key.declaration_line.to_string()),
    ]);
    for (place, allowance) in line.allowances.iter().enumerate() {
        let quantity = Quantity { unit: allowance.quantity.unit.clone(), amount: one.drawn(place) };
        typed.insert(amount_name(place), quantity.decimal().to_string());
    }
    // The goods moved no later than their use was told.
    let told = one.base.iter().chain(&one.parts).map(|report| report.at).min();
    if let Some(Ok(told)) = told.map(jiff::Timestamp::from_microsecond) {
        typed.insert("when".to_owned(), local(view, told));
    }
    typed
}

/// An instant as its field has it: day and time of the authority's zone.
fn local(view: &LicenceView, instant: jiff::Timestamp) -> String {
    zone(view).to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

pub(super) async fn licence_page(
    hall: &Hall,
    visit: &Visit,
    (view, shown): (&LicenceView, Shown),
) -> Result<Response, Stop> {
    let t = visit.text();
    let law = law(hall, &hall.config.pack).await?;
    let licence = &view.held.licence;
    let mut page = Page::new(hall, visit, t.one("border-licence-title", &licence.number));
    page.parties_name(hall, [licence.holder.as_str()])?;
    page.faulty = !shown.faults.is_empty();
    let status = if page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let lines = line_rows(t, &law, view);
    let line = match licence.lines.as_slice() {
        [only] => Some(only),
        _ => shown.line.and_then(|number| licence.line(number)),
    };
    let booking = match line {
        Some(line) => Some(booking(hall, visit, (view, line), &lines, &shown.typed)?),
        None => None,
    };
    let allotting = match line {
        Some(line) => Some(Allotting::new(hall, t, (view, line), &shown.allotting)?),
        None => None,
    };
    let stands = Stands::new(t, view);
    let template = LicencePage {
        href: format!("/border/licences/{}", encoded(&licence.number)),
        superseded_href: format!("/border/licences/{}", encoded(&stands.by)),
        holder: licence.holder.clone(),
        kind: kind(t, &law, &licence.kind),
        validity: validity(t, view),
        stands,
        proved: shown.proved,
        active: view.active_at_border,
        changes_open: u64::from(view.changes_open),
        lines,
        booking,
        allotting,
        correct: shown.correct,
        outcome: shown.outcome,
        faults: shown.faults,
        page,
    };
    html(status, &template)
}

/// The form of a line, with the id of a message that nobody has sent yet.
fn booking(
    hall: &Hall,
    visit: &Visit,
    (view, line): (&LicenceView, &Line),
    rows: &[LineRow],
    typed: &Typed,
) -> Result<Booking, Stop> {
    let t = visit.text();
    let fresh = moment(hall.now())?;
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let row = rows.iter().find(|row| row.number == line.number);
    let units = row.map_or(&[][..], |row| row.units.as_slice());
    let amount = |(place, unit): (usize, &super::UnitRow)| {
        let name = amount_name(place);
        let typed = of(&name);
        let words = format!("{} {}", unit.unit.written(), unit_words(t, &unit.unit));
        (name, words, typed, unit.left_plain.clone())
    };
    let chosen = if typed.contains_key("deed") { of("deed") } else { "check".to_owned() };
    let now = jiff::Timestamp::from_microsecond(fresh.now.us()).map_err(|error| fault(&error))?;
    let local = local(view, now);
    let given = |name: &str, party: &PartyNamed| {
        if typed.contains_key(name) { of(name) } else { party.to_string() }
    };
    let parties = (view.held.licence.scope == Scope::Registered)
        .then(|| (given("consignee", &line.consignee), given("end_user", &line.end_user)));
    Ok(Booking {
        line: line.number,
        message: format!("page-{}", hex(fresh.seed.get(..16).unwrap_or_default())),
        shown: fresh.now.to_string(),
        deeds: DEEDS.map(|deed| (deed, deed == chosen)).to_vec(),
        declaration: of("declaration"),
        declaration_line: if typed.is_empty() { "1".to_owned() } else { of("declaration_line") },
        amounts: units.iter().enumerate().map(amount).collect(),
        parties,
        allotments: open_of(view, line, &visit.actor.desk)
            .map(|id| (id.to_owned(), of("allotment") == id))
            .collect(),
        when: if typed.contains_key("when") { of("when") } else { local },
        when_label: t.code("border-when", view.held.licence.terms.tested.field(), ""),
    })
}

fn amount_name(place: usize) -> String {
    format!("amount-{place}")
}

/// What was typed, as a message about this line: what the officer compared is what the line says.
fn written(visit: &Visit, view: &LicenceView, line: &Line, typed: &Typed) -> MessageWritten {
    let licence = &view.held.licence;
    let of = |name: &str| typed.get(name).map_or("", |value| value.trim()).to_owned();
    let party = |name: &str, of_line: &PartyNamed| match licence.scope {
        Scope::Registered if of(name) != of_line.to_string() => {
            PartyNamed { name: of(name), ..PartyNamed::default() }
        }
        Scope::Registered | Scope::Lines => of_line.clone(),
    };
    let deed = of("deed");
    let quantity = |(place, allowance): (usize, &licensing::licence::Allowance)| QuantityWritten {
        unit: allowance.quantity.unit.to_string(),
        amount: of(&amount_name(place)),
        written: match allowance.quantity.unit.is_mass() {
            true => allowance.quantity.unit.written().to_owned(),
            false => String::new(),
        },
    };
    let release = deed == "release";
    let quantities = line.allowances.iter().enumerate().filter(|_| !release).map(quantity);
    let mut message = MessageWritten {
        post: visit.actor.desk.clone(),
        id: of("message"),
        sent_at: of("shown"),
        measure: "absolute".to_owned(),
        licence: licence.number.clone(),
        line: line.number,
        declaration: of("declaration"),
        declaration_line: of("declaration_line").parse().unwrap_or(0),
        good: line.good.key.clone(),
        hs: line.good.hs.clone(),
        consignee: party("consignee", &line.consignee),
        end_user: party("end_user", &line.end_user),
        end_use: line.end_use.clone(),
        destination: line.destination.clone(),
        quantities: quantities.collect(),
        ..MessageWritten::default()
    };
    // What has not happened yet is tested against the instant at which it is asked.
    if deed == "commit" || deed == "correct" {
        message.allotment = of("allotment");
        let when = instant_typed(view, &of("when"));
        match licence.terms.tested {
            TestedEvent::Declaration => message.declared_at = when,
            TestedEvent::Release => message.released_at = when,
            TestedEvent::Departure => message.departed_at = when,
        }
    }
    message.deed = deed;
    message
}

/// A day and time of the authority's zone as an instant; what is none as it was typed, so that it is told.
fn instant_typed(view: &LicenceView, text: &str) -> String {
    let local = text.parse::<DateTime>().ok();
    let instant = local.and_then(|local| zone(view).to_timestamp(local).ok());
    instant.map_or_else(|| text.to_owned(), |instant| instant.to_string())
}

/// The answer to a message.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    pub(super) outcome: String,
    pub(super) reasons: Vec<ReasonTold>,
    marks: Vec<String>,
    reserved_until: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ReasonTold {
    code: String,
    pub(super) part: String,
    message: String,
    accepted: String,
}

impl ReasonTold {
    /// One that is in the words of the page alone.
    pub(super) fn new(code: &str) -> ReasonTold {
        ReasonTold { code: code.to_owned(), ..ReasonTold::default() }
    }

    /// In words, at a field.
    pub(super) fn at(self, t: &Text, field: String) -> FieldFault {
        let message = t.code("border-why", &self.code, &self.message);
        FieldFault { field, code: "border", message, accepted: self.accepted }
    }
}

impl From<Reason> for ReasonTold {
    fn from(reason: Reason) -> ReasonTold {
        ReasonTold {
            code: reason.code.to_owned(),
            part: reason.part,
            message: reason.message,
            accepted: reason.accepted,
        }
    }
}

/// `POST /border/licences/{number}`: tells the message of the form.
pub(crate) async fn book(
    State(hall): State<Hall>,
    visit: Visit,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let view = seen(&hall, &visit, &number).await?;
    let line_number: u32 = typed.get("line").and_then(|line| line.parse().ok()).unwrap_or(0);
    let line = view.held.licence.line(line_number).ok_or(Stop::NotFound)?;
    let told = match written(&visit, &view, line, &typed).read() {
        Ok(message) if message.deed == Deed::Correct => {
            let key = UseKey {
                line: line_number,
                declaration: message.declaration.clone(),
                declaration_line: message.declaration_line,
            };
            if booked(&hall, &view, &key).await?.is_none() {
                let faults = vec![nothing_booked(visit.text(), "declaration")];
                let shown = Shown { line: Some(line_number), typed, faults, ..Shown::default() };
                return licence_page(&hall, &visit, (&view, shown)).await;
            }
            tell(&hall, &visit, message).await?
        }
        Ok(message) => tell(&hall, &visit, message).await?,
        Err(reasons) => Told {
            outcome: "rejected".to_owned(),
            reasons: reasons.into_iter().map(ReasonTold::from).collect(),
            ..Told::default()
        },
    };
    let view = seen(&hall, &visit, &number).await?;
    let (mut outcome, faults) = outcome(visit.text(), (&view, line_number), &typed, told);
    if outcome.accepted
        && matches!(typed.get("deed").map(String::as_str), Some("commit" | "correct"))
    {
        outcome.correct_href = correct_href(&number, line_number, &typed);
    }
    // What was not taken is corrected in the form.
    let typed = if outcome.accepted { typed_next(typed) } else { typed };
    let shown = Shown {
        line: Some(line_number),
        typed,
        outcome: Some(outcome),
        faults,
        ..Shown::default()
    };
    licence_page(&hall, &visit, (&view, shown)).await
}

async fn tell(hall: &Hall, visit: &Visit, message: Message) -> Result<Told, Stop> {
    let (reply, answer) = reply();
    let sent = hall.border.tell(vec![message], &visit.actor.account, reply);
    told(waited(sent, answer).await?)
}

/// The answer of the border's writer to the one thing that it was told.
pub(super) fn told(answers: Vec<String>) -> Result<Told, Stop> {
    let answer = answers.first().ok_or_else(|| fault(&"a message has no answer"))?;
    serde_json::from_str(answer).map_err(|error| fault(&error))
}

/// Where what was just booked is corrected.
fn correct_href(number: &str, line: u32, typed: &Typed) -> String {
    let of = |name: &str| encoded(typed.get(name).map_or("", |value| value.trim()));
    format!(
        "/border/licences/{}?line={line}&declaration={}&declaration_line={}#booking",
        encoded(number),
        of("declaration"),
        of("declaration_line")
    )
}

/// What the form holds once what it said is done: the same declaration with the step that follows, or
/// nothing where the last is done.
fn typed_next(mut typed: Typed) -> Typed {
    let next = match typed.get("deed").map_or("", String::as_str) {
        "check" => "reserve",
        "reserve" => "commit",
        _ => return Typed::new(),
    };
    typed.insert("deed".to_owned(), next.to_owned());
    typed.remove("when");
    typed
}

fn outcome(
    t: &Text,
    (view, line): (&LicenceView, u32),
    typed: &Typed,
    told: Told,
) -> (Outcome, Vec<FieldFault>) {
    let deed = typed.get("deed").map_or("", String::as_str);
    let accepted = told.outcome == "accepted";
    let title = match accepted {
        true => t.code("border-done", deed, ""),
        false => t.code("border-not", &told.outcome, ""),
    };
    let drawn = view.held.licence.lines.iter().find(|drawn| drawn.number == line);
    let units = drawn.map_or_else(Vec::new, |drawn| unit_rows(t, view, drawn));
    let codes = codes_of(&told.reasons);
    let faults = told.reasons.into_iter().map(|reason| worded(t, &units, reason)).collect();
    let held_until = told.reserved_until.and_then(|until| base::Timestamp::parse(&until));
    let outcome = Outcome {
        accepted,
        title,
        marks: told.marks.iter().map(|mark| t.code("licence-mark", mark, mark)).collect(),
        left: units.into_iter().map(|unit| unit.left).collect(),
        codes,
        next: if accepted { t.code("border-next", deed, "") } else { String::new() },
        correct_href: String::new(),
        held_until: held_until.map_or(String::new(), |until| at(t, &zone(view), until.us())),
    };
    (outcome, faults)
}

/// The codes of reasons, each once.
pub(super) fn codes_of(reasons: &[ReasonTold]) -> String {
    let codes: BTreeSet<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
    codes.into_iter().collect::<Vec<_>>().join(", ")
}

/// What is left of a line, unit by unit.
pub(super) fn left_now(t: &Text, view: &LicenceView, line: u32) -> Vec<String> {
    let line = view.held.licence.line(line);
    let units = line.map_or_else(Vec::new, |line| unit_rows(t, view, line));
    units.into_iter().map(|unit| unit.left).collect()
}

/// A reason in words; at the field that it is about.
fn worded(t: &Text, units: &[super::UnitRow], reason: ReasonTold) -> FieldFault {
    let words = t.code("border-why", &reason.code, &reason.message);
    let unit = reason.part.strip_prefix("quantities.");
    let place = unit.and_then(|unit| units.iter().position(|row| row.unit.to_string() == unit));
    let field = match reason.part.as_str() {
        part if part.starts_with("quantities") => amount_name(place.unwrap_or(0)),
        "declared_at" | "released_at" | "departed_at" => "when".to_owned(),
        part @ ("declaration" | "declaration_line" | "consignee" | "end_user") => part.to_owned(),
        part @ "allotment" => part.to_owned(),
        _ => "booking".to_owned(),
    };
    let of = place.and_then(|place| units.get(place));
    let message = of.map_or(words.clone(), |row| {
        let unit = format!("{} {}", row.unit.written(), unit_words(t, &row.unit));
        t.two("border-reason", unit, words)
    });
    FieldFault { field, code: "border", message, accepted: reason.accepted }
}
