//! General licences that are published for all: who uses one registers, keeps records, files returns of its
//! uses and is audited, instead of applying for each export.
//!
//! What a general licence allows, and on which conditions, is a table of the pack ([`GeneralLicence`]); it is
//! amended for all its users at once, so a use is judged by the pack in force and by the days that it names.
//! A **registration** is one user's: the fold of its events. Uses are reported by customs ([`uses`]), returns
//! are filed by the user ([`returns`]), and an audit holds both against the user's own records ([`audit`]).
//!
//! So it is done with the United Kingdom's open general export licences (registration with the place of the
//! records, return for the calendar year, compliance visit, warning letter with a time to correct, suspension)
//! and the Union general export authorisations (Regulation 2021/821, Annex II: registration, notice of the
//! first use, reports). Nothing of either stands here: terms are data.
//!
//! INVARIANTS: a registration that was withdrawn or given up never becomes active again; at most one audit is
//! open at a time; a registration is suspended or withdrawn with a reason on record; an audit ends against its
//! user only after the user has answered or the time to answer is over.

pub mod audit;
pub mod decide;
pub mod returns;
pub mod uses;

use std::collections::BTreeMap;

use base::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use audit::{Audit, AuditOutcome, AuditState};
pub use decide::{AuditAsked, Command, Context, Registering, Side, register};

/// The longest text, in characters.
pub const TEXT_CHARS_MAX: usize = 5_000;
/// The longest line, in characters.
pub const LINE_CHARS_MAX: usize = 300;
/// Entries of one registration at most.
pub const ENTRIES_MAX: usize = 1_000;

/// When the first use is told to the authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// At least so many days before it.
    Before,
    /// Within so many days after it.
    After,
}

/// A kind of record that the user keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordKept {
    /// What, in English.
    pub text_en: String,
    /// What, in Chinese.
    pub text_zh: String,
}

/// A general licence as the pack publishes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneralLicence {
    /// Its code.
    pub id: String,
    /// The kind of licence of the pack: what it requires and what bars it.
    pub licence_type: String,
    /// Name.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// The goods: those whose control codes all begin with one of these.
    pub control_codes: Vec<String>,
    /// The destinations, ISO 3166-1 alpha-2.
    pub destinations: Vec<String>,
    /// End uses for which it is not good.
    #[serde(default)]
    pub barred_uses: Vec<String>,
    /// Its first day; nothing where it has always been in force.
    #[serde(default)]
    pub valid_from: Option<Date>,
    /// Its last day, inclusive; nothing where none is set.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// Whether the first use is told, and on which side of it.
    #[serde(default)]
    pub notice: Option<Notice>,
    /// Days of that notice.
    #[serde(default)]
    pub notice_days: Option<u32>,
    /// Months of a return: 1, 3, 6 or 12, counted from January; nothing where no returns are asked.
    #[serde(default)]
    pub report_every_months: Option<u32>,
    /// Days after the end of a period within which its return is filed.
    #[serde(default)]
    pub report_within_days: Option<u32>,
    /// Years for which records are kept, from the end of the year of the use.
    #[serde(default)]
    pub records_years: Option<u32>,
    /// What records the user keeps.
    #[serde(default)]
    pub records: Vec<RecordKept>,
    /// The rule.
    pub citation: String,
    /// Where it is known from.
    pub source: String,
    /// How sure that is.
    pub confidence: String,
}

impl GeneralLicence {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Whether a control code is one of its goods.
    #[must_use]
    pub fn covers(&self, code: &str) -> bool {
        self.control_codes.iter().any(|begin| code.starts_with(begin.as_str()))
    }
}

/// Where a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    /// It may be used.
    Active,
    /// Not to be used for the time being.
    Suspended,
    /// Ended by the authority.
    Withdrawn,
    /// Ended by the user.
    GivenUp,
}

