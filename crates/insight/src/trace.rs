//! Questions to answers: [`trace`] picks the lens, walks, cuts cycles, and names the parts.

use base::Element;
use compact_str::{CompactString, format_compact};
use std::borrow::Cow;
use std::collections::HashMap;

use base::common::Common;

use crate::answer::{Direction, Part, TraceAnswer, TraceError, TraceQuery, Until};
use crate::back::{Cut, Origin, Stop, Walk, Walker, continues, first_maker, lot_party};
use crate::bounds::Bounds;
use crate::forward::{Account, Forward, Spread};
use crate::graph::{Graph, Leg, NONE, Role, stage_of_code};
use crate::lens::{Current, Lens, Past};
use crate::share::{fraction, largest_remainder, shown};

/// Answers a question. `walker` is memory kept between questions; `micros` of the answer is 0 and
/// for the shell to fill.
///
/// # Errors
/// [`TraceError`] where the lot, element or stage is not known.
pub fn trace(
    graph: &Graph,
    common: &Common,
    walker: &mut Walker,
    query: &TraceQuery,
) -> Result<TraceAnswer, TraceError> {
    let element = common
        .element(&query.element)
        .ok_or_else(|| TraceError::UnknownElement(query.element.clone()))?;
    let unknown = || TraceError::UnknownLot(query.lot.clone());
    let lot = graph.lot_find(&query.lot).ok_or_else(unknown)?;
    let asked = Asked { common, query, element, lot };
    if query.view == Default::default() {
        asked.answer(&Current(graph), walker)
    } else {
        asked.answer(&Past::new(graph, &query.view), walker)
    }
}

/// Whether a live filing makes, draws, moves or names a lot. The lot abroad that an import was a part
/// of is none of ours, unless something makes it.
fn known<L: Lens>(lens: &L, lot: u32) -> bool {
    let names = |leg: &Leg| leg.role() != Role::Take || continues(lens, leg);
    lens.makers(lot).next().is_some() || lens.touches(lot).any(|(_, leg)| names(leg))
}

struct Asked<'a> {
    common: &'a Common,
    query: &'a TraceQuery,
    element: Element,
    lot: u32,
}

