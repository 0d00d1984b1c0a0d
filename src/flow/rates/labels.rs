//! What places are called under the splits, and whether they are asked for.

use super::ask::{Ask, Split};
use super::cells::Label;
use crate::domain::campaign::CampaignScope;
use crate::domain::policy::Goods;
use crate::domain::reference::grouping::{self, Grouping};
use crate::domain::reference::region::Region;
use crate::store::rates::Place;
use std::collections::{BTreeMap, BTreeSet};

/// What labels and filters need to know beyond the rows.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The province of each office.
    pub provinces: BTreeMap<String, Option<String>>,
    /// The campaigns that are asked for, with the goods in their scope.
    pub campaigns: Vec<(String, CampaignScope)>,
}

/// Whether a place lies in one of the groupings and one of the campaigns asked for, and not in what is
/// left out; everything else is filtered already.
pub(super) fn is_asked(ask: &Ask, known: &Known, place: &Place) -> bool {
    let grouping = ask.groupings.is_empty() || ask.groupings.iter().any(|g| holds(g, place));
    let campaign = ask.campaigns.is_empty()
        || known.campaigns.iter().any(|(_, scope)| is_in_scope(scope, place));
    let left_out = ask.outside.as_ref().is_some_and(|scope| is_in_scope(scope, place));
    grouping && campaign && !left_out
}

fn holds(grouping: &Grouping, place: &Place) -> bool {
    grouping.contains(&place.country, place.day)
}

fn is_in_scope(scope: &CampaignScope, place: &Place) -> bool {
    let Place { office, country, commodity, .. } = place;
    let goods = |region| Goods { office, country, region, commodity };
    Region::find(&place.region).is_some_and(|region| scope.holds(goods(region)))
}

/// The labels of a place: one list of labels, but for groupings and campaigns, which overlap.
pub(super) fn labels(ask: &Ask, known: &Known, place: &Place) -> Vec<Vec<Label>> {
    let values = ask.split_by.iter().map(|&split| values(ask, known, place, split));
    product(values)
}

/// Every list of one label a split.
fn product(values: impl Iterator<Item = Vec<Label>>) -> Vec<Vec<Label>> {
    values.fold(vec![Vec::new()], |lists, values| {
        let longer = |list: &Vec<Label>, value: &Label| {
            list.iter().chain([value]).cloned().collect::<Vec<_>>()
        };
        lists.iter().flat_map(|list| values.iter().map(move |value| longer(list, value))).collect()
    })
}

fn values(ask: &Ask, known: &Known, place: &Place, split: Split) -> Vec<Label> {
    let digits = |count| place.commodity.get(..count).unwrap_or(&place.commodity);
    let value = match split {
        Split::Region => &place.region,
        Split::Country => &place.country,
        Split::Office => &place.office,
        Split::Exporter => &place.exporter,
        Split::Chapter => digits(2),
        Split::Heading => digits(4),
        Split::Subheading => digits(6),
        Split::Selection => {
            return vec![place.selection.map(|selection| selection.as_str().to_owned())];
        }
        Split::Province => return vec![known.provinces.get(&place.office).cloned().flatten()],
        Split::Grouping => return groupings(ask, place),
        Split::Campaign => {
            let held = known.campaigns.iter().filter(|(_, scope)| is_in_scope(scope, place));
            return held.map(|(id, _)| Some(id.clone())).collect();
        }
    };
    vec![Some(value.to_owned())]
}

/// The groupings that a place lies in; of those asked for, if any are.
fn groupings(ask: &Ask, place: &Place) -> Vec<Label> {
    let asked: Vec<&Grouping> = match ask.groupings.as_slice() {
        [] => grouping::all().iter().collect(),
        asked => asked.to_vec(),
    };
    let codes = asked.into_iter().filter(|grouping| holds(grouping, place));
    codes.map(|grouping| Some(grouping.code.to_owned())).collect()
}

/// The labels that are there though no declaration may have them: those that the filters name, where
/// they name some of every split.
pub(super) fn named(ask: &Ask) -> BTreeSet<Vec<Label>> {
    let digits = |count: usize| {
        let of_length = |prefixes: &[String]| prefixes.iter().all(|prefix| prefix.len() == count);
        if of_length(&ask.commodities) { ask.commodities.clone() } else { Vec::new() }
    };
    let of_split = |split: &Split| -> Vec<Label> {
        let codes: Vec<String> = match split {
            Split::Region => ask.regions.iter().map(|region| region.code().into()).collect(),
            Split::Grouping => ask.groupings.iter().map(|grouping| grouping.code.into()).collect(),
            Split::Country => ask.countries.iter().map(|&country| country.into()).collect(),
            Split::Office => ask.offices.iter().map(ToString::to_string).collect(),
            Split::Province => ask.provinces.clone(),
            Split::Exporter => ask.exporters.clone(),
            Split::Campaign => ask.campaigns.clone(),
            Split::Chapter => digits(2),
            Split::Heading => digits(4),
            Split::Subheading => digits(6),
            Split::Selection => ask.selections.iter().map(|one| one.as_str().into()).collect(),
        };
        codes.into_iter().map(Some).collect()
    };
    product(ask.split_by.iter().map(of_split)).into_iter().collect()
}
