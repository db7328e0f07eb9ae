//! Uses of a general licence at the border: a message of customs, and whether it may have its effect.
//!
//! A general licence has no quantity that could be used up, so a use is recorded, not drawn. Of reports about
//! the same line of a declaration the one sent last counts, whatever arrives first; one of nothing takes the
//! use back. What has left already is a fact: it is recorded, and marked where it should not have been.

use std::collections::{BTreeMap, BTreeSet};

use base::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{
    DeclaredUse, GeneralLicence, Notice, Registration, RegistrationState, day_in, days_after,
};
use crate::draw_down::CLOCK_AHEAD_US;
use crate::licence::{PartyNamed, TestedEvent};
use crate::message::{
    Instants, QuantityWritten, Reason, instant, key_check, quantities_read_with_zero,
};
use crate::quantity::Quantity;

/// Characters of a text of a message at most.
const TEXT_MAX: usize = 200;
/// Control codes of a line at most.
const CODES_MAX: usize = 20;

/// What customs wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseDeed {
    /// May it leave? Changes nothing.
    Check,
    /// It is used: recorded, or refused.
    Use,
    /// It has left: recorded, and marked where it should not have been.
    Left,
}

impl UseDeed {
    /// All of them.
    pub const ALL: [UseDeed; 3] = [UseDeed::Check, UseDeed::Use, UseDeed::Left];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            UseDeed::Check => "check",
            UseDeed::Use => "use",
            UseDeed::Left => "left",
        }
    }
}

/// A message as it is written. What is missing reads as empty, so that it can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UseWritten {
    /// The border post, or the system, that sends it.
    pub post: String,
    /// Its id, unique for the post.
    pub id: String,
    /// When it was sent (RFC 3339).
    pub sent_at: String,
    /// `check`, `use` or `left`.
    pub deed: String,
    /// Number of the registration.
    pub registration: String,
    /// The exporter declared, `scheme:value`.
    pub exporter: String,
    /// Reference of the customs declaration.
    pub declaration: String,
    /// Line (item) of the declaration.
    pub declaration_line: u32,
    /// Control codes declared.
    pub control_codes: Vec<String>,
    /// Tariff code declared.
    pub hs: String,
    /// Consignee declared.
    pub consignee: PartyNamed,
    /// Code of the end use declared; empty where none is.
    pub end_use: String,
    /// Country or area of destination declared.
    pub destination: String,
    /// Quantities; none, or 0, takes the use back.
    pub quantities: Vec<QuantityWritten>,
    /// When the declaration was accepted (RFC 3339).
    pub declared_at: String,
    /// When customs released the goods (RFC 3339).
    pub released_at: String,
    /// When they left (RFC 3339).
    pub departed_at: String,
}

/// A message that could be read. Its serialised form is what counts as "the same message".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneralUse {
    /// Who sends it.
    pub post: String,
    /// Its id, unique for the post.
    pub id: String,
    /// When it was sent, µs.
    pub sent_us: i64,
    /// What is wanted.
    pub deed: UseDeed,
    /// Number of the registration.
    pub registration: String,
    /// The exporter.
    pub exporter: String,
    /// Which use.
    pub of: DeclaredUse,
    /// Control codes.
    pub control_codes: Vec<String>,
    /// Tariff code.
    pub hs: String,
    /// Consignee.
    pub consignee: PartyNamed,
    /// End use.
    pub end_use: String,
    /// Destination.
    pub destination: String,
    /// Quantities.
    pub quantities: Vec<Quantity>,
    /// When what happened.
    pub instants: Instants,
}

