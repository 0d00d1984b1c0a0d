//! The part of a change that other inspectors made.

use super::Decomposition;
use crate::statistics::estimate::Estimate;
use crate::statistics::strictness::MeanStrictness;

/// observed = targeting + mix + inspectors + quality + imbalance; rate = inspectors + quality. All
/// are differences of shares of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Explanation {
    /// Change of failed/inspected.
    pub observed: f64,
    /// Change of the estimated rate.
    pub estimated: f64,
    /// What another choice of goods to inspect did to the observed rate.
    pub targeting: f64,
    /// What another composition of the declarations did.
    pub mix: f64,
    /// What other rates within strata did: inspectors and quality together.
    pub rate: Estimate,
    /// What stricter or milder inspectors did to the rate.
    pub inspectors: f64,
    /// What is left of the rate. Its limits are the rate's, moved by the inspectors' part: how
    /// well strictness is known is not in them.
    pub quality: Estimate,
    /// What is left because a sample's strata are not exactly as large as the declarations'.
    pub imbalance: f64,
}

impl Decomposition {
    /// Takes the inspectors' part out of the rate: p1(1 − 1/s1) − p0(1 − 1/s0), with the mean
    /// strictness s of a period. Of a rate p met by inspectors of strictness s, usual ones would
    /// have met p/s.
    ///
    /// Strictness must be fitted once over both periods together: fitted for each on its own it
    /// is 1 on average by construction and explains nothing. As it is shrunk towards 1, the part is
    /// rather too small than too large.
    ///
    /// ```
    /// use breeze::statistics::{CERTAINTY, Confidence, Period, Stratum, Tally, decompose};
    /// use breeze::statistics::strictness::MeanStrictness;
    /// let period = |failed| {
    ///     let mut tally = Tally::default();
    ///     tally.add_frame(CERTAINTY / 10, 1000)?;
    ///     for row in 0..100 {
    ///         tally.add_inspected(CERTAINTY / 10, row < failed)?;
    ///     }
    ///     Ok::<_, breeze::statistics::tally::ChanceError>(
    ///         Period { declarations: 1000, sums: tally.sums() },
    ///     )
    /// };
    /// let change = decompose(
    ///     &[Stratum { now: period(12)?, before: period(10)? }],
    ///     Confidence::NINETY_FIVE,
    /// )?;
    /// let stricter = MeanStrictness::of([(1.0, 1.2)]).unwrap();
    /// let why = change.attribute(stricter, MeanStrictness::USUAL);
    /// assert!((why.inspectors - 0.02).abs() < 1e-12 && why.quality.value.abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn attribute(&self, now: MeanStrictness, before: MeanStrictness) -> Explanation {
        let part = |rate: f64, strictness: MeanStrictness| rate * (1.0 - 1.0 / strictness.value());
        let inspectors = part(self.rate_now, now) - part(self.rate_before, before);
        let moved = |x: f64| x - inspectors;
        let Estimate { value, low, high } = self.rate;
        Explanation {
            observed: self.observed,
            estimated: self.estimated,
            targeting: self.targeting,
            mix: self.mix,
            rate: self.rate,
            inspectors,
            quality: Estimate { value: moved(value), low: moved(low), high: moved(high) },
            imbalance: self.imbalance,
        }
    }
}
