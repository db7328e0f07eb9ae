//! Goods, lots and their composition in whole numbers.
//!
//! INVARIANT: what a lot holds is what was written of it, to the last digit: a statement is rounded
//! first, and the books here go on with the rounded figures, worked out by the rules of ledger.md.

use crate::chance::ratio;

/// Elements that are followed.
pub(crate) const ELEMENTS: usize = 13;
/// Their symbols.
pub(crate) const SYMBOLS: [&str; ELEMENTS] =
    ["La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Y", "Co"];
pub(crate) const PR: usize = 2;
pub(crate) const ND: usize = 3;
pub(crate) const SM: usize = 4;
pub(crate) const TB: usize = 7;
pub(crate) const DY: usize = 8;
pub(crate) const Y: usize = 11;
pub(crate) const CO: usize = 12;

/// Parts per billion by mass, per element.
pub(crate) type Composition = [u32; ELEMENTS];
/// Micrograms per element.
pub(crate) type Contents = [i64; ELEMENTS];

const WHOLE_PPB: i64 = 1_000_000_000;
/// Shares are stated to 0.0001 %.
const STEP_PPB: i64 = 1_000;
/// What is less than 0.005 % is not stated.
const LEAST_PPB: i64 = 50_000;

macro_rules! goods {
    ($($variant:ident $tag:literal $stage:literal $hs:literal $name:literal $lot_kg:literal $cents:literal;)+) => {
        /// A kind of material that is held, changed and sold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum Good { $($variant),+ }

        impl Good {
            pub(crate) const ALL: &'static [Good] = &[$(Good::$variant),+];

            /// Two letters in the ids of its lots.
            pub(crate) fn tag(self) -> &'static str { match self { $(Good::$variant => $tag),+ } }
            /// Stage code of the pack.
            pub(crate) fn stage(self) -> &'static str { match self { $(Good::$variant => $stage),+ } }
            /// HS code (stages.csv).
            pub(crate) fn hs(self) -> &'static str { match self { $(Good::$variant => $hs),+ } }
            /// Product name.
            pub(crate) fn name(self) -> &'static str { match self { $(Good::$variant => $name),+ } }
            /// Usual mass of a lot, mg.
            pub(crate) fn lot_mg(self) -> i64 { (match self { $(Good::$variant => $lot_kg),+ }) * 1_000_000 }
            /// Price of a kilogram in cents: own assumption, for plausible invoices only.
            pub(crate) fn cents(self) -> i64 { match self { $(Good::$variant => $cents),+ } }
        }
    };
}

