//! Where content comes from: the walk back to the roots.
//!
//! Mass-balance chain of custody (ISO 22095) with proportional mixing, per element. An output of a
//! transform has the mix `q(k)/Q` of the inputs' contents; a part has the origin of its lot; a lot made by
//! several filings weighs them by content. The walk visits each ancestor once, wave by wave, and then
//! hands the shares down in topological order.

use base::Element;

use crate::graph::{Graph, Leg, NONE, Role};
use crate::lens::Lens;
use crate::share::{ONE, times};

/// Where a walk back stops before the roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Nowhere.
    Root,
    /// At lots of a stage (its position + 1).
    Stage(u32),
    /// At lots of another party than this.
    OtherParty(u32),
}

/// Targets of an edge that are no lot on the walk: the two upper bits tell.
const SELF: u32 = 1 << 30;
const UNEXPLAINED: u32 = 2 << 30;
const CUT: u32 = 3 << 30;
const KIND: u32 = 3 << 30;

/// An edge from a lot to what it was made of.
#[derive(Debug, Clone, Copy)]
struct Edge {
    /// A lot while it waits, then its place on the walk; or [`SELF`], [`UNEXPLAINED`] with a filing,
    /// [`CUT`] with a lot.
    target: u32,
    /// The flow that connects them.
    flow: u32,
    /// Share of the lot's content that comes along it.
    ratio: f64,
}

/// A lot on the walk.
#[derive(Debug, Clone, Copy)]
struct Node {
    lot: u32,
    first: u32,
    end: u32,
    /// Edges that lead to it and have not handed down their share yet.
    waiting: u32,
}

/// What a share was traced to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A root, a cut, or a lot of the stage or party asked for.
    Lot(u32),
    /// Content that no input of this filing holds.
    Unexplained(u32),
}

/// An `in` leg or part that is not followed: (flow, lot drawn).
pub type Cut = (u32, u32);

/// The result of a walk.
#[derive(Debug, Default)]
pub struct Walk {
    /// Origins with their share (of 2⁶²), each origin once.
    pub origins: Vec<(Origin, u64)>,
    /// Lots drawn on the way that were not analysed for the element.
    pub not_analysed: Vec<u32>,
    /// How many edges were walked.
    pub edges: u64,
    /// How many lots were on the walk.
    pub lots: u64,
    /// Whether a lot is its own ancestor; the shares then mean nothing until it is cut.
    pub cyclic: bool,
    /// Whether an origin may stand in the list more than once.
    merge: bool,
}

/// Memory of a walk, kept between walks.
#[derive(Debug, Default)]
pub struct Walker {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    shares: Vec<u64>,
    ready: Vec<u32>,
    touched: Vec<u32>,
    places: Places,
    makers: Vec<(u32, f64)>,
}

impl Walker {
    /// Walks back from a lot.
    ///
    /// `cuts` are legs not to follow: the lot drawn stands as a root there.
    pub fn back<L: Lens>(
        &mut self,
        lens: &L,
        lot: u32,
        element: Element,
        stop: Stop,
        cuts: &[Cut],
    ) -> Walk {
        let mut walk = Walk::default();
        self.clear();
        let step = Step { lens, element, stop, cuts };
        self.discover(&step, lot, &mut walk);
        self.shares_down(&mut walk);
        walk
    }

    /// Puts a lot and all it was made of on the walk, with their edges.
    fn discover<L: Lens>(&mut self, step: &Step<'_, L>, lot: u32, walk: &mut Walk) {
        self.enter(lot);
        let mut done = 0;
        while done < self.nodes.len() {
            let end = self.nodes.len();
            self.touch(step.lens.graph(), done..end);
            for place in done..end {
                let first = self.edges.len();
                let lot = self.nodes[place].lot;
                step.expand(lot, &mut self.edges, &mut self.makers, walk);
                for edge in first..self.edges.len() {
                    let target = self.edges[edge].target;
                    if target & KIND == 0 {
                        let to = self.places.get(target).unwrap_or_else(|| self.enter(target));
                        self.edges[edge].target = to;
                        self.nodes[to as usize].waiting += 1;
                    }
                }
                let node = &mut self.nodes[place];
                (node.first, node.end) = (first as u32, self.edges.len() as u32);
            }
            done = end;
        }
    }

    /// Puts a lot on the walk, its edges still to come.
    fn enter(&mut self, lot: u32) -> u32 {
        let place = self.nodes.len() as u32;
        self.nodes.push(Node { lot, first: 0, end: 0, waiting: 0 });
        self.places.set(lot, place);
        place
    }

