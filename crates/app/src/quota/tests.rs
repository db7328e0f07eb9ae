//! What filings use of a quota, through the books; and the steps, through the platform.

use base::{Common, Timestamp};
use controls::regime::{Quota, QuotaEnd};
use licensing::quota::{Line, Node, QuotaUse, Standing, Step};

use super::*;
use crate::books::Books;
use crate::law::Law;
use crate::packs::pack_carried;
use crate::platform::{Mode, OpenOptions};

const HEADER: &str = "filing,kind,date,filer,from_party,to_party,move,site,leg,process,lot,source_lot,\
stage,net_mass_kg,composition,customer_name,customer_country\n";

fn law() -> Law {
    Law::read("demo", 0, &pack_carried("demo").unwrap())
}

fn quota(id: &str) -> Quota {
    law().regime.quotas.into_iter().find(|quota| quota.id == id).unwrap()
}

/// Nd2O3 of one kilogram of Nd, in mg, by the factor as printed: ⌊10⁹ µg × 10⁸ ÷ 85,735,512⌋ ÷ 1000.
fn oxide_mg(nd_kg: i64) -> i64 {
    let common = Common::embedded();
    let nd = common.element("Nd").unwrap();
    let usual = common.oxides.iter().find(|oxide| oxide.element == nd && oxide.reo_default);
    let factor = i128::from(usual.unwrap().element_per_oxide_e8);
    let ug = i128::from(nd_kg) * 1_000_000_000 * 100_000_000 / factor;
    i64::try_from(ug / 1000).unwrap()
}

/// A mine, its concentrate, cracked and separated; beside it imported concentrate and swarf.
fn rows() -> Vec<String> {
    let row = |filing: &str, kind: &str, date: &str, filer: &str, rest: &str| {
        format!("{filing},{kind},{date},{filer},{rest}\n")
    };
    vec![
        row("E1", "extract", "2025-02-01", "gad:mine", ",,,PIT,,,ORE,,ore,10000,Nd=5,,"),
        row("P1", "transform", "2025-02-02", "gad:mine", ",,,PIT,in,beneficiation,ORE,,,10000,,,"),
        row(
            "P1",
            "transform",
            "2025-02-02",
            "gad:mine",
            ",,,PIT,out,beneficiation,CON,,concentrate,800,Nd=50,,",
        ),
        row("T1", "transfer", "2025-02-03", "gad:mine", ",gad:sep,sale,PIT,,,CON,,,800,,,"),
        row(
            "I1",
            "import",
            "2025-02-03",
            "gad:sep",
            ",,,SX,,,FOR,,concentrate,400,Nd=50,Abroad,XB",
        ),
        row("P2", "transform", "2025-02-05", "gad:sep", ",,,SX,in,cracking,CON,,,800,,,"),
        row("P2", "transform", "2025-02-05", "gad:sep", ",,,SX,in,cracking,FOR,,,400,,,"),
        row(
            "P2",
            "transform",
            "2025-02-05",
            "gad:sep",
            ",,,SX,out,cracking,MIX,,mixed_compound,1800,Nd=30,,",
        ),
        row("P3", "transform", "2025-03-05", "gad:sep", ",,,SX,in,separation,MIX,,,1800,,,"),
        row(
            "P3",
            "transform",
            "2025-03-05",
            "gad:sep",
            ",,,SX,out,separation,OX,,separated_compound,600,Nd=80,,",
        ),
    ]
}

fn uses_of(quota: &Quota, rows: &[String]) -> Vec<QuotaUse> {
    let mut books = Books::new([1, 2]);
    let text = format!("{HEADER}{}", rows.concat());
    let report = books.import_csv(text.as_bytes(), Timestamp::from_us(0));
    assert_eq!(report.rejected, 0, "{:?}", report.rejections);
    books.quota_uses(&QuotaCounting::new(quota, Common::embedded()))
}

