//! Composition: parts per billion by mass per element, as filed and as computed.
//!
//! `Nd=28.5;Dy=2.1` is % by mass of the contained element with at most seven decimals, or oxides
//! by formula (`Dy2O3=99.5`), converted with the printed factor of `reo_factors.csv`:
//! `floor(oxide ppb × element per oxide)`. `Dy<0.01` is below the reporting limit and counts as 0;
//! `Tb=n.a.` or absent means not analysed.

use crate::common::{Common, Element, Species};
use crate::decimal::{DecimalError, Scaled, parse_scaled};

/// 100 % in parts per billion.
pub const WHOLE_PPB: u32 = 1_000_000_000;

/// The most entries one composition may have.
pub const ENTRIES_MAX: usize = 64;

/// The composition that the books compute with: which elements were analysed, and their ppb.
///
/// Packed as words so that a graph can hold millions side by side: two words of set, then one word
/// per analysed element in the order of `elements.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Composition(Vec<u32>);

impl Composition {
    /// From (element, ppb) pairs; a later pair of the same element replaces the earlier.
    #[must_use]
    pub fn from_pairs(pairs: &[(Element, u32)]) -> Composition {
        let mut sorted = pairs.to_vec();
        sorted.sort_by_key(|p| p.0);
        let mut set = 0_u64;
        let mut words = vec![0, 0];
        for (element, ppb) in sorted {
            let bit = 1_u64 << (element.0 & 63);
            if set & bit == 0 {
                words.push(ppb);
            } else if let Some(last) = words.last_mut() {
                *last = ppb;
            }
            set |= bit;
        }
        words[0] = (set & 0xffff_ffff) as u32;
        words[1] = (set >> 32) as u32;
        Composition(words)
    }

    /// The packed words.
    #[must_use]
    pub fn words(&self) -> &[u32] {
        &self.0
    }

    /// ppb of an element, nothing where it was not analysed.
    #[must_use]
    pub fn get(&self, element: Element) -> Option<u32> {
        words_get(&self.0, element)
    }

    /// All analysed elements with their ppb.
    pub fn iter(&self) -> impl Iterator<Item = (Element, u32)> + '_ {
        words_iter(&self.0)
    }
}

/// The set of analysed elements of packed words.
#[must_use]
#[inline]
pub fn words_set(words: &[u32]) -> u64 {
    match words {
        [low, high, ..] => u64::from(*low) | u64::from(*high) << 32,
        _ => 0,
    }
}

/// ppb of an element in packed words, nothing where it was not analysed.
#[must_use]
#[inline]
pub fn words_get(words: &[u32], element: Element) -> Option<u32> {
    let set = words_set(words);
    let bit = 1_u64 << (element.0 & 63);
    if set & bit == 0 {
        return None;
    }
    words.get(2 + (set & (bit - 1)).count_ones() as usize).copied()
}

/// All analysed elements of packed words with their ppb.
pub fn words_iter(words: &[u32]) -> impl Iterator<Item = (Element, u32)> + '_ {
    let mut set = words_set(words);
    words.iter().skip(2).map_while(move |&ppb| {
        if set == 0 {
            return None;
        }
        let element = Element(set.trailing_zeros() as u8);
        set &= set - 1;
        Some((element, ppb))
    })
}

/// One entry of a composition as filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssayEntry {
    /// Element or oxide.
    pub species: Species,
    /// Its value.
    pub value: AssayValue,
}

/// A value of an assay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssayValue {
    /// ppb of the species.
    Ppb(u32),
    /// Below this reporting limit, in ppb; counts as 0.
    Below(u32),
    /// Not analysed.
    NotAnalysed,
}

/// A composition as filed: entries in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assay(pub Vec<AssayEntry>);

/// What the composition refers to; the factors turn it into parts of the mass as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// Of the mass as received.
    #[default]
    AsReceived,
    /// Of the dry mass: × (1 − moisture).
    Dry {
        /// Moisture in ppb.
        moisture_ppb: u32,
    },
    /// Of the ignited mass: × (1 − moisture) × (1 − loss on ignition).
    Ignited {
        /// Moisture in ppb.
        moisture_ppb: u32,
        /// Loss on ignition in ppb.
        loi_ppb: u32,
    },
    /// Of the total rare-earth oxides: × their share.
    Treo {
        /// Total rare-earth oxides in ppb.
        treo_ppb: u32,
    },
}

