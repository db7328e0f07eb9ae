//! Files as they come: every way to write a table, files that break off, and what goes where.

use std::io::Write;

use crate::answers::SMALL;
use crate::place::{Place, extracts, rejects_read};

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

/// The table with another separator and decimal mark.
fn rewritten(text: &str, separator: u8, comma: bool) -> String {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    let decimals: Vec<usize> = {
        let header = text.lines().next().unwrap().split(',');
        let decimal = |name: &str| ["net_mass_kg", "composition"].contains(&name);
        header.enumerate().filter(|(_, n)| decimal(n)).map(|(i, _)| i).collect()
    };
    for record in reader.records() {
        let record = record.unwrap();
        writer
            .write_record(record.iter().enumerate().map(|(i, field)| {
                let number = comma && decimals.contains(&i) && field != "composition";
                if number { field.replace('.', ",") } else { field.to_owned() }
            }))
            .unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The same table in many ways of writing, with what is told of each.
fn dialects(text: &str) -> Vec<(&'static str, Vec<u8>, Vec<&'static str>)> {
    let plain = text.as_bytes().to_vec();
    let semicolon = rewritten(text, b';', true);
    let half = text.find("G1").unwrap();
    vec![
        ("plain", plain.clone(), vec![]),
        ("bom", [b"\xef\xbb\xbf".to_vec(), plain.clone()].concat(), vec!["bom"]),
        ("crlf", text.replace('\n', "\r\n").into_bytes(), vec![]),
        ("quoted decimal commas", rewritten(text, b',', true).into_bytes(), vec!["decimal_comma"]),
        ("semicolon", semicolon.clone().into_bytes(), vec!["separator_semicolon", "decimal_comma"]),
        ("tab", rewritten(text, b'\t', false).into_bytes(), vec!["separator_tab"]),
        ("gz", gz(&plain), vec!["gzip"]),
        ("gz members", [gz(&plain[..half]), gz(&plain[half..])].concat(), vec!["gzip"]),
        ("zst", zst(&plain), vec!["zstd"]),
        (
            "semicolon gz",
            gz(semicolon.as_bytes()),
            vec!["separator_semicolon", "decimal_comma", "gzip"],
        ),
    ]
}

#[test]
fn the_same_table_in_any_writing_is_the_same_ledger() {
    let expected = Place::new();
    expected.filed(SMALL);
    for (name, bytes, told) in dialects(SMALL) {
        let place = Place::new();
        // By content, not by extension.
        place.write("table.dat", bytes);
        let run = place.run(&["import", "table.dat"]);
        assert_eq!(run.code, 0, "{name}: {} {}", run.out, run.err);
        let notes = run.json()["files"][0]["notes"].clone();
        let notes: Vec<&str> =
            notes.as_array().unwrap().iter().map(|n| n["code"].as_str().unwrap()).collect();
        assert_eq!(notes, told, "{name}");
        assert_eq!(place.ledger(), expected.ledger(), "{name}");
        // In another writing it is the same filing again.
        let (code, report) = place.import(SMALL);
        assert_eq!((code, report["duplicate"].as_u64()), (0, Some(16)), "{name}");
    }
}

#[test]
fn a_rejects_file_corrected_is_imported_again() {
    let expected = Place::new();
    expected.filed(SMALL);
    // Two filings are broken: one of a row, one of six.
    let broken = SMALL
        .replace("extract,2025-01-04", "extract,2025-31-04")
        .replace("loss,,,swarf,1391", "loss,,,sludge,1391");
    for (name, bytes, _) in dialects(&broken) {
        let place = Place::new();
        let (code, report) = place.import(bytes);
        assert_eq!((code, report["rejected"].as_u64()), (3, Some(7)), "{name}: {report}");
        let rejects = place.rejects_any();
        let codes: Vec<&str> = rejects.iter().map(|r| r[1].as_str()).collect();
        let with = "with_filing";
        assert_eq!(codes, ["invalid_date", with, with, with, with, with, "unknown_code"], "{name}");
        assert_eq!(rejects[0][0], "3", "{name}");
        assert_eq!(rejects[6][0], "10", "{name}");
        assert!(rejects[6][2].contains("`sludge`") && rejects[6][3].contains("swarf"), "{name}");
        let corrected = place.text("rejects.csv").replacen("2025-31-04", "2025-01-04", 1);
        // The code and message columns name `sludge` too; only the field is corrected.
        let corrected = corrected.replacen("sludge", "swarf", 1);
        let report = place.filed(corrected);
        assert_eq!(report["filed"], 7, "{name}");
        assert_eq!(place.ledger(), expected.ledger(), "{name}");
        assert!(!place.path("rejects.csv").exists(), "{name}: there is nothing left to correct");
    }
}

impl Place {
    /// The rejects file in whatever separator.
    fn rejects_any(&self) -> Vec<[String; 4]> {
        let text = self.text("rejects.csv");
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let separator = [';', '\t', ',']
            .into_iter()
            .max_by_key(|s| text.lines().next().unwrap().matches(*s).count())
            .unwrap();
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator as u8).from_reader(text.as_bytes());
        let mut writer = csv::Writer::from_path(self.path("plain.csv")).unwrap();
        writer.write_record(reader.headers().unwrap()).unwrap();
        reader.records().for_each(|r| writer.write_record(&r.unwrap()).unwrap());
        writer.flush().unwrap();
        rejects_read(&self.path("plain.csv"))
    }
}

#[test]
fn columns_in_any_order_and_unknown_ones_are_taken_and_told() {
    let place = Place::new();
    let text = "colour,Net Mass KG,composition,lot,stage,net_mass_kg,site,filer,date,kind,filing\n\
                red,9,Dy=1,L1,ore,10,PIT,gad:a,2025-01-03,extract,F1\n";
    let report = place.filed(text);
    let groups = report["files"][0]["finding_groups"].as_array().unwrap().clone();
    let told: Vec<(&str, &str)> = groups
        .iter()
        .filter(|g| g["code"] == "unknown_column")
        .map(|g| (g["column"].as_str().unwrap(), g["message"].as_str().unwrap()))
        .collect();
    assert_eq!(told.len(), 2, "{groups:?}");
    assert!(told.iter().any(|(c, m)| *c == "colour" && m.contains("ignored")), "{told:?}");
    assert_eq!(place.run(&["trace", "L1", "--element", "Dy"]).json()["content_ug"], 100_000_000);
}

#[test]
fn decimal_commas_are_proven_or_stated_never_guessed() {
    let place = Place::new();
    let text = "filing;kind;date;filer;site;lot;stage;net_mass_kg;composition\n\
                F1;extract;2025-01-03;gad:a;PIT;L1;ore;1,500;Dy=1\n";
    let path = place.write("f.csv", text);
    let path = path.to_str().unwrap();
    let run = place.run(&["import", path, "--rejects", "r.csv"]);
    assert_eq!(run.code, 3);
    assert!(run.out.contains("decimal_unclear"), "{}", run.out);
    assert_eq!(place.run(&["import", path, "--decimal", "point"]).code, 3);
    assert_eq!(place.run(&["import", "r.csv", "--decimal", "comma"]).code, 0);
    assert_eq!(place.run(&["trace", "L1", "--element", "Dy"]).json()["content_ug"], 15_000_000);
}

/// Imports a file that broke off; then the whole: nothing may stand in the way.
fn cut_and_resumed(cut: &[u8], whole: &str, expected: &str, told: &str) {
    let place = Place::new();
    let (code, report) = place.import(cut);
    assert!(code == 1 || code == 3, "{told}: {report}");
    let sum = ["filed", "duplicate", "rejected"].map(|k| report[k].as_u64().unwrap());
    assert_eq!(sum.iter().sum::<u64>(), report["rows"].as_u64().unwrap(), "{told}: {report}");
    let report = place.import(whole);
    assert_eq!(report.0, 0, "{told}: {}", report.1);
    assert_eq!(place.ledger(), expected, "{told}");
}

#[test]
fn of_a_file_that_breaks_off_no_filing_is_taken_in_part() {
    let expected = Place::new();
    expected.filed(SMALL);
    let ledger = expected.ledger();
    let columns = SMALL.lines().next().unwrap().matches(',').count();
    let header = SMALL.find('\n').unwrap() + 1;
    for cut in (header + 1..SMALL.len()).step_by(29) {
        let text = &SMALL[..cut];
        let last = text.rsplit('\n').next().unwrap();
        // With all its fields, or none, nobody can tell that there was more.
        if last.is_empty() || last.matches(',').count() == columns {
            continue;
        }
        cut_and_resumed(text.as_bytes(), SMALL, &ledger, &format!("cut at {cut}: `{last}`"));
    }
}

#[test]
fn of_a_truncated_compressed_file_no_filing_is_taken_in_part() {
    let mut text =
        String::from("filing,kind,date,filer,site,leg,lot,stage,net_mass_kg,composition\n");
    for i in 0..400 {
        let row = |leg: &str, lot: String, more: &str| {
            format!("T{i},transform,2025-01-0{},gad:a,P,{leg},{lot},{more}\n", i % 9 + 1)
        };
        text += &row("in", format!("A{i}"), &format!("concentrate,{}.5,", i + 9));
        text += &row("out", format!("B{i}"), &format!("mixed_compound,{}.25,Dy=1.{i}", i + 1));
        text += &row("out", format!("C{i}"), &format!("slag,{},Dy=0.{i}", i + 1));
    }
    let whole = Place::new();
    whole.filed(&text);
    let ledger = whole.ledger();
    for bytes in [gz(text.as_bytes()), zst(text.as_bytes())] {
        for eighth in [3, 5, 7] {
            let cut = &bytes[..bytes.len() * eighth / 8];
            cut_and_resumed(cut, &text, &ledger, &format!("{eighth}/8"));
        }
    }
    // The rows of the filing at the break are among the rejects, with the reason.
    let place = Place::new();
    let bytes = gz(text.as_bytes());
    let (code, report) = place.import(&bytes[..bytes.len() - 9]);
    assert_eq!(code, 1, "{report}");
    assert_eq!(report["files"][0]["unread"]["code"], "truncated");
    assert!(place.rejects().iter().any(|r| r[1] == "truncated"));
}

#[test]
fn a_row_without_a_readable_name_does_not_split_a_filing() {
    let text = SMALL.replacen(
        "S1,transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-B",
        "S\u{7},transform,2025-01-20,gad:sep-c,,PLANT,,in,ORE-B",
        1,
    );
    let place = Place::new();
    let mut bytes = text.into_bytes();
    let at = bytes.iter().position(|&b| b == 7).unwrap();
    bytes[at] = 0xff;
    let (code, report) = place.import(bytes);
    assert_eq!((code, report["rejected"].as_u64()), (3, Some(6)), "{report}");
    let codes: Vec<String> = place.rejects_bytes();
    assert_eq!(
        codes,
        ["with_filing", "not_utf8", "with_filing", "with_filing", "with_filing", "with_filing"]
    );
    assert_eq!(place.run(&["trace", "DYO-1", "--element", "Dy"]).json()["content_ug"], 0);
    let (code, report) = place.import(SMALL);
    assert_eq!((code, report["filed"].as_u64()), (0, Some(6)), "{report}");
}

impl Place {
    /// The codes of a rejects file that is no text.
    fn rejects_bytes(&self) -> Vec<String> {
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).from_path(self.path("rejects.csv")).unwrap();
        let header = reader.byte_headers().unwrap().clone();
        let code = header.iter().position(|h| h == b"code").unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        reader.byte_records().map(|r| text(&r.unwrap()[code])).collect()
    }
}

