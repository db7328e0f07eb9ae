//! Two versions of a control list side by side: what changes in its wording, and for which goods.

use base::Date;
use serde::Serialize;

use crate::answer::{Answer, Kind};
use crate::classify::Classifier;
use crate::good::Good;
use crate::list::{ControlItem, ControlList};
use crate::pack::Pack;
use crate::status::AsOf;

/// A run of words of a redline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", content = "words", rename_all = "snake_case")]
pub enum Run {
    /// In both.
    Kept(String),
    /// Only in the old version.
    Removed(String),
    /// Only in the new version.
    Added(String),
}

/// How an item changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemChange {
    /// Instrument.
    pub instrument: String,
    /// How one speaks of the item.
    pub label: String,
    /// `added`, `removed`, `changed`.
    pub change: &'static str,
    /// Columns that differ, with the old and the new text.
    pub columns: Vec<(&'static str, String, String)>,
    /// The wording in English as a redline.
    pub wording_en: Vec<Run>,
    /// The wording in Chinese as a redline, character by character.
    pub wording_zh: Vec<Run>,
}

/// What changes for a good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodChange {
    /// Nothing.
    Same,
    /// Controlled now.
    BecameControlled,
    /// Controlled no longer.
    NoLonger,
    /// Controlled by other items.
    OtherItem,
    /// The answer is another one between unknown, refer and not controlled.
    OtherAnswer,
}

/// A good under both lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoodCompared {
    /// The asker's own reference.
    pub id: String,
    /// What changes.
    pub change: GoodChange,
    /// Under the old list.
    pub old: Answer,
    /// Under the new list.
    pub new: Answer,
}

/// Answers each good under both packs on a day: what becomes controlled, what no longer, what by another
/// item. Lazy: memory does not grow with the goods.
pub fn compare<'p, I>(
    old: &'p Pack,
    new: &'p Pack,
    date: Date,
    goods: I,
) -> impl Iterator<Item = GoodCompared> + use<'p, I>
where
    I: Iterator<Item = Good>,
{
    let before = Classifier::new(old, AsOf::on(date));
    let after = Classifier::new(new, AsOf::on(date));
    goods.map(move |good| {
        let (old, new) = (before.classify(&good), after.classify(&good));
        let keys = |answer: &Answer| -> Vec<(String, String, String)> {
            let mut keys: Vec<_> = answer
                .items
                .iter()
                .map(|i| (i.instrument.clone(), i.control_code.clone(), i.item_no.clone()))
                .collect();
            keys.sort();
            keys
        };
        let change = match (old.answer == Kind::Controlled, new.answer == Kind::Controlled) {
            (false, true) => GoodChange::BecameControlled,
            (true, false) => GoodChange::NoLonger,
            (true, true) if keys(&old) != keys(&new) => GoodChange::OtherItem,
            (false, false) if old.answer != new.answer => GoodChange::OtherAnswer,
            _ => GoodChange::Same,
        };
        GoodCompared { id: good.id, change, old, new }
    })
}

/// How the items of two lists differ, in the order of the new list, removed ones last.
#[must_use]
pub fn redline(old: &ControlList, new: &ControlList) -> Vec<ItemChange> {
    // Later rows of the same key are later intervals; they are paired in their order.
    let nth = |list: &ControlList, at: usize| {
        list.items[..at].iter().filter(|i| i.key() == list.items[at].key()).count()
    };
    let find = |list: &'_ ControlList, item: &ControlItem, number: usize| {
        list.items
            .iter()
            .enumerate()
            .filter(|(_, i)| i.key() == item.key())
            .nth(number)
            .map(|(at, _)| at)
    };
    let mut changes = Vec::new();
    for (at, item) in new.items.iter().enumerate() {
        match find(old, item, nth(new, at)) {
            None => changes.push(change(None, Some(item))),
            Some(before) => {
                let one = change(old.items.get(before), Some(item));
                if !one.columns.is_empty() {
                    changes.push(one);
                }
            }
        }
    }
    for (at, item) in old.items.iter().enumerate() {
        if find(new, item, nth(old, at)).is_none() {
            changes.push(change(Some(item), None));
        }
    }
    changes
}

