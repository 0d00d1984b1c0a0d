//! Quantiles of the beta distribution, to absolute 1e-9 for any shapes.
//!
//! `statrs` inverts it too, but measured against an independent implementation it is off by up to
//! 1e-8 for lopsided shapes near 10⁶ (a year of a country), and for shapes near 10⁹ (frames almost
//! all certain) its search does not end: its continued fraction stops after 140 terms, its
//! prefactor cancels. So only its gamma and error functions are used; the fraction here runs until
//! it converges, its prefactor does not cancel, and the search cannot leave its bracket.

use statrs::function::{erf, gamma};
use std::f64::consts::{SQRT_2, TAU};

/// Both shapes from here on: the distribution is so near to the normal one that three terms of
/// its expansion leave less than 1e-12.
const NEARLY_NORMAL: f64 = 1e6;
/// Halving alone needs fewer steps than this to use up a float's digits near any quantile.
const STEPS: u32 = 200;
/// Terms of the continued fraction; some √shape are needed.
const TERMS: u32 = 20_000;

/// The x in 0…1 that a Beta(`a`, `b`) variable stays below with probability `p`; `a`, `b` > 0
/// and finite, 0 < `p` < 1.
pub(super) fn quantile(a: f64, b: f64, p: f64) -> f64 {
    if a.min(b) >= NEARLY_NORMAL {
        return expansion(a, b, p);
    }
    search(a, b, p)
}

/// The probability I_x(`a`, `b`) that a Beta(`a`, `b`) variable stays below `x`; `a`, `b` > 0 and
/// finite, 0 < `x` < 1.
pub(super) fn below(a: f64, b: f64, x: f64) -> f64 {
    distribution(a, b, x).0
}

/// Newton's steps on the distribution function, kept inside a bracket by halving it.
fn search(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    for _ in 0..STEPS {
        let (below, slope) = distribution(a, b, x);
        if below < p {
            low = x;
        } else {
            high = x;
        }
        let newton = x - (below - p) / slope;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - x).abs() <= 1e-15 * next || next <= f64::MIN_POSITIVE {
            return next;
        }
        x = next;
    }
    x
}

/// I_x(a, b) and its derivative. The fraction converges fast below the mean, so above it the
/// other tail is taken.
fn distribution(a: f64, b: f64, x: f64) -> (f64, f64) {
    let y = 1.0 - x;
    let term = power_term(a, b, x, y);
    let below = if b * x <= a * y {
        term / fraction(a, b, x, y)
    } else {
        1.0 - term / fraction(b, a, y, x)
    };
    (below, term / (x * y))
}

/// xᵃyᵇ/B(a,b), with Stirling's leading terms taken out of B so that large shapes do not cancel
/// (Loader 2000, "Fast and accurate computation of binomial probabilities").
fn power_term(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let away = b * x - a * y;
    let log =
        a * log_ratio(away / a, x * (1.0 + b / a)) + b * log_ratio(-away / b, y * (1.0 + a / b));
    let correction = stirling_error(a + b) - stirling_error(a) - stirling_error(b);
    (a / (1.0 + a / b) / TAU).sqrt() * (log + correction).exp()
}

/// ln(1 + d) from whichever of d and 1 + d has kept its digits.
pub(super) fn log_ratio(d: f64, ratio: f64) -> f64 {
    if d.abs() < 0.5 { d.ln_1p() } else { ratio.ln() }
}

/// ln Γ(z) less Stirling's (z − ½)ln z − z + ½ ln 2π.
pub(super) fn stirling_error(z: f64) -> f64 {
    if z < 20.0 {
        return gamma::ln_gamma(z) - ((z - 0.5) * z.ln() - z + TAU.ln() / 2.0);
    }
    let square = z * z;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / 1680.0 / square) / square) / square) / z
}

