//! Outer bounds of a share: the least and the greatest that the filings allow.
//!
//! For an output of content o ≤ Q any amounts `x_k ∈ [0, q_k]` with `Σ x_k = o` may have gone in. The
//! greatest share of an origin fills from the inputs with its highest greatest share, the least
//! from those with its lowest. Each output is taken apart, so the bounds are outer bounds.

use std::collections::HashMap;

use base::Element;

use crate::back::{Cut, Origin, Stop, continues, draws_before, lot_party, maker_weights};
use crate::graph::{Leg, Role};
use crate::lens::Lens;

/// What an input leads to.
#[derive(Debug, Clone, Copy)]
enum Target {
    Place(u32),
    Origin(Origin),
}

/// How a lot was made by one filing.
#[derive(Debug)]
struct Making {
    weight: f64,
    /// Content made; nothing where any input mix is taken in proportion.
    output: Option<i128>,
    inputs: Vec<(i128, Target)>,
}

/// The makings of all lots on the way, each lot after all that it was made of.
#[derive(Debug, Default)]
pub struct Bounds {
    makings: Vec<Vec<Making>>,
    /// By place, the places that are made of it; they come later.
    users: Vec<Vec<u32>>,
    /// The places of which an origin is an input.
    origins: HashMap<Origin, Vec<u32>>,
}

impl Bounds {
    /// Gathers the makings from a lot back; the caller knows that there is no cycle left.
    pub fn gather<L: Lens>(
        lens: &L,
        lot: u32,
        element: Element,
        stop: Stop,
        cuts: &[Cut],
    ) -> Bounds {
        let mut bounds = Bounds::default();
        let mut places: HashMap<u32, u32> = HashMap::new();
        // A lot is finished once all that it was made of is: first visit pushes them, second writes.
        let mut stack = vec![(lot, false)];
        while let Some((lot, ready)) = stack.pop() {
            if places.contains_key(&lot) {
                continue;
            }
            let mut makings = makings(lens, lot, element, stop, cuts);
            if ready {
                for input in makings.iter_mut().flat_map(|m| m.inputs.iter_mut()) {
                    if let Target::Place(place) = &mut input.1 {
                        *place = places.get(place).copied().unwrap_or(0);
                    }
                }
                places.insert(lot, bounds.makings.len() as u32);
                bounds.push(makings);
                continue;
            }
            stack.push((lot, true));
            for input in makings.iter().flat_map(|m| m.inputs.iter()) {
                if let Target::Place(source) = input.1 {
                    stack.push((source, false));
                }
            }
        }
        bounds
    }

    fn push(&mut self, makings: Vec<Making>) {
        let place = self.makings.len() as u32;
        for input in makings.iter().flat_map(|m| m.inputs.iter()) {
            let users = match input.1 {
                Target::Place(source) => &mut self.users[source as usize],
                Target::Origin(origin) => self.origins.entry(origin).or_default(),
            };
            if users.last() != Some(&place) {
                users.push(place);
            }
        }
        self.makings.push(makings);
        self.users.push(Vec::new());
    }

    /// Least and greatest share of these origins together (sorted), in the lot gathered for. Only what
    /// is made of them, over any steps, is worked out: all other shares are 0.
    #[must_use]
    pub fn of(&self, origins: &[Origin]) -> (f64, f64) {
        let mut least = vec![0.0; self.makings.len()];
        let mut greatest = least.clone();
        let mut reached = vec![false; self.makings.len()];
        for place in origins.iter().filter_map(|o| self.origins.get(o)).flatten() {
            reached[*place as usize] = true;
        }
        let first = reached.iter().position(|r| *r).unwrap_or(reached.len());
        for place in first..reached.len() {
            if !reached[place] {
                continue;
            }
            let makings = &self.makings[place];
            let low = sum(makings, |m| m.weight * fill(m, origins, &least, Fill::Least));
            let high = sum(makings, |m| m.weight * fill(m, origins, &greatest, Fill::Greatest));
            (least[place], greatest[place]) = (low, high);
            for user in &self.users[place] {
                reached[*user as usize] = true;
            }
        }
        let clamp = |share: Option<&f64>| share.copied().unwrap_or(0.0).clamp(0.0, 1.0);
        (clamp(least.last()), clamp(greatest.last()))
    }
}

