//! Strictness of inspectors, pairs and many tests at once: by hand, as properties, and how often
//! they find something in worlds with and without something to find.

use super::coverage::Chance;
use super::effect::cell;
use breeze::statistics::multiple::{DISCOVERY_RATE, benjamini_hochberg};
use breeze::statistics::pairs::{Meeting, Pair, PairError, unusual};
use breeze::statistics::strictness::{Found, StrictnessError, Strictnesses, strictness};
use breeze::statistics::{
    Confidence, MeanStrictness, Period, Stratum, Strictness, Sums, decompose,
};
use proptest::prelude::*;

const WORLDS: u32 = 1000;

fn judged(found: &[(u64, f64)]) -> Strictnesses {
    let found: Vec<_> =
        found.iter().map(|&(failures, expected)| Found { failures, expected }).collect();
    strictness(&found, Confidence::NINETY_FIVE).unwrap()
}

fn near(got: f64, want: f64, within: f64) -> bool {
    (got - want).abs() <= within * want.abs()
}

/// Estimate, limits and tail of each, from mpmath 1.3 with 30 digits.
#[test]
fn shape_limits_and_tails_are_those_of_an_independent_computation() {
    let one = judged(&[(60, 30.0), (22, 30.0), (25, 30.0), (21, 30.0)]);
    assert!(near(one.shape, 5.515_951_356_924_11, 1e-6), "{}", one.shape);
    let want = [
        (1.84469087421, 1.42524446812, 2.31741518921, 8.38968295893e-6, true),
        (0.774749100211, 0.512784197857, 1.08990957342, 0.144181931621, false),
        (0.859218187632, 0.58184231531, 1.18980367359, 0.357813967035, false),
        (0.746592737738, 0.489950869782, 1.05642478006, 0.0999764512887, false),
    ];
    assert_judged(&one, &want);
    let other = judged(&[(8, 4.0), (0, 3.0), (5, 5.0), (1, 6.0)]);
    assert!(near(other.shape, 0.931_477_334_944_102, 1e-6), "{}", other.shape);
    // The last two would be flagged alone; of four, 4 · 0.0138 is too much.
    let want = [
        (1.81111596553, 0.825192409783, 3.17794703342, 0.133929914627, false),
        (0.236928069422, 0.00475263710199, 0.901208260823, 0.0337099919375, false),
        (1.0, 0.364340286171, 1.95091538024, 0.890733285189, false),
        (0.278653054985, 0.0319177385713, 0.786598352915, 0.0138090930253, false),
    ];
    assert_judged(&other, &want);
}

fn assert_judged(got: &Strictnesses, want: &[(f64, f64, f64, f64, bool)]) {
    assert_eq!(got.inspectors.len(), want.len());
    for (got, &(value, low, high, tail, flagged)) in got.inspectors.iter().zip(want) {
        let pairs = [
            (got.ratio.value, value),
            (got.ratio.low, low),
            (got.ratio.high, high),
            (got.tail, tail),
        ];
        assert!(pairs.iter().all(|&(got, want)| near(got, want, 1e-5)), "{got:?}");
        assert_eq!(got.flagged, flagged, "{got:?}");
    }
}

#[test]
fn inspectors_who_find_what_was_expected_are_called_alike() {
    for found in [vec![(10, 10.0); 5], vec![(30, 30.0)], vec![(0, 0.0); 3], vec![]] {
        let all = judged(&found);
        assert_eq!(all.shape, 1000.0);
        assert_eq!(all.inspectors.len(), found.len());
        for one in all.inspectors {
            assert!((one.ratio.value - 1.0).abs() < 1e-12 && !one.flagged, "{one:?}");
            assert!(one.ratio.low < 1.0 && one.ratio.high > 1.0 && one.tail > 0.9);
        }
    }
}

#[test]
fn one_inspector_is_judged_against_the_expectation() {
    let one = judged(&[(9, 4.0)]);
    assert!(near(one.shape, 1.962_762_192_164, 1e-6));
    assert!(near(one.inspectors[0].ratio.value, 1.83853755003, 1e-6));
    assert!(!one.inspectors[0].flagged);
    assert!(judged(&[(80, 30.0)]).inspectors[0].flagged);
}

