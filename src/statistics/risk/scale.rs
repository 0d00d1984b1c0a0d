//! From a score to the risk factor of a chance.

use super::number::count;
use serde::{Deserialize, Serialize};

/// The risk factor 1.
pub const EVEN: u32 = 65_536;
/// Fewest declarations that say how the scores of a rule are spread.
pub const FEWEST: usize = 200;
/// Least and largest risk factor. Whoever looks safe keeps a fifth of the proportion: rarer draws
/// find hardly more, and their large weights would blur the rates.
const LEAST: f64 = 0.2;
const MOST: f64 = 8.0;
/// The constant is sought between 2 to the power of minus and plus this, by so many halvings.
const REACH: f64 = 20.0;
const HALVINGS: u32 = 60;
/// The exponent's unit, and that of proportions.
const MILLI: f64 = 1e3;
const MILLION: f64 = 1e6;

/// How probabilities become risk factors under one rule: c·pᵞ, clamped to 1/5 … 8.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// log₂ c, −20 to 20; `None` where every factor is 1.
    pub log2_constant: Option<f64>,
    /// γ in thousandths: how steeply factors follow probabilities.
    pub exponent_milli: u32,
}

impl Scale {
    /// Every factor is 1.
    pub const NONE: Self = Self { log2_constant: None, exponent_milli: 0 };

    /// The risk factor of a declaration that fails with this probability, in units of 2⁻¹⁶:
    /// 13,107 to 524,288. It is 65,536 where the scale has no constant, and for a probability
    /// that is no number; one outside of 0 … 1 counts as the nearer end.
    #[must_use]
    pub fn factor(&self, probability: f64) -> u32 {
        let power = power(probability, self.exponent_milli);
        let constant = self.log2_constant.map(libm::exp2);
        constant.zip(power).map_or(EVEN, |(constant, power)| units(clamped(constant, power)))
    }
}

/// The scale for the declarations of one rule: the smallest c with which the mean of what they ask
/// for, min(1, max(proportion · factor, floor)), reaches the proportion, so that aiming moves
/// inspections and does not add to them.
///
/// `probabilities` are the scores of the rule's latest declarations, in any order; proportion and
/// floor are in parts per million, γ in thousandths. Every factor is 1 where γ is 0, where the
/// proportion is everything or nothing, where the floor leaves it no room, where there are fewer
/// than [`FEWEST`] scores, and where even the largest c does not reach it.
///
/// ```
/// use breeze::statistics::risk::{EVEN, calibrate};
/// let probabilities: Vec<f64> = (0..400).map(|i| if i % 4 == 0 { 0.4 } else { 0.1 }).collect();
/// let scale = calibrate(&probabilities, 20_000, 5_000, 2_000);
/// // Three quarters ask for the floor, a quarter of the proportion, whatever their factor; that
/// // leaves (4 − 3/4)/1 = 3.25 for each of the others.
/// assert_eq!(scale.factor(0.4), 212_992);
/// // A floor at the proportion leaves nothing to move.
/// assert_eq!(calibrate(&probabilities, 20_000, 20_000, 2_000).factor(0.4), EVEN);
/// ```
#[must_use]
pub fn calibrate(
    probabilities: &[f64],
    proportion_ppm: u32,
    floor_ppm: u32,
    exponent_milli: u32,
) -> Scale {
    let even = Scale { log2_constant: None, exponent_milli };
    let [proportion, floor] = [proportion_ppm, floor_ppm].map(|ppm| f64::from(ppm) / MILLION);
    let aims = exponent_milli > 0 && floor < proportion && proportion < 1.0;
    if !aims || probabilities.len() < FEWEST {
        return even;
    }
    let powers = powers(probabilities, exponent_milli);
    let reaches = |log2_constant| asked(&powers, log2_constant, proportion, floor) >= proportion;
    Scale { log2_constant: reaches(REACH).then(|| smallest(reaches)), exponent_milli }
}

/// The smallest exponent of 2 within reach that will do, when the largest does.
fn smallest(reaches: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (-REACH, REACH);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if reaches(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// pᵞ of all, ascending: sums then do not depend on the order they came in. A p that is no number
/// says nothing.
fn powers(probabilities: &[f64], exponent_milli: u32) -> Vec<f64> {
    let mut powers: Vec<f64> =
        probabilities.iter().filter_map(|&p| power(p, exponent_milli)).collect();
    powers.sort_unstable_by(f64::total_cmp);
    powers
}

/// The mean of the asked chances.
fn asked(powers: &[f64], log2_constant: f64, proportion: f64, floor: f64) -> f64 {
    let constant = libm::exp2(log2_constant);
    let ask = |&power| (proportion * clamped(constant, power)).max(floor).min(1.0);
    powers.iter().map(ask).sum::<f64>() / count(powers.len()).max(1.0)
}

fn clamped(constant: f64, power: f64) -> f64 {
    (constant * power).clamp(LEAST, MOST)
}

/// pᵞ; `None` for a p that is no number.
fn power(probability: f64, exponent_milli: u32) -> Option<f64> {
    let exponent = f64::from(exponent_milli) / MILLI;
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
