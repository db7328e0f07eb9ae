//! `gadolin`: the one binary.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]
mod authority;
mod bench;
mod commands;
mod output;
mod resources;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
