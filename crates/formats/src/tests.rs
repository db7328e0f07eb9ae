//! The reader as a whole: files as people and programs write them, and files as they should not be.

use std::io::{self, Cursor, Read, Write};

use flate2::Compression as Level;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tracking::Column;

use crate::{Decimal, FormatError, Limits, Reader, Record, RejectWriter, Scratch, Separator};
use crate::{open, open_as, records};

/// A record without its chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Read1 {
    Row { line: u64, texts: Vec<(Column, String)>, raw: Vec<u8> },
    Bad { line: u64, filer: String, filing: String, code: &'static str, raw: Vec<u8> },
}

impl Read1 {
    fn line(&self) -> u64 {
        match self {
            Read1::Row { line, .. } | Read1::Bad { line, .. } => *line,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Read1::Row { .. } => "",
            Read1::Bad { code, .. } => code,
        }
    }

    fn get(&self, column: Column) -> &str {
        match self {
            Read1::Row { texts, .. } => {
                texts.iter().find(|(c, _)| *c == column).map_or("", |(_, text)| text)
            }
            Read1::Bad { code, .. } => panic!("{code}"),
        }
    }
}

fn opened(bytes: impl Into<Vec<u8>>, limits: &Limits) -> Result<Reader, FormatError> {
    open(Box::new(Cursor::new(bytes.into())), limits)
}

fn drain(reader: &mut Reader) -> (Vec<Read1>, Option<FormatError>) {
    let layout = reader.layout().clone();
    let mut scratch = Scratch::new();
    let mut all = Vec::new();
    loop {
        let chunk = match reader.next_chunk(None) {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return (all, None),
            Err(error) => return (all, Some(error)),
        };
        records(&chunk, &layout, &mut scratch, |record| {
            all.push(match record {
                Record::Row { line, fields, raw } => Read1::Row {
                    line,
                    texts: Column::ALL
                        .iter()
                        .filter(|c| !fields.get(**c).is_empty())
                        .map(|&c| (c, fields.get(c).to_owned()))
                        .collect(),
                    raw: raw.to_owned(),
                },
                Record::Bad { line, raw, filer, filing, rejection } => Read1::Bad {
                    line,
                    filer: filer.to_owned(),
                    filing: filing.to_owned(),
                    code: rejection.code,
                    raw: raw.to_owned(),
                },
            });
        });
    }
}

fn read(bytes: impl Into<Vec<u8>>) -> Vec<Read1> {
    let (all, error) = drain(&mut opened(bytes, &Limits::default()).unwrap());
    assert_eq!(error, None);
    all
}

fn codes(reader: &Reader) -> Vec<&'static str> {
    reader.findings().iter().map(|f| f.code).collect()
}

/// What is wrong with a file as a whole.
fn refused(bytes: impl Into<Vec<u8>>) -> &'static str {
    let error = opened(bytes, &Limits::default()).err().expect("the file is taken");
    assert!(!error.accepted().is_empty());
    error.code()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const HEAD: &str = "filing,kind,date,filer,net_mass_kg,note\n";

fn rows(count: usize) -> String {
    let row = |i| format!("F{i},loss,2025-01-03,gad:a,{i}.5,n\n");
    HEAD.to_owned() + &(0..count).map(row).collect::<String>()
}

