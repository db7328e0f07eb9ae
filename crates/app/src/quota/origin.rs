//! What a lot is made of, as far as a quota asks: type of ore, imported, secondary, whose it is.
//!
//! Proportional mixing by oxide mass, as the ledger attributes: what a transform makes has the mix of what
//! goes in, a lot made by several filings weighs them, a part has the mix of its lot. Shares are whole
//! parts of 10⁹ by largest remainder, so they add up. A lot that is its own ancestor has the mix of what
//! comes into its circle from outside.
//!
//! A reader learns of a lot that it was given what part of it counts, for its quota depends on that; where
//! that came from and through whom it does not. Of a lot that it merely names in a filing of its own it learns
//! nothing: that is of an unknown kind to it.

use std::collections::{BTreeMap, HashMap};

use base::kind::{Kind, Move};
use controls::regime::Toll;
use insight::cycle::components_each;
use insight::graph::{Flow, Leg, NONE, Role};
use insight::lens::Lens;

use super::counting::{NO_ORE, QuotaCounting};

/// What is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tag {
    /// Type of ore by its place in the pack.
    pub(super) ore: u8,
    pub(super) imported: bool,
    pub(super) secondary: bool,
    /// For whom it is processed; [`NONE`] where for nobody else, or the processor answers for it.
    pub(super) owner: u32,
}

/// Shares of tags in whole parts of [`WHOLE`]; empty where nothing goes in.
pub(super) type Mix = Vec<(Tag, u64)>;

const WHOLE: u64 = 1_000_000_000;

/// Divides `total` by weights that are not negative: floors, and what is left to the greatest remainders,
/// ties by tag. Nothing where all weights are 0.
pub(super) fn split(total: u64, weights: &BTreeMap<Tag, i128>) -> Vec<(Tag, u64)> {
    let mut weights: Vec<(Tag, u128)> =
        weights.iter().map(|(tag, weight)| (*tag, weight.unsigned_abs())).collect();
    // So that the product fits: what is cut off is below 10⁻¹⁸ of the sum.
    while weights.iter().map(|w| w.1).fold(0_u128, u128::saturating_add) >= 1 << 62 {
        weights.iter_mut().for_each(|w| w.1 >>= 1);
    }
    let sum: u128 = weights.iter().map(|w| w.1).sum();
    if sum == 0 {
        return Vec::new();
    }
    let share = |weight: u128| (u128::from(total) * weight / sum, u128::from(total) * weight % sum);
    let mut parts: Vec<(Tag, u64, u128)> = weights
        .iter()
        .map(|(tag, weight)| (*tag, share(*weight).0 as u64, share(*weight).1))
        .collect();
    let given: u64 = parts.iter().map(|part| part.1).sum();
    parts.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
    for part in parts.iter_mut().take((total - given) as usize) {
        part.1 += 1;
    }
    let mut parts: Vec<(Tag, u64)> = parts.into_iter().map(|part| (part.0, part.1)).collect();
    parts.retain(|part| part.1 > 0);
    parts.sort_unstable();
    parts
}

/// The mixes of lots.
pub(super) struct Origins<'a, L> {
    lens: &'a L,
    counting: &'a QuotaCounting,
    /// Whether of what a leg draws is known what it is made of.
    known: &'a dyn Fn(&Leg) -> bool,
    mixes: HashMap<u32, Mix>,
}

impl<'a, L: Lens> Origins<'a, L> {
    /// The mixes of these lots and of all that they are made of.
    pub(super) fn of(
        lens: &'a L,
        counting: &'a QuotaCounting,
        known: &'a dyn Fn(&Leg) -> bool,
        mut lots: Vec<u32>,
    ) -> Self {
        lots.sort_unstable();
        lots.dedup();
        let mut places: HashMap<u32, u32> = HashMap::new();
        for (place, lot) in lots.iter().enumerate() {
            places.insert(*lot, place as u32);
        }
        let mut arcs = Vec::new();
        let mut at = 0;
        while at < lots.len() {
            for source in sources(lens, lots[at]) {
                let next = lots.len() as u32;
                let place = *places.entry(source).or_insert(next);
                if place == next {
                    lots.push(source);
                }
                arcs.push((at as u32, place, 0));
            }
            at += 1;
        }
        let mut origins = Origins { lens, counting, known, mixes: HashMap::new() };
        components_each(lots.len(), &arcs, |members, _| {
            // What members have from one another is left out, so their order does not matter.
            let found: Vec<(u32, Mix)> = members
                .iter()
                .map(|&member| lots[member as usize])
                .map(|lot| (lot, origins.mix_of(lot)))
                .collect();
            if found.len() == 1 {
                origins.mixes.extend(found);
                return;
            }
            let mut all: BTreeMap<Tag, i128> = BTreeMap::new();
            for (tag, share) in found.iter().flat_map(|(_, mix)| mix) {
                *all.entry(*tag).or_default() += i128::from(*share);
            }
            let mix = split(WHOLE, &all);
            origins.mixes.extend(found.into_iter().map(|(lot, _)| (lot, mix.clone())));
        });
        origins
    }

