//! Which proportion applies to some goods, and why.

use crate::api::draws::PolicyReference;
use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::day;
use crate::domain::directive::Directive;
use crate::domain::id::OfficeCode;
use crate::domain::in_force::{Considered, Explained, InForce, Verdict};
use crate::domain::key::Caller;
use crate::domain::place::Place;
use crate::domain::reason::Words;
use crate::domain::reference::region::Region;
use crate::domain::share;
use crate::flow::{
    self,
    effective::{Found, Question},
};
use actix_web::{Responder, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What kind of thing asks for a proportion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// A campaign.
    Campaign,
    /// A rule of the policy.
    Rule,
}

/// Which goods something holds; an empty list means all.
#[derive(Default, Serialize, ToSchema)]
pub struct ScopeAnswer {
    /// Reporting regions.
    pub regions: Vec<String>,
    /// Groupings.
    pub groupings: Vec<String>,
    /// Countries, alpha-2.
    pub countries: Vec<String>,
    /// HS prefixes.
    pub commodities: Vec<String>,
    /// Offices.
    pub offices: Vec<OfficeCode>,
}

impl ScopeAnswer {
    fn of(considered: Considered<'_>) -> Self {
        let (places, commodities, offices) = match considered {
            Considered::Campaign(step) => {
                let scope = &step.scope;
                (scope.places.as_slice(), scope.commodities.clone(), scope.offices.clone())
            }
            Considered::Rule(rule) => (
                rule.place.as_slice(),
                rule.commodity.iter().cloned().collect(),
                rule.office.iter().cloned().collect(),
            ),
        };
        let mut scope = Self { commodities, offices, ..Self::default() };
        for place in places {
            let list = match place {
                Place::Region(_) => &mut scope.regions,
                Place::Grouping { .. } => &mut scope.groupings,
                Place::Country(_) => &mut scope.countries,
            };
            list.push(place.code().to_owned());
        }
        scope
    }
}

/// A rule or campaign that holds the goods, and what became of it.
#[derive(Serialize, ToSchema)]
pub struct LayerAnswer {
    /// What it is.
    pub kind: LayerKind,
    /// Its name, as it stands in the published frame.
    pub rule: String,
    /// Which goods it holds.
    pub scope: ScopeAnswer,
    /// The inspection proportion it asks for.
    pub proportion: f64,
    /// The same in millionths.
    pub proportion_ppm: u32,
    /// How sharply the risk score aims within it.
    pub targeting_exponent: f64,
    /// What became of it; exactly one applies.
    pub verdict: Verdict,
    /// Why, in words.
    pub why: Words,
}

impl LayerAnswer {
    fn new(in_force: &InForce, explained: Explained<'_>) -> Self {
        let Explained { considered, verdict, why } = explained;
        let (kind, exponent_milli) = match considered {
            Considered::Campaign(step) => (LayerKind::Campaign, step.exponent_milli),
            Considered::Rule(rule) => (LayerKind::Rule, in_force.policy.exponent_milli(rule)),
        };
        Self {
            kind,
            rule: considered.name().to_owned(),
            scope: ScopeAnswer::of(considered),
            proportion: share::number(considered.proportion_ppm()),
            proportion_ppm: considered.proportion_ppm(),
            targeting_exponent: share::exponent_number(exponent_milli),
            verdict,
            why,
        }
    }
}

/// What applies to the goods.
#[derive(Serialize, ToSchema)]
pub struct WinnerAnswer {
    /// What it is.
    pub kind: LayerKind,
    /// Its name, as it stands in the published frame.
    pub rule: String,
    /// The inspection proportion: the chance before the risk factor and before a full day shrinks it.
    pub proportion: f64,
    /// The same in millionths.
    pub proportion_ppm: u32,
    /// How sharply the risk score aims within it.
    pub targeting_exponent: f64,
    /// Least chance of any declaration before shrinking.
    pub floor: f64,
    /// The same in millionths.
    pub floor_ppm: u32,
}