impl UseWritten {
    /// Reads it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(self) -> Result<GeneralUse, Vec<Reason>> {
        let mut faults = Vec::new();
        let deed = UseDeed::ALL.into_iter().find(|deed| deed.code() == self.deed);
        if deed.is_none() {
            let text: String = self.deed.chars().filter(|c| !c.is_control()).take(64).collect();
            let message = format!("`{text}` is no deed");
            faults.push(Reason::new("deed_unknown", "deed", message, "check, use or left"));
        }
        for (part, text) in [
            ("post", &self.post),
            ("id", &self.id),
            ("registration", &self.registration),
            ("declaration", &self.declaration),
        ] {
            key_check(part, text, &mut faults);
        }
        if self.declaration_line == 0 {
            let message = "`declaration_line` is missing";
            faults.push(Reason::new(
                "number_missing",
                "declaration_line",
                message,
                "a number from 1",
            ));
        }
        if self.control_codes.len() > CODES_MAX {
            let message = format!("there are {} control codes", self.control_codes.len());
            faults.push(Reason::new("codes_many", "control_codes", message, "at most 20"));
        }
        let codes = self.control_codes.iter().map(|code| ("control_codes", code));
        let texts = [
            ("exporter", &self.exporter),
            ("hs", &self.hs),
            ("consignee", &self.consignee.id),
            ("consignee", &self.consignee.name),
            ("consignee", &self.consignee.address),
            ("end_use", &self.end_use),
            ("destination", &self.destination),
        ];
        for (part, text) in texts.into_iter().chain(codes) {
            if text.chars().count() > TEXT_MAX {
                let message = format!("`{part}` is longer than {TEXT_MAX} characters");
                faults.push(Reason::new("text_long", part, message, "at most 200 characters"));
            }
        }
        let sent_us = instant(&self.sent_at, "sent_at", &mut faults);
        if sent_us.is_none() && self.sent_at.is_empty() {
            let accepted = "an instant such as 2026-03-01T08:00:00Z";
            faults.push(Reason::new(
                "instant_missing",
                "sent_at",
                "`sent_at` is missing",
                accepted,
            ));
        }
        let instants = Instants {
            declared_us: instant(&self.declared_at, "declared_at", &mut faults),
            released_us: instant(&self.released_at, "released_at", &mut faults),
            departed_us: instant(&self.departed_at, "departed_at", &mut faults),
        };
        let quantities = quantities_read_with_zero(&self.quantities, &mut faults);
        match (deed, sent_us) {
            (Some(deed), Some(sent_us)) if faults.is_empty() => Ok(GeneralUse {
                post: self.post,
                id: self.id,
                sent_us,
                deed,
                registration: self.registration,
                exporter: self.exporter,
                of: DeclaredUse { declaration: self.declaration, line: self.declaration_line },
                control_codes: self.control_codes,
                hs: self.hs.chars().filter(|c| !matches!(c, '.' | ' ')).collect(),
                consignee: self.consignee,
                end_use: self.end_use,
                destination: self.destination,
                quantities,
                instants,
            }),
            _ => Err(faults),
        }
    }
}

/// What is noted about a use that was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseMark {
    /// Dated before the registration ceased to be active, and arrived after.
    LateUse,
    /// It left while the registration was not active, or the general licence not in force.
    NotInForce,
    /// It left for something else than the general licence allows.
    OutsideTerms,
    /// It left before the first use was told in time.
    NoticeMissing,
}

impl UseMark {
    /// All of them.
    pub const ALL: [UseMark; 4] =
        [UseMark::LateUse, UseMark::NotInForce, UseMark::OutsideTerms, UseMark::NoticeMissing];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            UseMark::LateUse => "late_use",
            UseMark::NotInForce => "not_in_force",
            UseMark::OutsideTerms => "outside_terms",
            UseMark::NoticeMissing => "notice_missing",
        }
    }
}

/// A use on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseRecorded {
    /// As customs told it.
    pub told: GeneralUse,
    /// The instant against which it was tested, µs.
    pub used_us: i64,
    /// What is noted.
    pub marks: BTreeSet<UseMark>,
}

impl UseRecorded {
    /// Whether it takes the use back.
    #[must_use]
    pub fn nothing(&self) -> bool {
        self.told.quantities.iter().all(|quantity| quantity.amount == 0)
    }
}

