//! Fit how strict inspectors are, each against colleagues of the same office.
//!
//! What anyone would have found among an inspector's goods comes from the risk scores of the draw
//! where every item has one, else from the rate of the goods' stratum. Either is scaled so that the
//! expected failures of an office are those it found: items are assigned at random within an office, so
//! colleagues can be compared and offices cannot.

use super::rates::inspected::{Lot, Work};
use crate::error::{Error, Result};
use crate::statistics::strictness::{self, Found, MeanStrictness, Strictness};
use crate::statistics::{Confidence, Sums, float};
use std::collections::BTreeMap;

/// A stratum with fewer inspections than this takes the rate of a larger one.
const ENOUGH: u64 = 30;

/// Where expectations come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The risk of each item as of its draw.
    Scores,
    /// The failure rate of the items' stratum, region × chapter.
    Strata,
}

/// An inspector: office, and id within it.
pub type Inspector = (String, String);

/// What one inspector found, and how strict that is.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// Items inspected.
    pub inspected: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Failures that anyone would have found.
    pub expected: f64,
    /// How strict.
    pub strictness: Strictness,
}

/// All inspectors judged together.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Where expectations come from.
    pub basis: Basis,
    /// The shape of the distribution of strictness.
    pub shape: f64,
    /// By office and id.
    pub inspectors: BTreeMap<Inspector, Judged>,
}

impl Fitted {
    /// The spread that the shape means: the standard deviation between inspectors.
    pub fn spread(&self) -> f64 {
        1.0 / self.shape.sqrt()
    }

    /// Who is flagged, by office and id.
    pub fn flagged(&self) -> Vec<Inspector> {
        let flagged = self.inspectors.iter().filter(|(_, judged)| judged.strictness.flagged);
        flagged.map(|(who, _)| who.clone()).collect()
    }

    /// The mean strictness of those who inspected the lots, weighted as the rate is; who is not known is
    /// as strict as usual.
    pub(in crate::flow) fn mean<'a>(
        &self,
        lots: impl IntoIterator<Item = &'a (Lot, Work)>,
    ) -> MeanStrictness {
        let strictness = |lot: &Lot| {
            let judged = who(lot).and_then(|who| self.inspectors.get(&who));
            judged.map_or(1.0, |judged| judged.strictness.ratio.value)
        };
        let rows = lots.into_iter().map(|(lot, work)| (work.sums.w, strictness(lot)));
        MeanStrictness::of(rows).unwrap_or_default()
    }
}

fn who(lot: &Lot) -> Option<Inspector> {
    Some((lot.office.clone(), lot.inspector.clone()?))
}

/// Judges everyone who inspected any of the lots.
///
/// # Errors
/// Expectations that do not belong to their failures, which adding up cannot give.
pub(in crate::flow) fn fit(lots: &[(Lot, Work)]) -> Result<Fitted> {
    let scored = |(_, work): &(Lot, Work)| work.scored == work.sums.n;
    let basis = if lots.iter().all(scored) { Basis::Scores } else { Basis::Strata };
    let found = found(lots, basis);
    let values: Vec<Found> = found.values().map(|(found, _)| *found).collect();
    let judged = strictness::strictness(&values, Confidence::NINETY_FIVE)
        .map_err(|error| Error::Inner(error.into()))?;
    let inspectors = found.into_iter().zip(judged.inspectors).map(|(one, strictness)| {
        let (who, (Found { failures, expected }, inspected)) = one;
        (who, Judged { inspected, failed: failures, expected, strictness })
    });
    Ok(Fitted { basis, shape: judged.shape, inspectors: inspectors.collect() })
}

/// What each inspector found and inspected; expectations of an office scaled to its failures.
fn found(lots: &[(Lot, Work)], basis: Basis) -> BTreeMap<Inspector, (Found, u64)> {
    let rates = Rates::of(lots);
    let mut all = BTreeMap::<Inspector, (Found, u64)>::new();
    let mut offices = BTreeMap::<&str, (u64, f64)>::new();
    for (lot, work) in lots {
        let Some(who) = who(lot) else { continue };
        let expected = match basis {
            Basis::Scores => float(work.score_ppb) / 1e9,
            Basis::Strata => float(work.sums.n) * rates.of_lot(lot),
        };
        let (found, inspected) =
            all.entry(who).or_insert((Found { failures: 0, expected: 0.0 }, 0));
        found.failures += work.sums.failed;
        found.expected += expected;
        *inspected += work.sums.n;
        let office = offices.entry(&lot.office).or_default();
        office.0 += work.sums.failed;
        office.1 += expected;
    }
    for ((office, _), (found, _)) in &mut all {
        let (failed, expected) = offices.get(office.as_str()).copied().unwrap_or_default();
        if expected > 0.0 {
            found.expected *= float(failed) / expected;
        }
    }
    all
}

