//! What a lot weighs and holds, kept current: mass, composition and stage from its live makings.
//!
//! A part is made with the mass, composition and stage that its row states; what the row leaves out is
//! that of the lot it is a part of. A part that is, over some steps, a part of itself has nothing to
//! inherit on the way round. What a lot is depends on the set of live rows alone, never on the order in which
//! they came.

use std::collections::{HashMap, HashSet};

use base::Mass;

use super::{Graph, Leg, NONE, OWN_PART, Role, TOLD};
use crate::cycle::components_each;

impl Graph {
    /// Whether a lot's stage is not that of a making.
    #[inline]
    pub(super) fn lot_untold(&self, lot: u32) -> bool {
        lot != NONE && {
            let record = self.lots.at(lot);
            record.stage_code() == 0 || record.stage & TOLD != 0
        }
    }

    /// Works out a lot anew, and those that took something of what they are from it.
    pub(super) fn lot_refresh(&mut self, lot: u32) {
        if self.heirs(lot).next().is_none() {
            // Nobody inherits from it, so it cannot inherit from itself.
            self.lot_settle(lot, false);
            return;
        }
        let record = *self.lots.at(lot);
        let open_part = |(_, leg): (u32, &Leg)| leg.open() && self.part_take(leg).is_some();
        let part = record.own_part() || self.chain(record.makers).any(open_part);
        if !part && !self.lot_settle(lot, false) {
            return;
        }
        let mut lots = vec![lot];
        let mut places: HashMap<u32, u32> = HashMap::from([(lot, 0)]);
        let mut at = 0;
        while at < lots.len() {
            let heirs: Vec<u32> = self.heirs(lots[at]).collect();
            for heir in heirs {
                places.entry(heir).or_insert_with(|| {
                    lots.push(heir);
                    lots.len() as u32 - 1
                });
            }
            at += 1;
        }
        let mut arcs = Vec::new();
        for (place, &lot) in lots.iter().enumerate() {
            let sources = self.sources(lot).filter_map(|source| places.get(&source));
            arcs.extend(sources.map(|&source| (place as u32, source, 0)));
        }
        components_each(lots.len(), &arcs, |members, cyclic| {
            for &member in members {
                let record = self.lots.at_mut(lots[member as usize]);
                record.stage = record.stage & !OWN_PART | if cyclic { OWN_PART } else { 0 };
            }
            for &member in members {
                self.lot_settle(lots[member as usize], cyclic);
            }
        });
    }

    /// The lots that take something of what they are from a lot.
    fn heirs(&self, lot: u32) -> impl Iterator<Item = u32> {
        let takes = self.chain(self.lots.at(lot).touches);
        takes.filter(|(_, leg)| leg.role() == Role::Take && !leg.dead()).filter_map(|(id, _)| {
            let made = self.legs.at(id + 1);
            made.open().then_some(made.lot)
        })
    }

    /// The lots from which a lot takes something of what it is.
    fn sources(&self, lot: u32) -> impl Iterator<Item = u32> {
        let makings = self.chain(self.lots.at(lot).makers).filter(|(_, leg)| !leg.dead());
        makings
            .filter(|(_, leg)| leg.open())
            .filter_map(|(_, leg)| self.part_take(leg))
            .map(|t| t.lot)
    }

    /// The lot from which a leg has what its row leaves out, [`NONE`] where there is none: a part from
    /// the lot that it is a part of, any other leg that makes nothing from its own.
    #[must_use]
    pub fn figures_from(&self, leg: &Leg) -> u32 {
        match leg.role() {
            Role::Made => self.part_take(leg).map_or(NONE, |take| take.lot),
            _ => leg.lot,
        }
    }

    /// The leg that takes the part which a leg makes; nothing where it makes no part.
    pub(crate) fn part_take(&self, made: &Leg) -> Option<&Leg> {
        let first = self.legs.at(self.flows.at(made.flow).legs);
        (first.role() == Role::Take).then_some(first)
    }

    /// The leg that makes the part which a leg takes; nothing where it takes none.
    #[inline]
    pub(crate) fn part_made(&self, take: &Leg) -> Option<&Leg> {
        let made = self.legs.at(self.flows.at(take.flow).legs + 1);
        (made.role() == Role::Made && made.flow == take.flow).then_some(made)
    }

