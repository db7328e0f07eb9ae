//! Frauds and errors of a works: filings that contradict what the material can do.
//!
//! Those of a receipt are played where receipts are filed ([`crate::trade`]), those of a yield where
//! batches are weighed out ([`World::recovered`]).

use base::kind::{Kind, Leg};

use crate::chance::scaled;
use crate::material::{Contents, Form, Good, Holding, LotId, ND, PR, TB, only, part, sum, weighed};
use crate::party::Role;
use crate::plan::Trick;
use crate::trade::{Event, Shipment, Then};
use crate::world::World;
use crate::writer::{Line, Says};

/// Tricks that a site plays with what it holds.
const AT_SITES: &[Trick] = &[
    Trick::MadeTwice,
    Trick::Cycle,
    Trick::BeforeMade,
    Trick::Undeclared,
    Trick::Diverted,
    Trick::RoundTrip,
    Trick::Twice,
];

impl World<'_> {
    /// What a batch yields of its inputs: a share between two numbers of ppm.
    pub(crate) fn honest(&mut self, low: u32, high: u32) -> Contents {
        let share = self.chance.between(low, high);
        part(&self.drawn(), share)
    }

    /// What a batch of a process with a band yields: a share between two numbers of ppm, or what a
    /// trick makes of it.
    pub(crate) fn recovered(&mut self, low: u32, high: u32) -> Contents {
        let honest = self.honest(low, high);
        let all = self.drawn();
        if !self.plan.waits() || sum(&all) == 0 {
            return honest;
        }
        let size = sum(&all) / 5;
        // Where the band is narrow, a fifth too little or too much cannot be missed.
        if low >= 880_000 && self.plan.take(Trick::UnderReported) {
            self.plan.in_hand = Some((Trick::UnderReported, size));
            return part(&honest, 800_000);
        }
        if low >= 880_000 && self.plan.take(Trick::Gain) {
            self.plan.in_hand = Some((Trick::Gain, size));
            return part(&all, 1_200_000);
        }
        let plain = |d: &Holding| {
            matches!(d.lot.good, Good::OxideNdPr | Good::MetalNdPr | Good::Flake | Good::Powder)
        };
        let suits = all[TB] == 0 && all[ND] > 0 && self.draws.iter().all(plain);
        if suits && self.plan.take(Trick::Nowhere) {
            let mut odd = part(&honest, 990_000);
            odd[TB] = sum(&all) / 100;
            self.plan.in_hand = Some((Trick::Nowhere, odd[TB]));
            self.plan.without = Some(TB as u8);
            return odd;
        }
        honest
    }

    /// Plays one of the tricks that wait, where this site can.
    pub(crate) fn fraud_act(&mut self, site: u32) -> bool {
        if !self.plan.waits() {
            return false;
        }
        let Some(trick) = self.plan.take_of(AT_SITES) else { return false };
        let done = match trick {
            Trick::MadeTwice => self.made_twice(site),
            Trick::Cycle => self.cycle(site),
            Trick::BeforeMade => self.before_made(site),
            Trick::Undeclared => self.undeclared(site),
            Trick::Diverted => self.diverted(site),
            Trick::RoundTrip => self.round_trip(site),
            _ => self.twice(site),
        };
        if done.is_none() {
            self.plan.give_back(trick);
        }
        done.is_some()
    }

    /// Two lots of one kind that the site made itself and holds whole.
    fn own_lots(&self, site: u32) -> Option<(Good, Vec<Holding>)> {
        let made_here =
            [Good::Powder, Good::Flake, Good::MetalNdPr, Good::OxideNdPr, Good::RecycledNdPr];
        made_here.into_iter().find_map(|good| {
            let held = self.held(site, good);
            let own: Vec<Holding> =
                held.iter().filter(|h| h.lot.site == site && h.day > 14).copied().collect();
            (own.len() >= 2 && own[0].grade == own[1].grade).then_some((good, own))
        })
    }

    /// Uses a lot up in a blend on a day; gives the filing, its lot being made by the caller.
    fn blend_in(&mut self, site: u32, used: &Holding, day: u16) -> Line {
        let mut line = self.filing(site, Kind::Transform, b'P');
        line.process = "blend";
        line.day = day;
        let row = Line {
            leg: Some(Leg::In),
            lot: Some(used.lot),
            good: Some(used.lot.good),
            mass: used.mass,
            says: if used.own_assay { Says::Elements(used.composition) } else { Says::Nothing },
            ..line
        };
        self.put(&row);
        line
    }

    /// Writes an out leg under a number that there is already.
    fn out_as(&mut self, line: &Line, lot: LotId, of: &Holding) -> Holding {
        let contents = part(&of.contents(), 998_000);
        let mass = weighed(scaled(of.mass, 999_000));
        let stated = self.oxides.state(&contents, mass, Form::Elements, 0);
        let row = Line {
            leg: Some(Leg::Out),
            lot: Some(lot),
            good: Some(lot.good),
            mass,
            says: Says::Stated(stated),
            ..*line
        };
        self.put(&row);
        let composition = self.oxides.composition(&stated);
        Holding { lot, mass, composition, own_assay: false, day: self.day, ..*of }
    }

    fn remove(&mut self, site: u32, lot: LotId) {
        self.held_mut(site, lot.good).retain(|h| h.lot != lot);
    }

    fn made_twice(&mut self, site: u32) -> Option<()> {
        let (_, own) = self.own_lots(site)?;
        let (used, named) = (*own.first()?, own.get(1)?.lot);
        self.remove(site, used.lot);
        let line = self.blend_in(site, &used, self.day);
        let made = self.out_as(&line, named, &used);
        self.store(site, made);
        self.plan.note(Trick::MadeTwice, line.filer, line.reference, named, sum(&made.contents()));
        Some(())
    }

    fn cycle(&mut self, site: u32) -> Option<()> {
        let (good, own) = self.own_lots(site)?;
        let first = *own.first()?;
        self.remove(site, first.lot);
        let line = self.blend_in(site, &first, self.day);
        let named = self.lot_new(site, good);
        let second = self.out_as(&line, named, &first);
        let line = self.blend_in(site, &second, self.day);
        let back = self.out_as(&line, first.lot, &second);
        self.store(site, back);
        self.plan.note(Trick::Cycle, line.filer, line.reference, first.lot, sum(&back.contents()));
        Some(())
    }

    fn before_made(&mut self, site: u32) -> Option<()> {
        let (good, own) = self.own_lots(site)?;
        let used = *own.first()?;
        let day = used.day.checked_sub(self.chance.between(3, 10) as u16)?;
        self.remove(site, used.lot);
        let line = self.blend_in(site, &used, day);
        let named = self.lot_new(site, good);
        let made = self.out_as(&line, named, &used);
        self.store(site, made);
        self.plan.note(
            Trick::BeforeMade,
            line.filer,
            line.reference,
            used.lot,
            sum(&used.contents()),
        );
        Some(())
    }

    fn undeclared(&mut self, site: u32) -> Option<()> {
        let (good, own) = self.own_lots(site)?;
        let like = *own.first()?;
        // A number that the site will never reach.
        let lot = LotId { number: 900_000 + self.chance.below(99_999), ..like.lot };
        let used = Holding { lot, own_assay: true, ..like };
        let line = self.blend_in(site, &used, self.day);
        let named = self.lot_new(site, good);
        let made = self.out_as(&line, named, &used);
        self.store(site, made);
        self.plan.note(Trick::Undeclared, line.filer, line.reference, lot, sum(&used.contents()));
        Some(())
    }

    fn twice(&mut self, site: u32) -> Option<()> {
        let (good, own) = self.own_lots(site)?;
        let used = *own.first()?;
        self.remove(site, used.lot);
        for second in [false, true] {
            let line = self.blend_in(site, &used, self.day);
            let named = self.lot_new(site, good);
            let made = self.out_as(&line, named, &used);
            self.store(site, made);
            if second {
                let size = sum(&used.contents());
                self.plan.note(Trick::Twice, line.filer, line.reference, used.lot, size);
            }
        }
        Some(())
    }

    /// A recycler brings in concentrate and files it as if it had been scrap.
    fn diverted(&mut self, site: u32) -> Option<()> {
        if self.role(site) != Role::Recycler {
            return None;
        }
        let source =
            self.pack.sources.iter().position(|s| !self.pack.deposits[s.deposit as usize].heavy)?;
        let country = self.pack.sources[source].iso2;
        let mut line = self.filing(site, Kind::Import, b'I');
        line.customer = self.markets.supplier(country, &mut self.chance);
        let deposit = self.pack.sources[source].deposit as usize;
        let stated = self.deposit_states(deposit, 550_000_000);
        let mass = Good::Concentrate.lot_mg() / 2;
        let holding = self.root(&line, Good::Concentrate, mass, stated);
        self.draws.push(holding);
        let recovered = only(&part(&self.drawn(), 920_000), &[PR, ND]);
        let line = self.transform(site, "scrap_recycling");
        self.oxide(&line, Good::RecycledNdPr, &recovered, 991_000);
        self.lose(&line, Good::Residue, mass / 2);
        self.plan.note(Trick::Diverted, line.filer, line.reference, holding.lot, sum(&recovered));
        Some(())
    }

    /// Sold to one trader, by it to another, and back.
    fn round_trip(&mut self, site: u32) -> Option<()> {
        let good = match self.role(site) {
            Role::Trader => self.goods_held(site).next()?,
            _ => return None,
        };
        let mut over = [0; 2];
        for place in 0..2 {
            over[place] = (0..8).find_map(|_| {
                let other = self.markets.buyer(site, good, false, &mut self.chance)?;
                let fits = self.site(other).start <= self.day
                    && self.party(other) != self.party(site)
                    && (place == 0 || self.party(other) != self.party(over[0]));
                fits.then_some(other)
            })?;
        }
        let lot = *self.held(site, good).first()?;
        self.remove(site, lot.lot);
        let then = Then::Round { next: over[1], last: site };
        let number = self.register.parties[self.party(site) as usize].filings + 1;
        self.dispatch(site, over[0], vec![lot], base::kind::Move::Sale, crate::party::NONE, then);
        let yymm = self.calendar.days[self.day as usize].yymm;
        let filing = crate::writer::Reference { number, yymm, tag: b'T' };
        self.plan.note(Trick::RoundTrip, self.party(site), filing, lot.lot, sum(&lot.contents()));
        Some(())
    }

    /// The next leg of a round trip, some days after the last.
    pub(crate) fn round_on(&mut self, at: u32, next: u32, last: u32, lots: Vec<Holding>) {
        let days = self.chance.between(1, 6);
        let then = if next == last { Then::Store } else { Then::Round { next: last, last } };
        let shipment = Shipment {
            from: at,
            to: next,
            movement: base::kind::Move::Sale,
            owner: crate::party::NONE,
            lots,
            then,
            trick: None,
        };
        self.schedule(days, Event::Send(shipment));
    }
}