#[test]
fn what_was_recognised_is_told() {
    let check = |text: &str, expected: &[&str], mass: &str| {
        let mut reader = opened(text, &Limits::default()).unwrap();
        assert_eq!(codes(&reader), expected, "{text}");
        let (all, _) = drain(&mut reader);
        assert_eq!(all[0].get(Column::NetMass), mass, "{text}");
        assert_eq!(all[0].get(Column::Filer), "gad:a", "{text}");
    };
    let head = "filing,kind,date,filer,net_mass_kg\n";
    let semicolon = head.replace(',', ";");
    check(&format!("{head}A,loss,d,gad:a,1.5\n"), &[], "1.5");
    check(&format!("\u{feff}{head}A,loss,d,gad:a,1.5\n"), &["bom"], "1.5");
    check(&format!("{semicolon}A;loss;d;gad:a;1.5\n"), &["separator_semicolon"], "1.5");
    check(
        &format!("{semicolon}A;loss;d;gad:a;1,5\n"),
        &["separator_semicolon", "decimal_comma"],
        "1.5",
    );
    check(
        &format!("{}A\tloss\td\tgad:a\t1.5\n", head.replace(',', "\t")),
        &["separator_tab"],
        "1.5",
    );
    check(&format!("{head}A,loss,d,gad:a,\"1,5\"\n"), &["decimal_comma"], "1.5");
    // Thousands or decimals: nobody can tell, so the comma stays and the row will be rejected.
    check(&format!("{head}A,loss,d,gad:a,\"1,500\"\n"), &["decimal_unclear"], "1,500");
    check(
        &format!("{head}A,loss,d,gad:a,\"1,5\"\nB,loss,d,gad:a,2.5\n"),
        &["decimal_mixed"],
        "1,5",
    );
    check(&format!("sep=;\n{semicolon}A;loss;d;gad:a;1.5\n"), &["separator_semicolon"], "1.5");
    check(&format!("{head}A,loss,d,gad:a,1.5\n").replace('\n', "\r\n"), &[], "1.5");
    check(&format!("{}\n{head}A,loss,d,gad:a,1.5", "\n"), &[], "1.5");
}

#[test]
fn a_stated_decimal_mark_needs_no_proof() {
    let text = "filing;kind;date;filer;net_mass_kg\nA;loss;d;gad:a;1,500\n";
    let source = Box::new(Cursor::new(text.as_bytes().to_vec()));
    let mut reader = open_as(source, &Limits::default(), Some(Decimal::Comma)).unwrap();
    assert_eq!(codes(&reader), ["separator_semicolon", "decimal_comma"]);
    assert_eq!(reader.dialect().separator, Separator::Semicolon);
    assert_eq!(drain(&mut reader).0[0].get(Column::NetMass), "1.500");
}

#[test]
fn a_point_in_a_file_of_commas_is_rejected() {
    let text = "filing;kind;date;filer;net_mass_kg\nA;loss;d;gad:a;1,5\nB;loss;d;gad:a;2,5\n";
    let late = format!("{text}{}C;loss;d;gad:a;1.500\n", "D;loss;d;gad:a;2,5\n".repeat(20_000));
    let all = read(late);
    assert_eq!(all.iter().filter(|r| r.code() == "ambiguous_decimal").count(), 1);
    assert_eq!(all.last().unwrap().line(), 20_004);
}

#[test]
fn lines_are_counted_behind_quoted_line_ends() {
    let text = format!(
        "{HEAD}A,loss,d,gad:a,1,\"two\nlines\"\r\n\r\nB,loss,d,gad:a,1,\"a \"\"b\"\"\n\n\"\n,,,,,\nC,x\nD,loss,d,gad:a,1,\n"
    );
    for chunk_bytes in [1, 7, 64, 1 << 20] {
        let limits = Limits { chunk_bytes, ..Limits::default() };
        let (all, error) = drain(&mut opened(text.clone(), &limits).unwrap());
        assert_eq!(error, None);
        let lines: Vec<(u64, &str)> = all.iter().map(|r| (r.line(), r.code())).collect();
        assert_eq!(lines, [(2, ""), (5, ""), (9, "too_few_fields"), (10, "")], "{chunk_bytes}");
        assert_eq!(all[0].get(Column::Note), "two\nlines");
        assert_eq!(all[1].get(Column::Note), "a \"b\"\n\n");
    }
}

#[test]
fn ragged_rows_cost_nothing_but_themselves() {
    let text = format!(
        "{HEAD}A,loss,d\nB,loss,d,gad:b,1,n,more\nC,loss,d,gad:c,1,n,,\nD,loss,d,gad:d,1,n\n"
    );
    let all = read(text);
    let found: Vec<&str> = all.iter().map(Read1::code).collect();
    // Surplus separators at the end, as spreadsheets leave them, hold nothing.
    assert_eq!(found, ["too_few_fields", "too_many_fields", "", ""]);
    let Read1::Bad { filer, filing, raw, .. } = &all[1] else { panic!() };
    assert_eq!((filer.as_str(), filing.as_str()), ("gad:b", "B"));
    assert_eq!(raw, b"B,loss,d,gad:b,1,n,more");
}

