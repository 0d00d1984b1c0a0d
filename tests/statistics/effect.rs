//! The effect of a campaign and the trend before it: by hand, as properties, and how often their
//! intervals hold the truth.

use super::coverage::Chance;
use breeze::statistics::effect::{Sides, campaign_effect, trend_before, verdict};
use breeze::statistics::{
    CERTAINTY, Confidence, Estimate, Rate, RelativeChange, Sums, Tally, Target, Verdict, rate,
};
use proptest::prelude::*;

const WORLDS: u32 = 4000;

/// The one place where these tests make sums: rows drawn at 1 in `weight`, so many inspected, of
/// which so many failed.
pub fn cell(weight: u64, inspected: u64, failed: u64) -> Sums {
    let mut tally = Tally::default();
    tally.add_frame(CERTAINTY / weight, weight * inspected).unwrap();
    for row in 0..inspected {
        tally.add_inspected(CERTAINTY / weight, row < failed).unwrap();
    }
    tally.sums()
}

fn rate_of(inspected: u64, failed: u64) -> Rate {
    rate(&cell(10, inspected, failed), Target::Process, Confidence::NINETY_FIVE)
}

fn estimate_of(inspected: u64, failed: u64) -> Estimate {
    rate_of(inspected, failed).estimate().unwrap()
}

const fn estimate(value: f64, low: f64, high: f64) -> Estimate {
    Estimate { value, low, high }
}

const fn sides(inside: Estimate, elsewhere: Estimate) -> Sides<Estimate> {
    Sides { inside, elsewhere }
}

fn near(got: f64, want: f64) -> bool {
    (got - want).abs() < 1e-9
}

/// L = l1(2p1−l1)/(p1p0 + √((p1p0)² − l1(2p1−l1)u0(2p0−u0))) and H likewise, written out.
fn ratio(now: Estimate, before: Estimate) -> Estimate {
    let product = now.value * before.value;
    let part = |rate: f64, limit: f64| limit * (2.0 * rate - limit);
    let low = part(now.value, now.low);
    let low = low / (product + (product * product - low * part(before.value, before.high)).sqrt());
    let under = part(before.value, before.low);
    let root = (product * product - part(now.value, now.high) * under).sqrt();
    estimate(now.value / before.value, low, (product + root) / under)
}

#[test]
fn an_effect_is_the_ratio_of_two_ratios_with_mover_limits_twice() {
    let during = sides(estimate(0.04, 0.03, 0.053), estimate(0.09, 0.08, 0.101));
    let before = sides(estimate(0.1, 0.088, 0.113), estimate(0.1, 0.09, 0.111));
    let effect = campaign_effect(&during, &before);
    let inside = ratio(during.inside, before.inside);
    let elsewhere = ratio(during.elsewhere, before.elsewhere);
    let want = ratio(inside, elsewhere);
    assert!(near(effect.value.unwrap(), 0.4 / 0.9 - 1.0));
    assert!(near(effect.low, want.low - 1.0) && near(effect.high.unwrap(), want.high - 1.0));
    assert_eq!(verdict(&effect), Verdict::Fell);
    println!("effect {effect:?}");
}

#[test]
fn the_same_change_elsewhere_is_no_effect() {
    let (during, before) = (estimate_of(300, 12), estimate_of(300, 24));
    let effect = campaign_effect(&sides(during, during), &sides(before, before));
    assert!(near(effect.value.unwrap(), 0.0));
    assert!(effect.low < 0.0 && effect.high.unwrap() > 0.0);
    assert_eq!(verdict(&effect), Verdict::NoClearChange);
    let rose = campaign_effect(
        &sides(estimate_of(500, 100), before),
        &sides(estimate_of(500, 10), before),
    );
    assert_eq!(verdict(&rose), Verdict::Rose);
}

#[test]
fn nought_in_a_denominator_leaves_out_what_it_cannot_bound() {
    let (some, none) = (estimate_of(200, 20), estimate_of(200, 0));
    let effect = |during, before| campaign_effect(&during, &before);
    // No failures inside during: −100 %, and an upper limit.
    let gone = effect(sides(none, some), sides(some, some));
    assert_eq!((gone.value, gone.low), (Some(-1.0), -1.0));
    assert!(gone.high.is_some_and(|high| (-1.0..0.0).contains(&high)));
    // None elsewhere during: no value and no upper limit, but a lower one.
    let appeared = effect(sides(some, none), sides(some, some));
    assert_eq!((appeared.value, appeared.high), (None, None));
    assert!(appeared.low > 0.0);
    // None before, on either side: nothing.
    let nothing = RelativeChange { value: None, low: -1.0, high: None };
    assert_eq!(effect(sides(some, some), sides(none, some)), nothing);
    assert_eq!(effect(sides(some, some), sides(some, none)), nothing);
    assert_eq!(verdict(&nothing), Verdict::NoClearChange);
}

