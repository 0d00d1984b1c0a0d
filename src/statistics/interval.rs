//! The interval of a rate: Clopper & Pearson (1934) for weighted inspections.
//!
//! Imagine one more inspection, of weight e, that failed (for the upper limit) or passed (for
//! the lower one), as in Fay & Feuer 1997. Match a beta distribution to mean and variance of the
//! rate with it. For equal weights this is exactly Clopper–Pearson. The imagined weight is never
//! below what the frames say about rows that were not met, so a sample that missed the seldom
//! drawn goods claims little about them.

use super::beta;
use super::confidence::Confidence;
use super::float;
use super::rate::hajek;
use super::sums::Sums;
use super::target::Target;

/// Lower and upper limit of a cell's rate, 0 ≤ low ≤ estimate ≤ high ≤ 1; `None` where nothing
/// was inspected. Without a failure the lower limit is 0, without a pass the upper one 1; for
/// declarations that were all certain to be drawn both are the rate itself.
///
/// ```
/// use breeze::statistics::{CERTAINTY, Confidence, Tally, Target, interval::limits};
/// let mut cell = Tally::default();
/// cell.add_frame(CERTAINTY / 4, 4)?;
/// cell.add_inspected(CERTAINTY / 4, false)?;
/// let (low, high) = limits(&cell.sums(), Target::Process, Confidence::NINETY_FIVE).unwrap();
/// assert_eq!(low, 0.0);
/// assert!((high - 0.975).abs() < 1e-9);
/// # Ok::<(), breeze::statistics::tally::ChanceError>(())
/// ```
#[must_use]
pub fn limits(sums: &Sums, target: Target, confidence: Confidence) -> Option<(f64, f64)> {
    let p = hajek(sums)?;
    let e = imagined_weight(sums, target);
    if e <= 0.0 {
        return Some((p, p));
    }
    let tail = confidence.tail();
    let low = if sums.failed == 0 { 0.0 } else { Matched::new(sums, target, e, 0.0).low(tail) };
    let high =
        if sums.failed == sums.n { 1.0 } else { Matched::new(sums, target, e, 1.0).high(tail) };
    // A very low confidence could leave the estimate outside; an interval holds its estimate.
    Some((low.min(p), high.max(p)))
}

/// e: as heavy as the inspected rows on (self-weighted) average, and as heavy as the frames'
/// rows on average.
fn imagined_weight(sums: &Sums, target: Target) -> f64 {
    let frame = if sums.rows == 0 { 0.0 } else { sums.u / float(sums.rows) };
    match target {
        Target::Process => (sums.b / sums.w).max(frame),
        Target::Declarations => {
            let met = (sums.a.max(0.0) * sums.b).sqrt() / sums.w;
            met.max((frame * (frame - 1.0)).max(0.0).sqrt())
        }
    }
}

/// The rate with one more inspection: mean m (and its complement, so that neither is lost to
/// rounding) and k = m(1−m)/s², the size of the binomial sample with the same spread.
struct Matched {
    mean: f64,
    complement: f64,
    size: f64,
}

impl Matched {
    /// With an imagined inspection of weight `e` and result `y` (1 failed, 0 passed).
    fn new(sums: &Sums, target: Target, e: f64, y: f64) -> Self {
        let whole = sums.w + e;
        let mean = (sums.wy + y * e) / whole;
        let complement = ((sums.w - sums.wy).max(0.0) + (1.0 - y) * e) / whole;
        let (v, v1) = target.variance_sums(sums);
        let met = ((1.0 - 2.0 * mean) * v1 + mean * mean * v).max(0.0);
        let away = if y > 0.0 { complement } else { mean };
        let size = mean * complement * whole * whole / (met + (e * away).powi(2));
        Self { mean, complement, size }
    }

    fn low(&self, tail: f64) -> f64 {
        match self.shapes() {
            Some((failed, passed)) => beta::quantile(failed, passed, tail),
            None => self.mean,
        }
    }

    /// From the other end, so that a limit close to 1 keeps its digits.
    fn high(&self, tail: f64) -> f64 {
        match self.shapes() {
            Some((failed, passed)) => 1.0 - beta::quantile(passed, failed, tail),
            None => self.mean,
        }
    }

    /// The shapes of the beta distribution; `None` when rounding leaves no spread at all.
    fn shapes(&self) -> Option<(f64, f64)> {
        let shapes = (self.mean * self.size, self.complement * self.size);
        let spread = |shape: f64| shape.is_finite() && shape > 0.0;
        (spread(shapes.0) && spread(shapes.1)).then_some(shapes)
    }
}
