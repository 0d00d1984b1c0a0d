//! Commodities: chapters, headings and subheadings of the Harmonized System, edition 2022.
//!
//! The edition has 96 chapters: 01 to 97 without 77, which is reserved. Chapters 98 and 99 are left
//! to national use and stand in no edition, so a code of theirs is of an unknown chapter.

use super::{Names, find_sorted, rows};
use std::sync::LazyLock;

/// A chapter (2 digits), heading (4) or subheading (6) of HS 2022.
#[derive(Debug, PartialEq, Eq)]
pub struct Commodity {
    /// The digits.
    pub code: &'static str,
    /// The English description.
    pub name_en: &'static str,
    /// The Chinese name; chapters only.
    pub name_zh: Option<&'static str>,
}

/// What HS 2022 says of a commodity code whose chapter exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// The code is of this edition; here is the most specific entry it belongs to.
    Known(&'static Commodity),
    /// An older edition or a national code; here is the heading or chapter it falls under.
    NotIn(&'static Commodity),
}

/// Why a text is no commodity code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommodityError {
    /// Not 4 to 10 digits.
    #[error("is no commodity code: send 4 to 10 digits without points or spaces, such as 850760")]
    Grammar,
    /// The first two digits are no chapter.
    #[error("begins with no chapter of HS 2022, which has 01 to 97 without 77")]
    Chapter,
}

static TABLE: LazyLock<Vec<Commodity>> = LazyLock::new(|| {
    let chapters: Vec<_> =
        rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/chapter.tsv"))).collect();
    let zh = |code| chapters.iter().find(|[chapter, _]| *chapter == code).map(|[_, zh]| *zh);
    rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/commodity.tsv")))
        .map(|[code, name_en]| Commodity { code, name_en, name_zh: zh(code) })
        .collect()
});

/// Says whether a code of 4 to 10 digits is of HS 2022.
///
/// The first six digits decide, for what follows is national. A code of 4 digits is known when the
/// heading is, one of 5 when any subheading begins with it.
///
/// # Errors
/// The text is no code, or its chapter is unknown.
///
/// ```
/// # use breeze::domain::reference::commodity::{self, CommodityError, Edition};
/// assert!(matches!(commodity::lookup("8507600010"), Ok(Edition::Known(c)) if c.code == "850760"));
/// assert!(matches!(commodity::lookup("851770"), Ok(Edition::NotIn(c)) if c.code == "8517"));
/// assert_eq!(commodity::lookup("770100"), Err(CommodityError::Chapter));
/// ```
pub fn lookup(code: &str) -> Result<Edition, CommodityError> {
    if !(4..=10).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CommodityError::Grammar);
    }
    let entry = most_specific(code).ok_or(CommodityError::Chapter)?;
    let harmonized = code.get(..6).unwrap_or(code);
    let known = entry.code == harmonized || !starting_with(harmonized).is_empty();
    Ok(if known { Edition::Known(entry) } else { Edition::NotIn(entry) })
}

/// Finds a chapter, heading or subheading by exactly its 2, 4 or 6 digits.
pub fn find(code: &str) -> Option<&'static Commodity> {
    find_sorted(&TABLE, code, |commodity| commodity.code)
}

/// The chapter that a code or prefix belongs to.
pub fn chapter(code: &str) -> Option<&'static Commodity> {
    find(code.get(..2)?)
}

/// The most specific entry that a code or prefix falls under: subheading, heading or chapter.
///
/// An entry whose own digits are missing falls back to the level above, so a code of an older
/// edition still has its heading or chapter.
pub fn most_specific(code: &str) -> Option<&'static Commodity> {
    [6, 4, 2].into_iter().find_map(|digits| find(code.get(..digits)?))
}

/// The names of a code or prefix: English of the most specific entry it falls under, Chinese of its
/// chapter, for chapters alone have Chinese names.
///
/// ```
/// # use breeze::domain::reference::commodity;
/// let names = commodity::name("850760").unwrap();
/// assert!(names.en.starts_with("Electric accumulators; lithium-ion"));
/// assert!(names.zh.unwrap().starts_with("电机、电气设备及其零件"));
/// ```
pub fn name(code: &str) -> Option<Names> {
    let zh = chapter(code)?.name_zh;
    most_specific(code).map(|entry| Names { en: entry.name_en, zh })
}

