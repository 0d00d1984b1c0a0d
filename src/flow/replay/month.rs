//! The sums of a month.

use super::report::MonthReport;
use super::tally::{Drawn, count};
use crate::domain::period::PeriodKind;
use crate::error::{Error, Result};
use crate::statistics::{Confidence, Tally, Target, float, rate};
use chrono::NaiveDate;

/// One month, or several.
#[derive(Clone, Copy, Default)]
pub struct Month {
    /// Declarations.
    pub declared: u64,
    /// How many would fail.
    pub failing: u64,
    /// Inspections.
    pub inspections: u64,
    /// How many failed.
    pub failures: u64,
    /// Failures to expect of equal chances.
    equal: f64,
    tally: Tally,
}

impl Month {
    /// Adds a frame.
    pub fn add(&mut self, frame: &[Drawn<'_>]) -> Result<()> {
        let (inspections, failures) = found(frame);
        let failing = count(frame.iter().filter(|drawn| drawn.row.truth.failed).count());
        self.declared += count(frame.len());
        self.failing += failing;
        self.inspections += inspections;
        self.failures += failures;
        self.equal += float(inspections) * float(failing) / float(count(frame.len()));
        for drawn in frame {
            self.tally.add_frame(drawn.pi, 1).map_err(|error| Error::Inner(error.into()))?;
            if drawn.drawn {
                let added = self.tally.add_inspected(drawn.pi, drawn.row.truth.failed);
                added.map_err(|error| Error::Inner(error.into()))?;
            }
        }
        Ok(())
    }

    /// Both together.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            declared: self.declared + other.declared,
            failing: self.failing + other.failing,
            inspections: self.inspections + other.inspections,
            failures: self.failures + other.failures,
            equal: self.equal + other.equal,
            tally: [self.tally, other.tally].into_iter().sum(),
        }
    }

    /// Failures found per inspection.
    pub fn precision(&self) -> Option<f64> {
        (self.inspections > 0).then(|| float(self.failures) / float(self.inspections))
    }

    /// What equal chances would have found per inspection.
    pub fn equal_precision(&self) -> Option<f64> {
        (self.inspections > 0).then(|| self.equal / float(self.inspections))
    }

    /// The report of a month of a year.
    pub fn report(&self, (year, month): (i32, u32)) -> MonthReport {
        let rate = rate(&self.tally.sums(), Target::Declarations, Confidence::NINETY_FIVE);
        let true_rate = float(self.failing) / float(self.declared.max(1));
        let within = |low, high| holds(low, high, true_rate);
        let day = NaiveDate::from_ymd_opt(year, month, 1);
        MonthReport {
            month: day.map(|day| PeriodKind::Month.of(day).to_string()).unwrap_or_default(),
            declared: self.declared,
            inspections: self.inspections,
            failures_found: self.failures,
            precision: self.precision(),
            equal_precision: self.equal_precision(),
            estimated_rate: rate.estimated,
            ci_low: rate.low,
            ci_high: rate.high,
            true_rate,
            covered: rate.low.zip(rate.high).map(|(low, high)| within(low, high)),
        }
    }
}

/// Inspections of a frame, and how many of them failed.
pub fn found(frame: &[Drawn<'_>]) -> (u64, u64) {
    let inspected = || frame.iter().filter(|drawn| drawn.drawn);
    (count(inspected().count()), count(inspected().filter(|d| d.row.truth.failed).count()))
}

/// Whether an interval holds a rate; equal but for rounding is inside.
fn holds(low: f64, high: f64, rate: f64) -> bool {
    (low - 1e-12..=high + 1e-12).contains(&rate)
}

/// Root mean square of (estimate − truth)/truth over the months that have both.
pub fn relative_rmse(months: &[MonthReport]) -> Option<f64> {
    relative_mse(months).map(f64::sqrt)
}

/// Its square.
pub fn relative_mse(months: &[MonthReport]) -> Option<f64> {
    let error = |month: &MonthReport| {
        let estimated = month.estimated_rate.filter(|_| month.true_rate > 0.0)?;
        Some((estimated / month.true_rate - 1.0).powi(2))
    };
    let errors: Vec<f64> = months.iter().filter_map(error).collect();
    (!errors.is_empty()).then(|| errors.iter().sum::<f64>() / float(count(errors.len())))
}
