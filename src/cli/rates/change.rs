//! What `breeze rates --compare` adds to the table, and the sentences below it.

use super::percent;
use crate::api::trends::{ChangeVerdict, FailureRates, RateBefore, RateChange};
use crate::domain::headline::TOO_FEW;

/// The columns that a comparison adds.
pub(super) const COLUMNS: [&str; 5] = ["before", "then", "points", "95 %", ""];

/// More sentences than this nobody reads.
const SENTENCES: usize = 12;

/// The cells of a row, in the order of [`COLUMNS`].
pub(super) fn row(change: &RateChange) -> Vec<String> {
    let none = || "–".to_owned();
    let before = change.before.as_ref();
    let interval = |(low, high)| format!("{} to {}", points(low), points(high));
    let limits = change.difference.map(|difference| (difference.ci_low, difference.ci_high));
    vec![
        before.map_or_else(none, |before| before.period.clone()),
        before.map_or_else(none, then),
        change.difference.map_or_else(none, |difference| points(difference.value)),
        limits.map_or_else(none, interval),
        words(change).into(),
    ]
}

fn then(before: &RateBefore) -> String {
    let star = if before.small { " *" } else { "" };
    let open = if before.provisional { " …" } else { "" };
    match before.rate.estimated_rate {
        Some(rate) if before.rate.inspected >= TOO_FEW => format!("{}{star}{open}", percent(rate)),
        _ => format!("–{star}{open}"),
    }
}

/// Hundredths with their sign.
fn points(share: f64) -> String {
    format!("{:+.1}", 100.0 * share)
}

fn words(change: &RateChange) -> &'static str {
    match (change.verdict, change.reason) {
        (Some(ChangeVerdict::Fell), _) => "fell",
        (Some(ChangeVerdict::Rose), _) => "rose",
        (Some(ChangeVerdict::NoClearChange), _) => "no clear change",
        (None, Some(reason)) => reason.words(),
        (None, None) => "",
    }
}

/// The sentences of the last period; none where nothing is compared.
pub(super) fn sentences(rates: &FailureRates) -> String {
    let last = rates.items.last().map(|item| &item.period);
    let items = rates.items.iter().filter(|item| Some(&item.period) == last);
    let all: Vec<_> = items.map(|item| format!("{}.\n", item.headline.en)).collect();
    let shown: String = all.iter().take(SENTENCES).map(String::as_str).collect();
    match (rates.compare, all.len().saturating_sub(SENTENCES)) {
        (None, _) => String::new(),
        (_, 0) => shown,
        (_, more) => format!("{shown}… and {more} more: see `headline` in --json\n"),
    }
}
