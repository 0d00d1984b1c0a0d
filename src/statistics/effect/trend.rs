//! Were they already moving? The trend of inside against elsewhere before a campaign.

use super::Sides;
use crate::statistics::confidence::Confidence;
use crate::statistics::estimate::Estimate;
use crate::statistics::rate::Rate;
use statrs::function::erf;
use std::f64::consts::SQRT_2;

/// Fewer usable periods than this make no trend.
pub const FEWEST_PERIODS: usize = 3;

/// The slope per period of ln(rate inside / rate elsewhere) over equal periods before the start, in
/// their order: −0.05 says that inside was already falling by 5 % a period against elsewhere.
/// `None` with fewer than [`FEWEST_PERIODS`] periods that had an inspection on both sides; the
/// others keep their place in time. Rates of [`Target::Process`](crate::statistics::Target).
///
/// With n = effective n and x = n·rate, the logarithm of a rate is ln((x + ½)/(n + ½)) with
/// variance 1/(x + ½) − 1/(n + 1): nearly unbiased, and finite without failures and without passes
/// (Walter 1975, Pettigrew, Gart & Thomas 1986, who have n + ½ in the variance, which is then 0
/// without passes). The line is fitted by least squares with weights 1/variance. Where the periods
/// scatter more than their variances say, the standard error grows by √(χ²/(k − 2)), never below 1
/// (Birge 1932); the interval is that of the normal distribution.
///
/// ```
/// use breeze::statistics::effect::{Sides, trend_before};
/// use breeze::statistics::{CERTAINTY, Confidence, Tally, Target, rate};
/// let period = |failed| {
///     let mut tally = Tally::default();
///     for row in 0..200 {
///         tally.add_inspected(CERTAINTY / 10, row < failed)?;
///     }
///     Ok::<_, breeze::statistics::tally::ChanceError>(
///         rate(&tally.sums(), Target::Process, Confidence::NINETY_FIVE),
///     )
/// };
/// let periods = [40, 36, 33, 30, 27]
///     .map(|failed| Ok::<_, breeze::statistics::tally::ChanceError>(
///         Sides { inside: period(failed)?, elsewhere: period(40)? }
///     ))
///     .into_iter()
///     .collect::<Result<Vec<_>, _>>()?;
/// let slope = trend_before(&periods, Confidence::NINETY_FIVE).unwrap();
/// assert!((slope.value + 0.1).abs() < 0.01);
/// assert!(slope.low < slope.value && slope.value < slope.high);
/// # Ok::<(), breeze::statistics::tally::ChanceError>(())
/// ```
#[must_use]
pub fn trend_before(periods: &[Sides<Rate>], confidence: Confidence) -> Option<Estimate> {
    let points: Vec<Point> = (0_u32..).zip(periods).filter_map(Point::new).collect();
    let line = Line::through(&points).filter(|_| points.len() >= FEWEST_PERIODS)?;
    let reach = normal_quantile(confidence) * line.error * line.excess(&points);
    let value = line.slope;
    Some(Estimate { value, low: value - reach, high: value + reach })
}

/// A period's log ratio at its place in time, weighing the inverse of its variance.
struct Point {
    at: f64,
    ratio: f64,
    weight: f64,
}

impl Point {
    fn new((at, sides): (u32, &Sides<Rate>)) -> Option<Self> {
        let (inside, elsewhere) = (log(&sides.inside)?, log(&sides.elsewhere)?);
        let (ratio, variance) = (inside.0 - elsewhere.0, inside.1 + elsewhere.1);
        Some(Self { at: f64::from(at), ratio, weight: 1.0 / variance })
    }
}

/// The logarithm of a rate and its variance; `None` where nothing was inspected.
fn log(rate: &Rate) -> Option<(f64, f64)> {
    let (p, n) = (rate.estimated?, rate.effective_n?);
    let x = p * n;
    Some((((x + 0.5) / (n + 0.5)).ln(), 1.0 / (x + 0.5) - 1.0 / (n + 1.0)))
}

struct Line {
    slope: f64,
    error: f64,
    centre: (f64, f64),
}

impl Line {
    /// Weighted least squares; `None` without two different places in time.
    fn through(points: &[Point]) -> Option<Self> {
        let sum = |of: &dyn Fn(&Point) -> f64| points.iter().map(|p| p.weight * of(p)).sum::<f64>();
        let weight = sum(&|_| 1.0);
        let centre = (sum(&|p| p.at) / weight, sum(&|p| p.ratio) / weight);
        let spread = sum(&|p| (p.at - centre.0).powi(2));
        let slope = sum(&|p| (p.at - centre.0) * (p.ratio - centre.1)) / spread;
        (spread > 0.0).then(|| Self { slope, error: (1.0 / spread).sqrt(), centre })
    }

    /// √(χ²/(k − 2)), at least 1.
    fn excess(&self, points: &[Point]) -> f64 {
        let residual = |p: &Point| p.ratio - self.centre.1 - self.slope * (p.at - self.centre.0);
        let chi_square: f64 = points.iter().map(|p| p.weight * residual(p).powi(2)).sum();
        let freedom = points.iter().map(|_| 1.0).sum::<f64>() - 2.0;
        (chi_square / freedom.max(1.0)).sqrt().max(1.0)
    }
}

/// The z that a normal variable exceeds in absolute value with probability 1 − level.
fn normal_quantile(confidence: Confidence) -> f64 {
    SQRT_2 * erf::erfc_inv(2.0 * confidence.tail())
}
