//! The ratio of two means that were measured in pairs.

use super::beta;
use super::confidence::Confidence;
use super::estimate::Estimate;
use super::float;

/// mean(a)/mean(b) of pairs (a, b) with its interval; `None` for fewer than two pairs, or where a
/// mean is not above 0.
///
/// The interval is symmetric in the logarithm, whose variance is Σ(aᵢ/ā − bᵢ/b̄)²/(n(n−1)) (the
/// ratio estimator's linearisation, Cochran 1977, section 6.3), with a t quantile of n − 1 degrees
/// of freedom. What both of a pair share cancels.
///
/// ```
/// use breeze::statistics::{Confidence, paired::ratio_of_means};
/// let ratio = ratio_of_means(&[(2.0, 1.0), (4.1, 2.0), (5.9, 3.0)], Confidence::NINETY_FIVE);
/// let ratio = ratio.unwrap();
/// assert_eq!(ratio.value, 2.0);
/// assert!(1.8 < ratio.low && ratio.high < 2.2);
/// ```
#[must_use]
pub fn ratio_of_means(pairs: &[(f64, f64)], confidence: Confidence) -> Option<Estimate> {
    let pairs_count = u64::try_from(pairs.len()).ok()?;
    let freedom = float(pairs_count.checked_sub(1).filter(|&freedom| freedom > 0)?);
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / float(pairs_count);
    let (a, b) = (mean(|pair| pair.0), mean(|pair| pair.1));
    if !(a > 0.0 && b > 0.0) {
        return None;
    }
    let squares: f64 = pairs.iter().map(|pair| (pair.0 / a - pair.1 / b).powi(2)).sum();
    let error = (squares / (float(pairs_count) * freedom)).sqrt();
    let reach = (t_quantile(freedom, confidence) * error).exp();
    let value = a / b;
    Some(Estimate { value, low: value / reach, high: value * reach })
}

/// The t that a Student variable of so many degrees of freedom exceeds in absolute value with
/// probability 1 − level: ν/(ν + t²) is a quantile of Beta(ν/2, 1/2).
fn t_quantile(freedom: f64, confidence: Confidence) -> f64 {
    let x = beta::quantile(freedom / 2.0, 0.5, 2.0 * confidence.tail());
    (freedom * (1.0 - x) / x).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two-sided 95 % points of Student's t, Fisher & Yates 1938, table III.
    #[test]
    fn the_quantiles_are_those_of_the_tables() {
        for (freedom, t) in [(1.0, 12.706), (2.0, 4.303), (15.0, 2.131), (30.0, 2.042)] {
            assert!((t_quantile(freedom, Confidence::NINETY_FIVE) - t).abs() < 6e-4, "{freedom}");
        }
    }

    #[test]
    fn a_ratio_needs_two_pairs_and_means_above_0() {
        let ratio = |pairs: &[(f64, f64)]| ratio_of_means(pairs, Confidence::NINETY_FIVE);
        assert_eq!(ratio(&[(1.0, 1.0)]), None);
        assert_eq!(ratio(&[(0.0, 1.0), (0.0, 2.0)]), None);
        assert_eq!(ratio(&[(1.0, 0.0), (1.0, 0.0)]), None);
        // What both share cancels: the ratio is known exactly.
        let exact = ratio(&[(3.0, 2.0), (30.0, 20.0)]).unwrap();
        assert!((exact.value - 1.5).abs() < 1e-12 && (exact.high - exact.low).abs() < 1e-12);
    }
}
