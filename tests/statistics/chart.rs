//! Control charts: examples by hand, and what must hold for any periods.

use super::coverage::Chance;
use breeze::statistics::Sums;
use breeze::statistics::chart::{
    Baseline, CUSUM_LIMIT, Control, Cusum, EWMA_LIMIT, Ewma, FEWEST, NoLimits, Point, Rule, chart,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A period of inspected rows, each with its weight and whether it failed.
pub(crate) fn period(rows: impl IntoIterator<Item = (f64, bool)>) -> Sums {
    let mut sums = Sums::default();
    for (w, failed) in rows {
        let y = if failed { 1.0 } else { 0.0 };
        sums.n += 1;
        sums.failed += u64::from(failed);
        sums.w += w;
        sums.wy += w * y;
        sums.b += w * w;
        sums.by += w * w * y;
    }
    (sums.a, sums.ay) = (sums.b - sums.w, sums.by - sums.wy);
    sums
}

/// `n` inspections of weight 10, the first `failed` of which failed.
fn equal(failed: u32, n: u32) -> Sums {
    period((0..n).map(|row| (10.0, row < failed)))
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 5e-5, "{got} is not {want}");
}

fn control(points: &[Point], at: usize) -> &Control {
    points[at].control.as_ref().unwrap()
}

/// The example of the method's section "Control charts".
#[test]
fn a_month_is_held_against_the_months_before_it() {
    let counts = [10, 14, 8, 11, 7, 10, 19, 25];
    let months: Vec<_> = counts.iter().map(|&failed| equal(failed, 100)).collect();
    let points = chart(&months, &Baseline::default());
    let [seventh, eighth] = [6, 7].map(|at| control(&points, at));
    for (month, centre, sigma, low, high, z, ewma, cusum_up) in [
        (seventh, 0.1, 1.18203, 0.0, 0.21491, 2.34973, 0.46995, 1.84973),
        (eighth, 0.11286, 1.35418, 0.0, 0.25028, 2.99392, 0.97473, 4.34361),
    ] {
        near(month.centre, centre);
        near(month.sigma, sigma);
        near(month.low, low);
        near(month.high, high);
        near(month.z, z);
        near(month.ewma, ewma);
        near(month.cusum_up, cusum_up);
        near(month.cusum_down, 0.0);
    }
    assert_eq!(eighth.signals, [Rule::EwmaHigh]);
    assert!(!seventh.exact && seventh.signals.is_empty());
    assert_eq!(points[5].control, Err(NoLimits::BaselineTooShort));
    assert_eq!(points[0].control, Err(NoLimits::NoBaseline));
}

#[test]
fn few_expected_failures_have_exact_limits() {
    // P(X ≥ 7) = 0.00239 and P(X ≥ 8) = 0.00042 for 20 at 0.1: eight signal and seven do not.
    let mut months = vec![equal(2, 20); 12];
    months.extend([equal(7, 20), equal(8, 20)]);
    let points = chart(&months, &Baseline::Fixed(0..12));
    let (seven, eight) = (control(&points, 12), control(&points, 13));
    assert!(seven.exact && seven.high > 0.35 && seven.high < 0.4, "{}", seven.high);
    assert_eq!(seven.low, 0.0);
    assert!(!seven.signals.contains(&Rule::AboveLimit));
    assert!(eight.signals.contains(&Rule::AboveLimit));
}

#[test]
fn weights_count_in_the_rate_and_in_the_effective_size() {
    let month = |light, heavy| {
        let light = (0..100).map(move |row| (1.0, row < light));
        period(light.chain((0..50).map(move |row| (4.0, row < heavy))))
    };
    let months = [vec![month(20, 5); 12], vec![month(20, 16)]].concat();
    let points = chart(&months, &Baseline::Before(12));
    let last = control(&points, 12);
    near(last.centre, 40.0 / 300.0);
    near(points[12].value.unwrap(), 84.0 / 300.0);
    near(points[12].effective_n.unwrap(), 100.0);
    near(last.high, 0.13333 + 3.0 * 0.035381);
    near(last.z, 4.14528);
    assert_eq!(last.signals, [Rule::AboveLimit]);
}

#[test]
fn a_fall_signals_below() {
    let months = [vec![equal(40, 200); 8], vec![equal(20, 200); 4]].concat();
    let points = chart(&months, &Baseline::Fixed(0..8));
    assert_eq!(control(&points, 8).signals, [Rule::BelowLimit]);
    let signals: Vec<_> =
        points.iter().flat_map(|it| it.control.clone().unwrap().signals).collect();
    assert!(signals.contains(&Rule::EwmaLow) && signals.contains(&Rule::CusumLow));
}

