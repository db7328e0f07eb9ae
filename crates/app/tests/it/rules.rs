//! The rules of the ledger one by one: what a filing does, and what is found about it.

use app::{Books, LedgerFinding};
use base::Timestamp;
use base::time::date_parse;
use insight::{Direction, TraceAnswer, TraceQuery, Until, View};

const HEADER: &str = "filing,kind,date,filer,from_party,to_party,move,site,leg,lot,source_lot,stage,net_mass_kg,composition,customer_name,customer_country,end_use,corrects,assay_status,process\n";

/// Books with these rows filed at once.
fn books(rows: &str) -> Books {
    let mut books = Books::new([3, 4]);
    file(&mut books, rows, 0);
    books
}

fn file(books: &mut Books, rows: &str, at_us: i64) {
    let report = books.import_csv(format!("{HEADER}{rows}").as_bytes(), Timestamp::from_us(at_us));
    assert_eq!(report.rejected, 0, "{:?}", report.rejected_rows);
}

fn found(books: &Books, rule: &str) -> Vec<LedgerFinding> {
    books.findings(&View::default()).into_iter().filter(|f| f.rule == rule).collect()
}

/// The filings that a rule names first.
fn named(books: &Books, rule: &str) -> Vec<String> {
    found(books, rule).into_iter().map(|f| f.filings[0].clone()).collect()
}

fn trace(books: &Books, lot: &str, direction: Direction) -> TraceAnswer {
    let query = TraceQuery {
        lot: lot.to_owned(),
        element: "Dy".to_owned(),
        direction,
        until: Until::Root,
        bounds: false,
        view: View::default(),
    };
    books.trace(&query).unwrap()
}

fn back(books: &Books, lot: &str) -> Vec<(String, i64)> {
    let parts = trace(books, lot, Direction::Back).parts;
    parts.into_iter().map(|p| (p.lot.to_string(), p.content_ug)).collect()
}

/// State, party, site and grams of each place.
fn places(books: &Books, lot: &str) -> Vec<String> {
    let parts = trace(books, lot, Direction::Forward).parts;
    let words = |p: insight::Part| {
        format!(
            "{} {} {} {} {} {}",
            p.lot,
            p.state,
            p.cause,
            p.party,
            p.site,
            p.content_ug / 1_000_000
        )
    };
    parts.into_iter().map(|p| words(p).replace("  ", " ").replace("  ", " ")).collect()
}

const ORE: &str = "M1,extract,2025-01-01,gad:mine,,,,PIT,,ORE,,concentrate,100,Dy=1,,,,,,\n";

fn with_ore(rows: &str) -> Books {
    books(&format!("{ORE}{rows}"))
}

#[test]
fn a_gain_is_drawn_from_nowhere_and_found() {
    let rows = |out: &str| {
        format!(
            "T,transform,2025-01-02,gad:mine,,,,PIT,in,ORE,,,100,,,,,,,\n\
             T,transform,2025-01-02,gad:mine,,,,PIT,out,OUT,,concentrate,100,Dy={out},,,,,,\n"
        )
    };
    let gain = |out: &str| {
        let all = found(&with_ore(&rows(out)), "gain");
        all.into_iter().map(|f| (f.severity, f.size)).collect::<Vec<_>>()
    };
    assert_eq!(gain("2"), [(base::Severity::Error, 1_000_000_000)]);
    assert_eq!(gain("1.01"), [(base::Severity::Note, 10_000_000)], "measurement explains it");
    assert_eq!(gain("1"), []);
    let accounts = with_ore(&rows("2")).accounts(&View::default());
    let unexplained = accounts.iter().find(|a| a.account == "unexplained").unwrap();
    assert_eq!(
        (unexplained.party.as_str(), unexplained.balance_ug),
        ("gad:mine/T", -1_000_000_000)
    );
}

#[test]
fn merging_rounded_contents_is_no_gain() {
    let books = books(
        "M1,extract,2025-01-01,gad:mine,,,,PIT,,A,,concentrate,0.000003,Dy=33.3333333,,,,,,\n\
         M2,extract,2025-01-01,gad:mine,,,,PIT,,B,,concentrate,0.000003,Dy=33.3333333,,,,,,\n\
         T,transform,2025-01-02,gad:mine,,,,PIT,in,A,,,0.000003,,,,,,,\n\
         T,transform,2025-01-02,gad:mine,,,,PIT,in,B,,,0.000003,,,,,,,\n\
         T,transform,2025-01-02,gad:mine,,,,PIT,out,C,,concentrate,0.000006,Dy=33.3333333,,,,,,\n",
    );
    assert_eq!(named(&books, "gain"), Vec::<String>::new());
}

