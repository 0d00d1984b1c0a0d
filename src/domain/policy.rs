//! Policies: dated inspection proportions, and which rule applies.

use crate::domain::id::{OfficeCode, is_id};
use crate::domain::problem::{Code, Problem};
use crate::domain::reference::region::Region;
use crate::domain::reference::{country, grouping};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

mod file;
pub use file::parse;

/// A version of a policy; it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Slug.
    pub id: String,
    /// Counts from 1.
    pub version: i32,
    /// First inspection day it is in force.
    pub from: NaiveDate,
    /// Least chance of any declaration before shrinking, in millionths.
    pub floor_ppm: u32,
    /// The rules in the order of the file; one of them has no scope.
    pub rules: Vec<Rule>,
}

/// One rule: a scope and its inspection proportion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    /// The name, as it stands in the published frame.
    pub name: String,
    /// Destination, if it matters.
    pub place: Option<Place>,
    /// HS prefix, if it matters.
    pub commodity: Option<String>,
    /// Office, if it matters.
    pub office: Option<OfficeCode>,
    /// Inspection proportion in millionths, 1 to 1,000,000.
    pub proportion_ppm: u32,
}

/// A set of destination countries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A grouping with the members of the policy's first day.
    Grouping {
        /// Code of the grouping.
        code: String,
        /// Members, alpha-2, frozen with the version.
        members: BTreeSet<String>,
    },
    /// A reporting region.
    Region(Region),
    /// One country, alpha-2.
    Country(String),
}

/// What a rule is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Goods<'a> {
    /// Office code.
    pub office: &'a str,
    /// Destination, alpha-2.
    pub country: &'a str,
    /// Reporting region of the destination.
    pub region: Region,
    /// HS code.
    pub commodity: &'a str,
}

impl Place {
    fn holds(&self, goods: Goods<'_>) -> bool {
        match self {
            Self::Grouping { members, .. } => members.contains(goods.country),
            Self::Region(region) => *region == goods.region,
            Self::Country(country) => country == goods.country,
        }
    }

    /// Country before region before grouping.
    fn rank(&self) -> u8 {
        match self {
            Self::Grouping { .. } => 1,
            Self::Region(_) => 2,
            Self::Country(_) => 3,
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Grouping { members: a, .. }, Self::Grouping { members: b, .. }) => {
                !a.is_disjoint(b)
            }
            (a, b) => a == b,
        }
    }
}

/// How specific a rule is: scope fields, prefix length, kind of place.
type Rank = (usize, usize, u8);

impl Rule {
    /// Whether the goods lie in the scope.
    pub fn applies(&self, goods: Goods<'_>) -> bool {
        self.place.as_ref().is_none_or(|place| place.holds(goods))
            && self
                .commodity
                .as_ref()
                .is_none_or(|prefix| goods.commodity.starts_with(prefix.as_str()))
            && self.office.as_ref().is_none_or(|office| office.as_str() == goods.office)
    }

    /// More scope fields first, then the longer commodity prefix, then country before region before
    /// grouping.
    fn rank(&self) -> Rank {
        let fields = [self.place.is_some(), self.commodity.is_some(), self.office.is_some()];
        (
            fields.into_iter().filter(|set| *set).count(),
            self.commodity.as_ref().map_or(0, String::len),
            self.place.as_ref().map_or(0, Place::rank),
        )
    }

    /// Whether some goods could lie in both scopes, for rules of equal rank: these have the same
    /// scope fields, and prefixes of the same length overlap only when equal.
    fn overlaps(&self, other: &Self) -> bool {
        let places = match (&self.place, &other.place) {
            (Some(a), Some(b)) => a.overlaps(b),
            _ => true,
        };
        places && self.commodity == other.commodity && self.office == other.office
    }
}

impl Policy {
    /// The rule that applies: the most specific one; among equals the higher proportion, then the
    /// earlier rule.
    pub fn rule_for(&self, goods: Goods<'_>) -> Option<&Rule> {
        self.rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.applies(goods))
            .max_by_key(|(at, rule)| (rule.rank(), rule.proportion_ppm, std::cmp::Reverse(*at)))
            .map(|(_, rule)| rule)
    }

    /// SHA-256 of the RFC 8785 JSON of this version.
    pub fn sha256(&self) -> String {
        crate::domain::digest::of(self)
    }

    /// Checks what holds between the rules.
    fn check(&self) -> Result<(), Problem> {
        let refuse = |words: String| Err(Problem::new(Code::PolicyInvalid, words));
        if !self.rules.iter().any(|rule| rule.rank() == (0, 0, 0)) {
            return refuse(
                "no rule without a scope: add a [[rules]] with only a proportion, the default"
                    .into(),
            );
        }
        if let Some(rule) = self.rules.iter().find(|rule| rule.proportion_ppm < self.floor_ppm) {
            return refuse(format!(
                "rule `{}` asks for less than the floor: raise its proportion or lower the floor",
                rule.name
            ));
        }
        for (at, rule) in self.rules.iter().enumerate() {
            for other in self.rules.iter().skip(at + 1) {
                if rule.name == other.name {
                    return refuse(format!(
                        "two rules are named `{}`: give one of them another `name`",
                        rule.name
                    ));
                }
                if rule.rank() == other.rank() && rule.overlaps(other) {
                    return refuse(format!(
                        "rules `{}` and `{}` are equally specific and overlap: make one of them more specific",
                        rule.name, other.name
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Resolves the members of a grouping on a day, or says what is possible.
fn members(code: &str, day: NaiveDate) -> Result<BTreeSet<String>, String> {
    let grouping = grouping::find(code).ok_or_else(|| {
        let codes: Vec<_> = grouping::all().iter().map(|grouping| grouping.code).collect();
        format!("`{code}` is no grouping; there are {}", codes.join(", "))
    })?;
    Ok(grouping.members_on(day).map(|country| country.alpha2.to_owned()).collect())
}

/// Whether a text is a commodity prefix: 2 to 10 digits.
pub fn is_prefix(text: &str) -> bool {
    (2..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text is a slug: lowercase letters, digits and single hyphens.
pub fn is_slug(text: &str) -> bool {
    is_id(text)
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn known_country(code: &str) -> Result<String, String> {
    country::find(code)
        .map(|country| country.alpha2.to_owned())
        .ok_or_else(|| format!("`{code}` is no ISO 3166-1 alpha-2 country code"))
}

#[cfg(test)]
mod tests;
