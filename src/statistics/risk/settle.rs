//! All effects together.

use super::choose::Results;
use super::level::Levels;
use super::number::{count, odds};
use super::state::{Effects, State};

/// Longest step at a time, in log-odds.
const LONGEST: f64 = 1.0;

/// Takes all effects and the intercept to their joint mode, in sweeps of one damped Newton step
/// for each factor and the intercept. The posterior is concave, so the path does not matter.
/// Whether the largest step fell below the tolerance within so many sweeps.
pub(super) fn settle(
    state: &mut State,
    levels: &[Levels],
    results: &Results<'_>,
    tolerance: f64,
    sweeps: u32,
) -> bool {
    for _ in 0..sweeps {
        let largest = sweep(state, levels, results);
        if largest < tolerance {
            return true;
        }
    }
    false
}

/// One sweep; returns its largest step.
fn sweep(state: &mut State, levels: &[Levels], results: &Results<'_>) -> f64 {
    // Anew in each sweep, so that roundings do not add up.
    let log_odds = state.log_odds(levels, results.failed.len());
    let mut odds: Vec<f64> = log_odds.into_iter().map(odds).collect();
    let mut largest = 0.0_f64;
    for (levels, fitted) in levels.iter().zip(&mut state.factors) {
        if fitted.variance > 0.0 {
            largest = largest.max(step_factor(&mut odds, levels, results, fitted));
        }
    }
    let step = step_intercept(&odds, results);
    state.intercept += step;
    largest.max(step.abs()).max(centre(state))
}

/// Moves the mean of each factor's effects into the intercept. No row's log-odds change, and the
/// intercept costs nothing, so this only leads uphill; at the mode all means are 0. Without it
/// intercept and effects creep past each other for hundreds of sweeps.
fn centre(state: &mut State) -> f64 {
    let mut largest = 0.0_f64;
    for fitted in state.factors.iter_mut().filter(|fitted| fitted.variance > 0.0) {
        let mean = fitted.effects.iter().sum::<f64>() / count(fitted.effects.len());
        fitted.effects.iter_mut().for_each(|effect| *effect -= mean);
        state.intercept += mean;
        largest = largest.max(mean.abs());
    }
    largest
}

/// Slope and curvature of the log-likelihood in one effect.
#[derive(Clone, Copy, Default)]
struct Slope {
    slope: f64,
    curvature: f64,
}

impl Slope {
    fn add(&mut self, odds: f64, failed: f64, weight: f64) {
        let p = odds / (1.0 + odds);
        self.slope += weight * (failed - p);
        self.curvature += weight * p * (1.0 - p);
    }

    fn step(self) -> f64 {
        let step = (self.slope / self.curvature).clamp(-LONGEST, LONGEST);
        // Rows that no longer count, or odds at the end of the range: nothing to learn.
        if step.is_finite() { step } else { 0.0 }
    }
}

fn step_factor(
    rows: &mut [f64],
    levels: &Levels,
    results: &Results<'_>,
    fitted: &mut Effects,
) -> f64 {
    let mut slopes = vec![Slope::default(); fitted.effects.len()];
    let weighed = results.failed.iter().zip(results.weights);
    for ((&level, &odds), (&failed, &weight)) in levels.of_row.iter().zip(&*rows).zip(weighed) {
        if let Some(slope) = slopes.get_mut(level) {
            slope.add(odds, failed, weight);
        }
    }
    let (mut largest, mut factors) = (0.0_f64, Vec::with_capacity(slopes.len()));
    for (slope, effect) in slopes.iter().zip(&mut fitted.effects) {
        let shrunk = Slope {
            slope: slope.slope - *effect / fitted.variance,
            curvature: slope.curvature + 1.0 / fitted.variance,
        };
        let step = shrunk.step();
        *effect += step;
        factors.push(odds(step));
        largest = largest.max(step.abs());
    }
    for (odds, &level) in rows.iter_mut().zip(&levels.of_row) {
        *odds *= factors.get(level).copied().unwrap_or(1.0);
    }
    largest
}

fn step_intercept(rows: &[f64], results: &Results<'_>) -> f64 {
    let mut slope = Slope::default();
    let weighed = results.failed.iter().zip(results.weights);
    for (&odds, (&failed, &weight)) in rows.iter().zip(weighed) {
        slope.add(odds, failed, weight);
    }
    slope.step()
}
