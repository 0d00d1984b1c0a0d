//! Policies: proposed by one person, approved by another.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::params::{Query, seen};
use crate::api::run;
use crate::app::App;
use crate::domain::approval::Approval;
use crate::domain::id::OfficeCode;
use crate::domain::key::Caller;
use crate::domain::place::Place;
use crate::domain::policy::{self, FreeCapacity, Policy, PolicyBody, Rule};
use crate::domain::share;
use crate::domain::written::Written;
use crate::flow;
use crate::store::policies::StoredPolicy;
use actix_web::http::StatusCode;
use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whether a second person stands for a version of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyState {
    /// Nobody has approved it.
    Proposed,
    /// It governs from its first day on, until another does.
    Approved,
}

/// A rule of a policy.
#[derive(Serialize, ToSchema)]
pub struct RuleAnswer {
    /// The name, as it stands in the published frame.
    pub name: String,
    /// Destination, if it matters.
    pub place: Option<Place>,
    /// HS prefix, if it matters.
    pub commodity: Option<String>,
    /// Office, if it matters.
    pub office: Option<OfficeCode>,
    /// Inspection proportion.
    pub proportion: f64,
    /// Inspection proportion in millionths, 1 to 1,000,000.
    pub proportion_ppm: u32,
    /// How sharply the risk score aims within the rule: its own, else the policy's.
    pub targeting_exponent: f64,
}

impl RuleAnswer {
    fn new(policy: &Policy, rule: &Rule) -> Self {
        Self {
            name: rule.name.clone(),
            place: rule.place.clone(),
            commodity: rule.commodity.clone(),
            office: rule.office.clone(),
            proportion: share::number(rule.proportion_ppm),
            proportion_ppm: rule.proportion_ppm,
            targeting_exponent: share::exponent_number(policy.exponent_milli(rule)),
        }
    }
}

/// A version of a policy.
#[derive(Serialize, ToSchema)]
pub struct PolicyAnswer {
    /// Its slug.
    #[schema(example = "default")]
    pub id: String,
    /// Counts from 1; a version never changes.
    pub version: i32,
    /// Whether a second person stands for it.
    pub state: PolicyState,
    /// First inspection day it is in force, once it is approved.
    pub from: NaiveDate,
    /// Least chance of any declaration before shrinking.
    pub floor: f64,
    /// Least chance of any declaration before shrinking, in millionths.
    pub floor_ppm: u32,
    /// How sharply the risk score aims within rules that do not say so themselves.
    pub targeting_exponent: f64,
    /// What happens with capacity that the proportions leave free.
    pub free_capacity: FreeCapacity,
    /// The rules in the order of the file.
    pub rules: Vec<RuleAnswer>,
    /// SHA-256 of the version's RFC 8785 JSON.
    pub sha256: String,
    /// Whether it was loaded for days that had passed. It governs those without an approval.
    pub historical: bool,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// Who approved it, when, and what they said.
    pub approval: Option<Approval>,
}

impl From<StoredPolicy> for PolicyAnswer {
    fn from(stored: StoredPolicy) -> Self {
        let policy = &stored.policy;
        Self {
            state: match stored.approval {
                None => PolicyState::Proposed,
                Some(_) => PolicyState::Approved,
            },
            floor: share::number(policy.floor_ppm),
            floor_ppm: policy.floor_ppm,
            targeting_exponent: share::exponent_number(policy.own_exponent_milli()),
            free_capacity: FreeCapacity::Unused,
            rules: policy.rules.iter().map(|rule| RuleAnswer::new(policy, rule)).collect(),
            sha256: policy.sha256(),
            version: policy.version,
            from: policy.from,
            historical: stored.historical,
            created_at: stored.created_at,
            created_by: stored.created_by,
            approval: stored.approval,
            id: stored.policy.id,
        }
    }
}

impl PolicyAnswer {
    fn answer(self, code: StatusCode) -> HttpResponse {
        HttpResponse::build(code).insert_header((ETAG, etag(self.version))).json(self)
    }
}

