//! The confidence level of an interval.

/// How often intervals of this kind hold the true value; strictly between 0 and 1.
///
/// ```
/// use breeze::statistics::Confidence;
/// assert!(Confidence::new(0.9).is_ok());
/// assert!(Confidence::new(95.0).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Confidence(f64);

/// A confidence level that no interval can have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("confidence {0} is not between 0 and 1: write 95 % as 0.95")]
pub struct ConfidenceError(pub f64);

impl Confidence {
    /// 95 %, the level of every interval that is not asked for otherwise.
    pub const NINETY_FIVE: Self = Self(0.95);

    /// A level from a share of 1.
    ///
    /// # Errors
    /// [`ConfidenceError`] unless 0 < `level` < 1.
    pub fn new(level: f64) -> Result<Self, ConfidenceError> {
        let inside = level > 0.0 && level < 1.0;
        inside.then_some(Self(level)).ok_or(ConfidenceError(level))
    }

    /// The level, as a share of 1.
    #[must_use]
    pub const fn level(self) -> f64 {
        self.0
    }

    /// The probability left on each side, (1 − level)/2.
    pub(super) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self::NINETY_FIVE
    }
}
