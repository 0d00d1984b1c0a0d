//! Figures as a sentence shows them.

/// Decimals that tell rates as large as this apart: one from 1 % on, two from 0.1 %, else three.
pub(super) fn decimals(rate: f64) -> usize {
    match rate {
        0.01.. => 1,
        0.001.. => 2,
        _ if rate > 0.0 => 3,
        _ => 1,
    }
}

/// A share as hundredths, without its sign. What is not 0 is never shown as 0: it takes more decimals.
pub(super) fn hundredths(share: f64, decimals: usize) -> String {
    let value = (100.0 * share).abs();
    let shown = |decimals: usize| format!("{value:.decimals$}");
    let figure = |text: &String| text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let text = (decimals..=decimals + 3).map(shown).find(figure).unwrap_or_else(|| "0".into());
    // Nobody needs the decimals of all.
    text.strip_prefix("100.")
        .filter(|rest| !rest.bytes().any(|b| b != b'0'))
        .map_or(text.clone(), |_| "100".into())
}

/// Whether a share shows as 0 with so many decimals.
pub(super) fn vanishes(share: f64, decimals: usize) -> bool {
    let text = format!("{:.decimals$}", (100.0 * share).abs());
    !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_never_a_false_zero() {
        for (share, decimals, text) in [
            (0.0491, 1, "4.9"),
            (-0.0132, 1, "1.3"),
            (1.0, 1, "100"),
            (0.9999, 1, "100"),
            (0.9951, 1, "99.5"),
            (0.0, 1, "0"),
            (-0.0, 1, "0"),
            (0.0002, 1, "0.02"),
            (0.26, 0, "26"),
            (0.004, 0, "0.4"),
            (12.3, 0, "1230"),
        ] {
            assert_eq!(hundredths(share, decimals), text, "{share}");
        }
    }

    #[test]
    fn small_rates_have_more_decimals() {
        assert_eq!([0.3, 0.01, 0.004, 0.0004, 0.0].map(decimals), [1, 1, 2, 3, 1]);
    }
}
