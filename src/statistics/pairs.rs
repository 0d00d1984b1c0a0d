//! Who inspects whose goods, against a random assignment.

use super::float;
use super::gamma;
use super::multiple::{DISCOVERY_RATE, benjamini_hochberg};

/// One inspector and one exporter over a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// How often the one inspected the other's goods.
    pub observed: u64,
    /// How often a random assignment would have brought them together on average, ≥ 0.
    pub expected: f64,
}

/// Whether a pair met more often than chance would have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meeting {
    /// P(X ≥ observed) of a Poisson variable of the expected mean.
    pub tail: f64,
    /// The tail adjusted for all pairs looked at (Benjamini & Hochberg 1995).
    pub adjusted: f64,
    /// Whether `adjusted` is at most [`DISCOVERY_RATE`]: a reason to look, not a finding.
    pub flagged: bool,
}

/// An expected count that no assignment can have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("pair {0} (from 0) expects {1} meetings: add up the chances of its items, 0 or more each")]
pub struct PairError(pub usize, pub f64);

/// Tests every pair against a random assignment; answers in the order of `pairs`. All pairs that
/// could have met belong in it, else the adjustment is for too few tests.
///
/// A pair's meetings are a sum of independent rare events, so nearly Poisson and never wider (Le
/// Cam 1960): the tail is honest or a little large. A pair that was not to meet at all and did has
/// tail 0.
///
/// # Errors
/// [`PairError`] when an expected count is negative or no finite number.
///
/// ```
/// use breeze::statistics::pairs::{Pair, unusual};
/// let pair = |observed, expected| Pair { observed, expected };
/// let met = unusual(&[pair(12, 3.0), pair(4, 3.0), pair(0, 3.0)])?;
/// assert_eq!([met[0].flagged, met[1].flagged, met[2].flagged], [true, false, false]);
/// # Ok::<(), breeze::statistics::pairs::PairError>(())
/// ```
pub fn unusual(pairs: &[Pair]) -> Result<Vec<Meeting>, PairError> {
    let tail = |(index, pair): (usize, &Pair)| {
        let possible = pair.expected >= 0.0 && pair.expected.is_finite();
        let tail = || gamma::poisson_at_least(float(pair.observed), pair.expected);
        possible.then(tail).ok_or(PairError(index, pair.expected))
    };
    let tails = pairs.iter().enumerate().map(tail).collect::<Result<Vec<f64>, PairError>>()?;
    let adjusted = benjamini_hochberg(&tails, DISCOVERY_RATE);
    let meeting = |(tail, test): (&f64, &super::multiple::Adjusted)| Meeting {
        tail: *tail,
        adjusted: test.value,
        flagged: test.discovery,
    };
    Ok(tails.iter().zip(&adjusted).map(meeting).collect())
}