#[test]
fn an_element_analysed_and_absent_from_all_inputs_cannot_come_out() {
    let rows = |composition: &str| {
        format!(
            "M2,extract,2025-01-01,gad:mine,,,,PIT,,IN,,concentrate,100,{composition},,,,,,\n\
             T,transform,2025-01-02,gad:mine,,,,PIT,in,IN,,,100,,,,,,,\n\
             T,transform,2025-01-02,gad:mine,,,,PIT,out,OUT,,concentrate,10,Dy=5,,,,,,\n"
        )
    };
    for (composition, expected) in
        [("Dy<0.01;Nd=3", 1), ("Dy=0;Nd=3", 1), ("Nd=3", 0), ("Dy=n.a.;Nd=3", 0)]
    {
        let books = books(&rows(composition));
        assert_eq!(named(&books, "unexplained").len(), expected, "{composition}");
        assert_eq!(back(&books, "OUT"), [("unexplained:gad:mine/T".to_owned(), 500_000_000)]);
        assert_eq!(trace(&books, "OUT", Direction::Back).unexplained_ug, 500_000_000);
    }
}

#[test]
fn a_draw_by_who_does_not_hold_the_lot_is_posted_and_found() {
    let books = with_ore("U,use,2025-01-05,gad:plant,,,,HALL,,ORE-1,ORE,,30,,,,speaker,,,\n");
    assert_eq!(named(&books, "drawn_without_custody"), ["gad:plant/U"]);
    assert_eq!(
        places(&books, "ORE"),
        ["ORE stock gad:mine PIT 700", "ORE-1 used gad:plant HALL 300"]
    );
    let plant = |a: &&app::AccountBalance| a.party == "gad:plant" && a.account == "held";
    assert_eq!(
        books.accounts(&View::default()).iter().find(plant).unwrap().balance_ug,
        -300_000_000
    );
}

#[test]
fn more_drawn_than_there_was_is_overdrawn_and_carried_in_proportion() {
    let books = with_ore(
        "U1,use,2025-01-05,gad:mine,,,,PIT,,ORE-1,ORE,,100,,,,speaker,,,\n\
         U2,use,2025-01-06,gad:mine,,,,PIT,,ORE-2,ORE,,300,,,,speaker,,,\n",
    );
    assert_eq!(named(&books, "overdrawn"), ["gad:mine/U2"]);
    assert_eq!(
        places(&books, "ORE"),
        ["ORE-2 used gad:mine PIT 750", "ORE-1 used gad:mine PIT 250"]
    );
}

/// What is used up as a whole counts as drawn, as it does for the finding.
#[test]
fn a_lot_used_as_a_whole_and_drawn_as_well_is_shared() {
    let books = with_ore(
        "U1,use,2025-01-05,gad:mine,,,,PIT,,ORE,,,100,,,,speaker,,,\n\
         U2,use,2025-01-06,gad:mine,,,,PIT,,ORE-2,ORE,,100,,,,speaker,,,\n",
    );
    assert_eq!(named(&books, "overdrawn"), ["gad:mine/U2"]);
    assert_eq!(places(&books, "ORE"), ["ORE used gad:mine PIT 500", "ORE-2 used gad:mine PIT 500"]);
}

#[test]
fn drawn_before_made_is_found_for_every_making() {
    let books = with_ore(
        "U1,use,2024-12-31,gad:mine,,,,PIT,,ORE-1,ORE,,10,,,,speaker,,,\n\
         U2,use,2025-01-10,gad:mine,,,,PIT,,ORE-2,ORE,,10,,,,speaker,,,\n\
         M2,extract,2025-01-20,gad:mine,,,,PIT,,ORE,,concentrate,100,Dy=2,,,,,,\n",
    );
    assert_eq!(named(&books, "before_made"), ["gad:mine/U1", "gad:mine/U2"]);
    assert_eq!(named(&books, "lot_made_twice"), ["gad:mine/M2"]);
    assert_eq!(trace(&books, "ORE", Direction::Back).content_ug, 3_000_000_000, "contents add");
}

