//! Imports of files that nobody would write: mutated bytes, and filings cut anywhere by chunks.
//!
//! Whatever the bytes: nothing panics, every row read is filed, duplicate or rejected, every
//! rejected row stands in the rejects file, and where the chunks are cut makes no difference.

use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};

use base::Timestamp;
use formats::Limits;

use crate::books::Books;
use crate::import::{ImportOptions, Importer};
use crate::report::ImportReport;

const FILE: &str = "\
filing,kind,date,filer,to_party,site,leg,lot,source_lot,stage,net_mass_kg,composition,customer_country,corrects,note
M1,extract,2025-01-03,gad:mine-a,,PIT,,ORE-A,,concentrate,1000,Nd=12.0;Dy=0.30,,,clay
S1,transform,2025-01-20,gad:sep-c,,P,in,ORE-A,,concentrate,800,,,,\"a \"\"b\"\", c\"
S1,transform,2025-01-20,gad:sep-c,,P,out,NDO-1,,separated_compound,150,Nd2O3=99.5,,,
S1,transform,2025-01-20,gad:sep-c,,P,loss,,,swarf,1391.25,,,,\"two
lines\"
T1,transfer,2025-03-01,gad:mag-d,gad:motor-e,FAB,,MAG-1a,MAG-1,finished_magnet,200,,DE,,
M2,extract,2025-01-04,gad:mine-a,,PIT,,ORE-A,,concentrate,500,Nd=8.0;Dy<0.01,,M1,
U1,use,2025-03-09,gad:motor-e,,ASSY,,MAG-1b,MAG-1a,finished_magnet,150,,,,
M1,extract,2025-01-03,gad:mine-a,,PIT,,ORE-A,,concentrate,1000,Nd=12.0;Dy=0.30,,,clay
";

/// A place to write to that can be read afterwards.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Imports bytes into books; the report and the rejects file.
fn import(books: &mut Books, bytes: &[u8], limits: &Limits) -> (ImportReport, Vec<u8>) {
    let sink = Sink::default();
    let options = ImportOptions {
        recorded_at: Timestamp::from_us(1),
        rejects: Some(Box::new(sink.clone())),
        ..ImportOptions::default()
    };
    let mut importer = Importer::new(books, options);
    match formats::open(Box::new(Cursor::new(bytes.to_vec())), limits) {
        Ok(reader) => importer.run(reader, books),
        Err(error) => importer.file_error(&error),
    }
    let report = importer.finish(books);
    let rejects = std::mem::take(&mut *sink.0.lock().unwrap());
    (report, rejects)
}

/// The records of a rejects file.
fn rejected_records(rejects: &[u8]) -> u64 {
    let mut reader =
        formats::open(Box::new(Cursor::new(rejects.to_vec())), &Limits::default()).unwrap();
    let layout = reader.layout().clone();
    let mut count = 0;
    while let Some(chunk) = reader.next_chunk(None).unwrap() {
        formats::records(&chunk, &layout, &mut formats::Scratch::new(), |_| count += 1);
    }
    count
}

fn counts(report: &ImportReport) -> [u64; 7] {
    let filings = report.filings;
    let rows = [report.rows, report.filed, report.duplicate, report.rejected];
    [rows[0], rows[1], rows[2], rows[3], filings.filed, filings.duplicate, filings.rejected]
}

/// A small generator of chance (xorshift64*), seeded.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most.max(1)
    }
}

/// Bytes that mean something somewhere.
const TOKENS: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"-1",
    b"1,5",
    b"NaN",
    b"9999999999999999999999",
    b"0.0000001",
    b"M1",
    b"S1",
    b"S1,transform",
    b"gad:sep-c",
    b"corrects",
    b"void",
    b"Dy=",
    b"\xe9\x95\x9d",
    b"\xe2\x80\xae",
    b"2025-02-30",
    b"",
];

