//! A fit while it is under way.

use super::level::Levels;

/// Intercept and effects so far.
pub(super) struct State {
    pub intercept: f64,
    /// One for each factor of the recipe.
    pub factors: Vec<Effects>,
}

/// The effects of one factor.
pub(super) struct Effects {
    /// 0 while the factor is dropped.
    pub variance: f64,
    /// By level.
    pub effects: Vec<f64>,
}

impl State {
    /// No effects yet.
    pub fn new(intercept: f64, levels: &[Levels]) -> Self {
        let none =
            |levels: &Levels| Effects { variance: 0.0, effects: vec![0.0; levels.labels.len()] };
        Self { intercept, factors: levels.iter().map(none).collect() }
    }

    /// The log-odds of so many rows.
    pub fn log_odds(&self, levels: &[Levels], rows: usize) -> Vec<f64> {
        let mut log_odds = vec![self.intercept; rows];
        let kept = levels.iter().zip(&self.factors).filter(|(_, fitted)| fitted.variance > 0.0);
        for (levels, fitted) in kept {
            for (log_odds, &level) in log_odds.iter_mut().zip(&levels.of_row) {
                *log_odds += fitted.effects.get(level).copied().unwrap_or_default();
            }
        }
        log_odds
    }
}