impl RegistrationState {
    /// All of them.
    pub const ALL: [RegistrationState; 4] = [
        RegistrationState::Active,
        RegistrationState::Suspended,
        RegistrationState::Withdrawn,
        RegistrationState::GivenUp,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            RegistrationState::Active => "active",
            RegistrationState::Suspended => "suspended",
            RegistrationState::Withdrawn => "withdrawn",
            RegistrationState::GivenUp => "given_up",
        }
    }

    /// The state of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<RegistrationState> {
        RegistrationState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn live(self) -> bool {
        matches!(self, RegistrationState::Active | RegistrationState::Suspended)
    }
}

/// A use as it is named: a line of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredUse {
    /// Reference of the declaration.
    pub declaration: String,
    /// Its line.
    pub line: u32,
}

/// Whom the authority writes to, and where the records are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeper {
    /// The person.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// The address where the records are kept and may be inspected.
    pub records_at: String,
}

/// What happens to a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event", deny_unknown_fields)]
pub enum GeneralEvent {
    /// The user registered.
    Registered {
        /// Code of the general licence.
        general: String,
        /// The pack with its version, as in `demo/3`.
        pack: String,
        /// Conditions that the user confirmed to hold.
        confirmed: Vec<String>,
        /// Conditions that the user stated not to hold.
        denied: Vec<String>,
        /// Contact and records.
        keeper: Keeper,
    },
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
    /// Ended by the authority.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// Ended by the user.
    GivenUp {
        /// Why.
        reason: String,
    },
    /// The user told of its first use.
    FirstUseNoticed {
        /// The day of the use.
        day: Date,
        /// What else is said.
        text: String,
    },
    /// The user filed the return of a period.
    ReturnFiled {
        /// First day of the period.
        from: Date,
        /// Its last day.
        to: Date,
        /// Uses that it lists.
        lines: u32,
    },
    /// An audit began.
    AuditBegun {
        /// Its number in the registration, from 1.
        audit: u32,
        /// First day of what is looked at.
        from: Date,
        /// Last day of it.
        to: Date,
        /// What the sample was drawn with, so that anybody can draw it again.
        seed: u64,
        /// The uses whose records are asked for.
        sample: Vec<DeclaredUse>,
        /// Last day for the answer.
        answer_by: Date,
        /// What is asked, in words.
        text: String,
    },
    /// The user answered.
    AuditAnswered {
        /// Which audit.
        audit: u32,
        /// The answer.
        text: String,
        /// SHA-256 of documents handed in with it.
        documents: Vec<String>,
    },
    /// The authority found something.
    AuditFound {
        /// Which audit.
        audit: u32,
        /// The use of the sample that it is about; nothing where it is about the whole.
        about: Option<DeclaredUse>,
        /// What.
        text: String,
    },
    /// The audit ended.
    AuditClosed {
        /// Which audit.
        audit: u32,
        /// How.
        outcome: AuditOutcome,
        /// Last day to correct what was found; only with [`AuditOutcome::ToCorrect`].
        correct_by: Option<Date>,
        /// In words.
        text: String,
    },
    /// The user says that what was found is corrected.
    AuditCorrected {
        /// Which audit.
        audit: u32,
        /// How.
        text: String,
    },
}

impl GeneralEvent {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            GeneralEvent::Registered { .. } => "registered",
            GeneralEvent::Suspended { .. } => "suspended",
            GeneralEvent::Reinstated { .. } => "reinstated",
            GeneralEvent::Withdrawn { .. } => "withdrawn",
            GeneralEvent::GivenUp { .. } => "given_up",
            GeneralEvent::FirstUseNoticed { .. } => "first_use_noticed",
            GeneralEvent::ReturnFiled { .. } => "return_filed",
            GeneralEvent::AuditBegun { .. } => "audit_begun",
            GeneralEvent::AuditAnswered { .. } => "audit_answered",
            GeneralEvent::AuditFound { .. } => "audit_found",
            GeneralEvent::AuditClosed { .. } => "audit_closed",
            GeneralEvent::AuditCorrected { .. } => "audit_corrected",
        }
    }
}

