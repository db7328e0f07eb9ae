//! The rules of the clocks, as a pack states them.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::fact::Fact;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Working days of the authority's calendar.
    WorkingDay,
    /// All days.
    CalendarDay,
}

impl Unit {
    /// The code in answers.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Unit::WorkingDay => "working_day",
            Unit::CalendarDay => "calendar_day",
        }
    }
}

/// Whether a day at the edge of something counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayRule {
    /// It does.
    Counted,
    /// It does not.
    NotCounted,
}

/// What happens when the last day is no working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastDay {
    /// Nothing.
    AsItFalls,
    /// The next working day is the last.
    NextWorkingDay,
}

/// What the law attaches to a limit that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// It is recorded; nothing is granted by it.
    RecordOverdue,
    /// An event is deemed to have happened, back on day zero of this clock.
    DeemedAccepted,
    /// Whoever was asked is deemed not to object.
    DeemedNoObjection,
    /// The case goes to the next higher body.
    Escalate,
}

/// Whether the limit binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// By law.
    Statutory,
    /// Published by the authority as its aim.
    Target,
    /// Set nowhere for all; left to other law.
    None,
}

/// How many runs a clock has at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// One for the case.
    Case,
    /// One for each agency that was asked.
    Agency,
}

/// Whether a stop needs a written notice of its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Without it, the clock is not stopped.
    Required,
    /// The event alone stops the clock.
    NotRequired,
}

/// A kind of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventKind {
    /// Its code in the events of a case.
    pub id: String,
    /// Other codes for the same.
    pub also: Vec<String>,
    /// What it is called.
    pub name_en: String,
    /// What it is called, in Chinese.
    pub name_zh: String,
    /// What comes in after this hour counts as of the next day.
    pub cut_off: Option<Time>,
    /// One of these has come before, else the event contradicts the case.
    pub after: Vec<usize>,
    /// Whether it happens once, until the case is opened again.
    pub once: bool,
    /// Whether it ends the case.
    pub closes: bool,
    /// Whether it opens a closed case again.
    pub reopens: bool,
    /// Whether it may come after the case was closed.
    pub after_close: bool,
    /// Whether it must name an agency.
    pub agency: bool,
}

/// A stop: what begins it and what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopRule {
    /// Its code.
    pub id: String,
    /// What it is called.
    pub name_en: String,
    /// What it is called, in Chinese.
    pub name_zh: String,
    /// The event that begins it.
    pub begin: usize,
    /// The event that ends it.
    pub end: usize,
    /// Whether a written notice is needed.
    pub notice: Notice,
    /// In what the notice counts.
    pub notice_unit: Unit,
    /// Whether the day on which it begins counts.
    pub begin_day: DayRule,
    /// Whether the day on which it ends counts.
    pub end_day: DayRule,
    /// The rule.
    pub fact: Fact,
}

/// A clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRule {
    /// Its code.
    pub id: String,
    /// What it is called.
    pub name_en: String,
    /// What it is called, in Chinese.
    pub name_zh: String,
    /// The events that start it.
    pub starts: Vec<usize>,
    /// After one of these, nothing starts it any more.
    pub not_after: Vec<usize>,
    /// Whether the day of the start counts.
    pub day_zero: DayRule,
    /// Days; nothing where there is no limit.
    pub limit: Option<u32>,
    /// What is counted.
    pub unit: Unit,
    /// What happens when the last day is no working day.
    pub last_day: LastDay,
    /// The events that end it.
    pub ends: Vec<usize>,
    /// The stops that it knows.
    pub stops: Vec<usize>,
    /// The events that take it out of its limit.
    pub removed_by: Vec<usize>,
    /// How many run at a time.
    pub per: Per,
    /// What follows when the limit passes.
    pub on_breach: Breach,
    /// The event deemed to have happened, where `on_breach` deems one.
    pub deems: Option<usize>,
    /// Whether it binds.
    pub binding: Binding,
    /// What else to know.
    pub note: String,
    /// The rule.
    pub fact: Fact,
}

/// How a case can end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its code in statistics, the same word in every pack.
    pub id: String,
    /// The event that brings it about.
    pub event: usize,
    /// What it is called here.
    pub name_en: String,
    /// What it is called here, in Chinese.
    pub name_zh: String,
    /// What follows from it.
    pub effect: String,
    /// The rule.
    pub fact: Fact,
}

/// The rules of a pack. Events, stops and outcomes are named by their places; the clocks stand so that one
/// whose event is deemed by another comes after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRules {
    /// The kinds of events.
    pub events: Vec<EventKind>,
    /// The stops.
    pub stops: Vec<StopRule>,
    /// The clocks.
    pub clocks: Vec<ClockRule>,
    /// How a case can end.
    pub outcomes: Vec<Outcome>,
}

impl ClockRules {
    /// The kind of event that a code names.
    #[must_use]
    pub fn event(&self, code: &str) -> Option<usize> {
        self.events
            .iter()
            .position(|kind| kind.id == code || kind.also.iter().any(|other| other == code))
    }

    /// The clock of an id.
    #[must_use]
    pub fn clock(&self, id: &str) -> Option<&ClockRule> {
        self.clocks.iter().find(|rule| rule.id == id)
    }
}
