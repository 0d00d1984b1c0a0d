//! From results to rates: what a sample drawn with unequal chances says about all declarations.
//!
//! In reading order: [`sums`] adds inspected rows up, [`response`] makes up for drawn rows that
//! were not inspected, [`mod@rate`] turns sums into an estimate, [`interval`] says how far it can be
//! trusted, [`mod@change`] compares two rates, [`decomposition`] says why they differ, [`mod@chart`]
//! which of many periods stand out. [`risk`] goes the other way, from results to the next
//! declarations. Plain values in, plain values out: no database, no clock, no chance.

mod beta;
pub mod change;
pub mod chart;
pub mod confidence;
pub mod decomposition;
pub mod estimate;
pub mod interval;
pub mod paired;
pub mod rate;
pub mod response;
pub mod risk;
pub mod sums;
pub mod target;

pub use change::{Change, RelativeChange, Verdict, change};
pub use confidence::Confidence;
pub use decomposition::{Decomposition, Period, Stratum, decompose};
pub use estimate::Estimate;
pub use rate::{METHOD, Rate, rate};
pub use response::{Class, Response, response_factors};
pub use sums::{CERTAINTY, Sums};
pub use target::Target;

/// A count as a number to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2^53, far above any count of rows or inclusion probability"
)]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
