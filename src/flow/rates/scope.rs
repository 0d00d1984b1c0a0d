//! Rows that lie outside every campaign asked for need not be read.

use crate::domain::campaign::CampaignScope;
use crate::domain::place::Place;
use crate::store::rates::Filter;
use std::collections::BTreeSet;

/// A filter that lets through what lies in one of the scopes, and no more than it need of the rest:
/// each dimension that all scopes restrict and the filter does not yet. Without scopes it stays.
pub(super) fn within(mut filter: Filter, scopes: &[&CampaignScope]) -> Filter {
    if filter.commodities.is_empty() {
        filter.commodities = all(scopes, |scope| scope.commodities.clone());
    }
    if filter.regions.is_empty() && filter.countries.is_empty() {
        filter.regions = all(scopes, |scope| of_places(scope, region));
        filter.countries = all(scopes, |scope| of_places(scope, country));
    }
    let offices = all(scopes, |scope| scope.offices.iter().map(ToString::to_string).collect());
    if filter.offices.is_none() && !offices.is_empty() {
        filter.offices = Some(offices);
    }
    filter
}

/// What any of the scopes names; nothing where one of them does not restrict.
fn all(scopes: &[&CampaignScope], named: impl Fn(&CampaignScope) -> Vec<String>) -> Vec<String> {
    let each: Vec<Vec<String>> = scopes.iter().map(|scope| named(scope)).collect();
    match each.iter().any(Vec::is_empty) {
        true => Vec::new(),
        false => each.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect(),
    }
}

/// The codes of a scope's places, if all are of the kind.
fn of_places(scope: &CampaignScope, code: fn(&Place) -> Option<&str>) -> Vec<String> {
    let codes = scope.places.iter().map(|place| code(place).map(str::to_owned));
    codes.collect::<Option<_>>().unwrap_or_default()
}

fn region(place: &Place) -> Option<&str> {
    match place {
        Place::Region(region) => Some(region.code()),
        _ => None,
    }
}

fn country(place: &Place) -> Option<&str> {
    match place {
        Place::Country(country) => Some(country),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reference::region::Region;
    use chrono::NaiveDate;

    fn scope(places: Vec<Place>, commodities: &[&str]) -> CampaignScope {
        let commodities = commodities.iter().map(|&prefix| prefix.to_owned()).collect();
        CampaignScope { places, commodities, offices: Vec::new() }
    }

    fn everything() -> Filter {
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        Filter::of_days((day, day))
    }

    #[test]
    fn only_what_every_scope_restricts_narrows() {
        let africa = scope(vec![Place::Region(Region::Africa)], &["85", "6403"]);
        let asia = scope(vec![Place::Region(Region::Asia)], &[]);
        let kenya = scope(vec![Place::Country("KE".into())], &["85"]);
        let one = within(everything(), &[&africa]);
        assert_eq!(
            (one.regions, one.commodities),
            (vec!["africa".into()], vec!["6403".into(), "85".into()])
        );
        let two = within(everything(), &[&africa, &asia]);
        assert_eq!((two.regions.len(), two.commodities.len()), (2, 0));
        let mixed = within(everything(), &[&africa, &kenya]);
        assert_eq!(
            (mixed.regions.len(), mixed.countries.len(), mixed.commodities.len()),
            (0, 0, 2)
        );
        let none = within(everything(), &[]);
        assert!(none.regions.is_empty() && none.offices.is_none());
    }

    #[test]
    fn what_is_asked_already_stays() {
        let africa = scope(vec![Place::Region(Region::Africa)], &["85"]);
        let asked = Filter {
            commodities: vec!["8507".into()],
            regions: vec!["asia".into()],
            ..everything()
        };
        let filter = within(asked, &[&africa]);
        assert_eq!(
            (filter.commodities, filter.regions),
            (vec!["8507".into()], vec!["asia".into()])
        );
    }
}
