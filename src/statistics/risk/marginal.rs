//! One factor, the rest given: how its levels deviate, and how likely the results are if they do.
//!
//! Adaptive Gauss–Hermite quadrature (Liu & Pierce 1994): the effect of a level is integrated out
//! at seven points around its mode. The odds of a row are its odds without the factor times those
//! of its level, so there is one exponential a row and not one a row and point; and the logarithms
//! of rows of one weight are the logarithm of one product.

use super::level::{Group, Grouping};
use super::number::odds;
use std::f64::consts::TAU;

/// Points of Gauss–Hermite quadrature of order 7 on one side of the middle, and the weights from
/// the middle outwards (Abramowitz & Stegun 25.4.46).
const POINTS: [f64; 3] =
    [0.816_287_882_858_964_7, 1.673_551_628_767_471_4, 2.651_961_356_835_233_4];
const MIDDLE_WEIGHT: f64 = 0.810_264_617_556_807_3;
const WEIGHTS: [f64; 3] =
    [0.425_607_252_610_127_8, 5.451_558_281_912_703e-2, 9.717_812_450_995_192e-4];

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
        self.given - groups.map(|group| self.log_sums(group, [1.0; 7]).middle()).sum::<f64>()
    }

    /// The marginal log-likelihood when effects are normal with this variance. `modes` hold where
    /// the search for each level's mode begins, and afterwards the modes.
    pub fn present(&self, variance: f64, modes: &mut [f64]) -> f64 {
        let density = 0.5 * libm::log(TAU * variance);
        let levels = self.grouping.groups.iter().zip(modes);
        let likelihoods = levels.map(|(group, mode)| {
            let peak = self.climb(group, variance, mode);
            self.integral(group, variance, *mode, peak) - density
        });
        self.given + likelihoods.sum::<f64>()
    }

    /// Newton's steps to the mode.
    fn climb(&self, group: &Group, variance: f64, mode: &mut f64) -> Peak {
        let mut peak = Peak { odds: odds(*mode), curvature: 0.0 };
        for _ in 0..STEPS {
            let (expected, spread) = self.expected(group, peak.odds);
            peak.curvature = spread + 1.0 / variance;
            let slope = group.failed - expected - *mode / variance;
            let step = (slope / peak.curvature).clamp(-LONGEST, LONGEST);
            *mode += step;
            if step.abs() < ARRIVED {
                break;
            }
            peak.odds = odds(*mode);
        }
        peak
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

    /// The logarithm of the integral over a level's effect, without what is given and without the
    /// density's constant.
    fn integral(&self, group: &Group, variance: f64, mode: f64, peak: Peak) -> f64 {
        let reach = (2.0 / peak.curvature).sqrt();
        let [near, far, farthest] = [reach * POINTS[0], reach * POINTS[1], reach * POINTS[2]];
        let sums = self.log_sums(group, spread(peak.odds, [near, far, farthest]));
        let height = |effect: f64, sum: f64| {
            effect * group.failed - sum - effect * effect / (2.0 * variance)
        };
        let top = height(mode, sums.middle());
        // What the point adds, relative to the top; e^(z²) undoes the weight function.
        let share = |point: f64, away: f64, [below, above]: [f64; 2]| {
            let lift = point * point - top;
            libm::exp(lift + height(mode - away, below))
                + libm::exp(lift + height(mode + away, above))
        };
        let total = MIDDLE_WEIGHT
            + WEIGHTS[0] * share(POINTS[0], near, [sums.0[2], sums.0[4]])
            + WEIGHTS[1] * share(POINTS[1], far, [sums.0[1], sums.0[5]])
            + WEIGHTS[2] * share(POINTS[2], farthest, [sums.0[0], sums.0[6]]);
        top + libm::log(total * reach)
    }

    /// Σw·log(1 + odds) of a level, for seven odds of its own, the largest last.
    fn log_sums(&self, group: &Group, levels: [f64; 7]) -> Sums {
        let mut sums = Sums([0.0; 7]);
        for run in self.grouping.runs(group) {
            let mut products = Products::ONE;
            for &row in self.odds.get(run.rows.clone()).unwrap_or_default() {
                products.multiply(row, levels);
                if products.0[6] > LARGE {
                    sums.add(run.weight, products);
                    products = Products::ONE;
                }
            }
            sums.add(run.weight, products);
        }
        sums
    }
}

/// Where the search for a mode ended: the level's own odds there, and the curvature.
#[derive(Clone, Copy)]
struct Peak {
    odds: f64,
    curvature: f64,
}

/// The odds at seven points around a middle, in ascending order.
fn spread(middle: f64, [near, far, farthest]: [f64; 3]) -> [f64; 7] {
    let [near, far, farthest] = [odds(near), odds(far), odds(farthest)];
    let [low, lower, lowest] = [middle / near, middle / far, middle / farthest];
    [lowest, lower, low, middle, middle * near, middle * far, middle * farthest]
}

/// Products of 1 + odds at the seven points. Written out: this is the innermost loop, and it must
/// be fast in a build that is not optimised, too.
#[derive(Clone, Copy)]
struct Products([f64; 7]);

impl Products {
    const ONE: Self = Self([1.0; 7]);

    fn multiply(&mut self, row: f64, levels: [f64; 7]) {
        let Self(products) = self;
        products[0] *= 1.0 + row * levels[0];
        products[1] *= 1.0 + row * levels[1];
        products[2] *= 1.0 + row * levels[2];
        products[3] *= 1.0 + row * levels[3];
        products[4] *= 1.0 + row * levels[4];
        products[5] *= 1.0 + row * levels[5];
        products[6] *= 1.0 + row * levels[6];
    }
}

/// Sums of logarithms at the seven points.
#[derive(Clone, Copy)]
struct Sums([f64; 7]);

impl Sums {
    fn add(&mut self, weight: f64, Products(products): Products) {
        let Self(sums) = self;
        sums[0] += weight * libm::log(products[0]);
        sums[1] += weight * libm::log(products[1]);
        sums[2] += weight * libm::log(products[2]);
        sums[3] += weight * libm::log(products[3]);
        sums[4] += weight * libm::log(products[4]);
        sums[5] += weight * libm::log(products[5]);
        sums[6] += weight * libm::log(products[6]);
    }

    const fn middle(&self) -> f64 {
        self.0[3]
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
        let levels = Levels::of(Factor::Office, &known.level, usize::to_string);
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
