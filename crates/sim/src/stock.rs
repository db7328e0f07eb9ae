//! Stock: what there was at the cut-over, month-end counts, moves between own sites, disposal.

use base::kind::{Kind, Move};

use crate::chance::ratio;
use crate::material::{
    CO, Contents, DY, ELEMENTS, Form, GRADES, Good, Holding, ND, PR, SM, SMCO, TB, weighed,
};
use crate::party::{NONE, Role, accepts, sells};
use crate::trade::Then;
use crate::world::World;
use crate::writer::Line;

/// Lots of a stock that are counted at the end of a month, of a million.
const COUNTED: u32 = 120_000;
/// Counts that are voided, of a million.
const VOIDED: u32 = 15_000;

impl World<'_> {
    /// Opening stock of every site, up to so many lots: some of what it takes and of what it sells.
    pub(crate) fn open(&mut self, most: u64) {
        for site in 0..self.register.sites.len() as u32 {
            if self.lots >= most {
                return;
            }
            if self.site(site).start > 0 || !self.register.files(site) {
                continue;
            }
            let mut goods: Vec<Good> = accepts(self.site(site)).to_vec();
            goods.extend_from_slice(sells(self.site(site)));
            if self.role(site) == Role::MagnetMaker {
                goods.extend_from_slice(&[Good::Powder, Good::Block]);
            }
            goods.dedup();
            let mut line = None;
            for good in goods {
                if matches!(good, Good::Swarf | Good::Scrap | Good::Slag | Good::OxideOther) {
                    continue;
                }
                for _ in 0..self.chance.between(1, 3 + self.site(site).weight.min(8) / 2) {
                    let line = *line.get_or_insert_with(|| self.filing(site, Kind::Opening, b'B'));
                    self.open_lot(&line, good);
                }
            }
        }
    }

    fn open_lot(&mut self, line: &Line, good: Good) {
        let mass = weighed(self.chance.about(good.lot_mg(), 300_000, 1_200_000));
        let heavy = matches!(good, Good::Ionic | Good::MixedHeavy);
        let mut grade = 0;
        let stated = match good {
            Good::Concentrate | Good::Ionic | Good::MixedLight | Good::MixedHeavy => {
                let of_kind = self
                    .pack
                    .deposits
                    .iter()
                    .map(|d| if d.heavy == heavy { d.home_weight } else { 0 });
                let deposit = self.chance.weighted(of_kind);
                let treo = match good {
                    Good::Concentrate => 540_000_000,
                    Good::Ionic => 920_000_000,
                    _ => 440_000_000,
                };
                self.deposit_states(deposit, treo)
            }
            _ => {
                if matches!(good, Good::Flake | Good::Powder | Good::Block | Good::Magnet) {
                    grade = [0, 0, 1, 1, 2, 2, 3, 3, 3, 4][self.chance.place(10)];
                }
                let mut contents = opening_contents(good, grade, mass);
                for content in &mut contents {
                    *content = self.chance.about(*content, 960_000, 1_004_000);
                }
                let form = match good.stage() {
                    "separated_compound" | "recycled_oxide" => Form::Oxides,
                    _ => Form::Elements,
                };
                self.oxides.state(&contents, mass, form, 0)
            }
        };
        let graded = matches!(good, Good::Flake | Good::Powder | Good::Block | Good::Magnet);
        let row = Line { grade: graded.then_some(grade), ..*line };
        let mut holding = self.root(&row, good, mass, stated);
        holding.grade = grade;
        self.store(line.site, holding);
    }

    /// The last day of a month: some of the stock is counted, and what nobody takes is disposed of.
    pub(crate) fn month_end(&mut self) {
        for site in 0..self.register.sites.len() as u32 {
            if self.site(site).start > self.day || !self.register.files(site) {
                continue;
            }
            self.dispose(site);
            if self.chance.happens(300_000) {
                self.count(site);
            }
        }
        self.flows.shipped = 0;
        self.flows.exported = 0;
    }

    fn count(&mut self, site: u32) {
        let goods: Vec<Good> = self.goods_held(site).collect();
        let mut line = None;
        for good in goods {
            for place in 0..self.held(site, good).len() {
                if !self.chance.happens(COUNTED * 3) {
                    continue;
                }
                let held = self.held(site, good)[place];
                let line = *line.get_or_insert_with(|| self.filing(site, Kind::Count, b'N'));
                let mass = if self.chance.happens(800_000) {
                    held.mass
                } else {
                    weighed(self.chance.about(held.mass, 998_000, 1_002_000))
                };
                let row = Line { lot: Some(held.lot), good: Some(good), mass, ..line };
                self.put(&row);
            }
        }
        if let Some(count) = line
            && self.chance.happens(VOIDED)
        {
            let mut void = self.filing(site, Kind::Void, b'V');
            void.site = NONE;
            void.corrects = Some(count.reference);
            void.note = "counted on the wrong day";
            self.put(&void);
        }
    }

    /// Residue is destroyed; of by-products that nobody has taken, the oldest goes.
    fn dispose(&mut self, site: u32) {
        for (good, most) in [
            (Good::Residue, 0),
            (Good::OxideOther, 16),
            (Good::Swarf, 24),
            (Good::Scrap, 24),
            (Good::Slag, 8),
            (Good::OxideSm, 12),
            (Good::Product, 12),
        ] {
            let held = self.held(site, good).len();
            if held <= most {
                continue;
            }
            let gone: Vec<Holding> = self.held_mut(site, good).drain(..held - most).collect();
            let mut line = self.filing(site, Kind::Loss, b'L');
            line.note = if good == Good::Residue { "to the tailings pond" } else { "discarded" };
            for lot in gone {
                let row = Line { lot: Some(lot.lot), good: Some(good), mass: lot.mass, ..line };
                self.put(&row);
            }
        }
    }

    /// Moves a lot to the other site of the same party, where there is one.
    pub(crate) fn move_own(&mut self, site: u32) -> bool {
        let other = if self.site(site).number == 1 { site + 1 } else { site.saturating_sub(1) };
        let same = (other as usize) < self.register.sites.len()
            && other != site
            && self.party(other) == self.party(site);
        if !same || self.site(other).role != self.role(site) {
            return false;
        }
        let goods: Vec<Good> = self.goods_held(site).collect();
        if goods.is_empty() {
            return false;
        }
        let good = goods[self.chance.place(goods.len())];
        if self.held(site, good).len() < 4 || self.held(other, good).len() >= self.room(other) {
            return false;
        }
        let lot = self.held_mut(site, good).remove(0);
        self.dispatch(site, other, vec![lot], Move::OwnMove, NONE, Then::Store);
        true
    }
}

