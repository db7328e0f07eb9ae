//! Which frauds and errors are planted, when, and what is known of them: `truth.csv`.
//!
//! A plan spreads its kinds evenly over the economy's time. Each waits from its day on for the next
//! filing that suits it; what was really planted is noted with the filing that an officer should find.

use std::io::Write;

use crate::chance::Chance;
use crate::material::LotId;
use crate::party::Register;
use crate::writer::{Reference, lot_text, reference};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $rule:literal $note:literal;)+) => {
        /// A kind of fraud or error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Trick { $($(#[$doc])* $variant),+ }

        impl Trick {
            pub(crate) const ALL: &'static [Trick] = &[$(Trick::$variant),+];

            /// The code of the ledger's finding where it has one, else a name of its own.
            pub(crate) fn rule(self) -> &'static str { match self { $(Trick::$variant => $rule),+ } }

            /// What was done.
            fn note(self) -> &'static str { match self { $(Trick::$variant => $note),+ } }
        }
    };
}

kinds! {
    /// Sold and delivered, and the receiver says nothing.
    MissingReceipt "missing_receipt" "delivered; the receiver never files its receipt";
    /// The receiver states clearly less than was sent.
    MassDiffers "mass_differs" "the receiver states a tenth less than was sent";
    /// Grams as kilograms.
    Thousand "unit_error" "the receipt is in grams, filed as kilograms";
    /// Pounds as kilograms.
    Pound "unit_error" "the receipt is in pounds, filed as kilograms";
    /// The receipt names a sender who sent nothing.
    WrongSender "receipt_without_transfer" "the receipt names a sender who did not send";
    /// Used without a receipt.
    NoCustody "drawn_without_custody" "taken into stock and used without any receipt";
    /// Two elements of an assay exchanged.
    Swap "composition_swap" "Nd and Pr of the receiver's assay are exchanged";
    /// A dry assay filed as received.
    WetDry "wet_dry" "an assay of the dry mass is filed as if it were as received";
    /// Sold in a circle.
    RoundTrip "round_trip" "sold on twice and back to the first seller within weeks, unchanged";
    /// A trader without a use of its own.
    PassThrough "pass_through_trader" "sold on unchanged on the day of its receipt";
    /// Output kept off the books.
    UnderReported "under_reported_output" "a fifth of the product is not filed";
    /// Swarf kept off the books as product.
    YieldHigh "yield_out_of_band" "the yield is far above what the process gives";
    /// More out than in.
    Gain "gain" "more comes out than went in: other material was mixed in";
    /// An element that no input held.
    Nowhere "unexplained" "terbium comes out, analysed and absent in every input";
    /// A lot used up twice.
    Twice "overdrawn" "a lot that was used up is used again";
    /// A number used for two lots.
    MadeTwice "lot_made_twice" "a second lot is filed under the number of the first";
    /// A lot that becomes its own ancestor.
    Cycle "cycle" "what was made of a lot goes back into the number of that lot";
    /// Used before it was there.
    BeforeMade "before_made" "dated before the lot was made";
    /// A lot out of nothing.
    Undeclared "undeclared_lot" "the lot used was never declared by anybody";
    /// Mineral feed at a recycler.
    Diverted "diverted_recycler_feed" "a recycler uses concentrate and files recycled oxide";
    /// Corrected when nobody looks any more.
    Late "late_correction" "the mass of an export is corrected to three quarters, months later";
    /// Controlled and not licensed.
    Unlicensed "export_without_licence" "holds Dy or Tb above 0.1 % and names no licence";
}

/// One that was planted.
#[derive(Debug)]
struct Truth {
    trick: Trick,
    filer: u32,
    filing: Reference,
    lot: LotId,
    size_ug: i64,
}

/// The plan.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// By day, the last first.
    to_come: Vec<(u16, Trick)>,
    waiting: Vec<Trick>,
    truths: Vec<Truth>,
    /// A trick that the batch in hand plays, and its size; noted with the first lot it makes.
    pub(crate) in_hand: Option<(Trick, i64)>,
    /// The inputs of the batch in hand are stated to hold none of this element.
    pub(crate) without: Option<u8>,
}

impl Plan {
    /// So many, of all kinds in turn, on days between a seventh and two thirds of the time.
    pub(crate) fn new(count: u32, days: u16, chance: &mut Chance) -> Plan {
        let first = chance.place(Trick::ALL.len());
        let mut to_come: Vec<(u16, Trick)> = (0..count as usize)
            .map(|number| {
                let day = chance.between(u32::from(days) / 7, u32::from(days) * 2 / 3);
                (day as u16, Trick::ALL[(first + number) % Trick::ALL.len()])
            })
            .collect();
        to_come.sort_by_key(|&(day, trick)| std::cmp::Reverse((day, trick as u8)));
        Plan { to_come, ..Plan::default() }
    }

    /// Moves what is due to what waits.
    pub(crate) fn day(&mut self, day: u16) {
        while let Some(&(due, trick)) = self.to_come.last() {
            if due > day {
                break;
            }
            self.waiting.push(trick);
            self.to_come.pop();
        }
    }

    /// Whether anything waits.
    pub(crate) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes one of a kind, if one waits.
    pub(crate) fn take(&mut self, trick: Trick) -> bool {
        match self.waiting.iter().position(|&w| w == trick) {
            Some(place) => {
                self.waiting.remove(place);
                true
            }
            None => false,
        }
    }

    /// Takes the first of some kinds that waits.
    pub(crate) fn take_of(&mut self, tricks: &[Trick]) -> Option<Trick> {
        let place = self.waiting.iter().position(|w| tricks.contains(w))?;
        Some(self.waiting.remove(place))
    }

    /// Gives back one that did not suit.
    pub(crate) fn give_back(&mut self, trick: Trick) {
        self.waiting.push(trick);
    }

    /// Notes one that was planted.
    pub(crate) fn note(
        &mut self,
        trick: Trick,
        filer: u32,
        filing: Reference,
        lot: LotId,
        size_ug: i64,
    ) {
        self.truths.push(Truth { trick, filer, filing, lot, size_ug });
    }

    /// How many were planted.
    pub(crate) fn planted(&self) -> u64 {
        self.truths.len() as u64
    }

    /// Writes `truth.csv`.
    pub(crate) fn write(&self, out: &mut dyn Write, register: &Register) -> std::io::Result<()> {
        let mut text = b"rule,filer,filing,lot,size_ug,note\n".to_vec();
        for truth in &self.truths {
            text.extend_from_slice(truth.trick.rule().as_bytes());
            text.push(b',');
            text.extend_from_slice(register.parties[truth.filer as usize].id.as_bytes());
            text.push(b',');
            reference(&mut text, &truth.filing);
            text.push(b',');
            lot_text(&mut text, truth.lot, register);
            text.extend_from_slice(format!(",{},", truth.size_ug).as_bytes());
            let note = truth.trick.note();
            if note.contains(',') {
                text.extend_from_slice(format!("\"{note}\"").as_bytes());
            } else {
                text.extend_from_slice(note.as_bytes());
            }
            text.push(b'\n');
        }
        out.write_all(&text)?;
        out.flush()
    }
}
