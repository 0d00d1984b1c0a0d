//! The gamma distribution: both tails and quantiles, to relative 1e-12 for shapes from 0.1 to 10⁶.
//!
//! `statrs` has them too, but measured against an independent implementation its tails are off by
//! 1e-9 of themselves for shapes near 10⁶, as its prefactor cancels, and its quantiles are known to
//! an absolute 1e-9, which leaves no digit of a limit near 0. Here the prefactor is Loader's
//! (2000), as in [`beta`](super::beta), either tail is computed without subtracting from 1 where
//! it is small, and the search is relative.

use super::beta::{log_ratio, stirling_error};
use std::f64::consts::TAU;

/// Halving alone needs fewer steps than this to use up a float's digits near any quantile.
const STEPS: u32 = 400;
/// Terms of series and fraction; some √shape are needed.
const TERMS: u32 = 200_000;

/// The two tails at a point, and the density times the point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tails {
    /// Probability of at most x.
    pub(super) lower: f64,
    /// Probability of more than x.
    pub(super) upper: f64,
    slope: f64,
}

/// Tails of a Gamma(`shape`, rate 1) variable at `x` ≥ 0; `shape` > 0 and finite.
pub(super) fn tails(shape: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails { lower: 0.0, upper: 1.0, slope: 0.0 };
    }
    let slope = power_term(shape, x);
    if x < shape + 1.0 {
        let lower = (slope * series(shape, x)).min(1.0);
        Tails { lower, upper: 1.0 - lower, slope }
    } else {
        let upper = (slope / fraction(shape, x)).min(1.0);
        Tails { lower: 1.0 - upper, upper, slope }
    }
}

/// P(X ≥ `count`) of a Poisson variable of mean `mean` ≥ 0: waiting times are gamma.
pub(super) fn poisson_at_least(count: f64, mean: f64) -> f64 {
    if count > 0.0 { tails(count, mean).lower } else { 1.0 }
}

/// The x that a Gamma(`shape`, rate 1) variable stays below with probability `p`, 0 < `p` < 1:
/// Newton's steps in the logarithm of x, kept inside a bracket by halving or doubling it.
pub(super) fn quantile(shape: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut x = shape;
    for _ in 0..STEPS {
        let at = tails(shape, x);
        // From the smaller tail, so that a limit far out keeps its digits.
        let excess = if p < 0.5 { at.lower - p } else { (1.0 - p) - at.upper };
        if excess < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x * (-excess / at.slope).exp();
        let next = if newton > low && newton < high { newton } else { inside(low, high) };
        if (next - x).abs() <= 1e-15 * next || next <= f64::MIN_POSITIVE {
            return next;
        }
        x = next;
    }
    x
}

/// The middle of a bracket, or further out while it has no end.
fn inside(low: f64, high: f64) -> f64 {
    if high.is_finite() { f64::midpoint(low, high) } else { 2.0 * low }
}

/// xᵃe⁻ˣ/Γ(a), with Stirling's leading terms taken out of Γ so that large shapes do not cancel.
fn power_term(a: f64, x: f64) -> f64 {
    let away = (x - a) / a;
    let log = a * (log_ratio(away, x / a) - away);
    (a / TAU).sqrt() * (log - stirling_error(a)).exp()
}

