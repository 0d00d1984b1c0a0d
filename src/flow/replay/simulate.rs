//! Invented worlds: what aiming by risk finds more, and what it costs the estimate.
//!
//! Each world is a year of its own. Two arms play it from the same secrets: *equal* draws every
//! declaration with 5 %, *aimed* asks for 5 % on average with targeting exponent 2. Judged are
//! months 7 to 12, when the risk score has learned.

mod invent;

pub use invent::{OFFICES, invent};

use super::engine::{Rules, Settings, play};
use super::month::relative_mse;
use super::refit::Refit;
use super::report::{MonthReport, Report};
use super::tally::share;
use super::world::World;
use crate::domain::policy::{Policy, Rule};
use crate::error::Result;
use crate::sampling::ticket;
use crate::statistics::risk::Recipe;
use crate::statistics::{Confidence, paired::ratio_of_means};
use serde::Serialize;

/// Inspection proportion of both arms, in millionths.
pub const PROPORTION_PPM: u32 = 50_000;
/// Targeting exponent of the aimed arm, in thousandths.
pub const EXPONENT_MILLI: u32 = 2_000;
/// Least chance of the policy, in millionths.
const FLOOR_PPM: u32 = 5_000;
/// Room for whatever is asked.
const CAPACITY: u32 = 1_000_000;
/// The first month that is judged.
const JUDGED_FROM: &str = "2025-07";

/// One world, played twice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The number of the world.
    pub world: u64,
    /// Declarations of its year.
    pub declared: u64,
    /// The share of them that would fail.
    pub failing: f64,
    /// All chances alike.
    pub equal: Arm,
    /// Aimed by risk.
    pub aimed: Arm,
}

/// What one arm did in the months that are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Arm {
    /// Inspections of the whole year.
    pub inspections_of_year: u64,
    /// Inspections.
    pub inspections: u64,
    /// How many of them failed.
    pub failures_found: u64,
    /// Failures found per inspection.
    pub precision: f64,
    /// Mean square of (estimate − truth)/truth of the monthly rates.
    pub relative_mse: f64,
    /// Months with an estimate.
    pub months: u64,
    /// Of these, months whose interval holds the true rate.
    pub months_covered: u64,
}

/// What all worlds together say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Failures found per inspection, aimed / equal, over the worlds in pairs.
    pub precision_ratio: Option<Ratio>,
    /// Relative root mean square error of the monthly rate, aimed / equal.
    pub rmse_ratio: Option<Ratio>,
    /// Both errors themselves.
    pub relative_rmse: Arms,
    /// Shares of months whose interval holds the true rate.
    pub coverage: Arms,
}

/// A ratio with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// Aimed / equal.
    pub value: f64,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit.
    pub ci_high: f64,
}

/// A figure of both arms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Arms {
    /// All chances alike.
    pub equal: f64,
    /// Aimed by risk.
    pub aimed: f64,
}

/// Invents one world and plays it twice. The same number and refit give the same answer.
///
/// # Errors
/// None but an internal one.
pub fn pair(number: u64, refit: Refit) -> Result<Pair> {
    let world = invent(number);
    let equal = arm(&world, number, 0, Refit::Never)?;
    let aimed = arm(&world, number, EXPONENT_MILLI, refit)?;
    let totals = &equal.totals;
    Ok(Pair {
        world: number,
        declared: totals.declared,
        failing: share(totals.failing, totals.declared),
        equal: Arm::of(&equal),
        aimed: Arm::of(&aimed),
    })
}

fn arm(world: &World, number: u64, exponent_milli: u32, refit: Refit) -> Result<Report> {
    let policy = policy(exponent_milli);
    let seed = ticket::digest("breeze/v1/replay-world", &[&number.to_be_bytes()]);
    let settings = Settings { capacity: CAPACITY, refit, recipe: Recipe::default(), seed };
    let rules = Rules { policy: &policy, campaigns: &[] };
    Ok(play(world, rules, &settings, &mut |_| ())?.report)
}

fn policy(exponent_milli: u32) -> Policy {
    let rule = Rule {
        name: "default".into(),
        place: None,
        commodity: None,
        office: None,
        proportion_ppm: PROPORTION_PPM,
        targeting_exponent_milli: None,
    };
    Policy {
        id: "simulated".into(),
        version: 1,
        from: invent::first_day(),
        floor_ppm: FLOOR_PPM,
        targeting_exponent_milli: Some(exponent_milli),
        rules: vec![rule],
    }
}

impl Arm {
    fn of(report: &Report) -> Self {
        let judged = report.months.iter().filter(|month| month.month.as_str() >= JUDGED_FROM);
        let judged: Vec<MonthReport> = judged.cloned().collect();
        let sum = |of: fn(&MonthReport) -> u64| judged.iter().map(of).sum::<u64>();
        let inspections = sum(|month| month.inspections);
        let failures_found = sum(|month| month.failures_found);
        Self {
            inspections_of_year: report.totals.inspections,
            inspections,
            failures_found,
            precision: share(failures_found, inspections),
            relative_mse: relative_mse(&judged).unwrap_or(0.0),
            months: sum(|month| u64::from(month.covered.is_some())),
            months_covered: sum(|month| u64::from(month.covered == Some(true))),
        }
    }
}

/// What the worlds say together; ratios need at least two.
pub fn judge(pairs: &[Pair]) -> Verdict {
    let of = |figure: fn(&Arm) -> f64| -> Vec<(f64, f64)> {
        pairs.iter().map(|pair| (figure(&pair.aimed), figure(&pair.equal))).collect()
    };
    let ratio = |pairs: &[(f64, f64)]| ratio_of_means(pairs, Confidence::NINETY_FIVE);
    let squares = of(|arm| arm.relative_mse);
    let coverage = |arm: fn(&Pair) -> &Arm| {
        let sum = |of: fn(&Arm) -> u64| pairs.iter().map(arm).map(of).sum::<u64>();
        share(sum(|arm| arm.months_covered), sum(|arm| arm.months))
    };
    let mean = |of: fn(&(f64, f64)) -> f64| {
        let sum: f64 = squares.iter().map(of).sum();
        (sum / share(u64::try_from(squares.len()).unwrap_or(1), 1)).sqrt()
    };
    Verdict {
        precision_ratio: ratio(&of(|arm| arm.precision)).map(|ratio| Ratio {
            value: ratio.value,
            ci_low: ratio.low,
            ci_high: ratio.high,
        }),
        // The ratio of the mean squares, and its root: symmetric in the logarithm either way.
        rmse_ratio: ratio(&squares).map(|ratio| Ratio {
            value: ratio.value.sqrt(),
            ci_low: ratio.low.sqrt(),
            ci_high: ratio.high.sqrt(),
        }),
        relative_rmse: Arms { equal: mean(|pair| pair.1), aimed: mean(|pair| pair.0) },
        coverage: Arms { equal: coverage(|pair| &pair.equal), aimed: coverage(|pair| &pair.aimed) },
    }
}
