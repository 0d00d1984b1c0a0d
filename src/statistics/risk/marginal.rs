//! One factor, the rest given: how its levels deviate, and how likely the results are if they do.
//!
//! Adaptive Gauss–Hermite quadrature (Liu & Pierce 1994): the effect of a level is integrated out
//! at seven points around its mode. The odds of a row are its odds without the factor times those
//! of its level, so there is one exponential a row and not one a row and point; and the logarithms
//! of rows of one weight are the logarithm of one product.

use super::level::{Group, Grouping};
use super::number::odds;
use std::f64::consts::TAU;

/// Points and weights of Gauss–Hermite quadrature of order 7 (Abramowitz & Stegun 25.4.46).
const POINTS: [f64; 7] = [
    -2.651_961_356_835_233_4,
    -1.673_551_628_767_471_4,
    -0.816_287_882_858_964_7,
    0.0,
    0.816_287_882_858_964_7,
    1.673_551_628_767_471_4,
    2.651_961_356_835_233_4,
];
const POINT_WEIGHTS: [f64; 7] = [
    9.717_812_450_995_192e-4,
    5.451_558_281_912_703e-2,
    0.425_607_252_610_127_8,
    0.810_264_617_556_807_3,
    0.425_607_252_610_127_8,
    5.451_558_281_912_703e-2,
    9.717_812_450_995_192e-4,
];

/// Newton's steps towards a mode: how many, how far at a time, and when they have arrived.
const STEPS: u32 = 20;
const LONGEST: f64 = 1.0;
const ARRIVED: f64 = 1e-9;
/// A product is turned into its logarithm from here on, far from overflow.
const LARGE: f64 = 1e40;

/// A factor's levels, with the odds of their rows as the rest of the model gives them.
pub(super) struct OneFactor<'a> {
    grouping: &'a Grouping,
    /// By the grouping's order.
    odds: Vec<f64>,
    /// Σwy·offset: what the results say regardless of the factor.
    given: f64,
}

impl<'a> OneFactor<'a> {
    /// `log_odds` by the grouping's order, without the factor; `given` as Σwy·log-odds.
    pub fn new(grouping: &'a Grouping, log_odds: impl Iterator<Item = f64>, given: f64) -> Self {
        Self { grouping, odds: log_odds.map(odds).collect(), given }
    }

    /// The log-likelihood without the factor.
    pub fn absent(&self) -> f64 {
        let groups = self.grouping.groups.iter();
        self.given - groups.map(|group| self.log_sum(group, [1.0])).map(|[sum]| sum).sum::<f64>()
    }

    /// The marginal log-likelihood when effects are normal with this variance. `modes` hold where
    /// the search for each level's mode begins, and afterwards the modes.
    pub fn present(&self, variance: f64, modes: &mut [f64]) -> f64 {
        let levels = self.grouping.groups.iter().zip(modes);
        let likelihoods = levels.map(|(group, mode)| {
            let curvature = self.climb(group, variance, mode);
            self.integral(group, variance, *mode, curvature)
        });
        self.given + likelihoods.sum::<f64>()
    }

    /// Newton's steps to the mode; returns the curvature there.
    fn climb(&self, group: &Group, variance: f64, mode: &mut f64) -> f64 {
        let mut curvature = 0.0;
        for _ in 0..STEPS {
            let (expected, spread) = self.expected(group, odds(*mode));
            curvature = spread + 1.0 / variance;
            let slope = group.failed - expected - *mode / variance;
            let step = (slope / curvature).clamp(-LONGEST, LONGEST);
            *mode += step;
            if step.abs() < ARRIVED {
                break;
            }
        }
        curvature
    }

    /// Σwp and Σwp(1−p) of a level whose own odds are `level`.
    fn expected(&self, group: &Group, level: f64) -> (f64, f64) {
        let (mut expected, mut spread) = (0.0, 0.0);
        for run in self.grouping.runs(group) {
            let (mut sum, mut squares) = (0.0, 0.0);
            for &row in self.odds.get(run.rows.clone()).unwrap_or_default() {
                let odds = row * level;
                let p = odds / (1.0 + odds);
                sum += p;
                squares += p * p;
            }
            expected += run.weight * sum;
            spread += run.weight * (sum - squares);
        }
        (expected, spread)
    }

    /// The logarithm of the integral over a level's effect, without what is given.
    fn integral(&self, group: &Group, variance: f64, mode: f64, curvature: f64) -> f64 {
        let reach = (2.0 / curvature).sqrt();
        let effects = POINTS.map(|point| mode + reach * point);
        let sums = self.log_sum(group, effects.map(odds));
        let height = |effect: f64, sum: f64| {
            effect * group.failed - sum - effect * effect / (2.0 * variance)
        };
        let [_, _, _, middle, ..] = sums;
        let top = height(mode, middle);
        let mut total = 0.0;
        for (((effect, sum), point), weight) in
            effects.into_iter().zip(sums).zip(POINTS).zip(POINT_WEIGHTS)
        {
            total += weight * libm::exp(point * point + height(effect, sum) - top);
        }
        top + libm::log(total * reach) - 0.5 * libm::log(TAU * variance)
    }

    /// Σw·log(1 + odds) of a level, for several odds of its own, the largest last.
    fn log_sum<const N: usize>(&self, group: &Group, levels: [f64; N]) -> [f64; N] {
        let mut sums = [0.0; N];
        for run in self.grouping.runs(group) {
            let mut products = [1.0; N];
            for &row in self.odds.get(run.rows.clone()).unwrap_or_default() {
                for (product, level) in products.iter_mut().zip(levels) {
                    *product *= 1.0 + row * level;
                }
                if products.last().is_some_and(|&largest| largest > LARGE) {
                    settle(&mut sums, &mut products, run.weight);
                }
            }
            settle(&mut sums, &mut products, run.weight);
        }
        sums
    }
}

/// Moves the logarithms of the products into the sums.
fn settle<const N: usize>(sums: &mut [f64; N], products: &mut [f64; N], weight: f64) {
    for (sum, product) in sums.iter_mut().zip(products) {
        *sum += weight * libm::log(std::mem::replace(product, 1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::super::factor::Factor;
    use super::super::level::{Grouping, Levels};
    use super::OneFactor;
    use serde::Deserialize;

    const VECTORS: &str = include_str!("../../../tests/vectors/risk_one_factor_marginal.json");

    #[derive(Deserialize)]
    struct Vectors {
        level: Vec<usize>,
        y: Vec<f64>,
        weight: Vec<f64>,
        offset: f64,
        log_likelihood_without_factor: f64,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        variance: f64,
        marginal_log_likelihood: f64,
        modes: Vec<f64>,
    }

    fn near(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-6, "{got} is not {want}");
    }

    #[test]
    fn modes_and_marginal_likelihoods_are_those_of_the_vectors() {
        let known: Vectors = serde_json::from_str(VECTORS).unwrap();
        let levels =
            Levels { factor: Factor::Office, labels: vec![String::new(); 4], of_row: known.level };
        let grouping = Grouping::new(&levels, &known.weight, &known.y);
        let given: f64 = known.y.iter().zip(&known.weight).map(|(y, w)| y * w * known.offset).sum();
        let factor = OneFactor::new(&grouping, known.y.iter().map(|_| known.offset), given);
        near(factor.absent(), known.log_likelihood_without_factor);
        let mut modes = [0.0; 4];
        assert_eq!(known.cases.len(), 9);
        for case in known.cases {
            near(factor.present(case.variance, &mut modes), case.marginal_log_likelihood);
            modes.iter().zip(&case.modes).for_each(|(got, want)| near(*got, *want));
        }
    }
}
