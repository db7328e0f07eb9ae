//! The vocabulary of Gadolin: masses, compositions, dates, party identifiers, findings, and the
//! tables of `packs/common` (elements, oxides, stages, processes, uses).
//!
//! What the numbers mean is fixed by the ledger's rules: mass is whole milligrams, composition is
//! parts per billion by mass, content is whole micrograms. Nothing here reads a clock, a file, the
//! environment or a random source.
#![cfg_attr(test, expect(clippy::unwrap_used, clippy::panic, reason = "tests"))]

pub mod authorisation;
pub mod common;
pub mod composition;
pub mod decimal;
pub mod finding;
pub mod flow;
pub mod iso;
pub mod kind;
pub mod mass;
pub mod party;
pub mod time;

pub use common::{Common, Element, ProcessId, StageId, UseId};
pub use composition::Composition;
pub use finding::{Finding, Severity};
pub use kind::{Kind, Leg, Move};
pub use mass::{Content, Mass};
pub use time::{Date, Timestamp};
