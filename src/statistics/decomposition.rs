//! Why a rate changed: other goods (mix), other quality (rate), or another draw (targeting).
//! Of the rate, inspectors may have made a part ([`Decomposition::attribute`]).

mod inspectors;
mod merge;

pub use inspectors::Explanation;
pub use merge::{PostStratum, merge};

use super::confidence::Confidence;
use super::estimate::Estimate;
use super::float;
use super::rate::{hajek, observed, rate};
use super::sums::Sums;
use super::target::Target;
use std::ops::AddAssign;

/// One post-stratum in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Period {
    /// Declarations of the period, known without inspecting any.
    pub declarations: u64,
    /// The sums of its rows, response factors applied.
    pub sums: Sums,
}

/// One post-stratum (region × chapter, [merged](merge()) until both periods have an inspection).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stratum {
    /// The period of interest.
    pub now: Period,
    /// The period compared with.
    pub before: Period,
}

impl Stratum {
    /// Whether its rates can be compared.
    const fn inspected_in_both(&self) -> bool {
        self.now.sums.n > 0 && self.before.sums.n > 0
    }

    /// Whether there is nothing in it at all.
    const fn is_empty(&self) -> bool {
        let Self { now, before } = self;
        now.declarations == 0 && before.declarations == 0 && now.sums.n == 0 && before.sums.n == 0
    }
}

impl AddAssign for Period {
    fn add_assign(&mut self, other: Self) {
        self.declarations += other.declarations;
        self.sums += other.sums;
    }
}

impl AddAssign for Stratum {
    fn add_assign(&mut self, other: Self) {
        self.now += other.now;
        self.before += other.before;
    }
}

/// observed = targeting + mix + rate + imbalance; estimated = mix + rate + imbalance. All are
/// differences of shares of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decomposition {
    /// Change of failed/inspected.
    pub observed: f64,
    /// Change of the estimated rate.
    pub estimated: f64,
    /// The estimated rate now.
    pub rate_now: f64,
    /// The estimated rate before.
    pub rate_before: f64,
    /// What another choice of goods to inspect did to the observed rate.
    pub targeting: f64,
    /// What another composition of the declarations did.
    pub mix: f64,
    /// What other rates within strata did, with its MOVER interval.
    pub rate: Estimate,
    /// What is left because a sample's strata are not exactly as large as the declarations'.
    pub imbalance: f64,
}

/// Why a change cannot be decomposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecompositionError {
    /// A stratum lacks inspections in a period.
    #[error("stratum {0} (from 0) has no inspection in one of the periods: merge it with others")]
    NotInspected(usize),
    /// A period lacks declarations altogether.
    #[error("one of the periods has no declarations: choose periods that both have some")]
    NoDeclarations,
    /// A period lacks inspections altogether.
    #[error("one of the periods has no inspection: choose periods that both have some")]
    NothingInspected,
}

/// Kitagawa's symmetric decomposition (1955) of the change from before to now, rates on the
/// process target with intervals at `confidence`.
///
/// # Errors
/// [`DecompositionError`] when a stratum has no inspection in a period, or a period has no
/// declarations (as with no strata at all).
///
/// ```
/// use breeze::statistics::{CERTAINTY, Confidence, Period, Stratum, Tally, decompose};
/// let period = |declarations, failed| {
///     let mut tally = Tally::default();
///     tally.add_frame(CERTAINTY / 10, declarations)?;
///     for row in 0..declarations / 10 {
///         tally.add_inspected(CERTAINTY / 10, row < failed)?;
///     }
///     Ok::<_, breeze::statistics::tally::ChanceError>(Period { declarations, sums: tally.sums() })
/// };
/// let strata = [
///     Stratum { now: period(800, 8)?, before: period(200, 2)? },
///     Stratum { now: period(200, 1)?, before: period(800, 4)? },
/// ];
/// let why = decompose(&strata, Confidence::NINETY_FIVE)?;
/// assert!((why.mix - 0.03).abs() < 1e-9 && why.rate.value.abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decompose(
    strata: &[Stratum],
    confidence: Confidence,
) -> Result<Decomposition, DecompositionError> {
    let compared = compare_strata(strata, confidence)?;
    let now = strata.iter().map(|stratum| stratum.now.sums).sum();
    let before = strata.iter().map(|stratum| stratum.before.sums).sum();
    let of = |of: fn(&Sums) -> Option<f64>, sums: &Sums| {
        of(sums).ok_or(DecompositionError::NothingInspected)
    };
    let (rate_now, rate_before) = (of(hajek, &now)?, of(hajek, &before)?);
    let observed = of(observed, &now)? - of(observed, &before)?;
    let estimated = rate_now - rate_before;
    let mix: f64 = compared.iter().map(Compared::mix).sum();
    let rate = rate_part(&compared);
    Ok(Decomposition {
        observed,
        estimated,
        rate_now,
        rate_before,
        targeting: observed - estimated,
        mix,
        rate,
        imbalance: estimated - mix - rate.value,
    })
}

/// A stratum's shares of the declarations and its rates, now and before.
struct Compared {
    shares: (f64, f64),
    now: Estimate,
    before: Estimate,
}

impl Compared {
    /// (S1−S0)(p1+p0)/2
    fn mix(&self) -> f64 {
        (self.shares.0 - self.shares.1) * (self.now.value + self.before.value) / 2.0
    }

    /// (S1+S0)/2, the weight of a change of rate.
    fn mean_share(&self) -> f64 {
        f64::midpoint(self.shares.0, self.shares.1)
    }
}

fn compare_strata(
    strata: &[Stratum],
    confidence: Confidence,
) -> Result<Vec<Compared>, DecompositionError> {
    let all = |of: fn(&Stratum) -> u64| match strata.iter().map(of).sum() {
        0 => Err(DecompositionError::NoDeclarations),
        all => Ok(float(all)),
    };
    let (now, before) = (all(|s| s.now.declarations)?, all(|s| s.before.declarations)?);
    let estimate = |sums: &Sums| rate(sums, Target::Process, confidence).estimate();
    let compare = |(index, stratum): (usize, &Stratum)| {
        let missing = DecompositionError::NotInspected(index);
        Ok(Compared {
            shares: (
                float(stratum.now.declarations) / now,
                float(stratum.before.declarations) / before,
            ),
            now: estimate(&stratum.now.sums).ok_or(missing)?,
            before: estimate(&stratum.before.sums).ok_or(missing)?,
        })
    };
    strata.iter().enumerate().map(compare).collect()
}

/// Σ(S1+S0)/2·(p1−p0), a linear combination of independent rates (Zou & Donner 2008).
fn rate_part(compared: &[Compared]) -> Estimate {
    let (mut value, mut below, mut above) = (0.0, 0.0, 0.0);
    for stratum in compared {
        let (share, now, before) = (stratum.mean_share(), &stratum.now, &stratum.before);
        value += share * (now.value - before.value);
        below += share * share * (now.below_squared() + before.above_squared());
        above += share * share * (now.above_squared() + before.below_squared());
    }
    Estimate { value, low: value - f64::sqrt(below), high: value + f64::sqrt(above) }
}
