//! What a rate speaks of.

use super::sums::Sums;

/// The population that a rate is meant for. The estimate is the same, its uncertainty is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// "What share of the goods declared in this period would have failed": once everything is
    /// inspected, nothing is left unknown.
    Declarations,
    /// "What is the quality behind them": for comparisons, trends and charts; even a complete
    /// inspection is one sample of the process.
    Process,
}

impl Target {
    /// The word used in answers: `declarations` or `process`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declarations => "declarations",
            Self::Process => "process",
        }
    }

    /// The pair (V, V1): (A, A1) where drawing is the only chance, (B, B1) where the goods are
    /// one too.
    pub(super) const fn variance_sums(self, sums: &Sums) -> (f64, f64) {
        match self {
            Self::Declarations => (sums.a, sums.ay),
            Self::Process => (sums.b, sums.by),
        }
    }
}