/// The reports that count, by use: of each the one sent last, where that does not take it back. Of two of the
/// same instant the greater counts, so that the order of arrival is no matter.
#[must_use]
pub fn uses_counting(recorded: &[UseRecorded]) -> Vec<&UseRecorded> {
    let mut last: BTreeMap<&DeclaredUse, &UseRecorded> = BTreeMap::new();
    let rank = |one: &UseRecorded| {
        let quantities = one.told.quantities.iter().map(|q| (q.unit.clone(), q.amount));
        (one.told.sent_us, quantities.collect::<Vec<_>>(), one.told.id.clone())
    };
    for one in recorded {
        let newer = last.get(&one.told.of).is_none_or(|before| rank(one) > rank(before));
        if newer {
            last.insert(&one.told.of, one);
        }
    }
    last.into_values().filter(|one| !one.nothing()).collect()
}

/// What a message is judged by.
#[derive(Debug, Clone, Copy)]
pub struct UseContext<'a> {
    /// The general licence as the pack in force has it; nothing where it has it no more.
    pub general: Option<&'a GeneralLicence>,
    /// The event against which the validity is tested.
    pub tested: TestedEvent,
    /// The authority's zone.
    pub zone: &'a TimeZone,
    /// Now, µs.
    pub now_us: i64,
}

/// Whether a message may have its effect: the use to record, with its marks.
///
/// # Errors
/// Every reason why not; of what has left, only what could not be recorded.
pub fn use_judge(
    registration: &Registration,
    told: &GeneralUse,
    context: &UseContext<'_>,
) -> Result<UseRecorded, Vec<Reason>> {
    let mut hard = Vec::new();
    if told.sent_us > context.now_us.saturating_add(CLOCK_AHEAD_US) {
        let text = "`sent_at` lies in the future";
        hard.push(Reason::new("instant_future", "sent_at", text, "an instant that is over"));
    }
    let used_us = instant_tested(told, context, &mut hard);
    let (mut soft, mut marks) = (Vec::new(), BTreeSet::new());
    let back = told.deed != UseDeed::Check && told.quantities.iter().all(|q| q.amount == 0);
    if told.deed != UseDeed::Check && told.quantities.is_empty() {
        let text = "no quantity is stated";
        hard.push(Reason::new("unit_missing", "quantities", text, "at least one; 0 takes it back"));
    }
    // What takes a use back needs no licence.
    if !back {
        standing_judge(registration, told, used_us, context, &mut soft, &mut marks);
        terms_judge(registration, told, context, &mut soft);
        notice_judge(registration, used_us, context, &mut soft);
    }
    for (mark, reason) in soft {
        if told.deed == UseDeed::Left {
            marks.insert(mark);
        } else {
            hard.push(reason);
        }
    }
    if hard.is_empty() { Ok(UseRecorded { told: told.clone(), used_us, marks }) } else { Err(hard) }
}

type Soft = Vec<(UseMark, Reason)>;

fn instant_tested(told: &GeneralUse, context: &UseContext<'_>, hard: &mut Vec<Reason>) -> i64 {
    let field = context.tested.field();
    let stated = match context.tested {
        TestedEvent::Declaration => told.instants.declared_us,
        TestedEvent::Release => told.instants.released_us,
        TestedEvent::Departure => told.instants.departed_us,
    };
    let done = told.deed != UseDeed::Check;
    match stated {
        Some(us) if done && us > context.now_us.saturating_add(CLOCK_AHEAD_US) => {
            let text = format!("`{field}` lies in the future");
            hard.push(Reason::new("instant_future", field, text, "an instant that is over"));
            us
        }
        Some(us) => us,
        None if done => {
            let text = format!("`{field}` is missing: the validity is tested against it");
            let accepted = "an instant such as 2026-03-01T08:00:00Z";
            hard.push(Reason::new("instant_missing", field, text, accepted));
            context.now_us
        }
        None => context.now_us,
    }
}

