//! Currencies of ISO 4217 that money can be counted in.

use super::{find_sorted, rows};
use std::sync::LazyLock;

/// A currency with its minor unit.
///
/// The codes that ISO 4217 lists without a minor unit (metals such as XAU, XDR, the test and
/// no-currency codes XTS and XXX, and their like: 13 of 178) count no money and are unknown here.
#[derive(Debug, PartialEq, Eq)]
pub struct Currency {
    /// Three capitals.
    pub code: &'static str,
    /// Three digits.
    pub numeric: &'static str,
    /// Decimals of an amount, 0 to 4: 0 for KRW, 2 for CNY, 3 for KWD.
    pub minor_units: u8,
    /// The English name of ISO 4217.
    pub name: &'static str,
}

static TABLE: LazyLock<Vec<Currency>> = LazyLock::new(|| {
    rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/currency.tsv")))
        .filter_map(|[code, numeric, minor_units, name]| {
            // `-` stands where the standard has no minor unit.
            Some(Currency { code, numeric, minor_units: minor_units.parse().ok()?, name })
        })
        .collect()
});

/// Finds a currency by its code in capitals.
///
/// ```
/// # use breeze::domain::reference::currency;
/// assert_eq!(currency::find("CNY").map(|currency| currency.minor_units), Some(2));
/// assert_eq!(currency::find("XAU"), None);
/// ```
pub fn find(code: &str) -> Option<&'static Currency> {
    find_sorted(&TABLE, code, |currency| currency.code)
}

/// All 165 currencies with a minor unit, by code.
pub fn all() -> &'static [Currency] {
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn minor_units(code: &str) -> Option<u8> {
        find(code).map(|currency| currency.minor_units)
    }

    #[test]
    fn there_are_165_currencies_and_each_is_found_by_its_code() {
        assert_eq!(all().len(), 165);
        assert!(all().is_sorted_by_key(|currency| currency.code));
        for currency in all() {
            assert_eq!(find(currency.code), Some(currency));
            assert!(currency.minor_units <= 4 && currency.numeric.len() == 3, "{currency:?}");
        }
        for key in [|c: &Currency| c.code, |c: &Currency| c.numeric] {
            assert_eq!(all().iter().map(key).collect::<HashSet<_>>().len(), 165);
        }
    }

    #[test]
    fn minor_units_are_those_of_iso_4217() {
        for (code, places) in
            [("KRW", 0), ("JPY", 0), ("CNY", 2), ("USD", 2), ("KWD", 3), ("CLF", 4)]
        {
            assert_eq!(minor_units(code), Some(places), "{code}");
        }
    }

    #[test]
    fn codes_without_a_minor_unit_are_no_money() {
        let listed = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/currency.tsv"));
        let without: Vec<_> = rows(listed).filter(|[_, _, minor, _]| *minor == "-").collect();
        assert_eq!(without.len(), 13);
        for [code, ..] in without {
            assert_eq!(find(code), None, "{code}");
        }
        for text in ["", "cny", "CN", "RMB", "156"] {
            assert_eq!(find(text), None, "{text:?}");
        }
    }
}
