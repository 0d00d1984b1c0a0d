//! Rows grouped by the level that a factor gives them.

use super::factor::Factor;
use super::facts::{Facts, Lesson};
use super::label::{Edges, bin};
use std::ops::Range;

/// The levels of one factor, labels in bytewise order.
pub(super) struct Levels {
    pub factor: Factor,
    pub labels: Vec<String>,
    /// The level of each row.
    pub of_row: Vec<usize>,
    /// The rows of each level, ascending.
    rows: Vec<Vec<usize>>,
}

/// An inspector that is not known is one of the levels.
const UNKNOWN: &str = "?";

impl Levels {
    pub fn new(factor: Factor, ordered: &[&Lesson<'_>], edges: &Edges) -> Self {
        let fact = |text: for<'a> fn(&Facts<'a>) -> &'a str| {
            let keys: Vec<&str> = ordered.iter().map(|lesson| text(&lesson.facts)).collect();
            Self::of(factor, &keys, |key| String::from(*key))
        };
        let pair = |pair: for<'a> fn(&Facts<'a>) -> (&'a str, &'a str)| {
            let keys: Vec<_> = ordered.iter().map(|lesson| pair(&lesson.facts)).collect();
            Self::of(factor, &keys, |(first, second)| format!("{first}|{second}"))
        };
        let number = |number: fn(&Facts<'_>) -> Option<f64>, edges: &[f64]| {
            let keys: Vec<_> =
                ordered.iter().map(|lesson| bin(number(&lesson.facts), edges)).collect();
            Self::of(factor, &keys, |bin| bin.map_or_else(|| UNKNOWN.into(), |bin| bin.to_string()))
        };
        match factor {
            Factor::Inspector => {
                let keys: Vec<_> =
                    ordered.iter().map(|lesson| lesson.inspector.unwrap_or(UNKNOWN)).collect();
                Self::of(factor, &keys, |key| String::from(*key))
            }
            Factor::Hs2 => fact(|facts| facts.heading(2)),
            Factor::Hs4 => fact(|facts| facts.heading(4)),
            Factor::Hs6 => fact(|facts| facts.heading(6)),
            Factor::DestinationCountry => fact(|facts| facts.destination_country),
            Factor::Office => fact(|facts| facts.office),
            Factor::Exporter => fact(|facts| facts.exporter_id),
            Factor::Streak => fact(|facts| facts.streak.label()),
            Factor::LastSeverity => fact(|facts| facts.last_severity),
            Factor::ExporterHs4 => pair(|facts| (facts.exporter_id, facts.heading(4))),
            Factor::Hs2Country => pair(|facts| (facts.heading(2), facts.destination_country)),
            Factor::Hs4Country => pair(|facts| (facts.heading(4), facts.destination_country)),
            Factor::Weight => number(|facts| facts.log_weight(), &edges.weight),
            Factor::Value => number(|facts| facts.log_value(), &edges.value),
            Factor::UnitValue => number(|facts| facts.log_unit_value(), &edges.unit_value),
        }
    }

    /// Levels by key. Only the distinct keys are spelt out, and sorted again by their spelling.
    pub fn of<K: Ord>(factor: Factor, keys: &[K], spell: impl Fn(&K) -> String) -> Self {
        let mut keyed: Vec<(&K, usize)> = keys.iter().zip(0..).collect();
        keyed.sort_unstable();
        let groups = keyed.chunk_by(|(one, _), (next, _)| one == next);
        let mut spelt: Vec<(String, Vec<usize>)> = groups
            .filter_map(|group| {
                let (key, _) = group.first()?;
                Some((spell(key), group.iter().map(|&(_, row)| row).collect()))
            })
            .collect();
        spelt.sort_unstable();
        let mut of_row = vec![0; keys.len()];
        for (level, (_, rows)) in spelt.iter().enumerate() {
            for &row in rows {
                of_row.get_mut(row).into_iter().for_each(|place| *place = level);
            }
        }
        let (labels, rows) = spelt.into_iter().unzip();
        Self { factor, labels, of_row, rows }
    }
}

/// Rows of a factor in the order of their levels, those of equal weight together: sums over them
/// need no weights, and products no logarithms.
pub(super) struct Grouping {
    /// The rows, level by level.
    pub order: Vec<usize>,
    pub groups: Vec<Group>,
    runs: Vec<Run>,
}

/// One level.
pub(super) struct Group {
    runs: Range<usize>,
    /// Σwy.
    pub failed: f64,
}

/// Rows of one level and one weight, as places in the order.
pub(super) struct Run {
    pub weight: f64,
    pub rows: Range<usize>,
}

impl Grouping {
    pub fn new(levels: &Levels, weights: &[f64], failed: &[f64]) -> Self {
        let weight = |row: usize| weights.get(row).copied().unwrap_or_default();
        let fail = |row: usize| failed.get(row).copied().unwrap_or_default();
        let (mut order, mut groups, mut runs) = (Vec::new(), Vec::new(), Vec::new());
        for rows in &levels.rows {
            let mut rows = rows.clone();
            // Stable, so that rows of one weight keep their order.
            rows.sort_by_key(|&row| weight(row).to_bits());
            let first = runs.len();
            for run in rows.chunk_by(|&one, &next| weight(one) == weight(next)) {
                let weight = run.first().map_or(0.0, |&row| weight(row));
                runs.push(Run { weight, rows: order.len()..order.len() + run.len() });
                order.extend_from_slice(run);
            }
            let failed = rows.iter().map(|&row| weight(row) * fail(row)).sum();
            groups.push(Group { runs: first..runs.len(), failed });
        }
        Self { order, groups, runs }
    }

    /// The runs of a level.
    pub fn runs(&self, group: &Group) -> &[Run] {
        self.runs.get(group.runs.clone()).unwrap_or_default()
    }
}
