//! From scores to risk factors: aiming moves inspections and does not add to them.

use breeze::statistics::risk::{EVEN, FEWEST, Scale, calibrate};
use proptest::prelude::*;

/// The mean of what declarations ask for, in parts per million.
fn asked(scale: &Scale, probabilities: &[f64], proportion_ppm: u32, floor_ppm: u32) -> f64 {
    let ask = |&probability: &f64| {
        let factor = f64::from(scale.factor(probability)) / f64::from(EVEN);
        (f64::from(proportion_ppm) * factor).max(f64::from(floor_ppm)).min(1e6)
    };
    probabilities.iter().map(ask).sum::<f64>() / probabilities.len() as f64
}

/// A quarter of the declarations fails four times as often.
fn two_kinds() -> Vec<f64> {
    (0..400).map(|i| if i % 4 == 0 { 0.2 } else { 0.05 }).collect()
}

#[test]
fn a_scale_by_hand() {
    // Factors f and 4f with γ = 1: (4f + 3f)/4 = 1.
    let scale = calibrate(&two_kinds(), 20_000, 0, 1_000);
    assert_eq!(scale.factor(0.05), (65_536.0_f64 * 4.0 / 7.0).round() as u32);
    assert_eq!(scale.factor(0.2), (65_536.0_f64 * 16.0 / 7.0).round() as u32);
    // With γ = 2 the ratio is 16: (16f + 3f)/4 = 1, so f = 4/19, just above the clamp.
    let scale = calibrate(&two_kinds(), 20_000, 0, 2_000);
    assert_eq!(scale.factor(0.05), 13_797);
    assert_eq!(scale.factor(0.2), 220_753);
    // A floor of a quarter of the proportion costs the risky some: (3/4 + f)/4 = 1 leaves 3.25.
    let scale = calibrate(&two_kinds(), 20_000, 5_000, 2_000);
    assert_eq!(scale.factor(0.2), 212_992);
    // With γ = 3 the safe end meets the clamp: (3/5 + f)/4 = 1 leaves 3.4.
    let scale = calibrate(&two_kinds(), 20_000, 0, 3_000);
    assert_eq!(scale.factor(0.05), 13_107);
    assert_eq!(scale.factor(0.2), 222_822);
}

#[test]
fn factors_stay_between_a_fifth_and_eight() {
    let mut probabilities = vec![0.01; 990];
    probabilities.extend([0.9; 10]);
    let scale = calibrate(&probabilities, 20_000, 0, 2_000);
    assert_eq!(scale.factor(0.9), 524_288);
    assert_eq!(scale.factor(1.0), 524_288);
    assert_eq!(scale.factor(0.0), 13_107);
    assert_eq!(scale.factor(7.0), scale.factor(1.0));
    assert_eq!(scale.factor(f64::NEG_INFINITY), scale.factor(0.0));
    assert_eq!(scale.factor(f64::NAN), EVEN);
}

#[test]
fn everybody_is_even_where_there_is_nothing_to_move() {
    let scores = two_kinds();
    let even = |scores: &[f64], proportion_ppm, floor_ppm, exponent_milli| {
        let scale = calibrate(scores, proportion_ppm, floor_ppm, exponent_milli);
        assert_eq!(scale, Scale { log2_constant: None, exponent_milli });
        assert_eq!([0.0, 0.05, 1.0].map(|p| scale.factor(p)), [EVEN; 3]);
    };
    even(&scores, 1_000_000, 5_000, 2_000);
    even(&scores, 20_000, 20_000, 2_000);
    even(&scores, 20_000, 30_000, 2_000);
    even(&scores, 0, 0, 2_000);
    even(&scores, 20_000, 5_000, 0);
    even(&scores[..FEWEST - 1], 20_000, 5_000, 2_000);
    even(&[], 20_000, 5_000, 2_000);
    // Out of reach: no c up to 2^20 brings these near 1.
    even(&[1e-6; 300], 20_000, 5_000, 2_000);
    even(&[f64::NAN; 300], 20_000, 5_000, 2_000);
    assert_ne!(calibrate(&scores[..FEWEST], 20_000, 5_000, 2_000).factor(0.2), EVEN);
}

#[test]
fn equal_scores_get_the_factor_one() {
    for p in [0.003, 0.05, 0.5, 0.999] {
        let scale = calibrate(&[p; 200], 20_000, 5_000, 2_000);
        assert_eq!(scale.factor(p), EVEN, "{p}");
    }
}

#[test]
fn a_stored_scale_gives_the_same_factors() {
    let scale = calibrate(&two_kinds(), 20_000, 5_000, 1_500);
    let text = serde_json::to_string(&scale).unwrap();
    assert_eq!(serde_json::from_str::<Scale>(&text).unwrap(), scale);
}

fn scores() -> impl Strategy<Value = Vec<f64>> {
    let one = prop_oneof![4 => 0.01_f64..0.5, 2 => 0.0001_f64..1.0, 1 => Just(0.2)];
    prop::collection::vec(one, 200..500)
}

/// A proportion and a floor below it.
fn policy() -> impl Strategy<Value = (u32, u32)> {
    let proportion = prop_oneof![1_000_u32..100_000, 1_000_u32..1_000_000];
    (proportion, 0_u32..1_000)
        .prop_map(|(proportion, share)| (proportion, proportion / 1_000 * share))
}

proptest! {
    #[test]
    fn the_mean_asked_chance_is_the_proportion(
        scores in scores(),
        (proportion, floor) in policy(),
        exponent in prop_oneof![Just(1_000_u32), Just(2_000), 1_u32..4_000],
    ) {
        let scale = calibrate(&scores, proportion, floor, exponent);
        let asked = asked(&scale, &scores, proportion, floor);
        let proportion = f64::from(proportion);
        prop_assert!((asked / proportion - 1.0).abs() < 1e-4, "{} of {}", asked, proportion);
    }

    #[test]
    fn factors_rise_with_the_probability_and_stay_within_their_limits(
        scores in scores(),
        (proportion, floor) in policy(),
        exponent in 0_u32..4_000,
        one in 0.0_f64..=1.0,
        other in 0.0_f64..=1.0,
    ) {
        let scale = calibrate(&scores, proportion, floor, exponent);
        let (low, high) = (scale.factor(one.min(other)), scale.factor(one.max(other)));
        prop_assert!(13_107 <= low && low <= high && high <= 524_288);
    }

    #[test]
    fn the_order_of_scores_does_not_matter(
        (scores, shuffled) in scores().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
    ) {
        prop_assert_eq!(calibrate(&scores, 20_000, 5_000, 2_000), calibrate(&shuffled, 20_000, 5_000, 2_000));
    }
}
