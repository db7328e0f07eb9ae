//! The lineage picture: the lots around a lot, through which the content of an element passes.

use std::collections::BTreeMap;

use base::common::Element;
use insight::lens::{Current, Lens};
use serde::Serialize;

use crate::books::Books;

/// A node of the lineage picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineageNode {
    /// Lot id; empty where several are merged.
    pub id: String,
    /// Column: negative upstream, 0 the lot asked about, positive downstream.
    pub layer: i32,
    /// Who made it.
    pub party: String,
    /// Stage code.
    pub stage: String,
    /// Share of the asked lot's content that passes here.
    pub share: f64,
    /// Content that passes here, µg.
    pub content_ug: i64,
    /// How many lots are merged here, 0 for a single one.
    pub more: u64,
}

/// A ribbon of the lineage picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LineageEdge {
    /// Node on the left.
    pub from: usize,
    /// Node on the right.
    pub to: usize,
    /// Content that passes, µg.
    pub content_ug: i64,
}

/// The neighbourhood of a lot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lineage {
    /// Nodes; the first is the lot asked about.
    pub nodes: Vec<LineageNode>,
    /// Ribbons.
    pub edges: Vec<LineageEdge>,
}

impl Books {
    /// The lots around a lot through which the content of an element passes: up to `depth` steps each
    /// way, the `width` largest of each step by themselves and the rest merged.
    #[must_use]
    pub fn lineage(&self, lot: &str, element: &str, depth: usize, width: usize) -> Option<Lineage> {
        let graph = self.graph();
        let lot = graph.lot_find(lot)?;
        let element = self.common().element(element)?;
        let content = Current(graph).lot_content(lot, element);
        let mut picture = Picture {
            books: self,
            element,
            width,
            lineage: Lineage { nodes: Vec::new(), edges: Vec::new() },
            content,
        };
        picture.node(lot, 0, 1.0);
        picture.steps(lot, depth, -1);
        picture.steps(lot, depth, 1);
        Some(picture.lineage)
    }
}

/// A lot of a layer: its share, and how much of it passes to or from which node.
type Ranked = (u32, f64, Vec<(usize, f64)>);

struct Picture<'b> {
    books: &'b Books,
    element: Element,
    width: usize,
    content: i128,
    lineage: Lineage,
}

impl Picture<'_> {
    fn node(&mut self, lot: u32, layer: i32, share: f64) -> usize {
        let graph = self.books.graph();
        let lens = Current(graph);
        let maker = lens.makers(lot).next().map(|(_, leg)| graph.flows.at(leg.flow));
        let party = maker.map_or("", |f| graph.parties.get(graph.flow_filing(f).filer));
        self.lineage.nodes.push(LineageNode {
            id: graph.lot_names.get(lot).to_owned(),
            layer,
            party: party.to_owned(),
            stage: self.books.stage_code(lot),
            share,
            content_ug: (self.content as f64 * share) as i64,
            more: 0,
        });
        self.lineage.nodes.len() - 1
    }

    /// Adds the layers of one direction, `step` −1 upstream or +1 downstream.
    fn steps(&mut self, lot: u32, depth: usize, step: i32) {
        let graph = self.books.graph();
        let lens = Current(graph);
        let mut layer: Vec<(u32, usize, f64)> = vec![(lot, 0, 1.0)];
        for distance in 1..=depth as i32 {
            // Shares into the next layer, by lot: total, and from which node how much.
            let mut next: BTreeMap<u32, (f64, Vec<(usize, f64)>)> = BTreeMap::new();
            for &(lot, node, share) in &layer {
                let around = if step < 0 {
                    insight::lineage::made_of(&lens, lot, self.element)
                } else {
                    insight::lineage::became(&lens, lot, self.element)
                };
                for (other, ratio) in around {
                    let entry = next.entry(other).or_default();
                    entry.0 += share * ratio;
                    entry.1.push((node, share * ratio));
                }
            }
            if next.is_empty() {
                return;
            }
            let mut ranked: Vec<Ranked> =
                next.into_iter().map(|(lot, (share, from))| (lot, share, from)).collect();
            let name = |lot: u32| self.books.graph().lot_names.get(lot);
            ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| name(a.0).cmp(name(b.0))));
            let rest = ranked.split_off(ranked.len().min(self.width));
            layer.clear();
            for (lot, share, from) in ranked {
                let node = self.node(lot, step * distance, share);
                for (other, share) in from {
                    self.edge(node, other, share, step);
                }
                layer.push((lot, node, share));
            }
            self.merged(rest, step * distance, step);
        }
    }

    fn merged(&mut self, rest: Vec<Ranked>, layer: i32, step: i32) {
        if rest.is_empty() {
            return;
        }
        let share: f64 = rest.iter().map(|r| r.1).sum();
        let node = self.lineage.nodes.len();
        self.lineage.nodes.push(LineageNode {
            id: String::new(),
            layer,
            party: String::new(),
            stage: String::new(),
            share,
            content_ug: (self.content as f64 * share) as i64,
            more: rest.len() as u64,
        });
        let mut from: BTreeMap<usize, f64> = BTreeMap::new();
        for (other, share) in rest.into_iter().flat_map(|r| r.2) {
            *from.entry(other).or_default() += share;
        }
        for (other, share) in from {
            self.edge(node, other, share, step);
        }
    }

    fn edge(&mut self, outer: usize, inner: usize, share: f64, step: i32) {
        let content_ug = (self.content as f64 * share) as i64;
        let (from, to) = if step < 0 { (outer, inner) } else { (inner, outer) };
        self.lineage.edges.push(LineageEdge { from, to, content_ug });
    }
}
