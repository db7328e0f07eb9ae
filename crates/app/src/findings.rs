//! The contradictions of the ledger, worked out from what is live in a view.
//!
//! They are derived, never stored: a late filing changes them rightly. An import reports those of
//! the lots and transforms that its filings touch; [`Books::findings`] gives all.

use std::collections::BTreeSet;

use base::common::Common;
use base::decimal::Scaled;
use base::flow::Role;
use base::kind::Kind;
use base::mass::content_kg;
use base::time::date_unpack;
use base::{Mass, Severity};
use insight::View;
use insight::back::continues;
use insight::graph::{Graph, Leg, NONE, stage_of_code};
use insight::lens::{Current, Lens, Past};
use serde::Serialize;
use tracking::custody::{LotFinding, LotRule, Touch, lot_findings};
use tracking::yields::{Part, Transform, TransformFinding, TransformRule, transform_findings};

use crate::books::Books;

/// A contradiction or anomaly of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LedgerFinding {
    /// Stable code of the rule.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Party that it concerns.
    pub party: String,
    /// Site.
    pub site: String,
    /// Lots.
    pub lots: Vec<String>,
    /// Filings as `filer/filing`; the first is the one to look at.
    pub filings: Vec<String>,
    /// Element, where it is about one.
    pub element: String,
    /// Content or mass concerned, in micrograms of content or milligrams of mass.
    pub size: i64,
    /// What was expected.
    pub expected: String,
    /// What is stated.
    pub observed: String,
    /// One sentence.
    pub explanation: String,
    /// How far from what was expected, for ranking.
    pub score: Score,
}

/// How far a finding is from what was expected, 0 to 1 in thousandths: severity first, then size.
///
/// A note scores 0 to 0.3, a warning 0.3 to 0.6, an error 0.6 to 1; within that, what is off as a
/// part of the greater of what was expected and observed. What either is or is not scores its whole severity.
/// No chance, no clock, no other filings enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(u16);

impl Score {
    /// The score of a finding that is off by `off` where the greater of expected and observed is
    /// `of`, in the same unit.
    #[must_use]
    pub fn of(severity: Severity, off: i128, of: i128) -> Score {
        let (low, high) = match severity {
            Severity::Note => (0, 300),
            Severity::Warning => (300, 600),
            Severity::Error => (600, 1000),
        };
        let (off, of) = (off.clamp(0, of.max(0)), of.max(1));
        // Sums of contents fit 100 bits, so the product does not overflow.
        Score(low + (i128::from(high - low) * off / of) as u16)
    }

    /// 0 to 1.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

impl Serialize for Score {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.value())
    }
}

impl Books {
    /// All findings in a view, sorted by rule, party, site, lots and filings.
    #[must_use]
    pub fn findings(&self, view: &View) -> Vec<LedgerFinding> {
        let graph = self.graph();
        if *view == View::default() {
            all(&Current(graph), self.common())
        } else {
            all(&Past::new(graph, view), self.common())
        }
    }

    /// Calls `each` for the findings about lots and transforms that filings from a number on touch,
    /// as they stand now. One after the other, since bad data has a finding a row.
    pub(crate) fn findings_since(&self, first_filing: u32, mut each: impl FnMut(LedgerFinding)) {
        let graph = self.graph();
        let lens = Current(graph);
        let first = match graph.filings.len() as u32 {
            count if first_filing < count => graph.filings.at(first_filing),
            _ => return,
        };
        let mut found = Vec::new();
        let mut lots: Vec<u32> = Vec::new();
        for flow in first.flows..graph.flows.len() as u32 {
            let legs = graph.flow_legs(flow);
            lots.extend(legs.iter().filter(|l| l.lot != NONE).map(|l| l.lot));
            if legs.first().is_some_and(|l| lens.live(l)) {
                flow_findings(&lens, self.common(), flow, &mut found);
                found.drain(..).for_each(&mut each);
            }
        }
        lots.sort_unstable();
        lots.dedup();
        let mut touches = Vec::new();
        for lot in lots {
            lot_all(&lens, lot, &mut touches, &mut found);
            found.drain(..).for_each(&mut each);
        }
    }
}

fn all<L: Lens>(lens: &L, common: &Common) -> Vec<LedgerFinding> {
    let graph = lens.graph();
    let mut found = Vec::new();
    for flow in 0..graph.flows.len() as u32 {
        if graph.flow_legs(flow).first().is_some_and(|l| lens.live(l)) {
            flow_findings(lens, common, flow, &mut found);
        }
    }
    let mut touches = Vec::new();
    for lot in 0..graph.lots.len() as u32 {
        lot_all(lens, lot, &mut touches, &mut found);
    }
    cycles(lens, &mut found);
    late_openings(lens, &mut found);
    crate::muf::alarms(lens, common, &mut found);
    unverified(lens, &mut found);
    found.sort_unstable();
    found
}

