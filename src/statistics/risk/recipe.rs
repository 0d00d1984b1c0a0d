//! What a model is made of, before any result is known. People approve a recipe; models are made
//! from it every night.

use super::factor::Factor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All parameters of a fit, as integers, so that a recipe has one spelling and one digest.
///
/// The default is production. Any recipe gives a model; [`Recipe::check`] says which make sense.
///
/// ```
/// use breeze::statistics::risk::Recipe;
/// assert!(Recipe::default().check().is_ok());
/// assert!(Recipe { half_life_days: 0, ..Recipe::default() }.check().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The factors in the order in which they are tried, each once; nuisances first.
    pub factors: Vec<Factor>,
    /// How the variance of each factor comes about.
    pub variances: Variances,
    /// Days after which a result counts half.
    pub half_life_days: u32,
    /// Into how many bins numbers are cut, at the quantiles of the training rows.
    pub bins: u32,
    /// Effects count as settled when no step is larger than ten to minus this.
    pub settled_digits: u32,
    /// Most sweeps over all factors.
    pub sweeps: u32,
}

/// Where the variances of the factors come from; all in thousandths of a squared log unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Variances {
    /// The most likely of a grid, for factors that earn their place.
    Chosen {
        /// The variances that are tried.
        grid_milli: Vec<u32>,
        /// By how many thousandths of a log unit the marginal likelihood must be better with
        /// the factor than without it.
        gain_milli: u32,
    },
    /// Given; a factor that is not named, or has 0, is dropped.
    Fixed {
        /// The variance of each factor.
        milli: BTreeMap<Factor, u32>,
    },
}

/// A recipe that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// A factor stands twice.
    #[error("factor {} stands twice: name each factor once", .0.name())]
    Twice(Factor),
    /// A nuisance stands behind a factor that is scored.
    #[error("factor {} is never scored: put it first", .0.name())]
    NuisanceLate(Factor),
    /// No grid.
    #[error("no variances to choose from: name 1 to 20")]
    Grid,
    /// A variance out of range.
    #[error("a variance of {0} thousandths: choose 1 to 100000")]
    Variance(u32),
    /// A half-life out of range.
    #[error("a half-life of {0} days: choose 1 to 100000")]
    HalfLife(u32),
    /// A number of bins out of range.
    #[error("{0} bins: choose 1 to 100")]
    Bins(u32),
    /// A tolerance out of range.
    #[error("settled to {0} digits: choose 3 to 12")]
    Digits(u32),
    /// A number of sweeps out of range.
    #[error("{0} sweeps: choose 1 to 20000")]
    Sweeps(u32),
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            factors: [Factor::Inspector].into_iter().chain(Factor::SCORED).collect(),
            variances: Variances::default(),
            half_life_days: 1_095,
            bins: 8,
            settled_digits: 6,
            sweeps: 200,
        }
    }
}

impl Default for Variances {
    fn default() -> Self {
        let grid_milli = vec![10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000];
        Self::Chosen { grid_milli, gain_milli: 2_000 }
    }
}

impl Recipe {
    /// Whether the recipe makes sense.
    ///
    /// # Errors
    /// [`RecipeError`] names the first parameter that does not.
    pub fn check(&self) -> Result<(), RecipeError> {
        self.check_factors()?;
        self.variances.check()?;
        within(self.half_life_days, 1, 100_000, RecipeError::HalfLife)?;
        within(self.bins, 1, 100, RecipeError::Bins)?;
        within(self.settled_digits, 3, 12, RecipeError::Digits)?;
        within(self.sweeps, 1, 20_000, RecipeError::Sweeps)
    }

    fn check_factors(&self) -> Result<(), RecipeError> {
        let mut seen: Vec<Factor> = Vec::new();
        for &factor in &self.factors {
            if seen.contains(&factor) {
                return Err(RecipeError::Twice(factor));
            }
            if factor.is_nuisance() && seen.iter().any(|earlier| !earlier.is_nuisance()) {
                return Err(RecipeError::NuisanceLate(factor));
            }
            seen.push(factor);
        }
        Ok(())
    }
}

impl Variances {
    fn check(&self) -> Result<(), RecipeError> {
        let (named, least): (Vec<u32>, u32) = match self {
            Self::Chosen { grid_milli, .. } if grid_milli.is_empty() || grid_milli.len() > 20 => {
                return Err(RecipeError::Grid);
            }
            Self::Chosen { grid_milli, .. } => (grid_milli.clone(), 1),
            Self::Fixed { milli } => (milli.values().copied().collect(), 0),
        };
        let mut named = named.into_iter();
        named.try_for_each(|milli| within(milli, least, 100_000, RecipeError::Variance))
    }
}

fn within(
    number: u32,
    least: u32,
    most: u32,
    error: fn(u32) -> RecipeError,
) -> Result<(), RecipeError> {
    if (least..=most).contains(&number) { Ok(()) } else { Err(error(number)) }
}
