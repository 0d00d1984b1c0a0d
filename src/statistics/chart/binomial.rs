//! Exact limits for few expected failures.
//!
//! The binomial tail is an incomplete beta function, P(X ≥ x) = I_p(x, n − x + 1), which asks for
//! no whole numbers. So the limit is the x, whole or not, at which it is [`TAIL`], divided by n. Of
//! inspections with equal chances a count lies beyond the limit exactly when its binomial tail is
//! below [`TAIL`]; with weights, n is the effective one and the curve between the counts is what
//! the same function says there.

use crate::statistics::beta;

/// P(Z > 3): what is left on each side of three standard deviations.
pub(super) const TAIL: f64 = 0.001_35;
/// Failures that the upper limit never reaches: with fewer than five expected, as here, even
/// Poisson's tail is below [`TAIL`] from 14 on.
const MOST: f64 = 20.0;
/// Far more steps than the search needs.
const STEPS: u32 = 200;

/// Lower and upper limit of a share of `n` > 0 (not necessarily whole), of which `p` fail in the
/// long run; 0 < `p` < 1, `n`·`p` < 5.
pub(super) fn limits(n: f64, p: f64) -> (f64, f64) {
    // Few failures are many passes.
    let (low, high) = (1.0 - upper(n, 1.0 - p), upper(n, p));
    (low.clamp(0.0, p), high.clamp(p, 1.0))
}

/// The share at which the upper tail is [`TAIL`]; 1 where even a complete failure is likelier.
fn upper(n: f64, p: f64) -> f64 {
    if p.powf(n) >= TAIL { 1.0 } else { search(n, p) / n }
}

/// The failures at which the upper tail is [`TAIL`]: false position on its logarithm, with the
/// value of an end that stays halved (the Illinois method; Dowell & Jarratt 1971).
fn search(n: f64, p: f64) -> f64 {
    let excess = |x: f64| (beta::below(x, n - x + 1.0, p).max(f64::MIN_POSITIVE) / TAIL).ln();
    let (mut low, mut high) = (0.0, n.min(MOST));
    let (mut above, mut under) = (-TAIL.ln(), excess(high));
    let mut last = high;
    for _ in 0..STEPS {
        let x = (low * under - high * above) / (under - above);
        let at = excess(x);
        if (x - last).abs() <= 1e-13 * x {
            return x;
        }
        last = x;
        if at > 0.0 {
            (low, above, under) = (x, at, under / 2.0);
        } else {
            (high, under, above) = (x, at, above / 2.0);
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::{TAIL, limits, search};

    /// P(X ≥ x) of a binomial variable, added up term by term.
    fn at_least(x: u32, n: u32, p: f64) -> f64 {
        let (mut term, mut sum) = ((1.0 - p).powf(f64::from(n)), 1.0);
        for k in 0..x {
            sum -= term;
            term *= f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p);
        }
        sum
    }

    #[test]
    fn a_count_lies_above_exactly_when_its_tail_is_below_the_limit() {
        for (n, p) in [(10, 0.2), (30, 0.1), (100, 0.045), (500, 0.002), (12, 0.4), (3000, 1e-4)] {
            let (_, high) = limits(f64::from(n), p);
            for x in 1..=n.min(25) {
                let beyond = f64::from(x) / f64::from(n) > high;
                assert_eq!(beyond, at_least(x, n, p) < TAIL, "{x} of {n} at {p}, limit {high}");
            }
        }
    }

    #[test]
    fn few_inspections_of_bad_goods_have_a_lower_limit() {
        // P(X = 0) = 0.05⁴ = 6.25e-6 and P(X ≤ 1) = 4.8e-4; P(X ≤ 2) = 0.014.
        let (low, high) = limits(4.0, 0.95);
        assert!(low > 0.25 && low < 0.5, "{low}");
        assert!((high - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_search_meets_the_tail_for_whole_and_broken_sizes() {
        for (n, p) in [(7.3, 0.3), (40.5, 0.11), (1e7, 4.9e-7), (1.5, 1e-12), (25.0, 0.19)] {
            let x = search(n, p);
            let tail = crate::statistics::beta::below(x, n - x + 1.0, p);
            assert!((tail / TAIL - 1.0).abs() < 1e-9, "{n}, {p}: {x} has {tail}");
        }
    }
}