fn mutated(chance: &mut Chance, bytes: &mut Vec<u8>) {
    let at = chance.below(bytes.len() + 1);
    let end = (at + 1 + chance.below(40)).min(bytes.len());
    match chance.below(9) {
        0 if at < bytes.len() => bytes[at] = chance.below(256) as u8,
        1 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => {
            let copy = bytes[at..end].to_vec();
            let to = chance.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        5 => {
            // A line to another place.
            let mut lines: Vec<Vec<u8>> =
                bytes.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
            if !lines.is_empty() {
                let line = lines.remove(chance.below(lines.len()));
                lines.insert(chance.below(lines.len() + 1), line);
            }
            *bytes = lines.concat();
        }
        6 => {
            // Another separator, here and there.
            let to = *b";\t,|".get(chance.below(4)).unwrap();
            bytes[at..end].iter_mut().filter(|b| **b == b',').for_each(|b| *b = to);
        }
        _ => {
            let token = TOKENS[chance.below(TOKENS.len())];
            bytes.splice(at..at, token.iter().copied());
        }
    }
}

fn check(bytes: &[u8], chunk_bytes: usize, told: &str) {
    let mut books = Books::new([1, 2]);
    let (report, rejects) = import(&mut books, bytes, &Limits::default());
    let [rows, filed, duplicate, rejected, filings, ..] = counts(&report);
    assert_eq!(rows, filed + duplicate + rejected, "{told}");
    assert_eq!(books.graph().filings.len() as u64, filings, "{told}");
    if rejected > 0 {
        assert_eq!(rejected_records(&rejects), rejected, "{told}");
    }
    // Cut anywhere, with little memory for a line, it is the same.
    let limits = Limits { chunk_bytes, ..Limits::default() };
    let mut others = Books::new([1, 2]);
    let (other, other_rejects) = import(&mut others, bytes, &limits);
    assert_eq!(report.rejected_rows, other.rejected_rows, "{told}");
    assert_eq!(counts(&report), counts(&other), "{told}");
    assert!(rejects == other_rejects, "{told}: other rejects");
    if !chunk_bytes.is_multiple_of(4) {
        return;
    }
    // Again: what is in is a duplicate, and nothing of it changes.
    let (again, _) = import(&mut books, bytes, &limits);
    assert_eq!(again.rows, rows, "{told}");
    assert!(again.duplicate >= filed + duplicate, "{told}");
}

#[test]
fn mutated_files_are_taken_or_rejected_row_by_row() {
    const CASES: u64 = 20_000;
    for seed in 1..=CASES {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut bytes = FILE.as_bytes().to_vec();
        for _ in 0..1 + chance.below(5) {
            mutated(&mut chance, &mut bytes);
        }
        let chunk_bytes = 1 + chance.below(400);
        let told = format!("seed {seed}, chunks of {chunk_bytes}");
        let result = std::panic::catch_unwind(|| check(&bytes, chunk_bytes, &told));
        assert!(result.is_ok(), "{told}: {}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn mutated_compressed_files_are_read_as_far_as_they_go() {
    let plain = FILE.as_bytes();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    gz.write_all(plain).unwrap();
    let packed = [gz.finish().unwrap(), zstd::bulk::compress(plain, 3).unwrap()];
    for seed in 1..=2_000_u64 {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut bytes = packed[seed as usize % 2].clone();
        mutated(&mut chance, &mut bytes);
        check(&bytes, 1 + chance.below(400), &format!("seed {seed}"));
    }
}

#[test]
fn a_filing_may_go_on_over_any_number_of_chunks() {
    for chunk_bytes in [1, 2, 10, 100, 150, 1000] {
        check(FILE.as_bytes(), chunk_bytes, &format!("chunks of {chunk_bytes}"));
        let mut books = Books::new([1, 2]);
        let limits = Limits { chunk_bytes, ..Limits::default() };
        let (report, _) = import(&mut books, FILE.as_bytes(), &limits);
        assert_eq!(counts(&report), [8, 7, 1, 0, 5, 1, 0], "{chunk_bytes}");
    }
}

/// What becomes of rows that stand in this order: the lines rejected.
fn lines_rejected(rows: &[&str]) -> Vec<u64> {
    let mut lines = Vec::new();
    for chunk_bytes in [1, 60, 1 << 20] {
        let text = format!("filing,kind,date,filer,site,lot,net_mass_kg\n{}", rows.concat());
        let limits = Limits { chunk_bytes, ..Limits::default() };
        let (report, _) = import(&mut Books::new([1, 2]), text.as_bytes(), &limits);
        let mut found: Vec<u64> = report.rejected_rows.iter().map(|r| r.line).collect();
        found.dedup();
        assert!(lines.is_empty() || lines == found, "{rows:?} at {chunk_bytes}");
        lines = found;
    }
    lines
}

#[test]
fn a_row_without_a_name_belongs_to_the_filing_that_goes_on_behind_it() {
    let f1 = "F1,count,2025-01-03,gad:a,PIT,L1,1\n";
    let f2 = "F2,count,2025-01-03,gad:a,PIT,L2,1\n";
    let no_reference = ",count,2025-01-03,gad:a,PIT,L3,1\n";
    let no_filer = "F1,count,2025-01-03,,PIT,L3,1\n";
    let garbage = ",x\n";
    // Between two filings it stands for itself.
    assert_eq!(lines_rejected(&[f1, no_reference, f2]), [3]);
    assert_eq!(lines_rejected(&[f1, garbage, f2]), [3]);
    assert_eq!(lines_rejected(&[garbage, f1, f2]), [2]);
    assert_eq!(lines_rejected(&[f1, f2, garbage]), [4]);
    // Within a filing it is a row of it.
    assert_eq!(lines_rejected(&[f1, no_reference, f1, f2]), [2, 3, 4]);
    assert_eq!(lines_rejected(&[f1, garbage, no_reference, f1, f2]), [2, 3, 4, 5]);
    // So is one that names the reference and no filer.
    assert_eq!(lines_rejected(&[f1, no_filer, f2]), [2, 3]);
    assert_eq!(lines_rejected(&[no_filer, f1, f2]), [2, 3]);
    // The end of the file cuts the last row of the last filing.
    assert_eq!(lines_rejected(&[f2, f1, "F"]), [3, 4]);
    assert_eq!(lines_rejected(&[f2, f1, "F1,count,2025-01-03,gad:"]), [3, 4]);
    assert_eq!(lines_rejected(&[f2, f1, "F3,count,2025-01-03,gad:"]), [4]);
}
