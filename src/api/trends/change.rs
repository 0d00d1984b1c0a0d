//! Comparisons as sent.

use crate::api::rate::RateAnswer;
use crate::flow::rates::{Compare, Comparison, Reason};
use crate::statistics::{Change, Estimate, RelativeChange, Target, Verdict};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// What rates are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompareName {
    /// The period of the same label a year before; of a part, the same part.
    PreviousYear,
    /// The whole period before.
    PreviousPeriod,
}

impl From<Compare> for CompareName {
    fn from(compare: Compare) -> Self {
        match compare {
            Compare::PreviousYear => Self::PreviousYear,
            Compare::PreviousPeriod => Self::PreviousPeriod,
        }
    }
}

/// What a change amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeVerdict {
    /// Fewer fail, by more than chance.
    Fell,
    /// More fail, by more than chance.
    Rose,
    /// Chance could have made it.
    NoClearChange,
}

impl From<Verdict> for ChangeVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Fell => Self::Fell,
            Verdict::Rose => Self::Rose,
            Verdict::NoClearChange => Self::NoClearChange,
        }
    }
}

/// Why there is no change to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoChangeReason {
    /// There is no such period: a week 53 where the year before has 52.
    NoPeriodBefore,
    /// Nothing was inspected.
    NothingInspected,
    /// Nothing was inspected in the period compared with.
    NothingInspectedBefore,
}

impl From<Reason> for NoChangeReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NoPeriodBefore => Self::NoPeriodBefore,
            Reason::NothingInspected => Self::NothingInspected,
            Reason::NothingInspectedBefore => Self::NothingInspectedBefore,
        }
    }
}

/// The period compared with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RateBefore {
    /// The label of the period.
    #[schema(example = "2025-10")]
    pub period: String,
    /// The first day that is compared with.
    pub from: NaiveDate,
    /// The last; fewer days than the label says where fewer are asked for.
    pub to: NaiveDate,
    /// Whether the rate may still move.
    pub provisional: bool,
    /// Fewer than 30 inspected: read the interval, not the rate.
    pub small: bool,
    /// The rate.
    pub rate: RateAnswer,
}

/// Rate now minus rate before, as a share of 1: −0.013 is 1.3 points fewer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct RateDifference {
    /// The difference.
    pub value: f64,
    /// Lower limit of the 95 % interval.
    pub ci_low: f64,
    /// Upper limit of the 95 % interval.
    pub ci_high: f64,
}

/// Rate now divided by rate before, minus 1: −0.26 is 26 % fewer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct RelativeRateChange {
    /// The change; null when nothing failed before.
    pub value: Option<f64>,
    /// Lower limit of the 95 % interval.
    pub ci_low: f64,
    /// Upper limit of the 95 % interval; null when unbounded.
    pub ci_high: Option<f64>,
}

/// The change from the period compared with. `difference`, `relative_change` and `verdict` are null where
/// a rate is missing, and then `reason` says why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RateChange {
    /// The period compared with; null where there is none.
    pub before: Option<RateBefore>,
    /// Rate now minus rate before.
    pub difference: Option<RateDifference>,
    /// The same as a share of the rate before.
    pub relative_change: Option<RelativeRateChange>,
    /// `fell` or `rose` where the interval of the difference leaves 0 out.
    pub verdict: Option<ChangeVerdict>,
    /// Why there is no change to tell.
    pub reason: Option<NoChangeReason>,
}

impl RateChange {
    /// A comparison in words of the interface.
    pub fn new(comparison: &Comparison) -> Self {
        let change = comparison.change.as_ref().ok();
        let before = comparison.before.as_ref().map(|before| RateBefore {
            period: before.span.period().to_string(),
            from: before.span.first(),
            to: before.span.last(),
            provisional: before.cell.provisional,
            small: before.cell.rate.inspected < super::answer::SMALL,
            rate: RateAnswer::new(&before.cell.rate, Target::Process),
        });
        Self {
            before,
            difference: change.map(|change| difference(&change.difference)),
            relative_change: change.map(|change| relative(&change.relative)),
            verdict: change.map(|Change { verdict, .. }| (*verdict).into()),
            reason: comparison.change.as_ref().err().map(|&reason| reason.into()),
        }
    }

    /// The cells of a file, in the order of `COLUMNS`.
    pub fn row(&self) -> Vec<String> {
        let Self { before, difference, relative_change: relative, verdict, reason } = self;
        let text = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
        let rate = before.as_ref().map(|before| &before.rate);
        let of_before =
            |show: fn(&RateBefore) -> String| before.as_ref().map(show).unwrap_or_default();
        vec![
            of_before(|before| before.period.clone()),
            of_before(|before| before.from.to_string()),
            of_before(|before| before.to.to_string()),
            of_before(|before| before.rate.inspected.to_string()),
            of_before(|before| before.rate.failed.to_string()),
            text(rate.and_then(|rate| rate.estimated_rate)),
            text(rate.and_then(|rate| rate.ci_low)),
            text(rate.and_then(|rate| rate.ci_high)),
            of_before(|before| before.provisional.to_string()),
            of_before(|before| before.small.to_string()),
            text(difference.map(|difference| difference.value)),
            text(difference.map(|difference| difference.ci_low)),
            text(difference.map(|difference| difference.ci_high)),
            text(relative.and_then(|relative| relative.value)),
            text(relative.map(|relative| relative.ci_low)),
            text(relative.and_then(|relative| relative.ci_high)),
            verdict.map(ChangeVerdict::name).unwrap_or_default().to_owned(),
            reason.map(NoChangeReason::name).unwrap_or_default().to_owned(),
        ]
    }
}

impl ChangeVerdict {
    /// The verdict as sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fell => Verdict::Fell.name(),
            Self::Rose => Verdict::Rose.name(),
            Self::NoClearChange => Verdict::NoClearChange.name(),
        }
    }
}

impl NoChangeReason {
    /// The reason as sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoPeriodBefore => Reason::NoPeriodBefore.as_str(),
            Self::NothingInspected => Reason::NothingInspected.as_str(),
            Self::NothingInspectedBefore => Reason::NothingInspectedBefore.as_str(),
        }
    }

    /// The reason in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoPeriodBefore => "no such period before",
            Self::NothingInspected => "nothing inspected",
            Self::NothingInspectedBefore => "nothing inspected then",
        }
    }
}

fn difference(&Estimate { value, low, high }: &Estimate) -> RateDifference {
    RateDifference { value, ci_low: low, ci_high: high }
}

fn relative(&RelativeChange { value, low, high }: &RelativeChange) -> RelativeRateChange {
    RelativeRateChange { value, ci_low: low, ci_high: high }
}

/// The columns of a file that a comparison adds.
pub const COLUMNS: [&str; 18] = [
    "before_period",
    "before_from",
    "before_to",
    "before_inspected",
    "before_failed",
    "before_estimated_rate",
    "before_ci_low",
    "before_ci_high",
    "before_provisional",
    "before_small",
    "difference",
    "difference_ci_low",
    "difference_ci_high",
    "relative_change",
    "relative_change_ci_low",
    "relative_change_ci_high",
    "verdict",
    "reason",
];
