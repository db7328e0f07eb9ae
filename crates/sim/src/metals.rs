//! Reduction of oxide to metal and master alloy, and strip casting of magnet alloy.
//!
//! Yields inside the bands of `reduction` (0.90–0.98, typical 0.95) and `strip_casting` (0.96–0.99,
//! typical 0.98). Alloy holds 29–32 % rare earths (magnet_grades.csv), its Dy + Tb by grade
//! (`dytb_typ_wt_pct`); samarium cobalt about 25 % Sm and 50 % Co.

use base::kind::Kind;

use crate::chance::scaled;
use crate::material::{
    CO, Contents, ELEMENTS, Form, GRADES, Good, SMCO, Stated, mass_at, part, sum, weighed,
};
use crate::world::{How, Out, World};

impl World<'_> {
    /// A day's work of a metal maker.
    pub(crate) fn metal_act(&mut self, site: u32) -> bool {
        match self.site(site).variant {
            0..=9 => self.reduce(site, Good::OxideSm, None, Good::MetalSm, 995_000),
            10..=44 => {
                if self.chance.happens(250_000) {
                    self.reduce(site, Good::OxideTb, None, Good::MetalTb, 996_000)
                } else {
                    self.reduce(site, Good::OxideDy, Some(Good::RecycledDy), Good::AlloyDy, 800_000)
                }
            }
            _ => self.reduce(
                site,
                Good::OxideNdPr,
                Some(Good::RecycledNdPr),
                Good::MetalNdPr,
                995_000,
            ),
        }
    }

    fn reduce(
        &mut self,
        site: u32,
        oxide: Good,
        recycled: Option<Good>,
        metal: Good,
        share: u32,
    ) -> bool {
        let again = recycled.map_or(0, |r| self.held(site, r).len());
        let fresh = self.held(site, oxide).len();
        if fresh + again < 4 || self.held(site, metal).len() >= self.room(site) {
            return false;
        }
        let want = self.chance.about(metal.lot_mg() * 2, 700_000, 1_300_000);
        let mut consumed = 0;
        if let (Some(recycled), true) = (recycled, again > 0) {
            let most = self.chance.between(1, 3);
            consumed += self.draw(site, recycled, most, want * 3 / 4, None);
        }
        let most = self.chance.between(3, 6);
        consumed += self.draw(site, oxide, most, want - consumed, None);
        if consumed < 500_000 {
            // Too little for a cell: it goes in all the same.
            consumed += self.draw(site, oxide, 4, want, None);
        }
        let all = self.drawn();
        let recovered = self.recovered(925_000, 960_000);
        let line = self.transform(site, "reduction");
        let share = share + self.chance.below(3_000) - 1_500;
        self.make_lots(&line, metal, 0, &recovered, How::elements(share));
        let slag = part(&all, self.chance.between(15_000, 25_000));
        let mass = mass_at(sum(&slag), 250_000);
        if mass > 500_000 && self.chance.happens(350_000) {
            let out = Out {
                good: Good::Slag,
                grade: 0,
                contents: &slag,
                mass,
                form: Form::Elements,
                factor: 0,
            };
            self.make(&line, out);
        }
        self.lose(&line, Good::Slag, scaled(consumed, 20_000));
        true
    }

    /// A campaign of heats, at an alloy maker or in the melt shop of a magnet maker.
    pub(crate) fn cast_act(&mut self, site: u32) -> bool {
        if self.held(site, Good::Flake).len() >= self.room(site) {
            return false;
        }
        if self.held(site, Good::MetalSm).len() >= 3 {
            return self.cast_samarium(site);
        }
        let want = self.chance.about(Good::Flake.lot_mg() * 2, 700_000, 1_300_000);
        let total = self.chance.between(300_000, 315_000);
        if self.held(site, Good::MetalNdPr).len() < 3
            || self.mass_held(site, Good::MetalNdPr, None) < scaled(want, i64::from(total) * 6 / 10)
        {
            return false;
        }
        let grade = self.grade_for(site, want);
        let heavy = GRADES[grade as usize].1;
        let light = scaled(want, i64::from(total - heavy));
        let most = self.chance.between(3, 5);
        let consumed = self.draw(site, Good::MetalNdPr, most, light, None);
        if heavy > 0 {
            // In proportion to the light metal that there was.
            let need = scaled(consumed, i64::from(heavy) * 1_000_000 / i64::from(total - heavy));
            let most = self.chance.between(2, 4);
            let terbium = self.held(site, Good::MetalTb).len() >= 2 && self.chance.happens(400_000);
            let of_terbium = if terbium { need / 5 } else { 0 };
            let got =
                self.draw(site, Good::AlloyDy, most, scaled(need - of_terbium, 1_250_000), None);
            if of_terbium > 0 || got == 0 {
                self.draw(site, Good::MetalTb, 2, of_terbium.max(need / 5), None);
            }
        }
        let all = self.drawn();
        self.cast(site, grade, &all, total);
        true
    }

    /// The grade to cast by the heavy metal there is.
    fn grade_for(&mut self, site: u32, want: i64) -> u8 {
        let heavy =
            self.mass_held(site, Good::AlloyDy, None) + self.mass_held(site, Good::MetalTb, None);
        if self.held(site, Good::AlloyDy).len() < 2 {
            return self.chance.below(2) as u8 * u8::from(heavy > want / 100);
        }
        let wish = [1, 2, 2, 3, 3, 3, 3, 4, 4, 5][self.chance.place(10)];
        let needed = |grade: u8| scaled(want, i64::from(GRADES[grade as usize].1) * 13 / 10);
        let mut grade = wish;
        while grade > 0 && needed(grade) > heavy {
            grade -= 1;
        }
        grade
    }

    fn cast(&mut self, site: u32, grade: u8, all: &Contents, total: u32) {
        let recovered = self.recovered(968_000, 985_000);
        let line = self.transform(site, "strip_casting");
        self.make_lots(&line, Good::Flake, grade, &recovered, How::elements(total));
        let mass = mass_at(sum(&recovered), total);
        if self.chance.happens(250_000) {
            // The skull of the crucible.
            let skull = part(all, self.chance.between(6_000, 10_000));
            let held = mass_at(sum(&skull), total);
            let out = Out {
                good: Good::Slag,
                grade: 0,
                contents: &skull,
                mass: held,
                form: Form::Elements,
                factor: 0,
            };
            self.make(&line, out);
        }
        self.lose(&line, Good::Slag, scaled(mass, 8_000));
    }

    fn cast_samarium(&mut self, site: u32) -> bool {
        let want = self.chance.about(Good::Flake.lot_mg(), 700_000, 1_300_000);
        let cobalt = scaled(want, 500_000);
        if self.mass_held(site, Good::Cobalt, None) < cobalt {
            self.cobalt(site);
        }
        let consumed = self.draw(site, Good::MetalSm, 4, scaled(want, 255_000), None);
        self.draw(site, Good::Cobalt, 3, consumed * 2, None);
        let all = self.drawn();
        self.cast(site, SMCO, &all, 752_000);
        true
    }

    /// Cobalt comes from abroad: a critical mineral of another chain.
    fn cobalt(&mut self, site: u32) {
        let line = self.filing(site, Kind::Import, b'I');
        let source = self.chance.weighted(self.pack.sources.iter().map(|s| s.weight));
        let mut line = line;
        line.customer = self.markets.supplier(self.pack.sources[source].iso2, &mut self.chance);
        for _ in 0..2 {
            let mass = weighed(self.chance.about(Good::Cobalt.lot_mg(), 600_000, 1_400_000));
            let mut values = [0; ELEMENTS];
            values[CO] = 998_000_000;
            let stated = Stated { form: Form::Elements, factor: 0, values };
            let holding = self.root(&line, Good::Cobalt, mass, stated);
            self.store(site, holding);
        }
    }
}
