//! Imports of ore products: from the countries and in the shares of `production_by_country.csv`, some with
//! a provisional assay that a final one corrects (a correction names what it replaces; the business day
//! stays).

use base::kind::Kind;

use crate::chance::{MILLION, ratio, scaled};
use crate::material::{Form, Good, Holding, Stated, weighed};
use crate::party::NONE;
use crate::trade::Event;
use crate::world::World;
use crate::writer::{Line, Reference, Says};

impl World<'_> {
    /// Brings in ore products, by the shares of the pack; some with a provisional assay.
    pub(crate) fn import_act(&mut self, site: u32, good: Good) -> bool {
        let heavy = good == Good::Ionic;
        if self.held(site, good).len() >= self.room(site) {
            return false;
        }
        let flows = &self.flows;
        let all = flows.mined + flows.imported;
        let share = ratio(flows.imported, i64::from(MILLION), all.max(1));
        if all > 0 && share > i64::from(self.pack.import_share_ppm) {
            return false;
        }
        let Some(source) = self.source_behind(heavy) else { return false };
        let country = self.pack.sources[source].iso2;
        let deposit = self.pack.sources[source].deposit as usize;
        let supplier = self.markets.supplier(country, &mut self.chance);
        let mut line = self.filing(site, Kind::Import, b'I');
        line.customer = supplier;
        if supplier != NONE && !self.register.parties[supplier as usize].id.is_empty() {
            line.from = supplier;
        }
        self.flows.declarations += 1;
        line.declaration = self.flows.declarations;
        let provisional = self.chance.happens(150_000);
        let count = if provisional { 1 } else { self.chance.between(1, 3) };
        for _ in 0..count {
            let treo = if heavy { (900_000, 945_000) } else { (480_000, 600_000) };
            let treo = self.chance.between(treo.0, treo.1) / 1_000 * 1_000_000;
            let mass =
                weighed(self.chance.about(good.lot_mg(), 600_000, 1_400_000)) / 100_000 * 100_000;
            let stated = self.deposit_states(deposit, treo);
            let row = Line { assay: if provisional { "provisional" } else { "" }, ..line };
            let holding = self.root(&row, good, mass, stated);
            self.store(site, holding);
            let oxides = self.oxides.total(&holding.contents()) / 1_000;
            self.flows.imported += oxides;
            self.flows_by_source(source, oxides);
            if provisional {
                self.final_later(&row, &holding, stated);
            }
        }
        true
    }

    fn final_later(&mut self, row: &Line, holding: &Holding, stated: Stated) {
        let factor = self.chance.between(994_000, 1_004_000);
        let treo = scaled(i64::from(stated.factor), i64::from(factor)) as u32 / 1_000 * 1_000;
        let stated = Stated { form: Form::Treo, factor: treo.min(1_000_000_000), ..stated };
        let line = Line {
            lot: Some(holding.lot),
            good: Some(holding.lot.good),
            mass: holding.mass,
            says: Says::Stated(stated),
            assay: "final",
            laboratory: 5,
            corrects: Some(row.reference),
            ..*row
        };
        let days = self.chance.between(25, 60);
        self.schedule(days, Event::Final(Box::new(line)));
    }

    /// Files a correction: the day stays that of what it corrects, the reference is new.
    pub(crate) fn assay_final(&mut self, mut line: Line) -> (u32, Reference) {
        line.reference = self.reference(line.filer, b'K');
        self.put(&line);
        (line.filer, line.reference)
    }

    /// The source that is furthest behind its share, of light or heavy ore; nothing where all of
    /// them run ahead.
    fn source_behind(&self, heavy: bool) -> Option<usize> {
        let sources = &self.pack.sources;
        let weights: i64 = sources.iter().map(|s| i64::from(s.weight)).sum();
        let imported = &self.flows.imported_by;
        let ahead = |source: usize| {
            let due = ratio(self.flows.imported, i64::from(sources[source].weight), weights.max(1));
            imported.get(source).copied().unwrap_or(0) - due
        };
        let kind =
            |source: &usize| self.pack.deposits[sources[*source].deposit as usize].heavy == heavy;
        let behind = (0..sources.len()).filter(kind).min_by_key(|&s| (ahead(s), s))?;
        // A small lead is nothing to wait for.
        (ahead(behind) <= self.flows.imported / 100 + 500_000_000).then_some(behind)
    }

    pub(crate) fn flows_by_source(&mut self, source: usize, oxides: i64) {
        let by = &mut self.flows.imported_by;
        if by.len() <= source {
            by.resize(source + 1, 0);
        }
        by[source] += oxides;
    }
}
