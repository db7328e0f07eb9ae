//! Mines: ore out of the ground, concentrate of hard rock, precipitate of ion-adsorption clay.
//!
//! Grades after stages.csv (`re_fraction_*` of ore, concentrate, ionic_precipitate); yields inside the
//! bands of `beneficiation` (0.55–0.85, typical 0.68) and `leach_precipitation` (0.60–0.90, typical 0.75).

use base::kind::Kind;

use crate::material::{Composition, ELEMENTS, Form, Good, Holding, Stated, part, weighed};
use crate::party::Role;
use crate::world::{How, World};
use crate::writer::{Line, Says};

impl World<'_> {
    /// A day's work of a mine, where there is something to do.
    pub(crate) fn mine_act(&mut self, site: u32) -> bool {
        let clay = self.role(site) == Role::ClayMine;
        let product = if clay { Good::Ionic } else { Good::Concentrate };
        if self.held(site, product).len() >= self.room(site) || self.mined_enough(clay) {
            return false;
        }
        // Half of the clay is leached where it lies, and what is extracted is the precipitate.
        if clay && site.is_multiple_of(2) {
            self.extract(site, Good::Ionic);
            return true;
        }
        let ore = self.held(site, Good::Ore).len();
        if ore < 6 {
            self.extract(site, Good::Ore);
            return true;
        }
        if clay {
            self.leach(site)
        } else {
            self.beneficiate(site)
        }
        true
    }

    /// Whether clay or hard rock runs ahead of its share.
    fn mined_enough(&self, clay: bool) -> bool {
        let flows = &self.flows;
        let share = i64::from(self.pack.heavy_share_ppm);
        let heavy = crate::chance::ratio(flows.mined_heavy, 1_000_000, flows.mined.max(1));
        if clay {
            flows.mined > 0 && heavy > share + 20_000
        } else {
            flows.mined > 0 && heavy + 20_000 < share
        }
    }

    fn extract(&mut self, site: u32, good: Good) {
        let line = self.filing(site, Kind::Extract, b'E');
        let deposit = self.site(site).variant as usize;
        for _ in 0..self.chance.between(1, 3) {
            let clay = self.role(site) == Role::ClayMine;
            let (share, lot) = match (good, clay) {
                (Good::Ionic, _) => (self.chance.between(900_000_000, 945_000_000), good.lot_mg()),
                (_, true) => (self.chance.between(900_000, 2_000_000), good.lot_mg() * 3),
                _ => (self.chance.between(42_000_000, 80_000_000), good.lot_mg()),
            };
            let mass = weighed(self.chance.about(lot, 600_000, 1_400_000)) / 100_000 * 100_000;
            let stated = self.deposit_states(deposit, share / 1_000 * 1_000);
            let holding = self.root(&line, good, mass, stated);
            self.store(site, holding);
            let oxides = self.oxides.total(&holding.contents()) / 1_000;
            self.flows.mined += oxides;
            if clay {
                self.flows.mined_heavy += oxides;
            }
        }
    }

    /// What a deposit yields: its oxides, give or take a twentieth, as shares of the total.
    pub(crate) fn deposit_states(&mut self, deposit: usize, treo_ppb: u32) -> Stated {
        let mut values: Composition = [0; ELEMENTS];
        let of = &self.pack.deposits[deposit % self.pack.deposits.len()].oxides;
        let mut sum = 0;
        for (value, &share) in values.iter_mut().zip(of) {
            let share = self.chance.about(i64::from(share), 950_000, 1_050_000) as u32;
            *value = share / 1_000_000 * 1_000_000;
            if *value == 0 {
                *value = share / 100_000 * 100_000;
            }
            sum += *value;
        }
        // The scatter must not take it above the whole.
        if sum > 1_000_000_000 {
            let most = values.iter().copied().max().unwrap_or(0);
            if let Some(largest) = values.iter_mut().find(|v| **v == most) {
                *largest -= sum - 1_000_000_000;
            }
        }
        Stated { form: Form::Treo, factor: treo_ppb, values }
    }

    /// Writes a root and gives what it holds.
    pub(crate) fn root(&mut self, line: &Line, good: Good, mass: i64, stated: Stated) -> Holding {
        let lot = self.lot_new(line.site, good);
        let composition = self.oxides.composition(&stated);
        let row =
            Line { lot: Some(lot), good: Some(good), mass, says: Says::Stated(stated), ..*line };
        self.put(&row);
        Holding { lot, day: self.day, grade: 0, own_assay: false, mass, composition }
    }

    fn beneficiate(&mut self, site: u32) {
        let most = self.chance.between(4, 7);
        let want = self.chance.about(Good::Ore.lot_mg() * 3, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::Ore, most, want, None);
        let recovery = self.chance.between(620_000, 740_000);
        self.dress(
            site,
            "beneficiation",
            Good::Concentrate,
            consumed,
            recovery,
            (500_000, 600_000),
        );
    }

    fn leach(&mut self, site: u32) {
        let most = self.chance.between(4, 7);
        let want = self.chance.about(Good::Ore.lot_mg() * 9, 700_000, 1_300_000);
        let consumed = self.draw(site, Good::Ore, most, want, None);
        let recovery = self.chance.between(680_000, 820_000);
        self.dress(
            site,
            "leach_precipitation",
            Good::Ionic,
            consumed,
            recovery,
            (900_000, 945_000),
        );
    }

    fn dress(
        &mut self,
        site: u32,
        process: &'static str,
        good: Good,
        consumed: i64,
        recovery: u32,
        treo: (u32, u32),
    ) {
        let recovered = part(&self.drawn(), recovery);
        let line = self.transform(site, process);
        let treo = self.chance.between(treo.0, treo.1) / 1_000 * 1_000;
        let oxides = self.oxides.total(&recovered);
        let elements = crate::material::sum(&recovered);
        // The share of the elements that this share of the oxides is.
        let share = crate::chance::ratio(i64::from(treo), elements, oxides.max(1)) as u32;
        let before = crate::material::mass_at(elements, share.max(1));
        self.make_lots(
            &line,
            good,
            0,
            &recovered,
            How { share: share.max(1), form: Form::Treo, factor: treo * 1_000 },
        );
        self.lose(&line, Good::Residue, consumed - before);
    }
}
