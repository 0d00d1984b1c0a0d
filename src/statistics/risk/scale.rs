//! From a score to the risk factor of a chance.

use super::number::count;
use serde::{Deserialize, Serialize};

/// The risk factor 1.
pub const EVEN: u32 = 65_536;
/// Fewest declarations whose scores say how scores are spread.
pub const FEWEST: usize = 200;
/// Least and largest risk factor: nobody is spared, nobody is certain for being suspect. A fifth
/// keeps the weights of the seldom drawn, and with them the rate's error, small.
const LEAST: f64 = 0.2;
const MOST: f64 = 8.0;
/// The constant is sought between 2 to the power of minus and plus this, by so many halvings.
const REACH: f64 = 20.0;
const HALVINGS: u32 = 60;
const MILLION: f64 = 1e6;

/// How probabilities become risk factors: c·pᵞ, clamped to 1/5 … 8.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// log₂ c; `None` where every factor is 1.
    pub log2_constant: Option<f64>,
    /// γ in thousandths.
    pub exponent_milli: u32,
}

impl Scale {
    /// Every factor is 1.
    pub const NONE: Self = Self { log2_constant: None, exponent_milli: 0 };

    /// The risk factor of a declaration with this probability, in units of 2⁻¹⁶: 13,107 to
    /// 524,288, or 65,536 for all.
    #[must_use]
    pub fn factor(&self, probability: f64) -> u32 {
        self.exact(probability).map_or(EVEN, units)
    }

    fn exact(&self, probability: f64) -> Option<f64> {
        let constant = libm::exp2(self.log2_constant?);
        let power = power(probability, self.exponent_milli)?;
        Some((constant * power).clamp(LEAST, MOST))
    }
}

/// pᵞ; `None` for a p that is no number.
fn power(probability: f64, exponent_milli: u32) -> Option<f64> {
    let exponent = f64::from(exponent_milli) / 1_000.0;
    (!probability.is_nan()).then(|| libm::pow(probability.clamp(0.0, 1.0), exponent))
}

/// In units of 2⁻¹⁶, rounded half up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a factor is clamped to 1/5 … 8, so its units lie between 13,107 and 524,288"
)]
fn units(factor: f64) -> u32 {
    (factor * f64::from(EVEN) + 0.5).floor() as u32
}

/// The scale for the declarations of one rule, under which the mean of what they ask for is the
/// rule's proportion.
#[must_use]
pub fn calibrate(
    probabilities: &[f64],
    proportion_ppm: u32,
    floor_ppm: u32,
    exponent_milli: u32,
) -> Scale {
    let _ = (count(probabilities.len()), MILLION, REACH, HALVINGS, proportion_ppm, floor_ppm);
    Scale { exponent_milli, ..Scale::NONE }
}
