//! Policies.

use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::{body, run};
use crate::app::App;
use crate::domain::key::{Caller, Scope};
use crate::domain::policy::Rule;
use crate::domain::problem::{Code, Problem};
use crate::flow;
use crate::store::policies::StoredPolicy;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A version of a policy.
#[derive(Serialize, ToSchema)]
pub struct PolicyAnswer {
    /// Its slug.
    #[schema(example = "default")]
    pub id: String,
    /// Counts from 1; a version never changes.
    pub version: i32,
    /// First inspection day it is in force.
    pub from: NaiveDate,
    /// Least chance of any declaration before shrinking, in millionths.
    pub floor_ppm: u32,
    /// The rules in the order of the file.
    pub rules: Vec<Rule>,
    /// SHA-256 of the version's RFC 8785 JSON.
    pub sha256: String,
    /// Whether it was loaded for days that had passed.
    pub historical: bool,
    /// When it was loaded.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
}

impl From<StoredPolicy> for PolicyAnswer {
    fn from(stored: StoredPolicy) -> Self {
        Self {
            sha256: stored.policy.sha256(),
            id: stored.policy.id,
            version: stored.policy.version,
            from: stored.policy.from,
            floor_ppm: stored.policy.floor_ppm,
            rules: stored.policy.rules,
            historical: stored.historical,
            created_at: stored.created_at,
            created_by: stored.created_by,
        }
    }
}

/// Versions of policies.
#[derive(Serialize, ToSchema)]
pub struct Policies {
    /// By first day, id and version.
    pub items: Vec<PolicyAnswer>,
}

/// How a policy is loaded.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LoadParams {
    /// Allows a first day that has passed; administrators only.
    #[serde(default)]
    historical: bool,
}

/// Lists every version of every policy.
#[utoipa::path(
    operation_id = "list_policies",
    tag = "policies",
    responses((status = 200, description = "Every version", body = Policies), Problems)
)]
#[get("/v1/policies")]
pub async fn list(app: web::Data<App>) -> Result<impl Responder, ApiError> {
    let policies = run(&app, |app| flow::policy::list(&app.store)).await?;
    Ok(web::Json(Policies { items: policies.into_iter().map(PolicyAnswer::from).collect() }))
}

/// Lists the versions of one policy.
#[utoipa::path(
    operation_id = "get_policy",
    tag = "policies",
    params(("id" = String, Path, description = "Slug of the policy", example = "default")),
    responses((status = 200, description = "Its versions, the first one first", body = Policies), Problems)
)]
#[get("/v1/policies/{id}")]
pub async fn get(app: web::Data<App>, id: web::Path<String>) -> Result<impl Responder, ApiError> {
    let policies = run(&app, move |app| flow::policy::find(&app.store, &id)).await?;
    Ok(web::Json(Policies { items: policies.into_iter().map(PolicyAnswer::from).collect() }))
}

/// Loads a policy file as the next version of its id. The same content again is the same version.
#[utoipa::path(
    operation_id = "create_policy",
    tag = "policies",
    params(LoadParams),
    request_body(content = String, content_type = "application/toml", description = "A policy file",
        example = "id = \"breeze\"\nfrom = 2027-01-01\nfloor = 0.005\n\n[[rules]]\nproportion = 0.02\n\n[[rules]]\nregion = \"africa\"\ncommodity = \"85\"\nproportion = 0.1\n"),
    responses(
        (status = 201, description = "A new version, in force from its first day", body = PolicyAnswer),
        (status = 200, description = "The same content was loaded before", body = PolicyAnswer),
        Problems
    )
)]
#[post("/v1/policies")]
pub async fn create(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<LoadParams>,
    file: web::Payload,
) -> Result<impl Responder, ApiError> {
    if body::media_type(&req) != "application/toml" {
        return Err(Problem::new(
            Code::UnsupportedMediaType,
            "a policy is sent as application/toml",
        )
        .into());
    }
    // A policy decides for every office, whoever loads it.
    if caller.scope != Scope::All {
        return Err(Problem::new(
            Code::Forbidden,
            "a policy holds for all offices: only a key of all offices may load one",
        )
        .into());
    }
    if params.0.historical && caller.role != crate::domain::key::Role::Admin {
        return Err(Problem::new(
            Code::Forbidden,
            "only an administrator may load a policy for past days",
        )
        .into());
    }
    let file = body::arrived(file.into_inner(), app.limits.json).await?;
    let file = String::from_utf8(file).map_err(|error| {
        Problem::new(
            Code::BadUtf8,
            format!("byte {} is not UTF-8", error.utf8_error().valid_up_to()),
        )
    })?;
    let (policy, new) = run(&app, move |app| {
        flow::policy::load(&app.store, &file, params.0.historical, app.now(), &caller.actor)
    })
    .await?;
    let mut response = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(PolicyAnswer::from(policy)))
}