/// The entries whose digits begin with the prefix, by code: the whole family, the prefix itself
/// included. All 6,936 for the empty prefix.
pub fn starting_with(prefix: &str) -> &'static [Commodity] {
    let from = TABLE.partition_point(|commodity| commodity.code < prefix);
    let rest = TABLE.get(from..).unwrap_or_default();
    let count = rest.partition_point(|commodity| commodity.code.starts_with(prefix));
    rest.get(..count).unwrap_or_default()
}

/// All chapters, headings and subheadings, by code.
pub fn all() -> &'static [Commodity] {
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(code: &str) -> Option<&'static str> {
        match lookup(code) {
            Ok(Edition::Known(entry)) => Some(entry.code),
            _ => None,
        }
    }

    fn not_in(code: &str) -> Option<&'static str> {
        match lookup(code) {
            Ok(Edition::NotIn(entry)) => Some(entry.code),
            _ => None,
        }
    }

    #[test]
    fn hs_2022_has_96_chapters_1228_headings_and_5612_subheadings() {
        let count = |digits| all().iter().filter(|entry| entry.code.len() == digits).count();
        assert_eq!([2, 4, 6].map(count), [96, 1_228, 5_612]);
        assert_eq!(all().len(), 6_936);
    }

    #[test]
    fn every_code_is_unique_digits_below_an_entry_of_its_own() {
        assert!(all().windows(2).all(|pair| pair[0].code < pair[1].code));
        for entry in all() {
            assert!(entry.code.bytes().all(|b| b.is_ascii_digit()), "{entry:?}");
            assert!(entry.code.len() == 2 || find(&entry.code[..entry.code.len() - 2]).is_some());
            assert!(!entry.name_en.trim().is_empty(), "{entry:?}");
            assert_eq!(entry.name_zh.is_some(), entry.code.len() == 2, "{entry:?}");
            assert_eq!(find(entry.code), Some(entry));
        }
    }

    #[test]
    fn the_first_six_digits_decide() {
        assert_eq!(known("850760"), Some("850760"));
        assert_eq!(known("8507600"), Some("850760"));
        assert_eq!(known("8507609999"), Some("850760"));
        // New in this edition: edible insects, flat panel modules, unmanned aircraft.
        for code in ["041010", "852411", "880621"] {
            assert_eq!(known(code), Some(code));
        }
    }

    #[test]
    fn shorter_codes_are_known_where_something_begins_with_them() {
        assert_eq!(known("8507"), Some("8507"));
        assert_eq!(known("85076"), Some("8507"));
        assert_eq!(not_in("85077"), Some("8507"));
        assert_eq!(not_in("8599"), Some("85"));
        assert_eq!(not_in("85999"), Some("85"));
    }

    #[test]
    fn codes_of_older_editions_fall_under_their_heading_or_chapter() {
        assert_eq!(not_in("851770"), Some("8517"));
        assert_eq!(not_in("8803300000"), Some("88"));
    }

    #[test]
    fn chapters_outside_01_to_97_and_77_are_unknown() {
        for code in ["0001", "770100", "7701", "980100", "999999", "9999000000"] {
            assert_eq!(lookup(code), Err(CommodityError::Chapter), "{code}");
        }
    }

    #[test]
    fn what_is_no_4_to_10_digits_is_no_code() {
        for text in
            ["", "85", "850", "85076000100", "8507.60", "85 07", "8507x", "８５０７６０", "8507é"]
        {
            assert_eq!(lookup(text), Err(CommodityError::Grammar), "{text:?}");
        }
    }

    #[test]
    fn names_are_english_of_the_entry_and_chinese_of_the_chapter() {
        assert_eq!(name("10"), Some(Names { en: "Cereals", zh: Some("谷物") }));
        let older = name("880330").unwrap();
        assert_eq!(
            (older.en, older.zh),
            (chapter("88").unwrap().name_en, Some("航空器、航天器及其零件"))
        );
        for text in ["", "7", "77", "9999", "é85"] {
            assert_eq!(name(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_prefix_gives_its_whole_family() {
        let family: Vec<_> = starting_with("8507").iter().map(|entry| entry.code).collect();
        assert_eq!(
            family,
            ["8507", "850710", "850720", "850730", "850750", "850760", "850780", "850790"]
        );
        assert_eq!(starting_with("").len(), 6_936);
        assert!(starting_with("77").is_empty() && starting_with("x").is_empty());
    }
}