    /// Whether a lot takes something of what it is from another, over any number of steps.
    fn inherits_from(&self, lot: u32, from: u32) -> bool {
        let mut seen = HashSet::new();
        let mut waiting = vec![lot];
        while let Some(at) = waiting.pop() {
            if at == from {
                return true;
            }
            if seen.insert(at) {
                waiting.extend(self.sources(at));
            }
        }
        false
    }

    /// Sets what a lot is from its live makings; tells whether it changed.
    fn lot_settle(&mut self, lot: u32, own_part: bool) -> bool {
        let record = *self.lots.at(lot);
        let (mut mass, mut comp, mut stage) = (0_i64, 0, 0);
        let mut count = 0;
        let mut first = NONE;
        for (_, leg) in self.chain(record.makers) {
            if leg.dead() {
                continue;
            }
            let made = self.made_now(leg);
            mass = mass.saturating_add(made.0);
            comp = made.1;
            count += 1;
            let filing = self.flows.at(leg.flow).filing;
            if made.2 != 0 && (first == NONE || self.says_first((filing, made.2), (first, stage))) {
                (first, stage) = (filing, made.2);
            }
        }
        if count > 1 {
            comp = self.comp_mean(record.makers);
        }
        if stage == 0 {
            for (_, leg) in self.chain(record.touches) {
                let (filing, code) = (self.flows.at(leg.flow).filing, leg.stage_code());
                let tells = !leg.dead() && code != 0;
                if tells && (first == NONE || self.says_first((filing, code), (first, stage))) {
                    (first, stage) = (filing, code);
                }
            }
            if stage != 0 {
                stage |= TOLD;
            }
        }
        if own_part {
            stage |= OWN_PART;
        }
        let changed = (record.mass, record.comp, record.stage) != (mass, comp, stage);
        let record = self.lots.at_mut(lot);
        (record.mass, record.comp, record.stage) = (mass, comp, stage);
        changed
    }

    /// Whether what one filing says of a stage stands before what another says.
    pub(crate) fn says_first(&self, a: (u32, u32), b: (u32, u32)) -> bool {
        self.filing_order(a.0, b.0).then(a.1.cmp(&b.1)).is_lt()
    }

    /// Orders filings by date, then filer and reference: not by arrival.
    #[must_use]
    pub fn filing_order(&self, a: u32, b: u32) -> std::cmp::Ordering {
        let (one, other) = (self.filings.at(a), self.filings.at(b));
        one.date.cmp(&other.date).then_with(|| {
            let filer = |f: u32| self.parties.texts.raw(f);
            (filer(one.filer), self.references.raw(a))
                .cmp(&(filer(other.filer), self.references.raw(b)))
        })
    }

    /// Mass, composition and stage + 1 of a live making: as stated, else those of the lot that it is
    /// a part of.
    #[must_use]
    pub(crate) fn made_now(&self, leg: &Leg) -> (i64, u32, u32) {
        let stated = (leg.mass(), leg.comp, leg.stage_code());
        if let (Some(mass), true) = (stated.0, stated.1 != 0 && stated.2 != 0) {
            return (mass, stated.1, stated.2);
        }
        let source = self.part_take(leg).map(|take| take.lot).filter(|&source| {
            !(self.lots.at(leg.lot).own_part() && self.inherits_from(source, leg.lot))
        });
        let source = source.map(|lot| *self.lots.at(lot));
        let mass = stated.0.or(source.map(|l| row_mass(l.mass))).unwrap_or(0);
        let comp = if stated.1 != 0 { stated.1 } else { source.map_or(0, |l| l.comp) };
        let stage = if stated.2 != 0 { stated.2 } else { source.map_or(0, |l| l.stage_code()) };
        (mass, comp, stage)
    }
}

/// The mass that a row has which leaves it out: that of its lot, and no more than a row can hold.
#[inline]
pub(crate) fn row_mass(lot_mass: i64) -> i64 {
    lot_mass.min(Mass::MAX.mg())
}
