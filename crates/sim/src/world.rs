//! The state of the economy on a day, and what every works does alike: draw, make, lose, note.
//!
//! Memory holds the parties, what sites hold, and what is on its way; never what has been written.

use base::kind::{Kind, Leg};

use crate::calendar::Calendar;
use crate::chance::{Chance, ratio};
use crate::market::Markets;
use crate::material::{
    Composition, Contents, ELEMENTS, Form, Good, Holding, LotId, Oxides, contents, mass_at, sum,
    weighed,
};
use crate::pack::Pack;
use crate::party::{Register, Role, Site};
use crate::plan::Plan;
use crate::trade::Event;
use crate::writer::{Line, Names, Reference, Says, Writer};

/// What a site holds of a good.
#[derive(Debug)]
struct Queue {
    good: Good,
    lots: Vec<Holding>,
}

/// Everything.
pub(crate) struct World<'s> {
    pub(crate) pack: Pack,
    pub(crate) register: Register,
    pub(crate) calendar: Calendar,
    pub(crate) oxides: Oxides,
    pub(crate) chance: Chance,
    pub(crate) writer: Writer<'s>,
    pub(crate) markets: Markets,
    pub(crate) plan: Plan,
    pub(crate) day: u16,
    stocks: Vec<Vec<Queue>>,
    /// What happens on a day to come.
    pub(crate) due: Vec<Vec<Event>>,
    /// What the batch in hand consumes.
    pub(crate) draws: Vec<Holding>,
    pub(crate) lots: u64,
    pub(crate) flows: Flows,
    /// The first failure of the sink; the economy ends with the day.
    pub(crate) failure: Option<std::io::Error>,
}

/// Masses by which the economy is steered.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    /// Total oxides mined at home and brought in, mg.
    pub(crate) mined: i64,
    pub(crate) imported: i64,
    /// The same by source.
    pub(crate) imported_by: Vec<i64>,
    /// Of what was mined at home, from clay.
    pub(crate) mined_heavy: i64,
    /// Magnets shipped and exported this month, mg.
    pub(crate) shipped: i64,
    pub(crate) exported: i64,
    /// Customs declarations so far.
    pub(crate) declarations: u32,
}

