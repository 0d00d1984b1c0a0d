//! From results to rates: what a sample drawn with unequal chances says about all declarations.
//!
//! In reading order: [`tally`] adds rows up exactly, [`sums`] are what a cell comes to, [`response`]
//! makes up for drawn rows that were not inspected, [`mod@rate`] turns sums into an estimate,
//! [`interval`] says how far it can be trusted, [`mod@change`] compares two rates,
//! [`decomposition`] says why they differ, [`effect`] what a campaign did, [`mod@chart`] whether a
//! period stands out. [`mod@strictness`] and [`pairs`] look at who inspects, with [`multiple`]
//! against seeing patterns in chance. [`risk`] goes the other way, from results to the next
//! declarations. Plain values in, plain values out: no database, no clock, no chance.

mod beta;
pub mod change;
pub mod chart;
pub mod confidence;
pub mod decomposition;
pub mod effect;
pub mod estimate;
mod gamma;
pub mod interval;
pub mod multiple;
pub mod paired;
pub mod pairs;
pub mod rate;
pub mod response;
pub mod risk;
pub mod strictness;
pub mod sums;
pub mod tally;
pub mod target;

pub use change::{Change, RelativeChange, Verdict, change};
pub use confidence::Confidence;
pub use decomposition::{Decomposition, Explanation, Period, PostStratum, Stratum, decompose};
pub use effect::Sides;
pub use estimate::Estimate;
pub use rate::{METHOD, Rate, rate};
pub use response::{Class, Response, response_factors};
pub use strictness::{MeanStrictness, Strictness};
pub use sums::Sums;
pub use tally::{CERTAINTY, Tally};
pub use target::Target;

/// A count as a number to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2^53, far above any count of rows or inclusion probability"
)]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// A part of a whole as a share of 1; 0 of nothing.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}