#[test]
fn a_lot_never_made_is_a_root_that_holds_what_its_draws_state() {
    let books = books(
        "U1,use,2025-01-05,gad:mine,,,,PIT,,A-1,A,,10,Dy=2,,,speaker,,,\n\
         U2,use,2025-01-05,gad:mine,,,,PIT,,A,,,5,Dy=2,,,speaker,,,\n\
         U3,use,2025-01-05,gad:mine,,,,PIT,,A-2,A,,10,,,,speaker,,,\n",
    );
    assert_eq!(named(&books, "undeclared_lot"), ["gad:mine/U1"]);
    assert_eq!(back(&books, "A"), [("A".to_owned(), 300_000_000)]);
    assert_eq!(back(&books, "A-1"), [("A".to_owned(), 200_000_000)]);
    assert_eq!(trace(&books, "A-2", Direction::Back).content_ug, 0);
    assert_eq!(places(&books, "A"), ["A-1 used gad:mine PIT 200", "A used gad:mine PIT 100"]);
    assert_eq!(books.lot("A", app::Audience::Authority).unwrap().state, "undeclared");
}

/// The foreign lot that an import names is no lot of ours until something makes it.
#[test]
fn an_import_continues_a_known_lot_and_no_other() {
    let import =
        "I,import,2025-03-01,gad:plant,gad:smelter,,,DOCK,,IMP,ORE,concentrate,40,Dy=1,,,,,,\n";
    let alone = books(import);
    assert_eq!(back(&alone, "IMP"), [("IMP".to_owned(), 400_000_000)]);
    assert_eq!(named(&alone, "undeclared_lot"), Vec::<String>::new());
    let asked = TraceQuery {
        lot: "ORE".to_owned(),
        element: "Dy".to_owned(),
        direction: Direction::Back,
        until: Until::Root,
        bounds: false,
        view: View::default(),
    };
    assert!(alone.trace(&asked).is_err(), "ORE is a lot abroad");
    let export = "E,export,2025-02-01,gad:mine,,,,PIT,,ORE-E,ORE,,60,,Smelter,NO,,,,\n";
    let known = with_ore(&format!("{export}{import}"));
    assert_eq!(back(&known, "IMP"), [("ORE".to_owned(), 400_000_000)]);
}

#[test]
fn a_re_import_comes_out_of_what_was_exported_and_restores_the_origin() {
    let books = with_ore(
        "E,export,2025-02-01,gad:mine,,,,PIT,,ORE,,,60,,Smelter,NO,,,,\n\
         R,reimport,2025-03-01,gad:mine,,,,DOCK,,ORE,,,25,,Smelter,NO,,,,\n",
    );
    assert_eq!(
        places(&books, "ORE"),
        [
            "ORE stock gad:mine PIT 400",
            "ORE exported gad:mine PIT 350",
            "ORE stock gad:mine DOCK 250"
        ]
    );
    assert_eq!(back(&books, "ORE"), [("ORE".to_owned(), 1_000_000_000)]);
    assert_eq!(named(&books, "overdrawn"), Vec::<String>::new());
}

#[test]
fn what_two_tellings_differ_by_stays_in_transit() {
    let sent = "S,transfer,2025-02-01,gad:mine,,gad:plant,,PIT,,ORE,,,80,,,,,,,\n";
    let receipt = "R,receipt,2025-02-03,gad:plant,gad:mine,,,HALL,,ORE,,,75,Dy=1,,,,,,\n";
    let books = with_ore(&format!("{sent}{receipt}"));
    assert_eq!(
        places(&books, "ORE"),
        ["ORE stock gad:plant HALL 750", "ORE stock gad:mine PIT 200", "ORE transit gad:mine 50"]
    );
    let differs = found(&books, "mass_differs");
    assert_eq!((differs[0].expected.as_str(), differs[0].observed.as_str()), ("80 kg", "75 kg"));
    assert_eq!(named(&with_ore(sent), "missing_receipt"), ["gad:mine/S"]);
    assert_eq!(named(&with_ore(receipt), "receipt_without_transfer"), ["gad:plant/R"]);
    // Who received it without a telling of the sender has it from the sender's stock.
    assert_eq!(
        places(&with_ore(receipt), "ORE"),
        ["ORE stock gad:plant HALL 750", "ORE stock gad:mine PIT 250"]
    );
}

