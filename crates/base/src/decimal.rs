//! Decimal text to scaled integers, without floating point.

use std::fmt;

/// Why a decimal text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not of the form `123` or `123.45`.
    #[error("is not a plain decimal number")]
    NotDecimal,
    /// A minus sign.
    #[error("is negative")]
    Negative,
    /// More decimals than the unit holds.
    #[error("has more than {0} decimals")]
    TooManyDecimals(u32),
    /// Larger than the limit of the quantity.
    #[error("is too large")]
    TooLarge,
}

/// Parses `123`, `123.45` or `.5` into an integer of `10^-scale` units.
///
/// # Errors
/// Signs, exponents, separators of thousands, anything not a digit or one point; digits beyond
/// `scale` decimals unless they are zeros; values above `max`.
pub fn parse_scaled(text: &str, scale: u32, max: i64) -> Result<i64, DecimalError> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err(DecimalError::NotDecimal);
    }
    if bytes.first() == Some(&b'-') {
        return match parse_scaled(&text[1..], scale, max) {
            Err(DecimalError::NotDecimal) => Err(DecimalError::NotDecimal),
            _ => Err(DecimalError::Negative),
        };
    }
    let mut value: u64 = 0;
    let mut any = false;
    let mut decimals: Option<u32> = None;
    for &byte in bytes {
        match byte {
            b'0'..=b'9' => {
                any = true;
                if decimals == Some(scale) {
                    if byte != b'0' {
                        return Err(DecimalError::TooManyDecimals(scale));
                    }
                    continue;
                }
                // 19 digits fit u64; a value that long is above every limit we have.
                value = value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(u64::from(byte - b'0')))
                    .ok_or(DecimalError::TooLarge)?;
                if let Some(count) = decimals.as_mut() {
                    *count += 1;
                }
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            _ => return Err(DecimalError::NotDecimal),
        }
    }
    if !any {
        return Err(DecimalError::NotDecimal);
    }
    let missing = scale - decimals.unwrap_or(0).min(scale);
    let value = value.checked_mul(10_u64.pow(missing)).ok_or(DecimalError::TooLarge)?;
    match i64::try_from(value) {
        Ok(value) if value <= max => Ok(value),
        _ => Err(DecimalError::TooLarge),
    }
}

/// Shows an integer of `10^-scale` units as the shortest exact decimal.
#[derive(Debug, Clone, Copy)]
pub struct Scaled {
    /// The integer.
    pub value: i64,
    /// Its number of decimals.
    pub scale: u32,
}

impl fmt::Display for Scaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(self.scale);
        let magnitude = self.value.unsigned_abs();
        if self.value < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", magnitude / unit)?;
        let mut rest = magnitude % unit;
        if rest > 0 {
            let mut width = self.scale as usize;
            while rest.is_multiple_of(10) {
                rest /= 10;
                width -= 1;
            }
            write!(f, ".{rest:0width$}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<i64, DecimalError>) {
        assert_eq!(parse_scaled(text, 6, 9_000_000_000_000_000), expected, "`{text}`");
    }

    #[test]
    fn decimals_are_exact_and_bounded() {
        check("1000", Ok(1_000_000_000));
        check("0.000001", Ok(1));
        check(".5", Ok(500_000));
        check("5.", Ok(5_000_000));
        check("1.500000000", Ok(1_500_000));
        check("0.0000001", Err(DecimalError::TooManyDecimals(6)));
        check("9000000000", Ok(9_000_000_000_000_000));
        check("9000000000.000001", Err(DecimalError::TooLarge));
        check("99999999999999999999999", Err(DecimalError::TooLarge));
        check("-1", Err(DecimalError::Negative));
        for text in ["", ".", "1e5", "NaN", "inf", "1,5", "+1", "0x1", "1 000", "１"] {
            check(text, Err(DecimalError::NotDecimal));
        }
    }

    #[test]
    fn a_whole_number_has_a_digit() {
        assert_eq!(parse_scaled(".", 0, 9), Err(DecimalError::NotDecimal));
        assert_eq!(parse_scaled(".0", 0, 9), Ok(0));
        assert_eq!(parse_scaled("7.", 0, 9), Ok(7));
        assert_eq!(parse_scaled("7.5", 0, 9), Err(DecimalError::TooManyDecimals(0)));
    }

    #[test]
    fn shown_text_parses_back() {
        for value in [0, 1, 10, 1_000_000, 1_234_500, 9_000_000_000_000_000] {
            let text = Scaled { value, scale: 6 }.to_string();
            check(&text, Ok(value));
        }
        assert_eq!(Scaled { value: -1_500_000, scale: 6 }.to_string(), "-1.5");
    }
}