#[test]
fn nothing_found_is_mild_only_where_something_was_expected() {
    let all = judged(&[(0, 0.0), (0, 0.5), (0, 25.0), (30, 25.0), (28, 27.5)]);
    let [unknown, little, mild, ..] = all.inspectors[..] else { panic!("five inspectors") };
    assert_eq!((unknown.ratio.value, unknown.tail, unknown.flagged), (1.0, 1.0, false));
    assert!(little.ratio.value < 1.0 && little.ratio.high > 1.0 && !little.flagged);
    assert!(mild.ratio.high < 1.0 && mild.flagged);
}

#[test]
fn the_shape_stays_within_its_bounds() {
    let all_or_nothing = judged(&[(0, 1e4), (100_000, 1e4), (0, 1e4), (0, 1e4)]);
    assert!(near(all_or_nothing.shape, 0.1, 1e-12));
    assert_eq!(judged(&[(10_000, 1e4), (10_000, 1e4)]).shape, 1000.0);
}

#[test]
fn expectations_that_cannot_be_are_refused_with_words_that_help() {
    let refused = |failures, expected| {
        let found = [Found { failures: 1, expected: 1.0 }, Found { failures, expected }];
        strictness(&found, Confidence::NINETY_FIVE).unwrap_err()
    };
    assert_eq!(refused(3, 0.0), StrictnessError::Impossible(1, 3));
    assert_eq!(refused(0, -0.5), StrictnessError::Expected(1, -0.5));
    assert!(refused(0, f64::NAN).to_string().contains("inspector 1 (from 0) expects NaN"));
    assert!(unusual(&[Pair { observed: 1, expected: f64::INFINITY }]).is_err());
    assert_eq!(unusual(&[Pair { observed: 1, expected: -1.0 }]), Err(PairError(0, -1.0)));
}

#[test]
fn a_mean_strictness_weighs_who_inspected_how_much() {
    assert_eq!(MeanStrictness::of([(3.0, 1.0), (1.0, 2.0)]).unwrap().value(), 1.25);
    assert_eq!(MeanStrictness::default(), MeanStrictness::USUAL);
    for impossible in [vec![], vec![(0.0, 1.0)], vec![(1.0, f64::NAN)], vec![(1.0, 0.0)]] {
        assert_eq!(MeanStrictness::of(impossible), None);
    }
}

/// The example of Benjamini & Hochberg 1995, section 4.1: fifteen p-values, four discoveries.
#[test]
fn the_paper_s_own_example_has_four_discoveries() {
    let p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0000,
    ];
    let adjusted = benjamini_hochberg(&p, DISCOVERY_RATE);
    assert_eq!(adjusted.iter().filter(|test| test.discovery).count(), 4);
    assert!(near(adjusted[0].value, 0.0015, 1e-12) && near(adjusted[3].value, 0.035625, 1e-12));
    // The sixth takes the value of the seventh, which is smaller than its own.
    assert!(near(adjusted[5].value, 15.0 * 0.0298 / 7.0, 1e-12));
    assert_eq!(benjamini_hochberg(&[], DISCOVERY_RATE), []);
    let odd = benjamini_hochberg(&[f64::NAN, -1.0, 7.0], DISCOVERY_RATE);
    assert_eq!([odd[0].value, odd[1].value, odd[2].value], [1.0, 0.0, 1.0]);
}

#[test]
fn pairs_meet_by_chance_until_they_meet_too_often() {
    let pair = |observed, expected| Pair { observed, expected };
    let met = unusual(&[pair(12, 3.0), pair(4, 3.0), pair(0, 0.0), pair(1, 0.0)]).unwrap();
    assert!(near(met[0].tail, 7.13866289742e-5, 1e-10));
    assert!(near(met[0].adjusted, 2.0 * 7.13866289742e-5, 1e-10) && met[0].flagged);
    assert!(near(met[1].tail, 0.352768111218, 1e-10) && !met[1].flagged);
    assert_eq!((met[2].tail, met[2].flagged), (1.0, false));
    assert_eq!(met[3], Meeting { tail: 0.0, adjusted: 0.0, flagged: true });
    assert_eq!(unusual(&[]), Ok(vec![]));
}

/// Random inspectors: few and many items, from nothing to far too much found.
fn inspectors() -> impl Strategy<Value = Vec<(u64, f64)>> {
    let some = (0_u64..400, 0.01..300.0_f64);
    prop::collection::vec(prop_oneof![some, Just((0, 0.0)), Just((0, 1e-9))], 0..9)
}

