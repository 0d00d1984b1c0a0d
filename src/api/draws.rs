//! Draws, their published files, and the commitments made ahead.

use crate::api::body::Json;
use crate::api::download;
use crate::api::error::{ApiError, Problems};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::day::{self, Day};
use crate::domain::draw::{CampaignReference, Draw, DrawState, draw_id};
use crate::domain::key::Caller;
use crate::flow::{self, draw::Made, publish::Promise};
use crate::sampling::verify::Report;
use crate::store::draws::Filter;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A frame, without its rows.
#[derive(Serialize, ToSchema)]
pub struct FrameAnswer {
    /// Declarations in it.
    pub rows: u64,
    /// SHA-256 of `frame.tsv`.
    pub sha256: String,
    /// SHA-256 of `roster.tsv`.
    pub roster_sha256: String,
    /// Certain by directive.
    pub take_all: u64,
    /// Sum of the chances as given, directives apart.
    pub expected_size: f64,
    /// Sum of the chances as the policy asked them, directives apart.
    pub asked_by_policy: f64,
    /// Inspections the office had left for the day.
    pub capacity: u32,
    /// When it closed.
    pub closed_at: DateTime<Utc>,
}

/// Which policy applied.
#[derive(Serialize, ToSchema)]
pub struct PolicyReference {
    /// Its slug.
    pub id: String,
    /// Its version.
    pub version: i32,
    /// SHA-256 of the version.
    pub sha256: String,
}

/// A draw, without its rows.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "CNTAO-20261124-1", "office": "CNTAO", "day": "2026-11-24", "round": 1,
    "state": "drawn", "retrospective": false,
    "frame": {"rows": 1204, "sha256": "d1b2…", "roster_sha256": "77ab…", "take_all": 2, "expected_size": 30.0,
        "asked_by_policy": 43.1, "capacity": 32, "closed_at": "2026-11-23T22:00:04Z"},
    "drawn": 32, "policy": {"id": "default", "version": 3, "sha256": "0c1d…"},
    "campaigns": [{"id": "breeze-2027", "revision": 1, "sha256": "9f0a…", "proportion_ppm": 100_000}], "risk_model": null,
    "commitment": "5e3f…", "entropy": "none", "revealed": false, "revealed_at": null,
    "created_at": "2026-11-23T22:00:04Z"}))]
pub struct DrawAnswer {
    /// `{office}-{yyyymmdd}-{round}`.
    pub id: String,
    /// The office.
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// 1 for the day's frame; later rounds hold what came in historically afterwards.
    pub round: u32,
    /// How far it has come.
    pub state: DrawState,
    /// Whether the frame holds historical declarations, or the commitment was not made before the
    /// frame closed.
    pub retrospective: bool,
    /// Its frame.
    pub frame: FrameAnswer,
    /// Items drawn; 0 while the frame is frozen.
    pub drawn: u64,
    /// The policy in force.
    pub policy: PolicyReference,
    /// The campaigns in force at the office that day.
    pub campaigns: Vec<CampaignReference>,
    /// The risk model; null where none was active.
    pub risk_model: Option<String>,
    /// The commitment to the secret.
    pub commitment: String,
    /// Where the entropy comes from after the freeze: `none` (operator-trusted),
    /// `auditor:<commitment>` or `beacon:<chain>:<round>`.
    pub entropy: String,
    /// Whether the secret is published.
    pub revealed: bool,
    /// When it was published.
    pub revealed_at: Option<DateTime<Utc>>,
    /// When it was drawn; while the frame is frozen, when that was.
    pub created_at: DateTime<Utc>,
}

/// A sum of chances in inspections. Sums of chances stay far below 2⁵³ units of 2⁻³² times 2³².
#[expect(clippy::cast_precision_loss, reason = "shown rounded; the exact sum is in the files")]
pub fn inspections(sum: u128) -> f64 {
    sum as f64 / (1_u64 << 32) as f64
}

impl From<Draw> for DrawAnswer {
    fn from(draw: Draw) -> Self {
        let (id, version, sha256) = draw.policy;
        Self {
            frame: FrameAnswer {
                rows: draw.frame_rows,
                sha256: draw.frame_sha256,
                roster_sha256: draw.roster_sha256,
                take_all: draw.take_all,
                expected_size: inspections(draw.given),
                asked_by_policy: inspections(draw.asked),
                capacity: draw.capacity,
                closed_at: draw.closed_at,
            },
            id: draw.id,
            office: draw.office.into(),
            day: draw.day,
            round: draw.round,
            state: draw.state,
            retrospective: draw.retrospective,
            drawn: draw.drawn,
            policy: PolicyReference { id, version, sha256 },
            campaigns: draw.campaigns,
            risk_model: Some(draw.risk_model).filter(|model| model != "none"),
            commitment: draw.commitment,
            entropy: draw.entropy,
            revealed: draw.state == DrawState::Revealed,
            revealed_at: draw.revealed_at,
            created_at: draw.created_at,
        }
    }
}

