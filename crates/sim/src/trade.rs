//! Sales and exports: how material changes hands.
//!
//! What is sent is in transit until the receiver files its receipt ([`crate::transit`]). A small share of the
//! receipts never comes, and small users file none. Exports follow the months of
//! `packs/demo/rhythm.csv` and go on a licence where Dy and Tb or samarium cobalt make them controlled.

use base::kind::{Kind, Move};

use crate::chance::{MILLION, ratio, scaled};
use crate::material::{DY, Good, Holding, LotId, SM, SMCO, TB, Y, sum, weighed};
use crate::party::{NONE, Role, sells};
use crate::plan::Trick;
use crate::world::World;
use crate::writer::{Line, Says};

/// A receipt is never filed in this many cases of a million.
const NEVER_RECEIVED: u32 = 4_000;
/// Sold on consignment, of magnets.
const CONSIGNED: u32 = 15_000;

/// Lots on their way.
#[derive(Debug)]
pub(crate) struct Shipment {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) movement: Move,
    /// Party that owns them, where it is not the holder.
    pub(crate) owner: u32,
    pub(crate) lots: Vec<Holding>,
    pub(crate) then: Then,
    /// A trick that the receiver plays, or falls for.
    pub(crate) trick: Option<Trick>,
}

/// What happens to lots that have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// They go into stock.
    Store,
    /// They are coated and sent back.
    Coat { back: u32 },
    /// They go into stock, and are the sender's until a title is filed.
    Consigned,
    /// They are sold on, and at last back to where they came from.
    Round { next: u32, last: u32 },
}

/// Something that happens on a later day.
#[derive(Debug)]
pub(crate) enum Event {
    /// A shipment arrives.
    Arrive(Shipment),
    /// A shipment leaves.
    Send(Shipment),
    /// A final assay replaces a provisional one.
    Final(Box<Line>),
    /// A mass is corrected months later; the lot, and the content that goes.
    Late(Box<Line>, LotId, i64),
    /// Consigned lots become the receiver's.
    Title(Shipment),
    /// An export comes back.
    Reimport(u32, u32, Holding),
}

