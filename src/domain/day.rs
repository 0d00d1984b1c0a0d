//! Days as people and machines write them: `YYYY-MM-DD`, years 1000 to 9999.
//!
//! ISO 8601 allows years of more digits by agreement only. Nobody agreed, neither engine orders
//! such texts as days, and arithmetic at the ends of the scale overflows: they are refused where
//! they come in.

use chrono::{Datelike, NaiveDate};
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;

/// What a day looks like.
pub(super) const EXPECTED: &str = "a day such as 2026-11-24, of the years 1000 to 9999";

/// A day that was sent; serde holds it against [`parse`]. For where an attribute cannot stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Day(pub NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let day = parse(&text);
        day.map(Self).map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &EXPECTED))
    }
}

/// Reads a day.
///
/// ```
/// use breeze::domain::day::parse;
/// assert_eq!(parse("2026-11-24").unwrap().to_string(), "2026-11-24");
/// assert!(parse("+262142-12-31").is_err());
/// ```
///
/// # Errors
/// Another form, a day that is in no calendar, or another year, in words.
pub fn parse(text: &str) -> Result<NaiveDate, String> {
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = text.parse::<NaiveDate>().ok().filter(|_| plain);
    day.filter(|day| (1000..=9999).contains(&day.year()))
        .ok_or_else(|| format!("`{}` is not {EXPECTED}", text.escape_debug()))
}

/// For `#[serde(deserialize_with)]`: one day.
///
/// # Errors
/// As [`parse`].
pub fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    Ok(Day::deserialize(deserializer)?.0)
}

/// For `#[serde(default, deserialize_with)]`: a day, or none.
///
/// # Errors
/// As [`parse`].
pub fn maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    Ok(Option::<Day>::deserialize(deserializer)?.map(|day| day.0))
}

/// For `#[serde(deserialize_with)]`: many days.
///
/// # Errors
/// As [`parse`].
pub fn many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<NaiveDate>, D::Error> {
    Ok(Vec::<Day>::deserialize(deserializer)?.into_iter().map(|day| day.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_a_year_of_four_digits_and_no_sign() {
        for fine in ["1000-01-01", "2024-02-29", "9999-12-31"] {
            assert_eq!(parse(fine).unwrap().to_string(), fine);
        }
        let bad = ["+262142-12-31", "-262143-01-01", "10000-01-01", "0999-12-31", "0000-01-01"];
        let odd = ["", "2026-1-1", "2026-02-30", " 2026-01-01", "2026-01-01T", "2026-W05-1", "\0"];
        for bad in bad.into_iter().chain(odd) {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
