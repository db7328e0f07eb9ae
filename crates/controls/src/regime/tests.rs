//! The regimes of the packs that come with the program, and what is refused.

use super::*;

const PACKS: [&str; 5] = ["cn", "demo", "us", "uk", "eu"];

fn files(pack: &str) -> PackFiles {
    let directory = format!("{}/../../packs/{pack}", env!("CARGO_MANIFEST_DIR"));
    let mut files = PackFiles::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    files
}

fn read(files: &PackFiles) -> (Regime, Vec<PackFault>) {
    let mut faults = Vec::new();
    let clocks = ClockRules::read(files, &mut faults);
    let regime = Regime::read(files, clocks.as_ref(), &mut faults);
    (regime, faults)
}

#[test]
fn every_pack_reads_without_a_fault() {
    for id in PACKS {
        let files = files(id);
        let (regime, faults) = read(&files);
        assert!(faults.is_empty(), "{id}: {faults:#?}");
        assert!(regime.licence_types.len() >= 3 && !regime.documents.is_empty(), "{id}");
        assert!(!regime.party_lists.is_empty() && !regime.records.is_empty(), "{id}");
        // Every clock with a limit stands in the table of limits, so that its fact is shown beside it.
        let clocks = ClockRules::read(&files, &mut Vec::new()).unwrap();
        for clock in clocks.clocks.iter().filter(|clock| clock.limit.is_some()) {
            let limits = regime.time_limits.iter().filter(|l| l.clock.as_ref() == Some(&clock.id));
            assert_eq!(limits.count(), 1, "{id}: {}", clock.id);
        }
    }
}

