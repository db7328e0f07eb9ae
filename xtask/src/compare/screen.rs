//! Screening: our matcher beside nomenklatura (logic-v1, logic-v2) and rapidfuzz, on the same list and the same
//! queries in the same run.
//!
//! The slow ones are asked only each so-manieth query, and ours is judged on those too; all of ours stand
//! below. An answer is right where it names any record of the party that is meant (`clusters.json`); a query
//! that means nobody has a false alert where it has any answer at the threshold.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::shell::{cargo, environment, output, root};
use crate::usage::load;

/// What the open matchers are, from the Python Package Index.
const PEERS: &[&str] = &["nomenklatura", "followthemoney", "rigour", "rapidfuzz", "normality"];
/// Where the development data are beside the checkout.
const DATA: &str = "../shared/data/screening";

/// Names against denied-party lists, beside open matchers
#[derive(Debug, clap::Args)]
pub(crate) struct Screen {
    /// The peers are asked each so-manieth query
    #[arg(long, default_value_t = 4)]
    stride: usize,
    /// Leave the peers out
    #[arg(long)]
    alone: bool,
}

#[derive(Debug, Deserialize)]
struct Truth {
    id: String,
    class: String,
    schema: String,
    #[serde(default)]
    targets: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Used {
    queries: usize,
    queries_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    rss_mb: f64,
}

#[derive(Debug, Deserialize)]
struct Answer {
    id: String,
    matches: Vec<(String, f64)>,
}

/// What a system said to a query, judged.
#[derive(Debug, Clone)]
struct Judged {
    class: String,
    person: bool,
    /// Best score of the party that is meant.
    right: f64,
    /// Best score of anything.
    any: f64,
    first: bool,
}

impl Judged {
    fn means_somebody(&self) -> bool {
        !self.class.starts_with("neg")
    }
}

/// A system with its answers.
struct System {
    name: String,
    used: Used,
    judged: Vec<Judged>,
}

impl Screen {
    /// Runs all systems and prints the table.
    ///
    /// # Errors
    /// Where a system cannot be run.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let data = match environment("GADOLIN_SCREENING_DATA") {
            Some(directory) => PathBuf::from(directory),
            None => root().join(DATA),
        };
        if !data.join("list.jsonl").is_file() {
            println!("NOTHING COMPARED: no development data in `{}`;", data.display());
            println!(
                "set GADOLIN_SCREENING_DATA to the directory of list.jsonl, truth.jsonl and clusters.json"
            );
            return Ok(());
        }
        let truth = Judge::read(&data)?;
        println!("before: {}", load());
        let ours = truth.system("gadolin", &output(&mut measure(&data))?)?;
        let mut sampled = vec![truth.sampled(&ours, self.stride)];
        if !self.alone {
            let python = python()?;
            for name in ["logic-v1", "logic-v2", "rapidfuzz"] {
                let mut command = Command::new(&python);
                command.arg(root().join("xtask/peers/screening.py")).arg(name).arg(&data);
                sampled.push(truth.system(name, &output(command.arg(self.stride.to_string()))?)?);
            }
        }
        println!("after: {}", load());
        sampled.iter().try_for_each(plausible)?;
        let asked = sampled.first().map_or(0, |s| s.judged.len());
        println!("\neach {}th query, {asked} in all, one core", self.stride);
        print_table(&sampled);
        if let (Some(ours), Some(theirs)) =
            (sampled.first(), sampled.iter().find(|s| s.name == "logic-v2"))
        {
            println!(
                "gadolin is {:.0} times as fast as logic-v2",
                ours.used.queries_per_s / theirs.used.queries_per_s
            );
        }
        println!("\nall queries");
        let ours = [ours];
        print_table(&ours);
        Ok(())
    }
}

/// Refuses a system that does not find names that are listed as they stand: then it was driven wrongly, and
/// its figures would say nothing.
fn plausible(system: &System) -> anyhow::Result<()> {
    let exact: Vec<&Judged> = system.judged.iter().filter(|j| j.class == "exact").collect();
    let found = recall(&exact, 0.7);
    if !exact.is_empty() && found < 0.9 {
        bail!("`{}` finds only {found:.2} of the names that are listed as they stand", system.name);
    }
    Ok(())
}

