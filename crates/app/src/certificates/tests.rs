//! Words and rules as they come with the program.

use licensing::certificate::{Words, WordsOfAll};
use licensing::rules::CertificateRule;

use super::*;

#[test]
fn the_common_rule_and_the_words_are_of_their_form_and_complete() {
    let rule = crate::packs::file_carried("common", "certificate_rule.toml").unwrap();
    let rule: CertificateRule = toml::from_str(&rule).unwrap();
    let texts = crate::packs::file_carried("common", "certificate_texts.toml").unwrap();
    let texts: WordsOfAll = toml::from_str(&texts).unwrap();
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["de", "en", "es", "fr", "ja", "ko", "zh"]);
    let keys = |words: &Words| words.labels.keys().cloned().collect::<Vec<_>>();
    for (language, words) in &texts {
        assert_eq!(keys(words), keys(&texts["en"]), "{language}");
        for promise in &rule.promises {
            assert!(words.promises.contains_key(&promise.id), "{language} {}", promise.id);
        }
        for name in ["{end_user}", "{exporter}", "{authority}"] {
            assert!(words.statement.contains(name), "{language} {name}");
        }
        assert!(words.used_for.contains("{authority}") && words.truth.contains("{end_user}"));
    }
}

#[test]
fn a_pack_says_in_its_own_file_what_it_asks_and_shares_the_rest() {
    for id in crate::packs::pack_ids() {
        let files = crate::packs::pack_carried(&id).unwrap();
        let rule = crate::law::Law::read(&id, 0, &files).rules.certificate;
        let own = files.text("licensing.toml").unwrap_or_default().contains("[certificate]");
        assert_eq!(own, rule.citation != rule_common().citation, "{id}");
        for promise in &rule.promises {
            for (language, words) in words() {
                assert!(words.promises.contains_key(&promise.id), "{language} {}", promise.id);
            }
        }
    }
}

#[test]
fn a_code_is_read_out_without_doubt_and_taken_as_it_is_heard() {
    let moment = Moment { now: Timestamp::from_us(1), seed: [3; 32] };
    let code = code_make(&moment);
    assert_eq!(code.len(), CODE_CHARS);
    assert!(!code.contains(['0', '1', 'I', 'L', 'O', 'U']), "{code}");
    let heard = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
    assert_eq!(code_hash(&[1; 16], &heard), code_hash(&[1; 16], &code));
    assert_ne!(code_hash(&[2; 16], &code), code_hash(&[1; 16], &code));
}

#[test]
fn what_an_application_says_becomes_one_certificate_for_each_end_user_and_use() {
    let application: Application = serde_json::from_value(serde_json::json!({
        "goods": [{"key": "g", "name": "ring", "hs": "850511"}],
        "parties": [
            {"key": "u", "name": "Motor Works", "country": "DE", "address": "Ulm"},
            {"key": "c", "name": "Trading House"}
        ],
        "uses": [{"key": "e", "text": "motors"}],
        "cells": [
            {"key": "1", "good": "g", "consignee": "c", "end_user": "u", "end_use": "e",
             "destination": "DE", "quantities": [{"unit": "net_mass", "amount": 500_000}]},
            {"key": "2", "good": "g", "consignee": "c", "end_user": "u", "end_use": "e",
             "destination": "DE", "quantities": [{"unit": "net_mass", "amount": 250_000},
                {"unit": "pieces", "amount": 7}]},
            {"key": "3", "good": "g", "consignee": "c", "end_user": "u", "end_use": "e",
             "destination": "JP", "quantities": []}
        ]
    }))
    .unwrap();
    let given = prefilled(&application);
    assert_eq!(given.len(), 2);
    assert_eq!((given[0].destination.as_str(), given[1].destination.as_str()), ("DE", "JP"));
    let amounts: Vec<_> =
        given[0].goods[0].quantities.iter().map(|q| (q.unit.as_str(), q.amount.as_str())).collect();
    assert_eq!(amounts, [("net_mass", "0.75"), ("pieces", "7")]);
    let end_user = &given[0].end_user;
    assert_eq!((end_user.name.as_str(), end_user.address.as_str()), ("Motor Works", "Ulm"));
}

const OPENING: &str = "filing,kind,date,filer,site,lot,stage,net_mass_kg,composition\n\
    X1,opening,2025-01-01,gad:mag-d,FAB,X-1,scrap_magnet,1,Nd=25.0\n";

