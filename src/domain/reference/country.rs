//! Countries of destination: ISO 3166-1 with their reporting region.

use super::{Names, misprint, region::Region, rows};
use std::sync::LazyLock;

/// A country or territory with a code of its own in ISO 3166-1.
///
/// Hong Kong (HK), Macao (MO) and Taiwan (TW) have codes and stand in Asia, as the source says.
/// Codes that ISO leaves to its users, such as XK and ZZ, are unknown here.
#[derive(Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, two capitals: the key everywhere.
    pub alpha2: &'static str,
    /// ISO 3166-1 alpha-3, three capitals.
    pub alpha3: &'static str,
    /// UN M49, three digits with leading zeros.
    pub m49: &'static str,
    /// The short English name.
    pub name_en: &'static str,
    /// The short Chinese name.
    pub name_zh: &'static str,
    /// The one region whose strata it belongs to.
    pub region: Region,
}

impl Country {
    /// Both names.
    pub const fn names(&self) -> Names {
        Names { en: self.name_en, zh: Some(self.name_zh) }
    }
}

/// All countries, and where each stands, by the two letters of its code.
struct Table {
    countries: Vec<Country>,
    places: Vec<Option<usize>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let countries: Vec<_> =
        rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/country.tsv")))
            .map(read)
            .collect();
    let mut places = vec![None; 26 * 26];
    for (at, country) in countries.iter().enumerate() {
        match slot(country.alpha2).and_then(|slot| places.get_mut(slot)) {
            Some(place) => *place = Some(at),
            None => misprint("country code", country.alpha2),
        }
    }
    Table { countries, places }
});

fn read([alpha2, alpha3, m49, name_en, name_zh, region]: [&'static str; 6]) -> Country {
    let region = Region::find(region).unwrap_or_else(|| misprint("region", region));
    Country { alpha2, alpha3, m49, name_en, name_zh, region }
}

/// The place of a code among all pairs of capitals.
fn slot(alpha2: &str) -> Option<usize> {
    match alpha2.as_bytes() {
        &[first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => {
            Some(usize::from(first - b'A') * 26 + usize::from(second - b'A'))
        }
        _ => None,
    }
}

/// Finds a country by its alpha-2 code in capitals; one array look-up.
///
/// ```
/// # use breeze::domain::reference::country;
/// assert_eq!(country::find("NA").map(|country| country.name_en), Some("Namibia"));
/// assert_eq!(country::find("ZZ"), None);
/// ```
pub fn find(alpha2: &str) -> Option<&'static Country> {
    let place = TABLE.places.get(slot(alpha2)?)?;
    TABLE.countries.get((*place)?)
}

/// All 249 countries, by alpha-2 code.
pub fn all() -> &'static [Country] {
    &TABLE.countries
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn region_of(alpha2: &str) -> Option<Region> {
        find(alpha2).map(|country| country.region)
    }

    #[test]
    fn there_are_249_countries_and_each_is_found_by_its_code() {
        assert_eq!(all().len(), 249);
        assert!(all().is_sorted_by_key(|country| country.alpha2));
        for country in all() {
            assert_eq!(find(country.alpha2), Some(country));
        }
    }

    #[test]
    fn every_code_is_unique_and_well_formed() {
        let unique =
            |key: fn(&Country) -> &str| all().iter().map(key).collect::<HashSet<_>>().len();
        assert_eq!(unique(|c| c.alpha2), 249);
        assert_eq!(unique(|c| c.alpha3), 249);
        assert_eq!(unique(|c| c.m49), 249);
        for c in all() {
            assert!(c.alpha3.len() == 3 && c.alpha3.bytes().all(|b| b.is_ascii_uppercase()));
            assert!(c.m49.len() == 3 && c.m49.bytes().all(|b| b.is_ascii_digit()), "{c:?}");
            assert!(!c.name_en.is_empty() && !c.name_zh.is_ascii(), "{c:?}");
        }
    }

    #[test]
    fn na_is_namibia_in_africa() {
        let namibia = find("NA").unwrap();
        assert_eq!((namibia.alpha3, namibia.m49), ("NAM", "516"));
        assert_eq!(namibia.names(), Names { en: "Namibia", zh: Some("纳米比亚") });
        assert_eq!(namibia.region, Region::Africa);
    }

    #[test]
    fn every_region_has_countries_and_only_antarctica_stands_outside() {
        let count = |region| all().iter().filter(|country| country.region == region).count();
        assert_eq!(Region::ALL.map(count), [60, 52, 5, 51, 51, 29, 1]);
        assert_eq!(region_of("AQ"), Some(Region::Other));
    }

    #[test]
    fn regions_at_the_borders_follow_m49() {
        let borders = [
            ("CY", Region::Asia),
            ("TR", Region::Asia),
            ("RU", Region::Europe),
            ("EG", Region::Africa),
            ("MX", Region::LatinAmerica),
            ("GL", Region::NorthernAmerica),
            ("IO", Region::Africa),
            ("BV", Region::LatinAmerica),
        ];
        for (alpha2, region) in borders {
            assert_eq!(region_of(alpha2), Some(region), "{alpha2}");
        }
    }

    #[test]
    fn hong_kong_macao_and_taiwan_have_codes_in_asia_and_kosovo_has_none() {
        for alpha2 in ["HK", "MO", "TW"] {
            assert_eq!(region_of(alpha2), Some(Region::Asia), "{alpha2}");
        }
        assert_eq!(find("XK"), None);
    }

    #[test]
    fn what_is_no_code_in_capitals_is_not_found() {
        for text in ["", "N", "na", "NAM", "ZZ", "N1", " NA", "516", "é", "\0\0"] {
            assert_eq!(find(text), None, "{text:?}");
        }
    }
}
