//! Policy estimates: what a policy would have asked and found, before anybody signs it.

use crate::api::body::Json;
use crate::api::draws::inspections;
use crate::api::error::{ApiError, Problems};
use crate::api::run;
use crate::app::App;
use crate::domain::day;
use crate::domain::key::Caller;
use crate::domain::policy::PolicyBody;
use crate::domain::problem::{FieldError, Problem};
use crate::flow::{
    self,
    estimate::{Estimate, Part, Side},
};
use actix_web::{Responder, post, web};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which policy to estimate on which days.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"policy": {"id": "breeze", "from": "2027-01-01", "floor": 0.005,
    "rules": [{"proportion": 0.02}, {"region": "africa", "proportion": 0.1}]},
    "from": "2026-09-01", "to": "2026-11-23"}))]
pub struct EstimateRequest {
    /// The policy, as it would be proposed; its `from` does not matter here.
    policy: PolicyBody,
    /// First inspection day; 89 days before `to` where it is not named.
    #[serde(default, deserialize_with = "day::maybe")]
    from: Option<NaiveDate>,
    /// Last inspection day; today where it is not named.
    #[serde(default, deserialize_with = "day::maybe")]
    to: Option<NaiveDate>,
}

/// One of the two policies on a part of the frames; directives stand apart.
#[derive(Serialize, ToSchema)]
pub struct EstimateSide {
    /// Inspections asked for; null for rules.
    pub asked: Option<f64>,
    /// Inspections expected, after full days have shrunk.
    pub expected: f64,
    /// Frames that asked for more than there was room; null for rules.
    pub short_frames: Option<u64>,
    /// Smallest share of what was asked that a frame got; for offices and the whole.
    pub worst_shrink_factor: Option<f64>,
    /// Expected failures found, by the results of what was drawn (Horvitz and Thompson).
    pub failures: f64,
    /// Expected failures an inspected item; null where nothing was inspected.
    pub failures_per_inspection: Option<f64>,
}

/// A part of the frames under both.
#[derive(Serialize, ToSchema)]
pub struct EstimatePart {
    /// Office or rule; null for the whole.
    pub name: Option<String>,
    /// Frames; null for rules, which share frames.
    pub frames: Option<u64>,
    /// Declarations.
    pub declared: u64,
    /// Inspections there was room for; null for rules.
    pub capacity: Option<u64>,
    /// As it was drawn.
    pub before: EstimateSide,
    /// As the policy would have it.
    pub proposed: EstimateSide,
    /// Expected inspections more, or less, a frame; null for rules.
    pub extra_per_frame: Option<f64>,
    /// Inspected items behind the failures.
    pub inspected: u64,
    /// Failed items behind the failures: under 30 they say little.
    pub failed: u64,
}

impl EstimatePart {
    fn of(part: Part) -> Self {
        let share = inspected_share(&part);
        let (before, proposed) = (inspections(part.before.given), inspections(part.proposed.given));
        let frames = part.frames;
        let whole = frames > 0;
        Self {
            before: side(&part.before, share, whole),
            proposed: side(&part.proposed, share, whole),
            extra_per_frame: per_frame(proposed - before, frames),
            name: (!part.name.is_empty()).then_some(part.name),
            frames: whole.then_some(frames),
            declared: part.declared,
            capacity: whole.then_some(part.capacity),
            inspected: part.inspected,
            failed: part.failed,
        }
    }
}

/// Inspected items over those that were expected to be drawn: what of a sample gets a result.
#[expect(clippy::cast_precision_loss, reason = "shown rounded")]
fn inspected_share(part: &Part) -> Option<f64> {
    let expected = inspections(part.before.given);
    (part.inspected > 0 && expected > 0.0).then(|| part.inspected as f64 / expected)
}

#[expect(clippy::cast_precision_loss, reason = "shown rounded")]
fn per_frame(extra: f64, frames: u64) -> Option<f64> {
    (frames > 0).then(|| extra / frames as f64)
}

fn side(side: &Side, inspected_share: Option<f64>, whole: bool) -> EstimateSide {
    let expected = inspections(side.given);
    let inspected = inspected_share.map(|share| share * expected).filter(|n| *n > 0.0);
    EstimateSide {
        asked: whole.then(|| inspections(side.asked)),
        expected,
        short_frames: whole.then_some(side.short_frames),
        worst_shrink_factor: side.worst_shrink_ppm.map(|ppm| f64::from(ppm) / 1e6),
        failures: side.failures,
        failures_per_inspection: inspected.map(|inspected| side.failures / inspected),
    }
}

/// What a policy would have done.
#[derive(Serialize, ToSchema)]
pub struct PolicyEstimate {
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub to: NaiveDate,
    /// All of it.
    pub total: EstimatePart,
    /// By office.
    pub offices: Vec<EstimatePart>,
    /// By rule of the policy, and the campaigns that ran.
    pub rules: Vec<EstimatePart>,
}

impl From<Estimate> for PolicyEstimate {
    fn from(estimate: Estimate) -> Self {
        Self {
            from: estimate.days.0,
            to: estimate.days.1,
            total: EstimatePart::of(estimate.total),
            offices: estimate.offices.into_iter().map(EstimatePart::of).collect(),
            rules: estimate.rules.into_iter().map(EstimatePart::of).collect(),
        }
    }
}

/// Estimates a policy on frames that were drawn: inspections by office against capacity, by rule, and
/// the failures it would have found. Nothing is stored.
#[utoipa::path(
    operation_id = "create_policy_estimate",
    tag = "policies",
    request_body = EstimateRequest,
    responses((status = 200, description = "The policy beside what was drawn", body = PolicyEstimate), Problems)
)]
#[post("/v1/policy-estimates")]
pub async fn create(
    app: web::Data<App>,
    caller: Caller,
    body: Json<EstimateRequest>,
) -> Result<impl Responder, ApiError> {
    let EstimateRequest { policy, from, to } = body.0;
    let policy = policy.policy(1).map_err(within_policy)?;
    // It reads every declaration of its days.
    let place = app.detail_reader()?;
    let estimate = run(&app, move |app| {
        let _place = place;
        let to = to.unwrap_or_else(|| app.now().date_naive());
        let from = from.unwrap_or_else(|| to.checked_sub_days(Days::new(89)).unwrap_or(to));
        flow::estimate::estimate(&app.store, &caller, &policy, (from, to))
    })
    .await?;
    Ok(web::Json(PolicyEstimate::from(estimate)))
}

/// The policy stands inside of the request, and so do its pointers.
fn within_policy(mut problem: Problem) -> Problem {
    let inside =
        |error: FieldError| FieldError { pointer: format!("/policy{}", error.pointer), ..error };
    problem.errors = problem.errors.into_iter().map(inside).collect();
    problem
}
