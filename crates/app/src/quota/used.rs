//! What filings use of a quota, in oxide mass.
//!
//! The oxide mass of a leg is the sum over its rare earths of `⌊content ÷ element per oxide⌋` in micrograms,
//! with the factors of `packs/common/reo_factors.csv`; what a filing uses is the sum of its legs, floored
//! once to milligrams and then divided among types of ore, imported and secondary feed, and owners by
//! largest remainder, so that the parts add up to it.

use std::collections::BTreeMap;

use base::kind::Kind;
use base::time::date_unpack;
use controls::regime::QuotaEnd;
use insight::graph::{Leg, NONE, Role};
use insight::lens::{Current, Lens};
use licensing::quota::{AMOUNT_MAX_MG, Line, QuotaUse};

use super::counting::{Event, QuotaCounting};
use super::origin::{Origins, Tag, UNTOLD, split};
use crate::audience::{Audience, OwnRows, Reading};
use crate::books::Books;

impl Books {
    /// What all live filings use of a quota, by company, line, day and filing.
    #[must_use]
    pub fn quota_uses(&self, counting: &QuotaCounting) -> Vec<QuotaUse> {
        self.uses_read(counting, &Current(self.graph()), &|_| true)
    }

    /// The same as far as a company may know it: what its own rows leave to a lot that nobody told it of
    /// weighs nothing, and what such a lot is made of is not told.
    #[must_use]
    pub fn quota_uses_told(&self, counting: &QuotaCounting, company: &str) -> Vec<QuotaUse> {
        let rows = OwnRows(Reading::new(Current(self.graph()), Audience::Party(company)));
        self.uses_read(counting, &rows, &|leg| rows.0.made_known(leg))
    }

    /// Whether a company may know all that its position rests on, so that it is the authority's.
    #[must_use]
    pub fn quota_all_told(&self, company: &str) -> bool {
        Reading::new(Current(self.graph()), Audience::Party(company)).told_of_all()
    }

    fn uses_read<L: Lens>(
        &self,
        counting: &QuotaCounting,
        lens: &L,
        known: Known<'_>,
    ) -> Vec<QuotaUse> {
        let graph = self.graph();
        let mut counted: Vec<(u32, usize)> = Vec::new();
        let mut drawn: Vec<u32> = Vec::new();
        for flow in 0..graph.flows.len() as u32 {
            let legs = graph.flow_legs(flow);
            if !legs.first().is_some_and(|leg| lens.live(leg)) {
                continue;
            }
            for (at, event) in counting.events.iter().enumerate() {
                if meets((lens, known), flow, event) {
                    counted.push((flow, at));
                    drawn.extend(legs.iter().filter(|l| l.role() == Role::In).map(|l| l.lot));
                }
            }
        }
        let origins = Origins::of(lens, counting, known, drawn);
        // One row of each filing, line and kind of feed, however many flows it has.
        let mut rows: BTreeMap<(u32, String, Tag), i128> = BTreeMap::new();
        for (flow, at) in counted {
            let Some(event) = counting.events.get(at) else { continue };
            let filing = graph.flows.at(flow).filing;
            for (tag, amount) in used((lens, known), counting, &origins, flow, event) {
                *rows.entry((filing, event.stage.clone(), tag)).or_default() += i128::from(amount);
            }
        }
        let mut uses: Vec<QuotaUse> = rows
            .into_iter()
            .filter_map(|((filing, stage, tag), amount)| {
                let record = graph.filings.at(filing);
                let company = if tag.owner == NONE { record.filer } else { tag.owner };
                Some(QuotaUse {
                    company: graph.parties.get(company).to_owned(),
                    line: Line { stage, ore: counting.ore_code(tag.ore).to_owned() },
                    day: date_unpack(record.date)?,
                    filing: graph.filing_name(filing),
                    amount_mg: i64::try_from(amount).unwrap_or(AMOUNT_MAX_MG).min(AMOUNT_MAX_MG),
                    imported: tag.imported,
                    secondary: tag.secondary,
                })
            })
            .filter(|of| of.amount_mg > 0)
            .collect();
        uses.sort_unstable();
        uses
    }
}

/// Whether of what a leg draws is known what it is.
type Known<'k> = &'k dyn Fn(&Leg) -> bool;

/// The stage of a leg: as stated, else that of its lot where that is known.
fn stage<L: Lens>((lens, known): (&L, Known<'_>), leg: &Leg) -> u32 {
    match leg.stage_code() {
        0 if leg.lot == NONE || (leg.role().draws() && !known(leg)) => 0,
        0 => lens.stage_code(leg.lot),
        stated => stated,
    }
}

/// Whether a flow is what uses the quota.
fn meets<L: Lens>(read: (&L, Known<'_>), flow: u32, event: &Event) -> bool {
    let graph = read.0.graph();
    let legs = graph.flow_legs(flow);
    let of = |role: Role| legs.iter().filter(move |leg| leg.role() == role);
    let makes = of(Role::Made).any(|leg| event.makes(stage(read, leg)));
    match (graph.flows.at(flow).kind(), event.end) {
        (Kind::Extract, QuotaEnd::Extraction) => makes,
        (Kind::Transform, QuotaEnd::Output | QuotaEnd::Feed) => {
            makes && of(Role::In).any(|leg| event.takes(stage(read, leg)))
        }
        _ => false,
    }
}

/// What a flow uses, mg, by tag.
fn used<L: Lens>(
    (lens, known): (&L, Known<'_>),
    counting: &QuotaCounting,
    origins: &Origins<'_, L>,
    flow: u32,
    event: &Event,
) -> Vec<(Tag, u64)> {
    let legs = lens.graph().flow_legs(flow);
    let made = || {
        let made = legs.iter().filter(|leg| leg.role() == Role::Made);
        made.filter(|leg| event.makes(stage((lens, known), leg)))
    };
    let mg = |oxide_ug: i128| u64::try_from(oxide_ug / 1000).unwrap_or(u64::MAX);
    match event.end {
        QuotaEnd::Extraction => made()
            .map(|leg| {
                let ore = counting.ore_of_root(lens, stage((lens, known), leg), Some(leg));
                (Tag { ore, ..UNTOLD }, mg(counting.oxide_ug(lens, leg)))
            })
            .collect(),
        QuotaEnd::Output => {
            let total = mg(made().map(|leg| counting.oxide_ug(lens, leg)).sum());
            match split(total, &origins.fed(flow)) {
                // Out of inputs that hold nothing: still made, of nobody knows what.
                parts if parts.is_empty() => vec![(UNTOLD, total)],
                parts => parts,
            }
        }
        QuotaEnd::Feed => {
            let fed = legs.iter().filter(|leg| leg.role() == Role::In);
            let mut weights: BTreeMap<Tag, i128> = BTreeMap::new();
            let mut total = 0;
            for leg in fed.filter(|leg| event.takes(stage((lens, known), leg))) {
                let oxide = counting.oxide_ug(lens, leg);
                total += oxide;
                for (tag, share) in origins.drawn_mix(leg) {
                    *weights.entry(tag).or_default() += oxide * i128::from(share);
                }
            }
            split(mg(total), &weights)
        }
    }
}