/// Weighted rates of strata, of regions' small ones together, and of all that is still small.
struct Rates<'a>(BTreeMap<(&'a str, &'a str), Sums>);

impl<'a> Rates<'a> {
    fn of(lots: &'a [(Lot, Work)]) -> Self {
        let mut strata = BTreeMap::<(&str, &str), Sums>::new();
        for (lot, work) in lots {
            *strata.entry((&lot.region, &lot.chapter)).or_default() += work.sums;
        }
        let mut pools = BTreeMap::<(&str, &str), Sums>::new();
        for ((region, _), sums) in strata.iter().filter(|(_, sums)| sums.n < ENOUGH) {
            *pools.entry((region, "")).or_default() += *sums;
        }
        let mut rest = Sums::default();
        pools.values().filter(|sums| sums.n < ENOUGH).for_each(|sums| rest += *sums);
        strata.extend(pools);
        strata.insert(("", ""), rest);
        Self(strata)
    }

    /// The rate of the first that has inspections enough; the last has what there is.
    fn of_lot(&self, lot: &'a Lot) -> f64 {
        let (region, chapter) = (lot.region.as_str(), lot.chapter.as_str());
        let strata = [(region, chapter), (region, ""), ("", "")];
        let mut found = strata.iter().filter_map(|key| self.0.get(key).map(|sums| (key, sums)));
        let sums = found.find(|(key, sums)| sums.n >= ENOUGH || **key == ("", ""));
        let sums = sums.map(|(_, sums)| sums).filter(|sums| sums.w > 0.0);
        sums.map_or(0.0, |sums| sums.wy / sums.w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{CERTAINTY, Tally};

    fn lot(
        office: &str,
        chapter: &str,
        inspector: Option<&str>,
        n: u64,
        failed: u64,
    ) -> (Lot, Work) {
        let mut tally = Tally::default();
        (0..n).for_each(|row| tally.add_inspected(CERTAINTY / 2, row < failed).unwrap());
        let month = "2026-01-01".parse().unwrap();
        let lot = Lot {
            month,
            office: office.into(),
            region: "africa".into(),
            chapter: chapter.into(),
            inspector: inspector.map(str::to_owned),
        };
        (lot, Work { sums: tally.sums(), ..Work::default() })
    }

    #[test]
    fn an_office_expects_what_it_found() {
        let lots = [
            lot("A", "85", Some("1"), 100, 10),
            lot("A", "85", Some("2"), 100, 20),
            lot("B", "85", Some("1"), 100, 60),
        ];
        let fitted = fit(&lots).unwrap();
        let expected: Vec<_> = fitted.inspectors.values().map(|one| one.expected).collect();
        // Colleagues share the 30 failures of A; alone in B nobody is strict.
        assert_eq!(expected, [15.0, 15.0, 60.0]);
        assert_eq!(fitted.basis, Basis::Strata);
    }

    #[test]
    fn riskier_goods_expect_more() {
        let lots = [
            lot("A", "85", Some("1"), 100, 40),
            lot("A", "61", Some("2"), 100, 10),
            lot("A", "61", None, 10, 5),
        ];
        let fitted = fit(&lots).unwrap();
        let expected = |id: &str| fitted.inspectors[&("A".to_owned(), id.to_owned())].expected;
        // 61 fails at 15 of 110, of which nobody knows who met 10.
        let scale = 50.0 / (40.0 + 1500.0 / 110.0);
        assert!((expected("1") - 40.0 * scale).abs() < 1e-9);
        assert!((expected("1") + expected("2") - 50.0).abs() < 1e-9);
    }

    #[test]
    fn small_strata_take_the_rate_of_a_larger_one() {
        let lots = [lot("A", "85", Some("1"), 20, 10), lot("A", "61", Some("2"), 20, 2)];
        let fitted = fit(&lots).unwrap();
        assert!(fitted.inspectors.values().all(|one| (one.expected - 6.0).abs() < 1e-9));
    }

    #[test]
    fn scores_count_where_every_item_has_one() {
        let mut lots = [lot("A", "85", Some("1"), 50, 5), lot("A", "85", Some("2"), 50, 5)];
        for ((_, work), score) in lots.iter_mut().zip([100_000_000, 300_000_000]) {
            (work.scored, work.score_ppb) = (50, 50 * score);
        }
        let fitted = fit(&lots).unwrap();
        let expected: Vec<_> = fitted.inspectors.values().map(|one| one.expected).collect();
        assert_eq!((fitted.basis, expected), (Basis::Scores, vec![2.5, 7.5]));
    }

    #[test]
    fn without_failures_nobody_stands_out() {
        let lots = [lot("A", "85", Some("1"), 50, 0), lot("A", "85", Some("2"), 50, 0)];
        let fitted = fit(&lots).unwrap();
        assert!(fitted.inspectors.values().all(|one| one.strictness.ratio.value == 1.0));
        assert_eq!(fitted.mean(&lots).value(), 1.0);
    }
}
