//! Strictness of inspectors: failures found against failures to be expected.
//!
//! O/E of one inspector jumps about when E is small. So every inspector's strictness is taken for
//! a gamma variable of mean 1, its spread is learned from all of them, and each is judged by what
//! is then likely about that one (Clayton & Kaldor 1987, "Empirical Bayes estimates of
//! age-standardized relative risks").

mod mean;
mod spread;

pub use mean::MeanStrictness;

use super::confidence::Confidence;
use super::estimate::Estimate;
use super::float;
use super::gamma;
use super::multiple::{Adjusted, DISCOVERY_RATE, benjamini_hochberg};

/// What one inspector found, and what anyone would have found among the same goods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// O: items that this inspector failed.
    pub failures: u64,
    /// E: the sum of the probabilities to fail of all items this inspector inspected, ≥ 0.
    pub expected: f64,
}

/// How strict one inspector is: 1 as others, 2 finds twice as much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strictness {
    /// (O + a)/(E + a) between its limits.
    pub ratio: Estimate,
    /// Twice the smaller of the posterior's tails on either side of 1, at most 1.
    pub tail: f64,
    /// The tail adjusted for all inspectors looked at (Benjamini & Hochberg 1995).
    pub adjusted: f64,
    /// Whether `adjusted` is at most [`DISCOVERY_RATE`]: a reason to talk, not a finding.
    pub flagged: bool,
}

/// All inspectors judged together.
#[derive(Clone, Debug, PartialEq)]
pub struct Strictnesses {
    /// a: the shape and rate of the distribution of strictness, within 0.1 … 1,000. Its standard
    /// deviation is 1/√a; at 1,000 inspectors are as good as equal.
    pub shape: f64,
    /// In the order in which they were given.
    pub inspectors: Vec<Strictness>,
}

/// Expectations that do not belong to their failures.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum StrictnessError {
    /// E is negative or no finite number.
    #[error("inspector {0} (from 0) expects {1} failures: add up probabilities from 0 to 1")]
    Expected(usize, f64),
    /// Failures where none was possible.
    #[error(
        "inspector {0} (from 0) failed {1} items of which none was expected to: take expectations \
         from the same results, or from a model that never says 0"
    )]
    Impossible(usize, u64),
}

/// Fits a over all `found` and judges each: estimate and interval at `confidence`, flags after
/// Benjamini–Hochberg at [`DISCOVERY_RATE`].
///
/// Given O, strictness is Gamma(O + a, E + a), whose mean lies between O/E and 1: the less was to
/// be expected, the nearer to 1. An inspector with E = 0 says nothing and is judged by the others'
/// spread alone. No inspectors at all are an empty answer with a = 1,000.
///
/// # Errors
/// [`StrictnessError`] when an expectation is negative, no finite number, or 0 with failures.
///
/// ```
/// use breeze::statistics::{Confidence, strictness::{Found, strictness}};
/// let found = |failures, expected| Found { failures, expected };
/// let all = [found(60, 30.0), found(22, 30.0), found(25, 30.0), found(21, 30.0)];
/// let fitted = strictness(&all, Confidence::NINETY_FIVE)?;
/// let strict = fitted.inspectors[0];
/// assert!(strict.flagged && 1.0 < strict.ratio.low && strict.ratio.value < 2.0);
/// assert!(!fitted.inspectors[1].flagged);
/// # Ok::<(), breeze::statistics::strictness::StrictnessError>(())
/// ```
pub fn strictness(
    found: &[Found],
    confidence: Confidence,
) -> Result<Strictnesses, StrictnessError> {
    found.iter().enumerate().try_for_each(|(index, one)| check(index, one))?;
    let shape = spread::most_likely(found);
    let tails: Vec<f64> = found.iter().map(|one| tail_of_one(one, shape)).collect();
    let judge = |((one, tail), test): ((&Found, &f64), Adjusted)| Strictness {
        ratio: ratio(one, shape, confidence),
        tail: *tail,
        adjusted: test.value,
        flagged: test.discovery,
    };
    let adjusted = benjamini_hochberg(&tails, DISCOVERY_RATE);
    let inspectors = found.iter().zip(&tails).zip(adjusted).map(judge).collect();
    Ok(Strictnesses { shape, inspectors })
}

fn check(index: usize, found: &Found) -> Result<(), StrictnessError> {
    let Found { failures, expected } = *found;
    if !(expected >= 0.0 && expected.is_finite()) {
        return Err(StrictnessError::Expected(index, expected));
    }
    if expected <= 0.0 && failures > 0 {
        return Err(StrictnessError::Impossible(index, failures));
    }
    Ok(())
}

/// Mean and quantiles of Gamma(O + a, E + a).
fn ratio(found: &Found, a: f64, confidence: Confidence) -> Estimate {
    let (shape, rate) = (float(found.failures) + a, found.expected + a);
    let limit = |p| gamma::quantile(shape, p) / rate;
    let value = shape / rate;
    let tail = confidence.tail();
    // At a very low confidence the mean could lie outside; an interval holds its estimate.
    Estimate { value, low: limit(tail).min(value), high: limit(1.0 - tail).max(value) }
}

/// Twice the smaller tail of the posterior beyond 1; 1 where nothing was to be expected.
fn tail_of_one(found: &Found, a: f64) -> f64 {
    if found.expected <= 0.0 {
        return 1.0;
    }
    let tails = gamma::tails(float(found.failures) + a, found.expected + a);
    (2.0 * tails.lower.min(tails.upper)).min(1.0)
}
