//! The classify piece through its public doors.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod facts;
mod packs;
