//! The calendar of an office: which inspection day an instant belongs to, and when a day is cut off.
//!
//! Cut-offs are wall time. A time that a clock change skips means the first instant after it; a
//! doubled one means the earlier.

use crate::domain::problem::{Code, FieldError};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Minutes of a whole day: the cut-off `24:00`.
pub const WHOLE_DAY: u16 = 24 * 60;
/// How far ahead a working day is searched for; an office that never works in a year is refused.
const HORIZON: usize = 366;

/// How an office works from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Minutes after local midnight at which a day's frame closes, 0 to 1,440.
    pub cut_off: u16,
    /// Working days of the week, 1 = Monday to 7 = Sunday; never empty.
    pub working_days: BTreeSet<u8>,
    /// Local dates without work.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Schedule {
    fn works_on(&self, day: NaiveDate) -> bool {
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or(0);
        self.working_days.contains(&weekday) && !self.holidays.contains(&day)
    }
}

/// The calendar of an office: its schedules, each in force from a day on, so that a change never
/// touches a day that was promised already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Where the office's wall clock hangs.
    pub time_zone: Tz,
    /// The schedule of all days before the first change.
    pub first: Schedule,
    /// Later schedules by their first day, ascending.
    pub changes: Vec<(NaiveDate, Schedule)>,
}

impl Calendar {
    /// A calendar that never changed.
    pub fn new(time_zone: Tz, schedule: Schedule) -> Self {
        Self { time_zone, first: schedule, changes: Vec::new() }
    }

    /// The schedule in force on a day.
    pub fn on(&self, day: NaiveDate) -> &Schedule {
        let change = self.changes.iter().rev().find(|(from, _)| *from <= day);
        change.map_or(&self.first, |(_, schedule)| schedule)
    }

    /// The schedule that was set last.
    pub fn latest(&self) -> &Schedule {
        self.changes.last().map_or(&self.first, |(_, schedule)| schedule)
    }

    /// The local date of an instant.
    pub fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.time_zone).date_naive()
    }

    /// Whether the office works on that day.
    pub fn works_on(&self, day: NaiveDate) -> bool {
        self.on(day).works_on(day)
    }

    /// The first working day after `day`; the next day where there is none within a year.
    pub fn working_day_after(&self, day: NaiveDate) -> NaiveDate {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        next.iter_days().take(HORIZON).find(|d| self.works_on(*d)).unwrap_or(next)
    }

    /// The inspection day of an instant: its local date when that is a working day and its cut-off
    /// lies ahead, else the next working day.
    pub fn inspection_day(&self, at: DateTime<Utc>) -> NaiveDate {
        let today = self.local_day(at);
        if self.works_on(today) && at < self.closes_at(today) {
            today
        } else {
            self.working_day_after(today)
        }
    }

    /// The instant at which the frame of a day closes.
    pub fn closes_at(&self, day: NaiveDate) -> DateTime<Utc> {
        let cut_off = TimeDelta::minutes(i64::from(self.on(day).cut_off));
        // At the very end of the scale there is no later instant.
        let midnight = day.and_time(NaiveTime::MIN);
        let wall = midnight.checked_add_signed(cut_off).unwrap_or(midnight);
        // No clock change ever skipped more than a day; the scale is minutes.
        (0..=24 * 60)
            .find_map(|skipped| {
                let wall = wall.checked_add_signed(TimeDelta::minutes(skipped))?;
                self.time_zone.from_local_datetime(&wall).earliest()
            })
            .map_or_else(|| wall.and_utc(), |local| local.with_timezone(&Utc))
    }
}

