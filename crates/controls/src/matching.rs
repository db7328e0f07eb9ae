//! Whether an item's wording fits a reading: it does, it does not (with the reason), or it cannot be
//! judged because something is not stated.
//!
//! An element alone controls nothing: kind, partners, family, words and thresholds of the item must fit
//! too. By assay, never by the name of a grade.

use crate::good::{Comparison, Stated};
use crate::list::{ControlItem, Measure, Threshold};
use crate::presence::Presence;
use crate::reading::{Reader, Reading, Value};
use crate::vocabulary::{Elements, Vocabulary};

/// Why an item does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The good holds none of its elements.
    Element,
    /// The assay says so.
    ElementByAssay,
    /// It is another kind of material.
    Kind,
    /// Its alloy partners are others.
    Partner,
    /// It is a magnet of another family.
    Family,
    /// Its words are not in the name.
    Term,
    /// This threshold is not met.
    Threshold(u8),
}

/// What is not stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    Kind,
    Assay,
    AssayRest,
    Limit,
    Contradiction,
    Impurity,
    Family,
    Value(u8),
}

/// What an item and a reading come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fits,
    Lacks { lack: Lack, elements: Elements },
    Differs { why: Why, depth: u8 },
}

/// An item with what was prepared once.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Numbers of its words, group by group.
    pub(crate) terms: Vec<Vec<u32>>,
}

/// How a threshold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    Yes,
    No,
    NotStated,
}

/// Judges an item; `exact` where the name of the good is its very wording.
pub(crate) fn judge(
    item: &ControlItem,
    prepared: &Prepared,
    reader: &Reader,
    reading: &Reading,
    exact: bool,
) -> Verdict {
    let kind_fits = exact || item.kinds & reading.kinds != 0;
    let has_terms = !prepared.terms.is_empty();
    let worded = has_terms
        && prepared.terms.iter().all(|group| group.iter().any(|t| reading.terms.contains(t)));
    let (elements, presence) =
        elements(item, reader, reading, exact, worded && item.elements.is_empty());
    let absent = matches!(presence, Presence::Absent | Presence::AbsentByAssay);
    if absent {
        let why =
            if presence == Presence::AbsentByAssay { Why::ElementByAssay } else { Why::Element };
        let family = item.families == 0 || item.families & reading.families != 0;
        let near = u8::from(kind_fits) + u8::from(kind_fits && family && item.families != 0);
        return Verdict::Differs { why, depth: near };
    }
    if !kind_fits {
        if reading.kinds & !shapes() == 0 && !has_terms && item.kinds & technical() == 0 {
            return Verdict::Lacks { lack: Lack::Kind, elements };
        }
        return Verdict::Differs { why: Why::Kind, depth: 3 };
    }
    if has_terms && !worded && !exact {
        return Verdict::Differs { why: Why::Term, depth: 4 };
    }
    if item.families != 0 && !exact {
        if reading.families == 0 {
            return Verdict::Lacks { lack: Lack::Family, elements };
        }
        if item.families & reading.families == 0 {
            return Verdict::Differs { why: Why::Family, depth: 4 };
        }
    }
    if !exact && !partners_fit(item, reader, reading) {
        return Verdict::Differs { why: Why::Partner, depth: 4 };
    }
    for (number, threshold) in item.thresholds.iter().enumerate() {
        match threshold_met(item, threshold, reading, exact) {
            Met::Yes => {}
            Met::No => return Verdict::Differs { why: Why::Threshold(number as u8), depth: 6 },
            Met::NotStated => return Verdict::Lacks { lack: Lack::Value(number as u8), elements },
        }
    }
    let lack = match presence {
        Presence::Unstated => Lack::Assay,
        Presence::UnstatedRest => Lack::AssayRest,
        Presence::LimitTooHigh => Lack::Limit,
        Presence::Contradiction => Lack::Contradiction,
        Presence::Trace => Lack::Impurity,
        _ => return Verdict::Fits,
    };
    Verdict::Lacks { lack, elements }
}

/// Ranked kinds are told from shapes such as powder.
fn shapes() -> u64 {
    kinds_where(|rank| rank == 0)
}

/// Technology, equipment and products: an item about them never hangs on the form being stated.
fn technical() -> u64 {
    kinds_where(|rank| rank >= 80)
}

fn kinds_where(wanted: impl Fn(u8) -> bool) -> u64 {
    let forms = Vocabulary::common().forms.iter().enumerate();
    forms.filter(|(_, f)| wanted(f.rank)).fold(0, |set, (i, _)| set | 1 << i)
}

