//! A seeded synthetic economy as filing files: mines to magnets to motors, with recycling.
//!
//! A pure function of its options: the same bytes anywhere, on one core or many, since all is integers
//! and one ChaCha stream drawn in order. Days are simulated one after the other; what is written is
//! forgotten, so that memory holds only the parties and what is in stock or on its way.
//!
//! INVARIANTS: without planted anomalies no filing is rejected and none contradicts another; masses and
//! contents balance to the last digit written; yields lie inside the bands of the pack.

pub mod authority;
mod beside;
mod calendar;
mod chance;
pub mod customs;
mod fraud;
mod import;
mod magnets;
mod market;
mod material;
mod metals;
mod mine;
mod pack;
mod party;
mod plan;
mod products;
mod recycling;
mod separation;
mod stock;
mod trade;
mod transit;
mod world;
mod writer;
mod year;

use std::io::Write;

/// What to generate.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// Seed.
    pub seed: u64,
    /// About how many lots.
    pub lots: u64,
    /// How many frauds and errors to plant.
    pub anomalies: u32,
}

impl GenerateOptions {
    /// An economy without planted anomalies.
    #[must_use]
    pub fn new(seed: u64, lots: u64) -> GenerateOptions {
        GenerateOptions { seed, lots, anomalies: 0 }
    }

    /// The economy of a demo of scale `small`, `medium` or `large`, with some of everything planted;
    /// nothing for another word.
    #[must_use]
    pub fn demo(scale: &str, seed: u64) -> Option<GenerateOptions> {
        let (lots, anomalies) = match scale {
            "small" => (25_000, 44),
            "medium" => (100_000, 110),
            "large" => (500_000, 220),
            _ => return None,
        };
        Some(GenerateOptions { seed, lots, anomalies })
    }
}

/// Where the files go.
pub trait Sink {
    /// Opens a new file.
    ///
    /// # Errors
    /// What the system says.
    fn create(&mut self, name: &str) -> std::io::Result<Box<dyn Write>>;
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lots.
    pub lots: u64,
    /// Rows.
    pub rows: u64,
    /// Filings.
    pub filings: u64,
    /// Parties.
    pub parties: u64,
    /// Sites.
    pub sites: u64,
    /// Anomalies planted.
    pub anomalies: u64,
    /// Months.
    pub months: u16,
}

/// Makes an economy.
///
/// # Errors
/// What the sink says.
pub fn generate(options: &GenerateOptions, sink: &mut dyn Sink) -> std::io::Result<Summary> {
    year::generate(options, sink)
}