#[test]
fn whoever_signalled_starts_anew() {
    let months = [vec![equal(20, 200); 8], vec![equal(29, 200); 6]].concat();
    let points = chart(&months, &Baseline::Fixed(0..8));
    let z = control(&points, 8).z;
    let found = points
        .iter()
        .position(|it| it.control.as_ref().is_ok_and(|it| it.signals.contains(&Rule::CusumHigh)));
    let found = found.unwrap();
    assert!(control(&points, found).cusum_up > CUSUM_LIMIT);
    near(control(&points, found + 1).cusum_up, z - 0.5);
}

#[test]
fn a_period_without_inspections_leaves_ewma_and_cusum_where_they_were() {
    let base = vec![equal(20, 200); 8];
    let high = equal(26, 200);
    let with_gap = [base.clone(), vec![high, equal(0, 0), high]].concat();
    let without = [base, vec![high, high]].concat();
    let fixed = Baseline::Fixed(0..8);
    let (with_gap, without) = (chart(&with_gap, &fixed), chart(&without, &fixed));
    assert_eq!(with_gap[9].control, Err(NoLimits::NothingInspected));
    assert_eq!((with_gap[9].value, with_gap[9].effective_n), (None, None));
    assert_eq!(with_gap[10], without[9]);
}

#[test]
fn what_cannot_have_limits_says_why() {
    let reason = |base: Vec<Sums>, baseline: &Baseline| {
        let at = base.len();
        let points = chart(&[base, vec![equal(1, 50)]].concat(), baseline);
        points[at].control.clone().unwrap_err()
    };
    let before = Baseline::Before(12);
    assert_eq!(reason(vec![], &before), NoLimits::NoBaseline);
    assert_eq!(reason(vec![equal(3, 50); 9], &Baseline::Before(0)), NoLimits::NoBaseline);
    assert_eq!(reason(vec![equal(0, 0); 9], &before), NoLimits::BaselineNotInspected);
    assert_eq!(reason(vec![equal(3, 50); FEWEST - 1], &before), NoLimits::BaselineTooShort);
    assert_eq!(reason(vec![equal(0, 50); 9], &before), NoLimits::BaselineWithoutFailures);
    assert_eq!(reason(vec![equal(50, 50); 9], &before), NoLimits::BaselineWithoutPasses);
    let outside = Baseline::Fixed(40..60);
    assert_eq!(reason(vec![equal(3, 50); 9], &outside), NoLimits::NoBaseline);
}

#[test]
fn a_lasting_shift_becomes_the_moving_baseline_and_not_the_fixed_one() {
    let months = [vec![equal(20, 200); 12], vec![equal(40, 200); 40]].concat();
    let signals = |baseline: &Baseline| {
        let points = chart(&months, baseline);
        points[40..].iter().filter(|it| !it.control.as_ref().unwrap().signals.is_empty()).count()
    };
    assert_eq!((signals(&Baseline::Before(12)), signals(&Baseline::Fixed(0..12))), (0, 12));
}

#[test]
fn names_are_distinct() {
    let rules: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    let reasons: BTreeSet<_> = NoLimits::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!((rules.len(), reasons.len()), (Rule::ALL.len(), NoLimits::ALL.len()));
}

/// A value of the standard normal distribution (Box & Muller 1958).
pub(crate) fn normal(chance: &mut Chance) -> f64 {
    let (radius, turn) = ((1.0 - chance.share()).ln(), chance.share());
    (-2.0 * radius).sqrt() * (std::f64::consts::TAU * turn).cos()
}

/// Mean steps up to a signal, over 6,000 runs: known to about 1.3 %.
fn run_length(seed: u64, shift: f64, mut signals: impl FnMut(f64) -> bool) -> f64 {
    const RUNS: u32 = 6000;
    let (mut chance, mut steps, mut runs) = (Chance(seed), 0_u32, 0);
    while runs < RUNS {
        steps += 1;
        runs += u32::from(signals(normal(&mut chance) + shift));
    }
    f64::from(steps) / f64::from(RUNS)
}

/// In control: 370 each, as published. Shifted by one σ, published for these limits: about 10
/// steps each, in place of the 44 of the p chart (Montgomery, Statistical Quality Control).
#[test]
fn run_lengths_are_the_published_ones() {
    for (shift, low, high) in [(0.0, 355.0, 385.0), (1.0, 9.0, 11.0)] {
        let (mut ewma, mut cusum) = (Ewma::default(), Cusum::default());
        let by_ewma = run_length(20_261_124, shift, |z| ewma.step(z).is_some());
        let by_cusum = run_length(20_261_124, shift, |z| cusum.step(z).is_some());
        println!("run length at shift {shift}: EWMA {by_ewma:.1}, CUSUM {by_cusum:.1}");
        assert!(low < by_ewma && by_ewma < high, "EWMA {by_ewma}");
        assert!(low < by_cusum && by_cusum < high, "CUSUM {by_cusum}");
    }
}

