//! Two policies on the same history, side by side.

use super::engine::Rules;
use super::report::{Report, Totals};
use super::world::World;
use crate::domain::in_force::{Applied, InForce};
use crate::statistics::float;
use serde::Serialize;
use std::collections::BTreeMap;

/// Two replays of the same history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The figures of both, and how much more the first has.
    pub figures: Vec<Difference>,
    /// Declarations to which other rules apply, by pair of rules; the most frequent first.
    pub rules: Vec<RulePair>,
}

/// One figure of both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Its name, as in the totals of a report.
    pub figure: &'static str,
    /// Of the first policy.
    pub policy: Option<f64>,
    /// Of the policy that it is held against.
    pub against: Option<f64>,
    /// first − other.
    pub difference: Option<f64>,
}

/// Declarations that one rule holds under the first policy, and another one under the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RulePair {
    /// Under the first policy.
    pub policy: RuleShown,
    /// Under the policy that it is held against.
    pub against: RuleShown,
    /// How many.
    pub declarations: u64,
}

/// What a rule asks for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleShown {
    /// Its name.
    pub rule: String,
    /// Inspection proportion in millionths.
    pub proportion_ppm: u32,
    /// Targeting exponent in thousandths.
    pub exponent_milli: u32,
}

impl Comparison {
    /// Holds the replay of one policy against that of another.
    pub fn of(world: &World, first: (Rules<'_>, &Report), other: (Rules<'_>, &Report)) -> Self {
        Self {
            figures: figures(&first.1.totals, &other.1.totals),
            rules: pairs(world, first.0, other.0),
        }
    }
}

type Figure = (&'static str, fn(&Totals) -> Option<f64>);

const FIGURES: [Figure; 10] = [
    ("asked", |totals| Some(totals.asked)),
    ("inspections", |totals| Some(float(totals.inspections))),
    ("failures_found", |totals| Some(float(totals.failures_found))),
    ("precision", |totals| totals.precision),
    ("equal_precision", |totals| totals.equal_precision),
    ("lift", |totals| totals.lift),
    ("days_over_capacity", |totals| Some(float(totals.days_over_capacity))),
    ("worst_shrink", |totals| Some(totals.worst_shrink)),
    ("months_covered", |totals| Some(float(totals.months_covered))),
    ("relative_rmse", |totals| totals.relative_rmse),
];

fn figures(first: &Totals, other: &Totals) -> Vec<Difference> {
    let figure = |&(figure, of): &Figure| {
        let (policy, against) = (of(first), of(other));
        let difference = policy.zip(against).map(|(policy, against)| policy - against);
        Difference { figure, policy, against, difference }
    };
    FIGURES.iter().map(figure).collect()
}

fn pairs(world: &World, first: Rules<'_>, other: Rules<'_>) -> Vec<RulePair> {
    let mut counts: BTreeMap<(RuleKey, RuleKey), u64> = BTreeMap::new();
    for rows in world.declared().chunk_by(|one, next| one.day == next.day) {
        let Some(day) = rows.first().map(|row| row.day) else { continue };
        let in_force = |rules: Rules<'_>| InForce::new(rules.policy.clone(), rules.campaigns, day);
        let (first, other) = (in_force(first), in_force(other));
        let mut of_day: BTreeMap<(Applied<'_>, Applied<'_>), u64> = BTreeMap::new();
        for row in rows {
            let goods = world.goods(row);
            if let Some(pair) = first.applied(goods).zip(other.applied(goods)).filter(differs) {
                *of_day.entry(pair).or_default() += 1;
            }
        }
        for ((first, other), count) in of_day {
            *counts.entry((key(first), key(other))).or_default() += count;
        }
    }
    let mut pairs: Vec<RulePair> = counts.into_iter().map(pair).collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.declarations));
    pairs
}

type RuleKey = (String, u32, u32);

fn key(rule: Applied<'_>) -> RuleKey {
    (rule.rule.to_owned(), rule.proportion_ppm, rule.exponent_milli)
}

/// Whether they ask for something else, however they are called.
fn differs((first, other): &(Applied<'_>, Applied<'_>)) -> bool {
    let asks = |rule: &Applied<'_>| (rule.proportion_ppm, rule.exponent_milli);
    asks(first) != asks(other)
}

fn pair(((first, other), declarations): ((RuleKey, RuleKey), u64)) -> RulePair {
    let shown =
        |(rule, proportion_ppm, exponent_milli)| RuleShown { rule, proportion_ppm, exponent_milli };
    RulePair { policy: shown(first), against: shown(other), declarations }
}
