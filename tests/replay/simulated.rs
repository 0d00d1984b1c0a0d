//! A share of the simulated years: enough to see that aiming finds more and that rates stay true.

use breeze::flow::replay::Refit;
use breeze::flow::replay::simulate::{Pair, judge, pair};

/// Worlds of the share, the first ones of `breeze replay --simulate`.
const WORLDS: std::ops::RangeInclusive<u64> = 1..=3;

#[test]
fn aiming_finds_more_failures_per_inspection_and_the_monthly_rates_stay_true() {
    let pairs: Vec<Pair> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            WORLDS.map(|world| scope.spawn(move || pair(world, Refit::Monthly))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
    });
    for pair in &pairs {
        println!("{pair:?}");
        assert!((0.06..0.13).contains(&pair.failing), "the world is as it should be");
        for arm in [&pair.equal, &pair.aimed] {
            assert!((2_000..3_000).contains(&arm.inspections_of_year));
            assert_eq!(arm.months, 6);
        }
        let more = pair.aimed.precision / pair.equal.precision;
        assert!(more > 1.2, "world {} finds {more} times as much", pair.world);
    }
    let verdict = judge(&pairs);
    println!("{verdict:?}");
    let sum = |of: fn(&Pair) -> (u64, u64)| {
        pairs.iter().map(of).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    };
    let (found, inspected) = sum(|pair| (pair.aimed.failures_found, pair.aimed.inspections));
    let (found_equal, inspected_equal) =
        sum(|pair| (pair.equal.failures_found, pair.equal.inspections));
    let precision = found as f64 / inspected as f64;
    let equal = found_equal as f64 / inspected_equal as f64;
    // Some 3,500 inspections in each arm: by chance alone the ratio has a spread of 0.08.
    assert!(precision / equal > 1.45, "{} times as much", precision / equal);
    // 18 months in each arm; at 95 % fewer than 15 have a chance of 1 %.
    assert!(verdict.coverage.aimed >= 15.0 / 18.0, "{:?}", verdict.coverage);
    assert!(verdict.coverage.equal >= 15.0 / 18.0, "{:?}", verdict.coverage);
    // The observed rate is 1.6 times the truth: an estimate that forgot its weights would be off
    // by 60 %.
    assert!(verdict.relative_rmse.aimed < 0.4, "{:?}", verdict.relative_rmse);
}