    /// Reads what the expansion of a wave will read, pass by pass. The reads of a pass do not wait for
    /// each other, so their cache misses overlap; in a graph larger than the processor's cache the
    /// expansion alone would wait for one miss after the other.
    fn touch(&mut self, graph: &Graph, wave: std::ops::Range<usize>) {
        let touched = &mut self.touched;
        touched.clear();
        touched.extend(self.nodes[wave].iter().map(|node| graph.lots.at(node.lot).makers));
        touched.retain(|&maker| maker != NONE);
        let mut read = 0;
        for &maker in touched.iter() {
            // The draws stand before it: these lie on the cache lines of a flow of usual length.
            for before in [0, 2, 5] {
                read ^= graph.legs.at(maker.saturating_sub(before)).flow;
            }
        }
        let makers = touched.len();
        for at in 0..makers {
            for leg in draws_before(graph, touched[at]) {
                touched.push(leg.lot);
            }
        }
        for lot in &mut touched[makers..] {
            *lot = graph.lots.at(*lot).comp;
        }
        for &comp in &touched[makers..] {
            read ^= graph.comp_touch(comp);
        }
        std::hint::black_box(read);
    }

    /// How many lots the content of a lot comes through, itself included; nothing where they are
    /// more than `most`.
    pub fn ancestors_within<L: Lens>(
        &mut self,
        lens: &L,
        lot: u32,
        element: Element,
        most: usize,
    ) -> Option<usize> {
        self.clear();
        let step = Step { lens, element, stop: Stop::Root, cuts: &[] };
        let mut walk = Walk::default();
        let mut waiting = vec![lot];
        self.places.set(lot, 0);
        let mut count = 1;
        while let Some(lot) = waiting.pop() {
            self.edges.clear();
            step.expand(lot, &mut self.edges, &mut self.makers, &mut walk);
            for edge in self.edges.iter().filter(|e| e.target & KIND == 0) {
                if self.places.get(edge.target).is_none() {
                    count += 1;
                    if count > most {
                        return None;
                    }
                    self.places.set(edge.target, 0);
                    waiting.push(edge.target);
                }
            }
        }
        Some(count)
    }

    /// The lots that one lot was made of, with their shares.
    pub(crate) fn step<L: Lens>(
        &mut self,
        lens: &L,
        lot: u32,
        element: Element,
    ) -> Vec<(u32, f64)> {
        let step = Step { lens, element, stop: Stop::Root, cuts: &[] };
        let (mut edges, mut walk) = (Vec::new(), Walk::default());
        step.expand(lot, &mut edges, &mut self.makers, &mut walk);
        edges.retain(|edge| edge.target & KIND == 0);
        edges.iter().map(|edge| (edge.target, edge.ratio)).collect()
    }

    fn clear(&mut self) {
        self.places.clear();
        self.nodes.clear();
        self.edges.clear();
    }

    /// Hands the shares down from the lot asked about to the roots, each lot once all its shares have
    /// come; where some never do, a lot is its own ancestor.
    fn shares_down(&mut self, walk: &mut Walk) {
        self.shares.clear();
        self.shares.resize(self.nodes.len(), 0);
        self.ready.clear();
        if self.nodes.first().is_some_and(|node| node.waiting == 0) {
            self.shares[0] = ONE;
            self.ready.push(0);
        }
        let mut done = 0;
        while let Some(place) = self.ready.pop() {
            done += 1;
            let node = self.nodes[place as usize];
            let share = self.shares[place as usize];
            let mut own = 0;
            for edge in &self.edges[node.first as usize..node.end as usize] {
                let part = times(share, edge.ratio);
                match edge.target & KIND {
                    0 => {
                        self.shares[edge.target as usize] += part;
                        let waiting = &mut self.nodes[edge.target as usize].waiting;
                        *waiting -= 1;
                        if *waiting == 0 {
                            self.ready.push(edge.target);
                        }
                    }
                    SELF => own += part,
                    UNEXPLAINED => {
                        walk.origins.push((Origin::Unexplained(edge.target & !KIND), part));
                    }
                    _ => walk.origins.push((Origin::Lot(edge.target & !KIND), part)),
                }
            }
            if own > 0 {
                walk.origins.push((Origin::Lot(node.lot), own));
            }
        }
        walk.edges = self.edges.len() as u64;
        walk.lots = self.nodes.len() as u64;
        walk.cyclic = done < self.nodes.len();
        if walk.cyclic {
            walk.origins.clear();
        }
        if walk.merge {
            walk.merge_origins();
        }
        walk.not_analysed.sort_unstable();
        walk.not_analysed.dedup();
    }

