//! Rates, their intervals and their changes: against golden vectors, as properties, and by
//! simulation. The risk score likewise.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on fails, and its numbers are small"
)]

#[path = "statistics/chart.rs"]
mod chart;
#[path = "statistics/chart_alarm.rs"]
mod chart_alarm;
#[path = "statistics/coverage.rs"]
mod coverage;
#[path = "statistics/decomposition.rs"]
mod decomposition;
#[path = "statistics/effect.rs"]
mod effect;
#[path = "statistics/golden.rs"]
mod golden;
#[path = "statistics/property.rs"]
mod property;
#[path = "statistics/risk.rs"]
mod risk;
#[path = "statistics/risk_fit.rs"]
mod risk_fit;
#[path = "statistics/risk_history.rs"]
mod risk_history;
#[path = "statistics/risk_judge.rs"]
mod risk_judge;
#[path = "statistics/risk_scale.rs"]
mod risk_scale;
#[path = "statistics/strictness.rs"]
mod strictness;
