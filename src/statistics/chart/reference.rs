//! A baseline summed up: its centre, and how much more than chance its periods scatter.

use super::NoLimits;
use super::baseline::FEWEST;
use crate::statistics::float;
use crate::statistics::rate::{effective_n, hajek};
use crate::statistics::sums::Sums;

/// The mean range of two values from a normal distribution, in units of its σ (2/√π).
const MEAN_RANGE: f64 = 1.128;

/// What a period is held against; 0 < centre < 1, sigma ≥ 1, doubt ≥ 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reference {
    /// p̄: Hájek's rate of all the baseline's periods together.
    pub centre: f64,
    /// Laney's σ.
    pub sigma: f64,
    /// 1/n of the inspections that the centre is estimated from, n the effective one; 0 for a centre
    /// that counts as known.
    pub doubt: f64,
}

impl Reference {
    /// Of a moving baseline: an estimate of what the process was just before.
    pub(super) fn estimated(periods: &[Sums]) -> Result<Self, NoLimits> {
        let known = Self::known(periods)?;
        let together: Sums = periods.iter().copied().sum();
        let doubt = effective_n(&together).map_or(0.0, |n| 1.0 / n);
        Ok(Self { doubt, ..known })
    }

    /// Of a fixed baseline: the standard that somebody chose.
    pub(super) fn known(periods: &[Sums]) -> Result<Self, NoLimits> {
        if periods.is_empty() {
            return Err(NoLimits::NoBaseline);
        }
        let together: Sums = periods.iter().copied().sum();
        let centre = hajek(&together).ok_or(NoLimits::BaselineNotInspected)?;
        if periods.iter().filter(|period| period.n > 0).count() < FEWEST {
            return Err(NoLimits::BaselineTooShort);
        }
        // By the rate and not by the counts: a share may round to 0 or 1.
        if centre <= 0.0 {
            return Err(NoLimits::BaselineWithoutFailures);
        }
        if centre >= 1.0 {
            return Err(NoLimits::BaselineWithoutPasses);
        }
        Ok(Self { centre, sigma: laney(periods, centre), doubt: 0.0 })
    }
}

/// How far the rate `p` of effective size `n` lies from `centre`, in binomial standard deviations.
pub(super) fn binomial_z(p: f64, n: f64, centre: f64) -> f64 {
    (p - centre) / (centre * (1.0 - centre) / n).sqrt()
}

/// Laney's σ (2002): mean moving range of z over 1.128. Periods without inspections are skipped,
/// so the range is between neighbours that have some. Never below 1: what scatters less than
/// chance does so by chance.
fn laney(periods: &[Sums], centre: f64) -> f64 {
    let (mut ranges, mut sum) = (0_u64, 0.0);
    let mut last: Option<f64> = None;
    for (p, n) in periods.iter().filter_map(|period| hajek(period).zip(effective_n(period))) {
        let z = binomial_z(p, n, centre);
        if let Some(last) = last {
            ranges += 1;
            sum += (z - last).abs();
        }
        last = Some(z);
    }
    (sum / float(ranges.max(1)) / MEAN_RANGE).max(1.0)
}
