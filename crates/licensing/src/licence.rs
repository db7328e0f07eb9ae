//! A licence: what was granted, to whom, for which cells, on which terms, and what became of it.
//!
//! The terms are values, copied from the pack when the licence is issued: a later version of the pack does
//! not change it. Its status is what its events add up to at an instant ([`Licence::standing`]); expiry is
//! a function of the date and exhaustion one of what was drawn, nobody stores either.
//!
//! INVARIANTS: a licence is valid through its last day in the authority's zone; a final status (revoked,
//! surrendered, superseded, closed) is followed by none; a quantity is never of another unit than its line.

use std::collections::BTreeSet;
use std::fmt;

use base::time::Date;
use jiff::Span;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use crate::case::Condition;
use crate::quantity::{AMOUNT_MAX, Quantity, Unit};

/// Lines of a licence at most: what a person can still check at a border.
pub const LINES_MAX: usize = 200;
/// Units of a line at most.
pub const UNITS_MAX: usize = 8;
/// Registered users of a general licence at most.
pub const USERS_MAX: usize = 10_000;
/// Parts of a million.
const MILLION: i128 = 1_000_000;

/// The key of a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LicenceId(pub [u8; 16]);

impl fmt::Display for LicenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<LicenceId> for String {
    fn from(id: LicenceId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for LicenceId {
    type Error = String;

    fn try_from(text: String) -> Result<LicenceId, String> {
        let wrong = || format!("`{text}` is no key of a licence: give 32 hexadecimal digits");
        let value = u128::from_str_radix(&text, 16).map_err(|_| wrong())?;
        if text.len() == 32 { Ok(LicenceId(value.to_be_bytes())) } else { Err(wrong()) }
    }
}

/// A party as a licence or a declaration names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyNamed {
    /// `scheme:value`; empty where none is known.
    #[serde(default)]
    pub id: String,
    /// Its name; empty where only the identifier is given.
    #[serde(default)]
    pub name: String,
    /// Its address; not compared.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

impl PartyNamed {
    /// Whether two mentions name the same party: by identifier where both have one, else by the letters
    /// and digits of the name.
    #[must_use]
    pub fn same(&self, other: &PartyNamed) -> bool {
        if !self.id.is_empty() && !other.id.is_empty() {
            return self.id == other.id;
        }
        let mut left = letters(&self.name).peekable();
        left.peek().is_some() && left.eq(letters(&other.name))
    }
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

impl fmt::Display for PartyNamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.name.is_empty() { &self.id } else { &self.name })
    }
}

/// A good as a licence has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicensedGood {
    /// Its key in the application, by which a declaration names it.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Codes of the control list.
    pub control_codes: Vec<String>,
    /// Its HS or national tariff code, digits only.
    pub hs: String,
}

/// What is drawn in one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// How much was granted.
    pub quantity: Quantity,
    /// By how many parts of a million more may leave.
    #[serde(default)]
    pub tolerance_ppm: u32,
}

impl Allowance {
    /// The most that may be drawn: the quantity and its tolerance, rounded down to whole parts.
    #[must_use]
    pub fn ceiling(&self) -> i64 {
        let amount = i128::from(self.quantity.amount);
        let most = amount + amount * i128::from(self.tolerance_ppm) / MILLION;
        i64::try_from(most).unwrap_or(i64::MAX)
    }
}

/// One line: a cell that was granted. The five parts are compared at the border.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its number on the licence, from 1.
    pub number: u32,
    /// Key of the cell of the case that it grants; empty where it comes from none.
    #[serde(default)]
    pub cell: String,
    /// The good.
    pub good: LicensedGood,
    /// The consignee.
    pub consignee: PartyNamed,
    /// The end user.
    pub end_user: PartyNamed,
    /// Code of the end use.
    pub end_use: String,
    /// Country or area of destination (ISO 3166-1 alpha-2).
    pub destination: String,
    /// What may be drawn, each unit for itself.
    pub allowances: Vec<Allowance>,
    /// What the holder must keep to, with who set it.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Mass of one piece in mg, to see whether a declaration is plausible; never to convert.
    #[serde(default)]
    pub unit_mass_mg: Option<i64>,
    /// The line of the superseded licence whose use this line carries on.
    #[serde(default)]
    pub continues: Option<u32>,
}

impl Line {
    /// Position of a unit among the line's.
    #[must_use]
    pub fn unit(&self, unit: &Unit) -> Option<usize> {
        self.allowances.iter().position(|allowance| allowance.quantity.unit == *unit)
    }
}