#[test]
fn a_name_that_the_end_of_the_file_cuts_is_no_name() {
    let check = |tail: &str, expected: (&str, &str)| {
        let all = read(format!("{HEAD}A1,loss,d,gad:aa,1,n\n{tail}"));
        let Read1::Bad { filer, filing, .. } = all.last().unwrap() else { panic!() };
        assert_eq!((filer.as_str(), filing.as_str()), expected, "{tail}");
    };
    check("A", ("", ""));
    check("A1,loss", ("", "A1"));
    check("A1,loss,d,gad:", ("", "A1"));
    check("A1,loss,d,gad:aa,1", ("gad:aa", "A1"));
    check("A1,loss,d,gad:aa\n", ("gad:aa", "A1"));
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_place() {
    let mut bytes = HEAD.as_bytes().to_vec();
    bytes.extend_from_slice(
        b"A,loss,d,gad:a,1,caf\xe9\nB,loss,d,gad:a,1,n\nC\xff,loss,d,gad:a,1,\n",
    );
    bytes.extend_from_slice(b"D,loss,d,gad:a,1,\0\nE,lo\0ss,d,gad:a,1,\nF\x07,loss,d,gad:a,1,\n");
    bytes.extend_from_slice("G\u{202e},loss,d,gad:a,1,\nH,loss,d,gad:a,1,ok\n".as_bytes());
    let all = read(bytes);
    let found: Vec<(u64, &str)> = all.iter().map(|r| (r.line(), r.code())).collect();
    let control = "control_character";
    let expected = [
        (2, "not_utf8"),
        (3, ""),
        (4, "not_utf8"),
        (5, control),
        (6, control),
        (7, control),
        (8, control),
        (9, ""),
    ];
    assert_eq!(found, expected);
    let Read1::Bad { filer, filing, .. } = &all[2] else { panic!() };
    assert_eq!((filer.as_str(), filing.as_str()), ("gad:a", ""));
}

#[test]
fn quotes_that_never_close_cost_one_line() {
    let text = format!("{HEAD}A,loss,d,gad:a,1,\"open\nB,loss,d,gad:a,1,n\nC,loss,d,gad:a,1,n\n");
    let all = read(text);
    let found: Vec<(u64, &str)> = all.iter().map(|r| (r.line(), r.code())).collect();
    assert_eq!(found, [(2, "quote_unclosed"), (3, ""), (4, "")]);
}

#[test]
fn files_that_are_no_tables_are_refused_by_name() {
    assert_eq!(refused(""), "empty_file");
    assert_eq!(refused("\u{feff}"), "empty_file");
    assert_eq!(refused("\n\n \n"), "empty_file");
    assert_eq!(refused(gz(b"")), "empty_file");
    assert_eq!(refused("a,b,c\n1,2,3\n"), "no_separator");
    assert_eq!(refused("filing|kind|date|filer\n"), "no_separator");
    assert_eq!(refused("filing,kind,date\n"), "missing_column");
    assert_eq!(refused("filing,kind,date,filer,lot,lot\n"), "duplicate_column");
    assert_eq!(refused("filing,kind,date,filer,\"lot\n"), "quote_unclosed");
    assert_eq!(refused("filing,kind,date,filer\rA,loss,d,gad:a\r"), "carriage_return_lines");
    assert_eq!(refused(b"filing,kind,date,filer,\xe9\n".to_vec()), "header_not_utf8");
    assert_eq!(
        refused(format!("filing,kind,date,filer,{}\n", "x".repeat(70_000))),
        "header_too_long"
    );
    assert_eq!(refused("x".repeat(300_000)), "header_too_long");
    assert_eq!(refused(format!("filing,kind,date,filer{}\n", ",".repeat(600))), "too_many_columns");
    assert_eq!(refused(b"\x7fELF\x02\x01\x01\0\0\0".to_vec()), "binary_file");
    let utf16: Vec<u8> = "filing,kind".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused([b"\xff\xfe".to_vec(), utf16.clone()].concat()), "utf16");
    assert_eq!(refused(utf16), "utf16");
    for magic in ["PK\x03\x04", "PAR1", "%PDF-1.7", "BZh9", "<?xml ", "{\"filing\":1}", " [1]"] {
        assert_eq!(refused(magic), "unsupported_format", "{magic}");
    }
    assert_eq!(refused(gz(&gz(b"filing"))), "unsupported_format");
    assert_eq!(read(HEAD), []);
    assert_eq!(read(HEAD.trim_end()), []);
}