#[test]
fn files_that_cannot_be_read_fail_by_name_with_what_would_do() {
    let place = Place::new();
    let check = |name: &str, bytes: &[u8], found: &str, accepted: &str| {
        place.write(name, bytes);
        let run = place.run(&["import", name]);
        assert_eq!(run.code, 1, "{name}: {}", run.out);
        assert_eq!(run.json()["filed"], 0);
        for part in [name, found, accepted] {
            assert!(run.err.contains(part), "{name}: `{}` lacks `{part}`", run.err);
        }
    };
    let table = "separated by comma, semicolon or tab";
    check("empty.csv", b"", "empty", table);
    check("book.xlsx", b"PK\x03\x04........", "XLSX", table);
    check("rows.parquet", b"PAR1....", "Parquet", table);
    check("rows.ndjson", b"{\"filing\":\"F1\"}\n", "JSON", table);
    check("a.out", b"\x7fELF\x02\x01\x01\0\0\0\0", "binary", table);
    check("utf16.csv", b"\xff\xfef\0i\0l\0e\0", "UTF-16", "UTF-8");
    check(
        "twice.csv",
        b"filing,kind,date,filer,lot,lot\n",
        "`lot` more than once",
        "each column once",
    );
    check(
        "lacks.csv",
        b"filing,Kind,date,note\n",
        "lacks `kind`, `filer` (it has `Kind`)",
        "`filer`",
    );
    check("other.csv", b"a,b\n1,2\n", "names no known column", table);
    check("cut.csv.gz", &gz(SMALL.as_bytes())[..12], "truncated", "transfer it again");
    check("bomb.csv.zst", &zst(&bomb()), "1000 times its size", "without compression");
    let header = "filing,kind,date,filer\n";
    assert_eq!(place.import(header).0, 0);
}

