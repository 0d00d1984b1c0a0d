//! What signals, and what cannot.

/// A rule by which a period signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The rate lies above the upper limit of the p chart.
    AboveLimit,
    /// The rate lies below the lower limit of the p chart.
    BelowLimit,
    /// The EWMA lies above its limit: some periods together are high.
    EwmaHigh,
    /// The EWMA lies below its limit.
    EwmaLow,
    /// The upward CUSUM lies above its limit: the process has been higher for a while.
    CusumHigh,
    /// The downward CUSUM lies above its limit: the process has been lower for a while.
    CusumLow,
}

impl Rule {
    /// All of them, in the order in which a period lists them.
    pub const ALL: [Self; 6] = [
        Self::AboveLimit,
        Self::BelowLimit,
        Self::EwmaHigh,
        Self::EwmaLow,
        Self::CusumHigh,
        Self::CusumLow,
    ];

    /// The word used in answers, such as `above_limit`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AboveLimit => "above_limit",
            Self::BelowLimit => "below_limit",
            Self::EwmaHigh => "ewma_high",
            Self::EwmaLow => "ewma_low",
            Self::CusumHigh => "cusum_high",
            Self::CusumLow => "cusum_low",
        }
    }
}

/// Why a period has no limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoLimits {
    /// Nothing was inspected in the period itself.
    NothingInspected,
    /// The baseline has no periods: none lie before, or the fixed range lies outside the chart.
    NoBaseline,
    /// Nothing was inspected in the periods of the baseline.
    BaselineNotInspected,
    /// Fewer than [`FEWEST`](super::FEWEST) periods of the baseline have inspections.
    BaselineTooShort,
    /// Nothing failed in the baseline: it does not tell how far rates scatter.
    BaselineWithoutFailures,
    /// Nothing passed in the baseline, which does not tell it either.
    BaselineWithoutPasses,
}

impl NoLimits {
    /// All of them; of several reasons the first one is given.
    pub const ALL: [Self; 6] = [
        Self::NothingInspected,
        Self::NoBaseline,
        Self::BaselineNotInspected,
        Self::BaselineTooShort,
        Self::BaselineWithoutFailures,
        Self::BaselineWithoutPasses,
    ];

    /// The word used in answers, such as `baseline_too_short`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NothingInspected => "nothing_inspected",
            Self::NoBaseline => "no_baseline",
            Self::BaselineNotInspected => "baseline_not_inspected",
            Self::BaselineTooShort => "baseline_too_short",
            Self::BaselineWithoutFailures => "baseline_without_failures",
            Self::BaselineWithoutPasses => "baseline_without_passes",
        }
    }
}