#[test]
fn a_receiver_draws_first_on_what_is_on_its_way_to_it() {
    let books = with_ore(
        "S1,transfer,2025-02-01,gad:mine,,gad:anvil,,PIT,,ORE,,,30,,,,,,,\n\
         S2,transfer,2025-02-01,gad:mine,,gad:plant,,PIT,,ORE,,,30,,,,,,,\n\
         U,use,2025-02-05,gad:plant,,,,HALL,,ORE-1,ORE,,20,,,,speaker,,,\n",
    );
    let parts = trace(&books, "ORE", Direction::Forward).parts;
    let transit: Vec<(&str, i64)> = parts
        .iter()
        .filter(|p| p.state == "transit")
        .map(|p| (p.to_party.as_str(), p.content_ug))
        .collect();
    assert_eq!(transit, [("gad:anvil", 300_000_000), ("gad:plant", 100_000_000)]);
}

#[test]
fn title_and_count_move_nothing() {
    let plain = with_ore("");
    let named = with_ore(
        "T,title,2025-02-01,gad:mine,,gad:bank,,,,ORE,,,,,,,,,,\n\
         C,count,2025-02-01,gad:mine,,,,PIT,,ORE,,,40,,,,,,,\n",
    );
    for direction in [Direction::Back, Direction::Forward] {
        assert_eq!(trace(&plain, "ORE", direction), trace(&named, "ORE", direction));
    }
    assert_eq!(plain.accounts(&View::default()), named.accounts(&View::default()));
    let row = &named.balance(&app::BalanceQuery::default()).rows[0];
    assert_eq!((row.closing_ug, row.unaccounted_ug), (1_000_000_000, Some(600_000_000)));
    // Three standard deviations of 2.06 % of what was booked and of what was counted.
    assert_eq!(row.tolerance_ug, Some(66_610_810));
}

/// Alarms of counts: one difference beyond three standard deviations, small ones that add up.
#[test]
fn what_counts_miss_is_found_at_once_or_in_the_long_run() {
    let count = |number: u32, day: &str, kg: &str| {
        format!("C{number},count,{day},gad:mine,,,,PIT,,ORE,,,{kg},,,,,,,\n")
    };
    let alarms = |rows: String| -> Vec<(&'static str, String)> {
        let all = with_ore(&rows).findings(&View::default()).into_iter();
        let rules = ["unaccounted", "unaccounted_throughput", "protracted_loss"];
        all.filter(|f| rules.contains(&f.rule)).map(|f| (f.rule, f.filings[0].clone())).collect()
    };
    assert_eq!(alarms(count(1, "2025-01-05", "99")), []);
    let missing = [("unaccounted", "gad:mine/C1".to_owned())];
    assert_eq!(alarms(count(1, "2025-01-05", "80")), missing);
    // The next count finds no more than that missing: one alarm, not two.
    assert_eq!(alarms(count(1, "2025-01-05", "80") + &count(2, "2025-02-05", "80")), missing);
    let small = [("unaccounted_throughput", "gad:mine/C1".to_owned())];
    assert_eq!(alarms(count(1, "2025-01-05", "97")), small);
    // A concentrate is known to 2.06 %, the difference of two counts to about 2.8 %.
    let mut rows = String::new();
    for (number, kg) in ["98", "93", "88", "83", "78"].iter().enumerate() {
        rows += &count(number as u32, &format!("2025-{:02}-15", number + 2), kg);
    }
    assert_eq!(alarms(rows), [("protracted_loss", "gad:mine/C4".to_owned())]);
}

/// What a count did not analyse, it did not count.
#[test]
fn nothing_is_unaccounted_of_what_was_not_analysed() {
    let books = with_ore("C,count,2025-02-01,gad:mine,,,,PIT,,ORE,,,100,Nd=2,,,,,,\n");
    let rows = books.balance(&app::BalanceQuery::default()).rows;
    let unaccounted: Vec<(&str, Option<i128>)> =
        rows.iter().map(|r| (r.element.as_str(), r.unaccounted_ug)).collect();
    assert_eq!(unaccounted, [("Dy", None), ("Nd", Some(-2_000_000_000))]);
}

