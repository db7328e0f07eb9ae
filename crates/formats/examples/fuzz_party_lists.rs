//! Breaks the fixtures of the party lists in every way that a seeded generator finds, and reads them: no panic,
//! bounded memory.
//!
//! `cargo run --release -p formats --example fuzz_party_lists -- [--inputs N] [--seed N] [--only NAME]`
#![expect(clippy::disallowed_methods, reason = "a tool: it has a command line and a clock")]

#[path = "../tests/party_lists/files.rs"]
mod files;
#[path = "../tests/party_lists/mutate.rs"]
mod mutate;

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Cursor;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use files::FIXTURES;
use formats::party_list::{Beside, File, ListSettings, list_read};

/// Bytes that are held now, and the most that were held since the last reset.
static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// What one reader may hold beside its input: the head of the file twice, buffers, one record, the faults.
const HELD_MOST: usize = 16 << 20;

struct Counting;

fn took(bytes: usize) {
    let held = HELD.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(held, Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged; only sizes are counted.
#[expect(unsafe_code, reason = "an allocator that counts cannot be written otherwise")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn file(bytes: &[u8]) -> File {
    Box::new(Cursor::new(bytes.to_vec()))
}

fn argument(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    arguments.next()
}

fn main() -> ExitCode {
    let number = |name: &str, default: u64| {
        argument(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (inputs, seed, only) =
        (number("--inputs", 10_000), number("--seed", 1), argument("--only"));
    println!("{inputs} inputs for each reader, seed {seed}");
    println!(
        "{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "reader", "inputs", "read", "refused", "stopped", "inputs/s", "peak bytes"
    );
    let mut beyond = false;
    for (at, fixture) in FIXTURES.iter().enumerate() {
        if only.as_ref().is_some_and(|only| only != fixture.name) {
            continue;
        }
        let mut chance = mutate::Chance(seed.wrapping_add(at as u64));
        let (mut read, mut refused, mut stopped, mut peak) = (0_u64, 0_u64, 0_u64, 0);
        let start = Instant::now();
        for round in 0..inputs {
            let other = &FIXTURES[(at + round as usize) % FIXTURES.len()];
            let text = mutate::broken(fixture.text, other.text, &mut chance);
            // The files beside a list are broken in turn with it.
            let mut beside = |bytes: Option<&'static [u8]>| {
                bytes.map(|bytes| {
                    if chance.below(2) == 0 {
                        file(bytes)
                    } else {
                        file(&mutate::broken(bytes, other.text, &mut chance))
                    }
                })
            };
            let beside =
                Beside { names: beside(fixture.names), addresses: beside(fixture.addresses) };
            let source = file(&text);
            let before = HELD.load(Ordering::Relaxed);
            PEAK.store(before, Ordering::Relaxed);
            match list_read(source, beside, &ListSettings::default()) {
                Ok(done) if done.whole => read += 1,
                Ok(_) => stopped += 1,
                Err(_) => refused += 1,
            }
            peak = peak.max(PEAK.load(Ordering::Relaxed).saturating_sub(before));
        }
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{:<20} {inputs:>9} {read:>9} {refused:>9} {stopped:>9} {:>9.0} {peak:>10}",
            fixture.name,
            inputs as f64 / seconds
        );
        beyond |= peak > HELD_MOST;
    }
    if beyond {
        println!("a reader held more than {HELD_MOST} bytes");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