impl Asked<'_> {
    fn answer<L: Lens>(&self, lens: &L, walker: &mut Walker) -> Result<TraceAnswer, TraceError> {
        let (lot, query) = (self.lot, self.query);
        if !known(lens, lot) {
            return Err(TraceError::UnknownLot(query.lot.clone()));
        }
        let content = lens.lot_content(lot, self.element);
        let mut answer = TraceAnswer {
            lot: query.lot.clone(),
            element: query.element.clone(),
            direction: query.direction,
            as_of: query.view.as_of.map(|d| d.to_string()),
            known_at: query.view.known_at.map(|t| t.to_string()),
            content_ug: i64::try_from(content).unwrap_or(i64::MAX),
            to: match &query.until {
                Until::Root => "root".to_owned(),
                Until::Stage(stage) => format!("stage={stage}"),
                Until::Party => "party".to_owned(),
            },
            parts: Vec::new(),
            unexplained_ug: 0,
            not_analysed: Vec::new(),
            cycles: Vec::new(),
            edges_visited: 0,
            micros: 0,
        };
        if content > 0 {
            match query.direction {
                Direction::Back => self.back(lens, walker, &mut answer)?,
                Direction::Forward => self.forward(lens, &mut answer),
            }
        }
        Ok(answer)
    }

    fn stop<L: Lens>(&self, lens: &L) -> Result<Stop, TraceError> {
        Ok(match &self.query.until {
            Until::Root => Stop::Root,
            Until::Stage(code) => {
                let unknown = || TraceError::UnknownStage(code.clone());
                Stop::Stage(u32::from(self.common.stage(code).ok_or_else(unknown)?.0) + 1)
            }
            Until::Party => Stop::OtherParty(lot_party(lens, self.lot).unwrap_or(NONE)),
        })
    }

    fn back<L: Lens>(
        &self,
        lens: &L,
        walker: &mut Walker,
        answer: &mut TraceAnswer,
    ) -> Result<(), TraceError> {
        let graph = lens.graph();
        let stop = self.stop(lens)?;
        let mut cuts = Vec::new();
        let walk = back_acyclic(lens, walker, self.lot, self.element, stop, &mut cuts, answer);
        let by_party = self.query.until == Until::Party;
        touch(graph, &walk);
        let (mut parts, shares) = if by_party {
            self.parts_by_party(lens, &walk)
        } else {
            self.parts_by_lot(lens, walk.origins.clone())
        };
        share_out(answer.content_ug, &mut parts, &shares);
        answer.unexplained_ug = parts.iter().filter(|p| p.unexplained).map(|p| p.content_ug).sum();
        if self.query.bounds {
            let bounds = Bounds::gather(lens, self.lot, self.element, stop, &cuts);
            let name = |part: &Part| (part.lot.clone(), part.party.clone());
            let mut named: HashMap<(CompactString, CompactString), Vec<Origin>> = HashMap::new();
            for (origin, _) in &walk.origins {
                let part = self.origin_part(lens, *origin, by_party);
                named.entry(name(&part)).or_default().push(*origin);
            }
            for part in &mut parts {
                let mut origins = named.remove(&name(part)).unwrap_or_default();
                origins.sort_unstable();
                let (low, high) = bounds.of(&origins);
                part.share_min = Some(low.min(part.share));
                part.share_max = Some(high.max(part.share));
            }
        }
        answer.not_analysed =
            walk.not_analysed.iter().map(|&l| graph.lot_names.get(l).to_owned()).collect();
        answer.not_analysed.sort_unstable();
        answer.edges_visited = walk.edges;
        answer.parts = parts;
        Ok(())
    }

    /// A part for each origin, by share falling, then lot. Names are compared where shares are equal.
    fn parts_by_lot<L: Lens>(
        &self,
        lens: &L,
        mut origins: Vec<(Origin, u64)>,
    ) -> (Vec<Part>, Vec<u64>) {
        let graph = lens.graph();
        let name = |origin: Origin| match origin {
            Origin::Lot(lot) => Cow::Borrowed(graph.lot_names.get(lot)),
            Origin::Unexplained(filing) => Cow::Owned(unexplained_name(graph, filing).into()),
        };
        origins.sort_unstable_by(|a, b| {
            let by_name = || name(a.0).cmp(&name(b.0)).then(a.0.cmp(&b.0));
            shown(b.1).cmp(&shown(a.1)).then_with(by_name)
        });
        let parts = origins.iter().map(|o| self.origin_part(lens, o.0, false)).collect();
        (parts, origins.iter().map(|o| o.1).collect())
    }

    /// A part for each party, by share falling, then name; what has no party stands by lot.
    fn parts_by_party<L: Lens>(&self, lens: &L, walk: &Walk) -> (Vec<Part>, Vec<u64>) {
        let mut parts: Vec<(Part, u64)> =
            walk.origins.iter().map(|o| (self.origin_part(lens, o.0, true), o.1)).collect();
        parts.sort_by(|a, b| (&a.0.party, &a.0.lot).cmp(&(&b.0.party, &b.0.lot)));
        parts.dedup_by(|next, kept| {
            let same = next.0.party == kept.0.party && next.0.lot == kept.0.lot;
            if same {
                kept.1 += next.1;
            }
            same
        });
        parts.sort_by(|a, b| {
            let by_name = || (&a.0.lot, &a.0.party).cmp(&(&b.0.lot, &b.0.party));
            shown(b.1).cmp(&shown(a.1)).then_with(by_name)
        });
        parts.into_iter().unzip()
    }

    fn origin_part<L: Lens>(&self, lens: &L, origin: Origin, by_party: bool) -> Part {
        let graph = lens.graph();
        let mut part = Part::default();
        match origin {
            Origin::Unexplained(filing) => {
                part.unexplained = true;
                part.lot = unexplained_name(graph, filing);
                part.party = graph.parties.get(graph.filings.at(filing).filer).into();
            }
            Origin::Lot(lot) => {
                let maker = first_maker(lens, lot);
                let flow = maker.map(|id| graph.flows.at(graph.legs.at(id).flow));
                if let Some(flow) = flow {
                    part.party = graph.parties.get(graph.flow_filing(flow).filer).into();
                }
                if !by_party {
                    part.lot = graph.lot_names.get(lot).into();
                    part.site = flow.map_or("", |f| graph.site_code(f.site)).into();
                    let stage = stage_of_code(lens.stage_code(lot));
                    let stage = stage.and_then(|s| self.common.stage_row(s));
                    part.stage = stage.map_or("", |s| s.code.as_str()).into();
                } else if part.party.is_empty() {
                    part.lot = graph.lot_names.get(lot).into();
                }
            }
        }
        part
    }

    fn forward<L: Lens>(&self, lens: &L, answer: &mut TraceAnswer) {
        let graph = lens.graph();
        let mut forward = Forward::default();
        let mut cuts: Vec<Cut> = Vec::new();
        let mut spread = forward.walk(lens, self.lot, self.element, &cuts);
        if spread.cyclic {
            let (lots, arcs) = forward.arcs();
            let (found, filings) = crate::cycle::cuts(graph, &lots, &arcs, |arc| arc.0);
            cuts.extend(found);
            name_cycles(graph, &filings, answer);
            spread = forward.walk(lens, self.lot, self.element, &cuts);
        }
        let mut parts = self.places(graph, &spread);
        parts.sort_by(|a, b| {
            shown(b.1).cmp(&shown(a.1)).then_with(|| place_key(&a.0).cmp(&place_key(&b.0)))
        });
        let (mut parts, shares): (Vec<Part>, Vec<u64>) = parts.into_iter().unzip();
        share_out(answer.content_ug, &mut parts, &shares);
        answer.edges_visited = spread.edges;
        answer.parts = parts;
    }

    fn places(&self, graph: &Graph, spread: &Spread) -> Vec<(Part, u64)> {
        let place = |&((lot, account), share): &((u32, Account), u64)| {
            let mut part = Part { lot: graph.lot_names.get(lot).into(), ..Part::default() };
            let site = match account {
                Account::Held { site } => ("stock", "", site),
                Account::Used { site, .. } => ("used", "", site),
                Account::Exported { site, .. } => ("exported", "", site),
                Account::Lost { site } => ("lost", "stated", site),
                Account::Assumed { site } => ("lost", "assumed", site),
                Account::Cycle { site } => ("lost", "cycle", site),
                Account::Transit { .. } => ("transit", "", NONE),
            };
            (part.state, part.cause) = (site.0, site.1);
            part.site = graph.site_code(site.2).into();
            part.party = graph.site_party(site.2).into();
            match account {
                Account::Transit { sender, receiver } => {
                    part.party = graph.other_name(sender).into();
                    part.to_party = graph.other_name(receiver).into();
                }
                Account::Used { end_use, .. } => {
                    let row = end_use.checked_sub(1).and_then(|u| self.common.uses.get(u as usize));
                    part.end_use = row.map_or("", |u| u.code.as_str()).into();
                }
                Account::Exported { customer, country, .. } => {
                    part.to_party = graph.other_name(customer).into();
                    if country[0] != 0 {
                        part.customer_country = CompactString::from_utf8_lossy(&country);
                    }
                }
                _ => {}
            }
            (part, share)
        };
        spread.places.iter().map(place).collect()
    }
}

