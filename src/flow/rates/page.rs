//! Pages of days, so that the rows at hand are few however long the time asked for is.

use chrono::{Days, NaiveDate};

/// Declarations of a page, unless a single day has more.
const PAGE: u64 = 20_000;

/// Cuts days into pages by the declarations of each day; together the pages are all the days.
pub fn pages(
    days: (NaiveDate, NaiveDate),
    per_day: &[(NaiveDate, u64)],
) -> Vec<(NaiveDate, NaiveDate)> {
    let (mut pages, mut first, mut held) = (Vec::new(), days.0, 0);
    for &(day, rows) in per_day {
        if held > 0 && held + rows > PAGE {
            let last = day.checked_sub_days(Days::new(1)).unwrap_or(day);
            pages.push((first, last));
            (first, held) = (day, 0);
        }
        held += rows;
    }
    pages.push((first, days.1));
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    #[test]
    fn few_declarations_are_one_page_however_many_the_days() {
        let days = (NaiveDate::MIN, NaiveDate::MAX);
        assert_eq!(pages(days, &[]), [days]);
        assert_eq!(pages(days, &[(day(1), PAGE / 2), (day(9), PAGE / 2)]), [days]);
    }

    #[test]
    fn pages_end_before_the_day_that_would_overfill_them_and_leave_out_no_day() {
        let per_day = [(day(2), 1), (day(3), PAGE), (day(7), PAGE + 1), (day(8), 5)];
        let cut = [(day(1), day(2)), (day(3), day(6)), (day(7), day(7)), (day(8), day(31))];
        assert_eq!(pages((day(1), day(31)), &per_day), cut);
    }
}
