//! Whether an element is in a good: by assay first, by name where there is none, and not known where such
//! goods may hold it unsaid.

use base::composition::WHOLE_PPB;

use crate::reading::{Reader, Reading};
use crate::vocabulary::Elements;

/// Below this, an element that only the assay shows is an impurity unless it is said to be an ingredient.
pub const IMPURITY_PPB: u32 = WHOLE_PPB / 1000;
/// An assay that accounts for so much of the mass says of an element it does not name that it is not there.
pub const ASSAY_WHOLE_PPB: u32 = WHOLE_PPB / 100 * 95;
/// An assay shows the partners of an alloy from here on.
pub(crate) const PARTNER_PPB: u32 = WHOLE_PPB / 100;

/// What is known of an element in a good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Present,
    /// Named only.
    Named,
    /// In the assay, not named, at most [`IMPURITY_PPB`].
    Trace,
    /// The assay says it is not there.
    AbsentByAssay,
    /// Nothing says it is there, and such goods say what they hold.
    Absent,
    /// Nothing says whether it is there, and such goods may hold it.
    Unstated,
    /// The assay accounts for a part of the mass only.
    UnstatedRest,
    /// Not analysed, or the reporting limit is too high to tell.
    LimitTooHigh,
    /// Name and assay disagree.
    Contradiction,
}

impl Reader {
    /// What is known of an element; `magnet` of which families may hold it unsaid.
    pub(crate) fn presence(&self, reading: &Reading, z: u8) -> Presence {
        let one = Elements::one(z);
        let named = reading.named.has(z);
        if reading.coarse.has(z) {
            return Presence::LimitTooHigh;
        }
        if reading.below.has(z) {
            return if reading.spelled.has(z) {
                Presence::Contradiction
            } else {
                Presence::AbsentByAssay
            };
        }
        let ppb = reading.ppb(z);
        if ppb > 0 {
            let trace = ppb <= IMPURITY_PPB && !named && !self.magnet(reading);
            return if trace { Presence::Trace } else { Presence::Present };
        }
        let whole = reading.assay_sum >= u64::from(ASSAY_WHOLE_PPB);
        if !reading.assayed.is_empty() {
            if named {
                let contradicts = whole && reading.spelled.has(z);
                return if contradicts { Presence::Contradiction } else { Presence::Named };
            }
            let hides = self.hides(reading, z);
            return match (whole, hides) {
                (true, _) => Presence::AbsentByAssay,
                (false, true) => Presence::UnstatedRest,
                (false, false) => Presence::Absent,
            };
        }
        if named && !reading.denied.both(one).is_empty() {
            return Presence::Contradiction;
        }
        match (named, self.hides(reading, z)) {
            (true, _) => Presence::Named,
            (false, true) => Presence::Unstated,
            (false, false) => Presence::Absent,
        }
    }

    pub(crate) fn magnet(&self, reading: &Reading) -> bool {
        self.vocabulary.kind("magnet").is_some_and(|k| reading.kinds >> k & 1 == 1)
    }

    /// Goods that may hold a rare earth without saying so: magnets of rare earths or of no stated family,
    /// and mixed rare earths.
    fn hides(&self, reading: &Reading, z: u8) -> bool {
        let magnet = self.magnet(reading)
            && (reading.families == 0 || reading.families & self.hiding_families != 0);
        self.rare_earths.has(z)
            && (magnet || reading.rare_earths && reading.spelled.both(self.rare_earths).is_empty())
    }

    /// The metals beside the given ones: those named by the name, and those of the assay.
    pub(crate) fn partners(&self, reading: &Reading) -> (Elements, Elements) {
        let named = reading.spelled.both(self.vocabulary.metals);
        let assay = reading.assay.iter().filter(|(_, ppb)| *ppb >= PARTNER_PPB);
        let assay = assay.fold(Elements::default(), |set, (z, _)| set.with(Elements::one(*z)));
        (named, assay.both(self.vocabulary.metals))
    }
}
