//! The ledger and its answers, through the public door of the books.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod accounts;
mod attribution;
mod cases;
mod check;
mod documents;
mod durable;
mod economy;
mod model;
mod properties;
mod rules;
mod small;
