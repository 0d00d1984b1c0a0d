//! Periods of the calendar: days, ISO weeks, months, quarters, years, and their labels.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    /// A day, `2026-11-24`.
    Day,
    /// A week of ISO 8601, Monday to Sunday, `2026-W05`; it belongs to the year of its Thursday.
    Week,
    /// A month, `2026-11`.
    Month,
    /// A quarter, `2026-Q1`.
    Quarter,
    /// A year, `2026`.
    Year,
}

impl PeriodKind {
    /// Every kind, the shortest first.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The kind as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// Finds a kind by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The period of this kind that a day lies in.
    pub fn of(self, day: NaiveDate) -> Period {
        let first_of_month = |month0: u32| day.with_day(1).and_then(|d| d.with_month0(month0));
        let first = match self {
            Self::Day => Some(day),
            Self::Week => {
                day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))
            }
            Self::Month => first_of_month(day.month0()),
            Self::Quarter => first_of_month(day.month0() / 3 * 3),
            Self::Year => first_of_month(0),
        };
        // Only a week at the very edge of the calendar has no first day.
        Period { kind: self, first: first.unwrap_or(day) }
    }
}

impl fmt::Display for PeriodKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A period of the calendar. Periods of one kind sort by time.
///
/// ```
/// use breeze::domain::period::{Period, PeriodKind};
/// let week = Period::parse("2026-W53")?;
/// assert_eq!(week.first().to_string(), "2026-12-28");
/// assert_eq!(week.last().to_string(), "2027-01-03");
/// assert_eq!(PeriodKind::Quarter.of(week.last()).to_string(), "2027-Q1");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    kind: PeriodKind,
    first: NaiveDate,
}

impl Period {
    /// The first day.
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// The last day.
    pub fn last(self) -> NaiveDate {
        let next = match self.kind {
            PeriodKind::Day => return self.first,
            PeriodKind::Week => self.first.checked_add_days(Days::new(7)),
            PeriodKind::Month => self.first.checked_add_months(Months::new(1)),
            PeriodKind::Quarter => self.first.checked_add_months(Months::new(3)),
            PeriodKind::Year => self.first.checked_add_months(Months::new(12)),
        };
        next.and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX)
    }

    /// How long it is.
    pub const fn kind(self) -> PeriodKind {
        self.kind
    }

    /// The period after it; none at the end of the calendar.
    pub fn next(self) -> Option<Self> {
        self.last().succ_opt().map(|day| self.kind.of(day))
    }

    /// The period before it; none at the beginning of the calendar.
    pub fn previous(self) -> Option<Self> {
        self.first.pred_opt().map(|day| self.kind.of(day))
    }

    /// The periods of a kind that hold the days from the first to the last, in order.
    pub fn covering(kind: PeriodKind, days: (NaiveDate, NaiveDate)) -> impl Iterator<Item = Self> {
        let first = (days.0 <= days.1).then(|| kind.of(days.0));
        std::iter::successors(first, |period| period.next())
            .take_while(move |period| period.first <= days.1)
    }

    /// Reads a label of any kind; the label says which. Years have four digits, from 1000 on.
    ///
    /// # Errors
    /// A text that is no label, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        read(text).ok_or_else(|| {
            let shown = text.escape_debug();
            format!("`{shown}` is no period: write 2026-11-24, 2026-W05, 2026-11, 2026-Q1 or 2026")
        })
    }
}

fn read(text: &str) -> Option<Period> {
    let (year, rest) = (text.get(..4)?, text.get(4..)?);
    let year = number(year)?.try_into().ok().filter(|year| *year >= 1000)?;
    let of = |kind: PeriodKind, day: Option<NaiveDate>| day.map(|day| kind.of(day));
    if rest.is_empty() {
        return of(PeriodKind::Year, NaiveDate::from_ymd_opt(year, 1, 1));
    }
    let rest = rest.strip_prefix('-')?;
    match (rest.as_bytes(), rest.split_once('-')) {
        ([b'W', _, _], _) => {
            let week = number(rest.get(1..)?)?;
            of(PeriodKind::Week, NaiveDate::from_isoywd_opt(year, week, Weekday::Mon))
        }
        ([b'Q', quarter @ b'1'..=b'4'], _) => {
            let month = u32::from(quarter - b'1') * 3 + 1;
            of(PeriodKind::Quarter, NaiveDate::from_ymd_opt(year, month, 1))
        }
        ([_, _], None) => of(PeriodKind::Month, NaiveDate::from_ymd_opt(year, number(rest)?, 1)),
        ([_, _, b'-', _, _], Some((month, day))) => {
            of(PeriodKind::Day, NaiveDate::from_ymd_opt(year, number(month)?, number(day)?))
        }
        _ => None,
    }
}

