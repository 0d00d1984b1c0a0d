//! The failure rate of a cell.

use super::confidence::Confidence;
use super::estimate::Estimate;
use super::float;
use super::interval::limits;
use super::sums::Sums;
use super::target::Target;

/// How estimate and interval are made, as every answer names it.
pub const METHOD: &str = "hajek/weighted-clopper-pearson";

/// A failure rate as shares of 1; all but the counts are `None` where nothing was inspected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Declarations inspected.
    pub inspected: u64,
    /// Of these, failed.
    pub failed: u64,
    /// failed/inspected: what was met, never to be compared across periods.
    pub observed: Option<f64>,
    /// WY/W: the rate weighted back to all declarations.
    pub estimated: Option<f64>,
    /// For display only; `None` for one inspection, which shows no spread.
    pub standard_error: Option<f64>,
    /// Lower limit of the interval.
    pub low: Option<f64>,
    /// Upper limit of the interval.
    pub high: Option<f64>,
    /// W²/B: as many inspections of equal chance would say about as much (Kish 1965).
    pub effective_n: Option<f64>,
}

impl Rate {
    /// Estimate and interval together; `None` where nothing was inspected.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        let (value, low, high) = (self.estimated?, self.low?, self.high?);
        Some(Estimate { value, low, high })
    }
}

/// The rate of a cell: Hájek's estimator (1964), its standard error, and the weighted
/// Clopper–Pearson interval of [`limits`].
///
/// ```
/// use breeze::statistics::{CERTAINTY, Confidence, Tally, Target, rate};
/// let mut cell = Tally::default();
/// cell.add_frame(CERTAINTY / 8, 40)?;
/// for failed in [true, false, false, false, false] {
///     cell.add_inspected(CERTAINTY / 8, failed)?;
/// }
/// let rate = rate(&cell.sums(), Target::Process, Confidence::NINETY_FIVE);
/// assert_eq!(rate.estimated, Some(0.2));
/// assert_eq!(rate.effective_n, Some(5.0));
/// # Ok::<(), breeze::statistics::tally::ChanceError>(())
/// ```
#[must_use]
pub fn rate(sums: &Sums, target: Target, confidence: Confidence) -> Rate {
    let limits = limits(sums, target, confidence);
    Rate {
        inspected: sums.n,
        failed: sums.failed,
        observed: observed(sums),
        estimated: hajek(sums),
        standard_error: standard_error(sums, target),
        low: limits.map(|(low, _)| low),
        high: limits.map(|(_, high)| high),
        effective_n: effective_n(sums),
    }
}

/// failed/n; `None` where nothing was inspected.
pub(super) fn observed(sums: &Sums) -> Option<f64> {
    (sums.n > 0).then(|| float(sums.failed) / float(sums.n))
}

/// WY/W, Hájek's ratio; `None` where nothing was inspected.
pub(super) fn hajek(sums: &Sums) -> Option<f64> {
    // Sums of sums round differently, so a complete failure could come out a hair above 1.
    (sums.n > 0).then(|| (sums.wy / sums.w).clamp(0.0, 1.0))
}

/// W²/B, Kish's effective n; `None` where nothing was inspected.
pub(super) fn effective_n(sums: &Sums) -> Option<f64> {
    (sums.n > 0).then(|| sums.w * sums.w / sums.b)
}

/// SE² = n/(n−1) · [(1−2p)V1 + p²V]/W², the linearised variance of the ratio.
fn standard_error(sums: &Sums, target: Target) -> Option<f64> {
    let p = hajek(sums)?;
    let (v, v1) = target.variance_sums(sums);
    let correction = float(sums.n) / float(sums.n.checked_sub(1).filter(|&rest| rest > 0)?);
    let variance = correction * ((1.0 - 2.0 * p) * v1 + p * p * v) / (sums.w * sums.w);
    Some(variance.max(0.0).sqrt())
}
