//! The two axes of time as lenses on the graph: all that is live now, or as of a date and as known
//! at an instant.

use std::cell::RefCell;
use std::collections::HashMap;

use base::composition::words_iter;
use base::mass::content_ug;
use base::time::date_pack;
use base::{Element, Timestamp};

use crate::answer::View;
use crate::graph::{Graph, Leg, NONE, Role};

/// A way to see the graph: which legs are live, and what they weigh and hold.
pub trait Lens {
    /// The graph.
    fn graph(&self) -> &Graph;
    /// Whether a leg is part of the picture.
    fn live(&self, leg: &Leg) -> bool;
    /// Mass of a live leg in mg: as stated, else that with which its lot was made.
    fn mass(&self, leg: &Leg) -> i64;
    /// ppb of an element in a live leg: as stated, else that of its lot; nothing where not analysed.
    fn ppb(&self, leg: &Leg, element: Element) -> Option<u32>;

    /// Content of a live leg in µg, nothing where not analysed.
    #[inline]
    fn content(&self, leg: &Leg, element: Element) -> Option<i64> {
        self.ppb(leg, element).map(|ppb| content_ug(self.mass(leg), ppb))
    }

    /// Content of a live leg in µg for every analysed element (its position).
    fn contents(&self, leg: &Leg, each: &mut dyn FnMut(u8, i64)) {
        for element in 0..64 {
            if let Some(content) = self.content(leg, Element(element)) {
                each(element, content);
            }
        }
    }

    /// The live legs that make a lot.
    fn makers(&self, lot: u32) -> impl Iterator<Item = (u32, &Leg)> {
        let graph = self.graph();
        graph.chain(graph.lots.at(lot).makers).filter(|(_, leg)| self.live(leg))
    }

    /// The other live legs that concern a lot.
    fn touches(&self, lot: u32) -> impl Iterator<Item = (u32, &Leg)> {
        let graph = self.graph();
        graph.chain(graph.lots.at(lot).touches).filter(|(_, leg)| self.live(leg))
    }

    /// Content of a lot in µg: Σ over its makings; of one never made, Σ of what its draws state.
    fn lot_content(&self, lot: u32, element: Element) -> i128 {
        let mut made = false;
        let mut sum = 0_i128;
        for (_, leg) in self.makers(lot) {
            made = true;
            sum += i128::from(self.content(leg, element).unwrap_or(0));
        }
        if made { sum } else { self.undeclared_content(lot, element) }
    }

    /// What the draws on a lot that was never made state of its content.
    fn undeclared_content(&self, lot: u32, element: Element) -> i128 {
        let draws = self.touches(lot).filter(|(_, leg)| leg.comp != 0 && leg.role().draws());
        draws.map(|(_, leg)| i128::from(self.content(leg, element).unwrap_or(0))).sum()
    }
}

/// Everything live now.
#[derive(Debug, Clone, Copy)]
pub struct Current<'g>(pub &'g Graph);

impl Current<'_> {
    /// The composition of a leg: as stated, else that of its lot.
    #[inline]
    fn comp(&self, leg: &Leg) -> u32 {
        if leg.comp != 0 {
            leg.comp
        } else if leg.role() == Role::Made {
            self.0.made_now(leg).1
        } else if leg.lot == NONE {
            0
        } else {
            self.0.lots.at(leg.lot).comp
        }
    }
}

impl Lens for Current<'_> {
    #[inline]
    fn graph(&self) -> &Graph {
        self.0
    }

    #[inline]
    fn live(&self, leg: &Leg) -> bool {
        !leg.dead()
    }

    #[inline]
    fn mass(&self, leg: &Leg) -> i64 {
        match leg.mass() {
            Some(mass) => mass,
            None if leg.role() == Role::Made => self.0.made_now(leg).0,
            None if leg.lot == NONE => 0,
            None => self.0.lots.at(leg.lot).mass,
        }
    }

    #[inline]
    fn ppb(&self, leg: &Leg, element: Element) -> Option<u32> {
        self.0.ppb(self.comp(leg), element)
    }

    fn contents(&self, leg: &Leg, each: &mut dyn FnMut(u8, i64)) {
        let mass = self.mass(leg);
        for (element, ppb) in words_iter(self.0.comp_words(self.comp(leg))) {
            each(element.0, content_ug(mass, ppb));
        }
    }
}

