//! Net mass in whole milligrams and content in whole micrograms.

use crate::decimal::{DecimalError, Scaled, parse_scaled};

/// Net mass of a row: whole milligrams, 0 to 9,000,000 t, as received and without packaging.
///
/// The limit keeps a row's content within `i64` micrograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mass(i64);

impl Mass {
    /// The largest mass of one row: 9,000,000 t.
    pub const MAX: Mass = Mass(9_000_000_000_000_000);
    /// Decimals of a kilogram that a mass holds.
    pub const KG_DECIMALS: u32 = 6;

    /// A mass of whole milligrams, or nothing outside 0 to [`Mass::MAX`].
    #[must_use]
    pub fn from_mg(mg: i64) -> Option<Mass> {
        (0..=Self::MAX.0).contains(&mg).then_some(Mass(mg))
    }

    /// Parses kilograms with at most six decimals.
    ///
    /// # Errors
    /// See [`DecimalError`]: more decimals are an error, not a rounding.
    pub fn parse_kg(text: &str) -> Result<Mass, DecimalError> {
        parse_scaled(text, Self::KG_DECIMALS, Self::MAX.0).map(Mass)
    }

    /// Whole milligrams.
    #[must_use]
    pub fn mg(self) -> i64 {
        self.0
    }

    /// The exact decimal text in kilograms.
    #[must_use]
    pub fn kg(self) -> Scaled {
        Scaled { value: self.0, scale: Self::KG_DECIMALS }
    }

    /// Content of an element: `floor(mg × ppb / 10^6)` micrograms.
    #[must_use]
    pub fn content(self, ppb: u32) -> Content {
        content_ug(self.0, ppb)
    }
}

/// Content of one element in micrograms.
pub type Content = i64;

/// `floor(mass_mg × ppb / 10^6)` micrograms; for masses up to [`Mass::MAX`] and at most 10^9 ppb
/// the result fits `i64`.
#[must_use]
pub fn content_ug(mass_mg: i64, ppb: u32) -> Content {
    let ppb = i64::from(ppb);
    match mass_mg.checked_mul(ppb) {
        Some(product) => product.div_euclid(1_000_000),
        None => {
            let wide = (i128::from(mass_mg) * i128::from(ppb)).div_euclid(1_000_000);
            i64::try_from(wide).unwrap_or(i64::MAX)
        }
    }
}

/// Kilograms of a content, for people: micrograms shown with nine decimals at most.
#[must_use]
pub fn content_kg(content_ug: Content) -> Scaled {
    Scaled { value: content_ug, scale: 9 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_floored_and_fits_at_the_limits() {
        assert_eq!(Mass::parse_kg("9").unwrap().content(870_000_000), 7_830_000_000);
        assert_eq!(Mass::MAX.content(1_000_000_000), 9_000_000_000_000_000_000);
        assert_eq!(Mass::from_mg(1).unwrap().content(999_999), 0);
        assert_eq!(Mass::from_mg(-1), None);
    }
}