#[test]
fn one_failure_before_still_bounds_where_its_lower_limit_is_above_nought() {
    let barely = estimate(0.01, 0.0, 0.05);
    let some = estimate(0.1, 0.08, 0.12);
    let inside = campaign_effect(&sides(some, some), &sides(barely, some));
    assert!(inside.value.is_some() && inside.high.is_none() && inside.low > -1.0);
    let elsewhere = campaign_effect(&sides(some, some), &sides(some, barely));
    assert!(elsewhere.value.is_some() && elsewhere.high.is_some());
    assert_eq!(elsewhere.low, -1.0);
}

/// Inside 40, 30, 20 of 400, elsewhere 40 of 400 each, by hand: ln ratios are ln(30.5/40.5) and so
/// on, the weights inverse to 1/(x+½) − 1/401 of both sides.
#[test]
fn a_slope_is_the_weighted_least_squares_line() {
    let periods =
        [40, 30, 20].map(|x| Sides { inside: rate_of(400, x), elsewhere: rate_of(400, 40) });
    let got = trend_before(&periods, Confidence::NINETY_FIVE).unwrap();
    let y = [0.0, (30.5_f64 / 40.5).ln(), (20.5_f64 / 40.5).ln()];
    let variance = |x: f64| 1.0 / (x + 0.5) - 1.0 / 401.0;
    let w = [40.0, 30.0, 20.0].map(|x| 1.0 / (variance(x) + variance(40.0)));
    let weight: f64 = w.iter().sum();
    let centre = (w[1] + 2.0 * w[2]) / weight;
    let mean = (w[1] * y[1] + w[2] * y[2]) / weight;
    let spread: f64 = (0..3).map(|t| w[t] * (t as f64 - centre).powi(2)).sum();
    let slope = (0..3).map(|t| w[t] * (t as f64 - centre) * (y[t] - mean)).sum::<f64>() / spread;
    assert!(near(got.value, slope), "{got:?}");
    // The three lie nearly on a line, so the scatter adds nothing to 1.96 standard errors.
    assert!((got.high - slope - 1.959_964 / spread.sqrt()).abs() < 1e-6);
    assert!(near(got.high - got.value, got.value - got.low));
    println!("slope {got:?}");
}

#[test]
fn a_trend_needs_three_periods_with_inspections_on_both_sides() {
    let (met, not_met) = (rate_of(50, 3), rate_of(0, 0));
    let whole = Sides { inside: met, elsewhere: met };
    let half = Sides { inside: met, elsewhere: not_met };
    let trend = |periods: &[Sides<Rate>]| trend_before(periods, Confidence::NINETY_FIVE);
    assert_eq!(trend(&[]), None);
    assert_eq!(trend(&[whole, whole, half, half]), None);
    assert!(near(trend(&[whole, half, whole, whole]).unwrap().value, 0.0));
    // A gap keeps its place: the same three values, further apart, slope less.
    let period = |x| Sides { inside: rate_of(400, x), elsewhere: rate_of(400, 40) };
    let close = trend(&[period(40), period(30), period(20)]).unwrap();
    let apart = trend(&[period(40), half, period(30), half, period(20)]).unwrap();
    assert!(near(apart.value, close.value / 2.0));
}

#[test]
fn periods_without_failures_or_without_passes_keep_a_trend_finite() {
    let ends = [rate_of(40, 0), rate_of(40, 40), rate_of(1, 0), rate_of(1, 1), rate_of(40, 3)];
    let periods: Vec<_> =
        ends.iter().flat_map(|&inside| ends.map(|elsewhere| Sides { inside, elsewhere })).collect();
    for three in periods.windows(3) {
        let slope = trend_before(three, Confidence::NINETY_FIVE).unwrap();
        assert!(slope.value.is_finite() && slope.low < slope.value && slope.value < slope.high);
    }
}

/// Up and down again by more than chance: as sure of the slope as the scatter allows, which is
/// √(χ²/(k−2)) times less than the periods' own variances do.
#[test]
fn periods_that_scatter_more_than_chance_widen_the_interval() {
    let trend = |failed: [u64; 4]| {
        let periods =
            failed.map(|x| Sides { inside: rate_of(400, x), elsewhere: rate_of(400, 40) });
        trend_before(&periods, Confidence::NINETY_FIVE).unwrap()
    };
    let width = |slope: Estimate| slope.high - slope.low;
    let (calm, restless) = (trend([40, 41, 41, 40]), trend([15, 90, 90, 15]));
    assert!(width(restless) > 4.0 * width(calm), "{calm:?} {restless:?}");
}

fn any_rate() -> impl Strategy<Value = Rate> {
    (1_u64..300, 0.0..=1.0_f64, 0.0..=0.3_f64, any::<bool>()).prop_map(|(n, all, few, which)| {
        let share = if which { all } else { few };
        rate_of(n, (n as f64 * share) as u64)
    })
}