/// The elements of the item that count, and how present they are: the clearest where any is enough, the
/// least clear where all are needed.
fn elements(
    item: &ControlItem,
    reader: &Reader,
    reading: &Reading,
    exact: bool,
    worded: bool,
) -> (Elements, Presence) {
    if item.elements.is_empty() {
        let present = if worded || exact { Presence::Named } else { Presence::Absent };
        return (Elements::default(), present);
    }
    let mut best: Option<(Elements, Presence)> = None;
    for z in item.elements.iter() {
        let mut presence = reader.presence(reading, z);
        if exact
            && matches!(presence, Presence::Absent | Presence::Unstated | Presence::UnstatedRest)
        {
            presence = Presence::Named;
        }
        let one = Elements::one(z);
        best = Some(match best {
            None => (one, presence),
            Some((set, other)) if clarity(other) == clarity(presence) => (set.with(one), other),
            Some((_, other)) if (clarity(presence) > clarity(other)) != item.elements_all => {
                (one, presence)
            }
            Some(best) => best,
        });
    }
    best.unwrap_or((Elements::default(), Presence::Absent))
}

fn clarity(presence: Presence) -> u8 {
    match presence {
        Presence::Present => 9,
        Presence::Named => 8,
        Presence::Contradiction => 7,
        Presence::Trace => 6,
        Presence::LimitTooHigh => 5,
        Presence::UnstatedRest => 4,
        Presence::Unstated => 3,
        Presence::AbsentByAssay => 2,
        Presence::Absent => 1,
    }
}

/// Partners by name, where the name names any metal beside the item's elements; else by assay, where they
/// and the item's elements make up half of the mass or more. An item that names none is of the element
/// alone, where it is a metal, an alloy or a target.
fn partners_fit(item: &ControlItem, reader: &Reader, reading: &Reading) -> bool {
    let (named, assayed) = reader.partners(reading);
    let beside = named.without(item.elements);
    if item.partners.is_empty() {
        let alone = kind_bits(&["target"]);
        return item.kinds & alone == 0
            || !item.terms.is_empty()
            || item.elements.iter().count() > 1
            || beside.is_empty();
    }
    item.partners.iter().any(|partners| {
        if !beside.is_empty() {
            return beside == *partners;
        }
        let own = item.elements.with(*partners);
        let mass: u64 = own.iter().map(|z| u64::from(reading.ppb(z))).sum();
        partners.without(assayed).is_empty() && mass * 2 >= u64::from(base::composition::WHOLE_PPB)
    })
}

pub(crate) fn kind_bits(codes: &[&str]) -> u64 {
    let vocabulary = Vocabulary::common();
    codes.iter().filter_map(|c| vocabulary.kind(c)).fold(0, |set, k| set | 1 << k)
}

/// The value that bears on a threshold.
pub(crate) fn threshold_value(
    item: &ControlItem,
    threshold: &Threshold,
    reading: &Reading,
) -> Option<Value> {
    match threshold.measure {
        Measure::Share(z) => {
            let ppb = reading.ppb(z);
            let assay = Stated { comparison: Comparison::Equal, value: i64::from(ppb) * 100 };
            match ppb {
                0 => reading.shares.iter().find(|(e, _)| *e == z).map(|(_, v)| *v),
                _ => Some(Value { stated: assay, field: "composition" }),
            }
        }
        Measure::Parameter(parameter) => {
            let stated =
                reading.values.iter().rev().find(|(p, _)| *p == parameter).map(|(_, v)| *v);
            let vocabulary = Vocabulary::common();
            let purity = vocabulary.parameter("purity_pct") == Some(parameter);
            stated.or_else(|| purity.then(|| reading.purity(item.elements)).flatten())
        }
    }
}

fn threshold_met(item: &ControlItem, threshold: &Threshold, reading: &Reading, exact: bool) -> Met {
    match threshold_value(item, threshold, reading) {
        // The words of the item are its thresholds; only what is stated beside the name says otherwise.
        Some(value) if exact && value.field == "name" => Met::Yes,
        Some(value) => met(value.stated, threshold),
        None if exact => Met::Yes,
        None => Met::NotStated,
    }
}

/// Whether all numbers that the statement allows meet the limit, none does, or some do.
pub(crate) fn met(stated: Stated, threshold: &Threshold) -> Met {
    use Comparison::{Above, AtLeast, AtMost, Below, Equal};
    let (value, limit) = (stated.value, threshold.limit);
    let holds = match threshold.comparison {
        Equal => value == limit,
        AtLeast => value >= limit,
        Above => value > limit,
        AtMost => value <= limit,
        Below => value < limit,
    };
    let yes = |met: bool| if met { Met::Yes } else { Met::No };
    match (stated.comparison, threshold.comparison) {
        (Equal, _) => yes(holds),
        (AtLeast, AtLeast | Above) | (AtMost, AtMost | Below) if holds => Met::Yes,
        (Above, AtLeast | Above) if value >= limit => Met::Yes,
        (Below, AtMost | Below) if value <= limit => Met::Yes,
        (AtMost, AtLeast | Above) | (AtLeast, AtMost | Below) if !holds => Met::No,
        (Below, AtLeast | Above) if value <= limit => Met::No,
        (Above, AtMost | Below) if value >= limit => Met::No,
        _ => Met::NotStated,
    }
}
