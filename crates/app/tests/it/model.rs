//! A naive exact model of the ledger, written from its rules alone: plain vectors and fractions, all
//! of it worked out anew for each question. Obviously right before anything else.
//!
//! This file: which filings are live, what flows they state, and what a lot weighs and holds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::Kind;

use crate::economy::{Economy, Filing, Row, STAGES, Value};

/// The two axes of time of a question: last batch known, last day.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct View {
    pub(crate) known: Option<usize>,
    pub(crate) as_of: Option<i32>,
}

/// Analysed elements with their ppb.
pub(crate) type Assay = BTreeMap<&'static str, u32>;

/// What a row says of the lot that it concerns.
#[derive(Debug, Clone)]
pub(crate) struct Leg<'e> {
    pub(crate) lot: &'e str,
    pub(crate) mass: Option<i64>,
    pub(crate) assay: Option<Assay>,
    pub(crate) stage: Option<&'static str>,
}

/// One effect of a filing: a whole transform, or one row of any other kind.
#[derive(Debug, Clone)]
pub(crate) struct Flow<'e> {
    pub(crate) filing: &'e Filing,
    pub(crate) row: &'e Row,
    /// Which effect of its filing it is.
    pub(crate) number: usize,
    /// `in` legs of a transform, or the source of a part.
    pub(crate) draws: Vec<Leg<'e>>,
    /// `out` legs, the part, or the root.
    pub(crate) makes: Vec<Leg<'e>>,
    pub(crate) losses: Vec<Leg<'e>>,
    /// A lot that is moved, counted or named as a whole.
    pub(crate) whole: Option<Leg<'e>>,
}

impl Flow<'_> {
    pub(crate) fn kind(&self) -> Kind {
        self.filing.kind
    }

    pub(crate) fn transform(&self) -> bool {
        self.kind() == Kind::Transform
    }

    /// Whether it makes a part of a lot.
    pub(crate) fn part(&self) -> bool {
        !self.transform() && !self.draws.is_empty()
    }

    pub(crate) fn filing_name(&self) -> String {
        format!("{}/{}", self.filing.filer, self.filing.reference)
    }

    /// One word for it.
    pub(crate) fn key(&self) -> String {
        format!("{}#{}", self.filing_name(), self.number)
    }

    /// The other party by identifier, else in words.
    pub(crate) fn other(&self) -> &str {
        if self.row.party.is_empty() { self.row.customer } else { &self.row.party }
    }
}

/// Mass and composition and stage of a lot or leg.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Worth {
    pub(crate) mass: i128,
    pub(crate) assay: Option<Assay>,
    pub(crate) stage: Option<&'static str>,
}

pub(crate) const ROW_MASS_MAX: i128 = 9_000_000_000_000_000;

/// `floor(mass_mg × ppb / 1e6)` micrograms; nothing where not analysed.
pub(crate) fn content(worth: &Worth, element: &str) -> Option<i128> {
    let ppb = *worth.assay.as_ref()?.get(element)?;
    Some(worth.mass * i128::from(ppb) / 1_000_000)
}

pub(crate) struct Model<'e> {
    pub(crate) flows: Vec<Flow<'e>>,
    worths: RefCell<HashMap<String, Worth>>,
}

fn leg(row: &Row) -> Leg<'_> {
    let assay = (!row.composition.is_empty()).then(|| {
        let analysed = row.composition.iter().filter_map(|(element, value)| match value {
            Value::Ppb(ppb) => Some((*element, *ppb)),
            Value::Below(_) => Some((*element, 0)),
            Value::NotAnalysed => None,
        });
        analysed.collect()
    });
    let stage = (!row.stage.is_empty()).then_some(row.stage);
    Leg { lot: &row.lot, mass: row.mass_mg, assay, stage }
}