    /// The lots on the last walk and the edges between them, for cutting cycles: (from, to, flow)
    /// with places; and the lot of each place.
    pub(crate) fn arcs(&self) -> (Vec<u32>, Vec<(u32, u32, u32)>) {
        let lots = self.nodes.iter().map(|n| n.lot).collect();
        let mut arcs = Vec::with_capacity(self.edges.len());
        for (place, node) in self.nodes.iter().enumerate() {
            for edge in &self.edges[node.first as usize..node.end as usize] {
                if edge.target & KIND == 0 {
                    arcs.push((place as u32, edge.target, edge.flow));
                }
            }
        }
        (lots, arcs)
    }
}

impl Walk {
    /// Makes each origin one entry; a lot on the walk is one already, what is unexplained or cut
    /// may have been met several times.
    fn merge_origins(&mut self) {
        self.origins.sort_unstable_by_key(|o| o.0);
        self.origins.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
    }
}

/// What every step of a walk needs to know.
struct Step<'s, L> {
    lens: &'s L,
    element: Element,
    stop: Stop,
    cuts: &'s [Cut],
}

impl<L: Lens> Step<'_, L> {
    /// Appends the edges of a lot.
    fn expand(
        &self,
        lot: u32,
        edges: &mut Vec<Edge>,
        makers: &mut Vec<(u32, f64)>,
        walk: &mut Walk,
    ) {
        let own = Edge { target: SELF, flow: 0, ratio: 1.0 };
        if self.stops(lot) {
            edges.push(own);
            return;
        }
        makers.clear();
        makers.extend(self.lens.makers(lot).map(|(id, _)| (id, 1.0)));
        match makers.as_slice() {
            [] => edges.push(own),
            [(maker, _)] => self.maker(*maker, 1.0, edges, walk),
            _ => {
                maker_weights(self.lens, self.element, makers);
                for &(maker, weight) in makers.iter().filter(|m| m.1 > 0.0) {
                    self.maker(maker, weight, edges, walk);
                }
            }
        }
    }

    fn stops(&self, lot: u32) -> bool {
        match self.stop {
            Stop::Root => false,
            Stop::Stage(stage) => self.lens.stage_code(lot) == stage,
            Stop::OtherParty(party) => lot_party(self.lens, lot) != Some(party),
        }
    }

    /// Appends the edges of one making, which stands for `weight` of the lot.
    fn maker(&self, maker: u32, weight: f64, edges: &mut Vec<Edge>, walk: &mut Walk) {
        let graph = self.lens.graph();
        let flow = graph.legs.at(maker).flow;
        let draws = draws_before(graph, maker);
        match draws.first().map(Leg::role) {
            Some(Role::In) => self.transform(flow, draws, weight, edges, walk),
            Some(Role::Take) => {
                let source = draws[0].lot;
                if continues(self.lens, &draws[0]) {
                    let target = self.cut(flow, source, walk);
                    edges.push(Edge { target, flow, ratio: weight });
                } else {
                    edges.push(Edge { target: SELF, flow, ratio: weight });
                }
            }
            _ if graph.legs.at(maker).made_by_transform() => {
                self.unexplained(flow, weight, edges, walk);
            }
            _ => edges.push(Edge { target: SELF, flow, ratio: weight }),
        }
    }

    /// The inputs of a transform by content; what no input holds is unexplained.
    fn transform(
        &self,
        flow: u32,
        draws: &[Leg],
        weight: f64,
        edges: &mut Vec<Edge>,
        walk: &mut Walk,
    ) {
        let first = edges.len();
        let mut total = 0_i128;
        for leg in draws {
            match self.lens.content(leg, self.element) {
                None => walk.not_analysed.push(leg.lot),
                Some(0) => {}
                Some(content) => {
                    total += i128::from(content);
                    let target = self.cut(flow, leg.lot, walk);
                    edges.push(Edge { target, flow, ratio: content as f64 });
                }
            }
        }
        if total == 0 {
            self.unexplained(flow, weight, edges, walk);
            return;
        }
        let total = total as f64;
        for edge in edges.iter_mut().skip(first) {
            edge.ratio = weight * (edge.ratio / total);
        }
    }

    fn unexplained(&self, flow: u32, weight: f64, edges: &mut Vec<Edge>, walk: &mut Walk) {
        walk.merge = true;
        let filing = self.lens.graph().flows.at(flow).filing;
        edges.push(Edge { target: UNEXPLAINED | filing, flow, ratio: weight });
    }

    /// The target of a leg: its lot, or the lot as a root where the leg is cut.
    fn cut(&self, flow: u32, lot: u32, walk: &mut Walk) -> u32 {
        if !self.cuts.is_empty() && self.cuts.contains(&(flow, lot)) {
            walk.merge = true;
            CUT | lot
        } else {
            lot
        }
    }
}

