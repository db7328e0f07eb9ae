//! The packs that are carried: each reads without a fault and answers its own cases.

use std::path::Path;

use controls::{Pack, PackFault, PackFiles};

/// The files of a pack in the source tree.
pub(crate) fn files(id: &str) -> PackFiles {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(id);
    let mut files = PackFiles::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if [".toml", ".csv", ".jsonl"].iter().any(|end| name.ends_with(end)) {
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    files
}

/// A pack of the source tree, which must have no fault.
pub(crate) fn carried(id: &str) -> Pack {
    let (pack, faults) = Pack::read(&files(id));
    assert_eq!(faults, [], "{id}");
    pack
}

#[test]
fn each_pack_reads_without_fault_and_answers_its_cases() {
    for (id, least) in [("cn", 90), ("demo", 10), ("us", 3), ("uk", 2), ("eu", 3)] {
        let files = files(id);
        let pack = carried(id);
        assert!(pack.settings.notice_en.contains("not legal advice"), "{id}");
        let mut faults: Vec<PackFault> = Vec::new();
        let asked = controls::cases(&pack, &files, &mut faults);
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(shown, Vec::<String>::new(), "{id}");
        assert!(asked >= least, "{id}: {asked} cases");
    }
}

#[test]
fn a_wrong_pack_names_each_fault() {
    let spoil = |name: &str, from: &str, to: &str| {
        let mut files = files("demo");
        let text = files.text(name).unwrap().to_owned();
        assert!(text.contains(from), "{from}");
        files.insert(name, text.replacen(from, to, 1));
        let (_, faults) = Pack::read(&files);
        faults.iter().map(|f| f.code).collect::<Vec<_>>()
    };
    let item = "YSMA Order 1/2024,YS-101.a,1,Sm,any,metal";
    assert!(
        spoil("items.csv", item, "YSMA Order 1/2024,YS-101.a,1,Sx,any,metal")
            .contains(&"code_unknown")
    );
    assert!(
        spoil("items.csv", item, "YSMA Order 1/2024,YS-101.a,1,Sm,any,mtal")
            .contains(&"code_unknown")
    );
    assert!(
        spoil("items.csv", item, "Order 1,YS-101.a,1,Sm,any,metal").contains(&"instrument_unknown")
    );
    assert!(
        spoil("items.csv", "YS-102.a,1,Gd,any,metal", "YS-101.a,1,Gd,any,metal")
            .contains(&"duplicate")
    );
    assert!(
        spoil("items.csv", "2024-10-01,,2024-08-15", "2024-10-01,2024-09-01,2024-08-15")
            .contains(&"dates_reversed")
    );
    assert!(
        spoil("items.csv", "2024-10-01,,2024-08-15", "2024-13-01,,2024-08-15").contains(&"date")
    );
    assert!(spoil("items.csv", ",fictional,high", ",,sure").contains(&"confidence"));
    assert!(spoil("items.csv", ",fictional,high", ",,high").contains(&"source_missing"));
    assert!(spoil("items.csv", "samarium metal", "").contains(&"translation_missing"));
    assert!(
        spoil("suspensions.csv", "2025-12-01,2026-02-28", "2026-03-01,2026-02-28")
            .contains(&"dates_reversed")
    );
    assert!(
        spoil("content_rules.toml", "threshold = \"0.001\"", "threshold = \"a bit\"")
            .contains(&"threshold")
    );
    assert!(spoil("pack.toml", "id = \"demo\"", "id = demo").contains(&"settings_unreadable"));
    assert!(spoil("pack.toml", "country = \"XA\"", "country = \"UK\"").contains(&"code_unknown"));
    assert_eq!(spoil("pack.toml", "country = \"XA\"", "country = \"EU\""), Vec::<&str>::new());
    let unknown = "2025-12-01,unknown,the order holds again after the suspension,,";
    let known =
        "2025-12-01,in_force,the order holds again after the suspension,暂停期满后该命令恢复施行,";
    assert!(spoil("suspensions.csv", known, unknown).contains(&"translation_missing"));
    assert!(
        spoil("content_rules.toml", "judged_on = \"each_magnet\"", "judged_on = \"parcel\"")
            .contains(&"code_unknown")
    );
    assert!(
        spoil("content_rules.toml", "kind = \"trace\"", "kind = \"technology\"")
            .contains(&"rule_unbounded")
    );
    let twice = |files: &mut PackFiles, name: &str, line: &str| {
        let text = format!("{}{line}\n", files.text(name).unwrap());
        files.insert(name, text);
    };
    let mut overlap = files("demo");
    twice(
        &mut overlap,
        "suspensions.csv",
        "YSMA Notice 9/2025,YSMA Order 3/2025,,,2026-02-01,2026-03-31,2025-12-01,ended,,,c,fictional,high",
    );
    assert!(Pack::read(&overlap).1.iter().any(|f| f.code == "interval_overlap" && f.line == 3));
    // A fault of a setting has the line of its entry.
    let mut lines = files("demo");
    let text = lines.text("content_rules.toml").unwrap().replace("\"0.001\"", "\"a bit\"");
    let entry = text.lines().position(|l| l == "[[content_rule]]").unwrap() + 1;
    lines.insert("content_rules.toml", text);
    let settings = lines.text("pack.toml").unwrap().replace("\"XA\"", "\"UK\"");
    let country = settings.lines().position(|l| l.starts_with("country")).unwrap() + 1;
    lines.insert("pack.toml", settings);
    let (_, faults) = Pack::read(&lines);
    let found: Vec<(&str, usize)> = faults.iter().map(|f| (f.code, f.line as usize)).collect();
    assert_eq!(found, [("threshold", entry), ("code_unknown", country)]);
    let mut circular = files("demo");
    for (a, b) in [("YS-101.a", "YS-102.a"), ("YS-102.a", "YS-101.a")] {
        let text = circular.text("items.csv").unwrap().to_owned();
        let lines: Vec<String> = text
            .lines()
            .map(|l| {
                if l.contains(&format!("{a},1,")) {
                    l.replacen(",,from_here", &format!(",{b},from_here"), 1)
                } else {
                    l.to_owned()
                }
            })
            .collect();
        circular.insert("items.csv", lines.join("\n"));
    }
    let (_, faults) = Pack::read(&circular);
    assert_eq!(faults.iter().filter(|f| f.code == "reference_circular").count(), 2, "{faults:?}");
}