impl World<'_> {
    /// What falls on this day.
    pub(crate) fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(shipment) => self.arrive(shipment),
            Event::Send(shipment) => {
                let Shipment { from, to, movement, owner, lots, then, .. } = shipment;
                self.dispatch(from, to, lots, movement, owner, then);
            }
            Event::Final(line) => {
                self.assay_final(*line);
            }
            Event::Late(line, lot, size) => {
                let (filer, filing) = self.assay_final(*line);
                self.plan.note(Trick::Late, filer, filing, lot, size);
            }
            Event::Title(shipment) => self.title(&shipment),
            Event::Reimport(site, customer, holding) => self.reimport(site, customer, holding),
        }
    }

    /// Sells something of what a site has for sale.
    pub(crate) fn sell(&mut self, site: u32) -> bool {
        let goods = sells(self.site(site));
        if goods.is_empty() {
            return false;
        }
        let start = self.chance.place(goods.len());
        for step in 0..goods.len() {
            let good = goods[(start + step) % goods.len()];
            if !self.held(site, good).is_empty() && self.sell_good(site, good) {
                return true;
            }
        }
        false
    }

    fn sell_good(&mut self, site: u32, good: Good) -> bool {
        let abroad = self.abroad_next(site, good);
        if !abroad && good == Good::Magnet && self.chance.happens(20_000) {
            let user = self.markets.small_user(&mut self.chance);
            return user.is_some_and(|user| self.sell_to(site, user, good, 1));
        }
        for _ in 0..3 {
            let Some(buyer) = self.markets.buyer(site, good, abroad, &mut self.chance) else {
                return false;
            };
            if self.party(buyer) == self.party(site) || self.site(buyer).start > self.day {
                continue;
            }
            if abroad {
                return self.export(site, buyer, good);
            }
            if self.held(buyer, good).len() >= self.room(buyer) + 4 {
                continue;
            }
            let most = self.chance.between(1, 2);
            return self.sell_to(site, buyer, good, most);
        }
        false
    }

    /// Whether the next sale of a good goes abroad. Magnets follow the months of the pack.
    fn abroad_next(&mut self, site: u32, good: Good) -> bool {
        if !self.markets.abroad(good) {
            return false;
        }
        match good {
            Good::Magnet => {
                let share = self.export_share();
                let exported =
                    ratio(self.flows.exported, i64::from(MILLION), self.flows.shipped.max(1));
                exported < i64::from(share)
            }
            Good::Assembly => self.chance.happens(250_000),
            Good::OxideOther => true,
            Good::Product => true,
            // What home does not take goes abroad.
            Good::OxideDy | Good::OxideTb
                if self.held(site, good).len() * 4 > self.room(site) * 3 =>
            {
                self.chance.happens(500_000)
            }
            Good::OxideNdPr | Good::OxideDy | Good::MetalNdPr => self.chance.happens(40_000),
            _ => false,
        }
    }

    /// Share of this month's magnets that goes abroad, ppm.
    fn export_share(&self) -> u32 {
        let months = &self.calendar.months;
        let of = |month: u32| self.pack.rhythm.get(&month).copied().unwrap_or(5_000);
        let mean = months.iter().map(|&m| of(m)).sum::<u32>() / (months.len() as u32).max(1);
        let month = self.calendar.days[self.day as usize].month as usize;
        let share = ratio(
            i64::from(self.pack.export_share_ppm),
            i64::from(of(months[month])),
            i64::from(mean.max(1)),
        );
        // The economy grows; the months of the pack are absolute.
        let grown = 1_000 + 500 * i64::from(self.day) / (self.calendar.days.len() as i64).max(1);
        ratio(share, 1_250, grown).min(900_000) as u32
    }

    /// Takes what is sold out of stock: a whole lot, or a part under its own number.
    fn take_for_sale(&mut self, site: u32, good: Good) -> Option<(Holding, Option<Holding>)> {
        let length = self.held(site, good).len();
        if length == 0 {
            return None;
        }
        let place = self.chance.place(length).min(self.chance.place(length));
        let want = self.chance.about(good.lot_mg(), 200_000, 800_000);
        let lots = self.held_mut(site, good);
        let lot = &mut lots[place];
        if lot.mass - want < lot.mass / 4 {
            return Some((lots.swap_remove(place), None));
        }
        let part = weighed(want);
        let source = Holding { mass: part, ..*lot };
        lot.mass -= part;
        let named = self.lot_new(site, good);
        Some((source, Some(Holding { lot: named, ..source })))
    }

    fn sell_to(&mut self, site: u32, buyer: u32, good: Good, most: u32) -> bool {
        let consigned =
            good == Good::Magnet && self.chance.happens(CONSIGNED) && self.register.files(buyer);
        let mut line = self.filing(site, Kind::Transfer, b'S');
        line.movement = Some(if consigned { Move::Consignment } else { Move::Sale });
        if matches!(good, Good::Swarf | Good::Scrap) && self.chance.happens(500_000) {
            line.movement = Some(Move::BuyBack);
        }
        line.owner = if consigned { self.party(site) } else { NONE };
        self.address(&mut line, buyer);
        line.invoice = self.invoice(site);
        let mut lots = Vec::with_capacity(most as usize);
        for _ in 0..most {
            let Some((source, part)) = self.take_for_sale(site, good) else { break };
            lots.push(self.sale_row(&line, &source, part.as_ref()));
        }
        let then = if consigned { Then::Consigned } else { Then::Store };
        let movement = line.movement.unwrap_or(Move::Sale);
        if good == Good::Magnet {
            self.flows.shipped += lots.iter().map(|l| l.mass).sum::<i64>();
        }
        if lots.is_empty() {
            return true;
        }
        let files = self.register.files(buyer);
        let trick = if files && !consigned { self.sale_trick(buyer, &lots) } else { None };
        if trick == Some(Trick::MissingReceipt) {
            let size = lots.iter().map(|l| sum(&l.contents())).sum();
            self.plan.note(Trick::MissingReceipt, line.filer, line.reference, lots[0].lot, size);
        } else if files && (trick.is_some() || !self.chance.happens(NEVER_RECEIVED)) {
            let owner = line.owner;
            let shipment = Shipment { from: site, to: buyer, movement, owner, lots, then, trick };
            self.on_its_way(shipment);
        }
        true
    }

    /// Writes one row of a sale or export; gives the lot under the number by which it goes.
    fn sale_row(&mut self, line: &Line, source: &Holding, part: Option<&Holding>) -> Holding {
        let lot = part.unwrap_or(source);
        let says = if source.own_assay || (part.is_some() && self.chance.happens(300_000)) {
            Says::Elements(source.composition)
        } else {
            Says::Nothing
        };
        // A part has the lot's composition unless it is stated; a whole lot that moves keeps its own.
        let says = if part.is_none() && !source.own_assay { Says::Nothing } else { says };
        let good = lot.lot.good;
        let graded = matches!(good, Good::Magnet | Good::Flake | Good::Bonded);
        let row = Line {
            lot: Some(lot.lot),
            source: part.map(|_| source.lot),
            good: Some(good),
            mass: lot.mass,
            says,
            grade: graded.then_some(lot.grade),
            value: ratio(lot.mass, good.cents(), 1_000_000),
            ..*line
        };
        self.put(&row);
        Holding { own_assay: source.own_assay, ..*lot }
    }

    /// Names the receiver, by identifier or in words.
    pub(crate) fn address(&self, line: &mut Line, buyer: u32) {
        let party = self.party(buyer);
        let of = &self.register.parties[party as usize];
        if of.id.is_empty() {
            line.customer = party;
        } else {
            line.to = party;
            line.to_site = if self.register.files(buyer) { buyer } else { NONE };
            if of.role == Role::Foreign {
                line.customer = party;
            }
        }
    }

    pub(crate) fn invoice(&mut self, site: u32) -> u32 {
        let party = self.party(site) as usize;
        let seller = &mut self.register.parties[party];
        seller.invoices += 1;
        seller.invoices
    }

    /// Sends whole lots under their own numbers.
    pub(crate) fn dispatch(
        &mut self,
        from: u32,
        to: u32,
        lots: Vec<Holding>,
        movement: Move,
        owner: u32,
        then: Then,
    ) {
        let mut line = self.filing(from, Kind::Transfer, b'T');
        line.movement = Some(movement);
        line.owner = owner;
        if self.party(from) == self.party(to) {
            line.to_site = to;
        } else {
            self.address(&mut line, to);
        }
        for lot in &lots {
            let says = if lot.own_assay { Says::Elements(lot.composition) } else { Says::Nothing };
            let row =
                Line { lot: Some(lot.lot), good: Some(lot.lot.good), mass: lot.mass, says, ..line };
            self.put(&row);
        }
        self.on_its_way(Shipment { from, to, movement, owner, lots, then, trick: None });
    }

    fn export(&mut self, site: u32, customer: u32, good: Good) -> bool {
        let Some((source, part)) = self.take_for_sale(site, good) else { return false };
        let mut line = self.filing(site, Kind::Export, b'X');
        self.address(&mut line, customer);
        line.to_site = NONE;
        line.invoice = self.invoice(site);
        self.flows.declarations += 1;
        line.declaration = self.flows.declarations;
        let party = self.party(customer);
        // Dy and Tb above 0.1 %, samarium cobalt, and oxides of samarium to yttrium go on a licence, as the
        // control list of the pack has it.
        let heavy = source.composition[DY] + source.composition[TB];
        let listed: u32 = source.composition[SM..=Y].iter().sum();
        let oxide = matches!(good, Good::OxideOther | Good::OxideSm) && listed > 1_000_000;
        let magnet = matches!(good, Good::Magnet | Good::Bonded);
        if heavy > 1_000_000 && good != Good::Assembly || magnet && source.grade == SMCO || oxide {
            line.licence = party + 1;
            let controlled = magnet && heavy > 1_000_000;
            if controlled && self.plan.take(Trick::Unlicensed) {
                line.licence = 0;
                let lot = part.unwrap_or(source);
                let size = sum(&lot.contents());
                self.plan.note(Trick::Unlicensed, line.filer, line.reference, lot.lot, size);
            }
        }
        if matches!(good, Good::Magnet | Good::Assembly | Good::Product) {
            line.end_use = self.end_use(&source);
        }
        let sent = self.sale_row(&line, &source, part.as_ref());
        if good == Good::Magnet {
            self.flows.shipped += sent.mass;
            self.flows.exported += sent.mass;
            if self.plan.waits() && self.plan.take(Trick::Late) {
                self.corrected_late(&line, &source, part.as_ref());
            } else if self.chance.happens(5_000) {
                let days = self.chance.between(25, 60);
                self.schedule(days, Event::Reimport(site, party, sent));
            }
        }
        true
    }

    /// Sets down a correction of an export's mass for months later.
    fn corrected_late(&mut self, line: &Line, source: &Holding, part: Option<&Holding>) {
        let lot = part.unwrap_or(source);
        let line = Line {
            lot: Some(lot.lot),
            source: part.map(|_| source.lot),
            good: Some(lot.lot.good),
            grade: Some(lot.grade),
            mass: weighed(scaled(lot.mass, 750_000)),
            corrects: Some(line.reference),
            note: "mass corrected",
            value: ratio(lot.mass, lot.lot.good.cents() * 3 / 4, 1_000_000),
            ..*line
        };
        let size = sum(&lot.contents()) / 4;
        let days = self.chance.between(110, 150);
        self.schedule(days, Event::Late(Box::new(line), lot.lot, size));
    }

    fn reimport(&mut self, site: u32, customer: u32, holding: Holding) {
        let mut line = self.filing(site, Kind::Reimport, b'J');
        line.customer = customer;
        self.flows.declarations += 1;
        line.declaration = self.flows.declarations;
        line.note = "rejected by the customer";
        let row = Line {
            lot: Some(holding.lot),
            good: Some(holding.lot.good),
            mass: holding.mass,
            ..line
        };
        self.put(&row);
        self.store(site, holding);
    }
}
