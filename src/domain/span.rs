//! A period, or the part of it that a range of days leaves.

use super::period::{Period, PeriodKind};
use chrono::{Datelike, Months, NaiveDate};

/// A period and the days of it that are meant: all, or the part that lies in a range of days.
///
/// ```
/// use breeze::domain::period::Period;
/// use breeze::domain::span::Span;
/// let day = |text: &str| text.parse().unwrap();
/// let days = (day("2026-01-15"), day("2026-03-31"));
/// let january = Span::new(Period::parse("2026-01")?, days);
/// assert!(!january.is_whole());
/// let before = january.a_year_before().unwrap();
/// assert_eq!((before.first(), before.last()), (day("2025-01-15"), day("2025-01-31")));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    period: Period,
    first: NaiveDate,
    last: NaiveDate,
}

impl Span {
    /// The part of a period that lies in a range of days; they must have a day in common.
    pub fn new(period: Period, days: (NaiveDate, NaiveDate)) -> Self {
        Self { period, first: period.first().max(days.0), last: period.last().min(days.1) }
    }

    /// A whole period.
    pub fn whole(period: Period) -> Self {
        Self { period, first: period.first(), last: period.last() }
    }

    /// The period.
    pub const fn period(self) -> Period {
        self.period
    }

    /// The first day that is meant.
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// The last day that is meant.
    pub const fn last(self) -> NaiveDate {
        self.last
    }

    /// Whether all of the period is meant.
    pub fn is_whole(self) -> bool {
        self == Self::whole(self.period)
    }

    /// The whole period before; none at the beginning of the calendar.
    pub fn period_before(self) -> Option<Self> {
        self.period.previous().map(Self::whole)
    }

    /// The same part of the same period a year before: days by their date, 29 February by the 28th,
    /// weeks by their number and weekday. None for a week 53 where the year before has 52.
    pub fn a_year_before(self) -> Option<Self> {
        let earlier = |day| a_year_before(self.period.kind(), day);
        let period = self.period.kind().of(earlier(self.period.first())?);
        // A whole February stays whole, whether it has 28 days or 29.
        let meant = |day, border, border_before| {
            if day == border { Some(border_before) } else { earlier(day) }
        };
        let first = meant(self.first, self.period.first(), period.first())?;
        let last = meant(self.last, self.period.last(), period.last())?;
        Some(Self { period, first, last })
    }
}

fn a_year_before(kind: PeriodKind, day: NaiveDate) -> Option<NaiveDate> {
    match kind {
        PeriodKind::Week => {
            let week = day.iso_week();
            NaiveDate::from_isoywd_opt(week.year().checked_sub(1)?, week.week(), day.weekday())
        }
        _ => day.checked_sub_months(Months::new(12)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn before(period: &str, from: &str, to: &str) -> Option<(String, String, String)> {
        let span = Span::new(Period::parse(period).unwrap(), (day(from), day(to)));
        let before = span.a_year_before()?;
        let (first, last) = (before.first().to_string(), before.last().to_string());
        Some((before.period().to_string(), first, last))
    }

    #[test]
    fn a_year_before_has_the_same_label() {
        for (period, label, first, last) in [
            ("2026-W05", "2025-W05", "2025-01-27", "2025-02-02"),
            ("2027-W01", "2026-W01", "2025-12-29", "2026-01-04"),
            ("2026-10", "2025-10", "2025-10-01", "2025-10-31"),
            ("2024-02", "2023-02", "2023-02-01", "2023-02-28"),
            ("2025-02", "2024-02", "2024-02-01", "2024-02-29"),
            ("2026-Q1", "2025-Q1", "2025-01-01", "2025-03-31"),
            ("2026", "2025", "2025-01-01", "2025-12-31"),
            ("2024-02-29", "2023-02-28", "2023-02-28", "2023-02-28"),
            ("2025-02-28", "2024-02-28", "2024-02-28", "2024-02-28"),
        ] {
            let found = before(period, "2000-01-01", "2100-01-01");
            assert_eq!(found, Some((label.into(), first.into(), last.into())), "{period}");
        }
        assert_eq!(before("2026-W53", "2000-01-01", "2100-01-01"), None);
        assert_eq!(before("2015-W53", "2000-01-01", "2100-01-01"), None);
    }

    #[test]
    fn a_part_is_held_against_the_same_part() {
        for (period, from, to, first, last) in [
            ("2026-10", "2026-10-05", "2026-10-20", "2025-10-05", "2025-10-20"),
            ("2026", "2026-01-01", "2026-11-24", "2025-01-01", "2025-11-24"),
            ("2024-02", "2024-02-10", "2024-12-31", "2023-02-10", "2023-02-28"),
            ("2024", "2024-01-01", "2024-02-29", "2023-01-01", "2023-02-28"),
            // Wednesday to the end of the week.
            ("2026-W05", "2026-01-28", "2026-12-31", "2025-01-29", "2025-02-02"),
        ] {
            let (_, begins, ends) = before(period, from, to).unwrap();
            assert_eq!((begins.as_str(), ends.as_str()), (first, last), "{period}");
        }
    }

    #[test]
    fn the_period_before_is_whole_even_before_a_part() {
        let part =
            Span::new(Period::parse("2026-03").unwrap(), (day("2026-03-10"), day("2026-03-12")));
        let before = part.period_before().unwrap();
        assert_eq!((before.first(), before.last()), (day("2026-02-01"), day("2026-02-28")));
        assert!(before.is_whole() && !part.is_whole());
    }
}
