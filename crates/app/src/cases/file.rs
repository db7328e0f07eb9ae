//! What a case file holds beside the case: its days, whom it waits for, what its goods are.

use std::collections::BTreeMap;

use base::{Date, Timestamp};
use controls::classify::Classifier;
use controls::clock::{Breach, Per, Reckoning, reckon};
use controls::day::Day;
use controls::good::Good as GoodAsked;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use licensing::application::{Application, Good, Key};
use licensing::case::{Case, Event, Recorded};
use licensing::decide::By;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{CaseRecord, CaseRow};

use super::CaseError;
use crate::law::Law;

/// The longest text of goods that the queue shows.
const GOODS_CHARS: usize = 120;

/// What one event of the log says about a case.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Number of the case.
    pub(super) number: String,
    /// What happened, in order.
    pub(super) events: Vec<Recorded>,
}

/// The zone of the authority's days.
#[must_use]
pub fn zone(law: &Law) -> TimeZone {
    law.clocks.as_ref().map_or(TimeZone::UTC, |(_, calendar)| calendar.zone().clone())
}

/// The date of an instant in a zone.
#[must_use]
pub fn date_in(zone: &TimeZone, at: Timestamp) -> Date {
    jiff::Timestamp::from_microsecond(at.us())
        .map_or(Date::MAX, |instant| zone.to_datetime(instant).date())
}

/// Events as they are recorded after `version`.
pub(super) fn recorded(
    version: u32,
    by: &By<'_>,
    now: Timestamp,
    events: Vec<Event>,
) -> Vec<Recorded> {
    let number = |(place, event)| Recorded {
        seq: version + 1 + place,
        at_us: now.us(),
        account: by.account.to_owned(),
        acting_for: by.acting_for.to_owned(),
        event,
    };
    (0u32..).zip(events).map(number).collect()
}

/// The control codes of each good of an application, by the list in force on the day.
#[must_use]
pub fn goods_classified(
    law: &Law,
    application: &Application,
    now: Timestamp,
) -> BTreeMap<Key, Vec<String>> {
    goods_classified_by(&super::classifier_on(law, now), application)
}

/// The same by a classifier that is prepared.
#[must_use]
pub fn goods_classified_by(
    classifier: &Classifier<'_>,
    application: &Application,
) -> BTreeMap<Key, Vec<String>> {
    let codes = |good: &Good| {
        let answer = GoodAsked::from_object(&good_object(good)).map(|g| classifier.classify(&g));
        let mut codes: Vec<String> = answer.map_or_else(
            |_| Vec::new(),
            |answer| answer.items.iter().map(|item| item.control_code.clone()).collect(),
        );
        codes.sort();
        codes.dedup();
        codes
    };
    application.goods.iter().map(|good| (good.key.clone(), codes(good))).collect()
}

/// A good as the door of `classify` takes it.
#[must_use]
pub fn good_object(good: &Good) -> Map<String, Value> {
    let mut object = Map::new();
    let texts = [
        ("id", &good.key),
        ("name", &good.name),
        ("hs", &good.hs),
        ("grade", &good.grade),
        ("form", &good.form),
        ("origin", &good.origin),
    ];
    for (field, text) in texts {
        if !text.is_empty() {
            object.insert(field.to_owned(), Value::from(text.as_str()));
        }
    }
    for (field, pairs) in [("composition", &good.composition), ("parameters", &good.parameters)] {
        if !pairs.is_empty() {
            object.insert(field.to_owned(), serde_json::json!(pairs));
        }
    }
    object
}

/// What happened in a case, as the reckoning of its pack's clocks takes it; nothing where the pack has none.
pub(super) fn clock_lines(law: &Law, case: &Case) -> Option<Vec<controls::clock::Event>> {
    let (rules, _) = law.clocks.as_ref()?;
    let mut events = Vec::new();
    for (line, happened) in (1u32..).zip(licensing::clock_events::clock_events(case)) {
        // What this pack does not know does not move its clocks.
        let Some(kind) = rules.event(&happened.code) else { continue };
        events.push(controls::clock::Event {
            line,
            at: jiff::Timestamp::from_microsecond(happened.at_us).ok()?,
            kind,
            agency: (!happened.agency.is_empty()).then(|| happened.agency.clone()),
            notice_days: happened.notice_days,
        });
    }
    Some(events)
}

/// All clocks of a case as of an instant; nothing where the pack has no clocks.
#[must_use]
pub fn case_reckoning(law: &Law, case: &Case, now: Timestamp) -> Option<Reckoning> {
    let (rules, calendar) = law.clocks.as_ref()?;
    let events = clock_lines(law, case)?;
    let now = jiff::Timestamp::from_microsecond(now.us()).ok()?;
    reckon(rules, calendar, &events, Some(now)).ok()
}

