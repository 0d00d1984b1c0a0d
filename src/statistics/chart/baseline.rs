//! What a period is held against.

use super::NoLimits;
use super::reference::Reference;
use crate::statistics::sums::Sums;
use std::ops::Range;

/// Fewest periods with inspections that make a baseline: Laney's σ then rests on five moving
/// ranges. Measured, the p chart gives more false alarms from six periods than from twelve, but not
/// many (method, section "Control charts"); below six, one odd period decides what is called noise.
pub const FEWEST: usize = 6;

/// Which periods a period is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// As many periods as this just before the period, or those there are; twelve as a rule. What
    /// has lasted that long counts as normal. The centre is an estimate, and limits allow for that.
    Before(usize),
    /// The same periods, by their indices, for every period of the chart, those of the range too
    /// and those before it. The part of the range outside the chart has no periods. The centre is
    /// the standard that was chosen, and counts as known.
    Fixed(Range<usize>),
}

impl Baseline {
    /// The reference of each period.
    pub(super) fn references(&self, periods: &[Sums]) -> Vec<Result<Reference, NoLimits>> {
        match self {
            Self::Before(count) => (0..periods.len())
                .map(|at| Reference::estimated(window(periods, at.saturating_sub(*count)..at)))
                .collect(),
            Self::Fixed(range) => {
                let one = Reference::known(window(periods, range.clone()));
                vec![one; periods.len()]
            }
        }
    }
}

impl Default for Baseline {
    fn default() -> Self {
        Self::Before(12)
    }
}

/// The periods of the range that there are.
fn window(periods: &[Sums], range: Range<usize>) -> &[Sums] {
    periods.get(range.start..range.end.min(periods.len())).unwrap_or_default()
}
