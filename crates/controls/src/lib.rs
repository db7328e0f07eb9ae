//! Law as data: the pack of a jurisdiction, and what follows from it.
//!
//! A pack is a directory of tables ([`files::PackFiles`]). Reading one gives what could be read and every
//! fault of it ([`fault::PackFault`]); nothing here knows a file system, a clock or a country.
//!
//! Invariants: an answer is a function of the pack, the question and the dates in it; each fact carries its
//! citation, source and confidence ([`fact::Fact`]), and what is not sure stays visible in the answer.
#![cfg_attr(test, expect(clippy::unwrap_used, clippy::panic, reason = "tests"))]

pub mod calendar;
pub mod clock;
pub mod day;
pub mod fact;
pub mod fault;
pub mod files;
pub mod regime;
mod settings;
mod table;

pub use calendar::Calendar;
pub use clock::ClockRules;
pub use day::Day;
pub use fact::{Confidence, Fact};
pub use fault::PackFault;
pub use files::PackFiles;
pub use regime::Regime;
