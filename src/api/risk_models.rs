//! Risk models: fitted, approved by a second person, withdrawn.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::day;
use crate::domain::key::Caller;
use crate::domain::problem::Problem;
use crate::domain::risk::RiskActivation;
use crate::flow::{self, risk::Fitted};
use crate::statistics::risk::Recipe;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

mod backtest;
pub use backtest::BacktestAnswer;

/// A factor of a model.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"factor": "exporter", "variance": 1.0, "levels": 412}))]
pub struct ModelFactor {
    /// Its name; `inspector` is fitted so that strictness does not pass for risk, and never scored.
    pub factor: String,
    /// Variance of its effects in squared log units; 0 when it did not earn its place.
    pub variance: f64,
    /// Levels with an effect.
    pub levels: usize,
}

/// A fitted risk model.
#[derive(Serialize, ToSchema)]
pub struct RiskModelAnswer {
    /// Counts from 1.
    #[schema(example = 14)]
    pub version: i32,
    /// As draws name it: `risk@version/sha256`.
    pub label: String,
    /// Whether it aims the draws now.
    pub active: bool,
    /// It learned from what was known before this day.
    pub as_of: NaiveDate,
    /// Results it learned from.
    pub lessons: u64,
    /// Of them, failures.
    pub failures: u64,
    /// SHA-256 over everything it learned from.
    pub lessons_sha256: String,
    /// The currency of the values it learned from; amounts in others count as missing.
    pub currency: Option<String>,
    /// The recipe's parameters.
    #[schema(value_type = Object)]
    pub recipe: Recipe,
    /// SHA-256 of the recipe: people approve recipes.
    pub recipe_sha256: String,
    /// Log-odds of a declaration about which nothing is known.
    pub intercept: f64,
    /// Its factors, kept or dropped.
    pub factors: Vec<ModelFactor>,
    /// Why no factor has effects: `no_results`, `one_class`, `nothing_earned`; null where one has.
    #[schema(value_type = Option<String>)]
    pub no_effects: Option<crate::statistics::risk::NoEffects>,
    /// Whether the effects settled within the recipe's sweeps.
    pub settled: bool,
    /// How the recipe did on results it had not seen; null while there are too few.
    pub backtest: Option<BacktestAnswer>,
    /// When it became the active one, if ever.
    pub activation: Option<RiskActivation>,
    /// When it was fitted.
    pub fitted_at: DateTime<Utc>,
    /// By whom.
    pub fitted_by: String,
}

impl From<Fitted> for RiskModelAnswer {
    fn from(fitted: Fitted) -> Self {
        let Fitted { kept, recipe, summary, backtest, activation, active } = fitted;
        let factors = summary.factors.iter().map(|one| ModelFactor {
            factor: one.factor.name().to_owned(),
            variance: one.variance,
            levels: one.levels,
        });
        Self {
            label: kept.label(),
            version: kept.version,
            active,
            as_of: kept.as_of,
            lessons: kept.lessons,
            failures: kept.failures,
            lessons_sha256: kept.lessons_sha256,
            currency: kept.currency,
            recipe,
            recipe_sha256: kept.recipe_sha256,
            intercept: summary.intercept,
            factors: factors.collect(),
            settled: summary.settled,
            no_effects: summary.no_effects,
            backtest: backtest.map(BacktestAnswer::from),
            activation,
            fitted_at: kept.fitted_at,
            fitted_by: kept.fitted_by,
        }
    }
}

/// Which page of models.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ModelsParams {
    /// Rows of a page, 1 to 500.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Lists the risk models, the latest first.
#[utoipa::path(
    operation_id = "list_risk_models",
    tag = "risk",
    params(ModelsParams),
    responses((status = 200, description = "A page of models", body = Page<RiskModelAnswer>), Problems)
)]
#[get("/v1/risk-models")]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    params: Query<ModelsParams>,
) -> Result<impl Responder, ApiError> {
    let ask = Ask::<i32>::parse(params.0.limit, params.0.cursor.as_deref(), &"risk models")?;
    let (below, reach) = (ask.after, ask.reach());
    let models = run(&app, move |app| flow::risk::list(&app.store, below, reach)).await?;
    Ok(page::answer(&req, &ask.page(models, |one| one.kept.version, RiskModelAnswer::from)))
}

