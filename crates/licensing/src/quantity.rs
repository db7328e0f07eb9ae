//! Quantities of a licence: exact integers of a unit, never mixed with another unit.
//!
//! Units of mass convert among themselves (t, kg, g, mg); pieces never convert to mass, contained mass not
//! to oxide mass, and a value not into another currency. Pieces take no fractions.

use std::fmt;

use base::decimal::{DecimalError, Scaled, parse_scaled};
use serde::{Deserialize, Serialize};

/// The largest amount of any unit, in its smallest parts.
pub const AMOUNT_MAX: i64 = 9_000_000_000_000_000;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Unit {
    /// Net mass as supplied; the smallest part is 1 mg.
    NetMass,
    /// Mass of one element contained; the smallest part is 1 mg.
    Content(String),
    /// Mass of one element as its usual oxide; the smallest part is 1 mg.
    Oxide(String),
    /// Pieces; no fractions.
    Pieces,
    /// Value in a currency; the smallest part is a hundredth.
    Value(String),
}

impl Unit {
    /// The unit of a code: `net_mass`, `content:Dy`, `oxide:Dy`, `pieces`, `value:XTS`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Unit> {
        let element = |text: &str| {
            let mut letters = text.chars();
            let first = letters.next().is_some_and(|c| c.is_ascii_uppercase());
            let rest = letters.as_str();
            first && rest.len() <= 1 && rest.chars().all(|c| c.is_ascii_lowercase())
        };
        let currency = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
        match code.split_once(':') {
            None if code == "net_mass" => Some(Unit::NetMass),
            None if code == "pieces" => Some(Unit::Pieces),
            Some(("content", symbol)) if element(symbol) => Some(Unit::Content(symbol.to_owned())),
            Some(("oxide", symbol)) if element(symbol) => Some(Unit::Oxide(symbol.to_owned())),
            Some(("value", code)) if currency(code) => Some(Unit::Value(code.to_owned())),
            _ => None,
        }
    }

    /// Whether it is a mass, so that t, kg, g and mg may be written.
    #[must_use]
    pub fn is_mass(&self) -> bool {
        matches!(self, Unit::NetMass | Unit::Content(_) | Unit::Oxide(_))
    }

    /// Decimals of the written unit (kg, piece, currency) that an amount holds.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        match self {
            Unit::NetMass | Unit::Content(_) | Unit::Oxide(_) => 6,
            Unit::Pieces => 0,
            Unit::Value(_) => 2,
        }
    }

    /// What amounts of it are written in when nothing else is said.
    #[must_use]
    pub fn written(&self) -> &str {
        match self {
            Unit::NetMass | Unit::Content(_) | Unit::Oxide(_) => "kg",
            Unit::Pieces => "pcs",
            Unit::Value(currency) => currency,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unit::NetMass => f.write_str("net_mass"),
            Unit::Content(element) => write!(f, "content:{element}"),
            Unit::Oxide(element) => write!(f, "oxide:{element}"),
            Unit::Pieces => f.write_str("pieces"),
            Unit::Value(currency) => write!(f, "value:{currency}"),
        }
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> String {
        unit.to_string()
    }
}

impl TryFrom<String> for Unit {
    type Error = String;

    fn try_from(code: String) -> Result<Unit, String> {
        Unit::parse(&code).ok_or_else(|| {
            format!(
                "`{code}` is no unit: net_mass, content:<element>, oxide:<element>, pieces or \
                 value:<currency>"
            )
        })
    }
}

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing stands there.
    #[error("a quantity is missing")]
    Blank,
    /// Separators of thousands, or a decimal comma: not guessed at.
    #[error("`{0}` can be read in two ways")]
    Ambiguous(String),
    /// Not a number.
    #[error("`{0}` is not a plain decimal number")]
    NotDecimal(String),
    /// Below zero.
    #[error("`{0}` is negative")]
    Negative(String),
    /// Nothing at all.
    #[error("a quantity of nothing")]
    Zero,
    /// More decimals than the unit holds; of pieces, any.
    #[error("`{text}` has more than {decimals} decimals")]
    Fraction {
        /// What was written.
        text: String,
        /// How many it may have.
        decimals: u32,
    },
    /// Beyond the limit.
    #[error("`{0}` is too large")]
    TooLarge(String),
    /// Not a unit in which this is written.
    #[error("`{0}` is no unit of this quantity")]
    Written(String),
}

impl QuantityError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            QuantityError::Blank => "quantity_blank",
            QuantityError::Ambiguous(_) => "quantity_ambiguous",
            QuantityError::NotDecimal(_) => "quantity_not_decimal",
            QuantityError::Negative(_) => "quantity_negative",
            QuantityError::Zero => "quantity_zero",
            QuantityError::Fraction { .. } => "quantity_fraction",
            QuantityError::TooLarge(_) => "quantity_too_large",
            QuantityError::Written(_) => "quantity_unit",
        }
    }

    /// What would be accepted.
    #[must_use]
    pub fn accepted(&self) -> String {
        match self {
            QuantityError::Fraction { decimals: 0, .. } => "a whole number".to_owned(),
            QuantityError::Fraction { decimals, .. } => {
                format!("a number with at most {decimals} decimals")
            }
            QuantityError::Written(_) => "t, kg, g or mg for a mass; pcs for pieces".to_owned(),
            QuantityError::TooLarge(_) => "at most 9,000,000 t".to_owned(),
            QuantityError::Blank | QuantityError::Zero | QuantityError::Negative(_) => {
                "a number above 0".to_owned()
            }
            QuantityError::Ambiguous(_) | QuantityError::NotDecimal(_) => {
                "digits and one decimal point, such as 1000.5".to_owned()
            }
        }
    }
}

