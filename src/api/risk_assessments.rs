//! Risk assessments: what rules and risk model say of a declaration, with the reasons.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::day::Day;
use crate::domain::declaration::{self, DeclarationBody};
use crate::domain::draw::probability;
use crate::domain::key::Caller;
use crate::domain::problem::Problem;
use crate::domain::reason::{Words, risk_reason};
use crate::domain::risk::RiskContribution;
use crate::flow::{
    self,
    risk::{AssessedScore, Assessment, Frozen, Profile},
};
use actix_web::{Responder, get, post, web};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What one factor adds to a score.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"factor": "streak", "level": "F2", "points": 0.91,
    "text": {"en": "this exporter failed twice in a row", "zh": "该出口商连续两次不合格"}}))]
pub struct Contribution {
    /// The factor.
    pub factor: String,
    /// The declaration's level of it.
    pub level: String,
    /// One point more doubles the odds to fail; to three decimals.
    pub points: f64,
    /// In words.
    pub text: Words,
}

impl From<&RiskContribution> for Contribution {
    fn from(one: &RiskContribution) -> Self {
        Self {
            factor: one.factor.clone(),
            level: one.level.clone(),
            points: f64::from(one.milli_points) / 1_000.0,
            text: risk_reason(one).text,
        }
    }
}

/// A risk score with its reasons.
#[derive(Serialize, ToSchema)]
pub struct ScoreAnswer {
    /// Estimated probability that the goods fail.
    pub probability: f64,
    /// Log-odds of a declaration about which nothing is known.
    pub intercept: f64,
    /// What the factors add, the strongest first; those that add nothing are left out.
    pub contributions: Vec<Contribution>,
}

impl From<AssessedScore> for ScoreAnswer {
    fn from(score: AssessedScore) -> Self {
        Self {
            probability: score.probability,
            intercept: score.intercept,
            contributions: score.contributions.iter().map(Contribution::from).collect(),
        }
    }
}

/// A declaration under the rules and the risk model of now.
#[derive(Serialize, ToSchema)]
pub struct AssessmentAnswer {
    /// The inspection day it was assessed for.
    pub day: NaiveDate,
    /// `risk@version/sha256`; null while no model is active and every factor is 1.
    pub risk_model: Option<String>,
    /// What was known of the exporter before the day: streak and last severity, as `F2/major`.
    pub past: Option<String>,
    /// The score; null without an active model.
    pub score: Option<ScoreAnswer>,
    /// The policy in force, as `id@version`.
    #[schema(example = "breeze@3")]
    pub policy: String,
    /// The rule that applies.
    pub rule: String,
    /// Its inspection proportion.
    pub proportion: f64,
    /// Targeting exponent of the rule.
    pub targeting_exponent: f64,
    /// How much more or less often than its rule's proportion it is drawn; averages 1 within a rule.
    pub factor: f64,
    /// The chance it asks for: proportion × factor, between the floor and 1. On a day that asks for
    /// more than the office can do all chances shrink.
    pub asked_probability: f64,
}

impl From<Assessment> for AssessmentAnswer {
    fn from(assessment: Assessment) -> Self {
        let (id, version) = assessment.policy;
        Self {
            day: assessment.day,
            risk_model: assessment.model,
            past: assessment.past,
            score: assessment.score.map(ScoreAnswer::from),
            policy: format!("{id}@{version}"),
            rule: assessment.rule,
            proportion: f64::from(assessment.proportion_ppm) / 1e6,
            targeting_exponent: f64::from(assessment.exponent_milli) / 1e3,
            factor: times(assessment.factor),
            asked_probability: probability(assessment.asked),
        }
    }
}

/// A factor in units of 2⁻¹⁶.
fn times(factor: u32) -> f64 {
    f64::from(factor) / 65_536.0
}

