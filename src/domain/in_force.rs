//! What is in force on a day: the policy and the campaigns that run, and which of their rules
//! applies to some goods.

use crate::domain::campaign::{Campaign, CampaignScope};
use crate::domain::policy::{Goods, Policy, Rule};
use chrono::NaiveDate;
use serde::Serialize;
use std::cmp::Reverse;

mod explain;
pub use explain::{Explained, Verdict};

/// The policy of a day and the campaigns that run on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The policy.
    pub policy: Policy,
    /// The steps of the campaigns of the day, in bytewise order of campaign.
    steps: Vec<RunningStep>,
}

/// A campaign's step on a day it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunningStep {
    /// Slug of the campaign.
    pub campaign: String,
    /// How a frame calls it.
    pub rule: String,
    /// Which goods.
    pub scope: CampaignScope,
    /// Inspection proportion in millionths.
    pub proportion_ppm: u32,
    /// Targeting exponent in thousandths.
    pub exponent_milli: u32,
}

/// The rule that applies to some goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Applied<'a> {
    /// Its name, as it stands in the published frame.
    pub rule: &'a str,
    /// Inspection proportion in millionths.
    pub proportion_ppm: u32,
    /// Targeting exponent in thousandths.
    pub exponent_milli: u32,
}

/// A rule that holds the goods, whether it wins or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Considered<'a> {
    /// A campaign.
    Campaign(&'a RunningStep),
    /// A rule of the policy.
    Rule(&'a Rule),
}

impl RunningStep {
    fn applied(&self) -> Applied<'_> {
        let Self { rule, proportion_ppm, exponent_milli, .. } = self;
        Applied { rule, proportion_ppm: *proportion_ppm, exponent_milli: *exponent_milli }
    }
}

impl InForce {
    /// The policy of a day with those of the campaigns that run on it.
    pub fn new<'c>(
        policy: Policy,
        campaigns: impl IntoIterator<Item = &'c Campaign>,
        day: NaiveDate,
    ) -> Self {
        let own = policy.own_exponent_milli();
        let running = campaigns.into_iter().filter_map(|campaign| {
            let step = campaign.step_on(day)?;
            Some(RunningStep {
                campaign: campaign.id.clone(),
                rule: campaign.rule_name(),
                scope: campaign.scope.clone(),
                proportion_ppm: step.proportion_ppm,
                exponent_milli: campaign.targeting_exponent_milli.unwrap_or(own),
            })
        });
        let mut steps: Vec<RunningStep> = running.collect();
        steps.sort_by(|a, b| a.campaign.cmp(&b.campaign));
        Self { policy, steps }
    }

    /// The rule that applies. A campaign never lowers: the highest proportion of the policy's rule
    /// and the campaigns wins, among equals the policy's, then the first campaign in bytewise order.
    ///
    /// `None` for a policy without a default rule, which none has that was read.
    pub fn applied(&self, goods: Goods<'_>) -> Option<Applied<'_>> {
        let rule = self.policy.rule_for(goods)?;
        let of_policy = Applied {
            rule: &rule.name,
            proportion_ppm: rule.proportion_ppm,
            exponent_milli: self.policy.exponent_milli(rule),
        };
        let highest = self.running(goods).next();
        let of_campaign = highest.map(RunningStep::applied);
        of_campaign
            .filter(|step| step.proportion_ppm > of_policy.proportion_ppm)
            .or(Some(of_policy))
    }

    /// Every rule that holds the goods: the campaigns, the highest proportion first, then the
    /// policy's rules, the most specific first.
    pub fn considered(&self, goods: Goods<'_>) -> Vec<Considered<'_>> {
        let campaigns = self.running(goods).map(Considered::Campaign);
        campaigns.chain(self.policy.rules_for(goods).into_iter().map(Considered::Rule)).collect()
    }

    /// The campaigns that hold the goods, the highest proportion first.
    fn running(&self, goods: Goods<'_>) -> impl Iterator<Item = &RunningStep> {
        let mut steps: Vec<_> = self.steps.iter().filter(|step| step.scope.holds(goods)).collect();
        steps.sort_by_key(|step| Reverse(step.proportion_ppm));
        steps.into_iter()
    }

    /// Every rule that can apply: the policy's in their order, then the campaigns'.
    pub fn rules(&self) -> Vec<Applied<'_>> {
        let of_policy = self.policy.rules.iter().map(|rule| Applied {
            rule: &rule.name,
            proportion_ppm: rule.proportion_ppm,
            exponent_milli: self.policy.exponent_milli(rule),
        });
        of_policy.chain(self.steps.iter().map(RunningStep::applied)).collect()
    }

    /// The campaigns' steps of the day, in bytewise order of campaign.
    pub fn steps(&self) -> &[RunningStep] {
        &self.steps
    }

    /// SHA-256 of the RFC 8785 JSON of the policy's digest and the steps: two days with the same
    /// digest treat the same goods alike.
    pub fn sha256(&self) -> String {
        crate::domain::digest::of(&(self.policy.sha256(), &self.steps))
    }
}

#[cfg(test)]
mod tests;