/// Our matcher over all queries.
fn measure(data: &Path) -> Command {
    let mut command = cargo();
    command.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "screening",
        "--example",
        "measure",
        "--",
    ]);
    command.arg(data).arg("--matches");
    command
}

/// A Python with the open matchers, installed where they are not.
fn python() -> anyhow::Result<PathBuf> {
    let target =
        environment("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let venv = target.join("screening-peers");
    let python = venv.join("bin/python");
    let ready = venv.join("ready");
    if !ready.is_file() {
        output(Command::new("python3").args(["-m", "venv"]).arg(&venv))
            .context("a Python with venv is needed")?;
        output(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PEERS))?;
        std::fs::write(&ready, "")?;
    }
    Ok(python)
}

/// Who is meant by each query.
struct Judge {
    truth: HashMap<String, Truth>,
    order: Vec<String>,
    clusters: HashMap<String, String>,
}

impl Judge {
    fn read(data: &Path) -> anyhow::Result<Judge> {
        let text = std::fs::read_to_string(data.join("truth.jsonl"))?;
        let rows: Vec<Truth> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let clusters = serde_json::from_str(&std::fs::read_to_string(data.join("clusters.json"))?)?;
        let order = rows.iter().map(|row| row.id.clone()).collect();
        Ok(Judge {
            truth: rows.into_iter().map(|row| (row.id.clone(), row)).collect(),
            order,
            clusters,
        })
    }

    /// Judges what a system printed.
    fn system(&self, name: &str, said: &str) -> anyhow::Result<System> {
        let (first, rest) = said.split_once('\n').context("a system said nothing")?;
        let used = serde_json::from_str(first).with_context(|| first.to_owned())?;
        let answers = rest.lines().map(|line| Ok(self.judge(&serde_json::from_str(line)?)));
        let judged = answers.collect::<anyhow::Result<Option<Vec<Judged>>>>()?;
        let Some(judged) = judged else {
            bail!("`{name}` answered a query that is not in truth.jsonl")
        };
        Ok(System { name: name.to_owned(), used, judged })
    }

    fn judge(&self, answer: &Answer) -> Option<Judged> {
        let truth = self.truth.get(&answer.id)?;
        let cluster = |id: &String| self.clusters.get(id).unwrap_or(id).clone();
        let meant: HashSet<String> = truth.targets.iter().map(cluster).collect();
        let right = |entity: &String| meant.contains(&cluster(entity));
        let scores =
            answer.matches.iter().filter(|(entity, _)| right(entity)).map(|(_, score)| *score);
        Some(Judged {
            class: truth.class.clone(),
            person: truth.schema == "Person",
            right: scores.fold(0.0, f64::max),
            any: answer.matches.first().map_or(0.0, |(_, score)| *score),
            first: answer.matches.first().is_some_and(|(entity, _)| right(entity)),
        })
    }

    /// Ours on the queries that the peers are asked.
    fn sampled(&self, ours: &System, stride: usize) -> System {
        let kept = ours
            .judged
            .iter()
            .enumerate()
            .filter(|(n, _)| n % stride == 0 && *n < self.order.len());
        let used = ours.used;
        System {
            name: ours.name.clone(),
            used,
            judged: kept.map(|(_, judged)| judged.clone()).collect(),
        }
    }
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all.max(1) as f64
}

fn recall(judged: &[&Judged], threshold: f64) -> f64 {
    let meant: Vec<_> = judged.iter().filter(|j| j.means_somebody()).collect();
    share(meant.iter().filter(|j| j.right > 0.0 && j.right >= threshold).count(), meant.len())
}

fn false_alerts(judged: &[&Judged], threshold: f64) -> f64 {
    let nobody: Vec<_> = judged.iter().filter(|j| !j.means_somebody()).collect();
    share(nobody.iter().filter(|j| j.any >= threshold).count(), nobody.len())
}

