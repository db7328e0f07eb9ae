//! `cargo xtask crash`: an import killed at random moments loses nothing.
//!
//! One data directory takes the filings undisturbed. Another takes the same files, but the importing
//! process is killed (SIGKILL) at moments drawn from a seed over the whole time that the undisturbed one
//! took; after each kill `fsck` must be clean, and the same command goes on. When all kills are done and
//! the import has gone through, both ledgers must give the same answers: every balance, every finding,
//! and the traces of a sample of lots. A directory that is complete before all kills are spent is compared,
//! and a new one begun, so that kills fall on early, middle and late stages alike.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::economy::{Economy, Source};
use crate::shell::{Watch, outcome, output, typed};
use crate::suite::Tally;
use crate::usage;

/// The most kills of one import before it runs to its end.
const KILLS_A_ROUND: u32 = 3;
/// Lots whose traces are compared.
const TRACES: usize = 200;
/// The element of the traces.
const ELEMENT: &str = "Dy";
/// Part of the undisturbed time beyond which no kill is drawn: 5 % more, to hit the last moments too.
const SPREAD: f64 = 1.05;

/// Kill imports at random moments, resume them, and compare with an undisturbed one
#[derive(Debug, clap::Args)]
pub(crate) struct Crash {
    /// How often
    #[arg(long, default_value_t = 50)]
    times: u32,
    /// Lots of the generated economy
    #[arg(long, default_value_t = 100_000)]
    lots: u64,
    /// Seed of the moments
    #[arg(long, default_value_t = 1)]
    kill_seed: u64,
    #[command(flatten)]
    source: Source,
}

impl Crash {
    /// Runs the kills with the binary that users get.
    ///
    /// # Errors
    /// Where anything was lost, or differs.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let gadolin = self.source.gadolin()?;
        let economy = self.source.lots(&gadolin, self.lots)?;
        Trial::new(&gadolin, &economy, self.kill_seed)?.run(self.times)
    }
}

/// The short form for the suite.
///
/// # Errors
/// Where anything was lost, or differs.
pub(crate) fn quick(gadolin: &Path, times: u32, lots: u64) -> anyhow::Result<Tally> {
    let source = Source { files: Vec::new(), seed: 7, binary: None };
    let economy = source.lots(gadolin, lots)?;
    Trial::new(gadolin, &economy, 7)?.run(times)?;
    Ok(Tally::PASSED)
}

struct Trial<'t> {
    gadolin: &'t Path,
    economy: &'t Economy,
    scratch: tempfile::TempDir,
    seed: u64,
    state: u64,
    /// The shortest time that an import from the start has taken.
    seconds: f64,
    /// What `fsck` says when everything is in.
    complete: String,
    answers: Answers,
    lots: String,
}

/// How an import that was to be killed ended, and after how many seconds.
enum Ended {
    Killed(f64),
    Done(f64),
}

/// What a ledger says.
#[derive(PartialEq, Eq)]
struct Answers {
    balance: String,
    anomalies: String,
    traces: Vec<serde_json::Value>,
}

