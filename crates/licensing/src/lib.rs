//! Licensing: from an application to the last kilogram at the border.
//!
//! A **case** is one application on its way through the authority. What happens to it is a list of events
//! ([`case::Event`]); the case is what they add up to ([`case::Case::apply`]), so a stored case can be
//! worked out anew and compared. What somebody wants to do with it is a command, and `decide` a pure
//! function from case, command and context to events or a refusal. What is advised on, decided, licensed
//! and drawn down is a **cell**: good × consignee × end user × end use × destination, with a quantity
//! ([`application::Cell`]).
//!
//! Nothing here knows a clock, a database, a file or a country: instants, the rules of the pack
//! ([`rules::Rules`]) and what other parts found out come as values.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

pub mod address;
pub mod advice;
pub mod application;
pub mod application_read;
pub mod case;
pub mod certificate;
pub mod clock_events;
pub mod completeness;
pub mod decide;
pub mod difference;
pub mod draw_down;
pub mod duty;
pub mod enquiry;
pub mod fit;
pub mod forecast;
pub mod general;
pub mod grant;
mod judge;
pub mod licence;
pub mod message;
pub mod quantity;
pub mod quota;
pub mod rules;
pub mod rules_read;
#[cfg(test)]
#[path = "sample_tests.rs"]
mod sample;
pub mod sight;
pub mod tie;
pub mod urgency;

pub use application::{Application, Cell, CellKey};
pub use application_read::{ReadFault, application_read};
pub use case::{Case, CaseId, CaseState, Event, Recorded};
pub use certificate::Certificate;
pub use clock_events::{ClockEvent, clock_events};
pub use completeness::{Completeness, Evidence, Finding, completeness};
pub use decide::{By, Command, Context, Refusal, decide, submit};
pub use difference::difference;
pub use quantity::{Quantity, QuantityError, Unit};
pub use rules::Rules;
pub use rules_read::{Known, RulesFault, rules_read};
pub use urgency::{Urgency, UrgencyReason, urgency};