/// Reads what naming the origins of a walk will read, pass by pass, so that cache misses overlap (see
/// [`Walker`]).
fn touch(graph: &Graph, walk: &Walk) {
    let lots = walk.origins.iter().filter_map(|o| match o.0 {
        Origin::Lot(lot) => Some(lot),
        Origin::Unexplained(_) => None,
    });
    let mut read = 0;
    let mut ids: Vec<u32> = Vec::with_capacity(walk.origins.len());
    for lot in lots {
        read ^= graph.lot_names.texts.first_byte(lot);
        let maker = graph.lots.at(lot).makers;
        if maker != NONE {
            ids.push(graph.legs.at(maker).flow);
        }
    }
    for id in &mut ids {
        *id = graph.flows.at(*id).filing;
    }
    for id in ids {
        read ^= graph.filings.at(id).filer as u8;
    }
    std::hint::black_box(read);
}

/// Walks back; where a cycle is met, cuts it and walks again.
fn back_acyclic<L: Lens>(
    lens: &L,
    walker: &mut Walker,
    lot: u32,
    element: Element,
    stop: Stop,
    cuts: &mut Vec<Cut>,
    answer: &mut TraceAnswer,
) -> Walk {
    let walk = walker.back(lens, lot, element, stop, cuts);
    if !walk.cyclic {
        return walk;
    }
    let (lots, arcs) = walker.arcs();
    let (found, filings) = crate::cycle::cuts(lens.graph(), &lots, &arcs, |arc| arc.1);
    cuts.extend(found);
    name_cycles(lens.graph(), &filings, answer);
    walker.back(lens, lot, element, stop, cuts)
}

/// The name of content that no input of a filing holds.
fn unexplained_name(graph: &Graph, filing: u32) -> CompactString {
    format_compact!("unexplained:{}", graph.filing_name(filing))
}

fn name_cycles(graph: &Graph, filings: &[u32], answer: &mut TraceAnswer) {
    answer.cycles = filings.iter().map(|&f| graph.filing_name(f)).collect();
    answer.cycles.sort_unstable();
}

type PlaceKey<'p> = [&'p str; 8];

fn place_key(part: &Part) -> PlaceKey<'_> {
    [
        &part.lot,
        part.state,
        part.cause,
        &part.party,
        &part.site,
        &part.to_party,
        &part.end_use,
        &part.customer_country,
    ]
}

/// Gives each part its share and its content; the contents add up exactly.
fn share_out(content_ug: i64, parts: &mut [Part], shares: &[u64]) {
    let contents = largest_remainder(content_ug, shares);
    for ((part, share), content) in parts.iter_mut().zip(shares).zip(contents) {
        part.share = fraction(shown(*share));
        part.content_ug = content;
    }
}
