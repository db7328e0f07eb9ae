//! The use cases of the platform: import, balance, trace, findings, and what pages show.
//!
//! [`books::Books`] is the platform in memory; [`platform::Platform`] is the same on disk. The rules
//! are in the mission crates; here they are called in order.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

pub mod audience;
pub mod audit;
pub mod balance;
pub mod books;
pub mod border;
pub mod cases;
pub mod certificates;
pub mod documents;
pub mod drafts;
pub mod duties;
pub mod enquiries;
pub mod findings;
pub mod general;
pub mod import;
#[cfg(test)]
mod import_tests;
pub mod jobs;
mod key_file;
pub mod law;
pub mod ledger;
pub mod licence;
pub mod licensed;
mod licensed_seed;
pub mod lineage;
pub mod mail;
mod muf;
pub mod packs;
pub mod paper;
mod parse;
pub mod people;
pub mod pipeline;
pub mod platform;
pub mod quota;
pub mod report;
pub mod screening;
pub mod signing;
mod snapshot;
pub mod tie;
pub mod views;
pub mod webhooks;

pub use audience::Audience;
pub use balance::{BalanceAnswer, BalanceQuery, BalanceRow};
pub use base::authorisation::{Action, Actor, Resource, Role, authorise};
pub use books::Books;
pub use findings::LedgerFinding;
pub use import::{ImportOptions, Series, hex};
pub use ledger::AccountBalance;
pub use licensed_seed::{LicensedSeedError, licensed_seed};
pub use pipeline::Progress;
pub use platform::{Mode, Platform, PlatformError};
pub use report::{FindingGroup, ImportReport, RejectedRow, Unread};
