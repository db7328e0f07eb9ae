//! What is wrong with a pack beyond single cells: intervals, references, duplicates.

use std::collections::{BTreeMap, BTreeSet};

use crate::PackFault;
use crate::list::{Afterwards, ControlItem, Suspension};
use crate::pack::Pack;

const ITEMS: &str = "items.csv";
const SUSPENSIONS: &str = "suspensions.csv";

pub(crate) fn fault(
    file: &str,
    line: u32,
    field: &str,
    code: &'static str,
    message: String,
    accepted: &str,
) -> PackFault {
    PackFault {
        file: file.to_owned(),
        line,
        field: field.to_owned(),
        code,
        message,
        accepted: accepted.to_owned(),
    }
}

/// Checks what a pack says against itself.
pub(crate) fn check(pack: &Pack, faults: &mut Vec<PackFault>) {
    items(pack, faults);
    suspensions(pack, faults);
    references(pack, faults);
    for rule in pack.content.rules.iter().filter(|r| !r.instrument.is_empty()) {
        if pack.list.instrument(&rule.instrument).is_none() {
            let field = format!("{}.instrument", rule.id);
            let message = format!("`{}` is not in instruments.csv", rule.instrument);
            faults.push(fault(
                "content_rules.toml",
                rule.line,
                &field,
                "instrument_unknown",
                message,
                "an instrument of instruments.csv",
            ));
        }
    }
}

fn items(pack: &Pack, faults: &mut Vec<PackFault>) {
    let mut known = Known::new();
    for item in &pack.list.items {
        if pack.list.instrument(&item.instrument).is_none() {
            let message = format!("`{}` is not in instruments.csv", item.instrument);
            faults.push(fault(
                ITEMS,
                item.line,
                "instrument",
                "instrument_unknown",
                message,
                "an instrument of instruments.csv, in the same spelling",
            ));
        }
        for (field, text) in [("item_en", &item.item_en), ("item_zh", &item.item_zh)] {
            if text.is_empty() {
                let message = format!("{} has no wording here", item.label());
                faults.push(fault(
                    ITEMS,
                    item.line,
                    field,
                    "translation_missing",
                    message,
                    "the wording of the item in both languages",
                ));
            }
        }
        if item.kinds == 0 && !item.reserved {
            let message = format!("{} names no kind of material", item.label());
            faults.push(fault(
                ITEMS,
                item.line,
                "kinds",
                "kind_missing",
                message,
                "kinds of packs/common/forms.csv, separated by `;`",
            ));
        }
        if item.elements.is_empty() && item.terms.is_empty() && !item.reserved {
            let message = format!(
                "{} names neither elements nor words: it would fit everything",
                item.label()
            );
            faults.push(fault(
                ITEMS,
                item.line,
                "element",
                "item_unbounded",
                message,
                "`element`, or `terms` such as `rare earth & furnace|mill`",
            ));
        }
        if let Some(to) = item.valid_to.filter(|to| *to < item.valid_from) {
            let message = format!("`{to}` is before the first day `{}`", item.valid_from);
            faults.push(fault(
                ITEMS,
                item.line,
                "valid_to",
                "dates_reversed",
                message,
                "a last day that is not before the first",
            ));
        }
        for code in item
            .hs
            .iter()
            .filter(|c| c.len() < 4 || c.len() > 12 || !c.bytes().all(|b| b.is_ascii_digit()))
        {
            faults.push(fault(
                ITEMS,
                item.line,
                "hs",
                "code_unknown",
                format!("`{code}` is no HS code"),
                "4 to 12 digits, codes separated by `;`",
            ));
        }
        known.entry(item.key()).or_default().push(item);
    }
    duplicates(&known, faults);
}

/// Items of a list by what tells them apart.
type Known<'p> = BTreeMap<(&'p str, &'p str, &'p str), Vec<&'p ControlItem>>;

fn duplicates(known: &Known<'_>, faults: &mut Vec<PackFault>) {
    for same in known.values().filter(|same| same.len() > 1) {
        for (number, item) in same.iter().enumerate() {
            for other in &same[..number] {
                let apart = other.valid_to.is_some_and(|to| to < item.valid_from)
                    || item.valid_to.is_some_and(|to| to < other.valid_from);
                if apart {
                    continue;
                }
                let (code, what) = if other.valid_from == item.valid_from {
                    ("duplicate", "the same item")
                } else {
                    ("interval_overlap", "an overlapping interval of the same item")
                };
                let message = format!("{} is {what} as in line {}", item.label(), other.line);
                faults.push(fault(
                    ITEMS,
                    item.line,
                    "item_no",
                    code,
                    message,
                    "each item once, or intervals of validity that do not overlap",
                ));
            }
        }
    }
}

