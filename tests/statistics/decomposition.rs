//! Post-strata that merge until they can be compared, and the inspectors' part of a change.

use super::effect::cell;
use breeze::statistics::decomposition::{DecompositionError, merge};
use breeze::statistics::{
    Confidence, MeanStrictness, Period, PostStratum, Stratum, Sums, decompose,
};
use proptest::prelude::*;

type Key = (String, String);

fn key(region: &str, chapter: &str) -> Key {
    (region.to_owned(), chapter.to_owned())
}

/// Ten declarations each period; so many of them inspected, at 1 in 10, none failed.
fn stratum(now: u64, before: u64) -> Stratum {
    let period = |n| Period { declarations: 10, sums: cell(10, n, 0) };
    Stratum { now: period(now), before: period(before) }
}

fn merged(strata: &[(&str, &str, u64, u64)]) -> Vec<PostStratum<String, String>> {
    merge(
        strata
            .iter()
            .map(|&(region, chapter, now, before)| (key(region, chapter), stratum(now, before))),
    )
    .unwrap()
}

/// `africa 61+85` and so on.
fn names(merged: &[PostStratum<String, String>]) -> Vec<String> {
    let name = |post: &PostStratum<String, String>| {
        let members: Vec<_> = post.members.iter().map(|(r, c)| format!("{r} {c}")).collect();
        members.join(" + ")
    };
    merged.iter().map(name).collect()
}

#[test]
fn firm_strata_stand_alone() {
    let strata = [("asia", "61", 1, 2), ("africa", "85", 3, 1), ("africa", "61", 1, 1)];
    assert_eq!(names(&merged(&strata)), ["africa 61", "africa 85", "asia 61"]);
}

#[test]
fn thin_chapters_pool_within_their_region() {
    let strata = [
        ("africa", "61", 2, 2),
        ("africa", "84", 1, 0),
        ("africa", "85", 0, 1),
        ("asia", "61", 1, 1),
    ];
    assert_eq!(names(&merged(&strata)), ["africa 61", "africa 84 + africa 85", "asia 61"]);
}

#[test]
fn a_pool_that_is_still_thin_takes_in_its_region() {
    let strata = [
        ("africa", "61", 2, 2),
        ("africa", "84", 1, 0),
        ("africa", "85", 1, 0),
        ("asia", "61", 1, 1),
    ];
    assert_eq!(names(&merged(&strata)), ["africa 61 + africa 84 + africa 85", "asia 61"]);
}

#[test]
fn thin_regions_pool_and_firm_ones_stay() {
    let strata = [
        ("africa", "61", 2, 0),
        ("asia", "61", 1, 1),
        ("asia", "85", 1, 1),
        ("europe", "61", 0, 1),
        ("oceania", "61", 0, 0),
    ];
    let want = ["africa 61 + europe 61 + oceania 61", "asia 61", "asia 85"];
    assert_eq!(names(&merged(&strata)), want);
}

#[test]
fn as_a_last_resort_all_become_one() {
    let strata = [("africa", "61", 0, 0), ("asia", "61", 1, 1), ("europe", "85", 1, 1)];
    let merged = merged(&strata);
    assert_eq!(names(&merged), ["africa 61 + asia 61 + europe 85"]);
    assert_eq!(merged[0].stratum.now.declarations, 30);
    assert_eq!(merged[0].stratum.before.sums.n, 2);
}

#[test]
fn strata_of_one_key_add_up_and_empty_ones_merge_nobody() {
    let empty = Stratum::default();
    let strata = [
        (key("africa", "61"), stratum(1, 0)),
        (key("africa", "99"), empty),
        (key("asia", "61"), stratum(1, 1)),
        (key("africa", "61"), stratum(0, 1)),
    ];
    assert_eq!(names(&merge(strata).unwrap()), ["africa 61", "asia 61"]);
}

#[test]
fn a_period_without_any_inspection_cannot_be_compared() {
    let strata = [(key("africa", "61"), stratum(1, 0)), (key("asia", "61"), stratum(2, 0))];
    assert_eq!(merge(strata), Err(DecompositionError::NothingInspected));
    assert_eq!(merge::<String, String>([]), Err(DecompositionError::NothingInspected));
}