/// How often a licence may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uses {
    /// It closes with its first completed export; what is left lapses.
    Single,
    /// Until the quantity or the time is used up.
    Many,
}

/// Against which event of an export the validity is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestedEvent {
    /// Acceptance of the declaration.
    Declaration,
    /// Release by customs.
    Release,
    /// Departure from the territory.
    Departure,
}

impl TestedEvent {
    /// The field of a message that states it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            TestedEvent::Declaration => "declared_at",
            TestedEvent::Release => "released_at",
            TestedEvent::Departure => "departed_at",
        }
    }
}

/// The terms, copied from the pack at issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How often it may be used.
    pub uses: Uses,
    /// Against which event its validity is tested.
    pub tested: TestedEvent,
    /// How many exports (declarations) at most.
    #[serde(default)]
    pub max_exports: Option<u32>,
    /// How long a reservation holds at most, in seconds.
    pub reservation_seconds: u32,
    /// By how many parts of a million pieces × unit mass may differ from the net mass before it is marked.
    pub unit_mass_tolerance_ppm: u32,
    /// The authority's time zone (IANA).
    pub zone: String,
}

impl Terms {
    /// Exports at most, a single-use licence has one; nothing where there is no limit.
    #[must_use]
    pub fn exports_max(&self) -> Option<u32> {
        match self.uses {
            Uses::Single => Some(1),
            Uses::Many => self.max_exports,
        }
    }
}

/// Whether its lines name everybody, or users are registered later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// As its lines say.
    Lines,
    /// General: consignees and end users are those registered with it (or on its lines).
    Registered,
}

/// A user registered with a general licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredUser {
    /// The consignee or end user.
    pub party: PartyNamed,
    /// Its country or area (ISO 3166-1 alpha-2), which is a destination of the licence.
    pub country: String,
    /// From when, µs.
    pub from_us: i64,
}

/// What may happen to a licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change", deny_unknown_fields)]
pub enum Change {
    /// It was signed and exists.
    Issued,
    /// Customs has acknowledged it.
    Activated,
    /// Not to be used for the time being.
    Suspended {
        /// Why.
        reason: String,
    },
    /// To be used again.
    Reinstated {
        /// Why.
        reason: String,
    },
    /// Withdrawn for good by the authority.
    Revoked {
        /// Why.
        reason: String,
    },
    /// Handed back by the holder.
    Surrendered {
        /// Why.
        reason: String,
    },
    /// Another licence took its place, and its consumed quantity over.
    Superseded {
        /// Number of that licence.
        by: String,
    },
    /// Ended by the authority as completed.
    Closed {
        /// Why.
        reason: String,
    },
    /// A user was registered with a general licence.
    UserRegistered(RegisteredUser),
}

impl Change {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Change::Issued => "issued",
            Change::Activated => "activated",
            Change::Suspended { .. } => "suspended",
            Change::Reinstated { .. } => "reinstated",
            Change::Revoked { .. } => "revoked",
            Change::Surrendered { .. } => "surrendered",
            Change::Superseded { .. } => "superseded",
            Change::Closed { .. } => "closed",
            Change::UserRegistered(_) => "user_registered",
        }
    }
}

/// Something that happened to a licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceEvent {
    /// From when it has effect, µs.
    pub effective_at_us: i64,
    /// When it was recorded, µs.
    pub recorded_at_us: i64,
    /// What.
    pub change: Change,
    /// Key of the account.
    pub account: String,
}

/// A licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Its key.
    pub id: LicenceId,
    /// Its number, unique in the installation.
    pub number: String,
    /// The pack under which it was issued, with its version, as in `demo/3`.
    pub pack: String,
    /// The holder, `scheme:value`.
    pub holder: String,
    /// Number of the case that decided on it; empty where it comes from none.
    pub case: String,
    /// Code of the licence type of the pack.
    pub kind: String,
    /// Whether users are registered later.
    pub scope: Scope,
    /// The terms.
    pub terms: Terms,
    /// The lines.
    pub lines: Vec<Line>,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity, inclusive.
    pub valid_to: Date,
    /// Number of the licence that it supersedes.
    #[serde(default)]
    pub supersedes: Option<String>,
    /// When that one was in force: a use of that time that is reported later is told under this number.
    #[serde(default)]
    pub taken_over: Vec<InForce>,
}

/// A time in which a licence was in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InForce {
    /// Its first instant, µs.
    pub from_us: i64,
    /// The first instant after it, µs.
    pub until_us: i64,
}

