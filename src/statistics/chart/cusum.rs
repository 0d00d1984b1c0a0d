//! The cumulative sum (Page 1954), up and down: since when the process has been elsewhere.

use super::Rule;

/// k: what a period may lie off the centre, in units of z, before it adds up. Half the shift that
/// the chart finds soonest.
pub const CUSUM_SLACK: f64 = 0.5;
/// h: what may add up. In control, both sides together signal once in about 370 periods
/// (Hawkins 1993).
pub const CUSUM_LIMIT: f64 = 4.77;

/// Both sums as they stand, each at least 0: 0 at first, and again with the period after a signal
/// of either.
///
/// ```
/// use breeze::statistics::chart::{Cusum, Rule};
/// let mut cusum = Cusum::default();
/// assert_eq!(cusum.step(3.0), None);
/// assert_eq!((cusum.up(), cusum.down()), (2.5, 0.0));
/// assert_eq!(cusum.step(3.0), Some(Rule::CusumHigh));
/// assert_eq!(cusum.up(), 5.0);
/// cusum.step(-1.0);
/// assert_eq!((cusum.up(), cusum.down()), (0.0, 0.5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cusum {
    up: f64,
    down: f64,
}

impl Cusum {
    /// Takes the next z; the rule that signals, if one does. Never both: a step that lifts one sum
    /// above its limit leaves the other no higher than it was.
    pub fn step(&mut self, z: f64) -> Option<Rule> {
        let before = if self.signal().is_some() { Self::default() } else { *self };
        self.up = (before.up + z - CUSUM_SLACK).max(0.0);
        self.down = (before.down - z - CUSUM_SLACK).max(0.0);
        self.signal()
    }

    /// The upward sum after the last step.
    #[must_use]
    pub const fn up(&self) -> f64 {
        self.up
    }

    /// The downward sum after the last step; a larger one lies further below the centre.
    #[must_use]
    pub const fn down(&self) -> f64 {
        self.down
    }

    fn signal(self) -> Option<Rule> {
        if self.up > CUSUM_LIMIT {
            return Some(Rule::CusumHigh);
        }
        (self.down > CUSUM_LIMIT).then_some(Rule::CusumLow)
    }
}
