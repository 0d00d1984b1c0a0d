//! The headline of a cell: which goods it speaks of, and what was measured.

use super::ask::{Ask, Split};
use super::cells::{Cell, Label};
use super::compare::{Compared, Comparison};
use crate::domain::headline::{
    Before, Change, Direction, Facts, Goods, Headline, Limits, Measured, Relative,
};
use crate::domain::key::Scope;
use crate::domain::reference::country;
use crate::domain::span::Span;
use crate::statistics::{self, Estimate, Verdict};

/// The sentence of a cell, for whoever sees the offices of a scope.
pub(super) fn of(ask: &Ask, scope: &Scope, compared: &Compared) -> Headline {
    let Compared { cell, span, comparison } = compared;
    let before = comparison.as_ref().map_or(Before::NotAsked, before);
    let goods = goods(ask, scope, &cell.labels);
    Headline::of(&Facts { goods, now: measured(*span, cell), before })
}

fn before(comparison: &Comparison) -> Before {
    let change = comparison.change.as_ref().ok().map(change);
    match &comparison.before {
        Some(before) => Before::Was(measured(before.span, &before.cell), change),
        None => Before::NoSuchPeriod,
    }
}

fn measured(span: Span, cell: &Cell) -> Measured {
    Measured {
        span,
        declared: cell.declared(),
        inspected: cell.rate.inspected,
        provisional: cell.provisional,
        rate: cell.rate.estimate().as_ref().map(limits),
    }
}

fn limits(&Estimate { value, low, high }: &Estimate) -> Limits {
    Limits { value, low, high }
}

fn change(change: &statistics::Change) -> Change {
    let statistics::RelativeChange { value, low, high } = change.relative;
    Change {
        direction: match change.verdict {
            Verdict::Fell => Direction::Fell,
            Verdict::Rose => Direction::Rose,
            Verdict::NoClearChange => Direction::NoClearChange,
        },
        difference: limits(&change.difference),
        relative: Relative { value, low, high },
    }
}

/// The goods of a cell: those of the filters, narrowed by its labels.
fn goods(ask: &Ask, scope: &Scope, labels: &[Label]) -> Goods {
    let mut goods = filtered(ask, scope);
    for (split, label) in ask.split_by.iter().zip(labels) {
        narrow(&mut goods, *split, label);
    }
    drop_countries_elsewhere(&mut goods);
    goods
}

fn filtered(ask: &Ask, scope: &Scope) -> Goods {
    let own = match scope {
        Scope::Only(offices) if ask.offices.is_empty() => offices.as_slice(),
        _ => ask.offices.as_slice(),
    };
    Goods {
        commodities: ask.commodities.clone(),
        countries: ask.countries.iter().map(|&code| code.into()).collect(),
        groupings: ask.groupings.iter().map(|grouping| grouping.code.into()).collect(),
        regions: ask.regions.iter().map(|region| region.code().into()).collect(),
        offices: own.iter().map(ToString::to_string).collect(),
        provinces: ask.provinces.iter().cloned().map(Some).collect(),
        exporters: ask.exporters.clone(),
        campaigns: ask.campaigns.clone(),
        selections: ask.selections.iter().map(|one| Some(one.as_str().into())).collect(),
    }
}

fn narrow(goods: &mut Goods, split: Split, label: &Label) {
    let one = || label.iter().cloned().collect::<Vec<_>>();
    match split {
        Split::Region => goods.regions = one(),
        Split::Grouping => goods.groupings = one(),
        Split::Country => goods.countries = one(),
        Split::Office => goods.offices = one(),
        Split::Exporter => goods.exporters = one(),
        Split::Campaign => goods.campaigns = one(),
        Split::Province => goods.provinces = vec![label.clone()],
        Split::Selection => goods.selections = vec![label.clone()],
        Split::Chapter | Split::Heading | Split::Subheading => {
            narrow_commodities(goods, label.as_deref().unwrap_or_default());
        }
    }
}

/// What is left of commodity prefixes within another one.
fn narrow_commodities(goods: &mut Goods, label: &str) {
    goods.commodities.retain(|prefix| prefix.len() > label.len() && prefix.starts_with(label));
    if goods.commodities.is_empty() {
        goods.commodities = vec![label.to_owned()];
    }
}

/// Countries say their region: what lies elsewhere is left out, and then the regions are no news.
fn drop_countries_elsewhere(goods: &mut Goods) {
    let regions = &goods.regions;
    let inside = |code: &String| {
        country::find(code).is_some_and(|found| regions.iter().any(|r| r == found.region.code()))
    };
    let inside: Vec<String> = goods.countries.iter().filter(|code| inside(code)).cloned().collect();
    if !inside.is_empty() {
        goods.countries = inside;
        goods.regions.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::ask::{Filters, Words};
    use super::*;

    fn said(split_by: &str, filters: Filters, labels: &[&str]) -> String {
        let split_by = if split_by.is_empty() { vec![] } else { vec![split_by.into()] };
        let (period, from, to) = ("year".into(), "2026".into(), "2026".into());
        let words = Words { period, target: None, from, to, split_by, filters };
        let labels: Vec<Label> = labels.iter().map(|&label| Some(label.into())).collect();
        goods(&Ask::parse(&words).unwrap(), &Scope::All, &labels).english()
    }

    fn codes(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|&code| code.into()).collect()
    }

    #[test]
    fn labels_narrow_what_filters_let_through() {
        let both = || Filters {
            region: codes(&["africa", "asia"]),
            country: codes(&["KE", "VN"]),
            commodity: codes(&["85", "640399"]),
            office: codes(&["CNTAO", "CNSHA"]),
            ..Filters::default()
        };
        let offices = "through offices CNTAO or CNSHA";
        for (split, labels, words) in [
            (
                "",
                &[][..],
                format!("goods of chapter 85 or subheading 640399 to Kenya or Vietnam {offices}"),
            ),
            (
                "region,heading",
                &["asia", "8507"],
                format!("goods of heading 8507 to Vietnam {offices}"),
            ),
            (
                "chapter",
                &["64"],
                format!("goods of subheading 640399 to Kenya or Vietnam {offices}"),
            ),
            (
                "office",
                &["CNSHA"],
                "goods of chapter 85 or subheading 640399 to Kenya or Vietnam through office CNSHA"
                    .into(),
            ),
        ] {
            assert_eq!(said(split, both(), labels), words);
        }
        // No such goods exist, and the words still say what was asked.
        let none =
            Filters { region: codes(&["asia"]), country: codes(&["KE"]), ..Filters::default() };
        assert_eq!(said("", none, &[]), "goods to Kenya in Asia");
    }
}