fn etag(version: i32) -> String {
    format!("\"v{version}\"")
}

/// Versions of policies.
#[derive(Serialize, ToSchema)]
pub struct Policies {
    /// By first day, id and version.
    pub items: Vec<PolicyAnswer>,
}

impl Policies {
    fn of(policies: Vec<StoredPolicy>) -> Self {
        Self { items: policies.into_iter().map(PolicyAnswer::from).collect() }
    }
}

/// How a policy is proposed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProposeParams {
    /// Allows a first day that has passed; administrators only. For the days that have passed it then
    /// governs without an approval.
    #[serde(default)]
    pub historical: bool,
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
    Ok(web::Json(Policies::of(policies)))
}

/// Lists the versions of one policy. The ETag is that of the last one.
#[utoipa::path(
    operation_id = "get_policy",
    tag = "policies",
    params(("id" = String, Path, description = "Slug of the policy", example = "default")),
    responses(
        (status = 200, description = "Its versions, the first one first", body = Policies,
            headers(("ETag" = String, description = "`\"v<version>\"` of the last one"))),
        Problems
    )
)]
#[get("/v1/policies/{id}")]
pub async fn get(app: web::Data<App>, id: web::Path<String>) -> Result<impl Responder, ApiError> {
    let policies = run(&app, move |app| flow::policy::find(&app.store, &id)).await?;
    let last = policies.last().map_or(0, |stored| stored.policy.version);
    Ok(HttpResponse::Ok().insert_header((ETAG, etag(last))).json(Policies::of(policies)))
}

/// Proposes a policy as the next version of its id; it governs once another person approves it. The
/// same content again is the same version. A version that follows others needs `If-Match`.
#[utoipa::path(
    operation_id = "create_policy",
    tag = "policies",
    params(
        ProposeParams,
        ("If-Match" = Option<String>, Header, description = "`\"v<version>\"` of the last version, where there is one")
    ),
    request_body(description = "A policy", content(
        (PolicyBody = "application/json"),
        (String = "application/toml",
            example = "id = \"breeze\"\nfrom = 2027-01-01\nfloor = 0.005\n\n[[rules]]\nproportion = 0.02\n\n[[rules]]\nregion = \"africa\"\ncommodity = \"85\"\nproportion = 0.1\n")
    )),
    responses(
        (status = 201, description = "A new version, proposed", body = PolicyAnswer),
        (status = 200, description = "The same content was proposed before", body = PolicyAnswer),
        Problems
    )
)]
#[post("/v1/policies")]
pub async fn create(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<ProposeParams>,
    written: Written,
) -> Result<impl Responder, ApiError> {
    let seen = seen(&req, 'v')?;
    let historical = params.0.historical;
    let (stored, new) = run(&app, move |app| {
        let draft = policy::parse(&written, 1)?;
        flow::policy::propose(&app.store, &caller, &draft, historical, seen, app.now())
    })
    .await?;
    let code = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(PolicyAnswer::from(stored).answer(code))
}

/// What is said with an approval.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "as decided on 20 November"}))]
pub struct ApprovalBody {
    /// A word on it, at most 1,000 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// Approves the last version of a policy, which somebody else proposed. Approving it again changes
/// nothing.
#[utoipa::path(
    operation_id = "put_policy_approval",
    tag = "policies",
    params(
        ("id" = String, Path, description = "Slug of the policy", example = "default"),
        ("If-Match" = String, Header, description = "`\"v<version>\"` of the version that was read")
    ),
    request_body = ApprovalBody,
    responses((status = 200, description = "It is approved", body = PolicyAnswer), Problems)
)]
#[put("/v1/policies/{id}/approval")]
pub async fn approve(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<ApprovalBody>,
) -> Result<impl Responder, ApiError> {
    let seen = seen(&req, 'v')?;
    let stored = run(&app, move |app| {
        let note = body.0.note.as_deref();
        flow::policy::approve(&app.store, &caller, &id, seen, note, app.now())
    })
    .await?;
    Ok(PolicyAnswer::from(stored).answer(StatusCode::OK))
}