#[test]
fn a_kind_of_licence_builds_on_the_documents_of_another() {
    let (regime, _) = read(&files("cn"));
    let numbers = |id: &str, situations: &[Situation]| -> Vec<u32> {
        regime.documents_for(id, situations).iter().map(|document| document.no).collect()
    };
    assert_eq!(numbers("single", &[]), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(numbers("general", &[]), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let all = [1, 2, 3, 4, 5, 6, 7, 11, 12, 17];
    assert_eq!(numbers("single", &[Situation::WatchList, Situation::EndUserCertificate]), all);
    assert_eq!(numbers("nothing", &[]), [0; 0]);
}

#[test]
fn the_flow_of_a_month_is_due_on_the_tenth_of_the_next() {
    let (regime, _) = read(&files("cn"));
    let duty = regime.duties.iter().find(|duty| duty.id == "trace_monthly").unwrap();
    let due = |date: &str| duty.due(base::time::date_parse(date).unwrap()).unwrap().to_string();
    assert_eq!(due("2024-02-29"), "2024-03-10");
    assert_eq!(due("2025-12-01"), "2026-01-10");
    let event = regime.duties.iter().find(|duty| duty.id == "humanitarian_report").unwrap();
    assert_eq!(event.due(base::time::date_parse("2025-12-01").unwrap()), None);
    assert_eq!(event.within, Some((10, crate::clock::Unit::WorkingDay)));
}

/// Changes a file of a pack and gives the codes and fields of the faults.
#[track_caller]
fn told(pack: &str, file: &str, from: &str, to: &str) -> Vec<(&'static str, String)> {
    let mut files = files(pack);
    let text = files.text(file).unwrap().to_owned();
    assert!(text.contains(from), "{file} has no {from}");
    files.insert(file, text.replacen(from, to, 1));
    let (_, faults) = read(&files);
    assert!(faults.iter().all(|fault| !fault.message.is_empty()));
    faults.into_iter().map(|fault| (fault.code, fault.field)).collect()
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let licences = "licence_types.toml";
    for (file, from, to, code, field) in [
        (
            licences,
            "falls_back_to = \"single\"",
            "falls_back_to = \"simple\"",
            "reference_unknown",
            "falls_back_to",
        ),
        (
            licences,
            "requires = [\"compliance",
            "requires = [\"conpliance",
            "reference_unknown",
            "requires",
        ),
        (licences, "id = \"end_user\"", "id = \"end_use\"", "id_twice", "id"),
        (
            licences,
            "max_validity = \"P1Y\"",
            "max_validity = \"one year\"",
            "span_wrong",
            "max_validity",
        ),
        (licences, "kind = \"licence\"", "kind = \"license\"", "setting_wrong", "licence_type"),
        (licences, "[[criterion]]", "[[criteria]]", "section_unknown", "criteria"),
        (
            "documents.csv",
            "single,always,1",
            "simple,always,1",
            "reference_unknown",
            "licence_type",
        ),
        ("documents.csv", "single,always,1", "single,never,1", "cell_wrong", "situation"),
        ("documents.csv", "single,always,2", "single,always,1", "id_twice", "no"),
        ("documents.csv", "situation", "occasion", "column_missing", "situation"),
        (
            "time_limits.csv",
            "decision,decision",
            "decision,decisions",
            "reference_unknown",
            "clock",
        ),
        ("time_limits.csv", ",30,working_day", ",31,working_day", "clock_differs", "limit"),
        ("time_limits.csv", ",30,working_day", ",thirty,working_day", "limit_wrong", "limit"),
        (
            "party_lists.toml",
            "bars = [\"general\"",
            "bars = [\"generally\"",
            "reference_unknown",
            "bars",
        ),
        (
            "party_lists.toml",
            "event = \"watch_listed\"",
            "event = \"listed\"",
            "reference_unknown",
            "event",
        ),
        ("party_lists.toml", "event = \"watch_listed\"\n", "", "event_missing", "event"),
        (
            "party_lists.toml",
            "percent = 50",
            "percent = 500",
            "out_of_range",
            "ownership_at_least_percent",
        ),
        ("duties.toml", "due_day = 10", "due_day = 31", "out_of_range", "due_day"),
        ("duties.toml", "period = \"month\"", "period = \"event\"", "due_wrong", "due_day"),
        (
            "duties.toml",
            "penalty = \"false_report\"",
            "penalty = \"fine\"",
            "reference_unknown",
            "penalty",
        ),
        (
            "duties.toml",
            "keep_at_least = \"P5Y\"",
            "keep_at_least = \"-P5Y\"",
            "span_wrong",
            "keep_at_least",
        ),
        (
            "duties.toml",
            "carry_percent = 10",
            "carry_percent = 101",
            "out_of_range",
            "carry_percent",
        ),
        ("duties.toml", "cut_percent = 100", "cut_percent = 1001", "out_of_range", "cut_percent"),
        (
            "duties.toml",
            "reserve_percent = 5",
            "reserve_percent = 200",
            "out_of_range",
            "reserve_percent",
        ),
        ("duties.toml", "slices_max = 4", "slices_max = 0", "out_of_range", "slices_max"),
        ("duties.toml", "[80, 95, 100]", "[95, 80, 100]", "out_of_range", "alarms_percent"),
        ("duties.toml", "[80, 95, 100]", "[80, 120]", "out_of_range", "alarms_percent"),
        ("duties.toml", "from = [\"ore\"]", "from = [\"rock\"]", "reference_unknown", "use"),
        ("duties.toml", "from = [\"ore\"]\n", "", "use_wrong", "use"),
        (
            "duties.toml",
            "stages = [\"mining\"]",
            "stages = [\"mining\", \"smelting\"]",
            "use_missing",
            "use",
        ),
        (
            "duties.toml",
            "stages = [\"mining\"]",
            "stages = [\"smelting\"]",
            "reference_unknown",
            "use",
        ),
        ("duties.toml", "toll = \"owner\"", "oxides = [\"Pr9O1\"]", "reference_unknown", "oxides"),
        ("duties.toml", "toll = \"owner\"", "toll = \"nobody\"", "setting_wrong", "quota"),
        ("duties.toml", "id = \"rock\"", "id = \"ion_clay\"", "id_twice", "ore_type"),
        ("duties.toml", "percent = 30", "percent = 300", "out_of_range", "ore_type"),
        ("duties.toml", "rules_confidence = \"high\"\n", "", "setting_wrong", "rules_confidence"),
        ("duties.toml", "after = \"arrival\"", "after = \"use\"", "due_wrong", "after"),
    ] {
        let told = told("demo", file, from, to);
        assert!(told.contains(&(code, field.to_owned())), "{file} {to}: {told:?}");
    }
}

#[test]
fn a_circle_is_refused() {
    let from = "lapses_when_completed = true\ncitation";
    let to = "lapses_when_completed = true\nfalls_back_to = \"general\"\ndocuments_as = \"single\"\ncitation";
    let told = told("demo", "licence_types.toml", from, to);
    let of =
        |field: &str| told.iter().filter(|(code, f)| *code == "circular" && f == field).count();
    // `single` and `general` lead to each other; `single` takes its documents from itself.
    assert_eq!((of("falls_back_to"), of("documents_as")), (2, 1));
}
