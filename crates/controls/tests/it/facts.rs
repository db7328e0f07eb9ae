//! Every item of the pack by its own wording, on the days on which its status turns.

use std::collections::BTreeMap;

use base::Date;
use base::time::date_parse;
use controls::{AsOf, Classifier, Confidence, ControlItem, Good, Kind, Pack, Status};

use crate::packs::carried;

fn day(text: &str) -> Date {
    date_parse(text).unwrap()
}

/// The same answer however the good is put: with and without HS code and form, in both languages.
fn goods(item: &ControlItem) -> Vec<Good> {
    let kind = controls::vocabulary::Vocabulary::common().forms_of(item.kinds).next();
    let kind = kind.map_or(String::new(), |f| f.kind.clone());
    let hs = item.hs.first().cloned().unwrap_or_default();
    let mut goods = Vec::new();
    for name in [&item.item_en, &item.item_zh] {
        for (hs, form) in [("", ""), (hs.as_str(), ""), ("", kind.as_str()), (&hs, &kind)] {
            goods.push(Good { hs: hs.to_owned(), form: form.to_owned(), ..Good::named(name) });
        }
    }
    goods
}

fn check_item(pack: &Pack, classifier: &Classifier<'_>, item: &ControlItem) {
    let as_of = classifier.as_of();
    let date = as_of.date;
    let status = pack.list.status(item, as_of);
    for good in goods(item) {
        let answer = classifier.classify(&good);
        let what =
            format!("{} as `{}` `{}` on {date}: {answer:?}", item.label(), good.name, good.form);
        let own = |instrument: &str, code: &str, no: &str| (instrument, code, no) == item.key();
        let found = answer.items.iter().any(|i| own(&i.instrument, &i.control_code, &i.item_no));
        match status {
            Status::InForce { .. } => {
                assert_eq!(answer.answer, Kind::Controlled, "{what}");
                assert!(found, "{what}");
            }
            Status::Unknown { .. } => {
                assert_ne!(answer.answer, Kind::NotControlled, "{what}");
                assert!(
                    answer.unknown.iter().any(|i| own(&i.instrument, &i.control_code, &i.item_no)),
                    "{what}"
                );
            }
            _ => {
                assert!(!found, "{what}");
                if item.fact.confidence == Confidence::High && !item.element.is_empty() {
                    // A magnet of which no family is said may be one of another item.
                    let magnet = answer.refer.iter().any(|r| r.code == "ask_family");
                    assert!(magnet || answer.answer == Kind::NotControlled, "{what}");
                }
            }
        }
        let of = item.element.split(';').collect::<Vec<_>>();
        for other in &answer.items {
            assert!(other.element.split(';').any(|e| of.contains(&e)), "another element: {what}");
        }
        assert_eq!(answer.because.is_some(), answer.answer == Kind::NotControlled, "{what}");
    }
}

#[test]
fn each_item_is_found_by_its_own_wording_on_the_days_its_status_turns() {
    let pack = carried("cn");
    assert_eq!(pack.list.items.len(), 165);
    assert_eq!(
        pack.list.items.iter().filter(|i| i.fact.confidence == Confidence::High).count(),
        91
    );
    let mut prepared: BTreeMap<Date, Classifier<'_>> = BTreeMap::new();
    for item in &pack.list.items {
        if item.scope == controls::list::Scope::MadeElsewhere {
            continue;
        }
        for date in [
            item.valid_from.yesterday().unwrap(),
            item.valid_from,
            day("2025-10-09"),
            day("2025-11-06"),
            day("2025-11-07"),
            day("2025-11-08"),
            day("2026-03-01"),
            day("2026-11-10"),
            day("2026-11-11"),
            day("2026-12-31"),
        ] {
            let classifier =
                prepared.entry(date).or_insert_with(|| Classifier::new(&pack, AsOf::on(date)));
            check_item(&pack, classifier, item);
        }
    }
}

#[test]
fn what_was_not_known_does_not_count() {
    let pack = carried("cn");
    let answer = |name: &str, date: &str, known: &str| {
        let as_of = AsOf { date: day(date), known_at: Some(day(known)) };
        Classifier::new(&pack, as_of).classify(&Good::named(name))
    };
    // The suspension was published on 7 November.
    assert_eq!(answer("holmium metal", "2025-11-08", "2025-11-01").answer, Kind::Controlled);
    assert_eq!(answer("holmium metal", "2025-11-08", "2025-11-07").answer, Kind::NotControlled);
    let before = answer("holmium metal", "2025-11-08", "2025-10-08");
    assert!(before.because.unwrap().render(controls::Language::En).contains("not yet published"));
}

#[test]
fn goods_made_elsewhere_are_mentioned_and_never_not_controlled_when_nobody_knows() {
    let pack = carried("cn");
    let on = |date: &str| {
        Classifier::new(&pack, AsOf::on(day(date))).classify(&Good::named("terbium-iron alloy"))
    };
    assert_eq!(on("2025-06-01").answer, Kind::Refer);
    let october = on("2025-10-15");
    assert!(
        october.check.iter().any(|s| s.render(controls::Language::En).contains("1(3)")),
        "{october:?}"
    );
    assert_eq!(on("2026-11-11").answer, Kind::Unknown);
    let metal = Classifier::new(&pack, AsOf::on(day("2026-11-11")))
        .classify(&Good::named("samarium metal"));
    assert_eq!(metal.answer, Kind::Controlled);
    assert!(metal.unknown.iter().all(|u| u.made_elsewhere));
}