/// Company, filing, type of ore, amount, imported, secondary.
fn told(uses: &[QuotaUse]) -> Vec<(String, String, String, i64, String)> {
    let kind = |of: &QuotaUse| match (of.imported, of.secondary) {
        (false, false) => "own",
        (true, false) => "imported",
        (false, true) => "secondary",
        (true, true) => "both",
    };
    let row = |of: &QuotaUse| {
        (
            of.company.clone(),
            of.filing.clone(),
            of.line.ore.clone(),
            of.amount_mg,
            kind(of).to_owned(),
        )
    };
    uses.iter().map(row).collect()
}

fn row(of: (&str, &str, &str, i64, &str)) -> (String, String, String, i64, String) {
    (of.0.to_owned(), of.1.to_owned(), of.2.to_owned(), of.3, of.4.to_owned())
}

#[test]
fn what_a_mine_makes_of_its_ore_uses_the_quota_in_oxide_mass() {
    let found = told(&uses_of(&quota("mining"), &rows()));
    assert_eq!(found, [row(("gad:mine", "gad:mine/P1", "rock", oxide_mg(400), "own"))]);
}

/// What one company uses, as the authority reads it and as it may know it itself.
fn read_twice(rows: &[String], company: &str) -> (Vec<QuotaUse>, Vec<QuotaUse>) {
    let mut books = Books::new([1, 2]);
    let text = format!("{HEADER}{}", rows.concat());
    let report = books.import_csv(text.as_bytes(), Timestamp::from_us(0));
    assert_eq!(report.rejected, 0, "{:?}", report.rejections);
    let counting = QuotaCounting::new(&quota("separation"), Common::embedded());
    let own = |uses: Vec<QuotaUse>| -> Vec<QuotaUse> {
        uses.into_iter().filter(|of| of.company == company).collect()
    };
    let (all, told) = (books.quota_uses(&counting), books.quota_uses_told(&counting, company));
    let (all, told) = (own(all), own(told));
    assert_eq!(books.quota_all_told(company), all == told, "{all:?} {told:?}");
    (all, told)
}

#[test]
fn who_names_a_lot_that_nobody_gave_it_learns_nothing_of_it_from_its_quota() {
    let row = |filing: &str, kind: &str, filer: &str, rest: &str| {
        format!("{filing},{kind},2025-02-01,{filer},{rest}\n")
    };
    // Two worlds that differ in what the trader has: mined at home, or twice as much, imported.
    let worlds = [
        row("E1", "extract", "gad:trader", ",,,PIT,,,LOT,,concentrate,400,Nd=50,,"),
        row("I1", "import", "gad:trader", ",,,PIT,,,LOT,,concentrate,800,Nd=40,Abroad,XB"),
    ];
    // A row that leaves stage and composition to the lot, and one that states both.
    let own = ["in,separation,LOT,,,300,,,", "in,separation,LOT,,concentrate,300,Nd=50,,"];
    for drawn in own {
        let separated = [
            row("P1", "transform", "gad:sep", &format!(",,,SX,{drawn}")),
            row(
                "P1",
                "transform",
                "gad:sep",
                ",,,SX,out,separation,OX,,separated_compound,100,Nd=80,,",
            ),
        ];
        let named = worlds.clone().map(|lot| [&[lot][..], &separated].concat());
        let [(home, home_told), (abroad, abroad_told)] =
            named.map(|rows| read_twice(&rows, "gad:sep"));
        assert_ne!(home, abroad, "the authority sees whence it came");
        assert_eq!(home_told, abroad_told, "{drawn}");
        // Given the lot, it must know what of it counts, for its quota depends on that.
        let sold = row("T1", "transfer", "gad:trader", ",gad:sep,sale,PIT,,,LOT,,,400,,,");
        for lot in worlds.clone() {
            let rows = [&[lot, sold.clone()][..], &separated].concat();
            let (all, told) = read_twice(&rows, "gad:sep");
            assert_eq!(all, told);
            assert!(!all.is_empty());
        }
    }
}

