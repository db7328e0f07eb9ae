//! `gadolin`: the one binary.
mod bench;
mod commands;
mod output;
mod resources;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