#[test]
fn compressed_files_are_read_member_after_member() {
    let plain = rows(5_000);
    let expected = read(plain.clone());
    let (first, second) = plain.as_bytes().split_at(40_000);
    let members = [gz(first), gz(b""), gz(second)].concat();
    let frames = [
        zstd::bulk::compress(first, 3).unwrap(),
        // A skippable frame, as parallel compressors write.
        b"\x50\x2a\x4d\x18\x04\0\0\0abcd".to_vec(),
        zstd::bulk::compress(second, 3).unwrap(),
    ]
    .concat();
    for (bytes, code) in [(members, "gzip"), (frames, "zstd")] {
        let mut reader = opened(bytes.clone(), &Limits::default()).unwrap();
        assert_eq!(codes(&reader), [code]);
        assert_eq!(drain(&mut reader), (expected.clone(), None));
    }
}

#[test]
fn of_a_truncated_file_the_whole_rows_are_given_and_the_fault_is_told() {
    let plain = rows(30_000);
    let expected = read(plain.clone());
    for bytes in [gz(plain.as_bytes()), zstd::bulk::compress(plain.as_bytes(), 3).unwrap()] {
        for keep in [bytes.len() / 2, bytes.len() - 1] {
            let limits = Limits { chunk_bytes: 4096, ..Limits::default() };
            let mut reader = opened(&bytes[..keep], &limits).unwrap();
            let (all, error) = drain(&mut reader);
            assert_eq!(error.unwrap().code(), "truncated");
            assert_eq!(all[..], expected[..all.len()], "every record given is whole");
            assert_eq!(reader.next_chunk(None).unwrap().map(|c| c.first_line()), None);
        }
        assert_eq!(refused(&bytes[..9]), "truncated");
    }
    let mut damaged = gz(plain.as_bytes());
    let middle = damaged.len() / 2;
    damaged[middle..middle + 16].fill(0xff);
    let (all, error) = drain(&mut opened(damaged, &Limits::default()).unwrap());
    assert_eq!(error.unwrap().code(), "corrupt");
    assert!(all.len() < expected.len());
}

#[test]
fn a_bomb_is_stopped_by_its_ratio_and_by_its_size() {
    // Sixty-four megabytes are free; then the ratio counts.
    let mut bomb = HEAD.as_bytes().to_vec();
    bomb.resize(HEAD.len() + (200 << 20), b'x');
    let zstd = zstd::bulk::compress(&bomb, 3).unwrap();
    assert!(bomb.len() / zstd.len() > 1000, "it is a bomb");
    let mut reader = opened(zstd, &Limits::default()).unwrap();
    let (all, error) = drain(&mut reader);
    let found: Vec<&str> = all.iter().map(Read1::code).collect();
    assert_eq!((found, error.unwrap().code()), (vec!["line_too_long"], "expansion_limit"));
    assert!(reader.held_bytes() < 4 << 20);

    bomb.truncate(8 << 20);
    let limits =
        Limits { expansion_free_bytes: 1 << 20, expansion_ratio: 500, ..Limits::default() };
    let (_, error) = drain(&mut opened(gz(&bomb), &limits).unwrap());
    assert_eq!(error.unwrap().code(), "expansion_limit");
    let limits = Limits { expanded_bytes: 1 << 20, ..Limits::default() };
    let (_, error) = drain(&mut opened(gz(&bomb), &limits).unwrap());
    assert_eq!(error.unwrap().code(), "expansion_limit");
    // An honest file of the same size is no bomb.
    let honest = rows(20_000);
    let limits = Limits { expansion_free_bytes: 0, ..Limits::default() };
    assert_eq!(drain(&mut opened(gz(honest.as_bytes()), &limits).unwrap()).0.len(), 20_000);
}

