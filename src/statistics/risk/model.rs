//! A fitted model and the scores it gives.

use super::factor::Factor;
use super::facts::Facts;
use super::label::{Edges, write_label};
use super::number::logistic;
use serde::{Deserialize, Serialize};
use std::f64::consts::LN_2;

/// An additive score: intercept plus one effect for the level of each factor, in log-odds.
///
/// Through `serde_json` it comes back bit by bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The log-odds of a declaration about which nothing is known.
    pub intercept: f64,
    /// All factors of the recipe in its order, kept or dropped.
    pub factors: Vec<FittedFactor>,
    /// Where numbers are cut into bins.
    pub edges: Edges,
    /// ρ: how much results of identical goods lines agree, 0 to 1.
    pub line_correlation: f64,
    /// Results learned from.
    pub rows: u64,
    /// Of these, failed.
    pub failed: u64,
    /// Whether the last sweep's steps were below the tolerance.
    pub settled: bool,
    /// Why no factor has effects; `None` where one has.
    pub no_effects: Option<NoEffects>,
}

/// Why a model scores every declaration alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoEffects {
    /// There was no result.
    NoResults,
    /// All results were failures, or none was.
    OneClass,
    /// No factor improved the model enough.
    NothingEarned,
}

/// One factor of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedFactor {
    /// Which.
    pub factor: Factor,
    /// The variance of its effects in squared log units; 0 when the factor was dropped.
    pub variance: f64,
    /// Effects by level, levels in bytewise order; none for a dropped factor or a nuisance.
    pub levels: Vec<LevelEffect>,
}

/// The effect of one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelEffect {
    /// The level's label, such as `0901` or `EX1|0901`.
    pub level: String,
    /// In log-odds.
    pub effect: f64,
}

impl FittedFactor {
    /// The effect of a level; `None` for one that was not met.
    #[must_use]
    pub fn effect(&self, level: &str) -> Option<f64> {
        let found = self.levels.binary_search_by(|known| known.level.as_str().cmp(level));
        found.ok().and_then(|at| self.levels.get(at)).map(|known| known.effect)
    }
}

/// A score and what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// The share that all declarations have.
    pub intercept: f64,
    /// One for each factor that has effects, in the order of the model.
    pub contributions: Vec<Contribution>,
    /// The sum, in log-odds.
    pub log_odds: f64,
    /// Estimated probability that the declaration fails.
    pub probability: f64,
}

/// What one factor adds to a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// Which factor.
    pub factor: Factor,
    /// The declaration's level of it.
    pub level: String,
    /// In log-odds; 0 for a level that was not met.
    pub log_odds: f64,
}

impl Contribution {
    /// In points: one more doubles the odds.
    #[must_use]
    pub fn points(&self) -> f64 {
        self.log_odds / LN_2
    }
}

impl Model {
    /// The score of a declaration, with its reasons.
    #[must_use]
    pub fn score(&self, facts: &Facts<'_>) -> Score {
        let contributions: Vec<_> = self
            .with_effects()
            .map(|fitted| {
                let mut level = String::new();
                write_label(fitted.factor, facts, &self.edges, &mut level);
                let log_odds = fitted.effect(&level).unwrap_or(0.0);
                Contribution { factor: fitted.factor, level, log_odds }
            })
            .collect();
        let effects = contributions.iter().map(|contribution| contribution.log_odds);
        let log_odds = effects.fold(self.intercept, |sum, effect| sum + effect);
        Score {
            intercept: self.intercept,
            contributions,
            log_odds,
            probability: logistic(log_odds),
        }
    }

    /// The probability of [`Model::score`] alone, bit by bit, for many declarations at a time.
    #[must_use]
    pub fn probability(&self, facts: &Facts<'_>) -> f64 {
        let mut label = String::new();
        logistic(self.with_effects().fold(self.intercept, |sum, fitted| {
            label.clear();
            write_label(fitted.factor, facts, &self.edges, &mut label);
            sum + fitted.effect(&label).unwrap_or(0.0)
        }))
    }

    fn with_effects(&self) -> impl Iterator<Item = &FittedFactor> {
        self.factors.iter().filter(|fitted| !fitted.levels.is_empty())
    }
}
