//! The engine uses nothing before it is revealed, draws by its chances, and repeats itself.

use crate::stage::*;
use breeze::domain::campaign;
use breeze::flow::replay::{Comparison, Pasts, Refit, Rules, Settings};
use breeze::statistics::risk::{History, Outcome};
use chrono::Datelike;
use proptest::prelude::*;
use std::collections::HashSet;

#[test]
fn results_of_declarations_that_were_not_drawn_change_no_draw() {
    let (world, policy) = (world("2025-04-20"), policy("2"));
    let settings = settings(Refit::Weekly);
    let first = played(&world, &policy, &[], &settings);
    let drawn: HashSet<usize> = first.drawn.iter().copied().collect();
    assert!(first.report.fits.iter().any(|fit| !fit.kept.is_empty()), "the score aims");
    let other = turned(&world, |at, _| !drawn.contains(&at));
    let second = played(&other, &policy, &[], &settings);
    assert_ne!(second.report.totals.failing, first.report.totals.failing);
    assert_eq!(second.drawn, first.drawn);
    assert_eq!(second.report.fits, first.report.fits);
    assert_eq!(second.report.drawn_sha256, first.report.drawn_sha256);
}

#[test]
fn results_of_a_day_change_draws_of_later_days_only() {
    let (world, policy) = (world("2025-04-20"), policy("2"));
    let settings = settings(Refit::Weekly);
    let first = played(&world, &policy, &[], &settings);
    let turn = day("2025-03-20");
    let second = played(&turned(&world, |_, on| on >= turn), &policy, &[], &settings);
    let until = |drawn: &[usize], last| -> Vec<usize> {
        drawn.iter().copied().filter(|&at| world.declared()[at].day <= last).collect()
    };
    assert_eq!(until(&first.drawn, turn), until(&second.drawn, turn));
    assert_ne!(first.drawn, second.drawn, "later days have learned something else");
}