/// The continued fraction of xᵃyᵇ/B(a,b)/I_x(a,b) (Didonato & Morris 1992), by
/// Lentz's method as modified by Thompson & Barnett.
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let denominator = |m: f64| {
        let shift = m * (b - m) * x / (a + 2.0 * m - 1.0);
        let rest = (a + m) * ((a * y - b * x) + 1.0 + m * (1.0 + y)) / (a + 2.0 * m + 1.0);
        m + rest + if m > 0.0 { shift } else { 0.0 }
    };
    let numerator = |m: f64| {
        let scale = x / (a + 2.0 * m - 1.0);
        (a + m - 1.0) * scale * (a + b + m - 1.0) * m * (b - m) * scale
    };
    let mut value = denominator(0.0);
    let (mut c, mut d) = (value, 0.0);
    for m in 1..TERMS {
        let (above, below) = (numerator(f64::from(m)), denominator(f64::from(m)));
        d = 1.0 / away_from_zero(below + above * d);
        c = away_from_zero(below + above / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

/// Cornish & Fisher's expansion (1938) from the first four cumulants.
fn expansion(a: f64, b: f64, p: f64) -> f64 {
    let (n, z) = (a + b, -SQRT_2 * erf::erfc_inv(2.0 * p));
    let (mean, complement) = (a / n, b / n);
    let spread = (mean * complement / (n + 1.0)).sqrt();
    let skew =
        2.0 * (complement - mean) * (n + 1.0).sqrt() / ((n + 2.0) * (mean * complement).sqrt());
    let asymmetry = (mean - complement).powi(2) * (n + 1.0) / (mean * complement);
    let kurtosis = 6.0 * (asymmetry - (n + 2.0)) / ((n + 2.0) * (n + 3.0));
    let cubic =
        kurtosis * (z.powi(3) - 3.0 * z) / 24.0 - skew * skew * (2.0 * z.powi(3) - 5.0 * z) / 36.0;
    (mean + spread * (z + skew * (z * z - 1.0) / 6.0 + cubic)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    /// Shapes, probability, quantile: from SciPy 1.17 `betaincinv` (Boost's inverse).
    const REFERENCE: &[(f64, f64, f64, f64)] = &[
        (1e-06, 1e-06, 0.025, 2.225073858507201e-308),
        (0.001, 0.05, 0.2, 2.225073858507201e-308),
        (0.001, 3000.0, 0.2, 2.225073858507201e-308),
        (0.05, 0.001, 0.025, 0.9962947995190379),
        (0.3333333333333333, 0.3333333333333333, 0.005, 6.892124595818072e-07),
        (0.5, 1.7, 0.025, 0.00033389703781662813),
        (5.0, 30.0, 0.025, 0.049528455256177384),
        (30.0, 2000000.0, 0.05, 1.0796853049624362e-05),
        (2000000.0, 0.5, 0.2, 0.9999995894064292),
        (50000.0, 50000.0, 0.025, 0.49690104685250314),
        (900000.0, 2000000.0, 0.005, 0.30964530196671874),
        (2000000.0, 900000.0, 0.2, 0.6894265431711929),
        (2000000.0, 2000000.0, 0.025, 0.4995100090908831),
        (3.0, 10000000000000.0, 0.025, 6.186721228955204e-14),
        (1000000000.0, 1e17, 0.025, 9.999380114448704e-09),
        (1000000000.0, 1000000000.0, 0.005, 0.4999712013529144),
    ];

    #[test]
    fn quantiles_meet_the_reference_from_tiny_to_huge_shapes() {
        for &(a, b, p, want) in REFERENCE {
            let got = quantile(a, b, p);
            assert!((got - want).abs() < 1e-12, "Beta({a}, {b}) at {p}: {got} is not {want}");
        }
    }

    #[test]
    fn a_uniform_variable_is_its_own_quantile() {
        for p in [1e-12, 0.005, 0.025, 0.5, 0.99] {
            assert!((quantile(1.0, 1.0, p) - p).abs() < 1e-15);
        }
    }
}