/// Σ xⁿ/(a(a+1)…(a+n)), all terms positive.
fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for n in 1..TERMS {
        term *= x / (a + f64::from(n));
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// Legendre's continued fraction x+1−a − 1(1−a)/(x+3−a − 2(2−a)/(x+5−a − …)), by Lentz's method.
fn fraction(a: f64, x: f64) -> f64 {
    let mut value = x + 1.0 - a;
    let (mut c, mut d) = (value, 0.0);
    for n in 1..TERMS {
        let n = f64::from(n);
        let (above, below) = (n * (a - n), x + 2.0 * n + 1.0 - a);
        d = 1.0 / (below + above * d);
        c = below + above / c;
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::{poisson_at_least, quantile, tails};

    /// Shape, x, both tails: from mpmath 1.3 `gammainc` with 60 digits.
    const TAILS: &[(f64, f64, f64, f64)] = &[
        (0.1, 0.1, 0.8275517595858506, 0.17244824041414947),
        (0.1, 1e-16, 0.02640336783309777, 0.9735966321669022),
        (0.1, 3.0, 0.9984347282528856, 0.0015652717471143537),
        (1.0, 2.0, 0.8646647167633873, 0.1353352832366127),
        (2.5, 0.3, 0.011996757205906265, 0.9880032427940937),
        (10.0, 30.0, 0.9999928782491372, 7.121750862815577e-06),
        (50.0, 51.2, 0.5852863884286965, 0.4147136115713035),
        (1000.5, 1100.0, 0.998884096567606, 0.001115903432394033),
        (1000.5, 900.0, 0.0005194833459347663, 0.9994805166540652),
        (1e6, 1e6, 0.5001329807608725, 0.4998670192391274),
        (1e6, 1.002e6, 0.9771959041012301, 0.022804095898769864),
    ];

    /// Shape, probability, quantile: from mpmath 1.3 likewise, by halving.
    const QUANTILES: &[(f64, f64, f64)] = &[
        (0.1, 0.025, 5.791710245521448e-17),
        (0.1, 0.975, 0.9779047994188531),
        (0.5, 0.025, 0.000491034558587628),
        (1.0, 0.975, 3.6888794541139354),
        (3.7, 0.025, 0.9408724643775053),
        (24.3, 0.975, 34.8713657759022),
        (1000.0, 0.025, 938.9730184076952),
        (1040.5, 0.975, 1104.6638888988766),
    ];

    fn near(got: f64, want: f64) -> bool {
        (got - want).abs() <= 1e-12 * want
    }

    #[test]
    fn both_tails_meet_the_reference() {
        for &(shape, x, lower, upper) in TAILS {
            let got = tails(shape, x);
            assert!(near(got.lower, lower) && near(got.upper, upper), "{shape} at {x}: {got:?}");
        }
    }

    #[test]
    fn quantiles_meet_the_reference() {
        for &(shape, p, want) in QUANTILES {
            let got = quantile(shape, p);
            assert!(near(got, want), "Gamma({shape}) at {p}: {got} is not {want}");
        }
    }

    /// Half a chi-square variable of n degrees of freedom is Gamma(n/2): the usual 95 % and 97.5 %
    /// points (Pearson & Hartley, Biometrika Tables, table 8).
    #[test]
    fn twice_the_quantiles_of_half_shapes_are_the_chi_square_table() {
        let table = [(1.0, 0.95, 3.841), (2.0, 0.95, 5.991), (10.0, 0.95, 18.307)];
        let more = [(10.0, 0.025, 3.247), (30.0, 0.975, 46.979), (100.0, 0.975, 129.561)];
        for (freedom, p, point) in table.into_iter().chain(more) {
            assert!((2.0 * quantile(freedom / 2.0, p) - point).abs() < 6e-4, "{freedom} at {p}");
        }
    }

    /// Every shape and probability that could be asked for comes back to where it began.
    #[test]
    fn a_quantile_has_its_probability_below_it() {
        for shape in [0.1, 0.35, 1.0, 2.0, 7.5, 60.0, 999.0, 1e4, 1e6, 1e8] {
            for p in [1e-9, 0.005, 0.025, 0.4, 0.5, 0.9, 0.975, 0.999_999] {
                let at = tails(shape, quantile(shape, p));
                let (got, want) = if p < 0.5 { (at.lower, p) } else { (at.upper, 1.0 - p) };
                assert!((got - want).abs() <= 1e-9 * want, "Gamma({shape}) at {p}: {got}");
            }
        }
    }

    #[test]
    fn poisson_tails_are_the_sums_of_their_terms() {
        let mut rest = 1.0;
        let mut term = f64::exp(-3.5);
        for count in 0..12 {
            let count = f64::from(count);
            assert!((poisson_at_least(count, 3.5) - rest).abs() < 1e-14, "{count}");
            rest -= term;
            term *= 3.5 / (count + 1.0);
        }
        assert_eq!((poisson_at_least(0.0, 0.0), poisson_at_least(2.0, 0.0)), (1.0, 0.0));
    }
}
