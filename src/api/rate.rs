//! The one shape of every rate.

use crate::statistics::{METHOD, Rate, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a rate speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetName {
    /// What share of the goods declared in the period would have failed.
    #[default]
    Declarations,
    /// What quality stands behind them: for every comparison.
    Process,
}

impl From<TargetName> for Target {
    fn from(name: TargetName) -> Self {
        match name {
            TargetName::Declarations => Self::Declarations,
            TargetName::Process => Self::Process,
        }
    }
}

impl From<Target> for TargetName {
    fn from(target: Target) -> Self {
        match target {
            Target::Declarations => Self::Declarations,
            Target::Process => Self::Process,
        }
    }
}

/// A failure rate, as shares of 1; all but the counts are null where nothing was inspected.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"inspected": 118, "failed": 9, "observed_rate": 0.0763,
    "estimated_rate": 0.0491, "standard_error": 0.0148, "ci_low": 0.0242, "ci_high": 0.0901,
    "effective_n": 71.2, "target": "declarations", "method": "hajek/weighted-clopper-pearson"}))]
pub struct RateAnswer {
    /// Declarations inspected.
    pub inspected: u64,
    /// Of these, failed.
    pub failed: u64,
    /// failed/inspected: what was met; never to be compared across periods.
    pub observed_rate: Option<f64>,
    /// The rate weighted back to all declarations.
    pub estimated_rate: Option<f64>,
    /// For display only; null for one inspection as well.
    pub standard_error: Option<f64>,
    /// Lower limit of the 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper limit of the 95 % interval.
    pub ci_high: Option<f64>,
    /// As many inspections of equal chance would say about as much.
    pub effective_n: Option<f64>,
    /// What the rate speaks of.
    pub target: TargetName,
    /// How estimate and interval are made.
    #[schema(value_type = String)]
    pub method: &'static str,
}

impl RateAnswer {
    /// A rate in words of the interface.
    pub fn new(rate: &Rate, target: Target) -> Self {
        Self {
            inspected: rate.inspected,
            failed: rate.failed,
            observed_rate: rate.observed,
            estimated_rate: rate.estimated,
            standard_error: rate.standard_error,
            ci_low: rate.low,
            ci_high: rate.high,
            effective_n: rate.effective_n,
            target: target.into(),
            method: METHOD,
        }
    }
}

/// A part as a share of 1; `None` of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share to some digits")]
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