fn suspensions(pack: &Pack, faults: &mut Vec<PackFault>) {
    let all = &pack.list.suspensions;
    for (number, one) in all.iter().enumerate() {
        if one.to < one.from {
            let message = format!("`{}` is before the first day `{}`", one.to, one.from);
            faults.push(fault(
                SUSPENSIONS,
                one.line,
                "to",
                "dates_reversed",
                message,
                "a last day that is not before the first",
            ));
        }
        for (field, name) in [("instrument", &one.instrument), ("suspends", &one.suspends)] {
            if pack.list.instrument(name).is_none() {
                faults.push(fault(
                    SUSPENSIONS,
                    one.line,
                    field,
                    "instrument_unknown",
                    format!("`{name}` is not in instruments.csv"),
                    "an instrument of instruments.csv, in the same spelling",
                ));
            }
        }
        if one.afterwards == Afterwards::Unknown {
            let whys = [
                ("afterwards_why", &one.afterwards_why),
                ("afterwards_why_zh", &one.afterwards_why_zh),
            ];
            for (field, _) in whys.into_iter().filter(|(_, why)| why.is_empty()) {
                faults.push(fault(
                    SUSPENSIONS,
                    one.line,
                    field,
                    "translation_missing",
                    format!("what holds afterwards is `unknown`, and `{field}` is empty"),
                    "why it is not known, in both languages",
                ));
            }
        }
        let named = !one.control_code.is_empty() || !one.item_no.is_empty();
        if named && !pack.list.items.iter().any(|item| one.concerns(item)) {
            let message =
                format!("`{} {}` is no item of `{}`", one.control_code, one.item_no, one.suspends);
            faults.push(fault(
                SUSPENSIONS,
                one.line,
                "control_code",
                "code_unknown",
                message,
                "an item of items.csv, or nothing for all of the instrument",
            ));
        }
        let same = |other: &Suspension| {
            other.suspends == one.suspends
                && other.control_code == one.control_code
                && other.item_no == one.item_no
        };
        if let Some(other) =
            all[..number].iter().find(|o| same(o) && o.from <= one.to && one.from <= o.to)
        {
            let message = format!(
                "`{}` is suspended from {} to {} already in line {}",
                one.suspends, other.from, other.to, other.line
            );
            faults.push(fault(
                SUSPENSIONS,
                one.line,
                "from",
                "interval_overlap",
                message,
                "intervals of a suspension that do not overlap",
            ));
        }
    }
}

/// "Not controlled by X" references: each names an item or a code that is known to be elsewhere, and none
/// leads back to itself.
fn references(pack: &Pack, faults: &mut Vec<PackFault>) {
    let codes: BTreeSet<&str> = pack.list.items.iter().map(|i| i.control_code.as_str()).collect();
    let elsewhere: BTreeSet<&str> =
        pack.settings.not_transcribed.iter().map(|n| n.code.as_str()).collect();
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for item in &pack.list.items {
        for code in &item.unless_controlled_by {
            if codes.contains(code.as_str()) {
                edges.entry(&item.control_code).or_default().insert(code);
            } else if !elsewhere.contains(code.as_str()) {
                let message =
                    format!("{} refers to `{code}`, which is not in the list", item.label());
                faults.push(fault(ITEMS, item.line, "unless_controlled_by", "code_unknown", message, "a control code of items.csv, or one named under `not_transcribed` in pack.toml"));
            }
        }
    }
    for item in &pack.list.items {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&str> =
            edges.get(item.control_code.as_str()).into_iter().flatten().copied().collect();
        while let Some(code) = waiting.pop() {
            if code == item.control_code {
                let message = format!("`{code}` refers to itself, by itself or through others");
                faults.push(fault(
                    ITEMS,
                    item.line,
                    "unless_controlled_by",
                    "reference_circular",
                    message,
                    "references that do not lead back",
                ));
                break;
            }
            if seen.insert(code) {
                waiting.extend(edges.get(code).into_iter().flatten().copied());
            }
        }
    }
}