/// The least threshold at which no more than a share of the queries that mean nobody has an alert.
fn threshold(judged: &[&Judged], alerts: f64) -> f64 {
    let mut scores: Vec<f64> =
        judged.iter().filter(|j| !j.means_somebody()).map(|j| j.any).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let allowed = (alerts * scores.len() as f64).floor() as usize;
    scores.get(allowed).map_or(0.0, |score| score + 1e-9)
}

fn print_table(systems: &[System]) {
    println!(
        "{:<10} {:<8} {:>7} {:>9} {:>8} {:>8} {:>7} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "system",
        "of",
        "queries",
        "queries/s",
        "p50 ms",
        "p99 ms",
        "RSS MB",
        "recall@1",
        "@0.70",
        "alerts",
        "at 1 %",
        "at 2 %",
        "at 5 %"
    );
    for system in systems {
        for group in ["all", "persons", "others"] {
            let keep = |j: &&Judged| group == "all" || j.person == (group == "persons");
            let judged: Vec<&Judged> = system.judged.iter().filter(keep).collect();
            let meant: Vec<_> = judged.iter().filter(|j| j.means_somebody()).collect();
            let first = share(meant.iter().filter(|j| j.first).count(), meant.len());
            let used = &system.used;
            print!("{:<10} {group:<8} {:>7} ", system.name, judged.len());
            print!(
                "{:>9.1} {:>8.3} {:>8.3} {:>7.0} ",
                used.queries_per_s, used.p50_ms, used.p99_ms, used.rss_mb
            );
            print!(
                "{first:>9.3} {:>8.3} {:>8.4}",
                recall(&judged, 0.7),
                false_alerts(&judged, 0.7)
            );
            for alerts in [0.01, 0.02, 0.05] {
                print!(" {:>8.3}", recall(&judged, threshold(&judged, alerts)));
            }
            println!();
        }
    }
    println!(
        "\n{:<20} {:>6}  found (or falsely alerted) at 0.70 / at 2 % false alerts",
        "class", "n"
    );
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for judged in systems.iter().take(1).flat_map(|s| &s.judged) {
        *classes.entry(&judged.class).or_default() += 1;
    }
    for (class, count) in classes {
        print!("{class:<20} {count:>6}");
        for system in systems {
            let all: Vec<&Judged> = system.judged.iter().collect();
            let own: Vec<&Judged> = all.iter().copied().filter(|j| j.class == class).collect();
            let of = |threshold: f64| match class.starts_with("neg") {
                true => false_alerts(&own, threshold),
                false => recall(&own, threshold),
            };
            print!("  {} {:.3} / {:.3}", system.name, of(0.7), of(threshold(&all, 0.02)));
        }
        println!();
    }
    for system in systems {
        println!("{}: {} queries timed", system.name, system.used.queries);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(class: &str, right: f64, any: f64) -> Judged {
        Judged { class: class.to_owned(), person: true, right, any, first: right >= any }
    }

    #[test]
    fn a_system_that_misses_equal_names_is_refused() {
        let used = Used { queries: 1, queries_per_s: 1.0, p50_ms: 1.0, p99_ms: 1.0, rss_mb: 1.0 };
        let system = |right: f64| System {
            name: "peer".to_owned(),
            used,
            judged: vec![judged("exact", right, 0.9)],
        };
        assert!(plausible(&system(0.9)).is_ok());
        assert!(plausible(&system(0.0)).is_err());
    }

    #[test]
    fn a_threshold_lets_no_more_alerts_through_than_it_may() {
        let all = [
            judged("neg", 0.0, 0.9),
            judged("neg", 0.0, 0.5),
            judged("typo", 0.6, 0.6),
            judged("typo", 0.4, 0.8),
        ];
        let all: Vec<&Judged> = all.iter().collect();
        let half = threshold(&all, 0.5);
        assert!((false_alerts(&all, half) - 0.5).abs() < 1e-12);
        assert!((recall(&all, half) - 0.5).abs() < 1e-12);
        assert!(false_alerts(&all, threshold(&all, 0.0)) < 1e-12);
    }
}