/// An exact amount of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// What is counted.
    pub unit: Unit,
    /// How many of its smallest parts (mg, piece, hundredth).
    pub amount: i64,
}

impl Quantity {
    /// Reads what a person or program wrote: digits and at most one decimal point, in `written` (t, kg, g,
    /// mg for masses; else the unit's own, or nothing).
    ///
    /// # Errors
    /// [`QuantityError`]; a comma, an apostrophe, a space between digits or a second point is never guessed
    /// at.
    pub fn read(unit: &Unit, text: &str, written: &str) -> Result<Quantity, QuantityError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(QuantityError::Blank);
        }
        let decimals = match written {
            "" => unit.decimals(),
            "t" if unit.is_mass() => 9,
            "kg" if unit.is_mass() => 6,
            "g" if unit.is_mass() => 3,
            "mg" if unit.is_mass() => 0,
            other if !unit.is_mass() && other == unit.written() => unit.decimals(),
            other => return Err(QuantityError::Written(other.to_owned())),
        };
        let amount = parse_scaled(text, decimals, AMOUNT_MAX).map_err(|error| match error {
            DecimalError::NotDecimal if separated(text) => {
                QuantityError::Ambiguous(text.to_owned())
            }
            DecimalError::NotDecimal => QuantityError::NotDecimal(text.to_owned()),
            DecimalError::Negative => QuantityError::Negative(text.to_owned()),
            DecimalError::TooManyDecimals(decimals) => {
                QuantityError::Fraction { text: text.to_owned(), decimals }
            }
            DecimalError::TooLarge => QuantityError::TooLarge(text.to_owned()),
        })?;
        if amount == 0 {
            return Err(QuantityError::Zero);
        }
        Ok(Quantity { unit: unit.clone(), amount })
    }

    /// The exact decimal in kg, pieces or the currency.
    #[must_use]
    pub fn decimal(&self) -> Scaled {
        Scaled { value: self.amount, scale: self.unit.decimals() }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.unit.written())
    }
}

/// Whether a text is digits with separators that could be decimal marks or separators of thousands.
fn separated(text: &str) -> bool {
    let mark = |c: char| matches!(c, ',' | '.' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '_');
    text.chars().all(|c| c.is_ascii_digit() || mark(c)) && text.chars().any(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_quantity_is_read_exactly_or_not_at_all() {
        let kg = |text: &str| Quantity::read(&Unit::NetMass, text, "kg");
        let check = |text: &str, expected: Result<i64, &str>| {
            let found = kg(text).map(|q| q.amount);
            assert_eq!(
                found.as_ref().map_err(|e| e.code()),
                expected.as_ref().map_err(|e| *e),
                "{text}"
            );
        };
        check("1000.5", Ok(1_000_500_000));
        check(" 0.000001 ", Ok(1));
        check("1,000.5", Err("quantity_ambiguous"));
        check("1.000,5", Err("quantity_ambiguous"));
        check("1 000", Err("quantity_ambiguous"));
        check("1'000", Err("quantity_ambiguous"));
        check("1,5", Err("quantity_ambiguous"));
        check("", Err("quantity_blank"));
        check("  ", Err("quantity_blank"));
        check("0.0", Err("quantity_zero"));
        check("-1", Err("quantity_negative"));
        check("1e3", Err("quantity_not_decimal"));
        check("１０", Err("quantity_not_decimal"));
        check("0.0000001", Err("quantity_fraction"));
        check("9000000000.000001", Err("quantity_too_large"));
        check("99999999999999999999999999", Err("quantity_too_large"));
    }

    #[test]
    fn masses_convert_among_themselves_and_pieces_do_not() {
        let dy = Unit::parse("content:Dy").unwrap();
        for (text, written) in [("0.0015", "t"), ("1.5", "kg"), ("1500", "g"), ("1500000", "mg")] {
            assert_eq!(Quantity::read(&dy, text, written).unwrap().amount, 1_500_000, "{written}");
        }
        assert_eq!(Quantity::read(&Unit::Pieces, "12", "").unwrap().to_string(), "12 pcs");
        let half = Quantity::read(&Unit::Pieces, "1.5", "pcs").unwrap_err();
        assert_eq!(
            (half.code(), half.accepted().as_str()),
            ("quantity_fraction", "a whole number")
        );
        assert_eq!(Quantity::read(&Unit::Pieces, "1", "kg").unwrap_err().code(), "quantity_unit");
        assert_eq!(Quantity::read(&Unit::NetMass, "1", "pcs").unwrap_err().code(), "quantity_unit");
    }

    #[test]
    fn codes_of_units_are_read_back() {
        for code in ["net_mass", "content:Dy", "oxide:Y", "pieces", "value:XTS"] {
            assert_eq!(Unit::parse(code).unwrap().to_string(), code);
        }
        for code in ["", "mass", "content:", "content:dy", "content:Dyy", "value:xts", "pieces:1"] {
            assert_eq!(Unit::parse(code), None, "{code}");
        }
    }
}
