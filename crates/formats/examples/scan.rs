//! Reads filing files and prints the processor time that each part took: `scan FILE…`.
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use formats::{Limits, Record, RejectWriter, Scratch};

#[derive(Default)]
struct Tally {
    rows: u64,
    bad: u64,
    text_bytes: u64,
    field_bytes: u64,
}

/// Processor time of this thread in nanoseconds, by the scheduler of Linux; elsewhere 0.
fn cpu_ns() -> u64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let start = cpu_ns();
        let mut reader = formats::open(Box::new(File::open(&path)?), &Limits::default())?;
        let mut rejects =
            RejectWriter::new(BufWriter::new(std::io::sink()), Arc::clone(reader.layout()));
        let (mut cutting, mut parsing) = (cpu_ns() - start, 0);
        let (mut tally, mut recycle) = (Tally::default(), None);
        let mut scratch = Scratch::new();
        loop {
            let start = cpu_ns();
            let next = reader.next_chunk(recycle.take());
            cutting += cpu_ns() - start;
            let Some(chunk) = next.inspect_err(|e| println!("{}: {e}", e.code()))? else { break };
            let start = cpu_ns();
            let mut fault = None;
            formats::records(&chunk, reader.layout(), &mut scratch, |record| match record {
                Record::Row { fields, .. } => {
                    tally.rows += 1;
                    tally.field_bytes += fields.0.iter().map(|f| f.len() as u64).sum::<u64>();
                }
                Record::Bad { line, raw, rejection: r, .. } => {
                    tally.bad += 1;
                    if tally.bad <= 3 {
                        println!(
                            "line {line}: {}: {} (accepted: {})",
                            r.code, r.message, r.accepted
                        );
                    }
                    fault = rejects.write(raw, line, r.code, &r.message, &r.accepted).err();
                }
            });
            parsing += cpu_ns() - start;
            if let Some(fault) = fault {
                return Err(fault.into());
            }
            tally.text_bytes += chunk.bytes().len() as u64;
            recycle = Some(chunk.into_bytes());
        }
        rejects.finish()?;
        print(&path, &reader, &tally, cutting, parsing)?;
    }
    Ok(())
}

fn print(
    path: &str,
    reader: &formats::Reader,
    tally: &Tally,
    cutting: u64,
    parsing: u64,
) -> Result<(), Box<dyn Error>> {
    let records = (tally.rows + tally.bad).max(1) as f64;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{path}: {:?}", reader.dialect())?;
    for finding in reader.findings() {
        writeln!(out, "  {}: {} {}", finding.code, finding.message, finding.accepted)?;
    }
    writeln!(
        out,
        "  {} rows, {} rejected, {} columns, {:.0} bytes a row, {} bytes of fields",
        tally.rows,
        tally.bad,
        reader.layout().names().len(),
        tally.text_bytes as f64 / records,
        tally.field_bytes
    )?;
    for (what, time) in [("reading and cutting", cutting), ("parsing", parsing)] {
        let (seconds, each) = (time as f64 / 1e9, time as f64 / records);
        writeln!(out, "  {what}: {seconds:.3} s, {each:.0} ns a row")?;
    }
    Ok(())
}