fn all_numbers(one: &Strictness) -> bool {
    let numbers = [one.ratio.value, one.ratio.low, one.ratio.high, one.tail, one.adjusted];
    numbers.iter().all(|number| number.is_finite() && *number >= 0.0)
}

proptest! {
    #[test]
    fn strictness_lies_between_what_was_found_and_one(found in inspectors()) {
        let all = judged(&found);
        prop_assert!((0.1..=1000.0).contains(&all.shape));
        for (one, &(failures, expected)) in all.inspectors.iter().zip(&found) {
            prop_assert!(all_numbers(one), "{one:?}");
            let ratio = one.ratio;
            prop_assert!(ratio.low <= ratio.value && ratio.value <= ratio.high, "{one:?}");
            if expected > 0.0 {
                let raw = failures as f64 / expected;
                let (least, most) = (raw.min(1.0) - 1e-9, raw.max(1.0) * (1.0 + 1e-9));
                prop_assert!(least <= ratio.value && ratio.value <= most, "{one:?} of {raw}");
            }
            prop_assert!(one.tail <= one.adjusted && one.adjusted <= 1.0);
            prop_assert_eq!(one.flagged, one.adjusted <= DISCOVERY_RATE);
        }
    }

    #[test]
    fn the_order_of_inspectors_changes_nothing_but_rounding(found in inspectors()) {
        let turned: Vec<_> = found.iter().rev().copied().collect();
        let (one, other) = (judged(&found), judged(&turned));
        prop_assert!(near(one.shape, other.shape, 1e-3));
        for (one, other) in one.inspectors.iter().zip(other.inspectors.iter().rev()) {
            prop_assert!(near(one.ratio.value, other.ratio.value, 1e-3));
        }
    }

    #[test]
    fn adjusted_values_keep_the_order_of_the_p_values(
        p in prop::collection::vec(prop_oneof![0.0..=1.0_f64, 0.0..0.01_f64], 1..40),
    ) {
        let adjusted = benjamini_hochberg(&p, DISCOVERY_RATE);
        for (one_p, one) in p.iter().zip(&adjusted) {
            prop_assert!(*one_p <= one.value && one.value <= 1.0);
            prop_assert_eq!(one.discovery, one.value <= DISCOVERY_RATE);
            for (other_p, other) in p.iter().zip(&adjusted) {
                prop_assert!(other_p > one_p || other.value <= one.value);
            }
        }
        // The step-up rule itself: the largest k with p(k) ≤ k·rate/m, and all before it.
        let mut sorted = p.clone();
        sorted.sort_by(f64::total_cmp);
        let limit = |rank: usize| (rank + 1) as f64 * DISCOVERY_RATE / p.len() as f64;
        let last = (0..p.len()).rev().find(|&rank| sorted[rank] <= limit(rank));
        let found = adjusted.iter().filter(|test| test.discovery).count();
        prop_assert_eq!(found, last.map_or(0, |rank| rank + 1));
    }
}

/// A world: who inspects how many items, and how much stricter the first one is.
struct World {
    items: &'static [u32],
    rate: f64,
    first: f64,
}

/// Expectations are the rate over all inspectors together, as where no model is active.
fn found_in(world: &World, chance: &mut Chance) -> Vec<(u64, f64)> {
    let failed: Vec<u32> = world
        .items
        .iter()
        .enumerate()
        .map(|(inspector, &items)| {
            let rate = if inspector == 0 { world.rate * world.first } else { world.rate };
            (0..items).map(|_| u32::from(chance.share() < rate)).sum()
        })
        .collect();
    let rate = f64::from(failed.iter().sum::<u32>()) / f64::from(world.items.iter().sum::<u32>());
    let found = |(&failed, &items): (&u32, &u32)| (u64::from(failed), f64::from(items) * rate);
    failed.iter().zip(world.items).map(found).collect()
}

/// Shares of worlds in which anyone, and in which the first one, is flagged.
fn flagged(world: &World, seed: u64) -> (f64, f64) {
    let mut chance = Chance(seed);
    let (mut any, mut first) = (0, 0);
    for _ in 0..WORLDS {
        let all = judged(&found_in(world, &mut chance)).inspectors;
        any += u32::from(all.iter().any(|one| one.flagged));
        first += u32::from(all[0].flagged);
    }
    (f64::from(any) / f64::from(WORLDS), f64::from(first) / f64::from(WORLDS))
}

