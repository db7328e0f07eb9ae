//! The books as their reader may know them.
//!
//! A row that leaves out mass or composition has that of its lot. Where another party made the lot, this
//! would tell its figures to whoever names the lot in a filing of its own. So a party reads what it
//! stated, what it made, and what a holder told it by naming it as the other party; what a row of its own
//! leaves to any other lot weighs nothing and is not analysed, for this reader.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use base::Element;
use insight::Graph;
use insight::graph::{Leg, NONE};
use insight::lens::{Current, Lens};

use crate::books::Books;
use crate::findings::LedgerFinding;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience<'r> {
    /// The authority, or whoever runs the ledger: everything.
    #[default]
    Authority,
    /// A party (`scheme:value`).
    Party(&'r str),
}

/// A lens as a reader may use it.
#[derive(Debug)]
pub(crate) struct Reading<L> {
    lens: L,
    /// The party that reads; nothing where everything is read.
    party: Option<u32>,
    /// Lots asked about so far; nothing of those that are being worked out.
    known: RefCell<HashMap<u32, Option<bool>>>,
    /// Whether the reader's own rows leave nothing to a lot that it does not know; worked out once.
    complete: OnceCell<bool>,
}

impl<L: Lens> Reading<L> {
    pub(crate) fn new(lens: L, reader: Audience<'_>) -> Reading<L> {
        let party = match reader {
            Audience::Authority => None,
            // A party that the books do not know made nothing and was told nothing.
            Audience::Party(id) => Some(lens.graph().party_find(id).unwrap_or(NONE)),
        };
        Reading { lens, party, known: RefCell::default(), complete: OnceCell::new() }
    }

    /// Whether what a lot weighs and holds is for this reader to know. Without recursion: a chain of parts
    /// is as long as a filer likes.
    pub(crate) fn knows(&self, lot: u32) -> bool {
        let Some(party) = self.party else { return true };
        let mut known = self.known.borrow_mut();
        let mut waiting = vec![lot];
        while let Some(&lot) = waiting.last() {
            match known.get(&lot) {
                Some(Some(_)) => {
                    waiting.pop();
                    continue;
                }
                Some(None) => {}
                None => {
                    known.insert(lot, None);
                }
            }
            match self.verdict(party, lot, &known) {
                Verdict::Known(verdict) => {
                    known.insert(lot, Some(verdict));
                }
                // A part of a part of itself has nothing to show.
                Verdict::As(source) if known.contains_key(&source) => {
                    known.insert(lot, Some(false));
                }
                Verdict::As(source) => waiting.push(source),
            }
        }
        known.get(&lot).copied().flatten().unwrap_or(false)
    }

    fn verdict(&self, party: u32, lot: u32, known: &HashMap<u32, Option<bool>>) -> Verdict {
        let graph = self.lens.graph();
        let filer = |leg: &Leg| graph.flow_filing(graph.flows.at(leg.flow)).filer;
        let told = |leg: &Leg| filer(leg) != party && graph.flows.at(leg.flow).other == party;
        let all = || self.lens.makers(lot).chain(self.lens.touches(lot)).map(|(_, leg)| leg);
        if all().any(told) {
            return Verdict::Known(true);
        }
        if self.lens.makers(lot).next().is_none() {
            return Verdict::Known(all().all(|leg| filer(leg) == party));
        }
        for (_, leg) in self.lens.makers(lot) {
            if filer(leg) != party {
                return Verdict::Known(false);
            }
            match leaves_to(graph, leg).map(|source| (source, known.get(&source))) {
                None | Some((_, Some(Some(true)))) => {}
                Some((_, Some(Some(false)))) => return Verdict::Known(false),
                Some((source, _)) => return Verdict::As(source),
            }
        }
        Verdict::Known(true)
    }

    /// Whether a leg leaves nothing to a lot that the reader does not know.
    fn stands(&self, leg: &Leg) -> bool {
        self.party.is_none()
            || leaves_to(self.lens.graph(), leg).is_none_or(|source| self.knows(source))
    }
}

/// What may be said of a lot so far.
enum Verdict {
    Known(bool),
    /// What is said of this lot, which is not worked out yet.
    As(u32),
}

/// The lot to which a leg leaves mass or composition.
fn leaves_to(graph: &Graph, leg: &Leg) -> Option<u32> {
    let states = leg.mass().is_some() && leg.comp != 0;
    let source = if states { NONE } else { graph.figures_from(leg) };
    (source != NONE).then_some(source)
}

/// Findings about who told what: they rest on the reader's own rows where these state their mass.
const OF_HANDOVERS: [&str; 3] =
    ["drawn_without_custody", "missing_receipt", "receipt_without_transfer"];
/// Findings about one filing of a transform.
const OF_TRANSFORMS: [&str; 4] = ["gain", "unexplained", "yield_out_of_band", "closure"];
/// Findings that rest on no figure.
const OF_NO_FIGURE: [&str; 2] = ["opening_late", "party_unverified"];
/// Findings about what a party itself answers for, and is shown on a page of its own: its quota, what was
/// drawn down on its licences, what it reports.
const OF_ITS_DUTIES: [&str; 11] = [
    "quota_exceeded",
    "quota_nearly_used",
    "draw_down_not_filed",
    "duty_overdue",
    "report_unknown",
    "report_before_draw_down",
    "receipt_short",
    "receipt_beyond",
    "reimport_beyond",
    "installed_beyond",
    "report_unit",
];

