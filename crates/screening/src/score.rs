//! From an alignment to a score: what each kind of difference takes away, and how that was fitted.
//!
//! The score is a logistic function of a sum: a base, less what each difference costs. It is monotone: more
//! of any difference never raises it. The differences are shares of the weight of both names, so that a
//! name of two words and one of ten are judged alike. A word on one side only is an omission and costs
//! little; a word against another word is a contradiction and costs much.
//!
//! [`Fit`] has the constants, one set for names of persons and one for others. They were fitted by logistic
//! regression with all costs kept at or above zero, on one half of the development queries (those whose
//! FNV-1a hash of the id is even): of each query its best true candidate (weight 1) and its three best false
//! ones (weight 1 each where the query means nobody, else 0.2, for some of these are true and not labelled).
//! The other half was kept for judging. `crates/screening/examples/measure.rs --features` writes the table.

use crate::align::{Alignment, How, Pair};
use crate::asked::Asked;
use crate::index::ListedPart;
use crate::party::NameStrength;
use crate::token::{Kind, Naming};

/// The kinds of difference.
pub(crate) const DIFFERENCES: usize = 12;

/// What is lost in words that are alike but not equal.
pub(crate) const SPELLING: usize = 0;
/// A word against another word.
pub(crate) const CONTRADICTION: usize = 1;
/// Words of the query that the listed name has not.
pub(crate) const MISSING_LISTED: usize = 2;
/// Words of the listed name that the query has not.
pub(crate) const MISSING_ASKED: usize = 3;
/// Numbers that differ.
pub(crate) const NUMBER: usize = 4;
/// A number on one side only.
pub(crate) const NUMBER_MISSING: usize = 5;
/// Little weight of words in common.
pub(crate) const LITTLE: usize = 6;
/// A single word in common, and more on a side.
pub(crate) const SINGLE: usize = 7;
/// The list calls the name weak.
pub(crate) const WEAK: usize = 8;
/// Initials for words.
pub(crate) const INITIALS: usize = 9;
/// Words written together, or initials for a whole name.
pub(crate) const JOINED: usize = 10;
/// What is lost in words so short that a difference may make them others.
pub(crate) const SHORT: usize = 11;

/// Amounts of difference, each 0 or more.
pub(crate) type Differences = [f32; DIFFERENCES];

/// Constants of the score.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    pub(crate) base: f32,
    pub(crate) costs: Differences,
}

const PERSON: Fit = Fit {
    base: 3.91,
    costs: [10.08, 20.42, 11.71, 7.15, 0.00, 0.00, 5.51, 0.00, 3.50, 2.31, 0.76, 5.88],
};

const BODY: Fit = Fit {
    base: 4.02,
    costs: [7.68, 11.50, 7.83, 8.15, 6.84, 4.55, 2.61, 0.00, 1.94, 3.96, 0.40, 2.57],
};

/// The constants for names of persons or of others.
pub(crate) fn fit(naming: Naming) -> &'static Fit {
    match naming {
        Naming::Person => &PERSON,
        Naming::Body => &BODY,
    }
}

/// Weight of common words that counts as much.
const ENOUGH: f32 = 14.0;

/// What is compared, measured.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) differences: Differences,
    /// Weight of the words in common.
    pub(crate) evidence: f32,
}

/// The logistic function.
pub(crate) fn logistic(sum: f32) -> f64 {
    1.0 / (1.0 + f64::from(-sum).exp())
}

impl Fit {
    /// The sum before the logistic function.
    pub(crate) fn sum(&self, measured: &Measured) -> f32 {
        let costs = self.costs.iter().zip(&measured.differences);
        self.base - costs.map(|(cost, amount)| cost * amount).sum::<f32>()
    }
}

/// How much of a pair's weight its likeness leaves.
pub(crate) fn kept(pair: &Pair) -> f32 {
    match pair.how {
        How::Initial | How::Legal | How::Number => 1.0,
        _ => (1.0 - 1.6 * (1.0 - pair.likeness)).clamp(0.0, 1.0),
    }
}

