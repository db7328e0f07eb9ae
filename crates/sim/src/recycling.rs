//! Recyclers: swarf, scrap and slag to oxide, and scrap collected from products at their end.
//!
//! Yields inside the bands of `swarf_recycling` (0.85–0.97) and `scrap_recycling` (0.85–0.98), both
//! typically 0.93. A recycler takes no mineral product as feed (Order 785 Art 11, a ledger rule).

use base::kind::Kind;

use crate::chance::scaled;
use crate::material::{DY, ELEMENTS, Form, Good, ND, PR, Stated, TB, only, sum, weighed};
use crate::world::{How, World};

impl World<'_> {
    /// A day's work of a recycler.
    pub(crate) fn recycler_act(&mut self, site: u32) -> bool {
        if self.held(site, Good::RecycledNdPr).len() >= self.room(site) {
            return false;
        }
        if self.held(site, Good::Swarf).len() >= 5 {
            return self.recover(site, Good::Swarf, "swarf_recycling");
        }
        if self.held(site, Good::Scrap).len() >= 4 {
            return self.recover(site, Good::Scrap, "scrap_recycling");
        }
        if self.held(site, Good::Slag).len() >= 4 {
            return self.recover(site, Good::Slag, "");
        }
        if self.chance.happens(60_000) {
            self.collect(site);
            return true;
        }
        false
    }

    fn recover(&mut self, site: u32, feed: Good, process: &'static str) -> bool {
        let most = self.chance.between(4, 8);
        let want = self.chance.about(feed.lot_mg() * 6, 700_000, 1_300_000);
        let consumed = self.draw(site, feed, most, want, None);
        let recovered = if process.is_empty() {
            self.honest(900_000, 950_000)
        } else {
            self.recovered(900_000, 950_000)
        };
        let line = self.transform(site, process);
        for (good, elements) in
            [(Good::RecycledNdPr, &[PR, ND][..]), (Good::RecycledDy, &[TB, DY][..])]
        {
            let of = only(&recovered, elements);
            let oxides = self.oxides.total(&of);
            if oxides < 200_000_000 {
                continue;
            }
            let purity = self.chance.between(991_000, 997_000);
            let share = crate::chance::ratio(i64::from(purity), sum(&of), oxides) as u32;
            self.make_lots(&line, good, 0, &of, How::oxides(share.max(1)));
        }
        self.lose(&line, Good::Residue, scaled(consumed, 600_000));
        true
    }

    /// Magnets out of discarded products.
    fn collect(&mut self, site: u32) {
        let line = self.filing(site, Kind::Collect, b'C');
        for _ in 0..self.chance.between(1, 3) {
            let mass = weighed(self.chance.about(Good::Scrap.lot_mg(), 500_000, 2_000_000));
            let mut values = [0; ELEMENTS];
            // Measured of e-bike magnets (magnet_compositions.csv): Nd 15–17, Pr 5, Gd 3–4, Dy 1–2 %;
            // other scrap holds more Nd and less Gd.
            let old = self.chance.happens(300_000);
            let mut set = |element: usize, low: u32, high: u32| {
                values[element] = self.chance.between(low, high) * 100_000;
            };
            if old {
                set(ND, 1_520, 1_670);
                set(PR, 470, 510);
                set(6, 320, 400);
                set(DY, 130, 200);
            } else {
                set(ND, 2_150, 2_500);
                set(PR, 350, 600);
                set(DY, 20, 250);
            }
            let stated = Stated { form: Form::Elements, factor: 0, values };
            let holding = self.root(&line, Good::Scrap, mass, stated);
            self.store(site, holding);
        }
    }
}
