//! Campaigns: a raised inspection proportion for a scope and a time, step by step. The 2015 "Breeze
//! action" was one.

use crate::domain::id::OfficeCode;
use crate::domain::place::Place;
use crate::domain::policy::Goods;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod body;
pub use body::{CampaignBody, StepBody, parse, parse_json, parse_toml, patched};

/// What a campaign does: where, when, how much. It does not change once it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Slug, at most 28 characters.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Which goods.
    pub scope: CampaignScope,
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub until: NaiveDate,
    /// In order of days; the first begins with the campaign.
    pub steps: Vec<CampaignStep>,
    /// Targeting exponent in thousandths, where it is not the policy's.
    pub targeting_exponent_milli: Option<u32>,
}

/// Which goods: those in any of the places, with any of the prefixes, at any of the offices. An
/// empty list means all; not all three are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CampaignScope {
    /// Regions, groupings with their members of the first day, countries.
    pub places: Vec<Place>,
    /// HS prefixes.
    pub commodities: Vec<String>,
    /// Offices.
    pub offices: Vec<OfficeCode>,
}

/// Where a campaign stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Nobody has approved it yet.
    Proposed,
    /// It is approved and begins later.
    Scheduled,
    /// It runs.
    Running,
    /// Its last day has passed.
    Ended,
    /// It was closed before its last day.
    Closed,
}

/// The end of a campaign before its last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CampaignClosure {
    /// Last inspection day; before the first day of the campaign it never ran.
    pub last_day: NaiveDate,
    /// Why.
    pub reason: String,
    /// Who closed it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// From a day on, a proportion, until the next step or the end of the campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CampaignStep {
    /// First inspection day.
    pub from: NaiveDate,
    /// Inspection proportion in millionths, 1 to 1,000,000.
    pub proportion_ppm: u32,
}

impl CampaignScope {
    /// Whether the goods lie in the scope.
    pub fn holds(&self, goods: Goods<'_>) -> bool {
        let place = self.places.is_empty() || self.places.iter().any(|place| place.holds(goods));
        let commodity = self.commodities.is_empty()
            || self.commodities.iter().any(|prefix| goods.commodity.starts_with(prefix.as_str()));
        let office = self.offices.is_empty()
            || self.offices.iter().any(|office| office.as_str() == goods.office);
        place && commodity && office
    }
}

impl Campaign {
    /// The step of a day, if the campaign runs on it.
    pub fn step_on(&self, day: NaiveDate) -> Option<CampaignStep> {
        if day > self.until {
            return None;
        }
        self.steps.iter().rev().find(|step| step.from <= day).copied()
    }

    /// Where it stands on a day, once it is approved.
    pub fn state_on(&self, day: NaiveDate, closure: Option<&CampaignClosure>) -> CampaignState {
        match closure.map(|closure| closure.last_day) {
            Some(last_day) if day > last_day || last_day < self.from => CampaignState::Closed,
            _ if day < self.from => CampaignState::Scheduled,
            _ if day > self.until => CampaignState::Ended,
            _ => CampaignState::Running,
        }
    }

    /// How a published frame calls the rule of this campaign.
    pub fn rule_name(&self) -> String {
        format!("campaign/{}", self.id)
    }

    /// SHA-256 of the RFC 8785 JSON of what it does.
    pub fn sha256(&self) -> String {
        crate::domain::digest::of(self)
    }
}

#[cfg(test)]
mod tests;
