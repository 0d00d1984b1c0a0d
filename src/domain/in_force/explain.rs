//! Why a proportion is what it is: everything that holds the goods, each with a verdict.

use super::{Considered, InForce};
use crate::domain::policy::Goods;
use crate::domain::reason::Words;
use crate::domain::share::percent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of something that holds the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its proportion is the one.
    Applies,
    /// It is the policy's rule, and a campaign asks for more.
    Raised,
    /// It does not ask for more than what applies.
    NotHigher,
    /// Another rule of the policy says more of the goods.
    LessSpecific,
}

/// One of those considered, with its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained<'a> {
    /// The rule or campaign.
    pub considered: Considered<'a>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub why: Words,
}

impl Considered<'_> {
    /// The name, as it stands in the published frame.
    pub fn name(&self) -> &str {
        match self {
            Self::Campaign(step) => &step.rule,
            Self::Rule(rule) => &rule.name,
        }
    }

    /// Inspection proportion in millionths.
    pub fn proportion_ppm(&self) -> u32 {
        match self {
            Self::Campaign(step) => step.proportion_ppm,
            Self::Rule(rule) => rule.proportion_ppm,
        }
    }
}

impl InForce {
    /// [`InForce::considered`], each with what became of it and why. Exactly one applies.
    pub fn explain(&self, goods: Goods<'_>) -> Vec<Explained<'_>> {
        let considered = self.considered(goods);
        let own = considered.iter().find(|one| matches!(one, Considered::Rule(_))).copied();
        let applied = self.applied(goods).map(|applied| applied.rule);
        let winner = considered.iter().find(|one| Some(one.name()) == applied).copied();
        let (Some(own), Some(winner)) = (own, winner) else { return Vec::new() };
        let explained = considered.into_iter().map(|considered| {
            let verdict = verdict(considered, own, winner);
            Explained { considered, verdict, why: why(verdict, considered, own, winner) }
        });
        explained.collect()
    }
}

/// `own` is the rule that the policy alone would apply.
fn verdict(one: Considered<'_>, own: Considered<'_>, winner: Considered<'_>) -> Verdict {
    match (one, own) {
        _ if one == winner => Verdict::Applies,
        _ if one == own => Verdict::Raised,
        (Considered::Rule(rule), Considered::Rule(own)) if !rule.is_as_specific_as(own) => {
            Verdict::LessSpecific
        }
        _ => Verdict::NotHigher,
    }
}

fn why(
    verdict: Verdict,
    one: Considered<'_>,
    own: Considered<'_>,
    winner: Considered<'_>,
) -> Words {
    let (share, name) = (percent(one.proportion_ppm()), winner.name());
    let (highest, own_share) = (percent(winner.proportion_ppm()), percent(own.proportion_ppm()));
    let (en, zh) = match (verdict, one) {
        (Verdict::Applies, Considered::Rule(_)) => (
            format!("{share}: the most specific rule of the policy that holds these goods"),
            format!("{share}：政策中适用于该货物的最具体规则"),
        ),
        (Verdict::Applies, Considered::Campaign(_)) => (
            format!(
                "{share}: asks for more than the {own_share} of the policy's rule {}",
                own.name()
            ),
            format!("{share}：高于政策规则 {} 的 {own_share}", own.name()),
        ),
        (Verdict::Raised, _) => (
            format!("the policy's rule for these goods, {share}; {name} raises it to {highest}"),
            format!("该货物的政策规则为 {share}；{name} 将其提高至 {highest}"),
        ),
        (Verdict::NotHigher, _) => (
            format!(
                "{share} is not more than the {highest} of {name}: the highest stands, and of equal ones the policy's, then the first"
            ),
            format!(
                "{share} 不高于 {name} 的 {highest}：取最高者；相同时以政策规则为先，其次取排序在前者"
            ),
        ),
        (Verdict::LessSpecific, _) => (
            format!("holds these goods too, but the rule {} is more specific", own.name()),
            format!("同样适用于该货物，但规则 {} 更具体", own.name()),
        ),
    };
    Words { en, zh }
}
