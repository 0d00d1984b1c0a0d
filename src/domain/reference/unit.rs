//! Units of quantity that trade uses: codes of UN/ECE Recommendation 20.
//!
//! Packages are counted with the codes of Recommendation 21 behind an `X`, as Recommendation 20
//! prescribes: a carton is `XCT`, not `CT`. The list is a choice; a unit outside it is accepted with
//! a warning.

use super::{Names, find_sorted, rows};
use std::sync::LazyLock;

/// A unit of quantity.
#[derive(Debug, PartialEq, Eq)]
pub struct Unit {
    /// Two or three capitals and digits.
    pub code: &'static str,
    /// The English name.
    pub name_en: &'static str,
    /// The Chinese name.
    pub name_zh: &'static str,
}

impl Unit {
    /// Both names.
    pub const fn names(&self) -> Names {
        Names { en: self.name_en, zh: Some(self.name_zh) }
    }
}

static TABLE: LazyLock<Vec<Unit>> = LazyLock::new(|| {
    rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/unit.tsv")))
        .map(|[code, name_en, name_zh]| Unit { code, name_en, name_zh })
        .collect()
});

/// Finds a unit by its code in capitals.
///
/// ```
/// # use breeze::domain::reference::unit;
/// assert_eq!(unit::find("KGM").map(|unit| unit.name_en), Some("kilogram"));
/// ```
pub fn find(code: &str) -> Option<&'static Unit> {
    find_sorted(&TABLE, code, |unit| unit.code)
}

/// All known units, by code.
pub fn all() -> &'static [Unit] {
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_has_a_code_of_its_own_and_two_names() {
        assert_eq!(all().len(), 146);
        assert!(all().windows(2).all(|pair| pair[0].code < pair[1].code));
        for unit in all() {
            assert_eq!(find(unit.code), Some(unit));
            assert!((2..=3).contains(&unit.code.len()), "{unit:?}");
            assert!(unit.code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
            assert!(!unit.name_en.is_empty() && !unit.name_zh.is_ascii(), "{unit:?}");
        }
    }

    #[test]
    fn packages_are_counted_with_an_x_before_their_code() {
        assert_eq!(find("XCT").map(|unit| unit.name_en), Some("carton"));
        assert_eq!(find("CT"), None);
        assert_eq!(find("kgm"), None);
    }
}