/// Text that is made as it is read: a head, a byte many times, a tail.
struct Endless {
    head: Cursor<Vec<u8>>,
    byte: u8,
    count: u64,
    tail: Cursor<Vec<u8>>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.head.read(buffer)?;
        if count > 0 {
            return Ok(count);
        }
        if self.count == 0 {
            return self.tail.read(buffer);
        }
        let count = self.count.min(buffer.len() as u64) as usize;
        buffer[..count].fill(self.byte);
        self.count -= count as u64;
        Ok(count)
    }
}

#[test]
fn a_line_of_two_gigabytes_is_skipped_in_little_memory() {
    for (quote, count) in [("", 2 << 30), ("\"", 64 << 20)] {
        let source = Endless {
            head: Cursor::new(format!("{HEAD}A,loss,d,gad:a,1,{quote}").into_bytes()),
            byte: b'x',
            count,
            tail: Cursor::new(format!("{quote}\nB,loss,d,gad:a,1,n\n").into_bytes()),
        };
        let mut reader = open(Box::new(source), &Limits::default()).unwrap();
        let (all, error) = drain(&mut reader);
        assert_eq!(error, None);
        let found: Vec<(u64, &str)> = all.iter().map(|r| (r.line(), r.code())).collect();
        assert_eq!(found, [(2, "line_too_long"), (3, "")]);
        let Read1::Bad { filer, filing, raw, .. } = &all[0] else { panic!() };
        assert_eq!((filer.as_str(), filing.as_str()), ("gad:a", "A"));
        assert!(raw.len() < 100);
        assert!(reader.held_bytes() < 8 << 20, "{} bytes held", reader.held_bytes());
    }
}

/// A source that fails.
struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the cable was pulled")),
            count => Ok(count),
        }
    }
}

#[test]
fn a_source_that_fails_is_told_after_the_whole_records_before() {
    let text = format!("{}F9,loss,2025-01-03,ga", rows(3));
    let source = Failing(Cursor::new(text.into_bytes()));
    let mut reader = open(Box::new(source), &Limits::default()).unwrap();
    let (all, error) = drain(&mut reader);
    assert_eq!(all.len(), 3);
    assert_eq!(error.unwrap(), FormatError::Read("the cable was pulled".into()));
}

/// Reads at most so many bytes at a time.
struct Drips(Cursor<Vec<u8>>, usize);

impl Read for Drips {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}

fn rejects(text: &str, separator: char) -> (String, Vec<Read1>) {
    let mut reader = opened(text, &Limits::default()).unwrap();
    let (all, _) = drain(&mut reader);
    let mut writer = RejectWriter::new(Vec::new(), reader.layout().clone());
    for record in &all {
        let (Read1::Row { line, raw, .. } | Read1::Bad { line, raw, .. }) = record;
        let message = format!("it; \"says\"{separator} so");
        writer.write(raw, *line, "code", &message, "ok\tthen").unwrap();
    }
    (String::from_utf8(writer.finish().unwrap()).unwrap(), all)
}