/// Gives one risk model with its recipe, its factors and its back-test.
#[utoipa::path(
    operation_id = "get_risk_model",
    tag = "risk",
    params(("version" = i32, Path, description = "Its version", example = 14)),
    responses((status = 200, description = "The model", body = RiskModelAnswer), Problems)
)]
#[get("/v1/risk-models/{version}")]
pub async fn get(
    app: web::Data<App>,
    version: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let version = number(&version)?;
    let fitted = run(&app, move |app| flow::risk::find(&app.store, version)).await?;
    Ok(web::Json(RiskModelAnswer::from(fitted)))
}

fn number(text: &str) -> Result<i32, Problem> {
    text.parse().map_err(|_| Problem::not_found("risk model", text))
}

/// What to fit.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"as_of": null, "recipe": null}))]
pub struct FitRequest {
    /// Learn from what was known before this day; today where it is null.
    #[serde(default, deserialize_with = "day::maybe")]
    as_of: Option<NaiveDate>,
    /// All parameters of another recipe than the usual one.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    recipe: Option<Recipe>,
}

/// Fits a risk model. The same recipe, day and results give the same model. It aims nothing until
/// another person activates it.
#[utoipa::path(
    operation_id = "create_risk_model",
    tag = "risk",
    request_body = FitRequest,
    responses(
        (status = 201, description = "A new model", body = RiskModelAnswer),
        (status = 200, description = "This fit was made before", body = RiskModelAnswer),
        Problems
    )
)]
#[post("/v1/risk-models")]
pub async fn create(
    app: web::Data<App>,
    caller: Caller,
    body: Json<FitRequest>,
) -> Result<impl Responder, ApiError> {
    let FitRequest { as_of, recipe } = body.0;
    let place = app.detail_reader()?;
    let (fitted, new) = run(&app, move |app| {
        let _place = place;
        let now = app.now();
        let as_of = as_of.unwrap_or_else(|| now.date_naive());
        let recipe = recipe.unwrap_or_default();
        let (model, new) = flow::risk::fit(&app.store, &caller, &recipe, as_of, now)?;
        Ok((flow::risk::find(&app.store, model.version)?, new))
    })
    .await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(RiskModelAnswer::from(fitted)))
}

/// Why a model is activated.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "Back-test read: twice the base rate in the first tenth"}))]
pub struct ActivationRequest {
    /// For the record, up to 1,000 characters.
    #[serde(default)]
    note: Option<String>,
}

/// Activates a risk model and with it approves its recipe: from now on it aims the draws, and a fit
/// each night by the same recipe takes its place. Whoever fitted it may not do this.
#[utoipa::path(
    operation_id = "put_risk_model_activation",
    tag = "risk",
    params(("version" = i32, Path, description = "Its version", example = 14)),
    request_body = ActivationRequest,
    responses((status = 200, description = "The model, active", body = RiskModelAnswer), Problems)
)]
#[put("/v1/risk-models/{version}/activation")]
pub async fn activate(
    app: web::Data<App>,
    caller: Caller,
    version: web::Path<String>,
    body: Json<ActivationRequest>,
) -> Result<impl Responder, ApiError> {
    let version = number(&version)?;
    let note = body.0.note;
    let fitted = run(&app, move |app| {
        flow::risk::activate(&app.store, &caller, version, note.as_deref(), app.now())
    })
    .await?;
    Ok(web::Json(RiskModelAnswer::from(fitted)))
}

/// Why a model is withdrawn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "The codes of two offices were swapped in March"}))]
pub struct WithdrawalRequest {
    /// For the record, up to 500 characters.
    note: String,
}

/// Withdraws the active risk model: every factor is 1 until another one is activated.
#[utoipa::path(
    operation_id = "put_risk_model_withdrawal",
    tag = "risk",
    params(("version" = i32, Path, description = "Its version", example = 14)),
    request_body = WithdrawalRequest,
    responses((status = 200, description = "The model, withdrawn", body = RiskModelAnswer), Problems)
)]
#[put("/v1/risk-models/{version}/withdrawal")]
pub async fn withdraw(
    app: web::Data<App>,
    caller: Caller,
    version: web::Path<String>,
    body: Json<WithdrawalRequest>,
) -> Result<impl Responder, ApiError> {
    let version = number(&version)?;
    let note = body.0.note;
    let fitted =
        run(&app, move |app| flow::risk::withdraw(&app.store, &caller, version, &note, app.now()))
            .await?;
    Ok(web::Json(RiskModelAnswer::from(fitted)))
}