/// Why a composition was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompositionError {
    /// An entry that is not `X=number`, `X<number` or `X=n.a.`.
    #[error("`{0}` is not an entry of a composition")]
    Entry(String),
    /// A formula that the pack does not know.
    #[error("`{0}` is neither an element nor a known oxide")]
    Species(String),
    /// A value that is no percentage.
    #[error("the value of `{0}` {1}")]
    Value(String, DecimalError),
    /// The same element twice.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// More than 100 % altogether.
    #[error("the parts add up to {0} %, more than 100 %")]
    Sum(String),
    /// Too many entries.
    #[error("more than {ENTRIES_MAX} entries")]
    TooMany,
}

impl CompositionError {
    /// What would be accepted instead.
    #[must_use]
    pub fn accepted(&self) -> &'static str {
        "element or oxide formula = % by mass with at most 7 decimals, separated by `;`: `Nd=28.5;Dy2O3=2.1;Tb<0.01;Ho=n.a.`, together at most 100"
    }
}

/// Percent text to ppb: at most seven decimals, at most 100.
///
/// # Errors
/// See [`DecimalError`].
pub fn percent_parse(text: &str) -> Result<u32, DecimalError> {
    let ppb = parse_scaled(text, 7, i64::from(WHOLE_PPB))?;
    u32::try_from(ppb).map_err(|_| DecimalError::TooLarge)
}

/// ppb as percent text.
#[must_use]
pub fn percent_text(ppb: u32) -> Scaled {
    Scaled { value: i64::from(ppb), scale: 7 }
}

impl Assay {
    /// Parses the text of a composition.
    ///
    /// # Errors
    /// [`CompositionError`] names the entry; the same element twice (also as two oxides) is an
    /// error, since it is not known which is meant.
    pub fn parse(text: &str, common: &Common) -> Result<Assay, CompositionError> {
        let mut entries = Vec::with_capacity(4);
        let mut seen = 0_u64;
        for part in text.split(';') {
            let part = part.trim_ascii();
            if part.is_empty() {
                continue;
            }
            if entries.len() == ENTRIES_MAX {
                return Err(CompositionError::TooMany);
            }
            let at = part
                .bytes()
                .position(|b| b == b'=' || b == b'<')
                .ok_or_else(|| CompositionError::Entry(part.to_owned()))?;
            let (name, value) = (part[..at].trim_ascii(), part[at + 1..].trim_ascii());
            let species =
                common.species(name).ok_or_else(|| CompositionError::Species(name.to_owned()))?;
            let element = species_element(species, common);
            let bit = 1_u64 << (element.0 & 63);
            if seen & bit != 0 {
                return Err(CompositionError::Twice(common.symbol(element).to_owned()));
            }
            seen |= bit;
            let below = part.as_bytes()[at] == b'<';
            let value = if !below && value == "n.a." {
                AssayValue::NotAnalysed
            } else {
                let ppb = percent_parse(value)
                    .map_err(|error| CompositionError::Value(name.to_owned(), error))?;
                if below { AssayValue::Below(ppb) } else { AssayValue::Ppb(ppb) }
            };
            entries.push(AssayEntry { species, value });
        }
        if entries.is_empty() {
            return Err(CompositionError::Entry(text.to_owned()));
        }
        Ok(Assay(entries))
    }

    /// The element composition as received: oxide factor, then the factors of the basis, floor at
    /// each step.
    ///
    /// # Errors
    /// [`CompositionError::Sum`] where the filed parts or the elements add up to more than 100 %.
    pub fn composition(
        &self,
        basis: Basis,
        common: &Common,
    ) -> Result<Composition, CompositionError> {
        let mut pairs = Vec::with_capacity(self.0.len());
        let (mut filed, mut sum) = (0_u64, 0_u64);
        for entry in &self.0 {
            let ppb = match entry.value {
                AssayValue::Ppb(ppb) => ppb,
                AssayValue::Below(_) => 0,
                AssayValue::NotAnalysed => continue,
            };
            filed += u64::from(ppb);
            let element_ppb = match entry.species {
                Species::Element(_) => ppb,
                Species::Oxide(oxide) => {
                    let factor =
                        common.oxides.get(oxide as usize).map_or(0, |o| o.element_per_oxide_e8);
                    share(ppb, factor, 100_000_000)
                }
            };
            let ppb = basis_apply(element_ppb, basis);
            sum += u64::from(ppb);
            pairs.push((species_element(entry.species, common), ppb));
        }
        let most = filed.max(sum);
        if most > u64::from(WHOLE_PPB) {
            let shown = Scaled { value: i64::try_from(most).unwrap_or(i64::MAX), scale: 7 };
            return Err(CompositionError::Sum(shown.to_string()));
        }
        Ok(Composition::from_pairs(&pairs))
    }

