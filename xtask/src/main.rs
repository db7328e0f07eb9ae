//! `cargo xtask`: the tools of the house.
//!
//! `setup` installs what the tests need, `test` runs every check that a submission must pass, `compare`
//! measures Gadolin beside its peers in the same run, `crash` kills imports and `draws` the border's server
//! and prove that nothing is lost. All of them drive the same binary that a user gets; none of them reads its insides.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

mod browser;
mod compare;
mod crash;
mod draws;
mod economy;
mod house;
mod http;
mod postgres;
mod server;
mod setup;
mod shell;
mod suite;
mod usage;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Install the Debian packages that the tests need, where they are absent
    Setup,
    /// Run every check: format, lints, house rules, tests, documentation, crash, browser
    Test(suite::Test),
    /// Measure beside a peer, both sides in the same run
    #[command(subcommand)]
    Compare(compare::Compare),
    /// Kill imports at random moments, resume them, and compare with an undisturbed one
    Crash(crash::Crash),
    /// Kill the border's server at random moments while many clients draw licences down
    Draws(draws::Draws),
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Setup => setup::run(),
        Task::Test(test) => test.run(),
        Task::Compare(compare) => compare.run(),
        Task::Crash(crash) => crash.run(),
        Task::Draws(draws) => draws.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
