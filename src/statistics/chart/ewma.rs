//! The exponentially weighted moving average (Roberts 1959): small shifts that last.

use super::Rule;

/// λ: the share of the newest period.
pub const EWMA_WEIGHT: f64 = 0.2;
/// The limit on either side: 2.86 standard deviations of an average that has run for long, which
/// are √(λ/(2−λ)) = ⅓ each (Lucas & Saccucci 1990). In control it signals once in about 370
/// periods.
pub const EWMA_LIMIT: f64 = 2.86 / 3.0;

/// The average as it stands: 0 at first, and again with the period after a signal.
///
/// ```
/// use breeze::statistics::chart::{Ewma, Rule};
/// let mut ewma = Ewma::default();
/// assert_eq!(ewma.step(2.0), None);
/// assert!((ewma.value() - 0.4).abs() < 1e-12);
/// assert_eq!(ewma.step(4.0), Some(Rule::EwmaHigh));
/// assert!((ewma.value() - 1.12).abs() < 1e-12);
/// ewma.step(1.0);
/// assert!((ewma.value() - 0.2).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ewma(f64);

impl Ewma {
    /// Takes the next z; the rule that signals, if one does.
    pub fn step(&mut self, z: f64) -> Option<Rule> {
        let before = if self.signal().is_some() { 0.0 } else { self.0 };
        self.0 = EWMA_WEIGHT * z + (1.0 - EWMA_WEIGHT) * before;
        self.signal()
    }

    /// The average after the last step.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.0
    }

    fn signal(self) -> Option<Rule> {
        if self.0 > EWMA_LIMIT {
            return Some(Rule::EwmaHigh);
        }
        (self.0 < -EWMA_LIMIT).then_some(Rule::EwmaLow)
    }
}