    /// The one text of this assay: entries by name, shortest decimals.
    #[must_use]
    pub fn canonical(&self, common: &Common) -> String {
        let mut parts: Vec<String> = self
            .0
            .iter()
            .map(|entry| {
                let name = match entry.species {
                    Species::Element(element) => common.symbol(element),
                    Species::Oxide(oxide) => {
                        common.oxides.get(oxide as usize).map_or("?", |o| o.formula.as_str())
                    }
                };
                match entry.value {
                    AssayValue::Ppb(ppb) => format!("{name}={}", percent_text(ppb)),
                    AssayValue::Below(ppb) => format!("{name}<{}", percent_text(ppb)),
                    AssayValue::NotAnalysed => format!("{name}=n.a."),
                }
            })
            .collect();
        parts.sort_unstable();
        parts.join(";")
    }
}

fn species_element(species: Species, common: &Common) -> Element {
    match species {
        Species::Element(element) => element,
        Species::Oxide(oxide) => {
            common.oxides.get(oxide as usize).map_or(Element(0), |o| o.element)
        }
    }
}

/// `floor(ppb × part / whole)`, with part at most whole.
fn share(ppb: u32, part: u32, whole: u32) -> u32 {
    (u64::from(ppb) * u64::from(part) / u64::from(whole)) as u32
}

fn basis_apply(ppb: u32, basis: Basis) -> u32 {
    let keep = |ppb: u32, lost: u32| share(ppb, WHOLE_PPB.saturating_sub(lost), WHOLE_PPB);
    match basis {
        Basis::AsReceived => ppb,
        Basis::Dry { moisture_ppb } => keep(ppb, moisture_ppb),
        Basis::Ignited { moisture_ppb, loi_ppb } => keep(keep(ppb, moisture_ppb), loi_ppb),
        Basis::Treo { treo_ppb } => share(ppb, treo_ppb, WHOLE_PPB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, basis: Basis) -> Result<Vec<(String, u32)>, CompositionError> {
        let common = Common::embedded();
        let composition = Assay::parse(text, common)?.composition(basis, common)?;
        Ok(composition.iter().map(|(e, p)| (common.symbol(e).to_owned(), p)).collect())
    }

    #[test]
    fn elements_and_oxides_become_parts_per_billion() {
        assert_eq!(
            check("Nd=28.5; Dy=2.1", Basis::AsReceived).unwrap(),
            [("Nd".into(), 285_000_000), ("Dy".into(), 21_000_000)]
        );
        // 99.5 % Dy2O3 × 0.87132068 = 86.69640766 %
        assert_eq!(
            check("Dy2O3=99.5;Tb<0.01;Ho=n.a.", Basis::AsReceived).unwrap(),
            [("Tb".into(), 0), ("Dy".into(), 866_964_076)]
        );
        let dry = Basis::Dry { moisture_ppb: 100_000_000 };
        assert_eq!(check("Nd=50", dry).unwrap(), [("Nd".into(), 450_000_000)]);
        let treo = Basis::Treo { treo_ppb: 600_000_000 };
        assert_eq!(check("Nd2O3=20", treo).unwrap(), [("Nd".into(), 102_882_718)]);
    }

    #[test]
    fn what_is_no_composition_is_named() {
        for text in [
            "",
            ";",
            "Nd",
            "Nd=",
            "Xx=1",
            "Nd=1;Nd=2",
            "Nd=1;Nd2O3=2",
            "Nd=101",
            "Nd=-1",
            "Nd=0.00000001",
        ] {
            assert!(check(text, Basis::AsReceived).is_err(), "`{text}`");
        }
        assert!(matches!(check("Nd=60;Fe=50", Basis::AsReceived), Err(CompositionError::Sum(_))));
    }

    #[test]
    fn the_canonical_text_does_not_depend_on_order_or_zeros() {
        let common = Common::embedded();
        let text = |t: &str| Assay::parse(t, common).unwrap().canonical(common);
        assert_eq!(text("Nd=28.50;Dy=2.1"), text("Dy=2.1000000; Nd=28.5"));
        assert_eq!(text("Nd=28.5;Tb=n.a.;Dy<0.010"), "Dy<0.01;Nd=28.5;Tb=n.a.");
    }
}
