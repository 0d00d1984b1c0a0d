//! How often charts signal though nothing has changed, by simulation from a fixed seed: long
//! histories of periods whose goods always fail with the same probability (or, overdispersed, with
//! one that scatters without a trend).

use super::chart::{normal, period};
use super::coverage::Chance;
use breeze::statistics::Sums;
use breeze::statistics::chart::{Baseline, Control, FEWEST, Point, Rule, chart};

/// Periods of each history after its beginning: a share of 0.3 % is known to about 0.05 %.
const PERIODS: usize = 12_000;
/// Periods at the beginning, enough to count as known.
const KNOWN: usize = 400;

/// Inspected goods of a kind: their share of the inspected, their weight, their chance to fail.
struct Kind {
    share: f64,
    weight: f64,
    failing: f64,
}

const fn kind(share: f64, weight: f64, failing: f64) -> Kind {
    Kind { share, weight, failing }
}

struct World {
    name: &'static str,
    /// Inspections of a period, from least to most.
    inspected: (u32, u32),
    kinds: &'static [Kind],
    /// Standard deviation between periods, as a share of the rate.
    scatter: f64,
    /// Percentages promised: any one chart alone and all three together signal at most as often.
    most: (f64, f64),
}

const ALIKE: &[Kind] = &[kind(1.0, 10.0, 0.1)];
/// Chances 1/40, 1/10 and 1 of 60, 30 and 10 % of the goods, the risky ones drawn most.
const AIMED: &[Kind] = &[kind(0.103, 40.0, 0.03), kind(0.207, 10.0, 0.1), kind(0.69, 1.0, 0.3)];
/// The same chances turned against the risk.
const MISAIMED: &[Kind] =
    &[kind(0.103, 40.0, 0.12), kind(0.207, 10.0, 0.06), kind(0.69, 1.0, 0.02)];

const fn world(
    name: &'static str,
    inspected: (u32, u32),
    kinds: &'static [Kind],
    scatter: f64,
    most: (f64, f64),
) -> World {
    World { name, inspected, kinds, scatter, most }
}

const WORLDS: [World; 7] = [
    world("equal chances", (100, 100), ALIKE, 0.0, (0.6, 0.8)),
    world("sizes 40 to 200", (40, 200), ALIKE, 0.0, (0.6, 1.0)),
    world("aimed, ratio 40", (300, 300), AIMED, 0.0, (0.2, 0.2)),
    world("aimed, few inspected", (70, 70), AIMED, 0.0, (0.3, 0.4)),
    world("aimed wrongly", (300, 300), MISAIMED, 0.0, (1.0, 1.3)),
    world("overdispersed", (100, 100), ALIKE, 0.3, (2.2, 2.8)),
    world("small cells", (20, 20), ALIKE, 0.0, (0.5, 0.7)),
];

impl World {
    fn period(&self, chance: &mut Chance) -> Sums {
        let (least, most) = self.inspected;
        let n = least + (chance.share() * f64::from(most - least + 1)) as u32;
        let level =
            if self.scatter > 0.0 { (1.0 + self.scatter * normal(chance)).max(0.0) } else { 1.0 };
        period((0..n).map(|_| {
            let kind = self.any_kind(chance);
            (kind.weight, chance.share() < kind.failing * level)
        }))
    }

    fn any_kind(&self, chance: &mut Chance) -> &Kind {
        let mut at = chance.share();
        let reached = self.kinds.iter().find(|kind| {
            at -= kind.share;
            at < 0.0
        });
        reached.unwrap_or(&self.kinds[0])
    }
}

/// Percentages of points that signal: by p chart, EWMA, CUSUM, and by any of them.
fn alarms(points: &[Point]) -> [f64; 4] {
    let judged: Vec<_> = points.iter().filter_map(|point| point.control.as_ref().ok()).collect();
    let share = |rules: &[Rule]| {
        let signals = |control: &&&Control| control.signals.iter().any(|it| rules.contains(it));
        100.0 * judged.iter().filter(signals).count() as f64 / judged.len() as f64
    };
    let [above, below, ewma_high, ewma_low, cusum_high, cusum_low] = Rule::ALL;
    [
        share(&[above, below]),
        share(&[ewma_high, ewma_low]),
        share(&[cusum_high, cusum_low]),
        share(&Rule::ALL),
    ]
}

fn print(name: &str, baseline: &str, [p, ewma, cusum, any]: [f64; 4]) {
    println!(
        "{name:>22}, {baseline:>9}: p {p:.2}, EWMA {ewma:.2}, CUSUM {cusum:.2}, any {any:.2} %"
    );
}

#[test]
fn charts_of_an_unchanged_process_seldom_signal() {
    for (at, world) in WORLDS.iter().enumerate() {
        let mut chance = Chance(20_261_124 + at as u64);
        let periods: Vec<_> = (0..KNOWN + PERIODS).map(|_| world.period(&mut chance)).collect();
        for (name, baseline) in [
            ("known", Baseline::Fixed(0..KNOWN)),
            ("12 before", Baseline::Before(12)),
            ("6 before", Baseline::Before(FEWEST)),
        ] {
            let points = chart(&periods, &baseline);
            let found = alarms(&points[KNOWN..]);
            print(world.name, name, found);
            let (one, any) = world.most;
            assert!(found[..3].iter().all(|&share| share <= one) && found[3] <= any);
        }
    }
}

/// Programmes that grow at a stroke: twelve periods, then one with more inspections.
#[test]
fn a_period_far_larger_than_its_baseline_signals_as_seldom_as_any() {
    let small = world("", (40, 40), ALIKE, 0.0, (0.0, 0.0));
    for times in [1, 2, 4, 10] {
        let large = world("", (40 * times, 40 * times), ALIKE, 0.0, (0.0, 0.0));
        let mut chance = Chance(20_261_124);
        let last = |_| {
            let mut periods: Vec<_> = (0..12).map(|_| small.period(&mut chance)).collect();
            periods.push(large.period(&mut chance));
            chart(&periods, &Baseline::Before(12)).pop().unwrap()
        };
        let points: Vec<_> = (0..2500).map(last).collect();
        let found = alarms(&points);
        print("larger by", &times.to_string(), found);
        assert!(found[0] <= 0.6 && found[3] <= 0.8);
    }
}
