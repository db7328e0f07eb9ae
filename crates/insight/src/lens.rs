//! The two axes of time as lenses on the graph: all that is live now, or as of a date and as known
//! at an instant.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use base::composition::words_iter;
use base::mass::content_ug;
use base::time::date_pack;
use base::{Element, Timestamp};

use crate::accounts::Accounts;
use crate::answer::View;
use crate::cycle::components_each;
use crate::graph::{Graph, Leg, NONE, Role, row_mass};

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
    /// Stage + 1 of a lot, 0 where unknown.
    fn stage_code(&self, lot: u32) -> u32;

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

    /// Content of a lot in µg: Σ over its makings; of one never made, what is taken out of it.
    fn lot_content(&self, lot: u32, element: Element) -> i128
    where
        Self: Sized,
    {
        let content = |leg: &Leg| i128::from(self.content(leg, element).unwrap_or(0));
        if self.makers(lot).next().is_some() {
            return self.makers(lot).map(|(_, leg)| content(leg)).sum();
        }
        Accounts::of(self, lot, content).taken()
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
        } else if let Some(made) = self.part_of_itself(leg) {
            self.0.made_now(made).1
        } else {
            self.0.lots.at(leg.lot).comp
        }
    }

    /// What a draw makes that takes a part of a lot which is a part of that part: no more can be drawn
    /// than is made.
    #[inline]
    fn part_of_itself(&self, leg: &Leg) -> Option<&Leg> {
        if leg.role() != Role::Take {
            return None;
        }
        let made = self.0.part_made(leg)?;
        self.0.lots.at(made.lot).own_part().then_some(made)
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
            None => match self.part_of_itself(leg) {
                Some(made) => self.0.made_now(made).0,
                None => row_mass(self.0.lots.at(leg.lot).mass),
            },
        }
    }

    #[inline]
    fn ppb(&self, leg: &Leg, element: Element) -> Option<u32> {
        self.0.ppb(self.comp(leg), element)
    }

    #[inline]
    fn stage_code(&self, lot: u32) -> u32 {
        self.0.lots.at(lot).stage_code()
    }

    fn contents(&self, leg: &Leg, each: &mut dyn FnMut(u8, i64)) {
        let mass = self.mass(leg);
        for (element, ppb) in words_iter(self.0.comp_words(self.comp(leg))) {
            each(element.0, content_ug(mass, ppb));
        }
    }
}

/// What a lot is in a view, in one element.
#[derive(Debug, Clone, Copy, Default)]
struct Worth {
    mass: i64,
    ppb: Option<u32>,
    stage: u32,
    /// Lots that are parts of one another have the same number, all others one of their own.
    ring: u32,
}