/// An event with when it was and who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneralEntry {
    /// Its place, from 1.
    pub seq: u32,
    /// When, µs.
    pub at_us: i64,
    /// Key of the account.
    pub account: String,
    /// What.
    pub event: GeneralEvent,
}

/// The registration of one user with one general licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Its number, which a declaration names.
    pub number: String,
    /// The user, `scheme:value`.
    pub user: String,
    /// Code of the general licence.
    pub general: String,
    /// Contact and records.
    pub keeper: Keeper,
    /// Where it stands.
    pub state: RegistrationState,
    /// When it began, µs.
    pub registered_at_us: i64,
    /// When it ended, µs.
    pub ended_at_us: Option<i64>,
    /// Day of the first use as told, and when that was told, µs.
    pub notice: Option<(Date, i64)>,
    /// When the first return of a period was filed, µs, by the first day of the period.
    pub returned: BTreeMap<Date, i64>,
    /// Audits, in order.
    pub audits: Vec<Audit>,
    /// What happened, in order.
    pub entries: Vec<GeneralEntry>,
}

impl Registration {
    /// What entries add up to; nothing where they are not those of a registration.
    #[must_use]
    pub fn fold(number: &str, user: &str, entries: Vec<GeneralEntry>) -> Option<Registration> {
        let first = entries.first()?;
        let GeneralEvent::Registered { general, keeper, .. } = &first.event else { return None };
        let mut registration = Registration {
            number: number.to_owned(),
            user: user.to_owned(),
            general: general.clone(),
            keeper: keeper.clone(),
            state: RegistrationState::Active,
            registered_at_us: first.at_us,
            ended_at_us: None,
            notice: None,
            returned: BTreeMap::new(),
            audits: Vec::new(),
            entries: Vec::new(),
        };
        for entry in entries {
            registration.apply(entry)?;
        }
        Some(registration)
    }

    /// Adds the next entry; nothing where it is not the next, or speaks of what is not there.
    pub fn apply(&mut self, entry: GeneralEntry) -> Option<()> {
        if entry.seq as usize != self.entries.len() + 1 {
            return None;
        }
        match &entry.event {
            GeneralEvent::Registered { .. } if !self.entries.is_empty() => return None,
            GeneralEvent::Registered { .. } => {}
            GeneralEvent::FirstUseNoticed { day, .. } => {
                self.notice = Some((*day, entry.at_us));
            }
            GeneralEvent::ReturnFiled { from, .. } => {
                self.returned.entry(*from).or_insert(entry.at_us);
            }
            GeneralEvent::Suspended { .. }
            | GeneralEvent::Reinstated { .. }
            | GeneralEvent::Withdrawn { .. }
            | GeneralEvent::GivenUp { .. } => {
                self.state = turned(self.state, &entry.event);
                self.ended_at_us = (!self.state.live()).then_some(entry.at_us);
            }
            event => audit::apply(&mut self.audits, event, entry.at_us)?,
        }
        self.entries.push(entry);
        Some(())
    }

    /// Where it stood at an instant; nothing where it had not begun.
    #[must_use]
    pub fn state_at(&self, at_us: i64) -> Option<RegistrationState> {
        let mut state = None;
        for entry in self.entries.iter().filter(|entry| entry.at_us <= at_us) {
            state = match (state, &entry.event) {
                (None, _) => Some(RegistrationState::Active),
                (Some(state), event) => Some(turned(state, event)),
            };
        }
        state
    }

    /// First day, and last where it has ended, in a zone.
    #[must_use]
    pub fn days(&self, zone: &TimeZone) -> (Date, Option<Date>) {
        (day_in(zone, self.registered_at_us), self.ended_at_us.map(|at_us| day_in(zone, at_us)))
    }

