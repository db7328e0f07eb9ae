//! The statutory clock, for everybody: when an answer is due, with a proof for every day.
//!
//! A question is an address, so that it can be kept and sent; nothing of it is stored.

use std::sync::Arc;

use app::law::Law;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::authorisation::Resource;
use controls::clock::{Answer, ClockAnswer, ClockRules, Proofs, answer, events_read, reckon};
use controls::{Calendar, Confidence, PackFault};
use serde_json::json;

use crate::config::Hall;
use crate::form::fields;
use crate::law::{law, laws};
use crate::page::{Page, html};
use crate::show;
use crate::stop::{FieldFault, Stop};
use crate::text::{Language, Text};
use crate::visit::Visit;

/// Rows for events offered beyond those filled in.
const ROWS_SPARE: usize = 2;
/// The most events of one question on the page; a longer case goes to the API.
const ROWS_MAX: usize = 40;

/// A pack as a choice.
pub(crate) struct PackChoice {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) chosen: bool,
}

/// The packs as choices.
pub(crate) fn pack_choices(t: &Text, laws: &[Arc<Law>], chosen: &str) -> Vec<PackChoice> {
    let choice = |law: &Arc<Law>| PackChoice {
        id: law.id.clone(),
        title: law_title(t, law),
        chosen: law.id == chosen,
    };
    laws.iter().map(choice).collect()
}

/// The title of a pack in the language of the page.
pub(crate) fn law_title(t: &Text, law: &Law) -> String {
    worded(t, &law.pack.settings.title_en, &law.pack.settings.title_zh)
}

/// The one of two wordings that is in the language of the page.
pub(crate) fn worded(t: &Text, en: &str, zh: &str) -> String {
    match t.language {
        Language::English => en.to_owned(),
        Language::Chinese => zh.to_owned(),
    }
}

struct EventChoice {
    id: String,
    name: String,
    chosen: bool,
}

struct EventRow {
    number: usize,
    at: String,
    kinds: Vec<EventChoice>,
    agency: String,
    notice: String,
}

/// A day of a clock's proof.
pub(crate) struct DayRow {
    pub(crate) date: String,
    pub(crate) counts: bool,
    pub(crate) number: String,
    pub(crate) why: String,
}

/// A clock as a page shows it.
pub(crate) struct ClockView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) due: String,
    pub(crate) provisional: bool,
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) rule: String,
    pub(crate) note: String,
    pub(crate) confidence: &'static str,
    pub(crate) days: Vec<DayRow>,
}

#[derive(Template)]
#[template(path = "clock.html")]
struct ClockPage {
    page: Page,
    packs: Vec<PackChoice>,
    zone: String,
    notice: String,
    now: String,
    events: Vec<EventRow>,
    asked: bool,
    clocks: Vec<ClockView>,
    findings: Vec<String>,
    known_to: String,
    faults: Vec<FieldFault>,
}

/// One event as the form sends it.
#[derive(Default, Clone)]
struct Sent {
    at: String,
    event: String,
    agency: String,
    notice: String,
}

/// What the form sends.
#[derive(Default)]
struct Asked {
    pack: String,
    now: String,
    events: Vec<Sent>,
}

impl Asked {
    fn read(query: &str) -> Asked {
        let mut asked = Asked::default();
        for (name, value) in fields(query.as_bytes()) {
            match name.as_str() {
                "pack" => asked.pack = value,
                "now" => asked.now = value,
                "at" if asked.events.len() < ROWS_MAX => {
                    asked.events.push(Sent { at: value, ..Sent::default() });
                }
                "event" | "agency" | "notice_days" => {
                    let Some(last) = asked.events.last_mut() else { continue };
                    match name.as_str() {
                        "event" => last.event = value,
                        "agency" => last.agency = value,
                        _ => last.notice = value,
                    }
                }
                _ => {}
            }
        }
        asked.events.retain(|sent| !sent.at.trim().is_empty());
        asked
    }
}

/// An instant of the zone out of what a browser sends for a day and hour, or out of RFC 3339.
fn instant(text: &str, calendar: &Calendar) -> Option<jiff::Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant);
    }
    let civil = text
        .parse::<jiff::civil::DateTime>()
        .ok()
        .or_else(|| text.parse::<jiff::civil::Date>().ok().map(|day| day.at(9, 0, 0, 0)))?;
    calendar.zone().to_timestamp(civil).ok()
}

fn fault(field: String, code: &'static str, message: String, accepted: String) -> FieldFault {
    FieldFault { field, code, message, accepted }
}