/// Digits alone: `parse` would take a sign.
fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

impl fmt::Display for Period {
    /// The label.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first;
        match self.kind {
            PeriodKind::Day => write!(f, "{}", first.format("%Y-%m-%d")),
            PeriodKind::Week => write!(f, "{}", first.format("%G-W%V")),
            PeriodKind::Month => write!(f, "{}", first.format("%Y-%m")),
            PeriodKind::Quarter => write!(f, "{:04}-Q{}", first.year(), first.month0() / 3 + 1),
            PeriodKind::Year => write!(f, "{:04}", first.year()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn label(kind: PeriodKind, of: &str) -> String {
        kind.of(day(of)).to_string()
    }

    #[test]
    fn a_day_has_one_label_of_each_kind() {
        let labels = PeriodKind::ALL.map(|kind| label(kind, "2026-11-24"));
        assert_eq!(labels, ["2026-11-24", "2026-W48", "2026-11", "2026-Q4", "2026"]);
    }

    #[test]
    fn weeks_at_the_border_of_years_belong_to_the_year_of_their_thursday() {
        for (of, week) in [
            ("2024-12-29", "2024-W52"),
            ("2024-12-30", "2025-W01"),
            ("2026-01-01", "2026-W01"),
            ("2026-12-31", "2026-W53"),
            ("2027-01-03", "2026-W53"),
            ("2027-01-04", "2027-W01"),
            ("2021-01-03", "2020-W53"),
        ] {
            assert_eq!(label(PeriodKind::Week, of), week, "{of}");
        }
    }

    #[test]
    fn quarters_are_those_of_the_calendar() {
        for (of, quarter) in [
            ("2026-01-01", "2026-Q1"),
            ("2026-03-31", "2026-Q1"),
            ("2026-04-01", "2026-Q2"),
            ("2026-09-30", "2026-Q3"),
            ("2026-12-31", "2026-Q4"),
        ] {
            assert_eq!(label(PeriodKind::Quarter, of), quarter, "{of}");
        }
    }

    #[test]
    fn a_label_knows_its_first_and_last_day() {
        for (text, first, last) in [
            ("2026-11-24", "2026-11-24", "2026-11-24"),
            ("2026-W01", "2025-12-29", "2026-01-04"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2026-Q4", "2026-10-01", "2026-12-31"),
            ("2026", "2026-01-01", "2026-12-31"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((period.first(), period.last()), (day(first), day(last)), "{text}");
        }
    }

    #[test]
    fn what_is_no_label_is_refused_in_words() {
        for text in [
            "",
            "26",
            "2026-",
            "2026-1",
            "2026-13",
            "2026-W00",
            "2026-W54",
            "2025-W53",
            "2026-Q0",
            "2026-Q5",
            "2026-02-30",
            "2026-2-03",
            "+026-01",
            "0026",
            "2026-+1",
            "2026-W+1",
            "2026-11-24T00",
            "２０２６",
            "2026-11-2",
            "2026-q1",
        ] {
            let words = Period::parse(text).unwrap_err();
            assert!(words.contains("2026-W05"), "{text}: {words}");
        }
    }

    proptest! {
        #[test]
        fn every_label_reads_back_and_its_days_are_those_of_the_period(
            days in 0_i32..700_000,
            at in 0_usize..5,
        ) {
            let day = NaiveDate::from_ymd_opt(1001, 1, 1).unwrap() + Days::new(days.unsigned_abs().into());
            let kind = PeriodKind::ALL[at];
            let period = kind.of(day);
            prop_assert_eq!(Period::parse(&period.to_string()), Ok(period));
            prop_assert!(period.first() <= day && day <= period.last());
            prop_assert_eq!(kind.of(period.last()), period);
            let next = period.next().unwrap();
            prop_assert_eq!((next.first(), next.previous()), (period.last() + Days::new(1), Some(period)));
            let both: Vec<_> = Period::covering(kind, (day, next.first())).collect();
            prop_assert_eq!(both, [period, next]);
        }
    }
}
