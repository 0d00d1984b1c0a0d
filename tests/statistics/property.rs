//! What must hold for any inspected rows.

use breeze::statistics::decomposition::DecompositionError;
use breeze::statistics::interval::limits;
use breeze::statistics::{
    CERTAINTY, Class, Confidence, Estimate, METHOD, Period, Rate, Response, Stratum, Sums, Tally,
    Target, Verdict, change, decompose, rate, response_factors,
};
use proptest::prelude::*;

const TARGETS: [Target; 2] = [Target::Declarations, Target::Process];

/// Any chance, with the ends and the neighbourhood of certainty often.
fn chance() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(1),
        Just(CERTAINTY),
        Just(CERTAINTY - 1),
        1..=CERTAINTY,
        (0_u32..=32).prop_map(|power| 1 << power),
    ]
}

fn rows(most: usize) -> impl Strategy<Value = Vec<(u64, bool)>> {
    prop::collection::vec((chance(), any::<bool>()), 1..most)
}

/// Frames that hold at least the inspected rows.
fn cell(rows: &[(u64, bool)], unmet: &[u64]) -> Sums {
    let mut tally = Tally::default();
    for &(q, failed) in rows {
        tally.add_frame(q, 1).unwrap();
        tally.add_inspected(q, failed).unwrap();
    }
    unmet.iter().for_each(|&q| tally.add_frame(q, 1).unwrap());
    tally.sums()
}

fn near(got: f64, want: f64, scale: f64) -> bool {
    (got - want).abs() <= 1e-9 * scale.abs().max(want.abs()) + 1e-12
}

fn numbers(rate: &Rate) -> Vec<f64> {
    let all = [rate.observed, rate.estimated, rate.standard_error, rate.low, rate.high];
    all.into_iter().chain([rate.effective_n]).flatten().collect()
}

/// P(X ≤ k) of a binomial variable, added up term by term.
fn binomial_up_to(k: u32, n: u32, p: f64) -> f64 {
    let (mut term, mut sum) = ((1.0 - p).powf(f64::from(n)), 0.0);
    for x in 0..=k {
        sum += term;
        term *= f64::from(n - x) / f64::from(x + 1) * p / (1.0 - p);
    }
    sum
}