    /// Where the return of each period stands as of a day, the latest first.
    #[must_use]
    pub fn returns_due(
        &self,
        general: &GeneralLicence,
        zone: &TimeZone,
        as_of: Date,
    ) -> Vec<returns::ReturnDue> {
        let filed: BTreeMap<Date, Date> =
            self.returned.iter().map(|(from, at_us)| (*from, day_in(zone, *at_us))).collect();
        returns::returns_due(general, self.days(zone), &filed, as_of)
    }

    /// The audit that is open.
    #[must_use]
    pub fn audit_open(&self) -> Option<&Audit> {
        self.audits.iter().find(|audit| audit.outcome.is_none())
    }
}

fn turned(state: RegistrationState, event: &GeneralEvent) -> RegistrationState {
    match (event, state.live()) {
        (GeneralEvent::Suspended { .. }, true) => RegistrationState::Suspended,
        (GeneralEvent::Reinstated { .. }, true) => RegistrationState::Active,
        (GeneralEvent::Withdrawn { .. }, true) => RegistrationState::Withdrawn,
        (GeneralEvent::GivenUp { .. }, true) => RegistrationState::GivenUp,
        _ => state,
    }
}

/// Where the notice of the first use stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "notice")]
pub enum NoticeStanding {
    /// None is asked.
    NotAsked,
    /// To be given before the first use, or when it has happened.
    Waiting,
    /// To be given by a day.
    Due {
        /// Its last day.
        last: Date,
    },
    /// Its last day is over.
    Overdue {
        /// Its last day.
        last: Date,
    },
    /// It was given in time.
    Given {
        /// The day.
        on: Date,
    },
    /// It was given after its last day.
    GivenLate {
        /// The day.
        on: Date,
    },
}

impl NoticeStanding {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            NoticeStanding::NotAsked => "not_asked",
            NoticeStanding::Waiting => "waiting",
            NoticeStanding::Due { .. } => "due",
            NoticeStanding::Overdue { .. } => "overdue",
            NoticeStanding::Given { .. } => "given",
            NoticeStanding::GivenLate { .. } => "given_late",
        }
    }
}

/// The day of an instant in a zone.
#[must_use]
pub fn day_in(zone: &TimeZone, at_us: i64) -> Date {
    let instant = jiff::Timestamp::from_microsecond(at_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    zone.to_datetime(instant).date()
}

fn days_after(day: Date, days: u32) -> Date {
    day.checked_add(jiff::Span::new().days(i64::from(days.min(36_600)))).unwrap_or(Date::MAX)
}

/// Where the notice of the first use stands as of a day. `first_use` is the day of the first use on record.
#[must_use]
pub fn notice_standing(
    general: &GeneralLicence,
    registration: &Registration,
    first_use: Option<Date>,
    zone: &TimeZone,
    as_of: Date,
) -> NoticeStanding {
    let Some(notice) = general.notice else { return NoticeStanding::NotAsked };
    let days = general.notice_days.unwrap_or(0);
    let given = registration.notice.map(|(_, at_us)| day_in(zone, at_us));
    // What had to be told first has no last day once the use has happened: it is late.
    let late = |on: Date, first: Date| match notice {
        Notice::Before => days_after(on, days) > first,
        Notice::After => on > days_after(first, days),
    };
    match (given, first_use) {
        (Some(on), Some(first)) if late(on, first) => NoticeStanding::GivenLate { on },
        (Some(on), _) => NoticeStanding::Given { on },
        (None, None) => NoticeStanding::Waiting,
        (None, Some(first)) => {
            let last = match notice {
                Notice::Before => first,
                Notice::After => days_after(first, days),
            };
            if as_of > last {
                NoticeStanding::Overdue { last }
            } else {
                NoticeStanding::Due { last }
            }
        }
    }
}

#[cfg(test)]
mod tests;