#[test]
fn a_rejects_file_reads_as_what_was_rejected() {
    let comma = "filing,kind,date,filer,colour,note\nA,loss,d,gad:a,red,\"x, \"\"y\"\"\nz\"\n\
                 B, loss ,d,gad:a,,\nC,loss\n";
    let semicolon = "filing;kind;date;filer;net_mass_kg;note\nA;loss;d;gad:a;1,5;\"p;q\"\n";
    for (text, separator) in [(comma, ','), (semicolon, ';')] {
        let (file, first) = rejects(text, separator);
        let (again, second) = rejects(&file, separator);
        assert_eq!(file.lines().next(), again.lines().next(), "its own columns stand once");
        for (a, b) in first.iter().zip(&second) {
            if let (Read1::Row { texts: a, .. }, Read1::Row { texts: b, .. }) = (a, b) {
                assert_eq!(a, b);
            }
        }
        assert_eq!(first.len(), second.len());
    }
}

/// A field as somebody might write it.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9 .=;,]{0,8}",
        1 => "\"[a-z,\n]{0,6}\"",
        1 => "\"([a-z\n]|\"\"){0,6}\"",
        1 => "[\"a ]{0,4}",
        1 => "[\u{e9}\u{4e2d}\u{0}\t]{0,3}",
    ]
}

fn table() -> impl Strategy<Value = Vec<u8>> {
    let record = proptest::collection::vec(field(), 4..8).prop_map(|fields| fields.join(","));
    let end = prop_oneof![4 => Just("\n"), 1 => Just("\r\n")];
    proptest::collection::vec((record, end), 0..12).prop_map(|records| {
        let text: String = records.into_iter().map(|(r, e)| r + e).collect();
        (HEAD.to_owned() + &text).into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The records do not depend on where the chunks are cut, nor on how the bytes drip in.
    #[test]
    fn records_do_not_depend_on_chunks(
        bytes in table(),
        chunk_bytes in 1_usize..200,
        drip in 1_usize..50,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = bytes;
        for (at, byte) in flips {
            let at = HEAD.len() + at.index(bytes.len() - HEAD.len() + 1);
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        let whole = drain(&mut opened(bytes.clone(), &Limits::default()).unwrap());
        let limits = Limits { chunk_bytes, ..Limits::default() };
        let source = Box::new(Drips(Cursor::new(bytes.clone()), drip));
        let cut = drain(&mut open(source, &limits).unwrap());
        prop_assert_eq!(&whole, &cut);
        // Raw records stand in the file as they are given, in order, on the line that is told.
        let mut at = 0;
        for record in &whole.0 {
            let (Read1::Row { line, raw, .. } | Read1::Bad { line, raw, .. }) = record;
            let found = memchr::memmem::find(&bytes[at..], raw).expect("the raw record");
            let start = (1..*line).fold(0, |from, _| {
                from + memchr::memchr(b'\n', &bytes[from..]).expect("a line") + 1
            });
            prop_assert!(start >= at + found || raw.is_empty());
            prop_assert_eq!(&bytes[start..start + raw.len()], &raw[..]);
            at = start + raw.len();
        }
    }

    /// Where quotes are regular the reading is that of the csv crate.
    #[test]
    fn regular_records_are_read_as_the_csv_crate_reads_them(
        fields in proptest::collection::vec("[a-z0-9,;\n\"=.\u{e9}]{0,8}", 6..=6),
    ) {
        let mut writer = csv::WriterBuilder::new().from_writer(HEAD.as_bytes().to_vec());
        writer.write_record(&fields).unwrap();
        let bytes = writer.into_inner().unwrap();
        let all = read(bytes);
        match all.as_slice() {
            [Read1::Row { texts, .. }] => {
                for (position, column) in
                    [Column::Filing, Column::Kind, Column::Date, Column::Filer, Column::NetMass, Column::Note]
                        .into_iter()
                        .enumerate()
                {
                    let text = texts.iter().find(|(c, _)| *c == column).map_or("", |(_, t)| t);
                    prop_assert!(column == Column::NetMass || text == fields[position]);
                }
            }
            [Read1::Bad { code, .. }] => {
                let breaks = fields[..5].iter().any(|f| f.contains('\n'));
                prop_assert!((breaks && *code == "control_character") || *code == "ambiguous_decimal");
            }
            [] => prop_assert!(fields.iter().all(String::is_empty)),
            more => prop_assert!(false, "{} records", more.len()),
        }
    }
}