/// The events as lines of the door of `gadolin clock`; the faults name the rows of the form.
fn lines(
    t: &Text,
    asked: &Asked,
    calendar: &Calendar,
    faults: &mut Vec<FieldFault>,
) -> (String, Option<jiff::Timestamp>) {
    let mut text = String::new();
    for (row, sent) in asked.events.iter().enumerate() {
        let Some(at) = instant(&sent.at, calendar) else {
            let message = t.one("clock-fault-at", &sent.at);
            faults.push(fault(format!("at-{}", row + 1), "at", message, String::new()));
            continue;
        };
        let mut line = json!({ "at": at.to_string(), "event": sent.event.trim() });
        if !sent.agency.trim().is_empty() {
            line["agency"] = json!(sent.agency.trim());
        }
        if !sent.notice.trim().is_empty() {
            line["notice_days"] = match sent.notice.trim().parse::<u32>() {
                Ok(days) => json!(days),
                Err(_) => json!(sent.notice.trim()),
            };
        }
        text.push_str(&line.to_string());
        text.push('\n');
    }
    let now = match asked.now.trim() {
        "" => None,
        given => {
            let now = instant(given, calendar);
            if now.is_none() {
                let message = t.one("clock-fault-at", given);
                faults.push(fault("now".to_owned(), "now", message, String::new()));
            }
            now
        }
    };
    (text, now)
}

/// Works the clocks out, or says every fault of the question.
fn worked(
    t: &Text,
    id: &str,
    (rules, calendar): (&ClockRules, &Calendar),
    asked: &Asked,
) -> Result<Answer, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let (text, now) = lines(t, asked, calendar, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let of_row = |wrong: PackFault| {
        let field = if wrong.field == "event" { "event" } else { "at" };
        fault(format!("{field}-{}", wrong.line), wrong.code, wrong.message, wrong.accepted)
    };
    let told = |wrong: Vec<PackFault>| wrong.into_iter().map(of_row).collect::<Vec<_>>();
    let events = events_read(rules, &text).map_err(told)?;
    let reckoning = reckon(rules, calendar, &events, now).map_err(told)?;
    Ok(answer(id, rules, calendar, &events, &reckoning, Proofs::Every))
}

/// A due date as people read it: one day, a span, or that there is none.
pub(crate) fn due_text(
    t: &Text,
    on: Option<base::Date>,
    earliest: Option<base::Date>,
    latest: Option<base::Date>,
) -> String {
    match (on, earliest, latest) {
        (Some(day), _, _) => show::date(t, day),
        (None, Some(first), Some(last)) => {
            t.two("clock-due-between", show::date(t, first), show::date(t, last))
        }
        (None, Some(first), None) => t.one("clock-due-from", show::date(t, first)),
        _ => t.get("clock-due-none"),
    }
}

/// The code of a clock's state.
pub(crate) fn state_code(clock: &ClockAnswer) -> &'static str {
    use controls::clock::State;
    match clock.state {
        State::Running => "running",
        State::Stopped => "stopped",
        State::Unlimited => "unlimited",
        State::Met => "met",
        State::Overdue => "overdue",
    }
}

