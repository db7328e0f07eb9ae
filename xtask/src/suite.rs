//! `cargo xtask test`: everything that a submission must pass, in one command.
//!
//! All parts share one target directory and one profile: Clippy and rustdoc share the metadata of the
//! dependencies, the tests build the very binary that the crash and browser parts drive. A failed part
//! does not stop the next ones, so that one run tells all.

use std::process::Command;

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::house::{CHECKS, House};
use crate::shell::{Profile, Watch, cargo, gadolin, has, outcome, typed};
use crate::{browser, crash, setup, usage};

/// Kills in the crash part: few, for each run of the suite; `cargo xtask crash` does many.
const KILLS: u32 = 5;
/// Lots of its economy.
const KILL_LOTS: u64 = 20_000;

/// Run every check: format, lints, house rules, tests, documentation, crash, browser
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Only these parts, comma-separated or repeated
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Leave these parts out
    #[arg(long, value_enum, value_delimiter = ',')]
    without: Vec<Part>,
}

/// A part of the suite, in the order in which it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Setup,
    Fmt,
    House,
    Clippy,
    Tests,
    Doc,
    Deny,
    Crash,
    Browser,
}

/// How many checks a part did, and how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    pub(crate) const PASSED: Tally = Tally { passed: 1, failed: 0, skipped: 0 };
    pub(crate) const FAILED: Tally = Tally { passed: 0, failed: 1, skipped: 0 };
    pub(crate) const SKIPPED: Tally = Tally { passed: 0, failed: 0, skipped: 1 };

    pub(crate) fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    fn of(passed: bool) -> Tally {
        if passed { Tally::PASSED } else { Tally::FAILED }
    }
}

struct Line {
    part: Part,
    seconds: f64,
    /// Processor time of all that the part started: what it costs whoever else uses the machine.
    cpu_s: f64,
    tally: Tally,
    error: Option<String>,
}

impl Test {
    /// Runs the parts and closes with a table and a line of counts.
    ///
    /// # Errors
    /// Where a part failed.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let total = Watch::start();
        let ticks = usage::Ticks::new()?;
        let cpu = || ticks.tree_seconds(std::process::id());
        println!("{}", usage::load());
        let mut lines = Vec::new();
        for &part in Part::value_variants() {
            let asked = self.only.is_empty() || self.only.contains(&part);
            if !asked || self.without.contains(&part) {
                continue;
            }
            println!("\n=== {}", part.name());
            let (watch, before) = (Watch::start(), cpu());
            let done = part.run();
            let (tally, error) = match done {
                Ok(tally) => (tally, None),
                Err(error) => (Tally::FAILED, Some(format!("{error:#}"))),
            };
            if let Some(error) = &error {
                println!("failed: {error}");
            }
            let (seconds, cpu_s) = (watch.seconds(), cpu() - before);
            lines.push(Line { part, seconds, cpu_s, tally, error });
        }
        let sum = table(&lines);
        println!("{:<8} {:>8.1} {:>8.1}  {}", "all", total.seconds(), cpu(), usage::load());
        println!("\n{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped);
        if sum.failed > 0 {
            bail!("{} of {} checks failed", sum.failed, sum.passed + sum.failed);
        }
        Ok(())
    }
}

/// Prints a line for each part and adds up their counts.
fn table(lines: &[Line]) -> Tally {
    let mut sum = Tally::default();
    println!(
        "\n{:<8} {:>8} {:>8} {:>7} {:>7} {:>8}  result",
        "part", "seconds", "cpu s", "passed", "failed", "skipped"
    );
    for Line { part, seconds, cpu_s, tally, error } in lines {
        sum.add(*tally);
        let Tally { passed, failed, skipped } = tally;
        let result = match error {
            Some(error) => error.lines().next().unwrap_or("failed"),
            None if *failed > 0 => "failed",
            None if *passed == 0 => "skipped",
            None => "ok",
        };
        let name = part.name();
        println!(
            "{name:<8} {seconds:>8.1} {cpu_s:>8.1} {passed:>7} {failed:>7} {skipped:>8}  {result}"
        );
    }
    sum
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn run(self) -> anyhow::Result<Tally> {
        match self {
            Part::Setup => setup::run().map(|()| Tally::PASSED),
            Part::Fmt => passes(cargo().args(["fmt", "--all", "--check"])),
            Part::House => house(),
            Part::Clippy => passes(
                cargo()
                    .args(["clippy", "--workspace", "--all-targets", "--locked", "--quiet"])
                    .args(["--", "--deny", "warnings"]),
            ),
            Part::Tests => tests(),
            Part::Doc => passes(
                cargo()
                    .args(["doc", "--workspace", "--no-deps", "--locked", "--quiet"])
                    .args(["--document-private-items"])
                    .env("RUSTDOCFLAGS", "--deny warnings"),
            ),
            Part::Deny => deny(),
            Part::Crash => crash::quick(&gadolin(Profile::Dev)?, KILLS, KILL_LOTS),
            Part::Browser => browser::run(&gadolin(Profile::Dev)?),
        }
    }
}

/// Runs a command before everybody's eyes.
fn passes(command: &mut Command) -> anyhow::Result<Tally> {
    let status = command.status().with_context(|| format!("cannot start `{}`", typed(command)))?;
    Ok(Tally::of(status.success()))
}

fn house() -> anyhow::Result<Tally> {
    let house = House::open()?;
    let mut tally = Tally::default();
    for check in CHECKS {
        let wrong = (check.run)(&house)?;
        tally.add(Tally::of(wrong.is_empty()));
        println!("{}: {}", check.name, if wrong.is_empty() { "ok" } else { "failed" });
        for sentence in wrong {
            println!("  {sentence}");
        }
    }
    Ok(tally)
}

/// Unit, integration and documentation tests. Their output is kept until the end, then shown whole.
fn tests() -> anyhow::Result<Tally> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    let done = outcome(&mut command)?;
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    if !done.status.success() {
        print!("{err}");
    }
    print!("{out}");
    let tally = counted(&out);
    if tally == Tally::default() {
        bail!("no test ran: {}", err.lines().last().unwrap_or_default());
    }
    if !done.status.success() && tally.failed == 0 {
        bail!("a test program ended badly");
    }
    Ok(tally)
}

/// Adds up the closing lines of test programs.
fn counted(out: &str) -> Tally {
    let mut sum = Tally::default();
    for line in out.lines().filter_map(|l| l.trim().strip_prefix("test result: ")) {
        let count = |word: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words
                .windows(2)
                .find(|w| w[1].trim_end_matches([';', ',']) == word)
                .and_then(|w| w[0].parse().ok())
        };
        sum.add(Tally {
            passed: count("passed").unwrap_or(0),
            failed: count("failed").unwrap_or(0),
            skipped: count("ignored").unwrap_or(0),
        });
    }
    sum
}

fn deny() -> anyhow::Result<Tally> {
    if !has("cargo-deny") {
        println!("NOT RUN: cargo-deny is not installed (`cargo install --locked cargo-deny`).");
        println!("Licences, bans and sources were checked against deny.toml by our own rule.");
        return Ok(Tally::SKIPPED);
    }
    // Advisories need a database from outside, which not every builder reaches.
    passes(cargo().args(["deny", "--offline", "check", "licenses", "bans", "sources"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_added_up() {
        let out = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(counted(out), Tally { passed: 5, failed: 1, skipped: 1 });
    }

    #[test]
    fn no_closing_line_is_no_test() {
        assert_eq!(counted("error: could not compile"), Tally::default());
    }
}