/// A platform with one party, and a draft of its application that names an end user of each country.
fn drafted(dir: &std::path::Path, countries: &[&str]) -> (Platform, Purpose, [u8; 16], [u8; 16]) {
    let options = crate::platform::OpenOptions { random: [7; 32] };
    let platform = Platform::open(dir, crate::Mode::Write, &options).unwrap();
    let import = crate::ImportOptions {
        recorded_at: Timestamp::from_us(1_764_000_000_000_000),
        ..crate::ImportOptions::default()
    };
    let report = platform.import(Box::new(OPENING.as_bytes()), import, &mut |_| {}).unwrap();
    assert_eq!(report.rejected, 0);
    let parties: Vec<_> = countries
        .iter()
        .map(|country| {
            serde_json::json!({"key": country, "name": country, "country": country,
                "address": "Street 1"})
        })
        .collect();
    let cells: Vec<_> = countries
        .iter()
        .map(|country| {
            serde_json::json!({"key": country, "good": "g", "consignee": country,
                "end_user": country, "end_use": "e", "destination": country,
                "quantities": [{"unit": "net_mass", "amount": 500_000}]})
        })
        .collect();
    let application = serde_json::json!({"goods": [{"key": "g", "name": "ring"}],
        "parties": parties, "uses": [{"key": "e", "text": "motors"}], "cells": cells});
    let owner_id = platform.reader().people().party_of("gad:mag-d").unwrap().unwrap();
    let draft_id = [9; 16];
    let body = serde_json::json!({ "application": application }).to_string();
    let draft = store::DraftRecord {
        owner_id,
        draft_id,
        revision: 1,
        body,
        changed_by: "a".to_owned(),
        changed_at_us: 1,
    };
    platform.aside().unwrap().licensing_change(|change| change.draft_put(&draft)).unwrap();
    (platform, Purpose::Draft(hex(&draft_id)), owner_id, draft_id)
}

#[test]
fn certificates_of_a_draft_are_bound_to_its_case_and_to_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (platform, purpose, owner_id, draft_id) = drafted(dir.path(), &["DE", "JP", "PL"]);
    let law = crate::law::Law::read("demo", 0, &crate::packs::pack_carried("demo").unwrap());
    let terms = Terms::of(&law);
    let by = By { account: "a", acting_for: "" };
    let prefilled = platform.certificates_prefilled("gad:mag-d", &purpose).unwrap();
    assert_eq!(prefilled.len(), 3);
    let mut made = Vec::new();
    for (place, given) in prefilled.iter().enumerate() {
        let seed = [u8::try_from(place).unwrap() + 1; 32];
        let moment = Moment { now: Timestamp::from_us(1_764_000_000_000_001), seed };
        let way = (SecondChannel::None, Delivery::Hand);
        let asked = ("gad:mag-d", by);
        made.push(
            platform.certificate_ask(asked, (given, &purpose), way, (&terms, &moment)).unwrap(),
        );
    }
    // Each end user is written to in the language of its country, or in English.
    let languages: Vec<_> =
        made.iter().map(|made| platform.certificate(made.id).unwrap().unwrap().language).collect();
    assert_eq!(languages, ["de", "ja", "en"]);
    let now = Timestamp::from_us(1_764_000_000_000_002);
    let decline = |_: &Certificate| Command::Decline("no".to_owned());
    platform.certificate_link_do(&made[2].link, &decline, (&terms, now)).unwrap();
    let named = certificates_asked(&platform.reader().licensing(), owner_id, &draft_id).unwrap();
    let named: Vec<_> = named.iter().map(|entry| entry.end_user.as_str()).collect();
    assert_eq!(named, ["DE", "JP"], "the draft names them by itself, but for what was declined");
    let bind = |number: &str| {
        let mut aside = platform.aside().unwrap();
        aside.licensing_change(|change| {
            certificates_bind(change, owner_id, (draft_id, number), by, (&terms, now))
        })
    };
    assert_eq!(bind("C-1").unwrap().len(), 2);
    assert_eq!(bind("C-2").unwrap(), []);
    let case = Purpose::Case("C-1".to_owned());
    let rests = platform.certificates_rested_on("gad:mag-d", &case, terms.day(now)).unwrap();
    let told: Vec<_> =
        rests.iter().map(|rests| (rests.entry.end_user.as_str(), rests.unusable)).collect();
    assert_eq!(told, [("DE", "not_signed"), ("JP", "not_signed")]);
    let left = platform.certificates_for("gad:mag-d", &purpose).unwrap();
    assert_eq!(left.len(), 1, "the one that was declined stays with the draft");
    assert_eq!(platform.certificates_verify().unwrap(), Vec::<String>::new());
}

#[test]
fn what_a_certificate_is_for_is_read_from_an_address() {
    for (text, expected) in [
        ("", Some(Purpose::Open)),
        ("open", Some(Purpose::Open)),
        ("case/C-1", Some(Purpose::Case("C-1".to_owned()))),
        ("draft/09090909090909090909090909090909", Some(Purpose::Draft(hex(&[9; 16])))),
        ("draft/09090909-0909-0909-0909-090909090909", Some(Purpose::Draft(hex(&[9; 16])))),
        ("draft/x", None),
        ("case/", None),
        ("other", None),
    ] {
        assert_eq!(purpose_parse(text), expected, "`{text}`");
    }
}
