//! Campaigns: proposed by one person, approved by another, closed by anybody who may.

use crate::api::body::{Json, MergePatch};
use crate::api::error::{ApiError, Problems};
use crate::api::params::{Query, seen};
use crate::api::policies::{ApprovalBody, ProposeParams};
use crate::api::run;
use crate::app::App;
use crate::domain::approval::Approval;
use crate::domain::campaign::{self, CampaignBody, CampaignClosure, CampaignState};
use crate::domain::day;
use crate::domain::key::Caller;
use crate::domain::written::Written;
use crate::flow::{self, campaign::OnChange};
use crate::store::campaigns::StoredCampaign;
use actix_web::http::StatusCode;
use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, Responder, get, patch, post, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A campaign as it stands.
#[derive(Serialize, ToSchema)]
pub struct CampaignAnswer {
    /// What it does.
    #[serde(flatten)]
    pub body: CampaignBody,
    /// Counts from 1; the ETag is `"r<revision>"`. What is approved does not change any more.
    pub revision: i32,
    /// Where it stands today (UTC).
    pub state: CampaignState,
    /// SHA-256 of its RFC 8785 JSON, with the members of its groupings.
    pub sha256: String,
    /// Whether it was brought in for days that had passed. On those it runs without an approval.
    pub historical: bool,
    /// When this revision was proposed.
    pub proposed_at: DateTime<Utc>,
    /// By whom.
    pub proposed_by: String,
    /// Who approved it, when, and what they said.
    pub approval: Option<Approval>,
    /// Its end, where that was put before its last day.
    pub closure: Option<CampaignClosure>,
}

impl CampaignAnswer {
    /// A campaign as it stands on a day.
    pub fn new(stored: StoredCampaign, today: NaiveDate) -> Self {
        Self {
            body: CampaignBody::from(&stored.campaign),
            revision: stored.revision,
            state: stored.state_on(today),
            sha256: stored.campaign.sha256(),
            historical: stored.historical,
            proposed_at: stored.proposed_at,
            proposed_by: stored.proposed_by,
            approval: stored.approval,
            closure: stored.closure,
        }
    }

    fn answer(self, code: StatusCode) -> HttpResponse {
        let mut response = HttpResponse::build(code);
        response.insert_header((ETAG, format!("\"r{}\"", self.revision)));
        response.json(self)
    }
}

/// Campaigns.
#[derive(Serialize, ToSchema)]
pub struct Campaigns {
    /// By id.
    pub items: Vec<CampaignAnswer>,
}

/// Proposes a campaign; it runs once another person approves it. The same content again is the same
/// proposal; other content under an id that is in use is refused.
#[utoipa::path(
    operation_id = "create_campaign",
    tag = "campaigns",
    params(ProposeParams),
    request_body(description = "A campaign", content(
        (CampaignBody = "application/json"),
        (String = "application/toml",
            example = "id = \"breeze-2027\"\nname = \"Breeze 2027\"\nregions = [\"africa\"]\ncommodities = [\"85\"]\nfrom = 2027-03-01\nuntil = 2027-08-31\n\n[[steps]]\nfrom = 2027-03-01\nproportion = 0.1\n")
    )),
    responses(
        (status = 201, description = "It is proposed", body = CampaignAnswer),
        (status = 200, description = "It was proposed before", body = CampaignAnswer),
        Problems
    )
)]
#[post("/v1/campaigns")]
pub async fn create(
    app: web::Data<App>,
    caller: Caller,
    params: Query<ProposeParams>,
    written: Written,
) -> Result<impl Responder, ApiError> {
    let historical = params.0.historical;
    let (today, stored, new) = run(&app, move |app| {
        let draft = campaign::parse(&written)?;
        let (store, now, refuse) = (&app.store, app.now(), OnChange::Refuse);
        let (stored, new) =
            flow::campaign::propose(store, &caller, &draft, historical, refuse, now)?;
        Ok((now.date_naive(), stored, new))
    })
    .await?;
    let code = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(CampaignAnswer::new(stored, today).answer(code))
}

/// What a list of campaigns is restricted to.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CampaignParams {
    /// Where they stand today (UTC); repeated means "or".
    #[serde(default)]
    state: Vec<CampaignState>,
}

/// Lists campaigns.
#[utoipa::path(
    operation_id = "list_campaigns",
    tag = "campaigns",
    params(CampaignParams),
    responses((status = 200, description = "Campaigns, by id", body = Campaigns), Problems)
)]
#[get("/v1/campaigns")]
pub async fn list(
    app: web::Data<App>,
    params: Query<CampaignParams>,
) -> Result<impl Responder, ApiError> {
    let (today, campaigns) = run(&app, move |app| {
        let today = app.now().date_naive();
        Ok((today, flow::campaign::list(&app.store, &params.0.state, today)?))
    })
    .await?;
    let answers = campaigns.into_iter().map(|stored| CampaignAnswer::new(stored, today));
    Ok(web::Json(Campaigns { items: answers.collect() }))
}