/// Measures an alignment.
pub(crate) fn measure(
    alignment: &Alignment,
    asked: &Asked,
    listed: &[ListedPart],
    strength: NameStrength,
    compact: Option<(u32, usize)>,
) -> Measured {
    let mut matched = 0.0;
    let mut lost = 0.0;
    let mut short = 0.0;
    let mut words = 0;
    let mut initials = 0.0;
    let mut joined = 0.0;
    for pair in &alignment.pairs {
        let kept = kept(pair);
        if pair.how != How::Legal {
            matched += pair.weight * kept;
            lost += pair.weight * (1.0 - kept);
            short += if pair.short { pair.weight * (1.0 - kept) } else { 0.0 };
        }
        match pair.how {
            How::Initial => initials += pair.weight,
            How::Joined => joined += pair.weight,
            How::Acronym => joined += 3.0 * pair.weight,
            _ => {}
        }
        if matches!(pair.how, How::Word | How::Joined | How::Acronym) && pair.weight > 1.0 {
            words += usize::from(pair.asked.1 - pair.asked.0)
                .max(usize::from(pair.listed.1 - pair.listed.0));
        }
    }
    let mut open_asked = Open::default();
    let mut open_listed = Open::default();
    for (part, taken) in asked.parts.iter().zip(&alignment.taken_asked) {
        open_asked.add(part.kind, part.weight, *taken, part.word.patronymic);
    }
    for (part, taken) in listed.iter().zip(&alignment.taken_listed) {
        open_listed.add(part.kind, part.weight, *taken, part.patronymic);
    }
    let mut measured = Measured { evidence: matched, ..Measured::default() };
    let number_differs = open_asked.numbers > 0 && open_listed.numbers > 0;
    if let Some((edits, length)) = compact
        && open_asked.numbers == 0
        && open_listed.numbers == 0
    {
        let share = edits as f32 / length as f32;
        let whole = asked.weight.min(listed.iter().map(|p| p.weight).sum());
        let all = matched + lost + open_asked.weight.max(open_listed.weight);
        let apart =
            lost / all.max(1.0) + 2.0 * (open_asked.weight + open_listed.weight) / all.max(1.0);
        if 1.6 * share + 0.02 < apart {
            measured.differences[SPELLING] = (1.6 * share).min(1.0);
            measured.differences[JOINED] = 1.0;
            measured.evidence = whole * (1.0 - share);
            measured.differences[LITTLE] = ((ENOUGH - measured.evidence) / ENOUGH).max(0.0);
            measured.differences[WEAK] = if strength == NameStrength::Weak { 1.0 } else { 0.0 };
            return measured;
        }
    }
    let contradicted = open_asked.weight.min(open_listed.weight);
    let all = (matched + lost + open_asked.weight.max(open_listed.weight)).max(1.0);
    let d = &mut measured.differences;
    d[SPELLING] = lost / all;
    d[CONTRADICTION] = contradicted / all;
    d[MISSING_LISTED] = open_asked.missing(contradicted) / all;
    d[MISSING_ASKED] = open_listed.missing(contradicted) / all;
    d[NUMBER] = if number_differs { 1.0 } else { 0.0 };
    d[NUMBER_MISSING] =
        if !number_differs && open_asked.numbers + open_listed.numbers > 0 { 1.0 } else { 0.0 };
    d[LITTLE] = ((ENOUGH - matched) / ENOUGH).max(0.0);
    // Names that are equal need less to have in common.
    if lost + open_asked.weight + open_listed.weight < 0.01 {
        d[LITTLE] *= 0.5;
    }
    let more = open_asked.words + open_listed.words > 0;
    d[SINGLE] = if words <= 1 && more { 1.0 } else { 0.0 };
    d[WEAK] = if strength == NameStrength::Weak { 1.0 } else { 0.0 };
    d[INITIALS] = initials / all;
    d[JOINED] = joined / all;
    d[SHORT] = short / all;
    measured
}

/// What has no partner on a side.
#[derive(Debug, Default)]
struct Open {
    weight: f32,
    /// Of that, weight of patronymics.
    patronymics: f32,
    words: usize,
    numbers: usize,
}

impl Open {
    /// Weight of what is missing on the other side and not contradicted. A patronymic is left out so often
    /// that it counts a third.
    fn missing(&self, contradicted: f32) -> f32 {
        let missing = self.weight - contradicted;
        missing - 0.67 * self.patronymics.min(missing)
    }

    fn add(&mut self, kind: Kind, weight: f32, taken: bool, patronymic: bool) {
        if taken {
            return;
        }
        match kind {
            Kind::Legal(_) => {}
            Kind::Number(_) => {
                self.numbers += 1;
                self.weight += weight;
            }
            _ => {
                self.weight += weight;
                self.patronymics += if patronymic { weight } else { 0.0 };
                self.words += usize::from(kind == Kind::Word);
            }
        }
    }
}