/// Which day of which office to draw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"office": "CNTAO", "day": "2026-11-24"}))]
pub struct DrawRequest {
    /// Code of the office.
    pub office: String,
    /// The inspection day.
    #[serde(deserialize_with = "day::one")]
    pub day: NaiveDate,
}

/// Draws the sample of an office's day, once; asked again, it answers with the same draw. Where the
/// office draws with an auditor or a beacon, the frame is frozen and `state` says so.
#[utoipa::path(
    operation_id = "create_draw",
    tag = "draws",
    request_body = DrawRequest,
    responses(
        (status = 201, description = "It is drawn, or frozen", body = DrawAnswer),
        (status = 200, description = "It was drawn before; this is the same draw", body = DrawAnswer),
        Problems
    )
)]
#[post("/v1/draws")]
pub async fn create(
    app: web::Data<App>,
    caller: Caller,
    body: Json<DrawRequest>,
) -> Result<impl Responder, ApiError> {
    let DrawRequest { office, day } = body.0;
    let (draw, made) = run(&app, move |app| {
        flow::draw::draw(&app.store, &app.master, &caller, &office, day, app.now())
    })
    .await?;
    let mut response = match made {
        Made::Now => HttpResponse::Created(),
        Made::Before => HttpResponse::Ok(),
    };
    response.insert_header(("Location", format!("/v1/draws/{}", draw.id)));
    Ok(response.json(DrawAnswer::from(draw)))
}

/// What a list of draws is restricted to. A repeated parameter means "or".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DrawParams {
    /// Office codes.
    #[serde(default)]
    office: Vec<String>,
    /// First inspection day.
    #[serde(default, deserialize_with = "day::maybe")]
    from: Option<NaiveDate>,
    /// Last inspection day.
    #[serde(default, deserialize_with = "day::maybe")]
    to: Option<NaiveDate>,
    /// Rows of the page, 1 to 500; 50 when left out.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Lists draws, the latest day first.
#[utoipa::path(
    operation_id = "list_draws",
    tag = "draws",
    params(DrawParams),
    responses((status = 200, description = "A page of draws", body = Page<DrawAnswer>), Problems)
)]
#[get("/v1/draws")]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<DrawParams>,
) -> Result<impl Responder, ApiError> {
    let params = params.0;
    caller.scope.narrow_to(&params.office)?;
    let filter = Filter { offices: params.office, days: (params.from, params.to) };
    let ask: Ask<(Day, String)> = Ask::parse(params.limit, params.cursor.as_deref(), &filter)?;
    let (after, reach) = (ask.after.clone().map(|(day, id)| (day.0, id)), ask.reach());
    let draws =
        run(&app, move |app| flow::draw::list(&app.store, &caller, &filter, after.as_ref(), reach))
            .await?;
    let page = ask.page(draws, |draw| (Day(draw.day), draw.id.clone()), DrawAnswer::from);
    Ok(page::answer(&req, &page))
}

/// Gives one draw.
#[utoipa::path(
    operation_id = "get_draw",
    tag = "draws",
    params(("id" = String, Path, description = "Id of the draw", example = "CNTAO-20261124-1")),
    responses((status = 200, description = "The draw", body = DrawAnswer), Problems)
)]
#[get("/v1/draws/{id}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let draw = run(&app, move |app| flow::draw::find(&app.store, &caller, &id)).await?;
    Ok(web::Json(DrawAnswer::from(draw)))
}

/// Gives the frozen frame as the file that is published.
#[utoipa::path(
    operation_id = "get_frame",
    tag = "draws",
    params(("id" = String, Path, description = "Id of the draw", example = "CNTAO-20261124-1")),
    responses((status = 200, description = "`frame.tsv`", content_type = "text/tab-separated-values", body = String), Problems)
)]
#[get("/v1/draws/{id}/frame")]
pub async fn frame(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let place = download::place(&app)?;
    let file = run(&app, move |app| {
        let _place = place;
        let mut file = download::Plain::new(&app.spool)?;
        flow::publish::frame(&app.store, &app.master, &caller, &id, &mut file)?;
        file.finish()
    })
    .await?;
    Ok(download::answer(file, "text/tab-separated-values; charset=utf-8", "frame.tsv"))
}

/// Gives the published files of a draw as a zip: to everybody once it is revealed, before that to
/// auditors without sample and secret.
#[utoipa::path(
    operation_id = "get_audit_bundle",
    tag = "draws",
    params(("id" = String, Path, description = "Id of the draw", example = "CNTAO-20261124-1")),
    responses((status = 200, description = "A zip of the files", content_type = "application/zip", body = Vec<u8>), Problems),
    security((), ("key" = []))
)]
#[get("/v1/draws/{id}/audit-bundle")]
pub async fn bundle(
    app: web::Data<App>,
    caller: Option<Caller>,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let place = download::place(&app)?;
    let (name, file) = run(&app, move |app| {
        let _place = place;
        let mut zip = download::Zip::new(&app.spool)?;
        let caller = caller.as_ref();
        let draw = flow::publish::bundle(&app.store, &app.master, caller, &id, &mut zip)?;
        Ok((format!("{}.zip", draw.id), zip.finish()?))
    })
    .await?;
    Ok(download::answer(file, "application/zip", &name))
}