fn change(old: Option<&ControlItem>, new: Option<&ControlItem>) -> ItemChange {
    let columns = |item: &ControlItem| -> Vec<(&'static str, String)> {
        let thresholds: Vec<String> = item
            .thresholds
            .iter()
            .map(|t| format!("{} {}", crate::classify::measure_text(t.measure), t.limit_text()))
            .collect();
        vec![
            ("item_en", item.item_en.clone()),
            ("item_zh", item.item_zh.clone()),
            ("element", item.element.clone()),
            (
                "kinds",
                crate::vocabulary::Vocabulary::common()
                    .forms_of(item.kinds)
                    .map(|f| f.kind.as_str())
                    .collect::<Vec<_>>()
                    .join(";"),
            ),
            (
                "partners",
                item.partners
                    .iter()
                    .map(|p| crate::vocabulary::Vocabulary::common().symbols_text(*p))
                    .collect::<Vec<_>>()
                    .join(" | "),
            ),
            ("magnet_families", format!("{:b}", item.families)),
            ("terms", item.terms.iter().map(|g| g.join("|")).collect::<Vec<_>>().join(" & ")),
            ("thresholds", thresholds.join("; ")),
            ("unless_controlled_by", item.unless_controlled_by.join(";")),
            ("form_note", item.form_note.clone()),
            ("hs", item.hs.join(";")),
            ("valid_from", item.valid_from.to_string()),
            ("valid_to", item.valid_to.map_or(String::new(), |d| d.to_string())),
            ("published", item.published.to_string()),
            ("citation", item.fact.citation.clone()),
            ("confidence", item.fact.confidence.code().to_owned()),
        ]
    };
    let before = old.map(&columns);
    let after = new.map(&columns);
    let differing = match (&before, &after) {
        (Some(before), Some(after)) => before
            .iter()
            .zip(after)
            .filter(|(b, a)| b.1 != a.1)
            .map(|(b, a)| (b.0, b.1.clone(), a.1.clone()))
            .collect(),
        _ => Vec::new(),
    };
    let text = |item: Option<&ControlItem>, zh: bool| {
        item.map_or(String::new(), |i| if zh { i.item_zh.clone() } else { i.item_en.clone() })
    };
    let words = |text: &str| text.split_inclusive(' ').map(str::to_owned).collect::<Vec<_>>();
    let letters = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
    let item = new.or(old);
    ItemChange {
        instrument: item.map_or(String::new(), |i| i.instrument.clone()),
        label: item.map_or(String::new(), ControlItem::label),
        change: match (old, new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        },
        columns: differing,
        wording_en: runs(&words(&text(old, false)), &words(&text(new, false))),
        wording_zh: runs(&letters(&text(old, true)), &letters(&text(new, true))),
    }
}

/// The longest common subsequence of two wordings as runs.
fn runs(old: &[String], new: &[String]) -> Vec<Run> {
    let mut longest = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = if old[i].trim() == new[j].trim() {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut push = |run: Run| match (runs.last_mut(), run) {
        (Some(Run::Kept(text)), Run::Kept(more))
        | (Some(Run::Removed(text)), Run::Removed(more))
        | (Some(Run::Added(text)), Run::Added(more)) => text.push_str(&more),
        (_, run) => runs.push(run),
    };
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i].trim() == new[j].trim() {
            push(Run::Kept(new[j].clone()));
            (i, j) = (i + 1, j + 1);
        } else if j >= new.len() || i < old.len() && longest[i + 1][j] >= longest[i][j + 1] {
            push(Run::Removed(old[i].clone()));
            i += 1;
        } else {
            push(Run::Added(new[j].clone()));
            j += 1;
        }
    }
    runs
}
