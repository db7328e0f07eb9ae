//! What the matcher takes for one party and what not, through its public door.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use screening::{
    Generation, Identifier, List, ListedName, ListedParty, Match, NameStrength, PartyKind, Query,
    Relation, Settings,
};

fn generation(kind: PartyKind, names: &[&str]) -> Generation {
    let parties = names.iter().enumerate().map(|(n, text)| ListedParty {
        id: n.to_string(),
        kind,
        names: vec![ListedName { text: (*text).to_owned(), strength: NameStrength::Primary }],
        countries: vec!["RU".to_owned()],
        birth_years: vec![1961],
        identifiers: vec![Identifier { scheme: "tax".to_owned(), value: format!("77-00{n}") }],
        ..ListedParty::default()
    });
    let list = List { code: "list".to_owned(), parties: parties.collect(), ..List::default() };
    Generation::build(vec![Arc::new(list)])
}

fn best(generation: &Generation, kind: PartyKind, name: &str) -> Option<Match> {
    let query = Query { names: vec![name.to_owned()], kind, ..Query::default() };
    let found = generation.screen(&query, &Settings { threshold: 0.0, limit: 1 });
    found.into_iter().next()
}

fn score(kind: PartyKind, listed: &str, asked: &str) -> f64 {
    best(&generation(kind, &[listed]), kind, asked).map_or(0.0, |m| m.score)
}

#[test]
fn one_person_is_found_in_other_spellings_and_scripts() {
    let check = |listed: &str, asked: &str| {
        let score = score(PartyKind::Person, listed, asked);
        assert!(score > 0.7, "{asked} for {listed}: {score}");
    };
    check("Vladimir Mikhailovich BOGDANOV", "BOGDANOV, Vladimir");
    check("Sergej Michajlovitj DIDENKO", "Сергей Михайлович ДИДЕНКО");
    check("Oleksandr Viktorovych KOCHKIN", "Aleksander Viktorovich KOCHKIN");
    check("Mohammad Hossein KHALILZADEH", "محمد حسین خلیل‌زاده");
    check("Abdul Rahman AL-TIKRITI", "عبد الرحمن التكريتي");
    check("Yong Chol KIM", "김영철");
    check("Mingguo CHEN", "陳明國");
    check("Kseniya V. YUDAYEVA", "Kseniya Valentinovna YUDAYEVA");
    check("Jürgen MÜLLER-GROSS", "Juergen Mueller Gross");
    check("Antonio ARREDONDO", "Antoino ARREDONDO");
    check("Jianwei DING", "JIANWEIDING");
}

#[test]
fn one_company_is_found_in_other_forms() {
    let check = |listed: &str, asked: &str| {
        let score = score(PartyKind::Organization, listed, asked);
        assert!(score > 0.7, "{asked} for {listed}: {score}");
    };
    check("LIMITED LIABILITY COMPANY HYPERSPACE", "OOO HYPERSPACE");
    check("LLC SYNESIS", "ООО Synesis");
    check("OZEAN HORIZONT GMBH", "Ozean Horizont Gesellschaft mit beschränkter Haftung");
    check("上海飛機製造有限公司", "上海飞机制造有限公司");
    check("N.A.Z. TECHNOLOGY CO.", "NAZ TECHNOLOGY CO., LTD.");
    check("ARGO 2", "ARGO II");
}

#[test]
fn another_person_or_company_is_not_taken_for_the_listed_one() {
    let check = |kind: PartyKind, listed: &str, asked: &str| {
        let score = score(kind, listed, asked);
        assert!(score < 0.7, "{asked} for {listed}: {score}");
    };
    check(PartyKind::Person, "Aleksey Mikhaylovich SERKO", "Aleksey Mikhaylovich NOROOZI");
    check(PartyKind::Person, "Ahmad NOROOZI", "Gordana NOROOZI");
    check(PartyKind::Organization, "FACTORY 12", "FACTORY 21");
    check(PartyKind::Organization, "OFFICE 39", "OFFICE 70");
    let plant = |number: u32| format!("JOINT STOCK COMPANY MINSK CIVIL AVIATION PLANT {number}");
    check(PartyKind::Organization, &plant(407), &plant(414));
    check(PartyKind::Organization, "CONCORD CATERING", "CONCORD SHIPYARD");
}

#[test]
fn a_contradiction_is_named_where_it_stands() {
    let generation = generation(PartyKind::Organization, &["ARSENAL PLANT 12"]);
    let hit = best(&generation, PartyKind::Organization, "ARSENAL PLANT 21").unwrap();
    let against: Vec<_> =
        hit.parts.iter().filter(|p| p.relation == Relation::Contradiction).collect();
    assert!(against.iter().any(|p| p.query == Some(14..16)), "{:?}", hit.parts);
    assert!(against.iter().any(|p| p.listed == Some(14..16)), "{:?}", hit.parts);
    assert!(against.iter().all(|p| p.contribution < 0.0));
}

#[test]
fn letters_of_another_script_are_folded_and_named() {
    let generation = generation(PartyKind::Person, &["Ramazan KADYROV"]);
    let hit = best(&generation, PartyKind::Person, "Rаmаzаn KADYROV").unwrap();
    assert!(hit.score > 0.7, "{hit:?}");
    assert!(hit.parts.iter().any(|p| p.detail == "homoglyph"), "{:?}", hit.parts);
}

#[test]
fn an_identifier_of_a_named_register_settles_it() {
    let generation = generation(PartyKind::Person, &["Somebody ELSE"]);
    let identifiers = vec![Identifier { scheme: "TAX".to_owned(), value: "77000".to_owned() }];
    let query = Query { names: vec!["Unlike HIM".to_owned()], identifiers, ..Query::default() };
    let found = generation.screen(&query, &Settings::default());
    assert_eq!(found.len(), 1);
    assert!((found[0].score - 1.0).abs() < 1e-12);
    let part = found[0].parts.iter().find(|p| p.relation == Relation::Identifier).unwrap();
    assert_eq!(part.detail, "tax:77-000");
}

#[test]
fn bad_names_are_bounded_and_panic_nowhere() {
    let long = "Владимир Абдулрахман 陳 김 ".repeat(500);
    let one_word = "a".repeat(10_000);
    let generation = generation(PartyKind::Unknown, &["Vladimir PUTIN", &long, &one_word, "", "x"]);
    for name in [
        "",
        " ",
        "x",
        "-",
        "\u{202e}\u{200f}",
        &long,
        &one_word,
        "\u{301}\u{301}",
        "аbсdе",
        "'''",
        "1/2",
    ] {
        let _answer = best(&generation, PartyKind::Unknown, name);
    }
    let masked =
        best(&generation, PartyKind::Unknown, "Vladi\u{200b}mir \u{202e}PUTIN\u{202c}").unwrap();
    assert!(masked.score > 0.7, "{masked:?}");
}