/// Which proportion applies to some goods on a day, and why.
#[derive(Serialize, ToSchema)]
pub struct EffectiveProportion {
    /// The office.
    pub office: String,
    /// The destination, alpha-2.
    pub destination_country: String,
    /// Its reporting region.
    pub region: Region,
    /// The HS code.
    pub commodity: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// The policy in force.
    pub policy: PolicyReference,
    /// What applies.
    pub winner: WinnerAnswer,
    /// Everything that holds the goods: campaigns, the highest proportion first, then the policy's
    /// rules, the most specific first.
    pub stack: Vec<LayerAnswer>,
    /// Directives that make such goods certain, whatever the rules say; those on one exporter or one
    /// declaration are not among them. Null for role customs.
    pub directives: Option<Vec<OrderAnswer>>,
}

/// A directive on such goods.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "D-20261124-CNTAO-815", "commodity": "8507", "destination_country": null,
    "office": "CNTAO", "reason": "Recall of a cell type", "until": "2026-12-31", "limit": null}))]
pub struct OrderAnswer {
    /// Its id.
    pub id: String,
    /// HS prefix.
    pub commodity: Option<String>,
    /// Destination, alpha-2.
    pub destination_country: Option<String>,
    /// Office; null for all of them.
    pub office: Option<OfficeCode>,
    /// Why it was ordered.
    pub reason: String,
    /// Its last inspection day.
    pub until: NaiveDate,
    /// The largest number of declarations it takes; used up, it takes no more.
    pub limit: Option<u32>,
}

impl From<Directive> for OrderAnswer {
    fn from(directive: Directive) -> Self {
        let Directive { id, order, .. } = directive;
        Self {
            id,
            commodity: order.target.commodity,
            destination_country: order.target.destination_country,
            office: order.target.office,
            reason: order.reason,
            until: order.until,
            limit: order.limit,
        }
    }
}

impl EffectiveProportion {
    /// The answer to a question, for what was found; none for a policy without a default rule, which
    /// none has.
    pub fn new(question: &Question, found: Found) -> Option<Self> {
        let Found { day, in_force, directives } = found;
        let in_force = &in_force;
        let explained = in_force.explain(question.goods()).into_iter();
        let stack: Vec<_> = explained.map(|one| LayerAnswer::new(in_force, one)).collect();
        let winner = stack.iter().find(|layer| layer.verdict == Verdict::Applies)?;
        let policy = &in_force.policy;
        let winner = WinnerAnswer {
            kind: winner.kind,
            rule: winner.rule.clone(),
            proportion: winner.proportion,
            proportion_ppm: winner.proportion_ppm,
            targeting_exponent: winner.targeting_exponent,
            floor: share::number(policy.floor_ppm),
            floor_ppm: policy.floor_ppm,
        };
        let (id, version, sha256) = (policy.id.clone(), policy.version, policy.sha256());
        Some(Self {
            office: question.office.clone(),
            destination_country: question.country.alpha2.to_owned(),
            region: question.country.region,
            commodity: question.commodity.clone(),
            day,
            policy: PolicyReference { id, version, sha256 },
            winner,
            stack,
            directives: directives.map(|all| all.into_iter().map(OrderAnswer::from).collect()),
        })
    }
}

/// Which goods, on which day.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EffectiveParams {
    /// Office code.
    #[param(example = "CNTAO")]
    office: String,
    /// Destination, alpha-2.
    #[param(example = "KE")]
    destination_country: String,
    /// HS code, 4 to 10 digits.
    #[param(example = "850760")]
    commodity: String,
    /// Inspection day; the office's current one when left out.
    #[serde(default, deserialize_with = "day::maybe")]
    day: Option<NaiveDate>,
}

/// Tells which proportion applies to some goods on a day, and why: every rule and campaign that holds
/// them, with a verdict.
#[utoipa::path(
    operation_id = "get_effective_proportion",
    tag = "policies",
    params(EffectiveParams),
    responses((status = 200, description = "What applies, and why", body = EffectiveProportion), Problems)
)]
#[get("/v1/effective-proportions")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    params: Query<EffectiveParams>,
) -> Result<impl Responder, ApiError> {
    let EffectiveParams { office, destination_country, commodity, day } = params.0;
    let question = Question::new(office, &destination_country, commodity, day)?;
    let answer = run(&app, move |app| {
        let found = flow::effective::find(&app.store, &caller, &question, app.now())?;
        let answer = EffectiveProportion::new(&question, found);
        answer.ok_or_else(|| crate::error::Error::inner("a policy without a default rule"))
    })
    .await?;
    Ok(web::Json(answer))
}
