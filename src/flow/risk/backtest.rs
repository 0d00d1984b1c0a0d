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
    /// The model that was active: its recipe, fitted on the same results; of the same recipe the model
    /// itself, on what became known since.
    pub previous: Option<Rival>,
}

/// The model that was active when another one was fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rival {
    /// Its version.
    pub version: i32,
    /// Judged are results of inspection days from this one on.
    pub since: NaiveDate,
    /// All later results.
    pub all_rows: Judgement,
    /// The new ones.
    pub new_rows: Judgement,
}

/// The model that is active while another one is fitted.
pub(super) struct Previous {
    pub version: i32,
    pub as_of: NaiveDate,
    pub recipe: Recipe,
    pub model: Model,
}

/// Fewest results on either side of the split.
const FEWEST: usize = 25;

/// Judges a recipe; `None` while there are too few results.
pub(super) fn run(
    recipe: &Recipe,
    training: &Training,
    previous: Option<Previous>,
) -> Option<Backtest> {
    let split = split(&training.rows)?;
    let lessons = training.lessons(split);
    let judged = Judged::since(training, split);
    if lessons.len() < FEWEST || judged.later.len() < FEWEST {
        return None;
    }
    let (all_rows, new_rows) = judged.of(&risk::fit(recipe, &lessons));
    let previous = previous.map(|previous| {
        let Previous { version, as_of, recipe: other, model } = previous;
        let (since, (all_rows, new_rows)) = match other == *recipe {
            true => (as_of, Judged::since(training, as_of).of(&model)),
            false => (split, judged.of(&risk::fit(&other, &lessons))),
        };
        Rival { version, since, all_rows, new_rows }
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

/// The results that a model which knows what was known before a day has not seen.
struct Judged<'t> {
    training: &'t Training,
    /// In order of day and number.
    later: Vec<&'t TrainingRow>,
    /// The numbers of those whose commodity, destination and net weight none before had.
    fresh: HashSet<&'t str>,
}

impl<'t> Judged<'t> {
    /// The results of inspection days from one on. What an import knew before that day was learned.
    fn since(training: &'t Training, day: NaiveDate) -> Self {
        let unseen = |row: &&TrainingRow| row.day >= day && row.known_on >= day;
        let mut later: Vec<&TrainingRow> = training.rows.iter().filter(unseen).collect();
        later.sort_by_key(|row| (row.day, row.sheet.number.as_str()));
        let learned = training.rows.iter().filter(|row| row.known_on < day);
        let mut met: HashSet<_> = learned.filter_map(|row| row.sheet.line()).collect();
        let new = later.iter().filter(|row| row.sheet.line().is_none_or(|line| met.insert(line)));
        let fresh = new.map(|row| row.sheet.number.as_str()).collect();
        Self { training, later, fresh }
    }

    /// How a model does on all of them, and on the new ones.
    fn of(&self, model: &Model) -> (Judgement, Judgement) {
        let scored = |row: &TrainingRow| {
            let facts = row.sheet.facts(self.training.currency, &row.past);
            (model.probability(&facts), row.failed)
        };
        let all: Vec<_> = self.later.iter().map(|row| scored(row)).collect();
        let new = self.later.iter().filter(|row| self.fresh.contains(row.sheet.number.as_str()));
        let new: Vec<_> = new.map(|row| scored(row)).collect();
        (judge(&all), judge(&new))
    }
}
