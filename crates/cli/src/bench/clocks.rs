//! `gadolin bench clocks`: all clocks of many cases worked out anew, on one core, without proofs.

use controls::clock::{Event, reckon};
use controls::{Calendar, ClockRules};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{say, splitmix};
use crate::commands::End;
use crate::commands::clock::law;
use crate::commands::law::pack_files;
use crate::resources::cpu_seconds;

/// Work out the clocks of many cases anew
#[derive(Debug, clap::Args)]
pub(crate) struct Clocks {
    /// How many clocks
    #[arg(long, default_value_t = 100_000)]
    clocks: usize,
    /// A pack carried in the program, or the directory of one
    #[arg(long, value_name = "PACK|DIR", default_value = "demo")]
    pack: String,
    /// Seed of the cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Serialize)]
struct Measured<'a> {
    bench: &'static str,
    pack: &'a str,
    cases: usize,
    events: usize,
    clocks: usize,
    cpu_s: f64,
    cpu_us_per_clock: f64,
    provisional: usize,
}

impl Clocks {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let (rules, calendar) = law(&pack_files(&self.pack)?).map_err(|faults| {
            let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow::anyhow!(said.join("\n"))
        })?;
        let mut state = self.seed;
        let years = calendar.known_to().0 - calendar.first().0;
        let cases: Vec<Vec<Event>> =
            (0..self.clocks).map(|_| case(&rules, &calendar, years, &mut state)).collect();
        let (mut asked, mut events, mut clocks, mut provisional) = (0, 0, 0, 0);
        let start = cpu_seconds();
        for case in &cases {
            if clocks >= self.clocks {
                break;
            }
            let reckoning = reckon(&rules, &calendar, case, None)
                .map_err(|faults| anyhow::anyhow!("{} events cannot be placed", faults.len()))?;
            asked += 1;
            events += case.len();
            clocks += reckoning.clocks.len();
            let uncertain = |due| matches!(due, controls::clock::Due::Between { .. });
            provisional += reckoning.clocks.iter().filter(|clock| uncertain(clock.due)).count();
        }
        let cpu_s = cpu_seconds() - start;
        say(&Measured {
            bench: "clocks",
            pack: &self.pack,
            cases: asked,
            events,
            clocks,
            cpu_s,
            cpu_us_per_clock: cpu_s * 1e6 / clocks.max(1) as f64,
            provisional,
        })?;
        Ok(End::Done)
    }
}

/// A case as they go: received, mostly accepted, often asked or verified, often decided and issued.
fn case(rules: &ClockRules, calendar: &Calendar, years: i32, state: &mut u64) -> Vec<Event> {
    let mut draw = |below: u64| splitmix(state) % below;
    let first = i64::from(calendar.first().0 + 2) * 86_400;
    let begins = first + draw((years - 2).max(1) as u64 * 86_400) as i64;
    let mut at = Timestamp::from_second(begins).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut events = Vec::new();
    let mut add = |code: &str, hours: u64, notice_days: Option<u32>| {
        at = at.checked_add(SignedDuration::from_hours(hours as i64)).unwrap_or(at);
        if let Some(kind) = rules.event(code) {
            let line = events.len() as u32 + 1;
            events.push(Event { line, at, kind, agency: None, notice_days });
        }
    };
    add("received", 0, None);
    if draw(4) == 0 {
        add("question", 24 + draw(72), None);
        add("answer", 24 + draw(240), None);
    }
    if draw(10) > 0 {
        add("accepted", 20 + draw(100), None);
    }
    for stop in ["verification", "expert"] {
        if draw(3) == 0 {
            let notice = 5 + draw(20) as u32;
            add(&format!("{stop}_start"), 24 + draw(240), Some(notice));
            if draw(8) > 0 {
                add(&format!("{stop}_end"), 24 + draw(600), None);
            }
        }
    }
    if draw(3) > 0 {
        add(if draw(8) > 0 { "granted" } else { "refused" }, 24 + draw(1_000), None);
        add("issued", 24 + draw(200), None);
    }
    events
}