/// What a licence is good for at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum Standing {
    /// It does not exist yet.
    NotIssued,
    /// Its first day is still to come.
    NotYetValid,
    /// It may be used.
    InForce,
    /// Not to be used for the time being.
    Suspended,
    /// Withdrawn for good.
    Revoked,
    /// Handed back.
    Surrendered,
    /// Another took its place.
    Superseded {
        /// Number of that licence.
        by: String,
    },
    /// Ended as completed.
    Closed,
    /// Its last day is over.
    Expired,
    /// Nothing is left on any line.
    Exhausted,
}

impl Standing {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Standing::NotIssued => "not_issued",
            Standing::NotYetValid => "not_yet_valid",
            Standing::InForce => "in_force",
            Standing::Suspended => "suspended",
            Standing::Revoked => "revoked",
            Standing::Surrendered => "surrendered",
            Standing::Superseded { .. } => "superseded",
            Standing::Closed => "closed",
            Standing::Expired => "expired",
            Standing::Exhausted => "exhausted",
        }
    }
}

/// Why something cannot be done with a licence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenceRefusal {
    /// What was drawn up cannot be a licence.
    #[error("`{field}` of the licence: {what}; accepted: {accepted}")]
    Faulty {
        /// Where.
        field: String,
        /// What is wrong.
        what: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// Its standing does not allow it.
    #[error("the licence is {standing}; `{change}` needs one that is {accepted}")]
    Standing {
        /// What it is.
        standing: &'static str,
        /// What was asked for.
        change: &'static str,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// Its effect would lie before the issue of the licence.
    #[error("`{change}` would have effect before the licence was issued")]
    BeforeIssue {
        /// What was asked for.
        change: &'static str,
    },
    /// Only a general licence has registered users.
    #[error("users are registered with a general licence only")]
    NotGeneral,
    /// The user's country is no destination of the licence.
    #[error("`{country}` is no destination of the licence")]
    CountryOutside {
        /// The country.
        country: String,
    },
    /// A line with use that the new licence does not carry on.
    #[error(
        "line {line} has been used, and the new licence does not carry it on in the same units"
    )]
    LineDropped {
        /// The old line.
        line: u32,
    },
    /// A line smaller than what was used of the one that it carries on.
    #[error("line {line} grants less than has been used: at least `{used}` is needed")]
    BelowUsed {
        /// The new line.
        line: u32,
        /// What was used.
        used: String,
    },
}

impl LicenceRefusal {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LicenceRefusal::Faulty { .. } => "licence_faulty",
            LicenceRefusal::Standing { .. } => "licence_standing",
            LicenceRefusal::BeforeIssue { .. } => "licence_before_issue",
            LicenceRefusal::NotGeneral => "licence_not_general",
            LicenceRefusal::CountryOutside { .. } => "licence_country_outside",
            LicenceRefusal::LineDropped { .. } => "licence_line_dropped",
            LicenceRefusal::BelowUsed { .. } => "licence_below_used",
        }
    }
}

/// The last day of a validity that begins on a day: the same day of the month later, or the month's last
/// (31 January and one month is the end of February).
#[must_use]
pub fn valid_to(from: Date, span: Span) -> Option<Date> {
    from.checked_add(span).ok()
}