/// What a lot of the opening stock holds, by good and grade.
fn opening_contents(good: Good, grade: u8, mass: i64) -> Contents {
    let mut of = [0; ELEMENTS];
    // mg × ppm = µg × 1/1000.
    let ug = |ppm: u32| ratio(mass, i64::from(ppm), 1_000);
    let mut set = |element: usize, ppm: u32| of[element] = ug(ppm);
    match good {
        Good::OxideNdPr | Good::RecycledNdPr => {
            set(ND, 640_000);
            set(PR, 205_000);
        }
        Good::OxideDy => set(DY, 866_000),
        Good::RecycledDy => {
            set(DY, 700_000);
            set(TB, 150_000);
        }
        Good::OxideTb => set(TB, 845_000),
        Good::OxideSm => set(SM, 855_000),
        Good::Fluoride => set(TB, 731_000),
        Good::MetalNdPr => {
            set(ND, 750_000);
            set(PR, 244_000);
        }
        Good::AlloyDy => set(DY, 800_000),
        Good::MetalTb => set(TB, 996_000),
        Good::MetalSm => set(SM, 995_000),
        Good::Cobalt => set(CO, 998_000),
        Good::Assembly | Good::Product => {
            set(ND, 30_000);
            set(PR, 9_000);
            set(DY, 2_500);
        }
        _ if grade == SMCO => {
            set(SM, 255_000);
            set(CO, 500_000);
        }
        _ => {
            let heavy = GRADES[grade as usize % GRADES.len()].1;
            set(ND, (310_000 - heavy) / 4 * 3);
            set(PR, (310_000 - heavy) / 4);
            set(DY, heavy);
        }
    }
    of
}
