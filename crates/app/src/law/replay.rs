//! What a new version of a control list would change: the exports of twelve months, judged by both.
//!
//! Before a list takes effect, each good that was exported in the twelve months before is classified under
//! the list in force and under the draft, both as of the day on which the draft is to apply. What changes is
//! told by product, party and licence, with the exports that named no licence and would need one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::composition::AssayValue;
use base::{Common, Date};
use controls::answer::{Answer, Kind};
use controls::compare::GoodChange;
use controls::good::Assayed;
use controls::vocabulary::Vocabulary;
use controls::{Good, Pack, compare};
use jiff::ToSpan;
use serde::Serialize;

use super::exported::Exported;

/// The most lots named for one product.
const LOTS_SHOWN: usize = 5;

/// A product whose answer changes, of all who exported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProductChange {
    /// What changes.
    pub change: GoodChange,
    /// Product as filed, grade, stage.
    pub product: String,
    /// Magnet grade as filed.
    pub grade: String,
    /// Stage code.
    pub stage: String,
    /// The answer by the list in force: items, or the answer in a word.
    pub before: Vec<String>,
    /// The answer by the draft.
    pub after: Vec<String>,
    /// Exports of it.
    pub exports: u64,
    /// Their net mass, mg.
    pub mass_mg: i128,
    /// Who exported it.
    pub parties: BTreeSet<String>,
    /// Where it went, ISO 3166-1 alpha-2.
    pub destinations: BTreeSet<String>,
    /// Licences that were named: the cases that it touches.
    pub licences: BTreeSet<String>,
    /// Exports that named no licence.
    pub without_licence: u64,
    /// Some of its lots.
    pub lots: Vec<String>,
}

/// What the replay found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// First day of the exports.
    pub from: Date,
    /// Last day of the exports.
    pub to: Date,
    /// The day as of which both lists were asked.
    pub on: Date,
    /// Exports judged.
    pub exports: u64,
    /// Exports of which the answer changes.
    pub exports_changed: u64,
    /// Parties concerned.
    pub parties: BTreeSet<String>,
    /// Licences concerned.
    pub licences: BTreeSet<String>,
    /// Exports that become controlled and named no licence.
    pub would_need_licence: u64,
    /// The changes, those that become controlled first, then by exports.
    pub products: Vec<ProductChange>,
}

/// The twelve months up to a day, both days inclusive.
#[must_use]
pub fn twelve_months(to: Date) -> (Date, Date) {
    let before = to.checked_sub(12.months()).unwrap_or(to);
    (before.tomorrow().unwrap_or(before), to)
}

/// The day as of which a draft is asked: the last on which it changes something that the list in force does
/// not; without one, `today`.
#[must_use]
pub fn day_asked(old: &Pack, new: &Pack, today: Date) -> Date {
    let known: BTreeSet<Date> = old.list.change_dates().into_iter().collect();
    let fresh = new.list.change_dates().into_iter().filter(|date| !known.contains(date));
    fresh.max().map_or(today, |date| date.max(today))
}

/// A good as the control list reads it.
pub(crate) fn good_of(export: &Exported, id: usize) -> Good {
    let (common, vocabulary) = (Common::embedded(), Vocabulary::common());
    let assayed = |&(element, ppb): &(base::Element, u32)| {
        let z = vocabulary.symbol(common.symbol(element))?;
        Some(Assayed { z, value: AssayValue::Ppb(ppb), element_ppb: ppb, oxide: false })
    };
    let assay = export.composition.iter().flatten().filter_map(assayed).collect();
    Good {
        id: id.to_string(),
        name: export.product.clone(),
        hs: export.hs.clone(),
        grade: export.grade.clone(),
        form: export.stage.clone(),
        assay,
        ..Good::default()
    }
}

