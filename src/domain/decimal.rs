//! Decimals as trade writes them: digits kept as text, never as binary fractions.

use std::fmt;

/// A non-negative decimal with at most 15 digits, at most 6 of them after the point, in canonical
/// form: no leading zeros, no trailing zeros after the point.
///
/// ```
/// # use breeze::domain::decimal::Decimal;
/// assert_eq!(Decimal::parse("0980.50").unwrap().as_str(), "980.5");
/// assert!(Decimal::parse("1e3").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Decimal(String);

/// Why a text is no decimal.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point.
    #[error("is not a plain decimal such as 1200 or 980.5")]
    Grammar,
    /// More than 15 digits.
    #[error("has more than 15 digits")]
    Digits,
    /// More than 6 digits after the point.
    #[error("has more than 6 digits after the point")]
    Places,
}

/// Splits `123.45` into its digits before and after the point, without needless zeros.
pub(crate) fn split(text: &str) -> Result<(&str, &str), DecimalError> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let dangling = text.ends_with('.') || whole.is_empty();
    if dangling || !digits(whole) || !digits(part) {
        return Err(DecimalError::Grammar);
    }
    Ok((whole.trim_start_matches('0'), part.trim_end_matches('0')))
}

impl Decimal {
    /// Parses and brings it to canonical form.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let (whole, part) = split(text)?;
        if part.len() > 6 {
            return Err(DecimalError::Places);
        }
        if whole.len() + part.len() > 15 {
            return Err(DecimalError::Digits);
        }
        let whole = if whole.is_empty() { "0" } else { whole };
        Ok(Self(if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == "0"
    }

    /// Takes a text that was canonical when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A share in parts per million, from a decimal with at most six places: `0.05` is 50,000.
///
/// # Errors
/// Text that is no decimal, has more than six places, or lies above 1.
pub fn parse_ppm(text: &str) -> Result<u32, DecimalError> {
    let (whole, part) = split(text)?;
    if part.len() > 6 {
        return Err(DecimalError::Places);
    }
    let millionths = format!("{part:0<6}").parse::<u32>().map_err(|_| DecimalError::Grammar)?;
    match (whole, millionths) {
        ("", millionths) => Ok(millionths),
        ("1", 0) => Ok(1_000_000),
        _ => Err(DecimalError::Digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_have_equal_text() {
        for (text, canonical) in
            [("1200", "1200"), ("1200.0", "1200"), ("000.50", "0.5"), ("0", "0"), ("0.0", "0")]
        {
            assert_eq!(Decimal::parse(text).map(|d| d.0), Ok(canonical.to_owned()));
        }
    }

    #[test]
    fn anything_but_plain_digits_is_refused() {
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1,000", "1e5", " 1", "1.2.3", "NaN", "１"] {
            assert_eq!(Decimal::parse(bad), Err(DecimalError::Grammar), "{bad:?}");
        }
        assert_eq!(Decimal::parse("0.1234567"), Err(DecimalError::Places));
        assert_eq!(Decimal::parse("1234567890123456"), Err(DecimalError::Digits));
    }

    #[test]
    fn shares_become_parts_per_million_exactly() {
        assert_eq!(parse_ppm("0.05"), Ok(50_000));
        assert_eq!(parse_ppm("0.000001"), Ok(1));
        assert_eq!(parse_ppm("1"), Ok(1_000_000));
        assert!(parse_ppm("1.1").is_err());
        assert!(parse_ppm("0.0000001").is_err());
    }
}
