//! Control charts: which periods say that the process has changed, and which are noise.
//!
//! In reading order: [`Baseline`] says what a period is held against, `reference` sums that up into
//! a centre and Laney's σ, `control` draws the limits of the p chart and measures z, [`Ewma`] and
//! [`Cusum`] add z up over the periods, [`Rule`] names what signals. Everything is of
//! [`Target::Process`](super::Target::Process): a period is one sample of a process, even where all
//! of it was inspected.
//!
//! **Moving baselines.** z is what a period says in units of its own limits, so that every period
//! comes with a variance of about 1 whatever it was held against; EWMA and CUSUM run over the z as
//! they come. The centre of a moving baseline is an estimate itself, and limits and z allow for it;
//! a fixed one is a standard and counts as known.
//! A moving baseline takes a lasting shift in: one that has lasted as long as the baseline *is* the
//! baseline. Who wants to be told for as long as a shift lasts fixes the baseline.
//!
//! **After a signal** the chart that signalled starts anew at 0 with the next period, so that every
//! signal is news of its own. EWMA and CUSUM do not reset each other, and the p chart has nothing
//! to reset. A period without limits says nothing and leaves both where they were. Periods that
//! signalled stay in the baselines of later ones: why they signalled is for people to find out.

mod baseline;
mod binomial;
mod control;
mod cusum;
mod ewma;
mod reference;
mod rule;

pub use baseline::{Baseline, FEWEST};
pub use control::Control;
pub use cusum::{CUSUM_LIMIT, CUSUM_SLACK, Cusum};
pub use ewma::{EWMA_LIMIT, EWMA_WEIGHT, Ewma};
pub use rule::{NoLimits, Rule};

use super::rate::{effective_n, hajek};
use super::sums::Sums;
use control::Limits;

/// A period of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// p = WY/W, a share of 1; `None` where nothing was inspected.
    pub value: Option<f64>,
    /// W²/B (Kish 1965), not necessarily whole; `None` where nothing was inspected.
    pub effective_n: Option<f64>,
    /// Limits and signals, or why there are none.
    pub control: Result<Control, NoLimits>,
}

/// The chart of consecutive periods, in order; one point for each. The sums are those of whole
/// periods, with response factors applied ([`Sums::with_factor`]).
///
/// ```
/// use breeze::statistics::Sums;
/// use breeze::statistics::chart::{Baseline, Rule, chart};
/// let month = |failed: u64| {
///     let wy = failed as f64;
///     Sums { n: 100, failed, w: 100.0, wy, b: 100.0, by: wy, ..Sums::default() }
/// };
/// let months = [10, 9, 11, 10, 12, 8, 10, 25].map(month);
/// let points = chart(&months, &Baseline::Before(12));
/// let last = points[7].control.as_ref().unwrap();
/// assert!((last.centre - 0.1).abs() < 1e-12 && (last.high - 0.19621).abs() < 1e-5);
/// assert!(last.signals.contains(&Rule::AboveLimit));
/// assert!(points[0].control.is_err());
/// ```
#[must_use]
pub fn chart(periods: &[Sums], baseline: &Baseline) -> Vec<Point> {
    let (mut ewma, mut cusum) = (Ewma::default(), Cusum::default());
    let references = baseline.references(periods);
    let held = periods.iter().zip(references).map(|(period, reference)| {
        let (value, effective_n) = (hajek(period), effective_n(period));
        let limits = match value.zip(effective_n) {
            None => Err(NoLimits::NothingInspected),
            Some((p, n)) => reference.map(|reference| Limits::new(p, n, reference)),
        };
        Point { value, effective_n, control: limits.map(|it| it.judged(&mut ewma, &mut cusum)) }
    });
    held.collect()
}
