//! Cycles: a lot that is its own ancestor.
//!
//! A cycle is cut at the filing with the latest business date (then the latest recorded, then the
//! greatest name): of that filing, the legs that draw from lots of the cycle are not followed, and
//! the lot drawn stands as a root there. A strongly connected set lies wholly within the ancestors
//! (and the descendants) of each of its lots, so every walk cuts it at the same place.

use crate::back::Cut;
use crate::graph::{Graph, Role};
use crate::lens::Lens;

/// Strongly connected components with more than one place or an arc to itself. `arcs` are
/// (from, to, flow) over `0..count`.
fn components(count: usize, arcs: &[(u32, u32, u32)]) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    components_each(count, arcs, |members, cyclic| {
        if cyclic {
            found.push(members.to_vec());
        }
    });
    found
}

/// Calls `each` for every strongly connected component, with whether there is an arc within it, by
/// Tarjan's algorithm without recursion: a component comes after all that its arcs lead to.
pub fn components_each(count: usize, arcs: &[(u32, u32, u32)], mut each: impl FnMut(&[u32], bool)) {
    let mut starts = vec![0_usize; count + 1];
    for arc in arcs {
        starts[arc.0 as usize + 1] += 1;
    }
    for i in 0..count {
        starts[i + 1] += starts[i];
    }
    let mut targets = vec![0_u32; arcs.len()];
    let mut fill = starts.clone();
    for arc in arcs {
        targets[fill[arc.0 as usize]] = arc.1;
        fill[arc.0 as usize] += 1;
    }
    const UNSEEN: u32 = u32::MAX;
    let (mut index, mut low) = (vec![UNSEEN; count], vec![0_u32; count]);
    let mut on_stack = vec![false; count];
    let (mut stack, mut calls) = (Vec::new(), Vec::new());
    let mut next = 0_u32;
    for root in 0..count {
        if index[root] != UNSEEN {
            continue;
        }
        calls.push((root, starts[root]));
        while let Some(&mut (place, ref mut at)) = calls.last_mut() {
            if index[place] == UNSEEN {
                index[place] = next;
                low[place] = next;
                next += 1;
                stack.push(place as u32);
                on_stack[place] = true;
            }
            if *at < starts[place + 1] {
                let to = targets[*at] as usize;
                *at += 1;
                if index[to] == UNSEEN {
                    calls.push((to, starts[to]));
                } else if on_stack[to] {
                    low[place] = low[place].min(index[to]);
                }
                continue;
            }
            calls.pop();
            if let Some(&(parent, _)) = calls.last() {
                low[parent] = low[parent].min(low[place]);
            }
            if low[place] == index[place] {
                let first = stack.iter().rposition(|&m| m as usize == place).unwrap_or(0);
                for &member in &stack[first..] {
                    on_stack[member as usize] = false;
                }
                let own = targets[starts[place]..starts[place + 1]].contains(&(place as u32));
                each(&stack[first..], stack.len() - first > 1 || own);
                stack.truncate(first);
            }
        }
    }
}

