//! Every rule of a filing row broken once: the code, the column, the line, what was found and what
//! would be accepted; the filing rejected whole; its reference free.

use crate::place::{Place, table};

type Row = Vec<(&'static str, &'static str)>;

const LONG_65: &str = "LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLL";

/// A rule broken once.
struct Case {
    /// The kind of filing in which it is broken.
    kind: &'static str,
    /// Row of the filing (from 0), and what is put in it.
    broken: (usize, &'static [(&'static str, &'static str)]),
    /// The code, and the column in which it is told.
    code: &'static str,
    column: &'static str,
    /// Parts of what is found and of what would be accepted.
    found: &'static str,
    accepted: &'static str,
}

const fn case(
    kind: &'static str,
    broken: (usize, &'static [(&'static str, &'static str)]),
    (code, column): (&'static str, &'static str),
    (found, accepted): (&'static str, &'static str),
) -> Case {
    Case { kind, broken, code, column, found, accepted }
}

/// A filing of two rows or more that keeps every rule; the lots of a kind are its own.
fn filing(kind: &'static str) -> Vec<Row> {
    let head = |extra: &[(&'static str, &'static str)]| -> Row {
        let mut row =
            vec![("filing", "F1"), ("kind", kind), ("date", "2025-02-03"), ("filer", "gad:a")];
        row.extend_from_slice(extra);
        row
    };
    let made = [("stage", "concentrate"), ("net_mass_kg", "10"), ("composition", "Nd=10;Dy=1")];
    let with = |first: &[(&'static str, &'static str)], rest: &[(&'static str, &'static str)]| {
        head(&[first, rest].concat())
    };
    match kind {
        "opening" | "extract" | "import" | "collect" => vec![
            with(&[("site", "PIT"), ("lot", "L-1")], &made),
            with(&[("site", "PIT"), ("lot", "L-2")], &made),
        ],
        "transform" => vec![
            head(&[("site", "P"), ("leg", "in"), ("lot", "L-0"), ("net_mass_kg", "9")]),
            with(&[("site", "P"), ("leg", "out"), ("lot", "L-1")], &made),
            head(&[("site", "P"), ("leg", "loss"), ("net_mass_kg", "1")]),
        ],
        "transfer" | "title" => ["L-1", "L-2"]
            .map(|lot| head(&[("site", "PIT"), ("lot", lot), ("to_party", "gad:b")]))
            .to_vec(),
        "receipt" => ["L-1", "L-2"]
            .map(|lot| head(&[("site", "PIT"), ("lot", lot), ("from_party", "gad:b")]))
            .to_vec(),
        "export" => ["L-1", "L-2"]
            .map(|lot| head(&[("site", "PIT"), ("lot", lot), ("customer_name", "B Ltd")]))
            .to_vec(),
        "reimport" | "use" => {
            ["L-1", "L-2"].map(|lot| head(&[("site", "PIT"), ("lot", lot)])).to_vec()
        }
        "loss" | "count" => ["L-1", "L-2"]
            .map(|lot| head(&[("site", "PIT"), ("lot", lot), ("net_mass_kg", "3")]))
            .to_vec(),
        other => panic!("{other}"),
    }
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    // filing, kind, date, filer: every row has them.
    case("extract", (0, &[("kind", "extraction")]), ("unknown_code", "kind"), ("`extraction`", "opening, extract, import")),
    case("extract", (0, &[("kind", "Extract")]), ("unknown_code", "kind"), ("`Extract`", "void")),
    case("extract", (0, &[("kind", "")]), ("missing_field", "kind"), ("`kind` is empty", "transform")),
    case("extract", (0, &[("date", "")]), ("missing_field", "date"), ("`date` is empty", "YYYY-MM-DD")),
    case("extract", (0, &[("date", "2025-02-30")]), ("invalid_date", "date"), ("`2025-02-30`", "YYYY-MM-DD")),
    case("extract", (0, &[("date", "03/02/2025")]), ("invalid_date", "date"), ("`03/02/2025`", "YYYY-MM-DD")),
    case("extract", (0, &[("date", "2025-02-03T10:00:00Z")]), ("invalid_date", "date"), ("`2025-02-03T", "YYYY-MM-DD")),
    case("extract", (0, &[("date", "0025-02-03")]), ("invalid_date", "date"), ("`0025-02-03`", "1900 to 2199")),
    case("extract", (0, &[("date", "2200-01-01")]), ("invalid_date", "date"), ("`2200-01-01`", "1900 to 2199")),
    case("transform", (0, &[("period_from", "2025-13-01")]), ("invalid_date", "period_from"), ("`2025-13-01`", "YYYY-MM-DD")),
    case("transform", (0, &[("period_from", "2025-02-02"), ("period_to", "2025-02-01")]), ("period_reversed", "period_to"), ("`2025-02-01`", "not before `period_from`")),
    // Parties and their check digits.
    case("extract", (0, &[("owner", "mine-a")]), ("invalid_party", "owner"), ("`mine-a`", "scheme:value")),
    case("extract", (0, &[("owner", "vat:DE1")]), ("invalid_party", "owner"), ("`vat:DE1`", "lei, uscc, eori, gln, duns, gad or x-")),
    case("extract", (0, &[("owner", "lei:5493001KJTIIGC8Y1R13")]), ("invalid_party", "owner"), ("check digit", "20 capital letters or digits")),
    case("extract", (0, &[("owner", "lei:5493001KJTIIGC8Y1R1")]), ("invalid_party", "owner"), ("form of a `lei`", "20 capital letters or digits")),
    case("extract", (0, &[("owner", "uscc:91350100M000100Y44")]), ("invalid_party", "owner"), ("check digit", "18 characters")),
    case("extract", (0, &[("owner", "uscc:91350100M000100YO3")]), ("invalid_party", "owner"), ("form of a `uscc`", "18 characters")),
    case("extract", (0, &[("owner", "gln:4006381333932")]), ("invalid_party", "owner"), ("check digit", "13 digits")),
    case("extract", (0, &[("owner", "gln:400638133393")]), ("invalid_party", "owner"), ("form of a `gln`", "13 digits")),
    case("extract", (0, &[("owner", "eori:de1")]), ("invalid_party", "owner"), ("form of a `eori`", "two-letter country code")),
    case("extract", (0, &[("owner", "duns:12345678")]), ("invalid_party", "owner"), ("form of a `duns`", "9 digits")),
    case("extract", (0, &[("owner", "gad:Mine")]), ("invalid_party", "owner"), ("form of a `gad`", "a-z, 0-9 and -")),
    case("extract", (0, &[("owner", "x-:1")]), ("invalid_party", "owner"), ("`x-:1`", "x-")),
    case("transfer", (0, &[("to_party", "gad:")]), ("invalid_party", "to_party"), ("`gad:`", "1 to 64")),
    case("receipt", (0, &[("from_party", "b")]), ("invalid_party", "from_party"), ("`b`", "scheme:value")),
    case("transfer", (0, &[("to_party", "")]), ("missing_field", "to_party"), ("`to_party` is empty", "customer_name")),
    case("receipt", (0, &[("from_party", "")]), ("missing_field", "from_party"), ("`from_party` is empty", "customer_name")),
    case("title", (0, &[("to_party", "")]), ("missing_field", "to_party"), ("`to_party` is empty", "scheme:value")),
    case("export", (0, &[("customer_name", "")]), ("missing_field", "to_party"), ("`to_party` is empty", "customer_name")),
    // Codes.
    case("transfer", (0, &[("move", "gift")]), ("unknown_code", "move"), ("`gift`", "sale, toll_out")),
    case("transform", (0, &[("process", "magic")]), ("unknown_code", "process"), ("`magic`", "separation")),
    case("extract", (0, &[("stage", "stone")]), ("unknown_code", "stage"), ("`stone`", "concentrate")),
    case("use", (0, &[("end_use", "toy")]), ("unknown_code", "end_use"), ("`toy`", "ev_traction_motor")),
    // Legs.
    case("transform", (0, &[("leg", "")]), ("missing_field", "leg"), ("`leg` is empty", "in, out or loss")),
    case("transform", (0, &[("leg", "input")]), ("unknown_code", "leg"), ("`input`", "in, out, loss")),
    case("extract", (0, &[("leg", "out")]), ("unexpected_leg", "leg"), ("`out`", "only a transform")),
    case("transform", (2, &[("lot", "TAILS")]), ("loss_names_lot", "lot"), ("`TAILS`", "empty")),
    // Sites and lots.
    case("extract", (0, &[("site", "")]), ("missing_field", "site"), ("`site` is empty", "this kind of filing needs it")),
    case("extract", (0, &[("site", LONG_65)]), ("too_long", "site"), ("`LLLL", "at most 64 characters")),
    case("extract", (0, &[("lot", "")]), ("missing_field", "lot"), ("`lot` is empty", "needs it")),
    case("extract", (0, &[("lot", LONG_65)]), ("too_long", "lot"), ("`LLLL", "at most 64 characters")),
    case("extract", (0, &[("lot", "L\n1")]), ("control_character", "lot"), ("a line end in `lot`", "without control characters")),
    case("transfer", (0, &[("source_lot", LONG_65)]), ("too_long", "source_lot"), ("`LLLL", "at most 64 characters")),
    case("receipt", (0, &[("source_lot", "L-0")]), ("unexpected_source_lot", "source_lot"), ("`L-0`", "transfer, export, use, loss and import")),
    case("transform", (0, &[("lot", "")]), ("missing_field", "lot"), ("`lot` is empty", "needs it")),
    case("use", (0, &[("lot", "")]), ("missing_field", "lot"), ("`lot` is empty", "needs it")),
    case("reimport", (0, &[("lot", "")]), ("missing_field", "lot"), ("`lot` is empty", "needs it")),
    case("count", (0, &[("lot", "")]), ("missing_field", "lot"), ("`lot` is empty", "in `stage` the stage")),
    // Mass.
    case("extract", (0, &[("net_mass_kg", "")]), ("missing_field", "net_mass_kg"), ("`net_mass_kg` is empty", "kilograms")),
    case("transform", (0, &[("net_mass_kg", "")]), ("missing_field", "net_mass_kg"), ("`net_mass_kg` is empty", "kilograms")),
    case("loss", (0, &[("net_mass_kg", "")]), ("missing_field", "net_mass_kg"), ("`net_mass_kg` is empty", "kilograms")),
    case("count", (0, &[("net_mass_kg", "")]), ("missing_field", "net_mass_kg"), ("`net_mass_kg` is empty", "kilograms")),
    case("extract", (0, &[("net_mass_kg", "-1")]), ("negative", "net_mass_kg"), ("`-1`", "0 to 9000000000")),
    case("extract", (0, &[("net_mass_kg", "9000000000.000001")]), ("too_large", "net_mass_kg"), ("`9000000000.000001`", "0 to 9000000000")),
    case("extract", (0, &[("net_mass_kg", "99999999999999999999999999")]), ("too_large", "net_mass_kg"), ("`9999", "0 to 9000000000")),
    case("extract", (0, &[("net_mass_kg", "0.0000001")]), ("too_many_decimals", "net_mass_kg"), ("`0.0000001`", "at most 6 decimals")),
    case("extract", (0, &[("net_mass_kg", "NaN")]), ("invalid_number", "net_mass_kg"), ("`NaN`", "kilograms")),
    case("extract", (0, &[("net_mass_kg", "inf")]), ("invalid_number", "net_mass_kg"), ("`inf`", "kilograms")),
    case("extract", (0, &[("net_mass_kg", "1e3")]), ("invalid_number", "net_mass_kg"), ("`1e3`", "kilograms")),
    case("extract", (0, &[("net_mass_kg", "12 kg")]), ("invalid_number", "net_mass_kg"), ("`12 kg`", "kilograms")),
    case("extract", (0, &[("net_mass_kg", "1,234")]), ("invalid_number", "net_mass_kg"), ("`1,234`", "with a point")),
    // Composition.
    case("extract", (0, &[("composition", "")]), ("missing_field", "composition"), ("`composition` is empty", "Nd=28.5")),
    case("transform", (1, &[("composition", "")]), ("missing_field", "composition"), ("`composition` is empty", "Nd=28.5")),
    case("transform", (1, &[("stage", "")]), ("missing_field", "stage"), ("`stage` is empty", "needs it")),
    case("import", (0, &[("composition", "")]), ("missing_field", "composition"), ("`composition` is empty", "Nd=28.5")),
    case("collect", (0, &[("composition", "")]), ("missing_field", "composition"), ("`composition` is empty", "Nd=28.5")),
    case("opening", (0, &[("composition", "")]), ("missing_field", "composition"), ("`composition` is empty", "Nd=28.5")),
    case("extract", (0, &[("composition", "Nd 10")]), ("invalid_composition", "composition"), ("`Nd 10`", "Nd=28.5")),
    case("extract", (0, &[("composition", "Qq=10")]), ("invalid_composition", "composition"), ("`Qq`", "oxide formula")),
    case("extract", (0, &[("composition", "Nd=10;Nd2O3=1")]), ("invalid_composition", "composition"), ("`Nd` is given twice", "Nd=28.5")),
    case("extract", (0, &[("composition", "Nd=60;Dy=41")]), ("invalid_composition", "composition"), ("101 %", "at most 100")),
    case("extract", (0, &[("composition", "Nd=-1")]), ("invalid_composition", "composition"), ("negative", "Nd=28.5")),
    case("extract", (0, &[("composition", "Nd=NaN")]), ("invalid_composition", "composition"), ("not a plain decimal", "Nd=28.5")),
    case("extract", (0, &[("composition", "Nd=0.00000001")]), ("invalid_composition", "composition"), ("more than 7 decimals", "at most 7 decimals")),
    case("extract", (0, &[("basis", "wet")]), ("unknown_code", "basis"), ("`wet`", "as_received (or empty), dry, ignited, treo")),
    case("extract", (0, &[("basis", "dry")]), ("missing_field", "moisture_pct"), ("`moisture_pct` is empty", "the basis needs")),
    case("extract", (0, &[("basis", "ignited"), ("moisture_pct", "1")]), ("missing_field", "loi_pct"), ("`loi_pct` is empty", "the basis needs")),
    case("extract", (0, &[("basis", "treo")]), ("missing_field", "treo_pct"), ("`treo_pct` is empty", "the basis needs")),
    case("extract", (0, &[("moisture_pct", "101")]), ("too_large", "moisture_pct"), ("`101`", "0 to 100")),
    case("extract", (0, &[("loi_pct", "-1")]), ("negative", "loi_pct"), ("`-1`", "0 to 100")),
    case("extract", (0, &[("treo_pct", "1.23456789")]), ("too_many_decimals", "treo_pct"), ("`1.23456789`", "at most 7 decimals")),
    // Assay, goods, documents, trade.
    case("extract", (0, &[("assay_status", "draft")]), ("unknown_code", "assay_status"), ("`draft`", "provisional, final, umpire")),
    case("extract", (0, &[("assay_date", "yesterday")]), ("invalid_date", "assay_date"), ("`yesterday`", "YYYY-MM-DD")),
    case("transfer", (0, &[("hs", "magnets")]), ("invalid_hs", "hs"), ("`magnets`", "2 to 12 digits")),
    case("transfer", (0, &[("pieces", "2.5")]), ("too_many_decimals", "pieces"), ("`2.5`", "a whole number")),
    case("transfer", (0, &[("pieces", ".")]), ("invalid_number", "pieces"), ("`.`", "a whole number")),
    case("export", (0, &[("licence", "GD-2025-0001")]), ("invalid_licence", "licence"), ("`GD-2025-0001`", "number/line")),
    case("export", (0, &[("licence", "/1")]), ("invalid_licence", "licence"), ("`/1`", "number/line")),
    case("export", (0, &[("customer_country", "UK")]), ("invalid_country", "customer_country"), ("`UK`", "ISO 3166-1 alpha-2")),
    case("export", (0, &[("customer_country", "DEU")]), ("invalid_country", "customer_country"), ("`DEU`", "ISO 3166-1 alpha-2")),
    case("export", (0, &[("end_user_country", "de")]), ("invalid_country", "end_user_country"), ("`de`", "ISO 3166-1 alpha-2")),
    case("export", (0, &[("currency", "RMB")]), ("invalid_currency", "currency"), ("`RMB`", "ISO 4217")),
    case("export", (0, &[("value", "12.34567")]), ("too_many_decimals", "value"), ("`12.34567`", "at most 4 decimals")),
    case("export", (0, &[("value", "-5")]), ("negative", "value"), ("`-5`", "decimal")),
    // Corrections, and the rows of a filing together.
    case("extract", (0, &[("corrects", "F0")]), ("rows_disagree", "corrects"), ("`F0`", "same value on every row")),
    case("transform", (1, &[("site", "Q")]), ("rows_disagree", "site"), ("`Q`", "same value on every row")),
    case("transform", (1, &[("process", "separation")]), ("rows_disagree", "process"), ("`separation`", "same value on every row")),
    case("extract", (1, &[("kind", "collect")]), ("rows_disagree", "kind"), ("`collect`", "same value on every row")),
    case("extract", (1, &[("date", "2025-02-04")]), ("rows_disagree", "date"), ("`2025-02-04`", "same value on every row")),
];

#[test]
fn every_rule_broken_once_rejects_the_filing_whole() {
    for (number, case) in CASES.iter().enumerate() {
        check(number, case);
    }
}

fn check(number: usize, case: &Case) {
    let place = Place::new();
    let good = filing(case.kind);
    let mut bad = good.clone();
    let (row, changes) = case.broken;
    for &(column, text) in changes {
        bad[row].retain(|(c, _)| *c != column);
        bad[row].push((column, text));
    }
    let told = format!("case {number}: {} {:?}", case.kind, case.broken);
    let mut before = filing("extract");
    for row in &mut before {
        row[0] = ("filing", "F0");
        row.retain(|(c, _)| *c != "lot");
        row.push(("lot", "OTHER"));
    }
    let (code, report) = place.import(table(&[before, bad.clone()].concat()));
    assert_eq!(code, 3, "{told}: {report}");
    let count = good.len() as u64;
    assert_eq!(
        (report["rows"].as_u64(), report["filed"].as_u64(), report["rejected"].as_u64()),
        (Some(count + 2), Some(2), Some(count)),
        "{told}: {report}"
    );
    // Of two rows that disagree, the later is told; else the row that was broken.
    let line = 4 + if case.code == "rows_disagree" { row.max(1) } else { row } as u64;
    let rejections = report["files"][0]["rejections"].as_array().unwrap();
    let found = rejections
        .iter()
        .find(|r| r["code"] == case.code && r["column"] == case.column)
        .unwrap_or_else(|| panic!("{told}: {rejections:?}"));
    assert!(found["lines"].as_array().unwrap().contains(&line.into()), "{told}: {found}");
    let [message, accepted] = ["message", "accepted"].map(|k| found[k].as_str().unwrap());
    if case.code != "rows_disagree" {
        assert_eq!(rejections.len(), 1, "{told}: nothing else is wrong: {rejections:?}");
        assert!(message.contains(case.found), "{told}: {message}");
    }
    assert!(accepted.contains(case.accepted), "{told}: {accepted}");
    let rejects = place.rejects();
    assert_eq!(rejects.len() as u64, count, "{told}");
    let with_filing = rejects.iter().filter(|r| r[1] == "with_filing").count() as u64;
    assert!(with_filing >= 1 && with_filing < count, "{told}: {rejects:?}");
    assert!(rejects.iter().all(|r| !r[2].is_empty() && !r[3].is_empty()), "{told}: {rejects:?}");

    // Nothing of it is in the ledger, and its reference is free.
    let trace = place.run(&["trace", "L-1", "L-2", "--element", "Dy"]);
    assert_eq!(trace.code, 1, "{told}: {}", trace.out);
    let report = place.filed(table(&good));
    assert_eq!(report["filed"].as_u64(), Some(count), "{told}");
}

#[test]
fn names_of_filings_and_filers_are_needed() {
    let place = Place::new();
    let mut rows = filing("extract");
    rows[0][0] = ("filing", "");
    rows[1][3] = ("filer", "");
    rows.push(
        filing("extract")[0]
            .iter()
            .map(|&(c, v)| (c, if c == "filing" { "F2" } else { v }))
            .collect(),
    );
    let (code, report) = place.import(table(&rows));
    assert_eq!((code, report["filed"].as_u64()), (3, Some(1)), "{report}");
    let rejects = place.rejects();
    assert_eq!(rejects[0][..3], ["2", "missing_field", "`filing` is empty"]);
    assert_eq!(rejects[1][..3], ["3", "missing_field", "`filer` is empty"]);
}

#[test]
fn every_fault_of_a_row_is_told_at_once() {
    let place = Place::new();
    let mut rows = filing("extract");
    rows[0].extend([("currency", "RMB"), ("pieces", "x"), ("assay_status", "y")]);
    place.import(table(&rows));
    let first = &place.rejects()[0];
    assert_eq!(first[1], "unknown_code; invalid_number; invalid_currency");
    assert!(first[2].contains("`RMB`") && first[2].contains("`x`") && first[2].contains("`y`"));
}

#[test]
fn every_kind_and_every_column_is_taken() {
    let place = Place::new();
    let all = [
        ("period_from", "2025-01-01"),
        ("period_to", "2025-01-31"),
        ("owner", "lei:5493001KJTIIGC8Y1R12"),
        ("to_site", "DOCK"),
        ("assay_status", "umpire"),
        ("assay_date", "2025-01-30"),
        ("laboratory", "Lab & Söhne"),
        ("hs", "8505.11.10"),
        ("product", "4006381333931"),
        ("grade", "N42SH"),
        ("pieces", "1200"),
        ("customer_country", "DE"),
        ("invoice", "I-1"),
        ("contract", "C-1"),
        ("declaration", "D-1"),
        ("licence", "GD-2025-0001/1"),
        ("end_user_name", "终端用户"),
        ("end_user_country", "XA"),
        ("end_use", "ev_traction_motor"),
        ("value", "1234.5678"),
        ("currency", "CNY"),
        ("note", "first line\nsecond \"line\""),
    ];
    let kinds = [
        "opening",
        "extract",
        "import",
        "collect",
        "transform",
        "transfer",
        "receipt",
        "title",
        "export",
        "reimport",
        "use",
        "loss",
        "count",
    ];
    let mut rows = Vec::new();
    for kind in kinds {
        for mut row in filing(kind) {
            row[0] = ("filing", kind);
            row.extend(all);
            rows.push(row);
        }
    }
    rows.push(vec![
        ("filing", "V"),
        ("kind", "void"),
        ("date", "2025-03-01"),
        ("filer", "gad:a"),
        ("corrects", "count"),
    ]);
    let report = place.filed(table(&rows));
    assert_eq!(report["files"][0]["filings"]["filed"], 14);
    let again = place.import(table(&rows));
    assert_eq!((again.0, again.1["duplicate"].as_u64()), (0, Some(rows.len() as u64)));
    place.clean();
}

#[test]
fn lots_hold_sixty_four_characters_of_any_script() {
    let place = Place::new();
    let lot = "镝".repeat(64);
    let mut row = filing("extract").remove(0);
    row.retain(|(c, _)| *c != "lot");
    let text = table(&[row]).replacen("composition", "composition,lot", 1);
    place.filed(text.replacen("Nd=10;Dy=1", &format!("Nd=10;Dy=1,{lot}"), 1));
    let run = place.run(&["trace", &lot, "--element", "Dy"]);
    assert_eq!(run.json()["content_ug"], 100_000_000);
}
