//! Places: sets of destination countries, as policy rules, campaigns and directives name them.

use crate::domain::policy::Goods;
use crate::domain::problem::{Code, FieldError};
use crate::domain::reference::region::Region;
use crate::domain::reference::{country, grouping};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A set of destination countries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A grouping with its members of the day that whatever names it begins.
    Grouping {
        /// Code of the grouping.
        code: String,
        /// Members, alpha-2, frozen with what names it.
        members: BTreeSet<String>,
    },
    /// A reporting region.
    Region(Region),
    /// One country, alpha-2.
    Country(String),
}

impl Place {
    /// A grouping with its members of a day.
    ///
    /// # Errors
    /// No such grouping, with those there are.
    pub fn grouping(pointer: &str, code: &str, day: NaiveDate) -> Result<Self, FieldError> {
        let grouping = grouping::find(code).ok_or_else(|| {
            let codes: Vec<_> = grouping::all().iter().map(|grouping| grouping.code).collect();
            let words = format!("`{code}` is no grouping; there are {}", codes.join(", "));
            FieldError::new(pointer, Code::ValueNotAllowed, words)
        })?;
        let members = grouping.members_on(day).map(|country| country.alpha2.to_owned()).collect();
        Ok(Self::Grouping { code: code.to_owned(), members })
    }

    /// A reporting region.
    ///
    /// # Errors
    /// No such region, with those there are.
    pub fn region(pointer: &str, code: &str) -> Result<Self, FieldError> {
        let unknown = |words: String| FieldError::new(pointer, Code::ValueNotAllowed, words);
        code.parse().map(Self::Region).map_err(|error| unknown(format!("{error}")))
    }

    /// A country.
    ///
    /// # Errors
    /// No such country.
    pub fn country(pointer: &str, code: &str) -> Result<Self, FieldError> {
        let unknown = || {
            let words = format!("`{code}` is no ISO 3166-1 alpha-2 country code");
            FieldError::new(pointer, Code::CountryUnknown, words)
        };
        country::find(code).map(|c| Self::Country(c.alpha2.to_owned())).ok_or_else(unknown)
    }

    /// Code of the grouping, region or country.
    pub fn code(&self) -> &str {
        match self {
            Self::Grouping { code, .. } | Self::Country(code) => code,
            Self::Region(region) => region.code(),
        }
    }

    /// Whether the goods go there.
    pub fn holds(&self, goods: Goods<'_>) -> bool {
        match self {
            Self::Grouping { members, .. } => members.contains(goods.country),
            Self::Region(region) => *region == goods.region,
            Self::Country(country) => country == goods.country,
        }
    }

    /// How specific it is: country before region before grouping.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Grouping { .. } => 1,
            Self::Region(_) => 2,
            Self::Country(_) => 3,
        }
    }

    /// Whether a destination could lie in both, for places of the same kind.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Grouping { members: a, .. }, Self::Grouping { members: b, .. }) => {
                !a.is_disjoint(b)
            }
            (a, b) => a == b,
        }
    }
}
