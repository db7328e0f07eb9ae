//! The economy through its door: bytes, calibration, what a platform finds in it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::rc::Rc;

use app::Books;
use base::Timestamp;
use base::common::Common;
use insight::View;
use insight::lens::Current;
use sha2::{Digest, Sha256};
use sim::{GenerateOptions, Sink, Summary, generate};

/// Files in memory by name.
#[derive(Default, Clone)]
struct Memory(Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

struct File(Memory, String);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut files = (self.0.0).borrow_mut();
        files.entry(self.1.clone()).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sink for Memory {
    fn create(&mut self, name: &str) -> std::io::Result<Box<dyn Write>> {
        self.0.borrow_mut().insert(name.to_owned(), Vec::new());
        Ok(Box::new(File(self.clone(), name.to_owned())))
    }
}

fn economy(seed: u64, lots: u64, anomalies: u32) -> (Summary, BTreeMap<String, Vec<u8>>) {
    let mut memory = Memory::default();
    let options = GenerateOptions { anomalies, ..GenerateOptions::new(seed, lots) };
    let summary = generate(&options, &mut memory).unwrap();
    let files = memory.0.borrow().clone();
    (summary, files)
}

fn digest(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut sha = Sha256::new();
    for (name, bytes) in files {
        sha.update(name.as_bytes());
        sha.update((bytes.len() as u64).to_le_bytes());
        sha.update(bytes);
    }
    sha.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

type Row = HashMap<String, String>;

fn rows(files: &BTreeMap<String, Vec<u8>>, prefix: &str) -> Vec<Row> {
    let of_kind = files.iter().filter(|f| f.0.starts_with(prefix));
    of_kind
        .flat_map(|(_, bytes)| {
            let rows: Vec<Row> = csv::Reader::from_reader(&bytes[..])
                .deserialize()
                .collect::<Result<_, _>>()
                .unwrap();
            rows
        })
        .collect()
}

fn number(text: &str) -> f64 {
    if text.is_empty() { 0.0 } else { text.parse().unwrap() }
}

/// Imports all filings; nothing may be rejected.
fn imported(files: &BTreeMap<String, Vec<u8>>) -> Books {
    let mut books = Books::new([1, 2]);
    for (name, bytes) in files.iter().filter(|f| f.0.starts_with("filings-")) {
        let report = books.import_csv(bytes, Timestamp::from_us(1));
        assert_eq!(report.rejected, 0, "{name}: {:?}", report.rejections.first());
        assert!(report.rows > 0);
    }
    books
}

#[test]
fn the_same_arguments_give_the_same_bytes_and_others_do_not() {
    let (first, files) = economy(11, 4_000, 30);
    // Elsewhere: on a thread of its own, beside others.
    let threads: Vec<_> = (0..3)
        .map(|other| {
            std::thread::spawn(move || {
                let (summary, files) = economy(if other == 0 { 12 } else { 11 }, 4_000, 30);
                (summary, digest(&files))
            })
        })
        .collect();
    let others: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_ne!(others[0].1, digest(&files));
    for other in &others[1..] {
        assert_eq!((other.0, &other.1), (first, &digest(&files)));
    }
}

#[test]
fn lots_months_and_files_are_as_asked() {
    for (lots, months) in [(3_000, 18), (100_000, 24)] {
        let (summary, files) = economy(5, lots, 0);
        assert!(summary.lots.abs_diff(lots) * 50 <= lots, "{} lots of {lots}", summary.lots);
        assert_eq!(summary.months, months);
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["filings-0001.csv", "parties.csv", "sites.csv"]);
        let parties = rows(&files, "parties");
        assert_eq!(parties.len() as u64, summary.parties);
        for party in parties.iter().filter(|p| !p["party"].is_empty()) {
            base::party::party_id_check(&party["party"]).unwrap();
        }
        for scheme in ["gad:", "lei:", "uscc:", "gln:"] {
            assert!(parties.iter().any(|p| p["party"].starts_with(scheme)), "{scheme}");
        }
    }
}

#[test]
fn the_rows_of_a_filing_stand_together_and_months_follow_each_other() {
    let (summary, files) = economy(3, 6_000, 0);
    let mut seen = std::collections::HashSet::new();
    let mut last = (String::new(), String::new());
    let (mut lots, mut count) = (std::collections::HashSet::new(), 0);
    for row in rows(&files, "filings") {
        count += 1;
        let filing = (row["filer"].clone(), row["filing"].clone());
        if filing != last {
            assert!(seen.insert(filing.clone()), "{filing:?} stands apart");
            last = filing;
        }
        if !row["lot"].is_empty() {
            lots.insert(row["lot"].clone());
        }
    }
    assert_eq!((seen.len() as u64, count), (summary.filings, summary.rows));
    assert_eq!(lots.len() as u64, summary.lots);
}

#[test]
fn a_clean_economy_contradicts_nothing() {
    let (summary, files) = economy(1, 12_000, 0);
    let books = imported(&files);
    let mut odd: BTreeMap<&str, usize> = BTreeMap::new();
    let mut missing = 0;
    for finding in books.findings(&View::default()) {
        match finding.rule {
            "party_unverified" => {}
            "missing_receipt" => missing += 1,
            rule => *odd.entry(rule).or_default() += 1,
        }
    }
    assert!(odd.is_empty(), "{odd:?}");
    // Receipts that never come, small users, and what is on its way at the end.
    assert!(missing > 0 && missing * 40 < summary.lots, "{missing} receipts missing");
}

#[test]
fn what_is_planted_is_listed_and_the_ledger_finds_what_it_has_rules_for() {
    let (summary, files) = economy(2, 12_000, 110);
    let truths = rows(&files, "truth");
    assert_eq!((truths.len() as u64, summary.anomalies), (summary.anomalies, truths.len() as u64));
    let kinds: std::collections::HashSet<&str> =
        truths.iter().map(|t| t["rule"].as_str()).collect();
    assert!(kinds.len() >= 18 && truths.len() >= 100, "{} kinds, {}", kinds.len(), truths.len());
    let books = imported(&files);
    let mut found: HashMap<String, Vec<&str>> = HashMap::new();
    for finding in books.findings(&View::default()) {
        for name in finding.filings.iter().chain(&finding.lots) {
            found.entry(name.clone()).or_default().push(finding.rule);
        }
    }
    // What the ledger calls each: its own code, or that of the contradiction it leads to.
    let called = |rule: &str| match rule {
        "unit_error" => Some("mass_differs"),
        "under_reported_output" => Some("yield_out_of_band"),
        "round_trip" | "pass_through_trader" | "composition_swap" | "wet_dry" => None,
        "late_correction" | "export_without_licence" | "diverted_recycler_feed" => None,
        _ => Some(""),
    };
    let mut missed: BTreeMap<&str, usize> = BTreeMap::new();
    for truth in &truths {
        let rule = truth["rule"].as_str();
        let Some(code) = called(rule) else { continue };
        let code = if code.is_empty() { rule } else { code };
        let filing = format!("{}/{}", truth["filer"], truth["filing"]);
        let here = |name: &str| found.get(name).is_some_and(|rules| rules.contains(&code));
        if !here(&filing) && !here(&truth["lot"]) {
            *missed.entry(rule).or_default() += 1;
        }
        assert!(number(&truth["size_ug"]) >= 0.0);
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// The list in force on the day of each export tells which are controlled; who names no licence is found,
/// and nobody else.
#[test]
fn exports_without_a_licence_are_found_and_no_others() {
    use app::platform::{Mode, OpenOptions, Platform};
    let (_, files) = economy(2, 12_000, 110);
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions { random: [3; 32] };
    let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
    for (_, bytes) in files.iter().filter(|(name, _)| name.starts_with("filings")) {
        let source = Box::new(std::io::Cursor::new(bytes.clone()));
        platform.import(source, app::ImportOptions::default(), &mut |_| {}).unwrap();
    }
    let law = app::law::Law::read("demo", 0, &app::packs::pack_carried("demo").unwrap());
    let licensed = app::licensed::Licensed::default();
    let ties = platform.ties(&law, &licensed, base::Date::constant(2026, 12, 31)).unwrap();
    let found: Vec<String> = app::tie::tie_findings(&ties)
        .into_iter()
        .filter(|finding| finding.rule == "export_without_licence")
        .flat_map(|finding| finding.filings)
        .collect();
    let planted: Vec<String> = rows(&files, "truth")
        .iter()
        .filter(|truth| truth["rule"] == "export_without_licence")
        .map(|truth| format!("{}/{}", truth["filer"], truth["filing"]))
        .collect();
    assert!(planted.len() >= 3, "{planted:?}");
    let missed: Vec<&String> = planted.iter().filter(|one| !found.contains(one)).collect();
    let others: Vec<&String> = found.iter().filter(|one| !planted.contains(one)).collect();
    assert!(missed.is_empty() && others.is_empty(), "missed {missed:?}; beside them {others:?}");
}

/// The demo's last month under licences: of its shipments few are odd, and each kind of oddity is found.
#[test]
fn the_last_month_is_licensed_drawn_down_and_reported() {
    use app::licensed::Whose;
    use app::platform::{Mode, OpenOptions, Platform};
    let now = || base::Timestamp::parse("2026-11-24T12:00:00Z").unwrap();
    let (_, files) = economy(1, 12_000, 0);
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions { random: [3; 32] };
    let platform = Platform::open(dir.path(), Mode::Write, &options).unwrap();
    for (_, bytes) in files.iter().filter(|(name, _)| name.starts_with("filings")) {
        let source = Box::new(std::io::Cursor::new(bytes.clone()));
        platform.import(source, app::ImportOptions::default(), &mut |_| {}).unwrap();
    }
    let law = app::law::Law::read("demo", 0, &app::packs::pack_carried("demo").unwrap());
    app::licensed_seed(&platform, &law, now).unwrap();
    let licensed = platform.licensed(Whose::All, now()).unwrap();
    let day = base::Date::constant(2026, 11, 24);
    let ties = platform.ties(&law, &licensed, day).unwrap();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in app::tie::tie_findings(&ties) {
        *found.entry(finding.rule).or_default() += 1;
    }
    let duties = platform.holder_duties(&law, Whose::All, now()).unwrap();
    for finding in app::duties::duty_findings(&duties) {
        *found.entry(finding.rule).or_default() += 1;
    }
    let kinds: Vec<&str> = found.keys().copied().collect();
    let expected = [
        "draw_down_differs",
        "duty_overdue",
        "export_not_drawn_down",
        "installed_beyond",
        "receipt_short",
    ];
    assert_eq!(kinds, expected, "{found:?}");
    let matched = ties.iter().filter(|tie| tie.state == licensing::tie::TieState::Matched);
    let matched = matched.count();
    assert!(found.values().all(|count| count * 5 < matched), "{found:?} of {matched}");
    drop(platform);
    assert_eq!(app::platform::fsck(dir.path()).unwrap(), Vec::<String>::new());
}

#[test]
fn many_lots_have_about_two_thousand_ancestors() {
    let (_, files) = economy(1, 27_000, 0);
    let books = imported(&files);
    let lens = Current(books.graph());
    let element = Common::embedded().element("Dy").unwrap();
    let mut walker = insight::back::Walker::default();
    let stop = insight::back::Stop::Root;
    let count = books.graph().lots.len() as u32;
    let (mut fitting, mut most) = (0, 0);
    // Every tenth lot.
    for lot in (0..count).step_by(10) {
        let walk = walker.back(&lens, lot, element, stop, &[]);
        assert!(!walk.cyclic);
        fitting += u32::from((1_300..=2_700).contains(&walk.lots));
        most = most.max(walk.lots);
    }
    assert!(fitting * 10 >= 1_000, "{fitting} of every tenth lot");
    assert!(most * 3 < u64::from(count), "{most} of {count} lots are ancestors of one");
}

/// Shares of imports against `production_by_country.csv`, months of exports against the pack.
#[test]
fn imports_and_exports_follow_the_packs() {
    let (_, files) = economy(4, 40_000, 0);
    let mut by_country: BTreeMap<String, f64> = BTreeMap::new();
    let mut by_month: BTreeMap<String, f64> = BTreeMap::new();
    let mut shipped: BTreeMap<String, f64> = BTreeMap::new();
    let of_interest = |row: &Row| ["import", "export", "transfer"].contains(&row["kind"].as_str());
    for row in rows(&files, "filings").iter().filter(|row| of_interest(row)) {
        let mass = number(&row["net_mass_kg"]);
        if row["kind"] == "import" && row["corrects"].is_empty() && !row["treo_pct"].is_empty() {
            let oxides = mass * number(&row["treo_pct"]) / 100.0;
            *by_country.entry(row["customer_country"].clone()).or_default() += oxides;
        }
        let sold =
            row["kind"] == "export" || row["kind"] == "transfer" && !row["invoice"].is_empty();
        if row["stage"] == "finished_magnet" && sold {
            let month = row["date"][..7].to_owned();
            *shipped.entry(month.clone()).or_default() += mass;
            if row["kind"] == "export" {
                *by_month.entry(month).or_default() += mass;
            }
        }
    }
    let economy = table("demo/economy.csv");
    let value = |key: &str| economy.iter().find(|r| r["key"] == key).unwrap()["value"].clone();
    let without = [value("stands_in_for"), value("world_code")];
    let year = value("calibration_year");
    let mined: Vec<Row> = table("world/production_by_country.csv")
        .into_iter()
        .filter(|r| r["measure"] == "mine" && r["year"] == year && !without.contains(&r["iso2"]))
        .collect();
    let world: f64 = mined.iter().map(|r| number(&r["value"])).sum();
    let all: f64 = by_country.values().sum();
    for row in &mined {
        let wanted = number(&row["value"]) / world;
        let got = by_country.get(&row["iso2"]).copied().unwrap_or(0.0) / all;
        assert!((wanted - got).abs() < 0.02, "{}: {got:.3} where {wanted:.3}", row["iso2"]);
    }
    // The month with least exports and one with many, as shares of what was shipped.
    let share = |month: &str| by_month[month] / shipped[month];
    let tonnes = |month: &str| {
        let rhythm = table("demo/rhythm.csv");
        number(&rhythm.iter().find(|r| r["month"] == month).unwrap()["exports_t"])
    };
    for (low, high) in [("2025-05", "2025-08"), ("2025-04", "2025-11"), ("2025-06", "2025-12")] {
        let (wanted, got) = (tonnes(low) / tonnes(high), by_month[low] / by_month[high]);
        assert!((got / wanted - 1.0).abs() < 0.3, "{low}/{high}: {got:.2} where {wanted:.2}");
        assert!(share(low) < share(high));
    }
}

/// A table of the packs.
fn table(name: &str) -> Vec<Row> {
    let path = format!("{}/../../packs/{name}", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().deserialize().collect::<Result<_, _>>().unwrap()
}

/// The months of the demo are those of the world's table, where that has them.
#[test]
fn the_rhythm_of_the_demo_is_that_of_the_world() {
    let dir = format!("{}/../../packs/world", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_dir(dir).unwrap().find_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.ends_with("_magnet_exports.csv").then_some(name)
    });
    let world = table(&format!("world/{}", file.unwrap()));
    let mut compared = 0;
    for row in table("demo/rhythm.csv") {
        let known =
            world.iter().find(|w| w["period"] == row["month"] && w["destination"] == "world");
        if let Some(known) = known {
            assert!((number(&known["value"]) - number(&row["exports_t"])).abs() < 1.0, "{row:?}");
            compared += 1;
        }
    }
    assert!(compared >= 12);
}
