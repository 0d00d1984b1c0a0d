//! Locations as people write them, in the order in which they are walked.

use std::cmp::Ordering;

/// Compares two locations in natural order: numbers count by their value, capitals do not count,
/// and goods without a location come last. Texts that differ in writing only are ordered bytewise,
/// so the order is total.
///
/// ```
/// # use breeze::domain::location::walking_order;
/// let mut stops = [None, Some("Yard 12"), Some("yard 3, row 10"), Some("Yard 3, row 9")];
/// stops.sort_by(|a, b| walking_order(*a, *b));
/// assert_eq!(stops, [Some("Yard 3, row 9"), Some("yard 3, row 10"), Some("Yard 12"), None]);
/// ```
pub fn walking_order(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => natural(a, b).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// A run of digits, or a run of anything else. Digits come first, as they do bytewise.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    /// Digits without leading zeros, the shorter one smaller: of any length, so nothing overflows.
    Number(usize, String),
    Words(String),
}

fn natural(a: &str, b: &str) -> Ordering {
    runs(a).cmp(runs(b))
}

fn runs(mut text: &str) -> impl Iterator<Item = Run> {
    std::iter::from_fn(move || {
        let is_digit = text.chars().next()?.is_ascii_digit();
        let end = text.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(text.len());
        let (run, rest) = text.split_at(end);
        text = rest;
        Some(if is_digit {
            let digits = run.trim_start_matches('0');
            Run::Number(digits.len(), digits.to_owned())
        } else {
            Run::Words(run.to_lowercase())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted<const N: usize>(mut stops: [&str; N]) -> [&str; N] {
        stops.sort_by(|a, b| walking_order(Some(a), Some(b)));
        stops
    }

    #[test]
    fn numbers_count_by_their_value() {
        assert_eq!(sorted(["A10", "A9", "A2b", "A2", "A1"]), ["A1", "A2", "A2b", "A9", "A10"]);
        let long = "123456789012345678901234567890";
        assert_eq!(sorted([long, "9"]), ["9", long]);
    }

    #[test]
    fn capitals_and_leading_zeros_only_break_ties() {
        assert_eq!(sorted(["row 02", "Row 2", "row 1"]), ["row 1", "Row 2", "row 02"]);
        assert_eq!(sorted(["三号库 10", "三号库 2"]), ["三号库 2", "三号库 10"]);
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[aA0-2 ]{0,6}", b in "[aA0-2 ]{0,6}", c in "[aA0-2 ]{0,6}") {
            let order = |x: &str, y: &str| walking_order(Some(x), Some(y));
            prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
            prop_assert_eq!(order(&a, &b).is_eq(), a == b);
            if order(&a, &b).is_le() && order(&b, &c).is_le() {
                prop_assert!(order(&a, &c).is_le());
            }
        }
    }
}