/// Gives one campaign.
#[utoipa::path(
    operation_id = "get_campaign",
    tag = "campaigns",
    params(("id" = String, Path, description = "Slug of the campaign", example = "breeze-2027")),
    responses((status = 200, description = "The campaign", body = CampaignAnswer), Problems)
)]
#[get("/v1/campaigns/{id}")]
pub async fn get(app: web::Data<App>, id: web::Path<String>) -> Result<impl Responder, ApiError> {
    answered(&app, move |app| flow::campaign::find(&app.store, &id)).await
}

/// Revises a proposal by a JSON merge patch (RFC 7396) of what was proposed. What is approved does
/// not change any more: close it and propose another.
#[utoipa::path(
    operation_id = "patch_campaign",
    tag = "campaigns",
    params(
        ("id" = String, Path, description = "Slug of the campaign", example = "breeze-2027"),
        ("If-Match" = String, Header, description = "`\"r<revision>\"` of the revision that was read")
    ),
    request_body(description = "What changes; null takes a field away", content(
        (serde_json::Value = "application/merge-patch+json", example = json!({"until": "2027-09-30"}))
    )),
    responses((status = 200, description = "The proposal as it stands now", body = CampaignAnswer), Problems)
)]
#[patch("/v1/campaigns/{id}")]
pub async fn revise(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    patch: MergePatch,
) -> Result<impl Responder, ApiError> {
    let seen = seen(&req, 'r')?;
    answered(&app, move |app| {
        flow::campaign::revise(&app.store, &caller, &id, &patch.0, seen, app.now())
    })
    .await
}

/// Approves the last revision of a campaign, which somebody else proposed. Approving it again changes
/// nothing.
#[utoipa::path(
    operation_id = "put_campaign_approval",
    tag = "campaigns",
    params(
        ("id" = String, Path, description = "Slug of the campaign", example = "breeze-2027"),
        ("If-Match" = String, Header, description = "`\"r<revision>\"` of the revision that was read")
    ),
    request_body = ApprovalBody,
    responses((status = 200, description = "It is approved", body = CampaignAnswer), Problems)
)]
#[put("/v1/campaigns/{id}/approval")]
pub async fn approve(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<ApprovalBody>,
) -> Result<impl Responder, ApiError> {
    let seen = seen(&req, 'r')?;
    answered(&app, move |app| {
        let note = body.0.note.as_deref();
        flow::campaign::approve(&app.store, &caller, &id, seen, note, app.now())
    })
    .await
}

/// When and why a campaign ends early.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "the goods are fine again", "last_day": "2027-05-31"}))]
pub struct CampaignClosureBody {
    /// Why, at most 1,000 characters.
    pub reason: String,
    /// Last inspection day: not before today at any office of the scope, not behind the campaign's own;
    /// the latest of those todays when left out.
    #[serde(default, deserialize_with = "day::maybe")]
    pub last_day: Option<NaiveDate>,
}

/// Closes a campaign before its last day. One person may, for it lowers no day that has begun. The same
/// again changes nothing.
#[utoipa::path(
    operation_id = "put_campaign_closure",
    tag = "campaigns",
    params(
        ("id" = String, Path, description = "Slug of the campaign", example = "breeze-2027"),
        ("If-Match" = String, Header, description = "`\"r<revision>\"` of the revision that was read")
    ),
    request_body = CampaignClosureBody,
    responses((status = 200, description = "It is closed", body = CampaignAnswer), Problems)
)]
#[put("/v1/campaigns/{id}/closure")]
pub async fn close(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<CampaignClosureBody>,
) -> Result<impl Responder, ApiError> {
    let seen = seen(&req, 'r')?;
    let CampaignClosureBody { reason, last_day } = body.0;
    answered(&app, move |app| {
        flow::campaign::close(&app.store, &caller, &id, seen, last_day, &reason, app.now())
    })
    .await
}

/// Answers with the campaign that some work ends with.
async fn answered(
    app: &web::Data<App>,
    work: impl FnOnce(&App) -> crate::error::Result<StoredCampaign> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let (today, stored) = run(app, move |app| Ok((app.now().date_naive(), work(app)?))).await?;
    Ok(CampaignAnswer::new(stored, today).answer(StatusCode::OK))
}
