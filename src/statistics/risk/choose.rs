//! Which factors earn their place, and how much their levels differ.

use super::level::{Grouping, Levels};
use super::marginal::OneFactor;
use super::number::logistic;
use super::state::State;

/// Rounds over all factors: what one factor explains, another may have explained before.
const ROUNDS: u32 = 2;

/// Results as numbers, in their fixed order.
pub(super) struct Results<'a> {
    /// 1 failed, 0 passed.
    pub failed: &'a [f64],
    /// How much each counts.
    pub weights: &'a [f64],
}

/// Forward selection by marginal likelihood: given all others, each factor takes the variance of
/// the grid under which the results are most likely, and is dropped where that does not beat its
/// absence by `gain` log units.
pub(super) fn choose(
    state: &mut State,
    levels: &[Levels],
    results: &Results<'_>,
    grid: &[f64],
    gain: f64,
) {
    let grouping = |levels| Grouping::new(levels, results.weights, results.failed);
    let groupings: Vec<Grouping> = levels.iter().map(grouping).collect();
    let mut log_odds = state.log_odds(levels, results.failed.len());
    for _ in 0..ROUNDS {
        for ((levels, grouping), fitted) in levels.iter().zip(&groupings).zip(&mut state.factors) {
            add(&mut log_odds, levels, &fitted.effects, -1.0);
            let (variance, effects) =
                best(grouping, &log_odds, results, grid, gain, &fitted.effects);
            add(&mut log_odds, levels, &effects, 1.0);
            (fitted.variance, fitted.effects) = (variance, effects);
            let step = intercept_step(&log_odds, results);
            state.intercept += step;
            log_odds.iter_mut().for_each(|log_odds| *log_odds += step);
        }
    }
}

/// The best variance and its modes; 0 and zeros for a factor that does not earn its place.
fn best(
    grouping: &Grouping,
    log_odds: &[f64],
    results: &Results<'_>,
    grid: &[f64],
    gain: f64,
    start: &[f64],
) -> (f64, Vec<f64>) {
    let rows = results.failed.iter().zip(results.weights).zip(log_odds);
    let given = rows.map(|((failed, weight), log_odds)| failed * weight * log_odds).sum();
    let offsets = grouping.order.iter().map(|&row| log_odds.get(row).copied().unwrap_or_default());
    let factor = OneFactor::new(grouping, offsets, given);
    let mut modes = start.to_vec();
    let (mut likeliest, mut chosen) = (factor.absent() + gain, (0.0, vec![0.0; modes.len()]));
    for &variance in grid {
        let likelihood = factor.present(variance, &mut modes);
        if likelihood > likeliest {
            likeliest = likelihood;
            chosen.0 = variance;
            chosen.1.copy_from_slice(&modes);
        }
    }
    chosen
}

/// Adds a factor's effects to the log-odds of its rows, or takes them away.
fn add(log_odds: &mut [f64], levels: &Levels, effects: &[f64], sign: f64) {
    for (log_odds, &level) in log_odds.iter_mut().zip(&levels.of_row) {
        *log_odds += sign * effects.get(level).copied().unwrap_or_default();
    }
}

/// One plain Newton step of the intercept.
fn intercept_step(log_odds: &[f64], results: &Results<'_>) -> f64 {
    let (mut slope, mut curvature) = (0.0, 0.0);
    for ((log_odds, failed), weight) in log_odds.iter().zip(results.failed).zip(results.weights) {
        let p = logistic(*log_odds);
        slope += weight * (failed - p);
        curvature += weight * p * (1.0 - p);
    }
    let step = slope / curvature;
    if step.is_finite() { step } else { 0.0 }
}
