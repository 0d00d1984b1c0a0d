//! The change between two rates, from their intervals alone.
//!
//! Compare rates of [`Target::Process`](super::Target::Process) only, and of independent cells.

use super::estimate::Estimate;

/// What the change amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The interval of the difference lies below 0.
    Fell,
    /// The interval of the difference lies above 0.
    Rose,
    /// The interval holds 0.
    NoClearChange,
}

impl Verdict {
    /// The word used in answers: `fell`, `rose` or `no_clear_change`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fell => "fell",
            Self::Rose => "rose",
            Self::NoClearChange => "no_clear_change",
        }
    }

    /// The verdict on a difference; a limit of exactly 0 is no clear change.
    #[must_use]
    pub fn of(difference: &Estimate) -> Self {
        if difference.high < 0.0 {
            Self::Fell
        } else if difference.low > 0.0 {
            Self::Rose
        } else {
            Self::NoClearChange
        }
    }
}

/// A change as a fraction of the rate before: −0.2 is a fall by 20 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelativeChange {
    /// The change; `None` when the rate before is 0.
    pub value: Option<f64>,
    /// Lower limit, at least −1.
    pub low: f64,
    /// Upper limit; `None` when unbounded.
    pub high: Option<f64>,
}

/// Both changes and the verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Rate now minus rate before.
    pub difference: Estimate,
    /// The same as a fraction of the rate before.
    pub relative: RelativeChange,
    /// From the difference.
    pub verdict: Verdict,
}

/// The change from `before` to `now`, at the confidence of their intervals.
///
/// ```
/// use breeze::statistics::{Estimate, Verdict, change};
/// let before = Estimate { value: 0.076, low: 0.064, high: 0.09 };
/// let now = Estimate { value: 0.032, low: 0.025, high: 0.041 };
/// let change = change(&now, &before);
/// assert_eq!(change.verdict, Verdict::Fell);
/// assert!((change.difference.value + 0.044).abs() < 1e-12);
/// ```
#[must_use]
pub fn change(now: &Estimate, before: &Estimate) -> Change {
    let difference = difference(now, before);
    Change { difference, relative: relative_change(now, before), verdict: Verdict::of(&difference) }
}

/// now − before with its MOVER interval (Newcombe 1998; Zou & Donner 2008).
#[must_use]
pub fn difference(now: &Estimate, before: &Estimate) -> Estimate {
    let value = now.value - before.value;
    Estimate {
        value,
        low: value - (now.below_squared() + before.above_squared()).sqrt(),
        high: value + (now.above_squared() + before.below_squared()).sqrt(),
    }
}

/// now/before − 1 with its MOVER-R interval (Donner & Zou 2012). Rates are at least 0.
#[must_use]
pub fn relative_change(now: &Estimate, before: &Estimate) -> RelativeChange {
    RelativeChange {
        value: (before.value > 0.0).then(|| now.value / before.value - 1.0),
        low: ratio_low(now, before) - 1.0,
        high: ratio_high(now, before).map(|ratio| ratio - 1.0),
    }
}

/// The numerator's part and the denominator's part of MOVER-R, for one limit of each.
fn parts(now: &Estimate, limit_now: f64, before: &Estimate, limit_before: f64) -> (f64, f64) {
    let part = |rate: f64, limit: f64| limit * (2.0 * rate - limit);
    (part(now.value, limit_now), part(before.value, limit_before))
}

fn ratio_low(now: &Estimate, before: &Estimate) -> f64 {
    let product = now.value * before.value;
    let (above, below) = parts(now, now.low, before, before.high);
    let divisor = product + (product * product - above * below).max(0.0).sqrt();
    // Without failures now there is nothing to divide by, and the ratio can be 0.
    if divisor > 0.0 { above / divisor } else { 0.0 }
}

fn ratio_high(now: &Estimate, before: &Estimate) -> Option<f64> {
    let product = now.value * before.value;
    let (above, below) = parts(now, now.high, before, before.low);
    let root = (product * product - above * below).max(0.0).sqrt();
    Some((product + root) / below).filter(|ratio| below > 0.0 && ratio.is_finite())
}
