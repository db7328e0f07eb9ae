//! `gadolin bench authority`: applications from handing in to decision, through the doors that people use.
//!
//! Then the queue and case pages over all cases: what they ask of the platform, and the pages themselves over
//! HTTP.

use app::cases::{CaseFilter, Known, Queue, signers};
use app::law::Law;
use app::people::{People, seed_read};
use app::{Mode, Platform};
use base::Timestamp;
use serde::Serialize;

use super::pages::pages_ask;
use super::{say, splitmix};
use crate::authority::Office;
use crate::commands::user::moment;
use crate::commands::{End, Shared, open};
use crate::resources::{Watch, cpu_seconds, peak_mib, random};

/// Take applications to their decision in the simulated authority
#[derive(Debug, clap::Args)]
pub(crate) struct BenchAuthority {
    /// How many applications
    #[arg(long, default_value_t = 10_000)]
    cases: u64,
    /// Steps in one transaction
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Questions to the queue and to case files
    #[arg(long, default_value_t = 1_000)]
    questions: usize,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What the pages of the queue are asked for, as the questions to the platform.
const QUERIES: [&str; 6] = [
    "officer=any",
    "officer=me",
    "officer=any&state=ended&kind=single",
    "officer=any&state=decided&to=DE",
    "officer=any&q=terbium",
    "officer=any&waits=officer",
];

#[derive(Debug, Serialize)]
struct Measured {
    bench: &'static str,
    cases: u64,
    moves: u64,
    transactions: u64,
    wall_s: f64,
    cpu_us_per_step: f64,
    cases_per_s: f64,
    states: std::collections::BTreeMap<&'static str, u64>,
    peak_mib: f64,
}

#[derive(Debug, Serialize)]
struct Asked {
    bench: &'static str,
    cases: u64,
    p50_ms: f64,
    p99_ms: f64,
    most_ms: f64,
}

impl BenchAuthority {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let platform = open(&shared.data, Mode::Write)?;
        let people = People::open(&shared.data, random()?)?;
        let seeds = seed_read(include_str!("../../../../packs/demo/accounts.toml"))
            .map_err(anyhow::Error::msg)?;
        if people.persons()?.is_empty() {
            people.seed(&seeds, &moment()?)?;
        }
        let files = app::packs::pack_carried("demo").unwrap_or_default();
        let law = Law::read("demo", 0, &files);
        let known = Known { signers: signers(&people)?, ..Known::default() };
        let applicants: Vec<(String, String)> = seeds
            .iter()
            .filter(|seed| seed.role.of_party())
            .map(|seed| (seed.key.clone(), seed.party.clone()))
            .collect();
        // A year of applications, long enough ago that all are decided.
        let day = |text: &str| Timestamp::parse(text).unwrap_or_default();
        let (wall, cpu) = (Watch::start(), cpu_seconds());
        let done = Office {
            platform: &platform,
            law: &law,
            known: &known,
            applicants: &applicants,
            seed: self.seed,
            cases: self.cases,
            from: day("2024-01-05"),
            until: day("2026-11-01"),
            batch: self.batch.max(1),
        }
        .run()?;
        let (wall_s, cpu_s) = (wall.seconds(), cpu_seconds() - cpu);
        say(&Measured {
            bench: "authority",
            cases: done.submitted,
            moves: done.moves,
            transactions: done.transactions,
            wall_s,
            cpu_us_per_step: cpu_s * 1e6 / (done.submitted + done.moves).max(1) as f64,
            cases_per_s: done.submitted as f64 / wall_s,
            states: done.states,
            peak_mib: peak_mib(),
        })?;
        let numbers = self.questions(&platform, done.submitted)?;
        let queries: Vec<String> = (0..self.questions)
            .map(|turn| format!("/cases?{}", QUERIES[turn % QUERIES.len()]))
            .collect();
        let of_officer =
            |paths: &[String]| pages_ask((&platform, &people), seeds.clone(), "officer", paths);
        say(&asked("queue_page", done.submitted, of_officer(&queries)?))?;
        let files: Vec<String> =
            numbers.iter().take(self.questions).map(|number| format!("/cases/{number}")).collect();
        say(&asked("case_page", done.submitted, of_officer(&files)?))?;
        Ok(End::Done)
    }

    /// Asks the platform; gives numbers of cases by chance.
    fn questions(&self, platform: &Platform, cases: u64) -> anyhow::Result<Vec<String>> {
        let filters = [
            CaseFilter { open: Some(true), ..CaseFilter::default() },
            CaseFilter {
                open: Some(true),
                officer: Some("officer".to_owned()),
                ..CaseFilter::default()
            },
            CaseFilter {
                open: Some(false),
                licence_type: Some("single".to_owned()),
                ..CaseFilter::default()
            },
            CaseFilter {
                state: Some("decided".to_owned()),
                destination: Some(sim::authority::DESTINATION_COMMON.to_owned()),
                ..CaseFilter::default()
            },
            CaseFilter { text: Some("terbium".to_owned()), ..CaseFilter::default() },
            CaseFilter { waits_for: Some("officer".to_owned()), ..CaseFilter::default() },
        ];
        let mut state = self.seed;
        let mut numbers = Vec::new();
        let mut queue = Vec::new();
        for turn in 0..self.questions {
            let filter = filters[turn % filters.len()].clone();
            let start = Watch::start();
            let page = platform.case_queue(&Queue::Cases(filter), None)?;
            queue.push(start.seconds() * 1e3);
            numbers.extend(page.rows.into_iter().map(|row| row.number));
        }
        say(&asked("queue", cases, queue))?;
        let (mut files, mut chosen) = (Vec::new(), Vec::new());
        for _ in 0..self.questions.min(numbers.len()) {
            let number = &numbers[(splitmix(&mut state) % numbers.len() as u64) as usize];
            let start = Watch::start();
            let _ = platform.case_history(number)?;
            files.push(start.seconds() * 1e3);
            chosen.push(number.clone());
        }
        say(&asked("case", cases, files))?;
        Ok(chosen)
    }
}

fn asked(bench: &'static str, cases: u64, mut took: Vec<f64>) -> Asked {
    took.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (took.len() as f64 * share) as usize;
        took.get(place.min(took.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    Asked { bench, cases, p50_ms: at(0.5), p99_ms: at(0.99), most_ms: at(1.0) }
}