/// The legs to cut so that the arcs have no cycle, and the filings at which they were cut.
///
/// `lots` are the lots of the places, `drawn` tells which end of an arc (from, to) is the lot that
/// is drawn.
pub(crate) fn cuts(
    graph: &Graph,
    lots: &[u32],
    arcs: &[(u32, u32, u32)],
    drawn: impl Fn(&(u32, u32, u32)) -> u32,
) -> (Vec<Cut>, Vec<u32>) {
    let mut arcs = arcs.to_vec();
    let (mut cuts, mut filings) = (Vec::new(), Vec::new());
    let mut member = vec![u32::MAX; lots.len()];
    loop {
        let components = components(lots.len(), &arcs);
        if components.is_empty() {
            filings.sort_unstable();
            filings.dedup();
            return (cuts, filings);
        }
        member.fill(u32::MAX);
        for (number, component) in components.iter().enumerate() {
            for &place in component {
                member[place as usize] = number as u32;
            }
        }
        let inside = |arc: &(u32, u32, u32)| {
            let number = member[arc.0 as usize];
            (number != u32::MAX && number == member[arc.1 as usize]).then_some(number)
        };
        let mut latest: Vec<Option<u32>> = vec![None; components.len()];
        for arc in &arcs {
            if let Some(number) = inside(arc) {
                let filing = graph.flows.at(arc.2).filing;
                let best = &mut latest[number as usize];
                if best.is_none_or(|b| later(graph, filing, b)) {
                    *best = Some(filing);
                }
            }
        }
        arcs.retain(|arc| {
            let cut = inside(arc).is_some_and(|number| {
                latest[number as usize] == Some(graph.flows.at(arc.2).filing)
            });
            if cut {
                cuts.push((arc.2, lots[drawn(arc) as usize]));
            }
            !cut
        });
        filings.extend(latest.into_iter().flatten());
    }
}

/// All cycles in a view, by all live legs alike: the filing at which each is cut, and its lots.
///
/// Lots in the order of their first making cannot form a cycle, so only where a flow draws a lot
/// that is first made after what it makes is there anything to look for.
pub fn all<L: Lens>(lens: &L) -> Vec<(u32, Vec<u32>)> {
    let graph = lens.graph();
    let count = graph.lots.len();
    let first_made = |lot: u32| {
        let date = |leg: &crate::graph::Leg| graph.flow_filing(graph.flows.at(leg.flow)).date;
        lens.makers(lot).map(|(_, leg)| date(leg)).min().unwrap_or(i32::MIN)
    };
    let arcs = || {
        (0..graph.flows.len() as u32).flat_map(move |flow| {
            let legs = graph.flow_legs(flow);
            let live = legs.first().is_some_and(|l| lens.live(l));
            let draws = legs.iter().filter(move |l| live && l.role().draws());
            draws.flat_map(move |draw| {
                let made = legs.iter().filter(|l| l.role() == Role::Made);
                made.map(move |m| (m.lot, draw.lot, flow))
            })
        })
    };
    let rank: Vec<i32> = (0..count as u32).map(first_made).collect();
    let ordered =
        arcs().all(|(made, drawn, _)| (rank[drawn as usize], drawn) < (rank[made as usize], made));
    if ordered {
        return Vec::new();
    }
    let arcs: Vec<(u32, u32, u32)> = arcs().collect();
    let lots: Vec<u32> = (0..count as u32).collect();
    let mut found = Vec::new();
    for component in components(count, &arcs) {
        let inside: std::collections::HashSet<u32> = component.iter().copied().collect();
        let own: Vec<(u32, u32, u32)> = arcs
            .iter()
            .copied()
            .filter(|arc| inside.contains(&arc.0) && inside.contains(&arc.1))
            .collect();
        for filing in cuts(graph, &lots, &own, |arc| arc.1).1 {
            found.push((filing, component.clone()));
        }
    }
    found
}

/// Whether filing `a` comes later than `b`: by business date, then recorded, then by name.
fn later(graph: &Graph, a: u32, b: u32) -> bool {
    let key = |f: u32| (graph.filings.at(f).date, graph.recorded_at(f), graph.filing_name(f));
    let (date_a, date_b) = (graph.filings.at(a).date, graph.filings.at(b).date);
    if date_a == date_b { a != b && key(a) > key(b) } else { date_a > date_b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_found_without_recursion() {
        let mut arcs: Vec<(u32, u32, u32)> = (0..100_000).map(|i| (i, i + 1, 0)).collect();
        assert!(components(100_001, &arcs).is_empty());
        arcs.push((100_000, 50_000, 0));
        arcs.push((7, 7, 0));
        let mut sizes: Vec<usize> = components(100_001, &arcs).iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 50_001]);
    }
}
