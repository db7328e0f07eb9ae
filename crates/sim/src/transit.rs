//! On the way and at the receiver: receipts with the receiver's own scale and assay, returns, titles of
//! consigned lots, and the tricks that are played with receipts.

use base::kind::{Kind, Move};

use crate::chance::{ratio, scaled};
use crate::material::{Good, Holding, ND, PR, sum, weighed};
use crate::party::{NONE, Role};
use crate::plan::Trick;
use crate::trade::{Event, Shipment, Then};
use crate::world::World;
use crate::writer::{Line, Says};

/// A receipt comes weeks late.
const LATE: u32 = 40_000;
/// The receiver has its own assay made.
const OWN_ASSAY: u32 = 60_000;
/// The receiver sends a lot back.
const RETURNED: u32 = 6_000;

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

impl World<'_> {
    pub(crate) fn on_its_way(&mut self, shipment: Shipment) {
        let mut days = self.chance.between(1, 8);
        if self.chance.happens(LATE) {
            days += self.chance.between(14, 35);
        }
        self.schedule(days, Event::Arrive(shipment));
    }

    pub(crate) fn arrive(&mut self, shipment: Shipment) {
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

    /// A trick that waits and suits the receipt of these lots.
    pub(crate) fn sale_trick(&mut self, buyer: u32, lots: &[Holding]) -> Option<Trick> {
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

    pub(crate) fn title(&mut self, shipment: &Shipment) {
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
}