fn lot_all<L: Lens>(lens: &L, lot: u32, touches: &mut Vec<Touch>, to: &mut Vec<LedgerFinding>) {
    let graph = lens.graph();
    touches.clear();
    // The lot abroad of which an import was a part is none of ours, unless something makes it.
    let ours = |leg: &Leg| leg.role() != Role::Take || continues(lens, leg);
    let legs = lens.makers(lot).chain(lens.touches(lot)).filter(|(_, leg)| ours(leg));
    touches.extend(legs.map(|(_, leg)| touch(lens, leg)));
    touches.sort_by(|a, b| graph.filing_order(a.filing, b.filing));
    for finding in lot_findings(touches) {
        to.push(lot_finding(graph, lot, &finding));
    }
}

fn touch<L: Lens>(lens: &L, leg: &Leg) -> Touch {
    let graph = lens.graph();
    let flow = graph.flows.at(leg.flow);
    let filing = graph.flow_filing(flow);
    Touch {
        kind: flow.kind(),
        role: leg.role(),
        date: filing.date,
        filing: flow.filing,
        filer: filing.filer,
        site: flow.site,
        other: flow.other,
        mass_mg: lens.mass(leg),
    }
}

fn lot_finding(graph: &Graph, lot: u32, finding: &LotFinding) -> LedgerFinding {
    let id = graph.lot_names.get(lot);
    let kg = |mg: i128| {
        let value = i64::try_from(mg).unwrap_or(i64::MAX);
        format!("{} kg", Scaled { value, scale: Mass::KG_DECIMALS })
    };
    let (expected, observed) = match finding.rule {
        // Makings, and days: they read alike in every language.
        LotRule::Undeclared => ("1".to_owned(), "0".to_owned()),
        LotRule::MadeTwice => ("1".to_owned(), finding.observed_mg.to_string()),
        LotRule::BeforeMade => {
            let day = |packed: i32| date_unpack(packed).map_or(String::new(), |d| d.to_string());
            finding.days.map_or_else(Default::default, |(made, drawn)| {
                (format!("≥ {}", day(made)), day(drawn))
            })
        }
        _ => (kg(finding.expected_mg), kg(finding.observed_mg)),
    };
    let party = graph.parties.get(finding.party).to_owned();
    let explanation = match finding.rule {
        LotRule::Undeclared => format!("lot {id} is drawn or moved, and no filing makes it"),
        LotRule::MadeTwice => format!("lot {id} is made more than once; its masses are added"),
        LotRule::BeforeMade => format!("lot {id} is drawn before the day on which it was made"),
        LotRule::Overdrawn => {
            format!("{observed} are taken out of lot {id}, which holds {expected}")
        }
        LotRule::DrawnWithoutCustody => {
            format!("{party} takes {observed} of lot {id} where it holds {expected}")
        }
        LotRule::MissingReceipt => format!("{expected} of lot {id} were sent and not received"),
        LotRule::ReceiptWithoutTransfer => {
            format!("{observed} of lot {id} were received and not sent")
        }
        LotRule::MassDiffers => {
            format!("{expected} of lot {id} were sent and {observed} received")
        }
    };
    let severity = match finding.rule {
        LotRule::MissingReceipt | LotRule::MassDiffers | LotRule::MadeTwice => Severity::Warning,
        _ => Severity::Error,
    };
    let (expected_mg, observed_mg) = (finding.expected_mg, finding.observed_mg);
    let score = match finding.rule {
        LotRule::Undeclared | LotRule::BeforeMade => Score::of(severity, 1, 1),
        _ => Score::of(severity, (observed_mg - expected_mg).abs(), observed_mg.max(expected_mg)),
    };
    LedgerFinding {
        rule: finding.rule.code(),
        severity,
        score,
        party,
        site: graph.site_code(finding.site).to_owned(),
        lots: vec![id.to_owned()],
        filings: finding.filings.iter().map(|&f| graph.filing_name(f)).collect(),
        element: String::new(),
        size: i64::try_from((finding.observed_mg - finding.expected_mg).abs()).unwrap_or(i64::MAX),
        expected,
        observed,
        explanation,
    }
}

