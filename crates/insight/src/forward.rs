//! Where content went: the walk forward to where it is now.
//!
//! A draw on lot i carries `q·min(1, content ÷ Σ draws)`. The outputs of a transform share what is
//! carried in by their declared content; `max(0, Q − Σ out) ÷ Q` is lost. What is not drawn stands on
//! the lot's accounts ([`Account`]).

use std::collections::HashMap;

use base::Element;

use crate::accounts::Accounts;
pub use crate::accounts::{Account, mass_accounts};
use crate::back::Cut;
use crate::graph::{Leg, Role};
use crate::lens::Lens;
use crate::share::{ONE, times};

/// The result of a walk forward.
#[derive(Debug, Default)]
pub struct Spread {
    /// Places with their share (of 2⁶²): lot and account, each once, sorted.
    pub places: Vec<((u32, Account), u64)>,
    /// How many edges were walked.
    pub edges: u64,
    /// Whether a lot is its own descendant; the shares then mean nothing until it is cut.
    pub cyclic: bool,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    target: u32,
    flow: u32,
    ratio: f64,
}

#[derive(Debug)]
struct Node {
    lot: u32,
    edges: Vec<Edge>,
    rests: Vec<(Account, f64)>,
    open: bool,
}

/// The lots on a walk forward.
#[derive(Debug, Default)]
pub struct Forward {
    nodes: Vec<Node>,
    places: HashMap<u32, u32>,
}

impl Forward {
    /// Walks forward from a lot; `cuts` are draws not to follow.
    pub fn walk<L: Lens>(&mut self, lens: &L, lot: u32, element: Element, cuts: &[Cut]) -> Spread {
        self.nodes.clear();
        self.places.clear();
        let mut spread = Spread::default();
        let mut order = Vec::new();
        let mut stack = vec![(self.enter(lens, lot, element, cuts), 0_usize)];
        while let Some(&mut (place, ref mut at)) = stack.last_mut() {
            let node = &mut self.nodes[place as usize];
            let Some(edge) = node.edges.get(*at) else {
                node.open = false;
                order.push(place);
                stack.pop();
                continue;
            };
            let (index, target) = (*at, edge.target);
            *at += 1;
            let to = match self.places.get(&target) {
                Some(&to) => {
                    spread.cyclic |= self.nodes[to as usize].open;
                    to
                }
                None => {
                    let to = self.enter(lens, target, element, cuts);
                    stack.push((to, 0));
                    to
                }
            };
            self.nodes[place as usize].edges[index].target = to;
        }
        if !spread.cyclic {
            self.shares_down(&order, &mut spread);
        }
        spread
    }

    /// The lots made of one lot, with the shares of its content that went there.
    pub(crate) fn step<L: Lens>(
        &mut self,
        lens: &L,
        lot: u32,
        element: Element,
    ) -> Vec<(u32, f64)> {
        let place = self.enter(lens, lot, element, &[]);
        let edges = &self.nodes[place as usize].edges;
        edges.iter().map(|edge| (edge.target, edge.ratio)).collect()
    }

    fn enter<L: Lens>(&mut self, lens: &L, lot: u32, element: Element, cuts: &[Cut]) -> u32 {
        let place = self.nodes.len() as u32;
        self.places.insert(lot, place);
        let (mut edges, mut rests) = (Vec::new(), Vec::new());
        expand(lens, lot, element, cuts, &mut edges, &mut rests);
        self.nodes.push(Node { lot, edges, rests, open: true });
        place
    }

    fn shares_down(&self, order: &[u32], spread: &mut Spread) {
        let mut shares = vec![0_u64; self.nodes.len()];
        if let Some(first) = shares.first_mut() {
            *first = ONE;
        }
        for &place in order.iter().rev() {
            let node = &self.nodes[place as usize];
            let share = shares[place as usize];
            for edge in &node.edges {
                shares[edge.target as usize] += times(share, edge.ratio);
            }
            for &(account, ratio) in &node.rests {
                spread.places.push(((node.lot, account), times(share, ratio)));
            }
            spread.edges += node.edges.len() as u64;
        }
        spread.places.sort_unstable_by_key(|p| p.0);
        spread.places.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        spread.places.retain(|p| p.1 > 0);
    }

    /// The lots on the last walk and the edges between them: (from, to, flow) with places.
    pub(crate) fn arcs(&self) -> (Vec<u32>, Vec<(u32, u32, u32)>) {
        let lots = self.nodes.iter().map(|n| n.lot).collect();
        let mut arcs = Vec::new();
        for (place, node) in self.nodes.iter().enumerate() {
            arcs.extend(node.edges.iter().map(|e| (place as u32, e.target, e.flow)));
        }
        (lots, arcs)
    }
}

/// The edges of a lot to what was made of it, and the accounts on which the rest stands, each as a
/// ratio of the lot's content.
fn expand<L: Lens>(
    lens: &L,
    lot: u32,
    element: Element,
    cuts: &[Cut],
    edges: &mut Vec<Edge>,
    rests: &mut Vec<(Account, f64)>,
) {
    let graph = lens.graph();
    let accounts =
        Accounts::of(lens, lot, |leg| i128::from(lens.content(leg, element).unwrap_or(0)));
    let taken = accounts.taken();
    let content = accounts.made.unwrap_or(taken);
    let whole = content.max(taken);
    if whole == 0 {
        return;
    }
    for &(id, q) in accounts.draws.iter().filter(|d| d.1 > 0) {
        let leg = graph.legs.at(id);
        let carried = q as f64 / whole as f64;
        let flow = graph.flows.at(leg.flow);
        if cuts.contains(&(leg.flow, lot)) {
            rests.push((Account::Cycle { site: flow.site }, carried));
        } else if leg.role() == Role::Take {
            if let Some(made) = graph.part_made(leg) {
                edges.push(Edge { target: made.lot, flow: leg.flow, ratio: carried });
            }
        } else {
            transform(lens, leg.flow, element, carried, edges, rests);
        }
    }
    rests.extend(accounts.ended.iter().map(|a| (a.0, a.1 as f64 / whole as f64)));
    if taken < content {
        let stands = accounts.netted(graph).into_iter();
        rests.extend(stands.map(|a| (a.0, a.1 as f64 / whole as f64)));
    }
}

/// What is carried into a transform goes to its outputs by content; the rest is lost.
fn transform<L: Lens>(
    lens: &L,
    flow: u32,
    element: Element,
    carried: f64,
    edges: &mut Vec<Edge>,
    rests: &mut Vec<(Account, f64)>,
) {
    let graph = lens.graph();
    let legs = graph.flow_legs(flow);
    let content = |leg: &Leg| i128::from(lens.content(leg, element).unwrap_or(0));
    let of = |role: Role| legs.iter().filter(move |l| l.role() == role);
    let input: i128 = of(Role::In).map(content).sum();
    let output: i128 = of(Role::Made).map(content).sum();
    let whole = input.max(output);
    if whole == 0 {
        return;
    }
    for leg in of(Role::Made) {
        let part = content(leg);
        if part > 0 {
            let ratio = carried * (part as f64 / whole as f64);
            edges.push(Edge { target: leg.lot, flow, ratio });
        }
    }
    if output < input {
        let site = graph.flows.at(flow).site;
        let lost = input - output;
        // What a loss leg states, it states; one without composition takes what is left.
        let stated = of(Role::Lost).map(content).sum::<i128>().min(lost);
        for (account, lost) in
            [(Account::Lost { site }, stated), (Account::Assumed { site }, lost - stated)]
        {
            rests.push((account, carried * (lost as f64 / whole as f64)));
        }
    }
}
