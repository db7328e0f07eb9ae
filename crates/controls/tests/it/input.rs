//! Bad and strange input: each line answers by itself, and nothing hidden comes through.

use base::time::date_parse;
use controls::{AsOf, Classifier, Good, Kind};

use crate::packs::carried;

fn faults(line: &str) -> Vec<String> {
    let (_, faults) = Good::parse(line.as_bytes()).unwrap_err();
    faults.iter().map(|f| format!("{}: {}", f.field, f.message)).collect()
}

#[test]
fn a_bad_line_names_each_fault() {
    let found = faults(
        r#"{"id":"7","name":"x","composition":{"Xx":"1","Dy":"60","Nd":"50","Tb":"-1"},"parameters":{"q":"1","purity_pct":"much","diffused":"perhaps"},"origin":"ZQ"}"#,
    );
    for part in [
        "composition.Xx: `Xx` is neither",
        "composition.Tb: the value `-1`",
        "add up to 110 %",
        "parameters.q: `q` is no parameter",
        "`much` is no decimal",
        "`perhaps` is neither yes nor no",
        "`ZQ` is no country",
    ] {
        assert!(found.iter().any(|f| f.contains(part)), "{part}: {found:?}");
    }
    assert!(faults("[]")[0].contains("no JSON object"));
    assert!(faults("{")[0].contains("no JSON"));
    assert!(faults("{}")[0].contains("nothing is said"));
    assert!(faults(r#"{"name":"x","composition":{"Dy":"1","Dy2O3":"1"}}"#)[0].contains("twice"));
    assert!(
        faults(&format!(r#"{{"name":"{}"}}"#, "x".repeat(2001)))[0].contains("2001 characters")
    );
    assert!(faults(&format!(r#"{{"name":"{}"}}"#, "x".repeat(1 << 20)))[0].contains("bytes"));
}

#[test]
fn strange_names_are_answered_without_what_hides_in_them() {
    let pack = carried("cn");
    let classifier = Classifier::new(&pack, AsOf::on(date_parse("2025-06-01").unwrap()));
    let long = format!("{} dysprosium metal", "многослойный ".repeat(24));
    assert!(long.chars().count() > 300);
    assert_eq!(classifier.classify(&Good::named(&long)).answer, Kind::Controlled);
    let line = "{\"id\":\"a\\u202eb\\u0007\",\"name\":\"dys\\u200bprosium metal\\u202e \\u0000\"}";
    let answer = classifier.classify(&Good::parse(line.as_bytes()).unwrap());
    let shown = serde_json::to_string(&answer).unwrap();
    assert!(
        !shown.contains(['\u{202e}', '\u{200b}', '\u{7}']) && !shown.contains("\\u"),
        "{shown}"
    );
    assert!(answer.check.iter().any(|s| s.code == "hidden_characters"));
    // Full-width letters and subscripts are the letters they are.
    assert_eq!(classifier.classify(&Good::named("Ｄｙ₂Ｏ₃ powder")).answer, Kind::Controlled);
    assert_eq!(classifier.classify(&Good::named("оксид диспрозия")).answer, Kind::Refer);
    let typo = classifier
        .classify(&Good::parse(br#"{"name":"lanthanum oxide","compositon":{}}"#).unwrap());
    assert!(typo.check.iter().any(|s| s.code == "field_not_read"));
}

#[test]
fn each_statement_has_words_in_both_languages() {
    let mut found = 0;
    for source in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
        // What speaks in statements is beside the crate's root; its directories have their own words.
        let path = source.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for part in text.split("Statement::new(\"").skip(1) {
            let code: &'static str = part.split('"').next().unwrap().to_owned().leak();
            assert!(controls::Statement::new(code).known(), "{code}");
            found += 1;
        }
    }
    assert!(found > 30, "{found}");
}

#[test]
fn hs_codes_are_mentioned_and_decide_nothing() {
    let pack = carried("cn");
    let classifier = Classifier::new(&pack, AsOf::on(date_parse("2025-06-01").unwrap()));
    let with = |name: &str, hs: &str| {
        classifier.classify(&Good { hs: hs.to_owned(), ..Good::named(name) })
    };
    let wrong = with("dysprosium metal", "2805301100");
    assert_eq!(wrong.answer, Kind::Controlled);
    assert!(wrong.check.iter().any(|s| s.code == "hs_mismatch"));
    let right = with("dysprosium metal", "2805.30.1200");
    assert!(!right.check.iter().any(|s| s.code.starts_with("hs_")), "{:?}", right.check);
    let other = with("neodymium metal", "2805301200");
    assert_eq!(other.answer, Kind::NotControlled);
    assert!(other.check.iter().any(|s| s.code == "hs_match"));
    assert!(with("neodymium metal", "n/a").check.iter().any(|s| s.code == "hs_unreadable"));
}
