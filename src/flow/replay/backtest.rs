//! Back-test: a risk score that learned from the results before a day, judged on those from it on.

use super::world::{Declared, Known, Pasts, World};
use crate::statistics::risk::{Judgement, Lesson, Model, judge};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::HashSet;

/// A history cut in two.
pub struct Split<'w> {
    world: &'w World,
    /// The first day that is judged.
    day: NaiveDate,
    /// What was known of each exporter before each declaration's day.
    known: Vec<Known>,
}

/// How good the scores were.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// All declarations from the day on.
    pub all_rows: Judgement,
    /// Those whose line of goods (commodity code, destination country, net weight) was in no
    /// declaration before: neither learned from nor judged already. One without a weight repeats
    /// nothing.
    pub new_rows: Judgement,
}

impl<'w> Split<'w> {
    /// Cuts a history before `day`, and labels every declaration with what was known of its exporter
    /// before its own day: all results of earlier days.
    pub fn new(world: &'w World, day: NaiveDate) -> Self {
        let mut pasts = Pasts::new(world);
        let mut known = Vec::with_capacity(world.declared().len());
        for rows in world.declared().chunk_by(|one, next| one.day == next.day) {
            known.extend(rows.iter().map(|row| pasts.of(row.exporter)));
            rows.iter().for_each(|row| pasts.tell(row));
        }
        Self { world, day, known }
    }

    /// The results before the day.
    pub fn lessons(&self) -> Vec<Lesson<'w>> {
        let before = self.world.declared().iter().zip(&self.known);
        let before = before.take_while(|(row, _)| row.day < self.day);
        let lesson = |(row, &known)| self.lesson(row, known);
        before.map(lesson).collect()
    }

    fn lesson(&self, row: &'w Declared, known: Known) -> Lesson<'w> {
        Lesson {
            facts: self.world.facts(row, known),
            age_days: u32::try_from((self.day - row.day).num_days()).unwrap_or(0),
            failed: row.truth.failed,
            inspector: None,
        }
    }

    /// Judges a model on the declarations from the day on.
    pub fn judge(&self, model: &Model) -> Verdict {
        let mut met = HashSet::new();
        let (mut all, mut new) = (Vec::new(), Vec::new());
        for (row, &known) in self.world.declared().iter().zip(&self.known) {
            let line = row.net_weight_kg.map(|w| (row.commodity, row.country.alpha2, w.to_bits()));
            let is_new = line.is_none_or(|line| met.insert(line));
            if row.day < self.day {
                continue;
            }
            let scored = (model.probability(&self.world.facts(row, known)), row.truth.failed);
            all.push(scored);
            if is_new {
                new.push(scored);
            }
        }
        Verdict { all_rows: judge(&all), new_rows: judge(&new) }
    }
}
