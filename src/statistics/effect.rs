//! What a campaign did: the change inside its scope against the change of the same goods
//! elsewhere.
//!
//! Rates of [`Target::Process`](super::Target::Process) only, and of four disjoint sets of
//! declarations. A ratio of ratios takes out what changed everywhere; it cannot take out what
//! changed inside for another reason, which is why the [trend before](trend_before) belongs beside
//! it.

mod trend;

pub use trend::{FEWEST_PERIODS, trend_before};

use super::change::{RelativeChange, Verdict, relative_change};
use super::estimate::Estimate;

/// The same quantity in a campaign's scope and outside of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sides<T> {
    /// Goods that the campaign covers.
    pub inside: T,
    /// The same commodities that it does not cover.
    pub elsewhere: T,
}

/// (inside during / inside before) ÷ (elsewhere during / elsewhere before) − 1: −0.2 says that the
/// rate fell by 20 % more than elsewhere.
///
/// The interval is MOVER-R (Donner & Zou 2012) twice: of either ratio from the limits of its
/// rates, then of the ratio of ratios from theirs. Where a rate before is 0 inside, or either rate
/// is 0 elsewhere, there is no `value`; the upper limit is `None` where nothing bounds it (a lower
/// limit of 0 in a denominator); the lower limit is −1, which bounds any ratio, where nothing
/// better does.
///
/// ```
/// use breeze::statistics::Estimate;
/// use breeze::statistics::effect::{Sides, campaign_effect};
/// let rate = |value, low, high| Estimate { value, low, high };
/// let effect = campaign_effect(
///     &Sides { inside: rate(0.04, 0.03, 0.05), elsewhere: rate(0.09, 0.08, 0.1) },
///     &Sides { inside: rate(0.1, 0.09, 0.11), elsewhere: rate(0.1, 0.09, 0.11) },
/// );
/// assert!((effect.value.unwrap() + 5.0 / 9.0).abs() < 1e-12);
/// assert!(effect.low < -0.6 && effect.high.unwrap() < -0.4);
/// ```
#[must_use]
pub fn campaign_effect(during: &Sides<Estimate>, before: &Sides<Estimate>) -> RelativeChange {
    let inside = Ratio::of(&during.inside, &before.inside);
    let elsewhere = Ratio::of(&during.elsewhere, &before.elsewhere);
    let (Some(now), Some(then)) = (inside.value, elsewhere.value) else {
        return RelativeChange { value: None, low: -1.0, high: None };
    };
    // A limit that does not exist is replaced by the value and its own limit taken away again.
    let bounded = |value: f64, ratio: &Ratio| Estimate {
        value,
        low: ratio.low,
        high: ratio.high.unwrap_or(value),
    };
    let both = relative_change(&bounded(now, &inside), &bounded(then, &elsewhere));
    RelativeChange {
        value: both.value,
        low: elsewhere.high.map_or(-1.0, |_| both.low),
        high: inside.high.and(both.high),
    }
}

/// What an effect amounts to: `Fell` when even its upper limit is below 0, `Rose` when even its
/// lower limit is above 0.
#[must_use]
pub fn verdict(effect: &RelativeChange) -> Verdict {
    if effect.high.is_some_and(|high| high < 0.0) {
        Verdict::Fell
    } else if effect.low > 0.0 {
        Verdict::Rose
    } else {
        Verdict::NoClearChange
    }
}

/// One rate over another, not less 1.
struct Ratio {
    value: Option<f64>,
    low: f64,
    high: Option<f64>,
}

impl Ratio {
    fn of(now: &Estimate, before: &Estimate) -> Self {
        let RelativeChange { value, low, high } = relative_change(now, before);
        let ratio = |change: f64| change + 1.0;
        // Without failures the lower limit is 0 exactly, not what is left of 1 − 1.
        Self { value: value.map(ratio), low: ratio(low).max(0.0), high: high.map(ratio) }
    }
}