/// The day on which a case's decision is due, and the day on which a stock runs out, counted from
/// 1970-01-01.
#[must_use]
pub fn case_days(law: &Law, case: &Case, now: Timestamp) -> (Option<i64>, Option<i64>) {
    let due = case_reckoning(law, case, now).and_then(|reckoning| {
        let rules = &law.clocks.as_ref()?.0;
        let open = reckoning.clocks.iter().filter(|clock| clock.ended.is_none());
        // Of those that run, the first: before acceptance that is the check for completeness.
        open.filter(|clock| rules.clocks[clock.rule].per == Per::Case)
            .filter_map(|clock| clock.due.earliest())
            .map(|day| i64::from(day.0))
            .min()
    });
    let received = date_in(&zone(law), case.received_at());
    let stock = case.application.inventory_days().and_then(|days| {
        let out = received.checked_add(i64::from(days).days()).ok()?;
        Some(epoch_day(out))
    });
    (due, stock)
}

/// The day on which the advice of each agency is due that was asked and has not answered, by agency, counted
/// from 1970-01-01. An agency for which the pack names no time has none.
#[must_use]
pub fn advice_days(law: &Law, case: &Case, now: Timestamp) -> BTreeMap<String, i64> {
    let waited = |agency: &str| case.agencies.get(agency).is_some_and(|p| p.replied.is_none());
    if !case.state.open() || !case.agencies.keys().any(|agency| waited(agency)) {
        return BTreeMap::new();
    }
    let Some(reckoning) = case_reckoning(law, case, now) else { return BTreeMap::new() };
    let mut days = BTreeMap::new();
    for clock in reckoning.clocks.iter().filter(|clock| clock.ended.is_none()) {
        if let (Some(agency), Some(day)) = (&clock.agency, clock.due.earliest())
            && waited(agency)
        {
            let first = days.entry(agency.clone()).or_insert(i64::from(day.0));
            *first = (*first).min(i64::from(day.0));
        }
    }
    days
}

/// Days since 1970-01-01.
#[must_use]
pub fn epoch_day(date: Date) -> i64 {
    i64::from(Day::of(date).0)
}

/// The date so many days after 1970-01-01.
#[must_use]
pub fn date_of_day(day: i64) -> Option<Date> {
    let day = i32::try_from(day).ok()?;
    Date::constant(1970, 1, 1).checked_add(i64::from(day).days()).ok()
}

/// Agencies whose time ran out where silence is no objection.
pub(super) fn agencies_silent(law: &Law, case: &Case, now: Timestamp) -> Vec<String> {
    let Some(reckoning) = case_reckoning(law, case, now) else { return Vec::new() };
    let Some((rules, _)) = law.clocks.as_ref() else { return Vec::new() };
    reckoning
        .clocks
        .iter()
        .filter(|clock| {
            clock.breached_on.is_some()
                && rules.clocks[clock.rule].on_breach == Breach::DeemedNoObjection
        })
        .filter_map(|clock| clock.agency.clone())
        .collect()
}

/// Who must act next: a code of the table of case files.
#[must_use]
pub fn waits_for(case: &Case) -> &'static str {
    let asked = case.agencies.values().any(|part| part.replied.is_none());
    if !case.state.open() {
        "nobody"
    } else if case.questions_open().next().is_some() {
        "applicant"
    } else if case.steps.iter().any(|step| step.ended.is_none()) {
        "step"
    } else if case.draft.is_some() && !asked {
        "signature"
    } else if asked {
        "agency"
    } else {
        "officer"
    }
}

/// The case file of a case.
pub(super) fn record(
    law: &Law,
    owner_id: [u8; 16],
    case: &Case,
    now: Timestamp,
) -> Result<CaseRecord, CaseError> {
    let (due_day, stock_out_day) = case_days(law, case, now);
    let received_day = epoch_day(date_in(&zone(law), case.received_at()));
    let mut goods = String::new();
    for good in &case.application.goods {
        let comma = if goods.is_empty() { "" } else { ", " };
        goods.push_str(comma);
        goods.push_str(&good.name);
    }
    let body = serde_json::to_string(case).map_err(|error| CaseError::Damaged {
        number: case.number.clone(),
        what: error.to_string(),
    })?;
    Ok(CaseRecord {
        owner_id,
        case_id: case.id,
        row: CaseRow {
            number: case.number.clone(),
            applicant: case.applicant.clone(),
            state: case.state.code().to_owned(),
            open: i64::from(case.state.open()),
            licence_type: case.application.licence_type.clone(),
            officer: case.officer.clone(),
            waits_for: waits_for(case).to_owned(),
            received_at_us: case.received_at_us,
            due_day,
            stock_out_day,
            urgency: licensing::urgency::urgency_key(due_day, stock_out_day, received_day),
            goods: goods.chars().take(GOODS_CHARS).collect(),
            destinations: super::forecast::destinations_of(&case.application),
        },
        version: case.version,
        body,
    })
}