/// As of a business date and as known at a recording instant.
#[derive(Debug)]
pub struct Past<'g> {
    graph: &'g Graph,
    as_of: i32,
    known_at: i64,
    /// What lots are, as far as worked out, by lot and element.
    lots: RefCell<HashMap<(u32, u8), Worth>>,
    rings: Cell<u32>,
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
            rings: Cell::new(0),
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

    /// What a lot is by its live makings.
    fn lot(&self, lot: u32, element: Element) -> Worth {
        if lot == NONE {
            return Worth::default();
        }
        let known = || self.lots.borrow().get(&(lot, element.0)).copied();
        known().unwrap_or_else(|| {
            self.settle(lot, element);
            known().unwrap_or_default()
        })
    }

    /// Works out a lot and all that it takes something from, those first: a chain of parts may be as
    /// long as it likes.
    fn settle(&self, lot: u32, element: Element) {
        let mut lots = vec![lot];
        let mut places = HashMap::from([(lot, 0_u32)]);
        let mut arcs = Vec::new();
        let mut at = 0;
        while at < lots.len() {
            let open = self.makers(lots[at]).filter(|(_, leg)| leg.open());
            for source in open.filter_map(|(_, leg)| self.graph.part_take(leg)).map(|take| take.lot)
            {
                if self.lots.borrow().contains_key(&(source, element.0)) {
                    continue;
                }
                let next = lots.len() as u32;
                let place = *places.entry(source).or_insert(next);
                if place == next {
                    lots.push(source);
                }
                arcs.push((at as u32, place, 0));
            }
            at += 1;
        }
        components_each(lots.len(), &arcs, |members, _| {
            self.rings.set(self.rings.get() + 1);
            let ring = self.rings.get();
            for &member in members {
                let known = Worth { ring, ..Worth::default() };
                self.lots.borrow_mut().insert((lots[member as usize], element.0), known);
            }
            // What members have from one another is nothing, so their order does not matter.
            let worths: Vec<Worth> =
                members.iter().map(|&m| self.lot_worth(lots[m as usize], element, ring)).collect();
            for (&member, worth) in members.iter().zip(worths) {
                self.lots.borrow_mut().insert((lots[member as usize], element.0), worth);
            }
        });
    }

    /// What a lot is, all that it takes something from being known.
    fn lot_worth(&self, lot: u32, element: Element, ring: u32) -> Worth {
        let mut worth = Worth { ring, ..Worth::default() };
        let (mut product, mut mass_sum, mut count) = (0_i128, 0_i128, 0);
        let mut first = NONE;
        for (_, leg) in self.makers(lot) {
            let made = self.made_of(leg, element, ring);
            worth.mass = worth.mass.saturating_add(made.mass);
            mass_sum += i128::from(made.mass);
            product += i128::from(made.mass) * i128::from(made.ppb.unwrap_or(0));
            worth.ppb = worth.ppb.or(made.ppb);
            count += 1;
            self.stage_told(leg, made.stage, &mut first, &mut worth.stage);
        }
        if count > 1 && worth.ppb.is_some() {
            worth.ppb = Some((product / mass_sum.max(1)) as u32);
        }
        if worth.stage == 0 {
            for (_, leg) in self.touches(lot) {
                self.stage_told(leg, leg.stage_code(), &mut first, &mut worth.stage);
            }
        }
        worth
    }

    fn stage_told(&self, leg: &Leg, stage: u32, first: &mut u32, told: &mut u32) {
        let filing = self.graph.flows.at(leg.flow).filing;
        if stage != 0 && (*first == NONE || self.graph.says_first((filing, stage), (*first, *told)))
        {
            (*first, *told) = (filing, stage);
        }
    }

    /// What a making of a lot of a ring makes.
    fn made_of(&self, leg: &Leg, element: Element, ring: u32) -> Worth {
        let source = match self.graph.part_take(leg) {
            Some(take) if leg.open() => self.lots.borrow().get(&(take.lot, element.0)).copied(),
            _ => None,
        };
        let source = source.filter(|s| s.ring != ring).unwrap_or_default();
        let ppb = if leg.comp == 0 { source.ppb } else { self.graph.ppb(leg.comp, element) };
        let stage = if leg.stage_code() == 0 { source.stage } else { leg.stage_code() };
        Worth { mass: leg.mass().unwrap_or(row_mass(source.mass)), ppb, stage, ring }
    }

    /// What a leg weighs and holds: as stated, of a part what is made, else as its lot.
    fn worth(&self, leg: &Leg, element: Element) -> Worth {
        let made = if leg.role() == Role::Take { self.graph.part_made(leg) } else { None };
        if leg.role() == Role::Made || made.is_some() {
            let made = made.unwrap_or(leg);
            let ring = self.lot(made.lot, element).ring;
            return self.made_of(made, element, ring);
        }
        let lot = self.lot(leg.lot, element);
        let ppb = if leg.comp == 0 { lot.ppb } else { self.graph.ppb(leg.comp, element) };
        Worth { mass: leg.mass().unwrap_or(row_mass(lot.mass)), ppb, ..lot }
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
        leg.mass().unwrap_or_else(|| self.worth(leg, Element(0)).mass)
    }

    fn ppb(&self, leg: &Leg, element: Element) -> Option<u32> {
        if leg.comp != 0 {
            return self.graph.ppb(leg.comp, element);
        }
        self.worth(leg, element).ppb
    }

    fn stage_code(&self, lot: u32) -> u32 {
        self.lot(lot, Element(0)).stage
    }
}