    /// The mix of a lot, all outside its circle that it is made of being known.
    fn mix_of(&self, lot: u32) -> Mix {
        let graph = self.lens.graph();
        let stage = self.lens.stage_code(lot);
        let mut weights: BTreeMap<Tag, i128> = BTreeMap::new();
        let mut made = false;
        for (_, leg) in self.lens.makers(lot) {
            made = true;
            let flow = graph.flows.at(leg.flow);
            // Of what was not analysed, mass tells the parts.
            let weight = match self.counting.oxide_ug(self.lens, leg) {
                0 => i128::from(self.lens.mass(leg)),
                oxide => oxide,
            };
            for (tag, share) in self.made_mix(flow, leg, stage) {
                *weights.entry(tag).or_default() += weight * i128::from(share);
            }
        }
        if !made {
            let touched = self.lens.touches(lot).next().map(|touch| touch.1);
            weights.insert(self.root(stage, touched, Kind::Opening), 1);
        }
        let ore = self.counting.ore_of_stage(stage);
        let secondary = self.counting.is_secondary(stage);
        let mut told: BTreeMap<Tag, i128> = BTreeMap::new();
        for (mut tag, weight) in weights {
            tag.ore = ore.unwrap_or(tag.ore);
            tag.secondary |= secondary;
            *told.entry(tag).or_default() += weight;
        }
        split(WHOLE, &told)
    }

    /// The mix of what one flow makes.
    fn made_mix(&self, flow: &Flow, leg: &Leg, stage: u32) -> Mix {
        let graph = self.lens.graph();
        match flow.kind() {
            Kind::Transform => split(WHOLE, &self.fed(leg.flow)),
            kind @ (Kind::Extract | Kind::Import | Kind::Collect | Kind::Opening) => {
                vec![(self.root(stage, Some(leg), kind), WHOLE)]
            }
            _ => {
                let legs = graph.flow_legs(leg.flow);
                let take = legs.iter().find(|of| of.role() == Role::Take);
                take.map(|take| self.mix_drawn(take)).unwrap_or_default()
            }
        }
    }

    fn root(&self, stage: u32, leg: Option<&Leg>, kind: Kind) -> Tag {
        Tag {
            ore: self.counting.ore_of_root(self.lens, stage, leg),
            imported: kind == Kind::Import,
            secondary: kind == Kind::Collect || self.counting.is_secondary(stage),
            owner: NONE,
        }
    }

    /// What goes into a transform, by tag: weights of oxide mass × share.
    pub(super) fn fed(&self, flow: u32) -> BTreeMap<Tag, i128> {
        let legs = self.lens.graph().flow_legs(flow).iter().filter(|leg| leg.role() == Role::In);
        let mut weights = BTreeMap::new();
        for leg in legs {
            let weight = self.counting.oxide_ug(self.lens, leg);
            for (tag, share) in self.drawn_mix(leg) {
                *weights.entry(tag).or_default() += weight * i128::from(share);
            }
        }
        weights
    }

    /// The mix of what a leg draws.
    fn mix_drawn(&self, leg: &Leg) -> Mix {
        if !(self.known)(leg) {
            return vec![(UNTOLD, WHOLE)];
        }
        self.mixes.get(&leg.lot).cloned().unwrap_or_default()
    }

    /// The mix of what a leg draws, as it is in the hands of who draws it.
    pub(super) fn drawn_mix(&self, leg: &Leg) -> Mix {
        let mix = self.mix_drawn(leg);
        if self.counting.toll == Toll::Processor || mix.is_empty() {
            return mix;
        }
        let graph = self.lens.graph();
        let holder = graph.flow_filing(graph.flows.at(leg.flow)).filer;
        let owner = self.owner(leg.lot, holder);
        let mut told: BTreeMap<Tag, i128> = BTreeMap::new();
        for (mut tag, share) in mix {
            match owner {
                Owner::Of(party) => tag.owner = party,
                Owner::Kept => {}
            }
            *told.entry(tag).or_default() += i128::from(share);
        }
        split(WHOLE, &told)
    }

    /// Whose a lot is in the hands of a holder: of who gave it out for processing; of what the holder made
    /// itself, what went in tells; else its own.
    fn owner(&self, lot: u32, holder: u32) -> Owner {
        let graph = self.lens.graph();
        let legs = || self.lens.makers(lot).chain(self.lens.touches(lot)).map(|(_, leg)| leg);
        let given = legs()
            .map(|leg| graph.flows.at(leg.flow))
            .filter(|flow| flow.kind() == Kind::Transfer && flow.movement() == Move::TollOut)
            .filter(|flow| flow.other == holder)
            .map(|flow| graph.flow_filing(flow))
            .max_by_key(|filing| (filing.date, graph.parties.get(filing.filer)));
        if let Some(filing) = given {
            return Owner::Of(filing.filer);
        }
        let mine = legs().any(|leg| {
            let flow = graph.flows.at(leg.flow);
            leg.role() == Role::Made
                && flow.kind() == Kind::Transform
                && graph.flow_filing(flow).filer == holder
        });
        if mine { Owner::Kept } else { Owner::Of(NONE) }
    }
}

/// Whose something is.
enum Owner {
    /// Of this party, [`NONE`] being the holder.
    Of(u32),
    /// Of whom what it was made of is.
    Kept,
}

/// What a lot is made of: the inputs of transforms, and the lot of which it is a part.
fn sources<L: Lens>(lens: &L, lot: u32) -> Vec<u32> {
    let graph = lens.graph();
    let mut found = Vec::new();
    for (_, leg) in lens.makers(lot) {
        if graph.flows.at(leg.flow).kind() == Kind::Import {
            continue;
        }
        let legs = graph.flow_legs(leg.flow).iter().filter(|of| of.role().draws());
        found.extend(legs.map(|of| of.lot).filter(|source| *source != NONE));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Stands for what nothing is known of.
pub(super) const UNTOLD: Tag = Tag { ore: NO_ORE, imported: false, secondary: false, owner: NONE };