impl<'s> World<'s> {
    pub(crate) fn new(
        pack: Pack,
        register: Register,
        calendar: Calendar,
        chance: Chance,
        writer: Writer<'s>,
        plan: Plan,
    ) -> World<'s> {
        let markets = Markets::new(&register);
        let stocks = register.sites.iter().map(|_| Vec::new()).collect();
        let due = calendar.days.iter().map(|_| Vec::new()).collect();
        World {
            pack,
            register,
            calendar,
            oxides: Oxides::of_pack(),
            chance,
            writer,
            markets,
            plan,
            day: 0,
            stocks,
            due,
            draws: Vec::new(),
            lots: 0,
            flows: Flows::default(),
            failure: None,
        }
    }

    pub(crate) fn site(&self, site: u32) -> &Site {
        &self.register.sites[site as usize]
    }

    pub(crate) fn role(&self, site: u32) -> Role {
        self.site(site).role
    }

    pub(crate) fn party(&self, site: u32) -> u32 {
        self.site(site).party
    }

    /// Writes a row.
    pub(crate) fn put(&mut self, line: &Line) {
        let names = Names {
            register: &self.register,
            calendar: &self.calendar,
            oxides: &self.oxides,
            pack: &self.pack,
        };
        if self.failure.is_none()
            && let Err(error) = self.writer.line(line, names)
        {
            self.failure = Some(error);
        }
    }

    /// The next reference of a party; the tag tells the kind.
    pub(crate) fn reference(&mut self, party: u32, tag: u8) -> Reference {
        let filer = &mut self.register.parties[party as usize];
        filer.filings += 1;
        let yymm = self.calendar.days[self.day as usize].yymm;
        Reference { number: filer.filings, yymm, tag }
    }

    /// The first row of a new filing at a site.
    pub(crate) fn filing(&mut self, site: u32, kind: Kind, tag: u8) -> Line {
        let party = self.party(site);
        let reference = self.reference(party, tag);
        Line::new(reference, kind, self.day, party, site)
    }

    /// Names a new lot.
    pub(crate) fn lot_new(&mut self, site: u32, good: Good) -> LotId {
        let of = &mut self.register.sites[site as usize];
        of.lots += 1;
        self.lots += 1;
        let yymm = self.calendar.days[self.day as usize].yymm;
        LotId { site, number: of.lots, yymm, good }
    }

    /// What a site holds of a good.
    pub(crate) fn held(&self, site: u32, good: Good) -> &[Holding] {
        let queue = self.stocks[site as usize].iter().find(|q| q.good == good);
        queue.map_or(&[], |q| q.lots.as_slice())
    }

    pub(crate) fn held_mut(&mut self, site: u32, good: Good) -> &mut Vec<Holding> {
        let stock = &mut self.stocks[site as usize];
        let at = match stock.iter().position(|q| q.good == good) {
            Some(at) => at,
            None => {
                stock.push(Queue { good, lots: Vec::new() });
                stock.len() - 1
            }
        };
        &mut stock[at].lots
    }

    /// Goods that a site holds something of.
    pub(crate) fn goods_held(&self, site: u32) -> impl Iterator<Item = Good> + '_ {
        self.stocks[site as usize].iter().filter(|q| !q.lots.is_empty()).map(|q| q.good)
    }

    /// Puts a lot into stock.
    pub(crate) fn store(&mut self, site: u32, holding: Holding) {
        self.held_mut(site, holding.lot.good).push(holding);
    }

    /// How many lots of a good a site keeps at most before it takes no more.
    pub(crate) fn room(&self, site: u32) -> usize {
        5 + self.site(site).weight.min(40) as usize / 3
    }

    /// Mass held of a good, of one grade where it is said.
    pub(crate) fn mass_held(&self, site: u32, good: Good, grade: Option<u8>) -> i64 {
        let of = self.held(site, good).iter().filter(|h| grade.is_none_or(|g| g == h.grade));
        of.map(|h| h.mass).sum()
    }

    /// Takes up to `most` lots of a good, together about `want` mg, into the batch in hand; what is
    /// left of a lot stays for the next batch. Gives the mass taken.
    pub(crate) fn draw(
        &mut self,
        site: u32,
        good: Good,
        most: u32,
        want: i64,
        grade: Option<u8>,
    ) -> i64 {
        let before = self.draws.len();
        let count = self.held(site, good).iter().filter(|h| grade.is_none_or(|g| g == h.grade));
        let count = (count.count() as u32).min(most);
        if count == 0 || want <= 0 {
            return 0;
        }
        let start = self.chance.place(self.held(site, good).len());
        let shares: [u32; 16] = std::array::from_fn(|_| 700_000 + self.chance.below(600_000));
        let mut draws = std::mem::take(&mut self.draws);
        let lots = self.held_mut(site, good);
        let length = lots.len();
        let (mut got, mut left) = (0, count as i64);
        for step in 0..length {
            if left == 0 || got >= want {
                break;
            }
            let lot = &mut lots[(start + step) % length];
            if grade.is_some_and(|g| g != lot.grade) {
                continue;
            }
            let fair = (want - got) / left;
            let fair = if left == 1 {
                fair
            } else {
                crate::chance::scaled(fair, i64::from(shares[step & 15]))
            };
            let mut take = weighed(fair.min(lot.mass));
            // A small remainder is not worth its place.
            if lot.mass - take < lot.mass / 8 || take == 0 {
                take = lot.mass;
            }
            draws.push(Holding { mass: take, ..*lot });
            lot.mass -= take;
            got += take;
            left -= 1;
        }
        lots.retain(|h| h.mass > 0);
        self.draws = draws;
        debug_assert!(self.draws.len() >= before);
        got
    }

    /// Contents of the batch in hand.
    pub(crate) fn drawn(&self) -> Contents {
        let mut all = [0; ELEMENTS];
        for draw in &self.draws {
            for (sum, content) in all.iter_mut().zip(contents(draw.mass, &draw.composition)) {
                *sum += content;
            }
        }
        all
    }

    /// Opens a transform that consumes the batch in hand.
    pub(crate) fn transform(&mut self, site: u32, process: &'static str) -> Line {
        let mut line = self.filing(site, Kind::Transform, b'P');
        line.process = process;
        let draws = std::mem::take(&mut self.draws);
        for draw in &draws {
            let says = match self.plan.without {
                Some(element) => Says::Without(draw.composition, element),
                None if draw.own_assay => Says::Elements(draw.composition),
                None => Says::Nothing,
            };
            let row = Line {
                leg: Some(Leg::In),
                lot: Some(draw.lot),
                good: Some(draw.lot.good),
                mass: draw.mass,
                says,
                ..line
            };
            self.put(&row);
        }
        self.draws = draws;
        self.draws.clear();
        self.plan.without = None;
        line
    }

    /// Makes a lot of a transform that holds these contents in this mass; puts it into stock.
    pub(crate) fn make(&mut self, line: &Line, out: Out<'_>) -> Option<Holding> {
        if out.mass <= 0 {
            return None;
        }
        let stated = self.oxides.state(out.contents, out.mass, out.form, out.factor);
        if stated.values.iter().all(|&v| v == 0) {
            return None;
        }
        let composition: Composition = self.oxides.composition(&stated);
        let lot = self.lot_new(line.site, out.good);
        let graded = matches!(
            out.good,
            Good::Flake | Good::Powder | Good::Block | Good::Magnet | Good::Bonded
        );
        let row = Line {
            leg: Some(Leg::Out),
            lot: Some(lot),
            good: Some(out.good),
            mass: out.mass,
            says: Says::Stated(stated),
            grade: graded.then_some(out.grade),
            laboratory: 1,
            ..*line
        };
        self.put(&row);
        if let Some((trick, size)) = self.plan.in_hand.take() {
            self.plan.note(trick, line.filer, line.reference, lot, size);
        }
        let holding = Holding {
            lot,
            day: self.day,
            grade: out.grade,
            own_assay: false,
            mass: out.mass,
            composition,
        };
        self.store(line.site, holding);
        Some(holding)
    }

    /// Makes as many lots as are usual for a good of these contents, which are `share` ppm of the
    /// mass.
    pub(crate) fn make_lots(
        &mut self,
        line: &Line,
        good: Good,
        grade: u8,
        of: &Contents,
        how: How,
    ) {
        let mass = mass_at(sum(of), how.share);
        let lot = self.chance.about(good.lot_mg(), 800_000, 1_250_000).max(1);
        let count = ((mass + lot / 2) / lot).clamp(1, 8);
        let mut left = mass;
        for number in 0..count {
            let fair = left / (count - number);
            let this = if number + 1 == count {
                left
            } else {
                weighed(self.chance.about(fair, 880_000, 1_120_000))
            };
            let portion: Contents = of.map(|c| ratio(c, this, mass));
            left -= this;
            let out = Out {
                good,
                grade,
                contents: &portion,
                mass: this,
                form: how.form,
                factor: how.factor,
            };
            self.make(line, out);
        }
    }

    /// States what is lost of a transform: the rest, at a stage.
    pub(crate) fn lose(&mut self, line: &Line, good: Good, mass: i64) {
        if mass <= 0 {
            return;
        }
        let mut row = Line { leg: Some(Leg::Loss), good: Some(good), mass: weighed(mass), ..*line };
        row.note = match good {
            Good::Residue => "tailings",
            Good::Slag => "fume and dross",
            _ => "handling",
        };
        self.put(&row);
    }

    /// A date some days on, or nothing beyond the end of the economy.
    pub(crate) fn later(&mut self, days: u32) -> Option<u16> {
        let day = u32::from(self.day) + days;
        (day < self.calendar.days.len() as u32).then_some(day as u16)
    }

    /// Sets something down for a later day.
    pub(crate) fn schedule(&mut self, days: u32, event: Event) {
        if let Some(day) = self.later(days) {
            self.due[day as usize].push(event);
        }
    }
}

/// A lot to be made.
pub(crate) struct Out<'c> {
    pub(crate) good: Good,
    pub(crate) grade: u8,
    pub(crate) contents: &'c Contents,
    pub(crate) mass: i64,
    pub(crate) form: Form,
    pub(crate) factor: u32,
}

/// How lots are stated, and the share (ppm) of their mass that the contents are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    pub(crate) share: u32,
    pub(crate) form: Form,
    pub(crate) factor: u32,
}

impl How {
    pub(crate) fn elements(share: u32) -> How {
        How { share, form: Form::Elements, factor: 0 }
    }

    /// Oxides by formula; `share` is of the elements.
    pub(crate) fn oxides(share: u32) -> How {
        How { share, form: Form::Oxides, factor: 0 }
    }
}
