//! Goods made elsewhere with technology of a listed origin, on each side of each day on which the law changed.

use base::time::date_parse;
use controls::statement::Language;
use controls::{Answer, AsOf, Classifier, Good, Kind, Pack};

use crate::packs::{carried, files};

const CODE: &str = "61/annex1/part2";

/// The same pack as if its announcement had never been suspended.
fn never_suspended() -> Pack {
    let mut files = files("cn");
    let text = files.text("suspensions.csv").unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains(",MOFCOM 61/2025,")).collect();
    assert_eq!(kept.len() + 1, text.lines().count());
    files.insert("suspensions.csv", format!("{}\n", kept.join("\n")));
    let (pack, faults) = Pack::read(&files);
    assert_eq!(faults, []);
    pack
}

fn ask(pack: &Pack, date: &str, line: &str) -> Answer {
    let classifier = Classifier::new(pack, AsOf::on(date_parse(date).unwrap()));
    classifier.classify(&Good::parse(line.as_bytes()).unwrap())
}

/// A motor part made abroad that holds a magnet; `more` are further fields of the good, `part` of the magnet.
fn assembly(more: &str, part: &str) -> String {
    format!(
        r#"{{"id":"a","name":"magnet assembly","form":"assembly","origin":"DE"{more},"bill":[
        {{"part":"A","value":"100","currency":"EUR","origin":"DE","name":"yoke"}},
        {{"part":"M","in":"A","value":"9","currency":"EUR","origin":"DE","name":"sintered SmCo magnet"{part}}}]}}"#
    )
    .replace('\n', "")
}

fn by_rule(answer: &Answer) -> Option<(&'static str, bool, bool)> {
    let mut of = answer.content.iter().filter(|c| c.rule == "ann61_technology");
    of.next().map(|c| (c.status, c.holds, c.applies))
}

fn controlled(answer: &Answer) -> bool {
    answer.items.iter().any(|item| item.control_code == CODE)
}

fn codes(answer: &Answer) -> Vec<&'static str> {
    let said = answer.check.iter().chain(&answer.refer);
    said.inspect(|s| assert!(s.known(), "{}", s.code)).map(|s| s.code).collect()
}

#[test]
fn the_status_of_the_rule_on_the_day_decides() {
    let pack = carried("cn");
    let line = assembly(r#","technology_origin":["CN"]"#, "");
    for (date, status) in [
        ("2025-10-08", "not_yet"),
        ("2025-10-31", "not_yet"),
        ("2025-11-06", "not_yet"),
        ("2025-11-07", "suspended"),
        ("2025-12-01", "suspended"),
        ("2026-11-10", "suspended"),
    ] {
        let answer = ask(&pack, date, &line);
        assert_eq!(by_rule(&answer), Some((status, true, false)), "{date}");
        assert!(!controlled(&answer) && answer.unknown.is_empty(), "{date}: {answer:?}");
        assert!(codes(&answer).contains(&"technology_idle"), "{date}");
    }
    for date in ["2026-11-11", "2027-06-01"] {
        let answer = ask(&pack, date, &line);
        assert_eq!(by_rule(&answer), Some(("unknown", true, false)), "{date}");
        assert_eq!(answer.answer, Kind::Unknown, "{date}: {answer:?}");
        assert!(answer.unknown.iter().any(|u| u.control_code == CODE));
        let said = answer.check.iter().find(|s| s.code == "technology_unknown").unwrap();
        assert!(said.render(Language::En).contains("paragraph 1(2)"), "{said:?}");
        assert!(said.render(Language::En).contains("no instrument for the time after"));
        let zh = said.render(Language::Zh);
        assert!(zh.contains("未查到") && !zh.contains("no instrument"), "{zh}");
    }
}

#[test]
fn in_force_it_controls_what_is_made_with_it_and_asks_where_nothing_is_said() {
    let pack = never_suspended();
    let on = |date: &str, more: &str, part: &str| ask(&pack, date, &assembly(more, part));
    let cn = r#","technology_origin":"JP;CN""#;
    assert!(!controlled(&on("2025-11-30", cn, "")), "not yet in effect");
    let answer = on("2025-12-01", cn, "");
    assert_eq!(
        (answer.answer, by_rule(&answer)),
        (Kind::Controlled, Some(("in_force", true, true)))
    );
    assert!(controlled(&answer) && codes(&answer).contains(&"technology_controls"));
    // A part says so, or a parameter, as a form has it.
    assert!(controlled(&on("2025-12-01", "", r#","technology_origin":["CN"]"#)));
    let parameter = r#","parameters":{"technology_origin":"CN"}"#;
    assert!(controlled(&on("2025-12-01", parameter, "")));
    // Technology of other origin, or none that is listed.
    for other in [
        r#","technology_origin":["JP"]"#,
        r#","technology_origin":"none""#,
        r#","technology_origin":[]"#,
    ] {
        let answer = on("2025-12-01", other, "");
        assert_eq!(by_rule(&answer), Some(("in_force", false, true)), "{other}");
        assert!(!controlled(&answer) && !codes(&answer).contains(&"ask_technology"), "{other}");
    }
    // Nothing stated.
    let answer = on("2025-12-01", "", "");
    assert_eq!((answer.answer, by_rule(&answer)), (Kind::Refer, None), "{answer:?}");
    assert!(codes(&answer).contains(&"ask_technology"));
    for date in ["2025-12-01", "2026-11-11"] {
        let answer = ask(&carried("cn"), date, &assembly("", ""));
        assert!(!codes(&answer).contains(&"ask_technology"), "asked only where in force");
    }
    // Not a product of the rule, and not made elsewhere.
    let wire = r#"{"name":"copper wire","origin":"DE"}"#;
    assert!(!codes(&ask(&pack, "2025-12-01", wire)).contains(&"ask_technology"));
    let here = assembly("", "").replace(r#""origin":"DE","bill""#, r#""origin":"CN","bill""#);
    assert!(!codes(&ask(&pack, "2025-12-01", &here)).contains(&"ask_technology"));
}

#[test]
fn what_is_no_country_is_refused_with_its_field() {
    let line = r#"{"name":"magnet","technology_origin":["CN","XQZ"],"parameters":{"technology_origin":"cn"},"bill":[{"part":"A","technology_origin":7}]}"#;
    let (_, faults) = Good::parse(line.as_bytes()).unwrap_err();
    let mut fields: Vec<&str> = faults.iter().map(|f| f.field.as_str()).collect();
    fields.sort_unstable();
    let all = ["bill[0].technology_origin", "parameters.technology_origin", "technology_origin"];
    assert_eq!(fields, all);
}