proptest! {
    #[test]
    fn equal_weights_give_exactly_clopper_and_pearson(
        q in chance(), n in 1_u32..80, share in 0.0..=1.0_f64, level in 0.5..0.999_f64,
    ) {
        let failures = (0..=n).find(|&x| f64::from(x) >= share * f64::from(n)).unwrap();
        let rows: Vec<_> = (0..n).map(|row| (q, row < failures)).collect();
        let confidence = Confidence::new(level).unwrap();
        let (low, high) = limits(&cell(&rows, &[]), Target::Process, confidence).unwrap();
        let tail = (1.0 - level) / 2.0;
        if failures < n {
            prop_assert!((binomial_up_to(failures, n, high) - tail).abs() < 1e-9);
        }
        if failures > 0 {
            prop_assert!((1.0 - binomial_up_to(failures - 1, n, low) - tail).abs() < 1e-9);
        }
    }

    #[test]
    fn sums_of_cells_are_the_sums(one in rows(30), other in rows(30), unmet in chance()) {
        let (first, second) = (cell(&one, &[unmet]), cell(&other, &[]));
        let both = cell(&[one, other].concat(), &[unmet]);
        let total: Sums = [first, second].into_iter().sum();
        prop_assert_eq!((total.n, total.failed, total.rows), (both.n, both.failed, both.rows));
        let pairs = [
            (total.w, both.w), (total.wy, both.wy), (total.a, both.a), (total.ay, both.ay),
            (total.b, both.b), (total.by, both.by), (total.u, both.u),
        ];
        for (got, want) in pairs {
            prop_assert!(near(got, want, want), "{} is not {}", got, want);
        }
    }

    #[test]
    fn a_factor_is_what_heavier_weights_would_have_summed_to(
        rows in rows(30), drawn in 1_u32..50, inspected in 1_u32..50,
    ) {
        let c = f64::from(drawn.max(inspected)) / f64::from(inspected);
        let with = cell(&rows, &[]).with_factor(c);
        let (mut w, mut a, mut ay, mut by) = (0.0, 0.0, 0.0, 0.0);
        for &(q, failed) in &rows {
            let heavier = c * CERTAINTY as f64 / q as f64;
            let y = f64::from(u8::from(failed));
            w += heavier;
            a += heavier * (heavier - 1.0);
            ay += heavier * (heavier - 1.0) * y;
            by += heavier * heavier * y;
        }
        for (got, want) in [(with.w, w), (with.a, a), (with.ay, ay), (with.by, by)] {
            prop_assert!(near(got, want, with.w), "{} is not {}", got, want);
        }
        prop_assert_eq!((with.rows, with.u), (rows.len() as u64, cell(&rows, &[]).u));
    }

    #[test]
    fn limits_hold_the_rate_and_nothing_is_ever_not_a_number(
        rows in rows(40), unmet in prop::collection::vec(chance(), 0..10),
        c in 1.0..1e6_f64, level in 0.001..0.999_999_f64,
    ) {
        let sums = cell(&rows, &unmet).with_factor(c);
        for target in TARGETS {
            let rate = rate(&sums, target, Confidence::new(level).unwrap());
            prop_assert!(numbers(&rate).iter().all(|x| x.is_finite()), "{:?}", rate);
            let Estimate { value, low, high } = rate.estimate().unwrap();
            prop_assert!(0.0 <= low && low <= value && value <= high && high <= 1.0, "{:?}", rate);
            prop_assert!(rate.failed > 0 || low == 0.0);
            let open = Target::Process == target || sums.a > 0.0;
            prop_assert!(rate.failed < rate.inspected || !open || high == 1.0);
        }
    }

    #[test]
    fn a_change_is_finite_and_its_limits_hold_it(one in rows(30), other in rows(30)) {
        let estimate = |rows: &[(u64, bool)]| {
            rate(&cell(rows, &[]), Target::Process, Confidence::NINETY_FIVE).estimate().unwrap()
        };
        let (now, before) = (estimate(&one), estimate(&other));
        let change = change(&now, &before);
        let difference = change.difference;
        prop_assert!(difference.low <= difference.value && difference.value <= difference.high);
        prop_assert!((-1.0..=1.0).contains(&difference.low) && difference.high <= 1.0 + 1e-12);
        let relative = change.relative;
        prop_assert!(relative.low >= -1.0 && relative.low.is_finite());
        prop_assert!(relative.high.is_none_or(|high| high.is_finite()));
        // In floats the product of tiny rates can lose a digit or two.
        let slack = |x: f64| 1e-9 * (1.0 + x.abs());
        if let Some(value) = relative.value {
            prop_assert!(relative.low <= value + slack(value), "{:?}", relative);
            prop_assert!(relative.high.is_none_or(|high| value <= high + slack(high)));
        }
    }

    #[test]
    fn the_parts_of_a_change_add_up(
        strata in prop::collection::vec((rows(10), rows(10), 1_u64..1000, 1_u64..1000), 1..5),
    ) {
        let strata: Vec<_> = strata
            .iter()
            .map(|(one, other, now, before)| Stratum {
                now: Period { declarations: *now, sums: cell(one, &[]) },
                before: Period { declarations: *before, sums: cell(other, &[]) },
            })
            .collect();
        let why = decompose(&strata, Confidence::NINETY_FIVE).unwrap();
        let parts = why.targeting + why.mix + why.rate.value + why.imbalance;
        prop_assert!((parts - why.observed).abs() < 1e-12);
        prop_assert!(why.rate.low <= why.rate.value && why.rate.value <= why.rate.high);
    }

    #[test]
    fn response_factors_leave_no_drawn_row_unspoken_for(
        month in prop::collection::vec((0_usize..4, 0_u64..60, 0_u64..60), 1..14),
    ) {
        let classes: Vec<_> = month
            .iter()
            .map(|&(office, one, other)| Class {
                office: ["A", "B", "C", "D"][office],
                stratum: "any",
                response: Response::new(one.max(other), one.min(other)).unwrap(),
            })
            .collect();
        let (mut drawn, mut spoken_for) = (0.0, 0.0);
        for (class, shared) in classes.iter().zip(response_factors(&classes)) {
            let inspected = class.response.inspected() as f64;
            drawn += class.response.drawn() as f64;
            spoken_for += shared.and_then(Response::factor).map_or(0.0, |c| c * inspected);
            prop_assert!(shared.and_then(Response::factor).is_none_or(|c| c >= 1.0));
        }
        let any = classes.iter().any(|class| class.response.inspected() > 0);
        prop_assert!(!any || near(spoken_for, drawn, drawn), "{} of {}", spoken_for, drawn);
    }
}

