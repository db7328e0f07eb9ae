//! Every word that templates and handlers ask for stands in both languages, and none stands there
//! for nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use web::Language;

/// Families of keys that are put together from a family and a code, `<family>-<code>`.
const FAMILIES: [&str; 167] = [
    "about",
    "activity-what",
    "apply-add",
    "apply-certificate",
    "apply-document",
    "apply-document-fault",
    "apply-done",
    "apply-ended",
    "apply-entry",
    "apply-entry-lede",
    "apply-event",
    "apply-fault",
    "apply-field",
    "apply-follows",
    "apply-hint",
    "apply-lede",
    "apply-legend",
    "apply-none",
    "apply-part",
    "apply-part-hint",
    "apply-part-state",
    "apply-party",
    "apply-refused",
    "apply-scan",
    "apply-state",
    "apply-step",
    "apply-unit",
    "apply-waits",
    "apply-waits-long",
    "audit-action",
    "binding",
    "border-deed",
    "border-deed-hint",
    "border-done",
    "border-next",
    "border-not",
    "border-when",
    "border-why",
    "breach",
    "case-agency",
    "case-did",
    "case-do",
    "case-do-hint",
    "case-element",
    "case-event",
    "case-how",
    "case-officer",
    "case-outcome",
    "case-part",
    "case-position",
    "case-readers",
    "case-refused",
    "case-screening",
    "case-state",
    "case-step",
    "case-verdict",
    "case-waits",
    "case-why",
    "cause",
    "certificate-assurance",
    "certificate-fault",
    "certificate-field",
    "certificate-form",
    "certificate-gap",
    "certificate-standing",
    "certificate-unit",
    "certificate-who",
    "clock-state",
    "confidence",
    "day",
    "delivery-state",
    "density",
    "documents-kind",
    "documents-refused",
    "documents-scan",
    "duty-state",
    "enquiry-about",
    "enquiry-acts",
    "enquiry-entry",
    "enquiry-found",
    "enquiry-stands",
    "enquiry-state",
    "fact",
    "field",
    "fit",
    "forecast-like",
    "gap",
    "gap-accepted",
    "gap-group",
    "general-audit",
    "general-differs",
    "general-do",
    "general-event",
    "general-mark",
    "general-notice-state",
    "general-outcome",
    "general-refused",
    "general-return",
    "general-state",
    "hit-about",
    "hit-band",
    "hit-before",
    "hit-compared",
    "hit-deed",
    "hit-deed-hint",
    "hit-did",
    "hit-done",
    "hit-effect",
    "hit-ended",
    "hit-kind",
    "hit-list",
    "hit-pair",
    "hit-refused",
    "hit-state",
    "hit-use",
    "home-count",
    "home-text",
    "item",
    "job-kind",
    "kind",
    "law-change",
    "law-refused",
    "law-state",
    "leg",
    "letter",
    "letter-fault",
    "licence-deed",
    "licence-event",
    "licence-letter",
    "licence-mark",
    "licence-standing",
    "link",
    "link-case",
    "link-fault",
    "lot-state",
    "need",
    "passkey-fault",
    "person-state",
    "problem",
    "proof",
    "quota-imported",
    "quota-refused",
    "quota-secondary",
    "quota-stage",
    "quota-standing",
    "refusal",
    "repair",
    "replay-change",
    "report-kind",
    "report-refused",
    "role",
    "rule",
    "scanner",
    "scope",
    "screening-change",
    "screening-done",
    "severity",
    "site-kind",
    "stage",
    "state",
    "state-of",
    "theme",
    "tie",
    "unit",
    "use",
    "verdict",
    "webhook-state",
];

fn files(dir: &str, kind: &str, into: &mut Vec<String>) {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files(&format!("{dir}/{name}"), kind, into);
        } else if name.ends_with(kind) {
            into.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// Keys asked for: the first literal of a call of `Text`.
fn asked(source: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for call in [".get(", ".num(", ".num_with(", ".one(", ".two(", ".three("] {
        for (at, _) in source.match_indices(call) {
            let rest = source[at + call.len()..].trim_start();
            if let Some(literal) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                keys.insert(literal.to_owned());
            }
        }
    }
    keys
}

/// Every literal of the form of a key.
fn literals(source: &str) -> BTreeSet<String> {
    let form = |text: &&str| {
        text.contains('-')
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
    };
    source.split('"').filter(form).map(str::to_owned).collect()
}

/// The keys of a language, as its files state them.
fn stated(language: &str) -> BTreeSet<String> {
    let mut sources = Vec::new();
    files(&format!("locales/{language}"), ".ftl", &mut sources);
    let key = |line: &str| {
        let (key, _) = line.split_once(" =")?;
        let plain = key.starts_with(|c: char| c.is_ascii_lowercase());
        plain.then(|| key.to_owned())
    };
    sources.iter().flat_map(|source| source.lines()).filter_map(key).collect()
}

