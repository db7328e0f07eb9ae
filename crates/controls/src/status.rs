//! Whether an item holds on a day, as far as was known on another day: two axes of time.
//!
//! What was published after the day of knowledge does not count, neither items nor suspensions. After a
//! suspension holds what its row says; where nobody knows, the status is unknown, never "ended".

use base::Date;
use serde::Serialize;

use crate::list::{Afterwards, ControlItem, ControlList, Suspension};
use crate::statement::Statement;

/// The day asked about, and the day up to which publications count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct AsOf {
    /// Whether it holds on this day.
    pub date: Date,
    /// As was known at the end of this day; nothing: all that the pack knows.
    pub known_at: Option<Date>,
}

impl AsOf {
    /// A day, with all that the pack knows.
    #[must_use]
    pub fn on(date: Date) -> AsOf {
        AsOf { date, known_at: None }
    }

    fn known(self, published: Date) -> bool {
        self.known_at.is_none_or(|known| published <= known)
    }
}

/// Whether an item holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Not published by the day of knowledge.
    NotPublished {
        /// The day of its publication.
        published: Date,
    },
    /// Takes effect later.
    NotYet {
        /// First day.
        from: Date,
    },
    /// Holds.
    InForce {
        /// Since.
        from: Date,
    },
    /// Suspended on this day.
    Suspended {
        /// By this instrument.
        instrument: String,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// Ended before.
    Ended {
        /// Last day.
        to: Date,
    },
    /// Not known.
    Unknown {
        /// The last day of which it is known.
        after: Date,
        /// Why, in English.
        why: String,
        /// Why, in Chinese.
        why_zh: String,
    },
}

impl Status {
    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Status::NotPublished { .. } => "not_published",
            Status::NotYet { .. } => "not_yet",
            Status::InForce { .. } => "in_force",
            Status::Suspended { .. } => "suspended",
            Status::Ended { .. } => "ended",
            Status::Unknown { .. } => "unknown",
        }
    }

    /// In words.
    #[must_use]
    pub fn statement(&self) -> Statement {
        match self {
            Status::NotPublished { published } => {
                Statement::new("status_not_published").word("known", published.to_string())
            }
            Status::NotYet { from } => {
                Statement::new("status_not_yet").word("from", from.to_string())
            }
            Status::InForce { from } => {
                Statement::new("status_in_force").word("from", from.to_string())
            }
            Status::Suspended { instrument, from, to } => Statement::new("status_suspended")
                .word("instrument", instrument)
                .word("from", from.to_string())
                .word("to", to.to_string()),
            Status::Ended { to } => Statement::new("status_ended").word("to", to.to_string()),
            Status::Unknown { after, why, why_zh } => Statement::new("status_unknown")
                .word("to", after.to_string())
                .word("why", why)
                .word("why_zh", why_zh),
        }
    }
}

impl Suspension {
    /// Whether it is about an item.
    #[must_use]
    pub fn concerns(&self, item: &ControlItem) -> bool {
        self.suspends == item.instrument
            && (self.control_code.is_empty() || self.control_code == item.control_code)
            && (self.item_no.is_empty() || self.item_no == item.item_no)
    }
}

impl ControlList {
    /// The status of an item.
    #[must_use]
    pub fn status(&self, item: &ControlItem, at: AsOf) -> Status {
        if !at.known(item.published) {
            return Status::NotPublished { published: at.known_at.unwrap_or(item.published) };
        }
        let known =
            || self.suspensions.iter().filter(|s| s.concerns(item) && at.known(s.published));
        if at.date < item.valid_from {
            return Status::NotYet { from: item.valid_from };
        }
        if let Some(to) = item.valid_to.filter(|to| at.date > *to) {
            return Status::Ended { to };
        }
        if let Some(s) = known().find(|s| s.from <= at.date && at.date <= s.to) {
            return Status::Suspended { instrument: s.instrument.clone(), from: s.from, to: s.to };
        }
        let mut before: Vec<&Suspension> = known().filter(|s| s.to < at.date).collect();
        before.sort_by_key(|s| s.to);
        match before.last() {
            Some(s) if s.afterwards == Afterwards::Ended => Status::Ended { to: s.to },
            Some(s) if s.afterwards == Afterwards::Unknown => Status::Unknown {
                after: s.to,
                why: s.afterwards_why.clone(),
                why_zh: s.afterwards_why_zh.clone(),
            },
            Some(s) => Status::InForce { from: s.to.tomorrow().unwrap_or(s.to) },
            None => Status::InForce { from: item.valid_from },
        }
    }

    /// The status of each item, in the order of the list.
    #[must_use]
    pub fn statuses(&self, at: AsOf) -> Vec<Status> {
        self.items.iter().map(|item| self.status(item, at)).collect()
    }

    /// The days on which the status of any item may change, rising: what a timeline shows.
    #[must_use]
    pub fn change_dates(&self) -> Vec<Date> {
        let mut dates: Vec<Date> = Vec::new();
        for item in &self.items {
            dates.push(item.valid_from);
            dates.extend(item.valid_to.and_then(|d| d.tomorrow().ok()));
        }
        for suspension in &self.suspensions {
            dates.push(suspension.from);
            dates.extend(suspension.to.tomorrow().ok());
        }
        dates.sort_unstable();
        dates.dedup();
        dates
    }
}
