//! From results to a model.

use super::choose::{Results, choose};
use super::facts::{Facts, Lesson};
use super::label::{Edges, edges};
use super::level::Levels;
use super::model::{FittedFactor, LevelEffect, Model, NoEffects};
use super::number::{logit, many};
use super::recipe::{Recipe, Variances};
use super::settle::settle;
use super::state::{Effects, State};
use super::weight::{decayed, in_order, line_weights};

/// The model that a recipe makes of results.
///
/// The same results make the same bits, in whatever order they come and on whatever machine.
/// There is always a model; where it has no effects it says why.
///
/// ```
/// use breeze::statistics::risk::{Facts, Lesson, NoEffects, Recipe, Streak, fit};
/// let facts = Facts {
///     commodity_code: "090111",
///     destination_country: "EG",
///     office: "QD",
///     exporter_id: "E1",
///     net_weight_kg: None,
///     value: None,
///     streak: Streak::None,
///     last_severity: "none",
/// };
/// let lesson = |failed| Lesson { facts, age_days: 10, failed, inspector: None };
/// let model = fit(&Recipe::default(), &[lesson(true), lesson(false), lesson(false)]);
/// assert_eq!(model.no_effects, Some(NoEffects::NothingEarned));
/// assert!((model.score(&facts).probability - 1.0 / 3.0).abs() < 1e-6);
/// ```
#[must_use]
pub fn fit(recipe: &Recipe, lessons: &[Lesson<'_>]) -> Model {
    let ordered = in_order(lessons);
    let lines = line_weights(&ordered);
    let failed: Vec<f64> =
        ordered.iter().map(|lesson| f64::from(u8::from(lesson.failed))).collect();
    let results = Results { failed: &failed, weights: &lines.weights };
    let mut model = Model::of_intercept(recipe, lessons, start(&results));
    model.line_correlation = lines.correlation;
    if model.failed == 0 || model.failed == model.rows {
        return model;
    }
    model.edges = cut(&ordered, recipe.bins);
    let level = |&factor| Levels::new(factor, &ordered, &model.edges);
    let levels: Vec<Levels> = recipe.factors.iter().map(level).collect();
    let mut state = State::new(model.intercept, &levels);
    vary(&mut state, &levels, &results, &recipe.variances);
    let weights = decayed(&lines.weights, &ordered, recipe.half_life_days);
    let results = Results { failed: &failed, weights: &weights };
    let tolerance = libm::exp10(-f64::from(recipe.settled_digits));
    model.settled = settle(&mut state, &levels, &results, tolerance, recipe.sweeps);
    model.take(state, levels, &weights);
    model
}

/// The log-odds of the weighted mean; of one class only, as if half of one more row had been of
/// each.
fn start(results: &Results<'_>) -> f64 {
    let rows = results.failed.iter().zip(results.weights);
    let failed: f64 = rows.map(|(failed, weight)| failed * weight).sum();
    let all: f64 = results.weights.iter().sum();
    let both = failed > 0.0 && results.failed.contains(&0.0);
    logit(if both { failed / all } else { (failed + 0.5) / (all + 1.0) })
}

/// Where the numbers of these rows are cut.
fn cut(ordered: &[&Lesson<'_>], bins: u32) -> Edges {
    let cut = |number: fn(&Facts<'_>) -> Option<f64>| {
        edges(ordered.iter().filter_map(|lesson| number(&lesson.facts)), bins)
    };
    Edges {
        weight: cut(|facts| facts.log_weight()),
        value: cut(|facts| facts.log_value()),
        unit_value: cut(|facts| facts.log_unit_value()),
    }
}

/// Gives each factor its variance.
fn vary(state: &mut State, levels: &[Levels], results: &Results<'_>, variances: &Variances) {
    let from_milli = |milli: u32| f64::from(milli) / 1_000.0;
    match variances {
        Variances::Chosen { grid_milli, gain_milli } => {
            let grid = grid_milli.iter().filter(|&&milli| milli > 0);
            let grid: Vec<f64> = grid.map(|&milli| from_milli(milli)).collect();
            choose(state, levels, results, &grid, from_milli(*gain_milli));
        }
        Variances::Fixed { milli } => {
            for (levels, fitted) in levels.iter().zip(&mut state.factors) {
                fitted.variance = milli.get(&levels.factor).map_or(0.0, |&milli| from_milli(milli));
            }
        }
    }
}

impl Model {
    fn of_intercept(recipe: &Recipe, lessons: &[Lesson<'_>], intercept: f64) -> Self {
        let failed = lessons.iter().filter(|lesson| lesson.failed).count();
        let no_effects =
            if lessons.is_empty() { NoEffects::NoResults } else { NoEffects::OneClass };
        let dropped = |&factor| FittedFactor { factor, variance: 0.0, levels: Vec::new() };
        Self {
            intercept,
            factors: recipe.factors.iter().map(dropped).collect(),
            edges: Edges::default(),
            line_correlation: 0.0,
            rows: many(lessons.len()),
            failed: many(failed),
            settled: true,
            no_effects: Some(no_effects),
        }
    }

    /// Takes over what was fitted. Nuisances leave only their weighted mean, in the intercept.
    fn take(&mut self, state: State, levels: Vec<Levels>, weights: &[f64]) {
        self.intercept = state.intercept;
        for ((fitted, levels), known) in self.factors.iter_mut().zip(levels).zip(state.factors) {
            fitted.variance = known.variance;
            if fitted.factor.is_nuisance() {
                self.intercept += mean(&levels, &known, weights);
            } else if known.variance > 0.0 {
                let labels = levels.labels.into_iter().zip(known.effects);
                fitted.levels =
                    labels.map(|(level, effect)| LevelEffect { level, effect }).collect();
            }
        }
        let scored = self.factors.iter().any(|fitted| !fitted.levels.is_empty());
        self.no_effects = (!scored).then_some(NoEffects::NothingEarned);
    }
}

/// The weighted mean of a factor's effects over the rows.
fn mean(levels: &Levels, known: &Effects, weights: &[f64]) -> f64 {
    let effect = |&level| known.effects.get(level).copied().unwrap_or_default();
    let rows = levels.of_row.iter().map(effect).zip(weights);
    let (sum, all) =
        rows.fold((0.0, 0.0), |(sum, all), (effect, weight)| (sum + weight * effect, all + weight));
    sum / all
}