/// Adds up in the order of size: the makings stand in the order of their arrival.
fn sum(makings: &[Making], of: impl Fn(&Making) -> f64) -> f64 {
    if let [one] = makings {
        return of(one);
    }
    let mut terms: Vec<f64> = makings.iter().map(of).collect();
    terms.sort_unstable_by(f64::total_cmp);
    terms.iter().sum()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    Least,
    Greatest,
}

fn fill(making: &Making, origins: &[Origin], known: &[f64], which: Fill) -> f64 {
    let mut inputs: Vec<(f64, i128)> = making
        .inputs
        .iter()
        .map(|&(content, target)| {
            let share = match target {
                Target::Origin(origin) => {
                    f64::from(u8::from(origins.binary_search(&origin).is_ok()))
                }
                Target::Place(place) => known.get(place as usize).copied().unwrap_or(0.0),
            };
            (share, content)
        })
        .collect();
    let total: i128 = inputs.iter().map(|i| i.1).sum();
    if total == 0 {
        return inputs.first().map_or(0.0, |i| i.0);
    }
    let output = making.output.filter(|&o| o > 0 && o <= total).unwrap_or(total);
    inputs.sort_by(|a, b| {
        let order = a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if which == Fill::Greatest { order.reverse() } else { order }
    });
    let (mut left, mut sum) = (output, 0.0);
    for (share, content) in inputs {
        let taken = content.min(left);
        sum += share * (taken as f64 / output as f64);
        left -= taken;
    }
    sum
}

fn makings<L: Lens>(lens: &L, lot: u32, element: Element, stop: Stop, cuts: &[Cut]) -> Vec<Making> {
    let own = |weight| Making {
        weight,
        output: None,
        inputs: vec![(1, Target::Origin(Origin::Lot(lot)))],
    };
    let graph = lens.graph();
    let stopped = match stop {
        Stop::Root => false,
        Stop::Stage(stage) => lens.stage_code(lot) == stage,
        Stop::OtherParty(party) => lot_party(lens, lot) != Some(party),
    };
    let mut makers: Vec<(u32, f64)> = lens.makers(lot).map(|(id, _)| (id, 1.0)).collect();
    if stopped || makers.is_empty() {
        return vec![own(1.0)];
    }
    if makers.len() > 1 {
        maker_weights(lens, element, &mut makers);
    }
    let target = |flow: u32, lot: u32| {
        if cuts.contains(&(flow, lot)) {
            Target::Origin(Origin::Lot(lot))
        } else {
            Target::Place(lot)
        }
    };
    let making = |&(maker, weight): &(u32, f64)| {
        let leg = graph.legs.at(maker);
        let flow = leg.flow;
        let draws = draws_before(graph, maker);
        match draws.first().map(Leg::role) {
            Some(Role::Take) if continues(lens, &draws[0]) => {
                Making { weight, output: None, inputs: vec![(1, target(flow, draws[0].lot))] }
            }
            Some(Role::In) => {
                let inputs: Vec<(i128, Target)> = draws
                    .iter()
                    .filter_map(|l| Some((i128::from(lens.content(l, element)?), l.lot)))
                    .filter(|input| input.0 > 0)
                    .map(|(content, lot)| (content, target(flow, lot)))
                    .collect();
                if inputs.is_empty() {
                    return unexplained(graph.flows.at(flow).filing, weight);
                }
                let output = i128::from(lens.content(leg, element).unwrap_or(0));
                Making { weight, output: Some(output), inputs }
            }
            _ if leg.made_by_transform() => unexplained(graph.flows.at(flow).filing, weight),
            _ => own(weight),
        }
    };
    makers.iter().filter(|m| m.1 > 0.0).map(making).collect()
}

fn unexplained(filing: u32, weight: f64) -> Making {
    Making { weight, output: None, inputs: vec![(1, Target::Origin(Origin::Unexplained(filing)))] }
}