fn standing_judge(
    registration: &Registration,
    told: &GeneralUse,
    used_us: i64,
    context: &UseContext<'_>,
    soft: &mut Soft,
    marks: &mut BTreeSet<UseMark>,
) {
    let day = day_in(context.zone, used_us);
    if !context.general.is_some_and(|general| general.in_force(day)) {
        let text = format!("`{}` is not in force on `{day}`", registration.general);
        let reason = Reason::new("general_not_in_force", "registration", text, "another licence");
        soft.push((UseMark::NotInForce, reason));
    }
    let now = registration.state_at(context.now_us);
    let then = registration.state_at(used_us);
    // What is still to leave needs an active registration now and then.
    let asked = if told.deed == UseDeed::Check { now } else { then };
    match asked {
        Some(RegistrationState::Active) => {
            if now != Some(RegistrationState::Active) {
                marks.insert(UseMark::LateUse);
            }
        }
        Some(state) => {
            let code = match state {
                RegistrationState::Withdrawn => "registration_withdrawn",
                RegistrationState::GivenUp => "registration_given_up",
                RegistrationState::Suspended | RegistrationState::Active => {
                    "registration_suspended"
                }
            };
            let text = format!("the registration is `{}`", state.code());
            soft.push((UseMark::NotInForce, Reason::new(code, "registration", text, "")));
        }
        None => {
            let text = "the user was not registered at that time";
            let accepted = "an instant after the registration";
            let part = context.tested.field();
            let reason = Reason::new("registration_later", part, text, accepted);
            soft.push((UseMark::NotInForce, reason));
        }
    }
}

fn terms_judge(
    registration: &Registration,
    told: &GeneralUse,
    context: &UseContext<'_>,
    soft: &mut Soft,
) {
    let mut say = |code, part: &str, text: String, accepted: String| {
        soft.push((UseMark::OutsideTerms, Reason::new(code, part, text, accepted)));
    };
    if told.exporter != registration.user {
        let text = format!("`{}` is not the registered user", told.exporter);
        say("exporter_differs", "exporter", text, registration.user.clone());
    }
    let Some(general) = context.general else { return };
    let outside: Vec<&String> =
        told.control_codes.iter().filter(|code| !general.covers(code)).collect();
    if told.control_codes.is_empty() {
        let accepted = general.control_codes.join(", ");
        say("good_outside", "control_codes", "no control code is stated".to_owned(), accepted);
    }
    for code in outside {
        let accepted = general.control_codes.join(", ");
        say("good_outside", "control_codes", format!("`{code}` is not among its goods"), accepted);
    }
    if !general.destinations.contains(&told.destination) {
        let text = format!("`{}` is not among its destinations", told.destination);
        say("destination_outside", "destination", text, general.destinations.join(", "));
    }
    if general.barred_uses.contains(&told.end_use) {
        let text = format!("it is not good for the end use `{}`", told.end_use);
        say("end_use_barred", "end_use", text, String::new());
    }
}

/// Where the first use is told beforehand, so many days must lie between.
fn notice_judge(
    registration: &Registration,
    used_us: i64,
    context: &UseContext<'_>,
    soft: &mut Soft,
) {
    let Some(general) = context.general.filter(|of| of.notice == Some(Notice::Before)) else {
        return;
    };
    let days = general.notice_days.unwrap_or(0);
    let used = day_in(context.zone, used_us);
    let from: Option<Date> =
        registration.notice.map(|(_, at_us)| days_after(day_in(context.zone, at_us), days));
    if from.is_none_or(|from| used < from) {
        let text = "the first use was not told in time".to_owned();
        let accepted = from.map_or_else(
            || format!("notice {days} days before the first use"),
            |from| format!("from {from}"),
        );
        let reason = Reason::new("notice_missing", "registration", text, accepted);
        soft.push((UseMark::NoticeMissing, reason));
    }
}