fn flow_findings<L: Lens>(lens: &L, common: &Common, flow: u32, to: &mut Vec<LedgerFinding>) {
    let graph = lens.graph();
    let record = graph.flows.at(flow);
    if record.kind() != Kind::Transform {
        return;
    }
    let legs = graph.flow_legs(flow);
    // Contents of all legs, element by element, so that each leg is read once.
    let mut contents: Vec<(u8, u32, i64)> = Vec::with_capacity(legs.len() * 8);
    for (number, leg) in legs.iter().enumerate() {
        lens.contents(leg, &mut |element, content| {
            contents.push((element, number as u32, content))
        });
    }
    contents.sort_unstable();
    for of_element in contents.chunk_by(|a, b| a.0 == b.0) {
        let element = of_element[0].0;
        let row = match common.elements.get(element as usize) {
            Some(row) if !row.accompanying && of_element.iter().any(|c| c.2 > 0) => row,
            _ => continue,
        };
        let parts = |role: Role| -> Vec<Part> {
            let of_role = legs.iter().enumerate().filter(|(_, l)| l.role() == role);
            of_role
                .map(|(number, leg)| {
                    let content = of_element.iter().find(|c| c.1 == number as u32).map(|c| c.2);
                    Part { stage: stage_of(lens, leg), content_ug: content }
                })
                .collect()
        };
        let (inputs, outputs, losses) = (parts(Role::In), parts(Role::Made), parts(Role::Lost));
        let transform = Transform {
            process: record.process(),
            inputs: &inputs,
            outputs: &outputs,
            losses: &losses,
        };
        for finding in transform_findings(&transform, common) {
            to.push(transform_finding(graph, flow, &row.symbol, &finding));
        }
    }
}

/// The stage of a leg: as stated, else that of its lot.
fn stage_of<L: Lens>(lens: &L, leg: &Leg) -> Option<base::StageId> {
    match leg.stage_code() {
        0 if leg.lot == NONE => None,
        0 => stage_of_code(lens.stage_code(leg.lot)),
        stated => stage_of_code(stated),
    }
}

fn transform_finding(
    graph: &Graph,
    flow: u32,
    symbol: &str,
    finding: &TransformFinding,
) -> LedgerFinding {
    let record = graph.flows.at(flow);
    let name = graph.filing_name(record.filing);
    let legs = graph.flow_legs(flow);
    let made = legs.iter().filter(|l| l.role() == Role::Made);
    let lots = made.map(|l| graph.lot_names.get(l.lot).to_owned()).collect();
    let kg = |ug: i128| format!("{} kg", content_kg(i64::try_from(ug).unwrap_or(i64::MAX)));
    let percent = |ppm: i128| format!("{}.{} %", ppm / 10_000, ppm / 1_000 % 10);
    let (expected, observed) = match finding.rule {
        TransformRule::YieldOutOfBand => (
            format!("{} to {}", percent(finding.expected.0), percent(finding.expected.1)),
            percent(finding.observed),
        ),
        TransformRule::Gain => (kg(finding.expected.0), kg(finding.observed)),
        _ => (kg(finding.expected.1), kg(finding.observed)),
    };
    let explanation = match finding.rule {
        TransformRule::Gain => format!("{name} makes more {symbol} than goes in"),
        TransformRule::Unexplained => {
            format!("{name} makes {symbol}, which was analysed and absent in every input")
        }
        TransformRule::YieldOutOfBand => {
            format!("{name} yields {observed} of the {symbol}; {expected} are usual")
        }
        TransformRule::Closure => {
            format!(
                "{name} states {observed} of {symbol} of the {} that went in",
                kg(finding.expected.1)
            )
        }
    };
    let severity = match finding.rule {
        TransformRule::Gain if finding.within_measurement() => Severity::Note,
        TransformRule::Gain | TransformRule::Unexplained => Severity::Error,
        TransformRule::YieldOutOfBand | TransformRule::Closure => Severity::Warning,
    };
    let score = match (finding.rule, finding.expected, finding.observed) {
        (TransformRule::Unexplained, ..) => Score::of(severity, 1, 1),
        (TransformRule::YieldOutOfBand, (low, high), observed) => {
            Score::of(severity, (low - observed).max(observed - high), observed.max(low))
        }
        (_, (low, high), observed) => {
            Score::of(severity, finding.size_ug, observed.max(low.max(high)))
        }
    };
    LedgerFinding {
        rule: finding.rule.code(),
        severity,
        score,
        party: graph.parties.get(graph.flow_filing(record).filer).to_owned(),
        site: graph.site_code(record.site).to_owned(),
        lots,
        filings: vec![name],
        element: symbol.to_owned(),
        size: i64::try_from(finding.size_ug).unwrap_or(i64::MAX),
        expected,
        observed,
        explanation,
    }
}

