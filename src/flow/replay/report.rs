//! What came of a replay.

use crate::statistics::risk::{Factor, Model, NoEffects};
use chrono::NaiveDate;
use serde::Serialize;

/// What a policy would have drawn and found. Shares and rates are shares of 1, and `None` where
/// there is nothing to divide by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The whole replay.
    pub totals: Totals,
    /// By office, in bytewise order.
    pub offices: Vec<OfficeReport>,
    /// By month.
    pub months: Vec<MonthReport>,
    /// The models, in the order of their days.
    pub fits: Vec<FitReport>,
    /// SHA-256 of office, day and number of every drawn declaration, in the order of day, office
    /// and number: the same for the same draws.
    pub drawn_sha256: String,
}

/// The whole replay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Totals {
    /// First day with declarations.
    pub from: Option<NaiveDate>,
    /// Last day with declarations.
    pub to: Option<NaiveDate>,
    /// Frames: days of offices with declarations.
    pub frames: u64,
    /// Declarations.
    pub declared: u64,
    /// How many of them would fail.
    pub failing: u64,
    /// Inspections that the rules asked for: the sum of the chances before shrinking.
    pub asked: f64,
    /// Inspections to be expected: the sum of the chances.
    pub expected: f64,
    /// Inspections: declarations that were drawn.
    pub inspections: u64,
    /// How many of them failed.
    pub failures_found: u64,
    /// Failures found per inspection.
    pub precision: Option<f64>,
    /// The precision to expect of equal chances with as many inspections in each frame: the
    /// frames' failing shares, weighted by their inspections.
    pub equal_precision: Option<f64>,
    /// precision / equal precision.
    pub lift: Option<f64>,
    /// Frames whose rules asked for more than the capacity.
    pub days_over_capacity: u64,
    /// The smallest given / asked of a frame; 1 where none was shrunk.
    pub worst_shrink: f64,
    /// Months with an estimate.
    pub months_estimated: u64,
    /// Of these, months whose interval holds the true rate.
    pub months_covered: u64,
    /// Root mean square of (estimate − truth)/truth over the months with both.
    pub relative_rmse: Option<f64>,
    /// How many rows stood at an end of the scale.
    pub shares: Shares,
}

/// Shares of all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Shares {
    /// Rows whose risk factor was 1/5, the least.
    pub least_factor: f64,
    /// Rows whose risk factor was 8, the most.
    pub most_factor: f64,
    /// Rows that the policy's floor lifted.
    pub floor: f64,
    /// Rows that were certain to be drawn.
    pub certain: f64,
}

/// One office.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfficeReport {
    /// Its code.
    pub office: String,
    /// Days from the first to the last of the replay.
    pub days: u64,
    /// Days with declarations.
    pub frames: u64,
    /// Declarations.
    pub declared: u64,
    /// Inspections a day that it can do.
    pub capacity: u32,
    /// Inspections.
    pub inspections: u64,
    /// How many of them failed.
    pub failures_found: u64,
    /// Days on which the rules asked for more than the capacity.
    pub days_over_capacity: u64,
    /// The smallest given / asked of a day; 1 where none was shrunk.
    pub worst_shrink: f64,
}

/// One month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonthReport {
    /// Such as 2026-11.
    pub month: String,
    /// Declarations.
    pub declared: u64,
    /// Inspections.
    pub inspections: u64,
    /// How many of them failed.
    pub failures_found: u64,
    /// Failures found per inspection.
    pub precision: Option<f64>,
    /// As in [`Totals`].
    pub equal_precision: Option<f64>,
    /// Failure rate of what was declared, estimated from what was drawn.
    pub estimated_rate: Option<f64>,
    /// Lower limit of its 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper limit.
    pub ci_high: Option<f64>,
    /// The true failure rate of what was declared.
    pub true_rate: f64,
    /// Whether the interval holds it.
    pub covered: Option<bool>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FitReport {
    /// The day before which it was fitted.
    pub day: NaiveDate,
    /// Results it learned from.
    pub results: u64,
    /// Of these, failed.
    pub failed: u64,
    /// The factors that earned their place.
    pub kept: Vec<Kept>,
    /// How much results of identical goods lines agree, 0 to 1.
    pub line_correlation: f64,
    /// Why no factor has effects.
    pub no_effects: Option<NoEffects>,
}

/// A factor that earned its place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Kept {
    /// Which.
    pub factor: Factor,
    /// The variance of its effects.
    pub variance: f64,
}

impl FitReport {
    /// Of a model fitted before a day.
    pub fn of(day: NaiveDate, model: &Model) -> Self {
        Self {
            day,
            results: model.rows,
            failed: model.failed,
            kept: kept(model),
            line_correlation: model.line_correlation,
            no_effects: model.no_effects,
        }
    }
}

/// The factors of a model that earned their place, in its order.
pub fn kept(model: &Model) -> Vec<Kept> {
    let kept = model.factors.iter().filter(|fitted| fitted.variance > 0.0);
    kept.map(|fitted| Kept { factor: fitted.factor, variance: fitted.variance }).collect()
}
