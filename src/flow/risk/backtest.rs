//! How a recipe does on results it has not seen: fitted on the earlier ones, judged on the later.

use super::fit::{Training, TrainingRow};
use crate::statistics::risk::{self, Judgement, Model, Recipe, judge};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A recipe judged on the latest fifth of the results. Chance finds the base rate at any share of the
/// list; that is what a judgement is held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// Judged are the results of inspection days from this one on, by a model of those known before.
    pub split: NaiveDate,
    /// How many results that model learned from.
    pub lessons: u64,
    /// All later results.
    pub all_rows: Judgement,
    /// Those whose commodity, destination and net weight none had before: what a model learned, not
    /// what it remembers.
    pub new_rows: Judgement,
    /// The recipe of the model that was active, fitted on the same results.
    pub previous: Option<Rival>,
}

/// Another recipe on the same results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rival {
    /// The version of the model that was active when this one was fitted.
    pub version: i32,
    /// All later results.
    pub all_rows: Judgement,
    /// The new ones.
    pub new_rows: Judgement,
}

/// Fewest results on either side of the split.
const FEWEST: usize = 25;

/// Judges a recipe; `None` while there are too few results.
pub(super) fn run(
    recipe: &Recipe,
    training: &Training,
    previous: Option<(i32, Recipe)>,
) -> Option<Backtest> {
    let split = split(&training.rows)?;
    let lessons = training.lessons(split);
    let later: Vec<&TrainingRow> = training.rows.iter().filter(|row| row.day >= split).collect();
    if lessons.len() < FEWEST || later.len() < FEWEST {
        return None;
    }
    let fresh = new_rows(training, split);
    let judged = |recipe: &Recipe| {
        let model = risk::fit(recipe, &lessons);
        (judgement(&model, training, &later, |_| true), {
            judgement(&model, training, &later, |row| fresh.contains(row.sheet.number.as_str()))
        })
    };
    let (all_rows, new_rows) = judged(recipe);
    let previous = previous.map(|(version, other)| {
        let (all_rows, new_rows) = judged(&other);
        Rival { version, all_rows, new_rows }
    });
    let lessons = u64::try_from(lessons.len()).unwrap_or(u64::MAX);
    Some(Backtest { split, lessons, all_rows, new_rows, previous })
}

/// The inspection day with which the latest fifth begins.
fn split(rows: &[TrainingRow]) -> Option<NaiveDate> {
    let mut days: Vec<NaiveDate> = rows.iter().map(|row| row.day).collect();
    days.sort_unstable();
    days.get(days.len() / 5 * 4).copied()
}

fn judgement(
    model: &Model,
    training: &Training,
    rows: &[&TrainingRow],
    keep: impl Fn(&TrainingRow) -> bool,
) -> Judgement {
    let scored = rows
        .iter()
        .filter(|row| keep(row))
        .map(|row| (model.probability(&row.sheet.facts(training.currency, &row.past)), row.failed));
    judge(&scored.collect::<Vec<_>>())
}

/// The numbers of later rows whose commodity, destination and net weight neither a lesson nor an
/// earlier later row had.
fn new_rows(training: &Training, split: NaiveDate) -> HashSet<&str> {
    let mut met: HashSet<_> = training
        .rows
        .iter()
        .filter(|row| row.known_on < split)
        .filter_map(|row| row.sheet.line())
        .collect();
    let mut later: Vec<_> = training.rows.iter().filter(|row| row.day >= split).collect();
    later.sort_by_key(|row| (row.day, row.sheet.number.as_str()));
    let fresh =
        later.into_iter().filter(|row| row.sheet.line().is_none_or(|line| met.insert(line)));
    fresh.map(|row| row.sheet.number.as_str()).collect()
}
