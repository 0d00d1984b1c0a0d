//! Look at inspectors: how strict each is, and whose goods they meet more often than chance would have it.

mod meetings;

pub use meetings::Met;

use super::rates::inspected;
use super::rates::{Ask, Filters, Words};
use super::strictness::{self, Fitted};
use crate::domain::key::Caller;
use crate::domain::problem::Problem;
use crate::error::Result;
use crate::store::Store;
use chrono::NaiveDate;
use meetings::Meetings;

/// Most pairs that are listed; all are counted.
pub const MOST_PAIRS: usize = 20;

/// What is known of inspectors over some days.
#[derive(Clone, Debug)]
pub struct Inspectors {
    /// First and last inspection day.
    pub days: (NaiveDate, NaiveDate),
    /// How strict each is.
    pub fitted: Fitted,
    /// How many pairs of inspector and exporter could have met.
    pub pairs: u64,
    /// How many of them are flagged.
    pub flagged_pairs: u64,
    /// Of these, the least likely [`MOST_PAIRS`].
    pub met: Vec<Met>,
}

/// Judges the inspectors of the caller's offices, by them alone.
///
/// # Errors
/// An impossible question; those of [`super::rates::failure_rates`].
pub fn judge(
    store: &Store,
    caller: &Caller,
    (from, to): (&str, &str),
    filters: Filters,
) -> Result<Inspectors> {
    let ask = ask(from, to, filters)?;
    store.snapshot(|conn| {
        let mut meetings = Meetings::default();
        let lots = inspected::lots(conn, caller, &ask, |rows| {
            meetings.add(rows);
            Ok(())
        })?;
        let (pairs, mut met) = meetings.unusual()?;
        let flagged_pairs = u64::try_from(met.len()).unwrap_or(u64::MAX);
        met.truncate(MOST_PAIRS);
        let fitted = strictness::fit(&lots)?;
        Ok(Inspectors { days: ask.days, fitted, pairs, flagged_pairs, met })
    })
}

fn ask(from: &str, to: &str, filters: Filters) -> Result<Ask, Problem> {
    Ask::parse(&Words {
        period: "month".into(),
        from: from.into(),
        to: to.into(),
        filters,
        ..Words::default()
    })
}
