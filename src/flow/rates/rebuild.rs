//! Hold the kept sums against the rows they follow from, and make them anew.

use super::kept::{self, Moves};
use super::parts::Part;
use crate::domain::period::{Period, PeriodKind};
use crate::error::Result;
use crate::store::rates::Filter;
use crate::store::sums::{Kept, Key};
use crate::store::{self, Conn, Store, chain};
use std::collections::BTreeSet;

/// What a migration leaves to do.
const CHORE: &str = "sum-anew";

/// A cell that is not what its rows add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub key: Key,
    /// What is kept; `None` where the cell is missing.
    pub kept: Option<Kept>,
    /// What its rows add up to; `None` where it has none.
    pub counted: Option<Kept>,
}

/// What a check saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Months of offices.
    pub office_months: u64,
    /// Cells, kept or counted.
    pub cells: u64,
    /// Those that differ.
    pub differences: Vec<Difference>,
}

/// Holds every kept cell against its rows, month by month of each office; each as of one moment.
///
/// # Errors
/// Those of the database.
pub fn check(store: &Store) -> Result<Checked> {
    let mut checked = Checked::default();
    for (office, month) in office_months(store)? {
        let days = (month.first(), month.last());
        let (kept, counted) = store.snapshot(|conn| {
            let kept = store::sums::of_office_month(conn, &office, days)?;
            Ok((kept.into_iter().collect::<Moves>(), counted(conn, &office, month)?))
        })?;
        checked.office_months += 1;
        let keys: BTreeSet<&Key> = kept.keys().chain(counted.keys()).collect();
        checked.cells += u64::try_from(keys.len()).unwrap_or(u64::MAX);
        let difference = |key: &&Key| {
            let (kept, counted) = (kept.get(*key).copied(), counted.get(*key).copied());
            (kept != counted).then(|| Difference { key: (*key).clone(), kept, counted })
        };
        checked.differences.extend(keys.iter().filter_map(difference));
    }
    Ok(checked)
}

/// Makes every cell anew from its rows, month by month of each office under its lock. How many months
/// of offices there are.
///
/// # Errors
/// Those of the database.
pub fn rebuild(store: &Store) -> Result<u64> {
    let months = office_months(store)?;
    for (office, month) in &months {
        store.write(|conn| {
            chain::lock(conn, &[office])?;
            let cells = counted(conn, office, *month)?;
            store::sums::replace_office_month(conn, office, (month.first(), month.last()), &cells)
        })?;
    }
    Ok(u64::try_from(months.len()).unwrap_or(u64::MAX))
}

/// Makes the sums where that is left to do since a migration. A start that was killed half-way leaves it
/// to the next one; two at once do the same.
///
/// # Errors
/// Those of the database.
pub fn anew_if_left(store: &Store) -> Result<()> {
    if !store.read(|conn| store::chores::is_left(conn, CHORE))? {
        return Ok(());
    }
    let office_months = rebuild(store)?;
    tracing::info!(office_months, "the sums of rates were made anew");
    store.write(|conn| store::chores::done(conn, CHORE))
}

fn office_months(store: &Store) -> Result<BTreeSet<(String, Period)>> {
    let days = store.read(store::sums::office_days)?;
    Ok(days.into_iter().map(|(office, day)| (office, PeriodKind::Month.of(day))).collect())
}

/// What the rows of an office's month add up to.
fn counted(conn: &mut Conn, office: &str, month: Period) -> Result<Moves> {
    let offices = Some(vec![office.to_owned()]);
    let filter = Filter { offices, ..Filter::of_days((month.first(), month.last())) };
    let mut cells = Moves::new();
    store::rates::frames(conn, &filter, |row| {
        kept::add(&mut cells, &row.place, &Part::of_frame(row.pi, row.rows)?);
        Ok(())
    })?;
    for row in store::rates::drawn(conn, &filter)? {
        let part = Part::of_item(row.pi, row.place.selection, row.state)?;
        kept::add(&mut cells, &row.place, &part);
    }
    Ok(cells)
}
