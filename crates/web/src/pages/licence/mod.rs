//! Licences as pages show them: how one stands, what its lines say, what is left of each.
//!
//! INVARIANT: amounts are those of the book ([`licensing::draw_down::Book`]); nothing is added up here, and no
//! unit is put beside another.

pub(crate) mod allotment;
pub(crate) mod border;
pub(crate) mod check;
pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod paper;
pub(crate) mod users;

use app::law::Law;
use app::licence::LicenceView;
use base::Timestamp;
use jiff::tz::TimeZone;
use licensing::licence::{Change, Line, Standing, zone_find};
use licensing::quantity::{Quantity, Unit};

use crate::pages::case::words::{condition_words, quantity_words};
use crate::pages::clock::worded;
use crate::show;
use crate::text::{Language, Text};

/// A unit of a line.
pub(crate) struct UnitRow {
    pub(crate) unit: Unit,
    pub(crate) granted: String,
    /// The most that may leave, with the tolerance; empty where there is none.
    pub(crate) ceiling: String,
    pub(crate) drawn: String,
    /// Empty where nothing is held.
    pub(crate) held: String,
    /// Empty where nothing is allotted.
    pub(crate) allotted: String,
    pub(crate) left: String,
    /// What is left, as one types it.
    pub(crate) left_plain: String,
}

/// A line as it is read at the border.
pub(crate) struct LineRow {
    pub(crate) number: u32,
    pub(crate) good: String,
    pub(crate) codes: String,
    pub(crate) hs: String,
    pub(crate) consignee: String,
    pub(crate) end_user: String,
    pub(crate) end_use: String,
    pub(crate) destination: String,
    pub(crate) units: Vec<UnitRow>,
    pub(crate) conditions: Vec<String>,
}

/// How a licence stands.
pub(crate) struct Stands {
    pub(crate) words: String,
    pub(crate) tag: &'static str,
    /// Why it is not in force, where somebody said so.
    pub(crate) reason: String,
    /// The licence that took its place; empty where none did.
    pub(crate) by: String,
}

impl Stands {
    pub(crate) fn new(t: &Text, view: &LicenceView) -> Stands {
        let standing = &view.standing;
        Stands {
            words: t.code("licence-standing", standing.code(), standing.code()),
            tag: standing_tag(standing),
            reason: reason_of(view),
            by: match standing {
                Standing::Superseded { by } => by.clone(),
                _ => String::new(),
            },
        }
    }
}

pub(crate) fn standing_tag(standing: &Standing) -> &'static str {
    match standing {
        Standing::InForce => "gd-tag-good",
        Standing::NotIssued | Standing::NotYetValid => "gd-tag-plain",
        Standing::Suspended => "gd-tag-warning",
        Standing::Revoked
        | Standing::Surrendered
        | Standing::Superseded { .. }
        | Standing::Closed
        | Standing::Expired
        | Standing::Exhausted => "gd-tag-error",
    }
}

/// The reason given with the change by which it is not in force.
fn reason_of(view: &LicenceView) -> String {
    let code = view.standing.code();
    let last = view.held.events.iter().rfind(|event| event.change.code() == code);
    last.map_or(String::new(), |event| reason(&event.change).to_owned())
}

/// What was said with a change.
pub(crate) fn reason(change: &Change) -> &str {
    match change {
        Change::Suspended { reason }
        | Change::Reinstated { reason }
        | Change::Revoked { reason }
        | Change::Surrendered { reason }
        | Change::Closed { reason } => reason,
        Change::Superseded { by } => by,
        Change::Issued | Change::Activated | Change::UserRegistered(_) => "",
    }
}

/// The name of a kind of licence; its id where the pack has none.
pub(crate) fn kind(t: &Text, law: &Law, id: &str) -> String {
    let known = law.rules.licence_type(id);
    known.map_or_else(|| id.to_owned(), |of| worded(t, &of.name_en, &of.name_zh))
}

/// A country or area with its code.
pub(crate) fn country(t: &Text, code: &str) -> String {
    let (english, chinese) = app::paper::country_names(code);
    let name = match t.language {
        Language::English => english,
        Language::Chinese => chinese,
    };
    if name.is_empty() { code.to_owned() } else { format!("{name} ({code})") }
}

/// The lines with what is left of each.
pub(crate) fn line_rows(t: &Text, law: &Law, view: &LicenceView) -> Vec<LineRow> {
    view.held.licence.lines.iter().map(|line| line_row(t, law, view, line)).collect()
}

fn line_row(t: &Text, law: &Law, view: &LicenceView, line: &Line) -> LineRow {
    let condition = |condition| condition_words(t, law, condition);
    LineRow {
        number: line.number,
        good: line.good.name.clone(),
        codes: line.good.control_codes.join(", "),
        hs: line.good.hs.clone(),
        consignee: line.consignee.to_string(),
        end_user: line.end_user.to_string(),
        end_use: t.code("use", &line.end_use, &line.end_use),
        destination: country(t, &line.destination),
        units: unit_rows(t, view, line),
        conditions: line.conditions.iter().map(condition).collect(),
    }
}

/// The units of a line with what is left of each.
pub(crate) fn unit_rows(t: &Text, view: &LicenceView, line: &Line) -> Vec<UnitRow> {
    let head = view.book.heads.get(&line.number);
    let rows = line.allowances.iter().enumerate().map(|(place, allowance)| {
        let unit = &allowance.quantity.unit;
        let words = |amount: i64| quantity_words(t, &Quantity { unit: unit.clone(), amount });
        let some = |amount: i64| if amount == 0 { String::new() } else { words(amount) };
        let at = |amounts: &[i64]| amounts.get(place).copied().unwrap_or(0);
        let granted = allowance.quantity.amount;
        let left = (granted - head.map_or(0, |head| head.taken(place))).max(0);
        let ceiling = allowance.ceiling();
        UnitRow {
            unit: unit.clone(),
            granted: words(granted),
            ceiling: if ceiling == granted { String::new() } else { words(ceiling) },
            drawn: words(head.map_or(0, |head| at(&head.drawn))),
            held: some(head.map_or(0, |head| at(&head.held))),
            allotted: some(head.map_or(0, |head| at(&head.allotted))),
            left: words(left),
            left_plain: Quantity { unit: unit.clone(), amount: left }.decimal().to_string(),
        }
    });
    rows.collect()
}

/// The authority's zone, as the licence states it.
pub(crate) fn zone(view: &LicenceView) -> TimeZone {
    zone_find(&view.held.licence.terms.zone).unwrap_or(TimeZone::UTC)
}

/// An instant to the minute, in a zone.
pub(crate) fn at(t: &Text, zone: &TimeZone, at_us: i64) -> String {
    let Ok(instant) = jiff::Timestamp::from_microsecond(at_us) else {
        return show::instant(t, Timestamp::from_us(at_us));
    };
    let local = zone.to_datetime(instant);
    let (day, time) = (show::date(t, local.date()), local.time());
    format!("{day} {:02}:{:02}", time.hour(), time.minute())
}

/// From when until when it is valid.
pub(crate) fn validity(t: &Text, view: &LicenceView) -> String {
    let licence = &view.held.licence;
    let to = if licence.valid_to == licensing::grant::day_without_end() {
        t.get("licence-without-end")
    } else {
        show::date(t, licence.valid_to)
    };
    t.two("licence-validity", show::date(t, licence.valid_from), to)
}