#[test]
fn equal_inspectors_are_seldom_flagged() {
    let worlds: [(&str, &[u32], f64); 4] = [
        ("six of 150 items, 8 %", &[150; 6], 0.08),
        ("six of 40 to 400, 8 %", &[40, 80, 120, 200, 300, 400], 0.08),
        ("twenty of 100, 5 %", &[100; 20], 0.05),
        ("six of 150, 1 %", &[150; 6], 0.01),
    ];
    for (name, items, rate) in worlds {
        let (any, _) = flagged(&World { items, rate, first: 1.0 }, 20_261_124);
        println!("{name}: anyone flagged in {any:.3} of worlds");
        assert!(any <= 0.05, "{name}");
    }
}

#[test]
fn one_of_six_who_is_twice_as_strict_is_flagged_in_most_worlds_from_300_items_each() {
    let sizes: [(&[u32], f64); 4] =
        [(&[150; 6], 0.1), (&[300; 6], 0.5), (&[450; 6], 0.8), (&[600; 6], 0.9)];
    for (items, least) in sizes {
        let rate = 0.08;
        let (any, first) = flagged(&World { items, rate, first: 2.0 }, 20_261_125);
        println!("six of {} items, {rate}: first {first:.3}, anyone {any:.3}", items[0]);
        assert!(first >= least, "{first}");
    }
}

/// Items of four inspectors, now and before: the first is half as strict again as the others, and
/// inspects three times as much as it did. The goods are the same.
const SHIFT: [([u64; 4], f64); 2] = [([360, 80, 80, 80], 0.08), ([120, 160, 160, 160], 0.08)];

/// Sums by inspector of a period.
fn shift(chance: &mut Chance, (items, rate): ([u64; 4], f64)) -> Vec<(u64, u64)> {
    let fail = |(inspector, &items): (usize, &u64)| {
        let rate = if inspector == 0 { 1.5 * rate } else { rate };
        (items, (0..items).map(|_| u64::from(chance.share() < rate)).sum())
    };
    items.iter().enumerate().map(fail).collect()
}

/// The change of the rate and the inspectors' part, strictness fitted once over both periods.
fn parts_of_a_shift(chance: &mut Chance) -> (f64, f64) {
    let [now, before] = SHIFT.map(|period| shift(chance, period));
    let total = |of: fn(&(u64, u64)) -> u64| now.iter().chain(&before).map(of).sum::<u64>();
    let pooled = total(|one| one.1) as f64 / total(|one| one.0) as f64;
    let both = |(now, before): (&(u64, u64), &(u64, u64))| {
        (now.1 + before.1, (now.0 + before.0) as f64 * pooled)
    };
    let fitted = judged(&now.iter().zip(&before).map(both).collect::<Vec<_>>()).inspectors;
    let mean = |period: &[(u64, u64)]| {
        let rows = period.iter().zip(&fitted).map(|(one, s)| (10.0 * one.0 as f64, s.ratio.value));
        MeanStrictness::of(rows).unwrap()
    };
    let period = |cells: &[(u64, u64)]| Period {
        declarations: 6000,
        sums: cells.iter().map(|&(items, failed)| cell(10, items, failed)).sum::<Sums>(),
    };
    let stratum = Stratum { now: period(&now), before: period(&before) };
    let change = decompose(&[stratum], Confidence::NINETY_FIVE).unwrap();
    let why = change.attribute(mean(&now), mean(&before));
    (why.rate.value, why.inspectors)
}

#[test]
fn a_change_of_inspectors_is_found_though_shrinking_understates_it() {
    let mut chance = Chance(20_261_126);
    let worlds: Vec<_> = (0..WORLDS).map(|_| parts_of_a_shift(&mut chance)).collect();
    let mean =
        |of: fn(&(f64, f64)) -> f64| worlds.iter().map(of).sum::<f64>() / worlds.len() as f64;
    let (rate, inspectors) = (mean(|why| why.0), mean(|why| why.1));
    println!("rate rose by {rate:.4} on average, inspectors' part {inspectors:.4}");
    assert!(inspectors > 0.4 * rate && inspectors < rate);
}
