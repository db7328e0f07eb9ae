//! The command line as its users meet it: the real binary, in directories of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answers;
mod corrections;
mod durability;
mod files;
mod people;
mod place;
mod rules;
mod usage;
