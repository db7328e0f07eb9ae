//! Separation plants: concentrate cracked to mixed carbonate, carbonate and precipitate separated.
//!
//! Yields inside the bands of `cracking` (0.85–0.96, typical 0.92) and `separation` (0.90–0.985, typical
//! 0.95) of process_yields.csv; contents of the products after stages.csv. What stays of a lot is fed
//! with the next: circuits are never empty.

use crate::chance::scaled;
use crate::material::{DY, Form, Good, ND, PR, SM, TB, mass_at, only, part, sum};
use crate::party::Role;
use crate::world::{How, Out, World};

/// Elements of the light product, of the heavy carbonate, and of what is neither.
const LANTHANUM_CERIUM: &[usize] = &[0, 1];
const NEODYMIUM_PRASEODYMIUM: &[usize] = &[PR, ND];
const MIDDLE_AND_HEAVY: &[usize] = &[SM, 5, 6, TB, DY, 9, 10, 11];
const OTHER_HEAVY: &[usize] = &[5, 6, 9, 10, 11];

impl World<'_> {
    /// A day's work of a separator, where there is something to do.
    pub(crate) fn separator_act(&mut self, site: u32) -> bool {
        if self.role(site) == Role::HeavySeparator {
            return self.heavy_act(site);
        }
        let room = self.room(site);
        if self.held(site, Good::OxideNdPr).len() >= room {
            return false;
        }
        if self.held(site, Good::MixedLight).len() >= 5 {
            self.separate_light(site);
            return true;
        }
        if self.held(site, Good::Concentrate).len() >= 4 {
            self.crack(site);
            return true;
        }
        false
    }

    fn crack(&mut self, site: u32) {
        let most = self.chance.between(3, 6);
        let want = self.chance.about(Good::Concentrate.lot_mg() * 2, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::Concentrate, most, want, None);
        let all = self.drawn();
        let recovered = self.recovered(900_000, 935_000);
        let line = self.transform(site, "cracking");
        // Wet carbonate: moisture as the filter press leaves it.
        let moisture = self.chance.between(150, 250) * 1_000_000;
        let dry = self.chance.between(370_000, 400_000);
        let share = scaled(i64::from(dry), i64::from(1_000_000 - moisture / 1_000)) as u32;
        let how = How { share, form: Form::Dry, factor: moisture };
        self.make_lots(&line, Good::MixedLight, 0, &recovered, how);
        let mut lost = scaled(consumed, 400_000);
        if self.chance.happens(200_000) {
            // Residue with thorium is kept; the rest is washed out.
            let held = part(&all, 30_000);
            let mass = mass_at(sum(&held), 40_000);
            let out = Out {
                good: Good::Residue,
                grade: 0,
                contents: &held,
                mass,
                form: Form::Elements,
                factor: 0,
            };
            self.make(&line, out);
            lost -= mass;
        }
        self.lose(&line, Good::Residue, lost);
    }

    fn separate_light(&mut self, site: u32) {
        let most = self.chance.between(4, 7);
        let want = self.chance.about(Good::MixedLight.lot_mg() * 2, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::MixedLight, most, want, None);
        let recovered = self.recovered(930_000, 965_000);
        let line = self.transform(site, "separation");
        let mut made = 0;
        made +=
            self.oxide(&line, Good::OxideNdPr, &only(&recovered, NEODYMIUM_PRASEODYMIUM), 993_000);
        made += self.oxide(&line, Good::OxideOther, &only(&recovered, LANTHANUM_CERIUM), 985_000);
        let heavy = only(&recovered, MIDDLE_AND_HEAVY);
        let treo = self.chance.between(420_000, 460_000) / 1_000 * 1_000;
        let oxides = self.oxides.total(&heavy);
        let share = crate::chance::ratio(i64::from(treo), sum(&heavy), oxides.max(1)) as u32;
        let mass = mass_at(sum(&heavy), share.max(1));
        if mass > 2_000_000 {
            let how = How { share, form: Form::Treo, factor: treo * 1_000 };
            self.make_lots(&line, Good::MixedHeavy, 0, &heavy, how);
            made += mass;
        }
        self.lose(&line, Good::Residue, (consumed - made).min(consumed * 3 / 10));
    }

    /// Makes oxide of a purity (ppm) of these contents, where it is worth a drum; gives its mass.
    pub(crate) fn oxide(
        &mut self,
        line: &crate::writer::Line,
        good: Good,
        of: &crate::material::Contents,
        purity: u32,
    ) -> i64 {
        let oxides = self.oxides.total(of);
        if oxides < 300_000_000 {
            return 0;
        }
        let purity = purity + self.chance.below(6_000);
        let share = crate::chance::ratio(i64::from(purity), sum(of), oxides) as u32;
        let mass = mass_at(sum(of), share.max(1));
        self.make_lots(line, good, 0, of, How::oxides(share.max(1)));
        mass
    }

    fn heavy_act(&mut self, site: u32) -> bool {
        let room = self.room(site);
        if self.held(site, Good::OxideTb).len() >= 3
            && self.held(site, Good::Fluoride).len() < room
            && self.chance.happens(300_000)
        {
            self.fluorinate(site);
            return true;
        }
        let (clay, carbonate) =
            (self.held(site, Good::Ionic).len(), self.held(site, Good::MixedHeavy).len());
        if clay + carbonate < 6 || self.held(site, Good::OxideDy).len() >= room {
            return false;
        }
        let most = self.chance.between(4, 7);
        let want = self.chance.about(Good::Ionic.lot_mg() * 2, 700_000, 1_300_000);
        let mut consumed = self.draw(site, Good::Ionic, most, want, None);
        let most = self.chance.between(1, 4);
        consumed += self.draw(site, Good::MixedHeavy, most, want / 3, None);
        let recovered = self.recovered(930_000, 965_000);
        let line = self.transform(site, "separation");
        let mut made = 0;
        made +=
            self.oxide(&line, Good::OxideNdPr, &only(&recovered, NEODYMIUM_PRASEODYMIUM), 993_000);
        made += self.oxide(&line, Good::OxideDy, &only(&recovered, &[DY]), 994_000);
        made += self.oxide(&line, Good::OxideTb, &only(&recovered, &[TB]), 994_000);
        made += self.oxide(&line, Good::OxideSm, &only(&recovered, &[SM]), 990_000);
        made += self.oxide(&line, Good::OxideOther, &only(&recovered, LANTHANUM_CERIUM), 985_000);
        made += self.oxide(&line, Good::OxideOther, &only(&recovered, OTHER_HEAVY), 985_000);
        self.lose(&line, Good::Residue, (consumed - made).min(consumed * 3 / 10));
        true
    }

    /// Terbium fluoride for grain-boundary diffusion.
    fn fluorinate(&mut self, site: u32) {
        let want = self.chance.about(Good::Fluoride.lot_mg() * 2, 700_000, 1_300_000);
        let most = self.chance.between(2, 3);
        self.draw(site, Good::OxideTb, most, want, None);
        let recovered = self.honest(970_000, 985_000);
        let line = self.transform(site, "");
        // TbF3 holds 73.6 % Tb.
        let share = self.chance.between(728_000, 735_000);
        self.make_lots(&line, Good::Fluoride, 0, &recovered, How::elements(share));
        let lost = self.chance.between(100_000, 400_000);
        self.lose(&line, Good::Residue, i64::from(lost));
    }
}