#[test]
fn what_is_separated_is_divided_by_where_its_feed_came_from() {
    let found = told(&uses_of(&quota("separation"), &rows()));
    // 400 kg of the 600 kg of Nd that went in were mined at home: two thirds, the last
    // milligram to the greater remainder.
    let total = oxide_mg(480);
    let home = (total * 2).div_euclid(3) + 1;
    assert_eq!(
        found,
        [
            row(("gad:sep", "gad:sep/P3", "rock", total - home, "imported")),
            row(("gad:sep", "gad:sep/P3", "rock", home, "own")),
        ]
    );
}

#[test]
fn swarf_in_the_feed_is_told_as_secondary() {
    let mut rows = rows();
    rows.insert(9, "P3,transform,2025-03-05,gad:sep,,,,SX,in,separation,SW,,,600,,,\n".to_owned());
    rows.insert(0, "C1,opening,2025-01-01,gad:sep,,,,SX,,,SW,,swarf,600,Nd=90,,\n".to_owned());
    let found = told(&uses_of(&quota("separation"), &rows));
    let secondary: i64 = found.iter().filter(|of| of.4 == "secondary").map(|of| of.3).sum();
    let all: i64 = found.iter().map(|of| of.3).sum();
    assert_eq!(all, oxide_mg(480));
    // 540 kg of Nd in the swarf, 540 kg in the mixed compound: half, to a part of 10⁹.
    assert!((secondary - all / 2).abs() <= 1, "{found:?}");
}

/// Clay that is processed for its owner: by the demo's pack the owner answers, else the processor.
#[test]
fn who_answers_for_tolled_material_is_said_by_the_pack() {
    let mut rows = rows();
    rows[3] = rows[3].replace(",sale,", ",toll_out,");
    let of = |toll| {
        let quota = Quota { toll, ..quota("separation") };
        let mut found: Vec<(String, i64)> = Vec::new();
        for used in uses_of(&quota, &rows) {
            found.push((used.company, used.amount_mg));
        }
        found
    };
    let total = oxide_mg(480);
    let home = (total * 2).div_euclid(3) + 1;
    let by_owner = of(controls::regime::Toll::Owner);
    assert_eq!(by_owner, [("gad:mine".to_owned(), home), ("gad:sep".to_owned(), total - home)]);
    let processor = of(controls::regime::Toll::Processor);
    assert!(processor.iter().all(|of| of.0 == "gad:sep"));
}

#[test]
fn feed_and_extraction_use_a_quota_where_the_pack_says_so() {
    let mut by_feed = quota("separation");
    by_feed.uses[0].event = QuotaEnd::Feed;
    let found = uses_of(&by_feed, &rows());
    assert_eq!(found.iter().map(|of| of.amount_mg).sum::<i64>(), oxide_mg(540));
    let clay =
        "E2,extract,2025-02-01,gad:clay,,,,CLAY,,,ION,,ionic_precipitate,100,Dy=40;Nd=10,,\n";
    let found = uses_of(&quota("mining"), &[clay.to_owned()]);
    assert_eq!((found[0].company.as_str(), found[0].line.ore.as_str()), ("gad:clay", "ion_clay"));
}

#[test]
fn imported_mixed_compound_is_of_the_ore_whose_share_it_reaches() {
    let of = |composition: &str| {
        let rows = [
            format!("I1,import,2025-02-03,gad:sep,,,,SX,,,FOR,,mixed_compound,400,{composition},A,XB\n"),
            "P3,transform,2025-03-05,gad:sep,,,,SX,in,separation,FOR,,,400,,,\n".to_owned(),
            "P3,transform,2025-03-05,gad:sep,,,,SX,out,separation,OX,,separated_compound,100,Nd=80,,\n".to_owned(),
        ];
        uses_of(&quota("separation"), &rows)[0].line.ore.clone()
    };
    assert_eq!(of("Nd=30"), "rock");
    assert_eq!(of("Nd=20;Dy=10"), "ion_clay");
    assert_eq!(of("Nd=30;Dy=10"), "rock");
}