/// The difference is derived from all filings dated up to the count, so a late one changes it.
#[test]
fn a_late_filing_changes_what_is_unaccounted() {
    let mut books = with_ore("C,count,2025-02-01,gad:mine,,,,PIT,,,,concentrate,60,,,,,,,\n");
    let unaccounted =
        |books: &Books| books.balance(&app::BalanceQuery::default()).rows[0].unaccounted_ug;
    assert_eq!(unaccounted(&books), Some(400_000_000));
    file(&mut books, "L,loss,2025-01-20,gad:mine,,,,PIT,,ORE-L,ORE,,40,,,,,,,\n", 1);
    assert_eq!(unaccounted(&books), Some(0));
    file(&mut books, "U,use,2025-02-02,gad:mine,,,,PIT,,ORE-U,ORE,,10,,,,speaker,,,\n", 2);
    assert_eq!(unaccounted(&books), Some(0), "dated after the count");
}

#[test]
fn what_is_left_of_a_transform_is_stated_or_assumed() {
    let transform = |loss: &str| {
        with_ore(&format!(
            "T,transform,2025-01-02,gad:mine,,,,PIT,in,ORE,,,100,,,,,,,\n\
             T,transform,2025-01-02,gad:mine,,,,PIT,out,OUT,,concentrate,60,Dy=1,,,,,,\n{loss}"
        ))
    };
    let open = "T,transform,2025-01-02,gad:mine,,,,PIT,loss,,,,40,,,,,,,\n";
    let stated = "T,transform,2025-01-02,gad:mine,,,,PIT,loss,,,,30,Dy=1,,,,,,\n";
    let kept = "OUT stock gad:mine PIT 600";
    assert_eq!(places(&transform(""), "ORE"), [kept, "ORE lost assumed gad:mine PIT 400"]);
    assert_eq!(places(&transform(open), "ORE"), [kept, "ORE lost assumed gad:mine PIT 400"]);
    assert_eq!(
        places(&transform(stated), "ORE"),
        [kept, "ORE lost stated gad:mine PIT 300", "ORE lost assumed gad:mine PIT 100"]
    );
    assert_eq!(named(&transform(""), "closure"), ["gad:mine/T"]);
    assert_eq!(named(&transform(open), "closure"), Vec::<String>::new());
    assert_eq!(named(&transform(stated), "closure"), ["gad:mine/T"]);
    assert_eq!(named(&transform(open), "yield_out_of_band"), ["gad:mine/T"]);
}

#[test]
fn a_cycle_is_named_and_cut_at_the_latest_filing() {
    let books = with_ore(
        "T1,transform,2025-01-02,gad:mine,,,,PIT,in,ORE,,,100,,,,,,,\n\
         T1,transform,2025-01-02,gad:mine,,,,PIT,in,SWARF,,,10,,,,,,,\n\
         T1,transform,2025-01-02,gad:mine,,,,PIT,out,BLOCK,,metal,100,Dy=1,,,,,,\n\
         T2,transform,2025-01-03,gad:mine,,,,PIT,in,BLOCK,,,50,,,,,,,\n\
         T2,transform,2025-01-03,gad:mine,,,,PIT,out,SWARF,,swarf,50,Dy=1,,,,,,\n",
    );
    let cycle = &found(&books, "cycle")[0];
    assert_eq!(
        (cycle.filings.join(" "), cycle.lots.join(" ")),
        ("gad:mine/T2".into(), "BLOCK SWARF".into())
    );
    // Cut at T2, the block stands as a root of the swarf.
    let answer = trace(&books, "BLOCK", Direction::Back);
    assert_eq!(answer.cycles, ["gad:mine/T2"]);
    let lots: Vec<&str> = answer.parts.iter().map(|p| p.lot.as_str()).collect();
    assert_eq!(lots, ["ORE", "BLOCK"]);
}

#[test]
fn a_part_of_itself_has_nothing_to_inherit() {
    let books = books(
        "S1,transfer,2025-02-01,gad:mine,,gad:plant,,PIT,,A,B,,,,,,,,,\n\
         S2,transfer,2025-02-02,gad:mine,,gad:plant,,PIT,,B,A,,,,,,,,,\n\
         S3,transfer,2025-02-03,gad:mine,,gad:plant,,PIT,,C,C,,,,,,,,,\n",
    );
    for lot in ["A", "B", "C"] {
        assert_eq!(trace(&books, lot, Direction::Back).content_ug, 0);
        assert_eq!(trace(&books, lot, Direction::Forward).parts, []);
    }
    assert_eq!(named(&books, "cycle"), ["gad:mine/S2"]);
}

