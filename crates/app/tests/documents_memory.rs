//! How much memory the largest document takes, in a process of its own: its peak of resident memory as the
//! kernel counts it (`VmHWM`), after many small documents and after the largest one went in and out.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Read;

use app::documents::{DOCUMENT_BYTES_MAX, Documents};
use app::people::{By, Moment};
use app::platform::OpenOptions;
use app::{ImportOptions, Mode, Platform};
use base::Timestamp;

/// By how much the peak may grow: a third of the document.
const GROWTH_KIB_MAX: u64 = 8 << 10;

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn the_largest_document_goes_in_and_out_in_a_third_of_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let platform =
        Platform::open(dir.path(), Mode::Write, &OpenOptions { random: [7; 32] }).unwrap();
    let party = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
        O1,opening,2025-01-01,gad:own,FAB,X-1,scrap_magnet,1,Nd=25.0\n";
    let options = ImportOptions::default();
    platform.import(Box::new(party.as_bytes()), options, &mut |_| {}).unwrap();
    let documents = Documents::open(&platform, [5; 32]).unwrap();
    let through = |bytes: u64, seed: u8| {
        let text = std::io::repeat(b'a').take(bytes);
        let moment = Moment { now: Timestamp::from_us(1), seed: [seed; 32] };
        let stored = documents.store("gad:own", "a.txt", text, By::COMMAND_LINE, &moment).unwrap();
        let mut content = documents.sealed(&stored.document().key).unwrap();
        let mut read = 0;
        while let Some(chunk) = content.next_chunk().unwrap() {
            read += chunk.len() as u64;
        }
        assert_eq!(read, bytes);
    };
    // What SQLite keeps of its pages is full before the largest comes.
    for seed in 1..=150 {
        through(300_000 + u64::from(seed), seed);
    }
    let before = peak_kib();
    through(DOCUMENT_BYTES_MAX, 200);
    let growth = peak_kib() - before;
    println!("the peak grew by {growth} KiB");
    assert!(growth <= GROWTH_KIB_MAX, "the peak grew by {growth} KiB from {before} KiB");
}
