//! Sales, transport, receipts, exports, imports: how material changes hands.
//!
//! What is sent is in transit until the receiver files its receipt, with its own scale and sometimes
//! its own assay. A small share of the receipts never comes, and small users file none.

use base::kind::{Kind, Move};

use crate::chance::{MILLION, ratio, scaled};
use crate::material::{DY, Form, Good, Holding, LotId, ND, PR, SMCO, Stated, TB, sum, weighed};
use crate::party::{NONE, Role, sells};
use crate::plan::Trick;
use crate::world::World;
use crate::writer::{Line, Reference, Says};

/// A receipt is never filed in this many cases of a million.
const NEVER_RECEIVED: u32 = 4_000;
/// A receipt comes weeks late.
const LATE: u32 = 40_000;
/// The receiver has its own assay made.
const OWN_ASSAY: u32 = 60_000;
/// The receiver sends a lot back.
const RETURNED: u32 = 6_000;
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

/// Tricks played with the receipt of a sale.
const AT_RECEIPT: &[Trick] = &[
    Trick::MissingReceipt,
    Trick::MassDiffers,
    Trick::Thousand,
    Trick::Pound,
    Trick::WrongSender,
    Trick::NoCustody,
    Trick::Swap,
    Trick::WetDry,
    Trick::PassThrough,
];

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
        let abroad = self.abroad_next(good);
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
    fn abroad_next(&mut self, good: Good) -> bool {
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

    /// A trick that waits and suits the receipt of these lots.
    fn sale_trick(&mut self, buyer: u32, lots: &[Holding]) -> Option<Trick> {
        if !self.plan.waits() {
            return None;
        }
        let trick = self.plan.take_of(AT_RECEIPT)?;
        let first = lots.first()?;
        let of = &first.composition;
        let suits = match trick {
            Trick::Swap => of[ND] > of[PR] * 2 && of[PR] > 0,
            Trick::WetDry => first.lot.good == Good::Swarf && !first.own_assay,
            Trick::PassThrough => self.role(buyer) == Role::Trader,
            Trick::NoCustody => self.role(buyer) != Role::Trader && sum(&first.contents()) > 0,
            _ => true,
        };
        if suits {
            return Some(trick);
        }
        self.plan.give_back(trick);
        None
    }

    /// Names the receiver, by identifier or in words.
    fn address(&self, line: &mut Line, buyer: u32) {
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

    fn invoice(&mut self, site: u32) -> u32 {
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

    fn on_its_way(&mut self, shipment: Shipment) {
        let mut days = self.chance.between(1, 8);
        if self.chance.happens(LATE) {
            days += self.chance.between(14, 35);
        }
        self.schedule(days, Event::Arrive(shipment));
    }

    fn arrive(&mut self, shipment: Shipment) {
        let Shipment { from, to, movement, owner, ref lots, then, trick } = shipment;
        if trick == Some(Trick::NoCustody) {
            self.arrive_unfiled(to, lots);
            return;
        }
        let mut line = self.filing(to, Kind::Receipt, b'R');
        line.movement = Some(movement);
        line.owner = owner;
        if self.party(from) != self.party(to) {
            line.from = self.party(from);
        }
        if trick == Some(Trick::WrongSender) {
            line.from = self.party(0);
            if line.from == line.filer || line.from == self.party(from) {
                line.from = self.party(4);
            }
        }
        let mut stored = Vec::with_capacity(lots.len());
        for (place, lot) in lots.iter().enumerate() {
            let played = if place == 0 { trick } else { None };
            stored.push(self.receive(&line, lot, played));
        }
        match then {
            Then::Coat { back } => self.coat(to, back, &stored),
            Then::Round { next, last } => self.round_on(to, next, last, stored),
            Then::Store | Then::Consigned => self.put_away(&shipment, &line, stored),
        }
        if then == Then::Consigned {
            let days = self.chance.between(15, 45);
            self.schedule(days, Event::Title(shipment));
        }
    }

    /// Puts what has arrived into stock, or sends it back or on.
    fn put_away(&mut self, shipment: &Shipment, line: &Line, stored: Vec<Holding>) {
        let &Shipment { from, to, movement, trick, .. } = shipment;
        if trick == Some(Trick::PassThrough) {
            self.pass_through(to, line, stored);
            return;
        }
        let send_back = movement == Move::Sale && self.chance.happens(RETURNED);
        if send_back && stored.len() == 1 && trick.is_none() {
            let days = self.chance.between(2, 12);
            let back = Shipment {
                from: to,
                to: from,
                movement: Move::Return,
                owner: NONE,
                lots: stored,
                then: Then::Store,
                trick: None,
            };
            self.schedule(days, Event::Send(back));
            return;
        }
        for lot in stored {
            self.store(to, lot);
        }
    }

    /// Takes lots in and uses the first at once, without a word of their arrival.
    fn arrive_unfiled(&mut self, to: u32, lots: &[Holding]) {
        let Some(first) = lots.first() else { return };
        let mut line = self.filing(to, Kind::Loss, b'L');
        line.note = "used up in trials";
        let row =
            Line { lot: Some(first.lot), good: Some(first.lot.good), mass: first.mass, ..line };
        self.put(&row);
        let size = sum(&first.contents());
        self.plan.note(Trick::NoCustody, line.filer, line.reference, first.lot, size);
    }

    /// A trader sells on at once all that it has just received.
    fn pass_through(&mut self, at: u32, receipt: &Line, lots: Vec<Holding>) {
        let Some(&first) = lots.first() else { return };
        let good = first.lot.good;
        let buyer = (0..8).find_map(|_| {
            let buyer = self.markets.buyer(at, good, false, &mut self.chance)?;
            let fits = self.party(buyer) != receipt.from
                && self.party(buyer) != receipt.filer
                && self.site(buyer).start <= self.day;
            fits.then_some(buyer)
        });
        let Some(buyer) = buyer else {
            for lot in lots {
                self.store(at, lot);
            }
            self.plan.give_back(Trick::PassThrough);
            return;
        };
        let size = lots.iter().map(|l| sum(&l.contents())).sum();
        self.plan.note(Trick::PassThrough, receipt.filer, receipt.reference, first.lot, size);
        self.dispatch(at, buyer, lots, Move::Sale, NONE, Then::Store);
    }

    /// Writes a receipt's row; gives what is held from now on.
    fn receive(&mut self, line: &Line, lot: &Holding, trick: Option<Trick>) -> Holding {
        let mut mass = lot.mass;
        let mut held = *lot;
        let draw = self.chance.below(100);
        // Two scales differ by up to 0.3 %; where the receiver's shows more, the rest stays on the floor.
        if draw < 16 {
            mass = weighed(lot.mass - scaled(lot.mass, i64::from(self.chance.between(100, 3_000))));
            held.mass = mass;
        } else if draw < 20 {
            mass = weighed(lot.mass + scaled(lot.mass, i64::from(self.chance.between(100, 2_000))));
        }
        let mut says = Says::Nothing;
        let mut laboratory = 0;
        if self.chance.happens(OWN_ASSAY) {
            let factor = self.chance.between(992_000, 1_006_000);
            let mut values = lot.composition;
            for value in &mut values {
                *value = scaled(i64::from(*value), i64::from(factor)) as u32 / 1_000 * 1_000;
            }
            let whole: u64 = values.iter().map(|&v| u64::from(v)).sum();
            if whole > 0 && whole <= 1_000_000_000 {
                says = Says::Elements(values);
                laboratory = 2 + self.chance.below(3) as u8;
                held.composition = values;
                held.own_assay = true;
            }
        }
        if let Some(trick) = trick {
            (mass, says) = self.receipt_trick(line, lot, &mut held, trick, mass, says);
        }
        let row = Line {
            lot: Some(lot.lot),
            good: Some(lot.lot.good),
            mass,
            says,
            assay: if laboratory > 0 { "final" } else { "" },
            laboratory,
            ..*line
        };
        self.put(&row);
        held.day = self.day;
        held
    }

    /// What a receipt states when a trick is played with it.
    fn receipt_trick(
        &mut self,
        line: &Line,
        lot: &Holding,
        held: &mut Holding,
        trick: Trick,
        mass: i64,
        says: Says,
    ) -> (i64, Says) {
        let mut size = sum(&lot.contents());
        let mut stated = (mass, says);
        match trick {
            Trick::MassDiffers => {
                held.mass =
                    weighed(scaled(lot.mass, i64::from(self.chance.between(850_000, 930_000))));
                stated.0 = held.mass;
                size = ratio(size, lot.mass - held.mass, lot.mass);
            }
            Trick::Thousand => stated.0 = lot.mass * 1_000,
            Trick::Pound => stated.0 = weighed(ratio(lot.mass, 2_204_623, 1_000_000)),
            Trick::Swap => {
                held.composition.swap(ND, PR);
                held.own_assay = true;
                stated.1 = Says::Elements(held.composition);
            }
            Trick::WetDry => {
                // A fifth of the sludge is water; the assay of the dry mass is a quarter higher.
                held.composition = lot.composition.map(|v| ratio(i64::from(v), 5, 4) as u32);
                held.own_assay = true;
                stated.1 = Says::Elements(held.composition);
                size /= 4;
            }
            _ => {}
        }
        // One that sells on at once is noted when it does.
        if trick != Trick::PassThrough {
            self.plan.note(trick, line.filer, line.reference, lot.lot, size);
        }
        stated
    }

    fn title(&mut self, shipment: &Shipment) {
        let mut line = self.filing(shipment.from, Kind::Title, b'O');
        line.site = shipment.to;
        // The title is filed by the owner, who has no site there.
        line.site = NONE;
        line.to = self.party(shipment.to);
        line.invoice = self.invoice(shipment.from);
        for lot in &shipment.lots {
            let row = Line { lot: Some(lot.lot), good: Some(lot.lot.good), mass: lot.mass, ..line };
            self.put(&row);
        }
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
        // Dy and Tb above 0.1 %, and samarium cobalt, go on a licence.
        let heavy = source.composition[DY] + source.composition[TB];
        let magnet = matches!(good, Good::Magnet | Good::Bonded);
        if heavy > 1_000_000 && good != Good::Assembly || magnet && source.grade == SMCO {
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
    fn assay_final(&mut self, mut line: Line) -> (u32, Reference) {
        line.reference = self.reference(line.filer, b'K');
        self.put(&line);
        (line.filer, line.reference)
    }
}

impl World<'_> {
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
        // A cargo's lead is nothing to wait for.
        (ahead(behind) <= Good::Concentrate.lot_mg()).then_some(behind)
    }

    fn flows_by_source(&mut self, source: usize, oxides: i64) {
        let by = &mut self.flows.imported_by;
        if by.len() <= source {
            by.resize(source + 1, 0);
        }
        by[source] += oxides;
    }
}