#[test]
fn a_chain_of_parts_may_be_as_long_as_it_likes() {
    let mut rows = ORE.to_owned();
    let mut last = "ORE".to_owned();
    for number in 0..20_000 {
        let lot = format!("P{number}");
        rows += &format!(
            "S{number},transfer,2025-02-01,gad:mine,,gad:plant,,PIT,,{lot},{last},,,,,,,,,\n"
        );
        last = lot;
    }
    let books = books(&rows);
    let mut query = TraceQuery {
        lot: last,
        element: "Dy".to_owned(),
        direction: Direction::Back,
        until: Until::Root,
        bounds: true,
        view: View::default(),
    };
    let now = books.trace(&query).unwrap();
    query.view.as_of = date_parse("2025-12-31");
    let then = books.trace(&query).unwrap();
    assert_eq!((now.content_ug, now.parts.len()), (1_000_000_000, 1));
    assert_eq!(now.parts, then.parts);
    // Its filer made all of it and reads all of it; somebody else reads none.
    let query = app::BalanceQuery { party: Some("gad:mine".into()), ..Default::default() };
    let own = books.balance_read(&query, app::Audience::Party("gad:mine"));
    assert_eq!(own, books.balance(&query));
    let party = |id| books.lot("P19999", app::Audience::Party(id)).unwrap().known;
    assert_eq!((party("gad:mine"), party("gad:rival")), (true, false));
}

#[test]
fn an_opening_after_the_cut_over_of_its_site_is_found() {
    let opening = |day: &str, site: &str| {
        with_ore(&format!("O,opening,{day},gad:mine,,,,{site},,OLD,,swarf,10,Dy=1,,,,,,\n"))
    };
    assert_eq!(named(&opening("2025-01-02", "PIT"), "opening_late"), ["gad:mine/O"]);
    assert_eq!(named(&opening("2025-01-01", "PIT"), "opening_late"), Vec::<String>::new());
    assert_eq!(named(&opening("2025-01-02", "OTHER"), "opening_late"), Vec::<String>::new());
}

/// Findings rest on what is live: a provisional assay that a final one has settled is none.
#[test]
fn a_provisional_assay_settled_by_a_final_one_is_no_anomaly() {
    let out = |reference: &str, dy: &str, corrects: &str, status: &str| {
        format!(
            "{reference},transform,2025-01-02,gad:mine,,,,PIT,in,ORE,,,100,,,,,{corrects},,\n\
             {reference},transform,2025-01-02,gad:mine,,,,PIT,out,OUT,,concentrate,100,Dy={dy},,,,{corrects},{status},\n"
        )
    };
    let mut books = with_ore(&out("T", "1.5", "", "provisional"));
    assert_eq!(named(&books, "gain"), ["gad:mine/T"]);
    file(&mut books, &out("T-FINAL", "1", "T", "final"), 1);
    assert_eq!(named(&books, "gain"), Vec::<String>::new());
    assert_eq!(named(&books, "yield_out_of_band"), Vec::<String>::new());
}

#[test]
fn as_of_and_known_at_are_two_axes() {
    let mut books = with_ore("");
    file(
        &mut books,
        "M1A,extract,2025-03-01,gad:mine,,,,PIT,,ORE,,concentrate,50,Dy=1,,,,M1,,\n",
        5,
    );
    let content = |as_of: Option<&str>, known_at: Option<i64>| {
        let view =
            View { as_of: as_of.and_then(date_parse), known_at: known_at.map(Timestamp::from_us) };
        let query = TraceQuery {
            lot: "ORE".to_owned(),
            element: "Dy".to_owned(),
            direction: Direction::Back,
            until: Until::Root,
            bounds: false,
            view,
        };
        books.trace(&query).map(|answer| answer.content_ug).ok()
    };
    assert_eq!(content(None, None), Some(500_000_000));
    assert_eq!(content(None, Some(4)), Some(1_000_000_000));
    assert_eq!(content(Some("2025-02-01"), Some(4)), Some(1_000_000_000));
    // Known now, the correction says that it was made in March.
    assert_eq!(content(Some("2025-02-01"), None), None);
    assert_eq!(content(Some("2025-03-01"), None), Some(500_000_000));
}

