//! The p chart: limits around the centre, and how far a rate lies from it.

use super::binomial;
use super::reference::{Reference, binomial_z};
use super::{Cusum, Ewma, Rule};

/// Standard deviations between centre and limit (Shewhart 1931).
const WIDTH: f64 = 3.0;
/// Expected failures below which the binomial distribution is too skewed for a symmetric limit.
const FEW_FAILURES: f64 = 5.0;

/// How a period stands against its baseline. All numbers are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// p̄, the rate of the baseline's periods together; 0 < centre < 1.
    pub centre: f64,
    /// Lower limit, 0 ≤ low ≤ centre; at 0 nothing can lie below it.
    pub low: f64,
    /// Upper limit, centre ≤ high ≤ 1; at 1 nothing can lie above it.
    pub high: f64,
    /// Whether the limits are exact binomial ones, for fewer than five expected failures.
    pub exact: bool,
    /// Laney's σ of the baseline, at least 1: how much more than chance its periods scatter.
    pub sigma: f64,
    /// (p − p̄) / (σ·√(p̄(1−p̄)(1/n + 1/n_base))), without the last term where the baseline is fixed:
    /// ±3 are the limits, unless they are exact.
    pub z: f64,
    /// The EWMA of z up to this period; signals outside ±[`EWMA_LIMIT`](super::EWMA_LIMIT).
    pub ewma: f64,
    /// The upward CUSUM of z, at least 0; signals above [`CUSUM_LIMIT`](super::CUSUM_LIMIT).
    pub cusum_up: f64,
    /// The downward CUSUM of z, at least 0 too; signals above the same limit.
    pub cusum_down: f64,
    /// The rules that signal at this period, in the order of [`Rule::ALL`].
    pub signals: Vec<Rule>,
}

/// A rate between its limits, before the charts that remember.
pub(super) struct Limits {
    value: f64,
    reference: Reference,
    exact: bool,
    low: f64,
    high: f64,
    z: f64,
}

impl Limits {
    /// For the rate `value` of effective size `n` ≥ 1.
    pub(super) fn new(value: f64, n: f64, reference: Reference) -> Self {
        let Reference { centre, sigma, doubt } = reference;
        // The difference of two estimates scatters as a single one of fewer inspections.
        let n = 1.0 / (1.0 / n + doubt);
        // σ² is a design effect: scatter that is σ times as wide is that of n/σ² inspections.
        let size = n / (sigma * sigma);
        let exact = n * centre < FEW_FAILURES;
        let (low, high) =
            if exact { binomial::limits(size, centre) } else { symmetric(size, centre) };
        let z = binomial_z(value, size, centre);
        Self { value, reference, exact, low, high, z }
    }

    /// With the next step of the charts that remember, and what signals.
    pub(super) fn judged(self, ewma: &mut Ewma, cusum: &mut Cusum) -> Control {
        let mut signals = Vec::new();
        signals.extend((self.value > self.high).then_some(Rule::AboveLimit));
        signals.extend((self.value < self.low).then_some(Rule::BelowLimit));
        signals.extend(ewma.step(self.z));
        signals.extend(cusum.step(self.z));
        Control {
            centre: self.reference.centre,
            low: self.low,
            high: self.high,
            exact: self.exact,
            sigma: self.reference.sigma,
            z: self.z,
            ewma: ewma.value(),
            cusum_up: cusum.up(),
            cusum_down: cusum.down(),
            signals,
        }
    }
}

/// p̄ ± 3·√(p̄(1−p̄)/n), kept within 0…1.
fn symmetric(size: f64, centre: f64) -> (f64, f64) {
    let reach = WIDTH * (centre * (1.0 - centre) / size).sqrt();
    ((centre - reach).max(0.0), (centre + reach).min(1.0))
}
