//! How offices work: how soon results are recorded, how many are amended.

use crate::domain::office::Office;
use crate::error::Result;
use crate::store::{self, Conn};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// How soon results are recorded, and how many are amended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Performance {
    /// Results by the number of days from the inspection day to the day they were recorded on.
    pub delays: BTreeMap<u64, u64>,
    /// Amendments.
    pub amendments: u64,
}

impl AddAssign<&Performance> for Performance {
    fn add_assign(&mut self, other: &Self) {
        for (days, results) in &other.delays {
            *self.delays.entry(*days).or_default() += results;
        }
        self.amendments += other.amendments;
    }
}

impl Performance {
    /// Results that were recorded for days that were drawn live.
    pub fn recorded(&self) -> u64 {
        self.delays.values().sum()
    }

    /// Results recorded at most some days after the inspection day.
    pub fn within(&self, days: u64) -> u64 {
        self.delays.range(..=days).map(|(_, results)| results).sum()
    }

    /// The median of the days; of an even number of results the mean of the two in the middle.
    pub fn median_days(&self) -> Option<f64> {
        let all = self.recorded();
        let (low, high) = (self.nth(all.checked_sub(1)? / 2)?, self.nth(all / 2)?);
        let twice = u32::try_from(low + high).unwrap_or(u32::MAX);
        Some(f64::from(twice) / 2.0)
    }

    /// The days of a result in order of days.
    fn nth(&self, at: u64) -> Option<u64> {
        let mut before = 0;
        let mut found = self.delays.iter().filter(|(_, results)| {
            before += **results;
            before > at
        });
        found.next().map(|(days, _)| *days)
    }
}

/// The performance of each office in some days.
pub(super) fn of_offices(
    conn: &mut Conn,
    days: (NaiveDate, NaiveDate),
    offices: &[Office],
    narrowed: Option<&[String]>,
) -> Result<BTreeMap<String, Performance>> {
    let calendars: BTreeMap<&str, _> =
        offices.iter().map(|office| (office.code.as_str(), &office.calendar)).collect();
    let mut all = BTreeMap::<String, Performance>::new();
    for recorded in store::reports::recorded(conn, days, narrowed)? {
        let Some(calendar) = calendars.get(recorded.office.as_str()) else { continue };
        let days = (calendar.local_day(recorded.at) - recorded.day).num_days();
        // Recorded before its day: as soon as can be.
        let days = u64::try_from(days).unwrap_or_default();
        *all.entry(recorded.office).or_default().delays.entry(days).or_default() += 1;
    }
    for (office, amendments) in store::reports::amended(conn, days, narrowed)? {
        all.entry(office).or_default().amendments += amendments;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        let of = |delays: &[(u64, u64)]| {
            let delays = delays.iter().copied().collect();
            Performance { delays, amendments: 0 }
        };
        assert_eq!(of(&[]).median_days(), None);
        assert_eq!(of(&[(0, 2), (3, 1)]).median_days(), Some(0.0));
        assert_eq!(of(&[(0, 1), (3, 1)]).median_days(), Some(1.5));
        assert_eq!(of(&[(0, 1), (1, 1), (8, 1)]).median_days(), Some(1.0));
        assert_eq!(of(&[(0, 1), (1, 1), (8, 1)]).within(7), 2);
    }
}
