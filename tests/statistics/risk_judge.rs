//! How good scores were: by hand, by counting pairs, and whatever the order of rows.

use breeze::statistics::risk::{Judgement, judge};
use proptest::prelude::*;

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-9, "{got} is not {want}");
}

/// Ten rows: 0.9 failed, 0.8 failed, 0.7 passed, 0.6 failed, then passes.
fn ten() -> Vec<(f64, bool)> {
    let failed = [true, true, false, true, false, false, false, false, false, false];
    failed.into_iter().zip(1_i32..).map(|(failed, i)| (1.0 - f64::from(i) / 10.0, failed)).collect()
}

#[test]
fn ten_rows_by_hand() {
    let judgement = judge(&ten());
    assert_eq!((judgement.rows, judgement.failed), (10, 3));
    assert_eq!(judgement.base_rate, Some(0.3));
    // Of 21 pairs one is lost: 0.7 passed, 0.6 failed.
    near(judgement.auc.unwrap(), 20.0 / 21.0);
    let precisions: Vec<_> =
        judgement.precisions.iter().map(|p| (p.percent, p.rows, p.failed, p.precision)).collect();
    assert_eq!(
        precisions,
        [(1, 1, 1.0, 1.0), (5, 1, 1.0, 1.0), (10, 1, 1.0, 1.0), (20, 2, 2.0, 1.0)]
    );
    let lifts: Vec<_> = judgement.deciles.iter().map(|decile| decile.lift.unwrap()).collect();
    near(lifts[0], 1.0 / 0.3);
    assert_eq!(lifts[2], 0.0);
    near(judgement.deciles[9].expected_rate.unwrap(), 0.0);
    let brier = [0.1, 0.2, 0.7, 0.4, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0_f64];
    near(judgement.brier.unwrap(), brier.iter().map(|d| d * d).sum::<f64>() / 10.0);
    let right = [0.9, 0.8, 0.3, 0.6, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0_f64];
    near(judgement.log_loss.unwrap(), -right.iter().map(|p| p.ln()).sum::<f64>() / 10.0);
}

#[test]
fn a_tie_at_the_end_gives_its_share() {
    let rows: Vec<_> = (0..40).map(|i| (0.5, i < 10)).collect();
    let judgement = judge(&rows);
    assert_eq!(judgement.auc, Some(0.5));
    assert!(judgement.precisions.iter().all(|precision| precision.precision == 0.25));
    assert!(judgement.deciles.iter().all(|decile| decile.lift == Some(1.0)));
    assert_eq!(judgement.calibration, None, "one score has no slope");
}

#[test]
fn scores_that_mean_what_they_say_need_no_setting_right() {
    let group = |p: f64, failed: u32, rows: u32| (0..rows).map(move |i| (p, i < failed));
    let rows: Vec<_> =
        group(0.1, 10, 100).chain(group(0.5, 20, 40)).chain(group(0.8, 8, 10)).collect();
    let calibration = judge(&rows).calibration.unwrap();
    near(calibration.intercept, 0.0);
    near(calibration.slope, 1.0);
    // The same outcomes for scores whose log-odds are twice as far out, and one higher.
    let boast = |p: f64| 1.0 / (1.0 + (-(2.0 * (p / (1.0 - p)).ln() + 1.0)).exp());
    let boasted: Vec<_> = rows.iter().map(|&(p, failed)| (boast(p), failed)).collect();
    let calibration = judge(&boasted).calibration.unwrap();
    near(calibration.intercept, -0.5);
    near(calibration.slope, 0.5);
}

#[test]
fn nothing_to_judge_is_said_and_not_computed() {
    let nothing = judge(&[]);
    assert_eq!((nothing.rows, nothing.base_rate, nothing.auc), (0, None, None));
    assert_eq!((nothing.log_loss, nothing.brier, nothing.calibration), (None, None, None));
    assert!(nothing.precisions.is_empty());
    assert!(nothing.deciles.iter().all(|decile| decile.rate.is_none() && decile.lift.is_none()));
    assert_eq!(judge(&[(f64::NAN, true)]), nothing);
    let passes = judge(&[(0.2, false), (0.1, false)]);
    assert_eq!((passes.base_rate, passes.auc, passes.calibration), (Some(0.0), None, None));
    assert!(passes.deciles.iter().all(|decile| decile.lift.is_none()));
    assert_eq!(judge(&[(0.9, true), (0.1, false), (0.8, true)]).calibration, None, "parted");
}

#[test]
fn certainty_that_was_wrong_costs_much_and_not_everything() {
    let loss = judge(&[(1.0, false), (0.0, true), (2.0, true)]).log_loss.unwrap();
    assert!(loss > 20.0 && loss < 40.0, "{loss}");
}

fn all_finite(judgement: &Judgement) -> bool {
    let text = serde_json::to_string(judgement).unwrap();
    let back: Judgement = serde_json::from_str(&text).unwrap();
    back == *judgement
}

fn outcomes() -> impl Strategy<Value = Vec<(f64, bool)>> {
    let p = prop_oneof![0.0_f64..=1.0, (0_u8..=10).prop_map(|tenth| f64::from(tenth) / 10.0)];
    prop::collection::vec((p, any::<bool>()), 0..60)
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(
        (rows, shuffled) in outcomes().prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle())),
    ) {
        let judgement = judge(&rows);
        prop_assert!(all_finite(&judgement));
        prop_assert_eq!(judge(&shuffled), judgement);
    }

    #[test]
    fn the_area_is_the_share_of_pairs_put_right(rows in outcomes()) {
        let of = |outcome: bool| -> Vec<f64> {
            rows.iter().filter(|(_, failed)| *failed == outcome).map(|(p, _)| *p).collect()
        };
        let (failed, passed) = (of(true), of(false));
        let won = |f: f64, p: f64| if f > p { 1.0 } else if f < p { 0.0 } else { 0.5 };
        let pairs = failed.iter().flat_map(|f| passed.iter().map(|p| won(*f, *p)));
        let share = pairs.sum::<f64>() / (failed.len() * passed.len()) as f64;
        match judge(&rows).auc {
            Some(auc) => prop_assert!((auc - share).abs() < 1e-12),
            None => prop_assert!(share.is_nan()),
        }
    }

    #[test]
    fn tenths_hold_every_row_and_every_failure_once(rows in outcomes()) {
        let judgement = judge(&rows);
        let failed: f64 = judgement.deciles.iter().map(|decile| decile.failed).sum();
        prop_assert!((failed - judgement.failed as f64).abs() < 1e-9);
        prop_assert_eq!(judgement.deciles.iter().map(|decile| decile.rows).sum::<u64>(), judgement.rows);
    }
}
