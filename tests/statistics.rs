//! Rates, their intervals and their changes: against golden vectors, as properties, and by
//! simulation.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on fails, and its numbers are small"
)]

#[path = "statistics/coverage.rs"]
mod coverage;
#[path = "statistics/golden.rs"]
mod golden;
#[path = "statistics/property.rs"]
mod property;
#[path = "statistics/risk.rs"]
mod risk;
