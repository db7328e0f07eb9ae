//! Tracking: what a filing is, when it is taken, and what it does to the material.
//!
//! Rows become filings ([`row`], [`filing`]); a filing becomes flows of material between holders
//! ([`effect`]); flows become balances ([`balance`]) and contradictions ([`custody`]). All of it is
//! pure: files, databases and clocks stand outside.

pub mod balance;
pub mod column;
pub mod custody;
pub mod effect;
pub mod filing;

pub mod rejection;
mod requirements;
pub mod row;
pub mod yields;

pub use column::Column;

pub use base::kind::{Kind, Leg, Move};
pub use rejection::Rejection;
pub use row::{Fields, Row};
