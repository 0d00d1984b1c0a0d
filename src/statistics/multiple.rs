//! Many tests at once: which of them found something.

/// The share of discoveries that may be false, 5 %.
pub const DISCOVERY_RATE: f64 = 0.05;

/// What one of many tests amounts to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjusted {
    /// The smallest rate of false discoveries at which this test is one; its p-value or more, at
    /// most 1.
    pub value: f64,
    /// Whether `value` is at most the rate asked for.
    pub discovery: bool,
}

/// Benjamini & Hochberg's step-up procedure (1995) over p-values, answers in their order. Among
/// the discoveries at most a share `rate` is false on average, when the tests are independent or
/// positively dependent.
///
/// With p(1) ≤ … ≤ p(m) the adjusted value of the i-th is the least p(j)·m/j of all j ≥ i, at most
/// 1. What is no probability counts as the nearest one, and what is not a number as 1.
///
/// ```
/// use breeze::statistics::multiple::{DISCOVERY_RATE, benjamini_hochberg};
/// let adjusted = benjamini_hochberg(&[0.04, 0.01, 0.5, 0.02], DISCOVERY_RATE);
/// let found: Vec<bool> = adjusted.iter().map(|test| test.discovery).collect();
/// assert_eq!(found, [false, true, false, true]);
/// assert!((adjusted[1].value - 0.04).abs() < 1e-12);
/// ```
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64], rate: f64) -> Vec<Adjusted> {
    let nothing = Adjusted { value: 1.0, discovery: 1.0 <= rate };
    let mut tests: Vec<_> = p_values.iter().map(|&p| (probability(p), nothing)).collect();
    let mut order: Vec<&mut (f64, Adjusted)> = tests.iter_mut().collect();
    order.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut least = 1.0_f64;
    let (mut rank, all) = (count(p_values), count(p_values));
    for (p, adjusted) in order.into_iter().rev() {
        // Divided first, so that rounding never takes a value below its p.
        least = least.min(*p * (all / rank));
        *adjusted = Adjusted { value: least, discovery: least <= rate };
        rank -= 1.0;
    }
    tests.into_iter().map(|(_, adjusted)| adjusted).collect()
}

fn count(p_values: &[f64]) -> f64 {
    p_values.iter().map(|_| 1.0).sum()
}

fn probability(p: f64) -> f64 {
    if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }
}
