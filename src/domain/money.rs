//! Money: whole numbers of a currency's minor unit.

use crate::domain::decimal::{DecimalError, split};
use crate::domain::reference::currency::{self, Currency};

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Whole minor units (fen, cents; won, which has none smaller).
    pub minor: i64,
    /// The currency.
    pub currency: &'static Currency,
}

/// The parsed amount and whether digits were lost to rounding.
pub struct Parsed {
    /// The amount.
    pub money: Money,
    /// More decimals came than the currency has and they were not all zero.
    pub rounded: bool,
}

impl Money {
    /// Parses an amount of up to 40 characters, rounding half to even to the minor unit.
    ///
    /// # Errors
    /// No plain decimal, or more than 15 digits of minor units.
    pub fn parse(text: &str, currency: &'static Currency) -> Result<Parsed, DecimalError> {
        if text.len() > 40 {
            return Err(DecimalError::Digits);
        }
        let (whole, part) = split(text)?;
        let places = usize::from(currency.minor_units);
        let kept = part.get(..places).unwrap_or(part);
        let lost = part.get(places..).unwrap_or("");
        let digits = format!("{whole}{kept:0<places$}");
        let digits = digits.trim_start_matches('0');
        if digits.len() > 15 {
            return Err(DecimalError::Digits);
        }
        let minor: i64 = format!("0{digits}").parse().map_err(|_| DecimalError::Digits)?;
        let minor = minor + i64::from(rounds_up(lost, minor % 2 == 1));
        if minor >= 1_000_000_000_000_000 {
            return Err(DecimalError::Digits);
        }
        Ok(Parsed { money: Self { minor, currency }, rounded: !lost.is_empty() })
    }

    /// The amount as text, with all the currency's decimals.
    pub fn amount(&self) -> String {
        let places = usize::from(self.currency.minor_units);
        let digits = format!("{:0>width$}", self.minor, width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
    }

    /// Takes what was stored.
    pub(crate) fn stored(minor: i64, code: &str) -> Option<Self> {
        currency::find(code).map(|currency| Self { minor, currency })
    }
}

/// Half to even: `lost` are the digits cut off, without trailing zeros.
fn rounds_up(lost: &str, odd: bool) -> bool {
    match lost.as_bytes() {
        [] => false,
        [b'5'] => odd,
        [first, ..] => *first >= b'5',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn won(text: &str) -> (String, bool) {
        let parsed = Money::parse(text, currency::find("KRW").unwrap()).unwrap();
        (parsed.money.amount(), parsed.rounded)
    }

    #[test]
    fn decimals_beyond_the_minor_unit_round_half_to_even() {
        assert_eq!(won("153294.0"), ("153294".into(), false));
        assert_eq!(won("3151.61"), ("3152".into(), true));
        assert_eq!(won("2.5"), ("2".into(), true));
        assert_eq!(won("3.5"), ("4".into(), true));
        assert_eq!(won("2.500000000001"), ("3".into(), true));
        assert_eq!(won("0.4"), ("0".into(), true));
    }

    #[test]
    fn amounts_keep_all_minor_digits() {
        let yuan = Money::parse("1234.5", currency::find("CNY").unwrap()).unwrap();
        assert_eq!(yuan.money.amount(), "1234.50");
        let cents = Money::parse("0.07", currency::find("CNY").unwrap()).unwrap();
        assert_eq!(cents.money.amount(), "0.07");
        assert!(Money::parse("9999999999999.995", currency::find("CNY").unwrap()).is_err());
        assert!(Money::parse("1e3", currency::find("CNY").unwrap()).is_err());
    }
}