/// What a verification found.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"verdict": "verified", "line": "VERIFIED CNTAO-20261124-1: 31 of 1204 declarations drawn; every chance, ticket, hit and assignment follows from the published files",
    "candidates": 1204, "drawn": 31, "notes": []}))]
pub struct VerificationAnswer {
    /// `verified`, `verified_except_beacon`, `verified_so_far` or `differs`.
    pub verdict: &'static str,
    /// The verdict in one plain line.
    pub line: String,
    /// Declarations in the frame.
    pub candidates: usize,
    /// Items of the sample, recomputed.
    pub drawn: usize,
    /// What a reader should know besides.
    pub notes: Vec<String>,
}

impl From<Report> for VerificationAnswer {
    fn from(report: Report) -> Self {
        Self {
            verdict: report.verdict.name(),
            line: report.line(),
            candidates: report.candidates,
            drawn: report.drawn,
            notes: report.notes,
        }
    }
}

/// Recomputes a draw from its published files, on the server. Whoever does not trust the server
/// downloads the files and runs `breeze verify`.
#[utoipa::path(
    operation_id = "create_verification",
    tag = "draws",
    params(("id" = String, Path, description = "Id of the draw", example = "CNTAO-20261124-1")),
    responses((status = 200, description = "The verdict", body = VerificationAnswer), Problems)
)]
#[post("/v1/draws/{id}/verifications")]
pub async fn verify(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let place = download::place(&app)?;
    let report = run(&app, move |app| {
        let _place = place;
        flow::publish::verification(&app.store, &app.master, &caller, &id)
    })
    .await?;
    Ok(web::Json(VerificationAnswer::from(report)))
}

/// A commitment, published before its frame closes.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"office": "CNTAO", "day": "2026-11-24", "round": 1, "commitment": "5e3f…",
    "published_at": "2026-10-24T00:00:10Z", "draw": "CNTAO-20261124-1", "frame_sha256": "d1b2…",
    "roster_sha256": "77ab…", "revealed": false, "entropy": "auditor:9c1d…", "auditor_commitment": "9c1d…",
    "auditor_committed_at": "2026-11-20T08:00:00Z"}))]
pub struct CommitmentAnswer {
    /// The office.
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// The round.
    pub round: u32,
    /// The commitment, hex.
    pub commitment: String,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// The draw that redeemed it; null before.
    pub draw: Option<String>,
    /// SHA-256 of its `frame.tsv`.
    pub frame_sha256: Option<String>,
    /// SHA-256 of its `roster.tsv`.
    pub roster_sha256: Option<String>,
    /// Whether its secret is published.
    pub revealed: bool,
    /// Where its entropy comes from: as the header of the frame names it, and before that as the office
    /// is set for the day: `none`, `auditor`, `beacon:<chain>`.
    pub entropy: String,
    /// What an auditor committed to for it, hex.
    pub auditor_commitment: Option<String>,
    /// When that was published.
    pub auditor_committed_at: Option<DateTime<Utc>>,
}

fn commitment(promise: Promise) -> CommitmentAnswer {
    let Promise { commitment, draw, entropy, auditor } = promise;
    CommitmentAnswer {
        auditor_committed_at: auditor.as_ref().map(|auditor| auditor.committed_at),
        auditor_commitment: auditor.map(|auditor| auditor.commitment),
        entropy,
        revealed: draw.as_ref().is_some_and(|draw| draw.state == DrawState::Revealed),
        draw: draw.as_ref().map(|_| draw_id(&commitment.office, commitment.day, commitment.round)),
        frame_sha256: draw.as_ref().map(|draw| draw.frame_sha256.clone()),
        roster_sha256: draw.map(|draw| draw.roster_sha256),
        office: commitment.office,
        day: commitment.day,
        round: commitment.round,
        commitment: commitment.commitment,
        published_at: commitment.created_at,
    }
}

/// Lists the commitments with the digests of the frames that redeemed them; open to everybody.
#[utoipa::path(
    operation_id = "list_commitments",
    tag = "draws",
    params(DrawParams),
    responses((status = 200, description = "A page of commitments, by day", body = Page<CommitmentAnswer>), Problems),
    security(())
)]
#[get("/v1/draw-commitments")]
pub async fn commitments(
    req: HttpRequest,
    app: web::Data<App>,
    params: Query<DrawParams>,
) -> Result<impl Responder, ApiError> {
    let params = params.0;
    let filter = Filter { offices: params.office, days: (params.from, params.to) };
    let ask: Ask<(Day, String, i32)> = Ask::parse(params.limit, params.cursor.as_deref(), &filter)?;
    let after = ask.after.clone().map(|(day, office, round)| (day.0, office, round));
    let reach = ask.reach();
    let rows = run(&app, move |app| {
        flow::publish::commitments(&app.store, &filter, after.as_ref(), reach)
    })
    .await?;
    let page = ask.page(
        rows,
        |p| {
            let c = &p.commitment;
            (Day(c.day), c.office.clone(), c.round.try_into().unwrap_or(i32::MAX))
        },
        commitment,
    );
    Ok(page::answer(&req, &page))
}