goods! {
    Ore "RM" "ore" "2530902000" "run-of-mine ore" 120_000 4;
    Concentrate "CC" "concentrate" "2530902000" "rare-earth concentrate" 6_000 350;
    Ionic "IP" "ionic_precipitate" "2846904820" "ion-clay precipitate" 800 2_600;
    MixedLight "MC" "mixed_compound" "2846902810" "mixed carbonate" 3_000 700;
    MixedHeavy "MH" "mixed_compound" "2846902810" "SEG and heavy carbonate" 400 2_200;
    OxideNdPr "NP" "separated_compound" "2846901920" "NdPr oxide" 400 6_200;
    OxideDy "DY" "separated_compound" "2846901500" "Dy oxide" 50 23_000;
    OxideTb "TB" "separated_compound" "2846901600" "Tb oxide" 15 85_000;
    OxideSm "SM" "separated_compound" "2846901940" "Sm oxide" 100 220;
    OxideOther "RO" "separated_compound" "2846901999" "rare-earth oxide" 4_000 90;
    Fluoride "TF" "fluoride" "2846903900" "Tb fluoride" 10 90_000;
    MetalNdPr "PM" "metal" "2805301900" "NdPr metal" 300 7_600;
    AlloyDy "DF" "master_alloy" "7202999110" "DyFe 80" 25 22_000;
    MetalTb "TM" "metal" "2805301600" "Tb metal" 10 105_000;
    MetalSm "SA" "metal" "2805301900" "Sm metal" 80 1_300;
    Cobalt "CO" "metal" "8105209090" "cobalt metal" 500 3_300;
    Flake "FL" "strip_cast_flake" "7202991100" "magnet alloy flake" 600 3_200;
    Powder "PW" "powder" "7202991200" "jet-milled powder" 500 3_600;
    Block "BK" "sintered_block" "8505111000" "sintered block" 250 4_400;
    Magnet "MG" "finished_magnet" "8505111000" "sintered magnets" 80 7_500;
    Bonded "BM" "bonded_magnet" "8505190000" "bonded magnets" 60 5_000;
    Assembly "AS" "assembly" "8503009090" "rotor with magnets" 500 2_800;
    Product "EP" "end_product" "8501529090" "drive unit" 900 3_500;
    Swarf "SW" "swarf" "" "grinding sludge" 60 900;
    Scrap "SC" "scrap_magnet" "" "magnet scrap" 30 1_500;
    Slag "SL" "slag" "" "electrolysis slag" 25 300;
    Residue "RE" "residue" "" "leach residue" 2_000 1;
    RecycledNdPr "RN" "recycled_oxide" "2846901920" "recycled NdPr oxide" 120 6_000;
    RecycledDy "RD" "recycled_oxide" "2846901500" "recycled Dy and Tb oxide" 8 24_000;
}

/// Magnet grades by heat resistance, with the Dy + Tb that they hold (magnet_grades.csv, column
/// `dytb_typ_wt_pct`; the last is Sm2Co17), in parts per million.
pub(crate) const GRADES: [(&str, u32); 7] = [
    ("N", 0),
    ("M", 5_000),
    ("H", 15_000),
    ("SH", 40_000),
    ("UH", 60_000),
    ("EH", 85_000),
    ("2:17", 0),
];
/// Position of the samarium cobalt grade.
pub(crate) const SMCO: u8 = 6;

/// A lot by who named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LotId {
    pub(crate) site: u32,
    pub(crate) number: u32,
    pub(crate) yymm: u16,
    pub(crate) good: Good,
}

/// What a site holds of a lot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding {
    pub(crate) lot: LotId,
    /// Day on which it came here or was made.
    pub(crate) day: u16,
    pub(crate) grade: u8,
    /// Whether the holder's own assay differs from what the lot was made with.
    pub(crate) own_assay: bool,
    /// Left, mg.
    pub(crate) mass: i64,
    pub(crate) composition: Composition,
}

impl Holding {
    pub(crate) fn contents(&self) -> Contents {
        contents(self.mass, &self.composition)
    }
}

/// Content of every element: `floor(mg × ppb / 10⁶)`.
pub(crate) fn contents(mass: i64, composition: &Composition) -> Contents {
    let mut of = [0; ELEMENTS];
    for (content, &ppb) in of.iter_mut().zip(composition) {
        if ppb > 0 {
            *content = base::mass::content_ug(mass, ppb);
        }
    }
    of
}

/// How a composition is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Elements, as received.
    Elements,
    /// Oxides by formula, as received.
    Oxides,
    /// Oxides by formula as shares of the total oxides, which are `factor` of the mass.
    Treo,
    /// Elements of the dry mass; `factor` of the mass is water.
    Dry,
}

/// A composition as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stated {
    pub(crate) form: Form,
    /// Total oxides or moisture, ppb.
    pub(crate) factor: u32,
    /// ppb of each species.
    pub(crate) values: Composition,
}

/// Formula and element per oxide (10⁻⁸) of each element followed.
#[derive(Debug)]
pub(crate) struct Oxides {
    pub(crate) formula: [String; ELEMENTS],
    per_oxide: [i64; ELEMENTS],
}

