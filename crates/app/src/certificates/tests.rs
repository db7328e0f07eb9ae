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
