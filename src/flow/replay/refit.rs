//! How often the risk score learns.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

/// How often a new model is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refit {
    /// Before each day, as the service does.
    Daily,
    /// Before the first day of each week with declarations (ISO 8601).
    Weekly,
    /// Before the first day of each month with declarations.
    Monthly,
    /// No risk score at all: every factor is 1.
    Never,
}

impl Refit {
    /// Whether a model is due before `day`, the last one having been fitted before `last`. The
    /// first is due as soon as there are results.
    pub fn is_due(self, last: Option<NaiveDate>, day: NaiveDate) -> bool {
        let Some(last) = last else { return self != Self::Never };
        match self {
            Self::Daily => last != day,
            Self::Weekly => last.iso_week() != day.iso_week(),
            Self::Monthly => (last.year(), last.month()) != (day.year(), day.month()),
            Self::Never => false,
        }
    }

    /// Finds it by its word.
    pub fn find(word: &str) -> Option<Self> {
        match word {
            "daily" => Some(Self::Daily),
            "weekly" => Some(Self::Weekly),
            "monthly" => Some(Self::Monthly),
            "never" => Some(Self::Never),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_due_with_the_first_results_and_then_at_each_turn() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (thursday, friday, monday) = (day("2026-12-31"), day("2027-01-01"), day("2027-01-04"));
        for refit in [Refit::Daily, Refit::Weekly, Refit::Monthly] {
            assert!(refit.is_due(None, friday));
            assert!(!refit.is_due(Some(friday), friday));
        }
        assert!(Refit::Daily.is_due(Some(thursday), friday));
        assert!(Refit::Monthly.is_due(Some(thursday), friday));
        assert!(!Refit::Weekly.is_due(Some(thursday), friday), "one week of two years");
        assert!(Refit::Weekly.is_due(Some(friday), monday));
        assert!(!Refit::Never.is_due(None, friday));
    }
}