/// Weights of any size that a chance can give, with the ends often.
fn weight() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(1.0),
        Just(4_294_967_296.0),
        1.0..50.0_f64,
        (0_i32..=32).prop_map(|e| 2_f64.powi(e))
    ]
}

fn any_period() -> impl Strategy<Value = Sums> {
    let rows =
        |failing: f64| prop::collection::vec((weight(), prop::bool::weighted(failing)), 0..40);
    let factor = prop_oneof![3 => Just(1.0), 1 => 1.0..5.0_f64];
    let rows = (0.0..=1.0_f64).prop_flat_map(rows);
    (rows, factor).prop_map(|(rows, factor)| period(rows).with_factor(factor))
}

fn any_baseline() -> impl Strategy<Value = Baseline> {
    let fixed = (0_usize..40, 0_usize..40).prop_map(|(from, to)| Baseline::Fixed(from..to));
    prop_oneof![Just(Baseline::default()), (0_usize..40).prop_map(Baseline::Before), fixed]
}

fn check(point: &Point) -> Result<(), TestCaseError> {
    let Ok(it) = &point.control else { return Ok(()) };
    let numbers = [it.z, it.sigma, it.ewma, it.cusum_up, it.cusum_down, point.effective_n.unwrap()];
    prop_assert!(numbers.iter().all(|number| number.is_finite()), "{point:?}");
    prop_assert!(0.0 <= it.low && it.low <= it.centre && it.centre <= it.high && it.high <= 1.0);
    prop_assert!(0.0 < it.centre && it.centre < 1.0 && it.sigma >= 1.0, "{point:?}");
    prop_assert!(it.cusum_up >= 0.0 && it.cusum_down >= 0.0);
    let p = point.value.unwrap();
    let beyond = [
        (Rule::AboveLimit, p > it.high),
        (Rule::BelowLimit, p < it.low),
        (Rule::EwmaHigh, it.ewma > EWMA_LIMIT),
        (Rule::EwmaLow, it.ewma < -EWMA_LIMIT),
        (Rule::CusumHigh, it.cusum_up > CUSUM_LIMIT),
        (Rule::CusumLow, it.cusum_down > CUSUM_LIMIT),
    ];
    let want: Vec<_> = beyond.iter().filter(|(_, beyond)| *beyond).map(|(rule, _)| *rule).collect();
    prop_assert_eq!(&it.signals, &want);
    Ok(())
}

proptest! {
    #[test]
    fn numbers_are_finite_and_limits_hold_the_centre(
        periods in prop::collection::vec(any_period(), 0..40), baseline in any_baseline(),
    ) {
        let points = chart(&periods, &baseline);
        prop_assert_eq!(points.len(), periods.len());
        for (point, period) in points.iter().zip(&periods) {
            prop_assert_eq!(point.value.is_some(), period.n > 0);
            prop_assert_eq!(point.control == Err(NoLimits::NothingInspected), period.n == 0);
            check(point)?;
        }
    }

    #[test]
    fn a_factor_common_to_all_weights_changes_nothing_but_the_last_digits(
        periods in prop::collection::vec((0_u32..20, 20_u32..60), 8..30), factor in 1.0..9.0_f64,
    ) {
        let plain: Vec<_> = periods.iter().map(|&(failed, n)| equal(failed, n)).collect();
        let heavy: Vec<_> = plain.iter().map(|period| period.with_factor(factor)).collect();
        let baseline = Baseline::default();
        for (one, other) in chart(&plain, &baseline).iter().zip(chart(&heavy, &baseline)) {
            prop_assert_eq!(one.control.is_ok(), other.control.is_ok());
            if let (Ok(one), Ok(other)) = (&one.control, &other.control) {
                prop_assert!((one.z - other.z).abs() < 1e-9);
                prop_assert!((one.high - other.high).abs() < 1e-9 || one.exact != other.exact);
            }
        }
    }

    #[test]
    fn what_comes_later_changes_nothing_before(
        periods in prop::collection::vec(any_period(), 2..40), cut in 0.0..1.0_f64,
    ) {
        let cut = (cut * periods.len() as f64) as usize;
        let baseline = Baseline::default();
        prop_assert_eq!(&chart(&periods, &baseline)[..cut], &chart(&periods[..cut], &baseline)[..]);
    }
}