/// The draws of the flow of a making: the legs before it of the same flow that draw.
pub(crate) fn draws_before(graph: &Graph, maker: u32) -> &[Leg] {
    let flow = graph.legs.at(maker).flow;
    let mut first = maker;
    while first > 0 && graph.legs.at(first - 1).flow == flow {
        first -= 1;
    }
    let legs = graph.legs.range(first as usize, maker as usize);
    let count = legs.iter().take_while(|l| l.role().draws()).count();
    &legs[..count]
}

/// Whether a part continues its source: an import only if the source is a known lot.
#[must_use]
pub fn continues<L: Lens>(lens: &L, take: &Leg) -> bool {
    !take.taken_by_import() || lens.makers(take.lot).next().is_some()
}

/// Weighs the makings of a lot by content; by mass where none holds the element, and evenly where
/// none has a mass.
pub(crate) fn maker_weights<L: Lens>(lens: &L, element: Element, makers: &mut [(u32, f64)]) {
    let graph = lens.graph();
    let content = |leg: &Leg| i128::from(lens.content(leg, element).unwrap_or(0));
    let mass = |leg: &Leg| i128::from(lens.mass(leg));
    let sum = |of: &dyn Fn(&Leg) -> i128, makers: &[(u32, f64)]| -> i128 {
        makers.iter().map(|m| of(graph.legs.at(m.0))).sum()
    };
    let (of, total): (&dyn Fn(&Leg) -> i128, i128) = match sum(&content, makers) {
        0 => (&mass, sum(&mass, makers)),
        total => (&content, total),
    };
    let count = makers.len() as f64;
    for maker in makers.iter_mut() {
        let part = of(graph.legs.at(maker.0));
        maker.1 = if total == 0 { 1.0 / count } else { part as f64 / total as f64 };
    }
}

/// The leg of a lot's first making: by date, then filer, then reference.
pub(crate) fn first_maker<L: Lens>(lens: &L, lot: u32) -> Option<u32> {
    let mut makers = lens.makers(lot);
    let (first, _) = makers.next()?;
    let Some((second, _)) = makers.next() else { return Some(first) };
    let graph = lens.graph();
    [first, second].into_iter().chain(makers.map(|(id, _)| id)).min_by_key(|&id| {
        let filing = graph.flows.at(graph.legs.at(id).flow).filing;
        let record = graph.filings.at(filing);
        (record.date, graph.parties.get(record.filer), graph.references.get(filing))
    })
}

/// The party of a lot: who filed its first making.
pub(crate) fn lot_party<L: Lens>(lens: &L, lot: u32) -> Option<u32> {
    let graph = lens.graph();
    let maker = first_maker(lens, lot)?;
    Some(graph.flow_filing(graph.flows.at(graph.legs.at(maker).flow)).filer)
}

/// Places on a walk by lot: open addressing over a table that fits the processor's cache, emptied
/// entry by entry.
#[derive(Debug)]
struct Places {
    slots: Vec<(u32, u32)>,
    /// The slots that are taken.
    used: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl Default for Places {
    fn default() -> Self {
        Places { slots: vec![(EMPTY, 0); 1 << 12], used: Vec::new() }
    }
}

impl Places {
    #[inline]
    fn home(&self, lot: u32) -> usize {
        (u64::from(lot).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & (self.slots.len() - 1)
    }

    #[inline]
    fn get(&self, lot: u32) -> Option<u32> {
        let mut at = self.home(lot);
        loop {
            let (key, place) = self.slots[at];
            if key == lot {
                return Some(place);
            }
            if key == EMPTY {
                return None;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn set(&mut self, lot: u32, place: u32) {
        if (self.used.len() + 1) * 2 > self.slots.len() {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![(EMPTY, 0); old.len() * 2];
            self.used.clear();
            for (key, place) in old.into_iter().filter(|slot| slot.0 != EMPTY) {
                self.put(key, place);
            }
        }
        self.put(lot, place);
    }

    fn put(&mut self, lot: u32, place: u32) {
        let mut at = self.home(lot);
        while self.slots[at].0 != EMPTY {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = (lot, place);
        self.used.push(at as u32);
    }

    /// Forgets all places: slot by slot where few are taken.
    fn clear(&mut self) {
        for &at in &self.used {
            self.slots[at as usize].0 = EMPTY;
        }
        self.used.clear();
    }
}