/// What of an answer is told: its items, or the answer in a word.
fn told(answer: &Answer) -> Vec<String> {
    if !answer.items.is_empty() {
        let label = |code: &str, number: &str, instrument: &str| {
            let code = if code.is_empty() { instrument } else { code };
            format!("{code} {number}").trim_end().to_owned()
        };
        let items = answer.items.iter();
        return items.map(|i| label(&i.control_code, &i.item_no, &i.instrument)).collect();
    }
    let word = match answer.answer {
        Kind::Controlled => "controlled",
        Kind::NotControlled => "not_controlled",
        Kind::Unknown => "unknown",
        Kind::Refer => "refer",
    };
    vec![word.to_owned()]
}

/// How urgent a change is to know.
fn rank(change: GoodChange) -> u8 {
    match change {
        GoodChange::BecameControlled => 0,
        GoodChange::NoLonger => 1,
        GoodChange::OtherItem => 2,
        GoodChange::OtherAnswer => 3,
        GoodChange::Same => 4,
    }
}

/// What makes two exports one good: all that a list looks at.
type Described<'e> = (&'e str, &'e str, &'e str, &'e str, &'e Option<Vec<(base::Element, u32)>>);

fn described(export: &Exported) -> Described<'_> {
    (&export.product, &export.grade, &export.stage, &export.hs, &export.composition)
}

/// The order of products in the answer: urgency, product, grade, stage, what it was and what it becomes.
type ProductKey<'r> = (u8, &'r str, &'r str, &'r str, &'r [String], &'r [String]);

