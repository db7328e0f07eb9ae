//! The command line as its users meet it: the real binary, in directories of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answers;
mod audit;
mod clock;
mod corrections;
mod documents;
mod durability;
mod files;
mod law;
mod people;
mod place;
mod rules;
mod screen;
mod usage;
mod verify;
