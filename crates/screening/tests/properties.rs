//! Laws of every answer, whatever the names: contributions sum to the score, spans lie in the texts, what
//! agrees never lowers and what contradicts never raises, and nothing panics.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use proptest::prelude::*;
use screening::{
    Generation, Identifier, List, ListedName, ListedParty, Match, NameStrength, PartyKind, Query,
    Settings,
};

const ALL: Settings = Settings { threshold: 0.0, limit: 50 };

fn identifier(scheme: &str, value: &str) -> Identifier {
    Identifier { scheme: scheme.to_owned(), value: value.to_owned() }
}

fn name() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "Vladimir",
        "Wladimir",
        "Владимир",
        "Mohammed",
        "محمد",
        "عبد",
        "الله",
        "Abdulrahman",
        "Kim",
        "김",
        "영철",
        "陳明國",
        "有限公司",
        "Ltd",
        "OOO",
        "Limited Liability Company",
        "12",
        "21",
        "S.A.",
        "M.",
        "Müller",
        "Иванович",
        "pаypal",
        "\u{202e}rtl",
        "O'Neil",
        "Factory",
        "Bank",
        "Γεώργιος",
        "สมชาย",
        "כהן",
        "e\u{301}",
        "İ",
        "ß",
        "ﬁ",
    ]);
    let row = prop::collection::vec(words, 0..5).prop_map(|words| words.join(" "));
    prop_oneof![4 => row, 1 => ".{0,30}", 1 => "[a-z ]{0,24}"]
}

fn kind() -> impl Strategy<Value = PartyKind> {
    prop::sample::select(vec![
        PartyKind::Person,
        PartyKind::Organization,
        PartyKind::Vessel,
        PartyKind::Unknown,
    ])
}

prop_compose! {
    fn party()(
        names in prop::collection::vec(name(), 1..4),
        kind in kind(),
        country in prop::option::of(prop::sample::select(vec!["CN", "RU", "IR"])),
        year in prop::option::of(1950u16..1955),
        number in prop::option::of(1000u32..1004),
        weak in any::<bool>(),
    ) -> ListedParty {
        let strength = if weak { NameStrength::Weak } else { NameStrength::Primary };
        ListedParty {
            kind,
            names: names.into_iter().map(|text| ListedName { text, strength }).collect(),
            countries: country.into_iter().map(str::to_owned).collect(),
            birth_years: year.into_iter().collect(),
            identifiers: number.into_iter().map(|n| identifier("tax", &n.to_string())).collect(),
            ..ListedParty::default()
        }
    }
}

prop_compose! {
    fn query()(
        names in prop::collection::vec(name(), 1..3),
        kind in kind(),
        country in prop::option::of(prop::sample::select(vec!["CN", "RU", "IR"])),
        birth_year in prop::option::of(1950u16..1955),
        number in prop::option::of(1000u32..1004),
    ) -> Query {
        Query {
            names,
            kind,
            countries: country.into_iter().map(str::to_owned).collect(),
            birth_year,
            identifiers: number.into_iter().map(|n| identifier("tax", &n.to_string())).collect(),
        }
    }
}

fn list(mut parties: Vec<ListedParty>) -> Arc<List> {
    for (n, party) in parties.iter_mut().enumerate() {
        party.id = format!("p{n}");
    }
    Arc::new(List { code: "list".to_owned(), version: "1".to_owned(), parties, ..List::default() })
}

fn sound(found: &[Match], query: &Query) -> Result<(), TestCaseError> {
    for hit in found {
        prop_assert!((0.0..=1.0).contains(&hit.score), "{hit:?}");
        let sum: f64 = hit.parts.iter().map(|p| p.contribution).sum();
        prop_assert!((sum - hit.score).abs() < 1e-9, "{sum} {hit:?}");
        for part in &hit.parts {
            if let Some(span) = &part.query {
                prop_assert!(query.names[hit.query_name].get(span.clone()).is_some(), "{part:?}");
            }
            if let Some(span) = &part.listed {
                prop_assert!(hit.matched_name.get(span.clone()).is_some(), "{part:?}");
            }
        }
    }
    prop_assert!(found.windows(2).all(|w| w[0].score >= w[1].score));
    Ok(())
}

fn score(generation: &Generation, query: &Query, entity: &str) -> f64 {
    let found = generation.screen(query, &ALL);
    found.iter().find(|m| m.entity == entity).map_or(0.0, |m| m.score)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn contributions_sum_to_the_score_and_spans_lie_in_the_names(
        parties in prop::collection::vec(party(), 1..12), query in query()
    ) {
        let generation = Generation::build(vec![list(parties)]);
        sound(&generation.screen(&query, &ALL), &query)?;
    }

    #[test]
    fn a_good_listed_name_is_found_by_itself(parties in prop::collection::vec(party(), 1..12), pick in any::<prop::sample::Index>()) {
        let generation = Generation::build(vec![list(parties.clone())]);
        let n = pick.index(parties.len());
        let asked = Query { names: vec![parties[n].names[0].text.clone()], kind: parties[n].kind, ..Query::default() };
        let word = |c: char| c.is_ascii_alphabetic();
        let weak = parties[n].names[0].strength == NameStrength::Weak;
        if !weak && asked.names[0].split(|c: char| !word(c)).filter(|w| w.len() > 3).count() >= 2 {
            prop_assert!(score(&generation, &asked, &format!("p{n}")) > 0.5, "{asked:?}");
        }
    }

    #[test]
    fn what_agrees_never_lowers_and_what_contradicts_never_raises(
        parties in prop::collection::vec(party(), 1..6), query in query()
    ) {
        let generation = Generation::build(vec![list(parties.clone())]);
        for hit in generation.screen(&query, &ALL) {
            let n: usize = hit.entity[1..].parse().unwrap();
            let party = &parties[n];
            let with = |change: &dyn Fn(&mut Query)| {
                let mut other = query.clone();
                change(&mut other);
                score(&generation, &other, &hit.entity)
            };
            if let Some(own) = party.identifiers.first() {
                let agreed = with(&|q| q.identifiers.push(own.clone()));
                prop_assert!(agreed >= hit.score && agreed >= 1.0 - 1e-12, "{agreed}");
            }
            let other = with(&|q| q.identifiers.push(identifier("tax", "99999999")));
            prop_assert!(other <= hit.score + 1e-12, "identifier {other} {hit:?}");
            let other = with(&|q| q.countries.push("ZW".to_owned()));
            prop_assert!(other <= hit.score + 1e-12, "country {other} {hit:?}");
            if query.birth_year.is_none() {
                let other = with(&|q| q.birth_year = Some(1900));
                prop_assert!(other <= hit.score + 1e-12, "year {other} {hit:?}");
            }
        }
    }

    #[test]
    fn the_order_of_parties_changes_nothing(parties in prop::collection::vec(party(), 1..10), query in query()) {
        let mut numbered = parties;
        for (n, party) in numbered.iter_mut().enumerate() {
            party.id = format!("p{n}");
        }
        let make = |parties: Vec<ListedParty>| {
            Generation::build(vec![Arc::new(List { code: "list".to_owned(), parties, ..List::default() })])
        };
        let straight = make(numbered.clone()).screen(&query, &ALL);
        numbered.reverse();
        let reversed = make(numbered).screen(&query, &ALL);
        prop_assert_eq!(straight, reversed);
    }
}