/// Two hundred megabytes that compress to nearly nothing.
fn bomb() -> Vec<u8> {
    let mut bomb = b"filing,kind,date,filer,note\nF1,loss,2025-01-03,gad:a,".to_vec();
    bomb.resize(200 << 20, b'x');
    bomb
}

#[test]
fn a_wrong_name_is_told_before_anything_is_filed() {
    let place = Place::new();
    place.write("a.csv", SMALL);
    let run = place.run(&["import", "a.csv", "nosuch.csv"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("nosuch.csv") && run.out.is_empty(), "{}", run.err);
    assert!(!place.path("gadolin-data").exists());
    assert_eq!(place.run(&["import", "a.csv", "--rejects", "no/such/r.csv"]).code, 1);
    assert!(!place.path("gadolin-data").exists());
    std::fs::create_dir(place.path("folder")).unwrap();
    let run = place.run(&["import", "folder"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("folder"), "{}", run.err);
}

#[test]
fn several_files_are_reported_each_and_together() {
    let place = Place::new();
    place.write("a.csv", extracts("A", 3));
    place.write("b.csv", extracts("B", 2).replacen("ore", "stone", 1));
    let semicolon = rewritten(&extracts("C", 2), b';', true).replacen("ore", "stone", 1);
    place.write("c.csv", semicolon);
    place.write("d.csv", extracts("D", 2).replacen("ore", "rock", 1));
    let run = place.run(&["import", "a.csv", "b.csv", "c.csv", "d.csv", "--rejects", "r.csv"]);
    assert_eq!(run.code, 3, "{}", run.err);
    let report = run.json();
    assert_eq!((report["rows"].as_u64(), report["filed"].as_u64()), (Some(9), Some(6)));
    let files: Vec<&str> =
        report["files"].as_array().unwrap().iter().map(|f| f["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["a.csv", "b.csv", "c.csv", "d.csv"]);
    // One rejects file for each layout.
    assert_eq!(rejects_read(&place.path("r.csv")).len(), 2);
    assert!(place.text("r-2.csv").starts_with("filing;kind"));
    let fixed = place.text("r.csv").replace(",stone,", ",ore,").replace(",rock,", ",ore,");
    place.filed(fixed);
    place.filed(place.text("r-2.csv").replacen("stone", "ore", 1));
}

#[test]
fn the_file_being_imported_is_never_overwritten() {
    let place = Place::new();
    let path = place.write("f.csv", SMALL.replacen("concentrate", "stone", 1));
    let before = place.text("f.csv");
    let link = place.path("link.csv");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for rejects in ["f.csv", "./f.csv", "link.csv"] {
        let run = place.run(&["import", "f.csv", "--rejects", rejects]);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("`f.csv`"), "{}", run.err);
        assert_eq!(place.text("f.csv"), before);
    }
    assert!(!place.path("gadolin-data").exists());
}

#[test]
fn rejects_that_cannot_be_written_are_told_and_nothing_is_lost() {
    let place = Place::new();
    place.write("f.csv", SMALL.replacen("concentrate", "stone", 1));
    let run = place.run(&["import", "f.csv", "--rejects", "/dev/full"]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("rejects_not_written"), "{}", run.out);
    assert_eq!(run.json()["filed"], 15);
    assert_eq!(place.run(&["import", "f.csv", "--rejects", "r.csv"]).code, 3);
    assert_eq!(place.text("r.csv").lines().count(), 2);
}

#[test]
fn a_dry_run_reports_everything_and_changes_nothing() {
    let place = Place::new();
    place.write("f.csv", SMALL.replacen("extract,2025-01-03", "extract,2025-99-03", 1));
    let run = place.run(&["import", "--dry-run", "f.csv", "--rejects", "r.csv"]);
    let report = run.json();
    assert_eq!(
        (run.code, report["filed"].as_u64(), report["rejected"].as_u64()),
        (3, Some(15), Some(1))
    );
    assert_eq!(report["files"][0]["dry_run"], true);
    assert!(report.to_string().contains("drawn_without_custody"), "the findings are told too");
    assert_eq!(place.text("r.csv").lines().count(), 2);
    assert!(!place.path("gadolin-data").exists());

    place.filed(SMALL);
    let listing = || -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(place.path("gadolin-data"))
            .unwrap()
            .map(|f| f.unwrap())
            .filter(|f| !f.file_name().to_string_lossy().ends_with("-shm"))
            .map(|f| (f.file_name().into_string().unwrap(), std::fs::read(f.path()).unwrap()))
            .collect();
        files.sort();
        files
    };
    let (ledger, files) = (place.ledger(), listing());
    place.write("more.csv", extracts("M", 500) + "bad\n");
    let run = place.run(&["import", "--dry-run", "more.csv", "f.csv"]);
    assert_eq!(run.json()["filed"], 500, "{}", run.out);
    assert_eq!(listing(), files);
    assert_eq!(place.ledger(), ledger);
    place.clean();
}

#[test]
fn only_filings_of_the_filer_asked_for_are_taken() {
    let place = Place::new();
    place.write("f.csv", SMALL);
    let run = place.run(&["import", "f.csv", "--filer", "gad:mag-d", "--rejects", "r.csv"]);
    let report = run.json();
    assert_eq!(
        (run.code, report["filed"].as_u64(), report["rejected"].as_u64()),
        (3, Some(6), Some(10))
    );
    let rejects = rejects_read(&place.path("r.csv"));
    assert_eq!(rejects[0][1], "not_own_book");
    assert!(rejects[0][3].contains("`gad:mag-d`"));
}

#[test]
fn a_filing_of_too_many_rows_is_rejected_in_bounded_memory() {
    let place = Place::new();
    let mut text = String::from("filing,kind,date,filer,site,lot,net_mass_kg,note\n");
    for i in 0..10_001 {
        text += &format!("F1,count,2025-01-03,gad:a,PIT,L{i},1,\n");
    }
    text += "F2,count,2025-01-03,gad:a,PIT,L,1,\n";
    let (code, report) = place.import(&text);
    assert_eq!(
        (code, report["rejected"].as_u64(), report["filed"].as_u64()),
        (3, Some(10_001), Some(1))
    );
    assert_eq!(report["files"][0]["filings"]["rejected"], 1);
    assert!(place.rejects()[0][3].contains("at most 10000 rows"));
    let allowed = text.replacen("F1,count,2025-01-03,gad:a,PIT,L0,1,\n", "", 1);
    let (code, report) = place.import(allowed);
    assert_eq!((code, report["filed"].as_u64()), (0, Some(10_000)), "{report}");

    // Rows of half a megabyte each: forty of them are more than is held of one filing.
    let note = "x".repeat(900_000);
    let mut text = String::from("filing,kind,date,filer,site,lot,net_mass_kg,note\n");
    for i in 0..80 {
        text += &format!("F3,count,2025-01-03,gad:a,PIT,L{i},1,{note}\n");
    }
    let (code, report) = place.import(&text);
    assert_eq!((code, report["rejected"].as_u64()), (3, Some(80)), "{}", report["rows"]);
    assert_eq!(report["files"][0]["filings"]["rejected"], 1);
    assert_eq!(place.text("rejects.csv").lines().count(), 81);
}
