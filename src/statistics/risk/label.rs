//! The level of a declaration under each factor.

use super::factor::Factor;
use super::facts::Facts;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Where numbers are cut: ascending, in log₁₀ of kilograms, of money, and of money a kilogram.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edges {
    /// Of log₁₀(weight + 0.1).
    pub weight: Vec<f64>,
    /// Of log₁₀(value + 1).
    pub value: Vec<f64>,
    /// Of the difference of the two, value less weight.
    pub unit_value: Vec<f64>,
}

/// The quantiles x[(i·n) div bins], i = 1 … bins − 1, of the numbers; equal ones once.
pub(super) fn edges(numbers: impl Iterator<Item = f64>, bins: u32) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let bins = usize::try_from(bins).unwrap_or(usize::MAX);
    let places = (1..bins).map(|i| i.saturating_mul(sorted.len()) / bins);
    let mut edges: Vec<f64> = places.filter_map(|at| sorted.get(at).copied()).collect();
    edges.dedup();
    edges
}

/// The number of edges that a number has reached; `None` where there is no number.
pub(super) fn bin(number: Option<f64>, edges: &[f64]) -> Option<usize> {
    number.map(|number| edges.partition_point(|edge| *edge <= number))
}

/// Writes the level of a declaration under a factor. A missing number is `?`; the parts of a
/// pair are joined by `|`. A nuisance is no fact of a declaration and writes nothing.
pub(super) fn write_label(factor: Factor, facts: &Facts<'_>, edges: &Edges, label: &mut String) {
    match factor {
        Factor::Inspector => {}
        Factor::Weight => write_bin(bin(facts.log_weight(), &edges.weight), label),
        Factor::Value => write_bin(bin(facts.log_value(), &edges.value), label),
        Factor::UnitValue => write_bin(bin(facts.log_unit_value(), &edges.unit_value), label),
        Factor::ExporterHs4 => write_pair(facts.exporter_id, facts.heading(4), label),
        Factor::Hs2Country => write_pair(facts.heading(2), facts.destination_country, label),
        Factor::Hs4Country => write_pair(facts.heading(4), facts.destination_country, label),
        Factor::Hs2 => label.push_str(facts.heading(2)),
        Factor::Hs4 => label.push_str(facts.heading(4)),
        Factor::Hs6 => label.push_str(facts.heading(6)),
        Factor::DestinationCountry => label.push_str(facts.destination_country),
        Factor::Office => label.push_str(facts.office),
        Factor::Exporter => label.push_str(facts.exporter_id),
        Factor::Streak => label.push_str(facts.streak.label()),
        Factor::LastSeverity => label.push_str(facts.last_severity),
    }
}

fn write_bin(bin: Option<usize>, label: &mut String) {
    match bin {
        // Writing to a text cannot fail.
        Some(bin) => write!(label, "{bin}").unwrap_or_default(),
        None => label.push('?'),
    }
}

fn write_pair(first: &str, second: &str, label: &mut String) {
    label.extend([first, "|", second]);
}