/// A lot that becomes its own ancestor has the origin of what comes in from outside.
#[test]
fn a_circle_of_lots_neither_hangs_nor_changes_with_the_order_of_arrival() {
    let mut rows = rows();
    rows.push("B1,transform,2025-02-06,gad:sep,,,,SX,in,blend,MIX,,,300,,,\n".to_owned());
    rows.push(
        "B1,transform,2025-02-06,gad:sep,,,,SX,out,blend,MX2,,mixed_compound,300,Nd=30,,\n"
            .to_owned(),
    );
    rows.push("B2,transform,2025-02-07,gad:sep,,,,SX,in,blend,MX2,,,300,,,\n".to_owned());
    rows.push(
        "B2,transform,2025-02-07,gad:sep,,,,SX,out,blend,MIX,,mixed_compound,300,Nd=30,,\n"
            .to_owned(),
    );
    let quota = quota("separation");
    let found = uses_of(&quota, &rows);
    assert_eq!(found.iter().map(|of| of.amount_mg).sum::<i64>(), oxide_mg(480));
    // The rows of a filing stand together; the filings arrive the other way round.
    let mut filings: Vec<Vec<String>> = Vec::new();
    for row in rows {
        let name = row.split(',').next().unwrap().to_owned();
        match filings.iter_mut().find(|of| of[0].split(',').next() == Some(&name)) {
            Some(of) => of.push(row),
            None => filings.push(vec![row]),
        }
    }
    filings.reverse();
    assert_eq!(found, uses_of(&quota, &filings.concat()));
}

fn platform(dir: &std::path::Path) -> Platform {
    let options = OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir, Mode::Write, &options).unwrap();
    let text = format!("{HEADER}{}", rows().concat()).into_bytes();
    let options = crate::import::ImportOptions::default();
    platform.import(Box::new(std::io::Cursor::new(text)), options, &mut |_| {}).unwrap();
    platform
}

fn step(from: &str, to: &str, kg: i64) -> Step {
    Step {
        year: 2025,
        line: Line { stage: "mining".to_owned(), ore: "rock".to_owned() },
        from: Node::parse(from),
        to: Node::parse(to).unwrap(),
        amount_mg: kg * 1_000_000,
        slice: u32::from(from.is_empty()),
        day: Date::constant(2025, 1, 15),
    }
}

fn take(platform: &Platform, law: &Law, step: Step, reason: &str) -> Result<StepKind, String> {
    let at = Timestamp::from_us(1_000_000);
    let new = NewQuotaStep { quota: "mining", step, reason, account: "supervisor", at };
    platform.quota_step(law, &new).map_err(|error| error.code().to_owned())
}

