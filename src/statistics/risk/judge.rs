//! How good scores were, once the outcomes are known.

use super::number::{count, many};
use super::ranking::Ranking;
use super::recalibrate::{Recalibration, recalibrate};
use serde::{Deserialize, Serialize};

/// The shares of the list that are looked at, in percent.
const SHARES: [u32; 4] = [1, 5, 10, 20];
const DECILES: u32 = 10;

/// Measures of a set of scored outcomes. Ties have one rule: rows of equal probability share what
/// they found evenly, so the order of rows never matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Scored outcomes.
    pub rows: u64,
    /// Of these, failed.
    pub failed: u64,
    /// failed/rows: what a sample of equal chances finds, at any size.
    pub base_rate: Option<f64>,
    /// The chance that a failure had the higher score than a pass, a tie counting half (Mann &
    /// Whitney 1947); 0.5 is chance. `None` without both.
    pub auc: Option<f64>,
    /// The highest scores: the first 1, 5, 10 and 20 percent of the list.
    pub precisions: Vec<Precision>,
    /// Tenths of the list, the highest scores first.
    pub deciles: Vec<Decile>,
    /// −mean of y·log p + (1 − y)·log(1 − p).
    pub log_loss: Option<f64>,
    /// Mean of (y − p)² (Brier 1950).
    pub brier: Option<f64>,
    /// Whether probabilities mean what they say; `None` where outcomes or scores are all alike,
    /// or scores part the outcomes completely.
    pub calibration: Option<Recalibration>,
}

/// The failure rate at the head of the list.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Precision {
    /// The share of the list, in percent.
    pub percent: u32,
    /// As rows, rounded up.
    pub rows: u64,
    /// Failed of these; a fraction where a tie straddles the end.
    pub failed: f64,
    /// failed/rows.
    pub precision: f64,
}

/// A tenth of the list.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decile {
    /// 1 for the highest scores, to 10.
    pub decile: u32,
    /// Its rows; tenths differ by one at most.
    pub rows: u64,
    /// Failed of these; a fraction where a tie straddles an end.
    pub failed: f64,
    /// The mean probability that the scores promised; `None` for a tenth without rows.
    pub expected_rate: Option<f64>,
    /// failed/rows.
    pub rate: Option<f64>,
    /// Rate over base rate; `None` also where nothing failed.
    pub lift: Option<f64>,
}

/// Judges pairs of probability and whether the declaration failed. Probabilities outside of 0 … 1
/// count as the nearer end, and pairs without a number are left out.
///
/// ```
/// use breeze::statistics::risk::judge;
/// let judgement = judge(&[(0.9, true), (0.6, false), (0.3, true), (0.1, false)]);
/// assert_eq!(judgement.auc, Some(0.75));
/// assert_eq!(judgement.base_rate, Some(0.5));
/// ```
#[must_use]
pub fn judge(outcomes: &[(f64, bool)]) -> Judgement {
    let ranking = Ranking::new(outcomes);
    let mean = |sum: f64| (ranking.rows > 0).then(|| sum / count(ranking.rows));
    let base_rate = mean(count(ranking.failed));
    Judgement {
        rows: many(ranking.rows),
        failed: many(ranking.failed),
        base_rate,
        auc: ranking.auc(),
        precisions: SHARES.iter().filter_map(|&percent| precision(&ranking, percent)).collect(),
        deciles: (1..=DECILES).map(|at| decile(&ranking, at, base_rate)).collect(),
        log_loss: mean(ranking.log_loss()),
        brier: mean(ranking.squares()),
        calibration: recalibrate(&ranking),
    }
}

fn precision(ranking: &Ranking, percent: u32) -> Option<Precision> {
    let rows = ranking.share(percent, 100, usize::div_ceil);
    let failed = ranking.head(rows).failed;
    let precision = failed / count(rows);
    (rows > 0).then(|| Precision { percent, rows: many(rows), failed, precision })
}

fn decile(ranking: &Ranking, decile: u32, base_rate: Option<f64>) -> Decile {
    let end = |decile| ranking.share(decile, DECILES, std::ops::Div::div);
    let (from, to) = (end(decile.saturating_sub(1)), end(decile));
    let (before, until) = (ranking.head(from), ranking.head(to));
    let rows = to - from;
    let failed = until.failed - before.failed;
    let mean = |sum: f64| (rows > 0).then(|| sum / count(rows));
    let rate = mean(failed);
    let base_rate = base_rate.filter(|&base_rate| base_rate > 0.0);
    Decile {
        decile,
        rows: many(rows),
        failed,
        expected_rate: mean(until.expected - before.expected),
        rate,
        lift: rate.zip(base_rate).map(|(rate, base_rate)| rate / base_rate),
    }
}