/// A time zone by its name, out of the tables that come with the program.
#[must_use]
pub fn zone_find(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The instants between which a licence is valid: from the start of its first day to before the start of
/// the day after its last, µs.
#[must_use]
pub fn validity_us(from: Date, to: Date, zone: &TimeZone) -> Option<(i64, i64)> {
    let start = |day: Date| {
        let midnight = zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        Some(midnight.as_microsecond())
    };
    Some((start(from)?, start(to.tomorrow().ok()?)?))
}

impl Licence {
    /// Whether this can be a licence; the first fault where it cannot.
    ///
    /// # Errors
    /// [`LicenceRefusal::Faulty`].
    pub fn check(&self) -> Result<(), LicenceRefusal> {
        let fault = |field: &str, what: &str, accepted: &'static str| {
            Err(LicenceRefusal::Faulty { field: field.to_owned(), what: what.to_owned(), accepted })
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if self.number.is_empty() || self.number.len() > 64 || !self.number.chars().all(plain) {
            return fault("number", &self.number, "1 to 64 letters, digits, `-`, `.` or `_`");
        }
        if self.valid_to < self.valid_from {
            return fault("valid_to", &self.valid_to.to_string(), "a day not before `valid_from`");
        }
        let Some(zone) = zone_find(&self.terms.zone) else {
            return fault("terms.zone", &self.terms.zone, "a time zone such as `Asia/Shanghai`");
        };
        if validity_us(self.valid_from, self.valid_to, &zone).is_none() {
            return fault("valid_to", &self.valid_to.to_string(), "a day of this calendar");
        }
        if self.lines.is_empty() || self.lines.len() > LINES_MAX {
            return fault("lines", &self.lines.len().to_string(), "1 to 200 lines");
        }
        let mut numbers = BTreeSet::new();
        for line in &self.lines {
            let at = format!("lines.{}", line.number);
            if line.number == 0 || !numbers.insert(line.number) {
                return fault(&at, "its number", "numbers from 1, each once");
            }
            if line.allowances.is_empty() || line.allowances.len() > UNITS_MAX {
                return fault(&at, "its quantities", "1 to 8 quantities");
            }
            let units: BTreeSet<&Unit> = line.allowances.iter().map(|a| &a.quantity.unit).collect();
            if units.len() != line.allowances.len() {
                return fault(&at, "a unit stands there twice", "each unit once");
            }
            let whole = |a: &Allowance| (1..=AMOUNT_MAX).contains(&a.quantity.amount);
            if !line.allowances.iter().all(|a| whole(a) && a.tolerance_ppm <= 1_000_000) {
                return fault(&at, "a quantity", "more than 0, with a tolerance of at most 100 %");
            }
            if line.good.hs.chars().any(|c| !c.is_ascii_digit()) || line.good.key.is_empty() {
                return fault(&at, "its good", "a key, and digits as tariff code");
            }
            if line.destination.len() != 2 || line.end_use.is_empty() {
                return fault(&at, "its end use or destination", "two letters of ISO 3166-1");
            }
            if line.unit_mass_mg.is_some_and(|mass| mass <= 0) {
                return fault(&at, "its unit mass", "more than 0 mg");
            }
        }
        Ok(())
    }

    /// A line by its number.
    #[must_use]
    pub fn line(&self, number: u32) -> Option<&Line> {
        self.lines.iter().find(|line| line.number == number)
    }

    /// What the licence is good for at an instant, by its events and its days alone.
    ///
    /// `known_until_us` leaves out what was recorded later; give `i64::MAX` for all that is known now.
    #[must_use]
    pub fn standing(
        &self,
        events: &[LicenceEvent],
        as_of_us: i64,
        known_until_us: i64,
        zone: &TimeZone,
    ) -> Standing {
        let standing = standing_by_events(events, as_of_us, known_until_us);
        let Some((from, end)) = validity_us(self.valid_from, self.valid_to, zone) else {
            return standing;
        };
        match standing {
            Standing::InForce | Standing::Suspended if as_of_us >= end => Standing::Expired,
            Standing::InForce if as_of_us < from => Standing::NotYetValid,
            other => other,
        }
    }

    /// The times before an instant in which the licence was in force, those of its own predecessor included.
    #[must_use]
    pub fn in_force_before(
        &self,
        events: &[LicenceEvent],
        before_us: i64,
        zone: &TimeZone,
    ) -> Vec<InForce> {
        let validity = validity_us(self.valid_from, self.valid_to, zone);
        let mut turns: BTreeSet<i64> = events.iter().map(|event| event.effective_at_us).collect();
        turns.extend(validity.into_iter().flat_map(|(from, end)| [from, end]));
        turns.retain(|turn| *turn < before_us);
        turns.insert(before_us);
        let turns: Vec<i64> = turns.into_iter().collect();
        let mut times = self.taken_over.clone();
        for pair in turns.windows(2) {
            let [from_us, until_us] = [pair[0], pair[1]];
            if self.standing(events, from_us, i64::MAX, zone) == Standing::InForce {
                times.push(InForce { from_us, until_us });
            }
        }
        times
    }

    /// Whether a change may be made; if so it may be recorded.
    ///
    /// # Errors
    /// [`LicenceRefusal`] says what its standing would have to be.
    pub fn change_check(
        &self,
        events: &[LicenceEvent],
        event: &LicenceEvent,
    ) -> Result<(), LicenceRefusal> {
        let change = event.change.code();
        let issued = events.iter().find(|e| e.change == Change::Issued);
        if issued.is_some_and(|issue| event.effective_at_us < issue.effective_at_us) {
            return Err(LicenceRefusal::BeforeIssue { change });
        }
        // What is recorded may not contradict what has effect before or after it: it is asked at its own
        // instant and at the end of all that is known.
        let now = standing_by_events(events, event.effective_at_us, i64::MAX);
        let last = standing_by_events(events, i64::MAX, i64::MAX);
        let live = |s: &Standing| matches!(s, Standing::InForce | Standing::Suspended);
        let (fits, accepted) = match &event.change {
            Change::Issued => (events.is_empty(), "new"),
            Change::Activated => (live(&now), "in force or suspended"),
            Change::Suspended { .. } => (now == Standing::InForce && live(&last), "in force"),
            Change::Reinstated { .. } => (now == Standing::Suspended && live(&last), "suspended"),
            Change::Revoked { .. }
            | Change::Surrendered { .. }
            | Change::Superseded { .. }
            | Change::Closed { .. } => (live(&now) && live(&last), "in force or suspended"),
            Change::UserRegistered(user) => {
                if self.scope != Scope::Registered {
                    return Err(LicenceRefusal::NotGeneral);
                }
                if !self.lines.iter().any(|line| line.destination == user.country) {
                    let country = user.country.clone();
                    return Err(LicenceRefusal::CountryOutside { country });
                }
                (live(&now) && live(&last), "in force or suspended")
            }
        };
        if fits {
            return Ok(());
        }
        let standing = if live(&now) { &last } else { &now };
        Err(LicenceRefusal::Standing { standing: standing.code(), change, accepted })
    }

    /// Whether customs has acknowledged the licence: `not active at the border` until then.
    #[must_use]
    pub fn active_at_border(events: &[LicenceEvent]) -> bool {
        events.iter().any(|event| event.change == Change::Activated)
    }

    /// The users registered by an instant.
    pub fn users(events: &[LicenceEvent], as_of_us: i64) -> impl Iterator<Item = &RegisteredUser> {
        events.iter().filter_map(move |event| match &event.change {
            Change::UserRegistered(user) if user.from_us <= as_of_us => Some(user),
            _ => None,
        })
    }

    /// Whether what was used of an old licence fits on this one that supersedes it. `used` gives for each
    /// line of the old licence what was drawn, reserved and allotted, in the order of its units.
    ///
    /// # Errors
    /// [`LicenceRefusal`] where a used line is dropped or becomes too small.
    pub fn carries(&self, old: &Licence, used: &[(u32, Vec<i64>)]) -> Result<(), LicenceRefusal> {
        for (number, amounts) in used.iter().filter(|(_, used)| used.iter().any(|a| *a > 0)) {
            let dropped = LicenceRefusal::LineDropped { line: *number };
            let Some(before) = old.line(*number) else { return Err(dropped) };
            let mut heirs = self.lines.iter().filter(|line| line.continues == Some(*number));
            let (Some(heir), None) = (heirs.next(), heirs.next()) else { return Err(dropped) };
            let units = |line: &Line| -> Vec<Unit> {
                line.allowances.iter().map(|a| a.quantity.unit.clone()).collect()
            };
            if units(heir) != units(before) {
                return Err(dropped);
            }
            for (allowance, amount) in heir.allowances.iter().zip(amounts) {
                if *amount > allowance.ceiling() {
                    let used = Quantity { unit: allowance.quantity.unit.clone(), amount: *amount };
                    return Err(LicenceRefusal::BelowUsed {
                        line: heir.number,
                        used: used.to_string(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The standing by the events alone: those with effect by an instant, in the order of their effect; of two
/// with the same instant the one recorded later counts.
fn standing_by_events(events: &[LicenceEvent], as_of_us: i64, known_until_us: i64) -> Standing {
    let mut known: Vec<&LicenceEvent> = events
        .iter()
        .filter(|e| e.effective_at_us <= as_of_us && e.recorded_at_us <= known_until_us)
        .collect();
    known.sort_by_key(|e| (e.effective_at_us, e.recorded_at_us));
    known.iter().fold(Standing::NotIssued, |standing, event| match (&event.change, standing) {
        (Change::Issued, Standing::NotIssued) => Standing::InForce,
        (Change::Suspended { .. }, Standing::InForce) => Standing::Suspended,
        (Change::Reinstated { .. }, Standing::Suspended) => Standing::InForce,
        (Change::Revoked { .. }, Standing::InForce | Standing::Suspended) => Standing::Revoked,
        (Change::Surrendered { .. }, Standing::InForce | Standing::Suspended) => {
            Standing::Surrendered
        }
        (Change::Superseded { by }, Standing::InForce | Standing::Suspended) => {
            Standing::Superseded { by: by.clone() }
        }
        (Change::Closed { .. }, Standing::InForce | Standing::Suspended) => Standing::Closed,
        (_, standing) => standing,
    })
}

#[cfg(test)]
#[path = "licence_tests.rs"]
mod tests;
