//! Odds and logarithms, computed by one library on every machine: the same bits everywhere.

use crate::statistics::float;

/// Log-odds beyond these change no probability, and their odds stay far from overflow even when
/// two of them are multiplied.
const FARTHEST: f64 = 200.0;

/// e to the power of log-odds.
pub(super) fn odds(log_odds: f64) -> f64 {
    libm::exp(log_odds.clamp(-FARTHEST, FARTHEST))
}

/// The probability of log-odds.
pub(super) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + odds(-log_odds))
}

/// The log-odds of a probability between 0 and 1.
pub(super) fn logit(probability: f64) -> f64 {
    libm::log(probability) - libm::log1p(-probability)
}

/// How many, as every machine counts.
pub(super) fn many(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// How many, as a number to calculate with.
pub(super) fn count(rows: usize) -> f64 {
    float(many(rows))
}