impl<L: Lens> Reading<L> {
    /// Whether that there is such a finding tells the reader no figure that is not for it to know.
    pub(crate) fn may_be_told(&self, finding: &LedgerFinding) -> bool {
        let told = OF_NO_FIGURE.contains(&finding.rule) || OF_ITS_DUTIES.contains(&finding.rule);
        if self.party.is_none() || told {
            return true;
        }
        let graph = self.lens.graph();
        if OF_TRANSFORMS.contains(&finding.rule) {
            let name = finding
                .filings
                .first()
                .and_then(|name| name.strip_prefix(finding.party.as_str())?.strip_prefix('/'));
            let filer = graph.party_find(&finding.party);
            let filing = filer.zip(name).and_then(|(f, name)| graph.filing_find(f, name));
            return filing.is_some_and(|filing| {
                let mut legs = graph.filing_flows(filing).flat_map(|flow| graph.flow_legs(flow));
                legs.all(|leg| self.stands(leg))
            });
        }
        if finding.lots.is_empty() {
            let all = || graph.legs.iter().all(|leg| !self.own(leg) || self.stands(leg));
            return *self.complete.get_or_init(all);
        }
        let handover = OF_HANDOVERS.contains(&finding.rule);
        finding.lots.iter().filter_map(|lot| graph.lot_find(lot)).all(|lot| {
            let own = || {
                let all = self.lens.makers(lot).chain(self.lens.touches(lot));
                all.map(|(_, leg)| leg).filter(|leg| self.own(leg))
            };
            self.knows(lot) || (handover && own().all(|leg| leg.mass().is_some()))
        })
    }

    /// Whether of what a leg draws the reader may know what it is made of: not where it draws, in a filing
    /// of its own, a lot that nobody told it of. Naming a lot tells nothing about it.
    pub(crate) fn made_known(&self, leg: &Leg) -> bool {
        !self.own(leg) || self.knows(leg.lot)
    }

    /// Whether nothing that the reader filed draws a lot that it was not told of, or leaves a figure to one.
    pub(crate) fn told_of_all(&self) -> bool {
        let drawn = |leg: &Leg| leg.lot == NONE || !leg.role().draws() || self.made_known(leg);
        self.lens
            .graph()
            .legs
            .iter()
            .all(|leg| !self.own(leg) || !self.lens.live(leg) || (self.stands(leg) && drawn(leg)))
    }

    /// Whether the reader itself filed a leg.
    fn own(&self, leg: &Leg) -> bool {
        let graph = self.lens.graph();
        Some(graph.flow_filing(graph.flows.at(leg.flow)).filer) == self.party
    }
}

impl Books {
    /// Of these findings those that a reader may be told of.
    #[must_use]
    pub fn findings_told<'f>(
        &self,
        reader: Audience<'_>,
        findings: impl Iterator<Item = &'f LedgerFinding>,
    ) -> Vec<LedgerFinding> {
        let reading = Reading::new(Current(self.graph()), reader);
        findings.filter(|finding| reading.may_be_told(finding)).cloned().collect()
    }
}

/// The books as they bear on a reader's own account: rows of others as they are, its own rows as it may know
/// what they leave to a lot.
#[derive(Debug)]
pub(crate) struct OwnRows<L>(pub(crate) Reading<L>);

impl<L: Lens> Lens for OwnRows<L> {
    fn graph(&self) -> &Graph {
        self.0.graph()
    }

    fn live(&self, leg: &Leg) -> bool {
        self.0.live(leg)
    }

    fn mass(&self, leg: &Leg) -> i64 {
        if self.0.own(leg) { self.0.mass(leg) } else { self.0.lens.mass(leg) }
    }

    fn ppb(&self, leg: &Leg, element: Element) -> Option<u32> {
        if self.0.own(leg) { self.0.ppb(leg, element) } else { self.0.lens.ppb(leg, element) }
    }

    fn stage_code(&self, lot: u32) -> u32 {
        let made = self.0.lens.makers(lot).any(|(_, leg)| self.0.own(leg));
        if made { self.0.stage_code(lot) } else { self.0.lens.stage_code(lot) }
    }

    fn contents(&self, leg: &Leg, each: &mut dyn FnMut(u8, i64)) {
        if self.0.own(leg) {
            self.0.contents(leg, each);
        } else {
            self.0.lens.contents(leg, each);
        }
    }
}

impl<L: Lens> Lens for Reading<L> {
    fn graph(&self) -> &Graph {
        self.lens.graph()
    }

    fn live(&self, leg: &Leg) -> bool {
        self.lens.live(leg)
    }

    fn mass(&self, leg: &Leg) -> i64 {
        if leg.mass().is_some() || self.stands(leg) { self.lens.mass(leg) } else { 0 }
    }

    fn ppb(&self, leg: &Leg, element: Element) -> Option<u32> {
        if leg.comp != 0 || self.stands(leg) { self.lens.ppb(leg, element) } else { None }
    }

    fn stage_code(&self, lot: u32) -> u32 {
        if self.knows(lot) { self.lens.stage_code(lot) } else { 0 }
    }

    fn contents(&self, leg: &Leg, each: &mut dyn FnMut(u8, i64)) {
        if self.stands(leg) {
            self.lens.contents(leg, each);
        }
    }
}
