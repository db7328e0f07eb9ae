//! `gadolin`: the one binary.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]
mod authority;
mod bench;
mod commands;
mod output;
mod resources;
mod screening_demo;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run()
}
