//! A value between two limits.

/// A point estimate with the limits of its confidence interval; shares of 1 for rates,
/// differences of shares for changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate itself.
    pub value: f64,
    /// The lower limit, at most `value`.
    pub low: f64,
    /// The upper limit, at least `value`.
    pub high: f64,
}

impl Estimate {
    /// How far the lower limit lies below the value, squared.
    pub(super) fn below_squared(&self) -> f64 {
        (self.value - self.low).powi(2)
    }

    /// How far the upper limit lies above the value, squared.
    pub(super) fn above_squared(&self) -> f64 {
        (self.high - self.value).powi(2)
    }
}
