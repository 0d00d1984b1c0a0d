//! How much inspectors differ: the shape that makes what they found most likely.

use super::Found;
use crate::statistics::float;
use statrs::function::gamma::ln_gamma;

/// The shapes tried; outside, inspectors would differ by a factor of 100 or by less than 3 %.
const LEAST: f64 = 0.1;
const MOST: f64 = 1_000.0;
/// Steps of the first search, 20 for every factor of 10.
const STEPS: u32 = 80;
/// Golden sections of the second: ln a is then known to 10⁻⁸.
const SECTIONS: u32 = 40;
/// Gains of likelihood below this are rounding.
const GAIN: f64 = 1e-9;

/// a within 0.1 … 1,000 of the highest marginal likelihood; of equal ones the largest, which is
/// the one that calls inspectors most alike. First on a grid of logarithms from above, as the
/// likelihood can have two peaks, then by golden sections between the best one's neighbours.
pub(super) fn most_likely(found: &[Found]) -> f64 {
    let width = (MOST / LEAST).ln() / f64::from(STEPS);
    let at = |step: f64| LEAST.ln() + width * step.clamp(0.0, f64::from(STEPS));
    let mut best = (f64::from(STEPS), MOST, log_likelihood(found, MOST));
    for step in (0..STEPS).rev().map(f64::from) {
        best = better(found, best, (step, at(step).exp()));
    }
    let (step, ..) = best;
    let refined = golden(found, at(step - 1.0), at(step + 1.0));
    better(found, best, (step, refined)).1.clamp(LEAST, MOST)
}

/// The candidate (step, a) with its likelihood, where that is more than rounding above the best's.
fn better(found: &[Found], best: (f64, f64, f64), (step, a): (f64, f64)) -> (f64, f64, f64) {
    let likelihood = log_likelihood(found, a);
    if likelihood > best.2 + GAIN { (step, a, likelihood) } else { best }
}

/// The a of the highest likelihood between two logarithms, where it has one peak.
fn golden(found: &[Found], mut low: f64, mut high: f64) -> f64 {
    let section = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..SECTIONS {
        let (one, other) = (high - section * (high - low), low + section * (high - low));
        if log_likelihood(found, one.exp()) > log_likelihood(found, other.exp()) {
            high = other;
        } else {
            low = one;
        }
    }
    f64::midpoint(low, high).exp()
}

/// Σ ln P(O) of the negative binomial that a Poisson variable of mean E·strictness is, less what
/// does not depend on a:
///
/// ln Γ(O+a) − ln Γ(a) − a·ln(1 + E/a) − O·ln(E + a)
fn log_likelihood(found: &[Found], a: f64) -> f64 {
    let informative = found.iter().filter(|one| one.expected > 0.0);
    let one = |one: &Found| {
        let (failures, expected) = (float(one.failures), one.expected);
        let among = ln_gamma(failures + a) - ln_gamma(a) - failures * (expected + a).ln();
        among - a * (expected / a).ln_1p()
    };
    informative.map(one).sum()
}