impl Oxides {
    /// Those of the pack that are meant by REO equivalent (reo_factors.csv).
    pub(crate) fn of_pack() -> Oxides {
        let common = base::common::Common::embedded();
        let row = |symbol: &str| {
            common.oxides.iter().find(|o| o.reo_default && common.symbol(o.element) == symbol)
        };
        Oxides {
            formula: SYMBOLS.map(|s| row(s).map_or(s.to_owned(), |o| o.formula.clone())),
            per_oxide: SYMBOLS
                .map(|s| row(s).map_or(100_000_000, |o| i64::from(o.element_per_oxide_e8))),
        }
    }

    /// Mass of oxide (µg) that holds this content.
    pub(crate) fn oxide(&self, element: usize, content: i64) -> i64 {
        ratio(content, 100_000_000, self.per_oxide[element])
    }

    /// Mass of the oxides of all contents, µg.
    pub(crate) fn total(&self, contents: &Contents) -> i64 {
        contents.iter().enumerate().map(|(e, &c)| self.oxide(e, c)).sum()
    }

    /// States these contents in this mass, rounded down as a laboratory report.
    pub(crate) fn state(&self, contents: &Contents, mass: i64, form: Form, factor: u32) -> Stated {
        let total = if form == Form::Treo { self.total(contents) } else { 0 };
        let mut values = [0; ELEMENTS];
        for (element, &content) in contents.iter().enumerate() {
            if content <= 0 {
                continue;
            }
            let ppb = match form {
                Form::Elements => ratio(content, 1_000_000, mass),
                Form::Oxides => ratio(self.oxide(element, content), 1_000_000, mass),
                Form::Treo => ratio(self.oxide(element, content), WHOLE_PPB, total),
                Form::Dry => {
                    let wet = ratio(content, 1_000_000, mass);
                    ratio(wet, WHOLE_PPB, WHOLE_PPB - i64::from(factor))
                }
            };
            if ppb >= LEAST_PPB {
                values[element] = (ppb / STEP_PPB * STEP_PPB).min(WHOLE_PPB) as u32;
            }
        }
        Stated { form, factor, values }
    }

    /// What the books compute with: oxide factor, then the factor of the basis, floor at each step.
    pub(crate) fn composition(&self, stated: &Stated) -> Composition {
        let mut of = [0; ELEMENTS];
        for (element, ppb) in of.iter_mut().enumerate() {
            let value = i64::from(stated.values[element]);
            let factor = i64::from(stated.factor);
            let per_oxide = self.per_oxide[element];
            let share = match stated.form {
                Form::Elements => value,
                Form::Oxides => value * per_oxide / 100_000_000,
                Form::Treo => value * per_oxide / 100_000_000 * factor / WHOLE_PPB,
                Form::Dry => value * (WHOLE_PPB - factor) / WHOLE_PPB,
            };
            *ppb = share as u32;
        }
        of
    }
}

/// A mass to six digits, as a scale shows it; down, so that nothing is gained.
pub(crate) fn weighed(mass: i64) -> i64 {
    let mut step = 1;
    while mass / step >= 1_000_000 {
        step *= 10;
    }
    mass / step * step
}

/// Mass (mg) in which these contents (µg) are this share (ppm) of the whole.
pub(crate) fn mass_at(content: i64, share_ppm: u32) -> i64 {
    weighed(ratio(content, 1_000, i64::from(share_ppm)))
}

/// All contents together.
pub(crate) fn sum(contents: &Contents) -> i64 {
    contents.iter().sum()
}

/// `ppm` of the contents.
pub(crate) fn part(contents: &Contents, ppm: u32) -> Contents {
    contents.map(|c| crate::chance::scaled(c, i64::from(ppm)))
}

/// The contents of some elements, nothing of the others.
pub(crate) fn only(contents: &Contents, elements: &[usize]) -> Contents {
    let mut of = [0; ELEMENTS];
    for &element in elements {
        of[element] = contents[element];
    }
    of
}
