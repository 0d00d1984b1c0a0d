//! Policies: dated inspection proportions, and which rule applies.

use crate::domain::id::{OfficeCode, is_id};
use crate::domain::place::Place;
use crate::domain::problem::{Code, FieldError};
use crate::domain::reference::region::Region;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use utoipa::ToSchema;

mod body;
pub use body::{FreeCapacity, PolicyBody, RuleBody, parse, parse_json, parse_toml};
pub(in crate::domain) use body::{exponent, note, prefix, slug};

/// The targeting exponent where neither rule nor policy names one: 2, in thousandths.
pub const TARGETING_EXPONENT_MILLI: u32 = 2_000;

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
    /// Targeting exponent of rules that name none, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targeting_exponent_milli: Option<u32>,
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
    /// Targeting exponent in thousandths, where it is not the policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targeting_exponent_milli: Option<u32>,
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

    /// Whether it names as many scope fields as another, a prefix as long, the same kind of place.
    pub fn is_as_specific_as(&self, other: &Self) -> bool {
        self.rank() == other.rank()
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

    /// What decides between rules that hold the same goods; the rule stands `at` in its policy.
    fn precedence(&self, at: usize) -> (Rank, u32, Reverse<usize>) {
        (self.rank(), self.proportion_ppm, Reverse(at))
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
        let applying = self.rules.iter().enumerate().filter(|(_, rule)| rule.applies(goods));
        applying.max_by_key(|(at, rule)| rule.precedence(*at)).map(|(_, rule)| rule)
    }

    /// Every rule that holds the goods, the one that applies first.
    pub fn rules_for(&self, goods: Goods<'_>) -> Vec<&Rule> {
        let applying = self.rules.iter().enumerate().filter(|(_, rule)| rule.applies(goods));
        let mut applying: Vec<(usize, &Rule)> = applying.collect();
        applying.sort_by_key(|(at, rule)| Reverse(rule.precedence(*at)));
        applying.into_iter().map(|(_, rule)| rule).collect()
    }

    /// SHA-256 of the RFC 8785 JSON of this version.
    pub fn sha256(&self) -> String {
        crate::domain::digest::of(self)
    }

    /// The exponent that aims within a rule, in thousandths: the rule's, else the policy's, else 2.
    pub fn exponent_milli(&self, rule: &Rule) -> u32 {
        rule.targeting_exponent_milli.unwrap_or_else(|| self.own_exponent_milli())
    }

    /// The exponent of rules that name none, in thousandths.
    pub fn own_exponent_milli(&self) -> u32 {
        self.targeting_exponent_milli.unwrap_or(TARGETING_EXPONENT_MILLI)
    }

    /// What holds between the rules, every breach with its pointer.
    fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: String, words: String| {
            errors.push(FieldError::new(pointer, Code::PolicyInvalid, words));
        };
        if !self.rules.iter().any(|rule| rule.rank() == (0, 0, 0)) {
            let words = "no rule without a scope: add one with only a proportion, the default";
            refuse("/rules".into(), words.into());
        }
        for (at, rule) in self.rules.iter().enumerate() {
            if rule.proportion_ppm < self.floor_ppm {
                let words = format!(
                    "rule `{}` asks for less than the floor: raise its proportion or lower the floor",
                    rule.name
                );
                refuse(format!("/rules/{at}/proportion"), words);
            }
            for other in self.rules.iter().take(at) {
                if rule.name == other.name {
                    let words =
                        format!("two rules are named `{}`: give one another `name`", rule.name);
                    refuse(format!("/rules/{at}/name"), words);
                } else if rule.rank() == other.rank() && rule.overlaps(other) {
                    let words = format!(
                        "rules `{}` and `{}` are equally specific and overlap: make one of them more specific",
                        other.name, rule.name
                    );
                    refuse(format!("/rules/{at}"), words);
                }
            }
        }
        errors
    }
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

#[cfg(test)]
mod tests;
