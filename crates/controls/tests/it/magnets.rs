//! Shares by mass: judged on each magnet as supplied, or on the whole where a pack says so; against a naive
//! model in exact fractions.

use base::time::date_parse;
use controls::bill::BillPart;
use controls::content::{ShareOf, share_of_bill, share_of_magnets};
use controls::{Answer, AsOf, Classifier, Good, Kind, Pack};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

use crate::packs::files;

fn fraction(numerator: u64, denominator: u64) -> BigRational {
    BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}

/// The demo pack whose trace rule is judged on this.
fn judged_on(what: &str) -> Pack {
    let mut files = files("demo");
    let text = files.text("content_rules.toml").unwrap();
    let text = text.replace(r#"judged_on = "each_magnet""#, &format!("judged_on = \"{what}\""));
    files.insert("content_rules.toml", text);
    let (pack, faults) = Pack::read(&files);
    assert_eq!(faults, []);
    pack
}

/// The same with a rule of shares by mass besides.
fn with_share(what: &str) -> Pack {
    let mut files = files("demo");
    let more = format!(
        r#"
[[content_rule]]
id = "heavy"
kind = "share"
share_of = "mass"
judged_on = "{what}"
elements = ["Dy", "Tb"]
magnet_families = ["NdFeB"]
threshold = "0.001"
comparison = ">"
effect = "controlled"
official = true
published = "2025-03-20"
valid_from = "2025-04-04"
text_en = "magnets made elsewhere with more than 0.1 % of Dy and Tb"
text_zh = "境外制造的镝铽合计超过0.1%的磁体"
citation = "YSMA Order 2/2025, article 5"
source = "fictional"
confidence = "high"
"#
    );
    let text = files.text("content_rules.toml").unwrap().to_owned() + &more;
    files.insert("content_rules.toml", text);
    let (pack, faults) = Pack::read(&files);
    assert_eq!(faults, []);
    pack
}

const DY: &str = r#"{"Nd":"30","Fe":"68.7","B":"1","Dy":"0.3"}"#;
const CLEAN: &str = r#"{"Nd":"30","Fe":"69","B":"1","Dy":"<0.001","Tb":"<0.001"}"#;

/// 0.3 kg with 0.3 % Dy and 0.7 kg without, under so many levels: 0.09 % of the whole.
fn two_magnets(levels: usize) -> String {
    let mut bill = vec![r#"{"part":"L0","mass_kg":"1"}"#.to_owned()];
    for level in 1..=levels {
        bill.push(format!(r#"{{"part":"L{level}","in":"L{}"}}"#, level - 1));
    }
    for (part, mass, assay) in [("D", "0.3", DY), ("C", "0.7", CLEAN)] {
        bill.push(format!(
            r#"{{"part":"{part}","in":"L{levels}","mass_kg":"{mass}","name":"sintered NdFeB magnet","composition":{assay}}}"#
        ));
    }
    format!(r#"{{"id":"k","name":"kit","bill":[{}]}}"#, bill.join(","))
}

fn ask(pack: &Pack, line: &str) -> Answer {
    let classifier = Classifier::new(pack, AsOf::on(date_parse("2025-06-01").unwrap()));
    classifier.classify(&Good::parse(line.as_bytes()).unwrap())
}

#[test]
fn one_of_two_magnets_is_controlled_unless_the_average_decides() {
    for levels in [1, 1_500] {
        let each = ask(&judged_on("each_magnet"), &two_magnets(levels));
        assert_eq!(each.answer, Kind::Controlled, "{each:?}");
        assert!(each.items.iter().all(|item| item.element.contains("Dy")));
        let average = ask(&judged_on("assembly"), &two_magnets(levels));
        assert_eq!(average.answer, Kind::NotControlled, "{average:?}");
    }
    // 0.4 kg of 1 kg: 0.12 % of the whole, more than the rule has.
    let more =
        two_magnets(1).replace(r#""0.3","name""#, r#""0.4","name""#).replace("0.7\"", "0.6\"");
    assert_eq!(ask(&judged_on("assembly"), &more).answer, Kind::Controlled);
    // Without mass there is no average, and nothing is within the rule.
    let blank = two_magnets(1)
        .replace(r#""mass_kg":"1""#, r#""name":"""#)
        .replace(r#""mass_kg":"0.7","#, "");
    let answer = ask(&judged_on("assembly"), &blank);
    assert_eq!(answer.answer, Kind::Controlled);
    assert!(answer.check.iter().any(|s| s.code == "content_unworked"), "{answer:?}");
}

#[test]
fn a_share_by_mass_is_of_the_worst_magnet_or_of_the_whole() {
    for levels in [1, 1_500] {
        let line = two_magnets(levels);
        let found = |what: &str| {
            let answer = ask(&with_share(what), &line);
            let content = answer.content.iter().find(|c| c.rule == "heavy").unwrap().clone();
            (content.part, content.share.unwrap().share, content.holds)
        };
        assert_eq!(found("each_magnet"), (Some("D".to_owned()), fraction(3, 1_000), true));
        assert_eq!(found("assembly"), (None, fraction(9, 10_000), false));
    }
}

#[test]
fn a_coating_does_not_thin_a_magnet() {
    let line = format!(
        r#"{{"name":"kit","bill":[
        {{"part":"M","mass_kg":"1","name":"coated NdFeB magnet"}},
        {{"part":"B","in":"M","mass_kg":"0.3","name":"body","composition":{DY}}},
        {{"part":"N","in":"M","mass_kg":"0.7","name":"nickel layer","composition":{{"Ni":"100"}}}}]}}"#
    );
    let answer = ask(&with_share("each_magnet"), &line.replace('\n', ""));
    let content = answer.content.iter().find(|c| c.rule == "heavy").unwrap();
    assert_eq!(content.part.as_deref(), Some("B"));
    assert_eq!(content.share.as_ref().unwrap().share, fraction(3, 1_000));
    let silent = line.replace('\n', "").replace(&format!(",\"composition\":{DY}"), "");
    let answer = ask(&with_share("each_magnet"), &silent);
    let content = answer.content.iter().find(|c| c.rule == "heavy").unwrap();
    assert!(content.error.as_ref().unwrap().contains("part `B` states no composition"));
}

#[derive(Debug, Clone)]
struct Piece {
    magnet: bool,
    own: Option<BigRational>,
}

/// Walks down from each part anew: the shares of all that is judged, or nothing where one is silent.
fn naive_judged(
    bill: &[BillPart],
    pieces: &[Piece],
    at: usize,
    inherited: bool,
) -> Option<Vec<BigRational>> {
    let judged = inherited || pieces[at].magnet;
    let children: Vec<usize> = (0..bill.len()).filter(|&c| bill[c].within == Some(at)).collect();
    let mut all = Vec::new();
    match &pieces[at].own {
        Some(share) if judged => all.push(share.clone()),
        None if judged && children.is_empty() => return None,
        _ => {}
    }
    for child in children {
        all.extend(naive_judged(bill, pieces, child, judged && pieces[at].own.is_none())?);
    }
    Some(all)
}

/// Mass and content of one piece, opened out.
fn naive_whole(bill: &[BillPart], pieces: &[Piece], at: usize) -> (BigRational, BigRational) {
    let mass = bill[at].mass_kg.clone().unwrap();
    if let Some(share) = &pieces[at].own {
        return (mass.clone(), share * mass);
    }
    let mut content = BigRational::default();
    for (child, part) in bill.iter().enumerate().filter(|(_, p)| p.within == Some(at)) {
        content += naive_whole(bill, pieces, child).1 * part.quantity.clone().unwrap();
    }
    (mass, content)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_readings_are_those_of_the_naive_model(
        rows in proptest::collection::vec((any::<u16>(), 1_u64..9_999, 1_u64..99, any::<bool>(), proptest::option::weighted(0.7, 0_u64..1_000)), 1..30)
    ) {
        let mut bill = Vec::new();
        let mut pieces = Vec::new();
        for (number, (within, mass, quantity, magnet, own)) in rows.iter().enumerate() {
            bill.push(BillPart {
                part: number.to_string(),
                within: (number > 0).then(|| usize::from(*within) % number),
                quantity: Some(fraction(*quantity, 7)),
                mass_kg: Some(fraction(*mass, 100)),
                ..BillPart::default()
            });
            pieces.push(Piece { magnet: *magnet, own: own.map(|own| fraction(own, 1_000)) });
        }
        let own = |at: usize| pieces[at].own.clone();
        let (mass, content) = naive_whole(&bill, &pieces, 0);
        let whole = share_of_bill(&bill, ShareOf::Mass, &own).unwrap();
        prop_assert_eq!(whole.share, content / mass);
        let each = share_of_magnets(&bill, &|at| pieces[at].magnet, &own);
        match naive_judged(&bill, &pieces, 0, false) {
            None => prop_assert!(each.is_err()),
            Some(all) => {
                let most = each.unwrap().map(|(_, share)| share.share);
                prop_assert_eq!(most, all.into_iter().max());
            }
        }
    }
}