#[test]
fn steps_are_stored_with_an_audit_entry_and_an_event_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let (platform, law) = (platform(dir.path()), law());
    let log = |platform: &Platform| platform.reader().head().unwrap().log_index;
    let before = log(&platform);
    let day = Date::constant(2025, 12, 31);
    let standing = |platform: &Platform| {
        let answers = platform.quotas(&law, day).unwrap();
        let position = answers[0].positions[0].clone();
        (position.standing, position.left_mg, position.excess_mg)
    };
    let used = oxide_mg(400);
    assert_eq!(standing(&platform), (Standing::Awaiting, 0, 0));
    assert_eq!(take(&platform, &law, step("", "authority", 1000), "order 1"), Ok(StepKind::Issue));
    let grant = |kg| step("authority", "gad:mine", kg);
    assert_eq!(take(&platform, &law, grant(500), " "), Err("quota_reason".to_owned()));
    assert_eq!(take(&platform, &law, grant(951), "r"), Err("quota_beyond_parent".to_owned()));
    let unknown = step("authority", "gad:nobody", 1);
    assert_eq!(take(&platform, &law, unknown, "r"), Err("quota_company".to_owned()));
    assert_eq!(take(&platform, &law, grant(500), "by capacity"), Ok(StepKind::Grant));
    let left = 500_000_000 - used;
    assert_eq!(standing(&platform), (Standing::Alarmed, left, 0));
    // What is used is not taken back.
    let back = Step { amount_mg: left + 1, ..step("gad:mine", "authority", 1) };
    assert_eq!(take(&platform, &law, back.clone(), "r"), Err("quota_used".to_owned()));
    let back = Step { amount_mg: left, ..back };
    assert_eq!(take(&platform, &law, back, "not needed"), Ok(StepKind::TakeBack));
    assert_eq!(standing(&platform), (Standing::Alarmed, 0, 0));
    assert_eq!(log(&platform), before + 3, "an event for each step that was taken");
    let records = platform.quota_records(&law).unwrap();
    let reasons: Vec<&str> = records.iter().map(|record| record.reason.as_str()).collect();
    assert_eq!(reasons, ["order 1", "by capacity", "not needed"]);
    drop(platform);
    assert_eq!(crate::platform::fsck(dir.path()).unwrap(), Vec::<String>::new());
    // It stands after a start, and filings go on.
    let options = OpenOptions { random: [7; 32] };
    let again = Platform::open(dir.path(), Mode::Write, &options).unwrap();
    assert_eq!(standing(&again), (Standing::Alarmed, 0, 0));
}

#[test]
fn companies_at_an_alarm_or_beyond_are_findings_with_their_filings() {
    let dir = tempfile::tempdir().unwrap();
    let (platform, law) = (platform(dir.path()), law());
    let day = Date::constant(2025, 12, 31);
    let rules = |platform: &Platform| -> Vec<(&'static str, Vec<String>)> {
        let found = quota_findings(&platform.quotas(&law, day).unwrap());
        found.into_iter().map(|of| (of.rule, of.filings)).collect()
    };
    assert_eq!(rules(&platform), []);
    take(&platform, &law, step("", "authority", 1000), "order").unwrap();
    take(&platform, &law, step("authority", "gad:mine", 400), "order").unwrap();
    let filing = vec!["gad:mine/P1".to_owned()];
    assert_eq!(rules(&platform), [("quota_exceeded", filing.clone())]);
    take(&platform, &law, step("authority", "gad:mine", 100), "order").unwrap();
    assert_eq!(rules(&platform), [("quota_nearly_used", filing)]);
}

#[test]
fn a_permission_is_refused_beyond_what_is_left_and_before_an_allocation() {
    let dir = tempfile::tempdir().unwrap();
    let (platform, law) = (platform(dir.path()), law());
    let (day, of) = (Date::constant(2025, 12, 31), step("", "authority", 1));
    let permit = |company: &str, amount_mg| {
        let whose = (company, &of.line, 2025);
        let asked = platform.quota_permit(&law, "mining", whose, amount_mg, day);
        asked.map_err(|error| error.code())
    };
    assert_eq!(permit("gad:mine", 1), Err("quota_awaited"));
    take(&platform, &law, step("", "authority", 1000), "order").unwrap();
    take(&platform, &law, step("authority", "gad:mine", 500), "order").unwrap();
    let left = 500_000_000 - oxide_mg(400);
    assert_eq!(permit("gad:mine", left), Ok(()));
    assert_eq!(permit("gad:mine", left + 1), Err("quota_exceeded"));
    assert_eq!(permit("gad:nobody", 1), Err("quota_awaited"));
    let unknown = platform.quota_permit(&law, "none", ("gad:mine", &of.line, 2025), 1, day);
    assert_eq!(unknown.unwrap_err().code(), "quota_unknown");
}