/// 12 of 100 now by inspectors who find 1.2 times as much, 10 of 100 before by usual ones.
#[test]
fn a_rise_that_stricter_inspectors_made_is_theirs() {
    let period = |failed| Period { declarations: 1000, sums: cell(10, 100, failed) };
    let strata = [Stratum { now: period(12), before: period(10) }];
    let change = decompose(&strata, Confidence::NINETY_FIVE).unwrap();
    let near = |got: f64, want: f64| (got - want).abs() < 1e-12;
    assert!(near(change.rate_now, 0.12) && near(change.rate_before, 0.1));
    let why = change.attribute(mean(1.2), MeanStrictness::USUAL);
    assert!(near(why.rate.value, 0.02) && near(why.inspectors, 0.02));
    assert!(near(why.quality.value, 0.0) && near(why.quality.high, why.rate.high - 0.02));
    // Milder before than now: 0.12·(1 − 1/1.2) − 0.1·(1 − 1/0.8) = 0.02 + 0.025.
    let why = change.attribute(mean(1.2), mean(0.8));
    assert!(near(why.inspectors, 0.045) && near(why.quality.value, -0.025));
    let same = change.attribute(MeanStrictness::USUAL, MeanStrictness::USUAL);
    assert_eq!((same.inspectors, same.quality), (0.0, change.rate));
}

fn mean(strictness: f64) -> MeanStrictness {
    MeanStrictness::of([(1.0, strictness)]).unwrap()
}

fn period() -> impl Strategy<Value = Period> {
    let sums = (1_u64..60, 0_u64..6, 0_u64..6);
    (1_u64..2000, sums).prop_map(|(declarations, (weight, n, failed))| Period {
        declarations,
        sums: cell(weight, n, failed.min(n)),
    })
}

fn strata() -> impl Strategy<Value = Vec<(Key, Stratum)>> {
    let one = (0_usize..4, 0_usize..5, period(), period());
    prop::collection::vec(one, 1..14).prop_map(|strata| {
        let named = |(region, chapter, now, before): (usize, usize, _, _)| {
            let region = ["africa", "asia", "europe", "oceania"][region];
            (key(region, ["08", "39", "61", "84", "85"][chapter]), Stratum { now, before })
        };
        strata.into_iter().map(named).collect()
    })
}

proptest! {
    #[test]
    fn merging_loses_nothing_and_leaves_nobody_thin(strata in strata()) {
        let inspected = |of: fn(&Stratum) -> u64| strata.iter().map(|(_, s)| of(s)).sum::<u64>();
        let (now, before) = (inspected(|s| s.now.sums.n), inspected(|s| s.before.sums.n));
        let Ok(merged) = merge(strata.clone()) else {
            prop_assert!(now == 0 || before == 0);
            return Ok(());
        };
        prop_assert!(merged.iter().all(|p| p.stratum.now.sums.n > 0));
        prop_assert!(merged.iter().all(|p| p.stratum.before.sums.n > 0));
        prop_assert_eq!(merged.iter().map(|p| p.stratum.now.sums.n).sum::<u64>(), now);
        let of = |p: &PostStratum<String, String>| p.stratum.now.declarations;
        prop_assert_eq!(merged.iter().map(of).sum::<u64>(), inspected(|s| s.now.declarations));
        let mut members: Vec<_> = merged.iter().flat_map(|p| p.members.clone()).collect();
        members.sort();
        let mut keys: Vec<_> = strata.iter().map(|(key, _)| key.clone()).collect();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(members, keys, "each key in exactly one post-stratum");
        let turned = merge(strata.into_iter().rev()).unwrap();
        prop_assert_eq!(names(&turned), names(&merged), "whatever the order");
    }

    #[test]
    fn the_parts_of_an_explanation_add_up(
        strata in strata(), now in 0.05..20.0_f64, before in 0.05..20.0_f64,
    ) {
        let Ok(merged) = merge(strata) else { return Ok(()) };
        let strata: Vec<Stratum> = merged.iter().map(|post| post.stratum).collect();
        let change = decompose(&strata, Confidence::NINETY_FIVE).unwrap();
        let why = change.attribute(mean(now), mean(before));
        let parts = [why.targeting, why.mix, why.inspectors, why.quality.value, why.imbalance];
        prop_assert!((parts.iter().sum::<f64>() - why.observed).abs() < 1e-12, "{why:?}");
        prop_assert!((why.inspectors + why.quality.value - why.rate.value).abs() < 1e-12);
        prop_assert!(why.quality.low <= why.quality.value && why.quality.value <= why.quality.high);
        let total: Sums = strata.iter().map(|stratum| stratum.now.sums).sum();
        prop_assert!((why.estimated + change.rate_before - total.wy / total.w).abs() < 1e-12);
    }
}
