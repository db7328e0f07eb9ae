//! The classify piece through its public doors.
#![expect(clippy::unwrap_used, reason = "tests")]

mod content;
mod facts;
mod input;
mod magnets;
mod packs;
mod properties;
mod technology;
mod versions;
