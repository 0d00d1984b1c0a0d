//! Post-strata that can be compared: each with an inspection in both periods.

use super::{DecompositionError, Stratum};
use std::collections::BTreeMap;

/// A post-stratum after merging.
#[derive(Clone, Debug, PartialEq)]
pub struct PostStratum<R, C> {
    /// The pairs of region and chapter that it is made of, in ascending order.
    pub members: Vec<(R, C)>,
    /// What they add up to.
    pub stratum: Stratum,
}

impl<R, C> PostStratum<R, C> {
    fn firm(&self) -> bool {
        self.stratum.inspected_in_both()
    }

    fn take(&mut self, other: Self) {
        self.members.extend(other.members);
        self.stratum += other.stratum;
    }
}

/// Merges strata of region × chapter until each has an inspection in both periods, and no
/// further. A stratum without one in either period is *thin*, else *firm*:
///
/// 1. The thin strata of a region pool. A pool that is firm by then is a post-stratum of its own.
/// 2. A pool that is still thin takes in its whole region.
/// 3. Regions that are still thin pool with each other.
/// 4. If that pool is still thin, all become one.
///
/// Strata of the same key are added up first; those without declarations and inspections in both
/// periods are left out, as they would merge others for nothing. The order of `strata` does not
/// matter (but for the last digits of sums), post-strata come in ascending order of their first
/// member.
///
/// # Errors
/// [`DecompositionError::NothingInspected`] when one of the periods has no inspection at all.
///
/// ```
/// use breeze::statistics::{CERTAINTY, Period, Stratum, Sums, Tally, decomposition::merge};
/// let mut met = Tally::default();
/// met.add_inspected(CERTAINTY, false)?;
/// let (met, period) = (met.sums(), |sums| Period { declarations: 10, sums });
/// let firm = Stratum { now: period(met), before: period(met) };
/// let thin = Stratum { now: period(met), before: period(Sums::default()) };
/// let merged = merge([
///     (("africa", "61"), firm),
///     (("africa", "85"), thin),
///     (("asia", "61"), firm),
/// ])?;
/// assert_eq!(merged.len(), 2);
/// assert_eq!(merged[0].members, [("africa", "61"), ("africa", "85")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn merge<R: Ord + Clone, C: Ord + Clone>(
    strata: impl IntoIterator<Item = ((R, C), Stratum)>,
) -> Result<Vec<PostStratum<R, C>>, DecompositionError> {
    let regions = by_region(strata);
    let mut merged = settle(regions.into_values().flat_map(settle).collect());
    if !merged.iter().all(PostStratum::firm) || merged.is_empty() {
        return Err(DecompositionError::NothingInspected);
    }
    merged.iter_mut().for_each(|post_stratum| post_stratum.members.sort());
    merged.sort_by(|one, other| one.members.cmp(&other.members));
    Ok(merged)
}

/// The strata of each region that has any.
fn by_region<R: Ord + Clone, C: Ord + Clone>(
    strata: impl IntoIterator<Item = ((R, C), Stratum)>,
) -> BTreeMap<R, Vec<PostStratum<R, C>>> {
    let mut cells: BTreeMap<(R, C), Stratum> = BTreeMap::new();
    for (key, stratum) in strata {
        *cells.entry(key).or_default() += stratum;
    }
    let mut regions: BTreeMap<R, Vec<PostStratum<R, C>>> = BTreeMap::new();
    for (key, stratum) in cells.into_iter().filter(|(_, stratum)| !stratum.is_empty()) {
        let region = regions.entry(key.0.clone()).or_default();
        region.push(PostStratum { members: vec![key], stratum });
    }
    regions
}

/// Thin ones pool; a pool still thin takes in everything. One step for the chapters of a region as
/// for regions: of the regions' firm post-strata none is touched before the last resort.
fn settle<R, C>(strata: Vec<PostStratum<R, C>>) -> Vec<PostStratum<R, C>> {
    let (mut firm, thin): (Vec<_>, Vec<_>) = strata.into_iter().partition(PostStratum::firm);
    let Some(pool) = pool(thin) else { return firm };
    if pool.firm() {
        firm.push(pool);
        return firm;
    }
    pool_all(pool, firm)
}

fn pool<R, C>(strata: Vec<PostStratum<R, C>>) -> Option<PostStratum<R, C>> {
    strata.into_iter().reduce(|mut pool, other| {
        pool.take(other);
        pool
    })
}

fn pool_all<R, C>(
    mut pool: PostStratum<R, C>,
    rest: Vec<PostStratum<R, C>>,
) -> Vec<PostStratum<R, C>> {
    rest.into_iter().for_each(|other| pool.take(other));
    vec![pool]
}