fn both() -> impl Strategy<Value = Sides<Rate>> {
    (any_rate(), any_rate()).prop_map(|(inside, elsewhere)| Sides { inside, elsewhere })
}

fn estimates(rates: &Sides<Rate>) -> Sides<Estimate> {
    sides(rates.inside.estimate().unwrap(), rates.elsewhere.estimate().unwrap())
}

proptest! {
    #[test]
    fn an_effect_lies_within_its_limits(during in both(), before in both()) {
        let effect = campaign_effect(&estimates(&during), &estimates(&before));
        prop_assert!(effect.low >= -1.0 && effect.low.is_finite(), "{effect:?}");
        prop_assert!(effect.high.is_none_or(f64::is_finite), "{effect:?}");
        if let Some(value) = effect.value {
            let slack = 1e-9 * (1.0 + value.abs());
            prop_assert!(effect.low <= value + slack, "{effect:?}");
            prop_assert!(effect.high.is_none_or(|high| value <= high + slack), "{effect:?}");
        }
    }

    #[test]
    fn a_trend_holds_its_slope_and_turns_with_the_sides(
        periods in prop::collection::vec(both(), 3..14),
    ) {
        let slope = trend_before(&periods, Confidence::NINETY_FIVE).unwrap();
        prop_assert!([slope.low, slope.value, slope.high].iter().all(|x| x.is_finite()));
        prop_assert!(slope.low < slope.value && slope.value < slope.high);
        let turned: Vec<_> = periods
            .iter()
            .map(|p| Sides { inside: p.elsewhere, elsewhere: p.inside })
            .collect();
        let other = trend_before(&turned, Confidence::NINETY_FIVE).unwrap();
        prop_assert!((slope.value + other.value).abs() < 1e-9);
        prop_assert!((slope.low + other.high).abs() < 1e-9);
    }
}

/// So many of `n` rows that fail with probability `p`.
fn failures(chance: &mut Chance, n: u64, p: f64) -> u64 {
    (0..n).map(|_| u64::from(chance.share() < p)).sum()
}

/// Rows per set and true rates: inside during and before, elsewhere during and before.
type Campaign = (&'static str, [u64; 4], [f64; 4]);

const CAMPAIGNS: [Campaign; 4] = [
    ("halved, 400 each", [400; 4], [0.04, 0.08, 0.08, 0.08]),
    ("nothing, many elsewhere", [200, 200, 900, 900], [0.06, 0.06, 0.06, 0.06]),
    ("fell everywhere, few", [100; 4], [0.08, 0.16, 0.08, 0.16]),
    ("rose, high rates", [150; 4], [0.5, 0.3, 0.3, 0.3]),
];

#[test]
fn the_interval_of_an_effect_holds_the_truth_as_often_as_promised() {
    let mut chance = Chance(20_261_124);
    for (name, rows, rates) in CAMPAIGNS {
        let truth = rates[0] / rates[1] / (rates[2] / rates[3]) - 1.0;
        let mut held = 0;
        for _ in 0..WORLDS {
            let met: Vec<_> = (0..4)
                .map(|set| estimate_of(rows[set], failures(&mut chance, rows[set], rates[set])))
                .collect();
            let effect = campaign_effect(&sides(met[0], met[2]), &sides(met[1], met[3]));
            let below = effect.high.is_none_or(|high| truth <= high);
            held += u32::from(effect.low <= truth && below);
        }
        let share = f64::from(held) / f64::from(WORLDS);
        println!("{name:>24}: {share:.3}");
        assert!(share >= 0.95, "{name}: {share}");
    }
}

/// Periods, rows of a side in a period, true rate at the beginning, slope inside.
const TRENDS: [(usize, u64, f64, f64); 4] =
    [(12, 60, 0.08, 0.0), (12, 60, 0.12, -0.05), (3, 200, 0.06, 0.0), (6, 30, 0.05, 0.0)];

#[test]
fn the_interval_of_a_trend_holds_the_truth_as_often_as_promised() {
    let mut chance = Chance(20_261_125);
    for (periods, rows, p, slope) in TRENDS {
        let mut held = 0;
        for _ in 0..WORLDS {
            let met: Vec<_> = (0..periods)
                .map(|period| {
                    let inside = p * (slope * period as f64).exp();
                    let mut side = |p| rate_of(rows, failures(&mut chance, rows, p));
                    Sides { inside: side(inside), elsewhere: side(p) }
                })
                .collect();
            let trend = trend_before(&met, Confidence::NINETY_FIVE).unwrap();
            held += u32::from(trend.low <= slope && slope <= trend.high);
        }
        let share = f64::from(held) / f64::from(WORLDS);
        println!("{periods} periods of {rows}, rate {p}, slope {slope}: {share:.3}");
        assert!(share >= 0.94, "{share}");
    }
}
