//! Bills of material: exact shares at any depth, against a naive model; content rules of goods made elsewhere.

use base::time::date_parse;
use controls::bill::BillPart;
use controls::content::{ShareOf, share_of_bill};
use controls::{AsOf, Classifier, Good, Kind};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

use crate::packs::carried;

fn fraction(numerator: u64, denominator: u64) -> BigRational {
    BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}

/// Opens the tree out, piece by piece: (whole, content) of one piece.
fn naive(bill: &[BillPart], at: usize, counts: &[bool]) -> (Option<BigRational>, BigRational) {
    let mut sum = Some(BigRational::default());
    let mut content = BigRational::default();
    let mut parts = 0;
    for (child, part) in bill.iter().enumerate().filter(|(_, p)| p.within == Some(at)) {
        parts += 1;
        let (whole, inner) = naive(bill, child, counts);
        let pieces = part.quantity.clone().unwrap();
        content += inner * &pieces;
        sum = sum.zip(whole).map(|(sum, whole)| sum + whole * pieces);
    }
    let whole = bill[at].value.clone().or(if parts > 0 { sum } else { None });
    match (counts[at], &whole) {
        (true, Some(value)) => (whole.clone(), value.clone()),
        _ => (whole, content),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn shares_are_those_of_the_naive_model(
        rows in proptest::collection::vec((any::<u16>(), 1_u64..9_999, 1_u64..999, any::<bool>(), 0_u8..4), 1..40)
    ) {
        let mut bill = Vec::new();
        let mut counts = Vec::new();
        for (number, (within, value, quantity, counted, missing)) in rows.iter().enumerate() {
            bill.push(BillPart {
                part: number.to_string(),
                within: (number > 0).then(|| usize::from(*within) % number),
                quantity: Some(fraction(*quantity, 7)),
                value: (*missing > 0).then(|| fraction(*value, 100)),
                ..BillPart::default()
            });
            counts.push(*counted);
        }
        let counted = |at: usize| counts[at].then(|| fraction(1, 1));
        let share = share_of_bill(&bill, ShareOf::Value, &counted);
        let (whole, content) = naive(&bill, 0, &counts);
        match (share, whole) {
            (Ok(share), Some(whole)) => prop_assert_eq!(share.share, content / whole),
            // A part that counts and has no value of its own or of its parts is named.
            (Err(_), _) => prop_assert!(bill.iter().any(|p| p.value.is_none())),
            (Ok(_), None) => prop_assert!(false, "a share of an unknown whole"),
        }
    }
}

#[test]
fn depth_is_no_limit() {
    let mut bill =
        vec![BillPart { part: "0".into(), value: Some(fraction(1, 1)), ..BillPart::default() }];
    for depth in 1..5_000_usize {
        let value = Some(fraction(1, 1));
        bill.push(BillPart {
            part: depth.to_string(),
            within: Some(depth - 1),
            value,
            ..BillPart::default()
        });
    }
    let counts = |at: usize| (at == 4_999).then(|| fraction(1, 3));
    assert_eq!(share_of_bill(&bill, ShareOf::Value, &counts).unwrap().share, fraction(1, 3));
}

fn motor(magnet_value: &str, date: &str) -> controls::Answer {
    let line = format!(
        r#"{{"id":"m","name":"sintered SmCo magnet","origin":"DE","bill":[
        {{"part":"M","value":"1000","currency":"EUR","origin":"DE","name":"magnet"}},
        {{"part":"A","in":"M","quantity":"2","value":"{magnet_value}","currency":"EUR","origin":"CN","name":"samarium-cobalt alloy"}},
        {{"part":"B","in":"M","quantity":"1","value":"900","currency":"EUR","origin":"CN","name":"iron powder"}}]}}"#
    );
    let pack = carried("cn");
    let classifier = Classifier::new(&pack, AsOf::on(date_parse(date).unwrap()));
    classifier.classify(&Good::parse(line.replace('\n', "").as_bytes()).unwrap())
}

#[test]
fn a_share_by_value_counts_listed_inputs_of_the_origin_exactly() {
    // Known before the suspension was published, the limb of 1 December would have effect.
    let share = |value: &str| {
        let answer = motor(value, "2025-12-01");
        let content = answer.content.iter().find(|c| c.rule == "ann61_de_minimis").unwrap().clone();
        (content.share.unwrap().percent, content.holds, content.status)
    };
    assert_eq!(share("0.5"), ("0.1".to_owned(), true, "suspended"));
    assert_eq!(share("0.499999"), ("0.099999".to_owned(), false, "suspended"));
    let pack = carried("cn");
    let as_of =
        AsOf { date: date_parse("2025-12-02").unwrap(), known_at: date_parse("2025-11-01") };
    let classifier = Classifier::new(&pack, as_of);
    let line = r#"{"id":"t","name":"dysprosium target","origin":"DE"}"#;
    let answer = classifier.classify(&Good::parse(line.as_bytes()).unwrap());
    assert_eq!(answer.answer, Kind::Controlled, "exported from here it is controlled anyway");
}

#[test]
fn de_minimis_of_another_pack_is_the_same_rule() {
    let pack = carried("us");
    let classifier = Classifier::new(&pack, AsOf::on(date_parse("2026-01-01").unwrap()));
    let good = |value: &str| {
        let line = format!(
            r#"{{"id":"d","name":"actuator","origin":"DE","bill":[{{"part":"T","value":"100","currency":"USD","origin":"DE"}},{{"part":"U","in":"T","value":"{value}","currency":"USD","origin":"US","name":"Terfenol-D rod"}}]}}"#
        );
        classifier.classify(&Good::parse(line.as_bytes()).unwrap())
    };
    let holds = |value: &str| {
        good(value).content.iter().map(|c| (c.rule.clone(), c.holds)).collect::<Vec<_>>()
    };
    let rules = |a, b| vec![("de_minimis_25".to_owned(), a), ("de_minimis_10".to_owned(), b)];
    assert_eq!(holds("25"), rules(false, true));
    assert_eq!(holds("25.01"), rules(true, true));
    assert_eq!(holds("10"), rules(false, false));
}

#[test]
fn a_faulty_bill_names_each_fault() {
    let faults = |bill: &str| {
        let line = format!(r#"{{"name":"motor","bill":[{bill}]}}"#);
        let (_, faults) = Good::parse(line.as_bytes()).unwrap_err();
        faults.iter().map(|f| f.message.clone()).collect::<Vec<_>>().join("; ")
    };
    assert!(faults(r#"{"part":"A","in":"B"},{"part":"B","in":"A"}"#).contains("part of itself"));
    assert!(faults(r#"{"part":"A","in":"Z"}"#).contains("`Z` is no part"));
    assert!(faults(r#"{"part":"A"},{"part":"A"}"#).contains("twice"));
    assert!(
        faults(
            r#"{"part":"A","currency":"EUR","value":"1"},{"part":"B","currency":"USD","value":"1"}"#
        )
        .contains("`EUR` and in `USD`")
    );
    assert!(faults(r#"{"part":"A","value":"1e9"}"#).contains("no plain decimal"));
    let missing = motor("", "2025-12-01");
    let content = missing.content.iter().find(|c| c.rule == "ann61_de_minimis").unwrap();
    assert!(content.error.as_ref().unwrap().contains("part `A` states no value"), "{content:?}");
}
