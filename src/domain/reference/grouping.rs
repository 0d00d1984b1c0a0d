//! Groupings: named sets of countries that overlap freely, for campaigns, policy rules and trends.
//!
//! Membership is dated, so that a trend over years uses the members of each year. Strata never use
//! groupings: they use the reporting [`Region`](super::region::Region).

use super::{Names, country, country::Country, find_sorted, misprint, rows};
use chrono::{Datelike, NaiveDate};
use std::sync::LazyLock;

/// A named set of countries with dated members.
#[derive(Debug)]
pub struct Grouping {
    /// The code, kebab-case.
    pub code: &'static str,
    /// The English name.
    pub name_en: &'static str,
    /// The Chinese name.
    pub name_zh: &'static str,
    /// Who belonged to it and when, by country.
    pub memberships: Vec<Membership>,
}

/// A time during which a country belongs to a grouping.
#[derive(Debug, PartialEq, Eq)]
pub struct Membership {
    /// The country.
    pub country: &'static Country,
    /// The first day as a member; none when it was one ever since.
    pub from: Option<NaiveDate>,
    /// The first day no longer a member (the day it left); none while it stays.
    pub to: Option<NaiveDate>,
}

impl Membership {
    /// Whether the day lies inside: `from` included, `to` excluded.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

impl Grouping {
    /// Both names.
    pub const fn names(&self) -> Names {
        Names { en: self.name_en, zh: Some(self.name_zh) }
    }

    /// The members on a day, by alpha-2 code.
    pub fn members_on(&self, day: NaiveDate) -> impl Iterator<Item = &'static Country> + '_ {
        self.memberships.iter().filter(move |m| m.covers(day)).map(|m| m.country)
    }

    /// Whether nobody joined or left between two days but on the first of a month, so that a month has
    /// the same members throughout.
    pub fn has_whole_months(&self, (first, last): (NaiveDate, NaiveDate)) -> bool {
        let changes = self.memberships.iter().flat_map(|m| [m.from, m.to]).flatten();
        let mut inside = changes.filter(|day| first < *day && *day <= last);
        inside.all(|day| day.day0() == 0)
    }

    /// Whether the country of that alpha-2 code is a member on that day.
    pub fn contains(&self, alpha2: &str, day: NaiveDate) -> bool {
        let first = self.memberships.partition_point(|m| m.country.alpha2 < alpha2);
        let rest = self.memberships.iter().skip(first);
        rest.take_while(|m| m.country.alpha2 == alpha2).any(|m| m.covers(day))
    }
}

static TABLE: LazyLock<Vec<Grouping>> = LazyLock::new(|| {
    rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/grouping.tsv")))
        .map(|[code, name_en, name_zh]| Grouping {
            code,
            name_en,
            name_zh,
            memberships: memberships_of(code),
        })
        .collect()
});

fn memberships_of(code: &str) -> Vec<Membership> {
    rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/membership.tsv")))
        .filter(|[grouping, _, _, _]| *grouping == code)
        .map(|[_, alpha2, from, to]| Membership {
            country: country::find(alpha2).unwrap_or_else(|| misprint("country", alpha2)),
            from: day(from),
            to: day(to),
        })
        .collect()
}

fn day(text: &'static str) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    Some(text.parse().unwrap_or_else(|_| misprint("day", text)))
}

/// Finds a grouping by its code.
///
/// ```
/// # use breeze::domain::reference::grouping;
/// let asean = grouping::find("asean").unwrap();
/// assert!(asean.contains("VN", "2026-11-24".parse().unwrap()));
/// ```
pub fn find(code: &str) -> Option<&'static Grouping> {
    find_sorted(&TABLE, code, |grouping| grouping.code)
}

/// All groupings that ship, by code.
pub fn all() -> &'static [Grouping] {
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn size(code: &str, on: &str) -> usize {
        find(code).unwrap().members_on(day(on)).count()
    }

    #[test]
    fn five_groupings_ship_with_their_members() {
        let codes: Vec<_> = all().iter().map(|grouping| grouping.code).collect();
        assert_eq!(codes, ["asean", "belt-and-road", "eu", "gcc", "least-developed"]);
        let sizes = |on| codes.iter().map(|code| size(code, on)).collect::<Vec<_>>();
        assert_eq!(sizes("2023-07-01"), [10, 152, 27, 6, 45]);
        assert_eq!(sizes("2026-11-24"), [11, 150, 27, 6, 45]);
        assert_eq!(all().iter().map(|grouping| grouping.memberships.len()).sum::<usize>(), 241);
        assert!(find("no-such-grouping").is_none());
    }

    #[test]
    fn italy_is_a_member_until_the_day_before_it_left() {
        let belt_and_road = find("belt-and-road").unwrap();
        assert!(belt_and_road.contains("IT", day("2023-12-05")));
        assert!(!belt_and_road.contains("IT", day("2023-12-06")));
        assert_eq!(size("belt-and-road", "2023-12-05"), 152);
        assert_eq!(size("belt-and-road", "2023-12-06"), 151);
    }

    #[test]
    fn timor_leste_is_a_member_from_the_day_it_joined() {
        let asean = find("asean").unwrap();
        assert!(!asean.contains("TL", day("2025-10-25")));
        assert!(asean.contains("TL", day("2025-10-26")));
    }

    #[test]
    fn memberships_are_in_order_and_do_not_overlap() {
        for grouping in all() {
            for pair in grouping.memberships.windows(2) {
                let [one, next] = pair else { unreachable!() };
                assert!(one.country.alpha2 < next.country.alpha2, "{one:?} {next:?}");
            }
            for m in &grouping.memberships {
                assert!(m.from.is_none() || m.to.is_none() || m.from < m.to, "{m:?}");
            }
        }
    }

    #[test]
    fn containing_a_country_and_listing_it_agree() {
        let day = day("2024-06-30");
        for grouping in all() {
            let members: Vec<_> = grouping.members_on(day).map(|country| country.alpha2).collect();
            for country in country::all() {
                let listed = members.contains(&country.alpha2);
                assert_eq!(grouping.contains(country.alpha2, day), listed, "{country:?}");
            }
            assert!(!grouping.contains("ZZ", day) && !grouping.contains("", day));
        }
    }
}