/// Reads a cut-off such as `06:00` or `24:00` into minutes after midnight.
///
/// # Errors
/// Text that is no time of a day.
pub fn parse_cut_off(pointer: &str, text: &str) -> Result<u16, FieldError> {
    let minutes = text.split_once(':').and_then(|(hours, minutes)| {
        let two = |s: &str| (s.len() == 2).then(|| s.parse::<u16>().ok()).flatten();
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        (minutes < 60).then_some(hours * 60 + minutes)
    });
    minutes.filter(|m| *m <= WHOLE_DAY).ok_or_else(|| {
        let words = format!("`{text}` is not a time of day from 00:00 to 24:00");
        FieldError::new(pointer, Code::TimeInvalid, words)
    })
}

/// A cut-off as text, `06:00`.
pub fn cut_off_text(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(zone: &str, cut_off: &str) -> Calendar {
        let schedule = Schedule {
            cut_off: parse_cut_off("/cut_off", cut_off).unwrap(),
            working_days: (1..=5).collect(),
            holidays: [NaiveDate::from_ymd_opt(2026, 10, 1).unwrap()].into(),
        };
        Calendar::new(zone.parse().unwrap(), schedule)
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn before_the_cut_off_it_is_today_and_after_it_the_next_working_day() {
        let qingdao = calendar("Asia/Shanghai", "06:00");
        assert_eq!(qingdao.inspection_day(utc("2026-11-23T21:59:59Z")), day("2026-11-24"));
        assert_eq!(qingdao.inspection_day(utc("2026-11-23T22:00:00Z")), day("2026-11-25"));
        // Friday after the cut-off belongs to Monday, and a holiday is skipped.
        assert_eq!(qingdao.inspection_day(utc("2026-11-27T01:00:00Z")), day("2026-11-30"));
        assert_eq!(qingdao.inspection_day(utc("2026-09-30T01:00:00Z")), day("2026-10-02"));
    }

    #[test]
    fn a_cut_off_at_the_end_of_the_day_keeps_the_whole_day() {
        let mut seoul = calendar("Asia/Seoul", "24:00");
        seoul.first.working_days = (1..=7).collect();
        assert_eq!(seoul.inspection_day(utc("2020-01-01T14:59:59Z")), day("2020-01-01"));
        assert_eq!(seoul.inspection_day(utc("2020-01-01T15:00:00Z")), day("2020-01-02"));
    }

    #[test]
    fn a_skipped_cut_off_is_the_first_instant_after_and_a_doubled_one_the_earlier() {
        let berlin = calendar("Europe/Berlin", "02:30");
        assert_eq!(berlin.closes_at(day("2026-03-29")), utc("2026-03-29T01:00:00Z"));
        assert_eq!(berlin.closes_at(day("2026-10-25")), utc("2026-10-25T00:30:00Z"));
        assert_eq!(berlin.closes_at(day("2026-11-24")), utc("2026-11-24T01:30:00Z"));
    }

    #[test]
    fn the_ends_of_the_scale_do_not_overflow() {
        for zone in ["Asia/Shanghai", "America/New_York"] {
            let whole = calendar(zone, "24:00");
            for extreme in [NaiveDate::MIN, NaiveDate::MAX] {
                whole.closes_at(extreme);
            }
        }
    }

    #[test]
    fn a_change_of_schedule_leaves_earlier_days_alone() {
        let mut qingdao = calendar("Asia/Shanghai", "06:00");
        let later = Schedule { cut_off: 12 * 60, ..qingdao.first.clone() };
        qingdao.changes.push((day("2026-11-25"), later));
        assert_eq!(qingdao.closes_at(day("2026-11-24")), utc("2026-11-23T22:00:00Z"));
        assert_eq!(qingdao.closes_at(day("2026-11-25")), utc("2026-11-25T04:00:00Z"));
    }

    #[test]
    fn cut_offs_are_times_of_day() {
        assert_eq!(parse_cut_off("", "24:00"), Ok(1440));
        for bad in ["", "6:00", "06:60", "24:01", "0600", "-1:00", "aa:bb"] {
            assert!(parse_cut_off("", bad).is_err(), "{bad}");
        }
    }
}