#[test]
fn the_largest_masses_are_exact() {
    let books = books(
        "M1,extract,2025-01-01,gad:mine,,,,PIT,,A,,concentrate,9000000000,Dy=100,,,,,,\n\
         S,transfer,2025-01-02,gad:mine,,gad:plant,,PIT,,B,A,,,,,,,,,\n",
    );
    let answer = trace(&books, "B", Direction::Back);
    assert_eq!(answer.content_ug, 9_000_000_000_000_000_000);
    assert_eq!(back(&books, "B"), [("A".to_owned(), 9_000_000_000_000_000_000)]);
    assert_eq!(books.balance(&app::BalanceQuery::default()).rows[0].closing_ug, 0);
}

/// The doors of `insight anomalies`: these keys, a score of 0 to 1, the same order every time.
#[test]
fn a_finding_has_the_keys_of_its_door() {
    let books = with_ore("U,use,2025-01-05,gad:plant,,,,HALL,,ORE-1,ORE,,300,,,,speaker,,,\n");
    let findings = books.findings(&View::default());
    for finding in &findings {
        let json = serde_json::to_value(finding).unwrap();
        for key in [
            "rule",
            "severity",
            "score",
            "party",
            "site",
            "lots",
            "filings",
            "expected",
            "observed",
            "explanation",
        ] {
            assert!(json.get(key).is_some(), "`{key}` in {json}");
        }
        let score = json["score"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&score), "{json}");
    }
    let score = |rule: &str| found(&books, rule)[0].score.value();
    assert_eq!(score("overdrawn"), 0.866, "an error, off by 200 of 300 kg");
    assert_eq!(score("drawn_without_custody"), 1.0);
    assert_eq!(score("party_unverified"), 0.0);
    let mut sorted = findings.clone();
    sorted.sort();
    assert_eq!(findings, sorted);
}

#[test]
fn a_party_never_seen_is_registered_as_unverified() {
    let books = with_ore("S,transfer,2025-02-01,gad:mine,,gad:plant,,PIT,,ORE,,,80,,,,,,,\n");
    let parties: Vec<String> =
        found(&books, "party_unverified").into_iter().map(|f| f.party).collect();
    assert_eq!(parties, ["gad:mine", "gad:plant"]);
}

#[test]
fn the_yield_of_a_diffusion_is_what_the_magnets_pick_up_of_the_source() {
    // 100 kg of magnets with Nd 28 % and Dy 0.2 %, 1 kg of Dy as source; `picked` g of it stay.
    let diffusion = |made: &str, unused_kg: &str| {
        books(&format!(
            "O1,opening,2025-01-01,gad:mag,,,,FAB,,B1,,sintered_block,100,Nd=28;Dy=0.2,,,,,,\n\
             O2,opening,2025-01-01,gad:mag,,,,FAB,,S1,,metal,1,Dy=99.9;Nd=0,,,,,,\n\
             T,transform,2025-01-05,gad:mag,,,,FAB,in,B1,,sintered_block,100,,,,,,,grain_boundary_diffusion\n\
             T,transform,2025-01-05,gad:mag,,,,FAB,in,S1,,metal,1,,,,,,,grain_boundary_diffusion\n\
             T,transform,2025-01-05,gad:mag,,,,FAB,out,M1,,finished_magnet,100.3,{made},,,,,,grain_boundary_diffusion\n\
             T,transform,2025-01-05,gad:mag,,,,FAB,out,U1,,metal,{unused_kg},Dy=99.9;Nd=0,,,,,,grain_boundary_diffusion\n"
        ))
    };
    // 0.3 kg of 1 kg picked up: usual. The neodymium is only worked on.
    let usual = diffusion("Nd=27.9162512;Dy=0.4982054", "0.7");
    assert_eq!(found(&usual, "yield_out_of_band"), Vec::new());
    // 0.9 kg picked up is more than any diffusion reaches.
    let much = diffusion("Nd=27.9162512;Dy=1.0957128", "0.1");
    let found = found(&much, "yield_out_of_band");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].element.as_str(), found[0].expected.as_str()), ("Dy", "10.0 % to 60.0 %"));
}