fn flows(filing: &Filing) -> Vec<Flow<'_>> {
    let flow = |row, number| Flow {
        filing,
        row,
        number,
        draws: Vec::new(),
        makes: Vec::new(),
        losses: Vec::new(),
        whole: None,
    };
    let of = |word| filing.rows.iter().filter(move |r| r.leg == word).map(leg).collect();
    match filing.kind {
        Kind::Void => Vec::new(),
        Kind::Transform => {
            let (draws, makes, losses) = (of("in"), of("out"), of("loss"));
            vec![Flow { draws, makes, losses, ..flow(&filing.rows[0], 0) }]
        }
        _ => filing
            .rows
            .iter()
            .enumerate()
            .map(|(number, row)| {
                let leg = leg(row);
                let part = !row.source_lot.is_empty() && row.source_lot != row.lot;
                if part {
                    let source = Leg { lot: &row.source_lot, ..leg.clone() };
                    Flow { draws: vec![source], makes: vec![leg], ..flow(row, number) }
                } else if filing.kind.root() {
                    Flow { makes: vec![leg], ..flow(row, number) }
                } else {
                    Flow { whole: Some(leg), ..flow(row, number) }
                }
            })
            .collect(),
    }
}

impl<'e> Model<'e> {
    pub(crate) fn new(economy: &'e Economy, view: View) -> Model<'e> {
        let known = |f: &&Filing| view.known.is_none_or(|batch| f.batch <= batch);
        let replaced = |f: &Filing| {
            let mut all = economy.filings.iter().filter(known);
            all.any(|g| g.filer == f.filer && g.corrects == f.reference)
        };
        let live = economy
            .filings
            .iter()
            .filter(known)
            .filter(|f| view.as_of.is_none_or(|day| f.day <= day))
            .filter(|f| !replaced(f));
        Model { flows: live.flat_map(flows).collect(), worths: RefCell::default() }
    }

    /// The makings of a lot: flow and leg.
    pub(crate) fn makings(&self, lot: &str) -> Vec<(&Flow<'e>, &Leg<'e>)> {
        let all = self.flows.iter().flat_map(|f| f.makes.iter().map(move |leg| (f, leg)));
        all.filter(|(_, leg)| leg.lot == lot).collect()
    }

    /// The draws on a lot. An import draws on its source only if that is a known lot: one that
    /// some live filing makes.
    pub(crate) fn draws(&self, lot: &str) -> Vec<(&Flow<'e>, &Leg<'e>)> {
        let all = self.flows.iter().filter(|f| self.continues(f));
        all.flat_map(|f| f.draws.iter().map(move |leg| (f, leg)))
            .filter(|(_, leg)| leg.lot == lot)
            .collect()
    }

    /// The filings that move, count or name a lot as a whole.
    pub(crate) fn wholes(&self, lot: &str) -> Vec<(&Flow<'e>, &Leg<'e>)> {
        let all = self.flows.iter().filter_map(|f| Some((f, f.whole.as_ref()?)));
        all.filter(|(_, leg)| leg.lot == lot).collect()
    }

    pub(crate) fn known(&self, lot: &str) -> bool {
        !(self.makings(lot).is_empty() && self.draws(lot).is_empty() && self.wholes(lot).is_empty())
    }

    pub(crate) fn continues(&self, flow: &Flow<'_>) -> bool {
        flow.kind() != Kind::Import
            || flow.draws.first().is_some_and(|source| !self.makings(source.lot).is_empty())
    }

    /// Whether what a making leaves out is that of another lot.
    fn inherits(flow: &Flow<'_>, made: &Leg<'_>) -> bool {
        flow.part() && (made.mass.is_none() || made.assay.is_none() || made.stage.is_none())
    }

    /// Whether a lot takes something of what it is from another, over any number of steps.
    fn inherits_from(&self, lot: &str, from: &str) -> bool {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut waiting = vec![lot];
        while let Some(at) = waiting.pop() {
            if at == from {
                return true;
            }
            if seen.insert(at) {
                let makings = self.makings(at).into_iter();
                waiting.extend(
                    makings.filter(|(f, m)| Self::inherits(f, m)).map(|(f, _)| f.draws[0].lot),
                );
            }
        }
        false
    }

    /// What a making weighs and holds: as stated, else as the lot that it is a part of. A part that
    /// is, over some steps, a part of itself has nothing to inherit.
    pub(crate) fn made(&self, flow: &Flow<'_>, made: &Leg<'_>) -> Worth {
        let source =
            if Self::inherits(flow, made) && !self.inherits_from(flow.draws[0].lot, made.lot) {
                self.lot(flow.draws[0].lot)
            } else {
                Worth::default()
            };
        stated_else(made, source)
    }

    /// What a lot weighs and holds: made several times, masses and contents add. Its stage is that of
    /// the first making that has one, else the first that is stated of it.
    pub(crate) fn lot(&self, lot: &str) -> Worth {
        if let Some(worth) = self.worths.borrow().get(lot) {
            return worth.clone();
        }
        let makings = self.makings(lot);
        let mut makings: Vec<_> = makings.iter().map(|(f, leg)| (f, self.made(f, leg))).collect();
        // Of the makings of one filing, the stage that each turns out to have decides, stated or not.
        makings.sort_by_key(|(f, w)| (f.filing.day, f.filing_name(), stage_place(w.stage)));
        let worths: Vec<Worth> = makings.into_iter().map(|(_, worth)| worth).collect();
        let mut worth = match worths.as_slice() {
            [] => Worth::default(),
            [one] => one.clone(),
            several => mean(several),
        };
        if worth.stage.is_none() {
            let draws = self.flows.iter().flat_map(|f| f.draws.iter().map(move |leg| (f, leg)));
            let mut others: Vec<_> =
                draws.filter(|(_, leg)| leg.lot == lot).chain(self.wholes(lot)).collect();
            // Of a part, the stage is said of the part, not of its source.
            others.retain(|(f, leg)| leg.stage.is_some() && !f.part());
            others.sort_by_key(|(f, leg)| (f.filing.day, f.filing_name(), stage_place(leg.stage)));
            worth.stage = others.first().and_then(|(_, leg)| leg.stage);
        }
        self.worths.borrow_mut().insert(lot.to_owned(), worth.clone());
        worth
    }

    /// What a draw takes: of a part what the part is made with, else as stated, else as its lot.
    pub(crate) fn drawn(&self, flow: &Flow<'_>, draw: &Leg<'_>) -> Worth {
        if flow.part() {
            return self.made(flow, &flow.makes[0]);
        }
        stated_else(draw, self.lot(draw.lot))
    }

    pub(crate) fn whole(&self, whole: &Leg<'_>) -> Worth {
        stated_else(whole, self.lot(whole.lot))
    }

    /// Content of a draw, 0 where not analysed.
    pub(crate) fn drawn_content(&self, flow: &Flow<'_>, draw: &Leg<'_>, element: &str) -> i128 {
        content(&self.drawn(flow, draw), element).unwrap_or(0)
    }

    pub(crate) fn made_content(&self, flow: &Flow<'_>, made: &Leg<'_>, element: &str) -> i128 {
        content(&self.made(flow, made), element).unwrap_or(0)
    }

    /// Content of a lot: what its makings hold; of a lot never made, what is taken out of it.
    pub(crate) fn lot_content(&self, lot: &str, element: &str) -> i128 {
        let makings = self.makings(lot);
        if makings.is_empty() {
            return self.accounts(lot, element).taken();
        }
        makings.iter().map(|(f, leg)| self.made_content(f, leg, element)).sum()
    }

    /// Who filed the first making of a lot, and where.
    pub(crate) fn maker(&self, lot: &str) -> Option<(&'static str, &'static str)> {
        let makings = self.makings(lot);
        let first = makings.iter().min_by_key(|(f, _)| (f.filing.day, f.filing_name()));
        first.map(|(f, _)| (f.filing.filer, f.row.site))
    }
}

fn stated_else(leg: &Leg<'_>, lot: Worth) -> Worth {
    Worth {
        mass: leg.mass.map_or(lot.mass.min(ROW_MASS_MAX), i128::from),
        assay: leg.assay.clone().or(lot.assay),
        stage: leg.stage.or(lot.stage),
    }
}

/// Where a stage stands in the pack's table, which decides between rows of one filing.
fn stage_place(stage: Option<&str>) -> Option<usize> {
    STAGES.iter().position(|s| Some(*s) == stage)
}

/// Several makings as one: mean composition by mass, floored, over what was analysed in any.
fn mean(makings: &[Worth]) -> Worth {
    let mass: i128 = makings.iter().map(|w| w.mass).sum();
    let mut products: BTreeMap<&'static str, i128> = BTreeMap::new();
    for worth in makings {
        for (element, ppb) in worth.assay.iter().flatten() {
            *products.entry(element).or_default() += worth.mass * i128::from(*ppb);
        }
    }
    let assay = products.into_iter().map(|(e, product)| (e, (product / mass.max(1)) as u32));
    let assay: Assay = assay.collect();
    Worth {
        mass,
        assay: (!assay.is_empty()).then_some(assay),
        stage: makings.iter().find_map(|w| w.stage),
    }
}
