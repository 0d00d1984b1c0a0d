//! The risk score in force, and how it aims within each rule.

use super::world::{Declared, Known, Pasts, World};
use crate::domain::in_force::{Applied, InForce};
use crate::sampling::allocate::FACTOR_ONE;
use crate::statistics::risk::{FEWEST, Lesson, Model, Recipe, Scale, calibrate, fit};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// Days before a fit whose declarations say how scores are spread.
const WINDOW: u64 = 90;

/// A result that was revealed: where the declaration stands, and what was known of its exporter
/// when it was drawn.
#[derive(Clone, Copy, Debug)]
pub struct Revealed {
    /// Its place in the world.
    pub row: usize,
    /// What was known before its day.
    pub known: Known,
}

/// A model and its scales.
#[derive(Debug)]
pub struct Aim {
    /// The day before which it was fitted.
    pub fitted: NaiveDate,
    /// The model.
    pub model: Model,
    /// The declarations of the window with their probabilities, as known at the fit.
    window: Vec<(usize, f64)>,
    /// The scale of each rule met so far. A rule whose proportion or exponent changes is another.
    scales: BTreeMap<(String, u32, u32), Scale>,
}

impl Aim {
    /// Fits a model to what was revealed before `day`, and scores the declarations of the 90 days
    /// before it as if they came now: with what is known of their exporters today.
    pub fn fit(
        world: &World,
        recipe: &Recipe,
        revealed: &[Revealed],
        pasts: &Pasts,
        day: NaiveDate,
    ) -> Self {
        let lessons = revealed.iter().filter_map(|one| lesson(world, one, day));
        let model = fit(recipe, &lessons.collect::<Vec<_>>());
        let first = day.checked_sub_days(Days::new(WINDOW)).unwrap_or(day);
        let rows = world.declared();
        let from = rows.partition_point(|row| row.day < first);
        let until = rows.partition_point(|row| row.day < day);
        let recent = rows.iter().enumerate().take(until).skip(from);
        let score = |row: &Declared| model.probability(&world.facts(row, pasts.of(row.exporter)));
        let window = recent.map(|(at, row)| (at, score(row))).collect();
        Self { fitted: day, model, window, scales: BTreeMap::new() }
    }

    /// The scales of some rules. One that was not met since the fit is calibrated now, on the
    /// declarations of the window to which it would apply today; on all of them where these are
    /// fewer than 200.
    pub fn scales<'a>(
        &mut self,
        world: &World,
        in_force: &'a InForce,
        rules: &[Applied<'a>],
    ) -> BTreeMap<Applied<'a>, Scale> {
        let new: Vec<Applied<'a>> =
            rules.iter().filter(|rule| !self.scales.contains_key(&key(rule))).copied().collect();
        if !new.is_empty() {
            self.calibrate(world, in_force, &new);
        }
        let scale = |rule: &Applied<'a>| {
            (*rule, self.scales.get(&key(rule)).copied().unwrap_or(Scale::NONE))
        };
        rules.iter().map(scale).collect()
    }

    fn calibrate<'a>(&mut self, world: &World, in_force: &'a InForce, new: &[Applied<'a>]) {
        let mut of_rule: BTreeMap<Applied<'a>, Vec<f64>> = BTreeMap::new();
        for &(at, probability) in &self.window {
            let row = world.declared().get(at);
            let applied = row.and_then(|row| in_force.applied(world.goods(row)));
            if let Some(applied) = applied.filter(|applied| new.contains(applied)) {
                of_rule.entry(applied).or_default().push(probability);
            }
        }
        let all: Vec<f64> = self.window.iter().map(|&(_, probability)| probability).collect();
        for rule in new {
            let own = of_rule.get(rule).filter(|own| own.len() >= FEWEST).unwrap_or(&all);
            let floor = in_force.policy.floor_ppm;
            // Every factor is 1 where even all of them are too few.
            let scale = calibrate(own, rule.proportion_ppm, floor, rule.exponent_milli);
            self.scales.insert(key(rule), scale);
        }
    }
}

/// The risk factor of a declaration under a rule; 1 without a model.
pub fn factor(aim: Option<(&Aim, Scale)>, world: &World, row: &Declared, known: Known) -> u32 {
    match aim {
        Some((aim, scale)) if scale.log2_constant.is_some() => {
            scale.factor(aim.model.probability(&world.facts(row, known)))
        }
        _ => FACTOR_ONE,
    }
}

fn key(rule: &Applied<'_>) -> (String, u32, u32) {
    (rule.rule.to_owned(), rule.proportion_ppm, rule.exponent_milli)
}

fn lesson<'w>(world: &'w World, revealed: &Revealed, day: NaiveDate) -> Option<Lesson<'w>> {
    let row = world.declared().get(revealed.row)?;
    Some(Lesson {
        facts: world.facts(row, revealed.known),
        age_days: u32::try_from((day - row.day).num_days()).unwrap_or(0),
        failed: row.truth.failed,
        inspector: None,
    })
}