impl<'t> Trial<'t> {
    /// Imports undisturbed and keeps what that ledger says.
    fn new(gadolin: &'t Path, economy: &'t Economy, seed: u64) -> anyhow::Result<Trial<'t>> {
        let scratch = tempfile::Builder::new().prefix("gadolin-crash-").tempdir()?;
        let answers =
            Answers { balance: String::new(), anomalies: String::new(), traces: Vec::new() };
        let lots = sample(economy)?;
        let mut trial = Trial {
            gadolin,
            economy,
            scratch,
            seed,
            state: seed,
            seconds: 0.0,
            complete: String::new(),
            answers,
            lots,
        };
        let undisturbed = trial.scratch.path().join("undisturbed");
        let watch = Watch::start();
        let said = trial.import(&undisturbed)?;
        trial.seconds = watch.seconds();
        println!("undisturbed: {:.2} s; {}", trial.seconds, said.trim());
        trial.complete = trial.fsck(&undisturbed)?;
        trial.answers = trial.ask(&undisturbed)?;
        println!(
            "it answers: balance of {} bytes, {} findings, {} traces; {}",
            trial.answers.balance.len(),
            trial.answers.anomalies.lines().count(),
            trial.answers.traces.len(),
            usage::load()
        );
        Ok(trial)
    }

    fn run(mut self, times: u32) -> anyhow::Result<()> {
        println!("kill seed {}", self.seed);
        let (mut killed, mut rounds) = (0, 0);
        while killed < times {
            rounds += 1;
            let data = self.scratch.path().join(format!("killed-{rounds}"));
            let mut in_round = 0;
            // A few kills, then to the end: a resumed import soon has little left to be killed in.
            while killed < times && in_round < KILLS_A_ROUND {
                // A resumed import passes over what is there: aim at the time that an import takes from
                // the start, so that kills come at all stages.
                let moment = self.seconds * SPREAD * self.fraction();
                let at = match self.kill(&data, moment)? {
                    Ended::Killed(at) => at,
                    Ended::Done(seconds) => {
                        if in_round == 0 {
                            self.seconds = self.seconds.min(seconds);
                        }
                        break;
                    }
                };
                killed += 1;
                in_round += 1;
                let state = self.fsck(&data).with_context(|| {
                    format!("after kill {killed} at {at:.3} s, kill seed {}", self.seed)
                })?;
                println!("kill {killed:>3} of {times}, round {rounds}, at {at:.3} s: {state}");
                if state == self.complete {
                    break;
                }
            }
            self.import(&data)?;
            self.fsck(&data)?;
            if self.ask(&data)? != self.answers {
                bail!(
                    "round {rounds}: the ledger differs from the undisturbed one, kill seed {}",
                    self.seed
                );
            }
            println!("round {rounds}: {in_round} kills, then resumed to its end: the same answers");
            std::fs::remove_dir_all(&data)?;
        }
        println!(
            "crash: {killed} kills in {rounds} rounds, fsck clean after each, ledger equal after each round; kill seed {}",
            self.seed
        );
        Ok(())
    }

    /// Between 0 and 1, from the seed (SplitMix64; Steele, Lea, Flood 2014).
    fn fraction(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn command(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.gadolin);
        command.args(arguments).args(["--quiet", "--data"]).arg(data);
        command
    }

    fn import_command(&self, data: &Path) -> Command {
        let mut import = self.command(data, &["import"]);
        import.args(&self.economy.files);
        import
    }

    fn import(&self, data: &Path) -> anyhow::Result<String> {
        let mut import = self.import_command(data);
        import.args(["--format", "csv"]);
        let done = outcome(&mut import)?;
        // Rejected rows (3) are the same rows in both ledgers.
        if !matches!(done.status.code(), Some(0 | 3)) {
            let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
            bail!("`{}` failed ({}): {said}", typed(&import), done.status);
        }
        Ok(format!("{} files", self.economy.files.len()))
    }

    /// Starts an import and kills it at a moment, if it is not done before.
    fn kill(&self, data: &Path, moment: f64) -> anyhow::Result<Ended> {
        let mut import = self.import_command(data);
        import.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let watch = Watch::start();
        let mut child: Child = import.spawn().context("cannot start the import")?;
        while watch.seconds() < moment {
            if child.try_wait()?.is_some() {
                return Ok(Ended::Done(watch.seconds()));
            }
            let left = (moment - watch.seconds()).clamp(0.0, 0.002);
            std::thread::sleep(Duration::from_secs_f64(left));
        }
        child.kill()?;
        let at = watch.seconds();
        // Done between the last look and the kill: not killed.
        let ended = child.wait()?;
        Ok(if ended.code().is_none() { Ended::Killed(at) } else { Ended::Done(at) })
    }

    /// Checks a directory; gives what `fsck` says of it.
    fn fsck(&self, data: &Path) -> anyhow::Result<String> {
        if !data.join("gadolin.sqlite").is_file() {
            return Ok("killed before anything was written".to_owned());
        }
        let mut fsck = self.command(data, &["fsck", "--format", "table"]);
        let done = outcome(&mut fsck)?;
        let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        if !done.status.success() {
            bail!("fsck: {said} {}", String::from_utf8_lossy(&done.stderr).trim());
        }
        Ok(said)
    }

    fn ask(&self, data: &Path) -> anyhow::Result<Answers> {
        let balance = output(&mut self.command(data, &["balance", "--format", "json"]))?;
        let anomalies =
            output(&mut self.command(data, &["insight", "anomalies", "--format", "json"]))?;
        let list = self.scratch.path().join("lots");
        std::fs::write(&list, &self.lots)?;
        let mut traces = Vec::new();
        for direction in ["back", "forward"] {
            let mut trace = self.command(
                data,
                &["trace", "-", "--element", ELEMENT, "--direction", direction, "--format", "json"],
            );
            trace.stdin(std::fs::File::open(&list)?).stderr(Stdio::inherit());
            let done = trace.output()?;
            if !done.status.success() {
                bail!("`{}` failed ({})", typed(&trace), done.status);
            }
            for line in String::from_utf8(done.stdout)?.lines() {
                let mut answer: serde_json::Value = serde_json::from_str(line)?;
                if let Some(fields) = answer.as_object_mut() {
                    // The only field that depends on the clock.
                    fields.remove("micros");
                }
                traces.push(answer);
            }
        }
        let asked = self.lots.lines().count() * 2;
        if traces.len() != asked || traces.iter().all(|t| t.get("parts").is_none()) {
            bail!("{} of {asked} traces were answered", traces.len());
        }
        Ok(Answers { balance, anomalies, traces })
    }
}

/// Lots spread evenly over all that the files name, one a line.
fn sample(economy: &Economy) -> anyhow::Result<String> {
    let mut lots = BTreeSet::new();
    economy.each(|columns, record| {
        let lot = columns.get(record, "lot");
        if !lot.is_empty() && columns.get(record, "kind") != "count" {
            lots.insert(lot.to_owned());
        }
        Ok(())
    })?;
    let step = (lots.len() / TRACES).max(1);
    let drawn: Vec<&str> = lots.iter().step_by(step).take(TRACES).map(String::as_str).collect();
    Ok(drawn.join("\n") + "\n")
}