/// Mass in mg, and ppb of an element where analysed.
type MassAndPpb = (i64, Option<u32>);

/// As of a business date and as known at a recording instant.
#[derive(Debug)]
pub struct Past<'g> {
    graph: &'g Graph,
    as_of: i32,
    known_at: i64,
    /// Mass and ppb of lots worked out so far, by lot and element; nothing while being worked out.
    lots: RefCell<HashMap<(u32, u8), Option<MassAndPpb>>>,
}

impl<'g> Past<'g> {
    /// A lens for a view.
    #[must_use]
    pub fn new(graph: &'g Graph, view: &View) -> Past<'g> {
        Past {
            graph,
            as_of: view.as_of.map_or(i32::MAX, date_pack),
            known_at: view.known_at.unwrap_or(Timestamp::MAX).us(),
            lots: RefCell::default(),
        }
    }

    /// Whether a filing is live in this view.
    #[must_use]
    pub fn filing_live(&self, filing: u32) -> bool {
        let record = self.graph.filings.at(filing);
        let replaced = record.replaced_by != NONE
            && self.graph.recorded_at(record.replaced_by).us() <= self.known_at;
        record.date <= self.as_of
            && self.graph.recorded_at(filing).us() <= self.known_at
            && !replaced
    }

    /// Mass and ppb of a lot from its live makings.
    fn lot(&self, lot: u32, element: Element) -> (i64, Option<u32>) {
        if lot == NONE {
            return (0, None);
        }
        let key = (lot, element.0);
        if let Some(known) = self.lots.borrow().get(&key) {
            return known.unwrap_or((0, None));
        }
        self.lots.borrow_mut().insert(key, None);
        let mut mass_sum = 0_i64;
        let mut product = 0_i128;
        let mut analysed = false;
        let mut single = None;
        let mut count = 0;
        for (_, leg) in self.makers(lot) {
            let mass = self.mass(leg);
            let ppb = self.made_ppb(leg, element);
            mass_sum = mass_sum.saturating_add(mass);
            analysed |= ppb.is_some();
            product += i128::from(mass) * i128::from(ppb.unwrap_or(0));
            single = ppb;
            count += 1;
        }
        let ppb = match count {
            0 => None,
            1 => single,
            _ => analysed.then(|| (product / i128::from(mass_sum.max(1))) as u32),
        };
        self.lots.borrow_mut().insert(key, Some((mass_sum, ppb)));
        (mass_sum, ppb)
    }

    fn take(&self, leg: &Leg) -> Option<&Leg> {
        self.graph.flow_legs(leg.flow).first().filter(|l| l.role() == Role::Take)
    }

    fn made_ppb(&self, leg: &Leg, element: Element) -> Option<u32> {
        if leg.comp != 0 {
            return self.graph.ppb(leg.comp, element);
        }
        self.take(leg).and_then(|take| self.lot(take.lot, element).1)
    }
}

impl Lens for Past<'_> {
    fn graph(&self) -> &Graph {
        self.graph
    }

    fn live(&self, leg: &Leg) -> bool {
        self.filing_live(self.graph.flows.at(leg.flow).filing)
    }

    fn mass(&self, leg: &Leg) -> i64 {
        match leg.mass() {
            Some(mass) => mass,
            None if leg.role() == Role::Made => {
                self.take(leg).map_or(0, |take| self.lot(take.lot, Element(0)).0)
            }
            None => self.lot(leg.lot, Element(0)).0,
        }
    }

    fn ppb(&self, leg: &Leg, element: Element) -> Option<u32> {
        if leg.role() == Role::Made {
            return self.made_ppb(leg, element);
        }
        if leg.comp != 0 {
            return self.graph.ppb(leg.comp, element);
        }
        self.lot(leg.lot, element).1
    }
}