/// The code of a value of a small enumeration, as it is in JSON.
pub(crate) fn coded(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

/// A clock in words.
pub(crate) fn clock_view(t: &Text, rules: &ClockRules, clock: &ClockAnswer) -> ClockView {
    let name = worded(t, &clock.name_en, &clock.name_zh);
    let event_name = |id: &str| {
        let kind = rules.events.iter().find(|kind| kind.id == id);
        kind.map_or_else(|| id.to_owned(), |kind| worded(t, &kind.name_en, &kind.name_zh))
    };
    let unit = t.code("unit", &coded(&clock.unit), "");
    let mut facts = vec![(
        t.get("clock-starts"),
        t.two("clock-by", show::date(t, clock.starts), event_name(&clock.started_by)),
    )];
    if clock.deemed {
        facts.push((t.get("clock-deemed"), t.get("clock-deemed-text")));
    }
    if let Some(limit) = clock.limit {
        facts.push((t.get("clock-limit"), format!("{limit} {unit}")));
    }
    let used = match clock.days_used_at_most {
        Some(most) => format!("{}–{most}", clock.days_used),
        None => clock.days_used.to_string(),
    };
    facts.push((t.get("clock-used"), used));
    if let Some(left) = clock.days_left {
        facts.push((t.get("clock-left"), left.to_string()));
    }
    if let (Some(day), Some(by)) = (clock.ended, &clock.ended_by) {
        facts.push((t.get("clock-ended"), t.two("clock-by", show::date(t, day), event_name(by))));
    }
    if let Some(by) = &clock.removed_by {
        facts.push((t.get("clock-removed"), event_name(by)));
    }
    if let Some(day) = clock.due_date_by_notice {
        facts.push((t.get("clock-by-notice"), show::date(t, day)));
    }
    facts.push((t.get("clock-breach"), t.code("breach", &coded(&clock.on_breach), "")));
    facts.push((t.get("clock-binding"), t.code("binding", &coded(&clock.binding), "")));
    let days = clock.proof.iter().map(|day| DayRow {
        date: show::date(t, day.date),
        counts: day.counts,
        number: if day.counts { day.number.to_string() } else { String::new() },
        // The proof's own words say more, in English.
        why: match t.language {
            Language::English => day.why.clone(),
            Language::Chinese => t.code("day", day.code, &day.why),
        },
    });
    ClockView {
        id: format!("{}-{}", clock.clock, clock.number),
        name: match (&clock.agency, clock.number) {
            (Some(agency), _) => format!("{name}: {agency}"),
            (None, 1) => name,
            (None, number) => format!("{name} ({number})"),
        },
        state: state_code(clock),
        due: due_text(t, clock.due_date, clock.due_date_earliest, clock.due_date_latest),
        provisional: clock.provisional,
        facts,
        rule: clock.rule.clone(),
        note: clock.note.clone(),
        confidence: confidence_doubt(clock.confidence),
        days: days.collect(),
    }
}

/// The code of a confidence that is to be shown; nothing of what is sure.
pub(crate) fn confidence_doubt(confidence: Confidence) -> &'static str {
    if confidence == Confidence::High { "" } else { confidence.code() }
}

fn event_row(t: &Text, rules: Option<&ClockRules>, number: usize, sent: &Sent) -> EventRow {
    let kinds = rules.map_or(&[][..], |rules| &rules.events);
    EventRow {
        number,
        at: sent.at.clone(),
        kinds: kinds
            .iter()
            .map(|kind| EventChoice {
                id: kind.id.clone(),
                name: worded(t, &kind.name_en, &kind.name_zh),
                chosen: kind.id == sent.event,
            })
            .collect(),
        agency: sent.agency.clone(),
        notice: sent.notice.clone(),
    }
}

/// `GET /controls/clock`.
pub(crate) async fn show(
    State(hall): State<Hall>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Stop> {
    visit.allow(Resource::Platform)?;
    let t = visit.text();
    let mut asked = Asked::read(query.as_deref().unwrap_or(""));
    if asked.pack.is_empty() {
        hall.config.pack.clone_into(&mut asked.pack);
    }
    let chosen = law(&hall, &asked.pack).await?;
    let rules = chosen.clocks.as_ref();
    let mut faults = Vec::new();
    let mut answered = None;
    if let Some((rules, calendar)) = rules
        && !asked.events.is_empty()
    {
        match worked(t, &chosen.id, (rules, calendar), &asked) {
            Ok(answer) => answered = Some(answer),
            Err(wrong) => faults = wrong,
        }
    }
    let rows = asked.events.len() + ROWS_SPARE;
    let sent = |row: usize| asked.events.get(row).cloned().unwrap_or_default();
    let mut page = Page::new(&hall, &visit, t.get("clock-title"));
    page.faulty = !faults.is_empty();
    let template = ClockPage {
        packs: pack_choices(t, &laws(&hall).await?, &chosen.id),
        zone: rules.map_or(String::new(), |law| law.1.zone_name().to_owned()),
        notice: worded(t, &chosen.pack.settings.notice_en, &chosen.pack.settings.notice_zh),
        now: asked.now.clone(),
        events: (0..rows)
            .map(|row| event_row(t, rules.map(|law| &law.0), row + 1, &sent(row)))
            .collect(),
        asked: answered.is_some(),
        clocks: match (&answered, rules) {
            (Some(answer), Some((rules, _))) => {
                answer.clocks.iter().map(|clock| clock_view(t, rules, clock)).collect()
            }
            _ => Vec::new(),
        },
        findings: answered
            .iter()
            .flat_map(|answer| &answer.findings)
            .map(|finding| finding.message.clone())
            .collect(),
        known_to: rules.map_or(String::new(), |law| show::date(t, law.1.known_to().date())),
        faults,
        page,
    };
    let status =
        if template.page.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html(status, &template)
}