/// What was frozen with a declaration.
#[derive(Serialize, ToSchema)]
pub struct FrozenRisk {
    /// The draw.
    pub draw: String,
    /// `risk@version/sha256`; null where no model was active.
    pub risk_model: Option<String>,
    /// What was known of the exporter before the day.
    pub past: Option<String>,
    /// The score by that model.
    pub score: Option<ScoreAnswer>,
    /// The rule that applied.
    pub rule: String,
    /// Its inspection proportion.
    pub proportion: f64,
    /// The risk factor.
    pub factor: f64,
    /// Whether a directive made it certain.
    pub take_all: bool,
    /// The exact inclusion probability.
    pub inclusion_probability: f64,
}

impl From<Frozen> for FrozenRisk {
    fn from(frozen: Frozen) -> Self {
        let candidate = frozen.candidate;
        Self {
            draw: frozen.draw,
            risk_model: Some(frozen.model).filter(|model| model != "none"),
            past: candidate.scored.map(|scored| scored.past),
            score: frozen.score.map(ScoreAnswer::from),
            rule: candidate.rule,
            proportion: f64::from(candidate.proportion_ppm) / 1e6,
            factor: times(candidate.factor),
            take_all: candidate.take_all,
            inclusion_probability: probability(candidate.pi),
        }
    }
}

/// The risk profile of a declaration.
#[derive(Serialize, ToSchema)]
pub struct RiskProfile {
    /// Its number.
    pub declaration_number: String,
    /// What was frozen, once it is in a frame; null before.
    pub frozen: Option<FrozenRisk>,
    /// What rules and model of now say of its inspection day; null where no policy is in force on it.
    pub current: Option<AssessmentAnswer>,
}

impl From<Profile> for RiskProfile {
    fn from(profile: Profile) -> Self {
        Self {
            declaration_number: profile.number,
            frozen: profile.frozen.map(FrozenRisk::from),
            current: profile.current.map(AssessmentAnswer::from),
        }
    }
}

/// For which day to assess.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AssessParams {
    /// Inspection day; the office's current one where it is not named.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-25")]
    day: Option<Day>,
}

/// Scores a declaration without storing it, with every reason, and says which chance it would ask for.
#[utoipa::path(
    operation_id = "create_risk_assessment",
    tag = "risk",
    params(AssessParams),
    request_body = DeclarationBody,
    responses((status = 200, description = "The assessment", body = AssessmentAnswer), Problems)
)]
#[post("/v1/risk-assessments")]
pub async fn create(
    app: web::Data<App>,
    caller: Caller,
    params: Query<AssessParams>,
    body: Json<DeclarationBody>,
) -> Result<impl Responder, ApiError> {
    let day = params.0.day.map(|day| day.0);
    let assessed = run(&app, move |app| {
        let now = app.now();
        let checked = declaration::parse(&complete(body.0, now), now, true);
        let checked = checked.map_err(Problem::fields)?;
        flow::risk::assess(&app.store, &caller, &checked.declaration, day, now)
    })
    .await?;
    Ok(web::Json(AssessmentAnswer::from(assessed)))
}

/// A declaration that is only thought of has no number and no time yet.
fn complete(mut body: DeclarationBody, now: DateTime<Utc>) -> DeclarationBody {
    body.declaration_number.get_or_insert_with(|| "not-declared".into());
    body.declared_at.get_or_insert_with(|| now.to_rfc3339_opts(SecondsFormat::Secs, true));
    body
}

/// Gives the risk profile of a declaration: what was frozen with it, and what is said of it now.
#[utoipa::path(
    operation_id = "get_risk_profile",
    tag = "risk",
    params(("declaration_number" = String, Path, description = "The customs number; `/` as %2F", example = "EXP-2026-0001")),
    responses((status = 200, description = "Its profile", body = RiskProfile), Problems)
)]
#[get("/v1/declarations/{declaration_number}/risk-profile")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    number: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let profile =
        run(&app, move |app| flow::risk::profile(&app.store, &caller, &number, app.now())).await?;
    Ok(web::Json(RiskProfile::from(profile)))
}