/// Lots that are their own ancestors, by all legs alike. Only where some flow draws a lot that is
/// first made no earlier than what it becomes can there be any.
fn cycles<L: Lens>(lens: &L, to: &mut Vec<LedgerFinding>) {
    let graph = lens.graph();
    for (filing, lots) in insight::cycle::all(lens) {
        let record = graph.filings.at(filing);
        let name = graph.filing_name(filing);
        let mut lots: Vec<String> =
            lots.iter().map(|&l| graph.lot_names.get(l).to_owned()).collect();
        lots.sort_unstable();
        let site = graph.filing_flows(filing).next().map_or(NONE, |f| graph.flows.at(f).site);
        to.push(LedgerFinding {
            rule: "cycle",
            severity: Severity::Error,
            score: Score::of(Severity::Error, 1, 1),
            party: graph.parties.get(record.filer).to_owned(),
            site: graph.site_code(site).to_owned(),
            explanation: format!("{} lots are their own ancestors; cut at {name}", lots.len()),
            lots,
            filings: vec![name],
            element: String::new(),
            size: 0,
            expected: String::new(),
            observed: String::new(),
        });
    }
}

/// Openings after the cut-over of their site: the first day of which anything else is filed there.
fn late_openings<L: Lens>(lens: &L, to: &mut Vec<LedgerFinding>) {
    let graph = lens.graph();
    let live = || {
        let flows =
            (0..graph.flows.len() as u32).map(|flow| (graph.flows.at(flow), graph.flow_legs(flow)));
        flows.filter(|(flow, legs)| flow.site != NONE && legs.first().is_some_and(|l| lens.live(l)))
    };
    let mut cut_over = vec![i32::MAX; graph.sites.len()];
    let moves = |kind: Kind| !matches!(kind, Kind::Opening | Kind::Count | Kind::Title);
    for (flow, _) in live().filter(|(flow, _)| moves(flow.kind())) {
        let day = &mut cut_over[flow.site as usize];
        *day = (*day).min(graph.flow_filing(flow).date);
    }
    let day = |packed: i32| date_unpack(packed).map_or(String::new(), |d| d.to_string());
    for (flow, legs) in live().filter(|(flow, _)| flow.kind() == Kind::Opening) {
        let (date, first) = (graph.flow_filing(flow).date, cut_over[flow.site as usize]);
        if date <= first {
            continue;
        }
        let name = graph.filing_name(flow.filing);
        let made = legs.iter().filter(|l| l.role() == Role::Made);
        to.push(LedgerFinding {
            rule: "opening_late",
            severity: Severity::Warning,
            score: Score::of(Severity::Warning, 1, 1),
            party: graph.parties.get(graph.flow_filing(flow).filer).to_owned(),
            site: graph.site_code(flow.site).to_owned(),
            lots: made.map(|l| graph.lot_names.get(l.lot).to_owned()).collect(),
            explanation: format!(
                "{name} opens a stock at a site of which other filings are there from {}",
                day(first)
            ),
            filings: vec![name],
            element: String::new(),
            size: legs.iter().map(|l| lens.mass(l)).sum(),
            expected: format!("a day not after {}", day(first)),
            observed: day(date),
        });
    }
}

/// Parties that no register has confirmed; none is registered yet, so all that file or are named.
fn unverified<L: Lens>(lens: &L, to: &mut Vec<LedgerFinding>) {
    let graph = lens.graph();
    let mut named: BTreeSet<u32> = BTreeSet::new();
    for flow in 0..graph.flows.len() as u32 {
        if !graph.flow_legs(flow).first().is_some_and(|l| lens.live(l)) {
            continue;
        }
        let record = graph.flows.at(flow);
        named.insert(graph.flow_filing(record).filer);
        if record.other & insight::graph::CUSTOMER == 0 {
            named.insert(record.other);
        }
    }
    for party in named {
        to.push(unverified_finding(graph.parties.get(party)));
    }
}

pub(crate) fn unverified_finding(party: &str) -> LedgerFinding {
    LedgerFinding {
        rule: "party_unverified",
        severity: Severity::Note,
        score: Score::of(Severity::Note, 0, 1),
        party: party.to_owned(),
        site: String::new(),
        lots: Vec::new(),
        filings: Vec::new(),
        element: String::new(),
        size: 0,
        expected: String::new(),
        observed: String::new(),
        explanation: format!("{party} had never been seen; it is registered as unverified"),
    }
}
