//! Makers of components and products: magnets into rotors, rotors into what people use.
//!
//! Uses and the magnet mass of a unit after uses.csv; their shares of the demand after
//! `packs/demo/end_uses.csv`.

use base::kind::Kind;

use crate::chance::{ratio, scaled};
use crate::material::{Good, Holding, mass_at, part, sum, weighed};
use crate::world::{How, Out, World};
use crate::writer::Line;

impl World<'_> {
    /// A day's work of a component maker.
    pub(crate) fn component_act(&mut self, site: u32) -> bool {
        if self.held(site, Good::Assembly).len() >= self.room(site) {
            return false;
        }
        let good =
            if self.held(site, Good::Bonded).len() >= 3 { Good::Bonded } else { Good::Magnet };
        if self.held(site, good).len() < 4 {
            return false;
        }
        let most = self.chance.between(2, 5);
        let want = self.chance.about(Good::Magnet.lot_mg(), 600_000, 1_400_000);
        let magnets = self.draw(site, good, most, want, None);
        let built = part(&self.drawn(), self.chance.between(994_000, 999_000));
        let line = self.transform(site, "");
        // Magnets are a fifth to a tenth of a rotor.
        let mass = weighed(magnets * i64::from(self.chance.between(5, 9)));
        let share = ratio(sum(&built), 1_000, mass) as u32;
        let pieces = (magnets / 1_000_000).max(1);
        let line = Line { pieces, ..line };
        let half = part(&built, 500_000);
        if self.chance.happens(500_000) {
            for _ in 0..2 {
                let mass = mass_at(sum(&half), share.max(1));
                let out = Out {
                    good: Good::Assembly,
                    grade: 0,
                    contents: &half,
                    mass,
                    form: crate::material::Form::Elements,
                    factor: 0,
                };
                self.make(&line, out);
            }
        } else {
            self.make_lots(&line, Good::Assembly, 0, &built, How::elements(share.max(1)));
        }
        self.lose(&line, good, scaled(magnets, 2_000));
        true
    }

    /// A day's work of a product maker: drives made for others, the rest built in for good.
    pub(crate) fn product_act(&mut self, site: u32) -> bool {
        if self.site(site).variant.is_multiple_of(4)
            && self.held(site, Good::Product).len() < self.room(site)
            && self.held(site, Good::Assembly).len() >= 4
            && self.chance.happens(400_000)
        {
            return self.assemble(site);
        }
        let (assemblies, magnets) =
            (self.held(site, Good::Assembly).len(), self.held(site, Good::Magnet).len());
        if assemblies + magnets < 3 {
            return false;
        }
        let good = if assemblies >= magnets { Good::Assembly } else { Good::Magnet };
        self.draw(site, good, 3, good.lot_mg() * 2, None);
        let draws = std::mem::take(&mut self.draws);
        let line = self.filing(site, Kind::Use, b'U');
        for draw in &draws {
            self.use_row(&line, draw);
        }
        self.draws = draws;
        self.draws.clear();
        true
    }

    fn use_row(&mut self, line: &Line, draw: &Holding) {
        let end_use = self.end_use(draw);
        let of = &self.pack.end_uses[end_use as usize - 1];
        // Rare earths are three tenths of a magnet.
        let magnets = if draw.lot.good == Good::Magnet {
            draw.mass
        } else {
            ratio(sum(&draw.contents()), 1, 310).max(1)
        };
        let pieces = (magnets / of.unit_mg).max(1);
        let row = Line {
            lot: Some(draw.lot),
            good: Some(draw.lot.good),
            mass: draw.mass,
            end_use,
            pieces,
            ..*line
        };
        self.put(&row);
    }

    /// An end use that fits the grade; position + 1.
    pub(crate) fn end_use(&mut self, draw: &Holding) -> u8 {
        let graded = draw.lot.good == Good::Magnet || draw.lot.good == Good::Bonded;
        let weights = self
            .pack
            .end_uses
            .iter()
            .map(|u| if !graded || u.grades & (1 << draw.grade) != 0 { u.weight } else { 0 });
        self.chance.weighted(weights) as u8 + 1
    }

    fn assemble(&mut self, site: u32) -> bool {
        let most = self.chance.between(2, 4);
        let consumed = self.draw(site, Good::Assembly, most, Good::Product.lot_mg() / 2, None);
        let built = part(&self.drawn(), 998_000);
        let line = self.transform(site, "");
        let mass = weighed(scaled(consumed, 1_600_000));
        let out = Out {
            good: Good::Product,
            grade: 0,
            contents: &built,
            mass,
            form: crate::material::Form::Elements,
            factor: 0,
        };
        self.make(&line, out);
        self.lose(&line, Good::Assembly, scaled(consumed, 2_000));
        true
    }
}