#[test]
fn what_is_known_of_an_exporter_is_what_the_history_of_the_score_says() {
    let world = world("2025-01-31");
    let (mut history, mut pasts) = (History::default(), Pasts::new(&world));
    for rows in world.declared().chunk_by(|one, next| one.day == next.day) {
        for row in rows {
            let exporter_id = world.texts().get(row.exporter);
            let facts = world.facts(row, pasts.of(row.exporter));
            let past = history.before(exporter_id, row.day);
            let known = (facts.streak, facts.last_severity);
            assert_eq!(known, (past.streak, past.last_severity), "{exporter_id} on {}", row.day);
        }
        for row in rows {
            history.tell(Outcome {
                exporter_id: world.texts().get(row.exporter),
                day: row.day,
                number: &row.number,
                failed: row.truth.failed,
                severity: Some(world.texts().get(row.truth.severity)),
            });
            pasts.tell(row);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_report_and_another_one_other_draws() {
    let (world, policy) = (world("2025-02-10"), policy("2"));
    let same = settings(Refit::Monthly);
    let first = played(&world, &policy, &[], &same);
    assert_eq!(played(&world, &policy, &[], &same).report, first.report);
    let other = Settings { seed: [8; 32], ..same };
    let other = played(&world, &policy, &[], &other);
    assert_ne!(other.report.drawn_sha256, first.report.drawn_sha256);
}

#[test]
fn with_exponent_0_or_without_a_model_all_factors_are_1() {
    let world = world("2025-04-20");
    let untargeted = played(&world, &policy("0"), &[], &settings(Refit::Weekly));
    assert!(untargeted.report.fits.iter().any(|fit| !fit.kept.is_empty()), "there is a model");
    let without = played(&world, &policy("2"), &[], &settings(Refit::Never));
    assert_eq!(without.report.fits, []);
    assert_eq!(untargeted.drawn, without.drawn);
    for played in [&untargeted, &without] {
        let shares = played.report.totals.shares;
        assert_eq!((shares.least_factor, shares.most_factor), (0.0, 0.0));
        let africa = world.declared().iter().filter(|row| row.country.region.code() == "africa");
        let africa = africa.count() as f64;
        let rest = world.declared().len() as f64 - africa;
        assert!((played.report.totals.asked - 0.05 * rest - 0.1 * africa).abs() < 1e-3);
    }
}

#[test]
fn an_aimed_policy_asks_for_its_proportion_on_average() {
    let world = world("2025-06-30");
    let report = played(&world, &policy("2"), &[], &settings(Refit::Monthly)).report;
    let plain = played(&world, &policy("0"), &[], &settings(Refit::Never)).report;
    let ratio = report.totals.asked / plain.totals.asked;
    assert!((0.93..1.07).contains(&ratio), "{ratio}");
    let shares = report.totals.shares;
    assert!(shares.most_factor > 0.0 && shares.most_factor < 0.1, "{shares:?}");
}

#[test]
fn a_day_without_room_shrinks_to_its_capacity() {
    let (world, policy) = (world("2025-01-20"), policy("2"));
    let tight = Settings { capacity: 1, ..settings(Refit::Never) };
    let report = played(&world, &policy, &[], &tight).report;
    let over = report.totals.days_over_capacity;
    assert!(over > 50 && report.totals.worst_shrink < 0.6, "{over}");
    assert!(report.totals.expected < report.totals.asked);
    assert_eq!(report.totals.shares.floor, 0.0);
    assert!(report.totals.inspections <= report.totals.frames);
    let sum = |of: fn(&breeze::flow::replay::OfficeReport) -> u64| -> u64 {
        report.offices.iter().map(of).sum()
    };
    assert_eq!(sum(|office| office.days_over_capacity), over);
    assert_eq!(sum(|office| office.inspections), report.totals.inspections);
    assert_eq!(sum(|office| office.declared), report.totals.declared);
    assert!(report.offices.iter().all(|office| (office.days, office.frames) == (20, 20)));
}

#[test]
fn a_campaign_raises_its_days_and_one_that_begins_between_two_fits_is_aimed_at_once() {
    let text = "id = \"c\"\nname = \"C\"\nregions = [\"africa\"]\nfrom = 2025-05-12\n\
        until = 2025-05-31\ntargeting_exponent = 2\n\
        [[steps]]\nfrom = 2025-05-12\nproportion = 0.4\n";
    let campaigns = [campaign::parse_toml(text).unwrap()];
    let (world, policy) = (world("2025-06-10"), policy("2"));
    let settings = settings(Refit::Monthly);
    let with = played(&world, &policy, &campaigns, &settings);
    let without = played(&world, &policy, &[], &settings);
    let early = |drawn: &[usize]| -> Vec<usize> {
        let first = day("2025-05-12");
        drawn.iter().copied().filter(|&at| world.declared()[at].day < first).collect()
    };
    assert_eq!(early(&with.drawn), early(&without.drawn));
    let held = |at: usize| {
        let row = &world.declared()[at];
        (row.country.region.code() == "africa")
            && row.day.month() == 5
            && row.day >= day("2025-05-12")
    };
    let goods = (0..world.declared().len()).filter(|&at| held(at)).count() as f64;
    let drawn = with.drawn.iter().filter(|&&at| held(at)).count() as f64;
    // Clamped chances of 40 % on average: a spread of at most half a row's, √n/2.
    assert!((drawn - 0.4 * goods).abs() < 0.05 * goods + 2.0 * goods.sqrt(), "{drawn} of {goods}");
    let rules = |campaigns| Rules { policy: &policy, campaigns };
    let comparison =
        Comparison::of(&world, (rules(&campaigns), &with.report), (rules(&[]), &without.report));
    let [pair] = &comparison.rules[..] else { panic!("{:?}", comparison.rules) };
    assert_eq!((&*pair.policy.rule, pair.policy.proportion_ppm), ("campaign/c", 400_000));
    assert_eq!(pair.against.proportion_ppm, 100_000);
    assert_eq!(pair.declarations as f64, goods);
    let more = comparison.figures.iter().find(|figure| figure.figure == "inspections").unwrap();
    assert_eq!(more.difference, Some(with.drawn.len() as f64 - without.drawn.len() as f64));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_frame_has_as_many_inspections_as_its_chances_add_up_to(
        seed in any::<[u8; 32]>(),
        capacity in 0_u32..12,
        from in 1_u32..28,
    ) {
        let date = day(&format!("2025-01-{from:02}"));
        let world = SMALL.with(|world| world.clone()).between(Some(date), Some(date));
        let settings = Settings { seed, capacity, ..settings(Refit::Never) };
        let report = played(&world, &policy("2"), &[], &settings).report;
        let (expected, frames) = (report.totals.expected, report.totals.frames as f64);
        let inspections = report.totals.inspections as f64;
        prop_assert!((inspections - expected).abs() < frames);
        prop_assert!(expected <= f64::from(capacity.max(1)) * frames + 1e-6);
        prop_assert!(expected <= report.totals.asked + 1e-6);
    }
}

thread_local! {
    static SMALL: breeze::flow::replay::World = world("2025-01-28");
}

#[test]
fn over_many_seeds_the_mean_number_of_inspections_is_the_sum_of_the_chances() {
    let (world, policy) = (world("2025-01-03"), policy("2"));
    let reports = (0..200_u8).map(|seed| {
        let settings = Settings { seed: [seed; 32], capacity: 1, ..settings(Refit::Never) };
        played(&world, &policy, &[], &settings).report.totals
    });
    let (inspections, expected) = reports.fold((0.0, 0.0), |(inspections, expected), totals| {
        (inspections + totals.inspections as f64, expected + totals.expected)
    });
    // 200 seeds × 15 frames, each off by a spread of at most a half.
    assert!((inspections - expected).abs() < 4.0 * 0.5 * 3_000_f64.sqrt());
}
