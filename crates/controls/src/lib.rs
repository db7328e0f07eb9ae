//! Law as data: the pack of a jurisdiction, and what follows from it.
//!
//! A pack is a directory of tables ([`files::PackFiles`]). Reading one gives what could be read and every
//! fault of it ([`fault::PackFault`]); nothing here knows a file system, a clock or a country.
//!
//! Start reading at [`classify::Classifier`] (which items apply to a good) and [`status`] (whether an item
//! holds on a day).
//!
//! Invariants: an answer is a function of the pack, the question and the dates in it; each fact carries its
//! citation, source and confidence ([`fact::Fact`]), and what is not sure stays visible in the answer.
#![cfg_attr(test, expect(clippy::unwrap_used, clippy::panic, reason = "tests"))]

pub mod answer;
pub mod bill;
pub mod calendar;
mod cases;
mod check;
pub mod classify;
pub mod clock;
pub mod compare;
pub mod content;
mod content_answer;
mod csv_table;
pub mod day;
pub mod fact;
pub mod fault;
mod figures;
pub mod files;
mod formula;
pub mod good;
pub mod list;
mod matching;
pub mod pack;
pub mod presence;
pub mod reading;
mod reason;
pub mod regime;
mod reliance;
mod settings;
pub mod statement;
pub mod status;
mod table;
mod technology;
pub mod text;
pub mod vocabulary;

pub use answer::{Answer, Kind};
pub use calendar::Calendar;
pub use cases::cases;
pub use classify::Classifier;
pub use clock::ClockRules;
pub use compare::{compare, redline};
pub use day::Day;
pub use fact::{Confidence, Fact};
pub use fault::PackFault;
pub use files::PackFiles;
pub use good::Good;
pub use list::{ControlItem, ControlList};
pub use pack::Pack;
pub use regime::Regime;
pub use statement::{Language, Statement};
pub use status::{AsOf, Status};