fn sources() -> Vec<String> {
    let mut sources = Vec::new();
    files("templates", ".html", &mut sources);
    files("src", ".rs", &mut sources);
    // What tests of modules say is no page.
    sources.iter().map(|s| s.split("#[cfg(test)]").next().unwrap().to_owned()).collect()
}

#[test]
fn no_message_is_stated_twice() {
    for language in ["en", "zh"] {
        let mut sources = Vec::new();
        files(&format!("locales/{language}"), ".ftl", &mut sources);
        let keys = sources.iter().flat_map(|source| source.lines()).filter_map(|line| {
            let (key, _) = line.split_once(" =")?;
            key.starts_with(|c: char| c.is_ascii_lowercase()).then(|| key.to_owned())
        });
        let mut seen = BTreeSet::new();
        // The later would hide the earlier, wherever that is shown.
        let twice: Vec<String> = keys.filter(|key| !seen.insert(key.clone())).collect();
        assert_eq!(twice, Vec::<String>::new(), "{language}");
    }
}

#[test]
fn both_languages_have_the_same_keys() {
    assert_eq!(stated("en"), stated("zh"));
}

#[test]
fn what_an_end_user_reads_stands_in_all_its_languages() {
    let keys = |language: &str| {
        let path = format!("{}/locales/{language}/link.ftl", env!("CARGO_MANIFEST_DIR"));
        let source = fs::read_to_string(path).unwrap();
        let key = |line: &str| line.split_once(" =").map(|(key, _)| key.to_owned());
        source.lines().filter(|line| line.starts_with("link-")).filter_map(key).collect()
    };
    let english: BTreeSet<String> = keys("en");
    for language in ["de", "es", "fr", "ja", "ko", "zh"] {
        assert_eq!(keys(language), english, "{language}");
    }
}

#[test]
fn every_key_asked_for_is_there() {
    let mut missing = BTreeSet::new();
    let known = stated("en");
    let heads: BTreeSet<&str> = known.iter().filter_map(|key| key.split('-').next()).collect();
    // A literal that begins as keys do is a key, but for class names and the like.
    let other = |text: &str| {
        ["gd-", "govuk-", "content-", "form-"].iter().any(|head| text.starts_with(head))
            || text.ends_with('-')
    };
    for source in sources() {
        let calls = asked(&source).into_iter().filter(|key| key.contains('-'));
        let texts = literals(&source).into_iter().filter(|text| {
            text.split('-').next().is_some_and(|head| heads.contains(head)) && !other(text)
        });
        for key in calls.chain(texts) {
            if !known.contains(&key) && !FAMILIES.contains(&key.as_str()) {
                missing.insert(key);
            }
        }
    }
    // Names of things that are not words.
    for name in [
        "delivery-mail",
        "file-error",
        "file-hint",
        "file-title",
        "file-form",
        "balance-heading",
        "findings-heading",
        "gaps-title",
        "rows-title",
        "sign-title",
        "theme-color",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    ] {
        missing.remove(name);
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_message_is_asked_for() {
    let sources = sources();
    let literals: BTreeSet<String> = sources.iter().flat_map(|source| literals(source)).collect();
    let single: BTreeSet<String> = sources.iter().flat_map(|source| asked(source)).collect();
    let used = |key: &String| {
        literals.contains(key)
            || single.contains(key)
            || key.starts_with("stop-")
            || key.starts_with("problem-case_changed-")
            || FAMILIES.iter().any(|family| key.starts_with(&format!("{family}-")))
    };
    let idle: Vec<String> = stated("en").into_iter().filter(|key| !used(key)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn every_stop_and_problem_has_a_title_and_a_text() {
    let codes = [
        "not_found",
        "sign_in",
        "form_expired",
        "second_factor",
        "prove_again",
        "fields",
        "method",
        "too_large",
        "document_too_large",
        "document_waiting",
        "document_scan_failed",
        "document_infected",
        "too_slow",
        "too_many",
        "key_reused",
        "key_busy",
        "media_type",
        "fault",
    ];
    for language in Language::ALL {
        for code in codes {
            for kind in ["title", "text"] {
                let page = ["key_reused", "key_busy", "media_type"].contains(&code);
                let key = format!("{}-{code}-{kind}", if page { "problem" } else { "stop" });
                assert!(language.text().has(&key), "{key} in {}", language.code());
                let problem = format!("problem-{code}-{kind}");
                assert!(
                    code == "form_expired" || language.text().has(&problem),
                    "{problem} in {}",
                    language.code()
                );
            }
        }
        assert!(language.text().has("problem-all_rejected-title"));
        assert!(language.text().has("problem-case_changed-title"));
        assert!(language.text().has("problem-case_changed-text"));
    }
}