/// Judges exports by two lists as of a day.
#[must_use]
pub fn replay(
    old: &Pack,
    new: &Pack,
    on: Date,
    (from, to): (Date, Date),
    exports: &[Exported],
) -> Replay {
    // Each good is judged once, however often it was exported.
    let mut goods: HashMap<Described<'_>, usize> = HashMap::new();
    let mut first: Vec<usize> = Vec::new();
    let of_export: Vec<usize> = exports
        .iter()
        .enumerate()
        .map(|(at, export)| {
            *goods.entry(described(export)).or_insert_with(|| {
                first.push(at);
                first.len() - 1
            })
        })
        .collect();
    let asked =
        first.iter().enumerate().filter_map(|(id, at)| Some(good_of(exports.get(*at)?, id)));
    let compared: Vec<(GoodChange, Vec<String>, Vec<String>)> = compare(old, new, on, asked)
        .map(|good| (good.change, told(&good.old), told(&good.new)))
        .collect();
    let mut replay = Replay {
        from,
        to,
        on,
        exports: exports.len() as u64,
        exports_changed: 0,
        parties: BTreeSet::new(),
        licences: BTreeSet::new(),
        would_need_licence: 0,
        products: Vec::new(),
    };
    let mut products: BTreeMap<ProductKey<'_>, ProductChange> = BTreeMap::new();
    for (export, good) in exports.iter().zip(&of_export) {
        let Some((change, before, after)) = compared.get(*good) else { continue };
        if *change == GoodChange::Same {
            continue;
        }
        replay.exports_changed += 1;
        replay.parties.insert(export.filer.clone());
        let licensed = !export.licence.is_empty();
        if licensed {
            replay.licences.insert(export.licence.clone());
        } else if *change == GoodChange::BecameControlled {
            replay.would_need_licence += 1;
        }
        let key = (
            rank(*change),
            export.product.as_str(),
            export.grade.as_str(),
            export.stage.as_str(),
            before.as_slice(),
            after.as_slice(),
        );
        let product = products.entry(key).or_insert_with(|| ProductChange {
            change: *change,
            product: export.product.clone(),
            grade: export.grade.clone(),
            stage: export.stage.clone(),
            before: before.clone(),
            after: after.clone(),
            exports: 0,
            mass_mg: 0,
            parties: BTreeSet::new(),
            destinations: BTreeSet::new(),
            licences: BTreeSet::new(),
            without_licence: 0,
            lots: Vec::new(),
        });
        product.exports += 1;
        product.mass_mg += i128::from(export.mass_mg);
        product.parties.insert(export.filer.clone());
        if !export.destination.is_empty() {
            product.destinations.insert(export.destination.clone());
        }
        if licensed {
            product.licences.insert(export.licence.clone());
        } else {
            product.without_licence += 1;
        }
        if product.lots.len() < LOTS_SHOWN {
            product.lots.push(export.lot.clone());
        }
    }
    replay.products = products.into_values().collect();
    replay.products.sort_by_key(|p| (rank(p.change), std::cmp::Reverse(p.exports)));
    replay
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::draft::Table;
    use crate::packs::pack_carried;

    fn export(filer: &str, dy_ppb: u32, licence: &str) -> Exported {
        let common = Common::embedded();
        let of = |symbol: &str| common.element(symbol).unwrap();
        Exported {
            filer: filer.to_owned(),
            reference: "X".to_owned(),
            date: Date::constant(2026, 1, 5),
            lot: format!("{filer}-{dy_ppb}"),
            stage: "finished_magnet".to_owned(),
            composition: Some(vec![(of("Nd"), 280_000_000), (of("Dy"), dy_ppb)]),
            product: "sintered magnets".to_owned(),
            grade: "N".to_owned(),
            hs: "8505111000".to_owned(),
            destination: "XB".to_owned(),
            licence: licence.to_owned(),
            declaration: String::new(),
            customer: String::new(),
            pieces: None,
            mass_mg: 1_000_000,
        }
    }

    /// A list out of which every item about magnets is taken: what was controlled is no longer.
    #[test]
    fn products_parties_and_cases_that_change_are_told() {
        let files = pack_carried("demo").unwrap();
        let mut without = files.clone();
        let mut table = Table::read(&files, "items.csv").unwrap();
        let kinds = table.columns.iter().position(|c| c == "kinds").unwrap();
        table.rows.retain(|row| !row[kinds].contains("magnet"));
        assert!(table.rows.len() < Table::read(&files, "items.csv").unwrap().rows.len());
        table.write(&mut without).unwrap();
        let (full, _) = Pack::read(&files);
        let (bare, _) = Pack::read(&without);
        let exports = [
            export("gad:a", 40_000_000, "L-1/1"),
            export("gad:a", 40_000_000, ""),
            export("gad:b", 40_000_000, ""),
            Exported {
                product: "ferrite magnets".to_owned(),
                composition: None,
                grade: String::new(),
                ..export("gad:c", 0, "")
            },
        ];
        let on = Date::constant(2026, 6, 1);
        let window = twelve_months(on);
        assert_eq!(window, (Date::constant(2025, 6, 2), on));
        let found = replay(&bare, &full, on, window, &exports);
        assert_eq!((found.exports, found.exports_changed, found.would_need_licence), (4, 3, 2));
        let parties: Vec<&str> = found.parties.iter().map(String::as_str).collect();
        assert_eq!(parties, ["gad:a", "gad:b"]);
        assert_eq!(found.licences.iter().collect::<Vec<_>>(), ["L-1/1"]);
        let product = &found.products[0];
        assert_eq!((product.change, product.exports), (GoodChange::BecameControlled, 3));
        assert_eq!((product.mass_mg, product.without_licence), (3_000_000, 2));
        assert_ne!(product.before, product.after);
        let back = replay(&full, &bare, on, window, &exports);
        assert_eq!(back.products[0].change, GoodChange::NoLonger);
        assert_eq!(back.would_need_licence, 0);
        let same = replay(&full, &full, on, window, &exports);
        assert_eq!((same.exports_changed, same.products.len()), (0, 0));
    }

    #[test]
    fn a_draft_is_asked_on_the_day_on_which_it_changes_something() {
        let files = pack_carried("demo").unwrap();
        let (old, _) = Pack::read(&files);
        let today = Date::constant(2026, 6, 1);
        assert_eq!(day_asked(&old, &old, today), today);
        let mut table = Table::read(&files, "items.csv").unwrap();
        let from = table.columns.iter().position(|c| c == "valid_from").unwrap();
        table.rows[0][from] = "2027-03-01".to_owned();
        let mut changed = files.clone();
        table.write(&mut changed).unwrap();
        assert_eq!(day_asked(&old, &Pack::read(&changed).0, today), Date::constant(2027, 3, 1));
    }
}