#[test]
fn a_cell_without_inspections_has_a_rate_of_nulls() {
    let mut tally = Tally::default();
    tally.add_frame(CERTAINTY / 50, 100).unwrap();
    let sums = tally.sums();
    for target in TARGETS {
        let rate = rate(&sums, target, Confidence::NINETY_FIVE);
        assert_eq!((rate.inspected, rate.failed), (0, 0));
        assert!(numbers(&rate).is_empty());
        assert_eq!(rate.estimate(), None);
    }
    assert_eq!(METHOD, "hajek/weighted-clopper-pearson");
}

#[test]
fn goods_all_certain_to_be_drawn_are_known_but_the_process_is_not() {
    let rows: Vec<_> = (0..10).map(|row| (CERTAINTY, row < 3)).collect();
    let sums = cell(&rows, &[]);
    assert_eq!(limits(&sums, Target::Declarations, Confidence::NINETY_FIVE), Some((0.3, 0.3)));
    let (low, high) = limits(&sums, Target::Process, Confidence::NINETY_FIVE).unwrap();
    assert!(low < 0.1 && high > 0.6);
}

#[test]
fn impossible_input_is_refused_with_words_that_help() {
    let mut tally = Tally::default();
    for q in [0, CERTAINTY + 1, u64::MAX] {
        let error = tally.add_inspected(q, true).unwrap_err().to_string();
        assert!(error.contains(&q.to_string()));
        assert!(tally.add_frame(q, 1).is_err());
    }
    assert_eq!(tally, Tally::default());
    assert!(Response::new(3, 4).is_err());
    for level in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
        assert!(Confidence::new(level).is_err());
    }
}

#[test]
fn a_stratum_without_inspections_is_named_and_no_declarations_are_no_shares() {
    let met = Period { declarations: 10, sums: cell(&[(CERTAINTY, true)], &[]) };
    let not_met = Period { declarations: 10, sums: Sums::default() };
    let strata = [Stratum { now: met, before: met }, Stratum { now: met, before: not_met }];
    let level = Confidence::NINETY_FIVE;
    assert_eq!(decompose(&strata, level), Err(DecompositionError::NotInspected(1)));
    assert_eq!(decompose(&[], level), Err(DecompositionError::NoDeclarations));
}

#[test]
fn the_verdict_needs_an_interval_that_excludes_nought() {
    let difference = |low, high| Estimate { value: f64::midpoint(low, high), low, high };
    assert_eq!(Verdict::of(&difference(-0.3, -0.1)).name(), "fell");
    assert_eq!(Verdict::of(&difference(0.1, 0.3)).name(), "rose");
    assert_eq!(Verdict::of(&difference(-0.1, 0.3)).name(), "no_clear_change");
    assert_eq!(Verdict::of(&difference(0.0, 0.3)), Verdict::NoClearChange);
}
